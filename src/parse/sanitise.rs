//! What a body may bring to a page: addresses and raw HTML.
//!
//! Two walls. [`Tokens`] cuts raw HTML into tags, and the writer puts down only those on the list here, each written
//! anew with its attributes escaped; that is where warnings come from. Then [`clean`] runs ammonia over the whole
//! rendered body, which balances the tags and would stop what the first wall let through by mistake. Its list is wider,
//! because it has to admit what the renderer itself writes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

/// The number of attributes beyond which a tag is text.
const MOST_ATTRIBUTES: usize = 256;

/// What kind of address a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    /// A path, query or fragment within the site.
    Local,
    /// An address on another site.
    External,
    /// A mail address or telephone number.
    Contact,
    /// What follows `data:`.
    Data(&'a str),
    /// A scheme that no page may carry.
    Forbidden,
}

/// Says what kind of address a destination is, as a browser would understand it.
///
/// Browsers drop leading blanks and controls, and tabs and line ends anywhere, before they look for a scheme.
pub(crate) fn address(destination: &str) -> Address<'_> {
    let start = destination.trim_start_matches(is_ignorable);
    let stop = start.find(['/', '\\', '?', '#']).unwrap_or(start.len());
    let Some(colon) = start[..stop].find(':') else {
        let mut slashes = start.chars().filter(|c| !is_ignorable(*c));
        let network = (0..2).all(|_| matches!(slashes.next(), Some('/' | '\\')));
        return if network { Address::External } else { Address::Local };
    };
    let scheme: String = start[..colon].chars().filter(|c| !is_ignorable(*c)).map(|c| c.to_ascii_lowercase()).collect();
    match scheme.as_str() {
        "http" | "https" => Address::External,
        "mailto" | "tel" => Address::Contact,
        "data" => Address::Data(&start[colon + 1..]),
        // `第1次:纪要.md` has a colon and no scheme.
        name if !is_scheme(name) => Address::Local,
        _ => Address::Forbidden,
    }
}

fn is_ignorable(c: char) -> bool {
    c <= ' ' || c == '\u{7f}' || c == super::cjk::GUARD
}

fn is_scheme(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The elements a writer may use, in alphabetical order.
const ELEMENTS: [&str; 59] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rb",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "wbr",
];

/// Returns the element to write for a tag of this name, which must be lower case.
pub(crate) fn element(name: &str) -> Option<&'static str> {
    if name == "h1" {
        // The page has its one h1 already.
        return Some("h2");
    }
    ELEMENTS.binary_search(&name).ok().map(|at| ELEMENTS[at])
}

/// Says whether an element has no end tag.
pub(crate) fn is_void(name: &str) -> bool {
    matches!(name, "br" | "col" | "hr" | "img" | "wbr")
}

/// Says whether an element starts and ends a line of plain text.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "blockquote"
            | "br"
            | "caption"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "hr"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "summary"
            | "table"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
}

/// Says whether the end tag of an element may be left out, so that many of them do not nest.
pub(crate) fn ends_by_itself(name: &str) -> bool {
    matches!(
        name,
        "p" | "li" | "dt" | "dd" | "rb" | "rt" | "rp" | "tr" | "td" | "th" | "thead" | "tbody" | "tfoot" | "colgroup"
    )
}

/// Says whether a forbidden element goes with all that is in it.
pub(crate) fn hides_content(name: &str) -> bool {
    matches!(
        name,
        "iframe"
            | "math"
            | "noembed"
            | "noframes"
            | "noscript"
            | "object"
            | "script"
            | "select"
            | "style"
            | "svg"
            | "template"
            | "textarea"
            | "title"
            | "xmp"
    )
}

/// Says whether a writer may give an element this attribute with this value.
///
/// `href` and `src` are answered for by [`address`].
pub(crate) fn attribute(element: &str, name: &str, value: &str) -> bool {
    let number = |value: &str| !value.is_empty() && value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit());
    match (element, name) {
        ("td" | "th", "colspan" | "rowspan") | ("col" | "colgroup", "span") | ("li", "value") | ("ol", "start") => {
            number(value)
        }
        ("img", "width" | "height") => number(value.strip_suffix("px").unwrap_or(value)),
        ("th", "scope") => matches!(value, "row" | "col" | "rowgroup" | "colgroup"),
        ("ol", "type") => matches!(value, "1" | "a" | "A" | "i" | "I"),
        ("ol", "reversed") | ("details", "open") => true,
        ("a", "href" | "title") | ("abbr" | "dfn", "title") | ("img", "src" | "alt" | "title") => true,
        _ => false,
    }
}

