//! Rule packs and ledgers: what a document asks for, what is recorded, and how the page says it.

use crate::support::{Built, CONFIG, ORG, SiteTest, YI, attributes, texts};

const PAGE: &str = "branches/yi/ledger/2025/index.html";

fn config(more: &str) -> String {
    format!("{CONFIG}audience = \"unit\"\n[[packs]]\nuse = [\"p\"]\n{more}")
}

fn pack(rules: &str) -> String {
    format!("+++\nid = \"p\"\ntitle = \"测试安排\"\nshort = \"安排\"\n{rules}+++\n说明。\n")
}

/// A rule that binds, a record of each month for it.
const MONTHLY: &str = "[[rules]]\nid = \"m\"\ntitle = \"支委会\"\nkinds = [\"committee-meeting\"]\nper = \"branch\"\nperiod = \"month\"\nmin = 1\nmodality = \"must\"\ntext = \"支委会每月至少召开一次。\"\nsource = \"4-08\"\n";

fn record(id: &str, kind: &str, date: &str, more: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\nkind = \"{kind}\"\ntitle = \"题{id}\"\nbranch = \"yi\"\ndate = \"{date}\"\n{more}+++\n正文。\n"
    )
}

fn committee(id: &str, date: &str, more: &str) -> (String, String) {
    let text = record(
        id,
        "committee-meeting",
        date,
        &format!(
            "host = \"周衡\"\nrecorder = \"林一舟\"\nexpected = 3\npresent = 3\nagenda = [{{ title = \"一\" }}]\n{more}"
        ),
    );
    (format!("content/records/yi/{id}.md"), text)
}

fn site(rules: &str, files: &[(String, String)]) -> SiteTest {
    let site = SiteTest::bare(&[("beilin.toml", &config("")), ORG, YI, ("content/packs/p.md", &pack(rules))]);
    for (path, text) in files {
        site.put(path, text);
    }
    site
}

/// The words each cell of the first row is read out with.
fn cells(built: &Built, page: &str) -> Vec<String> {
    attributes(&built.page(page), ".led tbody tr:first-child td:not(.src) svg", "aria-label")
}

#[test]
fn each_month_stands_as_it_is_recorded_and_says_so_without_colour() {
    let files = [
        committee("jan", "2025-01-10", ""),
        committee("feb", "2025-02-10", "recorded = \"2025-06-01\"\n"),
        committee("mar", "2025-03", ""),
    ];
    let built = site(MONTHLY, &files).build_clean();
    let cells = cells(&built, PAGE);
    assert_eq!(cells.len(), 12);
    assert_eq!(cells[..4], ["1月：已达到 1/1", "2月：已达到，含补录 1/1", "3月：已达到 1/1", "4月：未记录 0/1"]);
    let words = built.words_of(PAGE);
    assert!(words.contains("“支委会每月至少召开一次。”") && words.contains("出处 4-08"), "{words}");
    assert!(words.contains("不等于没有开展"), "what is not recorded is not said to be missing");
    assert!(!words.contains("缺席"), "{words}");
}

#[test]
fn a_gap_has_the_command_that_starts_the_record() {
    let built = site(MONTHLY, &[committee("jan", "2025-01-10", "")]).build_clean();
    let commands = texts(&built.page(PAGE), ".cmd");
    assert_eq!(commands.len(), 11);
    assert_eq!(commands[0], "beilin new committee-meeting --branch yi --date 2025-02");
}

#[test]
fn a_mark_leads_to_its_rule_and_to_each_record_that_counts() {
    let built = site(MONTHLY, &[committee("jan", "2025-01-10", "")]).build_clean();
    let page = built.page(PAGE);
    assert_eq!(attributes(&page, ".led tbody tr:first-child td:not(.src) a", "href")[0], "#r1");
    assert_eq!(attributes(&page, "#r1 .tab a", "href"), ["../../../../records/jan/"]);
    assert_eq!(attributes(&page, "#r1 .told a", "href"), ["../../../../rules/p/#m"]);
    assert_eq!(texts(&built.page("rules/p/index.html"), "#m h3").len(), 1);
}

