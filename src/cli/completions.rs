//! `beilin completions`: a script for the shell.

use super::{Cli, FINE, Outcome, args};

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(cli.lang), "beilin", &mut script);
    cli.say(&String::from_utf8_lossy(&script));
    Ok(FINE)
}
