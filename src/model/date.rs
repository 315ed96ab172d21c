//! Dates as records have them (日期): a day, a month, a year, a masked year, with or without times.
//!
//! A subset of EDTF plus the spellings found in Chinese documents. A date is never completed: what
//! a document leaves open (`2018-05`, `20**-07`, 9月中旬) stays open.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A point or span of time as exact as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveDate {
    /// When it began.
    pub start: Point,
    /// When it ended, if another day, month or year.
    pub end: Option<Point>,
    /// The hour and minute it began.
    pub time: Option<(u8, u8)>,
    /// The hour and minute it ended.
    pub end_time: Option<(u8, u8)>,
}

/// A year, a month or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The four digits of the year; `None` where masked (`20**`).
    pub year: [Option<u8>; 4],
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The part of the month.
    pub part: Option<Part>,
    /// The day of the month.
    pub day: Option<u8>,
}

/// A third of a month, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// 上旬, the 1st to the 10th.
    Early,
    /// 中旬, the 11th to the 20th.
    Middle,
    /// 下旬, from the 21st.
    Late,
    /// 月底.
    End,
}

impl Part {
    fn zh(self) -> &'static str {
        match self {
            Part::Early => "上旬",
            Part::Middle => "中旬",
            Part::Late => "下旬",
            Part::End => "底",
        }
    }
    /// The last day the part can mean.
    fn last_day(self) -> u8 {
        match self {
            Part::Early => 10,
            Part::Middle => 20,
            Part::Late | Part::End => 31,
        }
    }
    fn first_day(self) -> u8 {
        match self {
            Part::Early => 1,
            Part::Middle => 11,
            Part::Late => 21,
            Part::End => 28,
        }
    }
}

impl Point {
    /// Returns the year if no digit is masked.
    pub fn year(&self) -> Option<i16> {
        self.year.iter().try_fold(0i16, |n, d| d.map(|d| n * 10 + i16::from(d)))
    }

    /// Returns the first day it can mean; `None` for a masked year.
    pub fn earliest(&self) -> Option<(i16, u8, u8)> {
        Some((self.year()?, self.month.unwrap_or(1), self.day.or(self.part.map(Part::first_day)).unwrap_or(1)))
    }

    /// Returns the last day it can mean (day 31 where the month's end is meant); `None` for a masked year.
    pub fn latest(&self) -> Option<(i16, u8, u8)> {
        Some((self.year()?, self.month.unwrap_or(12), self.day.or(self.part.map(Part::last_day)).unwrap_or(31)))
    }

    /// Returns the civil day, if it is exact.
    pub fn civil(&self) -> Option<jiff::civil::Date> {
        jiff::civil::Date::new(self.year()?, self.month? as i8, self.day? as i8).ok()
    }

    /// Returns the year as written, `*` for masked digits.
    pub fn year_text(&self) -> String {
        self.year.iter().map(|d| d.map_or('*', |d| char::from(b'0' + d))).collect()
    }

    /// Returns `2025-09-18`, `2025-09` or `2025`, `*` for masked digits.
    pub fn iso(&self) -> String {
        let mut out = self.year_text();
        if let Some(m) = self.month {
            out += &format!("-{m:02}");
            if let Some(d) = self.day {
                out += &format!("-{d:02}");
            }
        }
        out
    }

    /// Returns 2025年9月18日, 2025年9月中旬, 2025年.
    pub fn zh(&self) -> String {
        let mut out = format!("{}年", self.year_text());
        if let Some(m) = self.month {
            out += &format!("{m}月");
            if let Some(d) = self.day {
                out += &format!("{d}日");
            } else if let Some(p) = self.part {
                out += p.zh();
            }
        }
        out
    }

    fn valid(&self) -> bool {
        let (Some(m), day) = (self.month, self.day) else { return self.day.is_none() };
        if !(1..=12).contains(&m) {
            return false;
        }
        let Some(d) = day else { return true };
        // A masked year may be a leap year.
        jiff::civil::Date::new(self.year().unwrap_or(2000), m as i8, d as i8).is_ok()
    }
}

