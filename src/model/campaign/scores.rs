//! Score sheets (测评): sums, points against the rubric, the four sources side by side.

use super::{Link, Scene, Who, branch_who, has_happened, link};
use crate::diagnostic::Diagnostic;
use crate::model::Site;
use crate::model::programme::{Assessment, Rubric};
use crate::model::record::Record;
use crate::model::schema::Values;
use crate::rules::programme::{Mistake, Points, ScoreRow, check_scores};
use crate::say;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The score sheets of a branch in a year.
#[derive(Debug, Serialize)]
pub struct Sheets<'a> {
    /// The branch.
    pub who: Who<'a>,
    /// The year.
    pub year: Option<i16>,
    /// One sheet for each source of marks.
    pub sheets: Vec<Sheet<'a>>,
    /// The items, those of the rubric in its order.
    pub rows: Vec<SheetRow<'a>>,
    /// The sources of marks the programme asks for that are not there; only in builds for the unit.
    pub missing: Vec<&'a str>,
    /// The pass mark, and whether the mark itself passes.
    pub pass: Option<(Points, bool)>,
    /// Whether the totals differ.
    pub differ: bool,
}

/// One sheet.
#[derive(Debug, Serialize)]
pub struct Sheet<'a> {
    /// Who marked: 自评, 互评, 上级考核, 抽查.
    pub origin: &'a str,
    /// The record.
    pub record: Link<'a>,
    /// The sum of the rows.
    pub sum: Points,
    /// The most the rows give together.
    pub full: Points,
    /// The total as stated.
    pub stated: Option<Points>,
    /// Whether the sum reaches the pass mark; not told of a sheet that shows only a part of the rubric.
    pub reaches: Option<bool>,
    /// Whether the sheet shows the whole rubric.
    pub is_whole: bool,
}

/// One item across the sheets.
#[derive(Debug, Serialize)]
pub struct SheetRow<'a> {
    /// The item's title.
    pub item: &'a str,
    /// What each sheet gives.
    pub cells: Vec<Option<Cell<'a>>>,
    /// Whether they differ.
    pub differ: bool,
}

/// What a sheet gives for an item.
#[derive(Debug, Serialize)]
pub struct Cell<'a> {
    /// The points given.
    pub score: Points,
    /// The most.
    pub full: Points,
    /// Why points were taken.
    pub reason: Option<&'a str>,
}

fn is_sheet(r: &Record) -> bool {
    r.values.rows("scores").next().is_some()
}

fn rubric_of<'a>(site: &'a Site, r: &Record) -> Option<&'a Rubric> {
    let id = r.values.text("rubric")?;
    site.rubrics.iter().find(|rubric| rubric.id == id)
}

/// Where an item of a sheet stands in its rubric: dimension, criterion, title, points.
struct Place<'a> {
    order: (usize, usize),
    title: &'a str,
    points: Option<Points>,
}

/// Finds the criterion or the dimension an item names, by id or title; a dimension also by words of its
/// title that no other has, as forms shorten it.
fn place<'a>(rubric: &'a Rubric, item: &str) -> Option<Place<'a>> {
    let item = item.strip_prefix(rubric.id.as_str()).and_then(|r| r.strip_prefix('/')).unwrap_or(item).trim();
    for (d, dimension) in rubric.dimensions.iter().enumerate() {
        if let Some(c) = dimension.criteria.iter().position(|c| c.id == item || c.title == item) {
            let criterion = &dimension.criteria[c];
            return Some(Place {
                order: (d, c + 1),
                title: &criterion.title,
                points: criterion.points.map(Points::of),
            });
        }
    }
    let exact = rubric.dimensions.iter().position(|d| d.id == item || d.title == item);
    let d = exact.or_else(|| shortened(rubric, item))?;
    let dimension = &rubric.dimensions[d];
    let points: Option<Vec<Points>> = dimension.criteria.iter().map(|c| c.points.map(Points::of)).collect();
    let points = points.filter(|p| !p.is_empty()).map(|p| p.into_iter().sum());
    Some(Place { order: (d, 0), title: &dimension.title, points })
}

/// Finds the one dimension whose title holds the words of an item.
fn shortened(rubric: &Rubric, item: &str) -> Option<usize> {
    let holds = |d: &usize| item.chars().count() > 1 && rubric.dimensions[*d].title.contains(item);
    let mut found = (0..rubric.dimensions.len()).filter(holds);
    found.next().filter(|_| found.next().is_none())
}

