//! The anchors and levels of headings.
//!
//! An anchor depends on the heading's own text and on nothing else in the body (repeats excepted), so that an
//! address printed on paper still leads to its section after others were added above it.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::cjk;

const LONGEST_SLUG: usize = 60;

/// Turns the levels a writer used into those of a page, whose only `h1` is its title.
///
/// The first level met becomes `h2`, and no level is skipped on the way down, whatever the writer skipped.
#[derive(Default)]
pub(crate) struct Levels {
    open: Vec<u8>,
}

impl Levels {
    /// Returns the level for the next heading of the page.
    pub(crate) fn next(&mut self, written: u8) -> u8 {
        while self.open.last().is_some_and(|open| *open >= written) {
            self.open.pop();
        }
        self.open.push(written);
        rank(self.open.len() + 1)
    }

    /// Returns the level for a heading inside a quotation or a list, which opens no section of the page.
    pub(crate) fn inside(&self) -> u8 {
        rank(self.open.len() + 2)
    }
}

fn rank(level: usize) -> u8 {
    level.min(6) as u8
}

/// Hands out anchors, each once.
#[derive(Default)]
pub(crate) struct Anchors {
    /// Each anchor in use, with the last number given to a repeat of it.
    taken: BTreeMap<String, u32>,
}

impl Anchors {
    /// Starts with anchors that the page around the body uses.
    pub(crate) fn new(reserved: &[&str]) -> Anchors {
        Anchors { taken: reserved.iter().map(|id| (id.to_string(), 1)).collect() }
    }

    /// Returns a free anchor made from `wanted`: itself, or with `-2`, `-3` … for a repeat.
    pub(crate) fn take(&mut self, wanted: String) -> String {
        let Some(repeats) = self.taken.get(&wanted) else {
            self.taken.insert(wanted.clone(), 1);
            return wanted;
        };
        let mut number = *repeats;
        let free = loop {
            number += 1;
            let candidate = format!("{wanted}-{number}");
            if !self.taken.contains_key(&candidate) {
                break candidate;
            }
        };
        self.taken.insert(wanted, number);
        self.taken.insert(free.clone(), 1);
        free
    }
}

/// Says whether an anchor written by hand can stay as it is.
///
/// `fn-` and `fnref-` belong to footnotes.
pub(crate) fn is_valid(id: &str) -> bool {
    !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && !is_footnote(id)
}

fn is_footnote(id: &str) -> bool {
    id.starts_with("fn-") || id.starts_with("fnref-")
}

/// Returns the anchor for a heading text: a slug for Latin text, `s-` and a digest for any other.
pub(crate) fn anchor(text: &str) -> String {
    match slug(text) {
        Some(slug) if !is_footnote(&slug) => slug,
        Some(_) | None => format!("s-{:08x}", fold(text)),
    }
}

/// Returns a text in the form in which two headings are compared: no white space, no case, no width.
pub(crate) fn normalised(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase)
}

fn slug(text: &str) -> Option<String> {
    if text.chars().any(cjk::is_common_han) {
        return None;
    }
    let mut slug = String::new();
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            return None;
        } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(c, '\'' | '’') {
            slug.push('-');
        }
    }
    if slug.len() > LONGEST_SLUG {
        let end = slug[..LONGEST_SLUG].rfind('-').unwrap_or(LONGEST_SLUG);
        slug.truncate(end);
    }
    let length = slug.trim_end_matches('-').len();
    slug.truncate(length);
    (!slug.is_empty()).then_some(slug)
}

/// Digests a heading text by 64-bit FNV-1a folded to 32 bits.
///
/// Not a cryptographic digest: two headings of one body that collide become repeats of each other.
fn fold(text: &str) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |c: char| {
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    // What is in normal form already need not go through the tables; the digest is the same.
    if text.chars().all(|c| c.is_ascii() || cjk::is_common_han(c)) {
        text.chars().filter(|c| !c.is_whitespace()).for_each(|c| add(c.to_ascii_lowercase()));
    } else {
        normalised(text).for_each(add);
    }
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(written: &[u8]) -> Vec<u8> {
        let mut levels = Levels::default();
        written.iter().map(|level| levels.next(*level)).collect()
    }

    #[test]
    fn the_first_level_is_h2_and_none_is_skipped() {
        assert_eq!(levels(&[1, 2, 3, 2]), [2, 3, 4, 3]);
        assert_eq!(levels(&[2, 3, 2]), [2, 3, 2]);
        assert_eq!(levels(&[4, 6, 5, 4]), [2, 3, 3, 2]);
        assert_eq!(levels(&[3, 1, 2]), [2, 2, 3]);
        assert_eq!(levels(&[1, 2, 3, 4, 5, 6]), [2, 3, 4, 5, 6, 6]);
    }

    #[test]
    fn latin_headings_have_slugs_and_others_a_digest() {
        assert_eq!(anchor("Agenda & Notes"), "agenda-notes");
        assert_eq!(anchor("Café’s “Menu”"), "cafes-menu");
        assert_eq!(anchor("会议纪要"), anchor(" 会议 纪要 "));
        assert_eq!(anchor("会议纪要").len(), 10);
        assert_eq!(anchor("会议 Ab1"), anchor("会议ＡＢ１"));
        assert_ne!(anchor("会议纪要"), anchor("会议决议"));
        assert_eq!(anchor("议题(Agenda)"), anchor("议题（Agenda）"));
        assert!(anchor("！！").starts_with("s-"));
        assert!(anchor("fn 1").starts_with("s-"));
    }

    #[test]
    fn repeats_are_numbered_past_anchors_in_use() {
        let mut anchors = Anchors::new(&["main"]);
        let taken: Vec<_> = ["a-2", "a", "a", "a", "main"].iter().map(|id| anchors.take(id.to_string())).collect();
        assert_eq!(taken, ["a-2", "a", "a-3", "a-4", "main-2"]);
    }
}
