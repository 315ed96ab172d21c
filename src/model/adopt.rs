//! Understanding an archive as it is: what a path and a text without front matter say of a record.
//!
//! Nothing is written into a record. A title the tool has made itself stands in 〔〕 (DA/T 22), and
//! where the file's name and its text give different dates, both are told.

use super::date::ArchiveDate;
use crate::config::PathRule;
use crate::parse::topics::heading_text;
use std::collections::BTreeMap;

/// What a path rule found in a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    /// The texts of the places, by name (`branch`, `date`, …).
    pub places: BTreeMap<String, String>,
    /// The number of the rule.
    pub rule: usize,
    /// What follows the pattern in the file's name: `-1`, `_下午`.
    pub suffix: String,
}

/// Finds the first rule that understands a path.
pub fn match_path(rules: &[PathRule], path: &str) -> Option<Match> {
    rules.iter().enumerate().find_map(|(rule, r)| {
        let pattern = strip_md(&r.pattern);
        let mut places = BTreeMap::new();
        let parts: Vec<&str> = pattern.trim_matches('/').split('/').collect();
        let names: Vec<&str> = strip_md(path).split('/').collect();
        let suffix = Matcher { places: &mut places, steps: MOST_STEPS }.parts(&parts, &names)?;
        Some(Match { places, rule, suffix })
    })
}

fn strip_md(path: &str) -> &str {
    path.strip_suffix(".md").or_else(|| path.strip_suffix(".markdown")).unwrap_or(path)
}

/// How many steps a match may take: a pattern of many places could try for ever.
const MOST_STEPS: usize = 100_000;

struct Matcher<'a> {
    places: &'a mut BTreeMap<String, String>,
    steps: usize,
}

impl Matcher<'_> {
    fn parts(&mut self, pattern: &[&str], names: &[&str]) -> Option<String> {
        self.steps = self.steps.checked_sub(1)?;
        match (pattern.split_first(), names.split_first()) {
            (None, None) => Some(String::new()),
            (Some((&"**", rest)), _) => {
                let saved = self.places.clone();
                if let Some(suffix) = self.parts(rest, names) {
                    return Some(suffix);
                }
                *self.places = saved;
                let (_, tail) = names.split_first()?;
                self.parts(pattern, tail)
            }
            (Some((p, ps)), Some((n, ns))) => {
                let last = ps.is_empty() && ns.is_empty();
                let suffix = self.name(p, n, last)?;
                if last { Some(suffix) } else { self.parts(ps, ns) }
            }
            (None, Some(_)) | (Some(_), None) => None,
        }
    }

    /// Matches one name; separators `-`, `_` and blank are the same to it. The last name may go on
    /// with a number or a time of day.
    fn name(&mut self, pattern: &str, name: &str, last: bool) -> Option<String> {
        self.steps = self.steps.checked_sub(1)?;
        let Some(open) = pattern.find('{') else {
            let rest = literal(pattern, name)?;
            return if rest.is_empty() || (last && is_suffix(rest)) { Some(rest.to_owned()) } else { None };
        };
        let close = pattern[open..].find('}')? + open;
        let rest = literal(&pattern[..open], name)?;
        let (key, tail) = (&pattern[open + 1..close], &pattern[close + 1..]);
        let ends: Vec<usize> = rest.char_indices().map(|(i, c)| i + c.len_utf8()).collect();
        // The longest first, so that `{date}` takes the whole day and `{branch}` the whole folder.
        for end in ends.into_iter().rev() {
            let text = &rest[..end];
            let fits = match key {
                "date" => {
                    ArchiveDate::parse(text.trim()).is_some_and(|d| d.end.is_none())
                        && text.starts_with(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c))
                }
                "year" => text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()),
                _ => true,
            };
            if !fits {
                continue;
            }
            let saved = self.places.clone();
            if let Some(suffix) = self.name(tail, &rest[end..], last) {
                if key != "*" {
                    self.places.insert(key.to_owned(), text.to_owned());
                }
                return Some(suffix);
            }
            *self.places = saved;
        }
        if key == "*" { self.name(tail, rest, last) } else { None }
    }
}

