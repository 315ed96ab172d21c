//! Building the values templates see.

use super::theme::Theme;
use std::collections::BTreeMap;
use tera::Value;

/// A map under construction; keys without a value are left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Map(BTreeMap<&'static str, Value>);

impl Map {
    /// Begins a map.
    pub(super) fn new() -> Map {
        Map::default()
    }

    /// Adds a value.
    pub(super) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Map {
        self.0.insert(key, value.into());
        self
    }

    /// Adds a value if there is one.
    pub(super) fn maybe<V: Into<Value>>(mut self, key: &'static str, value: Option<V>) -> Map {
        if let Some(value) = value {
            self.0.insert(key, value.into());
        }
        self
    }

    /// Adds a value if a template of the theme names its key: what nobody prints is not made.
    pub(super) fn wanted<V: Into<Value>>(self, theme: &Theme, key: &'static str, value: impl FnOnce() -> V) -> Map {
        if theme.names(key) { self.with(key, value()) } else { self }
    }

    /// Adds a list, unless it is empty, if a template of the theme names its key.
    pub(super) fn wanted_list(self, theme: &Theme, key: &'static str, list: impl FnOnce() -> Vec<Value>) -> Map {
        if theme.names(key) { self.list(key, list()) } else { self }
    }

    /// Adds HTML, which is not escaped again.
    pub(super) fn html(mut self, key: &'static str, html: &str) -> Map {
        self.0.insert(key, Value::safe_string(html));
        self
    }

    /// Adds a list unless it is empty.
    pub(super) fn list(self, key: &'static str, list: Vec<Value>) -> Map {
        if list.is_empty() { self } else { self.with(key, list) }
    }

    /// Adds the entries of a value that is a map.
    pub(super) fn and_value(self, other: &Value) -> MapOver {
        MapOver { base: other.clone(), own: self }
    }

    /// Returns the entries.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (&'static str, Value)> {
        self.0.into_iter()
    }

    /// Returns the value.
    pub(super) fn done(self) -> Value {
        Value::from(self.0)
    }
}

/// A map laid over a value that is a map already.
pub(super) struct MapOver {
    base: Value,
    own: Map,
}

impl MapOver {
    /// Returns the value.
    pub(super) fn done(self) -> Value {
        let mut all: BTreeMap<tera::value::Key<'static>, Value> = BTreeMap::new();
        if let Some(map) = self.base.as_map() {
            all.extend(map.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
        all.extend(self.own.0.into_iter().map(|(k, v)| (k.into(), v)));
        Value::from(all)
    }
}
