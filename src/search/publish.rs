//! Entries → the files of a site's search, and what is left for the next build.
//!
//! A generation of large files is written once and stays while little changes: what was edited, added or
//! removed since goes into small files beside it, written anew each time. When those have grown to a part
//! worth merging, the next generation is written. What is found, in which order and with which scores is the
//! same either way.

use super::base;
use super::codec;
use super::delta::{self, Delta};
use super::entry::Entry;
use super::files::{self, FOLDER, FORMAT};
pub use super::files::{META, Options};
use crate::diagnostic::Error;
use crate::digest::Digest;
use crate::output::Output;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// What a site's search is made of: how many pages, oldest first, and how each is read.
pub struct Pages<'a, E> {
    /// A digest of everything the index would know of each page.
    pub keys: &'a [Digest],
    /// Reads one.
    pub entry: &'a (dyn Fn(usize) -> Result<Entry, E> + Sync),
    /// What facets and filters call kinds and branches.
    pub labels: &'a serde_json::Value,
}

/// What a build leaves to the next.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    pub(super) options: Options,
    pub(super) name: String,
    /// The keys of the generation's pages.
    pub(super) base: Vec<Digest>,
    /// The keys of the pages now.
    pub now: Vec<Digest>,
    pub(super) tokens: u64,
    pub(super) tier_tokens: Vec<u64>,
    shards: u32,
    /// How many files the generation has.
    files: usize,
    pub(super) delta: Option<Delta>,
    /// A digest of the labels.
    pub(super) labels: Digest,
}

impl State {
    /// Returns what the paths of the generation's files begin with.
    pub fn folder(&self) -> String {
        format!("{FOLDER}/{}/", self.name)
    }

    /// Returns a digest of everything the files are made of.
    pub fn key(&self) -> Digest {
        key(&self.now, &self.options, self.labels)
    }

    /// Tells whether so many files of the generation are all of them.
    pub fn is_whole(&self, files: usize) -> bool {
        files == self.files
    }
}

/// Returns a digest of everything the files of a search are made of.
pub fn key(keys: &[Digest], options: &Options, labels: Digest) -> Digest {
    Digest::of_value(&(keys, options, labels))
}

/// What became of a site's search.
pub struct Published {
    /// What the next build goes by.
    pub state: State,
    /// Whether it is another generation than the last.
    pub is_new: bool,
    /// tantivy's own files of a new generation, by path below the generation's name; none if it stayed.
    pub index: Vec<(String, Vec<u8>)>,
}

/// The fewest and the most pages that are kept beside a generation.
const BESIDE: (usize, usize) = (16, 64);

/// Numbers of the generation that are gone, and the pages that are new, each with how many of the
/// generation are older.
type Difference = (Vec<u32>, Vec<(u32, usize)>);

/// Tells what changed since a generation; `None` if it is too much to be kept beside it.
fn difference(base: &[Digest], now: &[Digest]) -> Option<Difference> {
    let numbers: HashMap<Digest, u32> = base.iter().enumerate().map(|(n, key)| (*key, n as u32)).collect();
    let most = (base.len() / 64).clamp(BESIDE.0, BESIDE.1);
    let (mut added, mut older, mut kept) = (Vec::new(), 0u32, HashSet::new());
    for (n, key) in now.iter().enumerate() {
        match numbers.get(key) {
            // Dates never change without the key: what is kept is in the generation's order.
            Some(number) if *number >= older && kept.insert(*number) => older = number + 1,
            _ => added.push((older, n)),
        }
    }
    let removed: Vec<u32> = (0..base.len() as u32).filter(|n| !kept.contains(n)).collect();
    (added.len() <= most && removed.len() <= most).then_some((removed, added))
}

/// Writes the search of a site. `last` is what the last build left, if its files are in place; `read` reads a
/// file of the last build; `put` takes each file that is written.
pub fn publish<E: From<Error> + Send>(
    pages: &Pages<'_, E>,
    options: &Options,
    last: Option<State>,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
    put: &(dyn Fn(Output) -> Result<(), E> + Sync),
) -> Result<Published, E> {
    let last = last.filter(|l| l.options == *options);
    let difference = last.as_ref().and_then(|last| difference(&last.base, pages.keys));
    let published = match last.zip(difference) {
        Some((last, difference)) => match beside(last, &difference, pages, read, put)? {
            Ok(state) => Published { state, is_new: false, index: Vec::new() },
            // A file of the generation cannot be read.
            Err(()) => anew(pages, options, put)?,
        },
        None => anew(pages, options, put)?,
    };
    finish(&published.state, pages.labels, put)?;
    Ok(published)
}

