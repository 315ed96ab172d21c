//! What pages ask of the site beyond themselves: one [`Query`] each, and its answer.
//!
//! A page is rendered through questions only (`render::ask`), and every question it asked is kept with
//! the digest of the answer. While all answers are the same, so is the page. A record therefore shows
//! several faces, each a shape of its own with only the fields that face may show: its [`Card`] in
//! lists, its [`Row`] in tables, its [`Entry`] in feeds, its [`Name`] where another record names it.
//! An edit that leaves a face as it was renders nothing that shows only that face.

use super::Site;
use super::branch::{Branch, Organisation};
use super::date::ArchiveDate;
use super::disclosure;
use super::due::{self, Duty};
use super::honour::Honour;
use super::ledger::{self, Holder};
use super::pack::{self, Pack};
use super::programme::{Criterion, Programme, Rubric};
use super::record::{File, Record};
use super::report::{self, Offer};
use super::schema::Label;
use super::sums;
use crate::diagnostic::Say;
use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Which records are meant; what is not said does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Selection {
    /// Of this branch.
    pub branch: Option<usize>,
    /// Of this committee or organisation itself.
    pub unit: Option<usize>,
    /// Of this kind.
    pub kind: Option<usize>,
    /// Of this year.
    pub year: Option<i16>,
    /// Of this month.
    pub month: Option<u8>,
    /// Without a known year.
    pub undated: bool,
    /// Of this programme.
    pub campaign: Option<usize>,
}

/// A selection in the least room: a site asks some questions about each of its records, and holds them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Packed {
    branch: u32,
    unit: u32,
    kind: u32,
    campaign: u32,
    year: i16,
    month: u8,
    undated: bool,
}

/// What no number, no year and no month is.
const NONE: (u32, i16, u8) = (u32::MAX, i16::MIN, 0);

impl From<Selection> for Packed {
    fn from(s: Selection) -> Packed {
        let number = |n: Option<usize>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(NONE.0);
        Packed {
            branch: number(s.branch),
            unit: number(s.unit),
            kind: number(s.kind),
            campaign: number(s.campaign),
            year: s.year.unwrap_or(NONE.1),
            month: s.month.unwrap_or(NONE.2),
            undated: s.undated,
        }
    }
}

impl From<Packed> for Selection {
    fn from(p: Packed) -> Selection {
        let number = |n: u32| (n != NONE.0).then_some(n as usize);
        Selection {
            branch: number(p.branch),
            unit: number(p.unit),
            kind: number(p.kind),
            campaign: number(p.campaign),
            year: (p.year != NONE.1).then_some(p.year),
            month: (p.month != NONE.2).then_some(p.month),
            undated: p.undated,
        }
    }
}

/// Records by branch, so that a branch's lists cost what the branch has.
#[derive(Debug, Default)]
pub struct Index {
    by_branch: Vec<Vec<usize>>,
    by_unit: Vec<Vec<usize>>,
    all: Vec<usize>,
    /// The keywords of each record as numbers, which compare faster than words.
    keywords: Vec<Vec<u32>>,
    /// The same as bits, several words to a bit: most pairs of records have none in common.
    keyword_bits: Vec<u64>,
}

impl Index {
    /// Makes the index of a site.
    pub fn new(site: &Site) -> Index {
        let mut index = Index {
            by_branch: vec![Vec::new(); site.branches.len()],
            by_unit: vec![Vec::new(); site.organisations.len()],
            all: (0..site.records.len()).collect(),
            keywords: Vec::with_capacity(site.records.len()),
            keyword_bits: Vec::with_capacity(site.records.len()),
        };
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        for (i, r) in site.records.iter().enumerate() {
            let number = |word| {
                let next = numbers.len() as u32;
                *numbers.entry(word).or_insert(next)
            };
            let numbered: Vec<u32> = r.keywords.iter().map(String::as_str).map(number).collect();
            index.keyword_bits.push(numbered.iter().fold(0, |bits, n| bits | 1 << (n % 64)));
            index.keywords.push(numbered);
            if let Some(b) = r.branch {
                index.by_branch[b].push(i);
            }
            if let Some(u) = r.unit {
                index.by_unit[u].push(i);
            }
        }
        index
    }

    /// Returns the selected records, newest first.
    pub fn select(&self, site: &Site, s: Selection) -> Vec<usize> {
        let from = match (s.branch, s.unit) {
            (Some(b), _) => &self.by_branch[b],
            (None, Some(u)) => &self.by_unit[u],
            (None, None) => &self.all,
        };
        from.iter().copied().filter(|i| s.has(site, *i)).collect()
    }

    /// Returns how many records a branch has.
    pub fn of_branch(&self, branch: usize) -> &[usize] {
        &self.by_branch[branch]
    }

    /// Returns how many keywords of a record another has too.
    pub fn shared_keywords(&self, record: usize, other: usize) -> usize {
        if self.keyword_bits[record] & self.keyword_bits[other] == 0 {
            return 0;
        }
        let theirs = &self.keywords[other];
        self.keywords[record].iter().filter(|k| theirs.contains(k)).count()
    }

    /// Returns the records of an organisation itself.
    pub fn of_unit(&self, unit: usize) -> &[usize] {
        &self.by_unit[unit]
    }
}

impl Selection {
    fn has(&self, site: &Site, record: usize) -> bool {
        let r = &site.records[record];
        self.branch.is_none_or(|b| r.branch == Some(b))
            && self.unit.is_none_or(|u| r.unit == Some(u))
            && self.kind.is_none_or(|k| r.kind == k)
            && self.year.is_none_or(|y| r.year() == Some(y))
            && self.month.is_none_or(|m| r.month() == Some(m))
            && (!self.undated || r.year().is_none())
            && self.campaign.is_none_or(|c| r.campaigns.contains(&c))
    }
}

/// Sets of classes that pages ask for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Classes {
    /// Stories of branches.
    Stories,
    /// Everything but stories.
    AllButStories,
    /// Brand cases and work methods.
    Cases,
    /// Cases and stories.
    CasesAndStories,
    /// What is announced: disclosure, briefings, documents.
    Notices,
    /// Disclosure of party affairs.
    Disclosure,
}

impl Classes {
    /// Tells whether a class belongs to the set.
    pub fn has(self, class: &str) -> bool {
        match self {
            Classes::Stories => class == "story",
            Classes::AllButStories => class != "story",
            Classes::Cases => class == "case",
            Classes::CasesAndStories => matches!(class, "case" | "story"),
            Classes::Notices => matches!(class, "disclosure" | "briefing" | "document"),
            Classes::Disclosure => class == "disclosure",
        }
    }
}

