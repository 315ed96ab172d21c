//! The world outside: file system, clock, environment, other programs. Nothing else in the crate
//! touches it.
//!
//! [`Real`] is the machine; [`Memory`] is a file system in a map, for tests and for previews; [`Overlay`] lays one
//! in memory over another.
//! Paths are `/`-separated strings; `Real` turns them into the system's own.

mod overlay;

pub use overlay::Overlay;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the machine tells of a file without reading it. Equal twice on one machine, with a
/// modification some time before the first look: the file is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stat {
    /// The size in bytes.
    pub size: u64,
    /// When its bytes were last written, in nanoseconds since 1970.
    pub modified: i64,
    /// When anything of it was last changed (links, rights), where the system tells; else 0.
    pub changed: i64,
    /// Its number in the file system, where the system tells; else 0.
    pub inode: u64,
}

/// A program to be run: arguments, never a shell line.
#[derive(Debug, Clone)]
pub struct Command<'a> {
    /// The program's name, found on the path.
    pub program: &'a str,
    /// Its arguments.
    pub args: &'a [&'a str],
    /// The folder it runs in.
    pub folder: &'a str,
    /// Environment variables set for it beside those of this process.
    pub env: &'a [(&'a str, &'a str)],
    /// What it reads.
    pub input: &'a [u8],
    /// After so long it is stopped.
    pub timeout: Duration,
}

/// What a program did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote.
    pub out: Vec<u8>,
    /// What it complained of.
    pub err: Vec<u8>,
}

/// A file found below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path relative to the folder that was walked, with `/`.
    pub path: String,
    /// What the machine tells of it.
    pub stat: Stat,
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
    /// Tells of a file without reading it; links are not followed, and what is no plain file is an error.
    fn stat(&self, path: &str) -> io::Result<Stat>;
    /// Gives a file a second name, making folders; where the file system cannot, copies it. Both names
    /// then have one modification time.
    fn link(&self, from: &str, to: &str) -> io::Result<()>;
    /// Makes a symbolic link lead to `target` in one step, whatever it led to before. Where something
    /// other than a link stands at `link`, this is an error.
    fn point(&self, link: &str, target: &str) -> io::Result<()>;
    /// Returns where a symbolic link leads, as written in it; `None` if it is none.
    fn pointed(&self, link: &str) -> Option<String>;
    /// Lets two folders change places in one step; an error of kind `Unsupported` where the system cannot.
    fn exchange(&self, a: &str, b: &str) -> io::Result<()>;
    /// Lets everybody run a file as a program.
    fn make_executable(&self, path: &str) -> io::Result<()>;
    /// Sees to it that what was written below a folder outlives a failure of power, as far as the system lets us.
    fn settle(&self, folder: &str) -> io::Result<()>;
    /// Takes a lock as [`lock`](Disk::lock) does if nobody holds it.
    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send + Sync>>>;
    /// Runs a program to its end.
    fn run(&self, command: &Command<'_>) -> io::Result<Ran>;
    /// Starts a program that goes on by itself, with nothing of ours open: nobody who waits for us waits
    /// for it. What it reads and how long it may take is not looked at.
    fn start(&self, command: &Command<'_>) -> io::Result<()>;
    /// Returns a path from the top of the file system; nothing need be there.
    fn absolute(&self, path: &str) -> io::Result<String>;
    /// Returns the path of the program that runs.
    fn program(&self) -> io::Result<String>;
    /// Returns the time, in nanoseconds since 1970.
    fn now(&self) -> i64;
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
            let unicode = relative.to_str().is_some();
            let path = relative.to_string_lossy();
            let path = if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() };
            let stat = entry.metadata().map_or(Stat::default(), |m| stat_of(&m));
            found.push(Found { path, stat, plain: unicode && entry.file_type().is_file() });
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

    fn stat(&self, path: &str) -> io::Result<Stat> {
        let metadata = std::fs::symlink_metadata(native(path))?;
        if metadata.is_file() { Ok(stat_of(&metadata)) } else { Err(io::Error::other("not a plain file")) }
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (native(from), native(to));
        let made = match std::fs::hard_link(&from, &to) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = to.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::hard_link(&from, &to)
            }
            done => done,
        };
        match made {
            Ok(()) => Ok(()),
            Err(e) if matches!(e.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => Err(e),
            // Other mounts, file systems without links, or too many of them.
            Err(_) => {
                std::fs::copy(&from, &to)?;
                let modified = std::fs::metadata(&from)?.modified()?;
                std::fs::File::options().write(true).open(&to)?.set_modified(modified)
            }
        }
    }

    fn point(&self, link: &str, target: &str) -> io::Result<()> {
        let link = native(link);
        if std::fs::symlink_metadata(&link).is_ok_and(|m| !m.file_type().is_symlink()) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "not a symbolic link"));
        }
        let mut fresh = link.clone().into_os_string();
        fresh.push(".beilin-new");
        match std::fs::remove_file(&fresh) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        symlink(&native(target), Path::new(&fresh))?;
        std::fs::rename(&fresh, &link)
    }

    fn pointed(&self, link: &str) -> Option<String> {
        let target = std::fs::read_link(native(link)).ok()?;
        Some(target.to_str()?.replace('\\', "/"))
    }

    fn exchange(&self, a: &str, b: &str) -> io::Result<()> {
        exchange(&native(a), &native(b))
    }

    fn make_executable(&self, path: &str) -> io::Result<()> {
        make_executable(&native(path))
    }

    fn settle(&self, folder: &str) -> io::Result<()> {
        settle(&native(folder))
    }

    fn lock(&self, path: &str) -> io::Result<Box<dyn Send + Sync>> {
        let file = lock_file(path)?;
        file.lock()?;
        Ok(Box::new(file))
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let file = lock_file(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(e)) => Err(e),
        }
    }

    fn run(&self, command: &Command<'_>) -> io::Result<Ran> {
        run(command)
    }

    fn start(&self, command: &Command<'_>) -> io::Result<()> {
        start(command)
    }

    fn absolute(&self, path: &str) -> io::Result<String> {
        let absolute = std::path::absolute(native(path))?;
        // `.` and `..` are followed where something is there; the rest of the way stays as it is written.
        let mut there = absolute.as_path();
        let mut rest = Vec::new();
        loop {
            if let Ok(found) = std::fs::canonicalize(there) {
                return unicode(rest.iter().rev().fold(found, |path, name| path.join(name)));
            }
            match (there.parent(), there.file_name()) {
                (Some(up), Some(name)) => {
                    rest.push(name);
                    there = up;
                }
                _ => return unicode(absolute),
            }
        }
    }

    fn program(&self) -> io::Result<String> {
        unicode(std::env::current_exe()?)
    }

    fn now(&self) -> i64 {
        nanoseconds(std::time::SystemTime::now())
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

/// Nanoseconds since 1970; what is before, or beyond the year 2262, is as far as a number goes.
fn nanoseconds(time: std::time::SystemTime) -> i64 {
    time.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX))
}

