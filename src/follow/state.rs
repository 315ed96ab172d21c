//! What the publishing thread and the door share: a bell, and how things stand.

use super::{Options, moment};
use crate::diagnostic::Say;
use serde_json::{Value, json};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A commit, and since when.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// The commit.
    pub(super) commit: String,
    /// Since when, in nanoseconds since 1970; `None` if that is not known.
    pub(super) since: Option<i64>,
}

/// How the last publishing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The commit is live.
    Live,
    /// It has errors.
    Refused,
    /// The machine refused.
    Failed,
}

/// The last publishing.
#[derive(Debug, Clone)]
pub(super) struct Last {
    /// The commit.
    pub(super) commit: String,
    /// When it ended.
    pub(super) at: i64,
    /// How it ended.
    pub(super) ending: Ending,
    /// How long it took.
    pub(super) seconds: f64,
    /// How many files were written.
    pub(super) written: usize,
}

/// Why the branch's newest commit is not live.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// The commit; `None` if not even that could be asked for.
    pub(super) commit: Option<String>,
    /// When.
    pub(super) at: i64,
    /// What went wrong.
    pub(super) message: Say,
    /// The diagnostics, with their places.
    pub(super) diagnostics: Vec<Value>,
}

/// A branch that no longer holds what was live.
#[derive(Debug, Clone)]
pub(super) struct Rewritten {
    /// What was live.
    pub(super) from: String,
    /// What came instead.
    pub(super) to: String,
    /// When it was seen.
    pub(super) at: i64,
}

/// How things stand.
#[derive(Debug, Clone)]
struct Now {
    rung: bool,
    stopped: bool,
    live: Option<Mark>,
    building: Option<Mark>,
    last: Option<Last>,
    failure: Option<Failure>,
    rewritten: Option<Rewritten>,
    next_look: Option<i64>,
}

/// The bell and the board.
#[derive(Debug)]
pub(super) struct Shared {
    now: Mutex<Now>,
    bell: Condvar,
    branch: String,
    repository: String,
    started: i64,
}

impl Shared {
    /// Begins: the bell has been rung, so that the first look is at once.
    pub(super) fn new(options: &Options, repository: String, started: i64) -> Shared {
        let now = Now {
            rung: true,
            stopped: false,
            live: None,
            building: None,
            last: None,
            failure: None,
            rewritten: None,
            next_look: None,
        };
        Shared { now: Mutex::new(now), bell: Condvar::new(), branch: options.branch.clone(), repository, started }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // Every change is one assignment: who panics leaves nothing half done.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a look. However often it is asked before the look, it is one.
    pub(super) fn ring(&self) {
        self.now().rung = true;
        self.bell.notify_all();
    }

    /// Asks for the end.
    pub(super) fn stop(&self) {
        self.now().stopped = true;
        self.bell.notify_all();
    }

    /// Waits for the bell, not longer than `pause`; tells whether it rang, or `None` at the end.
    pub(super) fn wait(&self, pause: Duration, until: i64) -> Option<bool> {
        let mut now = self.now();
        now.next_look = Some(until);
        let waited = self.bell.wait_timeout_while(now, pause, |now| !now.rung && !now.stopped);
        let (mut now, _) = waited.unwrap_or_else(PoisonError::into_inner);
        now.next_look = None;
        if now.stopped {
            return None;
        }
        Some(std::mem::take(&mut now.rung))
    }

    /// Notes what is live.
    pub(super) fn live(&self, live: Option<Mark>) {
        self.now().live = live;
    }

    /// Begins to publish, unless the end was asked for.
    pub(super) fn begin(&self, commit: &str, at: i64) -> bool {
        let mut now = self.now();
        if now.stopped {
            return false;
        }
        now.building = Some(Mark { commit: commit.to_owned(), since: Some(at) });
        true
    }

    /// Notes how a publishing ended; a `live` of `None` is as it was.
    pub(super) fn end(&self, last: Last, live: Option<Mark>, failure: Option<Failure>) {
        let mut now = self.now();
        now.building = None;
        now.last = Some(last);
        now.live = live.or(now.live.take());
        now.failure = failure;
    }

    /// Notes that the branch could not be looked at, or that it could again.
    pub(super) fn looked(&self, failure: Option<Failure>) {
        let mut now = self.now();
        // What is wrong with a commit stays wrong until there is another.
        if failure.is_some() || now.failure.as_ref().is_some_and(|f| f.commit.is_none()) {
            now.failure = failure;
        }
    }

    /// Notes that history was rewritten.
    pub(super) fn rewritten(&self, rewritten: Rewritten) {
        self.now().rewritten = Some(rewritten);
    }

    /// Tells whether a commit is being published.
    pub(super) fn is_publishing(&self) -> bool {
        self.now().building.is_some()
    }

    /// Writes how things stand.
    pub(super) fn json(&self) -> Value {
        let now = self.now().clone();
        let mark = |m: &Mark| json!({ "commit": m.commit, "since": m.since.map(moment) });
        json!({
            "branch": self.branch,
            "repository": self.repository,
            "live": now.live.as_ref().map(mark),
            "building": now.building.as_ref().map(mark),
            "queue": u8::from(now.rung),
            "next_poll": now.next_look.map(moment),
            "last": now.last.map(|l| json!({
                "commit": l.commit,
                "at": moment(l.at),
                "result": match l.ending { Ending::Live => "live", Ending::Refused => "refused", Ending::Failed => "failed" },
                "seconds": (l.seconds * 1000.0).round() / 1000.0,
                "written": l.written,
            })),
            "failure": now.failure.map(|f| json!({
                "commit": f.commit,
                "at": moment(f.at),
                "message": f.message.zh,
                "message_en": f.message.en,
                "diagnostics": f.diagnostics,
            })),
            "rewritten": now.rewritten.map(|r| json!({ "from": r.from, "to": r.to, "at": moment(r.at) })),
            "started": moment(self.started),
            "version": env!("CARGO_PKG_VERSION"),
        })
    }
}
