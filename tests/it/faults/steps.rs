//! Every operation a build asks of the machine, one after another: it fails, it is the last one, or a
//! file changes right after it. Whatever happens, every output is old or new, and the next build on a
//! machine without faults gives what a clean build gives.

use crate::support::{CONFIG, DAY, ORG, SiteTest, YI, assert_same_site, is_of_search};
use beilin::build::{Changes, Report, Session, Unwatched};
use beilin::diagnostic::Error;
use beilin::disk::{Command, Disk, Found, Memory, Ran, Stat};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What happens at one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It fails, and only it. What it was writing is half written.
    Fails,
    /// It is cut off in the middle, and nothing is done any more.
    Dies,
    /// After it, somebody edits, removes or adds a text.
    Changes(Edit),
}

/// What somebody does to the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edit {
    Prose,
    Structure,
    Later,
    Away,
    Added,
    Asset,
}

const EDITED: &str = "content/records/r1.md";
const REMOVED: &str = "content/records/r2.md";
const OTHER: &str = "content/records/r3/index.md";
const COMING: &str = "content/records/r4.md";
const COMING_LATER: &str = "content/records/r5.md";
const ASSET: &str = "content/records/r3/plan.txt";

/// A small site: a page, three records, a file that is only copied.
fn site() -> Memory {
    let site = SiteTest::bare(&[("beilin.toml", CONFIG), ORG, YI]);
    site.put("content/about.md", "+++\ntitle = \"关于\"\n+++\n说明。\n");
    site.put(EDITED, &record(1)).put(REMOVED, &record(2));
    site.put(OTHER, &record(3)).put(ASSET, "方案甲");
    site.put("public/own.txt", "mine");
    site.disk
}

fn record(n: usize) -> String {
    crate::support::other(&format!("r{n}"), &format!("2026-03-0{n}"), "audience = \"society\"", &format!("正文{n}。"))
}

impl Edit {
    fn apply(self, disk: &Memory) {
        let replace = |path: &str, old: &str, new: &str| {
            let place = format!("s/{path}");
            let text = String::from_utf8(disk.read(&place).expect("there")).expect("text");
            disk.put(&place, text.replace(old, new).as_bytes());
        };
        match self {
            Edit::Prose => replace(EDITED, "正文1", "正文一"),
            Edit::Structure => {
                replace(EDITED, "题r1", "题r一");
                disk.delete(&format!("s/{REMOVED}"));
                disk.put(&format!("s/{COMING}"), record(4).as_bytes());
            }
            Edit::Later => replace(OTHER, "正文3", "正文三"),
            Edit::Away => disk.delete(&format!("s/{EDITED}")),
            Edit::Added => disk.put(&format!("s/{COMING_LATER}"), record(5).as_bytes()),
            Edit::Asset => disk.put(&format!("s/{ASSET}"), "方案乙".as_bytes()),
        }
    }

    fn paths(self) -> BTreeSet<String> {
        let paths: &[&str] = match self {
            Edit::Prose | Edit::Away => &[EDITED],
            Edit::Structure => &[EDITED, REMOVED, COMING],
            Edit::Later => &[OTHER],
            Edit::Added => &[COMING_LATER],
            Edit::Asset => &[ASSET],
        };
        paths.iter().map(|p| (*p).to_owned()).collect()
    }
}

/// A machine with one fault.
struct Faulty<'a> {
    inner: &'a Memory,
    fault: Fault,
    at: usize,
    asked: AtomicUsize,
}

impl Faulty<'_> {
    fn new(inner: &Memory, fault: Fault, at: usize) -> Faulty<'_> {
        Faulty { inner, fault, at, asked: AtomicUsize::new(0) }
    }

    /// Does an operation, or `half` of it where it is cut off.
    fn step<T>(&self, half: impl FnOnce(), whole: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        let refused = || Err(io::Error::other("the machine refuses"));
        match self.fault {
            Fault::Dies if n > self.at => refused(),
            Fault::Dies | Fault::Fails if n == self.at => {
                half();
                refused()
            }
            Fault::Changes(edit) if n == self.at => {
                let done = whole();
                edit.apply(self.inner);
                done
            }
            Fault::Fails | Fault::Dies | Fault::Changes(_) => whole(),
        }
    }
}

