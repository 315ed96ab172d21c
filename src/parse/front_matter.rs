//! Cuts a file into front matter and body.
//!
//! TOML between `+++` lines, YAML between `---` lines; BOM, CRLF and blank lines before the fence
//! are tolerated. A file without front matter is all body.

use super::node::{self, Table};
use crate::config::Limits;
use crate::diagnostic::Diagnostic;
use crate::say;
use std::ops::Range;

/// A file, cut.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The front matter's keys and values; empty if there is none.
    pub table: Table,
    /// The bytes between the fences, if there are any.
    pub front: Option<Range<usize>>,
    /// Where the body begins.
    pub body_start: usize,
}

/// A reader of one of the two languages of front matter.
type Read = fn(&str, usize, &str, &mut Vec<Diagnostic>) -> Table;

/// Cuts a file, reporting what is wrong with its front matter.
pub fn cut(text: &str, path: &str, out: &mut Vec<Diagnostic>) -> Cut {
    cut_within(text, path, &Limits::default(), out)
}

/// Cuts a file whose front matter keeps to a site's own limits.
pub fn cut_within(text: &str, path: &str, limits: &Limits, out: &mut Vec<Diagnostic>) -> Cut {
    let lead = text.len() - text.trim_start_matches(['\u{feff}', '\n', '\r', ' ', '\t']).len();
    let nothing =
        Cut { table: Table::default(), front: None, body_start: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let (fence, read): (&str, Read) = if text[lead..].starts_with("+++") {
        ("+++", node::from_toml)
    } else if is_opening(&text[lead..], "---") && looks_like_yaml(&text[lead..]) {
        ("---", read_yaml)
    } else {
        return nothing;
    };
    let opening = text[lead..lead + line_len(&text[lead..])].trim_end();
    if opening != fence {
        out.push(
            Diagnostic::error(
                "front-matter",
                path,
                Some(lead..lead + opening.len()),
                say!("前置信息的第一行应只有 `{fence}`", "the first line of front matter should be just `{fence}`"),
            )
            .hint(say!("删去 `{fence}` 后面的字", "remove what follows `{fence}`")),
        );
    }
    let start = lead + line_len(&text[lead..]);
    let mut at = start;
    while at < text.len() {
        let line = &text[at..at + line_len(&text[at..])];
        if line.trim_end() == fence {
            let table = match at - start > limits.front_matter {
                true => too_large(lead..lead + fence.len(), path, limits, out),
                false => read(&text[start..at], start, path, out),
            };
            let table = shallow(table, path, limits, out);
            return Cut { table, front: Some(start..at), body_start: at + line.len() };
        }
        at += line.len();
    }
    out.push(
        Diagnostic::error(
            "front-matter",
            path,
            Some(lead..lead + 3),
            say!("前置信息没有结束：少了第二行 `{fence}`", "front matter is not closed: no second `{fence}` line"),
        )
        .hint(say!("在前置信息最后另起一行写 `{fence}`", "put a line with `{fence}` after it")),
    );
    nothing
}

/// Says that front matter is too large, and gives none of it.
fn too_large(span: Range<usize>, path: &str, limits: &Limits, out: &mut Vec<Diagnostic>) -> Table {
    let most = limits.front_matter >> 10;
    out.push(
        Diagnostic::error(
            "limit",
            path,
            Some(span),
            say!("前置信息超过 {most} KB，没有读", "front matter of more than {most} KiB is not read"),
        )
        .hint(say!(
            "长的内容写进正文或附件，或提高 [limits] front_matter_kb",
            "move long values to the text or an attachment, or raise [limits] front_matter_kb"
        )),
    );
    Table::default()
}

/// Gives the front matter, if it is not nested too deeply.
fn shallow(mut table: Table, path: &str, limits: &Limits, out: &mut Vec<Diagnostic>) -> Table {
    let most = limits.depth;
    table.entries.retain(|(_, node)| {
        let deep = node.deeper_than(most);
        if let Some(span) = &deep {
            out.push(
                Diagnostic::error(
                    "limit",
                    path,
                    Some(span.clone()),
                    say!("值套了不止 {most} 层", "values nest more than {most} deep"),
                )
                .hint(say!("是不是少了收尾的括号？", "is a closing bracket missing?")),
            );
        }
        deep.is_none()
    });
    table
}

/// A rule `---` at the top of plain Markdown is not front matter: the next line must look like a key,
/// a comment or the closing fence.
fn looks_like_yaml(text: &str) -> bool {
    let rest = &text[line_len(text)..];
    let line = rest.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
    line.trim_end() == "---"
        || line.trim_start().starts_with('#') && rest.contains("\n---")
        || line.contains([':', '：'])
}

/// A fence, perhaps with a word behind it (`---yaml`), as other tools write it.
fn is_opening(text: &str, fence: &str) -> bool {
    let line = text[..line_len(text)].trim_end();
    line.strip_prefix(fence).is_some_and(|rest| rest.trim_start().chars().all(|c| c.is_ascii_alphabetic()))
}

/// Reads YAML, but tells a full-width colon first: with it the line is no key, and what it should
/// have kept from being published would be published.
fn read_yaml(text: &str, base: usize, path: &str, out: &mut Vec<Diagnostic>) -> Table {
    let mut at = 0;
    let before = out.len();
    for line in text.split_inclusive('\n') {
        if let Some(colon) =
            line.find('：').filter(|i| !line[..*i].contains([':', '"', '\'', '#', '-', '[', '{', ' ', '，', '。']))
        {
            let span = base + at + colon..base + at + colon + '：'.len_utf8();
            out.push(
                Diagnostic::error(
                    "front-matter",
                    path,
                    Some(span),
                    say!("这个冒号是全角的，这一行不成键值", "a full-width colon makes no key"),
                )
                .hint(say!("改成英文冒号加一个空格：`键: 值`", "write an ASCII colon and a blank: `key: value`")),
            );
        }
        at += line.len();
    }
    if out.len() > before {
        return Table::default();
    }
    node::from_yaml(text, base, path, out)
}

fn line_len(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |i| i + 1)
}

