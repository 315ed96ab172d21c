//! A site as bytes, so that the next process need not read and resolve what has not changed.
//!
//! What only reading needs is left out: spans, front matter, outlines. A thawed site renders the same
//! pages; it cannot be read again from its documents.

use super::branch::{Branch, Organisation};
use super::catalogue::Catalogue;
use super::honour::Honour;
use super::kind::Kinds;
use super::pack::Pack;
use super::programme::{Programme, Rubric};
use super::record::Record;
use super::resolve::Targets;
use super::{Options, Page, Published, Site, What};
use crate::digest::Digest;
use crate::parse::Document;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What rendering needs of a document.
#[derive(Serialize, Deserialize)]
struct Slim<'a> {
    path: Cow<'a, str>,
    shown: Cow<'a, str>,
    digest: Digest,
    body_start: usize,
    excerpt: Cow<'a, str>,
}

/// A site, part by part: borrowed to be written, owned when read.
#[derive(Serialize, Deserialize)]
struct Frozen<D, K, T, M> {
    docs: D,
    kinds: K,
    lists: T,
    maps: M,
    withheld: usize,
    unpublished: Vec<super::evidence::Unpublished>,
}

type Lists<'a> = (
    Cow<'a, [What]>,
    Cow<'a, [Organisation]>,
    Cow<'a, [Branch]>,
    Cow<'a, [Record]>,
    Cow<'a, [Programme]>,
    Cow<'a, [Rubric]>,
    Cow<'a, [Honour]>,
    Cow<'a, [Pack]>,
    Cow<'a, [Catalogue]>,
    Cow<'a, [Page]>,
    Cow<'a, [Published]>,
    Cow<'a, [Targets]>,
);
type Maps<'a> = (Cow<'a, BTreeMap<String, String>>, Cow<'a, BTreeMap<String, usize>>);
type Whole<'a> = Frozen<Vec<Slim<'a>>, Cow<'a, Kinds>, Lists<'a>, Maps<'a>>;

impl Site {
    /// Writes the site as bytes.
    pub fn freeze(&self) -> Vec<u8> {
        fn slim(d: &Document) -> Slim<'_> {
            Slim {
                path: Cow::Borrowed(d.path.as_str()),
                shown: Cow::Borrowed(d.shown.as_str()),
                digest: d.digest,
                body_start: d.body_start,
                excerpt: Cow::Borrowed(d.outline.excerpt.as_str()),
            }
        }
        let whole: Whole<'_> = Frozen {
            docs: self.docs.iter().map(slim).collect(),
            kinds: Cow::Borrowed(&self.kinds),
            lists: (
                Cow::Borrowed(&self.what),
                Cow::Borrowed(&self.organisations),
                Cow::Borrowed(&self.branches),
                Cow::Borrowed(&self.records),
                Cow::Borrowed(&self.programmes),
                Cow::Borrowed(&self.rubrics),
                Cow::Borrowed(&self.honours),
                Cow::Borrowed(&self.packs),
                Cow::Borrowed(&self.catalogues),
                Cow::Borrowed(&self.pages),
                Cow::Borrowed(&self.published),
                Cow::Borrowed(&self.targets),
            ),
            maps: (Cow::Borrowed(&self.redirects), Cow::Borrowed(&self.by_id)),
            withheld: self.withheld,
            unpublished: self.unpublished.clone(),
        };
        crate::digest::encode(&whole)
    }

    /// Reads a site from bytes; `None` if they are none.
    pub fn thaw(bytes: &[u8], options: Options) -> Option<Site> {
        let whole: Whole<'static> = postcard::from_bytes(bytes).ok()?;
        #[rustfmt::skip]
        let (
            what, organisations, branches, records, programmes, rubrics, honours, packs, catalogues, pages, published,
            targets,
        ) = whole.lists;
        let docs = whole.docs.into_iter().map(|slim| Document {
            path: slim.path.into_owned(),
            shown: slim.shown.into_owned(),
            digest: slim.digest,
            body_start: slim.body_start,
            outline: crate::parse::markdown::Outline { excerpt: slim.excerpt.into_owned(), ..Default::default() },
            ..Document::default()
        });
        Some(Site {
            options,
            kinds: whole.kinds.into_owned(),
            docs: docs.collect(),
            what: what.into_owned(),
            why: Vec::new(),
            organisations: organisations.into_owned(),
            branches: branches.into_owned(),
            records: records.into_owned(),
            programmes: programmes.into_owned(),
            rubrics: rubrics.into_owned(),
            honours: honours.into_owned(),
            packs: packs.into_owned(),
            catalogues: catalogues.into_owned(),
            pages: pages.into_owned(),
            published: published.into_owned(),
            redirects: whole.maps.0.into_owned(),
            withheld: whole.withheld,
            unpublished: whole.unpublished,
            targets: targets.into_owned(),
            by_id: whole.maps.1.into_owned(),
        })
    }
}
