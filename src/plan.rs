//! Site → Plan: every output that will exist, as a [`Job`]; colliding addresses are found here,
//! before anything is rendered or written.

pub mod list;

use crate::config::{ChannelOptions, Config};
use crate::diagnostic::{Diagnostic, Say};
use crate::model::kind::Audience;
use crate::model::ledger::{self, Holder};
use crate::model::query::{self, Overview, Selection};
use crate::model::report::{self, Offer};
use crate::model::{Site, Target, picture, route};
use crate::say;
use list::{ListJob, ListOf};
use std::collections::{BTreeMap, BTreeSet};

/// One output, or a page with the few outputs that go with it.
#[derive(Debug, Clone)]
pub enum Job {
    /// The home page.
    Home,
    /// The directory of branches.
    Branches,
    /// A branch.
    Branch(usize),
    /// A page of a list of records.
    List(ListJob),
    /// The archive by year, month and kind.
    Archive,
    /// A year's calendar.
    Calendar(i16),
    /// A record.
    Record(usize),
    /// The showcase of named branches.
    Showcase,
    /// Brand cases and work methods.
    Cases,
    /// All programmes.
    Programmes,
    /// A programme.
    Programme(usize),
    /// A rubric.
    Rubric(usize),
    /// The branches and what they show of each criterion of a rubric.
    Matrix(usize),
    /// A criterion: rubric, place among its criteria.
    Criterion(usize, usize),
    /// The honour roll, whole or of a year.
    Honours(Option<i16>),
    /// The catalogue of disclosure (党务公开).
    Disclosure,
    /// A catalogue of disclosure (公开目录), as it was issued.
    Catalogue(usize),
    /// A page.
    Page(usize),
    /// What goes out elsewhere, and where it lies (传播渠道).
    Channels(Box<Outlets>),
    /// A record as an article for a WeChat public account, with a page to copy it from (微信公众号).
    Wechat(usize),
    /// A record as a panel of an exhibition (展板).
    Panel(usize),
    /// A branch's year, bound into a volume to be printed (年度卷).
    Volume(usize, i16),
    /// The cards of a wall screen, in one file: of these records, and of honours (电子公告栏).
    Kiosk(Vec<usize>),
    /// The rule packs, and where they differ.
    Rules,
    /// A rule pack.
    Pack(usize),
    /// A ledger: whose, of which year.
    Ledger(Holder, i16),
    /// How the year of every branch stands.
    Ledgers(i16),
    /// The reports of a branch and a year.
    Reports(usize, i16),
    /// A report of a branch on a year.
    Report(usize, i16, Offer),
    /// What falls due, as a calendar: of all branches, or of one.
    Due(Option<usize>),
    /// The site map for people.
    SiteMap,
    /// The page where one searches.
    SearchPage,
    /// What the script of that page and of quick search must know of the site.
    SearchWords,
    /// The page shown where there is none.
    NotFound,
    /// An Atom feed.
    Feed(Selection, String),
    /// The sitemap for machines, or the part of this number.
    SitemapXml(Option<usize>),
    /// robots.txt.
    Robots,
    /// The JSON beside a page.
    Json(Subject),
    /// A table of data.
    Table(Table),
    /// The description of the tables.
    DataPackage,
    /// A file of the content folder, published as it is; a picture or film without what it tells of place and person.
    Copy(usize),
    /// The copies of a picture, by the number of the published file.
    Picture(usize),
    /// A static file of the theme.
    ThemeFile(String),
    /// The site's emblem.
    Emblem(String),
    /// An old address: from, to.
    Redirect(String, String),
    /// The files of the search.
    Search,
}

/// What goes out elsewhere (传播渠道).
#[derive(Debug, Clone, Default)]
pub struct Outlets {
    /// The records with an article for a WeChat public account.
    pub wechat: Vec<usize>,
    /// The records with a panel.
    pub panels: Vec<usize>,
    /// The volumes: branch, year.
    pub volumes: Vec<(usize, i16)>,
}

/// What a JSON file beside a page describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A record.
    Record(usize),
    /// A branch.
    Branch(usize),
    /// A programme.
    Programme(usize),
    /// A rubric.
    Rubric(usize),
    /// A page.
    Page(usize),
}

/// A table of data and its format.
#[derive(Debug, Clone)]
pub struct Table {
    /// What its rows are.
    pub rows: Rows,
    /// CSV or JSON.
    pub format: Format,
    /// Where it is published.
    pub route: String,
}

/// What a table's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Records of a selection.
    Records(Selection),
    /// Branches.
    Branches,
    /// Organisations.
    Organisations,
    /// Honours with their events.
    Honours,
    /// Programmes.
    Programmes,
    /// Cases and stories.
    Cases,
    /// Disclosure items.
    Disclosure,
}

