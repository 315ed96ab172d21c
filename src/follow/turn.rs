//! The publishing thread: look, publish what is new, wait for the bell or for the next look.
//!
//! A commit with errors is not tried again; what the machine refused is, after pauses that grow. What was
//! published last is kept over a restart, so that a release that was rolled back to by hand stays live
//! until there is a new commit.

use super::repository::Repository;
use super::state::{Ending, Failure, Last, Mark, Rewritten, Shared};
use super::{OURS, Options, Outcome, Publisher, moment, place, sentence, short};
use crate::diagnostic::{Error, Lang, Severity};
use crate::disk::{Disk, join};
use crate::say;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A call may come before the forge itself shows the commit: so long after it is looked once more.
const SOON: Duration = Duration::from_secs(5);
/// The pauses after failures do not grow beyond this.
const LONGEST: Duration = Duration::from_secs(300);
/// What was published last, below our folder.
const MEMORY: &str = "follow.json";

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// What is known already.
    Nothing,
    /// A commit that was published or has errors.
    Commit,
    /// The end was asked for before it could be published.
    End,
}

/// The publishing thread's own.
pub(super) struct Turn {
    disk: Arc<dyn Disk>,
    repository: Repository,
    publisher: Box<dyn Publisher>,
    shared: Arc<Shared>,
    every: Duration,
    site: String,
    to: String,
    source: String,
    lang: Lang,
    /// The commit nothing more is to be done about.
    done: Option<String>,
    /// What is live, as far as we made it so.
    live: Option<String>,
    failures: u32,
}

