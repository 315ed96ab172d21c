//! Disclosure: catalogues, the four steps, notices that are stubs outside their days, what falls due.

use crate::support::{Built, CONFIG, ER, ORG, SiteTest, YI, other, png, texts};
use beilin::cli::{Terminal, run};
use std::ffi::OsString;

/// A catalogue of a notice of five days, a yearly item, and one for the organisation.
const CATALOGUE: &str = "+++\nid = \"ml\"\ntitle = \"测试公开目录\"\nshort = \"目录\"\nsteps = true\nunits = [\"org\"]\n\n[[items]]\nid = \"fazhan\"\ntitle = \"发展党员\"\nalso = [\"拟接收预备党员\"]\nscope = \"全体党员\"\nhow = \"notice\"\ndays = 5\nworkdays = true\ntext = \"公示不少于五个工作日。\"\nsource = \"4-24\"\n\n[[items]]\nid = \"baogao\"\ntitle = \"书记抓党建工作报告\"\naudience = \"unit\"\nhow = \"open\"\nperiod = \"year\"\ntext = \"每年公开一次。\"\n\n[[items]]\nid = \"mingdan\"\ntitle = \"拟命名名单\"\nhow = \"notice\"\ndays = 5\nper = \"organisation\"\nperiod = \"half\"\ntext = \"公示五天。\"\n+++\n说明。\n";

const STEPS: &str = "steps = [\n  { step = \"提出\", by = \"组织委员\", date = \"2026-11-02\" },\n  { step = \"审核\", by = \"支委会（含保密审查）\", date = \"2026-11-03\" },\n  { step = \"审批\", by = \"支部书记\", date = \"2026-11-04\" },\n  { step = \"实施\", by = \"组织委员\", date = \"2026-11-05\" },\n]\n";

fn config(audience: &str) -> String {
    format!("{CONFIG}audience = \"{audience}\"\n")
}

fn posting(id: &str, item: &str, posted: &str, more: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\nkind = \"disclosure\"\ntitle = \"题{id}\"\nbranch = \"yi\"\ndate = \"{posted}\"\nitem = \"{item}\"\nposted = \"{posted}\"\n{more}+++\n正文{id}。\n"
    )
}

fn site(audience: &str, files: &[(&str, &str)]) -> SiteTest {
    let site =
        SiteTest::bare(&[("beilin.toml", &config(audience)), ORG, YI, ER, ("content/catalogues/ml.md", CATALOGUE)]);
    for (path, text) in files {
        site.put(path, text);
    }
    site
}

fn one(text: &str) -> SiteTest {
    site("unit", &[("content/records/yi/a.md", text)])
}

fn due(site: &SiteTest, more: &str) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut terminal = Terminal { out: &mut out, err: &mut err, out_is_read: false, err_is_read: false, answers: None };
    let line = format!("beilin due --root s --lang zh --as-of 2026-11-20{more}");
    let code = run(line.split(' ').map(OsString::from), &site.disk, &mut terminal);
    (code, String::from_utf8(out).expect("text"))
}

/// The names, words and files of a notice that must not outlive it.
const SECRETS: [&str; 9] =
    ["郑某某", "会议室甲", "关键丁", "摘要丙", "附件乙", "经办戊", "介绍己", "郑家", "zheng-photo"];

fn full(until: &str) -> String {
    format!(
        "+++\nid = \"gs\"\nkind = \"disclosure\"\ntitle = \"拟接收郑某某为预备党员的公示\"\nshort = \"郑某某公示\"\nbranch = \"yi\"\ndate = \"2026-11-05\"\nitem = \"拟接收预备党员\"\nposted = \"2026-11-05\"\nuntil = \"{until}\"\nplace = \"会议室甲\"\nkeywords = [\"关键丁\"]\nabstract = \"摘要丙\"\nscope = \"郑家所在小区\"\npeople = [{{ name = \"郑某某\", role = \"对象\" }}]\nattachments = [{{ file = \"fujian.txt\", title = \"附件乙\" }}]\nrelated = [\"other\"]\n{}+++\n## 介绍己\n\n郑某某，男。见[照片](zheng-photo.png)和[那次大会](@/records/yi/other.md)。\n",
        STEPS.replace("组织委员", "经办戊")
    )
}

