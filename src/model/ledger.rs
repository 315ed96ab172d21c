//! The ledger (台账): what a branch's or organisation's packs ask for in a year, and what is recorded.
//!
//! What is recorded is what this build's readers may see. A gap therefore says “未记录”, never that
//! something did not take place; and readers for whom records are withheld are shown practice only.

use super::Site;
use super::branch::{Branch, Group, Term};
use super::kind::Audience;
use super::pack::{self, Pack, Per, Rule, day_of};
use super::query::Index;
use super::record::Record;
use super::schema::Person;
use crate::rules::cadence::{self, Day, Fact, Modality, Span, State, Tally, Want};
use serde::{Deserialize, Serialize};

/// Whose ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Holder {
    /// A branch's, by number.
    Branch(usize),
    /// An organisation's own, by number.
    Organisation(usize),
}

/// A ledger of a year.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// One row for each rule and whom it binds.
    pub rows: Vec<Row>,
}

/// A row of a ledger: a rule, whom it binds, how the year stands.
#[derive(Debug, Clone)]
pub struct Row {
    /// Pack and rule.
    pub rule: (usize, usize),
    /// Rules of other packs that ask for the same.
    pub also: Vec<(usize, usize)>,
    /// The group (id, name) or kind of pair.
    pub subject: Option<(String, String)>,
    /// The periods of the year.
    pub cells: Vec<Cell>,
    /// The year as a whole, where the periods are parts of it.
    pub total: Option<Cell>,
    /// Records of the year that count for it and are dated too loosely to be placed in a period.
    pub unplaced: Vec<usize>,
}

/// A period of a row.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The days.
    pub span: Span,
    /// How many are wanted.
    pub want: Want,
    /// How it stands.
    pub state: State,
    /// How much counts.
    pub count: u32,
    /// The records that count.
    pub records: Vec<usize>,
    /// Whether subject or rule held for a part of the period only.
    pub partly: bool,
}

/// States in the order in which they want looking at; what does not apply decides nothing.
const WORST_FIRST: [State; 8] =
    [State::Over, State::Short, State::Unrecorded, State::Advisory, State::Due, State::Late, State::Unset, State::Met];

impl Row {
    /// Returns how the row stands: what most wants looking at decides.
    pub fn state(&self) -> State {
        if let Some(total) = &self.total {
            return cadence::together(total.state, self.cells.iter().map(|c| c.state));
        }
        let has = |s: State| self.cells.iter().any(|c| c.state == s);
        match WORST_FIRST.into_iter().find(|s| has(*s)) {
            // Nothing at all is recorded, or something is missing.
            Some(State::Unrecorded) if self.cells.iter().any(|c| c.count > 0) => State::Short,
            Some(state) => state,
            None => State::NotApplicable,
        }
    }

    /// Returns how many periods are met, of how many that are over or met.
    pub fn reached(&self) -> (usize, usize) {
        let counted = |c: &&Cell| !matches!(c.state, State::NotApplicable | State::Due | State::Unset);
        let met = |c: &&Cell| matches!(c.state, State::Met | State::Late);
        (self.cells.iter().filter(met).count(), self.cells.iter().filter(counted).count())
    }
}

/// Tells whether the readers of a build are shown gaps: only where nothing a branch records is withheld
/// from them by its kind.
pub fn shows_gaps(audience: Audience) -> bool {
    match audience {
        Audience::Society | Audience::Party => false,
        Audience::Unit | Audience::Named => true,
    }
}

/// Tells whether anybody has a ledger.
pub fn any(site: &Site) -> bool {
    !site.options.packs.is_empty() && !site.packs.is_empty()
}

