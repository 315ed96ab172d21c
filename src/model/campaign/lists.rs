//! Plans derived from a programme, and each branch's one list and one plan (一支部一清单一方案) with what is
//! to be done, by whom, until when.

use super::{Link, Scene, Who, first_day, last_day};
use crate::model::date::ArchiveDate;
use crate::model::record::Record;
use crate::model::route;
use crate::model::schema::Values;
use crate::rules::programme::{Standing, standing};
use serde::Serialize;

/// The form of a record that is a list.
const LIST: &str = "清单";
/// The form of a record that is a plan.
const PLAN: &str = "方案";

/// Who has derived a plan of its own, and which.
#[derive(Debug, Serialize)]
pub struct Derived<'a> {
    /// The unit or the branch.
    pub who: Who<'a>,
    /// Its plans; none if it has none.
    pub plans: Vec<Link<'a>>,
}

/// The list and the plan of a branch, and its measures.
#[derive(Debug, Serialize)]
pub struct BranchLists<'a> {
    /// The branch.
    pub who: Who<'a>,
    /// The list (清单).
    pub list: Kept<'a>,
    /// The plan (方案).
    pub plan: Kept<'a>,
    /// What is to be done.
    pub measures: Vec<Measure<'a>>,
}

/// The live record of a form, and others that were not superseded by it.
#[derive(Debug, Serialize)]
pub struct Kept<'a> {
    /// The latest one that no other replaces.
    pub live: Option<Link<'a>>,
    /// Others that nothing replaces either.
    pub others: Vec<Link<'a>>,
}

/// A problem or task, its measure, owner and deadline, and how it stands.
#[derive(Debug, Serialize)]
pub struct Measure<'a> {
    /// The problem or the task.
    pub problem: &'a str,
    /// What is done about it.
    pub measure: &'a str,
    /// Who does it.
    pub owner: Option<String>,
    /// Until when.
    pub deadline: Option<&'a ArchiveDate>,
    /// When it was done.
    pub done: Option<&'a ArchiveDate>,
    /// Who verified it.
    pub verifier: Option<String>,
    /// The records behind it.
    pub evidence: Vec<Link<'a>>,
    /// The record it stands in.
    pub from: Link<'a>,
    /// How it stands on the day.
    pub standing: Standing,
}

fn is_plan(scene: &Scene<'_>, r: &Record, form: &str) -> bool {
    scene.site.kind(r).class == "plan" && r.values.text("form") == Some(form)
}

/// The plans of units, then of branches; who has none stands there only in builds for the unit.
pub(super) fn derived<'a>(scene: &Scene<'a>) -> [Vec<Derived<'a>>; 2] {
    let site = scene.site;
    let plans = |is_theirs: &dyn Fn(&Record) -> bool| -> Vec<Link<'a>> {
        let of = |r: &&usize| is_plan(scene, &site.records[**r], PLAN) && is_theirs(&site.records[**r]);
        scene.records.iter().filter(of).map(|r| scene.link(*r)).collect()
    };
    let units = scene.units.iter().map(|u| {
        let own = site.programmes.iter().filter(|p| p.parent == Some(scene.at) && p.unit == Some(*u));
        let own = own.map(|p| Link {
            title: p.short.as_deref().unwrap_or(&p.title),
            route: route::programme(&p.id),
            date: p.date.as_ref(),
        });
        let plans = own.chain(plans(&|r| r.unit == Some(*u))).collect();
        Derived { who: scene.unit(*u), plans }
    });
    let branches =
        scene.branches.iter().map(|b| Derived { who: scene.branch(*b), plans: plans(&|r| r.branch == Some(*b)) });
    let shown = |d: &Derived<'_>| scene.gaps || !d.plans.is_empty();
    [units.filter(shown).collect(), branches.filter(shown).collect()]
}

pub(super) fn lists<'a>(scene: &Scene<'a>) -> Vec<BranchLists<'a>> {
    let of_branch = |branch: &usize| {
        let records: Vec<usize> =
            scene.records.iter().copied().filter(|r| scene.site.records[*r].branch == Some(*branch)).collect();
        let (list, from_list) = kept(scene, &records, LIST);
        let (plan, from_plan) = kept(scene, &records, PLAN);
        let mut measures: Vec<Measure<'a>> =
            from_list.into_iter().chain(from_plan).flat_map(|r| items(scene, r)).collect();
        measures.extend(records.iter().filter_map(|r| rectification(scene, *r)));
        BranchLists { who: scene.branch(*branch), list, plan, measures }
    };
    let is_empty = |l: &BranchLists<'_>| l.list.live.is_none() && l.plan.live.is_none() && l.measures.is_empty();
    scene.branches.iter().map(of_branch).filter(|l| scene.gaps || !is_empty(l)).collect()
}

/// Finds the live record of a form among a branch's, oldest first.
fn kept<'a>(scene: &Scene<'a>, records: &[usize], form: &str) -> (Kept<'a>, Option<usize>) {
    let stands = |r: &&usize| {
        let r = &scene.site.records[**r];
        r.corrected_by.is_none() && is_plan(scene, r, form)
    };
    let mut standing: Vec<usize> = records.iter().filter(stands).copied().collect();
    let live = standing.pop();
    let others = standing.into_iter().rev().map(|r| scene.link(r)).collect();
    (Kept { live: live.map(|r| scene.link(r)), others }, live)
}

fn items<'a>(scene: &Scene<'a>, record: usize) -> Vec<Measure<'a>> {
    scene.site.records[record].values.rows("items").map(|row| measure(scene, record, row, "task")).collect()
}

fn rectification<'a>(scene: &Scene<'a>, record: usize) -> Option<Measure<'a>> {
    let r = &scene.site.records[record];
    (scene.site.kind(r).class == "rectification").then(|| measure(scene, record, &r.values, "problem"))
}

fn measure<'a>(scene: &Scene<'a>, record: usize, row: &'a Values, problem: &str) -> Measure<'a> {
    let person = |key: &str| row.person(key).map(crate::model::schema::Person::text).or_else(|| row.string(key));
    let (deadline, done) = (row.date("deadline"), row.date("done"));
    let done_by_now = done.filter(|d| first_day(d).is_none_or(|d| d <= scene.today));
    let filed = done_by_now.map(|d| (first_day(d), last_day(d)));
    let ids: Vec<String> = row.texts("evidence").into_iter().chain(row.string("evidence")).collect();
    Measure {
        problem: row.text(problem).unwrap_or_default(),
        measure: row.text("measure").unwrap_or_default(),
        owner: person("owner"),
        deadline,
        done: done_by_now,
        verifier: person("verifier").filter(|_| done_by_now.is_some()),
        evidence: scene.links(&ids),
        from: scene.link(record),
        standing: standing(deadline.and_then(last_day), filed, scene.today),
    }
}
