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
        match (word.key, word.excludes) {
            (Some(key), excludes) => found.filters.push(Filter { key, value: word.text.to_owned(), excludes }),
            (None, true) => found.without.push(word.text.to_owned()),
            (None, false) => match found.groups.last_mut().filter(|_| either) {
                Some(group) => group.push(word.text.to_owned()),
                None => found.groups.push(vec![word.text.to_owned()]),
            },
        }
        after_phrase = word.key.is_none() && !word.excludes;
        either = false;
    }
    found.groups.iter_mut().for_each(|group| group.retain(|phrase| has_terms(phrase)));
    found.groups.retain(|group| !group.is_empty());
    found.without.retain(|phrase| has_terms(phrase));
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
    let first = whole.chars().next()?;
    let (excludes, text) = match whole.strip_prefix(['-', '－']) {
        Some(text) if !text.is_empty() && !text.starts_with(char::is_whitespace) => (true, text),
        _ => (false, whole),
    };
    let (text, rest) = match quoted(text) {
        Some((inside, rest)) => return Some((Word { excludes, key: None, text: inside, is_or: false }, rest)),
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            text.split_at(end)
        }
    };
    if let Some((name, value)) = text.split_once([':', '：'])
        && let Some(key) = Key::of(name)
    {
        // A value in quotes may hold spaces, beyond the end of the word.
        let from = &whole[whole.len() - rest.len() - value.len()..];
        let (value, rest) = quoted(from).unwrap_or((value, rest));
        if !value.is_empty() {
            return Some((Word { excludes, key: Some(key), text: value, is_or: false }, rest));
        }
    }
    let is_or = !excludes && !is_quote(first) && matches!(text, "OR" | "|");
    Some((Word { excludes, key: None, text, is_or }, rest))
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
