//! Rule packs, ledgers and what follows from them: the contexts of their pages, and calendars of what
//! falls due. Every mark leads to its rule, the source sentence, what was counted and the sum.

use super::meta::Head;
use super::page::Page;
use super::value::Map;
use super::view::Ask;
use super::{Result, body};
use crate::diagnostic::Lang;
use crate::model::due::{Duty, Origin};
use crate::model::ledger::{self, Cell, Due, Holder, Row};
use crate::model::pack::{Check, Conflict, Pack, Per, Rule, Told};
use crate::model::route;
use crate::model::sums::Finding;
use crate::rules::cadence::{Day, Modality, Period, Span, State};
use icalendar::{Calendar, Component};
use std::collections::BTreeMap;
use tera::Value;

/// Makes the page of all rule packs.
pub(super) fn rules(v: &Ask<'_>) -> Page {
    let packs: Vec<Value> = v
        .packs()
        .iter()
        .map(|p| pack_ref(v, p).with("rules", p.rules.len()).with("checks", p.checks.len()).done())
        .collect();
    let picks = v.picks();
    let picked: Vec<Value> = picks
        .iter()
        .map(|pick| {
            let of: Vec<Value> = pick
                .packs
                .iter()
                .filter_map(|(id, _)| v.packs().iter().find(|p| &p.id == id))
                .map(|p| pack_ref(v, p).done())
                .collect();
            Map::new().with("packs", of).list("types", pick.types.iter().map(|t| t.as_str().into()).collect()).done()
        })
        .collect();
    let conflicts: Vec<Value> = v.conflicts().iter().map(|c| conflict(v, c)).collect();
    let title = v.say("rules.title");
    let years: Vec<Value> = ledger_years(v);
    let head = Head { key: "rules", crumbs: crumbs(v, &[(title.clone(), None)]), title, ..Head::default() };
    Page::new(
        "rules.html",
        head,
        Map::new().with("packs", packs).list("picked", picked).list("conflicts", conflicts).list("years", years),
    )
}

/// The years with ledgers, for links.
fn ledger_years(v: &Ask<'_>) -> Vec<Value> {
    let mut years: Vec<i16> = (0..v.branches().len()).flat_map(|b| v.ledger_years(Holder::Branch(b))).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    let one =
        |y: i16| Map::new().with("year", y).with("han", v.year(y)).with("url", v.url(&format!("ledger/{y}/"))).done();
    years.into_iter().map(one).collect()
}

fn crumbs(v: &Ask<'_>, more: &[(String, Option<String>)]) -> Vec<(String, Option<String>)> {
    let mut all = vec![(v.say("nav.home"), Some(String::new()))];
    all.extend_from_slice(more);
    all
}

fn pack_ref(v: &Ask<'_>, p: &Pack) -> Map {
    Map::new()
        .with("id", p.id.as_str())
        .with("title", p.title.as_str())
        .with("short", p.short.as_deref().unwrap_or(&p.title))
        .with("url", v.url(&route::pack(&p.id)))
        .maybe("summary", p.summary.as_deref())
        .maybe("issuer", p.issuer.as_deref())
        .maybe("docno", p.docno.as_deref())
}

fn conflict(v: &Ask<'_>, c: &Conflict) -> Value {
    let side = |(p, r): (usize, usize)| {
        let pack = &v.packs()[p];
        rule_value(v, pack, &pack.rules[r]).done()
    };
    Map::new().with("a", side(c.a)).with("b", side(c.b)).done()
}

/// Makes the page of a rule pack.
pub(super) fn pack(v: &Ask<'_>, at: usize, here: &str, root: &str) -> Result<Page> {
    let p = &v.packs()[at];
    let body = p.doc.map(|d| body::body(v, d, here, root, &p.title)).transpose()?;
    let rules: Vec<Value> = p.rules.iter().map(|r| rule_value(v, p, r).done()).collect();
    let checks: Vec<Value> = p.checks.iter().map(|c| check_value(v, p, c).done()).collect();
    let mut value = pack_ref(v, p)
        .maybe("date", p.date.as_ref().map(|d| v.date(d)))
        .maybe("source", p.source.as_deref())
        .list("rules", rules)
        .list("checks", checks);
    let mut extra = Vec::new();
    if let Some(b) = body {
        if !b.rendered.html.trim().is_empty() {
            value = value.html("html", &b.rendered.html);
        }
        extra = b.pictures;
    }
    let head = Head {
        key: "pack",
        title: p.title.clone(),
        crumbs: crumbs(
            v,
            &[
                (v.say("rules.title"), Some("rules/".into())),
                (p.short.clone().unwrap_or_else(|| p.title.clone()), None),
            ],
        ),
        description: p.summary.clone(),
        ..Head::default()
    };
    Ok(Page { template: "pack.html".into(), head, context: Map::new().with("pack", value.done()), extra })
}

