//! Honours: what is held against the life of an honour, and what of it is shown to whom on which day.

use crate::support::{Built, CONFIG, SiteTest, texts};
use std::fmt::Write as _;

/// An honour of a type for a branch; events as `step date more`.
fn honour(id: &str, branch: &str, more: &str, events: &[(&str, &str, &str)]) -> (String, String) {
    let mut text =
        format!("+++\nid = \"{id}\"\ntype = \"四强党支部\"\nbranch = \"{branch}\"\nbrand = \"品牌{id}\"\n{more}\n");
    for (event, date, more) in events {
        let _ = write!(text, "[[events]]\nevent = \"{event}\"\ndate = \"{date}\"\n{more}\n");
    }
    (format!("content/honours/{id}.md"), text + "+++\n")
}

fn site(honours: &[(String, String)]) -> SiteTest {
    let site = SiteTest::from_files(&[]);
    for (path, text) in honours {
        site.put(path, text);
    }
    site
}

/// What is told of one honour with these events.
fn told(events: &[(&str, &str, &str)]) -> String {
    site(&[honour("h", "yi", "", events)]).check().diagnostics
}

fn holds(told: &str, words: &[&str]) {
    for w in words {
        assert!(told.contains(w), "`{w}` in {told}");
    }
}

fn on(site: &SiteTest, day: (i16, i8, i8)) -> Built {
    let input = beilin::Input { root: "s".into(), out: None, as_of: Some(jiff::civil::date(day.0, day.1, day.2)) };
    let report = beilin::build(&site.disk, &input, &beilin::build::Unwatched).expect("builds");
    assert!(!report.failed(), "{:?}", report.diagnostics);
    Built { report, diagnostics: String::new(), out: site.out() }
}

#[test]
fn a_life_in_order_has_nothing_to_tell() {
    let all = [
        ("applied", "2024-04-01", ""),
        ("eligible", "2024-04-10", ""),
        ("assessed", "2024-05-01", ""),
        ("recommended", "2024-05-10", ""),
        ("consulted", "2024-05-20", ""),
        ("publicised", "2024-06-03", "from = \"2024-06-03\"\nto = \"2024-06-09\"\ndays = 5"),
        ("named", "2024-06-28", "docno = \"云〔2024〕1号\""),
        ("plaque_issued", "2024-06-28", "plaque = \"P-1\""),
        ("reviewed", "2025-11-01", "result = \"保留\""),
        ("confirmed", "2025-12-01", "result = \"继续认定\""),
        ("reviewed", "2026-05-01", "result = \"撤销\""),
        ("revoked", "2026-06-01", ""),
        ("plaque_recalled", "2026-06-20", "plaque = \"P-1\""),
    ];
    assert_eq!(told(&all), "");
    // How a file puts them has no meaning, nor has their order on one day.
    let mut mixed = all.to_vec();
    mixed.reverse();
    assert_eq!(told(&mixed), "");
}

#[test]
fn what_presupposes_a_naming_is_an_error_without_one() {
    for step in ["reviewed", "confirmed", "revoked", "plaque_issued", "plaque_recalled"] {
        let told = told(&[("applied", "2024-04-01", ""), (step, "2024-06-01", "")]);
        holds(
            &told,
            &["error[honour-order] content/honours/h.md:12:9 ", &step.replace('_', " "), "this file has no naming"],
        );
    }
    let early = told(&[("named", "2024-06-28", ""), ("confirmed", "2024-06-01", "")]);
    holds(&early, &["error[honour-order]", "confirmed on 2024-06-01; named on 2024-06-28"]);
}

#[test]
fn after_a_revocation_only_the_plaque_comes_back() {
    let head = [("named", "2024-06-28", ""), ("revoked", "2025-12-01", "")];
    for step in ["reviewed", "confirmed", "named", "applied", "revoked"] {
        let told = told(&[head[0], head[1], (step, "2026-01-01", "")]);
        holds(&told, &["error[honour-order]", "revoked on 2025-12-01", "only the plaque comes back"]);
    }
    assert_eq!(told(&[head[0], head[1], ("plaque_recalled", "2026-01-01", "")]), "");
}

#[test]
fn steps_out_of_order_are_told_with_both_dates() {
    let after = told(&[("named", "2024-06-28", ""), ("assessed", "2024-07-01", "")]);
    holds(&after, &["error[honour-order]", "assessed on 2024-07-01; named on 2024-06-28"]);
    let twice = told(&[("named", "2024-06-28", ""), ("named", "2025-06-28", "")]);
    holds(&twice, &["error[honour-order]", "named on 2025-06-28; named on 2024-06-28"]);
    let early = told(&[("publicised", "2024-05-01", ""), ("assessed", "2024-05-20", ""), ("named", "2024-06-28", "")]);
    holds(&early, &["warning[honour-order]", "publicised on 2024-05-01; assessed on 2024-05-20"]);
    let coarse = told(&[("named", "2024-06", ""), ("revoked", "2024", "")]);
    holds(&coarse, &["warning[honour-order]", "too coarse"]);
    let recalled = told(&[("named", "2024-06-28", ""), ("plaque_recalled", "2025-06-28", "")]);
    holds(&recalled, &["warning[honour-order]", "plaque recalled on 2025-06-28; named on 2024-06-28"]);
}

