//! A page that was found → what is shown of it.

use super::phrase::Phrase;
use crate::search::analyzer;
use crate::search::entry::{Entry, Part, Section};
use serde::Serialize;
use serde_json::{Value, json};

/// How many characters of a page are shown, about.
const EXCERPT: usize = 90;
/// How many of them stand before the first hit.
const BEFORE: usize = 20;

/// A text in parts: each with whether it is what was asked for.
pub type Parts = Vec<(String, bool)>;

/// A page that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The address, relative to the site's root.
    pub url: String,
    /// The title.
    pub title: String,
    /// How well it fits; 0 where that is not asked.
    pub score: f32,
    /// The text around the best place.
    pub excerpt: String,
    /// The kind, in words.
    pub kind: String,
    /// The branch's short name of the day.
    pub branch: String,
    /// The date as the page shows it.
    pub date: String,
    /// The date in digits, as far as it is known.
    pub iso: String,
    /// The anchor of the heading that opens the section; empty where it was not found in one.
    pub anchor: String,
    /// The heading.
    pub heading: String,
    /// What of the page holds it.
    pub place: &'static str,
    /// The title in parts.
    pub title_parts: Parts,
    /// The excerpt in parts.
    pub excerpt_parts: Parts,
}

/// A stretch of a text, in characters, and which phrase it is.
type Mark = (usize, usize, usize);

fn name_of(part: Part) -> &'static str {
    match part {
        Part::Title => "title",
        Part::Branch => "branch",
        Part::Kind => "kind",
        Part::Number => "numbers",
        Part::People => "people",
        Part::Attachment => "attachments",
        Part::Other => "other",
        Part::Heading => "heading",
        Part::Body => "body",
    }
}

impl Hit {
    /// Shows the piece of a page that holds most of what was asked for.
    pub(super) fn of<'e>(entry: &'e Entry, score: f32, phrases: &[&Phrase]) -> Hit {
        let face = &entry.face;
        // A short title is a field as others are: the title that is shown does not say it.
        let shown = |part: Part| if part == Part::Title { Part::Other } else { part };
        let fields = face.fields.iter().map(|(part, text)| (shown(*part), text.as_str(), None));
        let of_section =
            |s: &'e Section| [(Part::Heading, s.heading.as_str(), Some(s)), (Part::Body, s.text.as_str(), Some(s))];
        let pieces = fields.chain(entry.sections.iter().flat_map(of_section)).filter(|(_, text, _)| !text.is_empty());
        let mut best: Option<(usize, Part, &str, Option<&Section>)> = None;
        for (part, text, section) in pieces {
            let squeezed = analyzer::squeeze(&analyzer::fold(text));
            let count =
                phrases.iter().filter(|p| p.is_in(part, &squeezed)).count() * 2 + usize::from(part == Part::Body);
            if best.is_none_or(|(most, ..)| count > most) {
                best = Some((count, part, text, section));
            }
        }
        let (count, part, text, section) = best.unwrap_or((0, Part::Title, "", None));
        let is_found = count > 1;
        let section = section.filter(|_| is_found);
        let text = match (part, section) {
            (Part::Heading, Some(section)) => &section.text,
            _ => text,
        };
        let excerpt_parts = excerpt(text, phrases);
        let in_title: Vec<&Phrase> = phrases.iter().copied().filter(|p| !p.is_person).collect();
        let title: Vec<char> = face.title.chars().collect();
        Hit {
            url: face.url.clone(),
            title: face.title.clone(),
            score,
            excerpt: excerpt_parts.iter().map(|(text, _)| text.as_str()).collect(),
            kind: face.kind.as_ref().map(|(_, label)| label.clone()).unwrap_or_default(),
            branch: face.branch.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
            date: face.date.clone(),
            iso: face.iso.clone(),
            anchor: section.map(|s| s.anchor.clone()).unwrap_or_default(),
            heading: section.map(|s| s.heading.clone()).unwrap_or_default(),
            place: name_of(if is_found { part } else { Part::Title }),
            title_parts: cut(&title, 0, title.len(), &marks(&face.title, &in_title)),
            excerpt_parts,
        }
    }

    /// Writes it for programs, its address as `url` makes it.
    pub(super) fn json(&self, url: &dyn Fn(&str) -> String) -> Value {
        let Hit { title, score, excerpt, kind, branch, date, iso, anchor, heading, .. } = self;
        // As it is, not as a wider number would have it.
        let score = (f64::from(*score) * 10_000.0).round() / 10_000.0;
        json!({
            "url": url(&self.url),
            "title": title,
            "score": score,
            "excerpt": excerpt,
            "kind": kind,
            "branch": branch,
            "date": date,
            "iso": iso,
            "anchor": anchor,
            "heading": heading,
        })
    }
}

