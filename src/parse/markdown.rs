//! Takes the body of a record, gives its outline or its HTML.
//!
//! The dialect is CommonMark with tables, footnotes, task lists, strikethrough (`~~` only: a single `~` is a range in
//! Chinese, 9~11月), definition lists and heading attributes, and what Chinese needs on top: emphasis beside full-width
//! punctuation and line ends that are not spaces. There is no templating; `{{` is text.
//!
//! 1. `cjk` guards the body, so that pulldown-cmark sees emphasis where a Chinese reader does;
//! 2. `walk` goes once over pulldown-cmark's events and keeps the account of headings, links, notes and plain text,
//!    for [`outline`] without and for [`render`] with HTML;
//! 3. `sanitise` judges every address and every raw tag on the way, and, only for a body that has raw HTML, cleans the
//!    result as a whole.
//!
//! Sees one body at a time and nothing around it: where a link leads is asked of the caller. Spans are byte ranges of
//! the body as given.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

use super::cjk::Guarded;
pub use super::embedded::{Embedded, EmbeddedFault};
use super::walk::Walk;

/// How a body is read and rendered.
///
/// Cheap to copy: a site has one, and each body sets its own [`title`](Options::title).
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// What becomes of a heading that opens the body.
    pub title: TitleHeading<'a>,
    /// The greatest length of an excerpt, in Han characters.
    pub excerpt: usize,
    /// What stands before the name of an embedded picture in its address, for a resolver that says [`Resolved::Keep`].
    pub embedded_prefix: &'a str,
    /// The greatest size of an embedded picture in bytes.
    pub embedded_limit: usize,
    /// How deep elements of a body may nest.
    pub nesting: usize,
    /// The most cells of a table.
    pub table_cells: usize,
    /// The heading of the footnotes.
    pub footnotes_title: &'a str,
    /// The accessible name of the link from a footnote back to the text.
    pub footnote_back: &'a str,
    /// The accessible name of a table; the second one of a body has a number behind it.
    pub table_label: &'a str,
    /// The accessible name of the box of a task that is done.
    pub task_done: &'a str,
    /// The accessible name of the box of a task that is not.
    pub task_open: &'a str,
    /// Anchors the page around the body uses itself.
    pub reserved_ids: &'a [&'a str],
    /// Whether to write what CommonMark's own examples expect.
    pub(crate) conforming: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            title: TitleHeading::Keep,
            excerpt: 120,
            embedded_prefix: "",
            embedded_limit: 8 << 20,
            nesting: 40,
            table_cells: 20_000,
            footnotes_title: "注释",
            footnote_back: "返回正文",
            table_label: "表格",
            task_done: "已完成",
            task_open: "未完成",
            reserved_ids: &[],
            conforming: false,
        }
    }
}

impl Options<'_> {
    /// Returns options under which CommonMark's examples come out as the specification prints them.
    ///
    /// For tests only: line ends stay, headings keep their level and have no anchors, pictures are no figures, and raw HTML
    /// and every address pass **unsanitised**.
    pub fn commonmark() -> Self {
        Options { conforming: true, ..Options::default() }
    }
}

/// What becomes of a first- or second-level heading that is the first block of a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TitleHeading<'a> {
    /// It stays a heading of the body.
    #[default]
    Keep,
    /// It is the page's title and left out of the body.
    Drop,
    /// It is left out if it says what the page's title says, white space, case and width aside.
    DropIfSame(&'a str),
}

/// What one pass over a body finds, without rendering it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The headings that [`render`] will write, with the same anchors, in order.
    pub headings: Vec<Heading>,
    /// The links and pictures in order of their places, embedded pictures excepted.
    pub links: Vec<Link>,
    /// The heading that opens the body, if its first block is one of the first or second level.
    pub first_heading: Option<FirstHeading>,
    /// The first words of the body as plain text.
    pub excerpt: String,
    /// The number of characters that are not white space.
    pub text_chars: usize,
    /// The pictures inside the body, each once.
    #[serde(skip)]
    pub embedded: Vec<Embedded>,
    /// What the writer should know, in order of place.
    #[serde(skip)]
    pub warnings: Vec<Warning>,
}

/// A heading of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// The level on the page, 2 to 6.
    pub level: u8,
    /// The plain text.
    pub text: String,
    /// The anchor.
    pub id: String,
    /// Whether it stands in a quotation, list or note and thus opens no section of the page.
    pub nested: bool,
    /// Its place.
    pub span: Range<usize>,
}

/// A heading that opens a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstHeading {
    /// The level as written, 1 or 2.
    pub level: u8,
    /// The plain text.
    pub text: String,
    /// Whether every other heading of the page is below it, as below a title.
    pub alone: bool,
    /// Its place.
    pub span: Range<usize>,
}

