//! The tables of a report, one function a fact. Records that others replace are left out, as in the ledger.

use super::{Block, Cell, Piece, Scene};
use crate::model::branch::{Post, Term};
use crate::model::campaign::{self, Sheets};
use crate::model::date::ArchiveDate;
use crate::model::evidence;
use crate::model::form::{Asked, Fact};
use crate::model::ledger::{self, Holder};
use crate::model::pack;
use crate::model::programme::{Criterion, Dimension, Rubric};
use crate::model::query;
use crate::model::record::Record;
use crate::model::route;
use crate::rules::cadence::{Day, Span};
use crate::rules::programme::Points;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Makes the tables a part asks for.
pub(super) fn blocks<'a>(scene: &Scene<'a, '_>, asked: &'a Asked) -> Vec<Block<'a>> {
    match asked.of {
        Fact::Branch => vec![branch(scene)],
        Fact::Committee => vec![committee(scene)],
        Fact::Counts => vec![counts(scene, asked)],
        Fact::Ledger => vec![the_ledger(scene)],
        Fact::Records => vec![records(scene, asked)],
        Fact::Attendance => vec![attendance(scene, asked)],
        Fact::Honours => vec![honours(scene)],
        Fact::Tasks => tasks(scene),
        Fact::Rectifications => vec![rectifications(scene)],
        Fact::Evidence => scene.rubric.map(|r| evidence_of(scene, r, asked)).into_iter().collect(),
        Fact::Scores => scene.rubric.map(|r| scores(scene, r, asked)).into_iter().collect(),
        Fact::Assessment => scene.rubric.map(|r| assessment(scene, r, asked)).into_iter().collect(),
        Fact::Dues => vec![dues(scene)],
        Fact::Cases => vec![cases(scene, asked)],
    }
}

fn text<'a>(words: impl Into<Cow<'a, str>>) -> Cell<'a> {
    vec![Piece::Text(words.into())]
}

fn number<'a>(n: usize) -> Cell<'a> {
    text(n.to_string())
}

fn word<'a>(key: impl Into<String>) -> Cell<'a> {
    vec![Piece::Word(key.into())]
}

fn head<'a>(keys: &[&str]) -> Vec<Cell<'a>> {
    keys.iter().map(|k| word(format!("report.{k}"))).collect()
}

fn day<'a>(date: Option<&ArchiveDate>) -> Cell<'a> {
    date.map_or_else(Vec::new, |d| text(d.start.iso()))
}

fn block<'a>(fact: Fact, keys: &[&str], rows: Vec<Vec<Cell<'a>>>) -> Block<'a> {
    Block { fact, of: None, head: head(keys), rows, sum: None, notes: Vec::new() }
}

/// From when until when, as far as it is recorded.
fn between<'a>(from: Option<&ArchiveDate>, to: Option<&ArchiveDate>) -> Cell<'a> {
    let iso = |d: Option<&ArchiveDate>| d.map(|d| d.start.iso()).unwrap_or_default();
    match (from, to) {
        (None, None) => Vec::new(),
        (from, to) => text(format!("{}—{}", iso(from), iso(to))),
    }
}

impl<'a> Scene<'a, '_> {
    fn link(&self, record: usize) -> Piece<'a> {
        let link = campaign::link(self.site, record);
        Piece::Link(link.title, link.route)
    }

    fn links(&self, records: impl IntoIterator<Item = usize>) -> Cell<'a> {
        let mut cell = Vec::new();
        for record in records {
            if !cell.is_empty() {
                cell.push(Piece::Word("report.and".into()));
            }
            cell.push(self.link(record));
        }
        cell
    }

    /// Tells whether what begins and ends on these days, as far as they are known, touches the year up to its last day.
    fn touches(&self, (begin, end): (Option<Day>, Option<Day>)) -> bool {
        begin.is_none_or(|b| b <= self.last) && end.is_none_or(|e| e >= (self.year, 1, 1))
    }

    fn whole_year(&self) -> Span {
        Span { from: (self.year, 1, 1), to: (self.year, 12, 31) }
    }

    /// The branch's records of the year, or of all years up to it, oldest first, up to the last day.
    fn records(&self, whole: bool) -> impl Iterator<Item = (usize, &'a Record)> {
        let site = self.site;
        let of_time = move |r: &Record| match whole {
            true => r.year().is_none_or(|y| y <= self.year),
            false => r.year() == Some(self.year),
        };
        let all = self.of_branch.iter().rev().map(move |i| (*i, &site.records[*i]));
        all.filter(move |(_, r)| of_time(r) && r.corrected_by.is_none() && campaign::has_happened(r, self.last))
    }

    fn is_asked(&self, asked: &Asked, r: &Record) -> bool {
        let kind = self.site.kind(r);
        (asked.kinds.is_empty() && asked.classes.is_empty())
            || asked.kinds.contains(&kind.id)
            || asked.classes.contains(&kind.class)
    }
}

