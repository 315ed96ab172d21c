//! What the manual prints from data is what the data says.

use std::process::Command;

fn printed(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_beilin")).args(words).output().expect("the binary runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

fn check(page: &str, command: &str) {
    let text = std::fs::read_to_string(format!("{}/content/manual/{page}", env!("CARGO_MANIFEST_DIR")))
        .expect("the page is there");
    let inside = text
        .split_once(&format!("<!-- generated: {command} -->"))
        .and_then(|(_, rest)| rest.split_once("<!-- end -->"))
        .map(|(inside, _)| inside.trim());
    assert_eq!(
        inside,
        Some(printed(&["--lang", "zh", command, "--markdown"]).trim()),
        "run `beilin {command} --markdown` and put it into content/manual/{page}"
    );
}

#[test]
fn the_manuals_table_of_kinds_is_the_kinds_file() {
    check("kinds.md", "kinds");
}

#[test]
fn the_manuals_table_of_settings_is_the_configuration_schema() {
    check("config.md", "config");
}

#[test]
fn every_test_the_table_of_coverage_names_is_there() {
    let root = env!("CARGO_MANIFEST_DIR");
    let page = std::fs::read_to_string(format!("{root}/content/manual/coverage.md")).expect("the page is there");
    let modules = std::fs::read_to_string(format!("{root}/tests/it/main.rs")).expect("the crate is there");
    let mut named = 0;
    for (module, test) in page.split('`').filter_map(|word| word.split_once("::")) {
        // 模块::名字 is how they are written.
        if test.is_empty() || !test.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            continue;
        }
        // A feature whose tests come with it names them before they are there.
        if !modules.contains(&format!("mod {module};")) {
            continue;
        }
        let path = format!("{root}/tests/it/{module}.rs");
        let source = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(source.contains(&format!("fn {test}()")), "{module}::{test}");
        named += 1;
    }
    assert!(named > 200, "{named}");
}
