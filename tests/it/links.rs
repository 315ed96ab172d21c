//! Links in texts: `@/` and relative paths, anchors, files, addresses of the finished site.

use crate::support::{SiteTest, attributes, other, png, texts};

fn site(body: &str) -> SiteTest {
    let site = SiteTest::from_files(&[
        ("content/records/yi/a/index.md", &other("a", "2025-01-02", "", body)),
        ("content/records/yi/a/签到 表.csv", "甲,乙\n"),
        ("content/records/yi/b.md", &other("b", "2025-01-03", "", "## 一、背景\n\n话。\n\n## 做法 {#zuofa}\n\n话。")),
        ("content/about.md", "+++\ntitle = \"关于\"\n+++\n话。\n"),
        ("content/manual/_index.md", "+++\ntitle = \"手册\"\n+++\n话。\n"),
    ]);
    site.put_bytes("content/图/p.png", &png(1, 12, 8));
    site
}

fn hrefs(body: &str) -> Vec<String> {
    attributes(&site(body).build_clean().page("records/a/index.html"), ".txt p a", "href")
}

#[test]
fn every_way_to_write_a_link_leads_there() {
    let cases = [
        ("[b](@/records/yi/b.md)", "../../records/b/"),
        ("[b](../b.md)", "../../records/b/"),
        ("[b](..\\b.md)", "../../records/b/"),
        ("[b](../b.md#zuofa)", "../../records/b/#zuofa"),
        ("[b](/records/b/)", "../../records/b/"),
        ("[b](@/about.md)", "../../about/"),
        ("[b](@/manual/)", "../../manual/"),
        ("[b](@/branches/yi.md)", "../../branches/yi/"),
        ("[b](@/organisations/org.md)", "../../branches/#org-org"),
        ("[b](<签到 表.csv>)", "../../records/a/%E7%AD%BE%E5%88%B0%20%E8%A1%A8.csv"),
        ("[b](%E7%AD%BE%E5%88%B0%20%E8%A1%A8.csv)", "../../records/a/%E7%AD%BE%E5%88%B0%20%E8%A1%A8.csv"),
        ("[b](@/图/p.png)", "../../files/%E5%9B%BE/p.png"),
        ("[b](https://www.gov.cn/x?a=1&b=2)", "https://www.gov.cn/x?a=1&b=2"),
    ];
    for (written, expected) in cases {
        assert_eq!(hrefs(&format!("见 {written} 文。")), [expected], "{written}");
    }
}

#[test]
fn a_file_that_is_linked_is_published() {
    let built = site("[表](<签到 表.csv>)，[图](@/图/p.png)").build_clean();
    assert_eq!(built.bytes("records/a/签到 表.csv"), "甲,乙\n".as_bytes());
    assert_eq!(built.bytes("files/图/p.png"), png(1, 12, 8));
}

#[test]
fn a_file_nobody_names_outside_a_record_is_not_published() {
    let built = site("无").build_clean();
    assert!(!built.has("files/图/p.png"));
    assert!(built.has("records/a/签到 表.csv"), "what lies in a record's own folder belongs to it");
    assert!(texts(&built.page("records/a/index.html"), ".files a").contains(&"签到 表.csv".to_owned()));
}

#[test]
fn a_link_that_leads_nowhere_is_an_error_at_its_place() {
    let told = |body: &str| site(body).build().diagnostics;
    assert_eq!(
        told("见 [b](@/records/yi/bb.md)。"),
        "error[dangling] content/records/yi/a/index.md:9:7 ‹@/records/yi/bb.md› no file at `records/yi/bb.md`\n  hint: did you mean `@/records/yi/b.md`?\n"
    );
    assert_eq!(
        told("[b](@/old/b.md)"),
        "error[dangling] content/records/yi/a/index.md:9:5 ‹@/old/b.md› no file at `old/b.md`\n  hint: did you mean `@/records/yi/b.md`?\n"
    );
    assert!(
        told("[b](../b.md#zuofaa)")
            .contains("no anchor `#zuofaa` in `records/yi/b.md`\n  hint: did you mean `#zuofa`?")
    );
    assert!(told("[b](#nowhere)").contains("no anchor `#nowhere` on this page"));
    assert!(told("[b](../../../../x.md)").contains("leads out of the content folder"));
    assert!(told("[b](/records/zz/)").contains("no page at `/records/zz/`"));
    assert!(told("![图](meiyou.png)").contains("error[dangling]"));
}

#[test]
fn every_link_that_leads_nowhere_is_told() {
    let told = site("[一](x.md)，[二](y.md)。\n\n[三](x.md)").build().diagnostics;
    assert_eq!(told.matches("error[dangling]").count(), 3, "the third is at another place than the first: {told}");
}

#[test]
fn a_files_name_in_front_matter_is_checked() {
    let site = site("话");
    site.edit(
        "content/records/yi/a/index.md",
        "date =",
        "attachments = [{ title = \"表\", file = \"签到表.csv\" }]\ndate =",
    );
    let told = site.build().diagnostics;
    assert!(
        told.contains("error[no-file] content/records/yi/a/index.md:6:")
            && told.contains("did you mean `签到 表.csv`?"),
        "{told}"
    );
}

#[test]
fn links_may_name_index_html_so_that_a_copy_opens_from_a_folder() {
    let site = site("[b](../b.md#zuofa)");
    site.put("beilin.toml", &format!("{}[output]\nindex_in_links = true\n", crate::support::CONFIG));
    let built = site.build_clean();
    assert_eq!(
        attributes(&built.page("records/a/index.html"), ".txt p a", "href"),
        ["../../records/b/index.html#zuofa"]
    );
    for path in built.pages().into_iter().filter(|p| *p != "404.html") {
        for href in attributes(&built.page(path), "a", "href") {
            let route = href.split('#').next().unwrap_or("");
            assert!(
                !route.ends_with('/') || route.starts_with("http"),
                "{path} links to {href}, which a folder does not open"
            );
        }
    }
}
