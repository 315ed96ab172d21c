//! Disclosure (党务公开): the page of what is made known, a posting on its own page, what falls due of it.

use super::meta::Head;
use super::page::{self, Page};
use super::value::Map;
use super::view::Ask;
use super::{Result, body};
use crate::model::catalogue::{Item, Per};
use crate::model::disclosure::{Board, Cell, Line, Owed, Posting, Sheet, Step};
use crate::model::query::Classes;
use crate::model::route;
use crate::rules::cadence::{self, Day, Period};
use crate::rules::disclosure::{How, State};
use tera::Value;

/// Makes the page of disclosure.
pub(super) fn disclosure(v: &Ask<'_>) -> Page {
    let board = v.board();
    let sheets: Vec<Value> = board.sheets.iter().map(|s| sheet(v, s, board.gaps)).collect();
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for i in v.newest_of(Classes::Disclosure, usize::MAX) {
        let Some(posting) = v.posting(i) else { continue };
        let year = v.year_of(i);
        let label =
            year.map_or_else(|| v.say("list.undated"), |y| v.theme.say("text.year", &[("year", y.to_string())]));
        let item = posting.item.map_or_else(String::new, |(i, _)| i.title.clone());
        let row = posting_value(v, &posting).with("card", v.card(i)).with("item", item).done();
        match groups.iter_mut().find(|(l, _)| *l == label) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((label, vec![row])),
        }
    }
    let groups: Vec<Value> =
        groups.into_iter().map(|(label, rows)| Map::new().with("label", label).with("rows", rows).done()).collect();
    let head: Head = page::head(v, "disclosure", v.say("text.disclosure"));
    let context = Map::new()
        .with("gaps", board.gaps)
        .with("asof", v.as_of().to_string())
        .list("sheets", sheets)
        .list("owed", owed(v, &board))
        .list("ending", board.ending.iter().map(|p| ending(v, p)).collect())
        .with("groups", groups)
        .with("downloads", page::downloads(v, "data/disclosure", None));
    Page::new("disclosure.html", head, context)
}

/// Makes the page of a catalogue: its items in the words of the document, and its text.
pub(super) fn catalogue(v: &Ask<'_>, at: usize, here: &str, root: &str) -> Result<Page> {
    let (doc, board) = (v.catalogue_doc(at), v.board());
    let s = &board.sheets[at];
    let (title, short) = s.title;
    let body = body::body(v, doc, here, root, title)?;
    let board_url = format!("{}#{}", v.url("disclosure/"), route::encode(s.id));
    let mut value = sheet_head(v, s).with("board_url", board_url);
    if !body.rendered.html.trim().is_empty() {
        value = value.html("html", &body.rendered.html);
    }
    let crumbs = vec![
        (v.say("nav.home"), Some(String::new())),
        (v.say("text.disclosure"), Some("disclosure/".to_owned())),
        (short.unwrap_or(title).to_owned(), None),
    ];
    let description = s.told[2].map(str::to_owned);
    let head = Head { key: "disclosure", title: title.to_owned(), crumbs, description, ..Head::default() };
    let context = Map::new().with("catalogue", value.done());
    Ok(Page { extra: body.pictures, ..Page::new("catalogue.html", head, context) })
}

/// Returns the key of a state's name.
pub(super) fn state_key(state: State) -> &'static str {
    match state {
        State::Ahead => "disclosure.ahead",
        State::Posting => "disclosure.posting",
        State::Posted => "disclosure.open",
        State::Down => "disclosure.down",
    }
}

fn state(v: &Ask<'_>, state: State) -> Value {
    Map::new().with("word", state.word()).with("label", v.say(state_key(state))).done()
}

fn step(s: &Step<'_>) -> Value {
    Map::new()
        .with("step", s.step)
        .maybe("by", s.by.as_deref())
        .maybe("date", s.date.map(|d| d.start.iso()))
        .with("missing", !s.is_recorded)
        .done()
}

fn posting_value(v: &Ask<'_>, p: &Posting<'_>) -> Map {
    Map::new()
        .with("title", p.title)
        .with("url", v.url(p.route))
        .with("state", state(v, p.state))
        .with("posted", p.posted.map_or(String::new(), |d| d.start.iso()))
        .maybe("until", p.until.map(|d| d.start.iso()))
        .list("steps", p.steps.iter().map(step).collect())
}

/// A posting on its own page: its steps, its item with the sum of its days, and what stands for its text.
pub(super) fn on_its_page(v: &Ask<'_>, at: usize, summary: &str) -> Option<Value> {
    let p = v.posting(at)?;
    let item = p.item.map(|(i, catalogue)| {
        let unit = if i.workdays { "disclosure.workdays" } else { "disclosure.days" };
        let sum = p.days.zip(i.days).map(|(n, least)| {
            let words = [("n", n.to_string()), ("least", least.to_string()), ("unit", v.say(unit))];
            v.theme.say(if n >= i64::from(least) { "disclosure.sum" } else { "disclosure.sum_short" }, &words)
        });
        item_value(v, i).with("catalogue", catalogue).maybe("sum", sum).done()
    });
    let notice = (!p.state.is_up()).then_some(summary);
    Some(posting_value(v, &p).maybe("rule", item).maybe("notice", notice).with("page_url", v.url("disclosure/")).done())
}

