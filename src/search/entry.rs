//! What the index knows of one page: its text, piece by piece, and what a hit shows of it.

use super::analyzer;
use super::codec;
use super::pinyin;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a piece of text is on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// The title (题名).
    Title,
    /// The branch and the organisation above it (支部、上级党组织).
    Branch,
    /// The kind (类型).
    Kind,
    /// A number: document number, archive number, record id (文号、档号、记录号).
    Number,
    /// People and posts (人员、职务).
    People,
    /// The name of an attachment (附件).
    Attachment,
    /// Any other value of the front matter.
    Other,
    /// A heading of the body.
    Heading,
    /// Text of the body.
    Body,
}

impl Part {
    /// Every part, with the word `beilin.toml` has for it.
    pub const ALL: [(Part, &'static str); 9] = [
        (Part::Title, "title"),
        (Part::Branch, "branch"),
        (Part::Kind, "kind"),
        (Part::Number, "number"),
        (Part::People, "people"),
        (Part::Attachment, "attachment"),
        (Part::Other, "other"),
        (Part::Heading, "heading"),
        (Part::Body, "body"),
    ];

    /// Returns the letter of a field's part in a fragment: what weighs by itself has its own, because what a page
    /// that is gone weighed is read from there.
    fn letter(self) -> &'static str {
        match self {
            Part::Title => "t",
            Part::Branch => "b",
            Part::Kind => "k",
            Part::Number => "n",
            Part::People => "p",
            Part::Attachment => "a",
            // Neither of the last two is a field's.
            Part::Other | Part::Heading | Part::Body => "o",
        }
    }

    fn of_letter(letter: &str) -> Part {
        match letter {
            "t" => Part::Title,
            "b" => Part::Branch,
            "k" => Part::Kind,
            "n" => Part::Number,
            "p" => Part::People,
            "a" => Part::Attachment,
            _ => Part::Other,
        }
    }
}

/// Everything of a page but the text of its body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// The address, relative to the site's root, as links name it.
    pub url: String,
    /// The title.
    pub title: String,
    /// The kind: id, label.
    pub kind: Option<(String, String)>,
    /// The branch: id, short name of the day.
    pub branch: Option<(String, String)>,
    /// The date as pages show it.
    pub date: String,
    /// The date as far as it is known: `2026-03-18`, `2026-03`, `2026`; empty if the year is not known.
    pub iso: String,
    /// What else is found: what it is, its text.
    pub fields: Vec<(Part, String)>,
}

/// A part of a body that a heading opens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Section {
    /// The heading's anchor; empty before the first heading.
    pub anchor: String,
    /// The heading.
    pub heading: String,
    /// The plain text below it.
    pub text: String,
}

/// A page as the index sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Everything but the body.
    pub face: Face,
    /// The body.
    pub sections: Vec<Section>,
}

/// A fragment's JSON: address, title, kind, branch, date, date in digits, fields, sections, pinyin.
type Fragment<'a> = (
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    Vec<(&'a str, &'a str)>,
    Vec<(&'a str, &'a str, &'a str)>,
    String,
);
type OwnedFragment =
    (String, String, String, String, String, String, Vec<(String, String)>, Vec<(String, String, String)>, String);

/// A fragment's flag: its text is GB18030, two bytes for most Chinese characters where UTF-8 takes three.
const GB18030: u8 = 1;
/// A fragment's flag: it has traditional characters, for which the client needs its table.
const TRADITIONAL: u8 = 2;

impl Entry {
    /// Returns every piece of text that is found.
    pub fn pieces(&self) -> impl Iterator<Item = (Part, &str)> {
        std::iter::once((Part::Title, self.face.title.as_str()))
            .chain(self.face.fields.iter().map(|(part, text)| (*part, text.as_str())))
            .chain(
                self.sections.iter().flat_map(|s| [(Part::Heading, s.heading.as_str()), (Part::Body, s.text.as_str())]),
            )
            .filter(|(_, text)| !text.is_empty())
    }

    /// Returns how its title and its branch's name are spoken.
    pub(super) fn spoken(&self) -> String {
        let branch = self.face.branch.as_ref().map_or("", |(_, name)| name);
        format!("{}|{}", pinyin::spoken(&self.face.title), pinyin::spoken(branch))
    }

