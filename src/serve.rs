//! A plain preview of the output folder on this machine. Not a web server for the public.
//!
//! Answers GET and HEAD only, lists no folder, shows no file whose name begins with a dot (the
//! manifest), and, while it listens on this machine only, answers no request that was meant for
//! another host: a page of a foreign site must not read the preview through the browser.

use crate::diagnostic::Error;
use crate::model::route;
use crate::say;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};

/// The port where none is asked for.
const PORT: u16 = 8000;
/// How many ports after it are tried.
const TRIES: u16 = 50;

/// What is served where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of the built site.
    pub folder: String,
    /// The address to listen at.
    pub address: IpAddr,
    /// The port; without one, the first free from 8000 on.
    pub port: Option<u16>,
}

/// A preview that listens and has not begun to answer.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    at: SocketAddr,
    folder: String,
}

impl Server {
    /// Begins to listen.
    pub fn open(options: Options) -> Result<Server, Error> {
        let Options { folder, address, port } = options;
        let ports = match port {
            Some(port) => port..=port,
            None => PORT..=PORT + TRIES,
        };
        let mut refused = io::Error::other("no port");
        for port in ports {
            match TcpListener::bind((address, port)).and_then(|listener| Ok((listener.local_addr()?, listener))) {
                Ok((at, listener)) => return Ok(Server { listener, at, folder }),
                Err(e) => refused = e,
            }
        }
        let shown = SocketAddr::new(address, port.unwrap_or(PORT));
        Err(Error::new(
            say!(
                "不能在 {shown} 预览（端口可能被占用，用 --port 换一个）",
                "cannot listen at {shown} (the port may be taken: choose another with --port)"
            ),
            refused,
        ))
    }

    /// Returns the address to open in a browser.
    pub fn url(&self) -> String {
        let ip = if self.at.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { self.at.ip() };
        format!("http://{}/", SocketAddr::new(ip, self.at.port()))
    }

    /// Answers until Ctrl-C.
    pub fn run(self) -> Result<(), Error> {
        let trouble = |e| Error::new(say!("预览停下了", "the preview stopped"), e);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(trouble)?;
        runtime.block_on(self.answer()).map_err(trouble)
    }

    async fn answer(self) -> io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let service = site(&self.folder, self.at.ip().is_loopback());
        tokio::select! {
            ended = async { axum::serve(listener, service).await } => ended,
            // Nothing is lost by leaving: a browser asks again.
            stopped = tokio::signal::ctrl_c() => stopped,
        }
    }
}

/// Makes the service of a folder.
fn site(folder: &str, only_here: bool) -> Router {
    let folder = if folder.is_empty() { "." } else { folder };
    let files = ServeDir::new(folder).not_found_service(ServeFile::new(Path::new(folder).join("404.html")));
    Router::new().fallback_service(files).layer(middleware::from_fn_with_state(only_here, guard))
}

/// Refuses what a preview does not answer, and completes the headers of what it does.
async fn guard(State(only_here): State<bool>, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refusal(StatusCode::METHOD_NOT_ALLOWED);
    }
    if only_here && !is_this_machine(request.headers()) {
        return refusal(StatusCode::FORBIDDEN);
    }
    if is_hidden(request.uri().path()) {
        return refusal(StatusCode::NOT_FOUND);
    }
    let mut response = next.run(request).await;
    complete(response.headers_mut());
    response
}

fn refusal(status: StatusCode) -> Response {
    (status, status.canonical_reason().unwrap_or_default()).into_response()
}

/// Tells whether a request names this machine as its host.
fn is_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|h| h.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Tells whether a path leads to a hidden file, or nowhere a site has.
fn is_hidden(path: &str) -> bool {
    path.starts_with("//") || route::decode(path).split(['/', '\\']).any(|part| part.starts_with('.'))
}

/// Text is UTF-8, types are as said, and nothing is kept: the next build may differ.
fn complete(headers: &mut HeaderMap) {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|t| t.to_str().ok())
        .filter(|t| is_text(t) && !t.contains("charset"))
        .map(|t| format!("{t}; charset=utf-8"));
    if let Some(value) = text.and_then(|t| HeaderValue::from_str(&t).ok()) {
        headers.insert(CONTENT_TYPE, value);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn is_text(sort: &str) -> bool {
    sort.starts_with("text/")
        || sort.ends_with("+xml")
        || ["application/javascript", "application/json", "application/xml"].contains(&sort)
}

#[cfg(test)]
mod tests;
