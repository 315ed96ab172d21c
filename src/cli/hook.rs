//! `beilin hook`: hooks are written, and git runs what they do.

use super::args::{self, HookCommand};
use super::build::{code_of, tell_diagnostics};
use super::{Cli, ERRORS, FINE, Outcome};
use crate::build::{Input, Unwatched};
use crate::diagnostic::{Error, Lang};
use crate::publish::Options;
use crate::publish::hook::{self, Hooks};
use crate::say;
use serde_json::json;
use std::io::Read;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Hook) -> Outcome {
    match &args.command {
        HookCommand::Install(args) => install(cli, args),
        HookCommand::PreReceive(args) => pre_receive(cli, args, &lines()?),
        HookCommand::PostReceive(args) => post_receive(cli, args, &lines()?),
    }
}

fn install(cli: &mut Cli<'_, '_>, args: &args::Install) -> Outcome {
    let hooks = Hooks { options: args.what.options(), branch: args.branch.clone(), force: args.force };
    let done = hook::install(cli.disk, &hooks)?;
    if cli.json {
        let (written, moved, branch) = (done.written, done.moved, done.branch);
        cli.say_json(&json!({ "ok": true, "branch": branch, "written": written, "moved": moved }));
    } else if !cli.quiet {
        let (written, branch) = (done.written.join("\n"), &done.branch);
        let text = say!(
            "{written}\n推送到 {branch} 的提交先检查，有错误的不收；收下后自动发布。\n",
            "{written}\nCommits pushed to {branch} are checked first and refused if they have errors; what is accepted is published.\n"
        );
        cli.say(text.get(cli.lang));
        for path in done.moved {
            cli.say(say!("原来的钩子改名为 {path}\n", "the hook that was there is now {path}\n").get(cli.lang));
        }
    }
    Ok(FINE)
}

/// Returns what git says is being pushed.
fn lines() -> Result<String, Error> {
    let mut lines = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut lines);
    read.map(|_| lines).map_err(|e| Error::new(say!("读不了推送的内容", "cannot read what is pushed"), e))
}

/// Refuses what has errors; what cannot be checked is refused too.
fn pre_receive(cli: &mut Cli<'_, '_>, args: &args::Received, lines: &str) -> Outcome {
    let options = args.what.options();
    for commit in hook::pushed(lines, &args.branch) {
        let checked = hook::check(cli.disk, &options, commit, &Unwatched)?;
        let input = Input { root: checked.root.clone(), ..Input::default() };
        tell_diagnostics(cli, &input, &checked.report, &args::Shown { all: false });
        if code_of(&checked.report) == ERRORS {
            let branch = &args.branch;
            let text = say!(
                "{branch} 没有收下这次推送，网站没有动。改好上面的错误，提交后再推送。\n",
                "{branch} did not take this push, and the site is as it was. Mend the errors above, commit, and push again.\n"
            );
            cli.tell(text.get(cli.lang));
            return Ok(ERRORS);
        }
    }
    Ok(FINE)
}

/// Asks for a publish and returns at once.
fn post_receive(cli: &mut Cli<'_, '_>, args: &args::Received, lines: &str) -> Outcome {
    let branch = &args.branch;
    let options = Options { revision: format!("refs/heads/{branch}"), ..args.what.options() };
    let hooks = Hooks { options, branch: Some(branch.clone()), force: false };
    let lang = match cli.lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    };
    if let Some(commit) = hook::pushed(lines, branch).last() {
        let queued = hook::start(cli.disk, &hooks, commit, lang)?;
        cli.tell(&format!("{}\n", queued.get(cli.lang)));
    }
    Ok(FINE)
}