fn with_notice(audience: &str, until: &str) -> SiteTest {
    let site = site(
        audience,
        &[
            ("content/records/yi/gs/index.md", &full(until)),
            ("content/records/yi/gs/fujian.txt", "附件乙"),
            ("content/records/yi/gs/lie-zheng-photo.txt", "郑某某"),
            (
                "content/records/yi/other.md",
                &other("other", "2026-11-06", "audience = \"society\"", "见[公示](@/records/yi/gs/index.md)。"),
            ),
        ],
    );
    site.put_bytes("content/records/yi/gs/zheng-photo.png", &png(1, 12, 8));
    site
}

/// Every file of the output, as far as it can be read: those of the search are inflated.
fn all_texts(built: &Built, site: &SiteTest) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (path, bytes) in site.out() {
        if path.starts_with(".beilin") {
            continue;
        }
        all.push((path.clone(), path.clone()));
        let inflated = inflate(&bytes);
        let text = match (&inflated, path.ends_with(".bin")) {
            (Some(bytes), true) => both(bytes),
            _ => both(&bytes),
        };
        all.push((path, text));
    }
    assert!(built.diagnostics.lines().all(|l| !l.starts_with("error")), "{}", built.diagnostics);
    all
}

/// Text as UTF-8 and as the search's fragments are written.
fn both(bytes: &[u8]) -> String {
    let (gb, _, _) = encoding_rs::GB18030.decode(bytes);
    format!("{}{}", String::from_utf8_lossy(bytes), gb)
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let mut out = Vec::new();
    flate2::read::DeflateDecoder::new(bytes).read_to_end(&mut out).ok()?;
    Some(out)
}

#[test]
fn nothing_of_a_notice_is_left_in_any_output_when_its_days_are_over() {
    for audience in ["unit", "society"] {
        let site = with_notice(audience, "2026-11-12");
        let built = site.build();
        let texts = all_texts(&built, &site);
        for secret in SECRETS {
            let found: Vec<&str> = texts.iter().filter(|(_, t)| t.contains(secret)).map(|(p, _)| p.as_str()).collect();
            assert!(found.is_empty(), "{secret} is left in {found:?}");
        }
        let words = built.words_of("records/gs/index.html");
        assert!(words.contains("公示期满，已撤下（2026-11-05 至 2026-11-12）"), "{words}");
        assert!(words.contains("〔发展党员（第一党支部）〕"), "the item and the branch are all of its title: {words}");
        assert!(built.words_of("records/other/index.html").contains("公示"), "what leads to it still does");
    }
}

#[test]
fn while_it_is_up_a_notice_is_whole() {
    let site = with_notice("unit", "2026-11-20");
    let built = site.build();
    let texts = all_texts(&built, &site);
    for secret in SECRETS {
        assert!(texts.iter().any(|(_, t)| t.contains(secret)), "{secret} is there on the last day");
    }
    assert!(built.words_of("records/gs/index.html").contains("公示中"));
    let of_search = texts.iter().any(|(p, t)| p.starts_with("search/") && t.contains("郑某某"));
    assert!(of_search, "the files of the search can be read by this test");
}

#[test]
fn the_words_of_an_item_in_no_catalogue_do_not_outlive_it() {
    let site = SiteTest::from_files(&[(
        "content/records/yi/a.md",
        &posting("a", "拟接收郑某某为预备党员", "2026-01-05", "until = \"2026-01-12\"\n"),
    )]);
    let built = site.build_clean();
    assert!(built.holding("郑某某").is_empty(), "{:?}", built.holding("郑某某"));
    assert!(built.words_of("records/a/index.html").contains("〔党务公开（第一党支部）〕"));
}