fn told(map: Map, told: &Told) -> Map {
    map.with("text", told.text.as_str())
        .maybe("basis", told.basis.as_deref())
        .maybe("source", told.source.as_deref())
        .maybe("note", told.note.as_deref())
}

fn rule_value(v: &Ask<'_>, p: &Pack, r: &Rule) -> Map {
    let kinds: Vec<Value> = r.kinds.iter().map(|k| v.kind(*k)).collect();
    let narrow: Vec<String> = r.forms.iter().chain(&r.keywords).chain(&r.lecturer).chain(&r.pairs).cloned().collect();
    let map = Map::new()
        .with("id", r.id.as_str())
        .with("title", r.title.as_str())
        .with("pack", pack_ref(v, p).done())
        .with("url", format!("{}#{}", v.url(&route::pack(&p.id)), route::encode(&r.id)))
        .with("anchor", r.id.as_str())
        .with("per", v.say(per_key(r.per)))
        .with("ask", ask(v, r))
        .with("modality", v.say(modality_key(r.want.modality)))
        .list("kinds", kinds)
        .list("narrow", narrow.into_iter().map(Value::from).collect())
        .maybe("force", force(v, r.force));
    told(map, &r.told)
}

fn check_value(v: &Ask<'_>, p: &Pack, c: &Check) -> Map {
    let kinds: Vec<Value> = c.kinds.iter().map(|k| v.kind(*k)).collect();
    let map = Map::new()
        .with("id", c.id.as_str())
        .with("title", c.title.as_str())
        .with("pack", pack_ref(v, p).done())
        .with("url", format!("{}#{}", v.url(&route::pack(&p.id)), route::encode(&c.id)))
        .with("anchor", c.id.as_str())
        .with("modality", v.say(modality_key(c.modality)))
        .maybe("share", c.fraction().map(|f| f.text()))
        .list("kinds", kinds)
        .list("types", c.types.iter().map(|t| t.as_str().into()).collect())
        .maybe("force", force(v, c.force));
    told(map, &c.told)
}

fn per_key(per: Per) -> &'static str {
    match per {
        Per::Branch => "ledger.per_branch",
        Per::Group => "ledger.per_group",
        Per::Organisation => "ledger.per_organisation",
        Per::Person => "ledger.per_person",
        Per::Pair => "ledger.per_pair",
    }
}

fn modality_key(m: Modality) -> &'static str {
    match m {
        Modality::Must => "ledger.must",
        Modality::Normally => "ledger.normally",
        Modality::Encouraged => "ledger.encouraged",
    }
}

fn period_key(p: Period) -> &'static str {
    match p {
        Period::Month => "ledger.every_month",
        Period::Quarter => "ledger.every_quarter",
        Period::Half => "ledger.every_half",
        Period::Year => "ledger.every_year",
        Period::Window(..) => "ledger.every_window",
        Period::Irregular => "ledger.irregular",
    }
}

pub(super) fn state_key(s: State) -> &'static str {
    match s {
        State::Met => "ledger.met",
        State::Late => "ledger.late",
        State::Short => "ledger.short",
        State::Unrecorded => "ledger.unrecorded",
        State::Due => "ledger.due",
        State::Advisory => "ledger.advisory",
        State::Unset => "ledger.unset",
        State::Over => "ledger.over",
        State::NotApplicable => "ledger.na",
    }
}

