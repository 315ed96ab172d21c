//! Programmes as data: read with their ids looked up, worked out for a day, shown on their page.

use crate::support::SiteTest;

/// A programme of a title with more keys.
fn programme(id: &str, more: &str) -> String {
    format!("+++\nid = \"{id}\"\ntitle = \"方案{id}\"\n{more}\n+++\n说明。\n")
}

fn told(more: &str) -> String {
    SiteTest::from_files(&[("content/programmes/p.md", &programme("p", more))]).check().diagnostics
}

fn check(more: &str, expected: &[&str]) {
    let told = told(more);
    for words in expected {
        assert!(told.contains(words), "`{words}` is told of\n{more}\n{told}");
    }
    assert_eq!(expected.is_empty(), told.is_empty(), "{told}");
}

#[test]
fn unknown_ids_of_a_programme_are_told_with_the_nearest_one() {
    let site = SiteTest::from_files(&[
        (
            "content/programmes/p.md",
            &programme("p", "parent = \"shang-jj\"\nunit = \"orgg\"\nrubrics = [\"biaoz\"]\npacks = [\"guizee\"]"),
        ),
        ("content/programmes/s.md", &programme("shang-ji", "")),
        ("content/rubrics/b.md", "+++\nid = \"biaozhun\"\ntitle = \"标准\"\n+++\n"),
        ("content/packs/g.md", "+++\nid = \"guize\"\ntitle = \"规则\"\n+++\n"),
    ]);
    let told = site.check().diagnostics;
    for near in ["`shang-ji`", "`org`", "`biaozhun`", "`guize`"] {
        assert!(told.contains(near), "{near}\n{told}");
    }
    site.edit("content/programmes/p.md", "shang-jj", "shang-ji").edit("content/programmes/p.md", "orgg", "org");
    site.edit("content/programmes/p.md", "biaoz\"", "biaozhun\"").edit("content/programmes/p.md", "guizee", "guize");
    site.build_clean();
}

#[test]
fn plans_derived_in_a_ring_are_told_and_cut() {
    let site = SiteTest::from_files(&[
        ("content/programmes/a.md", &programme("a", "parent = \"b\"")),
        ("content/programmes/b.md", &programme("b", "parent = \"a\"")),
    ]);
    let told = site.check().diagnostics;
    assert_eq!(told.matches("error[ring]").count(), 1, "{told}");
}

#[test]
fn numbers_that_cannot_be_are_told() {
    let limit = |more: &str| {
        format!("limits = [{{ id = \"l\", what = \"candidates\", per = \"unit\", text = \"原文\", {more} }}]")
    };
    check(&limit("min = 1, max = 5"), &[]);
    check(&limit("min = 6, max = 5"), &["no number is both"]);
    check(&limit("max_share = 10"), &["a share is between 0 and 1"]);
    check(&limit("min = -1"), &["cannot be negative"]);
    check("quota = { text = \"百分之十\", max_share = 10.0 }", &["a share is between 0 and 1"]);
    check("gates = [{ id = \"g\", what = \"honour\", text = \"先达标\" }]", &["lacks `honour`"]);
}

#[test]
fn stages_out_of_order_are_told_and_masked_ones_are_not() {
    let stages = |a: &str, b: &str, inner: &str| {
        format!(
            "stages = [{{ id = \"a\", title = \"甲\", {a} }}, {{ id = \"b\", title = \"乙\", {b}, stages = [{{ id = \"c\", title = \"丙\", {inner} }}] }}]"
        )
    };
    let (a, b) = ("from = \"2025-01\", to = \"2025-03\"", "from = \"2025-03\", to = \"2026-02\"");
    check(&stages(a, b, "from = \"2025-12\", to = \"2026-02\""), &[]);
    check(&stages(b, a, "from = \"2025-02\""), &["begins before `甲`"]);
    check(&stages(a, b, "from = \"2025-02\""), &["leaves `乙`"]);
    check(&stages("from = \"2025-03\", to = \"2025-01\"", b, "from = \"2025-04\""), &["ends before it begins"]);
    check(&stages("from = \"20**-07\"", "from = \"20**-01\", to = \"20**-04\"", "from = \"20**-03\""), &[]);
}

