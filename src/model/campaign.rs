//! A programme (创建方案) on a day: who has filed what, how counts stand to limits and targets, what the
//! score sheets add up to, who has a plan of its own. Everything is read off records and honours and shown
//! with its sum; nothing here decides what a body has to decide.
//!
//! What a programme is on a day is one value, [`Campaign`], made of the site and nothing else: a page shows
//! no more than it holds, and its digest is the answer to the page's question. Who is missing is part of it
//! only in builds for the unit itself; others see practice.

mod counts;
mod lists;
mod scores;
mod tasks;

pub use counts::{Candidate, Counting, Finding, GateOn, GoalOn, LimitOn};
pub use lists::{BranchLists, Derived, Kept, Measure};
pub use scores::{Cell, Sheet, SheetRow, Sheets};
pub use tasks::{DueOn, Filer, StageOn, TaskOn};

use super::Site;
use super::branch::Branch;
use super::date::ArchiveDate;
use super::honour::{Honour, State};
use super::kind::Audience;
use super::programme::{Programme, Stage};
use super::record::Record;
use super::route;
use crate::diagnostic::Diagnostic;
use crate::rules::cadence::Span;
use crate::rules::programme::Day;
use serde::Serialize;

/// A programme on the day of the build.
#[derive(Debug, Serialize)]
pub struct Campaign<'a> {
    /// Whether readers of this build may see who is missing.
    pub gaps: bool,
    /// How many branches it concerns, and how many units.
    pub scope: (usize, usize),
    /// Its stages with what they ask for.
    pub stages: Vec<StageOn<'a>>,
    /// Who has come to each step of its procedure; only in builds for the unit.
    pub steps: Vec<Vec<Link<'a>>>,
    /// Its limits with their sums.
    pub limits: Vec<LimitOn<'a>>,
    /// Its targets with their sums.
    pub targets: Vec<GoalOn<'a>>,
    /// The branches that applied, and what the gates find of each; only in builds for the unit.
    pub gates: Vec<Candidate<'a>>,
    /// The score sheets of each branch and year, side by side.
    pub sheets: Vec<Sheets<'a>>,
    /// The plans derived from it by units, then by branches.
    pub derived: [Vec<Derived<'a>>; 2],
    /// The list, the plan and the measures of each branch (一支部一清单一方案).
    pub lists: Vec<BranchLists<'a>>,
}

/// A thing a page leads to: its title, its address, its day.
#[derive(Debug, Clone, Serialize)]
pub struct Link<'a> {
    /// The title.
    pub title: &'a str,
    /// Where it is published.
    pub route: String,
    /// When.
    pub date: Option<&'a ArchiveDate>,
}

/// Who does something: a branch, a unit, the body in charge.
#[derive(Debug, Clone, Serialize)]
pub struct Who<'a> {
    /// The id; empty for a body that is no organisation of the site.
    pub id: &'a str,
    /// The name.
    pub name: &'a str,
    /// Where it is published.
    pub route: Option<String>,
}

/// Works a programme out for the day of the build.
pub fn campaign(site: &Site, at: usize) -> Campaign<'_> {
    let scene = Scene::new(site, at);
    let gaps = scene.gaps;
    Campaign {
        gaps,
        scope: (scene.branches.len(), scene.units.len()),
        stages: tasks::stages(&scene, &scene.programme.stages),
        steps: if gaps { counts::steps(&scene) } else { Vec::new() },
        limits: counts::limits(&scene),
        targets: counts::targets(&scene),
        gates: if gaps { counts::gates(&scene) } else { Vec::new() },
        sheets: scores::sheets(&scene),
        derived: lists::derived(&scene),
        lists: lists::lists(&scene),
    }
}

