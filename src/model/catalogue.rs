//! Catalogues of disclosure (公开目录) as read: which items are made known, to whom, how, how often and how long.
//!
//! A catalogue is a file of `content/catalogues/`. What documents call 及时 has no period: such an item is
//! made known when there is something, and nothing is ever missing of it.

use super::branch::{Branch, Organisation};
use super::date::ArchiveDate;
use super::kind::Audience;
use super::pack;
use super::schema::Values;
use crate::diagnostic::Diagnostic;
use crate::parse::Document;
use crate::rules::cadence::{Period, Span};
use crate::rules::disclosure::How;
use crate::say;
use serde::{Deserialize, Serialize};

/// A catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Catalogue {
    /// The document it was read from.
    pub doc: usize,
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// A short title.
    pub short: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The document's number (文号).
    pub docno: Option<String>,
    /// The date of the document.
    pub date: Option<ArchiveDate>,
    /// When it is in force.
    pub force: Span,
    /// Where it is from.
    pub source: Option<String>,
    /// Whether the four steps of each posting are to be recorded (登记程序).
    pub steps: bool,
    /// The types of branch it holds for; all if empty.
    pub types: Vec<String>,
    /// The organisations it holds for, by id.
    pub units: Vec<String>,
    /// Its items.
    pub items: Vec<Item>,
    /// What it is about.
    pub summary: Option<String>,
}

/// Who makes an item known (由谁公开).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Per {
    /// 每个支部.
    Branch,
    /// 党组织: the organisations the catalogue names.
    Organisation,
}

/// An item of a catalogue (公开事项).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    /// The id within the catalogue.
    pub id: String,
    /// The title; what is left of a posting's own when it has been taken down.
    pub title: String,
    /// Other names that records give it.
    pub also: Vec<String>,
    /// To whom, in words.
    pub scope: Option<String>,
    /// The widest circle of readers a record of it is published for.
    pub audience: Option<Audience>,
    /// How.
    pub how: How,
    /// The least days of a notice.
    pub days: Option<u32>,
    /// Whether those are working days.
    pub workdays: bool,
    /// By whom.
    pub per: Per,
    /// How often; `None` where it is made known when there is something.
    pub period: Option<Period>,
    /// The sentence of the document.
    pub text: String,
    /// The article.
    pub basis: Option<String>,
    /// The row of the source.
    pub source: Option<String>,
    /// How the sentence is read.
    pub note: Option<String>,
}

impl Catalogue {
    /// Tells whether it holds for a branch.
    pub fn holds_for(&self, branch: &Branch) -> bool {
        self.types.is_empty() || branch.sort.as_ref().is_some_and(|s| self.types.contains(s))
    }

    /// Tells whether it names an organisation.
    pub fn names(&self, organisation: &Organisation) -> bool {
        self.units.contains(&organisation.id)
    }
}

impl Item {
    fn is_called(&self, word: &str) -> bool {
        self.id == word || self.title == word || self.also.iter().any(|a| a == word)
    }
}

/// Finds an item by id, title or another name, in any catalogue or in the one named before a stroke.
pub fn find(catalogues: &[Catalogue], word: &str) -> Option<(usize, usize)> {
    let word = word.trim();
    let at = |(c, i): (usize, &Catalogue), word: &str| Some((c, i.items.iter().position(|i| i.is_called(word))?));
    let anywhere = catalogues.iter().enumerate().find_map(|c| at(c, word));
    anywhere.or_else(|| {
        let (catalogue, word) = word.split_once('/')?;
        catalogues.iter().enumerate().filter(|(_, c)| c.id == catalogue).find_map(|c| at(c, word))
    })
}

/// Reads a catalogue's values; `None` without an id.
pub(super) fn read(d: &Document, v: &Values, doc: usize, out: &mut Vec<Diagnostic>) -> Option<Catalogue> {
    Some(Catalogue {
        doc,
        id: v.string("id")?,
        title: v.string("title").unwrap_or_default(),
        short: v.string("short"),
        issuer: v.string("issuer"),
        docno: v.string("docno"),
        date: v.date("date").cloned(),
        force: pack::force(v.date("from"), v.date("to")),
        source: v.string("source"),
        steps: v.flag("steps"),
        types: v.texts("types"),
        units: v.texts("units"),
        items: v.rows("items").filter_map(|r| item(d, r, out)).collect(),
        summary: v.string("summary"),
    })
}

fn item(d: &Document, r: &Values, out: &mut Vec<Diagnostic>) -> Option<Item> {
    let how = match r.text("how")? {
        "notice" => How::Notice,
        _ => How::Open,
    };
    let mut complain = |key: &str, message| {
        out.push(Diagnostic::error("bad-value", &d.shown, r.span(key), message));
    };
    let days = r.int("days");
    if let Some(n) = days.filter(|n| !(1..=1000).contains(n)) {
        complain("days", say!("公示天数应在 1 到 1000 之间，这里是 {n}", "days lie between 1 and 1000, not {n}"));
    } else if days.is_some() && how == How::Open {
        complain(
            "days",
            say!("公开的事项长期挂出，没有公示天数", "an item that stays (`how = \"open\"`) has no least days"),
        );
    }
    Some(Item {
        id: r.string("id")?,
        title: r.string("title")?,
        also: r.texts("also"),
        scope: r.string("scope"),
        audience: r.text("audience").and_then(Audience::parse),
        how,
        days: days.and_then(|n| u32::try_from(n).ok()),
        workdays: r.flag("workdays"),
        per: match r.text("per") {
            Some("organisation") => Per::Organisation,
            _ => Per::Branch,
        },
        period: match r.text("period") {
            Some("month") => Some(Period::Month),
            Some("quarter") => Some(Period::Quarter),
            Some("half") => Some(Period::Half),
            Some("year") => Some(Period::Year),
            _ => None,
        },
        text: r.string("text").unwrap_or_default(),
        basis: r.string("basis"),
        source: r.string("source"),
        note: r.string("note"),
    })
}
