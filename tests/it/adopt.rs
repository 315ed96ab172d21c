//! An archive taken as it is: path rules, dates and titles found in names and texts, nothing written.

use crate::support::{Built, CONFIG, SiteTest, texts};
use std::fs::read_to_string;

const RULES: &str = "[[paths]]\npattern = \"sig/{branch}/meetings/**/{date}_{*}.md\"\nkind = \"minutes\"\ntitle = \"{date}例会\"\nkeywords = [\"例会\"]\n";

fn site(rules: &str, files: &[(&str, &str)]) -> SiteTest {
    let site = SiteTest::bare(&[("beilin.toml", &format!("{CONFIG}{rules}"))]);
    for (path, text) in files {
        site.put(&format!("content/{path}"), text);
    }
    site
}

/// Returns (title, date) of all records, in the archive's order.
fn records(built: &Built) -> Vec<(String, String)> {
    let all = built.json("data/records.json");
    let rows = all
        .as_array()
        .or_else(|| all["rows"].as_array())
        .or_else(|| all["records"].as_array())
        .unwrap_or_else(|| panic!("rows in {all}"));
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    rows.iter().map(|r| (text(&r["title"]), text(&r["date"]))).collect()
}

#[test]
fn a_path_says_kind_branch_and_date() {
    let built = site(RULES, &[("sig/arm/meetings/2025_09_04_meeting.md", "# 适配工作会议\n\n讨论。\n")]).build_clean();
    let json = built.json("records/sig-arm-meetings-2025-09-04-meeting/index.json");
    assert_eq!(
        (json["kind"].as_str(), json["branch"].as_str(), json["date"].as_str(), json["title"].as_str()),
        (Some("minutes"), Some("arm"), Some("2025-09-04"), Some("适配工作会议"))
    );
    assert_eq!(json["keywords"], serde_json::json!(["例会"]));
    assert!(built.has("branches/arm/index.html"), "a branch only records name has its page");
}

#[test]
fn dates_in_names_are_read_in_the_usual_spellings() {
    for name in ["2025_09_04_x", "2025-9-4_x", "20250904_x", "2025.09.04_x", "2025年9月4日_x", "２０２５年９月４日_x"]
    {
        let built = site(RULES, &[(&format!("sig/arm/meetings/{name}.md"), "话。")]).build_clean();
        assert_eq!(records(&built)[0].1, "2025-09-04", "{name}");
    }
}

#[test]
fn two_records_on_one_day_are_two() {
    for (a, b) in [
        ("2025_09_04_meeting", "2025_09_04_meeting-1"),
        ("2025_09_04_meeting_am", "2025_09_04_meeting_pm"),
        ("2025_09_04_上午", "2025_09_04_下午"),
        ("2025_09_04_meeting（1）", "2025_09_04_meeting（2）"),
    ] {
        let built = site(
            RULES,
            &[
                (&format!("sig/arm/meetings/{a}.md"), "# 其一\n\n甲。"),
                (&format!("sig/arm/meetings/{b}.md"), "# 其二\n\n乙。"),
            ],
        )
        .build_clean();
        let mut titles: Vec<String> = records(&built).into_iter().map(|(t, _)| t).collect();
        titles.sort();
        assert_eq!(titles, ["其一", "其二"], "{a} {b}");
    }
}

#[test]
fn crlf_bom_and_leading_spaces_change_nothing() {
    let plain = "# 例会记录之一\n\n## 议题\n\n1. 版本评审\n2. 进展同步\n";
    let expected = site(RULES, &[("sig/arm/meetings/2025_09_04_x.md", plain)]).build_clean();
    for text in [format!("\u{feff}{plain}"), plain.replace('\n', "\r\n"), format!(" {plain}"), format!("\n\n{plain}")] {
        let built = site(RULES, &[("sig/arm/meetings/2025_09_04_x.md", &text)]).build_clean();
        let page = "records/sig-arm-meetings-2025-09-04-x/index.html";
        assert_eq!(built.words_of(page), expected.words_of(page), "{text:?}");
    }
}

#[test]
fn names_in_chinese_alone_have_addresses_of_their_own() {
    let rules = "[[paths]]\npattern = \"文件/{title}.md\"\nkind = \"other\"\n";
    let built = site(rules, &[("文件/甲.md", "话。"), ("文件/乙.md", "话。"), ("文件/甲 乙.md", "话。")]).build_clean();
    let found = records(&built);
    assert_eq!(found.len(), 3);
    let pages: Vec<&str> = built
        .pages()
        .into_iter()
        .filter(|p| p.starts_with("records/r-") || p.starts_with("records/"))
        .filter(|p| p.matches('/').count() == 2)
        .collect();
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert!(pages.iter().all(|p| p.is_ascii()));
}

