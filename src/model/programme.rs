//! Programmes (创建方案) and rubrics (评定标准), as read; judging by them comes elsewhere.

use super::date::ArchiveDate;
use serde::{Deserialize, Serialize};

/// A programme (campaign) such as a four-strong plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Programme {
    /// The document it was read from.
    pub doc: usize,
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// A short title.
    pub short: Option<String>,
    /// Who issued it: an organisation's name.
    pub issuer: Option<String>,
    /// The document number (文号).
    pub docno: Option<String>,
    /// The date of the document.
    pub date: Option<ArchiveDate>,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when.
    pub to: Option<ArchiveDate>,
    /// Whom it concerns.
    pub scope: Option<String>,
    /// The rubric it assesses by.
    pub rubric: Option<usize>,
    /// What it rests on: relation, document.
    pub basis: Vec<(String, String)>,
    /// Its principles.
    pub principles: Vec<String>,
    /// The quota as written.
    pub quota: Option<String>,
    /// Its stages.
    pub stages: Vec<Stage>,
    /// Its procedure: step, by whom, what.
    pub steps: Vec<(String, Option<String>, Option<String>)>,
    /// Who may not take part.
    pub disqualifiers: Vec<String>,
}

/// A stage of a programme (阶段).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stage {
    /// The id within the programme.
    pub id: String,
    /// The title.
    pub title: String,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when.
    pub to: Option<ArchiveDate>,
    /// The time as the document words it.
    pub when: Option<String>,
    /// What it asks for.
    pub asks: Vec<String>,
    /// Stages within it.
    pub stages: Vec<Stage>,
}

/// Where a stage stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its last possible day is past.
    Done,
    /// It has begun and is not certainly over.
    Now,
    /// It has not begun, or its dates are masked.
    Next,
}

impl Progress {
    /// Returns the word used in templates.
    pub fn word(self) -> &'static str {
        match self {
            Progress::Done => "done",
            Progress::Now => "now",
            Progress::Next => "next",
        }
    }
}

impl Stage {
    /// Returns where it stands on a day; masked dates are never guessed.
    pub fn progress(&self, as_of: jiff::civil::Date) -> Progress {
        let day = (as_of.year(), as_of.month() as u8, as_of.day() as u8);
        let begin = self.from.as_ref().and_then(|d| d.start.earliest());
        let last = self.to.as_ref().or(self.from.as_ref()).and_then(|d| d.end.unwrap_or(d.start).latest());
        match (begin, last) {
            (_, Some(last)) if last < day => Progress::Done,
            (Some(begin), _) if begin <= day => Progress::Now,
            _ => Progress::Next,
        }
    }

    /// Returns its time in words.
    pub fn when_text(&self) -> Option<String> {
        self.when.clone().or_else(|| match (&self.from, &self.to) {
            (Some(a), Some(b)) if a == b => Some(a.zh()),
            (Some(a), Some(b)) => Some(format!("{}—{}", a.zh(), b.zh())),
            (Some(a), None) => Some(format!("{}起", a.zh())),
            (None, Some(b)) => Some(format!("{}前", b.zh())),
            (None, None) => None,
        })
    }
}

/// A rubric: dimensions and criteria, in one version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rubric {
    /// The document it was read from.
    pub doc: usize,
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The version.
    pub version: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// When.
    pub date: Option<ArchiveDate>,
    /// The rubric it replaces.
    pub replaces: Option<usize>,
    /// The full score.
    pub full: Option<f64>,
    /// The pass mark.
    pub pass: Option<f64>,
    /// Its dimensions.
    pub dimensions: Vec<Dimension>,
}

/// A dimension of a rubric (方面).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dimension {
    /// The id within the rubric.
    pub id: String,
    /// The title.
    pub title: String,
    /// Its criteria.
    pub criteria: Vec<Criterion>,
}

/// A criterion (条目).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Criterion {
    /// The id within the rubric.
    pub id: String,
    /// The title.
    pub title: String,
    /// The full sentence.
    pub text: Option<String>,
    /// The points.
    pub points: Option<f64>,
    /// The kinds of record that usually show it.
    pub evidence: Vec<usize>,
}

impl Rubric {
    /// Returns the criterion of this id.
    pub fn criterion(&self, id: &str) -> Option<&Criterion> {
        self.dimensions.iter().flat_map(|d| &d.criteria).find(|c| c.id == id)
    }
}
