//! Programmes as data: read with their ids looked up, worked out for a day, shown on their page.

use crate::support::SiteTest;

/// A programme of a title with more keys.
fn programme(id: &str, more: &str) -> String {
    format!("+++\nid = \"{id}\"\ntitle = \"方案{id}\"\n{more}\n+++\n说明。\n")
}

fn told(more: &str) -> String {
    SiteTest::from_files(&[("content/programmes/p.md", &programme("p", more))]).check().diagnostics
}

fn check(more: &str, expected: &[&str]) {
    let told = told(more);
    for words in expected {
        assert!(told.contains(words), "`{words}` is told of\n{more}\n{told}");
    }
    assert_eq!(expected.is_empty(), told.is_empty(), "{told}");
}

#[test]
fn unknown_ids_of_a_programme_are_told_with_the_nearest_one() {
    let site = SiteTest::from_files(&[
        (
            "content/programmes/p.md",
            &programme("p", "parent = \"shang-jj\"\nunit = \"orgg\"\nrubrics = [\"biaoz\"]\npacks = [\"guizee\"]"),
        ),
        ("content/programmes/s.md", &programme("shang-ji", "")),
        ("content/rubrics/b.md", "+++\nid = \"biaozhun\"\ntitle = \"标准\"\n+++\n"),
        ("content/packs/g.md", "+++\nid = \"guize\"\ntitle = \"规则\"\n+++\n"),
    ]);
    let told = site.check().diagnostics;
    for near in ["`shang-ji`", "`org`", "`biaozhun`", "`guize`"] {
        assert!(told.contains(near), "{near}\n{told}");
    }
    site.edit("content/programmes/p.md", "shang-jj", "shang-ji").edit("content/programmes/p.md", "orgg", "org");
    site.edit("content/programmes/p.md", "biaoz\"", "biaozhun\"").edit("content/programmes/p.md", "guizee", "guize");
    site.build_clean();
}

#[test]
fn plans_derived_in_a_ring_are_told_and_cut() {
    let site = SiteTest::from_files(&[
        ("content/programmes/a.md", &programme("a", "parent = \"b\"")),
        ("content/programmes/b.md", &programme("b", "parent = \"a\"")),
    ]);
    let told = site.check().diagnostics;
    assert_eq!(told.matches("error[ring]").count(), 1, "{told}");
}

#[test]
fn numbers_that_cannot_be_are_told() {
    let limit = |more: &str| {
        format!("limits = [{{ id = \"l\", what = \"candidates\", per = \"unit\", text = \"原文\", {more} }}]")
    };
    check(&limit("min = 1, max = 5"), &[]);
    check(&limit("min = 6, max = 5"), &["no number is both"]);
    check(&limit("max_share = 10"), &["a share is between 0 and 1"]);
    check(&limit("min = -1"), &["cannot be negative"]);
    check("quota = { text = \"百分之十\", max_share = 10.0 }", &["a share is between 0 and 1"]);
    check("gates = [{ id = \"g\", what = \"honour\", text = \"先达标\" }]", &["lacks `honour`"]);
}

#[test]
fn stages_out_of_order_are_told_and_masked_ones_are_not() {
    let stages = |a: &str, b: &str, inner: &str| {
        format!(
            "stages = [{{ id = \"a\", title = \"甲\", {a} }}, {{ id = \"b\", title = \"乙\", {b}, stages = [{{ id = \"c\", title = \"丙\", {inner} }}] }}]"
        )
    };
    let (a, b) = ("from = \"2025-01\", to = \"2025-03\"", "from = \"2025-03\", to = \"2026-02\"");
    check(&stages(a, b, "from = \"2025-12\", to = \"2026-02\""), &[]);
    check(&stages(b, a, "from = \"2025-02\""), &["begins before `甲`"]);
    check(&stages(a, b, "from = \"2025-02\""), &["leaves `乙`"]);
    check(&stages("from = \"2025-03\", to = \"2025-01\"", b, "from = \"2025-04\""), &["ends before it begins"]);
    check(&stages("from = \"20**-07\"", "from = \"20**-01\", to = \"20**-04\"", "from = \"20**-03\""), &[]);
}

#[test]
fn kinds_of_tasks_and_criteria_said_to_be_the_same_are_looked_up() {
    check(
        "stages = [{ id = \"a\", title = \"甲\", tasks = [{ id = \"t\", text = \"报送\", by = \"unit\", kinds = [\"reprot\"] }] }]",
        &["`reprot`", "`report`"],
    );
    let rubric = "+++\nid = \"r\"\ntitle = \"标准\"\ndimensions = [{ id = \"d\", title = \"方面\", criteria = [{ id = \"1\", title = \"甲\", same = [\"r/3\"] }, { id = \"2\", title = \"乙\" }] }]\n+++\n";
    let site = SiteTest::from_files(&[("content/rubrics/r.md", rubric)]);
    assert!(site.check().diagnostics.contains("no criterion with id `r/3`"));
    site.edit("content/rubrics/r.md", "r/3", "r/2").build_clean();
}
