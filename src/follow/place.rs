//! Diagnostics for machines, with the lines and columns of the commit they are about.
//!
//! The texts are asked of git rather than of a work tree: whatever the publisher does with its folders,
//! the commit stays what it is.

use super::repository::Repository;
use crate::diagnostic::{Diagnostic, Severity, line_column};
use crate::disk::{Disk, join};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Range;

/// So many diagnostics are kept.
const MOST: usize = 200;
/// The places of so many files are looked up.
const FILES: usize = 40;

/// Writes the first diagnostics, errors before warnings.
pub(super) fn json(
    diagnostics: &[Diagnostic],
    repository: &Repository,
    disk: &dyn Disk,
    commit: &str,
    site: &str,
) -> Vec<Value> {
    let mut texts: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let of = |severity| diagnostics.iter().filter(move |d| d.severity == severity);
    let shown: Vec<&Diagnostic> = of(Severity::Error).chain(of(Severity::Warning)).take(MOST).collect();
    for d in shown.iter().filter(|d| d.span.is_some()) {
        if texts.len() < FILES && !texts.contains_key(d.path.as_str()) {
            let bytes = repository.file(disk, commit, &join(site, &d.path));
            texts.insert(&d.path, bytes.map(|b| String::from_utf8_lossy(&b).into_owned()));
        }
    }
    let place = |d: &Diagnostic| place(texts.get(d.path.as_str())?.as_deref()?, d.span.as_ref()?);
    shown.iter().map(|d| one(d, place(d))).collect()
}

fn place(text: &str, span: &Range<usize>) -> Option<(usize, usize)> {
    // A byte order mark is no column.
    let lead = if text.starts_with('\u{feff}') { 3 } else { 0 };
    Some(line_column(&text[lead..], span.start.saturating_sub(lead)))
}

fn one(d: &Diagnostic, place: Option<(usize, usize)>) -> Value {
    json!({
        "severity": match d.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "code": d.code,
        "path": d.path,
        "line": place.map(|p| p.0),
        "column": place.map(|p| p.1),
        "message": d.message.zh,
        "message_en": d.message.en,
        "hint": d.hint.as_ref().map(|h| &h.zh),
        "hint_en": d.hint.as_ref().map(|h| &h.en),
    })
}
