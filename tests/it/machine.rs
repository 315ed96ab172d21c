//! Faces for machines: feeds, sitemap, robots, JSON, CSV, meta tags, structured data.

use crate::support::{Built, CONFIG, SiteTest, attributes, example, is_redirect, other, texts};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Reads XML to its end and returns the texts of elements by their path (`feed/entry/id`).
fn xml(built: &Built, path: &str) -> Vec<(String, String)> {
    let text = built.text(path);
    let mut reader = Reader::from_str(text);
    let (mut way, mut found): (Vec<String>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap_or_else(|e| panic!("{path} is well-formed: {e}")) {
            Event::Start(e) => {
                way.push(e.name().as_ref().to_owned());
                found.push((way.join("/"), String::new()));
            }
            Event::Empty(e) => {
                let href =
                    e.try_get_attribute("href").expect("attributes are well-formed").map(|a| a.value.to_string());
                found.push((format!("{}/{}", way.join("/"), e.name().as_ref()), href.unwrap_or_default()));
            }
            Event::End(_) => {
                way.pop();
            }
            Event::Text(t) => {
                if let Some((_, text)) = found.iter_mut().rev().find(|(p, _)| *p == way.join("/")) {
                    text.push_str(&t);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(way.is_empty(), "{path} closes what it opens");
    found
}

fn at<'a>(found: &'a [(String, String)], path: &str) -> Vec<&'a str> {
    found.iter().filter(|(p, _)| p == path).map(|(_, t)| t.as_str()).collect()
}

fn files<'a>(built: &'a Built, ending: &str) -> Vec<&'a str> {
    built.out.keys().map(String::as_str).filter(|p| p.ends_with(ending)).collect()
}

#[test]
fn every_feed_is_well_formed_atom_with_ids_that_last() {
    let built = example();
    let feeds = files(built, "feed.xml");
    assert!(
        feeds.contains(&"feed.xml")
            && feeds.contains(&"branches/ga-yexun/feed.xml")
            && feeds.contains(&"archive/kind/theme-party-day/feed.xml"),
        "{feeds:?}"
    );
    for feed in feeds {
        let found = xml(built, feed);
        for one in ["feed/title", "feed/id", "feed/updated", "feed/author/name"] {
            assert!(at(&found, one).len() == 1 && !at(&found, one)[0].is_empty(), "{one} in {feed}");
        }
        let entries = at(&found, "feed/entry").len();
        for each in ["feed/entry/title", "feed/entry/id", "feed/entry/updated", "feed/entry/summary"] {
            assert_eq!(at(&found, each).len(), entries, "{each} in {feed}");
        }
        let ids: BTreeSet<&str> = at(&found, "feed/entry/id").into_iter().collect();
        assert_eq!(ids.len(), entries, "ids in {feed} differ");
        for time in at(&found, "feed/updated").into_iter().chain(at(&found, "feed/entry/updated")) {
            assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time} in {feed}");
        }
        for link in at(&found, "feed/entry/link") {
            let route = link.strip_prefix("https://dj.yunzhou.example/").unwrap_or_else(|| panic!("{link} in {feed}"));
            assert!(built.has(&format!("{route}index.html")), "{link} in {feed}");
        }
    }
}

#[test]
fn a_feed_is_as_long_as_asked_and_newest_first() {
    let site = SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}[output]\nfeed_items = 3\n"))]);
    for i in 1..=5 {
        site.put(
            &format!("content/records/yi/r{i}.md"),
            &other(&format!("r{i}"), &format!("2025-01-0{i}"), "published = \"2025-02-01T09:30\"", "话 <b> & 话。"),
        );
    }
    let built = site.build_fine();
    let found = xml(&built, "feed.xml");
    assert_eq!(
        at(&found, "feed/entry/id"),
        ["https://t.example/records/r5/", "https://t.example/records/r4/", "https://t.example/records/r3/"]
    );
    assert_eq!(at(&found, "feed/entry/published")[0], "2025-02-01T09:30:00+08:00");
}

#[test]
fn without_an_address_feeds_have_tags_for_ids() {
    let site = SiteTest::from_files(&[("content/records/yi/a.md", &other("a", "2025-01-02", "", "话。"))]);
    site.edit("beilin.toml", "base_url = \"https://t.example/\"\n", "");
    let built = site.build_clean();
    assert!(at(&xml(&built, "feed.xml"), "feed/entry/id")[0].starts_with("tag:"));
    assert_eq!(attributes(&built.page("records/a/index.html"), "link[rel=canonical]", "href"), Vec::<String>::new());
}