/// Finds where phrases stand in a text as it was written.
fn marks(text: &str, phrases: &[&Phrase]) -> Vec<Mark> {
    let (squeezed, places) = analyzer::squeeze_placed(text);
    // Bytes of the squeezed text and of the text → characters.
    let number_in = |text: &str, byte: usize| text[..byte].chars().count();
    let mut marks = Vec::new();
    for (which, phrase) in phrases.iter().enumerate() {
        let length = phrase.asked.chars().count();
        for at in phrase.places(&squeezed) {
            let first = number_in(&squeezed, at);
            if let Some(((start, _), (_, end))) =
                places.get(first).copied().zip(places.get(first + length - 1).copied())
            {
                marks.push((number_in(text, start), number_in(text, end), which));
            }
        }
    }
    marks.sort_unstable();
    marks
}

/// Cuts the part of a text that shows most of what was asked for.
fn excerpt(text: &str, phrases: &[&Phrase]) -> Parts {
    let marks = marks(text, phrases);
    let chars: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let kinds = |first: usize| {
        let seen = marks.iter().filter(|m| m.0 >= first && m.1 <= first + EXCERPT - BEFORE);
        seen.fold(0u64, |seen, m| seen | 1 << (m.2 % 64)).count_ones()
    };
    let mut best: Option<(u32, usize)> = None;
    // The first few are enough to choose from.
    for (start, ..) in marks.iter().take(200) {
        let kinds = kinds(*start);
        if best.is_none_or(|(most, _)| kinds > most) {
            best = Some((kinds, *start));
        }
    }
    let start = best.map_or(0, |(_, at)| at.saturating_sub(BEFORE).min(chars.len().saturating_sub(EXCERPT)));
    let end = (start + EXCERPT).min(chars.len());
    let mut parts = cut(&chars, start, end, &marks);
    let dots = || ("…".to_owned(), false);
    if start > 0 {
        parts.insert(0, dots());
    }
    if end < chars.len() {
        parts.push(dots());
    }
    parts
}

/// Cuts a part of a text at its marks.
fn cut(chars: &[char], start: usize, end: usize, marks: &[Mark]) -> Parts {
    let (mut parts, mut at): (Parts, usize) = (Vec::new(), start);
    let mut put = |to: usize, is_hit: bool| {
        if to > at {
            parts.push((chars[at..to].iter().collect(), is_hit));
            at = to;
        }
    };
    for (first, last, _) in marks.iter().filter(|m| m.0 < end) {
        put(*first, false);
        put((*last).min(end), true);
    }
    put(end, false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::engine::phrase::Plan;
    use crate::search::query;
    use proptest::prelude::*;

    fn shown(text: &str, asked: &str) -> String {
        let plan = Plan::of(&query::parse(asked));
        let phrases: Vec<&Phrase> = plan.phrases().collect();
        let mark = |(text, is_hit): (String, bool)| if is_hit { format!("[{text}]") } else { text };
        excerpt(text, &phrases).into_iter().map(mark).collect()
    }

    #[test]
    fn hits_are_marked_as_they_were_written() {
        for (text, asked, expected) in [
            ("學習“四强”党支部标准", "四强党支部", "學習“[四强”党支部]标准"),
            ("ＰＤＦ 与 pdf", "pdf", "[ＰＤＦ] 与 [pdf]"),
            ("苏委工〔2020〕6号", "2020 6号", "苏委工〔[2020]〕[6号]"),
            ("cafe\u{301} 会", "café", "[cafe\u{301}] 会"),
            ("没有", "党课", "没有"),
            ("三会一课，会一课", "会一 一课", "三[会一][课]，[会一][课]"),
        ] {
            assert_eq!(shown(text, asked), expected);
        }
    }

    #[test]
    fn a_long_text_is_shown_where_most_of_it_is() {
        let text = format!("{}党课{}讲党课，专题学习{}", "前".repeat(200), "中".repeat(200), "后".repeat(200));
        let shown = shown(&text, "党课 专题");
        assert!(
            shown.starts_with("…中") && shown.contains("讲[党课]，[专题]学习后") && shown.ends_with("后…"),
            "{shown}"
        );
    }

    proptest! {
        #[test]
        fn an_excerpt_of_anything_is_cut_without_a_fault(text in "(?s).{0,200}", asked in "(?s).{0,12}") {
            let shown = shown(&text, &asked);
            prop_assert!(shown.chars().count() <= EXCERPT * 3 + 2);
            let own: String = text.chars().skip(3).take(4).collect();
            let _ = self::shown(&text, &own);
        }
    }
}
