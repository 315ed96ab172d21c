//! Text → terms, the same for index and query.
//!
//! 1. [`fold`]: NFKC of the whole, then every character lower-cased by itself and made simplified by itself;
//! 2. [`terms`]: a Han character is a term, and so are two in a row; letters and digits in a row are one
//!    term, and so are they with the Han character before or behind them. Quotation marks, brackets and middle dots between two Han characters are as nothing (“四强”
//!    党支部 holds 强党), other punctuation ends a row;
//! 3. [`squeeze`] and [`holds`]: whether a text really holds what was asked for, as it was written.
//!
//! Unassigned characters are not part of the promise: a newer Unicode may class them otherwise.

use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Changes with what is made of a text: files named by what is in them must not keep their names then.
pub const VERSION: u32 = 1;
/// The most characters of a term of letters and digits; what is longer goes on as another term.
const LONGEST_WORD: usize = 40;
/// Stands in squeezed text where nothing that is asked for may reach across.
const WALL: char = '\0';
/// Traditional characters and their simplified ones.
const T2S: &str = include_str!("t2s.txt");

/// What a character is to the analyzer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Han, kana or hangul: written without spaces.
    Han,
    /// A mark that does not part two Han characters.
    Bridge,
    /// A letter or digit of any other script.
    Word,
    /// Anything else.
    Gap,
}

fn class(c: char) -> Class {
    match c {
        '\u{3005}' | '\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => {
            Class::Han
        }
        '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => Class::Han,
        '“' | '”' | '‘' | '’' | '"' | '\'' | '《' | '》' | '〈' | '〉' | '「' | '」' | '『' | '』' => {
            Class::Bridge
        }
        '(' | ')' | '[' | ']' | '【' | '】' | '〔' | '〕' | '·' | '•' | '‧' => Class::Bridge,
        c if c.is_alphanumeric() => Class::Word,
        _ => Class::Gap,
    }
}

/// The simplified character of each of the basic plane that has one; 0 for the others.
static SIMPLIFIED: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table = vec![0; 0x1_0000];
    for (from, to) in simplifications() {
        // The table is of the basic plane, which a test holds it to.
        table[from as usize & 0xFFFF] = to as u16;
    }
    table
});

/// Returns every traditional character with its simplified one.
pub(super) fn simplifications() -> impl Iterator<Item = (char, char)> {
    T2S.lines().filter(|l| !l.starts_with('#')).filter_map(|line| {
        let mut chars = line.chars();
        chars.next().zip(chars.next())
    })
}

fn simplified(c: char) -> char {
    let to = SIMPLIFIED.get(c as usize).copied().unwrap_or_default();
    if to == 0 { c } else { char::from_u32(u32::from(to)).unwrap_or(c) }
}

/// Makes the same of what is the same to a reader: width, case, traditional and simplified characters.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match alone(c) {
            Some(c) => out.push(simplified(c)),
            // Marks may join what stands before them, so that the whole must be looked at.
            None => return text.nfkc().flat_map(char::to_lowercase).map(simplified).collect(),
        }
    }
    out
}

/// Returns what NFKC and lower case make of a character that neither changes with its neighbours nor becomes
/// several: nearly all of Chinese text, at a tenth of the cost.
fn alone(c: char) -> Option<char> {
    match c {
        '\0'..='\u{7F}' => Some(c.to_ascii_lowercase()),
        '\u{3000}' => Some(' '),
        '\u{4E00}'..='\u{9FFF}' | '\u{3001}'..='\u{3003}' | '\u{3007}'..='\u{3011}' | '\u{3014}'..='\u{301B}' => {
            Some(c)
        }
        '“' | '”' | '‘' | '’' | '—' | '–' | '·' | '×' => Some(c),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).map(|c| c.to_ascii_lowercase()),
        _ => None,
    }
}

/// Tells whether folding makes other characters of some of a text's.
pub fn has_traditional(text: &str) -> bool {
    let is = |c: char| simplified(c) != c;
    text.chars().any(is) || (!text.chars().all(|c| alone(c).is_some()) && text.nfkc().any(is))
}

