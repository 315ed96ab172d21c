//! A value of front matter or configuration with the place it was written at.
//!
//! TOML and YAML both become this one tree, so that nothing after the parser knows which was used.

use crate::diagnostic::{Diagnostic, Say};
use crate::say;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::ops::Range;

/// A value and its bytes in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// The bytes of the file it was read from.
    pub span: Range<usize>,
}

/// What TOML and YAML can say in common.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text; dates arrive as text too.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// An ordered list.
    List(Vec<Node>),
    /// Keys and values.
    Table(Table),
    /// YAML's null: as if the key were not there.
    Null,
}

/// Keys with their places, and values, in the order written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The entries.
    pub entries: Vec<(Key, Node)>,
}

/// A key as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// Front matter as it is held: its tree in little room, unfolded by whoever reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Front(Box<[u8]>);

impl Front {
    /// Folds a tree.
    pub fn of(table: &Table) -> Front {
        match table.entries.is_empty() {
            true => Front::default(),
            false => Front(crate::digest::encode(&kept::Whole(table)).into_boxed_slice()),
        }
    }

    /// Unfolds the tree.
    pub fn table(&self) -> Table {
        kept::read(&self.0).unwrap_or_default()
    }

    /// Returns the value of a key.
    pub fn get(&self, name: &str) -> Option<Node> {
        self.table().entries.into_iter().find(|(k, _)| k.name == name).map(|(_, n)| n)
    }
}

impl serde::Serialize for Front {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Front {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Front, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Front;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Front, E> {
                // What was damaged is found here, not where it is read.
                let is_whole = bytes.is_empty() || kept::read(bytes).is_some();
                is_whole.then(|| Front(bytes.into())).ok_or_else(|| E::custom("no front matter"))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

/// Front matter in a cache. A shape of its own, because [`Node`] reads itself from TOML and YAML, by
/// their rules.
pub(super) mod kept {
    use super::{Key, Node, Table, Value};
    use serde::{Deserialize, Serialize, Serializer};
    use std::ops::Range;

    type Span = Range<usize>;

    #[derive(Serialize, Deserialize)]
    enum Kept<S, L, T> {
        Text(S),
        Int(i64),
        Float(f64),
        Bool(bool),
        List(L),
        Table(T),
        Null,
    }

    /// A key, its place, its value, the value's place.
    type Entry = (String, Span, Read, Span);

    #[derive(Deserialize)]
    struct Read(Kept<String, Vec<(Read, Span)>, Vec<Entry>>);

    struct Written<'a>(&'a Value);

    impl Serialize for Written<'_> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            type Nodes<'a> = Vec<(Written<'a>, &'a Span)>;
            let kept: Kept<&str, Nodes<'_>, _> = match self.0 {
                Value::Text(t) => Kept::Text(t),
                Value::Int(n) => Kept::Int(*n),
                Value::Float(n) => Kept::Float(*n),
                Value::Bool(b) => Kept::Bool(*b),
                Value::List(nodes) => Kept::List(nodes.iter().map(|n| (Written(&n.value), &n.span)).collect()),
                Value::Table(table) => Kept::Table(entries(table)),
                Value::Null => Kept::Null,
            };
            kept.serialize(to)
        }
    }

    fn entries(table: &Table) -> Vec<(&str, &Span, Written<'_>, &Span)> {
        table.entries.iter().map(|(k, n)| (k.name.as_str(), &k.span, Written(&n.value), &n.span)).collect()
    }

    fn table(entries: Vec<Entry>) -> Table {
        let entry = |(name, at, value, span)| (Key { name, span: at }, Node { value: value_of(value), span });
        Table { entries: entries.into_iter().map(entry).collect() }
    }

    fn value_of(Read(kept): Read) -> Value {
        match kept {
            Kept::Text(t) => Value::Text(t),
            Kept::Int(n) => Value::Int(n),
            Kept::Float(n) => Value::Float(n),
            Kept::Bool(b) => Value::Bool(b),
            Kept::List(nodes) => {
                Value::List(nodes.into_iter().map(|(v, span)| Node { value: value_of(v), span }).collect())
            }
            Kept::Table(entries) => Value::Table(table(entries)),
            Kept::Null => Value::Null,
        }
    }

    /// A tree, to be written.
    pub(super) struct Whole<'t>(pub(super) &'t Table);

    impl Serialize for Whole<'_> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            entries(self.0).serialize(to)
        }
    }

    /// Reads a tree that was written; `None` if it is damaged.
    pub(super) fn read(bytes: &[u8]) -> Option<Table> {
        postcard::from_bytes(bytes).ok().map(table)
    }
}