fn item_value(v: &Ask<'_>, i: &Item) -> Map {
    let how = match i.how {
        How::Open => v.say("disclosure.how_open"),
        How::Notice => v.say("disclosure.how_notice"),
    };
    let days = i.days.map(|n| {
        let unit = v.say(if i.workdays { "disclosure.workdays" } else { "disclosure.days" });
        v.theme.say("disclosure.at_least", &[("n", n.to_string()), ("unit", unit)])
    });
    let period = v.say(match i.period {
        Some(Period::Month) => "ledger.every_month",
        Some(Period::Quarter) => "ledger.every_quarter",
        Some(Period::Half) => "ledger.every_half",
        Some(Period::Year) => "ledger.every_year",
        Some(Period::Window(..) | Period::Irregular) | None => "disclosure.on_occasion",
    });
    let by = match i.per {
        Per::Branch => "ledger.per_branch",
        Per::Organisation => "disclosure.per_unit",
    };
    Map::new()
        .with("id", i.id.as_str())
        .with("title", i.title.as_str())
        .with("how", how)
        .maybe("days", days)
        .with("period", period)
        .with("per", v.say(by))
        .maybe("scope", i.scope.as_deref())
        .with("text", i.text.as_str())
        .maybe("basis", i.basis.as_deref())
        .maybe("source", i.source.as_deref())
        .maybe("note", i.note.as_deref())
}

fn sheet(v: &Ask<'_>, s: &Sheet<'_>, gaps: bool) -> Value {
    let line = |l: &Line<'_>| {
        let cells: Vec<Value> = l.cells.iter().zip(s.items).map(|(c, i)| cell(v, c, i, gaps)).collect();
        Map::new()
            .with("name", l.who.name)
            .maybe("url", l.who.route.as_ref().map(|r| v.url(r)))
            .with("cells", cells)
            .done()
    };
    sheet_head(v, s).list("lines", s.lines.iter().map(line).collect()).done()
}

fn sheet_head(v: &Ask<'_>, s: &Sheet<'_>) -> Map {
    let (title, short) = s.title;
    let [issuer, docno, summary] = s.told;
    Map::new()
        .with("id", s.id)
        .with("url", v.url(&route::catalogue(s.id)))
        .with("title", title)
        .with("short", short.unwrap_or(title))
        .maybe("issuer", issuer)
        .maybe("docno", docno)
        .maybe("summary", summary)
        .with("items", s.items.iter().map(|i| item_value(v, i).done()).collect::<Vec<_>>())
}

fn cell(v: &Ask<'_>, c: &Cell<'_>, item: &Item, gaps: bool) -> Value {
    let period = c.period.filter(|_| gaps).map(|(span, state)| {
        let key = match state {
            cadence::State::Met | cadence::State::Late => None,
            cadence::State::NotApplicable => None,
            _ => Some("disclosure.to_post"),
        };
        key.map(|key| v.theme.say(key, &[("day", iso(span.to))]))
    });
    let map = Map::new().with("item", item.title.as_str()).with("theirs", c.is_theirs).with("count", c.count);
    let map = match &c.last {
        Some(p) => map.with("last", posting_value(v, p).done()),
        None => map,
    };
    map.maybe("owed", period.flatten()).with("occasion", item.period.is_none()).done()
}

fn iso(day: Day) -> String {
    super::ledger::iso(day)
}

/// What is to be posted: of the present periods, and of those of the year that are over. One entry for all who
/// owe the same.
fn owed(v: &Ask<'_>, board: &Board<'_>) -> Vec<Value> {
    let mut groups: Vec<(&Owed<'_>, Vec<Value>)> = Vec::new();
    for o in &board.owed {
        let name = Map::new().with("name", o.who.name).maybe("url", o.who.route.as_ref().map(|r| v.url(r))).done();
        let same = |(g, _): &&mut (&Owed<'_>, Vec<Value>)| {
            (g.catalogue.0, &g.item.id, g.span, g.is_over) == (o.catalogue.0, &o.item.id, o.span, o.is_over)
        };
        match groups.iter_mut().find(same) {
            Some((_, names)) => names.push(name),
            None => groups.push((o, vec![name])),
        }
    }
    let one = |(o, names): (&Owed<'_>, Vec<Value>)| {
        Map::new()
            .with("title", o.item.title.as_str())
            .with("from", iso(o.span.from))
            .with("to", iso(o.span.to))
            .with("over", o.is_over)
            .with("names", names)
            .done()
    };
    groups.into_iter().map(one).collect()
}

fn ending(v: &Ask<'_>, p: &Posting<'_>) -> Value {
    posting_value(v, p).maybe("name", p.who.as_ref().map(|w| w.name)).done()
}
