//! The context of a record's page: facts, four dates, the text cut at its agenda items, votes,
//! figures, attachments, relations. Shows what is recorded; judges nothing.

use super::meta::{self, Head};
use super::page::{Page, words};
use super::value::Map;
use super::view::{Ask, escape, human_size};
use super::{Result, body, cases, channel, disclosure, ledger};
use crate::history::{Provenance, Revision};
use crate::model::date::ArchiveDate;
use crate::model::ledger::shows_gaps;
use crate::model::meeting::{self, AgendaItem, Attendance, Resolution, is_section_of};
use crate::model::picture;
use crate::model::record::Record;
use crate::model::route;
use crate::model::schema::{Field, FieldType, FieldValue, Values};
use crate::parse::markdown::{Rendered, TocEntry};
use crate::plan::list::ListOf;
use std::collections::BTreeMap;
use tera::Value;

/// Above so many voters the bar is drawn in segments.
const MOST_CELLS: i64 = 60;

/// Facts that several keys make together, or that stand elsewhere on the page.
const TAKEN: [&str; 31] = [
    "issue",
    "total_issue",
    "editor",
    "signer",
    "sent_to",
    "materials",
    "ballots",
    "candidates",
    "tellers",
    "figures",
    "expected",
    "present",
    "absent",
    "voters",
    "observers",
    "agenda",
    "place",
    "docno",
    "source",
    "basis",
    "people",
    "date",
    "brand",
    "meaning",
    "carrier",
    "dimensions",
    "steps",
    "scores",
    "grades",
    "items",
    "lede",
];

/// Makes the page of a record.
/// What the checks of the packs in force find, for readers who are shown it.
fn sums(v: &Ask<'_>, at: usize) -> Vec<Value> {
    // Most sites ask for nothing: then there is no question either.
    if v.config.packs.is_empty() || !shows_gaps(v.config.site.audience) {
        return Vec::new();
    }
    v.sums(at).iter().map(|f| ledger::finding(v, f)).collect()
}

pub(super) fn record(v: &Ask<'_>, at: usize, here: &str, root: &str) -> Result<Page> {
    let r = v.record(at);
    let class = v.kind_name(r.kind).class;
    let body = body::body(v, r.doc, here, root, &r.title)?;
    let (before, after) = v.around(at);
    let attendance = meeting::attendance(&r.values);
    let agenda = meeting::agenda(&r.values);
    let is_meeting = class == "meeting";
    let theme = v.theme;
    let mut value = Map::new()
        .with("number", r.id.as_str())
        .with("title", r.title.as_str())
        .with("keywords", r.keywords.clone())
        .wanted(theme, "facts", || facts(v, r, &attendance, &agenda))
        .wanted(theme, "dates", || dates(v, r))
        .with("parts", parts(v, &body.rendered, &agenda, &attendance, &str::to_owned))
        .with("is_meeting", is_meeting)
        .list("toc", toc(&body.rendered.toc))
        .list("attachments", attachments(r))
        .list("pictures", pictures(v, r))
        .maybe("film", film(v, r))
        .maybe("archive_number", r.archive_number())
        .maybe("retention", retention(v, r))
        .maybe("original", r.values.text("original"))
        .maybe("provenance", v.provenance(r).map(|p| provenance(v, &p)))
        .list("evidence", evidence(v, r))
        .list("sums", sums(v, at))
        .list("campaigns", r.campaigns.iter().map(|p| v.programme_ref(*p)).collect())
        .wanted_list(theme, "related", || v.cards(v.related(at)))
        .wanted_list(theme, "backlinks", || {
            v.cards(r.backlinks.iter().copied().filter(|b| !r.related.contains(b)).take(12))
        })
        .maybe("corrects", r.corrects.map(|i| v.record_ref(i)))
        .maybe("corrected_by", r.corrected_by.map(|i| v.record_ref(i)))
        .list("media", media(r))
        .maybe("promoted_to", r.promoted_to.map(|i| cases::promoted(v, i, i)))
        .list("promoted_from", r.promoted_from.iter().map(|i| cases::promoted(v, *i, at)).collect())
        .maybe("prev", before.map(|i| v.card(i)))
        .maybe("next", after.map(|i| v.card(i)))
        .wanted(theme, "citation", || citation(v, r))
        .list("elsewhere", channel::elsewhere(v, r, class))
        .maybe(
            "permalink",
            Some(format!("{}{}", v.config.site.base_url, r.route)).filter(|_| !v.config.site.base_url.is_empty()),
        );
    // The excerpt would only say the first paragraph twice.
    value = match r.values.text("abstract") {
        Some(text) => value.with("summary", text),
        None => value.with("summary", ""),
    };
    if is_meeting {
        value = value.with("sign", vec![v.say("facts.host_sign"), v.say("facts.recorder_sign")]);
    }
    value = by_class(v, r, at, value);
    let layout = v.layout(r.kind);
    let template = match format!("record/{layout}.html") {
        name if v.theme.has(&name) => name,
        _ => "record.html".to_owned(),
    };
    let context = Map::new().with("record", value.and_value(&v.tile(at)).done());
    Ok(Page { template, head: head(v, r, at, here), context, extra: body.pictures })
}