#[test]
fn usual_is_advice_and_never_a_gap() {
    let rules = MONTHLY.replace("\"must\"", "\"normally\"");
    let built = site(&rules, &[committee("jan", "2025-01-10", "")]).build_clean();
    assert_eq!(cells(&built, PAGE)[1], "2月：一般要求，未达到 0/1");
    assert!(built.words_of(PAGE).contains("一般每月 ≥ 1"));
}

#[test]
fn what_is_not_over_is_not_due_and_what_was_before_the_branch_does_not_apply() {
    let site = site(MONTHLY, &[committee("a", "2026-11-02", ""), committee("b", "2025-01-10", "")]);
    site.put(
        "content/branches/yi.md",
        "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\nfounded = \"2025-01-05\"\n+++\n",
    );
    let built = site.build_clean();
    let now = cells(&built, "branches/yi/ledger/2026/index.html");
    assert_eq!((now[10].as_str(), now[11].as_str()), ("11月：已达到 1/1", "12月：未到期 0/1"));
    let then = cells(&built, PAGE);
    assert_eq!((then[0].as_str(), then[1].as_str()), ("1月：已达到 1/1", "2月：未记录 0/1"));
}

#[test]
fn two_in_each_half_is_not_four_in_one() {
    let rules = "[[rules]]\nid = \"k\"\ntitle = \"书记党课\"\nkinds = [\"party-lesson\"]\nforms = [\"党课\"]\nlecturer = \"书记\"\nper = \"branch\"\nperiod = \"year\"\nmin = 4\nsplit = { period = \"half\", min = 2 }\nmodality = \"must\"\ntext = \"上半年、下半年各两次\"\n";
    let lesson = |id: &str, date: &str, who: &str, form: &str| {
        let more = format!("lecturer = \"{who}\"\nform = \"{form}\"\ntopic = \"题\"\n");
        (format!("content/records/yi/{id}.md"), record(id, "party-lesson", date, &more))
    };
    let files = [
        lesson("a", "2025-01-10", "周衡（党支部书记）", "党课"),
        lesson("b", "2025-02-10", "周衡", "党课"),
        lesson("c", "2025-03-10", "书记", "党课"),
        lesson("d", "2025-09-10", "支部书记", "党课"),
        // A deputy's lesson is no secretary's, nor is a short one a lesson.
        lesson("e", "2025-10-10", "王一（副书记）", "党课"),
        lesson("f", "2025-11-10", "周衡（书记）", "微党课"),
    ];
    let site = site(rules, &files);
    site.put(
        "content/branches/yi.md",
        "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\n[[committee]]\nfrom = \"2024-01\"\nto = \"2027-01\"\nposts = [{ post = \"书记\", name = \"周衡\", from = \"2024-01\" }]\n+++\n",
    );
    let built = site.build_clean();
    assert_eq!(cells(&built, PAGE), ["上半年：已达到 3/2", "下半年：不足 1/2"]);
    assert!(built.words_of(PAGE).contains("全年 4/4"), "{}", built.words_of(PAGE));
    assert_eq!(attributes(&built.page(PAGE), "#r1 summary svg", "aria-label"), ["不足"]);
}

