//! `beilin follow`: publishes a branch as it grows, until a signal comes.

use super::args::{self, Log};
use super::{Cli, FINE, Failure, Outcome, REFUSED};
use crate::build::{self, Input, Unwatched};
use crate::diagnostic::Error;
use crate::disk::{Command, Disk, Real, join};
use crate::follow::{self, Follower, Hooks, OURS, Options, Publisher, Secrets, Stopped};
use crate::say;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::level_filters::LevelFilter;

/// Where the secret is, if not in a file: not an argument, which every user of the machine can read.
const SECRET: &str = "BEILIN_WEBHOOK_SECRET";
/// A secret with fewer characters can be guessed.
const SHORTEST: usize = 16;
/// Checking out a commit takes no longer.
const CHECKED_OUT: Duration = Duration::from_secs(600);
/// The link to the release that is live.
const CURRENT: &str = "current";

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Follow) -> Outcome {
    let hooks = hooks(cli, args)?;
    let short = matches!(&hooks, Hooks::Signed(secrets) if secrets.shortest() < SHORTEST);
    let (to, site) = (args::folder(&args.to), args::folder(&args.site));
    log(cli, args.log);
    // The publishing thread goes on by itself: it has the machine for its own.
    let disk: Arc<dyn Disk> = Arc::new(Real);
    let options = Options {
        repository: args.repository.clone(),
        branch: args.branch.clone(),
        site: site.clone(),
        to: to.clone(),
        every: Duration::from_secs(args.every),
        listen: args.listen,
        hooks,
        body_limit: args.body_limit.saturating_mul(1 << 20),
        rate: args.rate,
        lang: cli.lang,
    };
    let follower = Follower::open(Arc::clone(&disk), options)?;
    if short {
        let text = say!(
            "密钥不到 {SHORTEST} 个字符，容易被猜到，请换一个长的",
            "the secret has fewer than {SHORTEST} characters and can be guessed: choose a longer one"
        );
        tracing::warn!(event = "short-secret", "{}", text.get(cli.lang));
    }
    let publisher = Releases { disk, to, site };
    Ok(match follower.run(Box::new(publisher))? {
        Stopped::Whole => FINE,
        Stopped::Cut => REFUSED,
    })
}

/// Finds out who may ring.
fn hooks(cli: &Cli<'_, '_>, args: &args::Follow) -> Result<Hooks, Failure> {
    let text =
        match &args.secret_file {
            Some(path) => {
                let bytes = cli.disk.read(&args::folder(path));
                Some(bytes.map_err(|e| {
                    Error::new(say!("读不了密钥文件 `{path}`", "cannot read the secret file `{path}`"), e)
                })?)
            }
            None => cli.disk.env(SECRET).filter(|s| !s.is_empty()).map(String::into_bytes),
        };
    let way_out = || say!("文件里写密钥，一行一个", "write the secret into it, one a line");
    match text {
        Some(_) if args.no_secret => Err(Failure::of(
            say!("给了密钥，又写了 --no-secret", "there is a secret, and --no-secret"),
            say!("去掉一个", "leave one of them out"),
        )),
        Some(bytes) => {
            let secrets = String::from_utf8(bytes).ok().and_then(|text| Secrets::read(&text));
            let empty =
                || Failure::of(say!("密钥是空的，或不是 UTF-8", "the secret is empty, or not UTF-8"), way_out());
            Ok(Hooks::Signed(secrets.ok_or_else(empty)?))
        }
        None if args.no_secret => Ok(Hooks::Unsigned),
        None => Ok(Hooks::Off),
    }
}

/// Begins the log.
fn log(cli: &Cli<'_, '_>, form: Option<Log>) {
    let form = form.unwrap_or(if cli.terminal.err_is_read { Log::Text } else { Log::Json });
    let level = if cli.quiet { LevelFilter::WARN } else { LevelFilter::INFO };
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    // A second run in one process goes on with the log of the first.
    let _ = match form {
        Log::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
        Log::Text => log.try_init(),
    };
}

