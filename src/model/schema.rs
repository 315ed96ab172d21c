//! What keys a file may have: read from data, checked against front matter.
//!
//! A [`Schema`] is a list of [`Field`]s (`data/kinds.toml`, `data/entities.toml`, a site's own
//! kinds). [`Schema::read`] turns a [`Table`] into [`Values`], reporting every key that is unknown,
//! missing or of the wrong sort, at its place.

use super::date::ArchiveDate;
use crate::diagnostic::{Diagnostic, Lang, Say, did_you_mean};
use crate::parse::node::{Key, Node, Table, Value};
use crate::say;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// A text in the languages of the interface.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Chinese.
    pub zh: String,
    /// English; the Chinese where there is none.
    #[serde(default)]
    pub en: String,
}

impl Label {
    /// Returns the text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En if !self.en.is_empty() => &self.en,
            Lang::En | Lang::Zh => &self.zh,
        }
    }
}

/// The sort of value a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// One line of text.
    Text,
    /// Text of any length.
    Longtext,
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// true or false.
    Bool,
    /// A date, as exact as known.
    Date,
    /// A date, perhaps with times.
    When,
    /// One of the options.
    Choice,
    /// A person: name, post or both.
    Person,
    /// Several persons.
    People,
    /// Several lines of text.
    List,
    /// The id of a record (记录).
    Record,
    /// Ids of records.
    Records,
    /// The id of a rubric (评定标准).
    Rubric,
    /// The id of an organisation (上级党组织).
    Org,
    /// The id of a branch (党支部).
    Branch,
    /// Text keys with whole numbers (等次 = 票数).
    Tally,
    /// Figures with source and date.
    Figures,
    /// Pictures with alternative text.
    Pictures,
    /// Rows of columns.
    Rows,
    /// One row of columns.
    Group,
}

/// Whether a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Missing is an error.
    Required,
    /// Missing is fine.
    #[default]
    Optional,
    /// Missing is an error where the field named by `with` is given.
    Conditional,
}

/// One key of a schema.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The key in English.
    pub key: String,
    /// What people call it; the Chinese label is an alias of the key.
    pub label: Label,
    /// Other spellings of the key.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The sort of value.
    #[serde(rename = "type")]
    pub sort: FieldType,
    /// Whether it must be there.
    #[serde(default)]
    pub need: Need,
    /// For `need = "conditional"`: the key whose presence asks for this one.
    #[serde(default)]
    pub with: Option<String>,
    /// For choices and tallies: what may be written.
    #[serde(default)]
    pub options: Vec<String>,
    /// Other words for the options (also how they are shown).
    #[serde(default)]
    pub option_labels: BTreeMap<String, String>,
    /// Whether other words than the options may be written.
    #[serde(default)]
    pub open: bool,
    /// Whether it stands in the facts table; by default simple values do.
    #[serde(default)]
    pub fact: Option<bool>,
    /// Whether it is never printed on a page.
    #[serde(default)]
    pub private: bool,
    /// For rows and groups: the columns.
    #[serde(default)]
    pub columns: Vec<Field>,
    /// What it is for; the manual prints it.
    #[serde(default)]
    pub doc: Label,
    /// What holds where it is not written; the manual prints it.
    #[serde(default)]
    pub default: String,
}

impl Field {
    /// Tells whether the field stands in a facts table.
    pub fn is_fact(&self) -> bool {
        use FieldType::{Figures, Group, Longtext, Pictures, Records, Rows};
        let simple = !matches!(self.sort, Figures | Group | Longtext | Pictures | Records | Rows);
        !self.private && self.fact.unwrap_or(simple)
    }

    fn is_called(&self, name: &str) -> bool {
        self.key == name || self.label.zh == name || self.aliases.iter().any(|a| a == name)
    }
}

/// The keys a file may have.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Schema {
    /// The fields in display order.
    pub fields: Vec<Field>,
}

