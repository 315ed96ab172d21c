//! Ties the site together: references between files, links in texts, pictures and attachments.
//!
//! A dangling reference is an error at its place. In a text without front matter (an archive taken
//! as it is) it is a warning, and the link's words stay without a link.

use super::record::File;
use super::schema::{Field, FieldType, FieldValue, Item, Values};
use super::{Published, Site, What, route};
use crate::config::PictureOptions;
use crate::diagnostic::{Diagnostic, Say, did_you_mean};
use crate::parse::Document;
use crate::parse::markdown::{Link, LinkKind};
use crate::picture::{Fault, Film, Format, Look};
use crate::say;
use crate::source::Asset;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Where a link or picture leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// To a page of the site: its route, and perhaps an anchor.
    Page(String, Option<String>),
    /// To a file of the site: its address.
    File(String),
    /// Out of the site, as written.
    Outside,
    /// Nowhere: the words stay without a link.
    Nowhere,
}

/// The targets of a document, by destination as written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Targets {
    by_destination: BTreeMap<String, Target>,
}

impl Targets {
    pub(super) fn get(&self, destination: &str) -> Option<&Target> {
        self.by_destination.get(destination)
    }
}

/// The files of the content folder, and which are published where.
struct Files<'a> {
    assets: &'a [Asset],
    options: PictureOptions,
    /// Folders that are records (`…/index.md`), and the records' routes; none for a record left out,
    /// whose files are left out with it.
    bundles: BTreeMap<String, Option<String>>,
    published: BTreeMap<String, Published>,
}

impl Files<'_> {
    fn find(&self, path: &str) -> Option<&Asset> {
        self.assets.binary_search_by(|a| a.path.as_str().cmp(path)).ok().map(|i| &self.assets[i])
    }

    /// Returns the address of a file, which is published by that.
    fn publish(&mut self, path: &str, named: Named) -> Result<(String, u64), Refused> {
        let asset = self.find(path).ok_or(Refused::Missing)?;
        let (size, digest, look) = (asset.size, asset.digest, asset.look);
        let target = match self.bundle_of(path) {
            Some((route, rest)) => format!("{}{}", route.ok_or(Refused::Missing)?, safe_name(&rest)),
            None => format!("files/{}", safe_name(path)),
        };
        if let Some(look) = &look {
            judged(look, size, &self.options)?;
        }
        let entry = self.published.entry(path.to_owned()).or_insert(Published {
            source: path.to_owned(),
            target,
            size,
            digest,
            look,
            is_shown: false,
            named: None,
        });
        entry.is_shown |= named.is_shown;
        if entry.named.is_none() {
            entry.named = named.at;
        }
        Ok((route::encode(&entry.target), size))
    }

    fn bundle_of(&self, path: &str) -> Option<(Option<&str>, String)> {
        let mut folder = path;
        while let Some((up, _)) = folder.rsplit_once('/') {
            if let Some(route) = self.bundles.get(up) {
                return Some((route.as_deref(), path[up.len() + 1..].to_owned()));
            }
            folder = up;
        }
        None
    }
}

/// How a file is named.
#[derive(Default)]
struct Named {
    /// Whether it is shown as a picture there.
    is_shown: bool,
    /// The document and the place in it.
    at: Option<(usize, Range<usize>)>,
}

/// Why a file is not published.
enum Refused {
    /// It is not there, or belongs to what is left out.
    Missing,
    /// It is a picture or film that is not shown.
    Fault(Fault),
    /// It has so many millions of pixels, and may have so many.
    Pixels(u32, u32, usize),
    /// It has so many bytes, and may have so many megabytes: a film or a picture.
    Size(u64, usize, bool),
}

/// Judges a picture or film by its header and its size; nothing is decoded.
fn judged(look: &Look, size: u64, options: &PictureOptions) -> Result<(), Refused> {
    let too_large = |most: usize| size > (most as u64) << 20;
    match look {
        Look::Fault(fault) => Err(Refused::Fault(*fault)),
        Look::Film(_) if too_large(options.max_film) => Err(Refused::Size(size, options.max_film, true)),
        Look::Film(_) | Look::Subtitles => Ok(()),
        Look::Picture(p) if p.format != Format::Svg && p.pixels() > options.max_megapixels as u64 * 1_000_000 => {
            Err(Refused::Pixels(p.width, p.height, options.max_megapixels))
        }
        Look::Picture(_) if too_large(options.max_size) => Err(Refused::Size(size, options.max_size, false)),
        Look::Picture(_) => Ok(()),
    }
}

