//! All entries → the large files of a generation.

use super::analyzer;
use super::bm25::Weight;
use super::codec::{self, deflate};
use super::entry::{Entry, Tier};
use super::files::{self, Columns, FORMAT, HEADS, HEAVY, Lists, NORMS, Options, Row, SHARD, Shard};
use super::index::{Filling, List, SEGMENT, Segment, Walk};
use super::positions::{self, Places, Sheets};
use crate::diagnostic::Error;
use crate::digest::Digest;
use crate::output::Output;
use rayon::prelude::*;
use std::sync::Arc;

/// What is known of a generation once it is written.
pub(super) struct Base {
    pub(super) name: String,
    pub(super) docs: u32,
    pub(super) tokens: u64,
    pub(super) tier_tokens: Vec<u64>,
    pub(super) shards: u32,
    /// tantivy's own index of it.
    pub(super) segments: Vec<Segment>,
}

/// A stretch of documents: its segment, the columns' rows.
struct Stretch {
    segment: Segment,
    rows: Vec<Row>,
    places: Option<Places>,
}

/// Writes the large files of entries, asked for one after another; `put` takes each file. The keys tell all that the
/// entries are made of, so that the files have their name before they are made, and none is held.
pub(super) fn write<E: From<Error> + Send>(
    keys: &[Digest],
    entry: &(dyn Fn(usize) -> Result<Entry, E> + Sync),
    options: &Options,
    put: &(dyn Fn(Output) -> Result<(), E> + Sync),
) -> Result<Base, E> {
    let (tiers, count) = (options.tiers(), keys.len());
    let boosts: Vec<(u32, &Vec<super::entry::Part>)> = tiers.iter().map(|t| (t.boost.to_bits(), &t.parts)).collect();
    let tool = env!("CARGO_PKG_VERSION");
    let name = files::name_of(Digest::of_value(&(FORMAT, analyzer::VERSION, tool, boosts, keys)));
    let send = |path: String, bytes: Vec<u8>| -> Result<(), E> {
        files::file(&path, bytes, options.scripts).into_iter().try_for_each(put)
    };
    // Two halves of a small site are two threads' work.
    let length = count.div_ceil(rayon::current_num_threads().max(1)).clamp(256, SEGMENT);
    let starts: Vec<usize> = (0..count).step_by(length).collect();
    let stretch = |start: &usize| {
        let range = *start..(start + length).min(count);
        stretch(range, entry, &tiers, options, &|n, bytes| send(files::fragment_path(&name, n), bytes))
    };
    let stretches: Vec<Stretch> = starts.par_iter().map(stretch).collect::<Result<_, E>>()?;
    let (mut columns, mut segments, mut first) = (Columns::default(), Vec::new(), 0u32);
    let mut places = options.positions.then(Vec::new);
    for stretch in stretches {
        stretch.rows.iter().for_each(|row| columns.push(row));
        if let Some((places, of)) = places.as_mut().zip(stretch.places) {
            places.push((first, of));
        }
        first += stretch.segment.docs();
        segments.push(stretch.segment);
    }
    send(format!("{name}/c"), deflate(&columns.bytes()))?;
    let mut base = Base { name, docs: first, tokens: 0, tier_tokens: Vec::new(), shards: 1, segments };
    export(&mut base, &tiers, places.as_deref(), &send)?;
    Ok(base)
}

fn stretch<E: From<Error>>(
    range: std::ops::Range<usize>,
    entry: &(dyn Fn(usize) -> Result<Entry, E> + Sync),
    tiers: &[Tier],
    options: &Options,
    fragment: &(dyn Fn(u32, Vec<u8>) -> Result<(), E> + Sync),
) -> Result<Stretch, E> {
    let (first, mut places) = (range.start, options.positions.then(Places::default));
    let mut filling = Filling::new(tiers)?;
    let mut rows = Vec::with_capacity(range.len());
    for n in range {
        let entry = entry(n)?;
        let spoken = entry.spoken();
        filling.add_spoken(&entry, &spoken, tiers)?;
        if let Some(places) = &mut places {
            places.add((n - first) as u32, &entry);
        }
        fragment(n as u32, deflate(&entry.fragment(spoken)))?;
        rows.push(Row::of(&entry));
    }
    Ok(Stretch { segment: filling.finish()?, rows, places })
}

/// The numbers scores are made of.
struct Figures {
    norms: Vec<u8>,
    docs: u64,
    tokens: u64,
    tiers: Vec<(f32, u64)>,
}