/// A value that fits its field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FieldValue {
    /// Text, a choice or an id.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Any number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A date.
    Date(ArchiveDate),
    /// A person.
    Person(Person),
    /// Several.
    List(Vec<Item>),
    /// Keys and numbers, in the order written.
    Tally(Vec<(String, i64)>),
    /// A row.
    Row(Values),
}

/// A person as a record names one (人员): a name, a post, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// The name, if one is given.
    pub name: Option<String>,
    /// The post, if one is given.
    pub post: Option<String>,
}

/// The last syllables of posts: a word that ends so is a post, not a name.
const POSTS: [&str; 14] =
    ["书记", "委员", "组长", "主任", "科长", "局长", "队长", "干事", "站长", "馆长", "处长", "所长", "主席", "专干"];

impl Person {
    /// Reads 周衡（支部书记）, 周衡, 支部书记.
    pub fn parse(text: &str) -> Person {
        let text = text.trim();
        let open = text.find(['（', '(']);
        if let Some((name, post)) = open.and_then(|i| {
            let post = text[i..].trim_start_matches(['（', '(']).strip_suffix(['）', ')'])?;
            Some((text[..i].trim(), post.trim()))
        }) && !name.is_empty()
            && !post.is_empty()
        {
            return Person { name: Some(name.to_owned()), post: Some(post.to_owned()) };
        }
        if POSTS.iter().any(|p| text.ends_with(p)) {
            Person { name: None, post: Some(text.to_owned()) }
        } else {
            Person { name: Some(text.to_owned()), post: None }
        }
    }

    /// Returns 周衡（支部书记）, or whichever half there is.
    pub fn text(&self) -> String {
        match (&self.name, &self.post) {
            (Some(n), Some(p)) => format!("{n}（{p}）"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The value.
    pub value: FieldValue,
    /// Its bytes in the file; not part of what the site is.
    #[serde(skip)]
    pub span: Range<usize>,
}

/// The values of a schema's keys, in the schema's order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Values {
    entries: Vec<(String, Item)>,
}

impl Values {
    /// Returns the value of a key with its place.
    pub fn item(&self, key: &str) -> Option<&Item> {
        self.entries.iter().find(|(k, _)| k == key).map(|(_, i)| i)
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&FieldValue> {
        self.item(key).map(|i| &i.value)
    }

    /// Returns the place of a key's value.
    pub fn span(&self, key: &str) -> Option<Range<usize>> {
        self.item(key).map(|i| i.span.clone())
    }

    /// Returns a text, choice or id.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(FieldValue::Text(t)) => Some(t),
            _ => None,
        }
    }

    /// Returns a text as an owned string.
    pub fn string(&self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    /// Returns a whole number.
    pub fn int(&self, key: &str) -> Option<i64> {
        match self.get(key) {
            Some(FieldValue::Int(n)) => Some(*n),
            _ => None,
        }
    }

    /// Returns a number.
    pub fn number(&self, key: &str) -> Option<f64> {
        match self.get(key) {
            Some(FieldValue::Int(n)) => Some(*n as f64),
            Some(FieldValue::Number(n)) => Some(*n),
            _ => None,
        }
    }

    /// Returns a truth value; absent is false.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.get(key), Some(FieldValue::Bool(true)))
    }

    /// Returns a date.
    pub fn date(&self, key: &str) -> Option<&ArchiveDate> {
        match self.get(key) {
            Some(FieldValue::Date(d)) => Some(d),
            _ => None,
        }
    }

    /// Returns a person.
    pub fn person(&self, key: &str) -> Option<&Person> {
        match self.get(key) {
            Some(FieldValue::Person(p)) => Some(p),
            _ => None,
        }
    }

    /// Returns a row.
    pub fn row(&self, key: &str) -> Option<&Values> {
        match self.get(key) {
            Some(FieldValue::Row(r)) => Some(r),
            _ => None,
        }
    }

    /// Returns the items of a list; none if absent.
    pub fn list(&self, key: &str) -> &[Item] {
        match self.get(key) {
            Some(FieldValue::List(l)) => l,
            _ => &[],
        }
    }

    /// Returns the rows of a list of rows.
    pub fn rows(&self, key: &str) -> impl Iterator<Item = &Values> {
        self.list(key).iter().filter_map(|i| match &i.value {
            FieldValue::Row(r) => Some(r),
            _ => None,
        })
    }

    /// Returns the texts of a list.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.list(key)
            .iter()
            .filter_map(|i| match &i.value {
                FieldValue::Text(t) => Some(t.clone()),
                _ => None,
            })
            .collect()
    }

