//! A search without a browser: tantivy's own queries and scores over what a build left.
//!
//! 1. [`Engine::open`]: the segments of the generation, and one more in memory of what changed since;
//! 2. `phrase`: a query → terms to look up, and what pages are checked for;
//! 3. [`Engine::search`]: whoever has the terms, checked in the published fragments, so that totals are exact;
//!    scores as of one index of everything that is alive;
//! 4. `hit`: what is shown of each.

mod hit;
mod phrase;

use super::codec::{self, Reader};
use super::entry::{Entry, Tier};
use super::files::{self, FOLDER, Rows};
use super::index::{Fields, Filling, SEGMENT, Segment, refused};
use super::publish::State;
use super::query::{self, Key, Query};
use super::{analyzer, pinyin};
use crate::diagnostic::Error;
use crate::disk::{Disk, join};
use crate::say;
pub use hit::{Hit, Parts};
use phrase::{Phrase, Plan};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use tantivy::query::{AllQuery, Bm25StatisticsProvider, BooleanQuery, EnableScoring, Occur, Query as _, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet as _, Searcher, Term};

/// What a build left to be searched.
#[derive(Debug, Clone)]
pub struct Left {
    /// What it knows of its search.
    pub state: State,
    /// tantivy's files of the generation, by path below its name; none if they are in the folder.
    pub index: Arc<Vec<(String, Vec<u8>)>>,
    /// The folder of what the search left for later.
    pub folder: String,
    /// The output folder.
    pub out: String,
}

/// What is wanted of the pages that are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// In which order.
    pub sort: Sort,
    /// How many.
    pub limit: usize,
    /// How many before them are passed over.
    pub offset: usize,
}

/// The order of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// What fits best first; of what fits equally well, the newest.
    #[default]
    Relevance,
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// By its text.
    Text,
    /// By how its title is spoken.
    Pinyin,
    /// By a part of a word at an edge of what was asked.
    Edge,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// How many pages in all.
    pub total: usize,
    /// How.
    pub by: By,
    /// Those that were wanted.
    pub hits: Vec<Hit>,
}

impl Answer {
    /// Writes it for programs, addresses as `url` makes them.
    pub fn json(&self, url: &dyn Fn(&str) -> String) -> Value {
        let hits: Vec<Value> = self.hits.iter().map(|hit| hit.json(url)).collect();
        json!({ "total": self.total, "exact": true, "by": self.by, "hits": hits })
    }
}

/// A segment and where its documents stand among all.
struct Held {
    segment: Segment,
    first: u32,
}

/// The segments of a generation, kept open while it stays.
struct Generation {
    name: String,
    segments: Vec<Held>,
    rows: Rows,
    docs: u32,
}

/// What changed since.
struct Since {
    /// Numbers of the generation that are gone.
    removed: Vec<u32>,
    entries: Vec<Entry>,
    /// How many of the generation are older than each.
    places: Vec<u32>,
    rows: Rows,
    segment: Option<Held>,
}

/// A site's search.
pub struct Engine<'d> {
    disk: &'d dyn Disk,
    out: String,
    state: State,
    tiers: Vec<Tier>,
    base: Arc<Generation>,
    since: Since,
    labels: Labels,
    /// `None` where there is nothing to be found.
    searcher: Option<(Searcher, Fields)>,
}

/// What filters call kinds and branches.
#[derive(serde::Deserialize, Default)]
struct Labels {
    kinds: Vec<(String, String)>,
    branches: Vec<(String, String, String, String, Vec<String>)>,
}

fn broken(path: &str) -> Error {
    Error::new(
        say!("检索文件 `{path}` 读不了", "cannot read the search file `{path}`"),
        io::Error::new(io::ErrorKind::InvalidData, "missing or damaged"),
    )
}