impl Table {
    /// Returns the value of a key.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries.iter().find(|(k, _)| k.name == name).map(|(_, n)| n)
    }

    /// Collects the places of all keys and values.
    pub(super) fn spans(&self, into: &mut Vec<Range<usize>>) {
        for (key, node) in &self.entries {
            into.push(key.span.clone());
            node.spans(into);
        }
    }
}

impl Node {
    /// Returns the place of a value that lies so deep in this one, if there is one.
    pub(super) fn deeper_than(&self, most: usize) -> Option<Range<usize>> {
        let Some(below) = most.checked_sub(1) else { return Some(self.span.clone()) };
        match &self.value {
            Value::List(nodes) => nodes.iter().find_map(|n| n.deeper_than(below)),
            Value::Table(table) => table.entries.iter().find_map(|(_, n)| n.deeper_than(below)),
            Value::Text(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null => None,
        }
    }

    fn spans(&self, into: &mut Vec<Range<usize>>) {
        into.push(self.span.clone());
        match &self.value {
            Value::List(nodes) => nodes.iter().for_each(|n| n.spans(into)),
            Value::Table(table) => table.spans(into),
            Value::Text(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null => {}
        }
    }
}

impl Value {
    /// Returns the words for this sort of value.
    pub fn sort(&self) -> Say {
        match self {
            Value::Text(_) => say!("文字", "text"),
            Value::Int(_) => say!("整数", "a whole number"),
            Value::Float(_) => say!("数字", "a number"),
            Value::Bool(_) => say!("true/false", "true or false"),
            Value::List(_) => say!("列表", "a list"),
            Value::Table(_) => say!("表", "a table"),
            Value::Null => say!("空值", "nothing"),
        }
    }
}

/// So many syntax errors are told: what is no TOML at all has one in every word.
const TOLD: usize = 100;

/// Reads TOML; `base` is the offset of `text` in its file. All syntax errors are reported.
pub fn from_toml(text: &str, base: usize, path: &str, out: &mut Vec<Diagnostic>) -> Table {
    let (table, errors) = toml::de::DeTable::parse_recoverable(text);
    for error in errors.into_iter().take(TOLD) {
        let span = error.span().map(|s| base + s.start..base + s.end.max(s.start));
        let mut found = Diagnostic::error("toml", path, span.clone(), toml_message(error.message()));
        if let Some(bare) = error.span().and_then(|s| bare_han_key(text, s.start)) {
            found = found.hint(say!(
                "TOML 里中文键名要加英文引号：`\"{bare}\" = …`",
                "a Chinese key must be quoted in TOML: `\"{bare}\" = …`"
            ));
        }
        out.push(found);
    }
    dedup_lines(text, base, out);
    toml_table(table.get_ref(), base)
}

/// Keeps one syntax error per line: what follows the first is usually its echo.
fn dedup_lines(text: &str, base: usize, out: &mut Vec<Diagnostic>) {
    let mut seen = Vec::new();
    out.retain(|d| {
        if d.code != "toml" {
            return true;
        }
        let at = d.span.as_ref().map_or(0, |s| s.start.saturating_sub(base)).min(text.len());
        let line = text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
        let key = (d.path.clone(), line);
        let fresh = !seen.contains(&key);
        seen.push(key);
        fresh
    });
}

/// The most frequent of the parser's sentences in Chinese; any other is quoted.
fn toml_message(message: &str) -> Say {
    let zh = match message {
        m if m.contains("duplicate key") => "同一个键写了两次".to_owned(),
        m if m.contains("invalid unquoted key") || m.contains("unquoted") => "键名不合 TOML 的写法".to_owned(),
        m if m.contains("unclosed") || m.contains("missing closing") || m.contains("unterminated") => {
            format!("少了收尾的引号或括号（{m}）")
        }
        m if m.contains("string values must be quoted") => "文字要加英文引号".to_owned(),
        m => format!("TOML 写法有误：{m}"),
    };
    Say { zh, en: format!("invalid TOML: {message}") }
}

/// Finds a key of Han characters without quotes in the line around `at`.
fn bare_han_key(text: &str, at: usize) -> Option<&str> {
    let at = (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i))?;
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let line = text[start..].lines().next()?;
    let key = line.split(['=', ' ', '\t']).next()?.trim_start_matches('[').trim_end_matches(']');
    (!key.is_empty() && !key.contains(['"', '\'']) && !key.is_ascii()).then_some(key)
}

fn toml_table(table: &toml::de::DeTable<'_>, base: usize) -> Table {
    let mut entries: Vec<(Key, Node)> = table
        .iter()
        .map(|(key, value)| {
            let key = Key { name: key.get_ref().to_string(), span: shift(key.span(), base) };
            (key, Node { value: toml_value(value.get_ref(), base), span: shift(value.span(), base) })
        })
        .collect();
    entries.sort_by_key(|(k, _)| k.span.start);
    Table { entries }
}

fn toml_value(value: &toml::de::DeValue<'_>, base: usize) -> Value {
    use toml::de::DeValue;
    match value {
        DeValue::String(s) => Value::Text(s.to_string()),
        DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
            Ok(n) => Value::Int(n),
            Err(_) => Value::Text(i.as_str().to_owned()),
        },
        DeValue::Float(f) => f.as_str().parse().map_or_else(|_| Value::Text(f.as_str().to_owned()), Value::Float),
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Datetime(d) => Value::Text(d.to_string()),
        DeValue::Array(items) => Value::List(
            items.iter().map(|n| Node { value: toml_value(n.get_ref(), base), span: shift(n.span(), base) }).collect(),
        ),
        DeValue::Table(t) => Value::Table(toml_table(t, base)),
    }
}