impl ArchiveDate {
    /// Reads a date; `None` if the text is not one.
    pub fn parse(text: &str) -> Option<ArchiveDate> {
        let text = text.trim();
        let text: String = text.chars().map(fold).collect();
        let (head, tail) = split_range(&text);
        let (start, time, rest) = read_point(head)?;
        if !rest.is_empty() {
            return None;
        }
        let mut date = ArchiveDate { start, end: None, time, end_time: None };
        if let Some(tail) = tail {
            let tail = tail.trim();
            if let Some((t, "")) = read_time(tail) {
                time?;
                date.end_time = Some(t);
            } else if let Some((end, t, "")) = read_point(tail) {
                date.end = (end != start).then_some(end);
                date.end_time = t;
            } else {
                let (end, t) = read_partial_end(tail, &start)?;
                date.end = (end != start).then_some(end);
                date.end_time = t;
            }
        }
        // What ends before it begins is no time.
        let backwards = match &date.end {
            Some(end) => end.latest() < date.start.earliest() && end.year().is_some(),
            None => date.end_time.is_some_and(|end| Some(end) < date.time),
        };
        let valid = !backwards && date.start.valid() && date.end.is_none_or(|e| e.valid());
        valid.then_some(date)
    }

    /// Returns the year it began in, if no digit is masked.
    pub fn year(&self) -> Option<i16> {
        self.start.year()
    }

    /// Returns the ISO form of the beginning, with its time where there is one.
    pub fn datetime(&self) -> String {
        match self.time {
            Some((h, m)) => format!("{}T{h:02}:{m:02}", self.start.iso()),
            None => self.start.iso(),
        }
    }

    /// Returns the whole in ISO form (`2025-09-18T15:00/16:35`).
    pub fn iso(&self) -> String {
        let mut out = self.datetime();
        match (&self.end, self.end_time) {
            (Some(end), Some((h, m))) => out += &format!("/{}T{h:02}:{m:02}", end.iso()),
            (Some(end), None) => out += &format!("/{}", end.iso()),
            (None, Some((h, m))) => out += &format!("/{h:02}:{m:02}"),
            (None, None) => {}
        }
        out
    }

    /// Returns the whole in Chinese (2025年9月18日 15:00—16:35).
    pub fn zh(&self) -> String {
        let mut out = self.start.zh();
        if let Some((h, m)) = self.time {
            out += &format!(" {h:02}:{m:02}");
        }
        if let Some(end) = &self.end {
            let zh = end.zh();
            let short =
                if end.year == self.start.year { zh.split_once('年').map_or(zh.as_str(), |(_, r)| r) } else { &zh };
            out += &format!("—{short}");
            if let Some((h, m)) = self.end_time {
                out += &format!(" {h:02}:{m:02}");
            }
        } else if let Some((h, m)) = self.end_time {
            out += &format!("—{h:02}:{m:02}");
        }
        out
    }

    /// Orders by the first moment each can mean; masked years come first.
    pub fn cmp_start(&self, other: &ArchiveDate) -> Ordering {
        (self.start.earliest(), self.time).cmp(&(other.start.earliest(), other.time))
    }

    /// Returns whole days from this date's last possible day to `later`'s first, when both are exact.
    pub fn days_until(&self, later: &ArchiveDate) -> Option<i64> {
        let from = self.end.as_ref().unwrap_or(&self.start).civil()?;
        let to = later.start.civil()?;
        Some(i64::from(from.until(to).ok()?.get_days()))
    }

    /// Tells whether a day lies within this date or span, as far as it says.
    pub fn covers(&self, day: &ArchiveDate) -> bool {
        match (self.start.earliest(), self.end.as_ref().unwrap_or(&self.start).latest(), day.start.earliest()) {
            (Some(from), Some(to), Some(day)) => from <= day && day <= to,
            _ => true,
        }
    }

    /// Tells whether this is certainly before `other`.
    pub fn certainly_before(&self, other: &ArchiveDate) -> bool {
        match (self.end.as_ref().unwrap_or(&self.start).latest(), other.start.earliest()) {
            (Some(a), Some(b)) => a < b,
            _ => false,
        }
    }
}

/// Full width, masks and the many dashes become one form.
fn fold(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '－' | '–' | '—' | '―' | '−' => '—',
        '～' | '~' => '—',
        '＊' | 'x' | 'X' | '×' | 'Ｘ' => '*',
        '／' => '/',
        '：' => ':',
        '．' => '.',
        '\u{3000}' | '\u{a0}' => ' ',
        c => c,
    }
}