fn anew<E: From<Error> + Send>(
    pages: &Pages<'_, E>,
    options: &Options,
    put: &(dyn Fn(Output) -> Result<(), E> + Sync),
) -> Result<Published, E> {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let counting = |output: Output| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        put(output)
    };
    let base = base::write(pages.keys, pages.entry, options, &counting)?;
    let mut index = Vec::new();
    // One after another: the index is large, and is not to be held twice.
    for (n, segment) in base.segments.into_iter().enumerate() {
        index.extend(segment.files()?.into_iter().map(|(path, bytes)| (format!("{n}/{path}"), bytes)));
    }
    let state = State {
        options: options.clone(),
        name: base.name,
        base: pages.keys.to_vec(),
        now: pages.keys.to_vec(),
        tokens: base.tokens,
        tier_tokens: base.tier_tokens,
        shards: base.shards,
        files: count.into_inner(),
        delta: None,
        labels: labels_of(pages.labels),
    };
    Ok(Published { state, is_new: true, index })
}

/// Writes what changed beside the generation there is.
fn beside<E: From<Error>>(
    last: State,
    (removed, added): &Difference,
    pages: &Pages<'_, E>,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
    put: &(dyn Fn(Output) -> Result<(), E> + Sync),
) -> Result<Result<State, ()>, E> {
    let fragment = |number: u32| {
        let path = format!("{FOLDER}/{}.bin", files::fragment_path(&last.name, number));
        Entry::of_fragment(&codec::inflate(&read(&path)?)?)
    };
    let removed: Option<Vec<_>> = removed.iter().map(|n| Some((*n, fragment(*n)?))).collect();
    let Some(removed) = removed else { return Ok(Err(())) };
    let added = added.iter().map(|(place, n)| Ok((*place, (pages.entry)(*n)?))).collect::<Result<Vec<_>, E>>()?;
    let delta = match (removed.as_slice(), added.as_slice()) {
        ([], []) => None,
        (removed, added) => {
            let (delta, outputs) = delta::write(removed, added, &last.options);
            outputs.into_iter().try_for_each(put)?;
            Some(delta)
        }
    };
    Ok(Ok(State { now: pages.keys.to_vec(), delta, labels: labels_of(pages.labels), ..last }))
}

/// Returns a digest of labels.
pub fn labels_of(labels: &serde_json::Value) -> Digest {
    Digest::of(labels.to_string().as_bytes())
}

/// Writes the labels and the one file whose name never changes.
fn finish<E>(
    state: &State,
    labels: &serde_json::Value,
    put: &(dyn Fn(Output) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let labels = labels.to_string();
    let name = files::name_of(Digest::of(labels.as_bytes()));
    let scripts = state.options.scripts;
    files::file(&name, codec::deflate(labels.as_bytes()), scripts).into_iter().try_for_each(put)?;
    let delta = state.delta.as_ref();
    let sum = |base: u64, change: i64| base.saturating_add_signed(change);
    let tiers = state.options.tiers();
    let of_tiers = state
        .tier_tokens
        .iter()
        .enumerate()
        .map(|(n, tokens)| serde_json::json!({ "tokens": sum(*tokens, delta.map_or(0, |d| d.tier_tokens[n])) }));
    let mut meta = serde_json::json!({
        "format": FORMAT,
        "base": state.name,
        "delta": delta.map(|d| &d.name),
        "labels": name,
        "docs": state.now.len(),
        "tokens": sum(state.tokens, delta.map_or(0, |d| d.tokens)),
        "baseDocs": state.base.len(),
        "shards": state.shards,
        "deltaDocs": delta.map_or(0, |d| d.docs),
        "deltaShards": delta.map_or(0, |d| d.shards),
        "boosts": tiers.iter().map(|t| t.boost).collect::<Vec<_>>(),
        "tiers": of_tiers.collect::<Vec<_>>(),
    });
    if state.options.positions {
        meta["positions"] = true.into();
    }
    if scripts {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(meta.to_string());
        put(Output::text(format!("{FOLDER}/meta.js"), format!("beilinShard(\"meta\",\"{encoded}\");\n")))?;
    }
    put(Output::text(META, format!("{meta}\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: &[u32]) -> Vec<Digest> {
        ids.iter().map(Digest::of_value).collect()
    }

    #[test]
    fn what_changed_is_told_with_its_place() {
        let base = keys(&[1, 2, 3, 4]);
        assert_eq!(difference(&base, &base), Some((vec![], vec![])));
        assert_eq!(difference(&base, &keys(&[1, 9, 3, 4])), Some((vec![1], vec![(1, 1)])));
        assert_eq!(difference(&base, &keys(&[7, 1, 2, 3, 4, 8])), Some((vec![], vec![(0, 0), (4, 5)])));
        // One that stands elsewhere now counts as another.
        assert_eq!(difference(&base, &keys(&[2, 1, 3, 4])), Some((vec![0], vec![(2, 1)])));
        assert_eq!(difference(&base, &keys(&(10..40).collect::<Vec<_>>())), None);
        // Two pages alike are two.
        assert_eq!(difference(&base, &keys(&[1, 1, 2, 3, 4])), Some((vec![], vec![(1, 1)])));
    }
}
