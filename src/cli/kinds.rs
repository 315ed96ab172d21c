//! `beilin kinds`: the kinds of record, as a list, as JSON, or as the manual's tables.

use super::fields::{markdown_row, need, table, value};
use super::{Cli, FINE, Failure, Outcome, args};
use crate::config;
use crate::diagnostic::{Lang, did_you_mean};
use crate::disk::{Disk, join};
use crate::model::kind::{Audience, Kind, Kinds};
use crate::model::schema::{Field, Need};
use crate::say;
use serde_json::{Value, json};

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Kinds) -> Outcome {
    let kinds = load(cli.disk, &args.root.folder());
    let only = args.kind.as_deref().map(|word| find(&kinds, word)).transpose()?;
    if cli.json {
        let value = match only {
            Some(kind) => json_one(&kinds, kind),
            None => (0..kinds.kinds.len()).map(|kind| json_one(&kinds, kind)).collect(),
        };
        cli.say_json(&value);
        return Ok(FINE);
    }
    let lang = cli.lang;
    let text = match (only, args.markdown) {
        (Some(kind), true) => markdown_one(&kinds, kind, lang),
        (Some(kind), false) => detail(&kinds, kind, lang),
        (None, true) => {
            (0..kinds.kinds.len()).map(|kind| markdown_one(&kinds, kind, lang)).collect::<Vec<_>>().join("\n")
        }
        (None, false) => list(&kinds, lang),
    };
    cli.say(&text);
    Ok(FINE)
}

/// Finds the kind of a word, or says which words there are.
pub(super) fn find(kinds: &Kinds, word: &str) -> Result<usize, Failure> {
    kinds.find(word).ok_or_else(|| {
        let hint = match did_you_mean(word, kinds.names()) {
            Some(near) => say!(
                "是不是 `{near}`？全部类型见 `beilin kinds`",
                "did you mean `{near}`? `beilin kinds` lists them all"
            ),
            None => say!("全部类型见 `beilin kinds`", "`beilin kinds` lists them all"),
        };
        Failure::of(say!("没有`{word}`这种记录", "unknown kind `{word}`"), hint)
    })
}

/// Loads the kinds shipped and, where there is a site, its own. What is wrong with them `check` tells.
pub(super) fn load(disk: &dyn Disk, root: &str) -> Kinds {
    let text = |path: &str| disk.read(&join(root, path)).ok().and_then(|b| String::from_utf8(b).ok());
    let mut out = Vec::new();
    let files = text(config::FILE).map(|t| config::read(&t, &mut out).content.kinds).unwrap_or_default();
    let own: Vec<_> = files.into_iter().filter_map(|file| Some((file.clone(), text(&file)?))).collect();
    Kinds::load(&own, &mut out)
}

fn list(kinds: &Kinds, lang: Lang) -> String {
    let rows: Vec<Vec<String>> = kinds
        .kinds
        .iter()
        .enumerate()
        .map(|(i, k)| {
            let class = kinds.class(i).map_or("", |c| c.label.get(lang));
            let core = if k.core { "*" } else { " " };
            vec![
                format!("{core} {}", k.mark),
                k.label.get(lang).to_owned(),
                k.id.clone(),
                class.to_owned(),
                audience(k.audience, lang).to_owned(),
            ]
        })
        .collect();
    let foot = match lang {
        Lang::Zh => "\n标 * 的是八种基本制度；最后一列是默认公开范围。一种类型的全部登记项：beilin kinds 类型\n",
        Lang::En => {
            "\n* marks the eight basic systems; the last column is the audience by default. All keys of a kind: beilin kinds KIND\n"
        }
    };
    table(&rows) + foot
}

fn detail(kinds: &Kinds, kind: usize, lang: Lang) -> String {
    let rows = |fields: Vec<&Field>| {
        table(
            &fields
                .iter()
                .map(|f| {
                    vec![
                        format!("  {}", f.key),
                        f.label.get(lang).to_owned(),
                        need(f, lang),
                        value(f, lang).replace('`', ""),
                    ]
                })
                .collect::<Vec<_>>(),
        )
    };
    let (own, core) = split(kinds, kind);
    let between = match lang {
        Lang::Zh => "各种记录都可以写的：",
        Lang::En => "Any record may have:",
    };
    format!("{}\n{}\n{between}\n{}", intro(kinds, kind, lang).replace('`', ""), rows(own), rows(core))
}

