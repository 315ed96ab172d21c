//! `beilin explain`: what a file was understood to be and why, or what an output is made from.
//!
//! Says where each thing comes from: written in the file, read from its path, or the default. Works
//! on sites with errors; those of the file are shown with it.

mod file;
mod output;

use super::args::{self, folder};
use super::report::{self, Drawing, Sources};
use super::{Cli, FINE, Failure, Outcome};
use crate::build::{self, Input, Loaded, Unwatched, Why};
use crate::diagnostic::{Lang, Say, did_you_mean};
use crate::discover;
use crate::disk::join;
use crate::plan::{self, Job, Plan};
use crate::render;
use crate::say;
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Explain) -> Outcome {
    let out = args.out.as_deref().map(folder);
    let input = Input { root: args.root.folder(), out, as_of: args.as_of.as_of };
    let mut loaded = build::load(cli.disk, &input, &Unwatched)?;
    let mut found = std::mem::take(&mut loaded.diagnostics);
    let theme = render::load_theme(cli.disk, &input.root, &loaded.config, &mut found)?;
    let plan = plan::plan(&loaded.site, &loaded.config, theme.file_names(), &mut found);
    let subject = Subject::of(&args.path, &input.root, &loaded);
    let mut lines = explain(cli, &input.root, &loaded, &plan, &subject)?;
    if args.why {
        why(cli, &input, &loaded, &plan, &subject, &mut lines)?;
    }
    found.retain(|d| d.path == lines.path);
    let mut sources = Sources::new(cli.disk, &input.root);
    if cli.json {
        let facts: Vec<_> = lines
            .facts
            .iter()
            .map(|(name, text)| json!({ "name": name.zh, "name_en": name.en, "text": text.zh, "text_en": text.en }))
            .collect();
        let value = json!({ "ok": true, "path": lines.path, "facts": facts, "diagnostics": report::json(&found, &mut sources) });
        cli.say_json(&value);
        return Ok(FINE);
    }
    let text = lines.draw(cli.lang);
    cli.say(&text);
    let drawing = Drawing { lang: cli.lang, paint: cli.paint_err, all: true, quiet: cli.quiet };
    let text = report::draw(&found, &mut sources, drawing);
    if !text.is_empty() {
        cli.tell(&format!("\n{text}"));
    }
    Ok(FINE)
}

/// Adds why the page was rendered the last time, and whether it would be now.
fn why(
    cli: &Cli<'_, '_>,
    input: &Input,
    loaded: &Loaded,
    plan: &Plan,
    subject: &Subject,
    lines: &mut Lines,
) -> Result<(), Failure> {
    let doc = loaded.site.doc(&subject.content);
    let of_doc = |job: &&Job| doc.is_some() && job.is_page() && job.doc(&loaded.site) == doc;
    let page = plan.jobs.iter().find(of_doc).map(|job| job.route(&loaded.site));
    let route = page.or_else(|| output::route(loaded, plan, &subject.output));
    let known = match route {
        Some(route) => build::why(cli.disk, input, &route)?,
        None => None,
    };
    let (then, now) = (say!("上次生成", "Last rendered"), say!("现在", "Now"));
    let Some(Why { last, now: reason }) = known else {
        let text = say!("没有由它生成的网页", "no page is made from it");
        lines.add(now, text);
        return Ok(());
    };
    let text = last.map(|(build, newest, reason)| {
        let Say { zh, en } = reason.describe();
        let ago = newest.saturating_sub(build);
        match ago {
            0 => say!("就在上一次生成时，因为{zh}", "by the last build, because {en}"),
            _ => {
                say!("{ago} 次生成之前，因为{zh}；之后都沿用", "{ago} builds before the last, because {en}; kept since")
            }
        }
    });
    lines.add(then, text.unwrap_or_else(|| say!("没有记下来", "nothing is known of it")));
    let text = reason.map(|r| r.describe()).map_or_else(
        || {
            say!(
                "不用重新生成：它的输入和用到的各项都没有变",
                "it would be kept: its inputs and all it shows are the same"
            )
        },
        |Say { zh, en }| say!("要重新生成，因为{zh}", "it would be rendered, because {en}"),
    );
    lines.add(now, text);
    Ok(())
}

/// What is known of a path, as names and texts.
struct Lines {
    /// The path, as diagnostics name it.
    path: String,
    facts: Vec<(Say, Say)>,
}

