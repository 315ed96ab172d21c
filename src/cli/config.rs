//! `beilin config`: what can be written in `beilin.toml`, as a list, as JSON, or as the manual's tables.

use super::fields::{markdown_row, options, table};
use super::{Cli, FINE, Outcome, args};
use crate::config;
use crate::diagnostic::Lang;
use crate::model::schema::{Field, FieldType, Need};
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Config) -> Outcome {
    let keys = config::keys();
    if cli.json {
        cli.say_json(&json!(keys));
    } else if args.markdown {
        cli.say(&markdown(&keys, cli.lang));
    } else {
        cli.say(&list(&keys, cli.lang));
    }
    Ok(FINE)
}

/// Returns a table's head as it is written in the file: `[site]`, `[[nav]]`.
fn head(field: &Field) -> String {
    let key = &field.key;
    if field.sort == FieldType::Rows { format!("[[{key}]]") } else { format!("[{key}]") }
}

fn default(column: &Field, lang: Lang) -> String {
    match (column.need, lang) {
        (Need::Required, Lang::Zh) => "必填".to_owned(),
        (Need::Required, Lang::En) => "required".to_owned(),
        (Need::Optional | Need::Conditional, _) => column.default.clone(),
    }
}

fn doc(column: &Field, lang: Lang) -> String {
    let (doc, options) = (column.doc.get(lang), options(column, lang));
    match lang {
        _ if options.is_empty() => doc.to_owned(),
        Lang::Zh => format!("{doc}。可写：{options}"),
        Lang::En => format!("{doc}. One of: {options}"),
    }
}

fn list(keys: &[Field], lang: Lang) -> String {
    let mut out = String::new();
    for field in keys {
        let rows: Vec<_> =
            field.columns.iter().map(|c| vec![format!("  {}", c.key), default(c, lang), doc(c, lang)]).collect();
        out += &format!("{} {}\n{}\n", head(field), field.label.get(lang), table(&rows));
    }
    out
}

fn markdown(keys: &[Field], lang: Lang) -> String {
    let titles: [&str; 3] = match lang {
        Lang::Zh => ["写法", "默认", "说明"],
        Lang::En => ["Key", "Default", "What it is for"],
    };
    let mut sections = Vec::new();
    for field in keys {
        let mut out = format!(
            "### `{}` {} {{#{}}}\n\n{}| --- | --- | --- |\n",
            head(field),
            field.label.get(lang),
            field.key,
            markdown_row(&titles)
        );
        for c in &field.columns {
            let default = default(c, lang);
            let is_word = !default.is_empty() && default.is_ascii() && c.need != Need::Required;
            let default = if is_word { format!("`{default}`") } else { default };
            out += &markdown_row(&[&format!("`{}`", c.key), &default, &doc(c, lang)]);
        }
        sections.push(out);
    }
    sections.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_both_tables() {
        let keys = config::keys();
        let (list, markdown) = (list(&keys, Lang::Zh), markdown(&keys, Lang::Zh));
        for field in &keys {
            assert!(list.contains(&head(field)) && markdown.contains(&head(field)), "{}", field.key);
            for column in &field.columns {
                assert!(
                    list.contains(&format!("\n  {} ", column.key))
                        && markdown.contains(&format!("| `{}` |", column.key)),
                    "{}",
                    column.key
                );
            }
        }
        assert!(markdown.contains("| `dir` | `public` | 生成的网站放在哪里 |\n"), "{markdown}");
    }
}
