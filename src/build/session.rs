//! A site that is built once, or again and again: what did not change is kept.
//!
//! Step 3 of a build is here, the whole way: the model and the plan anew, and of the jobs what is no longer good.

use super::files::{Files, Known, look_again};
use super::judge::{Answered, Asked, Copied, Judge, key, text_of};
use super::past::Past;
use super::quick::Quick;
use super::search::{self, Searched, Trouble, Wanted};
use super::{Changes, Input, Report, Setting, Unwatched, Watch, counted, read_setting, tidy, unpoisoned};
use crate::cache::{self, Done, Ground, Kept, Parts, Reason, Summary, Traces};
use crate::diagnostic::{Diagnostic, Error, Lang, Severity};
use crate::digest::Digest;
use crate::discover::{self, Survey};
use crate::disk::{Disk, Stat};
use crate::history;
use crate::model::Site;
use crate::model::query::Names;
use crate::parse::Document;
use crate::plan::{self, Job, Plan};
use crate::render::theme::{Sources, Theme};
use crate::render::{Rendered, Renderer};
use crate::say;
use crate::search::engine;
use crate::search::publish::{META, State};
use crate::write::{self, Placed, Stage};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A site that is built once, or again and again: what did not change is kept.
pub struct Session {
    pub(super) input: Input,
    /// The site whose cache is gone by: this one, or another copy of it.
    pub(super) cache: String,
    pub(super) left: Option<Left>,
    pub(super) recalled: bool,
    pub(super) theme: Option<(Digest, Digest, Theme)>,
    /// Whether it ends with its first build: then nothing is held that only another build would want.
    pub(super) is_once: bool,
}

/// What the last good build left in this process.
pub(super) struct Left {
    pub(super) kept: Kept,
    pub(super) traces: Option<Traces>,
    pub(super) made: Option<Made>,
    /// Documents of a build that came to nothing, and the configuration they were parsed under.
    pub(super) pool: (Digest, Vec<(Document, Vec<Diagnostic>)>),
    pub(super) survey: Option<Survey>,
    /// What the search left, if it was written by this process.
    pub(super) search: Option<State>,
    /// Which of the large parts the disk does not have yet.
    pub(super) unsaved: Unsaved,
}

#[derive(Default)]
pub(super) struct Unsaved {
    pub(super) any: bool,
    pub(super) large: bool,
    /// The site and the parsed files, if they were written while the build was under way.
    pub(super) laid_down: Option<(Digest, Digest)>,
    /// tantivy's files of a new generation of the search.
    pub(super) index: Arc<Vec<(String, Vec<u8>)>>,
}

/// A site in memory with its plan's overview.
pub(super) struct Made {
    pub(super) site: Site,
    pub(super) plan: Plan,
    /// Whether its documents are whole: a thawed site's are not.
    pub(super) is_whole: bool,
}

impl Session {
    /// Makes a session of a site.
    pub fn new(input: Input) -> Session {
        let cache = input.root.clone();
        Session::with_cache(input, cache)
    }

    /// Makes a session for a check that goes by what builds of another copy of the site have left.
    pub(crate) fn with_cache(input: Input, cache: String) -> Session {
        Session { input, cache, left: None, recalled: false, theme: None, is_once: false }
    }

