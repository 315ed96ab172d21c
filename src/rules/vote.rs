//! The sums of a meeting: who was there, how it was voted, and whether the numbers agree (表决核算).
//!
//! Sources: 条例 art. 11 and 12 (quorum, majority of those who should attend), domain §2.3.

use crate::diagnostic::Say;
use crate::say;

/// A share of people, kept as a fraction so that a third is a third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    over: u32,
    under: u32,
    /// Whether the share itself suffices (“半数以上” does, “超过半数” does not).
    inclusive: bool,
}

/// What a sum shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Whether it holds; `None` where a number it needs is not recorded.
    pub holds: Option<bool>,
    /// The sum with its numbers.
    pub said: Say,
}

impl Share {
    /// Makes a share of a number such as 0.5 or 0.3333: the simplest fraction that near.
    pub fn of(number: f64, inclusive: bool) -> Share {
        let mut best = (1, 1, f64::MAX);
        for under in 1..=100u32 {
            let over = (number * f64::from(under)).round().max(0.0) as u32;
            let off = (f64::from(over) / f64::from(under) - number).abs();
            if off + 1e-9 < best.2 && (best.2 > 0.0005) {
                best = (over, under, off);
            }
        }
        Share { over: best.0, under: best.1, inclusive }
    }

    /// Tells whether a part of a whole reaches it.
    pub fn reached(self, part: i64, whole: i64) -> bool {
        let (a, b) = (part * i64::from(self.under), whole * i64::from(self.over));
        if self.inclusive { a >= b } else { a > b }
    }

    /// Tells whether a part of a whole stays within it.
    pub fn kept(self, part: i64, whole: i64) -> bool {
        let (a, b) = (part * i64::from(self.under), whole * i64::from(self.over));
        if self.inclusive { a <= b } else { a < b }
    }

    /// Writes it as a fraction.
    pub fn text(self) -> String {
        format!("{}/{}", self.over, self.under)
    }
}

/// Says that numbers a sum needs are not recorded.
pub fn unrecorded(what: &Say) -> Sum {
    let (zh, en) = (&what.zh, &what.en);
    Sum { holds: None, said: say!("未记录{zh}", "{en} not recorded") }
}

fn sum(holds: bool, said: Say) -> Sum {
    Sum { holds: Some(holds), said }
}

/// 应到 = 实到 + 缺席.
pub fn attendance(expected: i64, present: i64, absent: i64) -> Sum {
    let holds = expected == present + absent;
    let (zh, en) = if holds { ("相等", "equal") } else { ("不等", "not equal") };
    let total = present + absent;
    sum(
        holds,
        say!(
            "应到 {expected}；实到 {present} + 缺席 {absent} = {total}，{zh}",
            "expected {expected}; present {present} + absent {absent} = {total}: {en}"
        ),
    )
}

/// Every absence has its reason.
pub fn reasons(absent: i64, with_reason: i64) -> Sum {
    let holds = absent == with_reason;
    sum(holds, say!("缺席 {absent} 人，注明原因 {with_reason} 人", "{absent} absent, {with_reason} with a reason"))
}

/// Enough were there: present against those who should be.
pub fn quorum(present: i64, expected: i64, share: Share) -> Sum {
    let holds = share.reached(present, expected);
    let (of, sign) = (share.text(), sign(share, holds));
    sum(holds, say!("{present} ÷ {expected} {sign} {of}", "{present} ÷ {expected} {sign} {of}"))
}

/// Votes cast agree with those there to cast them.
pub fn votes(in_favour: i64, against: i64, abstain: i64, present: i64) -> Sum {
    let total = in_favour + against + abstain;
    let holds = total == present;
    let (zh, en) = if holds { ("相等", "equal") } else { ("不等", "not equal") };
    sum(
        holds,
        say!(
            "赞成 {in_favour} + 反对 {against} + 弃权 {abstain} = {total}；有表决权实到 {present}，{zh}",
            "for {in_favour} + against {against} + abstained {abstain} = {total}; voters present {present}: {en}"
        ),
    )
}

/// What was recorded as carried was carried, and what was not was not.
pub fn majority(in_favour: i64, base: i64, share: Share, carried: bool) -> Sum {
    let enough = share.reached(in_favour, base);
    let (of, sign) = (share.text(), sign(share, enough));
    let (zh, en) = if carried { ("通过", "carried") } else { ("未通过", "not carried") };
    sum(
        enough == carried,
        say!(
            "赞成 {in_favour} ÷ {base} {sign} {of}；记录的结果：{zh}",
            "for {in_favour} ÷ {base} {sign} {of}; recorded as {en}"
        ),
    )
}