/// The format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, UTF-8 with a byte order mark, as spreadsheets like it.
    Csv,
    /// JSON.
    Json,
}

/// Everything that will be published.
#[derive(Debug, Default)]
pub struct Plan {
    /// The jobs, pages first, in a fixed order.
    pub jobs: Vec<Job>,
    /// The routes of the pages search engines may know, in order.
    pub urls: Vec<String>,
    /// The number of sitemap files, if more than one.
    pub sitemap_parts: usize,
    /// The most addresses of a sitemap file.
    pub sitemap_size: usize,
    /// The overview used to make it.
    pub overview: Overview,
}

impl Job {
    /// Returns where its main output is published.
    pub fn route(&self, site: &Site) -> String {
        match self {
            Job::Home => String::new(),
            Job::Branches => "branches/".into(),
            Job::Branch(i) => route::branch(&site.branches[*i].id),
            Job::List(l) => l.route(l.page),
            Job::Archive => "records/".into(),
            Job::Calendar(y) => format!("calendar/{y}/"),
            Job::Record(i) => site.records[*i].route.clone(),
            Job::Showcase => "showcase/".into(),
            Job::Cases => "cases/".into(),
            Job::Programmes => "programmes/".into(),
            Job::Programme(i) => route::programme(&site.programmes[*i].id),
            Job::Rubric(i) => route::rubric(&site.rubrics[*i].id),
            Job::Matrix(i) => route::matrix(&site.rubrics[*i].id),
            Job::Criterion(i, at) => {
                let id = query::criterion(site, *i, *at).map_or("", |c| c.id.as_str());
                route::criterion(&site.rubrics[*i].id, id)
            }
            Job::Honours(None) => "honours/".into(),
            Job::Honours(Some(y)) => format!("honours/{y}/"),
            Job::Disclosure => "disclosure/".into(),
            Job::Catalogue(i) => route::catalogue(&site.catalogues[*i].id),
            Job::Page(i) => site.pages[*i].route.clone(),
            Job::Channels(_) => "channels/".into(),
            Job::Wechat(i) => route::wechat(&site.records[*i].id),
            Job::Panel(i) => route::panel(&site.records[*i].id),
            Job::Volume(b, year) => route::volume(&site.branches[*b].id, *year),
            Job::Kiosk(_) => "kiosk.html".into(),
            Job::Rules => "rules/".into(),
            Job::Pack(i) => route::pack(&site.packs[*i].id),
            Job::Ledger(holder, year) => ledger_route(site, *holder, *year),
            Job::Ledgers(year) => format!("ledger/{year}/"),
            Job::Reports(b, year) => route::reports(&site.branches[*b].id, *year),
            Job::Report(b, year, offer) => {
                let rubric = offer.rubric.map(|r| site.rubrics[r].id.as_str());
                route::report(&site.branches[*b].id, *year, &site.kinds.reports[offer.form].id, rubric)
            }
            Job::Due(None) => "due.ics".into(),
            Job::Due(Some(b)) => format!("{}due.ics", route::branch(&site.branches[*b].id)),
            Job::SiteMap => "sitemap/".into(),
            Job::SearchPage => "search/".into(),
            Job::SearchWords => "search/words.js".into(),
            Job::NotFound => "404.html".into(),
            Job::Feed(_, r) => r.clone(),
            Job::SitemapXml(None) => "sitemap.xml".into(),
            Job::SitemapXml(Some(n)) => format!("sitemap-{n}.xml"),
            Job::Robots => "robots.txt".into(),
            Job::Json(s) => format!("{}index.json", s.route(site)),
            Job::Table(t) => t.route.clone(),
            Job::DataPackage => "data/datapackage.json".into(),
            Job::Copy(i) => site.published[*i].target.clone(),
            Job::Picture(i) => picture::copies(site, *i).and_then(|c| c.targets().next()).unwrap_or_default(),
            Job::ThemeFile(p) => format!("assets/{p}"),
            Job::Emblem(p) => emblem_route(p),
            Job::Redirect(from, _) => from.clone(),
            Job::Search => crate::search::publish::META.into(),
        }
    }

