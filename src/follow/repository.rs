//! The repository that is followed: what its branch holds, and what came before what.
//!
//! Everything is asked of the `git` program with arguments, never a shell line, within a time limit, with
//! hooks and prompts off and only plain transports allowed. A repository elsewhere is kept as a bare
//! mirror of the one branch; of a damaged mirror a new one is made.

use super::{OURS, Options};
use crate::diagnostic::Error;
use crate::disk::{Command, Disk, Ran, join};
use crate::say;
use std::time::Duration;

/// A question to a repository of this machine.
const QUICK: Duration = Duration::from_secs(30);
/// A question to another machine.
const ASKED: Duration = Duration::from_secs(60);
/// Objects coming over a network.
const FETCHED: Duration = Duration::from_secs(1800);
/// Git holds its own locks for moments; one older than this was left by a machine that fell over.
const STALE: i64 = 60 * 1_000_000_000;
/// So many characters of what git complains of are told.
const COMPLAINT: usize = 600;

/// A branch of a repository.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    source: Source,
    branch: String,
}

#[derive(Debug, Clone)]
enum Source {
    /// The git folder of a repository of this machine.
    Here(String),
    /// An address, and the mirror of what is there.
    There { address: String, mirror: String },
}

impl Repository {
    /// Finds a repository; one elsewhere is not asked yet.
    pub(super) fn open(disk: &dyn Disk, options: &Options) -> Result<Repository, Error> {
        let (given, branch) = (&options.repository, &options.branch);
        if given.is_empty() || given.starts_with('-') || given.contains("::") || given.contains(char::is_control) {
            let shown = hide(given);
            return Err(Error::new(
                say!(
                    "`{shown}` 不是仓库（写一个文件夹，或 https://、ssh:// 这样的地址）",
                    "`{shown}` is no repository (give a folder, or an address such as https:// or ssh://)"
                ),
                "refused",
            ));
        }
        let source = if is_address(disk, given) {
            Source::There { address: given.clone(), mirror: join(&join(&options.to, OURS), "mirror.git") }
        } else {
            Source::Here(git_folder(disk, given)?)
        };
        let repository = Repository { source, branch: branch.clone() };
        let named = run(disk, None, &["check-ref-format", &repository.reference()], QUICK)?;
        if branch.starts_with('-') || named.code != Some(0) {
            return Err(Error::new(
                say!("`{branch}` 不能是分支名（看看 --branch）", "`{branch}` cannot be a branch (see --branch)"),
                "git check-ref-format",
            ));
        }
        Ok(repository)
    }

    /// Returns the folder git knows the commits in.
    pub(super) fn folder(&self) -> &str {
        match &self.source {
            Source::Here(folder) => folder,
            Source::There { mirror, .. } => mirror,
        }
    }

    /// Returns where it is, for people: without passwords.
    pub(super) fn shown(&self) -> String {
        match &self.source {
            Source::Here(folder) => folder.clone(),
            Source::There { address, .. } => hide(address),
        }
    }

    /// Returns the newest commit of the branch, and sees to it that it is here.
    pub(super) fn newest(&self, disk: &dyn Disk) -> Result<String, Error> {
        let Source::There { address, mirror } = &self.source else {
            return self.here(disk)?.ok_or_else(|| self.no_branch());
        };
        make_mirror(disk, mirror)?;
        let there = self.there(disk, address, mirror)?;
        // A mirror that cannot even be asked is mended by fetching.
        if self.here(disk).unwrap_or_default().as_ref() != Some(&there) {
            self.fetch(disk, address, mirror)?;
        }
        // What came may be newer still than what was asked about.
        self.here(disk)?.ok_or_else(|| self.no_branch())
    }

    /// Tells whether a commit came before another on the way to it; one that is not here any more did not.
    pub(super) fn is_before(&self, disk: &dyn Disk, old: &str, new: &str) -> Result<bool, Error> {
        if !is_commit(old) {
            return Ok(true);
        }
        Ok(run(disk, Some(self.folder()), &["merge-base", "--is-ancestor", old, new], QUICK)?.code == Some(0))
    }

