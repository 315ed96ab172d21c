//! What Markdown does not know about Chinese, Japanese and Korean text.
//!
//! Three things: emphasis beside full-width punctuation ([`Guarded`]), line ends that are
//! not spaces ([`joined`]), and measuring text in Han characters ([`width`]). Knows characters only, no Markdown
//! blocks; it therefore may guard places inside code, which is harmless because the guard is taken out again.

use std::borrow::Cow;

use memchr::{memchr2, memmem};
use unicode_normalization::char::is_combining_mark;

/// The noncharacter that keeps a run of `*` or `~` apart from punctuation while pulldown-cmark looks.
pub(crate) const GUARD: char = '\u{FDD0}';

const GUARD_LEN: usize = GUARD.len_utf8();

/// A body made ready for pulldown-cmark.
///
/// CommonMark lets `**` close after punctuation only if white space or punctuation follows, so `**重要。**然后` shows its
/// asterisks. The amendment by which CJK-friendly parsers work (a CJK neighbour counts as a word boundary) can be had from
/// outside: a noncharacter between the run and the punctuation makes the run see a letter there. pulldown-cmark 0.13.6 has
/// no option for it; when a release has one, this type goes and `emphasis_beside_cjk_punctuation` in the tests stays.
pub(crate) struct Guarded<'a> {
    /// The text to parse: the body itself when nothing had to be guarded.
    pub(crate) text: Cow<'a, str>,
    /// Where guards stand in `text`, ascending.
    guards: Vec<usize>,
    /// Where the body itself had the noncharacter, as offsets in the body.
    pub(crate) foreign: Vec<usize>,
    /// Whether any string that comes out of the parser can hold a guard.
    pub(crate) tainted: bool,
}

impl<'a> Guarded<'a> {
    /// Guards every run of `*` or `~~` that touches CJK text and punctuation.
    pub(crate) fn new(body: &'a str) -> Guarded<'a> {
        let foreign: Vec<usize> = memmem::find_iter(body.as_bytes(), "\u{FDD0}").collect();
        // U+FFFD is as long as the guard in UTF-8, so offsets stay as they are.
        let clean = if foreign.is_empty() { Cow::Borrowed(body) } else { Cow::Owned(body.replace(GUARD, "\u{FFFD}")) };
        let places = places(&clean);
        // A numeric character reference can name the guard too.
        let tainted = !places.is_empty() || memmem::find(body.as_bytes(), b"&#").is_some();
        if places.is_empty() {
            return Guarded { text: clean, guards: places, foreign, tainted };
        }
        let mut text = String::with_capacity(clean.len() + places.len() * GUARD_LEN);
        let mut guards = Vec::with_capacity(places.len());
        let mut from = 0;
        for place in places {
            text.push_str(&clean[from..place]);
            guards.push(text.len());
            text.push(GUARD);
            from = place;
        }
        text.push_str(&clean[from..]);
        Guarded { text: Cow::Owned(text), guards, foreign, tainted }
    }

    /// Returns the offset in the body for an offset in the guarded text.
    pub(crate) fn original(&self, offset: usize) -> usize {
        if self.guards.is_empty() {
            return offset;
        }
        offset - GUARD_LEN * self.guards.partition_point(|guard| *guard < offset)
    }
}

/// Returns the text without guards.
pub(crate) fn unguard(text: &str) -> Cow<'_, str> {
    // Its last byte is common in Chinese text: a search for all three is several times faster than for a character.
    let has_guard = memmem::find(text.as_bytes(), "\u{FDD0}".as_bytes()).is_some();
    if has_guard { Cow::Owned(text.replace(GUARD, "")) } else { Cow::Borrowed(text) }
}

/// Finds the offsets at which a guard has to stand.
///
/// With a word character on one side of a run and punctuation on the other, CommonMark lets the run work in one
/// direction only. If either neighbour is CJK it has to work in both, and one guard on the side of the punctuation does it.
/// Runs of both marks side by side (`~~**`) are punctuation to each other and are guarded from each other too.
fn places(body: &str) -> Vec<usize> {
    let bytes = body.as_bytes();
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr2(b'*', b'~', &bytes[at..]) {
        let marks = at + found;
        at = marks + bytes[marks..].iter().take_while(|byte| is_mark(**byte)).count();
        // An escaped mark is punctuation before the others, and a guard must not stand between it and its backslash.
        let escaped = bytes[..marks].iter().rev().take_while(|byte| **byte == b'\\').count() % 2;
        let start = marks + escaped;
        let (Some(before), Some(after)) = (body[..start].chars().next_back(), body[at..].chars().next()) else {
            continue;
        };
        if start == at || before.is_ascii() && after.is_ascii() || !(is_cjk(before) || is_cjk(after)) {
            continue;
        }
        let punctuated = (is_punctuation(before), is_punctuation(after));
        let worded = (is_word(before), is_word(after));
        if !(punctuated.0 || worded.0) || !(punctuated.1 || worded.1) || punctuated == (true, true) {
            continue;
        }
        let group = &bytes[start..at];
        // A single `~` is a range and no mark.
        if group.chunk_by(|a, b| a == b).any(|run| run == b"~") {
            continue;
        }
        if punctuated.0 {
            places.push(start);
        }
        let inner = (1..group.len()).filter(|inner| group[inner - 1] != group[*inner]);
        places.extend(inner.map(|inner| start + inner));
        if punctuated.1 {
            places.push(at);
        }
    }
    places
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'*' | b'~')
}

