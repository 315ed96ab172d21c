//! Kinds of record and of other files: data shipped with the tool, extended by the site.

use super::form::{self, Form};
use super::schema::{Field, FieldType, Label, Need, Schema};
use crate::diagnostic::Diagnostic;
use crate::say;
use serde::{Deserialize, Serialize};

/// The kinds file shipped with the tool.
pub const SHIPPED: &str = include_str!("../data/kinds.toml");
/// The schemas of files that are not records.
pub const ENTITIES: &str = include_str!("../data/entities.toml");

/// A kind of record (记录类型).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// The id, in ASCII; part of addresses.
    pub id: String,
    /// What people call it.
    pub label: Label,
    /// Other names it is known by in front matter.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// One Han character standing for it.
    pub mark: String,
    /// The id of its class.
    pub class: String,
    /// Whether it is one of the eight core types (domain row 0-45).
    #[serde(default)]
    pub core: bool,
    /// Who may read such a record unless it says otherwise.
    pub audience: Audience,
    /// The section of the archive it is filed under (归档类别).
    #[serde(default)]
    pub section: String,
    /// Groups of fields it uses before its own.
    #[serde(default)]
    pub uses: Vec<String>,
    /// Core fields that may not be left out.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Its own fields.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// What a good one has (五项): advice, shown as a list to look through; nothing is refused for it.
    #[serde(default)]
    pub gate: Vec<Part>,
    /// Sentences such a record is held against by people (1-03, 1-52); the tool only quotes them.
    #[serde(default)]
    pub tests: Vec<Test>,
    /// Where it comes from (domain row or standard).
    #[serde(default)]
    pub source: String,
}

/// One of the parts a good case has.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What people call it.
    pub label: Label,
    /// The keys that make it: all of them are to be there.
    pub keys: Vec<String>,
}

/// A sentence of a source document.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The sentence.
    pub text: String,
    /// Where it stands.
    pub source: String,
}

/// A class of kinds: they share a layout.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The id.
    pub id: String,
    /// What people call it.
    pub label: Label,
    /// The template `record/<layout>.html`.
    pub layout: String,
}

/// Who may read something (公开范围), from all to few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, Default, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// 向社会.
    Society,
    /// 在全党.
    Party,
    /// 在本单位.
    #[default]
    Unit,
    /// 对特定对象.
    Named,
}

impl Audience {
    /// Reads the word of a front matter choice.
    pub fn parse(word: &str) -> Option<Audience> {
        match word {
            "society" => Some(Audience::Society),
            "party" => Some(Audience::Party),
            "unit" => Some(Audience::Unit),
            "named" => Some(Audience::Named),
            _ => None,
        }
    }

