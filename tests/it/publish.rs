//! Publishing, with real repositories and the real binary: releases, the switch, rollback, and what
//! happens when the machine refuses or a run is ended.

use beilin::build::Unwatched;
use beilin::disk::{Command as Asked, Disk, Found, Ran, Real, Stat};
use beilin::publish::{self, Options, Outcome};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A repository `repo`, and `site` to publish it to, in a folder that goes away with the test.
pub(crate) struct Published {
    pub(crate) folder: PathBuf,
    mounted: bool,
}

impl Published {
    /// A repository with a small site, committed.
    pub(crate) fn new(name: &str) -> Published {
        let folder = std::env::temp_dir().join(format!("beilin-publish-{}-{name}", std::process::id()));
        Real.remove_tree(&folder.to_string_lossy()).expect("an old folder goes away");
        std::fs::create_dir_all(folder.join("repo")).expect("a folder is made");
        let here = Published { folder, mounted: false };
        here.git(&["init", "--quiet", "--initial-branch=main"]);
        here.version(1);
        here
    }

    pub(crate) fn put(&self, path: &str, text: &str) -> &Self {
        Real.write(&self.path(&format!("repo/{path}")), text.as_bytes()).expect("a file is written");
        self
    }

    pub(crate) fn path(&self, path: &str) -> String {
        self.folder.join(path).to_string_lossy().into_owned()
    }

    pub(crate) fn git(&self, words: &[&str]) -> String {
        self.git_in("repo", words)
    }

    pub(crate) fn git_in(&self, folder: &str, words: &[&str]) -> String {
        let output = git(&self.folder.join(folder), words).output().expect("git runs");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {words:?}: {err}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Commits everything and returns the commit's id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits the site whose every page says which version it is.
    pub(crate) fn version(&self, n: usize) -> String {
        self.put("beilin.toml", &format!("[site]\ntitle = \"第{n}版\"\n"));
        self.put("content/about.md", &format!("+++\ntitle = \"关于\"\n+++\n这是第{n}版。\n"));
        self.commit(&format!("第{n}版"))
    }

    /// A command line of the binary in the repository, with `--to`.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = beilin(&self.folder.join("repo"));
        command.args(words).args(["--to", &self.path("site")]);
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the binary runs")
    }

    pub(crate) fn json(&self, words: &[&str]) -> serde_json::Value {
        let output = self.run(&[&["--json"], words].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{words:?}: {e}: {}", told(&output)))
    }

    /// Publishes and holds that it went live.
    pub(crate) fn publish(&self, words: &[&str]) -> serde_json::Value {
        let value = self.json(&[&["publish"], words].concat());
        assert_eq!(value["outcome"], "live", "{value:#}");
        value
    }

    fn options(&self) -> Options {
        Options { repository: self.path("repo"), to: self.path("site"), ..Options::default() }
    }

    fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command(words);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    }

    /// The version that is served, which must be one whole site.
    pub(crate) fn served(&self) -> usize {
        self.whole("site/current").expect("a whole site is served")
    }

    /// Returns the version a folder holds: every page says the same, every file of the manifest is there.
    fn whole(&self, folder: &str) -> Result<usize, String> {
        let folder = std::fs::canonicalize(self.folder.join(folder)).map_err(|e| e.to_string())?;
        let manifest = std::fs::read_to_string(folder.join(".beilin-manifest")).map_err(|e| e.to_string())?;
        let mut versions = BTreeMap::new();
        for line in manifest.lines().skip(1) {
            let path = line.splitn(3, ' ').nth(2).unwrap_or_default();
            let bytes = std::fs::read(folder.join(path)).map_err(|e| format!("{path}: {e}"))?;
            if path.ends_with(".html") {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let version =
                    text.split_once('第').and_then(|(_, rest)| rest.split_once('版')).map(|(n, _)| n.to_owned());
                versions.insert(version.and_then(|n| n.parse::<usize>().ok()), path.to_owned());
            }
        }
        match versions.into_iter().collect::<Vec<_>>().as_slice() {
            [(Some(version), _)] => Ok(*version),
            other => Err(format!("{other:?}")),
        }
    }

    fn releases(&self) -> Vec<serde_json::Value> {
        self.json(&["releases"])["releases"].as_array().expect("a list").clone()
    }

