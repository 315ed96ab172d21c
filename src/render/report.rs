//! Reports: their pages, to be printed and written on, and the same as Markdown, to be written into.
//!
//! Both are made of one [`Report`], which holds facts only; what people write is left blank in both.

mod markdown;

pub use markdown::{Place, markdown};

use super::meta::Head;
use super::page::{Page, crumbs};
use super::theme::Theme;
use super::value::Map;
use super::view::Ask;
use crate::diagnostic::Lang;
use crate::model::report::{Block, Cell, Offer, Part, Piece, Report};
use crate::model::route;
use tera::Value;

/// Makes the page of a branch's reports of a year.
pub(super) fn reports(v: &Ask<'_>, branch: usize, year: i16) -> Page {
    let name = v.branch_name(branch, None);
    let title = v.theme.say("report.title", &[("year", year.to_string())]);
    let forms: Vec<Value> = v
        .reports(branch, year)
        .into_iter()
        .map(|(form, rubric)| {
            Map::new()
                .with("label", form.label.get(v.lang()))
                .with("url", v.url(&route::report(name.id, year, &form.id, rubric.map(|r| r.id.as_str()))))
                .with("told", form.told.as_str())
                .with("source", form.source.as_str())
                .maybe("rubric", rubric.map(|r| rubric_name((&r.id, &r.title, r.version.as_deref()))))
                .with("command", command(name.id, year, &form.id, rubric.map(|r| r.id.as_str())))
                .done()
        })
        .collect();
    let years: Vec<Value> = v
        .report_years(branch)
        .into_iter()
        .map(|y| {
            Map::new().with("year", y).with("url", v.url(&route::reports(name.id, y))).with("current", y == year).done()
        })
        .collect();
    let context = Map::new()
        .with("heading", title.as_str())
        .with("branch", branch_value(v, branch))
        .with("forms", forms)
        .list("years", years);
    Page::new("reports.html", head(v, branch, year, format!("{}{title}", name.short), None), context)
}

/// Makes the page of a report.
pub(super) fn report(v: &Ask<'_>, branch: usize, year: i16, offer: Offer) -> Page {
    let report = v.report(branch, year, offer).expect("a report that is planned is there");
    let (id, label, told, source) = report.form;
    let label = label.get(v.lang());
    let rubric =
        report.rubric.map(|r| Map::new().with("title", rubric_name(r)).with("url", v.url(&route::rubric(r.0))).done());
    let context = Map::new()
        .with("heading", label)
        .with("branch", branch_value(v, branch))
        .with("name", report.branch.1)
        .with("year", year)
        .with("asof", report.until.as_str())
        .with("told", told)
        .with("source", source)
        .maybe("rubric", rubric)
        .with("command", command(report.branch.0, year, id, report.rubric.map(|r| r.0)))
        .with("all_url", v.url(&route::reports(report.branch.0, year)))
        .with("parts", report.parts.iter().map(|part| part_value(v, part)).collect::<Vec<_>>());
    // Two rubrics make two papers of one form.
    let by = report.rubric.map(|r| format!("（{}）", rubric_name(r))).unwrap_or_default();
    let title = title_of(&report, v.lang()) + &by;
    Page::new("report.html", head(v, branch, year, title, Some(label.to_owned())), context)
}

/// The command that writes the same as Markdown.
fn command(branch: &str, year: i16, form: &str, rubric: Option<&str>) -> String {
    let rubric = rubric.map(|r| format!(" --rubric {r}")).unwrap_or_default();
    format!("beilin report {form} --branch {branch} --year {year}{rubric}")
}

fn branch_value(v: &Ask<'_>, branch: usize) -> Value {
    v.branch_ref(branch, None)
}

fn head(v: &Ask<'_>, branch: usize, year: i16, title: String, form: Option<String>) -> Head {
    let name = v.branch_name(branch, None);
    let reports = v.theme.say("report.title", &[("year", year.to_string())]);
    let mut way = vec![
        (v.say("nav.branches"), Some("branches/".to_owned())),
        (name.short.to_owned(), Some(route::branch(name.id))),
    ];
    match form {
        Some(form) => way.extend([(reports, Some(route::reports(name.id, year))), (form, None)]),
        None => way.push((reports, None)),
    }
    // Drafts are for those who write them: no engine is to lead to one.
    Head { key: "branch", title, crumbs: crumbs(v, &way), noindex: true, ..Head::default() }
}

/// The name of a rubric with its version, as titles need it.
fn rubric_name((_, title, version): (&str, &str, Option<&str>)) -> String {
    match version {
        Some(version) if !title.contains(version) => format!("{title}（{version}）"),
        _ => title.to_owned(),
    }
}

fn part_value(v: &Ask<'_>, part: &Part<'_>) -> Value {
    Map::new()
        .with("title", part.title.get(v.lang()))
        .list("blocks", part.blocks.iter().map(|b| block_value(v, b)).collect())
        .maybe("prompt", Some(part.prompt).filter(|p| !p.is_empty()))
        .with("seal", part.seal)
        .done()
}

fn block_value(v: &Ask<'_>, block: &Block<'_>) -> Value {
    let cells = |row: &Vec<Cell<'_>>| -> Value { row.iter().map(|c| cell_value(v, c)).collect::<Vec<_>>().into() };
    Map::new()
        .with("fact", block.fact.word())
        .with("label", v.say(&format!("report.fact_{}", block.fact.word())))
        .maybe("of", block.of)
        .with("head", cells(&block.head))
        .list("rows", block.rows.iter().map(cells).collect())
        .maybe("sum", block.sum.as_ref().map(cells))
        .list("notes", block.notes.iter().map(|n| cell_value(v, n)).collect())
        .done()
}

fn cell_value(v: &Ask<'_>, cell: &Cell<'_>) -> Value {
    let piece = |p: &Piece<'_>| {
        let map = Map::new().with("text", words(v.theme, v.lang(), p));
        match p {
            Piece::Link(_, route) => map.with("url", v.url(route)).done(),
            _ => map.done(),
        }
    };
    cell.iter().map(piece).collect::<Vec<_>>().into()
}

/// The words of a piece.
fn words(theme: &Theme, lang: Lang, piece: &Piece<'_>) -> String {
    match piece {
        Piece::Text(text) => text.to_string(),
        Piece::Word(key) => theme.say(key, &[]),
        Piece::Told(key, values) => theme.say(key, values),
        Piece::Label(label) => label.get(lang).to_owned(),
        Piece::State(state) => theme.say(super::ledger::state_key(*state), &[]),
        Piece::Link(title, _) => (*title).to_owned(),
    }
}

/// The title a report has as a document: whose, of which year, what.
fn title_of(report: &Report<'_>, lang: Lang) -> String {
    let (label, name, year) = (report.form.1.get(lang), report.branch.1, report.year);
    match lang {
        // 年度总结 of 2025 is 2025年度总结, and not 2025年年度总结.
        Lang::Zh => format!("{name}{year}年度{}", label.strip_prefix("年度").unwrap_or(label)),
        Lang::En => format!("{label}, {year}: {name}"),
    }
}
