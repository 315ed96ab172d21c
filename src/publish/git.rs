//! A commit's files: a private copy beside the releases. Nobody's own work tree, index or configuration
//! is touched, and nothing that was pushed is run.
//!
//! The copy has a git folder of its own that borrows the repository's objects. So the configuration of
//! the repository, of the user and of the machine does not apply to it: no hook, filter, `fsmonitor` or
//! sparse checkout can change what is built, or run. Its index lives from run to run: only files that
//! differ between two commits are written, the others keep their times, and the build's cache stays warm.
//!
//! Symbolic links of a commit are left out: Beilin reads none of them in a content folder, and one that
//! was pushed must not lead to a file of the server. So is a cache that somebody committed.

use super::refused;
use crate::diagnostic::Error;
use crate::disk::{Command, Disk, Ran, join};
use crate::say;
// The length of a wait is a value, not a clock.
use core::time::Duration;

/// So long may a question to git take.
const QUESTION: Duration = Duration::from_secs(60);
/// So long may git write files.
const WRITING: Duration = Duration::from_secs(1800);

/// What our own git folder is told, whatever the defaults of the git at hand.
const SETTINGS: [&str; 4] =
    ["core.hooksPath=/dev/null", "core.symlinks=false", "core.autocrlf=false", "core.logAllRefUpdates=false"];

/// A repository: a work tree's, or bare.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    /// The git folder.
    pub(super) folder: String,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    /// Its full id.
    pub(super) id: String,
    /// When it was committed, in UTC.
    pub(super) time: String,
    /// The first line of its message.
    pub(super) subject: String,
}

impl Repository {
    /// Finds the git folder of a work tree, a bare repository, or a git folder itself.
    pub(super) fn open(disk: &dyn Disk, path: &str) -> Result<Repository, Error> {
        let path = disk.absolute(path).map_err(refused(path))?;
        if is_git_folder(disk, &path) {
            return Ok(Repository { folder: path });
        }
        let inner = join(&path, ".git");
        if is_git_folder(disk, &inner) {
            return Ok(Repository { folder: inner });
        }
        // A linked work tree has a file that says where its git folder is.
        let text = disk.read(&inner).ok().and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
        if let Some(target) = text.strip_prefix("gitdir:").map(str::trim) {
            let target = if target.starts_with('/') { target.to_owned() } else { join(&path, target) };
            return Ok(Repository { folder: disk.absolute(&target).map_err(refused(&target))? });
        }
        Err(Error::new(
            say!(
                "`{path}` 不是 Git 仓库（用 --repository 指出工作目录或裸仓库）",
                "`{path}` is no git repository (name a work tree or a bare repository with --repository)"
            ),
            "no .git, no HEAD",
        ))
    }

    /// Asks git about this repository.
    fn ask(&self, disk: &dyn Disk, args: &[&str]) -> Result<Ran, Error> {
        let folder = format!("--git-dir={}", self.folder);
        git(disk, &self.folder, &[&[folder.as_str()], args].concat(), &[], QUESTION)
    }

    /// Finds the commit a name stands for.
    pub(super) fn commit(&self, disk: &dyn Disk, revision: &str) -> Result<Commit, Error> {
        let name = format!("{revision}^{{commit}}");
        // A name that begins with a dash would be an option.
        let found = match revision.starts_with('-') {
            true => None,
            false => Some(self.ask(disk, &["rev-parse", "--quiet", "--verify", &name])?).filter(|r| r.code == Some(0)),
        };
        let repository = &self.folder;
        let found = found.ok_or_else(|| {
            Error::new(
                say!(
                    "仓库 `{repository}` 里没有 `{revision}` 这个提交（先提交一次，或用 --revision 写分支、标签、提交号）",
                    "the repository `{repository}` has no commit `{revision}` (commit first, or name a branch, tag or commit with --revision)"
                ),
                "git rev-parse",
            )
        })?;
        let id = text(&found.out).trim().to_owned();
        let body = done(self.ask(disk, &["cat-file", "commit", &id])?, &format!("cat-file {id}"))?;
        Ok(read_commit(id, &text(&body.out)))
    }

