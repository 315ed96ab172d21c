//! Diagnostics as the page in the browser shows them: texts only, taken apart where something is set off.

use crate::diagnostic::{Diagnostic, Error, Lang, Severity, line_column};
use crate::disk::{Disk, join};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Range;

/// More diagnostics than these are counted only.
const MOST: usize = 500;
/// More characters than these before and after the words concerned are not shown.
const WIDTH: usize = 120;

/// Writes diagnostics, errors first: message, hint, place, and the line with its words set off.
pub(super) fn told(disk: &dyn Disk, root: &str, diagnostics: &[Diagnostic], lang: Lang) -> Vec<Value> {
    let mut texts = Texts { disk, root, read: BTreeMap::new() };
    let of = |severity| diagnostics.iter().filter(move |d| d.severity == severity);
    of(Severity::Error).chain(of(Severity::Warning)).take(MOST).map(|d| one(d, &mut texts, lang)).collect()
}

/// Writes what the machine refused.
pub(super) fn refused(error: &Error, lang: Lang) -> Vec<Value> {
    vec![json!({
        "severity": "error", "code": "machine", "message": error.what.get(lang), "hint": error.cause, "others": [],
    })]
}

/// The texts of the files concerned, each read once.
struct Texts<'a> {
    disk: &'a dyn Disk,
    root: &'a str,
    read: BTreeMap<String, Option<String>>,
}

impl Texts<'_> {
    fn get(&mut self, path: &str) -> Option<&str> {
        if !self.read.contains_key(path) {
            let bytes = self.disk.read(&join(self.root, path)).ok();
            self.read.insert(path.to_owned(), bytes.map(|b| String::from_utf8_lossy(&b).into_owned()));
        }
        self.read.get(path)?.as_deref()
    }
}

fn one(d: &Diagnostic, texts: &mut Texts<'_>, lang: Lang) -> Value {
    let mut value = place(&d.path, d.span.as_ref(), texts);
    value["severity"] = match d.severity {
        Severity::Error => "error".into(),
        Severity::Warning => "warning".into(),
    };
    value["code"] = d.code.into();
    value["message"] = d.message.get(lang).into();
    value["hint"] = d.hint.as_ref().map(|h| h.get(lang)).into();
    value["others"] = d
        .others
        .iter()
        .map(|(path, span, what)| {
            let mut other = place(path, span.as_ref(), texts);
            other["message"] = what.get(lang).into();
            other
        })
        .collect();
    value
}

/// Writes a place: the path, and where its text can be read the line, the column (in characters, from
/// 1) and the line itself in three parts.
fn place(path: &str, span: Option<&Range<usize>>, texts: &mut Texts<'_>) -> Value {
    let mut value = json!({ "path": path });
    let Some((span, text)) = span.zip(texts.get(path)) else { return value };
    // A byte order mark is no column.
    let lead = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let text = &text[lead..];
    let start = floor(text, span.start.saturating_sub(lead));
    let (line, column) = line_column(text, start);
    let from = text[..start].rfind('\n').map_or(0, |i| i + 1);
    let to = text[start..].find('\n').map_or(text.len(), |i| start + i);
    let end = floor(text, span.end.saturating_sub(lead)).clamp(start, to);
    let (before, marked, after) = (&text[from..start], &text[start..end], text[end..to].trim_end_matches('\r'));
    value["line"] = line.into();
    value["column"] = column.into();
    value["before"] = last(before).into();
    value["marked"] = first(marked).into();
    value["after"] = first(after).into();
    value
}

fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

fn first(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn last(text: &str) -> String {
    match text.char_indices().rev().nth(WIDTH - 1) {
        Some((start, _)) if start > 0 => format!("…{}", &text[start..]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;
    use crate::say;

    #[test]
    fn a_line_is_taken_apart_at_the_words_concerned() {
        let text = "\u{feff}+++\r\n主持入 = \"张三\"\r\n+++\r\n";
        let start = text.find("主持入").expect("the word is there");
        let disk = Memory::new([("s/a.md", text)]);
        let d = Diagnostic::error("unknown-key", "a.md", Some(start..start + 9), say!("不认识", "unknown")).other(
            "b.md",
            None,
            say!("另见", "see"),
        );
        let warning = Diagnostic::warning("x", "", None, say!("警告", "warning"));
        let told = told(&disk, "s", &[warning, d], Lang::Zh);
        assert_eq!(told.len(), 2);
        let d = &told[0];
        assert_eq!((&d["severity"], &d["message"]), (&json!("error"), &json!("不认识")), "errors come first");
        assert_eq!((&d["line"], &d["column"]), (&json!(2), &json!(1)));
        assert_eq!((&d["before"], &d["marked"], &d["after"]), (&json!(""), &json!("主持入"), &json!(" = \"张三\"")));
        assert_eq!((&d["others"][0]["path"], &d["others"][0]["line"]), (&json!("b.md"), &Value::Null));
    }

    #[test]
    fn a_span_beyond_the_text_or_over_lines_stays_on_its_line() {
        let disk = Memory::new([("s/a.md", "一二\n三\n")]);
        let at = |span| place("a.md", Some(&span), &mut Texts { disk: &disk, root: "s", read: BTreeMap::new() });
        assert_eq!(at(3..99)["marked"], json!("二"));
        assert_eq!(at(99..120)["marked"], json!(""));
        let long = "长".repeat(500);
        let disk = Memory::new([("s/a.md", long.as_str())]);
        let at = place("a.md", Some(&(600..1500)), &mut Texts { disk: &disk, root: "s", read: BTreeMap::new() });
        assert_eq!(at["before"], json!(format!("…{}", "长".repeat(120))));
        assert_eq!(at["marked"], json!(format!("{}…", "长".repeat(120))));
    }
}
