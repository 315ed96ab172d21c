//! Outputs → the output folder: what differs, atomically; what an earlier build wrote and this one
//! does not is removed; nothing else is touched.
//!
//! A file is staged first, below the site's working folder. Only when the whole site has been
//! rendered without an error are the staged files moved into place, one rename each. The manifest in
//! the output folder says which files are ours: one that is not is never overwritten or removed.

use crate::diagnostic::{Diagnostic, Error};
use crate::digest::Digest;
use crate::disk::{Disk, join};
use crate::output::Output;
use crate::say;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The manifest's name in the output folder.
pub const MANIFEST: &str = ".beilin-manifest";
/// The working folder beside `beilin.toml`.
pub const WORK: &str = ".beilin";
const HEAD: &str = "beilin-manifest 1";

/// What was done to the output folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new.
    pub created: usize,
    /// Files whose bytes changed.
    pub changed: usize,
    /// Files left as they were.
    pub unchanged: usize,
    /// Files of an earlier build that are no longer part of the site.
    pub removed: usize,
    /// The size of the whole site in bytes.
    pub bytes: u64,
}

/// A build on its way to the output folder.
pub struct Stage<'a> {
    disk: &'a dyn Disk,
    out: String,
    work: String,
    old: BTreeMap<String, Digest>,
    now: Mutex<BTreeMap<String, Entry>>,
    conflicts: Mutex<Vec<Diagnostic>>,
    counter: AtomicUsize,
}

struct Entry {
    digest: Digest,
    size: u64,
    staged: Option<String>,
    is_new: bool,
}

impl<'a> Stage<'a> {
    /// Opens a stage for an output folder.
    pub fn open(disk: &'a dyn Disk, root: &str, out: &str) -> Result<Stage<'a>, Error> {
        let work = join(&join(root, WORK), "stage");
        disk.remove_tree(&work).map_err(|e| Error::new(say!("清不掉工作目录 `{work}`", "cannot clear the working folder `{work}`"), e))?;
        let old = disk.read(&join(out, MANIFEST)).ok().and_then(|b| read_manifest(&b)).unwrap_or_default();
        Ok(Stage { disk, out: out.to_owned(), work, old, now: Mutex::default(), conflicts: Mutex::default(), counter: AtomicUsize::new(0) })
    }

    /// Takes an output: staged if it differs from what is there.
    pub fn put(&self, output: &Output) -> Result<(), Error> {
        let digest = Digest::of(&output.bytes);
        let place = join(&self.out, &output.path);
        let there = self.disk.read(&place).ok();
        let mut entry = Entry { digest, size: output.bytes.len() as u64, staged: None, is_new: there.is_none() };
        let same = there.as_ref().is_some_and(|b| *b == output.bytes);
        if !same {
            if (there.is_some() || self.disk.exists(&place)) && !self.old.contains_key(&output.path) {
                let path = &output.path;
                self.lock(&self.conflicts).push(
                    Diagnostic::error("foreign-file", path, None, say!("输出目录里的 `{path}` 不是碑林写的，不会覆盖", "`{path}` in the output folder was not written by Beilin and is not overwritten"))
                        .hint(say!("把它移走，或换一个输出目录", "move it away, or choose another output folder")),
                );
                return Ok(());
            }
            let n = self.counter.fetch_add(1, Ordering::Relaxed);
            // Folders of a thousand: one huge folder is slow on some systems.
            let staged = format!("{}/{}/{n}", self.work, n / 1000);
            self.disk.write(&staged, &output.bytes).map_err(|e| Error::new(say!("写不了 `{staged}`", "cannot write `{staged}`"), e))?;
            entry.staged = Some(staged);
        }
        self.lock(&self.now).insert(output.path.clone(), entry);
        Ok(())
    }

    /// Returns the files in the way.
    pub fn conflicts(&self) -> Vec<Diagnostic> {
        self.lock(&self.conflicts).clone()
    }

    /// Drops what was staged.
    pub fn abandon(self) {
        // A leftover is cleared by the next run.
        let _ = self.disk.remove_tree(&self.work);
    }

    /// Moves everything into place and removes what is no longer part of the site.
    pub fn commit(self, out: &mut Vec<Diagnostic>) -> Result<Written, Error> {
        let now = std::mem::take(&mut *self.lock(&self.now));
        let mut done = Written::default();
        // Until the moves are done, the manifest names both the old files and the new: a run that is
        // cut off leaves nothing that is not known as ours.
        let mut both: BTreeMap<&str, (Digest, u64)> = self.old.iter().map(|(p, d)| (p.as_str(), (*d, 0))).collect();
        both.extend(now.iter().map(|(p, e)| (p.as_str(), (e.digest, e.size))));
        let moves = now.values().any(|e| e.staged.is_some());
        let stale: Vec<&String> = self.old.keys().filter(|p| !now.contains_key(*p)).collect();
        if moves || !stale.is_empty() {
            self.write_manifest(&both)?;
        }
        for (path, entry) in &now {
            done.bytes += entry.size;
            match &entry.staged {
                None => done.unchanged += 1,
                Some(staged) => {
                    self.disk.rename(staged, &join(&self.out, path)).map_err(|e| Error::new(say!("放不进 `{path}`", "cannot put `{path}` in place"), e))?;
                    if entry.is_new {
                        done.created += 1;
                    } else {
                        done.changed += 1;
                    }
                }
            }
        }
        for path in stale {
            let place = join(&self.out, path);
            match self.disk.read(&place) {
                Ok(bytes) if Some(&Digest::of(&bytes)) == self.old.get(path) => {
                    self.disk.remove(&place).map_err(|e| Error::new(say!("删不掉旧文件 `{path}`", "cannot remove the old file `{path}`"), e))?;
                    done.removed += 1;
                    self.remove_empty_folders(path);
                }
                Ok(_) => out.push(
                    Diagnostic::warning("foreign-file", path, None, say!("`{path}` 已不属于本站，但被人改过，没有删", "`{path}` is no longer part of the site but has been changed by hand: not removed")),
                ),
                Err(_) => {}
            }
        }
        let fresh: BTreeMap<&str, (Digest, u64)> = now.iter().map(|(p, e)| (p.as_str(), (e.digest, e.size))).collect();
        self.write_manifest(&fresh)?;
        let _ = self.disk.remove_tree(&self.work);
        Ok(done)
    }

    fn remove_empty_folders(&self, path: &str) {
        let mut folder = path;
        while let Some((up, _)) = folder.rsplit_once('/') {
            // Not empty: somebody's files are in it, and so are the folders above.
            if self.disk.remove_empty(&join(&self.out, up)).is_err() {
                return;
            }
            folder = up;
        }
    }

    fn write_manifest(&self, entries: &BTreeMap<&str, (Digest, u64)>) -> Result<(), Error> {
        let mut text = format!("{HEAD}\n");
        for (path, (digest, size)) in entries {
            text += &format!("{} {size} {path}\n", digest.to_hex());
        }
        let place = join(&self.out, MANIFEST);
        if self.disk.read(&place).is_ok_and(|b| b == text.as_bytes()) {
            return Ok(());
        }
        let staged = format!("{}/manifest", self.work);
        let write = self.disk.write(&staged, text.as_bytes()).and_then(|()| self.disk.rename(&staged, &place));
        write.map_err(|e| Error::new(say!("写不了清单 `{place}`", "cannot write the manifest `{place}`"), e))
    }

    fn lock<'m, T>(&self, mutex: &'m Mutex<T>) -> std::sync::MutexGuard<'m, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a manifest; `None` if it is damaged, and then nothing in the folder counts as ours.
fn read_manifest(bytes: &[u8]) -> Option<BTreeMap<String, Digest>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    if lines.next() != Some(HEAD) {
        return None;
    }
    let mut entries = BTreeMap::new();
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let digest = Digest::from_hex(parts.next()?)?;
        let _size: u64 = parts.next()?.parse().ok()?;
        let path = parts.next()?;
        // A path that leads out of the folder was not written by us.
        if path.split('/').any(|p| matches!(p, "" | "." | "..")) || path.contains(['\\', ':']) {
            return None;
        }
        entries.insert(path.to_owned(), digest);
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    fn run(disk: &Memory, files: &[(&str, &str)]) -> (Result<Written, Error>, Vec<&'static str>) {
        let stage = Stage::open(disk, "s", "s/public").expect("opens");
        for (path, text) in files {
            stage.put(&Output::text(*path, (*text).to_owned())).expect("stages");
        }
        let mut out = stage.conflicts();
        if !out.is_empty() {
            stage.abandon();
            return (Ok(Written::default()), out.iter().map(|d| d.code).collect());
        }
        let written = stage.commit(&mut out);
        (written, out.iter().map(|d| d.code).collect())
    }

