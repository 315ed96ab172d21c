//! A disk over another: what is written stays in memory, and the one below never changes.
//!
//! Reads fall through to the disk below unless something was written, moved or removed here. Complete for
//! what a build asks of a disk; links that lead elsewhere, and programs that are left to run, are refused.

use super::{Command, Disk, Found, Ran, Stat, join};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A disk over another.
pub struct Overlay<'d> {
    below: &'d dyn Disk,
    here: Mutex<Here>,
}

/// What is otherwise than below.
#[derive(Default)]
struct Here {
    /// Files that were written, moved here or (`None`) removed.
    files: BTreeMap<String, Option<File>>,
    /// Folders of which nothing below counts any more.
    gone: BTreeSet<String>,
}

/// A file of the overlay.
#[derive(Clone)]
enum File {
    /// Written here.
    Held(Vec<u8>, Stat),
    /// Moved here: where it lies below.
    Below(String, Stat),
}

impl File {
    fn stat(&self) -> Stat {
        match self {
            File::Held(_, stat) | File::Below(_, stat) => *stat,
        }
    }
}

fn missing(path: &str) -> io::Error {
    io::Error::new(ErrorKind::NotFound, path.to_owned())
}

/// Returns what paths below a folder begin with.
fn inside(folder: &str) -> String {
    match folder {
        "" | "/" => folder.to_owned(),
        _ => format!("{folder}/"),
    }
}

/// Gives the folders a path is in, the nearest first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/').map(|(up, _)| up), |p| p.rsplit_once('/').map(|(up, _)| up))
}

impl Here {
    /// Tells whether what lies at a path below counts.
    fn shows(&self, path: &str) -> bool {
        !self.files.contains_key(path) && !self.gone.contains(path) && !folders(path).any(|f| self.gone.contains(f))
    }

    fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)?.as_ref()
    }

    /// Gives the files written here or moved here below a folder.
    fn within(&self, folder: &str) -> impl Iterator<Item = (&str, &File)> {
        let prefix = inside(folder);
        let range = self.files.range(prefix.clone()..).take_while({
            let prefix = prefix.clone();
            move |(path, _)| path.starts_with(&prefix)
        });
        range.filter_map(move |(path, file)| Some((&path[prefix.len()..], file.as_ref()?)))
    }

    fn is_folder(&self, path: &str) -> bool {
        self.within(path).next().is_some()
    }
}

impl<'d> Overlay<'d> {
    /// Lays an empty overlay over a disk.
    pub fn new(below: &'d dyn Disk) -> Overlay<'d> {
        Overlay { below, here: Mutex::default() }
    }

    fn here(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sure that a file can stand at a path: no folder does, and no file where one of its folders must be.
    fn make_room(&self, path: &str) -> io::Result<()> {
        if self.is_folder(path) {
            return Err(ErrorKind::IsADirectory.into());
        }
        self.make_way(path)
    }

    /// Makes sure that no file stands where a folder of a path must be.
    fn make_way(&self, path: &str) -> io::Result<()> {
        match folders(path).find(|folder| !folder.is_empty() && self.exists(folder)) {
            Some(folder) if !self.is_folder(folder) => Err(ErrorKind::NotADirectory.into()),
            _ => Ok(()),
        }
    }

    /// Returns a file wherever it lies.
    fn taken(&self, path: &str) -> io::Result<File> {
        let here = self.here();
        if let Some(file) = here.file(path) {
            return Ok(file.clone());
        }
        match here.shows(path) {
            true => Ok(File::Below(path.to_owned(), self.below.stat(path)?)),
            false => Err(missing(path)),
        }
    }
}

impl Disk for Overlay<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let place = {
            let here = self.here();
            match here.file(path) {
                Some(File::Held(bytes, _)) => return Ok(bytes.clone()),
                Some(File::Below(place, _)) => place.clone(),
                None if here.shows(path) => path.to_owned(),
                None => return Err(missing(path)),
            }
        };
        self.below.read(&place)
    }

