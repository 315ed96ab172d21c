//! Outputs → the output folder: what differs, atomically; what an earlier build wrote and this one
//! does not is removed; nothing else is touched.
//!
//! A file is staged first, in a hidden folder of the output folder (so that moving it is a rename, on
//! any mount). Only when the whole site has been rendered without an error are the staged files moved
//! into place; into a folder that was empty, folder by folder. A file is never changed in place: one
//! that another release shares by a hard link stays as it was there. The manifest in the output folder says which files are ours: one that is not is never
//! overwritten or removed, be it a file or a folder where ours wants to stand. One build at a time
//! writes: others into the same folder wait for its lock.

use crate::diagnostic::{Diagnostic, Error};
use crate::digest::Digest;
use crate::disk::{Disk, Stat, join};
use crate::output::Output;
use crate::say;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// The manifest's name in the output folder.
pub const MANIFEST: &str = ".beilin-manifest";
/// The folder of staged files, in the output folder.
const STAGE: &str = ".beilin-stage";
/// The file whose lock says that a build is writing, in the output folder.
const LOCK: &str = ".beilin-lock";
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
    old: BTreeMap<String, Vec<Digest>>,
    now: Mutex<BTreeMap<String, Entry>>,
    conflicts: Mutex<Vec<Diagnostic>>,
    counter: AtomicU32,
    /// Whether nothing was in the output folder: then all that is staged moves at once.
    empty: bool,
    _lock: Box<dyn Send + Sync>,
}

/// An output as it will lie in the output folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// The path in the output folder.
    pub path: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written, as the machine tells.
    pub modified: i64,
}

/// How a build left the manifest of an output folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The digest of its bytes.
    digest: Digest,
    /// What the machine tells of it.
    stat: Stat,
}

impl Mark {
    fn of(disk: &dyn Disk, out: &str, manifest: &[u8]) -> Option<Mark> {
        let stat = disk.stat(&join(out, MANIFEST)).ok()?;
        Some(Mark { digest: Digest::of(manifest), stat })
    }

    /// Tells whether nobody has written into an output folder since, and no run was cut off in it.
    pub fn holds(&self, disk: &dyn Disk, out: &str) -> bool {
        let manifest = join(out, MANIFEST);
        let is_same = || disk.read(&manifest).is_ok_and(|bytes| Digest::of(&bytes) == self.digest);
        !disk.exists(&join(out, STAGE)) && (disk.stat(&manifest).is_ok_and(|s| s == self.stat) || is_same())
    }
}

/// A finished build.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// What was done, in numbers.
    pub written: Written,
    /// How the manifest was left.
    pub mark: Option<Mark>,
    /// The files written or removed, in order.
    pub paths: Vec<String>,
}

/// A line of a manifest: path, digest, size.
type Line<'l> = (&'l str, Digest, u64);

struct Entry {
    digest: Digest,
    size: u64,
    /// Where it is staged, by number.
    staged: Option<u32>,
    is_new: bool,
    /// Somebody else's file with the very bytes of ours: left to them.
    foreign: bool,
}

