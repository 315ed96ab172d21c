//! What a content file was understood to be, and why.

use super::super::kinds::audience;
use super::Lines;
use crate::build::Loaded;
use crate::config::PathRule;
use crate::diagnostic::{Lang, Say};
use crate::discover::Seen;
use crate::model::kind::Audience;
use crate::model::record::Record;
use crate::model::schema::{Reading, Values};
use crate::model::{Site, Target, What, adopt, route};
use crate::parse::Document;
use crate::say;

/// Explains a Markdown file.
pub(super) fn document(loaded: &Loaded, doc: usize) -> Lines {
    let site = &loaded.site;
    let d = &site.docs[doc];
    let mut lines = Lines::new(&d.shown);
    match site.what[doc] {
        What::Record(i) => record(site, doc, &site.records[i], &mut lines),
        What::Branch(i) => entity(site, doc, say!("党支部", "branch"), &site.branches[i].name, &mut lines),
        What::Organisation(i) => {
            entity(site, doc, say!("党组织", "organisation"), &site.organisations[i].name, &mut lines)
        }
        What::Programme(i) => entity(site, doc, say!("创建方案", "programme"), &site.programmes[i].title, &mut lines),
        What::Pack(i) => entity(site, doc, say!("规则包", "rule pack"), &site.packs[i].title, &mut lines),
        What::Catalogue(i) => {
            let title = &site.catalogues[i].title;
            entity(site, doc, say!("公开目录", "catalogue of disclosure"), title, &mut lines);
        }
        What::Rubric(i) => entity(site, doc, say!("评定标准", "rubric"), &site.rubrics[i].title, &mut lines),
        What::Honour(i) => {
            let (honour, branch) = (&site.honours[i], &site.branches[site.honours[i].branch].name);
            entity(site, doc, say!("荣誉", "honour"), &format!("{} · {branch}", honour.sort), &mut lines);
        }
        What::Page(i) => entity(site, doc, say!("普通页面", "page"), &site.pages[i].title, &mut lines),
        What::Withheld => withheld(site, doc, &mut lines),
        What::Nothing => lines
            .add(say!("认作", "Is"), say!("没有认出来，原因见下面的错误", "not understood; the errors below say why")),
    }
    if !matches!(site.what[doc], What::Withheld | What::Nothing) {
        links(site, doc, &mut lines);
    }
    lines
}

/// Explains a file that is only copied.
pub(super) fn asset(site: &Site, shown: &str, asset: &Seen) -> Lines {
    let mut lines = Lines::new(shown);
    let size = asset.stat.size;
    lines.add(say!("认作", "Is"), say!("附件或图片，{size} 字节", "an attachment or picture, {size} bytes"));
    let published: Vec<&str> =
        site.published.iter().filter(|p| p.source == asset.path).map(|p| p.target.as_str()).collect();
    let text = match published.first() {
        Some(target) => say!("是，在 {target}", "yes, at {target}"),
        None => {
            say!("否：没有哪条发布的记录放在它旁边或者用到它", "no: no published record lies beside it or names it")
        }
    };
    lines.add(say!("发布", "Published"), text);
    lines
}

fn entity(site: &Site, doc: usize, what: Say, name: &str, lines: &mut Lines) {
    lines.add(
        say!("认作", "Is"),
        Say {
            zh: format!("{}（{}）", what.zh, why(site, doc).zh), en: format!("{} ({})", what.en, why(site, doc).en)
        },
    );
    lines.add(say!("名称", "Name"), say!("{name}", "{name}"));
    let address = match site.what[doc] {
        What::Branch(i) => route::branch(&site.branches[i].id),
        What::Organisation(i) => route::organisation(&site.organisations[i].id),
        What::Programme(i) => route::programme(&site.programmes[i].id),
        What::Rubric(i) => route::rubric(&site.rubrics[i].id),
        What::Honour(i) => route::honour(&site.honours[i].id),
        What::Pack(i) => route::pack(&site.packs[i].id),
        What::Catalogue(i) => route::catalogue(&site.catalogues[i].id),
        What::Page(i) => site.pages[i].route.clone(),
        What::Record(_) | What::Withheld | What::Nothing => return,
    };
    published(&address, lines);
}

fn published(address: &str, lines: &mut Lines) {
    lines.add(say!("发布", "Published"), say!("是，地址 /{address}", "yes, at /{address}"));
}