fn shift(span: Range<usize>, base: usize) -> Range<usize> {
    span.start + base..span.end + base
}

/// Reads YAML; `base` is the offset of `text` in its file.
pub fn from_yaml(text: &str, base: usize, path: &str, out: &mut Vec<Diagnostic>) -> Table {
    if text.trim().is_empty() {
        return Table::default();
    }
    match serde_saphyr::from_str::<Yaml>(text) {
        Ok(yaml) => {
            let mut node = yaml.0;
            shift_node(&mut node, base, text.len());
            match node.value {
                Value::Table(table) => table,
                Value::Null => Table::default(),
                other => {
                    let sort = other.sort();
                    out.push(Diagnostic::error(
                        "yaml",
                        path,
                        Some(node.span),
                        Say {
                            zh: format!("前置信息应是“键: 值”，这里却是{}", sort.zh),
                            en: format!("front matter is {} instead of `key: value` lines", sort.en),
                        },
                    ));
                    Table::default()
                }
            }
        }
        Err(error) => {
            let at = error.location().and_then(|l| l.span().byte_offset()).unwrap_or(0) as usize;
            let at = base + at.min(text.len());
            let full = error.to_string();
            let short = full.lines().next().unwrap_or("").to_owned();
            out.push(Diagnostic::error(
                "yaml",
                path,
                Some(at..at),
                say!("YAML 写法有误：{short}", "invalid YAML: {short}"),
            ));
            Table::default()
        }
    }
}