#[test]
fn a_posting_lasts_as_long_as_it_says_and_ends_before_the_naming() {
    let posted = |window: &str, named: &str| told(&[("publicised", "2024-06-03", window), ("named", named, "")]);
    let window = "from = \"2024-06-03\"\nto = \"2024-06-07\"";
    assert_eq!(posted(window, "2024-06-08"), "");
    holds(&posted(window, "2024-06-07"), &["error[honour-window]", "posted until 2024-06-07, named on 2024-06-07"]);
    holds(&posted(window, "2024-06-05"), &["error[honour-window]", "before the posting was over"]);
    holds(
        &posted(&format!("{window}\ndays = 7"), "2024-06-28"),
        &["error[honour-window] content/honours/h.md:12:8 ‹7›", "5 days; it is said to be 7"],
    );
    holds(
        &posted("from = \"2024-06-09\"\nto = \"2024-06-03\"", "2024-06-28"),
        &["error[honour-window]", "ends before it begins"],
    );
    holds(
        &posted("from = \"2024-06-10\"\nto = \"2024-06-14\"", "2024-06-28"),
        &["warning[honour-window]", "dated 2024-06-03 and runs from 2024-06-10"],
    );
}

#[test]
fn an_advice_to_revoke_wants_a_decision() {
    let advised = [("named", "2024-06-28", ""), ("reviewed", "2025-11-01", "result = \"撤销\"")];
    holds(&told(&advised), &["warning[honour-review]", "reviewed on 2025-11-01 advises to revoke"]);
    for decision in ["confirmed", "revoked"] {
        assert_eq!(told(&[advised[0], advised[1], (decision, "2025-12-01", "")]), "");
    }
}

#[test]
fn plaque_numbers_are_of_one_plaque_and_documents_of_one_cohort() {
    let with = |id: &str, branch: &str, cohort: &str, plaque: &str| {
        honour(
            id,
            branch,
            &format!("cohort = \"{cohort}\""),
            &[
                ("named", "2024-06-28", "docno = \"云〔2024〕1号\""),
                ("plaque_issued", "2024-06-28", &format!("plaque = \"{plaque}\"")),
            ],
        )
    };
    let told = |other: (String, String)| site(&[with("a", "yi", "2024", "P-1"), other]).check().diagnostics;
    assert_eq!(told(with("b", "er", "2024", "P-2")), "");
    holds(
        &told(with("b", "er", "2024", "P-1")),
        &["error[honour-number]", "P-1 is used twice", "other: content/honours/a.md"],
    );
    holds(&told(with("b", "er", "2025", "P-2")), &["error[honour-number]", "of two cohorts", "(2025)", "(2024)"]);
    let recalled = site(&[honour(
        "a",
        "yi",
        "",
        &[
            ("named", "2024-06-28", ""),
            ("plaque_issued", "2024-06-28", "plaque = \"P-1\""),
            ("revoked", "2025-06-28", ""),
            ("plaque_recalled", "2025-07-28", "plaque = \"P-2\""),
        ],
    )]);
    holds(&recalled.check().diagnostics, &["warning[honour-number]", "plaque P-2 was taken back, P-1 was issued"]);
}

/// A programme that names a four-strong branch once, after it has reached the standard.
const PLAN: (&str, &str) = (
    "content/programmes/fa.md",
    "+++\nid = \"fa\"\ntitle = \"方案\"\nonce = true\n[[gates]]\nid = \"g\"\nwhat = \"honour\"\nhonour = \"标准化达标\"\ntext = \"在全体党支部达到要求的基础上\"\nsource = \"0-09\"\n+++\n",
);

#[test]
fn an_honour_in_force_is_not_given_again() {
    let first = honour("a", "yi", "", &[("named", "2024-06-28", "")]);
    let second = |branch: &str, more: &str| honour("b", branch, more, &[("named", "2025-06-28", "")]);
    assert_eq!(site(&[first.clone(), second("er", "")]).check().diagnostics, "");
    let told = site(&[first.clone(), second("yi", "")]).check().diagnostics;
    holds(
        &told,
        &["warning[honour-twice] content/honours/b.md", "named on 2025-06-28, while the one named on 2024-06-28"],
    );
    assert_eq!(told.matches("honour-twice").count(), 1, "{told}");
    let strict = site(&[first.clone(), second("yi", "programme = \"fa\"")]);
    strict.put(PLAN.0, PLAN.1);
    holds(&strict.check().diagnostics, &["error[honour-twice]", "the programme says `once`"]);
    strict.edit(PLAN.0, "once = true", "once = false");
    assert_eq!(strict.check().diagnostics, "");
    let revoked = honour("a", "yi", "", &[("named", "2024-06-28", ""), ("revoked", "2025-01-01", "")]);
    assert_eq!(site(&[revoked, second("yi", "")]).check().diagnostics, "");
}