fn record(site: &Site, doc: usize, r: &Record, lines: &mut Lines) {
    let d = &site.docs[doc];
    let kind = site.kind(r);
    let path = FromPath::of(site, d);
    let (zh, en, id, why) = (&kind.label.zh, kind.label.get(Lang::En), &kind.id, why(site, doc));
    lines.add(
        say!("类型", "Kind"),
        Say { zh: format!("{zh}（{id}），{}", why.zh), en: format!("{en} ({id}), {}", why.en) },
    );
    lines.add(say!("题名", "Title"), sourced(&r.title, &title_source(r, d, &path)));
    if let Some(b) = r.branch.map(|b| &site.branches[b]) {
        let (name, now, id) = (b.name_at(r.date.as_ref()), &b.name, &b.id);
        let name = if name == now { format!("{name}（{id}）") } else { format!("{name}（{id}，今{now}）") };
        lines.add(
            say!("支部", "Branch"),
            sourced(
                &name,
                &path.source_of(&r.values, "branch", say!("按文件夹 records/{id}/", "from the folder records/{id}/")),
            ),
        );
    }
    if let Some(o) = r.unit.map(|o| &site.organisations[o]) {
        let id = &o.id;
        lines.add(
            say!("责任者", "Unit"),
            sourced(
                &format!("{}（{id}）", o.name),
                &path.source_of(&r.values, "unit", say!("按文件夹 records/{id}/", "from the folder records/{id}/")),
            ),
        );
    }
    if let Some(group) = &r.group {
        lines.add(
            say!("党小组", "Group"),
            sourced(group, &path.source_of(&r.values, "group", say!("按路径规则", "by the path rule"))),
        );
    }
    match &r.date {
        Some(date) => lines.add(
            say!("日期", "Date"),
            sourced(&date.zh(), &path.source_of(&r.values, "date", say!("正文里写的", "found in the text"))),
        ),
        None => lines.add(say!("日期", "Date"), say!("没有", "none")),
    }
    who_reads(site, &r.values, r.audience, kind.audience, lines);
    published(&r.route, lines);
    tied(site, r, lines);
}

/// A value with where it comes from.
fn sourced(value: &str, source: &Say) -> Say {
    Say { zh: format!("{value}（{}）", source.zh), en: format!("{value} ({})", source.en) }
}

/// What the path of a file says, and by which rule.
struct FromPath<'a> {
    rule: Option<&'a PathRule>,
    found: Option<adopt::Match>,
}

