//! What a query asks of a page, ready to be looked up and to be checked.

use crate::search::analyzer;
use crate::search::entry::{Entry, Part};
use crate::search::query::{Key, Query};

/// A phrase to be found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phrase {
    /// As pages are checked for it.
    pub(super) asked: String,
    /// The terms that whoever holds it has.
    pub(super) terms: Vec<String>,
    /// Whether whoever has the terms holds it.
    pub(super) is_exact: bool,
    /// Whether it stands among people and posts.
    pub(super) is_person: bool,
    /// Whether it may begin and end within a word.
    pub(super) is_loose: bool,
}

impl Phrase {
    fn of(text: &str, is_person: bool) -> Phrase {
        let asked = analyzer::squeeze(&analyzer::fold(text));
        let terms = analyzer::asked(&asked);
        let is_exact = !is_person && analyzer::is_exact(&asked, &terms);
        Phrase { asked, terms, is_exact, is_person, is_loose: false }
    }

    /// Returns the phrase whose first and last words may be parts of others: 24年3月 is in 2024年3月 too; `None`
    /// if it has no such words, or nothing else.
    fn loosened(&self) -> Option<Phrase> {
        let terms = analyzer::asked(analyzer::without_edges(&self.asked)?);
        (!terms.is_empty()).then(|| Phrase { terms, is_exact: false, is_loose: true, ..self.clone() })
    }

    /// Returns where in a squeezed text it stands, in bytes.
    pub(super) fn places<'t>(&'t self, squeezed: &'t str) -> impl Iterator<Item = usize> + 't {
        analyzer::places(squeezed, &self.asked, self.is_loose)
    }

    /// Tells whether a squeezed piece of a page holds it.
    pub(super) fn is_in(&self, part: Part, squeezed: &str) -> bool {
        (!self.is_person || part == Part::People) && self.places(squeezed).next().is_some()
    }
}

/// What a query asks.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    /// Of each group one phrase must be held; what is held counts.
    pub(super) groups: Vec<Vec<Phrase>>,
    /// One of these must be held; they count nothing.
    pub(super) people: Vec<Phrase>,
    /// None of these may be held.
    pub(super) without: Vec<Phrase>,
    /// Letters that the title or the branch's name is to be spoken with.
    pub(super) letters: Option<String>,
}

impl Plan {
    pub(super) fn of(query: &Query) -> Plan {
        let people = |excludes| {
            let of = query.filters.iter().filter(move |f| f.key == Key::Person && f.excludes == excludes);
            of.map(|f| Phrase::of(&f.value, true))
        };
        Plan {
            groups: query.groups.iter().map(|group| group.iter().map(|p| Phrase::of(p, false)).collect()).collect(),
            people: people(false).collect(),
            without: query.without.iter().map(|p| Phrase::of(p, false)).chain(people(true)).collect(),
            letters: None,
        }
    }

    /// Returns the groups of which each must be held.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &Vec<Phrase>> {
        self.groups.iter().chain((!self.people.is_empty()).then_some(&self.people))
    }

    /// Returns every phrase that is to be found.
    pub(super) fn phrases(&self) -> impl Iterator<Item = &Phrase> {
        self.wanted().flatten()
    }

    /// Returns the same question with parts of words at its edges; `None` if it has no such edges.
    pub(super) fn loosened(&self) -> Option<Plan> {
        self.phrases().any(|p| p.loosened().is_some()).then(|| {
            let each =
                |phrases: &Vec<Phrase>| phrases.iter().map(|p| p.loosened().unwrap_or_else(|| p.clone())).collect();
            Plan { groups: self.groups.iter().map(each).collect(), people: each(&self.people), ..self.clone() }
        })
    }

    /// Returns the same question as pinyin; `None` if it is not one word of letters.
    pub(super) fn spoken(&self) -> Option<Plan> {
        let [group] = self.groups.as_slice() else { return None };
        let [phrase] = group.as_slice() else { return None };
        let letters = &phrase.asked;
        let is_word = (2..=40).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase());
        (is_word && self.people.is_empty()).then(|| Plan { letters: Some(letters.clone()), ..Plan::default() })
    }

    /// Tells whether pages that have the terms must be read to know whether they hold what is asked.
    pub(super) fn is_doubtful(&self) -> bool {
        self.letters.is_some() || self.phrases().any(|p| !p.is_exact)
    }

    /// Tells whether a page holds what is asked, and nothing it must not.
    pub(super) fn is_held_by(&self, entry: &Entry) -> bool {
        if let Some(letters) = &self.letters {
            return crate::search::pinyin::is_spoken(&entry.spoken(), letters);
        }
        let pieces: Vec<(Part, String)> =
            entry.pieces().map(|(part, text)| (part, analyzer::squeeze(&analyzer::fold(text)))).collect();
        let holds = |phrase: &Phrase| pieces.iter().any(|(part, text)| phrase.is_in(*part, text));
        self.wanted().all(|group| group.iter().any(holds)) && !self.without.iter().any(holds)
    }
}
