use super::*;
use crate::disk::{Disk, Real};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A folder on the machine that goes away with the test.
struct Folder(String);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Folder {
        let folder = std::env::temp_dir()
            .join(format!("beilin-serve-{}-{name}", std::process::id()))
            .to_string_lossy()
            .into_owned();
        for (path, text) in files {
            Real.write(&format!("{folder}/{path}"), text.as_bytes()).expect("the temporary folder is writable");
        }
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A leftover in the temporary folder harms nobody.
        let _ = Real.remove_tree(&self.0);
    }
}

const FILES: [(&str, &str); 7] = [
    ("index.html", "首页"),
    ("404.html", "没有这一页"),
    ("a/index.html", "甲"),
    ("assets/x.js", "1"),
    ("feed.xml", "<feed/>"),
    (".beilin-manifest", "secret"),
    ("b/x.txt", "乙"),
];

/// Serves a folder while the requests are made; returns the answers, head in lower case.
fn answers(name: &str, requests: &[(&str, &str, &str)]) -> Vec<(u16, String, String)> {
    let folder = Folder::new(name, &FILES);
    let at = serve(&folder.0, false);
    requests.iter().map(|(method, path, host)| ask(at, method, path, host, "")).collect()
}

/// Serves a folder as it stands; returns where.
fn serve(folder: &str, reload: bool) -> SocketAddr {
    let server = Server::open(Options { reload, ..options(Some(0)) }).expect("a free port");
    let at = server.at;
    let (served, _) = channel::channel(Served { folder: folder.to_owned(), builds: 1, ok: true, ..Served::default() });
    let (stop, _) = std::sync::mpsc::channel();
    std::thread::spawn(move || server.answer(&Arc::new(served), &stop));
    at
}

fn options(port: Option<u16>) -> Options {
    let address = IpAddr::from([127, 0, 0, 1]);
    Options {
        root: String::new(),
        out: None,
        address,
        port,
        names: Vec::new(),
        poll: None,
        reload: false,
        lang: Lang::Zh,
    }
}

/// Asks once; `more` is further lines of the head, each ending in CR LF.
fn ask(at: SocketAddr, method: &str, path: &str, host: &str, more: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(at).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out can be set");
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n")
        .expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers in UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, head.to_lowercase(), body.to_owned())
}

#[test]
fn pages_are_served_as_utf8_and_what_is_not_there_is_the_sites_own_404() {
    let got = answers(
        "pages",
        &[
            ("GET", "/", "localhost"),
            ("GET", "/a/", "127.0.0.1:8000"),
            ("GET", "/a", "localhost:1"),
            ("GET", "/nothing/", "localhost"),
            ("HEAD", "/a/", "[::1]:8000"),
            ("GET", "/assets/x.js", "localhost"),
            ("GET", "/feed.xml", "localhost"),
        ],
    );
    assert_eq!((got[0].0, got[0].2.as_str()), (200, "首页"));
    assert!(
        got[0].1.contains("content-type: text/html; charset=utf-8") && got[0].1.contains("nosniff"),
        "{}",
        got[0].1
    );
    assert_eq!((got[1].0, got[1].2.as_str()), (200, "甲"));
    assert_eq!(got[2].0, 307);
    assert!(got[2].1.contains("location: /a/"), "{}", got[2].1);
    assert_eq!((got[3].0, got[3].2.as_str()), (404, "没有这一页"));
    assert_eq!((got[4].0, got[4].2.as_str()), (200, ""));
    assert!(got[5].1.contains("javascript; charset=utf-8"), "{}", got[5].1);
    assert!(got[6].1.contains("application/atom+xml; charset=utf-8"), "{}", got[6].1);
}

