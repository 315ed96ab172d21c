//! The arithmetic of programmes (创建方案): due dates in the words of documents, shares with their
//! rounding, score sheets. It counts and compares; what follows from it is for people to decide.

use crate::diagnostic::Say;
use crate::say;
use serde::{Deserialize, Serialize};

/// A day as year, month, day. Day 31 may stand for the end of a shorter month.
pub type Day = (i16, u8, u8);

/// A due date as a document words it, read (期限).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The first day it means, where it names a window.
    pub from: Option<Day>,
    /// The last day that is in time.
    pub last: Day,
    /// The last day of the stricter reading, where the words allow two.
    pub stricter: Option<Day>,
}

/// Reads a phrase such as 9月中旬前, 8月底前, 七一前夕, 次年元月底前.
///
/// `begin` is the first day of the stage or programme it stands in: a month without a year is the first
/// such month not over by then, and 次年 the year after it. A masked year, two dates in one phrase and words
/// that name no day give nothing: such a date is told as it is written and never made up.
pub fn due(phrase: &str, begin: Option<Day>) -> Option<Due> {
    let (text, next) = bare(phrase);
    let (year, text) = year_in(&text)?;
    let year_of = |month: u8| match (year, next) {
        (Some(year), _) => Some(year + i16::from(next)),
        (None, true) => begin.map(|b| b.0 + 1),
        (None, false) => year_within(begin, month),
    };
    if let Some((a, b)) = text.split_once(['至', '—', '-']) {
        let (first, last) = (window(a, &year_of)?, window(b, &year_of)?);
        let from = first.from?;
        return (from <= last.last).then_some(Due { from: Some(from), last: last.last, stricter: None });
    }
    window(&text, &year_of)
}

/// Takes away what does not date: white space, quotation marks, 每年; tells whether the next year is meant.
fn bare(phrase: &str) -> (String, bool) {
    let text: String = phrase
        .chars()
        .filter(|c| !c.is_whitespace() && !"“”‘’\"'「」".contains(*c))
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '＊' => '*',
            '－' | '–' | '―' | '～' | '~' => '—',
            c => c,
        })
        .collect();
    let next = ["次年", "翌年", "第二年"].iter().any(|w| text.contains(w));
    let drop = ["次年", "翌年", "第二年", "每年", "当年", "本年"];
    (drop.iter().fold(text, |text, word| text.replace(word, "")), next)
}

/// Takes the year out of a phrase; `None` if it is masked or there are two.
fn year_in(text: &str) -> Option<(Option<i16>, String)> {
    let Some(at) = text.find('年') else { return (!text.contains('*')).then(|| (None, text.to_owned())) };
    let (before, after) = (&text[..at], &text[at + '年'.len_utf8()..]);
    if before.is_empty() || before.ends_with(['上', '下', '半']) || after.starts_with(['底', '末']) && before.is_empty()
    {
        return Some((None, text.to_owned()));
    }
    let year = before.parse().ok().filter(|y| (1900..2200).contains(y))?;
    let rest = match after.starts_with(['底', '末', '内']) {
        true => format!("年{after}"),
        false => after.to_owned(),
    };
    let again = rest
        .trim_start_matches('年')
        .match_indices('年')
        .any(|(i, _)| rest[..i].ends_with(|c: char| c.is_ascii_digit()));
    (!again && !rest.contains('*')).then_some((Some(year), rest))
}

/// Tells how a phrase ends: with 前, 前夕, 前后 or nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    In,
    Before,
    Eve,
    Around,
}

fn ending(text: &str) -> Option<Ending> {
    Some(match text {
        "" | "内" | "期间" => Ending::In,
        "前" | "之前" | "以前" | "前完成" | "前报送" => Ending::Before,
        "前夕" => Ending::Eve,
        "前后" => Ending::Around,
        _ => return None,
    })
}

fn window(text: &str, year_of: &dyn Fn(u8) -> Option<i16>) -> Option<Due> {
    feast(text, year_of).or_else(|| part_of_year(text, year_of)).or_else(|| part_of_month(text, year_of))
}