/// A piece of raw HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind<'a>,
    /// Where it stands in the text given to [`Tokens`].
    pub(crate) range: Range<usize>,
}

/// What a piece of raw HTML is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenKind<'a> {
    /// Text, its character references untouched.
    Text(&'a str),
    /// A comment.
    Comment,
    /// A declaration, processing instruction or CDATA section.
    Markup,
    /// A start tag; the name in lower case.
    Start(String, Vec<Attribute<'a>>),
    /// An end tag; the name in lower case.
    End(String),
}

/// An attribute of a start tag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// The name in lower case.
    pub(crate) name: String,
    /// The value, its character references untouched.
    pub(crate) value: &'a str,
    pub(crate) range: Range<usize>,
}

/// Cuts raw HTML into tags and text.
///
/// Need not agree with browsers in every corner, since nothing is passed on as it was written. What is no
/// complete tag is text; a `<` within a tag and outside quotes makes it text too (as in CommonMark), so that many opened
/// tags are not each searched to the end.
pub(crate) struct Tokens<'a> {
    html: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(html: &'a str) -> Tokens<'a> {
        Tokens { html, at: 0 }
    }

    fn markup(&self) -> Option<(TokenKind<'a>, usize)> {
        let rest = &self.html[self.at..];
        let closed_by = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
        if rest.starts_with("<!-->") || rest.starts_with("<!--->") {
            return Some((TokenKind::Comment, self.at + closed_by(">", 0)));
        }
        if rest.starts_with("<!--") {
            return Some((TokenKind::Comment, self.at + closed_by("-->", 4)));
        }
        if rest.starts_with("<![CDATA[") {
            return Some((TokenKind::Markup, self.at + closed_by("]]>", 9)));
        }
        if rest.starts_with("<?") {
            return Some((TokenKind::Markup, self.at + closed_by("?>", 2)));
        }
        if rest.starts_with("<!") {
            return Some((TokenKind::Markup, self.at + closed_by(">", 2)));
        }
        self.tag()
    }

    fn tag(&self) -> Option<(TokenKind<'a>, usize)> {
        let bytes = self.html.as_bytes();
        let end_tag = bytes.get(self.at + 1) == Some(&b'/');
        let start = self.at + 1 + usize::from(end_tag);
        if !bytes.get(start)?.is_ascii_alphabetic() {
            return None;
        }
        let mut at = self.skip(start, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>' | b'<'));
        let name = self.html[start..at].to_ascii_lowercase();
        let mut attributes = Vec::new();
        loop {
            at = self.skip(at, |byte| byte.is_ascii_whitespace() || byte == b'/');
            match bytes.get(at)? {
                b'>' => break,
                _ => at = self.attribute(at, &mut attributes)?,
            }
        }
        let kind = if end_tag { TokenKind::End(name) } else { TokenKind::Start(name, attributes) };
        Some((kind, at + 1))
    }

    fn attribute(&self, start: usize, attributes: &mut Vec<Attribute<'a>>) -> Option<usize> {
        let bytes = self.html.as_bytes();
        // A name takes at least one byte, even `=`, so that every turn moves on.
        let first = start + self.html[start..].chars().next()?.len_utf8();
        let end = self.skip(first, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>' | b'=' | b'<'));
        if bytes[start] == b'<' || bytes.get(end) == Some(&b'<') || attributes.len() == MOST_ATTRIBUTES {
            return None;
        }
        let name = self.html[start..end].to_ascii_lowercase();
        let equals = self.skip(end, |byte| byte.is_ascii_whitespace());
        if bytes.get(equals) != Some(&b'=') {
            attributes.push(Attribute { name, value: "", range: start..end });
            return Some(end);
        }
        let from = self.skip(equals + 1, |byte| byte.is_ascii_whitespace());
        let (value, after) = match bytes.get(from)? {
            quote @ (b'"' | b'\'') => {
                let length = self.html[from + 1..].find(char::from(*quote))?;
                (from + 1..from + 1 + length, from + length + 2)
            }
            _ => {
                let to = self.skip(from, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'<'));
                if bytes.get(to) == Some(&b'<') {
                    return None;
                }
                (from..to, to)
            }
        };
        attributes.push(Attribute { name, value: &self.html[value], range: start..after });
        Some(after)
    }

    /// Returns the offset of the first byte from `at` on that does not pass; all tests are about ASCII.
    fn skip(&self, at: usize, pass: impl Fn(u8) -> bool) -> usize {
        at + self.html.as_bytes()[at..].iter().take_while(|byte| pass(**byte)).count()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        if start == self.html.len() {
            return None;
        }
        let (kind, end) = match self.html[start..].starts_with('<').then(|| self.markup()).flatten() {
            Some(found) => found,
            None => {
                // The first character is text whatever it is.
                let end = memchr::memchr(b'<', &self.html.as_bytes()[start + 1..])
                    .map_or(self.html.len(), |at| start + 1 + at);
                (TokenKind::Text(&self.html[start..end]), end)
            }
        };
        self.at = end;
        Some(Token { kind, range: start..end })
    }
}

/// Resolves the character references that occur in addresses and plain text.
///
/// A name not listed stays as written, `&` and all; it is then text wherever it is put, since all output is escaped.
pub(crate) fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((c, length)) => {
                text.push(c);
                rest = &rest[length..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

fn reference(text: &str) -> Option<(char, usize)> {
    const LONGEST: usize = 12;
    let body = text.strip_prefix('&')?;
    if let Some(number) = body.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => (hexadecimal, 16),
            None => (number, 10),
        };
        let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let code = u32::from_str_radix(digits[..length].get(..length.min(9))?, radix).ok()?;
        let c = char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{FFFD}');
        let used = text.len() - digits.len() + length;
        return Some((c, used + usize::from(text[used..].starts_with(';'))));
    }
    let end = body.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let c = match &body[..end] {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "colon" => ':',
        "sol" => '/',
        "bsol" => '\\',
        "period" => '.',
        "num" => '#',
        "quest" => '?',
        "lpar" => '(',
        "rpar" => ')',
        "Tab" => '\t',
        "NewLine" => '\n',
        "nbsp" => '\u{a0}',
        "ensp" => '\u{2002}',
        "emsp" => '\u{2003}',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "middot" => '·',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "times" => '×',
        "copy" => '©',
        "deg" => '°',
        _ => return None,
    };
    Some((c, end + 2))
}

/// Cleans the rendered HTML of a body that holds raw HTML: allowed elements only, every tag balanced.
pub(crate) fn clean(html: &str) -> String {
    let mut clean = CLEANER.clean(html).to_string();
    // A character reference in raw text can name anything.
    clean.retain(|c| c != super::cjk::GUARD && (!c.is_ascii_control() || matches!(c, '\n' | '\r' | '\t')));
    clean
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let elements = ELEMENTS.into_iter().chain(["section", "input", "picture", "source"]);
    let attributes: [(&str, &[&str]); 23] = [
        ("a", &["href", "title", "rel", "id", "class", "role", "aria-label"]),
        ("abbr", &["title"]),
        ("dfn", &["title"]),
        ("code", &["class"]),
        ("col", &["span"]),
        ("colgroup", &["span"]),
        ("details", &["open"]),
        ("div", &["class", "role", "aria-label", "tabindex"]),
        ("h2", &["id", "class"]),
        ("h3", &["id", "class"]),
        ("h4", &["id", "class"]),
        ("h5", &["id", "class"]),
        ("h6", &["id", "class"]),
        ("img", &["src", "alt", "title", "width", "height", "loading", "decoding"]),
        ("input", &["checked", "disabled", "aria-label"]),
        ("li", &["id", "class", "value"]),
        ("ol", &["start", "type", "reversed"]),
        ("pre", &["tabindex"]),
        ("section", &["class", "role", "aria-labelledby"]),
        ("source", &["type", "srcset", "sizes"]),
        ("sup", &["class"]),
        ("td", &["class", "colspan", "rowspan"]),
        ("th", &["class", "colspan", "rowspan", "scope"]),
    ];
    let mut builder = Builder::empty();
    builder
        .tags(elements.collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(
            attributes.into_iter().map(|(element, names)| (element, names.iter().copied().collect())).collect(),
        )
        .tag_attribute_values(HashMap::from([("input", HashMap::from([("type", HashSet::from(["checkbox"]))]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true);
    builder
});

/// Finds elements of one name at the top level of cleaned HTML that carry an `id`.
///
/// Returns the offset of each tag with the value of the `id`, in order. Relies on the form in which [`clean`] writes HTML.
pub(crate) fn at_top_level<'h>(html: &'h str, element: &str) -> Vec<(usize, &'h str)> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for token in Tokens::new(html) {
        match token.kind {
            TokenKind::Start(name, attributes) => {
                if depth == 0 && name == element {
                    let id = attributes.iter().find(|attribute| attribute.name == "id");
                    found.extend(id.map(|id| (token.range.start, id.value)));
                }
                if !is_void(&name) && name != "input" {
                    depth += 1;
                }
            }
            TokenKind::End(_) => depth = depth.saturating_sub(1),
            TokenKind::Text(_) | TokenKind::Comment | TokenKind::Markup => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_in_order() {
        assert!(ELEMENTS.is_sorted());
    }

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        for destination in
            ["a.md", "/a", "#x", "?q", "", "第1次:纪要.md", "./a:b", "@/x.md", "1:2", "a_b:c", "/", "/%5Cx"]
        {
            assert_eq!(address(destination), Address::Local, "{destination}");
        }
        for destination in ["http://a", "HTTPS://b", "//c", "/\\c", "\\\\c", " \thttps://d", "/\t/e"] {
            assert_eq!(address(destination), Address::External, "{destination}");
        }
        for destination in [
            "javascript:x",
            " \u{1}JavaScript:x",
            "java\tscript:x",
            "java\nscript\r:x",
            "vbscript:x",
            "file:///x",
            "blob:x",
            "ftp://x",
            "a.b:c",
            "view-source:x",
        ] {
            assert_eq!(address(destination), Address::Forbidden, "{destination}");
        }
        assert_eq!(address("mailto:a@b"), Address::Contact);
        assert_eq!(address("Data:image/png,x"), Address::Data("image/png,x"));
    }

    #[test]
    fn references_are_decoded_before_an_address_is_judged() {
        assert_eq!(decoded("java&Tab;script&colon;x&#40;&#x29"), "java\tscript:x()");
        assert_eq!(decoded("a&b&nosuch;&#x110000;&#0;&#;"), "a&b&nosuch;\u{FFFD}\u{FFFD}&#;");
    }

    #[test]
    fn what_is_no_tag_is_text() {
        for html in ["<", "< a>", "<a", "<a b='", "</", "<>", "a<1", "<汉>", "<a <", "<a b<c>", "<a b=c<d>"] {
            let tokens: Vec<_> = Tokens::new(html).collect();
            assert!(matches!(tokens[0].kind, TokenKind::Text(_)), "{html} {tokens:?}");
        }
    }

    #[test]
    fn attributes_are_found_with_their_places() {
        let html = r#"<IMG src='a>b' ONerror = x/y ="z" alt>"#;
        let token = Tokens::new(html).next().expect("a token");
        let TokenKind::Start(name, attributes) = token.kind else { panic!("a tag") };
        let found: Vec<_> = attributes.iter().map(|a| (a.name.as_str(), a.value, &html[a.range.clone()])).collect();
        assert_eq!(name, "img");
        assert_eq!(
            found,
            [
                ("src", "a>b", "src='a>b'"),
                ("onerror", "x/y", "ONerror = x/y"),
                ("=\"z\"", "", "=\"z\""),
                ("alt", "", "alt")
            ]
        );
    }

    #[test]
    fn only_headings_at_the_top_are_found() {
        let html = r#"<h2 id="a">A</h2><div><h2 id="b">B</h2><br></div><p>x</p><h2>C</h2><h2 id="d">D</h2>"#;
        let ids: Vec<_> = at_top_level(html, "h2").into_iter().map(|(_, id)| id).collect();
        assert_eq!(ids, ["a", "d"]);
    }
}