/// Returns the years a holder has ledgers of, newest first: those with records, and the present one.
pub fn years(site: &Site, index: &Index, holder: Holder) -> Vec<i16> {
    if packs_of(site, holder).iter().all(|p| !has_rules(&site.packs[*p], holder)) {
        return Vec::new();
    }
    let mut years: Vec<i16> = records_of(index, holder).iter().filter_map(|r| site.records[*r].year()).collect();
    let now = site.options.as_of.year();
    if match holder {
        Holder::Branch(b) => site.branches[b].is_open(),
        Holder::Organisation(_) => !years.is_empty(),
    } {
        years.push(now);
    }
    years.retain(|y| *y <= now);
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    years
}

fn has_rules(pack: &Pack, holder: Holder) -> bool {
    pack.rules.iter().any(|r| binds(r.per, holder))
}

fn binds(per: Per, holder: Holder) -> bool {
    match (per, holder) {
        (Per::Organisation, Holder::Organisation(_)) => true,
        (Per::Branch | Per::Group | Per::Person | Per::Pair, Holder::Branch(_)) => true,
        (Per::Organisation, Holder::Branch(_))
        | (Per::Branch | Per::Group | Per::Person | Per::Pair, Holder::Organisation(_)) => false,
    }
}

/// Returns the packs that hold for a holder.
pub fn packs_of(site: &Site, holder: Holder) -> Vec<usize> {
    match holder {
        Holder::Branch(b) => pack::of_branch(site, &site.branches[b]),
        Holder::Organisation(o) => pack::of_organisation(site, &site.organisations[o]),
    }
}

fn records_of(index: &Index, holder: Holder) -> &[usize] {
    match holder {
        Holder::Branch(b) => index.of_branch(b),
        Holder::Organisation(o) => index.of_unit(o),
    }
}

/// Returns when a branch worked.
pub fn life(branch: &Branch) -> Span {
    let ends = ["merged_into", "split_into", "dissolved"];
    let end = branch.events.iter().rev().find(|e| ends.contains(&e.event.as_str())).filter(|_| !branch.is_open());
    Span::of(
        branch.founded.as_ref().and_then(|d| d.start.earliest()),
        end.and_then(|e| e.date.end.unwrap_or(e.date.start).latest()),
    )
}

fn life_of_group(group: &Group) -> Span {
    pack::force(group.from.as_ref(), group.to.as_ref())
}

/// Makes a ledger.
pub fn ledger(site: &Site, index: &Index, holder: Holder, year: i16) -> Ledger {
    let near = |r: &&usize| site.records[**r].year().is_some_and(|y| (year..=year + 1).contains(&y));
    let records: Vec<usize> = records_of(index, holder).iter().filter(near).copied().collect();
    let maker = Maker { site, holder, year, records, as_of: day_of(site.options.as_of) };
    let mut rows: Vec<Row> = Vec::new();
    for p in packs_of(site, holder) {
        for (r, rule) in site.packs[p].rules.iter().enumerate().filter(|(_, r)| binds(r.per, holder)) {
            let of = |row: &&mut Row| site.packs[row.rule.0].rules[row.rule.1].agrees(rule);
            let mut agreeing = rows.iter_mut().filter(of).peekable();
            match agreeing.peek() {
                Some(_) => agreeing.for_each(|row| row.also.push((p, r))),
                None => {
                    drop(agreeing);
                    rows.extend(maker.rows(rule, (p, r)));
                }
            }
        }
    }
    Ledger { rows }
}

struct Maker<'a> {
    site: &'a Site,
    holder: Holder,
    year: i16,
    /// The records of this year and the next, for windows may reach into it.
    records: Vec<usize>,
    as_of: Day,
}

