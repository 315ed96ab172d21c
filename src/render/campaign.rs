//! The values of a programme's page that are worked out for the day: the time line, tasks, limits, targets,
//! gates, score sheets, lists. Every mark comes with its rule, its source and its sum.

use super::value::Map;
use super::view::Ask;
use crate::diagnostic::Lang;
use crate::model::campaign::{
    BranchLists, Campaign, Candidate, Counting, Derived, DueOn, Filer, GoalOn, Kept, LimitOn, Link, Measure, Sheets,
    StageOn, TaskOn, Who,
};
use crate::model::date::ArchiveDate;
use crate::model::programme::{Limit, Programme, Step};
use crate::rules::programme::{Day, Standing, days_in, percent};
use std::collections::BTreeMap;
use tera::Value;

/// Adds what a programme comes to on the day.
pub(super) fn add(v: &Ask<'_>, p: &Programme, c: &Campaign<'_>, value: Map) -> Map {
    let (branches, units) = c.scope;
    let scope = [("branches", branches.to_string()), ("units", units.to_string())];
    value
        .with("gaps", c.gaps)
        .with("as_of", v.as_of().to_string())
        .with("scope_sum", v.theme.say("programme.scope_sum", &scope))
        .list("stages", c.stages.iter().map(|s| stage(v, c, s)).collect())
        .list("timeline", timeline(v, &c.stages))
        .list("steps", p.steps.iter().enumerate().map(|(i, s)| step(v, i, s, c.steps.get(i))).collect())
        .list("limits", c.limits.iter().map(|l| limit(v, c.gaps, l)).collect())
        .list("targets", c.targets.iter().map(|g| target(v, g)).collect())
        .list("gates", p.gates.iter().map(|g| quoted(&g.text, g.source.as_deref()).done()).collect())
        .list("candidates", c.gates.iter().map(|k| candidate(v, k)).collect())
        .maybe("assessment", assessment(v, p))
        .list("sheets", c.sheets.iter().map(|s| sheets(v, s)).collect())
        .maybe("derived", derivation(v, c))
        .list("lists", c.lists.iter().filter(|l| is_told(l)).map(|l| lists(v, c.gaps, l)).collect())
        .maybe("unlisted", unlisted(v, c))
}

fn quoted(text: &str, source: Option<&str>) -> Map {
    Map::new().with("text", text).maybe("source", source)
}

fn link(v: &Ask<'_>, l: &Link<'_>) -> Value {
    Map::new().with("title", l.title).with("url", v.url(&l.route)).maybe("date", l.date.map(|d| v.date(d))).done()
}

fn links(v: &Ask<'_>, all: &[Link<'_>]) -> Vec<Value> {
    all.iter().map(|l| link(v, l)).collect()
}

fn who(v: &Ask<'_>, w: &Who<'_>) -> Value {
    Map::new().with("id", w.id).with("name", w.name).maybe("url", w.route.as_deref().map(|r| v.url(r))).done()
}

/// Writes a day; the 31st of a shorter month is its last.
fn day((year, month, day): Day) -> String {
    format!("{year}-{month:02}-{:02}", day.min(days_in(year, month)))
}

/// A standing: its word, its label, the class of its mark.
fn standing(v: &Ask<'_>, s: Standing) -> Value {
    Map::new()
        .with("word", s.word())
        .with("label", v.say(&format!("programme.{}", s.word())))
        .with("class", mark(s))
        .done()
}

fn mark(s: Standing) -> &'static str {
    match s {
        Standing::OnTime | Standing::Filed => "met",
        Standing::Late => "late",
        Standing::Overdue => "short",
        Standing::NotYet | Standing::Open => "open",
    }
}

fn stage(v: &Ask<'_>, c: &Campaign<'_>, s: &StageOn<'_>) -> Value {
    Map::new()
        .with("id", s.stage.id.as_str())
        .with("title", s.stage.title.as_str())
        .maybe("when", s.stage.when_text())
        .with("state", s.progress)
        .with("asks", s.stage.asks.clone())
        .maybe("source", s.stage.source.as_deref())
        .list("tasks", s.tasks.iter().map(|t| task(v, c, t)).collect())
        .list("stages", s.stages.iter().map(|inner| stage(v, c, inner)).collect())
        .done()
}

