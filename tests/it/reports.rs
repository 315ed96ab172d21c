//! Reports people write anyway: facts as records have them, prose left blank.

use crate::support::{Built, CONFIG, ORG, SiteTest, attributes, texts};

const YEAR: &str = "branches/yi/report/2025";
const RUBRIC: &str = "+++\nid = \"b\"\ntitle = \"测试标准\"\nfull = 100\npass = 95\n[[dimensions]]\nid = \"zz\"\ntitle = \"政治功能强\"\ncriteria = [{ id = \"zz-1\", title = \"学得实\", points = 40 }, { id = \"zz-2\", title = \"议得准\", points = 10 }]\n[[dimensions]]\nid = \"zy\"\ntitle = \"作用发挥强\"\ncriteria = [{ id = \"zy-1\", title = \"干得好\", points = 50 }]\n+++\n标准。\n";
const PROGRAMME: &str = "+++\nid = \"p\"\ntitle = \"测试方案\"\nissuer = \"org\"\nfrom = \"2025-01\"\nto = \"2025-12\"\nrubric = \"b\"\nassessment = { pass = 95, origins = [\"自评\", \"群众测评\", \"对标评估\", \"抽查复核\"] }\n[[stages]]\nid = \"s\"\ntitle = \"部署\"\nfrom = \"2025-01\"\nto = \"2025-03\"\ntasks = [{ id = \"t\", text = \"各支部报计划\", by = \"branch\", kinds = [\"plan\"], due = \"2025-03-31\" }]\n+++\n方案。\n";

fn record(id: &str, kind: &str, date: &str, more: &str) -> (String, String) {
    let text = format!(
        "+++\nid = \"{id}\"\nkind = \"{kind}\"\ntitle = \"题{id}\"\nbranch = \"yi\"\ndate = \"{date}\"\n{more}+++\n正文。\n"
    );
    (format!("content/records/yi/{id}.md"), text)
}

fn meeting(id: &str, date: &str, expected: u8, present: u8) -> (String, String) {
    let absent = match expected > present {
        true => "absent = [{ who = \"丁缺席\", reason = \"因公\" }]\n",
        false => "",
    };
    let more = format!(
        "host = \"周衡\"\nrecorder = \"林一舟\"\nexpected = {expected}\npresent = {present}\n{absent}agenda = [{{ title = \"一\" }}]\nevidence_for = [\"b/zz-1\"]\n"
    );
    record(id, "general-meeting", date, &more)
}

fn sheet(id: &str, date: &str, origin: &str, scores: [u8; 3]) -> (String, String) {
    let [a, b, c] = scores;
    let total = u32::from(a) + u32::from(b) + u32::from(c);
    let more = format!(
        "origin = \"{origin}\"\nrubric = \"b\"\ntotal = {total}\nscores = [{{ item = \"zz-1\", full = 40, score = {a}, reason = \"缺一次\" }}, {{ item = \"zz-2\", full = 10, score = {b} }}, {{ item = \"zy-1\", full = 50, score = {c} }}]\n"
    );
    record(id, "self-assessment", date, &more)
}

fn site(audience: &str, files: &[(String, String)]) -> SiteTest {
    let config = format!("{CONFIG}audience = \"{audience}\"\n");
    let branch = "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\nfounded = \"2019-05\"\nmembers = { full = 12, probationary = 1, asof = \"2025-06-30\" }\n[[committee]]\nterm = \"第二届\"\nfrom = \"2024-03\"\nto = \"2027-03\"\nposts = [{ post = \"书记\", name = \"周衡\", from = \"2024-03\" }]\n+++\n";
    let site = SiteTest::bare(&[
        ("beilin.toml", &config),
        ORG,
        ("content/branches/yi.md", branch),
        ("content/rubrics/b.md", RUBRIC),
        ("content/programmes/p.md", PROGRAMME),
    ]);
    for (path, text) in files {
        site.put(path, text);
    }
    site
}

fn files() -> Vec<(String, String)> {
    vec![
        meeting("a", "2025-02-10", 13, 12),
        meeting("b", "2025-06-10", 12, 12),
        meeting("old", "2024-06-10", 9, 9),
        record("dues", "party-dues", "2025-07-01", "period = \"上半年\"\ndue = 300.5\npaid = 300\n"),
        record("dues2", "party-dues", "2025-12-31", "period = \"下半年\"\ndue = 100.25\npaid = 100.25\nused = 20\n"),
        record(
            "fix",
            "rectification",
            "2024-05-01",
            "problem = \"记录不全\"\norigin = \"自查\"\nmeasure = \"补\"\nowner = \"丙责任\"\ndeadline = \"2025-06-30\"\n",
        ),
        record(
            "fixed",
            "rectification",
            "2025-05-01",
            "problem = \"签到不全\"\norigin = \"督查\"\nmeasure = \"补\"\nowner = \"丙责任\"\ndeadline = \"2025-06-30\"\ndone = \"2025-06-01\"\n",
        ),
        record(
            "plan",
            "plan",
            "2025-02-01",
            "form = \"计划\"\ncampaign = [\"p\"]\nitems = [{ task = \"甲\", measure = \"乙\", owner = \"丙责任\", deadline = \"2025-06-30\" }]\n",
        ),
        sheet("self", "2025-10-01", "自评", [38, 10, 48]),
        sheet("mass", "2025-10-02", "群众测评", [40, 10, 44]),
    ]
}