/// Gives every term of a folded text, in order.
pub fn terms(folded: &str, mut each: impl FnMut(&str)) {
    // What stands right before, with nothing between but what is bridged: a Han character or a word.
    let mut before: Option<(usize, usize)> = None;
    let mut before_is_han = false;
    let mut pair = String::new();
    let mut word: Option<(usize, usize)> = None;
    let mut both = |first: Option<(usize, usize)>, second: (usize, usize), each: &mut dyn FnMut(&str)| {
        if let Some((start, end)) = first {
            pair.clear();
            pair.push_str(&folded[start..end]);
            pair.push_str(&folded[second.0..second.1]);
            each(&pair);
        }
    };
    for (at, c) in folded.char_indices() {
        let kind = class(c);
        if let Some((start, length)) = word
            && (kind != Class::Word || length == LONGEST_WORD)
        {
            // Two words, or the halves of a long one, are no pair.
            both(before.filter(|_| before_is_han), (start, at), &mut each);
            each(&folded[start..at]);
            (before, before_is_han, word) = (Some((start, at)), false, None);
        }
        match kind {
            Class::Han => {
                let own = (at, at + c.len_utf8());
                both(before, own, &mut each);
                each(&folded[own.0..own.1]);
                (before, before_is_han) = (Some(own), true);
            }
            Class::Bridge => {}
            Class::Word => word = Some(word.map_or((at, 1), |(start, length)| (start, length + 1))),
            Class::Gap => before = None,
        }
    }
    if let Some((start, _)) = word {
        both(before.filter(|_| before_is_han), (start, folded.len()), &mut each);
        each(&folded[start..]);
    }
}

/// A Han character or a whole word.
pub(super) struct Unit<'t> {
    pub(super) text: &'t str,
    is_word: bool,
    /// Whether something parts it from the unit before.
    pub(super) is_parted: bool,
}

impl Unit<'_> {
    /// Tells whether it is a term as a whole.
    pub(super) fn is_term(&self) -> bool {
        self.text.len() <= LONGEST_WORD || self.text.chars().count() <= LONGEST_WORD
    }
}

/// Cuts a folded or squeezed text into Han characters and whole words.
pub(super) fn row(folded: &str) -> Vec<Unit<'_>> {
    let mut row: Vec<Unit<'_>> = Vec::new();
    let (mut start, mut before) = (0, Class::Gap);
    let (mut gap, mut bridge) = (false, false);
    for (at, c) in folded.char_indices() {
        let (kind, end) = (class(c), at + c.len_utf8());
        match (kind, row.last_mut()) {
            (Class::Gap, _) => gap = true,
            (Class::Bridge, _) => bridge = true,
            (Class::Word, Some(word)) if before == Class::Word => word.text = &folded[start..end],
            (Class::Han | Class::Word, last) => {
                let is_word = kind == Class::Word;
                // Two words stay two, whatever stands between them.
                let is_parted = last.is_some_and(|last| gap || (bridge && is_word && last.is_word));
                (start, gap, bridge) = (at, false, false);
                row.push(Unit { text: &folded[at..end], is_word, is_parted });
            }
        }
        before = kind;
    }
    row
}

/// The most pairs of a run that are looked up.
const MOST_PAIRS: usize = 5;

/// Returns the terms a text must have to hold a squeezed question, each once: the pairs, and what stands alone.
/// Of a long run of pairs five, spread evenly, tell as much as all: what they find is checked anyway.
pub fn asked(squeezed: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let add = |found: &mut Vec<String>, term: String| {
        if !term.is_empty() && !found.contains(&term) {
            found.push(term);
        }
    };
    let close = |found: &mut Vec<String>, pairs: &mut Vec<String>, lone: &mut String| {
        add(found, std::mem::take(lone));
        let step = (pairs.len().saturating_sub(1) as f64 / (MOST_PAIRS - 1) as f64).max(1.0);
        for n in 0..pairs.len().min(MOST_PAIRS) {
            add(found, pairs[(n as f64 * step + 0.5).floor() as usize].clone());
        }
        pairs.clear();
    };
    let (mut pairs, mut last, mut lone) = (Vec::new(), String::new(), String::new());
    for unit in units(squeezed) {
        let Some(parts) = unit else {
            close(&mut found, &mut pairs, &mut lone);
            last.clear();
            continue;
        };
        for (n, part) in parts.iter().enumerate() {
            if n == 0 && !last.is_empty() {
                pairs.push(format!("{last}{part}"));
                lone.clear();
            } else {
                // The halves of a long word are no pair.
                add(&mut found, std::mem::replace(&mut lone, part.clone()));
            }
        }
        last = parts.last().cloned().unwrap_or_default();
    }
    close(&mut found, &mut pairs, &mut lone);
    found
}

/// Cuts a squeezed text into Han characters and words, long ones in parts; `None` for what parts them.
fn units(squeezed: &str) -> Vec<Option<Vec<String>>> {
    let mut units: Vec<Option<Vec<String>>> = Vec::new();
    let mut in_word = 0;
    for c in squeezed.chars() {
        let kind = class(c);
        match (kind, units.last_mut()) {
            (Class::Word, Some(Some(parts))) if in_word > 0 => match parts.last_mut() {
                Some(part) if in_word % LONGEST_WORD > 0 => part.push(c),
                _ => parts.push(c.to_string()),
            },
            (Class::Han | Class::Word, _) => units.push(Some(vec![c.to_string()])),
            (Class::Bridge | Class::Gap, _) => units.push(None),
        }
        in_word = if kind == Class::Word { in_word + 1 } else { 0 };
    }
    units
}