    /// Returns a tally.
    pub fn tally(&self, key: &str) -> &[(String, i64)] {
        match self.get(key) {
            Some(FieldValue::Tally(t)) => t,
            _ => &[],
        }
    }

    /// Puts a value, for what a path or a default says.
    pub fn set(&mut self, key: &str, value: FieldValue, span: Range<usize>) {
        match self.entries.iter_mut().find(|(k, _)| k == key) {
            Some((_, item)) => *item = Item { value, span },
            None => self.entries.push((key.to_owned(), Item { value, span })),
        }
    }

    /// Keeps the values of some keys, and drops all others.
    pub fn keep(&mut self, keys: &[&str]) {
        self.entries.retain(|(k, _)| keys.contains(&k.as_str()));
    }

    /// Returns all keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.entries.iter().map(|(k, i)| (k.as_str(), i))
    }
}

/// Where values are read from, and where complaints go.
pub struct Reading<'a> {
    /// The file as diagnostics name it.
    pub path: &'a str,
    /// The file's text: numbers written where text is wanted keep their spelling.
    pub text: &'a str,
    /// The complaints.
    pub out: &'a mut Vec<Diagnostic>,
}

impl Schema {
    /// Makes a schema of field lists, in order; a later field of the same key replaces the earlier.
    pub fn of(lists: &[&[Field]]) -> Schema {
        let mut fields: Vec<Field> = Vec::new();
        for field in lists.iter().copied().flatten() {
            match fields.iter_mut().find(|f| f.key == field.key) {
                Some(old) => *old = field.clone(),
                None => fields.push(field.clone()),
            }
        }
        Schema { fields }
    }

    /// Returns the field of an English key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.key == key)
    }

    /// Reads a table. `whole` is the place to point at for what is missing.
    pub fn read(&self, table: &Table, whole: Range<usize>, reading: &mut Reading<'_>) -> Values {
        read_fields(&self.fields, table, whole, reading, true)
    }

    /// Reads a table without asking for what is missing: for archives taken as they are.
    pub fn read_as_is(&self, table: &Table, reading: &mut Reading<'_>) -> Values {
        read_fields(&self.fields, table, 0..0, reading, false)
    }
}

fn read_fields(fields: &[Field], table: &Table, whole: Range<usize>, r: &mut Reading<'_>, need: bool) -> Values {
    let mut values = Values { entries: Vec::with_capacity(table.entries.len()) };
    let mut written: Vec<(&Field, &Key)> = Vec::new();
    for (key, node) in &table.entries {
        let Some(field) = fields.iter().find(|f| f.is_called(&key.name)) else {
            unknown_key(fields, key, r);
            continue;
        };
        if let Some((_, first)) = written.iter().find(|(f, _)| f.key == field.key) {
            let (name, other) = (&key.name, &first.name);
            r.out.push(
                Diagnostic::error(
                    "duplicate-key",
                    r.path,
                    Some(key.span.clone()),
                    say!("`{name}` 与 `{other}` 是同一个键", "`{name}` and `{other}` are the same key"),
                )
                .other(r.path, Some(first.span.clone()), say!("先写在这里", "first written here")),
            );
            continue;
        }
        // An empty text is a place kept open: as if the key were not there.
        if matches!(&node.value, Value::Text(t) if t.trim().is_empty()) {
            continue;
        }
        written.push((field, key));
        if let Some(value) = read_value(field, node, r) {
            values.entries.push((field.key.clone(), Item { value, span: node.span.clone() }));
        }
    }
    values.entries.sort_by_key(|(k, _)| fields.iter().position(|f| &f.key == k));
    if need {
        let is_written = |key: &str| written.iter().any(|(f, _)| f.key == key);
        let missing: Vec<&Field> = fields
            .iter()
            .filter(|f| match f.need {
                Need::Required => true,
                Need::Optional => false,
                Need::Conditional => f.with.as_deref().is_some_and(is_written),
            })
            .filter(|f| !is_written(&f.key))
            .collect();
        complain_of_missing(&missing, whole, r);
    }
    values
}

