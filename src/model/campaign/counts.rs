//! Limits, targets and gates: what is counted, against what, with the whole sum.

use super::{Link, Scene, Who, civil, first_day, is_live, last_day};
use crate::diagnostic::{Diagnostic, Say};
use crate::model::date::ArchiveDate;
use crate::model::honour::{Event, Honour};
use crate::model::programme::{Counted, Gate, Goal, Limit, Looks, Per};
use crate::model::route;
use crate::rules::programme::{Day, Fit};
use crate::say;
use serde::Serialize;
use std::collections::BTreeSet;

/// A limit on the day (数量要求).
#[derive(Debug, Serialize)]
pub struct LimitOn<'a> {
    /// The limit as written.
    pub limit: &'a Limit,
    /// Whether it is in force on the day.
    pub is_in_force: bool,
    /// What is counted for each.
    pub rows: Vec<Counting<'a>>,
}

/// A count of a unit, a branch or a cohort.
#[derive(Debug, Serialize)]
pub struct Counting<'a> {
    /// Whose; none where the cohort alone counts.
    pub who: Option<Who<'a>>,
    /// Of which cohort (批次).
    pub cohort: Option<&'a str>,
    /// How many.
    pub count: u64,
    /// What was counted.
    pub things: Vec<Link<'a>>,
    /// How many branches the share is taken of.
    pub base: Option<u64>,
    /// The most there may be, of number and share the smaller.
    pub most: Option<u64>,
    /// How the count stands to it.
    pub fit: Fit,
    /// Whether more can no longer come: the limit is past, or the cohort is named.
    pub is_settled: bool,
}

/// One thing counted: the branch, the cohort, its link, what it counts as.
struct Thing<'a> {
    branch: Option<usize>,
    unit: Option<usize>,
    cohort: Option<&'a str>,
    day: Option<Day>,
    what: String,
    link: Link<'a>,
}

fn honour_thing<'a>(scene: &Scene<'a>, h: &'a Honour, event: &'a Event) -> Thing<'a> {
    let name = scene.branch(h.branch).name;
    Thing {
        branch: Some(h.branch),
        unit: scene.unit_of(h.branch),
        cohort: h.cohort.as_deref(),
        day: first_day(&event.date),
        what: scene.site.branches[h.branch].id.clone(),
        link: Link { title: name, route: route::honour(&h.id), date: Some(&event.date) },
    }
}

fn record_thing<'a>(scene: &Scene<'a>, record: usize, what: String) -> Thing<'a> {
    let r = &scene.site.records[record];
    Thing {
        branch: r.branch,
        unit: r.branch.map_or(r.unit, |b| scene.unit_of(b)),
        cohort: None,
        day: r.sort_date().and_then(first_day),
        what,
        link: scene.link(record),
    }
}

/// Returns the branches that have come to each step of the procedure, with the day of its latest time.
pub(super) fn steps<'a>(scene: &Scene<'a>) -> Vec<Vec<Link<'a>>> {
    let as_of = scene.site.options.as_of;
    let at = |word: &str| -> Vec<Link<'a>> {
        let latest = |h: &'a Honour| h.until(as_of).filter(|e| e.event == word).last();
        scene.honours().filter_map(|h| Some(honour_thing(scene, h, latest(h)?).link)).collect()
    };
    scene.programme.steps.iter().map(|s| s.event.as_deref().map_or_else(Vec::new, at)).collect()
}

/// Returns everything of what a limit counts, up to the day; films are known by words.
fn things<'a>(scene: &Scene<'a>, what: Counted, words: &[String]) -> Vec<Thing<'a>> {
    let by_event = |word: &str| -> Vec<Thing<'a>> {
        let event = |h: &'a Honour| h.until(scene.site.options.as_of).find(|e| e.event == word);
        scene.honours().filter_map(|h| Some(honour_thing(scene, h, event(h)?))).collect()
    };
    let records = |name: &dyn Fn(usize) -> Option<String>| -> Vec<Thing<'a>> {
        scene.records.iter().filter_map(|r| Some(record_thing(scene, *r, name(*r)?))).collect()
    };
    let r = |i: usize| &scene.site.records[i];
    match what {
        Counted::Candidates => by_event("applied"),
        Counted::Recommended => by_event("recommended"),
        Counted::Named => by_event("named"),
        Counted::Brands => records(&|i| {
            let is_case = scene.site.kind(r(i)).class == "case";
            r(i).values.string("brand").filter(|_| is_case)
        }),
        Counted::Films => records(&|i| {
            let is_film = |word: &String| r(i).title.contains(word) || r(i).keywords.contains(word);
            words.iter().any(is_film).then(|| r(i).id.clone())
        }),
    }
}

