//! `beilin publish`: a commit goes live, or what was live stays and it is told why.

use super::args;
use super::build::{self, progress, size, tell_diagnostics};
use super::report::{number, title};
use super::{Cli, ERRORS, FINE, Outcome};
use crate::build::{Input, Unwatched};
use crate::diagnostic::{Lang, Severity};
use crate::publish::{self, Options, Published, queue, short};
use crate::say;
use serde_json::{Value, json};

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Publish) -> Outcome {
    let options =
        Options { revision: args.revision.clone(), again: args.again, as_of: args.as_of.as_of, ..args.what.options() };
    if args.queued {
        let last = queue::work(cli.disk, &options, cli.lang, &Unwatched)?;
        return Ok(last.map_or(FINE, |published| code_of(&published)));
    }
    let progress = progress(cli);
    let published = publish::publish(cli.disk, &options, &progress);
    progress.finish();
    let published = published?;
    let input = Input { root: published.root.clone(), ..Input::default() };
    if cli.json {
        let value = json_of(cli, &input, &published);
        cli.say_json(&value);
        return Ok(code_of(&published));
    }
    if let Some(report) = &published.report {
        tell_diagnostics(cli, &input, report, &args.shown);
    }
    tell(cli, &published);
    Ok(code_of(&published))
}

fn code_of(published: &Published) -> u8 {
    match published.outcome {
        publish::Outcome::Live | publish::Outcome::AlreadyLive | publish::Outcome::HeldBack => FINE,
        publish::Outcome::Refused => ERRORS,
    }
}

fn tell(cli: &mut Cli<'_, '_>, published: &Published) {
    for warning in &published.warnings {
        cli.tell(&title(Severity::Warning, warning.get(cli.lang), cli.lang, cli.paint_err));
    }
    let text = told(published, cli.lang);
    match published.outcome {
        publish::Outcome::Refused => cli.tell(&text),
        publish::Outcome::HeldBack => cli.tell(&title(Severity::Warning, text.trim_end(), cli.lang, cli.paint_err)),
        publish::Outcome::Live | publish::Outcome::AlreadyLive if cli.quiet => {}
        publish::Outcome::Live | publish::Outcome::AlreadyLive => cli.say(&text),
    }
}

/// Says how it ended.
fn told(published: &Published, lang: Lang) -> String {
    let Published { files, shared, live, .. } = published;
    let commit = short(&published.commit);
    let now = published.release.as_deref().map_or("—", short);
    let text = match published.outcome {
        publish::Outcome::Live => {
            let (size, seconds) = (size(published.bytes), format!("{:.1}", published.took.as_secs_f64()));
            let (count, removed) = (number(*files, "file"), published.removed.len());
            say!(
                "已发布 {commit} 到 {live}：{files} 个文件，{size}，其中 {shared} 个与上一版相同。删去旧版 {removed} 个。用时 {seconds} 秒。\n",
                "Published {commit} to {live}: {count}, {size}, of which {shared} as in the release before. Old releases removed: {removed}. Took {seconds} s.\n"
            )
        }
        publish::Outcome::AlreadyLive => {
            say!("{commit} 已经在线，没有要做的。\n", "{commit} is live already; there is nothing to do.\n")
        }
        publish::Outcome::Refused => say!(
            "{commit} 没有发布，线上没有动（现在是 {now}）。\n",
            "{commit} was not published; what is live is as it was ({now}).\n"
        ),
        publish::Outcome::HeldBack => say!(
            "{commit} 曾被回退，没有上线，线上是 {now}（确要重新上线，加 --again）\n",
            "{commit} was rolled back from and did not go live; {now} is live (use --again to publish it all the same)\n"
        ),
    };
    text.get(lang).to_owned()
}

fn json_of(cli: &Cli<'_, '_>, input: &Input, published: &Published) -> Value {
    let Published { commit, subject, release, live, files, shared, bytes, removed, .. } = published;
    let outcome = match published.outcome {
        publish::Outcome::Live => "live",
        publish::Outcome::AlreadyLive => "already-live",
        publish::Outcome::Refused => "refused",
        publish::Outcome::HeldBack => "held-back",
    };
    let report = published.report.as_ref().map(|report| build::json(cli, input, report, published.took));
    json!({
        "ok": code_of(published) == FINE,
        "outcome": outcome,
        "commit": commit,
        "subject": subject,
        "release": release,
        "live": live,
        "files": files,
        "shared": shared,
        "bytes": bytes,
        "removed": removed,
        "warnings": published.warnings.iter().map(|w| &w.zh).collect::<Vec<_>>(),
        "warnings_en": published.warnings.iter().map(|w| &w.en).collect::<Vec<_>>(),
        "build": report,
        "seconds": (published.took.as_secs_f64() * 1000.0).round() / 1000.0,
    })
}