#[test]
fn a_gate_looks_at_the_day_of_application() {
    let candidate = honour("b", "yi", "programme = \"fa\"", &[("applied", "2025-04-01", "")]);
    let standard = |date: &str| {
        let (path, text) = honour("d", "yi", "", &[("named", date, "")]);
        (path, text.replace("四强党支部", "标准化达标"))
    };
    let told = |honours: &[(String, String)]| {
        let site = site(honours);
        site.put(PLAN.0, PLAN.1);
        site.check().diagnostics
    };
    assert_eq!(told(&[candidate.clone(), standard("2024-12-01")]), "");
    holds(
        &told(&[candidate.clone(), standard("2025-12-01")]),
        &["warning[honour-gate] content/honours/b.md:9:8 ", "applied on 2025-04-01", "was named on 2025-12-01", "0-09"],
    );
    holds(&told(&[candidate]), &["warning[honour-gate]", "no `标准化达标` is recorded"]);
}

#[test]
fn who_is_refused_in_a_year_is_not_named_in_it() {
    let refused = honour("a", "yi", "", &[("applied", "2025-03-01", ""), ("disqualified", "2025-04-01", "")]);
    let named = |date: &str| honour("b", "yi", "", &[("named", date, "")]);
    holds(
        &site(&[refused.clone(), named("2025-07-01")]).check().diagnostics,
        &["error[honour-disqualified] content/honours/b.md", "named on 2025-07-01, though disqualified on 2025-04-01"],
    );
    assert_eq!(site(&[refused.clone(), named("2026-07-01")]).check().diagnostics, "");
    let on = told(&[("disqualified", "2025-04-01", ""), ("named", "2025-07-01", "")]);
    holds(&on, &["error[honour-order]", "who is not eligible goes no further"]);
}

#[test]
fn a_branch_that_is_no_more_is_not_named() {
    let told = |events: &[(&str, &str, &str)]| {
        let site = site(&[honour("h", "er", "", events)]);
        site.put(
            "content/branches/er.md",
            "+++\nid = \"er\"\nname = \"第二党支部\"\nparent = \"org\"\nstatus = \"已合并\"\n[[events]]\ndate = \"2025-03-20\"\nevent = \"merged_into\"\nwith = [\"yi\"]\n+++\n",
        );
        site.check().diagnostics
    };
    holds(
        &told(&[("named", "2025-06-28", "")]),
        &["warning[honour-branch]", "named on 2025-06-28, but 第二党支部 was merged on 2025-03-20"],
    );
    holds(&told(&[("named", "2024-06-28", "")]), &["warning[honour-branch]", "still held"]);
    assert_eq!(told(&[("named", "2024-06-28", ""), ("revoked", "2025-04-01", "")]), "");
}

#[test]
fn reasons_reach_no_output() {
    let secret = "原因是不能说的";
    let with = |more: &str| format!("note = \"{secret}\"\nresult = \"{secret}\"{more}");
    let plain = with("");
    let honours = [
        honour("a", "yi", "summary = \"公开的话\"", &[("named", "2024-06-28", ""), ("revoked", "2025-06-28", &plain)]),
        honour("b", "er", "", &[("applied", "2024-06-28", &plain), ("disqualified", "2025-06-28", &plain)]),
    ];
    for audience in ["society", "unit"] {
        let site = site(&honours);
        site.put("beilin.toml", &CONFIG.replace("[site]\n", &format!("[site]\naudience = \"{audience}\"\n")));
        let built = site.build_fine();
        assert_eq!(built.holding(secret), Vec::<&str>::new(), "{audience}");
        assert_eq!(built.holding("能说的"), Vec::<&str>::new(), "{audience}");
        assert!(built.words_of("honours/index.html").contains("已撤销"), "{audience}");
        assert_eq!(built.text("data/honours.csv").contains("disqualified"), audience == "unit");
    }
}

#[test]
fn advice_to_revoke_is_not_for_the_public() {
    let reviewed = [("named", "2024-06-28", ""), ("reviewed", "2025-11-01", "result = \"建议撤销\"")];
    let site = site(&[honour("a", "yi", "", &reviewed)]);
    site.put("beilin.toml", &CONFIG.replace("[site]\n", "[site]\naudience = \"society\"\n"));
    assert_eq!(site.build_fine().holding("建议撤销"), Vec::<&str>::new());
    site.put("beilin.toml", &CONFIG.replace("[site]\n", "[site]\naudience = \"unit\"\n"));
    assert!(site.build_fine().words_of("honours/index.html").contains("建议撤销"));
}