#[test]
fn before_its_first_day_a_posting_is_a_stub_for_the_unit_and_nothing_for_others() {
    let text =
        posting("a", "fazhan", "2026-11-25", &format!("until = \"2026-12-05\"\naudience = \"society\"\n{STEPS}"));
    let built = one(&text).build_clean();
    let words = built.words_of("records/a/index.html");
    assert!(words.contains("尚未公开，定于 2026-11-25 公开") && !words.contains("正文a"), "{words}");
    let built = site("society", &[("content/records/yi/a.md", &text)]).build_clean();
    assert!(!built.has("records/a/index.html"));
}

#[test]
fn a_build_of_a_later_day_takes_it_down() {
    let site = with_notice("unit", "2026-11-20");
    assert!(site.build().text("records/gs/index.html").contains("郑某某"));
    let input = beilin::Input { root: "s".into(), out: None, as_of: Some(jiff::civil::date(2026, 11, 21)) };
    beilin::build(&site.disk, &input, &beilin::build::Unwatched).expect("it is built");
    let out = site.out();
    let left: Vec<&String> =
        out.iter().filter(|(p, b)| !p.starts_with('.') && both(b).contains("郑某某")).map(|(p, _)| p).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!out.contains_key("records/gs/zheng-photo.png") && !out.contains_key("records/gs/fujian.txt"));
}

#[test]
fn steps_out_of_order_are_told_with_both_days() {
    let steps = STEPS.replace("2026-11-03", "2026-11-01");
    let told = one(&posting("a", "baogao", "2026-11-05", &steps)).build().diagnostics;
    assert!(told.contains("审核 (2026年11月1日) is before 提出 (2026年11月2日)"), "{told}");
    let told = one(&posting("a", "baogao", "2026-11-03", STEPS)).build().diagnostics;
    assert!(told.contains("posted (2026年11月3日) before 审批 (2026年11月4日)"), "{told}");
}

#[test]
fn steps_that_a_catalogue_asks_for_are_told_where_they_are_missing() {
    let without = STEPS.lines().filter(|l| !l.contains("审批")).collect::<Vec<_>>().join("\n") + "\n";
    let site_of = |steps: &str| one(&posting("a", "baogao", "2026-11-05", steps));
    let told = site_of(&without).build().diagnostics;
    assert!(told.contains("steps not recorded: 审批"), "{told}");
    let told = site_of(&STEPS.replace("（含保密审查）", "")).build().diagnostics;
    assert!(told.contains("steps not recorded: 保密审查"), "{told}");
    site_of(STEPS).build_clean();
    // A catalogue that does not ask for them is silent.
    let site = site_of("");
    site.edit("content/catalogues/ml.md", "steps = true\n", "");
    site.build_clean();
}

#[test]
fn the_steps_stand_on_the_page_with_post_and_day() {
    let built = one(&posting("a", "baogao", "2026-11-05", STEPS)).build_clean();
    let steps = texts(&built.page("records/a/index.html"), ".stepper li");
    assert_eq!(steps.len(), 4);
    assert!(steps[2].contains("审批") && steps[2].contains("支部书记") && steps[2].contains("2026-11-04"), "{steps:?}");
}

#[test]
fn a_notice_shorter_than_the_catalogue_asks_is_told_with_the_sum() {
    let told =
        one(&posting("a", "fazhan", "2026-11-06", &format!("until = \"2026-11-11\"\n{STEPS}"))).build().diagnostics;
    assert!(
        told.contains("from 2026年11月6日 to 2026年11月11日: 4 working days, where the catalogue asks for 5"),
        "a weekend is in it: {told}"
    );
    one(&posting("a", "fazhan", "2026-11-06", &format!("until = \"2026-11-12\"\n{STEPS}"))).build_clean();
}

#[test]
fn a_notice_without_a_last_day_is_told() {
    let told = one(&posting("a", "fazhan", "2026-11-06", STEPS)).build().diagnostics;
    assert!(told.contains("is a notice, and has no last day"), "{told}");
}

#[test]
fn an_item_is_named_by_id_title_or_another_name() {
    for word in ["baogao", "书记抓党建工作报告", "ml/baogao"] {
        let built = one(&posting("a", word, "2026-11-05", STEPS)).build_clean();
        assert!(built.words_of("records/a/index.html").contains("书记抓党建工作报告"), "{word}");
    }
    let told = one(&posting("a", "书记抓党建报告", "2026-11-05", STEPS)).build().diagnostics;
    assert!(
        told.contains("no catalogue has an item `书记抓党建报告`")
            && told.contains("did you mean `书记抓党建工作报告`?"),
        "{told}"
    );
}