#[test]
fn groups_and_pairs_have_rows_of_their_own() {
    let rules = "[[rules]]\nid = \"g\"\ntitle = \"党小组会\"\nkinds = [\"group-meeting\"]\nper = \"group\"\nperiod = \"quarter\"\nmin = 1\nmodality = \"must\"\ntext = \"甲\"\n[[rules]]\nid = \"t\"\ntitle = \"谈心\"\nkinds = [\"heart-talk\"]\nper = \"pair\"\npairs = [\"班子成员之间\", \"班子成员与党员\"]\nperiod = \"half\"\nmin = 2\nmodality = \"must\"\ntext = \"乙\"\n";
    let group = |id: &str, date: &str, group: &str| {
        let more = format!(
            "group = \"{group}\"\nhost = \"甲\"\nrecorder = \"乙\"\nexpected = 3\npresent = 3\nagenda = [{{ title = \"一\" }}]\n"
        );
        (format!("content/records/yi/{id}.md"), record(id, "group-meeting", date, &more))
    };
    let talk = (
        "content/records/yi/t.md".to_owned(),
        record("t", "heart-talk", "2025-03-01", "pair = \"班子成员之间\"\ntopic = \"工作\"\ncount = 3\n"),
    );
    let site = site(rules, &[group("a", "2025-02-01", "第一党小组"), group("b", "2025-05-01", "第二党小组"), talk]);
    site.put("content/branches/yi.md", "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\n[[groups]]\nid = \"g1\"\nname = \"第一党小组\"\n[[groups]]\nid = \"g2\"\nname = \"第二党小组\"\n[[groups]]\nid = \"g3\"\nname = \"旧党小组\"\nto = \"2024-06\"\n+++\n");
    let built = site.build_clean();
    let rows = texts(&built.page(PAGE), ".led tbody th i");
    assert_eq!(rows, ["第一党小组", "第二党小组", "班子成员之间", "班子成员与党员"]);
    let marks = attributes(&built.page(PAGE), ".led tbody td:not(.src) svg", "aria-label");
    assert_eq!(marks[0], "第1季度：已达到 1/1");
    assert_eq!(marks[4], "第1季度：未记录 0/1");
    // Three talks told by one record count as three.
    assert_eq!(marks[8], "上半年：已达到 3 ≥ 2");
    assert_eq!(marks[10], "上半年：未记录 0/2");
}

#[test]
fn the_public_is_shown_practice_and_no_gaps() {
    let site = site(
        MONTHLY,
        &[committee("jan", "2025-01-10", "audience = \"society\"\n"), committee("feb", "2025-02-10", "")],
    );
    site.put("beilin.toml", &config("").replace("audience = \"unit\"", "audience = \"society\""));
    let built = site.build_clean();
    let page = built.page(PAGE);
    assert_eq!(attributes(&page, ".led svg, .how svg", "class"), Vec::<String>::new());
    assert_eq!(texts(&page, ".led .c"), ["1"]);
    let words = built.words_of(PAGE);
    assert!(!words.contains("未记录") && !words.contains("beilin new"), "{words}");
    assert!(!built.has("due.ics") && !built.has("branches/yi/due.ics"), "what is due is a gap as well");
}

#[test]
fn what_packs_ask_for_differently_is_listed_and_what_they_agree_on_is_one_row() {
    let site = site(
        &format!(
            "{MONTHLY}{}",
            MONTHLY
                .replace("id = \"m\"", "id = \"q\"")
                .replace("支委会", "大会")
                .replace("committee-meeting", "general-meeting")
        ),
        &[committee("jan", "2025-01-10", "")],
    );
    let other = format!(
        "+++\nid = \"q\"\ntitle = \"另一份安排\"\nshort = \"另一份\"\n{MONTHLY}{}+++\n",
        MONTHLY
            .replace("id = \"m\"", "id = \"q\"")
            .replace("支委会", "大会")
            .replace("committee-meeting", "general-meeting")
            .replace("\"month\"", "\"quarter\"")
    );
    site.put("content/packs/q.md", &other);
    site.put("beilin.toml", &config("").replace("[\"p\"]", "[\"p\", \"q\"]"));
    let built = site.build_clean();
    assert_eq!(texts(&built.page(PAGE), ".led tbody th b"), ["支委会", "大会", "大会"]);
    assert_eq!(texts(&built.page(PAGE), "#r1 .told").len(), 2, "both sources stand with the one row");
    assert_eq!(texts(&built.page("rules/index.html"), ".conf h3 small"), ["每月 ≥ 1", "每季度 ≥ 1"]);
}

#[test]
fn packs_hold_for_the_types_they_are_picked_for() {
    let site = site(MONTHLY, &[committee("jan", "2025-01-10", "")]);
    site.put("beilin.toml", &config("types = [\"离退休\"]\n"));
    assert!(!site.build_clean().has(PAGE));
    site.put(
        "content/branches/yi.md",
        "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\ntype = \"离退休\"\n+++\n",
    );
    assert!(site.build_clean().has(PAGE));
}

#[test]
fn a_pack_that_is_not_there_is_told_where_it_is_named() {
    let site = site(MONTHLY, &[]);
    site.put("beilin.toml", &config("").replace("\"p\"", "\"pp\""));
    let built = site.build();
    assert!(
        built.diagnostics.contains("beilin.toml:7:8") && built.diagnostics.contains("no rule pack with id `pp`"),
        "{}",
        built.diagnostics
    );
}

