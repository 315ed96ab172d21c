//! Writers who mean harm: every payload of `tests/data/xss.json` in every place a writer can write to, and what the
//! site's pages and data make of it. `tests/browser/hostile.mjs` opens the same in a browser.

use crate::support::{Built, ORG, SiteTest, png};
use quick_xml::events::Event;
use scraper::Html;

/// Addresses a page may carry.
const SCHEMES: [&str; 4] = ["http:", "https:", "mailto:", "tel:"];
/// What no page of ours has.
const ELEMENTS: [&str; 10] =
    ["iframe", "object", "embed", "base", "style", "template", "math", "foreignobject", "marquee", "frame"];

fn payloads() -> Vec<String> {
    serde_json::from_str(include_str!("../data/xss.json")).expect("a list of texts")
}

/// A text in TOML.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be quoted")
}

/// A site with each payload wherever a record, a branch, an organisation, a kind or the site itself has words.
fn hostile(base_url: &str) -> SiteTest {
    let all = payloads();
    let own = quoted(all[0].as_str());
    let config = format!(
        "[site]\ntitle = {own}\nsubtitle = {own}\nseal = \"<x>\"\nunit = {own}\ncontact = {own}\n{base_url}\n[identity]\nicp = {own}\ngongan = {own}\ncode = {own}\n[content]\nkinds = [\"kinds.toml\"]\n"
    );
    let site = SiteTest::bare(&[("beilin.toml", &config), ORG]);
    site.put(
        "kinds.toml",
        &format!("[[kind]]\nid = \"bad\"\nclass = \"other\"\nlabel = {{ zh = {own}, en = {own} }}\nmark = \"<\"\naliases = []\ncore = false\naudience = \"unit\"\nsection = {own}\nuses = []\nfields = [{{ key = \"own\", label = {{ zh = {own}, en = {own} }}, type = \"text\", need = \"optional\", fact = true }}]\n"),
    );
    for (n, payload) in all.iter().enumerate() {
        let p = quoted(payload);
        site.put(
            &format!("content/branches/b{n}.md"),
            &format!(
                "+++\nid = \"b{n}\"\nname = {p}\nshort = {p}\nparent = \"org\"\nbrand = {p}\nmotto = {p}\nsummary = {p}\ngroups = [{{ id = \"g\", name = {p}, leader = {p} }}]\n+++\n简介。\n"
            ),
        );
        // A name of a file, as far as a disk can hold it.
        let name: String =
            payload.chars().filter(|c| !c.is_control() && !"/\\\u{202e}".contains(*c)).take(60).collect();
        let folder = format!("content/records/{n}-{name}");
        site.put_bytes(&format!("{folder}/{name}.txt"), b"x");
        site.put_bytes(&format!("{folder}/x.png"), &png(1, 12, 8));
        let rows = format!(
            "attachments = [{{ file = {}, title = {p}, kind = {p}, note = {p}, alt = {p} }}]\nmedia = [{{ outlet = {p}, title = {p}, url = {p} }}]\nsource = {p}\narchive = {{ fonds = {p} }}\npeople = [{p}]",
            quoted(&format!("{name}.txt"))
        );
        site.put(
            &format!("{folder}/index.md"),
            &format!(
                "+++\nid = \"r{n}\"\nkind = \"{kind}\"\ntitle = {p}\nshort = {p}\nbranch = \"b{n}\"\ndate = \"2026-03-01\"\nplace = {p}\ngroup = {p}\nkeywords = [{p}]\nabstract = {p}\ndocno = {p}\n{rows}\n+++\n正文。\n",
                kind = if n % 2 == 0 { "other" } else { "bad" },
            ),
        );
        // A text without front matter: what dangles in it is told and left without a link.
        site.put(&format!("content/notes/n{n}.md"), &format!("# {n}\n\n{}", body(payload)));
    }
    site
}