/// Reads arbitrary bytes as a file and panics where a promise of this module is broken: every place
/// lies in the text and cuts no character.
///
/// For fuzzing and property tests.
#[doc(hidden)]
pub fn fuzz_front_matter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut out = Vec::new();
    let cut = cut(text, "x.md", &mut out);
    assert!(text.is_char_boundary(cut.body_start), "the body begins at a character");
    let mut spans: Vec<Range<usize>> = cut.front.clone().into_iter().collect();
    spans.extend(out.iter().filter_map(|d| d.span.clone()));
    spans.extend(out.iter().flat_map(|d| &d.others).filter_map(|(_, span, _)| span.clone()));
    cut.table.spans(&mut spans);
    for span in spans {
        assert!(text.get(span.clone()).is_some(), "{span:?} is a place in a text of {}", text.len());
    }
    if let Some(front) = cut.front {
        assert!(front.end <= cut.body_start, "the body follows the front matter");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Vec<String>, String, usize) {
        let mut out = Vec::new();
        let cut = cut(text, "x.md", &mut out);
        (cut.table.entries.iter().map(|(k, _)| k.name.clone()).collect(), text[cut.body_start..].to_owned(), out.len())
    }

    #[test]
    fn bom_crlf_and_blank_lines_are_tolerated() {
        assert_eq!(check("\u{feff}+++\r\na = 1\r\n+++\r\n正文\r\n"), (vec!["a".into()], "正文\r\n".into(), 0));
        assert_eq!(check("\n\n---\na: 1\n---\n正文"), (vec!["a".into()], "正文".into(), 0));
        assert_eq!(check("\u{feff}# 无"), (vec![], "# 无".into(), 0));
    }

    #[test]
    fn a_rule_at_the_top_is_not_front_matter() {
        assert_eq!(check("---\n\n正文"), (vec![], "---\n\n正文".into(), 0));
    }

    #[test]
    fn a_full_width_colon_or_a_word_on_the_fence_is_an_error_not_text() {
        let (keys, body, errors) = check("---\n公开范围：特定对象\n密级: 秘密\n---\n正文\n");
        assert_eq!((keys.len(), body.as_str(), errors), (0, "正文\n", 1));
        let (keys, body, errors) = check("+++toml\na = 1\n+++\n正文\n");
        assert_eq!((keys.len(), body.as_str(), errors), (1, "正文\n", 1));
    }

    #[test]
    fn an_open_fence_is_an_error_and_loses_nothing() {
        let (keys, body, errors) = check("+++\na = 1\n正文\n");
        assert_eq!((keys.len(), body.as_str(), errors), (0, "+++\na = 1\n正文\n", 1));
    }
}