#[test]
fn what_cannot_be_in_a_pack_is_told_at_its_place() {
    for (wrong, told) in [
        (MONTHLY.replace("committee-meeting", "comittee-meeting"), "unknown kind `comittee-meeting`"),
        (MONTHLY.replace("min = 1", "min = 3\nmax = 2"), "at most 2 is less than at least 3"),
        (MONTHLY.replace("\"month\"", "\"window\""), "its first and last month and day"),
        (MONTHLY.replace("min = 1", "min = -1"), "should be between 0 and 1000"),
        (MONTHLY.replace("modality = \"must\"\n", ""), "modality"),
        ("[[checks]]\nid = \"c\"\ntitle = \"到会\"\nwhat = \"quorum\"\nmodality = \"must\"\ntext = \"甲\"\n".to_owned(), "needs `share`"),
        ("[[checks]]\nid = \"c\"\ntitle = \"到会\"\nwhat = \"quorum\"\nshare = 1.5\nmodality = \"must\"\ntext = \"甲\"\n".to_owned(), "a share lies between 0 and 1"),
    ] {
        let built = site(&wrong, &[]).build();
        assert!(built.diagnostics.contains("content/packs/p.md:") && built.diagnostics.contains(told), "{told}: {}", built.diagnostics);
    }
}

#[test]
fn what_is_recorded_and_replaced_counts_once() {
    let files = [committee("a", "2025-01-10", ""), committee("b", "2025-01-10", "corrects = \"a\"\n")];
    let built = site(MONTHLY, &files).build_clean();
    assert_eq!(cells(&built, PAGE)[0], "1月：已达到 1/1");
}

#[test]
fn an_organisation_has_a_ledger_of_its_own_rules() {
    let rules = "[[rules]]\nid = \"x\"\ntitle = \"书记培训班\"\nkinds = [\"event\"]\nforms = [\"培训班\"]\nper = \"organisation\"\nperiod = \"year\"\nmin = 1\nmodality = \"must\"\ntext = \"每年举办党支部书记培训班\"\nsource = \"3-26\"\n";
    let event = "+++\nid = \"e\"\nkind = \"event\"\ntitle = \"培训班\"\nunit = \"org\"\ndate = \"2025-05-06\"\nform = \"培训班\"\norganiser = \"机关党委\"\n+++\n正文。\n";
    let site = site(rules, &[("content/records/org/e.md".to_owned(), event.to_owned())]);
    let built = site.build_clean();
    assert_eq!(cells(&built, "organisations/org/ledger/2025/index.html"), ["全年：已达到 1/1"]);
    assert!(!built.has(PAGE), "the rule binds no branch");
}

#[test]
fn the_year_of_all_branches_is_in_the_order_of_the_registry() {
    let built = site(MONTHLY, &[committee("jan", "2025-01-10", "")]).build_clean();
    let page = built.page("ledger/2025/index.html");
    assert_eq!(texts(&page, ".mx tbody th"), ["第一党支部"]);
    assert_eq!(texts(&page, ".mx tbody .n"), ["1/12"]);
    assert_eq!(attributes(&page, ".mx tbody svg", "aria-label"), ["不足"]);
}

#[test]
fn the_calendar_names_what_falls_due_on_its_last_day() {
    let built = site(MONTHLY, &[committee("a", "2026-11-02", "")]).build_clean();
    let text = built.text("branches/yi/due.ics").replace("\r\n ", "");
    let of = |key: &str| text.lines().filter_map(|l| l.strip_prefix(key)).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(of("DTSTART;VALUE=DATE:"), ["20261231"]);
    assert_eq!(of("DTEND;VALUE=DATE:"), ["20270101"]);
    assert_eq!(of("DTSTAMP:"), ["20261120T000000Z"], "the day of the build, not of the clock");
    assert!(of("SUMMARY:")[0].contains("支委会"), "{text}");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(built.text("due.ics").contains("BEGIN:VEVENT"));
}

