//! The contexts of pages, one function a page; records have a file of their own.

use super::meta::{self, Head};
use super::value::Map;
use super::view::Ask;
use super::{
    Renderer, Result, body, campaign, cases, channel, disclosure, evidence, honours, ledger, record, report,
    search_page,
};
use crate::diagnostic::Lang;
use crate::model::branch::{Branch, BranchEvent};
use crate::model::date::ArchiveDate;
use crate::model::honour::{Honour, State};
use crate::model::ledger::Holder;
use crate::model::programme::{Programme, Rubric, Stage};
use crate::model::query::{Classes, Selection};
use crate::model::route;
use crate::output::Output;
use crate::plan::Job;
use crate::plan::list::{self, ListJob, ListOf};
use crate::rules::life::Step;
use tera::{Context, Value};

/// A page before its template: the template's name, what it says of itself, its own context, and
/// outputs that come with it.
pub(super) struct Page {
    pub(super) template: String,
    pub(super) head: Head,
    pub(super) context: Map,
    pub(super) extra: Vec<Output>,
}

impl Page {
    pub(super) fn new(template: &str, head: Head, context: Map) -> Page {
        Page { template: template.to_owned(), head, context, extra: Vec::new() }
    }
}

impl Renderer<'_> {
    /// Renders an HTML page.
    pub(super) fn page(&self, job: &Job, v: &Ask<'_>) -> Result<Vec<Output>> {
        let at = job.route(self.site);
        // The page for missing addresses is shown at any address: its links begin at the host.
        let root = match job {
            Job::NotFound => base_path(&self.config.site.base_url),
            _ => route::root_of(&at),
        };
        let page = make(v, job, &at, &root)?;
        // Counts change with every record: only pages that are rendered then anyway have them.
        let with_counts = matches!(job, Job::Home | Job::Branches | Job::Archive);
        self.whole(v, &at, &root, page, with_counts)
    }

    /// Puts a page into its template, with what stands around every page.
    pub(super) fn whole(
        &self,
        v: &Ask<'_>,
        at: &str,
        root: &str,
        page: Page,
        with_counts: bool,
    ) -> Result<Vec<Output>> {
        let mut context = Context::new();
        context.insert_value("root", Value::from(root));
        context.insert_value("lang", Value::from(v.lang_tag()));
        context.insert_value("site", v.site_value(with_counts));
        context.insert_value("page", meta::page_value(v, &page.head, at));
        for (key, value) in page.context.into_entries() {
            context.insert_value(key, value);
        }
        let html = self.theme.render(&page.template, &context)?;
        let mut outputs = vec![Output { path: route::file_of(at), bytes: html }];
        outputs.extend(page.extra);
        Ok(outputs)
    }
}

fn make(v: &Ask<'_>, job: &Job, at: &str, root: &str) -> Result<Page> {
    Ok(match job {
        Job::Home => home(v, root)?,
        Job::Branches => branches(v),
        Job::Branch(i) => branch(v, *i, at, root)?,
        Job::List(l) => list_page(v, l),
        Job::Archive => archive(v),
        Job::Calendar(y) => calendar(v, *y),
        Job::Record(i) => record::record(v, *i, at, root)?,
        Job::Showcase => showcase(v),
        Job::Cases => cases::cases(v),
        Job::Programmes => programmes(v),
        Job::Programme(i) => programme(v, *i, at, root)?,
        Job::Rubric(i) => rubric(v, *i, at, root)?,
        Job::Matrix(i) => evidence::matrix(v, *i),
        Job::Criterion(i, place) => evidence::criterion(v, *i, *place),
        Job::Honours(year) => honours::honours(v, *year),
        Job::Disclosure => disclosure::disclosure(v),
        Job::Catalogue(i) => disclosure::catalogue(v, *i, at, root)?,
        Job::Rules => ledger::rules(v),
        Job::Pack(i) => ledger::pack(v, *i, at, root)?,
        Job::Ledger(holder, year) => ledger::ledger(v, *holder, *year),
        Job::Ledgers(year) => ledger::ledgers(v, *year),
        Job::Reports(branch, year) => report::reports(v, *branch, *year),
        Job::Report(branch, year, offer) => report::report(v, *branch, *year, *offer),
        Job::Page(i) => page(v, *i, at, root)?,
        Job::Channels(outlets) => channel::channels(v, outlets),
        Job::Volume(b, year) => channel::volume(v, *b, *year, at, root)?,
        Job::SiteMap => site_map(v),
        Job::SearchPage => search_page::page(v),
        Job::NotFound => Page::new(
            "404.html",
            Head { key: "404", title: v.say("text.not_found"), noindex: true, ..Head::default() },
            Map::new(),
        ),
        Job::Wechat(_)
        | Job::Panel(_)
        | Job::Kiosk(_)
        | Job::SearchWords
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
        | Job::Search => {
            unreachable!("only pages come here: see Renderer::render")
        }
    })
}

/// Returns the path of the site on its host, for pages whose own address is not known.
fn base_path(base_url: &str) -> String {
    let path = base_url.split("://").nth(1).and_then(|rest| rest.split_once('/')).map_or("", |(_, path)| path);
    if path.is_empty() { "/".to_owned() } else { format!("/{path}") }
}

pub(super) fn crumbs(v: &Ask<'_>, more: &[(String, Option<String>)]) -> Vec<(String, Option<String>)> {
    let mut all = vec![(v.say("nav.home"), Some(String::new()))];
    all.extend_from_slice(more);
    all
}

pub(super) fn head(v: &Ask<'_>, key: &'static str, title: String) -> Head {
    let crumbs = crumbs(v, &[(title.clone(), None)]);
    Head { key, title, crumbs, ..Head::default() }
}

fn stages(v: &Ask<'_>, list: &[Stage]) -> Vec<Value> {
    list.iter()
        .map(|s| {
            Map::new()
                .with("id", s.id.as_str())
                .with("title", s.title.as_str())
                .maybe("when", s.when_text())
                .with("state", s.progress(v.as_of()).word())
                .with("asks", s.asks.clone())
                .list("stages", stages(v, &s.stages))
                .done()
        })
        .collect()
}

