//! No page loads anything from outside the site, and every link inside it leads somewhere: a link
//! checker over the whole built example.

use crate::support::{Built, attributes, example, is_redirect};
use beilin::model::route;
use std::collections::{BTreeMap, BTreeSet};

/// The address the example is published at.
const BASE: &str = "https://dj.yunzhou.example/";

/// What loads when a page is opened: element, attribute.
const LOADING: [(&str, &str); 17] = [
    ("script", "src"),
    ("link[rel~=stylesheet]", "href"),
    ("link[rel~=icon]", "href"),
    ("link[rel~=preload]", "href"),
    ("link[rel~=manifest]", "href"),
    ("img", "src"),
    ("img", "srcset"),
    ("source", "src"),
    ("source", "srcset"),
    ("video", "src"),
    ("video", "poster"),
    ("track", "src"),
    ("audio", "src"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("image", "href"),
];

/// The addresses a visitor may follow.
const FOLLOWED: [(&str, &str); 5] =
    [("a", "href"), ("area", "href"), ("form", "action"), ("link[rel=alternate]", "href"), ("use", "href")];

/// Returns the output file an address on a page means, and its anchor; `None` if it leads outside.
fn target(page: &str, address: &str) -> Option<(String, Option<String>)> {
    let address = address.strip_prefix(BASE).map_or(address.to_owned(), |rest| format!("/{rest}"));
    if address.contains("://")
        || address.starts_with("//")
        || address.starts_with("mailto:")
        || address.starts_with("tel:")
    {
        return None;
    }
    let (path, anchor) = match address.split_once('#') {
        Some((p, a)) => (p, Some(route::decode(a))),
        None => (address.as_str(), None),
    };
    let path = path.split('?').next().unwrap_or_default();
    let mut parts: Vec<&str> =
        if path.starts_with('/') { Vec::new() } else { page.split('/').take(page.matches('/').count()).collect() };
    if path.is_empty() {
        return Some((page.to_owned(), anchor));
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => assert!(parts.pop().is_some(), "{page}: {address} leads above the site"),
            p => parts.push(p),
        }
    }
    let mut file = route::decode(&parts.join("/"));
    if path.ends_with('/') || path.ends_with("..") || path == "." || file.is_empty() {
        file = if file.is_empty() { "index.html".into() } else { format!("{file}/index.html") };
    }
    Some((file, anchor))
}

/// Returns the anchors of every page.
fn anchors(built: &Built) -> BTreeMap<String, BTreeSet<String>> {
    built
        .out
        .keys()
        .filter(|p| p.ends_with(".html"))
        .map(|p| (p.clone(), attributes(&built.page(p), "[id]", "id").into_iter().collect()))
        .collect()
}

#[test]
fn no_page_loads_anything_from_outside() {
    let built = example();
    let mut loaded = 0;
    for path in built.out.keys().filter(|p| p.ends_with(".html")) {
        let page = built.page(path);
        for (css, name) in LOADING {
            let all = attributes(&page, css, name);
            // A set of pictures: each address with its width.
            let of_set = all.iter().flat_map(|set| set.split(", ").filter_map(|one| one.split(' ').next()));
            let addresses: Vec<&str> =
                if name == "srcset" { of_set.collect() } else { all.iter().map(String::as_str).collect() };
            for address in addresses {
                let (file, _) = target(path, address).unwrap_or_else(|| panic!("{path} loads {address}"));
                assert!(built.has(&file), "{path} loads {address}, which is not there");
                loaded += 1;
            }
        }
        for style in attributes(&page, "[style]", "style") {
            assert!(!style.contains("url("), "{path}: {style}");
        }
        assert_eq!(attributes(&page, "base", "href"), Vec::<String>::new(), "{path}");
    }
    assert!(loaded > 2000);
}