fn head(v: &Ask<'_>, r: &Record, at: usize, here: &str) -> Head {
    Head {
        key: "record",
        title: r.title.clone(),
        description: Some(r.summary.clone()),
        crumbs: if v.theme.names("crumbs") { crumbs(v, r) } else { Vec::new() },
        picture: r.cover.as_ref().map(|(url, _)| v.picture_for_others(url)),
        record: Some(at),
        jsonld: v.theme.names("jsonld").then(|| meta::record_jsonld(v, at)),
        alternates: vec![meta::json_alternate(here)],
        ..Head::default()
    }
}

/// The way to a record: its branch, its year, its kind.
fn crumbs(v: &Ask<'_>, r: &Record) -> Vec<(String, Option<String>)> {
    let mut crumbs = vec![(v.say("nav.home"), Some(String::new()))];
    match (r.branch, r.unit) {
        (Some(b), _) => {
            let branch = v.branch_name(b, None);
            crumbs.push((branch.short.to_owned(), Some(route::branch(branch.id))));
            if let Some(y) = r.year() {
                crumbs.push((v.theme.say("text.year", &[("year", v.year(y))]), Some(v.list(ListOf::BranchYear(b, y)))));
            }
        }
        (None, Some(u)) => crumbs.push((v.organisation(u).name.clone(), Some(v.list(ListOf::Unit(u))))),
        (None, None) => crumbs.push((v.say("nav.records"), Some("records/".to_owned()))),
    }
    crumbs.push((v.kind_name(r.kind).label.get(v.lang()).to_owned(), None));
    crumbs
}

/// Returns the entries of a table of contents.
pub(super) fn toc(entries: &[TocEntry]) -> Vec<Value> {
    entries
        .iter()
        .filter(|e| e.level <= 3)
        .map(|e| Map::new().with("level", e.level).with("id", e.id.as_str()).with("text", e.text.as_str()).done())
        .collect()
}

fn fact(key: &str, label: String, text: String) -> Value {
    Map::new().with("key", key).with("label", label).with("text", text).done()
}

fn facts(v: &Ask<'_>, r: &Record, attendance: &Attendance, agenda: &[AgendaItem]) -> Vec<Value> {
    let mut facts = Vec::new();
    let mut add = |key: &str, text: Option<String>| {
        if let Some(text) = text.filter(|t| !t.is_empty()) {
            facts.push(fact(key, v.say(&format!("facts.{key}")), text));
        }
    };
    add("when", r.date.as_ref().map(|d| words(v, d)));
    add("place", r.values.string("place"));
    let schema = v.schema(r.kind);
    let core = |key: &str| v.is_core(r.kind, key);
    // Most fields have no value: that is asked first.
    let with_value = schema.fields.iter().filter_map(|f| Some((f, r.values.get(&f.key)?)));
    let own = with_value.filter(|(f, _)| f.is_fact() && !TAKEN.contains(&f.key.as_str()) && !core(&f.key));
    for (field, value) in own {
        if let Some(text) = field_text(v, field, value) {
            facts.push(fact(&field.key, field.label.get(v.lang()).to_owned(), text));
        }
    }
    let mut add = |key: &str, text: Option<String>| {
        if let Some(text) = text.filter(|t| !t.is_empty()) {
            facts.push(fact(key, v.say(&format!("facts.{key}")), text));
        }
    };
    add("attendance", attendance_text(v, attendance));
    add("absent", absent_text(v, attendance));
    add("observers", observers_text(attendance));
    add("resolutions", resolutions_text(v, agenda));
    add("docno", r.values.string("docno"));
    let basis: Vec<String> = r
        .values
        .rows("basis")
        .map(|b| format!("{}{}", b.text("rel").unwrap_or_default(), b.text("doc").unwrap_or_default()))
        .collect();
    add("basis", Some(basis.join("；")));
    let people: Vec<String> = r
        .values
        .rows("people")
        .map(|p| {
            let who = crate::model::schema::Person { name: p.string("name"), post: p.string("post") }.text();
            p.text("role").map_or(who.clone(), |role| format!("{role}：{who}"))
        })
        .collect();
    add("people", Some(people.join("；")));
    add("source", r.values.string("source"));
    facts
}

