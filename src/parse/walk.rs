//! One walk over the events of a body, for its outline and for its HTML.
//!
//! Both need the same account — anchors, links, notes, plain text, warnings — and must never disagree on it, so
//! there is one walk, and with `HTML` false all that writes compiles to nothing. The file is long because it is one
//! match over one enum of events, with a short method for each; the methods stand in the order of the match.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, LinkType, Parser, Tag, TagEnd};

use super::cjk::{self, Guarded};
use super::embedded::{self, Embedded};
use super::excerpt::{self, Line};
use super::heading::{self, Anchors, Levels};
use super::html;
use super::markdown::{
    FirstHeading, Heading, Link, LinkKind, LinkRef, Options, Outline, Passage, Picture, Rendered, Resolved, Section,
    TitleHeading, TocEntry, Warning, WarningKind,
};
use super::sanitise::{self, Address, Token, TokenKind, Tokens};

/// How many raw elements may stand in each other; browsers and html5ever slow down beyond some hundreds.
const DEEPEST: usize = 100;

/// The state of a walk.
pub(super) struct Walk<'a, 'r, const HTML: bool> {
    body: &'a str,
    guarded: &'a Guarded<'a>,
    options: &'a Options<'a>,
    resolve: &'r mut dyn FnMut(&LinkRef<'_>) -> Resolved,

    out: String,
    text: String,
    warnings: Vec<Warning>,
    /// Where in `out` a line end waits for what follows it.
    line_end: Option<usize>,
    /// How many quotations, lists, notes and table cells are open.
    depth: usize,
    /// How many elements are open, and whether it was told that they are too many.
    open: usize,
    told_nesting: bool,
    /// Whether a block of the page has begun.
    begun: bool,

    anchors: Anchors,
    levels: Levels,
    heading: Option<OpenHeading<'a>>,
    headings: Vec<Heading>,
    /// The headings that open a part of the page, and where they stand in `text`.
    cuts: Vec<(usize, Range<usize>)>,
    sections: Vec<Section>,
    first_heading: Option<FirstHeading>,

    paragraph: OpenParagraph,
    open_links: Vec<OpenLink>,
    /// Whether a raw tag opened a link: nobody knows where it ends.
    raw_link: bool,
    links: Vec<Link>,
    image: Option<OpenImage<'a>>,
    embedded: Vec<Embedded>,

    table: Table,
    tables: usize,

    notes: Notes,
    /// The outputs put aside while notes are written.
    aside: Vec<Aside>,

    raw: Option<RawBlock>,
    /// The element within whose raw tags everything is left out.
    hidden: Option<String>,
    raw_depth: usize,
    /// Whether raw HTML was written that may not be balanced.
    unclean: bool,

    lines: Vec<Line>,
    line_start: Option<usize>,
    /// Characters of `text` that are alternative texts.
    unseen_chars: usize,
}

struct OpenHeading<'a> {
    /// Where in `out` and `text` it begins.
    at: usize,
    text_at: usize,
    level: u8,
    id: Option<CowStr<'a>>,
    classes: Vec<CowStr<'a>>,
    attributes: Vec<(CowStr<'a>, Option<CowStr<'a>>)>,
    span: Range<usize>,
    /// Whether it is the first block of the page and so may be its title.
    first: bool,
}

/// What decides whether a paragraph is a row of figures.
#[derive(Default)]
struct OpenParagraph {
    at: usize,
    /// Pictures, links around them included, as ranges of `out`, with their captions.
    pictures: Vec<(Range<usize>, Option<String>)>,
    /// Whether there is anything else.
    mixed: bool,
}

struct OpenLink {
    at: usize,
    text_at: usize,
    /// How many pictures of the paragraph stood before it.
    pictures: usize,
    /// Whether it has its tags.
    written: bool,
    /// Its entry in the outline, as far as it is known.
    link: Option<Link>,
}

struct OpenImage<'a> {
    kind: LinkType,
    destination: CowStr<'a>,
    title: CowStr<'a>,
    alt: String,
    line_end: bool,
    /// How many pictures are open within its alternative text.
    inner: usize,
    range: Range<usize>,
}

#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    in_head: bool,
    head_at: usize,
    head_text_at: usize,
    has_body: bool,
    cells: usize,
    span: Range<usize>,
}

#[derive(Default)]
struct Notes {
    by_label: BTreeMap<String, usize>,
    notes: Vec<Note>,
    /// How many notes have a number.
    numbered: usize,
}

#[derive(Default)]
struct Note {
    label: String,
    number: Option<usize>,
    references: usize,
    definition: Option<Range<usize>>,
    html: String,
    text: String,
}

struct Aside {
    note: usize,
    out: String,
    text: String,
    lines: Vec<Line>,
}

/// A raw HTML block, which comes line by line.
#[derive(Default)]
struct RawBlock {
    html: String,
    /// Where pieces of `html` begin, and where they stand in the body.
    places: Vec<(usize, usize)>,
}

impl RawBlock {
    fn place(&self, offset: usize) -> usize {
        let after = self.places.partition_point(|(start, _)| *start <= offset);
        self.places[..after].last().map_or(0, |(start, place)| place + (offset - start))
    }
}