#[test]
fn kinds_of_tasks_and_criteria_said_to_be_the_same_are_looked_up() {
    check(
        "stages = [{ id = \"a\", title = \"甲\", tasks = [{ id = \"t\", text = \"报送\", by = \"unit\", kinds = [\"reprot\"] }] }]",
        &["`reprot`", "`report`"],
    );
    let rubric = "+++\nid = \"r\"\ntitle = \"标准\"\ndimensions = [{ id = \"d\", title = \"方面\", criteria = [{ id = \"1\", title = \"甲\", same = [\"r/3\"] }, { id = \"2\", title = \"乙\" }] }]\n+++\n";
    let site = SiteTest::from_files(&[("content/rubrics/r.md", rubric)]);
    assert!(site.check().diagnostics.contains("no criterion with id `r/3`"));
    site.edit("content/rubrics/r.md", "r/3", "r/2").build_clean();
}

/// A configuration for readers of the unit, or of society.
fn config(audience: &str) -> String {
    format!(
        "[site]\ntitle = \"文存\"\nbase_url = \"https://t.example/\"\naudience = \"{audience}\"\n[search]\nenabled = false\n"
    )
}

const STAGE: &str = "stages = [{ id = \"s\", title = \"动员\", from = \"2026-07\", to = \"2026-12\", tasks = [{ id = \"t\", text = \"报方案\", by = \"branch\", kinds = [\"plan\"], forms = [\"方案\"], when = \"9月中旬前\" }, { id = \"u\", text = \"以后报\", by = \"branch\", kinds = [\"report\"], when = \"年底前\" }, { id = \"w\", text = \"随时报\", by = \"unit\", kinds = [\"report\"], when = \"适时\" }] }]";

/// A plan or list of a branch, open to readers.
fn plan(id: &str, branch: &str, date: &str, form: &str, more: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\nkind = \"plan\"\ntitle = \"题{id}\"\nbranch = \"{branch}\"\ndate = \"{date}\"\naudience = \"society\"\nform = \"{form}\"\ncampaign = [\"p\"]\nitems = [{{ task = \"改记录\", measure = \"逐月看\", owner = \"支部书记\", deadline = \"2026-10-31\"{more} }}]\n+++\n正文。\n"
    )
}

fn campaign(programme_more: &str, files: &[(&str, String)], audience: &str) -> (SiteTest, String) {
    let (p, config) = (programme("p", programme_more), config(audience));
    let site = SiteTest::from_files(&[("beilin.toml", &config), ("content/programmes/p.md", &p)]);
    for (path, text) in files {
        site.put(&format!("content/{path}"), text);
    }
    let words = site.build_fine().words_of("programmes/p/index.html");
    (site, words)
}

fn holds(words: &str, all: &[&str]) {
    for needle in all {
        assert!(words.contains(needle), "`{needle}` is in {words}");
    }
}

#[test]
fn a_task_tells_who_has_filed_in_time_who_late_and_who_not_at_all() {
    let plans = |yi: &str| vec![("records/yi/a.md", plan("a", "yi", yi, "方案", ""))];
    let (_, words) = campaign(STAGE, &plans("2026-09-20"), "unit");
    holds(
        &words,
        &[
            "9月中旬前（读作2026-09-20；从严读作2026-09-10）",
            "按期 1",
            "未见记录，已过期限 1",
            "未见记录，尚未到期 2",
            "适时（期限无法核算）",
            "未见记录，期限无法核算 1",
        ],
    );
    let (_, words) = campaign(STAGE, &plans("2026-09-21"), "unit");
    holds(&words, &["逾期完成 1"]);
    // Before the stage, and after the day of the build, nothing counts.
    for date in ["2026-06-30", "2026-11-21"] {
        let (_, words) = campaign(STAGE, &plans(date), "unit");
        holds(&words, &["未见记录，已过期限 2"]);
    }
}

