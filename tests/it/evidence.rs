//! Evidence: which records show which criterion, by branch, and what readers outside the unit learn of it.

use crate::support::{SiteTest, attributes, texts};
use proptest::prelude::*;

fn config(audience: &str, rules: &str) -> String {
    format!(
        "[site]\ntitle = \"文存\"\nbase_url = \"https://t.example/\"\naudience = \"{audience}\"\n[search]\nenabled = false\n{rules}\n"
    )
}

/// A rubric of one dimension and criteria with more keys.
fn rubric(id: &str, criteria: &[(&str, &str)]) -> String {
    let criteria: Vec<String> =
        criteria.iter().map(|(c, more)| format!("{{ id = \"{c}\", title = \"条{id}{c}\", {more} }}")).collect();
    format!(
        "+++\nid = \"{id}\"\ntitle = \"标准{id}\"\ndimensions = [{{ id = \"d\", title = \"政治功能强\", criteria = [{}] }}]\n+++\n",
        criteria.join(", ")
    )
}

fn record(id: &str, branch: &str, date: &str, evidence: &str, more: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\nkind = \"other\"\ntitle = \"题{id}\"\nbranch = \"{branch}\"\ndate = \"{date}\"\nevidence_for = [{evidence}]\n{more}\n+++\n正文。\n"
    )
}

fn site(audience: &str, rules: &str) -> SiteTest {
    let config = config(audience, rules);
    let a =
        rubric("a", &[("1", "text = \"全文一\", source = \"0-12\", points = 5"), ("2", ""), ("3", "declared = true")]);
    let b = rubric("b", &[("1", "same = [\"a/1\"]")]);
    let c = rubric("c", &[("1", "same = [\"b/1\"]")]);
    SiteTest::from_files(&[
        ("beilin.toml", &config),
        ("content/rubrics/a.md", &a),
        ("content/rubrics/b.md", &b),
        ("content/rubrics/c.md", &c),
        ("content/records/yi/x.md", &record("x", "yi", "2026-03-01", "\"a/1\"", "audience = \"society\"")),
        ("content/records/yi/y.md", &record("y", "yi", "2026-05-01", "\"c/1\"", "audience = \"society\"")),
        ("content/records/er/z.md", &record("z", "er", "2026-04-01", "\"a/1\"", "audience = \"unit\"")),
        ("content/records/er/n.md", &record("n", "er", "2026-04-02", "\"a/2\"", "audience = \"named\"")),
    ])
}

fn holds(words: &str, all: &[&str]) {
    for needle in all {
        assert!(words.contains(needle), "`{needle}` is in {words}");
    }
}

#[test]
fn a_criterion_has_a_page_with_its_sentence_and_what_shows_it_by_branch() {
    let built = site("unit", "").build_clean();
    let words = built.words_of("rubrics/a/1/index.html");
    holds(&words, &["全文一", "0-12", "第一党支部 2 件 · 最近 2026-05-01", "题x", "题y", "第二党支部 1 件"]);
    assert!(!words.contains("未见佐证的支部"), "{words}");
    let words = built.words_of("rubrics/a/2/index.html");
    holds(&words, &["尚无公开的佐证", "未见佐证的支部第二党支部、第一党支部"]);
    let declared = built.words_of("rubrics/a/3/index.html");
    holds(&declared, &["只凭主管机关认定"]);
    assert!(!declared.contains("未见佐证的支部"), "{declared}");
}

#[test]
fn matching_criteria_count_as_one_both_ways_and_in_turn() {
    let built = site("unit", "").build_clean();
    holds(&built.words_of("rubrics/a/1/index.html"), &["经对应条目：标准c“条c1”"]);
    let words = built.words_of("rubrics/c/1/index.html");
    holds(&words, &["第一党支部 2 件", "经对应条目：标准a“条a1”", "对应条目条b1标准b条a1标准a"]);
    assert_eq!(words.matches("经对应条目").count(), 2, "what was given for it itself is no detour: {words}");
}

#[test]
fn the_table_leads_from_each_cell_to_the_branch_on_the_criterions_page() {
    let built = site("unit", "").build_clean();
    let page = built.page("rubrics/a/matrix/index.html");
    let links = attributes(&page, "tbody td a", "href");
    assert_eq!(links, ["../../../rubrics/a/1/#b-er", "../../../rubrics/a/1/#b-yi"]);
    assert_eq!(texts(&built.page("rubrics/a/1/index.html"), "#b-yi h3").len(), 1);
    let words = built.words_of("rubrics/a/matrix/index.html");
    holds(&words, &["其中 1 件经对应条目", "2026-05-01", "尚无佐证的条目条a2"]);
    assert!(!words.contains("条a3 记录"), "{words}");
}

#[test]
fn readers_outside_the_unit_do_not_learn_what_is_missing_or_left_out() {
    let built = site("society", "").build_fine();
    for path in built.pages().into_iter().filter(|p| p.starts_with("rubrics/")) {
        let words = built.words_of(path);
        for secret in ["未见", "未公开", "尚无佐证的条目", "题z", "题n", "第二党支部"] {
            assert!(!words.contains(secret), "{secret} in {path}: {words}");
        }
    }
}

