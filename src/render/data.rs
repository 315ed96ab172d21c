//! Data for machines: JSON beside pages, CSV and JSON of lists, a `datapackage.json` (Frictionless
//! Data Package) that describes them. What pages do not print is not here either.

use super::view::Ask;
use super::{disclosure, meta};
use crate::model::date::ArchiveDate;
use crate::model::meeting;
use crate::model::query::{Classes, Selection};
use crate::model::schema::{Field, FieldType, FieldValue, Values};
use crate::plan::{Format, Plan, Rows, Subject, Table};
use serde_json::{Map, Value as Json, json};
use std::sync::OnceLock;

/// Writes the JSON beside a page.
pub(super) fn page_json(v: &Ask<'_>, subject: Subject) -> String {
    let json = match subject {
        Subject::Record(i) => record_json(v, i),
        Subject::Branch(i) => branch_json(v, i),
        Subject::Programme(i) => {
            let p = &v.programmes()[i];
            json!({ "id": p.id, "title": p.title, "docno": p.docno, "date": iso(p.date.as_ref()), "issuer": p.issuer, "from": iso(p.from.as_ref()), "to": iso(p.to.as_ref()), "principles": p.principles,
                "stages": p.stages.iter().map(|s| json!({ "id": s.id, "title": s.title, "from": iso(s.from.as_ref()), "to": iso(s.to.as_ref()), "asks": s.asks })).collect::<Vec<_>>(),
                "rubric": p.rubric.map(|r| v.rubric_heads()[r].id.clone()) })
        }
        Subject::Rubric(i) => {
            let r = &v.rubrics()[i];
            json!({ "id": r.id, "title": r.title, "version": r.version, "date": iso(r.date.as_ref()), "full": r.full, "pass": r.pass,
                "dimensions": r.dimensions.iter().map(|d| json!({ "id": d.id, "title": d.title,
                    "criteria": d.criteria.iter().map(|c| json!({ "id": format!("{}/{}", r.id, c.id), "title": c.title, "text": c.text, "points": c.points })).collect::<Vec<_>>() })).collect::<Vec<_>>() })
        }
        Subject::Page(i) => {
            let p = &v.pages()[i];
            json!({ "title": p.title, "summary": p.summary, "url": p.route })
        }
    };
    pretty(&meta::prune(json))
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default() + "\n"
}

fn iso(date: Option<&ArchiveDate>) -> Option<String> {
    date.map(ArchiveDate::iso)
}

fn branch_json(v: &Ask<'_>, i: usize) -> Json {
    let b = v.branch(i);
    json!({ "id": b.id, "name": b.name, "short": b.short, "parent": b.parent.map(|o| v.organisation(o).name.clone()), "type": b.sort, "status": b.status,
        "founded": iso(b.founded.as_ref()), "brand": b.brand, "motto": b.motto, "code": b.code, "url": crate::model::route::branch(&b.id),
        "names": b.names.iter().map(|n| json!({ "name": n.name, "from": iso(n.from.as_ref()), "to": iso(n.to.as_ref()) })).collect::<Vec<_>>(),
        "records": v.select(Selection { branch: Some(i), ..Selection::default() }).iter().map(|r| v.id_of(*r)).collect::<Vec<_>>() })
}

/// The keys of a record that tables and JSON share.
fn record_row(v: &Ask<'_>, record: usize) -> Vec<(&'static str, Option<String>)> {
    let r = v.row(record);
    let own = |text: &str| Some(text.to_owned());
    vec![
        ("id", own(r.id)),
        ("kind", own(r.kind.0)),
        ("kind_label", own(&r.kind.1.zh)),
        ("title", own(r.title)),
        ("branch", r.branch.map(|(id, _)| id.to_owned())),
        ("branch_name", r.branch.map(|(_, name)| name.to_owned())),
        ("unit", r.unit.map(str::to_owned)),
        ("group", r.group.map(str::to_owned)),
        ("date", iso(r.date)),
        ("recorded", iso(r.recorded)),
        ("published", iso(r.published)),
        ("filed", iso(r.filed)),
        ("late_days", r.late.map(|n| n.to_string())),
        ("place", r.place),
        ("docno", r.docno),
        ("archive_number", r.archive_number),
        ("retention", r.retention),
        ("audience", own(r.audience)),
        ("keywords", Some(r.keywords.join(";"))),
        ("url", Some(format!("{}{}", v.config.site.base_url, r.route))),
    ]
}

