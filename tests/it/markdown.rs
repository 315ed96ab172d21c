//! Markdown on the page: what a record's text becomes between the facts and the foot.

use crate::support::{Built, SiteTest, attributes, other, selector, texts};

const PAGE: &str = "records/a/index.html";
/// A transparent picture of one dot.
const DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

fn site(body: &str) -> SiteTest {
    SiteTest::from_files(&[
        ("content/records/yi/a/index.md", &other("a", "2025-01-02", "", body)),
        ("content/records/yi/a/p.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"6\"/>"),
    ])
}

fn built(body: &str) -> Built {
    site(body).build_clean()
}

/// Returns what the text part of the page is, as HTML on one line.
fn text(body: &str) -> String {
    let page = built(body).page(PAGE);
    let html: Vec<String> = page.select(&selector(".txt")).map(|e| e.inner_html()).collect();
    crate::support::words(&html.concat())
}

#[test]
fn emphasis_beside_chinese_punctuation_is_emphasis() {
    for (written, expected) in [
        ("**重要。**然后", "<strong>重要。</strong>然后"),
        ("落实**“三会一课”**制度", "落实<strong>“三会一课”</strong>制度"),
        ("他说**「真」**的", "他说<strong>「真」</strong>的"),
        ("**重点（注）**后文", "<strong>重点（注）</strong>后文"),
        ("~~删，~~后", "<del>删，</del>后"),
        ("*斜。*后", "<em>斜。</em>后"),
    ] {
        let html = text(written);
        assert!(html.contains(expected), "{written}: {html}");
    }
}

#[test]
fn a_line_end_between_han_characters_is_no_space() {
    assert!(text("第一行\n第二行").contains("第一行第二行"));
    assert!(text("line one\nline two").contains("line one line two"));
}

#[test]
fn braces_are_text() {
    let html = text("写作 {{ site.title }} 和 {% if %}，不是模板。");
    assert!(html.contains("{{ site.title }} 和 {% if %}"), "{html}");
}

#[test]
fn headings_have_ascii_anchors_that_differ() {
    let page =
        built("## 背景\n\n话。\n\n## 做法\n\n话。\n\n## 做法\n\n话。\n\n## 成效 {#chengxiao}\n\n话。").page(PAGE);
    let ids = attributes(&page, ".txt h2[id]", "id");
    assert_eq!(ids.len(), 4, "{ids:?}");
    assert!(ids.iter().all(|i| i.is_ascii() && !i.is_empty()) && ids[3] == "chengxiao", "{ids:?}");
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 4, "{ids:?}");
    let toc: Vec<String> = ids.iter().map(|i| format!("#{i}")).collect();
    assert_eq!(attributes(&page, ".toc a", "href"), toc, "the table of contents leads to each");
}

#[test]
fn an_anchor_does_not_change_when_something_else_does() {
    let id = |body: &str| attributes(&built(body).page(PAGE), ".txt h2[id]", "id").last().cloned();
    assert_eq!(id("## 做法"), id("## 背景\n\n话。\n\n## 做法"));
}

#[test]
fn a_picture_alone_is_a_figure_with_its_caption_and_beside_the_page() {
    let built = built("![井盖](p.svg \"巡查井盖\")");
    let page = built.page(PAGE);
    assert_eq!(texts(&page, ".txt figure figcaption"), ["巡查井盖"]);
    assert_eq!(attributes(&page, ".txt figure img", "alt"), ["井盖"]);
    assert_eq!(attributes(&page, ".txt figure img", "src"), ["../../records/a/p.svg"]);
    assert!(built.has("records/a/p.svg"));
}

#[test]
fn an_embedded_picture_becomes_a_file() {
    let built = built(&format!("![点]({DOT})"));
    let src = attributes(&built.page(PAGE), ".txt img", "src");
    assert_eq!(src.len(), 1);
    let path = format!("records/a/{}", src[0]);
    assert!(path.ends_with(".png") && built.bytes(&path).starts_with(b"\x89PNG"), "{src:?}");
    assert_eq!(built.holding("base64,"), Vec::<&str>::new());
}

