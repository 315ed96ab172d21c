//! Cuts a file into front matter and body.
//!
//! TOML between `+++` lines, YAML between `---` lines; BOM, CRLF and blank lines before the fence
//! are tolerated. A file without front matter is all body.

use super::node::{self, Table};
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
    let lead = text.len() - text.trim_start_matches(['\u{feff}', '\n', '\r', ' ', '\t']).len();
    let nothing = Cut { table: Table::default(), front: None, body_start: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let (fence, read): (&str, Read) = if is_fence(&text[lead..], "+++") {
        ("+++", node::from_toml)
    } else if is_fence(&text[lead..], "---") && looks_like_yaml(&text[lead..]) {
        ("---", node::from_yaml)
    } else {
        return nothing;
    };
    let start = lead + line_len(&text[lead..]);
    let mut at = start;
    while at < text.len() {
        let line = &text[at..at + line_len(&text[at..])];
        if line.trim_end() == fence {
            let table = read(&text[start..at], start, path, out);
            return Cut { table, front: Some(start..at), body_start: at + line.len() };
        }
        at += line.len();
    }
    out.push(
        Diagnostic::error("front-matter", path, Some(lead..lead + 3), say!("前置信息没有结束：少了第二行 `{fence}`", "front matter is not closed: no second `{fence}` line"))
            .hint(say!("在前置信息最后另起一行写 `{fence}`", "put a line with `{fence}` after it")),
    );
    nothing
}

/// A rule `---` at the top of plain Markdown is not front matter: the next line must look like a key,
/// a comment or the closing fence.
fn looks_like_yaml(text: &str) -> bool {
    let rest = &text[line_len(text)..];
    let line = rest.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
    line.trim_end() == "---" || line.trim_start().starts_with('#') && rest.contains("\n---") || line.contains(':')
}

fn is_fence(text: &str, fence: &str) -> bool {
    text[..line_len(text)].trim_end() == fence
}

fn line_len(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |i| i + 1)
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
    fn an_open_fence_is_an_error_and_loses_nothing() {
        let (keys, body, errors) = check("+++\na = 1\n正文\n");
        assert_eq!((keys.len(), body.as_str(), errors), (0, "+++\na = 1\n正文\n", 1));
    }
}