fn home(v: &Ask<'_>, root: &str) -> Result<Page> {
    let intro = v.pages().iter().find(|p| p.route.is_empty());
    let rendered = intro.map(|p| body::body(v, p.doc, "", root, &p.title)).transpose()?;
    let four: Vec<&Honour> = v.honours().iter().filter(|h| h.is_four_strong() && v.state(h) == State::Named).collect();
    let cohort = four.first().and_then(|h| h.year());
    let newest: Vec<Value> = four.iter().filter(|h| h.year() == cohort).take(6).map(|h| v.plaque(h).done()).collect();
    let lead = four.iter().find_map(|h| Some((h, h.story?))).map(|(h, story)| {
        let r = v.record(story);
        let lede = r.values.string("lede").unwrap_or_else(|| r.summary.clone());
        Map::new().with("plaque", v.plaque(h).done()).with("card", v.tile(story)).with("lede", lede).done()
    });
    let lead_story = four.iter().find_map(|h| h.story);
    let with_cover = |classes: Classes| -> Vec<usize> {
        let all = v.newest_of(classes, usize::MAX).into_iter();
        all.filter(|r| Some(*r) != lead_story && v.has_cover(*r)).take(3).collect()
    };
    let stories = with_cover(Classes::Stories);
    let cases = with_cover(Classes::Cases);
    let notices = v.newest_of(Classes::Notices, 5);
    let recent = v.newest_of(Classes::AllButStories, 6);
    let is_now = |p: &&Programme| p.stages.iter().any(|s| s.progress(v.as_of()).word() == "now");
    let programme = v.programmes().iter().find(is_now).or(v.programmes().first()).map(|p| {
        Map::new()
            .with("title", p.short.as_deref().unwrap_or(&p.title))
            .with("url", v.url(&route::programme(&p.id)))
            .with("stages", stages(v, &p.stages))
            .done()
    });
    let orgs: Vec<Value> = (0..v.organisations().len())
        .filter(|o| v.branches().iter().any(|b| b.parent == Some(*o)))
        .map(|o| v.org(o))
        .collect();
    let years: Vec<Value> = v.years(None).iter().map(|(y, n)| year_value(v, ListOf::Year(*y), *y, *n)).collect();
    let title = v.config.site.title.clone();
    let description = intro.and_then(|p| p.summary.clone()).or_else(|| v.config.site.subtitle.clone());
    let jsonld = v.config.site.unit.as_ref().map(|u| meta::organisation_jsonld(v, u, None, "", None));
    let mut page = Page::new(
        "home.html",
        Head { key: "home", title, description, jsonld, ..Head::default() },
        Map::new()
            .maybe("lead", lead)
            .list("plaques", newest)
            .maybe("plaques_year_han", cohort.map(|y| v.year(y)))
            .with("recent", v.cards(recent))
            .list("stories", v.tiles(stories))
            .list("cases", v.tiles(cases))
            .maybe("programme", programme)
            .list("orgs", orgs)
            .with("holdings", holdings(v, four.len()))
            .list("years", years)
            .list("notices", v.cards(notices)),
    );
    if let Some(b) = rendered {
        if !b.rendered.html.trim().is_empty() {
            page.context = page.context.html("intro_html", &b.rendered.html);
        }
        page.extra = b.pictures;
    }
    Ok(page)
}

/// Numbers on the front page are holdings, not scores.
fn holdings(v: &Ask<'_>, named: usize) -> Vec<Value> {
    let entry = |label: &str, value: String, unit: &str, url: &str| {
        let unit = Some(v.say(unit)).filter(|u| !u.is_empty());
        Map::new().with("label", v.say(label)).with("value", value).maybe("unit", unit).with("url", v.url(url)).done()
    };
    let mut all =
        vec![entry("facts.holdings_records", v.counts().records.to_string(), "facts.unit_records", "records/")];
    all.push(entry("facts.holdings_branches", v.counts().branches.to_string(), "facts.unit_branches", "branches/"));
    if named > 0 {
        all.push(entry("facts.holdings_named", named.to_string(), "facts.unit_branches", "showcase/"));
    }
    if let Some(first) = v.oldest() {
        let row = v.row(first);
        let date = row.date.or(row.published).or(row.recorded).map_or(String::new(), |d| d.start.iso());
        let label = v.say("facts.holdings_first");
        all.push(Map::new().with("label", label).with("value", date).with("url", v.url(row.route)).done());
    }
    all
}

fn year_value(v: &Ask<'_>, of: ListOf, year: i16, count: usize) -> Value {
    Map::new().with("year", year).with("han", v.year(year)).with("url", v.url(&v.list(of))).with("count", count).done()
}

fn branches(v: &Ask<'_>) -> Page {
    let orgs: Vec<Value> = (0..v.organisations().len()).map(|o| v.org(o)).collect();
    let other: Vec<Value> = (0..v.branches().len())
        .filter(|b| v.branches()[*b].parent.is_none())
        .map(|b| v.branch_card(b).done())
        .collect();
    Page::new(
        "branches.html",
        head(v, "branches", v.say("text.branches")),
        Map::new().with("orgs", orgs).list("other", other),
    )
}

