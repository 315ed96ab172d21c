//! `beilin search export` against a server that listens: what goes over the wire, and what is made of the answers.

use crate::support::{CONFIG, ORG, YI, other};
use beilin::cli::{Terminal, run};
use beilin::disk::{Disk as _, Memory};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread::JoinHandle;

/// A request as it came.
#[derive(Debug)]
struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// What is answered to a request: the status, further headers, the body. `None` hangs up.
type Answer = Option<(u16, &'static str, String)>;

/// A server that answers as it was told beforehand.
struct Server {
    address: String,
    requests: mpsc::Receiver<Request>,
    thread: JoinHandle<()>,
}

impl Server {
    fn of(answers: Vec<Answer>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = format!("http://{}", listener.local_addr().expect("it listens"));
        let (told, requests) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("somebody calls");
                let request = read(&mut BufReader::new(&stream));
                told.send(request).expect("the test listens");
                let Some((status, headers, body)) = answer else { continue };
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} S\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
                stream.write_all((head + &body).as_bytes()).expect("the answer is wanted");
            }
        });
        Server { address, requests, thread }
    }

    /// Returns what was asked; every answer has been used.
    fn asked(self) -> Vec<Request> {
        self.thread.join().expect("every answer was fetched");
        self.requests.try_iter().collect()
    }
}

fn read(from: &mut impl std::io::BufRead) -> Request {
    let mut line = || {
        let mut line = String::new();
        from.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    };
    let first = line();
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().expect("a method"), words.next().expect("a path"));
    let headers: BTreeMap<String, String> = std::iter::from_fn(|| Some(line()).filter(|l| !l.is_empty()))
        .filter_map(|l| l.split_once(": ").map(|(k, v)| (k.to_lowercase(), v.to_owned())))
        .collect();
    let length = headers.get("content-length").map_or(0, |l| l.parse().expect("a number"));
    let mut body = vec![0; length];
    from.read_exact(&mut body).expect("the body");
    Request { method, path, headers, body: String::from_utf8(body).expect("UTF-8") }
}

fn fine(body: Value) -> Answer {
    Some((200, "", body.to_string()))
}

/// A site of some records, one of which is not for its readers.
fn site(records: usize) -> Memory {
    let disk = Memory::new([("beilin.toml", CONFIG), ORG, YI]);
    for n in 0..records {
        let text = other(&format!("r{n}"), "2025-03-04", "", &format!("整理档案柜，第{n}号。"));
        disk.put(&format!("content/records/yi/r{n}.md"), text.as_bytes());
    }
    let named = other("mi", "2025-03-04", "audience = \"named\"\n", "只给特定对象看。");
    disk.put("content/records/yi/mi.md", named.as_bytes());
    disk
}

fn export(disk: &Memory, words: &str) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut terminal = Terminal { out: &mut out, err: &mut err, out_is_read: false, err_is_read: false, answers: None };
    let words = format!("beilin search export {words}");
    let code = run(words.trim_end().split(' ').map(OsString::from), disk, &mut terminal);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (code, text(out), text(err))
}

fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

#[test]
fn every_page_readers_may_see_is_a_line_and_no_other() {
    let disk = site(3);
    let (code, out, err) = export(&disk, "");
    assert_eq!((code, err.as_str()), (0, ""));
    let found = values(&out);
    let record = found.iter().find(|d| d["url"] == "records/r1/").expect("the record");
    assert_eq!(
        (&record["date"], &record["day"], &record["year"]),
        (&json!("2025-03-04"), &json!(20250304), &json!(2025))
    );
    assert_eq!(record["branch"], "第一党支部");
    assert!(record["body"].as_str().is_some_and(|b| b.contains("整理档案柜，第1号。")), "{record}");
    assert!(!out.contains("特定对象看"), "{out}");
    let (code, _, _) = export(&disk, "--out a.ndjson");
    assert_eq!((code, disk.read("a.ndjson").expect("it is written")), (0, out.into_bytes()));
}

#[test]
fn bulk_goes_to_bulk_in_pairs() {
    let server = Server::of(vec![fine(json!({ "took": 1, "errors": false, "items": [] }))]);
    let disk = site(2).with_env("BEILIN_SEARCH_AUTH", "guan:mi ma");
    let (code, _, err) = export(&disk, &format!("--format bulk --index dang-an --to {}/ --lang en", server.address));
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("in 1 request\n"), "{err}");
    let [request] = &server.asked()[..] else { panic!("one request") };
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/_bulk"));
    assert_eq!(request.headers["content-type"], "application/x-ndjson");
    assert_eq!(request.headers["authorization"], "Basic Z3VhbjptaSBtYQ==");
    assert!(request.body.ends_with('\n'));
    let lines = values(&request.body);
    assert!(lines.len() >= 4, "{lines:?}");
    for pair in lines.chunks(2) {
        assert_eq!(pair[0], json!({ "index": { "_index": "dang-an", "_id": pair[1]["id"] } }));
        assert!(pair[1]["url"].is_string(), "{pair:?}");
    }
}

