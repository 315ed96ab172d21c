//! The search page and what leads to it: there unless denied, whole without scripts, and its words in a
//! file of their own.

use crate::support::{CONFIG, SiteTest, attributes, other, texts};

fn site(more: &str) -> SiteTest {
    SiteTest::from_files(&[
        ("beilin.toml", &format!("{CONFIG}{more}")),
        ("content/records/yi/a.md", &other("a", "2025-01-02", "", "话。")),
    ])
}

fn words(built: &crate::support::Built) -> serde_json::Value {
    let text = built.text("search/words.js");
    let json = text.strip_prefix("self.BeilinSearchWords=").and_then(|t| t.strip_suffix(";\n")).expect("a script");
    serde_json::from_str(json).expect("of JSON")
}

#[test]
fn every_page_has_a_form_that_leads_to_the_search_page() {
    let built = site("").build_clean();
    for path in built.pages() {
        let page = built.page(path);
        assert_eq!(attributes(&page, "form.find", "action").len(), 1, "{path} has one form, the search page its own");
    }
    assert_eq!(attributes(&built.page("records/a/index.html"), ".top form", "action"), ["../../search/"]);
    assert_eq!(attributes(&built.page("search/index.html"), "main form", "action"), ["../search/"]);
    let built = site("[output]\nindex_in_links = true\n").build_clean();
    assert_eq!(attributes(&built.page("records/a/index.html"), ".top form", "action"), ["../../search/index.html"]);
    assert_eq!(words(&built)["index"], true);
}

#[test]
fn without_search_nothing_of_it_is_there() {
    let built = site("[search]\nenabled = false\n").build_clean();
    let of_search = |p: &&String| p.starts_with("search/") || p.starts_with("assets/search/");
    assert_eq!(built.out.keys().find(of_search), None);
    for path in built.pages() {
        let page = built.page(path);
        assert_eq!(texts(&page, "form, [role=search]"), Vec::<String>::new(), "{path}");
        let leads = |a: &String| a.contains("search/");
        assert!(!attributes(&page, "a", "href").iter().any(leads), "{path}");
    }
}

#[test]
fn the_search_page_shows_the_ways_to_the_lists() {
    let built = site("").build_clean();
    let links = attributes(&built.page("search/index.html"), "#s-browse a", "href");
    for way in ["../archive/2025/", "../archive/kind/other/", "../branches/yi/", "../branches/"] {
        assert!(links.iter().any(|l| l == way), "{way} in {links:?}");
    }
    assert_eq!(texts(&built.page("search/index.html"), "noscript").len(), 1);
}

#[test]
fn the_words_of_the_script_are_those_of_the_strings() {
    let site = site("");
    let zh = words(&site.build_clean());
    assert_eq!((&zh["say"]["again"], &zh["marks"]["其他记录"]), (&"再试一次".into(), &"他".into()));
    assert_eq!(zh["endpoint"], serde_json::Value::Null);
    site.put("themes/default/strings/zh-CN.toml", "[search.ui]\nagain = \"再来</script>\"\n");
    let built = site.build_clean();
    assert_eq!(words(&built)["say"]["again"], "再来</script>");
    assert!(!built.text("search/words.js").contains("</script>"));
}

#[test]
fn an_endpoint_is_told_to_the_script_and_to_what_pages_may_connect_to() {
    let site = site("");
    let before = site.build_clean();
    site.put(
        "beilin.toml",
        &format!("{CONFIG}[search]\nendpoint = \"https://es.example/w/_search\"\nendpoint_kind = \"elasticsearch\"\n"),
    );
    let built = site.build_clean();
    let expected = serde_json::json!({ "url": "https://es.example/w/_search", "kind": "elasticsearch" });
    assert_eq!(words(&built)["endpoint"], expected);
    for path in built.holding("es.example").into_iter().filter(|p| *p != "search/words.js") {
        let plain = |page: &str| page.replace(" connect-src &#39;self&#39; https://es.example;", "");
        assert_eq!(plain(built.text(path)), plain(before.text(path)), "{path} says it in its policy only");
    }
}

#[test]
fn a_new_record_leaves_the_search_page_and_its_words_as_they_are() {
    let site = site("");
    site.build_clean();
    site.put("content/records/yi/b.md", &other("b", "2025-02-03", "", "话。"));
    let rendered = site.build_clean().report.rendered;
    let of_search: Vec<&String> = rendered.iter().filter(|r| r.starts_with("search/")).collect();
    assert_eq!(of_search, ["search/meta.json"], "the index alone");
}