fn score_row(row: &Values, rubric: Option<&Rubric>) -> ScoreRow {
    let points = |key: &str| Points::of(row.number(key).unwrap_or_default());
    let item = row.text("item").unwrap_or_default();
    ScoreRow {
        full: points("full"),
        score: points("score"),
        rubric: rubric.and_then(|rubric| place(rubric, item)).and_then(|p| p.points),
    }
}

/// Tells of sheets that do not add up, or do not go by their rubric.
pub(super) fn check(site: &Site, out: &mut Vec<Diagnostic>) {
    for r in site.records.iter().filter(|r| is_sheet(r)) {
        let rubric = rubric_of(site, r);
        let rows: Vec<&Values> = r.values.rows("scores").collect();
        let scores: Vec<ScoreRow> = rows.iter().map(|row| score_row(row, rubric)).collect();
        let total = r.values.number("total").map(Points::of);
        let full = rubric.and_then(|r| r.full).map(Points::of);
        let d = &site.docs[r.doc];
        for mistake in check_scores(&scores, total, full, total.is_some() && is_whole(rubric, &rows)) {
            let (span, message) = match mistake {
                Mistake::OverFull(i) => {
                    let (score, full) = (scores[i].score.text(), scores[i].full.text());
                    (rows[i].span("score"), say!("得分 {score} 高于满分 {full}", "{score} points of {full}"))
                }
                Mistake::OtherPoints(i, points) => {
                    let (full, points) = (scores[i].full.text(), points.text());
                    let message =
                        say!("满分写的是 {full}，标准规定 {points} 分", "{full} points here, {points} in the rubric");
                    (rows[i].span("full"), message)
                }
                Mistake::OtherTotal(sum) => {
                    let (sum, stated) = (added(&scores, |s| s.score, sum), total.unwrap_or_default().text());
                    let message =
                        say!("总分写的是 {stated}，各项合计 {sum}", "the total says {stated}, the items make {sum}");
                    (r.values.span("total"), message)
                }
                Mistake::OtherFull(sum) => {
                    let (sum, full) = (added(&scores, |s| s.full, sum), full.unwrap_or_default().text());
                    let message =
                        say!("各项满分合计 {sum}，标准总分 {full}", "the items' points make {sum}, the rubric {full}");
                    (rows.first().and_then(|row| row.span("full")), message)
                }
            };
            let hint = say!("请核对原表；分数照原样发布", "check the form; points are published as they are");
            out.push(Diagnostic::warning("scores", &d.shown, span, message).hint(hint));
        }
    }
}

/// Writes a sum out: 25 + 23 = 48.
fn added(rows: &[ScoreRow], of: impl Fn(&ScoreRow) -> Points, sum: Points) -> String {
    let parts: Vec<String> = rows.iter().map(|r| of(r).text()).collect();
    format!("{} = {}", parts.join(" + "), sum.text())
}

/// Tells whether a sheet means to show the whole rubric: each dimension is there, or its items are its own.
fn is_whole(rubric: Option<&Rubric>, rows: &[&Values]) -> bool {
    let Some(rubric) = rubric else { return false };
    let places: Vec<Option<Place<'_>>> =
        rows.iter().map(|row| place(rubric, row.text("item").unwrap_or_default())).collect();
    let covered: BTreeSet<usize> = places.iter().flatten().map(|p| p.order.0).collect();
    covered.is_empty() || covered.len() == rubric.dimensions.len()
}

/// The sheets of a programme: its own records, and those by its rubrics that name no programme at all.
pub(super) fn sheets<'a>(scene: &Scene<'a>) -> Vec<Sheets<'a>> {
    let site = scene.site;
    let p = scene.programme;
    let by_rubric = |r: &Record| {
        let id = r.values.text("rubric");
        r.campaigns.is_empty() && p.rubric.iter().chain(&p.rubrics).any(|n| Some(site.rubrics[*n].id.as_str()) == id)
    };
    let mut by_branch: BTreeMap<(usize, std::cmp::Reverse<Option<i16>>), Vec<usize>> = BTreeMap::new();
    for (i, r) in site.records.iter().enumerate() {
        let belongs = r.campaigns.contains(&scene.at) || by_rubric(r);
        if let (true, Some(branch)) = (is_sheet(r) && belongs && has_happened(r, scene.today), r.branch) {
            by_branch.entry((branch, std::cmp::Reverse(r.year()))).or_default().push(i);
        }
    }
    let side = Side { site, assessment: p.assessment.as_ref(), gaps: scene.gaps };
    by_branch.into_iter().map(|((branch, year), records)| side_by_side(&side, branch, year.0, &records)).collect()
}

