//! Cards, plaques and other shapes in which one thing appears on another's page.
//!
//! Everything a page knows of the site passes through [`Ask`], which notes the question; the site itself
//! is private to this file. That is what makes keeping a page sound (`build`, `cache`).

use super::theme::Theme;
use super::value::Map;
use crate::config::{Config, Pick, Profile};
use crate::diagnostic::{Diagnostic, Lang};
use crate::digest::Digest;
use crate::disk::{Disk, join};
use crate::history::{History, Provenance};
use crate::model::branch::{Branch, Organisation};
use crate::model::campaign::{Campaign, campaign};
use crate::model::date::ArchiveDate;
use crate::model::disclosure::{self, Board, Posting};
use crate::model::due::Duty;
use crate::model::evidence::{self, CriterionOn, Matrix};
use crate::model::form::Form;
use crate::model::honour::{Honour, State};
use crate::model::kind::Kind;
use crate::model::ledger::{self, Holder};
use crate::model::pack::{self, Pack};
use crate::model::picture;
use crate::model::programme::{Criterion, Programme, Rubric};
use crate::model::query::{self, Classes, Query, Selection};
use crate::model::record::Record;
use crate::model::report::{self, Offer, Report};
use crate::model::schema::{Field, Schema};
use crate::model::sums;
use crate::model::{Page, Site, Target, What, route};
use crate::parse::Document;
use crate::picture::Film;
use crate::plan::{self, Plan, list, list::ListOf};
use crate::rules::cadence;
use crate::rules::life;
use crate::say;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::OnceLock;
use tera::Value;

/// Shapes of things, each made once.
pub struct View<'a> {
    site: &'a Site,
    plan: &'a Plan,
    pub(super) config: &'a Config,
    pub(super) theme: &'a Theme,
    texts: Texts<'a>,
    history: Option<&'a History>,
    cards: Vec<OnceLock<Value>>,
    kinds: Vec<OnceLock<Value>>,
    frame: OnceLock<Value>,
    /// The states of ledgers, in their order: a ledger shows one in each of some hundred places.
    states: OnceLock<Vec<Value>>,
}

/// The texts of documents on the disk.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    disk: &'a dyn Disk,
    root: &'a str,
    dir: &'a str,
    spelled: &'a BTreeMap<String, String>,
}

/// The text of a file, its body apart.
pub(super) struct Text {
    whole: Vec<u8>,
    body_start: usize,
}

impl Text {
    /// Returns the Markdown of the body.
    pub(super) fn body(&self) -> Cow<'_, str> {
        match simdutf8::basic::from_utf8(&self.whole) {
            Ok(text) => Cow::Borrowed(&text[self.body_start..]),
            Err(_) => Cow::Owned(String::from_utf8_lossy(&self.whole)[self.body_start..].to_owned()),
        }
    }
}

impl<'a> Texts<'a> {
    /// Names the place of the texts. `spelled` maps paths in NFC to how the disk spells them.
    pub fn new(disk: &'a dyn Disk, root: &'a str, dir: &'a str, spelled: &'a BTreeMap<String, String>) -> Texts<'a> {
        Texts { disk, root, dir, spelled }
    }

    /// Returns the place of a file of the content folder.
    pub(super) fn place(&self, path: &str) -> String {
        let spelled = self.spelled.get(path).map_or(path, String::as_str);
        join(&join(self.root, self.dir), spelled)
    }

    /// Reads a document again. A file that is no longer what was parsed ends the build: a page made of
    /// two states of a file would be no record of either.
    fn read(&self, d: &Document) -> std::result::Result<Text, Box<Diagnostic>> {
        let told = |message| {
            let hint =
                say!("文件在生成期间被改动；再运行一次", "the file was changed while the site was built: run again");
            Box::new(Diagnostic::error("changed-meanwhile", &d.shown, None, message).hint(hint))
        };
        let path = &d.shown;
        let whole = self
            .disk
            .read(&self.place(&d.path))
            .map_err(|e| told(say!("读不了 `{path}`：{e}", "cannot read `{path}`: {e}")))?;
        if Digest::of(&whole) != d.digest {
            return Err(told(say!("`{path}` 与刚才读到的不同", "`{path}` is not what it was a moment ago")));
        }
        Ok(Text { whole, body_start: d.body_start })
    }
}

/// Escapes text for HTML and XML, attributes included.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Writes a year in Chinese numerals (二〇二六).
pub fn han_year(year: i16) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    year.to_string().bytes().map(|b| DIGITS.get(usize::from(b.wrapping_sub(b'0'))).copied().unwrap_or('〇')).collect()
}

/// Writes a number of bytes as people do.
pub fn human_size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

