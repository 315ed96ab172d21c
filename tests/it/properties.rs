//! Promises held for inputs nobody thought of.

use crate::support::{CONFIG, SiteTest};
use beilin::config::PathRule;
use beilin::disk::Memory;
use beilin::model::adopt::{id_of, match_path};
use beilin::model::date::{ArchiveDate, Point};
use beilin::model::kind::Kinds;
use beilin::model::route;
use beilin::model::schema::Reading;
use beilin::output::Output;
use beilin::parse::{front_matter, markdown};
use beilin::write::{MANIFEST, Stage};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn config(cases: u32) -> ProptestConfig {
    // No file of regressions: a case that failed becomes a test with a name.
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Text as people paste it: Chinese, marks of Markdown and front matter, odd characters.
fn pasted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[一-龥]{1,6}",
        2 => "[ -~]{1,12}",
        2 => proptest::sample::select(vec!["+++\n", "---\n", "\n", "\r\n", "\u{feff}", "**", "“", "”", "。", "`", "```\n", "# ", "## ", "- ", "1. ", "> ", "|", "\n|-|\n", "[^1]", "[^1]: ", "![", "](", ")", "<br>", "<script>", "</", "&amp;", "&#x0;", "{{", "{%", "$", "\\", "title = \"", "\"\n", "id: ", "[[", "]]", "= [", "{ ", " }", "\u{fdd0}", "\u{0}", "\u{200b}", "\u{202e}", "😀", "é", "data:image/png;base64,AAAA", "20**-07", "@/a.md"]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|p| p.concat())
}

/// A line of text without a control character or blank ends.
fn line() -> impl Strategy<Value = String> {
    "[一-龥A-Za-z0-9“”（）、\\\\\"'=#<>&{}😀][一-龥A-Za-z0-9 “”（）、\\\\\"'=#<>&{}😀]{0,12}[一-龥A-Za-z0-9“”（）]"
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is JSON")
}

fn point() -> impl Strategy<Value = Point> {
    let digit = |y: i16, n: u32| u8::try_from(y / 10i16.pow(n) % 10).expect("a digit");
    (1900i16..2100, 0u8..3, 1u8..=12, 1u8..=28, 0u8..4).prop_map(move |(y, exact, m, d, masked)| {
        let mut year = [3, 2, 1, 0].map(|n| Some(digit(y, n)));
        // Masks stand at the end of a year: 20**.
        if masked == 0 {
            year[3] = None;
            year[2] = None;
        }
        Point { year, month: (exact > 0).then_some(m), part: None, day: (exact > 1).then_some(d) }
    })
}

