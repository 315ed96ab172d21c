//! The pipeline, as straight-line code.

use crate::config::{self, Config};
use crate::diagnostic::{self, Diagnostic, Error, Severity};
use crate::discover::{self, Discovered};
use crate::disk::{Disk, join};
use crate::model::{self, Site};
use crate::parse;
use crate::plan::{self, Plan};
use crate::render::{self, Renderer};
use crate::say;
use crate::write::{self, Written};
use rayon::prelude::*;
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

/// A site that has been read and resolved.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The site.
    pub site: Site,
    /// What is wrong so far.
    pub diagnostics: Vec<Diagnostic>,
    /// What discovery found, texts taken out.
    pub discovered: Discovered,
}

/// Reads a site: configuration, files, model.
pub fn load(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Loaded, Error> {
    let mut out = Vec::new();
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
    let config = match String::from_utf8(bytes) {
        Ok(text) => config::read(&text, &mut out),
        Err(_) => {
            out.push(Diagnostic::error("encoding", config::FILE, None, say!("不是 UTF-8 编码", "not UTF-8")));
            Config::default()
        }
    };
    let mut own = Vec::new();
    for file in &config.content.kinds {
        match disk.read(&join(&input.root, file)).map(String::from_utf8) {
            Ok(Ok(text)) => own.push((file.clone(), text)),
            Ok(Err(_)) => out.push(Diagnostic::error("encoding", file, None, say!("不是 UTF-8 编码", "not UTF-8"))),
            Err(e) => out.push(Diagnostic::error(
                "no-file",
                config::FILE,
                None,
                say!("读不了类型文件 `{file}`：{e}", "cannot read the kinds file `{file}`: {e}"),
            )),
        }
    }
    let kinds = model::kind::Kinds::load(&own, &mut out);
    watch.stage("discover", 0);
    let mut discovered = discover::discover(disk, &input.root, &config.content, &mut out)?;
    watch.stage("parse", discovered.sources.len());
    let options = parse::markdown::Options { excerpt: config.content.excerpt, ..parse::markdown::Options::default() };
    let parsed: Vec<_> = std::mem::take(&mut discovered.sources)
        .par_iter()
        .map(|source| {
            let parsed = parse::parse(source, &options);
            watch.step();
            parsed
        })
        .collect();
    let mut docs = Vec::with_capacity(parsed.len());
    for (doc, found) in parsed {
        docs.push(doc);
        out.extend(found);
    }
    watch.stage("model", 0);
    let as_of = input.as_of.unwrap_or_else(|| disk.today());
    let site = model::build(docs, discovered.assets.clone(), kinds, model::Options::of(&config, as_of), &mut out);
    Ok(Loaded { config, site, diagnostics: out, discovered })
}

/// Finds everything that is wrong with a site, and writes nothing.
pub fn check(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Report, Error> {
    let mut loaded = load(disk, input, watch)?;
    let theme = render::load_theme(disk, &input.root, &loaded.config, &mut loaded.diagnostics)?;
    let plan = plan::plan(&loaded.site, &loaded.config, theme.file_names(), &mut loaded.diagnostics);
    let out = out_folder(input, &loaded.config);
    let mut report = report(&loaded, &plan, out);
    // Templates are part of the site: what they stumble over is told here too.
    if !report.failed() {
        let renderer =
            Renderer::new(disk, &input.root, &loaded.config, &loaded.site, &plan, &theme, &loaded.discovered.spelled);
        let found = Mutex::new(Vec::new());
        watch.stage("render", plan.jobs.len());
        plan.jobs.par_iter().for_each(|job| {
            if let Err(d) = renderer.render(job) {
                found.lock().unwrap_or_else(PoisonError::into_inner).push(*d);
            }
            watch.step();
        });
        report.diagnostics.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
    }
    tidy(&mut report);
    Ok(report)
}

/// Builds a site. A site with errors is not written: the old one stays whole.
pub fn build(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Report, Error> {
    let mut loaded = load(disk, input, watch)?;
    let theme = render::load_theme(disk, &input.root, &loaded.config, &mut loaded.diagnostics)?;
    let plan = plan::plan(&loaded.site, &loaded.config, theme.file_names(), &mut loaded.diagnostics);
    let out = out_folder(input, &loaded.config);
    let mut report = report(&loaded, &plan, out.clone());
    if report.failed() {
        tidy(&mut report);
        return Ok(report);
    }
    let renderer =
        Renderer::new(disk, &input.root, &loaded.config, &loaded.site, &plan, &theme, &loaded.discovered.spelled);
    let stage = write::Stage::open(disk, &out)?;
    let found = Mutex::new(Vec::new());
    let trouble = Mutex::new(None);
    watch.stage("render", plan.jobs.len());
    plan.jobs.par_iter().for_each(|job| {
        match renderer.render(job) {
            Ok(outputs) => {
                for output in outputs {
                    if let Err(e) = stage.put(&output) {
                        trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
                    }
                }
            }
            Err(d) => found.lock().unwrap_or_else(PoisonError::into_inner).push(*d),
        }
        watch.step();
    });
    if let Some(e) = trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
        stage.abandon();
        return Err(e);
    }
    report.diagnostics.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
    report.diagnostics.extend(stage.conflicts());
    if report.failed() {
        stage.abandon();
    } else {
        watch.stage("write", 0);
        let written = stage.commit(&mut report.diagnostics)?;
        report.files = written.created + written.changed + written.unchanged;
        report.written = Some(written);
    }
    tidy(&mut report);
    Ok(report)
}

fn out_folder(input: &Input, config: &Config) -> String {
    input.out.clone().unwrap_or_else(|| join(&input.root, &config.output.dir))
}

fn report(loaded: &Loaded, plan: &Plan, out: String) -> Report {
    Report {
        diagnostics: loaded.diagnostics.clone(),
        records: loaded.site.records.len(),
        withheld: loaded.site.withheld,
        pages: plan.jobs.iter().filter(|j| j.is_page()).count(),
        files: plan.jobs.len(),
        written: None,
        out,
    }
}

fn tidy(report: &mut Report) {
    diagnostic::sort(&mut report.diagnostics);
    // One fault of a template shows on every page that uses it, in slightly other words.
    report.diagnostics.dedup_by(|b, a| {
        a == b
            || (a.code == "template"
                && b.code == "template"
                && a.span.is_some()
                && (&a.path, &a.span) == (&b.path, &b.span))
    });
}
