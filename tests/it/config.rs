//! `beilin.toml`: every documented key is read, every other is told.

use crate::support::{CONFIG, SiteTest, attributes, texts};
use beilin::config::{self, Config};
use beilin::model::schema::{Field, FieldType};

fn read(text: &str) -> (Config, Vec<&'static str>) {
    let mut out = Vec::new();
    let config = config::read(text, &mut out);
    (config, out.iter().map(|d| d.code).collect())
}

/// Two values that fit a key and differ from each other and from what holds without it.
fn values(group: &str, field: &Field) -> [String; 2] {
    let text = |a: &str| format!("\"{a}\"");
    match (group, field.key.as_str(), field.sort) {
        (_, "endpoint", _) => [text("/api/search"), text("https://b.example/search")],
        (_, "panel_size", _) => [text("600x800"), text("700×900")],
        (_, "kiosk_night", _) => [text("off"), text("23:00-05:00")],
        (_, "widths", _) => ["[100]".into(), "[200]".into()],
        (_, "base_url", _) => [text("https://a.example/"), text("https://b.example/")],
        (_, _, FieldType::Choice) => {
            let mut own: Vec<&String> = field.options.iter().rev().collect();
            own.truncate(2);
            [text(own[0]), text(own[1])]
        }
        (_, _, FieldType::Int) => ["11".into(), "12".into()],
        (_, _, FieldType::Bool) => ["true".into(), "false".into()],
        ("security", "hosts", _) => ["[\"https://a.example\"]".into(), "[\"https://b.example:8443\"]".into()],
        ("colors", "slate" | "seal" | "bronze" | "seal_fill_dark", _) => [text("#1b3a39"), text("#333")],
        ("colors", _, _) => [text("#eee"), text("#ddeedd")],
        (_, _, FieldType::List) => ["[\"a\"]".into(), "[\"b\"]".into()],
        (_, _, FieldType::Text) => [text("aa"), text("bb")],
        (group, key, sort) => panic!("{group}.{key} is a {sort:?}: give it values here"),
    }
}

/// Writes a configuration in which one key has a value.
fn with(group: &Field, field: &Field, value: &str) -> String {
    let mut text = String::from("[site]\n");
    if !(group.key == "site" && field.key == "title") {
        text += "title = \"站\"\n";
    }
    if group.key != "site" {
        text += &match group.sort {
            FieldType::Rows => format!("[[{}]]\n", group.key),
            _ => format!("[{}]\n", group.key),
        };
        for other in
            group.columns.iter().filter(|c| c.need == beilin::model::schema::Need::Required && c.key != field.key)
        {
            text += &format!("{} = \"x\"\n", other.key);
        }
    }
    text + &format!("{} = {value}\n", field.key)
}

#[test]
fn every_documented_key_changes_what_is_read() {
    for group in config::keys() {
        for field in &group.columns {
            let [a, b] = values(&group.key, field);
            let ((one, told_a), (two, told_b)) = (read(&with(&group, field, &a)), read(&with(&group, field, &b)));
            assert_eq!((told_a, told_b), (vec![], vec![]), "{}.{}", group.key, field.key);
            assert_ne!(format!("{one:?}"), format!("{two:?}"), "{}.{} is documented and read", group.key, field.key);
        }
    }
}

#[test]
fn every_default_in_the_documentation_is_the_default() {
    for group in config::keys().into_iter().filter(|g| g.sort == FieldType::Group) {
        for field in group.columns.iter().filter(|f| !f.default.is_empty() && f.key != "seal") {
            let value = match field.sort {
                FieldType::Int | FieldType::Bool | FieldType::List => field.default.clone(),
                _ => format!("\"{}\"", field.default),
            };
            let (written, told) = read(&with(&group, field, &value));
            assert!(told.is_empty(), "{}.{}: {told:?}", group.key, field.key);
            assert_eq!(
                format!("{written:?}"),
                format!("{:?}", read("[site]\ntitle = \"站\"\n").0),
                "{}.{}",
                group.key,
                field.key
            );
        }
    }
}

