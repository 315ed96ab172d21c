//! `beilin serve`: builds, shows the site on this machine, and builds again after every change, until
//! Ctrl-C.

use super::build::{input, tell, tell_diagnostics};
use super::progress::Progress;
use super::{Cli, FINE, Failure, Outcome, args};
use crate::build::{Changes, Input, Report, Session};
use crate::diagnostic::{Error, Lang, Say};
use crate::disk::Disk;
use crate::search::engine::Left;
use crate::serve::{Builder, Listener, Options, Server};
use crate::write::Written;
use serde_json::json;
use std::time::Duration;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Serve) -> Outcome {
    let input = input(&args.root, args.out.as_deref(), &args.as_of);
    let server = Server::open(Options {
        root: input.root.clone(),
        out: input.out.clone(),
        address: args.bind,
        port: args.port,
        names: args.allow_host.clone(),
        poll: args.poll,
        reload: !args.no_reload,
        lang: cli.lang,
    })?;
    let disk = cli.disk;
    let is_read = cli.terminal.err_is_read && !cli.quiet && !cli.json;
    let mut kept = Keeping { disk, session: Session::new(input.clone()), lang: cli.lang, is_read };
    let told = server.run(disk, &mut kept, &mut Teller { cli, args, input: &input, builds: 0 });
    // What the next process does not know, it finds out.
    let _ = kept.session.save(disk);
    told?;
    Ok(FINE)
}

/// Builds what changed.
struct Keeping<'a> {
    disk: &'a dyn Disk,
    session: Session,
    lang: Lang,
    is_read: bool,
}

impl Builder for Keeping<'_> {
    fn build(&mut self, changes: &Changes) -> Result<Report, Error> {
        let progress = Progress::new(self.lang, self.is_read);
        let report = self.session.build(self.disk, changes, &progress);
        progress.finish();
        report
    }

    fn searched(&self) -> Option<Left> {
        self.session.searched(self.disk)
    }
}

/// Tells on the terminal how the preview goes.
struct Teller<'c, 'a, 't> {
    cli: &'c mut Cli<'a, 't>,
    args: &'c args::Serve,
    input: &'c Input,
    builds: usize,
}

impl Listener for Teller<'_, '_, '_> {
    fn built(&mut self, changes: &Changes, outcome: &Result<Report, Error>, took: Duration) {
        self.builds += 1;
        match outcome {
            Ok(report) if self.builds == 1 || self.cli.json => {
                // A preview goes on whatever came of it.
                let _ = tell(self.cli, self.input, report, &self.args.shown, took);
            }
            Ok(report) => {
                tell_diagnostics(self.cli, self.input, report, &self.args.shown);
                let line = rebuilt(changes, report, took, self.cli.lang);
                if report.failed() {
                    self.cli.tell(&line);
                } else if !self.cli.quiet {
                    self.cli.say(&line);
                }
            }
            Err(error) => {
                let error = Error::new(error.what.clone(), &error.cause);
                let _ = self.cli.fail(&Failure::Machine(error));
            }
        }
    }

    fn ready(&mut self, url: &str) {
        let cli = &mut *self.cli;
        if cli.json {
            cli.say_json(&json!({ "url": url }));
        } else {
            cli.say(&match cli.lang {
                Lang::Zh => format!("预览：{url}（文件改了会自动更新，按 Ctrl+C 停下）\n"),
                Lang::En => format!("Serving at {url} (changes are followed; Ctrl+C stops it)\n"),
            });
        }
        if !self.args.bind.is_loopback() && !cli.json {
            cli.tell(match cli.lang {
                Lang::Zh => "注意：别的机器也能看到。它只用来预览，正式发布请用网页服务器。\n",
                Lang::En => "Note: other machines can see it. It is a preview; publish with a web server.\n",
            });
        }
        if self.args.open
            && let Err(error) = cli.disk.open(url)
        {
            // The site is served all the same.
            cli.tell(&match cli.lang {
                Lang::Zh => format!("打不开浏览器：{error}\n"),
                Lang::En => format!("cannot open a browser: {error}\n"),
            });
        }
    }

    fn looks(&mut self, every: Duration, why: Option<&Say>) {
        if !self.cli.quiet && !self.cli.json {
            self.cli.tell(&looking(every, why, self.cli.lang));
        }
    }
}

/// Says that files are looked at, and why.
fn looking(every: Duration, why: Option<&Say>, lang: Lang) -> String {
    let (seconds, why) = (every.as_secs_f64(), why.map(|w| w.get(lang)));
    match (lang, why) {
        (Lang::Zh, None) => format!("每 {seconds} 秒看一遍文件。\n"),
        (Lang::Zh, Some(why)) => format!("{why}，改为每 {seconds} 秒看一遍文件。\n"),
        (Lang::En, None) => format!("The files are looked at every {seconds} s.\n"),
        (Lang::En, Some(why)) => format!("{why}: they are looked at every {seconds} s.\n"),
    }
}

/// Sums up a build after changes: what changed, what came of it, how long it took.
fn rebuilt(changes: &Changes, report: &Report, took: Duration, lang: Lang) -> String {
    let what = match (changes, lang) {
        (Changes::Everything, Lang::Zh) => "全部重看".to_owned(),
        (Changes::Everything, Lang::En) => "everything looked at again".to_owned(),
        (Changes::Paths(paths), _) => match (paths.first(), paths.len(), lang) {
            (Some(first), 1, _) => first.clone(),
            (first, n, Lang::Zh) => format!("{} 等 {n} 个文件", first.map_or("", String::as_str)),
            (first, n, Lang::En) => format!("{} and {} more", first.map_or("", String::as_str), n.saturating_sub(1)),
        },
    };
    let took = milliseconds(took, lang);
    match (report.written, lang) {
        (Some(Written { created, changed, removed, .. }), Lang::Zh) => {
            format!("{what} → 写入 {} 个文件，删去 {removed} 个，用时 {took}。\n", created + changed)
        }
        (Some(Written { created, changed, removed, .. }), Lang::En) => {
            format!("{what} → {} files written, {removed} removed, in {took}.\n", created + changed)
        }
        (None, Lang::Zh) => format!("{what} → 没有生成，仍然显示上一次的网站，用时 {took}。\n"),
        (None, Lang::En) => format!("{what} → not built; the last good site is shown, in {took}.\n"),
    }
}

fn milliseconds(took: Duration, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{} 毫秒", took.as_millis()),
        Lang::En => format!("{} ms", took.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuild_is_summed_up_in_one_line() {
        let paths = |paths: &[&str]| Changes::Paths(paths.iter().map(|p| (*p).to_owned()).collect());
        let written = Written { created: 1, changed: 2, unchanged: 9, removed: 0, bytes: 5 };
        let report = Report { written: Some(written), ..Report::default() };
        let took = Duration::from_micros(12_700);
        assert_eq!(
            rebuilt(&paths(&["content/a.md"]), &report, took, Lang::Zh),
            "content/a.md → 写入 3 个文件，删去 0 个，用时 12 毫秒。\n"
        );
        assert_eq!(
            rebuilt(&paths(&["content/a.md", "content/b.md"]), &Report::default(), took, Lang::En),
            "content/a.md and 1 more → not built; the last good site is shown, in 12 ms.\n"
        );
    }
}