impl<'a> Stage<'a> {
    /// Opens a stage for an output folder.
    pub fn open(disk: &'a dyn Disk, out: &str) -> Result<Stage<'a>, Error> {
        let lock = join(out, LOCK);
        let lock = disk.lock(&lock).map_err(|e| Error::new(say!("锁不住 `{lock}`", "cannot lock `{lock}`"), e))?;
        let work = join(out, STAGE);
        disk.remove_tree(&work)
            .map_err(|e| Error::new(say!("清不掉工作目录 `{work}`", "cannot clear the working folder `{work}`"), e))?;
        let manifest = join(out, MANIFEST);
        let old = match disk.read(&manifest) {
            Ok(bytes) => read_manifest(&bytes).unwrap_or_default(),
            Err(e) if e.kind() == ErrorKind::NotFound => BTreeMap::new(),
            // Without it our own files would be taken for somebody else's, for good.
            Err(e) => {
                return Err(Error::new(say!("读不了清单 `{manifest}`", "cannot read the manifest `{manifest}`"), e));
            }
        };
        let ours = |name: &str| matches!(name, LOCK | MANIFEST | STAGE);
        let empty = old.is_empty() && disk.list(out).is_ok_and(|l| l.iter().all(|(name, _)| ours(name)));
        Ok(Stage {
            disk,
            out: out.to_owned(),
            work,
            old,
            now: Mutex::default(),
            conflicts: Mutex::default(),
            counter: AtomicU32::new(0),
            empty,
            _lock: lock,
        })
    }

    /// Tells whether an output of an earlier build lies there as it was written.
    pub fn is_in_place(&self, placed: &Placed) -> bool {
        self.old.get(&placed.path).is_some_and(|d| *d == [placed.digest]) && is_in_place(self.disk, &self.out, placed)
    }

    /// Keeps an output of an earlier build.
    pub fn keep(&self, placed: &Placed) {
        let Placed { path, digest, size, modified: _ } = placed;
        let entry = Entry { digest: *digest, size: *size, staged: None, is_new: false, foreign: false };
        self.lock(&self.now).insert(path.clone(), entry);
    }

    /// Takes an output: staged if it differs from what is there. `None` if something is in its way.
    pub fn put(&self, output: &Output) -> Result<Option<Placed>, Error> {
        let digest = Digest::of(&output.bytes);
        let place = join(&self.out, &output.path);
        let there = if self.empty { None } else { self.disk.read(&place).ok() };
        let ours = self.old.contains_key(&output.path);
        let size = output.bytes.len() as u64;
        let mut entry = Entry { digest, size, staged: None, is_new: there.is_none(), foreign: false };
        let lies = if there.as_ref().is_some_and(|b| *b == output.bytes) {
            entry.foreign = !ours;
            place
        } else {
            if !self.empty
                && let Some(in_the_way) = self.in_the_way(&output.path, there.is_some())
            {
                self.lock(&self.conflicts).push(
                    Diagnostic::error(
                        "foreign-file",
                        &in_the_way,
                        None,
                        say!(
                            "输出目录里的 `{in_the_way}` 不是碑林写的，不会覆盖",
                            "`{in_the_way}` in the output folder was not written by Beilin and is not overwritten"
                        ),
                    )
                    .hint(say!("把它移走，或换一个输出目录", "move it away, or choose another output folder")),
                );
                return Ok(None);
            }
            let number = self.counter.fetch_add(1, Ordering::Relaxed);
            let staged = self.staged(&output.path, number);
            self.disk
                .write(&staged, &output.bytes)
                .map_err(|e| Error::new(say!("写不了 `{staged}`", "cannot write `{staged}`"), e))?;
            entry.staged = Some(number);
            staged
        };
        let modified = self.disk.stat(&lies).map_or(0, |s| s.modified);
        self.lock(&self.now).insert(output.path.clone(), entry);
        Ok(Some(Placed { path: output.path.clone(), digest, size, modified }))
    }

    fn staged(&self, path: &str, n: u32) -> String {
        if self.empty {
            return format!("{}/tree/{path}", self.work);
        }
        // Folders of a thousand: one huge folder is slow on some systems.
        format!("{}/{}/{n}", self.work, n / 1000)
    }

    /// Returns what stands where a file of ours must go and is not ours: the file itself, a folder of
    /// its name with others' files in it, or a file where one of its folders must be.
    fn in_the_way(&self, path: &str, is_there: bool) -> Option<String> {
        let ours = |p: &str| self.old.contains_key(p);
        if let Some(link) = link_above(self.disk, &self.out, path) {
            return Some(link);
        }
        if is_there {
            return (!ours(path)).then(|| path.to_owned());
        }
        let place = join(&self.out, path);
        if self.disk.is_folder(&place) {
            let inside = self.disk.walk(&place).unwrap_or_default();
            return inside.iter().map(|f| format!("{path}/{}", f.path)).find(|p| !ours(p));
        }
        let mut folder = path;
        while let Some((up, _)) = folder.rsplit_once('/') {
            let at = join(&self.out, up);
            if self.disk.is_folder(&at) {
                return None;
            }
            if self.disk.exists(&at) {
                return (!ours(up)).then(|| up.to_owned());
            }
            folder = up;
        }
        (self.disk.exists(&place) && !ours(path)).then(|| path.to_owned())
    }

    /// Returns the files in the way.
    pub fn conflicts(&self) -> Vec<Diagnostic> {
        self.lock(&self.conflicts).clone()
    }

    /// Returns the size of the site as it would be.
    pub fn bytes(&self) -> u64 {
        self.lock(&self.now).values().map(|entry| entry.size).sum()
    }

    /// Drops what was staged.
    pub fn abandon(self) {
        // A leftover is cleared by the next run.
        let _ = self.disk.remove_tree(&self.work);
    }

    /// Moves everything into place and removes what is no longer part of the site.
    pub fn commit(self, out: &mut Vec<Diagnostic>) -> Result<Done, Error> {
        let now = std::mem::take(&mut *self.lock(&self.now));
        let mut done = Done::default();
        // Until the moves are done, the manifest names both the old files and the new: a run that is
        // cut off leaves nothing that is not known as ours.
        let ours = || now.iter().filter(|(_, e)| !e.foreign).map(|(p, e)| (p.as_str(), e.digest, e.size));
        let stale: Vec<&String> = self.old.keys().filter(|p| !now.contains_key(*p)).collect();
        if self.old.is_empty() {
            self.write_manifest(ours())?;
        } else if !stale.is_empty() || now.values().any(|e| e.staged.is_some()) {
            let mut both: BTreeSet<Line<'_>> =
                self.old.iter().flat_map(|(p, all)| all.iter().map(|d| (p.as_str(), *d, 0))).collect();
            // Both digests of a file that changes: whichever it has when the run is cut off, it is ours.
            both.retain(|(p, d, _)| now.get(*p).is_none_or(|e| e.digest != *d));
            both.extend(ours());
            self.write_manifest(both)?;
        }
        // What stands where a new file's folder, or a new file, must be goes first.
        let (first, last): (Vec<&String>, Vec<&String>) = stale.into_iter().partition(|p| stands_in_the_way(p, &now));
        self.remove_stale(first, &mut done, out)?;
        if self.empty {
            self.move_tree()?;
        }
        for (path, entry) in &now {
            done.written.bytes += entry.size;
            let Some(staged) = entry.staged else {
                done.written.unchanged += 1;
                continue;
            };
            if !self.empty {
                self.disk
                    .rename(&self.staged(path, staged), &join(&self.out, path))
                    .map_err(|e| Error::new(say!("放不进 `{path}`", "cannot put `{path}` in place"), e))?;
            }
            done.paths.push(path.clone());
            if entry.is_new {
                done.written.created += 1;
            } else {
                done.written.changed += 1;
            }
        }
        self.remove_stale(last, &mut done, out)?;
        done.paths.sort_unstable();
        let manifest = self.write_manifest(ours())?;
        done.mark = Mark::of(self.disk, &self.out, manifest.as_bytes());
        // A leftover is cleared by the next run.
        let _ = self.disk.remove_tree(&self.work);
        Ok(done)
    }

    /// Moves what was staged for an empty folder, a folder of it at a time.
    fn move_tree(&self) -> Result<(), Error> {
        let tree = format!("{}/tree", self.work);
        let entries = if self.disk.is_folder(&tree) { self.disk.list(&tree) } else { Ok(Vec::new()) };
        let put = |name: &str| self.disk.rename(&join(&tree, name), &join(&self.out, name));
        entries.and_then(|names| names.iter().try_for_each(|(name, _)| put(name))).map_err(|e| {
            let out = &self.out;
            Error::new(say!("放不进 `{out}`", "cannot put the site into `{out}`"), e)
        })
    }

    fn remove_stale(&self, stale: Vec<&String>, done: &mut Done, out: &mut Vec<Diagnostic>) -> Result<(), Error> {
        for path in stale {
            let place = join(&self.out, path);
            // What lies behind a link is not in the output folder.
            if link_above(self.disk, &self.out, path).is_some() {
                continue;
            }
            match self.disk.read(&place) {
                Ok(bytes) if self.old.get(path).is_some_and(|all| all.contains(&Digest::of(&bytes))) => {
                    self.disk.remove(&place).map_err(|e| {
                        Error::new(say!("删不掉旧文件 `{path}`", "cannot remove the old file `{path}`"), e)
                    })?;
                    done.written.removed += 1;
                    done.paths.push(path.clone());
                    remove_empty_folders(self.disk, &self.out, path);
                }
                Ok(_) => out.push(Diagnostic::warning(
                    "foreign-file",
                    path,
                    None,
                    say!(
                        "`{path}` 已不属于本站，但被人改过，没有删",
                        "`{path}` is no longer part of the site but has been changed by hand: not removed"
                    ),
                )),
                Err(e)
                    if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory) => {
                }
                // Passed over, it would stay for good: the manifest would no longer name it.
                Err(e) => {
                    return Err(Error::new(say!("读不了旧文件 `{path}`", "cannot read the old file `{path}`"), e));
                }
            }
        }
        Ok(())
    }