/// What is missing at one place is told in one breath.
fn complain_of_missing(missing: &[&Field], whole: Range<usize>, r: &mut Reading<'_>) {
    if missing.is_empty() {
        return;
    }
    let zh: Vec<String> = missing.iter().map(|f| format!("`{}`（{}）", f.key, f.label.zh)).collect();
    let en: Vec<String> = missing.iter().map(|f| format!("`{}`", f.key)).collect();
    let lines: Vec<String> = missing.iter().map(|f| example(f)).collect();
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let (lines_zh, lines_en) = (lines.join("；"), lines.join("; "));
    r.out.push(
        Diagnostic::error(
            "missing-key",
            r.path,
            Some(whole),
            Say { zh: format!("缺少{}", zh.join("、")), en: format!("{} {verb} missing", en.join(", ")) },
        )
        .hint(say!("加上：{lines_zh}", "add: {lines_en}")),
    );
}

/// How a missing key is written.
fn example(field: &Field) -> String {
    let key = &field.key;
    let value = match field.sort {
        FieldType::Int | FieldType::Number => "12".to_owned(),
        FieldType::Bool => "true".to_owned(),
        FieldType::Date => "\"2026-03-18\"".to_owned(),
        FieldType::When => "\"2026-03-18T15:00/16:30\"".to_owned(),
        FieldType::Choice => format!("\"{}\"", field.options.first().map_or("…", |o| o)),
        FieldType::List | FieldType::People | FieldType::Records => "[\"…\"]".to_owned(),
        FieldType::Rows | FieldType::Figures | FieldType::Pictures => {
            let columns: Vec<_> =
                field.columns.iter().filter(|c| c.need == Need::Required).map(|c| format!("{} = …", c.key)).collect();
            format!("[{{ {} }}]", columns.join(", "))
        }
        FieldType::Group | FieldType::Tally => "{ … }".to_owned(),
        FieldType::Text
        | FieldType::Longtext
        | FieldType::Person
        | FieldType::Record
        | FieldType::Rubric
        | FieldType::Org
        | FieldType::Branch => "\"…\"".to_owned(),
    };
    format!("{key} = {value}")
}

fn unknown_key(fields: &[Field], key: &Key, r: &mut Reading<'_>) {
    let names = fields.iter().flat_map(|f| {
        std::iter::once(f.key.as_str()).chain([f.label.zh.as_str()]).chain(f.aliases.iter().map(String::as_str))
    });
    let name = &key.name;
    let hint = match did_you_mean(name, names) {
        Some(near) => say!("是不是 `{near}`？", "did you mean `{near}`?"),
        None => {
            let known = fields.iter().map(|f| f.key.as_str()).collect::<Vec<_>>().join(", ");
            say!("这里可用的键：{known}", "keys known here: {known}")
        }
    };
    r.out.push(
        Diagnostic::error(
            "unknown-key",
            r.path,
            Some(key.span.clone()),
            say!("没有`{name}`这个键", "unknown key `{name}`"),
        )
        .hint(hint),
    );
}

