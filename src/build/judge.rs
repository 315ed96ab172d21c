//! Which jobs are still good: their own inputs, and the answers to the questions they asked.

use super::Setting;
use super::files::Files;
use super::past::Past;
use crate::cache::{Ground, Kept, Reason, Traces};
use crate::digest::Digest;
use crate::model::query::{self, Names, Overview, Query};
use crate::model::{Site, picture};
use crate::plan::{Job, Plan, Subject};
use crate::write::Placed;
use indexmap::IndexSet;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Returns the document whose text a job prints.
pub(super) fn text_of(job: &Job, site: &Site) -> Option<usize> {
    job.doc(site).filter(|_| job.is_page())
}

/// The digests of what jobs only copy.
#[derive(Default)]
pub(super) struct Copied {
    pub(super) assets: BTreeMap<String, Digest>,
    pub(super) statics: BTreeMap<String, Digest>,
    pub(super) emblem: Digest,
}

impl Copied {
    /// Collects the digests of a site's files, the theme's and the emblem's.
    pub(super) fn of(files: &Files, statics: BTreeMap<String, Digest>, setting: &Setting) -> Copied {
        let assets = files.files.iter().filter(|f| f.face.is_none());
        Copied { assets: assets.map(|f| (f.path.clone(), f.digest)).collect(), statics, emblem: setting.emblem }
    }
}

/// Returns the digest of a job's own inputs; what it asks of the rest of the site is not among them.
pub(super) fn key(job: &Job, site: &Site, plan: &Plan, copied: &Copied, past: &Past) -> Digest {
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
        // The name of the copies is made of all that they are made of.
        Job::Picture(i) => picture::copies(site, *i).map(|c| c.key).unwrap_or_default(),
        Job::Copy(i) => of(copied.assets.get(&site.published[*i].source)),
        Job::ThemeFile(path) => of(copied.statics.get(path)),
        Job::Emblem(_) => copied.emblem,
        Job::Redirect(from, to) => Digest::of_value(&(from, to)),
        // What its files know of every page: told by those who hand it on (`search::key`).
        Job::Search => Digest::default(),
        Job::Robots => Digest::of_value(site.options.audience.word()),
        Job::Channels(outlets) => {
            let ids = |records: &[usize]| records.iter().map(|i| site.records[*i].id.clone()).collect::<Vec<_>>();
            let volumes: Vec<_> = outlets.volumes.iter().map(|(b, y)| (site.branches[*b].id.as_str(), *y)).collect();
            Digest::of_value(&(ids(&outlets.wechat), ids(&outlets.panels), volumes))
        }
        Job::Kiosk(records) => {
            Digest::of_value(&records.iter().map(|i| site.records[*i].id.as_str()).collect::<Vec<_>>())
        }
        Job::Wechat(i) | Job::Panel(i) => site.docs[site.records[*i].doc].digest,
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
        | Job::Matrix(_)
        | Job::Criterion(..)
        | Job::Honours(_)
        | Job::Disclosure
        | Job::Catalogue(_)
        | Job::Volume(..)
        | Job::Rules
        | Job::Pack(_)
        | Job::Ledger(..)
        | Job::Ledgers(_)
        | Job::Reports(..)
        | Job::Report(..)
        | Job::Due(_)
        | Job::Page(_)
        | Job::SiteMap
        | Job::SearchPage
        | Job::SearchWords
        | Job::NotFound
        | Job::Feed(..)
        | Job::Json(
            Subject::Record(_) | Subject::Branch(_) | Subject::Programme(_) | Subject::Rubric(_) | Subject::Page(_),
        )
        | Job::Table(_) => text_of(job, site).map_or_else(Digest::default, |d| site.docs[d].digest),
    }
}

/// Tells whether a job only copies: neither theme nor settings have a part in it but by its key.
pub(super) fn only_copies(job: &Job) -> bool {
    matches!(job, Job::Copy(_) | Job::Picture(_) | Job::ThemeFile(_) | Job::Emblem(_))
}

/// The questions an earlier build asked, as this build's site has them.
pub(super) struct Answered {
    /// The old questions with the answers of now; what names something that is gone has become `Today`.
    pub(super) queries: Vec<(Query, Digest)>,
    /// Whether the answer is another than it was.
    pub(super) is_stale: Vec<bool>,
}

impl Answered {
    pub(super) fn new(traces: &Traces, names: &Names, site: &Site, overview: &Overview) -> Answered {
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
pub(super) struct Judge<'a> {
    pub(super) kept: &'a Kept,
    pub(super) traces: &'a Traces,
    pub(super) answered: &'a Answered,
    pub(super) by_route: HashMap<&'a str, usize>,
    pub(super) of_all: Option<Reason>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(kept: &'a Kept, traces: &'a Traces, answered: &'a Answered, ground: &Ground) -> Judge<'a> {
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
    pub(super) fn judge(
        &self,
        job: &Job,
        route: &str,
        key: Digest,
        in_place: &dyn Fn(&Placed) -> bool,
    ) -> Result<usize, Reason> {
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
pub(super) struct Asked {
    /// The numbers of those that earlier builds asked, which are answered.
    answered: HashMap<Query, u32>,
    /// How many those were: two old ones may have become the same question.
    count: usize,
    /// Those that came after them, not answered yet.
    fresh: IndexSet<Query>,
}

impl Asked {
    pub(super) fn new(answered: &[(Query, Digest)]) -> Asked {
        let numbers = answered.iter().enumerate().map(|(i, (q, _))| (*q, i as u32)).collect();
        Asked { answered: numbers, count: answered.len(), fresh: IndexSet::new() }
    }

    /// Returns the numbers of questions.
    pub(super) fn numbers_of(&mut self, queries: Vec<Query>) -> Vec<u32> {
        let number = |query: Query| match self.answered.get(&query) {
            Some(number) => *number,
            None => (self.count + self.fresh.insert_full(query).0) as u32,
        };
        let mut numbers: Vec<u32> = queries.into_iter().map(number).collect();
        numbers.shrink_to_fit();
        numbers
    }

    /// Returns the traces of the jobs, of questions answered already and those still to be. Questions nobody asks any more are left out, and numbers are given anew,
    /// because those of this run depend on which job came first.
    pub(super) fn traces(
        self,
        mut answered: Vec<(Query, Digest)>,
        names: Names,
        mut asked: Vec<Vec<u32>>,
        site: &Site,
        overview: &Overview,
    ) -> Traces {
        let fresh: Vec<Query> = self.fresh.into_iter().collect();
        answered.reserve_exact(fresh.len());
        answered.par_extend(fresh.into_par_iter().map(|q| (q, query::answer(site, overview, q))));
        let mut places: Vec<Option<u32>> = vec![None; answered.len()];
        let mut queries = Vec::with_capacity(answered.len());
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
