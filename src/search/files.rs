//! What the large files and the small ones beside them are written with.

use super::codec;
use super::entry::{Entry, Part, Tier};
use crate::output::Output;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format's number; a client of another number says so.
pub(super) const FORMAT: u32 = 2;
/// The folder of everything the browser reads.
pub(super) const FOLDER: &str = "search";
/// The one name that never changes.
pub const META: &str = "search/meta.json";
/// A list of more bytes stands in files of its own.
pub(super) const HEAVY: usize = 4096;
/// The most documents at the head of a heavy list.
pub(super) const HEADS: usize = 256;
/// Bytes of a shard before it is compressed, about.
pub(super) const SHARD: u64 = 3000;
/// Documents of a file of lengths: for most sites one file, which comes with the first shards.
pub(super) const NORMS: usize = 16384;

/// What a site says of its search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// How much more parts weigh.
    pub boosts: Vec<(Part, f32)>,
    /// Whether every file has a twin that is a script, for copies opened from a folder.
    pub scripts: bool,
    /// Whether it has positions, by which phrases are told without reading texts.
    pub positions: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { boosts: vec![(Part::Title, 3.0), (Part::Number, 3.0)], scripts: false, positions: false }
    }
}

impl Options {
    /// Returns the parts that weigh more, those of one weight together, heaviest first.
    pub fn tiers(&self) -> Vec<Tier> {
        let mut tiers: Vec<Tier> = Vec::new();
        for (part, boost) in self.boosts.iter().filter(|(_, boost)| *boost > 0.0) {
            match tiers.iter_mut().find(|t| t.boost == *boost) {
                Some(tier) => tier.parts.push(*part),
                None => tiers.push(Tier { boost: *boost, parts: vec![*part] }),
            }
        }
        tiers.sort_by(|a, b| b.boost.total_cmp(&a.boost));
        tiers
    }
}

/// Returns the outputs of a file: itself, and its twin where sites are opened from a folder.
pub(super) fn file(path: &str, bytes: Vec<u8>, scripts: bool) -> Vec<Output> {
    let name = |ending: &str| format!("{FOLDER}/{path}.{ending}");
    let mut outputs = Vec::with_capacity(2);
    if scripts {
        let script = format!("beilinShard(\"{path}\",\"{}\");\n", STANDARD.encode(&bytes));
        outputs.push(Output::text(name("js"), script));
    }
    outputs.push(Output { path: name("bin"), bytes });
    outputs
}

/// Returns where a fragment lies below its generation.
pub(super) fn fragment_path(of: &str, number: u32) -> String {
    format!("{of}/f/{:x}/{:x}", number >> 8, number & 255)
}

/// Returns the name of a generation: the first ten digits of a digest of what is in it.
pub(super) fn name_of(digest: crate::digest::Digest) -> String {
    digest.to_hex()[..10].to_owned()
}

/// The ids of kinds and branches, in order of their appearance, and a document's own.
#[derive(Debug, Default)]
pub(super) struct Columns {
    kinds: Vec<String>,
    branches: Vec<String>,
    of_kind: Vec<u8>,
    of_branch: Vec<u16>,
    dates: Vec<(String, u32)>,
    places: BTreeMap<(bool, String), usize>,
}

/// What the columns want of a document.
pub(super) struct Row {
    kind: Option<String>,
    branch: Option<String>,
    iso: String,
}

impl Row {
    pub(super) fn of(entry: &Entry) -> Row {
        let id = |named: &Option<(String, String)>| named.as_ref().map(|(id, _)| id.clone());
        Row { kind: id(&entry.face.kind), branch: id(&entry.face.branch), iso: entry.face.iso.clone() }
    }
}

impl Columns {
    pub(super) fn push(&mut self, row: &Row) {
        let kind = row.kind.as_ref().map_or(0, |id| self.place(false, id));
        let branch = row.branch.as_ref().map_or(0, |id| self.place(true, id));
        // A site of more kinds than a byte holds has the rest without a facet.
        self.of_kind.push(u8::try_from(kind).unwrap_or(0));
        self.of_branch.push(u16::try_from(branch).unwrap_or(0));
        match self.dates.last_mut() {
            Some((date, count)) if *date == row.iso => *count += 1,
            _ => self.dates.push((row.iso.clone(), 1)),
        }
    }