/// A question. Things are named by their numbers in this build's site; [`Query::moved`] finds them in
/// another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Query {
    /// All of a record but its text.
    Record(usize),
    /// A record as lists show it.
    Card(usize),
    /// A record as tables show it.
    Row(usize),
    /// A record as feeds show it.
    Entry(usize),
    /// A record as others name it.
    Name(usize),
    /// The records before and after a record.
    Around(usize),
    /// The records that belong together with a record.
    Related(usize),
    /// The text of a document.
    Text(usize),
    /// Where the links of a document lead.
    Targets(usize),
    /// The first words of a document.
    Excerpt(usize),
    /// All of a branch.
    Branch(usize),
    /// A branch as records name it.
    BranchName(usize),
    /// How many records a branch has, and of which years.
    BranchHoldings(usize),
    /// The branches.
    Branches,
    /// An organisation.
    Organisation(usize),
    /// The organisations.
    Organisations,
    /// How many records an organisation has of its own.
    UnitHoldings(usize),
    /// A kind's name, mark and class.
    Kind(usize),
    /// The fields of a kind.
    Schema(usize),
    /// A programme as others name it.
    ProgrammeName(usize),
    /// The programmes.
    Programmes,
    /// What a programme comes to on the day: tasks, limits, targets, sheets, lists.
    Campaign(usize),
    /// A criterion: rubric, place among its criteria.
    Criterion(usize, usize),
    /// The rubrics.
    Rubrics,
    /// The rubrics without their criteria.
    RubricHeads,
    /// The honours, as they stand on the day.
    Honours,
    /// The honours of a branch, as they stand on the day.
    HonoursOf(usize),
    /// The honour a record tells the story of.
    HonourTold(usize),
    /// The pages that are no records.
    Pages,
    /// The newest records of a selection, so many.
    Newest(Packed, u32),
    /// The newest records of classes, so many.
    NewestOf(Classes, u32),
    /// The cases and stories of a branch.
    CasesOf(usize),
    /// The oldest record with a known year.
    Oldest,
    /// The records that show a criterion: rubric, place among its criteria.
    Evidence(usize, usize),
    /// A criterion's evidence by branch: rubric, place among its criteria.
    Proofs(usize, usize),
    /// The branches and what they show of each criterion of a rubric.
    Matrix(usize),
    /// What a branch shows of each dimension of a rubric: branch, rubric.
    Strengths(usize, usize),
    /// The days of a year on which a branch (or anybody) has records.
    Days(Option<usize>, i16),
    /// How many records each kind has, of a branch or of all.
    Kinds(Option<usize>),
    /// How many records each year has, of a branch or of all.
    Years(Option<usize>),
    /// Which years have records.
    YearsHeld,
    /// Which kinds have records.
    KindsHeld,
    /// How many records each month of a year has.
    Months(i16),
    /// How many records each kind has in each year.
    KindsByYear,
    /// How many records, branches and organisations there are.
    Counts,
    /// What stands around every page: which parts the site has, its pages of the first level.
    Frame,
    /// Which records there are, asked where one is not found.
    Ids,
    /// The day the site is built as of.
    Today,
    /// The rule packs, and where they differ.
    Packs,
    /// A holder's ledger of a year.
    Ledger(Holder, i16),
    /// The years a holder has ledgers of.
    LedgerYears(Holder),
    /// How the year of every branch stands.
    Ledgers(i16),
    /// What falls due for a branch.
    Due(usize),
    /// The catalogues of disclosure, and what is made known of each item.
    Board,
    /// A record as a posting.
    Posting(usize),
    /// What falls due and no ledger asks for: of all, or of a branch.
    Duties(Option<usize>),
    /// What checks find of a record.
    Sums(usize),
    /// What checks find of a branch.
    Standing(usize),
    /// A report: branch, year, place of its form, rubric.
    Report(usize, i16, usize, Option<usize>),
    /// Which reports a branch has of a year.
    Reports(usize, i16),
    /// The years a branch has reports of.
    ReportYears(usize),
    /// A published file as pages show it: size and copies of a picture, what a film is.
    Picture(usize),
}

/// Returns the records a wall screen shows: postings that are up, what happens today, then the newest activities
/// and meetings.
pub fn kiosk(site: &Site) -> Vec<usize> {
    let today = site.options.as_of;
    let is_today = |r: &Record| r.date.as_ref().and_then(|d| d.start.civil()) == Some(today);
    let is_event = |r: &Record| matches!(site.kind(r).class.as_str(), "activity" | "meeting" | "lesson" | "study");
    let all = || 0..site.records.len();
    let mut found: Vec<usize> =
        all().filter(|i| site.records[*i].posting.is_some_and(crate::rules::disclosure::State::is_up)).collect();
    found.extend(all().filter(|i| is_today(&site.records[*i]) && is_event(&site.records[*i])));
    // Records stand newest first.
    found.extend(
        all().filter(|i| !is_today(&site.records[*i]) && site.kind(&site.records[*i]).class == "activity").take(6),
    );
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|i| seen.insert(*i));
    found
}

/// A record as lists show it (卡片).
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "fields of Record and of what it names, under their own names")]
pub struct Card<'a> {
    pub id: &'a str,
    pub route: &'a str,
    pub title: &'a str,
    pub kind: KindName<'a>,
    pub branch: Option<BranchName<'a>>,
    pub unit: Option<(&'a str, &'a str)>,
    pub group: Option<&'a str>,
    pub date: Option<&'a ArchiveDate>,
    pub late: Option<i64>,
    pub keywords: &'a [String],
    pub summary: &'a str,
    pub has_topics: bool,
    pub cover: Option<&'a (String, String)>,
    pub brand: Option<&'a str>,
    pub corrected_by: Option<Name<'a>>,
}

/// A record as another names it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "fields of Record under their own names")]
pub struct Name<'a> {
    pub id: &'a str,
    pub route: &'a str,
    pub title: &'a str,
}

/// A kind as a card names it.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "fields of Kind under their own names")]
pub struct KindName<'a> {
    pub id: &'a str,
    pub label: &'a Label,
    pub mark: &'a str,
    pub class: &'a str,
    pub class_label: Option<&'a Label>,
}

/// A branch as a record of a day names it.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "fields of Branch under their own names")]
pub struct BranchName<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub short: &'a str,
    /// The short name of the organisation above it.
    pub org: Option<&'a str>,
}

/// A record as a table shows it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "fields of Record and of what it names, under their own names")]
pub struct Row<'a> {
    pub id: &'a str,
    pub kind: (&'a str, &'a Label),
    pub title: &'a str,
    /// The branch's id and its name of the day: a table shows no more of it.
    pub branch: Option<(&'a str, &'a str)>,
    pub unit: Option<&'a str>,
    pub group: Option<&'a str>,
    pub date: Option<&'a ArchiveDate>,
    pub recorded: Option<&'a ArchiveDate>,
    pub published: Option<&'a ArchiveDate>,
    pub filed: Option<&'a ArchiveDate>,
    pub late: Option<i64>,
    pub place: Option<String>,
    pub docno: Option<String>,
    pub archive_number: Option<String>,
    pub retention: Option<String>,
    pub audience: &'static str,
    pub keywords: &'a [String],
    pub route: &'a str,
}

/// A record as a feed shows it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "fields of Record and of what it names, under their own names")]
pub struct Entry<'a> {
    pub title: &'a str,
    pub route: &'a str,
    pub date: Option<&'a ArchiveDate>,
    pub published: Option<&'a ArchiveDate>,
    pub branch: Option<BranchName<'a>>,
    pub unit: Option<&'a str>,
    pub kind: KindName<'a>,
    pub summary: &'a str,
}