    /// Returns the word of a front matter choice.
    pub fn word(self) -> &'static str {
        match self {
            Audience::Society => "society",
            Audience::Party => "party",
            Audience::Unit => "unit",
            Audience::Named => "named",
        }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Group {
    id: String,
    fields: Vec<Field>,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct KindsFile {
    #[serde(default)]
    core: Vec<Field>,
    #[serde(default)]
    class: Vec<Class>,
    #[serde(default)]
    group: Vec<Group>,
    #[serde(default)]
    kind: Vec<Kind>,
    #[serde(default)]
    report: Vec<Form>,
}

/// A schema of files that are not records.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// The id: `organisation`, `branch`, `programme`, `rubric`, `honour`, `page`.
    pub id: String,
    /// What people call it.
    pub label: Label,
    /// The folder of `content/` whose files are such.
    pub folder: String,
    /// Its keys.
    pub fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntitiesFile {
    entity: Vec<Entity>,
}

/// All kinds of a site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kinds {
    /// The fields every record has.
    pub core: Vec<Field>,
    /// The classes.
    pub classes: Vec<Class>,
    /// The kinds in the order of the files.
    pub kinds: Vec<Kind>,
    /// The full schema of each kind, in the same order.
    pub schemas: Vec<Schema>,
    /// The schemas of files that are not records.
    pub entities: Vec<Entity>,
    /// The forms of reports, in the order of the files.
    pub reports: Vec<Form>,
}

impl Kinds {
    /// Reads the shipped kinds and then the site's own files (path, text), which may add kinds,
    /// classes and groups, or replace those of the same id.
    pub fn load(own: &[(String, String)], out: &mut Vec<Diagnostic>) -> Kinds {
        let mut all: KindsFile = toml::from_str(SHIPPED).expect("data/kinds.toml is checked by a test");
        all.report = toml::from_str::<KindsFile>(form::SHIPPED).expect("data/reports.toml is checked by a test").report;
        for (path, text) in own {
            match toml::from_str::<KindsFile>(text) {
                Ok(file) => merge(&mut all, file, path, text, out),
                Err(error) => {
                    let message = error.message().to_owned();
                    out.push(Diagnostic::error(
                        "kinds",
                        path,
                        error.span(),
                        say!("类型文件有误：{message}", "invalid kinds file: {message}"),
                    ));
                }
            }
        }
        for kind in &mut all.kind {
            kind.fields.iter_mut().for_each(complete);
        }
        for group in &mut all.group {
            group.fields.iter_mut().for_each(complete);
        }
        for field in &mut all.core {
            complete(field);
            // What a path or the text itself can say (kind, title, id) is asked for by the reader.
            field.need = Need::Optional;
        }
        let schemas = all
            .kind
            .iter()
            .map(|kind| {
                let mut lists: Vec<&[Field]> = vec![&all.core];
                lists.extend(
                    kind.uses.iter().filter_map(|u| all.group.iter().find(|g| &g.id == u)).map(|g| g.fields.as_slice()),
                );
                lists.push(&kind.fields);
                let mut schema = Schema::of(&lists);
                for field in schema.fields.iter_mut().filter(|f| kind.requires.contains(&f.key)) {
                    field.need = Need::Required;
                }
                schema
            })
            .collect();
        let mut entities =
            toml::from_str::<EntitiesFile>(ENTITIES).expect("data/entities.toml is checked by a test").entity;
        for entity in &mut entities {
            entity.fields.iter_mut().for_each(complete);
        }
        Kinds { core: all.core, classes: all.class, kinds: all.kind, schemas, entities, reports: all.report }
    }

    /// Returns the number of the kind of this id, label or alias.
    pub fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        self.kinds
            .iter()
            .position(|k| k.id == name)
            .or_else(|| self.kinds.iter().position(|k| k.label.zh == name || k.aliases.iter().any(|a| a == name)))
    }

    /// Returns the class of a kind.
    pub fn class(&self, kind: usize) -> Option<&Class> {
        self.classes.iter().find(|c| c.id == self.kinds[kind].class)
    }

    /// Returns the entity of this id.
    pub fn entity(&self, id: &str) -> Option<&Entity> {
        self.entities.iter().find(|e| e.id == id)
    }

    /// Returns all words a kind may be called by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds
            .iter()
            .flat_map(|k| [k.id.as_str(), k.label.zh.as_str()].into_iter().chain(k.aliases.iter().map(String::as_str)))
    }
}

