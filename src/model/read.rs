//! Makes each document what its kind, its folder or a path rule says it is. References stay words
//! until `resolve`, except those to organisations and branches, which come first.

mod programme;

use super::branch::{Branch, BranchEvent, Group, Name, Organisation, Post, Term};
use super::catalogue::{self, Catalogue};
use super::collate::Collation;
use super::date::ArchiveDate;
use super::honour::{self, Draft, Event, Gate, Honour, Terms};
use super::kind::{Audience, Kinds};
use super::pack::Pack;
use super::programme::Looks;
use super::record::Record;
use super::schema::{FieldValue, Reading, Schema, Values};
use super::{Options, Page, Site, What, adopt, disclosure, pack, route};
use crate::config;
use crate::diagnostic::{Diagnostic, Say, did_you_mean};
use crate::digest::Digest;
use crate::library;
use crate::parse::{self, Document};
use crate::rules::disclosure::State;
use crate::say;
use crate::source::Source;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The keys that name a kind.
const KIND_KEYS: [&str; 4] = ["kind", "type", "类型", "记录类型"];
/// Folders whose files must be records.
const RECORD_FOLDERS: [&str; 3] = ["records", "cases", "stories"];

enum Sort {
    Entity(String),
    Record(usize, Option<adopt::Match>),
    Unknown,
}

/// Reads all documents.
pub(super) fn read(docs: Vec<Document>, kinds: Kinds, options: Options, out: &mut Vec<Diagnostic>) -> Site {
    let count = docs.len();
    let mut site = Site {
        options,
        kinds,
        what: vec![What::Nothing; count],
        why: vec![String::new(); count],
        organisations: Vec::new(),
        branches: Vec::new(),
        records: Vec::new(),
        programmes: Vec::new(),
        rubrics: Vec::new(),
        honours: Vec::new(),
        packs: Vec::new(),
        catalogues: Vec::new(),
        pages: Vec::new(),
        published: Vec::new(),
        redirects: BTreeMap::new(),
        withheld: 0,
        unpublished: Vec::new(),
        targets: Vec::new(),
        by_id: BTreeMap::new(),
        docs,
    };
    let sorts: Vec<Sort> = (0..count).map(|i| sort_of(&mut site, i, out)).collect();
    let of = |id: &str| {
        sorts
            .iter()
            .enumerate()
            .filter(|(_, s)| matches!(s, Sort::Entity(e) if e == id))
            .map(|(i, _)| i)
            .collect::<Vec<_>>()
    };
    read_organisations(&mut site, &of("organisation"), out);
    read_branches(&mut site, &of("branch"), out);
    read_packs(&mut site, &of("pack"), out);
    read_catalogues(&mut site, &of("catalogue"), out);
    programme::read_rubrics(&mut site, &of("rubric"), out);
    let shipped = library::ALL.iter().filter(|e| e.sort == library::Sort::Pack).map(|e| e.id.to_owned());
    let packs: Vec<String> = site.packs.iter().map(|p| p.id.clone()).chain(shipped).collect();
    programme::read_programmes(&mut site, &of("programme"), &packs, out);
    let implied = site.branches.is_empty();
    for (doc, sort) in sorts.iter().enumerate() {
        if let Sort::Record(kind, found) = sort {
            read_record(&mut site, doc, *kind, found.as_ref(), implied, out);
        }
    }
    finish_records(&mut site, out);
    read_honours(&mut site, &of("honour"), out);
    for doc in of("page") {
        read_page(&mut site, doc, out);
    }
    let collation = Collation::default();
    site.pages.sort_by(|a, b| a.order.cmp(&b.order).then_with(|| collation.compare(&a.title, &b.title)));
    for (i, page) in site.pages.iter().enumerate() {
        site.what[page.doc] = What::Page(i);
    }
    site
}

fn sort_of(site: &mut Site, doc: usize, out: &mut Vec<Diagnostic>) -> Sort {
    let d = &site.docs[doc];
    let folder = d.path.split_once('/').map_or("", |(f, _)| f);
    let is_index = d.path.rsplit('/').next() == Some("_index.md");
    let entity = site
        .kinds
        .entities
        .iter()
        .find(|e| !e.folder.is_empty() && e.folder == folder && !is_index)
        .map(|e| e.id.clone());
    let front = d.front.table();
    let named = front.entries.iter().find(|(k, _)| KIND_KEYS.contains(&k.name.as_str()));
    // In an entity's folder `type` is the entity's own key.
    if let Some(id) = entity {
        site.why[doc] = format!("folder {folder}/");
        return Sort::Entity(id);
    }
    if let Some((key, node)) = named {
        let word = d.head.get(node.span.clone()).unwrap_or("").trim().trim_matches(['"', '\'']).to_owned();
        if let Some(kind) = site.kinds.find(&word) {
            site.why[doc] = format!("{} = {word}", key.name);
            return Sort::Record(kind, adopt::match_path(&site.options.paths, &d.path));
        }
        if let Some(entity) = site.kinds.entity(&word) {
            site.why[doc] = format!("{} = {word}", key.name);
            return Sort::Entity(entity.id.clone());
        }
        let hint = match did_you_mean(&word, site.kinds.names()) {
            Some(near) => say!(
                "是不是 `{near}`？全部类型见 `beilin kinds`",
                "did you mean `{near}`? `beilin kinds` lists them all"
            ),
            None => say!(
                "全部类型见 `beilin kinds`；也可以在自己的类型文件里加一种",
                "`beilin kinds` lists all kinds; a site may add its own"
            ),
        };
        out.push(
            Diagnostic::error(
                "unknown-kind",
                &d.shown,
                Some(node.span.clone()),
                say!("没有`{word}`这种记录", "unknown kind `{word}`"),
            )
            .hint(hint),
        );
        return Sort::Unknown;
    }
    if let Some(found) = adopt::match_path(&site.options.paths, &d.path) {
        let rule = &site.options.paths[found.rule];
        let word =
            rule.kind.clone().or_else(|| found.places.get("kind").cloned()).unwrap_or_else(|| "other".to_owned());
        let pattern = &rule.pattern;
        if let Some(kind) = site.kinds.find(&word) {
            site.why[doc] = format!("path rule {pattern}");
            return Sort::Record(kind, Some(found));
        }
        out.push(
            Diagnostic::error(
                "unknown-kind",
                &d.shown,
                None,
                say!(
                    "路径规则 `{pattern}` 说它是`{word}`，没有这种记录",
                    "path rule `{pattern}` says kind `{word}`, which is unknown"
                ),
            )
            .hint_if(
                did_you_mean(&word, site.kinds.names()).map(|near| say!("是不是 `{near}`？", "did you mean `{near}`?")),
            ),
        );
        return Sort::Unknown;
    }
    if d.broken {
        return Sort::Unknown;
    }
    if RECORD_FOLDERS.contains(&folder) && !is_index {
        let span = place_of_missing(d);
        out.push(
            Diagnostic::error("missing-key", &d.shown, Some(span), say!("缺少`kind`（类型）", "`kind` is missing"))
                .hint(say!("加一行，如：kind = \"支委会\"", "add a line such as: kind = \"committee-meeting\"")),
        );
        return Sort::Unknown;
    }
    site.why[doc] = "page".to_owned();
    Sort::Entity("page".to_owned())
}

