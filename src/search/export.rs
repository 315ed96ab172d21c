//! Pages → what a search server takes: Elasticsearch and OpenSearch, Quickwit, or any that reads JSON lines.
//!
//! 1. [`Document`]: a page as one JSON object;
//! 2. [`Format::line`]: a document as the lines of a format;
//! 3. [`Batches`]: as many lines as one request holds;
//! 4. [`Format::read`]: what the server says of each document of a batch.
//!
//! Nothing is sent from here. The page's script asks such servers by the names of these fields.

mod config;

use super::entry::{Entry, Part};
use crate::digest::Digest;
pub use config::{elasticsearch, quickwit};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A page, as a search server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document<'e> {
    /// The same for the same address, for ever.
    pub id: String,
    /// The address, relative to the site's root.
    pub url: &'e str,
    /// The title.
    pub title: &'e str,
    /// The kind, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'e str>,
    /// The kind's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind_id: Option<&'e str>,
    /// The branch's short name of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<&'e str>,
    /// The branch's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch_id: Option<&'e str>,
    /// The date as far as it is known: `2026-03-18`, `2026-03`, `2026`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<&'e str>,
    /// The same as a number, 20260318, with noughts for what is not known: Quickwit sorts by numbers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<u32>,
    /// The year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u32>,
    /// The whole body: headings and text.
    pub body: String,
    /// The same by headings.
    pub sections: Vec<Stretch<'e>>,
    /// People and posts.
    pub people: Vec<&'e str>,
    /// Document number, archive number, record id.
    pub numbers: Vec<&'e str>,
    /// Names of attachments.
    pub attachments: Vec<&'e str>,
    /// Everything else that is found: the kind, the branch and what is above it, further fields.
    pub other: Vec<&'e str>,
    /// What the branch was honoured with.
    pub honours: &'e [String],
}

/// A part of a body that a heading opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stretch<'e> {
    /// The heading's anchor; empty before the first heading.
    pub anchor: &'e str,
    /// The heading.
    pub heading: &'e str,
    /// The text below it.
    pub text: &'e str,
}

impl<'e> Document<'e> {
    /// Returns a page as a document.
    pub fn of(entry: &'e Entry, honours: &'e [String]) -> Document<'e> {
        let face = &entry.face;
        let fields = |parts: &[Part]| {
            face.fields.iter().filter(|(part, _)| parts.contains(part)).map(|(_, text)| text.as_str()).collect()
        };
        let body: Vec<&str> = entry
            .sections
            .iter()
            .flat_map(|s| [s.heading.as_str(), s.text.as_str()])
            .filter(|text| !text.is_empty())
            .collect();
        let stretch = |s: &'e super::entry::Section| Stretch { anchor: &s.anchor, heading: &s.heading, text: &s.text };
        let day = day(&face.iso);
        Document {
            id: Digest::of(face.url.as_bytes()).to_hex()[..32].to_owned(),
            url: &face.url,
            title: &face.title,
            kind: face.kind.as_ref().map(|(_, label)| label.as_str()),
            kind_id: face.kind.as_ref().map(|(id, _)| id.as_str()),
            branch: face.branch.as_ref().map(|(_, name)| name.as_str()),
            branch_id: face.branch.as_ref().map(|(id, _)| id.as_str()),
            date: day.map(|_| face.iso.as_str()),
            day,
            year: day.map(|day| day / 10_000),
            body: body.join("\n"),
            sections: entry.sections.iter().map(stretch).collect(),
            people: fields(&[Part::People]),
            numbers: fields(&[Part::Number]),
            attachments: fields(&[Part::Attachment]),
            other: fields(&[Part::Kind, Part::Branch, Part::Other]),
            honours,
        }
    }
}

/// Returns a date as a number; `None` if not even the year is known.
fn day(iso: &str) -> Option<u32> {
    let mut parts = iso.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let year = parts.next().flatten().filter(|year| (1..=9999).contains(year))?;
    let mut next = || parts.next().flatten().filter(|part| *part < 100).unwrap_or_default();
    Some(year * 10_000 + next() * 100 + next())
}

/// How documents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A document a line.
    Ndjson,
    /// Elasticsearch's and OpenSearch's `_bulk`: what to do, then the document.
    Bulk,
    /// A document a line, as Quickwit takes it.
    Quickwit,
}

/// A document as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The page's address.
    pub url: String,
    /// Its lines, each ended.
    pub text: String,
}

impl Format {
    /// Writes a document.
    pub fn line(self, index: &str, document: &Document<'_>) -> Line {
        let action = match self {
            Format::Bulk => format!("{}\n", json!({ "index": { "_index": index, "_id": document.id } })),
            Format::Ndjson | Format::Quickwit => String::new(),
        };
        Line { url: document.url.to_owned(), text: format!("{action}{}\n", json!(document)) }
    }

    /// Reads what a server answered to a batch it took.
    pub fn read(self, answer: &str, batch: &[Line]) -> Taken {
        match self {
            Format::Ndjson => Taken::default(),
            Format::Bulk => read_bulk(answer, batch),
            Format::Quickwit => read_quickwit(answer, batch),
        }
    }
}