impl Generation {
    fn open(disk: &dyn Disk, left: &Left, tiers: &[Tier]) -> Result<Generation, Error> {
        let name = left.state.name.clone();
        let docs = left.state.base.len() as u32;
        let columns = format!("{name}/c");
        let rows = match docs {
            0 => Rows::default(),
            _ => Rows::read(&read(disk, &left.out, &columns)?, docs as usize).ok_or_else(|| broken(&columns))?,
        };
        let opened = opened(disk, left, tiers.len()).filter(|all| docs_of(all) == docs);
        let segments = match opened {
            Some(segments) => segments,
            // tantivy's files are lost: the fragments have all that was in them.
            None => {
                let starts: Vec<u32> = (0..docs).step_by(SEGMENT).collect();
                let stretch = |first: &u32| {
                    let mut filling = Filling::new(tiers)?;
                    for number in *first..docs.min(first + SEGMENT as u32) {
                        filling.add(&entry(disk, &left.out, &name, number, &rows)?, tiers)?;
                    }
                    filling.finish()
                };
                starts.par_iter().map(stretch).collect::<Result<_, Error>>()?
            }
        };
        let mut first = 0;
        let held = |segment: Segment| {
            let at = first;
            first += segment.docs();
            Held { segment, first: at }
        };
        Ok(Generation { name, segments: segments.into_iter().map(held).collect(), rows, docs })
    }
}

fn docs_of(segments: &[Segment]) -> u32 {
    segments.iter().map(Segment::docs).sum()
}

/// Opens tantivy's files of a generation; `None` if they are not there, or not whole.
fn opened(disk: &dyn Disk, left: &Left, tiers: usize) -> Option<Vec<Segment>> {
    let folder = join(&left.folder, &left.state.name);
    let on_disk: Vec<(String, Vec<u8>)>;
    let files = match left.index.is_empty() {
        false => left.index.as_slice(),
        true => {
            let found = disk.walk(&folder).ok()?;
            let file = |path: String| Some((path.clone(), disk.read(&join(&folder, &path)).ok()?));
            on_disk = found.into_iter().map(|f| file(f.path)).collect::<Option<_>>()?;
            &on_disk
        }
    };
    let mut of_segments: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
    for (path, bytes) in files {
        let (number, name) = path.split_once('/')?;
        let number: usize = number.parse().ok().filter(|n| *n < files.len())?;
        of_segments.resize_with(of_segments.len().max(number + 1), Vec::new);
        of_segments[number].push((name.to_owned(), bytes.clone()));
    }
    of_segments.par_iter().map(|files| Segment::open(files, tiers).ok()).collect()
}

/// Reads and inflates a published file.
fn read(disk: &dyn Disk, out: &str, path: &str) -> Result<Vec<u8>, Error> {
    let place = join(out, &format!("{FOLDER}/{path}.bin"));
    let bytes = disk
        .read(&place)
        .map_err(|e| Error::new(say!("检索文件 `{place}` 读不了", "cannot read the search file `{place}`"), e))?;
    codec::inflate(&bytes).ok_or_else(|| broken(&place))
}

/// Reads a published fragment, with the ids that stand in the columns.
fn entry(disk: &dyn Disk, out: &str, name: &str, number: u32, rows: &Rows) -> Result<Entry, Error> {
    let path = files::fragment_path(name, number);
    let mut entry = Entry::of_fragment(&read(disk, out, &path)?).ok_or_else(|| broken(&path))?;
    let id = |id: Option<&str>| id.unwrap_or_default().to_owned();
    if let Some((kind, _)) = &mut entry.face.kind {
        *kind = id(rows.kind(number as usize));
    }
    if let Some((branch, _)) = &mut entry.face.branch {
        *branch = id(rows.branch(number as usize));
    }
    Ok(entry)
}

impl Since {
    fn open(disk: &dyn Disk, left: &Left, tiers: &[Tier], base: &Generation) -> Result<Since, Error> {
        let Some(delta) = &left.state.delta else {
            let (removed, entries, places) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Since { removed, entries, places, rows: Rows::default(), segment: None });
        };
        let name = &delta.name;
        let head = format!("{name}/d");
        let bytes = read(disk, &left.out, &head)?;
        let (removed, places) = changes(&bytes, base.docs, delta.docs).ok_or_else(|| broken(&head))?;
        let columns = format!("{name}/c");
        let rows = Rows::read(&read(disk, &left.out, &columns)?, delta.docs as usize);
        let rows = rows.ok_or_else(|| broken(&columns))?;
        let entries = (0..delta.docs).map(|n| entry(disk, &left.out, name, n, &rows));
        let entries: Vec<Entry> = entries.collect::<Result<_, Error>>()?;
        let segment = match entries.is_empty() {
            true => None,
            false => {
                let mut filling = Filling::new(tiers)?;
                entries.iter().try_for_each(|entry| filling.add(entry, tiers))?;
                Some(Held { segment: filling.finish()?, first: base.docs })
            }
        };
        Ok(Since { removed, entries, places, rows, segment })
    }
}