fn branch(v: &Ask<'_>, at: usize, here: &str, root: &str) -> Result<Page> {
    let b = v.branch(at);
    let body = b.doc.map(|d| body::body(v, d, here, root, &b.name)).transpose()?;
    let mut parents = Vec::new();
    let mut up = b.parent;
    while let Some(o) = up {
        parents.insert(0, v.unit_ref(o));
        up = v.organisation(o).parent;
    }
    let years = v.years(Some(at));
    let year_values: Vec<Value> = years
        .iter()
        .enumerate()
        .map(|(i, (y, n))| {
            let shown: Vec<usize> = if i < 3 {
                v.newest(Selection { branch: Some(at), year: Some(*y), ..Selection::default() }, 6)
            } else {
                Vec::new()
            };
            let more = if shown.is_empty() { 0 } else { n - shown.len() };
            Map::new()
                .with("year", *y)
                .with("han", v.year(*y))
                .with("url", v.url(&v.list(ListOf::BranchYear(at, *y))))
                .with("count", *n)
                .with("cards", v.cards(shown))
                .with("more", more)
                .done()
        })
        .collect();
    let kinds: Vec<Value> = v
        .kinds(Some(at))
        .into_iter()
        .map(|(k, n)| {
            let kind = v.kind_name(k);
            Map::new()
                .with("id", kind.id)
                .with("label", kind.label.get(v.lang()))
                .with("mark", kind.mark)
                .with("count", n)
                .with("url", v.url(&v.list(ListOf::BranchKind(at, k))))
                .done()
        })
        .collect();
    let cases = v.cases_of(at, 6);
    let newest = years.first().filter(|_| v.theme.names("almanac"));
    let almanac = newest.map(|(y, _)| almanac(v, *y, Some(at), b.party_day.as_ref().map(|p| p.0)));
    let full_name = format!("{}{}", v.org_short(at).unwrap_or(""), b.name);
    let mut value = v
        .branch_card(at)
        .with("full_name", full_name.as_str())
        .with("parents", parents)
        .with("records_url", v.url(&v.list(ListOf::Branch(at))))
        .maybe("founded", b.founded.as_ref().map(|d| words(v, d)))
        .list("history", history(v, at, b))
        .list(
            "names",
            b.names
                .iter()
                .map(|n| {
                    Map::new().with("name", n.name.as_str()).maybe("from", iso(&n.from)).maybe("to", iso(&n.to)).done()
                })
                .collect(),
        )
        .list("terms", terms(v, b))
        .list(
            "groups",
            b.groups
                .iter()
                .filter(|g| g.to.is_none())
                .map(|g| {
                    Map::new()
                        .with("id", g.id.as_str())
                        .with("name", g.name.as_str())
                        .maybe("leader", g.leader.as_deref())
                        .done()
                })
                .collect(),
        )
        .maybe("members_text", members_text(v, b))
        .maybe(
            "party_day",
            b.party_day.as_ref().map(|(day, note)| Map::new().with("day", *day).maybe("note", note.as_deref()).done()),
        )
        .maybe("code", b.code.as_deref())
        .maybe("fonds", b.parent.and_then(|o| v.organisation(o).fonds.as_deref()));
    let mut extra = Vec::new();
    if let Some(body) = body {
        if !body.rendered.html.trim().is_empty() {
            value = value.html("intro_html", &body.rendered.html);
        }
        extra = body.pictures;
    }
    // The plaque that hangs on the page is the four-strong one, where there is one.
    let mut hung: Vec<&Honour> = v.honours_of(at).collect();
    hung.sort_by_key(|h| !h.is_four_strong());
    let honours: Vec<Value> = hung.into_iter().map(|h| v.honour(h)).collect();
    let parent = b.parent.map(|o| v.organisation(o).name.as_str());
    let title = full_name.clone();
    let head = Head {
        key: "branch",
        crumbs: crumbs(
            v,
            &[
                (v.say("nav.branches"), Some("branches/".into())),
                (b.short.clone().unwrap_or_else(|| b.name.clone()), None),
            ],
        ),
        description: b.motto.clone(),
        jsonld: Some(meta::organisation_jsonld(v, &full_name, parent, here, b.founded.as_ref().map(|d| d.start.iso()))),
        feed: Some((full_name, format!("{here}feed.xml"))),
        alternates: vec![meta::json_alternate(here)],
        title,
        ..Head::default()
    };
    let ledgers: Vec<Value> = v
        .ledger_years(Holder::Branch(at))
        .into_iter()
        .map(|y| {
            let url = v.url(&v.ledger_route(Holder::Branch(at), y));
            Map::new().with("year", y).with("url", url).done()
        })
        .collect();
    let newest = v.report_years(at).first().copied();
    let reports = newest.map(|y| v.url(&route::reports(&b.id, y)));
    let context = Map::new()
        .with("branch", value.done())
        .list("ledgers", ledgers)
        .maybe("reports_url", reports)
        .list("honours", honours)
        .list("cases", v.tiles(cases))
        .maybe("almanac", almanac)
        .list("years", year_values)
        .list("kinds", kinds);
    Ok(Page { template: "branch.html".into(), head, context, extra })
}

fn iso(date: &Option<ArchiveDate>) -> Option<String> {
    date.as_ref().map(|d| d.start.iso())
}

/// A date in the words of the interface.
pub(super) fn words(v: &Ask<'_>, date: &ArchiveDate) -> String {
    match v.lang() {
        Lang::Zh => date.zh(),
        Lang::En => date.iso().replace('T', " "),
    }
}

fn members_text(v: &Ask<'_>, b: &Branch) -> Option<String> {
    let (full, probationary, asof) = b.members.as_ref()?;
    let mut text = v.theme.say("facts.members", &[("full", full.to_string())]);
    if *probationary > 0 {
        text += &v.theme.say("facts.members_probationary", &[("n", probationary.to_string())]);
    }
    if let Some(asof) = asof {
        text += &v.theme.say("facts.members_asof", &[("date", asof.start.iso())]);
    }
    Some(text)
}

fn terms(v: &Ask<'_>, b: &Branch) -> Vec<Value> {
    let day = v.as_of();
    let day = (day.year(), day.month() as u8, day.day() as u8);
    b.terms
        .iter()
        .map(|t| {
            let begun = t.from.as_ref().and_then(|d| d.start.earliest()).is_none_or(|f| f <= day);
            let over = t.to.as_ref().and_then(|d| d.start.latest()).is_some_and(|e| e < day);
            let posts: Vec<Value> = t
                .posts
                .iter()
                .map(|p| {
                    Map::new()
                        .with("post", p.post.as_str())
                        .maybe("name", p.name.as_deref())
                        .maybe("from", iso(&p.from))
                        .maybe("to", iso(&p.to))
                        .done()
                })
                .collect();
            Map::new()
                .maybe("term", t.term.as_deref())
                .maybe("from", iso(&t.from))
                .maybe("to", iso(&t.to))
                .with("current", begun && !over)
                .with("posts", posts)
                .done()
        })
        .collect()
}

