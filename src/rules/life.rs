//! The life of an honour (荣誉的经过): events → where it stands on a day.
//!
//! Which event may follow which is a table, `data/life.toml`. A fold over the events in order gives the
//! state; what the table does not allow changes nothing and is a [`Fault`]. Nothing here decides: a
//! naming, a revocation, a confirmation is what a body wrote down.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A day: year, month, day of the month.
pub type Day = (i16, u8, u8);

/// What may happen to an honour (事项), in the order of a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Applied for (申报).
    Applied,
    /// Found eligible (资格审核通过).
    Eligible,
    /// Found not eligible (不予参评); why is never told.
    Disqualified,
    /// Assessed (考核).
    Assessed,
    /// Recommended (推荐).
    Recommended,
    /// Opinions were asked for (征求意见).
    Consulted,
    /// Posted for objections (公示).
    Publicised,
    /// Named (命名).
    Named,
    /// The plaque was handed over (授牌).
    PlaqueIssued,
    /// Reviewed by its unit (复查).
    Reviewed,
    /// Confirmed after the review (继续认定).
    Confirmed,
    /// Revoked (撤销); why is never told.
    Revoked,
    /// The plaque was taken back (收回牌匾).
    PlaqueRecalled,
}

/// All steps, in order.
pub const STEPS: [Step; 13] = [
    Step::Applied,
    Step::Eligible,
    Step::Disqualified,
    Step::Assessed,
    Step::Recommended,
    Step::Consulted,
    Step::Publicised,
    Step::Named,
    Step::PlaqueIssued,
    Step::Reviewed,
    Step::Confirmed,
    Step::Revoked,
    Step::PlaqueRecalled,
];

impl Step {
    /// Returns the word files use.
    pub fn word(self) -> &'static str {
        match self {
            Step::Applied => "applied",
            Step::Eligible => "eligible",
            Step::Disqualified => "disqualified",
            Step::Assessed => "assessed",
            Step::Recommended => "recommended",
            Step::Consulted => "consulted",
            Step::Publicised => "publicised",
            Step::Named => "named",
            Step::PlaqueIssued => "plaque_issued",
            Step::Reviewed => "reviewed",
            Step::Confirmed => "confirmed",
            Step::Revoked => "revoked",
            Step::PlaqueRecalled => "plaque_recalled",
        }
    }

    /// Reads the word of files.
    pub fn parse(word: &str) -> Option<Step> {
        STEPS.into_iter().find(|s| s.word() == word)
    }

    /// Returns the name of an event (命名).
    pub fn zh(self) -> &'static str {
        match self {
            Step::Applied => "申报",
            Step::Eligible => "资格审核通过",
            Step::Disqualified => "不予参评",
            Step::Assessed => "考核",
            Step::Recommended => "推荐",
            Step::Consulted => "征求意见",
            Step::Publicised => "公示",
            Step::Named => "命名",
            Step::PlaqueIssued => "授牌",
            Step::Reviewed => "复查",
            Step::Confirmed => "继续认定",
            Step::Revoked => "撤销",
            Step::PlaqueRecalled => "收回牌匾",
        }
    }

    /// Tells whether nothing of it but day, body and document may be published: a reason may lie behind it.
    pub fn is_silent(self) -> bool {
        matches!(self, Step::Disqualified | Step::Revoked)
    }

    fn row(self) -> &'static Row {
        TABLE.step.iter().find(|r| r.event == self).expect("a test finds every step")
    }
}

/// The state of an honour on a day, as coarse as lists need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Named, and not revoked (已命名).
    Named,
    /// Revoked (已撤销); the reason is never published.
    Revoked,
    /// Under way (创建中).
    InProgress,
    /// Not eligible this time (不予参评); the reason is never published.
    Disqualified,
}

impl State {
    /// Returns the word used in templates and data.
    pub fn word(self) -> &'static str {
        match self {
            State::Named => "named",
            State::Revoked => "revoked",
            State::InProgress => "in_progress",
            State::Disqualified => "disqualified",
        }
    }
}

