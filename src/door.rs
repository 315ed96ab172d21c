//! The door of the two servers, the preview and the follower: how many may stand in it, for how long, and by which
//! name they may ask.
//!
//! [`answer`] accepts connections and gives each a bounded share: who sends its head slowly, does not read its answer,
//! or stays longer than is allowed is let go, and beyond so many at once others wait outside, in the system's queue.
//! [`Names`] is the wall against pages of foreign sites: a browser that was led here by a name somebody else owns (DNS
//! rebinding) says that name, and a script of a foreign page says where it is from.

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

/// How long the door stays shut after the system refused a connection (as when it has no more of them).
const PAUSE: Duration = Duration::from_millis(200);
/// The largest head of a request.
const HEAD_BYTES: usize = 32 << 10;
/// The most lines of a head.
const HEAD_LINES: usize = 64;

/// What a connection may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// So many connections at a time.
    pub(crate) connections: usize,
    /// A head is there after so long, and a connection without a request is over.
    pub(crate) head: Duration,
    /// An answer nobody reads is broken off after so long.
    pub(crate) stall: Duration,
    /// A connection is over after so long, whatever it does.
    pub(crate) whole: Option<Duration>,
}

/// Answers connections until `closing`, then waits for those that are open.
pub(crate) async fn answer(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    closing: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let (leave, left) = watch::channel(false);
    let mut open = JoinSet::new();
    let mut closing = pin!(closing);
    loop {
        let place = tokio::select! {
            () = &mut closing => break,
            place = Arc::clone(&places).acquire_owned() => place.map_err(io::Error::other)?,
        };
        let stream = tokio::select! {
            () = &mut closing => break,
            accepted = listener.accept() => accepted,
        };
        // Those that are over are forgotten.
        while open.try_join_next().is_some() {}
        match stream {
            Ok((stream, _)) => {
                let (router, left) = (router.clone(), left.clone());
                open.spawn(async move {
                    let _place = place;
                    connection(stream, router, bounds, left).await;
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    // Nobody listens where nothing is open.
    let _ = leave.send(true);
    while open.join_next().await.is_some() {}
    Ok(())
}

/// Answers the requests of one connection.
async fn connection(stream: TcpStream, router: Router, bounds: Bounds, mut left: watch::Receiver<bool>) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.stall));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.head).max_buf_size(HEAD_BYTES).max_headers(HEAD_LINES);
    let service = TowerToHyperService::new(router);
    let mut answers = pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
    let mut over = pin!(async move {
        match bounds.whole {
            Some(whole) => tokio::time::sleep(whole).await,
            None => std::future::pending().await,
        }
    });
    let mut leaving = false;
    loop {
        tokio::select! {
            // What goes wrong with a connection is the other side's matter.
            _ = answers.as_mut() => return,
            () = &mut over => return,
            // A sender that is gone says the same.
            _ = left.wait_for(|left| *left), if !leaving => {
                leaving = true;
                answers.as_mut().graceful_shutdown();
            }
        }
    }
}

/// The names under which a server is asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Whether it listens to this machine only.
    pub(crate) only_here: bool,
    /// Further names, as somebody said.
    pub(crate) others: Vec<String>,
}

impl Names {
    /// Tells whether a request asks for this server by a name nobody else can own, and comes from no foreign page.
    ///
    /// On this machine alone that is `localhost` and addresses of the loopback; on a local network also any address,
    /// and names without a dot or below `.local`, which no public name server answers for.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(host) = one(headers, HOST) else { return false };
        self.is_ours(name(host)) && is_own_page(headers)
    }

    fn is_ours(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        if lower == "localhost" || self.others.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return true;
        }
        match name.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || !self.only_here,
            Err(_) => !self.only_here && !lower.is_empty() && (!lower.contains('.') || lower.ends_with(".local")),
        }
    }
}

/// Tells whether a request has no origin, as those of programs and of links, or that of this server itself.
fn is_own_page(headers: &HeaderMap) -> bool {
    if !headers.contains_key(ORIGIN) {
        return true;
    }
    let (Some(origin), Some(host)) = (one(headers, ORIGIN), one(headers, HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
}

/// Returns the value of a header that is there once.
fn one(headers: &HeaderMap, name: axum::http::HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

/// Returns the name in a `Host`, without its port.
fn name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

#[cfg(test)]
mod tests;