#[test]
fn the_public_hears_of_a_candidacy_when_it_is_posted() {
    let candidate = honour("a", "yi", "", &[("applied", "2024-04-01", ""), ("publicised", "2024-06-01", "")]);
    let site = site(&[candidate, honour("b", "er", "", &[("named", "2024-01-01", "")])]);
    site.put("beilin.toml", &CONFIG.replace("[site]\n", "[site]\naudience = \"society\"\n"));
    assert!(!on(&site, (2024, 5, 1)).words_of("honours/index.html").contains("品牌a"));
    assert!(on(&site, (2024, 6, 1)).words_of("honours/index.html").contains("品牌a"));
    site.put("beilin.toml", &CONFIG.replace("[site]\n", "[site]\naudience = \"unit\"\n"));
    assert!(on(&site, (2024, 5, 1)).words_of("honours/index.html").contains("品牌a"));
    assert!(!on(&site, (2024, 3, 1)).words_of("honours/index.html").contains("品牌a"), "nothing had happened");
}

#[test]
fn the_showcase_is_that_of_the_day() {
    let site = site(&[
        honour("a", "yi", "", &[("named", "2024-06-28", ""), ("revoked", "2025-12-19", "")]),
        honour("b", "er", "", &[("named", "2025-06-27", "")]),
    ]);
    for (day, shown) in [
        ((2024, 6, 27), ["", ""]),
        ((2025, 6, 1), ["品牌a", ""]),
        ((2025, 7, 1), ["品牌a", "品牌b"]),
        ((2025, 12, 19), ["", "品牌b"]),
    ] {
        let built = on(&site, day);
        let words = built.words_of("showcase/index.html");
        for (brand, expected) in ["品牌a", "品牌b"].iter().zip(shown) {
            assert_eq!(words.contains(brand), !expected.is_empty(), "{brand} on {day:?}: {words}");
        }
        let clean = self::site(&[]);
        for (path, bytes) in site.disk.tree("s/content") {
            clean.put_bytes(&format!("content/{path}"), &bytes);
        }
        let wanted = on(&clean, day).out;
        crate::support::assert_same_site(&built.out, &wanted);
    }
}

#[test]
fn a_confirmed_honour_is_no_news() {
    let before = site(&[honour("a", "yi", "", &[("named", "2024-06-28", "")])]);
    let after = site(&[honour("a", "yi", "", &[("named", "2024-06-28", ""), ("confirmed", "2026-11-01", "")])]);
    let (before, after) = (before.build_clean(), after.build_clean());
    let feeds = |b: &Built| -> Vec<(String, Vec<u8>)> {
        let of = b.out.iter().filter(|(p, _)| p.ends_with("feed.xml") || p.as_str() == "sitemap.xml");
        of.map(|(p, b)| (p.clone(), b.clone())).collect()
    };
    assert!(!feeds(&before).is_empty());
    assert_eq!(feeds(&before), feeds(&after));
    assert_eq!(before.words_of("index.html"), after.words_of("index.html"));
    assert_eq!(before.words_of("showcase/index.html"), after.words_of("showcase/index.html"));
    assert!(after.words_of("honours/index.html").contains("继续认定"));
}

#[test]
fn a_revoked_honour_stays_on_the_roll_and_in_the_numbers() {
    let site = site(&[
        honour(
            "a",
            "yi",
            "",
            &[
                ("named", "2024-06-28", "docno = \"云〔2024〕1号\""),
                ("revoked", "2025-12-19", "docno = \"云〔2025〕21号\""),
            ],
        ),
        honour("b", "er", "", &[("named", "2025-06-27", "")]),
    ]);
    let built = site.build_clean();
    let page = built.page("honours/index.html");
    let rows = texts(&page, ".tally tbody tr");
    assert_eq!(rows, ["2024年101", "2025年111", "2026年001"]);
    let roll = built.words_of("honours/index.html");
    holds(&roll, &["已撤销", "2025年12月19日", "云〔2025〕21号"]);
    assert!(!built.words_of("showcase/index.html").contains("品牌a"));
}

#[test]
fn the_example_shows_every_state() {
    let built = crate::support::example();
    let roll = built.words_of("honours/index.html");
    for state in [
        "已申报",
        "资格审核通过",
        "不予参评",
        "已考核",
        "已推荐",
        "征求意见中",
        "公示中",
        "已命名",
        "已命名，复查中",
        "继续认定",
        "已撤销",
        "已撤销，牌匾已收回",
    ] {
        assert!(roll.contains(state), "{state} in {roll}");
    }
}