    /// Makes a session that ends with its first build.
    pub fn once(input: Input) -> Session {
        Session { is_once: true, ..Session::new(input) }
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
    pub(super) fn attempt(
        &mut self,
        disk: &dyn Disk,
        changes: &Changes,
        watch: &dyn Watch,
    ) -> Result<Option<Report>, Error> {
        self.recall(disk);
        // Taken before anything can go wrong: a build that comes to nothing has seen changes that the next
        // one is not told of again.
        let last = self.left.as_mut().and_then(|l| l.survey.take());
        let setting = read_setting(disk, &self.input)?;
        let found = write::found(disk, &setting.out(&self.input));
        let mut told = setting.told.clone();
        let sources = Sources::read(disk, &self.input.root, &setting.config, &mut told)?;
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
        let Left { kept, traces, made, unsaved, search, .. } = left;
        let told: BTreeMap<String, Vec<Diagnostic>> = kept.summary.of_files.iter().cloned().collect();
        let of = |d: &Document| told.get(&d.path).map_or(&[][..], Vec::as_slice);
        let mut parts = Parts::default();
        if unsaved.large
            && let Some(made) = made.as_ref().filter(|m| m.is_whole || unsaved.laid_down.is_some())
        {
            parts.traces = traces.as_ref();
            // Made one after another, each when the one before has been written.
            match unsaved.laid_down {
                Some(both) => kept.laid_down(both),
                None => {
                    parts.docs = Some(Box::new(|| {
                        let docs: Vec<_> = made.site.docs.iter().map(|d| (d, of(d))).collect();
                        cache::encode(&docs)
                    }));
                    parts.site = Some(Box::new(|| made.site.freeze()));
                }
            }
        }
        // Before the cache that relies on it.
        if let Some(state) = search {
            search::save(disk, &self.input.root, state, &unsaved.index)?;
            unsaved.index = Arc::default();
        }
        kept.save(disk, &self.input.root, parts)?;
        *unsaved = Unsaved::default();
        Ok(())
    }

    /// Returns what the last good build left to be searched; `None` if that was no site with a search, or its
    /// traces are lost.
    pub fn searched(&self, disk: &dyn Disk) -> Option<engine::Left> {
        let left = self.left.as_ref()?;
        let done = left.kept.jobs.iter().find(|j| j.route == META)?;
        let (state, _) = search::last(disk, &self.cache, left.search.as_ref(), done)?;
        let out = self.input.out.clone().or_else(|| {
            // What was built last may be what `beilin.toml` does not say any more; then it is not found.
            read_setting(disk, &self.input).ok().map(|setting| setting.out(&self.input))
        })?;
        Some(engine::Left { state, index: left.unsaved.index.clone(), folder: search::folder(&self.cache), out })
    }

    /// Reads what an earlier process left, once.
    pub(super) fn recall(&mut self, disk: &dyn Disk) {
        if !std::mem::replace(&mut self.recalled, true) {
            // Without what the search left, the site is as one that was never built.
            let is_whole = |kept: &Kept| {
                !kept.jobs.iter().any(|j| j.route == META) || disk.exists(&search::state_place(&self.cache))
            };
            self.left = Kept::load(disk, &self.cache).filter(is_whole).map(|kept| Left {
                kept,
                traces: None,
                made: None,
                pool: Default::default(),
                survey: None,
                search: None,
                unsaved: Unsaved::default(),
            });
        }
    }

    /// Looks through the content folder, or only at what may have changed in it.
    pub(super) fn survey(
        &self,
        disk: &dyn Disk,
        changes: &Changes,
        last: Option<Survey>,
        setting: &Setting,
        out: &mut Vec<Diagnostic>,
    ) -> Result<Survey, Error> {
        let is_of_config = self.left.as_ref().is_some_and(|l| l.kept.ground.config == setting.config_digest);
        if let (Changes::Paths(paths), Some(mut survey)) = (changes, last.filter(|_| is_of_config))
            && look_again(disk, &self.input.root, &setting.config.content, paths, &mut survey)
        {
            out.extend(survey.told.iter().cloned());
            return Ok(survey);
        }
        discover::survey(disk, &self.input.root, &setting.config.content, out)
    }
}

impl Session {
    /// Step 3: the model and the plan anew, and what of the jobs is no longer good.
    #[expect(clippy::too_many_arguments, reason = "the values of the stages before, each once")]
    pub(super) fn whole(
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
        let (mut site, mut files) = files.model(&setting, &survey, &mut of_site);
        files.records(&site, &past);
        let mut of_theme = Vec::new();
        let lang = setting.config.site.lang;
        let closure = Digest::of_value(&(sources.closure(), lang == Lang::En));
        self.theme = Some((closure, Digest::of_value(&statics), Theme::new(sources, lang, &mut of_theme)));
        told.extend(of_theme);
        // What is only copied is known before anything is written.
        let copied = site.published.iter().map(|p| p.size).sum();
        of_site.extend(too_large(copied, setting.config.content.limits.output));
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
        let copied = Copied::of(&files, statics, &setting);
        let stage = Stage::open(disk, &out)?;
        if write::found(disk, &out) != found_there {
            stage.abandon();
            self.put_aside(&ground, site, files);
            return Ok(None);
        }
        let names = Names::of(&site);
        let laid_down = if self.is_once { lay_down(disk, &root, &mut site, &files) } else { None };
        let traces = self.left.as_mut().and_then(|l| l.traces.take().or_else(|| l.kept.traces(disk, &self.cache)));
        let answered = traces.as_ref().map(|t| Answered::new(t, &names, &site, &plan.overview));
        let judge = match (&self.left, &traces, &answered) {
            (Some(left), Some(traces), Some(answered)) => Some(Judge::new(&left.kept, traces, answered, &ground)),
            _ => None,
        };
        let (config, spelled, history) = (&setting.config, &survey.spelled, past.history.as_ref());
        let renderer = Renderer::new(disk, &root, config, &site, &plan, theme, spelled, history);
        let found = Mutex::new(Vec::new());
        let trouble = Mutex::new(None);
        watch.stage("render", plan.waves().0.len());
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
            // Copies that were made before are made no second time, whoever wanted them.
            let made = match job {
                Job::Picture(_) => renderer.copies_made(job, cache::copies(disk, &self.cache, key)),
                _ => None,
            };
            let is_made = made.is_some();
            let Rendered { outputs, asked: queries } = match made.map_or_else(|| renderer.render(job), Ok) {
                Ok(rendered) => rendered,
                Err(d) => {
                    unpoisoned(&found).push(*d);
                    return None;
                }
            };
            if matches!(job, Job::Picture(_)) && !is_made {
                cache::keep_copies(disk, &root, key, outputs.iter().map(|o| o.bytes.as_slice()));
            }
            let put = |o| match stage.put(&o) {
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
        let (first, pictures) = plan.waves();
        let mut turns: Vec<Option<(Done, Turn)>> = first.par_iter().map(one).collect();
        // Pictures take longest: what is wrong with a page is known before.
        if unpoisoned(&found).is_empty() {
            watch.stage("pictures", pictures.len());
            turns.par_extend(pictures.par_iter().map(one));
            watch.stage("search", 0);
        }
        // The shapes of things that pages share are made; the search has its own.
        let renderer = renderer.forget();
        let mut searched = None;
        if plan.jobs.iter().any(|job| matches!(job, Job::Search)) && unpoisoned(&found).is_empty() {
            watch.step();
            let wanted = Wanted::of(renderer.search(), &config.search);
            let judged =
                judge.as_ref().map_or(Err(Reason::NoCache), |j| j.judge(&Job::Search, META, wanted.key(), &in_place));
            let left = self.left.as_ref();
            match judged {
                Ok(at) => {
                    let done = left.map(|l| l.kept.jobs[at].clone());
                    done.iter().flat_map(|d| &d.outputs).for_each(|o| stage.keep(o));
                    turns.push(done.map(|d| (d, Turn::Kept(at))));
                }
                Err(reason) => {
                    let done = left.and_then(|l| Some((l, l.kept.jobs.iter().find(|j| j.route == META)?)));
                    let last =
                        done.and_then(|(left, done)| search::last(disk, &self.cache, left.search.as_ref(), done));
                    match search::write(disk, &stage, &out, &wanted, last, reason) {
                        Ok(Searched { done, state, index }) => {
                            turns.push(Some((done, Turn::Rendered(Vec::new()))));
                            searched = Some((state, index));
                        }
                        Err(Trouble::Site(d)) => unpoisoned(&found).push(*d),
                        Err(Trouble::Machine(e)) => {
                            unpoisoned(&trouble).get_or_insert(e);
                        }
                    }
                }
            }
        }
        if let Some(e) = trouble.into_inner().unwrap_or_else(PoisonError::into_inner) {
            stage.abandon();
            return Err(e);
        }
        report.diagnostics.extend(found.into_inner().unwrap_or_else(PoisonError::into_inner));
        report.diagnostics.extend(stage.conflicts());
        report.diagnostics.extend(too_large(stage.bytes(), setting.config.content.limits.output));
        if report.failed() {
            stage.abandon();
            drop(judge);
            if let Some(left) = &mut self.left {
                left.traces = traces;
            }
            if laid_down.is_none() {
                self.put_aside(&ground, site, files);
            }
            tidy(&mut report);
            return Ok(Some(report));
        }
        watch.stage("write", 0);
        let done = stage.commit(&mut report.diagnostics)?;
        let wanted = pictures.iter().map(|job| key(job, &site, &plan, &copied, &past)).collect();
        cache::sweep_copies(disk, &root, &wanted);
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
        // What was kept is still what it was.
        let (search, index) = match searched {
            Some((state, index)) => (Some(state), Arc::new(index)),
            None => (self.left.as_mut().and_then(|l| l.search.take()), Arc::default()),
        };
        // A generation that no save has written yet is not lost by one that changes little.
        let index = match self.left.as_mut().map(|l| std::mem::take(&mut l.unsaved.index)) {
            Some(unsaved) if index.is_empty() => unsaved,
            _ => index,
        };
        self.left = Some(Left {
            kept: Kept::new(ground, build, summary, files.files, jobs),
            traces: Some(traces),
            made: Some(Made { site, plan, is_whole: laid_down.is_none() }),
            pool: Default::default(),
            survey: Some(survey),
            search,
            unsaved: Unsaved { any: true, large: true, laid_down, index },
        });
        tidy(&mut report);
        Ok(Some(report))
    }

    /// Collects the documents that need not be parsed again.
    pub(super) fn pool(
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
                _ if aside.is_empty() => left.kept.docs(disk, &self.cache).unwrap_or_default(),
                _ => Vec::new(),
            };
            pool.extend(docs.into_iter().map(|(d, told)| (d.path.clone(), (d, told))));
        }
        pool.extend(aside.into_iter().chain(parsed).map(|(d, told)| (d.path.clone(), (d, told))));
        pool
    }