/// What a rule asks for, in short: 一般每季度 ≥ 1.
fn ask(v: &Ask<'_>, r: &Rule) -> String {
    let measure = |p: Period, min: Option<u32>, max: Option<u32>| {
        let mut text = match p {
            Period::Window(from, to) => {
                let (a, b) = (month_day(v, from), month_day(v, to));
                v.theme.say("ledger.every_window_of", &[("from", a), ("to", b)])
            }
            _ => v.say(period_key(p)),
        };
        match (min, max) {
            (Some(min), Some(max)) => text += &format!(" {min}—{max}"),
            (Some(min), None) => text += &format!(" ≥ {min}"),
            (None, Some(max)) => text += &format!(" ≤ {max}"),
            (None, None) => {
                text += &v.say("ledger.no_number");
            }
        }
        text
    };
    let mut text = match r.want.modality {
        Modality::Must => String::new(),
        Modality::Normally | Modality::Encouraged => v.say(modality_key(r.want.modality)),
    };
    if !text.is_empty() && v.lang() == Lang::En {
        text.push(' ');
    }
    text += &measure(r.period, r.want.min, r.want.max);
    if let Some((part, min)) = r.split {
        text += &v.say("ledger.and");
        text += &measure(part, Some(min), None);
    }
    text
}

fn month_day(v: &Ask<'_>, (m, d): (u8, u8)) -> String {
    match v.lang() {
        Lang::Zh => format!("{m}月{d}日"),
        Lang::En => format!("{m:02}-{d:02}"),
    }
}

fn force(v: &Ask<'_>, span: Span) -> Option<String> {
    let (from, to) = (span.from != Span::EVER.from, span.to != Span::EVER.to);
    let until = || v.say("branch.to_now");
    (from || to).then(|| {
        format!("{}—{}", if from { iso(span.from) } else { String::new() }, if to { iso(span.to) } else { until() })
    })
}

/// A day in figures; the last of a month may stand as its 31st.
pub(super) fn iso(day: Day) -> String {
    let (y, m, d) = civil(day).map_or(day, |c| (c.year(), c.month() as u8, c.day() as u8));
    format!("{y:04}-{m:02}-{d:02}")
}

fn civil(day: Day) -> Option<jiff::civil::Date> {
    let first = jiff::civil::Date::new(day.0, day.1 as i8, 1).ok()?;
    jiff::civil::Date::new(day.0, day.1 as i8, (day.2 as i8).min(first.last_of_month().day())).ok()
}

/// What a period is called: 3月, 一季度, 上半年, 全年, or its days.
fn span_label(v: &Ask<'_>, span: Span) -> String {
    let (from, to) = (span.from, span.to);
    let months = (to.1 + 1).saturating_sub(from.1);
    let whole = from.0 == to.0 && from.2 == 1 && to.2 == 31;
    match (whole, months) {
        (true, 1) => v.theme.say("ledger.month", &[("n", from.1.to_string())]),
        (true, 3) => v.theme.say("ledger.quarter", &[("n", (from.1 / 3 + 1).to_string())]),
        (true, 6) => v.say(if from.1 == 1 { "ledger.half_first" } else { "ledger.half_second" }),
        (true, 12) => v.say("ledger.whole_year"),
        _ => format!("{}—{}", month_day(v, (from.1, from.2)), month_day(v, (to.1, to.2))),
    }
}

