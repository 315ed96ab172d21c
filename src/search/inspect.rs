//! Reads back everything the files of a search say, generation and changes together: for tests, and to find
//! faults in an index.

use super::codec::{self, Reader};
use super::entry::Entry;
use super::files::{self, FOLDER, META, NORMS};
use super::positions;
use std::collections::{BTreeMap, BTreeSet};

/// Who has a term, how often, in which tiers, at which positions.
pub type Found = (String, u32, u8, Vec<u32>);

/// What a search knows: equal contents give equal hits, in equal order, with equal scores.
#[derive(Debug, Default, PartialEq)]
pub struct Contents {
    /// Documents and terms, from which scores are made.
    pub figures: String,
    /// The addresses of the documents, oldest first.
    pub order: Vec<String>,
    /// What is known of a document: length, kind, branch, date, and its fragment.
    pub documents: BTreeMap<String, (u8, String, String, String, Entry)>,
    /// Who has a term, by addresses.
    pub terms: BTreeMap<Vec<u8>, Vec<Found>>,
    /// The last position of people and posts in each document, if there are positions.
    pub people: BTreeMap<String, u32>,
    /// How many documents have a term, as a reader counts them: in all and in each tier.
    pub counts: BTreeMap<Vec<u8>, Vec<u32>>,
    /// What facets call things.
    pub labels: String,
}

/// A part of the files: the generation, or what stands beside it.
struct Half<'r> {
    name: String,
    docs: u32,
    shards: u32,
    tiers: usize,
    has_positions: bool,
    read: &'r dyn Fn(&str) -> Option<Vec<u8>>,
}

/// A document's number, how often it has a term, in which tiers, at which positions.
type Posting = (u32, u32, u8, Vec<u32>);
/// Takes a term, how many documents of the generation lost it in all and in each tier, and who has it.
type Each<'e> = dyn FnMut(&[u8], Vec<u32>, Vec<Posting>) + 'e;

