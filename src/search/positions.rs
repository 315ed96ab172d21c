//! Where in a document a term stands, by which browsers tell phrases without reading texts (`[search] positions`).
//!
//! 1. [`each`]: a page → its terms that have positions, with them;
//! 2. [`Places`]: those of many pages, gathered term by term;
//! 3. [`Sheets`]: the files, one beside each shard.
//!
//! Positions count Han characters and words: two on from one to the next, three where something parts them, four from
//! piece to piece. So a distance of two or three is never that of any others, and whoever has the parts of a phrase
//! at its distances holds it, as [`holds`](super::analyzer::holds) says of texts.
//!
//! Pairs have positions, and what something parts from a neighbour; the rest of a phrase follows from these. The
//! positions of single characters would tell the same and take as much room in all, but one phrase would need five to
//! ten times as many bytes of them. People and posts stand first, and there everything has positions: where they end
//! tells who is named in them. Words longer than a term have none: for these texts are read.

use super::analyzer;
use super::codec::{self, Reader};
use super::entry::{Entry, Part};
use super::files::HEAVY;
use std::collections::HashMap;

/// From a unit to the next, if nothing parts them.
const NEXT: u32 = 2;
/// From a unit to the next, if something does.
const PARTED: u32 = 3;
/// From a piece to the next, beyond the way between their units.
const APART: u32 = 4;

/// The name of the file that says where people and posts end.
pub(super) const PEOPLE: &str = "p/people";

/// Gives every term of a page that has positions, with each; returns the last of people and posts.
pub(super) fn each(entry: &Entry, mut give: impl FnMut(&str, u32)) -> u32 {
    let (mut at, mut people, mut pair) = (0, 0, String::new());
    let of = |are_people| entry.pieces().filter(move |(part, _)| (*part == Part::People) == are_people);
    for (part, text) in of(true).chain(of(false)) {
        let folded = analyzer::fold(text);
        let units = analyzer::row(&folded);
        at += APART;
        for (n, unit) in units.iter().enumerate() {
            at += match (n, unit.is_parted) {
                (0, _) => 0,
                (_, true) => PARTED,
                (_, false) => NEXT,
            };
            let next = units.get(n + 1);
            if !unit.is_term() {
                continue;
            }
            let is_apart = unit.is_parted || next.is_some_and(|next| next.is_parted);
            if is_apart || part == Part::People {
                give(unit.text, at);
            }
            if let Some(next) = next.filter(|next| !next.is_parted && next.is_term()) {
                pair.clear();
                pair.push_str(unit.text);
                pair.push_str(next.text);
                give(&pair, at);
            }
        }
        if part == Part::People {
            people = at;
        }
    }
    people
}

/// The positions of some documents, term by term.
#[derive(Default)]
pub(super) struct Places {
    numbers: HashMap<Vec<u8>, usize>,
    lists: Vec<List>,
    /// The last position of people and posts in each document.
    people: Vec<u32>,
}

/// Of each document that has positions, how far it is from the one before, and the positions.
#[derive(Default)]
struct List {
    last: u32,
    bytes: Vec<u8>,
}

impl Places {
    /// Adds a document behind the others.
    pub(super) fn add(&mut self, doc: u32, entry: &Entry) {
        let mut found: Vec<(usize, u32)> = Vec::new();
        let people = each(entry, |term, at| {
            let number = match self.numbers.get(term.as_bytes()) {
                Some(number) => *number,
                None => {
                    self.lists.push(List::default());
                    self.numbers.insert(term.as_bytes().to_owned(), self.lists.len() - 1);
                    self.lists.len() - 1
                }
            };
            found.push((number, at));
        });
        self.people.push(people);
        found.sort_unstable();
        for of_term in found.chunk_by(|a, b| a.0 == b.0) {
            let list = &mut self.lists[of_term[0].0];
            codec::put(&mut list.bytes, doc - std::mem::replace(&mut list.last, doc));
            let mut last = 0;
            for (n, (_, at)) in of_term.iter().enumerate() {
                let more = u32::from(n + 1 < of_term.len());
                codec::put(&mut list.bytes, (at - std::mem::replace(&mut last, *at)) << 1 | more);
            }
        }
    }

    fn list(&self, term: &[u8]) -> &[u8] {
        self.numbers.get(term).map_or(&[], |number| self.lists[*number].bytes.as_slice())
    }
}

/// Returns where people and posts end, document by document.
pub(super) fn people(places: &[(u32, Places)]) -> Vec<u8> {
    let mut out = Vec::new();
    places.iter().flat_map(|(_, places)| &places.people).for_each(|at| codec::put(&mut out, *at));
    out
}