/// Where to point for what is missing: the opening fence, or the start of the file.
fn place_of_missing(d: &Document) -> Range<usize> {
    match d.has_front {
        true => d.front_span.start.saturating_sub(4)..d.front_span.start.saturating_sub(1),
        false => 0..0,
    }
}

fn read_values(site: &Site, doc: usize, entity: &str, out: &mut Vec<Diagnostic>) -> Values {
    let d = &site.docs[doc];
    let mut fields = site.kinds.entity(entity).map(|e| e.fields.clone()).unwrap_or_default();
    // `kind = "branch"` may be written, to say so.
    let front = strip_kind(d, &fields);
    let schema = Schema { fields: std::mem::take(&mut fields) };
    let mut reading = Reading { path: &d.shown, text: &d.head, out };
    match d.broken {
        true => schema.read_as_is(&front, &mut reading),
        false => schema.read(&front, place_of_missing(d), &mut reading),
    }
}

fn strip_kind(d: &Document, fields: &[super::schema::Field]) -> crate::parse::node::Table {
    let mut front = d.front.table();
    front
        .entries
        .retain(|(k, _)| !(matches!(k.name.as_str(), "kind" | "记录类型") && fields.iter().all(|f| f.key != "kind")));
    front
}

fn take_id(
    site: &Site,
    doc: usize,
    values: &Values,
    taken: Option<usize>,
    out: &mut Vec<Diagnostic>,
) -> Option<String> {
    let d = &site.docs[doc];
    let id = values.string("id")?;
    check_id(d, &id, values.span("id"), out);
    if let Some(other) = taken {
        let o = &site.docs[other];
        out.push(
            Diagnostic::error(
                "duplicate-id",
                &d.shown,
                values.span("id"),
                say!("编号 `{id}` 已经用过", "id `{id}` is taken"),
            )
            .other(
                &o.shown,
                o.front.get("id").map(|n| n.span.clone()),
                say!("先用在这里", "first used here"),
            ),
        );
        return None;
    }
    Some(id)
}

fn check_id(d: &Document, id: &str, span: Option<Range<usize>>, out: &mut Vec<Diagnostic>) {
    if !route::is_id(id) {
        let safe = adopt::id_of(id);
        out.push(
            Diagnostic::error(
                "bad-id",
                &d.shown,
                span,
                say!(
                    "编号 `{id}` 要用作网址，只能有小写字母、数字、`-`、`_`、`.`",
                    "id `{id}` becomes an address: lower-case letters, digits, `-`, `_`, `.` only"
                ),
            )
            .hint(say!("例如 `{safe}`", "for example `{safe}`")),
        );
    }
}

/// Complains of ids used twice among the rows of a key.
fn unique(values: &Values, key: &str, d: &Document, out: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(&str, Option<Range<usize>>)> = Vec::new();
    for row in values.rows(key) {
        let Some(id) = row.text("id") else { continue };
        if let Some((_, first)) = seen.iter().find(|(i, _)| *i == id) {
            out.push(
                Diagnostic::error(
                    "duplicate-id",
                    &d.shown,
                    row.span("id"),
                    say!("编号 `{id}` 在这里已经用过", "id `{id}` is taken here"),
                )
                .other(&d.shown, first.clone(), say!("先用在这里", "first used here")),
            );
        }
        seen.push((id, row.span("id")));
    }
}

/// Finds a reference, or says what is wrong with it.
fn find_ref<'a>(
    d: &Document,
    span: Option<Range<usize>>,
    word: &str,
    what: Say,
    known: impl Iterator<Item = &'a str> + Clone,
    out: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let at = known.clone().position(|k| k == word);
    if at.is_none() {
        let near = did_you_mean(word, known).map(|near| say!("是不是 `{near}`？", "did you mean `{near}`?"));
        out.push(
            Diagnostic::error(
                "dangling",
                &d.shown,
                span,
                Say {
                    zh: format!("没有编号为`{word}`的{}", what.zh), en: format!("no {} with id `{word}`", what.en)
                },
            )
            .hint_if(near),
        );
    }
    at
}