/// The pages that say nothing by themselves, to which no search engine should lead.
const NOWHERE: [&str; 2] = ["404.html", "search/index.html"];

/// Tells whether a page is one a search engine should lead to: a report is a paper still to be written, and what goes out
/// elsewhere says again what a page says.
fn is_to_be_found(path: &str) -> bool {
    let is_channel = path.starts_with("channels/") || path.starts_with("wechat/") || path.contains("/volume/");
    !NOWHERE.contains(&path) && !is_channel && (!path.contains("/report/") || path.contains("/kind/"))
}

#[test]
fn the_sitemap_names_every_page_once() {
    let built = example();
    let found = xml(built, "sitemap.xml");
    let urls: BTreeSet<String> = at(&found, "urlset/url/loc")
        .into_iter()
        .map(|u| beilin::model::route::decode(u.strip_prefix("https://dj.yunzhou.example/").expect("below the base")))
        .collect();
    let pages: BTreeSet<String> = built
        .pages()
        .into_iter()
        .filter(|p| is_to_be_found(p))
        .map(|p| p.trim_end_matches("index.html").to_owned())
        .collect();
    assert_eq!(urls, pages);
}

#[test]
fn a_large_sitemap_is_split() {
    let site = SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}[output]\nsitemap_urls = 7\n"))]);
    for i in 1..=9 {
        site.put(&format!("content/records/yi/r{i}.md"), &other(&format!("r{i}"), "2025-01-02", "", "话。"));
    }
    let built = site.build_clean();
    let index = xml(&built, "sitemap.xml");
    let parts = at(&index, "sitemapindex/sitemap/loc");
    let mut urls = Vec::new();
    for part in &parts {
        let found = xml(&built, part.strip_prefix("https://t.example/").expect("below the base"));
        let here = at(&found, "urlset/url/loc").len();
        assert!((1..=7).contains(&here), "{part}: {here}");
        urls.extend(at(&found, "urlset/url/loc").into_iter().map(str::to_owned));
    }
    assert!(parts.len() > 2);
    assert_eq!(urls.len(), built.pages().len() - NOWHERE.len());
    site.edit("beilin.toml", "sitemap_urls = 7", "sitemap_urls = 7000");
    let whole = site.build_clean();
    assert!(!whole.has("sitemap-1.xml"), "parts nobody needs go away");
}

#[test]
fn robots_keep_away_from_what_is_not_for_all() {
    let robots = |more: &str| {
        let site = SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}{more}\n"))]);
        site.build_clean().text("robots.txt").to_owned()
    };
    assert_eq!(robots("audience = \"society\""), "User-agent: *\nAllow: /\nSitemap: https://t.example/sitemap.xml\n");
    assert_eq!(robots("audience = \"unit\""), "User-agent: *\nDisallow: /\n");
    assert_eq!(robots("audience = \"society\"\nprofile = \"intranet\""), "User-agent: *\nDisallow: /\n");
}