impl<'a> View<'a> {
    /// Makes the shapes of a site.
    pub fn new(
        site: &'a Site,
        plan: &'a Plan,
        config: &'a Config,
        theme: &'a Theme,
        texts: Texts<'a>,
        history: Option<&'a History>,
    ) -> View<'a> {
        let once = |n: usize| (0..n).map(|_| OnceLock::new()).collect();
        View {
            site,
            plan,
            config,
            theme,
            texts,
            history,
            cards: once(site.records.len()),
            kinds: once(site.kinds.kinds.len()),
            frame: OnceLock::new(),
            states: OnceLock::new(),
        }
    }

    /// Drops the shapes that were made.
    pub(super) fn forget(self) -> View<'a> {
        let View { site, plan, config, theme, texts, history, .. } = self;
        View::new(site, plan, config, theme, texts, history)
    }

    /// Begins to ask for a page that prints the text of a document.
    pub(super) fn ask(&'a self, own: Option<usize>) -> Ask<'a> {
        Ask { view: self, own, asked: RefCell::default() }
    }

    /// The language of the interface.
    pub(super) fn lang(&self) -> Lang {
        self.config.site.lang
    }

    /// The language tag of pages.
    pub(super) fn lang_tag(&self) -> &'static str {
        match self.lang() {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// Writes a year as spines and heads do: 二〇二六, or in digits where the interface is English.
    pub(super) fn year(&self, year: i16) -> String {
        match self.lang() {
            Lang::Zh => han_year(year),
            Lang::En => year.to_string(),
        }
    }

    /// Returns an address as links name it.
    pub(super) fn url(&self, route: &str) -> String {
        plan::page_url(route, self.config.output.index_in_links)
    }

    /// Returns a string of the interface.
    pub(super) fn say(&self, key: &str) -> String {
        self.theme.say(key, &[])
    }

    /// Returns a date in the shapes pages need.
    pub(super) fn date(&self, date: &ArchiveDate) -> Value {
        let point = &date.start;
        let iso = point.year().is_some().then(|| date.datetime());
        let day = match (point.month, point.day) {
            _ if self.lang() == Lang::En => point.iso(),
            (Some(m), Some(d)) => format!("{m}月{d}日"),
            (Some(m), None) => format!("{m}月"),
            (None, _) => point.zh(),
        };
        let text = match self.lang() {
            Lang::Zh => date.zh(),
            Lang::En => date.iso().replace('T', " "),
        };
        Map::new()
            .maybe("iso", iso)
            .with("text", text)
            .with("list", point.iso())
            .with("day", day)
            .maybe("year", point.year())
            .done()
    }

    fn make_kind(&self, kind: query::KindName<'_>) -> Value {
        Map::new()
            .with("id", kind.id)
            .with("label", kind.label.get(self.lang()))
            .with("mark", kind.mark)
            .with("class", kind.class)
            .with("url", self.url(&format!("archive/kind/{}/", kind.id)))
            .done()
    }

    /// Makes a card of its face, so that it can show nothing else.
    fn make_card(&self, c: &query::Card<'_>, kind: Value) -> Value {
        let cover = c.cover.map(|(url, alt)| Map::new().with("url", url.as_str()).with("alt", alt.as_str()).done());
        let corrected = c
            .corrected_by
            .as_ref()
            .map(|n| Map::new().with("id", n.id).with("url", self.url(n.route)).with("title", n.title).done());
        let unit = c.unit.map(|(id, name)| {
            Map::new().with("id", id).with("name", name).with("url", self.url(&route::organisation(id))).done()
        });
        Map::new()
            .with("id", c.id)
            .with("url", self.url(c.route))
            .with("title", c.title)
            .with("kind", kind)
            .maybe("branch", c.branch.as_ref().map(|b| self.make_branch_ref(b)))
            .maybe("unit", unit)
            .maybe("group", c.group)
            .maybe("date", c.date.map(|d| self.date(d)))
            .maybe("late", c.late)
            .with("keywords", c.keywords.to_vec())
            .with("summary", c.summary)
            .maybe("topics", c.has_topics.then_some(c.summary))
            .maybe("cover", cover)
            .maybe("brand", c.brand)
            .maybe("corrected_by", corrected)
            .done()
    }

    /// Makes a picture of what pages show of it; whoever shows it has asked for it ([`Ask::picture`]).
    fn make_picture(&self, url: &str) -> Map {
        let shown = self.site.published_at(url).and_then(|at| picture::shown(self.site, at));
        let Some(picture::Shown { url, width, height, copies, plain }) = shown else {
            return Map::new().with("url", url);
        };
        let copy = |(width, url): (u32, String)| Map::new().with("width", width).with("url", url).done();
        Map::new()
            .with("url", url)
            .with("width", width)
            .with("height", height)
            .list("copies", copies.into_iter().map(copy).collect())
            .maybe("plain", plain)
    }

    fn make_branch_ref(&self, b: &query::BranchName<'_>) -> Value {
        Map::new()
            .with("id", b.id)
            .with("name", b.name)
            .with("short", b.short)
            .with("url", self.url(&route::branch(b.id)))
            .maybe("org", b.org)
            .done()
    }
}

/// A record as a ledger shows it.
pub(super) struct LedgerEntry<'a> {
    pub(super) route: &'a str,
    pub(super) title: &'a str,
    pub(super) date: Option<&'a ArchiveDate>,
    pub(super) late: Option<i64>,
}

/// A page's way to the rest of the site: every question is noted with the page that asked it.
pub(super) struct Ask<'a> {
    view: &'a View<'a>,
    /// The document whose text is the page's own input, and no question.
    own: Option<usize>,
    asked: RefCell<Vec<Query>>,
}

impl<'a> Deref for Ask<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        self.view
    }
}

impl<'a> Ask<'a> {
    /// Returns what was asked, each question once, in order.
    pub(super) fn asked(self) -> Vec<Query> {
        let mut asked = self.asked.into_inner();
        asked.sort_unstable();
        asked.dedup();
        asked
    }

    fn note(&self, query: Query) {
        self.asked.borrow_mut().push(query);
    }