/// What stands around every page.
#[derive(Debug, Serialize)]
pub struct Frame<'a> {
    /// Whether there are four-strong honours.
    pub four_strong: bool,
    /// Whether there are cases or stories.
    pub cases: bool,
    /// Whether there is disclosure.
    pub disclosure: bool,
    /// Whether there are programmes.
    pub programmes: bool,
    /// Whether there are ledgers.
    pub ledgers: bool,
    /// Whether there is a page on the site.
    pub about: bool,
    /// The pages of the first level: title or short title, route.
    pub pages: Vec<(&'a str, &'a str)>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "what the names say")]
pub struct Counts {
    pub records: usize,
    pub branches: usize,
    pub organisations: usize,
    pub years: usize,
    pub first_year: Option<i16>,
    pub last_year: Option<i16>,
}

/// The records by branch, year, month and kind: what most answers are read off.
#[derive(Debug, Default)]
pub struct Overview {
    /// The records by branch.
    pub index: Index,
    /// The years with records, newest first.
    pub years: Vec<(i16, usize)>,
    /// The months with records of each year, with their counts.
    pub months: BTreeMap<i16, Vec<(u8, usize)>>,
    /// The kinds with records, with their counts.
    pub kinds: Vec<(usize, usize)>,
    /// What falls due and no ledger asks for; worked out when first asked, for it looks at the whole site.
    beside: OnceLock<Vec<Duty>>,
}

impl Overview {
    /// Makes the overview of a site.
    pub fn new(site: &Site) -> Overview {
        let index = Index::new(site);
        let (years, kinds) = (years(site, &index.all), kinds(site, &index.all));
        let mut months: BTreeMap<i16, BTreeMap<u8, usize>> = BTreeMap::new();
        for r in &site.records {
            if let (Some(y), Some(m)) = (r.year(), r.month()) {
                *months.entry(y).or_default().entry(m).or_default() += 1;
            }
        }
        let months = months.into_iter().map(|(y, m)| (y, m.into_iter().collect())).collect();
        Overview { index, years, months, kinds, beside: OnceLock::new() }
    }

    /// Returns what falls due and no ledger asks for, of all or of a branch; `site` is the site it is made of.
    pub fn duties<'a>(&'a self, site: &'a Site, who: Option<usize>) -> impl Iterator<Item = &'a Duty> {
        let who = who.map(|b| site.branches[b].id.as_str());
        let all = self.beside.get_or_init(|| due::beside_ledgers(site));
        all.iter().filter(move |d| who.is_none_or(|who| d.who == who))
    }

    /// Returns the records of a branch, or all.
    pub fn of(&self, branch: Option<usize>) -> &[usize] {
        branch.map_or(&self.index.all, |b| &self.index.by_branch[b])
    }
}

/// Counts records by year, newest year first; records without a year are left out.
pub fn years(site: &Site, records: &[usize]) -> Vec<(i16, usize)> {
    let mut counts: BTreeMap<i16, usize> = BTreeMap::new();
    for r in records {
        if let Some(y) = site.records[*r].year() {
            *counts.entry(y).or_default() += 1;
        }
    }
    counts.into_iter().rev().collect()
}

/// Counts records by kind, in the order of the kinds file; kinds without records are left out.
pub fn kinds(site: &Site, records: &[usize]) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for r in records {
        *counts.entry(site.records[*r].kind).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// Returns how much there is.
pub fn counts(site: &Site, overview: &Overview) -> Counts {
    Counts {
        records: site.records.len(),
        branches: site.branches.len(),
        organisations: site.organisations.len(),
        years: overview.years.len(),
        first_year: overview.years.last().map(|y| y.0),
        last_year: overview.years.first().map(|y| y.0),
    }
}

/// Returns what stands around every page.
pub fn frame(site: &Site) -> Frame<'_> {
    let any = |classes: Classes| site.records.iter().any(|r| classes.has(&site.kind(r).class));
    let first_level = |p: &&super::Page| p.parent.is_none() && !p.route.is_empty() && p.route != "about/";
    Frame {
        four_strong: site.honours.iter().any(Honour::is_four_strong),
        cases: any(Classes::CasesAndStories),
        disclosure: any(Classes::Disclosure) || !site.catalogues.is_empty(),
        programmes: !site.programmes.is_empty(),
        ledgers: ledger::any(site),
        about: site.pages.iter().any(|p| p.route == "about/"),
        pages: site
            .pages
            .iter()
            .filter(first_level)
            .map(|p| (p.short.as_deref().unwrap_or(&p.title), p.route.as_str()))
            .collect(),
    }
}

/// Returns a kind as a card names it.
pub fn kind_name(site: &Site, kind: usize) -> KindName<'_> {
    let k = &site.kinds.kinds[kind];
    KindName {
        id: &k.id,
        label: &k.label,
        mark: &k.mark,
        class: &k.class,
        class_label: site.kinds.class(kind).map(|c| &c.label),
    }
}

/// Returns the short name of the organisation above a branch.
pub fn org_short<'a>(site: &'a Site, branch: &Branch) -> Option<&'a str> {
    let org = &site.organisations[branch.parent?];
    Some(org.short.as_deref().unwrap_or(&org.name))
}

/// Returns a branch as a record of a day names it.
pub fn branch_name<'a>(site: &'a Site, branch: usize, date: Option<&ArchiveDate>) -> BranchName<'a> {
    let b = &site.branches[branch];
    BranchName { id: &b.id, name: b.name_at(date), short: b.short_at(date), org: org_short(site, b) }
}

/// Returns a record as others name it.
pub fn name(site: &Site, record: usize) -> Name<'_> {
    let r = &site.records[record];
    Name { id: &r.id, route: &r.route, title: &r.title }
}

/// Returns a record as lists show it.
pub fn card(site: &Site, record: usize) -> Card<'_> {
    let r = &site.records[record];
    Card {
        id: &r.id,
        route: &r.route,
        title: r.short.as_deref().unwrap_or(&r.title),
        kind: kind_name(site, r.kind),
        branch: r.branch.map(|b| branch_name(site, b, r.date.as_ref())),
        unit: r.unit.map(|u| (site.organisations[u].id.as_str(), site.organisations[u].name.as_str())),
        group: r.group.as_deref(),
        date: r.sort_date(),
        late: r.late,
        keywords: &r.keywords[..r.keywords.len().min(4)],
        summary: &r.summary,
        has_topics: !r.topics.is_empty() && !r.title.starts_with('〔'),
        cover: r.cover.as_ref(),
        brand: r.values.text("brand").or_else(|| r.values.text("name")),
        corrected_by: r.corrected_by.map(|i| name(site, i)),
    }
}

/// Returns a record as tables show it.
pub fn row(site: &Site, record: usize) -> Row<'_> {
    let r = &site.records[record];
    let kind = site.kind(r);
    Row {
        id: &r.id,
        kind: (&kind.id, &kind.label),
        title: &r.title,
        branch: r.branch.map(|b| (site.branches[b].id.as_str(), site.branches[b].name_at(r.date.as_ref()))),
        unit: r.unit.map(|u| site.organisations[u].name.as_str()),
        group: r.group.as_deref(),
        date: r.date.as_ref(),
        recorded: r.recorded.as_ref(),
        published: r.published.as_ref(),
        filed: r.filed.as_ref(),
        late: r.late,
        place: r.values.string("place"),
        docno: r.values.string("docno"),
        archive_number: r.archive_number(),
        retention: r.values.string("retention"),
        audience: r.audience.word(),
        keywords: &r.keywords,
        route: &r.route,
    }
}