/// Returns a term's positions in each of the documents that have it, nothing if there are none; `places` are those
/// of stretches of documents, each with the number of its first.
pub(super) fn block(term: &[u8], docs: &[u32], places: &[(u32, Places)]) -> Vec<u8> {
    let (mut out, mut docs) = (Vec::new(), docs.iter().copied().peekable());
    for (first, places) in places {
        let (mut reader, mut doc) = (Reader::new(places.list(term)), *first);
        while let Some(gap) = reader.number() {
            doc += gap;
            while docs.next_if(|other| *other < doc).is_some() {
                out.push(0);
            }
            docs.next();
            while let Some(step) = reader.number() {
                codec::put(&mut out, step);
                if step & 1 == 0 {
                    break;
                }
            }
        }
    }
    if !out.is_empty() {
        out.extend(docs.map(|_| 0));
    }
    out
}

/// Reads a block of so many documents; `None` if it is damaged.
pub(super) fn read(block: &[u8], docs: usize) -> Option<Vec<Vec<u32>>> {
    if block.is_empty() {
        return Some(vec![Vec::new(); docs]);
    }
    let mut reader = Reader::new(block);
    let mut all = Vec::with_capacity(docs.min(block.len()));
    for _ in 0..docs {
        let (mut places, mut at) = (Vec::new(), 0u32);
        loop {
            let step = reader.number()?;
            at = at.checked_add(step >> 1)?;
            if step > 0 {
                places.push(at);
            }
            if step & 1 == 0 {
                break;
            }
        }
        all.push(places);
    }
    reader.is_done().then_some(all)
}

/// The files of positions, one beside each shard of terms, and in its order.
pub(super) struct Sheets(Vec<Vec<u8>>);

impl Sheets {
    pub(super) fn new(shards: u32) -> Sheets {
        Sheets(vec![Vec::new(); shards as usize])
    }

    /// Puts a term's block behind those of the terms before it; gives back one that stands in a file of its own,
    /// with the file's name.
    pub(super) fn put(&mut self, term: &[u8], block: Vec<u8>) -> Option<(String, Vec<u8>)> {
        let sheet = codec::shard(term, self.0.len() as u32);
        let sheet = &mut self.0[sheet as usize];
        match block.len() {
            0 => sheet.push(0),
            length if length > HEAVY => {
                sheet.push(1);
                return Some((format!("p/{}", codec::file_of(term)), block));
            }
            length => {
                codec::put(sheet, length as u32 + 1);
                sheet.extend_from_slice(&block);
            }
        }
        None
    }

