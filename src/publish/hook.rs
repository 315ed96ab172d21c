//! Git hooks of a repository people push to: what has errors is refused, what is accepted is published.
//!
//! The hooks are a few lines of `sh` that run this program; what they do stands here. `pre-receive` looks
//! at the commit before git takes it in (git keeps its objects in quarantine until then, and says in the
//! environment where). `post-receive` writes a request and returns: nobody who pushes
//! waits for a build.

use super::git::{Checkout, Repository};
use super::{Options, Place, hold_site, refused, short};
use crate::build::{Input, Report, Session, Watch};
use crate::diagnostic::{Error, Say};
use crate::disk::{Command, Disk, join};
use crate::say;
use core::time::Duration;

/// The line that says a hook is ours.
const MARK: &str = "# beilin hook install";
/// The hooks we write.
const NAMES: [&str; 2] = ["pre-receive", "post-receive"];

/// What the hooks of a repository publish.
#[derive(Debug, Clone, Default)]
pub struct Hooks {
    /// What is published where.
    pub options: Options,
    /// The branch; without one, the branch the repository stands on.
    pub branch: Option<String>,
    /// Whether hooks of others are moved aside.
    pub force: bool,
}

/// What installing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The hooks that were written.
    pub written: Vec<String>,
    /// Hooks of others, where they are now.
    pub moved: Vec<String>,
    /// The branch that is published.
    pub branch: String,
}

/// Writes the hooks. One that somebody else wrote is left as it is, and then none is written; with
/// `force` it is moved aside.
pub fn install(disk: &dyn Disk, hooks: &Hooks) -> Result<Installed, Error> {
    let repository = Repository::open(disk, &hooks.options.repository)?;
    let place = Place::of(disk, &hooks.options.to, hooks.options.live.as_deref())?;
    let branch = match &hooks.branch {
        Some(branch) => branch.clone(),
        None => repository.branch(disk)?.unwrap_or_else(|| "main".to_owned()),
    };
    let folder = repository.hooks(disk)?;
    let foreign: Vec<String> =
        NAMES.iter().map(|n| join(&folder, n)).filter(|p| disk.exists(p) && !is_ours(disk, p)).collect();
    if let Some(first) = foreign.first().filter(|_| !hooks.force) {
        return Err(Error::new(
            say!(
                "`{first}` 不是碑林写的，没有动（把它的内容并进别的脚本，或加 --force：原来的改名保留）",
                "`{first}` was not written by Beilin and was left as it is (move it away, or use --force, which keeps it under another name)"
            ),
            "not ours",
        ));
    }
    let mut moved = Vec::new();
    for path in &foreign {
        let kept = (1..).map(|n| format!("{path}.before-beilin-{n}")).find(|p| !disk.exists(p)).unwrap_or_default();
        disk.rename(path, &kept).map_err(refused(&kept))?;
        moved.push(kept);
    }
    let program = disk.program().map_err(refused("beilin"))?;
    let mut written = Vec::new();
    for name in NAMES {
        let path = join(&folder, name);
        let text = script(name, &program, &words(hooks, &repository, &place, ["--branch", &branch]));
        // Whole and runnable before it has its name: a push at this moment meets the old hook or the new.
        let fresh = format!("{path}.beilin-new");
        let write = disk.write(&fresh, text.as_bytes()).and_then(|()| disk.make_executable(&fresh));
        write.and_then(|()| disk.rename(&fresh, &path)).map_err(refused(&path))?;
        written.push(path);
    }
    Ok(Installed { written, moved, branch })
}

fn is_ours(disk: &dyn Disk, path: &str) -> bool {
    disk.read(path).is_ok_and(|b| String::from_utf8_lossy(&b).lines().any(|l| l == MARK))
}

/// Returns the words after `beilin hook <name>` or `beilin publish`.
fn words(hooks: &Hooks, repository: &Repository, place: &Place, what: [&str; 2]) -> Vec<String> {
    let options = &hooks.options;
    let mut words: Vec<String> =
        ["--repository", &repository.folder, "--to", &place.to, what[0], what[1]].map(str::to_owned).to_vec();
    if !options.site.is_empty() {
        words.extend(["--site".to_owned(), options.site.clone()]);
    }
    if options.live.is_some() {
        words.extend(["--live".to_owned(), place.live.clone()]);
    }
    words.extend(["--keep".to_owned(), options.keep.to_string()]);
    words
}

