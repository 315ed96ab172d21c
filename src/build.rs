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

use crate::cache::{self, Done, File, Ground, Kept, Parts, Reason, Summary, Traces};
use crate::config::{self, Config};
use crate::diagnostic::{self, Diagnostic, Error, Lang, Severity};
use crate::digest::Digest;
use crate::discover::{self, Seen, Survey};
use crate::disk::{Disk, Stat, join};
use crate::history::{self, History};
use crate::model::kind::Kinds;
use crate::model::query::{self, Names, Overview, Query};
use crate::model::{self, Site, What};
use crate::parse::{self, Document};
use crate::plan::{self, Job, Plan, Subject};
use crate::render::theme::{Sources, Theme};
use crate::render::{Rendered, Renderer};
use crate::say;
use crate::source::Source;
use crate::write::{self, Placed, Stage, Written};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Mutex, PoisonError};
use unicode_normalization::UnicodeNormalization;

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

impl Setting {
    fn ground(&self, theme: &Sources) -> Ground {
        // The output folder's name is no part of a page, nor is what jobs have in their keys or as answers.
        let site =
            config::SiteOptions { theme: String::new(), audience: Default::default(), ..self.config.site.clone() };
        let output =
            config::OutputOptions { dir: String::new(), page_size: 0, sitemap_urls: 0, ..self.config.output.clone() };
        let face = format!("{:?}", (site, output));
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
        parse::markdown::Options { excerpt: self.config.content.excerpt, ..parse::markdown::Options::default() }
    }

    fn out(&self, input: &Input) -> String {
        input.out.clone().unwrap_or_else(|| join(&input.root, &self.config.output.dir))
    }
}