fn is_word(c: char) -> bool {
    is_common_han(c) || c.is_alphanumeric() || is_combining_mark(c)
}

/// Says whether a character is a Han character of the first block: most of all text, and the same in every normal form.
pub(crate) fn is_common_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}')
}

/// Says whether a character is punctuation or a symbol, by exclusion.
///
/// Not `|`, which ends a table cell as a line end does, nor `_`, a mark that itself needs punctuation beside it.
fn is_punctuation(c: char) -> bool {
    !is_word(c) && !c.is_whitespace() && !c.is_control() && !matches!(c, '|' | '_')
}

/// Says whether a character belongs to CJK writing: Han, kana, bopomofo, Hangul, their punctuation, full-width forms.
pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE10}'..='\u{FE1F}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FFEF}'
        | '\u{16FE0}'..='\u{18CFF}'
        | '\u{1AFF0}'..='\u{1B2FF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Says whether a character is Hangul, the one CJK script that separates words by spaces.
fn is_hangul(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}'
        | '\u{3130}'..='\u{318F}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{FFA0}'..='\u{FFDC}')
}

/// Says whether a character is shared by Chinese and Western text and takes the side of its neighbour.
fn is_neutral(c: char) -> bool {
    matches!(c, '‘' | '’' | '“' | '”' | '—' | '–' | '…' | '‥' | '·' | '‧' | '￼')
}

/// Says whether the text before and after a line end belongs together without a space.
///
/// It does as soon as one side is Chinese: a line end between Han characters is never a space, and between Han and
/// Latin letters or digits the distance is typography (`text-autospace`), not text — 党员35名 must not become 党员 35名
/// because an editor wrapped the line there. Between Latin words, and around Hangul, the space stays.
/// Quotation marks, dashes and ellipses are those of the text around them.
pub(crate) fn joined(before: &str, after: &str) -> bool {
    const SIGHT: usize = 16;
    let sides_with_chinese = |c: char| is_cjk(c) && !is_hangul(c);
    let left = before.chars().rev().take(SIGHT).find(|c| !is_neutral(*c));
    let right = after.chars().take(SIGHT).find(|c| !is_neutral(*c));
    left.is_some_and(sides_with_chinese) || right.is_some_and(sides_with_chinese)
}

/// Returns the number of characters that are not white space.
///
/// Counts bytes, which is many times faster than characters: all that begin one, less those of white space. White space
/// beyond ASCII, the no-break and the ideographic space does not occur in practice and counts as text.
pub(crate) fn visible_chars(text: &str) -> usize {
    let begins_visible = |byte: &u8| u8::from(byte & 0xC0 != 0x80 && !byte.is_ascii_whitespace());
    // In pieces whose count fits a byte, so that the compiler counts many bytes at once.
    let pieces = text.as_bytes().chunks(usize::from(u8::MAX));
    let starts: usize = pieces.map(|piece| usize::from(piece.iter().map(begins_visible).sum::<u8>())).sum();
    let wide = |space: &str| memmem::find_iter(text.as_bytes(), space).count();
    starts - wide("\u{3000}") - wide("\u{A0}")
}

/// Returns how wide a character is in halves of a Han character; white space counts nothing.
pub(crate) fn width(c: char) -> usize {
    if is_common_han(c) {
        2
    } else if c.is_whitespace() {
        0
    } else if is_cjk(c) || is_neutral(c) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_guards(body: &str, expected: &str) {
        assert_eq!(Guarded::new(body).text.replace(GUARD, "·"), expected);
    }

    #[test]
    fn a_guard_stands_between_a_run_and_punctuation() {
        check_guards("**重要。**然后", "**重要。·**然后");
        check_guards("他说**「真」**的", "他说**·「真」·**的");
        check_guards("**“三会”**制度", "**“三会”·**制度");
        check_guards("~~删，~~后", "~~删，·~~后");
        check_guards("~~**删，**~~后", "~~**删，·**·~~后");
        check_guards("\\**甲。**后", "\\*·*甲。·**后");
    }

    #[test]
    fn text_that_needs_no_guard_is_borrowed() {
        for body in [
            "**重要**然后",
            "a **b.** c",
            "**a.**b",
            "* 项目",
            "。**「",
            "3*5=15，~5",
            "**真。** 后",
            "x~y",
            "|**甲**|",
            "汉**_x_**",
            "\\*甲。",
        ] {
            assert!(matches!(Guarded::new(body).text, Cow::Borrowed(_)), "{body}");
        }
    }

    #[test]
    fn offsets_lead_back_to_the_body() {
        let body = "甲**乙。**丙**「丁」**戊";
        let guarded = Guarded::new(body);
        for (at, c) in guarded.text.char_indices().filter(|(_, c)| *c != GUARD) {
            assert!(body[guarded.original(at)..].starts_with(c), "{at} {c}");
        }
        assert_eq!(guarded.original(guarded.text.len()), body.len());
    }

    #[test]
    fn white_space_is_not_counted() {
        assert_eq!(visible_chars(" 党员\u{3000}大\u{A0}会\n\tab 1\r\n"), 7);
    }

    #[test]
    fn a_line_end_is_a_space_only_between_words() {
        assert!(joined("党员", "大会"));
        assert!(joined("党员", "35名"));
        assert!(joined("，", "Rust"));
        assert!(joined("他说“好”", "“不好”"));
        assert!(joined("カタ", "カナ"));
        assert!(!joined("two", "words"));
        assert!(!joined("say “", "yes”"));
        assert!(!joined("한국", "어"));
    }
}
