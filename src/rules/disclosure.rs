//! A posting (公开、公示) on a day: where it stands, how long it was up, and which of its steps are out of order.

use super::cadence::Day;
use serde::{Deserialize, Serialize};

/// How an item is made known (公开方式).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// 公开: it stays.
    Open,
    /// 公示: it is up for a time, so that people may object.
    Notice,
}

/// Where a posting stands (公开状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// 未公开: its first day is still to come.
    Ahead,
    /// 公示中.
    Posting,
    /// 已公开.
    Posted,
    /// 到期撤下: its last day is past.
    Down,
}

impl State {
    /// Returns where a posting stands on a day. Its last day belongs to it; a day that is not known is not held
    /// to be past.
    pub fn on(today: Day, first: Option<Day>, last: Option<Day>, how: Option<How>) -> State {
        if last.is_some_and(|d| d < today) {
            State::Down
        } else if first.is_some_and(|d| d > today) {
            State::Ahead
        } else if how == Some(How::Notice) || (how.is_none() && last.is_some()) {
            State::Posting
        } else {
            State::Posted
        }
    }

    /// Tells whether what is posted may be read on that day.
    pub fn is_up(self) -> bool {
        matches!(self, State::Posting | State::Posted)
    }

    /// Returns the word used in templates and data.
    pub fn word(self) -> &'static str {
        match self {
            State::Ahead => "ahead",
            State::Posting => "posting",
            State::Posted => "posted",
            State::Down => "down",
        }
    }

    /// Returns what the state is called in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            State::Ahead => "未公开",
            State::Posting => "公示中",
            State::Posted => "已公开",
            State::Down => "到期撤下",
        }
    }
}

/// The four steps of a posting (提出、审核、审批、实施), in their order.
pub const STEPS: [&str; 4] = ["提出", "审核", "审批", "实施"];

/// Days from one to another, both included; `None` if they run backwards or are no days.
pub fn days(first: Day, last: Day) -> Option<i64> {
    let (first, last) = (civil(first)?, civil(last)?);
    let days = i64::from(first.until(last).ok()?.get_days()) + 1;
    (days > 0).then_some(days)
}

/// Mondays to Fridays from one day to another, both included. Holidays and the working days moved for them are
/// made known from year to year, and are not in it.
pub fn workdays(first: Day, last: Day) -> Option<i64> {
    let all = days(first, last)?;
    let start = i64::from(civil(first)?.weekday().to_monday_zero_offset());
    let rest = (0..all % 7).filter(|d| (start + d) % 7 < 5).count();
    Some(all / 7 * 5 + i64::try_from(rest).ok()?)
}

/// The day of the calendar; the 31st of a shorter month is its last.
fn civil((year, month, day): Day) -> Option<jiff::civil::Date> {
    let first = jiff::civil::Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
    let day = i8::try_from(day).ok()?.min(first.last_of_month().day());
    jiff::civil::Date::new(year, first.month(), day).ok()
}

/// Returns the first two steps whose days are certainly in the wrong order: each step as its place in
/// [`STEPS`], with the first and the last day its date can mean.
pub fn out_of_order(steps: &[(usize, Day, Day)]) -> Option<(usize, usize)> {
    for (i, (a, a_first, a_last)) in steps.iter().enumerate() {
        for (j, (b, b_first, b_last)) in steps.iter().enumerate().skip(i + 1) {
            if (a < b && b_last < a_first) || (b < a && a_last < b_first) {
                return Some((i, j));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Day = (2026, 11, 20);

    #[test]
    fn a_posting_stands_where_its_days_put_it() {
        let before = Some((2026, 11, 19));
        let after = Some((2026, 11, 21));
        for (first, last, how, state) in [
            (before, None, None, State::Posted),
            (before, after, None, State::Posting),
            (before, Some(TODAY), None, State::Posting),
            (before, before, None, State::Down),
            (after, None, None, State::Ahead),
            (Some(TODAY), None, Some(How::Notice), State::Posting),
            (before, after, Some(How::Open), State::Posted),
            (None, None, None, State::Posted),
        ] {
            assert_eq!(State::on(TODAY, first, last, how), state, "{first:?} {last:?} {how:?}");
        }
    }

    #[test]
    fn both_ends_of_a_time_belong_to_it() {
        assert_eq!(days((2024, 11, 6), (2024, 11, 12)), Some(7));
        assert_eq!(workdays((2024, 11, 6), (2024, 11, 12)), Some(5));
        assert_eq!(days((2024, 11, 6), (2024, 11, 5)), None);
        assert_eq!(days((2024, 2, 1), (2024, 2, 31)), Some(29));
    }

    #[test]
    fn steps_out_of_order_are_found_only_where_that_is_certain() {
        let day = |d: u8| (2026, 1, d);
        assert_eq!(out_of_order(&[(0, day(1), day(1)), (1, day(2), day(2)), (2, day(2), day(2))]), None);
        assert_eq!(out_of_order(&[(0, day(5), day(5)), (1, day(2), day(2))]), Some((0, 1)));
        assert_eq!(out_of_order(&[(3, day(2), day(2)), (2, day(5), day(5))]), Some((0, 1)));
        assert_eq!(out_of_order(&[(0, day(1), day(31)), (1, day(2), day(2))]), None);
    }

    proptest! {
        #[test]
        fn working_days_are_those_a_calendar_counts(from in 0i32..3000, more in 0i32..60) {
            let first = jiff::civil::date(2020, 1, 1).saturating_add(jiff::Span::new().days(from));
            let last = first.saturating_add(jiff::Span::new().days(more));
            let day = |d: jiff::civil::Date| (d.year(), d.month() as u8, d.day() as u8);
            let counted = first.series(jiff::Span::new().days(1)).take_while(|d| *d <= last)
                .filter(|d| d.weekday().to_monday_zero_offset() < 5).count();
            prop_assert_eq!(workdays(day(first), day(last)), Some(counted as i64));
        }
    }
}