/// Reads a site: configuration, files, model.
pub fn load(disk: &dyn Disk, input: &Input, watch: &dyn Watch) -> Result<Loaded, Error> {
    let setting = read_setting(disk, input)?;
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
    let mut loaded = load(disk, input, watch)?;
    let theme = crate::render::load_theme(disk, &input.root, &loaded.config, &mut loaded.diagnostics)?;
    let plan = plan::plan(&loaded.site, &loaded.config, theme.file_names(), &mut loaded.diagnostics);
    let out = input.out.clone().unwrap_or_else(|| join(&input.root, &loaded.config.output.dir));
    let mut report =
        Report { diagnostics: std::mem::take(&mut loaded.diagnostics), ..counted(&loaded.site, &plan, out) };
    // Templates are part of the site: what they stumble over is told here too.
    if !report.failed() {
        let (config, spelled) = (&loaded.config, &loaded.survey.spelled);
        let renderer = Renderer::new(disk, &input.root, config, &loaded.site, &plan, &theme, spelled, None);
        let found = Mutex::new(Vec::new());
        watch.stage("render", plan.jobs.len());
        plan.jobs.par_iter().for_each(|job| {
            if let Err(d) = renderer.render(job) {
                unpoisoned(&found).push(*d);
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
    let mut session = Session::new(input.clone());
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

/// The files of a site: digests of all, documents of the texts.
struct Files {
    files: Vec<File>,
    docs: Vec<Document>,
    told_of: BTreeMap<String, Vec<Diagnostic>>,
}

impl Files {
    /// Reads the files of a survey. `known` are digests that need not be taken again; `parsed` are the
    /// documents of an earlier build.
    fn read(
        disk: &dyn Disk,
        input: &Input,
        setting: &Setting,
        survey: &Survey,
        known: Option<&Known<'_>>,
        mut parsed: BTreeMap<String, (Document, Vec<Diagnostic>)>,
        watch: &dyn Watch,
    ) -> Result<Files, Error> {
        watch.stage("parse", survey.files.len());
        let (dir, options, looked) = (&setting.config.content.dir, setting.markdown(), disk.now());
        let same_config = known.is_some_and(|k| k.same_config);
        let mut jobs = Vec::with_capacity(survey.files.len());
        for seen in &survey.files {
            let file = known.and_then(|k| k.same(seen));
            // A document of the same path is of use if its bytes are the same, known or about to be.
            let doc = parsed.remove(&seen.path).filter(|(d, _)| file.is_none_or(|f| f.digest == d.digest));
            jobs.push((seen, file, doc));
        }
        type Known<'k> = (&'k Seen, Option<&'k File>, Option<(Document, Vec<Diagnostic>)>);
        let one = |(seen, file, doc): Known<'_>| {
            watch.step();
            let stat = cache::proves(&seen.stat, looked).then_some(seen.stat);
            let path = seen.path.clone();
            if !seen.is_text {
                let (digest, told) = match file {
                    Some(file) => (file.digest, Vec::new()),
                    None => copied_file(disk, &survey.place(&input.root, dir, &path), &join(dir, &path)),
                };
                return Ok((File { path, stat, digest, face: None, body_start: 0, record: None }, None, told));
            }
            let (doc, told, face) = match (file, doc) {
                (Some(file), Some((doc, told))) => (doc, told, file.face.filter(|_| same_config)),
                (_, doc) => {
                    let mut told = Vec::new();
                    let source = discover::read(disk, &input.root, dir, survey, &path, &mut told)?;
                    match doc.filter(|(d, _)| d.digest == source.digest) {
                        Some((doc, told)) => (doc, told, None),
                        None => {
                            let (doc, found) = understood(&source, &options);
                            told.extend(found);
                            (doc, told, None)
                        }
                    }
                }
            };
            let face = Some(face.unwrap_or_else(|| doc.face()));
            let file = File { path, stat, digest: doc.digest, face, body_start: doc.body_start, record: None };
            Ok((file, Some(doc), told))
        };
        let read: Vec<Result<_, Error>> = jobs.into_par_iter().map(one).collect();
        let mut files = Files { files: Vec::with_capacity(read.len()), docs: Vec::new(), told_of: BTreeMap::new() };
        for found in read {
            let (file, doc, told) = found?;
            if !told.is_empty() {
                files.told_of.insert(file.path.clone(), told);
            }
            files.docs.extend(doc);
            files.files.push(file);
        }
        Ok(files)
    }

    fn told(&self) -> Vec<Diagnostic> {
        self.told_of.values().flatten().cloned().collect()
    }

    /// Notes which files are records, and where these come from.
    fn records(&mut self, site: &Site, past: &Past) {
        for r in &site.records {
            let path = &site.docs[r.doc].path;
            if let Ok(i) = self.files.binary_search_by(|f| f.path.cmp(path)) {
                self.files[i].record = Some((r.id.clone(), past.of(path, &r.id)));
            }
        }
    }

    /// Makes the site of the files; returns what is left of them too.
    fn model(mut self, setting: &Setting, survey: &Survey, out: &mut Vec<Diagnostic>) -> (Site, Files) {
        let kinds = Kinds::load(&setting.kinds, out);
        let options = model::Options::of(&setting.config, setting.as_of);
        let docs = std::mem::take(&mut self.docs);
        (model::build(docs, survey.assets(), kinds, options, out), self)
    }
}

/// Parses a text, and looks for what git may have left in it.
fn understood(source: &Source, options: &parse::markdown::Options<'_>) -> (Document, Vec<Diagnostic>) {
    let (doc, mut told) = parse::parse(source, options);
    told.extend(history::inspect(&source.shown, &source.text));
    (doc, told)
}

/// Reads a file that is only copied: its digest, and what there is to tell of it.
fn copied_file(disk: &dyn Disk, place: &str, shown: &str) -> (Digest, Vec<Diagnostic>) {
    // One that cannot be read is told where it is wanted.
    let Ok(bytes) = disk.read(place) else { return (Digest::default(), Vec::new()) };
    let is_small = bytes.len() as u64 <= history::leftovers::POINTER_SIZE;
    let told = is_small.then(|| history::inspect_asset(shown, &bytes)).flatten();
    (Digest::of(&bytes), told.into_iter().collect())
}

/// The history of the content, read when it is first asked for.
struct Past {
    state: Option<Digest>,
    history: Option<History>,
    told: Vec<Diagnostic>,
}

impl Past {
    /// Reads the history; what was walked before is not walked again.
    fn read(disk: &dyn Disk, input: &Input, setting: &Setting, state: Option<Digest>) -> Past {
        let mut told = Vec::new();
        let before = cache::history(disk, &input.root).and_then(|bytes| History::from_bytes(&bytes));
        let head = before.as_ref().map(|h| h.head().to_owned());
        let (dir, options) = (&setting.config.content.dir, &setting.config.history);
        let history = history::read(disk, &input.root, dir, before, options, &mut told);
        if let Some(history) = history.as_ref().filter(|h| Some(h.head()) != head.as_deref()) {
            cache::keep_history(disk, &input.root, &history.to_bytes());
        }
        // A history that could not be read is asked for again by the next build.
        let state = if told.iter().any(|d| d.code == "history-unread") { Some(Digest::of(b"unread")) } else { state };
        Past { state, history, told }
    }

    /// Returns the digest of where a record comes from.
    fn of(&self, path: &str, id: &str) -> Digest {
        Digest::of_value(&self.history.as_ref().and_then(|h| h.of(path, Some(id))))
    }

    /// Returns what is true of the history as long as its state lasts; that it was rewritten is news once.
    fn lasting(&self) -> Vec<Diagnostic> {
        self.told.iter().filter(|d| d.code != "history-rewritten").cloned().collect()
    }
}

/// The files an earlier build read, by path.
struct Known<'a> {
    by_path: BTreeMap<&'a str, &'a File>,
    /// Whether the texts were parsed as they are now.
    same_config: bool,
}

impl<'a> Known<'a> {
    fn new(kept: &'a Kept, ground: &Ground) -> Known<'a> {
        let by_path = kept.files.iter().map(|f| (f.path.as_str(), f)).collect();
        Known { by_path, same_config: kept.ground.config == ground.config }
    }

    /// Returns what is known of a file, if the machine's word proves that it is the same.
    fn same(&self, seen: &Seen) -> Option<&'a File> {
        let file = self.by_path.get(seen.path.as_str())?;
        (file.stat.as_ref() == Some(&seen.stat) && file.face.is_some() == seen.is_text).then_some(*file)
    }
}

/// A site that is built once, or again and again: what did not change is kept.
pub struct Session {
    input: Input,
    left: Option<Left>,
    recalled: bool,
    theme: Option<(Digest, Digest, Theme)>,
}

/// What the last good build left in this process.
struct Left {
    kept: Kept,
    traces: Option<Traces>,
    made: Option<Made>,
    /// Documents of a build that came to nothing, and the configuration they were parsed under.
    pool: (Digest, Vec<(Document, Vec<Diagnostic>)>),
    survey: Option<Survey>,
    /// Which of the large parts the disk does not have yet.
    unsaved: Unsaved,
}

#[derive(Default)]
struct Unsaved {
    any: bool,
    large: bool,
}

/// A site in memory with its plan's overview.
struct Made {
    site: Site,
    plan: Plan,
    /// Whether its documents are whole: a thawed site's are not.
    is_whole: bool,
}

/// What a quick look found.
enum Quick {
    /// It was enough.
    Done(Box<Report>),
    /// It was not; the texts parsed on the way are of use.
    No(Vec<(Document, Vec<Diagnostic>)>),
}

impl Session {
    /// Makes a session of a site.
    pub fn new(input: Input) -> Session {
        Session { input, left: None, recalled: false, theme: None }
    }

    /// Builds the site. A site with errors is not written: the old one stays whole.
    pub fn build(&mut self, disk: &dyn Disk, changes: &Changes, watch: &dyn Watch) -> Result<Report, Error> {
        let mut changes = changes;
        loop {
            match self.attempt(disk, changes, watch)? {
                Some(report) => return Ok(report),
                // Another build has written meanwhile. It may have seen what this one has not.
                None => changes = &Changes::Everything,
            }
        }
    }

    /// Builds the site; `None` if somebody else has written it since this build began to look.
    fn attempt(&mut self, disk: &dyn Disk, changes: &Changes, watch: &dyn Watch) -> Result<Option<Report>, Error> {
        self.recall(disk);
        // Taken before anything can go wrong: a build that comes to nothing has seen changes that the next
        // one is not told of again.
        let last = self.left.as_mut().and_then(|l| l.survey.take());
        let setting = read_setting(disk, &self.input)?;
        let found = write::found(disk, &setting.out(&self.input));
        let mut told = setting.told.clone();
        let sources = Sources::read(disk, &self.input.root, &setting.config.site.theme, &mut told)?;
        let ground = setting.ground(&sources);
        watch.stage("discover", 0);
        let survey = self.survey(disk, changes, last, &setting, &mut told)?;
        let (root, dir) = (&self.input.root, &setting.config.content.dir);
        told.extend(history::submodules(disk, root, dir));
        let state = history::state(disk, root, dir, &setting.config.history);
        let same = self.left.as_ref().is_some_and(|l| l.kept.summary.history == state && l.kept.ground == ground);
        let mut past = (!same).then(|| Past::read(disk, &self.input, &setting, state));
        let has_error = told.iter().any(|d| d.severity == Severity::Error);
        let parsed = match has_error {
            true => Vec::new(),
            false => match self.quick(disk, &setting, &ground, &survey, &sources, &told, &mut past, found)? {
                Quick::Done(report) => return Ok(Some(*report)),
                Quick::No(parsed) => parsed,
            },
        };
        let past = past.unwrap_or_else(|| Past::read(disk, &self.input, &setting, state));
        self.whole(disk, setting, ground, survey, sources, told, parsed, past, found, watch)
    }

    /// Writes what the last build left, for the next process.
    pub fn save(&mut self, disk: &dyn Disk) -> Result<(), Error> {
        let Some(left) = self.left.as_mut().filter(|l| l.unsaved.any) else { return Ok(()) };
        let Left { kept, traces, made, unsaved, .. } = left;
        let told: BTreeMap<String, Vec<Diagnostic>> = kept.summary.of_files.iter().cloned().collect();
        let of = |d: &Document| told.get(&d.path).map_or(&[][..], Vec::as_slice);
        let mut parts = Parts::default();
        if unsaved.large
            && let Some(made) = made.as_ref().filter(|m| m.is_whole)
        {
            // Made one after another, each when the one before has been written.
            parts.docs = Some(Box::new(|| {
                let docs: Vec<_> = made.site.docs.iter().map(|d| (d, of(d))).collect();
                cache::encode(&docs)
            }));
            parts.site = Some(Box::new(|| made.site.freeze()));
            parts.traces = traces.as_ref();
        }
        kept.save(disk, &self.input.root, parts)?;
        *unsaved = Unsaved::default();
        Ok(())
    }

    /// Reads what an earlier process left, once.
    fn recall(&mut self, disk: &dyn Disk) {
        if !std::mem::replace(&mut self.recalled, true) {
            self.left = Kept::load(disk, &self.input.root).map(|kept| Left {
                kept,
                traces: None,
                made: None,
                pool: Default::default(),
                survey: None,
                unsaved: Unsaved::default(),
            });
        }
    }

    /// Looks through the content folder, or only at what may have changed in it.
    fn survey(
        &self,
        disk: &dyn Disk,
        changes: &Changes,
        last: Option<Survey>,
        setting: &Setting,
        out: &mut Vec<Diagnostic>,
    ) -> Result<Survey, Error> {
        let is_of_config = self.left.as_ref().is_some_and(|l| l.kept.ground.config == setting.config_digest);
        if let (Changes::Paths(paths), Some(mut survey)) = (changes, last.filter(|_| is_of_config))
            && look_again(disk, &self.input.root, &setting.config.content.dir, paths, &mut survey)
        {
            out.extend(survey.told.iter().cloned());
            return Ok(survey);
        }
        discover::survey(disk, &self.input.root, &setting.config.content, out)
    }

    /// Steps 1 and 2: nothing changed, or only prose.
    #[expect(clippy::too_many_arguments, reason = "the values of the stages before, each once")]
    fn quick(
        &mut self,
        disk: &dyn Disk,
        setting: &Setting,
        ground: &Ground,
        survey: &Survey,
        sources: &Sources,
        told: &[Diagnostic],
        past: &mut Option<Past>,
        found_there: Option<Stat>,
    ) -> Result<Quick, Error> {
        let Some(left) = self.left.as_mut().filter(|l| l.kept.ground == *ground) else {
            return Ok(Quick::No(Vec::new()));
        };
        let Some(changed) = changed(&left.kept.files, survey) else { return Ok(Quick::No(Vec::new())) };
        let looked = disk.now();
        let (root, dir, options) = (&self.input.root, &setting.config.content.dir, setting.markdown());
        let look = |i: &usize| {
            let (seen, file) = (&survey.files[*i], &left.kept.files[*i]);
            let stat = cache::proves(&seen.stat, looked).then_some(seen.stat);
            if !seen.is_text {
                let same = disk.read(&survey.place(root, dir, &seen.path)).is_ok_and(|b| Digest::of(&b) == file.digest);
                return Ok((*i, stat, if same { Look::Same } else { Look::Other }));
            }
            let mut found = Vec::new();
            let source = discover::read(disk, root, dir, survey, &seen.path, &mut found)?;
            if source.digest == file.digest {
                return Ok((*i, stat, Look::Same));
            }
            let (doc, more) = understood(&source, &options);
            found.extend(more);
            Ok((*i, stat, Look::Text(Box::new(doc), found)))
        };
        let looks: Vec<Result<_, Error>> = changed.par_iter().map(look).collect();
        let (mut edited, mut is_prose) = (Vec::new(), true);
        for found in looks {
            let (i, stat, look) = found?;
            match look {
                // The machine's word on a file that turned out to be the same is worth keeping.
                Look::Same => left.unsaved.any |= std::mem::replace(&mut left.kept.files[i].stat, stat) != stat,
                Look::Other => is_prose = false,
                Look::Text(doc, found) => {
                    is_prose &= left.kept.files[i].face == Some(doc.face())
                        && !found.iter().any(|d| d.severity == Severity::Error);
                    edited.push((i, stat, *doc, found));
                }
            }
        }
        let names = |d: &Diagnostic, path: &str| d.path == path || d.others.iter().any(|(p, ..)| p == path);
        let is_told =
            edited.iter().any(|(_, _, doc, _)| left.kept.summary.of_site.iter().any(|d| names(d, &doc.shown)));
        let out = setting.out(&self.input);
        let moved = moved(&left.kept.files, past.as_ref());
        let mut touched: Vec<usize> = edited.iter().map(|(i, ..)| *i).chain(moved.iter().map(|(i, _)| *i)).collect();
        touched.sort_unstable();
        touched.dedup();
        let prints = |j: &Done| j.text.is_some_and(|t| touched.binary_search(&(t as usize)).is_ok());
        let to_render: Vec<usize> =
            left.kept.jobs.iter().enumerate().filter(|(_, j)| prints(j)).map(|(n, _)| n).collect();
        let others = left.kept.jobs.par_iter().enumerate().filter(|(n, _)| to_render.binary_search(n).is_err());
        let is_whole = left.kept.summary.mark.as_ref().is_some_and(|mark| mark.holds(disk, &out))
            && others.flat_map_iter(|(_, j)| &j.outputs).all(|o| write::is_in_place(disk, &out, o));
        if !is_prose || is_told || !is_whole {
            return Ok(Quick::No(edited.into_iter().map(|(_, _, doc, told)| (doc, told)).collect()));
        }
        if !touched.is_empty() {
            let past = past.get_or_insert_with(|| Past::read(disk, &self.input, setting, left.kept.summary.history));
            let edits = Edits { touched: &touched, to_render: &to_render, edited: &edited, moved: &moved };
            let Some(done) = self.prose(disk, setting, survey, sources, &edits, past, &out, found_there)? else {
                return Ok(Quick::No(edited.into_iter().map(|(_, _, doc, told)| (doc, told)).collect()));
            };
            return Ok(Quick::Done(Box::new(self.summed_up(told, survey, &out, done, Some(past)))));
        }
        let done = write::Done::default();
        Ok(Quick::Done(Box::new(self.summed_up(told, survey, &out, done, past.as_ref()))))
    }

    #[expect(clippy::too_many_arguments, reason = "the values of the stages before, each once")]
    /// Renders the pages that print texts of which the rest of the site sees nothing; `None` if it cannot
    /// be done so.
    fn prose(
        &mut self,
        disk: &dyn Disk,
        setting: &Setting,
        survey: &Survey,
        sources: &Sources,
        edits: &Edits<'_>,
        past: &Past,
        out: &str,
        found: Option<Stat>,
    ) -> Result<Option<write::Done>, Error> {
        let Edits { touched, to_render, edited, moved } = edits;
        if !ready(&mut self.theme, setting, sources) {
            return Ok(None);
        }
        let (Some((.., theme)), Some(left)) = (&self.theme, self.left.as_mut()) else { return Ok(None) };
        if left.made.is_none() {
            let thawed = left.kept.site(disk, &self.input.root);
            let options = model::Options::of(&setting.config, setting.as_of);
            let Some(site) = thawed.and_then(|bytes| Site::thaw(&bytes, options)) else { return Ok(None) };
            let plan = Plan { overview: Overview::new(&site), ..Plan::default() };
            left.made = Some(Made { site, plan, is_whole: false });
        }
        let Some(made) = left.made.as_mut() else { return Ok(None) };
        // A thawed site has the digests of the build that froze it.
        for (doc, file) in made.site.docs.iter_mut().zip(left.kept.files.iter().filter(|f| f.face.is_some())) {
            if doc.path != file.path {
                return Ok(None);
            }
            // A whole one keeps that of the bytes it was parsed from: they may be those of a build that failed.
            if !made.is_whole {
                (doc.digest, doc.body_start) = (file.digest, file.body_start);
            }
        }
        let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
        for (.., doc, _) in *edited {
            let Some(at) = made.site.doc(&doc.path) else { return Ok(None) };
            match made.is_whole {
                true => made.site.docs[at] = doc.clone(),
                false => (made.site.docs[at].digest, made.site.docs[at].body_start) = (doc.digest, doc.body_start),
            }
        }
        for i in *touched {
            let Some(at) = made.site.doc(&left.kept.files[*i].path) else { return Ok(None) };
            if let Some(job) = printing(&made.site, at) {
                jobs.insert(job.route(&made.site), job);
            }
        }
        if jobs.len() != to_render.len() || !to_render.iter().all(|n| jobs.contains_key(&left.kept.jobs[*n].route)) {
            return Ok(None);
        }
        let (config, spelled) = (&setting.config, &survey.spelled);
        let history = past.history.as_ref();
        let renderer = Renderer::new(disk, &self.input.root, config, &made.site, &made.plan, theme, spelled, history);
        let render = |n: &usize| jobs.get(&left.kept.jobs[*n].route).map(|job| (*n, job, renderer.render(job)));
        let rendered: Vec<_> = to_render.par_iter().filter_map(render).collect();
        let mut outputs = Vec::new();
        let mut counts = Vec::new();
        let mut keys = Vec::new();
        for (n, job, result) in rendered {
            // What a template stumbles over is told by the whole way.
            let Ok(rendered) = result else { return Ok(None) };
            let same = rendered.outputs.iter().map(|o| &o.path).eq(left.kept.jobs[n].outputs.iter().map(|o| &o.path));
            if !same {
                return Ok(None);
            }
            counts.push((n, rendered.outputs.len()));
            keys.push(key(job, &made.site, &made.plan, &Copied::default(), past));
            outputs.extend(rendered.outputs);
        }
        let amended = write::amend(disk, out, &outputs, found);
        if amended.is_err() {
            // Its documents are ahead of what was written.
            left.made = None;
        }
        let Some((done, placed)) = amended? else { return Ok(None) };
        let mut placed = placed.into_iter();
        left.kept.build += 1;
        for ((n, count), key) in counts.into_iter().zip(keys) {
            let job = &mut left.kept.jobs[n];
            job.outputs = placed.by_ref().take(count).collect();
            (job.key, job.build, job.reason) = (key, left.kept.build, Reason::Text);
        }
        for (i, stat, doc, told) in *edited {
            let file = &mut left.kept.files[*i];
            (file.stat, file.digest, file.body_start) = (*stat, doc.digest, doc.body_start);
            let of_files = &mut left.kept.summary.of_files;
            of_files.retain(|(path, _)| *path != doc.path);
            if !told.is_empty() {
                of_files.push((doc.path.clone(), told.clone()));
            }
        }
        for (i, now) in *moved {
            if let Some((_, before)) = &mut left.kept.files[*i].record {
                *before = *now;
            }
        }
        left.kept.summary.bytes = left.kept.jobs.iter().flat_map(|j| &j.outputs).map(|o| o.size).sum();
        left.kept.summary.mark = done.mark.clone();
        left.unsaved.any = true;
        Ok(Some(done))
    }

    /// Reports a build that took a short way.
    fn summed_up(
        &mut self,
        told: &[Diagnostic],
        survey: &Survey,
        out: &str,
        done: write::Done,
        past: Option<&Past>,
    ) -> Report {
        let Some(left) = self.left.as_mut() else { return Report::default() };
        if let Some(past) = past {
            left.unsaved.any |= left.kept.summary.history != past.state;
            (left.kept.summary.history, left.kept.summary.of_history) = (past.state, past.lasting());
        }
        let kept = &left.kept;
        let of_history = past.map_or(&kept.summary.of_history, |p| &p.told);
        let files = kept.jobs.iter().map(|j| j.outputs.len()).sum();
        let changed = done.written.changed;
        let written = Written { unchanged: files - changed, bytes: kept.summary.bytes, ..done.written };
        let rendered = match changed {
            0 if done.paths.is_empty() => Vec::new(),
            _ => kept.jobs.iter().filter(|j| j.build == kept.build).map(|j| j.route.clone()).collect(),
        };
        let of_files = kept.summary.of_files.iter().flat_map(|(_, told)| told);
        let mut report = Report {
            diagnostics: told.iter().chain(of_files).chain(&kept.summary.of_site).chain(of_history).cloned().collect(),
            records: kept.summary.records,
            withheld: kept.summary.withheld,
            pages: kept.summary.pages,
            files,
            rendered,
            paths: done.paths,
            written: Some(written),
            out: out.to_owned(),
        };
        left.survey = Some(survey.clone());
        tidy(&mut report);
        report
    }
}

/// What a quick look found to be done.
struct Edits<'a> {
    /// The files whose page is to be rendered, by number.
    touched: &'a [usize],
    /// The jobs that print them.
    to_render: &'a [usize],
    /// The texts that changed: what the machine says, the document, what there is to tell.
    edited: &'a [(usize, Option<Stat>, Document, Vec<Diagnostic>)],
    /// The records whose history changed, and its digest.
    moved: &'a [(usize, Digest)],
}

/// Returns the records whose history is another than it was.
fn moved(files: &[File], past: Option<&Past>) -> Vec<(usize, Digest)> {
    let Some(past) = past else { return Vec::new() };
    let of = |(i, f): (usize, &File)| {
        let (id, before) = f.record.as_ref()?;
        Some((i, past.of(&f.path, id))).filter(|(_, now)| now != before)
    };
    files.iter().enumerate().filter_map(of).collect()
}

/// Makes the theme ready, anew only if its files changed; `false` if it is faulty.
fn ready(theme: &mut Option<(Digest, Digest, Theme)>, setting: &Setting, sources: &Sources) -> bool {
    let lang = setting.config.site.lang;
    let (closure, statics) =
        (Digest::of_value(&(sources.closure(), lang == Lang::En)), Digest::of_value(&sources.statics()));
    if theme.as_ref().is_some_and(|(c, s, _)| (*c, *s) == (closure, statics)) {
        return true;
    }
    let mut told = Vec::new();
    let made = Theme::new(sources.clone(), lang, &mut told);
    if told.is_empty() {
        *theme = Some((closure, statics, made));
    }
    told.is_empty()
}

/// What a look at one file found.
enum Look {
    Same,
    Other,
    Text(Box<Document>, Vec<Diagnostic>),
}

/// Returns the numbers of the files the machine's word does not prove to be the same; `None` if files
/// came or went.
fn changed(files: &[File], survey: &Survey) -> Option<Vec<usize>> {
    let same_names = files.len() == survey.files.len()
        && files.iter().zip(&survey.files).all(|(f, s)| f.path == s.path && f.face.is_some() == s.is_text);
    let differs = |(_, (f, s)): &(usize, (&File, &Seen))| f.stat != Some(s.stat);
    same_names.then(|| files.iter().zip(&survey.files).enumerate().filter(differs).map(|(i, _)| i).collect())
}

/// Looks again at paths that may have changed; `false` if that does not do: files came or went.
fn look_again(disk: &dyn Disk, root: &str, dir: &str, paths: &BTreeSet<String>, survey: &mut Survey) -> bool {
    let prefix: String = format!("{dir}/").nfc().collect();
    for told in paths {
        // The system tells names as they are on disk.
        let path: String = told.nfc().collect();
        let Some(inside) = path.strip_prefix(&prefix) else {
            // The content folder itself, or one above it.
            if path.is_empty() || prefix.starts_with(&format!("{path}/")) {
                return false;
            }
            continue;
        };
        if discover::is_passed_over(inside) {
            continue;
        }
        let (place, named) = (survey.place(root, dir, inside), join(root, told));
        let is_there = disk.exists(&named);
        // Another spelling of the same name came beside it.
        if named != place && is_there {
            return false;
        }
        let found = survey.files.binary_search_by(|f| f.path.as_str().cmp(inside));
        match (found, disk.stat(&place)) {
            (Ok(i), Ok(stat)) => survey.files[i].stat = stat,
            (Err(_), Err(e)) if e.kind() == io::ErrorKind::NotFound && !is_there && !survey.knows(dir, inside) => {}
            _ => return false,
        }
    }
    true
}

/// Returns the page that prints a document's text.
fn printing(site: &Site, doc: usize) -> Option<Job> {
    Some(match site.what[doc] {
        What::Record(i) => Job::Record(i),
        What::Branch(i) => Job::Branch(i),
        What::Programme(i) => Job::Programme(i),
        What::Rubric(i) => Job::Rubric(i),
        What::Page(i) if site.pages[i].route.is_empty() => Job::Home,
        What::Page(i) => Job::Page(i),
        What::Organisation(_) | What::Honour(_) | What::Withheld | What::Nothing => return None,
    })
}

/// Returns the document whose text a job prints.
fn text_of(job: &Job, site: &Site) -> Option<usize> {
    job.doc(site).filter(|_| job.is_page())
}

/// The digests of what jobs only copy.
#[derive(Default)]
struct Copied {
    assets: BTreeMap<String, Digest>,
    statics: BTreeMap<String, Digest>,
    emblem: Digest,
}

/// Returns the digest of a job's own inputs; what it asks of the rest of the site is not among them.
fn key(job: &Job, site: &Site, plan: &Plan, copied: &Copied, past: &Past) -> Digest {
    let of = |digest: Option<&Digest>| digest.copied().unwrap_or_default();
    match job {
        Job::List(l) => {
            let shown: Vec<&str> = l.shown().iter().map(|i| site.records[*i].id.as_str()).collect();
            Digest::of_value(&(l.page, l.pages, l.records.len(), shown))
        }
        Job::SitemapXml(part) => Digest::of_value(&(part, plan.sitemap_parts, plan.sitemap_urls(*part))),
        Job::DataPackage => {
            let tables = plan.jobs.iter().filter_map(|j| match j {
                Job::Table(t) => Some(t.route.as_str()),
                _ => None,
            });
            Digest::of_value(&tables.filter(|r| r.starts_with("data/")).collect::<Vec<_>>())
        }
        Job::Copy(i) => of(copied.assets.get(&site.published[*i].source)),
        Job::ThemeFile(path) => of(copied.statics.get(path)),
        Job::Emblem(_) => copied.emblem,
        Job::Redirect(from, to) => Digest::of_value(&(from, to)),
        Job::Robots => Digest::of_value(site.options.audience.word()),
        Job::Record(i) => {
            let r = &site.records[*i];
            let doc = &site.docs[r.doc];
            Digest::of_value(&(doc.digest, past.of(&doc.path, &r.id)))
        }
        Job::Home
        | Job::Branches
        | Job::Branch(_)
        | Job::Archive
        | Job::Calendar(_)
        | Job::Showcase
        | Job::Cases
        | Job::Programmes
        | Job::Programme(_)
        | Job::Rubric(_)
        | Job::Honours(_)
        | Job::Disclosure
        | Job::Page(_)
        | Job::SiteMap
        | Job::NotFound
        | Job::Feed(..)
        | Job::Json(
            Subject::Record(_) | Subject::Branch(_) | Subject::Programme(_) | Subject::Rubric(_) | Subject::Page(_),
        )
        | Job::Table(_) => text_of(job, site).map_or_else(Digest::default, |d| site.docs[d].digest),
    }
}

/// Returns what a file had to be that a job of this key copied.
fn copied_as(job: &Job, key: Digest) -> Option<Digest> {
    matches!(job, Job::Copy(_) | Job::Emblem(_)).then_some(key)
}

/// Says that a file to be copied became another after the build had looked at it.
fn changed_meanwhile(route: &str) -> Diagnostic {
    let message =
        say!("要复制为 `{route}` 的文件与刚才读到的不同", "the file for `{route}` is not what it was a moment ago");
    Diagnostic::error("changed-meanwhile", "", None, message)
        .hint(say!("文件在生成期间被改动；再运行一次", "the file was changed while the site was built: run again"))
}

/// Tells whether a job only copies: neither theme nor settings have a part in it.
fn only_copies(job: &Job) -> bool {
    matches!(job, Job::Copy(_) | Job::ThemeFile(_) | Job::Emblem(_))
}

/// The questions an earlier build asked, as this build's site has them.
struct Answered {
    /// The old questions with the answers of now; what names something that is gone has become `Today`.
    queries: Vec<(Query, Digest)>,
    /// Whether the answer is another than it was.
    is_stale: Vec<bool>,
}

impl Answered {
    fn new(traces: &Traces, names: &Names, site: &Site, overview: &Overview) -> Answered {
        let moves = names.moves(&traces.names);
        let ask = |(query, digest): &(Query, Digest)| match query.moved(&moves) {
            Some(query) => {
                let answer = query::answer(site, overview, query);
                ((query, answer), answer != *digest)
            }
            None => ((Query::Today, query::answer(site, overview, Query::Today)), true),
        };
        let (queries, is_stale) = traces.queries.par_iter().map(ask).unzip();
        Answered { queries, is_stale }
    }
}

/// What speaks for rendering a job, told in this order: the tool, the theme, the settings, its own
/// inputs, the answers to its questions, its output.
struct Judge<'a> {
    kept: &'a Kept,
    traces: &'a Traces,
    answered: &'a Answered,
    by_route: HashMap<&'a str, usize>,
    of_all: Option<Reason>,
}

impl<'a> Judge<'a> {
    fn new(kept: &'a Kept, traces: &'a Traces, answered: &'a Answered, ground: &Ground) -> Judge<'a> {
        let of_all = match &kept.ground {
            old if old.tool != ground.tool => Some(Reason::Tool),
            old if old.theme != ground.theme => Some(Reason::Theme),
            old if old.face != ground.face => Some(Reason::Settings),
            _ => None,
        };
        let by_route = kept.jobs.iter().enumerate().map(|(i, j)| (j.route.as_str(), i)).collect();
        Judge { kept, traces, answered, by_route, of_all }
    }

    /// Returns the earlier job of the same route, if it is still good; else why not.
    fn judge(&self, job: &Job, route: &str, key: Digest, in_place: &dyn Fn(&Placed) -> bool) -> Result<usize, Reason> {
        let Some(&at) = self.by_route.get(route) else { return Err(Reason::New) };
        let done = &self.kept.jobs[at];
        if let Some(reason) = self.of_all.clone().filter(|_| !only_copies(job)) {
            return Err(reason);
        }
        if done.key != key {
            return Err(if done.text.is_some() { Reason::Text } else { Reason::Inputs });
        }
        if let Some(q) = self.traces.asked[at].iter().find(|q| self.answered.is_stale[**q as usize]) {
            let (query, _) = self.traces.queries[*q as usize];
            return Err(Reason::Answer(query.describe(&self.traces.names)));
        }
        match done.outputs.iter().find(|o| !in_place(o)) {
            Some(output) => Err(Reason::Output(output.path.clone())),
            None => Ok(at),
        }
    }
}

/// The questions of this build, as they are found out: a number is kept for each, which is less to hold.
struct Asked {
    /// How many were asked by earlier builds, and are answered.
    answered: usize,
    /// Those that came after them, not answered yet.
    fresh: Vec<Query>,
    numbers: HashMap<Query, u32>,
}

impl Asked {
    fn new(answered: &[(Query, Digest)]) -> Asked {
        let numbers = answered.iter().enumerate().map(|(i, (q, _))| (*q, i as u32)).collect();
        Asked { answered: answered.len(), fresh: Vec::new(), numbers }
    }

    /// Returns the numbers of questions.
    fn numbers_of(&mut self, queries: Vec<Query>) -> Vec<u32> {
        let Asked { answered, fresh, numbers } = self;
        let number = |query: Query| {
            *numbers.entry(query).or_insert_with(|| {
                fresh.push(query);
                (*answered + fresh.len()) as u32 - 1
            })
        };
        queries.into_iter().map(number).collect()
    }

    /// Returns the traces of the jobs, of questions answered already and those still to be. Questions nobody asks any more are left out, and numbers are given anew,
    /// because those of this run depend on which job came first.
    fn traces(
        self,
        mut answered: Vec<(Query, Digest)>,
        names: Names,
        mut asked: Vec<Vec<u32>>,
        site: &Site,
        overview: &Overview,
    ) -> Traces {
        answered.par_extend(self.fresh.into_par_iter().map(|q| (q, query::answer(site, overview, q))));
        let mut places: Vec<Option<u32>> = vec![None; answered.len()];
        let mut queries = Vec::new();
        for number in asked.iter_mut().flatten() {
            let old = *number as usize;
            *number = *places[old].get_or_insert_with(|| {
                queries.push(answered[old]);
                queries.len() as u32 - 1
            });
        }
        Traces { names, queries, asked }
    }
}

impl Session {
    /// Step 3: the model and the plan anew, and what of the jobs is no longer good.
    #[expect(clippy::too_many_arguments, reason = "the values of the stages before, each once")]
    fn whole(
        &mut self,
        disk: &dyn Disk,
        setting: Setting,
        ground: Ground,
        survey: Survey,
        sources: Sources,
        mut told: Vec<Diagnostic>,
        parsed: Vec<(Document, Vec<Diagnostic>)>,
        past: Past,
        found_there: Option<Stat>,
        watch: &dyn Watch,
    ) -> Result<Option<Report>, Error> {
        let root = self.input.root.clone();
        let statics = sources.statics();
        let pool = self.pool(disk, &ground, parsed);
        let known = self.left.as_ref().map(|l| Known::new(&l.kept, &ground));
        let files = Files::read(disk, &self.input, &setting, &survey, known.as_ref(), pool, watch)?;
        watch.stage("model", 0);
        let mut of_site = Vec::new();
        let (site, mut files) = files.model(&setting, &survey, &mut of_site);
        files.records(&site, &past);
        let mut of_theme = Vec::new();
        let lang = setting.config.site.lang;
        let closure = Digest::of_value(&(sources.closure(), lang == Lang::En));
        self.theme = Some((closure, Digest::of_value(&statics), Theme::new(sources, lang, &mut of_theme)));
        told.extend(of_theme);
        let plan = plan::plan(&site, &setting.config, statics.keys().cloned().collect(), &mut of_site);
        let out = setting.out(&self.input);
        let mut report = counted(&site, &plan, out.clone());
        report.diagnostics =
            told.iter().chain(files.told_of.values().flatten()).chain(&of_site).chain(&past.told).cloned().collect();
        if report.failed() {
            self.put_aside(&ground, site, files);
            tidy(&mut report);
            return Ok(Some(report));
        }
        let Some((.., theme)) = &self.theme else { return Ok(Some(report)) };
        let copied = Copied {
            assets: files.files.iter().filter(|f| f.face.is_none()).map(|f| (f.path.clone(), f.digest)).collect(),
            statics,
            emblem: setting.emblem,
        };
        let stage = Stage::open(disk, &out)?;
        if write::found(disk, &out) != found_there {
            stage.abandon();
            self.put_aside(&ground, site, files);
            return Ok(None);
        }
        let names = Names::of(&site);
        let traces = self.left.as_mut().and_then(|l| l.traces.take().or_else(|| l.kept.traces(disk, &root)));
        let answered = traces.as_ref().map(|t| Answered::new(t, &names, &site, &plan.overview));
        let judge = match (&self.left, &traces, &answered) {
            (Some(left), Some(traces), Some(answered)) => Some(Judge::new(&left.kept, traces, answered, &ground)),
            _ => None,
        };
        let (config, spelled, history) = (&setting.config, &survey.spelled, past.history.as_ref());
        let renderer = Renderer::new(disk, &root, config, &site, &plan, theme, spelled, history);
        let found = Mutex::new(Vec::new());
        let trouble = Mutex::new(None);
        watch.stage("render", plan.jobs.len());
        let in_place = |placed: &Placed| stage.is_in_place(placed);
        let text = |job: &Job| {
            let doc = &site.docs[text_of(job, &site)?];
            files.files.binary_search_by(|f| f.path.cmp(&doc.path)).ok().map(|i| i as u32)
        };
        let asked = Mutex::new(Asked::new(answered.as_ref().map_or(&[], |a| &a.queries)));
        let one = |job: &Job| -> Option<(Done, Turn)> {
            watch.step();
            let (route, key) = (job.route(&site), key(job, &site, &plan, &copied, &past));
            let judged = judge.as_ref().map_or(Err(Reason::NoCache), |j| j.judge(job, &route, key, &in_place));
            let reason = match judged {
                Ok(at) => {
                    let done = &self.left.as_ref()?.kept.jobs[at];
                    done.outputs.iter().for_each(|o| stage.keep(o));
                    return Some((Done { text: text(job), ..done.clone() }, Turn::Kept(at)));
                }
                Err(reason) => reason,
            };
            let Rendered { outputs, asked: queries } = match renderer.render(job) {
                Ok(rendered) => rendered,
                Err(d) => {
                    unpoisoned(&found).push(*d);
                    return None;
                }
            };
            let put = |o| match stage.put(&o) {
                Ok(Some(placed)) if copied_as(job, key).is_some_and(|digest| digest != placed.digest) => {
                    unpoisoned(&found).push(changed_meanwhile(&route));
                    None
                }
                Ok(placed) => placed,
                Err(e) => {
                    unpoisoned(&trouble).get_or_insert(e);
                    None
                }
            };
            let outputs: Vec<Placed> = outputs.into_iter().filter_map(put).collect();
            let numbers = unpoisoned(&asked).numbers_of(queries);
            Some((Done { route, key, text: text(job), outputs, build: 0, reason }, Turn::Rendered(numbers)))
        };
        let turns: Vec<Option<(Done, Turn)>> = plan.jobs.par_iter().map(one).collect();
        if let Some(e) = trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
            stage.abandon();
            return Err(e);
        }
        report.diagnostics.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
        report.diagnostics.extend(stage.conflicts());
        if report.failed() {
            stage.abandon();
            drop(judge);
            if let Some(left) = &mut self.left {
                left.traces = traces;
            }
            self.put_aside(&ground, site, files);
            tidy(&mut report);
            return Ok(Some(report));
        }
        watch.stage("write", 0);
        let done = stage.commit(&mut report.diagnostics)?;
        let build = self.left.as_ref().map_or(0, |l| l.kept.build) + 1;
        let (mut jobs, mut lists) = (Vec::with_capacity(turns.len()), Vec::with_capacity(turns.len()));
        for (mut job, turn) in turns.into_iter().flatten() {
            match turn {
                Turn::Kept(at) => lists.push(traces.as_ref().map(|t| t.asked[at].clone()).unwrap_or_default()),
                Turn::Rendered(numbers) => {
                    job.build = build;
                    report.rendered.push(job.route.clone());
                    lists.push(numbers);
                }
            }
            jobs.push(job);
        }
        let asked = asked.into_inner().unwrap_or_else(PoisonError::into_inner);
        let answered = answered.map(|a| a.queries).unwrap_or_default();
        let traces = asked.traces(answered, names, lists, &site, &plan.overview);
        report.files = done.written.created + done.written.changed + done.written.unchanged;
        report.paths = done.paths;
        report.written = Some(done.written);
        let summary = Summary {
            of_files: files.told_of.into_iter().collect(),
            of_site,
            of_history: past.lasting(),
            history: past.state,
            records: report.records,
            withheld: report.withheld,
            pages: report.pages,
            bytes: done.written.bytes,
            mark: done.mark,
        };
        self.left = Some(Left {
            kept: Kept::new(ground, build, summary, files.files, jobs),
            traces: Some(traces),
            made: Some(Made { site, plan, is_whole: true }),
            pool: Default::default(),
            survey: Some(survey),
            unsaved: Unsaved { any: true, large: true },
        });
        tidy(&mut report);
        Ok(Some(report))
    }

    /// Collects the documents that need not be parsed again.
    fn pool(
        &mut self,
        disk: &dyn Disk,
        ground: &Ground,
        parsed: Vec<(Document, Vec<Diagnostic>)>,
    ) -> BTreeMap<String, (Document, Vec<Diagnostic>)> {
        let mut pool = BTreeMap::new();
        let Some(left) = &mut self.left else { return pool };
        let (made, (under, aside)) = (left.made.take(), std::mem::take(&mut left.pool));
        // How a text is parsed is part of what `beilin.toml` says.
        let aside = if under == ground.config { aside } else { Vec::new() };
        if left.kept.ground.config == ground.config && left.kept.ground.tool == ground.tool {
            let of_files = &left.kept.summary.of_files;
            let docs = match made {
                Some(made) if made.is_whole => {
                    let mut told: BTreeMap<&str, &Vec<Diagnostic>> =
                        of_files.iter().map(|(p, t)| (p.as_str(), t)).collect();
                    let with = |d: Document| {
                        let told = told.remove(d.path.as_str()).cloned().unwrap_or_default();
                        (d, told)
                    };
                    made.site.docs.into_iter().map(with).collect()
                }
                _ if aside.is_empty() => left.kept.docs(disk, &self.input.root).unwrap_or_default(),
                _ => Vec::new(),
            };
            pool.extend(docs.into_iter().map(|(d, told)| (d.path.clone(), (d, told))));
        }
        pool.extend(aside.into_iter().chain(parsed).map(|(d, told)| (d.path.clone(), (d, told))));
        pool
    }

    /// Keeps the documents of a build that came to nothing: the next one need not parse them again.
    fn put_aside(&mut self, ground: &Ground, site: Site, mut files: Files) {
        if let Some(left) = &mut self.left {
            let with = |d: Document| {
                let told = files.told_of.remove(&d.path).unwrap_or_default();
                (d, told)
            };
            left.pool = (ground.config, site.docs.into_iter().map(with).collect());
        }
    }

    /// Returns why a build now would render a route: `None` for a route that is not planned, `Some(None)`
    /// if it would be kept.
    fn dry(&mut self, disk: &dyn Disk, route: &str) -> Result<Option<Option<Reason>>, Error> {
        let setting = read_setting(disk, &self.input)?;
        let mut told = Vec::new();
        let sources = Sources::read(disk, &self.input.root, &setting.config.site.theme, &mut told)?;
        let ground = setting.ground(&sources);
        let survey = discover::survey(disk, &self.input.root, &setting.config.content, &mut told)?;
        let pool = self.pool(disk, &ground, Vec::new());
        let known = self.left.as_ref().map(|l| Known::new(&l.kept, &ground));
        let files = Files::read(disk, &self.input, &setting, &survey, known.as_ref(), pool, &Unwatched)?;
        let (site, files) = files.model(&setting, &survey, &mut told);
        let statics = sources.statics();
        let plan = plan::plan(&site, &setting.config, statics.keys().cloned().collect(), &mut told);
        let Some(job) = plan.jobs.iter().find(|j| j.route(&site) == route) else { return Ok(None) };
        let Some(left) = &self.left else { return Ok(Some(Some(Reason::NoCache))) };
        let Some(traces) = left.kept.traces(disk, &self.input.root) else { return Ok(Some(Some(Reason::NoCache))) };
        let copied = Copied {
            assets: files.files.iter().filter(|f| f.face.is_none()).map(|f| (f.path.clone(), f.digest)).collect(),
            statics,
            emblem: setting.emblem,
        };
        let (dir, options) = (&setting.config.content.dir, &setting.config.history);
        let past = Past::read(disk, &self.input, &setting, history::state(disk, &self.input.root, dir, options));
        let answered = Answered::new(&traces, &Names::of(&site), &site, &plan.overview);
        let judge = Judge::new(&left.kept, &traces, &answered, &ground);
        let out = setting.out(&self.input);
        let in_place = |placed: &Placed| write::is_in_place(disk, &out, placed);
        Ok(Some(judge.judge(job, route, key(job, &site, &plan, &copied, &past), &in_place).err()))
    }
}

/// How a job went.
enum Turn {
    /// Kept: the number of the earlier job.
    Kept(usize),
    /// Rendered: the numbers of what it asked.
    Rendered(Vec<u32>),
}