fn branch<'a>(scene: &Scene<'a, '_>) -> Block<'a> {
    let site = scene.site;
    let b = &site.branches[scene.branch];
    let (y, m, d) = scene.last;
    let name = b.name_at(ArchiveDate::parse(&format!("{y:04}-{m:02}-{d:02}")).as_ref());
    let members = b.members.as_ref().map(|(full, probationary, asof)| {
        let asof = asof.as_ref().map(|d| d.start.iso()).unwrap_or_default();
        let values =
            vec![("full", full.to_string()), ("probationary", probationary.to_string()), ("date", asof.clone())];
        vec![Piece::Told(if asof.is_empty() { "report.members" } else { "report.members_asof" }, values)]
    });
    let groups = b
        .groups
        .iter()
        .filter(|g| pack::force(g.from.as_ref(), g.to.as_ref()).holds(Span { from: scene.last, to: scene.last }));
    let row = |key: &str, cell: Cell<'a>| vec![word(format!("report.{key}")), cell];
    let rows = vec![
        row("name", vec![Piece::Link(name, route::branch(&b.id))]),
        row("parent", b.parent.map(|o| text(site.organisations[o].name.as_str())).unwrap_or_default()),
        row("sort", b.sort.as_deref().map(text).unwrap_or_default()),
        row("founded", day(b.founded.as_ref())),
        row("members_label", members.unwrap_or_default()),
        row("groups", number(groups.count())),
        row("brand", b.brand.as_deref().map(text).unwrap_or_default()),
    ];
    block(Fact::Branch, &["item", "content"], rows)
}

fn committee<'a>(scene: &Scene<'a, '_>) -> Block<'a> {
    let year = scene.whole_year();
    let terms = &scene.site.branches[scene.branch].terms;
    let held = |from: &Option<ArchiveDate>, to: &Option<ArchiveDate>| {
        pack::force(from.as_ref(), to.as_ref()).and(year).is_some()
    };
    let row = |t: &'a Term, p: &'a Post| {
        let mut term = t.term.as_deref().map(text).unwrap_or_default();
        if let [Piece::Text(dates)] = between(t.from.as_ref(), t.to.as_ref()).as_slice() {
            term.push(Piece::Text(format!(" {dates}").into()));
        }
        let name = p.name.as_deref().map(text).unwrap_or_default();
        vec![term, text(p.post.as_str()), name, between(p.from.as_ref(), p.to.as_ref())]
    };
    let of_year = terms.iter().rev().filter(|t| held(&t.from, &t.to));
    let posts = of_year.flat_map(|t| t.posts.iter().filter(|p| held(&p.from, &p.to)).map(move |p| (t, p)));
    block(Fact::Committee, &["term", "post", "who", "tenure"], posts.map(|(t, p)| row(t, p)).collect())
}