/// What became of the documents of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Those the server had no room for, by their place in the batch: they may be sent again.
    pub again: Vec<usize>,
    /// Those it does not want.
    pub refused: Vec<Refused>,
}

/// A document a server does not want.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The page's address; empty where the server does not say which it is.
    pub url: String,
    /// Why, in the server's words.
    pub reason: String,
}

/// An answer to `_bulk`.
#[derive(Deserialize)]
struct BulkAnswer {
    errors: bool,
    #[serde(default)]
    items: Vec<serde_json::Map<String, Value>>,
}

fn read_bulk(answer: &str, batch: &[Line]) -> Taken {
    let whole = |reason: &str| Taken {
        again: Vec::new(),
        refused: batch.iter().map(|l| Refused { url: l.url.clone(), reason: reason.to_owned() }).collect(),
    };
    let Ok(answer) = serde_json::from_str::<BulkAnswer>(answer) else {
        return whole("not an answer of `_bulk`");
    };
    if answer.errors && answer.items.len() != batch.len() {
        return whole("the answer names other documents than were sent");
    }
    let mut taken = Taken::default();
    for (n, (item, line)) in answer.items.iter().zip(batch).enumerate() {
        // The only value is named after the action.
        let Some(item) = item.values().next() else { continue };
        match item["status"].as_u64().unwrap_or_default() {
            200..300 => {}
            429 | 503 => taken.again.push(n),
            status => {
                let word = |key: &str| item["error"][key].as_str().filter(|word| !word.is_empty());
                let cause = item["error"]["caused_by"]["reason"].as_str();
                let words: Vec<&str> = [word("type"), word("reason"), cause].into_iter().flatten().collect();
                let reason = if words.is_empty() { status.to_string() } else { words.join(": ") };
                taken.refused.push(Refused { url: line.url.clone(), reason });
            }
        }
    }
    taken
}

/// An answer of Quickwit's ingest; what it could not read is told since 0.9.
#[derive(Deserialize)]
struct IngestAnswer {
    #[serde(default)]
    num_rejected_docs: Option<u64>,
    #[serde(default)]
    parse_failures: Option<Vec<ParseFailure>>,
}

#[derive(Deserialize)]
struct ParseFailure {
    #[serde(default)]
    message: String,
    #[serde(default)]
    document: String,
    #[serde(default)]
    reason: String,
}

fn read_quickwit(answer: &str, batch: &[Line]) -> Taken {
    let Ok(answer) = serde_json::from_str::<IngestAnswer>(answer) else {
        let reason = "not an answer of Quickwit's ingest".to_owned();
        let refused = batch.iter().map(|l| Refused { url: l.url.clone(), reason: reason.clone() });
        return Taken { again: Vec::new(), refused: refused.collect() };
    };
    let failures = answer.parse_failures.unwrap_or_default();
    let mut refused: Vec<Refused> = failures
        .into_iter()
        .map(|failure| {
            let document: Value = serde_json::from_str(&failure.document).unwrap_or_default();
            let url = document["url"].as_str().unwrap_or_default().to_owned();
            let words = [failure.reason, failure.message];
            let words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
            Refused { url, reason: words.join(": ") }
        })
        .collect();
    let told = refused.len() as u64;
    let untold = answer.num_rejected_docs.unwrap_or_default().saturating_sub(told);
    refused.extend((0..untold).map(|_| Refused { url: String::new(), reason: "rejected".to_owned() }));
    Taken { again: Vec::new(), refused }
}

/// How much one request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many documents.
    pub documents: usize,
    /// How many bytes; a document that is longer goes alone.
    pub bytes: usize,
}

/// Quickwit takes 10 MB, Elasticsearch 100 MB; both are content with less.
pub const LIMITS: Limits = Limits { documents: 1000, bytes: 4 << 20 };

/// Lines, as many at a time as one request holds.
pub struct Batches<I> {
    lines: I,
    limits: Limits,
    // The line that was too much.
    left: Option<Line>,
}

impl<I> Batches<I> {
    /// Parts lines into batches.
    pub fn new(lines: I, limits: Limits) -> Batches<I> {
        Batches { lines, limits, left: None }
    }
}

impl<I: Iterator<Item = Result<Line, E>>, E> Iterator for Batches<I> {
    type Item = Result<Vec<Line>, E>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch: Vec<Line> = Vec::new();
        let mut bytes = 0;
        while let Some(line) = self.left.take().map(Ok).or_else(|| self.lines.next()) {
            let line = match line {
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            bytes += line.text.len();
            if !batch.is_empty() && (batch.len() == self.limits.documents || bytes > self.limits.bytes) {
                self.left = Some(line);
                break;
            }
            batch.push(line);
        }
        (!batch.is_empty()).then_some(Ok(batch))
    }
}

/// Tells whether an index may be called so: by the rules of all servers at once.
pub fn is_index_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    (3..=200).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests;