#[test]
fn hidden_files_folders_other_methods_and_other_hosts_are_refused() {
    let got = answers(
        "refused",
        &[
            ("GET", "/.beilin-manifest", "localhost"),
            ("GET", "/%2ebeilin-manifest", "localhost"),
            ("GET", "/a/..%2f.beilin-manifest", "localhost"),
            ("GET", "/../../etc/passwd", "localhost"),
            ("GET", "/b/", "localhost"),
            ("POST", "/", "localhost"),
            ("GET", "/", "evil.example"),
            ("GET", "/", "127.0.0.1.evil.example:80"),
        ],
    );
    assert_eq!(got.iter().map(|(status, ..)| *status).collect::<Vec<_>>(), [404, 404, 404, 404, 404, 405, 403, 403]);
    assert!(got.iter().all(|(_, _, body)| !body.contains("secret") && !body.contains("x.txt")));
}

#[test]
fn what_is_served_is_for_no_other_site_and_runs_nothing_by_itself() {
    let files =
        [("index.html", "<body>页</body>"), ("a.svg", "<svg/>"), ("a.xml", "<a/>"), ("a.js", "1"), ("a.txt", "x")];
    let folder = Folder::new("policy", &files);
    let at = serve(&folder.0, false);
    for (path, policy) in [
        ("/", Some("frame-ancestors 'none'")),
        ("/a.svg", Some("sandbox")),
        ("/a.xml", Some("sandbox")),
        ("/none.svg", Some("frame-ancestors 'none'")),
        ("/a.js", None),
        ("/a.txt", None),
    ] {
        let (_, head, _) = ask(at, "GET", path, "localhost", "");
        assert_eq!(header(&head, "cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert_eq!(
            (header(&head, "x-content-type-options"), header(&head, "x-frame-options")),
            (Some("nosniff"), Some("deny"))
        );
        let found = header(&head, "content-security-policy");
        assert!(policy.map_or(found.is_none(), |p| found.is_some_and(|f| f.contains(p))), "{path}: {found:?}");
    }
    for (origin, status) in [("http://evil.example", 403), ("null", 403), ("http://localhost", 200)] {
        assert_eq!(ask(at, "GET", "/", "localhost", &format!("Origin: {origin}\r\n")).0, status, "{origin}");
    }
    assert_eq!(ask(at, "GET", "/", "localhost", "X-Forwarded-Host: evil.example\r\n").0, 200, "nobody asks that");
    // What stands in an address is in no header as it is.
    let (_, head, _) = ask(at, "GET", "/a%0d%0aSet-Cookie:%20x=y", "localhost", "");
    assert!(!head.contains("set-cookie"), "{head}");
}

#[test]
fn a_port_that_is_taken_is_refused_if_it_was_asked_for() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = taken.local_addr().expect("it is bound").port();
    assert!(Server::open(options(Some(port))).is_err());
}