impl Refused {
    /// Says why, and what to do; `None` if the file is simply not there.
    fn describe(&self) -> Option<(Say, Say)> {
        Some(match self {
            Refused::Missing => return None,
            Refused::Fault(fault) => fault.describe(),
            Refused::Pixels(width, height, most) => {
                let million = (u64::from(*width) * u64::from(*height)).div_ceil(1_000_000);
                (
                    say!(
                        "图片有 {width}×{height} 像素（{million} 百万），上限是 {most} 百万，没有解码",
                        "the picture has {width}×{height} pixels ({million} million, at most {most}); it was not decoded"
                    ),
                    say!(
                        "把图片缩小后再放进来，或调高 [pictures] max_megapixels",
                        "make it smaller, or raise [pictures] max_megapixels"
                    ),
                )
            }
            Refused::Size(size, most, is_film) => {
                let megabytes = size.div_ceil(1 << 20);
                let (zh, key) = if *is_film { ("影像", "max_film") } else { ("图片", "max_size") };
                let en = if *is_film { "film" } else { "picture" };
                (
                    say!("{zh}有 {megabytes} MB，上限是 {most} MB", "the {en} has {megabytes} MB, at most {most}"),
                    say!("压缩后再放进来，或调高 [pictures] {key}", "make it smaller, or raise [pictures] {key}"),
                )
            }
        })
    }
}

