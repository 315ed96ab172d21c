//! Provenance: when a file of the content folder was first and last committed, by whom, how often.
//!
//! 1. `git`: the program is asked, by arguments, never through a shell: one walk of the history, later
//!    only of what is new; the ids of records that vanished, in one further process;
//! 2. `kept`: what was walked is kept with the head it was read at;
//! 3. `index`: the commits, in an order of their own, are folded into the line of each file.
//!
//! What is kept are commits, not results: results of two walks could not be joined where branches run
//! side by side, and the property that matters (walking in steps is walking at once) holds because the
//! fold sees the same commits in the same order either way.
//!
//! It stands on the floor above [`parse`](crate::parse), whose reader of front matter gives the ids of
//! vanished records. It judges nothing and writes nothing. [`leftovers`] tells what git left in the
//! content instead of records; it needs no repository.

mod git;
mod index;
mod kept;
pub mod leftovers;

pub use leftovers::{inspect, inspect_asset};

use crate::config::HistoryOptions;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::disk::{Disk, join};
use crate::say;
use git::{Git, Place, Trouble};
use index::Index;
use kept::{Kept, Terms};
use serde::Serialize;

/// One commit that changed the text of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Revision {
    /// The commit's full name.
    pub commit: String,
    /// When its author wrote it, in ISO 8601 with the author's own offset: rebasing does not change it.
    pub time: String,
    /// The author's name as `.mailmap` has it; `None` where names are not wanted.
    pub author: Option<String>,
}

/// Where a file comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Provenance {
    /// The commit it came in with; `None` where the history is cut off.
    pub first: Option<Revision>,
    /// The commit its text was last changed by; `None` where it lies beyond the cut.
    pub last: Option<Revision>,
    /// How many commits changed its text, of those known. A move or a merge that leaves the text as it
    /// was is none.
    pub revisions: usize,
    /// Whose commits they are, each once, the earliest first; empty where names are not wanted.
    pub authors: Vec<String>,
    /// Whether the history is known from its beginning.
    pub complete: bool,
}

/// The history of a content folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    kept: Kept,
    index: Index,
}

impl History {
    /// Returns the full name of the commit it was read at.
    pub fn head(&self) -> &str {
        &self.kept.head
    }

    /// Tells whether the repository does not have all commits (浅克隆).
    pub fn shallow(&self) -> bool {
        !self.kept.terms.shallow.is_empty()
    }

    /// Returns where a file comes from; `None` if it is not committed.
    ///
    /// The path is relative to the content folder. With its record's id, the history also covers what
    /// stood elsewhere under that id before, however much was rewritten on the way.
    pub fn of(&self, path: &str, id: Option<&str>) -> Option<Provenance> {
        self.index.provenance(&self.kept.commits, path, id)
    }

    /// Returns the bytes to keep for the next build.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.kept.to_bytes()
    }

    /// Reads kept bytes; `None` if they are damaged or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<History> {
        Kept::from_bytes(bytes).map(History::of_kept)
    }

    fn of_kept(kept: Kept) -> History {
        History { index: Index::of(&kept), kept }
    }
}

/// Returns the digest of all that decides what [`read`] would find, for one question to git: while it
/// stays the same, so does the history. `None` where there is none to be read.
pub fn state(disk: &dyn Disk, root: &str, content_dir: &str, options: &HistoryOptions) -> Option<Digest> {
    if !options.enabled {
        return None;
    }
    let git = Git::new(disk, join(root, content_dir));
    let place = git.place().ok()?;
    let mailmap = git.mailmap(&place).filter(|_| options.authors);
    Some(Digest::of_value(&(&place.head, &place.prefix, &place.shallow, options.authors, mailmap)))
}

/// Reads the history of the content folder `content_dir` of the site at `root`.
///
/// `kept` is what the last build kept; only what was committed since is walked. Returns `None` where
/// there is no repository, no commit or no git program: a fault only where a history is expected.
pub fn read(
    disk: &dyn Disk,
    root: &str,
    content_dir: &str,
    kept: Option<History>,
    options: &HistoryOptions,
    out: &mut Vec<Diagnostic>,
) -> Option<History> {
    if !options.enabled {
        return None;
    }
    // Asked from within the folder: it may be a repository of its own, or below one of the site's.
    let git = Git::new(disk, join(root, content_dir));
    match history(&git, kept, options, out) {
        Ok(history) => {
            out.extend(cut_off(&history));
            Some(history)
        }
        Err(trouble) => {
            out.extend(told(&trouble, options));
            None
        }
    }
}

fn history(
    git: &Git<'_>,
    kept: Option<History>,
    options: &HistoryOptions,
    out: &mut Vec<Diagnostic>,
) -> Result<History, Trouble> {
    let place = git.place()?;
    let terms = Terms {
        authors: options.authors,
        prefix: place.prefix.clone(),
        shallow: place.shallow.clone(),
        // Names of old commits follow the list of names.
        mailmap: git.mailmap(&place).filter(|_| options.authors).map(|bytes| Digest::of(&bytes).to_hex()),
    };
    match kept {
        Some(kept) if kept.kept.terms == terms && kept.kept.head == place.head => Ok(kept),
        Some(kept) if kept.kept.terms == terms => match further(git, &place, &kept.kept) {
            Some(kept) => Ok(History::of_kept(kept)),
            None => {
                out.extend(rewritten(&kept, &place));
                whole(git, &place, terms)
            }
        },
        _ => whole(git, &place, terms),
    }
}

