//! Publishing: a commit becomes a release, is verified, and goes live in one step.
//!
//! 1. `git`: the commit's files, in a private copy beside the releases;
//! 2. a new folder gets second names (hard links) for all files of the release before it, and
//!    [`build`] makes it the new site: it replaces what differs by renames, so the older release,
//!    which has the old bytes under its own names, never changes;
//! 3. `release`: what lies there is held against what the build says it wrote, and its SHA-256 against
//!    later harm;
//! 4. `shelf`: the folder gets its name among the releases;
//! 5. `live`: what the web server looks at is switched; then the oldest releases go.
//!
//! A site with errors ends after 2, and nothing that is served has been touched. A run that is ended at
//! any moment leaves at most folders with working names, which the next run clears: there is no state
//! that a person would have to mend. One run works at a time: a lock of the operating system, which
//! goes with the process.
//!
//! Releases are ordered by a number of their own, not by a clock. A commit somebody rolled back from
//! does not go live again by itself, only when asked for ([`Options::again`]): a daemon or a hook that
//! publishes what the branch points to must not undo a rollback.

pub mod hook;
pub mod queue;

mod git;
mod live;
mod release;
mod shelf;

pub use release::{Damage, File, Origin, Release};

use crate::build::{self, Input, Report, Watch};
use crate::config;
use crate::diagnostic::{Error, Say};
use crate::disk::{Disk, join};
use crate::say;
use crate::write::MANIFEST;
// The length of a run is a value, not a clock.
use core::time::Duration;
use git::{Checkout, Commit, Repository};
use live::Live;
use shelf::Shelf;
use std::io;

/// How many releases are kept where nobody says; the command line's help names the number.
pub const KEEP: usize = 5;

/// What is published where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The repository: a work tree, a bare repository or a git folder.
    pub repository: String,
    /// The site's folder in the repository; empty for its top.
    pub site: String,
    /// The branch, tag or commit to publish.
    pub revision: String,
    /// The folder that holds the releases.
    pub to: String,
    /// What the web server serves: a link, or a plain folder that is there already. Without one, the
    /// place used the last time, else `current` in `to`.
    pub live: Option<String>,
    /// How many releases are kept; the live one and the one before it always are.
    pub keep: usize,
    /// The day to build as of, if not today.
    pub as_of: Option<jiff::civil::Date>,
    /// Whether a commit that was rolled back from may go live again.
    pub again: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            repository: String::new(),
            site: String::new(),
            revision: "HEAD".to_owned(),
            to: String::new(),
            live: None,
            keep: KEEP,
            as_of: None,
            again: false,
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The commit has gone live.
    Live,
    /// The commit was live already; nothing was done.
    AlreadyLive,
    /// The site has errors; what was live still is.
    Refused,
    /// Somebody rolled back from this commit; what was live still is.
    HeldBack,
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct Published {
    /// How it ended.
    pub outcome: Outcome,
    /// The commit's full id.
    pub commit: String,
    /// The first line of its message.
    pub subject: String,
    /// The release that is live now, if there is one.
    pub release: Option<String>,
    /// What the web server serves.
    pub live: String,
    /// What the build found and did; `None` if there was none.
    pub report: Option<Report>,
    /// The folder the diagnostics' paths are relative to.
    pub root: String,
    /// The files of the release.
    pub files: usize,
    /// Those of them shared with the release before.
    pub shared: usize,
    /// The size of the release in bytes.
    pub bytes: u64,
    /// The releases that were removed because they are old.
    pub removed: Vec<String>,
    /// What did not succeed and does not matter to what is live.
    pub warnings: Vec<Say>,
    /// How long it took.
    pub took: Duration,
}

/// Where things lie, from the top of the file system.
#[derive(Debug, Clone)]
struct Place {
    to: String,
    live: String,
}

impl Place {
    fn of(disk: &dyn Disk, to: &str, live: Option<&str>) -> Result<Place, Error> {
        let to = disk.absolute(to).map_err(refused(to))?;
        let kept = || served(disk, &to).pop();
        let live = match live.map(str::to_owned).or_else(kept) {
            Some(path) => absolute_link(disk, &path)?,
            None => join(&to, "current"),
        };
        if to == live || to.starts_with(&format!("{live}/")) {
            return Err(Error::new(
                say!(
                    "发布目录 `{to}` 不能在对外的目录 `{live}` 里面（换一个发布目录）",
                    "the folder `{to}` of the releases cannot lie in the served folder `{live}` (choose another one)"
                ),
                "nested",
            ));
        }
        Ok(Place { to, live })
    }

