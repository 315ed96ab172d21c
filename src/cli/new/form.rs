//! The form of a new record: what is known is written, what has to be filled in stands as comments,
//! so that `check` names it until a person has filled it in.

use super::super::fields;
use super::Owner;
use crate::diagnostic::Lang;
use crate::model::date::ArchiveDate;
use crate::model::kind::Kinds;
use crate::model::schema::{Field, FieldType, Need};

/// Core fields that are often wanted; the others the manual and `beilin kinds KIND` list.
const OFTEN: [&str; 12] = [
    "place",
    "recorded",
    "published",
    "docno",
    "basis",
    "keywords",
    "abstract",
    "attachments",
    "audience",
    "status",
    "evidence_for",
    "campaign",
];
/// The keys that are known.
const KNOWN: [&str; 7] = ["id", "kind", "title", "branch", "unit", "group", "date"];

/// What is known of a record before it is written.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) owner: Owner,
    pub(super) date: ArchiveDate,
    pub(super) title: Option<String>,
    pub(super) group: Option<String>,
}

/// How front matter is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Toml,
    Yaml,
}

impl Syntax {
    fn fence(self) -> &'static str {
        match self {
            Syntax::Toml => "+++\n",
            Syntax::Yaml => "---\n",
        }
    }

    fn pair(self, key: &str, value: &str) -> String {
        let pair = match self {
            Syntax::Toml => format!("{} = {value}", self.key(key)),
            Syntax::Yaml => format!("{}: {value}", self.key(key)),
        };
        pair.trim_end().to_owned()
    }

    /// A key that is not ASCII is quoted in TOML.
    fn key(self, key: &str) -> String {
        let bare = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if bare || self == Syntax::Yaml { key.to_owned() } else { quote(key) }
    }
}

/// Writes a text so that TOML and YAML both read it.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Writes the whole file.
pub(super) fn text(kinds: &Kinds, kind: usize, known: &Known, syntax: Syntax, lang: Lang) -> String {
    let form = Form { syntax, lang };
    let mut out = syntax.fence().to_owned();
    out += &form.known(kinds, kind, known);
    let wanted = |f: &&Field| {
        !KNOWN.contains(&f.key.as_str()) || (f.key == "group" && known.group.is_none() && f.need == Need::Required)
    };
    let (required, others): (Vec<&Field>, Vec<&Field>) =
        kinds.schemas[kind].fields.iter().filter(wanted).partition(|f| f.need == Need::Required);
    let is_core = |f: &Field| kinds.core.iter().any(|c| c.key == f.key);
    let (blocks, lines): (Vec<&Field>, Vec<&Field>) = required.into_iter().partition(|f| is_block(f));
    out += &form.section("必填，去掉行首的 # 再填", "To be filled in: take away the # first", &lines);
    let own: Vec<&Field> = others.iter().copied().filter(|f| !is_core(f) && !is_block(f) && !f.private).collect();
    let often: Vec<&Field> =
        OFTEN.iter().filter_map(|key| others.iter().copied().find(|f| f.key == *key && is_core(f))).collect();
    out += &form.section("选填，用不着的可以删去", "May be filled in, or deleted", &[own, often].concat());
    // TOML: all that follows such a table belongs to it, so it stands last.
    for field in blocks.into_iter().chain(others.into_iter().filter(|f| is_block(f))) {
        out += &form.block(field);
    }
    out += syntax.fence();
    for heading in headings(&kinds.kinds[kind].id) {
        out += &format!("\n## {heading}\n");
    }
    out
}

/// The headings usual for a kind; other kinds have none of their own.
fn headings(kind: &str) -> &'static [&'static str] {
    match kind {
        "brand-case" => &["背景", "做法", "成效", "启示"],
        "work-method" => &["问题", "步骤", "成效", "适用条件"],
        _ => &[],
    }
}

/// Whether a field is written as tables of its own rather than on a line.
fn is_block(field: &Field) -> bool {
    field.sort == FieldType::Rows && field.columns.iter().any(|c| c.sort == FieldType::Group)
}

/// The columns that have to be there; all, where none has.
fn shown_columns(field: &Field) -> impl Iterator<Item = &Field> {
    let required = field.columns.iter().any(|c| c.need == Need::Required);
    field.columns.iter().filter(move |c| !required || c.need == Need::Required)
}

#[derive(Clone, Copy)]
struct Form {
    syntax: Syntax,
    lang: Lang,
}

