//! Job → Output, pure and in parallel. A job sees the site through `view::Ask` only, which notes what
//! it asks; templates see what the contexts here give them.
//!
//! - [`theme`]: templates, static files, strings: those built in, replaced file by file by the site;
//! - [`report`]: reports, as pages and as Markdown;
//! - [`view`]: cards, plaques and other shapes of one thing for another's page;
//! - `page`, `campaign`, `evidence`, `record`, `search`: the contexts of pages; `body`: Markdown with its links;
//! - `channel`: what goes out elsewhere: articles, panels, volumes, the kiosk; `qr`: addresses as codes;
//! - `image`: pictures and films as files, and the copies of pictures;
//! - `meta`: what machines read in a page's head; `feed`, `sitemap`, `data`: their own files.

mod body;
mod campaign;
mod cases;
mod channel;
mod contrast;
mod data;
mod disclosure;
mod evidence;
mod feed;
mod honours;
mod image;
mod ledger;
mod meta;
mod page;
mod policy;
mod qr;
mod record;
pub mod report;
pub mod search;
mod search_page;
mod sitemap;
pub mod theme;
mod value;
pub mod view;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Error};
use crate::disk::{Disk, join};
use crate::history::History;
use crate::model::query::Query;
use crate::model::{Site, picture, route};
use crate::output::Output;
use crate::plan::{Job, Plan};
use crate::say;
use theme::Theme;
use view::{Ask, Texts, View};

/// Renders jobs.
pub struct Renderer<'a> {
    disk: &'a dyn Disk,
    root: &'a str,
    config: &'a Config,
    site: &'a Site,
    plan: &'a Plan,
    theme: &'a Theme,
    view: View<'a>,
    texts: Texts<'a>,
    lines: data::Lines,
    gate: image::Gate,
}

/// What rendering gives, or what the author of a page or theme did wrong.
pub type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// What a job gave.
#[derive(Debug)]
pub struct Rendered {
    /// The job's output and those that come with it.
    pub outputs: Vec<Output>,
    /// What it asked of the site beyond its own inputs, each question once, in order.
    pub asked: Vec<Query>,
}