/// Writes terms, frequencies and lengths, and positions if there are any.
fn export<E: From<Error> + Send>(
    base: &mut Base,
    tiers: &[Tier],
    places: Option<&[(u32, Places)]>,
    send: &(dyn Fn(String, Vec<u8>) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let Some(fields) = base.segments.first().map(|s| s.fields.clone()) else {
        // A site without pages has an index all the same, in which nothing is found.
        base.tier_tokens = vec![0; tiers.len()];
        if places.is_some() {
            send(format!("{}/p/0", base.name), deflate(&[]))?;
            send(format!("{}/{}", base.name, positions::PEOPLE), deflate(&[]))?;
        }
        return send(format!("{}/s/0", base.name), deflate(&Shard::default().bytes()));
    };
    let readers = |field| {
        let mut first = 0;
        let one = |segment: &Segment| {
            let reader = segment.field(field)?;
            let at = first;
            first += segment.docs();
            Ok((reader, at))
        };
        base.segments.iter().map(one).collect::<Result<Vec<(Arc<_>, u32)>, Error>>()
    };
    let all = readers(fields.all)?;
    let of_tiers = fields.tiers.iter().map(|f| readers(*f)).collect::<Result<Vec<_>, Error>>()?;
    let marks = readers(fields.marks)?;
    let sum =
        |of: &[(Arc<tantivy::InvertedIndexReader>, u32)]| of.iter().map(|(r, _)| r.total_num_tokens()).sum::<u64>();
    let mut norms = Vec::with_capacity(base.docs as usize);
    for segment in &base.segments {
        let reader = segment.reader.get_fieldnorms_reader(fields.all).map_err(|e| {
            Error::new(crate::say!("搜索索引读不了", "cannot read the search index"), std::io::Error::other(e))
        })?;
        norms.extend((0..segment.docs()).map(|d| reader.fieldnorm_id(d)));
    }
    base.tokens = sum(&all);
    base.tier_tokens = of_tiers.iter().map(|r| sum(r)).collect();
    base.shards = shards_for(&all)?;
    let figures = Figures {
        docs: u64::from(base.docs),
        tokens: base.tokens,
        tiers: tiers.iter().map(|t| t.boost).zip(base.tier_tokens.iter().copied()).collect(),
        norms,
    };
    for (n, block) in figures.norms.chunks(NORMS).enumerate() {
        send(format!("{}/n/{n}", base.name), deflate(block))?;
    }
    let mut shards = vec![Shard::default(); base.shards as usize];
    let mut sheets = places.map(|_| Sheets::new(base.shards));
    if let Some(places) = places {
        send(format!("{}/{}", base.name, positions::PEOPLE), deflate(&positions::people(places)))?;
    }
    let mut large: Vec<(String, Vec<u8>)> = Vec::new();
    let mut held = 0;
    let flush = |large: &mut Vec<(String, Vec<u8>)>| {
        large.par_drain(..).try_for_each(|(path, bytes)| send(path, deflate(&bytes)))
    };
    // What filters look for begins with the lowest bytes, and so stands before every term of a text.
    let mut lists = Lists { tiers: vec![Vec::new(); tiers.len()], ..Lists::default() };
    let (mut list, mut walk) = (List::default(), Walk::new(&marks, false)?);
    while walk.next(&mut list)? {
        lists.docs.clone_from(&list.docs);
        lists.frequencies.clear();
        lists.frequencies.resize(lists.docs.len(), 1);
        place(&list.term, &lists, base, None, &mut shards, &mut large);
        if let Some(sheets) = &mut sheets {
            sheets.put(&list.term, Vec::new());
        }
    }
    let (mut walk, mut of_tier) = (Walk::new(&all, true)?, Vec::new());
    for readers in &of_tiers {
        let mut walk = Walk::new(readers, false)?;
        let mut list = List::default();
        let is_live = walk.next(&mut list)?;
        of_tier.push((walk, list, is_live));
    }
    while walk.next(&mut list)? {
        std::mem::swap(&mut lists.docs, &mut list.docs);
        std::mem::swap(&mut lists.frequencies, &mut list.frequencies);
        for ((walk, tier, is_live), docs) in of_tier.iter_mut().zip(&mut lists.tiers) {
            docs.clear();
            if *is_live && tier.term == list.term {
                std::mem::swap(docs, &mut tier.docs);
                *is_live = walk.next(tier)?;
            }
        }
        place(&list.term, &lists, base, Some(&figures), &mut shards, &mut large);
        if let Some((sheets, places)) = sheets.as_mut().zip(places) {
            let own = sheets.put(&list.term, positions::block(&list.term, &lists.docs, places));
            large.extend(own.map(|(path, bytes)| (format!("{}/{path}", base.name), bytes)));
        }
        held += large.last().map_or(0, |(_, bytes)| bytes.len());
        if held > 16 << 20 {
            flush(&mut large)?;
            held = 0;
        }
    }
    flush(&mut large)?;
    let name = &base.name;
    let sheets: Vec<(String, Vec<u8>)> = sheets.into_iter().flat_map(Sheets::files).collect();
    sheets.into_par_iter().try_for_each(|(path, bytes)| send(format!("{name}/{path}"), deflate(&bytes)))?;
    shards
        .into_par_iter()
        .enumerate()
        .try_for_each(|(n, shard)| send(format!("{name}/s/{n:x}"), deflate(&shard.bytes())))
}

/// Returns into how many shards the terms go, a power of two.
fn shards_for(readers: &[(Arc<tantivy::InvertedIndexReader>, u32)]) -> Result<u32, Error> {
    let mut bytes = 0u64;
    for (reader, _) in readers {
        let mut terms = reader.terms().stream().map_err(|e| {
            Error::new(crate::say!("搜索索引读不了", "cannot read the search index"), std::io::Error::other(e))
        })?;
        while terms.advance() {
            // A gap takes one byte or two, a frequency a quarter; a long list goes elsewhere.
            bytes += 10 + (u64::from(terms.value().doc_freq) * 7 / 4).min(2000);
        }
    }
    Ok(u32::try_from((bytes / SHARD).clamp(1, 1 << 16).next_power_of_two()).unwrap_or(1))
}

/// Puts a term into its shard; what is too long for it goes into files of its own.
fn place(
    term: &[u8],
    lists: &Lists,
    base: &Base,
    figures: Option<&Figures>,
    shards: &mut [Shard],
    large: &mut Vec<(String, Vec<u8>)>,
) {
    let (mut entry, mut docs, mut frequencies) = (Vec::new(), Vec::new(), Vec::new());
    codec::put(&mut entry, lists.docs.len() as u32);
    codec::put_docs(&mut docs, &lists.docs, base.docs);
    codec::put_frequencies(&mut frequencies, &lists.frequencies);
    let is_heavy = docs.len() + frequencies.len() > HEAVY;
    entry.push(lists.flags() | u8::from(is_heavy));
    let own = codec::file_of(term);
    if is_heavy {
        codec::put(&mut entry, docs.len() as u32);
        codec::put(&mut entry, frequencies.len() as u32);
        put_heads(&mut entry, lists, figures);
        large.push((format!("{}/h/{own}", base.name), docs));
        large.push((format!("{}/t/{own}", base.name), frequencies));
    } else {
        entry.extend_from_slice(&docs);
        entry.extend_from_slice(&frequencies);
    }
    for (n, tier) in lists.tiers.iter().enumerate().filter(|(_, t)| !t.is_empty()) {
        let mut docs = Vec::new();
        codec::put_docs(&mut docs, tier, base.docs);
        codec::put(&mut entry, tier.len() as u32);
        if docs.len() > HEAVY {
            codec::put(&mut entry, 0);
            large.push((format!("{}/h/{own}-{n}", base.name), docs));
        } else {
            codec::put(&mut entry, docs.len() as u32);
            entry.extend_from_slice(&docs);
        }
    }
    let shard = codec::shard(term, base.shards);
    files::put_term(&mut shards[shard as usize], term, &entry);
}

/// Writes the best documents of a long list, best first.
fn put_heads(entry: &mut Vec<u8>, lists: &Lists, figures: Option<&Figures>) {
    let Some(figures) = figures else {
        codec::put(entry, 0);
        return;
    };
    let weight = Weight::new(lists.docs.len() as u64, figures.docs, figures.tokens);
    let extra = |(tier, (boost, tokens)): (&Vec<u32>, &(f32, u64))| {
        Weight::new(tier.len() as u64, figures.docs, *tokens).times(*boost).score(1, 1)
    };
    let extras: Vec<f32> = lists.tiers.iter().zip(&figures.tiers).map(extra).collect();
    let mask = |doc: u32| {
        let has = |(n, tier): (usize, &Vec<u32>)| u8::from(tier.binary_search(&doc).is_ok()) << n;
        lists.tiers.iter().enumerate().map(has).fold(0, |a, b| a | b)
    };
    let scored = lists.docs.iter().zip(&lists.frequencies).map(|(doc, frequency)| {
        let (norm, mask) = (figures.norms[*doc as usize], mask(*doc));
        let more: f32 = extras.iter().enumerate().filter(|(n, _)| mask >> n & 1 == 1).map(|(_, e)| e).sum();
        (weight.score(norm, *frequency) + more, *doc, *frequency, norm, mask)
    });
    let mut heads: Vec<(f32, u32, u32, u8, u8)> = scored.collect();
    let better = |a: &(f32, u32, u32, u8, u8), b: &(f32, u32, u32, u8, u8)| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1));
    if heads.len() > HEADS {
        heads.select_nth_unstable_by(HEADS, better);
        heads.truncate(HEADS);
    }
    heads.sort_unstable_by(better);
    codec::put(entry, heads.len() as u32);
    for (_, doc, frequency, norm, mask) in heads {
        codec::put(entry, doc);
        codec::put(entry, frequency);
        entry.extend_from_slice(&[norm, mask]);
    }
}
