//! How often something is to be recorded (周期): the spans of a year, and what is recorded in each.

use serde::{Deserialize, Serialize};

/// A day: year, month, day. The last day of a month may be written as its 31st.
pub type Day = (i16, u8, u8);

/// Days from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// How often (周期).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    /// 每月.
    Month,
    /// 每季度.
    Quarter,
    /// 每半年.
    Half,
    /// 每年.
    Year,
    /// 每年某段时间: first and last month and day; it may run into the next year.
    Window((u8, u8), (u8, u8)),
    /// 不定期.
    Irregular,
}

/// How a document words a rule (语气).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Modality {
    /// 应当.
    Must,
    /// 一般、原则上.
    Normally,
    /// 鼓励、适时.
    Encouraged,
}

/// What is wanted in a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// At least so many; `None` where the document gives no number.
    pub min: Option<u32>,
    /// At most so many.
    pub max: Option<u32>,
    /// How it is worded.
    pub modality: Modality,
}

/// Something recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// The first day it can mean.
    pub from: Day,
    /// The last day it can mean.
    pub to: Day,
    /// How often it counts.
    pub weight: u32,
    /// Whether it was written down long after it happened (补录).
    pub late: bool,
}

/// How a span stands (状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// 已达到.
    Met,
    /// 已达到，其中有补录: without what was entered late it would not be met.
    Late,
    /// 不足: something is recorded, and less than asked for.
    Short,
    /// 未记录: nothing is recorded, which does not say that nothing took place.
    Unrecorded,
    /// 未到期.
    Due,
    /// 一般要求: less than the document calls usual; no more than advice.
    Advisory,
    /// 未定次数: the document gives no number.
    Unset,
    /// 超出: more than the document allows.
    Over,
    /// 不适用.
    NotApplicable,
}

impl State {
    /// All states in the order they are explained.
    pub const ALL: [State; 9] = [
        State::Met,
        State::Late,
        State::Short,
        State::Unrecorded,
        State::Advisory,
        State::Due,
        State::Unset,
        State::Over,
        State::NotApplicable,
    ];

    /// Returns the word used in templates and data.
    pub fn word(self) -> &'static str {
        match self {
            State::Met => "met",
            State::Late => "late",
            State::Short => "short",
            State::Unrecorded => "unrecorded",
            State::Due => "due",
            State::Advisory => "advisory",
            State::Unset => "unset",
            State::Over => "over",
            State::NotApplicable => "na",
        }
    }

    /// Tells whether a rule that binds is not met.
    pub fn is_gap(self) -> bool {
        matches!(self, State::Short | State::Unrecorded)
    }
}

/// What is recorded in a span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How it stands.
    pub state: State,
    /// How much counts.
    pub count: u32,
    /// Which of the facts count.
    pub facts: Vec<usize>,
    /// Whether the subject or the rule held for a part of the span only: then it is advice.
    pub partly: bool,
}

impl Period {
    /// Returns its spans in a year; an irregular one has the year.
    pub fn spans(self, year: i16) -> Vec<Span> {
        let months = |n: u8| (0..12 / n).map(move |i| Span { from: (year, i * n + 1, 1), to: (year, i * n + n, 31) });
        match self {
            Period::Month => months(1).collect(),
            Period::Quarter => months(3).collect(),
            Period::Half => months(6).collect(),
            Period::Year | Period::Irregular => months(12).collect(),
            Period::Window(from, to) => {
                let end = if to < from { year + 1 } else { year };
                vec![Span { from: (year, from.0, from.1), to: (end, to.0, to.1) }]
            }
        }
    }

    /// Returns the word used in data.
    pub fn word(self) -> &'static str {
        match self {
            Period::Month => "month",
            Period::Quarter => "quarter",
            Period::Half => "half",
            Period::Year => "year",
            Period::Window(..) => "window",
            Period::Irregular => "irregular",
        }
    }
}

impl Modality {
    /// Returns the word used in data.
    pub fn word(self) -> &'static str {
        match self {
            Modality::Must => "must",
            Modality::Normally => "normally",
            Modality::Encouraged => "encouraged",
        }
    }
}

impl Span {
    /// All days.
    pub const EVER: Span = Span { from: (i16::MIN, 1, 1), to: (i16::MAX, 12, 31) };

