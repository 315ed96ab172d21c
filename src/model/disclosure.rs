//! Disclosure (党务公开): what a posting is on the day, and what branches have made known of each item.
//!
//! A posting is read only from its first day to its last. Before and after, what is read of its file is a stub:
//! the item, whose it is and the days. Nothing later in the build has ever seen the rest, so nothing later can
//! let it out; its text is not opened either ([`Record::is_stub`]).

use super::Site;
use super::campaign::Who;
use super::catalogue::{self, Catalogue, Item, Per};
use super::date::ArchiveDate;
use super::kind::Kind;
use super::ledger;
use super::pack::day_of;
use super::record::Record;
use super::route;
use super::schema::{FieldValue, Person, Values};
use crate::diagnostic::{Diagnostic, Lang, did_you_mean};
use crate::parse::Document;
use crate::rules::cadence::{self, Day, Fact, Modality, Span, Tally, Want};
use crate::rules::disclosure::{self as rule, How, STEPS, State};
use crate::say;
use serde::Serialize;

/// The class of kinds whose records are postings.
const CLASS: &str = "disclosure";

/// The step that may stand by itself, or within 审核.
const SECRECY: &str = "保密审查";

/// What a stub keeps of its file. None of it is free text: it is what an archive needs to find the file again.
const KEPT: [&str; 16] = [
    "id",
    "kind",
    "date",
    "recorded",
    "published",
    "filed",
    "status",
    "retention",
    "archive",
    "audience",
    "aliases",
    "posted",
    "until",
    "evidence_for",
    "campaign",
    "corrects",
];

/// What a record of disclosure is found to be while it is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// The item of a catalogue.
    pub(super) item: Option<(usize, usize)>,
    /// Where it stands; `None` for records that are no postings.
    pub(super) posting: Option<State>,
}

/// Returns the days of a posting: its first, and its last if it has one.
fn ends(v: &Values) -> (Option<Day>, Option<Day>) {
    let posted = v.date("posted").or_else(|| v.date("published"));
    let until = v.date("until");
    (posted.and_then(|d| d.start.earliest()), until.and_then(|d| d.end.unwrap_or(d.start).latest()))
}

/// Finds what a record makes known and where it stands, and tells what does not agree with the catalogue.
pub(super) fn look(site: &Site, kind: &Kind, d: &Document, v: &mut Values, out: &mut Vec<Diagnostic>) -> Found {
    if kind.class != CLASS {
        return Found::default();
    }
    let word = v.string("item");
    let item = word.as_deref().and_then(|w| catalogue::find(&site.catalogues, w));
    let of = item.map(|(c, i)| (&site.catalogues[c], &site.catalogues[c].items[i]));
    if let (None, Some(word), false) = (of, &word, site.catalogues.is_empty()) {
        let titles = site.catalogues.iter().flat_map(|c| &c.items).map(|i| i.title.as_str());
        let hint = match did_you_mean(word, titles) {
            Some(near) => say!("是不是 `{near}`？", "did you mean `{near}`?"),
            None => say!(
                "写目录里的编号或者名称；是新的事项就加进目录",
                "name an item of the catalogue by id or title, or add it there"
            ),
        };
        out.push(
            Diagnostic::warning(
                "unknown-item",
                &d.shown,
                v.span("item"),
                say!("公开目录里没有`{word}`这一项", "no catalogue has an item `{word}`"),
            )
            .hint(hint),
        );
    }
    let today = day_of(site.options.as_of);
    let (first, last) = ends(v);
    let state = State::on(today, first, last, of.map(|(_, i)| i.how));
    check_order(d, v, out);
    if let Some((catalogue, item)) = of {
        check_length(d, v, item, out);
        check_audience(d, v, item, out);
        if catalogue.steps && state != State::Ahead {
            check_steps(d, v, catalogue, out);
        }
        if let Some(span) = v.span("item") {
            v.set("item", FieldValue::Text(item.title.clone()), span);
        }
    }
    Found { item, posting: Some(state) }
}

/// The steps of a posting: place among the four, date. 保密审查 is a part of 审核.
fn steps(v: &Values) -> impl Iterator<Item = (usize, &Values)> {
    v.rows("steps").filter_map(|row| {
        let word = row.text("step")?;
        let word = if word == SECRECY { "审核" } else { word };
        Some((STEPS.iter().position(|s| *s == word)?, row))
    })
}