/// Where an honour stands on a day, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing has happened yet.
    Nothing,
    /// Applied for (已申报).
    Applied,
    /// Found eligible (资格审核通过).
    Eligible,
    /// Found not eligible (不予参评).
    Disqualified,
    /// Assessed (已考核).
    Assessed,
    /// Recommended (已推荐).
    Recommended,
    /// Opinions are asked for (征求意见).
    Consulted,
    /// Posted (公示).
    Publicised,
    /// Named (已命名).
    Named,
    /// Named, and a review is open (复查中).
    UnderReview,
    /// Named, and confirmed after a review (继续认定).
    Confirmed,
    /// Revoked (已撤销).
    Revoked,
    /// Revoked, and the plaque is back (已撤销，牌匾已收回).
    Recalled,
}

impl Standing {
    /// Returns the word used in templates and data.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Nothing => "nothing",
            Standing::Applied => "applied",
            Standing::Eligible => "eligible",
            Standing::Disqualified => "disqualified",
            Standing::Assessed => "assessed",
            Standing::Recommended => "recommended",
            Standing::Consulted => "consulted",
            Standing::Publicised => "publicised",
            Standing::Named => "named",
            Standing::UnderReview => "under_review",
            Standing::Confirmed => "confirmed",
            Standing::Revoked => "revoked",
            Standing::Recalled => "recalled",
        }
    }

    /// Returns the state it is part of.
    pub fn state(self) -> State {
        match self {
            Standing::Disqualified => State::Disqualified,
            Standing::Named | Standing::UnderReview | Standing::Confirmed => State::Named,
            Standing::Revoked | Standing::Recalled => State::Revoked,
            Standing::Nothing
            | Standing::Applied
            | Standing::Eligible
            | Standing::Assessed
            | Standing::Recommended
            | Standing::Consulted
            | Standing::Publicised => State::InProgress,
        }
    }
}

/// What a review advises (保留, 撤销).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advice {
    /// To keep the naming.
    Keep,
    /// To revoke it.
    Revoke,
}

impl Advice {
    /// Reads the words of the table; `None` for any other.
    pub fn parse(word: &str) -> Option<Advice> {
        let has = |list: &[String]| list.iter().any(|w| w == word.trim());
        match (has(&TABLE.results.keep), has(&TABLE.results.revoke)) {
            (true, _) => Some(Advice::Keep),
            (_, true) => Some(Advice::Revoke),
            _ => None,
        }
    }

    /// Returns the words that are understood.
    pub fn words() -> impl Iterator<Item = &'static str> {
        TABLE.results.keep.iter().chain(&TABLE.results.revoke).map(String::as_str)
    }
}

/// The table of `data/life.toml`.
#[derive(Debug, Deserialize)]
struct Table {
    step: Vec<Row>,
    results: Results,
}

#[derive(Debug, Deserialize)]
struct Row {
    event: Step,
    order: u8,
    may: Vec<State>,
    #[serde(default)]
    odd: Vec<State>,
    gives: Option<Standing>,
}

#[derive(Debug, Deserialize)]
struct Results {
    keep: Vec<String>,
    revoke: Vec<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("../data/life.toml")).expect("a test reads the table"));

/// An event as the fold sees it. A date that is not exact can mean any day from `first` to `last`;
/// neither is known of a masked year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fact {
    /// What happened.
    pub step: Step,
    /// The first day it can mean.
    pub first: Option<Day>,
    /// The last day it can mean.
    pub last: Option<Day>,
    /// What a review advised.
    pub advice: Option<Advice>,
}

impl Fact {
    /// Makes an event of one day.
    pub fn on(step: Step, day: Day) -> Fact {
        Fact { step, first: Some(day), last: Some(day), advice: None }
    }

    /// Returns what events are ordered by: the day, and on one day the order of a life.
    pub fn place(&self) -> (Option<Day>, Step) {
        (self.first, self.step)
    }

    /// Tells whether it has happened by a day; a masked year is taken to have.
    pub fn is_by(&self, day: Day) -> bool {
        self.first.is_none_or(|d| d <= day)
    }

    fn certainly_before(&self, other: &Fact) -> bool {
        match (self.last, other.first) {
            (Some(a), Some(b)) => a < b,
            _ => false,
        }
    }