fn read_organisations(site: &mut Site, docs: &[usize], out: &mut Vec<Diagnostic>) {
    type Parent = Option<(String, Option<Range<usize>>)>;
    let mut read: Vec<(Organisation, Parent)> = Vec::new();
    for &doc in docs {
        let v = read_values(site, doc, "organisation", out);
        let taken = read.iter().find(|(o, _)| Some(o.id.as_str()) == v.text("id")).map(|(o, _)| o.doc);
        let Some(id) = take_id(site, doc, &v, taken, out) else { continue };
        read.push((
            Organisation {
                doc,
                name: v.string("name").unwrap_or_else(|| id.clone()),
                short: v.string("short"),
                sort: v.string("type"),
                parent: None,
                depth: 0,
                unit: v.string("unit"),
                fonds: v.string("fonds"),
                order: v.int("order").unwrap_or(i64::MAX),
                id,
            },
            v.string("parent").map(|p| (p, v.span("parent"))),
        ));
    }
    let ids: Vec<String> = read.iter().map(|(o, _)| o.id.clone()).collect();
    let mut parents: Vec<Option<usize>> = Vec::new();
    for (o, parent) in &read {
        let d = &site.docs[o.doc];
        parents.push(parent.as_ref().and_then(|(p, span)| {
            find_ref(d, span.clone(), p, say!("党组织", "organisation"), ids.iter().map(String::as_str), out)
        }));
    }
    // A ring has no top: cut it where it is noticed.
    for i in 0..read.len() {
        let (mut at, mut steps) = (i, 0);
        while let Some(up) = parents[at] {
            (at, steps) = (up, steps + 1);
            if steps > read.len() {
                let d = &site.docs[read[i].0.doc];
                let id = &ids[i];
                out.push(Diagnostic::error(
                    "ring",
                    &d.shown,
                    d.front.get("parent").map(|n| n.span.clone()),
                    say!("`{id}` 的上级绕成了一圈", "the parents of `{id}` run in a ring"),
                ));
                parents[i] = None;
                break;
            }
        }
    }
    let collation = Collation::default();
    let mut order = Vec::new();
    let mut stack: Vec<(usize, usize)> = Vec::new();
    let children = |of: Option<usize>| {
        let mut c: Vec<usize> = (0..read.len()).filter(|i| parents[*i] == of).collect();
        c.sort_by(|a, b| {
            read[*b].0.order.cmp(&read[*a].0.order).then_with(|| collation.compare(&read[*b].0.name, &read[*a].0.name))
        });
        c
    };
    stack.extend(children(None).into_iter().map(|i| (i, 0)));
    while let Some((i, depth)) = stack.pop() {
        order.push((i, depth));
        stack.extend(children(Some(i)).into_iter().map(|c| (c, depth + 1)));
    }
    let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(new, (old, _))| (*old, new)).collect();
    for (new, (old, depth)) in order.into_iter().enumerate() {
        let mut o = read[old].0.clone();
        o.parent = parents[old].map(|p| place[&p]);
        o.depth = depth;
        site.what[o.doc] = What::Organisation(new);
        site.organisations.push(o);
    }
}

fn read_branches(site: &mut Site, docs: &[usize], out: &mut Vec<Diagnostic>) {
    let org_ids: Vec<String> = site.organisations.iter().map(|o| o.id.clone()).collect();
    let mut read: Vec<(Branch, Values)> = Vec::new();
    for &doc in docs {
        let v = read_values(site, doc, "branch", out);
        let taken = read.iter().find(|(b, _)| Some(b.id.as_str()) == v.text("id")).and_then(|(b, _)| b.doc);
        let Some(id) = take_id(site, doc, &v, taken, out) else { continue };
        let d = &site.docs[doc];
        let parent = v.text("parent").and_then(|p| {
            find_ref(d, v.span("parent"), p, say!("党组织", "organisation"), org_ids.iter().map(String::as_str), out)
        });
        let members = v.row("members");
        let party_day = v.row("party_day");
        if let Some(day) = party_day.and_then(|p| p.int("day")).filter(|d| !(1..=31).contains(d)) {
            out.push(Diagnostic::error(
                "bad-value",
                &d.shown,
                v.span("party_day"),
                say!("主题党日应是每月 1 到 31 日，这里是 {day}", "the party day should be 1 to 31, not {day}"),
            ));
        }
        let branch = Branch {
            doc: Some(doc),
            name: v.string("name").unwrap_or_else(|| id.clone()),
            short: v.string("short"),
            parent,
            sort: v.string("type"),
            status: v.string("status"),
            founded: v.date("founded").cloned(),
            members: members
                .and_then(|m| Some((m.int("full")?, m.int("probationary").unwrap_or(0), m.date("asof").cloned()))),
            party_day: party_day.and_then(|p| Some((p.int("day")?, p.string("note")))),
            brand: v.string("brand"),
            motto: v.string("motto"),
            code: v.string("code"),
            order: v.int("order").unwrap_or(i64::MAX),
            names: v
                .rows("names")
                .map(|r| Name {
                    name: r.string("name").unwrap_or_default(),
                    short: r.string("short"),
                    from: r.date("from").cloned(),
                    to: r.date("to").cloned(),
                })
                .collect(),
            terms: {
                let mut terms: Vec<Term> = v
                    .rows("committee")
                    .map(|r| Term {
                        term: r.string("term"),
                        from: r.date("from").cloned(),
                        to: r.date("to").cloned(),
                        posts: r
                            .rows("posts")
                            .map(|p| Post {
                                post: p.string("post").unwrap_or_default(),
                                name: p.string("name"),
                                from: p.date("from").cloned(),
                                to: p.date("to").cloned(),
                            })
                            .collect(),
                    })
                    .collect();
                terms.sort_by_key(|t| Reverse(t.from.as_ref().and_then(|d| d.start.earliest())));
                terms
            },
            groups: v
                .rows("groups")
                .map(|r| Group {
                    id: r.string("id").unwrap_or_default(),
                    name: r.string("name").unwrap_or_default(),
                    leader: r.string("leader"),
                    from: r.date("from").cloned(),
                    to: r.date("to").cloned(),
                })
                .collect(),
            events: Vec::new(),
            aliases: v.texts("aliases"),
            id,
        };
        read.push((branch, v));
    }
    let collation = Collation::default();
    read.sort_by(|(a, _), (b, _)| {
        (a.parent.is_none(), a.parent, a.order)
            .cmp(&(b.parent.is_none(), b.parent, b.order))
            .then_with(|| collation.compare(&a.name, &b.name))
    });
    let ids: Vec<String> = read.iter().map(|(b, _)| b.id.clone()).collect();
    for (i, (mut branch, v)) in read.into_iter().enumerate() {
        let doc = branch.doc.unwrap_or_default();
        let d = &site.docs[doc];
        unique(&v, "groups", d, out);
        for row in v.rows("events") {
            let with = row.list("with").iter().filter_map(|w| match &w.value {
                FieldValue::Text(id) => {
                    find_ref(d, Some(w.span.clone()), id, say!("党支部", "branch"), ids.iter().map(String::as_str), out)
                }
                _ => None,
            });
            let with = with.collect();
            let with: Vec<usize> = with;
            if with.contains(&i) {
                let id = &branch.id;
                out.push(Diagnostic::error(
                    "ring",
                    &d.shown,
                    row.span("with"),
                    say!("`{id}` 不能与自己合并或拆分", "`{id}` cannot be merged with or split from itself"),
                ));
            }
            if let (Some(date), Some(event)) = (row.date("date"), row.string("event")) {
                branch.events.push(BranchEvent {
                    date: date.clone(),
                    event,
                    with,
                    docno: row.string("docno"),
                    note: row.string("note"),
                });
            }
        }
        branch.events.sort_by(|a, b| a.date.cmp_start(&b.date));
        for alias in &branch.aliases {
            add_redirect(&mut site.redirects, route::branch(alias), route::branch(&branch.id), d, &v, out);
        }
        site.what[doc] = What::Branch(i);
        site.branches.push(branch);
    }
}

