//! What pages ask of the whole site: selections of records, counts, years. One place, so that a
//! question can be attributed to the page that asked it.

use super::Site;
use super::honour::Honour;
use std::collections::BTreeMap;

/// Which records are meant; what is not said does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Selection {
    /// Of this branch.
    pub branch: Option<usize>,
    /// Of this committee or organisation itself.
    pub unit: Option<usize>,
    /// Of this kind.
    pub kind: Option<usize>,
    /// Of this year.
    pub year: Option<i16>,
    /// Of this month.
    pub month: Option<u8>,
    /// Without a known year.
    pub undated: bool,
    /// Of this programme.
    pub campaign: Option<usize>,
}

/// Records by branch, so that a branch's lists cost what the branch has.
#[derive(Debug, Default)]
pub struct Index {
    by_branch: Vec<Vec<usize>>,
    by_unit: Vec<Vec<usize>>,
    all: Vec<usize>,
    /// The keywords of each record as numbers, which compare faster than words.
    keywords: Vec<Vec<u32>>,
}

impl Index {
    /// Makes the index of a site.
    pub fn new(site: &Site) -> Index {
        let mut index = Index {
            by_branch: vec![Vec::new(); site.branches.len()],
            by_unit: vec![Vec::new(); site.organisations.len()],
            all: (0..site.records.len()).collect(),
            keywords: Vec::with_capacity(site.records.len()),
        };
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        for (i, r) in site.records.iter().enumerate() {
            let number = |word| {
                let next = numbers.len() as u32;
                *numbers.entry(word).or_insert(next)
            };
            index.keywords.push(r.keywords.iter().map(String::as_str).map(number).collect());
            if let Some(b) = r.branch {
                index.by_branch[b].push(i);
            }
            if let Some(u) = r.unit {
                index.by_unit[u].push(i);
            }
        }
        index
    }

    /// Returns the selected records, newest first.
    pub fn select(&self, site: &Site, s: Selection) -> Vec<usize> {
        let from = match (s.branch, s.unit) {
            (Some(b), _) => &self.by_branch[b],
            (None, Some(u)) => &self.by_unit[u],
            (None, None) => &self.all,
        };
        from.iter().copied().filter(|i| s.has(site, *i)).collect()
    }

    /// Returns how many records a branch has.
    pub fn of_branch(&self, branch: usize) -> &[usize] {
        &self.by_branch[branch]
    }

    /// Returns how many keywords of a record another has too.
    pub fn shared_keywords(&self, record: usize, other: usize) -> usize {
        let theirs = &self.keywords[other];
        self.keywords[record].iter().filter(|k| theirs.contains(k)).count()
    }

    /// Returns the records of an organisation itself.
    pub fn of_unit(&self, unit: usize) -> &[usize] {
        &self.by_unit[unit]
    }
}

impl Selection {
    fn has(&self, site: &Site, record: usize) -> bool {
        let r = &site.records[record];
        self.branch.is_none_or(|b| r.branch == Some(b))
            && self.unit.is_none_or(|u| r.unit == Some(u))
            && self.kind.is_none_or(|k| r.kind == k)
            && self.year.is_none_or(|y| r.year() == Some(y))
            && self.month.is_none_or(|m| r.month() == Some(m))
            && (!self.undated || r.year().is_none())
            && self.campaign.is_none_or(|c| r.campaigns.contains(&c))
    }
}

/// Counts records by year, newest year first; records without a year are left out.
pub fn years(site: &Site, records: &[usize]) -> Vec<(i16, usize)> {
    let mut counts: BTreeMap<i16, usize> = BTreeMap::new();
    for r in records {
        if let Some(y) = site.records[*r].year() {
            *counts.entry(y).or_default() += 1;
        }
    }
    counts.into_iter().rev().collect()
}

/// Counts records by kind, in the order of the kinds file; kinds without records are left out.
pub fn kinds(site: &Site, records: &[usize]) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for r in records {
        *counts.entry(site.records[*r].kind).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// Returns the honours of a branch, newest first.
pub fn honours_of(site: &Site, branch: usize) -> impl Iterator<Item = &Honour> {
    site.honours.iter().filter(move |h| h.branch == branch)
}

/// Returns the records that show a criterion.
pub fn evidence_of<'a>(site: &'a Site, rubric: usize, criterion: &'a str) -> impl Iterator<Item = usize> + 'a {
    site.records
        .iter()
        .enumerate()
        .filter(move |(_, r)| r.evidence.iter().any(|(i, c)| *i == rubric && c == criterion))
        .map(|(i, _)| i)
}
