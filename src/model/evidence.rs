//! Evidence (佐证): which records show which criterion, by branch; criteria that ask for the same count as one.
//!
//! Nothing is scored: a page tells what is there, how fresh it is, and in builds for the unit what is not.

use super::campaign::{Link, Who};
use super::date::ArchiveDate;
use super::kind::Audience;
use super::programme::{Criterion, Rubric};
use super::schema::Values;
use super::{Site, route};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What may be known of evidence left out of a build: whose, and for which criteria. Neither title nor date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpublished {
    /// The branch.
    pub branch: usize,
    /// The criteria: rubric, criterion id.
    pub criteria: Vec<(usize, String)>,
}

impl Unpublished {
    /// Takes of a record's values what may be known; none if it is no branch's or shows nothing.
    pub(super) fn of(site: &Site, path: &str, values: &Values) -> Option<Unpublished> {
        let folder = path.strip_prefix("records/").and_then(|p| p.split_once('/')).map(|(f, _)| f);
        let word = values.text("branch").or(folder)?;
        let branch = site.branches.iter().position(|b| b.id == word || b.name == word)?;
        let known = |word: String| {
            let (rubric, id) = word.split_once('/')?;
            let at = site.rubrics.iter().position(|r| r.id == rubric)?;
            site.rubrics[at].criterion(id).map(|c| (at, c.id.clone()))
        };
        let criteria: Vec<(usize, String)> = values.texts("evidence_for").into_iter().filter_map(known).collect();
        (!criteria.is_empty()).then_some(Unpublished { branch, criteria })
    }
}

/// A record that shows a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The record.
    pub record: usize,
    /// The criterion it was given for, where that is another that asks for the same (经对应条目).
    pub via: Option<(usize, String)>,
}

/// Returns the criteria that count as one with a criterion, itself first: those it names as the same and those
/// that name it, and theirs in turn.
pub fn same_as(site: &Site, rubric: usize, criterion: &str) -> Vec<(usize, String)> {
    let mut found = vec![(rubric, criterion.to_owned())];
    let mut at = 0;
    while let Some((r, id)) = found.get(at).cloned() {
        at += 1;
        let own = site.rubrics[r].criterion(&id).map(|c| c.same.clone()).unwrap_or_default();
        let naming = site.rubrics.iter().enumerate().flat_map(|(i, other)| {
            let names = |c: &&Criterion| c.same.iter().any(|(or, oid)| (*or, oid.as_str()) == (r, id.as_str()));
            other.criteria().filter(names).map(move |c| (i, c.id.clone())).collect::<Vec<_>>()
        });
        for near in own.into_iter().chain(naming) {
            if !found.contains(&near) {
                found.push(near);
            }
        }
    }
    found
}

/// Returns the records that show a criterion, newest first; one given for it itself is no detour.
pub fn proofs(site: &Site, rubric: usize, criterion: &str) -> Vec<Proof> {
    let same = same_as(site, rubric, criterion);
    let proof = |(i, r): (usize, &super::record::Record)| {
        let found = same.iter().position(|one| r.evidence.contains(one))?;
        Some(Proof { record: i, via: (found > 0).then(|| same[found].clone()) })
    };
    site.records.iter().enumerate().filter_map(proof).collect()
}

/// Returns the records of a branch that show each dimension of a rubric, by the dimension's title.
pub fn strengths<'a>(site: &'a Site, of_branch: &[usize], rubric: usize) -> Vec<(&'a str, Vec<usize>)> {
    let dimension = |d: &'a super::programme::Dimension| {
        let same: BTreeSet<(usize, String)> = d.criteria.iter().flat_map(|c| same_as(site, rubric, &c.id)).collect();
        let shows = |r: &&usize| site.records[**r].evidence.iter().any(|e| same.contains(e));
        (d.title.as_str(), of_branch.iter().filter(shows).copied().collect())
    };
    site.rubrics[rubric].dimensions.iter().map(dimension).collect()
}

/// Tells whether evidence left out of the build is there.
fn is_unpublished(site: &Site, branch: usize, same: &[(usize, String)]) -> bool {
    let shows = |u: &Unpublished| u.branch == branch && u.criteria.iter().any(|c| same.contains(c));
    site.unpublished.iter().any(shows)
}