/// Tells whether whoever has the only term of a squeezed question holds it too.
pub fn is_exact(squeezed: &str, terms: &[String]) -> bool {
    // A word that is as long as terms get may go on.
    matches!(terms, [term] if term == squeezed && term.chars().count() < LONGEST_WORD)
}

/// Returns a squeezed question without the words it begins and ends with, of which the text may have more;
/// `None` if it neither begins nor ends with one.
pub fn without_edges(squeezed: &str) -> Option<&str> {
    let is_word = |c: char| class(c) == Class::Word;
    let rest = squeezed.trim_start_matches(is_word).trim_end_matches(is_word);
    (rest.len() < squeezed.len()).then_some(rest)
}

/// Leaves out of a folded text what does not part characters; where nothing may reach across stands a wall,
/// between two words a space.
pub fn squeeze(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    squeeze_each(folded.chars().map(|c| (c, ())), |c, ()| out.push(c));
    out
}

/// Folds and squeezes a text, and tells of each character where in the text it comes from.
pub fn squeeze_placed(text: &str) -> (String, Vec<(usize, usize)>) {
    let mut folded: Vec<(char, (usize, usize))> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        // What a mark joins is folded with it.
        while let Some((at, mark)) =
            chars.next_if(|(_, c)| unicode_normalization::char::canonical_combining_class(*c) > 0)
        {
            end = at + mark.len_utf8();
        }
        folded.extend(fold(&text[start..end]).chars().map(|c| (c, (start, end))));
    }
    let (mut out, mut places) = (String::with_capacity(text.len()), Vec::new());
    squeeze_each(folded.into_iter(), |c, place| {
        out.push(c);
        places.push(place);
    });
    (out, places)
}

/// Gives every character that is left, with what goes with it; a wall or a space has what the next one has.
fn squeeze_each<T: Copy>(folded: impl Iterator<Item = (char, T)>, mut each: impl FnMut(char, T)) {
    let (mut gap, mut bridge) = (false, false);
    let mut last: Option<Class> = None;
    for (c, with) in folded {
        let kind = class(c);
        match kind {
            Class::Bridge => bridge = true,
            Class::Gap => gap = true,
            Class::Han | Class::Word => {
                match (last, kind) {
                    // Two words stay two, whatever stands between them.
                    (Some(Class::Word), Class::Word) if gap || bridge => each(' ', with),
                    (Some(_), _) if gap => each(WALL, with),
                    _ => {}
                }
                (gap, bridge) = (false, false);
                each(c, with);
                last = Some(kind);
            }
        }
    }
}

/// Returns where in a squeezed text a squeezed question stands, in bytes, one place behind the other; `loose` ones
/// may begin and end within a word.
pub fn places<'t>(text: &'t str, asked: &'t str, loose: bool) -> impl Iterator<Item = usize> + 't {
    let is_word = |c: Option<char>| c.is_some_and(|c| class(c) == Class::Word);
    let first = asked.chars().next();
    let (begins, ends) = (is_word(first), is_word(asked.chars().next_back()));
    let mut from = 0;
    std::iter::from_fn(move || {
        let step = first?.len_utf8();
        loop {
            let at = from + text.get(from..)?.find(asked)?;
            let end = at + asked.len();
            let cuts_before = begins && is_word(text[..at].chars().next_back());
            let cuts_after = ends && is_word(text[end..].chars().next());
            if loose || (!cuts_before && !cuts_after) {
                from = end;
                return Some(at);
            }
            // The next may begin within this one: “xaa aa aa” holds “aa aa”.
            from = at + step;
        }
    })
}

