//! What is asked of the git program, and how its answers are read.
//!
//! Every answer is asked for in the form scripts read (`-z`, `--raw`, no colours, English), with the
//! settings of the user's own configuration that would change it overruled.

use crate::disk::{Command, Disk, Ran, join};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;
use unicode_normalization::UnicodeNormalization;

/// For a question answered from a few files.
const QUESTION: Duration = Duration::from_secs(30);
/// For a walk: long histories on slow disks take minutes the first time.
const WALK: Duration = Duration::from_secs(600);

/// Our programs ask nobody, take no locks and speak English.
const ENV: [(&str, &str); 4] =
    [("LC_ALL", "C"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_LITERAL_PATHSPECS", "0")];

/// Separates the words of a commit in an answer; names of people cannot hold it, but come last anyway.
const SEPARATOR: char = '\u{1f}';

/// Why git did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no such program.
    NoProgram,
    /// The folder is in no repository.
    NoRepository,
    /// Nothing has been committed.
    NoCommit,
    /// The repository belongs to somebody else (`safe.directory`).
    Untrusted(String),
    /// It took too long.
    Late,
    /// Anything else, in its own words.
    Failed(String),
}

/// What one question tells of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The commit that is checked out.
    pub(super) head: String,
    /// The folder's path in the repository, empty or ending in `/`.
    pub(super) prefix: String,
    /// The commits whose parents are missing.
    pub(super) shallow: Vec<String>,
    /// The way from the folder up to the top of the repository, empty or ending in `/`.
    up: String,
}

/// A commit as git tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) hash: String,
    pub(super) parents: Vec<String>,
    /// When it was committed, in seconds.
    pub(super) committed: i64,
    /// When it was written, in seconds.
    pub(super) time: i64,
    /// The author's offset from UTC, in seconds.
    pub(super) offset: i32,
    pub(super) author: Option<String>,
    pub(super) changes: Vec<Raw>,
}

/// A change as git tells it: paths below the folder, full names of texts, and whether the text is `same`
/// as in a parent: then only its place or its rights changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Raw {
    Added { path: String, blob: String },
    Edited { path: String, blob: String, same: bool },
    Moved { from: String, to: String, old: String, new: String, same: bool },
    Gone { path: String, old: String },
}

/// The git program, asked from within one folder.
pub(super) struct Git<'a> {
    disk: &'a dyn Disk,
    folder: String,
    /// Which repository, where the environment names another.
    which: Vec<String>,
}

