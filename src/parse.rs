//! Source → Document: front matter with spans, Markdown → outline. Sees one file at a time; kinds,
//! links and references stay open until the model.

mod cjk;
mod embedded;
mod excerpt;
pub mod front_matter;
mod heading;
mod html;
pub mod markdown;
pub mod node;
mod sanitise;
mod walk;

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::say;
use crate::source::Source;
use markdown::{EmbeddedFault, Outline, Warning, WarningKind};
use node::Table;
use std::ops::Range;
use std::sync::Arc;

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Document {
    /// The path relative to the content folder.
    pub path: String,
    /// The path as diagnostics name it.
    pub shown: String,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// The digest of the file.
    pub digest: Digest,
    /// The front matter.
    pub front: Table,
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
}

impl Document {
    /// Returns the Markdown of the body.
    pub fn body(&self) -> &str {
        &self.text[self.body_start..]
    }
}

/// Parses a file.
pub fn parse(source: &Source, options: &markdown::Options<'_>) -> (Document, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let cut = front_matter::cut(&source.text, &source.shown, &mut out);
    let broken = !out.is_empty();
    let mut outline = markdown::outline(&source.text[cut.body_start..], options);
    // Embedded pictures come out again when the page is rendered.
    outline.embedded = Vec::new();
    for warning in &outline.warnings {
        out.push(diagnostic(warning, &source.shown, cut.body_start));
    }
    let document = Document {
        path: source.path.clone(),
        shown: source.shown.clone(),
        text: source.text.clone(),
        digest: source.digest,
        front: cut.table,
        front_span: cut.front.clone().unwrap_or(0..0),
        has_front: cut.front.is_some(),
        broken,
        body_start: cut.body_start,
        outline,
    };
    (document, out)
}

/// Says what a writer should know about a body.
fn diagnostic(warning: &Warning, path: &str, base: usize) -> Diagnostic {
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
        WarningKind::Noncharacter => (say!("文中的非字符 U+FDD0 已替换", "the noncharacter U+FDD0 was replaced"), None),
    };
    let span = base + warning.span.start..base + warning.span.end;
    Diagnostic::warning("markdown", path, Some(span), message).hint_if(hint)
}