/// Makes a holder's ledger of a year.
pub(super) fn ledger(v: &Ask<'_>, holder: Holder, year: i16) -> Page {
    let gaps = ledger::shows_gaps(v.config.site.audience);
    let ledger = v.ledger(holder, year);
    let rows: Vec<Value> = ledger.rows.iter().enumerate().map(|(n, row)| row_value(v, holder, n, row, gaps)).collect();
    let explained: Vec<Value> = if gaps { explained(v, &ledger.rows) } else { Vec::new() };
    let standing: Vec<Value> = match holder {
        Holder::Branch(b) if gaps && year == v.as_of().year() => v.standing(b).iter().map(|f| finding(v, f)).collect(),
        Holder::Branch(_) | Holder::Organisation(_) => Vec::new(),
    };
    let (name, url, base) = match holder {
        Holder::Branch(b) => {
            let n = v.branch_name(b, None);
            (n.name.to_owned(), route::branch(n.id), "branches/")
        }
        Holder::Organisation(o) => {
            let o = v.organisation(o);
            (o.name.clone(), route::organisation(&o.id), "branches/")
        }
    };
    let title = v.theme.say("ledger.title", &[("year", v.year(year))]);
    let years: Vec<Value> = v
        .ledger_years(holder)
        .into_iter()
        .map(|y| {
            Map::new().with("year", y).with("url", v.url(&v.ledger_route(holder, y))).with("current", y == year).done()
        })
        .collect();
    let packs: Vec<Value> = v.packs_of(holder).into_iter().map(|p| pack_ref(v, &v.packs()[p]).done()).collect();
    let today = v.as_of();
    let now = (today.year() == year).then_some(today.month() as u8);
    let calendar = match holder {
        Holder::Branch(b) if gaps && now.is_some() && v.branch(b).is_open() => Some(format!("{url}due.ics")),
        Holder::Branch(_) | Holder::Organisation(_) => None,
    };
    let states: Vec<Value> = State::ALL
        .iter()
        .filter(|s| ledger.rows.iter().flat_map(|r| r.cells.iter().chain(&r.total)).any(|c| c.state == **s))
        .map(|s| state_value(v, *s))
        .collect();
    let head = Head {
        key: "ledger",
        title: format!("{name}{title}"),
        crumbs: crumbs(
            v,
            &[(v.say("nav.branches"), Some(base.into())), (name.clone(), Some(url.clone())), (title.clone(), None)],
        ),
        ..Head::default()
    };
    let context = Map::new()
        .with("heading", title)
        .with("holder", Map::new().with("name", name).with("url", v.url(&url)).done())
        .with("year", year)
        .with("gaps", gaps)
        .with("asof", today.to_string())
        .with(
            "months",
            (1u8..=12).map(|m| Map::new().with("n", m).with("now", now == Some(m)).done()).collect::<Vec<_>>(),
        )
        .list("rows", rows)
        .list("explained", explained)
        .list("standing", standing)
        .list("years", years)
        .list("packs", packs)
        .list("states", if gaps { states } else { Vec::new() })
        .maybe("calendar", calendar)
        .with("all_url", v.url(&format!("ledger/{year}/")))
        .with("rules_url", v.url("rules/"));
    Page::new("ledger.html", head, context)
}

fn state_value(v: &Ask<'_>, s: State) -> Value {
    Map::new().with("word", s.word()).with("label", v.say(state_key(s))).done()
}

/// A cell's sum in figures. Talks and people are numbers that a record adds up, not times of so many: more than
/// enough of them are no fraction.
fn sum(rule: &Rule, cell: &Cell) -> String {
    match (cell.want.min, cell.want.max) {
        (Some(min), _) if matches!(rule.per, Per::Pair | Per::Person) && cell.count > min => {
            format!("{} ≥ {min}", cell.count)
        }
        (Some(min), _) => format!("{}/{min}", cell.count),
        (None, Some(max)) => format!("{}/≤{max}", cell.count),
        (None, None) => cell.count.to_string(),
    }
}

fn row_value(v: &Ask<'_>, holder: Holder, n: usize, row: &Row, gaps: bool) -> Value {
    let pack = &v.packs()[row.rule.0];
    let rule = &pack.rules[row.rule.1];
    let today = v.as_of();
    let today = (today.year(), today.month() as u8, today.day() as u8);
    let cell = |c: &Cell| {
        let months = if c.span.from.0 == c.span.to.0 && c.span.from.2 == 1 && c.span.to.2 == 31 {
            c.span.to.1 - c.span.from.1 + 1
        } else {
            12
        };
        let label = span_label(v, c.span);
        let map = Map::new()
            .with("cols", months)
            .with("span", label)
            .with("sum", if gaps { sum(rule, c) } else { c.count.to_string() })
            .with("count", c.count)
            .with("now", c.span.from <= today && today <= c.span.to && months < 12);
        if gaps { map.with("state", state_value(v, c.state)) } else { map }.done()
    };
    let parts: Vec<Value> = row.cells.iter().map(|c| period_value(v, holder, row, rule, c, gaps)).collect();
    let also: Vec<Value> =
        row.also.iter().map(|(p, r)| rule_value(v, &v.packs()[*p], &v.packs()[*p].rules[*r]).done()).collect();
    let map = rule_value(v, pack, rule)
        .with("n", n + 1)
        .maybe("subject", row.subject.as_ref().map(|s| s.1.as_str()))
        .with("cells", row.cells.iter().map(cell).collect::<Vec<_>>())
        .maybe("total", row.total.as_ref().map(cell))
        .with("parts", parts)
        .list("also", also)
        .list("unplaced", row.unplaced.iter().map(|r| record_value(v, *r)).collect());
    if gaps { map.with("state", state_value(v, row.state())) } else { map }.done()
}