impl<'a, 'r, const HTML: bool> Walk<'a, 'r, HTML> {
    pub(super) fn new(
        body: &'a str,
        guarded: &'a Guarded<'a>,
        options: &'a Options<'a>,
        resolve: &'r mut dyn FnMut(&LinkRef<'_>) -> Resolved,
    ) -> Self {
        let noncharacter =
            |at: &usize| Warning { span: *at..*at + cjk::GUARD.len_utf8(), kind: WarningKind::Noncharacter };
        Walk {
            body,
            guarded,
            options,
            resolve,
            out: String::with_capacity(if HTML { body.len() + body.len() / 4 } else { 0 }),
            text: String::with_capacity(body.len()),
            warnings: guarded.foreign.iter().map(noncharacter).collect(),
            line_end: None,
            depth: 0,
            open: 0,
            told_nesting: false,
            begun: false,
            anchors: Anchors::new(options.reserved_ids),
            levels: Levels::default(),
            heading: None,
            headings: Vec::new(),
            cuts: Vec::new(),
            sections: Vec::new(),
            first_heading: None,
            paragraph: OpenParagraph::default(),
            open_links: Vec::new(),
            raw_link: false,
            links: Vec::new(),
            image: None,
            embedded: Vec::new(),
            table: Table::default(),
            tables: 0,
            notes: Notes::default(),
            aside: Vec::new(),
            raw: None,
            hidden: None,
            raw_depth: 0,
            unclean: false,
            lines: Vec::new(),
            line_start: None,
            unseen_chars: 0,
        }
    }

    pub(super) fn run(mut self) -> Self {
        use pulldown_cmark::Options as Extensions;
        let extensions = Extensions::ENABLE_TABLES
            | Extensions::ENABLE_FOOTNOTES
            | Extensions::ENABLE_STRIKETHROUGH
            | Extensions::ENABLE_TASKLISTS
            | Extensions::ENABLE_HEADING_ATTRIBUTES
            | Extensions::ENABLE_DEFINITION_LIST;
        let guarded = self.guarded;
        for (event, range) in Parser::new_ext(&guarded.text, extensions).into_offset_iter() {
            self.event(event, range);
        }
        self
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(_) => self.open += 1,
            Event::End(_) => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        // A list and its item are two elements.
        if self.open > self.options.nesting.saturating_mul(2) && !self.told_nesting && !self.options.conforming {
            self.told_nesting = true;
            let start = self.span(&range).start;
            self.warn(start..start, WarningKind::Nested { most: self.options.nesting });
        }
        if self.image.is_some() {
            return self.event_in_image(event);
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => self.write_text(&self.plain(&text)),
            Event::Code(code) => self.write_code(&self.plain(&code)),
            Event::Html(html) => self.raw_line(&html, range),
            Event::InlineHtml(html) => self.raw_inline(&html, range),
            Event::FootnoteReference(label) => self.write_reference(&label),
            Event::SoftBreak => self.soft_break(),
            Event::HardBreak => self.hard_break(),
            Event::Rule => {
                self.begin_block();
                self.new_line();
                self.push("<hr>\n");
            }
            Event::TaskListMarker(done) => self.write_checkbox(done),
            // The extension for formulas is off.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.write_text(&self.plain(&text)),
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => self.start_paragraph(),
            Tag::Heading { level, id, classes, attrs } => {
                let first = !mem::replace(&mut self.begun, true) && self.depth == 0 && level as u8 <= 2;
                self.new_line();
                self.heading = Some(OpenHeading {
                    at: self.out.len(),
                    text_at: self.text.len(),
                    level: level as u8,
                    id,
                    classes,
                    attributes: attrs,
                    span: self.span(&range),
                    first,
                });
            }
            Tag::BlockQuote(_) => self.start_container("<blockquote>\n"),
            Tag::CodeBlock(kind) => self.start_code_block(&kind),
            Tag::HtmlBlock => self.raw = Some(RawBlock::default()),
            Tag::List(Some(1)) => self.start_container("<ol>\n"),
            Tag::List(Some(start)) => self.start_container(&format!("<ol start=\"{start}\">\n")),
            Tag::List(None) => self.start_container("<ul>\n"),
            Tag::Item => self.start_item("<li>"),
            Tag::FootnoteDefinition(label) => self.start_note(&label, &range),
            Tag::DefinitionList => self.start_container("<dl>\n"),
            Tag::DefinitionListTitle => self.start_item("<dt>"),
            Tag::DefinitionListDefinition => self.start_item("<dd>"),
            Tag::Table(alignments) => {
                self.start_table(alignments);
                self.table.span = self.span(&range);
            }
            Tag::TableHead => {
                self.table.in_head = true;
                self.table.column = 0;
                self.table.head_at = self.out.len();
                self.table.head_text_at = self.text.len();
                self.push("<thead><tr>");
            }
            Tag::TableRow => {
                if !mem::replace(&mut self.table.has_body, true) {
                    self.push("<tbody>\n");
                }
                self.table.column = 0;
                self.push("<tr>");
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.start_inline("<em>"),
            Tag::Strong => self.start_inline("<strong>"),
            Tag::Strikethrough if self.is_single_tilde(range.start) => self.write_text("~"),
            Tag::Strikethrough => self.start_inline("<del>"),
            Tag::Superscript => self.start_inline("<sup>"),
            Tag::Subscript => self.start_inline("<sub>"),
            Tag::Link { link_type, dest_url, title, id: _ } => self.start_link(link_type, &dest_url, &title, range),
            Tag::Image { link_type, dest_url, title, id: _ } => {
                self.image = Some(OpenImage {
                    kind: link_type,
                    destination: dest_url,
                    title,
                    alt: String::new(),
                    line_end: false,
                    inner: 0,
                    range,
                });
            }
            // The extensions for metadata are off: front matter is not part of a body.
            Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::BlockQuote(_) => self.end_container("</blockquote>\n"),
            TagEnd::CodeBlock => {
                self.end_text();
                self.push("</code></pre>\n");
            }
            TagEnd::HtmlBlock => self.end_raw_block(),
            TagEnd::List(true) => self.end_container("</ol>\n"),
            TagEnd::List(false) => self.end_container("</ul>\n"),
            TagEnd::Item => self.end_item("</li>\n"),
            TagEnd::FootnoteDefinition => self.end_note(),
            TagEnd::DefinitionList => self.end_container("</dl>\n"),
            TagEnd::DefinitionListTitle => self.end_item("</dt>\n"),
            TagEnd::DefinitionListDefinition => self.end_item("</dd>\n"),
            TagEnd::Table => self.end_table(),
            TagEnd::TableHead => self.end_table_head(),
            TagEnd::TableRow => {
                self.end_text();
                self.push("</tr>\n");
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::Emphasis => self.push("</em>"),
            TagEnd::Strong => self.push("</strong>"),
            TagEnd::Strikethrough if self.is_single_tilde(range.start) => self.write_text("~"),
            TagEnd::Strikethrough => self.push("</del>"),
            TagEnd::Superscript => self.push("</sup>"),
            TagEnd::Subscript => self.push("</sub>"),
            TagEnd::Link => self.end_link(),
            // Ends of pictures come through `event_in_image`.
            TagEnd::Image | TagEnd::MetadataBlock(_) => {}
        }
    }

    // Text

    fn write_text(&mut self, text: &str) {
        if text.is_empty() || self.hidden.is_some() {
            return;
        }
        self.settle_line_end(text);
        self.paragraph.mixed |= !self.paragraph.mixed && !text.trim().is_empty();
        if HTML {
            html::push_text(&mut self.out, text);
        }
        self.text.push_str(text);
    }

    fn write_code(&mut self, code: &str) {
        if self.hidden.is_some() {
            return;
        }
        self.settle_line_end(code);
        self.paragraph.mixed = true;
        self.push("<code>");
        if HTML {
            html::push_text(&mut self.out, code);
        }
        self.push("</code>");
        self.text.push_str(code);
    }

    fn soft_break(&mut self) {
        if self.options.conforming {
            self.push("\n");
        } else if self.hidden.is_none() {
            self.line_end = Some(self.out.len());
        }
    }

    /// Decides about a line end once it is known what follows.
    fn settle_line_end(&mut self, next: &str) {
        let Some(at) = self.line_end.take() else {
            return;
        };
        if cjk::joined(&self.text, next) {
            return;
        }
        self.text.push(' ');
        if HTML {
            self.out.insert(at, '\n');
        }
    }

    fn hard_break(&mut self) {
        self.line_end = None;
        if self.hidden.is_none() {
            self.push("<br>\n");
            self.end_text();
        }
    }

    fn write_checkbox(&mut self, done: bool) {
        self.paragraph.mixed = true;
        if !HTML {
            return;
        }
        for (start, marked) in [("<li>", "<li class=\"task\">"), ("<li>\n<p>", "<li class=\"task\">\n<p>")] {
            if self.out.ends_with(start) {
                self.out.truncate(self.out.len() - start.len());
                self.out.push_str(marked);
            }
        }
        let (state, label) = match done {
            true => (" checked=\"\"", self.options.task_done),
            false => ("", self.options.task_open),
        };
        self.push("<input type=\"checkbox\" disabled=\"\"");
        self.push(state);
        html::push_attribute(&mut self.out, "aria-label", label);
        self.push("> ");
    }

    // Paragraphs, containers, code

    fn start_paragraph(&mut self) {
        self.begin_block();
        self.new_line();
        self.paragraph.at = self.out.len();
        self.paragraph.pictures.clear();
        self.paragraph.mixed = false;
        self.line_start = Some(self.text.len());
        self.push("<p>");
    }

    fn end_paragraph(&mut self) {
        self.end_inline();
        let pictures = mem::take(&mut self.paragraph.pictures);
        if pictures.is_empty() || self.paragraph.mixed || self.options.conforming {
            self.end_line();
            self.push("</p>\n");
            return;
        }
        self.line_start = None;
        self.end_text();
        if !HTML {
            return;
        }
        let paragraph = self.out.split_off(self.paragraph.at);
        for (range, caption) in pictures {
            self.push("<figure>");
            let picture = &paragraph[range.start - self.paragraph.at..range.end - self.paragraph.at];
            let mut title = String::new();
            html::push_attribute(&mut title, "title", caption.as_deref().unwrap_or_default());
            // The caption says it; a title beside it would be read out twice.
            let (start, end) = picture.rsplit_once(&title).unwrap_or((picture, ""));
            self.out.push_str(start);
            self.out.push_str(end);
            if let Some(caption) = caption {
                self.push("<figcaption>");
                html::push_text(&mut self.out, &caption);
                self.push("</figcaption>");
            }
            self.push("</figure>\n");
        }
    }

    fn start_container(&mut self, tag: &str) {
        self.begin_block();
        self.end_line();
        self.depth += 1;
        self.new_line();
        self.push(tag);
    }

    fn end_container(&mut self, tag: &str) {
        self.depth -= 1;
        self.push(tag);
    }

    fn start_item(&mut self, tag: &str) {
        self.new_line();
        self.push(tag);
        self.line_start = Some(self.text.len());
    }

    fn end_item(&mut self, tag: &str) {
        self.end_inline();
        self.end_line();
        self.push(tag);
    }

    fn start_code_block(&mut self, kind: &CodeBlockKind<'a>) {
        self.begin_block();
        self.end_line();
        self.new_line();
        self.push(if self.options.conforming { "<pre><code" } else { "<pre tabindex=\"0\"><code" });
        if let CodeBlockKind::Fenced(info) = kind {
            let info = self.plain(info);
            let language = info.split(char::is_whitespace).next().unwrap_or_default();
            if HTML && !language.is_empty() {
                html::push_attribute(&mut self.out, "class", &format!("language-{language}"));
            }
        }
        self.push(">");
    }

    // Headings

    fn end_heading(&mut self) {
        self.end_inline();
        let Some(mut heading) = self.heading.take() else {
            return;
        };
        self.restore_braces(&mut heading);
        let text = one_line(&self.text[heading.text_at..]);
        if heading.first {
            let candidate =
                FirstHeading { level: heading.level, text: text.clone(), alone: true, span: heading.span.clone() };
            self.first_heading = Some(candidate);
            if self.is_title(&text) {
                self.out.truncate(heading.at);
                self.text.truncate(heading.text_at);
                return;
            }
        } else if let Some(first) = self.first_heading.as_mut().filter(|_| self.depth == 0) {
            first.alone &= first.level < heading.level;
        }
        self.end_text();
        if self.options.conforming {
            return self.end_conforming_heading(&heading);
        }
        let nested = self.depth > 0;
        let level = if nested { self.levels.inside() } else { self.levels.next(heading.level) };
        let id = self.anchor(&heading, &text);
        if HTML {
            let mut tag = format!("<h{level} id=\"{id}\"");
            let classes: Vec<_> = heading.classes.iter().map(|class| self.plain(class)).collect();
            if !classes.is_empty() {
                html::push_attribute(&mut tag, "class", &classes.join(" "));
            }
            tag.push('>');
            self.out.insert_str(heading.at, &tag);
            self.out.push_str(&format!("</h{level}>\n"));
            if level == 2 && !nested {
                self.sections.push(Section { id: id.clone(), text: text.clone(), range: heading.at..heading.at });
            }
        }
        if !nested {
            self.cuts.push((self.headings.len(), heading.text_at..self.text.len()));
        }
        self.headings.push(Heading { level, text, id, nested, span: heading.span });
    }

    /// Puts back braces that pulldown-cmark took for attributes: `## 地点 {待定}`.
    fn restore_braces(&mut self, heading: &mut OpenHeading<'a>) {
        let attributes = mem::take(&mut heading.attributes);
        if attributes.is_empty() {
            return;
        }
        let source = &self.body[heading.span.clone()];
        let braces = source.rfind('{').and_then(|start| Some(start..start + source[start..].find('}')? + 1));
        match braces {
            Some(braces) if heading.id.is_none() && heading.classes.is_empty() => {
                if !self.text[heading.text_at..].is_empty() {
                    self.write_text(" ");
                }
                let source = self.body;
                let start = heading.span.start;
                self.write_text(&cjk::unguard(&source[start + braces.start..start + braces.end]));
            }
            Some(_) | None => {
                for (name, _) in attributes {
                    let attribute = self.plain(&name).into_owned();
                    self.warn(heading.span.clone(), WarningKind::HeadingAttribute { attribute });
                }
            }
        }
    }

    fn is_title(&self, text: &str) -> bool {
        match self.options.title {
            TitleHeading::Keep => false,
            TitleHeading::Drop => true,
            TitleHeading::DropIfSame(title) => heading::normalised(text).eq(heading::normalised(title)),
        }
    }

    fn end_conforming_heading(&mut self, heading: &OpenHeading<'a>) {
        if HTML {
            self.out.insert_str(heading.at, &format!("<h{}>", heading.level));
            self.out.push_str(&format!("</h{}>\n", heading.level));
        }
    }

    fn anchor(&mut self, heading: &OpenHeading<'a>, text: &str) -> String {
        let Some(id) = heading.id.as_ref().map(|id| self.plain(id).into_owned()) else {
            return self.anchors.take(heading::anchor(text));
        };
        if !heading::is_valid(&id) {
            self.warn(heading.span.clone(), WarningKind::InvalidAnchor { id });
            return self.anchors.take(heading::anchor(text));
        }
        let given = self.anchors.take(id.clone());
        if given != id {
            self.warn(heading.span.clone(), WarningKind::DuplicateAnchor { id, instead: given.clone() });
        }
        given
    }

    // Links and pictures

    fn start_link(&mut self, kind: LinkType, destination: &CowStr<'a>, title: &CowStr<'a>, range: Range<usize>) {
        let mut destination = self.plain(destination);
        if kind == LinkType::Email {
            destination = Cow::Owned(format!("mailto:{destination}"));
        }
        let span = self.destination_span(kind, &destination, &range);
        let title = self.plain(title);
        self.open_link(&destination, &title, span);
    }

    fn open_link(&mut self, destination: &str, title: &str, span: Range<usize>) {
        let at = self.out.len();
        // An address between `<` and `>` within a link is text of that link: browsers know no link in a link.
        let nested = !self.options.conforming && self.open_links.iter().any(|open| open.written);
        let target = if nested { None } else { self.link_target(destination, &span) };
        let written = target.is_some();
        let link = (!HTML && target.is_some()).then(|| Link {
            kind: LinkKind::Link,
            destination: destination.to_owned(),
            text: String::new(),
            span,
        });
        if let Some(target) = target.filter(|_| HTML) {
            self.push("<a href=\"");
            html::push_address(&mut self.out, &target);
            self.push("\"");
            if !title.is_empty() {
                html::push_attribute(&mut self.out, "title", title);
            }
            if !self.options.conforming && sanitise::address(&target) == Address::External {
                self.push(" rel=\"noopener noreferrer\"");
            }
            self.push(">");
        }
        let pictures = self.paragraph.pictures.len();
        self.open_links.push(OpenLink { at, text_at: self.text.len(), pictures, written, link });
    }

    /// Returns where a link leads, or nothing if its text is to stand alone.
    fn link_target(&mut self, destination: &str, span: &Range<usize>) -> Option<String> {
        if self.options.conforming {
            return Some(destination.to_owned());
        }
        if !self.permits(destination, span) {
            return None;
        }
        let link = LinkRef { kind: LinkKind::Link, destination, embedded: None, span: span.clone() };
        match (self.resolve)(&link) {
            Resolved::Keep => Some(destination.to_owned()),
            Resolved::To(target) | Resolved::ToPicture(Picture { src: target, .. }) => {
                self.permits(&target, span).then_some(target)
            }
            Resolved::Unlink => None,
        }
    }

    /// Says whether a page may carry an address, with a warning if not.
    fn permits(&mut self, destination: &str, span: &Range<usize>) -> bool {
        match sanitise::address(destination) {
            Address::Local | Address::External | Address::Contact => true,
            Address::Data(_) | Address::Forbidden => {
                let address = destination.chars().take(40).collect();
                self.warn(span.clone(), WarningKind::ForbiddenAddress { address });
                false
            }
        }
    }

    fn end_link(&mut self) {
        let Some(open) = self.open_links.pop() else {
            return;
        };
        if open.written {
            self.push("</a>");
        }
        if let Some(link) = open.link {
            self.links.push(Link { text: one_line(&self.text[open.text_at.min(self.text.len())..]), ..link });
        }
        // A picture with a link around it is one picture.
        let paragraph = &mut self.paragraph;
        if paragraph.pictures.len() > open.pictures {
            paragraph.pictures.truncate(open.pictures + 1);
            paragraph.pictures[open.pictures].0 = open.at..self.out.len();
        }
    }

    /// Gathers the alternative text of a picture.
    fn event_in_image(&mut self, event: Event<'a>) {
        let plain = match &event {
            Event::Text(text) | Event::Code(text) => self.plain(text),
            _ => Cow::Borrowed(""),
        };
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Text(_) | Event::Code(_) => {
                if mem::take(&mut image.line_end) && !cjk::joined(&image.alt, &plain) {
                    image.alt.push(' ');
                }
                image.alt.push_str(&plain);
            }
            Event::SoftBreak | Event::HardBreak => image.line_end = true,
            Event::Start(Tag::Image { .. }) => image.inner += 1,
            Event::End(TagEnd::Image) if image.inner > 0 => image.inner -= 1,
            Event::End(TagEnd::Image) => self.end_image(),
            Event::Start(_)
            | Event::End(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }

    fn end_image(&mut self) {
        let Some(image) = self.image.take() else {
            return;
        };
        if self.hidden.is_some() {
            return;
        }
        let destination = self.plain(&image.destination);
        let title = self.plain(&image.title);
        let span = self.destination_span(image.kind, &destination, &image.range);
        self.write_image(&destination, Written { title: &title, alt: &image.alt, width: None, height: None }, span);
    }

    fn write_image(&mut self, destination: &str, written: Written<'_>, span: Range<usize>) {
        self.settle_line_end("");
        let Some(picture) = self.image_target(destination, &span) else {
            return self.write_text(written.alt);
        };
        let alt = picture.alt.as_deref().unwrap_or(written.alt);
        if alt.trim().is_empty() && !self.options.conforming {
            self.warn(span.clone(), WarningKind::NoAlternative);
        }
        if !HTML && !destination.trim_start().starts_with("data:") {
            let text = one_line(written.alt);
            self.links.push(Link { kind: LinkKind::Image, destination: destination.to_owned(), text, span });
        }
        let at = self.out.len();
        let caption = picture.caption.as_deref().or(Some(written.title)).filter(|caption| !caption.is_empty());
        if HTML {
            self.push_image(&picture, alt, caption, &written);
        }
        self.paragraph.pictures.push((at..self.out.len(), caption.map(str::to_owned)));
        // Alternative texts are found by search, but are not counted as text.
        self.unseen_chars += cjk::visible_chars(written.alt);
        self.text.push_str(written.alt);
    }

    fn push_image(&mut self, picture: &Picture, alt: &str, caption: Option<&str>, written: &Written<'_>) {
        // A link within a link is none.
        let whole =
            picture.whole.as_ref().filter(|_| !self.open_links.iter().any(|open| open.written) && !self.raw_link);
        if let Some(whole) = whole {
            self.push("<a class=\"whole\" href=\"");
            html::push_address(&mut self.out, whole);
            self.push("\">");
        }
        if !picture.copies.is_empty() {
            self.push("<picture><source type=\"image/webp\" srcset=\"");
            for (n, (width, url)) in picture.copies.iter().enumerate() {
                self.push(if n > 0 { ", " } else { "" });
                html::push_address(&mut self.out, url);
                self.push(&format!(" {width}w"));
            }
            self.push("\"");
            html::push_attribute(&mut self.out, "sizes", picture.sizes);
            self.push(">");
        }
        self.push_img(picture, alt, caption, written);
        if !picture.copies.is_empty() {
            self.push("</picture>");
        }
        if whole.is_some() {
            self.push("</a>");
        }
    }

    fn push_img(&mut self, picture: &Picture, alt: &str, caption: Option<&str>, written: &Written<'_>) {
        self.push("<img src=\"");
        html::push_address(&mut self.out, &picture.src);
        self.push("\"");
        html::push_attribute(&mut self.out, "alt", alt);
        if let Some(caption) = caption {
            html::push_attribute(&mut self.out, "title", caption);
        }
        if self.options.conforming {
            return self.push(">");
        }
        let (width, height) = written.size(picture);
        for (name, size) in [("width", width), ("height", height)] {
            if let Some(size) = size {
                html::push_attribute(&mut self.out, name, &size.to_string());
            }
        }
        self.push(" loading=\"lazy\" decoding=\"async\">");
    }

    /// Returns the picture to show, or nothing if its alternative text is to stand for it.
    fn image_target(&mut self, destination: &str, span: &Range<usize>) -> Option<Picture> {
        let shown = |src: String| Picture { src, ..Picture::default() };
        if self.options.conforming {
            return Some(shown(destination.to_owned()));
        }
        let embedded = match sanitise::address(destination) {
            Address::Data(data) => match embedded::decode(data, self.options.embedded_limit) {
                Ok(picture) => Some(picture),
                Err(fault) => {
                    self.warn(span.clone(), WarningKind::RefusedPicture(fault));
                    return None;
                }
            },
            Address::Local | Address::External | Address::Contact | Address::Forbidden => None,
        };
        let name = embedded.as_ref().map_or(destination, |picture| picture.name.as_str());
        if !self.permits(name, span) {
            return None;
        }
        let link =
            LinkRef { kind: LinkKind::Image, destination: name, embedded: embedded.as_ref(), span: span.clone() };
        let picture = match (self.resolve)(&link) {
            Resolved::Keep if embedded.is_some() => shown(format!("{}{name}", self.options.embedded_prefix)),
            Resolved::Keep => shown(destination.to_owned()),
            Resolved::To(src) => shown(src),
            Resolved::ToPicture(picture) => picture,
            Resolved::Unlink => return None,
        };
        if !self.permits(&picture.src, span) {
            return None;
        }
        if let Some(embedded) = embedded.filter(|picture| !self.embedded.iter().any(|other| other.name == picture.name))
        {
            self.embedded.push(embedded);
        }
        Some(picture)
    }

    /// Returns the place of a destination if it stands as it is within its link.
    fn destination_span(&self, kind: LinkType, destination: &str, range: &Range<usize>) -> Range<usize> {
        let span = self.span(range);
        let inline = match kind {
            LinkType::Inline | LinkType::Autolink => true,
            LinkType::Email
            | LinkType::Reference
            | LinkType::ReferenceUnknown
            | LinkType::Collapsed
            | LinkType::CollapsedUnknown
            | LinkType::Shortcut
            | LinkType::ShortcutUnknown
            | LinkType::WikiLink { .. } => false,
        };
        if !inline || destination.is_empty() {
            return span;
        }
        match self.body[span.clone()].rfind(destination) {
            Some(at) => span.start + at..span.start + at + destination.len(),
            None => span,
        }
    }

    // Tables

    fn start_table(&mut self, alignments: Vec<Alignment>) {
        self.begin_block();
        self.end_line();
        self.depth += 1;
        self.table = Table { alignments, ..Table::default() };
        self.tables += 1;
        self.new_line();
        if !self.options.conforming && HTML {
            self.push("<div class=\"scroll\" role=\"region\"");
            let label = self.options.table_label;
            match self.tables {
                1 => html::push_attribute(&mut self.out, "aria-label", label),
                number => html::push_attribute(&mut self.out, "aria-label", &format!("{label} {number}")),
            }
            self.push(" tabindex=\"0\">");
        }
        self.push("<table>");
    }

    /// Ends the head, or takes it back if all its cells are empty, as in tables that only arrange.
    fn end_table_head(&mut self) {
        self.table.in_head = false;
        if self.text[self.table.head_text_at..].trim().is_empty() && !self.out[self.table.head_at..].contains("<img") {
            self.out.truncate(self.table.head_at);
            self.text.truncate(self.table.head_text_at);
            self.push("\n");
            return;
        }
        self.end_text();
        self.push("</tr></thead>\n");
    }

    fn start_cell(&mut self) {
        self.push(if self.table.in_head { "<th scope=\"col\"" } else { "<td" });
        self.push(match self.table.alignments.get(self.table.column) {
            Some(Alignment::Left) => " class=\"left\">",
            Some(Alignment::Center) => " class=\"center\">",
            Some(Alignment::Right) => " class=\"right\">",
            Some(Alignment::None) | None => ">",
        });
        self.table.column += 1;
        self.table.cells += 1;
        if self.table.cells == self.options.table_cells + 1 {
            let start = self.table.span.start;
            self.warn(start..start, WarningKind::LargeTable { most: self.options.table_cells });
        }
    }

    fn end_cell(&mut self) {
        self.end_inline();
        self.push(if self.table.in_head { "</th>" } else { "</td>" });
        if !self.text.is_empty() {
            self.text.push('\t');
        }
    }

    fn end_table(&mut self) {
        self.depth -= 1;
        if self.table.has_body {
            self.push("</tbody>");
        }
        self.push("</table>");
        self.push(if self.options.conforming { "\n" } else { "</div>\n" });
    }

    // Footnotes

    fn note(&mut self, label: &str) -> usize {
        let label = self.plain(label).into_owned();
        let notes = &mut self.notes.notes;
        *self.notes.by_label.entry(label.to_lowercase()).or_insert_with(|| {
            notes.push(Note { label, ..Note::default() });
            notes.len() - 1
        })
    }

    fn write_reference(&mut self, label: &str) {
        // A heading that may become the title of the page cannot be returned to.
        let in_title =
            self.heading.as_ref().is_some_and(|heading| heading.first) && self.options.title != TitleHeading::Keep;
        if self.hidden.is_some() || in_title {
            return;
        }
        self.settle_line_end("");
        self.paragraph.mixed = true;
        let index = self.note(label);
        let note = &mut self.notes.notes[index];
        let number = *note.number.get_or_insert_with(|| {
            self.notes.numbered += 1;
            self.notes.numbered
        });
        note.references += 1;
        if HTML {
            let back = Backlink { number, reference: note.references };
            self.out.push_str(&format!(
                "<sup class=\"footnote-ref\"><a href=\"#fn-{number}\" id=\"{back}\" role=\"doc-noteref\">{number}</a></sup>"
            ));
        }
    }

    fn start_note(&mut self, label: &str, range: &Range<usize>) {
        let note = self.note(label);
        self.notes.notes[note].definition = Some(self.span(range));
        self.depth += 1;
        let aside = Aside {
            note,
            out: mem::take(&mut self.out),
            text: mem::take(&mut self.text),
            lines: mem::take(&mut self.lines),
        };
        self.aside.push(aside);
    }

    fn end_note(&mut self) {
        let Some(aside) = self.aside.pop() else {
            return;
        };
        self.depth -= 1;
        let note = &mut self.notes.notes[aside.note];
        note.html.push_str(&mem::replace(&mut self.out, aside.out));
        note.text.push_str(&mem::replace(&mut self.text, aside.text));
        self.lines = aside.lines;
        self.line_start = None;
    }

    /// Returns the notes in order of their numbers, those without number behind, and warns about the latter.
    fn take_notes(&mut self) -> Vec<Note> {
        let mut notes = mem::take(&mut self.notes.notes);
        notes.retain(|note| note.definition.is_some());
        notes.sort_by_key(|note| note.number.unwrap_or(usize::MAX));
        for note in notes.iter().filter(|note| note.number.is_none()) {
            if let Some(span) = note.definition.clone() {
                self.warn(span, WarningKind::UnusedFootnote { label: note.label.clone() });
            }
        }
        notes
    }

    fn notes_html(&self, notes: &[Note]) -> String {
        let mut out = String::from(
            "<section class=\"footnotes\" role=\"doc-endnotes\" aria-labelledby=\"fn-title\">\n<h2 id=\"fn-title\">",
        );
        html::push_text(&mut out, self.options.footnotes_title);
        out.push_str("</h2>\n<ol>\n");
        for note in notes {
            let Some(number) = note.number else {
                out.push_str(&format!("<li>\n{}</li>\n", note.html));
                continue;
            };
            out.push_str(&format!("<li id=\"fn-{number}\">\n"));
            let (content, end) = match note.html.strip_suffix("</p>\n") {
                Some(content) => (content, "</p>\n"),
                None => (note.html.as_str(), "\n"),
            };
            out.push_str(content);
            for reference in 1..=note.references {
                let back = Backlink { number, reference };
                out.push_str(&format!(" <a href=\"#{back}\" class=\"footnote-back\" role=\"doc-backlink\""));
                html::push_attribute(&mut out, "aria-label", self.options.footnote_back);
                out.push_str(">↩\u{FE0E}</a>");
            }
            out.push_str(end);
            out.push_str("</li>\n");
        }
        out.push_str("</ol>\n</section>\n");
        out
    }

    // Raw HTML

    fn raw_line(&mut self, html: &str, range: Range<usize>) {
        if self.options.conforming {
            return self.push(html);
        }
        let span = self.span(&range);
        let Some(block) = &mut self.raw else { return };
        let mut place = span.start;
        for piece in html.split(cjk::GUARD) {
            block.places.push((block.html.len(), place));
            block.html.push_str(piece);
            place += piece.len();
        }
    }

    fn end_raw_block(&mut self) {
        let Some(block) = self.raw.take() else { return };
        self.line_start = Some(self.text.len());
        let text_at = self.text.len();
        for token in Tokens::new(&block.html) {
            // An offset at the end of a piece may be one past a line that was cut from its quotation mark.
            let start = self.boundary(block.place(token.range.start));
            let end = self.boundary(block.place(token.range.end.saturating_sub(1)) + 1);
            self.raw_token(token, start..end.max(start), &|offset| block.place(offset));
        }
        self.hidden = None;
        if self.text.len() > text_at {
            self.end_line();
        } else {
            self.line_start = None;
        }
    }

    fn raw_inline(&mut self, html: &str, range: Range<usize>) {
        if self.options.conforming {
            return self.push(html);
        }
        let span = self.span(&range);
        let html = self.plain(html);
        let verbatim = self.body[span.clone()] == *html;
        for token in Tokens::new(&html) {
            let start = span.start;
            self.raw_token(token, span.clone(), &|offset| {
                if verbatim { start + offset } else { start }
            });
        }
    }

    fn raw_token(&mut self, token: Token<'_>, span: Range<usize>, place: &dyn Fn(usize) -> usize) {
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::Markup => self.warn(span, WarningKind::DroppedMarkup),
            TokenKind::Text(text) => self.raw_text(text),
            TokenKind::End(name) => self.raw_end(&name),
            TokenKind::Start(name, attributes) => self.raw_start(&name, &attributes, span, place),
        }
    }

    fn raw_text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        let blank = text.trim().is_empty();
        if !blank {
            self.settle_line_end(text);
            self.begin_raw("");
        }
        if HTML {
            html::push_raw_text(&mut self.out, text);
        }
        if !blank {
            self.text.push_str(&cjk::unguard(&sanitise::decoded(text)).replace(['\n', '\r'], " "));
        }
    }

    fn raw_end(&mut self, name: &str) {
        if self.hidden.as_deref() == Some(name) {
            self.hidden = None;
        }
        let Some(element) = sanitise::element(name).filter(|name| self.hidden.is_none() && !sanitise::is_void(name))
        else {
            return;
        };
        if !sanitise::ends_by_itself(element) {
            self.raw_depth = self.raw_depth.saturating_sub(1);
        }
        self.begin_raw(element);
        if HTML {
            self.out.push_str("</");
            self.out.push_str(element);
            self.out.push('>');
        }
        self.separate(element);
    }

    fn raw_start(
        &mut self,
        name: &str,
        attributes: &[sanitise::Attribute<'_>],
        span: Range<usize>,
        place: &dyn Fn(usize) -> usize,
    ) {
        if self.hidden.is_some() {
            return;
        }
        let Some(element) = sanitise::element(name) else {
            self.warn(span, WarningKind::DroppedElement { element: name.to_owned() });
            self.hidden = sanitise::hides_content(name).then(|| name.to_owned());
            return;
        };
        if !sanitise::is_void(element) && !sanitise::ends_by_itself(element) {
            if self.raw_depth >= DEEPEST {
                return self.warn(span, WarningKind::TooDeep { element: name.to_owned() });
            }
            self.raw_depth += 1;
        }
        self.separate(element);
        self.begin_raw(element);
        let mut kept = BTreeMap::new();
        for attribute in attributes {
            if sanitise::attribute(element, &attribute.name, attribute.value) {
                kept.entry(attribute.name.as_str()).or_insert(attribute);
            } else {
                let start = self.boundary(place(attribute.range.start));
                let end = self.boundary(place(attribute.range.end.saturating_sub(1)) + 1);
                let kind = WarningKind::DroppedAttribute {
                    element: name.to_owned(),
                    attribute: cjk::unguard(&attribute.name).into_owned(),
                };
                self.warn(start..end.max(start), kind);
            }
        }
        let value =
            |name: &str| kept.get(name).map(|attribute| cjk::unguard(&sanitise::decoded(attribute.value)).into_owned());
        let title = value("title").unwrap_or_default();
        match element {
            "img" => {
                let alt = value("alt").unwrap_or_default();
                let size = |name| value(name).and_then(|value: String| value.trim_end_matches("px").parse().ok());
                let written = Written { title: &title, alt: &alt, width: size("width"), height: size("height") };
                self.write_image(&value("src").unwrap_or_default(), written, span);
            }
            "a" => match value("href") {
                Some(href) => {
                    self.raw_link = true;
                    self.open_link(&href, &title, span);
                    // Raw tags need not pair up, and what belongs to this one is not known before ammonia has seen it.
                    if let Some(link) = self.open_links.pop().and_then(|open| open.link) {
                        self.links.push(link);
                    }
                }
                None => self.push("<a>"),
            },
            _ => {
                if HTML {
                    self.out.push('<');
                    self.out.push_str(element);
                    for (name, attribute) in &kept {
                        html::push_attribute(&mut self.out, name, &cjk::unguard(&sanitise::decoded(attribute.value)));
                    }
                    self.out.push('>');
                }
            }
        }
    }

    /// Notes that the body shows raw HTML.
    ///
    /// A line break or a picture is whole by itself wherever it stands, and was written as the renderer writes its own;
    /// all else needs the second wall.
    fn begin_raw(&mut self, element: &str) {
        self.unclean |= !matches!(element, "br" | "img" | "wbr");
        self.begin_block();
        self.paragraph.mixed = true;
    }

    /// Separates what a raw tag separates, in the plain text.
    fn separate(&mut self, element: &str) {
        if sanitise::is_block(element) {
            self.line_end = None;
            self.end_text();
        }
    }

    // Small things

    fn push(&mut self, html: &str) {
        if HTML {
            self.out.push_str(html);
        }
    }

    fn new_line(&mut self) {
        if HTML && !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn start_inline(&mut self, tag: &str) {
        self.paragraph.mixed = true;
        self.push(tag);
    }

    fn begin_block(&mut self) {
        self.begun = true;
    }

    /// Ends what must not reach beyond a run of inline text.
    fn end_inline(&mut self) {
        self.line_end = None;
        self.hidden = None;
    }

    /// Ends a line of plain text.
    fn end_text(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Ends a line of plain text that can open the excerpt.
    fn end_line(&mut self) {
        let Some(start) = self.line_start.take() else {
            return;
        };
        if !HTML && self.text.len() > start {
            let enclosed = self.depth > 0;
            let mut at = start;
            for line in self.text[start..].split_inclusive('\n') {
                self.lines.push(Line { range: at..at + line.len(), enclosed });
                at += line.len();
            }
        }
        self.end_text();
    }

    fn warn(&mut self, span: Range<usize>, kind: WarningKind) {
        self.warnings.push(Warning { span, kind });
    }

    fn span(&self, range: &Range<usize>) -> Range<usize> {
        self.guarded.original(range.start)..self.guarded.original(range.end)
    }

    /// Moves an offset that a line of raw HTML cannot vouch for to the next character.
    fn boundary(&self, offset: usize) -> usize {
        let end = self.body.len();
        (offset..end).find(|at| self.body.is_char_boundary(*at)).unwrap_or(end)
    }

    fn is_single_tilde(&self, start: usize) -> bool {
        !self.options.conforming && !self.guarded.text[start..].starts_with("~~")
    }

    /// Returns a string from the parser without guards.
    fn plain<'s>(&self, text: &'s str) -> Cow<'s, str> {
        if self.guarded.tainted { cjk::unguard(text) } else { Cow::Borrowed(text) }
    }

    // The results

    pub(super) fn into_text(mut self) -> String {
        for note in self.take_notes() {
            self.text.push_str(&note.text);
        }
        let length = self.text.trim_end().len();
        self.text.truncate(length);
        self.text
    }

    pub(super) fn into_passages(mut self) -> Vec<Passage> {
        let notes = self.take_notes();
        let mut passages = Vec::with_capacity(self.cuts.len() + 1);
        let mut open = Passage::default();
        let mut from = 0;
        for (heading, cut) in &self.cuts {
            open.text = self.text.get(from..cut.start).unwrap_or_default().trim().to_owned();
            passages.push(mem::take(&mut open));
            let heading = &self.headings[*heading];
            (open.anchor, open.heading, from) = (heading.id.clone(), heading.text.clone(), cut.end);
        }
        open.text = self.text.get(from..).unwrap_or_default().trim_start().to_owned();
        open.text.extend(notes.into_iter().map(|note| note.text));
        open.text.truncate(open.text.trim_end().len());
        passages.push(open);
        passages.retain(|p| !p.text.is_empty() || !p.heading.is_empty());
        passages
    }

    pub(super) fn into_outline(mut self) -> Outline {
        let excerpt = excerpt::excerpt(&self.text, &self.lines, self.options.excerpt);
        let notes = self.take_notes();
        let of_notes = notes.iter().map(|note| cjk::visible_chars(&note.text)).sum::<usize>();
        let text_chars = cjk::visible_chars(&self.text) + of_notes;
        self.warnings.sort_by_key(|warning| warning.span.start);
        self.links.sort_by_key(|link| link.span.start);
        Outline {
            headings: self.headings,
            links: self.links,
            first_heading: self.first_heading,
            excerpt,
            text_chars: text_chars.saturating_sub(self.unseen_chars),
            embedded: self.embedded,
            warnings: self.warnings,
        }
    }

    pub(super) fn into_rendered(mut self) -> Rendered {
        let notes = self.take_notes();
        self.warnings.sort_by_key(|warning| warning.span.start);
        let mut html = mem::take(&mut self.out);
        if self.unclean {
            html = sanitise::clean(&html);
            self.sections = self.sections_of(&html);
        }
        close_sections(&mut self.sections, html.len());
        if !notes.is_empty() {
            // Cleaned apart, so that an element left open in the text cannot swallow them.
            let notes_html = self.notes_html(&notes);
            html.push_str(&if self.unclean { sanitise::clean(&notes_html) } else { notes_html });
        }
        let toc = self.headings.into_iter().filter(|heading| !heading.nested);
        let mut text = self.text;
        text.extend(notes.into_iter().map(|note| note.text));
        text.truncate(text.trim_end().len());
        Rendered {
            html,
            sections: self.sections,
            toc: toc.map(|heading| TocEntry { level: heading.level, id: heading.id, text: heading.text }).collect(),
            embedded: self.embedded,
            text,
            warnings: self.warnings,
        }
    }

    /// Finds the sections again after cleaning; one that raw HTML encloses is none.
    fn sections_of(&self, html: &str) -> Vec<Section> {
        let texts: BTreeMap<_, _> = self.sections.iter().map(|section| (section.id.as_str(), &section.text)).collect();
        sanitise::at_top_level(html, "h2")
            .into_iter()
            .filter_map(|(at, id)| Some(Section { id: id.to_owned(), text: (*texts.get(id)?).clone(), range: at..at }))
            .collect()
    }
}

/// What a writer says about a picture.
struct Written<'w> {
    title: &'w str,
    alt: &'w str,
    width: Option<u32>,
    height: Option<u32>,
}