    /// Tells whether it is an HTML page of the site.
    pub fn is_page(&self) -> bool {
        match self {
            Job::Home
            | Job::Branches
            | Job::Branch(_)
            | Job::List(_)
            | Job::Archive
            | Job::Calendar(_)
            | Job::Record(_)
            | Job::Showcase
            | Job::Cases
            | Job::Programmes
            | Job::Programme(_)
            | Job::Rubric(_)
            | Job::Matrix(_)
            | Job::Criterion(..)
            | Job::Honours(_)
            | Job::Disclosure
            | Job::Catalogue(_)
            | Job::Page(_)
            | Job::Channels(_)
            | Job::Wechat(_)
            | Job::Panel(_)
            | Job::Volume(..)
            | Job::Kiosk(_)
            | Job::Rules
            | Job::Pack(_)
            | Job::Ledger(..)
            | Job::Ledgers(_)
            | Job::Reports(..)
            | Job::Report(..)
            | Job::SiteMap
            | Job::SearchPage
            | Job::NotFound => true,
            Job::SearchWords
            | Job::Due(_)
            | Job::Feed(..)
            | Job::SitemapXml(_)
            | Job::Robots
            | Job::Json(_)
            | Job::Table(_)
            | Job::DataPackage
            | Job::Copy(_)
            | Job::Picture(_)
            | Job::ThemeFile(_)
            | Job::Emblem(_)
            | Job::Redirect(..)
            | Job::Search => false,
        }
    }

    /// Tells whether it is made for another channel than the site itself.
    pub fn is_channel(&self) -> bool {
        matches!(self, Job::Channels(_) | Job::Wechat(_) | Job::Panel(_) | Job::Volume(..) | Job::Kiosk(_))
    }

    /// Returns the document a page is mainly made of.
    pub fn doc(&self, site: &Site) -> Option<usize> {
        match self {
            Job::Branch(i) | Job::Json(Subject::Branch(i)) => site.branches[*i].doc,
            Job::Record(i) | Job::Wechat(i) | Job::Panel(i) | Job::Json(Subject::Record(i)) => {
                Some(site.records[*i].doc)
            }
            Job::Programme(i) | Job::Json(Subject::Programme(i)) => Some(site.programmes[*i].doc),
            Job::Rubric(i) | Job::Json(Subject::Rubric(i)) => Some(site.rubrics[*i].doc),
            Job::Page(i) | Job::Json(Subject::Page(i)) => Some(site.pages[*i].doc),
            Job::Home => site.pages.iter().find(|p| p.route.is_empty()).map(|p| p.doc),
            Job::Pack(i) => site.packs[*i].doc,
            Job::Catalogue(i) => Some(site.catalogues[*i].doc),
            Job::Branches
            | Job::List(_)
            | Job::Archive
            | Job::Calendar(_)
            | Job::Showcase
            | Job::Cases
            | Job::Programmes
            | Job::Matrix(_)
            | Job::Criterion(..)
            | Job::Honours(_)
            | Job::Disclosure
            | Job::Channels(_)
            | Job::Volume(..)
            | Job::Kiosk(_)
            | Job::Rules
            | Job::Ledger(..)
            | Job::Ledgers(_)
            | Job::Reports(..)
            | Job::Report(..)
            | Job::Due(_)
            | Job::SiteMap
            | Job::SearchPage
            | Job::SearchWords
            | Job::NotFound
            | Job::Feed(..)
            | Job::SitemapXml(_)
            | Job::Robots
            | Job::Table(_)
            | Job::DataPackage
            | Job::Copy(_)
            | Job::Picture(_)
            | Job::ThemeFile(_)
            | Job::Emblem(_)
            | Job::Redirect(..)
            | Job::Search => None,
        }
    }