fn date() -> impl Strategy<Value = ArchiveDate> {
    let time = || (0u8..24, 0u8..60);
    (point(), proptest::option::of(point()), proptest::option::of(time()), proptest::option::of(time())).prop_map(
        |(start, end, time, end_time)| {
            let time = time.filter(|_| start.day.is_some());
            let end = end.filter(|e| {
                *e != start && e.day.is_some() == start.day.is_some() && e.month.is_some() == start.month.is_some()
            });
            // What begins later is the end.
            let (start, end) = match end {
                Some(end) if end.earliest() < start.earliest() && end.year().is_some() => (end, Some(start)),
                end => (start, end),
            };
            let end_time = end_time.filter(|e| time.is_some_and(|t| end.is_some() || *e >= t));
            ArchiveDate { start, end, time, end_time }
        },
    )
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn front_matter_is_cut_without_panic_and_every_place_lies_in_the_text(text in pasted(), fence in 0..4usize) {
        let text = match fence {
            0 => format!("+++\n{text}\n+++\n{text}"),
            1 => format!("---\na: {text}\n---\n{text}"),
            2 => format!("\u{feff}\r\n+++\r\n{text}\r\n+++"),
            _ => text,
        };
        front_matter::fuzz_front_matter(text.as_bytes());
    }

    #[test]
    fn a_configuration_is_read_without_panic(text in pasted()) {
        beilin::config::fuzz_config(text.as_bytes());
        beilin::config::fuzz_config(format!("[site]\ntitle = {}\n{text}", quoted(&text)).as_bytes());
    }

    #[test]
    fn a_date_written_is_the_date_read(date in date()) {
        prop_assert_eq!(ArchiveDate::parse(&date.iso()), Some(date.clone()), "{}", date.iso());
    }

    #[test]
    fn a_date_in_chinese_is_the_date_read(date in date()) {
        prop_assert_eq!(ArchiveDate::parse(&date.zh()), Some(date.clone()), "{}", date.zh());
    }

    #[test]
    fn anything_is_a_date_or_none(text in pasted()) {
        if let Some(date) = ArchiveDate::parse(&text) {
            prop_assert!(date.start.month.is_none_or(|m| (1..=12).contains(&m)));
            prop_assert!(date.start.day.is_none_or(|d| (1..=31).contains(&d)));
        }
    }

    #[test]
    fn encoding_an_address_goes_both_ways(text in any::<String>()) {
        let encoded = route::encode(&text);
        prop_assert!(encoded.is_ascii());
        prop_assert_eq!(route::decode(&encoded), text);
    }

    #[test]
    fn an_id_made_of_a_path_is_an_id_and_the_same_again(path in "[^\u{0}]{1,40}(/[^/\u{0}]{1,20}){0,2}(\\.md)?") {
        let id = id_of(&path);
        prop_assert!(route::is_id(&id), "{}", id);
        prop_assert_eq!(id_of(&path), id);
    }

    #[test]
    fn ids_of_chinese_names_do_not_collide(a in "[一-龥]{1,6}", b in "[一-龥]{1,6}") {
        prop_assume!(a != b);
        prop_assert_ne!(id_of(&format!("{a}.md")), id_of(&format!("{b}.md")));
    }

    #[test]
    fn a_path_rule_matches_or_not_without_panic(pattern in proptest::collection::vec(proptest::sample::select(vec!["{branch}", "{date}", "{year}", "{title}", "{*}", "**", "/", "_", "-", "meeting", "年", ".md", "{", "}", "{x", "支"]), 0..8).prop_map(|p| p.concat()), path in "[a-z支年0-9_/.-]{0,24}") {
        if let Some(found) = match_path(&[PathRule { pattern, ..PathRule::default() }], &path) {
            for text in found.places.values() {
                prop_assert!(path.contains(text.as_str()));
            }
        }
    }

    #[test]
    fn an_excerpt_has_no_more_characters_than_asked(text in pasted()) {
        let mut options = markdown::Options::default();
        options.excerpt = 20;
        let han = markdown::outline(&text, &options).excerpt.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
        prop_assert!(han <= 20, "{han}");
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_record_written_is_the_record_read(title in line(), place in line(), words in proptest::collection::vec(line(), 0..4), host in line(), votes in 0i64..500, date in date(), toml in any::<bool>()) {
        let kinds = Kinds::load(&[], &mut Vec::new());
        let kind = kinds.find("committee-meeting").expect("a shipped kind");
        let list = words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(", ");
        let text = if toml {
            format!("+++\nid = \"a\"\nkind = \"支委会\"\ntitle = {}\nplace = {}\nkeywords = [{list}]\ndate = {}\nhost = {{ name = {} }}\nrecorder = \"乙\"\nexpected = {votes}\npresent = {votes}\nagenda = [{{ title = {} }}]\n+++\n", quoted(&title), quoted(&place), quoted(&date.iso()), quoted(&host), quoted(&title))
        } else {
            format!("---\nid: a\nkind: 支委会\ntitle: {}\nplace: {}\nkeywords: [{list}]\ndate: {}\nhost: {{ name: {} }}\nrecorder: 乙\nexpected: {votes}\npresent: {votes}\nagenda:\n  - title: {}\n---\n", quoted(&title), quoted(&place), quoted(&date.iso()), quoted(&host), quoted(&title))
        };
        let mut out = Vec::new();
        let cut = front_matter::cut(&text, "x.md", &mut out);
        let values = kinds.schemas[kind].read(&cut.table, 0..0, &mut Reading { path: "x.md", text: &text, out: &mut out });
        prop_assert!(out.is_empty(), "{:?} in {}", out, text);
        prop_assert_eq!(values.text("title"), Some(title.as_str()));
        prop_assert_eq!(values.text("place"), Some(place.as_str()));
        prop_assert_eq!(values.texts("keywords"), words);
        prop_assert_eq!(values.date("date"), Some(&date));
        prop_assert_eq!(values.person("host").and_then(|p| p.name.clone()), Some(host));
        prop_assert_eq!(values.int("expected"), Some(votes));
        let agenda = values.rows("agenda").next().and_then(|r| r.string("title"));
        prop_assert_eq!(agenda, Some(title));
    }

    #[test]
    fn after_any_builds_the_folder_is_the_last_site_and_what_others_put_there(steps in proptest::collection::vec(step(), 1..6)) {
        let disk = Memory::default();
        let (mut ours, mut foreign): (BTreeMap<String, String>, BTreeMap<String, String>) = Default::default();
        for (tree, put) in steps {
            for (path, text) in put {
                if !ours.contains_key(&path) {
                    disk.put(&format!("s/public/{path}"), text.as_bytes());
                    foreign.insert(path, text);
                }
            }
            let stage = Stage::open(&disk, "s/public").expect("opens");
            for (path, text) in &tree {
                stage.put(&Output::text(path.clone(), text.clone())).expect("stages");
            }
            // A file of others is in the way unless it is what would be written; it stays theirs.
            let in_the_way: BTreeSet<&String> = tree.iter().filter(|(p, t)| foreign.get(*p).is_some_and(|f| f != *t)).map(|(p, _)| p).collect();
            prop_assert_eq!(stage.conflicts().len(), in_the_way.len());
            if in_the_way.is_empty() {
                stage.commit(&mut Vec::new()).expect("writes");
                ours = tree.into_iter().filter(|(p, _)| !foreign.contains_key(p)).collect();
            } else {
                stage.abandon();
            }
            let mut expected = ours.clone();
            expected.extend(foreign.clone());
            let mut found = disk.tree("s/public");
            found.remove(MANIFEST);
            let found: BTreeMap<String, String> = found.into_iter().map(|(p, b)| (p, String::from_utf8(b).expect("text"))).collect();
            prop_assert_eq!(found, expected);
        }
    }
}

/// A site's outputs, and files others put beside them.
fn step() -> impl Strategy<Value = (BTreeMap<String, String>, Vec<(String, String)>)> {
    const PATHS: [&str; 9] = [
        "index.html",
        "a/index.html",
        "a/b/index.html",
        "a/b.csv",
        "c/index.html",
        "支部/表.csv",
        "d/e/f/g.html",
        "x.txt",
        "x.txt/y.html",
    ];
    let path = |n: usize| proptest::sample::select(PATHS[..n].to_vec()).prop_map(str::to_owned);
    let tree = proptest::collection::btree_map(path(PATHS.len()), "[一二]{0,1}", 0..6).prop_map(|mut tree| {
        // What is a file is no folder in the same site; in the next it may be.
        if tree.contains_key("x.txt") {
            tree.remove("x.txt/y.html");
        }
        tree
    });
    (tree, proptest::collection::vec((path(7), "[一二]{0,1}"), 0..2))
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn any_small_site_is_built_without_panic_inside_its_folder(bodies in proptest::collection::vec((pasted(), pasted(), "[a-z0-9./_-]{0,8}|[一-龥]{1,3}|\\.\\./x", date()), 1..6), rules in any::<bool>()) {
        let more = if rules { "[[paths]]\npattern = \"{branch}/**/{date}{*}.md\"\nkind = \"minutes\"\n" } else { "" };
        let site = SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}{more}"))]);
        for (n, (title, body, id, date)) in bodies.iter().enumerate() {
            let text = match n % 4 {
                0 => format!("+++\nid = {}\nkind = \"other\"\ntitle = {}\nbranch = \"yi\"\ndate = {}\naliases = [{}]\nabstract = {}\n+++\n{body}", quoted(id), quoted(title), quoted(&date.iso()), quoted(id), quoted(body)),
                1 => format!("---\nkind: 支委会\ntitle: {}\n---\n{body}", quoted(title)),
                2 => body.clone(),
                _ => format!("+++\n{title}\n+++\n{body}"),
            };
            site.put(&format!("content/records/yi/f{n}/index.md"), &text);
            site.put(&format!("content/{n}页.md"), body);
            site.put(&format!("content/乙/2025-01-0{}{n}.md", n + 1), body);
        }
        let built = site.build();
        // Without errors there is a site; whatever there is lies inside the folder,
        // and what the program keeps for the next build inside its own.
        prop_assert_eq!(built.report.failed(), built.report.written.is_none());
        for path in built.out.keys() {
            prop_assert!(path.split('/').all(|p| !matches!(p, "" | "." | "..")), "{}", path);
        }
        for path in site.disk.tree("s").keys() {
            prop_assert!(["beilin.toml", "content/", "public/", ".beilin/"].iter().any(|p| path.starts_with(p)), "{}", path);
        }
    }
}