    #[test]
    fn a_second_build_of_the_same_site_writes_nothing() {
        let disk = Memory::default();
        run(&disk, &[("index.html", "一"), ("a/index.html", "二")]).0.expect("writes");
        disk.take_log();
        let written = run(&disk, &[("index.html", "一"), ("a/index.html", "二")]).0.expect("writes");
        assert_eq!((written.created, written.changed, written.unchanged, written.removed), (0, 0, 2, 0));
        assert_eq!(disk.take_log(), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_longer_part_of_the_site_is_removed_and_nothing_else() {
        let disk = Memory::default();
        run(&disk, &[("a/index.html", "一"), ("b/index.html", "二"), ("c.html", "三")]).0.expect("writes");
        disk.put("s/public/a/own.txt", b"mine");
        disk.put("s/public/c.html", b"changed by hand");
        let (written, codes) = run(&disk, &[("b/index.html", "二")]);
        assert_eq!(written.expect("writes").removed, 1);
        assert_eq!(codes, ["foreign-file"]);
        assert_eq!(disk.tree("s/public").keys().map(String::as_str).collect::<Vec<_>>(), [MANIFEST, "a/own.txt", "b/index.html", "c.html"]);
    }

    #[test]
    fn a_file_that_is_not_ours_is_never_overwritten() {
        let disk = Memory::new([("s/public/index.html", "mine")]);
        let (_, codes) = run(&disk, &[("index.html", "ours")]);
        assert_eq!(codes, ["foreign-file"]);
        assert_eq!(disk.tree("s/public")["index.html"], b"mine");
    }

    #[test]
    fn a_damaged_manifest_makes_nothing_ours() {
        let disk = Memory::default();
        run(&disk, &[("index.html", "一"), ("b.html", "二")]).0.expect("writes");
        disk.put(&format!("s/public/{MANIFEST}"), b"beilin-manifest 1\nxx 1 ../../etc\n");
        let (_, codes) = run(&disk, &[("index.html", "一，改")]);
        assert_eq!(codes, ["foreign-file"]);
        assert!(disk.tree("s/public").contains_key("b.html"));
    }
}
