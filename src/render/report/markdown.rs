//! A report as Markdown: facts as tables with links to the records' permalinks, prose as marks to be replaced.

use super::{rubric_name, title_of, words};
use crate::diagnostic::Lang;
use crate::model::report::{Block, Cell, Part, Piece, Report};
use crate::plan;
use crate::render::theme::Theme;

/// What writing a report takes beside the report.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The words of the interface.
    pub theme: &'a Theme,
    /// The language.
    pub lang: Lang,
    /// The address of the site; links are relative to its root without one.
    pub base_url: &'a str,
    /// Whether links name `index.html`.
    pub index_in_links: bool,
}

/// Writes a report as Markdown.
pub fn markdown(report: &Report<'_>, place: Place<'_>) -> String {
    let say = |key: &str, values: &[(&str, String)]| place.theme.say(key, values);
    let mut out = format!("# {}\n\n", escaped(&title_of(report, place.lang)));
    let (_, _, told, source) = report.form;
    if !told.is_empty() {
        out += &format!("> {}\n\n", escaped(&say("report.told", &[("told", told.into()), ("source", source.into())])));
    }
    if let Some(rubric) = report.rubric {
        out += &format!("{}\n\n", escaped(&say("report.by", &[("rubric", rubric_name(rubric))])));
    }
    out += &format!("{}\n", escaped(&say("report.lede", &[("date", report.until.clone())])));
    for part in &report.parts {
        section(&mut out, part, place);
    }
    out
}

fn section(out: &mut String, part: &Part<'_>, place: Place<'_>) {
    *out += &format!("\n## {}\n", escaped(part.title.get(place.lang)));
    for b in &part.blocks {
        block(out, b, place);
    }
    let blank = match (part.prompt, part.seal) {
        ("", false) => return,
        ("", true) => place.theme.say("report.blank_opinion", &[]),
        (prompt, _) => place.theme.say("report.blank", &[("prompt", prompt.to_owned())]),
    };
    *out += &format!("\n{}\n", escaped(&blank));
    if part.seal {
        *out += &format!("\n{}\n", escaped(&place.theme.say("report.seal", &[])));
    }
}

fn block(out: &mut String, b: &Block<'_>, place: Place<'_>) {
    let label = place.theme.say(&format!("report.fact_{}", b.fact.word()), &[]);
    let of = b.of.map(|of| place.theme.say("report.of", &[("name", of.to_owned())])).unwrap_or_default();
    *out += &format!("\n### {}\n\n", escaped(&format!("{label}{of}")));
    if b.rows.is_empty() {
        *out += &format!("{}\n", escaped(&place.theme.say("report.nothing", &[])));
    } else {
        row(out, &b.head, place);
        *out += &format!("|{}\n", " --- |".repeat(b.head.len()));
        for cells in b.rows.iter().chain(&b.sum) {
            row(out, cells, place);
        }
    }
    for note in &b.notes {
        *out += &format!("\n{}\n", cell(note, place));
    }
}

fn row(out: &mut String, cells: &[Cell<'_>], place: Place<'_>) {
    *out += "|";
    for c in cells {
        *out += &format!(" {} |", cell(c, place));
    }
    *out += "\n";
}

fn cell(pieces: &Cell<'_>, place: Place<'_>) -> String {
    let one = |piece: &Piece<'_>| {
        let text = escaped(&words(place.theme, place.lang, piece));
        match piece {
            Piece::Link(_, route) => {
                format!("[{text}](<{}{}>)", place.base_url, plan::page_url(route, place.index_in_links))
            }
            _ => text,
        }
    };
    pieces.iter().map(one).collect()
}

/// Writes words so that Markdown reads them as they are, on one line.
fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_record_are_never_markup() {
        assert_eq!(escaped("一|二\n*三* [四](五) <b>"), "一\\|二 \\*三\\* \\[四\\](五) \\<b\\>");
    }
}
