//! `beilin search export`: every page as the search knows it, for a search server.
//!
//! Lines go to the output, into a file, or straight to the server ([`post`]). What is exported is the site as it is
//! now: one that has errors is told of and not exported, as it is not built.

mod post;

use super::args::{self, ExportFormat};
use super::build::{input, json, tell_diagnostics};
use super::search::{base_url, up_to_date};
use super::{Cli, ERRORS, FINE, Failure, Outcome, report};
use crate::diagnostic::{Error, Lang, Say};
use crate::disk::Overlay;
use crate::say;
use crate::search::engine::Engine;
use crate::search::export::{self, Batches, Document, Format, LIMITS, Line};
use post::Server;
use serde_json::json;
use std::io::ErrorKind;
use std::time::Instant;

/// How many refused documents are told one by one.
const TOLD: usize = 20;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Export) -> Outcome {
    if !export::is_index_name(&args.index) {
        let name = &args.index;
        return Err(Failure::of(
            say!("索引名不能是 `{name}`", "an index cannot be called `{name}`"),
            say!(
                "用小写字母、数字、`-`、`_`，以字母开头，3 到 200 个字",
                "lower case letters, digits, `-` and `_`, a letter first, 3 to 200 of them"
            ),
        ));
    }
    let format = match args.format {
        ExportFormat::Ndjson => Format::Ndjson,
        ExportFormat::Bulk => Format::Bulk,
        ExportFormat::Quickwit => Format::Quickwit,
    };
    if args.config {
        let config = config(format, &args.index)?;
        return put(cli, args.out.as_deref(), &config).map(|()| FINE);
    }
    // A wrong address is told before the site is built.
    let server = args.to.as_deref().map(|to| Server::new(cli.disk, to, format, &args.index)).transpose()?;
    let began = Instant::now();
    let input = input(&args.root, None, &args.as_of);
    base_url(cli.disk, &input)?;
    let disk = Overlay::new(cli.disk);
    let (report, left) = up_to_date(cli, &input, &disk)?;
    let Some(left) = left else {
        if cli.json {
            let value = json(cli, &input, &report, began.elapsed());
            cli.say_json(&value);
        } else {
            tell_diagnostics(cli, &input, &report, &args.shown);
            cli.tell(match cli.lang {
                Lang::Zh => "没有导出。\n",
                Lang::En => "Nothing was exported.\n",
            });
        }
        return Ok(ERRORS);
    };
    let engine = Engine::open(&disk, &left, None)?;
    let lines = engine.entries().map(|page| {
        let (entry, honours) = page?;
        Ok::<Line, Error>(format.line(&args.index, &Document::of(&entry, honours)))
    });
    match server {
        Some(server) => send(cli, args, &server, lines),
        None => write(cli, args, lines),
    }
}

/// Returns the configuration of an index; one of lines alone has none.
fn config(format: Format, index: &str) -> Result<String, Failure> {
    match format {
        Format::Bulk => Ok(format!("{:#}\n", export::elasticsearch())),
        Format::Quickwit => Ok(export::quickwit(index)),
        Format::Ndjson => Err(Failure::of(
            say!("ndjson 没有索引配置", "there is no configuration of an index for ndjson"),
            say!("加 `--format bulk` 或 `--format quickwit`", "add `--format bulk` or `--format quickwit`"),
        )),
    }
}

/// Writes lines into a file or to the output.
fn write(cli: &mut Cli<'_, '_>, args: &args::Export, lines: impl Iterator<Item = Result<Line, Error>>) -> Outcome {
    let Some(out) = args.out.as_deref() else {
        for batch in Batches::new(lines, LIMITS) {
            let text: String = batch?.into_iter().map(|line| line.text).collect();
            put(cli, None, &text)?;
        }
        return Ok(FINE);
    };
    let (mut text, mut count) = (String::new(), 0);
    for line in lines {
        text += &line?.text;
        count += 1;
    }
    put(cli, Some(out), &text)?;
    let documents = report::number(count, "document");
    tell(cli, &say!("{count} 个文档写在 `{out}`\n", "{documents} written to `{out}`\n"));
    if cli.json {
        cli.say_json(&json!({ "ok": true, "documents": count, "out": out }));
    }
    Ok(FINE)
}

/// Writes a text into a file, or to the output, where what cannot be written is told: half a file is none.
fn put(cli: &mut Cli<'_, '_>, out: Option<&str>, text: &str) -> Result<(), Failure> {
    let written = match out {
        Some(out) => cli.disk.write(out, text.as_bytes()),
        None => cli.terminal.out.write_all(text.as_bytes()).and_then(|()| cli.terminal.out.flush()),
    };
    written.map_err(|e| match (out, e.kind()) {
        (None, ErrorKind::BrokenPipe) => Failure::Command(say!("读的一方不要了", "the reader has gone away"), None),
        (out, _) => {
            let out = out.unwrap_or("-");
            Failure::Machine(Error::new(say!("写不了 `{out}`", "cannot write `{out}`"), e))
        }
    })
}

/// Sends lines to a server, batch by batch.
fn send(
    cli: &mut Cli<'_, '_>,
    args: &args::Export,
    server: &Server,
    lines: impl Iterator<Item = Result<Line, Error>>,
) -> Outcome {
    if args.replace {
        server.replace(&config(server.format, &args.index)?)?;
    }
    let (mut sent, mut batches, mut refused) = (0, 0, Vec::new());
    let mut all = Batches::new(lines, LIMITS).peekable();
    while let Some(batch) = all.next() {
        let batch = batch?;
        (sent, batches) = (sent + batch.len(), batches + 1);
        refused.extend(server.send(batch, all.peek().is_none())?);
    }
    let taken = sent - refused.len();
    if cli.json {
        cli.say_json(&json!({ "ok": refused.is_empty(), "documents": taken, "batches": batches, "refused": refused }));
        return Ok(if refused.is_empty() { FINE } else { super::REFUSED });
    }
    let (at, documents, requests) =
        (&server.place, report::number(taken, "document"), report::number(batches, "request"));
    tell(cli, &say!("{taken} 个文档分 {batches} 批送到 {at}\n", "{documents} sent to {at} in {requests}\n"));
    if refused.is_empty() {
        return Ok(FINE);
    }
    let count = refused.len();
    let which = |r: &export::Refused| match (r.url.as_str(), cli.lang) {
        ("", Lang::Zh) => format!("  （服务器没有说是哪个）  {}\n", r.reason),
        ("", Lang::En) => format!("  (the server does not say which)  {}\n", r.reason),
        (url, _) => format!("  {url}  {}\n", r.reason),
    };
    let list: String = refused.iter().take(TOLD).map(which).collect();
    let more = if count > TOLD { "  ……\n" } else { "" };
    let documents = report::number(count, "document");
    let title = say!("服务器不收 {count} 个文档", "the server refused {documents}");
    let title = report::title(crate::diagnostic::Severity::Error, title.get(cli.lang), cli.lang, cli.paint_err);
    cli.tell(&format!("{title}{list}{more}"));
    Ok(super::REFUSED)
}

fn tell(cli: &mut Cli<'_, '_>, text: &Say) {
    if !cli.quiet && !cli.json {
        cli.tell(text.get(cli.lang));
    }
}