impl Form {
    fn known(self, kinds: &Kinds, kind: usize, known: &Known) -> String {
        let kind = &kinds.kinds[kind];
        let mut lines =
            vec![self.syntax.pair("id", &quote(&known.id)), self.noted("kind", &kind.id, kind.label.get(self.lang))];
        match &known.title {
            Some(title) => lines.push(self.syntax.pair("title", &quote(title))),
            None => lines.push(format!("# {}", self.syntax.pair("title", "\"\""))),
        }
        lines.push(match &known.owner {
            Owner::Branch(id, name) => self.noted("branch", id, name),
            Owner::Unit(id, name) => self.noted("unit", id, name),
        });
        lines.extend(known.group.as_ref().map(|group| self.syntax.pair("group", &quote(group))));
        lines.push(self.syntax.pair("date", &quote(&known.date.iso())));
        lines.join("\n") + "\n"
    }

    /// A line with a word on what its id stands for.
    fn noted(self, key: &str, id: &str, name: &str) -> String {
        let pair = self.syntax.pair(key, &quote(id));
        if id == name { pair } else { format!("{pair}  # {name}") }
    }

    fn section(self, zh: &str, en: &str, fields: &[&Field]) -> String {
        if fields.is_empty() {
            return String::new();
        }
        let title = if self.lang == Lang::Zh { zh } else { en };
        let lines: String = fields.iter().map(|f| format!("# {}\n", self.line(f))).collect();
        format!("\n# {title}\n{lines}")
    }

    /// A key without its value, and a word on what it is.
    fn line(self, field: &Field) -> String {
        format!("{}  # {}", self.syntax.pair(&field.key, &self.blank(field)), self.note(field))
    }

    fn note(self, field: &Field) -> String {
        let (label, need, options) =
            (field.label.get(self.lang), fields::need(field, self.lang), fields::options(field, self.lang));
        let (comma, colon) = if self.lang == Lang::Zh { ("，", "：") } else { (", ", ": ") };
        let mut note = label.to_owned();
        if !need.is_empty() {
            note += &format!("{comma}{need}");
        }
        if !options.is_empty() {
            note += &format!("{colon}{options}");
        }
        for column in shown_columns(field).filter(|c| !c.options.is_empty()) {
            note += &format!("{comma}{}{colon}{}", column.key, fields::options(column, self.lang));
        }
        note
    }

    /// The place of a value: nothing is made up, so a number's is empty.
    fn blank(self, field: &Field) -> String {
        match field.sort {
            FieldType::Int | FieldType::Number | FieldType::Bool => String::new(),
            FieldType::List | FieldType::People | FieldType::Records => "[\"\"]".to_owned(),
            FieldType::Rows | FieldType::Figures | FieldType::Pictures => format!("[{}]", self.row(field)),
            FieldType::Group => self.row(field),
            FieldType::Tally => self.braces(field.options.iter().map(|o| self.syntax.pair(o, ""))),
            FieldType::Text
            | FieldType::Longtext
            | FieldType::Date
            | FieldType::When
            | FieldType::Choice
            | FieldType::Person
            | FieldType::Record
            | FieldType::Rubric
            | FieldType::Org
            | FieldType::Branch => "\"\"".to_owned(),
        }
    }

    /// A row with the places of its values.
    fn row(self, field: &Field) -> String {
        self.braces(shown_columns(field).map(|c| self.syntax.pair(&c.key, &self.blank(c))))
    }

    fn braces(self, pairs: impl Iterator<Item = String>) -> String {
        format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
    }

    /// Tables of their own: one for each item.
    fn block(self, field: &Field) -> String {
        let (label, need) = (field.label.get(self.lang), fields::need(field, self.lang));
        let title = match self.lang {
            Lang::Zh => format!("{label}{}{need}：一项写一段", if need.is_empty() { "" } else { "，" }),
            Lang::En => {
                format!("{label}{}{need}: one such part for each item", if need.is_empty() { "" } else { ", " })
            }
        };
        let mut lines = Vec::new();
        match self.syntax {
            Syntax::Toml => self.toml_block(&format!("[[{}]]", field.key), &field.key, &field.columns, &mut lines),
            Syntax::Yaml => {
                lines.push(format!("{}:", field.key));
                self.yaml_block("  - ", "    ", &field.columns, &mut lines);
            }
        }
        let lines: String = lines.iter().map(|l| format!("# {l}\n")).collect();
        format!("\n# {title}\n{lines}")
    }