/// What became of a branch: its own events, and the days its honours began and ended.
fn history(v: &Ask<'_>, at: usize, b: &Branch) -> Vec<Value> {
    let labels = v
        .entity_field("branch", "events")
        .and_then(|f| f.columns.iter().find(|c| c.key == "event"))
        .map(|c| &c.option_labels);
    let one = |e: &BranchEvent| {
        let label = match v.lang() {
            Lang::Zh => labels.and_then(|l| l.get(&e.event)).cloned().unwrap_or_else(|| e.event.clone()),
            Lang::En => e.event.replace('_', " "),
        };
        let with: Vec<Value> = e.with.iter().map(|w| v.branch_ref(*w, None)).collect();
        Map::new()
            .with("when", e.date.start.iso())
            .with("label", label)
            .maybe("text", e.note.as_deref())
            .list("with", with)
            .maybe("docno", e.docno.as_deref())
            .done()
    };
    let mut all: Vec<(&ArchiveDate, Value)> = b.events.iter().map(|e| (&e.date, one(e))).collect();
    for h in v.honours_of(at) {
        let told = v.events_of(h).filter(|e| matches!(e.step(), Some(Step::Named | Step::Revoked)));
        all.extend(told.map(|e| (&e.date, honours::milestone(v, h, e))));
    }
    all.sort_by(|(a, _), (b, _)| a.cmp_start(b));
    all.into_iter().map(|(_, value)| value).collect()
}

/// Months down, days across (逐日).
fn almanac(v: &Ask<'_>, year: i16, branch: Option<usize>, fixed: Option<i64>) -> Value {
    let mut counts = [[0usize; 32]; 13];
    let days = v.days(branch, year);
    let total: usize = days.values().sum();
    for ((month, day), n) in &days {
        if let (Some(m), Some(d)) = (month, day) {
            counts[usize::from(*m)][usize::from(*d)] += n;
        }
    }
    let months: Vec<Value> = (1..=12i8)
        .filter_map(|m| {
            let first = jiff::civil::Date::new(year, m, 1).ok()?;
            let days: Vec<Value> = (1..=first.days_in_month())
                .filter_map(|d| {
                    let date = jiff::civil::Date::new(year, m, d).ok()?;
                    let n = counts[m as usize][d as usize];
                    let weekend =
                        matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
                    let level = match n {
                        0 => 0,
                        1 => 1,
                        2..=3 => 2,
                        _ => 3,
                    };
                    let day = match v.lang() {
                        Lang::Zh => format!("{m}月{d}日"),
                        Lang::En => date.to_string(),
                    };
                    let title =
                        (n > 0).then(|| v.theme.say("facts.almanac_day", &[("day", day), ("n", n.to_string())]));
                    Some(
                        Map::new()
                            .with("d", i64::from(d))
                            .with("weekend", weekend)
                            .with("fixed", fixed == Some(i64::from(d)))
                            .with("n", n)
                            .with("level", level)
                            .maybe("title", title)
                            .done(),
                    )
                })
                .collect();
            let count: usize = counts[m as usize].iter().sum();
            let url = (count > 0).then(|| v.url(&v.list(ListOf::Month(year, m as u8))));
            Some(
                Map::new()
                    .with("label", v.theme.say("facts.month_zh", &[("n", m.to_string())]))
                    .maybe("url", url)
                    .with("days", days)
                    .done(),
            )
        })
        .collect();
    let note = v.theme.say("facts.almanac_note", &[("n", total.to_string())]);
    Map::new().with("year", year).with("year_han", v.year(year)).with("months", months).with("note", note).done()
}

fn list_title(v: &Ask<'_>, of: ListOf) -> String {
    let kind = |k: usize| v.kind_name(k).label.get(v.lang()).to_owned();
    let branch = |b: usize| {
        let name = v.branch_name(b, None);
        format!("{}{}", name.org.unwrap_or(""), name.short)
    };
    let year = |y: i16| v.theme.say("text.year", &[("year", y.to_string())]);
    let of_name = |name: String| v.theme.say("text.records_of", &[("name", name)]);
    match of {
        ListOf::All => v.say("text.all"),
        ListOf::Year(y) => year(y),
        ListOf::Month(y, m) => v.theme.say("text.month", &[("year", y.to_string()), ("month", m.to_string())]),
        ListOf::Undated => v.say("text.undated"),
        ListOf::Kind(k) => kind(k),
        ListOf::Branch(b) => of_name(branch(b)),
        ListOf::BranchYear(b, y) => format!("{}·{}", branch(b), year(y)),
        ListOf::BranchKind(b, k) => format!("{}·{}", branch(b), kind(k)),
        ListOf::Unit(u) => of_name(v.organisation(u).name.clone()),
        ListOf::Programme(p) => of_name(v.programme_name(p).1.to_owned()),
    }
}