#[test]
fn a_site_may_say_that_there_is_evidence_not_published_but_never_of_what_is_for_named_readers() {
    let with = site("society", "[rules]\nunpublished = true\n").build_fine();
    holds(&with.words_of("rubrics/a/1/index.html"), &["第二党支部 有佐证，未公开"]);
    holds(&with.words_of("rubrics/a/matrix/index.html"), &["有佐证，未公开"]);
    assert!(!with.words_of("rubrics/a/2/index.html").contains("未公开"));
    for (path, text) in &with.out {
        let text = String::from_utf8_lossy(text);
        assert!(!text.contains("题z") && !text.contains("2026-04-01"), "{path} tells more than that it is there");
    }
    let draft = site("society", "[rules]\nunpublished = true\n");
    draft.edit("content/records/er/z.md", "audience = \"unit\"", "audience = \"unit\"\nstatus = \"草稿\"");
    assert!(!draft.build_fine().words_of("rubrics/a/1/index.html").contains("未公开"));
}

#[test]
fn what_may_be_known_of_the_left_out_survives_the_cache() {
    let site = site("society", "[rules]\nunpublished = true\n");
    site.build_fine();
    site.edit("content/records/yi/x.md", "正文。", "改过的正文。");
    holds(&site.build_fine().words_of("rubrics/a/1/index.html"), &["有佐证，未公开"]);
    site.remove("content/records/er/z.md");
    assert!(!site.build_fine().words_of("rubrics/a/1/index.html").contains("未公开"));
}

#[test]
fn an_id_of_any_characters_has_an_address() {
    let config = config("unit", "");
    let odd = rubric("a", &[("政治/1", ""), ("matrix", ""), ("A", ""), ("a", ""), ("..", ""), ("index.html", "")]);
    let built = SiteTest::from_files(&[
        ("beilin.toml", &config),
        ("content/rubrics/a.md", &odd),
        ("content/records/yi/x.md", &record("x", "yi", "2026-03-01", "\"a/政治/1\"", "")),
    ])
    .build_clean();
    holds(&built.words_of("rubrics/a/~e6~94~bf~e6~b2~bb~2f1/index.html"), &["题x"]);
    for page in ["rubrics/a/~6datrix/", "rubrics/a/~41/", "rubrics/a/a/", "rubrics/a/~2e~2e/", "rubrics/a/matrix/"] {
        assert!(built.has(&format!("{page}index.html")), "{page}");
    }
}

#[test]
fn a_story_shows_what_was_given_for_the_criteria_where_it_chooses_nothing_itself() {
    let config = config("unit", "");
    let site = SiteTest::from_files(&[
        ("beilin.toml", &config),
        ("content/rubrics/a.md", &rubric("a", &[("1", "")])),
        ("content/programmes/p.md", "+++\nid = \"p\"\ntitle = \"方案\"\nrubric = \"a\"\n+++\n"),
        ("content/records/yi/x.md", &record("x", "yi", "2026-03-01", "\"a/1\"", "")),
        (
            "content/stories/yi/index.md",
            "+++\nid = \"story\"\nkind = \"story\"\ntitle = \"事迹\"\nbranch = \"yi\"\ndate = \"2026-06-01\"\nbrand = \"灯\"\nlede = \"导语。\"\ncover = \"c.svg\"\ndimensions = [{ name = \"政治功能强\", text = \"自己写的话\" }]\n+++\n正文。\n",
        ),
        ("content/stories/yi/c.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        (
            "content/honours/h.md",
            "+++\nid = \"h\"\ntype = \"四强党支部\"\nbranch = \"yi\"\nprogramme = \"p\"\nstory = \"story\"\nevents = [{ event = \"named\", date = \"2026-06-28\" }]\n+++\n",
        ),
    ]);
    let words = site.build_fine().words_of("records/story/index.html");
    holds(&words, &["政治功能强", "自己写的话", "据评定标准列出的佐证", "题x"]);
    site.edit("content/stories/yi/index.md", "自己写的话\"", "自己写的话\", evidence = [\"x\"]");
    let words = site.build_fine().words_of("records/story/index.html");
    holds(&words, &["自己写的话", "题x"]);
    assert!(!words.contains("据评定标准"), "{words}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever says that two criteria are the same, both count what either was given.
    #[test]
    fn the_crosswalk_knows_no_direction(pairs in proptest::collection::vec((0usize..5, 0usize..5), 0..6)) {
        let names = |of: usize| -> Vec<String> {
            pairs.iter().filter(|(a, _)| *a == of).map(|(_, b)| format!("\"r/{b}\"")).collect()
        };
        let criteria: Vec<(String, String)> =
            (0..5).map(|i| (i.to_string(), format!("same = [{}]", names(i).join(", ")))).collect();
        let criteria: Vec<(&str, &str)> = criteria.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let site = SiteTest::from_files(&[("beilin.toml", &config("unit", "")), ("content/rubrics/r.md", &rubric("r", &criteria))]);
        for i in 0..5 {
            site.put(&format!("content/records/yi/x{i}.md"), &record(&format!("x{i}"), "yi", "2026-03-01", &format!("\"r/{i}\""), ""));
        }
        let built = site.build_fine();
        let shown: Vec<Vec<bool>> = (0..5).map(|i| {
            let words = built.words_of(&format!("rubrics/r/{i}/index.html"));
            (0..5).map(|j| words.contains(&format!("题x{j}"))).collect()
        }).collect();
        for i in 0..5 {
            prop_assert!(shown[i][i]);
            for j in 0..5 {
                prop_assert_eq!(shown[i][j], shown[j][i]);
                prop_assert!(!(shown[i][j]) || shown[i] == shown[j]);
            }
        }
    }
}