    fn write_manifest<'l>(&self, lines: impl IntoIterator<Item = Line<'l>>) -> Result<String, Error> {
        let mut text = format!("{HEAD}\n");
        for (path, digest, size) in lines {
            // Writing into memory cannot fail.
            let _ = writeln!(text, "{} {size} {path}", digest.to_hex());
        }
        if self.disk.read(&join(&self.out, MANIFEST)).is_ok_and(|b| b == text.as_bytes()) {
            return Ok(text);
        }
        replace_manifest(self.disk, &self.out, text.as_bytes())?;
        Ok(text)
    }

    fn lock<'m, T>(&self, mutex: &'m Mutex<T>) -> std::sync::MutexGuard<'m, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells whether an output lies in a folder as it was written, by size and time.
pub fn is_in_place(disk: &dyn Disk, out: &str, placed: &Placed) -> bool {
    disk.stat(&join(out, &placed.path)).is_ok_and(|s| (s.size, s.modified) == (placed.size, placed.modified))
}

/// Returns the folder on the way to an output that is a link: what is written there would be written elsewhere.
fn link_above(disk: &dyn Disk, out: &str, path: &str) -> Option<String> {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.into_iter().find(|folder| disk.pointed(&join(out, folder)).is_some()).map(str::to_owned)
}