fn list_page(v: &Ask<'_>, l: &ListJob) -> Page {
    let title = list_title(v, l.of);
    let (branch, year) = (l.selection.branch, l.selection.year);
    let mut way = Vec::new();
    match (l.of, branch) {
        (_, Some(b)) => {
            let b = v.branch_name(b, None);
            way.push((v.say("nav.branches"), Some("branches/".to_owned())));
            way.push((b.short.to_owned(), Some(route::branch(b.id))));
        }
        (ListOf::Unit(_), _) => way.push((v.say("nav.branches"), Some("branches/".to_owned()))),
        (ListOf::Programme(p), _) => {
            way.push((v.say("nav.programmes"), Some("programmes/".to_owned())));
            let (id, title) = v.programme_name(p);
            way.push((title.to_owned(), Some(route::programme(id))));
        }
        _ => way.push((v.say("nav.records"), Some("records/".to_owned()))),
    }
    if let ListOf::Month(y, _) = l.of {
        way.push((v.theme.say("text.year", &[("year", y.to_string())]), Some(v.list(ListOf::Year(y)))));
    }
    way.push((title.clone(), None));
    let mut groups: Vec<(Option<i16>, Vec<usize>)> = Vec::new();
    for r in l.shown() {
        let y = if year.is_some() { None } else { v.year_of(*r) };
        match groups.last_mut() {
            Some((last, list)) if *last == y => list.push(*r),
            _ => groups.push((y, vec![*r])),
        }
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(y, list)| {
            Map::new()
                .maybe("label", y.map(|y| y.to_string()))
                .maybe("han", y.map(|y| v.year(y)))
                .with("cards", v.cards(list))
                .done()
        })
        .collect();
    let items: Vec<Value> = list::pager(l.page, l.pages)
        .into_iter()
        .map(|n| match n {
            Some(n) => Map::new().with("n", n).with("url", v.url(&l.route(n))).with("current", n == l.page).done(),
            None => Map::new().with("gap", true).done(),
        })
        .collect();
    let pager = Map::new()
        .with("page", l.page)
        .with("pages", l.pages)
        .with("total", l.records.len())
        .maybe("prev", (l.page > 1).then(|| v.url(&l.route(l.page - 1))))
        .maybe("next", (l.page < l.pages).then(|| v.url(&l.route(l.page + 1))))
        .with("items", items)
        .done();
    let data = if l.of == ListOf::All { "data/records".to_owned() } else { format!("{}list", l.base) };
    let feed = match l.of {
        ListOf::Branch(b) => Some(format!("{}feed.xml", route::branch(v.branch_name(b, None).id))),
        ListOf::Kind(k) => Some(format!("{}feed.xml", v.list(ListOf::Kind(k)))),
        ListOf::All => Some("feed.xml".to_owned()),
        ListOf::Year(_)
        | ListOf::Month(..)
        | ListOf::Undated
        | ListOf::BranchYear(..)
        | ListOf::BranchKind(..)
        | ListOf::Unit(_)
        | ListOf::Programme(_) => None,
    };
    let downloads = downloads(v, &data, feed.as_deref());
    let head = Head {
        key: "list",
        crumbs: crumbs(v, &way),
        feed: feed.filter(|f| f != "feed.xml").map(|f| (title.clone(), f)),
        alternates: vec![
            ("text/csv", "CSV".into(), format!("{data}.csv")),
            ("application/json", "JSON".into(), format!("{data}.json")),
        ],
        title: title.clone(),
        ..Head::default()
    };
    let context = Map::new()
        .with("heading", title)
        .wanted_list(v.theme, "filters", || filters(v, l))
        .with("groups", groups)
        .with("pager", pager)
        .with("downloads", downloads)
        .with("show_branch", branch.is_none());
    Page::new("list.html", head, context)
}

/// What of a page can be taken home: its table at `data.csv` and `data.json`, its feed.
pub(super) fn downloads(v: &Ask<'_>, data: &str, feed: Option<&str>) -> Vec<Value> {
    let one = |label: &str, url: &str| Map::new().with("label", v.say(label)).with("url", url).done();
    let mut all = Vec::new();
    if v.config.output.data {
        all.extend([one("facts.csv", &format!("{data}.csv")), one("facts.json", &format!("{data}.json"))]);
    }
    all.extend(feed.map(|feed| one("facts.atom", feed)));
    all
}

fn filter(v: &Ask<'_>, label: &str, items: Vec<(String, usize, ListOf, bool)>) -> Option<Value> {
    let items: Vec<Value> = items
        .into_iter()
        .map(|(label, count, of, current)| {
            Map::new()
                .with("label", label)
                .with("count", count)
                .with("url", v.url(&v.list(of)))
                .with("current", current)
                .done()
        })
        .collect();
    (!items.is_empty()).then(|| Map::new().with("label", v.say(label)).with("items", items).done())
}

/// Years and kinds (and months of a year) to go on to.
fn filters(v: &Ask<'_>, l: &ListJob) -> Vec<Value> {
    let branch = l.selection.branch;
    if branch.is_none() && matches!(l.of, ListOf::Unit(_) | ListOf::Programme(_)) {
        return Vec::new();
    }
    let (years, kinds) = (v.years(branch), v.kinds(branch));
    let year_name = |y: i16| v.theme.say("text.year", &[("year", y.to_string())]);
    let kind_name = |k: usize| v.kind_name(k).label.get(v.lang()).to_owned();
    let mut all = Vec::new();
    let total = branch.map_or_else(|| v.counts().records, |b| v.holdings_of(b));
    let whole = branch.map_or(ListOf::All, ListOf::Branch);
    let mut year_items = vec![(v.say("list.all"), total, whole, l.of == whole)];
    year_items.extend(years.iter().map(|(y, n)| {
        let of = branch.map_or(ListOf::Year(*y), |b| ListOf::BranchYear(b, *y));
        (year_name(*y), *n, of, l.selection.year == Some(*y))
    }));
    all.extend(filter(v, "list.year", year_items));
    if let (None, Some(year)) = (branch, l.selection.year) {
        let months = v.months(year).iter();
        all.extend(filter(
            v,
            "list.month",
            months
                .map(|(m, n)| {
                    (
                        v.theme.say("facts.month_zh", &[("n", m.to_string())]),
                        *n,
                        ListOf::Month(year, *m),
                        l.selection.month == Some(*m),
                    )
                })
                .collect(),
        ));
    }
    let kind_items = kinds
        .iter()
        .map(|(k, n)| {
            let of = branch.map_or(ListOf::Kind(*k), |b| ListOf::BranchKind(b, *k));
            (kind_name(*k), *n, of, l.selection.kind == Some(*k))
        })
        .collect();
    all.extend(filter(v, "list.kind", kind_items));
    all
}