/// Returns what a programme asked one branch for, and what was there of it on a day; stages that began later or
/// are not of the years asked for are the caller's to leave out.
pub fn tasks_of<'a>(
    site: &'a Site,
    at: usize,
    branch: usize,
    of_branch: &[usize],
    today: Day,
) -> Vec<(&'a Stage, TaskOn<'a>)> {
    let programme = &site.programmes[at];
    let belongs = |r: &usize| site.records[*r].campaigns.contains(&at) && has_happened(&site.records[*r], today);
    let records = of_branch.iter().rev().copied().filter(belongs).collect();
    let gaps = site.options.audience >= Audience::Unit;
    let scene = Scene { site, at, programme, today, gaps, branches: vec![branch], units: Vec::new(), records };
    tasks::of_branch(&scene, &programme.stages, &site.branches[branch].id)
}

/// Returns the programmes that concern a branch in a year, oldest first.
pub fn of_branch(site: &Site, branch: usize, year: i16) -> Vec<usize> {
    let day = day_of(site.options.as_of).min((year, 12, 31));
    let whole = Span { from: (year, 1, 1), to: (year, 12, 31) };
    let holds = |p: &Programme| {
        let begin = p.from.as_ref().or(p.date.as_ref());
        super::pack::force(begin, p.to.as_ref()).and(whole).is_some()
            && begin.and_then(first_day).is_none_or(|first| first <= day)
            && branches_on(site, p, day).contains(&branch)
    };
    (0..site.programmes.len()).rev().filter(|p| holds(&site.programmes[*p])).collect()
}

/// Returns a branch's score sheets of a year by a rubric, side by side; `records` are those of the branch, newest
/// first. A programme that assesses by the rubric names the sources of marks and the pass mark.
pub fn sheets_of<'a>(
    site: &'a Site,
    programme: Option<usize>,
    rubric: usize,
    (branch, year): (usize, i16),
    records: &[usize],
) -> Sheets<'a> {
    let assessment = programme.and_then(|p| site.programmes[p].assessment.as_ref());
    let gaps = site.options.audience >= Audience::Unit;
    scores::of_branch(&scores::Side { site, assessment, gaps }, rubric, branch, year, records)
}

/// Tells what does not agree: counts beyond their limits, score sheets that do not add up.
pub(super) fn check(site: &Site, out: &mut Vec<Diagnostic>) {
    for at in 0..site.programmes.len() {
        counts::check(&Scene::new(site, at), out);
    }
    scores::check(site, out);
}

/// What working out one programme needs again and again.
struct Scene<'a> {
    site: &'a Site,
    at: usize,
    programme: &'a Programme,
    today: Day,
    gaps: bool,
    /// The branches it concerns on the day, in the order of the directory.
    branches: Vec<usize>,
    /// Their units, in the order of the directory.
    units: Vec<usize>,
    /// Its records up to the day, oldest first.
    records: Vec<usize>,
}

impl<'a> Scene<'a> {
    fn new(site: &'a Site, at: usize) -> Scene<'a> {
        let programme = &site.programmes[at];
        let today = day_of(site.options.as_of);
        let branches = branches_on(site, programme, today);
        let mut units: Vec<usize> = branches.iter().filter_map(|b| unit_of(site, programme, *b)).collect();
        units.sort_unstable();
        units.dedup();
        let belongs = |r: &usize| site.records[*r].campaigns.contains(&at) && has_happened(&site.records[*r], today);
        let records = (0..site.records.len()).rev().filter(belongs).collect();
        let gaps = site.options.audience >= Audience::Unit;
        Scene { site, at, programme, today, gaps, branches, units, records }
    }

    fn link(&self, record: usize) -> Link<'a> {
        link(self.site, record)
    }

