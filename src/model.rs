//! Documents → Site: branches, records, programmes, honours; references and links resolved.
//!
//! [`build`] runs the steps in order: [`read`] makes each document what its kind says, [`resolve`]
//! ties them together. [`query`] answers what pages ask of the whole.

pub mod adopt;
pub mod branch;
mod briefing;
pub mod campaign;
pub mod case;
pub mod catalogue;
pub mod collate;
pub mod date;
pub mod disclosure;
pub mod due;
pub mod evidence;
pub mod form;
mod frozen;
pub mod honour;
pub mod kind;
pub mod ledger;
pub mod meeting;
pub mod pack;
pub mod picture;
pub mod programme;
pub mod query;
mod read;
pub mod record;
pub mod report;
mod resolve;
pub mod route;
pub mod schema;
pub mod sums;

use crate::config::{Config, PathRule, Pick, PictureOptions};
use crate::diagnostic::{Diagnostic, Lang};
use crate::digest::Digest;
use crate::parse::Document;
use crate::picture::Look;
use crate::source::Asset;
use branch::{Branch, Organisation};
use catalogue::Catalogue;
use honour::Honour;
use kind::{Audience, Kinds};
use pack::Pack;
use programme::{Programme, Rubric};
use record::Record;
use resolve::Targets;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// What the model needs to know beside the documents.
#[derive(Debug, Clone)]
pub struct Options {
    /// Rules that understand paths.
    pub paths: Vec<PathRule>,
    /// Which rule packs hold for whom.
    pub packs: Vec<Pick>,
    /// Who the build is for.
    pub audience: Audience,
    /// The language of the titles the tool makes.
    pub lang: Lang,
    /// Days after which a record counts as entered late (补录).
    pub late_after: i64,
    /// Whether evidence left out of this build may be told to exist.
    pub unpublished: bool,
    /// The content folder, as diagnostics name it.
    pub dir: String,
    /// The day the site is built as of.
    pub as_of: jiff::civil::Date,
    /// Whether addresses name `index.html`.
    pub index_in_links: bool,
    /// The most characters of an excerpt.
    pub excerpt: usize,
    /// How large pictures and films may be, and which copies are made of pictures.
    pub pictures: PictureOptions,
}

impl Options {
    /// Cuts what the model needs out of the configuration.
    pub fn of(config: &Config, as_of: jiff::civil::Date) -> Options {
        Options {
            paths: config.paths.clone(),
            packs: config.packs.clone(),
            audience: config.site.audience,
            lang: config.site.lang,
            late_after: config.late_after,
            unpublished: config.unpublished,
            dir: config.content.dir.clone(),
            as_of,
            index_in_links: config.output.index_in_links,
            excerpt: config.content.excerpt,
            pictures: config.pictures.clone(),
        }
    }
}

/// A page that is neither record nor registry: about, manual, notices of the site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    /// The document it was read from.
    pub doc: usize,
    /// The title.
    pub title: String,
    /// A shorter title for menus.
    pub short: Option<String>,
    /// Its place among its siblings.
    pub order: i64,
    /// What it is about.
    pub summary: Option<String>,
    /// Where it is published, `""` for the home page's text.
    pub route: String,
    /// The route of the page it stands under.
    pub parent: Option<String>,
    /// Old addresses.
    pub aliases: Vec<String>,
}

/// A file that is published: as it is, a picture or film without what it tells of place and person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The path in the content folder.
    pub source: String,
    /// The path in the output.
    pub target: String,
    /// The size in bytes.
    pub size: u64,
    /// The digest of its bytes as they are in the content folder.
    pub digest: Digest,
    /// What it is, if it is a picture or film.
    pub look: Option<Look>,
    /// Whether some page shows it as a picture, and not only leads to it.
    pub is_shown: bool,
    /// Where it is first named: a document's number, and the place in it.
    pub named: Option<(usize, Range<usize>)>,
}

/// What a document turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A record, by number.
    Record(usize),
    /// A branch, by number.
    Branch(usize),
    /// An organisation, by number.
    Organisation(usize),
    /// A programme, by number.
    Programme(usize),
    /// A rubric, by number.
    Rubric(usize),
    /// An honour, by number.
    Honour(usize),
    /// A rule pack, by number.
    Pack(usize),
    /// A catalogue of disclosure, by number.
    Catalogue(usize),
    /// A page, by number.
    Page(usize),
    /// Left out: a draft, or meant for fewer readers than this build's.
    Withheld,
    /// Not understood; a diagnostic says why.
    Nothing,
}

/// The whole site as a value.
#[derive(Debug)]
pub struct Site {
    /// The options it was made with.
    pub options: Options,
    /// The kinds of record.
    pub kinds: Kinds,
    /// The parsed files.
    pub docs: Vec<Document>,
    /// What each document is, by the same number.
    pub what: Vec<What>,
    /// Why each document is what it is, for `explain`.
    pub why: Vec<String>,
    /// The organisations in tree order.
    pub organisations: Vec<Organisation>,
    /// The branches in their order.
    pub branches: Vec<Branch>,
    /// The records, newest first.
    pub records: Vec<Record>,
    /// The programmes, newest first.
    pub programmes: Vec<Programme>,
    /// The rubrics, newest first.
    pub rubrics: Vec<Rubric>,
    /// The honours: newest cohort first, in the order of the naming document.
    pub honours: Vec<Honour>,
    /// The rule packs, by id.
    pub packs: Vec<Pack>,
    /// The catalogues of disclosure, by id.
    pub catalogues: Vec<Catalogue>,
    /// The pages by order and title.
    pub pages: Vec<Page>,
    /// The files published as they are, by target.
    pub published: Vec<Published>,
    /// Old addresses and where they lead, by old address.
    pub redirects: BTreeMap<String, String>,
    /// How many records were left out for this build's readers.
    pub withheld: usize,
    /// What may be known of the evidence left out, if the site says that anything may.
    pub unpublished: Vec<evidence::Unpublished>,
    targets: Vec<Targets>,
    by_id: BTreeMap<String, usize>,
}

/// Makes the site of its documents.
pub fn build(
    docs: Vec<Document>,
    assets: Vec<Asset>,
    kinds: Kinds,
    options: Options,
    out: &mut Vec<Diagnostic>,
) -> Site {
    let mut site = read::read(docs, kinds, options, out);
    resolve::resolve(&mut site, &assets, out);
    sums::tell(&site, out);
    case::promote(&mut site, out);
    case::check(&site, out);
    campaign::check(&site, out);
    briefing::check(&site, out);
    site
}

impl Site {
    /// Returns the number of the record of this id.
    pub fn record(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Returns where a link or picture of a document leads.
    pub fn target(&self, doc: usize, destination: &str) -> Option<&resolve::Target> {
        self.targets[doc].get(destination)
    }

    /// Returns the document at a path of the content folder.
    pub fn doc(&self, path: &str) -> Option<usize> {
        self.docs.binary_search_by(|d| d.path.as_str().cmp(path)).ok()
    }

    /// Returns the number of the published file of an address.
    pub fn published_at(&self, url: &str) -> Option<usize> {
        let target = route::decode(url);
        self.published.binary_search_by(|p| p.target.as_str().cmp(&target)).ok()
    }

    /// Returns the kind of a record.
    pub fn kind(&self, record: &Record) -> &kind::Kind {
        &self.kinds.kinds[record.kind]
    }
}

pub use resolve::Target;