/// Returns a path whose every part can be a file's name on any system: what some system refuses
/// becomes `_`.
fn safe_name(path: &str) -> String {
    const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let part = |part: &str| {
        let mut name: String =
            part.chars().map(|c| if c.is_control() || r#"\:*?"<>|"#.contains(c) { '_' } else { c }).collect();
        if name.ends_with(['.', ' ']) {
            name.push('_');
        }
        let stem = name.split('.').next().unwrap_or("").to_ascii_lowercase();
        if RESERVED.iter().any(|r| {
            stem.strip_prefix(r).is_some_and(|rest| {
                rest.is_empty() && *r != "com" && *r != "lpt"
                    || rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit())
            })
        }) {
            name.insert(0, '_');
        }
        name
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Resolves all references and links of a site.
pub(super) fn resolve(site: &mut Site, assets: &[Asset], out: &mut Vec<Diagnostic>) {
    let mut bundles = BTreeMap::new();
    for (doc, what) in site.docs.iter().zip(&site.what) {
        let Some((folder, "index.md" | "_index.md")) = doc.path.rsplit_once('/') else { continue };
        match what {
            What::Record(r) => {
                // The files of a posting go with its text.
                let record = &site.records[*r];
                bundles.insert(folder.to_owned(), (!record.is_stub()).then(|| record.route.clone()));
            }
            What::Withheld => {
                bundles.insert(folder.to_owned(), None);
            }
            What::Branch(_)
            | What::Organisation(_)
            | What::Programme(_)
            | What::Rubric(_)
            | What::Honour(_)
            | What::Pack(_)
            | What::Catalogue(_)
            | What::Page(_)
            | What::Nothing => {}
        }
    }
    let options = site.options.pictures.clone();
    let mut files = Files { assets, options, bundles, published: BTreeMap::new() };
    links(site, &mut files, out);
    record_references(site, out);
    record_files(site, &mut files, out);
    site.published = files.published.into_values().collect();
    site.published.sort_by(|a, b| a.target.cmp(&b.target));
    backlinks(site);
}

/// The route of a document, if it is published.
fn route_of(site: &Site, doc: usize) -> Option<String> {
    match site.what[doc] {
        What::Record(i) => Some(site.records[i].route.clone()),
        What::Branch(i) => Some(route::branch(&site.branches[i].id)),
        What::Organisation(i) => Some(route::organisation(&site.organisations[i].id)),
        What::Programme(i) => Some(route::programme(&site.programmes[i].id)),
        What::Rubric(i) => Some(route::rubric(&site.rubrics[i].id)),
        What::Honour(i) => Some(route::honour(&site.honours[i].id)),
        What::Pack(i) => Some(route::pack(&site.packs[i].id)),
        What::Catalogue(i) => Some(route::catalogue(&site.catalogues[i].id)),
        What::Page(i) => Some(site.pages[i].route.clone()),
        What::Withheld | What::Nothing => None,
    }
}

/// Tells whether only a stub of a document is shown, which has none of its text.
fn is_stub(site: &Site, doc: usize) -> bool {
    matches!(site.what[doc], What::Record(r) if site.records[r].is_stub())
}

fn links(site: &mut Site, files: &mut Files<'_>, out: &mut Vec<Diagnostic>) {
    let mut all = Vec::with_capacity(site.docs.len());
    let mut linked: Vec<(usize, usize)> = Vec::new();
    for doc in 0..site.docs.len() {
        let mut targets = Targets::default();
        if !matches!(site.what[doc], What::Withheld | What::Nothing) && !is_stub(site, doc) {
            let d = &site.docs[doc];
            for link in &d.outline.links {
                // A link that leads nowhere is told at each of its places.
                if targets.by_destination.get(&link.destination).is_some_and(|t| *t != Target::Nowhere) {
                    continue;
                }
                let span = d.body_start + link.span.start..d.body_start + link.span.end;
                let (target, to) = resolve_link(site, files, doc, link, span.clone(), out);
                if target == Target::Outside && link.kind == LinkKind::Image {
                    out.push(
                        Diagnostic::warning(
                            "outside-picture",
                            &d.shown,
                            Some(span),
                            say!(
                                "站外的图片不会装载，网页上只有替代文字",
                                "a picture of another host is not loaded; the page shows its words"
                            ),
                        )
                        .hint(say!("把图片下载下来，放在记录旁边", "save the picture beside the record")),
                    );
                }
                if let (Some(to), What::Record(from)) = (to, site.what[doc]) {
                    linked.push((from, to));
                }
                targets.by_destination.insert(link.destination.clone(), target);
            }
        }
        all.push(targets);
    }
    site.targets = all;
    for (from, to) in linked {
        if from != to && !site.records[from].related.contains(&to) {
            site.records[from].related.push(to);
        }
    }
}

/// Resolves one link; also tells the record it leads to.
fn resolve_link(
    site: &Site,
    files: &mut Files<'_>,
    doc: usize,
    link: &Link,
    span: Range<usize>,
    out: &mut Vec<Diagnostic>,
) -> (Target, Option<usize>) {
    let destination = link.destination.as_str();
    let d = &site.docs[doc];
    let lower = destination.to_ascii_lowercase();
    if ["http://", "https://", "mailto:", "tel:", "//"].iter().any(|s| lower.starts_with(s)) {
        return (Target::Outside, None);
    }
    // Some write paths as Windows does.
    let written = destination.replace('\\', "/");
    let (path, anchor) = match written.split_once('#') {
        Some((p, a)) => (p.to_owned(), Some(route::decode(a))),
        None => (written.clone(), None),
    };
    let path = route::decode(path.split('?').next().unwrap_or(""));
    let mut complain = |message: Say, hint: Option<Say>| {
        let span = Some(span.clone());
        let found = if d.has_front {
            Diagnostic::error("dangling", &d.shown, span, message)
        } else {
            Diagnostic::warning("dangling", &d.shown, span, message)
        };
        out.push(found.hint_if(hint));
        (Target::Nowhere, None)
    };
    if path.is_empty() {
        let Some(anchor) = anchor else { return complain(say!("链接是空的", "the link is empty"), None) };
        return match check_anchor(d, &anchor) {
            Ok(()) => (Target::Page(route_of(site, doc).unwrap_or_default(), Some(anchor)), None),
            Err(hint) => complain(say!("本页没有锚点 `#{anchor}`", "no anchor `#{anchor}` on this page"), hint),
        };
    }
    // An address of the finished site, as people copy it from the browser.
    if let Some(rest) = path.strip_prefix('/') {
        let known = site
            .docs
            .iter()
            .enumerate()
            .filter_map(|(i, _)| route_of(site, i))
            .find(|r| r.trim_end_matches('/') == rest.trim_end_matches('/'));
        return match known {
            Some(r) => (Target::Page(r, anchor), None),
            None => complain(
                say!("站内没有 `{path}`", "no page at `{path}`"),
                Some(say!("写成 @/…/文件.md，构建时会检查", "write @/…/file.md: it is checked")),
            ),
        };
    }
    let content_path = match path.strip_prefix("@/") {
        Some(p) => Some(p.to_owned()),
        None => join_relative(&d.path, &path),
    };
    let Some(content_path) = content_path else {
        return complain(
            say!("`{destination}` 超出了内容目录", "`{destination}` leads out of the content folder"),
            None,
        );
    };
    let candidates = [
        content_path.clone(),
        format!("{content_path}/index.md"),
        format!("{content_path}/_index.md"),
        format!("{}.md", content_path.trim_end_matches('/')),
    ];
    let mut matches: Vec<String> = candidates
        .iter()
        .map(|c| c.replace("//", "/"))
        .filter(|c| site.doc(c).is_some() || files.find(c).is_some())
        .collect();
    matches.dedup();
    if let [first, second, ..] = matches.as_slice() {
        return complain(
            say!(
                "`{destination}` 可以是 `{first}`，也可以是 `{second}`",
                "`{destination}` may be `{first}` or `{second}`"
            ),
            Some(say!("把文件名写全", "write the whole file name")),
        );
    }
    if let Some(candidate) = matches.into_iter().next() {
        if let Some(to) = site.doc(&candidate) {
            let record = match site.what[to] {
                What::Record(r) => Some(r),
                _ => None,
            };
            let anchor = anchor.filter(|_| !is_stub(site, to));
            if let Some(anchor) = &anchor
                && !matches!(site.what[to], What::Withheld | What::Nothing)
                && let Err(hint) = check_anchor(&site.docs[to], anchor)
            {
                return complain(
                    say!("`{candidate}` 里没有锚点 `#{anchor}`", "no anchor `#{anchor}` in `{candidate}`"),
                    hint,
                );
            }
            return match route_of(site, to) {
                Some(r) => (Target::Page(r, anchor), record),
                None => (Target::Nowhere, None),
            };
        }
        let named = Named { is_shown: link.kind == LinkKind::Image, at: Some((doc, span.clone())) };
        return match files.publish(&candidate, named) {
            Ok((url, _)) => (Target::File(url), None),
            Err(refused) => {
                out.extend(refusal(d, Some(span), &refused));
                (Target::Nowhere, None)
            }
        };
    }
    let all = site.docs.iter().map(|d| d.path.as_str()).chain(files.assets.iter().map(|a| a.path.as_str()));
    let name = content_path.rsplit('/').next().unwrap_or(&content_path);
    let moved: Vec<&str> = all.clone().filter(|p| p.rsplit('/').next() == Some(name)).take(2).collect();
    let near = match moved.as_slice() {
        [one] => Some(*one),
        _ => did_you_mean(&content_path, all),
    };
    complain(
        say!("没有 `{content_path}` 这个文件", "no file at `{content_path}`"),
        near.map(|n| say!("是不是 `@/{n}`？", "did you mean `@/{n}`?")),
    )
}

fn no_alternative(d: &Document, span: Range<usize>) -> Diagnostic {
    let message = say!("图片没有替代文字", "the picture has no alternative text");
    Diagnostic::warning("alternative", &d.shown, Some(span), message).hint(say!(
        "加上 alt = \"……\"，用一句话说图上是什么；看不见图片的人靠它",
        "add alt = \"…\" and say what is to be seen: those who do not see it rely on that"
    ))
}

/// Says at its place why a picture or film is not published. In an archive taken as it is, that is no reason to
/// publish nothing.
fn refusal(d: &Document, span: Option<Range<usize>>, refused: &Refused) -> Option<Diagnostic> {
    let (message, hint) = refused.describe()?;
    let told = match d.has_front {
        true => Diagnostic::error("picture", &d.shown, span, message),
        false => Diagnostic::warning("picture", &d.shown, span, message),
    };
    Some(told.hint(hint))
}

/// Returns the path that `relative` means beside `from`; `None` above the top.
fn join_relative(from: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            p => parts.push(p),
        }
    }
    Some(parts.join("/"))
}

