//! Drawings (SVG): only what draws.
//!
//! A drawing that is opened by itself is a document, which may run scripts, load from anywhere and lead elsewhere. So
//! elements, attributes and references go by lists, and what is on none of them is an error at its place. Element names
//! of other namespaces that no browser knows (those of drawing programs) are let pass, as they do nothing.

use crate::diagnostic::{Diagnostic, Say};
use crate::say;
use quick_xml::NsReader;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use std::collections::BTreeMap;
use std::ops::Range;

const SVG: &str = "http://www.w3.org/2000/svg";
/// Namespaces that browsers act on.
const LIVE: [&str; 3] =
    ["http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2001/xml-events"];

/// The elements a drawing may have, in alphabetical order.
const ELEMENTS: [&str; 55] = [
    "a",
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
    "filter",
    "g",
    "image",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "metadata",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "switch",
    "symbol",
    "text",
    "textPath",
    "title",
    "tspan",
    "use",
    "view",
];

/// How deep elements may nest, and how many there may be.
const DEEPEST: usize = 256;
const MOST: usize = 200_000;
/// How many things may be drawn in all, when what is used again and again is counted each time.
const DRAWN: u64 = 200_000;
/// So many faults are told of one drawing.
const TOLD: usize = 20;

/// Tells what a drawing has that may not be published.
pub(super) fn inspect(shown: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    let mut found = Found { shown, out: Vec::new() };
    match std::str::from_utf8(bytes) {
        Ok(text) => found.read(text),
        Err(e) => found.fault(e.valid_up_to()..e.valid_up_to(), say!("不是 UTF-8 编码", "not UTF-8")),
    }
    found.out.truncate(TOLD);
    found.out
}

struct Found<'a> {
    shown: &'a str,
    out: Vec<Diagnostic>,
}

