//! The preview as a person meets it: the real binary over a site that is being written.

use crate::support::{CONFIG, ORG, YI, other};
use beilin::disk::{Disk, Real};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// A site on the machine that goes away with the test.
struct Site(PathBuf);

impl Site {
    fn new(name: &str) -> Site {
        let path = std::env::temp_dir().join(format!("beilin-preview-{}-{name}", std::process::id()));
        Real.remove_tree(&path.to_string_lossy()).expect("an old folder goes away");
        let site = Site(path);
        for (path, text) in [("beilin.toml", CONFIG), ORG, YI] {
            site.put(path, text);
        }
        site.put("content/records/a.md", &other("a", "2026-03-01", "", "第一稿。"));
        site.put("content/records/b.md", &other("b", "2026-03-02", "", "不动的。"));
        site
    }

    fn put(&self, path: &str, text: &str) -> &Self {
        Real.write(&self.path(path), text.as_bytes()).expect("a file is written");
        self
    }

    fn path(&self, path: &str) -> String {
        self.0.join(path).to_string_lossy().into_owned()
    }

    fn git(&self, words: &[&str]) {
        let config = ["-c", "user.name=测试", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").current_dir(&self.0).args(config).args(words).output().expect("git runs");
        assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Begins a preview and waits until it answers.
    fn serve(&self, words: &[&str]) -> Preview {
        let mut child = Command::new(env!("CARGO_BIN_EXE_beilin"))
            .current_dir(&self.0)
            .env_remove("BEILIN_LANG")
            .env("LC_ALL", "C")
            .args(["--lang", "en", "serve", "--as-of", "2026-11-20", "--port", "0"])
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let out = BufReader::new(child.stdout.take().expect("it has an output"));
        let mut err = child.stderr.take().expect("it has an error output");
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            out.lines().map_while(Result::ok).for_each(|line| {
                // The test may be over.
                let _ = sender.send(line);
            });
        });
        let told = std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).expect("what is told is text");
            text
        });
        let url = loop {
            let line = lines.recv_timeout(PATIENCE).expect("it says where it serves");
            if let Some((_, rest)) = line.split_once("http://") {
                break rest.split('/').next().unwrap_or_default().to_owned();
            }
        };
        Preview { child, at: url.parse().expect("an address"), lines, told: Some(told) }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // What stays is cleared by the next run.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A preview that runs.
struct Preview {
    child: Child,
    at: SocketAddr,
    lines: std::sync::mpsc::Receiver<String>,
    told: Option<std::thread::JoinHandle<String>>,
}