/// Returns a record as feeds show it.
pub fn entry(site: &Site, record: usize) -> Entry<'_> {
    let r = &site.records[record];
    Entry {
        title: &r.title,
        route: &r.route,
        date: r.date.as_ref(),
        published: r.published.as_ref(),
        branch: r.branch.map(|b| branch_name(site, b, r.date.as_ref())),
        unit: r.unit.map(|u| site.organisations[u].name.as_str()),
        kind: kind_name(site, r.kind),
        summary: &r.summary,
    }
}

/// Counts the records of each day of a year: month, day, how many.
pub fn days(site: &Site, records: &[usize], year: i16) -> BTreeMap<(Option<u8>, Option<u8>), usize> {
    let mut counts = BTreeMap::new();
    for r in records {
        let r = &site.records[*r];
        if r.year() == Some(year) {
            let start = r.sort_date().map(|d| &d.start);
            *counts.entry((start.and_then(|s| s.month), start.and_then(|s| s.day))).or_default() += 1;
        }
    }
    counts
}

/// Counts the records of each kind in each year.
pub fn kinds_by_year(site: &Site) -> BTreeMap<(usize, i16), usize> {
    let mut counts = BTreeMap::new();
    for r in &site.records {
        if let Some(y) = r.year() {
            *counts.entry((r.kind, y)).or_default() += 1;
        }
    }
    counts
}

/// Returns the newest records of classes, so many.
pub fn newest_of(site: &Site, classes: Classes, most: usize) -> Vec<usize> {
    let of = |i: &usize| classes.has(&site.kind(&site.records[*i]).class);
    (0..site.records.len()).filter(of).take(most).collect()
}

/// Returns the honours of a branch, newest first.
pub fn honours_of(site: &Site, branch: usize) -> impl Iterator<Item = &Honour> {
    site.honours.iter().filter(move |h| h.branch == branch)
}

/// Returns the records that show a criterion, by itself or by one that asks for the same.
pub fn evidence_of(site: &Site, rubric: usize, criterion: &str) -> Vec<usize> {
    super::evidence::proofs(site, rubric, criterion).into_iter().map(|p| p.record).collect()
}

/// Returns the cases and stories of a branch, newest first.
pub fn cases_of(site: &Site, index: &Index, branch: usize) -> Vec<usize> {
    let is_case = |i: &usize| Classes::CasesAndStories.has(&site.kind(&site.records[*i]).class);
    index.of_branch(branch).iter().copied().filter(is_case).collect()
}

/// Returns the oldest record with a known year.
pub fn oldest(site: &Site) -> Option<usize> {
    site.records.iter().rposition(|r| r.year().is_some())
}

/// The most records shown as related to one.
const MOST_RELATED: usize = 5;

/// Returns records that belong together with one: named or linked ones, then those that show the same
/// criterion or share a keyword in the same branch, nearest first.
pub fn related(site: &Site, index: &Index, at: usize) -> Vec<usize> {
    let r = &site.records[at];
    // What belongs with a posting may name those it was about.
    if r.is_stub() {
        return Vec::new();
    }
    let mut found: Vec<usize> = r.related.iter().copied().take(MOST_RELATED).collect();
    let Some(b) = r.branch.filter(|_| found.len() < MOST_RELATED && (!r.keywords.is_empty() || !r.evidence.is_empty()))
    else {
        return found;
    };
    let mut near: Vec<(usize, usize)> = index
        .of_branch(b)
        .iter()
        .copied()
        .filter(|i| *i != at && !found.contains(i))
        .map(|i| {
            let evidence = site.records[i].evidence.iter().filter(|e| r.evidence.contains(e)).count();
            (index.shared_keywords(i, at) * 2 + evidence, i)
        })
        .filter(|(shared, _)| *shared >= 2)
        .collect();
    near.sort_by_key(|(shared, i)| (std::cmp::Reverse(*shared), i.abs_diff(at)));
    found.extend(near.into_iter().map(|(_, i)| i).take(MOST_RELATED - found.len()));
    found
}