impl Lines {
    fn new(path: &str) -> Lines {
        Lines { path: path.to_owned(), facts: Vec::new() }
    }

    fn add(&mut self, name: Say, text: Say) {
        self.facts.push((name, text));
    }

    fn draw(&self, lang: Lang) -> String {
        let mut out = format!("{}\n", self.path);
        for (name, text) in &self.facts {
            let (name, text) = (name.get(lang), text.get(lang).replace('\n', "\n    "));
            out += &match lang {
                Lang::Zh => format!("  {name}：{text}\n"),
                Lang::En => format!("  {name}: {text}\n"),
            };
        }
        out
    }
}

/// What was asked about, in the ways it may be meant.
struct Subject {
    /// The word as given.
    word: String,
    /// A path of the content folder.
    content: String,
    /// A path of the output folder or an address of the site.
    output: String,
}

impl Subject {
    fn of(word: &str, root: &str, loaded: &Loaded) -> Subject {
        let word = folder(word);
        let slash = if word.ends_with('/') { "/" } else { "" };
        let below = |path: &str, folder: &str| {
            path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).map(str::to_owned)
        };
        let site = if root.is_empty() { word.clone() } else { below(&word, root).unwrap_or_else(|| word.clone()) };
        let dir = &loaded.config.content.dir;
        // A path from the top of the machine, or from another folder, has the content folder in it.
        let inside =
            |path: &str, dir: &str| path.rfind(&format!("/{dir}/")).map(|i| path[i + dir.len() + 2..].to_owned());
        let content = below(&site, dir).or_else(|| inside(&word, dir)).unwrap_or_else(|| site.clone());
        let out = &loaded.config.output.dir;
        let output = match word.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or(String::new(), |(_, path)| path.to_owned()),
            None => below(&site, out)
                .or_else(|| inside(&word, out))
                .unwrap_or_else(|| site.trim_start_matches('/').to_owned()),
        };
        let output = output.split(['?', '#']).next().unwrap_or("").trim_end_matches('/').to_owned();
        Subject { content, output: crate::model::route::decode(&output) + slash, word }
    }
}

fn explain(cli: &Cli<'_, '_>, root: &str, loaded: &Loaded, plan: &Plan, subject: &Subject) -> Result<Lines, Failure> {
    let Loaded { site, config, .. } = loaded;
    if let Some(doc) = site.doc(&subject.content) {
        return Ok(file::document(loaded, doc));
    }
    let shown = join(&config.content.dir, &subject.content);
    if let Some(asset) = loaded.survey.assets().find(|a| a.path == subject.content) {
        return Ok(file::asset(site, &shown, asset));
    }
    if let Some(lines) = output::output(loaded, plan, &subject.output) {
        return Ok(lines);
    }
    if cli.disk.exists(&join(root, &shown)) {
        return Ok(not_read(&shown, subject, config));
    }
    let word = &subject.word;
    let known = site.docs.iter().map(|d| d.shown.as_str());
    let hint = match did_you_mean(&shown, known) {
        Some(near) => say!("是不是 `{near}`？", "did you mean `{near}`?"),
        None => say!(
            "写内容文件的路径，如 content/about.md，或者网站里的地址，如 branches/",
            "name a content file such as content/about.md, or an address of the site such as branches/"
        ),
    };
    Err(Failure::of(say!("站点里没有 `{word}`", "nothing in the site is called `{word}`"), hint))
}

/// Explains a file or folder of the content folder that is not read.
fn not_read(shown: &str, subject: &Subject, config: &crate::config::Config) -> Lines {
    let mut lines = Lines::new(shown);
    let ignored = config.content.ignore.iter().find(|glob| discover::matches_glob(glob, &subject.content));
    let why = match ignored {
        _ if discover::is_passed_over(&subject.content) => say!(
            "名字以点、下划线或 # 开头，或以 ~ 结尾，不读",
            "its name begins with a dot, an underscore or #, or ends in ~"
        ),
        Some(glob) => say!("合乎 [content] ignore 里的 `{glob}`，不读", "it matches `{glob}` in [content] ignore"),
        None => say!("不是普通文件，或者是文件夹，不读", "it is a folder, or no plain file"),
    };
    lines.add(say!("没有读", "Not read"), why);
    lines
}
