//! The daemon: real repositories, the real binary, real calls.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beilin::diagnostic::{Error, Lang};
use beilin::disk::{Disk, Real, join};
use beilin::follow::{Follower, Hooks, Options, Outcome, Publisher};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What is waited for comes within this time, or the test fails.
const LONG: Duration = Duration::from_secs(120);
const SECRET: &str = "yunzhou-wencun-0123456789";
/// A signing token as GitLab makes them.
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// What the publisher holds while it works.
const PUBLISHING: &str = ".beilin/lock";

/// A bare repository, a work tree of it and a folder to publish to, all gone with the test.
struct Place {
    folder: PathBuf,
    site: &'static str,
}

impl Place {
    /// Makes a repository whose branch `main` holds a small site.
    fn new(name: &str) -> Place {
        Place::with_site(name, "")
    }

    /// The same with the site in a folder of the repository.
    fn with_site(name: &str, site: &'static str) -> Place {
        let folder = std::env::temp_dir().join(format!("beilin-follow-{}-{name}", std::process::id()));
        Real.remove_tree(&folder.to_string_lossy()).expect("an old folder goes away");
        std::fs::create_dir_all(&folder).expect("a folder is made");
        let place = Place { folder, site };
        place.git(&["init", "--quiet", "--bare", "--initial-branch=main", "repo.git"]);
        place.git(&["clone", "--quiet", "repo.git", "tree"]);
        place.git(&["-C", "tree", "checkout", "--quiet", "-B", "main"]);
        place.put("beilin.toml", "[site]\ntitle = \"小站\"\n");
        std::fs::write(place.folder.join("secret"), format!("{SECRET}\n{WHSEC}\n")).expect("a secret is written");
        place
    }

    fn path(&self, path: &str) -> String {
        join(&self.folder.to_string_lossy(), path)
    }

    fn git(&self, words: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(&self.folder)
            .args(["-c", "user.name=云州", "-c", "user.email=a@yunzhou.example", "-c", "commit.gpgSign=false"])
            .args(words)
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("git speaks UTF-8").trim().to_owned()
    }

    fn put(&self, path: &str, text: &str) {
        let path = join(&join("tree", self.site), path);
        Real.write(&self.path(&path), text.as_bytes()).expect("a file is written");
    }

    /// Commits a page with these words; returns the commit.
    fn commit(&self, words: &str) -> String {
        self.commit_page(&format!("+++\ntitle = \"关于\"\n+++\n{words}\n"))
    }

    fn commit_page(&self, page: &str) -> String {
        self.put("content/about.md", page);
        self.git(&["-C", "tree", "add", "-A"]);
        self.git(&["-C", "tree", "commit", "--quiet", "-m", "改"]);
        self.git(&["-C", "tree", "rev-parse", "HEAD"])
    }

    fn push(&self) {
        self.git(&["-C", "tree", "push", "--quiet", "--force", "origin", "main"]);
    }

    /// Commits words and pushes them.
    fn publish(&self, words: &str) -> String {
        let commit = self.commit(words);
        self.push();
        commit
    }

    /// What a visitor reads.
    fn live(&self) -> String {
        std::fs::read_to_string(self.path("to/current/about/index.html")).unwrap_or_default()
    }

