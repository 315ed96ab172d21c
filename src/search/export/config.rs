//! What an index is: which fields there are, and how Chinese text in them is found.
//!
//! All servers cut Chinese text into single characters with their places, and the page's script asks for phrases:
//! so any run of characters is found, and only where it stands. (Pairs of characters alone would miss a character
//! next to a number, as in 〔2020〕6号.) No server needs an extension.

use super::super::analyzer;
use serde_json::{Value, json};

/// Returns the settings and mappings of an index of Elasticsearch or OpenSearch.
pub fn elasticsearch() -> Value {
    let text = json!({ "type": "text", "analyzer": "beilin" });
    let word = json!({ "type": "keyword" });
    // Queries of others, which ask for words rather than phrases, are better off with pairs.
    let with_pairs = json!({
        "type": "text",
        "analyzer": "beilin",
        "fields": { "pairs": { "type": "text", "analyzer": "beilin_pairs" } },
    });
    json!({
        "settings": {
            "index": { "number_of_shards": 1, "auto_expand_replicas": "0-1" },
            "analysis": {
                "char_filter": { "simplified": { "type": "mapping", "mappings": simplified() } },
                "analyzer": {
                    "beilin": {
                        "type": "custom",
                        "char_filter": ["simplified"],
                        "tokenizer": "standard",
                        "filter": ["cjk_width", "lowercase"],
                    },
                    "beilin_pairs": {
                        "type": "custom",
                        "char_filter": ["simplified"],
                        "tokenizer": "standard",
                        "filter": ["cjk_width", "lowercase", "cjk_bigram"],
                    },
                },
            },
        },
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "id": word,
                "url": word,
                "title": with_pairs,
                "kind": word,
                "kind_id": word,
                "branch": word,
                "branch_id": word,
                "date": word,
                "day": { "type": "integer" },
                "year": { "type": "integer" },
                "body": with_pairs,
                "sections": { "type": "object", "enabled": false },
                "people": text,
                "numbers": text,
                "attachments": text,
                "other": text,
                "honours": word,
            },
        },
    })
}

/// Returns what makes traditional characters simplified before text is cut.
fn simplified() -> Vec<String> {
    analyzer::simplifications().map(|(from, to)| format!("{from}=>{to}")).collect()
}

/// Returns the configuration of an index of Quickwit, in YAML.
pub fn quickwit(index: &str) -> String {
    let mut yaml = format!(
        "# Quickwit {{0.7, 0.8, 0.9}}: POST /api/v1/indexes, content-type: application/yaml\n\
         version: 0.7\n\
         index_id: {index}\n\
         doc_mapping:\n  \
           mode: strict\n  \
           field_mappings:\n"
    );
    let mut field = |name: &str, options: &[&str]| {
        yaml += &format!("    - name: {name}\n");
        yaml.extend(options.iter().map(|option| format!("      {option}\n")));
    };
    // The script asks for phrases (`record: position`) and for what fits best (`fieldnorms`), and shows the body
    // by its sections, so that the fields that are only searched need not be kept.
    let text = ["tokenizer: chinese_compatible", "record: position", "fieldnorms: true"];
    let word = ["type: text", "tokenizer: raw"];
    for name in ["id", "url"] {
        field(name, &word);
    }
    field("title", &[&["type: text"], &text[..]].concat());
    for name in ["kind", "kind_id", "branch", "branch_id", "date"] {
        field(name, &[&word[..], &["fast: true"]].concat());
    }
    for name in ["day", "year"] {
        field(name, &["type: u64", "fast: true"]);
    }
    field("body", &[&["type: text"], &text[..], &["stored: false"]].concat());
    field("sections", &["type: array<json>", "indexed: false", "fast: false"]);
    for name in ["people", "numbers", "attachments", "other"] {
        field(name, &[&["type: array<text>"], &text[..], &["stored: false"]].concat());
    }
    field("honours", &["type: array<text>", "tokenizer: raw", "fast: true"]);
    yaml + "search_settings:\n  default_search_fields: [title, body, people, numbers, attachments, other]\n"
}