    /// Keeps the documents of a build that came to nothing: the next one need not parse them again.
    pub(super) fn put_aside(&mut self, ground: &Ground, site: Site, mut files: Files) {
        if let Some(left) = &mut self.left {
            let with = |d: Document| {
                let told = files.told_of.remove(&d.path).unwrap_or_default();
                (d, told)
            };
            left.pool = (ground.config, site.docs.into_iter().map(with).collect());
        }
    }

    /// Makes the model and the plan anew, of what is not known from before.
    fn look(&mut self, disk: &dyn Disk, watch: &dyn Watch) -> Result<Looked, Error> {
        self.recall(disk);
        let setting = read_setting(disk, &self.input)?;
        let mut told = setting.told.clone();
        let (root, content) = (&self.input.root, &setting.config.content);
        let sources = Sources::read(disk, root, &setting.config, &mut told)?;
        let (ground, statics) = (setting.ground(&sources), sources.statics());
        watch.stage("discover", 0);
        let survey = discover::survey(disk, root, content, &mut told)?;
        told.extend(history::submodules(disk, root, &content.dir));
        let pool = self.pool(disk, &ground, Vec::new());
        let known = self.left.as_ref().map(|l| Known::new(&l.kept, &ground));
        let files = Files::read(disk, &self.input, &setting, &survey, known.as_ref(), pool, watch)?;
        watch.stage("model", 0);
        let (site, files) = files.model(&setting, &survey, &mut told);
        let plan = plan::plan(&site, &setting.config, statics.keys().cloned().collect(), &mut told);
        told.extend(files.told());
        let copied = Copied::of(&files, statics, &setting);
        Ok(Looked { setting, sources, ground, survey, site, plan, copied, told })
    }

