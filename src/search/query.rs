//! What a person types → what is to be found.
//!
//! White space parts words, all of which must be there; `"…"` holds words together, `-` excludes, `OR` or `|`
//! between two asks for either, `类型:…` and its like filter. Nothing that can be typed is an error. The browser
//! reads a query in the same way.

use super::analyzer;
use serde::Serialize;

/// What is to be found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Query {
    /// Of each group one phrase must be there, as typed.
    pub groups: Vec<Vec<String>>,
    /// Phrases that must not be there.
    #[serde(rename = "not")]
    pub without: Vec<String>,
    /// What else must be true of a page.
    pub filters: Vec<Filter>,
}

/// Something that must be true of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// What it looks at.
    pub key: Key,
    /// The value, as typed.
    pub value: String,
    /// Whether it must not be so.
    #[serde(rename = "not")]
    pub excludes: bool,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    /// The kind (类型).
    Kind,
    /// The branch (支部).
    Branch,
    /// The year (年份).
    Year,
    /// The date (日期).
    Date,
    /// People and posts (人物).
    Person,
    /// The honours of the branch (荣誉).
    Honour,
}

impl Key {
    /// The words for each.
    const WORDS: [(Key, &'static [&'static str]); 6] = [
        (Key::Kind, &["kind", "类型", "种类"]),
        (Key::Branch, &["branch", "支部"]),
        (Key::Year, &["year", "年份", "年"]),
        (Key::Date, &["date", "日期"]),
        (Key::Person, &["person", "人物", "姓名"]),
        (Key::Honour, &["honour", "荣誉"]),
    ];

    fn of(word: &str) -> Option<Key> {
        Key::WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(key, _)| *key)
    }
}

/// A word of a query, or several held together.
struct Word<'q> {
    excludes: bool,
    key: Option<Key>,
    text: &'q str,
    is_or: bool,
}

/// Reads a query.
pub fn parse(query: &str) -> Query {
    let mut found = Query::default();
    // Whether the word before was a phrase, and whether an `OR` stands between.
    let (mut after_phrase, mut either) = (false, false);
    let mut rest = query;
    while let Some((word, left)) = next(rest) {
        rest = left;
        if word.is_or {
            either = after_phrase;
            continue;
        }
        let joined = std::mem::take(&mut either);
        after_phrase = false;
        let text = word.text.to_owned();
        match (word.key, word.excludes) {
            (Some(key), excludes) => found.filters.push(Filter { key, value: text, excludes }),
            // Marks alone are in no index.
            (None, _) if !has_terms(&text) => {}
            (None, true) => found.without.push(text),
            (None, false) => {
                after_phrase = true;
                match found.groups.last_mut().filter(|_| joined) {
                    Some(group) => group.push(text),
                    None => found.groups.push(vec![text]),
                }
            }
        }
    }
    found
}

fn has_terms(phrase: &str) -> bool {
    let mut any = false;
    analyzer::terms(&analyzer::fold(phrase), |_| any = true);
    any
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '＂')
}

/// Takes the next word off a query.
fn next(query: &str) -> Option<(Word<'_>, &str)> {
    let whole = query.trim_start();
    if whole.is_empty() {
        return None;
    }
    let (excludes, text) = match whole.strip_prefix(['-', '－']) {
        Some(text) if !text.is_empty() && !text.starts_with(char::is_whitespace) => (true, text),
        _ => (false, whole),
    };
    if let Some((inside, rest)) = quoted(text) {
        return Some((Word { excludes, key: None, text: inside, is_or: false }, rest));
    }
    let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    let named = word
        .split_once([':', '：'])
        .filter(|(name, value)| !name.is_empty() && !name.contains(is_quote) && !value.is_empty());
    if let Some((name, value)) = named {
        // A value in quotes may hold spaces, beyond the end of the word.
        let from = text.len() - rest.len() - value.len();
        let (value, rest) = quoted(&text[from..]).unwrap_or((value, rest));
        return Some(match Key::of(name).filter(|_| !value.is_empty()) {
            Some(key) => (Word { excludes, key: Some(key), text: value, is_or: false }, rest),
            None => (Word { excludes, key: None, text: &text[..text.len() - rest.len()], is_or: false }, rest),
        });
    }
    let is_or = !excludes && matches!(word, "OR" | "|");
    Some((Word { excludes, key: None, text: word, is_or }, rest))
}

/// Returns what stands between quotation marks at the beginning of a text, and what follows; marks that are not
/// closed reach to the end.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(is_quote)?;
    match inside.find(is_quote) {
        Some(end) => Some((&inside[..end], inside[end..].strip_prefix(is_quote).unwrap_or(""))),
        None => Some((inside, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_odd_is_read_all_the_same() {
        let check = |query: &str, expected: &str| {
            let parsed = serde_json::to_string(&parse(query)).expect("JSON");
            let expected: serde_json::Value = serde_json::from_str(expected).expect("JSON");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&parsed).expect("JSON"), expected, "{query}");
        };
        check("OR 党课", r#"{"groups":[["党课"]],"not":[],"filters":[]}"#);
        check("党课 OR", r#"{"groups":[["党课"]],"not":[],"filters":[]}"#);
        check("党课 | | 会议", r#"{"groups":[["党课","会议"]],"not":[],"filters":[]}"#);
        check("a OR -b c", r#"{"groups":[["a"],["c"]],"not":["b"],"filters":[]}"#);
        check("a OR ， OR b", r#"{"groups":[["a"],["b"]],"not":[],"filters":[]}"#);
        check("甲:\"党 课\" b", r#"{"groups":[["甲:\"党 课\""],["b"]],"not":[],"filters":[]}"#);
        check("\"党课", r#"{"groups":[["党课"]],"not":[],"filters":[]}"#);
        check("kind:\"\"", r#"{"groups":[["kind:\"\""]],"not":[],"filters":[]}"#);
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in "(?s).{0,40}|[-－\"＂:： |ORkindyear年支部a党课.]{0,30}") {
            let parsed = parse(&text);
            prop_assert!(parsed.groups.iter().all(|g| !g.is_empty()));
        }
    }
}
