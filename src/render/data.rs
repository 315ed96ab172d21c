//! Data for machines: JSON beside pages, CSV and JSON of lists, a `datapackage.json` (Frictionless
//! Data Package) that describes them. What pages do not print is not here either.

use super::view::View;
use super::{Renderer, meta, page};
use crate::model::Site;
use crate::model::date::ArchiveDate;
use crate::model::meeting;
use crate::model::record::Record;
use crate::model::schema::{Field, FieldType, FieldValue, Values};
use crate::plan::{CASE_CLASSES, Format, Rows, Subject, Table};
use serde_json::{Map, Value as Json, json};
use std::sync::OnceLock;

/// Writes the JSON beside a page.
pub(super) fn page_json(r: &Renderer<'_>, subject: Subject) -> String {
    let v = &r.view;
    let json = match subject {
        Subject::Record(i) => record_json(v, i),
        Subject::Branch(i) => branch_json(v, i),
        Subject::Programme(i) => {
            let p = &v.site.programmes[i];
            json!({ "id": p.id, "title": p.title, "docno": p.docno, "date": iso(p.date.as_ref()), "issuer": p.issuer, "from": iso(p.from.as_ref()), "to": iso(p.to.as_ref()), "principles": p.principles,
                "stages": p.stages.iter().map(|s| json!({ "id": s.id, "title": s.title, "from": iso(s.from.as_ref()), "to": iso(s.to.as_ref()), "asks": s.asks })).collect::<Vec<_>>(),
                "rubric": p.rubric.map(|r| v.site.rubrics[r].id.clone()) })
        }
        Subject::Rubric(i) => {
            let r = &v.site.rubrics[i];
            json!({ "id": r.id, "title": r.title, "version": r.version, "date": iso(r.date.as_ref()), "full": r.full, "pass": r.pass,
                "dimensions": r.dimensions.iter().map(|d| json!({ "id": d.id, "title": d.title,
                    "criteria": d.criteria.iter().map(|c| json!({ "id": format!("{}/{}", r.id, c.id), "title": c.title, "text": c.text, "points": c.points })).collect::<Vec<_>>() })).collect::<Vec<_>>() })
        }
        Subject::Page(i) => {
            let p = &v.site.pages[i];
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

fn branch_json(v: &View<'_>, i: usize) -> Json {
    let b = &v.site.branches[i];
    json!({ "id": b.id, "name": b.name, "short": b.short, "parent": b.parent.map(|o| v.site.organisations[o].name.clone()), "type": b.sort, "status": b.status,
        "founded": iso(b.founded.as_ref()), "brand": b.brand, "motto": b.motto, "code": b.code, "url": crate::model::route::branch(&b.id),
        "names": b.names.iter().map(|n| json!({ "name": n.name, "from": iso(n.from.as_ref()), "to": iso(n.to.as_ref()) })).collect::<Vec<_>>(),
        "records": v.plan.index.of_branch(i).iter().map(|r| v.site.records[*r].id.clone()).collect::<Vec<_>>() })
}

/// The keys of a record that tables and JSON share.
fn record_row(v: &View<'_>, r: &Record) -> Vec<(&'static str, Option<String>)> {
    let kind = v.site.kind(r);
    vec![
        ("id", Some(r.id.clone())),
        ("kind", Some(kind.id.clone())),
        ("kind_label", Some(kind.label.zh.clone())),
        ("title", Some(r.title.clone())),
        ("branch", r.branch.map(|b| v.site.branches[b].id.clone())),
        ("branch_name", r.branch.map(|b| v.site.branches[b].name_at(r.date.as_ref()).to_owned())),
        ("unit", r.unit.map(|u| v.site.organisations[u].name.clone())),
        ("group", r.group.clone()),
        ("date", iso(r.date.as_ref())),
        ("recorded", iso(r.recorded.as_ref())),
        ("published", iso(r.published.as_ref())),
        ("filed", iso(r.filed.as_ref())),
        ("late_days", r.late.map(|n| n.to_string())),
        ("place", r.values.string("place")),
        ("docno", r.values.string("docno")),
        ("archive_number", r.archive_number()),
        ("retention", r.values.string("retention")),
        ("audience", Some(r.audience.word().to_owned())),
        ("keywords", Some(r.keywords.join(";"))),
        ("url", Some(format!("{}{}", v.config.site.base_url, r.route))),
    ]
}

fn record_json(v: &View<'_>, i: usize) -> Json {
    let r = &v.site.records[i];
    let mut all: Map<String, Json> = record_row(v, r)
        .into_iter()
        .filter(|(k, _)| !matches!(*k, "keywords" | "late_days"))
        .filter_map(|(k, value)| Some((k.to_owned(), json!(value?))))
        .collect();
    all.insert("late_days".into(), json!(r.late));
    all.insert("keywords".into(), json!(r.keywords));
    all.insert("summary".into(), json!(r.summary));
    let schema = &v.site.kinds.schemas[r.kind];
    let mut fields = Map::new();
    for field in schema.fields.iter().filter(|f| !f.private) {
        if let Some(value) = r.values.get(&field.key).filter(|_| !core(v, &field.key)) {
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
        json!(r.evidence.iter().map(|(rubric, c)| format!("{}/{c}", v.site.rubrics[*rubric].id)).collect::<Vec<_>>()),
    );
    all.insert(
        "campaign".into(),
        json!(r.campaigns.iter().map(|p| v.site.programmes[*p].id.clone()).collect::<Vec<_>>()),
    );
    let id = |i: &usize| v.site.records[*i].id.clone();
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

fn core(v: &View<'_>, key: &str) -> bool {
    v.site.kinds.core.iter().any(|f| f.key == key)
}

/// A value as JSON. The id of a record that is not part of this build is not part of its data either.
fn field_json(v: &View<'_>, field: &Field, value: &FieldValue) -> Json {
    let is_record = matches!(field.sort, FieldType::Record | FieldType::Records);
    match value {
        FieldValue::Text(t) if is_record && v.site.record(t).is_none() => Json::Null,
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

fn row_json(v: &View<'_>, columns: &[Field], row: &Values) -> Map<String, Json> {
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
    pub(super) fn of(site: &Site) -> Lines {
        Lines(site.records.iter().map(|_| OnceLock::new()).collect())
    }

    fn get(&self, v: &View<'_>, record: usize) -> &Line {
        self.0[record].get_or_init(|| {
            let row = [record_row(v, &v.site.records[record]).into_iter().map(|(_, cell)| cell).collect()];
            let list = json_list(&RECORD_COLUMNS, &row);
            // The item alone, indented as in any list.
            let json = list.trim_start_matches("[\n").trim_end_matches("\n]\n").to_owned();
            Line { csv: csv_lines(&row), json }
        })
    }
}

/// Writes a table.
pub(super) fn table(r: &Renderer<'_>, table: &Table) -> String {
    match (contents(&r.view, table.rows), table.format) {
        (Contents::Records(records), format) => record_table(r, &records, format),
        (Contents::Rows(columns, rows), Format::Csv) => csv(&columns, &rows),
        (Contents::Rows(columns, rows), Format::Json) => json_list(&columns, &rows),
    }
}

fn record_table(r: &Renderer<'_>, records: &[usize], format: Format) -> String {
    let lines = records.iter().map(|i| r.lines.get(&r.view, *i));
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
    Rows(Vec<&'static str>, Vec<Cells>),
}

impl Contents {
    fn columns(&self) -> &[&'static str] {
        match self {
            Contents::Records(_) => &RECORD_COLUMNS,
            Contents::Rows(columns, _) => columns,
        }
    }
}

fn contents(v: &View<'_>, rows: Rows) -> Contents {
    let site = v.site;
    let (columns, rows) = match rows {
        Rows::Records(selection) => return Contents::Records(v.select(selection)),
        Rows::Cases => {
            return Contents::Records(
                (0..site.records.len())
                    .filter(|i| CASE_CLASSES.contains(&site.kind(&site.records[*i]).class.as_str()))
                    .collect(),
            );
        }
        Rows::Branches => {
            let columns = vec!["id", "name", "short", "parent", "type", "status", "founded", "brand", "records", "url"];
            let all = site.branches.iter().enumerate().map(|(i, b)| {
                vec![
                    Some(b.id.clone()),
                    Some(b.name.clone()),
                    b.short.clone(),
                    b.parent.map(|o| site.organisations[o].name.clone()),
                    b.sort.clone(),
                    b.status.clone(),
                    iso(b.founded.as_ref()),
                    b.brand.clone(),
                    Some(v.plan.index.of_branch(i).len().to_string()),
                    Some(format!("{}{}", v.config.site.base_url, crate::model::route::branch(&b.id))),
                ]
            });
            (columns, all.collect())
        }
        Rows::Organisations => {
            let columns = vec!["id", "name", "short", "type", "parent", "fonds"];
            let all = site.organisations.iter().map(|o| {
                vec![
                    Some(o.id.clone()),
                    Some(o.name.clone()),
                    o.short.clone(),
                    o.sort.clone(),
                    o.parent.map(|p| site.organisations[p].name.clone()),
                    o.fonds.clone(),
                ]
            });
            (columns, all.collect())
        }
        Rows::Honours => {
            let columns = vec![
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
            ];
            let mut all = Vec::new();
            for h in &site.honours {
                for e in h.until(site.options.as_of) {
                    all.push(vec![
                        Some(h.id.clone()),
                        Some(h.sort.clone()),
                        h.level.clone(),
                        Some(site.branches[h.branch].id.clone()),
                        Some(site.branches[h.branch].name_at(Some(&e.date)).to_owned()),
                        h.cohort.clone(),
                        h.brand.clone(),
                        Some(h.state(site.options.as_of).word().to_owned()),
                        Some(e.event.clone()),
                        Some(e.date.iso()),
                        e.by.clone(),
                        e.docno.clone(),
                    ]);
                }
            }
            (columns, all)
        }
        Rows::Programmes => {
            let columns = vec!["id", "title", "docno", "date", "issuer", "from", "to", "rubric"];
            let all = site.programmes.iter().map(|p| {
                vec![
                    Some(p.id.clone()),
                    Some(p.title.clone()),
                    p.docno.clone(),
                    iso(p.date.as_ref()),
                    p.issuer.clone(),
                    iso(p.from.as_ref()),
                    iso(p.to.as_ref()),
                    p.rubric.map(|r| site.rubrics[r].id.clone()),
                ]
            });
            (columns, all.collect())
        }
        Rows::Disclosure => {
            let columns = vec!["id", "item", "title", "by", "posted", "until", "state", "url"];
            let all = site.records.iter().filter(|r| site.kind(r).class == "disclosure").map(|r| {
                vec![
                    Some(r.id.clone()),
                    r.values.string("item"),
                    Some(r.title.clone()),
                    Some(meta::author(v, r)),
                    iso(r.values.date("posted")),
                    iso(r.values.date("until")),
                    Some(v.say(page::posting_state(v, r.values.date("until")))),
                    Some(format!("{}{}", v.config.site.base_url, r.route)),
                ]
            });
            (columns, all.collect())
        }
    };
    Contents::Rows(columns, rows)
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
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// Writes `datapackage.json`.
pub(super) fn package(r: &Renderer<'_>) -> String {
    let v = &r.view;
    let resources: Vec<Json> = r
        .plan
        .jobs
        .iter()
        .filter_map(|job| match job {
            crate::plan::Job::Table(t) if t.route.starts_with("data/") => {
                let name = t.route.trim_start_matches("data/").replace('.', "-");
                let contents = contents(v, t.rows);
                let fields: Vec<Json> = contents.columns().iter().map(|c| json!({ "name": c, "type": "string" })).collect();
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
        assert_eq!(harmless("2025-09-18"), "2025-09-18");
    }

    #[test]
    fn csv_is_what_spreadsheets_expect() {
        assert_eq!(csv(&["a", "b"], &[vec![Some("一,二".into()), None]]), "\u{feff}a,b\r\n\"一,二\",\r\n");
    }
}
