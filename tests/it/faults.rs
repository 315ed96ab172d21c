//! Faults a build must survive, with the real binary on real folders: it is killed, the disk is full,
//! files may not be read or written, several build at once.
//!
//! `steps` lets the machine refuse, die or change at every single operation; `times` is about clocks, and
//! caches that are not what they seem. `BEILIN_KILLS=200` kills two hundred times here and in `publish`;
//! with `--nocapture` the log tells in which part of a build the kills fell. `BEILIN_STEPS=1` tries every operation
//! in `steps`. What needs root (mounting) or another user (`setpriv`) says so where it is passed over.

mod steps;
mod times;

use crate::publish::{Random, beilin, told, tree};
use crate::support::{CONFIG, ORG, YI, assert_same_site, is_of_search, other};
use beilin::disk::{Disk, Real};
use beilin::write::MANIFEST;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

type Tree = BTreeMap<String, Vec<u8>>;

/// What somebody else has in the output folder.
const FOREIGN: [(&str, &str); 3] = [
    ("own.txt", "mine"),
    ("records/notes/own.html", "mine too"),
    (".well-known/security.txt", "Contact: y@yunzhou.example"),
];

/// A site on the machine that goes away with the test.
struct Site {
    folder: PathBuf,
    mounted: Vec<String>,
}

impl Site {
    /// A site of so many records, and files of somebody else in its output folder.
    fn new(name: &str, records: usize) -> Site {
        let folder = std::env::temp_dir().join(format!("beilin-faults-{}-{name}", std::process::id()));
        Real.remove_tree(&folder.to_string_lossy()).expect("an old folder goes away");
        let site = Site { folder, mounted: Vec::new() };
        for (path, text) in [("beilin.toml", CONFIG), ORG, YI] {
            site.put(path, text);
        }
        (0..records).for_each(|n| site.put(&format!("content/records/{}/r{n}.md", n % 7), &record(n, "题", 0)));
        FOREIGN.iter().for_each(|(path, text)| site.put(&format!("public/{path}"), text));
        site
    }

    fn path(&self, path: &str) -> String {
        self.folder.join(path).to_string_lossy().into_owned()
    }

    fn put(&self, path: &str, text: &str) {
        Real.write(&self.path(&format!("site/{path}")), text.as_bytes()).expect("a file is written");
    }

    fn command(&self, root: &str) -> Command {
        let mut command = beilin(&self.folder.join(root));
        command.args(["build", "--as-of", "2026-11-20"]);
        command
    }

    fn build(&self) -> Output {
        self.command("site").output().expect("the binary runs")
    }

    /// Builds and holds that all went well, without a word.
    fn build_fine(&self) {
        let output = self.build();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    }

    /// The output folder, without what is somebody else's, which must be there, and without the lock.
    fn out(&self) -> Tree {
        let mut tree = tree(&self.path("site/public"));
        for (path, text) in FOREIGN {
            assert_eq!(tree.remove(path).as_deref(), Some(text.as_bytes()), "{path} is not touched");
        }
        tree.remove(".beilin-lock");
        tree
    }

    /// What a clean build elsewhere makes of the content.
    fn clean(&self) -> Tree {
        Real.remove_tree(&self.path("clean")).expect("removed");
        for (path, bytes) in tree(&self.path("site")) {
            if !path.starts_with("public/") && !path.starts_with(".beilin/") {
                Real.write(&self.path(&format!("clean/{path}")), &bytes).expect("copied");
            }
        }
        let output = self.command("clean").output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let mut tree = tree(&self.path("clean/public"));
        tree.remove(".beilin-lock");
        tree
    }

    /// Holds that the output folder is that of a clean build.
    fn assert_clean(&self, what: &str) {
        assert_same(&self.out(), &self.clean(), what);
    }

