//! Clocks that go backwards, times that say nothing, and caches that are not what they seem: no edit is
//! ever missed.

use crate::support::{CONFIG, DAY, ORG, SiteTest, YI, assert_same_site, is_of_search, other};
use beilin::build::Unwatched;
use beilin::digest::Digest;
use beilin::disk::{Disk, Memory, Real};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// A site on the machine that goes away with the test.
struct Site(PathBuf);

impl Site {
    fn new(name: &str) -> Site {
        let site = Site(std::env::temp_dir().join(format!("beilin-times-{}-{name}", std::process::id())));
        Real.remove_tree(&site.0.to_string_lossy()).expect("an old folder goes away");
        for (path, text) in [("beilin.toml", CONFIG), ORG, YI] {
            site.put(path, text);
        }
        site.put("content/records/a.md", &text("a", 0));
        site.put("content/records/b.md", &text("b", 0));
        site
    }

    fn path(&self, path: &str) -> String {
        self.0.join(path).to_string_lossy().into_owned()
    }

    fn put(&self, path: &str, text: &str) {
        Real.write(&self.path(path), text.as_bytes()).expect("written");
    }

    /// Sets when a file says that it was written.
    fn set(&self, path: &str, at: SystemTime) {
        let file = std::fs::File::options().write(true).open(self.path(path)).expect("there");
        file.set_modified(at).expect("a time can be set");
    }

    fn build(&self) {
        let input = beilin::Input { root: self.path(""), out: None, as_of: Some(DAY) };
        let report = beilin::build(&Real, &input, &Unwatched).expect("the machine refuses nothing");
        assert_eq!(report.diagnostics, []);
    }