/// Returns the name of the organisation or branch of this id, or the words as they are.
fn org_name(site: &Site, word: Option<String>) -> Option<String> {
    let word = word?;
    let organisation = site.organisations.iter().find(|o| o.id == word).map(|o| o.name.clone());
    let branch = || site.branches.iter().find(|b| b.id == word).map(|b| b.name.clone());
    organisation.or_else(branch).or(Some(word))
}

fn newest(a: Option<&ArchiveDate>, b: Option<&ArchiveDate>) -> std::cmp::Ordering {
    a.map(|d| d.start.earliest()).cmp(&b.map(|d| d.start.earliest()))
}

fn read_packs(site: &mut Site, docs: &[usize], out: &mut Vec<Diagnostic>) {
    let mut read: Vec<Pack> = Vec::new();
    for &doc in docs {
        let v = read_values(site, doc, "pack", out);
        let taken = read.iter().find(|p| Some(p.id.as_str()) == v.text("id")).and_then(|p| p.doc);
        if take_id(site, doc, &v, taken, out).is_none() {
            continue;
        }
        let d = &site.docs[doc];
        unique(&v, "rules", d, out);
        unique(&v, "checks", d, out);
        read.extend(pack::read(d, &v, &site.kinds, out).map(|p| Pack { doc: Some(doc), ..p }));
    }
    // What is picked and not the site's own comes with the tool.
    for (id, _) in site.options.packs.iter().flat_map(|p| &p.packs) {
        if read.iter().all(|p| &p.id != id) {
            read.extend(shipped_pack(site, id));
        }
    }
    read.sort_by(|a, b| a.id.cmp(&b.id));
    for (i, p) in read.iter().enumerate() {
        if let Some(doc) = p.doc {
            site.what[doc] = What::Pack(i);
        }
    }
    site.packs = read;
    for (id, span) in site.options.packs.iter().flat_map(|p| &p.packs) {
        if site.packs.iter().all(|p| &p.id != id) {
            let shipped = library::ALL.iter().filter(|e| e.sort == library::Sort::Pack).map(|e| e.id);
            let near = did_you_mean(id, site.packs.iter().map(|p| p.id.as_str()).chain(shipped));
            out.push(
                Diagnostic::error(
                    "dangling",
                    config::FILE,
                    Some(span.clone()),
                    say!("没有编号为`{id}`的规则包", "no rule pack with id `{id}`"),
                )
                .hint_if(near.map(|near| say!("是不是 `{near}`？", "did you mean `{near}`?"))),
            );
        }
    }
}

fn read_catalogues(site: &mut Site, docs: &[usize], out: &mut Vec<Diagnostic>) {
    let mut read: Vec<Catalogue> = Vec::new();
    for &doc in docs {
        let v = read_values(site, doc, "catalogue", out);
        let taken = read.iter().find(|c| Some(c.id.as_str()) == v.text("id")).map(|c| c.doc);
        if take_id(site, doc, &v, taken, out).is_none() {
            continue;
        }
        let d = &site.docs[doc];
        unique(&v, "items", d, out);
        for item in v.list("units") {
            if let FieldValue::Text(word) = &item.value {
                let ids = site.organisations.iter().map(|o| o.id.as_str());
                find_ref(d, Some(item.span.clone()), word, say!("党组织", "organisation"), ids, out);
            }
        }
        read.extend(catalogue::read(d, &v, doc, out));
    }
    read.sort_by(|a, b| a.id.cmp(&b.id));
    for (i, c) in read.iter().enumerate() {
        site.what[c.doc] = What::Catalogue(i);
    }
    site.catalogues = read;
}