fn counts<'a>(scene: &Scene<'a, '_>, asked: &Asked) -> Block<'a> {
    let mut by_kind: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, r) in scene.records(asked.whole).filter(|(_, r)| scene.is_asked(asked, r)) {
        *by_kind.entry(r.kind).or_default() += 1;
    }
    let all: usize = by_kind.values().sum();
    let label = |kind: usize| vec![Piece::Label(&scene.site.kinds.kinds[kind].label)];
    let rows: Vec<_> = by_kind.into_iter().map(|(kind, n)| vec![label(kind), number(n)]).collect();
    let sum = (!rows.is_empty()).then(|| vec![word("report.in_all"), number(all)]);
    Block { sum, ..block(Fact::Counts, &["kind", "count"], rows) }
}

/// Each row leads to the ledger, where rule, records and sum can be looked up.
fn the_ledger<'a>(scene: &Scene<'a, '_>) -> Block<'a> {
    let site = scene.site;
    let holder = Holder::Branch(scene.branch);
    let ledger = ledger::ledger(site, scene.index, holder, scene.year);
    let base = format!("{}ledger/{}/", route::branch(&site.branches[scene.branch].id), scene.year);
    let rows = ledger.rows.iter().enumerate().map(|(n, row)| {
        let pack = &site.packs[row.rule.0];
        let rule = &pack.rules[row.rule.1];
        let mut title = vec![Piece::Link(&rule.title, format!("{base}#r{}", n + 1))];
        if let Some((_, name)) = &row.subject {
            title.push(Piece::Told("report.of", vec![("name", name.clone())]));
        }
        let count: u32 = row.cells.iter().map(|c| c.count).sum();
        let (met, of) = row.reached();
        let sum = match &row.total {
            Some(total) => {
                total.want.min.map_or(text(total.count.to_string()), |min| text(format!("{}/{min}", total.count)))
            }
            None if of > 0 => {
                let values = vec![("met", met.to_string()), ("of", of.to_string()), ("count", count.to_string())];
                vec![Piece::Told("report.reached", values)]
            }
            None => text(count.to_string()),
        };
        let basis = text(pack.short.as_deref().unwrap_or(&pack.title));
        vec![title, basis, sum, vec![Piece::State(row.state())]]
    });
    let rows: Vec<_> = rows.collect();
    let notes = if rows.is_empty() { Vec::new() } else { vec![word("ledger.not_absent")] };
    Block { notes, ..block(Fact::Ledger, &["rule", "basis", "count", "state"], rows) }
}

fn records<'a>(scene: &Scene<'a, '_>, asked: &Asked) -> Block<'a> {
    let asked_for = scene.records(asked.whole).filter(|(_, r)| scene.is_asked(asked, r));
    let rows = asked_for
        .map(|(i, r)| vec![day(r.sort_date()), vec![Piece::Label(&scene.site.kind(r).label)], vec![scene.link(i)]]);
    block(Fact::Records, &["date", "kind", "record"], rows.collect())
}

/// Attendance of the meetings of each kind: the fewest and the most, never who.
fn attendance<'a>(scene: &Scene<'a, '_>, asked: &Asked) -> Block<'a> {
    #[derive(Default)]
    struct Of {
        meetings: usize,
        expected: Vec<i64>,
        present: Vec<i64>,
        unrecorded: usize,
    }
    let mut by_kind: BTreeMap<usize, Of> = BTreeMap::new();
    for (_, r) in scene.records(asked.whole).filter(|(_, r)| scene.is_asked(asked, r)) {
        let has = |key: &str| scene.site.kinds.schemas[r.kind].field(key).is_some();
        if !has("expected") || !has("present") {
            continue;
        }
        let of = by_kind.entry(r.kind).or_default();
        of.meetings += 1;
        match (r.values.int("expected"), r.values.int("present")) {
            (Some(expected), Some(present)) => {
                of.expected.push(expected);
                of.present.push(present);
            }
            _ => of.unrecorded += 1,
        }
    }
    let range = |all: &[i64]| match (all.iter().min(), all.iter().max()) {
        (Some(least), Some(most)) if least == most => text(least.to_string()),
        (Some(least), Some(most)) => text(format!("{least}—{most}")),
        _ => word("ledger.unrecorded"),
    };
    let rows = by_kind.into_iter().map(|(kind, of)| {
        let label = vec![Piece::Label(&scene.site.kinds.kinds[kind].label)];
        vec![label, number(of.meetings), range(&of.expected), range(&of.present), number(of.unrecorded)]
    });
    block(Fact::Attendance, &["kind", "times", "expected", "present", "unrecorded"], rows.collect())
}