#[test]
fn an_item_says_for_whom_its_records_are() {
    let text = posting("a", "baogao", "2026-11-05", STEPS);
    let built = site("society", &[("content/records/yi/a.md", &text)]).build_clean();
    assert!(!built.has("records/a/index.html"), "the kind's own readers are everybody, the item's the unit");
    let told =
        one(&posting("a", "baogao", "2026-11-05", &format!("audience = \"society\"\n{STEPS}"))).build().diagnostics;
    assert!(told.contains("published for `society`, where the catalogue's item"), "{told}");
}

#[test]
fn the_catalogue_stands_against_the_branches() {
    let built = one(&posting("a", "baogao", "2026-11-05", STEPS)).build_clean();
    let page = built.page("disclosure/index.html");
    let rows = texts(&page, ".cat tbody tr");
    let row = |name: &str| rows.iter().find(|r| r.contains(name)).unwrap_or_else(|| panic!("{name} in {rows:?}"));
    assert!(row("第一党支部").contains("已公开") && row("第一党支部").contains("2026-11-05"));
    assert!(row("第二党支部").contains("待公开，2026-12-31 以前"));
    assert!(row("测试局").contains("待公开"), "{rows:?}");
    assert!(built.words_of("disclosure/index.html").contains("期限已过，没有记录"), "the first half is over");
}

#[test]
fn the_public_is_shown_what_is_posted_and_no_gaps() {
    let text = posting("a", "fazhan", "2026-11-05", &format!("until = \"2026-11-25\"\n{STEPS}"));
    let built = site("society", &[("content/records/yi/a.md", &text)]).build_clean();
    let words = built.words_of("disclosure/index.html");
    assert!(words.contains("公示中") && !words.contains("待公开") && !words.contains("没有记录"), "{words}");
    assert!(!words.contains("第二党支部"), "a line without anything says nothing: {words}");
    assert!(!built.has("due.ics"));
}