    fn walk(&self, folder: &str) -> io::Result<Vec<Found>> {
        let below = self.below.walk(folder)?;
        let here = self.here();
        let mut found: Vec<Found> = below.into_iter().filter(|f| here.shows(&join(folder, &f.path))).collect();
        let own = here.within(folder);
        found.extend(own.map(|(path, file)| Found { path: path.to_owned(), stat: file.stat(), plain: true }));
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<(String, bool)>> {
        let below = self.below.list(folder);
        let here = self.here();
        let is_shown = here.shows(folder);
        let mut names: BTreeMap<String, bool> = BTreeMap::new();
        if let (true, Ok(below)) = (is_shown, &below) {
            let shown = below.iter().filter(|(name, _)| here.shows(&join(folder, name)));
            names.extend(shown.cloned());
        }
        let mut is_there = is_shown && below.is_ok();
        for (path, _) in here.within(folder) {
            is_there = true;
            match path.split_once('/') {
                Some((first, _)) => names.insert(first.to_owned(), true),
                None => names.insert(path.to_owned(), false),
            };
        }
        match below {
            _ if is_there => Ok(names.into_iter().collect()),
            Err(e) if is_shown => Err(e),
            _ => Err(missing(folder)),
        }
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.make_room(path)?;
        let stat = Stat { size: bytes.len() as u64, modified: self.below.now(), changed: 0, inode: 0 };
        self.here().files.insert(path.to_owned(), Some(File::Held(bytes.to_vec(), stat)));
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        if from == to {
            return Ok(());
        }
        if !self.is_folder(from) {
            let file = self.taken(from)?;
            self.make_room(to)?;
            let mut here = self.here();
            here.files.insert(from.to_owned(), None);
            here.files.insert(to.to_owned(), Some(file));
            return Ok(());
        }
        if to.starts_with(&inside(from)) {
            return Err(ErrorKind::InvalidInput.into());
        }
        self.make_way(to)?;
        if self.is_folder(to) && !self.list(to)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        if self.exists(to) && !self.is_folder(to) {
            return Err(ErrorKind::NotADirectory.into());
        }
        let paths: Vec<String> = self.walk(from)?.into_iter().map(|f| f.path).collect();
        for path in paths {
            let file = self.taken(&join(from, &path))?;
            self.here().files.insert(join(to, &path), Some(file));
        }
        self.remove_tree(from)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        if self.is_folder(path) {
            return Err(ErrorKind::IsADirectory.into());
        }
        if !self.exists(path) {
            return Err(missing(path));
        }
        self.here().files.insert(path.to_owned(), None);
        Ok(())
    }

    fn remove_tree(&self, path: &str) -> io::Result<()> {
        if self.exists(path) && !self.is_folder(path) {
            return Err(ErrorKind::NotADirectory.into());
        }
        let mut here = self.here();
        let prefix = inside(path);
        here.files.retain(|p, _| !p.starts_with(&prefix));
        here.gone.retain(|p| !p.starts_with(&prefix));
        here.gone.insert(path.to_owned());
        Ok(())
    }

    fn remove_empty(&self, folder: &str) -> io::Result<()> {
        if !self.list(folder)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        self.remove_tree(folder)
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        self.taken(path).map(|file| file.stat())
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        if self.exists(to) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let file = self.taken(from)?;
        self.make_room(to)?;
        self.here().files.insert(to.to_owned(), Some(file));
        Ok(())
    }

    fn point(&self, _: &str, _: &str) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn pointed(&self, link: &str) -> Option<String> {
        let is_shown = self.here().shows(link);
        if is_shown { self.below.pointed(link) } else { None }
    }

    fn exchange(&self, _: &str, _: &str) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn make_executable(&self, path: &str) -> io::Result<()> {
        self.taken(path).map(|_| ())
    }

    fn settle(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    /// Nobody else sees what is written here: there is nobody to wait for.
    fn lock(&self, _: &str) -> io::Result<Box<dyn Send + Sync>> {
        Ok(Box::new(()))
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send + Sync>>> {
        self.lock(path).map(Some)
    }

    /// Programs see the disk below: a build asks git for the history and nothing else.
    fn run(&self, command: &Command<'_>) -> io::Result<Ran> {
        self.below.run(command)
    }

    fn start(&self, _: &Command<'_>) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn absolute(&self, path: &str) -> io::Result<String> {
        self.below.absolute(path)
    }

    fn program(&self) -> io::Result<String> {
        self.below.program()
    }

    fn now(&self) -> i64 {
        self.below.now()
    }

    fn exists(&self, path: &str) -> bool {
        let is_shown = {
            let here = self.here();
            if here.file(path).is_some() || here.is_folder(path) {
                return true;
            }
            here.shows(path)
        };
        is_shown && self.below.exists(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        let is_shown = {
            let here = self.here();
            if here.is_folder(path) {
                return true;
            }
            here.shows(path)
        };
        is_shown && self.below.is_folder(path)
    }

    fn today(&self) -> jiff::civil::Date {
        self.below.today()
    }

    fn env(&self, name: &str) -> Option<String> {
        self.below.env(name)
    }

    fn open(&self, _: &str) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;
    use proptest::prelude::*;

    fn below() -> Memory {
        Memory::new([("s/a.md", "甲"), ("s/b/c.md", "丙"), ("s/b/d.md", "丁"), ("t.md", "外")])
    }

    fn text(disk: &dyn Disk, path: &str) -> Option<String> {
        disk.read(path).ok().map(|bytes| String::from_utf8(bytes).expect("text"))
    }

    fn paths(disk: &dyn Disk, folder: &str) -> Vec<String> {
        disk.walk(folder).expect("listed").into_iter().map(|f| f.path).collect()
    }

    #[test]
    fn what_is_written_is_read_and_the_disk_below_stays() {
        let below = below();
        let disk = Overlay::new(&below);
        disk.write("s/a.md", "新".as_bytes()).expect("written");
        disk.write("s/x/y.md", "丑".as_bytes()).expect("written");
        disk.rename("s/b", "s/x/b").expect("moved");
        disk.rename("s/x/b/c.md", "s/c.md").expect("moved");
        disk.remove("t.md").expect("removed");
        assert_eq!(paths(&disk, "s"), ["a.md", "c.md", "x/b/d.md", "x/y.md"]);
        assert_eq!((text(&disk, "s/a.md"), text(&disk, "s/c.md")), (Some("新".into()), Some("丙".into())));
        assert_eq!((text(&disk, "s/b/c.md"), disk.exists("s/b"), disk.exists("t.md")), (None, false, false));
        let names = |folder: &str| disk.list(folder).expect("listed");
        assert_eq!(names("s"), [("a.md".into(), false), ("c.md".into(), false), ("x".into(), true)]);
        assert_eq!(disk.stat("s/x/b/d.md").expect("there"), below.stat("s/b/d.md").expect("there"));
        assert!(disk.list("s/b").is_err() && disk.remove("s/b/c.md").is_err());
        assert_eq!((below.take_log(), text(&below, "s/a.md")), (Vec::new(), Some("甲".into())));
    }

    #[test]
    fn a_file_and_a_folder_never_have_one_name() {
        let below = below();
        let disk = Overlay::new(&below);
        assert!(disk.write("s/b", b"x").is_err(), "a folder is there");
        assert!(disk.write("s/a.md/b.md", b"x").is_err(), "a file is there");
        assert!(disk.remove_empty("s/b").is_err(), "it is not empty");
        disk.remove_tree("s/b").expect("removed");
        disk.write("s/b", b"x").expect("there is room now");
        assert_eq!(paths(&disk, "s"), ["a.md", "b"]);
        assert!(disk.link("s/a.md", "s/b").is_err());
        disk.link("s/a.md", "s/l.md").expect("linked");
        assert_eq!(text(&disk, "s/l.md"), Some("甲".into()));
        assert!(
            disk.start(&Command {
                program: "x",
                args: &[],
                folder: "",
                env: &[],
                input: b"",
                timeout: std::time::Duration::ZERO
            })
            .is_err()
        );
    }

    /// What is done to a disk: a path, and another.
    #[derive(Debug, Clone)]
    enum Step {
        Write(String),
        Rename(String, String),
        Remove(String),
        RemoveTree(String),
        RemoveEmpty(String),
        Link(String, String),
    }

    fn step() -> impl Strategy<Value = Step> {
        let path =
            || proptest::sample::select(vec!["a", "b", "a/a", "a/b", "b/c", "b/c/d", "a/b/e"]).prop_map(str::to_owned);
        prop_oneof![
            path().prop_map(Step::Write),
            (path(), path()).prop_map(|(a, b)| Step::Rename(a, b)),
            path().prop_map(Step::Remove),
            path().prop_map(Step::RemoveTree),
            path().prop_map(Step::RemoveEmpty),
            (path(), path()).prop_map(|(a, b)| Step::Link(a, b)),
        ]
    }

    fn take(disk: &dyn Disk, n: usize, step: &Step) -> bool {
        match step {
            Step::Write(path) => disk.write(path, &[n as u8]),
            Step::Rename(from, to) => disk.rename(from, to),
            Step::Remove(path) => disk.remove(path),
            Step::RemoveTree(path) => disk.remove_tree(path),
            Step::RemoveEmpty(path) => disk.remove_empty(path),
            Step::Link(from, to) => disk.link(from, to),
        }
        .is_ok()
    }

    proptest! {
        /// An overlay over a full disk is as one over an empty disk into which the same was written.
        #[test]
        fn it_makes_no_difference_where_a_file_lies(first in proptest::collection::vec(step(), 0..12), then in proptest::collection::vec(step(), 0..12)) {
            let (empty, full) = (Memory::default(), Memory::default());
            let (one, two) = (Overlay::new(&empty), Overlay::new(&empty));
            for (n, step) in first.iter().enumerate() {
                take(&one, n, step);
                take(&two, n, step);
            }
            // What came of the first steps lies below a second overlay.
            for found in two.walk("").expect("listed") {
                full.put(&found.path, &two.read(&found.path).expect("read"));
            }
            let before = full.tree("a");
            let over = Overlay::new(&full);
            for (n, step) in then.iter().enumerate() {
                // Below, a folder stays when its last file goes; here it was never more than its files.
                if matches!(step, Step::RemoveEmpty(_)) {
                    continue;
                }
                let both = (take(&one, n + 100, step), take(&over, n + 100, step));
                if both.0 != both.1 {
                    return Ok(());
                }
            }
            prop_assert_eq!(paths(&one, ""), paths(&over, ""));
            for path in paths(&one, "") {
                prop_assert_eq!(one.read(&path).expect("read"), over.read(&path).expect("read"));
                prop_assert_eq!(one.stat(&path).expect("there").size, over.stat(&path).expect("there").size);
            }
            prop_assert_eq!(before, full.tree("a"));
        }
    }
}
