//! Provenance, read from real repositories made by the real git.

use crate::support::{CONFIG, DAY, ORG, YI, assert_same_site, other};
use beilin::build::{Changes, Session, Unwatched};
use beilin::config::HistoryOptions;
use beilin::diagnostic::Diagnostic;
use beilin::disk::{Command, Disk, Found, Ran, Real, Stat};
use beilin::history::{self, History, Provenance};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

const SILENT: HistoryOptions = HistoryOptions { enabled: true, expected: false, authors: false };
const NAMED: HistoryOptions = HistoryOptions { authors: true, ..SILENT };

/// A repository with a site in it that goes away with the test. Its clock goes an hour with every commit.
struct Repo {
    folder: PathBuf,
    hours: AtomicI64,
}

impl Repo {
    fn new() -> Repo {
        Repo::with(&["init", "-q", "-b", "main"])
    }

    fn with(init: &[&str]) -> Repo {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("beilin-history-{}-{count}", std::process::id()));
        Real.remove_tree(&folder.to_string_lossy()).expect("an old folder goes away");
        std::fs::create_dir_all(&folder).expect("a folder is made");
        let repo = Repo { folder, hours: AtomicI64::new(0) };
        repo.git(init);
        std::fs::create_dir_all(repo.folder.join("content")).expect("a folder is made");
        repo
    }

    fn root(&self) -> String {
        self.folder.to_string_lossy().into_owned()
    }

    fn git(&self, words: &[&str]) -> String {
        self.git_as("张三", words)
    }

    fn git_as(&self, author: &str, words: &[&str]) -> String {
        let output = self.try_git(author, words);
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn try_git(&self, author: &str, words: &[&str]) -> std::process::Output {
        let hours = self.hours.load(Ordering::Relaxed);
        let date = format!("{} +0800", 1_704_067_200 + hours * 3600);
        std::process::Command::new("git")
            .current_dir(&self.folder)
            .args(["-c", "protocol.file.allow=always", "-c", "commit.gpgSign=false", "-c", "merge.renames=true"])
            .args(words)
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")])
            .envs([("GIT_AUTHOR_NAME", author), ("GIT_AUTHOR_EMAIL", "a@dj.example")])
            .envs([("GIT_COMMITTER_NAME", author), ("GIT_COMMITTER_EMAIL", "a@dj.example")])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .output()
            .expect("git runs")
    }

    fn put(&self, path: &str, text: &str) -> &Self {
        Real.write(&format!("{}/content/{path}", self.root()), text.as_bytes()).expect("a file is written");
        self
    }

    fn remove(&self, path: &str) -> &Self {
        Real.remove(&format!("{}/content/{path}", self.root())).expect("a file is removed");
        self
    }

    /// Commits everything and returns the commit's name.
    fn commit(&self) -> String {
        self.commit_as("张三")
    }

    fn commit_as(&self, author: &str) -> String {
        self.hours.fetch_add(1, Ordering::Relaxed);
        self.git(&["add", "-A"]);
        self.git_as(author, &["commit", "-q", "--allow-empty", "-m", "改"]);
        self.head()
    }

    fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Reads the history from its beginning, with nothing to tell.
    fn read(&self) -> History {
        let (history, told) = self.read_on(None, &NAMED);
        assert_eq!(told, []);
        history.expect("there is a history")
    }

    fn read_on(&self, kept: Option<&History>, options: &HistoryOptions) -> (Option<History>, Vec<Diagnostic>) {
        let kept = kept.map(|h| History::from_bytes(&h.to_bytes()).expect("what is kept can be read"));
        let mut out = Vec::new();
        let history = history::read(&Real, &self.root(), "content", kept, options, &mut out);
        (history, out)
    }

    fn of(&self, path: &str, id: &str) -> Provenance {
        self.read().of(path, Some(id)).unwrap_or_else(|| panic!("{path} is committed"))
    }
}