/// Operations that do all or nothing.
macro_rules! steps {
    ($( $name:ident ( $($arg:ident : $type:ty),* ) -> $result:ty ; )*) => {
        $( fn $name(&self, $($arg: $type),*) -> $result { self.step(|| {}, || self.inner.$name($($arg),*)) } )*
    };
}

/// Questions that cannot be refused.
macro_rules! pass_on {
    ($( $name:ident ( $($arg:ident : $type:ty),* ) -> $result:ty ; )*) => {
        $( fn $name(&self, $($arg: $type),*) -> $result { self.inner.$name($($arg),*) } )*
    };
}

impl Disk for Faulty<'_> {
    steps! {
        read(path: &str) -> io::Result<Vec<u8>>;
        walk(folder: &str) -> io::Result<Vec<Found>>;
        list(folder: &str) -> io::Result<Vec<(String, bool)>>;
        rename(from: &str, to: &str) -> io::Result<()>;
        remove(path: &str) -> io::Result<()>;
        remove_empty(folder: &str) -> io::Result<()>;
        stat(path: &str) -> io::Result<Stat>;
        link(from: &str, to: &str) -> io::Result<()>;
        point(link: &str, target: &str) -> io::Result<()>;
        exchange(a: &str, b: &str) -> io::Result<()>;
        make_executable(path: &str) -> io::Result<()>;
        settle(folder: &str) -> io::Result<()>;
        try_lock(path: &str) -> io::Result<Option<Box<dyn Send + Sync>>>;
        lock(path: &str) -> io::Result<Box<dyn Send + Sync>>;
        run(command: &Command<'_>) -> io::Result<Ran>;
        start(command: &Command<'_>) -> io::Result<()>;
        absolute(path: &str) -> io::Result<String>;
        program() -> io::Result<String>;
        open(address: &str) -> io::Result<()>;
    }
    pass_on! {
        pointed(link: &str) -> Option<String>;
        now() -> i64;
        exists(path: &str) -> bool;
        is_folder(path: &str) -> bool;
        today() -> jiff::civil::Date;
        env(name: &str) -> Option<String>;
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let half = || self.inner.put(path, &bytes[..bytes.len() / 2]);
        self.step(half, || self.inner.write(path, bytes))
    }

    fn remove_tree(&self, path: &str) -> io::Result<()> {
        let half = || {
            let inside = self.inner.tree(path);
            inside.keys().take(inside.len() / 2).for_each(|p| self.inner.delete(&format!("{path}/{p}")));
        };
        self.step(half, || self.inner.remove_tree(path))
    }
}

fn input() -> beilin::Input {
    beilin::Input { root: "s".into(), out: None, as_of: Some(DAY) }
}

type Tree = BTreeMap<String, Vec<u8>>;

/// The site a clean build makes of the content a disk holds.
fn clean(disk: &Memory) -> Tree {
    let other = Memory::default();
    for (path, bytes) in disk.tree("s").iter().filter(|(p, _)| !p.starts_with("public/") && !p.starts_with(".beilin/"))
    {
        other.put(&format!("s/{path}"), bytes);
    }
    let report = beilin::build(&other, &input(), &Unwatched).expect("the machine refuses nothing");
    assert!(!report.failed(), "{:?}", report.diagnostics);
    other.tree("s/public")
}

/// Who builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Every build is a process of its own.
    Processes,
    /// One process stays, and looks at everything.
    Stays,
    /// One process stays, and is told what changed.
    Told,
}

/// A builder of one of these kinds.
struct Builder {
    who: Who,
    session: Session,
}

impl Builder {
    fn new(who: Who) -> Builder {
        Builder { who, session: Session::new(input()) }
    }

    fn build(&mut self, disk: &dyn Disk, touched: BTreeSet<String>) -> Result<Report, Error> {
        let changes = match self.who {
            Who::Processes => return beilin::build(disk, &input(), &Unwatched),
            Who::Stays => Changes::Everything,
            Who::Told => Changes::Paths(touched),
        };
        let report = self.session.build(disk, &changes, &Unwatched)?;
        // As the preview does when it ends; here after every build, so that its faults are tried too.
        let _ = self.session.save(disk);
        Ok(report)
    }
}