#[test]
fn attachments_are_listed_with_kind_and_size() {
    let site = site("话。");
    site.put("content/records/yi/a/签到表.csv", &"甲,乙\n".repeat(300));
    site.edit("content/records/yi/a/index.md", "date =", "attachments = [{ title = \"签到表\", file = \"签到表.csv\" }, { title = \"表决票\", note = \"纸质原件存支部\" }]\ndate =");
    let page = site.build_clean().page(PAGE);
    let files = texts(&page, ".files li");
    assert!(
        files[0].contains("签到表") && files[0].contains("CSV") && (files[0].contains("KB") || files[0].contains("K")),
        "{files:?}"
    );
    assert!(files[1].contains("表决票") && files[1].contains("纸质原件存支部"), "{files:?}");
    assert_eq!(
        attributes(&page, ".files a", "href"),
        ["../../records/a/%E7%AD%BE%E5%88%B0%E8%A1%A8.csv", "../../records/a/p.svg"]
    );
}

#[test]
fn tables_notes_tasks_and_definitions_are_there() {
    let html =
        text("| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n文[^1]。\n\n[^1]: 注。\n\n- [x] 做了\n- [ ] 没做\n\n术语\n: 释义\n");
    for part in ["<table", "<td>1</td>", "class=\"footnotes\"", "type=\"checkbox\"", "<dt>术语</dt>", "<dd>释义</dd>"]
    {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn allowed_html_passes_and_the_rest_is_dropped_with_a_warning_at_its_place() {
    assert!(text("甲<br>乙 <ruby>碑<rt>bēi</rt></ruby>").contains("<ruby>碑<rt>bēi</rt></ruby>"));
    let site = site(
        "话<script>alert(1)</script>完。\n\n<iframe src=\"https://x.example/\"></iframe>\n\n<a href=\"javascript:alert(1)\" onclick=\"x()\">点</a>",
    );
    let built = site.build_fine();
    assert!(
        built.diagnostics.contains("warning[markdown] content/records/yi/a/index.md:9:2 ‹<script>"),
        "{}",
        built.diagnostics
    );
    assert!(built.diagnostics.contains("content/records/yi/a/index.md:11:1 ‹<iframe"), "{}", built.diagnostics);
    assert!(built.diagnostics.contains("content/records/yi/a/index.md:13:"), "{}", built.diagnostics);
    let main = built.main_of(PAGE);
    for bad in ["alert(1)", "<iframe", "onclick", "javascript:"] {
        assert!(!main.contains(bad), "{bad} in {main}");
    }
}

#[test]
fn addresses_that_act_are_left_out() {
    for bad in ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "vbscript:x", "data:text/html,x", "file:///etc/passwd"] {
        let built = site(&format!("见 [此处]({bad}) 文。")).build();
        assert!(!built.diagnostics.is_empty(), "{bad} is told");
        if built.has(PAGE) {
            assert_eq!(attributes(&built.page(PAGE), ".txt p a", "href"), Vec::<String>::new(), "{bad}");
        }
    }
}

#[test]
fn a_link_within_a_link_is_its_text() {
    assert!(
        text("[见 <https://b.example/> 一文](https://a.example/)")
            .contains("<a href=\"https://a.example/\" rel=\"noopener noreferrer\">见 https://b.example/ 一文</a>")
    );
}

#[test]
fn an_excerpt_counts_characters() {
    let site = site(&"字".repeat(300));
    site.put("beilin.toml", &format!("{}[content]\nexcerpt = 20\n", crate::support::CONFIG));
    let summary = site.build_clean().json("records/a/index.json")["summary"].as_str().unwrap_or_default().to_owned();
    let count = summary.chars().filter(|c| *c == '字').count();
    assert!((18..=20).contains(&count), "{summary}");
}
