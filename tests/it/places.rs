//! Nothing is ever written outside the output folder, whatever ids, paths, names and old addresses say.

use crate::support::{ORG, SiteTest};
use beilin::model::route;
use proptest::prelude::*;

/// Pieces of which hostile names are made.
const PIECES: [&str; 34] = [
    "..",
    "/",
    "\\",
    ".",
    "~",
    "a",
    "B",
    "支部",
    "%2e%2e",
    "%2f",
    "%00",
    "con",
    "NUL.txt",
    "aux",
    "com1",
    " ",
    ":",
    "C:",
    "//",
    "index.html",
    "index.json",
    "feed.xml",
    "assets",
    "search",
    ".beilin-manifest",
    "?",
    "#",
    "*",
    "|",
    "\u{202e}",
    "\u{e9}",
    "e\u{301}",
    "-",
    "data",
];

fn word() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 1..6).prop_map(|pieces| pieces.concat())
}

/// Tells what is wrong with the path of an output.
fn fault(path: &str) -> Option<&'static str> {
    const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];
    if path.starts_with('/')
        || path.contains(['\\', ':', '*', '?', '"', '<', '>', '|', '\0'])
        || path.chars().any(char::is_control)
    {
        return Some("is no path on every system");
    }
    for part in path.split('/') {
        let stem = part.split('.').next().unwrap_or("").to_ascii_lowercase();
        if matches!(part, "" | "." | "..") {
            return Some("leads elsewhere");
        }
        if part.ends_with(['.', ' ']) || RESERVED.contains(&stem.as_str()) {
            return Some("is no name on Windows");
        }
        if part.len() > 255 {
            return Some("is too long");
        }
        if part.starts_with('.') && !part.starts_with(".beilin-") {
            return Some("is hidden");
        }
    }
    None
}

/// A site in which a word stands for an id, a path, an attachment, an old address and a folder.
fn site(words: &[String]) -> SiteTest {
    let q = |text: &str| serde_json::to_string(text).expect("a text");
    let w = |n: usize| q(&words[n]);
    let site = SiteTest::bare(&[
        ("beilin.toml", "[site]\ntitle = \"x\"\n[output]\ndata = true\n"),
        ORG,
        (
            "content/branches/yi.md",
            &format!("+++\nid = \"yi\"\nname = \"一\"\nparent = \"org\"\naliases = [{}]\n+++\n", w(0)),
        ),
        ("content/branches/er.md", &format!("+++\nid = {}\nname = \"二\"\nparent = \"org\"\n+++\n", w(1))),
    ]);
    let record = |id: &str, more: &str, body: &str| {
        format!(
            "+++\nid = {id}\nkind = \"other\"\ntitle = \"题\"\nbranch = \"yi\"\ndate = \"2026-03-01\"\n{more}\n+++\n{body}\n"
        )
    };
    site.put("content/records/a.md", &record(&w(2), "", "正文。"));
    let body = format!("[x](<{}>) ![y](<{}>)", words[4], words[5]);
    site.put("content/records/b.md", &record("\"b\"", &format!("aliases = [{}]", w(3)), &body));
    // Only names that a disk can hold.
    let name = |n: usize| -> String {
        let parts = words[n].split('/').filter(|p| !matches!(*p, "" | "." | ".."));
        parts.collect::<Vec<_>>().join("/")
    };
    site.put(&format!("content/notes/{}/x.md", name(6)), "# 页\n\n正文。\n");
    site.put(&format!("content/{}.md", name(7)), "# 页\n\n正文。\n");
    let file = name(4);
    site.put(&format!("content/records/c/{file}"), "x");
    site.put(
        "content/records/c/index.md",
        &record("\"c\"", &format!("attachments = [{{ file = {}, title = \"附件\" }}]", q(&file)), "正文。"),
    );
    site
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_word_of_a_writer_leads_out_of_the_output_folder(words in proptest::collection::vec(word(), 8)) {
        let site = site(&words);
        let before = site.disk.tree("");
        let built = site.build();
        for path in built.out.keys() {
            prop_assert_eq!(fault(path).map(|f| format!("{path} {f}")), None);
        }
        // What was there is there, and what is new is in the output folder or the cache.
        let after = site.disk.tree("");
        for (path, bytes) in &before {
            prop_assert!(after.get(path) == Some(bytes), "{} was touched", path);
        }
        for path in after.keys().filter(|p| !before.contains_key(*p)) {
            prop_assert!(path.starts_with("s/public/") || path.starts_with("s/.beilin/"), "{} is written", path);
        }
    }

    #[test]
    fn an_id_is_one_part_of_a_path(id in word()) {
        if route::is_id(&id) {
            prop_assert_eq!(fault(&route::file_of(&route::record(&id))), None);
            prop_assert!(!id.contains('/'));
        }
    }

    #[test]
    fn a_criterion_of_any_name_is_one_part_of_a_path(id in ".{0,200}") {
        let path = route::file_of(&route::criterion("r", &id));
        prop_assert_eq!(fault(&path), None);
        prop_assert_eq!(path.matches('/').count(), 3);
    }
}

#[cfg(unix)]
#[test]
fn links_and_devices_are_never_read_and_never_written_through() {
    use beilin::disk::{Disk, Real};
    use std::os::unix::fs::symlink;
    let folder = std::env::temp_dir().join(format!("beilin-places-{}", std::process::id()));
    let at = |path: &str| folder.join(path).to_string_lossy().into_owned();
    let put = |path: &str, text: &str| Real.write(&at(path), text.as_bytes()).expect("written");
    put("outside/secret.txt", "SECRET");
    put("outside/secret.md", "# SECRET\n");
    put("outside/theirs/index.html", "theirs");
    put("site/beilin.toml", "[site]\ntitle = \"x\"\n");
    put("site/content/notes/a.md", "# 页\n\n[x](secret.txt) [y](secret.md) [z](d/secret.txt)\n");
    for (target, link) in [
        ("outside/secret.txt", "site/content/notes/secret.txt"),
        ("outside/secret.md", "site/content/notes/secret.md"),
        ("outside", "site/content/notes/d"),
        ("outside/secret.md", "site/themes/default/templates/x.html"),
    ] {
        put(&format!("{link}.here"), "");
        symlink(folder.join(target), folder.join(link)).expect("a link is made");
    }
    symlink("/dev/zero", folder.join("site/content/notes/zero.bin")).expect("a link is made");
    let pipe = std::process::Command::new("mkfifo").arg(folder.join("site/content/notes/pipe.md")).status();
    assert!(pipe.expect("mkfifo runs").success());
    let run = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_beilin"));
        command.args(["--lang", "en", "build"]).current_dir(folder.join("site")).output().expect("it runs")
    };
    let ran = run();
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(0), "{told}");
    assert!(told.matches("not a plain file").count() >= 5, "{told}");
    for file in Real.walk(&at("site/public")).expect("listed") {
        let bytes = Real.read(&at(&format!("site/public/{}", file.path))).expect("read");
        assert!(!String::from_utf8_lossy(&bytes).contains("SECRET"), "{}", file.path);
    }
    // A link in the place of a folder of the output: what it leads to is not ours.
    Real.remove_tree(&at("site/public/branches")).expect("removed");
    symlink(folder.join("outside/theirs"), folder.join("site/public/branches")).expect("a link is made");
    let ran = run();
    let theirs = Real.read(&at("outside/theirs/index.html")).expect("there");
    assert_eq!(theirs, b"theirs", "{}", String::from_utf8_lossy(&ran.stderr));
    Real.remove_tree(&folder.to_string_lossy()).expect("removed");
}