    /// Finds everything that is wrong with the site, and writes nothing. What an earlier build found to be
    /// good, and nothing has touched since, is not looked at again.
    pub fn check(&mut self, disk: &dyn Disk, watch: &dyn Watch) -> Result<Report, Error> {
        let Looked { setting, sources, ground, survey, site, plan, copied, told } = self.look(disk, watch)?;
        let mut report = Report { diagnostics: told, ..counted(&site, &plan, setting.out(&self.input)) };
        let theme = Theme::new(sources, setting.config.site.lang, &mut report.diagnostics);
        // Templates are part of the site: what they stumble over is told here too.
        if !report.failed() {
            let past = Past::remembered(self.left.as_ref().map(|l| l.kept.files.as_slice()).unwrap_or_default());
            let traces = self.left.as_ref().and_then(|l| l.kept.traces(disk, &self.cache));
            let answered = traces.as_ref().map(|t| Answered::new(t, &Names::of(&site), &site, &plan.overview));
            let judge = match (&self.left, &traces, &answered) {
                (Some(left), Some(traces), Some(answered)) => Some(Judge::new(&left.kept, traces, answered, &ground)),
                _ => None,
            };
            let is_good = |job: &Job| {
                let key = key(job, &site, &plan, &copied, &past);
                judge.as_ref().is_some_and(|j| j.judge(job, &job.route(&site), key, &|_| true).is_ok())
            };
            let (config, spelled) = (&setting.config, &survey.spelled);
            let renderer = Renderer::new(disk, &self.input.root, config, &site, &plan, &theme, spelled, None);
            watch.stage("render", plan.jobs.len());
            let fault = |job: &Job| {
                watch.step();
                let is_made = || match job {
                    Job::Picture(_) => {
                        cache::copies(disk, &self.cache, key(job, &site, &plan, &copied, &past)).is_some()
                    }
                    _ => false,
                };
                let is_known = matches!(job, Job::Search) || is_good(job) || is_made();
                if is_known { None } else { renderer.render(job).err().map(|d| *d) }
            };
            report.diagnostics.extend(plan.jobs.par_iter().filter_map(fault).collect::<Vec<_>>());
        }
        tidy(&mut report);
        Ok(report)
    }

