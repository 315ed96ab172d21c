//! What changes in a site while it is looked at: one answer for a burst, however many files changed.
//!
//! The system tells of changes where it can (`notify`); on network mounts, where it tells nothing of
//! what other machines write, the files are looked at again and again instead. Either way
//! [`Watcher::wait`] waits until the files are quiet. It says where something may have changed, never
//! what: the build looks for itself.

use super::mounts;
use crate::build::Changes;
use crate::config;
use crate::diagnostic::Say;
use crate::disk::{Disk, Stat, join};
use crate::say;
use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind, RenameMode};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long the files must be quiet after one of them was saved.
const QUIET: Duration = Duration::from_millis(8);
/// How long after a few of them.
const QUIET_FEW: Duration = Duration::from_millis(40);
/// How long after many of them, or when a file has gone that may come again.
const QUIET_MANY: Duration = Duration::from_millis(120);
/// A burst that does not end is built after so long.
const LONGEST: Duration = Duration::from_secs(2);
/// A lock of git older than this was left behind.
const LONGEST_GIT: Duration = Duration::from_secs(10);
/// How often files are looked at where the system tells nothing.
pub const EVERY: Duration = Duration::from_secs(1);
/// The time between two looks that must agree.
const SETTLE: Duration = Duration::from_millis(50);
/// The folder of the themes.
const THEMES: &str = "themes";

/// What reaches the watcher.
#[derive(Debug)]
pub(super) enum Event {
    /// Something happened at a place.
    Touched(Sort, PathBuf),
    /// Events were lost.
    Lost,
    /// The system can tell no more.
    Broken(String),
    /// The preview ends.
    Stop,
}

/// What happened at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// It was not there and is now.
    Came,
    /// It was there and is no more.
    Went,
    /// It was written, or nobody knows.
    Wrote,
}

/// The places of a site that are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Places {
    folders: BTreeSet<String>,
    files: BTreeSet<String>,
    out: String,
}

impl Places {
    /// Reads from `beilin.toml` what the site is made of.
    fn of(disk: &dyn Disk, root: &str) -> Places {
        let bytes = disk.read(&join(root, config::FILE)).unwrap_or_default();
        // What is wrong with the file is told by the build.
        let config = config::read(&String::from_utf8_lossy(&bytes), &mut Vec::new());
        let mut files: BTreeSet<String> = config.content.kinds.into_iter().chain(config.site.emblem).collect();
        files.insert(config::FILE.to_owned());
        Places { folders: [config.content.dir, THEMES.to_owned()].into(), files, out: config.output.dir }
    }

    /// Tells whether the site is made of what is at a path.
    fn hold(&self, path: &str) -> bool {
        self.files.contains(path) || !is_by_the_way(path) && !within(path, &self.out) && self.in_folder(path)
    }

    fn in_folder(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| within(path, folder))
    }

    /// Returns the folders outside the site's own that hold a file of the site.
    fn beside(&self) -> BTreeSet<&str> {
        self.files.iter().filter(|f| !self.in_folder(f)).filter_map(|f| Some(f.rsplit_once('/')?.0)).collect()
    }
}

fn within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Tells whether a file is an editor's, or hidden: `.x.swp`, `x~`, vim's trial `4913`.
fn is_by_the_way(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.')) || path.ends_with('~') || path.ends_with("/4913")
}

/// How changes are found.
enum Way {
    /// The system tells.
    Told(#[expect(dead_code, reason = "it watches as long as it is held")] RecommendedWatcher),
    /// The files are looked at.
    Looks { every: Duration, last: BTreeMap<String, Stat> },
}

/// One who waits for changes of a site.
pub struct Watcher<'a> {
    disk: &'a dyn Disk,
    root: String,
    /// The root as the system names it.
    base: PathBuf,
    places: Places,
    sender: Sender<Event>,
    receiver: Receiver<Event>,
    way: Way,
    /// Why the files are looked at though nobody asked for it.
    why: Option<Say>,
    git: Option<String>,
}

