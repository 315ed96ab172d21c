//! Reports people write anyway (述职报告、总结、自评表 …): what records tell of a branch and a year, set out by a
//! [`Form`]. Facts are filled in; prose is left to people, and nothing is said that no record says.
//!
//! A report is one value made of the site and nothing else: a page and a Markdown file show no more than it holds,
//! and its digest is the answer to the page's question. `facts` makes the tables.

mod facts;

use super::Site;
use super::campaign;
use super::date::ArchiveDate;
use super::form::{Fact, Form};
use super::kind::Audience;
use super::ledger;
use super::pack;
use super::query::Index;
use super::schema::Label;
use crate::rules::cadence::{Day, State};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A report of a branch on a year.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// The form: id, what people call it, the sentence that asks for it, where that stands.
    pub form: (&'a str, &'a Label, &'a str, &'a str),
    /// The branch: id, its name at the year's end.
    pub branch: (&'a str, &'a str),
    /// The year.
    pub year: i16,
    /// The day up to which records are counted.
    pub until: String,
    /// The rubric it goes by: id, title, version.
    pub rubric: Option<(&'a str, &'a str, Option<&'a str>)>,
    /// Its parts.
    pub parts: Vec<Part<'a>>,
}

/// A part of a report.
#[derive(Debug, Serialize)]
pub struct Part<'a> {
    /// The heading.
    pub title: &'a Label,
    /// What records tell.
    pub blocks: Vec<Block<'a>>,
    /// What is to be written by hand, in the document's words; empty if nothing is.
    pub prompt: &'a str,
    /// Whether room is left for an opinion, a seal and a date.
    pub seal: bool,
}

/// A table of facts; one without rows says that nothing is recorded.
#[derive(Debug, Serialize)]
pub struct Block<'a> {
    /// What it tells.
    pub fact: Fact,
    /// What it is told of, where there are more tables of the same: a programme.
    pub of: Option<&'a str>,
    /// The heads of its columns.
    pub head: Vec<Cell<'a>>,
    /// Its rows; an empty cell is to be filled in by hand.
    pub rows: Vec<Vec<Cell<'a>>>,
    /// The row of sums.
    pub sum: Option<Vec<Cell<'a>>>,
    /// What has to be said of it.
    pub notes: Vec<Cell<'a>>,
}

/// What stands in a cell, piece by piece.
pub type Cell<'a> = Vec<Piece<'a>>;

/// A piece of a cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Piece<'a> {
    /// Words of a record or of the registry, or a number.
    Text(Cow<'a, str>),
    /// A word of the interface, by its key.
    Word(String),
    /// A sentence of the interface with its values.
    Told(&'static str, Vec<(&'static str, String)>),
    /// The name of a kind.
    Label(&'a Label),
    /// How a row of the ledger stands.
    State(State),
    /// What leads to a page of the site: title, address.
    Link(&'a str, String),
}

/// A report that a year can have: the form, and the rubric it goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// The form.
    pub form: usize,
    /// The rubric, for a form that goes by one.
    pub rubric: Option<usize>,
}

/// Tells whether a build has reports: only where nothing a branch records is withheld from its readers.
pub fn any(site: &Site) -> bool {
    ledger::shows_gaps(site.options.audience) && !site.kinds.reports.is_empty()
}

/// How many years have pages of reports: this year's are written now or early in the next. Of any other year
/// `beilin report` makes one.
const YEARS: i16 = 2;

/// Returns the years of which pages of reports are made, newest first: this year and the last, where an open branch
/// has records and a rule pack or a programme asks something of it.
pub fn years(site: &Site, index: &Index, branch: usize) -> Vec<i16> {
    if !any(site) || !site.branches[branch].is_open() {
        return Vec::new();
    }
    let has_pack = !pack::of_branch(site, &site.branches[branch]).is_empty();
    let now = site.options.as_of.year();
    let held: BTreeSet<i16> = index.of_branch(branch).iter().filter_map(|r| site.records[*r].year()).collect();
    let wanted =
        |y: &i16| (now - YEARS < *y && *y <= now) && (has_pack || !campaign::of_branch(site, branch, *y).is_empty());
    held.into_iter().rev().filter(wanted).collect()
}

/// Returns the reports of a year, in the order of the forms.
pub fn offers(site: &Site, index: &Index, branch: usize, year: i16) -> Vec<Offer> {
    let by = rubrics(site, index, branch, year);
    let of = |(form, f): (usize, &Form)| -> Vec<Offer> {
        match f.rubric {
            true => by.iter().map(|r| Offer { form, rubric: Some(*r) }).collect(),
            false => vec![Offer { form, rubric: None }],
        }
    };
    site.kinds.reports.iter().enumerate().flat_map(of).collect()
}

/// Returns the rubrics a branch is assessed by in a year: those of its programmes, then those of its score sheets.
pub fn rubrics(site: &Site, index: &Index, branch: usize, year: i16) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let programmes = campaign::of_branch(site, branch, year);
    let of_programmes = programmes.iter().filter_map(|p| site.programmes[*p].rubric);
    let sheets = index.of_branch(branch).iter().map(|r| &site.records[*r]).filter(|r| r.year() == Some(year));
    let of_sheets = sheets
        .filter(|r| r.values.rows("scores").next().is_some())
        .filter_map(|r| site.rubrics.iter().position(|rubric| Some(rubric.id.as_str()) == r.values.text("rubric")));
    for rubric in of_programmes.chain(of_sheets) {
        if !found.contains(&rubric) {
            found.push(rubric);
        }
    }
    found
}

/// Makes a report; `None` if the site has no such form, or no rubric where the form goes by one.
pub fn report<'a>(site: &'a Site, index: &Index, branch: usize, year: i16, offer: Offer) -> Option<Report<'a>> {
    let form = site.kinds.reports.get(offer.form)?;
    let rubric = match form.rubric {
        true => Some(offer.rubric?),
        false => None,
    };
    let last = pack::day_of(site.options.as_of).min((year, 12, 31));
    let scene = Scene { site, index, branch, year, last, rubric, of_branch: index.of_branch(branch) };
    let parts = form.sections.iter().map(|section| Part {
        title: &section.title,
        blocks: section.facts.iter().flat_map(|asked| facts::blocks(&scene, asked)).collect(),
        prompt: &section.prompt,
        seal: section.seal,
    });
    let (y, m, d) = last;
    let until = format!("{y:04}-{m:02}-{d:02}");
    let b = &site.branches[branch];
    Some(Report {
        form: (&form.id, &form.label, &form.told, &form.source),
        branch: (&b.id, b.name_at(ArchiveDate::parse(&until).as_ref())),
        year,
        rubric: rubric.map(|r| &site.rubrics[r]).map(|r| (r.id.as_str(), r.title.as_str(), r.version.as_deref())),
        parts: parts.collect(),
        until,
    })
}

/// Tells whether a build's readers may be told everything a report needs.
pub fn is_whole(audience: Audience) -> bool {
    ledger::shows_gaps(audience)
}

/// What making one report needs again and again.
struct Scene<'a, 'i> {
    site: &'a Site,
    index: &'i Index,
    branch: usize,
    year: i16,
    /// The last day of the year, or the day of the build.
    last: Day,
    rubric: Option<usize>,
    /// The branch's records, newest first.
    of_branch: &'i [usize],
}