/// Ballots: no more came back than were given out, and those are valid or invalid.
pub fn ballots(issued: i64, returned: i64, valid: i64, invalid: i64) -> Sum {
    let holds = returned <= issued && valid + invalid == returned;
    let total = valid + invalid;
    sum(
        holds,
        say!(
            "发出 {issued}，收回 {returned}；有效 {valid} + 无效 {invalid} = {total}",
            "issued {issued}, returned {returned}; valid {valid} + invalid {invalid} = {total}"
        ),
    )
}

/// No more than a share has a grade, and the grades sum to those appraised.
pub fn appraisal(grade: &str, with_grade: i64, graded: i64, members: i64, probationary: i64, share: Share) -> [Sum; 2] {
    let appraised = members - probationary;
    let kept = share.kept(with_grade, appraised);
    let (of, sign) = (share.text(), if kept { "≤" } else { ">" });
    [
        sum(
            graded == appraised,
            say!(
                "各等次合计 {graded}；党员 {members} − 预备党员 {probationary} = {appraised}",
                "grades sum to {graded}; members {members} − probationary {probationary} = {appraised}"
            ),
        ),
        sum(
            kept,
            say!("{grade} {with_grade} ÷ {appraised} {sign} {of}", "{grade} {with_grade} ÷ {appraised} {sign} {of}"),
        ),
    ]
}

fn sign(share: Share, holds: bool) -> &'static str {
    match (share.inclusive, holds) {
        (true, true) => "≥",
        (true, false) => "<",
        (false, true) => ">",
        (false, false) => "≤",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_are_the_fractions_people_mean() {
        for (number, text) in [
            (0.5, "1/2"),
            (0.3333, "1/3"),
            (0.333_333, "1/3"),
            (0.8, "4/5"),
            (0.6667, "2/3"),
            (0.1, "1/10"),
            (1.0, "1/1"),
            (0.95, "19/20"),
        ] {
            assert_eq!(Share::of(number, true).text(), text, "{number}");
        }
    }

    #[test]
    fn half_of_those_who_should_come_is_enough_to_meet_and_not_to_carry() {
        let (meet, carry) = (Share::of(0.5, true), Share::of(0.5, false));
        assert_eq!(quorum(11, 22, meet).holds, Some(true));
        assert_eq!(quorum(10, 21, meet).holds, Some(false));
        // 18 of 19 present are for it; 21 should have come.
        assert_eq!(majority(18, 21, carry, true).holds, Some(true));
        // All of those present, and not more than half of those who should have come.
        assert_eq!(majority(11, 22, carry, true).holds, Some(false));
        assert_eq!(majority(11, 22, carry, false).holds, Some(true));
        assert_eq!(majority(11, 22, carry, true).said.zh, "赞成 11 ÷ 22 ≤ 1/2；记录的结果：通过");
    }

    #[test]
    fn a_third_may_be_excellent() {
        let share = Share::of(0.3333, true);
        assert_eq!(appraisal("优秀", 7, 21, 23, 2, share).map(|s| s.holds), [Some(true), Some(true)]);
        assert_eq!(appraisal("优秀", 8, 21, 23, 2, share).map(|s| s.holds), [Some(true), Some(false)]);
        assert_eq!(appraisal("优秀", 7, 23, 23, 2, share).map(|s| s.holds), [Some(false), Some(true)]);
    }

    proptest! {
        #[test]
        fn more_votes_for_it_never_lose_it(base in 1i64..200, votes in 0i64..200) {
            let share = Share::of(0.5, false);
            if share.reached(votes, base) {
                prop_assert!(share.reached(votes + 1, base));
            }
            prop_assert_eq!(share.reached(votes, base), votes * 2 > base);
        }

        #[test]
        fn a_sum_holds_exactly_if_its_parts_make_the_whole(present in 0i64..100, absent in 0i64..100, off in -3i64..4) {
            prop_assert_eq!(attendance(present + absent + off, present, absent).holds, Some(off == 0));
        }

        #[test]
        fn reaching_and_keeping_a_share_are_opposites_but_for_the_share_itself(part in 0i64..100, whole in 1i64..100) {
            let (over, within) = (Share::of(0.3333, false), Share::of(0.3333, true));
            prop_assert_eq!(over.reached(part, whole), !within.kept(part, whole));
        }
    }
}
