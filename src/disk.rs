//! The world outside: file system, clock, environment. Nothing else in the crate touches it.
//!
//! [`Real`] is the machine; [`Memory`] is a file system in a map, for tests and for previews.
//! Paths are `/`-separated strings; `Real` turns them into the system's own.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file found below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path relative to the folder that was walked, with `/`.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
    /// Whether it is a plain file; anything else (link, device, pipe) is never read.
    pub plain: bool,
}

/// What the tool asks of the machine.
pub trait Disk: Send + Sync {
    /// Reads a whole file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;
    /// Lists all files below a folder, sorted by path; a folder that does not exist is empty.
    /// Names that are not Unicode come back with replacement characters and `plain: false`.
    fn walk(&self, folder: &str) -> io::Result<Vec<Found>>;
    /// Lists what a folder holds: names, and whether each is a folder.
    fn list(&self, folder: &str) -> io::Result<Vec<(String, bool)>>;
    /// Writes a file, making its folders.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;
    /// Moves a file over another in one step, making folders.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Removes a folder and all that is in it; only ever called on our own working folders.
    fn remove_tree(&self, path: &str) -> io::Result<()>;
    /// Removes a folder if nothing is in it.
    fn remove_empty(&self, folder: &str) -> io::Result<()>;
    /// Waits for, takes and holds a lock until the value given is dropped; the machine lets go of it
    /// when the process ends, however it ends.
    fn lock(&self, path: &str) -> io::Result<Box<dyn Send + Sync>>;
    /// Tells whether something is there.
    fn exists(&self, path: &str) -> bool;
    /// Tells whether a folder is there.
    fn is_folder(&self, path: &str) -> bool;
    /// Returns today's date where the machine stands.
    fn today(&self) -> jiff::civil::Date;
    /// Returns an environment variable.
    fn env(&self, name: &str) -> Option<String>;
    /// Opens an address in the person's browser.
    fn open(&self, address: &str) -> io::Result<()>;
}

/// Joins two paths with `/`; an empty side adds nothing.
pub fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", p) => p.to_owned(),
        (f, "") => f.to_owned(),
        (f, p) => format!("{}/{p}", f.trim_end_matches('/')),
    }
}

/// The machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct Real;

