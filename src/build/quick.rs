//! Steps 1 and 2 of a session: nothing changed, or only prose.

use super::files::{changed, understood};
use super::judge::{Copied, key};
use super::past::{Past, moved};
use super::search::{self, Trouble, Wanted};
use super::session::{Made, Session};
use super::{Report, Setting, tidy};
use crate::cache::{self, Done, Ground, Reason};
use crate::config::SearchOptions;
use crate::diagnostic::{Diagnostic, Error, Lang, Severity};
use crate::digest::Digest;
use crate::discover::{self, Survey};
use crate::disk::{Disk, Stat};
use crate::model::query::Overview;
use crate::model::{self, Site, What};
use crate::output::Output;
use crate::parse::Document;
use crate::plan::{Job, Plan};
use crate::render::Renderer;
use crate::render::theme::{Sources, Theme};
use crate::search::publish::{META, State};
use crate::write::{self, Placed, Written};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// What a quick look found.
pub(super) enum Quick {
    /// It was enough.
    Done(Box<Report>),
    /// It was not; the texts parsed on the way are of use.
    No(Vec<(Document, Vec<Diagnostic>)>),
}

impl Session {
    /// Steps 1 and 2: nothing changed, or only prose.
    #[expect(clippy::too_many_arguments, reason = "the values of the stages before, each once")]
    pub(super) fn quick(
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
            let (doc, more) = understood(&source, &options, &setting.config.content.limits);
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
    pub(super) fn prose(
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
        // A volume prints the texts of a whole year, which is more than a page knows of itself.
        if setting.config.channels.volumes {
            return Ok(None);
        }
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
            let is_not_made = |job: &Job| {
                let route = job.route(&made.site);
                matches!(job, Job::Wechat(_) | Job::Panel(_))
                    && to_render.iter().all(|n| left.kept.jobs[*n].route != route)
            };
            // Whether a record goes out elsewhere too is told by what was done before.
            jobs.extend(
                printing(&made.site, at).into_iter().filter(|j| !is_not_made(j)).map(|j| (j.route(&made.site), j)),
            );
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
        let texts: Option<Vec<usize>> = touched.iter().map(|i| made.site.doc(&left.kept.files[*i].path)).collect();
        let Some(texts) = texts else { return Ok(None) };
        let job = left.kept.jobs.iter().position(|j| j.route == META);
        let mut searched = None;
        if let Some(at) = job {
            let Some(found) = search_again(
                disk,
                &self.cache,
                left.search.as_ref(),
                &left.kept.jobs[at],
                &renderer,
                &config.search,
                out,
                &texts,
            )?
            else {
                return Ok(None);
            };
            searched = found;
        }
        let mut gone: Vec<&Placed> = Vec::new();
        if let (Some(again), Some(at)) = (&searched, job) {
            let new = again.outputs.iter().map(|o| o.path.as_str());
            let stays: HashSet<&str> = new.chain(again.kept.iter().map(|o| o.path.as_str())).collect();
            gone.extend(left.kept.jobs[at].outputs.iter().filter(|o| !stays.contains(o.path.as_str())));
            outputs.extend(again.outputs.iter().cloned());
        }
        let amended = write::amend(disk, out, &outputs, &gone, found);
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
        if let (Some(again), Some(at)) = (searched, job) {
            let job = &mut left.kept.jobs[at];
            job.outputs = again.kept.into_iter().chain(placed).collect();
            job.outputs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
            (job.key, job.build, job.reason) = (again.state.key(), left.kept.build, Reason::Inputs);
            left.search = Some(again.state);
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
    pub(super) fn summed_up(
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

/// What became of the search where only prose changed.
struct Again {
    state: State,
    outputs: Vec<Output>,
    kept: Vec<Placed>,
}

/// Writes anew what the search knows of some texts; `None` if all of it must be written, `Some(None)` if
/// nothing.
#[expect(clippy::too_many_arguments, reason = "the values of the stages before, each once")]
fn search_again(
    disk: &dyn Disk,
    root: &str,
    held: Option<&State>,
    done: &Done,
    renderer: &Renderer<'_>,
    config: &SearchOptions,
    out: &str,
    texts: &[usize],
) -> Result<Option<Option<Again>>, Error> {
    let Some((last, kept)) = search::last(disk, root, held, done) else { return Ok(None) };
    let Some(wanted) = Wanted::again(renderer.search(), config, &last, texts) else { return Ok(None) };
    if wanted.key() == done.key {
        return Ok(Some(None));
    }
    let outputs = Mutex::new(Vec::new());
    let put = |output| {
        outputs.lock().unwrap_or_else(PoisonError::into_inner).push(output);
        Ok(())
    };
    match wanted.publish(disk, out, Some(last), &put) {
        // A whole generation is too much for the short way.
        Ok(published) if published.is_new => Ok(None),
        Ok(published) => {
            let outputs = outputs.into_inner().unwrap_or_else(PoisonError::into_inner);
            let kept = kept.into_iter().cloned().collect();
            Ok(Some(Some(Again { state: published.state, outputs, kept })))
        }
        Err(Trouble::Site(_)) => Ok(None),
        Err(Trouble::Machine(e)) => Err(e),
    }
}

/// What a quick look found to be done.
pub(super) struct Edits<'a> {
    /// The files whose page is to be rendered, by number.
    pub(super) touched: &'a [usize],
    /// The jobs that print them.
    pub(super) to_render: &'a [usize],
    /// The texts that changed: what the machine says, the document, what there is to tell.
    pub(super) edited: &'a [(usize, Option<Stat>, Document, Vec<Diagnostic>)],
    /// The records whose history changed, and its digest.
    pub(super) moved: &'a [(usize, Digest)],
}

/// Makes the theme ready, anew only if its files changed; `false` if it is faulty.
pub(super) fn ready(theme: &mut Option<(Digest, Digest, Theme)>, setting: &Setting, sources: &Sources) -> bool {
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
pub(super) enum Look {
    Same,
    Other,
    Text(Box<Document>, Vec<Diagnostic>),
}

/// Returns the pages that print a document's text, or may.
pub(super) fn printing(site: &Site, doc: usize) -> Vec<Job> {
    match site.what[doc] {
        What::Record(i) => vec![Job::Record(i), Job::Wechat(i), Job::Panel(i)],
        What::Branch(i) => vec![Job::Branch(i)],
        What::Programme(i) => vec![Job::Programme(i)],
        What::Rubric(i) => vec![Job::Rubric(i)],
        What::Pack(i) => vec![Job::Pack(i)],
        What::Page(i) if site.pages[i].route.is_empty() => vec![Job::Home],
        What::Page(i) => vec![Job::Page(i)],
        What::Catalogue(i) => vec![Job::Catalogue(i)],
        What::Organisation(_) | What::Honour(_) | What::Withheld | What::Nothing => Vec::new(),
    }
}