    /// Reads a file as it is in a commit.
    pub(super) fn file(&self, disk: &dyn Disk, commit: &str, path: &str) -> Option<Vec<u8>> {
        let ran = run(disk, Some(self.folder()), &["cat-file", "blob", &format!("{commit}:{path}")], QUICK).ok()?;
        (ran.code == Some(0)).then_some(ran.out)
    }

    fn reference(&self) -> String {
        format!("refs/heads/{}", self.branch)
    }

    fn no_branch(&self) -> Error {
        let (branch, shown) = (&self.branch, self.shown());
        Error::new(
            say!(
                "`{shown}` 里没有分支 `{branch}`（推送以后会自动发布；名字不对就改 --branch）",
                "there is no branch `{branch}` in `{shown}` (a push will be published; if the name is wrong, see --branch)"
            ),
            self.reference(),
        )
    }

    /// Asks the folder for the branch's commit.
    fn here(&self, disk: &dyn Disk) -> Result<Option<String>, Error> {
        let name = format!("{}^{{commit}}", self.reference());
        let ran =
            run(disk, Some(self.folder()), &["rev-parse", "--verify", "--quiet", "--end-of-options", &name], QUICK)?;
        let commit = String::from_utf8_lossy(&ran.out).trim().to_owned();
        match ran.code {
            Some(0) if is_commit(&commit) => Ok(Some(commit)),
            Some(1) => Ok(None),
            _ => Err(self.refused(&ran)),
        }
    }

    /// Asks the other machine for it.
    fn there(&self, disk: &dyn Disk, address: &str, mirror: &str) -> Result<String, Error> {
        let name = self.reference();
        let ran = run(disk, Some(mirror), &["ls-remote", "--quiet", "--", address, &name], ASKED)?;
        if ran.code != Some(0) {
            return Err(self.refused(&ran));
        }
        let text = String::from_utf8_lossy(&ran.out);
        // A pattern also fits longer names that end like it.
        let found = text.lines().filter_map(|l| l.split_once('\t')).find(|(_, n)| *n == name);
        found.map(|(commit, _)| commit.to_owned()).filter(|c| is_commit(c)).ok_or_else(|| self.no_branch())
    }

    fn fetch(&self, disk: &dyn Disk, address: &str, mirror: &str) -> Result<(), Error> {
        let refspec = format!("+{0}:{0}", self.reference());
        let fetch = || {
            let words = ["fetch", "--quiet", "--prune", "--no-tags", "--force", "--", address, &refspec];
            let ran = run(disk, Some(mirror), &words, FETCHED)?;
            if ran.code == Some(0) { Ok(()) } else { Err(self.refused(&ran)) }
        };
        if fetch().is_ok() {
            return Ok(());
        }
        drop_stale_locks(disk, mirror);
        let Err(error) = fetch() else { return Ok(()) };
        let sound = run(disk, Some(mirror), &["fsck", "--connectivity-only", "--no-dangling"], FETCHED)?;
        if sound.code == Some(0) {
            return Err(error);
        }
        // Nothing is in it that is not there as well.
        disk.remove_tree(mirror)
            .map_err(|e| Error::new(say!("删不掉坏了的 `{mirror}`", "cannot remove the damaged `{mirror}`"), e))?;
        make_mirror(disk, mirror)?;
        fetch()
    }

    fn refused(&self, ran: &Ran) -> Error {
        let shown = self.shown();
        let mut complaint = String::from_utf8_lossy(&ran.err).trim().replace('\n', "; ");
        if let Source::There { address, .. } = &self.source {
            complaint = complaint.replace(address.as_str(), &shown);
            if let Some(secret) = user_of(address) {
                complaint = complaint.replace(secret, "***");
            }
        }
        let complaint: String =
            complaint.chars().map(|c| if c.is_control() { ' ' } else { c }).take(COMPLAINT).collect();
        Error::new(say!("git 读不了 `{shown}`", "git cannot read `{shown}`"), complaint)
    }
}