    /// Whether the order of two is known: one is over before the other begins, or both are of one exact day.
    fn is_ordered(&self, other: &Fact) -> bool {
        let exact = |f: &Fact| f.first.is_some() && f.first == f.last;
        self.certainly_before(other)
            || other.certainly_before(self)
            || exact(self) && exact(other) && self.first == other.first
    }
}

/// What contradicts the table, or what a person should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Breach {
    /// It presupposes a naming.
    Unnamed,
    /// A naming of what is named.
    NamedTwice,
    /// It belongs before the naming.
    AfterNaming,
    /// It comes after the branch was found not eligible.
    AfterDisqualification,
    /// After a revocation only the plaque comes back.
    AfterRevocation,
    /// The plaque came back, and nothing was revoked.
    RecalledUnrevoked,
    /// It comes before what it follows in the procedure.
    OutOfOrder,
    /// Dates too coarse to tell which came first.
    Unclear,
}

impl Breach {
    /// Tells whether the record contradicts itself.
    pub fn is_contradiction(self) -> bool {
        match self {
            Breach::Unnamed
            | Breach::NamedTwice
            | Breach::AfterNaming
            | Breach::AfterDisqualification
            | Breach::AfterRevocation => true,
            Breach::RecalledUnrevoked | Breach::OutOfOrder | Breach::Unclear => false,
        }
    }
}

/// An event the table does not allow where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The event, by its place in the list given.
    pub at: usize,
    /// The event it does not go with.
    pub other: Option<usize>,
    /// How.
    pub breach: Breach,
}

/// A naming and its end, by places in the list given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The naming.
    pub named: usize,
    /// The revocation.
    pub revoked: Option<usize>,
}

/// A life told: where it stands in the end, what was held when, what does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Where it stands after the last event.
    pub standing: Standing,
    /// The event that brought it there, by its place in the list given.
    pub at: Option<usize>,
    /// When it was held, oldest first.
    pub holdings: Vec<Holding>,
    /// What does not fit.
    pub faults: Vec<Fault>,
}

/// Tells a life from its events, in whatever order they were written.
pub fn live(facts: &[Fact]) -> Life {
    let mut order: Vec<usize> = (0..facts.len()).collect();
    order.sort_by_key(|i| facts[*i].place());
    let mut life = Life { standing: Standing::Nothing, at: None, holdings: Vec::new(), faults: Vec::new() };
    // The event that brought about the state it is in.
    let mut since: Option<usize> = None;
    for (n, &at) in order.iter().enumerate() {
        let (fact, row, state) = (&facts[at], facts[at].step.row(), life.standing.state());
        if row.may.contains(&state) {
            let next = match (row.gives, fact.advice) {
                // A review that advises to keep leaves the naming where it was.
                (Some(Standing::UnderReview), Some(Advice::Keep)) | (None, _) => life.standing,
                (Some(next), _) => next,
            };
            match (state, next.state()) {
                (State::Named, State::Revoked) => {
                    life.holdings.last_mut().expect("what is named is held").revoked = Some(at);
                }
                (was, State::Named) if was != State::Named => life.holdings.push(Holding { named: at, revoked: None }),
                _ => {}
            }
            if next.state() != state {
                since = Some(at);
            }
            if next != life.standing {
                life.at = Some(at);
            }
            life.standing = next;
            continue;
        }
        let (breach, other) = match state {
            _ if row.odd.contains(&state) => (Breach::RecalledUnrevoked, since),
            State::InProgress => (Breach::Unnamed, order[n..].iter().copied().find(|i| facts[*i].step == Step::Named)),
            State::Named if fact.step == Step::Named => (Breach::NamedTwice, since),
            State::Named => (Breach::AfterNaming, since),
            State::Disqualified => (Breach::AfterDisqualification, since),
            State::Revoked => (Breach::AfterRevocation, since),
        };
        match other.is_none_or(|o| facts[o].is_ordered(fact)) {
            true => life.faults.push(Fault { at, other, breach }),
            // What comes before a naming changes nothing after it; the rest would.
            false if fact.step >= Step::Named => {
                life.faults.push(Fault { at, other, breach: Breach::Unclear });
            }
            false => {}
        }
    }
    life.faults.extend(out_of_order(facts));
    life
}

