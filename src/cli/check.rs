//! `beilin check`: everything that is wrong, and nothing written.

use super::build::{code_of, input, json, progress, tell_diagnostics};
use super::report::number;
use super::{Cli, FINE, Outcome, args};
use crate::build;
use crate::diagnostic::Lang;
use std::time::Instant;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Check) -> Outcome {
    let input = input(&args.root, None, &args.as_of);
    let began = Instant::now();
    let progress = progress(cli);
    let report = build::check(cli.disk, &input, &progress);
    progress.finish();
    let report = report?;
    let code = code_of(&report);
    if cli.json {
        let value = json(cli, &input, &report, began.elapsed());
        cli.say_json(&value);
        return Ok(code);
    }
    tell_diagnostics(cli, &input, &report, &args.shown);
    if code == FINE && !cli.quiet {
        let (records, pages) = (report.records, report.pages);
        cli.say(&match cli.lang {
            Lang::Zh => format!("没有错误：{records} 条记录，{pages} 个网页。\n"),
            Lang::En => format!("No errors: {}, {}.\n", number(records, "record"), number(pages, "page")),
        });
    }
    Ok(code)
}