#[expect(clippy::disallowed_methods, reason = "this is the one place that touches the machine")]
impl Disk for Real {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(native(path))
    }

    fn walk(&self, folder: &str) -> io::Result<Vec<Found>> {
        let root = native(folder);
        if !root.is_dir() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in walkdir::WalkDir::new(&root).follow_links(false) {
            let entry = entry?;
            if entry.file_type().is_dir() {
                continue;
            }
            let relative = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            let parts: Vec<_> = relative.components().map(|c| c.as_os_str()).collect();
            let unicode = parts.iter().all(|p| p.to_str().is_some());
            let path = parts.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("/");
            let size = entry.metadata().map_or(0, |m| m.len());
            found.push(Found { path, size, plain: unicode && entry.file_type().is_file() });
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<(String, bool)>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(native(folder))? {
            let entry = entry?;
            names.push((entry.file_name().to_string_lossy().into_owned(), entry.file_type()?.is_dir()));
        }
        names.sort();
        Ok(names)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = native(path);
        match std::fs::write(&path, bytes) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(&path, bytes)
            }
            done => done,
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (native(from), native(to));
        match std::fs::rename(&from, &to) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = to.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::rename(&from, &to)
            }
            done => done,
        }
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        std::fs::remove_file(native(path))
    }

    fn remove_tree(&self, path: &str) -> io::Result<()> {
        match std::fs::remove_dir_all(native(path)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn remove_empty(&self, folder: &str) -> io::Result<()> {
        std::fs::remove_dir(native(folder))
    }

    fn lock(&self, path: &str) -> io::Result<Box<dyn Send + Sync>> {
        let path = native(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(Box::new(file))
    }

    fn exists(&self, path: &str) -> bool {
        std::fs::symlink_metadata(native(path)).is_ok()
    }

    fn is_folder(&self, path: &str) -> bool {
        native(path).is_dir()
    }

    fn today(&self) -> jiff::civil::Date {
        jiff::Zoned::now().date()
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn open(&self, address: &str) -> io::Result<()> {
        // Arguments, not a shell line: nothing in the address is a command. (`start` is a word of
        // cmd.exe only; rundll32 does the same without one.)
        let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
            "windows" => ("rundll32", &["url.dll,FileProtocolHandler", address]),
            "macos" => ("open", &[address]),
            _ => ("xdg-open", &[address]),
        };
        let quiet = std::process::Stdio::null;
        // Not waited for: some browsers stay.
        std::process::Command::new(program)
            .args(arguments)
            .stdin(quiet())
            .stdout(quiet())
            .stderr(quiet())
            .spawn()
            .map(|_| ())
    }
}

fn native(path: &str) -> PathBuf {
    if path.is_empty() {
        return PathBuf::from(".");
    }
    if cfg!(windows) { path.split('/').collect::<Vec<_>>().join("\\").into() } else { Path::new(path).to_owned() }
}

/// A file system in a map.
#[derive(Debug, Default)]
pub struct Memory {
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    env: BTreeMap<String, String>,
    /// The names of all write-like operations, in order, for tests that count them.
    log: Mutex<Vec<String>>,
}

impl Memory {
    /// Makes a file system of paths and texts.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Memory {
        let memory = Memory::default();
        for (path, text) in files {
            memory.files().insert(path.to_owned(), text.as_bytes().to_vec());
        }
        memory
    }

    /// Sets an environment variable.
    pub fn with_env(mut self, name: &str, value: &str) -> Memory {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Puts a file, whatever was there.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        self.files().insert(path.to_owned(), bytes.to_vec());
    }

    /// Takes a file away.
    pub fn delete(&self, path: &str) {
        self.files().remove(path);
    }

    /// Returns all files below a folder with their bytes.
    pub fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let prefix = format!("{folder}/");
        self.files().iter().filter_map(|(p, b)| Some((p.strip_prefix(&prefix)?.to_owned(), b.clone()))).collect()
    }

    /// Returns and forgets the operations that changed something: `write P`, `rename P`, `remove P`.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, what: String) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

fn missing(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, path.to_owned())
}

impl Disk for Memory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.files().get(path).cloned().ok_or_else(|| missing(path))
    }

    fn walk(&self, folder: &str) -> io::Result<Vec<Found>> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Ok(self
            .files()
            .iter()
            .filter_map(|(p, b)| {
                Some(Found { path: p.strip_prefix(&prefix)?.to_owned(), size: b.len() as u64, plain: true })
            })
            .collect())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<(String, bool)>> {
        let mut names: Vec<_> = self
            .walk(folder)?
            .into_iter()
            .map(|f| match f.path.split_once('/') {
                Some((first, _)) => (first.to_owned(), true),
                None => (f.path, false),
            })
            .collect();
        names.dedup();
        Ok(names)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.note(format!("write {path}"));
        self.put(path, bytes);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.note(format!("rename {to}"));
        let mut files = self.files();
        let bytes = files.remove(from).ok_or_else(|| missing(from))?;
        files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.note(format!("remove {path}"));
        self.files().remove(path).map(|_| ()).ok_or_else(|| missing(path))
    }

    fn remove_tree(&self, path: &str) -> io::Result<()> {
        let prefix = format!("{path}/");
        self.files().retain(|p, _| !p.starts_with(&prefix));
        Ok(())
    }

    fn remove_empty(&self, folder: &str) -> io::Result<()> {
        if self.walk(folder)?.is_empty() { Ok(()) } else { Err(io::Error::other("not empty")) }
    }

    fn lock(&self, _: &str) -> io::Result<Box<dyn Send + Sync>> {
        Ok(Box::new(()))
    }

    fn exists(&self, path: &str) -> bool {
        self.files().contains_key(path) || self.is_folder(path)
    }

    fn is_folder(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        self.files().keys().any(|p| p.starts_with(&prefix))
    }

    fn today(&self) -> jiff::civil::Date {
        jiff::civil::date(2026, 1, 15)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn open(&self, address: &str) -> io::Result<()> {
        self.note(format!("open {address}"));
        Ok(())
    }
}
