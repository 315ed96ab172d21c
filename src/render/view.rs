//! Cards, plaques and other shapes in which one thing appears on another's page. Everything a page
//! knows of the rest of the site passes here.

use super::theme::Theme;
use super::value::Map;
use crate::config::{Config, Profile};
use crate::diagnostic::Lang;
use crate::model::branch::Branch;
use crate::model::date::ArchiveDate;
use crate::model::honour::{Honour, State};
use crate::model::query::{self, Selection};
use crate::model::{Site, route};
use crate::plan::{self, Plan, list};
use rayon::prelude::*;
use tera::Value;

/// Shapes of things, each made once.
pub struct View<'a> {
    pub(super) site: &'a Site,
    pub(super) plan: &'a Plan,
    pub(super) config: &'a Config,
    pub(super) theme: &'a Theme,
    cards: Vec<Value>,
    kinds: Vec<Value>,
    site_value: Value,
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
    pub fn new(site: &'a Site, plan: &'a Plan, config: &'a Config, theme: &'a Theme) -> View<'a> {
        let mut view =
            View { site, plan, config, theme, cards: Vec::new(), kinds: Vec::new(), site_value: Value::none() };
        view.kinds = (0..site.kinds.kinds.len()).map(|k| view.make_kind(k)).collect();
        view.cards = (0..site.records.len()).into_par_iter().map(|r| view.make_card(r)).collect();
        view.site_value = view.make_site();
        view
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

    /// Returns the value of `site` in every page.
    pub(super) fn site_value(&self) -> Value {
        self.site_value.clone()
    }

    /// Returns the card of a record.
    pub(super) fn card(&self, record: usize) -> Value {
        self.cards[record].clone()
    }

    /// Returns the cards of records.
    pub(super) fn cards(&self, records: impl IntoIterator<Item = usize>) -> Vec<Value> {
        records.into_iter().map(|r| self.card(r)).collect()
    }

    /// Returns a kind.
    pub(super) fn kind(&self, kind: usize) -> Value {
        self.kinds[kind].clone()
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

    fn make_kind(&self, kind: usize) -> Value {
        let k = &self.site.kinds.kinds[kind];
        Map::new()
            .with("id", k.id.as_str())
            .with("label", k.label.get(self.lang()))
            .with("mark", k.mark.as_str())
            .with("class", k.class.as_str())
            .with("url", self.url(&list::base(list::ListOf::Kind(kind), self.site)))
            .done()
    }

    fn make_card(&self, record: usize) -> Value {
        let r = &self.site.records[record];
        let cover =
            r.cover.as_ref().map(|(url, alt)| Map::new().with("url", url.as_str()).with("alt", alt.as_str()).done());
        let corrected = r.corrected_by.map(|i| {
            let c = &self.site.records[i];
            Map::new().with("id", c.id.as_str()).with("url", self.url(&c.route)).with("title", c.title.as_str()).done()
        });
        let mut keywords = r.keywords.clone();
        keywords.truncate(4);
        Map::new()
            .with("id", r.id.as_str())
            .with("url", self.url(&r.route))
            .with("title", r.short.as_deref().unwrap_or(&r.title))
            .with("kind", self.kind(r.kind))
            .maybe("branch", r.branch.map(|b| self.branch_ref(b, r.date.as_ref())))
            .maybe("unit", r.unit.map(|u| self.unit_ref(u)))
            .maybe("group", r.group.as_deref())
            .maybe("date", r.sort_date().map(|d| self.date(d)))
            .maybe("late", r.late)
            .with("keywords", keywords)
            .with("summary", r.summary.as_str())
            .maybe("topics", (!r.topics.is_empty() && !r.title.starts_with('〔')).then_some(r.summary.as_str()))
            .maybe("cover", cover)
            .maybe("brand", r.values.text("brand").or_else(|| r.values.text("name")))
            .maybe("corrected_by", corrected)
            .done()
    }

    /// Returns a branch as a record of a date names it.
    pub(super) fn branch_ref(&self, branch: usize, date: Option<&ArchiveDate>) -> Value {
        let b = &self.site.branches[branch];
        Map::new()
            .with("id", b.id.as_str())
            .with("name", b.name_at(date))
            .with("short", b.short_at(date))
            .with("url", self.url(&route::branch(&b.id)))
            .maybe("org", self.org_short(b))
            .done()
    }

    /// Returns the short name of the organisation above a branch.
    pub(super) fn org_short(&self, branch: &Branch) -> Option<&str> {
        let org = &self.site.organisations[branch.parent?];
        Some(org.short.as_deref().unwrap_or(&org.name))
    }

    /// Returns an organisation as a record names it.
    pub(super) fn unit_ref(&self, unit: usize) -> Value {
        let o = &self.site.organisations[unit];
        Map::new()
            .with("id", o.id.as_str())
            .with("name", o.name.as_str())
            .with("url", self.url(&route::organisation(&o.id)))
            .done()
    }

    /// Returns an organisation with its branches.
    pub(super) fn org(&self, org: usize) -> Value {
        let o = &self.site.organisations[org];
        let branches: Vec<usize> =
            (0..self.site.branches.len()).filter(|b| self.site.branches[*b].parent == Some(org)).collect();
        let below: usize = branches.iter().map(|b| self.plan.index.of_branch(*b).len()).sum();
        let own = self.plan.index.of_unit(org).len();
        let records = (own > 0).then(|| self.url(&list::base(list::ListOf::Unit(org), self.site)));
        let intro = Some(o.doc).map(|d| self.site.docs[d].outline.excerpt.clone()).filter(|e| !e.is_empty());
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
        let b = &self.site.branches[branch];
        let records = self.plan.index.of_branch(branch);
        let years = query::years(self.site, records);
        let honours: Vec<Value> = query::honours_of(self.site, branch).map(|h| self.plaque(h).done()).collect();
        Map::new()
            .with("id", b.id.as_str())
            .with("url", self.url(&route::branch(&b.id)))
            .with("name", b.name.as_str())
            .with("short", b.short.as_deref().unwrap_or(&b.name))
            .maybe("org", self.org_short(b))
            .maybe("type", b.sort.as_deref())
            .maybe("status", b.status.as_deref())
            .with("status_open", b.is_open())
            .maybe("brand", b.brand.as_deref())
            .maybe("motto", b.motto.as_deref())
            .with("record_count", records.len())
            .maybe("first", years.last().map(|y| y.0))
            .maybe("last", years.first().map(|y| y.0))
            .maybe("members", b.members.as_ref().map(|m| m.0 + m.1))
            .with("honours", honours)
    }

    /// Returns an honour as a plaque (匾额).
    pub(super) fn plaque(&self, h: &Honour) -> Map {
        let b = &self.site.branches[h.branch];
        let state = h.state(self.site.options.as_of);
        let named = h.named();
        let url = match h.story {
            Some(story) if state == State::Named => self.site.records[story].route.clone(),
            _ => route::branch(&b.id),
        };
        let branch = Map::new()
            .with("id", b.id.as_str())
            .with("name", b.name_at(named.map(|e| &e.date)))
            .with("short", b.short_at(named.map(|e| &e.date)))
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
            .maybe("org_short", self.org_short(b))
            .with("type", h.sort.as_str())
            .with("type_label", h.sort.as_str())
            .maybe("level", h.level.as_deref())
            .maybe("year", year)
            .maybe("year_han", year.map(|y| self.year(y)))
            .maybe("cohort", h.cohort.as_deref())
            .maybe("motto", h.motto.as_deref().or(b.motto.as_deref()))
            .maybe("docno", named.and_then(|e| e.docno.as_deref()))
            .with("state", state.word())
            .with("state_label", self.say(&format!("honour.{}", state.word())))
            .with("seal", seal)
    }

    /// Returns an honour with what happened to it. Reasons are not part of it.
    pub(super) fn honour(&self, h: &Honour) -> Value {
        let labels = self
            .site
            .kinds
            .entity("honour")
            .and_then(|e| e.fields.iter().find(|f| f.key == "events"))
            .and_then(|f| f.columns.first())
            .map(|c| &c.option_labels);
        let events: Vec<Value> = h
            .until(self.site.options.as_of)
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
        let programme = h.programme.map(|p| self.programme_ref(p));
        self.plaque(h).with("events", events).maybe("programme", programme).done()
    }

    /// Returns a programme as others name it.
    pub(super) fn programme_ref(&self, programme: usize) -> Value {
        let p = &self.site.programmes[programme];
        Map::new()
            .with("id", p.id.as_str())
            .with("title", p.short.as_deref().unwrap_or(&p.title))
            .with("url", self.url(&route::programme(&p.id)))
            .done()
    }

    /// Returns a record as others name it.
    pub(super) fn record_ref(&self, record: usize) -> Value {
        let r = &self.site.records[record];
        Map::new().with("id", r.id.as_str()).with("title", r.title.as_str()).with("url", self.url(&r.route)).done()
    }

    /// Returns the records of a selection.
    pub(super) fn select(&self, selection: Selection) -> Vec<usize> {
        self.plan.index.select(self.site, selection)
    }

    fn make_site(&self) -> Value {
        let s = &self.config.site;
        let nav: Vec<Value> = if s.nav.is_empty() {
            self.default_nav()
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
        let counts = Map::new()
            .with("records", self.site.records.len())
            .with("branches", self.site.branches.len())
            .with("organisations", self.site.organisations.len())
            .with("years", self.plan.years.len())
            .maybe("first_year", self.plan.years.last().map(|y| y.0))
            .maybe("last_year", self.plan.years.first().map(|y| y.0))
            .done();
        let emblem = self.plan.jobs.iter().find(|j| matches!(j, plan::Job::Emblem(_))).map(|j| j.route(self.site));
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
            .with("foot", self.foot())
            .with("counts", counts)
            .with("search", false)
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
        ];
        parts.into_iter().fold(Map::new(), |map, (key, route)| map.with(key, self.url(route))).done()
    }

    fn nav_entry(&self, key: &str, label: String, url: &str) -> Value {
        Map::new().with("key", key).with("label", label).with("url", self.url(url)).done()
    }

    fn default_nav(&self) -> Vec<Value> {
        let site = self.site;
        let mut nav = vec![("home", "")];
        let four_strong = site.honours.iter().any(Honour::is_four_strong);
        let classes =
            |classes: &[&str]| site.records.iter().any(|r| classes.contains(&site.kinds.kinds[r.kind].class.as_str()));
        if four_strong {
            nav.push(("showcase", "showcase/"));
        }
        nav.push(("branches", "branches/"));
        nav.push(("records", "records/"));
        if classes(&plan::CASE_CLASSES) {
            nav.push(("cases", "cases/"));
        }
        if !site.programmes.is_empty() {
            nav.push(("programmes", "programmes/"));
        }
        if classes(&["disclosure"]) {
            nav.push(("disclosure", "disclosure/"));
        }
        if site.pages.iter().any(|p| p.route == "about/") {
            nav.push(("about", "about/"));
        }
        nav.into_iter().map(|(key, url)| self.nav_entry(key, self.say(&format!("nav.{key}")), url)).collect()
    }

    fn foot(&self) -> Vec<Value> {
        let mut foot = vec![(self.say("nav.sitemap"), "sitemap/".to_owned())];
        for p in self.site.pages.iter().filter(|p| p.parent.is_none() && !p.route.is_empty() && p.route != "about/") {
            foot.push((p.short.clone().unwrap_or_else(|| p.title.clone()), p.route.clone()));
        }
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