/// A payload in every place of a body.
fn body(p: &str) -> String {
    let line: String = p.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!(
        "{p}\n\n## {line} {{#{line}}}\n\n[{line}]({line}) [x](<{line}>) [y](x \"{line}\") <{line}>\n\n![{line}]({line}) ![z](x.png \"{line}\")\n\n`{line}` ``` {line} ```\n\n```{line}\n{p}\n```\n\n> {line}\n\n- {line}\n\n| {line} | b |\n|---|---|\n| {line} | c |\n\n脚注[^{line}]\n\n[^{line}]: {line}\n\n{line}\n: {line}\n\n<div title=\"{line}\">{line}</div>\n\n<b {line}>{line}</b>\n\n<!-- {line} -->\n\n<{line}>\n"
    )
}

/// Tells what in a page could run, load or lead where it must not.
fn faults(html: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for node in Html::parse_document(html).tree.values().filter_map(|n| n.as_element()) {
        let name = node.name();
        if ELEMENTS.contains(&name.to_ascii_lowercase().as_str()) {
            wrong.push(format!("<{name}>"));
        }
        if name == "script" && node.attr("type") != Some("application/ld+json") {
            let src = node.attr("src").unwrap_or("");
            let own = src.trim_start_matches("../").trim_start_matches("./").trim_start_matches('/');
            if !(own.starts_with("assets/") || own == "search/words.js") {
                wrong.push(format!("a script from `{src}`"));
            }
        }
        for (attribute, value) in node.attrs() {
            let lower = attribute.to_ascii_lowercase();
            if lower.starts_with("on") || ["style", "srcdoc", "ping", "formaction"].contains(&lower.as_str()) {
                wrong.push(format!("<{name} {attribute}={value}>"));
            }
            if ["href", "src", "action", "data", "poster", "xlink:href", "srcset"].contains(&lower.as_str()) {
                // As a browser reads it.
                let seen: String = value.chars().filter(|c| *c > ' ' && !c.is_control()).collect();
                let scheme = seen.split(['/', '?', '#']).next().unwrap_or("").to_ascii_lowercase();
                if scheme.contains(':') && !SCHEMES.iter().any(|s| scheme.starts_with(s)) {
                    wrong.push(format!("<{name} {attribute}={value}>"));
                }
            }
        }
        if name == "meta" && node.attr("http-equiv").is_some_and(|h| !h.eq_ignore_ascii_case("content-security-policy"))
        {
            wrong.push("a meta that acts".to_owned());
        }
    }
    wrong
}

fn built() -> Built {
    hostile("base_url = \"https://t.example/\"").build()
}

#[test]
fn no_payload_becomes_markup_in_any_page() {
    let built = built();
    assert!(
        !built.report.failed(),
        "{}",
        built
            .diagnostics
            .lines()
            .filter(|l| l.starts_with("error") && !l.contains("unknown kind"))
            .take(9)
            .collect::<Vec<_>>()
            .join("\n")
    );
    let pages = built.pages();
    assert!(pages.len() > 300, "{} pages", pages.len());
    let mut wrong = Vec::new();
    for path in pages {
        wrong.extend(faults(built.text(path)).into_iter().map(|fault| format!("{path}: {fault}")));
    }
    assert!(wrong.is_empty(), "{} faults: {:#?}", wrong.len(), wrong.iter().take(20).collect::<Vec<_>>());
    // The words are there all the same, as words.
    for (n, payload) in payloads().iter().enumerate() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let page = built.page(&format!("records/r{n}/index.html"));
        let title = page.select(&crate::support::selector("h1")).next().expect("a heading").text().collect::<String>();
        let is_kept = |c: &char| !c.is_control() && !"\u{feff}\u{2028}\u{2029}\u{202e}".contains(*c);
        let plain = |text: &str| words(&text.chars().filter(is_kept).collect::<String>());
        assert_eq!(plain(&title), plain(payload), "{n}");
    }
}

#[test]
fn the_look_out_for_markup_sees_what_it_is_for() {
    for bad in [
        "<script>1</script>",
        "<p onclick=x>",
        "<a href=' java\tscript:x'>",
        "<svg><a xlink:href='data:text/html,x'></a></svg>",
        "<iframe>",
        "<p style='x'>",
        "<meta http-equiv=refresh content=0>",
        "<script src=https://evil.example/assets/x.js></script>",
    ] {
        assert_eq!(faults(bad).len(), 1, "{bad}");
    }
}