/// Tells whether a text is the whole name of a commit.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Tells an address from a folder as git does: `scheme://…`, or `host:path`.
fn is_address(disk: &dyn Disk, given: &str) -> bool {
    if given.contains("://") {
        return true;
    }
    let host = given.split_once(':').map(|(host, _)| host);
    // One letter is a drive.
    host.is_some_and(|h| h.len() > 1 && !h.contains('/')) && !disk.exists(given)
}

fn git_folder(disk: &dyn Disk, given: &str) -> Result<String, Error> {
    let inner = join(given, ".git");
    if disk.exists(&inner) {
        return Ok(inner);
    }
    if disk.exists(&join(given, "HEAD")) && disk.is_folder(&join(given, "objects")) {
        return Ok(given.to_owned());
    }
    Err(Error::new(
        say!(
            "`{given}` 不是 git 仓库（先 git init，或写对地址）",
            "`{given}` is no git repository (git init it, or mend the path)"
        ),
        "no .git, no HEAD",
    ))
}

fn make_mirror(disk: &dyn Disk, mirror: &str) -> Result<(), Error> {
    if disk.exists(&join(mirror, "HEAD")) && disk.is_folder(&join(mirror, "objects")) {
        return Ok(());
    }
    let ran = run(disk, None, &["init", "--quiet", "--bare", "--template=", "--", mirror], QUICK)?;
    if ran.code == Some(0) {
        return Ok(());
    }
    Err(Error::new(
        say!("建不了镜像 `{mirror}`", "cannot make the mirror `{mirror}`"),
        String::from_utf8_lossy(&ran.err).trim(),
    ))
}

/// Removes locks of git that nobody can hold any more; one that cannot be removed shows in the next try.
fn drop_stale_locks(disk: &dyn Disk, mirror: &str) {
    let now = disk.now();
    for file in disk.walk(mirror).unwrap_or_default() {
        if file.path.ends_with(".lock") && now.saturating_sub(file.stat.modified) > STALE {
            let _ = disk.remove(&join(mirror, &file.path));
        }
    }
}

fn run(disk: &dyn Disk, folder: Option<&str>, words: &[&str], timeout: Duration) -> Result<Ran, Error> {
    let mut args = Vec::new();
    if let Some(folder) = folder {
        args.extend(["--git-dir", folder]);
    }
    // Housekeeping is done before we go on: a process left behind would hold the mirror.
    args.extend(["-c", "core.hooksPath=/dev/null", "-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false"]);
    args.extend(words);
    let env = [
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file"),
        ("LC_ALL", "C"),
    ];
    let command = Command { program: "git", args: &args, folder: "", env: &env, input: &[], timeout };
    let what = words.first().copied().unwrap_or_default();
    disk.run(&command).map_err(|e| {
        Error::new(say!("运行不了 git {what}（要装有 git）", "cannot run git {what} (git must be installed)"), e)
    })
}

/// Returns what stands between `//` and `@` in an address.
fn user_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    host.rsplit_once('@').map(|(user, _)| user).filter(|u| !u.is_empty())
}

/// Writes an address without who asks and their password.
fn hide(address: &str) -> String {
    match user_of(address) {
        Some(user) => address.replacen(&format!("{user}@"), "***@", 1),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn addresses_are_told_from_folders() {
        let disk = Memory::new([("odd:name/HEAD", "")]);
        for (given, expected) in [
            ("https://git.example/a.git", true),
            ("file:///srv/a.git", true),
            ("git@git.example:a/b.git", true),
            ("/srv/a.git", false),
            ("a/b:c", false),
            ("C:/a", false),
            ("odd:name", false),
        ] {
            assert_eq!(is_address(&disk, given), expected, "{given}");
        }
    }

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        assert_eq!(hide("https://me:tok@git.example/a.git"), "https://***@git.example/a.git");
        assert_eq!(hide("https://git.example/a@b.git"), "https://git.example/a@b.git");
        assert_eq!(hide("git@git.example:a.git"), "git@git.example:a.git");
    }

    #[test]
    fn only_whole_names_are_commits() {
        assert!(is_commit(&"a1".repeat(20)) && is_commit(&"0f".repeat(32)));
        assert!(!is_commit("main") && !is_commit(&"g".repeat(40)) && !is_commit(&"a".repeat(41)));
    }
}