fn honours<'a>(scene: &Scene<'a, '_>) -> Block<'a> {
    let (y, m, d) = scene.last;
    let Ok(last) = jiff::civil::Date::new(y, m as i8, d as i8) else {
        return block(Fact::Honours, &["honour", "date", "docno", "state"], Vec::new());
    };
    let known = query::honours_of(scene.site, scene.branch).filter(|h| h.until(last).next().is_some());
    let rows = known.map(|h| {
        let mut title = vec![Piece::Link(h.sort.as_str(), route::honour(&h.id))];
        if let Some(level) = &h.level {
            title.push(Piece::Told("report.of", vec![("name", level.clone())]));
        }
        let since = h.since(last);
        let docno = since.and_then(|e| e.docno.as_deref()).map(text).unwrap_or_default();
        vec![title, day(since.map(|e| &e.date)), docno, word(format!("honour.{}", h.label(last)))]
    });
    block(Fact::Honours, &["honour", "date", "docno", "state"], rows.collect())
}

/// One table for each programme of the year, of the stages that touch it.
fn tasks<'a>(scene: &Scene<'a, '_>) -> Vec<Block<'a>> {
    let site = scene.site;
    let of_programme = |p: usize| {
        let all = campaign::tasks_of(site, p, scene.branch, scene.of_branch, scene.last).into_iter();
        let rows = all.filter(|(stage, _)| scene.touches(stage.window())).map(|(stage, on)| {
            let due = on.due.text.map(text).unwrap_or_default();
            let filer = on.filers.into_iter().next();
            let mut filed: Cell<'a> = Vec::new();
            for link in filer.iter().flat_map(|f| &f.records) {
                if !filed.is_empty() {
                    filed.push(Piece::Word("report.and".into()));
                }
                filed.push(Piece::Link(link.title, link.route.clone()));
            }
            let standing = filer.and_then(|f| f.standing).map(|s| word(format!("programme.{}", s.word())));
            vec![text(stage.title.as_str()), text(on.task.text.as_str()), due, filed, standing.unwrap_or_default()]
        });
        let rows: Vec<_> = rows.collect();
        let of = Some(site.programmes[p].short.as_deref().unwrap_or(&site.programmes[p].title));
        Block { of, ..block(Fact::Tasks, &["stage", "task", "due", "filed", "state"], rows) }
    };
    let all = campaign::of_branch(site, scene.branch, scene.year).into_iter().map(of_programme);
    all.filter(|b| !b.rows.is_empty()).collect()
}

/// What was found or closed in the year, and what stood open in it.
fn rectifications<'a>(scene: &Scene<'a, '_>) -> Block<'a> {
    let closed = |r: &Record| r.values.date("done").and_then(campaign::first_day).filter(|d| *d <= scene.last);
    let of_year = |r: &Record| r.year() == Some(scene.year) || closed(r).is_none_or(|d| d >= (scene.year, 1, 1));
    let of_class = |r: &Record| scene.site.kind(r).class == "rectification";
    let all: Vec<(usize, &Record)> = scene.records(true).filter(|(_, r)| of_class(r) && of_year(r)).collect();
    let is_closed = all.iter().filter(|(_, r)| closed(r).is_some()).count();
    let rows = all.iter().map(|(i, r)| {
        let origin = r.values.string("origin").map(text).unwrap_or_default();
        let done = match closed(r) {
            Some(_) => day(r.values.date("done")),
            None => word("report.open"),
        };
        vec![vec![scene.link(*i)], origin, day(r.values.date("deadline")), done]
    });
    let sum = [("all", all.len()), ("closed", is_closed), ("open", all.len() - is_closed)];
    let sum = Piece::Told("report.rectified", sum.map(|(key, n)| (key, n.to_string())).to_vec());
    let rows: Vec<_> = rows.collect();
    let notes = if rows.is_empty() { Vec::new() } else { vec![vec![sum]] };
    Block { notes, ..block(Fact::Rectifications, &["record", "origin", "deadline", "done"], rows) }
}