    /// Says in words what it is and what it is made of.
    pub fn describe(&self, site: &Site) -> Say {
        match self {
            Job::Home => say!("首页", "the home page"),
            Job::Branches => say!("支部名录", "the directory of branches"),
            Job::Branch(i) => {
                let n = &site.branches[*i].name;
                say!("支部页：{n}", "the page of the branch {n}")
            }
            Job::List(l) => {
                let (n, p) = (l.records.len(), l.page);
                say!("记录列表，共 {n} 件，第 {p} 页", "page {p} of a list of {n} records")
            }
            Job::Archive => say!("档案总览", "the archive's overview"),
            Job::Calendar(y) => say!("{y} 年日历", "the calendar of {y}"),
            Job::Record(i) => {
                let t = &site.records[*i].title;
                say!("记录：{t}", "the record {t}")
            }
            Job::Showcase => say!("四强展示", "the showcase of named branches"),
            Job::Cases => say!("案例", "brand cases and work methods"),
            Job::Programmes => say!("创建方案列表", "the list of programmes"),
            Job::Programme(i) => {
                let t = &site.programmes[*i].title;
                say!("创建方案：{t}", "the programme {t}")
            }
            Job::Rubric(i) => {
                let t = &site.rubrics[*i].title;
                say!("评定标准：{t}", "the rubric {t}")
            }
            Job::Matrix(i) => {
                let t = &site.rubrics[*i].title;
                say!("佐证对照表：{t}", "the evidence for {t}, by branch")
            }
            Job::Criterion(i, at) => {
                let t = query::criterion(site, *i, *at).map_or("", |c| c.title.as_str());
                say!("评定条目：{t}", "the criterion {t}")
            }
            Job::Honours(_) => say!("荣誉名录", "the honour roll"),
            Job::Disclosure => say!("党务公开目录", "the catalogue of disclosure"),
            Job::Catalogue(i) => {
                let t = &site.catalogues[*i].title;
                say!("公开目录：{t}", "the catalogue {t}")
            }
            Job::Page(i) => {
                let t = &site.pages[*i].title;
                say!("页面：{t}", "the page {t}")
            }
            Job::Channels(_) => say!("传播渠道", "what goes out elsewhere"),
            Job::Wechat(i) => {
                let t = &site.records[*i].title;
                say!("公众号稿：{t}", "the WeChat article of {t}")
            }
            Job::Panel(i) => {
                let t = &site.records[*i].title;
                say!("展板：{t}", "the panel of {t}")
            }
            Job::Volume(b, year) => {
                let n = &site.branches[*b].name;
                say!("{n} {year} 年年度卷", "the volume of {n} for {year}")
            }
            Job::Kiosk(_) => say!("电子公告栏", "the kiosk"),
            Job::Rules => say!("规则包目录", "the rule packs"),
            Job::Pack(i) => {
                let t = &site.packs[*i].title;
                say!("规则包：{t}", "the rule pack {t}")
            }
            Job::Ledger(holder, year) => {
                let name = match holder {
                    Holder::Branch(b) => &site.branches[*b].name,
                    Holder::Organisation(o) => &site.organisations[*o].name,
                };
                say!("{name} {year} 年台账", "the ledger of {name} for {year}")
            }
            Job::Ledgers(year) => say!("{year} 年各支部台账", "the ledgers of {year}"),
            Job::Reports(b, year) => {
                let n = &site.branches[*b].name;
                say!("{n} {year} 年报告底稿", "the reports of {n} on {year}")
            }
            Job::Report(b, year, offer) => {
                let (n, form) = (&site.branches[*b].name, &site.kinds.reports[offer.form].label);
                let (zh, en) = (&form.zh, form.get(crate::diagnostic::Lang::En));
                say!("{n} {year} 年{zh}", "the report `{en}` of {n} on {year}")
            }
            Job::Due(_) => say!("待办日历", "the calendar of what falls due"),
            Job::SiteMap => say!("站点地图", "the site map"),
            Job::SearchPage => say!("检索页", "the search page"),
            Job::SearchWords => say!("检索脚本的用语", "the words of the search script"),
            Job::NotFound => say!("找不到页面时的页面", "the page shown where there is none"),
            Job::Feed(..) => say!("Atom 订阅", "an Atom feed"),
            Job::SitemapXml(_) => say!("给搜索引擎的站点地图", "the sitemap for machines"),
            Job::Robots => say!("robots.txt", "robots.txt"),
            Job::Json(_) => say!("同名页面的数据（JSON）", "the data of the page beside it (JSON)"),
            Job::Table(_) => say!("数据表", "a table of data"),
            Job::DataPackage => say!("数据表的说明", "the description of the data tables"),
            Job::Copy(i) => {
                let s = &site.published[*i].source;
                say!("原样发布的文件：{s}", "a file published as it is: {s}")
            }
            Job::Picture(i) => {
                let s = &site.published[*i].source;
                say!("图片的小图：{s}", "the copies of a picture: {s}")
            }
            Job::ThemeFile(p) => say!("主题的文件：{p}", "a file of the theme: {p}"),
            Job::Emblem(p) => say!("徽标：{p}", "the emblem: {p}"),
            Job::Redirect(_, to) => say!("旧地址，转到 {to}", "an old address that leads to {to}"),
            Job::Search => say!("全文检索的索引", "the index of the search"),
        }
    }
}

impl Plan {
    /// Returns the jobs but for the search: first all that are made of texts, or copied, then the copies of pictures.
    pub fn waves(&self) -> (&[Job], &[Job]) {
        let end = self.jobs.len() - usize::from(matches!(self.jobs.last(), Some(Job::Search)));
        let pictures = self.jobs[..end].iter().rev().take_while(|j| matches!(j, Job::Picture(_))).count();
        self.jobs[..end].split_at(end - pictures)
    }

    /// Returns the addresses a sitemap file names.
    pub fn sitemap_urls(&self, part: Option<usize>) -> &[String] {
        let size = self.sitemap_size;
        match part {
            None if self.sitemap_parts > 0 => &[],
            None => &self.urls,
            Some(n) => &self.urls[((n - 1) * size).min(self.urls.len())..(n * size).min(self.urls.len())],
        }
    }
}

