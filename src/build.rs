//! The pipeline, as straight-line code; the only caller of `cache`.
//!
//! A [`Session`] builds a site, once or again and again. What an earlier build of this process or of
//! another has left (`cache`) is used in three steps, each taken only where it is proved that nothing
//! is missed:
//!
//! 1. nothing changed: no file, no setting, no output: nothing is done;
//! 2. only prose changed: the rest of the site cannot see it ([`parse::Document::face`]), so the model
//!    and every other page are what they were: the pages that print those texts are rendered;
//! 3. anything else: unchanged files are not parsed again; the model and the plan are made anew; a job
//!    is kept if its own inputs are the same and every question it asked is answered the same.

mod files;
mod judge;
mod past;
mod quick;
mod search;
mod session;

pub use session::Session;

use crate::cache::{self, Ground, Reason};
use crate::config::{self, Config};
use crate::diagnostic::{self, Diagnostic, Error, Severity};
use crate::digest::Digest;
use crate::discover::{self, Survey};
use crate::disk::{Disk, join};
use crate::history;
use crate::model::Site;
use crate::model::kind::Audience;
use crate::parse;
use crate::plan::Plan;
use crate::render::theme::Sources;
use crate::say;
use crate::write::Written;
use files::Files;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// The site's root: where `beilin.toml` is.
    pub root: String,
    /// The output folder, if not the configured one below the root.
    pub out: Option<String>,
    /// The day to build as of, if not today.
    pub as_of: Option<jiff::civil::Date>,
}

/// What a run found and did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What the authors should know, in reading order.
    pub diagnostics: Vec<Diagnostic>,
    /// Records published.
    pub records: usize,
    /// Records left out because they are for fewer readers than this build's.
    pub withheld: usize,
    /// HTML pages planned.
    pub pages: usize,
    /// All files of the built site.
    pub files: usize,
    /// The routes that were rendered, in the plan's order; the others were kept.
    pub rendered: Vec<String>,
    /// The outputs written or removed, in order.
    pub paths: Vec<String>,
    /// What was done to the output folder; `None` if nothing was written.
    pub written: Option<Written>,
    /// The output folder.
    pub out: String,
}

impl Report {
    /// Tells whether there is an error among the diagnostics.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// How far a run has come, for those who watch.
pub trait Watch: Sync {
    /// A stage begins, with so many steps if they are known.
    fn stage(&self, name: &'static str, steps: usize);
    /// A step of the stage is done.
    fn step(&self);
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn stage(&self, _: &'static str, _: usize) {}
    fn step(&self) {}
}

/// What may have changed since the last build of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// Anything.
    Everything,
    /// At most these paths below the site's root, with `/`: files written, new or gone, and folders that
    /// came, went or were moved with all that is in them.
    Paths(BTreeSet<String>),
}

/// A site that has been read and resolved.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The site.
    pub site: Site,
    /// What is wrong so far.
    pub diagnostics: Vec<Diagnostic>,
    /// What the content folder holds.
    pub survey: Survey,
}

/// What a build is made of beside the content: read anew every time, for it is little.
struct Setting {
    config: Config,
    kinds: Vec<(String, String)>,
    as_of: jiff::civil::Date,
    told: Vec<Diagnostic>,
    config_digest: Digest,
    emblem: Digest,
}

fn read_setting(disk: &dyn Disk, input: &Input) -> Result<Setting, Error> {
    let mut told = Vec::new();
    let path = join(&input.root, config::FILE);
    let bytes = disk.read(&path).map_err(|e| {
        Error::new(
            say!(
                "读不了 `{path}`（在站点根目录里运行，或用 --root 指出）",
                "cannot read `{path}` (run in the site's root, or name it with --root)"
            ),
            e,
        )
    })?;
    let config_digest = Digest::of(&bytes);
    let config = match String::from_utf8(bytes) {
        Ok(text) => config::read(&text, &mut told),
        Err(_) => {
            told.push(Diagnostic::error("encoding", config::FILE, None, say!("不是 UTF-8 编码", "not UTF-8")));
            Config::default()
        }
    };
    let mut kinds = Vec::new();
    for file in &config.content.kinds {
        match disk.read(&join(&input.root, file)).map(String::from_utf8) {
            Ok(Ok(text)) => kinds.push((file.clone(), text)),
            Ok(Err(_)) => told.push(Diagnostic::error("encoding", file, None, say!("不是 UTF-8 编码", "not UTF-8"))),
            Err(e) => told.push(Diagnostic::error(
                "no-file",
                config::FILE,
                None,
                say!("读不了类型文件 `{file}`：{e}", "cannot read the kinds file `{file}`: {e}"),
            )),
        }
    }
    let as_of = input.as_of.unwrap_or_else(|| disk.today());
    // One that cannot be read is told where it is wanted.
    let emblem = config.site.emblem.as_ref().and_then(|e| disk.read(&join(&input.root, e)).ok());
    let emblem = emblem.map(|bytes| Digest::of(&bytes)).unwrap_or_default();
    Ok(Setting { config, kinds, as_of, told, config_digest, emblem })
}

/// Reads the configuration of a site as far as it can be read; what is wrong with it is told by a build.
pub fn config(disk: &dyn Disk, input: &Input) -> Result<Config, Error> {
    read_setting(disk, input).map(|setting| setting.config)
}

impl Setting {
    fn ground(&self, theme: &Sources) -> Ground {
        // The output folder's name is no part of a page, nor is what jobs have in their keys or as answers.
        let site =
            config::SiteOptions { theme: String::new(), audience: Default::default(), ..self.config.site.clone() };
        let output =
            config::OutputOptions { dir: String::new(), page_size: 0, sitemap_urls: 0, ..self.config.output.clone() };
        // What the index weighs and writes is in no page.
        let config::SearchOptions { enabled, endpoint, endpoint_kind, boosts: _, offline: _, positions: _ } =
            &self.config.search;
        let shown = (
            site,
            output,
            enabled,
            endpoint,
            endpoint_kind,
            self.config.packs.is_empty(),
            &self.config.security,
            self.config.opens_from_folder(),
            &self.config.channels,
        );
        let face = format!("{shown:?}");
        Ground {
            tool: cache::tool(),
            config: self.config_digest,
            face: Digest::of(face.as_bytes()),
            kinds: Digest::of_value(&self.kinds),
            theme: theme.closure(),
            statics: Digest::of_value(&theme.statics()),
            emblem: self.emblem,
            as_of: self.as_of.to_string(),
        }
    }