#[test]
fn the_four_states_are_told_in_page_and_data() {
    let notice = |id: &str, first: &str, last: &str| {
        let text = posting(id, "fazhan", first, &format!("until = \"{last}\"\n"));
        (format!("content/records/yi/{id}.md"), text)
    };
    let files = [
        notice("ahead", "2026-11-23", "2026-11-30"),
        notice("up", "2026-11-13", "2026-11-20"),
        notice("down", "2026-11-02", "2026-11-19"),
        ("content/records/yi/stays.md".to_owned(), posting("stays", "baogao", "2026-11-05", "")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let site = site("unit", &files);
    site.edit("content/catalogues/ml.md", "steps = true\n", "");
    let rows = site.build_clean().json("data/disclosure.json");
    let state = |id: &str| {
        rows.as_array()
            .and_then(|r| r.iter().find(|r| r["id"] == id))
            .map(|r| r["state"].as_str().unwrap_or("").to_owned())
    };
    for (id, expected) in [("ahead", "未公开"), ("up", "公示中"), ("stays", "已公开"), ("down", "到期撤下")]
    {
        assert_eq!(state(id).as_deref(), Some(expected), "{id}");
    }
}

#[test]
fn due_lists_what_is_to_be_posted_and_taken_down_soonest_first() {
    let site = one(&posting("a", "fazhan", "2026-11-13", &format!("until = \"2026-11-23\"\n{STEPS}")));
    let (code, text) = due(&site, "");
    assert_eq!(code, 0);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("2026-06-30  公开  测试局  拟命名名单") && lines[0].ends_with("期限已过"), "{text}");
    assert!(lines[1].starts_with("2026-11-23  撤下  第一党支部  发展党员"), "{text}");
    assert_eq!(lines.iter().filter(|l| l.contains("书记抓党建工作报告")).count(), 2, "{text}");
    let (_, text) = due(&site, " --until 2026-11-30");
    assert_eq!(text.lines().count(), 2, "{text}");
    let (code, text) = due(&site, " --json");
    let json: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(
        (code, json["due"][1]["origin"].as_str(), json["due"][1]["day"].as_str()),
        (0, Some("take-down"), Some("2026-11-23"))
    );
}

#[test]
fn due_lists_ledgers_and_tasks_too_whoever_the_site_is_for() {
    let pack = "+++\nid = \"p\"\ntitle = \"安排\"\n[[rules]]\nid = \"m\"\ntitle = \"支委会\"\nkinds = [\"committee-meeting\"]\nper = \"branch\"\nperiod = \"month\"\nmin = 1\nmodality = \"must\"\ntext = \"每月一次。\"\n+++\n";
    let programme = "+++\nid = \"fa\"\ntitle = \"方案\"\nissuer = \"org\"\ndate = \"2026-01-05\"\nfrom = \"2026-01\"\nto = \"2026-12\"\n[[stages]]\nid = \"s\"\ntitle = \"总结\"\nfrom = \"2026-11\"\nto = \"2026-12\"\nasks = [\"总结\"]\n[[stages.tasks]]\nid = \"t\"\ntext = \"报总结\"\nby = \"branch\"\nkinds = [\"report\"]\ndue = \"2026-12-10\"\n+++\n";
    let site = site("society", &[("content/packs/p.md", pack), ("content/programmes/fa.md", programme)]);
    site.put("beilin.toml", &format!("{}[[packs]]\nuse = [\"p\"]\n", config("society")));
    let (code, text) = due(&site, "");
    assert_eq!(code, 0);
    assert!(text.contains("2026-11-30  台账  第一党支部  支委会  0/1"), "{text}");
    assert!(text.contains("2026-12-10  方案  第一党支部  报总结"), "{text}");
}

#[test]
fn a_site_without_rules_has_nothing_due() {
    let (code, text) = due(&SiteTest::from_files(&[]), "");
    assert_eq!((code, text.as_str()), (0, "截至 2026-11-20 没有待办。\n"));
}

#[test]
fn the_calendar_says_when_to_post_and_to_take_down() {
    let built = one(&posting("a", "fazhan", "2026-11-13", &format!("until = \"2026-11-23\"\n{STEPS}"))).build_clean();
    let of = |path: &str| built.text(path).replace("\r\n ", "");
    assert!(of("due.ics").contains("SUMMARY:第一党支部撤下：发展党员"), "{}", of("due.ics"));
    assert!(of("due.ics").contains("DTSTART;VALUE=DATE:20261123"));
    assert!(of("branches/er/due.ics").contains("SUMMARY:第二党支部公开：书记抓党建工作报告"));
    assert!(!of("branches/er/due.ics").contains("撤下"));
}

#[test]
fn a_catalogue_that_makes_no_sense_is_told() {
    let site = site("unit", &[]);
    site.edit("content/catalogues/ml.md", "days = 5\nworkdays", "days = 0\nworkdays");
    site.edit("content/catalogues/ml.md", "units = [\"org\"]", "units = [\"orq\"]");
    let told = site.build().diagnostics;
    assert!(told.contains("days lie between 1 and 1000, not 0"), "{told}");
    assert!(told.contains("no organisation with id `orq`") && told.contains("did you mean `org`?"), "{told}");
}

#[test]
fn a_catalogue_has_a_page_with_its_items_and_its_text_which_an_edit_renders_alone() {
    let site = site("unit", &[]);
    let words = site.build_fine().words_of("disclosure/ml/index.html");
    for needle in ["测试公开目录", "公示不少于五个工作日。", "每年公开一次。", "说明。"] {
        assert!(words.contains(needle), "{needle}: {words}");
    }
    assert!(site.build_fine().text("disclosure/index.html").contains("disclosure/ml/"));
    site.edit("content/catalogues/ml.md", "说明。", "改过的说明。");
    let built = site.build_fine();
    assert!(built.words_of("disclosure/ml/index.html").contains("改过的说明。"));
    assert_eq!(built.report.rendered, ["disclosure/ml/"]);
}
