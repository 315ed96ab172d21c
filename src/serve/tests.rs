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
    let server =
        Server::open(Options { folder: folder.0.clone(), address: IpAddr::from([127, 0, 0, 1]), port: Some(0) })
            .expect("a free port");
    let at = server.at;
    std::thread::spawn(move || server.run());
    requests.iter().map(|(method, path, host)| ask(at, method, path, host)).collect()
}

fn ask(at: SocketAddr, method: &str, path: &str, host: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(at).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out can be set");
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("the server reads");
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
    assert!(got[6].1.contains("xml; charset=utf-8"), "{}", got[6].1);
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
fn a_port_that_is_taken_is_refused_if_it_was_asked_for() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = taken.local_addr().expect("it is bound").port();
    let options = Options { folder: String::new(), address: IpAddr::from([127, 0, 0, 1]), port: Some(port) };
    assert!(Server::open(options).is_err());
}