#[test]
fn an_unknown_key_is_told_with_the_nearest() {
    let site = SiteTest::from_files(&[(
        "beilin.toml",
        "[site]\ntitle = \"站\"\nbase_ulr = \"https://a.example/\"\n[outptu]\n[output]\npagesize = 3\n",
    )]);
    let told = site.check().diagnostics;
    for words in [
        "error[unknown-key] beilin.toml:3:1 ‹base_ulr›",
        "did you mean `base_url`?",
        "error[unknown-key] beilin.toml:4:2 ‹outptu›",
        "did you mean `output`?",
        "error[unknown-key] beilin.toml:6:1 ‹pagesize›",
        "did you mean `page_size`?",
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
}

#[test]
fn impossible_values_are_told_at_the_value() {
    for (text, place) in [
        ("base_url = \"dj.example\"", "beilin.toml:3:12"),
        ("base_url = \"https://a b/\"", "beilin.toml:3:12"),
        ("audience = \"everybody\"", "beilin.toml:3:12"),
        ("language = \"fr\"", "beilin.toml:3:12"),
        ("theme = \"../x\"", "beilin.toml:3:9"),
        ("[output]\npage_size = 0", "beilin.toml:4:13"),
        ("[output]\ndir = \"../x\"", "beilin.toml:4:7"),
        ("[output]\ndir = \"/tmp\"", "beilin.toml:4:7"),
        ("[content]\ndir = \"a/../..\"", "beilin.toml:4:7"),
    ] {
        let site = SiteTest::from_files(&[("beilin.toml", &format!("[site]\ntitle = \"站\"\n{text}\n"))]);
        let told = site.check().diagnostics;
        assert!(told.starts_with("error[") && told.contains(place), "{text}: {told}");
    }
}

#[test]
fn the_output_folder_may_not_hold_the_content() {
    for dir in ["content", "themes", "content/public"] {
        let site = SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}[output]\ndir = \"{dir}\"\n"))]);
        let report = beilin::build(
            &site.disk,
            &beilin::Input { root: "s".into(), out: None, as_of: None },
            &beilin::build::Unwatched,
        );
        assert!(report.is_err() || report.is_ok_and(|r| r.failed()), "{dir}");
    }
}

#[test]
fn an_emblem_that_is_not_there_is_told() {
    let site = SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}emblem = \"徽.svg\"\n"))]);
    assert!(site.build().diagnostics.contains("error[no-file]"));
    site.put("徽.svg", "<svg/>");
    let built = site.build_clean();
    assert_eq!(built.text("assets/emblem.svg"), "<svg/>");
    assert_eq!(attributes(&built.page("index.html"), "img.emblem", "src"), ["./assets/emblem.svg"]);
}

#[test]
fn what_is_absent_is_not_shown() {
    let built =
        SiteTest::bare(&[("beilin.toml", "[site]\ntitle = \"站\"\n"), ("content/_index.md", "话。")]).build_clean();
    let foot = texts(&built.page("index.html"), ".foot").concat();
    for word in ["ICP", "公网安备", "网站标识", "主办", "联系"] {
        assert!(!foot.contains(word), "{word} in {foot}");
    }
    let site = SiteTest::bare(&[
        (
            "beilin.toml",
            "[site]\ntitle = \"站\"\n[identity]\nicp = \"云ICP备1号\"\ngongan = \"云公网安备2号\"\ncode = \"3333333333\"\n",
        ),
        ("content/_index.md", "话。"),
    ]);
    let foot = |built: &crate::support::Built| texts(&built.page("index.html"), ".foot").concat();
    assert!(["云ICP备1号", "云公网安备2号", "3333333333"].iter().all(|w| foot(&site.build_clean()).contains(w)));
    site.edit("beilin.toml", "title = \"站\"", "title = \"站\"\nprofile = \"intranet\"");
    assert!(
        ["云ICP备1号", "云公网安备2号"].iter().all(|w| !foot(&site.build_clean()).contains(w)),
        "an intranet shows no filings"
    );
}

#[test]
fn files_to_ignore_are_not_read() {
    let site = SiteTest::from_files(&[
        ("beilin.toml", &format!("{CONFIG}[content]\nignore = [\"草稿/**\", \"**/*.bak.md\"]\n")),
        ("content/草稿/a/b.md", "+++\nkind = \"x\"\n+++\n"),
        ("content/c.bak.md", "话。"),
    ]);
    let built = site.build_clean();
    assert!(!built.has("c-bak/index.html"));
}

#[test]
fn a_configuration_that_is_not_there_is_the_machines_fault() {
    let site = SiteTest::bare(&[("content/_index.md", "话。")]);
    let input = beilin::Input { root: "s".into(), out: None, as_of: None };
    assert!(beilin::build(&site.disk, &input, &beilin::build::Unwatched).is_err());
}

#[test]
fn paths_in_the_configuration_stay_inside_the_site() {
    let told = |line: &str| SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}{line}\n"))]).build().diagnostics;
    for line in [
        "emblem = \"../../etc/passwd\"",
        "emblem = \"/etc/passwd\"",
        "[content]\nkinds = [\"../k.toml\"]",
        "[output]\ndir = \"content/public\"",
    ] {
        assert!(told(line).contains("error[bad-value]"), "{line}: {}", told(line));
    }
}

#[test]
fn a_misspelt_place_in_a_path_rule_is_an_error() {
    let told = SiteTest::from_files(&[(
        "beilin.toml",
        &format!("{CONFIG}[[paths]]\npattern = \"a/{{brnach}}/{{date}}.md\"\n"),
    )])
    .build()
    .diagnostics;
    assert!(told.contains("error[bad-pattern]") && told.contains("brnach"), "{told}");
}

#[test]
fn a_navigation_that_leads_nowhere_is_an_error() {
    let told =
        SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}[[nav]]\nlabel = \"支部\"\nurl = \"branch/\"\n"))])
            .build()
            .diagnostics;
    assert!(told.contains("error[dangling]") && told.contains("`branches/`"), "{told}");
}