    /// Returns a folder or file of the tool's own.
    fn own(&self, name: &str) -> String {
        join(&join(&self.to, OWN), name)
    }

    fn releases(&self) -> String {
        join(&self.to, "releases")
    }

    fn release(&self, name: &str) -> String {
        join(&self.releases(), name)
    }

    /// Returns what a link says to lead to a release: short where it lies beside them, so that the
    /// whole folder can be moved.
    fn target(&self, name: &str) -> String {
        match self.live.rsplit_once('/') {
            Some((folder, _)) if folder == self.to => format!("releases/{name}"),
            _ => self.release(name),
        }
    }

    /// Returns the name of a folder beside what is served, on the same file system.
    fn beside(&self, what: &str) -> String {
        let (folder, name) = self.live.rsplit_once('/').unwrap_or(("", &self.live));
        format!("{folder}/.{name}.beilin-{what}")
    }

    fn lock(&self, disk: &dyn Disk) -> Result<Box<dyn Send + Sync>, Error> {
        let lock = self.own("lock");
        disk.lock(&lock).map_err(|e| Error::new(say!("锁不住 `{lock}`", "cannot lock `{lock}`"), e))
    }

    /// Keeps where the served place is, for the next time.
    fn remember(&self, disk: &dyn Disk) -> Result<(), Error> {
        let mut all = served(disk, &self.to);
        if all.last() == Some(&self.live) {
            return Ok(());
        }
        all.retain(|path| *path != self.live);
        all.push(self.live.clone());
        replace(disk, &self.own(LIVE), (all.join("\n") + "\n").as_bytes())
    }

    /// Returns the releases that links lead to from any place that was ever served: those that still do
    /// must not come to lead nowhere.
    fn linked(&self, disk: &dyn Disk) -> Vec<String> {
        let targets = served(disk, &self.to).into_iter().filter_map(|path| disk.pointed(&path));
        targets.filter_map(|t| t.rsplit('/').next().map(str::to_owned)).collect()
    }
}

/// Returns the places that were ever served, the last one last.
fn served(disk: &dyn Disk, to: &str) -> Vec<String> {
    let bytes = disk.read(&join(&join(to, OWN), LIVE)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).lines().filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

/// The tool's own folder beside the releases.
const OWN: &str = ".beilin";
/// The file in it that says what the web server serves, and served before, a line each.
const LIVE: &str = "live";

/// Returns a path from the top of the file system without following its last part: that is the link.
fn absolute_link(disk: &dyn Disk, path: &str) -> Result<String, Error> {
    let path = path.trim_end_matches('/');
    let (folder, name) = path.rsplit_once('/').map_or((".", path), |(f, n)| (if f.is_empty() { "/" } else { f }, n));
    Ok(join(&disk.absolute(folder).map_err(refused(folder))?, name))
}

/// Writes a file in one step.
fn replace(disk: &dyn Disk, path: &str, bytes: &[u8]) -> Result<(), Error> {
    let fresh = format!("{path}.new");
    disk.write(&fresh, bytes).and_then(|()| disk.rename(&fresh, path)).map_err(refused(path))
}

/// Makes an error of what the machine refused at a path.
fn refused(path: &str) -> impl FnOnce(io::Error) -> Error {
    move |e| Error::new(say!("动不了 `{path}`", "cannot use `{path}`"), e)
}

/// Publishes a commit: builds, verifies, switches. A site with errors never goes live.
pub fn publish(disk: &dyn Disk, options: &Options, watch: &dyn Watch) -> Result<Published, Error> {
    let began = disk.now();
    let place = Place::of(disk, &options.to, options.live.as_deref())?;
    let repository = Repository::open(disk, &options.repository)?;
    let _lock = place.lock(disk)?;
    let mut run = Run::begin(disk, place, repository, options, watch)?;
    let mut published = run.run()?;
    published.took = Duration::from_nanos(disk.now().saturating_sub(began).max(0).unsigned_abs());
    Ok(published)
}

/// A run that has the lock.
struct Run<'a> {
    disk: &'a dyn Disk,
    options: &'a Options,
    watch: &'a dyn Watch,
    place: Place,
    repository: Repository,
    commit: Commit,
    origin: Origin,
    shelf: Shelf<'a>,
    live: Live,
}