const CHECKS: &str = "[[checks]]\nid = \"a\"\ntitle = \"应到与实到\"\nwhat = \"attendance\"\nkinds = [\"general-meeting\"]\nmodality = \"must\"\ntext = \"人数应当相符\"\n[[checks]]\nid = \"q\"\ntitle = \"到会\"\nwhat = \"quorum\"\nkinds = [\"general-meeting\"]\nof = \"voters_expected\"\nshare = 0.5\ninclusive = true\nmodality = \"must\"\ntext = \"半数以上到会\"\n[[checks]]\nid = \"v\"\ntitle = \"表决\"\nwhat = \"majority\"\nkinds = [\"general-meeting\"]\nof = \"voters_expected\"\nshare = 0.5\nmodality = \"must\"\ntext = \"超过应到会有表决权的党员的半数为通过\"\n";

fn meeting(expected: u32, voters: (u32, u32), votes: (u32, u32, u32), result: &str) -> (String, String) {
    let (e, p) = voters;
    let (y, n, a) = votes;
    let more = format!(
        "host = \"周衡\"\nrecorder = \"林\"\nexpected = {expected}\npresent = 21\nabsent = [{{ who = \"甲\", reason = \"病假\" }}]\nvoters = {{ expected = {e}, present = {p} }}\n[[agenda]]\ntitle = \"讨论预算\"\n[agenda.resolution]\ntext = \"同意\"\nfor = {y}\nagainst = {n}\nabstain = {a}\nresult = \"{result}\"\n"
    );
    ("content/records/yi/h.md".to_owned(), record("h", "general-meeting", "2025-09-18", &more))
}

#[test]
fn sums_that_come_out_open_to_their_rule() {
    let built = site(CHECKS, &[meeting(22, (21, 20), (18, 1, 1), "通过")]).build_clean();
    let page = built.page("records/h/index.html");
    let marks = attributes(&page, ".sums svg", "aria-label");
    assert_eq!(marks, vec!["相符"; 5]);
    let words = built.words_of("records/h/index.html");
    for said in ["应到 22；实到 21 + 缺席 1 = 22，相等", "20 ÷ 21 ≥ 1/2", "赞成 18 ÷ 21 > 1/2；记录的结果：通过"]
    {
        assert!(words.contains(said), "{said}: {words}");
    }
}

#[test]
fn a_sum_that_does_not_come_out_is_told_with_the_sum_and_its_place() {
    for (file, said) in [
        (meeting(24, (21, 20), (18, 1, 1), "通过"), "expected 24; present 21 + absent 1 = 22: not equal"),
        (meeting(22, (21, 10), (8, 1, 1), "未通过"), "10 ÷ 21 < 1/2"),
        (meeting(22, (21, 20), (10, 9, 1), "通过"), "for 10 ÷ 21 ≤ 1/2; recorded as carried"),
        (
            meeting(22, (21, 20), (18, 1, 0), "通过"),
            "for 18 + against 1 + abstained 0 = 19; voters present 20: not equal",
        ),
    ] {
        let built = site(CHECKS, &[file]).build_fine();
        assert!(built.diagnostics.contains(said), "{said}: {}", built.diagnostics);
        assert!(
            built.diagnostics.contains("content/records/yi/h.md:")
                && built.diagnostics.contains("do not make numbers fit"),
            "{}",
            built.diagnostics
        );
    }
}