fn points<'a>(points: Option<f64>) -> Cell<'a> {
    points.map_or_else(Vec::new, |p| text(Points::of(p).text()))
}

impl<'a> Scene<'a, '_> {
    /// The records of the branch that show a criterion, oldest first.
    fn shown(&self, rubric: usize, criterion: &Criterion, whole: bool) -> Vec<usize> {
        let same = evidence::same_as(self.site, rubric, &criterion.id);
        let shows = |r: &Record| r.evidence.iter().any(|e| same.contains(e));
        self.records(whole).filter(|(_, r)| shows(r)).map(|(i, _)| i).collect()
    }
}

fn criteria(rubric: &Rubric) -> impl Iterator<Item = (&Dimension, &Criterion)> {
    rubric.dimensions.iter().flat_map(|d| d.criteria.iter().map(move |c| (d, c)))
}

/// The title of a criterion, leading to its page.
fn item<'a>(rubric: &Rubric, c: &'a Criterion) -> Cell<'a> {
    vec![Piece::Link(&c.title, route::criterion(&rubric.id, &c.id))]
}

/// What shows a criterion; where nothing does, that nothing is recorded.
fn proof<'a>(scene: &Scene<'a, '_>, at: usize, c: &Criterion, whole: bool) -> Cell<'a> {
    let found = scene.shown(at, c, whole);
    match (found.is_empty(), c.declared) {
        (true, true) => word("report.declared"),
        (true, false) => word("ledger.unrecorded"),
        (false, _) => scene.links(found),
    }
}

fn evidence_of<'a>(scene: &Scene<'a, '_>, at: usize, asked: &Asked) -> Block<'a> {
    let rubric = &scene.site.rubrics[at];
    let row = |(d, c): (&'a Dimension, &'a Criterion)| {
        vec![text(d.title.as_str()), item(rubric, c), proof(scene, at, c, asked.whole)]
    };
    let rows = criteria(rubric).map(row).collect();
    let notes = vec![word("ledger.not_absent")];
    Block { notes, ..block(Fact::Evidence, &["dimension", "criterion", "evidence"], rows) }
}

/// Points and evidence are filled in; the score is people's.
fn scores<'a>(scene: &Scene<'a, '_>, at: usize, asked: &Asked) -> Block<'a> {
    let rubric = &scene.site.rubrics[at];
    let rows = criteria(rubric).map(|(d, c)| {
        let shown = proof(scene, at, c, asked.whole);
        vec![text(d.title.as_str()), item(rubric, c), points(c.points), shown, Vec::new(), Vec::new()]
    });
    let rows: Vec<_> = rows.collect();
    let given: Vec<Points> = criteria(rubric).filter_map(|(_, c)| c.points).map(Points::of).collect();
    let full = match (rubric.full, given.is_empty()) {
        (Some(full), _) => points(Some(full)),
        (None, false) => text(given.into_iter().sum::<Points>().text()),
        (None, true) => Vec::new(),
    };
    let sum = vec![word("report.in_all"), Vec::new(), full, Vec::new(), Vec::new(), Vec::new()];
    let keys = ["dimension", "criterion", "points", "evidence", "score", "reason"];
    let mut notes = vec![word("ledger.not_absent")];
    notes.extend(rubric.pass.map(|p| pass(p, true)));
    Block { sum: Some(sum), notes, ..block(Fact::Scores, &keys, rows) }
}

fn pass<'a>(mark: f64, inclusive: bool) -> Cell<'a> {
    let key = if inclusive { "report.pass" } else { "report.pass_above" };
    vec![Piece::Told(key, vec![("mark", Points::of(mark).text())])]
}