fn archive(v: &Ask<'_>) -> Page {
    let held = v.years(None);
    let years: Vec<Value> = held
        .iter()
        .map(|(y, n)| {
            let counts = v.months(*y);
            let months: Vec<Value> = (1..=12u8)
                .map(|m| {
                    let count = counts.iter().find(|(x, _)| *x == m).map_or(0, |(_, n)| *n);
                    Map::new()
                        .with("m", m)
                        .with("count", count)
                        .with("url", v.url(&v.list(ListOf::Month(*y, m))))
                        .done()
                })
                .collect();
            Map::new()
                .with("year", *y)
                .with("han", v.year(*y))
                .with("url", v.url(&v.list(ListOf::Year(*y))))
                .with("count", *n)
                .with("months", months)
                .maybe("calendar_url", v.config.output.calendar.then(|| v.url(&format!("calendar/{y}/"))))
                .done()
        })
        .collect();
    let kinds_held = v.kinds(None);
    let kinds: Vec<Value> = kinds_held
        .iter()
        .map(|(k, n)| {
            let kind = v.kind_name(*k);
            Map::new()
                .with("id", kind.id)
                .with("label", kind.label.get(v.lang()))
                .with("mark", kind.mark)
                .maybe("class_label", kind.class_label.map(|l| l.get(v.lang())))
                .with("count", *n)
                .with("url", v.url(&v.list(ListOf::Kind(*k))))
                .done()
        })
        .collect();
    let columns: Vec<Value> = held.iter().map(|(y, _)| Map::new().with("label", y.to_string()).done()).collect();
    let counts = v.kinds_by_year();
    let rows: Vec<Value> = kinds_held
        .iter()
        .map(|(k, _)| {
            let cells: Vec<Value> = held
                .iter()
                .map(|(y, _)| Map::new().with("count", counts.get(&(*k, *y)).copied().unwrap_or(0)).done())
                .collect();
            Map::new().with("kind", v.kind(*k)).with("cells", cells).done()
        })
        .collect();
    let table = Map::new().with("columns", columns).with("rows", rows).done();
    let downloads = downloads(v, "data/records", Some("feed.xml"));
    Page::new(
        "archive.html",
        head(v, "archive", v.say("text.archive")),
        Map::new()
            .with("years", years)
            .list("kinds", kinds)
            .with("table", table)
            .with("downloads", downloads)
            .with("all_url", v.url(&v.list(ListOf::All))),
    )
}

fn calendar(v: &Ask<'_>, year: i16) -> Page {
    let records = v.select(Selection { year: Some(year), ..Selection::default() });
    type Days = Vec<(Option<u8>, Vec<usize>)>;
    let mut months: Vec<(u8, Days)> = Vec::new();
    for r in records.into_iter().rev() {
        let (Some(m), day) = v.day_of(r) else { continue };
        if months.last().is_none_or(|(last, _)| *last != m) {
            months.push((m, Vec::new()));
        }
        if let Some((_, days)) = months.last_mut() {
            match days.last_mut() {
                Some((last, list)) if *last == day => list.push(r),
                _ => days.push((day, vec![r])),
            }
        }
    }
    let month_values: Vec<Value> = months
        .into_iter()
        .map(|(m, days)| {
            let count: usize = days.iter().map(|(_, l)| l.len()).sum();
            let days: Vec<Value> = days
                .into_iter()
                .map(|(d, l)| {
                    Map::new()
                        .with("day", d.map_or(String::from("—"), |d| d.to_string()))
                        .with("cards", v.cards(l))
                        .done()
                })
                .collect();
            Map::new()
                .with("label", v.theme.say("facts.month_zh", &[("n", m.to_string())]))
                .with("url", v.url(&v.list(ListOf::Month(year, m))))
                .with("count", count)
                .with("days", days)
                .done()
        })
        .collect();
    let known = |y: i16| v.years_held().any(|x| x == y).then(|| v.url(&format!("calendar/{y}/")));
    let title = v.theme.say("text.calendar", &[("year", year.to_string())]);
    let mut head = head(v, "calendar", title.clone());
    head.crumbs = crumbs(v, &[(v.say("nav.records"), Some("records/".into())), (title, None)]);
    Page::new(
        "calendar.html",
        head,
        Map::new()
            .with("year", year)
            .with("year_han", v.year(year))
            .maybe("prev", known(year - 1))
            .maybe("next", known(year + 1))
            .with("almanac", almanac(v, year, None, None))
            .with("months", month_values),
    )
}

fn showcase(v: &Ask<'_>) -> Page {
    let was_named = |h: &&Honour| h.is_four_strong() && v.events_of(h).any(|e| e.event == "named");
    let named: Vec<&Honour> = v.honours().iter().filter(was_named).collect();
    let live: Vec<&Honour> = named.iter().copied().filter(|h| v.state(h) == State::Named).collect();
    let mut groups: Vec<(Option<i16>, Vec<&Honour>)> = Vec::new();
    for h in &live {
        match groups.last_mut() {
            Some((y, list)) if *y == h.year() => list.push(h),
            _ => groups.push((h.year(), vec![h])),
        }
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(y, list)| {
            Map::new()
                .maybe("year", y)
                .maybe("han", y.map(|y| v.year(y)))
                .maybe("cohort", list.first().and_then(|h| h.cohort.as_deref()))
                .with("plaques", list.iter().map(|h| v.plaque(h).done()).collect::<Vec<_>>())
                .done()
        })
        .collect();
    let mut other: Vec<(&str, Vec<Value>)> = Vec::new();
    for h in v.honours().iter().filter(|h| !h.is_four_strong() && h.brand.is_some() && v.state(h) == State::Named) {
        match other.iter_mut().find(|(sort, _)| *sort == h.sort) {
            Some((_, list)) => list.push(v.plaque(h).done()),
            None => other.push((&h.sort, vec![v.plaque(h).done()])),
        }
    }
    let other: Vec<Value> = other
        .into_iter()
        .map(|(sort, plaques)| Map::new().with("type_label", sort).with("plaques", plaques).done())
        .collect();
    let stories: Vec<usize> = live.iter().filter_map(|h| h.story).collect();
    let programme = live.iter().find_map(|h| h.programme).map(|p| {
        let p = &v.programmes()[p];
        Map::new()
            .with("title", p.title.as_str())
            .maybe("short", p.short.as_deref())
            .with("url", v.url(&route::programme(&p.id)))
            .with("stages", stages(v, &p.stages))
            .done()
    });
    let rubric = live.iter().find_map(|h| h.programme).and_then(|p| v.programmes()[p].rubric).map(|r| {
        let r = &v.rubric_heads()[r];
        let dimensions: Vec<Value> =
            r.dimensions.iter().map(|d| Map::new().with("title", d.title.as_str()).done()).collect();
        Map::new()
            .with("title", r.title.as_str())
            .with("url", v.url(&route::rubric(&r.id)))
            .with("dimensions", dimensions)
            .done()
    });
    Page::new(
        "showcase.html",
        head(v, "showcase", v.say("text.showcase")),
        Map::new()
            .with("groups", groups)
            .list("other", other)
            .with("total", named.len())
            .with("shown", live.len())
            .list("stories", v.tiles(stories))
            .maybe("rubric", rubric)
            .maybe("programme", programme),
    )
}