/// Returns a value in words, or nothing where words are no way to show it.
fn field_text(v: &Ask<'_>, field: &Field, value: &FieldValue) -> Option<String> {
    Some(match value {
        // A record is named by its title, and not at all where it is not part of this build.
        FieldValue::Text(t) if matches!(field.sort, FieldType::Record | FieldType::Records) => {
            v.name(v.find(t)?).title.to_owned()
        }
        FieldValue::Text(t) => field.option_labels.get(t).unwrap_or(t).clone(),
        FieldValue::Int(n) => n.to_string(),
        FieldValue::Number(n) => n.to_string(),
        FieldValue::Bool(b) => v.say(if *b { "facts.yes" } else { "facts.no" }),
        FieldValue::Date(d) => words(v, d),
        FieldValue::Person(p) => p.text(),
        FieldValue::List(items) => {
            let texts: Vec<String> = items.iter().filter_map(|i| field_text(v, field, &i.value)).collect();
            (!texts.is_empty()).then(|| texts.join("、"))?
        }
        FieldValue::Row(row) => {
            let texts: Vec<String> = field
                .columns
                .iter()
                .filter(|c| !c.private)
                .filter_map(|c| Some(format!("{} {}", c.label.get(v.lang()), field_text(v, c, row.get(&c.key)?)?)))
                .collect();
            (!texts.is_empty()).then(|| texts.join("，"))?
        }
        FieldValue::Tally(tally) => tally.iter().map(|(k, n)| format!("{k} {n}")).collect::<Vec<_>>().join("，"),
    })
}

fn attendance_text(v: &Ask<'_>, a: &Attendance) -> Option<String> {
    let mut text = match (a.expected, a.present) {
        (Some(e), Some(p)) => {
            v.theme.say("facts.attendance_text", &[("expected", e.to_string()), ("present", p.to_string())])
        }
        (Some(n), None) => v.theme.say("facts.expected_text", &[("n", n.to_string())]),
        (None, Some(n)) => v.theme.say("facts.present_text", &[("n", n.to_string())]),
        (None, None) => return None,
    };
    if let (Some(e), Some(p)) = (a.voters_expected, a.voters_present) {
        text += "；";
        text += &v.theme.say("facts.voters_text", &[("expected", e.to_string()), ("present", p.to_string())]);
    }
    Some(text)
}

/// Absences by reason; the absent are never named.
fn absent_text(v: &Ask<'_>, a: &Attendance) -> Option<String> {
    if a.absent.is_empty() {
        return None;
    }
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for absence in &a.absent {
        let reason = absence.reason.as_deref().unwrap_or("—");
        match reasons.iter_mut().find(|(r, _)| *r == reason) {
            Some((_, n)) => *n += 1,
            None => reasons.push((reason, 1)),
        }
    }
    let reasons: Vec<String> = reasons
        .into_iter()
        .map(|(r, n)| v.theme.say("facts.absent_reason", &[("reason", r.to_owned()), ("n", n.to_string())]))
        .collect();
    Some(v.theme.say("facts.absent_text", &[("n", a.absent.len().to_string()), ("reasons", reasons.join("，"))]))
}

fn observers_text(a: &Attendance) -> Option<String> {
    let texts: Vec<String> = a
        .observers
        .iter()
        .map(|(p, why)| why.as_ref().map_or_else(|| p.text(), |why| format!("{}（{why}）", p.text())))
        .collect();
    (!texts.is_empty()).then(|| texts.join("、"))
}

fn carried(resolution: &Resolution) -> Option<bool> {
    match resolution.result.as_deref()? {
        "通过" | "原则通过" => Some(true),
        "未通过" => Some(false),
        _ => None,
    }
}

fn resolutions_text(v: &Ask<'_>, agenda: &[AgendaItem]) -> Option<String> {
    let all: Vec<Option<bool>> =
        agenda.iter().filter_map(|i| i.resolution.as_ref()).filter(|r| r.in_favour.is_some()).map(carried).collect();
    if all.is_empty() {
        return None;
    }
    let count = |what: bool| all.iter().filter(|c| **c == Some(what)).count();
    let mut text =
        v.theme.say("facts.resolutions_text", &[("n", all.len().to_string()), ("passed", count(true).to_string())]);
    if count(false) > 0 {
        text += &v.theme.say("facts.resolutions_failed", &[("n", count(false).to_string())]);
    }
    Some(text)
}