#[test]
fn every_json_file_parses_and_has_no_null() {
    fn no_null(v: &Value, path: &str) {
        match v {
            Value::Null => panic!("a null in {path}"),
            Value::Array(a) => a.iter().for_each(|v| no_null(v, path)),
            Value::Object(o) => o.values().for_each(|v| no_null(v, path)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let built = example();
    let all = files(built, ".json");
    assert!(all.len() > 300, "{}", all.len());
    for path in all {
        let json = built.json(path);
        if path.ends_with("index.json") || path.ends_with("datapackage.json") {
            no_null(&json, path);
        }
    }
}

#[test]
fn a_page_leads_to_the_data_beside_it() {
    let built = example();
    let mut seen = 0;
    for path in built.pages() {
        let folder = path.trim_end_matches("index.html");
        for (sort, href) in attributes(&built.page(path), "link[rel=alternate]", "type").into_iter().zip(attributes(
            &built.page(path),
            "link[rel=alternate]",
            "href",
        )) {
            assert!(!sort.is_empty(), "{path}");
            let root = folder.matches('/').count();
            let target = href.trim_start_matches("./").replacen("../", "", root).trim_start_matches('/').to_owned();
            assert!(built.has(&target), "{path} names {href}");
            seen += 1;
        }
    }
    assert!(seen > 600);
}

#[test]
fn every_csv_has_equal_rows_a_mark_and_no_formula() {
    let built = example();
    let mut tables = files(built, "list.csv");
    tables.extend(built.out.keys().map(String::as_str).filter(|p| p.starts_with("data/") && p.ends_with(".csv")));
    assert!(tables.len() > 50);
    for path in tables {
        let text =
            built.text(path).strip_prefix('\u{feff}').unwrap_or_else(|| panic!("{path} begins with a byte order mark"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().expect("a header").len();
        for row in reader.records() {
            let row = row.unwrap_or_else(|e| panic!("{path}: {e}"));
            assert_eq!(row.len(), columns, "{path}");
            assert!(row.iter().all(|c| !c.starts_with(['=', '+', '@'])), "{path}: {row:?}");
        }
        let json = built.json(&path.replace(".csv", ".json"));
        let rows = csv::Reader::from_reader(text.as_bytes()).records().count();
        assert_eq!(json.as_array().map(Vec::len), Some(rows), "{path} and its JSON have the same rows");
    }
}

#[test]
fn a_cell_a_spreadsheet_would_run_is_led_by_an_apostrophe() {
    let site = SiteTest::from_files(&[(
        "content/records/yi/a.md",
        &other("a", "2025-01-02", "place = \"=HYPERLINK(1)\"", "话。"),
    )]);
    assert!(site.build_clean().text("data/records.csv").contains(",'=HYPERLINK(1),"));
}

#[test]
fn the_data_package_describes_every_table_as_it_is() {
    let built = example();
    let package = built.json("data/datapackage.json");
    let resources = package["resources"].as_array().expect("resources");
    let named: BTreeSet<String> =
        resources.iter().map(|r| format!("data/{}", r["path"].as_str().expect("a path"))).collect();
    let there: BTreeSet<String> =
        built.out.keys().filter(|p| p.starts_with("data/") && !p.ends_with("datapackage.json")).cloned().collect();
    assert_eq!(named, there);
    for r in resources.iter().filter(|r| r["format"] == "csv") {
        let path = format!("data/{}", r["path"].as_str().expect("a path"));
        let header: Vec<&str> =
            built.text(&path).trim_start_matches('\u{feff}').lines().next().unwrap_or_default().split(',').collect();
        let fields: Vec<&str> =
            r["schema"]["fields"].as_array().expect("fields").iter().filter_map(|f| f["name"].as_str()).collect();
        assert_eq!(header, fields, "{path}");
    }
}

#[test]
fn meta_tags_are_never_empty_and_never_twice() {
    let built = example();
    for path in built.pages() {
        let page = built.page(path);
        for (css, name) in [("meta[name]", "name"), ("meta[property]", "property")] {
            let (names, contents) = (attributes(&page, css, name), attributes(&page, css, "content"));
            assert_eq!(names.len(), contents.len(), "{path}: every tag has content");
            let mut seen = BTreeMap::new();
            for (name, content) in names.into_iter().zip(contents) {
                assert!(
                    !content.trim().is_empty() && !matches!(content.trim(), "null" | "None" | "undefined"),
                    "{name} in {path}: `{content}`"
                );
                assert!(seen.insert(name.clone(), content).is_none(), "{name} twice in {path}");
            }
        }
    }
}

#[test]
fn a_record_has_the_fifteen_tags_and_dublin_core() {
    let site = SiteTest::from_files(&[(
        "content/records/yi/a.md",
        &other(
            "a",
            "2025-01-02",
            "published = \"2025-01-03T09:30\"\nkeywords = [\"学习\", \"安全\"]\nsource = \"本支部\"\nabstract = \"一句话。\"\nsecrecy = \"公开\"",
            "话。",
        ),
    )]);
    site.edit("beilin.toml", "[site]", "[identity]\ncode = \"0000000000\"\n[site]");
    let built = site.build_clean();
    let page = built.page("records/a/index.html");
    let tags: BTreeMap<String, String> =
        attributes(&page, "meta[name]", "name").into_iter().zip(attributes(&page, "meta[name]", "content")).collect();
    for (name, content) in [
        ("SiteName", "测试文存"),
        ("SiteDomain", "t.example"),
        ("SiteIDCode", "0000000000"),
        ("ColumnName", "其他记录"),
        ("ColumnType", "其他记录"),
        ("ArticleTitle", "题a"),
        ("PubDate", "2025-01-03 09:30"),
        ("ContentSource", "本支部"),
        ("Keywords", "学习,安全"),
        ("Author", "测试局第一党支部"),
        ("Description", "一句话。"),
        ("Url", "https://t.example/records/a/"),
        ("DC.title", "题a"),
        ("DC.date", "2025-01-02"),
        ("DC.identifier", "a"),
        ("DC.publisher", "测试机关"),
        ("DC.rights", "公开"),
    ] {
        assert_eq!(tags.get(name).map(String::as_str), Some(content), "{name}");
    }
    for name in ["ColumnDescription", "ColumnKeywords", "DC.creator", "DC.type", "DC.language"] {
        assert!(tags.contains_key(name), "{name}");
    }
}

#[test]
fn a_time_of_publication_is_never_made_up() {
    let site = SiteTest::from_files(&[
        ("content/records/yi/a.md", &other("a", "2025-01-02", "published = \"2025-01\"", "话。")),
        ("content/records/yi/b.md", &other("b", "2025-01-02", "published = \"2025-01-03\"", "话。")),
    ]);
    let built = site.build_clean();
    let tag = |path: &str| attributes(&built.page(path), "meta[name=PubDate]", "content");
    assert_eq!((tag("records/a/index.html"), tag("records/b/index.html")), (Vec::new(), vec!["2025-01-03".to_owned()]));
}

#[test]
fn canonical_addresses_are_the_pages_own() {
    let built = example();
    for path in built.pages().into_iter().filter(|p| is_to_be_found(p)) {
        let expected =
            format!("https://dj.yunzhou.example/{}", beilin::model::route::encode(path.trim_end_matches("index.html")));
        assert_eq!(
            attributes(&built.page(path), "link[rel=canonical]", "href"),
            std::slice::from_ref(&expected),
            "{path}"
        );
        assert_eq!(attributes(&built.page(path), "meta[property=\"og:url\"]", "content"), [expected], "{path}");
    }
}

#[test]
fn redirects_are_not_listed_and_name_the_new_address() {
    let built = example();
    let all: Vec<(&String, &Vec<u8>)> =
        built.out.iter().filter(|(p, b)| p.ends_with(".html") && is_redirect(b)).collect();
    let sitemap = built.text("sitemap.xml");
    for (path, bytes) in all {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("noindex") && text.contains("rel=\"canonical\""), "{path}");
        assert!(!sitemap.contains(&format!("/{}<", path.trim_end_matches("index.html"))), "{path}");
    }
}

#[test]
fn structured_data_parses_and_says_what_a_record_is() {
    let built = example();
    let mut sorts: BTreeMap<String, usize> = BTreeMap::new();
    for path in built.pages() {
        for text in texts(&built.page(path), "script[type=\"application/ld+json\"]") {
            let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
            assert_eq!(json["@context"], "https://schema.org", "{path}");
            let types: Vec<&str> = json["@type"].as_array().map_or_else(
                || vec![json["@type"].as_str().unwrap_or_default()],
                |a| a.iter().filter_map(Value::as_str).collect(),
            );
            for sort in types {
                *sorts.entry(sort.to_owned()).or_default() += 1;
            }
        }
    }
    for sort in ["Event", "Article", "Organization", "ArchiveComponent"] {
        assert!(sorts.contains_key(sort), "{sort} in {sorts:?}");
    }
}

#[test]
fn structured_data_cannot_end_its_script() {
    let site = SiteTest::from_files(&[(
        "content/records/yi/a.md",
        &other("a", "2025-01-02", "place = \"</script><script>alert(1)</script>\"", "话。")
            .replace("题a", "题</script><b>&"),
    )]);
    let built = site.build_clean();
    let text = built.text("records/a/index.html");
    assert!(!text.contains("<script>alert") && !text.contains("题</script>"));
    let json: Value = serde_json::from_str(
        &texts(&built.page("records/a/index.html"), "script[type=\"application/ld+json\"]").concat(),
    )
    .expect("parses");
    assert_eq!(json["name"], "题</script><b>&");
}