/// Returns the kind's own fields, and those any record may have.
fn split(kinds: &Kinds, kind: usize) -> (Vec<&Field>, Vec<&Field>) {
    let is_core = |f: &&Field| f.need == Need::Optional && kinds.core.iter().any(|c| c.key == f.key);
    let (core, own): (Vec<&Field>, Vec<&Field>) = kinds.schemas[kind].fields.iter().partition(is_core);
    (own, core)
}

fn intro(kinds: &Kinds, kind: usize, lang: Lang) -> String {
    let Kind { id, label, aliases, core, audience: who, section, .. } = &kinds.kinds[kind];
    let class = kinds.class(kind).map_or("", |c| c.label.get(lang));
    let who = audience(*who, lang);
    match lang {
        Lang::Zh => {
            let mut text = format!("`{id}`，{}类别：{class}。", if *core { "基本制度，" } else { "" });
            if !aliases.is_empty() {
                text += &format!("也叫{}。", aliases.join("、"));
            }
            text += &format!("默认公开范围：{who}。");
            if !section.is_empty() {
                text += &format!("归档类别：{section}。");
            }
            format!("{}\n\n{text}\n", label.zh)
        }
        Lang::En => format!(
            "{}\n\n`{id}`, class {class}{}. Audience by default: {who}.\n",
            label.get(lang),
            if *core { ", a basic system" } else { "" }
        ),
    }
}

fn markdown_one(kinds: &Kinds, kind: usize, lang: Lang) -> String {
    let k = &kinds.kinds[kind];
    let intro = intro(kinds, kind, lang);
    let (_, text) = intro.split_once("\n\n").unwrap_or(("", &intro));
    let mut out = format!("### {} {{#{}}}\n\n{text}\n", k.label.get(lang), k.id);
    let (own, _) = split(kinds, kind);
    if own.is_empty() {
        return out;
    }
    out += match lang {
        Lang::Zh => "| 写法 | 中文写法 | 必填 | 写什么 |\n| --- | --- | --- | --- |\n",
        Lang::En => "| Key | Chinese key | Required | Value |\n| --- | --- | --- | --- |\n",
    };
    for f in own {
        let names: Vec<&str> =
            std::iter::once(f.label.zh.as_str()).chain(f.aliases.iter().map(String::as_str)).collect();
        out += &markdown_row(&[&format!("`{}`", f.key), &names.join("、"), &need(f, lang), &value(f, lang)]);
    }
    out
}

/// Returns the words for an audience.
pub(super) fn audience(audience: Audience, lang: Lang) -> &'static str {
    match (audience, lang) {
        (Audience::Society, Lang::Zh) => "向社会",
        (Audience::Party, Lang::Zh) => "在全党",
        (Audience::Unit, Lang::Zh) => "本单位",
        (Audience::Named, Lang::Zh) => "特定对象",
        (_, Lang::En) => audience.word(),
    }
}

fn json_one(kinds: &Kinds, kind: usize) -> Value {
    let k = &kinds.kinds[kind];
    json!({
        "id": k.id,
        "label": k.label,
        "aliases": k.aliases,
        "mark": k.mark,
        "class": k.class,
        "core": k.core,
        "audience": k.audience,
        "section": k.section,
        "fields": kinds.schemas[kind].fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn a_sites_own_kinds_are_listed_with_the_shipped_ones() {
        let own = "[[kind]]\nid = \"drill\"\nlabel = { zh = \"岗位练兵\", en = \"Drill\" }\nmark = \"练\"\nclass = \"activity\"\naudience = \"society\"\n";
        let disk = Memory::new([
            ("s/beilin.toml", "[site]\ntitle = \"甲\"\n[content]\nkinds = [\"kinds.toml\"]\n"),
            ("s/kinds.toml", own),
        ]);
        let kinds = load(&disk, "s");
        let text = list(&kinds, Lang::Zh);
        assert!(text.contains("岗位练兵") && text.contains("支部党员大会"), "{text}");
        assert!(find(&kinds, "支委会").is_ok() && find(&kinds, "支委汇").is_err());
    }

    #[test]
    fn the_manuals_tables_have_every_field_once() {
        let kinds = load(&Memory::default(), "");
        for kind in 0..kinds.kinds.len() {
            let text = markdown_one(&kinds, kind, Lang::Zh);
            assert!(
                text.starts_with(&format!("### {} {{#{}}}\n\n`", kinds.kinds[kind].label.zh, kinds.kinds[kind].id)),
                "{text}"
            );
            let (own, _) = split(&kinds, kind);
            assert_eq!(text.matches("\n| `").count(), own.len(), "{text}");
        }
    }
}
