//! `beilin build`: the whole pipeline, and what it did in words.

use super::args::{self, AsOf, Root, Shown};
use super::progress::Progress;
use super::report::{self, Drawing, Sources, number};
use super::{Cli, ERRORS, FINE, Outcome};
use crate::build::{self, Changes, Input, Report, Session};
use crate::diagnostic::Lang;
use crate::write::Written;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Build) -> Outcome {
    let input = input(&args.root, args.out.as_deref(), &args.as_of);
    let (report, took) = build(cli, &input)?;
    Ok(tell(cli, &input, &report, &args.shown, took))
}

/// Makes the input of a run of what the command says.
pub(super) fn input(root: &Root, out: Option<&str>, as_of: &AsOf) -> Input {
    Input { root: root.folder(), out: out.map(args::folder), as_of: as_of.as_of }
}

/// Builds under a progress bar, and takes the time.
pub(super) fn build(cli: &Cli<'_, '_>, input: &Input) -> Result<(Report, Duration), crate::diagnostic::Error> {
    let began = Instant::now();
    let progress = progress(cli);
    let mut session = Session::once(input.clone());
    let report = session.build(cli.disk, &Changes::Everything, &progress);
    progress.finish();
    let mut report = report?;
    if let Err(e) = session.save(cli.disk) {
        report.diagnostics.push(build::not_kept(&e));
    }
    // The process is about to end: taking the site apart piece by piece would cost a tenth of a small build.
    std::mem::forget(session);
    Ok((report, began.elapsed()))
}

/// Makes the progress bar of a run.
pub(super) fn progress(cli: &Cli<'_, '_>) -> Progress {
    Progress::new(cli.lang, cli.terminal.err_is_read && !cli.quiet && !cli.json)
}

/// Tells what a build found and did; returns the exit code.
pub(super) fn tell(cli: &mut Cli<'_, '_>, input: &Input, report: &Report, shown: &Shown, took: Duration) -> u8 {
    let code = code_of(report);
    if cli.json {
        let value = json(cli, input, report, took);
        cli.say_json(&value);
        return code;
    }
    tell_diagnostics(cli, input, report, shown);
    if let Some(written) = report.written.filter(|_| !cli.quiet) {
        cli.say(&summary(report, &written, took, cli.lang));
    } else if code == ERRORS {
        cli.tell(match cli.lang {
            Lang::Zh => "没有生成，原来的网站没有动。\n",
            Lang::En => "Nothing was written; the site is as it was.\n",
        });
    }
    code
}

/// Returns the exit code of a report.
pub(super) fn code_of(report: &Report) -> u8 {
    if report.failed() { ERRORS } else { FINE }
}

/// Draws the diagnostics of a report, and counts them.
pub(super) fn tell_diagnostics(cli: &mut Cli<'_, '_>, input: &Input, report: &Report, shown: &Shown) {
    let drawing = Drawing { lang: cli.lang, paint: cli.paint_err, all: shown.all, quiet: cli.quiet };
    let mut text = report::draw(&report.diagnostics, &mut Sources::new(cli.disk, &input.root), drawing);
    if !text.is_empty() {
        text += &report::count(&report.diagnostics, cli.lang);
        text.push('\n');
    }
    cli.tell(&text);
}

/// Writes a report for machines.
pub(super) fn json(cli: &Cli<'_, '_>, input: &Input, report: &Report, took: Duration) -> Value {
    let mut sources = Sources::new(cli.disk, &input.root);
    json!({
        "ok": !report.failed(),
        "diagnostics": report::json(&report.diagnostics, &mut sources),
        "records": report.records,
        "withheld": report.withheld,
        "pages": report.pages,
        "files": report.files,
        "out": report.out,
        "written": report.written.map(|w| json!({ "created": w.created, "changed": w.changed, "unchanged": w.unchanged, "removed": w.removed, "bytes": w.bytes })),
        "seconds": (took.as_secs_f64() * 1000.0).round() / 1000.0,
    })
}

fn summary(report: &Report, written: &Written, took: Duration, lang: Lang) -> String {
    let Report { records, withheld, pages, files, out, .. } = report;
    let Written { created, changed, unchanged, removed, bytes } = written;
    let (wrote, seconds, size) = (created + changed, took.as_secs_f64(), size(*bytes));
    match lang {
        Lang::Zh => {
            let withheld = if *withheld > 0 {
                format!("另有 {withheld} 条不在本次公开范围，没有生成。")
            } else {
                String::new()
            };
            format!(
                "已生成 {out}/：{records} 条记录，{pages} 个网页，共 {files} 个文件，{size}。{withheld}\n\
                 写入 {wrote} 个文件（新增 {created}，更新 {changed}），{unchanged} 个没有变化，删去 {removed} 个。用时 {seconds:.1} 秒。\n"
            )
        }
        Lang::En => {
            let (records, pages, files, wrote) =
                (number(*records, "record"), number(*pages, "page"), number(*files, "file"), number(wrote, "file"));
            let withheld =
                if *withheld > 0 { format!(" Left out for their audience: {withheld}.") } else { String::new() };
            format!(
                "Built {out}/: {records}, {pages}, {files}, {size}.{withheld}\n\
                 Wrote {wrote} ({created} new, {changed} changed), {unchanged} unchanged, {removed} removed, in {seconds:.1} s.\n"
            )
        }
    }
}

/// Writes a size for people.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..=1023 => format!("{bytes} B"),
        1024..=1_048_575 => format!("{:.0} KB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_summed_up_in_words() {
        let report = Report { records: 3, withheld: 2, pages: 9, files: 20, out: "public".into(), ..Report::default() };
        let written = Written { created: 4, changed: 1, unchanged: 15, removed: 2, bytes: 2_621_440 };
        let took = Duration::from_millis(1240);
        assert_eq!(
            summary(&report, &written, took, Lang::Zh),
            "已生成 public/：3 条记录，9 个网页，共 20 个文件，2.5 MB。另有 2 条不在本次公开范围，没有生成。\n写入 5 个文件（新增 4，更新 1），15 个没有变化，删去 2 个。用时 1.2 秒。\n"
        );
        assert!(
            summary(&report, &written, took, Lang::En)
                .starts_with("Built public/: 3 records, 9 pages, 20 files, 2.5 MB. Left out for their audience: 2.")
        );
    }
}
