//! What an author wrote wrong: a place, a fact, a way out.
//!
//! Stages collect [`Diagnostic`]s and go on; what the machine refused is an [`Error`] and ends the
//! run. Nothing here prints: `cli/report.rs` draws diagnostics for people and for machines.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// A message in both languages of the tool; the reader's language is chosen when it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Say {
    /// The Chinese text.
    pub zh: String,
    /// The English text.
    pub en: String,
}

impl Say {
    /// Returns the text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// Writes one message in Chinese and in English; both format strings see the same variables.
#[macro_export]
macro_rules! say {
    ($zh:literal, $en:literal) => {
        $crate::diagnostic::Say { zh: format!($zh), en: format!($en) }
    };
}

/// The language of messages and of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Lang {
    /// Chinese (简体中文).
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Reads a language tag such as `zh-CN`, `zh_CN.UTF-8`, `en`; `None` for any other language.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let tag = tag.to_ascii_lowercase();
        if tag.starts_with("zh") {
            Some(Lang::Zh)
        } else if tag.starts_with("en") {
            Some(Lang::En)
        } else {
            None
        }
    }
}

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// The site is not built.
    Error,
    /// The site is built; a person should look.
    Warning,
}

/// A diagnostic's code: a word of this crate.
type Code = &'static str;

/// One thing to tell the author of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// A stable code, such as `unknown-key`, for machines and for the manual.
    #[serde(with = "code")]
    pub code: Code,
    /// The file, relative to the site's root with `/`; empty for the site as a whole.
    pub path: String,
    /// The offending bytes of the file.
    pub span: Option<Range<usize>>,
    /// What is the case.
    pub message: Say,
    /// What to do about it.
    pub hint: Option<Say>,
    /// Other places that belong to it, each with a word of explanation.
    pub others: Vec<(String, Option<Range<usize>>, Say)>,
}

/// A diagnostic's code in a cache.
mod code {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    pub(super) fn serialize<S: Serializer>(code: &&'static str, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(code)
    }

    /// Reads a code. The codes are words of this crate, a few dozen: each is kept once, for good.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<&'static str, D::Error> {
        static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let code = String::deserialize(from)?;
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = known.get(code.as_str()) {
            return Ok(code);
        }
        let code: &'static str = Box::leak(code.into_boxed_str());
        known.insert(code);
        Ok(code)
    }
}

impl Diagnostic {
    /// Makes an error at a place.
    pub fn error(code: &'static str, path: &str, span: Option<Range<usize>>, message: Say) -> Self {
        Diagnostic {
            severity: Severity::Error,
            code,
            path: path.to_owned(),
            span,
            message,
            hint: None,
            others: Vec::new(),
        }
    }

    /// Makes a warning at a place.
    pub fn warning(code: &'static str, path: &str, span: Option<Range<usize>>, message: Say) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, path, span, message) }
    }

    /// Adds the way out.
    pub fn hint(mut self, hint: Say) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Adds the way out where there is one.
    pub fn hint_if(mut self, hint: Option<Say>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// Adds another place that belongs to it.
    pub fn other(mut self, path: &str, span: Option<Range<usize>>, what: Say) -> Self {
        self.others.push((path.to_owned(), span, what));
        self
    }
}

/// Puts diagnostics in reading order: by file, then place, errors before warnings.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| {
            (d.path.clone(), d.span.as_ref().map_or(0, |s| s.start), d.severity, d.code, d.message.clone())
        };
        key(a).cmp(&key(b))
    });
}

/// So many things are told of one file; what follows is mostly the same again.
const TOLD: usize = 200;

/// Keeps the first of very many diagnostics of one file, errors before warnings, and says how many more there are.
pub fn few(of_a_file: &mut Vec<Diagnostic>) {
    let Some(more) = of_a_file.len().checked_sub(TOLD).filter(|more| *more > 1) else { return };
    // No error may vanish behind warnings, or the site would be built with it.
    of_a_file.sort_by_key(|d| d.severity);
    let Diagnostic { severity, path, .. } = of_a_file[TOLD].clone();
    of_a_file.truncate(TOLD);
    let text = say!("这个文件里还有 {more} 处，没有逐一列出", "there are {more} more in this file");
    of_a_file.push(Diagnostic { severity, ..Diagnostic::warning("more", &path, None, text) });
}

/// Returns the 1-based line and column (in characters) of a byte offset.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// Returns the candidate nearest to `word`, if any is near enough to be meant.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // In a word of two or three Han characters one wrong character is near enough.
    let short = (2..=3).contains(&word.chars().count());
    candidates
        .into_iter()
        .map(|c| (c.to_lowercase(), c))
        .map(|(lower, c)| {
            (strsim::normalized_damerau_levenshtein(&word, &lower), strsim::damerau_levenshtein(&word, &lower), c)
        })
        .filter(|(score, edits, c)| *score >= 0.6 || short && *edits == 1 && c.chars().count() >= 2)
        .map(|(score, _, c)| (score, c))
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, c)| c)
}

/// What the machine refused: an operation on a path, and its reason.
#[derive(Debug)]
pub struct Error {
    /// What was being done.
    pub what: Say,
    /// What the system answered.
    pub cause: String,
}

impl Error {
    /// Makes an error of an operation and its cause.
    pub fn new(what: Say, cause: impl fmt::Display) -> Self {
        Error { what, cause: cause.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what.en, self.cause)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(line_column("一\n支部x", "一\n支部".len()), (2, 3));
        assert_eq!(line_column("ab", 99), (1, 3));
        assert_eq!(line_column("支", 1), (1, 1), "an offset inside a character is its start");
    }

    #[test]
    fn a_near_word_is_proposed_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("titel", ["title", "date"]), Some("title"));
        assert_eq!(did_you_mean("主持", ["主持人", "记录人"]), Some("主持人"));
        assert_eq!(did_you_mean("Title", ["title", "date"]), Some("title"));
        assert_eq!(did_you_mean("党科", ["支委会", "党课"]), Some("党课"));
        assert_eq!(did_you_mean("xyz", ["title", "date"]), None);
    }
}