    /// Puts a file system of its own where the site is published to; `None` where that is not allowed.
    fn mount(&mut self, size: &str) -> Option<()> {
        std::fs::create_dir_all(self.folder.join("site")).expect("a folder is made");
        let option = format!("size={size}");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &option, "tmpfs", &self.path("site")]).output();
        self.mounted = done.is_ok_and(|o| o.status.success());
        if !self.mounted {
            eprintln!("passed over: mounting needs root");
        }
        self.mounted.then_some(())
    }

    fn remount(&self, how: &str) {
        let option = format!("remount,{how}");
        let done = Command::new("mount").args(["-o", &option, &self.path("site")]).status().expect("mount runs");
        assert!(done.success());
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        if self.mounted {
            // A worker may still hold it; then it goes with the machine.
            let _ = Command::new("umount").args(["--lazy", &self.path("site")]).status();
        }
        // What stays is cleared by the next run.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Git without anybody's configuration.
pub(crate) fn git(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "云州").env(format!("GIT_{who}_EMAIL"), "y@yunzhou.example");
    }
    command
}

pub(crate) fn beilin(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beilin"));
    command.current_dir(folder).env("LC_ALL", "C").env("BEILIN_LANG", "en");
    command
}

pub(crate) fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// Waits until something is so.
pub(crate) fn until(what: &str, so: impl Fn() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Returns the files below a folder with their bytes.
pub(crate) fn tree(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let found = Real.walk(folder).expect("listed");
    found.into_iter().map(|f| (f.path.clone(), std::fs::read(format!("{folder}/{}", f.path)).expect("read"))).collect()
}

#[test]
fn a_commit_goes_live_and_the_same_again_is_nothing_to_do() {
    let here = Published::new("simple");
    let first = here.publish(&[]);
    assert_eq!(here.served(), 1);
    let commit = here.git(&["rev-parse", "HEAD"]);
    assert_eq!((first["commit"].as_str(), first["release"].as_str()), (Some(&*commit), Some(&*commit)));
    assert_eq!(Real.pointed(&here.path("site/current")), Some(format!("releases/{commit}")));
    assert_eq!(here.json(&["publish"])["outcome"], "already-live");
    let second = here.version(2);
    // What is not committed is not published.
    here.put("content/about.md", "+++\ntitel = \"错\"\n");
    assert_eq!(here.publish(&[])["commit"], second.as_str());
    assert_eq!(here.served(), 2);
    assert_eq!(here.publish(&["--revision", &commit])["commit"], commit.as_str(), "any revision can be named");
    assert_eq!((here.served(), here.releases().len()), (1, 2), "a release that is kept is used again");
}

#[test]
fn releases_share_what_is_the_same_and_an_old_one_never_changes() {
    let here = Published::new("links");
    let first = here.publish(&[]);
    let old = here.path(&format!("site/releases/{}", first["release"].as_str().expect("a name")));
    let before = tree(&old);
    here.put("content/about.md", "+++\ntitle = \"关于\"\n+++\n改了第1版的一句。\n");
    here.put("content/more.md", "+++\ntitle = \"又一页\"\n+++\n第1版。\n");
    here.commit("改一句");
    let second = here.publish(&[]);
    let new = here.path(&format!("site/releases/{}", second["release"].as_str().expect("a name")));
    assert_eq!(tree(&old), before, "the old release has its old bytes");
    let after = tree(&new);
    let (mut shared, mut own) = (0, 0);
    for (path, bytes) in &after {
        let inode = |folder: &str| Real.stat(&format!("{folder}/{path}")).map(|s| s.inode).ok();
        match before.get(path) == Some(bytes) {
            true => {
                assert_eq!(inode(&old), inode(&new), "{path} is one file");
                shared += 1;
            }
            false => {
                assert_ne!(inode(&old), inode(&new), "{path} is two files");
                own += 1;
            }
        }
    }
    assert!(shared > 5 && own > 1, "{shared} {own}");
    assert!(after.keys().all(|p| !p.starts_with(".beilin-") || p == ".beilin-manifest"), "{:?}", after.keys());
    let listing = here.json(&["releases", "--verify"]);
    assert_eq!(listing["ok"], true, "{listing:#}");
}

#[test]
fn a_file_that_was_harmed_is_found() {
    let here = Published::new("harm");
    here.publish(&[]);
    let page = here.folder.join("site/current/about/index.html");
    let text = std::fs::read_to_string(&page).expect("there");
    std::fs::write(&page, text.replace("关于", "关与")).expect("written");
    std::fs::write(here.folder.join("site/current/extra.txt"), "x").expect("written");
    let output = here.run(&["releases", "--verify"]);
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    assert!(
        told.contains("about/index.html  has other bytes") && told.contains("extra.txt  does not belong"),
        "{told}"
    );
    assert_eq!(here.run(&["releases"]).status.code(), Some(0));
}

#[test]
fn a_site_with_errors_never_goes_live() {
    let here = Published::new("errors");
    here.publish(&[]);
    here.put("content/about.md", "+++\ntitel = \"关于\"\n+++\n");
    here.commit("写错");
    let output = here.run(&["publish"]);
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    assert!(told.contains("content/about.md:2:1") && told.contains("was not published"), "{told}");
    assert_eq!((here.served(), here.releases().len()), (1, 1));
    let left: Vec<_> = Real.list(&here.path("site/releases")).expect("listed");
    assert_eq!(left.len(), 2, "the failed release is gone: {left:?}");
    here.version(3);
    here.publish(&[]);
    assert_eq!(here.served(), 3);
}

#[test]
fn a_rollback_lasts_until_a_new_commit_or_a_word() {
    let here = Published::new("rollback");
    let commits: Vec<String> = (1..=3)
        .map(|n| {
            let commit = here.version(n);
            here.publish(&[]);
            commit
        })
        .collect();
    let back = here.json(&["rollback"]);
    assert_eq!((back["ok"].as_bool(), back["release"].as_str()), (Some(true), Some(&*commits[1])), "{back}");
    assert_eq!(here.served(), 2);
    let listed = here.releases();
    assert_eq!((&listed[0]["commit"], &listed[0]["live"]), (&commits[2].clone().into(), &false.into()));
    assert!(listed[0]["rolled_back"].is_string() && listed[1]["rolled_back"].is_null(), "{listed:?}");
    // A daemon that publishes the head does not undo it.
    assert_eq!(here.json(&["publish"])["outcome"], "held-back");
    assert_eq!(here.served(), 2);
    assert_eq!(here.json(&["publish", "--as-of", "2031-01-01"])["outcome"], "held-back", "on no other day either");
    here.json(&["rollback"]);
    assert_eq!(here.served(), 1, "again is one further back");
    let output = here.run(&["rollback"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("no earlier release"), "{}", told(&output));
    here.json(&["rollback", &commits[1][..8]]);
    assert_eq!(here.served(), 2, "a release can be named by the beginning of its commit");
    here.publish(&["--again"]);
    assert_eq!(here.served(), 3);
    here.json(&["rollback"]);
    here.version(4);
    here.publish(&[]);
    assert_eq!(here.served(), 4);
    here.json(&["rollback"]);
    assert_eq!(here.served(), 2, "one that was left behind is passed over");
    assert_eq!(here.run(&["rollback", "feedfeed"]).status.code(), Some(2));
}

#[test]
fn a_harmed_release_is_not_gone_back_to() {
    let here = Published::new("harmed-back");
    let first = here.publish(&[]);
    here.version(2);
    here.publish(&[]);
    let old = here.folder.join("site/releases").join(first["release"].as_str().expect("a name"));
    std::fs::remove_file(old.join("about/index.html")).expect("removed");
    let output = here.run(&["rollback"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("about/index.html"), "{}", told(&output));
    assert_eq!(here.served(), 2);
    // Publishing that commit makes it anew, under a name of its own.
    let anew = here.publish(&["--revision", "HEAD~1"]);
    assert_eq!(here.served(), 1);
    assert!(anew["release"].as_str().is_some_and(|n| n.ends_with("-2")), "{anew}");
}

#[test]
fn only_so_many_releases_are_kept_and_only_ours_go() {
    let here = Published::new("keep");
    here.publish(&["--keep", "3"]);
    std::fs::create_dir_all(here.folder.join("site/releases/backup")).expect("made");
    for n in 2..=5 {
        here.version(n);
        let done = here.publish(&["--keep", "3"]);
        assert_eq!(done["removed"].as_array().map(Vec::len), Some(usize::from(n > 3)), "{done}");
    }
    let subjects: Vec<String> =
        here.releases().iter().map(|r| r["subject"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(subjects, ["第5版", "第4版", "第3版"]);
    assert!(here.folder.join("site/releases/backup").is_dir(), "what is not ours stays");
    here.version(6);
    here.publish(&["--keep", "1"]);
    assert_eq!(here.releases().len(), 2, "the one to go back to stays in any case");
    here.json(&["rollback"]);
    assert_eq!(here.served(), 5);
}

#[test]
fn a_plain_folder_is_exchanged_whole() {
    let here = Published::new("plain");
    let live = here.path("www");
    std::fs::create_dir_all(&live).expect("made");
    here.publish(&["--live", &live]);
    assert_eq!(here.whole("www"), Ok(1));
    here.version(2);
    // The place is remembered.
    here.publish(&[]);
    assert_eq!(here.whole("www"), Ok(2));
    assert!(!std::fs::symlink_metadata(&live).expect("there").is_symlink());
    assert_eq!(here.json(&["publish"])["outcome"], "already-live");
    here.json(&["rollback"]);
    assert_eq!(here.whole("www"), Ok(1));
    assert_eq!(Real.list(&here.path("")).expect("listed").len(), 3, "nothing is left beside it");
    // The output of a plain build is ours too.
    here.version(3);
    let built = here.path("built");
    assert!(beilin(&here.folder.join("repo")).args(["-q", "build", "--out", &built]).status().expect("runs").success());
    here.publish(&["--live", &built]);
    assert_eq!(here.whole("built"), Ok(3));
}

#[test]
fn a_folder_with_files_of_others_is_not_touched() {
    let here = Published::new("foreign");
    let live = here.path("www");
    Real.write(&here.path("www/index.html"), b"theirs").expect("written");
    let output = here.run(&["publish", "--live", &live]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("did not write") && told(&output).contains("index.html"), "{}", told(&output));
    assert_eq!(tree(&live).len(), 1);
    // Nor is one that was ours and then changed by hand.
    std::fs::remove_file(here.folder.join("www/index.html")).expect("removed");
    here.publish(&["--live", &live]);
    Real.write(&here.path("www/notes.txt"), b"theirs").expect("written");
    here.version(2);
    assert_eq!(here.run(&["publish"]).status.code(), Some(2));
    assert_eq!(here.whole("www"), Ok(1));
    assert!(here.folder.join("www/notes.txt").exists());
    // Nor a link to somewhere else, nor a folder that holds the releases.
    #[cfg(unix)]
    std::os::unix::fs::symlink("/", here.folder.join("link")).expect("made");
    assert_eq!(here.run(&["publish", "--live", &here.path("link")]).status.code(), Some(2));
    assert_eq!(here.run(&["publish", "--live", &here.path("")]).status.code(), Some(2));
}

#[test]
fn a_link_that_was_served_before_is_never_left_leading_nowhere() {
    let here = Published::new("two-links");
    here.publish(&["--keep", "1"]);
    let other = here.path("other");
    for n in 2..=4 {
        here.version(n);
        here.publish(&["--keep", "1", "--live", &other]);
    }
    assert_eq!((here.served(), here.whole("other")), (1, Ok(4)));
    assert_eq!(here.releases().len(), 3);
}

#[test]
fn the_list_of_files_is_what_other_programs_find() {
    let here = Published::new("sums");
    let done = here.publish(&[]);
    let name = done["release"].as_str().expect("a name");
    let text = std::fs::read(here.path(&format!("site/releases/{name}.json"))).expect("there");
    let json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!((&json["commit"], &json["subject"]), (&done["commit"], &"第1版".into()));
    let files = json["files"].as_array().expect("a list");
    let sums: String = files
        .iter()
        .map(|f| format!("{}  {}\n", f["sha256"].as_str().expect("text"), f["path"].as_str().expect("text")))
        .collect();
    Real.write(&here.path("sums"), sums.as_bytes()).expect("written");
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", &here.path("sums")]);
    let output = check.current_dir(here.folder.join("site/current")).output().expect("sha256sum runs");
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(files.len() + 1, tree(&here.path(&format!("site/releases/{name}"))).len(), "all but our manifest");
}

#[test]
fn what_was_committed_runs_nothing_and_leads_nowhere() {
    let here = Published::new("safe");
    let mark = here.path("ran");
    let evil = format!("sh -c 'touch {mark}; cat'");
    here.git(&["config", "filter.evil.smudge", &evil]);
    here.git(&["config", "core.fsmonitor", &format!("touch {mark}")]);
    let hook = here.path("repo/.git/hooks/post-checkout");
    Real.write(&hook, format!("#!/bin/sh\ntouch {mark}\n").as_bytes()).expect("written");
    Real.make_executable(&hook).expect("done");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", here.folder.join("repo/content/host.md")).expect("made");
    here.put(".gitattributes", "*.md filter=evil\n").put("content/党 建.md", "+++\ntitle = \"党建\"\n+++\n第1版。\n");
    here.put(".beilin/cache", "believe me");
    here.git(&["-c", "core.fsmonitor=false", "add", "--all"]);
    here.git(&["-c", "core.fsmonitor=false", "commit", "--quiet", "-m", "x"]);
    // Our own git ran the filter of its own repository's configuration; publishing must not.
    let _ = std::fs::remove_file(&mark);
    here.publish(&[]);
    assert!(!Path::new(&mark).exists(), "nothing of the repository's configuration was run");
    assert!(!Real.exists(&here.path("site/.beilin/work/content/host.md")), "the link is left out");
    assert!(
        Real.exists(&here.path("site/.beilin/work/.beilin/cache/head")),
        "the cache is ours, not the one committed"
    );
    assert!(Real.exists(&here.path("site/.beilin/work/content/党 建.md")));
}

#[test]
fn the_authors_own_work_is_not_touched_and_leftovers_are_not_published() {
    let here = Published::new("own");
    here.put("content/old.md", "+++\ntitle = \"旧\"\n+++\n第1版。\n");
    here.commit("加一页");
    here.put("content/draft.md", "半句");
    here.git(&["add", "content/draft.md"]);
    here.put("content/draft.md", "半句，又半句");
    let state =
        || (here.git(&["status", "--porcelain"]), std::fs::read(here.folder.join("repo/.git/index")).expect("read"));
    let before = state();
    here.publish(&[]);
    assert_eq!(state(), before);
    assert!(Path::new(&here.path("site/current/old/index.html")).exists());
    // A file a killed run left behind, and a file that is gone in the next commit.
    Real.write(&here.path("site/.beilin/work/content/ghost.md"), "+++\ntitle = \"鬼\"\n+++\n".as_bytes())
        .expect("written");
    Real.write(&here.path("site/.beilin/git/index.lock"), b"").expect("written");
    Real.write(&here.path("site/releases/.new-0/x"), b"x").expect("written");
    here.git(&["reset", "--quiet", "--hard"]);
    here.git(&["rm", "--quiet", "content/old.md"]);
    here.commit("去一页");
    here.publish(&[]);
    for gone in ["site/current/old/index.html", "site/current/ghost/index.html", "site/releases/.new-0"] {
        assert!(!Path::new(&here.path(gone)).exists(), "{gone}");
    }
    // A damaged index is made anew.
    Real.write(&here.path("site/.beilin/git/index"), b"not an index").expect("written");
    here.version(2);
    here.publish(&[]);
    assert_eq!(here.served(), 2);
}

#[test]
fn a_site_below_the_top_and_a_bare_repository_are_published() {
    let here = Published::new("below");
    here.git(&["rm", "--quiet", "-r", "."]);
    here.put("sites/yi/beilin.toml", "[site]\ntitle = \"第7版\"\n");
    here.put("sites/yi/content/about.md", "+++\ntitle = \"关于\"\n+++\n话。\n");
    here.commit("移下去");
    here.git_in("", &["clone", "--quiet", "--bare", "repo", "bare.git"]);
    let bare = here.path("bare.git");
    let output = here.run(&["publish", "--repository", &bare]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("--site"), "{}", told(&output));
    here.publish(&["--repository", &bare, "--site", "sites/yi/", "--revision", "main"]);
    assert_eq!(here.served(), 7);
    for words in [["--repository", "/nowhere"], ["--revision", "nothing"], ["--revision=--all", "--all"]] {
        let output = here.run(&["publish", words[0], words[1]]);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", told(&output));
    }
}

#[test]
fn a_new_day_that_changes_nothing_makes_no_release() {
    let here = Published::new("day");
    here.publish(&["--as-of", "2026-03-18"]);
    let next = here.json(&["publish", "--as-of", "2026-03-19"]);
    assert_eq!((next["outcome"].as_str(), here.releases().len()), (Some("already-live"), 1));
    assert_eq!(here.releases()[0]["as_of"], "2026-03-19");
}

#[test]
fn two_publishes_at_once_both_end_well() {
    let here = Published::new("two");
    here.publish(&[]);
    let older = here.version(2);
    here.version(3);
    let mut runs: Vec<Child> = [vec!["publish"], vec!["publish", "--revision", &older], vec!["publish"]]
        .iter()
        .map(|w| here.start(w))
        .collect();
    for run in &mut runs {
        assert!(run.wait().expect("ends").success());
    }
    assert!(here.served() >= 2);
    assert_eq!(here.releases().len(), 3, "one release a commit");
}

/// A small generator: the same numbers every time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Kills runs at random moments while a reader reads; `BEILIN_KILLS` says how many times.
#[test]
fn a_run_killed_at_any_moment_leaves_one_whole_site() {
    let kills = std::env::var("BEILIN_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let here = Published::new("kill");
    std::fs::create_dir_all(here.folder.join("www")).expect("made");
    let (live, done) = (here.path("www"), AtomicBool::new(false));
    here.publish(&[]);
    here.version(2);
    let began = Instant::now();
    here.publish(&[]);
    let full = began.elapsed().as_millis() as u64 + 1;
    let (mut version, mut random, mut finished) = (2, Random(7), 0);
    let reads = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) {
                let target = Real.pointed(&here.path("site/current")).expect("the link is always there");
                let found = here.whole(&format!("site/{target}"));
                // A release that is no longer live may go while it is read.
                let still = Real.pointed(&here.path("site/current")).as_deref() == Some(&target);
                assert!(found.is_ok() || !still, "{found:?}");
                reads += 1;
            }
            reads
        });
        for kill in 0..kills {
            version += 1;
            here.version(version);
            // Every third into a plain folder.
            let plain = ["publish", "--live", live.as_str()];
            let link = ["publish", "--live", &here.path("site/current")];
            let mut run = here.start(if kill % 3 == 2 { &plain } else { &link });
            std::thread::sleep(Duration::from_millis(random.below(full + full / 4)));
            let ended = run.try_wait().expect("asked").is_some();
            run.kill().expect("killed, or over");
            run.wait().expect("ends");
            finished += usize::from(ended);
            assert!(here.served() <= version, "kill {kill}");
            if tree(&live).len() > 1 {
                here.whole("www").unwrap_or_else(|e| panic!("kill {kill}: {e}"));
            }
        }
        done.store(true, Ordering::Relaxed);
        reader.join().expect("the reader saw whole sites only")
    });
    eprintln!("{kills} kills, {finished} of them after the run had ended; {reads} reads meanwhile");
    assert!(reads > 0 && finished < kills, "{reads} reads; {finished} of {kills} ended before they were killed");
    for (words, folder) in [(here.path("site/current"), "site/current"), (live.clone(), "www")] {
        version += 1;
        here.version(version);
        here.publish(&["--live", &words]);
        assert_eq!(here.whole(folder), Ok(version));
    }
    assert_eq!(here.json(&["releases", "--verify"])["ok"], true);
    let left: Vec<_> = Real.list(&here.path("site/releases")).expect("listed");
    assert!(left.iter().all(|(n, _)| !n.starts_with('.')), "{left:?}");
}

/// The machine, with one thing about it that is not as usual.
#[derive(Default)]
struct Odd {
    /// So many more operations succeed.
    left: Option<AtomicI64>,
    /// Whether folders can change places.
    no_exchange: bool,
    /// Whether links can be made.
    no_links: bool,
    /// What the clock says.
    clock: Option<AtomicI64>,
    exchanged: AtomicUsize,
}

impl Odd {
    fn may(&self) -> io::Result<()> {
        match &self.left {
            Some(left) if left.fetch_sub(1, Ordering::Relaxed) <= 0 => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }
}

/// Passes a call on; those marked `!` change something and may be refused.
macro_rules! pass_on {
    ($( $name:ident ( $($arg:ident : $type:ty),* ) $(-> $result:ty)? ; )*) => {
        $( fn $name(&self, $($arg: $type),*) $(-> $result)? { Real.$name($($arg),*) } )*
    };
    (! $( $name:ident ( $($arg:ident : $type:ty),* ) -> $result:ty ; )*) => {
        $( fn $name(&self, $($arg: $type),*) -> $result { self.may()?; Real.$name($($arg),*) } )*
    };
}

impl Disk for Odd {
    pass_on! {
        read(path: &str) -> io::Result<Vec<u8>>;
        walk(folder: &str) -> io::Result<Vec<Found>>;
        list(folder: &str) -> io::Result<Vec<(String, bool)>>;
        stat(path: &str) -> io::Result<Stat>;
        pointed(link: &str) -> Option<String>;
        settle(folder: &str) -> io::Result<()>;
        start(command: &Asked<'_>) -> io::Result<()>;
        absolute(path: &str) -> io::Result<String>;
        program() -> io::Result<String>;
        exists(path: &str) -> bool;
        is_folder(path: &str) -> bool;
        env(name: &str) -> Option<String>;
        open(address: &str) -> io::Result<()>;
        make_executable(path: &str) -> io::Result<()>;
    }
    pass_on! { !
        write(path: &str, bytes: &[u8]) -> io::Result<()>;
        rename(from: &str, to: &str) -> io::Result<()>;
        remove(path: &str) -> io::Result<()>;
        remove_tree(path: &str) -> io::Result<()>;
        remove_empty(folder: &str) -> io::Result<()>;
        link(from: &str, to: &str) -> io::Result<()>;
        try_lock(path: &str) -> io::Result<Option<Box<dyn Send + Sync>>>;
        lock(path: &str) -> io::Result<Box<dyn Send + Sync>>;
        run(command: &Asked<'_>) -> io::Result<Ran>;
    }

    fn point(&self, link: &str, target: &str) -> io::Result<()> {
        self.may()?;
        if self.no_links { Err(io::ErrorKind::Unsupported.into()) } else { Real.point(link, target) }
    }

    fn exchange(&self, a: &str, b: &str) -> io::Result<()> {
        self.may()?;
        self.exchanged.fetch_add(1, Ordering::Relaxed);
        if self.no_exchange { Err(io::ErrorKind::Unsupported.into()) } else { Real.exchange(a, b) }
    }

    fn now(&self) -> i64 {
        self.clock.as_ref().map_or_else(|| Real.now(), |c| c.load(Ordering::Relaxed))
    }

    fn today(&self) -> jiff::civil::Date {
        jiff::Timestamp::from_nanosecond(self.now().into()).expect("a time").to_zoned(jiff::tz::TimeZone::UTC).date()
    }
}

/// Ends runs after every few operations: a full disk, or a process that dies, at that very place.
#[test]
fn a_run_refused_at_any_step_leaves_one_whole_site() {
    for (name, odd) in [("steps", Odd::default()), ("steps-plain", Odd { no_exchange: true, ..Odd::default() })] {
        let here = Published::new(name);
        let plain = odd.no_exchange;
        std::fs::create_dir_all(here.folder.join("www")).expect("made");
        let (live, folder) =
            if plain { (here.path("www"), "www") } else { (here.path("site/current"), "site/current") };
        here.publish(&["--live", &live]);
        let options = Options { live: Some(live), ..here.options() };
        let (mut version, mut served, mut refused) = (1, 1, 0);
        for steps in (0..).step_by(9) {
            version += 1;
            here.version(version);
            let odd = Odd { left: Some(AtomicI64::new(steps)), no_exchange: plain, ..Odd::default() };
            let result = publish::publish(&odd, &options, &Unwatched);
            match here.whole(folder) {
                Ok(now) => {
                    assert!(now == served || now == version, "after {steps} steps: {now}");
                    served = now;
                }
                // Two renames: nothing is there for the moment, and the next run brings a whole one back.
                Err(e) => assert!(plain && !here.folder.join(folder).exists(), "after {steps} steps: {e}"),
            }
            match result {
                Ok(done) => {
                    assert_eq!((done.outcome, served), (Outcome::Live, version));
                    if done.warnings.is_empty() {
                        break;
                    }
                }
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 3, "{refused}");
        version += 1;
        here.version(version);
        here.publish(&[]);
        assert_eq!(here.whole(folder), Ok(version));
        assert_eq!(here.json(&["releases", "--verify"])["ok"], true);
    }
}

#[test]
fn without_exchange_two_renames_do_and_a_cut_between_them_is_mended() {
    let here = Published::new("renames");
    let odd = Odd { no_exchange: true, ..Odd::default() };
    std::fs::create_dir_all(here.folder.join("www")).expect("made");
    let options = Options { live: Some(here.path("www")), ..here.options() };
    for version in 2..=3 {
        here.version(version);
        publish::publish(&odd, &options, &Unwatched).expect("publishes");
        assert_eq!(here.whole("www"), Ok(version));
    }
    assert_eq!(odd.exchanged.load(Ordering::Relaxed), 2, "the exchange was tried");
    // Cut off between the two: the old one is aside, the new one is whole or is not.
    std::fs::rename(here.folder.join("www"), here.folder.join(".www.beilin-old")).expect("moved");
    here.version(4);
    here.publish(&[]);
    assert_eq!(here.whole("www"), Ok(4));
    std::fs::rename(here.folder.join("www"), here.folder.join(".www.beilin-new")).expect("moved");
    assert_eq!(here.json(&["publish"])["outcome"], "already-live");
    assert_eq!(here.whole("www"), Ok(4));
}

#[test]
fn without_symbolic_links_a_plain_folder_is_served() {
    let here = Published::new("no-links");
    let odd = Odd { no_links: true, ..Odd::default() };
    for version in 2..=3 {
        here.version(version);
        publish::publish(&odd, &here.options(), &Unwatched).expect("publishes");
        assert_eq!(here.served(), version);
    }
    assert!(Real.pointed(&here.path("site/current")).is_none());
}

#[test]
fn a_clock_that_goes_backwards_changes_no_order() {
    let here = Published::new("clock");
    let at = |seconds: i64| Odd { clock: Some(AtomicI64::new(seconds * 1_000_000_000)), ..Odd::default() };
    for (version, seconds) in [(2, 1_900_000_000), (3, 1_800_000_000), (4, 1_700_000_000)] {
        here.version(version);
        let done = publish::publish(&at(seconds), &here.options(), &Unwatched).expect("publishes");
        assert_eq!((done.outcome, here.served()), (Outcome::Live, version));
    }
    let back = publish::rollback(&at(1_600_000_000), &here.options(), None).expect("goes back");
    assert_eq!((back.to.subject.as_str(), here.served()), ("第3版", 3));
    let listed = publish::releases(&Real, &here.options(), true).expect("lists");
    let subjects: Vec<&str> = listed.releases.iter().map(|r| r.release.subject.as_str()).collect();
    assert_eq!(subjects, ["第4版", "第3版", "第2版"]);
}

#[test]
fn a_full_disk_leaves_the_old_site_and_then_all_is_well() {
    let mut here = Published::new("full");
    let Some(()) = here.mount("6m") else { return };
    here.publish(&[]);
    let mut random = Random(3);
    let noise: Vec<u8> = (0..8_000_000).map(|_| random.below(256) as u8).collect();
    Real.write(&here.path("repo/content/big.bin"), &noise).expect("written");
    here.version(2);
    let output = here.run(&["publish"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("is the disk full"), "{}", told(&output));
    assert_eq!(here.served(), 1);
    // Full while the site is written, not while it is fetched.
    std::fs::remove_file(here.folder.join("repo/content/big.bin")).expect("removed");
    here.version(3);
    here.publish(&[]);
    let ballast = here.folder.join("site/ballast");
    let mut file = std::fs::File::create(&ballast).expect("made");
    while io::Write::write_all(&mut file, &noise[..65536]).is_ok() {}
    drop(file);
    here.version(4);
    let output = here.run(&["publish"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert_eq!(here.served(), 3);
    std::fs::remove_file(ballast).expect("removed");
    here.publish(&[]);
    assert_eq!((here.served(), &here.json(&["releases", "--verify"])["ok"]), (4, &true.into()));
}

#[test]
fn a_read_only_file_system_leaves_the_old_site() {
    let mut here = Published::new("read-only");
    let Some(()) = here.mount("32m") else { return };
    here.publish(&[]);
    here.version(2);
    here.remount("ro");
    for words in [&["publish"][..], &["rollback"]] {
        let output = here.run(words);
        assert_eq!(output.status.code(), Some(2));
        assert!(told(&output).contains("Read-only"), "{}", told(&output));
    }
    assert_eq!((here.served(), here.releases().len()), (1, 1), "they can still be listed");
    here.remount("rw");
    here.publish(&[]);
    assert_eq!(here.served(), 2);
}

#[test]
fn a_file_we_may_not_use_is_named_and_the_old_site_stays() {
    let here = Published::new("denied");
    here.publish(&[]);
    here.version(2);
    // Root may do everything: the run is somebody else's then.
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
    let own = Command::new("chown").args(["-R", "65534:65534", &here.path("")]).status().is_ok_and(|s| s.success());
    if root && (!own || Command::new("setpriv").arg("--version").output().is_err()) {
        eprintln!("passed over: root is refused nothing, and there is no setpriv");
        return;
    }
    // The binary may lie where only root may go.
    let program = here.path("beilin");
    std::fs::copy(env!("CARGO_BIN_EXE_beilin"), &program).expect("copied");
    let run = || {
        let mut command = if root { Command::new("setpriv") } else { Command::new(&program) };
        if root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", &program]);
        }
        command.current_dir(here.folder.join("repo")).env("BEILIN_LANG", "en").env("HOME", here.path(""));
        command.args(["publish", "--to", &here.path("site")]).output().expect("runs")
    };
    let mode = |path: &str, mode: &str| {
        assert!(Command::new("chmod").args([mode, &here.path(path)]).status().expect("chmod runs").success());
    };
    for (path, shut, open) in [
        ("site/.beilin/lock", "000", "644"),
        ("site/.beilin/git", "555", "755"),
        ("site/.beilin/work/content", "555", "755"),
        ("site/releases", "555", "755"),
    ] {
        mode(path, shut);
        let output = run();
        mode(path, open);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{path}: {told}");
        assert!(told.to_lowercase().contains("permission denied"), "{path}: {told}");
        assert_eq!(here.served(), 1, "{path}");
    }
    // A page of the release before that nobody may read is no obstacle: it is written anew or shared.
    mode("site/current/about/index.html", "000");
    let output = run();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(here.served(), 2);
}
