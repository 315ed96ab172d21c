//! What goes out elsewhere (传播渠道): articles for a public account, panels, volumes, the cards of a wall screen.

use crate::support::{CONFIG, SiteTest, assert_same_site, png, texts};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

const CHANNELS: &str = "\n[channels]\nwechat = [\"activity\"]\npanels = [\"activity\"]\npanel_size = \"600x800\"\nvolumes = true\nkiosk = true\n";

fn day(id: &str, date: &str, more: &str, body: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\nkind = \"theme-party-day\"\ntitle = \"题{id}\"\nbranch = \"yi\"\ndate = \"{date}\"\ntheme = \"护林\"\norganiser = \"周一山\"\nactivities = [\"学习\"]\n{more}\n+++\n{body}\n"
    )
}

fn site() -> SiteTest {
    let body = "# 题a\n\n## 经过\n\n见[网站](https://e.example/x?a=1&b=2)和[下一件](b.md)。\n\n| 甲 | 乙 |\n|---|---|\n| 一 | 二 |\n\n![树](p.png)\n";
    let config = format!("{CONFIG}{CHANNELS}");
    let site = SiteTest::from_files(&[
        ("beilin.toml", &config),
        ("content/records/a.md", &day("a", "2025-03-05", "[[pictures]]\nfile = \"p.png\"\nalt = \"树\"", body)),
        ("content/records/b.md", &day("b", "2025-04-02", "audience = \"unit\"", "## 经过\n\n内部的话。\n")),
        ("content/records/c.md", &day("c", "2024-04-02", "", "去年的话。\n")),
    ]);
    site.put_bytes("content/records/p.png", &png(1, 64, 36));
    site
}

#[test]
fn an_article_is_one_section_with_its_looks_and_lists_what_is_to_be_uploaded() {
    let built = site().build_fine();
    let html = built.text("wechat/a.html");
    assert!(html.starts_with("<section style=\"") && html.trim_end().ends_with("</section>"), "{html}");
    for gone in ["class=", "id=\"", "<img", "href=", "<script", "<svg", "<h2", "<div", "srcset"] {
        assert!(!html.contains(gone), "{gone} in {html}");
    }
    for there in
        ["border: 1px solid #cccccc", "网站[1]", "[1] https://e.example/x?a=1&amp;b=2", "https://t.example/records/a/"]
    {
        assert!(html.contains(there), "{there} in {html}");
    }
    let list = built.text("wechat/a.images.txt");
    let files: Vec<&str> = list.lines().filter_map(|l| l.split('\t').nth(1)).collect();
    assert_eq!(files.len(), 2, "the picture once, and the code: {list}");
    for file in files {
        assert!(built.has(file), "{file} is there to be uploaded");
    }
    assert!(built.bytes("wechat/a/qr.png").starts_with(b"\x89PNG"));
    let page = built.page("wechat/a/index.html");
    let counted = texts(&page, ".wx-m dd").concat();
    assert!(counted.contains(&format!("{} / 20000", html.chars().count())), "{counted}");
    assert!(!built.has("wechat/b.html"), "what is internal goes to no public account");
    assert!(
        built.text("wechat/a/index.html").contains("style-src-attr"),
        "looks on elements, and no style sheet in the page"
    );
    let site = site();
    site.edit("beilin.toml", "base_url = \"https://t.example/\"\n", "");
    let html = site.build_fine().text("wechat/a.html").to_owned();
    assert!(
        html.contains("网站[1]") && html.contains("下一件</span>"),
        "a link within a site that has no address is no note: {html}"
    );
}

#[test]
fn a_volume_holds_a_years_records_in_order_and_follows_their_texts() {
    let site = site();
    let built = site.build_fine();
    let page = built.page("branches/yi/volume/2025/index.html");
    assert_eq!(texts(&page, ".vol-item > header h2"), ["题a", "题b"]);
    assert_eq!(texts(&page, ".vol-toc td:nth-child(2)"), ["题a", "题b"]);
    let html = built.text("branches/yi/volume/2025/index.html");
    assert_eq!(html.matches("经过</h2>").count(), 2);
    assert!(!html.contains("id=\"经过\""), "two records with one heading are two places on one page");
    assert!(built.has("branches/yi/volume/2024/index.html"));
    // A body alone is edited: the short way of a build would not see the volume.
    site.edit("content/records/b.md", "内部的话", "内部的新话");
    let built = site.build_fine();
    assert!(built.text("branches/yi/volume/2025/index.html").contains("内部的新话"));
    let clean = self::site();
    clean.edit("content/records/b.md", "内部的话", "内部的新话").build_fine();
    assert_same_site(&site.out(), &clean.out());
}