fn stat_of(metadata: &std::fs::Metadata) -> Stat {
    #[cfg(unix)]
    let (changed, inode) = {
        use std::os::unix::fs::MetadataExt;
        (metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec(), metadata.ino())
    };
    #[cfg(not(unix))]
    let (changed, inode) = (0, 0);
    Stat { size: metadata.len(), modified: metadata.modified().map_or(0, nanoseconds), changed, inode }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that touches the machine")]
fn lock_file(path: &str) -> io::Result<std::fs::File> {
    let path = native(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(target, link)
}

#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        // Not every file system knows how.
        Err(Errno::INVAL | Errno::NOSYS) => Err(io::ErrorKind::Unsupported.into()),
        done => Ok(done?),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "this is the one place that touches the machine")]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode | 0o111))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "this is the one place that touches the machine")]
fn settle(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(std::fs::File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn settle(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Returns a path as text with `/`.
fn unicode(path: PathBuf) -> io::Result<String> {
    let text = path.to_str().ok_or_else(|| io::Error::other("the path is not Unicode"))?;
    Ok(if cfg!(windows) { text.trim_start_matches(r"\\?\").replace('\\', "/") } else { text.to_owned() })
}

/// Starts a program and leaves it.
#[expect(clippy::disallowed_methods, reason = "this is the one place that touches the machine")]
fn start(command: &Command<'_>) -> io::Result<()> {
    use std::process::Stdio;
    let mut made = std::process::Command::new(command.program);
    made.args(command.args).current_dir(native(command.folder)).envs(command.env.iter().copied());
    made.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: what ends the group of the one who started it does not end it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut made, 0);
    made.spawn().map(|_| ())
}

/// Runs a program to its end, or to the end of its time.
#[expect(clippy::disallowed_methods, reason = "this is the one place that touches the machine")]
fn run(command: &Command<'_>) -> io::Result<Ran> {
    use std::io::{Read, Write};
    use std::process::Stdio;
    let mut made = std::process::Command::new(command.program);
    made.args(command.args).current_dir(native(command.folder)).envs(command.env.iter().copied());
    made.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own: what it starts ends with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut made, 0);
    let mut child = made.spawn()?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let read = |from: Option<Box<dyn Read + Send>>| {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let done = from.map_or(Ok(0), |mut from| from.read_to_end(&mut bytes));
            // Nobody waits any more if the time was up.
            let _ = sender.send(done.map(|_| bytes));
        });
        receiver
    };
    let out = read(stdout.map(|s| Box::new(s) as Box<dyn Read + Send>));
    let err = read(stderr.map(|s| Box::new(s) as Box<dyn Read + Send>));
    let input = command.input.to_vec();
    std::thread::spawn(move || {
        // A program need not read what it is given.
        let _ = stdin.map(|mut s| s.write_all(&input));
    });
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("{} took too long", command.program));
    let gone = |_| late();
    let end = std::time::Instant::now() + command.timeout;
    let left = || end.saturating_duration_since(std::time::Instant::now());
    let read = || -> io::Result<(Vec<u8>, Vec<u8>)> {
        Ok((out.recv_timeout(left()).map_err(gone)??, err.recv_timeout(left()).map_err(gone)??))
    };
    let told = read();
    // Both ends are closed: it is over, or is about to be, unless it wants to stay.
    while told.is_ok() && child.try_wait()?.is_none() && !left().is_zero() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let code = match child.try_wait()? {
        Some(status) => status.code(),
        None => {
            #[cfg(unix)]
            if let Some(group) = rustix::process::Pid::from_raw(child.id() as i32) {
                // It may have ended by itself meanwhile.
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            let _ = child.kill();
            child.wait()?;
            return Err(late());
        }
    };
    let (out, err) = told?;
    Ok(Ran { code, out, err })
}

fn native(path: &str) -> PathBuf {
    if path.is_empty() {
        return PathBuf::from(".");
    }
    if cfg!(windows) { path.split('/').collect::<Vec<_>>().join("\\").into() } else { Path::new(path).to_owned() }
}

/// A file in memory: its bytes, and when they were written.
#[derive(Debug, Clone)]
struct Held {
    bytes: Vec<u8>,
    modified: i64,
}

/// A file system in a map. Its clock moves one second with every file written.
#[derive(Debug, Default)]
pub struct Memory {
    files: Mutex<BTreeMap<String, Held>>,
    env: BTreeMap<String, String>,
    /// Seconds.
    clock: AtomicI64,
    /// The names of all write-like operations, in order, for tests that count them.
    log: Mutex<Vec<String>>,
}

impl Memory {
    /// Makes a file system of paths and texts.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Memory {
        let memory = Memory::default();
        for (path, text) in files {
            memory.put(path, text.as_bytes());
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
        let modified = (self.clock.fetch_add(1, Ordering::Relaxed) + 1) * SECOND;
        self.files().insert(path.to_owned(), Held { bytes: bytes.to_vec(), modified });
    }

    /// Takes a file away.
    pub fn delete(&self, path: &str) {
        self.files().remove(path);
    }

    /// Returns all files below a folder with their bytes.
    pub fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let prefix = format!("{folder}/");
        self.files().iter().filter_map(|(p, b)| Some((p.strip_prefix(&prefix)?.to_owned(), b.bytes.clone()))).collect()
    }

    /// Returns a file system of the same files, times and clock that goes its own way from here.
    pub fn fork(&self) -> Memory {
        Memory {
            files: Mutex::new(self.files().clone()),
            env: self.env.clone(),
            clock: AtomicI64::new(self.clock.load(Ordering::Relaxed)),
            log: Mutex::default(),
        }
    }

    /// Returns and forgets the operations that changed something: `write P`, `rename P`, `remove P`.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, what: String) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

const SECOND: i64 = 1_000_000_000;

impl Held {
    fn stat(&self) -> Stat {
        Stat { size: self.bytes.len() as u64, modified: self.modified, changed: 0, inode: 0 }
    }
}

fn missing(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, path.to_owned())
}

impl Disk for Memory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.files().get(path).map(|f| f.bytes.clone()).ok_or_else(|| missing(path))
    }

    fn walk(&self, folder: &str) -> io::Result<Vec<Found>> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Ok(self
            .files()
            .iter()
            .filter_map(|(p, b)| Some(Found { path: p.strip_prefix(&prefix)?.to_owned(), stat: b.stat(), plain: true }))
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
        if let Some(held) = files.remove(from) {
            files.insert(to.to_owned(), held);
            return Ok(());
        }
        let prefix = format!("{from}/");
        let inside: Vec<String> = files.keys().filter(|p| p.starts_with(&prefix)).cloned().collect();
        for path in &inside {
            if let Some(held) = files.remove(path) {
                files.insert(format!("{to}/{}", &path[prefix.len()..]), held);
            }
        }
        if inside.is_empty() { Err(missing(from)) } else { Ok(()) }
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

    fn stat(&self, path: &str) -> io::Result<Stat> {
        self.files().get(path).map(Held::stat).ok_or_else(|| missing(path))
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        self.note(format!("link {to}"));
        let mut files = self.files();
        if files.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let held = files.get(from).cloned().ok_or_else(|| missing(from))?;
        files.insert(to.to_owned(), held);
        Ok(())
    }

    fn point(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn pointed(&self, _: &str) -> Option<String> {
        None
    }

    fn exchange(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn make_executable(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn settle(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, _: &str) -> io::Result<Box<dyn Send + Sync>> {
        Ok(Box::new(()))
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send + Sync>>> {
        self.lock(path).map(Some)
    }

    fn run(&self, _: &Command<'_>) -> io::Result<Ran> {
        // No programs live in a map.
        Err(io::ErrorKind::NotFound.into())
    }

    fn start(&self, _: &Command<'_>) -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn absolute(&self, path: &str) -> io::Result<String> {
        Ok(path.to_owned())
    }

    fn program(&self) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn now(&self) -> i64 {
        // Long after anything was written.
        (self.clock.load(Ordering::Relaxed) + 3600) * SECOND
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