/// Cuts `A/B` and `A—B`; a single `/` between numbers of one date is not a range.
fn split_range(text: &str) -> (&str, Option<&str>) {
    if let Some((a, b)) = text.split_once('—') {
        return (a.trim(), Some(b.trim_start_matches('—')));
    }
    if let Some((a, b)) = text.split_once(" 至 ").or_else(|| text.split_once('至')) {
        return (a.trim(), Some(b));
    }
    for (i, _) in text.match_indices('/') {
        let (a, b) = (&text[..i], &text[i + 1..]);
        let whole = read_point(a.trim())
            .is_some_and(|(p, _, rest)| rest.is_empty() && (p.month.is_some() || b.contains('-') || is_year(b)));
        let tail = read_time(b.trim()).is_some_and(|(_, r)| r.is_empty())
            || read_point(b.trim()).is_some_and(|(_, _, r)| r.is_empty());
        if whole && tail && b.len() > 2 {
            return (a.trim(), Some(b));
        }
    }
    (text, None)
}

/// Tells a year from the month and day of `2025/0918`.
fn is_year(text: &str) -> bool {
    let text = text.trim();
    text.len() == 4 && text.starts_with(['1', '2']) && text.bytes().all(|b| b.is_ascii_digit() || b == b'*')
}

fn digits(text: &str, most: usize) -> (&str, &str) {
    let n = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    text.split_at(n)
}

/// A point, perhaps with its hour and minute, and what is left of the text.
type Reading<'a> = (Point, Option<(u8, u8)>, &'a str);

/// Reads a date and perhaps a time; returns what is left.
fn read_point(text: &str) -> Option<Reading<'_>> {
    let bytes = text.as_bytes();
    let n = bytes.iter().take(4).take_while(|b| b.is_ascii_digit() || **b == b'*').count();
    if n != 4 || bytes[0] == b'*' {
        return None;
    }
    let mut year = [None; 4];
    for (slot, b) in year.iter_mut().zip(bytes) {
        *slot = b.is_ascii_digit().then(|| b - b'0');
    }
    let mut point = Point { year, month: None, part: None, day: None };
    let rest = &text[4..];
    // 20250918
    if let (eight, after) = digits(rest, 4)
        && eight.len() == 4
        && !after.starts_with(|c: char| c.is_ascii_digit())
    {
        point.month = eight[..2].parse().ok();
        point.day = eight[2..].parse().ok();
        return Some((point, None, after));
    }
    let (separator, rest) = match rest.trim_start() {
        r if r.starts_with('年') => ('年', r['年'.len_utf8()..].trim_start()),
        r if r.starts_with(['-', '/', '.', '_']) => (char::from(r.as_bytes()[0]), &r[1..]),
        r => return finish(point, r),
    };
    let (m, after) = digits(rest, 2);
    if m.is_empty() {
        return if separator == '年' { finish(point, rest) } else { None };
    }
    point.month = m.parse().ok();
    let after = after.trim_start();
    let after = if separator == '年' {
        let after = after.strip_prefix('月')?.trim_start();
        for (word, part) in
            [("上旬", Part::Early), ("中旬", Part::Middle), ("下旬", Part::Late), ("底", Part::End), ("末", Part::End)]
        {
            if let Some(r) = after.strip_prefix(word) {
                point.part = Some(part);
                return finish(point, r);
            }
        }
        after
    } else {
        match after.strip_prefix(separator) {
            Some(r) => r,
            None => return finish(point, after),
        }
    };
    let (d, after) = digits(after, 2);
    if d.is_empty() {
        return finish(point, after);
    }
    point.day = d.parse().ok();
    let after = if separator == '年' { after.trim_start().trim_start_matches(['日', '号']) } else { after };
    finish(point, after)
}

fn finish(point: Point, rest: &str) -> Option<Reading<'_>> {
    let rest = rest.trim_start();
    let timed = rest.strip_prefix('T').unwrap_or(rest);
    match read_time(timed) {
        Some((time, after)) if point.day.is_some() => Some((point, Some(time), after)),
        _ => Some((point, None, rest)),
    }
}

