//! Cases and work methods: advice on what is written, rules they became, the map of brands.

use crate::support::{CONFIG, ER, SiteTest, YI, attributes, other, texts};

/// A brand case of a branch.
fn case(id: &str, branch: &str, more: &str, body: &str) -> (String, String) {
    let text = format!(
        "+++\nid = \"{id}\"\nkind = \"brand-case\"\ntitle = \"题{id}\"\nbranch = \"{branch}\"\ndate = \"2026-05-01\"\nbrand = \"守夜灯\"\nmeaning = \"内涵一句\"\ncarrier = \"载体一句\"\ndimensions = [\"作用发挥强\", \"政治功能强\"]\n{more}\n+++\n{body}\n"
    );
    (format!("content/cases/{id}.md"), text)
}

/// A work method.
fn method(id: &str, more: &str) -> (String, String) {
    let text = format!(
        "+++\nid = \"{id}\"\nkind = \"work-method\"\ntitle = \"题{id}\"\nbranch = \"yi\"\ndate = \"2026-04-01\"\nname = \"三单法\"\nproblem = \"问题\"\nsteps = [\"数\", \"分\"]\neffect = \"成效\"\n{more}\n+++\n正文。\n"
    );
    (format!("content/cases/{id}.md"), text)
}

fn rule(id: &str, title: &str) -> (String, String) {
    let text = format!(
        "+++\nid = \"{id}\"\nkind = \"rule\"\ntitle = \"{title}\"\nbranch = \"yi\"\ndate = \"2026-06-01\"\nin_force = \"2026-07-01\"\n+++\n第一条。\n"
    );
    (format!("content/records/yi/{id}.md"), text)
}

fn site(files: &[(String, String)]) -> SiteTest {
    let site = SiteTest::from_files(&[("content/records/yi/r1.md", &other("r1", "2026-01-01", "", "记录。"))]);
    for (path, text) in files {
        site.put(path, text);
    }
    site
}

fn public(site: &SiteTest) {
    site.put("beilin.toml", &CONFIG.replace("[site]\n", "[site]\naudience = \"society\"\n"));
}

const FIGURE: &str = "figures = [{ label = \"修复\", value = 83, unit = \"处\", source = \"简报\", date = \"2026-04-30\" }, { label = \"回访\", value = 9 }]";

#[test]
fn a_featured_case_wants_evidence_and_says_what_else_is_missing() {
    let told = |more: &str, body: &str| site(&[case("c", "yi", more, body)]).check().diagnostics;
    let bare = told(&format!("featured = true\n{FIGURE}"), "正文。");
    for words in [
        "warning[featured] content/cases/c.md:11:12 ‹true› ",
        "borne out by nothing",
        "Mark (logo, logo_meaning)",
        "source or date of 1 figures",
        "steps to repeat it",
    ] {
        assert!(bare.contains(words), "{words} in {bare}");
    }
    assert_eq!(told("featured = true\nrelated = [\"r1\"]", "正文。"), "");
    assert_eq!(told("featured = true", "见[记录](@/records/yi/r1.md)。"), "");
    assert_eq!(told("featured = false", "正文。"), "");
    assert_eq!(told("", "正文。"), "", "what is not featured is asked nothing");
}

#[test]
fn another_case_or_the_rule_it_became_bears_nothing_out() {
    let of = |more: &str| {
        let files = [case("c", "yi", more, ""), method("m", ""), rule("zd", "报送办法")];
        site(&files).check().diagnostics
    };
    assert!(of("featured = true\nrelated = [\"m\"]").contains("warning[featured]"));
    assert!(of("featured = true\nrelated = [\"zd\"]\npromoted_to = \"zd\"").contains("warning[featured]"));
    assert_eq!(of("featured = true\nrelated = [\"zd\"]"), "");
}