#[test]
fn readers_outside_the_unit_see_practice_and_nobody_missing() {
    for audience in ["society", "party"] {
        let (site, words) =
            campaign(STAGE, &[("records/yi/a.md", plan("a", "yi", "2026-09-21", "方案", ""))], audience);
        holds(&words, &["题a", "第一党支部"]);
        assert!(!words.contains("未见记录") && !words.contains("逾期完成") && !words.contains("第二党支部"), "{words}");
        assert!(!site.build_fine().text("programmes/p/index.html").contains("未见"));
    }
}

#[test]
fn a_masked_year_is_told_as_written_and_not_dated() {
    let stage = "stages = [{ id = \"s\", title = \"动员\", when = \"20**年7月至8月\", from = \"20**-07\", to = \"20**-08\", tasks = [{ id = \"t\", text = \"申报\", by = \"branch\", kinds = [\"plan\"], when = \"8月底前\" }] }]";
    let (_, words) = campaign(stage, &[("records/yi/a.md", plan("a", "yi", "2026-09-20", "方案", ""))], "unit");
    holds(&words, &["20**年7月至8月", "8月底前（期限无法核算）", "有记录，早晚无法核算 1", "未见记录，期限无法核算 1"]);
}

fn honour(id: &str, branch: &str, events: &[(&str, &str)]) -> String {
    let events: Vec<String> =
        events.iter().map(|(event, date)| format!("{{ event = \"{event}\", date = \"{date}\" }}")).collect();
    format!(
        "+++\nid = \"{id}\"\ntype = \"四强党支部\"\nbranch = \"{branch}\"\nprogramme = \"p\"\ncohort = \"2026\"\nevents = [{}]\n+++\n",
        events.join(", ")
    )
}

#[test]
fn a_limit_that_is_passed_is_told_with_its_sum() {
    let limit = "limits = [{ id = \"l\", what = \"recommended\", per = \"unit\", max_share = 0.1, rounding = \"floor-at-least-one\", text = \"不超过10%\" }]";
    let one = ("honours/a.md", honour("a", "yi", &[("recommended", "2026-05-01")]));
    let two = ("honours/b.md", honour("b", "er", &[("recommended", "2026-05-02")]));
    let (site, words) = campaign(limit, std::slice::from_ref(&one), "unit");
    holds(&words, &["2 个支部 × 10% = 0.2，舍去小数，不足一个的按一个 → 1", "在范围内"]);
    assert!(!site.check().diagnostics.contains("limit"));
    let (site, words) = campaign(limit, &[one, two], "unit");
    holds(&words, &["超出"]);
    let told = site.check().diagnostics;
    holds(&told, &["warning[limit] content/programmes/p.md", "测试局 (cohort 2026) has 2; 2 branches × 10% = 0.2"]);
}

#[test]
fn films_are_known_by_the_words_the_programme_gives() {
    let limit = |more: &str| {
        format!(
            "limits = [{{ id = \"l\", what = \"films\", per = \"branch\", min = 1, max = 1, text = \"制作一部党建专题片\"{more} }}]"
        )
    };
    let film = "+++\nid = \"f\"\nkind = \"other\"\ntitle = \"专题片《守夜》\"\nbranch = \"yi\"\ndate = \"2026-05-01\"\ncampaign = [\"p\"]\n+++\n片。\n";
    let files = [("records/yi/f.md", film.to_owned())];
    let (_, words) = campaign(&limit(", keywords = [\"专题片\"]"), &files, "unit");
    holds(&words, &["恰好 1", "在范围内"]);
    let (_, words) = campaign(&limit(", keywords = [\"纪录片\"]"), &files, "unit");
    assert!(!words.contains("专题片《守夜》 2026"), "{words}");
    let site = SiteTest::from_files(&[("content/programmes/p.md", &programme("p", &limit("")))]);
    let told = site.check().diagnostics;
    holds(&told, &["films are known by words, and none are given"]);
}