fn rows(built: &Built, page: &str, fact: &str) -> Vec<Vec<String>> {
    let page = built.page(page);
    let count = texts(&page, &format!(".f-{fact} tbody tr")).len();
    (1..=count).map(|n| texts(&page, &format!(".f-{fact} tbody tr:nth-child({n}) td"))).collect()
}

#[test]
fn numbers_are_those_of_the_records() {
    let built = site("unit", &files()).build_fine();
    let page = format!("{YEAR}/zongjie/index.html");
    assert_eq!(
        rows(&built, &page, "counts"),
        [["支部党员大会", "2"], ["测评", "2"], ["党费", "2"], ["整改", "1"], ["计划清单", "1"]]
    );
    assert_eq!(texts(&built.page(&page), ".f-counts tfoot td"), ["合计", "8"]);
    assert_eq!(rows(&built, &page, "attendance"), [["支部党员大会", "2", "12—13", "12", "0"]]);
    assert_eq!(texts(&built.page(&page), ".f-dues tfoot td"), ["合计", "", "400.75", "400.25", "20"]);
    assert_eq!(rows(&built, &page, "committee"), [["第二届 2024-03—2027-03", "书记", "周衡", "2024-03—"]]);
    assert_eq!(rows(&built, &page, "tasks"), [["部署", "各支部报计划", "2025年3月31日", "题plan", "按期"]]);
    let fixed = rows(&built, &page, "rectifications");
    assert_eq!(fixed[0][2..], ["2025-06-30", "未记完成"]);
    assert_eq!(fixed[1][2..], ["2025-06-30", "2025-06-01"]);
    assert!(built.words_of(&page).contains("共 2 项：已完成 1 项，未记完成 1 项。"));
    let links = attributes(&built.page(&page), ".f-records a", "href");
    assert_eq!(links.len(), 8);
    assert_eq!(links[0], "../../../../../records/plan/");
}

#[test]
fn a_form_by_a_rubric_has_evidence_and_leaves_the_score_blank() {
    let built = site("unit", &files()).build_fine();
    let page = format!("{YEAR}/ziping/b/index.html");
    assert_eq!(
        rows(&built, &page, "scores"),
        [
            ["政治功能强", "学得实", "40", "题a、题b", "", ""],
            ["政治功能强", "议得准", "10", "未记录", "", ""],
            ["作用发挥强", "干得好", "50", "未记录", "", ""],
        ]
    );
    let words = built.words_of(&page);
    assert!(words.contains("不等于没有开展") && words.contains("以 95 分以上（含 95 分）为标准。"), "{words}");
    // An application looks at all years.
    let evidence = rows(&built, &format!("{YEAR}/shenbao/b/index.html"), "evidence");
    assert_eq!(evidence[0], ["政治功能强", "学得实", "题old、题a、题b"]);
    assert_eq!(texts(&built.page(&format!("{YEAR}/shenbao/b/index.html")), ".box .seal-at").len(), 3);
}

#[test]
fn four_sources_stand_side_by_side_with_their_sums_and_the_line() {
    let built = site("unit", &files()).build_fine();
    let page = format!("{YEAR}/pinggu/b/index.html");
    assert_eq!(
        texts(&built.page(&page), ".f-assessment thead th"),
        ["条目", "分值", "自评", "群众测评", "对标评估", "抽查复核", "扣分原因"]
    );
    let rows = rows(&built, &page, "assessment");
    assert_eq!(rows[0][..6], ["学得实", "40", "38", "40", "", ""]);
    assert!(rows[0][6].contains("自评：缺一次。") && rows[0][6].contains("各方不同。"), "{}", rows[0][6]);
    assert_eq!(rows[1], ["议得准", "10", "10", "10", "", "", ""]);
    assert_eq!(texts(&built.page(&page), ".f-assessment tfoot td"), ["合计", "100", "96", "94", "", "", ""]);
    let words = built.words_of(&page);
    assert!(words.contains("合计 96 分，满分 100 分，达到标准分。"), "{words}");
    assert!(words.contains("合计 94 分，满分 100 分，未达到标准分。"), "{words}");
}