impl Maker<'_> {
    fn rows(&self, rule: &Rule, at: (usize, usize)) -> Vec<Row> {
        let life = match self.holder {
            Holder::Branch(b) => life(&self.site.branches[b]),
            Holder::Organisation(_) => Span::EVER,
        };
        let life = life.and(rule.force).filter(|_| !rule.needs_committee || self.has_committee());
        let whole = Span { from: (self.year, 1, 1), to: (self.year, 12, 31) };
        match (rule.per, self.holder) {
            (Per::Group, Holder::Branch(b)) => {
                let groups = self.site.branches[b].groups.iter();
                let held = groups.filter(|g| life_of_group(g).and(whole).is_some());
                held.map(|g| {
                    let subject = Some((g.id.clone(), g.name.clone()));
                    self.row(rule, at, subject, life.and_then(|l| l.and(life_of_group(g))), &|r| {
                        r.group.as_deref().is_some_and(|n| n == g.name || n == g.id)
                    })
                })
                .collect()
            }
            (Per::Pair, _) if !rule.pairs.is_empty() => {
                let of = |pair: &String| {
                    let subject = Some((pair.clone(), pair.clone()));
                    self.row(rule, at, subject, life, &|r| r.values.text("pair") == Some(pair))
                };
                rule.pairs.iter().map(of).collect()
            }
            _ => vec![self.row(rule, at, None, life, &|_| true)],
        }
    }

    /// Tells whether a committee is known of, or nothing is: a roster of one or two names is a secretary's.
    fn has_committee(&self) -> bool {
        let Holder::Branch(b) = self.holder else { return true };
        let branch = &self.site.branches[b];
        let year = Span { from: (self.year, 1, 1), to: (self.year, 12, 31) };
        let held = |t: &&Term| pack::force(t.from.as_ref(), t.to.as_ref()).and(year).is_some();
        let terms: Vec<&Term> = branch.terms.iter().filter(held).collect();
        terms.is_empty() || terms.iter().any(|t| t.posts.len() > 2)
    }

    fn row(
        &self,
        rule: &Rule,
        at: (usize, usize),
        subject: Option<(String, String)>,
        life: Option<Span>,
        is_of: &dyn Fn(&Record) -> bool,
    ) -> Row {
        let (mut facts, mut numbers) = (Vec::new(), Vec::new());
        for i in &self.records {
            let r = &self.site.records[*i];
            if self.counts(rule, r)
                && is_of(r)
                && let Some(fact) = fact(rule, r)
            {
                facts.push(fact);
                numbers.push(*i);
            }
        }
        let judge = |span: Span, want: Want| {
            let Tally { state, count, facts, partly } = cadence::judge(span, want, life, self.as_of, &facts);
            Cell { span, want, state, count, records: facts.into_iter().map(|f| numbers[f]).collect(), partly }
        };
        let wholes = rule.period.spans(self.year);
        let (cells, total): (Vec<Cell>, Option<Cell>) = match rule.split {
            Some((part, min)) => {
                let want = Want { min: Some(min), max: None, ..rule.want };
                let whole = Span { from: wholes[0].from, to: wholes[wholes.len() - 1].to };
                (part.spans(self.year).into_iter().map(|s| judge(s, want)).collect(), Some(judge(whole, rule.want)))
            }
            None => (wholes.into_iter().map(|s| judge(s, rule.want)).collect(), None),
        };
        let placed: Vec<usize> = cells.iter().flat_map(|c| &c.records).copied().collect();
        let of_year = |i: &usize| self.site.records[*i].year() == Some(self.year);
        let is_loose = |i: &usize| self.site.records[*i].date.as_ref().is_some_and(|d| d.start.day.is_none());
        let unplaced = numbers.into_iter().filter(|i| of_year(i) && is_loose(i) && !placed.contains(i)).collect();
        Row { rule: at, also: Vec::new(), subject, cells, total, unplaced }
    }

    fn counts(&self, rule: &Rule, r: &Record) -> bool {
        let v = &r.values;
        rule.kinds.contains(&r.kind)
            // A record that has been replaced is told by the one in its place.
            && r.corrected_by.is_none()
            && (rule.forms.is_empty() || v.text("form").is_some_and(|f| rule.forms.iter().any(|w| w == f)))
            && (rule.keywords.is_empty() || r.keywords.iter().any(|k| rule.keywords.contains(k)))
            && rule.lecturer.as_deref().is_none_or(|post| {
                v.person("lecturer").is_some_and(|p| r.branch.is_some_and(|b| holds_post(&self.site.branches[b], p, r, post)))
            })
    }
}