fn programme_map(v: &Ask<'_>, p: &Programme) -> Map {
    Map::new()
        .with("id", p.id.as_str())
        .with("url", v.url(&route::programme(&p.id)))
        .with("title", p.title.as_str())
        .maybe("short", p.short.as_deref())
        .maybe("docno", p.docno.as_deref())
        .maybe("date", p.date.as_ref().map(|d| v.date(d)))
        .maybe("issuer", p.issuer.as_deref())
        .with("stages", stages(v, &p.stages))
}

fn programmes(v: &Ask<'_>) -> Page {
    let list: Vec<Value> = v.programmes().iter().map(|p| programme_map(v, p).done()).collect();
    let rubrics: Vec<Value> = v.rubric_heads().iter().enumerate().map(|(i, r)| rubric_map(v, i, r).done()).collect();
    Page::new(
        "programmes.html",
        head(v, "programmes", v.say("text.programmes")),
        Map::new().with("programmes", list).list("rubrics", rubrics),
    )
}

fn programme(v: &Ask<'_>, at: usize, here: &str, root: &str) -> Result<Page> {
    let p = &v.programmes()[at];
    let body = body::body(v, p.doc, here, root, &p.title)?;
    let records = v.select(Selection { campaign: Some(at), ..Selection::default() });
    let basis: Vec<Value> = p
        .basis
        .iter()
        .map(|(rel, doc)| Map::new().with("rel", rel.as_str()).with("doc", doc.as_str()).done())
        .collect();
    let honours: Vec<Value> = v
        .honours()
        .iter()
        .filter(|h| h.programme == Some(at) && v.state(h) == State::Named)
        .map(|h| v.plaque(h).done())
        .collect();
    let rubric_link = |r: usize| {
        Map::new()
            .with("title", v.rubric_heads()[r].title.as_str())
            .with("url", v.url(&route::rubric(&v.rubric_heads()[r].id)))
            .done()
    };
    let roles = p.roles.iter().map(|r| {
        let row = Map::new().with("who", r.who.as_str()).with("duty", r.duty.as_str());
        row.maybe("source", r.source.as_deref()).done()
    });
    let words = |list: &[String]| list.iter().map(|w| Value::from(w.as_str())).collect::<Vec<_>>();
    let records_url = (!records.is_empty()).then(|| v.url(&v.list(ListOf::Programme(at))));
    let mut value = programme_map(v, p)
        .maybe("from", p.from.as_ref().map(|d| d.start.iso()))
        .maybe("to", p.to.as_ref().map(|d| d.start.iso()))
        .maybe("scope", p.scope.as_deref())
        .maybe("quota", p.quota.as_deref())
        .list("basis", basis)
        .with("principles", p.principles.clone())
        .with("disqualifiers", p.disqualifiers.clone())
        .maybe("rubric", p.rubric.map(rubric_link))
        .list("rubrics", p.rubrics.iter().map(|r| rubric_link(*r)).collect())
        .maybe("parent", p.parent.map(|up| v.programme_ref(up)))
        .maybe("unit", p.unit.map(|u| v.unit_ref(u)))
        .maybe("source", p.source.as_deref())
        .list("topics", words(&p.topics))
        .list("roles", roles.collect())
        .list("channels", words(&p.channels))
        .list("archive", words(&p.archive))
        .maybe("once", p.once.filter(|once| *once))
        .with("records_count", records.len())
        .maybe("records_url", records_url)
        .list("honours", honours);
    value = campaign::add(v, p, &v.campaign(at), value);
    if !body.rendered.html.trim().is_empty() {
        value = value.html("html", &body.rendered.html);
    }
    let head = Head {
        key: "programme",
        crumbs: crumbs(
            v,
            &[
                (v.say("nav.programmes"), Some("programmes/".into())),
                (p.short.clone().unwrap_or_else(|| p.title.clone()), None),
            ],
        ),
        title: p.title.clone(),
        description: Some(v.excerpt(p.doc).to_owned()),
        alternates: vec![meta::json_alternate(here)],
        ..Head::default()
    };
    Ok(Page { extra: body.pictures, ..Page::new("programme.html", head, Map::new().with("programme", value.done())) })
}

pub(super) fn number(n: f64) -> Value {
    if n.fract() == 0.0 { Value::from(n as i64) } else { Value::from(n) }
}

fn rubric_map(v: &Ask<'_>, at: usize, r: &Rubric) -> Map {
    let all = v.rubric_heads();
    let link = |i: usize| {
        Map::new().with("title", all[i].title.as_str()).with("url", v.url(&route::rubric(&all[i].id))).done()
    };
    Map::new()
        .with("id", r.id.as_str())
        .with("url", v.url(&route::rubric(&r.id)))
        .with("title", r.title.as_str())
        .maybe("version", r.version.as_deref())
        .maybe("issuer", r.issuer.as_deref())
        .maybe("date", r.date.as_ref().map(|d| v.date(d)))
        .maybe("full", r.full.map(number))
        .maybe("pass", r.pass.map(number))
        .maybe("replaces", r.replaces.map(link))
        .maybe("replaced_by", all.iter().position(|o| o.replaces == Some(at)).map(link))
}

fn rubric(v: &Ask<'_>, at: usize, here: &str, root: &str) -> Result<Page> {
    let r = &v.rubrics()[at];
    let body = body::body(v, r.doc, here, root, &r.title)?;
    let mut place = 0..;
    let dimensions: Vec<Value> = r
        .dimensions
        .iter()
        .map(|d| {
            let criteria: Vec<Value> = d
                .criteria
                .iter()
                .map(|c| {
                    let records = place.next().map(|n| v.evidence_of(at, n)).unwrap_or_default();
                    Map::new()
                        .with("id", format!("{}/{}", r.id, c.id))
                        .with("url", v.url(&route::criterion(&r.id, &c.id)))
                        .maybe("source", c.source.as_deref())
                        .with("declared", c.declared)
                        .with("anchor", c.id.as_str())
                        .with("title", c.title.as_str())
                        .maybe("text", c.text.as_deref())
                        .maybe("points", c.points.map(number))
                        .list("evidence_kinds", c.evidence.iter().map(|k| v.kind(*k)).collect())
                        .with("records_count", records.len())
                        .list("records", v.cards(records.into_iter().take(6)))
                        .done()
                })
                .collect();
            Map::new()
                .with("id", d.id.as_str())
                .with("title", d.title.as_str())
                .maybe("text", d.text.as_deref())
                .maybe("source", d.source.as_deref())
                .with("criteria", criteria)
                .done()
        })
        .collect();
    let matrix = r.criteria().next().map(|_| v.url(&route::matrix(&r.id)));
    let mut value = rubric_map(v, at, r)
        .with("dimensions", dimensions)
        .maybe("source", r.source.as_deref())
        .maybe("matrix", matrix);
    if !body.rendered.html.trim().is_empty() {
        value = value.html("html", &body.rendered.html);
    }
    let head = Head {
        key: "rubric",
        crumbs: crumbs(v, &[(v.say("nav.programmes"), Some("programmes/".into())), (r.title.clone(), None)]),
        title: r.title.clone(),
        alternates: vec![meta::json_alternate(here)],
        ..Head::default()
    };
    Ok(Page { extra: body.pictures, ..Page::new("rubric.html", head, Map::new().with("rubric", value.done())) })
}

