//! Contrast (对比度) of a stylesheet's colours, by WCAG 2.2, in light, dark and 长辈版: which pairs stand on each other,
//! how far apart they must be, and which are too close. Reads custom properties of `:root` and nothing else.

use crate::config::{ColorOptions, FILE};
use crate::diagnostic::{Diagnostic, Say};
use crate::say;
use std::collections::BTreeMap;

/// Text needs so much.
const TEXT: f64 = 4.5;
/// Text in 长辈版.
const LARGE_VIEW: f64 = 7.0;
/// Lines and shapes that carry meaning.
const SHAPE: f64 = 3.0;

/// What stands on what, and how far apart they must be.
const PAIRS: [(&str, &str, f64); 26] = [
    ("ink", "paper", TEXT),
    ("ink", "stone-1", TEXT),
    ("ink", "sheet", TEXT),
    ("ink", "hit", TEXT),
    ("stone-4", "paper", TEXT),
    ("stone-4", "sheet", TEXT),
    ("stone-4", "stone-1", TEXT),
    ("slate", "paper", TEXT),
    ("slate", "stone-1", TEXT),
    ("on-band", "band", TEXT),
    ("seal", "paper", TEXT),
    ("seal", "stone-1", TEXT),
    ("on-seal", "seal-fill", TEXT),
    ("bronze", "paper", TEXT),
    ("bronze", "stone-1", TEXT),
    ("met", "paper", TEXT),
    ("met", "stone-1", TEXT),
    ("late", "paper", TEXT),
    ("late", "stone-1", TEXT),
    ("short", "paper", TEXT),
    ("short", "stone-1", TEXT),
    ("face-ink", "face", TEXT),
    ("lead-ink", "lead-face", TEXT),
    ("lead-line", "lead-face", SHAPE),
    ("focus", "paper", SHAPE),
    ("focus", "stone-1", SHAPE),
];

/// How a site is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Light,
    Dark,
    Senior,
}

impl Mode {
    const ALL: [Mode; 3] = [Mode::Light, Mode::Dark, Mode::Senior];

    fn name(self) -> Say {
        match self {
            Mode::Light => say!("浅色", "light"),
            Mode::Dark => say!("深色", "dark"),
            Mode::Senior => say!("长辈版", "the view for the elderly"),
        }
    }
}

/// The tokens of a mode: name without dashes, value as written.
type Tokens = BTreeMap<String, String>;

/// Tells which pairs of a stylesheet are too close. A colour the site set is told where it is set.
pub(super) fn check(css: &str, colors: &ColorOptions, theme: &str, out: &mut Vec<Diagnostic>) {
    for (mode, tokens) in Mode::ALL.into_iter().zip(tokens(css)) {
        for (text, ground, least) in PAIRS {
            let least = if mode == Mode::Senior && least >= TEXT { LARGE_VIEW } else { least };
            let (Some(a), Some(b)) = (color(&tokens, text), color(&tokens, ground)) else { continue };
            let ratio = ratio(a, b);
            if ratio >= least {
                continue;
            }
            let own = |token: &str| colors.of(token, mode == Mode::Dark).filter(|_| mode != Mode::Senior);
            let set = own(text).or_else(|| own(ground));
            let place = set.map_or(theme, |_| FILE);
            let (zh, en) = (mode.name().zh, mode.name().en);
            // Rounded down: what fails must not read as enough.
            let ratio = (ratio * 100.0).floor() / 100.0;
            let message = say!(
                "{zh}时 `{text}` 在 `{ground}` 上的对比度是 {ratio}，不能低于 {least}",
                "`{text}` on `{ground}` has a contrast of {ratio} in {en}; it must not be below {least}"
            );
            let (shade, darker) = match luminance(a) < luminance(b) {
                true => ("更深", "a darker"),
                false => ("更浅", "a lighter"),
            };
            let (a, b) = (hex(a), hex(b));
            out.push(
                Diagnostic::error("contrast", place, set.and_then(|c| c.span.clone()), message).hint(say!(
                    "换一个{shade}的颜色，现在是 {a}，底色是 {b}",
                    "take {darker} colour: it is {a} on {b}"
                )),
            );
        }
    }
}