impl<'a> Run<'a> {
    fn begin(
        disk: &'a dyn Disk,
        place: Place,
        repository: Repository,
        options: &'a Options,
        watch: &'a dyn Watch,
    ) -> Result<Run<'a>, Error> {
        let commit = repository.commit(disk, &options.revision)?;
        live::recover(disk, &place)?;
        let shelf = Shelf::read(disk, &place.releases())?;
        shelf.tidy()?;
        let live = live::look(disk, &place)?;
        live::hold_ours(disk, &place, &live, &shelf)?;
        let origin = Origin {
            commit: commit.id.clone(),
            site: options.site.trim_matches('/').to_owned(),
            as_of: options.as_of.unwrap_or_else(|| disk.today()).to_string(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Ok(Run { disk, options, watch, place, repository, commit, origin, shelf, live })
    }

    fn run(&mut self) -> Result<Published, Error> {
        let is_live = |r: &Release| self.live.name() == Some(&r.name);
        let same_source = |r: &&Release| (&r.origin.commit, &r.origin.site) == (&self.origin.commit, &self.origin.site);
        let known = self.shelf.all.iter().rev().find(|r| r.origin == self.origin).cloned();
        if known.as_ref().is_some_and(is_live) {
            return Ok(self.published(Outcome::AlreadyLive, None));
        }
        let left = self.shelf.all.iter().filter(same_source).any(|r| r.rolled_back.is_some() && !is_live(r));
        if left && !self.options.again {
            return Ok(self.published(Outcome::HeldBack, None));
        }
        if let Some(known) = known {
            self.watch.stage("verify", 0);
            if known.damage(self.disk, &self.place.release(&known.name), true)?.is_empty() {
                return self.go_live(known, None);
            }
        }
        let workshop = self.shelf.workshop(&self.commit.id);
        let made = self.make(&workshop);
        if !matches!(made, Ok(Made::Live(_))) {
            // A leftover is cleared by the next run.
            let _ = self.disk.remove_tree(&workshop);
        }
        match made? {
            Made::Live(published) | Made::Not(published) => Ok(*published),
        }
    }

    /// Makes the release in a working folder and, if it is sound, makes it live.
    fn make(&mut self, workshop: &str) -> Result<Made, Error> {
        let before = self.live.name().and_then(|n| self.shelf.get(n)).or(self.shelf.all.last()).cloned();
        self.watch.stage("checkout", 0);
        let checkout = self.checkout();
        checkout.take(&self.repository, &self.commit.id, &self.origin.site)?;
        let root = join(&checkout.work, &self.origin.site);
        hold_site(self.disk, &root, &self.commit, &self.origin.site)?;
        if let Some(before) = &before {
            self.watch.stage("link", before.files.len());
            self.link(before, workshop)?;
        }
        let input = Input { root, out: Some(workshop.to_owned()), as_of: self.origin.as_of.parse().ok() };
        let report = build::build(self.disk, &input, self.watch)?;
        if report.failed() {
            return Ok(Made::Not(Box::new(self.published(Outcome::Refused, Some(report)))));
        }
        self.watch.stage("verify", 0);
        self.clear_working_files(workshop)?;
        let files = release::seal(self.disk, workshop, before.as_ref())?;
        if let Some(live) = self.unchanged(&files) {
            self.shelf.save(&Release { origin: self.origin.clone(), ..live })?;
            return Ok(Made::Not(Box::new(self.published(Outcome::AlreadyLive, Some(report)))));
        }
        let name = self.shelf.free_name(&self.commit.id);
        let release = Release { name, ..Release::new(self.origin.clone(), &self.commit, files) };
        // Before it has its name, so that what has one is whole even after a failure of power.
        self.disk.settle(workshop).map_err(refused(workshop))?;
        self.shelf.put(workshop, &release)?;
        self.go_live(release, Some(report)).map(|p| Made::Live(Box::new(p)))
    }

    fn checkout(&self) -> Checkout<'a> {
        Checkout::new(self.disk, &join(&self.place.to, OWN))
    }

    /// Gives a working folder second names for all files of a release.
    fn link(&self, before: &Release, workshop: &str) -> Result<(), Error> {
        let from = self.place.release(&before.name);
        for path in before.files.iter().map(|f| f.path.as_str()).chain([MANIFEST]) {
            let to = join(workshop, path);
            match self.disk.link(&join(&from, path), &to) {
                // What somebody removed from the old release is written anew.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                done => done.map_err(refused(&to))?,
            }
            self.watch.step();
        }
        Ok(())
    }

    /// Removes what a build leaves of its own beside the manifest: its lock and its stage.
    fn clear_working_files(&self, workshop: &str) -> Result<(), Error> {
        let list = self.disk.list(workshop).map_err(refused(workshop))?;
        for (name, is_folder) in list.into_iter().filter(|(n, _)| n.starts_with(".beilin-") && n != MANIFEST) {
            let path = join(workshop, &name);
            let gone = if is_folder { self.disk.remove_tree(&path) } else { self.disk.remove(&path) };
            gone.map_err(refused(&path))?;
        }
        Ok(())
    }