fn check_anchor(d: &Document, anchor: &str) -> Result<(), Option<Say>> {
    let headings = &d.outline.headings;
    if anchor.is_empty() || anchor == "main" || headings.iter().any(|h| h.id == anchor) || anchor.starts_with("fn") {
        return Ok(());
    }
    // People write the heading's words; the anchor is another.
    let by_text = headings.iter().find(|h| h.text == anchor).map(|h| h.id.as_str());
    let near = by_text.or_else(|| did_you_mean(anchor, headings.iter().map(|h| h.id.as_str())));
    Err(near.map(|n| {
        say!(
            "是不是 `#{n}`？也可以在标题后写 {{#{anchor}}} 定一个锚点",
            "did you mean `#{n}`? A heading may carry {{#{anchor}}} to fix its anchor"
        )
    }))
}

/// References in the front matter of records: to records, criteria, programmes, rubrics.
fn record_references(site: &mut Site, out: &mut Vec<Diagnostic>) {
    let withheld: BTreeSet<String> = site
        .docs
        .iter()
        .zip(&site.what)
        .filter(|(_, w)| **w == What::Withheld)
        .filter_map(|(d, _)| match &d.front.get("id").or_else(|| d.front.get("记录号"))?.value {
            crate::parse::node::Value::Text(t) => Some(t.clone()),
            _ => None,
        })
        .collect();
    let by_id: BTreeMap<String, usize> = site.records.iter().enumerate().map(|(i, r)| (r.id.clone(), i)).collect();
    for i in 0..site.records.len() {
        let r = &site.records[i];
        let d = &site.docs[r.doc];
        let mut known = Known { d, site, by_id: &by_id, withheld: &withheld, out };
        let schema = &site.kinds.schemas[r.kind];
        known.check_fields(&schema.fields, &r.values);
        let corrects = ["corrects", "supersedes"].iter().find_map(|k| known.record(r.values.item(k)?));
        let mut related: Vec<usize> = r.values.list("related").iter().filter_map(|item| known.record(item)).collect();
        let evidence = r.values.list("evidence_for").iter().filter_map(|item| known.criterion(item)).collect();
        let campaigns = r.values.list("campaign").iter().filter_map(|item| known.programme(item)).collect();
        let r = &mut site.records[i];
        related.append(&mut r.related);
        let mut seen = BTreeSet::from([i]);
        related.retain(|n| seen.insert(*n));
        (r.related, r.evidence, r.campaigns, r.corrects) = (related, evidence, campaigns, corrects);
    }
    for i in 0..site.records.len() {
        if let Some(old) = site.records[i].corrects {
            site.records[old].corrected_by = Some(i);
        }
    }
}