impl Subject {
    /// Returns the route of the page it stands beside.
    pub fn route(self, site: &Site) -> String {
        match self {
            Subject::Record(i) => site.records[i].route.clone(),
            Subject::Branch(i) => route::branch(&site.branches[i].id),
            Subject::Programme(i) => route::programme(&site.programmes[i].id),
            Subject::Rubric(i) => route::rubric(&site.rubrics[i].id),
            Subject::Page(i) => site.pages[i].route.clone(),
        }
    }
}

/// Returns where a ledger is published.
pub fn ledger_route(site: &Site, holder: Holder, year: i16) -> String {
    let base = match holder {
        Holder::Branch(b) => route::branch(&site.branches[b].id),
        Holder::Organisation(o) => format!("organisations/{}/", site.organisations[o].id),
    };
    format!("{base}ledger/{year}/")
}

/// Returns where the site's emblem is published.
pub fn emblem_route(file: &str) -> String {
    format!("assets/emblem.{}", file.rsplit('.').next().unwrap_or("svg").to_ascii_lowercase())
}

/// Plans a site. `theme_files` lists the theme's static files.
pub fn plan(site: &Site, config: &Config, theme_files: Vec<String>, out: &mut Vec<Diagnostic>) -> Plan {
    let overview = Overview::new(site);
    let mut jobs = vec![Job::Home, Job::Branches];
    jobs.extend((0..site.branches.len()).map(Job::Branch));
    jobs.push(Job::Archive);
    jobs.extend((0..site.records.len()).map(Job::Record));
    lists(site, config, &overview, &mut jobs);
    if config.output.calendar {
        jobs.extend(overview.years.iter().map(|(y, _)| Job::Calendar(*y)));
    }
    jobs.extend([Job::Showcase, Job::Cases, Job::Programmes]);
    jobs.extend((0..site.programmes.len()).map(Job::Programme));
    jobs.extend((0..site.rubrics.len()).map(Job::Rubric));
    for (i, r) in site.rubrics.iter().enumerate() {
        let criteria = r.criteria().count();
        jobs.extend((criteria > 0).then_some(Job::Matrix(i)));
        jobs.extend((0..criteria).map(|at| Job::Criterion(i, at)));
    }
    jobs.push(Job::Honours(None));
    let mut honour_years: Vec<i16> = site.honours.iter().filter_map(|h| h.year()).collect();
    honour_years.dedup();
    jobs.extend(honour_years.into_iter().map(|y| Job::Honours(Some(y))));
    jobs.push(Job::Disclosure);
    jobs.extend((0..site.catalogues.len()).map(Job::Catalogue));
    ledgers(site, &overview, &mut jobs);
    reports(site, &overview, &mut jobs);
    jobs.extend(site.pages.iter().enumerate().filter(|(_, p)| !p.route.is_empty()).map(|(i, _)| Job::Page(i)));
    jobs.push(Job::SiteMap);
    if config.search.enabled {
        jobs.push(Job::SearchPage);
    }
    jobs.push(Job::NotFound);
    channels(site, &config.channels, &overview, &mut jobs, out);
    // None of them says anything by itself that a search engine should lead to; reports are drafts, and what goes
    // out elsewhere says again what a page says.
    let is_found = |j: &&Job| {
        !matches!(j, Job::SearchPage | Job::NotFound | Job::Reports(..) | Job::Report(..)) && !j.is_channel()
    };
    let mut urls: Vec<String> = jobs.iter().filter(is_found).map(|j| j.route(site)).collect();
    urls.sort();
    let size = config.output.sitemap_urls.max(1);
    let sitemap_parts =
        if urls.len() > size && !config.site.base_url.is_empty() { urls.len().div_ceil(size) } else { 0 };
    let has_address = !config.site.base_url.is_empty();
    if config.search.enabled {
        jobs.push(Job::SearchWords);
    }
    machine_faces(site, &overview.index, has_address, sitemap_parts, &mut jobs);
    if config.output.data {
        data(site, &mut jobs);
    }
    if let Some(emblem) = &config.site.emblem {
        jobs.push(Job::Emblem(emblem.clone()));
    }
    jobs.extend((0..site.published.len()).map(Job::Copy));
    let is_wanted = |file: &String| config.search.enabled || !file.starts_with("search/");
    jobs.extend(theme_files.into_iter().filter(is_wanted).map(Job::ThemeFile));
    redirects(site, &mut jobs);
    pictures(site, &mut jobs);
    if config.search.enabled {
        jobs.push(Job::Search);
    }
    check_nav(site, config, &jobs, out);
    let plan = Plan { jobs, urls, sitemap_parts, sitemap_size: size, overview };
    collisions(site, &plan, out);
    plan
}

