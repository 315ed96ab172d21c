//! The output folder: the same bytes whatever the order of work, nothing written twice, nothing of
//! anybody else's touched, nothing withheld in any byte.

use crate::support::{CONFIG, SiteTest, is_of_search, other};
use beilin::write::MANIFEST;

fn site() -> SiteTest {
    let site = SiteTest::from_files(&[("content/about.md", "+++\ntitle = \"关于\"\n+++\n话。\n")]);
    for i in 1..=6 {
        site.put(
            &format!("content/records/yi/r{i}.md"),
            &other(&format!("r{i}"), &format!("2025-01-0{i}"), "", "话。"),
        );
    }
    site
}

#[test]
fn two_builds_give_the_same_bytes_and_the_second_writes_nothing() {
    let site = SiteTest::example();
    let first = site.build_clean();
    site.disk.take_log();
    let second = site.build_clean();
    assert!(first.out == second.out);
    let written = second.report.written.expect("the site was written");
    assert_eq!((written.created, written.changed, written.removed), (0, 0, 0));
    assert_eq!(site.disk.take_log(), Vec::<String>::new(), "the disk was not written to at all");
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| SiteTest::example().build_clean().out)
    };
    assert!(run(1) == run(7));
}

#[test]
fn a_site_without_data_and_calendar_writes_none_and_leads_to_none() {
    let site = site();
    let with = site.build_clean();
    assert!(with.has("data/datapackage.json") && with.has("calendar/2025/index.html"));
    site.put("beilin.toml", &format!("{CONFIG}[output]\ndata = false\ncalendar = false\n[search]\nenabled = false\n"));
    let built = site.build_clean();
    let is_data = |p: &&String| p.ends_with(".json") || p.ends_with(".csv") || p.starts_with("calendar/");
    assert_eq!(built.out.keys().find(is_data), None);
    for word in [".csv", ".json", "application/json", "calendar/"] {
        // The theme's own files are the same for every site.
        let holding: Vec<&str> = built.holding(word).into_iter().filter(|p| !p.starts_with("assets/")).collect();
        assert_eq!(holding, Vec::<&str>::new(), "{word}");
    }
}

#[test]
fn what_differs_is_written_and_nothing_else() {
    let site = site();
    site.build_clean();
    site.disk.take_log();
    site.edit("content/about.md", "话。", "新话。");
    let report = site.build_clean().report;
    let paths: Vec<&String> = report.paths.iter().filter(|p| !is_of_search(p)).collect();
    assert_eq!(paths, ["about/index.html"]);
    assert_eq!(report.written.expect("written").removed, 0);
    let log = site.disk.take_log();
    assert!(
        log.iter().any(|l| l == "rename s/public/about/index.html")
            && log.iter().all(|l| !l.starts_with("write s/public") || l.starts_with("write s/public/.beilin-stage/")),
        "every file arrives by a rename: {log:?}"
    );
}

#[test]
fn a_record_that_is_gone_takes_its_files_with_it() {
    let site = site();
    site.build_clean();
    site.remove("content/records/yi/r3.md");
    let built = site.build_clean();
    assert!(!built.out.keys().any(|p| p.starts_with("records/r3/")));
    assert_eq!(built.holding("题r3"), Vec::<&str>::new());
}

#[test]
fn files_of_others_are_never_touched() {
    let site = site();
    site.put("public/.gitkeep", "").put("public/own/notes.txt", "mine").put("public/records/r1/mine.txt", "mine");
    site.build_clean();
    site.remove("content/records/yi/r1.md");
    let built = site.build_clean();
    assert_eq!(
        (built.text("own/notes.txt"), built.text("records/r1/mine.txt"), built.text(".gitkeep")),
        ("mine", "mine", "")
    );
    assert!(!built.has("records/r1/index.html"));
}

#[test]
fn a_file_of_others_in_the_way_stops_the_build_and_stays() {
    let site = site();
    site.put("public/about/index.html", "mine");
    let built = site.build();
    assert!(built.diagnostics.starts_with("error[foreign-file] about/index.html"), "{}", built.diagnostics);
    assert_eq!(built.out.keys().collect::<Vec<_>>(), ["about/index.html"]);
    assert_eq!(built.text("about/index.html"), "mine");
}

#[test]
fn a_failing_build_leaves_the_old_site_whole() {
    let site = site();
    let before = site.build_clean().out;
    for (path, text) in [
        ("content/records/yi/bad.md", "+++\nkind = \"nonsense\"\n+++\n"),
        ("themes/default/templates/page.html", "{% if %}"),
        ("themes/default/templates/404.html", "{{ nothing.there }}"),
    ] {
        site.put(path, text);
        site.edit("content/about.md", "话。", "新话。");
        let built = site.build();
        assert!(built.report.failed() && built.report.written.is_none(), "{path}");
        assert!(built.out == before, "{path}: the old site is whole");
        site.remove(path);
        site.edit("content/about.md", "新话。", "话。");
    }
    assert_eq!(site.out().len(), before.len() + 1, "nothing but the manifest lies beside the site");
}