fn script(name: &str, program: &str, words: &[String]) -> String {
    let words: String = words.iter().map(|w| format!(" {}", quoted(w))).collect();
    let program = quoted(program);
    // The program names the repository itself; git's own words for it would mislead other git commands,
    // and that of the quarantine would forbid our private copy a branch of its own. Where the objects
    // are is another word, which stays.
    let unset = "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_QUARANTINE_PATH";
    format!("#!/bin/sh\n{MARK}\n{unset}\nexec {program} hook {name}{words}\n")
}

/// Quotes a word for `sh`.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Returns the commits that are pushed to a branch, of git's lines `old new ref`; a branch that is
/// deleted pushes none.
pub fn pushed<'l>(lines: &'l str, branch: &str) -> Vec<&'l str> {
    let wanted = format!("refs/heads/{branch}");
    let line = |l: &'l str| {
        let mut parts = l.splitn(3, ' ');
        let (_, new, name) = (parts.next()?, parts.next()?, parts.next()?);
        (name.trim_end() == wanted && new.bytes().any(|b| b != b'0')).then_some(new)
    };
    lines.lines().filter_map(line).collect()
}

/// A commit that was looked at before it is taken in.
pub struct Checked {
    /// What is wrong with it.
    pub report: Report,
    /// The folder the diagnostics' paths are relative to; it stays as it is as long as this value.
    pub root: String,
    _lock: Box<dyn Send + Sync>,
}

/// Looks for everything that is wrong with a commit that is being pushed.
pub fn check(disk: &dyn Disk, options: &Options, commit: &str, watch: &dyn Watch) -> Result<Checked, Error> {
    let place = Place::of(disk, &options.to, options.live.as_deref())?;
    let repository = Repository::open(disk, &options.repository)?;
    // A copy of its own: a push is checked while the one before it is still being published.
    let lock = place.own("check.lock");
    let _lock = disk.lock(&lock).map_err(refused(&lock))?;
    let commit = repository.commit(disk, commit)?;
    let checkout = Checkout::new(disk, &place.own("check"));
    checkout.take(&repository, &commit.id, options.site.trim_matches('/'))?;
    let root = join(&checkout.work, options.site.trim_matches('/'));
    hold_site(disk, &root, &commit, &options.site)?;
    let input = Input { root: root.clone(), out: None, as_of: options.as_of };
    // What the last publish found to be good need not be looked at again.
    let published = join(&Checkout::new(disk, &join(&place.to, super::OWN)).work, options.site.trim_matches('/'));
    let report = Session::with_cache(input, published).check(disk, watch)?;
    Ok(Checked { report, root, _lock })
}

/// Asks for the publish of the revision in the options and starts a worker that nobody waits for.
pub fn start(disk: &dyn Disk, hooks: &Hooks, commit: &str, lang: &str) -> Result<Say, Error> {
    let repository = Repository::open(disk, &hooks.options.repository)?;
    let place = Place::of(disk, &hooks.options.to, hooks.options.live.as_deref())?;
    super::queue::request(disk, &place.to, commit)?;
    let program = disk.program().map_err(refused("beilin"))?;
    // Not the commit: by the time the worker looks, a newer one may be there.
    let words = words(hooks, &repository, &place, ["--revision", &hooks.options.revision]);
    let args: Vec<&str> =
        ["--lang", lang, "publish", "--queued"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let timeout = Duration::MAX;
    let command = Command { program: &program, args: &args, folder: &place.to, env: &[], input: b"", timeout };
    disk.start(&command).map_err(|e| Error::new(say!("启动不了发布", "cannot start publishing"), e))?;
    let (commit, log) = (short(commit), place.own("publish.log"));
    Ok(say!("{commit} 排队发布，结果写在 {log}", "{commit} is queued for publishing; the result goes to {log}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pushes_to_the_branch_are_looked_at() {
        let zero = "0".repeat(40);
        let lines = format!(
            "{zero} aa refs/heads/main\naa bb refs/heads/other\nbb {zero} refs/heads/main\ncc dd refs/tags/main\nee ff refs/heads/main"
        );
        assert_eq!(pushed(&lines, "main"), ["aa", "ff"]);
        assert_eq!(pushed("", "main"), Vec::<&str>::new());
        assert_eq!(pushed("x\ny z\n", "main"), Vec::<&str>::new());
    }

    #[test]
    fn a_word_stays_one_word_in_a_shell() {
        assert_eq!(quoted("/srv/a-b.git"), "/srv/a-b.git");
        assert_eq!(quoted("/srv/党 建's"), r"'/srv/党 建'\''s'");
        assert_eq!(quoted("$(x)"), "'$(x)'");
        assert_eq!(quoted(""), "''");
    }
}
