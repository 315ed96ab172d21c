//! Diagnostics, drawn for people and written for machines.
//!
//! Reads the files again through the disk to show the lines concerned; a file that cannot be read
//! (it is built in, or lies in the output folder) is only named.

use super::{Paint, Style};
use crate::diagnostic::{Diagnostic, Lang, Severity, line_column};
use crate::disk::{Disk, join};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Range;

/// So many warnings of one code are shown; the others are counted.
const MOST: usize = 20;
/// A line longer than this (an embedded picture) is not shown.
const LONGEST: usize = 4_000;

/// The texts of the files that diagnostics name.
pub(super) struct Sources<'a> {
    disk: &'a dyn Disk,
    root: &'a str,
    texts: BTreeMap<String, Option<String>>,
}

impl<'a> Sources<'a> {
    /// Makes the texts of the site at `root`; each is read when it is first asked for.
    pub(super) fn new(disk: &'a dyn Disk, root: &'a str) -> Self {
        Sources { disk, root, texts: BTreeMap::new() }
    }

    /// Finds a place; `None` if there is no such text.
    fn place(&mut self, path: &str, span: Option<&Range<usize>>) -> Option<Place<'_>> {
        let span = span?;
        if !self.texts.contains_key(path) {
            let bytes = self.disk.read(&join(self.root, path)).ok();
            self.texts.insert(path.to_owned(), bytes.map(|b| String::from_utf8_lossy(&b).into_owned()));
        }
        let text = self.texts.get(path)?.as_deref()?;
        // A byte order mark is no column.
        let lead = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let text = &text[lead..];
        let clamp = |at: usize| floor(text, at.saturating_sub(lead));
        let start = clamp(span.start);
        Some(Place { text, span: start..clamp(span.end).max(start) })
    }
}

fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// A place in a text.
struct Place<'a> {
    text: &'a str,
    span: Range<usize>,
}

impl<'a> Place<'a> {
    /// Returns the 1-based line and column of the beginning.
    fn start(&self) -> (usize, usize) {
        line_column(self.text, self.span.start)
    }

    /// Returns the 1-based line and column after the last character.
    fn end(&self) -> (usize, usize) {
        line_column(self.text, self.span.end)
    }

    /// Returns the line it begins on, and its part of that line.
    fn line(&self) -> (&'a str, Range<usize>) {
        let from = self.text[..self.span.start].rfind('\n').map_or(0, |i| i + 1);
        let to = self.text[self.span.start..].find('\n').map_or(self.text.len(), |i| self.span.start + i);
        let line = self.text[from..to].trim_end_matches('\r');
        let start = (self.span.start - from).min(line.len());
        (line, start..(self.span.end - from).min(line.len()).max(start))
    }
}

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawing {
    /// The reader's language.
    pub(super) lang: Lang,
    /// Whether colours are used.
    pub(super) paint: Paint,
    /// Whether every warning is drawn.
    pub(super) all: bool,
    /// Whether warnings are drawn at all.
    pub(super) quiet: bool,
}

/// Draws diagnostics: warnings first, so that errors stand nearest to the prompt.
pub(super) fn draw(diagnostics: &[Diagnostic], sources: &mut Sources<'_>, drawing: Drawing) -> String {
    let mut out = String::new();
    if !drawing.quiet {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for d in of(diagnostics, Severity::Warning) {
            let seen = seen.entry(d.code).or_default();
            *seen += 1;
            if drawing.all || *seen <= MOST {
                out += &draw_one(d, sources, drawing);
                out.push('\n');
            }
        }
        for (code, seen) in seen.into_iter().filter(|(_, seen)| *seen > MOST && !drawing.all) {
            out += &folded(code, seen - MOST, drawing.lang);
        }
    }
    for d in of(diagnostics, Severity::Error) {
        out += &draw_one(d, sources, drawing);
        out.push('\n');
    }
    out
}

fn of(diagnostics: &[Diagnostic], severity: Severity) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(move |d| d.severity == severity)
}