impl Half<'_> {
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        codec::inflate(&(self.read)(&format!("{FOLDER}/{}/{path}.bin", self.name))?)
    }

    fn entry(&self, number: u32) -> Option<Entry> {
        let path = files::fragment_path(&self.name, number);
        Entry::of_fragment(&codec::inflate(&(self.read)(&format!("{FOLDER}/{path}.bin"))?)?)
    }

    /// Returns kind, branch and date of each document.
    fn rows(&self) -> Option<Vec<(String, String, String)>> {
        let bytes = self.file("c")?;
        let end = bytes.iter().position(|b| *b == b'\n')?;
        let head: serde_json::Value = serde_json::from_slice(&bytes[..end]).ok()?;
        let (kinds, branches) = bytes[end + 1..].split_at_checked(self.docs as usize)?;
        let name = |list: &str, n: usize| match n.checked_sub(1) {
            Some(n) => head[list][n].as_str().map(str::to_owned),
            None => Some(String::new()),
        };
        let mut dates = Vec::new();
        for date in head["dates"].as_array()? {
            dates.extend(std::iter::repeat_n(date[0].as_str()?.to_owned(), date[1].as_u64()? as usize));
        }
        let mut rows = Vec::new();
        for (n, date) in dates.into_iter().enumerate() {
            let branch = usize::from(u16::from_le_bytes([*branches.get(2 * n)?, *branches.get(2 * n + 1)?]));
            rows.push((name("kinds", usize::from(*kinds.get(n)?))?, name("branches", branch)?, date));
        }
        (rows.len() == self.docs as usize).then_some(rows)
    }

    /// Returns where people and posts end in each document; nothing without positions.
    fn people(&self) -> Option<Vec<u32>> {
        if !self.has_positions {
            return Some(Vec::new());
        }
        let bytes = self.file(positions::PEOPLE)?;
        let mut reader = Reader::new(&bytes);
        let people: Vec<u32> = (0..self.docs).map(|_| reader.number()).collect::<Option<_>>()?;
        reader.is_done().then_some(people)
    }

    /// Goes through every term; `losses` says how many documents of the generation lost it.
    fn terms(&self, is_delta: bool, each: &mut Each<'_>) -> Option<()> {
        for shard in 0..self.shards {
            let bytes = self.file(&format!("s/{shard:x}"))?;
            let mut reader = Reader::new(&bytes);
            let sheet = if self.has_positions { self.file(&format!("p/{shard:x}"))? } else { Vec::new() };
            let mut sheet = Reader::new(&sheet);
            for _ in 0..reader.number()? {
                let length = reader.number()? as usize;
                let term = reader.take(length)?;
                if codec::shard(term, self.shards) != shard {
                    return None;
                }
                let length = reader.number()? as usize;
                let mut entry = Reader::new(reader.take(length)?);
                let losses = match is_delta {
                    true => (0..=self.tiers).map(|_| entry.number()).collect::<Option<Vec<u32>>>()?,
                    false => vec![0; self.tiers + 1],
                };
                let mut postings = self.postings(term, &mut entry)?;
                if self.has_positions {
                    let places = self.positions(term, &mut sheet, postings.len())?;
                    postings.iter_mut().zip(places).for_each(|(posting, places)| posting.3 = places);
                }
                if !entry.is_done() {
                    return None;
                }
                each(term, losses, postings);
            }
            if !reader.is_done() || !sheet.is_done() {
                return None;
            }
        }
        Some(())
    }

    fn positions(&self, term: &[u8], sheet: &mut Reader<'_>, docs: usize) -> Option<Vec<Vec<u32>>> {
        match sheet.number()? {
            1 => positions::read(&self.file(&format!("p/{}", codec::file_of(term)))?, docs),
            length => positions::read(sheet.take(length.saturating_sub(1) as usize)?, docs),
        }
    }

    fn postings(&self, term: &[u8], entry: &mut Reader<'_>) -> Option<Vec<Posting>> {
        let count = entry.number()? as usize;
        let flags = entry.byte()?;
        let own = codec::file_of(term);
        let (docs, frequencies) = if count == 0 {
            (Vec::new(), Vec::new())
        } else if flags & 1 == 1 {
            entry.number()?;
            entry.number()?;
            for _ in 0..entry.number()? {
                entry.number()?;
                entry.number()?;
                entry.take(2)?;
            }
            let docs = Reader::new(&self.file(&format!("h/{own}"))?).docs(count, self.docs)?;
            (docs, Reader::new(&self.file(&format!("t/{own}"))?).frequencies(count)?)
        } else {
            (entry.docs(count, self.docs)?, entry.frequencies(count)?)
        };
        let mut postings: Vec<Posting> =
            docs.into_iter().zip(frequencies).map(|(d, f)| (d, f, 0, Vec::new())).collect();
        for tier in (0..self.tiers).filter(|t| flags >> (t + 1) & 1 == 1) {
            let count = entry.number()? as usize;
            let docs = match entry.number()? {
                0 => Reader::new(&self.file(&format!("h/{own}-{tier}"))?).docs(count, self.docs)?,
                _ => entry.docs(count, self.docs)?,
            };
            let docs: BTreeSet<u32> = docs.into_iter().collect();
            for posting in postings.iter_mut().filter(|p| docs.contains(&p.0)) {
                posting.2 |= 1 << tier;
            }
        }
        Some(postings)
    }
}