    fn site(&self, query: Query) -> &'a Site {
        self.note(query);
        self.view.site
    }

    fn overview(&self, query: Query) -> &'a query::Overview {
        self.note(query);
        &self.view.plan.overview
    }

    /// Returns a record.
    pub(super) fn record(&self, record: usize) -> &'a Record {
        &self.site(Query::Record(record)).records[record]
    }

    /// Returns the card of a record.
    pub(super) fn card(&self, record: usize) -> Value {
        let site = self.site(Query::Card(record));
        let view = self.view;
        let make = || {
            let card = query::card(site, record);
            let kind = view.kinds[site.records[record].kind].get_or_init(|| view.make_kind(card.kind)).clone();
            view.make_card(&card, kind)
        };
        view.cards[record].get_or_init(make).clone()
    }

    /// Returns the card of a record where its picture is shown: with its size and its copies. Most lists show none, and
    /// are not to be made anew for another picture.
    pub(super) fn tile(&self, record: usize) -> Value {
        let card = self.card(record);
        match &self.view.site.records[record].cover {
            Some((url, alt)) => {
                let cover = self.picture(url).with("alt", alt.as_str()).done();
                Map::new().with("cover", cover).and_value(&card).done()
            }
            None => card,
        }
    }

    /// Returns the cards of records where their pictures are shown.
    pub(super) fn tiles(&self, records: impl IntoIterator<Item = usize>) -> Vec<Value> {
        records.into_iter().map(|r| self.tile(r)).collect()
    }

    /// Tells whether a record has a picture that stands for it.
    pub(super) fn has_cover(&self, record: usize) -> bool {
        self.site(Query::Card(record)).records[record].cover.is_some()
    }

    /// Returns the cards of records.
    pub(super) fn cards(&self, records: impl IntoIterator<Item = usize>) -> Vec<Value> {
        records.into_iter().map(|r| self.card(r)).collect()
    }

    /// Returns a record as tables show it.
    pub(super) fn row(&self, record: usize) -> query::Row<'a> {
        query::row(self.site(Query::Row(record)), record)
    }

    /// Returns a record as feeds show it.
    pub(super) fn entry(&self, record: usize) -> query::Entry<'a> {
        query::entry(self.site(Query::Entry(record)), record)
    }

    /// Returns a record as others name it.
    pub(super) fn name(&self, record: usize) -> query::Name<'a> {
        query::name(self.site(Query::Name(record)), record)
    }

    /// Returns the id of a record that an answer named, which is what the answer was.
    pub(super) fn id_of(&self, record: usize) -> &'a str {
        &self.view.site.records[record].id
    }

    /// Returns a record as others name it, for templates.
    pub(super) fn record_ref(&self, record: usize) -> Value {
        let n = self.name(record);
        Map::new().with("id", n.id).with("title", n.title).with("url", self.url(n.route)).done()
    }

    /// Finds a record by its id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        let found = self.view.site.record(id);
        self.note(found.map_or(Query::Ids, Query::Name));
        found
    }

    /// Returns the records before and after a record.
    pub(super) fn around(&self, record: usize) -> (Option<usize>, Option<usize>) {
        let r = &self.site(Query::Around(record)).records[record];
        (r.before, r.after)
    }

    /// Returns the records that belong together with a record.
    pub(super) fn related(&self, record: usize) -> Vec<usize> {
        let index = &self.overview(Query::Related(record)).index;
        query::related(self.view.site, index, record)
    }

    /// Reads the text of a document again, from the file it was parsed from.
    pub(super) fn text(&self, doc: usize) -> std::result::Result<Text, Box<Diagnostic>> {
        if self.own != Some(doc) {
            self.note(Query::Text(doc));
        }
        // Of a stub nothing is read: neither its page nor the search can let out what they never had.
        if matches!(self.view.site.what[doc], What::Record(r) if self.view.site.records[r].is_stub()) {
            return Ok(Text { whole: Vec::new(), body_start: 0 });
        }
        self.view.texts.read(&self.view.site.docs[doc])
    }

    /// Returns where the record whose page asks comes from: an input of its own, as its text is.
    pub(super) fn provenance(&self, record: &Record) -> Option<Provenance> {
        let doc = &self.view.site.docs[record.doc];
        debug_assert_eq!(self.own, Some(record.doc), "only a record's own page tells where it comes from");
        self.view.history?.of(&doc.path, Some(&record.id))
    }

    /// Returns where a link or picture of a document leads.
    pub(super) fn target(&self, doc: usize, destination: &str) -> Option<&'a Target> {
        self.site(Query::Targets(doc)).target(doc, destination)
    }

    fn note_picture(&self, url: &str) {
        if let Some(at) = self.view.site.published_at(url) {
            self.note(Query::Picture(at));
        }
    }

    /// Returns a picture of an address, for templates: its size and its copies, or only its address.
    pub(super) fn picture(&self, url: &str) -> Map {
        self.note_picture(url);
        self.view.make_picture(url)
    }

    /// Returns the size and the copies of a picture of an address.
    pub(super) fn picture_shown(&self, url: &str) -> Option<picture::Shown> {
        self.note_picture(url);
        picture::shown(self.view.site, self.view.site.published_at(url)?)
    }

    /// Returns the address of a picture for programs that may not know WebP, and should not load a photograph whole.
    pub(super) fn picture_for_others(&self, url: &str) -> String {
        self.picture_shown(url).and_then(|shown| shown.plain).unwrap_or_else(|| url.to_owned())
    }

    /// Returns the film of an address.
    pub(super) fn film(&self, url: &str) -> Option<Film> {
        self.note_picture(url);
        picture::film(self.view.site, self.view.site.published_at(url)?).copied()
    }

    /// Returns the first words of a document.
    pub(super) fn excerpt(&self, doc: usize) -> &'a str {
        &self.site(Query::Excerpt(doc)).docs[doc].outline.excerpt
    }

    /// Returns a branch.
    pub(super) fn branch(&self, branch: usize) -> &'a Branch {
        &self.site(Query::Branch(branch)).branches[branch]
    }

    /// Returns a branch as a record of a day names it.
    pub(super) fn branch_name(&self, branch: usize, date: Option<&ArchiveDate>) -> query::BranchName<'a> {
        query::branch_name(self.site(Query::BranchName(branch)), branch, date)
    }

    /// Returns a branch as a record of a day names it, for templates.
    pub(super) fn branch_ref(&self, branch: usize, date: Option<&ArchiveDate>) -> Value {
        self.make_branch_ref(&self.branch_name(branch, date))
    }

    /// Returns the branches.
    pub(super) fn branches(&self) -> &'a [Branch] {
        &self.site(Query::Branches).branches
    }

    /// Returns the short name of the organisation above a branch.
    pub(super) fn org_short(&self, branch: usize) -> Option<&'a str> {
        self.branch_name(branch, None).org
    }

    /// Returns an organisation.
    pub(super) fn organisation(&self, unit: usize) -> &'a Organisation {
        &self.site(Query::Organisation(unit)).organisations[unit]
    }

    /// Returns the organisations.
    pub(super) fn organisations(&self) -> &'a [Organisation] {
        &self.site(Query::Organisations).organisations
    }

    /// Returns a kind.
    pub(super) fn kind_name(&self, kind: usize) -> query::KindName<'a> {
        query::kind_name(self.site(Query::Kind(kind)), kind)
    }

    /// Returns a kind, for templates.
    pub(super) fn kind(&self, kind: usize) -> Value {
        let name = self.kind_name(kind);
        self.view.kinds[kind].get_or_init(|| self.view.make_kind(name)).clone()
    }

    /// Returns what a kind of this id is called.
    pub(super) fn kind_label(&self, id: &str) -> String {
        let kind = self.view.site.kinds.kinds.iter().position(|k| k.id == id);
        kind.map_or_else(|| id.to_owned(), |k| self.kind_name(k).label.get(self.lang()).to_owned())
    }

    /// Returns the layout of a kind's pages.
    pub(super) fn layout(&self, kind: usize) -> &'a str {
        self.site(Query::Kind(kind)).kinds.class(kind).map_or("other", |c| c.layout.as_str())
    }

    /// Returns a kind with what a good record of it has.
    pub(super) fn gate(&self, kind: usize) -> &'a Kind {
        &self.site(Query::Schema(kind)).kinds.kinds[kind]
    }

    /// Returns the class of a record.
    pub(super) fn class_of(&self, record: usize) -> &'a str {
        let site = self.site(Query::Card(record));
        &site.kind(&site.records[record]).class
    }

    /// Returns the fields of a kind.
    pub(super) fn schema(&self, kind: usize) -> &'a Schema {
        &self.site(Query::Schema(kind)).kinds.schemas[kind]
    }

    /// Tells whether a key is one of the fields every record has.
    pub(super) fn is_core(&self, kind: usize, key: &str) -> bool {
        self.site(Query::Schema(kind)).kinds.core.iter().any(|f| f.key == key)
    }

    /// Returns a field of files that are no records. Their schemas are shipped, and part of the tool.
    pub(super) fn entity_field(&self, entity: &str, key: &str) -> Option<&'a Field> {
        self.view.site.kinds.entity(entity)?.fields.iter().find(|f| f.key == key)
    }

    /// Returns the programmes.
    pub(super) fn programmes(&self) -> &'a [Programme] {
        &self.site(Query::Programmes).programmes
    }

    /// Returns what a programme comes to on the day of the build.
    pub(super) fn campaign(&self, programme: usize) -> Campaign<'a> {
        campaign(self.site(Query::Campaign(programme)), programme)
    }

    /// Returns the rubrics.
    pub(super) fn rubrics(&self) -> &'a [Rubric] {
        &self.site(Query::Rubrics).rubrics
    }

    /// Returns the rubrics, of which the criteria must not be looked at.
    pub(super) fn rubric_heads(&self) -> &'a [Rubric] {
        &self.site(Query::RubricHeads).rubrics
    }

    /// Returns a criterion of a rubric by its id, and the rubric's id and title.
    pub(super) fn criterion(&self, rubric: usize, id: &str) -> Option<(&'a Criterion, &'a str, &'a str)> {
        let r = &self.view.site.rubrics[rubric];
        let at = r.dimensions.iter().flat_map(|d| &d.criteria).position(|c| c.id == id)?;
        let site = self.site(Query::Criterion(rubric, at));
        Some((query::criterion(site, rubric, at)?, &r.id, &r.title))
    }

    /// Returns the records that show a criterion, by its place among all of the rubric's.
    pub(super) fn evidence_of(&self, rubric: usize, at: usize) -> Vec<usize> {
        let site = self.site(Query::Evidence(rubric, at));
        query::criterion(site, rubric, at).map(|c| query::evidence_of(site, rubric, &c.id)).unwrap_or_default()
    }

    /// Returns a criterion's evidence by branch, by its place among all of the rubric's.
    pub(super) fn proofs(&self, rubric: usize, at: usize) -> Option<CriterionOn<'a>> {
        evidence::criterion_on(self.site(Query::Proofs(rubric, at)), rubric, at)
    }

    /// Returns the branches and what they show of each criterion of a rubric.
    pub(super) fn matrix(&self, rubric: usize) -> Matrix<'a> {
        evidence::matrix(self.site(Query::Matrix(rubric)), rubric)
    }

    /// Returns the records of a branch that show each dimension of a rubric, by its title.
    pub(super) fn strengths(&self, branch: usize, rubric: usize) -> Vec<(&'a str, Vec<usize>)> {
        let of_branch = self.overview(Query::Strengths(branch, rubric)).index.of_branch(branch);
        evidence::strengths(self.view.site, of_branch, rubric)
    }

    /// Returns the honours.
    pub(super) fn honours(&self) -> &'a [Honour] {
        &self.site(Query::Honours).honours
    }

    /// Returns the honours of a branch, newest first.
    pub(super) fn honours_of(&self, branch: usize) -> impl Iterator<Item = &'a Honour> + use<'a> {
        query::honours_of(self.site(Query::HonoursOf(branch)), branch)
    }

    /// Returns the honour a record tells the story of.
    pub(super) fn honour_told(&self, record: usize) -> Option<&'a Honour> {
        self.site(Query::HonourTold(record)).honours.iter().find(|h| h.story == Some(record))
    }

    /// Returns the pages that are no records.
    pub(super) fn pages(&self) -> &'a [Page] {
        &self.site(Query::Pages).pages
    }

    /// Returns the newest records of a selection, so many.
    pub(super) fn newest(&self, selection: Selection, most: usize) -> Vec<usize> {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let mut found = self.overview(Query::Newest(selection.into(), most)).index.select(self.view.site, selection);
        found.truncate(most as usize);
        found
    }

    /// Returns the year a record is listed under.
    pub(super) fn year_of(&self, record: usize) -> Option<i16> {
        self.site(Query::Card(record)).records[record].year()
    }

    /// Returns the month and day a record is listed under.
    pub(super) fn day_of(&self, record: usize) -> (Option<u8>, Option<u8>) {
        let r = &self.site(Query::Card(record)).records[record];
        (r.month(), r.sort_date().and_then(|d| d.start.day))
    }

    /// Returns the oldest record with a known year.
    pub(super) fn oldest(&self) -> Option<usize> {
        query::oldest(self.site(Query::Oldest))
    }

    /// Returns the newest cases and stories of a branch, so many.
    pub(super) fn cases_of(&self, branch: usize, most: usize) -> Vec<usize> {
        let index = &self.overview(Query::CasesOf(branch)).index;
        let mut found = query::cases_of(self.view.site, index, branch);
        found.truncate(most);
        found
    }

    /// Returns the records of a selection.
    pub(super) fn select(&self, selection: Selection) -> Vec<usize> {
        self.newest(selection, usize::MAX)
    }

    /// Returns the newest records of classes, so many.
    pub(super) fn newest_of(&self, classes: Classes, most: usize) -> Vec<usize> {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        query::newest_of(self.site(Query::NewestOf(classes, most)), classes, most as usize)
    }

    /// Returns how many records each day of a year has, of a branch or of all: month, day, how many.
    pub(super) fn days(
        &self,
        branch: Option<usize>,
        year: i16,
    ) -> std::collections::BTreeMap<(Option<u8>, Option<u8>), usize> {
        let records = self.overview(Query::Days(branch, year)).of(branch);
        query::days(self.view.site, records, year)
    }

    /// Returns how many records each year has, of a branch or of all.
    pub(super) fn years(&self, branch: Option<usize>) -> Vec<(i16, usize)> {
        let overview = self.overview(Query::Years(branch));
        branch.map_or_else(|| overview.years.clone(), |b| query::years(self.view.site, overview.index.of_branch(b)))
    }

    /// Returns how many records each kind has, of a branch or of all.
    pub(super) fn kinds(&self, branch: Option<usize>) -> Vec<(usize, usize)> {
        let overview = self.overview(Query::Kinds(branch));
        branch.map_or_else(|| overview.kinds.clone(), |b| query::kinds(self.view.site, overview.index.of_branch(b)))
    }

    /// Returns the years with records, newest first.
    pub(super) fn years_held(&self) -> impl Iterator<Item = i16> + use<'a> {
        self.overview(Query::YearsHeld).years.iter().map(|(y, _)| *y)
    }

    /// Returns the kinds with records.
    pub(super) fn kinds_held(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.overview(Query::KindsHeld).kinds.iter().map(|(k, _)| *k)
    }

    /// Returns how many records each month of a year has.
    pub(super) fn months(&self, year: i16) -> &'a [(u8, usize)] {
        self.overview(Query::Months(year)).months.get(&year).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns how many records each kind has in each year.
    pub(super) fn kinds_by_year(&self) -> std::collections::BTreeMap<(usize, i16), usize> {
        query::kinds_by_year(self.site(Query::KindsByYear))
    }

    /// Returns how much there is.
    pub(super) fn counts(&self) -> query::Counts {
        query::counts(self.view.site, self.overview(Query::Counts))
    }

    /// Tells whether there are ledgers.
    pub(super) fn has_ledgers(&self) -> bool {
        ledger::any(self.site(Query::Frame))
    }

    /// Returns the rule packs.
    pub(super) fn packs(&self) -> &'a [Pack] {
        &self.site(Query::Packs).packs
    }

    /// Returns which packs hold for whom, as the settings have it.
    pub(super) fn picks(&self) -> &'a [Pick] {
        &self.site(Query::Packs).options.packs
    }

    /// Returns the rules that differ among packs that hold together.
    pub(super) fn conflicts(&self) -> Vec<pack::Conflict> {
        pack::conflicts(self.site(Query::Packs))
    }

    /// Returns the packs that hold for a branch or organisation.
    pub(super) fn packs_of(&self, holder: Holder) -> Vec<usize> {
        match holder {
            Holder::Branch(b) => self.note(Query::Branch(b)),
            Holder::Organisation(o) => self.note(Query::Organisation(o)),
        }
        ledger::packs_of(self.site(Query::Packs), holder)
    }

    /// Returns a ledger.
    pub(super) fn ledger(&self, holder: Holder, year: i16) -> ledger::Ledger {
        let index = &self.overview(Query::Ledger(holder, year)).index;
        ledger::ledger(self.view.site, index, holder, year)
    }

    /// Returns a record as the ledger that holds it shows it; the ledger's question covers it.
    pub(super) fn ledger_entry(&self, record: usize) -> LedgerEntry<'a> {
        let r = &self.view.site.records[record];
        LedgerEntry { route: &r.route, title: &r.title, date: r.date.as_ref(), late: r.late }
    }

    /// Returns the years a holder has ledgers of.
    pub(super) fn ledger_years(&self, holder: Holder) -> Vec<i16> {
        ledger::years(self.view.site, &self.overview(Query::LedgerYears(holder)).index, holder)
    }

    /// Returns a report.
    pub(super) fn report(&self, branch: usize, year: i16, offer: Offer) -> Option<Report<'a>> {
        let index = &self.overview(Query::Report(branch, year, offer.form, offer.rubric)).index;
        report::report(self.view.site, index, branch, year, offer)
    }

    /// Returns the reports of a branch and a year: form, rubric.
    pub(super) fn reports(&self, branch: usize, year: i16) -> Vec<(&'a Form, Option<&'a Rubric>)> {
        let site = self.view.site;
        let offers = report::offers(site, &self.overview(Query::Reports(branch, year)).index, branch, year);
        offers.into_iter().map(|o| (&site.kinds.reports[o.form], o.rubric.map(|r| &site.rubrics[r]))).collect()
    }

    /// Returns the years a branch has reports of.
    pub(super) fn report_years(&self, branch: usize) -> Vec<i16> {
        report::years(self.view.site, &self.overview(Query::ReportYears(branch)).index, branch)
    }

    /// Returns how the year of a branch stands.
    pub(super) fn briefs(&self, holder: Holder, year: i16) -> ledger::Briefs {
        ledger::briefs(self.view.site, &self.overview(Query::Ledgers(year)).index, holder, year)
    }

    /// Returns what falls due for a branch.
    pub(super) fn due(&self, branch: usize) -> Vec<ledger::Due> {
        ledger::due(self.view.site, &self.overview(Query::Due(branch)).index, branch)
    }

    /// Returns the catalogues of disclosure and what is made known of each item.
    pub(super) fn board(&self) -> Board<'a> {
        disclosure::board(self.site(Query::Board))
    }

    /// Returns the document of a catalogue, by number among the sheets of the board.
    pub(super) fn catalogue_doc(&self, catalogue: usize) -> usize {
        self.site(Query::Board).catalogues[catalogue].doc
    }

    /// Returns a record as a posting.
    pub(super) fn posting(&self, record: usize) -> Option<Posting<'a>> {
        disclosure::posting(self.site(Query::Posting(record)), record)
    }

    /// Returns a state of ledgers: its word, its label.
    pub(super) fn ledger_state(&self, state: cadence::State) -> Value {
        let make = |s: &cadence::State| {
            Map::new().with("word", s.word()).with("label", self.say(super::ledger::state_key(*s))).done()
        };
        let all = self.view.states.get_or_init(|| cadence::State::ALL.iter().map(make).collect());
        cadence::State::ALL.iter().position(|s| *s == state).map(|at| all[at].clone()).expect("all are all")
    }

    /// Returns what falls due and no ledger asks for, of all or of a branch.
    pub(super) fn duties(&self, who: Option<usize>) -> impl Iterator<Item = &'a Duty> {
        self.overview(Query::Duties(who)).duties(self.view.site, who)
    }

    /// Returns what checks find of a record.
    pub(super) fn sums(&self, record: usize) -> Vec<sums::Finding> {
        let site = self.site(Query::Sums(record));
        sums::of_record(site, &site.records[record])
    }

    /// Returns what checks find of a branch.
    pub(super) fn standing(&self, branch: usize) -> Vec<sums::Finding> {
        let site = self.site(Query::Standing(branch));
        sums::of_branch(site, &site.branches[branch])
    }

    /// Returns where a ledger is, whose ids the page has asked for.
    pub(super) fn ledger_route(&self, holder: Holder, year: i16) -> String {
        match holder {
            Holder::Branch(b) => self.note(Query::BranchName(b)),
            Holder::Organisation(o) => self.note(Query::Organisation(o)),
        }
        plan::ledger_route(self.view.site, holder, year)
    }

    /// Returns the day the site is built as of.
    pub(super) fn as_of(&self) -> jiff::civil::Date {
        self.site(Query::Today).options.as_of
    }

    /// Returns the route of a list.
    pub(super) fn list(&self, of: ListOf) -> String {
        // Made of ids, which are what the asking page names already.
        list::base(of, self.view.site)
    }

    /// Returns the records of an organisation itself: how many.
    fn of_unit(&self, unit: usize) -> usize {
        self.overview(Query::UnitHoldings(unit)).index.of_unit(unit).len()
    }

    /// Returns how many records a branch has.
    pub(super) fn holdings_of(&self, branch: usize) -> usize {
        self.overview(Query::BranchHoldings(branch)).index.of_branch(branch).len()
    }

    /// Returns an organisation as a record names it.
    pub(super) fn unit_ref(&self, unit: usize) -> Value {
        let o = self.organisation(unit);
        Map::new()
            .with("id", o.id.as_str())
            .with("name", o.name.as_str())
            .with("url", self.url(&route::organisation(&o.id)))
            .done()
    }

    /// Returns an organisation with its branches.
    pub(super) fn org(&self, org: usize) -> Value {
        let o = &self.organisations()[org];
        let all = self.branches();
        let branches: Vec<usize> = (0..all.len()).filter(|b| all[*b].parent == Some(org)).collect();
        let below: usize = branches.iter().map(|b| self.holdings_of(*b)).sum();
        let own = self.of_unit(org);
        let records = (own > 0).then(|| self.url(&self.list(ListOf::Unit(org))));
        let intro = Some(self.excerpt(o.doc)).filter(|e| !e.is_empty());
        Map::new()
            .with("id", o.id.as_str())
            .with("name", o.name.as_str())
            .maybe("short", o.short.as_deref())
            .maybe("type", o.sort.as_deref())
            .maybe("unit", o.unit.as_deref())
            .with("depth", o.depth)
            .with("url", self.url(&route::organisation(&o.id)))
            .with("branch_count", branches.len())
            .with("record_count", below + own)
            .with("own_count", own)
            .maybe("records_url", records)
            .maybe("intro", intro)
            .with("branches", branches.iter().map(|b| self.branch_card(*b).done()).collect::<Vec<_>>())
            .done()
    }

    /// Returns a branch as lists show it.
    pub(super) fn branch_card(&self, branch: usize) -> Map {
        let b = self.branch(branch);
        let years = self.years(Some(branch));
        let honours: Vec<Value> = self.honours_of(branch).map(|h| self.plaque(h).done()).collect();
        Map::new()
            .with("id", b.id.as_str())
            .with("url", self.url(&route::branch(&b.id)))
            .with("name", b.name.as_str())
            .with("short", b.short.as_deref().unwrap_or(&b.name))
            .maybe("org", self.org_short(branch))
            .maybe("type", b.sort.as_deref())
            .maybe("status", b.status.as_deref())
            .with("status_open", b.is_open())
            .maybe("brand", b.brand.as_deref())
            .maybe("motto", b.motto.as_deref())
            .with("record_count", self.holdings_of(branch))
            .maybe("first", years.last().map(|y| y.0))
            .maybe("last", years.first().map(|y| y.0))
            .maybe("members", b.members.as_ref().map(|m| m.0 + m.1))
            .with("honours", honours)
    }

    /// Returns an honour as a plaque (匾额). What it shows beside itself is part of the answer that gave
    /// the honour.
    pub(super) fn plaque(&self, h: &Honour) -> Map {
        let site = self.view.site;
        let b = &site.branches[h.branch];
        let state = h.state(site.options.as_of);
        let named = h.named();
        let url = match h.story {
            Some(story) if state == State::Named => site.records[story].route.clone(),
            _ => route::branch(&b.id),
        };
        let name = query::branch_name(site, h.branch, named.map(|e| &e.date));
        let branch = Map::new()
            .with("id", name.id)
            .with("name", name.name)
            .with("short", name.short)
            .with("url", self.url(&route::branch(&b.id)))
            .done();
        let brand = h.brand.as_deref().or(b.brand.as_deref());
        let seal: String = match &h.seal {
            Some(seal) => seal.clone(),
            None if h.is_four_strong() => "四强".into(),
            None => h.sort.chars().take(2).collect(),
        };
        let year = h.year();
        Map::new()
            .with("id", h.id.as_str())
            .with("url", self.url(&url))
            .maybe("brand", brand)
            .with("len", brand.map_or(0, |b| b.chars().count()))
            .with("branch", branch)
            .maybe("org_short", name.org)
            .with("type", h.sort.as_str())
            .with("type_label", h.sort.as_str())
            .maybe("level", h.level.as_deref())
            .maybe("year", year)
            .maybe("year_han", year.map(|y| self.year(y)))
            .maybe("cohort", h.cohort.as_deref())
            .maybe("motto", h.motto.as_deref().or(b.motto.as_deref()))
            .maybe("docno", named.and_then(|e| e.docno.as_deref()))
            .with("state", state.word())
            .with("state_label", self.say(&format!("honour.{}", h.label(site.options.as_of))))
            .maybe("since", h.since(site.options.as_of).map(|e| self.date(&e.date)))
            .with("seal", seal)
    }

    /// Returns an honour with what happened to it. Reasons are not part of it.
    pub(super) fn honour(&self, h: &Honour) -> Value {
        let labels = self.entity_field("honour", "events").and_then(|f| f.columns.first()).map(|c| &c.option_labels);
        let events: Vec<Value> = h
            .until(self.view.site.options.as_of)
            .map(|e| {
                let label = match self.lang() {
                    Lang::Zh => labels.and_then(|l| l.get(&e.event)).cloned().unwrap_or_else(|| e.event.clone()),
                    Lang::En => e.event.replace('_', " "),
                };
                let window = e.window.as_ref().map(|(from, to)| {
                    let text = |d: &Option<ArchiveDate>| d.as_ref().map_or(String::new(), |d| d.start.iso());
                    format!("{}—{}", text(from), text(to))
                });
                Map::new()
                    .with("event", e.event.as_str())
                    .with("label", label)
                    .with("date", self.date(&e.date))
                    .maybe("by", e.by.as_deref())
                    .maybe("docno", e.docno.as_deref())
                    .maybe("plaque", e.plaque.as_deref())
                    .maybe("result", e.result.as_deref())
                    .maybe("window", window)
                    .done()
            })
            .collect();
        // Which programme is part of the answer that gave the honour.
        let programme = h.programme.map(|p| self.programme_ref(p));
        self.plaque(h).with("events", events).maybe("programme", programme).done()
    }

    /// Tells where an honour stands on the day of the build, which is part of the answer that gave it.
    pub(super) fn state(&self, h: &Honour) -> State {
        h.state(self.view.site.options.as_of)
    }

    /// Returns what has happened to an honour by the day of the build.
    pub(super) fn events_of<'h>(
        &self,
        h: &'h Honour,
    ) -> impl Iterator<Item = &'h crate::model::honour::Event> + use<'h> {
        h.until(self.view.site.options.as_of)
    }

    /// Returns the branch of an honour under its name of a day.
    pub(super) fn branch_of(&self, h: &Honour, date: Option<&ArchiveDate>) -> query::BranchName<'a> {
        query::branch_name(self.view.site, h.branch, date)
    }

    /// Returns how many were named and revoked year by year, of each type, four-strong first.
    pub(super) fn honour_years(&self) -> Vec<(&'a str, Vec<life::Year>)> {
        let day = self.site(Query::Honours).options.as_of;
        let mut sorts: Vec<(&str, Vec<Vec<life::Fact>>)> = Vec::new();
        for h in self.honours() {
            match sorts.iter_mut().find(|(sort, _)| *sort == h.sort) {
                Some((_, lives)) => lives.push(h.facts()),
                None => sorts.push((&h.sort, vec![h.facts()])),
            }
        }
        sorts.sort_by_key(|(sort, _)| !sort.contains("四强"));
        let day = (day.year(), day.month() as u8, day.day() as u8);
        let years = sorts.into_iter().map(|(sort, lives)| (sort, life::by_year(&lives, day)));
        years.filter(|(_, years)| !years.is_empty()).collect()
    }

    /// Returns a programme as others name it: id, title.
    pub(super) fn programme_name(&self, programme: usize) -> (&'a str, &'a str) {
        query::programme_name(self.site(Query::ProgrammeName(programme)), programme)
    }

    /// Returns a programme as others name it, for templates.
    pub(super) fn programme_ref(&self, programme: usize) -> Value {
        let (id, title) = self.programme_name(programme);
        Map::new().with("id", id).with("title", title).with("url", self.url(&route::programme(id))).done()
    }

    /// Returns the value of `site` in every page; `counts` only where they are asked for.
    pub(super) fn site_value(&self, with_counts: bool) -> Value {
        let site = self.site(Query::Frame);
        let value = self.view.frame.get_or_init(|| self.view.make_site(&query::frame(site))).clone();
        if !with_counts {
            return value;
        }
        let c = self.counts();
        let counts = Map::new()
            .with("records", c.records)
            .with("branches", c.branches)
            .with("organisations", c.organisations)
            .with("years", c.years)
            .maybe("first_year", c.first_year)
            .maybe("last_year", c.last_year)
            .done();
        Map::new().with("counts", counts).and_value(&value).done()
    }
}