/// Returns a line of a head.
fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn a_part_of_a_file_can_be_asked_for() {
    let folder = Folder::new("ranges", &[("a.txt", "0123456789"), ("a/index.html", "页")]);
    let at = serve(&folder.0, false);
    let get = |range: &str, more: &str| ask(at, "GET", "/a.txt", "localhost", &format!("Range: {range}\r\n{more}"));
    let (status, head, body) = get("bytes=2-4", "");
    assert_eq!((status, body.as_str(), header(&head, "content-range")), (206, "234", Some("bytes 2-4/10")));
    assert_eq!(get("bytes=-3", "").2, "789");
    assert_eq!(get("bytes=7-", "").2, "789");
    assert_eq!(get("bytes=7-99", "").2, "789");
    let (status, head, _) = get("bytes=10-", "");
    assert_eq!((status, header(&head, "content-range")), (416, Some("bytes */10")));
    let (status, _, body) = get("bytes=0-1,4-5", "");
    assert_eq!((status, body.as_str()), (200, "0123456789"), "several parts are not given one by one");
    assert_eq!(get("lines=1-2", "").0, 200, "an unknown unit is passed over");
    let (_, head, _) = ask(at, "HEAD", "/a.txt", "localhost", "");
    let tag = header(&head, "etag").expect("a file has a tag").to_owned();
    assert_eq!(get("bytes=0-0", &format!("If-Range: {tag}\r\n")).0, 206);
    let (status, _, body) = get("bytes=0-0", "If-Range: \"another\"\r\n");
    assert_eq!((status, body.as_str()), (200, "0123456789"), "a part of another file is of no use");
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let folder = Folder::new("tags", &[("a.txt", "甲"), ("a/index.html", "<body>页</body>"), ("404.html", "无")]);
    for reload in [false, true] {
        let at = serve(&folder.0, reload);
        for path in ["/a.txt", "/a/"] {
            let (_, head, _) = ask(at, "GET", path, "localhost", "");
            let tag = header(&head, "etag").unwrap_or_else(|| panic!("{path} has a tag: {head}"));
            assert!(tag.starts_with('"'), "{path} has a strong tag: {tag}");
            for known in [tag.to_owned(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
                let (status, head, body) = ask(at, "GET", path, "localhost", &format!("If-None-Match: {known}\r\n"));
                assert_eq!((status, body.as_str()), (304, ""), "{path} {known}");
                assert_eq!(header(&head, "etag"), Some(tag));
            }
            assert_eq!(ask(at, "GET", path, "localhost", "If-None-Match: \"x\"\r\n").0, 200);
        }
        let page = folder.0.clone() + "/a/index.html";
        let before = ask(at, "GET", "/a/", "localhost", "");
        Real.write(&page, "<body>新</body>".as_bytes()).expect("the page is written");
        let after = ask(at, "GET", "/a/", "localhost", "");
        assert!(header(&before.1, "etag") != header(&after.1, "etag") && after.2.contains('新'));
        Real.write(&page, "<body>页</body>".as_bytes()).expect("the page is written");
        let (_, head, _) = ask(at, "HEAD", "/a/", "localhost", "");
        assert_eq!(header(&head, "etag"), header(&before.1, "etag"), "the tag is that of the bytes");
        assert_eq!(header(&head, "content-length"), header(&before.1, "content-length"));
    }
}

#[test]
fn the_script_is_in_pages_only_and_only_where_they_follow() {
    let files = [("index.html", "<body>一</body>"), ("404.html", "<body>无</body>"), ("a.txt", "</body>")];
    let folder = Folder::new("script", &files);
    let at = serve(&folder.0, true);
    for (path, has) in [("/", true), ("/index.html", true), ("/none", true), ("/none/", true), ("/a.txt", false)] {
        assert_eq!(ask(at, "GET", path, "localhost", "").2.contains("/.beilin/live.js"), has, "{path}");
    }
    assert_eq!(Real.read(&format!("{}/index.html", folder.0)).expect("it is there"), "<body>一</body>".as_bytes());
    assert!(ask(at, "GET", "/.beilin/live.js", "localhost", "").1.contains("text/javascript"));
    assert_eq!(ask(at, "GET", "/.beilin/status", "evil.example", "").0, 403);
    assert_eq!(ask(at, "GET", "/.beilin/other", "localhost", "").0, 404);
    let still = serve(&folder.0, false);
    assert_eq!(ask(still, "GET", "/", "localhost", "").2, "<body>一</body>");
    assert_eq!(ask(still, "GET", "/.beilin/events", "localhost", "").0, 404);
}

#[test]
fn every_sort_of_file_has_its_type() {
    let types = [
        ("a.css", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.json", "application/json; charset=utf-8"),
        ("a.svg", "image/svg+xml; charset=utf-8"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.md", "text/markdown; charset=utf-8"),
        ("sitemap.xml", "text/xml; charset=utf-8"),
        ("x/feed.xml", "application/atom+xml; charset=utf-8"),
        ("a.webp", "image/webp"),
        ("a.png", "image/png"),
        ("a.jpg", "image/jpeg"),
        ("a.woff2", "font/woff2"),
        ("a.pdf", "application/pdf"),
        ("a.mp4", "video/mp4"),
        ("a.wasm", "application/wasm"),
        ("a.ofd", "application/ofd"),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.unknown", "application/octet-stream"),
    ];
    let folder = Folder::new("types", &types.map(|(path, _)| (path, "x")));
    let at = serve(&folder.0, true);
    for (path, sort) in types {
        let (status, head, _) = ask(at, "GET", &format!("/{path}"), "localhost", "");
        assert_eq!((status, header(&head, "content-type")), (200, Some(sort)), "{path}");
    }
}