fn record_value(v: &Ask<'_>, record: usize) -> Value {
    let r = v.ledger_entry(record);
    Map::new()
        .with("url", v.url(r.route))
        .with("title", r.title)
        .maybe("date", r.date.map(|d| d.start.iso()))
        .maybe("late", r.late)
        .done()
}

fn period_value(v: &Ask<'_>, holder: Holder, row: &Row, rule: &Rule, c: &Cell, gaps: bool) -> Value {
    let map = Map::new()
        .with("label", span_label(v, c.span))
        .with("from", iso(c.span.from))
        .with("to", iso(c.span.to))
        .with("sum", if gaps { sum(rule, c) } else { c.count.to_string() })
        .with("partly", c.partly)
        .list("records", c.records.iter().map(|r| record_value(v, *r)).collect());
    if !gaps {
        return map.done();
    }
    let wanted = matches!(c.state, State::Short | State::Unrecorded | State::Due | State::Advisory);
    map.with("state", state_value(v, c.state))
        .maybe("command", wanted.then(|| command(v, holder, row, rule, c.span)).flatten())
        .done()
}

/// The command that starts the record that is not there yet.
fn command(v: &Ask<'_>, holder: Holder, row: &Row, rule: &Rule, span: Span) -> Option<String> {
    let kind = v.kind_name(*rule.kinds.first()?).id;
    let id = match holder {
        Holder::Branch(b) => v.branch_name(b, None).id,
        Holder::Organisation(o) => v.organisation(o).id.as_str(),
    };
    let mut words = format!("beilin new {kind} --branch {id}");
    if let (Per::Group, Some((group, _))) = (rule.per, &row.subject) {
        words += &format!(" --group {group}");
    }
    // The month where it is one; else the day is asked for.
    if span.from.0 == span.to.0 && span.from.1 == span.to.1 {
        words += &format!(" --date {:04}-{:02}", span.from.0, span.from.1);
    }
    Some(words)
}

/// The cells that want explaining: what binds and is not met, then what was entered late.
fn explained(v: &Ask<'_>, rows: &[Row]) -> Vec<Value> {
    let rank = |s: State| match s {
        State::Over => Some(0),
        State::Short | State::Unrecorded => Some(1),
        State::Late => Some(2),
        // What is worded as usual stands with its rule below.
        State::Advisory | State::Met | State::Due | State::Unset | State::NotApplicable => None,
    };
    let mut found = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        for cell in row.cells.iter().chain(&row.total) {
            if let Some(rank) = rank(cell.state) {
                found.push((rank, cell.span.from, n, row, cell));
            }
        }
    }
    found.sort_by_key(|(rank, from, n, ..)| (*rank, *from, *n));
    found
        .into_iter()
        .map(|(_, _, n, row, cell)| {
            let rule = &v.packs()[row.rule.0].rules[row.rule.1];
            let late: Vec<Value> = cell
                .records
                .iter()
                .filter(|r| v.ledger_entry(**r).late.is_some())
                .map(|r| record_value(v, *r))
                .collect();
            Map::new()
                .with("n", n + 1)
                .with("span", span_label(v, cell.span))
                .with("title", rule.title.as_str())
                .maybe("subject", row.subject.as_ref().map(|s| s.1.as_str()))
                .with("state", state_value(v, cell.state))
                .with("sum", sum(rule, cell))
                .with("min", cell.want.min.unwrap_or(0))
                .with("count", cell.count)
                .with("partly", cell.partly)
                .with("binds", rule.want.modality == Modality::Must)
                .list("late", late)
                .done()
        })
        .collect()
}

/// What a check found: the sum, and where its rule is.
pub(super) fn finding(v: &Ask<'_>, f: &Finding) -> Value {
    let pack = &v.packs()[f.check.0];
    let check = &pack.checks[f.check.1];
    let word = match (f.holds, check.modality) {
        (Some(true), _) => "met",
        (None, _) => "unset",
        (Some(false), Modality::Must) => "short",
        (Some(false), Modality::Normally | Modality::Encouraged) => "advisory",
    };
    let key = match word {
        "met" => "ledger.sum_met",
        "unset" => "ledger.sum_unset",
        "short" => "ledger.sum_short",
        _ => "ledger.advisory",
    };
    let said = match v.lang() {
        Lang::Zh => &f.said.0,
        Lang::En => &f.said.1,
    };
    check_value(v, pack, check)
        .maybe("of", f.of.as_deref())
        .with("said", said.as_str())
        .with("state", Map::new().with("word", word).with("label", v.say(key)).done())
        .done()
}

