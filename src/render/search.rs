//! What the search index knows of the site's pages: what they print, and nothing they do not.

use super::Result;
use super::view::{Ask, View};
use crate::diagnostic::Lang;
use crate::digest::Digest;
use crate::model::date::ArchiveDate;
use crate::model::schema::{Field, FieldType, FieldValue, Values};
use crate::model::{Site, route};
use crate::parse::markdown::{self, Options, TitleHeading};
use crate::search::entry::{Entry, Face, Part, Section};
use rayon::prelude::*;

/// A page with a text of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Record(usize),
    Branch(usize),
    Programme(usize),
    Rubric(usize),
    Text(usize),
}

/// The pages that are found, oldest first; what has no date stands before.
pub struct Pages<'a> {
    view: &'a View<'a>,
    site: &'a Site,
    pages: Vec<Page>,
}

/// A date as far as it is known; empty for a masked year, which could stand anywhere.
fn known(date: Option<&ArchiveDate>) -> String {
    date.filter(|d| d.year().is_some()).map_or_else(String::new, |d| d.start.iso())
}

impl<'a> Pages<'a> {
    pub(super) fn of(view: &'a View<'a>, site: &'a Site) -> Pages<'a> {
        let records = (0..site.records.len()).map(Page::Record);
        let others = (0..site.branches.len())
            .map(Page::Branch)
            .chain((0..site.programmes.len()).map(Page::Programme))
            .chain((0..site.rubrics.len()).map(Page::Rubric))
            .chain((0..site.pages.len()).map(Page::Text));
        let mut placed: Vec<((String, String), Page)> =
            records.chain(others).map(|page| (place(site, page), page)).collect();
        placed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Pages { view, site, pages: placed.into_iter().map(|(_, page)| page).collect() }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Returns the page that prints a document.
    pub fn of_doc(&self, doc: usize) -> Option<usize> {
        self.pages.iter().position(|p| self.doc(*p) == Some(doc))
    }

    /// Returns a digest of everything the index would know of each.
    pub fn keys(&self) -> Vec<Digest> {
        (0..self.pages.len()).into_par_iter().map(|n| self.key(n)).collect()
    }

    /// Returns a digest of everything the index would know of one, without reading its text.
    pub fn key(&self, n: usize) -> Digest {
        let page = self.pages[n];
        let digest = self.doc(page).map(|d| self.site.docs[d].digest);
        let is_stub = matches!(page, Page::Record(i) if self.site.records[i].is_stub());
        Digest::of_value(&(self.face(page), digest, is_stub))
    }

    /// Reads one.
    pub fn entry(&self, n: usize) -> Result<Entry> {
        let page = self.pages[n];
        let face = self.face(page);
        let sections = match self.doc(page) {
            Some(doc) => self.sections(doc, &face.title)?,
            None => Vec::new(),
        };
        Ok(Entry { face, sections })
    }

    /// Returns what facets and filters call kinds and branches.
    pub fn labels(&self) -> serde_json::Value {
        let v = self.view.ask(None);
        let mut kinds: Vec<usize> = self.site.records.iter().map(|r| r.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds = kinds.into_iter().map(|k| {
            let name = v.kind_name(k);
            serde_json::json!([name.id, name.label.get(self.view.lang())])
        });
        let branches = (0..self.site.branches.len()).map(|b| {
            let name = v.branch_name(b, None);
            let mut honours: Vec<&str> = v
                .honours_of(b)
                .filter(|h| v.state(h) == crate::model::honour::State::Named)
                .map(|h| h.sort.as_str())
                .collect();
            honours.sort_unstable();
            honours.dedup();
            serde_json::json!([name.id, name.name, name.short, name.org.unwrap_or(""), honours])
        });
        serde_json::json!({ "kinds": kinds.collect::<Vec<_>>(), "branches": branches.collect::<Vec<_>>() })
    }

    fn doc(&self, page: Page) -> Option<usize> {
        match page {
            Page::Record(i) => Some(self.site.records[i].doc),
            Page::Branch(i) => self.site.branches[i].doc,
            Page::Programme(i) => Some(self.site.programmes[i].doc),
            Page::Rubric(i) => Some(self.site.rubrics[i].doc),
            Page::Text(i) => Some(self.site.pages[i].doc),
        }
    }

    /// Returns the text of a body under the headings that open its parts, with the page's anchors.
    fn sections(&self, doc: usize, title: &str) -> Result<Vec<Section>> {
        let text = self.view.ask(Some(doc)).text(doc)?;
        let options = Options {
            title: TitleHeading::DropIfSame(title),
            reserved_ids: super::body::RESERVED,
            ..Options::default()
        };
        let passages = markdown::passages(&text.body(), &options);
        Ok(passages.into_iter().map(|p| Section { anchor: p.anchor, heading: p.heading, text: p.text }).collect())
    }

    fn face(&self, page: Page) -> Face {
        let v = self.view.ask(self.doc(page));
        match page {
            Page::Record(i) => self.record(&v, i),
            Page::Branch(i) => self.branch(&v, i),
            Page::Programme(i) => {
                let p = &v.programmes()[i];
                let mut fields = Fields::default();
                fields.add(Part::Title, p.short.as_deref());
                fields.add(Part::Number, p.docno.as_deref());
                fields.add(Part::Other, p.issuer.as_deref());
                p.principles.iter().for_each(|text| fields.add(Part::Other, Some(text)));
                for stage in &p.stages {
                    fields.add(Part::Other, Some(&stage.title));
                    stage.asks.iter().for_each(|text| fields.add(Part::Other, Some(text)));
                }
                self.other(&route::programme(&p.id), &p.title, p.date.as_ref(), fields)
            }
            Page::Rubric(i) => {
                let r = &v.rubrics()[i];
                let mut fields = Fields::default();
                fields.add(Part::Other, r.issuer.as_deref());
                for dimension in &r.dimensions {
                    fields.add(Part::Other, Some(&dimension.title));
                    for criterion in &dimension.criteria {
                        fields.add(Part::Other, Some(&criterion.title));
                        fields.add(Part::Other, criterion.text.as_deref());
                    }
                }
                self.other(&route::rubric(&r.id), &r.title, r.date.as_ref(), fields)
            }
            Page::Text(i) => {
                let p = &v.pages()[i];
                let mut fields = Fields::default();
                fields.add(Part::Other, p.summary.as_deref());
                self.other(&p.route, &p.title, None, fields)
            }
        }
    }

    fn other(&self, route: &str, title: &str, date: Option<&ArchiveDate>, fields: Fields) -> Face {
        Face {
            url: self.view.url(route),
            title: title.to_owned(),
            kind: None,
            branch: None,
            date: date.map_or_else(String::new, |d| self.shown(d)),
            iso: known(date),
            fields: fields.0,
        }
    }

    fn shown(&self, date: &ArchiveDate) -> String {
        match self.view.lang() {
            Lang::Zh => date.start.zh(),
            Lang::En => date.start.iso(),
        }
    }

    fn record(&self, v: &Ask<'_>, i: usize) -> Face {
        let (r, row) = (v.record(i), v.row(i));
        let kind = v.kind_name(r.kind);
        let branch = r.branch.map(|b| v.branch_name(b, r.date.as_ref()));
        let label = kind.label.get(self.view.lang());
        let mut fields = Fields::default();
        fields.add(Part::Title, r.short.as_deref());
        fields.add(Part::Kind, Some(label));
        if let Some(branch) = &branch {
            fields.add(Part::Branch, Some(branch.name));
            fields.add(Part::Branch, Some(branch.short));
            fields.add(Part::Branch, branch.org);
        }
        fields.add(Part::Branch, r.unit.map(|u| v.organisation(u).name.as_str()));
        fields.add(Part::Branch, r.group.as_deref());
        fields.add(Part::Number, Some(row.id));
        fields.add(Part::Number, row.docno.as_deref());
        fields.add(Part::Number, row.archive_number.as_deref());
        fields.add(Part::Other, row.place.as_deref());
        r.keywords.iter().for_each(|word| fields.add(Part::Other, Some(word)));
        fields.add(Part::Other, r.values.text("abstract"));
        fields.values(v, r.kind, &r.values);
        r.files.iter().for_each(|f| fields.add(Part::Attachment, Some(&f.name)));
        Face {
            url: self.view.url(&r.route),
            title: r.title.clone(),
            kind: Some((kind.id.to_owned(), label.to_owned())),
            branch: branch.map(|b| (b.id.to_owned(), b.short.to_owned())),
            date: r.sort_date().map_or_else(String::new, |d| self.shown(d)),
            iso: known(r.sort_date()),
            fields: fields.0,
        }
    }

    fn branch(&self, v: &Ask<'_>, i: usize) -> Face {
        let b = v.branch(i);
        let name = v.branch_name(i, None);
        let mut fields = Fields::default();
        fields.add(Part::Branch, b.short.as_deref());
        fields.add(Part::Branch, name.org);
        for old in &b.names {
            fields.add(Part::Branch, Some(&old.name));
            fields.add(Part::Branch, old.short.as_deref());
        }
        fields.add(Part::Other, b.brand.as_deref());
        fields.add(Part::Other, b.motto.as_deref());
        fields.add(Part::Other, b.sort.as_deref());
        for post in b.terms.iter().flat_map(|t| &t.posts) {
            fields.add(Part::People, Some(&post.post));
            fields.add(Part::People, post.name.as_deref());
        }
        for honour in v.honours_of(i) {
            fields.add(Part::Other, Some(&honour.sort));
        }
        Face {
            branch: Some((b.id.clone(), name.short.to_owned())),
            ..self.other(&route::branch(&b.id), &b.name, None, fields)
        }
    }
}

/// Where a page stands: its date, then its address.
fn place(site: &Site, page: Page) -> (String, String) {
    match page {
        Page::Record(i) => (known(site.records[i].sort_date()), site.records[i].route.clone()),
        Page::Branch(i) => (String::new(), route::branch(&site.branches[i].id)),
        Page::Programme(i) => (known(site.programmes[i].date.as_ref()), route::programme(&site.programmes[i].id)),
        Page::Rubric(i) => (known(site.rubrics[i].date.as_ref()), route::rubric(&site.rubrics[i].id)),
        Page::Text(i) => (String::new(), site.pages[i].route.clone()),
    }
}

/// Texts of a page's front matter, each once.
#[derive(Default)]
struct Fields(Vec<(Part, String)>);

impl Fields {
    fn add(&mut self, part: Part, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else { return };
        if !self.0.iter().any(|(p, t)| *p == part && t == text) {
            self.0.push((part, text.to_owned()));
        }
    }

    /// Adds what a kind's own keys hold, as far as a page may print it.
    fn values(&mut self, v: &Ask<'_>, kind: usize, values: &Values) {
        for field in v.schema(kind).fields.iter().filter(|f| !f.private && !v.is_core(kind, &f.key)) {
            if let Some(value) = values.get(&field.key) {
                self.value(field, value);
            }
        }
    }

    fn value(&mut self, field: &Field, value: &FieldValue) {
        match (field.sort, value) {
            // Addresses of other things: what they are called is found there.
            (
                FieldType::Record | FieldType::Records | FieldType::Rubric | FieldType::Org | FieldType::Branch,
                FieldValue::Text(_) | FieldValue::List(_),
            ) => {}
            (_, FieldValue::Text(text)) => {
                let label = field.option_labels.get(text).map_or(text.as_str(), String::as_str);
                self.add(Part::Other, Some(label));
            }
            (_, FieldValue::Person(person)) => self.add(Part::People, Some(&person.text())),
            (_, FieldValue::List(items)) => items.iter().for_each(|item| self.value(field, &item.value)),
            (_, FieldValue::Tally(tally)) => tally.iter().for_each(|(key, _)| self.add(Part::Other, Some(key))),
            (_, FieldValue::Row(row)) => {
                for column in field.columns.iter().filter(|c| !c.private) {
                    if let Some(value) = row.get(&column.key) {
                        self.value(column, value);
                    }
                }
            }
            (_, FieldValue::Int(_) | FieldValue::Number(_) | FieldValue::Bool(_) | FieldValue::Date(_)) => {}
        }
    }
}
