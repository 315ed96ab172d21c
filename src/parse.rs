//! Source → Document: front matter with spans, Markdown → outline. Sees one file at a time; kinds,
//! links and references stay open until the model.

pub mod attachment;
mod cjk;
mod embedded;
mod excerpt;
pub mod front_matter;
mod heading;
mod html;
pub mod markdown;
pub mod node;
mod sanitise;
pub mod topics;
mod walk;

use crate::config::Limits;
use crate::diagnostic::{self, Diagnostic};
use crate::digest::Digest;
use crate::say;
use crate::source::Source;
use markdown::{EmbeddedFault, Outline, Warning, WarningKind};
use node::Front;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A parsed file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Document {
    /// The path relative to the content folder.
    pub path: String,
    /// The path as diagnostics name it.
    pub shown: String,
    /// The file's text as far as its front matter and the first lines of its body go. The rest is read
    /// again where the page is rendered: bodies are not held.
    pub head: String,
    /// The digest of the file.
    pub digest: Digest,
    /// The front matter.
    pub front: Front,
    /// The bytes of the front matter, fences left out; empty at the start of a file that has none.
    pub front_span: Range<usize>,
    /// Whether the file has front matter.
    pub has_front: bool,
    /// Whether its front matter could not be read whole: what is missing from it is then no news.
    pub broken: bool,
    /// Where the body begins.
    pub body_start: usize,
    /// What a pass over the body found.
    pub outline: Outline,
    /// For a text without front matter: the topics it lists.
    pub topics: Vec<String>,
}

/// How many lines of a body the model may look at: where a text tells its own date.
const LINES_OF_A_HEAD: usize = 40;

impl Document {
    /// Returns the digest of what the rest of the site can see of the file: everything but prose that is
    /// only printed. While it stays the same, the model does.
    pub fn face(&self) -> Digest {
        let Outline { headings, links, first_heading, excerpt, text_chars: _, embedded: _, warnings: _ } =
            &self.outline;
        let headings: Vec<_> = headings.iter().map(|h| (h.level, &h.text, &h.id, h.nested)).collect();
        let links: Vec<_> = links.iter().map(|l| (l.kind, &l.destination)).collect();
        let first = first_heading.as_ref().map(|h| (h.level, &h.text, h.alone));
        let reading = (self.has_front, self.broken, self.body_start);
        Digest::of_value(&(&self.head, reading, headings, links, first, excerpt, &self.topics))
    }

    /// Drops what only the model reads: what rendering needs stays.
    pub fn slim(&mut self) {
        let excerpt = std::mem::take(&mut self.outline.excerpt).into_boxed_str().into_string();
        *self = Document {
            path: std::mem::take(&mut self.path),
            shown: std::mem::take(&mut self.shown),
            digest: self.digest,
            body_start: self.body_start,
            outline: Outline { excerpt, ..Outline::default() },
            ..Document::default()
        };
    }

    /// Returns the first lines of the body.
    pub fn first_lines(&self) -> &str {
        &self.head[self.body_start..]
    }
}

/// Parses a file.
pub fn parse(source: &Source, options: &markdown::Options<'_>, limits: &Limits) -> (Document, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let cut = front_matter::cut_within(&source.text, &source.shown, limits, &mut out);
    let broken = !out.is_empty();
    let mut outline = markdown::outline(&source.text[cut.body_start..], options);
    // Embedded pictures come out again when the page is rendered.
    outline.embedded = Vec::new();
    for warning in std::mem::take(&mut outline.warnings) {
        out.push(told(&warning, &source.shown, cut.body_start));
    }
    let body = &source.text[cut.body_start..];
    // A text that is dated in its front matter is not asked for a date.
    let lines = if cut.table.get("date").or_else(|| cut.table.get("日期")).is_some() { 0 } else { LINES_OF_A_HEAD };
    let first_lines: usize = body.split_inclusive('\n').take(lines).map(str::len).sum();
    let topics = if cut.front.is_none() { topics::topics(body) } else { Vec::new() };
    let document = Document {
        path: source.path.clone(),
        shown: source.shown.clone(),
        head: source.text[..cut.body_start + first_lines].into(),
        digest: source.digest,
        front: Front::of(&cut.table),
        front_span: cut.front.clone().unwrap_or(0..0),
        has_front: cut.front.is_some(),
        broken,
        body_start: cut.body_start,
        outline,
        topics,
    };
    diagnostic::few(&mut out);
    (document, out)
}