fn read_value(field: &Field, node: &Node, r: &mut Reading<'_>) -> Option<FieldValue> {
    if node.value == Value::Null {
        return None;
    }
    match field.sort {
        FieldType::Text
        | FieldType::Longtext
        | FieldType::Record
        | FieldType::Rubric
        | FieldType::Org
        | FieldType::Branch => {
            text_of(node, r.text).map(FieldValue::Text).or_else(|| wrong(field, node, say!("文字", "text"), r))
        }
        FieldType::Int => match &node.value {
            Value::Int(n) => Some(FieldValue::Int(*n)),
            Value::Text(t) if t.trim().parse::<i64>().is_ok() => t.trim().parse().ok().map(FieldValue::Int),
            _ => wrong(field, node, say!("整数", "a whole number"), r),
        },
        FieldType::Number => match &node.value {
            Value::Int(n) => Some(FieldValue::Int(*n)),
            Value::Float(n) if n.is_finite() => Some(FieldValue::Number(*n)),
            _ => wrong(field, node, say!("数字", "a number"), r),
        },
        FieldType::Bool => match &node.value {
            Value::Bool(b) => Some(FieldValue::Bool(*b)),
            Value::Text(t) if t == "是" => Some(FieldValue::Bool(true)),
            Value::Text(t) if t == "否" => Some(FieldValue::Bool(false)),
            _ => wrong(field, node, say!("true 或 false", "true or false"), r),
        },
        FieldType::Date | FieldType::When => {
            let date = text_of(node, r.text).and_then(|t| ArchiveDate::parse(&t));
            match date {
                Some(date) => Some(FieldValue::Date(date)),
                None => {
                    let name = &field.label.zh;
                    let key = &field.key;
                    r.out.push(
                        Diagnostic::error(
                            "bad-date",
                            r.path,
                            Some(node.span.clone()),
                            say!("{name}看不懂", "`{key}` is not a date"),
                        )
                        .hint(say!(
                            "写成 2026-03-18、2026-03-18T15:00/16:30、2026-03 或 20**-03",
                            "write 2026-03-18, 2026-03-18T15:00/16:30, 2026-03 or 20**-03"
                        )),
                    );
                    None
                }
            }
        }
        FieldType::Choice => read_choice(field, node, r),
        FieldType::Person => read_person(field, node, r).map(FieldValue::Person),
        FieldType::People => {
            let items = items_of(node);
            let people = items
                .iter()
                .filter_map(|n| {
                    Some(Item { value: FieldValue::Person(read_person(field, n, r)?), span: n.span.clone() })
                })
                .collect();
            Some(FieldValue::List(people))
        }
        FieldType::List | FieldType::Records => {
            let mut list = Vec::new();
            for item in items_of(node) {
                match text_of(item, r.text) {
                    Some(t)
                        if field.sort == FieldType::List
                            && !field.options.is_empty()
                            && !field.open
                            && !field.options.contains(&t) =>
                    {
                        bad_option(field, item, &t, r);
                    }
                    Some(t) => list.push(Item { value: FieldValue::Text(t), span: item.span.clone() }),
                    None => {
                        wrong::<()>(field, item, say!("文字", "text"), r);
                    }
                }
            }
            Some(FieldValue::List(list))
        }
        FieldType::Tally => read_tally(field, node, r),
        FieldType::Figures | FieldType::Pictures | FieldType::Rows => {
            let mut rows = Vec::new();
            for item in items_of(node) {
                match &item.value {
                    Value::Table(t) => {
                        let row = read_fields(&field.columns, t, item.span.clone(), r, true);
                        rows.push(Item { value: FieldValue::Row(row), span: item.span.clone() });
                    }
                    // A bare text stands for the first column where no other is required.
                    Value::Text(t)
                        if field.columns.iter().skip(1).all(|c| c.need != Need::Required)
                            && !field.columns.is_empty() =>
                    {
                        let mut row = Values::default();
                        let first = &field.columns[0];
                        if let Some(value) = read_value(first, item, r) {
                            row.set(&first.key, value, item.span.clone());
                        } else {
                            row.set(&first.key, FieldValue::Text(t.clone()), item.span.clone());
                        }
                        rows.push(Item { value: FieldValue::Row(row), span: item.span.clone() });
                    }
                    _ => {
                        wrong::<()>(field, item, say!("一组键值，如 {{ … }}", "a table such as {{ … }}"), r);
                    }
                }
            }
            Some(FieldValue::List(rows))
        }
        FieldType::Group => match &node.value {
            Value::Table(t) => Some(FieldValue::Row(read_fields(&field.columns, t, node.span.clone(), r, true))),
            _ => wrong(field, node, say!("一组键值，如 {{ … }}", "a table such as {{ … }}"), r),
        },
    }
}

