//! Themes: a site replaces them file by file; what is wrong in one is told at its place.

use crate::support::{CONFIG, SiteTest, other, texts};

fn site() -> SiteTest {
    SiteTest::from_files(&[("content/records/yi/a.md", &other("a", "2025-01-02", "", "话。"))])
}

#[test]
fn one_template_is_replaced_and_the_rest_stays() {
    let site = site();
    site.put(
        "themes/default/templates/404.html",
        "<!doctype html><html lang=\"zh-CN\"><title>x</title><main><h1>自己的 {{ site.title }}</h1></main></html>",
    );
    let built = site.build_clean();
    assert_eq!(built.words_of("404.html"), "自己的 测试文存");
    assert_eq!(built.text("index.html"), self::site().build_clean().text("index.html"));
}

#[test]
fn a_static_file_is_added_or_replaced() {
    let site = site();
    site.put("themes/default/static/own.css", "b{}").put("themes/default/static/favicon.svg", "<svg/>");
    let built = site.build_clean();
    assert_eq!((built.text("assets/own.css"), built.text("assets/favicon.svg")), ("b{}", "<svg/>"));
    assert!(built.has("assets/beilin.css"));
}

#[test]
fn the_stylesheet_is_its_parts_by_name_and_a_site_replaces_or_adds_one() {
    let site = site();
    let shipped = site.build_clean().text("assets/beilin.css").to_owned();
    let first = shipped.find("--paper: #fbfaf5").expect("tokens are there");
    assert!(first < shipped.find("@media print").expect("print is there"), "tokens first, print last");
    site.put("themes/default/styles/9-site.css", ":root { --slate: #2b3a55; }");
    site.put("themes/default/styles/8-print.css", "@page { size: A5; }");
    let built = site.build_clean();
    let css = built.text("assets/beilin.css");
    assert!(css.starts_with(&shipped[..first]) && !css.contains("size: A4"), "{css}");
    assert!(css.ends_with("@page { size: A5; }\n:root { --slate: #2b3a55; }\n"), "{css}");
    assert!(built.pages().iter().all(|p| !p.starts_with("assets/")) && !built.has("assets/styles/9-site.css"));
    site.put("themes/default/static/beilin.css", "b{}");
    assert_eq!(site.build_clean().text("assets/beilin.css"), "b{}");
}

#[test]
fn a_site_sets_its_colours_and_one_too_close_to_the_page_is_refused_where_it_is_set() {
    let site = site();
    site.build_clean();
    site.put("beilin.toml", &format!("{CONFIG}[colors]\nslate = \"#1B3A5F\"\nslate_dark = \"#cde\"\n"));
    let built = site.build_clean();
    let css = built.text("assets/beilin.css");
    let at = |needle: &str| css.find(needle).unwrap_or_else(|| panic!("{needle}"));
    assert!(
        at("--slate: #21403f") < at("--slate: #1b3a5f;--band: #1b3a5f;") && at("--slate: #cde") < at("@media print")
    );
    assert_eq!(built.report.rendered, ["assets/beilin.css"], "no page is made anew for a colour");
    site.put("beilin.toml", &format!("{CONFIG}[colors]\nbronze = \"#d8c48a\"\nseal = \"rot\"\n"));
    let told = site.build().diagnostics;
    for needle in [
        "error[contrast] beilin.toml:",
        "`bronze` on `paper` has a contrast of 1.",
        "below 4.5",
        "#d8c48a on #fbfaf5",
        "`rot` is no colour",
    ] {
        assert!(told.contains(needle), "{needle}: {told}");
    }
}

#[test]
fn strings_of_a_site_replace_and_those_built_in_fill_the_gaps() {
    let site = site();
    site.put("themes/default/strings/zh-CN.toml", "[site]\nskip = \"直接看正文\"\n");
    let page = site.build_clean().page("index.html");
    assert_eq!(texts(&page, ".skip"), ["直接看正文"]);
    assert_eq!(texts(&page, ".nav li")[0], "首页");
}

#[test]
fn a_theme_of_its_own_name_is_taken() {
    let site = site();
    site.put("beilin.toml", &format!("{CONFIG}theme = \"own\"\n"));
    assert!(site.build().diagnostics.contains("error[no-theme] beilin.toml"));
    site.put("themes/own/strings/zh-CN.toml", "[site]\nskip = \"自己的\"\n");
    assert_eq!(texts(&site.build_clean().page("index.html"), ".skip"), ["自己的"]);
}