/// Returns the tokens of light, dark and 长辈版.
fn tokens(css: &str) -> [Tokens; 3] {
    let (mut light, mut dark, mut senior) = (Tokens::new(), Vec::new(), Vec::new());
    let mut of_senior = Tokens::new();
    for rule in rules(&uncommented(css)) {
        if rule.media.contains("print") || !(rule.media.is_empty() || rule.media.contains("prefers-color-scheme: dark"))
        {
            continue;
        }
        let found: Vec<(String, String)> = declarations(&rule.body).collect();
        for selector in rule.selector.split(',').map(str::trim).filter(|s| s.starts_with(":root")) {
            let plain = selector.replace(":not([data-view=senior])", "");
            // Only of the root itself, not of what is in it.
            if plain.contains(' ') {
                continue;
            }
            if plain.contains("[data-view=senior]") {
                senior.extend(found.iter().cloned());
            } else if !rule.media.is_empty() || plain.contains("[data-theme=dark]") {
                dark.extend(found.iter().cloned());
            } else {
                light.extend(found.iter().cloned());
                if plain == selector {
                    of_senior.extend(found.iter().cloned());
                }
            }
        }
    }
    let with = |ground: &Tokens, more: Vec<(String, String)>| {
        let mut all = ground.clone();
        all.extend(more);
        all
    };
    let (in_dark, in_senior) = (with(&light, dark), with(&of_senior, senior));
    [light, in_dark, in_senior]
}

/// A rule of a stylesheet: the media query it stands in, its selectors, what it declares.
struct Rule {
    media: String,
    selector: String,
    body: String,
}

fn uncommented(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out += before;
        rest = after.split_once("*/").map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// Cuts a stylesheet into rules; what is in no block, or in a block that holds no rules, is passed over.
fn rules(css: &str) -> Vec<Rule> {
    let mut out = Vec::new();
    let mut media: Vec<String> = Vec::new();
    let mut prelude = String::new();
    let mut rest = css;
    while let Some(at) = rest.find(['{', '}', ';']) {
        prelude += &rest[..at];
        let sign = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        let head = std::mem::take(&mut prelude).trim().to_owned();
        match sign {
            b'{' if head.starts_with("@media") || head.starts_with("@supports") => media.push(head),
            b'{' => {
                let end = closing(rest);
                let body = rest[..end].to_owned();
                rest = rest.get(end + 1..).unwrap_or_default();
                if !head.starts_with('@') {
                    out.push(Rule { media: media.join(" "), selector: head, body });
                }
            }
            b'}' => drop(media.pop()),
            _ => {}
        }
    }
    out
}

/// Returns where the block that has been opened is closed.
fn closing(css: &str) -> usize {
    let mut depth = 0usize;
    for (at, sign) in css.bytes().enumerate() {
        match sign {
            b'{' => depth += 1,
            b'}' if depth == 0 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    css.len()
}

fn declarations(body: &str) -> impl Iterator<Item = (String, String)> {
    body.split(';').filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().strip_prefix("--")?.to_owned(), value.trim().to_owned()))
    })
}

/// Returns the colour of a token; `None` if it is no plain colour.
fn color(tokens: &Tokens, name: &str) -> Option<[u8; 3]> {
    let mut value = tokens.get(name)?;
    // A token may name another, and that one another; a ring names itself for ever.
    for _ in 0..8 {
        match value.strip_prefix("var(--").and_then(|v| v.strip_suffix(')')) {
            Some(other) => value = tokens.get(other.trim())?,
            None => return parse(value),
        }
    }
    None
}