/// One value where several may stand is a list of one.
fn items_of(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// Returns text; numbers keep the spelling they have in the file (`0117`).
fn text_of(node: &Node, text: &str) -> Option<String> {
    match &node.value {
        Value::Text(t) => Some(t.clone()),
        Value::Int(_) | Value::Float(_) => text.get(node.span.clone()).map(|s| s.trim().to_owned()),
        Value::Bool(_) | Value::List(_) | Value::Table(_) | Value::Null => None,
    }
}

fn read_choice(field: &Field, node: &Node, r: &mut Reading<'_>) -> Option<FieldValue> {
    let Some(text) = text_of(node, r.text) else { return wrong(field, node, say!("文字", "text"), r) };
    if field.options.contains(&text) || field.open {
        return Some(FieldValue::Text(text));
    }
    if let Some((option, _)) =
        field.option_labels.iter().find(|(_, label)| label.trim_start_matches('向') == text.trim_start_matches('向'))
    {
        return Some(FieldValue::Text(option.clone()));
    }
    bad_option(field, node, &text, r);
    None
}

fn bad_option(field: &Field, node: &Node, text: &str, r: &mut Reading<'_>) {
    let near = did_you_mean(
        text,
        field.options.iter().map(String::as_str).chain(field.option_labels.values().map(String::as_str)),
    );
    let all = field.options.join("、");
    let hint = match near {
        Some(near) => say!("是不是 `{near}`？可写：{all}", "did you mean `{near}`? one of: {all}"),
        None => say!("可写：{all}", "one of: {all}"),
    };
    let (zh, key) = (&field.label.zh, &field.key);
    r.out.push(
        Diagnostic::error(
            "bad-choice",
            r.path,
            Some(node.span.clone()),
            say!("{zh}没有`{text}`这一项", "`{text}` is not one of the values of `{key}`"),
        )
        .hint(hint),
    );
}

fn read_person(field: &Field, node: &Node, r: &mut Reading<'_>) -> Option<Person> {
    match &node.value {
        Value::Text(t) if !t.trim().is_empty() => Some(Person::parse(t)),
        Value::Table(t) => {
            let mut person = Person::default();
            for (key, value) in &t.entries {
                let Some(text) = text_of(value, r.text) else {
                    wrong::<()>(field, value, say!("文字", "text"), r);
                    continue;
                };
                match key.name.as_str() {
                    "name" | "姓名" => person.name = Some(text),
                    "post" | "职务" => person.post = Some(text),
                    other => {
                        let other = other.to_owned();
                        r.out.push(
                            Diagnostic::error(
                                "unknown-key",
                                r.path,
                                Some(key.span.clone()),
                                say!("没有`{other}`这个键", "unknown key `{other}`"),
                            )
                            .hint(say!("这里可用：name（姓名）、post（职务）", "keys known here: name, post")),
                        );
                    }
                }
            }
            Some(person)
        }
        _ => wrong(field, node, say!("人员，如 \"周衡（支部书记）\"", "a person such as \"周衡（支部书记）\""), r),
    }
}

fn read_tally(field: &Field, node: &Node, r: &mut Reading<'_>) -> Option<FieldValue> {
    let Value::Table(table) = &node.value else {
        return wrong(field, node, say!("一组“项 = 数”", "a table of numbers"), r);
    };
    let mut tally = Vec::new();
    for (key, value) in &table.entries {
        if !field.options.is_empty() && !field.open && !field.options.contains(&key.name) {
            bad_option(
                field,
                &Node { value: Value::Text(key.name.clone()), span: key.span.clone() },
                &key.name.clone(),
                r,
            );
            continue;
        }
        match &value.value {
            Value::Int(n) => tally.push((key.name.clone(), *n)),
            _ => {
                wrong::<()>(field, value, say!("整数", "a whole number"), r);
            }
        }
    }
    Some(FieldValue::Tally(tally))
}

fn wrong<T>(field: &Field, node: &Node, wanted: Say, r: &mut Reading<'_>) -> Option<T> {
    let (zh, key, got) = (&field.label.zh, &field.key, node.value.sort());
    r.out.push(Diagnostic::error(
        "wrong-type",
        r.path,
        Some(node.span.clone()),
        Say {
            zh: format!("{zh}应是{}，这里是{}", wanted.zh, got.zh),
            en: format!("`{key}` should be {}, not {}", wanted.en, got.en),
        },
    ));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, zh: &str, sort: &str, rest: &str) -> String {
        format!("{{ key = \"{key}\", label = {{ zh = \"{zh}\" }}, type = \"{sort}\" {rest} }},\n")
    }

    fn schema() -> Schema {
        #[derive(Deserialize)]
        struct File {
            fields: Vec<Field>,
        }
        let text = format!(
            "fields = [\n{}{}{}{}{}]",
            field("title", "题名", "text", ", need = \"required\""),
            field("date", "日期", "when", ""),
            field("present", "实到", "int", ""),
            field(
                "audience",
                "公开范围",
                "choice",
                ", options = [\"society\", \"unit\"], option_labels = { society = \"向社会\" }"
            ),
            field("fonds", "全宗号", "text", ""),
        );
        Schema { fields: toml::from_str::<File>(&text).expect("the test schema is valid").fields }
    }

    fn read(text: &str) -> (Values, Vec<Diagnostic>) {
        let mut out = Vec::new();
        let table = crate::parse::node::from_yaml(text, 0, "x.md", &mut out);
        let values = schema().read(&table, 0..0, &mut Reading { path: "x.md", text, out: &mut out });
        (values, out)
    }

    #[test]
    fn chinese_labels_are_aliases_and_numbers_keep_their_spelling() {
        let (v, out) = read("题名: 党课\n公开范围: 社会\nfonds: 0117\n");
        assert!(out.is_empty(), "{out:?}");
        assert_eq!(
            (v.text("title"), v.text("audience"), v.text("fonds")),
            (Some("党课"), Some("society"), Some("0117"))
        );
    }

    #[test]
    fn all_faults_are_told_at_once_with_a_way_out() {
        let (_, out) = read("titel: 党课\ndate: 明天\npresent: 多\naudience: 全体\n");
        let codes: Vec<_> = out.iter().map(|d| d.code).collect();
        assert_eq!(codes, ["unknown-key", "bad-date", "wrong-type", "bad-choice", "missing-key"]);
        assert!(out.iter().filter(|d| d.code != "wrong-type").all(|d| d.hint.is_some()), "{out:?}");
        assert!(out[0].hint.as_ref().is_some_and(|h| h.en.contains("`title`")));
    }

    #[test]
    fn one_key_under_two_names_is_an_error() {
        let (_, out) = read("title: 一\n题名: 二\n");
        assert_eq!(out.iter().map(|d| d.code).collect::<Vec<_>>(), ["duplicate-key"]);
    }

    #[test]
    fn a_person_is_a_name_a_post_or_both() {
        assert_eq!(Person::parse("周衡（支部书记）").text(), "周衡（支部书记）");
        assert_eq!(Person::parse("组织委员"), Person { name: None, post: Some("组织委员".into()) });
        assert_eq!(Person::parse("周衡"), Person { name: Some("周衡".into()), post: None });
    }
}