impl<'a> Renderer<'a> {
    /// Makes a renderer. `spelled` maps paths in NFC to how the disk spells them.
    #[expect(clippy::too_many_arguments, reason = "the values of the stages before, each once")]
    pub fn new(
        disk: &'a dyn Disk,
        root: &'a str,
        config: &'a Config,
        site: &'a Site,
        plan: &'a Plan,
        theme: &'a Theme,
        spelled: &'a std::collections::BTreeMap<String, String>,
        history: Option<&'a History>,
    ) -> Renderer<'a> {
        let texts = Texts::new(disk, root, &config.content.dir, spelled);
        let view = View::new(site, plan, config, theme, texts, history);
        let (lines, gate) = (data::Lines::of(site.records.len()), image::Gate::default());
        Renderer { disk, root, config, site, plan, theme, view, texts, lines, gate }
    }

    /// Drops what was made once for many pages.
    pub fn forget(self) -> Renderer<'a> {
        let Renderer { disk, root, config, site, plan, theme, view, texts, .. } = self;
        let (lines, gate) = (data::Lines::of(0), image::Gate::default());
        Renderer { disk, root, config, site, plan, theme, view: view.forget(), texts, lines, gate }
    }

    /// Renders a job.
    pub fn render(&self, job: &Job) -> Result<Rendered> {
        let own = job.doc(self.site).filter(|_| job.is_page());
        let ask = self.view.ask(own);
        let outputs = self.outputs(job, &ask)?;
        Ok(Rendered { outputs, asked: ask.asked() })
    }

    /// Returns what a job gives that makes copies of a picture, from copies that were made before; `None` if they are
    /// not those it makes.
    pub fn copies_made(&self, job: &Job, copies: Option<Vec<Vec<u8>>>) -> Option<Rendered> {
        let (Job::Picture(at), Some(bytes)) = (job, copies) else { return None };
        let targets: Vec<String> = picture::copies(self.site, *at)?.targets().collect();
        let outputs = (targets.len() == bytes.len())
            .then(|| targets.into_iter().zip(bytes).map(|(path, bytes)| Output { path, bytes }).collect())?;
        Some(Rendered { outputs, asked: Vec::new() })
    }

    /// Returns the pages that are found, for the search index.
    pub fn search(&self) -> search::Pages<'_> {
        search::Pages::of(&self.view, self.site)
    }

    fn outputs(&self, job: &Job, v: &Ask<'_>) -> Result<Vec<Output>> {
        match job {
            Job::Home
            | Job::Branches
            | Job::Branch(_)
            | Job::List(_)
            | Job::Archive
            | Job::Calendar(_)
            | Job::Record(_)
            | Job::Showcase
            | Job::Cases
            | Job::Programmes
            | Job::Programme(_)
            | Job::Rubric(_)
            | Job::Matrix(_)
            | Job::Criterion(..)
            | Job::Honours(_)
            | Job::Disclosure
            | Job::Catalogue(_)
            | Job::Rules
            | Job::Pack(_)
            | Job::Ledger(..)
            | Job::Ledgers(_)
            | Job::Reports(..)
            | Job::Report(..)
            | Job::Page(_)
            | Job::Channels(_)
            | Job::Volume(..)
            | Job::SiteMap
            | Job::SearchPage
            | Job::NotFound => self.page(job, v),
            Job::Wechat(i) => channel::wechat(self, v, *i),
            Job::Panel(i) => channel::panel(self, v, *i),
            Job::Kiosk(records) => channel::kiosk(self, v, records),
            Job::Due(branch) => one(&job.route(self.site), ledger::calendar(v, *branch)),
            Job::SearchWords => one(&job.route(self.site), search_page::words(v)),
            Job::Feed(selection, at) => one(at, feed::feed(v, *selection, at)),
            Job::SitemapXml(part) => one(&job.route(self.site), sitemap::sitemap(self, *part)),
            Job::Robots => one("robots.txt", sitemap::robots(self)),
            Job::Json(subject) => one(&job.route(self.site), data::page_json(v, *subject)),
            Job::Table(table) => one(&table.route, data::table(v, &self.lines, table)),
            Job::DataPackage => one(&job.route(self.site), data::package(v, self.plan)),
            Job::Copy(i) => image::published(self, *i),
            Job::Picture(i) => image::copies(self, *i),
            Job::ThemeFile(path) => Ok(vec![Output {
                path: format!("assets/{path}"),
                bytes: self.theme.file(path).unwrap_or_default().to_vec(),
            }]),
            Job::Emblem(path) => self.copy(&join(self.root, path), crate::config::FILE, &job.route(self.site)),
            Job::Redirect(from, to) => one(&route::file_of(from), self.redirect(from, to)),
            // Its files are too many to be held at once: `build` hands them on one by one.
            Job::Search => Ok(Vec::new()),
        }
    }

    fn copy(&self, at: &str, shown: &str, target: &str) -> Result<Vec<Output>> {
        match self.disk.read(at) {
            Ok(bytes) => Ok(vec![Output { path: target.to_owned(), bytes }]),
            Err(e) => Err(Box::new(Diagnostic::error(
                "no-file",
                shown,
                None,
                say!("读不了 `{at}`：{e}", "cannot read `{at}`: {e}"),
            ))),
        }
    }

    /// A small page that leads from an old address to the new one.
    fn redirect(&self, from: &str, to: &str) -> String {
        let root = route::root_of(from);
        let url = format!("{root}{}", crate::plan::page_url(to, self.config.output.index_in_links));
        let canonical = match self.config.site.base_url.as_str() {
            "" => String::new(),
            base => format!("<link rel=\"canonical\" href=\"{}\">\n", view::escape(&format!("{base}{to}"))),
        };
        let policy = match self.config.security.csp {
            true => format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", policy::BARE),
            false => String::new(),
        };
        let (lang, words) = (self.view.lang_tag(), self.theme.say("text.moved", &[]));
        let url = view::escape(&url);
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n{policy}<title>{words}</title>\n{canonical}<meta name=\"robots\" content=\"noindex\">\n<meta http-equiv=\"refresh\" content=\"0; url={url}\">\n</head>\n<body><p><a href=\"{url}\">{words}</a></p></body>\n</html>\n",
        )
    }
}

fn one(path: &str, text: String) -> Result<Vec<Output>> {
    Ok(vec![Output::text(route::file_of(path), text)])
}

/// Reads a theme, for the plan (its static files) and the renderer.
pub fn load_theme(
    disk: &dyn Disk,
    root: &str,
    config: &Config,
    out: &mut Vec<Diagnostic>,
) -> std::result::Result<Theme, Error> {
    Theme::load(disk, root, config, out)
}