fn record_json(v: &Ask<'_>, i: usize) -> Json {
    let r = v.record(i);
    let mut all: Map<String, Json> = record_row(v, i)
        .into_iter()
        .filter(|(k, _)| !matches!(*k, "keywords" | "late_days"))
        .filter_map(|(k, value)| Some((k.to_owned(), json!(value?))))
        .collect();
    all.insert("late_days".into(), json!(r.late));
    all.insert("keywords".into(), json!(r.keywords));
    all.insert("summary".into(), json!(r.summary));
    let schema = v.schema(r.kind);
    let mut fields = Map::new();
    for field in schema.fields.iter().filter(|f| !f.private) {
        if let Some(value) = r.values.get(&field.key).filter(|_| !v.is_core(r.kind, &field.key)) {
            fields.insert(field.key.clone(), field_json(v, field, value));
        }
    }
    // The absent are counted, not named; so are they on the page.
    let a = meeting::attendance(&r.values);
    if !a.absent.is_empty() {
        fields.insert("absent".into(), json!(a.absent.len()));
    }
    all.insert("fields".into(), Json::Object(fields));
    all.insert(
        "evidence_for".into(),
        json!(
            r.evidence
                .iter()
                .filter_map(|(rubric, c)| Some(format!("{}/{c}", v.criterion(*rubric, c)?.1)))
                .collect::<Vec<_>>()
        ),
    );
    all.insert("campaign".into(), json!(r.campaigns.iter().map(|p| v.programme_name(*p).0).collect::<Vec<_>>()));
    let id = |i: &usize| v.id_of(*i);
    all.insert("related".into(), json!(r.related.iter().map(id).collect::<Vec<_>>()));
    all.insert("backlinks".into(), json!(r.backlinks.iter().map(id).collect::<Vec<_>>()));
    all.insert("corrects".into(), json!(r.corrects.as_ref().map(id)));
    all.insert("corrected_by".into(), json!(r.corrected_by.as_ref().map(id)));
    all.insert(
        "files".into(),
        json!(r.files.iter().map(|f| json!({ "name": f.name, "url": f.url, "size": f.size })).collect::<Vec<_>>()),
    );
    Json::Object(all)
}

/// A value as JSON. The id of a record that is not part of this build is not part of its data either.
fn field_json(v: &Ask<'_>, field: &Field, value: &FieldValue) -> Json {
    let is_record = matches!(field.sort, FieldType::Record | FieldType::Records);
    match value {
        FieldValue::Text(t) if is_record && v.find(t).is_none() => Json::Null,
        FieldValue::Text(t) => json!(t),
        FieldValue::Int(n) => json!(n),
        FieldValue::Number(n) => json!(n),
        FieldValue::Bool(b) => json!(b),
        FieldValue::Date(d) => json!(d.iso()),
        FieldValue::Person(p) => json!(p.text()),
        FieldValue::List(items) => {
            Json::Array(items.iter().map(|i| field_json(v, field, &i.value)).filter(|j| !j.is_null()).collect())
        }
        FieldValue::Tally(t) => Json::Object(t.iter().map(|(k, n)| (k.clone(), json!(n))).collect()),
        FieldValue::Row(row) => Json::Object(row_json(v, &field.columns, row)),
    }
}

fn row_json(v: &Ask<'_>, columns: &[Field], row: &Values) -> Map<String, Json> {
    columns
        .iter()
        .filter(|c| !c.private)
        .filter_map(|c| Some((c.key.clone(), field_json(v, c, row.get(&c.key)?))))
        .collect()
}

/// The rows of records, each written once: a record stands in the tables of its year, its month, its
/// kind and its branch.
pub(super) struct Lines(Vec<OnceLock<Line>>);

/// A record's row in each format.
struct Line {
    csv: String,
    json: String,
}

impl Lines {
    pub(super) fn of(records: usize) -> Lines {
        Lines((0..records).map(|_| OnceLock::new()).collect())
    }

    fn get(&self, v: &Ask<'_>, record: usize) -> &Line {
        v.row(record);
        self.0[record].get_or_init(|| {
            let row = [record_row(v, record).into_iter().map(|(_, cell)| cell).collect()];
            let list = json_list(&RECORD_COLUMNS, &row);
            // The item alone, indented as in any list.
            let json = list.trim_start_matches("[\n").trim_end_matches("\n]\n").to_owned();
            Line { csv: csv_lines(&row), json }
        })
    }
}