pub(super) fn limits<'a>(scene: &Scene<'a>) -> Vec<LimitOn<'a>> {
    scene.programme.limits.iter().map(|limit| limit_on(scene, limit)).collect()
}

fn limit_on<'a>(scene: &Scene<'a>, limit: &'a Limit) -> LimitOn<'a> {
    let (from, to) = (limit.from.as_ref().and_then(first_day), limit.to.as_ref().and_then(last_day));
    let covers = |day: Option<Day>| match day {
        Some(day) => from.is_none_or(|f| f <= day) && to.is_none_or(|t| day <= t),
        None => true,
    };
    let found: Vec<Thing<'a>> =
        things(scene, limit.what, &limit.keywords).into_iter().filter(|t| covers(t.day)).collect();
    let named: BTreeSet<Option<&str>> = things(scene, Counted::Named, &[]).iter().map(|t| t.cohort).collect();
    let mut cohorts: Vec<Option<&'a str>> = found.iter().map(|t| t.cohort).collect();
    cohorts.sort_unstable();
    cohorts.dedup();
    if cohorts.is_empty() && limit.min.is_some_and(|m| m > 0) && limit.per != Per::Cohort {
        cohorts.push(None);
    }
    let mut rows = Vec::new();
    for cohort in cohorts {
        let of_cohort: Vec<&Thing<'a>> = found.iter().filter(|t| t.cohort == cohort).collect();
        let is_settled = to.is_some_and(|t| t < scene.today) || named.contains(&cohort);
        let mut add = |who: Option<Who<'a>>, theirs: Vec<&Thing<'a>>, base: Option<u64>| {
            rows.push(counting(limit, who, cohort, &theirs, base, is_settled));
        };
        match limit.per {
            Per::Cohort => add(None, of_cohort, Some(scene.branches.len() as u64)),
            Per::Unit => {
                for unit in &scene.units {
                    let theirs: Vec<&Thing<'a>> = of_cohort.iter().copied().filter(|t| t.unit == Some(*unit)).collect();
                    let day = theirs.iter().filter_map(|t| t.day).min().unwrap_or(scene.today);
                    let base = scene.branches_of(*unit, day).len() as u64;
                    add(Some(scene.unit(*unit)), theirs, Some(base));
                }
            }
            Per::Branch => {
                for branch in &scene.branches {
                    let theirs = of_cohort.iter().copied().filter(|t| t.branch == Some(*branch)).collect();
                    add(Some(scene.branch(*branch)), theirs, None);
                }
            }
        }
    }
    // A row of nothing says something only where something was asked for, and only to the unit itself.
    let tells = |row: &Counting<'_>| row.count > 0 || scene.gaps && (row.fit != Fit::Within || limit.per == Per::Unit);
    rows.retain(tells);
    let is_in_force = from.is_none_or(|f| f <= scene.today) && to.is_none_or(|t| scene.today <= t);
    LimitOn { limit, is_in_force, rows }
}

fn counting<'a>(
    limit: &Limit,
    who: Option<Who<'a>>,
    cohort: Option<&'a str>,
    things: &[&Thing<'a>],
    base: Option<u64>,
    is_settled: bool,
) -> Counting<'a> {
    // One branch or one brand counts once, however often it is told.
    let kinds: BTreeSet<&str> = things.iter().map(|t| t.what.as_str()).collect();
    let count = kinds.len() as u64;
    let base = base.filter(|_| limit.share.is_some());
    let by_share = limit.share.zip(base).map(|(share, base)| share.of_count(base, limit.rounding));
    let most = [limit.max, by_share].into_iter().flatten().min();
    let links = things.iter().map(|t| t.link.clone()).collect();
    Counting { who, cohort, count, things: links, base, most, fit: Fit::of(count, limit.min, most), is_settled }
}

/// Tells of counts beyond their limits, with the sum. Too few are told of only when no more can come.
pub(super) fn check(scene: &Scene<'_>, out: &mut Vec<Diagnostic>) {
    let d = &scene.site.docs[scene.programme.doc];
    for on in limits(scene) {
        for row in &on.rows {
            let message = match row.fit {
                Fit::Over => over(on.limit, row),
                Fit::Under if row.is_settled && scene.gaps => under(on.limit, row),
                Fit::Under | Fit::Within => continue,
            };
            let text = &on.limit.text;
            out.push(
                Diagnostic::warning("limit", &d.shown, on.limit.span.clone(), message)
                    .hint(say!("原文：{text}", "as written: {text}")),
            );
        }
    }
}