/// The sheets that are recorded, a column for each source of marks; what is not recorded stays blank.
fn assessment<'a>(scene: &Scene<'a, '_>, at: usize, asked: &'a Asked) -> Block<'a> {
    let site = scene.site;
    let rubric = &site.rubrics[at];
    let by_it = |p: &usize| site.programmes[*p].rubric == Some(at) || site.programmes[*p].rubrics.contains(&at);
    let programme = campaign::of_branch(site, scene.branch, scene.year).into_iter().find(by_it);
    let happened: Vec<usize> = scene.of_branch.iter().copied().filter(|r| is_current(scene, *r)).collect();
    let sheets = campaign::sheets_of(site, programme, at, (scene.branch, scene.year), &happened);
    let own = programme.and_then(|p| site.programmes[p].assessment.as_ref());
    let mut origins: Vec<&'a str> = own.map(|a| a.origins.iter().map(String::as_str).collect()).unwrap_or_default();
    if origins.is_empty() {
        origins = asked.origins.iter().map(String::as_str).collect();
    }
    let others: Vec<&'a str> = sheets.sheets.iter().map(|s| s.origin).filter(|o| !origins.contains(o)).collect();
    origins.extend(others);
    let column = |origin: &&str| sheets.sheets.iter().position(|s| s.origin == *origin);
    let columns: Vec<Option<usize>> = origins.iter().map(column).collect();

    let mut heads = head(&["criterion", "points"]);
    heads.extend(origins.iter().map(|o| text(*o)));
    heads.push(word("report.reason"));
    let rows =
        items(rubric, &sheets).into_iter().map(|(title, full, row)| mark_row(&sheets, &columns, title, full, row));
    let rows: Vec<_> = rows.collect();
    let whole = |f: &dyn Fn(usize) -> Cell<'a>| columns.iter().map(|c| c.map_or_else(Vec::new, f)).collect::<Vec<_>>();
    let mut sum = vec![word("report.in_all"), points(rubric.full)];
    sum.extend(whole(&|s| text(sheets.sheets[s].sum.text())));
    sum.push(Vec::new());
    let mark = own.and_then(|a| a.pass).or(rubric.pass);
    let mut notes: Vec<Cell<'a>> =
        mark.map(|m| pass(m, own.and_then(|a| a.inclusive).unwrap_or(true))).into_iter().collect();
    notes.extend(sheets.sheets.iter().map(sheet_note));
    Block { fact: Fact::Assessment, of: None, head: heads, rows, sum: Some(sum), notes }
}

fn is_current(scene: &Scene<'_, '_>, record: usize) -> bool {
    let r = &scene.site.records[record];
    r.corrected_by.is_none() && campaign::has_happened(r, scene.last)
}

/// What a sheet adds up to, and whether that reaches the mark: arithmetic, no finding.
fn sheet_note<'a>(sheet: &campaign::Sheet<'a>) -> Cell<'a> {
    let mut note = vec![
        Piece::Link(sheet.record.title, sheet.record.route.clone()),
        Piece::Told(
            "report.sheet",
            vec![("origin", sheet.origin.to_owned()), ("sum", sheet.sum.text()), ("full", sheet.full.text())],
        ),
    ];
    if let Some(stated) = sheet.stated.filter(|s| *s != sheet.sum) {
        note.push(Piece::Told("report.stated", vec![("total", stated.text())]));
    }
    note.push(Piece::Word(
        match sheet.reaches {
            Some(true) => "report.reaches",
            Some(false) => "report.below",
            None => "report.no_line",
        }
        .into(),
    ));
    note
}

/// A row of the form: its title, its points, its row among the sheets'.
type FormRow<'a> = (Cell<'a>, Option<f64>, Option<usize>);

