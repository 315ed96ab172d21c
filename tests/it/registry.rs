//! The registry: names by date, mergers, terms of committees, old addresses.

use crate::support::{SiteTest, attributes, other, texts};

const BRANCH: &str = r#"+++
id = "yi"
name = "夜巡大队党支部"
parent = "org"
founded = "2012-03"
aliases = ["old-yi"]
members = { full = 23, probationary = 2, asof = "2026-06-30" }
party_day = { day = 18 }
class = "后进"
[[names]]
name = "机动大队党支部"
from = "2012-03"
to = "2021-06"
[[names]]
name = "夜巡大队党支部"
from = "2021-06"
[[committee]]
term = "第二届"
from = "2020-04"
to = "2024-04"
posts = [{ post = "书记", name = "旧书记" }]
[[committee]]
term = "第三届"
from = "2024-04"
posts = [{ post = "书记", name = "周衡", from = "2024-04" }]
[[groups]]
id = "g1"
name = "第一党小组"
leader = "陈砚"
[[events]]
date = "2021-06"
event = "renamed"
docno = "云公党〔2021〕3号"
+++
介绍。
"#;

fn site() -> SiteTest {
    SiteTest::from_files(&[
        ("content/branches/yi.md", BRANCH),
        ("content/records/yi/a.md", &other("a", "2019-05-01", "", "旧事。")),
        ("content/records/yi/b.md", &other("b", "2025-05-01", "", "新事。")),
    ])
}

#[test]
fn a_record_of_2019_shows_the_name_of_2019() {
    let built = site().build_clean();
    let (old, new) = (built.page("records/a/index.html"), built.page("records/b/index.html"));
    assert!(texts(&old, ".ph .who")[0].contains("机动大队党支部"), "{:?}", texts(&old, ".ph .who"));
    assert!(texts(&new, ".ph .who")[0].contains("夜巡大队党支部"));
    assert_eq!(built.json("records/a/index.json")["branch_name"], "机动大队党支部");
    assert!(texts(&old, ".cite")[0].contains("机动大队党支部"), "the citation names the branch of the day");
    let list = texts(&built.page("archive/all/index.html"), "main li .m");
    assert!(
        list.iter().any(|m| m.contains("机动大队党支部")) && list.iter().any(|m| m.contains("夜巡大队党支部")),
        "{list:?}"
    );
}

#[test]
fn a_record_leads_to_the_branch_of_today_whatever_it_was_called() {
    let built = site().build_clean();
    assert!(
        attributes(&built.page("records/a/index.html"), ".ph .who a", "href")
            .contains(&"../../branches/yi/".to_owned())
    );
}

#[test]
fn a_record_may_name_its_branch_by_an_old_name() {
    let site = site();
    site.put(
        "content/records/x.md",
        &other("x", "2018-01-01", "", "").replace("branch = \"yi\"", "branch = \"机动大队党支部\""),
    );
    assert_eq!(site.build_clean().json("records/x/index.json")["branch"], "yi");
}

#[test]
fn a_branch_page_shows_organisation_committee_groups_and_history() {
    let page = site().build_clean().words_of("branches/yi/index.html");
    for words in [
        "测试局机关党委",
        "夜巡大队党支部",
        "机动大队党支部",
        "第三届",
        "周衡",
        "旧书记",
        "第一党小组",
        "陈砚",
        "正式党员 23 人，预备党员 2 人（截至2026-06-30）",
        "每月 18 日",
        "2012年3月",
        "更名",
        "云公党〔2021〕3号",
        "介绍。",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[test]
fn the_class_of_a_branch_is_shown_nowhere() {
    assert_eq!(site().build_clean().holding("后进"), Vec::<&str>::new());
}

#[test]
fn an_old_id_leads_to_the_new_address() {
    let built = site().build_clean();
    let page = built.text("branches/old-yi/index.html");
    assert!(page.contains("content=\"0; url=../../branches/yi/\"") && page.contains("noindex"), "{page}");
}

#[test]
fn a_merged_branch_keeps_its_records_under_its_own_name() {
    let site = site();
    site.put("content/branches/er.md", "+++\nid = \"er\"\nname = \"景观科党支部\"\nparent = \"org\"\nstatus = \"已合并\"\nevents = [{ date = \"2025-03-20\", event = \"merged_into\", with = [\"yi\"] }]\n+++\n");
    site.put("content/records/er/c.md", &other("c", "2024-02-01", "", "").replace("\"yi\"", "\"er\""));
    let built = site.build_clean();
    let page = built.words_of("branches/er/index.html");
    assert!(page.contains("此支部已不再存在") && page.contains("并入"), "{page}");
    assert!(
        attributes(&built.page("branches/er/index.html"), "main a", "href").contains(&"../../branches/yi/".to_owned())
    );
    assert!(built.words_of("records/c/index.html").contains("景观科党支部"));
}

#[test]
fn organisations_that_are_their_own_parents_are_told_and_cut() {
    let site = site();
    site.put("content/organisations/a.md", "+++\nid = \"a\"\nname = \"甲\"\nparent = \"b\"\n+++\n")
        .put("content/organisations/b.md", "+++\nid = \"b\"\nname = \"乙\"\nparent = \"a\"\n+++\n");
    let told = site.build().diagnostics;
    assert!(told.contains("error[ring] content/organisations/a.md:4:10"), "{told}");
}

#[test]
fn records_of_a_branch_nobody_declared_are_an_error_and_with_no_branches_at_all_are_taken() {
    let site = site();
    site.put("content/records/x.md", &other("x", "2025-01-01", "", "").replace("\"yi\"", "\"yii\""));
    let told = site.build().diagnostics;
    assert_eq!(
        told,
        "error[dangling] content/records/x.md:5:10 ‹\"yii\"› no branch with id `yii`\n  hint: did you mean `yi`?\n"
    );
    let bare = SiteTest::from_files(&[("content/records/x.md", &other("x", "2025-01-01", "", ""))]);
    bare.remove("content/branches/yi.md").remove("content/branches/er.md");
    assert!(bare.build_clean().has("branches/yi/index.html"));
}
