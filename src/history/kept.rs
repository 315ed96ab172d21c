//! The commits as they are kept from build to build: compact, and checked when they are read again.

use super::git::{Git, Raw, Told, Trouble};
use crate::digest::Digest;
use crate::parse::front_matter;
use crate::parse::node::Value;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Stands before what is kept; another number is another form, which is not read.
const MAGIC: &[u8] = b"beilin-history-1\n";

/// The keys a record's id is written under, as `data/kinds.toml` has them.
pub(super) const ID_KEYS: [&str; 3] = ["id", "记录号", "编号"];

/// What was asked, and of what: another answer holds only for the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    /// Whether names were asked for.
    pub(super) authors: bool,
    /// The folder's path in the repository.
    pub(super) prefix: String,
    /// The commits whose parents are missing, sorted.
    pub(super) shallow: Vec<String>,
    /// The digest of the list of names.
    pub(super) mailmap: Option<String>,
}

/// All that was walked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The commit it was read at.
    pub(super) head: String,
    pub(super) terms: Terms,
    /// The commits in no particular order, those too that changed nothing here: they tell what came
    /// after what.
    pub(super) commits: Vec<Commit>,
    /// Paths of which the commits alone tell wrongly whether they are in the head, and whether they are.
    pub(super) corrections: Vec<(String, bool)>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Commit {
    pub(super) hash: String,
    /// Where its parents are in the list.
    pub(super) parents: Vec<u32>,
    /// Whether its parents are missing: what it holds was there before.
    pub(super) cut: bool,
    /// When it was committed, in seconds; it orders what nothing else orders.
    pub(super) committed: i64,
    pub(super) time: i64,
    pub(super) offset: i32,
    pub(super) author: Option<String>,
    pub(super) changes: Vec<Change>,
}

/// A change of one file. A text is known by the first digits of its name: it is only compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Change {
    Added { path: String, blob: u64 },
    Edited { path: String, blob: u64, same: bool },
    Moved { from: String, to: String, blob: u64, same: bool },
    Gone { path: String, id: Option<String> },
}

impl Kept {
    /// Adds commits that were walked, asking git for the ids of the records that vanished in them.
    pub(super) fn extend(&mut self, told: Vec<Told>, git: &Git<'_>) -> Result<(), Trouble> {
        let texts = git.texts(&questions(&told))?;
        let ids: BTreeMap<&str, String> =
            texts.iter().filter_map(|(name, text)| Some((name.as_str(), id_in(text)?))).collect();
        // Parents may come later in the list than their children.
        let mut places: HashMap<String, u32> = HashMap::new();
        for (at, hash) in self.commits.iter().map(|c| &c.hash).chain(told.iter().map(|t| &t.hash)).enumerate() {
            places.insert(hash.clone(), u32::try_from(at).unwrap_or(u32::MAX));
        }
        for commit in told {
            self.commits.push(Commit {
                parents: commit.parents.iter().filter_map(|parent| places.get(parent).copied()).collect(),
                cut: self.terms.shallow.binary_search(&commit.hash).is_ok(),
                hash: commit.hash,
                committed: commit.committed,
                time: commit.time,
                offset: commit.offset,
                author: commit.author,
                changes: commit.changes.into_iter().flat_map(|raw| changes(raw, &ids)).collect(),
            });
        }
        Ok(())
    }

    /// Returns the bytes to keep: a mark, a digest, the rest.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let rest = postcard::to_stdvec(self).expect("plain values can be written to memory");
        [MAGIC, Digest::of(&rest).to_hex().as_bytes(), &rest].concat()
    }

    /// Reads kept bytes.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Kept> {
        let (digest, rest) = bytes.strip_prefix(MAGIC)?.split_at_checked(64)?;
        if Digest::of(rest).to_hex().as_bytes() != digest {
            return None;
        }
        let kept: Kept = postcard::from_bytes(rest).ok()?;
        let inside = |at: &u32| (*at as usize) < kept.commits.len();
        kept.commits.iter().flat_map(|c| &c.parents).all(inside).then_some(kept)
    }
}

