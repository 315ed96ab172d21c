//! `beilin search`: searches the site as it is now, without a browser. Nothing on the disk changes.

use super::args::{self, SearchCommand, Sort};
use super::build::{input, json, progress, tell_diagnostics};
use super::{Cli, ERRORS, FINE, Failure, Outcome, Paint, Style};
use super::{export, report};
use crate::build::{self, Changes, Input, Report, Session};
use crate::diagnostic::{Error, Lang};
use crate::disk::{Disk, Overlay};
use crate::model::route;
use crate::say;
use crate::search::engine::{self, Answer, By, Engine, Hit, Left, Page};
use std::time::{Duration, Instant};

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Search) -> Outcome {
    match &args.command {
        Some(SearchCommand::Export(args)) => export::run(cli, args),
        None => search(cli, args),
    }
}

fn search(cli: &mut Cli<'_, '_>, args: &args::Search) -> Outcome {
    let began = Instant::now();
    let input = input(&args.root, None, &args.as_of);
    let query = args.query.join(" ");
    let page = Page { sort: order(args.sort), limit: args.limit as usize, offset: args.offset as usize };
    let base_url = base_url(cli.disk, &input)?;
    let found = with_engine(cli, &input, |engine| engine.search(&query, page))?;
    let (answer, told) = match found {
        Searched::Now(answer) => (answer, None),
        Searched::Last(answer, report) => (answer, Some(report)),
        Searched::Nothing(report) if cli.json => {
            let value = json(cli, &input, &report, began.elapsed());
            cli.say_json(&value);
            return Ok(ERRORS);
        }
        Searched::Nothing(report) => {
            tell_diagnostics(cli, &input, &report, &args.shown);
            cli.tell(match cli.lang {
                Lang::Zh => "没有检索：以前也没有生成过。\n",
                Lang::En => "Nothing was searched: nothing was ever built either.\n",
            });
            return Ok(ERRORS);
        }
    };
    if cli.json {
        let mut value = answer.json(&|url| whole(&base_url, url));
        value["current"] = told.is_none().into();
        if let Some(report) = told {
            value["diagnostics"] = report::json(&report.diagnostics, &mut report::Sources::new(cli.disk, &input.root));
        }
        cli.say_json(&value);
        return Ok(FINE);
    }
    if let Some(report) = told {
        tell_diagnostics(cli, &input, &report, &args.shown);
        cli.tell(match cli.lang {
            Lang::Zh => "网站现在有错误，检索的是上一次生成的内容。\n",
            Lang::En => "The site has errors; what was built last is searched.\n",
        });
    }
    let shown = Shown { query: &query, base_url: &base_url, offset: page.offset, lang: cli.lang, paint: cli.paint_out };
    let text = shown.answer(&answer, (!cli.quiet).then(|| began.elapsed()));
    cli.say(&text);
    Ok(FINE)
}

fn order(sort: Sort) -> engine::Sort {
    match sort {
        Sort::Relevance => engine::Sort::Relevance,
        Sort::Newest => engine::Sort::Newest,
        Sort::Oldest => engine::Sort::Oldest,
    }
}

/// Returns the address of the site; refuses one that has no search.
pub(super) fn base_url(disk: &dyn Disk, input: &Input) -> Result<String, Failure> {
    let config = build::config(disk, input)?;
    if !config.search.enabled {
        return Err(Failure::of(
            say!("这个网站没有检索", "this site has no search"),
            say!(
                "`beilin.toml` 的 `[search]` 里写着 `enabled = false`，改成 true 就有了",
                "`[search]` in `beilin.toml` says `enabled = false`: make it true"
            ),
        ));
    }
    Ok(config.site.base_url)
}

/// Returns an address as it can be opened; relative to the site's root where the site has no address.
pub(super) fn whole(base_url: &str, url: &str) -> String {
    match base_url {
        "" => url.to_owned(),
        base_url => format!("{base_url}{}", route::encode(url)),
    }
}

/// What a search went by.
pub(super) enum Searched<T> {
    /// The content as it is now.
    Now(T),
    /// What was built last, for the content has errors: they are in the report.
    Last(T, Report),
    /// Nothing: the content has errors and nothing was built.
    Nothing(Report),
}