fn literal<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let mut rest = name.char_indices();
    for p in pattern.chars() {
        let (_, n) = rest.next()?;
        let separator = |c: char| matches!(c, '-' | '_' | ' ');
        if p != n && !(separator(p) && separator(n)) && !p.eq_ignore_ascii_case(&n) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// `-1`, `_2`, （3）, `_am`, 上午: what tells two records of one day apart.
fn is_suffix(text: &str) -> bool {
    let core = text.trim_matches(['-', '_', ' ', '(', ')', '（', '）']).to_lowercase();
    let number = !core.is_empty() && core.len() <= 2 && core.bytes().all(|b| b.is_ascii_digit());
    number || matches!(core.as_str(), "am" | "pm" | "上午" | "下午" | "晚上" | "a" | "b" | "c")
}

/// The longest id made of a path, before its digest.
const MOST_OF_A_PATH: usize = 100;

/// Makes an ASCII id of a path: what is not ASCII is stood for by a digest of the path, so that it is
/// never empty and never collides by loss.
pub fn id_of(path: &str) -> String {
    let mut id = String::new();
    let mut lost = false;
    for c in strip_md(path).chars() {
        match c {
            'a'..='z' | '0'..='9' => id.push(c),
            'A'..='Z' => id.push(c.to_ascii_lowercase()),
            c => {
                lost |= !c.is_ascii();
                if !id.ends_with('-') && !id.is_empty() {
                    id.push('-');
                }
            }
        }
    }
    let mut id = id.trim_matches('-').trim_end_matches("-index").to_owned();
    // A folder's name has an end on every disk.
    if id.len() > MOST_OF_A_PATH {
        id.truncate(MOST_OF_A_PATH);
        lost = true;
    }
    if lost || id.is_empty() {
        let digest = &crate::digest::Digest::of(path.as_bytes()).short()[..8];
        if id.is_empty() { format!("r-{digest}") } else { format!("{id}-{digest}") }
    } else {
        id
    }
}

/// Titles that name a part of a form, not a record.
const FORM_WORDS: [&str; 12] = [
    "参会人员",
    "与会人员",
    "会议时间",
    "会议记录",
    "会议纪要",
    "时间",
    "地点",
    "议题",
    "议程",
    "attendees",
    "notes",
    "meeting notes",
];

/// The months as English minutes write them.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Tells whether a heading says nothing but a date or the name of a form's part.
pub fn says_nothing(title: &str) -> bool {
    let lower = title.to_lowercase();
    let mut rest: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
    let others =
        ["at", "am", "pm", "gmt", "utc", "年", "月", "日", "时", "分", "beijing", "周", "星期", "上午", "下午"];
    for word in MONTHS.iter().chain(&others) {
        rest = rest.replace(word, "");
    }
    rest.is_empty() || FORM_WORDS.iter().any(|w| lower.trim_end_matches(['：', ':']) == *w)
}

/// Makes a title of topics, in the brackets of a title that is not the document's own.
pub fn made_title(topics: &[String], fallback: &str) -> String {
    let mut title = String::new();
    for topic in topics {
        let more = topic.chars().count();
        if !title.is_empty() && title.chars().count() + more > 60 {
            title.push_str(" 等");
            break;
        }
        if !title.is_empty() {
            title.push('；');
        }
        title.extend(topic.chars().take(60));
    }
    if title.is_empty() { format!("〔{fallback}〕") } else { format!("〔{title}〕") }
}

/// Finds the date a text gives of itself: in its title, or after 时间/日期 near its top.
pub fn date_in_text(title: &str, body: &str) -> Option<ArchiveDate> {
    find_date(title).or_else(|| {
        body.lines()
            .take(40)
            .filter(|l| ["时间", "日期", "date", "Date"].iter().any(|w| l.contains(w)))
            .find_map(find_date)
            .or_else(|| {
                // 会议时间 as a heading, the date on the line below.
                let mut lines = body.lines().take(40).map(str::trim).filter(|l| !l.is_empty());
                while let Some(line) = lines.next() {
                    if heading_text(line).is_some_and(|h| h.contains("时间")) {
                        return lines.next().and_then(find_date);
                    }
                }
                None
            })
    })
}

fn find_date(text: &str) -> Option<ArchiveDate> {
    for (i, _) in text.match_indices(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c)) {
        if text[..i].ends_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let tail = &text[i..];
        let take: usize = tail
            .char_indices()
            .take_while(|(_, c)| c.is_ascii_digit() || "-/._年月日号 ０１２３４５６７８９".contains(*c))
            .map(|(i, c)| i + c.len_utf8())
            .last()?;
        let mut candidate = tail[..take].trim();
        while !candidate.is_empty() {
            if let Some(date) = ArchiveDate::parse(candidate).filter(|d| d.start.civil().is_some()) {
                return Some(date);
            }
            // 2026.03.16-03.22: a week, as reports give it.
            if let Some(range) = dotted_range(candidate) {
                return Some(range);
            }
            let cut = candidate.char_indices().last().map_or(0, |(i, _)| i);
            candidate = candidate[..cut].trim();
            if candidate.chars().count() < 8 {
                break;
            }
        }
    }
    english_date(text)
}

/// Reads `2026.03.16-03.22`, where the dash of a range is the dash of a date.
fn dotted_range(text: &str) -> Option<ArchiveDate> {
    let (from, to) = text.split_once('-')?;
    let year = from.get(..4)?;
    let date = ArchiveDate::parse(&format!("{from}—{year}.{to}"))?;
    date.end.and_then(|e| e.civil()).map(|_| date)
}