#[test]
fn check_writes_nothing() {
    let site = site();
    site.disk.take_log();
    assert_eq!(site.check().diagnostics, "");
    assert_eq!(site.disk.take_log(), Vec::<String>::new());
    assert!(site.out().is_empty());
}

#[test]
fn check_tells_what_build_tells() {
    for (path, text) in [
        ("content/records/yi/bad.md", "+++\nkind = \"nonsense\"\n+++\n"),
        ("themes/default/templates/404.html", "{{ nothing.there }}"),
        ("content/x.md", "[a](b.md)"),
    ] {
        let site = site();
        site.put(path, text);
        let told = site.check().diagnostics;
        assert!(!told.is_empty() && told == site.build().diagnostics, "{path}: {told}");
    }
}

#[test]
fn colliding_addresses_are_told_before_anything_is_written() {
    let cases: [(&str, &[(&str, &str)]); 6] = [
        ("a page where the branches are", &[("content/branches.md", "+++\ntitle = \"支部\"\n+++\n")]),
        ("two pages", &[("content/a.md", "话。"), ("content/a/index.md", "话。")]),
        ("an old address that is a page", &[("content/b.md", "+++\ntitle = \"乙\"\naliases = [\"/about/\"]\n+++\n")]),
        ("a page over the feed", &[("content/b.md", "+++\ntitle = \"乙\"\naliases = [\"/feed.xml\"]\n+++\n")]),
        ("a file where a folder must be", &[("content/b.md", "+++\ntitle = \"乙\"\naliases = [\"/records\"]\n+++\n")]),
        ("case alone", &[("content/b.md", "+++\ntitle = \"乙\"\naliases = [\"/About/\"]\n+++\n")]),
    ];
    for (what, files) in cases {
        let site = site();
        for (path, text) in files {
            site.put(path, text);
        }
        let built = site.build();
        assert!(built.diagnostics.contains("error[collision]"), "{what}: {}", built.diagnostics);
        assert!(built.out.is_empty(), "{what}");
    }
}

#[test]
fn two_files_with_one_old_address_are_told() {
    let site = site();
    for name in ["b", "c"] {
        site.put(&format!("content/{name}.md"), &format!("+++\ntitle = \"{name}\"\naliases = [\"/old/\"]\n+++\n"));
    }
    let built = site.build();
    assert!(built.diagnostics.starts_with("error[ambiguous] content/c.md:3:11"), "{}", built.diagnostics);
}

#[test]
fn a_record_with_a_file_of_the_pages_own_name_is_a_collision() {
    let site = site();
    site.put("content/records/yi/f/index.md", &other("f", "2025-01-07", "", "话。"))
        .put("content/records/yi/f/index.json", "{}");
    assert!(site.build().diagnostics.contains("error[collision]"));
}

#[test]
fn an_old_address_cannot_lead_out_of_the_folder() {
    for bad in ["/../x/", "/a/../../x", "/c:/x", "/a\\\\b", "//x"] {
        let site = site();
        site.put("content/b.md", &format!("+++\ntitle = \"乙\"\naliases = [\"{bad}\"]\n+++\n"));
        let built = site.build();
        let outside = built.out.keys().any(|p| p.split('/').any(|part| matches!(part, ".." | "." | "")));
        assert!(!outside, "{bad}");
        assert!(bad == "//x" || built.diagnostics.contains("error[bad-address]"), "{bad}: {}", built.diagnostics);
    }
}

#[test]
fn what_is_for_fewer_readers_is_in_no_output() {
    let all = ["society", "party", "unit", "named"];
    for (i, audience) in all.iter().enumerate() {
        let site = site();
        site.put("beilin.toml", &format!("{CONFIG}audience = \"{audience}\"\n"));
        for word in all {
            site.put(
                &format!("content/records/yi/x-{word}/index.md"),
                &other(
                    &format!("x-{word}"),
                    "2025-03-01",
                    &format!("audience = \"{word}\"\nattachments = [{{ title = \"表{word}\", file = \"b.csv\" }}]"),
                    &format!("密语{word}。"),
                ),
            );
            site.put(&format!("content/records/yi/x-{word}/b.csv"), &format!("内容{word}"));
        }
        let built = site.build_clean();
        for (j, word) in all.iter().enumerate() {
            for needle in
                [format!("密语{word}"), format!("题x-{word}"), format!("内容{word}"), format!("records/x-{word}")]
            {
                assert_eq!(
                    built.holding(&needle).is_empty(),
                    j > i,
                    "{needle} in a build for {audience}: {:?}",
                    built.holding(&needle)
                );
            }
            assert_eq!(built.out.keys().any(|p| p.contains(&format!("x-{word}/"))), j <= i, "{word} in {audience}");
        }
        assert_eq!(
            built.report.withheld,
            (j_after(i)) + if i < 2 { 6 } else { 0 },
            "records of kind `other` are for the unit"
        );
    }
}