fn shift_node(node: &mut Node, base: usize, len: usize) {
    let clamp = |r: &Range<usize>| base + r.start.min(len)..base + r.end.min(len);
    node.span = clamp(&node.span);
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|n| shift_node(n, base, len)),
        Value::Table(table) => {
            for (key, value) in &mut table.entries {
                key.span = clamp(&key.span);
                shift_node(value, base, len);
            }
        }
        Value::Text(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// A YAML document on its way to a [`Node`].
struct Yaml(Node);

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<YamlValue>::deserialize(deserializer)?;
        let span = spanned.referenced.span();
        let start = span.byte_offset().unwrap_or(0) as usize;
        let end = start + span.byte_len().unwrap_or(0) as usize;
        Ok(Yaml(Node { value: spanned.value.0, span: start..end }))
    }
}

struct YamlValue(Value);

impl<'de> Deserialize<'de> for YamlValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor).map(YamlValue)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Int(v))
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Value, E> {
        Ok(i64::try_from(v).map_or_else(|_| Value::Text(v.to_string()), Value::Int))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Float(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::Text(v.to_owned()))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Yaml(node)) = seq.next_element()? {
            items.push(node);
        }
        Ok(Value::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<serde_saphyr::Spanned<String>>()? {
            let span = key.referenced.span();
            let start = span.byte_offset().unwrap_or(0) as usize;
            let end = start + span.byte_len().unwrap_or(0) as usize;
            let Yaml(node) = map.next_value()?;
            entries.push((Key { name: key.value, span: start..end }, node));
        }
        Ok(Value::Table(Table { entries }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toml(text: &str) -> (Table, Vec<Diagnostic>) {
        let mut out = Vec::new();
        let table = from_toml(text, 0, "x.md", &mut out);
        (table, out)
    }

    #[test]
    fn toml_and_yaml_give_the_same_tree() {
        let (t, errors) = toml("title = \"党课\"\nn = 3\nlist = [1, 2]\n[a]\nb = true\n");
        assert!(errors.is_empty(), "{errors:?}");
        let mut out = Vec::new();
        let y = from_yaml("title: 党课\nn: 3\nlist: [1, 2]\na:\n  b: true\n", 0, "x.md", &mut out);
        assert!(out.is_empty(), "{out:?}");
        let plain =
            |t: &Table| t.entries.iter().map(|(k, n)| format!("{}={:?}", k.name, strip(&n.value))).collect::<Vec<_>>();
        assert_eq!(plain(&t), plain(&y));
    }

    fn strip(value: &Value) -> String {
        match value {
            Value::List(l) => l.iter().map(|n| strip(&n.value)).collect::<Vec<_>>().join(","),
            Value::Table(t) => t.entries.iter().map(|(k, n)| format!("{}:{}", k.name, strip(&n.value))).collect(),
            v => format!("{v:?}"),
        }
    }

    #[test]
    fn spans_are_bytes_of_the_file() {
        let text = "标题: 党课\nb: \"会\"\n";
        let mut out = Vec::new();
        let y = from_yaml(text, 0, "x.md", &mut out);
        let (key, node) = &y.entries[0];
        assert_eq!(&text[key.span.clone()], "标题");
        assert_eq!(&text[node.span.clone()], "党课");
        let text = "a = 1\nb = \"党课\"\n";
        let (t, _) = toml(text);
        assert_eq!(&text[t.entries[1].1.span.clone()], "\"党课\"");
    }

    #[test]
    fn a_bare_chinese_key_gets_the_hint_about_quotes() {
        let (_, errors) = toml("标题 = \"党课\"\nid = \"a\"\n");
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].hint.as_ref().is_some_and(|h| h.zh.contains("\"标题\"")), "{errors:?}");
    }

    #[test]
    fn every_broken_line_is_reported() {
        let (table, errors) = toml("a = \nb = 1\nc = [\n");
        assert!(errors.len() >= 2, "{errors:?}");
        assert!(table.get("b").is_some());
    }
}