/// What is done after the fault, before the next build.
#[derive(Debug, Clone, Copy)]
enum After {
    /// Nothing.
    Stay,
    /// The content is as it was before.
    Back,
    /// A record that was edited goes.
    Away,
    /// The content is as it was before, but for another text.
    BackAndLater,
}

const AFTERS: [After; 4] = [After::Stay, After::Back, After::Away, After::BackAndLater];

/// One thing that is tried, at one operation after another.
struct Trial {
    who: Who,
    /// Whether there is a site already.
    built: bool,
    edit: Option<Edit>,
    fault: Fault,
    /// The content, and the site if there is one.
    start: Memory,
    /// Clean builds by what was done to the content.
    cleans: BTreeMap<Vec<u8>, Tree>,
}

impl Trial {
    fn new(who: Who, edit: Option<Edit>, fault: Fault) -> Trial {
        let (start, built) = (site(), edit.is_some());
        if built {
            beilin::build(&start, &input(), &Unwatched).expect("builds");
        }
        Trial { who, built, edit, fault, start, cleans: BTreeMap::new() }
    }

    /// The site a clean build makes after edits.
    fn clean(&mut self, edits: &[Edit]) -> Tree {
        let start = &self.start;
        let make = || {
            let disk = start.fork();
            edits.iter().for_each(|e| e.apply(&disk));
            clean(&disk)
        };
        self.cleans.entry(edits.iter().map(|e| *e as u8).collect()).or_insert_with(make).clone()
    }

    /// Tries the fault at an operation, and what may come after it; `false` if there is no such operation.
    fn at(&mut self, at: usize) -> bool {
        let what = format!("{:?}, {:?}, {:?} at {at}", self.who, self.edit, self.fault);
        let disk = self.start.fork();
        let mut builder = Builder::new(self.who);
        if self.built && self.who != Who::Processes {
            // One that has made the site itself knows all of it.
            disk.delete("s/.beilin/cache/head");
            builder.build(&disk, BTreeSet::new()).expect("builds");
        }
        let mut done: Vec<Edit> = self.edit.into_iter().collect();
        done.iter().for_each(|e| e.apply(&disk));
        let faulty = Faulty::new(&disk, self.fault, at);
        let told = builder.build(&faulty, self.edit.map(Edit::paths).unwrap_or_default());
        let reached = faulty.asked.load(Ordering::Relaxed) > at;
        let (old, new) = (if self.built { self.clean(&[]) } else { Tree::new() }, self.clean(&done));
        let mut sites = vec![old, new];
        let mut touched = BTreeSet::new();
        match self.fault {
            Fault::Changes(more) if reached => {
                done.push(more);
                touched = more.paths();
                sites.push(self.clean(&done));
            }
            Fault::Fails if told.as_ref().is_ok_and(|report| !report.failed()) => {
                assert_same(&disk, &sites[1], &format!("{what}: it was said to be built"));
            }
            Fault::Changes(_) | Fault::Fails | Fault::Dies => {}
        }
        assert_whole(&disk, &sites, &what);
        // A process that stays cannot be told two ways: what comes after goes round.
        let afters = if self.who == Who::Processes { &AFTERS[..] } else { &AFTERS[at % AFTERS.len()..][..1] };
        for after in afters {
            let what = format!("{what}, then {after:?}");
            self.recover(&disk.fork(), &mut builder, (&done, &touched), *after, &what);
        }
        reached
    }

    /// Builds on a machine without faults after what came after.
    fn recover(
        &mut self,
        disk: &Memory,
        builder: &mut Builder,
        (done, touched): (&[Edit], &BTreeSet<String>),
        after: After,
        what: &str,
    ) {
        let (mut done, mut touched) = (done.to_vec(), touched.clone());
        if let After::Back | After::BackAndLater = after {
            touched.extend(put_back(disk, &self.start));
            done.clear();
        }
        let more = match after {
            After::Stay | After::Back => None,
            After::Away => Some(Edit::Away),
            After::BackAndLater => Some(Edit::Later),
        };
        if let Some(more) = more {
            more.apply(disk);
            touched.extend(more.paths());
            done.push(more);
        }
        let report = builder.build(disk, touched).unwrap_or_else(|e| panic!("{what}: {e:?}"));
        assert_eq!(report.diagnostics, [], "{what}");
        assert_same(disk, &self.clean(&done), what);
    }
}

