//! What holds for every body, whatever is in it.

use std::collections::BTreeSet;

use super::{Options, Outline, Rendered, Resolved, outline, render};
use crate::parse::sanitise::{Address, TokenKind, Tokens, address, clean, decoded, is_void};

/// Panics if a promise of the module does not hold for a body.
pub(super) fn check(body: &str, options: &Options<'_>) {
    let outline = outline(body, options);
    let mut asked = Vec::new();
    let rendered = render(body, options, &mut |link| {
        asked.push((link.destination.to_owned(), link.span.clone()));
        Resolved::Keep
    });
    spans_lie_in_the_body(body, &outline);
    assert_eq!(outline.warnings, rendered.warnings);
    assert_eq!(outline.embedded, rendered.embedded);
    for link in &outline.links {
        assert!(asked.contains(&(link.destination.clone(), link.span.clone())), "{link:?} was not resolved");
    }
    both_passes_agree_on_headings(&outline, &rendered);
    html_is_sound(&rendered.html);
    if !body.replace("<br>", "").replace("<https:", "").contains('<') {
        cleaning_finds_nothing(&rendered.html);
    }
    for section in &rendered.sections {
        let html = &rendered.html[section.range.clone()];
        assert!(html.starts_with(&format!("<h2 id=\"{}\"", section.id)), "{html:?} is no section");
        html_is_sound(html);
    }
    let again = render(body, options, &mut |_| Resolved::Unlink);
    html_is_sound(&again.html);
    assert!(!again.html.contains("<img"));
}

fn spans_lie_in_the_body(body: &str, outline: &Outline) {
    let spans = (outline.headings.iter().map(|heading| &heading.span))
        .chain(outline.links.iter().map(|link| &link.span))
        .chain(outline.warnings.iter().map(|warning| &warning.span))
        .chain(outline.first_heading.iter().map(|heading| &heading.span));
    for span in spans {
        assert!(body.get(span.clone()).is_some(), "{span:?} is no place in the body");
    }
    assert!(outline.warnings.is_sorted_by_key(|warning| warning.span.start));
    assert!(outline.links.is_sorted_by_key(|link| link.span.start));
}

fn both_passes_agree_on_headings(outline: &Outline, rendered: &Rendered) {
    let ids: BTreeSet<_> = outline.headings.iter().map(|heading| &heading.id).collect();
    assert_eq!(ids.len(), outline.headings.len(), "an anchor stands twice");
    assert!(outline.headings.iter().all(|heading| heading.id.is_ascii() && (2..=6).contains(&heading.level)));
    let of_page: Vec<_> =
        outline.headings.iter().filter(|heading| !heading.nested).map(|h| (h.level, &h.id, &h.text)).collect();
    let toc: Vec<_> = rendered.toc.iter().map(|entry| (entry.level, &entry.id, &entry.text)).collect();
    assert_eq!(of_page, toc);
    assert!(toc.first().is_none_or(|first| first.0 == 2));
    assert!(toc.windows(2).all(|pair| pair[1].0 <= pair[0].0 + 1), "a level is skipped");
}

/// Panics if ammonia would drop or move a tag of a body that it has not seen because it has no raw HTML.
///
/// Also holds ammonia's list to what the renderer writes. Not for bodies with raw HTML: what html5ever makes of
/// headings within links within headings is balanced, and yet not what it makes of its own result.
fn cleaning_finds_nothing(html: &str) {
    let tags = |html: &str| -> Vec<_> {
        let tokens = Tokens::new(html).map(|token| token.kind);
        let tags = tokens.filter_map(|kind| match kind {
            TokenKind::Start(name, attributes) => Some((
                name,
                attributes
                    .into_iter()
                    .map(|a| (a.name, decoded(a.value).into_owned()))
                    // An address no browser can open is left out by ammonia; as text of a link it does no harm.
                    .filter(|(name, value)| name != "href" || !is_broken(value))
                    .collect(),
            )),
            TokenKind::End(name) => Some((format!("/{name}"), Vec::new())),
            TokenKind::Text(_) | TokenKind::Comment | TokenKind::Markup => None,
        });
        tags.collect()
    };
    assert_eq!(tags(html), tags(&clean(html)), "{html:?}");
}

/// Tells whether an address has a scheme and is no address.
fn is_broken(address: &str) -> bool {
    ammonia::Url::parse(address).is_err_and(|e| e != ammonia::url::ParseError::RelativeUrlWithoutBase)
}

/// Panics if HTML is not balanced, repeats an anchor or carries an address or attribute it must not.
fn html_is_sound(html: &str) {
    assert!(!html.contains('\u{FDD0}'));
    assert!(!html.chars().any(|c| c.is_ascii_control() && !matches!(c, '\n' | '\t' | '\r')));
    let mut open = Vec::new();
    let mut ids = BTreeSet::new();
    for token in Tokens::new(html) {
        match token.kind {
            TokenKind::Start(name, attributes) => {
                assert!(!matches!(name.as_str(), "script" | "style" | "iframe" | "h1"), "<{name}>");
                for attribute in attributes {
                    let (key, value) = (attribute.name.as_str(), attribute.value);
                    assert!(!key.starts_with("on") && key != "style", "{key}");
                    if key == "id" {
                        assert!(ids.insert(value.to_owned()), "the anchor {value} stands twice");
                    }
                    if matches!(key, "href" | "src") {
                        let value = decoded(value);
                        assert!(!matches!(address(&value), Address::Forbidden | Address::Data(_)), "{value}");
                    }
                }
                if !is_void(&name) && name != "input" {
                    open.push(name);
                }
            }
            TokenKind::End(name) => assert_eq!(open.pop(), Some(name), "in {html:?}"),
            TokenKind::Text(text) => assert!(!text.contains('<')),
            TokenKind::Comment | TokenKind::Markup => panic!("{:?}", &html[token.range]),
        }
    }
    assert!(open.is_empty(), "{open:?} stays open in {html:?}");
}
