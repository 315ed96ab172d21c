//! What changed since a generation was written → small files beside the large ones.

use super::codec::{self, deflate};
use super::entry::{Count, Entry, Tier};
use super::files::{self, Columns, FORMAT, Lists, Options, Row, SHARD, Shard};
use super::positions::{self, Places, Sheets};
use crate::digest::Digest;
use crate::output::Output;
use std::collections::BTreeMap;

/// A generation's small files.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Delta {
    pub(super) name: String,
    pub(super) docs: u32,
    pub(super) shards: u32,
    /// By how much it makes the whole longer or shorter.
    pub(super) tokens: i64,
    pub(super) tier_tokens: Vec<i64>,
}

/// What a term gains and loses.
#[derive(Default)]
struct Change {
    lost: u32,
    lost_of_tiers: Vec<u32>,
    lists: Lists,
}

/// Writes the small files: `removed` are numbers of the generation with what they were, `added` what stands
/// in their place or is new, each with how many documents of the generation are older.
pub(super) fn write(removed: &[(u32, Entry)], added: &[(u32, Entry)], options: &Options) -> (Delta, Vec<Output>) {
    let tiers = options.tiers();
    let mut delta = Delta {
        name: String::new(),
        docs: added.len() as u32,
        shards: 1,
        tokens: 0,
        tier_tokens: vec![0; tiers.len()],
    };
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    let fresh = || Change {
        lost_of_tiers: vec![0; tiers.len()],
        lists: Lists { tiers: vec![Vec::new(); tiers.len()], ..Lists::default() },
        ..Change::default()
    };
    for (_, entry) in removed {
        let count = counted(entry, &tiers, &mut delta, -1);
        for term in count.terms.into_keys() {
            changes.entry(term).or_insert_with(fresh).lost += 1;
        }
        for (n, tier) in count.tiers.into_iter().enumerate() {
            for term in tier.terms {
                changes.entry(term).or_insert_with(fresh).lost_of_tiers[n] += 1;
            }
        }
    }
    let (mut norms, mut places) = (Vec::new(), options.positions.then(Places::default));
    for (n, (_, entry)) in added.iter().enumerate() {
        let doc = n as u32;
        let count = counted(entry, &tiers, &mut delta, 1);
        norms.push(count.norm());
        if let Some(places) = &mut places {
            places.add(doc, entry);
        }
        for (term, frequency) in count.terms {
            let lists = &mut changes.entry(term).or_insert_with(fresh).lists;
            lists.docs.push(doc);
            lists.frequencies.push(frequency);
        }
        for (n, tier) in count.tiers.into_iter().enumerate() {
            for term in tier.terms {
                changes.entry(term).or_insert_with(fresh).lists.tiers[n].push(doc);
            }
        }
        for mark in entry.marks(&entry.spoken()) {
            let lists = &mut changes.entry(mark).or_insert_with(fresh).lists;
            lists.docs.push(doc);
            lists.frequencies.push(1);
        }
    }
    let mut head = Vec::new();
    codec::put(&mut head, removed.len() as u32);
    codec::put_gaps(&mut head, removed.iter().map(|(number, _)| *number));
    codec::put(&mut head, delta.docs);
    for ((place, _), norm) in added.iter().zip(&norms) {
        codec::put(&mut head, *place);
        head.push(*norm);
    }
    let mut columns = Columns::default();
    added.iter().for_each(|(_, entry)| columns.push(&Row::of(entry)));
    let mut files = vec![("d".to_owned(), head), ("c".to_owned(), columns.bytes())];
    files.extend(shards(&changes, &mut delta));
    files.extend(places.map(|places| sheets(&changes, delta.shards, places)).into_iter().flatten());
    let fragments: Vec<Vec<u8>> = added.iter().map(|(_, entry)| entry.fragment(entry.spoken())).collect();
    delta.name = files::name_of(Digest::of_value(&(FORMAT, &files, &fragments)));
    let mut outputs = Vec::new();
    for (path, bytes) in files {
        outputs.extend(files::file(&format!("{}/{path}", delta.name), deflate(&bytes), options.scripts));
    }
    for (n, bytes) in fragments.iter().enumerate() {
        outputs.extend(files::file(&files::fragment_path(&delta.name, n as u32), deflate(bytes), options.scripts));
    }
    (delta, outputs)
}

fn counted(entry: &Entry, tiers: &[Tier], delta: &mut Delta, sign: i64) -> Count {
    let count = entry.count(tiers);
    delta.tokens += sign * count.tokens as i64;
    for (sum, tier) in delta.tier_tokens.iter_mut().zip(&count.tiers) {
        *sum += sign * tier.tokens as i64;
    }
    count
}

/// Writes the terms that changed, by shard.
fn shards(changes: &BTreeMap<String, Change>, delta: &mut Delta) -> Vec<(String, Vec<u8>)> {
    let entries: Vec<(&String, Vec<u8>)> = changes.iter().map(|(term, c)| (term, entry(c, delta.docs))).collect();
    let bytes: u64 = entries.iter().map(|(term, entry)| (term.len() + entry.len() + 2) as u64).sum();
    delta.shards = (bytes / SHARD).clamp(1, 1 << 12).next_power_of_two() as u32;
    let mut shards = vec![Shard::default(); delta.shards as usize];
    for (term, entry) in entries {
        let shard = codec::shard(term.as_bytes(), delta.shards);
        files::put_term(&mut shards[shard as usize], term.as_bytes(), &entry);
    }
    shards.iter().enumerate().map(|(n, shard)| (format!("s/{n:x}"), shard.bytes())).collect()
}

/// Writes the positions of the terms that changed.
fn sheets(changes: &BTreeMap<String, Change>, shards: u32, places: Places) -> Vec<(String, Vec<u8>)> {
    let (places, mut sheets) = ([(0, places)], Sheets::new(shards));
    let mut files = vec![(positions::PEOPLE.to_owned(), positions::people(&places))];
    for (term, change) in changes {
        let block = positions::block(term.as_bytes(), &change.lists.docs, &places);
        files.extend(sheets.put(term.as_bytes(), block));
    }
    files.extend(sheets.files());
    files
}

fn entry(change: &Change, docs: u32) -> Vec<u8> {
    let mut out = Vec::new();
    codec::put(&mut out, change.lost);
    change.lost_of_tiers.iter().for_each(|lost| codec::put(&mut out, *lost));
    let lists = &change.lists;
    codec::put(&mut out, lists.docs.len() as u32);
    out.push(lists.flags());
    if lists.docs.is_empty() {
        return out;
    }
    codec::put_docs(&mut out, &lists.docs, docs);
    codec::put_frequencies(&mut out, &lists.frequencies);
    for tier in lists.tiers.iter().filter(|t| !t.is_empty()) {
        let mut set = Vec::new();
        codec::put_docs(&mut set, tier, docs);
        codec::put(&mut out, tier.len() as u32);
        codec::put(&mut out, set.len() as u32);
        out.extend_from_slice(&set);
    }
    out
}