    /// Puts a file system of its own on a folder of the site; `false` where that is not allowed.
    fn mount(&mut self, path: &str, size: &str) -> bool {
        let place = self.path(&format!("site/{path}"));
        fs::create_dir_all(&place).expect("a folder is made");
        let option = format!("size={size}");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &option, "tmpfs", &place]).output();
        let is_done = done.is_ok_and(|o| o.status.success());
        match is_done {
            true => self.mounted.push(place),
            false => eprintln!("passed over: mounting needs root"),
        }
        is_done
    }

    /// Fills the file system a folder is on; what is returned makes room again.
    fn fill(&self, folder: &str) -> PathBuf {
        let ballast = self.folder.join(format!("site/{folder}/ballast"));
        let mut file = fs::File::create(&ballast).expect("made");
        while std::io::Write::write_all(&mut file, &[7; 4096]).is_ok() {}
        ballast
    }

    /// Runs a build as somebody who is refused what root is not; `None` where that cannot be done.
    fn as_nobody(&self) -> Option<impl Fn() -> Output> {
        let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
        let own = Command::new("chown").args(["-R", "65534:65534", &self.path("")]).status().is_ok_and(|s| s.success());
        if root && (!own || Command::new("setpriv").arg("--version").output().is_err()) {
            eprintln!("passed over: root is refused nothing, and there is no setpriv");
            return None;
        }
        // The binary may lie where only root may go.
        let program = self.path("beilin");
        fs::copy(env!("CARGO_BIN_EXE_beilin"), &program).expect("copied");
        let folder = self.folder.join("site");
        Some(move || {
            let mut command = if root { Command::new("setpriv") } else { Command::new(&program) };
            if root {
                command.args(["--reuid=65534", "--regid=65534", "--clear-groups", &program]);
            }
            command.current_dir(&folder).env("BEILIN_LANG", "en").env("HOME", &folder);
            command.args(["build", "--as-of", "2026-11-20"]).output().expect("runs")
        })
    }

    fn mode(&self, path: &str, mode: &str) {
        let place = self.path(&format!("site/{path}"));
        assert!(Command::new("chmod").args([mode, &place]).status().expect("chmod runs").success());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for place in &self.mounted {
            // Something may still hold it; then it goes with the machine.
            let _ = Command::new("umount").args(["--lazy", place]).status();
        }
        // What stays is cleared by the next run.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn record(n: usize, title: &str, turn: usize) -> String {
    let text = format!("第{n}件的正文，第{turn}稿。").repeat(20);
    let (month, day) = (1 + n % 9, 1 + n % 28);
    let date = format!("202{}-0{month}-{day:02}", n % 6);
    other(&format!("r{n}"), &date, "", &text).replace("题r", &format!("{title}r"))
}

fn assert_same(now: &Tree, clean: &Tree, what: &str) {
    let paths = |tree: &Tree| tree.keys().filter(|p| !is_of_search(p)).cloned().collect::<Vec<_>>();
    assert_eq!(paths(now), paths(clean), "{what}");
    assert_same_site(now, clean);
}

/// Holds that every file is one of those of these sites; the manifest and the working folder are ours.
fn assert_whole(now: &Tree, sites: &[Tree], what: &str) {
    // What the search wrote beside its generation is in no clean site.
    for (path, bytes) in now.iter().filter(|(p, _)| !p.starts_with(".beilin-") && !is_of_search(p)) {
        assert!(sites.iter().any(|s| s.get(path) == Some(bytes)), "{what}: {path} is old or new");
    }
}

/// Edits one record at random: its prose, its title; or adds, removes or moves one.
fn edit(site: &Site, random: &mut Random, turn: usize) -> String {
    let records: Vec<String> = Real
        .walk(&site.path("site/content/records"))
        .expect("listed")
        .into_iter()
        .map(|f| format!("content/records/{}", f.path))
        .collect();
    let path = &records[random.below(records.len() as u64) as usize];
    let n: usize = path.rsplit_once("/r").and_then(|(_, n)| n.strip_suffix(".md")?.parse().ok()).expect("a number");
    match random.below(6) {
        0 | 1 => {
            let text = fs::read_to_string(site.path(&format!("site/{path}"))).expect("there");
            site.put(path, &format!("{text}\n又补第{turn}句。\n"));
            format!("prose of {path}")
        }
        2 => {
            site.put(path, &record(n, &format!("新题{turn}"), turn));
            format!("title of {path}")
        }
        3 => {
            site.put(&format!("content/records/8/r{}.md", 10_000 + turn), &record(10_000 + turn, "添", turn));
            format!("added {}", 10_000 + turn)
        }
        4 => {
            fs::remove_file(site.path(&format!("site/{path}"))).expect("removed");
            format!("removed {path}")
        }
        _ => {
            let to = site.path(&format!("site/content/records/moved/r{n}.md"));
            Real.rename(&site.path(&format!("site/{path}")), &to).expect("moved");
            format!("moved {path}")
        }
    }
}