#[test]
fn the_list_to_look_through_opens_to_what_was_looked_at_and_is_not_for_the_public() {
    let site = site(&[case("c", "yi", &format!("{FIGURE}\nrelated = [\"r1\"]\nlogo = \"biao.svg\""), "正文。")]);
    site.put("content/cases/biao.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let built = site.build_fine();
    let page = built.page("records/c/index.html");
    assert_eq!(texts(&page, ".gate summary"), ["五项 5 项，齐 4 项", "数字 2 项，齐 1 项", "步骤 未记录", "佐证 1 条"]);
    let lines = texts(&page, ".gate details li");
    for line in ["内涵：内涵一句", "标识：biao.svg；标识释义 未记录", "修复：简报，2026-04-30", "回访 未记录"]
    {
        assert!(lines.iter().any(|l| l == line), "{line} in {lines:?}");
    }
    assert!(attributes(&page, ".gate .ev a", "href")[0].ends_with("records/r1/"));
    let words = built.words_of("records/c/index.html");
    assert!(words.contains("有特点、有内涵、叫得响、可推广、示范带动性强") && words.contains("1-52"), "{words}");
    public(&site);
    let built = site.build_fine();
    assert!(texts(&built.page("records/c/index.html"), ".gate").is_empty());
    assert!(!built.words_of("records/c/index.html").contains("未记录"));
}

#[test]
fn a_practice_and_the_rule_it_became_name_each_other() {
    for word in ["zd", "夜间报送办法（试行）", "《夜间报送办法（试行）》第三条"] {
        let site = site(&[method("m", &format!("promoted_to = \"{word}\"")), rule("zd", "夜间报送办法（试行）")]);
        let built = site.build_clean();
        let page = built.page("records/m/index.html");
        assert!(
            texts(&page, ".notice")[0].contains("本做法已上升为制度：《夜间报送办法（试行）》 2026年7月1日"),
            "{word}"
        );
        assert!(attributes(&page, ".notice a", "href")[0].ends_with("records/zd/"), "{word}");
        let page = built.page("records/zd/index.html");
        assert!(texts(&page, ".notice")[0].contains("由题m上升而来 2026年7月1日"), "{word}");
        assert!(attributes(&page, ".notice a", "href")[0].ends_with("records/m/"), "{word}");
    }
}

#[test]
fn a_rule_that_is_not_in_the_archive_stays_words() {
    let of = |word: &str, more: &[(String, String)]| {
        let mut files = vec![method("m", &format!("promoted_to = \"{word}\""))];
        files.extend_from_slice(more);
        site(&files).check()
    };
    assert_eq!(of("《别处的办法》", &[]).diagnostics, "");
    let two = [rule("a", "办法"), rule("b", "办法")];
    assert_eq!(of("办法", &two).diagnostics, "", "which of two is not guessed");
    let told = of("r1", &[]).diagnostics;
    assert!(told.contains("warning[not-a-rule] content/cases/m.md") && told.contains("not a rule"), "{told}");
}

#[test]
fn the_rule_of_a_practice_is_told_anew_when_it_changes() {
    let site = site(&[method("m", "promoted_to = \"zd\""), rule("zd", "报送办法")]);
    site.build_clean();
    site.edit("content/records/yi/zd.md", "报送办法", "夜间报送办法");
    let built = site.build_clean();
    assert!(built.words_of("records/m/index.html").contains("《夜间报送办法》"));
    let clean = SiteTest::bare(&[]);
    for (path, bytes) in
        site.disk.tree("s").into_iter().filter(|(p, _)| p.starts_with("content/") || p == "beilin.toml")
    {
        clean.put_bytes(&path, &bytes);
    }
    crate::support::assert_same_site(&built.out, &clean.build_clean().out);
}

#[test]
fn the_map_joins_branches_brands_and_strengths_in_their_order() {
    let second = case("d", "er", "", "")
        .1
        .replace("守夜灯", "一页清")
        .replace("\"作用发挥强\", \"政治功能强\"", "\"支部班子强\"");
    let site = site(&[case("c", "yi", "", "正文。"), ("content/cases/d.md".into(), second)]);
    let built = site.build_clean();
    let page = built.page("cases/index.html");
    let names = |class: &str| texts(&page, &format!(".net .{class} text"));
    assert_eq!(names("strength"), ["政治功能强", "支部班子强", "作用发挥强"]);
    assert_eq!(names("branch"), ["第二党支部", "第一党支部"], "in the order of the directory");
    assert_eq!(names("brand"), ["一页清", "守夜灯"]);
    // Two branches to their brands, one brand to two strengths, the other to one.
    assert_eq!(attributes(&page, ".net path", "d").len(), 5);
    let links = attributes(&page, ".net a", "href");
    assert_eq!(links.len(), 7);
    assert!(links.iter().any(|l| l.ends_with("cases/#strength-2")), "{links:?}");
    assert!(!texts(&page, "#strength-2").is_empty());
    assert_eq!(
        texts(&page, "#map tbody tr"),
        ["一页清第二党支部支部班子强", "守夜灯第一党支部政治功能强、作用发挥强"],
        "the table says the same"
    );
    assert!(!built.text("cases/index.html").contains("style="));
    let again = SiteTest::from_files(&[YI, ER]);
    for (path, bytes) in site.disk.tree("s/content") {
        again.put_bytes(&format!("content/{path}"), &bytes);
    }
    assert_eq!(again.build_clean().text("cases/index.html"), built.text("cases/index.html"));
}

#[test]
fn featured_cases_stand_first() {
    let site = site(&[case("c", "yi", "featured = true\nrelated = [\"r1\"]", "正文。"), case("d", "er", "", "正文。")]);
    let page = site.build_clean().page("cases/index.html");
    assert_eq!(texts(&page, "main h2")[0], "精选");
    assert_eq!(texts(&page, "main .sec:nth-of-type(1) .card h3"), ["题c"]);
}