/// Names whose count it is: 市公安局，2025年批次.
fn whose(row: &Counting<'_>) -> Say {
    let who = row.who.as_ref().map(|w| w.name).unwrap_or_default();
    match row.cohort {
        Some(cohort) if who.is_empty() => say!("{cohort} 批次", "cohort {cohort}"),
        Some(cohort) => say!("{who}（{cohort} 批次）", "{who} (cohort {cohort})"),
        None => say!("{who}", "{who}"),
    }
}

impl Counting<'_> {
    /// Returns the sum of the most there may be: 12 个支部 × 10% = 1.2，舍去小数 → 1; none where no share is taken.
    pub fn sum(&self, limit: &Limit) -> Option<Say> {
        Some(limit.share?.sum(self.base?, limit.rounding))
    }
}

fn over(limit: &Limit, row: &Counting<'_>) -> Say {
    let (whose, count, most) = (whose(row), row.count, row.most.unwrap_or_default());
    let sum = row.sum(limit).unwrap_or_else(|| say!("至多 {most}", "at most {most}"));
    Say {
        zh: format!("`{}`：{}已有 {count}，{}", limit.id, whose.zh, sum.zh),
        en: format!("`{}`: {} has {count}; {}", limit.id, whose.en, sum.en),
    }
}

fn under(limit: &Limit, row: &Counting<'_>) -> Say {
    let (whose, count, min) = (whose(row), row.count, limit.min.unwrap_or_default());
    Say {
        zh: format!("`{}`：{}有 {count}，至少 {min}", limit.id, whose.zh),
        en: format!("`{}`: {} has {count}; at least {min} are asked for", limit.id, whose.en),
    }
}

/// A target on the day (覆盖目标).
#[derive(Debug, Serialize)]
pub struct GoalOn<'a> {
    /// The target as written.
    pub goal: &'a Goal,
    /// How many branches there are on the target's day, or today if that comes first.
    pub base: u64,
    /// How many of them reach the share.
    pub needed: u64,
    /// How many the planned share makes.
    pub planned: Option<u64>,
    /// The branches that reached it by then.
    pub reached: Vec<Link<'a>>,
    /// How many of these still hold it today.
    pub kept: u64,
    /// How many hold it today.
    pub now: u64,
    /// `met`, `short` once the day is past, `under_way` before, `undated` where the year is masked.
    pub standing: &'static str,
}

pub(super) fn targets<'a>(scene: &Scene<'a>) -> Vec<GoalOn<'a>> {
    scene.programme.targets.iter().map(|goal| goal_on(scene, goal)).collect()
}

fn goal_on<'a>(scene: &Scene<'a>, goal: &'a Goal) -> GoalOn<'a> {
    let by = last_day(&goal.by);
    let day = by.unwrap_or(scene.today).min(scene.today);
    let branches = super::branches_on(scene.site, scene.programme, day);
    let base = branches.len() as u64;
    let live = |branch: usize, day: Day| {
        let day = civil(day)?;
        let of = |h: &&Honour| h.branch == branch && h.sort == goal.honour && is_live(h, day);
        scene.site.honours.iter().find(of)
    };
    let reached: Vec<(usize, &Honour)> = branches.iter().filter_map(|b| Some((*b, live(*b, day)?))).collect();
    let needed = goal.share.needed(base);
    let standing = match by {
        _ if reached.len() as u64 >= needed && base > 0 => "met",
        None => "undated",
        Some(by) if by < scene.today => "short",
        Some(_) => "under_way",
    };
    let link = |(b, h): &(usize, &'a Honour)| Link {
        title: scene.branch(*b).name,
        route: route::honour(&h.id),
        date: h.named().map(|e| &e.date),
    };
    GoalOn {
        goal,
        base,
        needed,
        planned: goal.planned.map(|p| p.needed(base)),
        kept: reached.iter().filter(|(b, _)| live(*b, scene.today).is_some()).count() as u64,
        now: scene.branches.iter().filter(|b| live(**b, scene.today).is_some()).count() as u64,
        reached: reached.iter().map(link).collect(),
        standing,
    }
}

/// A branch that applied, and what each gate finds (参评条件).
#[derive(Debug, Serialize)]
pub struct Candidate<'a> {
    /// The branch.
    pub who: Who<'a>,
    /// The cohort.
    pub cohort: Option<&'a str>,
    /// When it applied.
    pub applied: &'a ArchiveDate,
    /// What the gates find, in their order.
    pub gates: Vec<GateOn<'a>>,
}

/// What a gate finds of a candidate.
#[derive(Debug, Serialize)]
pub struct GateOn<'a> {
    /// The gate as written.
    pub gate: &'a Gate,
    /// What was found.
    pub finding: Finding,
    /// What was looked at: an honour, a debriefing, a declaration.
    pub seen: Option<Link<'a>>,
    /// The grade that was given, or the body that declared.
    pub word: Option<&'a str>,
}