    /// Returns the files with their names.
    pub(super) fn files(self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.0.into_iter().enumerate().map(|(n, sheet)| (format!("p/{n:x}"), sheet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::entry::{Face, Part, Section};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// A page; the second text is of people too.
    fn of(title: &str, other: &str, text: &str) -> Entry {
        let fields = vec![(Part::Other, text.into()), (Part::People, other.into()), (Part::People, title.into())];
        let face = Face { title: title.into(), fields, ..Face::default() };
        Entry { face, sections: vec![Section { text: text.into(), ..Section::default() }] }
    }

    fn positions(entry: &Entry) -> BTreeMap<String, Vec<u32>> {
        let mut all: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        each(entry, |term, at| all.entry(term.to_owned()).or_default().push(at));
        all
    }

    /// Returns the terms that tell of a phrase whether it is held, each with its place; `None` for what has no
    /// positions. As browsers have it.
    fn cover(asked: &str, is_person: bool) -> Option<Vec<(String, u32)>> {
        let units = analyzer::row(asked);
        if units.len() < if is_person { 1 } else { 2 } || !units.iter().all(|u| u.is_term()) {
            return None;
        }
        let (mut cover, mut at, mut covered) = (Vec::new(), 0, 0);
        for (n, unit) in units.iter().enumerate() {
            at += if n == 0 { 0 } else { NEXT + u32::from(unit.is_parted) };
            let pair = |n: usize| format!("{}{}", units[n].text, units[n + 1].text);
            if n < covered {
                continue;
            }
            if units.get(n + 1).is_some_and(|next| !next.is_parted) {
                cover.push((pair(n), at));
                covered = n + 2;
            } else if n > 0 && !unit.is_parted {
                cover.push((pair(n - 1), at - NEXT));
            } else {
                cover.push((unit.text.to_owned(), at));
            }
        }
        Some(cover)
    }

    /// Compares what positions tell with what the texts do; gives whether it is held, if positions can tell.
    fn check(entry: &Entry, asked: &str) -> Option<bool> {
        check_among(entry, asked, true);
        check_among(entry, asked, false)
    }

    fn check_among(entry: &Entry, asked: &str, is_person: bool) -> Option<bool> {
        let asked = analyzer::squeeze(&analyzer::fold(asked));
        let (all, people, cover) = (positions(entry), each(entry, |_, _| ()), cover(&asked, is_person)?);
        let starts = cover.iter().map(|(term, at)| {
            let of = all.get(term).into_iter().flatten();
            of.map(|place| i64::from(*place) - i64::from(*at)).collect::<BTreeSet<_>>()
        });
        let starts = starts.reduce(|a, b| &a & &b).unwrap_or_default();
        let told = starts.iter().any(|start| !is_person || *start <= i64::from(people));
        let mut pieces = entry.pieces().filter(|(part, _)| !is_person || *part == Part::People);
        let is_held = pieces.any(|(_, text)| analyzer::holds(&analyzer::squeeze(&analyzer::fold(text)), &asked));
        assert_eq!(told, is_held, "{asked:?} in {entry:?}");
        Some(told)
    }

    #[test]
    fn positions_tell_what_the_vectors_say() {
        let vectors = include_str!("../../tests/search/vectors.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).expect("the vectors are JSON");
        let holds: Vec<(&str, &str)> = vectors["holds"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|v| (v["text"].as_str().expect("text"), v["asked"].as_str().expect("text")))
            .collect();
        let mut told = 0;
        for (text, _) in &holds {
            for (other, asked) in &holds {
                told += usize::from(check(&of(text, "", other), asked).is_some_and(|held| held));
                check(&of("", text, ""), text);
            }
        }
        assert!(told > 100, "{told}");
    }

    #[test]
    fn pieces_do_not_touch_and_only_what_stands_apart_has_positions_by_itself() {
        let expected = |list: &[(&str, u32)]| list.iter().map(|(t, at)| ((*t).to_owned(), vec![*at])).collect();
        let mut entry = of("党课，会", "", "会");
        entry.face.fields.clear();
        assert_eq!(positions(&entry), expected(&[("党课", 4), ("课", 6), ("会", 9)]));
        entry.face.title = "Party Branch 6月".into();
        assert_eq!(positions(&entry), expected(&[("party", 4), ("branch", 7), ("6", 10), ("6月", 10)]));
        entry.face.fields = vec![(Part::Other, "课".into()), (Part::People, "张三".into())];
        entry.face.title.clear();
        assert_eq!(positions(&entry), expected(&[("张三", 4), ("张", 4), ("三", 6)]));
        assert_eq!(each(&entry, |_, _| ()), 6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn positions_tell_what_texts_say(
            title in "[党课会a2 ，“”·]{0,12}|([党课組𠮷aＡb2，。 “”·\u{0}]|x{39}|x{41}|ab){0,14}",
            other in "[党课会a2 ，“]{0,6}",
            text in "[党课会a2 ，“”·]{0,24}",
            asked in "[党课会a2 ，“”·]{0,5}|([党课組𠮷aＡb2，。 “”·\u{0}]|x{39}|x{41}|ab){0,5}",
            from in 0usize..20, length in 2usize..8,
        ) {
            let entry = of(&title, &other, &text);
            check(&entry, &asked);
            check(&entry, &text.chars().skip(from).take(length).collect::<String>());
            check(&entry, &title.chars().skip(from).take(length).collect::<String>());
        }

        #[test]
        fn what_is_gathered_is_read_again(texts in proptest::collection::vec("[党课会，]{0,9}", 1..9), cut in 0usize..9, any in proptest::collection::vec(any::<u8>(), 0..40)) {
            let entries: Vec<Entry> = texts.iter().map(|text| of(text, "", "")).collect();
            let cut = cut.min(entries.len());
            let mut places = [(0, Places::default()), (cut as u32, Places::default())];
            for (n, entry) in entries.iter().enumerate() {
                let (first, places) = &mut places[usize::from(n >= cut)];
                places.add(n as u32 - *first, entry);
            }
            for term in ["党", "党课", "课会", "会"] {
                let has = |text: &String| {
                    let mut has = false;
                    analyzer::terms(text, |t| has |= t == term);
                    has
                };
                let docs: Vec<u32> = (0..texts.len() as u32).filter(|n| has(&analyzer::fold(&texts[*n as usize]))).collect();
                let wanted = docs.iter().map(|n| positions(&entries[*n as usize]).remove(term).unwrap_or_default());
                let block = block(term.as_bytes(), &docs, &places);
                prop_assert_eq!(read(&block, docs.len()), Some(wanted.collect()));
            }
            // Any bytes give an answer.
            let _ = read(&any, 5);
        }
    }
}
