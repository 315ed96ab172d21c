//! Front matter: TOML and YAML, keys in two languages, and what is told about mistakes.

use crate::support::{SiteTest, other};

/// Builds a site of one file `content/records/yi/a.md` and returns what was told.
fn told(text: &str) -> String {
    SiteTest::from_files(&[("content/records/yi/a.md", text)]).build().diagnostics
}

fn title(text: &str) -> String {
    let built = SiteTest::from_files(&[("content/records/yi/a.md", text)]).build_clean();
    built.json("records/a/index.json")["title"].as_str().expect("a record has a title").to_owned()
}

#[test]
fn toml_yaml_bom_crlf_and_blank_lines_read_alike() {
    let toml =
        "+++\nid = \"a\"\nkind = \"other\"\ntitle = \"题\"\nbranch = \"yi\"\ndate = \"2025-01-02\"\n+++\n正文。\n";
    let yaml = "---\nid: a\nkind: other\ntitle: 题\nbranch: yi\ndate: 2025-01-02\n---\n正文。\n";
    for text in [
        toml.to_owned(),
        yaml.to_owned(),
        format!("\u{feff}{toml}"),
        toml.replace('\n', "\r\n"),
        format!("\u{feff}{}", yaml.replace('\n', "\r\n")),
        format!("\n\n{toml}"),
    ] {
        let built = SiteTest::from_files(&[("content/records/yi/a.md", &text)]).build_clean();
        let json = built.json("records/a/index.json");
        assert_eq!(
            (json["title"].as_str(), json["date"].as_str(), json["kind"].as_str()),
            (Some("题"), Some("2025-01-02"), Some("other")),
            "{text:?}"
        );
        assert!(built.words_of("records/a/index.html").contains("正文。"), "{text:?}");
    }
}

#[test]
fn chinese_keys_are_keys() {
    assert_eq!(
        title(
            "+++\n\"记录号\" = \"a\"\n\"类型\" = \"其他记录\"\n\"标题\" = \"题\"\n\"支部\" = \"yi\"\n\"日期\" = \"2025-01-02\"\n+++\n"
        ),
        "题"
    );
    assert_eq!(title("---\n编号: a\n类型: 其他记录\n题名: 题\n所属支部: 第一党支部\n时间: 2025年1月2日\n---\n"), "题");
}

#[test]
fn a_bare_chinese_key_in_toml_is_told_to_be_quoted() {
    let told = told("+++\nid = \"a\"\n类型 = \"其他记录\"\n+++\n");
    assert!(told.contains("content/records/yi/a.md:3:1"), "{told}");
    assert!(told.contains("hint:") && told.contains("\"类型\" ="), "the hint shows the quoted key: {told}");
}

#[test]
fn an_unknown_key_is_an_error_at_its_place_with_the_nearest() {
    let told = told(&other("a", "2025-01-02", "plaec = \"会议室\"", ""));
    assert_eq!(
        told,
        "error[unknown-key] content/records/yi/a.md:7:1 ‹plaec› unknown key `plaec`\n  hint: did you mean `place`?\n"
    );
}

#[test]
fn one_key_under_two_names_is_told_with_both_places() {
    let told = told(&other("a", "2025-01-02", "\"题名\" = \"又\"", ""));
    assert!(told.starts_with("error[duplicate-key] content/records/yi/a.md:7:1"), "{told}");
    assert!(told.contains("  other: content/records/yi/a.md:4:1 ‹title› first written here"), "{told}");
}

#[test]
fn a_wrong_sort_of_value_is_told_at_the_value() {
    let told = told(
        "+++\nid = \"a\"\nkind = \"走访慰问\"\ntitle = \"题\"\nbranch = \"yi\"\ndate = \"2025-13-40\"\noccasion = \"春节\"\ncount = \"许多\"\n+++\n",
    );
    assert!(told.contains("a.md:6:8 ‹\"2025-13-40\"›"), "{told}");
    assert!(told.contains("a.md:8:9 ‹\"许多\"›"), "{told}");
    assert_eq!(told.matches("error[").count(), 2, "{told}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let files = [
        ("content/records/yi/a.md", "+++\nkind = \"othr\"\n+++\n"),
        (
            "content/records/yi/b.md",
            "+++\nid = \"B\"\nkind = \"other\"\ntitle = \"题\"\ndate = \"2025-01-02\"\nx = 1\n+++\n",
        ),
        ("content/about.md", "+++\ntitel = \"关于\"\n+++\n"),
    ];
    let told = SiteTest::from_files(&files).build().diagnostics;
    for code in [
        "error[unknown-kind] content/records/yi/a.md:2:8",
        "error[bad-id] content/records/yi/b.md:2:6",
        "error[unknown-key] content/records/yi/b.md:6:1",
        "error[unknown-key] content/about.md:2:1",
    ] {
        assert!(told.contains(code), "{code} in {told}");
    }
}

#[test]
fn an_open_fence_is_told_where_it_opens() {
    let told = told("+++\nid = \"a\"\n正文\n");
    assert!(told.starts_with("error[front-matter] content/records/yi/a.md:1:1 ‹+++›"), "{told}");
}

#[test]
fn broken_toml_and_broken_yaml_have_a_place() {
    for (text, line) in [("+++\nid = \"a\ntitle = 1\n+++\n", 2), ("---\nid: [a\ntitle: b\n---\n", 2)] {
        let told = told(text);
        let syntax = told
            .lines()
            .find(|l| l.starts_with("error[toml]") || l.starts_with("error[yaml]"))
            .unwrap_or_else(|| panic!("the syntax is told: {told}"));
        let at: usize = syntax
            .split("a.md:")
            .nth(1)
            .and_then(|r| r.split(':').next())
            .and_then(|n| n.parse().ok())
            .unwrap_or_else(|| panic!("a place in {told}"));
        assert!((line..=4).contains(&at), "{told}");
    }
}

#[test]
fn a_text_that_is_not_utf8_is_told_where_it_breaks() {
    let site = SiteTest::from_files(&[]);
    site.put_bytes("content/about.md", b"+++\ntitle = \"x\"\n+++\n\xc4\xe3\xba\xc3");
    let report = site.check().report;
    assert_eq!(
        report.diagnostics.iter().map(|d| (d.code, d.span.clone())).collect::<Vec<_>>(),
        [("encoding", Some(20..20))]
    );
}