/// Dates of steps that run backwards, and a posting before it was approved.
fn check_order(d: &Document, v: &Values, out: &mut Vec<Diagnostic>) {
    let dated: Vec<(usize, Day, Day, &Values)> = steps(v)
        .filter_map(|(at, row)| {
            let date = row.date("date")?;
            Some((at, date.start.earliest()?, date.start.latest()?, row))
        })
        .collect();
    let days: Vec<(usize, Day, Day)> = dated.iter().map(|(at, first, last, _)| (*at, *first, *last)).collect();
    if let Some((a, b)) = rule::out_of_order(&days) {
        let (earlier, later) = if days[a].0 < days[b].0 { (&dated[a], &dated[b]) } else { (&dated[b], &dated[a]) };
        let text = |row: &Values| row.date("date").map(ArchiveDate::zh).unwrap_or_default();
        let (a, b) = (STEPS[earlier.0], STEPS[later.0]);
        let (day_a, day_b) = (text(earlier.3), text(later.3));
        out.push(
            Diagnostic::warning(
                "steps-order",
                &d.shown,
                later.3.span("date"),
                say!("{b}（{day_b}）早于{a}（{day_a}）", "{b} ({day_b}) is before {a} ({day_a})"),
            )
            .hint(say!(
                "程序是提出、审核、审批、实施（党务公开条例第十五条）；请核对",
                "the order is 提出, 审核, 审批, 实施 (article 15 of the regulation); check it"
            )),
        );
        return;
    }
    let posted = v.date("posted");
    let approved = steps(v).filter(|(at, _)| *at < 3).filter_map(|(at, row)| Some((at, row.date("date")?)));
    for (at, date) in approved {
        if let Some(posted) = posted
            && posted.certainly_before(&ArchiveDate { end: None, ..date.clone() })
        {
            let (step, posted, date) = (STEPS[at], posted.zh(), date.zh());
            out.push(
                Diagnostic::warning(
                    "steps-order",
                    &d.shown,
                    v.span("posted"),
                    say!("公开日期（{posted}）早于{step}（{date}）", "posted ({posted}) before {step} ({date})"),
                )
                .hint(say!("请核对；日期照原样发布", "check it; dates are published as they are")),
            );
            return;
        }
    }
}

/// Steps that a catalogue asks for and that are not recorded: which is not to say that they were not taken.
fn check_steps(d: &Document, v: &Values, catalogue: &Catalogue, out: &mut Vec<Diagnostic>) {
    let has = |at: usize| steps(v).any(|(step, _)| step == at);
    let mut missing: Vec<&str> = (0..STEPS.len()).filter(|at| !has(*at)).map(|at| STEPS[at]).collect();
    if has(1) && !secrecy_told(v) {
        missing.push(SECRECY);
    }
    let undated: Vec<&str> = steps(v)
        .filter(|(_, row)| row.get("date").is_none() || row.get("by").is_none())
        .map(|(at, _)| STEPS[at])
        .collect();
    let title = catalogue.short.as_deref().unwrap_or(&catalogue.title);
    let span = v.span("steps").or_else(|| v.span("item"));
    if !missing.is_empty() {
        let words = missing.join("、");
        out.push(
            Diagnostic::warning(
                "steps-missing",
                &d.shown,
                span,
                say!("程序没有登记全，缺：{words}", "steps not recorded: {words}"),
            )
            .hint(say!(
                "《{title}》要求登记四个环节；审核含保密审查的，在办理人里写明，或者单列一行",
                "{title} asks for the four steps; say in `by` that 审核 covers 保密审查, or give it a row"
            )),
        );
    } else if !undated.is_empty() {
        let words = undated.join("、");
        out.push(
            Diagnostic::warning(
                "steps-missing",
                &d.shown,
                span,
                say!("程序没有写明由谁、哪天办：{words}", "steps without who or when: {words}"),
            )
            .hint(say!("每个环节写 by 和 date", "give each step `by` and `date`")),
        );
    }
}

/// Tells whether the review for secrets is recorded, in a row of its own or within 审核.
fn secrecy_told(v: &Values) -> bool {
    let says = |row: &Values| {
        row.text("step") == Some(SECRECY)
            || row.text("step") == Some("审核") && by(row).is_some_and(|who| who.contains(SECRECY))
    };
    v.rows("steps").any(says)
}