    /// Returns the live release if it is of the same commit and has the very same files: a new day or a
    /// new version of the tool changed nothing.
    fn unchanged(&self, files: &[File]) -> Option<Release> {
        let live = self.shelf.get(self.live.name()?)?;
        let same = live.origin.commit == self.origin.commit && live.origin.site == self.origin.site;
        (same && live.holds_what(files)).then(|| live.clone())
    }

    fn go_live(&mut self, release: Release, report: Option<Report>) -> Result<Published, Error> {
        self.watch.stage("switch", 0);
        let published = time(self.disk.now());
        let release = Release { sequence: self.shelf.next(), published, rolled_back: None, ..release };
        self.shelf.save(&release)?;
        live::switch(self.disk, &self.place, &self.live, &release)?;
        self.live = match &self.live {
            Live::Folder(_) => Live::Folder(Some(release.name.clone())),
            Live::Nothing | Live::Link(_) => Live::Link(release.name.clone()),
        };
        let mut done = self.published(Outcome::Live, report);
        // From here on the site is live: what goes wrong now is told, and does not undo that.
        let kept = self.place.remember(self.disk);
        let pruned = self.shelf.prune(self.options.keep, &release.name, &self.place.linked(self.disk));
        done.warnings.extend([kept.as_ref().err(), pruned.as_ref().err()].into_iter().flatten().map(in_words));
        done.removed = pruned.unwrap_or_default();
        Ok(done)
    }

    fn published(&self, outcome: Outcome, report: Option<Report>) -> Published {
        let release = self.live.name().and_then(|n| self.shelf.get(n));
        let shared = report.as_ref().and_then(|r| r.written).map_or(0, |w| w.unchanged);
        Published {
            outcome,
            commit: self.commit.id.clone(),
            subject: self.commit.subject.clone(),
            release: self.live.name().map(str::to_owned),
            live: self.place.live.clone(),
            report,
            root: join(&self.checkout().work, &self.origin.site),
            files: release.map_or(0, |r| r.files.len()),
            shared,
            bytes: release.map_or(0, Release::bytes),
            removed: Vec::new(),
            warnings: Vec::new(),
            took: Duration::ZERO,
        }
    }
}

/// What came of making a release.
enum Made {
    /// It is live.
    Live(Box<Published>),
    /// It is not, and its folder goes.
    Not(Box<Published>),
}

/// Holds that there is a site in a commit.
fn hold_site(disk: &dyn Disk, root: &str, commit: &Commit, site: &str) -> Result<(), Error> {
    if disk.exists(&join(root, config::FILE)) {
        return Ok(());
    }
    let (path, short) = (join(site, config::FILE), short(&commit.id));
    Err(Error::new(
        say!(
            "提交 {short} 里没有 `{path}`（站点不在仓库顶层时用 --site 指出）",
            "the commit {short} has no `{path}` (if the site is not at the top of the repository, name its folder with --site)"
        ),
        "not found",
    ))
}

/// Returns a commit's id as people read it.
pub fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// Writes a time of the clock, to the second.
fn time(nanoseconds: i64) -> String {
    jiff::Timestamp::from_second(nanoseconds / 1_000_000_000).map(|t| t.to_string()).unwrap_or_default()
}

fn in_words(error: &Error) -> Say {
    let (what, cause) = (&error.what, &error.cause);
    Say { zh: format!("{}：{cause}", what.zh), en: format!("{}: {cause}", what.en) }
}

/// A release as it stands on the shelf.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The release.
    pub release: Release,
    /// Whether it is what is served.
    pub live: bool,
    /// What is no longer as it was; `None` if nobody asked.
    pub damage: Option<Vec<Damage>>,
}

/// All releases.
#[derive(Debug, Clone)]
pub struct Listing {
    /// What the web server serves.
    pub live: String,
    /// The releases, newest first.
    pub releases: Vec<Listed>,
}

impl Listing {
    /// Returns the commit that is live.
    pub fn live_commit(&self) -> Option<String> {
        self.releases.iter().find(|r| r.live).map(|r| r.release.origin.commit.clone())
    }
}

/// Lists the releases; with `verify`, every byte of them is read and held against their SHA-256.
pub fn releases(disk: &dyn Disk, options: &Options, verify: bool) -> Result<Listing, Error> {
    let place = existing(disk, options)?;
    // While their bytes are read, no other run may remove one.
    let _lock = verify.then(|| place.lock(disk)).transpose()?;
    let shelf = Shelf::read(disk, &place.releases())?;
    let live = live::look(disk, &place)?;
    let listed = shelf.all.into_iter().rev().map(|release| {
        let folder = place.release(&release.name);
        let damage = verify.then(|| release.damage(disk, &folder, true)).transpose()?;
        Ok(Listed { live: live.name() == Some(&release.name), release, damage })
    });
    Ok(Listing { releases: listed.collect::<Result<_, Error>>()?, live: place.live })
}