/// Everything of a record but its text, what it names by id: numbers change when others come and go.
#[derive(Serialize)]
struct Whole<'a> {
    names: (&'a str, &'a str, &'a str, Option<&'a str>, &'a str),
    whose: (Option<&'a str>, Option<&'a str>, Option<&'a str>),
    dates: [Option<&'a ArchiveDate>; 4],
    values: &'a super::schema::Values,
    told: (&'a str, &'a [String], Option<i64>, &'static str, &'a [String]),
    evidence: Vec<(&'a str, &'a str)>,
    campaigns: Vec<&'a str>,
    corrections: [Option<&'a str>; 2],
    links: [Vec<&'a str>; 2],
    promoted: (Option<&'a str>, Vec<&'a str>),
    posting: (Option<(&'a str, &'a str)>, Option<crate::rules::disclosure::State>),
    files: &'a [File],
    cover: Option<&'a (String, String)>,
}

fn whole<'a>(site: &'a Site, r: &'a Record) -> Whole<'a> {
    let id = |i: &usize| site.records[*i].id.as_str();
    // Taken apart by name, so that a new field asks where it belongs. Neighbours are a question of
    // their own; the text is the document's.
    let Record {
        doc: _,
        id: own,
        kind,
        title,
        short,
        branch,
        unit,
        group,
        date,
        recorded,
        published,
        filed,
        values,
        route,
        summary,
        topics,
        late,
        audience,
        keywords,
        evidence,
        campaigns,
        corrects,
        corrected_by,
        related,
        backlinks,
        files,
        cover,
        promoted_to,
        promoted_from,
        item,
        posting,
        before: _,
        after: _,
    } = r;
    Whole {
        names: (own, &site.kinds.kinds[*kind].id, title, short.as_deref(), route),
        whose: (
            branch.map(|b| site.branches[b].id.as_str()),
            unit.map(|u| site.organisations[u].id.as_str()),
            group.as_deref(),
        ),
        dates: [date.as_ref(), recorded.as_ref(), published.as_ref(), filed.as_ref()],
        values,
        told: (summary, topics, *late, audience.word(), keywords),
        evidence: evidence.iter().map(|(r, c)| (site.rubrics[*r].id.as_str(), c.as_str())).collect(),
        campaigns: campaigns.iter().map(|p| site.programmes[*p].id.as_str()).collect(),
        corrections: [corrects.as_ref().map(id), corrected_by.as_ref().map(id)],
        links: [related.iter().map(id).collect(), backlinks.iter().map(id).collect()],
        promoted: (promoted_to.as_ref().map(id), promoted_from.iter().map(id).collect()),
        posting: (
            item.map(|(c, i)| (site.catalogues[c].id.as_str(), site.catalogues[c].items[i].id.as_str())),
            *posting,
        ),
        files,
        cover: cover.as_ref(),
    }
}

/// A branch, the organisation above it by id, others by id.
fn whole_branch<'a>(site: &'a Site, b: &'a Branch) -> impl Serialize + 'a {
    let with: Vec<Vec<&str>> =
        b.events.iter().map(|e| e.with.iter().map(|w| site.branches[*w].id.as_str()).collect()).collect();
    // The numbers inside are told again as ids; an order that changed changes the directory only.
    let own = Branch { parent: None, doc: None, events: Vec::new(), ..b.clone() };
    let events: Vec<_> = b.events.iter().map(|e| (&e.date, &e.event, &e.docno, &e.note)).collect();
    (own, events, with, b.parent.map(|p| site.organisations[p].id.as_str()), org_short(site, b))
}

fn whole_organisation<'a>(site: &'a Site, o: &'a Organisation) -> impl Serialize + 'a {
    (Organisation { parent: None, doc: 0, ..o.clone() }, o.parent.map(|p| site.organisations[p].id.as_str()))
}

fn whole_honour<'a>(site: &'a Site, h: &'a Honour) -> impl Serialize + 'a {
    let day = site.options.as_of;
    let own = Honour { doc: 0, branch: 0, programme: None, story: None, ..h.clone() };
    let names: Vec<BranchName<'_>> = h
        .events
        .iter()
        .map(|e| branch_name(site, h.branch, Some(&e.date)))
        .chain([branch_name(site, h.branch, None)])
        .collect();
    let b = &site.branches[h.branch];
    let programme = h.programme.map(|p| programme_name(site, p));
    (
        own,
        h.label(day),
        h.until(day).count(),
        names,
        (&b.brand, &b.motto),
        programme,
        h.story.map(|s| site.records[s].route.as_str()),
    )
}

/// A rubric without its criteria.
fn rubric_head<'a>(site: &'a Site, r: &'a Rubric) -> impl Serialize + 'a {
    let head = Rubric { doc: 0, replaces: None, dimensions: Vec::new(), ..r.clone() };
    let dimensions: Vec<_> = r.dimensions.iter().map(|d| (&d.id, &d.title, &d.text, &d.source)).collect();
    (head, dimensions, r.replaces.map(|o| site.rubrics[o].id.as_str()))
}

/// A programme, what it names by id.
fn whole_programme<'a>(site: &'a Site, p: &'a Programme) -> impl Serialize + 'a {
    let own = Programme {
        doc: 0,
        rubric: None,
        rubrics: Vec::new(),
        parent: None,
        unit: None,
        issuer_unit: None,
        ..p.clone()
    };
    let rubric = |r: usize| (&site.rubrics[r].id, &site.rubrics[r].title);
    let unit = |u: Option<usize>| u.map(|u| site.organisations[u].id.as_str());
    (
        own,
        p.rubric.map(rubric),
        p.rubrics.iter().map(|r| rubric(*r)).collect::<Vec<_>>(),
        p.parent.map(|up| programme_name(site, up)),
        [unit(p.unit), unit(p.issuer_unit)],
    )
}

/// A programme as others name it: id, title.
pub fn programme_name(site: &Site, programme: usize) -> (&str, &str) {
    let p = &site.programmes[programme];
    (&p.id, p.short.as_deref().unwrap_or(&p.title))
}

fn ids(site: &Site, records: &[usize]) -> Digest {
    Digest::of_value(&records.iter().map(|i| site.records[*i].id.as_str()).collect::<Vec<_>>())
}

/// Returns the criterion at a place among all of a rubric's.
pub fn criterion(site: &Site, rubric: usize, at: usize) -> Option<&Criterion> {
    site.rubrics[rubric].dimensions.iter().flat_map(|d| &d.criteria).nth(at)
}

/// Returns the digest of the answer to a question.
pub fn answer(site: &Site, overview: &Overview, query: Query) -> Digest {
    fn of<T: Serialize + ?Sized>(value: &T) -> Digest {
        Digest::of_value(value)
    }
    match query {
        Query::Record(i) => of(&whole(site, &site.records[i])),
        Query::Card(i) => of(&card(site, i)),
        Query::Row(i) => of(&row(site, i)),
        Query::Entry(i) => of(&entry(site, i)),
        Query::Name(i) => of(&name(site, i)),
        Query::Around(i) => {
            let r = &site.records[i];
            of(&[r.before, r.after].map(|n| n.map(|n| site.records[n].id.as_str())))
        }
        Query::Related(i) => ids(site, &related(site, &overview.index, i)),
        Query::Text(doc) => site.docs[doc].digest,
        Query::Targets(doc) => of(&site.targets[doc]),
        Query::Excerpt(doc) => of(&site.docs[doc].outline.excerpt),
        Query::Branch(b) => of(&whole_branch(site, &site.branches[b])),
        Query::BranchName(b) => {
            let branch = &site.branches[b];
            of(&(&branch.id, &branch.name, &branch.short, &branch.names, org_short(site, branch)))
        }
        Query::BranchHoldings(b) => of(&(overview.index.of_branch(b).len(), years(site, overview.index.of_branch(b)))),
        Query::Branches => of(&site.branches.iter().map(|b| whole_branch(site, b)).collect::<Vec<_>>()),
        Query::Organisation(o) => of(&whole_organisation(site, &site.organisations[o])),
        Query::Organisations => of(&site.organisations.iter().map(|o| whole_organisation(site, o)).collect::<Vec<_>>()),
        Query::UnitHoldings(u) => of(&overview.index.of_unit(u).len()),
        Query::Kind(k) => of(&(kind_name(site, k), site.kinds.class(k).map(|c| &c.layout))),
        Query::Schema(k) => {
            let kind = &site.kinds.kinds[k];
            of(&(&site.kinds.schemas[k].fields, &site.kinds.core, &kind.gate, &kind.tests))
        }
        Query::ProgrammeName(p) => of(&programme_name(site, p)),
        Query::Programmes => of(&site.programmes.iter().map(|p| whole_programme(site, p)).collect::<Vec<_>>()),
        Query::Campaign(p) => of(&super::campaign::campaign(site, p)),
        Query::Criterion(r, at) => {
            let rubric = &site.rubrics[r];
            of(&(&rubric.id, &rubric.title, criterion(site, r, at).map(|c| (&c.id, &c.title))))
        }
        Query::Rubrics => {
            let kinds =
                |c: &Criterion| -> Vec<&str> { c.evidence.iter().map(|k| site.kinds.kinds[*k].id.as_str()).collect() };
            let same = |c: &Criterion| -> Vec<(&str, String)> {
                c.same.iter().map(|(r, id)| (site.rubrics[*r].id.as_str(), id.clone())).collect()
            };
            let criteria = |r: &Rubric| -> Vec<_> {
                let own = |c: &Criterion| Criterion { evidence: Vec::new(), same: Vec::new(), ..c.clone() };
                r.criteria().map(|c| (own(c), kinds(c), same(c))).collect()
            };
            let heads = site.rubrics.iter().map(|r| (rubric_head(site, r), criteria(r)));
            of(&heads
                .map(|(head, criteria)| (Digest::of_value(&head), Digest::of_value(&criteria)))
                .collect::<Vec<_>>())
        }
        Query::RubricHeads => of(&site.rubrics.iter().map(|r| of(&rubric_head(site, r))).collect::<Vec<_>>()),
        // Numbers by year run to the year of the day.
        Query::Honours => {
            let all: Vec<_> = site.honours.iter().map(|h| whole_honour(site, h)).collect();
            of(&(site.options.as_of.year(), all))
        }
        Query::HonoursOf(b) => of(&honours_of(site, b).map(|h| whole_honour(site, h)).collect::<Vec<_>>()),
        Query::HonourTold(i) => {
            of(&site.honours.iter().filter(|h| h.story == Some(i)).map(|h| whole_honour(site, h)).collect::<Vec<_>>())
        }
        Query::Pages => of(&site.pages.iter().map(|p| super::Page { doc: 0, ..p.clone() }).collect::<Vec<_>>()),
        Query::Newest(selection, most) => {
            let mut found = overview.index.select(site, selection.into());
            found.truncate(most as usize);
            ids(site, &found)
        }
        Query::NewestOf(classes, most) => ids(site, &newest_of(site, classes, most as usize)),
        Query::CasesOf(b) => ids(site, &cases_of(site, &overview.index, b)),
        Query::Oldest => of(&oldest(site).map(|i| site.records[i].id.as_str())),
        Query::Evidence(r, at) => {
            criterion(site, r, at).map_or_else(|| of(&()), |c| ids(site, &evidence_of(site, r, &c.id)))
        }
        Query::Proofs(r, at) => of(&super::evidence::criterion_on(site, r, at)),
        Query::Matrix(r) => of(&super::evidence::matrix(site, r)),
        Query::Strengths(b, r) => {
            let all = super::evidence::strengths(site, overview.index.of_branch(b), r);
            let named = |(title, records): &(&str, Vec<usize>)| (title.to_string(), ids(site, records));
            of(&all.iter().map(named).collect::<Vec<_>>())
        }
        Query::Days(branch, year) => of(&days(site, overview.of(branch), year).into_iter().collect::<Vec<_>>()),
        Query::Kinds(None) => of(&named_kinds(site, &overview.kinds)),
        Query::Kinds(Some(b)) => of(&named_kinds(site, &kinds(site, overview.index.of_branch(b)))),
        Query::Years(None) => of(&overview.years),
        Query::Years(Some(b)) => of(&years(site, overview.index.of_branch(b))),
        Query::YearsHeld => of(&overview.years.iter().map(|(y, _)| y).collect::<Vec<_>>()),
        Query::KindsHeld => {
            of(&overview.kinds.iter().map(|(k, _)| site.kinds.kinds[*k].id.as_str()).collect::<Vec<_>>())
        }
        Query::Months(year) => of(&overview.months.get(&year)),
        Query::KindsByYear => {
            let counts = kinds_by_year(site);
            of(&counts.iter().map(|((k, y), n)| (&site.kinds.kinds[*k].id, y, n)).collect::<Vec<_>>())
        }
        Query::Counts => of(&counts(site, overview)),
        Query::Frame => of(&frame(site)),
        Query::Ids => of(&site.by_id.keys().collect::<Vec<_>>()),
        Query::Today => of(&site.options.as_of.to_string()),
        Query::Packs => of(&(
            site.packs.iter().map(|p| whole_pack(site, p)).collect::<Vec<_>>(),
            pack::conflicts(site),
            &site.options.packs.iter().map(|p| (&p.packs, &p.types)).collect::<Vec<_>>(),
        )),
        Query::Ledger(holder, year) => {
            let ledger = ledger::ledger(site, &overview.index, holder, year);
            of(&ledger.rows.iter().map(|r| whole_row(site, r)).collect::<Vec<_>>())
        }
        Query::LedgerYears(holder) => of(&ledger::years(site, &overview.index, holder)),
        Query::Ledgers(year) => {
            let of_branch = |b| of(&ledger::briefs(site, &overview.index, Holder::Branch(b), year));
            of(&(0..site.branches.len()).map(of_branch).collect::<Vec<_>>())
        }
        Query::Due(b) => of(&ledger::due(site, &overview.index, b)),
        Query::Board => of(&disclosure::board(site)),
        Query::Posting(i) => of(&disclosure::posting(site, i)),
        Query::Duties(who) => of(&overview.duties(site, who).collect::<Vec<_>>()),
        Query::Sums(i) => of(&sums::of_record(site, &site.records[i])),
        Query::Standing(b) => of(&sums::of_branch(site, &site.branches[b])),
        Query::Report(b, year, form, rubric) => {
            of(&report::report(site, &overview.index, b, year, Offer { form, rubric }))
        }
        Query::Reports(b, year) => {
            let offers = report::offers(site, &overview.index, b, year);
            let named = |o: &Offer| {
                let form = &site.kinds.reports[o.form];
                let rubric = o.rubric.map(|r| &site.rubrics[r]).map(|r| (&r.id, &r.title, &r.version));
                Digest::of_value(&((&form.id, &form.label, &form.told, &form.source), rubric))
            };
            of(&offers.iter().map(named).collect::<Vec<_>>())
        }
        Query::ReportYears(b) => of(&report::years(site, &overview.index, b)),
        Query::Picture(i) => {
            of(&(&site.published[i].target, super::picture::shown(site, i), super::picture::film(site, i)))
        }
    }
}

/// A pack with its kinds by id: numbers change when a site's own kinds do.
fn whole_pack<'a>(site: &'a Site, p: &'a Pack) -> impl Serialize + 'a {
    let kinds = |list: &[usize]| -> Vec<&str> { list.iter().map(|k| site.kinds.kinds[*k].id.as_str()).collect() };
    let rules: Vec<_> =
        p.rules.iter().map(|r| (pack::Rule { kinds: Vec::new(), ..r.clone() }, kinds(&r.kinds))).collect();
    let checks: Vec<_> =
        p.checks.iter().map(|c| (pack::Check { kinds: Vec::new(), ..c.clone() }, kinds(&c.kinds))).collect();
    (Pack { doc: None, rules: Vec::new(), checks: Vec::new(), ..p.clone() }, rules, checks)
}

/// A row of a ledger with its records as it shows them: day and address.
fn whole_row<'a>(site: &'a Site, row: &'a ledger::Row) -> impl Serialize + 'a {
    let records = |list: &[usize]| -> Vec<_> {
        list.iter().map(|i| &site.records[*i]).map(|r| (r.route.as_str(), r.title.as_str(), &r.date, r.late)).collect()
    };
    let cell = |c: &ledger::Cell| (c.span, c.want, c.state, c.count, records(&c.records), c.partly);
    let cells: Vec<_> = row.cells.iter().map(cell).collect();
    let total = row.total.as_ref().map(cell);
    ((row.rule, &row.also, &row.subject), cells, total, records(&row.unplaced))
}

fn named_kinds<'a>(site: &'a Site, kinds: &[(usize, usize)]) -> Vec<(&'a str, usize)> {
    kinds.iter().map(|(k, n)| (site.kinds.kinds[*k].id.as_str(), *n)).collect()
}

/// What questions name, by id: to find the same things in another build's site.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Names {
    records: Vec<String>,
    docs: Vec<String>,
    branches: Vec<String>,
    organisations: Vec<String>,
    kinds: Vec<String>,
    programmes: Vec<String>,
    rubrics: Vec<String>,
    published: Vec<String>,
}

/// Where the things of an older site are in this one.
#[derive(Debug, Default)]
pub struct Moves {
    records: Vec<Option<usize>>,
    docs: Vec<Option<usize>>,
    branches: Vec<Option<usize>>,
    organisations: Vec<Option<usize>>,
    kinds: Vec<Option<usize>>,
    programmes: Vec<Option<usize>>,
    rubrics: Vec<Option<usize>>,
    published: Vec<Option<usize>>,
}

impl Names {
    /// Returns the names of a site's things.
    pub fn of(site: &Site) -> Names {
        Names {
            records: site.records.iter().map(|r| r.id.clone()).collect(),
            docs: site.docs.iter().map(|d| d.path.clone()).collect(),
            branches: site.branches.iter().map(|b| b.id.clone()).collect(),
            organisations: site.organisations.iter().map(|o| o.id.clone()).collect(),
            kinds: site.kinds.kinds.iter().map(|k| k.id.clone()).collect(),
            programmes: site.programmes.iter().map(|p| p.id.clone()).collect(),
            rubrics: site.rubrics.iter().map(|r| r.id.clone()).collect(),
            published: site.published.iter().map(|p| p.source.clone()).collect(),
        }
    }

    /// Finds the things of an older site.
    pub fn moves(&self, older: &Names) -> Moves {
        fn find(older: &[String], now: &[String]) -> Vec<Option<usize>> {
            // Most often nothing came or went.
            let mut by_name: Option<BTreeMap<&str, usize>> = None;
            let mut look = |name: &str| {
                let all = by_name.get_or_insert_with(|| now.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect());
                all.get(name).copied()
            };
            let same = |i: usize, name: &String| (now.get(i) == Some(name)).then_some(i);
            older.iter().enumerate().map(|(i, name)| same(i, name).or_else(|| look(name))).collect()
        }
        Moves {
            records: find(&older.records, &self.records),
            docs: find(&older.docs, &self.docs),
            branches: find(&older.branches, &self.branches),
            organisations: find(&older.organisations, &self.organisations),
            kinds: find(&older.kinds, &self.kinds),
            programmes: find(&older.programmes, &self.programmes),
            rubrics: find(&older.rubrics, &self.rubrics),
            published: find(&older.published, &self.published),
        }
    }
}

impl Query {
    /// Returns the same question where its things have other numbers; `None` if one of them is gone.
    pub fn moved(self, moves: &Moves) -> Option<Query> {
        let at = |list: &[Option<usize>], i: usize| list.get(i).copied().flatten();
        let record = |i| at(&moves.records, i);
        let doc = |i| at(&moves.docs, i);
        let branch = |i| at(&moves.branches, i);
        let some_branch = |b: Option<usize>| b.map_or(Some(None), |b| branch(b).map(Some));
        let organisation = |i| at(&moves.organisations, i);
        let kind = |i| at(&moves.kinds, i);
        let programme = |i| at(&moves.programmes, i);
        let holder = |h| match h {
            Holder::Branch(i) => branch(i).map(Holder::Branch),
            Holder::Organisation(i) => organisation(i).map(Holder::Organisation),
        };
        let rubric = |i| at(&moves.rubrics, i);
        Some(match self {
            Query::Record(i) => Query::Record(record(i)?),
            Query::Card(i) => Query::Card(record(i)?),
            Query::Row(i) => Query::Row(record(i)?),
            Query::Entry(i) => Query::Entry(record(i)?),
            Query::Name(i) => Query::Name(record(i)?),
            Query::Around(i) => Query::Around(record(i)?),
            Query::Related(i) => Query::Related(record(i)?),
            Query::HonourTold(i) => Query::HonourTold(record(i)?),
            Query::Text(i) => Query::Text(doc(i)?),
            Query::Targets(i) => Query::Targets(doc(i)?),
            Query::Excerpt(i) => Query::Excerpt(doc(i)?),
            Query::Branch(i) => Query::Branch(branch(i)?),
            Query::BranchName(i) => Query::BranchName(branch(i)?),
            Query::BranchHoldings(i) => Query::BranchHoldings(branch(i)?),
            Query::HonoursOf(i) => Query::HonoursOf(branch(i)?),
            Query::CasesOf(i) => Query::CasesOf(branch(i)?),
            Query::Organisation(i) => Query::Organisation(organisation(i)?),
            Query::UnitHoldings(i) => Query::UnitHoldings(organisation(i)?),
            Query::Kind(i) => Query::Kind(kind(i)?),
            Query::Schema(i) => Query::Schema(kind(i)?),
            Query::ProgrammeName(i) => Query::ProgrammeName(programme(i)?),
            Query::Ledger(h, year) => Query::Ledger(holder(h)?, year),
            Query::LedgerYears(h) => Query::LedgerYears(holder(h)?),
            Query::Due(i) => Query::Due(branch(i)?),
            Query::Duties(None) => self,
            Query::Duties(Some(i)) => Query::Duties(Some(branch(i)?)),
            Query::Standing(i) => Query::Standing(branch(i)?),
            Query::Sums(i) => Query::Sums(record(i)?),
            // A form that stands elsewhere now is another answer: the id is part of it.
            Query::Report(b, year, form, None) => Query::Report(branch(b)?, year, form, None),
            Query::Report(b, year, form, Some(r)) => Query::Report(branch(b)?, year, form, Some(rubric(r)?)),
            Query::Reports(b, year) => Query::Reports(branch(b)?, year),
            Query::ReportYears(b) => Query::ReportYears(branch(b)?),
            Query::Picture(i) => Query::Picture(at(&moves.published, i)?),
            Query::Posting(i) => Query::Posting(record(i)?),
            Query::Campaign(i) => Query::Campaign(programme(i)?),
            Query::Criterion(i, at) => Query::Criterion(rubric(i)?, at),
            Query::Evidence(i, at) => Query::Evidence(rubric(i)?, at),
            Query::Proofs(i, at) => Query::Proofs(rubric(i)?, at),
            Query::Matrix(i) => Query::Matrix(rubric(i)?),
            Query::Strengths(b, i) => Query::Strengths(branch(b)?, rubric(i)?),
            Query::Days(b, year) => Query::Days(some_branch(b)?, year),
            Query::Kinds(b) => Query::Kinds(some_branch(b)?),
            Query::Years(b) => Query::Years(some_branch(b)?),
            Query::Newest(s, most) => {
                let Selection { branch: b, unit, kind: k, year, month, undated, campaign } = s.into();
                let some =
                    |n: Option<usize>, f: &dyn Fn(usize) -> Option<usize>| n.map_or(Some(None), |n| f(n).map(Some));
                let s = Selection {
                    branch: some_branch(b)?,
                    unit: some(unit, &organisation)?,
                    kind: some(k, &kind)?,
                    year,
                    month,
                    undated,
                    campaign: some(campaign, &programme)?,
                };
                Query::Newest(s.into(), most)
            }
            Query::Branches
            | Query::Organisations
            | Query::Programmes
            | Query::Rubrics
            | Query::RubricHeads
            | Query::YearsHeld
            | Query::KindsHeld
            | Query::Honours
            | Query::Pages
            | Query::NewestOf(..)
            | Query::Oldest
            | Query::Months(_)
            | Query::KindsByYear
            | Query::Counts
            | Query::Frame
            | Query::Ids
            | Query::Packs
            | Query::Ledgers(_)
            | Query::Board
            | Query::Today => self,
        })
    }

    /// Says in words what was asked.
    pub fn describe(self, names: &Names) -> Say {
        let of = |list: &[String], i: usize| list.get(i).cloned().unwrap_or_default();
        let record = |i| of(&names.records, i);
        let (zh, en, name) = match self {
            Query::Record(i) => ("记录", "the record", record(i)),
            Query::Card(i) => ("列表中的记录", "the record as lists show it:", record(i)),
            Query::Row(i) => ("数据表中的记录", "the record as tables show it:", record(i)),
            Query::Entry(i) => ("订阅中的记录", "the record as feeds show it:", record(i)),
            Query::Name(i) => ("题名和地址：记录", "title and address of the record", record(i)),
            Query::Around(i) => ("前后相邻的记录：", "the records before and after", record(i)),
            Query::Related(i) => ("相关记录：", "the records related to", record(i)),
            Query::HonourTold(i) => ("所讲述的荣誉：记录", "the honour told by the record", record(i)),
            Query::Text(i) => ("正文：", "the text of", of(&names.docs, i)),
            Query::Targets(i) => ("正文里链接的去向：", "where the links lead in", of(&names.docs, i)),
            Query::Excerpt(i) => ("摘要：", "the excerpt of", of(&names.docs, i)),
            Query::Branch(i) => ("支部", "the branch", of(&names.branches, i)),
            Query::BranchName(i) => ("支部名称", "the name of the branch", of(&names.branches, i)),
            Query::BranchHoldings(i) => {
                ("支部的记录数：", "how many records there are of the branch", of(&names.branches, i))
            }
            Query::HonoursOf(i) => ("支部的荣誉：", "the honours of the branch", of(&names.branches, i)),
            Query::Branches => ("支部名录", "the branches", String::new()),
            Query::Organisation(i) => ("党组织", "the organisation", of(&names.organisations, i)),
            Query::Organisations => ("党组织名录", "the organisations", String::new()),
            Query::UnitHoldings(i) => {
                ("党组织自己的记录数：", "how many records there are of the organisation", of(&names.organisations, i))
            }
            Query::Kind(i) => ("记录类型", "the kind", of(&names.kinds, i)),
            Query::Schema(i) => ("记录类型的字段：", "the fields of the kind", of(&names.kinds, i)),
            Query::ProgrammeName(i) => ("创建方案的名称：", "the name of the programme", of(&names.programmes, i)),
            Query::Programmes => ("创建方案", "the programmes", String::new()),
            Query::Campaign(i) => ("创建方案的完成情况：", "what has come of the programme", of(&names.programmes, i)),
            Query::Criterion(i, _) => ("评定条目：", "a criterion of", of(&names.rubrics, i)),
            Query::Rubrics => ("评定标准", "the rubrics", String::new()),
            Query::RubricHeads => ("评定标准的名称等", "titles and the like of the rubrics", String::new()),
            Query::YearsHeld => ("有记录的年度", "which years have records", String::new()),
            Query::KindsHeld => ("有记录的类型", "which kinds have records", String::new()),
            Query::Evidence(i, _) => {
                ("评定条目的佐证记录：", "the records that show a criterion of", of(&names.rubrics, i))
            }
            Query::Proofs(i, _) => {
                ("评定条目的各支部佐证：", "the evidence by branch for a criterion of", of(&names.rubrics, i))
            }
            Query::Matrix(i) => ("各支部对照标准的佐证：", "the evidence by branch for", of(&names.rubrics, i)),
            Query::Strengths(b, _) => {
                ("支部按标准各方面的佐证：", "the evidence by dimension of the branch", of(&names.branches, b))
            }
            Query::Honours => ("荣誉名录", "the honours", String::new()),
            Query::Pages => ("页面目录", "the pages", String::new()),
            Query::Newest(..) => ("有哪些记录", "which records there are", String::new()),
            Query::NewestOf(..) => ("某类记录有哪些", "which records there are of a class", String::new()),
            Query::CasesOf(i) => ("支部的案例：", "the cases of the branch", of(&names.branches, i)),
            Query::Oldest => ("最早的记录", "the oldest record", String::new()),
            Query::Days(_, y) => ("逐日记录数：", "the days with records in", y.to_string()),
            Query::Kinds(_) => ("各类型的记录数", "how many records each kind has", String::new()),
            Query::Years(_) => ("各年度的记录数", "how many records each year has", String::new()),
            Query::Months(y) => ("各月份的记录数：", "how many records each month has in", y.to_string()),
            Query::KindsByYear => {
                ("各类型各年度的记录数", "how many records each kind has in each year", String::new())
            }
            Query::Counts => ("全站的总数", "the counts of the site", String::new()),
            Query::Frame => ("每页都有的导航和页脚", "the navigation and foot of every page", String::new()),
            Query::Ids => ("全部记录号", "the ids of all records", String::new()),
            Query::Packs => ("规则包", "the rule packs", String::new()),
            Query::Ledger(h, _) | Query::LedgerYears(h) => (
                "台账：",
                "the ledger of",
                match h {
                    Holder::Branch(i) => of(&names.branches, i),
                    Holder::Organisation(i) => of(&names.organisations, i),
                },
            ),
            Query::Ledgers(y) => ("各支部台账：", "the ledgers of", y.to_string()),
            Query::Due(i) => ("支部的待办：", "what falls due for the branch", of(&names.branches, i)),
            Query::Standing(i) => ("支部的换届等核算：", "the standing of the branch", of(&names.branches, i)),
            Query::Board => ("公开目录", "the catalogues of disclosure", String::new()),
            Query::Posting(i) => ("公开情况：记录", "the posting of the record", record(i)),
            Query::Duties(None) => ("台账以外的待办", "what falls due beside ledgers", String::new()),
            Query::Duties(Some(i)) => {
                ("支部台账以外的待办：", "what falls due beside the ledger of the branch", of(&names.branches, i))
            }
            Query::Sums(i) => ("核算：记录", "the sums of the record", record(i)),
            Query::Report(i, ..) => ("报告里的事实：", "the facts of a report of the branch", of(&names.branches, i)),
            Query::Reports(i, _) | Query::ReportYears(i) => {
                ("有哪些报告：", "which reports there are of the branch", of(&names.branches, i))
            }
            Query::Picture(i) => ("图片或影像：", "the picture or film", of(&names.published, i)),
            Query::Today => ("生成日期", "the day of the build", String::new()),
        };
        Say { zh: format!("{zh}{name}"), en: if name.is_empty() { en.to_owned() } else { format!("{en} {name}") } }
    }
}