impl<'a> Watcher<'a> {
    /// Begins to watch the site at `root`; with `every`, by looking at the files that often.
    pub fn open(disk: &'a dyn Disk, root: &str, every: Option<Duration>) -> Watcher<'a> {
        let (sender, receiver) = channel();
        let given = Path::new(if root.is_empty() { "." } else { root });
        let base = given.canonicalize().unwrap_or_else(|_| given.to_owned());
        let git = git_folder(disk, &base);
        let way = Way::Looks { every: every.unwrap_or(EVERY), last: BTreeMap::new() };
        let places = Places::of(disk, root);
        let mut watcher = Watcher { disk, root: root.to_owned(), base, places, sender, receiver, way, why: None, git };
        match every {
            Some(every) => watcher.look_every(every),
            None => watcher.listen(),
        }
        watcher
    }

    /// Returns how often files are looked at, and why if nobody asked for it; `None` where the system tells.
    pub fn looks(&self) -> Option<(Duration, Option<&Say>)> {
        match self.way {
            Way::Told(_) => None,
            Way::Looks { every, .. } => Some((every, self.why.as_ref())),
        }
    }

    /// Returns the output folder the site's configuration names, relative to the root.
    pub(super) fn out(&self) -> String {
        self.places.out.clone()
    }

    /// Returns what sends events to this watcher.
    pub(super) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Waits until something has changed and the files are quiet; `None` when the preview ends.
    pub fn wait(&mut self) -> Option<Changes> {
        let changes = match self.way {
            Way::Told(_) => self.hear(),
            Way::Looks { every, .. } => self.look(every),
        }?;
        self.move_on(&changes);
        Some(changes)
    }

    /// Watches what the site is made of now, where that may be something else than before.
    fn move_on(&mut self, changes: &Changes) {
        let listens = matches!(self.way, Way::Told(_));
        match changes {
            Changes::Everything if listens => self.listen(),
            Changes::Everything => {}
            Changes::Paths(paths) => {
                let now =
                    if paths.contains(config::FILE) { Places::of(self.disk, &self.root) } else { self.places.clone() };
                let moved = now != self.places;
                self.places = now;
                if listens && (moved || paths.iter().any(|p| self.places.folders.contains(p))) {
                    self.listen();
                }
            }
        }
    }

    /// Lets the system tell of changes; where it cannot, looks at the files.
    fn listen(&mut self) {
        self.why = None;
        if let Some(sort) = self.network() {
            self.why = Some(say!(
                "文件在网络文件系统（{sort}）上，系统不通知变化",
                "the files lie on a network file system ({sort}), which tells of no changes"
            ));
            return self.look_every(EVERY);
        }
        match self.native() {
            Ok(native) => self.way = Way::Told(native),
            Err(e) => {
                let hint = match e.kind {
                    ErrorKind::MaxFilesWatch => {
                        say!("（可以调大 fs.inotify.max_user_watches）", " (fs.inotify.max_user_watches can be raised)")
                    }
                    _ => Say::default(),
                };
                self.why = Some(Say {
                    zh: format!("系统不能通知变化：{e}{}", hint.zh),
                    en: format!("the system cannot tell of changes: {e}{}", hint.en),
                });
                self.look_every(EVERY);
            }
        }
    }

    /// Returns the sort of the network file system a part of the site lies on.
    fn network(&self) -> Option<String> {
        let mounts = String::from_utf8_lossy(&self.disk.read("/proc/mounts").ok()?).into_owned();
        let folders = self.places.folders.iter().map(|f| self.base.join(f));
        std::iter::once(self.base.clone())
            .chain(folders.filter_map(|f| f.canonicalize().ok()))
            .find_map(|place| mounts::network(&mounts, &place.to_string_lossy()))
    }

    fn native(&self) -> notify::Result<RecommendedWatcher> {
        let sender = self.sender.clone();
        let mut native = notify::recommended_watcher(move |event| pass_on(event, &sender))?;
        native.watch(&self.base, RecursiveMode::NonRecursive)?;
        for folder in self.places.beside() {
            there(native.watch(&self.base.join(folder), RecursiveMode::NonRecursive))?;
        }
        for folder in &self.places.folders {
            there(native.watch(&self.base.join(folder), RecursiveMode::Recursive))?;
        }
        Ok(native)
    }

    fn look_every(&mut self, every: Duration) {
        // What cannot be listed now is new when it can.
        let last = self.scan().unwrap_or_default();
        self.way = Way::Looks { every, last };
    }

    /// Waits for events of one burst.
    fn hear(&mut self) -> Option<Changes> {
        let mut burst = Burst::default();
        while burst.is_empty() {
            let event = self.receiver.recv().ok()?;
            self.take(event, &mut burst)?;
        }
        let began = self.disk.now();
        loop {
            match self.receiver.recv_timeout(self.quiet(&burst)) {
                Ok(event) => self.take(event, &mut burst)?,
                Err(RecvTimeoutError::Timeout) if !self.git_works() => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            let took = since(began, self.disk);
            if took > LONGEST_GIT || took > LONGEST && !self.git_works() {
                break;
            }
        }
        Some(burst.changes())
    }

    /// Puts an event into a burst; `None` when the preview ends.
    fn take(&mut self, event: Event, burst: &mut Burst) -> Option<()> {
        match event {
            Event::Touched(sort, path) => match self.relative(&path) {
                Some(path) if self.places.hold(&path) => {
                    burst.first.entry(path).or_insert(sort);
                }
                Some(_) => {}
                // The content folder is a link to somewhere else.
                None => burst.lost = true,
            },
            Event::Lost => burst.lost = true,
            Event::Broken(why) => {
                burst.lost = true;
                self.why = Some(say!("系统不能通知变化：{why}", "the system cannot tell of changes: {why}"));
                self.look_every(EVERY);
            }
            Event::Stop => return None,
        }
        Some(())
    }

    fn relative(&self, path: &Path) -> Option<String> {
        let path = path.strip_prefix(&self.base).ok()?;
        Some(path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
    }

    /// Returns how long it must be quiet before a burst is over.
    fn quiet(&self, burst: &Burst) -> Duration {
        // Some editors delete a file and write it anew; the new one may be a moment away.
        let gone = |(path, sort): (&String, &Sort)| *sort != Sort::Came && !self.disk.exists(&join(&self.root, path));
        match burst.first.len() {
            _ if burst.lost => QUIET_MANY,
            0..=3 if burst.first.iter().any(gone) => QUIET_MANY,
            0..=3 => QUIET,
            4..=20 => QUIET_FEW,
            _ => QUIET_MANY,
        }
    }

    /// Tells whether git is changing the working tree. A lock that is old was left behind.
    fn git_works(&self) -> bool {
        self.git.as_ref().is_some_and(|git| {
            let locks = ["index.lock", "HEAD.lock"].map(|lock| self.disk.stat(&join(git, lock)));
            locks.into_iter().flatten().any(|lock| since(lock.modified, self.disk) < LONGEST_GIT)
        })
    }

    /// Looks at the files until they have changed and two looks agree.
    fn look(&mut self, every: Duration) -> Option<Changes> {
        loop {
            self.rest(every)?;
            let Some(mut now) = self.scan() else { continue };
            let Way::Looks { last, .. } = &self.way else { return Some(Changes::Everything) };
            let mut changed = differences(last, &now);
            if changed.is_empty() {
                continue;
            }
            let began = self.disk.now();
            while since(began, self.disk) < LONGEST_GIT {
                self.rest(SETTLE)?;
                let Some(again) = self.scan() else { continue };
                let more = differences(&now, &again);
                let settled = more.is_empty() && !self.git_works();
                changed.extend(more);
                now = again;
                if settled {
                    break;
                }
            }
            self.way = Way::Looks { every, last: now };
            return Some(Changes::Paths(changed));
        }
    }

    /// Waits; `None` when the preview ends.
    fn rest(&self, time: Duration) -> Option<()> {
        let end = self.disk.now();
        loop {
            match self.receiver.recv_timeout(time.saturating_sub(since(end, self.disk))) {
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
                // Left over from when the system told.
                Ok(Event::Touched(..) | Event::Lost | Event::Broken(_)) => {}
                Err(RecvTimeoutError::Timeout) => return Some(()),
            }
        }
    }

    /// Looks at all files of the site; `None` if a folder went away meanwhile.
    fn scan(&self) -> Option<BTreeMap<String, Stat>> {
        let mut all = BTreeMap::new();
        for folder in &self.places.folders {
            for found in self.disk.walk(&join(&self.root, folder)).ok()? {
                let path = join(folder, &found.path);
                if self.places.hold(&path) {
                    all.insert(path, found.stat);
                }
            }
        }
        for file in &self.places.files {
            if let Ok(stat) = self.disk.stat(&join(&self.root, file)) {
                all.insert(file.clone(), stat);
            }
        }
        Some(all)
    }
}

/// What one burst touched.
#[derive(Debug, Default)]
struct Burst {
    /// What happened first at each path.
    first: BTreeMap<String, Sort>,
    lost: bool,
}

impl Burst {
    fn is_empty(&self) -> bool {
        self.first.is_empty() && !self.lost
    }

    fn changes(self) -> Changes {
        if self.lost { Changes::Everything } else { Changes::Paths(self.first.into_keys().collect()) }
    }
}

/// Passes on what the system tells, as far as it can matter: reading a file changes nothing, and a
/// build reads them all.
fn pass_on(event: notify::Result<notify::Event>, sender: &Sender<Event>) {
    let send = |event| {
        // The preview may have ended.
        let _ = sender.send(event);
    };
    match event {
        Ok(event) if event.need_rescan() => send(Event::Lost),
        Ok(event) => {
            let Some(sort) = sort_of(event.kind) else { return };
            event.paths.into_iter().for_each(|path| send(Event::Touched(sort, path)));
        }
        Err(e) if matches!(e.kind, ErrorKind::MaxFilesWatch) => send(Event::Broken(e.to_string())),
        Err(_) => send(Event::Lost),
    }
}

fn sort_of(kind: EventKind) -> Option<Sort> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Sort::Wrote),
        EventKind::Access(_) => None,
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Some(Sort::Came),
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Some(Sort::Went),
        EventKind::Modify(ModifyKind::Metadata(MetadataKind::WriteTime)) => Some(Sort::Wrote),
        // Rights and numbers of links; a build may link an attachment into the output folder.
        EventKind::Modify(ModifyKind::Metadata(_)) => None,
        EventKind::Modify(_) | EventKind::Any | EventKind::Other => Some(Sort::Wrote),
    }
}