struct Known<'a> {
    d: &'a Document,
    site: &'a Site,
    by_id: &'a BTreeMap<String, usize>,
    withheld: &'a BTreeSet<String>,
    out: &'a mut Vec<Diagnostic>,
}

impl Known<'_> {
    fn complain(&mut self, item: &Item, what: &Say, word: &str, near: Option<&str>) {
        self.out.push(
            Diagnostic::error(
                "dangling",
                &self.d.shown,
                Some(item.span.clone()),
                Say {
                    zh: format!("没有编号为`{word}`的{}", what.zh), en: format!("no {} with id `{word}`", what.en)
                },
            )
            .hint_if(near.map(|n| say!("是不是 `{n}`？", "did you mean `{n}`?"))),
        );
    }

    /// Finds a record by id or `@/path`; one left out of this build is nothing, and no fault.
    fn record(&mut self, item: &Item) -> Option<usize> {
        let FieldValue::Text(word) = &item.value else { return None };
        if let Some(path) = word.strip_prefix("@/") {
            return match self.site.doc(path).map(|doc| self.site.what[doc]) {
                Some(What::Record(r)) => Some(r),
                Some(What::Withheld) => None,
                _ => {
                    self.complain(
                        item,
                        &say!("记录", "record"),
                        word,
                        did_you_mean(path, self.site.docs.iter().map(|d| d.path.as_str())),
                    );
                    None
                }
            };
        }
        let found = self.by_id.get(word).copied();
        if found.is_none() && !self.withheld.contains(word) {
            self.complain(
                item,
                &say!("记录", "record"),
                word,
                did_you_mean(word, self.by_id.keys().map(String::as_str)),
            );
        }
        found
    }

    fn criterion(&mut self, item: &Item) -> Option<(usize, String)> {
        let FieldValue::Text(word) = &item.value else { return None };
        let all: Vec<(usize, String, String)> = self
            .site
            .rubrics
            .iter()
            .enumerate()
            .flat_map(|(i, r)| {
                r.dimensions
                    .iter()
                    .flat_map(|d| &d.criteria)
                    .map(move |c| (i, c.id.clone(), format!("{}/{}", r.id, c.id)))
            })
            .collect();
        match all.iter().find(|(_, _, full)| full == word) {
            Some((rubric, id, _)) => Some((*rubric, id.clone())),
            None => {
                self.complain(
                    item,
                    &say!("评定条目", "criterion"),
                    word,
                    did_you_mean(word, all.iter().map(|(_, _, full)| full.as_str())),
                );
                None
            }
        }
    }

    fn programme(&mut self, item: &Item) -> Option<usize> {
        let FieldValue::Text(word) = &item.value else { return None };
        let at = self.site.programmes.iter().position(|p| &p.id == word);
        if at.is_none() {
            self.complain(
                item,
                &say!("创建方案", "programme"),
                word,
                did_you_mean(word, self.site.programmes.iter().map(|p| p.id.as_str())),
            );
        }
        at
    }

    /// Complains of an id that is not among the known ones.
    fn check_id<'i>(&mut self, item: &Item, what: Say, word: &str, known: impl Iterator<Item = &'i str> + Clone) {
        if !known.clone().any(|k| k == word) {
            self.complain(item, &what, word, did_you_mean(word, known));
        }
    }

    /// Checks every value whose field says it is a reference.
    fn check_fields(&mut self, fields: &[Field], values: &Values) {
        for field in fields {
            let Some(item) = values.item(&field.key) else { continue };
            // These have readers of their own.
            if matches!(field.key.as_str(), "corrects" | "supersedes" | "related" | "branch" | "unit") {
                continue;
            }
            match (field.sort, &item.value) {
                (FieldType::Record, _) => {
                    self.record(item);
                }
                (FieldType::Records, FieldValue::List(items)) => {
                    for item in items {
                        self.record(item);
                    }
                }
                (FieldType::Rubric, FieldValue::Text(word)) => {
                    self.check_id(
                        item,
                        say!("评定标准", "rubric"),
                        word,
                        self.site.rubrics.iter().map(|r| r.id.as_str()),
                    );
                }
                (FieldType::Branch, FieldValue::Text(word)) => {
                    self.check_id(
                        item,
                        say!("党支部", "branch"),
                        word,
                        self.site.branches.iter().map(|b| b.id.as_str()),
                    );
                }
                (FieldType::Org, FieldValue::Text(word)) => {
                    self.check_id(
                        item,
                        say!("党组织", "organisation"),
                        word,
                        self.site.organisations.iter().map(|o| o.id.as_str()),
                    );
                }
                (FieldType::Rows, FieldValue::List(rows)) => {
                    for row in rows {
                        if let FieldValue::Row(row) = &row.value {
                            self.check_fields(&field.columns, row);
                        }
                    }
                }
                (FieldType::Group, FieldValue::Row(row)) => self.check_fields(&field.columns, row),
                _ => {}
            }
        }
    }
}