/// 七一, 十一: a day of its own, its eve, the days around it.
fn feast(text: &str, year_of: &dyn Fn(u8) -> Option<i16>) -> Option<Due> {
    const FEASTS: [(&str, u8); 6] =
        [("七一", 7), ("7.1", 7), ("建党节", 7), ("十一", 10), ("国庆节", 10), ("国庆", 10)];
    let (rest, month) = FEASTS.iter().find_map(|(word, month)| Some((text.strip_prefix(word)?, *month)))?;
    let year = year_of(month)?;
    let day = (year, month, 1);
    let eve = (year, month - 1, days_in(year, month - 1));
    let late = (year, month - 1, 21);
    Some(match ending(rest)? {
        Ending::In => Due { from: Some(day), last: day, stricter: None },
        Ending::Before => Due { from: None, last: eve, stricter: None },
        Ending::Eve => Due { from: Some(late), last: eve, stricter: None },
        Ending::Around => Due { from: Some(late), last: (year, month, 10), stricter: None },
    })
}

/// 年底, 上半年, 一季度.
fn part_of_year(text: &str, year_of: &dyn Fn(u8) -> Option<i16>) -> Option<Due> {
    const PARTS: [(&str, u8, u8); 12] = [
        ("年底", 12, 12),
        ("年末", 12, 12),
        ("年内", 1, 12),
        ("上半年", 1, 6),
        ("下半年", 7, 12),
        ("第一季度", 1, 3),
        ("第二季度", 4, 6),
        ("第三季度", 7, 9),
        ("第四季度", 10, 12),
        ("一季度", 1, 3),
        ("二季度", 4, 6),
        ("三季度", 7, 9),
    ];
    let (rest, first, last) = PARTS.iter().find_map(|(word, a, b)| Some((text.strip_prefix(word)?, *a, *b)))?;
    let rest = rest.trim_start_matches(['底', '末']);
    let year = year_of(last)?;
    let end = (year, last, days_in(year, last));
    match ending(rest)? {
        Ending::In => Some(Due { from: Some((year, first, 1)), last: end, stricter: None }),
        Ending::Before => Some(Due { from: None, last: end, stricter: None }),
        Ending::Eve | Ending::Around => None,
    }
}

/// 9月, 9月中旬, 9月底, 9月30日, with or without 前.
fn part_of_month(text: &str, year_of: &dyn Fn(u8) -> Option<i16>) -> Option<Due> {
    let (word, rest) = text.split_once('月')?;
    let month = month_of(word)?;
    let year = year_of(month)?;
    let end = days_in(year, month);
    const PARTS: [(&str, u8, u8); 6] =
        [("上旬", 1, 10), ("中旬", 11, 20), ("下旬", 21, 31), ("初", 1, 10), ("底", 31, 31), ("末", 31, 31)];
    let (first, last, rest, is_end) =
        if let Some((rest, a, b)) = PARTS.iter().find_map(|(word, a, b)| Some((rest.strip_prefix(word)?, *a, *b))) {
            (a.min(end), b.min(end), rest, a == 31)
        } else if let Some((day, rest)) = rest.split_once(['日', '号']) {
            let day: u8 = day.parse().ok().filter(|d| (1..=end).contains(d))?;
            (day, day, rest, true)
        } else {
            (1, end, rest, false)
        };
    match ending(rest)? {
        Ending::In => Some(Due { from: Some((year, month, first)), last: (year, month, last), stricter: None }),
        Ending::Before => {
            // 中旬前 may mean by its end or before its beginning; 30日前 and 月底前 have one usual reading.
            let stricter = (!is_end).then(|| day_before((year, month, first)));
            Some(Due { from: None, last: (year, month, last), stricter })
        }
        Ending::Eve | Ending::Around => None,
    }
}

fn month_of(word: &str) -> Option<u8> {
    const HAN: [&str; 12] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
    match word {
        "元" | "正" => Some(1),
        _ => word
            .parse()
            .ok()
            .or_else(|| HAN.iter().position(|h| *h == word).map(|i| i as u8 + 1))
            .filter(|m| (1..=12).contains(m)),
    }
}

/// Returns how many days a month has.
pub fn days_in(year: i16, month: u8) -> u8 {
    jiff::civil::Date::new(year, month as i8, 1).map_or(31, |d| d.days_in_month() as u8)
}

fn day_before((year, month, day): Day) -> Day {
    match (month, day) {
        (1, 1) => (year - 1, 12, 31),
        (m, 1) => (year, m - 1, days_in(year, m - 1)),
        (m, d) => (year, m, d - 1),
    }
}