/// Reads which documents are gone, and where the new ones stand.
fn changes(bytes: &[u8], docs: u32, added: u32) -> Option<(Vec<u32>, Vec<u32>)> {
    let mut reader = Reader::new(bytes);
    let count = reader.number()?;
    let removed = reader.gaps(count as usize, docs)?;
    if reader.number()? != added {
        return None;
    }
    let place = |_| {
        let place = reader.number().filter(|place| *place <= docs);
        reader.byte()?;
        place
    };
    let places = (0..added).map(place).collect::<Option<_>>()?;
    Some((removed, places))
}

/// The figures scores are made of: of everything that is alive.
struct Statistics<'e> {
    engine: &'e Engine<'e>,
    fields: &'e Fields,
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let State { tokens, tier_tokens, delta, .. } = &self.engine.state;
        let sum = |base: u64, change: i64| base.saturating_add_signed(change);
        Ok(match self.fields.tiers.iter().position(|f| *f == field) {
            Some(n) => sum(
                tier_tokens.get(n).copied().unwrap_or_default(),
                delta.as_ref().and_then(|d| d.tier_tokens.get(n).copied()).unwrap_or_default(),
            ),
            None => sum(*tokens, delta.as_ref().map_or(0, |d| d.tokens)),
        })
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.engine.docs() as u64)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let mut count = 0;
        for held in self.engine.segments() {
            let reader = held.segment.reader.inverted_index(term.field())?;
            let Some(mut postings) = reader.read_postings(term, IndexRecordOption::Basic)? else { continue };
            count += u64::from(reader.doc_freq(term)?);
            for removed in self.engine.removed_of(held) {
                if postings.doc() < removed {
                    postings.seek(removed);
                }
                count -= u64::from(postings.doc() == removed);
            }
        }
        Ok(count)
    }
}