/// A step of the procedure, and who has come to it.
fn step(v: &Ask<'_>, i: usize, s: &Step, come: Option<&Vec<Link<'_>>>) -> Value {
    let come = come.map_or(&[][..], Vec::as_slice);
    let sum = (!come.is_empty()).then(|| v.theme.say("programme.come", &[("n", come.len().to_string())]));
    Map::new()
        .with("n", i + 1)
        .with("title", s.title.as_str())
        .maybe("by", s.by.as_deref())
        .maybe("asks", s.asks.as_deref())
        .maybe("when", s.when.as_deref())
        .maybe("source", s.source.as_deref())
        .maybe("come_sum", sum)
        .list("come", links(v, come))
        .done()
}

fn task(v: &Ask<'_>, c: &Campaign<'_>, t: &TaskOn<'_>) -> Value {
    let mut counts: BTreeMap<Standing, usize> = BTreeMap::new();
    for s in t.filers.iter().filter_map(|f| f.standing) {
        *counts.entry(s).or_default() += 1;
    }
    let counts = counts.into_iter().map(|(s, n)| {
        Map::new().with("n", n).with("label", v.say(&format!("programme.{}", s.word()))).with("class", mark(s)).done()
    });
    let filer = |f: &Filer<'_>| {
        Map::new()
            .with("who", who(v, &f.who))
            .maybe("standing", f.standing.map(|s| standing(v, s)))
            .list("records", links(v, &f.records))
            .done()
    };
    let min = (t.task.min > 1).then(|| v.theme.say("programme.at_least", &[("n", t.task.min.to_string())]));
    quoted(&t.task.text, t.task.source.as_deref())
        .with("id", t.task.id.as_str())
        .with("by", v.say(&format!("programme.by_{}", t.task.by.word())))
        .maybe("due", due(v, &t.due))
        .maybe("reading", t.task.reading.as_deref())
        .maybe("min", min)
        .with("looked_up", t.is_looked_up)
        .list("shown_by", shown_by(v, t))
        .list("counts", counts.collect())
        .list("filers", t.filers.iter().map(filer).collect())
        .with("none", t.is_looked_up && t.filers.is_empty() && !c.gaps)
        .done()
}

/// Which records show a task: kinds, forms, words.
fn shown_by(v: &Ask<'_>, t: &TaskOn<'_>) -> Vec<Value> {
    let kinds = t.task.kinds.iter().map(|id| v.kind_label(id));
    kinds.chain(t.task.forms.iter().cloned()).chain(t.task.keywords.iter().cloned()).map(Value::from).collect()
}

/// A due date: the words, the day they are read as, the stricter reading; or that it names no day.
fn due(v: &Ask<'_>, d: &DueOn) -> Option<Value> {
    let text = d.text.as_deref()?;
    let told = match (&d.read, d.is_given) {
        (None, _) => Some(v.say("programme.due_undated")),
        (Some(read), given) => {
            let last = day(read.last);
            let words = match read.stricter.filter(|_| !given) {
                Some(strict) => v.theme.say("programme.due_two", &[("date", last.clone()), ("strict", day(strict))]),
                None => v.theme.say("programme.due_read", &[("date", last.clone())]),
            };
            (text != last).then_some(words)
        }
    };
    Some(Map::new().with("text", text).maybe("read", told).done())
}