/// Gives the content the bytes it had, in files written anew; returns the paths.
fn put_back(disk: &Memory, start: &Memory) -> BTreeSet<String> {
    let (now, then) = (disk.tree("s/content"), start.tree("s/content"));
    let differing = now.keys().chain(then.keys()).filter(|p| now.get(*p) != then.get(*p));
    let mut touched = BTreeSet::new();
    for path in differing {
        let place = format!("s/content/{path}");
        match then.get(path) {
            Some(bytes) => disk.put(&place, bytes),
            None => disk.delete(&place),
        }
        touched.insert(format!("content/{path}"));
    }
    touched
}

fn files_of(tree: &Tree) -> Tree {
    tree.iter().filter(|(p, _)| !p.starts_with(".beilin-")).map(|(p, b)| (p.clone(), b.clone())).collect()
}

fn site_of(disk: &Memory) -> Tree {
    let mut tree = files_of(&disk.tree("s/public"));
    assert_eq!(tree.remove("own.txt").as_deref(), Some(&b"mine"[..]), "what is not ours is not touched");
    tree
}

/// Holds that every file is one of those of these sites.
fn assert_whole(disk: &Memory, sites: &[Tree], what: &str) {
    // What the search wrote beside its generation is in no clean site.
    for (path, bytes) in site_of(disk).into_iter().filter(|(p, _)| !is_of_search(p)) {
        assert!(sites.iter().any(|s| s.get(&path) == Some(&bytes)), "{what}: {path} is old or new");
    }
}

/// Holds that the output folder is that of a clean build, manifest and all.
fn assert_same(disk: &Memory, site: &Tree, what: &str) {
    let mut now = disk.tree("s/public");
    now.remove("own.txt");
    let paths = |tree: &Tree| tree.keys().filter(|p| !is_of_search(p)).cloned().collect::<Vec<_>>();
    assert_eq!(paths(&now), paths(site), "{what}: other than a clean build");
    assert_same_site(&now, site);
}

/// Tries faults at every operation of a first build, of one after an edit of prose, and of one after
/// an edit that other pages show. Of these every 61st is tried, or as many as `BEILIN_STEPS` says: 1 is each of them,
/// and takes an hour of a processor.
fn everywhere(who: Who, faults: &[Fault]) {
    let stride = std::env::var("BEILIN_STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(61);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one");
    for (edit, fault) in
        [None, Some(Edit::Prose), Some(Edit::Structure)].iter().flat_map(|e| faults.iter().map(move |f| (e, f)))
    {
        let began = std::time::Instant::now();
        // In one thread, so that the operations have an order.
        let steps = pool.install(|| {
            let mut trial = Trial::new(who, *edit, *fault);
            (0..).step_by(stride).find(|at| !trial.at(*at))
        });
        eprintln!("{who:?}, {edit:?}, {fault:?}: {steps:?} operations, {:.1?}", began.elapsed());
    }
}

const CHANGES: [Fault; 3] = [Fault::Changes(Edit::Later), Fault::Changes(Edit::Added), Fault::Changes(Edit::Asset)];

#[test]
fn processes_recover_from_an_operation_that_fails() {
    everywhere(Who::Processes, &[Fault::Fails]);
}

#[test]
fn processes_recover_from_one_that_died() {
    everywhere(Who::Processes, &[Fault::Dies]);
}

#[test]
fn processes_miss_no_change() {
    everywhere(Who::Processes, &CHANGES);
}

#[test]
fn a_session_recovers_from_an_operation_that_fails() {
    everywhere(Who::Stays, &[Fault::Fails]);
    everywhere(Who::Told, &[Fault::Fails]);
}

#[test]
fn a_session_recovers_from_a_machine_that_refuses_everything() {
    everywhere(Who::Stays, &[Fault::Dies]);
    everywhere(Who::Told, &[Fault::Dies]);
}

#[test]
fn a_session_misses_no_change() {
    everywhere(Who::Stays, &CHANGES);
    everywhere(Who::Told, &CHANGES);
}
