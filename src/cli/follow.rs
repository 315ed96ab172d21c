//! `beilin follow`: publishes a branch as it grows, until a signal comes.

use super::args::{self, Log};
use super::{Cli, FINE, Failure, Outcome, REFUSED};
use crate::build::Unwatched;
use crate::diagnostic::Error;
use crate::disk::{Disk, Real};
use crate::follow::{self, Follower, Hooks, Options, Publisher, Secrets, Stopped};
use crate::publish;
use crate::say;
use std::sync::Arc;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Where the secret is, if not in a file: not an argument, which every user of the machine can read.
const SECRET: &str = "BEILIN_WEBHOOK_SECRET";
/// A secret with fewer characters can be guessed.
const SHORTEST: usize = 16;
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
    let options = publish::Options { site, to, ..publish::Options::default() };
    let publisher = Releases { disk, options };
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

/// Publishes releases into `<to>`.
struct Releases {
    disk: Arc<dyn Disk>,
    options: publish::Options,
}

impl Publisher for Releases {
    fn publish(&mut self, repository: &str, commit: &str) -> Result<follow::Outcome, Error> {
        let options =
            publish::Options { repository: repository.to_owned(), revision: commit.to_owned(), ..self.options.clone() };
        let done = publish::publish(self.disk.as_ref(), &options, &Unwatched)?;
        for warning in &done.warnings {
            tracing::warn!(event = "warning", "{}", warning.zh);
        }
        let report = done.report.unwrap_or_default();
        Ok(follow::Outcome {
            commit: done.commit,
            live: done.outcome != publish::Outcome::Refused,
            diagnostics: report.diagnostics,
            seconds: done.took.as_secs_f64(),
            written: report.written.map_or(0, |w| w.created + w.changed),
        })
    }

    fn live(&self) -> Option<String> {
        let listing = publish::releases(self.disk.as_ref(), &self.options, false).ok()?;
        listing.live_commit()
    }
}