    /// Makes a span of ends that may be open.
    pub fn of(from: Option<Day>, to: Option<Day>) -> Span {
        Span { from: from.unwrap_or(Span::EVER.from), to: to.unwrap_or(Span::EVER.to) }
    }

    /// Returns the days in both; `None` if there are none.
    pub fn and(self, other: Span) -> Option<Span> {
        let both = Span { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from <= both.to).then_some(both)
    }

    /// Tells whether all days of another are in it.
    pub fn holds(self, other: Span) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

/// Counts what is recorded in a span, and says how it stands on a day. `life` is when subject and rule
/// both hold. What cannot be placed in the span with certainty does not count.
pub fn judge(span: Span, want: Want, life: Option<Span>, as_of: Day, facts: &[Fact]) -> Tally {
    let inside = |f: &Fact| span.holds(Span { from: f.from, to: f.to });
    let counted: Vec<usize> = (0..facts.len()).filter(|i| inside(&facts[*i])).collect();
    let sum = |only_timely: bool| -> u32 {
        counted.iter().map(|i| &facts[*i]).filter(|f| !only_timely || !f.late).map(|f| f.weight).sum()
    };
    let count = sum(false);
    let held = life.and_then(|l| l.and(span));
    let partly = held.is_some_and(|h| h != span);
    let state = match (held, want.min) {
        (None, _) => State::NotApplicable,
        (Some(_), _) if want.max.is_some_and(|most| count > most) => State::Over,
        (Some(_), None) => State::Unset,
        (Some(_), Some(min)) if sum(true) >= min => State::Met,
        (Some(_), Some(min)) if count >= min => State::Late,
        (Some(_), Some(_)) if as_of <= span.to => State::Due,
        (Some(_), Some(_)) if partly || want.modality != Modality::Must => State::Advisory,
        (Some(_), Some(_)) if count == 0 => State::Unrecorded,
        (Some(_), Some(_)) => State::Short,
    };
    Tally { state, count, facts: counted, partly }
}

/// Returns how a total and its parts stand together: a total is met only if each part is.
pub fn together(total: State, parts: impl IntoIterator<Item = State>) -> State {
    if !matches!(total, State::Met | State::Late) {
        return total;
    }
    parts.into_iter().fold(total, |all, part| match part {
        State::Short | State::Unrecorded => State::Short,
        State::Advisory if all != State::Short => State::Advisory,
        State::Due if !matches!(all, State::Short | State::Advisory) => State::Due,
        State::Late if all == State::Met => State::Late,
        _ => all,
    })
}

/// Reads a window in the year: `10-21/11-10`.
pub fn window(text: &str) -> Option<Period> {
    let (from, to) = text.split_once('/')?;
    let day = |text: &str| {
        let (m, d) = text.trim().split_once('-')?;
        let (m, d) = (m.parse::<u8>().ok()?, d.parse::<u8>().ok()?);
        // A leap year, so that the 29th of February is a day.
        jiff::civil::Date::new(2024, m as i8, d as i8).ok().map(|_| (m, d))
    };
    Some(Period::Window(day(from)?, day(to)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fact(from: Day, late: bool) -> Fact {
        Fact { from, to: from, weight: 1, late }
    }

    fn want(min: u32, modality: Modality) -> Want {
        Want { min: Some(min), max: None, modality }
    }

    const MARCH: Span = Span { from: (2025, 3, 1), to: (2025, 3, 31) };
    const LATER: Day = (2026, 1, 1);

    #[test]
    fn a_span_stands_as_it_is_recorded() {
        let one = [fact((2025, 3, 18), false)];
        let late = [fact((2025, 3, 18), true)];
        let must = want(1, Modality::Must);
        for (facts, want, life, as_of, expected) in [
            (&one[..], must, Some(Span::EVER), LATER, State::Met),
            (&late[..], must, Some(Span::EVER), LATER, State::Late),
            (&one[..], self::want(2, Modality::Must), Some(Span::EVER), LATER, State::Short),
            (&[][..], must, Some(Span::EVER), LATER, State::Unrecorded),
            (&[][..], must, Some(Span::EVER), (2025, 3, 31), State::Due),
            (&[][..], must, Some(Span::EVER), (2025, 4, 1), State::Unrecorded),
            (&[][..], self::want(1, Modality::Normally), Some(Span::EVER), LATER, State::Advisory),
            (&[][..], must, Some(Span::of(Some((2025, 4, 1)), None)), LATER, State::NotApplicable),
            (&[][..], must, Some(Span::of(Some((2025, 3, 20)), None)), LATER, State::Advisory),
            (&[][..], must, None, LATER, State::NotApplicable),
            (&one[..], Want { min: None, max: None, modality: Modality::Must }, Some(Span::EVER), LATER, State::Unset),
            (
                &one[..],
                Want { min: None, max: Some(0), modality: Modality::Must },
                Some(Span::EVER),
                LATER,
                State::Over,
            ),
        ] {
            assert_eq!(judge(MARCH, want, life, as_of, facts).state, expected);
        }
    }

    #[test]
    fn what_is_dated_too_loosely_counts_only_where_it_certainly_belongs() {
        let spring = Fact { from: (2025, 1, 1), to: (2025, 3, 31), weight: 1, late: false };
        let must = want(1, Modality::Must);
        assert_eq!(judge(MARCH, must, Some(Span::EVER), LATER, &[spring]).state, State::Unrecorded);
        let quarter = Period::Quarter.spans(2025)[0];
        assert_eq!(judge(quarter, must, Some(Span::EVER), LATER, &[spring]).state, State::Met);
    }

    #[test]
    fn four_a_year_two_in_each_half_is_met_only_if_each_half_is() {
        assert_eq!(together(State::Met, [State::Met, State::Met]), State::Met);
        assert_eq!(together(State::Met, [State::Met, State::Short]), State::Short);
        assert_eq!(together(State::Met, [State::Met, State::Advisory]), State::Advisory);
        assert_eq!(together(State::Due, [State::Met, State::Due]), State::Due);
    }

    #[test]
    fn a_window_may_run_into_the_next_year() {
        assert_eq!(
            window("10-21/11-10").expect("a window").spans(2018),
            [Span { from: (2018, 10, 21), to: (2018, 11, 10) }]
        );
        assert_eq!(
            window("12-01/01-31").expect("a window").spans(2024),
            [Span { from: (2024, 12, 1), to: (2025, 1, 31) }]
        );
        for wrong in ["", "10-21", "13-01/14-01", "2-30/3-1", "a-b/c-d"] {
            assert_eq!(window(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn the_spans_of_a_year_meet_and_cover_it(year in 1949i16..2100) {
            for (period, count) in [(Period::Month, 12), (Period::Quarter, 4), (Period::Half, 2), (Period::Year, 1)] {
                let spans = period.spans(year);
                prop_assert_eq!(spans.len(), count);
                prop_assert_eq!(spans[0].from, (year, 1, 1));
                prop_assert_eq!(spans[count - 1].to, (year, 12, 31));
                for pair in spans.windows(2) {
                    prop_assert_eq!(pair[0].to.1 + 1, pair[1].from.1);
                }
            }
        }

        #[test]
        fn one_record_more_never_makes_a_gap(
            days in proptest::collection::vec((1u8..=12, 1u8..=28, any::<bool>()), 0..20),
            more in (1u8..=12, 1u8..=28),
            min in 0u32..4,
        ) {
            let mut facts: Vec<Fact> = days.iter().map(|(m, d, late)| fact((2025, *m, *d), *late)).collect();
            let gaps = |facts: &[Fact]| {
                let judged = Period::Quarter.spans(2025).into_iter();
                judged.filter(|s| judge(*s, want(min, Modality::Must), Some(Span::EVER), LATER, facts).state.is_gap()).count()
            };
            let before = gaps(&facts);
            facts.push(fact((2025, more.0, more.1), false));
            prop_assert!(gaps(&facts) <= before);
        }

        #[test]
        fn the_months_of_a_year_count_what_the_year_counts(
            days in proptest::collection::vec((1u8..=12, 1u8..=28), 0..40),
        ) {
            let facts: Vec<Fact> = days.iter().map(|(m, d)| fact((2025, *m, *d), false)).collect();
            let count = |p: Period| -> u32 {
                let spans = p.spans(2025).into_iter();
                spans.map(|s| judge(s, want(1, Modality::Must), Some(Span::EVER), LATER, &facts).count).sum()
            };
            prop_assert_eq!(count(Period::Month), count(Period::Year));
            prop_assert_eq!(count(Period::Quarter), count(Period::Half));
        }
    }
}