impl<'a> Git<'a> {
    /// Makes ready to ask about a folder.
    pub(super) fn new(disk: &'a dyn Disk, folder: String) -> Git<'a> {
        let mut git = Git { disk, folder, which: Vec::new() };
        // Git runs its hooks with GIT_DIR set; the repository around the folder is the one that is meant.
        if disk.env("GIT_DIR").is_some()
            && let Some(top) = tops().find(|top| disk.exists(&join(&git.folder, &format!("{top}.git"))))
        {
            let top = if top.is_empty() { "./".to_owned() } else { top };
            git.which = vec![format!("--git-dir={top}.git"), format!("--work-tree={top}")];
        }
        git
    }

    /// Asks which commit is checked out, and where the folder lies.
    pub(super) fn place(&self) -> Result<Place, Trouble> {
        if !self.disk.is_folder(&self.folder) {
            return Err(Trouble::NoRepository);
        }
        let words = ["rev-parse", "--is-shallow-repository", "--show-prefix", "--show-cdup", "--git-path", "shallow"];
        let ran = self.run(&[&words[..], &["HEAD^{commit}"]].concat(), b"", QUESTION)?;
        let text = String::from_utf8_lossy(&ran.out);
        let lines: Vec<&str> = text.lines().collect();
        let [shallow, prefix, up, list, ..] = lines[..] else {
            return Err(complaint(&ran));
        };
        let head = lines.get(4).filter(|head| ran.code == Some(0) && is_name(head)).ok_or(Trouble::NoCommit)?;
        let mut place =
            Place { head: (*head).to_owned(), prefix: prefix.to_owned(), shallow: Vec::new(), up: up.to_owned() };
        if shallow == "true" {
            place.shallow = self.lines_of(list);
        }
        Ok(place)
    }

    /// Reads the names in a file of the repository, sorted.
    fn lines_of(&self, path: &str) -> Vec<String> {
        let at = if path.starts_with('/') || path.contains(':') { path.to_owned() } else { join(&self.folder, path) };
        // A repository that says it is shallow and has no list is shallow all the same.
        let bytes = self.disk.read(&at).unwrap_or_else(|_| b"unknown\n".to_vec());
        let mut lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// Reads the repository's list of names (`.mailmap`).
    pub(super) fn mailmap(&self, place: &Place) -> Option<Vec<u8>> {
        self.disk.read(&join(&self.folder, &format!("{}.mailmap", place.up))).ok()
    }

    /// Walks the history of the Markdown files below the folder, all of it or from a commit on.
    pub(super) fn walk(&self, place: &Place, from: Option<&str>, authors: bool) -> Result<Vec<Told>, Trouble> {
        let format = if authors { "%H%x1f%P%x1f%ct%x1f%ad%x1f%aN" } else { "%H%x1f%P%x1f%ct%x1f%ad" };
        let format = format!("--format=tformat:{format}");
        let but = from.map(|from| format!("^{from}"));
        // `-c`: of a merge only what is as in none of its parents. `--sparse`: commits that change nothing
        // here are told too, for what comes after what is read off them.
        let mut words = vec!["-c", "log.showRoot=true", "log", "-z", "--raw", "-c", "--combined-all-paths"];
        words.extend(["--find-renames=50%", "-l1000", "--no-abbrev", "--full-history", "--sparse"]);
        words.extend(["--no-color", "--no-ext-diff", "--no-show-signature", "--no-notes", "--no-decorate"]);
        words.extend(["--encoding=UTF-8", "--date=raw", &format, &place.head]);
        words.extend(but.as_deref());
        words.extend(["--", ":(glob,icase)**/*.md", ":(glob,icase)**/*.markdown"]);
        let ran = self.run(&words, b"", WALK)?;
        if ran.code != Some(0) {
            return Err(complaint(&ran));
        }
        parse(&ran.out, &place.prefix, authors)
            .ok_or_else(|| Trouble::Failed("`git log` answered in a form that is not known".to_owned()))
    }

    /// Reads texts by their names, all in one process; what is not there is left out.
    pub(super) fn texts(&self, names: &BTreeSet<&str>) -> Result<BTreeMap<String, String>, Trouble> {
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let input: String = names.iter().flat_map(|name| [name, "\n"]).collect();
        let ran = self.run(&["cat-file", "--batch"], input.as_bytes(), WALK)?;
        if ran.code == Some(0) { Ok(texts(&ran.out)) } else { Err(complaint(&ran)) }
    }

    /// Lists the files below the folder in a commit.
    pub(super) fn present(&self, head: &str) -> Result<BTreeSet<String>, Trouble> {
        let ran = self.run(&["ls-tree", "-r", "-z", "--name-only", head], b"", WALK)?;
        if ran.code != Some(0) {
            return Err(complaint(&ran));
        }
        Ok(ran.out.split(|b| *b == 0).filter_map(|path| std::str::from_utf8(path).ok()).map(nfc).collect())
    }

    /// Tells whether the repository around the folder has submodules, without asking git.
    pub(super) fn has_submodules(&self) -> bool {
        let there = |top: &str, name: &str| self.disk.exists(&join(&self.folder, &format!("{top}{name}")));
        tops().find(|top| there(top, ".git")).is_some_and(|top| there(&top, ".gitmodules"))
    }

    /// Lists the submodules below a folder of this one.
    pub(super) fn links(&self, below: &str) -> Result<Vec<String>, Trouble> {
        let below = format!(":(literal){below}");
        let ran = self.run(&["ls-files", "-s", "-z", "--", &below], b"", WALK)?;
        if ran.code != Some(0) {
            return Err(complaint(&ran));
        }
        let text = String::from_utf8_lossy(&ran.out);
        Ok(text
            .split('\0')
            .filter(|entry| entry.starts_with("160000 "))
            .filter_map(|entry| Some(nfc(entry.split_once('\t')?.1)))
            .collect())
    }

    fn run(&self, words: &[&str], input: &[u8], timeout: Duration) -> Result<Ran, Trouble> {
        let mut args: Vec<&str> = self.which.iter().map(String::as_str).collect();
        args.push("--no-pager");
        args.extend(words);
        let command = Command { program: "git", args: &args, folder: &self.folder, env: &ENV, input, timeout };
        self.disk.run(&command).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Trouble::NoProgram,
            io::ErrorKind::TimedOut => Trouble::Late,
            _ => Trouble::Failed(e.to_string()),
        })
    }
}