fn by(row: &Values) -> Option<String> {
    row.person("by").map(Person::text).or_else(|| row.string("by"))
}

/// How long a notice is up, in the days its item counts.
fn length(v: &Values, item: Option<&Item>) -> Option<i64> {
    let exact = |d: &ArchiveDate| d.start.civil();
    let (first, last) = (v.date("posted").and_then(exact)?, v.date("until").and_then(exact)?);
    let count = if item.is_some_and(|i| i.workdays) { rule::workdays } else { rule::days };
    count(day_of(first), day_of(last))
}

fn check_length(d: &Document, v: &Values, item: &Item, out: &mut Vec<Diagnostic>) {
    let (Some(least), Some(days)) = (item.days, length(v, Some(item))) else {
        if item.how == How::Notice && v.date("until").is_none() {
            let title = &item.title;
            out.push(
                Diagnostic::warning(
                    "no-end",
                    &d.shown,
                    v.span("posted"),
                    say!("“{title}”要公示，没有写公示到哪天", "`{title}` is a notice, and has no last day"),
                )
                .hint(say!(
                    "加一行：until = \"…\"；过了这一天自动撤下",
                    "add `until = \"…\"`: after it the notice is taken down"
                )),
            );
        }
        return;
    };
    if days >= i64::from(least) {
        return;
    }
    let (first, last) = (v.date("posted").map(ArchiveDate::zh), v.date("until").map(ArchiveDate::zh));
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let (unit, unit_en) = if item.workdays { ("个工作日", "working days") } else { ("天", "days") };
    let hint = match item.workdays {
        true => say!(
            "首尾两天都算，星期一到星期五，没有减去节假日",
            "both ends included, Monday to Friday; holidays are not taken off"
        ),
        false => say!("首尾两天都算", "both ends included"),
    };
    out.push(
        Diagnostic::warning(
            "short-notice",
            &d.shown,
            v.span("until"),
            say!(
                "公示{first}至{last}，共 {days} {unit}，目录要求至少 {least} {unit}",
                "up from {first} to {last}: {days} {unit_en}, where the catalogue asks for {least}"
            ),
        )
        .hint(hint),
    );
}

fn check_audience(d: &Document, v: &Values, item: &Item, out: &mut Vec<Diagnostic>) {
    let own = v.text("audience").and_then(super::kind::Audience::parse);
    if let (Some(own), Some(most)) = (own, item.audience)
        && own < most
    {
        let (own, most, title) = (own.word(), most.word(), &item.title);
        out.push(
            Diagnostic::warning(
                "wide-audience",
                &d.shown,
                v.span("audience"),
                say!(
                    "公开范围写的是 {own}，目录里“{title}”只到 {most}",
                    "published for `{own}`, where the catalogue's item `{title}` goes no further than `{most}`"
                ),
            )
            .hint(say!("请核对范围", "check for whom it is")),
        );
    }
}