#[test]
fn no_style_or_script_loads_anything_from_outside() {
    let built = example();
    for (path, bytes) in
        built.out.iter().filter(|(p, _)| p.ends_with(".css") || p.ends_with(".js") || p.ends_with(".svg"))
    {
        let text = String::from_utf8_lossy(bytes);
        let text = text.replace("http://www.w3.org/", "").replace("https://www.w3.org/", "");
        for bad in ["http://", "https://", "@import", "url(//", "xlink:href=\"http", "fetch(\"//"] {
            assert!(!text.contains(bad), "{bad} in {path}");
        }
    }
}

#[test]
fn every_link_in_the_example_leads_to_a_file_and_an_anchor_that_exist() {
    let built = example();
    let anchors = anchors(built);
    let (mut wrong, mut checked) = (BTreeSet::new(), 0);
    for path in built.out.iter().filter(|(p, b)| p.ends_with(".html") && !is_redirect(b)).map(|(p, _)| p) {
        let page = built.page(path);
        for (css, name) in FOLLOWED {
            for address in attributes(&page, css, name) {
                let Some((file, anchor)) = target(path, &address) else { continue };
                checked += 1;
                if !built.has(&file) {
                    wrong.insert(format!("{path}: {address} → no {file}"));
                } else if let Some(anchor) = anchor.filter(|a| !a.is_empty())
                    && !anchors.get(&file).is_some_and(|a| a.contains(&anchor))
                {
                    wrong.insert(format!("{path}: {address} → no #{anchor} in {file}"));
                }
            }
        }
    }
    assert!(checked > 20_000, "{checked}");
    assert!(wrong.is_empty(), "{} wrong: {:#?}", wrong.len(), wrong.iter().take(20).collect::<Vec<_>>());
}

#[test]
fn every_redirect_leads_to_a_page() {
    let built = example();
    let redirects: Vec<&String> =
        built.out.iter().filter(|(p, b)| p.ends_with(".html") && is_redirect(b)).map(|(p, _)| p).collect();
    for path in redirects {
        for address in attributes(&built.page(path), "a", "href") {
            let (file, _) = target(path, &address).expect("an old address stays in the site");
            assert!(built.has(&file), "{path}: {address}");
        }
    }
}

#[test]
fn every_page_of_the_example_is_reached_from_the_home_page() {
    let built = example();
    let mut seen: BTreeSet<String> = BTreeSet::from(["index.html".to_owned()]);
    let mut next = vec!["index.html".to_owned()];
    while let Some(path) = next.pop() {
        for address in attributes(&built.page(&path), "a", "href") {
            if let Some((file, _)) = target(&path, &address)
                && file.ends_with(".html")
                && built.has(&file)
                && seen.insert(file.clone())
            {
                next.push(file);
            }
        }
    }
    let lost: Vec<&str> = built.pages().into_iter().filter(|p| *p != "404.html" && !seen.contains(*p)).collect();
    assert!(lost.is_empty(), "{} pages nobody links to: {:?}", lost.len(), lost.iter().take(20).collect::<Vec<_>>());
}

#[test]
fn addresses_are_understood_as_a_browser_does() {
    let to = |page, address| target(page, address).map(|(f, a)| (f, a.unwrap_or_default()));
    let is = |f: &str, a: &str| Some((f.to_owned(), a.to_owned()));
    assert_eq!(to("a/b/index.html", "../../c/#x"), is("c/index.html", "x"));
    assert_eq!(to("a/index.html", "./"), is("a/index.html", ""));
    assert_eq!(to("a/index.html", "../"), is("index.html", ""));
    assert_eq!(to("index.html", "#%E4%B8%80"), is("index.html", "一"));
    assert_eq!(to("404.html", "/d/e.csv"), is("d/e.csv", ""));
    assert_eq!(to("a/index.html", "https://dj.yunzhou.example/b/"), is("b/index.html", ""));
    assert_eq!(to("a/index.html", "https://www.gov.cn/"), None);
}