/// Pictures, attachments and covers named in front matter, and files lying in a record's own folder.
fn record_files(site: &mut Site, files: &mut Files<'_>, out: &mut Vec<Diagnostic>) {
    for i in 0..site.records.len() {
        let r = &site.records[i];
        if r.is_stub() {
            continue;
        }
        let d = &site.docs[r.doc];
        let mut named: Vec<(String, Range<usize>, bool)> = Vec::new();
        for (key, is_shown) in [("attachments", false), ("pictures", true)] {
            for row in r.values.rows(key) {
                if let (Some(file), Some(span)) = (row.text("file"), row.span("file")) {
                    let has_words = row.text("alt").is_some_and(|alt| !alt.trim().is_empty());
                    out.extend((is_shown && !has_words).then(|| no_alternative(d, span.clone())));
                    named.push((file.to_owned(), span, is_shown));
                }
            }
        }
        if let (Some(cover), Some(span)) = (r.values.text("cover"), r.values.span("cover")) {
            named.push((cover.to_owned(), span, true));
        }
        let mut own: Vec<File> = Vec::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        if let Some(film) = r.values.row("film") {
            named.extend(film_files(film, d, files, out));
        }
        for (name, span, is_shown) in named {
            let path = path_of(d, &name);
            let at = Named { is_shown, at: Some((r.doc, span.clone())) };
            match path.as_deref().map_or(Err(Refused::Missing), |p| files.publish(p, at)) {
                Ok((url, size)) => {
                    used.extend(path);
                    if !own.iter().any(|f| f.name == name) {
                        own.push(File { name, url, size, named: true });
                    }
                }
                Err(refused) if refused.describe().is_some() => {
                    used.extend(path);
                    out.extend(refusal(d, Some(span), &refused));
                }
                Err(_) => {
                    let folder = d.path.rsplit_once('/').map_or("", |(f, _)| f);
                    let beside: Vec<&str> =
                        files.assets.iter().filter_map(|a| a.path.strip_prefix(folder)?.strip_prefix('/')).collect();
                    let hint = match did_you_mean(&name, beside.iter().copied()) {
                        Some(near) => say!("是不是 `{near}`？", "did you mean `{near}`?"),
                        None => say!(
                            "把文件放在记录旁边（文件夹 + index.md），文件名要一致",
                            "put the file beside the record (a folder with index.md), under this very name"
                        ),
                    };
                    out.push(
                        Diagnostic::error(
                            "no-file",
                            &d.shown,
                            Some(span),
                            say!("没有 `{name}` 这个文件", "no file `{name}`"),
                        )
                        .hint(hint),
                    );
                }
            }
        }
        // What lies in the record's own folder belongs to it.
        if let Some((folder, "index.md" | "_index.md")) = d.path.rsplit_once('/') {
            let prefix = format!("{folder}/");
            let linked: BTreeSet<String> =
                d.outline.links.iter().filter_map(|l| join_relative(&d.path, &route::decode(&l.destination))).collect();
            let inside: Vec<String> =
                files.assets.iter().filter(|a| a.path.starts_with(&prefix)).map(|a| a.path.clone()).collect();
            for path in inside {
                if used.contains(&path) || linked.contains(&path) {
                    continue;
                }
                match files.publish(&path, Named::default()) {
                    Ok((url, size)) => {
                        own.push(File { name: path[prefix.len()..].to_owned(), url, size, named: false });
                    }
                    Err(refused) => {
                        let shown = format!("{}/{path}", site.options.dir);
                        out.extend(refusal(d, None, &refused).map(|told| Diagnostic { path: shown, ..told }));
                    }
                }
            }
        }
        let cover = r
            .values
            .text("cover")
            .and_then(|c| own.iter().find(|f| f.name == c))
            .map(|f| (f.url.clone(), r.title.clone()))
            .or_else(|| {
                let first = r.values.rows("pictures").next()?;
                let file = own.iter().find(|f| Some(f.name.as_str()) == first.text("file"))?;
                Some((file.url.clone(), first.string("alt").unwrap_or_default()))
            });
        let r = &mut site.records[i];
        (r.files, r.cover) = (own, cover);
    }
}