impl View<'_> {
    fn make_site(&self, frame: &query::Frame<'_>) -> Value {
        let s = &self.config.site;
        let nav: Vec<Value> = if s.nav.is_empty() {
            self.default_nav(frame)
        } else {
            s.nav.iter().map(|(label, url)| self.nav_entry(nav_key(url), label.clone(), url)).collect()
        };
        let mut identity = Map::new();
        if s.profile != Profile::Intranet {
            identity = identity
                .maybe("icp", s.icp.as_deref())
                .maybe("icp_url", s.icp.as_ref().map(|_| "https://beian.miit.gov.cn/"))
                .maybe("gongan", s.gongan.as_deref())
                .maybe("gongan_url", s.gongan.as_ref().map(|_| "https://beian.mps.gov.cn/"))
                .maybe("biaoshi", s.biaoshi.as_deref())
                .maybe("code", s.code.as_deref());
            if let Some(url) = s.biaoshi.as_ref().filter(|u| u.starts_with("http://") || u.starts_with("https://")) {
                identity = identity.with("biaoshi", "").with("biaoshi_url", url.as_str());
            }
        }
        let emblem = s.emblem.as_deref().map(plan::emblem_route);
        Map::new()
            .with("title", s.title.as_str())
            .maybe("subtitle", s.subtitle.as_deref())
            .maybe("unit", s.unit.as_deref())
            .maybe("owner", s.unit.as_deref())
            .maybe("contact", s.contact.as_deref())
            .with("seal", s.seal.as_str())
            .with("base_url", s.base_url.as_str())
            .with("profile", s.profile.word())
            .with("identity", identity.done())
            .maybe("emblem", emblem)
            .with("nav", nav)
            .with("urls", self.urls())
            .with("foot", self.foot(frame))
            .with("search", self.config.search.enabled)
            .done()
    }

    /// The addresses of the parts of the site that templates link to themselves.
    fn urls(&self) -> Value {
        let parts = [
            ("home", ""),
            ("records", "records/"),
            ("showcase", "showcase/"),
            ("cases", "cases/"),
            ("branches", "branches/"),
            ("honours", "honours/"),
            ("search", "search/"),
        ];
        parts.into_iter().fold(Map::new(), |map, (key, route)| map.with(key, self.url(route))).done()
    }

    fn nav_entry(&self, key: &str, label: String, url: &str) -> Value {
        Map::new().with("key", key).with("label", label).with("url", self.url(url)).done()
    }

    fn default_nav(&self, frame: &query::Frame<'_>) -> Vec<Value> {
        let parts = [
            (true, "home", ""),
            (frame.four_strong, "showcase", "showcase/"),
            (true, "branches", "branches/"),
            (true, "records", "records/"),
            (frame.cases, "cases", "cases/"),
            (frame.programmes, "programmes", "programmes/"),
            (frame.disclosure, "disclosure", "disclosure/"),
            (frame.ledgers, "ledgers", "rules/"),
            // Eight fit a phone in two lines: where there are ledgers, this one stands at the foot.
            (frame.about && !frame.ledgers, "about", "about/"),
        ];
        let there = parts.into_iter().filter(|(is_there, ..)| *is_there);
        there.map(|(_, key, url)| self.nav_entry(key, self.say(&format!("nav.{key}")), url)).collect()
    }

    fn foot(&self, frame: &query::Frame<'_>) -> Vec<Value> {
        let mut foot = vec![(self.say("nav.sitemap"), "sitemap/".to_owned())];
        if frame.about && frame.ledgers && self.config.site.nav.is_empty() {
            foot.push((self.say("nav.about"), "about/".to_owned()));
        }
        foot.extend(frame.pages.iter().map(|(title, route)| ((*title).to_owned(), (*route).to_owned())));
        foot.push((self.say("site.feed"), "feed.xml".to_owned()));
        foot.into_iter()
            .map(|(label, url)| Map::new().with("label", label).with("url", self.url(&url)).done())
            .collect()
    }
}

/// Returns the part of the site an address belongs to.
pub(super) fn nav_key(url: &str) -> &str {
    match url.split('/').next().unwrap_or("") {
        "" => "home",
        "archive" | "calendar" => "records",
        "rubrics" => "programmes",
        "organisations" => "branches",
        "honours" => "showcase",
        "rules" | "ledger" => "ledgers",
        key => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_written_in_chinese_numerals() {
        assert_eq!(han_year(2026), "二〇二六");
        assert_eq!(han_year(1987), "一九八七");
    }

    #[test]
    fn sizes_are_written_as_people_do() {
        assert_eq!(
            (human_size(12), human_size(1025), human_size(3_500_000)),
            ("12 B".into(), "2 KB".into(), "3.3 MB".into())
        );
    }
}