    /// Returns why a build now would render a route: `None` for a route that is not planned, `Some(None)`
    /// if it would be kept.
    pub(super) fn dry(&mut self, disk: &dyn Disk, route: &str) -> Result<Option<Option<Reason>>, Error> {
        let Looked { setting, sources, ground, survey, site, plan, copied, .. } = self.look(disk, &Unwatched)?;
        let Some(job) = plan.jobs.iter().find(|j| j.route(&site) == route) else { return Ok(None) };
        let Some(left) = &self.left else { return Ok(Some(Some(Reason::NoCache))) };
        let Some(traces) = left.kept.traces(disk, &self.cache) else { return Ok(Some(Some(Reason::NoCache))) };
        let (dir, options) = (&setting.config.content.dir, &setting.config.history);
        let past = Past::read(disk, &self.input, &setting, history::state(disk, &self.input.root, dir, options));
        let answered = Answered::new(&traces, &Names::of(&site), &site, &plan.overview);
        let judge = Judge::new(&left.kept, &traces, &answered, &ground);
        let out = setting.out(&self.input);
        let in_place = |placed: &Placed| write::is_in_place(disk, &out, placed);
        let key = match job {
            Job::Search => {
                let theme = Theme::new(sources, setting.config.site.lang, &mut Vec::new());
                let (config, spelled) = (&setting.config, &survey.spelled);
                let renderer = Renderer::new(disk, &self.input.root, config, &site, &plan, &theme, spelled, None);
                Wanted::of(renderer.search(), &config.search).key()
            }
            job => key(job, &site, &plan, &copied, &past),
        };
        Ok(Some(judge.judge(job, route, key, &in_place).err()))
    }
}

/// What a look at a site made of it; nothing is rendered.
struct Looked {
    setting: Setting,
    sources: Sources,
    ground: Ground,
    survey: Survey,
    site: Site,
    plan: Plan,
    copied: Copied,
    told: Vec<Diagnostic>,
}

/// How a job went.
pub(super) enum Turn {
    /// Kept: the number of the earlier job.
    Kept(usize),
    /// Rendered: the numbers of what it asked.
    Rendered(Vec<u32>),
}

/// Writes the site and the parsed files to the cache, and keeps of each file what rendering needs; `None` if that cannot
/// be, and then they stay.
fn lay_down(disk: &dyn Disk, root: &str, site: &mut Site, files: &Files) -> Option<(Digest, Digest)> {
    let told = |d: &Document| files.told_of.get(&d.path).map_or(&[][..], Vec::as_slice);
    let docs = cache::encode(&site.docs.iter().map(|d| (d, told(d))).collect::<Vec<_>>());
    let docs = Kept::lay_down(disk, root, cache::Large::Docs, &docs)?;
    let frozen = Kept::lay_down(disk, root, cache::Large::Site, &site.freeze())?;
    site.docs.iter_mut().for_each(Document::slim);
    Some((frozen, docs))
}

/// Says that a site is larger than it may be.
fn too_large(size: u64, most: u64) -> Option<Diagnostic> {
    let (size, most) = (size.div_ceil(1 << 20), most >> 20);
    let told = || {
        Diagnostic::error(
            "limit",
            "",
            None,
            say!("整个网站有 {size} MB，超过限度 {most} MB", "the site of {size} MiB is larger than {most}"),
        )
        .hint(say!(
            "把大的附件移出去，或提高 [limits] output_mb",
            "move large attachments away, or raise [limits] output_mb"
        ))
    };
    (size > most).then(told)
}