/// The dated stages on one scale: where each begins and ends in thousandths, and today.
fn timeline(v: &Ask<'_>, stages: &[StageOn<'_>]) -> Vec<Value> {
    let ordinal = |(y, m, d): Day| i64::from(y) * 372 + i64::from(m - 1) * 31 + i64::from(d - 1);
    let mut flat: Vec<(&StageOn<'_>, bool)> = Vec::new();
    for s in stages {
        flat.push((s, false));
        flat.extend(s.stages.iter().map(|inner| (inner, true)));
    }
    let dated = |s: &StageOn<'_>| Some((ordinal(s.window.0?), ordinal(s.window.1?) + 1));
    let spans: Vec<(i64, i64)> = flat.iter().filter_map(|(s, _)| dated(s)).collect();
    let (Some(first), Some(last)) = (spans.iter().map(|s| s.0).min(), spans.iter().map(|s| s.1).max()) else {
        return Vec::new();
    };
    let at = |n: i64| (n - first) * 1000 / (last - first).max(1);
    let as_of = v.as_of();
    let today = ordinal((as_of.year(), as_of.month() as u8, as_of.day() as u8));
    let today = (first..=last).contains(&today).then(|| at(today));
    let row = |(s, inner): &(&StageOn<'_>, bool)| {
        let (begin, end) = dated(s)?;
        Some(
            Map::new()
                .with("id", s.stage.id.as_str())
                .with("title", s.stage.title.as_str())
                .maybe("when", s.stage.when_text())
                .with("state", s.progress)
                .with("inner", *inner)
                .with("x", at(begin))
                .with("width", (at(end) - at(begin)).max(4))
                .maybe("today", today)
                .done(),
        )
    };
    flat.iter().filter_map(row).collect()
}

fn limit(v: &Ask<'_>, gaps: bool, on: &LimitOn<'_>) -> Value {
    let l = on.limit;
    let row = |row: &Counting<'_>| {
        let state = match row.fit.word() {
            _ if !gaps => None,
            "under" if !row.is_settled => Some(("under_way", "open")),
            "under" => Some(("under", "short")),
            "over" => Some(("over", "short")),
            _ => Some(("within", "met")),
        };
        Map::new()
            .maybe("who", row.who.as_ref().map(|w| who(v, w)))
            .maybe("cohort", row.cohort)
            .with("count", row.count)
            .maybe("sum", row.sum(l).map(|s| s.get(v.lang()).to_owned()))
            .maybe("state", state.map(|(word, _)| v.say(&format!("programme.{word}"))))
            .maybe("class", state.map(|(_, class)| class))
            .list("things", links(v, &row.things))
            .done()
    };
    quoted(&l.text, l.source.as_deref())
        .with("id", l.id.as_str())
        .with("what", v.say(&format!("programme.count_{}", l.what.word())))
        .with("per", v.say(&format!("programme.per_{}", l.per.word())))
        .with("bounds", bounds(v, l))
        .with("in_force", on.is_in_force)
        .maybe("period", period(l.from.as_ref(), l.to.as_ref()))
        .list("rows", on.rows.iter().map(row).collect())
        .done()
}

fn period(from: Option<&ArchiveDate>, to: Option<&ArchiveDate>) -> Option<String> {
    let text = |d: Option<&ArchiveDate>| d.map_or(String::new(), |d| d.start.iso());
    (from.is_some() || to.is_some()).then(|| format!("{}—{}", text(from), text(to)))
}

/// The bounds in words: 恰好 1, 至少 1 至多 5, 至多 10%（舍去小数）.
fn bounds(v: &Ask<'_>, l: &Limit) -> String {
    let say = |key: &str, n: String| v.theme.say(&format!("programme.{key}"), &[("n", n)]);
    let mut parts = match (l.min, l.max) {
        (Some(a), Some(b)) if a == b => vec![say("exactly", a.to_string())],
        (a, b) => {
            let a = a.map(|a| say("at_least", a.to_string()));
            a.into_iter().chain(b.map(|b| say("at_most", b.to_string()))).collect()
        }
    };
    if let Some(share) = l.share {
        let how = [("n", share.percent()), ("how", l.rounding.say().get(v.lang()).to_owned())];
        parts.push(v.theme.say("programme.at_most_share", &how));
    }
    parts.join(if v.lang() == Lang::Zh { "，" } else { ", " })
}