/// Leaves of a record what may be read before its first day and after its last.
pub(super) fn strip(site: &Site, record: &mut Record) {
    let label = &site.kinds.kinds[record.kind].label;
    let item = record.item.map(|(c, i)| site.catalogues[c].items[i].title.clone());
    let what = item.clone().unwrap_or_else(|| label.get(site.options.lang).to_owned());
    let owner = match (record.branch, record.unit) {
        (Some(b), _) => Some(site.branches[b].name_at(record.date.as_ref())),
        (None, Some(u)) => Some(site.organisations[u].name.as_str()),
        (None, None) => None,
    };
    record.title = owner.map_or_else(|| format!("〔{what}〕"), |o| format!("〔{what}（{o}）〕"));
    record.summary = notice(site.options.lang, record.posting, &record.values);
    let days: Vec<_> = steps(&record.values).map(|(at, row)| (STEPS[at], row.date("date").cloned())).collect();
    record.values.keep(&KEPT);
    // The words of an item that is in no catalogue may name somebody.
    if let Some(title) = item {
        record.values.set("item", FieldValue::Text(title), 0..0);
    }
    let rows = days.into_iter().map(|(step, date)| {
        let mut row = Values::default();
        row.set("step", FieldValue::Text(step.to_owned()), 0..0);
        if let Some(date) = date {
            row.set("date", FieldValue::Date(date), 0..0);
        }
        super::schema::Item { value: FieldValue::Row(row), span: 0..0 }
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        record.values.set("steps", FieldValue::List(rows), 0..0);
    }
    (record.short, record.group, record.cover) = (None, None, None);
    (record.topics, record.keywords) = (Vec::new(), Vec::new());
}

/// What stands in the place of a text: 公示期满，已撤下.
fn notice(lang: Lang, state: Option<State>, v: &Values) -> String {
    let day = |key: &str| v.date(key).map(|d| d.start.iso());
    let (first, last) = (day("posted").unwrap_or_default(), day("until"));
    let said = match (state, last) {
        (Some(State::Ahead), _) => say!("尚未公开，定于 {first} 公开。", "Not posted yet: to be posted on {first}."),
        (_, Some(last)) => {
            say!(
                "公示期满，已撤下（{first} 至 {last}）。",
                "The time of posting is over, it was taken down ({first} to {last})."
            )
        }
        (_, None) => say!("公示期满，已撤下。", "The time of posting is over, it was taken down."),
    };
    said.get(lang).to_owned()
}

/// A posting as pages show it (公开事项).
#[derive(Debug, Serialize)]
pub struct Posting<'a> {
    /// The record's title.
    pub title: &'a str,
    /// Where it is published.
    pub route: &'a str,
    /// Whose it is.
    pub who: Option<Who<'a>>,
    /// Where it stands.
    pub state: State,
    /// Its first day.
    pub posted: Option<&'a ArchiveDate>,
    /// Its last day.
    pub until: Option<&'a ArchiveDate>,
    /// Its steps.
    pub steps: Vec<Step<'a>>,
    /// The item it makes known, and its catalogue.
    pub item: Option<(&'a Item, &'a str)>,
    /// How long it is up, in the days its item counts.
    pub days: Option<i64>,
}

/// A step of a posting (环节).
#[derive(Debug, Serialize)]
pub struct Step<'a> {
    /// Its name.
    pub step: &'a str,
    /// Who took it.
    pub by: Option<String>,
    /// When.
    pub date: Option<&'a ArchiveDate>,
    /// Whether it is recorded; only readers of the unit are shown one that is not.
    pub is_recorded: bool,
}

/// Returns a record as a posting; `None` if it is none.
pub fn posting(site: &Site, at: usize) -> Option<Posting<'_>> {
    let r = &site.records[at];
    let state = r.posting?;
    let item = r.item.map(|(c, i)| (&site.catalogues[c], &site.catalogues[c].items[i]));
    let mut steps: Vec<Step<'_>> = r
        .values
        .rows("steps")
        .map(|row| Step {
            step: row.text("step").unwrap_or_default(),
            by: by(row),
            date: row.date("date"),
            is_recorded: true,
        })
        .collect();
    if item.is_some_and(|(c, _)| c.steps) && state.is_up() && ledger::shows_gaps(site.options.audience) {
        for (at, step) in STEPS.iter().enumerate() {
            if steps.iter().all(|s| s.step != *step) {
                steps.insert(at.min(steps.len()), Step { step, by: None, date: None, is_recorded: false });
            }
        }
    }
    Some(Posting {
        title: &r.title,
        route: &r.route,
        who: who(site, r.branch, r.unit),
        state,
        posted: r.values.date("posted").or(r.published.as_ref()),
        until: r.values.date("until"),
        steps,
        days: length(&r.values, item.map(|(_, i)| i)),
        item: item.map(|(c, i)| (i, c.short.as_deref().unwrap_or(&c.title))),
    })
}

fn who(site: &Site, branch: Option<usize>, unit: Option<usize>) -> Option<Who<'_>> {
    match (branch, unit) {
        (Some(b), _) => {
            let b = &site.branches[b];
            Some(Who { id: &b.id, name: b.short.as_deref().unwrap_or(&b.name), route: Some(route::branch(&b.id)) })
        }
        (None, Some(u)) => {
            let o = &site.organisations[u];
            Some(Who {
                id: &o.id,
                name: o.short.as_deref().unwrap_or(&o.name),
                route: Some(route::organisation(&o.id)),
            })
        }
        (None, None) => None,
    }
}

/// Everything the page of disclosure shows of the catalogues (公开目录).
#[derive(Debug, Serialize)]
pub struct Board<'a> {
    /// Whether readers of this build may see what is missing.
    pub gaps: bool,
    /// The catalogues.
    pub sheets: Vec<Sheet<'a>>,
    /// What is to be posted, soonest first.
    pub owed: Vec<Owed<'a>>,
    /// The postings that are to be taken down, soonest first.
    pub ending: Vec<Posting<'a>>,
}

