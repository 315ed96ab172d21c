//! The fields of a schema in words, for tables and for new files.

use crate::diagnostic::Lang;
use crate::model::schema::{Field, FieldType, Need};

/// Says whether a field must be there; nothing for one that may be left out.
pub(super) fn need(field: &Field, lang: Lang) -> String {
    match (field.need, lang) {
        (Need::Required, Lang::Zh) => "必填".to_owned(),
        (Need::Required, Lang::En) => "required".to_owned(),
        (Need::Optional, _) => String::new(),
        (Need::Conditional, Lang::Zh) => format!("写了 {} 就要写", field.with.as_deref().unwrap_or("…")),
        (Need::Conditional, Lang::En) => format!("with {}", field.with.as_deref().unwrap_or("…")),
    }
}

/// Says what is written as a field's value.
pub(super) fn value(field: &Field, lang: Lang) -> String {
    let (zh, en) = match field.sort {
        FieldType::Text | FieldType::Longtext => ("文字", "text"),
        FieldType::Int => ("整数", "whole number"),
        FieldType::Number => ("数", "number"),
        FieldType::Bool => ("是或否", "true or false"),
        FieldType::Date => ("日期", "date"),
        FieldType::When => ("日期，可带时间", "date, perhaps with times"),
        FieldType::Choice => ("选一项", "one of"),
        FieldType::Person => ("人员", "person"),
        FieldType::People => ("几位人员", "persons"),
        FieldType::List => ("列表", "list"),
        FieldType::Record => ("记录号", "id of a record"),
        FieldType::Records => ("几个记录号", "ids of records"),
        FieldType::Rubric => ("评定标准编号", "id of a rubric"),
        FieldType::Org => ("党组织编号", "id of an organisation"),
        FieldType::Branch => ("支部编号", "id of a branch"),
        FieldType::Tally => ("各项的数", "numbers by name"),
        FieldType::Figures => ("数据", "figures"),
        FieldType::Pictures => ("图片", "pictures"),
        FieldType::Rows => ("多行", "rows"),
        FieldType::Group => ("一组", "a group"),
    };
    let word = if lang == Lang::Zh { zh } else { en };
    let inside = if field.columns.is_empty() { options(field, lang) } else { columns(field, lang) };
    match (inside.is_empty(), lang) {
        (true, _) => word.to_owned(),
        (false, Lang::Zh) => format!("{word}：{inside}"),
        (false, Lang::En) => format!("{word}: {inside}"),
    }
}

/// Lists the words that may be chosen.
pub(super) fn options(field: &Field, lang: Lang) -> String {
    let word = |o: &String| match field.option_labels.get(o) {
        Some(label) if lang == Lang::Zh => format!("{o} {label}"),
        _ => o.clone(),
    };
    let all: Vec<_> = field.options.iter().map(word).collect();
    let (comma, open) = if lang == Lang::Zh { ("、", "等") } else { (", ", ", …") };
    if all.is_empty() { String::new() } else { all.join(comma) + if field.open { open } else { "" } }
}

fn columns(field: &Field, lang: Lang) -> String {
    let column = |c: &Field| {
        let (key, label, need) = (&c.key, c.label.get(lang), need(c, lang));
        match lang {
            Lang::Zh if need.is_empty() => format!("`{key}` {label}"),
            Lang::Zh => format!("`{key}` {label}（{need}）"),
            Lang::En if need.is_empty() => format!("`{key}`"),
            Lang::En => format!("`{key}` ({need})"),
        }
    };
    field.columns.iter().map(column).collect::<Vec<_>>().join(if lang == Lang::Zh { "、" } else { ", " })
}

/// Returns the cells a text takes on a terminal: Han characters and full-width signs take two.
pub(super) fn width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if ('\u{1100}'..='\u{115f}').contains(&c) || ('\u{2e80}'..='\u{ffe6}').contains(&c) || c >= '\u{1f300}' {
                2
            } else {
                1
            }
        })
        .sum()
}

/// Lays out rows in columns.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..count).map(|i| rows.iter().filter_map(|r| r.get(i)).map(|c| width(c)).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, w)| format!("{cell}{}", " ".repeat(w - width(cell))));
        out += cells.collect::<Vec<_>>().join("  ").trim_end();
        out.push('\n');
    }
    out
}

/// Writes a row of a Markdown table.
pub(super) fn markdown_row(cells: &[&str]) -> String {
    let cells: Vec<_> = cells.iter().map(|c| c.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_under_han_characters() {
        let rows = [
            vec!["会".to_owned(), "支委会".to_owned(), "a".to_owned()],
            vec!["x".to_owned(), "ab".to_owned(), "b".to_owned()],
        ];
        assert_eq!(table(&rows), "会  支委会  a\nx   ab      b\n");
    }
}