#[test]
fn many_pages_go_in_batches_and_the_last_of_quickwit_is_made_searchable() {
    let disk = site(1001);
    let taken = || fine(json!({ "num_docs_for_processing": 1 }));
    let server = Server::of(vec![fine(json!({})), fine(json!({})), taken(), taken()]);
    let words = format!("--format quickwit --index dang-an --replace --json --to {}", server.address);
    let (code, out, err) = export(&disk, &words);
    assert_eq!(code, 0, "{out}{err}");
    let asked = server.asked();
    let lines: Vec<(&str, &str)> = asked.iter().map(|r| (r.method.as_str(), r.path.as_str())).collect();
    assert_eq!(
        lines,
        [
            ("DELETE", "/api/v1/indexes/dang-an"),
            ("POST", "/api/v1/indexes"),
            ("POST", "/api/v1/dang-an/ingest?commit=auto&detailed_response=true"),
            ("POST", "/api/v1/dang-an/ingest?commit=force&detailed_response=true"),
        ]
    );
    assert_eq!(asked[1].headers["content-type"], "application/yaml");
    let (_, config, _) = export(&disk, "--format quickwit --index dang-an --config");
    assert_eq!(asked[1].body, config);
    let sent: Vec<Value> = asked[2..].iter().flat_map(|r| values(&r.body)).collect();
    assert_eq!(values(&asked[2].body).len(), 1000);
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&told["ok"], &told["documents"], &told["batches"]), (&json!(true), &json!(sent.len()), &json!(2)));
    let (_, all, _) = export(&disk, "");
    assert_eq!(values(&all), sent);
}

#[test]
fn what_a_server_has_no_time_for_is_sent_again() {
    let disk = site(2);
    let (_, all, _) = export(&disk, "--format bulk");
    let all = values(&all);
    let status = |n: usize| if n == 1 { 429 } else { 201 };
    let items: Vec<Value> = (0..all.len() / 2).map(|n| json!({ "index": { "status": status(n) } })).collect();
    let server = Server::of(vec![
        Some((429, "retry-after: 0\r\n", String::new())),
        Some((503, "retry-after: 0\r\n", "busy".to_owned())),
        // Nobody knows whether it was taken: each has its id.
        None,
        fine(json!({ "errors": true, "items": items })),
        fine(json!({ "errors": false, "items": [{ "index": { "status": 200 } }] })),
    ]);
    let (code, _, err) = export(&disk, &format!("--format bulk --to {}", server.address));
    assert_eq!(code, 0, "{err}");
    let asked = server.asked();
    assert!(asked[..4].iter().all(|r| values(&r.body) == all));
    // Of those it took, none is sent again.
    assert_eq!(values(&asked[4].body), all[2..4]);
}

#[test]
fn a_document_that_is_refused_is_told_by_its_address() {
    let disk = site(2);
    let urls: Vec<Value> = values(&export(&disk, "").1);
    let item = |n: usize| match n {
        1 => {
            json!({ "index": { "status": 400, "error": { "type": "strict_dynamic_mapping_exception", "reason": "x" } } })
        }
        _ => json!({ "index": { "status": 201 } }),
    };
    let items: Vec<Value> = (0..urls.len()).map(item).collect();
    let answer = json!({ "errors": true, "items": items });
    let server = Server::of(vec![fine(answer.clone()), fine(answer)]);
    let url = urls[1]["url"].as_str().expect("an address");
    let (code, _, err) = export(&disk, &format!("--format bulk --to {}", server.address));
    assert_eq!(code, 2);
    assert!(err.contains("服务器不收 1 个文档\n"), "{err}");
    assert!(err.contains(&format!("  {url}  strict_dynamic_mapping_exception: x\n")), "{err}");
    let (code, out, _) = export(&disk, &format!("--format bulk --json --to {}", server.address));
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &told["ok"], &told["refused"][0]["url"]), (2, &json!(false), &json!(url)));
    server.asked();
}

#[test]
fn a_server_that_will_not_is_told_in_its_own_words() {
    let disk = site(1);
    let server = Server::of(vec![Some((404, "", "{\"message\":\"index `beilin` not found\"}".to_owned()))]);
    let (code, _, err) = export(&disk, &format!("--format quickwit --to {}", server.address));
    assert_eq!(code, 2);
    assert!(err.contains("答复 404") && err.contains("not found") && err.contains("--replace"), "{err}");
    server.asked();
    // Quickwit knows no ids: a batch that may have been taken is not sent again.
    let server = Server::of(vec![None]);
    let (code, _, err) = export(&disk, &format!("--format quickwit --to {}", server.address));
    assert_eq!(code, 2);
    assert!(err.contains("没有答复"), "{err}");
    server.asked();
}

#[test]
fn what_cannot_be_sent_is_told_before_anything_is_built() {
    for (words, told) in [
        ("--format bulk --to https://s.example", "https"),
        ("--format bulk --to http://a:b@s.example", "BEILIN_SEARCH_AUTH"),
        ("--format bulk --to s.example", "不是服务器的地址"),
        ("--index Dang-An", "索引名"),
        ("--config", "ndjson"),
        ("--replace", "--to"),
        ("--to http://s.example --out a", "不能同用"),
    ] {
        let (code, out, err) = export(&Memory::default(), words);
        assert_eq!((code, out.as_str()), (2, ""), "{words}");
        assert!(err.contains(told), "{words}: {err}");
    }
}

#[test]
fn a_site_with_errors_is_not_exported() {
    let disk = site(1);
    disk.put("content/records/yi/bad.md", b"+++\nkind = \n+++\n");
    let (code, out, err) = export(&disk, "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("bad.md") && err.ends_with("没有导出。\n"), "{err}");
}