#[test]
fn no_payload_breaks_out_of_data_feeds_tables_and_calendars() {
    let built = built();
    let mut tried = [0; 4];
    for (path, bytes) in &built.out {
        let text = || std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{path} is UTF-8: {e}"));
        match path.rsplit('.').next().unwrap_or("") {
            "json" => {
                tried[0] += 1;
                serde_json::from_str::<serde_json::Value>(text()).unwrap_or_else(|e| panic!("{path} is JSON: {e}"));
            }
            "xml" => {
                tried[1] += 1;
                let mut reader = quick_xml::Reader::from_str(text());
                loop {
                    match reader.read_event().unwrap_or_else(|e| panic!("{path} is XML: {e}")) {
                        Event::Eof => break,
                        Event::DocType(_) | Event::PI(_) | Event::CData(_) => panic!("{path} has more than elements"),
                        Event::Text(text) => assert!(!text.contains('<'), "{path}"),
                        _ => {}
                    }
                }
            }
            "csv" => {
                tried[2] += 1;
                let mut rows = csv::ReaderBuilder::new().from_reader(text().trim_start_matches('\u{feff}').as_bytes());
                for row in rows.records() {
                    for cell in row.unwrap_or_else(|e| panic!("{path} is a table: {e}")).iter() {
                        let first = cell.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\u{feff}', '\u{202e}']);
                        assert!(!first.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{path}: {cell:?}");
                    }
                }
            }
            "html" => {
                tried[3] += 1;
                let page = built.page(path);
                for script in page.select(&crate::support::selector("script[type='application/ld+json']")) {
                    let json: String = script.text().collect();
                    serde_json::from_str::<serde_json::Value>(&json).unwrap_or_else(|e| panic!("{path}: JSON-LD: {e}"));
                }
            }
            _ => {}
        }
    }
    assert!(tried.iter().all(|n| *n > 5), "{tried:?}");
}

#[test]
fn every_page_says_what_it_may_load_and_pins_its_scripts() {
    use base64::Engine as _;
    let built = SiteTest::from_files(&[]).build_clean();
    let pages = built.pages();
    for path in &pages {
        let page = built.page(path);
        let meta = crate::support::selector("meta[http-equiv='Content-Security-Policy']");
        let policy: Vec<&str> = page.select(&meta).filter_map(|m| m.value().attr("content")).collect();
        assert!(matches!(policy[..], [p] if p.starts_with("default-src 'self'") && !p.contains("unsafe")), "{path}");
        for script in page.select(&crate::support::selector("script[src*='assets/']")) {
            let (src, integrity) = (script.value().attr("src").unwrap_or(""), script.value().attr("integrity"));
            let (file, version) = src.split_once("?v=").expect("a script has a version");
            let bytes = built.bytes(&format!("assets/{}", file.split_once("assets/").expect("it is ours").1));
            let digest = <sha2::Sha256 as sha2::Digest>::digest(bytes);
            let wanted = format!("sha256-{}", base64::prelude::BASE64_STANDARD.encode(digest));
            assert_eq!((integrity, version.len()), (Some(wanted.as_str()), 8), "{path}: {src}");
        }
    }
    assert!(pages.len() > 5);
    // Browsers check no digest of a file, and run no script that has one there.
    let copied = SiteTest::from_files(&[(
        "beilin.toml",
        &format!("{}[output]\nindex_in_links = true\n", crate::support::CONFIG),
    )]);
    assert_eq!(copied.build_clean().holding("integrity="), Vec::<&str>::new());
    let without =
        SiteTest::from_files(&[("beilin.toml", &format!("{}[security]\ncsp = false\n", crate::support::CONFIG))]);
    assert_eq!(without.build_clean().holding("Content-Security-Policy"), Vec::<&str>::new());
}

/// The files of scripts: ours as people read them, and those of the theme.
#[test]
fn no_script_of_ours_makes_markup_of_text() {
    use beilin::disk::{Disk, Real};
    const SINKS: [&str; 10] = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
        "createContextualFragment",
        "srcdoc",
        "javascript:",
    ];
    let root = env!("CARGO_MANIFEST_DIR");
    let mut seen = 0;
    for folder in ["src/search/client", "src/serve", "themes/default/static"] {
        for file in Real.walk(&format!("{root}/{folder}")).expect("a folder of scripts") {
            if !file.path.ends_with(".js") && !file.path.ends_with(".mjs") {
                continue;
            }
            seen += 1;
            let text = Real.read(&format!("{root}/{folder}/{}", file.path)).expect("a script");
            let text = String::from_utf8(text).expect("text");
            for sink in SINKS {
                assert!(!text.contains(sink), "{folder}/{} has {sink}", file.path);
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn names_that_deceive_are_errors_and_names_some_systems_refuse_are_warnings() {
    let site = SiteTest::from_files(&[]);
    for name in ["a\u{202e}gpj.exe.txt", "b\u{1}.txt", "c\n.txt", "d\u{2066}.md"] {
        site.put(&format!("content/records/{name}"), "x");
    }
    let told = site.check().diagnostics;
    assert_eq!(told.matches("error[file-name]").count(), 4, "{told}");
    let site = SiteTest::from_files(&[]);
    let long = "长".repeat(81);
    let names =
        ["CON", "nul.txt", "Com1.txt", "lpt\u{b9}.txt", "a. ", "b./x.txt", " c.txt", "d:e.txt", "f*.txt", &long];
    for name in names {
        site.put(&format!("content/records/{name}"), "x");
    }
    let told = site.check().diagnostics;
    assert_eq!(told.matches("warning[file-name]").count(), names.len(), "{told}");
    assert!(!told.contains("error"), "{told}");
}

#[test]
fn names_that_differ_in_case_or_spelling_only_are_one_file_somewhere() {
    let site = SiteTest::from_files(&[]);
    for name in ["a/X.txt", "a/x.txt", "b/\u{e9}.txt", "b/e\u{301}.txt", "c/\u{3c3}.txt", "c/\u{3a3}.txt"] {
        site.put(&format!("content/records/{name}"), "x");
    }
    let told = site.check().diagnostics;
    assert_eq!(told.matches("error[twin-names]").count(), 3, "{told}");
}

/// A site with limits, and what is told of a file in it.
fn limited(limits: &str, path: &str, text: &str) -> String {
    let config = format!("{}[limits]\n{limits}\n", crate::support::CONFIG);
    SiteTest::from_files(&[("beilin.toml", &config), (path, text)]).check().diagnostics
}

#[test]
fn beyond_a_limit_there_is_an_error_and_no_attempt() {
    let page = "content/notes/x.md";
    let told = |limits: &str, path: &str, text: &str| -> Vec<String> {
        let all = limited(limits, path, text);
        all.lines().filter(|l| l.starts_with("error")).map(str::to_owned).collect()
    };
    let one = |limits: &str, path: &str, text: &str, words: &str| {
        let told = told(limits, path, text);
        assert!(
            matches!(&told[..], [one] if one.starts_with("error[limit]") && one.contains(words)),
            "{words}: {told:?}"
        );
    };
    one("text_kb = 1", page, &"党".repeat(400), "not read");
    one("file_mb = 1", "content/notes/x.bin", &"x".repeat((1 << 20) + 1), "not read");
    one("front_matter_kb = 1", page, &format!("+++\ntitle = \"{}\"\n+++\n", "x".repeat(1100)), "1 KiB");
    one("front_matter_depth = 3", page, "+++\ntitle = \"x\"\nsummary = [[[[1]]]]\n+++\n", "3 deep");
    one("nesting = 3", page, "> > > > > > > > x\n", "3 deep");
    one("nesting = 3", page, "- - - - - - - x\n", "3 deep");
    one("table_cells = 5", page, "| a | b |\n|---|---|\n| c | d |\n| e | f |\n", "5 cells");
    // At the limit all is well.
    assert_eq!(told("text_kb = 1", page, &"x".repeat(1024)), Vec::<String>::new());
    assert_eq!(told("nesting = 4", page, "> > > > x\n"), Vec::<String>::new());
    assert_eq!(told("table_cells = 6", page, "| a | b |\n|---|---|\n| c | d |\n| e | f |\n"), Vec::<String>::new());
    // The size of the whole is known when it is made; nothing of it is written.
    let config = format!("{}[limits]\noutput_mb = 1\n", crate::support::CONFIG);
    let site = SiteTest::from_files(&[("beilin.toml", &config)]);
    site.put("content/notes/index.md", "# 附件\n\n[大](a.bin) [大](b.bin)\n");
    site.put_bytes("content/notes/a.bin", &vec![0; 700 << 10]).put_bytes("content/notes/b.bin", &vec![0; 700 << 10]);
    let built = site.build();
    assert!(built.diagnostics.contains("error[limit]") && built.out.is_empty(), "{}", built.diagnostics);
}

#[test]
fn a_file_that_grows_beyond_its_limit_between_two_builds_is_told_and_heals() {
    let config = format!("{}[limits]\ntext_kb = 1\n", crate::support::CONFIG);
    let site = SiteTest::from_files(&[("beilin.toml", &config), ("content/notes/x.md", "# 短\n\n正文。\n")]);
    let first = site.build_clean();
    site.put("content/notes/x.md", &"党".repeat(400));
    assert!(site.build().diagnostics.contains("error[limit]"));
    assert_eq!(site.build().out, first.out, "the site is as it was");
    site.put("content/notes/x.md", "# 短\n\n正文。\n");
    assert_eq!(site.build_clean().out, first.out);
}

#[test]
fn what_is_told_of_an_attachment_is_told_again_and_goes_by_the_settings_of_now() {
    let linked = |config: &str| {
        let site = SiteTest::from_files(&[("beilin.toml", &format!("{}{config}", crate::support::CONFIG))]);
        site.put("content/notes/index.md", "# 页\n\n[表](a.xml)\n").put("content/notes/a.xml", "<a/>");
        site
    };
    let site = linked("[limits]\nallow = [\"xml\"]\n");
    assert!(site.build_clean().has("files/notes/a.xml"));
    site.put("beilin.toml", crate::support::CONFIG);
    for _ in 0..2 {
        assert_eq!(site.build().diagnostics.matches("error[active-file]").count(), 1);
    }
    // A warning, with which the site is built, comes with every build.
    let site = linked("[limits]\nallow = [\"xml\"]\n");
    site.put("content/notes/CON.txt", "x");
    let macros = include_bytes!("../fuzz/corpus/attachment/a.docx");
    site.put_bytes("content/notes/m.docx", macros);
    for _ in 0..3 {
        let told = site.build_fine().diagnostics;
        assert_eq!((told.matches("has macros").count(), told.matches("warning[file-name]").count()), (1, 1), "{told}");
    }
}

/// The tests that SECURITY.md names are there.
#[test]
fn every_test_named_in_the_security_notes_is_there() {
    use beilin::disk::{Disk, Real};
    let root = env!("CARGO_MANIFEST_DIR");
    let read = |path: &str| String::from_utf8(Real.read(&format!("{root}/{path}")).expect("readable")).expect("text");
    let sources: Vec<(String, String)> = ["src", "tests/it"]
        .iter()
        .flat_map(|folder| {
            Real.walk(&format!("{root}/{folder}"))
                .expect("listed")
                .into_iter()
                .map(move |f| format!("{folder}/{}", f.path))
        })
        .filter(|path| path.ends_with(".rs"))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    let notes = read("SECURITY.md");
    let table =
        notes.split_once("## Threats").expect("there is a table").1.split_once("## What was tried").expect("it ends").0;
    let mut seen = 0;
    for row in table.lines().filter(|l| l.starts_with("| ")).skip(1) {
        let tests = row.trim_end_matches('|').rsplit('|').next().expect("a last cell");
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "a row without a test: {row}");
        for name in named {
            seen += 1;
            match name.split_once("::") {
                Some((file, test)) => {
                    let there = sources.iter().any(|(path, text)| {
                        path.split(['/', '.']).any(|part| part == file) && text.contains(&format!("fn {test}("))
                    });
                    assert!(there, "no test {name}");
                }
                None if name == "tests/run" => assert!(read(name).contains("run \"supply chain\"")),
                None => assert!(read("tests/run").contains(name), "{name} is run"),
            }
        }
    }
    assert!(seen > 35, "{seen}");
}