/// 发生 · 记录 · 发布 · 归档, each as it is.
fn dates(v: &Ask<'_>, r: &Record) -> Vec<Value> {
    let one = |key: &'static str, date: Option<&ArchiveDate>| {
        let map = Map::new().with("key", key).with("label", v.say(&format!("facts.{key}")));
        match date {
            Some(d) => map
                .with("text", d.start.iso())
                .maybe("iso", d.year().is_some().then(|| d.start.iso()))
                .with("missing", false),
            None => map.with("text", "").with("missing", true),
        }
        .done()
    };
    vec![
        one("happened", r.date.as_ref()),
        one("recorded", r.recorded.as_ref()),
        one("published", r.published.as_ref()),
        one("filed", r.filed.as_ref()),
    ]
}

/// The text, cut so that each agenda item's section carries its resolution; items without a section
/// follow at the end.
fn parts(
    v: &Ask<'_>,
    rendered: &Rendered,
    agenda: &[AgendaItem],
    attendance: &Attendance,
    clean: &dyn Fn(&str) -> String,
) -> Vec<Value> {
    let html = &rendered.html;
    let mut parts = Vec::new();
    let mut used = vec![false; agenda.len()];
    let mut at = 0;
    for section in &rendered.sections {
        let found = agenda.iter().position(|i| is_section_of(&section.text, &i.title)).filter(|i| !used[*i]);
        let Some(found) = found else { continue };
        used[found] = true;
        push_text(&mut parts, &clean(&html[at..section.range.start]));
        let item = item_value(v, &agenda[found], found, attendance, None);
        parts.push(Map::new().html("html", &clean(&html[section.range.clone()])).with("item", item).done());
        at = section.range.end;
    }
    let tail = &html[at..];
    // Footnotes stay last: what is not yet said of the agenda goes before them.
    let notes = tail.find("<section class=\"footnotes\"").unwrap_or(tail.len());
    push_text(&mut parts, &clean(&tail[..notes]));
    for (i, item) in agenda.iter().enumerate().filter(|(i, _)| !used[*i]) {
        let heading = format!("{}、{}", han_number(i + 1), item.title);
        parts.push(Map::new().with("item", item_value(v, item, i, attendance, Some(heading))).done());
    }
    push_text(&mut parts, &clean(&tail[notes..]));
    parts
}

/// Returns the facts and the parts of a record that stands on another's page, each piece of its text cleaned.
pub(super) fn within(
    v: &Ask<'_>,
    r: &Record,
    rendered: &Rendered,
    clean: &dyn Fn(&str) -> String,
) -> (Vec<Value>, Vec<Value>) {
    let (attendance, agenda) = (meeting::attendance(&r.values), meeting::agenda(&r.values));
    (facts(v, r, &attendance, &agenda), parts(v, rendered, &agenda, &attendance, clean))
}

fn push_text(parts: &mut Vec<Value>, html: &str) {
    if !html.trim().is_empty() {
        parts.push(Map::new().html("html", html).done());
    }
}

/// Writes 一 to 九十九, for the numbers of agenda items.
fn han_number(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match n {
        1..=9 => DIGITS[n].to_owned(),
        10..=19 => format!("十{}", DIGITS[n - 10]),
        20..=99 => format!("{}十{}", DIGITS[n / 10], DIGITS[n % 10]),
        _ => n.to_string(),
    }
}

fn item_value(v: &Ask<'_>, item: &AgendaItem, n: usize, attendance: &Attendance, heading: Option<String>) -> Value {
    Map::new()
        .with("n", n + 1)
        .with("title", item.title.as_str())
        .maybe("heading", heading)
        .with("first_topic", item.first_topic)
        .maybe("presenter", item.presenter.as_ref().map(crate::model::schema::Person::text))
        .maybe("discussion", item.discussion.as_deref())
        .maybe("resolution", item.resolution.as_ref().map(|r| resolution_value(v, r, attendance)))
        .done()
}