    fn markdown(&self) -> parse::markdown::Options<'static> {
        let limits = &self.config.content.limits;
        parse::markdown::Options {
            excerpt: self.config.content.excerpt,
            nesting: limits.nesting,
            table_cells: limits.table_cells,
            ..parse::markdown::Options::default()
        }
    }

    fn out(&self, input: &Input) -> String {
        input.out.clone().unwrap_or_else(|| join(&input.root, &self.config.output.dir))
    }
}

/// Reads a site: configuration, files, model.
pub fn load(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Loaded, Error> {
    load_set(disk, input, read_setting(disk, input)?, watch)
}

/// Reads a site with all its records, whoever they are for: what is made of it is not for publishing.
pub fn load_whole(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Loaded, Error> {
    let mut setting = read_setting(disk, input)?;
    setting.config.site.audience = Audience::Named;
    load_set(disk, input, setting, watch)
}

fn load_set(disk: &dyn Disk, input: &Input, setting: Setting, watch: &dyn Watch) -> Result<Loaded, Error> {
    let mut out = setting.told.clone();
    watch.stage("discover", 0);
    let survey = discover::survey(disk, &input.root, &setting.config.content, &mut out)?;
    out.extend(history::submodules(disk, &input.root, &setting.config.content.dir));
    let files = Files::read(disk, input, &setting, &survey, None, BTreeMap::new(), watch)?;
    watch.stage("model", 0);
    let mut told_of_site = Vec::new();
    let (site, files) = files.model(&setting, &survey, &mut told_of_site);
    out.extend(files.told());
    out.extend(told_of_site);
    Ok(Loaded { config: setting.config, site, diagnostics: out, survey })
}

/// Finds everything that is wrong with a site, and writes nothing.
pub fn check(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Report, Error> {
    Session::new(input.clone()).check(disk, watch)
}

/// Builds a site. A site with errors is not written: the old one stays whole.
pub fn build(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Report, Error> {
    let mut session = Session::once(input.clone());
    let report = session.build(disk, &Changes::Everything, watch)?;
    let mut report = report;
    if let Err(e) = session.save(disk) {
        report.diagnostics.push(not_kept(&e));
    }
    Ok(report)
}

/// Says that the next build will know nothing of this one.
pub fn not_kept(error: &Error) -> Diagnostic {
    let (what, cause) = (&error.what, &error.cause);
    let (zh, en) = (&what.zh, &what.en);
    Diagnostic::warning("cache", "", None, say!("{zh}：{cause}", "{en}: {cause}")).hint(say!(
        "网站已经生成；只是下次要全部重新生成",
        "the site is built; the next build will have to do all of it again"
    ))
}

/// Says why a page would be rendered by a build now, and why it was when it last was.
pub fn why(disk: &dyn Disk, input: &Input, route: &str) -> Result<Option<Why>, Error> {
    let mut session = Session::new(input.clone());
    session.recall(disk);
    let last = session.left.as_ref().and_then(|left| {
        let done = left.kept.jobs.iter().find(|j| j.route == route)?;
        Some((done.build, left.kept.build, done.reason.clone()))
    });
    let Some(now) = session.dry(disk, route)? else { return Ok(None) };
    Ok(Some(Why { last, now }))
}

/// Why a page was and would be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The number of the build that rendered it, of the last build, and the reason then.
    pub last: Option<(u64, u64, Reason)>,
    /// Why a build now would render it; `None` if it would be kept.
    pub now: Option<Reason>,
}

fn counted(site: &Site, plan: &Plan, out: String) -> Report {
    Report {
        records: site.records.len(),
        withheld: site.withheld,
        pages: plan.jobs.iter().filter(|j| j.is_page()).count(),
        files: plan.jobs.len(),
        out,
        ..Report::default()
    }
}

fn tidy(report: &mut Report) {
    diagnostic::sort(&mut report.diagnostics);
    let all = std::mem::take(&mut report.diagnostics);
    for of_a_file in all.chunk_by(|a, b| a.path == b.path) {
        let mut few = of_a_file.to_vec();
        if !few[0].path.is_empty() {
            diagnostic::few(&mut few);
            diagnostic::sort(&mut few);
        }
        report.diagnostics.append(&mut few);
    }
    // One fault of a template shows on every page that uses it, in slightly other words.
    report.diagnostics.dedup_by(|b, a| {
        a == b
            || (a.code == "template"
                && b.code == "template"
                && a.span.is_some()
                && (&a.path, &a.span) == (&b.path, &b.span))
    });
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