/// Reads everything; `None` if a file is missing or damaged.
pub fn inspect(read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<Contents> {
    let meta: serde_json::Value = serde_json::from_slice(&read(META)?).ok()?;
    let number = |key: &str| meta[key].as_u64().and_then(|n| u32::try_from(n).ok());
    let tiers = meta["tiers"].as_array()?.len();
    let has_positions = meta["positions"] == true;
    let half = |name: &str, docs, shards| Half { name: name.to_owned(), docs, shards, tiers, has_positions, read };
    let base = half(meta["base"].as_str()?, number("baseDocs")?, number("shards")?);
    let delta = match meta["delta"].as_str() {
        Some(name) => Some(half(name, number("deltaDocs")?, number("deltaShards")?)),
        None => None,
    };
    let mut norms = Vec::new();
    for block in 0..(base.docs as usize).div_ceil(NORMS) {
        norms.extend(base.file(&format!("n/{block}"))?);
    }
    let labels = codec::inflate(&read(&format!("{FOLDER}/{}.bin", meta["labels"].as_str()?))?)?;
    let mut contents = Contents {
        figures: serde_json::json!([meta["docs"], meta["tokens"], meta["boosts"], meta["tiers"]]).to_string(),
        labels: String::from_utf8(labels).ok()?,
        ..Contents::default()
    };
    // Which documents there are, and where each stands.
    let (mut removed, mut placed) = (BTreeSet::new(), Vec::new());
    if let Some(delta) = &delta {
        let bytes = delta.file("d")?;
        let mut reader = Reader::new(&bytes);
        let mut next = 0;
        for _ in 0..reader.number()? {
            next = u32::checked_add(next, reader.number()?)?;
            removed.insert(next);
        }
        for n in 0..reader.number()? {
            placed.push((reader.number()?, 1, n, reader.byte()?));
        }
    }
    if norms.len() < base.docs as usize {
        return None;
    }
    let mut all: Vec<(u32, u8, u32, u8)> =
        (0..base.docs).filter(|d| !removed.contains(d)).map(|d| (d + 1, 0, d, norms[d as usize])).collect();
    all.extend(placed);
    all.sort_unstable();
    let (mut of_base, mut of_delta) = (BTreeMap::new(), BTreeMap::new());
    let base_rows = base.rows()?;
    let delta_rows = delta.as_ref().map_or(Some(Vec::new()), Half::rows)?;
    let people = (base.people()?, delta.as_ref().map_or(Some(Vec::new()), Half::people)?);
    for (_, is_delta, n, norm) in all {
        let (half, rows, people, urls) = match (is_delta, &delta) {
            (1, Some(delta)) => (delta, &delta_rows, &people.1, &mut of_delta),
            _ => (&base, &base_rows, &people.0, &mut of_base),
        };
        let entry = half.entry(n)?;
        let url = entry.face.url.clone();
        urls.insert(n, url.clone());
        contents.order.push(url.clone());
        contents.people.extend(people.get(n as usize).map(|at| (url.clone(), *at)));
        let (kind, branch, date) = rows.get(n as usize)?.clone();
        contents.documents.insert(url, (norm, kind, branch, date, entry));
    }
    let mut add = |half: &Half<'_>, is_delta, urls: &BTreeMap<u32, String>| {
        half.terms(is_delta, &mut |term, losses, postings| {
            let counts = contents.counts.entry(term.to_owned()).or_insert_with(|| vec![0; tiers + 1]);
            counts[0] = (counts[0] + postings.len() as u32).saturating_sub(losses[0]);
            for tier in 0..tiers {
                let found = postings.iter().filter(|p| p.2 >> tier & 1 == 1).count() as u32;
                counts[tier + 1] = (counts[tier + 1] + found).saturating_sub(losses[tier + 1]);
            }
            let of_term = contents.terms.entry(term.to_owned()).or_default();
            let alive = |(d, f, t, at): Posting| urls.get(&d).map(|url| (url.clone(), f, t, at));
            of_term.extend(postings.into_iter().filter_map(alive));
            of_term.sort_unstable();
        })
    };
    add(&base, false, &of_base)?;
    if let Some(delta) = &delta {
        add(delta, true, &of_delta)?;
    }
    contents.terms.retain(|_, found| !found.is_empty());
    let terms = &contents.terms;
    // Only scores count documents: what filters look for is not corrected for what was removed.
    contents.counts.retain(|term, _| terms.contains_key(term) && term.first().is_some_and(|b| *b > 3));
    Some(contents)
}
