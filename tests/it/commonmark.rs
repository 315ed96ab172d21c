//! CommonMark's own examples, run against our Markdown.
//!
//! `tests/data/commonmark-spec.txt` is the specification 0.31.2 by John MacFarlane, unchanged, under CC BY-SA 4.0 (see
//! `tests/data/commonmark-spec.LICENSE`); it is test data and no part of the program.

use beilin::parse::markdown::{Options, Resolved, fuzz_markdown, render};

/// The examples that come out differently, with the reason.
const DEVIATIONS: &[(usize, &str)] = &[];

struct Example {
    number: usize,
    markdown: String,
    html: String,
}

fn examples() -> Vec<Example> {
    let spec = include_str!("../data/commonmark-spec.txt");
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    for part in spec.split(&format!("\n{fence} example\n")).skip(1) {
        let (example, _) = part.split_once(&format!("\n{fence}\n")).expect("an example ends with its fence");
        let (markdown, html) = match example.strip_prefix(".\n") {
            Some(html) => ("", html),
            None => {
                let (markdown, html) = example.split_once("\n.").expect("an example has two halves");
                (markdown, html.trim_start_matches('\n'))
            }
        };
        let written = |text: &str| text.replace('→', "\t");
        let markdown = if markdown.is_empty() { String::new() } else { written(markdown) + "\n" };
        examples.push(Example { number: examples.len() + 1, markdown, html: written(html) });
    }
    examples
}

/// Leaves what HTML means, whatever way it is written.
fn normalised(html: &str) -> String {
    let html = html.replace(" />", ">").replace("&quot;", "\"").replace("&#x27;", "'");
    // Line ends between tags differ between all implementations.
    html.replace(">\n<", "><").trim().to_owned()
}

#[test]
fn the_specification_is_read_whole() {
    assert_eq!(examples().len(), 652);
}

#[test]
fn commonmark_examples_render_as_printed_except_those_listed() {
    let options = Options::commonmark();
    let mut wrong = Vec::new();
    for example in examples() {
        let html = render(&example.markdown, &options, &mut |_| Resolved::Keep).html;
        let equal = normalised(&html) == normalised(&example.html);
        let listed = DEVIATIONS.iter().any(|(number, _)| *number == example.number);
        match (equal, listed) {
            (true, false) | (false, true) => {}
            (true, true) => wrong.push(format!("example {} is listed but comes out right", example.number)),
            (false, false) => wrong.push(format!(
                "example {}\n{}\nexpected\n{}\nfound\n{html}",
                example.number, example.markdown, example.html
            )),
        }
    }
    assert!(wrong.is_empty(), "{} examples\n{}", wrong.len(), wrong.join("\n----\n"));
}

#[test]
fn commonmark_examples_keep_the_promises_of_the_default_options() {
    for example in examples() {
        fuzz_markdown(example.markdown.as_bytes());
    }
}