/// Writes a table.
pub(super) fn table(v: &Ask<'_>, lines: &Lines, table: &Table) -> String {
    match (contents(v, table.rows), table.format) {
        (Contents::Records(records), format) => record_table(v, lines, &records, format),
        (Contents::Rows(columns, rows), Format::Csv) => csv(columns, &rows),
        (Contents::Rows(columns, rows), Format::Json) => json_list(columns, &rows),
    }
}

fn record_table(v: &Ask<'_>, lines: &Lines, records: &[usize], format: Format) -> String {
    let lines = records.iter().map(|i| lines.get(v, *i));
    match format {
        Format::Csv => {
            std::iter::once(csv(&RECORD_COLUMNS, &[]).as_str()).chain(lines.map(|l| l.csv.as_str())).collect()
        }
        Format::Json if records.is_empty() => json_list(&RECORD_COLUMNS, &[]),
        Format::Json => format!("[\n{}\n]\n", lines.map(|l| l.json.as_str()).collect::<Vec<_>>().join(",\n")),
    }
}

type Cells = Vec<Option<String>>;

/// The columns of a table of records, in the order of [`record_row`].
const RECORD_COLUMNS: [&str; 20] = [
    "id",
    "kind",
    "kind_label",
    "title",
    "branch",
    "branch_name",
    "unit",
    "group",
    "date",
    "recorded",
    "published",
    "filed",
    "late_days",
    "place",
    "docno",
    "archive_number",
    "retention",
    "audience",
    "keywords",
    "url",
];

/// What a table holds: records by number, or columns and rows of its own.
enum Contents {
    Records(Vec<usize>),
    Rows(&'static [&'static str], Vec<Cells>),
}

/// Returns the columns of a table.
fn columns(rows: Rows) -> &'static [&'static str] {
    match rows {
        Rows::Records(_) | Rows::Cases => &RECORD_COLUMNS,
        Rows::Branches => &["id", "name", "short", "parent", "type", "status", "founded", "brand", "records", "url"],
        Rows::Organisations => &["id", "name", "short", "type", "parent", "fonds"],
        Rows::Honours => &[
            "id",
            "type",
            "level",
            "branch",
            "branch_name",
            "cohort",
            "brand",
            "state",
            "event",
            "date",
            "by",
            "docno",
        ],
        Rows::Programmes => &["id", "title", "docno", "date", "issuer", "from", "to", "rubric"],
        Rows::Disclosure => &["id", "item", "title", "by", "posted", "until", "state", "url"],
    }
}

fn contents(v: &Ask<'_>, rows: Rows) -> Contents {
    let table: Vec<Cells> = match rows {
        Rows::Records(selection) => return Contents::Records(v.select(selection)),
        Rows::Cases => return Contents::Records(v.newest_of(Classes::CasesAndStories, usize::MAX)),
        Rows::Branches => {
            let all = v.branches().iter().enumerate().map(|(i, b)| {
                vec![
                    Some(b.id.clone()),
                    Some(b.name.clone()),
                    b.short.clone(),
                    b.parent.map(|o| v.organisation(o).name.clone()),
                    b.sort.clone(),
                    b.status.clone(),
                    iso(b.founded.as_ref()),
                    b.brand.clone(),
                    Some(v.holdings_of(i).to_string()),
                    Some(format!("{}{}", v.config.site.base_url, crate::model::route::branch(&b.id))),
                ]
            });
            all.collect()
        }
        Rows::Organisations => {
            let organisations = v.organisations();
            let all = organisations.iter().map(|o| {
                vec![
                    Some(o.id.clone()),
                    Some(o.name.clone()),
                    o.short.clone(),
                    o.sort.clone(),
                    o.parent.map(|p| organisations[p].name.clone()),
                    o.fonds.clone(),
                ]
            });
            all.collect()
        }
        Rows::Honours => {
            let mut all = Vec::new();
            for h in v.honours() {
                for e in v.events_of(h) {
                    all.push(vec![
                        Some(h.id.clone()),
                        Some(h.sort.clone()),
                        h.level.clone(),
                        Some(v.branch_of(h, None).id.to_owned()),
                        Some(v.branch_of(h, Some(&e.date)).name.to_owned()),
                        h.cohort.clone(),
                        h.brand.clone(),
                        Some(v.state(h).word().to_owned()),
                        Some(e.event.clone()),
                        Some(e.date.iso()),
                        e.by.clone(),
                        e.docno.clone(),
                    ]);
                }
            }
            all
        }
        Rows::Programmes => {
            let all = v.programmes().iter().map(|p| {
                vec![
                    Some(p.id.clone()),
                    Some(p.title.clone()),
                    p.docno.clone(),
                    iso(p.date.as_ref()),
                    p.issuer.clone(),
                    iso(p.from.as_ref()),
                    iso(p.to.as_ref()),
                    p.rubric.map(|r| v.rubric_heads()[r].id.clone()),
                ]
            });
            all.collect()
        }
        Rows::Disclosure => {
            let all = v.newest_of(Classes::Disclosure, usize::MAX).into_iter().map(|i| {
                let r = v.record(i);
                vec![
                    Some(r.id.clone()),
                    r.values.string("item"),
                    Some(r.title.clone()),
                    Some(meta::author(v, r.branch, r.unit, r.date.as_ref())),
                    iso(r.values.date("posted")),
                    iso(r.values.date("until")),
                    r.posting.map(|state| v.say(disclosure::state_key(state))),
                    Some(format!("{}{}", v.config.site.base_url, r.route)),
                ]
            });
            all.collect()
        }
    };
    Contents::Rows(columns(rows), table)
}