/// Waits until something is so, or the run has ended.
fn until_it_is(run: &mut Child, so: impl Fn() -> bool) {
    while !so() && run.try_wait().expect("asked").is_none() {
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Tells in which part of a build it was ended, as far as its traces tell.
fn part(site: &Site, before: &(Option<Vec<u8>>, Option<Vec<u8>>), ended: bool) -> &'static str {
    let now = marks(site);
    let is_staging = Real.exists(&site.path("site/public/.beilin-stage"));
    match (ended, is_staging, now.0 != before.0, now.1 != before.1) {
        (true, ..) => "ended before",
        (_, true, true, _) => "5 moving",
        (_, true, false, _) => "2 staging",
        (_, false, true, false) => "6 saving the cache",
        (_, false, _, true) => "7 ending",
        (_, false, false, false) => "1 reading",
    }
}

/// The manifest and the head of the cache.
fn marks(site: &Site) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let read = |path: &str| fs::read(site.path(&format!("site/{path}"))).ok();
    (read(&format!("public/{MANIFEST}")), read(".beilin/cache/head"))
}

/// Kills builds at random moments; `BEILIN_KILLS` says how many times.
#[test]
fn a_build_killed_at_any_moment_leaves_whole_files_and_the_next_one_mends_all() {
    let kills: usize = std::env::var("BEILIN_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let site = Site::new("kill", 200);
    let mut random = Random(11);
    let mut parts: BTreeMap<&str, usize> = BTreeMap::new();
    let began = Instant::now();
    site.build_fine();
    let first = began.elapsed();
    let (mut sites, mut usual) = (vec![site.out()], first / 2);
    let mut killed = 0;
    for kill in 0.. {
        if killed == kills {
            break;
        }
        assert!(kill < 20 * kills.max(1), "builds can be killed before they end: {parts:?}");
        let what = edit(&site, &mut random, kill);
        let what = format!("kill {kill}, {what}");
        let is_first = random.below(8) == 0;
        if is_first {
            for path in site.out().keys() {
                fs::remove_file(site.path(&format!("site/public/{path}"))).expect("removed");
            }
            Real.remove_tree(&site.path("site/.beilin")).expect("removed");
        }
        let before = marks(&site);
        let mut run = site.command("site").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        let most = if is_first { first } else { usual };
        // Anywhere; soon after files are staged; soon after files begin to move, which is over in no time.
        let wait = Duration::from_micros(random.below(most.as_micros() as u64 * 5 / 4 + 1));
        let wait = match random.below(3) {
            0 => wait,
            1 => {
                until_it_is(&mut run, || Real.exists(&site.path("site/public/.beilin-stage")));
                wait / 3
            }
            _ => {
                let then = Real.stat(&site.path("site/public/.beilin-manifest")).ok();
                until_it_is(&mut run, || Real.stat(&site.path("site/public/.beilin-manifest")).ok() != then);
                let most = random.below(30_000) + 1;
                Duration::from_micros(random.below(most))
            }
        };
        std::thread::sleep(wait);
        let ended = run.try_wait().expect("asked").is_some();
        run.kill().expect("killed, or over");
        run.wait().expect("ends");
        killed += usize::from(!ended);
        *parts.entry(part(&site, &before, ended)).or_default() += 1;
        sites.push(site.clean());
        assert_whole(&site.out(), &sites, &what);
        // Now and then the next run is killed too.
        if random.below(4) > 0 {
            let began = Instant::now();
            site.build_fine();
            usual = (usual + began.elapsed()) / 2;
            let clean = sites.pop().expect("just put");
            assert_same(&site.out(), &clean, &what);
            sites = vec![clean];
        }
    }
    eprintln!("{killed} kills by the part of the build they fell into: {parts:?}");
    site.build_fine();
    site.assert_clean("at the end");
}

#[test]
fn a_full_disk_under_the_output_leaves_the_old_site_and_then_all_is_well() {
    let mut site = Site::new("full", 30);
    Real.remove_tree(&site.path("site/public")).expect("removed");
    if !site.mount("public", "8m") {
        return;
    }
    FOREIGN.iter().for_each(|(path, text)| site.put(&format!("public/{path}"), text));
    site.build_fine();
    let old = site.out();
    for (kind, title) in [("prose", "题"), ("structure", "新题")] {
        site.put("content/records/3/r3.md", &record(3, title, 9));
        let ballast = site.fill("public");
        let output = site.build();
        fs::remove_file(ballast).expect("removed");
        assert_eq!(output.status.code(), Some(2), "{kind}: {}", told(&output));
        assert!(told(&output).contains("No space left"), "{kind}: {}", told(&output));
        let mut now = site.out();
        now.retain(|path, _| !path.starts_with(".beilin-stage"));
        if kind == "prose" {
            assert_same(&now, &old, kind);
        }
        site.build_fine();
        site.assert_clean(kind);
    }
}

#[test]
fn a_cache_that_cannot_be_written_costs_a_warning_and_no_page() {
    let mut site = Site::new("full-cache", 30);
    if !site.mount(".beilin", "4m") {
        return;
    }
    for turn in 0..2 {
        let ballast = site.fill(".beilin");
        site.put("content/records/3/r3.md", &record(3, "题", 10 + turn));
        let output = site.build();
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let told = told(&output);
        assert!(told.contains("cannot write `.beilin/") || told.contains("cannot write the cache"), "{told}");
        site.assert_clean("with a full cache");
        fs::remove_file(ballast).expect("removed");
        site.put("content/records/4/r4.md", &record(4, "换", turn));
        site.build_fine();
        site.assert_clean("with room again");
    }
}

#[test]
fn a_read_only_output_is_told_and_stays() {
    let mut site = Site::new("read-only", 20);
    Real.remove_tree(&site.path("site/public")).expect("removed");
    if !site.mount("public", "16m") {
        return;
    }
    FOREIGN.iter().for_each(|(path, text)| site.put(&format!("public/{path}"), text));
    site.build_fine();
    let old = site.out();
    let remount = |how: &str| {
        let option = format!("remount,{how}");
        let done = Command::new("mount").args(["-o", &option, &site.path("site/public")]).status();
        assert!(done.expect("mount runs").success());
    };
    for title in ["题", "新题"] {
        site.put("content/records/3/r3.md", &record(3, title, 9));
        remount("ro");
        let output = site.build();
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains("Read-only file system"), "{}", told(&output));
        remount("rw");
        if title == "题" {
            assert_same(&site.out(), &old, "read-only");
        }
        site.build_fine();
        site.assert_clean("writable again");
    }
}