/// Reads a pack of the library, which tests hold to be free of faults.
fn shipped_pack(site: &Site, id: &str) -> Option<Pack> {
    let entry = library::find(library::Sort::Pack, id)?;
    let text: Arc<str> = entry.text.into();
    let source = Source {
        path: entry.path.to_owned(),
        shown: format!("library/{}", entry.path),
        digest: Digest::of(text.as_bytes()),
        text,
    };
    let (document, _) = parse::parse(&source, &parse::markdown::Options::default(), &Default::default());
    let schema = Schema { fields: site.kinds.entity("pack")?.fields.clone() };
    let mut told = Vec::new();
    let mut reading = Reading { path: &document.shown, text: &document.head, out: &mut told };
    let values = schema.read(&document.front.table(), 0..0, &mut reading);
    pack::read(&document, &values, &site.kinds, &mut told)
}

fn read_record(
    site: &mut Site,
    doc: usize,
    kind: usize,
    found: Option<&adopt::Match>,
    implied: bool,
    out: &mut Vec<Diagnostic>,
) {
    let d = &site.docs[doc];
    let schema = &site.kinds.schemas[kind];
    let mut reading = Reading { path: &d.shown, text: &d.head, out };
    let mut values = if d.has_front && !d.broken {
        schema.read(&d.front.table(), place_of_missing(d), &mut reading)
    } else {
        schema.read_as_is(&d.front.table(), &mut reading)
    };
    if values.text("secrecy").is_some_and(|s| matches!(s, "秘密" | "机密" | "绝密")) {
        let word = values.text("secrecy").unwrap_or_default().to_owned();
        out.push(
            Diagnostic::error(
                "secret",
                &d.shown,
                values.span("secrecy"),
                say!(
                    "密级是“{word}”：涉密材料不得进入本机和本站",
                    "marked secret (`{word}`): such material must not be on this machine or in this site"
                ),
            )
            .hint(say!(
                "请按保密规定处理，并从版本库历史中彻底清除",
                "handle it by the rules of secrecy, and purge it from the repository's history"
            )),
        );
    }
    let found_out = disclosure::look(site, &site.kinds.kinds[kind], d, &mut values, out);
    // A catalogue says for whom an item is, where the record does not.
    let of_item = found_out.item.and_then(|(c, i)| site.catalogues[c].items[i].audience);
    let audience = values.text("audience").and_then(Audience::parse).or(of_item);
    let audience = audience.unwrap_or(site.kinds.kinds[kind].audience);
    // Outside the unit nobody learns of what is to be posted.
    let is_ahead = found_out.posting == Some(State::Ahead) && site.options.audience < Audience::Unit;
    if values.text("status") == Some("草稿") || audience > site.options.audience || is_ahead {
        site.what[doc] = What::Withheld;
        let is_draft = values.text("status") == Some("草稿");
        site.withheld += usize::from(!is_draft);
        // Of what is for named readers, and of drafts, nobody learns that it exists.
        if site.options.unpublished && !is_draft && !is_ahead && audience < Audience::Named {
            let told = super::evidence::Unpublished::of(site, &d.path, &values);
            site.unpublished.extend(told);
        }
        return;
    }
    let rule = found.map(|m| &site.options.paths[m.rule]);
    let place = |key: &str| found.and_then(|m| m.places.get(key)).map(String::as_str);

    // Branch or unit: the front matter, the path rule, the folder below records/.
    let folder = d.path.strip_prefix("records/").and_then(|p| p.split_once('/')).map(|(f, _)| f.to_owned());
    let word = values
        .string("branch")
        .or_else(|| rule.and_then(|r| r.branch.clone()))
        .or_else(|| place("branch").map(str::to_owned));
    let branch_ids: Vec<&str> = site.branches.iter().map(|b| b.id.as_str()).collect();
    let mut make_branch = None;
    let mut branch = None;
    if let Some(word) = &word {
        branch = site.branches.iter().position(|b| b.id == *word).or_else(|| {
            let named = |b: &Branch| {
                b.name == *word || b.short.as_deref() == Some(word) || b.names.iter().any(|n| n.name == *word)
            };
            let found: Vec<usize> = (0..site.branches.len()).filter(|i| named(&site.branches[*i])).collect();
            if let [first, second, ..] = found[..] {
                let (a, b) = (&site.branches[first].id, &site.branches[second].id);
                out.push(
                    Diagnostic::error(
                        "ambiguous",
                        &d.shown,
                        values.span("branch"),
                        say!("叫`{word}`的支部不止一个", "more than one branch is called `{word}`"),
                    )
                    .hint(say!("写编号：`{a}` 或 `{b}`", "write the id: `{a}` or `{b}`")),
                );
            }
            found.first().copied()
        });
        if branch.is_none() {
            let id = adopt::id_of(word);
            match site.branches.iter().position(|b| b.id == id && b.doc.is_none()) {
                Some(at) => branch = Some(at),
                None if implied => make_branch = Some((id, word.clone())),
                None => {
                    find_ref(d, values.span("branch"), word, say!("党支部", "branch"), branch_ids.iter().copied(), out);
                }
            }
        }
    }
    let unit_word = values.string("unit");
    let mut unit = unit_word.as_ref().and_then(|w| {
        let ids = site.organisations.iter().map(|o| o.id.as_str());
        site.organisations
            .iter()
            .position(|o| &o.name == w)
            .or_else(|| find_ref(d, values.span("unit"), w, say!("党组织", "organisation"), ids, out))
    });
    if word.is_none()
        && unit_word.is_none()
        && let Some(folder) = &folder
    {
        branch = site.branches.iter().position(|b| &b.id == folder);
        unit = if branch.is_none() { site.organisations.iter().position(|o| &o.id == folder) } else { None };
    }

    // Date: the front matter, else the path; where the text tells another, both are said.
    let heading = d.outline.first_heading.as_ref().map(|h| h.text.clone());
    let path_date = place("date").and_then(ArchiveDate::parse);
    let mut date = values.date("date").cloned();
    if date.is_none() {
        let text_date = adopt::date_in_text(heading.as_deref().unwrap_or(""), d.first_lines());
        if let (Some(p), Some(t)) = (&path_date, &text_date)
            && !t.covers(p)
            && p.start.civil().is_some()
        {
            let (p, t) = (p.zh(), t.zh());
            out.push(
                Diagnostic::warning(
                    "two-dates",
                    &d.shown,
                    None,
                    say!("文件名的日期是{p}，正文写的是{t}", "the file's name says {p}, its text says {t}"),
                )
                .hint(say!(
                    "列表按文件名的日期；请核对后改名，或在前置信息里写明 date",
                    "lists use the name's date; check, and rename the file or write `date` in front matter"
                )),
            );
        }
        date = path_date.or(text_date);
    }

    // Title: the front matter, the first heading, the path rule, else one the tool makes in 〔〕.
    let topics = if values.list("agenda").is_empty() && !d.has_front { d.topics.clone() } else { Vec::new() };
    let kind_name = site.kinds.kinds[kind].label.zh.clone();
    let own_heading = heading.clone().filter(|h| !adopt::says_nothing(h));
    let title = values
        .string("title")
        .or(own_heading)
        .or_else(|| rule.and_then(|r| r.title.clone()).map(|t| fill(&t, found)))
        .or_else(|| place("title").map(|t| t.trim_matches(['-', '_', ' ']).to_owned()).filter(|t| !t.is_empty()))
        .unwrap_or_else(|| {
            if d.has_front && !d.broken {
                out.push(
                    Diagnostic::warning(
                        "no-title",
                        &d.shown,
                        Some(place_of_missing(d)),
                        say!("没有题名，列表里用〔{kind_name}〕", "no title: lists show 〔{kind_name}〕"),
                    )
                    .hint(say!("加一行：title = \"…\"", "add a line: title = \"…\"")),
                );
            }
            adopt::made_title(&topics, &kind_name)
        });

    let id = match values.string("id") {
        Some(id) => {
            check_id(d, &id, values.span("id"), out);
            id
        }
        None => {
            if d.has_front && !d.broken && found.is_none() {
                let proposed = adopt::id_of(d.path.strip_prefix("records/").unwrap_or(&d.path));
                out.push(
                    Diagnostic::warning(
                        "no-id",
                        &d.shown,
                        Some(place_of_missing(d)),
                        say!("没有记录号，网址随文件路径变", "no id: the address follows the file's path"),
                    )
                    .hint(say!("加一行：id = \"{proposed}\"", "add a line: id = \"{proposed}\"")),
                );
            }
            adopt::id_of(d.path.strip_prefix("records/").unwrap_or(&d.path))
        }
    };

    let recorded = values.date("recorded").cloned();
    let late = match (&date, &recorded) {
        (Some(d), Some(r)) => d.days_until(r).filter(|n| *n > site.options.late_after),
        _ => None,
    };
    check_dates(d, &values, date.as_ref(), out);
    let excerpt = match topics.is_empty() {
        true => d.outline.excerpt.clone(),
        false => clip(&topics.join("；"), site.options.excerpt),
    };
    let mut keywords = values.texts("keywords");
    keywords.extend(rule.map(|r| r.keywords.clone()).unwrap_or_default());
    let mut record = Record {
        doc,
        kind,
        title,
        short: values.string("short"),
        branch,
        unit,
        group: None,
        date,
        recorded,
        published: values.date("published").cloned(),
        filed: values.date("filed").cloned(),
        route: route::record(&id),
        summary: values.string("abstract").or_else(|| values.string("lede")).unwrap_or(excerpt),
        topics,
        late,
        audience,
        keywords,
        evidence: Vec::new(),
        campaigns: Vec::new(),
        corrects: None,
        corrected_by: None,
        related: Vec::new(),
        backlinks: Vec::new(),
        files: Vec::new(),
        cover: None,
        promoted_to: None,
        promoted_from: Vec::new(),
        item: found_out.item,
        posting: found_out.posting,
        before: None,
        after: None,
        values,
        id,
    };
    if let Some((id, name)) = make_branch {
        record.branch = Some(site.branches.len());
        site.branches.push(Branch { name, ..Branch::implied(&id) });
    }
    let group_word = record
        .values
        .string("group")
        .or_else(|| rule.and_then(|r| r.group.clone()))
        .or_else(|| place("group").map(str::to_owned));
    record.group = group_word.map(|word| match record.branch.map(|b| &site.branches[b]) {
        Some(b) if !b.groups.is_empty() => match b.group(&word) {
            Some(group) => group.name.clone(),
            None => {
                let d = &site.docs[doc];
                find_ref(
                    d,
                    record.values.span("group"),
                    &word,
                    say!("党小组", "group"),
                    b.groups.iter().map(|g| g.id.as_str()),
                    out,
                );
                word
            }
        },
        _ => word,
    });
    if record.is_stub() {
        disclosure::strip(site, &mut record);
    }
    site.records.push(record);
}

