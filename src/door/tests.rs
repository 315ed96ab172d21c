use super::*;
use axum::routing::get;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

/// Beyond this a test is given up; nothing waits so long where all is well.
const PATIENCE: Duration = Duration::from_secs(30);

/// A door with a long answer at `/long`; it closes when the value given is dropped.
fn open(bounds: Bounds) -> (SocketAddr, watch::Sender<bool>) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let at = listener.local_addr().expect("it is bound");
    listener.set_nonblocking(true).expect("it can wait");
    let (stop, mut stopped) = watch::channel(false);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let router = Router::new()
                .route("/", get(|| async { "here" }))
                .route("/long", get(|| async { vec![b'x'; 64 << 20] }));
            let listener = TcpListener::from_std(listener).expect("it listens");
            let closing = async {
                let _ = stopped.wait_for(|s| *s).await;
            };
            answer(listener, router, bounds, closing).await.expect("it ends well");
        });
    });
    (at, stop)
}

fn quick() -> Bounds {
    Bounds { connections: 4, head: Duration::from_millis(300), stall: Duration::from_millis(300), whole: None }
}

fn knock(at: SocketAddr) -> std::net::TcpStream {
    let stream = std::net::TcpStream::connect(at).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
    stream
}

/// Sends, and reads to the end; what breaks off is the end too.
fn talk(at: SocketAddr, request: &[u8]) -> String {
    let mut stream = knock(at);
    // It may have been let go before all was sent.
    let _ = stream.write_all(request);
    let mut told = Vec::new();
    let began = Instant::now();
    let _ = stream.read_to_end(&mut told);
    assert!(began.elapsed() < PATIENCE, "it was let go");
    String::from_utf8_lossy(&told).into_owned()
}

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn who_says_nothing_or_never_ends_is_let_go() {
    let (at, _stop) = open(quick());
    talk(at, b"");
    talk(at, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    let (at, _stop) = open(Bounds { head: PATIENCE, whole: Some(Duration::from_millis(300)), ..quick() });
    talk(at, b"GET / HTTP/1.1\r\n");
}

#[test]
fn who_does_not_read_is_let_go_and_others_are_answered_meanwhile() {
    let (at, _stop) = open(quick());
    let mut deaf: Vec<_> = (0..4).map(|_| knock(at)).collect();
    for stream in &mut deaf {
        stream.write_all(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it reads");
    }
    // All places are taken: this one waits until one of them is given up.
    assert!(talk(at, ASK).ends_with("here"));
}

#[test]
fn a_flood_waits_outside_and_is_answered_in_turn() {
    let (at, _stop) = open(quick());
    let silent: Vec<_> = (0..60).map(|_| knock(at)).collect();
    assert!(talk(at, ASK).ends_with("here"));
    drop(silent);
    assert!(talk(at, ASK).ends_with("here"));
}

#[test]
fn a_head_without_measure_is_refused() {
    let (at, _stop) = open(quick());
    let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(200));
    for request in [long, many] {
        let told = talk(at, request.as_bytes());
        assert!(!told.contains("200 OK"), "{told}");
    }
    for broken in [&b"\x16\x03\x01\x02\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n"] {
        assert!(!talk(at, broken).contains("200 OK"));
    }
    assert!(talk(at, ASK).ends_with("here"), "it is there all the same");
}

#[test]
fn a_name_somebody_else_can_own_is_not_ours() {
    let admits = |names: &Names, host: &str, origin: Option<&str>| {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a value"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a value"));
        }
        names.admit(&headers)
    };
    let here = Names { only_here: true, others: Vec::new() };
    for host in ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.9.9.9:1", "[::1]:8000"] {
        assert!(admits(&here, host, None), "{host}");
    }
    for host in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "192.168.1.5", "dj", "::1"]
    {
        assert!(!admits(&here, host, None), "{host}");
    }
    let near = Names { only_here: false, others: vec!["dj.unit.example".to_owned()] };
    for host in ["192.168.1.5:8000", "dj", "office.local", "dj.unit.example:8000", "localhost"] {
        assert!(admits(&near, host, None), "{host}");
    }
    for host in ["evil.example", "192.168.1.5.evil.example"] {
        assert!(!admits(&near, host, None), "{host}");
    }
    assert!(admits(&here, "localhost:8000", Some("http://localhost:8000")));
    for origin in ["http://evil.example", "null", "http://localhost:8001", "file://", ""] {
        assert!(!admits(&here, "localhost:8000", Some(origin)), "{origin}");
    }
    let mut twice = HeaderMap::new();
    twice.append(HOST, "localhost".parse().expect("a value"));
    twice.append(HOST, "evil.example".parse().expect("a value"));
    assert!(!here.admit(&twice), "two hosts are none");
}
