//! References by id: dangling, duplicate and ambiguous ones are told at their place; what refers to
//! something withheld is no fault and gives nothing away.

use crate::support::{SiteTest, attributes, other, texts};

fn site(more: &str) -> SiteTest {
    SiteTest::from_files(&[
        (
            "content/rubrics/ru.md",
            "+++\nid = \"ru\"\ntitle = \"评定标准\"\n[[dimensions]]\nid = \"zz\"\ntitle = \"政治功能强\"\n[[dimensions.criteria]]\nid = \"zz-1\"\ntitle = \"落实第一议题\"\n+++\n",
        ),
        ("content/programmes/fa.md", "+++\nid = \"fa\"\ntitle = \"创建方案\"\nrubric = \"ru\"\n+++\n"),
        ("content/records/yi/a.md", &other("a", "2025-01-02", more, "正文。")),
        ("content/records/yi/b.md", &other("b", "2025-01-03", "", "另一件。")),
    ])
}

fn told(more: &str) -> String {
    site(more).build().diagnostics
}

#[test]
fn a_dangling_reference_is_told_at_its_place_with_the_nearest() {
    let long = |id: &str| format!("related = [\"{id}\"]");
    let site = site(&long("yi-2025-dydh-q3x"));
    site.put("content/records/yi/c.md", &other("yi-2025-dydh-q3", "2025-01-04", "", ""));
    assert_eq!(
        site.build().diagnostics,
        "error[dangling] content/records/yi/a.md:7:12 ‹\"yi-2025-dydh-q3x\"› no record with id `yi-2025-dydh-q3x`\n  hint: did you mean `yi-2025-dydh-q3`?\n"
    );
    assert_eq!(
        told("evidence_for = [\"ru/zz-2\"]"),
        "error[dangling] content/records/yi/a.md:7:17 ‹\"ru/zz-2\"› no criterion with id `ru/zz-2`\n  hint: did you mean `ru/zz-1`?\n"
    );
    assert_eq!(
        told("campaign = [\"fang\"]"),
        "error[dangling] content/records/yi/a.md:7:13 ‹\"fang\"› no programme with id `fang`\n"
    );
    assert_eq!(
        told("corrects = \"zzz\""),
        "error[dangling] content/records/yi/a.md:7:12 ‹\"zzz\"› no record with id `zzz`\n"
    );
}

#[test]
fn a_programme_a_rubric_and_an_honour_that_dangle_are_told() {
    let site = site("");
    site.put("content/programmes/fb.md", "+++\nid = \"fb\"\ntitle = \"方案\"\nrubric = \"rux\"\n+++\n");
    site.put("content/honours/h.md", "+++\nid = \"h\"\ntype = \"四强党支部\"\nbranch = \"san\"\nevents = [{ event = \"named\", date = \"2025-06-27\" }]\n+++\n");
    site.put("content/branches/si.md", "+++\nid = \"si\"\nname = \"第四党支部\"\nparent = \"orgg\"\n+++\n");
    let told = site.build().diagnostics;
    for place in [
        "content/programmes/fb.md:4:10 ‹\"rux\"›",
        "content/honours/h.md:4:10 ‹\"san\"›",
        "content/branches/si.md:4:10 ‹\"orgg\"›",
    ] {
        assert!(told.contains(place), "{place} in {told}");
    }
}

#[test]
fn an_id_used_twice_is_told_with_both_places() {
    let site = site("");
    site.put("content/records/yi/c.md", &other("a", "2025-02-01", "", ""));
    let told = site.build().diagnostics;
    assert!(told.starts_with("error[duplicate-id] content/records/yi/") && told.contains("id `a` is taken"), "{told}");
    assert!(told.contains("  other: content/records/yi/") && told.contains("first used here"), "{told}");
    for (path, text) in [
        ("content/branches/yi2.md", "+++\nid = \"yi\"\nname = \"又一\"\n+++\n"),
        ("content/organisations/org2.md", "+++\nid = \"org\"\nname = \"又一\"\n+++\n"),
        ("content/rubrics/ru2.md", "+++\nid = \"ru\"\ntitle = \"又一\"\n+++\n"),
        ("content/programmes/fa2.md", "+++\nid = \"fa\"\ntitle = \"又一\"\n+++\n"),
    ] {
        let site = self::site("");
        site.put(path, text);
        let told = site.build().diagnostics;
        assert!(told.contains(&format!("error[duplicate-id] {path}:2:6")), "{told}");
    }
}