#[test]
fn elections_and_appraisals_have_sums_of_their_own() {
    let rules = "[[checks]]\nid = \"eq\"\ntitle = \"选举到会\"\nwhat = \"election-quorum\"\nshare = 0.8\ninclusive = true\nmodality = \"must\"\ntext = \"甲\"\n[[checks]]\nid = \"em\"\ntitle = \"当选\"\nwhat = \"election-majority\"\nof = \"voters_present\"\nshare = 0.5\nmodality = \"must\"\ntext = \"乙\"\n[[checks]]\nid = \"ap\"\ntitle = \"优秀比例\"\nwhat = \"appraisal-share\"\ngrade = \"优秀\"\nshare = 0.3333\ninclusive = true\nmodality = \"normally\"\ntext = \"丙\"\n";
    let election = record(
        "x",
        "election",
        "2025-04-10",
        "host = \"周衡\"\nrecorder = \"林\"\npost = \"支委\"\nvoters = { expected = 20, present = 16 }\nballots = { issued = 16, returned = 16, valid = 15, invalid = 1 }\ncandidates = [{ name = \"甲\", for = 9, elected = true }, { name = \"乙\", for = 8, elected = true }]\n",
    );
    let appraisal = record(
        "p",
        "member-appraisal",
        "2025-12-10",
        "year = 2025\nhost = \"周衡\"\nmembers = 23\nprobationary = 2\n[grades]\n\"优秀\" = 8\n\"合格\" = 13\n",
    );
    let built =
        site(rules, &[("content/records/yi/x.md".into(), election), ("content/records/yi/p.md".into(), appraisal)])
            .build_fine();
    assert!(built.diagnostics.contains("for 8 ÷ 16 ≤ 1/2; recorded as carried"), "{}", built.diagnostics);
    assert!(!built.diagnostics.contains("9 ÷ 16"), "{}", built.diagnostics);
    assert!(!built.diagnostics.contains("优秀"), "what is worded as usual is advice: {}", built.diagnostics);
    assert!(built.words_of("records/p/index.html").contains("优秀 8 ÷ 21 > 1/3"));
    assert_eq!(attributes(&built.page("records/p/index.html"), ".sums svg", "aria-label")[1], "一般要求，未达到");
}

#[test]
fn committee_term_and_vacancies_stand_with_their_sums() {
    let rules = "[[checks]]\nid = \"c\"\ntitle = \"设立支委会\"\nwhat = \"committee\"\nat_least = 7\nmodality = \"must\"\ntext = \"7人以上\"\nsource = \"0-41\"\n[[checks]]\nid = \"t\"\ntitle = \"换届\"\nwhat = \"term\"\nyears = 3\nmodality = \"must\"\ntext = \"每届三年\"\n[[checks]]\nid = \"v\"\ntitle = \"空缺\"\nwhat = \"vacancy\"\ndays = 90\nmodality = \"normally\"\ntext = \"及时补充\"\n";
    let site = site(&format!("{MONTHLY}{rules}"), &[committee("a", "2026-11-02", "")]);
    site.put(
        "content/branches/yi.md",
        "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\nmembers = { full = 9 }\n[[committee]]\nterm = \"第二届\"\nfrom = \"2023-05\"\nposts = [{ post = \"书记\", name = \"甲\", from = \"2023-05\" }, { post = \"组织委员\", name = \"乙\", from = \"2023-05\", to = \"2026-11-01\" }]\n+++\n",
    );
    let built = site.build_clean();
    let page = built.page("branches/yi/ledger/2026/index.html");
    assert_eq!(attributes(&page, ".sums summary svg", "aria-label"), ["相符", "不相符", "相符"]);
    let said = texts(&page, ".sums summary .num");
    assert_eq!(said[0], "正式党员 9 ≥ 7；在册的现任支委 1 人");
    assert!(said[1].contains("2026年5月届满；已届满，未见换届记录"), "{said:?}");
    assert_eq!(said[2], "自 2026-11-01 空缺，已 19 天");
    // A term that is still to end stands in the calendar on its last day.
    site.edit("content/branches/yi.md", "from = \"2023-05\"\nposts", "from = \"2024-05-10\"\nposts");
    let calendar = site.build_clean().text("branches/yi/due.ics").replace("\r\n ", "");
    assert!(calendar.contains("DTSTART;VALUE=DATE:20270510"), "{calendar}");
}

#[test]
fn an_edit_of_prose_leaves_the_ledger_and_a_moved_meeting_renders_it_again() {
    let site = site(MONTHLY, &[committee("jan", "2025-01-10", ""), committee("feb", "2025-02-10", "")]);
    site.build_clean();
    site.edit("content/records/yi/jan.md", "正文。", "另一段正文。");
    let routes =
        |built: &Built| built.report.rendered.iter().filter(|r| r.contains("ledger/")).cloned().collect::<Vec<_>>();
    assert_eq!(routes(&site.build_clean()), Vec::<String>::new());
    site.edit("content/records/yi/jan.md", "2025-01-10", "2025-03-10");
    let again = routes(&site.build_clean());
    assert_eq!(again, ["branches/yi/ledger/2025/"], "the year counts as much as before");
}