impl<'a> FromPath<'a> {
    fn of(site: &'a Site, d: &Document) -> FromPath<'a> {
        let found = adopt::match_path(&site.options.paths, &d.path);
        FromPath { rule: found.as_ref().map(|m| &site.options.paths[m.rule]), found }
    }

    /// Says where the value of a key comes from; `else_by` if neither file nor path has it.
    fn source_of(&self, values: &Values, key: &str, else_by: Say) -> Say {
        if values.get(key).is_some() {
            return say!("文件里写的", "written in the file");
        }
        self.rule_for(key).unwrap_or(else_by)
    }

    /// Says by which rule the path has a value for a key.
    fn rule_for(&self, key: &str) -> Option<Say> {
        let (rule, found) = (self.rule?, self.found.as_ref()?);
        let pattern = &rule.pattern;
        let fixed = match key {
            "branch" => rule.branch.is_some(),
            "group" => rule.group.is_some(),
            "title" => rule.title.is_some(),
            _ => false,
        };
        if fixed {
            return Some(say!("路径规则 {pattern} 定的", "set by the path rule {pattern}"));
        }
        found
            .places
            .contains_key(key)
            .then(|| say!("路径上认的，规则 {pattern}", "read from the path, by the rule {pattern}"))
    }
}

fn title_source(r: &Record, d: &Document, path: &FromPath<'_>) -> Say {
    let heading = d.outline.first_heading.as_ref().map(|h| h.text.as_str());
    if r.values.get("title").is_some() {
        say!("文件里写的", "written in the file")
    } else if heading == Some(r.title.as_str()) {
        say!("正文的第一个标题", "the first heading of the text")
    } else if r.title.starts_with('〔') {
        say!("原来没有，程序拟的", "there was none; made by the tool")
    } else {
        path.rule_for("title").unwrap_or_else(|| say!("正文里的", "from the text"))
    }
}

/// Says why a file is what it is. The model keeps it in a short form of English.
fn why(site: &Site, doc: usize) -> Say {
    let why = &site.why[doc];
    if let Some(folder) = why.strip_prefix("folder ") {
        say!("因为在 {folder} 里", "because it is in {folder}")
    } else if let Some(pattern) = why.strip_prefix("path rule ") {
        say!("合乎路径规则 {pattern}", "by the path rule {pattern}")
    } else if why.contains(" = ") {
        say!("文件里写了 {why}", "the file says {why}")
    } else {
        say!("没有写类型，也不合哪条路径规则", "it names no kind, and no path rule fits")
    }
}

fn who_reads(site: &Site, values: &Values, own: Audience, by_kind: Audience, lines: &mut Lines) {
    let (zh, en) = (audience(own, Lang::Zh), audience(own, Lang::En));
    let source = if values.get("audience").is_some() {
        say!("文件里写的", "written in the file")
    } else {
        debug_assert_eq!(own, by_kind, "what is not written is the kind's default");
        say!("这种记录的默认值", "the default of the kind")
    };
    let (build_zh, build_en) = (audience(site.options.audience, Lang::Zh), audience(site.options.audience, Lang::En));
    lines.add(
        say!("公开范围", "Audience"),
        Say {
            zh: format!("{zh}（{}）；这次生成给：{build_zh}", source.zh),
            en: format!("{en} ({}); this build is for: {build_en}", source.en),
        },
    );
}

/// Explains why a file is left out.
fn withheld(site: &Site, doc: usize, lines: &mut Lines) {
    let d = &site.docs[doc];
    let word = d
        .front
        .table()
        .entries
        .iter()
        .find(|(k, _)| matches!(k.name.as_str(), "kind" | "type" | "类型" | "记录类型"))
        .and_then(|(_, node)| d.head.get(node.span.clone()));
    let path = FromPath::of(site, d);
    let by_rule = || {
        path.rule
            .and_then(|r| r.kind.clone())
            .or_else(|| path.found.as_ref()?.places.get("kind").cloned())
            .unwrap_or_else(|| "other".to_owned())
    };
    let word = word.map_or_else(by_rule, |w| w.trim().trim_matches(['"', '\'']).to_owned());
    let Some(kind) = site.kinds.find(&word) else {
        lines.add(say!("认作", "Is"), say!("普通页面", "page"));
        lines.add(say!("发布", "Published"), say!("否：状态是草稿", "no: it is a draft"));
        return;
    };
    let (label, why) = (&site.kinds.kinds[kind], why(site, doc));
    let (zh, en, id) = (&label.label.zh, label.label.get(Lang::En), &label.id);
    lines.add(
        say!("类型", "Kind"),
        Say { zh: format!("{zh}（{id}），{}", why.zh), en: format!("{en} ({id}), {}", why.en) },
    );
    let values = site.kinds.schemas[kind]
        .read_as_is(&d.front.table(), &mut Reading { path: &d.shown, text: &d.head, out: &mut Vec::new() });
    let own = values.text("audience").and_then(Audience::parse).unwrap_or(label.audience);
    who_reads(site, &values, own, label.audience, lines);
    let text = if values.text("status") == Some("草稿") {
        say!("否：状态是草稿", "no: it is a draft")
    } else {
        say!("否：公开范围比这次生成的窄", "no: it is for fewer readers than this build")
    };
    lines.add(say!("发布", "Published"), text);
}

/// Lists what a record belongs to and who names it.
fn tied(site: &Site, r: &Record, lines: &mut Lines) {
    let titles = |records: &[usize]| {
        records
            .iter()
            .map(|i| format!("{}（{}）", site.records[*i].title, site.docs[site.records[*i].doc].shown))
            .collect::<Vec<_>>()
    };
    let mut list = |name: Say, items: Vec<String>| {
        if !items.is_empty() {
            let text = items.iter().map(|i| format!("\n{i}")).collect::<String>();
            lines.add(name, say!("{text}", "{text}"));
        }
    };
    list(say!("创建方案", "Programmes"), r.campaigns.iter().map(|p| site.programmes[*p].title.clone()).collect());
    list(
        say!("佐证条目", "Evidence for"),
        r.evidence.iter().map(|(rubric, criterion)| format!("{}/{criterion}", site.rubrics[*rubric].id)).collect(),
    );
    list(say!("更正或替代", "Corrects"), titles(r.corrects.as_slice()));
    list(say!("被更正", "Corrected by"), titles(r.corrected_by.as_slice()));
    list(say!("相关记录", "Related"), titles(&r.related));
    list(say!("被引用", "Linked from"), titles(&r.backlinks));
    list(say!("文件", "Files"), r.files.iter().map(|f| format!("{} → /{}", f.name, f.url)).collect());
}

/// Lists where the links of a text lead.
fn links(site: &Site, doc: usize, lines: &mut Lines) {
    let (mut seen, mut zh, mut en) = (Vec::new(), String::new(), String::new());
    for link in &site.docs[doc].outline.links {
        let written = &link.destination;
        if seen.contains(&written) {
            continue;
        }
        seen.push(written);
        let target = match site.target(doc, written) {
            Some(Target::Page(page, anchor)) => {
                let anchor = anchor.as_ref().map(|a| format!("#{a}")).unwrap_or_default();
                say!("/{page}{anchor}", "/{page}{anchor}")
            }
            Some(Target::File(file)) => say!("/{file}", "/{file}"),
            Some(Target::Outside) => say!("站外", "another site"),
            Some(Target::Nowhere) | None => say!("没有可去的地方，只留文字", "nowhere: only its words stay"),
        };
        zh += &format!("\n{written} → {}", target.zh);
        en += &format!("\n{written} → {}", target.en);
    }
    if !seen.is_empty() {
        lines.add(say!("链接", "Links"), Say { zh, en });
    }
}