impl<'d> Engine<'d> {
    /// Opens what a build left. Of an `earlier` one that is still open, what stays is used again.
    pub fn open(disk: &'d dyn Disk, left: &Left, earlier: Option<&Engine<'_>>) -> Result<Engine<'d>, Error> {
        let tiers = left.state.options.tiers();
        let same = earlier.filter(|e| e.base.name == left.state.name && e.state.options == left.state.options);
        let base = match same {
            Some(earlier) => earlier.base.clone(),
            None => Arc::new(Generation::open(disk, left, &tiers)?),
        };
        let since = Since::open(disk, left, &tiers, &base)?;
        let path = files::name_of(left.state.labels);
        let labels: Labels = serde_json::from_slice(&read(disk, &left.out, &path)?).map_err(|_| broken(&path))?;
        let first = base.segments.first().or(since.segment.as_ref());
        let searcher = match first {
            Some(held) => Some((held.segment.searcher()?, held.segment.fields.clone())),
            None => None,
        };
        Ok(Engine { disk, out: left.out.clone(), state: left.state.clone(), tiers, base, since, labels, searcher })
    }

    /// Returns how many pages can be found.
    pub fn docs(&self) -> usize {
        (self.base.docs as usize + self.since.entries.len()).saturating_sub(self.since.removed.len())
    }

    fn segments(&self) -> impl Iterator<Item = &Held> {
        self.base.segments.iter().chain(&self.since.segment)
    }

    /// Returns the documents of a segment that are gone, in its own numbers.
    fn removed_of(&self, held: &Held) -> impl Iterator<Item = u32> {
        let removed = &self.since.removed;
        let at = |number: u32| removed.partition_point(|r| *r < number);
        let end = held.first.saturating_add(held.segment.docs());
        removed[at(held.first)..at(end)].iter().map(|r| r - held.first)
    }

    /// Returns where a document stands among all, oldest first.
    fn order(&self, number: u32) -> f64 {
        let Some(n) = number.checked_sub(self.base.docs) else { return f64::from(number) };
        let place = self.since.places.get(n as usize).copied().unwrap_or_default();
        f64::from(place) + (f64::from(n) + 1.0) / (self.since.places.len() as f64 + 1.0) - 1.0
    }

    /// Reads what is known of a document.
    fn entry(&self, number: u32) -> Result<Entry, Error> {
        match number.checked_sub(self.base.docs) {
            Some(n) => Ok(self.since.entries[n as usize].clone()),
            None => entry(self.disk, &self.out, &self.base.name, number, &self.base.rows),
        }
    }

    /// Reads every page, oldest first, with what its branch was honoured with.
    pub fn entries(&self) -> impl Iterator<Item = Result<(Entry, &[String]), Error>> {
        let removed = &self.since.removed;
        let base = (0..self.base.docs).filter(|n| removed.binary_search(n).is_err());
        let mut all: Vec<u32> = base.chain((0..self.since.entries.len() as u32).map(|n| self.base.docs + n)).collect();
        all.sort_by(|a, b| self.order(*a).total_cmp(&self.order(*b)));
        all.into_iter().map(|number| {
            let entry = self.entry(number)?;
            let id = entry.face.branch.as_ref().map(|(id, _)| id);
            let branch = self.labels.branches.iter().find(|b| Some(&b.0) == id);
            Ok((entry, branch.map_or(&[][..], |b| b.4.as_slice())))
        })
    }

    /// Finds what a query asks for.
    pub fn search(&self, query: &str, page: Page) -> Result<Answer, Error> {
        let query = query::parse(query);
        if query == Query::default() {
            return Ok(Answer { total: 0, by: By::Text, hits: Vec::new() });
        }
        let plan = Plan::of(&query);
        let mut ways = vec![(By::Text, Some(plan.clone()))];
        ways.extend([(By::Pinyin, plan.spoken()), (By::Edge, plan.loosened())]);
        for (by, plan) in ways.into_iter().filter_map(|(by, plan)| Some((by, plan?))) {
            let found = self.find(&plan, &query, page.sort)?;
            if !found.is_empty() {
                let total = found.len();
                let phrases: Vec<&Phrase> = plan.phrases().collect();
                let wanted = found.into_par_iter().skip(page.offset).take(page.limit);
                let hits = wanted.map(|(number, score)| Ok(Hit::of(&self.entry(number)?, score, &phrases)));
                return Ok(Answer { total, by, hits: hits.collect::<Result<_, Error>>()? });
            }
        }
        Ok(Answer { total: 0, by: By::Text, hits: Vec::new() })
    }

    /// Finds every document a plan asks for, best first.
    fn find(&self, plan: &Plan, query: &Query, sort: Sort) -> Result<Vec<(u32, f32)>, Error> {
        let Some((searcher, fields)) = &self.searcher else { return Ok(Vec::new()) };
        let plain = EnableScoring::disabled_from_searcher(searcher);
        let wanted = self.wanted(plan, query, fields).weight(plain).map_err(refused)?;
        let doubtful = plan.without.iter().filter(|p| !p.is_exact).map(|p| all_of(fields.all, &p.terms)).collect();
        let doubtful = either(doubtful).weight(plain).map_err(refused)?;
        let statistics = Statistics { engine: self, fields };
        let scoring = EnableScoring::enabled_from_statistics_provider(&statistics, searcher);
        let mut found: Vec<(u32, f32)> = Vec::new();
        for held in self.segments() {
            let docs_of = |weight: &dyn tantivy::query::Weight| -> Result<Vec<u32>, Error> {
                let mut docs = Vec::new();
                weight
                    .for_each_no_score(&held.segment.reader, &mut |some| docs.extend_from_slice(some))
                    .map_err(refused)?;
                Ok(docs)
            };
            let mut docs = docs_of(&*wanted)?;
            let removed: BTreeSet<u32> = self.removed_of(held).collect();
            docs.retain(|d| !removed.contains(d));
            self.keep_dated(held, query, &mut docs);
            let doubted = docs_of(&*doubtful)?;
            let is_held = |doc: u32| -> Result<Option<u32>, Error> {
                if !plan.is_doubtful() && doubted.binary_search(&doc).is_err() {
                    return Ok(Some(doc));
                }
                Ok(plan.is_held_by(&self.entry(held.first + doc)?).then_some(doc))
            };
            let checked: Vec<Option<u32>> = docs.into_par_iter().map(is_held).collect::<Result<_, Error>>()?;
            let docs: Vec<u32> = checked.into_iter().flatten().collect();
            let scores = match sort {
                Sort::Relevance => self.scores(plan, held, &docs, fields, scoring)?,
                Sort::Newest | Sort::Oldest => vec![0.0; docs.len()],
            };
            found.extend(docs.into_iter().map(|d| held.first + d).zip(scores));
        }
        found.sort_by(|a, b| {
            let by_date = self.order(b.0).total_cmp(&self.order(a.0));
            b.1.total_cmp(&a.1).then(if sort == Sort::Oldest { by_date.reverse() } else { by_date })
        });
        Ok(found)
    }

    /// Returns tantivy's query for whoever may hold what is asked.
    fn wanted(&self, plan: &Plan, query: &Query, fields: &Fields) -> BooleanQuery {
        let mut clauses: Vec<(Occur, Box<dyn tantivy::query::Query>)> = vec![(Occur::Must, Box::new(AllQuery))];
        for group in plan.wanted() {
            let phrases = group.iter().map(|p| all_of(fields.all, &p.terms)).collect();
            clauses.push((Occur::Must, Box::new(either(phrases))));
        }
        if let Some(letters) = &plan.letters {
            let ways = pinyin::typed(letters).iter().map(|terms| all_of(fields.marks, terms)).collect();
            clauses.push((Occur::Must, Box::new(either(ways))));
        }
        for phrase in plan.without.iter().filter(|p| p.is_exact) {
            clauses.push((Occur::MustNot, Box::new(all_of(fields.all, &phrase.terms))));
        }
        for key in [Key::Kind, Key::Branch, Key::Honour] {
            for excludes in [false, true] {
                let of_key = query.filters.iter().filter(|f| f.key == key && f.excludes == excludes);
                let values: Vec<&str> = of_key.map(|f| f.value.as_str()).collect();
                if values.is_empty() {
                    continue;
                }
                let marks = values.iter().flat_map(|value| self.labels.marks(key, value));
                let marks = either(marks.map(|mark| all_of(fields.marks, &[mark])).collect());
                clauses.push((if excludes { Occur::MustNot } else { Occur::Must }, Box::new(marks)));
            }
        }
        BooleanQuery::new(clauses)
    }

    /// Keeps the documents whose dates the filters ask for.
    fn keep_dated(&self, held: &Held, query: &Query, docs: &mut Vec<u32>) {
        let rows = if held.first < self.base.docs { &self.base.rows } else { &self.since.rows };
        let offset = if held.first < self.base.docs { held.first } else { 0 };
        for (key, excludes) in [(Key::Year, false), (Key::Date, false), (Key::Year, true), (Key::Date, true)] {
            let of_key = query.filters.iter().filter(|f| f.key == key && f.excludes == excludes);
            let ranges: Vec<String> = of_key.map(|f| analyzer::fold(&f.value)).collect();
            if ranges.is_empty() {
                continue;
            }
            let is_in = |date: &str| ranges.iter().any(|range| is_in_range(date, range));
            let runs: Vec<(u32, u32)> =
                rows.dates().filter(|(date, ..)| is_in(date)).map(|(_, first, end)| (first, end)).collect();
            docs.retain(|doc| {
                let at = runs.partition_point(|(_, end)| *end <= doc + offset);
                runs.get(at).is_some_and(|(first, _)| *first <= doc + offset) != excludes
            });
        }
    }

    /// Returns the term a phrase counts as: its rarest, for it is in a text no more often than that; of equally
    /// rare ones the first. Browsers need not know how often the others are there.
    fn scoring<'p>(&self, phrase: &'p Phrase, fields: &Fields) -> Option<&'p String> {
        let statistics = Statistics { engine: self, fields };
        let found = |term: &&String| statistics.doc_freq(&Term::from_field_text(fields.all, term)).unwrap_or_default();
        phrase.terms.iter().min_by_key(found)
    }

    /// Scores documents of a segment: phrase by phrase in the order of the question, so that equal pages have equal
    /// scores in whichever segment they stand.
    fn scores(
        &self,
        plan: &Plan,
        held: &Held,
        docs: &[u32],
        fields: &Fields,
        scoring: EnableScoring<'_>,
    ) -> Result<Vec<f32>, Error> {
        let mut scores = vec![0.0f32; docs.len()];
        if docs.is_empty() {
            return Ok(scores);
        }
        for term in plan.groups.iter().flatten().filter_map(|p| self.scoring(p, fields)) {
            let of = |field, boost, option| {
                let query = TermQuery::new(Term::from_field_text(field, term), option);
                let weight = query.weight(scoring).map_err(refused)?;
                weight.scorer(&held.segment.reader, boost).map_err(refused)
            };
            let mut scorers = vec![of(fields.all, 1.0, IndexRecordOption::WithFreqs)?];
            for (field, tier) in fields.tiers.iter().zip(&self.tiers) {
                scorers.push(of(*field, tier.boost, IndexRecordOption::Basic)?);
            }
            for (doc, score) in docs.iter().zip(&mut scores) {
                let mut sum = 0.0f32;
                for scorer in &mut scorers {
                    if scorer.doc() < *doc {
                        scorer.seek(*doc);
                    }
                    if scorer.doc() == *doc {
                        sum += scorer.score();
                    }
                }
                *score += sum;
            }
        }
        Ok(scores)
    }
}

