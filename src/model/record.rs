//! A record (记录): what a branch or committee did, said or filed, as its file tells it.

use super::date::ArchiveDate;
use super::kind::Audience;
use super::schema::Values;
use crate::rules::disclosure::State;
use serde::{Deserialize, Serialize};

/// A record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The document it was read from.
    pub doc: usize,
    /// The permalink's id (记录号).
    pub id: String,
    /// The kind.
    pub kind: usize,
    /// The title; in 〔〕 where the tool made it.
    pub title: String,
    /// A shorter title.
    pub short: Option<String>,
    /// The branch.
    pub branch: Option<usize>,
    /// The committee or organisation, for records that are no branch's.
    pub unit: Option<usize>,
    /// The party group's name.
    pub group: Option<String>,
    /// When it happened (发生).
    pub date: Option<ArchiveDate>,
    /// When it was written down (记录).
    pub recorded: Option<ArchiveDate>,
    /// When it was published (发布).
    pub published: Option<ArchiveDate>,
    /// When it was filed (归档).
    pub filed: Option<ArchiveDate>,
    /// All values, core and kind's own.
    pub values: Values,
    /// Where it is published.
    pub route: String,
    /// One or two sentences, from the abstract or the text.
    pub summary: String,
    /// The topics, for a text without an agenda of its own.
    pub topics: Vec<String>,
    /// Days it was recorded after it happened, if more than the site allows (补录).
    pub late: Option<i64>,
    /// Who may read it.
    pub audience: Audience,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Criteria it shows: rubric, criterion id.
    pub evidence: Vec<(usize, String)>,
    /// Programmes it belongs to.
    pub campaigns: Vec<usize>,
    /// The record it corrects or replaces.
    pub corrects: Option<usize>,
    /// The record that corrects or replaces it.
    pub corrected_by: Option<usize>,
    /// Records it names as related, and records it links to.
    pub related: Vec<usize>,
    /// Records that link to it.
    pub backlinks: Vec<usize>,
    /// Its pictures and attachments' files, by the words used in the file: published address, size.
    pub files: Vec<File>,
    /// The picture that stands for it: address, alternative text.
    pub cover: Option<(String, String)>,
    /// The rule (制度) this practice has become.
    pub promoted_to: Option<usize>,
    /// The practices that became this rule, newest first.
    pub promoted_from: Vec<usize>,
    /// The item of a catalogue it makes known: catalogue, place among its items (公开事项).
    pub item: Option<(usize, usize)>,
    /// Where it stands on the day, if it is a posting (公开状态).
    pub posting: Option<State>,
    /// The number of the record before it in its branch (or among its unit's), by date.
    pub before: Option<usize>,
    /// The number of the record after it.
    pub after: Option<usize>,
}

/// A file of a record that is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What the front matter calls it; for a file only lying beside the record, its name.
    pub name: String,
    /// Where it is published.
    pub url: String,
    /// The size in bytes.
    pub size: u64,
    /// Whether the front matter or the text names it.
    pub named: bool,
}

impl Record {
    /// Tells whether only a stub of it is shown: a posting before its first day, or after its last.
    pub fn is_stub(&self) -> bool {
        self.posting.is_some_and(|state| !state.is_up())
    }

    /// Returns the published file the front matter calls `name`.
    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|f| f.name == name)
    }

    /// Returns the archive number (档号): 全宗号-门类·年度-保管期限-机构-件号.
    pub fn archive_number(&self) -> Option<String> {
        let a = self.values.row("archive")?;
        let fonds = a.text("fonds")?;
        let class = a.text("class").unwrap_or("WS");
        let mut number = format!("{fonds}-{class}");
        if let Some(year) = a.int("year").map(|y| y.to_string()).or_else(|| a.string("year")) {
            number += &format!("·{year}");
        }
        if let Some(retention) = self.values.text("retention") {
            number += &format!("-{retention}");
        }
        if let Some(org) = a.text("org") {
            number += &format!("-{org}");
        }
        match a.int("item") {
            Some(item) => number += &format!("-{item:04}"),
            None => {
                if let Some(item) = a.text("item") {
                    number += &format!("-{item}");
                }
            }
        }
        Some(number)
    }

    /// Returns the day its place in lists comes from: when it happened, else when it was published or recorded.
    pub fn sort_date(&self) -> Option<&ArchiveDate> {
        self.date.as_ref().or(self.published.as_ref()).or(self.recorded.as_ref())
    }

    /// Returns the year it is listed under.
    pub fn year(&self) -> Option<i16> {
        self.sort_date().and_then(ArchiveDate::year)
    }

    /// Returns the month it is listed under.
    pub fn month(&self) -> Option<u8> {
        self.sort_date().and_then(|d| d.start.month)
    }
}