/// Fills `{date}` and other places of a path rule's title.
fn fill(title: &str, found: Option<&adopt::Match>) -> String {
    let mut title = title.to_owned();
    for (key, text) in found.iter().flat_map(|m| &m.places) {
        let shown = if key == "date" {
            ArchiveDate::parse(text).map_or_else(|| text.clone(), |d| d.zh())
        } else {
            text.clone()
        };
        title = title.replace(&format!("{{{key}}}"), &shown);
    }
    title
}

fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_owned()
    } else {
        text.chars().take(most).chain("……".chars()).collect()
    }
}

/// The four dates have an order; a breach is told, never mended.
fn check_dates(d: &Document, values: &Values, date: Option<&ArchiveDate>, out: &mut Vec<Diagnostic>) {
    let dates = [
        ("发生日期", "date", date),
        ("记录日期", "recorded", values.date("recorded")),
        ("发布日期", "published", values.date("published")),
        ("归档日期", "filed", values.date("filed")),
    ];
    // A plan may be published before what it plans; only the happening of a record precedes its writing down.
    for (i, (zh_a, en_a, a)) in dates.iter().enumerate() {
        for (zh_b, en_b, b) in &dates[i + 1..] {
            if let (Some(a), Some(b)) = (a, b)
                && b.certainly_before(&ArchiveDate { end: None, ..(*a).clone() })
            {
                let (a, b) = (a.zh(), b.zh());
                out.push(
                    Diagnostic::warning(
                        "dates-order",
                        &d.shown,
                        values.span(en_b),
                        say!("{zh_b}（{b}）早于{zh_a}（{a}）", "`{en_b}` ({b}) is before `{en_a}` ({a})"),
                    )
                    .hint(say!("请核对；日期照原样发布", "check it; dates are published as they are")),
                );
            }
        }
    }
}

