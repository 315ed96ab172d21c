//! Where records come from, read from git when that is first asked for.

use super::{Input, Setting};
use crate::cache::{self, File};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::disk::Disk;
use crate::history::{self, History};
use std::collections::BTreeMap;

/// The history of the content, read when it is first asked for.
pub(super) struct Past {
    pub(super) state: Option<Digest>,
    pub(super) history: Option<History>,
    pub(super) told: Vec<Diagnostic>,
    /// Where records came from when they were last built, by path: for a look that shows no page.
    remembered: Option<BTreeMap<String, Digest>>,
}

impl Past {
    /// Takes the records to come from where they came from when they were last built.
    pub(super) fn remembered(files: &[File]) -> Past {
        let of = |f: &File| Some((f.path.clone(), f.record.as_ref()?.1));
        let remembered = Some(files.iter().filter_map(of).collect());
        Past { state: None, history: None, told: Vec::new(), remembered }
    }

    /// Reads the history; what was walked before is not walked again.
    pub(super) fn read(disk: &dyn Disk, input: &Input, setting: &Setting, state: Option<Digest>) -> Past {
        let mut told = Vec::new();
        let before = cache::history(disk, &input.root).and_then(|bytes| History::from_bytes(&bytes));
        let head = before.as_ref().map(|h| h.head().to_owned());
        let (dir, options) = (&setting.config.content.dir, &setting.config.history);
        let history = history::read(disk, &input.root, dir, before, options, &mut told);
        if let Some(history) = history.as_ref().filter(|h| Some(h.head()) != head.as_deref()) {
            cache::keep_history(disk, &input.root, &history.to_bytes());
        }
        // A history that could not be read is asked for again by the next build.
        let state = if told.iter().any(|d| d.code == "history-unread") { Some(Digest::of(b"unread")) } else { state };
        Past { state, history, told, remembered: None }
    }

    /// Returns the digest of where a record comes from.
    pub(super) fn of(&self, path: &str, id: &str) -> Digest {
        if let Some(remembered) = &self.remembered {
            return remembered.get(path).copied().unwrap_or_default();
        }
        Digest::of_value(&self.history.as_ref().and_then(|h| h.of(path, Some(id))))
    }

    /// Returns what is true of the history as long as its state lasts; that it was rewritten is news once.
    pub(super) fn lasting(&self) -> Vec<Diagnostic> {
        self.told.iter().filter(|d| d.code != "history-rewritten").cloned().collect()
    }
}

/// Returns the records whose history is another than it was.
pub(super) fn moved(files: &[File], past: Option<&Past>) -> Vec<(usize, Digest)> {
    let Some(past) = past else { return Vec::new() };
    let of = |(i, f): (usize, &File)| {
        let (id, before) = f.record.as_ref()?;
        Some((i, past.of(&f.path, id))).filter(|(_, now)| now != before)
    };
    files.iter().enumerate().filter_map(of).collect()
}