#[test]
fn too_few_are_told_only_when_no_more_can_come() {
    let limit = "limits = [{ id = \"l\", what = \"named\", per = \"cohort\", min = 2, max = 2, text = \"确定2个\" }]";
    let named = [("honours/a.md", honour("a", "yi", &[("named", "2026-06-28")]))];
    let (site, words) = campaign(limit, &named, "unit");
    holds(&words, &["恰好 2", "不足"]);
    assert!(site.check().diagnostics.contains("warning[limit]"));
    let limit = limit.replace("named", "candidates");
    let applied = [("honours/a.md", honour("a", "yi", &[("applied", "2026-06-28")]))];
    let (site, words) = campaign(&limit, &applied, "unit");
    holds(&words, &["尚未到数"]);
    assert!(!site.check().diagnostics.contains("warning[limit]"));
}

#[test]
fn a_limit_counts_what_happened_while_it_was_in_force() {
    let limit = "limits = [{ id = \"l\", what = \"candidates\", per = \"unit\", max = 1, to = \"2025-12-31\", text = \"一个\" }, { id = \"m\", what = \"candidates\", per = \"unit\", max = 5, from = \"2026-01-01\", text = \"五个\" }]";
    let both = [
        ("honours/a.md", honour("a", "yi", &[("applied", "2025-12-30")])),
        ("honours/b.md", honour("b", "er", &[("applied", "2026-01-02")])),
    ];
    let (site, words) = campaign(limit, &both, "unit");
    holds(&words, &["不在施行期内"]);
    assert!(!site.check().diagnostics.contains("warning[limit]"));
}

#[test]
fn a_target_shows_the_share_reached_by_its_day_and_what_is_kept() {
    let target = "targets = [{ id = \"g\", title = \"推进年\", by = \"2025-12-31\", share = 0.8, planned = 0.5, honour = \"四强党支部\", text = \"八成以上\" }]";
    let files = [
        ("honours/a.md", honour("a", "yi", &[("named", "2025-06-28"), ("revoked", "2026-01-10")])),
        ("honours/b.md", honour("b", "er", &[("named", "2026-06-28")])),
    ];
    let (_, words) = campaign(target, &files, "unit");
    holds(
        &words,
        &["未达到", "1 ÷ 2 = 50%；目标 80%，即 2 个支部", "计划 50%：2 个支部中 1 个", "其中至今有效 0 个；现有 1 个"],
    );
}

#[test]
fn gates_show_what_is_recorded_and_never_a_reason() {
    let gates = "gates = [{ id = \"g\", what = \"grade\", grades = [\"一般\", \"差\"], text = \"述职等次\" }, { id = \"d\", what = \"declared\", text = \"资格审核\" }, { id = \"h\", what = \"honour\", honour = \"达标\", text = \"先达标\" }]";
    let debriefing = |grade: &str| {
        format!(
            "+++\nid = \"sz\"\nkind = \"debriefing\"\ntitle = \"述职\"\nbranch = \"yi\"\ndate = \"2025-12-20\"\nyear = 2025\nwho = \"支部书记\"\ngrade = \"{grade}\"\n+++\n正文。\n"
        )
    };
    let standard =
        honour("s", "yi", &[("named", "2025-12-01")]).replace("四强党支部", "达标").replace("programme = \"p\"\n", "");
    let with = |grade: &str, event: &str| {
        let mut files = vec![("records/yi/sz.md", debriefing(grade)), ("honours/s.md", standard.clone())];
        let mut h = honour("a", "yi", &[("applied", "2026-04-01"), (event, "2026-05-01")]);
        h = h.replace("date = \"2026-05-01\"", "date = \"2026-05-01\", note = \"缘由甲\", result = \"缘由乙\"");
        files.push(("honours/a.md", h));
        campaign(gates, &files, "unit").1
    };
    let words = with("好", "eligible");
    assert!(!words.contains("不符合") && !words.contains("未记录"), "{words}");
    let words = with("一般", "disqualified");
    assert_eq!(words.matches("不符合").count(), 4, "each finding stands in the line and in its table: {words}");
    assert!(!words.contains("缘由甲") && !words.contains("缘由乙"), "{words}");
    let (_, words) = campaign(gates, &[("honours/a.md", honour("a", "yi", &[("applied", "2026-04-01")]))], "unit");
    holds(&words, &["未记录", "不符合"]);
    let (_, words) = campaign(gates, &[("honours/a.md", honour("a", "yi", &[("applied", "2026-04-01")]))], "society");
    assert!(!words.contains("未记录") && !words.contains("不符合"), "{words}");
}

