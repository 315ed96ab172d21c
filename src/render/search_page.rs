//! The search page, and the file that tells the script in the browser what it must know of this site: its
//! words, the marks of its kinds, who answers. A file, not a part of every page, because most readers of a
//! page never search.

use super::meta::{Head, script_json};
use super::page::Page;
use super::value::Map;
use super::view::Ask;
use crate::model::route;
use crate::plan::list::ListOf;
use serde_json::json;
use std::collections::BTreeMap;
use tera::Value;

/// Makes the search page. The ways to the lists stand on it for those who have not asked yet, found
/// nothing, or have no scripts.
pub(super) fn page(v: &Ask<'_>) -> Page {
    let item = |label: &str, url: &str| Map::new().with("label", label).with("url", v.url(url)).done();
    let years: Vec<Value> = v
        .years_held()
        .map(|y| item(&v.theme.say("text.year", &[("year", y.to_string())]), &v.list(ListOf::Year(y))))
        .collect();
    let kinds: Vec<Value> = v
        .kinds_held()
        .map(|k| Map::new().with("kind", v.kind(k)).with("url", v.url(&v.list(ListOf::Kind(k)))).done())
        .collect();
    let branches: Vec<Value> =
        v.branches().iter().map(|b| item(b.short.as_deref().unwrap_or(&b.name), &route::branch(&b.id))).collect();
    let head = Head { key: "search", title: v.say("text.search"), noindex: true, ..Head::default() };
    let context = Map::new().list("years", years).list("kinds", kinds).list("branches", branches);
    Page::new("search.html", head, context)
}

/// Writes the words as a script, because a page opened from a folder may load scripts and nothing else.
pub(super) fn words(v: &Ask<'_>) -> String {
    let say: BTreeMap<&str, &str> = v.theme.strings("search.ui.").collect();
    let marks: BTreeMap<&str, &str> =
        v.kinds_held().map(|k| v.kind_name(k)).map(|kind| (kind.label.get(v.lang()), kind.mark)).collect();
    let search = &v.config.search;
    let words = json!({
        "endpoint": search.endpoint.as_ref().map(|url| json!({ "url": url, "kind": search.endpoint_kind.word() })),
        "index": v.config.output.index_in_links,
        "marks": marks,
        "say": say,
    });
    format!("self.BeilinSearchWords={};\n", script_json(&words))
}