fn whole(git: &Git<'_>, place: &Place, terms: Terms) -> Result<History, Trouble> {
    let mut kept = Kept { head: place.head.clone(), terms, commits: Vec::new(), corrections: Vec::new() };
    let told = git.walk(place, None, kept.terms.authors)?;
    kept.extend(told, git)?;
    Ok(History::of_kept(corrected(kept, git)?))
}

/// Walks on from the head of the last time; `None` if nothing leads on from there.
fn further(git: &Git<'_>, place: &Place, before: &Kept) -> Option<Kept> {
    // Git no longer knows the commit if it fails; if not for that reason, it will fail once more.
    let told = git.walk(place, Some(&before.head), before.terms.authors).ok()?;
    // The head is an ancestor just if a new commit has it for a parent: no further process is needed.
    if !told.iter().any(|commit| commit.parents.contains(&before.head)) {
        return None;
    }
    let mut kept = before.clone();
    kept.head.clone_from(&place.head);
    kept.extend(told, git).ok()?;
    corrected(kept, git).ok()
}

/// Asks git which files there are where merges may have decided between keeping a file and deleting it.
fn corrected(mut kept: Kept, git: &Git<'_>) -> Result<Kept, Trouble> {
    kept.corrections.clear();
    if kept.commits.iter().any(|c| c.parents.len() > 1) {
        let present = git.present(&kept.head)?;
        kept.corrections = Index::of(&kept).differences(&present);
    }
    Ok(kept)
}

/// Tells that what was committed is no longer what had been read.
fn rewritten(kept: &History, place: &Place) -> Option<Diagnostic> {
    // In a shallow clone the old commit is missing as a rule, and nothing was rewritten.
    if !place.shallow.is_empty() {
        return None;
    }
    let (old, new) = (short(kept.head()), short(&place.head));
    Some(
        Diagnostic::warning(
            "history-rewritten",
            "",
            None,
            say!(
                "上次生成时的提交 {old} 不在现在的历史（{new}）里：历史被改写过（如强制推送），或者换了分支；已从头重读",
                "the commit {old} of the last build is not in the history of {new}: it was rewritten (a forced push) or \
                 another branch is checked out; the history was read anew"
            ),
        )
        .hint(say!(
            "若不是有意改写，先不要发布，用 `git reflog` 找回原来的提交",
            "if nobody meant to, do not publish; `git reflog` finds the old commits"
        )),
    )
}

/// Tells that the dates of some files are unknown.
fn cut_off(history: &History) -> Option<Diagnostic> {
    let count = if history.shallow() { history.index.cut() } else { 0 };
    (count > 0).then(|| {
        Diagnostic::warning(
            "history-shallow",
            "",
            None,
            say!(
                "仓库是浅克隆，缺少较早的提交：{count} 个文件的最初提交标为“不详”",
                "the repository is a shallow clone without its earlier commits: the first commit of {count} files is unknown"
            ),
        )
        .hint(say!(
            "运行 `git fetch --unshallow`；在持续集成里把检出的 `fetch-depth` 设为 0",
            "run `git fetch --unshallow`; in continuous integration check out with `fetch-depth: 0`"
        ))
    })
}

/// Says why there is no history, where that is a fault.
fn told(trouble: &Trouble, options: &HistoryOptions) -> Option<Diagnostic> {
    let message = match trouble {
        Trouble::NoProgram | Trouble::NoRepository | Trouble::NoCommit if !options.expected => return None,
        Trouble::NoProgram => say!("找不到 git 程序，没有读来历", "there is no git program, provenance was not read"),
        Trouble::NoRepository => say!(
            "内容目录不在 Git 仓库里，没有来历可读",
            "the content folder is in no git repository, there is no provenance"
        ),
        Trouble::NoCommit => {
            say!("仓库里还没有提交，没有来历可读", "the repository has no commit yet, there is no provenance")
        }
        Trouble::Untrusted(folder) => say!(
            "git 不读这个仓库：`{folder}` 属于另一个用户，没有读来历",
            "git does not read the repository: `{folder}` belongs to another user; provenance was not read"
        ),
        Trouble::Late => say!("git 太久没有答复，没有读来历", "git did not answer in time, provenance was not read"),
        Trouble::Failed(words) => {
            say!("git 出错，没有读来历：{words}", "git failed, provenance was not read: {words}")
        }
    };
    let hint = match trouble {
        Trouble::Untrusted(folder) => say!(
            "确认仓库可信后运行 `git config --global --add safe.directory {folder}`",
            "if you trust it, run `git config --global --add safe.directory {folder}`"
        ),
        Trouble::NoProgram | Trouble::NoRepository | Trouble::NoCommit => {
            say!("不必有来历就去掉 [history] expected", "remove [history] expected if there need be none")
        }
        Trouble::Late | Trouble::Failed(_) => {
            say!("不要来历就写 [history] enabled = false", "write [history] enabled = false to do without provenance")
        }
    };
    Some(Diagnostic::warning("history-unread", "", None, message).hint(hint))
}

/// Finds the submodules of the content folder that were not checked out: their records would silently
/// be missing. No program is run where there are none.
pub fn submodules(disk: &dyn Disk, root: &str, content_dir: &str) -> Vec<Diagnostic> {
    let git = Git::new(disk, root.to_owned());
    if !git.has_submodules() {
        return Vec::new();
    }
    // Where git does not answer, `read` says why.
    let links = git.links(content_dir).unwrap_or_default();
    let is_empty = |path: &String| disk.list(&join(root, path)).is_ok_and(|names| names.is_empty());
    links.iter().filter(|path| is_empty(path)).map(|path| leftovers::empty_submodule(path)).collect()
}

fn short(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}

#[cfg(test)]
mod tests;