#[test]
fn what_we_may_not_read_or_write_is_named_and_the_next_build_mends_all() {
    let site = Site::new("denied", 20);
    let Some(run) = site.as_nobody() else { return };
    assert_eq!(run().status.code(), Some(0));
    for (turn, (path, shut, open, names)) in [
        ("content/records/3/r3.md", "000", "644", "r3.md"),
        ("content/records", "000", "755", "content"),
        ("public", "555", "755", "public"),
        ("public/records/r3", "555", "755", "records/r3"),
        ("public/.beilin-lock", "000", "644", ".beilin-lock"),
        ("public/.beilin-manifest", "000", "644", ".beilin-manifest"),
        ("beilin.toml", "000", "644", "beilin.toml"),
    ]
    .into_iter()
    .enumerate()
    {
        let sites = [site.out(), {
            site.put("content/records/3/r3.md", &record(3, "题", 20 + turn));
            site.put("content/records/2/r2.md", &record(2, &format!("换{turn}"), turn));
            site.clean()
        }];
        site.mode(path, shut);
        let output = run();
        site.mode(path, open);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{path}: {told}");
        assert!(told.to_lowercase().contains("permission denied") && told.contains(names), "{path}: {told}");
        assert_whole(&site.out(), &sites, path);
        let output = run();
        assert_eq!(output.status.code(), Some(0), "{path}: {}", crate::publish::told(&output));
        assert_same(&site.out(), &sites[1], path);
    }
    // Nothing of the cache is needed.
    site.mode(".beilin/cache", "555");
    site.put("content/records/2/r2.md", &record(2, "再换", 0));
    let output = run();
    site.mode(".beilin/cache", "755");
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let told = told(&output);
    assert!(told.contains("cannot write `.beilin/") || told.contains("cannot write the cache"), "{told}");
    site.assert_clean("without a cache");
}

#[test]
fn builds_at_once_end_well_with_the_site_of_the_last_edit() {
    let site = Site::new("at-once", 60);
    site.build_fine();
    let mut random = Random(5);
    for round in 0..8 {
        let mut edits = BTreeSet::new();
        let runs: Vec<_> = (0..if round % 2 == 0 { 2 } else { 4 })
            .map(|n| {
                edits.insert(edit(&site, &mut random, 100 * round + n));
                let mut command = site.command("site");
                let run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
                std::thread::sleep(Duration::from_millis(random.below(200)));
                run
            })
            .collect();
        let outputs: Vec<Output> = runs.into_iter().map(|run| run.wait_with_output().expect("ends")).collect();
        for (n, output) in outputs.iter().enumerate() {
            // One that saw a file before and after its edit says so; the last saw every edit.
            let told = told(output);
            let saw_both = ["not what it was a moment ago", "No such file"].iter().any(|w| told.contains(w));
            let is_last = n + 1 == outputs.len();
            assert!(output.status.success() || (saw_both && !is_last), "{edits:?}: {n}: {told}");
            assert!(!told.contains("cannot write the cache"), "{edits:?}: {told}");
        }
        site.assert_clean(&format!("round {round}, {edits:?}"));
        site.build_fine();
        site.assert_clean(&format!("after round {round}, {edits:?}"));
    }
}
