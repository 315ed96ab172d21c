//! How titles are spoken, so that sanhuiyike and shyk find 三会一课.

use pinyin::ToPinyinMulti;
use std::collections::BTreeSet;

/// The most readings of a character that are followed.
const READINGS: usize = 3;

/// Writes how a text is spoken: syllables apart by spaces, the readings of one by `/`. Words of letters and
/// digits are syllables of their own; the rest is silent.
pub(super) fn spoken(text: &str) -> String {
    let mut out = String::new();
    let mut in_word = false;
    for c in super::analyzer::fold(text).chars() {
        let part = |out: &mut String| {
            if !out.is_empty() {
                out.push(' ');
            }
        };
        if let Some(multi) = c.to_pinyin_multi() {
            part(&mut out);
            let mut readings: Vec<&str> = Vec::new();
            for reading in multi {
                if !readings.contains(&reading.plain()) && readings.len() < READINGS {
                    readings.push(reading.plain());
                }
            }
            // The table writes ü; keyboards have v.
            out.push_str(&readings.join("/").replace('ü', "v"));
            in_word = false;
        } else if c.is_ascii_alphanumeric() {
            if !std::mem::replace(&mut in_word, true) {
                part(&mut out);
            }
            out.push(c);
        } else {
            in_word = false;
        }
    }
    out
}

/// Returns the terms of what is spoken: three letters in a row of the syllables written together, and two or
/// three initials in a row.
pub(super) fn terms(spoken: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for run in spoken.split('|') {
        let syllables: Vec<Vec<&str>> =
            run.split(' ').filter(|s| !s.is_empty()).map(|s| s.split('/').collect()).collect();
        for at in 0..syllables.len() {
            letters(&syllables[at..], [0; 3], 0, &mut found);
            initials(&syllables[at..], [0; 3], 0, &mut found);
        }
    }
    let text = |(mark, length, letters): (u8, usize, [u8; 3])| {
        std::iter::once(mark).chain(letters).take(length + 1).map(char::from).collect()
    };
    found.into_iter().map(text).collect()
}

/// A term: its mark, how many letters, which.
type Letters = BTreeSet<(u8, usize, [u8; 3])>;

/// Collects what begins in the first of some syllables, `taken` letters of it being known.
fn letters(syllables: &[Vec<&str>], known: [u8; 3], taken: usize, found: &mut Letters) {
    let Some((first, rest)) = syllables.split_first() else { return };
    for reading in first {
        let bytes = reading.as_bytes();
        // Only the first syllable may be entered in its middle.
        for start in 0..if taken == 0 { bytes.len() } else { 1 } {
            let (mut known, mut taken) = (known, taken);
            for byte in bytes[start..].iter().take(3 - taken) {
                known[taken] = *byte;
                taken += 1;
            }
            match taken {
                3 => {
                    found.insert((2, 3, known));
                }
                _ => letters(rest, known, taken, found),
            }
        }
    }
}

/// Collects the initials of the first two and three of some syllables.
fn initials(syllables: &[Vec<&str>], known: [u8; 3], taken: usize, found: &mut Letters) {
    if taken >= 2 {
        found.insert((3, taken, known));
    }
    let Some((first, rest)) = syllables.split_first().filter(|_| taken < 3) else { return };
    for initial in first.iter().filter_map(|reading| reading.bytes().next()) {
        let mut known = known;
        known[taken] = initial;
        initials(rest, known, taken + 1, found);
    }
}

/// Returns the terms of letters as they are typed: those of syllables written in full, and those of initials.
pub(super) fn typed(letters: &str) -> [Vec<String>; 2] {
    let rows = |mark: char, size: usize| {
        let ends = size..=letters.len();
        ends.map(|end| format!("{mark}{}", &letters[end - size..end])).collect()
    };
    [rows('\u{2}', 3), rows('\u{3}', letters.len().min(3))]
}

/// Tells whether what is spoken holds letters as they are typed, from a syllable on: in full, the last syllable
/// perhaps in part, or by initials.
pub(super) fn is_spoken(spoken: &str, letters: &str) -> bool {
    spoken.split('|').any(|run| {
        let syllables: Vec<Vec<&str>> = run.split(' ').map(|s| s.split('/').collect()).collect();
        (0..syllables.len())
            .any(|start| is_full(&syllables[start..], letters) || has_initials(&syllables[start..], letters))
    })
}

fn is_full(syllables: &[Vec<&str>], letters: &str) -> bool {
    let Some((first, rest)) = syllables.split_first() else { return false };
    first.iter().filter(|r| !r.is_empty()).any(|reading| {
        reading.starts_with(letters) || letters.strip_prefix(reading).is_some_and(|left| is_full(rest, left))
    })
}

fn has_initials(syllables: &[Vec<&str>], letters: &str) -> bool {
    letters.len() <= syllables.len()
        && letters.chars().zip(syllables).all(|(letter, readings)| readings.iter().any(|r| r.starts_with(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_spoken_syllable_by_syllable() {
        assert!(spoken("三会一课 2024").starts_with("san hui/"));
        assert!(spoken("三会一课 2024").ends_with(" 2024"));
        let found = terms("san hui yi ke|di er");
        for term in [
            "\u{2}san", "\u{2}anh", "\u{2}nhu", "\u{2}yik", "\u{2}ike", "\u{3}sh", "\u{3}shy", "\u{3}hyk", "\u{3}yk",
            "\u{3}de",
        ] {
            assert!(found.iter().any(|t| t == term), "{term:?}");
        }
        // Nothing reaches from the title into the branch's name.
        assert!(!found.iter().any(|t| t == "\u{3}kd" || t == "\u{2}edi"));
    }

    #[test]
    fn letters_are_heard_from_a_syllable_on() {
        let spoken = "san hui/kuai yi ke|di er";
        for (letters, is) in [
            ("sanhuiyike", true),
            ("sanhuiy", true),
            ("sankuai", true),
            ("anhui", false),
            ("shyk", true),
            ("hyk", true),
            ("skyk", true),
            ("sk", true),
            ("ykd", false),
            ("dier", true),
            ("sanke", false),
        ] {
            assert_eq!(is_spoken(spoken, letters), is, "{letters}");
        }
        assert_eq!(typed("shy"), [vec!["\u{2}shy"], vec!["\u{3}shy"]]);
        assert_eq!(typed("sh"), [vec![], vec!["\u{3}sh"]]);
    }

    #[test]
    fn a_character_of_several_readings_is_found_by_each() {
        let found = terms(&spoken("重庆行动"));
        for term in ["\u{3}zq", "\u{3}cq", "\u{2}gqi", "\u{3}qx", "\u{3}qh"] {
            assert!(found.iter().any(|t| t == term), "{term:?}");
        }
    }
}
