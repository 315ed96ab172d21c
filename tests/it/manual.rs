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