/// Orders records, newest first, and finds ids used twice.
fn finish_records(site: &mut Site, out: &mut Vec<Diagnostic>) {
    site.records.sort_by(|a, b| match (a.sort_date(), b.sort_date()) {
        (Some(x), Some(y)) => y.cmp_start(x).then_with(|| a.id.cmp(&b.id)),
        (x, y) => y.is_some().cmp(&x.is_some()).then_with(|| a.id.cmp(&b.id)),
    });
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut again = Vec::new();
    for (i, r) in site.records.iter().enumerate() {
        match first.get(&r.id) {
            None => {
                first.insert(r.id.clone(), i);
            }
            Some(other) => again.push((i, *other)),
        }
    }
    for (i, other) in again {
        let id = site.records[i].id.clone();
        let (d, o) = (&site.docs[site.records[i].doc], &site.docs[site.records[other].doc]);
        // Adopted twins are told apart by their path; a written id is the writer's to mend.
        if site.records[i].values.text("id").is_none() {
            let r = &mut site.records[i];
            r.id = format!("{id}-{}", &crate::digest::Digest::of(d.path.as_bytes()).short()[..6]);
            r.route = route::record(&r.id);
            continue;
        }
        out.push(
            Diagnostic::error(
                "duplicate-id",
                &d.shown,
                site.records[i].values.span("id"),
                say!("记录号 `{id}` 已经用过", "id `{id}` is taken"),
            )
            .hint(say!("给其中一个换个编号", "give one of them another id"))
            .other(&o.shown, site.records[other].values.span("id"), say!("先用在这里", "first used here")),
        );
    }
    for i in 0..site.records.len() {
        site.what[site.records[i].doc] = What::Record(i);
        site.by_id.insert(site.records[i].id.clone(), i);
        for alias in site.records[i].values.texts("aliases") {
            let r = &site.records[i];
            add_redirect(&mut site.redirects, old_address(&alias), r.route.clone(), &site.docs[r.doc], &r.values, out);
        }
    }
    // Before and after, within a branch or within a unit's own records.
    let mut last: BTreeMap<(Option<usize>, Option<usize>), usize> = BTreeMap::new();
    for i in 0..site.records.len() {
        let key = (site.records[i].branch, site.records[i].unit);
        if let Some(newer) = last.insert(key, i) {
            site.records[newer].before = Some(i);
            site.records[i].after = Some(newer);
        }
    }
}

/// An old address as written: an id of a record, or a path of the site, whose last part without an
/// ending is a folder.
fn old_address(alias: &str) -> String {
    if !alias.contains('/') && !alias.contains('.') {
        return route::record(alias);
    }
    let path = alias.strip_prefix('/').unwrap_or(alias);
    let last = path.rsplit('/').next().unwrap_or(path);
    if last.is_empty() || last.contains('.') { path.to_owned() } else { format!("{path}/") }
}

/// Notes an old address; one that cannot be one, or that leads to two places, is an error.
fn add_redirect(
    redirects: &mut BTreeMap<String, String>,
    from: String,
    to: String,
    d: &Document,
    values: &Values,
    out: &mut Vec<Diagnostic>,
) {
    let span = values.span("aliases");
    let bad = from.trim_matches('/').is_empty()
        || from.strip_suffix('/').unwrap_or(&from).split('/').any(|p| matches!(p, "" | "." | ".."))
        || from.contains(['\\', ':', '?', '#', '"', '<', '>', '*', '|']);
    if bad {
        out.push(
            Diagnostic::error(
                "bad-address",
                &d.shown,
                span,
                say!("旧地址 `{from}` 不能用", "old address `{from}` cannot be used"),
            )
            .hint(say!("写站内路径，如 old/page/", "write a path of the site, such as old/page/")),
        );
    } else if let Some(other) = redirects.get(&from).filter(|other| **other != to) {
        out.push(Diagnostic::error(
            "ambiguous",
            &d.shown,
            span,
            say!("旧地址 `{from}` 已经指向 `{other}`", "old address `{from}` leads to `{other}` already"),
        ));
    } else {
        redirects.insert(from, to);
    }
}