#[test]
fn a_title_that_says_nothing_is_replaced_by_the_rules_or_the_topics_in_brackets() {
    let topics = "# 2025/09/04\n\n## 议题\n\n1. 版本评审\n2. 进展同步\n";
    let own_title = site(RULES, &[("sig/arm/meetings/2025_09_04_x.md", topics)]).build_clean();
    assert_eq!(records(&own_title)[0].0, "2025年9月4日例会");
    let rules = RULES.replace("title = \"{date}例会\"\n", "");
    for heading in ["# 2025/09/04", "# 参会人员", "# 会议时间：", "# August 18, 2023 at 14:15pm GMT+8"] {
        let made = site(&rules, &[("sig/arm/meetings/2025_09_04_x.md", &topics.replace("# 2025/09/04", heading))])
            .build_fine();
        assert_eq!(records(&made)[0].0, "〔版本评审；进展同步〕", "{heading}");
    }
    let nothing = site(&rules, &[("sig/arm/meetings/2025_09_04_x.md", "# 2025/09/04\n\n话。\n")]).build_clean();
    assert_eq!(records(&nothing)[0].0, "〔会议记录〕");
}

#[test]
fn lists_of_like_titles_show_their_topics() {
    let file = |topic: &str| format!("# 例会纪要\n\n## 议题\n\n1. {topic}\n2. 其他事项\n");
    let built = site(
        RULES,
        &[
            ("sig/arm/meetings/2025_09_04_x.md", &file("版本评审")),
            ("sig/arm/meetings/2025_09_11_x.md", &file("许可证清理")),
        ],
    )
    .build_clean();
    let rows = texts(&built.page("archive/all/index.html"), "main li .m");
    assert!(rows.iter().any(|r| r.contains("版本评审")) && rows.iter().any(|r| r.contains("许可证清理")), "{rows:?}");
}

#[test]
fn where_name_and_text_give_different_dates_both_are_told() {
    let told = site(RULES, &[("sig/arm/meetings/2025_09_04_x.md", "# 例会纪要\n\n时间：2025年9月5日 15:00\n")])
        .build()
        .diagnostics;
    assert!(
        told.starts_with("warning[two-dates] content/sig/arm/meetings/2025_09_04_x.md")
            && told.contains("2025年9月4日")
            && told.contains("2025年9月5日"),
        "{told}"
    );
    let same = site(RULES, &[("sig/arm/meetings/2025_09_04_x.md", "# 例会纪要\n\n时间：2025-9-4 15:00\n")]).build();
    assert_eq!(same.diagnostics, "");
}

#[test]
fn front_matter_wins_over_the_path() {
    let built = site(
        RULES,
        &[(
            "sig/arm/meetings/2025_09_04_x.md",
            "+++\nid = \"x\"\ntitle = \"自己的题\"\ndate = \"2025-09-06\"\n+++\n话。\n",
        )],
    )
    .build_clean();
    assert_eq!(records(&built), [("自己的题".to_owned(), "2025-09-06".to_owned())]);
}

#[test]
fn a_text_without_front_matter_is_asked_for_nothing_and_its_broken_links_only_warn() {
    let rules = RULES.replace("minutes", "general-meeting");
    let built = site(&rules, &[("sig/arm/meetings/2025_09_04_x.md", "# 大会\n\n见[附件](没有.pdf)。\n")]).build_fine();
    assert!(
        built.diagnostics.starts_with("warning[dangling]")
            && built.diagnostics.lines().filter(|l| l.starts_with("warning")).count() == 1,
        "{}",
        built.diagnostics
    );
    assert!(
        texts(&built.page("records/sig-arm-meetings-2025-09-04-x/index.html"), ".txt p")
            .contains(&"见附件。".to_owned())
    );
}

#[test]
fn a_rule_that_names_an_unknown_kind_is_told() {
    let told =
        site(&RULES.replace("minutes", "minute"), &[("sig/arm/meetings/2025_09_04_x.md", "话。")]).build().diagnostics;
    assert!(told.contains("error[unknown-kind]") && told.contains("did you mean `minutes`?"), "{told}");
}

/// The real archive the design was tried on, where it is at hand: it must build and read well.
#[test]
fn a_real_archive_builds_without_an_error() {
    let folder = format!("{}/../shared/samples/minutes-zh", env!("CARGO_MANIFEST_DIR"));
    if read_to_string(format!("{folder}/sig/sig_compliance/meetings/2024/2024_12_13_meeting.md")).is_err() {
        eprintln!("no samples at {folder}: passed over");
        return;
    }
    let rules = "[[paths]]\npattern = \"sig/{branch}/meetings/**/{date}_{*}.md\"\nkind = \"minutes\"\n[[paths]]\npattern = \"sig/{branch}/**/{title}.md\"\nkind = \"other\"\n";
    let site = SiteTest::bare(&[("beilin.toml", &format!("{CONFIG}{rules}"))]);
    site.copy_folder(&folder, "content", &[]);
    let built = site.build_fine();
    let found = records(&built);
    assert!(found.len() > 40, "{}", found.len());
    let mut titles: Vec<&String> = found.iter().map(|(t, _)| t).collect();
    titles.sort();
    titles.dedup();
    assert!(titles.len() * 2 > found.len(), "{} titles for {} records", titles.len(), found.len());
}