/// Reads `15:00`, `15:00:00`, 下午3:00, 15时30分.
fn read_time(text: &str) -> Option<((u8, u8), &str)> {
    let text = text.trim();
    let (afternoon, text) = match text {
        t if t.starts_with("上午") => (false, &t[6..]),
        t if t.starts_with("下午") || t.starts_with("晚上") => (true, &t[6..]),
        t => (false, t),
    };
    let (h, rest) = digits(text, 2);
    let mut hour: u8 = h.parse().ok()?;
    let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix('时')).or_else(|| rest.strip_prefix('点'))?;
    let (m, rest) = digits(rest, 2);
    let minute: u8 = if m.is_empty() { 0 } else { m.parse().ok()? };
    let rest = rest.strip_prefix('分').unwrap_or(rest);
    let rest = match rest.strip_prefix(':') {
        Some(r) => digits(r, 2).1,
        None => rest,
    };
    // A zone, as some tools write it, says nothing more about a meeting.
    let rest = rest.strip_prefix('Z').or_else(|| rest.strip_prefix("+08:00")).unwrap_or(rest);
    if afternoon && hour < 12 {
        hour += 12;
    }
    (hour < 24 && minute < 60).then_some(((hour, minute), rest))
}

/// Reads the end of 2018年10月下旬—11月上旬, 9月18日—20日, `2025-09-18/20`.
fn read_partial_end(tail: &str, start: &Point) -> Option<(Point, Option<(u8, u8)>)> {
    let with_year = format!("{}年{tail}", start.year_text());
    if let Some((p, t, "")) = read_point(&with_year)
        && p.month.is_some()
    {
        return Some((p, t));
    }
    let (d, rest) = digits(tail, 2);
    let day = d.parse().ok()?;
    matches!(rest.trim_start_matches(['日', '号']), "")
        .then_some((Point { day: Some(day), part: None, ..*start }, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, iso: &str, zh: &str) {
        let date = ArchiveDate::parse(text).unwrap_or_else(|| panic!("`{text}` is a date"));
        assert_eq!((date.iso().as_str(), date.zh().as_str()), (iso, zh), "{text}");
    }

    #[test]
    fn the_usual_spellings_are_read() {
        check("2025-09-18", "2025-09-18", "2025年9月18日");
        check("2025-9-8", "2025-09-08", "2025年9月8日");
        check("2025/09/18", "2025-09-18", "2025年9月18日");
        check("2025.9.18", "2025-09-18", "2025年9月18日");
        check("2025_09_18", "2025-09-18", "2025年9月18日");
        check("20250918", "2025-09-18", "2025年9月18日");
        check("2025年9月18日", "2025-09-18", "2025年9月18日");
        check("２０２５年９月１８日", "2025-09-18", "2025年9月18日");
        check("2025 年 09 月 04 日 15:00–16:00", "2025-09-04T15:00/16:00", "2025年9月4日 15:00—16:00");
        check("2025-09-18T15:00/16:35", "2025-09-18T15:00/16:35", "2025年9月18日 15:00—16:35");
        check("2025-09-18 下午3:30", "2025-09-18T15:30", "2025年9月18日 15:30");
        check("2025-09-18/2025-09-20", "2025-09-18/2025-09-20", "2025年9月18日—9月20日");
        check("2025年9月18日—20日", "2025-09-18/2025-09-20", "2025年9月18日—9月20日");
        check("2025-09-18T15:00:00+08:00", "2025-09-18T15:00", "2025年9月18日 15:00");
    }

    #[test]
    fn what_is_left_open_stays_open() {
        check("2018", "2018", "2018年");
        check("2018-05", "2018-05", "2018年5月");
        check("2018年5月", "2018-05", "2018年5月");
        check("20**-07", "20**-07", "20**年7月");
        check("20**年7月至8月", "20**-07/20**-08", "20**年7月—8月");
        check("2018年9月中旬", "2018-09", "2018年9月中旬");
        check("2018年10月下旬—11月上旬", "2018-10/2018-11", "2018年10月下旬—11月上旬");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "党课",
            "2025-13-01",
            "2025-02-30",
            "25-09-18",
            "2025-09-18 会议",
            "****-01",
            "2025-09-18T25:00",
            "2025-",
            "2025-09-18T15:00/14:00",
            "2025-09-18/2025-09-17",
        ] {
            assert_eq!(ArchiveDate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_between_are_counted_only_between_days() {
        let d = |t| ArchiveDate::parse(t).expect("a date");
        assert_eq!(d("2025-09-18").days_until(&d("2025-10-02")), Some(14));
        assert_eq!(d("2025-09").days_until(&d("2025-10-02")), None);
        assert!(d("2025-09-18").certainly_before(&d("2025-10")));
        assert!(!d("2025-09-18").certainly_before(&d("2025-09")));
    }
}