impl Drop for Repo {
    fn drop(&mut self) {
        // What stays is cleared by the next run.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The commits a provenance begins and ends with, and how many they are.
fn ends(provenance: &Provenance) -> (Option<&str>, Option<&str>, usize) {
    fn name(revision: &Option<history::Revision>) -> Option<&str> {
        revision.as_ref().map(|r| r.commit.as_str())
    }
    (name(&provenance.first), name(&provenance.last), provenance.revisions)
}

fn codes(told: &[Diagnostic]) -> Vec<&'static str> {
    told.iter().map(|d| d.code).collect()
}

/// A record's text; `lines` lines of its own.
fn record(id: &str, lines: usize) -> String {
    let body: String = (0..lines).map(|n| format!("{id} 第{n}行，议定事项若干。\n")).collect();
    format!("+++\nid = \"{id}\"\nkind = \"other\"\n+++\n{body}")
}

#[test]
fn the_first_and_the_last_commit_are_told_with_their_number() {
    let repo = Repo::new();
    let first = repo.put("支部/记录.md", "一").put("b.md", "二").commit_as("张三");
    repo.put("b.md", "三").commit_as("王五");
    let last = repo.put("支部/记录.md", "四").commit_as("李四");
    let history = repo.read();
    assert_eq!((history.head(), history.shallow()), (last.as_str(), false));
    let found = history.of("支部/记录.md", None).expect("it is committed");
    assert_eq!(ends(&found), (Some(first.as_str()), Some(last.as_str()), 2));
    assert!(found.complete);
    assert_eq!(found.authors, ["张三", "李四"]);
    let (first, last) = (found.first.expect("known"), found.last.expect("known"));
    assert_eq!((first.time.as_str(), first.author.as_deref()), ("2024-01-01T09:00:00+08:00", Some("张三")));
    assert_eq!((last.time.as_str(), last.author.as_deref()), ("2024-01-01T11:00:00+08:00", Some("李四")));
}

#[test]
fn names_are_neither_told_nor_kept_unless_asked_for() {
    let repo = Repo::new();
    repo.put("a.md", "一").commit_as("张三丰");
    let (history, told) = repo.read_on(None, &SILENT);
    let history = history.expect("there is a history");
    let found = history.of("a.md", None).expect("it is committed");
    assert_eq!((told.len(), found.authors.len(), found.first.and_then(|f| f.author)), (0, 0, None));
    let has_name = |bytes: &[u8]| bytes.windows(9).any(|w| w == "张三丰".as_bytes());
    assert!(!has_name(&history.to_bytes()));
    // Switched on and off again between two builds.
    let named = repo.read_on(Some(&history), &NAMED).0.expect("there is a history");
    assert!(has_name(&named.to_bytes()));
    assert!(!has_name(&repo.read_on(Some(&named), &SILENT).0.expect("there is a history").to_bytes()));
}

#[test]
fn what_is_not_committed_has_no_provenance() {
    let repo = Repo::new();
    repo.put("a.md", "一").put("c.md", "三").commit();
    repo.remove("c.md").put("b.md", "二").commit();
    repo.put("新.md", "二").put("c.md", "又写");
    let history = repo.read();
    assert!(history.of("a.md", None).is_some() && history.of("b.md", None).is_some());
    assert_eq!((history.of("新.md", None), history.of("c.md", None)), (None, None));
}

#[test]
fn a_move_keeps_the_history_and_is_no_revision_unless_words_change() {
    let repo = Repo::new();
    let first = repo.put("甲.md", &record("x", 20)).commit();
    std::fs::rename(repo.folder.join("content/甲.md"), repo.folder.join("content/乙.md")).expect("a file is moved");
    repo.commit();
    assert_eq!(ends(&repo.of("乙.md", "x")), (Some(&*first), Some(&*first), 1));
    repo.remove("乙.md");
    let moved = repo.put("丙.md", &format!("{}补一句。\n", record("x", 20))).commit();
    assert_eq!(ends(&repo.of("丙.md", "x")), (Some(&*first), Some(&*moved), 2));
    assert_eq!(ends(&repo.read().of("丙.md", None).expect("committed")).2, 2, "git's own likeness needs no id");
}

#[test]
fn an_id_carries_the_history_where_git_sees_a_new_file() {
    let repo = Repo::new();
    let first = repo.put("a.md", &record("y-1", 2)).put("z.md", &record("z", 3)).commit();
    repo.put("a.md", &record("y-1", 3)).commit();
    // Rewritten from top to bottom: no likeness is left, in one commit …
    repo.remove("a.md");
    let second = repo.put("b.md", "---\n记录号: y-1\n---\n完全另写的一篇，篇幅长得多，没有一行相同。\n").commit();
    assert_eq!(ends(&repo.of("b.md", "y-1")), (Some(&*first), Some(&*second), 3));
    // … and in two, with others between.
    repo.remove("b.md").commit();
    repo.put("z.md", "改").commit();
    let third = repo.put("深/c.md", "+++\n\"编号\" = \"y-1\"\n+++\n又一篇。\n").commit();
    let history = repo.read();
    assert_eq!(ends(&history.of("深/c.md", Some("y-1")).expect("committed")), (Some(&*first), Some(&*third), 4));
    assert_eq!(ends(&history.of("深/c.md", Some("y-2")).expect("committed")), (Some(&*third), Some(&*third), 1));
}

#[test]
fn minutes_from_one_form_are_two_records_however_alike() {
    let repo = Repo::new();
    let form = |id: &str| record("表", 30).replace("id = \"表\"", &format!("id = \"{id}\""));
    repo.put("一月.md", &form("2024-01")).commit();
    repo.remove("一月.md");
    let second = repo.put("二月.md", &form("2024-02")).commit();
    assert_eq!(ends(&repo.of("二月.md", "2024-02")), (Some(&*second), Some(&*second), 1));
}

#[test]
fn a_record_that_comes_back_to_its_place_has_its_history() {
    let repo = Repo::new();
    let first = repo.put("a.md", "没有前置信息").commit();
    repo.remove("a.md").commit();
    repo.put("a.md", "没有前置信息").commit();
    let last = repo.put("a.md", "改").commit();
    assert_eq!(ends(&repo.read().of("a.md", None).expect("committed")), (Some(&*first), Some(&*last), 2));
}

#[test]
fn a_shallow_clone_makes_dates_unknown_and_never_alike() {
    let repo = Repo::new();
    let first = repo.put("旧.md", "一").put("改.md", "一").commit();
    let second = repo.put("改.md", "二").commit();
    let address = format!("file://{}", repo.root());
    let clone = Repo::with(&["clone", "-q", "--depth", "1", &address, "."]);
    clone.hours.store(50, Ordering::Relaxed);
    let (history, told) = clone.read_on(None, &NAMED);
    let history = history.expect("there is a history");
    assert_eq!(codes(&told), ["history-shallow"]);
    assert!(told[0].message.zh.contains("2 个文件"), "{:?}", told[0]);
    assert!(history.shallow());
    for path in ["旧.md", "改.md"] {
        assert_eq!(history.of(path, None), Some(Provenance::default()), "nothing is known of {path}");
    }
    // What is committed since is known, and what was there before stays unknown.
    let third = clone.put("新.md", "三").put("旧.md", "三").commit();
    let (history, _) = clone.read_on(Some(&history), &NAMED);
    let history = history.expect("there is a history");
    let (new, old) = (history.of("新.md", None).expect("known"), history.of("旧.md", None).expect("known"));
    assert_eq!((ends(&new), new.complete), ((Some(&*third), Some(&*third), 1), true));
    assert_eq!((ends(&old), old.complete), ((None, Some(&*third), 1), false));
    // Fetched whole, all is known, whatever was kept.
    clone.git(&["fetch", "-q", "--unshallow"]);
    let (history, told) = clone.read_on(Some(&history), &NAMED);
    let found = history.expect("there is a history").of("改.md", None).expect("known");
    assert_eq!((told.len(), ends(&found)), (0, (Some(&*first), Some(&*second), 2)));
}

#[test]
fn a_shallow_fetch_that_leaves_the_kept_commit_behind_is_not_called_rewritten() {
    let repo = Repo::new();
    repo.put("a.md", "一").commit();
    let address = format!("file://{}", repo.root());
    let clone = Repo::with(&["clone", "-q", "--depth", "1", &address, "."]);
    let (history, _) = clone.read_on(None, &SILENT);
    repo.put("a.md", "二").commit();
    repo.put("a.md", "三").commit();
    clone.git(&["fetch", "-q", "--depth", "1"]);
    clone.git(&["reset", "-q", "--hard", "origin/main"]);
    let (_, told) = clone.read_on(history.as_ref(), &SILENT);
    assert_eq!(codes(&told), ["history-shallow"]);
}

#[test]
fn a_rewritten_history_is_told_once_and_read_anew() {
    let repo = Repo::new();
    repo.put("a.md", "一").commit();
    repo.put("a.md", "二").commit();
    let before = repo.read();
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let other = repo.put("a.md", "三").commit();
    let (history, told) = repo.read_on(Some(&before), &NAMED);
    assert_eq!(codes(&told), ["history-rewritten"]);
    assert!(told[0].message.zh.contains(&before.head()[..8]) && told[0].hint.is_some());
    let history = history.expect("there is a history");
    assert_eq!(history.of("a.md", None), repo.read().of("a.md", None));
    assert_eq!(history.of("a.md", None).and_then(|p| p.last).map(|r| r.commit), Some(other));
    assert_eq!(codes(&repo.read_on(Some(&history), &NAMED).1), [""; 0], "once told, it is the history");
    // The old commits are gone for good.
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(codes(&repo.read_on(Some(&before), &NAMED).1), ["history-rewritten"]);
}

#[test]
fn a_merge_is_a_revision_only_of_what_it_changes() {
    let repo = Repo::new();
    let base = repo.put("a.md", &record("a", 9)).put("b.md", &record("b", 9)).put("c.md", &record("c", 9)).commit();
    repo.git(&["checkout", "-q", "-b", "side"]);
    let side = repo.put("a.md", "旁支").put("c.md", "旁支").commit();
    repo.git(&["checkout", "-q", "main"]);
    let main = repo.put("b.md", "主干").put("c.md", "主干").commit();
    repo.hours.fetch_add(1, Ordering::Relaxed);
    assert!(!repo.try_git("张三", &["merge", "-q", "side"]).status.success(), "c.md is in conflict");
    let merge = repo.put("c.md", "两边都取").commit();
    let history = repo.read();
    for (path, last, revisions) in [("a.md", &side, 2), ("b.md", &main, 2), ("c.md", &merge, 4)] {
        let found = history.of(path, None).expect("committed");
        assert_eq!(ends(&found), (Some(&*base), Some(&**last), revisions), "{path}");
    }
}

#[test]
fn a_change_beside_a_move_and_a_deletion_that_lost_are_followed() {
    let repo = Repo::new();
    let base = repo.put("a.md", &record("a", 20)).put("d.md", &record("d", 20)).put("e.md", &record("e", 20)).commit();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.put("a.md", &format!("{}旁支补。\n", record("a", 20))).remove("e.md").commit();
    let kept = repo.put("d.md", &format!("{}旁支补。\n", record("d", 20))).commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["mv", "content/a.md", "content/moved.md"]);
    repo.remove("d.md").commit();
    repo.put("e.md", &format!("{}主干补。\n", record("e", 20))).commit();
    repo.hours.fetch_add(1, Ordering::Relaxed);
    assert!(!repo.try_git("张三", &["merge", "-q", "side"]).status.success(), "d.md and e.md are in conflict");
    // One deletion loses, the other wins.
    repo.git(&["add", "content/d.md"]);
    repo.git(&["rm", "-q", "content/e.md"]);
    repo.commit();
    let history = repo.read();
    assert_eq!(ends(&history.of("moved.md", Some("a")).expect("committed")).0, Some(&*base));
    assert_eq!(ends(&history.of("moved.md", Some("a")).expect("committed")).2, 2, "the side's words are its own");
    assert_eq!(ends(&history.of("d.md", Some("d")).expect("kept by the merge")), (Some(&*base), Some(&*kept), 2));
    assert_eq!(history.of("e.md", Some("e")), None);
    assert_eq!(history.of("a.md", Some("a")), None);
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Does one more thing to a repository, and commits.
fn step(repo: &Repo, dice: &mut Dice, number: usize) {
    let there: Vec<String> = Real
        .walk(&format!("{}/content", repo.root()))
        .expect("the content can be listed")
        .into_iter()
        .map(|f| f.path)
        .collect();
    let any = |dice: &mut Dice| there[dice.below(there.len())].clone();
    match dice.below(9) {
        0 | 1 if there.len() > 2 => {
            let (from, to) = (any(dice), format!("移/{number}.md"));
            let text = std::fs::read_to_string(repo.folder.join("content").join(&from)).expect("the file is there");
            repo.remove(&from).put(&to, &format!("{text}移{number}\n"));
        }
        2 if there.len() > 2 => {
            repo.remove(&any(dice));
        }
        3 => {
            // An id that was there before, or is elsewhere.
            repo.put(&format!("再{number}.md"), &record(&format!("i{}", dice.below(number + 1)), 2));
        }
        4 if number > 3 => {
            repo.git(&["checkout", "-q", "-B", "side", &format!("HEAD~{}", 1 + dice.below(2))]);
            repo.put(&format!("旁{number}.md"), &record(&format!("i{number}"), 8)).commit();
            repo.git(&["checkout", "-q", "main"]);
            repo.hours.fetch_add(1, Ordering::Relaxed);
            repo.git(&["merge", "-q", "-s", "ort", "-X", "ours", "--no-ff", "-m", "并", "side"]);
            return;
        }
        5 | 6 if !there.is_empty() => {
            let path = any(dice);
            let text = std::fs::read_to_string(repo.folder.join("content").join(&path)).expect("the file is there");
            repo.put(&path, &format!("{text}添{number}\n"));
        }
        _ => {
            repo.put(&format!("新{number}.md"), &record(&format!("i{number}"), 1 + dice.below(20)));
        }
    }
    repo.commit();
}

#[test]
fn walking_in_steps_is_walking_at_once() {
    for seed in 0..3 {
        let repo = Repo::new();
        let mut dice = Dice(seed);
        let mut kept: Option<History> = None;
        for number in 0..30 {
            step(&repo, &mut dice, number);
            if number % 7 == 3 {
                let (history, told) = repo.read_on(kept.as_ref(), &NAMED);
                assert_eq!(told, []);
                kept = history;
            }
        }
        let (stepped, _) = repo.read_on(kept.as_ref(), &NAMED);
        let (stepped, whole) = (stepped.expect("there is a history"), repo.read());
        let there = Real.walk(&format!("{}/content", repo.root())).expect("the content can be listed");
        assert!(there.len() > 3);
        for file in there {
            for id in (0..30).map(|n| format!("i{n}")).map(Some).chain([None]) {
                let found = whole.of(&file.path, id.as_deref());
                assert!(found.is_some(), "{} is committed (seed {seed})", file.path);
                assert_eq!(stepped.of(&file.path, id.as_deref()), found, "{} {id:?} (seed {seed})", file.path);
            }
        }
    }
}

#[test]
fn an_unchanged_head_asks_git_one_question_and_a_new_commit_two() {
    let repo = Repo::new();
    for n in 0..5 {
        repo.put("a.md", &n.to_string()).put(&format!("{n}.md"), &record("x", n)).commit();
    }
    repo.remove("3.md").commit();
    let machine = Machine::default();
    let read = |kept: Option<History>| {
        let mut out = Vec::new();
        let history = history::read(&machine, &repo.root(), "content", kept, &NAMED, &mut out);
        assert_eq!(out, []);
        (history.expect("there is a history"), machine.asked())
    };
    let (history, asked) = read(None);
    assert_eq!(asked, ["rev-parse", "log", "cat-file"]);
    let (history, asked) = read(Some(history));
    assert_eq!(asked, ["rev-parse"]);
    repo.put("a.md", "再改").commit();
    assert_eq!(read(Some(history)).1, ["rev-parse", "log"]);
}

#[test]
fn no_git_no_repository_and_no_commit_are_no_history_and_no_fault() {
    let repo = Repo::new();
    repo.put("a.md", "一");
    assert_eq!(repo.read_on(None, &SILENT), (None, vec![]), "nothing was committed");
    repo.commit();
    let gone = Machine { env: vec![("PATH", "/nonexistent")], ..Machine::default() };
    let mut out = Vec::new();
    assert!(history::read(&gone, &repo.root(), "content", None, &SILENT, &mut out).is_none());
    assert_eq!(out, []);
    let expected = HistoryOptions { expected: true, ..SILENT };
    assert!(history::read(&gone, &repo.root(), "content", None, &expected, &mut out).is_none());
    assert_eq!(codes(&out), ["history-unread"]);
    std::fs::remove_dir_all(repo.folder.join(".git")).expect("the repository goes away");
    assert_eq!(repo.read_on(None, &SILENT), (None, vec![]));
    assert_eq!(codes(&repo.read_on(None, &expected).1), ["history-unread"]);
}

#[test]
fn a_repository_of_another_user_is_told_with_the_way_out() {
    let repo = Repo::new();
    repo.put("a.md", "一").commit();
    let other = Machine { env: vec![("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")], ..Machine::default() };
    let mut out = Vec::new();
    assert!(history::read(&other, &repo.root(), "content", None, &SILENT, &mut out).is_none());
    assert_eq!(codes(&out), ["history-unread"]);
    let hint = out[0].hint.as_ref().expect("there is a way out");
    let name = repo.folder.file_name().expect("it has a name").to_string_lossy();
    assert!(hint.zh.contains("safe.directory") && hint.zh.contains(&*name), "{hint:?}");
}

#[test]
fn the_repository_may_begin_above_the_site_or_in_the_content_folder() {
    let repo = Repo::new();
    let commit = repo.put("站[1]/content/支部/a.md", "一").put("别处.md", "二").commit();
    let root = format!("{}/content/站[1]", repo.root());
    let mut out = Vec::new();
    let history = history::read(&Real, &root, "content", None, &SILENT, &mut out).expect("there is a history");
    assert_eq!(ends(&history.of("支部/a.md", None).expect("committed")).0, Some(&*commit));
    assert!(history.of("别处.md", None).is_none());

    let inner = Repo::new();
    std::fs::remove_dir_all(inner.folder.join(".git")).expect("the repository goes away");
    inner.put("a.md", "一").git(&["init", "-q", "content"]);
    inner.git(&["-C", "content", "add", "."]);
    inner.git(&["-C", "content", "commit", "-q", "-m", "一"]);
    assert!(inner.read().of("a.md", None).is_some());
}

#[test]
fn sha256_and_a_detached_head_are_repositories_like_others() {
    let repo = Repo::with(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    let first = repo.put("a.md", &record("a", 2)).commit();
    repo.remove("a.md").commit();
    repo.put("b.md", &record("a", 40)).commit();
    repo.git(&["checkout", "-q", "--detach"]);
    assert_eq!(first.len(), 64);
    assert_eq!(ends(&repo.of("b.md", "a")).0, Some(&*first));
}

#[test]
fn settings_of_the_user_do_not_change_what_is_read() {
    let repo = Repo::new();
    repo.put("支部 一/甲.md", &record("a", 20)).commit();
    repo.remove("支部 一/甲.md").put("乙.md", &format!("{}补。\n", record("a", 20))).commit();
    let plain = repo.read();
    for (key, value) in [
        ("log.showRoot", "false"),
        ("log.showSignature", "true"),
        ("log.decorate", "full"),
        ("log.date", "relative"),
        ("log.follow", "true"),
        ("diff.renames", "false"),
        ("diff.renameLimit", "1"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("core.abbrev", "7"),
        ("format.pretty", "oneline"),
        ("i18n.logOutputEncoding", "GBK"),
    ] {
        repo.git(&["config", key, value]);
    }
    let noisy = repo.read();
    assert_eq!(noisy.of("乙.md", None), plain.of("乙.md", None));
    assert_eq!(noisy.of("乙.md", None).expect("committed").revisions, 2);
}

#[test]
fn a_hooks_environment_names_no_other_repository() {
    let repo = Repo::new();
    repo.put("a.md", "一").commit();
    let hook = Machine { env: vec![("GIT_DIR", ".git")], ..Machine::default() };
    let mut out = Vec::new();
    let history = history::read(&hook, &repo.root(), "content", None, &SILENT, &mut out);
    assert!(history.is_some_and(|h| h.of("a.md", None).is_some()), "{out:?}");
}

#[test]
fn the_list_of_names_is_followed_for_old_commits_too() {
    let repo = Repo::new();
    repo.put("a.md", "一").commit_as("zhangsan");
    let before = repo.read();
    std::fs::write(repo.folder.join(".mailmap"), "张三 <a@dj.example>\n").expect("a file is written");
    repo.commit_as("zhangsan");
    let (history, told) = repo.read_on(Some(&before), &NAMED);
    assert_eq!(told, []);
    assert_eq!(history.expect("there is a history").of("a.md", None).expect("committed").authors, ["张三"]);
}

/// Builds the site at a repository's top; returns what was rendered, or the codes of its errors.
fn build(root: &str) -> Result<Vec<String>, Vec<&'static str>> {
    let input = beilin::Input { root: root.to_owned(), out: None, as_of: Some(DAY) };
    let report = beilin::build(&Real, &input, &Unwatched).expect("the machine refuses nothing");
    if report.failed() { Err(codes(&report.diagnostics)) } else { Ok(report.rendered) }
}

/// A repository with a site of two records, committed.
fn site() -> Repo {
    let repo = Repo::new();
    for (path, text) in [("beilin.toml", CONFIG), (".gitignore", "public/\n.beilin/\n"), ORG, YI] {
        Real.write(&format!("{}/{path}", repo.root()), text.as_bytes()).expect("a file is written");
    }
    for id in ["r1", "r2"] {
        let more = "abstract = \"摘要\"\naudience = \"society\"";
        repo.put(&format!("records/yi/{id}.md"), &other(id, "2024-03-05", more, "正文。"));
    }
    repo.commit();
    repo
}

fn published(root: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("{root}/public");
    let found = Real.walk(&folder).expect("the output can be listed");
    let read = |path: &str| Real.read(&format!("{folder}/{path}")).expect("an output can be read");
    found.iter().map(|f| (f.path.clone(), read(&f.path))).collect()
}

/// Holds that what lies there is what a build of a fresh clone gives.
fn assert_as_cloned(repo: &Repo) {
    let clone = format!("{}-clone", repo.root());
    Real.remove_tree(&clone).expect("an old clone goes away");
    repo.git(&["clone", "-q", &repo.root(), &clone]);
    build(&clone).expect("the clone is built");
    let (here, there) = (published(&repo.root()), published(&clone));
    Real.remove_tree(&clone).expect("the clone goes away");
    assert_same_site(&here.into_iter().collect(), &there.into_iter().collect());
}

#[test]
fn a_commit_renders_the_pages_of_the_records_it_changed_and_no_others() {
    let repo = site();
    let root = repo.root();
    build(&root).expect("the site is built");
    let page = |id: &str| {
        let bytes = Real.read(&format!("{root}/public/records/{id}/index.html")).expect("the page is there");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    assert!(page("r1").contains("2024-01-01 入库，最近修订 2024-01-01，共 1 次提交"), "{}", page("r1"));
    let mut session = Session::new(beilin::Input { root: root.clone(), out: None, as_of: Some(DAY) });
    repo.put(
        "records/yi/r1.md",
        &other("r1", "2024-03-05", "abstract = \"摘要\"\naudience = \"society\"", "改过的正文。"),
    );
    assert_eq!(build(&root), Ok(vec!["records/r1/".to_owned(), "search/meta.json".to_owned()]), "the text changed");
    let commit = repo.commit();
    let told = Changes::Paths(Default::default());
    let report = session.build(&Real, &told, &Unwatched).expect("the machine refuses nothing");
    assert_eq!(report.rendered, ["records/r1/"], "only what git tells of it changed");
    assert!(page("r1").contains("共 2 次提交") && page("r1").contains(&commit[..8]));
    assert!(page("r2").contains("共 1 次提交"));
    session.save(&Real).expect("the cache is written");
    assert_eq!(build(&root), Ok(Vec::new()), "and once only");
    assert_as_cloned(&repo);
    repo.git(&["mv", "content/records/yi/r2.md", "content/records/yi/换了名.md"]);
    repo.commit();
    build(&root).expect("the site is built");
    assert!(page("r2").contains("2024-01-01 入库"), "the id carries the history over");
    assert_as_cloned(&repo);
}

#[test]
fn what_git_left_stops_the_build_and_the_old_site_stays() {
    let repo = site();
    let root = repo.root();
    build(&root).expect("the site is built");
    let before = published(&root);
    let text = other("r1", "2024-03-05", "abstract = \"摘要\"\naudience = \"society\"", "正文。");
    let conflict = format!("{text}\n<<<<<<< HEAD\n甲\n=======\n乙\n>>>>>>> 另一支\n");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
    for (path, left, code) in
        [("records/yi/r1.md", conflict.as_str(), "merge-conflict"), ("records/yi/图.png", pointer, "lfs-pointer")]
    {
        repo.put(path, left);
        let told = build(&root).expect_err("the build stops");
        assert!(told.contains(&code), "{told:?}");
        assert_eq!(published(&root), before, "{code}");
        repo.put("records/yi/r1.md", &text);
    }
    repo.remove("records/yi/图.png");
    assert_eq!(build(&root), Ok(Vec::new()));
}

#[test]
fn a_submodule_that_was_not_checked_out_is_told() {
    let branch = Repo::new();
    branch.put("a.md", "一").commit();
    let repo = Repo::new();
    repo.git(&["submodule", "--quiet", "add", &branch.root(), "content/一支部"]);
    repo.put("b.md", "二").commit();
    assert_eq!(history::submodules(&Real, &repo.root(), "content"), []);
    repo.git(&["submodule", "--quiet", "deinit", "--all", "--force"]);
    let told = history::submodules(&Real, &repo.root(), "content");
    assert_eq!(codes(&told), ["empty-submodule"]);
    assert_eq!(told[0].path, "content/一支部");
    assert!(repo.read().of("b.md", None).is_some());
    let machine = Machine::default();
    assert_eq!(history::submodules(&machine, &branch.root(), "content"), []);
    assert_eq!(machine.asked(), [""; 0], "without submodules git is not asked");
}

#[test]
fn what_a_real_merge_leaves_in_a_record_is_told() {
    let repo = Repo::new();
    repo.put("a.md", &record("a", 3)).commit();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.put("a.md", &record("a", 3).replace("第1行", "第一行")).commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.put("a.md", &record("a", 3).replace("第1行", "第壹行")).commit();
    assert!(!repo.try_git("张三", &["merge", "-q", "side"]).status.success());
    let text = std::fs::read_to_string(repo.folder.join("content/a.md")).expect("the file is there");
    let told = history::inspect("content/a.md", &text);
    assert_eq!(codes(&told), ["merge-conflict"]);
    assert_eq!(told[0].span.clone().map(|span| &text[span]), Some("<<<<<<< HEAD"));
}

/// The machine, with an environment of its own for programs, and a list of what git was asked.
#[derive(Default)]
struct Machine {
    env: Vec<(&'static str, &'static str)>,
    runs: Mutex<Vec<String>>,
}

impl Machine {
    /// Returns and forgets what git was asked.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.runs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Disk for Machine {
    fn start(&self, command: &Command<'_>) -> io::Result<()> {
        Real.start(command)
    }
    fn absolute(&self, path: &str) -> io::Result<String> {
        Real.absolute(path)
    }
    fn program(&self) -> io::Result<String> {
        Real.program()
    }
    fn run(&self, command: &Command<'_>) -> io::Result<Ran> {
        let word = command.args.iter().find(|w| !w.starts_with('-') && !w.contains('=')).copied().unwrap_or_default();
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).push(word.to_owned());
        let env = [command.env, &self.env].concat();
        Real.run(&Command { env: &env, ..command.clone() })
    }
    fn env(&self, name: &str) -> Option<String> {
        self.env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()).or_else(|| Real.env(name))
    }
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        Real.read(path)
    }
    fn walk(&self, folder: &str) -> io::Result<Vec<Found>> {
        Real.walk(folder)
    }
    fn list(&self, folder: &str) -> io::Result<Vec<(String, bool)>> {
        Real.list(folder)
    }
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        Real.write(path, bytes)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Real.rename(from, to)
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        Real.remove(path)
    }
    fn remove_tree(&self, path: &str) -> io::Result<()> {
        Real.remove_tree(path)
    }
    fn remove_empty(&self, folder: &str) -> io::Result<()> {
        Real.remove_empty(folder)
    }
    fn stat(&self, path: &str) -> io::Result<Stat> {
        Real.stat(path)
    }
    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        Real.link(from, to)
    }
    fn point(&self, link: &str, target: &str) -> io::Result<()> {
        Real.point(link, target)
    }
    fn pointed(&self, link: &str) -> Option<String> {
        Real.pointed(link)
    }
    fn exchange(&self, a: &str, b: &str) -> io::Result<()> {
        Real.exchange(a, b)
    }
    fn make_executable(&self, path: &str) -> io::Result<()> {
        Real.make_executable(path)
    }
    fn settle(&self, folder: &str) -> io::Result<()> {
        Real.settle(folder)
    }
    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send + Sync>>> {
        Real.try_lock(path)
    }
    fn now(&self) -> i64 {
        Real.now()
    }
    fn lock(&self, path: &str) -> io::Result<Box<dyn Send + Sync>> {
        Real.lock(path)
    }
    fn exists(&self, path: &str) -> bool {
        Real.exists(path)
    }
    fn is_folder(&self, path: &str) -> bool {
        Real.is_folder(path)
    }
    fn today(&self) -> jiff::civil::Date {
        Real.today()
    }
    fn open(&self, address: &str) -> io::Result<()> {
        Real.open(address)
    }
}