fn target(v: &Ask<'_>, g: &GoalOn<'_>) -> Value {
    let reached = g.reached.len() as u64;
    let numbers = [
        ("base", g.base.to_string()),
        ("reached", reached.to_string()),
        ("percent", percent(reached, g.base)),
        ("share", g.goal.share.percent()),
        ("needed", g.needed.to_string()),
        ("kept", g.kept.to_string()),
        ("now", g.now.to_string()),
    ];
    let planned = g.planned.zip(g.goal.planned).map(|(n, share)| {
        let words = [("n", n.to_string()), ("share", share.percent()), ("base", g.base.to_string())];
        v.theme.say("programme.planned", &words)
    });
    let class = match g.standing {
        "met" => "met",
        "short" => "short",
        _ => "open",
    };
    let width = (reached * 1000).checked_div(g.base).unwrap_or(0) as f64 / 10.0;
    quoted(&g.goal.text, g.goal.source.as_deref())
        .with("id", g.goal.id.as_str())
        .with("title", g.goal.title.as_str())
        .with("by", v.date(&g.goal.by))
        .with("honour", g.goal.honour.as_str())
        .with("sum", v.theme.say("programme.target_sum", &numbers))
        .with("kept", v.theme.say("programme.target_kept", &numbers))
        .maybe("planned", planned)
        .with("width", width)
        .with("mark", g.goal.share.in_hundred())
        .maybe("plan_mark", g.goal.planned.map(|p| p.in_hundred()))
        .with("state", v.say(&format!("programme.target_{}", g.standing)))
        .with("class", class)
        .list("reached", links(v, &g.reached))
        .done()
}

fn candidate(v: &Ask<'_>, c: &Candidate<'_>) -> Value {
    let gates = c.gates.iter().map(|g| {
        let word = g.finding.word();
        let class = match word {
            "met" => "met",
            "unmet" => "short",
            _ => "open",
        };
        quoted(&g.gate.text, g.gate.source.as_deref())
            .with("label", v.say(&format!("programme.gate_{word}")))
            .with("class", class)
            .maybe("seen", g.seen.as_ref().map(|l| link(v, l)))
            .maybe("word", g.word)
            .done()
    });
    Map::new()
        .with("who", who(v, &c.who))
        .maybe("cohort", c.cohort)
        .with("applied", v.date(c.applied))
        .with("gates", gates.collect::<Vec<_>>())
        .done()
}

fn assessment(v: &Ask<'_>, p: &Programme) -> Option<Value> {
    let a = p.assessment.as_ref()?;
    let inclusive = match a.inclusive {
        Some(true) => "programme.pass_inclusive",
        Some(false) => "programme.pass_exclusive",
        None => "programme.pass_usual",
    };
    let pass = a.pass.map(|mark| {
        let mark = crate::rules::programme::Points::of(mark).text();
        v.theme.say(inclusive, &[("n", mark)])
    });
    Some(
        Map::new()
            .maybe("text", a.text.as_deref())
            .maybe("source", a.source.as_deref())
            .maybe("pass", pass)
            .list("origins", a.origins.iter().map(|o| Value::from(o.as_str())).collect())
            .done(),
    )
}

fn sheets(v: &Ask<'_>, s: &Sheets<'_>) -> Value {
    let heads = s.sheets.iter().map(|sheet| {
        let stated = sheet.stated.filter(|t| *t != sheet.sum).map(|t| t.text());
        let mark = sheet.reaches.map(|r| if r { "met" } else { "open" });
        Map::new()
            .with("origin", sheet.origin)
            .with("record", link(v, &sheet.record))
            .with("sum", sheet.sum.text())
            .with("full", sheet.full.text())
            .maybe("stated", stated)
            .maybe("reaches", sheet.reaches.map(|r| v.say(if r { "programme.reaches" } else { "programme.below" })))
            .maybe("class", mark)
            .done()
    });
    let rows = s.rows.iter().map(|row| {
        let cells = row.cells.iter().map(|c| match c {
            Some(c) => Map::new()
                .with("score", c.score.text())
                .with("full", c.full.text())
                .maybe("reason", c.reason)
                .with("less", c.score < c.full)
                .done(),
            None => Map::new().with("none", true).done(),
        });
        Map::new().with("item", row.item).with("differ", row.differ).with("cells", cells.collect::<Vec<_>>()).done()
    });
    let pass = s.pass.map(|(mark, inclusive)| {
        let key = if inclusive { "programme.pass_inclusive" } else { "programme.pass_exclusive" };
        v.theme.say(key, &[("n", mark.text())])
    });
    let missing =
        (!s.missing.is_empty()).then(|| v.theme.say("programme.sheets_missing", &[("origins", s.missing.join("、"))]));
    Map::new()
        .with("who", who(v, &s.who))
        .maybe("year", s.year)
        .with("sheets", heads.collect::<Vec<_>>())
        .with("rows", rows.collect::<Vec<_>>())
        .with("differ", s.differ)
        .maybe("pass", pass)
        .maybe("missing", missing)
        .done()
}