fn lists(site: &Site, config: &Config, overview: &Overview, jobs: &mut Vec<Job>) {
    let index = &overview.index;
    let mut add = |of: ListOf, s: Selection, keep_empty: bool| {
        let records = index.select(site, s);
        if !records.is_empty() || keep_empty {
            jobs.extend(ListJob::pages_of(of, s, records, config.output.page_size, site).map(Job::List));
        }
    };
    let all = Selection::default();
    add(ListOf::All, all, true);
    for (year, _) in &overview.years {
        add(ListOf::Year(*year), Selection { year: Some(*year), ..all }, false);
        for month in 1..=12 {
            add(ListOf::Month(*year, month), Selection { year: Some(*year), month: Some(month), ..all }, false);
        }
    }
    add(ListOf::Undated, Selection { undated: true, ..all }, false);
    for kind in 0..site.kinds.kinds.len() {
        add(ListOf::Kind(kind), Selection { kind: Some(kind), ..all }, false);
    }
    for branch in 0..site.branches.len() {
        let whole = Selection { branch: Some(branch), ..all };
        add(ListOf::Branch(branch), whole, true);
        for (year, _) in query::years(site, index.of_branch(branch)) {
            add(ListOf::BranchYear(branch, year), Selection { year: Some(year), ..whole }, false);
        }
        for (kind, _) in query::kinds(site, index.of_branch(branch)) {
            add(ListOf::BranchKind(branch, kind), Selection { kind: Some(kind), ..whole }, false);
        }
    }
    for unit in 0..site.organisations.len() {
        add(ListOf::Unit(unit), Selection { unit: Some(unit), ..all }, false);
    }
    for programme in 0..site.programmes.len() {
        add(ListOf::Programme(programme), Selection { campaign: Some(programme), ..all }, false);
    }
}

/// The rule packs, and the ledgers that follow from them.
fn ledgers(site: &Site, overview: &Overview, jobs: &mut Vec<Job>) {
    if !ledger::any(site) {
        return;
    }
    jobs.push(Job::Rules);
    jobs.extend((0..site.packs.len()).map(Job::Pack));
    let mut all_years: Vec<i16> = Vec::new();
    for branch in 0..site.branches.len() {
        let years = ledger::years(site, &overview.index, Holder::Branch(branch));
        jobs.extend(years.iter().map(|y| Job::Ledger(Holder::Branch(branch), *y)));
        all_years.extend(years);
    }
    for unit in 0..site.organisations.len() {
        let years = ledger::years(site, &overview.index, Holder::Organisation(unit));
        jobs.extend(years.into_iter().map(|y| Job::Ledger(Holder::Organisation(unit), y)));
    }
    all_years.sort_unstable_by(|a, b| b.cmp(a));
    all_years.dedup();
    jobs.extend(all_years.into_iter().map(Job::Ledgers));
}

/// The reports that are written anyway, with their facts filled in.
fn reports(site: &Site, overview: &Overview, jobs: &mut Vec<Job>) {
    for branch in 0..site.branches.len() {
        for year in report::years(site, &overview.index, branch) {
            jobs.push(Job::Reports(branch, year));
            let offers = report::offers(site, &overview.index, branch, year);
            jobs.extend(offers.into_iter().map(|offer| Job::Report(branch, year, offer)));
        }
    }
}

/// What goes out beside the pages. A public account, an exhibition and a hall are seen by everybody, whoever the
/// pages are for.
fn channels(
    site: &Site,
    options: &ChannelOptions,
    overview: &Overview,
    jobs: &mut Vec<Job>,
    out: &mut Vec<Diagnostic>,
) {
    if !options.any() {
        return;
    }
    let classes: Vec<&str> = site.kinds.classes.iter().map(|c| c.id.as_str()).collect();
    for word in options.wechat.iter().chain(&options.panels).filter(|w| !classes.contains(&w.as_str())) {
        let near = crate::diagnostic::did_you_mean(word, classes.iter().copied())
            .map(|n| say!("是不是 `{n}`？", "did you mean `{n}`?"));
        let message = say!("[channels] 里的 `{word}` 不是大类", "`{word}` in [channels] is no class of kinds");
        out.push(Diagnostic::error("bad-value", crate::config::FILE, None, message).hint_if(near));
    }
    let public = |classes: &[String]| -> Vec<usize> {
        let has = |i: &usize| {
            let r = &site.records[*i];
            r.audience == Audience::Society && !r.is_stub() && classes.contains(&site.kind(r).class)
        };
        (0..site.records.len()).filter(has).collect()
    };
    let of_branch = |branch: usize| {
        let years = query::years(site, overview.index.of_branch(branch));
        years.into_iter().map(move |(year, _)| (branch, year))
    };
    let volumes = if options.volumes { (0..site.branches.len()).flat_map(of_branch).collect() } else { Vec::new() };
    let outlets = Outlets { wechat: public(&options.wechat), panels: public(&options.panels), volumes };
    jobs.extend(outlets.wechat.iter().copied().map(Job::Wechat));
    jobs.extend(outlets.panels.iter().copied().map(Job::Panel));
    jobs.extend(outlets.volumes.iter().map(|(branch, year)| Job::Volume(*branch, *year)));
    jobs.push(Job::Channels(Box::new(outlets)));
    if options.has_kiosk {
        let may = |i: &usize| site.records[*i].audience <= options.kiosk.audience && !site.records[*i].is_stub();
        jobs.push(Job::Kiosk(query::kiosk(site).into_iter().filter(may).take(MOST_CARDS).collect()));
    }
}