/// Says what a writer should know about a body.
fn told(warning: &Warning, path: &str, base: usize) -> Diagnostic {
    let (message, hint) = match &warning.kind {
        WarningKind::DroppedElement { element } => (
            say!("不允许 `<{element}>` 标签，已略去", "`<{element}>` is not allowed and was left out"),
            Some(say!(
                "用 Markdown 的写法；要显示尖括号就写 `&lt;`",
                "use Markdown, or write `&lt;` to show an angle bracket"
            )),
        ),
        WarningKind::DroppedAttribute { element, attribute } => (
            say!(
                "`<{element}>` 上不允许 `{attribute}`，已略去",
                "`{attribute}` is not allowed on `<{element}>` and was left out"
            ),
            None,
        ),
        WarningKind::DroppedMarkup => (
            say!("不允许声明和处理指令，已略去", "declarations and instructions are not allowed and were left out"),
            None,
        ),
        WarningKind::TooDeep { element } => {
            (say!("`<{element}>` 套得太深，已略去", "`<{element}>` is nested too deeply and was left out"), None)
        }
        WarningKind::Nested { most } => (
            say!("列表、引用套了不止 {most} 层", "this is nested more than {most} deep"),
            Some(say!("拆开写，或提高 [limits] nesting", "take it apart, or raise [limits] nesting")),
        ),
        WarningKind::LargeTable { most } => (
            say!("这张表不止 {most} 格", "this table has more than {most} cells"),
            Some(say!("分成几张，或作为附件", "make it several tables, or an attachment")),
        ),
        WarningKind::ForbiddenAddress { address } => (
            say!(
                "`{address}` 这样的地址不能发布，链接已去掉",
                "`{address}` is no address a page may carry; the link was left out"
            ),
            Some(say!(
                "只发布 http、https、mailto、tel 和站内地址",
                "only http, https, mailto, tel and addresses in the site are published"
            )),
        ),
        WarningKind::RefusedPicture(fault) => {
            let (zh, en) = match fault {
                EmbeddedFault::Type => {
                    ("内嵌图片须是 PNG、JPEG、GIF 或 WebP", "an embedded picture must be PNG, JPEG, GIF or WebP")
                }
                EmbeddedFault::Encoding => ("内嵌图片的编码有误", "an embedded picture is not valid Base64"),
                EmbeddedFault::Broken => ("内嵌图片的数据有误", "an embedded picture is damaged"),
                EmbeddedFault::Size => ("内嵌图片太大", "an embedded picture is too large"),
            };
            (
                say!("{zh}，已略去", "{en} and was left out"),
                Some(say!("把图片存成文件放在记录旁边", "save the picture as a file beside the record")),
            )
        }
        WarningKind::DuplicateAnchor { id, instead } => (
            say!(
                "锚点 `{id}` 已经用过，这个标题改用 `{instead}`",
                "the anchor `{id}` is in use; this heading has `{instead}`"
            ),
            None,
        ),
        WarningKind::InvalidAnchor { id } => (
            say!("`{id}` 不能作锚点", "`{id}` cannot be an anchor"),
            Some(say!("锚点只用 ASCII 字母、数字、`-`、`_`、`.`", "use ASCII letters, digits, `-`, `_`, `.`")),
        ),
        WarningKind::HeadingAttribute { attribute } => {
            (say!("标题没有 `{attribute}` 这种属性", "`{attribute}` is no attribute of a heading"), None)
        }
        WarningKind::UnusedFootnote { label } => {
            (say!("脚注 `{label}` 没有被引用", "nothing refers to the footnote `{label}`"), None)
        }
        WarningKind::NoAlternative => (
            say!("图片没有替代文字", "the picture has no alternative text"),
            Some(say!(
                "在方括号里写一句图上是什么：![支委会上讨论方案](…)；看不见图片的人靠它",
                "say in the brackets what is to be seen: ![…](…); those who do not see it rely on that"
            )),
        ),
        WarningKind::Noncharacter => (say!("文中的非字符 U+FDD0 已替换", "the noncharacter U+FDD0 was replaced"), None),
    };
    let span = base + warning.span.start..base + warning.span.end;
    match &warning.kind {
        WarningKind::Nested { .. } | WarningKind::LargeTable { .. } => {
            Diagnostic::error("limit", path, Some(span), message).hint_if(hint)
        }
        _ => Diagnostic::warning("markdown", path, Some(span), message).hint_if(hint),
    }
}