/// What looking at a gate gave; never a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Finding {
    /// The record meets it (符合).
    Met,
    /// The record does not meet it (不符合).
    Unmet,
    /// Nothing is recorded (未记录).
    Unrecorded,
}

impl Finding {
    /// Returns the word used in templates.
    pub fn word(self) -> &'static str {
        match self {
            Finding::Met => "met",
            Finding::Unmet => "unmet",
            Finding::Unrecorded => "unrecorded",
        }
    }
}

pub(super) fn gates<'a>(scene: &Scene<'a>) -> Vec<Candidate<'a>> {
    if scene.programme.gates.is_empty() {
        return Vec::new();
    }
    let as_of = scene.site.options.as_of;
    let applied = |h: &'a Honour| h.until(as_of).find(|e| e.event == "applied");
    scene
        .honours()
        .filter_map(|h| {
            let event = applied(h)?;
            Some(Candidate {
                who: scene.branch(h.branch),
                cohort: h.cohort.as_deref(),
                applied: &event.date,
                gates: asked(scene, &event.date).map(|gate| gate_on(scene, gate, h, event)).collect(),
            })
        })
        .collect()
}

/// The gates in force when a branch applied.
fn asked<'a>(scene: &Scene<'a>, applied: &ArchiveDate) -> impl Iterator<Item = &'a Gate> {
    let day = first_day(applied);
    let (begin, end) = (|g: &Gate| g.from.as_ref().and_then(first_day), |g: &Gate| g.to.as_ref().and_then(last_day));
    let in_force =
        move |g: &&Gate| day.is_none_or(|day| begin(g).is_none_or(|b| b <= day) && end(g).is_none_or(|e| day <= e));
    scene.programme.gates.iter().filter(in_force)
}

fn gate_on<'a>(scene: &Scene<'a>, gate: &'a Gate, h: &'a Honour, applied: &'a Event) -> GateOn<'a> {
    let (finding, seen, word) = match &gate.looks {
        Looks::Honour(sort) => prerequisite(scene, sort, h, applied),
        Looks::Grade(grades) => grade(scene, grades, h, applied),
        Looks::Declared => declared(scene, h),
    };
    GateOn { gate, finding, seen, word }
}

type Found<'a> = (Finding, Option<Link<'a>>, Option<&'a str>);

/// An honour held on the day of the application, whoever names it.
fn prerequisite<'a>(scene: &Scene<'a>, sort: &str, h: &Honour, applied: &Event) -> Found<'a> {
    let Some(day) = last_day(&applied.date).and_then(civil) else { return (Finding::Unrecorded, None, None) };
    let held = scene.site.honours.iter().find(|o| o.branch == h.branch && o.sort == sort && is_live(o, day));
    match held {
        Some(o) => {
            let link = Link { title: &o.sort, route: route::honour(&o.id), date: o.named().map(|e| &e.date) };
            (Finding::Met, Some(link), None)
        }
        None => (Finding::Unmet, None, None),
    }
}

/// The debriefing (述职评议) for the year of the application, else for the year before.
fn grade<'a>(scene: &Scene<'a>, grades: &[String], h: &Honour, applied: &Event) -> Found<'a> {
    let year = applied.date.year().map(i64::from);
    let of = |r: &&crate::model::record::Record| {
        r.branch == Some(h.branch)
            && r.values.text("grade").is_some()
            && r.values.int("year").zip(year).is_some_and(|(y, applied)| y == applied || y == applied - 1)
            && super::has_happened(r, scene.today)
    };
    let Some(r) = scene.site.records.iter().filter(of).max_by_key(|r| r.values.int("year")) else {
        return (Finding::Unrecorded, None, None);
    };
    let given = r.values.text("grade").unwrap_or_default();
    let finding = if grades.iter().any(|g| g == given) { Finding::Unmet } else { Finding::Met };
    (finding, scene.site.record(&r.id).map(|i| scene.link(i)), Some(given))
}

/// What the competent body declared, on what day; its reasons are nobody's to publish.
fn declared<'a>(scene: &Scene<'a>, h: &'a Honour) -> Found<'a> {
    let is_declaration = |e: &&&Event| matches!(e.event.as_str(), "eligible" | "disqualified");
    let events: Vec<&'a Event> = h.until(scene.site.options.as_of).collect();
    let Some(event) = events.iter().rfind(is_declaration) else {
        return (Finding::Unrecorded, None, None);
    };
    let finding = if event.event == "eligible" { Finding::Met } else { Finding::Unmet };
    let link =
        Link { title: event.docno.as_deref().unwrap_or(""), route: route::honour(&h.id), date: Some(&event.date) };
    (finding, Some(link), event.by.as_deref())
}