/// Returns what tells whether somebody writes into an output folder: asked before a build looks at the
/// content, and again when it holds the lock.
pub fn found(disk: &dyn Disk, out: &str) -> Option<Stat> {
    disk.stat(&join(out, MANIFEST)).ok()
}

/// Replaces outputs of the last build, adds new ones and removes those that are `gone`, and nothing else:
/// what costs little where little changed. `None` if it cannot be done so: one of them is not ours, nothing in
/// the folder is as it should be, or somebody else has written since the manifest was `seen`.
pub fn amend(
    disk: &dyn Disk,
    out: &str,
    outputs: &[Output],
    gone: &[&Placed],
    seen: Option<Stat>,
) -> Result<Option<(Done, Vec<Placed>)>, Error> {
    let lock = join(out, LOCK);
    let _lock = disk.lock(&lock).map_err(|e| Error::new(say!("锁不住 `{lock}`", "cannot lock `{lock}`"), e))?;
    if found(disk, out) != seen {
        return Ok(None);
    }
    let manifest = disk.read(&join(out, MANIFEST)).unwrap_or_default();
    let Some(mut lines) = std::str::from_utf8(&manifest).ok().and_then(lines_of) else { return Ok(None) };
    let work = join(out, STAGE);
    let (mut done, mut placed, mut moves, mut old) = (Done::default(), Vec::new(), Vec::new(), Vec::new());
    for (n, output) in outputs.iter().enumerate() {
        let (path, digest, size) = (output.path.clone(), Digest::of(&output.bytes), output.bytes.len() as u64);
        let there = lines.get(path.as_str()).copied();
        let place = join(out, &path);
        if link_above(disk, out, &path).is_some() {
            return Ok(None);
        }
        let lies = match (&there, disk.read(&place)) {
            (Some(_), Ok(bytes)) if bytes == output.bytes => place,
            // What stands where something new must go is not ours.
            (Some(_), Ok(_)) | (None, Err(_)) if there.is_some() || !disk.exists(&place) => {
                let staged = format!("{work}/{n}");
                disk.write(&staged, &output.bytes)
                    .map_err(|e| Error::new(say!("写不了 `{staged}`", "cannot write `{staged}`"), e))?;
                old.extend(there);
                moves.push((staged.clone(), place));
                done.paths.push(path.clone());
                match there {
                    Some(_) => done.written.changed += 1,
                    None => done.written.created += 1,
                }
                staged
            }
            (Some(_), Ok(_) | Err(_)) | (None, Ok(_) | Err(_)) => return Ok(None),
        };
        let modified = disk.stat(&lies).map_or(0, |s| s.modified);
        placed.push(Placed { path, digest, size, modified });
    }
    let new: Vec<String> = placed.iter().map(|p| format!("{} {} {}", p.digest.to_hex(), p.size, p.path)).collect();
    for (placed, line) in placed.iter().zip(&new) {
        lines.insert(&placed.path, line);
    }
    if !moves.is_empty() || !gone.is_empty() {
        // As in `commit`: while files move, the manifest names what they were and what they will be.
        old.extend(lines.values());
        old.sort_unstable_by_key(|line| (line.splitn(3, ' ').nth(2), *line));
        old.dedup();
        replace_manifest(disk, out, manifest_of(&old).as_bytes())?;
        for (staged, place) in &moves {
            disk.rename(staged, place)
                .map_err(|e| Error::new(say!("放不进 `{place}`", "cannot put `{place}` in place"), e))?;
        }
        for placed in gone {
            let path = &placed.path;
            if disk.read(&join(out, path)).is_ok_and(|bytes| Digest::of(&bytes) == placed.digest) {
                disk.remove(&join(out, path))
                    .map_err(|e| Error::new(say!("删不掉旧文件 `{path}`", "cannot remove the old file `{path}`"), e))?;
                remove_empty_folders(disk, out, path);
                done.written.removed += 1;
                done.paths.push(path.clone());
            }
            lines.remove(path.as_str());
        }
    }
    let text = manifest_of(&lines.into_values().collect::<Vec<_>>());
    if !moves.is_empty() || !gone.is_empty() {
        replace_manifest(disk, out, text.as_bytes())?;
        // A leftover is cleared by the next run.
        let _ = disk.remove_tree(&work);
    }
    done.mark = Mark::of(disk, out, text.as_bytes());
    done.paths.sort_unstable();
    Ok(Some((done, placed)))
}