/// The most records that take turns on a wall screen: with 12 seconds each, nobody waits longer for one.
const MOST_CARDS: usize = 24;

fn machine_faces(
    site: &Site,
    overview_index: &query::Index,
    has_address: bool,
    sitemap_parts: usize,
    jobs: &mut Vec<Job>,
) {
    let all = Selection::default();
    jobs.push(Job::Feed(all, "feed.xml".into()));
    for (i, b) in site.branches.iter().enumerate() {
        jobs.push(Job::Feed(Selection { branch: Some(i), ..all }, format!("{}feed.xml", route::branch(&b.id))));
    }
    let every: Vec<usize> = (0..site.records.len()).collect();
    for (kind, _) in query::kinds(site, &every) {
        jobs.push(Job::Feed(
            Selection { kind: Some(kind), ..all },
            format!("archive/kind/{}/feed.xml", site.kinds.kinds[kind].id),
        ));
    }
    let asks = ledger::any(site) || !site.catalogues.is_empty();
    if asks && ledger::shows_gaps(site.options.audience) {
        let has = |b: &usize| {
            !ledger::years(site, overview_index, Holder::Branch(*b)).is_empty()
                || site.catalogues.iter().any(|c| c.holds_for(&site.branches[*b]))
        };
        let of: Vec<usize> = (0..site.branches.len()).filter(|b| site.branches[*b].is_open()).filter(has).collect();
        if !of.is_empty() {
            jobs.push(Job::Due(None));
            jobs.extend(of.into_iter().map(|b| Job::Due(Some(b))));
        }
    }
    // A sitemap has full addresses or none.
    if has_address {
        jobs.push(Job::SitemapXml(None));
    }
    jobs.extend((1..=sitemap_parts).map(|n| Job::SitemapXml(Some(n))));
    jobs.push(Job::Robots);
}

/// The files of data: JSON beside pages, tables of what there is and of each list.
fn data(site: &Site, jobs: &mut Vec<Job>) {
    let all = Selection::default();
    jobs.extend((0..site.records.len()).map(|i| Job::Json(Subject::Record(i))));
    jobs.extend((0..site.branches.len()).map(|i| Job::Json(Subject::Branch(i))));
    jobs.extend((0..site.programmes.len()).map(|i| Job::Json(Subject::Programme(i))));
    jobs.extend((0..site.rubrics.len()).map(|i| Job::Json(Subject::Rubric(i))));
    jobs.extend(
        site.pages.iter().enumerate().filter(|(_, p)| !p.route.is_empty()).map(|(i, _)| Job::Json(Subject::Page(i))),
    );
    let mut tables = vec![
        (Rows::Records(all), "data/records".to_owned()),
        (Rows::Branches, "data/branches".to_owned()),
        (Rows::Organisations, "data/organisations".to_owned()),
        (Rows::Honours, "data/honours".to_owned()),
        (Rows::Programmes, "data/programmes".to_owned()),
        (Rows::Cases, "data/cases".to_owned()),
        (Rows::Disclosure, "data/disclosure".to_owned()),
    ];
    let list_tables: Vec<_> = jobs
        .iter()
        .filter_map(|j| match j {
            Job::List(l) if l.page == 1 && l.of != ListOf::All => {
                Some((Rows::Records(l.selection), format!("{}list", l.base)))
            }
            _ => None,
        })
        .collect();
    tables.extend(list_tables);
    for (rows, base) in tables {
        for (format, ending) in [(Format::Csv, "csv"), (Format::Json, "json")] {
            jobs.push(Job::Table(Table { rows, format, route: format!("{base}.{ending}") }));
        }
    }
    jobs.push(Job::DataPackage);
}

/// The copies of pictures, those of equal pictures once. They come after all pages, which name them unmade.
fn pictures(site: &Site, jobs: &mut Vec<Job>) {
    let mut seen = BTreeSet::new();
    let all = (0..site.published.len()).filter(|i| picture::copies(site, *i).is_some_and(|c| seen.insert(c.key)));
    jobs.extend(all.map(Job::Picture));
}