#[test]
fn an_article_and_a_panel_follow_the_text_of_their_record() {
    let site = site();
    site.edit("beilin.toml", "volumes = true\n", "");
    site.build_fine();
    site.edit("content/records/a.md", "和[下一件]", "又见[下一件]");
    let built = site.build_fine();
    assert!(built.text("wechat/a.html").contains("又见"));
    assert!(built.text("records/a/index.html").contains("又见"));
}

#[test]
fn the_kiosk_needs_no_other_file_and_names_nobody_unless_it_may() {
    let site = site();
    let built = site.build_fine();
    let html = built.text("kiosk.html");
    let within = |from: &str, to: &str| {
        html.split_once(from).and_then(|(_, r)| r.split_once(to)).map(|(t, _)| t).expect("is there")
    };
    let policy = within("content=\"", "\"").replace("&#39;", "'").replace("&#x27;", "'");
    for (part, text) in [("style-src", within("<style>", "</style>")), ("script-src", within("<script>", "</script>"))]
    {
        let digest = base64::prelude::BASE64_STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("{part} 'sha256-{digest}'")), "{part}: {policy}");
    }
    assert!(!html.contains("src=") && !html.contains("<link"), "{html}");
    assert!(html.contains("题a") && !html.contains("题b"), "a hall is seen by everybody");
    assert!(!html.contains("周一山"), "{html}");
    site.edit("beilin.toml", "kiosk = true", "kiosk = true\nkiosk_names = true\nkiosk_audience = \"unit\"");
    let built = site.build_fine();
    assert!(built.text("kiosk.html").contains("周一山") && built.text("kiosk.html").contains("题b"));
}

#[test]
fn a_panel_tells_of_a_picture_too_coarse_for_its_size() {
    let built = site().build_fine();
    let html = built.text("panels/a.html");
    assert!(html.contains("size: 606mm 806mm"), "{html}");
    // 64 dots on 58 % of 600 mm are 4 dots an inch.
    assert!(html.contains("只有 4 dpi") && html.contains("class=\"qr\""), "{html}");
    assert!(!built.has("panels/b.html"));
}

#[test]
fn what_channels_cannot_be_is_told_at_its_place() {
    let site = site();
    site.edit(
        "beilin.toml",
        "wechat = [\"activity\"]",
        "wechat = [\"activty\"]\nkiosk_night = \"夜里\"\nkiosk_seconds = 9999",
    );
    site.edit("beilin.toml", "600x800", "大的");
    let told = site.build().diagnostics;
    for there in
        ["`大的` is no size of a panel", "`夜里` is no stretch of time", "`kiosk_seconds` should be between 2 and 3600"]
    {
        assert!(told.contains(there), "{there} in {told}");
    }
    site.edit("beilin.toml", "大的", "600x800").edit("beilin.toml", "夜里", "off").edit("beilin.toml", "9999", "9");
    let told = site.build().diagnostics;
    assert!(told.contains("`activty` in [channels] is no class of kinds") && told.contains("activity"), "{told}");
}

#[test]
fn no_channel_is_made_unasked() {
    let site = site();
    site.edit("beilin.toml", CHANNELS, "");
    let built = site.build_fine();
    for gone in
        ["channels/index.html", "wechat/a.html", "panels/a.html", "kiosk.html", "branches/yi/volume/2025/index.html"]
    {
        assert!(!built.has(gone), "{gone}");
    }
    assert!(built.text("records/a/index.html").contains("class=\"qr\""), "every page has its code all the same");
}

#[test]
fn numbers_of_briefings_follow_one_another() {
    let issue = |id: &str, date: &str, no: i64, total: i64| {
        format!(
            "+++\nid = \"{id}\"\nkind = \"briefing\"\ntitle = \"简报{id}\"\nbranch = \"yi\"\ndate = \"{date}\"\nissue = {no}\ntotal_issue = {total}\neditor = \"编\"\n+++\n话。\n"
        )
    };
    let site = SiteTest::from_files(&[
        ("content/records/a.md", &issue("a", "2024-11-05", 7, 30)),
        ("content/records/b.md", &issue("b", "2024-12-05", 8, 31)),
        ("content/records/c.md", &issue("c", "2025-01-05", 1, 32)),
        ("content/records/d.md", &issue("d", "2025-02-05", 2, 33)),
    ]);
    site.build_clean();
    site.edit("content/records/d.md", "issue = 2\n", "issue = 4\n");
    let told = site.build_fine().diagnostics;
    assert!(told.contains("warning[briefing-number] content/records/d.md:7:9 ‹4›"), "{told}");
    assert!(told.contains("the issue goes from 1 to 4: 2 are missing"), "{told}");
    site.edit("content/records/d.md", "issue = 4\n", "issue = 2\n").edit("content/records/d.md", "= 33", "= 32");
    assert!(site.build_fine().diagnostics.contains("the running number 32 is taken"));
    site.edit("content/records/d.md", "= 32", "= 29");
    assert!(site.build_fine().diagnostics.contains("the running number 29 comes after 32"));
}