/// Returns the lines of a manifest by path; `None` if it is damaged or of a run that was cut off.
fn lines_of(manifest: &str) -> Option<BTreeMap<&str, &str>> {
    let mut lines = manifest.lines();
    if lines.next() != Some(HEAD) {
        return None;
    }
    let mut all: BTreeMap<&str, &str> = BTreeMap::new();
    for line in lines {
        if all.insert(line.splitn(3, ' ').nth(2)?, line).is_some() {
            return None;
        }
    }
    Some(all)
}

fn manifest_of(lines: &[&str]) -> String {
    let mut text = String::with_capacity(lines.iter().map(|l| l.len() + 1).sum::<usize>() + HEAD.len() + 1);
    for line in std::iter::once(&HEAD).chain(lines) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// Removes the folders above a file that was removed, as far as nothing else is in them.
fn remove_empty_folders(disk: &dyn Disk, out: &str, path: &str) {
    let mut folder = path;
    while let Some((up, _)) = folder.rsplit_once('/') {
        // Not empty: somebody's files are in it, and so are the folders above.
        if disk.remove_empty(&join(out, up)).is_err() {
            return;
        }
        folder = up;
    }
}

/// Puts a manifest in the place of the one before, whole or not at all.
fn replace_manifest(disk: &dyn Disk, out: &str, text: &[u8]) -> Result<(), Error> {
    let (place, staged) = (join(out, MANIFEST), join(out, &format!("{STAGE}/manifest")));
    let write = disk.write(&staged, text).and_then(|()| disk.rename(&staged, &place));
    write.map_err(|e| Error::new(say!("写不了清单 `{place}`", "cannot write the manifest `{place}`"), e))
}

/// Tells whether an old file stands where a new one, or a new one's folder, must be.
fn stands_in_the_way(old: &str, now: &BTreeMap<String, Entry>) -> bool {
    let below = format!("{old}/");
    let as_folder = now.range(below.clone()..).next().is_some_and(|(p, _)| p.starts_with(&below));
    let mut folder = old;
    while let Some((up, _)) = folder.rsplit_once('/') {
        if now.contains_key(up) {
            return true;
        }
        folder = up;
    }
    as_folder
}

/// Reads a manifest; `None` if it is damaged, and then nothing in the folder counts as ours.
///
/// A run that was cut off leaves two lines for a file that it may have changed or not.
fn read_manifest(bytes: &[u8]) -> Option<BTreeMap<String, Vec<Digest>>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    if lines.next() != Some(HEAD) {
        return None;
    }
    let mut entries: BTreeMap<String, Vec<Digest>> = BTreeMap::new();
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let digest = Digest::from_hex(parts.next()?)?;
        let _size: u64 = parts.next()?.parse().ok()?;
        let path = parts.next()?;
        // A path that leads out of the folder was not written by us.
        if path.split('/').any(|p| matches!(p, "" | "." | "..")) || path.contains(['\\', ':']) {
            return None;
        }
        entries.entry(path.to_owned()).or_default().push(digest);
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    fn run(disk: &Memory, files: &[(&str, &str)]) -> (Result<Written, Error>, Vec<&'static str>) {
        let stage = Stage::open(disk, "s/public").expect("opens");
        for (path, text) in files {
            stage.put(&Output::text(*path, (*text).to_owned())).expect("stages");
        }
        let mut out = stage.conflicts();
        if !out.is_empty() {
            stage.abandon();
            return (Ok(Written::default()), out.iter().map(|d| d.code).collect());
        }
        let written = stage.commit(&mut out).map(|done| done.written);
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
        assert_eq!(
            disk.tree("s/public").keys().map(String::as_str).collect::<Vec<_>>(),
            [MANIFEST, "a/own.txt", "b/index.html", "c.html"]
        );
    }

    #[test]
    fn a_file_that_is_not_ours_is_never_overwritten() {
        let disk = Memory::new([("s/public/index.html", "mine")]);
        let (_, codes) = run(&disk, &[("index.html", "ours")]);
        assert_eq!(codes, ["foreign-file"]);
        assert_eq!(disk.tree("s/public")["index.html"], b"mine");
    }

    #[test]
    fn a_foreign_file_with_the_bytes_of_ours_stays_foreign() {
        let disk = Memory::new([("s/public/index.html", "一")]);
        run(&disk, &[("index.html", "一")]).0.expect("writes");
        run(&disk, &[("b.html", "二")]).0.expect("writes");
        assert!(disk.tree("s/public").contains_key("index.html"));
    }

    #[test]
    fn a_file_of_ours_gives_way_to_a_folder_and_back() {
        let disk = Memory::default();
        run(&disk, &[("x.txt", "一")]).0.expect("writes");
        run(&disk, &[("x.txt/y.txt", "二")]).0.expect("writes");
        assert_eq!(disk.tree("s/public").keys().map(String::as_str).collect::<Vec<_>>(), [MANIFEST, "x.txt/y.txt"]);
        run(&disk, &[("x.txt", "一")]).0.expect("writes");
        assert_eq!(disk.tree("s/public").keys().map(String::as_str).collect::<Vec<_>>(), [MANIFEST, "x.txt"]);
    }

    #[test]
    fn a_foreign_file_where_a_folder_must_be_is_told_before_anything_moves() {
        let disk = Memory::new([("s/public/records", "mine")]);
        let (_, codes) = run(&disk, &[("index.html", "一"), ("records/a/index.html", "二")]);
        assert_eq!(codes, ["foreign-file"]);
        assert!(!disk.tree("s/public").contains_key("index.html"));
    }

    #[test]
    fn a_file_that_a_cut_off_run_may_have_changed_or_not_is_ours_either_way() {
        for moved in [false, true] {
            let disk = Memory::default();
            run(&disk, &[("a.html", "一"), ("b.html", "二")]).0.expect("writes");
            let manifest = String::from_utf8(disk.tree("s/public")[MANIFEST].clone()).expect("text");
            let line = format!("{} 3 b.html\n", Digest::of("贰".as_bytes()).to_hex());
            disk.put(&format!("s/public/{MANIFEST}"), (manifest + &line).as_bytes());
            if moved {
                disk.put("s/public/b.html", "贰".as_bytes());
            }
            let (written, codes) = run(&disk, &[("a.html", "一")]);
            assert_eq!((written.expect("writes").removed, codes.len()), (1, 0));
            assert_eq!(disk.tree("s/public").keys().collect::<Vec<_>>(), [MANIFEST, "a.html"]);
        }
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