/// Returns the texts whose ids are asked for: the last of what is gone, and both sides of a move that
/// changed the text, for which git has only likeness to go by.
fn questions(told: &[Told]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for change in told.iter().flat_map(|commit| &commit.changes) {
        match change {
            Raw::Moved { old, new, .. } if old != new => names.extend([old.as_str(), new.as_str()]),
            Raw::Gone { old, .. } => {
                names.insert(old.as_str());
            }
            Raw::Moved { .. } | Raw::Added { .. } | Raw::Edited { .. } => {}
        }
    }
    names
}

/// Makes of a change as git tells it the change as it is kept. A move between two ids is none: minutes
/// made from one form are alike, and yet two records.
fn changes(raw: Raw, ids: &BTreeMap<&str, String>) -> Vec<Change> {
    let id = |name: &str| ids.get(name).cloned();
    match raw {
        Raw::Added { path, blob } => vec![Change::Added { path, blob: number(&blob) }],
        Raw::Edited { path, blob, same } => vec![Change::Edited { path, blob: number(&blob), same }],
        Raw::Gone { path, old } => vec![Change::Gone { path, id: id(&old) }],
        Raw::Moved { from, to, old, new, same } => match (id(&old), id(&new)) {
            (Some(before), Some(after)) if before != after => {
                vec![Change::Gone { path: from, id: Some(before) }, Change::Added { path: to, blob: number(&new) }]
            }
            _ => vec![Change::Moved { from, to, blob: number(&new), same }],
        },
    }
}

/// Returns the first digits of an object's name as a number.
fn number(name: &str) -> u64 {
    name.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

/// Returns the id a record's text gives in its front matter.
fn id_in(text: &str) -> Option<String> {
    // What is wrong with a text that is gone is nobody's business any more.
    let cut = front_matter::cut(text, "", &mut Vec::new());
    let node = ID_KEYS.iter().find_map(|key| cut.table.get(key))?;
    let id = match &node.value {
        Value::Text(text) => text.trim(),
        // As it was written: an id may begin with 0.
        Value::Int(_) | Value::Float(_) => text.get(node.span.clone())?.trim(),
        Value::Bool(_) | Value::List(_) | Value::Table(_) | Value::Null => return None,
    };
    (!id.is_empty()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_both_languages_of_front_matter() {
        for (text, id) in [
            ("+++\nid = \"y-1\"\n+++\n文", Some("y-1")),
            ("+++\n\"记录号\" = \"y-2\"\n+++\n文", Some("y-2")),
            ("---\n编号: 0117\n---\n文", Some("0117")),
            ("---\ntitle: 无\n---\n文", None),
            ("+++\nid = \"\"\n+++\n文", None),
            ("id = \"在正文里\"", None),
        ] {
            assert_eq!(id_in(text).as_deref(), id, "{text}");
        }
    }

    #[test]
    fn the_keys_of_an_id_are_those_of_the_kinds() {
        let kinds: toml::Table = toml::from_str(include_str!("../data/kinds.toml")).expect("it is checked by a test");
        let id = kinds["core"].as_array().into_iter().flatten().find(|field| field["key"].as_str() == Some("id"));
        let id = id.expect("records have ids");
        let mut keys = vec![id["key"].as_str(), id["label"]["zh"].as_str()];
        keys.extend(id["aliases"].as_array().into_iter().flatten().map(|alias| alias.as_str()));
        assert_eq!(keys, ID_KEYS.map(Some));
    }

    #[test]
    fn a_likeness_of_two_records_is_no_move() {
        let moved =
            || Raw::Moved { from: "a.md".into(), to: "b.md".into(), old: "1".into(), new: "2".into(), same: false };
        let same = BTreeMap::from([("1", "x".to_owned()), ("2", "x".to_owned())]);
        assert!(matches!(changes(moved(), &same)[..], [Change::Moved { .. }]));
        let other = BTreeMap::from([("1", "x".to_owned()), ("2", "y".to_owned())]);
        assert!(matches!(changes(moved(), &other)[..], [Change::Gone { .. }, Change::Added { .. }]));
        assert!(matches!(changes(moved(), &BTreeMap::new())[..], [Change::Moved { .. }]), "no ids: git is believed");
    }
}