/// Returns the path in the content folder that a file's front matter means by a name.
fn path_of(d: &Document, name: &str) -> Option<String> {
    match name.strip_prefix("@/") {
        Some(path) => Some(path.to_owned()),
        None => join_relative(&d.path, &name.replace('\\', "/")),
    }
}

/// Returns the files of a film (短片), and tells what it lacks: who cannot see or hear it has nothing else.
fn film_files(
    film: &Values,
    d: &Document,
    files: &Files<'_>,
    out: &mut Vec<Diagnostic>,
) -> Vec<(String, Range<usize>, bool)> {
    let mut named = Vec::new();
    let look = |name: &str| path_of(d, name).and_then(|p| files.find(&p)).map(|a| a.look);
    for (key, is_shown) in [("file", false), ("poster", true), ("subtitles", false)] {
        let (Some(name), Some(span)) = (film.text(key), film.span(key)) else { continue };
        let wrong = match (key, look(name)) {
            (_, None) | (_, Some(Some(Look::Fault(_)))) | ("file", Some(Some(Look::Film(_)))) => None,
            ("poster", Some(Some(Look::Picture(_)))) | ("subtitles", Some(Some(Look::Subtitles))) => None,
            ("file", _) => Some((
                say!("`{name}` 不是影像", "`{name}` is no film"),
                say!("短片用 MP4（H.264）或 WebM", "a film is MP4 (H.264) or WebM"),
            )),
            ("poster", _) => Some((
                say!("`{name}` 不是图片", "`{name}` is no picture"),
                say!("封面用 JPEG、PNG 或 WebP", "a poster is JPEG, PNG or WebP"),
            )),
            _ => Some(Fault::Subtitles.describe()),
        };
        if let Some((message, hint)) = wrong {
            out.push(Diagnostic::error("film", &d.shown, Some(span.clone()), message).hint(hint));
        }
        named.push((name.to_owned(), span, is_shown));
    }
    let Some(place) = film.span("file") else { return named };
    let mut warn = |message, hint| {
        out.push(Diagnostic::warning("film", &d.shown, Some(place.clone()), message).hint(hint));
    };
    if film.text("poster").is_none() {
        warn(
            say!("短片没有封面（poster）", "the film has no poster"),
            say!(
                "截一帧存成 JPEG；没有它，点开以前是一块黑",
                "save a frame as JPEG: without it a black box stands there"
            ),
        );
    }
    if film.text("subtitles").is_none() {
        warn(
            say!("短片没有字幕（subtitles）", "the film has no subtitles"),
            say!("配一个 WebVTT 字幕文件；听不见的人靠它", "add a WebVTT file: those who do not hear rely on it"),
        );
    }
    if film.text("transcript").is_none() {
        warn(
            say!("短片没有文字稿（transcript）", "the film has no transcript"),
            say!(
                "写上解说词或文件名；看不见的人和检索靠它",
                "write what is said, or name a file: those who do not see, and the search, rely on it"
            ),
        );
    }
    if let Some(Some(Some(Look::Film(Film { index_last: true, .. })))) = film.text("file").map(look) {
        warn(
            say!(
                "影像的索引在文件末尾，要整个下载完才能播放",
                "the film's index stands at its end: it plays only when it is loaded whole"
            ),
            say!(
                "不转码就能改：ffmpeg -i 原片.mp4 -c copy -movflags +faststart 新片.mp4",
                "ffmpeg -i OLD.mp4 -c copy -movflags +faststart NEW.mp4 moves it, without encoding again"
            ),
        );
    }
    // A name of a file, and not the words themselves.
    if let (Some(name), Some(span)) = (film.text("transcript").filter(|t| is_file_name(t)), film.span("transcript")) {
        named.push((name.to_owned(), span, false));
    }
    named
}