/// Makes the page of a year: branches against rules.
pub(super) fn ledgers(v: &Ask<'_>, year: i16) -> Page {
    let gaps = ledger::shows_gaps(v.config.site.audience);
    let briefs: Vec<(usize, ledger::Briefs)> = (0..v.branches().len())
        .filter(|b| v.ledger_years(Holder::Branch(*b)).contains(&year))
        .map(|b| (b, v.briefs(Holder::Branch(b), year)))
        .collect();
    // One column for rules that agree.
    let mut columns: Vec<Vec<(usize, usize)>> = Vec::new();
    let rule = |at: (usize, usize)| &v.packs()[at.0].rules[at.1];
    for at in briefs.iter().flat_map(|(_, b)| b.iter().map(|(at, _)| *at)).collect::<std::collections::BTreeSet<_>>() {
        match columns.iter_mut().find(|c| rule(c[0]).agrees(rule(at))) {
            Some(column) => column.push(at),
            None => columns.push(vec![at]),
        }
    }
    let heads: Vec<Value> = columns.iter().map(|c| rule_value(v, &v.packs()[c[0].0], rule(c[0])).done()).collect();
    let mut by_org: BTreeMap<Option<usize>, Vec<Value>> = BTreeMap::new();
    for (b, found) in &briefs {
        let cells: Vec<Value> = columns
            .iter()
            .map(|c| match found.iter().find(|(at, _)| c.contains(at)) {
                None => Map::new().done(),
                Some((_, brief)) if gaps => {
                    let (met, of) = brief.reached;
                    let sum = if of > 0 { format!("{met}/{of}") } else { brief.count.to_string() };
                    Map::new()
                        .with("state", state_value(v, brief.state))
                        .with("sum", sum)
                        .with("count", brief.count)
                        .done()
                }
                Some((_, brief)) => Map::new().with("sum", brief.count.to_string()).with("count", brief.count).done(),
            })
            .collect();
        let name = v.branch_name(*b, None);
        let row = Map::new()
            .with("name", name.short)
            .with("url", v.url(&v.ledger_route(Holder::Branch(*b), year)))
            .with("cells", cells)
            .done();
        by_org.entry(v.branch(*b).parent).or_default().push(row);
    }
    // One without branches may owe something itself.
    for o in 0..v.organisations().len() {
        if v.ledger_years(Holder::Organisation(o)).contains(&year) {
            by_org.entry(Some(o)).or_default();
        }
    }
    let orgs: Vec<Value> = by_org
        .into_iter()
        .map(|(org, rows)| {
            let name = org.map(|o| v.organisation(o).name.as_str());
            let own = org.filter(|o| v.ledger_years(Holder::Organisation(*o)).contains(&year));
            let own = own.map(|o| v.url(&v.ledger_route(Holder::Organisation(o), year)));
            Map::new().maybe("name", name).maybe("url", own).with("rows", rows).done()
        })
        .collect();
    let title = v.theme.say("ledger.all_title", &[("year", v.year(year))]);
    let states: Vec<Value> = if gaps { State::ALL.iter().map(|s| state_value(v, *s)).collect() } else { Vec::new() };
    let head = Head {
        key: "ledgers",
        crumbs: crumbs(v, &[(v.say("rules.title"), Some("rules/".into())), (title.clone(), None)]),
        title,
        ..Head::default()
    };
    let years: Vec<Value> = ledger_years(v);
    let calendar = gaps && year == v.as_of().year();
    Page::new(
        "ledgers.html",
        head,
        Map::new()
            .with("year", year)
            .with("gaps", gaps)
            .with("asof", v.as_of().to_string())
            .with("columns", heads)
            .with("orgs", orgs)
            .list("states", states)
            .list("years", years)
            .maybe("calendar", calendar.then_some("due.ics"))
            .with("rules_url", v.url("rules/")),
    )
}