/// Whether a destination is linked to or shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkKind {
    /// A link.
    Link,
    /// A picture.
    Image,
}

/// A link or picture found in a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whether it is a link or a picture.
    pub kind: LinkKind,
    /// The destination as written, character references resolved.
    pub destination: String,
    /// The plain text of a link, the alternative text of a picture.
    pub text: String,
    /// The place of the destination, or of the whole link where the destination stands elsewhere.
    pub span: Range<usize>,
}

/// A destination to be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRef<'a> {
    /// Whether it is a link or a picture.
    pub kind: LinkKind,
    /// The destination as written, or the name of an embedded picture.
    pub destination: &'a str,
    /// The picture itself if it was inside the body.
    pub embedded: Option<&'a Embedded>,
    /// The place, as in [`Link::span`].
    pub span: Range<usize>,
}

/// Where a destination leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// To where it says (for an embedded picture: to [`Options::embedded_prefix`] and its name).
    Keep,
    /// To this address.
    To(String),
    /// To this picture; for a link, to its address.
    ToPicture(Picture),
    /// Nowhere: the text stays without a link, and a picture is replaced by its alternative text.
    Unlink,
}

/// A picture as a page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// The address.
    pub src: String,
    /// The width in pixels.
    pub width: Option<u32>,
    /// The height in pixels.
    pub height: Option<u32>,
    /// Copies in WebP: width and address, the smallest first.
    pub copies: Vec<(u32, String)>,
    /// How wide it is shown, in the words of the attribute `sizes`.
    pub sizes: &'static str,
    /// The address of the whole picture, to which it leads unless it stands in a link.
    pub whole: Option<String>,
    /// An alternative text in place of the written one.
    pub alt: Option<String>,
    /// A caption in place of the written title.
    pub caption: Option<String>,
}

/// A rendered body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rendered {
    /// The HTML, balanced and safe to put into a page.
    pub html: String,
    /// The parts of `html` that a second-level heading opens.
    pub sections: Vec<Section>,
    /// The headings of the page, without those in quotations, lists and notes.
    pub toc: Vec<TocEntry>,
    /// The pictures that were inside the body, each once.
    pub embedded: Vec<Embedded>,
    /// The plain text, for search.
    pub text: String,
    /// What the writer should know, in order of place; the same as in the outline.
    pub warnings: Vec<Warning>,
}

/// A part of a rendered body that a second-level heading opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The anchor of its heading.
    pub id: String,
    /// The plain text of its heading.
    pub text: String,
    /// The bytes of the HTML from the heading up to the next section or the footnotes; both ends stand outside of all elements.
    pub range: Range<usize>,
}

/// An entry of a table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TocEntry {
    /// The level on the page, 2 to 6.
    pub level: u8,
    /// The anchor.
    pub id: String,
    /// The plain text.
    pub text: String,
}

/// Something a writer should know about a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The place.
    pub span: Range<usize>,
    /// What there is to know.
    pub kind: WarningKind,
}

/// What there is to know about a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningKind {
    /// A raw HTML tag was left out.
    DroppedElement {
        /// The name of the element.
        element: String,
    },
    /// An attribute of a raw HTML tag was left out.
    DroppedAttribute {
        /// The name of the element.
        element: String,
        /// The name of the attribute.
        attribute: String,
    },
    /// A declaration, processing instruction or CDATA section was left out.
    DroppedMarkup,
    /// A raw HTML tag was left out because it stands in too many others.
    TooDeep {
        /// The name of the element.
        element: String,
    },
    /// Lists, quotations or words nest too deeply; told once.
    Nested {
        /// How deep they may.
        most: usize,
    },
    /// A table has too many cells.
    LargeTable {
        /// How many it may have.
        most: usize,
    },
    /// A link or picture was left out because of the scheme of its address.
    ForbiddenAddress {
        /// The address as written, shortened if long.
        address: String,
    },
    /// An embedded picture was left out.
    RefusedPicture(EmbeddedFault),
    /// An anchor written by hand is in use already.
    DuplicateAnchor {
        /// The anchor as written.
        id: String,
        /// The anchor the heading has instead.
        instead: String,
    },
    /// An anchor written by hand is not made of ASCII letters, digits, `-`, `_` and `.`, or begins like a footnote's.
    InvalidAnchor {
        /// The anchor as written.
        id: String,
    },
    /// A heading attribute that is neither an anchor nor a class was left out.
    HeadingAttribute {
        /// The attribute.
        attribute: String,
    },
    /// A footnote is nowhere referred to; it is printed all the same.
    UnusedFootnote {
        /// The label.
        label: String,
    },
    /// A picture has no alternative text: who does not see it learns nothing of it.
    NoAlternative,
    /// The body has the noncharacter U+FDD0, which was replaced by U+FFFD.
    Noncharacter,
}

