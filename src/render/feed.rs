//! Atom feeds (RFC 4287): of the site, of a branch, of a kind. No entry says when the site was
//! built: a feed changes only with its records.

use super::view::Ask;
use super::{meta, record};
use crate::model::date::ArchiveDate;
use crate::model::query::{Entry, Selection};
use crate::model::route;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// Writes the feed of a selection.
pub(super) fn feed(v: &Ask<'_>, selection: Selection, at: &str) -> String {
    // Without an address of the site, links lead from the feed's own place.
    let base = &match v.config.site.base_url.as_str() {
        "" => route::root_of(at),
        base => base.to_owned(),
    };
    let records: Vec<Entry<'_>> =
        v.newest(selection, v.config.output.feed_items).into_iter().map(|i| v.entry(i)).collect();
    let title = match (selection.branch, selection.kind) {
        (Some(b), _) => v.branch_name(b, None).name.to_owned(),
        (None, Some(k)) => format!("{}·{}", v.config.site.title, v.kind_name(k).label.get(v.lang())),
        (None, None) => v.config.site.title.clone(),
    };
    let updated = records.iter().map(updated).max().unwrap_or_else(|| EPOCH.to_owned());
    let write = || -> io::Result<Vec<u8>> {
        let mut w = Writer::new_with_indent(Vec::new(), b' ', 1);
        w.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        w.create_element("feed")
            .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
            .with_attribute(("xml:lang", v.lang_tag()))
            .write_inner_content(|w| {
                text(w, "title", &title)?;
                text(w, "id", &id(&v.config.site.base_url, at))?;
                text(w, "updated", &updated)?;
                link(w, "self", &format!("{base}{at}"))?;
                link(w, "alternate", &format!("{base}{}", at.trim_end_matches("feed.xml")))?;
                w.create_element("author").write_inner_content(|w| {
                    text(w, "name", v.config.site.unit.as_deref().unwrap_or(&v.config.site.title))
                })?;
                for r in &records {
                    entry(w, v, r, base)?;
                }
                Ok(())
            })?;
        Ok(w.into_inner())
    };
    // Writing into memory cannot fail.
    let bytes = write().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default() + "\n"
}

/// The time of a feed without records, and of records without a known day.
const EPOCH: &str = "1970-01-01T00:00:00+08:00";

fn entry(w: &mut Writer<Vec<u8>>, v: &Ask<'_>, r: &Entry<'_>, base: &str) -> io::Result<()> {
    w.create_element("entry").write_inner_content(|w| {
        text(w, "title", r.title)?;
        text(w, "id", &id(&v.config.site.base_url, r.route))?;
        text(w, "updated", &updated(r))?;
        if r.published.is_some_and(|d| d.start.civil().is_some()) {
            text(w, "published", &updated(r))?;
        }
        link(w, "alternate", &format!("{base}{}", route::encode(r.route)))?;
        w.create_element("author")
            .write_inner_content(|w| text(w, "name", &meta::by_line(v, r.branch.as_ref(), r.unit)))?;
        w.create_element("category")
            .with_attribute(("term", r.kind.id))
            .with_attribute(("label", r.kind.label.get(v.lang())))
            .write_empty()?;
        w.create_element("summary")
            .with_attribute(("type", "html"))
            .write_text_content(BytesText::new(&record::paragraph(r.summary)))?;
        Ok(())
    })?;
    Ok(())
}

fn text(w: &mut Writer<Vec<u8>>, name: &str, content: &str) -> io::Result<()> {
    let clean: String = content.chars().filter(|c| !c.is_control()).collect();
    w.create_element(name).write_text_content(BytesText::new(&clean))?;
    Ok(())
}

fn link(w: &mut Writer<Vec<u8>>, rel: &str, href: &str) -> io::Result<()> {
    w.create_element("link").with_attribute(("rel", rel)).with_attribute(("href", href)).write_empty()?;
    Ok(())
}

/// A permanent id: the address, or a tag where the site's address is not known.
fn id(base: &str, at: &str) -> String {
    if base.is_empty() { format!("tag:beilin.invalid,2026:{at}") } else { format!("{base}{at}") }
}

/// When a record was published, else when it happened; a day without a time begins at midnight in
/// Beijing.
fn updated(r: &Entry<'_>) -> String {
    let date = r.published.filter(|d| d.start.civil().is_some()).or(r.date);
    let stamp = |d: &ArchiveDate| {
        let (y, m, day) = d.start.earliest()?;
        let (h, min) = d.time.unwrap_or((0, 0));
        Some(format!("{y:04}-{m:02}-{day:02}T{h:02}:{min:02}:00+08:00"))
    };
    date.and_then(stamp).unwrap_or_else(|| EPOCH.to_owned())
}