/// Writes what falls due as a calendar (RFC 5545): all-day entries on the last day of each period.
pub(super) fn calendar(v: &Ask<'_>, branch: Option<usize>) -> String {
    let branches: Vec<usize> = match branch {
        Some(b) => vec![b],
        None => (0..v.branches().len()).filter(|b| v.branches()[*b].is_open()).collect(),
    };
    let mut calendar = Calendar::empty();
    calendar.append_property(icalendar::Property::new("VERSION", "2.0"));
    calendar.append_property(icalendar::Property::new("PRODID", "-//Beilin//Beilin//ZH"));
    calendar.append_property(icalendar::Property::new("CALSCALE", "GREGORIAN"));
    let title = match branch {
        Some(b) => v.theme.say("ledger.calendar_of", &[("name", v.branch_name(b, None).name.to_owned())]),
        None => v.theme.say("ledger.calendar_all", &[("site", v.config.site.title.clone())]),
    };
    calendar.append_property(icalendar::Property::new("X-WR-CALNAME", &title));
    for b in branches {
        for due in v.due(b) {
            if let Some(event) = event(v, b, &due) {
                calendar.push(event);
            }
        }
    }
    // Of ledgers each branch was asked; the rest is one list.
    for duty in v.duties(branch).filter(|d| !d.is_over) {
        if let Some(event) = duty_event(v, duty) {
            calendar.push(event);
        }
    }
    calendar.done().to_string()
}

/// An entry for what no ledger asks for: something to post or take down, a task of a programme.
fn duty_event(v: &Ask<'_>, duty: &Duty) -> Option<icalendar::Event> {
    let last = civil(duty.day)?;
    let key = match duty.origin {
        Origin::Ledger => return None,
        Origin::Programme => "disclosure.calendar_task",
        Origin::Post => "disclosure.calendar_post",
        Origin::TakeDown => "disclosure.calendar_down",
        Origin::Term => "ledger.calendar_term",
    };
    let uid = format!(
        "{}-{}-{}-{}@beilin",
        duty.origin.word(),
        route::encode(&duty.who),
        route::encode(&duty.id),
        compact(last)
    );
    let summary = v.theme.say(key, &[("title", duty.title.clone()), ("name", duty.name.clone())]);
    all_day(v, &uid, &summary, &duty.by, last)
}

fn event(v: &Ask<'_>, branch: usize, due: &Due) -> Option<icalendar::Event> {
    let last = civil(due.span.to)?;
    let pack = &v.packs()[due.rule.0];
    let rule = &pack.rules[due.rule.1];
    let name = v.branch_name(branch, None);
    let subject = due.subject.as_ref().map(|s| format!("（{}）", s.1)).unwrap_or_default();
    let (count, min) = due.count;
    let words = [
        ("title", format!("{}{subject}", rule.title)),
        ("span", span_label(v, due.span)),
        ("count", count.to_string()),
        ("min", min.to_string()),
        ("name", name.short.to_owned()),
    ];
    let who = due.subject.as_ref().map_or("", |s| s.0.as_str());
    let uid = format!("{}-{}-{}-{}-{}@beilin", name.id, pack.id, rule.id, route::encode(who), compact(last));
    let description = format!("{}：“{}”", pack.short.as_deref().unwrap_or(&pack.title), rule.told.text);
    all_day(v, &uid, &v.theme.say("ledger.calendar_entry", &words), &description, last)
}

fn compact(d: jiff::civil::Date) -> String {
    format!("{:04}{:02}{:02}", d.year(), d.month(), d.day())
}

/// An entry of a whole day.
fn all_day(
    v: &Ask<'_>,
    uid: &str,
    summary: &str,
    description: &str,
    last: jiff::civil::Date,
) -> Option<icalendar::Event> {
    let next = last.tomorrow().ok()?;
    let mut event = icalendar::Event::new();
    event.uid(uid).summary(summary).description(description);
    // The stamp is the day of the build: the same input gives the same file.
    event.append_property(icalendar::Property::new("DTSTAMP", format!("{}T000000Z", compact(v.as_of()))));
    event.append_property(date_property("DTSTART", &compact(last)));
    event.append_property(date_property("DTEND", &compact(next)));
    event.append_property(icalendar::Property::new("TRANSP", "TRANSPARENT"));
    Some(event.done())
}

fn date_property(name: &str, day: &str) -> icalendar::Property {
    let mut property = icalendar::Property::new(name, day);
    property.append_parameter(icalendar::Parameter::new("VALUE", "DATE"));
    property
}