fn resolution_value(v: &Ask<'_>, r: &Resolution, a: &Attendance) -> Value {
    let mut value = Map::new()
        .with("text", r.text.as_str())
        .maybe("method", r.method.as_deref())
        .maybe("result", r.result.as_deref())
        .maybe("carried", carried(r))
        .maybe("for", r.in_favour)
        .maybe("against", r.against)
        .maybe("abstain", r.abstain);
    let Some(for_votes) = r.in_favour else { return value.done() };
    let (against, abstain) = (r.against.unwrap_or(0), r.abstain.unwrap_or(0));
    let cast = for_votes + against + abstain;
    // The half line stands on the number entitled (应到), which only a meeting with voters records.
    let entitled = a.voters_expected.filter(|e| *e >= cast && *e > 0);
    let total = entitled.unwrap_or(cast);
    let absent = total - cast;
    if for_votes < 0 || against < 0 || abstain < 0 || total <= 0 || total > 100_000 {
        return value.done();
    }
    let counts = [("y", for_votes), ("n", against), ("b", abstain), ("a", absent)];
    let aria = format!(
        "{} {for_votes}，{} {against}，{} {abstain}，{} {absent}",
        v.say("record.for"),
        v.say("record.against"),
        v.say("record.abstain"),
        v.say("record.absent")
    );
    value = value.with("absent", absent).with("aria", aria);
    if let Some(e) = entitled {
        value = value.with("entitled", e).with("half", format!("{}", e as f64 / 2.0));
    }
    if total <= MOST_CELLS {
        let cells: Vec<&str> = counts.iter().flat_map(|(k, n)| std::iter::repeat_n(*k, *n as usize)).collect();
        if entitled.is_some() {
            value = value.with("half_x", total as f64 * 8.0);
        }
        return value.with("cells", cells).done();
    }
    const WIDTH: f64 = 480.0;
    let mut x = 0.0;
    let mut segments = Vec::new();
    for (kind, n) in counts.iter().filter(|(_, n)| *n > 0) {
        let w = WIDTH * *n as f64 / total as f64;
        segments.push(Map::new().with("k", *kind).with("n", *n).with("x", round(x)).with("w", round(w - 2.0)).done());
        x += w;
    }
    if entitled.is_some() {
        value = value.with("half_x", WIDTH / 2.0);
    }
    value.with("segments", segments).with("svg", Map::new().with("w", WIDTH).with("h", 30).done()).done()
}

fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

fn attachments(r: &Record) -> Vec<Value> {
    let mut all: Vec<Value> = r
        .values
        .rows("attachments")
        .map(|a| {
            let file = a.text("file").and_then(|f| r.file(f));
            Map::new()
                .with("title", a.string("title").or_else(|| a.string("file")).unwrap_or_default())
                .maybe("kind", a.text("kind"))
                .maybe("note", a.text("note"))
                .maybe("url", file.map(|f| f.url.as_str()))
                .maybe("size", file.map(|f| human_size(f.size)))
                .maybe("ext", a.text("file").and_then(extension))
                .done()
        })
        .collect();
    // Files that only lie beside the record are listed by name.
    all.extend(r.files.iter().filter(|f| !f.named).map(|f| {
        Map::new()
            .with("title", f.name.as_str())
            .with("url", f.url.as_str())
            .with("size", human_size(f.size))
            .maybe("ext", extension(&f.name))
            .done()
    }));
    all
}

fn extension(name: &str) -> Option<String> {
    let (_, ext) = name.rsplit_once('.')?;
    (!ext.is_empty() && ext.len() <= 5).then(|| ext.to_ascii_uppercase())
}

/// Returns the addresses of a record's pictures with what stands for them.
pub(super) fn picture_urls(r: &Record) -> impl Iterator<Item = (String, String)> {
    let url = |p: &Values| Some((r.file(p.text("file")?)?.url.clone(), p.string("alt").unwrap_or_default()));
    r.values.rows("pictures").filter_map(url)
}

/// A film with its poster, subtitles and transcript (短片).
fn film(v: &Ask<'_>, r: &Record) -> Option<Value> {
    let row = r.values.row("film")?;
    let url = |key: &str| Some(r.file(row.text(key)?)?.url.as_str());
    let file = r.file(row.text("file")?)?;
    let film = v.film(&file.url)?;
    let transcript = row.text("transcript");
    let words = transcript.filter(|t| !picture::is_file_name(t));
    let paragraphs =
        |t: &str| t.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let length = film.seconds;
    Some(
        Map::new()
            .with("url", file.url.as_str())
            .with("type", film.mime())
            .with("size", human_size(file.size))
            .with("width", film.width)
            .with("height", film.height)
            .maybe("minutes", (length > 0).then(|| format!("{}:{:02}", length / 60, length % 60)))
            .maybe("title", row.text("title"))
            .maybe("poster", url("poster").map(|u| v.picture_for_others(u)))
            .maybe("subtitles", url("subtitles"))
            .maybe("transcript_url", transcript.filter(|t| picture::is_file_name(t)).and_then(|_| url("transcript")))
            .list("transcript", words.map(paragraphs).unwrap_or_default().into_iter().map(Value::from).collect())
            .done(),
    )
}