fn merge(all: &mut KindsFile, own: KindsFile, path: &str, text: &str, out: &mut Vec<Diagnostic>) {
    for field in own.core {
        match all.core.iter_mut().find(|f| f.key == field.key) {
            Some(old) => *old = field,
            None => all.core.push(field),
        }
    }
    for class in own.class {
        match all.class.iter_mut().find(|c| c.id == class.id) {
            Some(old) => *old = class,
            None => all.class.push(class),
        }
    }
    for group in own.group {
        match all.group.iter_mut().find(|g| g.id == group.id) {
            Some(old) => *old = group,
            None => all.group.push(group),
        }
    }
    for kind in own.kind {
        let place = |word: &str| text.find(&format!("\"{word}\"")).map(|i| i..i + word.len() + 2);
        if !all.class.iter().any(|c| c.id == kind.class) {
            let (id, class) = (&kind.id, &kind.class);
            let known = all.class.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
            out.push(
                Diagnostic::error(
                    "kinds",
                    path,
                    place(class),
                    say!("类型`{id}`的类别`{class}`不存在", "kind `{id}` names an unknown class `{class}`"),
                )
                .hint(say!("已有类别：{known}", "known classes: {known}")),
            );
        }
        if !kind.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') || kind.id.is_empty() {
            let id = &kind.id;
            out.push(Diagnostic::error(
                "kinds",
                path,
                place(id),
                say!(
                    "类型编号`{id}`只能用小写字母、数字和连字符",
                    "kind id `{id}` may only have lower-case letters, digits and hyphens"
                ),
            ));
        }
        check_kind(&kind, all, path, text, out);
        for used in &kind.uses {
            if !all.group.iter().any(|g| &g.id == used) {
                out.push(Diagnostic::error(
                    "kinds",
                    path,
                    place(used),
                    say!("字段组`{used}`不存在", "unknown group of fields `{used}`"),
                ));
            }
        }
        match all.kind.iter_mut().find(|k| k.id == kind.id) {
            Some(old) => *old = kind,
            None => all.kind.push(kind),
        }
    }
    for form in own.report {
        form::check(&form, &all.class, &all.kind, path, text, out);
        match all.report.iter_mut().find(|f| f.id == form.id) {
            Some(old) => *old = form,
            None => all.report.push(form),
        }
    }
}

/// What a kind of the site's own may have wrong beside its shape.
fn check_kind(kind: &Kind, all: &KindsFile, path: &str, text: &str, out: &mut Vec<Diagnostic>) {
    let id = &kind.id;
    let place = text.find(&format!("\"{id}\"")).map(|i| i..i + id.len() + 2);
    let mut complain = |zh: String, en: String| {
        out.push(Diagnostic::error("kinds", path, place.clone(), crate::diagnostic::Say { zh, en }))
    };
    if kind.mark.chars().count() != 1 {
        complain(
            format!("类型`{id}`的标记应是一个字，这里是`{}`", kind.mark),
            format!("the mark of kind `{id}` should be one character, not `{}`", kind.mark),
        );
    }
    if kind.label.zh.is_empty() {
        complain(format!("类型`{id}`没有中文名称"), format!("kind `{id}` has no Chinese label"));
    }
    if let Some(other) =
        all.kind.iter().find(|k| k.id != *id && (k.label.zh == kind.label.zh || k.aliases.contains(&kind.label.zh)))
    {
        complain(
            format!("类型`{id}`的名称`{}`已是`{}`的名称", kind.label.zh, other.id),
            format!("the label `{}` of kind `{id}` is a name of `{}`", kind.label.zh, other.id),
        );
    }
    for key in kind.requires.iter().filter(|key| !all.core.iter().any(|f| &f.key == *key)) {
        complain(
            format!("类型`{id}`要求的`{key}`不是通用项"),
            format!("kind `{id}` requires `{key}`, which is no core field"),
        );
    }
    for (i, field) in kind.fields.iter().enumerate() {
        let key = &field.key;
        if kind.fields[..i].iter().any(|f| &f.key == key) {
            complain(format!("类型`{id}`的`{key}`写了两次"), format!("kind `{id}` has `{key}` twice"));
        }
        let named = |f: &Field| f.key != *key && (f.label.zh == field.label.zh || f.aliases.contains(&field.label.zh));
        if let Some(other) = all.core.iter().find(|f| named(f)) {
            complain(
                format!("`{key}`的名称`{}`已是通用项`{}`的名称", field.label.zh, other.key),
                format!("the label `{}` of `{key}` is a name of the core field `{}`", field.label.zh, other.key),
            );
        }
        if field.sort == FieldType::Choice && field.options.is_empty() && !field.open {
            complain(format!("`{key}`是选项，却没有 options"), format!("`{key}` is a choice without options"));
        }
        if field.need == Need::Conditional && field.with.is_none() {
            complain(
                format!("`{key}`的 need 是 conditional，却没有写 with"),
                format!("`{key}` is conditional but names no `with`"),
            );
        }
    }
}