/// Finds steps before the naming that come before what they follow, where every event of that kind is later.
fn out_of_order(facts: &[Fact]) -> Vec<Fault> {
    let naming = Step::Named.row().order;
    let before = |f: &Fact| f.step.row().order < naming;
    let mut found = Vec::new();
    for (at, fact) in facts.iter().enumerate().filter(|(_, f)| before(f)) {
        let earlier = |f: &Fact| f.step.row().order < fact.step.row().order;
        let follows = facts.iter().enumerate().filter(|(_, f)| earlier(f));
        let all_later = |step: Step| facts.iter().filter(|f| f.step == step).all(|f| fact.certainly_before(f));
        if let Some((other, _)) = follows.into_iter().find(|(_, f)| all_later(f.step)) {
            found.push(Fault { at, other: Some(other), breach: Breach::OutOfOrder });
        }
    }
    found
}

/// Returns where a life stands on a day. Events after the day have no part in it.
pub fn standing(facts: &[Fact], day: Day) -> Standing {
    live(&until(facts, day)).standing
}

/// Returns the events by a day.
pub fn until(facts: &[Fact], day: Day) -> Vec<Fact> {
    facts.iter().filter(|f| f.is_by(day)).copied().collect()
}

/// Returns the naming of `earlier` that was in force when `later` was named, and the naming of `later`.
pub fn clash(earlier: &[Fact], later: &[Fact]) -> Option<(usize, usize)> {
    let (a, b) = (live(earlier).holdings, live(later).holdings);
    b.iter().find_map(|second| {
        let day = later[second.named].first;
        let holds = |first: &&Holding| {
            earlier[first.named].first <= day && first.revoked.is_none_or(|r| earlier[r].first > day)
        };
        a.iter().find(holds).map(|first| (first.named, second.named))
    })
}

/// How many were named and revoked in a year, and how many were held at its end (or on the day asked for).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// Named in it.
    pub named: usize,
    /// Revoked in it.
    pub revoked: usize,
    /// Held at its end: all that was named less all that was revoked.
    pub held: usize,
}