fn folded(code: &str, more: usize, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("……还有 {more} 个同样的警告（{code}），加 --all 全部列出\n\n"),
        Lang::En => format!("… {more} more warnings of this sort ({code}); --all shows them\n\n"),
    }
}

/// Draws one diagnostic: what is the case, where, and the way out.
fn draw_one(d: &Diagnostic, sources: &mut Sources<'_>, drawing: Drawing) -> String {
    let Drawing { lang, paint, .. } = drawing;
    let mut out = title(d.severity, d.message.get(lang), lang, paint);
    let mut group = Group::with_level(match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    });
    let mut named = String::new();
    let mut gutter = 1;
    let main = (d.path.as_str(), d.span.as_ref(), None);
    let others = d.others.iter().map(|(path, span, what)| (path.as_str(), span.as_ref(), Some(what.get(lang))));
    for (path, span, label) in std::iter::once(main).chain(others).filter(|(path, ..)| !path.is_empty()) {
        let place = sources.place(path, span);
        match place.as_ref().and_then(|place| snippet(path, place, label)) {
            Some(snippet) => {
                gutter = gutter.max(place.map_or(1, |p| p.start().0.to_string().len()));
                group = group.element(snippet);
            }
            None => named += &name_only(path, place.as_ref(), label, lang),
        }
    }
    if !group.is_empty() {
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Colour => Renderer::styled(),
        };
        out += &renderer.render(&[group]);
        out.push('\n');
    }
    out += &named;
    if let Some(hint) = &d.hint {
        out += &way_out(hint.get(lang), gutter, lang, paint);
    }
    out
}

/// Makes the line a place is on, underlined; `None` where there is no line to show.
fn snippet<'s>(
    path: &str,
    place: &Place<'_>,
    label: Option<&str>,
) -> Option<Snippet<'s, annotate_snippets::Annotation<'s>>> {
    let (line, span) = place.line();
    if line.len() > LONGEST {
        return None;
    }
    let kind = if label.is_some() { AnnotationKind::Context } else { AnnotationKind::Primary };
    let annotation = kind.span(span).label(label.map(str::to_owned));
    Some(Snippet::source(line.to_owned()).line_start(place.start().0).path(path.to_owned()).annotation(annotation))
}

/// Names a place without its line.
fn name_only(path: &str, place: Option<&Place<'_>>, label: Option<&str>, lang: Lang) -> String {
    let at = place.map(|p| p.start()).map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    match (label, lang) {
        (None, _) => format!(" --> {path}{at}\n"),
        (Some(label), Lang::Zh) => format!(" ::: {path}{at}（{label}）\n"),
        (Some(label), Lang::En) => format!(" ::: {path}{at} ({label})\n"),
    }
}

/// Writes the line that says what is the case: `错误：…`.
pub(super) fn title(severity: Severity, message: &str, lang: Lang, paint: Paint) -> String {
    let (word, style) = match (severity, lang) {
        (Severity::Error, Lang::Zh) => ("错误", Style::Red),
        (Severity::Error, Lang::En) => ("error", Style::Red),
        (Severity::Warning, Lang::Zh) => ("警告", Style::Yellow),
        (Severity::Warning, Lang::En) => ("warning", Style::Yellow),
    };
    let rest = match lang {
        Lang::Zh => format!("：{message}"),
        Lang::En => format!(": {message}"),
    };
    format!("{}{}\n", paint.text(style, word), paint.text(Style::Bold, &rest))
}

/// Writes the line that says what to do: `= 提示：…`.
pub(super) fn way_out(hint: &str, gutter: usize, lang: Lang, paint: Paint) -> String {
    let word = match lang {
        Lang::Zh => "提示：",
        Lang::En => "hint: ",
    };
    let margin = " ".repeat(gutter + 1);
    let hint = hint.replace('\n', &format!("\n{margin}  "));
    format!("{margin}{} {}{hint}\n", paint.text(Style::Blue, "="), paint.text(Style::Bold, word))
}