/// A branch's sheets of a year by one rubric, whatever programme they name.
pub(super) fn of_branch<'a>(
    side: &Side<'a>,
    rubric: usize,
    branch: usize,
    year: i16,
    newest_first: &[usize],
) -> Sheets<'a> {
    let site = side.site;
    let id = site.rubrics[rubric].id.as_str();
    let is_of = |r: &Record| is_sheet(r) && r.year() == Some(year) && r.values.text("rubric") == Some(id);
    let records: Vec<usize> = newest_first.iter().copied().filter(|r| is_of(&site.records[*r])).collect();
    side_by_side(side, branch, Some(year), &records)
}

/// What sheets are set side by side by: the sources of marks and the pass mark of a programme.
pub(super) struct Side<'a> {
    pub(super) site: &'a Site,
    pub(super) assessment: Option<&'a Assessment>,
    pub(super) gaps: bool,
}

/// An item across sheets: its place in the rubric, its title.
type Item<'a> = ((usize, usize), &'a str);

fn side_by_side<'a>(side: &Side<'a>, branch: usize, year: Option<i16>, newest_first: &[usize]) -> Sheets<'a> {
    let site = side.site;
    let asked: Vec<&'a str> = side.assessment.iter().flat_map(|a| &a.origins).map(String::as_str).collect();
    let origin = |r: usize| site.records[r].values.text("origin").unwrap_or_default();
    // The newest sheet of a source counts; sources stand in the programme's order, others after them.
    let mut chosen: Vec<usize> = Vec::new();
    for r in newest_first {
        if !chosen.iter().any(|c| origin(*c) == origin(*r)) {
            chosen.push(*r);
        }
    }
    chosen.sort_by_key(|r| (asked.iter().position(|o| *o == origin(*r)).unwrap_or(usize::MAX), *r));
    let pass = pass_mark(side, &chosen);
    let mut sheets = Vec::new();
    let mut rows: BTreeMap<Item<'a>, Vec<Option<Cell<'a>>>> = BTreeMap::new();
    for (at, r) in chosen.iter().enumerate() {
        let record = &site.records[*r];
        let rubric = rubric_of(site, record);
        let scores: Vec<ScoreRow> = record.values.rows("scores").map(|row| score_row(row, rubric)).collect();
        for (i, (row, score)) in record.values.rows("scores").zip(&scores).enumerate() {
            let item = row.text("item").unwrap_or_default();
            let key =
                rubric.and_then(|rubric| place(rubric, item)).map_or(((usize::MAX, i), item), |p| (p.order, p.title));
            let cells = rows.entry(key).or_insert_with(|| chosen.iter().map(|_| None).collect());
            cells[at] = Some(Cell { score: score.score, full: score.full, reason: row.text("reason") });
        }
        let sum: Points = scores.iter().map(|s| s.score).sum();
        let most: Points = scores.iter().map(|s| s.full).sum();
        let is_whole = rubric.and_then(|r| r.full).is_none_or(|full| Points::of(full) == most);
        sheets.push(Sheet {
            origin: origin(*r),
            record: link(site, *r),
            sum,
            full: most,
            stated: record.values.number("total").map(Points::of),
            reaches: pass.filter(|_| is_whole).map(|(mark, inclusive)| sum.reach(mark, inclusive)),
            is_whole,
        });
    }
    let rows = rows.into_iter().map(|((_, item), cells)| {
        let given: BTreeSet<Points> = cells.iter().flatten().map(|c| c.score).collect();
        SheetRow { item, differ: given.len() > 1, cells }
    });
    Sheets {
        who: branch_who(site, branch),
        year,
        rows: rows.collect(),
        missing: match side.gaps {
            true => asked.into_iter().filter(|o| !sheets.iter().any(|s| s.origin == *o)).collect(),
            false => Vec::new(),
        },
        pass,
        differ: sheets.iter().filter(|s| s.is_whole).map(|s| s.sum).collect::<BTreeSet<_>>().len() > 1,
        sheets,
    }
}

/// The pass mark of the programme, else of the rubric the sheets go by. “95分以上” takes the mark in, as
/// official usage has it, unless the programme says otherwise.
fn pass_mark(side: &Side<'_>, sheets: &[usize]) -> Option<(Points, bool)> {
    let own = side.assessment;
    let rubric = sheets.first().and_then(|r| rubric_of(side.site, &side.site.records[*r]));
    let mark = own.and_then(|a| a.pass).or_else(|| rubric.and_then(|r| r.pass))?;
    Some((Points::of(mark), own.and_then(|a| a.inclusive).unwrap_or(true)))
}