impl Found<'_> {
    fn fault(&mut self, span: Range<usize>, what: Say) {
        let Say { zh, en } = what;
        let what = say!("SVG 图里{zh}，不发布", "this drawing: {en}; not published");
        self.out.push(Diagnostic::error("active-file", self.shown, Some(span), what).hint(say!(
            "在绘图软件里另存为“普通 SVG”，或转成 PNG",
            "save it as a plain SVG in the drawing program, or as a PNG"
        )));
    }

    fn read(&mut self, text: &str) {
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut reader = NsReader::from_str(&text[start..]);
        let (mut depth, mut count, mut in_style) = (0usize, 0usize, false);
        let mut uses = Uses::default();
        let mut begun = false;
        loop {
            let at = position(&reader) + start;
            let event = reader.read_resolved_event().map(|(namespace, event)| (owned(&namespace), event));
            let end = position(&reader) + start;
            let span = at..end.max(at).min(text.len());
            let (namespace, event) = match event {
                Ok(found) => found,
                Err(e) => {
                    self.fault(span, say!("有写坏的地方（{e}）", "is broken ({e})"));
                    return;
                }
            };
            match event {
                Event::Start(element) | Event::Empty(element) if self.out.len() >= TOLD => drop(element),
                Event::Start(element) => {
                    begun = true;
                    depth += 1;
                    count += 1;
                    in_style = element.local_name().as_ref() == "style";
                    let ids = self.element(&namespace, &element, &span, &mut uses);
                    uses.open(ids);
                }
                Event::Empty(element) => {
                    begun = true;
                    count += 1;
                    let ids = self.element(&namespace, &element, &span, &mut uses);
                    uses.open(ids);
                    uses.close();
                }
                Event::End(_) => {
                    depth = depth.saturating_sub(1);
                    in_style = false;
                    uses.close();
                }
                Event::Text(words) if in_style => self.style(&words, &span, &mut uses),
                Event::CData(words) if in_style => self.style(&words, &span, &mut uses),
                Event::GeneralRef(name) => {
                    let name: &str = &name;
                    if !(name.starts_with('#') || ["amp", "lt", "gt", "quot", "apos"].contains(&name)) {
                        self.fault(span, say!("有自定义的实体 `{name}`", "it has an entity of its own (`{name}`)"));
                    }
                }
                Event::DocType(words) => {
                    if words.contains(['[', '%']) {
                        self.fault(span, say!("有实体定义", "it defines entities"));
                    }
                }
                Event::PI(_) => self.fault(span, say!("有处理指令", "it has a processing instruction")),
                Event::Decl(declaration) => {
                    // The reader looks for its end only; what stands in between is what a browser stumbles over.
                    if begun || at > start || declaration.contains(['<', '>', '&']) {
                        self.fault(span, say!("声明写坏了", "its declaration is broken"));
                        continue;
                    }
                    let encoding = declaration.encoding().and_then(Result::ok);
                    if encoding.is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
                        self.fault(span, say!("声明的编码不是 UTF-8", "it claims not to be UTF-8"));
                    }
                }
                Event::Eof => break,
                Event::Text(_) | Event::CData(_) | Event::Comment(_) => {}
            }
            if depth > DEEPEST || count > MOST {
                self.fault(at..at, say!("元素套得太深或者太多", "its elements nest too deeply or are too many"));
                return;
            }
        }
        if !begun {
            self.fault(0..0, say!("没有内容", "it is empty"));
        }
        if uses.drawn() > DRAWN {
            self.fault(
                0..0,
                say!(
                    "反复引用自己的部分，要画的东西太多",
                    "it uses its parts again and again until there is too much to draw"
                ),
            );
        }
    }

    /// Judges an element; returns its id, if it has one.
    fn element(
        &mut self,
        namespace: &str,
        element: &BytesStart<'_>,
        span: &Range<usize>,
        uses: &mut Uses,
    ) -> Option<String> {
        let local = element.local_name();
        let name: &str = local.as_ref();
        if LIVE.contains(&namespace)
            || (namespace == SVG || namespace.is_empty()) && ELEMENTS.binary_search(&name).is_err()
        {
            self.fault(span.clone(), say!("不允许 `<{name}>`", "`<{name}>` is not allowed"));
        }
        let mut id = None;
        for attribute in element.attributes() {
            let Ok(attribute) = attribute else {
                self.fault(span.clone(), say!("`<{name}>` 的属性写坏了", "an attribute of `<{name}>` is broken"));
                continue;
            };
            let key: &str = attribute.key.as_ref();
            // No value of XML has one; who reads more loosely would see an element.
            if attribute.value.contains('<') {
                self.fault(span.clone(), say!("`{key}` 里有尖括号", "`{key}` has an angle bracket"));
            }
            let own = attribute.key.local_name();
            let own: &str = own.as_ref();
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            let Some(value) = plain(&attribute) else {
                self.fault(span.clone(), say!("`{key}` 里有自定义的实体", "`{key}` has an entity of its own"));
                continue;
            };
            let lower = own.to_ascii_lowercase();
            if lower == "id" {
                id = Some(value.clone());
            }
            if lower.starts_with("on") || matches!(lower.as_str(), "base" | "handler" | "ping") {
                self.fault(span.clone(), say!("不允许属性 `{key}`", "the attribute `{key}` is not allowed"));
            } else if matches!(lower.as_str(), "href" | "src" | "data") {
                match reference(name, &value) {
                    Some(Some(target)) => uses.add(target),
                    Some(None) => {}
                    None => {
                        let shown: String = value.chars().take(60).collect();
                        self.fault(span.clone(), say!("`{key}` 引用了 `{shown}`", "`{key}` refers to `{shown}`"));
                    }
                }
            } else {
                self.style(&value, span, uses);
            }
        }
        id
    }

    /// Judges a style, or any other value in which `url(…)` may stand.
    fn style(&mut self, text: &str, span: &Range<usize>, uses: &mut Uses) {
        let lower = text.to_ascii_lowercase();
        // An escape may spell any word.
        let spelled = lower.contains('\\') && lower.contains(['(', '@', ':']);
        if spelled
            || ["@import", "expression(", "javascript:", "-moz-binding", "behavior:", "image-set("]
                .iter()
                .any(|bad| lower.contains(bad))
        {
            self.fault(span.clone(), say!("样式会装载别的东西", "a style loads something else"));
        }
        for rest in lower.match_indices("url(").map(|(at, _)| &text[at + 4..]) {
            let inside = rest.split(')').next().unwrap_or("").trim().trim_matches(['"', '\'']).trim();
            match inside.strip_prefix('#') {
                Some(target) => uses.add(target),
                None => {
                    let shown: String = inside.chars().take(60).collect();
                    self.fault(span.clone(), say!("样式引用了 `{shown}`", "a style refers to `{shown}`"));
                }
            }
        }
    }
}

