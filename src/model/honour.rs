//! Honours (荣誉): a list of events; the state on a day follows from them.
//!
//! A site holds what its readers may know on its day: later events are left out when it is read, and so is
//! why anything was refused or revoked. [`rules::life`](crate::rules::life) tells what follows from events;
//! [`check`](mod@check) holds what was written against it.

mod check;

use super::date::ArchiveDate;
use super::kind::Audience;
use super::schema::Values;
use crate::rules::life::{self, Advice, Fact, Standing, Step};
pub(super) use check::{Gate, Terms, check};
use serde::{Deserialize, Serialize};

pub use crate::rules::life::State;

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
    /// The result of a review (保留, 撤销); of nothing else.
    pub result: Option<String>,
    /// A posting window (公示).
    pub window: Option<(Option<ArchiveDate>, Option<ArchiveDate>)>,
}

impl Event {
    /// Returns which step of a life it is.
    pub fn step(&self) -> Option<Step> {
        Step::parse(&self.event)
    }

    /// Returns it as the fold over a life sees it; `None` for an event of no known name.
    pub fn fact(&self) -> Option<Fact> {
        Some(Fact {
            step: self.step()?,
            first: self.date.start.earliest(),
            last: self.date.end.unwrap_or(self.date.start).latest(),
            advice: self.result.as_deref().and_then(Advice::parse),
        })
    }
}

/// An honour as its file has it: all its events, with the keys they were read from.
pub(super) struct Draft {
    /// The honour.
    pub(super) honour: Honour,
    /// What each event was read from.
    pub(super) rows: Vec<Values>,
}

impl Draft {
    /// Returns what readers of a day may know; `None` if that is nothing.
    ///
    /// The public hears of a candidacy when it is posted, and never of a branch that was refused.
    pub(super) fn known(self, day: jiff::civil::Date, audience: Audience) -> Option<Honour> {
        let mut honour = self.honour;
        let of_day: Vec<Event> = honour.until(day).cloned().collect();
        honour.events = of_day;
        let public = |e: &Event| matches!(e.step(), Some(Step::Publicised | Step::Named));
        if audience == Audience::Society {
            if honour.state(day) == State::Disqualified || !honour.events.iter().any(public) {
                return None;
            }
            honour.events.retain(|e| e.step() != Some(Step::Disqualified));
        }
        for event in &mut honour.events {
            let advice = event.result.as_deref().and_then(Advice::parse);
            let told = match advice {
                Some(Advice::Keep) => true,
                Some(Advice::Revoke) => audience > Audience::Society,
                None => false,
            };
            if !told || event.step().is_none_or(Step::is_silent) {
                event.result = None;
            }
        }
        (!honour.events.is_empty()).then_some(honour)
    }
}

impl Honour {
    /// Returns the events up to a day.
    pub fn until(&self, as_of: jiff::civil::Date) -> impl Iterator<Item = &Event> {
        let day = (as_of.year(), as_of.month() as u8, as_of.day() as u8);
        self.events.iter().filter(move |e| e.date.start.earliest().is_none_or(|d| d <= day))
    }

    /// Returns the state on a day.
    pub fn state(&self, as_of: jiff::civil::Date) -> State {
        self.standing(as_of).state()
    }

    /// Returns where exactly it stands on a day.
    pub fn standing(&self, as_of: jiff::civil::Date) -> Standing {
        life::standing(&self.facts(), (as_of.year(), as_of.month() as u8, as_of.day() as u8))
    }

    /// Returns the event that brought it where it stands on a day.
    pub fn since(&self, as_of: jiff::civil::Date) -> Option<&Event> {
        let until: Vec<&Event> = self.until(as_of).filter(|e| e.fact().is_some()).collect();
        let facts: Vec<Fact> = until.iter().filter_map(|e| e.fact()).collect();
        life::live(&facts).at.map(|at| until[at])
    }

    /// Returns the word for where it stands on a day; of a posting, also whether it is over.
    pub fn label(&self, as_of: jiff::civil::Date) -> &'static str {
        let day = (as_of.year(), as_of.month() as u8, as_of.day() as u8);
        let standing = self.standing(as_of);
        let end = self.since(as_of).and_then(|e| e.window.as_ref()?.1.as_ref()?.start.latest());
        match standing {
            Standing::Publicised if end.is_some_and(|end| end < day) => "posted",
            _ => standing.word(),
        }
    }

    /// Returns its events as the fold over a life sees them.
    pub fn facts(&self) -> Vec<Fact> {
        self.events.iter().filter_map(Event::fact).collect()
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