/// Tells whether a squeezed text holds a squeezed question: as written, and never half a word.
pub fn holds(text: &str, asked: &str) -> bool {
    places(text, asked, false).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_quick_way_folds_as_the_whole_way(text in "(?s).{0,8}|[一-龥Ａ-ｚ！-～　“”—·a-zA-Z\u{301}ﬁ㎡]{0,12}") {
            let whole: String = text.nfkc().flat_map(char::to_lowercase).map(simplified).collect();
            prop_assert_eq!(fold(&text), whole);
        }
    }

    fn all(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        terms(&fold(text), |t| found.push(t.to_owned()));
        found
    }

    #[test]
    fn han_characters_are_terms_alone_and_in_pairs() {
        assert_eq!(all("支委会"), ["支", "支委", "委", "委会", "会"]);
        assert_eq!(all("党，课"), ["党", "课"]);
    }

    #[test]
    fn marks_that_do_not_part_are_bridged() {
        assert_eq!(all("“四强”党支部"), ["四", "四强", "强", "强党", "党", "党支", "支", "支部", "部"]);
        assert_eq!(all("张（三）"), ["张", "张三", "三"]);
    }

    #[test]
    fn width_case_and_script_make_no_difference() {
        assert_eq!(all("１２３７１ＡbC"), ["12371abc"]);
        assert_eq!(fold("組織生活會"), "组织生活会");
        assert_eq!(all("2021年6月"), ["2021", "2021年", "年", "年6", "6", "6月", "月"]);
        assert_eq!(all("苏委工〔2020〕6号"), ["苏", "苏委", "委", "委工", "工", "工2020", "2020", "6", "6号", "号"]);
    }

    #[test]
    fn what_is_held_is_held_as_written() {
        let text = squeeze(&fold("学习《习近平文选》第12卷，党课。Party Branch 2021年6月 PDF(OCR)"));
        for (asked, is) in [
            ("习近平文选第12卷", true),
            ("《文选》", true),
            ("第1", false),
            ("卷党", false),
            ("卷，党", true),
            ("party branch", true),
            ("partybranch", false),
            ("2021年6月", true),
            ("021年", false),
            ("pdf", true),
            ("dfocr", false),
            ("", false),
        ] {
            assert_eq!(holds(&text, &squeeze(&fold(asked))), is, "{asked}");
        }
    }

    #[test]
    fn the_vectors_the_browser_shares_hold() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/search/vectors.json")).expect("the vectors are JSON");
        let text = |v: &serde_json::Value| v.as_str().expect("text").to_owned();
        let list = |key: &str| vectors[key].as_array().expect("a list").clone();
        for v in list("analyzer") {
            let given = text(&v["text"]);
            let terms: Vec<String> = v["terms"].as_array().expect("a list").iter().map(text).collect();
            assert_eq!(fold(&given), text(&v["fold"]), "{given:?}");
            assert_eq!(all(&given), terms, "{given:?}");
            assert_eq!(squeeze(&fold(&given)), text(&v["squeeze"]), "{given:?}");
        }
        for v in list("holds") {
            let (given, asked) = (text(&v["text"]), text(&v["asked"]));
            assert_eq!(Some(holds(&squeeze(&fold(&given)), &squeeze(&fold(&asked)))), v["holds"].as_bool(), "{v}");
        }
        for v in list("queries") {
            let parsed = crate::search::query::parse(&text(&v["query"]));
            assert_eq!(serde_json::to_value(parsed).expect("JSON"), v["parsed"], "{v}");
        }
    }

    #[test]
    fn a_question_asks_for_pairs_single_characters_and_words() {
        for (question, terms, exact) in [
            ("三会一课", &["三会", "会一", "一课"][..], false),
            ("党课", &["党课"], true),
            ("党", &["党"], true),
            ("2021年6月", &["2021年", "年6", "6月"], false),
            ("28名", &["28名"], true),
            ("“PDF”文件", &["pdf文", "文件"], false),
            ("Party Branch", &["party", "branch"], false),
            ("在全面总结经验的基础上", &["在全", "面总", "经验", "的基", "础上"], false),
            ("党党党", &["党党"], false),
            ("党，党", &["党"], false),
            ("《党章》", &["党章"], true),
            ("PDF", &["pdf"], true),
            ("，", &[], false),
        ] {
            let squeezed = squeeze(&fold(question));
            assert_eq!(asked(&squeezed), terms, "{question}");
            assert_eq!(is_exact(&squeezed, &asked(&squeezed)), exact, "{question}");
        }
        assert_eq!(without_edges("24年3月12"), Some("年3月"));
        assert_eq!((without_edges("年3月"), without_edges("12")), (None, Some("")));
    }

    proptest! {
        #[test]
        fn what_is_squeezed_with_places_is_what_is_squeezed(text in "[一-龥Ａ-ｚ！-～　“”—·a-zA-Z\u{301}㎡ 組。]{0,16}") {
            let (squeezed, places) = squeeze_placed(&text);
            prop_assert_eq!(&squeezed, &squeeze(&fold(&text)));
            prop_assert_eq!(squeezed.chars().count(), places.len());
            prop_assert!(places.iter().all(|(a, b)| text.get(*a..*b).is_some()));
        }
    }

    #[test]
    fn the_table_of_characters_is_sorted_and_of_the_basic_plane() {
        let lines: Vec<Vec<char>> = T2S.lines().filter(|l| !l.starts_with('#')).map(|l| l.chars().collect()).collect();
        assert!(lines.len() > 2500);
        assert!(lines.iter().all(|l| l.len() == 2 && l.iter().all(|c| (*c as u32) < 0x1_0000)));
        assert!(lines.windows(2).all(|w| w[0][0] < w[1][0]));
        // Folding twice is folding once.
        assert!(lines.iter().all(|l| simplified(l[1]) == l[1]));
    }
}