/// Returns the ways up from a folder: empty, `../`, `../../` and so on.
fn tops() -> impl Iterator<Item = String> {
    (0..32).map(|n| "../".repeat(n))
}

/// Reads why git refused.
fn complaint(ran: &Ran) -> Trouble {
    let text = String::from_utf8_lossy(&ran.err);
    if text.contains("dubious ownership") || text.contains("unsafe repository") {
        // The folder stands in quotes, then once more at the end of the advice.
        let folder = text.split('\'').nth(1).unwrap_or("*");
        return Trouble::Untrusted(folder.to_owned());
    }
    if text.contains("not a git repository") || text.contains("must be run in a work tree") {
        return Trouble::NoRepository;
    }
    let line = text.lines().find(|l| l.starts_with("fatal:")).or_else(|| text.lines().next());
    Trouble::Failed(line.unwrap_or("no word of why").to_owned())
}

/// Tells whether a word is the full name of an object, SHA-1 or SHA-256.
fn is_name(word: &str) -> bool {
    matches!(word.len(), 40 | 64) && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// One spelling for names that systems spell in two ways.
fn nfc(path: &str) -> String {
    path.nfc().collect()
}

/// Reads `git log -z --raw`; `None` if it is not what was asked for.
fn parse(bytes: &[u8], prefix: &str, authors: bool) -> Option<Vec<Told>> {
    let mut commits: Vec<Told> = Vec::new();
    let mut tokens = bytes.split(|b| *b == 0);
    while let Some(token) = tokens.next() {
        let token = token.strip_prefix(b"\n").unwrap_or(token);
        if token.is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(token);
        if text.starts_with(':') {
            let change = parse_change(&text, || tokens.next(), prefix)?;
            commits.last_mut()?.changes.extend(change);
        } else {
            commits.push(parse_commit(&text, authors)?);
        }
    }
    Some(commits)
}

fn parse_commit(text: &str, authors: bool) -> Option<Told> {
    let mut words = text.splitn(5, SEPARATOR);
    let hash = words.next().filter(|w| is_name(w))?.to_owned();
    let parents = words.next()?.split_whitespace().map(str::to_owned).collect();
    // Git writes what it cannot read as 0; we take what it has nothing for in the same way.
    let committed = words.next()?.parse().unwrap_or(0);
    let (time, offset) = words.next()?.split_once(' ').unwrap_or(("0", "+0000"));
    let author = if authors { Some(words.next()?.trim().to_owned()) } else { None };
    Some(Told {
        hash,
        parents,
        committed,
        time: time.parse().unwrap_or(0),
        offset: seconds(offset),
        author: author.filter(|name| !name.is_empty()),
        changes: Vec::new(),
    })
}

/// Reads `+0830` as seconds; offsets nobody lives by are UTC.
fn seconds(offset: &str) -> i32 {
    let number: i32 = offset.parse().unwrap_or(0);
    let seconds = (number / 100 * 60 + number % 100) * 60;
    if seconds.abs() < 24 * 3600 { seconds } else { 0 }
}

/// Reads one change: `:100644 100644 old new M`, with a colon, mode and name more for each further
/// parent of a merge, then the paths. The answer is `Some(None)` for a path that is not ours.
fn parse_change<'b>(text: &str, mut path: impl FnMut() -> Option<&'b [u8]>, prefix: &str) -> Option<Option<Raw>> {
    let parents = text.bytes().take_while(|b| *b == b':').count();
    let words: Vec<&str> = text[parents..].split(' ').collect();
    let [olds @ .., new, status] = words.get(parents + 1..)? else { return None };
    let states = status.trim_end_matches(|c: char| c.is_ascii_digit()).as_bytes();
    let old = (*olds.first()?).to_owned();
    let same = olds.contains(new);
    let new = (*new).to_owned();
    // Of one parent two paths are told just if they differ; of several always all.
    let count = match parents {
        1 if matches!(states, b"R" | b"C") => 2,
        1 => 1,
        n => n + 1,
    };
    let own = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.strip_prefix(prefix).map(nfc);
    let paths: Vec<Option<String>> = (0..count).map(|_| path().map(own)).collect::<Option<_>>()?;
    let Some(Some(to)) = paths.last().cloned() else { return Some(None) };
    // In every parent it is missing or stands elsewhere; where one has it already, that one's line goes on.
    let fresh = states.iter().all(|s| matches!(s, b'A' | b'C' | b'R'));
    let from = states.iter().zip(paths).find(|(state, _)| **state == b'R').and_then(|(_, path)| path);
    Some(Some(match from {
        Some(from) if fresh => Raw::Moved { from, to, old, new, same },
        None if states.iter().all(|s| *s == b'D') => Raw::Gone { path: to, old },
        None if fresh => Raw::Added { path: to, blob: new },
        Some(_) | None => Raw::Edited { path: to, blob: new, same },
    }))
}