/// Counts errors and warnings in words.
pub(super) fn count(diagnostics: &[Diagnostic], lang: Lang) -> String {
    let errors = of(diagnostics, Severity::Error).count();
    let warnings = of(diagnostics, Severity::Warning).count();
    match lang {
        Lang::Zh => format!("{errors} 个错误，{warnings} 个警告"),
        Lang::En => format!("{}, {}", number(errors, "error"), number(warnings, "warning")),
    }
}

/// Writes a number of things in English.
pub(super) fn number(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Writes diagnostics for machines. Lines and columns count from 1, columns in characters; the end
/// is after the last character.
pub(super) fn json(diagnostics: &[Diagnostic], sources: &mut Sources<'_>) -> Value {
    diagnostics.iter().map(|d| json_one(d, sources)).collect()
}

fn json_one(d: &Diagnostic, sources: &mut Sources<'_>) -> Value {
    let mut value = json_place(&d.path, d.span.as_ref(), sources);
    value["severity"] = match d.severity {
        Severity::Error => "error".into(),
        Severity::Warning => "warning".into(),
    };
    value["code"] = d.code.into();
    value["message"] = d.message.zh.clone().into();
    value["message_en"] = d.message.en.clone().into();
    value["hint"] = d.hint.as_ref().map(|h| h.zh.clone()).into();
    value["hint_en"] = d.hint.as_ref().map(|h| h.en.clone()).into();
    value["others"] = d
        .others
        .iter()
        .map(|(path, span, what)| {
            let mut other = json_place(path, span.as_ref(), sources);
            other["message"] = what.zh.clone().into();
            other["message_en"] = what.en.clone().into();
            other
        })
        .collect();
    value
}

fn json_place(path: &str, span: Option<&Range<usize>>, sources: &mut Sources<'_>) -> Value {
    let place = sources.place(path, span);
    let (start, end) = (place.as_ref().map(Place::start), place.as_ref().map(Place::end));
    json!({
        "path": path,
        "line": start.map(|p| p.0),
        "column": start.map(|p| p.1),
        "end_line": end.map(|p| p.0),
        "end_column": end.map(|p| p.1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;
    use crate::say;

    const PLAIN: Drawing = Drawing { lang: Lang::Zh, paint: Paint::Plain, all: false, quiet: false };

    /// An error at the first `word` of a file.
    fn at(text: &str, word: &str) -> Diagnostic {
        let start = text.find(word).expect("the word is in the text");
        Diagnostic::error(
            "unknown-key",
            "content/a.md",
            Some(start..start + word.len()),
            say!("没有`主持入`这个键", "unknown key `主持入`"),
        )
        .hint(say!("是不是 `主持人`？", "did you mean `主持人`?"))
    }

    fn drawn(text: &str, d: Diagnostic, drawing: Drawing) -> String {
        let disk = Memory::new([("s/content/a.md", text)]);
        draw(&[d], &mut Sources::new(&disk, "s"), drawing)
    }

    #[test]
    fn a_chinese_line_is_underlined_at_its_width() {
        let text = format!("{}\"主持入\" = \"周衡（支部书记）\"\n", "\n".repeat(18));
        let expected = "\
错误：没有`主持入`这个键
  --> content/a.md:19:1
   |
19 | \"主持入\" = \"周衡（支部书记）\"
   | ^^^^^^^^
   = 提示：是不是 `主持人`？

";
        assert_eq!(drawn(&text, at(&text, "\"主持入\""), PLAIN), expected);
    }

    #[test]
    fn columns_count_characters_and_carets_count_cells() {
        let text = "+++\r\n\t主持人 = 张三\r\n";
        let expected = "\
error: unknown key `主持入`
 --> content/a.md:2:8
  |
2 |     主持人 = 张三
  |              ^^^^
  = hint: did you mean `主持人`?

";
        assert_eq!(drawn(text, at(text, "张三"), Drawing { lang: Lang::En, ..PLAIN }), expected);
    }

    #[test]
    fn a_span_over_lines_shows_its_first_line() {
        let text = "a = 1\nb = [\n  2,\n]\n";
        let out = drawn(text, at(text, "[\n  2,\n]"), PLAIN);
        assert!(out.contains("2 | b = [\n  |     ^\n"), "{out}");
        assert!(!out.contains("3 |"), "{out}");
    }

    #[test]
    fn a_diagnostic_without_a_place_names_its_file_and_other_places_are_shown() {
        let disk = Memory::new([("s/content/b.md", "+++\nid = \"x\"\n")]);
        let d = Diagnostic::error("duplicate-id", "content/a.md", None, say!("编号 `x` 已经用过", "id `x` is taken"))
            .other("content/b.md", Some(9..12), say!("先用在这里", "first used here"));
        let out = draw(&[d], &mut Sources::new(&disk, "s"), PLAIN);
        assert!(out.starts_with("错误：编号 `x` 已经用过\n"), "{out}");
        assert!(
            out.contains(" --> content/a.md\n") && out.contains("content/b.md:2:6") && out.contains("--- 先用在这里"),
            "{out}"
        );
    }

    #[test]
    fn a_place_in_a_file_that_cannot_be_read_is_named() {
        let d =
            Diagnostic::warning("template", "themes/default/templates/home.html", Some(3..5), say!("模板", "template"));
        assert_eq!(
            draw(&[d], &mut Sources::new(&Memory::default(), "s"), PLAIN),
            "警告：模板\n --> themes/default/templates/home.html\n\n"
        );
    }

    #[test]
    fn many_warnings_of_one_code_are_folded_and_errors_never() {
        let many = |severity| {
            (0..25).map(move |i| Diagnostic {
                severity,
                ..Diagnostic::error("x", &format!("{i:02}.md"), None, say!("甲", "a"))
            })
        };
        let all: Vec<_> = many(Severity::Warning).chain(many(Severity::Error)).collect();
        let draw = |drawing| draw(&all, &mut Sources::new(&Memory::default(), ""), drawing);
        let (folded, whole, quiet) =
            (draw(PLAIN), draw(Drawing { all: true, ..PLAIN }), draw(Drawing { quiet: true, ..PLAIN }));
        assert_eq!((folded.matches("警告：甲").count(), folded.matches("错误：甲").count()), (20, 25));
        assert!(folded.contains("还有 5 个同样的警告（x），加 --all"), "{folded}");
        assert_eq!(whole.matches("警告：甲").count(), 25);
        assert_eq!((quiet.matches("警告").count(), quiet.matches("错误：甲").count()), (0, 25));
        assert_eq!(count(&all, Lang::Zh), "25 个错误，25 个警告");
        assert_eq!(count(&all[..1], Lang::En), "0 errors, 1 warning");
    }

    #[test]
    fn machines_get_lines_and_columns_in_characters() {
        let text = "\u{feff}+++\n\"主持入\" = \"周衡\"\n";
        let disk = Memory::new([("s/content/a.md", text)]);
        let value = json(&[at(text, "\"主持入\"")], &mut Sources::new(&disk, "s"));
        let d = &value[0];
        assert_eq!(
            (&d["line"], &d["column"], &d["end_line"], &d["end_column"]),
            (&json!(2), &json!(1), &json!(2), &json!(6))
        );
        assert_eq!(
            (&d["severity"], &d["code"], &d["path"]),
            (&json!("error"), &json!("unknown-key"), &json!("content/a.md"))
        );
        assert_eq!((&d["hint"], &d["message_en"]), (&json!("是不是 `主持人`？"), &json!("unknown key `主持入`")));
        let bom =
            json(&[Diagnostic::error("x", "content/a.md", Some(3..6), say!("甲", "a"))], &mut Sources::new(&disk, "s"));
        assert_eq!((&bom[0]["line"], &bom[0]["column"]), (&json!(1), &json!(1)), "a byte order mark is no column");
    }
}