/// A criterion and what shows it, by branch.
#[derive(Debug, Serialize)]
pub struct CriterionOn<'a> {
    /// Whether readers of this build may see who shows nothing.
    pub gaps: bool,
    /// Its rubric: id, title, version.
    pub rubric: (&'a str, &'a str, Option<&'a str>),
    /// The dimension it belongs to: id, title.
    pub dimension: (&'a str, &'a str),
    /// Its id, title, sentence, source, points.
    pub criterion: (&'a str, &'a str, Option<&'a str>, Option<&'a str>, Option<f64>),
    /// Whether only a declaration shows it.
    pub declared: bool,
    /// The kinds of record that usually show it, by number and by id.
    #[serde(skip)]
    pub kinds: &'a [usize],
    /// The same, by id.
    pub kind_ids: Vec<&'a str>,
    /// The criteria that ask for the same: rubric's title, title, address.
    pub same: Vec<(&'a str, &'a str, String)>,
    /// The branches that show it.
    pub branches: Vec<Shown<'a>>,
    /// What units show of it.
    pub units: Vec<ProofOn<'a>>,
    /// The branches that show nothing; only in builds for the unit, and not where only a declaration counts.
    pub missing: Vec<Who<'a>>,
    /// The criteria before and after it: title, address.
    pub around: [Option<(&'a str, String)>; 2],
}

/// What a branch shows of a criterion.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    /// The branch.
    pub who: Who<'a>,
    /// The records, newest first.
    pub proofs: Vec<ProofOn<'a>>,
    /// Whether there is evidence that this build's readers do not see.
    pub is_unpublished: bool,
}

/// A record as evidence.
#[derive(Debug, Serialize)]
pub struct ProofOn<'a> {
    /// The record.
    pub record: Link<'a>,
    /// Its number in this build; what others show of it is in the link.
    #[serde(skip)]
    pub at: usize,
    /// The criterion it was given for, where that is another: rubric's title, title.
    pub via: Option<(&'a str, &'a str)>,
}

fn proof_on<'a>(site: &'a Site, proof: &Proof) -> ProofOn<'a> {
    let r = &site.records[proof.record];
    let record = Link { title: r.short.as_deref().unwrap_or(&r.title), route: r.route.clone(), date: r.sort_date() };
    let via = proof.via.as_ref().and_then(|(rubric, id)| {
        let rubric = &site.rubrics[*rubric];
        Some((rubric.title.as_str(), rubric.criterion(id)?.title.as_str()))
    });
    ProofOn { record, at: proof.record, via }
}

fn who(site: &Site, branch: usize) -> Who<'_> {
    let b = &site.branches[branch];
    Who { id: &b.id, name: b.short.as_deref().unwrap_or(&b.name), route: Some(route::branch(&b.id)) }
}

fn gaps(site: &Site) -> bool {
    site.options.audience >= Audience::Unit
}

/// Returns a criterion with its evidence; `None` if the rubric has no criterion at this place.
pub fn criterion_on(site: &Site, rubric: usize, at: usize) -> Option<CriterionOn<'_>> {
    let r = &site.rubrics[rubric];
    let c = r.criteria().nth(at)?;
    let dimension = r.dimensions.iter().find(|d| d.criteria.iter().any(|x| x.id == c.id))?;
    let same = same_as(site, rubric, &c.id);
    let all = proofs(site, rubric, &c.id);
    let mut branches = Vec::new();
    let mut missing = Vec::new();
    for branch in 0..site.branches.len() {
        let theirs: Vec<ProofOn<'_>> =
            all.iter().filter(|p| site.records[p.record].branch == Some(branch)).map(|p| proof_on(site, p)).collect();
        let is_unpublished = is_unpublished(site, branch, &same);
        if !theirs.is_empty() || is_unpublished {
            branches.push(Shown { who: who(site, branch), proofs: theirs, is_unpublished });
        } else if gaps(site) && !c.declared && site.branches[branch].is_open() {
            missing.push(who(site, branch));
        }
    }
    let units = all.iter().filter(|p| site.records[p.record].branch.is_none()).map(|p| proof_on(site, p)).collect();
    let near = |place: Option<usize>| {
        let c = r.criteria().nth(place?)?;
        Some((c.title.as_str(), route::criterion(&r.id, &c.id)))
    };
    let others = same[1..].iter().filter_map(|(rubric, id)| {
        let other = &site.rubrics[*rubric];
        Some((other.title.as_str(), other.criterion(id)?.title.as_str(), route::criterion(&other.id, id)))
    });
    Some(CriterionOn {
        gaps: gaps(site),
        rubric: (&r.id, &r.title, r.version.as_deref()),
        dimension: (&dimension.id, &dimension.title),
        criterion: (&c.id, &c.title, c.text.as_deref(), c.source.as_deref(), c.points),
        declared: c.declared,
        kinds: &c.evidence,
        kind_ids: c.evidence.iter().map(|k| site.kinds.kinds[*k].id.as_str()).collect(),
        same: others.collect(),
        branches,
        units,
        missing,
        around: [near(at.checked_sub(1)), near(Some(at + 1))],
    })
}