impl Written<'_> {
    /// Returns the size to show a picture at: as written, the missing side in proportion.
    fn size(&self, picture: &Picture) -> (Option<u32>, Option<u32>) {
        let scaled = |side: u32, from: Option<u32>, to: Option<u32>| match (from, to) {
            (Some(from), Some(to)) if from > 0 => u32::try_from(u64::from(side) * u64::from(to) / u64::from(from)).ok(),
            (Some(_) | None, Some(_) | None) => None,
        };
        match (self.width, self.height) {
            (None, None) => (picture.width, picture.height),
            (Some(width), None) => (Some(width), scaled(width, picture.width, picture.height)),
            (None, Some(height)) => (scaled(height, picture.height, picture.width), Some(height)),
            (Some(width), Some(height)) => (Some(width), Some(height)),
        }
    }
}

/// The anchor of a reference to a note.
struct Backlink {
    number: usize,
    reference: usize,
}

impl std::fmt::Display for Backlink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.reference {
            1 => write!(f, "fnref-{}", self.number),
            reference => write!(f, "fnref-{}-{reference}", self.number),
        }
    }
}

fn close_sections(sections: &mut [Section], end: usize) {
    let mut next = end;
    for section in sections.iter_mut().rev() {
        section.range.end = next;
        next = section.range.start;
    }
}

fn one_line(text: &str) -> String {
    let text = text.trim();
    if !text.contains(char::is_whitespace) {
        return text.to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