    /// Writes what a browser reads to check and show a hit, not yet compressed.
    pub(super) fn fragment(&self, spoken: String) -> Vec<u8> {
        let face = &self.face;
        let fragment: Fragment<'_> = (
            &face.url,
            &face.title,
            face.kind.as_ref().map_or("", |(_, label)| label),
            face.branch.as_ref().map_or("", |(_, name)| name),
            &face.date,
            &face.iso,
            face.fields.iter().map(|(part, text)| (part.letter(), text.as_str())).collect(),
            self.sections.iter().map(|s| (s.anchor.as_str(), s.heading.as_str(), s.text.as_str())).collect(),
            spoken,
        );
        let json = serde_json::to_string(&fragment).unwrap_or_default();
        let traditional = if analyzer::has_traditional(&json) { TRADITIONAL } else { 0 };
        if json.chars().all(is_settled) {
            let (bytes, _, is_lossy) = encoding_rs::GB18030.encode(&json);
            if !is_lossy {
                return [&[traditional | GB18030], &*bytes].concat();
            }
        }
        [&[traditional], json.as_bytes()].concat()
    }

    /// Reads a fragment again, as far as terms need it: ids of kind and branch are not in it.
    pub(super) fn of_fragment(bytes: &[u8]) -> Option<Entry> {
        let (flags, rest) = bytes.split_first()?;
        let text = match flags & GB18030 {
            0 => std::borrow::Cow::Borrowed(std::str::from_utf8(rest).ok()?),
            _ => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(rest)?,
        };
        let (url, title, kind, branch, date, iso, fields, sections, _): OwnedFragment =
            serde_json::from_str(&text).ok()?;
        let named = |label: String| (!label.is_empty()).then_some((String::new(), label));
        let fields = fields.into_iter().map(|(letter, text)| (Part::of_letter(&letter), text)).collect();
        let sections = sections.into_iter().map(|(anchor, heading, text)| Section { anchor, heading, text }).collect();
        Some(Entry { face: Face { url, title, kind: named(kind), branch: named(branch), date, iso, fields }, sections })
    }

    /// Counts its terms.
    pub(super) fn count(&self, tiers: &[Tier]) -> Count {
        let mut count = Count { tiers: vec![TierCount::default(); tiers.len()], ..Count::default() };
        for (part, text) in self.pieces() {
            let folded = analyzer::fold(text);
            analyzer::terms(&folded, |term| {
                *count.terms.entry(term.to_owned()).or_default() += 1;
                count.tokens += 1;
            });
            for (_, found) in tiers.iter().zip(&mut count.tiers).filter(|(t, _)| t.parts.contains(&part)) {
                analyzer::terms(&folded, |term| {
                    found.terms.insert(term.to_owned());
                    found.tokens += 1;
                });
            }
        }
        count
    }

    /// Returns what filters and pinyin look for: each once.
    pub(super) fn marks(&self, spoken: &str) -> Vec<String> {
        let face = &self.face;
        let mut marks = pinyin::terms(spoken);
        marks.extend(face.kind.iter().map(|(id, _)| format!("\u{1}k{id}")));
        marks.extend(face.branch.iter().map(|(id, _)| format!("\u{1}b{id}")));
        marks.sort_unstable();
        marks.dedup();
        marks
    }
}

/// The terms of a page.
#[derive(Debug, Default)]
pub(super) struct Count {
    /// How often each is there.
    pub(super) terms: BTreeMap<String, u32>,
    /// How many there are in all: the page's length.
    pub(super) tokens: u64,
    /// Those of each tier.
    pub(super) tiers: Vec<TierCount>,
}

/// The terms of a page in the parts of a tier.
#[derive(Debug, Default, Clone)]
pub(super) struct TierCount {
    pub(super) terms: BTreeSet<String>,
    pub(super) tokens: u64,
}

impl Count {
    /// Returns the page's length as scores have it.
    pub(super) fn norm(&self) -> u8 {
        codec::norm_of(u32::try_from(self.tokens).unwrap_or(u32::MAX))
    }
}

/// Parts that weigh more than the rest, equally much.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// How much more.
    pub boost: f32,
    /// Which.
    pub parts: Vec<Part>,
}

/// Tells whether every browser reads a character of GB18030 as it was written: the standard's edition
/// of 2022 moved a few, and private ones have always been read differently.
fn is_settled(c: char) -> bool {
    !matches!(c,
        '\u{E000}'..='\u{F8FF}' | '\u{FE10}'..='\u{FE19}' | '\u{9FB4}'..='\u{9FBB}' | '\u{1E3F}' | '\u{20AC}'
        | '\u{20087}' | '\u{20089}' | '\u{200CC}' | '\u{215D7}' | '\u{2298F}' | '\u{241FE}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            face: Face {
                url: "records/a/".into(),
                title: "支委会会议记录".into(),
                kind: Some(("committee".into(), "支委会".into())),
                branch: Some(("yi".into(), "第一党支部".into())),
                date: "2026年3月18日".into(),
                iso: "2026-03-18".into(),
                fields: vec![(Part::People, "支部书记".into()), (Part::Number, "云委〔2026〕6号".into())],
            },
            sections: vec![Section {
                anchor: "s".into(), heading: "议题".into(), text: "學習“四强”标准".into()
            }],
        }
    }

    #[test]
    fn a_fragment_is_read_as_it_was_written() {
        let written = |entry: &Entry| entry.fragment(entry.spoken());
        let bytes = written(&entry());
        assert_eq!(bytes[0], GB18030 | TRADITIONAL);
        let read = Entry::of_fragment(&bytes).expect("whole");
        assert_eq!((written(&read), read.count(&[]).terms), (bytes, entry().count(&[]).terms));
        // Of every field, in which part it is: parts weigh.
        let parts: Vec<Part> =
            Part::ALL.iter().map(|(part, _)| *part).filter(|p| !matches!(p, Part::Heading | Part::Body)).collect();
        let mut every = entry();
        every.face.fields = parts.iter().map(|part| (*part, "字".to_owned())).collect();
        assert_eq!(Entry::of_fragment(&written(&every)).expect("whole").face.fields, every.face.fields);
        let mut odd = entry();
        odd.sections[0].text = "私有\u{E123}字".into();
        assert_eq!(written(&odd)[0], 0);
        assert_eq!(Entry::of_fragment(&written(&odd)).expect("whole").sections, odd.sections);
    }

    #[test]
    fn terms_are_counted_piece_by_piece() {
        let tiers = [Tier { boost: 3.0, parts: vec![Part::Title, Part::Number] }];
        let count = entry().count(&tiers);
        assert_eq!((count.terms["会"], count.terms["议题"], count.terms["学习"], count.terms["四强"]), (2, 1, 1, 1));
        assert!(!count.terms.contains_key("录支"), "pieces do not touch");
        assert!(count.tiers[0].terms.contains("支委") && !count.tiers[0].terms.contains("书记"));
        assert_eq!(count.terms.values().map(|n| u64::from(*n)).sum::<u64>(), count.tokens);
    }
}