#[test]
fn a_name_two_branches_bore_is_ambiguous() {
    let site = site("");
    site.put("content/branches/san.md", "+++\nid = \"san\"\nname = \"第一党支部\"\nparent = \"org\"\n+++\n");
    site.put("content/records/x.md", &other("x", "2025-01-01", "", "").replace("\"yi\"", "\"第一党支部\""));
    let told = site.build().diagnostics;
    assert!(told.starts_with("error[ambiguous] content/records/x.md:5:10 ‹\"第一党支部\"›"), "{told}");
}

#[test]
fn what_refers_here_is_listed_here() {
    let built = site("related = [\"b\"]\nevidence_for = [\"ru/zz-1\"]\ncampaign = [\"fa\"]").build_clean();
    assert_eq!(built.json("records/b/index.json")["backlinks"], serde_json::json!(["a"]));
    let here = built.page("records/b/index.html");
    assert!(texts(&here, ".after h2").contains(&"引用本件的记录".to_owned()), "{:?}", texts(&here, ".after h2"));
    assert!(attributes(&here, ".after a", "href").contains(&"../../records/a/".to_owned()));
    assert!(
        attributes(&built.page("records/a/index.html"), ".after a", "href")
            .contains(&"../../rubrics/ru/#zz-1".to_owned())
    );
    assert!(
        attributes(&built.page("rubrics/ru/index.html"), "main a", "href").contains(&"../../records/a/".to_owned()),
        "the criterion lists its evidence"
    );
    assert!(
        attributes(&built.page("programmes/fa/records/index.html"), "main a", "href")
            .contains(&"../../../records/a/".to_owned())
    );
}

#[test]
fn a_link_in_a_text_is_a_reference_too() {
    let site = site("");
    site.put("content/records/yi/c.md", &other("c", "2025-01-05", "", "见[前一件](@/records/yi/a.md)。"));
    let built = site.build_clean();
    assert_eq!(built.json("records/a/index.json")["backlinks"], serde_json::json!(["c"]));
}

#[test]
fn a_correction_is_said_on_both() {
    let built = site("corrects = \"b\"").build_clean();
    assert!(built.words_of("records/a/index.html").contains("本件更正了 题b"));
    assert!(built.words_of("records/b/index.html").contains("本件已有更正，以后件为准：题a"));
    assert_eq!(
        (
            built.json("records/b/index.json")["corrected_by"].as_str(),
            built.json("records/a/index.json")["corrects"].as_str()
        ),
        (Some("a"), Some("b"))
    );
}

#[test]
fn a_reference_to_what_is_withheld_is_no_fault_and_leaves_no_trace() {
    for hide in ["status = \"草稿\"", "audience = \"named\""] {
        let site = site("related = [\"mi\"]\ncorrects = \"mi\"");
        site.put("content/records/yi/m.md", &other("mi", "2025-01-05", hide, "机要。").replace("题mi", "不公开的题"));
        site.put("content/records/yi/c.md", &other("c", "2025-01-06", "", "见[那一件](@/records/yi/m.md)。"));
        let built = site.build_clean();
        for secret in ["不公开的题", "机要。", "records/mi/", "\"mi\""] {
            assert_eq!(built.holding(secret), Vec::<&str>::new(), "{secret} with {hide}");
        }
        assert!(built.words_of("records/c/index.html").contains("见那一件。"), "the words stay without a link");
    }
}