/// Gives figures and pictures their columns.
fn complete(field: &mut Field) {
    if field.columns.is_empty() {
        match field.sort {
            FieldType::Figures => {
                field.columns = vec![
                    column("label", "指标", "Figure", FieldType::Text, true),
                    column("value", "数值", "Value", FieldType::Text, true),
                    column("unit", "单位", "Unit", FieldType::Text, false),
                    column("source", "来源", "Source", FieldType::Text, false),
                    column("date", "日期", "Date", FieldType::Date, false),
                ];
            }
            FieldType::Pictures => {
                field.columns = vec![
                    column("file", "文件", "File", FieldType::Text, true),
                    column("alt", "替代文字", "Alternative text", FieldType::Text, false),
                    column("caption", "说明", "Caption", FieldType::Text, false),
                ];
            }
            _ => {}
        }
    }
    field.columns.iter_mut().for_each(complete);
}

fn column(key: &str, zh: &str, en: &str, sort: FieldType, required: bool) -> Field {
    Field {
        key: key.to_owned(),
        label: Label { zh: zh.to_owned(), en: en.to_owned() },
        aliases: Vec::new(),
        sort,
        need: if required { Need::Required } else { Need::Optional },
        with: None,
        options: Vec::new(),
        option_labels: Default::default(),
        open: false,
        fact: None,
        private: false,
        columns: Vec::new(),
        doc: Label::default(),
        default: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn shipped() -> Kinds {
        let mut out = Vec::new();
        let kinds = Kinds::load(&[], &mut out);
        assert!(out.is_empty(), "{out:?}");
        kinds
    }

    #[test]
    fn shipped_kinds_have_unique_names_and_one_character_marks() {
        let kinds = shipped();
        let mut seen = BTreeSet::new();
        for kind in &kinds.kinds {
            assert!(seen.insert(&kind.id), "{}", kind.id);
            assert_eq!(kind.mark.chars().count(), 1, "{}", kind.id);
            assert!(kinds.classes.iter().any(|c| c.id == kind.class), "{}", kind.id);
            assert!(!kind.label.en.is_empty(), "{}", kind.id);
        }
    }

    #[test]
    fn no_key_of_a_schema_is_called_by_two_fields() {
        let kinds = shipped();
        for (kind, schema) in kinds.kinds.iter().zip(&kinds.schemas) {
            let mut seen = BTreeSet::new();
            for field in &schema.fields {
                let mut names: BTreeSet<&str> = field.aliases.iter().map(String::as_str).collect();
                names.insert(&field.key);
                names.insert(&field.label.zh);
                for name in names {
                    assert!(seen.insert(name), "`{name}` twice in {}", kind.id);
                }
            }
        }
    }

    #[test]
    fn the_eight_core_types_are_there() {
        let kinds = shipped();
        for name in ["党员大会", "支委会", "党小组会", "组织生活会", "民主评议党员", "谈心谈话", "主题党日", "党课"]
        {
            let kind = kinds.find(name).unwrap_or_else(|| panic!("{name} is a kind"));
            assert!(kinds.kinds[kind].core, "{name} is core");
        }
    }

    #[test]
    fn a_site_adds_a_kind_without_code() {
        let own = "[[kind]]\nid = \"drill\"\nlabel = { zh = \"岗位练兵\", en = \"Drill\" }\nmark = \"练\"\nclass = \"activity\"\naudience = \"society\"\nfields = [{ key = \"subject\", label = { zh = \"科目\" }, type = \"text\", need = \"required\" }]\n";
        let mut out = Vec::new();
        let kinds = Kinds::load(&[("kinds.toml".into(), own.into())], &mut out);
        assert!(out.is_empty(), "{out:?}");
        let at = kinds.find("岗位练兵").expect("the new kind");
        assert!(kinds.schemas[at].field("subject").is_some() && kinds.schemas[at].field("title").is_some());
    }

    #[test]
    fn a_wrong_kinds_file_says_where() {
        let mut out = Vec::new();
        Kinds::load(&[("kinds.toml".into(), "[[kind]]\nid = \"x\"\nlable = 1\n".into())], &mut out);
        assert!(out[0].span.is_some(), "{out:?}");
    }
}