fn position(reader: &NsReader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn owned(namespace: &ResolveResult<'_>) -> String {
    match namespace {
        ResolveResult::Bound(namespace) => {
            let name: &str = namespace.as_ref();
            name.to_owned()
        }
        // A prefix nobody declared is an error in browsers.
        ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
    }
}

/// Returns the value of an attribute, if it has no entity but those of XML itself.
fn plain(attribute: &Attribute<'_>) -> Option<String> {
    let raw: &str = attribute.value.as_ref();
    quick_xml::escape::unescape(raw).ok().map(std::borrow::Cow::into_owned)
}

/// Judges a reference of an element: to a part of the drawing (`Some(Some)`), or to what is harmless (`Some(None)`).
fn reference<'v>(element: &str, value: &'v str) -> Option<Option<&'v str>> {
    let value = value.trim();
    if let Some(target) = value.strip_prefix('#') {
        return Some(Some(target));
    }
    let lower: String = value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(40).collect();
    let lower = lower.to_ascii_lowercase();
    let harmless = match element {
        "a" => lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("mailto:"),
        "image" => ["png", "jpeg", "jpg", "gif", "webp"]
            .iter()
            .any(|sort| lower.starts_with(&format!("data:image/{sort};base64,"))),
        _ => value.is_empty(),
    };
    harmless.then_some(None)
}

/// Which parts of a drawing are drawn by which others.
#[derive(Default)]
struct Uses {
    /// For each id, what is used within it.
    of: BTreeMap<String, Vec<String>>,
    /// What is used anywhere.
    all: Vec<String>,
    /// The ids of the elements that are open.
    open: Vec<Option<String>>,
    /// What the element that is about to open uses.
    next: Vec<String>,
}

impl Uses {
    fn add(&mut self, target: &str) {
        self.next.push(target.to_owned());
    }

    fn open(&mut self, id: Option<String>) {
        self.open.push(id);
        for target in std::mem::take(&mut self.next) {
            for id in self.open.iter().flatten() {
                self.of.entry(id.clone()).or_default().push(target.clone());
            }
            self.all.push(target);
        }
    }

    fn close(&mut self) {
        self.open.pop();
    }

    /// Counts what is drawn in all; a circle is endless.
    fn drawn(&self) -> u64 {
        let mut known = BTreeMap::new();
        self.all.iter().fold(0u64, |sum, target| sum.saturating_add(self.weight(target, &mut known, 0)))
    }

    fn weight<'s>(&'s self, id: &'s str, known: &mut BTreeMap<&'s str, u64>, depth: usize) -> u64 {
        if let Some(weight) = known.get(id) {
            return *weight;
        }
        if depth > DEEPEST {
            return u64::MAX;
        }
        // While it is being weighed, it is endless to itself.
        known.insert(id, u64::MAX);
        let inside = self.of.get(id).map_or(&[][..], Vec::as_slice);
        let weight = inside.iter().fold(1u64, |sum, next| sum.saturating_add(self.weight(next, known, depth + 1)));
        known.insert(id, weight);
        weight
    }
}