fn json_list(columns: &[&str], rows: &[Cells]) -> String {
    let filled = |cell: &Option<String>| cell.clone().filter(|t| !t.is_empty());
    let items = rows.iter().map(|row| {
        Json::Object(
            columns.iter().zip(row).filter_map(|(c, cell)| Some(((*c).to_owned(), json!(filled(cell)?)))).collect(),
        )
    });
    pretty(&Json::Array(items.collect()))
}

/// Writes CSV with a byte order mark, which spreadsheets need to see UTF-8. A cell that a
/// spreadsheet would run as a formula is led by an apostrophe.
fn csv(columns: &[&str], rows: &[Cells]) -> String {
    let head = [columns.iter().map(|c| Some((*c).to_owned())).collect()];
    format!("\u{feff}{}{}", csv_lines(&head), csv_lines(rows))
}

fn csv_lines(rows: &[Cells]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Writing into memory cannot fail.
        let _ = writer.write_record(row.iter().map(|cell| harmless(cell.as_deref().unwrap_or(""))));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn harmless(cell: &str) -> String {
    // Some spreadsheets in China and Japan take the full-width signs too.
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Writes `datapackage.json`.
pub(super) fn package(v: &Ask<'_>, plan: &Plan) -> String {
    let resources: Vec<Json> = plan
        .jobs
        .iter()
        .filter_map(|job| match job {
            crate::plan::Job::Table(t) if t.route.starts_with("data/") => {
                let name = t.route.trim_start_matches("data/").replace('.', "-");
                let fields: Vec<Json> = columns(t.rows).iter().map(|c| json!({ "name": c, "type": "string" })).collect();
                let (format, mediatype) = match t.format {
                    Format::Csv => ("csv", "text/csv"),
                    Format::Json => ("json", "application/json"),
                };
                Some(json!({ "name": name, "path": t.route.trim_start_matches("data/"), "format": format, "mediatype": mediatype, "encoding": "utf-8", "schema": { "fields": fields } }))
            }
            _ => None,
        })
        .collect();
    let site = &v.config.site;
    pretty(&meta::prune(
        json!({ "profile": "data-package", "name": "beilin-archive", "title": site.title, "homepage": site.base_url, "contributors": site.unit.as_ref().map(|u| json!([{ "title": u, "role": "publisher" }])), "resources": resources }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("＝1+1"), "'＝1+1");
        assert_eq!(harmless("\n=1+1"), "'\n=1+1");
        assert_eq!(harmless("2025-09-18"), "2025-09-18");
    }

    #[test]
    fn csv_is_what_spreadsheets_expect() {
        assert_eq!(csv(&["a", "b"], &[vec![Some("一,二".into()), None]]), "\u{feff}a,b\r\n\"一,二\",\r\n");
    }
}