/// A rollback that was made.
#[derive(Debug, Clone)]
pub struct RolledBack {
    /// The release that was live.
    pub from: Option<String>,
    /// The release that is live now.
    pub to: Release,
    /// What the web server serves.
    pub live: String,
}

/// Makes an older release live: the one before, or the one whose name or commit begins as given.
pub fn rollback(disk: &dyn Disk, options: &Options, to: Option<&str>) -> Result<RolledBack, Error> {
    let place = existing(disk, options)?;
    let _lock = place.lock(disk)?;
    live::recover(disk, &place)?;
    let mut shelf = Shelf::read(disk, &place.releases())?;
    shelf.tidy()?;
    let live = live::look(disk, &place)?;
    live::hold_ours(disk, &place, &live, &shelf)?;
    let target = target(&shelf, &live, to)?.clone();
    let folder = place.release(&target.name);
    let damage = target.damage(disk, &folder, false)?;
    if let Some(first) = damage.first() {
        let path = join(&folder, &first.path);
        return Err(Error::new(
            say!(
                "`{path}` 与发布时不一样，没有回退（用 `beilin releases --verify` 细查，或回退到另一版）",
                "`{path}` is not as it was published, so nothing was rolled back (see `beilin releases --verify`, or choose another release)"
            ),
            &first.what.en,
        ));
    }
    let marks: Vec<Release> = shelf.all.iter().filter(|r| r.sequence >= target.sequence).cloned().collect();
    let now = time(disk.now());
    // Marked before the switch: a publish that comes between must not make them live again. All that
    // went live after the target are left behind; the target itself counts again.
    for release in &marks {
        let rolled_back = (release.name != target.name).then(|| release.rolled_back.clone().unwrap_or(now.clone()));
        shelf.save(&Release { rolled_back, ..release.clone() })?;
    }
    if let Err(e) = live::switch(disk, &place, &live, &target) {
        for release in &marks {
            // The refusal is what is told; a mark that stays is taken off when the release goes live.
            let _ = shelf.save(release);
        }
        return Err(e);
    }
    let to = Release { rolled_back: None, ..target };
    Ok(RolledBack { from: live.name().map(str::to_owned), to, live: place.live })
}

/// Finds the release to go back to.
fn target<'s>(shelf: &'s Shelf<'_>, live: &Live, to: Option<&str>) -> Result<&'s Release, Error> {
    let now = live.name().unwrap_or_default();
    let Some(word) = to else {
        return shelf.before(now).ok_or_else(|| {
            Error::new(
                say!(
                    "没有更早的一版可以回退（`beilin releases` 列出现有的）",
                    "there is no earlier release to go back to (`beilin releases` lists those there are)"
                ),
                now,
            )
        });
    };
    let exact = shelf.all.iter().filter(|r| r.name == word);
    let begins = shelf.all.iter().filter(|r| r.name.starts_with(word) && word.len() >= 4);
    let found: Vec<&Release> = if exact.clone().next().is_some() { exact.collect() } else { begins.collect() };
    let commits: std::collections::BTreeSet<&str> = found.iter().map(|r| r.origin.commit.as_str()).collect();
    match (found.last(), commits.len()) {
        // Of several releases of one commit, the newest.
        (Some(release), 1) => Ok(release),
        (found, _) => Err(Error::new(
            match found {
                None => say!(
                    "没有 `{word}` 这一版（`beilin releases` 列出现有的；至少写四位）",
                    "there is no release `{word}` (`beilin releases` lists those there are; write at least four characters)"
                ),
                Some(_) => say!(
                    "`{word}` 开头的不止一版，请多写几位",
                    "more than one release begins with `{word}`: write more of it"
                ),
            },
            word,
        )),
    }
}

/// Returns where things lie, if something was ever published there.
fn existing(disk: &dyn Disk, options: &Options) -> Result<Place, Error> {
    let place = Place::of(disk, &options.to, options.live.as_deref())?;
    if disk.is_folder(&place.releases()) {
        return Ok(place);
    }
    let to = &place.to;
    Err(Error::new(
        say!(
            "`{to}` 里还没有发布过（用 --to 指出发布目录）",
            "nothing was ever published in `{to}` (name the folder with --to)"
        ),
        "no releases/",
    ))
}
