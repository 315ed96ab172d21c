//! Where records come from, read from git when that is first asked for.

use super::{Input, Setting};
use crate::cache::{self, File};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::disk::Disk;
use crate::history::{self, History};

/// The history of the content, read when it is first asked for.
pub(super) struct Past {
    pub(super) state: Option<Digest>,
    pub(super) history: Option<History>,
    pub(super) told: Vec<Diagnostic>,
}

impl Past {
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
        Past { state, history, told }
    }

    /// Returns the digest of where a record comes from.
    pub(super) fn of(&self, path: &str, id: &str) -> Digest {
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