    fn releases(&self) -> Vec<String> {
        let all = Real.list(&self.path("to/releases")).expect("releases are listed");
        all.into_iter().filter(|(name, is_folder)| *is_folder && !name.starts_with(".")).map(|(name, _)| name).collect()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beilin"));
        command.current_dir(&self.folder).env_remove("BEILIN_WEBHOOK_SECRET").env("LC_ALL", "C");
        command.args(["--lang", "zh", "follow", "--to", "to", "--listen", "127.0.0.1:0"]);
        if !self.site.is_empty() {
            command.args(["--site", self.site]);
        }
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Starts a daemon that hears calls and otherwise looks once a day.
    fn called(&self, words: &[&str]) -> Daemon {
        Daemon::start(self.command(&["repo.git", "--every", "86400", "--secret-file", "secret"]).args(words))
    }

    /// Starts a daemon that looks every second and hears no calls.
    fn looking(&self) -> Daemon {
        Daemon::start(&mut self.command(&["repo.git", "--every", "1"]))
    }

    /// Keeps every publishing waiting until what is returned is dropped.
    fn hold(&self) -> Box<dyn Send + Sync> {
        Real.lock(&self.path(&join("to", PUBLISHING))).expect("the lock is free")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What stays is cleared by the next run.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A daemon that runs; killed with the test.
struct Daemon {
    child: Child,
    at: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

/// An answer: status, head in lower case, body.
type Answer = (u16, String, String);

impl Daemon {
    fn start(command: &mut Command) -> Daemon {
        let mut child = command.spawn().expect("the binary starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, to) = (child.stderr.take().expect("stderr is ours"), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                to.lock().expect("nobody panics here").push(line);
            }
        });
        let mut daemon = Daemon { child, at: SocketAddr::from(([127, 0, 0, 1], 0)), log };
        daemon.at = wait("the daemon listens", || {
            let told = daemon.events("listening").first()?["address"].as_str()?.parse().ok();
            assert!(told.is_some(), "an address is told");
            told
        });
        daemon
    }

    fn lines(&self) -> Vec<String> {
        self.log.lock().expect("nobody panics here").clone()
    }

    /// The lines of the log of one event.
    fn events(&self, name: &str) -> Vec<Value> {
        let all = self.lines();
        let read = |l: &String| serde_json::from_str::<Value>(l).unwrap_or_else(|e| panic!("{e}: {l}"));
        all.iter().map(read).filter(|v| v["event"] == name).collect()
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        let given = |name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        if !given("host") {
            text += &format!("Host: {}\r\n", self.at);
        }
        if !given("content-length") && !given("transfer-encoding") {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(self.at).expect("the daemon listens");
        stream.set_read_timeout(Some(LONG)).expect("a time limit can be set");
        stream.write_all(&[text.as_bytes(), b"\r\n", body].concat()).expect("the daemon reads");
        let mut answer = String::new();
        // An answer before all was read ends with a reset.
        let read = stream.read_to_string(&mut answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("an answer: {read:?} {answer}"));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        (status, head.to_lowercase(), body.to_owned())
    }

    fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask("POST", path, headers, body.as_bytes())
    }

    /// Calls as GitHub does.
    fn github(&self, event: &str, delivery: &str, body: &str) -> Answer {
        let signature = format!("sha256={}", hex(&sign(SECRET.as_bytes(), body.as_bytes())));
        let headers = [("X-GitHub-Event", event), ("X-GitHub-Delivery", delivery), ("X-Hub-Signature-256", &signature)];
        self.post("/hooks/github", &headers, body)
    }

    fn status(&self) -> Value {
        let (status, _, body) = self.ask("GET", "/status", &[], b"");
        assert_eq!(status, 200);
        serde_json::from_str(&body).expect("the status is JSON")
    }

    /// Waits until the status is as wanted.
    fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let began = Instant::now();
        while began.elapsed() < LONG {
            last = self.status();
            if wanted(&last) {
                return last;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        panic!("{what}: {last:#}\n{}", self.lines().join("\n"))
    }

    fn until_live(&self, commit: &str) -> Value {
        self.until(&format!("{commit} is live"), |s| s["live"]["commit"] == commit && s["building"].is_null())
    }

    /// Waits until all is done that was asked for.
    fn until_quiet(&self) -> Value {
        self.until("nothing to do", |s| s["queue"] == 0 && s["building"].is_null() && !s["next_poll"].is_null())
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(done.success());
    }

    fn ended(&mut self) -> Option<i32> {
        wait("the daemon ends", || self.child.try_wait().expect("a child can be asked")).code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait<T>(what: &str, mut asked: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    while began.elapsed() < LONG {
        if let Some(found) = asked() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{what}: not within {LONG:?}")
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The body of a push, another for each number.
fn push_of(reference: &str, number: usize) -> String {
    format!("{{\"ref\":\"{reference}\",\"after\":\"{number:040x}\",\"commits\":[]}}")
}

fn main_push(number: usize) -> String {
    push_of("refs/heads/main", number + 1)
}

fn seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs()
}

#[test]
fn a_push_ends_on_the_live_site_by_looking() {
    let place = Place::new("poll");
    let first = place.publish("第一版");
    let daemon = place.looking();
    let status = daemon.until_live(&first);
    assert!(place.live().contains("第一版"));
    assert_eq!(
        (status["branch"].as_str(), status["version"].as_str()),
        (Some("main"), Some(env!("CARGO_PKG_VERSION")))
    );
    let second = place.publish("第二版");
    let status = daemon.until_live(&second);
    assert!(place.live().contains("第二版"));
    assert_eq!((&status["last"]["result"], &status["failure"]), (&"live".into(), &Value::Null));
    assert_eq!(place.releases().len(), 2);
    assert_eq!(daemon.ask("GET", "/healthz", &[], b"").0, 200);
}

#[test]
fn every_forges_call_is_answered_202_and_ends_on_the_live_site() {
    let place = Place::new("forges");
    let first = place.publish("零");
    let daemon = place.called(&[]);
    daemon.until_live(&first);
    let check = |number: usize, path: &str, headers: &dyn Fn(&str) -> Vec<(&'static str, String)>| {
        let commit = place.publish(&format!("第{number}版"));
        let body = push_of("refs/heads/main", number);
        let headers = headers(&body);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let (status, _, answer) = daemon.post(path, &headers, &body);
        assert_eq!((status, answer.trim()), (202, "{\"ok\":true,\"queued\":true}"), "{path} {headers:?}");
        daemon.until_live(&commit);
    };
    let hex_of = |body: &str| hex(&sign(SECRET.as_bytes(), body.as_bytes()));
    check(1, "/hooks/github", &|body| {
        vec![("X-GitHub-Event", "push".into()), ("X-Hub-Signature-256", format!("sha256={}", hex_of(body)))]
    });
    check(2, "/hooks/gitea", &|body| vec![("X-Gitea-Event", "push".into()), ("X-Gitea-Signature", hex_of(body))]);
    check(3, "/hooks/forgejo", &|body| vec![("X-Forgejo-Event", "push".into()), ("X-Forgejo-Signature", hex_of(body))]);
    check(4, "/hooks/gitlab", &|_| vec![("X-Gitlab-Event", "Push Hook".into()), ("X-Gitlab-Token", SECRET.into())]);
    check(5, "/hooks/gitlab", &|body| {
        let (id, time) = ("msg_1", seconds().to_string());
        let key = STANDARD.decode(&WHSEC[6..]).expect("base64");
        let signature = format!("v1,{}", STANDARD.encode(sign(&key, format!("{id}.{time}.{body}").as_bytes())));
        vec![
            ("X-Gitlab-Event", "Push Hook".into()),
            ("webhook-id", id.into()),
            ("webhook-timestamp", time),
            ("webhook-signature", signature),
        ]
    });
    check(6, "/hooks/gitee", &|_| {
        let time = (seconds() * 1000).to_string();
        let token = STANDARD.encode(sign(SECRET.as_bytes(), format!("{time}\n{SECRET}").as_bytes()));
        vec![("X-Gitee-Event", "Push Hook".into()), ("X-Gitee-Timestamp", time), ("X-Gitee-Token", token)]
    });
    check(7, "/hooks/gitee", &|_| {
        let time = (seconds() * 1000 + 1).to_string();
        vec![("X-Gitee-Event", "Push Hook".into()), ("X-Gitee-Timestamp", time), ("X-Gitee-Token", SECRET.into())]
    });
    let log = daemon.lines().join("\n");
    assert!(!log.contains(SECRET) && !log.contains(WHSEC), "a secret is in the log");
}

#[test]
fn what_is_not_proven_not_readable_or_not_ours_does_not_ring() {
    let place = Place::new("refused");
    let first = place.publish("第一版");
    let daemon = place.called(&["--body-limit", "1", "--rate", "1000"]);
    daemon.until_live(&first);
    place.publish("第二版");
    let body = main_push(1);
    let good = format!("sha256={}", hex(&sign(SECRET.as_bytes(), body.as_bytes())));
    let wrong = format!("sha256={}", hex(&sign(b"wrong", body.as_bytes())));
    let event = ("X-GitHub-Event", "push");
    let mut answers = Vec::new();
    let mut check = |answer: Answer, status: u16, part: &str| {
        assert_eq!(answer.0, status, "{answer:?}");
        assert!(answer.2.contains(part), "{part} in {answer:?}");
        answers.push(answer);
    };
    check(daemon.post("/hooks/github", &[event, ("X-Hub-Signature-256", &wrong)], &body), 401, "unauthorized");
    check(daemon.post("/hooks/github", &[event], &body), 401, "unauthorized");
    check(daemon.post("/hooks/github", &[event, ("X-Hub-Signature-256", &good)], &main_push(2)), 401, "unauthorized");
    check(daemon.post("/hooks/gitlab", &[("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Token", "x")], &body), 401, "");
    check(daemon.github("push", "1", "{\"ref\":"), 400, "unreadable");
    check(daemon.github("push", "2", "{}"), 400, "unreadable");
    check(daemon.github("push", "3", &push_of("refs/heads/other", 3)), 202, "branch");
    check(daemon.github("push", "4", &push_of("refs/heads/x/refs/heads/main", 4)), 202, "branch");
    check(daemon.github("push", "5", &push_of("refs/tags/main", 5)), 202, "branch");
    check(daemon.github("push", "6", &push_of("refs/heads/main", 0)), 202, "deleted");
    check(daemon.github("ping", "7", "{\"zen\":\"\"}"), 200, "pong");
    check(daemon.github("issues", "8", "{}"), 202, "event");
    check(daemon.ask("GET", "/hooks/github", &[], b""), 405, "");
    check(daemon.post("/hooks/svn", &[], &body), 404, "");
    check(daemon.post("/hooks/github", &[event, ("Content-Length", "1048577")], ""), 413, "too large");
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", 1_048_577, "x".repeat(1_048_577));
    check(daemon.post("/hooks/github", &[event, ("Transfer-Encoding", "chunked")], &chunk), 413, "too large");
    assert!(answers[12].1.contains("allow: post"), "{}", answers[12].1);
    let status = daemon.until_quiet();
    assert_eq!((status["live"]["commit"].as_str(), daemon.events("publishing").len()), (Some(first.as_str()), 1));
    assert_eq!(daemon.events("hook-refused").len(), 8);
}

#[test]
fn a_call_from_a_page_is_refused_whatever_it_proves() {
    let place = Place::new("pages");
    let first = place.publish("第一版");
    let daemon = place.called(&[]);
    daemon.until_live(&first);
    let body = main_push(1);
    let good = format!("sha256={}", hex(&sign(SECRET.as_bytes(), body.as_bytes())));
    for origin in ["http://evil.example", "null", "http://localhost"] {
        let call = [("X-GitHub-Event", "push"), ("X-Hub-Signature-256", &good), ("Origin", origin)];
        assert_eq!(daemon.post("/hooks/github", &call, &body).0, 403, "{origin}");
    }
    assert_eq!(daemon.ask("GET", "/status", &[("Origin", "http://evil.example")], b"").0, 403);
    assert_eq!(daemon.events("hook-refused").len(), 0, "nobody fills the log so");
}

#[test]
fn a_call_that_comes_again_is_ignored() {
    let place = Place::new("replay");
    let first = place.publish("第一版");
    let daemon = place.called(&[]);
    daemon.until_live(&first);
    let ignored = "{\"ok\":true,\"ignored\":\"replay\"}";
    assert!(daemon.github("push", "a", &main_push(1)).2.contains("queued"));
    let (status, _, answer) = daemon.github("push", "a", &main_push(1));
    assert_eq!((status, answer.trim()), (202, ignored), "the same");
    assert_eq!(daemon.github("push", "b", &main_push(1)).2.trim(), ignored, "the same under another number");
    assert_eq!(daemon.github("push", "a", &main_push(2)).2.trim(), ignored, "the same number with another body");
    assert!(daemon.github("push", "c", &main_push(3)).2.contains("queued"));
}

#[test]
fn too_many_calls_are_told_when_to_come_again() {
    let place = Place::new("rate");
    let first = place.publish("第一版");
    let daemon = place.called(&["--rate", "3"]);
    daemon.until_live(&first);
    let codes: Vec<u16> = (0..3).map(|n| daemon.github("ping", &n.to_string(), "{}").0).collect();
    assert_eq!(codes, [200, 200, 200]);
    let (status, head, _) = daemon.github("push", "x", &main_push(1));
    assert_eq!(status, 429);
    let after = head.lines().find_map(|l| l.strip_prefix("retry-after: ")?.trim().parse::<u64>().ok());
    assert!(after.is_some_and(|s| (1..=20).contains(&s)), "{head}");
    assert_eq!(daemon.ask("GET", "/status", &[], b"").0, 200, "only calls are counted");
}

#[test]
fn a_burst_while_a_commit_is_published_ends_on_the_newest_with_one_more() {
    let place = Place::new("burst");
    let first = place.publish("第一版");
    let held = place.hold();
    let daemon = place.called(&[]);
    daemon.until("the first is being published", |s| s["building"]["commit"] == first.as_str());
    let mut newest = String::new();
    for n in 0..30 {
        if n % 10 == 9 {
            newest = place.publish(&format!("第{n}版"));
        }
        assert_eq!(daemon.github("push", &n.to_string(), &main_push(n)).0, 202);
    }
    let status = daemon.status();
    assert_eq!((&status["queue"], &status["live"]), (&1.into(), &Value::Null));
    drop(held);
    daemon.until_live(&newest);
    daemon.until_quiet();
    assert_eq!(daemon.events("publishing").len(), 2);
    assert_eq!(place.releases().len(), 2);
    assert!(place.live().contains("第29版"));
}

#[test]
fn a_commit_with_errors_never_goes_live_and_is_told_with_its_place() {
    let place = Place::with_site("errors", "站点");
    let first = place.publish("第一版");
    let daemon = place.called(&[]);
    daemon.until_live(&first);
    let bad = place.commit_page("+++\ntitel = \"关于\"\n+++\n见<b>[手册](manul.md)。\n");
    place.push();
    daemon.github("push", "1", &main_push(1));
    let status = daemon.until("it has failed", |s| s["failure"]["commit"] == bad.as_str());
    assert_eq!((&status["live"]["commit"], &status["last"]["result"]), (&first.as_str().into(), &"refused".into()));
    assert!(place.live().contains("第一版"));
    let told = &status["failure"]["diagnostics"][0];
    assert_eq!(
        (&told["path"], &told["line"], &told["severity"]),
        (&"content/about.md".into(), &2.into(), &"error".into())
    );
    for key in ["code", "message", "message_en", "column"] {
        assert!(!told[key].is_null(), "{key} in {told}");
    }
    let (_, head, page) = daemon.ask("GET", "/", &[], b"");
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    assert!(
        page.contains("没有发布成功") && page.contains("content/about.md:2:") && !page.contains("<script"),
        "{page}"
    );
    // Another call, and another look: the same commit is not tried again.
    daemon.github("push", "2", &main_push(2));
    daemon.until_quiet();
    assert_eq!(daemon.events("publishing").len(), 2);
    let good = place.publish("改好了");
    daemon.github("push", "3", &main_push(3));
    let status = daemon.until_live(&good);
    assert_eq!(status["failure"], Value::Null);
}

#[test]
fn rewritten_history_is_told_and_published() {
    let place = Place::new("force");
    place.publish("第一版");
    let second = place.publish("第二版");
    let daemon = place.looking();
    daemon.until_live(&second);
    place.git(&["-C", "tree", "reset", "--quiet", "--hard", "HEAD~1"]);
    let other = place.publish("另一版");
    let status = daemon.until_live(&other);
    assert_eq!(
        (&status["rewritten"]["from"], &status["rewritten"]["to"]),
        (&second.as_str().into(), &other.as_str().into())
    );
    assert_eq!(daemon.events("rewritten").len(), 1);
    let next = place.publish("接着写");
    daemon.until_live(&next);
    assert_eq!(daemon.events("rewritten").len(), 1, "what follows is no rewriting");
}

#[test]
fn a_term_signal_waits_for_what_is_being_published() {
    let place = Place::new("term");
    let first = place.publish("第一版");
    let held = place.hold();
    let mut daemon = place.called(&[]);
    daemon.until("it is being published", |s| s["building"]["commit"] == first.as_str());
    daemon.signal("-TERM");
    wait("it is told", || daemon.events("stopping").first().cloned());
    assert_eq!(daemon.child.try_wait().expect("a child can be asked"), None, "it waits");
    drop(held);
    assert_eq!(daemon.ended(), Some(0));
    assert!(place.live().contains("第一版"));
}

#[test]
fn a_second_signal_ends_at_once_and_the_next_start_makes_it_good() {
    let place = Place::new("twice");
    let first = place.publish("第一版");
    let held = place.hold();
    let mut daemon = place.called(&[]);
    daemon.until("it is being published", |s| s["building"]["commit"] == first.as_str());
    daemon.signal("-TERM");
    wait("it is told", || daemon.events("stopping").first().cloned());
    daemon.signal("-INT");
    assert_eq!(daemon.ended(), Some(2));
    assert_eq!(place.live(), "");
    drop(held);
    place.called(&[]).until_live(&first);
}

#[test]
fn an_idle_daemon_ends_well_and_a_rollback_by_hand_outlives_a_restart() {
    let place = Place::new("restart");
    let first = place.publish("第一版");
    let second = {
        let mut daemon = place.looking();
        daemon.until_live(&first);
        let second = place.publish("第二版");
        daemon.until_live(&second);
        daemon.signal("-INT");
        assert_eq!(daemon.ended(), Some(0));
        second
    };
    let daemon = place.looking();
    let status = daemon.until("the first look is over", |s| !s["next_poll"].is_null());
    assert_eq!(status["live"]["commit"], second.as_str());
    assert!(status["live"]["since"].is_string(), "{status}");
    assert_eq!(daemon.events("publishing").len(), 0, "it is live already");
    drop(daemon);
    Real.point(&place.path("to/current"), &format!("releases/{first}")).expect("the link is switched");
    let daemon = place.looking();
    let status = daemon.until("the first look is over", |s| !s["next_poll"].is_null());
    assert_eq!(status["live"]["commit"], first.as_str());
    assert!(place.live().contains("第一版"));
    let third = place.publish("第三版");
    daemon.until_live(&third);
}

#[test]
fn a_second_daemon_on_the_folder_is_refused() {
    let place = Place::new("second");
    let first = place.publish("第一版");
    let daemon = place.looking();
    daemon.until_live(&first);
    let output = place.command(&["repo.git"]).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("已经有一个 beilin follow"), "{told}");
}

#[test]
fn a_killed_daemon_leaves_nothing_in_the_way() {
    let place = Place::new("killed");
    let first = place.publish("第一版");
    let mut daemon = place.looking();
    daemon.until_live(&first);
    let held = place.hold();
    let second = place.publish("第二版");
    daemon.until("it is being published", |s| s["building"]["commit"] == second.as_str());
    daemon.signal("-KILL");
    daemon.ended();
    assert!(place.live().contains("第一版"));
    drop(held);
    place.looking().until_live(&second);
    assert!(place.live().contains("第二版"));
}

#[test]
fn a_repository_elsewhere_is_mirrored_and_a_damaged_mirror_is_made_anew() {
    let place = Place::new("mirror");
    let first = place.publish("第一版");
    let address = format!("file://{}", place.path("repo.git"));
    let daemon = Daemon::start(&mut place.command(&[&address, "--every", "1"]));
    let status = daemon.until_live(&first);
    assert_eq!(status["repository"], address.as_str());
    let second = place.publish("第二版");
    daemon.until_live(&second);
    // The commit is there, what it is made of is not.
    let (mirror, kept) = (place.path("to/.beilin/mirror.git"), format!("{}/{}", &second[..2], &second[2..]));
    let objects = Real.walk(&join(&mirror, "objects")).expect("objects are listed");
    assert!(objects.iter().any(|f| f.path == kept), "{objects:?}");
    for file in objects.iter().filter(|f| f.path != kept) {
        Real.remove(&join(&join(&mirror, "objects"), &file.path)).expect("an object is removed");
    }
    let third = place.publish("第三版");
    daemon.until_live(&third);
    Real.write(&join(&mirror, "HEAD"), b"?").expect("the mirror is damaged");
    let fourth = place.publish("第四版");
    daemon.until_live(&fourth);
    // Gone for a while: told, tried again, and over.
    std::fs::rename(place.folder.join("repo.git"), place.folder.join("away.git")).expect("renamed");
    let status = daemon.until("it is told", |s| !s["failure"].is_null());
    assert_eq!((&status["failure"]["commit"], &status["live"]["commit"]), (&Value::Null, &fourth.as_str().into()));
    std::fs::rename(place.folder.join("away.git"), place.folder.join("repo.git")).expect("renamed");
    daemon.until("it is well again", |s| s["failure"].is_null());
}

#[test]
fn a_branch_that_is_not_there_yet_is_waited_for() {
    let place = Place::new("branch");
    let daemon = place.looking();
    let status = daemon.until("it is told", |s| !s["failure"].is_null());
    assert!(status["failure"]["message"].as_str().is_some_and(|m| m.contains("没有分支 `main`")), "{status}");
    let first = place.publish("第一版");
    let status = daemon.until_live(&first);
    assert_eq!(status["failure"], Value::Null);
}

#[test]
fn without_a_secret_no_call_is_heard_unless_asked_for_on_this_machine() {
    let place = Place::new("no-secret");
    let first = place.publish("第一版");
    let event = [("X-GitHub-Event", "push")];
    let daemon = Daemon::start(&mut place.command(&["repo.git"]));
    daemon.until_live(&first);
    assert_eq!(daemon.post("/hooks/github", &event, &main_push(1)).0, 404);
    drop(daemon);
    let daemon = Daemon::start(&mut place.command(&["repo.git", "--no-secret"]));
    assert_eq!(daemon.post("/hooks/github", &event, &main_push(1)).0, 202);
    drop(daemon);
    let mut command = place.command(&["repo.git", "--no-secret"]);
    let daemon = Daemon::start(command.env("BEILIN_WEBHOOK_SECRET", "").env("BEILIN_LANG", "zh"));
    drop(daemon);
    for (words, part) in [
        (vec!["--no-secret", "--listen", "0.0.0.0:0"], "没有密钥"),
        (vec!["--no-secret", "--secret-file", "secret"], "--no-secret"),
        (vec!["--secret-file", "nothing"], "密钥文件"),
        (vec!["--branch", "a..b"], "分支名"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beilin"));
        command.current_dir(&place.folder).args(["--lang", "zh", "follow", "repo.git", "--to", "to"]).args(&words);
        let output = command.env_remove("BEILIN_WEBHOOK_SECRET").output().expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words:?} {told}");
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn repositories_that_would_be_options_or_programs_are_refused() {
    let place = Place::new("options");
    for repository in ["--upload-pack=touch x", "ext::sh -c touch% x", "nothing"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beilin"));
        command.current_dir(&place.folder).args(["--lang", "zh", "follow", "--to", "to", "--", repository]);
        let output = command.output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{repository}");
        assert!(!place.folder.join("x").exists());
    }
}

#[test]
fn the_status_is_told_to_this_machine_only() {
    let place = Place::new("host");
    let first = place.publish("第一版");
    let daemon = place.looking();
    daemon.until_live(&first);
    for (host, expected) in [("localhost", 200), ("127.0.0.1:8787", 200), ("[::1]:1", 200), ("evil.example", 403)] {
        for path in ["/", "/status"] {
            assert_eq!(daemon.ask("GET", path, &[("Host", host)], b"").0, expected, "{host} {path}");
        }
    }
    assert_eq!(daemon.ask("POST", "/status", &[], b"").0, 405);
}

#[test]
fn a_daemon_that_can_publish_no_more_does_not_stay() {
    struct Dies;
    impl Publisher for Dies {
        fn publish(&mut self, _: &str, commit: &str) -> Result<Outcome, Error> {
            panic!("this test makes the publishing of {commit} die")
        }
        fn live(&self) -> Option<String> {
            None
        }
    }
    let place = Place::new("dies");
    place.publish("第一版");
    let options = Options {
        repository: place.path("repo.git"),
        branch: "main".into(),
        site: String::new(),
        to: place.path("to"),
        every: Duration::from_secs(60),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        hooks: Hooks::Off,
        body_limit: 1,
        rate: 1,
        lang: Lang::Zh,
    };
    let follower = Follower::open(Arc::new(Real), options).expect("it starts");
    assert!(follower.run(Box::new(Dies)).is_err(), "whoever watches it has to start it again");
}