fn pictures(v: &Ask<'_>, r: &Record) -> Vec<Value> {
    r.values
        .rows("pictures")
        .filter_map(|p| {
            let file = r.file(p.text("file")?)?;
            Some(
                v.picture(&file.url)
                    .with("alt", p.string("alt").unwrap_or_default())
                    .maybe("caption", p.text("caption"))
                    .done(),
            )
        })
        .collect()
}

/// Where the file comes from (来历): when it was first and last committed, how often it was revised.
fn provenance(v: &Ask<'_>, p: &Provenance) -> Value {
    let revision = |r: &Revision| {
        Map::new()
            .with("commit", r.commit.as_str())
            .with("short", r.commit.get(..8).unwrap_or(&r.commit))
            .with("time", r.time.as_str())
            .with("day", r.time.get(..10).unwrap_or(&r.time))
            .maybe("author", r.author.as_deref())
            .done()
    };
    let day = |r: &Option<Revision>| {
        r.as_ref().map_or_else(|| v.say("record.unknown"), |r| r.time.get(..10).unwrap_or(&r.time).to_owned())
    };
    let mut text = v.theme.say(
        if p.complete { "record.provenance_text" } else { "record.provenance_cut" },
        &[("first", day(&p.first)), ("last", day(&p.last)), ("n", p.revisions.to_string())],
    );
    if !p.authors.is_empty() {
        text += &v.theme.say("record.provenance_by", &[("names", p.authors.join("、"))]);
    }
    Map::new()
        .with("text", text)
        .maybe("first", p.first.as_ref().map(revision))
        .maybe("last", p.last.as_ref().map(revision))
        .with("revisions", p.revisions)
        .with("authors", p.authors.clone())
        .with("complete", p.complete)
        .done()
}

fn retention(v: &Ask<'_>, r: &Record) -> Option<String> {
    let word = r.values.text("retention")?;
    let field = v.schema(r.kind).field("retention");
    Some(field.and_then(|f| f.option_labels.get(word)).cloned().unwrap_or_else(|| word.to_owned()))
}

fn evidence(v: &Ask<'_>, r: &Record) -> Vec<Value> {
    r.evidence
        .iter()
        .filter_map(|(rubric, id)| {
            let (criterion, rubric_id, rubric_title) = v.criterion(*rubric, id)?;
            let url = v.url(&format!("{}#{id}", route::rubric(rubric_id)));
            Some(
                Map::new()
                    .with("id", format!("{rubric_id}/{id}"))
                    .with("title", criterion.title.as_str())
                    .with("rubric", rubric_title)
                    .with("url", url)
                    .done(),
            )
        })
        .collect()
}

fn media(r: &Record) -> Vec<Value> {
    r.values
        .rows("media")
        .map(|m| {
            let url = m.text("url").filter(|u| u.starts_with("http://") || u.starts_with("https://"));
            let outlet = m.string("outlet").unwrap_or_default();
            Map::new()
                .with("title", m.string("title").unwrap_or_else(|| outlet.clone()))
                .with("outlet", outlet)
                .maybe("date", m.date("date").map(|d| d.start.iso()))
                .maybe("url", url)
                .done()
        })
        .collect()
}

/// Who, what, where, when, how to reach it: the form of GB/T 7714 for an archival document (A), online (OL) where the
/// site has an address. The day of the citation is the reader's, who alone knows it.
fn citation(v: &Ask<'_>, r: &Record) -> String {
    let site = &v.config.site;
    let title = match r.archive_number() {
        Some(number) => format!("{}：{number}", r.title),
        None => r.title.clone(),
    };
    let sort = if site.base_url.is_empty() { "[A]" } else { "[A/OL]" };
    let day = r.date.as_ref().map(|d| d.start.iso()).unwrap_or_default();
    let updated = r.published.as_ref().map(|d| format!("({})", d.start.iso())).unwrap_or_default();
    let kept = match (site.title.is_empty(), day.is_empty()) {
        (false, false) => format!("{}，{day}{updated}", site.title),
        _ => format!("{}{day}{updated}", site.title),
    };
    let address = if site.base_url.is_empty() { String::new() } else { format!("{}{}", site.base_url, r.route) };
    let parts = [meta::author(v, r.branch, r.unit, r.date.as_ref()), format!("{title}{sort}"), kept, address];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("．")
}

/// Returns the names of the dimensions (四强维度) a case names.
pub(super) fn dimension_names(values: &Values) -> Vec<String> {
    let rows: Vec<String> = values.rows("dimensions").filter_map(|d| d.string("name")).collect();
    if rows.is_empty() { values.texts("dimensions") } else { rows }
}