    fn toml_block(self, head: &str, path: &str, columns: &[Field], lines: &mut Vec<String>) {
        lines.push(head.to_owned());
        lines.extend(columns.iter().filter(|c| c.sort != FieldType::Group).map(|c| self.line(c)));
        for column in columns.iter().filter(|c| c.sort == FieldType::Group) {
            let path = format!("{path}.{}", column.key);
            self.toml_block(&format!("[{path}]"), &path, &column.columns, lines);
        }
    }

    fn yaml_block(self, first: &str, margin: &str, columns: &[Field], lines: &mut Vec<String>) {
        let mut lead = first;
        for column in columns {
            if column.sort == FieldType::Group {
                lines.push(format!("{lead}{}:", column.key));
                let deeper = format!("{margin}  ");
                self.yaml_block(&deeper, &deeper, &column.columns, lines);
            } else {
                lines.push(format!("{lead}{}", self.line(column)));
            }
            lead = margin;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::front_matter;

    fn form(kind: &str, syntax: Syntax) -> (Kinds, usize, String) {
        let kinds = Kinds::load(&[], &mut Vec::new());
        let at = kinds.find(kind).expect("a shipped kind");
        let owner = Owner::Branch("ga-yexun".into(), "夜巡大队党支部".into());
        let date = ArchiveDate::parse("2026-12-18T15:00/16:30").expect("a date");
        let known = Known { id: "x".into(), owner, date, title: Some("读“守则”的\"甲\"".into()), group: None };
        let text = text(&kinds, at, &known, syntax, Lang::Zh);
        (kinds, at, text)
    }

    #[test]
    fn a_meetings_form_names_what_is_to_be_filled_in() {
        let (_, _, text) = form("支委会", Syntax::Toml);
        for line in [
            "id = \"x\"\n",
            "kind = \"committee-meeting\"  # 支委会\n",
            "title = \"读“守则”的\\\"甲\\\"\"\n",
            "branch = \"ga-yexun\"  # 夜巡大队党支部\n",
            "date = \"2026-12-18T15:00/16:30\"\n",
            "# host = \"\"  # 主持人，必填\n",
            "# expected =  # 应到，必填\n",
            "# [[agenda]]\n",
            "# [agenda.resolution]\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert!(text.ends_with("+++\n"), "no word of the minutes is written:\n{text}");
    }

    #[test]
    fn every_kinds_form_is_read_without_a_fault_and_misses_only_what_is_required() {
        for syntax in [Syntax::Toml, Syntax::Yaml] {
            for kind in Kinds::load(&[], &mut Vec::new()).kinds {
                let (kinds, at, text) = form(&kind.id, syntax);
                let mut out = Vec::new();
                let cut = front_matter::cut(&text, "x.md", &mut out);
                assert!(out.is_empty(), "{}: {out:?}\n{text}", kind.id);
                kinds.schemas[at].read(
                    &cut.table,
                    0..0,
                    &mut crate::model::schema::Reading { path: "x.md", text: &text, out: &mut out },
                );
                assert!(out.iter().all(|d| d.code == "missing-key"), "{}: {out:?}\n{text}", kind.id);
                for field in kinds.schemas[at].fields.iter().filter(|f| f.need == Need::Required) {
                    assert!(text.contains(&field.key), "{} lacks {}", kind.id, field.key);
                }
            }
        }
    }

    #[test]
    fn a_form_filled_in_is_read() {
        for syntax in [Syntax::Toml, Syntax::Yaml] {
            let (kinds, at, text) = form("general-meeting", syntax);
            // Fills every place and takes away the marks, as a person does.
            let filled: String = text
                .lines()
                .filter(|l| !l.starts_with("# 必填") && !l.starts_with("# 选填") && !l.starts_with("# 议程"))
                .map(|l| {
                    let l = l.strip_prefix("# ").unwrap_or(l);
                    let l = l
                        .replace("first_topic =  #", "first_topic = true  #")
                        .replace("first_topic:  #", "first_topic: true  #");
                    let l = l
                        .replace(" =  #", " = 1  #")
                        .replace(":  #", ": 1  #")
                        .replace("= , ", "= 1, ")
                        .replace("=  }", "= 1 }")
                        .replace("expected =, present = }", "expected = 1, present = 1 }");
                    format!("{l}\n")
                })
                .collect();
            let mut out = Vec::new();
            let cut = front_matter::cut(&filled, "x.md", &mut out);
            assert!(out.is_empty(), "{out:?}\n{filled}");
            kinds.schemas[at].read(
                &cut.table,
                0..0,
                &mut crate::model::schema::Reading { path: "x.md", text: &filled, out: &mut out },
            );
            assert!(out.iter().all(|d| d.code != "unknown-key"), "{out:?}\n{filled}");
        }
    }
}