/// Reads `August 18, 2023`.
fn english_date(text: &str) -> Option<ArchiveDate> {
    let lower = text.to_lowercase();
    MONTHS.iter().enumerate().find_map(|(m, name)| {
        let rest = lower.split_once(name)?.1.trim_start();
        let day: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let rest = rest[day.len()..].trim_start_matches([',', ' ', '，']);
        let year: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (year.len() == 4 && !day.is_empty()).then(|| ArchiveDate::parse(&format!("{year}-{}-{day}", m + 1))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::topics::topics;

    fn rule(pattern: &str) -> PathRule {
        PathRule { pattern: pattern.into(), ..PathRule::default() }
    }

    fn check(pattern: &str, path: &str, expected: Option<&[(&str, &str)]>) {
        let found = match_path(&[rule(pattern)], path).map(|m| m.places.into_iter().collect::<Vec<_>>());
        let expected = expected.map(|e| e.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>());
        assert_eq!(found, expected, "{pattern} on {path}");
    }

    #[test]
    fn paths_say_branch_and_date_in_the_usual_spellings() {
        let pattern = "sig/{branch}/meetings/{date}_meeting.md";
        for date in ["2025_09_04", "2025-09-04", "2025-9-4", "20250904", "2025年9月4日"] {
            check(
                pattern,
                &format!("sig/sig_arm/meetings/{date}_meeting.md"),
                Some(&[("branch", "sig_arm"), ("date", date)]),
            );
        }
        check(
            pattern,
            "sig/sig_arm/meetings/2026_04_13_meeting-1.md",
            Some(&[("branch", "sig_arm"), ("date", "2026_04_13")]),
        );
        check(
            pattern,
            "sig/sig_arm/meetings/2026_04_13_meeting_下午.md",
            Some(&[("branch", "sig_arm"), ("date", "2026_04_13")]),
        );
        check(pattern, "sig/sig_arm/meetings/readme.md", None);
        check(
            "sig/{branch}/meetings/**/{date}_{*}.md",
            "sig/c/meetings/2024/2024_01_05_meeting.md",
            Some(&[("branch", "c"), ("date", "2024_01_05")]),
        );
        check(
            "{branch}/{year}年/{date}{title}.md",
            "一支部/2024年/2024-03-05学习.md",
            Some(&[("branch", "一支部"), ("date", "2024-03-05"), ("title", "学习"), ("year", "2024")]),
        );
    }

    #[test]
    fn a_pattern_of_many_places_gives_up_in_time() {
        check(&format!("{}x.md", "{*}".repeat(12)), &format!("{}.md", "a".repeat(200)), None);
    }

    #[test]
    fn ids_are_ascii_never_empty_and_never_collide_by_loss() {
        assert_eq!(id_of("sig/sig_arm/2025_09_04_meeting.md"), "sig-sig-arm-2025-09-04-meeting");
        assert_ne!(id_of("文件/甲.md"), id_of("文件/乙.md"));
        assert!(id_of("文件/甲.md").is_ascii() && !id_of("甲.md").is_empty());
        assert_eq!(id_of("a/index.md"), "a");
    }

    #[test]
    fn a_title_that_is_only_a_date_says_nothing() {
        for title in ["August 18, 2023 at 14:15pm GMT+8", "2025/09/04", "2024年4月13日", "参会人员", "会议时间："]
        {
            assert!(says_nothing(title), "{title}");
        }
        assert!(!says_nothing("2025/09/04 OHOS Arm SIG 工作会议"));
        assert!(!says_nothing("三会一课"));
    }

    #[test]
    fn topics_are_found_as_written() {
        let body = "## 议题(Agenda)\n\n议题1：版本评审\n\n2. 进展**同步**\n- **自我介绍**\n\n## 与会人\n甲、乙\n";
        assert_eq!(topics(body), ["版本评审", "进展同步", "自我介绍"]);
        assert_eq!(made_title(&topics(body), "会议"), "〔版本评审；进展同步；自我介绍〕");
        assert_eq!(made_title(&[], "会议"), "〔会议〕");
    }

    #[test]
    fn a_week_is_read_as_a_span() {
        assert_eq!(
            date_in_text("周报 [12]周 2026.03.16-03.22", "").map(|d| d.iso()),
            Some("2026-03-16/2026-03-22".into())
        );
    }

    #[test]
    fn the_text_gives_its_date_in_title_or_near_its_top() {
        let d = |title, body| date_in_text(title, body).map(|d| d.iso());
        assert_eq!(d("2025/09/04 OHOS Arm SIG 工作会议", ""), Some("2025-09-04".into()));
        assert_eq!(d("DevBoard SIG例会 2025-09-17 11:00-12:10(UTC+08:00)", ""), Some("2025-09-17".into()));
        assert_eq!(d("August 18, 2023 at 14:15pm", ""), Some("2023-08-18".into()));
        assert_eq!(d("例会", "## 会议时间\n2025 年 09 月 04 日 15:00"), Some("2025-09-04".into()));
        assert_eq!(d("例会 0607", "共 2021 人"), None);
    }
}