fn by_class(v: &Ask<'_>, r: &Record, at: usize, value: Map) -> Map {
    let values = &r.values;
    let cards = |row: &Values, key: &str| -> Vec<Value> {
        row.texts(key).iter().chain(row.string(key).iter()).filter_map(|id| v.find(id)).map(|i| v.card(i)).collect()
    };
    let figures: Vec<Value> = values
        .rows("figures")
        .map(|f| {
            let text = |key: &str| match f.get(key) {
                Some(FieldValue::Text(t)) => Some(t.clone()),
                Some(FieldValue::Int(n)) => Some(n.to_string()),
                Some(FieldValue::Number(n)) => Some(n.to_string()),
                _ => None,
            };
            Map::new()
                .with("label", text("label").unwrap_or_default())
                .with("value", text("value").unwrap_or_default())
                .maybe("unit", text("unit"))
                .maybe("source", text("source"))
                .maybe("date", f.date("date").map(|d| d.start.iso()))
                .done()
        })
        .collect();
    let dimensions: Vec<Strength> = match values.rows("dimensions").next() {
        Some(_) => values
            .rows("dimensions")
            .map(|d| Strength {
                name: d.string("name").unwrap_or_default(),
                text: d.string("text"),
                evidence: cards(d, "evidence"),
                more: None,
            })
            .collect(),
        None => values.texts("dimensions").into_iter().map(|name| Strength { name, ..Strength::default() }).collect(),
    };
    let dimensions = match strengths(v, r, at) {
        Some(strengths) => with_evidence(v, dimensions, strengths),
        None => dimensions,
    };
    let items: Vec<Value> = values
        .rows("items")
        .map(|i| {
            let person = |key: &str| i.person(key).map(crate::model::schema::Person::text).or_else(|| i.string(key));
            let when = |key: &str| i.date(key).map(|d| d.start.iso()).or_else(|| i.string(key));
            Map::new()
                .with("task", i.string("task").unwrap_or_default())
                .maybe("measure", i.text("measure"))
                .maybe("owner", person("owner"))
                .maybe("deadline", when("deadline"))
                .maybe("done", when("done"))
                .list("evidence", cards(i, "evidence"))
                .done()
        })
        .collect();
    let grades: Vec<Value> = ["grades", "votes"]
        .iter()
        .flat_map(|k| values.tally(k))
        .map(|(label, n)| Map::new().with("label", label.as_str()).with("value", *n).done())
        .collect();
    let honours: Vec<Value> = match r.branch {
        Some(b) if v.kind_name(r.kind).class == "story" => v.honours_of(b).map(|h| v.honour(h)).collect(),
        _ => Vec::new(),
    };
    let plaque = v.honour_told(at).map(|h| v.plaque(h).done());
    value
        .list("figures", figures)
        .list(
            "steps",
            if values.rows("steps").next().is_some() {
                Vec::new()
            } else {
                values.texts("steps").into_iter().map(Value::from).collect()
            },
        )
        .list("dimensions", dimensions.into_iter().map(Strength::value).collect())
        .list("items", items)
        .maybe("scores", scores(values, &cards))
        .list("grades", grades)
        .maybe("election", election(values))
        .list("honours", honours)
        .maybe("plaque", plaque)
        .maybe("brand", values.text("brand").or_else(|| values.text("name")))
        .maybe("meaning", values.text("meaning"))
        .maybe("carrier", values.text("carrier"))
        .maybe("lede", values.text("lede"))
        .maybe("lecturer", values.person("lecturer").map(crate::model::schema::Person::text))
        .list("materials", values.texts("materials").into_iter().map(Value::from).collect())
        .maybe("issue", issue(r))
        .maybe("posting", if r.posting.is_some() { disclosure::on_its_page(v, at, &r.summary) } else { None })
        .with("featured", values.flag("featured"))
        .maybe("quality", cases::checklist(v, r))
}

/// The most records shown behind a strength that its story does not choose itself.
const MOST_SHOWN: usize = 6;

/// A strength a story or case names (四强维度).
#[derive(Default)]
struct Strength {
    name: String,
    text: Option<String>,
    evidence: Vec<Value>,
    /// How many more there are, where the evidence is what was given for the criteria.
    more: Option<usize>,
}

impl Strength {
    fn value(self) -> Value {
        Map::new()
            .with("name", self.name)
            .maybe("text", self.text)
            .list("evidence", self.evidence)
            .maybe("from_rubric", self.more.map(|_| true))
            .maybe("more", self.more.filter(|n| *n > 0))
            .done()
    }
}