/// Returns the year a month belongs to within a stage that may run across calendar years: the first in
/// which the month is not over when the stage begins.
pub fn year_within(begin: Option<Day>, month: u8) -> Option<i16> {
    let (year, first, _) = begin?;
    Some(if month >= first { year } else { year + 1 })
}

/// Where something asked for stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// Filed in time (按期).
    OnTime,
    /// Filed after the due date (逾期完成).
    Late,
    /// Filed; no due date is known, or the dates are not exact enough to tell (已报，期限无法核算).
    Filed,
    /// Not filed, and the due date is past (未报，已过期限).
    Overdue,
    /// Not filed, and not due yet (未到期).
    NotYet,
    /// Not filed, and when it is due cannot be told (未报，期限无法核算).
    Open,
}

impl Standing {
    /// Returns the word used in templates.
    pub fn word(self) -> &'static str {
        match self {
            Standing::OnTime => "on_time",
            Standing::Late => "late",
            Standing::Filed => "filed",
            Standing::Overdue => "overdue",
            Standing::NotYet => "not_yet",
            Standing::Open => "open",
        }
    }

    /// Tells whether it is there.
    pub fn is_filed(self) -> bool {
        matches!(self, Standing::OnTime | Standing::Late | Standing::Filed)
    }
}

/// Returns where something stands: when it is due, when it was filed (first and last possible day), today.
pub fn standing(due: Option<Day>, filed: Option<(Option<Day>, Option<Day>)>, today: Day) -> Standing {
    match (due, filed) {
        (Some(due), Some((_, Some(last)))) if last <= due => Standing::OnTime,
        (Some(due), Some((Some(first), _))) if first > due => Standing::Late,
        (_, Some(_)) => Standing::Filed,
        (Some(due), None) if due < today => Standing::Overdue,
        (Some(_), None) => Standing::NotYet,
        (None, None) => Standing::Open,
    }
}

/// A share of a whole (比例), kept in millionths so that no sum depends on binary fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share(u32);

/// How a share that is no whole number becomes one (取整).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Rounding {
    /// 舍去小数.
    #[default]
    Floor,
    /// 进一.
    Ceil,
    /// 四舍五入.
    Round,
    /// 舍去小数，不足一个的可报一个.
    FloorAtLeastOne,
}

impl Rounding {
    /// Reads the word of a programme's key.
    pub fn parse(word: &str) -> Option<Rounding> {
        Some(match word {
            "floor" => Rounding::Floor,
            "ceil" => Rounding::Ceil,
            "round" => Rounding::Round,
            "floor-at-least-one" => Rounding::FloorAtLeastOne,
            _ => return None,
        })
    }

    /// Says how it is rounded.
    pub fn say(self) -> Say {
        match self {
            Rounding::Floor => say!("舍去小数", "rounded down"),
            Rounding::Ceil => say!("进一", "rounded up"),
            Rounding::Round => say!("四舍五入", "rounded half up"),
            Rounding::FloorAtLeastOne => say!("舍去小数，不足一个的按一个", "rounded down, but at least one"),
        }
    }
}

const WHOLE: u64 = 1_000_000;

impl Share {
    /// Makes a share of a number between 0 and 1.
    pub fn of(number: f64) -> Option<Share> {
        (0.0..=1.0).contains(&number).then(|| Share((number * WHOLE as f64).round() as u32))
    }

    /// Returns it in per cent, as people write it (10%, 33.3%).
    pub fn percent(self) -> String {
        format!("{}%", decimal(u64::from(self.0), WHOLE / 100))
    }