impl Turn {
    /// Makes the thread's own from what is known of the last run.
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        options: &Options,
        repository: Repository,
        publisher: Box<dyn Publisher>,
        shared: Arc<Shared>,
    ) -> Turn {
        let source = format!("{} {} {}", repository.shown(), options.branch, options.site);
        let mut turn = Turn {
            disk,
            repository,
            publisher,
            shared,
            every: options.every,
            site: options.site.clone(),
            to: options.to.clone(),
            source,
            lang: options.lang,
            done: None,
            live: None,
            failures: 0,
        };
        turn.recall();
        turn
    }

    /// Looks and publishes until the end is asked for.
    pub(super) fn run(mut self) {
        let mut pause = Duration::ZERO;
        loop {
            let now = self.disk.now();
            let until = now.saturating_add(i64::try_from(pause.as_nanos()).unwrap_or(i64::MAX));
            let Some(rung) = self.shared.wait(pause, until) else { return };
            pause = match self.look() {
                Ok(Found::End) => return,
                Ok(Found::Nothing) if rung => self.every.min(SOON),
                Ok(Found::Nothing | Found::Commit) => jittered(self.every, self.disk.now()),
                Err(()) => jittered(backed_off(self.every, self.failures), self.disk.now()),
            };
        }
    }

    /// Looks once, and publishes what is new.
    fn look(&mut self) -> Result<Found, ()> {
        let commit = match self.repository.newest(self.disk.as_ref()) {
            Ok(commit) => commit,
            Err(error) => {
                self.failed(None, &error);
                return Err(());
            }
        };
        if self.done.as_ref() == Some(&commit) {
            self.failures = 0;
            self.shared.looked(None);
            return Ok(Found::Nothing);
        }
        let began = self.disk.now();
        if !self.shared.begin(&commit, began) {
            return Ok(Found::End);
        }
        self.notice_rewriting(&commit);
        let name = short(&commit);
        let text = say!("发布 {name}", "publishing {name}");
        tracing::info!(event = "publishing", commit, "{}", text.get(self.lang));
        match self.publisher.publish(self.repository.folder(), &commit) {
            Ok(outcome) => self.published(commit, &outcome),
            Err(error) => {
                let seconds = self.disk.now().saturating_sub(began).max(0) as f64 / 1e9;
                let failure = self.failed(Some(&commit), &error);
                let last = Last { commit, at: failure.at, ending: Ending::Failed, seconds, written: 0 };
                self.shared.end(last, None, Some(failure));
                return Err(());
            }
        }
        self.failures = 0;
        Ok(Found::Commit)
    }

    /// A branch may be moved to where what was live is no longer part of it; that is told, and followed.
    fn notice_rewriting(&self, commit: &str) {
        let Some(live) = self.live.as_deref() else { return };
        match self.repository.is_before(self.disk.as_ref(), live, commit) {
            Ok(true) | Err(_) => {}
            Ok(false) => {
                let (from, to) = (short(live), short(commit));
                let text = say!(
                    "历史被改写：{to} 不是从已发布的 {from} 接下来的（强制推送？），照样发布",
                    "history was rewritten: {to} does not follow from {from}, which is live (a force push?); it is published all the same"
                );
                tracing::warn!(event = "rewritten", from = live, to = commit, "{}", text.get(self.lang));
                let at = self.disk.now();
                self.shared.rewritten(Rewritten { from: live.to_owned(), to: commit.to_owned(), at });
            }
        }
    }

    /// Notes what a publishing came to.
    fn published(&mut self, commit: String, outcome: &Outcome) {
        let at = self.disk.now();
        let count = |severity| outcome.diagnostics.iter().filter(|d| d.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let Outcome { seconds, written, .. } = *outcome;
        let (name, took) = (short(&commit), (seconds * 10.0).round() / 10.0);
        let ending = if outcome.live { Ending::Live } else { Ending::Refused };
        let last = Last { commit: commit.clone(), at, ending, seconds, written };
        if outcome.live {
            let text = say!(
                "{name} 已发布，写了 {written} 个文件，用时 {took} 秒",
                "{name} is live: {written} files written in {took} s"
            );
            tracing::info!(event = "published", commit, seconds, written, warnings, "{}", text.get(self.lang));
            self.shared.end(last, Some(Mark { commit: commit.clone(), since: Some(at) }), None);
            self.live = Some(commit.clone());
            self.remember(&commit, at);
        } else {
            let message = say!(
                "{name} 有 {errors} 个错误，没有发布，网站还是原来的",
                "{name} has {errors} errors and is not published; the site is as it was"
            );
            let diagnostics =
                place::json(&outcome.diagnostics, &self.repository, self.disk.as_ref(), &commit, &self.site);
            let first = diagnostics.first().cloned().unwrap_or_default().to_string();
            tracing::error!(event = "refused", commit, seconds, errors, warnings, first, "{}", message.get(self.lang));
            let failure = Failure { commit: Some(commit.clone()), at, message, diagnostics };
            self.shared.end(last, None, Some(failure));
        }
        self.done = Some(commit);
    }

    /// Notes what the machine refused.
    fn failed(&mut self, commit: Option<&str>, error: &Error) -> Failure {
        self.failures = self.failures.saturating_add(1);
        let message = sentence(error);
        tracing::error!(event = "failed", commit, failures = self.failures, "{}", message.get(self.lang));
        let failure =
            Failure { commit: commit.map(str::to_owned), at: self.disk.now(), message, diagnostics: Vec::new() };
        if commit.is_none() {
            self.shared.looked(Some(failure.clone()));
        }
        failure
    }

    fn memory(&self) -> String {
        join(&join(&self.to, OURS), MEMORY)
    }

    /// Takes up where the last run ended. What cannot be read is as if nothing had been.
    fn recall(&mut self) {
        let Some(live) = self.publisher.live() else { return };
        let kept: Value = self
            .disk
            .read(&self.memory())
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let told = |key: &str| kept[key].as_str();
        // Another version may make other pages of the same commit; another source is another site.
        if told("version") == Some(env!("CARGO_PKG_VERSION")) && told("source") == Some(&self.source) {
            self.done = told("commit").map(str::to_owned);
        }
        let since = kept["at"].as_i64().filter(|_| told("commit") == Some(&live));
        self.shared.live(Some(Mark { commit: live.clone(), since }));
        self.live = Some(live);
    }

    /// Keeps what was published.
    fn remember(&self, commit: &str, at: i64) {
        let (path, version) = (self.memory(), env!("CARGO_PKG_VERSION"));
        let kept = json!({ "commit": commit, "at": at, "time": moment(at), "version": version, "source": self.source });
        let fresh = format!("{path}.new");
        let written =
            self.disk.write(&fresh, kept.to_string().as_bytes()).and_then(|()| self.disk.rename(&fresh, &path));
        if let Err(error) = written {
            // The site is live; only the next start has to look at it again.
            let text = say!("记不下 `{path}`：{error}", "cannot keep `{path}`: {error}");
            tracing::warn!(event = "not-kept", "{}", text.get(self.lang));
        }
    }
}

/// Returns the pause after so many failures in a row.
fn backed_off(every: Duration, failures: u32) -> Duration {
    let grown = every.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(16)));
    grown.min(LONGEST.max(every))
}

/// Moves a pause by up to a tenth, so that many daemons do not knock at once.
fn jittered(pause: Duration, now: i64) -> Duration {
    let permille = 900 + (now / 1000).rem_euclid(201);
    pause.mul_f64(permille as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_failures_and_have_an_end() {
        let check = |every: u64, failures, expected: u64| {
            assert_eq!(backed_off(Duration::from_secs(every), failures), Duration::from_secs(expected));
        };
        check(60, 1, 60);
        check(60, 2, 120);
        check(60, 3, 240);
        check(60, 4, 300);
        check(60, u32::MAX, 300);
        check(600, 9, 600);
    }

    #[test]
    fn pauses_differ_by_a_tenth_at_most() {
        for now in [0, 1_000, 200_000, 123_456_789, -5_000] {
            let pause = jittered(Duration::from_secs(100), now).as_secs_f64();
            assert!((90.0..=110.0).contains(&pause), "{pause}");
        }
        assert_ne!(jittered(Duration::from_secs(100), 0), jittered(Duration::from_secs(100), 50_000));
    }
}