/// What a story's branch shows of each strength, by the rubric of the programme that named it.
fn strengths<'a>(v: &Ask<'a>, r: &Record, at: usize) -> Option<Vec<(&'a str, Vec<usize>)>> {
    let branch = r.branch.filter(|_| v.kind_name(r.kind).class == "story")?;
    let programme = v.honour_told(at)?.programme?;
    let rubric = v.programmes()[programme].rubric?;
    Some(v.strengths(branch, rubric))
}

/// Completes a story's strengths in the order of the rubric: where the story names no evidence, what was given
/// for the criteria stands there, and says so.
fn with_evidence(v: &Ask<'_>, mut own: Vec<Strength>, strengths: Vec<(&str, Vec<usize>)>) -> Vec<Strength> {
    let mut all = Vec::new();
    for (title, records) in strengths {
        let told = own.iter().position(|d| d.name == title).map(|at| own.remove(at));
        let is_told = told.as_ref().is_some_and(|d| !d.evidence.is_empty());
        if is_told || records.is_empty() {
            all.extend(told);
            continue;
        }
        let more = Some(records.len().saturating_sub(MOST_SHOWN));
        let evidence = v.cards(records.into_iter().take(MOST_SHOWN));
        let name = title.to_owned();
        all.push(Strength { name, text: told.and_then(|d| d.text), evidence, more });
    }
    all.extend(own);
    all
}

fn number(row: &Values, key: &str) -> Option<Value> {
    match row.get(key)? {
        FieldValue::Int(n) => Some(Value::from(*n)),
        FieldValue::Number(n) => Some(Value::from(*n)),
        _ => None,
    }
}

fn scores(values: &Values, cards: &dyn Fn(&Values, &str) -> Vec<Value>) -> Option<Value> {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    let rows: Vec<Value> = values
        .rows("scores")
        .map(|s| {
            for key in ["full", "score"] {
                *sums.entry(key).or_default() += s.number(key).unwrap_or(0.0);
            }
            Map::new()
                .with("item", s.string("item").unwrap_or_default())
                .maybe("full", number(s, "full"))
                .maybe("score", number(s, "score"))
                .maybe("reason", s.text("reason"))
                .list("evidence", cards(s, "evidence"))
                .done()
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let whole = |x: f64| if x.fract() == 0.0 { Value::from(x as i64) } else { Value::from(round(x)) };
    Some(Map::new().with("rows", rows).with("sum", whole(sums["score"])).with("full_sum", whole(sums["full"])).done())
}

fn election(values: &Values) -> Option<Value> {
    let candidates: Vec<Value> = values
        .rows("candidates")
        .map(|c| {
            let name = c
                .person("name")
                .map(crate::model::schema::Person::text)
                .or_else(|| c.string("name"))
                .unwrap_or_default();
            Map::new()
                .with("name", name)
                .maybe("for", c.int("for"))
                .maybe("against", c.int("against"))
                .maybe("abstain", c.int("abstain"))
                .with("elected", c.flag("elected"))
                .done()
        })
        .collect();
    if candidates.is_empty() {
        return None;
    }
    let ballots = values.row("ballots").map(|b| {
        Map::new()
            .maybe("issued", b.int("issued"))
            .maybe("returned", b.int("returned"))
            .maybe("valid", b.int("valid"))
            .maybe("invalid", b.int("invalid"))
            .done()
    });
    let tellers: Vec<Value> = values
        .list("tellers")
        .iter()
        .filter_map(|t| match &t.value {
            FieldValue::Person(p) => Some(Value::from(p.text())),
            FieldValue::Text(t) => Some(Value::from(t.as_str())),
            _ => None,
        })
        .collect();
    Some(
        Map::new()
            .maybe("post", values.text("post"))
            .maybe("ballots", ballots)
            .with("candidates", candidates)
            .list("tellers", tellers)
            .done(),
    )
}

fn issue(r: &Record) -> Option<Value> {
    let no = r.values.int("issue")?;
    let signer =
        r.values.person("signer").map(crate::model::schema::Person::text).or_else(|| r.values.string("signer"));
    Some(
        Map::new()
            .with("no", no)
            .maybe("total", r.values.int("total_issue"))
            .maybe("editor", r.values.text("editor"))
            .maybe("date", r.date.as_ref().map(|d| d.start.iso()))
            .maybe("signer", signer)
            .list("sent_to", r.values.texts("sent_to").into_iter().map(Value::from).collect())
            .done(),
    )
}

/// Returns a text as an HTML paragraph, for readers without templates (feeds).
pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agenda_numbers_are_written_in_chinese() {
        assert_eq!(
            (han_number(1), han_number(10), han_number(12), han_number(21)),
            ("一".into(), "十".into(), "十二".into(), "二十一".into())
        );
    }
}