/// The branches and what they show of each criterion (佐证对照表).
#[derive(Debug, Serialize)]
pub struct Matrix<'a> {
    /// Whether readers of this build may see what is not there.
    pub gaps: bool,
    /// The rubric: id, title, version.
    pub rubric: (&'a str, &'a str, Option<&'a str>),
    /// The dimensions with their criteria: title; id, title, address, whether only declared.
    pub heads: Vec<(&'a str, Vec<Head<'a>>)>,
    /// A row for each branch.
    pub rows: Vec<Row<'a>>,
    /// The criteria nothing shows: title, address.
    pub bare: Vec<(&'a str, String)>,
}

/// A criterion at the head of its column.
#[derive(Debug, Serialize)]
pub struct Head<'a> {
    /// The id.
    pub id: &'a str,
    /// The title.
    pub title: &'a str,
    /// The address of its page.
    pub route: String,
    /// Whether only a declaration shows it.
    pub declared: bool,
}

/// A branch and its cells, in the order of the criteria.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    /// The branch.
    pub who: Who<'a>,
    /// The cells.
    pub cells: Vec<Cell<'a>>,
}

/// What a branch shows of a criterion, in a cell.
#[derive(Debug, Default, Serialize)]
pub struct Cell<'a> {
    /// How many records.
    pub count: usize,
    /// How many of them by a criterion that asks for the same.
    pub via: usize,
    /// The newest of them.
    pub freshest: Option<&'a ArchiveDate>,
    /// Whether there is evidence that this build's readers do not see.
    pub is_unpublished: bool,
}

/// Makes the matrix of a rubric.
pub fn matrix(site: &Site, rubric: usize) -> Matrix<'_> {
    let r = &site.rubrics[rubric];
    let same: Vec<Vec<(usize, String)>> = r.criteria().map(|c| same_as(site, rubric, &c.id)).collect();
    let shown: Vec<Vec<Proof>> = r.criteria().map(|c| proofs(site, rubric, &c.id)).collect();
    let row = |branch: usize| {
        let cells = same.iter().zip(&shown).map(|(same, proofs)| cell(site, branch, same, proofs)).collect();
        Row { who: who(site, branch), cells }
    };
    let shows = |row: &Row<'_>| row.cells.iter().any(|c| c.count > 0 || c.is_unpublished);
    let rows: Vec<(usize, Row<'_>)> = (0..site.branches.len()).map(|b| (b, row(b))).collect();
    let told = |(b, row): &(usize, Row<'_>)| shows(row) || gaps(site) && site.branches[*b].is_open();
    let rows: Vec<Row<'_>> = rows.into_iter().filter(told).map(|(_, row)| row).collect();
    let is_bare = |place: usize| rows.iter().all(|row| row.cells[place].count == 0) && shown[place].is_empty();
    let bare = r.criteria().enumerate().filter(|(i, c)| !c.declared && is_bare(*i));
    Matrix {
        gaps: gaps(site),
        rubric: (&r.id, &r.title, r.version.as_deref()),
        bare: bare.map(|(_, c)| (c.title.as_str(), route::criterion(&r.id, &c.id))).collect(),
        heads: heads(r),
        rows,
    }
}

fn heads(r: &Rubric) -> Vec<(&str, Vec<Head<'_>>)> {
    let of = |c: &Criterion| route::criterion(&r.id, &c.id);
    r.dimensions
        .iter()
        .filter(|d| !d.criteria.is_empty())
        .map(|d| {
            let head =
                d.criteria.iter().map(|c| Head { id: &c.id, title: &c.title, route: of(c), declared: c.declared });
            (d.title.as_str(), head.collect())
        })
        .collect()
}

fn cell<'a>(site: &'a Site, branch: usize, same: &[(usize, String)], proofs: &[Proof]) -> Cell<'a> {
    let theirs: Vec<&Proof> = proofs.iter().filter(|p| site.records[p.record].branch == Some(branch)).collect();
    Cell {
        count: theirs.len(),
        via: theirs.iter().filter(|p| p.via.is_some()).count(),
        freshest: theirs.first().and_then(|p| site.records[p.record].sort_date()),
        is_unpublished: is_unpublished(site, branch, same),
    }
}