/// A folder that is not there is watched when it comes.
fn there(watched: notify::Result<()>) -> notify::Result<()> {
    match watched {
        Err(e) if matches!(e.kind, ErrorKind::PathNotFound) => Ok(()),
        Err(notify::Error { kind: ErrorKind::Io(e), .. }) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn differences(old: &BTreeMap<String, Stat>, new: &BTreeMap<String, Stat>) -> BTreeSet<String> {
    let mut changed: BTreeSet<String> =
        new.iter().filter(|(path, stat)| old.get(*path) != Some(stat)).map(|(path, _)| path.clone()).collect();
    changed.extend(old.keys().filter(|path| !new.contains_key(*path)).cloned());
    changed
}

fn since(began: i64, disk: &dyn Disk) -> Duration {
    Duration::from_nanos(u64::try_from(disk.now().saturating_sub(began)).unwrap_or(0))
}

/// Finds the folder of git that a site lies in, the root's own or one above it.
fn git_folder(disk: &dyn Disk, base: &Path) -> Option<String> {
    base.ancestors().find_map(|folder| {
        let folder = folder.to_str()?;
        let git = join(folder, ".git");
        if disk.is_folder(&git) {
            return Some(git);
        }
        // In a working tree beside the main one it is a file that says where.
        let text = String::from_utf8(disk.read(&git).ok()?).ok()?;
        let place = text.strip_prefix("gitdir:")?.trim();
        Some(if Path::new(place).is_absolute() { place.to_owned() } else { join(folder, place) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Memory, Real};

    #[test]
    fn only_what_the_site_is_made_of_counts() {
        let config = "[site]\ntitle = \"站\"\n[content]\ndir = \"文\"\nkinds = [\"own/kinds.toml\"]\n[output]\ndir = \"文/out\"\n";
        let disk = Memory::new([("s/beilin.toml", config)]);
        let places = Places::of(&disk, "s");
        for path in ["beilin.toml", "文", "文/a.md", "文/a/b.jpg", "themes/x/static/a.css", "own/kinds.toml"] {
            assert!(places.hold(path), "{path}");
        }
        for path in [
            "public/a.html",
            "文/out/a.html",
            "文/.a.md.swp",
            "文/a.md~",
            "文/4913",
            ".git/index",
            ".beilin/cache",
            "文字/a.md",
            "own/other.toml",
        ] {
            assert!(!places.hold(path), "{path}");
        }
        assert_eq!(places.beside(), ["own"].into());
    }

    #[test]
    fn reading_and_rights_are_no_changes() {
        use notify::event::{CreateKind, DataChange, RemoveKind};
        for kind in [
            EventKind::Access(AccessKind::Open(AccessMode::Any)),
            EventKind::Access(AccessKind::Close(AccessMode::Read)),
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)),
        ] {
            assert_eq!(sort_of(kind), None, "{kind:?}");
        }
        for (kind, sort) in [
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), Sort::Wrote),
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), Sort::Wrote),
            (EventKind::Create(CreateKind::Folder), Sort::Came),
            (EventKind::Modify(ModifyKind::Name(RenameMode::To)), Sort::Came),
            (EventKind::Remove(RemoveKind::File), Sort::Went),
            (EventKind::Modify(ModifyKind::Name(RenameMode::From)), Sort::Went),
        ] {
            assert_eq!(sort_of(kind), Some(sort), "{kind:?}");
        }
    }

    #[test]
    fn lost_events_ask_for_everything() {
        let (sender, receiver) = channel();
        pass_on(Ok(notify::Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan)), &sender);
        assert!(matches!(receiver.try_recv(), Ok(Event::Lost)));
        pass_on(Err(notify::Error::generic("trouble")), &sender);
        assert!(matches!(receiver.try_recv(), Ok(Event::Lost)));
        let mut burst = Burst::default();
        burst.first.insert("content/a.md".into(), Sort::Wrote);
        burst.lost = true;
        assert_eq!(burst.changes(), Changes::Everything);
    }

    #[test]
    fn a_look_finds_what_is_new_changed_and_gone() {
        let disk = Memory::new([("s/beilin.toml", ""), ("s/content/a.md", "一"), ("s/content/b.md", "二")]);
        let mut watcher = Watcher::open(&disk, "s", Some(Duration::from_millis(1)));
        disk.put("s/content/a.md", "三".as_bytes());
        disk.put("s/content/new/c.md", "四".as_bytes());
        disk.put("s/public/index.html", b"x");
        disk.delete("s/content/b.md");
        let paths = ["content/a.md", "content/b.md", "content/new/c.md"].map(str::to_owned).into();
        assert_eq!(watcher.wait(), Some(Changes::Paths(paths)));
        watcher.sender().send(Event::Stop).expect("the watcher is there");
        assert_eq!(watcher.wait(), None);
    }

    #[test]
    fn a_file_that_has_gone_is_given_a_moment_and_one_in_passing_is_not() {
        let disk = Memory::new([("s/beilin.toml", ""), ("s/content/a.md", "一")]);
        let watcher = Watcher::open(&disk, "s", Some(EVERY));
        let quiet = |events: &[(&str, Sort)]| {
            let first = events.iter().map(|(path, sort)| ((*path).to_owned(), *sort)).collect();
            watcher.quiet(&Burst { first, lost: false })
        };
        assert_eq!(quiet(&[("content/a.md", Sort::Wrote)]), QUIET);
        assert_eq!(quiet(&[("content/a.md.tmp", Sort::Came), ("content/a.md", Sort::Came)]), QUIET, "rename-save");
        assert_eq!(quiet(&[("content/b.md", Sort::Went)]), QUIET_MANY, "deleted, perhaps to be written anew");
    }

    #[test]
    fn a_lock_of_git_is_waited_for_unless_it_was_left_behind() {
        let disk = Real;
        let folder = std::env::temp_dir().join(format!("beilin-lock-{}", std::process::id()));
        let folder = folder.to_string_lossy();
        disk.write(&join(&folder, ".git/HEAD"), b"x").expect("the temporary folder is writable");
        let watcher = Watcher::open(&disk, &folder, Some(EVERY));
        assert!(!watcher.git_works());
        disk.write(&join(&folder, ".git/index.lock"), b"").expect("the temporary folder is writable");
        assert!(watcher.git_works());
        let lock = std::fs::File::options().write(true).open(format!("{folder}/.git/index.lock")).expect("it is there");
        let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        lock.set_modified(old).expect("its time can be set");
        assert!(!watcher.git_works(), "left behind long ago");
        disk.remove_tree(&folder).expect("the folder goes away");
    }

    #[test]
    fn a_working_tree_of_git_is_found_from_below() {
        let disk = Memory::new([("/r/.git/HEAD", "x"), ("/w/.git", "gitdir: /r/.git/worktrees/w\n")]);
        assert_eq!(git_folder(&disk, Path::new("/r/site/deep")).as_deref(), Some("/r/.git"));
        assert_eq!(git_folder(&disk, Path::new("/w/site")).as_deref(), Some("/r/.git/worktrees/w"));
        assert_eq!(git_folder(&disk, Path::new("/elsewhere")), None);
    }
}