/// Who has derived a plan, and who has not; nothing where nobody has and nobody was to.
fn derivation(v: &Ask<'_>, c: &Campaign<'_>) -> Option<Value> {
    if c.derived.iter().flatten().all(|d| d.plans.is_empty()) {
        return None;
    }
    let row = |d: &Derived<'_>| Map::new().with("who", who(v, &d.who)).list("plans", links(v, &d.plans)).done();
    let group = |key: &str, list: &[Derived<'_>]| {
        let (have, none): (Vec<&Derived<'_>>, Vec<&Derived<'_>>) = list.iter().partition(|d| !d.plans.is_empty());
        let numbers = [("n", have.len().to_string()), ("all", list.len().to_string())];
        Map::new()
            .with("title", v.say(&format!("programme.derived_{key}")))
            .with("sum", if c.gaps { v.theme.say("programme.derived_sum", &numbers) } else { String::new() })
            .list("have", have.iter().map(|d| row(d)).collect())
            .list("none", none.iter().map(|d| row(d)).collect())
            .done()
    };
    Some(Value::from(vec![group("units", &c.derived[0]), group("branches", &c.derived[1])]))
}

fn is_told(l: &BranchLists<'_>) -> bool {
    l.list.live.is_some() || l.plan.live.is_some() || !l.measures.is_empty()
}

/// The branches that have neither list nor plan nor measures, named in one line.
fn unlisted(v: &Ask<'_>, c: &Campaign<'_>) -> Option<Value> {
    let any = c.lists.iter().any(is_told);
    let without: Vec<Value> = c.lists.iter().filter(|l| !is_told(l)).map(|l| who(v, &l.who)).collect();
    (any && !without.is_empty()).then(|| Value::from(without))
}

fn lists(v: &Ask<'_>, gaps: bool, l: &BranchLists<'_>) -> Value {
    let kept = |k: &Kept<'_>| {
        let more = (gaps && !k.others.is_empty())
            .then(|| v.theme.say("programme.list_others", &[("n", (k.others.len() + 1).to_string())]));
        Map::new()
            .maybe("live", k.live.as_ref().map(|r| link(v, r)))
            .list("others", links(v, &k.others))
            .maybe("told", more)
            .done()
    };
    let measure = |m: &Measure<'_>| {
        let verified = match (&m.verifier, m.done) {
            (Some(by), _) => Some(v.theme.say("programme.verified", &[("by", by.clone())])),
            (None, Some(_)) if gaps => Some(v.say("programme.unverified")),
            (None, _) => None,
        };
        // Outside the unit what was done is told, and not what is late.
        let (word, class) = match m.standing {
            s if gaps => (Some(s.word()), mark(s)),
            s if s.is_filed() => (Some(Standing::Filed.word()), mark(Standing::Filed)),
            _ => (None, ""),
        };
        Map::new()
            .with("problem", m.problem)
            .with("measure", m.measure)
            .maybe("owner", m.owner.as_deref())
            .maybe("deadline", m.deadline.map(|d| v.date(d)))
            .maybe("done", m.done.map(|d| v.date(d)))
            .maybe("verified", verified)
            .with("from", link(v, &m.from))
            .maybe("label", word.map(|w| v.say(&format!("programme.item_{w}"))))
            .with("class", class)
            .list("evidence", links(v, &m.evidence))
            .done()
    };
    let overdue = l.measures.iter().filter(|m| m.standing == Standing::Overdue).count();
    let done = l.measures.iter().filter(|m| m.standing.is_filed()).count();
    let numbers = [("n", l.measures.len().to_string()), ("done", done.to_string()), ("overdue", overdue.to_string())];
    Map::new()
        .with("who", who(v, &l.who))
        .maybe("list", (gaps || l.list.live.is_some()).then(|| kept(&l.list)))
        .maybe("plan", (gaps || l.plan.live.is_some()).then(|| kept(&l.plan)))
        .maybe("sum", gaps.then(|| v.theme.say("programme.list_sum", &numbers)))
        .list("measures", l.measures.iter().map(measure).collect())
        .done()
}