    /// Returns its part of a hundred, for bars.
    pub fn in_hundred(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// Returns the exact product with a count, written as a decimal.
    pub fn product(self, count: u64) -> String {
        decimal(count * u64::from(self.0), WHOLE)
    }

    /// Returns how many a share of a count allows.
    pub fn of_count(self, count: u64, rounding: Rounding) -> u64 {
        let exact = count * u64::from(self.0);
        match rounding {
            Rounding::Floor => exact / WHOLE,
            Rounding::Ceil => exact.div_ceil(WHOLE),
            Rounding::Round => (exact + WHOLE / 2) / WHOLE,
            Rounding::FloorAtLeastOne => (exact / WHOLE).max(u64::from(count > 0)),
        }
    }

    /// Returns how many of a count reach a share: the fewest whose part is not less.
    pub fn needed(self, count: u64) -> u64 {
        self.of_count(count, Rounding::Ceil)
    }

    /// Writes the whole sum: 12 个支部 × 10% = 1.2，舍去小数 → 1.
    pub fn sum(self, count: u64, rounding: Rounding) -> Say {
        let (percent, product, most) = (self.percent(), self.product(count), self.of_count(count, rounding));
        if product == most.to_string() {
            return say!("{count} 个支部 × {percent} = {most}", "{count} branches × {percent} = {most}");
        }
        let how = rounding.say();
        Say {
            zh: format!("{count} 个支部 × {percent} = {product}，{} → {most}", how.zh),
            en: format!("{count} branches × {percent} = {product}, {} → {most}", how.en),
        }
    }
}

/// Writes `number / unit` as a decimal without trailing zeros.
fn decimal(number: u64, unit: u64) -> String {
    let (whole, rest) = (number / unit, number % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let digits = unit.ilog10() as usize;
    format!("{whole}.{rest:0digits$}").trim_end_matches('0').to_owned()
}

/// Returns a part of a whole in per cent, to one place.
pub fn percent(part: u64, whole: u64) -> String {
    match whole {
        0 => "—".to_owned(),
        _ => format!("{}%", decimal((part * 1000 + whole / 2) / whole, 10)),
    }
}

/// How a count fits its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fit {
    /// Within both.
    Within,
    /// Fewer than asked.
    Under,
    /// More than allowed.
    Over,
}

impl Fit {
    /// Compares a count with its bounds.
    pub fn of(count: u64, min: Option<u64>, max: Option<u64>) -> Fit {
        match (min, max) {
            (_, Some(max)) if count > max => Fit::Over,
            (Some(min), _) if count < min => Fit::Under,
            _ => Fit::Within,
        }
    }

    /// Returns the word used in templates.
    pub fn word(self) -> &'static str {
        match self {
            Fit::Within => "within",
            Fit::Under => "under",
            Fit::Over => "over",
        }
    }
}

/// Points of a score sheet (分), in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Points(i64);

impl Points {
    /// Makes points of a number as written.
    pub fn of(number: f64) -> Points {
        Points((number * 1000.0).round() as i64)
    }

    /// Returns them as people write them.
    pub fn text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}", decimal(self.0.unsigned_abs(), 1000))
    }

    /// Tells whether they reach a mark; `inclusive`: the mark itself does.
    pub fn reach(self, mark: Points, inclusive: bool) -> bool {
        if inclusive { self >= mark } else { self > mark }
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Points>>(all: I) -> Points {
        Points(all.map(|p| p.0).sum())
    }
}

/// A row of a score sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// The most the form gives for it.
    pub full: Points,
    /// What was given.
    pub score: Points,
    /// The points of the rubric for the same item.
    pub rubric: Option<Points>,
}

/// What does not add up in a score sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// A row gives more than its most.
    OverFull(usize),
    /// A row's most is not the rubric's: the rubric's points.
    OtherPoints(usize, Points),
    /// The rows' sum is not the stated total: the sum.
    OtherTotal(Points),
    /// The rows' most together is not the rubric's full score: the sum.
    OtherFull(Points),
}