/// Opens the search of a site as it is now. What the last build left is enough where nothing changed since;
/// else the site is built in memory.
pub(super) fn with_engine<T>(
    cli: &Cli<'_, '_>,
    input: &Input,
    ask: impl Fn(&Engine<'_>) -> Result<T, Error>,
) -> Result<Searched<T>, Failure> {
    let disk = Overlay::new(cli.disk);
    let (report, left) = brought_up(cli, input, &disk)?;
    let asked = |left| ask(&Engine::open(&disk, &left, None)?);
    if report.failed() {
        // What was left and cannot be read any more is as good as nothing.
        return Ok(match left.map(asked) {
            Some(Ok(answer)) => Searched::Last(answer, report),
            Some(Err(_)) | None => Searched::Nothing(report),
        });
    }
    let left = left.ok_or_else(damaged)?;
    Ok(Searched::Now(asked(left)?))
}

/// Brings a site up to date in memory, and its search with it. Where the content has errors there is no search.
pub(super) fn up_to_date(
    cli: &Cli<'_, '_>,
    input: &Input,
    disk: &Overlay<'_>,
) -> Result<(Report, Option<Left>), Failure> {
    let (report, left) = brought_up(cli, input, disk)?;
    match report.failed() {
        true => Ok((report, None)),
        false => Ok((report, Some(left.ok_or_else(damaged)?))),
    }
}

/// Builds a site in memory as far as it is not up to date; returns what there is to be searched.
fn brought_up(cli: &Cli<'_, '_>, input: &Input, disk: &Overlay<'_>) -> Result<(Report, Option<Left>), Failure> {
    let mut session = Session::new(input.clone());
    let progress = progress(cli);
    let report = session.build(disk, &Changes::Everything, &progress);
    progress.finish();
    let report = report?;
    let left = session.searched(disk);
    // The process is about to end: taking the site apart piece by piece would take longer than the search.
    std::mem::forget(session);
    Ok((report, left))
}

fn damaged() -> Failure {
    Failure::of(
        say!("上一次生成留下的检索文件坏了", "what the last build left of the search is damaged"),
        say!("删去 `.beilin` 文件夹，再生成一次", "remove the folder `.beilin` and build the site once"),
    )
}

/// How an answer is written for people.
struct Shown<'a> {
    query: &'a str,
    base_url: &'a str,
    offset: usize,
    lang: Lang,
    paint: Paint,
}

impl Shown<'_> {
    fn answer(&self, answer: &Answer, took: Option<Duration>) -> String {
        let mut text = String::new();
        for (n, hit) in answer.hits.iter().enumerate() {
            text += &self.hit(self.offset + n + 1, hit);
        }
        match took {
            Some(took) => text + &self.summary(answer, took),
            None => text,
        }
    }

    fn hit(&self, number: usize, hit: &Hit) -> String {
        let number = number.to_string();
        let indent = " ".repeat(number.len() + 2);
        let mut text = format!("{number}. {}\n", self.parts(&hit.title_parts, Some(Style::Bold)));
        let about: Vec<&str> =
            [&hit.kind, &hit.branch, &hit.date].into_iter().map(String::as_str).filter(|a| !a.is_empty()).collect();
        if !about.is_empty() {
            text += &format!("{indent}{}\n", plain(&about.join(" · ")));
        }
        let excerpt = self.parts(&hit.excerpt_parts, None);
        match hit.heading.as_str() {
            "" if excerpt.is_empty() => {}
            "" => text += &format!("{indent}{excerpt}\n"),
            heading => text += &format!("{indent}[{}] {excerpt}\n", plain(heading)),
        }
        let anchor = match hit.anchor.as_str() {
            "" => String::new(),
            anchor if self.base_url.is_empty() => format!("#{anchor}"),
            anchor => format!("#{}", route::encode(anchor)),
        };
        text + &format!("{indent}{}{anchor}\n\n", whole(self.base_url, &hit.url))
    }

    /// Writes a text with what was asked for set off, and the rest in a style of its own.
    fn parts(&self, parts: &engine::Parts, rest: Option<Style>) -> String {
        let part = |(text, is_hit): &(String, bool)| {
            let style = if *is_hit { Some(Style::Red) } else { rest };
            style.map_or_else(|| plain(text), |style| self.paint.text(style, &plain(text)))
        };
        parts.iter().map(part).collect()
    }

    fn summary(&self, answer: &Answer, took: Duration) -> String {
        let Answer { total, by, hits } = answer;
        let (query, took) = (plain(self.query), took.as_millis());
        let (first, last) = (self.offset + 1, self.offset + hits.len());
        let by = match by {
            By::Text => say!("", ""),
            By::Pinyin => say!("是按拼音找到的题名，", " by the pinyin of their titles"),
            By::Edge => say!("是按词的一部分找到的，", " by parts of words"),
        };
        let by = by.get(self.lang);
        match (self.lang, *total) {
            (Lang::Zh, 0) => format!("没有找到“{query}”，用时 {took} 毫秒。\n"),
            (Lang::En, 0) => format!("Nothing found for “{query}”, in {took} ms.\n"),
            (Lang::Zh, total) => {
                let part = match hits.len() {
                    n if n == total => String::new(),
                    0 => "这里没有列出，".to_owned(),
                    _ => format!("这里是第 {first}–{last} 条，"),
                };
                format!("共找到 {total} 条，{by}{part}用时 {took} 毫秒。\n")
            }
            (Lang::En, total) => {
                let part = match hits.len() {
                    n if n == total => String::new(),
                    0 => ", none shown".to_owned(),
                    _ => format!(", {first}–{last} shown"),
                };
                format!("{} found{by}{part}, in {took} ms.\n", report::number(total, "page"))
            }
        }
    }
}

/// Returns a text that does nothing to a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
