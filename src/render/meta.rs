//! What machines read in a page's head: the government meta tags (domain §4.1), Dublin Core, Open
//! Graph, JSON-LD, feeds. Nothing is ever emitted empty.

use super::qr;
use super::value::Map;
use super::view::Ask;
use crate::model::query::BranchName;
use crate::model::record::Record;
use crate::model::route;
use serde_json::{Value as Json, json};
use tera::Value;

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The template's key.
    pub(super) key: &'static str,
    /// The title.
    pub(super) title: String,
    /// The description.
    pub(super) description: Option<String>,
    /// The way from the home page: label, route.
    pub(super) crumbs: Vec<(String, Option<String>)>,
    /// The picture that stands for it: an address in the site.
    pub(super) picture: Option<String>,
    /// The record it shows.
    pub(super) record: Option<usize>,
    /// JSON-LD.
    pub(super) jsonld: Option<Json>,
    /// The feed that belongs to it: title, route.
    pub(super) feed: Option<(String, String)>,
    /// Data beside it, where the site has data: type, title, route.
    pub(super) alternates: Vec<(&'static str, String, String)>,
    /// Whether search engines should pass it over.
    pub(super) noindex: bool,
    /// Whether its elements carry looks of their own.
    pub(super) styled: bool,
}

/// Returns the value of `page`.
pub(super) fn page_value(view: &Ask<'_>, head: &Head, at: &str) -> Value {
    let site = &view.config.site;
    let head_title = if at.is_empty() { site.title.clone() } else { format!("{}－{}", head.title, site.title) };
    let canonical =
        (!site.base_url.is_empty() && !head.noindex).then(|| format!("{}{}", site.base_url, route::encode(at)));
    let theme = view.theme;
    let crumbs: Vec<Value> = head
        .crumbs
        .iter()
        .map(|(label, to)| {
            Map::new().with("label", label.as_str()).maybe("url", to.as_ref().map(|t| view.url(t))).done()
        })
        .collect();
    let tags = |kind: &'static str, tags: Vec<(&'static str, String)>| -> Vec<Value> {
        let said = tags.into_iter().filter(|(_, content)| !content.trim().is_empty());
        said.map(|(name, content)| Map::new().with(kind, name).with("content", content).done()).collect()
    };
    let meta = || tags("name", meta(view, head, canonical.as_deref()));
    let og = || tags("property", open_graph(view, head, canonical.as_deref()));
    let mut feeds = vec![Map::new().with("title", site.title.as_str()).with("url", "feed.xml").done()];
    if let Some((title, url)) = &head.feed {
        feeds.push(Map::new().with("title", title.as_str()).with("url", url.as_str()).done());
    }
    let alternates: Vec<Value> = head
        .alternates
        .iter()
        .filter(|_| view.config.output.data)
        .map(|(sort, title, url)| {
            Map::new().with("type", *sort).with("title", title.as_str()).with("url", url.as_str()).done()
        })
        .collect();
    let mut page = Map::new()
        .with("key", head.key)
        .with("nav", super::view::nav_key(at))
        .with("title", head.title.as_str())
        .with("head_title", head_title)
        .with("url", view.url(at))
        .maybe("csp", super::policy::policy(view.config, head.styled))
        .with("pinned", !view.config.opens_from_folder())
        .maybe("description", head.description.as_deref().filter(|d| !d.is_empty()))
        .maybe("canonical", canonical.as_deref())
        .list("crumbs", crumbs)
        .wanted(theme, "meta", meta)
        .wanted(theme, "og", og)
        .with("feeds", feeds)
        .list("alternates", alternates);
    if head.noindex {
        page = page.with("noindex", true);
    }
    if let Some(svg) =
        canonical.as_deref().filter(|_| theme.names("qr")).and_then(|c| qr::svg(c, &view.say("record.qr")))
    {
        page = page.html("qr", &svg);
    }
    if let Some(jsonld) = &head.jsonld {
        page = page.html("jsonld", &script_json(jsonld));
    }
    page.done()
}