#[test]
fn prose_is_a_ruled_box_and_nothing_is_said_for_people() {
    let built = site("unit", &files()).build_fine();
    let page = format!("{YEAR}/shuzhi/index.html");
    let boxes = texts(&built.page(&page), ".box");
    assert_eq!(
        boxes,
        ["待写：年度党建工作开展情况", "待写：取得主要成效", "待写：存在的主要问题", "待写：下一步工作计划"]
    );
    assert_eq!(
        texts(&built.page(&page), ".rep h2"),
        ["年度党建工作开展情况", "取得的主要成效", "存在的主要问题", "下一步工作计划"]
    );
}

#[test]
fn nobody_is_named_but_who_holds_a_post() {
    let built = site("unit", &files()).build_fine();
    for page in built.pages().into_iter().filter(|p| p.contains("/report/")) {
        let words = built.words_of(page);
        assert!(!words.contains("丁缺席") && !words.contains("丙责任") && !words.contains("林一舟"), "{page}");
    }
}

#[test]
fn builds_for_others_than_the_unit_have_no_reports() {
    for audience in ["society", "party"] {
        let built = site(audience, &files()).build();
        assert!(built.pages().iter().all(|p| !p.contains("/report/")), "{audience}");
        assert_eq!(built.holding("/report/"), Vec::<&str>::new(), "{audience}");
    }
    let built = site("named", &files()).build();
    assert!(built.has(&format!("{YEAR}/index.html")));
}

#[test]
fn a_year_without_rules_or_programmes_and_a_closed_branch_have_none() {
    let of_site = site("unit", &files());
    let built = of_site.build_fine();
    assert!(built.has(&format!("{YEAR}/index.html")) && !built.has("branches/yi/report/2024/index.html"));
    assert!(!built.text("sitemap.xml").contains("/report/"), "drafts are not for search engines");
    of_site.edit("content/branches/yi.md", "parent", "status = \"撤销\"\nparent");
    assert!(!of_site.build().has(&format!("{YEAR}/index.html")));
}

#[test]
fn an_edit_of_prose_renders_no_report_and_a_fact_renders_those_that_tell_it() {
    let site = site("unit", &files());
    site.build_fine();
    let rendered = |report: &Built| -> Vec<String> {
        report.report.rendered.iter().filter(|r| r.contains("/report/")).cloned().collect()
    };
    site.edit("content/records/yi/a.md", "正文。", "改了的正文。");
    assert_eq!(rendered(&site.build_fine()), Vec::<String>::new());
    site.edit("content/records/yi/dues.md", "paid = 300\n", "paid = 300.5\n");
    assert_eq!(rendered(&site.build_fine()), ["branches/yi/report/2025/zongjie/"]);
}

#[test]
fn a_site_adds_and_replaces_forms() {
    let of_site = site("unit", &files());
    of_site.edit("beilin.toml", "[site]", "[content]\nkinds = [\"own.toml\"]\n[site]");
    of_site.put(
        "own.toml",
        "[[report]]\nid = \"yuebao\"\nlabel = { zh = \"月报\" }\n[[report.section]]\ntitle = { zh = \"会议\" }\nfacts = [{ of = \"records\", classes = [\"meeting\"] }]\n[[report]]\nid = \"shuzhi\"\nlabel = { zh = \"述职提纲\" }\n[[report.section]]\ntitle = { zh = \"提纲\" }\nprompt = \"自己写\"\n",
    );
    let built = of_site.build_fine();
    assert_eq!(rows(&built, &format!("{YEAR}/yuebao/index.html"), "records").len(), 2);
    assert_eq!(texts(&built.page(&format!("{YEAR}/shuzhi/index.html")), ".box"), ["待写：自己写"]);
}

#[test]
fn a_form_that_cannot_be_is_told_where_it_is() {
    let of_site = site("unit", &[]);
    of_site.edit("beilin.toml", "[site]", "[content]\nkinds = [\"own.toml\"]\n[site]");
    let told = |text: &str| {
        of_site.put("own.toml", text);
        of_site.check().diagnostics
    };
    let section = |facts: &str| {
        format!(
            "[[report]]\nid = \"x\"\nlabel = {{ zh = \"某\" }}\n[[report.section]]\ntitle = {{ zh = \"分\" }}\n{facts}\n"
        )
    };
    for (facts, expected) in [
        ("", "holds nothing"),
        ("facts = [{ of = \"scores\" }]", "goes by a rubric"),
        ("facts = [{ of = \"records\", classes = [\"meetin\"] }]", "did you mean `meeting`"),
        ("facts = [{ of = \"records\", kinds = [\"stud\"] }]", "did you mean `study`"),
        ("facts = [{ of = \"praise\" }]", "praise"),
    ] {
        let told = told(&section(facts));
        assert!(told.contains("own.toml") && told.contains(expected), "{facts}: {told}");
    }
}