/// Adds a score sheet up and tells what does not agree. A sheet that shows only some of the rows is not
/// held against the full score: `is_whole` says that it means to show all.
pub fn check_scores(rows: &[ScoreRow], total: Option<Points>, full: Option<Points>, is_whole: bool) -> Vec<Mistake> {
    let mut found = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        if row.score > row.full {
            found.push(Mistake::OverFull(i));
        }
        if let Some(points) = row.rubric.filter(|p| *p != row.full) {
            found.push(Mistake::OtherPoints(i, points));
        }
    }
    let sum: Points = rows.iter().map(|r| r.score).sum();
    if total.is_some_and(|t| t != sum) {
        found.push(Mistake::OtherTotal(sum));
    }
    let most: Points = rows.iter().map(|r| r.full).sum();
    if is_whole && full.is_some_and(|f| f != most) {
        found.push(Mistake::OtherFull(most));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(phrase: &str, begin: Option<Day>, expected: Option<(Option<Day>, Day, Option<Day>)>) {
        let read = due(phrase, begin);
        assert_eq!(read.map(|d| (d.from, d.last, d.stricter)), expected, "{phrase}");
    }

    #[test]
    fn due_dates_are_read_in_the_words_of_the_documents() {
        let in_2025 = Some((2025, 7, 1));
        check("8月底前", in_2025, Some((None, (2025, 8, 31), None)));
        check("9月中旬前", in_2025, Some((None, (2025, 9, 20), Some((2025, 9, 10)))));
        check("11月下旬前", in_2025, Some((None, (2025, 11, 30), Some((2025, 11, 20)))));
        check("11月上旬", in_2025, Some((Some((2025, 11, 1)), (2025, 11, 10), None)));
        check("9月30日前", in_2025, Some((None, (2025, 9, 30), None)));
        check("九月底前", in_2025, Some((None, (2025, 9, 30), None)));
        check("2020年5月底前", in_2025, Some((None, (2020, 5, 31), None)));
        check("2020 年 6 月底前", None, Some((None, (2020, 6, 30), None)));
        check("“七一”前夕", Some((2026, 1, 1)), Some((Some((2026, 6, 21)), (2026, 6, 30), None)));
        check("每年“七一”前后", Some((2026, 1, 1)), Some((Some((2026, 6, 21)), (2026, 7, 10), None)));
        check("七一前", Some((2026, 1, 1)), Some((None, (2026, 6, 30), None)));
        check("年底前", in_2025, Some((None, (2025, 12, 31), None)));
        check("2022年底前", None, Some((None, (2022, 12, 31), None)));
        check("上半年", Some((2025, 1, 1)), Some((Some((2025, 1, 1)), (2025, 6, 30), None)));
        check("7月至8月", in_2025, Some((Some((2025, 7, 1)), (2025, 8, 31), None)));
        check("10月下旬—11月上旬", in_2025, Some((Some((2025, 10, 21)), (2025, 11, 10), None)));
    }

    #[test]
    fn years_turn_within_a_stage_and_in_words() {
        check("次年元月底前", Some((2025, 1, 1)), Some((None, (2026, 1, 31), None)));
        check("次年“七一”前夕", Some((2026, 9, 1)), Some((Some((2027, 6, 21)), (2027, 6, 30), None)));
        check("1月底前", Some((2024, 11, 1)), Some((None, (2025, 1, 31), None)));
        check("2月前", Some((2024, 1, 1)), Some((None, (2024, 2, 29), Some((2024, 1, 31)))));
    }

    #[test]
    fn a_masked_year_and_what_names_no_day_are_not_dated() {
        for phrase in [
            "20**年9月中旬前",
            "20**年“**”前夕",
            "适时",
            "定期",
            "春节前",
            "13月底前",
            "2月30日前",
            "2020年、2021年11月底前",
            "",
        ] {
            check(phrase, Some((2025, 1, 1)), None);
        }
        check("8月底前", None, None);
    }

    #[test]
    fn what_is_filed_is_in_time_late_or_not_to_be_told() {
        let due = Some((2025, 9, 20));
        let exact = |d: u8| Some((Some((2025, 9, d)), Some((2025, 9, d))));
        let today = (2025, 10, 1);
        assert_eq!(standing(due, exact(20), today), Standing::OnTime);
        assert_eq!(standing(due, exact(21), today), Standing::Late);
        assert_eq!(standing(due, Some((Some((2025, 9, 1)), Some((2025, 9, 30)))), today), Standing::Filed);
        assert_eq!(standing(None, exact(1), today), Standing::Filed);
        assert_eq!(standing(due, None, today), Standing::Overdue);
        assert_eq!(standing(due, None, (2025, 9, 20)), Standing::NotYet);
        assert_eq!(standing(None, None, today), Standing::Open);
    }

    #[test]
    fn a_share_shows_its_whole_sum() {
        let ten = Share::of(0.1).expect("a share");
        assert_eq!(ten.sum(12, Rounding::Floor).zh, "12 个支部 × 10% = 1.2，舍去小数 → 1");
        assert_eq!(ten.sum(20, Rounding::Floor).zh, "20 个支部 × 10% = 2");
        assert_eq!(ten.sum(4, Rounding::FloorAtLeastOne).zh, "4 个支部 × 10% = 0.4，舍去小数，不足一个的按一个 → 1");
        let odd = Share::of(0.29).expect("a share");
        assert_eq!((odd.of_count(100, Rounding::Floor), odd.product(100)), (29, "29".to_owned()));
        assert_eq!((percent(2, 3), percent(0, 0), percent(4, 5)), ("66.7%".into(), "—".into(), "80%".into()));
        assert_eq!([1.01, -0.1, f64::NAN].map(Share::of), [None, None, None]);
    }

    #[test]
    fn score_sheets_are_added_up_exactly() {
        let row = |full, score| ScoreRow { full: Points::of(full), score: Points::of(score), rubric: None };
        let rows = [row(16.0, 15.7), row(20.0, 18.2), row(4.0, 4.1)];
        assert_eq!(
            check_scores(&rows, Some(Points::of(38.1)), Some(Points::of(100.0)), true),
            [Mistake::OverFull(2), Mistake::OtherTotal(Points::of(38.0)), Mistake::OtherFull(Points::of(40.0))]
        );
        assert_eq!(check_scores(&rows[..2], Some(Points::of(33.9)), Some(Points::of(100.0)), false), []);
        let mark = Points::of(95.0);
        assert!(mark.reach(mark, true) && !mark.reach(mark, false) && Points::of(95.01).reach(mark, false));
        assert_eq!((Points::of(94.50).text(), Points::of(-0.25).text()), ("94.5".into(), "-0.25".into()));
    }

    proptest! {
        #[test]
        fn rounding_stays_within_one_of_the_product(count in 0u64..100_000, share in 0u32..=1_000_000) {
            let share = Share(share);
            let of = |r| share.of_count(count, r);
            let (down, near, up) = (of(Rounding::Floor), of(Rounding::Round), of(Rounding::Ceil));
            prop_assert!(down <= near && near <= up && up <= down + 1);
            prop_assert!(down * WHOLE <= count * u64::from(share.0) && count * u64::from(share.0) <= up * WHOLE);
            prop_assert!(up <= count && of(Rounding::FloorAtLeastOne) >= down);
            prop_assert!(share.needed(count) == 0 || (share.needed(count) - 1) * WHOLE < count * u64::from(share.0));
        }

        #[test]
        fn more_branches_never_allow_fewer(count in 0u64..100_000, share in 0u32..=1_000_000) {
            for rounding in [Rounding::Floor, Rounding::Ceil, Rounding::Round, Rounding::FloorAtLeastOne] {
                prop_assert!(Share(share).of_count(count, rounding) <= Share(share).of_count(count + 1, rounding));
            }
        }

        #[test]
        fn a_sheet_whose_total_is_its_sum_has_no_mistake(cents in proptest::collection::vec((0i64..2000, 0i64..2000), 0..20)) {
            let rows: Vec<ScoreRow> = cents.iter().map(|(full, less)| {
                let full = Points(full * 10);
                ScoreRow { full, score: Points((full.0 - less * 10).max(0)), rubric: Some(full) }
            }).collect();
            let sum = rows.iter().map(|r| r.score).sum::<Points>();
            prop_assert_eq!(check_scores(&rows, Some(sum), Some(rows.iter().map(|r| r.full).sum()), true), []);
            prop_assert_eq!(check_scores(&rows, Some(Points(sum.0 + 10)), None, true), [Mistake::OtherTotal(sum)]);
        }

        #[test]
        fn any_words_are_read_without_panic(phrase in "[0-9*年月日前底旬上中下一七次元至—“” a-z]{0,16}", begin in proptest::option::of((1900i16..2200, 1u8..=12, 1u8..=28))) {
            if let Some(d) = due(&phrase, begin) {
                prop_assert!((1..=12).contains(&d.last.1) && (1..=31).contains(&d.last.2));
                prop_assert!(d.from.is_none_or(|f| f <= d.last) && d.stricter.is_none_or(|s| s < d.last));
            }
        }

        #[test]
        fn a_day_later_never_makes_an_unfiled_task_less_overdue(due in proptest::option::of((2020i16..2030, 1u8..=12, 1u8..=28)), today in (2020i16..2030, 1u8..=12, 1u8..=27)) {
            let next = (today.0, today.1, today.2 + 1);
            if standing(due, None, today) == Standing::Overdue {
                prop_assert_eq!(standing(due, None, next), Standing::Overdue);
            }
        }
    }
}
