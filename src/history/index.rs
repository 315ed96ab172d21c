//! Commits → the line of each file: what happened to it, wherever it stood.
//!
//! Commits are taken parents first, and what that leaves open by time, then by name: the order depends
//! on nothing but the commits. Where two branches changed the same file side by side, both changes
//! belong to its line.

use super::kept::{Change, Commit, Kept};
use super::{Provenance, Revision};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// The lines of all files that ever were in the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    lines: Vec<Line>,
    /// The line that holds or last held a path.
    at: BTreeMap<String, usize>,
    /// Lines that ended, by the id they ended with.
    ended_with: BTreeMap<String, Vec<usize>>,
    /// Lines that ended without an id, by path.
    ended_at: BTreeMap<String, Vec<usize>>,
    /// What the head holds against what the lines say.
    corrections: BTreeMap<String, bool>,
}

/// A file through its names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// Where it stands, or stood last.
    path: String,
    events: Vec<Event>,
    /// Whether it is still there.
    lives: bool,
    /// Whether its beginning is known.
    whole: bool,
}

/// A commit that touched a file, and the text it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    /// The commit's rank in the order.
    rank: usize,
    /// Where the commit is in the list.
    commit: usize,
    /// The text.
    blob: u64,
    /// Whether the text is older than the commit, or may be.
    old: bool,
}

impl Index {
    /// Folds what is kept.
    pub(super) fn of(kept: &Kept) -> Index {
        let mut index = Index { corrections: kept.corrections.iter().cloned().collect(), ..Index::default() };
        for (rank, commit) in order(&kept.commits).into_iter().enumerate() {
            let told = &kept.commits[commit];
            for change in &told.changes {
                let event = |blob, same| Event { rank, commit, blob, old: same || told.cut };
                match change {
                    Change::Added { path, blob } => index.add(path, event(*blob, false)),
                    Change::Edited { path, blob, same } => index.edit(path, event(*blob, *same)),
                    Change::Moved { from, to, blob, same } => index.shift(from, to, event(*blob, *same)),
                    Change::Gone { path, id } => index.end(path, id.as_deref()),
                }
            }
        }
        index
    }

    fn add(&mut self, path: &str, event: Event) {
        match self.at.get(path) {
            // Two branches added it side by side.
            Some(line) if self.lines[*line].lives && self.lines[*line].path == path => {
                self.lines[*line].events.push(event);
            }
            _ => self.begin(path, event, !event.old),
        }
    }

    fn edit(&mut self, path: &str, event: Event) {
        match self.at.get(path) {
            // The line may have ended or gone elsewhere on another branch.
            Some(line) => self.lines[*line].events.push(event),
            None => self.begin(path, event, false),
        }
    }

    fn shift(&mut self, from: &str, to: &str, event: Event) {
        let Some(line) = self.at.get(from).copied() else { return self.begin(to, event, false) };
        self.lines[line].path = to.to_owned();
        self.lines[line].lives = true;
        self.lines[line].events.push(event);
        self.at.insert(to.to_owned(), line);
    }

    fn end(&mut self, path: &str, id: Option<&str>) {
        let Some(line) = self.at.get(path).copied() else { return };
        // On another branch it had gone elsewhere: there it goes on.
        if self.lines[line].path != path {
            return;
        }
        self.lines[line].lives = false;
        match id {
            Some(id) => self.ended_with.entry(id.to_owned()).or_default().push(line),
            None => self.ended_at.entry(path.to_owned()).or_default().push(line),
        }
    }

    fn begin(&mut self, path: &str, event: Event, whole: bool) {
        self.at.insert(path.to_owned(), self.lines.len());
        self.lines.push(Line { path: path.to_owned(), events: vec![event], lives: true, whole });
    }

    /// Compares the lines with what is there.
    pub(super) fn differences(&self, present: &BTreeSet<String>) -> Vec<(String, bool)> {
        let is_there = |path: &String| self.line_at(path).is_some();
        let paths = self.at.keys().filter(|path| is_there(path) != present.contains(*path));
        paths.map(|path| (path.clone(), present.contains(path))).collect()
    }

    /// Counts the files there are whose beginning is not known.
    pub(super) fn cut(&self) -> usize {
        self.at.keys().filter_map(|path| self.line_at(path)).filter(|line| !self.lines[*line].whole).count()
    }

    fn line_at(&self, path: &str) -> Option<usize> {
        let line = *self.at.get(path)?;
        let is_there = self.lines[line].lives && self.lines[line].path == path;
        self.corrections.get(path).copied().unwrap_or(is_there).then_some(line)
    }