    fn place(&mut self, is_branch: bool, id: &str) -> usize {
        let list = if is_branch { &mut self.branches } else { &mut self.kinds };
        *self.places.entry((is_branch, id.to_owned())).or_insert_with(|| {
            list.push(id.to_owned());
            list.len()
        })
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let head = serde_json::json!({ "kinds": self.kinds, "branches": self.branches, "dates": self.dates });
        let mut bytes = format!("{head}\n").into_bytes();
        bytes.extend_from_slice(&self.of_kind);
        bytes.extend(self.of_branch.iter().flat_map(|b| b.to_le_bytes()));
        bytes
    }
}

/// Columns as they are read again.
#[derive(Debug, Default)]
pub(super) struct Rows {
    kinds: Vec<String>,
    branches: Vec<String>,
    of_kind: Vec<u8>,
    of_branch: Vec<u16>,
    dates: Vec<(String, u32)>,
}

#[derive(Deserialize)]
struct ColumnsHead {
    kinds: Vec<String>,
    branches: Vec<String>,
    dates: Vec<(String, u32)>,
}

impl Rows {
    /// Reads what [`Columns::bytes`] wrote of so many documents; `None` if it is damaged.
    pub(super) fn read(bytes: &[u8], docs: usize) -> Option<Rows> {
        let end = bytes.iter().position(|b| *b == b'\n')?;
        let ColumnsHead { kinds, branches, dates } = serde_json::from_slice(&bytes[..end]).ok()?;
        let (of_kind, of_branch) = bytes[end + 1..].split_at_checked(docs)?;
        let of_branch: Vec<u16> = of_branch.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
        let dated: u64 = dates.iter().map(|(_, n)| u64::from(*n)).sum();
        let is_whole = of_branch.len() == docs && dated == docs as u64;
        is_whole.then(|| Rows { kinds, branches, of_kind: of_kind.to_vec(), of_branch, dates })
    }

    /// Returns the id of a document's kind.
    pub(super) fn kind(&self, doc: usize) -> Option<&str> {
        Some(self.kinds.get(usize::from(*self.of_kind.get(doc)?).checked_sub(1)?)?)
    }

    /// Returns the id of a document's branch.
    pub(super) fn branch(&self, doc: usize) -> Option<&str> {
        Some(self.branches.get(usize::from(*self.of_branch.get(doc)?).checked_sub(1)?)?)
    }

    /// Gives each run of documents of one date: the date, the first, the one after the last.
    pub(super) fn dates(&self) -> impl Iterator<Item = (&str, u32, u32)> {
        self.dates.iter().scan(0, |at, (date, count)| {
            let first = *at;
            *at += count;
            Some((date.as_str(), first, *at))
        })
    }
}

/// The lists of a term.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) docs: Vec<u32>,
    pub(super) frequencies: Vec<u32>,
    pub(super) tiers: Vec<Vec<u32>>,
}

impl Lists {
    pub(super) fn flags(&self) -> u8 {
        let has = |(n, docs): (usize, &Vec<u32>)| u8::from(!docs.is_empty()) << (n + 1);
        self.tiers.iter().enumerate().map(has).fold(0, |a, b| a | b)
    }
}

/// Puts a term and its entry behind others of its shard.
pub(super) fn put_term(shard: &mut Shard, term: &[u8], entry: &[u8]) {
    shard.terms += 1;
    codec::put(&mut shard.bytes, term.len() as u32);
    shard.bytes.extend_from_slice(term);
    codec::put(&mut shard.bytes, entry.len() as u32);
    shard.bytes.extend_from_slice(entry);
}

/// A shard being filled.
#[derive(Debug, Default, Clone)]
pub(super) struct Shard {
    terms: u32,
    bytes: Vec<u8>,
}

impl Shard {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes.len() + 5);
        codec::put(&mut bytes, self.terms);
        bytes.extend_from_slice(&self.bytes);
        bytes
    }
}