/// Tells whether a transcript is the name of a file and not the words themselves.
pub(super) fn is_file_name(text: &str) -> bool {
    const ENDINGS: [&str; 5] = [".txt", ".md", ".pdf", ".docx", ".doc"];
    let is_one_word = !text.contains(char::is_whitespace) && text.chars().count() <= 120;
    is_one_word && ENDINGS.iter().any(|e| text.to_ascii_lowercase().ends_with(e))
}

fn backlinks(site: &mut Site) {
    for i in 0..site.records.len() {
        for to in site.records[i].related.clone() {
            // What led to a posting may name those it was about.
            if site.records[to].is_stub() {
                continue;
            }
            if !site.records[to].backlinks.contains(&i) {
                site.records[to].backlinks.push(i);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_names_are_names_on_any_system() {
        assert_eq!(safe_name("a/10:30.jpg"), "a/10_30.jpg");
        assert_eq!(safe_name("nul.txt"), "_nul.txt");
        assert_eq!(safe_name("com1/a. "), "_com1/a. _");
        assert_eq!(safe_name("console/签到 表.csv"), "console/签到 表.csv");
    }

    #[test]
    fn relative_paths_stay_inside_the_content_folder() {
        assert_eq!(join_relative("records/a/x.md", "../b/y.md").as_deref(), Some("records/b/y.md"));
        assert_eq!(join_relative("records/a/x.md", "./y.md").as_deref(), Some("records/a/y.md"));
        assert_eq!(join_relative("x.md", "../y.md"), None);
    }
}