/// Writes JSON so that it can stand inside a script element.
pub(super) fn script_json(json: &Json) -> String {
    json.to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn domain(base_url: &str) -> String {
    base_url.split("://").nth(1).unwrap_or("").split('/').next().unwrap_or("").to_owned()
}

/// The 10 + 5 tags of government sites and Dublin Core.
fn meta(view: &Ask<'_>, head: &Head, canonical: Option<&str>) -> Vec<(&'static str, String)> {
    let site = &view.config.site;
    let mut tags = vec![
        ("SiteName", site.title.clone()),
        ("SiteDomain", domain(&site.base_url)),
        ("SiteIDCode", site.code.clone().unwrap_or_default()),
    ];
    if head.key == "home" {
        return tags;
    }
    let record = head.record.map(|r| view.record(r));
    // The column of an article is its kind; of a list, the list itself.
    let column = match record {
        Some(r) => view.kind_name(r.kind).label.get(view.lang()).to_owned(),
        None => head.title.clone(),
    };
    let description = match record {
        Some(r) => {
            format!("{}{}", view.config.site.title, view.kind_name(r.kind).label.get(view.lang()))
        }
        None => head.description.clone().unwrap_or_else(|| format!("{}{}", site.title, head.title)),
    };
    tags.extend([
        ("ColumnName", column.clone()),
        ("ColumnDescription", description),
        ("ColumnKeywords", column.clone()),
        ("ColumnType", column),
    ]);
    let Some(r) = record else { return tags };
    let author = author(view, r.branch, r.unit, r.date.as_ref());
    tags.push(("ArticleTitle", r.title.clone()));
    if let Some(p) = pub_date(r) {
        tags.push(("PubDate", p));
    }
    tags.push(("ContentSource", r.values.string("source").unwrap_or_else(|| author.clone())));
    tags.push(("Keywords", r.keywords.join(",")));
    tags.push(("Author", author.clone()));
    tags.push(("Description", r.summary.clone()));
    if let Some(picture) = &head.picture {
        tags.push(("Image", format!("{}{picture}", site.base_url)));
    }
    tags.push(("Url", canonical.unwrap_or_default().to_owned()));
    tags.extend([
        ("DC.title", r.title.clone()),
        ("DC.creator", author),
        ("DC.type", view.kind_name(r.kind).label.zh.clone()),
        ("DC.date", r.date.as_ref().map_or(String::new(), crate::model::date::ArchiveDate::iso)),
        ("DC.identifier", r.archive_number().unwrap_or_else(|| r.id.clone())),
        ("DC.language", "zh-CN".into()),
        ("DC.publisher", site.unit.clone().unwrap_or_default()),
        ("DC.rights", r.values.string("secrecy").unwrap_or_default()),
    ]);
    tags
}

/// The first publication as `yyyy-MM-dd HH:mm`; without a time where none is recorded: a time is
/// never made up.
fn pub_date(r: &Record) -> Option<String> {
    let p = r.published.as_ref()?;
    p.start.civil()?;
    Some(match p.time {
        Some((h, m)) => format!("{} {h:02}:{m:02}", p.start.iso()),
        None => p.start.iso(),
    })
}

/// Returns who a record is by: the branch under its name of the day, or the committee.
pub(super) fn author(
    view: &Ask<'_>,
    branch: Option<usize>,
    unit: Option<usize>,
    date: Option<&crate::model::date::ArchiveDate>,
) -> String {
    let branch = branch.map(|b| view.branch_name(b, date));
    by_line(view, branch.as_ref(), unit.map(|u| view.organisation(u).name.as_str()))
}

/// Writes who something is by: a branch, a committee, or the unit that runs the site.
pub(super) fn by_line(view: &Ask<'_>, branch: Option<&BranchName<'_>>, unit: Option<&str>) -> String {
    match (branch, unit) {
        (Some(b), _) => format!("{}{}", b.org.unwrap_or(""), b.name),
        (None, Some(name)) => name.to_owned(),
        (None, None) => view.config.site.unit.clone().unwrap_or_else(|| view.config.site.title.clone()),
    }
}

fn open_graph(view: &Ask<'_>, head: &Head, canonical: Option<&str>) -> Vec<(&'static str, String)> {
    let site = &view.config.site;
    let mut og = vec![
        ("og:title", head.title.clone()),
        ("og:type", if head.record.is_some() { "article" } else { "website" }.to_owned()),
        ("og:site_name", site.title.clone()),
        ("og:url", canonical.unwrap_or_default().to_owned()),
        ("og:description", head.description.clone().unwrap_or_default()),
        ("og:locale", view.lang_tag().replace('-', "_")),
    ];
    if let Some(picture) = head.picture.as_ref().filter(|_| !site.base_url.is_empty()) {
        og.push(("og:image", format!("{}{picture}", site.base_url)));
    }
    if let Some(p) = head.record.and_then(|r| view.record(r).published.as_ref()).filter(|p| p.start.civil().is_some()) {
        og.push(("article:published_time", p.start.iso()));
    }
    og
}

/// Drops empty texts and nulls from JSON-LD.
pub(super) fn prune(json: Json) -> Json {
    match json {
        Json::Object(map) => Json::Object(
            map.into_iter()
                .map(|(k, v)| (k, prune(v)))
                .filter(|(_, v)| {
                    !matches!(v, Json::Null)
                        && v.as_str() != Some("")
                        && v.as_array().is_none_or(|a| !a.is_empty())
                        && v.as_object().is_none_or(|o| !o.is_empty())
                })
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(prune).collect()),
        other => other,
    }
}

/// JSON-LD of a record: an Event, an Article of a case, or an archive component.
pub(super) fn record_jsonld(view: &Ask<'_>, record: usize) -> Json {
    let site = &view.config.site;
    let r = view.record(record);
    let class = view.kind_name(r.kind).class;
    let url = if site.base_url.is_empty() { Json::Null } else { json!(format!("{}{}", site.base_url, r.route)) };
    let organisation = json!({ "@type": "Organization", "name": author(view, r.branch, r.unit, r.date.as_ref()) });
    let own = match class {
        "meeting" | "activity" | "lesson" | "study" => json!({
            "@type": ["Event", "ArchiveComponent"],
            "startDate": r.date.as_ref().filter(|d| d.year().is_some()).map(crate::model::date::ArchiveDate::datetime),
            "location": r.values.text("place").map(|p| json!({ "@type": "Place", "name": p })),
            "organizer": organisation,
        }),
        "case" | "story" | "briefing" | "media" => json!({
            "@type": ["Article", "ArchiveComponent"],
            "headline": r.title,
            "author": organisation,
            "datePublished": r.published.as_ref().map(|d| d.start.iso()),
            "image": r.cover.as_ref().filter(|_| !site.base_url.is_empty()).map(|(u, _)| format!("{}{u}", site.base_url)),
        }),
        _ => {
            json!({ "@type": "ArchiveComponent", "creator": organisation, "dateCreated": r.date.as_ref().map(|d| d.start.iso()) })
        }
    };
    let mut all = json!({
        "@context": "https://schema.org",
        "name": r.title,
        "identifier": r.archive_number().unwrap_or_else(|| r.id.clone()),
        "url": url,
        "inLanguage": "zh-CN",
        "description": r.summary,
        "keywords": r.keywords.join(","),
        "isPartOf": { "@type": "ArchiveOrganization", "name": site.title },
    });
    if let (Some(all), Json::Object(own)) = (all.as_object_mut(), own) {
        all.extend(own);
    }
    prune(all)
}

/// JSON-LD of a branch or of the site's owner.
pub(super) fn organisation_jsonld(
    view: &Ask<'_>,
    name: &str,
    parent: Option<&str>,
    at: &str,
    founded: Option<String>,
) -> Json {
    let site = &view.config.site;
    prune(json!({
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": name,
        "parentOrganization": parent.map(|p| json!({ "@type": "Organization", "name": p })),
        "url": if site.base_url.is_empty() { String::new() } else { format!("{}{at}", site.base_url) },
        "foundingDate": founded,
    }))
}

/// The JSON beside the page at a route.
pub(super) fn json_alternate(at: &str) -> (&'static str, String, String) {
    ("application/json", "JSON".into(), format!("{at}index.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_script_cannot_end_it() {
        assert!(!script_json(&json!({ "name": "</script><script>alert(1)" })).contains('<'));
    }

    #[test]
    fn empty_texts_and_nulls_are_pruned() {
        assert_eq!(prune(json!({ "a": "", "b": null, "c": { "d": "" }, "e": [1], "f": [] })), json!({ "e": [1] }));
    }
}