    /// Returns the branch the repository stands on, if it stands on one.
    pub(super) fn branch(&self, disk: &dyn Disk) -> Result<Option<String>, Error> {
        let ran = self.ask(disk, &["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        Ok(Some(text(&ran.out).trim().to_owned()).filter(|b| ran.code == Some(0) && !b.is_empty()))
    }

    /// Returns where a part of the repository is kept.
    pub(super) fn part(&self, disk: &dyn Disk, name: &str) -> Result<String, Error> {
        let ran = done(self.ask(disk, &["rev-parse", "--git-path", name])?, "rev-parse --git-path")?;
        let path = text(&ran.out).trim().to_owned();
        Ok(if path.starts_with('/') { path } else { join(&self.folder, &path) })
    }

    /// Returns where the hooks lie, which the repository's own configuration may have moved.
    pub(super) fn hooks(&self, disk: &dyn Disk) -> Result<String, Error> {
        let ran = self.ask(disk, &["config", "--path", "--get", "core.hooksPath"])?;
        match text(&ran.out).trim() {
            "" => self.part(disk, "hooks"),
            path if path.starts_with('/') => Ok(path.to_owned()),
            path => Ok(join(&self.folder, path)),
        }
    }
}

fn is_git_folder(disk: &dyn Disk, path: &str) -> bool {
    disk.exists(&join(path, "HEAD")) && disk.is_folder(&join(path, "objects"))
        || disk.exists(&join(path, "HEAD")) && disk.exists(&join(path, "commondir"))
}

/// Reads a commit as git keeps it.
fn read_commit(id: String, body: &str) -> Commit {
    let (head, message) = body.split_once("\n\n").unwrap_or((body, ""));
    let committer = head.lines().find_map(|l| l.strip_prefix("committer ")).unwrap_or_default();
    let seconds = committer.rsplit_once("> ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    let time = seconds.and_then(|s| jiff::Timestamp::from_second(s).ok()).map(|t| t.to_string()).unwrap_or_default();
    Commit { id, time, subject: message.lines().next().unwrap_or_default().to_owned() }
}

/// A private copy of a commit's files.
pub(super) struct Checkout<'a> {
    disk: &'a dyn Disk,
    /// Where the files are.
    pub(super) work: String,
    git: String,
}

impl<'a> Checkout<'a> {
    /// Names the copy kept in a folder of ours; it is made when it is first taken.
    pub(super) fn new(disk: &'a dyn Disk, folder: &str) -> Checkout<'a> {
        Checkout { disk, work: join(folder, "work"), git: join(folder, "git") }
    }

    /// Makes the copy that of a commit. The build's cache of the site is kept.
    pub(super) fn take(&self, repository: &Repository, commit: &str, site: &str) -> Result<(), Error> {
        self.prepare(repository)?;
        let cache = join(site, ".beilin/");
        let taken = self.sweep(&cache).and_then(|()| self.read_tree(commit));
        if taken.is_err() {
            // A damaged index: without one, everything is written anew.
            self.forget(&join(&self.git, "index"))?;
            self.sweep(&cache)?;
            self.read_tree(commit)?;
        }
        self.leave_out(&cache)?;
        done(self.ask(&["update-ref", "--no-deref", "HEAD", commit], QUESTION)?, "update-ref").map(|_| ())
    }

    /// Makes the git folder, unless it is there and borrows from this repository.
    fn prepare(&self, repository: &Repository) -> Result<(), Error> {
        // A run that was ended left them; nobody else works here while we hold the lock.
        for lock in ["index.lock", "HEAD.lock", "config.lock"] {
            self.forget(&join(&self.git, lock))?;
        }
        let objects = repository.part(self.disk, "objects")?;
        let (alternates, pointer) = (join(&self.git, "objects/info/alternates"), join(&self.work, ".git"));
        let wanted = [(&alternates, format!("{objects}\n")), (&pointer, format!("gitdir: {}\n", self.git))];
        let there = wanted.iter().all(|(path, text)| self.disk.read(path).is_ok_and(|b| b == text.as_bytes()));
        if !there || !is_git_folder(self.disk, &self.git) {
            self.disk.remove_tree(&self.git).map_err(refused(&self.git))?;
            self.init(repository)?;
            for (path, text) in &wanted {
                self.disk.write(path, text.as_bytes()).map_err(refused(path))?;
            }
        }
        // Where the repository's history is cut off, ours is.
        let shallow = join(&self.git, "shallow");
        match self.disk.read(&repository.part(self.disk, "shallow")?) {
            Ok(bytes) => self.disk.write(&shallow, &bytes).map_err(refused(&shallow)),
            Err(_) => self.forget(&shallow),
        }
    }

    fn init(&self, repository: &Repository) -> Result<(), Error> {
        let format = repository.ask(self.disk, &["rev-parse", "--show-object-format"])?;
        // An old git that does not know the question knows one format only.
        let format = format!("--object-format={}", text(&format.out).trim());
        let mut args = vec!["init", "--quiet", "--template="];
        args.extend((format == "--object-format=sha256").then_some(format.as_str()));
        let keep = join(&self.work, ".git");
        // Makes the folder git is to work in.
        self.disk.write(&keep, b"").map_err(refused(&keep))?;
        done(self.ask(&args, QUESTION)?, "init").map(|_| ())
    }

    /// Removes what lies there and is not in the index: leftovers of a run that was ended.
    fn sweep(&self, cache: &str) -> Result<(), Error> {
        let ran = done(self.ask(&["ls-files", "--others", "-z"], QUESTION)?, "ls-files")?;
        for path in text(&ran.out).split_terminator('\0').filter(|p| !p.starts_with(cache)) {
            let place = join(&self.work, path.trim_end_matches('/'));
            let removed = if path.ends_with('/') { self.disk.remove_tree(&place) } else { self.disk.remove(&place) };
            removed.map_err(refused(&place))?;
        }
        Ok(())
    }

    fn read_tree(&self, commit: &str) -> Result<(), Error> {
        let ran = self.ask(&["read-tree", "-u", "--reset", commit], WRITING)?;
        done(ran, "read-tree").map(|_| ()).map_err(|e| {
            let what = say!(
                "取不出提交 `{commit}` 的文件（看看磁盘是不是满了、能不能写）",
                "cannot check out the commit `{commit}` (is the disk full, or not to be written to?)"
            );
            Error { what, ..e }
        })
    }

    /// Removes what a commit has and a site must not be made from: symbolic links, and a cache, which
    /// would be believed.
    fn leave_out(&self, cache: &str) -> Result<(), Error> {
        let ran = done(self.ask(&["ls-files", "--stage", "-z"], QUESTION)?, "ls-files")?;
        let entries = text(&ran.out);
        let entries = entries.split_terminator('\0').filter_map(|e| e.split_once('\t'));
        for (_, path) in entries.clone().filter(|(entry, _)| entry.starts_with("120000 ")) {
            self.forget(&join(&self.work, path))?;
        }
        if entries.into_iter().any(|(_, path)| path.starts_with(cache)) {
            let place = join(&self.work, cache.trim_end_matches('/'));
            self.disk.remove_tree(&place).map_err(refused(&place))?;
        }
        Ok(())
    }

    fn ask(&self, args: &[&str], timeout: Duration) -> Result<Ran, Error> {
        let (git_dir, work_tree) = (format!("--git-dir={}", self.git), format!("--work-tree={}", self.work));
        let index = join(&self.git, "index");
        let mut all = vec![git_dir.as_str(), work_tree.as_str()];
        for setting in SETTINGS {
            all.extend(["-c", setting]);
        }
        all.extend(args);
        git(self.disk, &self.work, &all, &[("GIT_INDEX_FILE", &index)], timeout)
    }

    fn forget(&self, path: &str) -> Result<(), Error> {
        match self.disk.exists(path) {
            true => self.disk.remove(path).map_err(refused(path)),
            false => Ok(()),
        }
    }
}

/// Runs git with nobody's configuration but that of the git folder it is pointed at.
fn git(disk: &dyn Disk, folder: &str, args: &[&str], env: &[(&str, &str)], timeout: Duration) -> Result<Ran, Error> {
    let own = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_COUNT", "0"),
        ("GIT_CONFIG_PARAMETERS", ""),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("LC_ALL", "C"),
    ];
    let env = [own.as_slice(), env].concat();
    // The folder may be made by the very command.
    let folder = if disk.is_folder(folder) { folder } else { "/" };
    let command = Command { program: "git", args, folder, env: &env, input: b"", timeout };
    disk.run(&command).map_err(|e| {
        Error::new(say!("运行不了 git（要装 Git 2.32 以上）", "cannot run git (2.32 or later is needed)"), e)
    })
}

/// Holds that git did what it was asked.
fn done(ran: Ran, what: &str) -> Result<Ran, Error> {
    if ran.code == Some(0) {
        return Ok(ran);
    }
    let cause = text(&ran.err);
    Err(Error::new(say!("git 没有做成（{what}）", "git failed ({what})"), cause.trim()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_read_as_git_keeps_it() {
        let body = "tree 1\nparent 2\nauthor 张 三 <z@x> 1 +0000\ncommitter 李 > 四 <l@x> 1700000000 +0800\n\n改一条\n\n细节\n";
        let commit = read_commit("ab".into(), body);
        assert_eq!((commit.time.as_str(), commit.subject.as_str()), ("2023-11-14T22:13:20Z", "改一条"));
        assert_eq!(read_commit("ab".into(), "").time, "");
    }
}