/// Returns the query for documents that have all of some terms; none has all of none.
fn all_of(field: Field, terms: &[String]) -> BooleanQuery {
    let term = |term: &String| -> Box<dyn tantivy::query::Query> {
        Box::new(TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::Basic))
    };
    BooleanQuery::new(terms.iter().map(|t| (Occur::Must, term(t))).collect())
}

fn either(queries: Vec<BooleanQuery>) -> BooleanQuery {
    let query = |query| -> (Occur, Box<dyn tantivy::query::Query>) { (Occur::Should, Box::new(query)) };
    BooleanQuery::new(queries.into_iter().map(query).collect())
}

/// Tells whether a date is in a range, each bound compared as far as both go; what has no date is in none.
fn is_in_range(date: &str, range: &str) -> bool {
    let (from, to) = range.split_once("..").unwrap_or((range, range));
    let (from, to) = (from.trim(), to.trim());
    let first = |text: &str, other: &str| text.chars().take(other.chars().count()).collect::<String>();
    !date.is_empty() && first(date, from) >= first(from, date) && first(date, to) <= first(to, date)
}

impl Labels {
    /// Returns the marks of the documents whose kind, branch or honours are called so.
    fn marks(&self, key: Key, value: &str) -> BTreeSet<String> {
        let wanted = analyzer::fold(value);
        // What each is called by, in which of it a part may stand, and the mark.
        let kind =
            |(id, label): &(String, String)| (vec![id.clone(), label.clone()], label.clone(), format!("\u{1}k{id}"));
        let of_branch = |id: &str| format!("\u{1}b{id}");
        let rows: Vec<(Vec<String>, String, String)> = match key {
            Key::Kind => self.kinds.iter().map(kind).collect(),
            Key::Branch => {
                let names = |(id, name, short, ..): &(String, String, String, String, Vec<String>)| {
                    (vec![id.clone(), name.clone(), short.clone()], name.clone(), of_branch(id))
                };
                self.branches.iter().map(names).collect()
            }
            Key::Honour => {
                let each = |b: &(String, String, String, String, Vec<String>)| {
                    let id = b.0.clone();
                    b.4.clone().into_iter().map(move |h| (vec![h.clone()], h, of_branch(&id)))
                };
                self.branches.iter().flat_map(each).collect()
            }
            Key::Year | Key::Date | Key::Person => Vec::new(),
        };
        let same: BTreeSet<String> = rows
            .iter()
            .filter(|(names, ..)| names.iter().any(|name| analyzer::fold(name) == wanted))
            .map(|(.., mark)| mark.clone())
            .collect();
        if !same.is_empty() {
            return same;
        }
        let has = |within: &str| analyzer::fold(within).contains(&wanted);
        rows.into_iter().filter(|(_, within, _)| has(within)).map(|(.., mark)| mark).collect()
    }
}

#[cfg(test)]
mod tests;