    /// Returns where a file comes from, with what ended under its id elsewhere.
    pub(super) fn provenance(&self, commits: &[Commit], path: &str, id: Option<&str>) -> Option<Provenance> {
        let mut lines = BTreeSet::from([self.line_at(path)?]);
        lines.extend(self.ended_at.get(path).into_iter().flatten());
        lines.extend(id.and_then(|id| self.ended_with.get(id)).into_iter().flatten());
        let lines: Vec<&Line> = lines.into_iter().map(|line| &self.lines[line]).collect();
        let mut events: Vec<Event> = lines.iter().flat_map(|line| &line.events).copied().collect();
        events.sort_unstable();
        let complete = lines.iter().all(|line| line.whole);
        Some(tell(commits, &revisions(&events), complete))
    }
}

/// Returns the commits after which the text was another, in order.
fn revisions(events: &[Event]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut text = None;
    for event in events {
        if text != Some(event.blob) && !event.old {
            found.push(event.commit);
        }
        // An old text does not undo what another branch did meanwhile; of a cut, it is all there is.
        if text.is_none() || !event.old {
            text = Some(event.blob);
        }
    }
    found.dedup();
    found
}

fn tell(commits: &[Commit], revisions: &[usize], complete: bool) -> Provenance {
    let revision = |at: &usize| {
        let commit = &commits[*at];
        Revision { commit: commit.hash.clone(), time: time(commit), author: commit.author.clone() }
    };
    let mut authors: Vec<String> = Vec::new();
    for author in revisions.iter().filter_map(|at| commits[*at].author.as_ref()) {
        if !authors.contains(author) {
            authors.push(author.clone());
        }
    }
    Provenance {
        first: revisions.first().filter(|_| complete).map(revision),
        last: revisions.last().map(revision),
        revisions: revisions.len(),
        authors,
        complete,
    }
}

/// Returns a commit's time with its author's offset; beyond what a calendar holds, its end.
fn time(commit: &Commit) -> String {
    use jiff::{Timestamp, tz::Offset};
    let edge = if commit.time < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let offset = Offset::from_seconds(commit.offset).unwrap_or(Offset::UTC);
    Timestamp::from_second(commit.time).unwrap_or(edge).display_with_offset(offset).to_string()
}

/// Orders commits: parents first, then by time, then by name.
fn order(commits: &[Commit]) -> Vec<usize> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); commits.len()];
    let mut waits: Vec<usize> = vec![0; commits.len()];
    for (at, commit) in commits.iter().enumerate() {
        for parent in &commit.parents {
            children[*parent as usize].push(at);
            waits[at] += 1;
        }
    }
    let key = |at: usize| Reverse((commits[at].committed, commits[at].hash.as_str(), at));
    let mut ready: BinaryHeap<_> = (0..commits.len()).filter(|at| waits[*at] == 0).map(key).collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse((_, _, at))) = ready.pop() {
        order.push(at);
        for child in &children[at] {
            waits[*child] -= 1;
            if waits[*child] == 0 {
                ready.push(key(*child));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(hash: &str, committed: i64, parents: &[u32]) -> Commit {
        Commit {
            hash: hash.into(),
            parents: parents.to_vec(),
            cut: false,
            committed,
            time: committed,
            offset: 8 * 3600,
            author: None,
            changes: Vec::new(),
        }
    }

    #[test]
    fn parents_come_first_whatever_the_clock_says() {
        // c ← b ← a, with a clock that ran backwards, in the order git tells them; d stands beside b.
        let commits = [commit("a", 1, &[1]), commit("b", 5, &[2]), commit("c", 9, &[]), commit("d", 4, &[2])];
        assert_eq!(order(&commits), [2, 3, 1, 0]);
    }

    #[test]
    fn a_text_that_stays_the_same_is_no_revision() {
        let event = |rank, blob, old| Event { rank, commit: rank, blob, old };
        assert_eq!(revisions(&[event(0, 7, false), event(1, 7, false), event(2, 8, false)]), [0, 2]);
        assert_eq!(revisions(&[event(0, 7, true), event(1, 7, false), event(2, 8, false)]), [2]);
        assert_eq!(revisions(&[event(0, 7, true)]), [0usize; 0]);
        assert_eq!(revisions(&[event(0, 7, false), event(1, 8, false), event(2, 7, true), event(3, 8, false)]), [0, 1]);
    }

    #[test]
    fn a_time_has_its_authors_offset_and_none_is_too_far() {
        assert_eq!(time(&commit("a", 1_700_000_000, &[])), "2023-11-15T06:13:20+08:00");
        assert!(time(&commit("a", i64::MAX, &[])).starts_with("9999-"));
    }
}