fn read_honours(site: &mut Site, docs: &[usize], out: &mut Vec<Diagnostic>) {
    let branch_ids: Vec<String> = site.branches.iter().map(|b| b.id.clone()).collect();
    let programme_ids: Vec<String> = site.programmes.iter().map(|p| p.id.clone()).collect();
    let mut read: Vec<Draft> = Vec::new();
    for &doc in docs {
        let v = read_values(site, doc, "honour", out);
        let taken = read.iter().map(|d| &d.honour).find(|h| Some(h.id.as_str()) == v.text("id")).map(|h| h.doc);
        let Some(id) = take_id(site, doc, &v, taken, out) else { continue };
        let d = &site.docs[doc];
        let Some(branch) = v.text("branch").and_then(|w| {
            find_ref(d, v.span("branch"), w, say!("党支部", "branch"), branch_ids.iter().map(String::as_str), out)
        }) else {
            continue;
        };
        let story = v.text("story").and_then(|w| {
            let at = site.record(w);
            let held = at.is_none()
                && site.docs.iter().zip(&site.what).any(|(d, what)| {
                    *what == What::Withheld
                        && d.front.get("id").is_some_and(|n| n.value == crate::parse::node::Value::Text(w.to_owned()))
                });
            if at.is_none() && !held {
                find_ref(
                    d,
                    v.span("story"),
                    w,
                    say!("记录", "record"),
                    site.records.iter().map(|r| r.id.as_str()),
                    out,
                );
            }
            at
        });
        let mut events: Vec<(Event, Values)> = v
            .rows("events")
            .filter_map(|r| {
                let event = Event {
                    event: r.string("event")?,
                    date: r.date("date")?.clone(),
                    by: org_name(site, r.string("by")),
                    docno: r.string("docno"),
                    plaque: r.string("plaque"),
                    result: r.string("result"),
                    window: (r.date("from").is_some() || r.date("to").is_some())
                        .then(|| (r.date("from").cloned(), r.date("to").cloned())),
                };
                Some((event, r.clone()))
            })
            .collect();
        // On one day, in the order of a life: how the file puts them has no meaning.
        events.sort_by(|(a, _), (b, _)| a.date.cmp_start(&b.date).then_with(|| a.step().cmp(&b.step())));
        let (events, rows) = events.into_iter().unzip();
        let honour = Honour {
            doc,
            sort: v.string("type").unwrap_or_default(),
            level: v.string("level"),
            branch,
            programme: v.text("programme").and_then(|w| {
                find_ref(
                    d,
                    v.span("programme"),
                    w,
                    say!("创建方案", "programme"),
                    programme_ids.iter().map(String::as_str),
                    out,
                )
            }),
            cohort: v.string("cohort"),
            brand: v.string("brand"),
            seal: v.string("seal"),
            motto: v.string("motto"),
            order: v.int("order").unwrap_or(i64::MAX),
            story,
            events,
            id,
        };
        read.push(Draft { honour, rows });
    }
    let terms: Vec<Terms> = (0..site.programmes.len()).map(|p| terms_of(site, p)).collect();
    honour::check(site, &read, &terms, out);
    let (day, audience) = (site.options.as_of, site.options.audience);
    let mut known: Vec<Honour> = Vec::new();
    for draft in read {
        let doc = draft.honour.doc;
        site.what[doc] = What::Withheld;
        known.extend(draft.known(day, audience));
    }
    known.sort_by(|a, b| b.year().cmp(&a.year()).then_with(|| a.order.cmp(&b.order)).then_with(|| a.id.cmp(&b.id)));
    for (i, h) in known.into_iter().enumerate() {
        site.what[h.doc] = What::Honour(i);
        site.honours.push(h);
    }
}

/// Reads what a programme asks of those it names.
fn terms_of(site: &Site, programme: usize) -> Terms {
    let p = &site.programmes[programme];
    let gates = p.gates.iter().filter_map(|g| match &g.looks {
        Looks::Honour(honour) => Some(Gate {
            force: pack::force(g.from.as_ref(), g.to.as_ref()),
            honour: honour.clone(),
            text: g.text.clone(),
            source: g.source.clone(),
        }),
        Looks::Grade(_) | Looks::Declared => None,
    });
    Terms { once: p.once, gates: gates.collect() }
}

fn read_page(site: &mut Site, doc: usize, out: &mut Vec<Diagnostic>) {
    let v = read_values(site, doc, "page", out);
    let d = &site.docs[doc];
    if v.text("status") == Some("草稿") {
        site.what[doc] = What::Withheld;
        return;
    }
    let stem = d.path.trim_end_matches(".markdown").trim_end_matches(".md");
    let folder = match stem.rsplit_once('/') {
        Some((f, "_index" | "index")) => f,
        None if matches!(stem, "_index" | "index") => "",
        _ => stem,
    };
    let parts: Vec<String> = folder.split('/').filter(|p| !p.is_empty()).map(adopt::id_of).collect();
    let page_route = if parts.is_empty() { String::new() } else { format!("{}/", parts.join("/")) };
    let parent = (parts.len() > 1).then(|| format!("{}/", parts[..parts.len() - 1].join("/")));
    let aliases = v.texts("aliases");
    for alias in &aliases {
        add_redirect(&mut site.redirects, old_address(alias), page_route.clone(), d, &v, out);
    }
    let title = v
        .string("title")
        .or_else(|| d.outline.first_heading.as_ref().map(|h| h.text.clone()))
        .unwrap_or_else(|| folder.rsplit('/').next().unwrap_or(folder).to_owned());
    site.pages.push(Page {
        doc,
        title,
        short: v.string("short"),
        order: v.int("order").unwrap_or(i64::MAX),
        summary: v.string("summary"),
        route: page_route,
        parent,
        aliases,
    });
}