/// A catalogue with who made known what of it.
#[derive(Debug, Serialize)]
pub struct Sheet<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its title, and a short one.
    pub title: (&'a str, Option<&'a str>),
    /// Who issued it, under which number, and what it is about.
    pub told: [Option<&'a str>; 3],
    /// Its items.
    pub items: &'a [Item],
    /// One line for each branch and organisation.
    pub lines: Vec<Line<'a>>,
}

/// What a branch or organisation has made known, by item.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// Who.
    pub who: Who<'a>,
    /// One for each item of the catalogue.
    pub cells: Vec<Cell<'a>>,
}

/// An item of a branch or organisation.
#[derive(Debug, Serialize)]
pub struct Cell<'a> {
    /// Whether the item is theirs to make known.
    pub is_theirs: bool,
    /// What was posted last.
    pub last: Option<Posting<'a>>,
    /// How many postings there are.
    pub count: usize,
    /// The present period and how it stands, where the item has one and readers may see it.
    pub period: Option<(Span, cadence::State)>,
}

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// A branch's.
    Branch(usize),
    /// An organisation's own.
    Unit(usize),
}

/// Works the catalogues out for the day of the build.
pub fn board(site: &Site) -> Board<'_> {
    let gaps = ledger::shows_gaps(site.options.audience);
    let sheets = (0..site.catalogues.len()).map(|c| sheet(site, c, gaps)).collect();
    let mut ending: Vec<Posting<'_>> = (0..site.records.len())
        .filter(|r| site.records[*r].posting.is_some_and(State::is_up))
        .filter_map(|r| posting(site, r))
        .filter(|p| p.until.is_some())
        .collect();
    ending.sort_by_key(|p| (p.until.and_then(|d| d.end.unwrap_or(d.start).latest()), p.route));
    match gaps {
        true => Board { gaps, sheets, owed: owed(site), ending },
        false => Board { gaps, sheets, owed: Vec::new(), ending: Vec::new() },
    }
}

fn sheet(site: &Site, c: usize, gaps: bool) -> Sheet<'_> {
    let catalogue = &site.catalogues[c];
    let branches = (0..site.branches.len()).map(Holder::Branch);
    let units = (0..site.organisations.len()).map(Holder::Unit);
    let line = |holder: Holder| {
        let cells: Vec<Cell<'_>> = (0..catalogue.items.len()).map(|i| cell(site, (c, i), holder, gaps)).collect();
        // Outside the unit a line without anything says nothing.
        let is_shown = cells.iter().any(|cell| cell.count > 0 || cell.is_theirs && gaps);
        holder.named(site).filter(|_| is_shown).map(|who| Line { who, cells })
    };
    Sheet {
        id: &catalogue.id,
        title: (&catalogue.title, catalogue.short.as_deref()),
        told: [catalogue.issuer.as_deref(), catalogue.docno.as_deref(), catalogue.summary.as_deref()],
        items: &catalogue.items,
        lines: branches.chain(units).filter_map(line).collect(),
    }
}

impl Holder {
    fn named(self, site: &Site) -> Option<Who<'_>> {
        match self {
            Holder::Branch(b) => who(site, Some(b), None),
            Holder::Unit(u) => who(site, None, Some(u)),
        }
    }
}

fn is_of(r: &Record, holder: Holder) -> bool {
    match holder {
        Holder::Branch(b) => r.branch == Some(b),
        Holder::Unit(u) => r.branch.is_none() && r.unit == Some(u),
    }
}

/// Tells whether an item is a holder's to make known, on the day.
fn is_theirs(site: &Site, catalogue: &Catalogue, item: &Item, holder: Holder) -> bool {
    let today = day_of(site.options.as_of);
    catalogue.force.holds(Span { from: today, to: today })
        && match (item.per, holder) {
            (Per::Branch, Holder::Branch(b)) => site.branches[b].is_open() && catalogue.holds_for(&site.branches[b]),
            (Per::Organisation, Holder::Unit(u)) => catalogue.names(&site.organisations[u]),
            (Per::Branch, Holder::Unit(_)) | (Per::Organisation, Holder::Branch(_)) => false,
        }
}

