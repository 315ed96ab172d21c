//! Honours (荣誉): a list of events; the state on a day follows from them.

use super::date::ArchiveDate;
use serde::{Deserialize, Serialize};

/// An honour of a branch, from application to plaque and perhaps to revocation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Honour {
    /// The document it was read from.
    pub doc: usize,
    /// The id.
    pub id: String,
    /// The type (四强党支部, 党建工作示范点 …).
    pub sort: String,
    /// The level (市级 …).
    pub level: Option<String>,
    /// The branch.
    pub branch: usize,
    /// The programme it belongs to.
    pub programme: Option<usize>,
    /// The cohort (批次).
    pub cohort: Option<String>,
    /// The brand on the plaque.
    pub brand: Option<String>,
    /// The characters of the plaque's seal.
    pub seal: Option<String>,
    /// One plain sentence.
    pub motto: Option<String>,
    /// Its place in the naming document.
    pub order: i64,
    /// The story told of it.
    pub story: Option<usize>,
    /// What happened, oldest first.
    pub events: Vec<Event>,
}

/// One step in an honour's life.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// What: `applied`, `named`, `revoked` …
    pub event: String,
    /// When.
    pub date: ArchiveDate,
    /// By whom.
    pub by: Option<String>,
    /// The document.
    pub docno: Option<String>,
    /// The plaque's number.
    pub plaque: Option<String>,
    /// The result of a review.
    pub result: Option<String>,
    /// A posting window (公示).
    pub window: Option<(Option<ArchiveDate>, Option<ArchiveDate>)>,
}

/// The state of an honour on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Named, and not revoked (已命名).
    Named,
    /// Revoked (已撤销); the reason is never published.
    Revoked,
    /// Under way (创建中).
    InProgress,
}

impl State {
    /// Returns the word used in templates and data.
    pub fn word(self) -> &'static str {
        match self {
            State::Named => "named",
            State::Revoked => "revoked",
            State::InProgress => "in_progress",
        }
    }
}

impl Honour {
    /// Returns the events up to a day.
    pub fn until(&self, as_of: jiff::civil::Date) -> impl Iterator<Item = &Event> {
        let day = (as_of.year(), as_of.month() as u8, as_of.day() as u8);
        self.events.iter().filter(move |e| e.date.start.earliest().is_none_or(|d| d <= day))
    }

    /// Returns the state on a day: the last naming, confirmation or revocation decides.
    pub fn state(&self, as_of: jiff::civil::Date) -> State {
        let mut state = State::InProgress;
        for event in self.until(as_of) {
            match event.event.as_str() {
                "named" | "confirmed" => state = State::Named,
                "revoked" => state = State::Revoked,
                _ => {}
            }
        }
        state
    }

    /// Returns when it was named.
    pub fn named(&self) -> Option<&Event> {
        self.events.iter().find(|e| e.event == "named")
    }

    /// Returns the year it is listed under: of its naming, else of its last event.
    pub fn year(&self) -> Option<i16> {
        self.named().or(self.events.last()).and_then(|e| e.date.year())
    }

    /// Tells whether it is one of the four-strong (四强) honours, which the showcase shows.
    pub fn is_four_strong(&self) -> bool {
        self.sort.contains("四强")
    }
}