fn page(v: &Ask<'_>, at: usize, here: &str, root: &str) -> Result<Page> {
    let pages = v.pages();
    let p = &pages[at];
    let body = body::body(v, p.doc, here, root, &p.title)?;
    let below = |route: &str| -> Vec<usize> {
        (0..pages.len()).filter(|i| pages[*i].parent.as_deref() == Some(route)).collect()
    };
    let children: Vec<Value> = below(here)
        .into_iter()
        .map(|i| {
            let c = &pages[i];
            Map::new()
                .with("title", c.title.as_str())
                .with("url", v.url(&c.route))
                .maybe("summary", c.summary.as_deref())
                .done()
        })
        .collect();
    // A parent that is no page of its own (a folder without _index.md) makes no siblings.
    let parent = p.parent.as_ref().and_then(|r| pages.iter().find(|q| &q.route == r));
    let family = parent.map(|q| below(&q.route)).unwrap_or_default();
    let siblings: Vec<Value> = family
        .iter()
        .map(|i| {
            Map::new()
                .with("title", pages[*i].short.as_deref().unwrap_or(&pages[*i].title))
                .with("url", v.url(&pages[*i].route))
                .with("current", *i == at)
                .done()
        })
        .collect();
    let place = family.iter().position(|i| *i == at);
    let link = |i: usize| Map::new().with("title", pages[i].title.as_str()).with("url", v.url(&pages[i].route)).done();
    let prev = place.and_then(|n| n.checked_sub(1)).map(|n| link(family[n]));
    let next = place.and_then(|n| family.get(n + 1)).map(|i| link(*i));
    let mut way = Vec::new();
    if let Some(q) = parent {
        way.push((q.short.clone().unwrap_or_else(|| q.title.clone()), Some(q.route.clone())));
    }
    way.push((p.short.clone().unwrap_or_else(|| p.title.clone()), None));
    let head = Head {
        key: "page",
        crumbs: crumbs(v, &way),
        title: p.title.clone(),
        description: p.summary.clone().or_else(|| Some(v.excerpt(p.doc).to_owned())),
        alternates: vec![meta::json_alternate(here)],
        ..Head::default()
    };
    let context = Map::new()
        .with("title", p.title.as_str())
        .html("html", &body.rendered.html)
        .list("toc", record::toc(&body.rendered.toc))
        .list("children", children)
        .list("siblings", siblings)
        .maybe("prev", prev)
        .maybe("next", next);
    Ok(Page { extra: body.pictures, ..Page::new("page.html", head, context) })
}

fn site_map(v: &Ask<'_>) -> Page {
    let item = |label: &str, url: &str| Map::new().with("label", label).with("url", v.url(url)).done();
    let group = |label: String, items: Vec<Value>| Map::new().with("label", label).with("items", items).done();
    let mut columns = vec![
        ("nav.home", ""),
        ("text.showcase", "showcase/"),
        ("text.branches", "branches/"),
        ("text.archive", "records/"),
        ("text.all", "archive/all/"),
        ("text.cases", "cases/"),
        ("text.programmes", "programmes/"),
        ("text.honours", "honours/"),
        ("text.disclosure", "disclosure/"),
    ];
    if v.has_ledgers() {
        columns.push(("rules.title", "rules/"));
    }
    if v.config.search.enabled {
        columns.push(("text.search", "search/"));
    }
    if v.config.channels.any() {
        columns.push(("channels.title", "channels/"));
    }
    let mut groups =
        vec![group(v.config.site.title.clone(), columns.iter().map(|(key, url)| item(&v.say(key), url)).collect())];
    groups.push(group(
        v.say("text.branches"),
        v.branches().iter().map(|b| item(b.short.as_deref().unwrap_or(&b.name), &route::branch(&b.id))).collect(),
    ));
    let mut years: Vec<Value> = v
        .years_held()
        .map(|y| item(&v.theme.say("text.year", &[("year", y.to_string())]), &v.list(ListOf::Year(y))))
        .collect();
    years.extend(
        v.years_held()
            .filter(|_| v.config.output.calendar)
            .map(|y| item(&v.theme.say("text.calendar", &[("year", y.to_string())]), &format!("calendar/{y}/"))),
    );
    groups.push(group(v.say("list.year"), years));
    groups.push(group(
        v.say("list.kind"),
        v.kinds_held().map(|k| item(v.kind_name(k).label.get(v.lang()), &v.list(ListOf::Kind(k)))).collect(),
    ));
    let mut programmes: Vec<Value> = v.programmes().iter().map(|p| item(&p.title, &route::programme(&p.id))).collect();
    programmes.extend(v.rubric_heads().iter().map(|r| item(&r.title, &route::rubric(&r.id))));
    if !programmes.is_empty() {
        groups.push(group(v.say("text.programmes"), programmes));
    }
    let pages: Vec<Value> =
        v.pages().iter().filter(|p| !p.route.is_empty()).map(|p| item(&p.title, &p.route)).collect();
    if !pages.is_empty() {
        groups.push(group(v.say("text.pages"), pages));
    }
    Page::new("sitemap.html", head(v, "sitemap", v.say("text.sitemap")), Map::new().with("groups", groups))
}
