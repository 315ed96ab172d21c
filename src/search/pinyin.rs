//! How titles are spoken, so that sanhuiyike and shyk find 三会一课.

use pinyin::ToPinyinMulti;

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
            // The table writes ü; keyboards have v and people type u.
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
    let mut found = Vec::new();
    for run in spoken.split('|') {
        let syllables: Vec<Vec<&str>> =
            run.split(' ').filter(|s| !s.is_empty()).map(|s| s.split('/').collect()).collect();
        let none = vec![""];
        for at in 0..syllables.len() {
            let following = |n: usize| syllables.get(at + n).unwrap_or(&none);
            for (a, b, c) in combined(&syllables[at], following(1), following(2)) {
                let whole = [*a, *b, *c].concat();
                let starts = 0..a.len().min((whole.len() + 1).saturating_sub(3));
                found.extend(starts.map(|start| format!("\u{2}{}", &whole[start..start + 3])));
                let initials: String = [a, b, c].iter().filter_map(|s| s.chars().next()).collect();
                for length in 2..=initials.len() {
                    found.push(format!("\u{3}{}", &initials[..length]));
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn combined<'v, 's>(
    first: &'v [&'s str],
    second: &'v [&'s str],
    third: &'v [&'s str],
) -> impl Iterator<Item = (&'v &'s str, &'v &'s str, &'v &'s str)> {
    first.iter().flat_map(move |a| second.iter().flat_map(move |b| third.iter().map(move |c| (a, b, c))))
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
    fn a_character_of_several_readings_is_found_by_each() {
        let found = terms(&spoken("重庆行动"));
        for term in ["\u{3}zq", "\u{3}cq", "\u{2}gqi", "\u{3}qx", "\u{3}qh"] {
            assert!(found.iter().any(|t| t == term), "{term:?}");
        }
    }
}