/// Reads `#rgb` or `#rrggbb`.
pub(crate) fn parse(value: &str) -> Option<[u8; 3]> {
    let digits = value.strip_prefix('#')?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let two = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    let one = |at: usize| Some(u8::from_str_radix(&digits[at..=at], 16).ok()? * 17);
    match digits.len() {
        6 => Some([two(0)?, two(2)?, two(4)?]),
        3 => Some([one(0)?, one(1)?, one(2)?]),
        _ => None,
    }
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Relative luminance (WCAG 2.2).
fn luminance(color: [u8; 3]) -> f64 {
    let [r, g, b] = color.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Contrast ratio (WCAG 2.2), from 1 to 21.
fn ratio(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> String {
        let parts = super::super::theme::embedded().into_iter().filter(|(path, _)| path.starts_with("styles/"));
        parts.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    fn of(mode: usize, text: &str, ground: &str) -> f64 {
        let all = tokens(&shipped());
        let color = |name: &str| color(&all[mode], name).unwrap_or_else(|| panic!("--{name} is a colour"));
        (ratio(color(text), color(ground)) * 10.0).round() / 10.0
    }

    #[test]
    fn the_table_of_the_default_theme_is_what_was_computed_for_it() {
        for (text, ground, expected) in [
            ("ink", "paper", [15.0, 14.1, 21.0]),
            ("ink", "hit", [12.7, 8.0, 18.3]),
            ("stone-4", "stone-1", [5.5, 7.1, 10.4]),
            ("slate", "paper", [10.7, 12.5, 14.1]),
            ("on-band", "band", [10.1, 13.8, 14.1]),
            ("seal", "stone-1", [6.5, 6.7, 9.1]),
            ("on-seal", "seal-fill", [7.0, 5.7, 10.1]),
            ("bronze", "paper", [6.0, 8.3, 11.0]),
            ("late", "stone-1", [5.8, 7.6, 9.7]),
            ("lead-line", "lead-face", [4.2, 4.3, 5.3]),
            ("focus", "paper", [6.9, 9.1, 9.6]),
        ] {
            for (mode, expected) in expected.into_iter().enumerate() {
                let found = of(mode, text, ground);
                assert!((found - expected).abs() < 0.11, "{text} on {ground}, mode {mode}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn no_pair_of_the_default_theme_is_too_close_and_every_token_is_found() {
        let mut out = Vec::new();
        check(&shipped(), &ColorOptions::default(), "themes/default", &mut out);
        assert_eq!(out.iter().map(|d| d.message.en.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
        for tokens in tokens(&shipped()) {
            let lost: Vec<_> = PAIRS.iter().flat_map(|p| [p.0, p.1]).filter(|t| color(&tokens, t).is_none()).collect();
            assert_eq!(lost, Vec::<&str>::new());
        }
    }

    #[test]
    fn a_theme_of_its_own_is_held_to_the_same() {
        let told = |more: &str| {
            let mut out = Vec::new();
            check(&(shipped() + more), &ColorOptions::default(), "themes/own", &mut out);
            out.into_iter().map(|d| d.message.en).collect::<Vec<_>>()
        };
        assert_eq!(told(":root[data-theme=dark] { --bronze: #222; } .x { --ink: #fff; }").len(), 2, "paper, stone-1");
        assert_eq!(told("@media print { :root { --ink: #fff; } } :root .x { --ink: #fff; }"), Vec::<String>::new());
        assert!(told(":root[data-view=senior] { --late: #865210; }")[0].contains("must not be below 7"));
        assert_eq!(told(":root { --met: var(--ink); --late: var(--late); }"), Vec::<String>::new());
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for css in ["", "{", "}}}", "/*", ":root{--a:#fff", "@media x{:root{--ink:#zzz}", ":root{{{--ink:#fff;}}}"] {
            let _ = tokens(css);
        }
        assert_eq!(
            (parse("#fff"), parse("#0a0b0c"), parse("#ff"), parse("ffffff")),
            (Some([255; 3]), Some([10, 11, 12]), None, None)
        );
        assert!((ratio([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    }
}