fn j_after(i: usize) -> usize {
    3 - i
}

#[test]
fn drafts_are_in_no_output() {
    let site = site();
    site.put(
        "content/records/yi/d.md",
        &other("d", "2025-03-01", "status = \"草稿\"\naliases = [\"d-old\"]", "草稿的话。"),
    );
    site.put("content/d.md", "+++\ntitle = \"草页\"\nstatus = \"草稿\"\n+++\n草稿的话。");
    let built = site.build_clean();
    for needle in ["草稿的话", "题d<", "草页"] {
        assert_eq!(built.holding(needle), Vec::<&str>::new(), "{needle}");
    }
    assert!(!built.has("d/index.html") && !built.has("records/d/index.html") && !built.has("records/d-old/index.html"));
}

#[test]
fn the_absences_and_fields_marked_private_are_in_no_output() {
    let site = site();
    site.put(
        "content/records/yi/p.md",
        &other("p", "2025-03-01", "personal = { basis = \"处理依据甲\", mask = \"遮蔽乙\" }", "话。"),
    );
    let built = site.build_clean();
    for needle in ["处理依据甲", "遮蔽乙"] {
        assert_eq!(built.holding(needle), Vec::<&str>::new(), "{needle}");
    }
}

#[test]
fn secrecy_stops_the_build() {
    for word in ["秘密", "机密", "绝密"] {
        for hide in ["", "status = \"草稿\"\naliases = [\"d-old\"]", "audience = \"named\""] {
            let site = site();
            site.put(
                "content/records/yi/m.md",
                &other("m", "2025-03-01", &format!("secrecy = \"{word}\"\n{hide}"), "话。"),
            );
            let built = site.build();
            assert!(
                built.diagnostics.contains("error[secret] content/records/yi/m.md:7:11"),
                "{word} {hide}: {}",
                built.diagnostics
            );
            assert!(built.out.is_empty());
        }
    }
}

#[test]
fn the_manifest_names_what_was_written() {
    let site = site();
    let built = site.build_clean();
    let manifest = String::from_utf8(site.out()[MANIFEST].clone()).expect("text");
    let named: Vec<&str> = manifest.lines().skip(1).filter_map(|l| l.splitn(3, ' ').nth(2)).collect();
    assert_eq!(named, built.out.keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn no_output_says_when_it_was_built() {
    let site = site();
    let build = |day| {
        let input = beilin::Input { root: "s".into(), out: None, as_of: Some(day) };
        beilin::build(&site.disk, &input, &beilin::build::Unwatched).expect("builds");
        site.out()
    };
    assert!(
        build(jiff::civil::date(2026, 3, 4)) == build(jiff::civil::date(2026, 3, 5)),
        "a day later nothing differs"
    );
}

#[test]
fn names_of_files_reach_the_disk_as_it_spells_them() {
    // `é` in two characters, as macOS has it.
    let site = site();
    site.put("content/records/yi/f/index.md", &other("f", "2025-01-07", "", "[c](caf\u{e9}.txt)"));
    site.put("content/records/yi/f/cafe\u{301}.txt", "x");
    let built = site.build_clean();
    assert!(built.has("records/f/caf\u{e9}.txt"));
}

#[test]
fn neither_ids_nor_files_of_withheld_records_reach_the_data_or_the_output() {
    let site = SiteTest::from_files(&[
        (
            "content/records/yi/secret/index.md",
            "+++\nid = \"secret-id\"\nkind = \"other\"\ntitle = \"不公开的题\"\nbranch = \"yi\"\ndate = \"2025-01-02\"\naudience = \"named\"\n+++\n话。\n",
        ),
        ("content/records/yi/secret/photo.csv", "甲,乙"),
        (
            "content/records/yi/b.md",
            "+++\nid = \"b\"\nkind = \"self-assessment\"\ntitle = \"自评\"\nbranch = \"yi\"\ndate = \"2025-01-03\"\naudience = \"society\"\norigin = \"自评\"\nrubric = \"r\"\nrelated = [\"secret-id\"]\nscores = [{ item = \"一\", full = 5, score = 5, evidence = [\"secret-id\"] }]\n+++\n见[照片](@/records/yi/secret/photo.csv)和[那次会](@/records/yi/secret/index.md)。\n",
        ),
        (
            "content/rubrics/r.md",
            "+++\nid = \"r\"\ntitle = \"标准\"\n[[dimensions]]\nid = \"d\"\ntitle = \"一\"\n[[dimensions.criteria]]\nid = \"c\"\ntitle = \"甲\"\n+++\n",
        ),
    ]);
    let built = site.build_clean();
    for (path, bytes) in &built.out {
        let text = String::from_utf8_lossy(bytes);
        for needle in ["secret-id", "不公开的题", "photo.csv"] {
            assert!(!path.contains(needle) && !text.contains(needle), "{needle} in {path}");
        }
    }
    assert!(built.text("records/b/index.html").contains("照片"), "the words of the link stay");
}