    fn shows(&self, record: &str, turn: usize) -> bool {
        let page = std::fs::read_to_string(self.path(&format!("public/records/{record}/index.html"))).expect("there");
        page.contains(&words(turn))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // What stays is cleared by the next run.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn words(turn: usize) -> String {
    format!("第{turn:03}稿")
}

/// A record whose text has the same length whatever the turn.
fn text(id: &str, turn: usize) -> String {
    other(id, "2026-03-01", "", &format!("这是{}。", words(turn)))
}

#[test]
fn an_edit_of_the_same_size_right_after_a_build_is_seen() {
    let site = Site::new("tick");
    site.build();
    for turn in 1..40 {
        site.put("content/records/a.md", &text("a", turn));
        site.build();
        assert!(site.shows("a", turn), "turn {turn}");
    }
}

#[test]
fn an_edit_under_one_time_for_all_files_is_seen() {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let ahead = SystemTime::now() + Duration::from_secs(86_400);
    for (name, at) in [("coarse", then), ("future", ahead), ("zero", SystemTime::UNIX_EPOCH)] {
        let site = Site::new(name);
        for turn in 1..6 {
            site.put("content/records/a.md", &text("a", turn));
            for path in ["beilin.toml", ORG.0, YI.0, "content/records/a.md", "content/records/b.md"] {
                site.set(path, at);
            }
            site.build();
            assert!(site.shows("a", turn) && site.shows("b", 0), "{name}, turn {turn}");
        }
    }
}

#[test]
fn an_edit_under_an_older_time_is_seen() {
    let site = Site::new("older");
    let now = SystemTime::now();
    for turn in 1..6 {
        site.put("content/records/a.md", &text("a", turn));
        site.set("content/records/a.md", now - Duration::from_secs(1000 * turn as u64));
        site.build();
        assert!(site.shows("a", turn), "turn {turn}");
    }
}

#[test]
fn a_copied_site_with_its_cache_sees_its_own_edits() {
    let (site, copy) = (Site::new("original"), Site::new("copy"));
    site.build();
    std::thread::sleep(Duration::from_millis(150));
    site.build();
    for found in Real.walk(&site.path("")).expect("listed") {
        let bytes = Real.read(&site.path(&found.path)).expect("read");
        Real.write(&copy.path(&found.path), &bytes).expect("written");
        let modified = SystemTime::UNIX_EPOCH + Duration::from_nanos(found.stat.modified as u64);
        copy.set(&found.path, modified);
    }
    // The same size and the same time as the file the cache knows.
    let known = Real.stat(&site.path("content/records/a.md")).expect("there");
    copy.put("content/records/a.md", &text("a", 7));
    copy.set("content/records/a.md", SystemTime::UNIX_EPOCH + Duration::from_nanos(known.modified as u64));
    copy.build();
    assert!(copy.shows("a", 7) && site.shows("a", 0));
}

/// A small site in memory, built.
fn built(more: &str) -> SiteTest {
    let site = SiteTest::from_files(&[("content/records/a.md", text("a", 0).as_str())]);
    site.put("content/records/b.md", &text("b", 0).replace("题b", more));
    site.build_clean();
    site
}

fn parts(disk: &Memory) -> Vec<(String, Vec<u8>)> {
    // The files of tantivy are for those who search without a browser: no build reads them.
    let tree = disk.tree("s/.beilin").into_iter().filter(|(p, _)| !p.starts_with("search/") || p == "search/state");
    tree.map(|(path, bytes)| (format!("s/.beilin/{path}"), bytes)).collect()
}

/// Holds that a build after a harm gives what a clean build gives.
fn mends(site: &SiteTest, turn: usize, what: &str) {
    site.put("content/records/a.md", &text("a", turn));
    let now = site.build_clean().out;
    let clean = SiteTest::bare(&[]);
    for (path, bytes) in
        site.disk.tree("s").iter().filter(|(p, _)| !p.starts_with("public/") && !p.starts_with(".beilin"))
    {
        clean.put_bytes(path, bytes);
    }
    let clean = clean.build_clean().out;
    let page = "records/a/index.html";
    assert_eq!(now.get(page), clean.get(page), "{what}");
    assert_same_site(&now, &clean);
}

#[test]
fn any_part_of_a_cache_may_be_cut_or_empty_or_anothers() {
    let other = built("别的题");
    let theirs = parts(&other.disk);
    let kind = |path: &str| path.rsplit('/').next().and_then(|n| n.split('-').next()).map(str::to_owned);
    let count = parts(&built("题b").disk).len();
    assert!(count >= 6, "{count}");
    for n in 0..count {
        for harm in ["cut", "empty", "gone", "theirs"] {
            let site = built("题b");
            let (path, bytes) = parts(&site.disk).swap_remove(n);
            match harm {
                "cut" => site.disk.put(&path, &bytes[..bytes.len() / 2]),
                "empty" => site.disk.put(&path, b""),
                "gone" => site.disk.delete(&path),
                _ => {
                    let their = theirs.iter().find(|(p, _)| kind(p) == kind(&path)).expect("they have it too");
                    site.disk.put(&path, &their.1);
                }
            }
            mends(&site, 1, &format!("{path} {harm}"));
            mends(&site, 2, &format!("after {path} {harm}"));
        }
    }
}

#[test]
fn the_cache_of_another_site_is_of_no_harm() {
    // Of the same files at the same times, as far as the machine tells.
    let (site, other) = (built("题b"), built("题乙"));
    for (path, _) in parts(&site.disk) {
        site.disk.delete(&path);
    }
    for (path, bytes) in parts(&other.disk) {
        site.disk.put(&path, &bytes);
    }
    site.edit("content/records/b.md", "题b", "题丙丙");
    mends(&site, 1, "another's cache");
}

#[test]
fn the_cache_of_another_version_is_not_read() {
    let site = built("题b");
    let head = "s/.beilin/cache/head";
    let bytes = site.disk.read(head).expect("there");
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let at = bytes.windows(version.len()).position(|w| w == version).expect("the version is told");
    let mut payload = bytes[64..].to_vec();
    payload[at - 64] ^= 1;
    site.disk.put(head, &[Digest::of(&payload).to_hex().as_bytes(), &payload].concat());
    let built = site.build_clean();
    let others = built.out.keys().filter(|p| !is_of_search(p) && !p.starts_with(".beilin-")).count();
    assert_eq!(built.report.rendered.len(), others + 1, "nothing was kept");
    mends(&site, 1, "another version's cache");
}
