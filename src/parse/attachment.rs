//! Looks at a file that is only copied: what a reader's browser or office program would do with it.
//!
//! Nothing is unpacked, run or changed. What may not be published is an error at its place; the file itself stays as it
//! was handed in.

mod package;
mod svg;

use crate::config::Limits;
use crate::diagnostic::Diagnostic;
use crate::say;

/// Endings of files that are run by browsers, servers or systems, by the one who would run them.
const ACTIVE: [(&str, &str, &[&str]); 3] = [
    (
        "浏览器",
        "browsers",
        &[
            "htm", "html", "shtml", "xht", "xhtml", "mht", "mhtml", "js", "mjs", "swf", "svgz", "xml", "xsl", "xslt",
            "rdf",
        ],
    ),
    ("网页服务器", "web servers", &["asp", "aspx", "cgi", "jsp", "jspx", "php", "php5", "phtml", "pl", "wasm"]),
    (
        "操作系统",
        "systems",
        &[
            "apk", "app", "bat", "cmd", "com", "cpl", "dll", "exe", "hta", "jar", "jse", "lnk", "msi", "ps1", "reg",
            "scr", "sh", "url", "vbe", "vbs", "wsf",
        ],
    ),
];

/// How many bytes of a file without an ending browsers look at to guess what it is.
const SNIFFED: usize = 1024;

/// Tells what there is to know of a file. `shown` is its path as diagnostics name it.
pub fn inspect(shown: &str, bytes: &[u8], limits: &Limits) -> Vec<Diagnostic> {
    let name = shown.rsplit('/').next().unwrap_or(shown);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if limits.allow.iter().any(|allowed| allowed.trim_start_matches('.').eq_ignore_ascii_case(&ending)) {
        return Vec::new();
    }
    if let Some((zh, en, _)) = ACTIVE.iter().find(|(.., endings)| endings.contains(&ending.as_str())) {
        return vec![
            Diagnostic::error(
                "active-file",
                shown,
                None,
                say!(".{ending} 是{zh}会执行的文件，不发布", "{en} run files of this sort (.{ending}): not published"),
            )
            .hint(say!(
                "改成 PDF、OFD 或图片；确实要发布，在 [limits] allow 里写上 `{ending}`",
                "make it a PDF, OFD or picture; if it has to be published, name `{ending}` in [limits] allow"
            )),
        ];
    }
    if ending == "svg" {
        return svg::inspect(shown, bytes);
    }
    if (ending.is_empty() || ending == name.to_ascii_lowercase()) && looks_like_a_page(bytes) {
        return vec![
            Diagnostic::error(
                "active-file",
                shown,
                None,
                say!(
                    "没有扩展名，内容是网页，浏览器会执行，不发布",
                    "a page without an ending, which browsers would run: not published"
                ),
            )
            .hint(say!("改成 PDF、OFD 或图片", "make it a PDF, OFD or picture")),
        ];
    }
    package::inspect(shown, &ending, bytes, limits)
}

/// Tells whether a browser that guesses would take bytes for a page.
fn looks_like_a_page(bytes: &[u8]) -> bool {
    const SIGNS: [&[u8]; 8] =
        [b"<!doctype html", b"<html", b"<head", b"<script", b"<iframe", b"<body", b"<svg", b"<?xml"];
    let head = &bytes[..bytes.len().min(SNIFFED)];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().to_ascii_lowercase();
    SIGNS.iter().any(|sign| head.starts_with(sign))
}

/// Takes arbitrary bytes for an attachment of several names and panics where a promise of this module is broken: every
/// place lies in the text, and a drawing that passes has nothing that runs.
///
/// For fuzzing and property tests.
#[doc(hidden)]
pub fn fuzz_attachment(data: &[u8]) {
    let limits = Limits::default();
    for name in ["x.svg", "x.docx", "x.zip", "x", "x.html", "x.png"] {
        let told = inspect(name, data, &limits);
        assert!(told.len() <= 20, "few are told");
        for span in told.iter().filter_map(|d| d.span.clone()) {
            assert!(span.start <= span.end && span.end <= data.len(), "{span:?} is a place in {} bytes", data.len());
            let text = std::str::from_utf8(data).unwrap_or("");
            assert!(text.is_empty() || text.get(span.clone()).is_some(), "{span:?} cuts no character");
        }
        if name == "x.svg" && told.is_empty() {
            let text = std::str::from_utf8(data).expect("a drawing that passes is text");
            // Comments and CDATA are where any words may stand.
            let text = if text.contains("<![CDATA[") { "" } else { text };
            let words: String =
                text.split("<!--").map(|part| part.split_once("-->").map_or("", |(_, rest)| rest)).collect();
            let before = text.split("<!--").next().unwrap_or("");
            for live in ["<script", "<foreignObject", "<iframe", "<!ENTITY"] {
                assert!(!before.contains(live) && !words.contains(live), "a drawing with {live} passed");
            }
        }
    }
}

#[cfg(test)]
mod tests;