fn fact(rule: &Rule, r: &Record) -> Option<Fact> {
    let date = r.date.as_ref()?;
    let weight = match rule.per {
        Per::Pair | Per::Person => r.values.int("count").and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
        Per::Branch | Per::Group | Per::Organisation => 1,
    };
    // A meeting that ran over midnight belongs to the day it began.
    let (from, to) = (date.start.earliest()?, date.start.latest()?);
    Some(Fact { from, to, weight, late: r.late.is_some() })
}

/// Tells whether a person held a post on the day of a record, by what the record says or the roster.
fn holds_post(branch: &Branch, person: &Person, r: &Record, post: &str) -> bool {
    let bare = |text: &str| text.trim_start_matches("党支部").trim_start_matches("支部").to_owned();
    if let Some(named) = &person.post {
        return bare(named) == bare(post);
    }
    let Some(day) = r.date.as_ref().and_then(|d| d.start.earliest()) else { return false };
    let held = |from: Span| from.holds(Span { from: day, to: day });
    let posts = branch.terms.iter().flat_map(|t| &t.posts);
    posts
        .filter(|p| bare(&p.post) == bare(post) && p.name == person.name)
        .any(|p| held(pack::force(p.from.as_ref(), p.to.as_ref())))
}

/// How a branch's year stands, by rule: for the overview of all branches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brief {
    /// How it stands.
    pub state: State,
    /// Periods met, of how many.
    pub reached: (usize, usize),
    /// How much is recorded.
    pub count: u32,
}

/// How a year stands by rule: pack and rule.
pub type Briefs = Vec<((usize, usize), Brief)>;

/// Returns how a holder's year stands, for each rule (pack, rule) that binds it: rows of groups and pairs
/// are taken together.
pub fn briefs(site: &Site, index: &Index, holder: Holder, year: i16) -> Briefs {
    let mut found = Briefs::new();
    for row in ledger(site, index, holder, year).rows {
        let (met, of) = row.reached();
        let parts: u32 = row.cells.iter().map(|c| c.count).sum();
        let brief =
            Brief { state: row.state(), reached: (met, of), count: row.total.as_ref().map_or(parts, |t| t.count) };
        for at in std::iter::once(row.rule).chain(row.also.iter().copied()) {
            match found.iter_mut().find(|(a, _)| *a == at) {
                Some((_, all)) => {
                    all.state = worse(all.state, brief.state);
                    all.reached = (all.reached.0 + met, all.reached.1 + of);
                    all.count += brief.count;
                }
                None => found.push((at, brief.clone())),
            }
        }
    }
    found
}

fn worse(a: State, b: State) -> State {
    WORST_FIRST.into_iter().find(|s| a == *s || b == *s).unwrap_or(State::NotApplicable)
}

/// What falls due (待办): a period that is not over and not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Pack and rule.
    pub rule: (usize, usize),
    /// The group or kind of pair.
    pub subject: Option<(String, String)>,
    /// The days.
    pub span: Span,
    /// How much is recorded, of how much.
    pub count: (u32, u32),
    /// How it is worded.
    pub modality: Modality,
}

/// Returns what falls due for a branch in the year of the day, soonest first.
pub fn due(site: &Site, index: &Index, branch: usize) -> Vec<Due> {
    let today = day_of(site.options.as_of);
    let ledger = ledger(site, index, Holder::Branch(branch), today.0);
    let mut found = Vec::new();
    for row in &ledger.rows {
        for cell in row.cells.iter().chain(&row.total) {
            if cell.state == State::Due {
                found.push(Due {
                    rule: row.rule,
                    subject: row.subject.clone(),
                    span: cell.span,
                    count: (cell.count, cell.want.min.unwrap_or(0)),
                    modality: cell.want.modality,
                });
            }
        }
    }
    found.sort_by_key(|d| (d.span.to, d.rule));
    found
}