/// Publishes into `<to>/releases/<commit>`, and lets `<to>/current` lead there.
struct Releases {
    disk: Arc<dyn Disk>,
    to: String,
    site: String,
}

impl Publisher for Releases {
    fn publish(&mut self, repository: &str, commit: &str) -> Result<follow::Outcome, Error> {
        let began = Instant::now();
        let ours = join(&self.to, OURS);
        let lock = join(&ours, "publish.lock");
        let _lock =
            self.disk.lock(&lock).map_err(|e| Error::new(say!("不能锁住 `{lock}`", "cannot lock `{lock}`"), e))?;
        let name = format!("releases/{commit}");
        let release = join(&self.to, &name);
        let mut outcome = follow::Outcome {
            commit: commit.to_owned(),
            live: true,
            diagnostics: Vec::new(),
            seconds: 0.0,
            written: 0,
        };
        if !self.disk.is_folder(&release) {
            let work = join(&ours, "work");
            self.check_out(repository, commit, &work)?;
            let fresh = join(&self.to, "releases/.new");
            self.clear(&fresh)?;
            let input = Input { root: join(&work, &self.site), out: Some(fresh.clone()), as_of: None };
            let report = build::build(self.disk.as_ref(), &input, &Unwatched)?;
            outcome.live = !report.failed();
            outcome.written = report.written.map_or(0, |w| w.created + w.changed);
            outcome.diagnostics = report.diagnostics;
            if outcome.live {
                let refused = |e| Error::new(say!("写不了 `{release}`", "cannot write `{release}`"), e);
                self.disk.settle(&fresh).and_then(|()| self.disk.rename(&fresh, &release)).map_err(refused)?;
            } else {
                self.clear(&fresh)?;
            }
        }
        if outcome.live {
            let link = join(&self.to, CURRENT);
            let refused = |e| Error::new(say!("换不了 `{link}`", "cannot switch `{link}`"), e);
            self.disk.point(&link, &name).map_err(refused)?;
        }
        outcome.seconds = began.elapsed().as_secs_f64();
        Ok(outcome)
    }

    fn live(&self) -> Option<String> {
        self.disk.pointed(&join(&self.to, CURRENT))?.strip_prefix("releases/").map(str::to_owned)
    }
}

impl Releases {
    /// Writes a commit's files into the work tree; what did not change there stays as it is.
    fn check_out(&self, repository: &str, commit: &str, work: &str) -> Result<(), Error> {
        let index = join(&join(&self.to, OURS), "work.index");
        // A folder git may write into; the file is nobody's.
        let made = self.disk.write(&join(work, ".beilin/work"), b"");
        made.map_err(|e| Error::new(say!("写不了 `{work}`", "cannot write `{work}`"), e))?;
        let args = [
            "--git-dir",
            repository,
            "--work-tree",
            work,
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.bare=false",
            "read-tree",
            "-u",
            "--reset",
            commit,
        ];
        let env = [
            ("GIT_INDEX_FILE", index.as_str()),
            // Filters of the content must run no program of this machine.
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("LC_ALL", "C"),
        ];
        let command = Command { program: "git", args: &args, folder: "", env: &env, input: &[], timeout: CHECKED_OUT };
        let what = || say!("检出不了提交 {commit}", "cannot check out commit {commit}");
        let ran = self.disk.run(&command).map_err(|e| Error::new(what(), e))?;
        if ran.code == Some(0) {
            return Ok(());
        }
        // A lock of git that was left behind would stay for ever; the index can be made anew.
        let _ = self.disk.remove(&format!("{index}.lock"));
        let _ = self.disk.remove(&index);
        Err(Error::new(what(), String::from_utf8_lossy(&ran.err).trim()))
    }

    fn clear(&self, folder: &str) -> Result<(), Error> {
        self.disk.remove_tree(folder).map_err(|e| Error::new(say!("删不掉 `{folder}`", "cannot remove `{folder}`"), e))
    }
}