#[test]
fn a_fault_in_a_template_is_told_where_it_is() {
    for (text, at) in [("行一\n{% if %}", "2:"), ("行一\n行二 {{ nothing.there }}", "2:")] {
        let site = site();
        site.put("themes/default/templates/404.html", text);
        let told = site.build().diagnostics;
        assert!(told.starts_with(&format!("error[template] themes/default/templates/404.html:{at}")), "{text}: {told}");
    }
}

#[test]
fn a_fault_that_shows_on_many_pages_is_told_once() {
    let site = site();
    site.put("themes/default/templates/partials/foot.html", "{{ nothing.there }}");
    let told = site.build().diagnostics;
    assert_eq!(told.matches("error[template]").count(), 1, "{told}");
}

#[test]
fn an_unknown_string_is_told() {
    let site = site();
    site.put("themes/default/templates/404.html", "{{ t(k=\"no.such\") }}");
    assert!(site.build().diagnostics.contains("no.such"));
    site.put("themes/default/templates/404.html", "x").put("themes/default/strings/zh-CN.toml", "[site\n");
    assert!(site.build().diagnostics.starts_with("error[strings] themes/default/strings/zh-CN.toml:1:"));
}

#[test]
fn what_a_record_says_is_escaped() {
    let nasty = "<img src=x onerror=alert(1)>\\\"'&";
    let site = SiteTest::from_files(&[
        ("content/records/yi/a.md", &other("a", "2025-01-02", &format!("place = \"{nasty}\"\nkeywords = [\"{nasty}\"]\nabstract = \"{nasty}\"\nsource = \"{nasty}\"\npeople = [{{ name = \"{nasty}\", role = \"{nasty}\" }}]\nattachments = [{{ title = \"{nasty}\", note = \"{nasty}\" }}]\nmedia = [{{ outlet = \"{nasty}\", title = \"{nasty}\", date = \"2025-01-03\", url = \"javascript:alert(1)\" }}]"), "话。").replace("题a", nasty)),
        ("content/branches/yi.md", &format!("+++\nid = \"yi\"\nname = \"{nasty}\"\nparent = \"org\"\nbrand = \"{nasty}\"\nmotto = \"{nasty}\"\ngroups = [{{ id = \"g\", name = \"{nasty}\", leader = \"{nasty}\" }}]\n+++\n")),
    ]);
    site.edit("beilin.toml", "测试机关", nasty);
    let built = site.build_fine();
    for path in built.pages() {
        assert!(!built.text(path).contains("<img src=x"), "{path}");
        assert!(!built.text(path).contains("href=\"javascript:"), "{path}");
    }
    assert!(
        texts(&built.page("records/a/index.html"), "h1")[0].starts_with("<img src=x onerror=alert(1)>"),
        "it is shown as it was written"
    );
}

#[test]
fn a_template_reaches_nothing_but_what_it_is_given() {
    // What other engines, and this one with further crates, let templates call.
    for reach in [
        "{{ get_env(name=\"HOME\") }}",
        "{{ load_data(path=\"beilin.toml\") }}",
        "{{ load_data(url=\"http://127.0.0.1/\") }}",
        "{{ get_file(path=\"/etc/passwd\") }}",
        "{{ read_file(path=\"/etc/passwd\") }}",
        "{{ now() }}",
        "{{ get_random(start=0, end=1) }}",
        "{{ exec(cmd=\"id\") }}",
        "{{ \"id\" | exec }}",
        "{% include \"/etc/passwd\" %}",
        "{% include \"../../../beilin.toml\" %}",
        "{% extends \"../../beilin.toml\" %}",
        "{{ script(f=\"../../beilin.toml\") }}",
        "{{ integrity(f=\"/etc/passwd\") }}",
    ] {
        let site = site();
        site.put("themes/default/templates/404.html", reach);
        let built = site.build();
        assert!(
            built.report.failed() && built.diagnostics.contains("error[template]"),
            "{reach}: {}",
            built.diagnostics
        );
        assert!(built.diagnostics.contains("404.html"), "{reach}: {}", built.diagnostics);
    }
}

#[test]
fn a_template_that_never_ends_is_no_template() {
    // Without bounds of its own the language has no loop but over what there is, and no recursion without an end.
    for endless in ["{% while true %}x{% endwhile %}", "{% include \"404.html\" %}", "{% extends \"404.html\" %}"] {
        let site = site();
        site.put("themes/default/templates/404.html", endless);
        assert!(site.build().report.failed(), "{endless}");
    }
}