/// Reads `git cat-file --batch`.
fn texts(mut bytes: &[u8]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    while let Some(end) = memchr::memchr(b'\n', bytes) {
        let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
        bytes = &bytes[end + 1..];
        let Some((name, rest)) = line.split_once(' ') else { break };
        let Some(size) = rest.strip_prefix("blob ").and_then(|size| size.parse::<usize>().ok()) else { continue };
        let Some(text) = bytes.get(..size) else { break };
        found.insert(name.to_owned(), String::from_utf8_lossy(text).into_owned());
        bytes = bytes.get(size + 1..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn check(text: &str) -> Option<Vec<Told>> {
        let text = text.replace('|', "\u{1f}").replace('@', "\0").replace("<A>", A).replace("<B>", B);
        parse(text.as_bytes(), "s/content/", true)
    }

    #[test]
    fn a_log_is_commits_with_their_changes() {
        let commits = check(
            "<A>|<B>|20|10 +0830|张三@\n:100644 100644 <A> <B> R082@s/content/支部/甲.md@s/content/乙.md@\
             :000000 100644 0 <B> A@s/content/新.md@:100644 000000 <A> 0 D@s/content/旧.md@\
             <B>||10|5 -0100|李四@",
        )
        .expect("this is how git answers");
        assert_eq!(commits.len(), 2);
        assert_eq!((commits[0].committed, commits[0].time, commits[0].offset), (20, 10, 30_600));
        assert_eq!((commits[0].author.as_deref(), commits[1].offset), (Some("张三"), -3600));
        assert_eq!(commits[0].parents, [B]);
        assert_eq!(
            commits[0].changes,
            [
                Raw::Moved {
                    from: "支部/甲.md".into(), to: "乙.md".into(), old: A.into(), new: B.into(), same: false
                },
                Raw::Added { path: "新.md".into(), blob: B.into() },
                Raw::Gone { path: "旧.md".into(), old: A.into() },
            ]
        );
        assert!(commits[1].changes.is_empty() && commits[1].parents.is_empty());
    }

    #[test]
    fn a_merge_tells_the_path_in_each_parent() {
        let commits = check(
            "<A>|<B> <B>|20|10 +0000|x@@::100644 100644 100644 <A> <A> <B> MR@s/content/b.md@s/content/a.md@\
             s/content/b.md@::100644 100644 100644 <A> <A> <B> RR@s/content/c.md@s/content/c.md@s/content/d.md@",
        )
        .expect("this is how git answers");
        assert_eq!(
            commits[0].changes,
            [
                Raw::Edited { path: "b.md".into(), blob: B.into(), same: false },
                Raw::Moved { from: "c.md".into(), to: "d.md".into(), old: A.into(), new: B.into(), same: false },
            ]
        );
    }

    #[test]
    fn what_git_never_says_is_not_read_as_a_history() {
        assert_eq!(check("warning: something@"), None);
        assert_eq!(check("<A>|<B>|20|10 +0000|x@:100644 M@"), None);
        assert_eq!(check(":100644 100644 <A> <B> M@s/content/a.md@"), None, "a change without a commit");
    }

    #[test]
    fn texts_are_cut_by_their_length_and_missing_ones_left_out() {
        let found = texts(b"aa blob 4\na\nb\n\nbb missing\ncc blob 0\n\n");
        assert_eq!(found.get("aa").map(String::as_str), Some("a\nb\n"));
        assert_eq!((found.contains_key("bb"), found.get("cc").map(String::as_str)), (false, Some("")));
    }

    #[test]
    fn a_refusal_is_told_by_its_reason() {
        let ran = |err: &str| complaint(&Ran { code: Some(128), out: Vec::new(), err: err.as_bytes().to_vec() });
        assert_eq!(ran("fatal: not a git repository (or any of the parent directories): .git"), Trouble::NoRepository);
        assert_eq!(
            ran("fatal: detected dubious ownership in repository at '/srv/站'\nTo add an exception …"),
            Trouble::Untrusted("/srv/站".into())
        );
        assert_eq!(ran("warning: x\nfatal: bad object y\n"), Trouble::Failed("fatal: bad object y".into()));
    }
}