const RUBRIC: &str = "+++\nid = \"r\"\ntitle = \"标准\"\nfull = 20\npass = 19\ndimensions = [{ id = \"d\", title = \"组织设置规范化\", criteria = [{ id = \"1\", title = \"甲\", points = 10 }, { id = \"2\", title = \"乙\", points = 10 }] }]\n+++\n";

fn sheet(id: &str, origin: &str, scores: &str, total: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\nkind = \"self-assessment\"\ntitle = \"测评{id}\"\nbranch = \"yi\"\ndate = \"2026-05-01\"\norigin = \"{origin}\"\nrubric = \"r\"\ncampaign = [\"p\"]\nscores = [{scores}]\n{total}\n+++\n正文。\n"
    )
}

#[test]
fn score_sheets_that_do_not_add_up_are_told_at_the_score() {
    let check = |scores: &str, total: &str, expected: &str| {
        let files = [("rubrics/r.md", RUBRIC.to_owned()), ("records/yi/a.md", sheet("a", "自评", scores, total))];
        let (site, _) = campaign("rubric = \"r\"", &files, "unit");
        let told = site.check().diagnostics;
        assert!(if expected.is_empty() { told.is_empty() } else { told.contains(expected) }, "{expected}\n{told}");
    };
    let row = |item: &str, full: &str, score: &str| format!("{{ item = \"{item}\", full = {full}, score = {score} }}");
    check(&[row("甲", "10", "9.5"), row("2", "10", "10")].join(","), "total = 19.5", "");
    check(&row("组织设置", "20", "19.5"), "total = 19.5", "");
    check(&[row("甲", "10", "9.5"), row("乙", "10", "9")].join(","), "total = 19", "the items make 9.5 + 9 = 18.5");
    check(&[row("甲", "10", "11"), row("乙", "10", "9")].join(","), "", "‹11› 11 points of 10");
    check(&[row("甲", "12", "11"), row("乙", "8", "8")].join(","), "", "‹12› 12 points here, 10 in the rubric");
    check(&row("甲", "10", "10"), "total = 10", "the items' points make 10 = 10, the rubric 20");
    check(&row("甲", "10", "10"), "", "");
}

#[test]
fn the_sources_of_marks_stand_side_by_side_and_what_differs_is_set_off() {
    let row = |score: &str| {
        format!("{{ item = \"甲\", full = 10, score = {score} }}, {{ item = \"乙\", full = 10, score = 10 }}")
    };
    let more = |inclusive: &str| {
        format!(
            "rubric = \"r\"\nassessment = {{ pass = 19, {inclusive} origins = [\"自评\", \"互评\", \"上级考核\"] }}"
        )
    };
    let files = [
        ("rubrics/r.md", RUBRIC.to_owned()),
        ("records/yi/a.md", sheet("a", "上级考核", &row("9"), "total = 19")),
        ("records/yi/b.md", sheet("b", "自评", &row("10"), "total = 20")),
        ("records/yi/c.md", sheet("c", "抽查", "{ item = \"甲\", full = 10, score = 8 }", "")),
    ];
    let (site, words) = campaign(&more(""), &files, "unit");
    holds(&words, &["自评 20 上级考核 19", "各来源总分不同", "19 分以上（文件未说，按惯例含本数）", "未见：互评"]);
    let page = site.build_fine().page("programmes/p/index.html");
    assert_eq!(crate::support::texts(&page, "#assessment tr.differ th").len(), 1);
    let below = |page: &scraper::Html| crate::support::texts(page, "#assessment tfoot .open").len();
    assert_eq!(below(&page), 0, "the mark itself passes, and a part of a sheet is not measured");
    let (site, _) = campaign(&more("inclusive = false,"), &files, "unit");
    assert_eq!(below(&site.build_fine().page("programmes/p/index.html")), 1);
}

