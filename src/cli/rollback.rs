//! `beilin rollback`: an older release is live again.

use super::{Cli, FINE, Outcome, args};
use crate::publish::{self, short};
use crate::say;
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Rollback) -> Outcome {
    let done = publish::rollback(cli.disk, &args.releasing.options(), args.release.as_deref())?;
    if cli.json {
        cli.say_json(&json!({
            "ok": true,
            "from": done.from,
            "release": done.to.name,
            "commit": done.to.origin.commit,
            "live": done.live,
        }));
    } else if !cli.quiet {
        let (from, to) = (done.from.as_deref().map_or("—", short), short(&done.to.name));
        let (live, subject, committed) = (done.live, done.to.subject, done.to.committed);
        let text = say!(
            "{live} 已从 {from} 回到 {to}（{committed} {subject}）。\n",
            "{live} went back from {from} to {to} ({committed} {subject}).\n"
        );
        cli.say(text.get(cli.lang));
    }
    Ok(FINE)
}