fn redirects(site: &Site, jobs: &mut Vec<Job>) {
    let mut all: BTreeMap<String, String> = site.redirects.clone();
    // With a branch go its lists.
    for job in jobs.iter() {
        let Job::List(l) = job else { continue };
        let Some(b) = l.selection.branch.filter(|_| l.page == 1) else { continue };
        let branch = &site.branches[b];
        for alias in &branch.aliases {
            if let Some(rest) = l.base.strip_prefix(&route::branch(&branch.id)) {
                all.insert(format!("{}{rest}", route::branch(alias)), l.base.clone());
            }
        }
    }
    jobs.extend(all.into_iter().map(|(from, to)| Job::Redirect(from, to)));
}

/// A navigation that leads nowhere is told before the readers find out.
fn check_nav(site: &Site, config: &Config, jobs: &[Job], out: &mut Vec<Diagnostic>) {
    for (label, url) in &config.site.nav {
        let known = || jobs.iter().filter(|j| j.is_page()).map(|j| j.route(site));
        if known().any(|r| r == *url) {
            continue;
        }
        let routes: Vec<String> = known().collect();
        let near = crate::diagnostic::did_you_mean(url, routes.iter().map(String::as_str))
            .map(|n| say!("是不是 `{n}`？", "did you mean `{n}`?"));
        out.push(
            Diagnostic::error(
                "dangling",
                crate::config::FILE,
                None,
                say!(
                    "导航“{label}”指向的 `{url}` 不是本站的网页",
                    "the navigation `{label}` leads to `{url}`, which is no page of the site"
                ),
            )
            .hint_if(near),
        );
    }
}

/// Two outputs at one place: told before anything is written. Case counts as no difference, because
/// on some systems it makes none.
fn collisions(site: &Site, plan: &Plan, out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (i, job) in plan.jobs.iter().enumerate() {
        let file = route::file_of(&job.route(site));
        let Some(first) = seen.insert(file.to_lowercase(), i) else { continue };
        let (a, b) = (&plan.jobs[first], job);
        let (da, db) = (a.describe(site), b.describe(site));
        // The same fault shows again in the JSON beside the page; a duplicate id is told already.
        if matches!(b, Job::Json(_)) || same_id(site, a, b) {
            continue;
        }
        let place = |j: &Job| j.doc(site).map(|d| site.docs[d].shown.clone());
        let mut found = Diagnostic::error(
            "collision",
            &place(b).or_else(|| place(a)).unwrap_or_default(),
            None,
            Say {
                zh: format!("两项输出落在同一地址 `{file}`：{}，{}", da.zh, db.zh),
                en: format!("two outputs at one address `{file}`: {} and {}", da.en, db.en),
            },
        )
        .hint(say!("改其中一个的编号、文件名或旧地址", "change the id, file name or old address of one of them"));
        if let (Some(other), Some(_)) = (place(a), place(b)) {
            found = found.other(&other, None, say!("另一个在这里", "the other is here"));
        }
        out.push(found);
    }
    // A file cannot stand where a folder must be.
    for file in seen.keys() {
        let mut folder = file.as_str();
        while let Some((up, _)) = folder.rsplit_once('/') {
            if let Some(i) = seen.get(up) {
                let what = plan.jobs[*i].describe(site);
                out.push(Diagnostic::error(
                    "collision",
                    "",
                    None,
                    Say {
                        zh: format!("`{up}` 既是文件（{}）又是目录", what.zh),
                        en: format!("`{up}` is both a file ({}) and a folder", what.en),
                    },
                ));
            }
            folder = up;
        }
    }
}

fn same_id(site: &Site, a: &Job, b: &Job) -> bool {
    matches!((a, b), (Job::Record(x), Job::Record(y)) if site.records[*x].id == site.records[*y].id)
}

/// Returns the address of a target as a page at `root` links to it.
pub fn href(target: &Target, root: &str, index_in_links: bool) -> Option<String> {
    match target {
        Target::Page(route, anchor) => {
            let mut url = format!("{root}{}", page_url(route, index_in_links));
            if let Some(anchor) = anchor {
                url += &format!("#{}", route::encode(anchor));
            }
            Some(url)
        }
        Target::File(url) => Some(format!("{root}{url}")),
        Target::Outside | Target::Nowhere => None,
    }
}

/// Returns a route as links name it.
pub fn page_url(route: &str, index_in_links: bool) -> String {
    if !index_in_links {
        return route.to_owned();
    }
    match route.split_once('#') {
        Some((r, a)) if r.is_empty() || r.ends_with('/') => format!("{r}index.html#{a}"),
        None if route.is_empty() || route.ends_with('/') => format!("{route}index.html"),
        _ => route.to_owned(),
    }
}