#[test]
fn a_branch_has_one_list_and_one_plan_and_more_or_none_is_told() {
    let done = ", done = \"2026-11-02\"";
    let files = [
        ("records/yi/a.md", plan("a", "yi", "2026-05-01", "清单", "")),
        ("records/yi/b.md", plan("b", "yi", "2026-06-01", "清单", done)),
    ];
    let (site, words) = campaign("", &files, "unit");
    holds(
        &words,
        &["2 件并存，以最近一件为准", "清单 题b", "方案 未见", "清单、方案均未见：第二党支部", "逾期完成", "未记核验"],
    );
    // A list that says which it replaces is the one.
    site.edit("content/records/yi/b.md", "campaign =", "supersedes = \"a\"\ncampaign =");
    let words = site.build_fine().words_of("programmes/p/index.html");
    assert!(!words.contains("并存"), "{words}");
    site.edit("content/records/yi/b.md", done, "");
    holds(&site.build_fine().words_of("programmes/p/index.html"), &["逾期未完成 1"]);
}

#[test]
fn who_has_derived_a_plan_stands_beside_who_has_not() {
    let files = [
        ("programmes/u.md", programme("u", "parent = \"p\"\nunit = \"org\"")),
        ("records/er/a.md", plan("a", "er", "2026-05-01", "方案", "")),
    ];
    let (_, words) = campaign("", &files, "unit");
    holds(&words, &["单位 1 / 1 已有方案", "方案u", "支部 1 / 2 已有方案", "未见方案：第一党支部"]);
    let (_, words) = campaign("", &files, "society");
    assert!(!words.contains("未见方案") && words.contains("题a"), "{words}");
}

#[test]
fn a_programmes_page_follows_what_is_filed() {
    let (site, words) = campaign(STAGE, &[], "unit");
    holds(&words, &["未见记录，已过期限 2"]);
    site.put("content/records/yi/a.md", &plan("a", "yi", "2026-09-01", "方案", ""));
    holds(&site.build_fine().words_of("programmes/p/index.html"), &["按期 1"]);
    let kept = site.build_fine().out;
    site.disk.delete("s/.beilin/cache/head");
    crate::support::assert_same_site(&site.build_fine().out, &kept);
}

#[test]
fn steps_of_a_procedure_show_the_unit_who_has_come_to_each() {
    let steps = "steps = [{ title = \"支部申报\", by = \"党支部\", event = \"applied\" }, { title = \"公示\", event = \"publicised\" }, { title = \"命名\", event = \"named\" }]";
    let honours = [
        ("honours/a.md", honour("a", "yi", &[("applied", "2026-04-01"), ("publicised", "2026-05-01")])),
        ("honours/b.md", honour("b", "er", &[("applied", "2026-04-02")])),
    ];
    let (_, words) = campaign(steps, &honours, "unit");
    holds(&words, &["已到这一步：2个党支部", "已到这一步：1个党支部"]);
    assert_eq!(words.matches("已到这一步").count(), 2, "nobody has come to the third: {words}");
    let (_, words) = campaign(steps, &honours, "society");
    assert!(words.contains("支部申报") && !words.contains("已到这一步"), "{words}");
    check("steps = [{ title = \"命名\", event = \"nameed\" }]", &["nameed", "named"]);
}