/// Counts lives year by year, from the first naming to a day. Namings of masked years count as held from
/// the first year on.
pub fn by_year(lives: &[Vec<Fact>], day: Day) -> Vec<Year> {
    let mut changes: Vec<(Option<i16>, bool)> = Vec::new();
    for facts in lives {
        let facts = until(facts, day);
        let year = |at: usize| facts[at].first.map(|d| d.0);
        for holding in live(&facts).holdings {
            changes.push((year(holding.named), true));
            changes.extend(holding.revoked.map(|r| (year(r), false)));
        }
    }
    let Some(first) = changes.iter().filter_map(|(y, _)| *y).min() else { return Vec::new() };
    let count = |year: Option<i16>, gain: bool| changes.iter().filter(|c| **c == (year, gain)).count();
    let mut held = count(None, true) - count(None, false);
    (first..=day.0)
        .map(|year| {
            let (named, revoked) = (count(Some(year), true), count(Some(year), false));
            held = held + named - revoked;
            Year { year, named, revoked, held }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: u16) -> Day {
        (2020 + (n / 360) as i16, (n / 30 % 12) as u8 + 1, (n % 30) as u8 + 1)
    }

    fn fact() -> impl Strategy<Value = Fact> {
        (0..STEPS.len(), 0u16..1800, 0u8..3).prop_map(|(s, d, a)| Fact {
            advice: [None, Some(Advice::Keep), Some(Advice::Revoke)][a as usize],
            ..Fact::on(STEPS[s], day(d))
        })
    }

    fn facts() -> impl Strategy<Value = Vec<Fact>> {
        prop::collection::vec(fact(), 0..14)
    }

    fn held(facts: &[Fact], day: Day) -> bool {
        standing(facts, day).state() == State::Named
    }

    #[test]
    fn the_table_has_every_step_once_in_its_order() {
        assert_eq!(TABLE.step.iter().map(|r| r.event).collect::<Vec<_>>(), STEPS);
        assert!(TABLE.step.windows(2).all(|w| w[0].order <= w[1].order));
        for step in STEPS {
            assert_eq!(Step::parse(step.word()), Some(step));
        }
        assert_eq!((Advice::parse("保留"), Advice::parse("因工作滑坡撤销")), (Some(Advice::Keep), None));
    }

    #[test]
    fn a_life_runs_through_its_standings() {
        let d = |m| (2025, m, 1);
        let mut told = Vec::new();
        let mut expected = String::new();
        for (n, (step, word)) in [
            (Step::Applied, "applied"),
            (Step::Eligible, "eligible"),
            (Step::Assessed, "assessed"),
            (Step::Recommended, "recommended"),
            (Step::Consulted, "consulted"),
            (Step::Publicised, "publicised"),
            (Step::Named, "named"),
            (Step::PlaqueIssued, "named"),
            (Step::Reviewed, "under_review"),
            (Step::Confirmed, "confirmed"),
            (Step::Revoked, "revoked"),
            (Step::PlaqueRecalled, "recalled"),
        ]
        .into_iter()
        .enumerate()
        {
            told.push(Fact::on(step, d(n as u8 + 1)));
            expected += word;
            assert_eq!(live(&told).standing.word(), word);
        }
        assert_eq!(live(&told).faults, []);
        assert_eq!(standing(&told, (2024, 12, 31)), Standing::Nothing);
        let keep = Fact { advice: Some(Advice::Keep), ..Fact::on(Step::Reviewed, (2026, 1, 1)) };
        assert_eq!(live(&[Fact::on(Step::Named, d(1)), keep]).standing, Standing::Named);
    }

    #[test]
    fn every_breach_has_its_case() {
        let breach = |list: &[(Step, Day)]| {
            let facts: Vec<Fact> = list.iter().map(|(s, d)| Fact::on(*s, *d)).collect();
            live(&facts).faults.first().map(|f| (f.breach, f.at, f.other))
        };
        let d = |m| (2025, m, 1);
        use Step::*;
        assert_eq!(breach(&[(Revoked, d(1))]), Some((Breach::Unnamed, 0, None)));
        assert_eq!(breach(&[(Named, d(6)), (Reviewed, d(2))]), Some((Breach::Unnamed, 1, Some(0))));
        assert_eq!(breach(&[(Named, d(6)), (Named, d(7))]), Some((Breach::NamedTwice, 1, Some(0))));
        assert_eq!(breach(&[(Named, d(6)), (Publicised, d(7))]), Some((Breach::AfterNaming, 1, Some(0))));
        assert_eq!(breach(&[(Disqualified, d(6)), (Named, d(7))]), Some((Breach::AfterDisqualification, 1, Some(0))));
        assert_eq!(
            breach(&[(Named, d(1)), (Revoked, d(6)), (Confirmed, d(7))]),
            Some((Breach::AfterRevocation, 2, Some(1)))
        );
        assert_eq!(breach(&[(Named, d(1)), (PlaqueRecalled, d(7))]), Some((Breach::RecalledUnrevoked, 1, Some(0))));
        assert_eq!(breach(&[(Assessed, d(1)), (Applied, d(2))]), Some((Breach::OutOfOrder, 0, Some(1))));
        assert_eq!(breach(&[(Recommended, d(1)), (Assessed, d(2)), (Named, d(3))]), None);
        assert_eq!(breach(&[(Applied, d(1)), (Disqualified, d(2)), (Applied, (2026, 1, 1))]), None);
    }

    #[test]
    fn coarse_dates_are_no_contradiction() {
        let month = |step, m: u8| Fact { last: Some((2025, m, 31)), ..Fact::on(step, (2025, m, 1)) };
        let named = month(Step::Named, 6);
        assert_eq!(live(&[named, Fact::on(Step::Publicised, (2025, 6, 10))]).faults, []);
        let year = Fact { last: Some((2025, 12, 31)), ..Fact::on(Step::Revoked, (2025, 1, 1)) };
        assert_eq!(live(&[named, year]).faults, [Fault { at: 1, other: Some(0), breach: Breach::Unclear }]);
        let masked = |step| Fact { step, first: None, last: None, advice: None };
        let life = live(&[masked(Step::Named), masked(Step::Applied), masked(Step::Revoked)]);
        assert_eq!((life.standing, life.faults), (Standing::Revoked, Vec::new()));
    }

    #[test]
    fn a_second_naming_clashes_until_the_first_is_revoked() {
        let f = |list: &[(Step, Day)]| list.iter().map(|(s, d)| Fact::on(*s, *d)).collect::<Vec<_>>();
        let first = f(&[(Step::Named, (2024, 6, 1)), (Step::Revoked, (2025, 12, 1))]);
        assert_eq!(clash(&first, &f(&[(Step::Named, (2025, 6, 1))])), Some((0, 0)));
        assert_eq!(clash(&first, &f(&[(Step::Named, (2025, 12, 1))])), None);
        assert_eq!(clash(&first, &f(&[(Step::Named, (2023, 6, 1))])), None);
    }

    #[test]
    fn numbers_are_net_of_revocations() {
        let d = |y| (y, 6, 1);
        let lives = [
            vec![Fact::on(Step::Named, d(2023)), Fact::on(Step::Revoked, d(2025))],
            vec![Fact::on(Step::Named, d(2023))],
            vec![Fact::on(Step::Named, d(2025))],
        ];
        let rows: Vec<_> = by_year(&lives, (2025, 7, 1)).iter().map(|y| (y.year, y.named, y.revoked, y.held)).collect();
        assert_eq!(rows, [(2023, 2, 0, 2), (2024, 0, 0, 2), (2025, 1, 1, 2)]);
        assert_eq!(by_year(&lives, (2022, 1, 1)), []);
    }

    proptest! {
        #[test]
        fn no_sequence_gives_two_namings_in_force(facts in facts(), n in 0u16..1800) {
            let held = until(&facts, day(n));
            let open = live(&held).holdings.iter().filter(|h| h.revoked.is_none()).count();
            prop_assert!(open <= 1);
            prop_assert_eq!(open == 1, standing(&facts, day(n)).state() == State::Named);
        }

        #[test]
        fn lives_of_one_branch_that_do_not_clash_are_never_in_force_at_once(a in facts(), b in facts(), n in 0u16..1800) {
            if clash(&a, &b).is_none() && clash(&b, &a).is_none() {
                prop_assert!(!(held(&a, day(n)) && held(&b, day(n))));
            }
        }

        #[test]
        fn events_after_the_day_never_matter(facts in facts(), n in 0u16..1800) {
            prop_assert_eq!(standing(&facts, day(n)), live(&until(&facts, day(n))).standing);
            let later: Vec<Fact> = facts.iter().copied().chain([Fact::on(Step::Revoked, day(n + 1))]).collect();
            prop_assert_eq!(standing(&facts, day(n)), standing(&later, day(n)));
        }

        #[test]
        fn the_order_of_writing_does_not_matter(facts in facts(), seed in any::<u64>()) {
            let mut days: Vec<Fact> = facts.clone();
            days.sort_by_key(Fact::place);
            days.dedup_by_key(|f| f.first);
            let mut mixed = days.clone();
            for i in (1..mixed.len()).rev() {
                mixed.swap(i, (seed.rotate_left(i as u32 * 7) % (i as u64 + 1)) as usize);
            }
            prop_assert_eq!(live(&days).standing, live(&mixed).standing);
        }

        #[test]
        fn what_is_revoked_stays_so_unless_named_again(facts in facts(), n in 0u16..1800, more in facts()) {
            if standing(&facts, day(n)).state() == State::Revoked {
                let known = until(&facts, day(n));
                let later = more.into_iter().filter(|f| f.first > Some(day(n)) && f.step != Step::Named);
                let all: Vec<Fact> = known.into_iter().chain(later).collect();
                prop_assert_eq!(live(&all).standing.state(), State::Revoked);
            }
        }

        #[test]
        fn named_less_revoked_is_what_is_held_at_the_years_end(lives in prop::collection::vec(facts(), 0..6)) {
            let years = by_year(&lives, (2025, 12, 31));
            let mut net = 0;
            for y in years {
                net = net + y.named - y.revoked;
                let at_end = lives.iter().filter(|f| held(f, (y.year, 12, 31))).count();
                prop_assert_eq!((net, y.held), (at_end, at_end));
            }
        }
    }
}