impl fmt::Display for WarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WarningKind::DroppedElement { element } => {
                write!(f, "`<{element}>` is not allowed and was left out")
            }
            WarningKind::DroppedAttribute { element, attribute } => {
                write!(f, "`{attribute}` is not allowed on `<{element}>` and was left out")
            }
            WarningKind::DroppedMarkup => {
                f.write_str("declarations and instructions are not allowed and were left out")
            }
            WarningKind::TooDeep { element } => {
                write!(f, "`<{element}>` is nested too deeply and was left out")
            }
            WarningKind::Nested { most } => write!(f, "this is nested more than {most} deep"),
            WarningKind::LargeTable { most } => write!(f, "this table has more than {most} cells"),
            WarningKind::ForbiddenAddress { address } => {
                write!(f, "`{address}` is no address a page may carry")
            }
            WarningKind::RefusedPicture(EmbeddedFault::Type) => {
                f.write_str("an embedded picture must be PNG, JPEG, GIF or WebP")
            }
            WarningKind::RefusedPicture(EmbeddedFault::Encoding) => {
                f.write_str("an embedded picture is not valid Base64")
            }
            WarningKind::RefusedPicture(EmbeddedFault::Broken) => f.write_str("an embedded picture is damaged"),
            WarningKind::RefusedPicture(EmbeddedFault::Size) => f.write_str("an embedded picture is too large"),
            WarningKind::DuplicateAnchor { id, instead } => {
                write!(f, "the anchor `{id}` is in use already; this heading has `{instead}`")
            }
            WarningKind::InvalidAnchor { id } => write!(f, "`{id}` cannot be an anchor"),
            WarningKind::HeadingAttribute { attribute } => {
                write!(f, "`{attribute}` is no attribute of a heading")
            }
            WarningKind::UnusedFootnote { label } => {
                write!(f, "nothing refers to the footnote `{label}`")
            }
            WarningKind::NoAlternative => f.write_str("the picture has no alternative text"),
            WarningKind::Noncharacter => f.write_str("the noncharacter U+FDD0 was replaced"),
        }
    }
}

/// Returns what the rest of the site needs to know about a body.
pub fn outline(body: &str, options: &Options<'_>) -> Outline {
    let guarded = Guarded::new(body);
    let mut keep = |_: &LinkRef<'_>| Resolved::Keep;
    Walk::<false>::new(body, &guarded, options, &mut keep).run().into_outline()
}

/// Renders a body; `resolve` answers for every link and picture that has a permitted address.
pub fn render(body: &str, options: &Options<'_>, resolve: &mut dyn FnMut(&LinkRef<'_>) -> Resolved) -> Rendered {
    let guarded = Guarded::new(body);
    Walk::<true>::new(body, &guarded, options, resolve).run().into_rendered()
}

/// A part of a body's plain text that a heading opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    /// The heading's anchor; empty before the first heading.
    pub anchor: String,
    /// The plain text of the heading.
    pub heading: String,
    /// The plain text below it, block by block.
    pub text: String,
}

/// Returns the plain text of a body, heading by heading, with the anchors [`render`] writes under the same
/// options. Notes stand at the end.
pub fn passages(body: &str, options: &Options<'_>) -> Vec<Passage> {
    let guarded = Guarded::new(body);
    let mut keep = |_: &LinkRef<'_>| Resolved::Keep;
    Walk::<false>::new(body, &guarded, options, &mut keep).run().into_passages()
}

/// Returns the plain text of a body, block by block.
pub fn plain_text(body: &str) -> String {
    let guarded = Guarded::new(body);
    let mut keep = |_: &LinkRef<'_>| Resolved::Keep;
    Walk::<false>::new(body, &guarded, &Options::default(), &mut keep).run().into_text()
}

/// Reads arbitrary bytes as a body and panics where a promise of this module is broken.
///
/// For fuzzing and property tests.
pub fn fuzz_markdown(data: &[u8]) {
    let Ok(body) = std::str::from_utf8(data) else {
        return;
    };
    let mut options = Options { reserved_ids: &["main"], embedded_limit: 1 << 16, ..Options::default() };
    for title in [TitleHeading::Keep, TitleHeading::Drop] {
        options.title = title;
        invariants::check(body, &options);
    }
}

mod invariants;

#[cfg(test)]
mod tests;