/// The rows of an assessment: dimensions where sheets mark dimensions, criteria elsewhere, then what no rubric names.
fn items<'a>(rubric: &'a Rubric, sheets: &Sheets<'a>) -> Vec<FormRow<'a>> {
    let find = |title: &str| sheets.rows.iter().position(|row| row.item == title);
    let mut all: Vec<FormRow<'a>> = Vec::new();
    for d in &rubric.dimensions {
        let own = find(&d.title);
        if own.is_some() || d.criteria.is_empty() {
            let full: Option<Vec<f64>> = d.criteria.iter().map(|c| c.points).collect();
            let full = full.filter(|f| !f.is_empty()).map(|f| f.iter().sum());
            all.push((text(d.title.as_str()), full, own));
        }
        for c in &d.criteria {
            let row = find(&c.title);
            if row.is_some() || own.is_none() {
                all.push((item(rubric, c), c.points, row));
            }
        }
    }
    let others = (0..sheets.rows.len()).filter(|row| !all.iter().any(|(.., r)| *r == Some(*row))).collect::<Vec<_>>();
    all.extend(others.into_iter().map(|row| (text(sheets.rows[row].item), None, Some(row))));
    all
}

fn mark_row<'a>(
    sheets: &Sheets<'a>,
    columns: &[Option<usize>],
    title: Cell<'a>,
    full: Option<f64>,
    row: Option<usize>,
) -> Vec<Cell<'a>> {
    let row = row.map(|r| &sheets.rows[r]);
    let cell = |column: &Option<usize>| row.zip(*column).and_then(|(row, c)| row.cells[c].as_ref());
    let given = row.and_then(|row| row.cells.iter().flatten().next()).map(|c| text(c.full.text()));
    let mut cells = vec![title, full.map_or_else(|| given.unwrap_or_default(), |f| points(Some(f)))];
    cells.extend(columns.iter().map(|c| cell(c).map_or_else(Vec::new, |c| text(c.score.text()))));
    let mut told: Cell<'a> = Vec::new();
    for column in columns.iter().flatten() {
        let reason = row.and_then(|row| row.cells[*column].as_ref()).and_then(|c| c.reason);
        if let Some(reason) = reason {
            let values = vec![("origin", sheets.sheets[*column].origin.to_owned()), ("reason", reason.to_owned())];
            told.push(Piece::Told("report.reason_of", values));
        }
    }
    if row.is_some_and(|row| row.differ) {
        told.push(Piece::Word("report.differ".into()));
    }
    cells.push(told);
    cells
}

/// Sums in yuan: what was due, paid and used, of the records that say so.
fn dues<'a>(scene: &Scene<'a, '_>) -> Block<'a> {
    let is_account = |r: &Record| {
        let of_class = scene.site.kind(r).class == "ledger";
        of_class && (r.values.number("due").is_some() || r.values.number("paid").is_some())
    };
    let all: Vec<(usize, &Record)> = scene.records(false).filter(|(_, r)| is_account(r)).collect();
    const KEYS: [&str; 3] = ["due", "paid", "used"];
    let rows = all.iter().map(|(i, r)| {
        let mut row = vec![vec![scene.link(*i)], r.values.string("period").map(text).unwrap_or_default()];
        row.extend(KEYS.map(|key| points(r.values.number(key))));
        row
    });
    let total = |key: &str| {
        let given: Vec<Points> = all.iter().filter_map(|(_, r)| r.values.number(key)).map(Points::of).collect();
        if given.is_empty() { Vec::new() } else { text(given.into_iter().sum::<Points>().text()) }
    };
    let mut sum = vec![word("report.in_all"), Vec::new()];
    sum.extend(KEYS.map(total));
    let rows: Vec<_> = rows.collect();
    let sum = (!rows.is_empty()).then_some(sum);
    Block { sum, ..block(Fact::Dues, &["record", "period", "due_yuan", "paid_yuan", "used_yuan"], rows) }
}

fn cases<'a>(scene: &Scene<'a, '_>, asked: &Asked) -> Block<'a> {
    let is_case = |r: &Record| query::Classes::CasesAndStories.has(&scene.site.kind(r).class);
    let rows = scene.records(asked.whole).filter(|(_, r)| is_case(r)).map(|(i, r)| {
        let brand = r.values.text("brand").or_else(|| r.values.text("name"));
        let brand = brand.map(text).unwrap_or_default();
        vec![day(r.sort_date()), vec![Piece::Label(&scene.site.kind(r).label)], vec![scene.link(i)], brand]
    });
    block(Fact::Cases, &["date", "kind", "record", "brand"], rows.collect())
}