fn cell(site: &Site, (c, i): (usize, usize), holder: Holder, gaps: bool) -> Cell<'_> {
    let (catalogue, item) = (&site.catalogues[c], &site.catalogues[c].items[i]);
    let is_ours = |r: &usize| site.records[*r].item == Some((c, i)) && is_of(&site.records[*r], holder);
    let mut postings: Vec<usize> = (0..site.records.len()).filter(is_ours).collect();
    postings.sort_by_key(|r| std::cmp::Reverse(ends(&site.records[*r].values).0));
    let is_theirs = is_theirs(site, catalogue, item, holder);
    let period = (is_theirs && gaps).then(|| present(site, catalogue, item, holder, &postings)).flatten();
    Cell { is_theirs, count: postings.len(), last: postings.first().and_then(|r| posting(site, *r)), period }
}

/// The period of the day, and whether anything was posted in it.
fn present(
    site: &Site,
    catalogue: &Catalogue,
    item: &Item,
    holder: Holder,
    postings: &[usize],
) -> Option<(Span, cadence::State)> {
    let today = day_of(site.options.as_of);
    let span = item.period?.spans(today.0).into_iter().find(|s| s.from <= today && today <= s.to)?;
    Some((span, judge(site, catalogue, holder, postings, span).state))
}

fn judge(site: &Site, catalogue: &Catalogue, holder: Holder, postings: &[usize], span: Span) -> Tally {
    let life = match holder {
        Holder::Branch(b) => ledger::life(&site.branches[b]),
        Holder::Unit(_) => Span::EVER,
    };
    let today = day_of(site.options.as_of);
    let facts: Vec<Fact> = postings
        .iter()
        .filter_map(|r| {
            let v = &site.records[*r].values;
            let date = v.date("posted").or_else(|| v.date("published"))?;
            let fact = Fact { from: date.start.earliest()?, to: date.start.latest()?, weight: 1, late: false };
            // What is to be posted is not posted.
            (fact.from <= today).then_some(fact)
        })
        .collect();
    let want = Want { min: Some(1), max: None, modality: Modality::Must };
    cadence::judge(span, want, life.and(catalogue.force), today, &facts)
}

/// Something to be posted (待公开).
#[derive(Debug, Serialize)]
pub struct Owed<'a> {
    /// Whose it is.
    pub who: Who<'a>,
    /// The catalogue: its id, and what it is called.
    pub catalogue: (&'a str, &'a str),
    /// The item.
    pub item: &'a Item,
    /// The days it belongs to.
    pub span: Span,
    /// Whether they are over.
    pub is_over: bool,
}

/// Returns what the periods of the year that have begun want and nothing is posted for.
pub fn owed(site: &Site) -> Vec<Owed<'_>> {
    let today = day_of(site.options.as_of);
    let branches = (0..site.branches.len()).map(Holder::Branch);
    let holders: Vec<Holder> = branches.chain((0..site.organisations.len()).map(Holder::Unit)).collect();
    let mut all = Vec::new();
    for (c, catalogue) in site.catalogues.iter().enumerate() {
        for (i, item) in catalogue.items.iter().enumerate() {
            let Some(period) = item.period else { continue };
            for holder in holders.iter().copied().filter(|h| is_theirs(site, catalogue, item, *h)) {
                let is_ours = |r: &usize| site.records[*r].item == Some((c, i)) && is_of(&site.records[*r], holder);
                let postings: Vec<usize> = (0..site.records.len()).filter(is_ours).collect();
                let Some(who) = holder.named(site) else { continue };
                for span in period.spans(today.0).into_iter().filter(|s| s.from <= today) {
                    let state = judge(site, catalogue, holder, &postings, span).state;
                    if matches!(state, cadence::State::Due | cadence::State::Unrecorded) {
                        let is_over = state == cadence::State::Unrecorded;
                        let called = catalogue.short.as_deref().unwrap_or(&catalogue.title);
                        let catalogue = (catalogue.id.as_str(), called);
                        all.push(Owed { who: who.clone(), catalogue, item, span, is_over });
                    }
                }
            }
        }
    }
    all.sort_by_key(|o| o.span.to);
    all
}

/// Returns the postings that are up and have a last day: the record, and that day.
pub fn ending(site: &Site) -> Vec<(usize, Day)> {
    let up = (0..site.records.len()).filter(|r| site.records[*r].posting.is_some_and(State::is_up));
    up.filter_map(|r| Some((r, ends(&site.records[r].values).1?))).collect()
}