    fn links(&self, ids: &[String]) -> Vec<Link<'a>> {
        ids.iter().filter_map(|id| self.site.record(id)).map(|r| self.link(r)).collect()
    }

    fn branch(&self, branch: usize) -> Who<'a> {
        branch_who(self.site, branch)
    }

    fn unit(&self, unit: usize) -> Who<'a> {
        let o = &self.site.organisations[unit];
        Who { id: &o.id, name: o.short.as_deref().unwrap_or(&o.name), route: Some(route::organisation(&o.id)) }
    }

    /// The body in charge: the one that issued the programme.
    fn body(&self) -> Who<'a> {
        match self.programme.issuer_unit {
            Some(unit) => self.unit(unit),
            None => Who { id: "", name: self.programme.issuer.as_deref().unwrap_or_default(), route: None },
        }
    }

    /// The honours of the programme.
    fn honours(&self) -> impl Iterator<Item = &'a Honour> + use<'a> {
        let at = self.at;
        self.site.honours.iter().filter(move |h| h.programme == Some(at))
    }

    fn unit_of(&self, branch: usize) -> Option<usize> {
        unit_of(self.site, self.programme, branch)
    }

    fn branches_of(&self, unit: usize, day: Day) -> Vec<usize> {
        branches_on(self.site, self.programme, day.min(self.today))
            .into_iter()
            .filter(|b| self.unit_of(*b) == Some(unit))
            .collect()
    }
}

/// Returns a record as others lead to it.
pub(super) fn link(site: &Site, record: usize) -> Link<'_> {
    let r = &site.records[record];
    Link { title: r.short.as_deref().unwrap_or(&r.title), route: r.route.clone(), date: r.sort_date() }
}

fn branch_who(site: &Site, branch: usize) -> Who<'_> {
    let b = &site.branches[branch];
    Who { id: &b.id, name: b.short.as_deref().unwrap_or(&b.name), route: Some(route::branch(&b.id)) }
}

fn day_of(date: jiff::civil::Date) -> Day {
    (date.year(), date.month() as u8, date.day() as u8)
}

/// Returns the day of the calendar; the 31st of a shorter month is its last.
fn civil((year, month, day): Day) -> Option<jiff::civil::Date> {
    let last = crate::rules::programme::days_in(year, month);
    jiff::civil::Date::new(year, month as i8, day.min(last) as i8).ok()
}

pub(super) fn first_day(date: &ArchiveDate) -> Option<Day> {
    date.start.earliest()
}

fn last_day(date: &ArchiveDate) -> Option<Day> {
    date.end.unwrap_or(date.start).latest()
}

/// Tells whether a record's day is not after `today`; one that is not dated is not held to be later.
pub(super) fn has_happened(r: &Record, today: Day) -> bool {
    r.sort_date().and_then(first_day).is_none_or(|d| d <= today)
}

/// Tells whether an honour is held on a day.
pub(super) fn is_live(h: &Honour, day: jiff::civil::Date) -> bool {
    h.state(day) == State::Named
}

/// Tells whether a branch is there on a day: founded, and neither dissolved nor merged into another yet.
fn is_there(b: &Branch, day: Day) -> bool {
    const ENDS: [&str; 3] = ["dissolved", "merged_into", "split_into"];
    let founded = b.founded.as_ref().and_then(first_day);
    let ended = b.events.iter().filter(|e| ENDS.contains(&e.event.as_str())).find_map(|e| first_day(&e.date));
    founded.is_none_or(|f| f <= day) && ended.map_or(b.is_open(), |end| day < end)
}

/// The branches a programme concerns on a day: all of the site, or those of the unit whose plan it is.
fn branches_on(site: &Site, p: &Programme, day: Day) -> Vec<usize> {
    let below = |b: &Branch| p.unit.is_none_or(|unit| above(site, b.parent).any(|o| o == unit));
    (0..site.branches.len()).filter(|i| is_there(&site.branches[*i], day) && below(&site.branches[*i])).collect()
}

/// An organisation and those above it.
fn above(site: &Site, from: Option<usize>) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(from, |o| site.organisations[*o].parent)
}

/// The unit (单位) of a branch: the organisation right below the body that issued the programme; where that
/// body is not above the branch, the organisation right above the branch.
fn unit_of(site: &Site, p: &Programme, branch: usize) -> Option<usize> {
    let parent = site.branches[branch].parent?;
    let chain: Vec<usize> = above(site, Some(parent)).collect();
    let issuer = p.issuer_unit.and_then(|issuer| chain.iter().position(|o| *o == issuer));
    Some(match issuer {
        Some(0) | None => parent,
        Some(at) => chain[at - 1],
    })
}