impl Preview {
    fn ask(&self, method: &str, path: &str, host: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.at).expect("the preview listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers in UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status"), body.to_owned())
    }

    fn page(&self, path: &str) -> String {
        let (status, body) = self.ask("GET", path, "localhost");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn status(&self) -> Value {
        let (_, body) = self.ask("GET", "/.beilin/status", "localhost");
        serde_json::from_str(&body).unwrap_or_else(|e| panic!("the status is JSON: {e}: {body}"))
    }

    fn builds(&self) -> u64 {
        self.status()["builds"].as_u64().expect("a number of builds")
    }

    /// Waits until something is so.
    fn until(&self, what: &str, is_so: impl Fn(&Preview) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "{what}: {}", self.status());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits long enough that a build nobody wants would have begun and ended.
    fn settle(&self) {
        std::thread::sleep(Duration::from_millis(700));
    }

    /// Stops it as Ctrl-C does; returns its exit code and what it told.
    #[cfg(unix)]
    fn stop(mut self) -> (Option<i32>, String, Vec<String>) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
        let began = Instant::now();
        let code = loop {
            match self.child.try_wait().expect("it can be waited for") {
                Some(status) => break status.code(),
                None if began.elapsed() > PATIENCE => panic!("it does not stop"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let told = self.told.take().map(|t| t.join().expect("what is told is read")).unwrap_or_default();
        let lines = self.lines.try_iter().collect();
        (code, told, lines)
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        // It may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const A: &str = "content/records/a.md";
const PAGE: &str = "/records/a/";

#[test]
fn what_is_saved_is_served_however_it_is_saved() {
    let site = Site::new("saved");
    let preview = site.serve(&[]);
    assert!(preview.page(PAGE).contains("第一稿"));

    site.put(A, &other("a", "2026-03-01", "", "写在原处。"));
    preview.until("written in place", |p| p.page(PAGE).contains("写在原处"));
    preview.settle();
    assert_eq!(preview.builds(), 2, "one save is one build");

    site.put("content/records/a.md.tmp", &other("a", "2026-03-01", "", "换了名字。"));
    Real.rename(&site.path("content/records/a.md.tmp"), &site.path(A)).expect("it is renamed");
    preview.until("written beside and renamed", |p| p.page(PAGE).contains("换了名字"));

    // As vim does: the old file becomes the backup, the new one is written in its place.
    Real.rename(&site.path(A), &site.path("content/records/a.md~")).expect("it is renamed");
    site.put(A, &other("a", "2026-03-01", "", "留了备份。"));
    Real.remove(&site.path("content/records/a.md~")).expect("it is removed");
    preview.until("with a backup", |p| p.page(PAGE).contains("留了备份"));

    site.put("content/records/新/c.md", &other("c", "2026-03-03", "", "新的文件夹。"));
    preview.until("in a new folder", |p| p.ask("GET", "/records/c/", "localhost").0 == 200);
    site.put("content/records/新/c.md", &other("c", "2026-03-03", "", "又改了。"));
    preview.until("again in the new folder", |p| p.page("/records/c/").contains("又改了"));
    Real.remove(&site.path("content/records/新/c.md")).expect("it is removed");
    preview.until("removed", |p| p.ask("GET", "/records/c/", "localhost").0 == 404);

    site.put("beilin.toml", &CONFIG.replace("测试文存", "改名文存"));
    preview.until("the settings", |p| p.page("/").contains("改名文存"));
    site.put("themes/default/static/own.css", "a{}");
    preview.until("the theme", |p| p.ask("GET", "/assets/own.css", "localhost").0 == 200);
}

#[test]
fn a_file_deleted_and_written_anew_is_one_build() {
    let site = Site::new("anew");
    let preview = site.serve(&[]);
    Real.remove(&site.path(A)).expect("it is removed");
    std::thread::sleep(Duration::from_millis(20));
    site.put(A, &other("a", "2026-03-01", "", "删了又写。"));
    preview.until("written anew", |p| p.page(PAGE).contains("删了又写"));
    preview.settle();
    assert_eq!(preview.builds(), 2);
}

#[test]
fn three_hundred_files_that_git_changes_are_one_build() {
    let site = Site::new("pull");
    site.put(".gitignore", "public/\n.beilin/\n");
    site.git(&["init", "-q", "-b", "main"]);
    site.git(&["add", "-A"]);
    site.git(&["commit", "-q", "-m", "旧"]);
    site.git(&["checkout", "-q", "-b", "新"]);
    for i in 0..300 {
        let id = format!("n{i:03}");
        site.put(&format!("content/records/更多/{id}.md"), &other(&id, "2026-04-01", "", "拉下来的。"));
    }
    site.git(&["add", "-A"]);
    site.git(&["commit", "-q", "-m", "新"]);
    site.git(&["checkout", "-q", "main"]);
    let preview = site.serve(&[]);
    assert_eq!(preview.ask("GET", "/records/n299/", "localhost").0, 404);
    site.git(&["checkout", "-q", "新"]);
    preview.until("all are there", |p| p.ask("GET", "/records/n299/", "localhost").0 == 200);
    preview.settle();
    assert_eq!(preview.builds(), 2, "{}", preview.status());
    assert_eq!(preview.ask("GET", "/records/n000/", "localhost").0, 200);
    #[cfg(unix)]
    {
        let (code, told, lines) = preview.stop();
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(lines.iter().filter(|l| l.contains(" → ")).count(), 1, "{lines:?}");
    }
}

#[test]
fn a_folder_moved_in_is_one_build() {
    let site = Site::new("moved");
    for i in 0..300 {
        let id = format!("n{i:03}");
        site.put(&format!("elsewhere/{id}.md"), &other(&id, "2026-04-01", "", "搬来的。"));
    }
    let preview = site.serve(&[]);
    Real.rename(&site.path("elsewhere"), &site.path("content/records/搬来")).expect("it is moved");
    preview.until("all are there", |p| p.ask("GET", "/records/n299/", "localhost").0 == 200);
    preview.settle();
    assert_eq!(preview.builds(), 2, "{}", preview.status());
    site.put("content/records/搬来/n000.md", &other("n000", "2026-04-01", "", "接着改。"));
    preview.until("it is watched", |p| p.page("/records/n000/").contains("接着改"));
}

#[test]
fn a_failed_build_leaves_the_last_good_site_and_is_told() {
    let site = Site::new("failed");
    let preview = site.serve(&[]);
    site.put(A, &other("a", "2026-03-01", "titel = \"<b>错</b>\"", "坏的。"));
    preview.until("it fails", |p| p.status()["ok"] == false);
    assert!(preview.page(PAGE).contains("第一稿"), "the last good page is served");
    let status = preview.status();
    let d = &status["diagnostics"][0];
    assert_eq!((&d["severity"], &d["path"], &d["line"]), (&"error".into(), &A.into(), &7.into()), "{status}");
    assert_eq!(d["marked"], "titel", "{status}");
    assert!(d["message"].as_str().is_some_and(|m| m.contains("titel")), "{status}");
    site.put(A, &other("a", "2026-03-01", "", "改好了。"));
    preview.until("it recovers", |p| p.status()["ok"] == true);
    assert!(preview.page(PAGE).contains("改好了"));
    let status = preview.status();
    assert_eq!((&status["ok"], &status["diagnostics"]), (&true.into(), &serde_json::json!([])));
    let changed = status["changed"].as_array().expect("the changed outputs are known");
    assert!(changed.contains(&"records/a/index.html".into()), "{status}");
    assert!(!changed.contains(&"records/b/index.html".into()), "{status}");
    #[cfg(unix)]
    {
        let (code, told, _) = preview.stop();
        assert_eq!(code, Some(0));
        assert!(told.contains("titel") && told.contains("the last good site is shown"), "{told}");
    }
}

impl Preview {
    /// Asks the search with a query string.
    fn search(&self, query: &str) -> (u16, Value) {
        let (status, body) = self.ask("GET", &format!("/api/search?{query}"), "localhost");
        (status, serde_json::from_str(&body).unwrap_or_else(|e| panic!("an answer is JSON: {e}: {body}")))
    }

    fn total(&self, word: &str) -> u64 {
        let (status, found) = self.search(&format!("q={}", beilin::model::route::encode(word)));
        assert_eq!(status, 200, "{found}");
        found["total"].as_u64().expect("a number")
    }
}

#[test]
fn the_search_answers_as_of_the_last_good_build() {
    let site = Site::new("search");
    let preview = site.serve(&[]);
    assert_eq!((preview.total("第一稿"), preview.total("第二稿"), preview.total("不动的")), (1, 0, 1));
    let (_, found) = preview.search("q=%E7%AC%AC%E4%B8%80%E7%A8%BF&limit=1");
    let hit = &found["hits"][0];
    assert_eq!((&hit["url"], &hit["iso"]), (&"records/a/".into(), &"2026-03-01".into()), "{found}");
    assert!(found["exact"] == true && found["took_ms"].is_number(), "{found}");
    assert!(hit["excerpt"].as_str().is_some_and(|e| e.contains("第一稿")), "{found}");
    site.put(A, &other("a", "2026-03-01", "", "第二稿。"));
    preview.until("the edit is found", |p| p.total("第二稿") == 1);
    assert_eq!((preview.total("第一稿"), preview.total("不动的")), (0, 1));
    site.put("content/records/c.md", &other("c", "2026-03-03", "", "新来的第二稿。"));
    preview.until("the new one is found", |p| p.total("第二稿") == 2);
    let order = |sort: &str| {
        let (_, found) = preview.search(&format!("q=%E7%AC%AC%E4%BA%8C%E7%A8%BF&sort={sort}"));
        found["hits"].as_array().expect("hits").iter().map(|h| h["iso"].as_str().unwrap_or("").to_owned()).collect()
    };
    let (newest, oldest): (Vec<String>, Vec<String>) = (order("newest"), order("oldest"));
    assert_eq!(
        (newest, oldest.first().map(String::as_str)),
        (oldest.iter().rev().cloned().collect(), Some("2026-03-01"))
    );
    site.put(A, &other("a", "2026-03-01", "titel = \"错\"", "坏的第二稿。"));
    preview.until("it fails", |p| p.status()["ok"] == false);
    assert_eq!((preview.total("坏的第二稿"), preview.total("第二稿")), (0, 2), "the last good site is searched");
}

#[test]
fn what_the_search_cannot_answer_is_refused_in_json() {
    let site = Site::new("refused");
    let preview = site.serve(&[]);
    let longest = "%E5%85%9A".repeat(500);
    for (query, expected) in [
        ("".to_owned(), 400),
        ("q=x&limit=101".to_owned(), 400),
        ("q=x&offset=-1".to_owned(), 400),
        ("q=x&sort=best".to_owned(), 400),
        (format!("q=x{longest}"), 400),
        (format!("q={longest}"), 200),
        ("q=%FF%00%22%22-OR%20kind:".to_owned(), 200),
        ("q=x&offset=4294967295&limit=100".to_owned(), 200),
    ] {
        let (status, value) = preview.search(&query);
        assert_eq!(status, expected, "{query}: {value}");
        if status != 200 {
            assert!(value["status"] == 400 && value["error"]["message_en"].is_string(), "{query}: {value}");
        }
    }
    for (method, host, expected) in [("POST", "localhost", 405), ("GET", "evil.example", 403)] {
        let (status, body) = preview.ask(method, "/api/search?q=x", host);
        let value: Value = serde_json::from_str(&body).expect("a refusal is JSON");
        assert_eq!((status, &value["status"]), (expected, &expected.into()), "{value}");
    }
    assert_eq!(preview.ask("HEAD", "/api/search?q=x", "localhost"), (200, String::new()));
    site.put("beilin.toml", &format!("{CONFIG}\n[search]\nenabled = false\n"));
    preview.until("there is no search any more", |p| p.search("q=x").0 == 404);
}

#[test]
fn a_site_whose_first_build_fails_is_watched_all_the_same() {
    let site = Site::new("first");
    let good = other("a", "2026-03-01", "", "第一稿。");
    site.put(A, &good.replace("title", "titel"));
    let preview = site.serve(&[]);
    assert_eq!(preview.status()["ok"], false);
    let (status, body) = preview.ask("GET", "/", "localhost");
    assert!(status == 404 && body.contains("/.beilin/live.js"), "a page stands in that follows: {status} {body}");
    assert!(!preview.ask("GET", "/beilin.toml", "localhost").1.contains("base_url"), "sources are never served");
    site.put(A, &good);
    preview.until("it is built", |p| p.ask("GET", PAGE, "localhost").0 == 200);
}

#[test]
fn a_folder_that_is_no_site_is_refused() {
    let site = Site::new("none");
    Real.remove(&site.path("beilin.toml")).expect("it is removed");
    let output = Command::new(env!("CARGO_BIN_EXE_beilin"))
        .current_dir(&site.0)
        .args(["--lang", "en", "serve", "--port", "0"])
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn files_can_be_looked_at_instead() {
    let site = Site::new("poll");
    let preview = site.serve(&["--poll", "0.1"]);
    site.put(A, &other("a", "2026-03-01", "", "看出来的。"));
    preview.until("it is seen", |p| p.page(PAGE).contains("看出来的"));
    site.put("content/records/新/c.md", &other("c", "2026-03-03", "", "新的。"));
    preview.until("a new one is seen", |p| p.ask("GET", "/records/c/", "localhost").0 == 200);
    preview.settle();
    assert_eq!(preview.builds(), 3, "two changes are two builds");
    #[cfg(unix)]
    assert_eq!(preview.stop().0, Some(0));
}

#[test]
fn it_listens_on_this_machine_only_and_answers_no_other_host() {
    let site = Site::new("hosts");
    let preview = site.serve(&["--no-reload"]);
    assert!(preview.at.ip().is_loopback());
    assert_eq!(preview.ask("GET", "/", "evil.example").0, 403);
    assert_eq!(preview.ask("GET", "/.beilin/status", "evil.example").0, 403);
    assert_eq!(preview.ask("POST", "/.beilin/status", "localhost").0, 405);
    assert_eq!(preview.ask("GET", "/.beilin-manifest", "localhost").0, 404);
    assert!(!preview.page("/").contains("live.js"), "pages that do not follow have no script");
    site.put(A, &other("a", "2026-03-01", "", "照样生成。"));
    preview.until("it is built all the same", |p| p.page(PAGE).contains("照样生成"));
}

#[cfg(unix)]
#[test]
fn an_open_page_does_not_keep_it_from_stopping() {
    let site = Site::new("stop");
    let preview = site.serve(&[]);
    let mut stream = TcpStream::connect(preview.at).expect("the preview listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
    write!(stream, "GET /.beilin/events HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it reads");
    let mut events = BufReader::new(stream.try_clone().expect("a stream has two ends"));
    let mut next = |name: &str| {
        let mut line = String::new();
        while line.trim_end() != format!("event: {name}") {
            line.clear();
            assert!(events.read_line(&mut line).expect("an event comes") > 0, "the stream ended before {name}");
        }
        line.clear();
        events.read_line(&mut line).expect("data come");
        serde_json::from_str::<Value>(line.trim_start_matches("data: ")).expect("data are JSON")
    };
    assert_eq!(next("hello")["build"], 1);
    site.put(A, &other("a", "2026-03-01", "", "推给网页。"));
    let built = next("built");
    assert_eq!((&built["ok"], &built["build"]), (&true.into(), &2.into()));
    assert!(built["changed"].as_array().is_some_and(|c| c.contains(&"records/a/index.html".into())), "{built}");
    assert_eq!(preview.stop().0, Some(0));
}
