//! Requests → files of the output folder.
//!
//! Answers GET and HEAD only, lists no folder, shows no file whose name begins with a dot (the
//! manifest), and answers no request that was meant for another host or comes from a page of one: a
//! foreign site must not read the preview through the browser. Files go
//! through tower-http's `ServeDir`, which knows ranges and conditions; pages are read whole, because
//! the live script is put into them and their tag is that of their bytes.

use super::api;
use super::live::{self, Served};
use crate::diagnostic::Lang;
use crate::digest::Digest;
use crate::door::Names;
use crate::model::route;
use crate::say;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, IF_RANGE,
    LAST_MODIFIED, RANGE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use tokio::sync::watch;
use tower_http::services::ServeDir;

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// What the answers need to know.
#[derive(Clone)]
pub(super) struct Site {
    /// What is served now.
    pub(super) served: watch::Receiver<Served>,
    /// The search, once it was asked.
    pub(super) search: Arc<api::Opened>,
    /// The names it is asked by.
    pub(super) names: Names,
    /// Whether pages follow the builds.
    pub(super) reload: bool,
    /// The language of the page that stands in where there is no site.
    pub(super) lang: Lang,
}

/// Makes the service of a site.
pub(super) fn service(site: Site) -> Router {
    Router::new()
        .route(live::STATUS, get(live::status))
        .route(live::EVENTS, get(live::events))
        .route(live::SCRIPT, get(live::script))
        .route(live::STYLES, get(live::styles))
        .route(api::SEARCH, get(api::search))
        .fallback(answer)
        .layer(middleware::from_fn_with_state(site.names.clone(), guard))
        .with_state(site)
}

/// Refuses what a preview does not answer, and completes the headers of what it does.
async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let refusal = |status: StatusCode| match status.canonical_reason().unwrap_or_default() {
        reason if path == api::SEARCH => api::refusal(status, &say!("不接受这个请求", "{reason}")),
        reason => (status, reason).into_response(),
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refusal(StatusCode::METHOD_NOT_ALLOWED);
    }
    if !names.admit(request.headers()) {
        return refusal(StatusCode::FORBIDDEN);
    }
    if is_hidden(&path) && ![live::STATUS, live::EVENTS, live::SCRIPT, live::STYLES].contains(&path.as_str()) {
        return refusal(StatusCode::NOT_FOUND);
    }
    let mut response = next.run(request).await;
    complete(&path, response.headers_mut());
    response
}

/// Tells whether a path leads to a hidden file, or nowhere a site has.
fn is_hidden(path: &str) -> bool {
    path.starts_with("//") || route::decode(path).split(['/', '\\']).any(|part| part.starts_with('.'))
}

/// Answers with a page or another file.
async fn answer(State(site): State<Site>, mut request: Request) -> Response {
    let folder = match site.served.borrow().folder.as_str() {
        "" => ".".to_owned(),
        folder => folder.to_owned(),
    };
    if is_page(request.uri().path()) {
        return match read(&folder, request.uri().clone()).await {
            Some(page) => give(&site, page, StatusCode::OK, request.headers()),
            None => missing(&site, &folder).await,
        };
    }
    keep_range_if_same(&folder, &mut request).await;
    match files(&folder).try_call(request).await {
        Ok(found) if found.status() != StatusCode::NOT_FOUND => found.map(Body::new),
        // A path no file system has is not found either.
        Ok(_) | Err(_) => missing(&site, &folder).await,
    }
}

/// Makes the service of a folder's files; who asks for several parts gets the whole.
fn files(folder: &str) -> ServeDir {
    ServeDir::new(folder).ignore_multi_range_requests(true)
}

fn is_page(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with('/') || path.ends_with(".html") || path.ends_with(".htm")
}

/// Reads a page whole.
async fn read(folder: &str, uri: Uri) -> Option<Vec<u8>> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri;
    let found = files(folder).try_call(request).await.ok().filter(|found| found.status() == StatusCode::OK)?;
    Some(to_bytes(Body::new(found.into_body()), usize::MAX).await.ok()?.to_vec())
}

/// Answers with the site's own page for what is not there.
async fn missing(site: &Site, folder: &str) -> Response {
    let page = read(folder, Uri::from_static("/404.html")).await;
    let page = page.unwrap_or_else(|| stand_in(site.lang, site.served.borrow().ok).into_bytes());
    give(site, page, StatusCode::NOT_FOUND, &HeaderMap::new())
}

/// Answers with a page, or with word that it is the one the browser has.
fn give(site: &Site, mut page: Vec<u8>, status: StatusCode, asked: &HeaderMap) -> Response {
    let tag = &Digest::of(&page).to_hex()[..32];
    // The page with the script in it is another text than the page without.
    let etag = format!("\"{tag}{}\"", if site.reload { "-live" } else { "" });
    let same = asked.get(IF_NONE_MATCH).and_then(|h| h.to_str().ok()).is_some_and(|known| knows(known, &etag));
    let value = HeaderValue::from_str(&etag).expect("hexadecimal digits are a header's value");
    if same {
        return (StatusCode::NOT_MODIFIED, [(ETAG, value)]).into_response();
    }
    if site.reload {
        let known = if status == StatusCode::OK { etag.trim_matches('"') } else { "" };
        live::inject(&mut page, known);
    }
    let mut response = (status, [(CONTENT_TYPE, HTML)], page).into_response();
    if status == StatusCode::OK {
        response.headers_mut().insert(ETAG, value);
        // A part of a page is of no use: the whole is sent.
        response.headers_mut().insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    }
    response
}

/// Tells whether a list of tags (`If-None-Match`) has one; weak ones count.
fn knows(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

/// Takes the range out of a request where it does not count: in a unit nobody knows, or of a file the
/// browser knows and that is another now.
async fn keep_range_if_same(folder: &str, request: &mut Request) {
    if request.headers().get(RANGE).is_some_and(|range| !range.as_bytes().starts_with(b"bytes=")) {
        request.headers_mut().remove(RANGE);
    }
    let Some(known) = request.headers_mut().remove(IF_RANGE) else { return };
    let mut look = Request::new(Body::empty());
    *look.method_mut() = Method::HEAD;
    *look.uri_mut() = request.uri().clone();
    let same = match files(folder).try_call(look).await {
        Ok(found) => [ETAG, LAST_MODIFIED].into_iter().any(|name| found.headers().get(name) == Some(&known)),
        Err(_) => false,
    };
    if !same {
        request.headers_mut().remove(RANGE);
    }
}

/// The page where there is no site yet.
fn stand_in(lang: Lang, ok: bool) -> String {
    let (tag, title, text) = match (lang, ok) {
        (Lang::Zh, true) => ("zh-CN", "没有这一页", "网站里没有这一页，也没有自己的 404 页。"),
        (Lang::Zh, false) => ("zh-CN", "还没有网页", "网站还没有生成出来。改好有错误的文件，保存以后网页会自己出现。"),
        (Lang::En, true) => ("en", "Not found", "The site has no such page, and no 404 page of its own."),
        (Lang::En, false) => (
            "en",
            "No pages yet",
            "The site is not built yet. Correct and save the files with errors, and it will appear here.",
        ),
    };
    format!(
        "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
}

/// Text is UTF-8, types are as said, and nothing is kept without asking: the next build may differ.
fn complete(path: &str, headers: &mut HeaderMap) {
    let sort = headers.get(CONTENT_TYPE).and_then(|t| t.to_str().ok()).map(|sort| match sort {
        "text/xml" if path.ends_with("feed.xml") => "application/atom+xml".to_owned(),
        "application/octet-stream" if path.ends_with(".ofd") => "application/ofd".to_owned(),
        sort => sort.to_owned(),
    });
    let text = sort.map(|t| if is_text(&t) && !t.contains("charset") { format!("{t}; charset=utf-8") } else { t });
    if let Some(value) = text.and_then(|t| HeaderValue::from_str(&t).ok()) {
        headers.insert(CONTENT_TYPE, value);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    let policy = headers.get(CONTENT_TYPE).and_then(|t| t.to_str().ok()).and_then(policy);
    if let Some(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
}

/// The policy that goes with a type. A page brings the rest of its policy itself; any other document of markup, should
/// it be opened by itself, is to be looked at and no more.
fn policy(sort: &str) -> Option<&'static str> {
    if sort.starts_with("text/html") {
        return Some("object-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    }
    let markup = sort.starts_with("text/xml") || sort.starts_with("application/xml") || sort.contains("+xml");
    markup.then_some("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox")
}

fn is_text(sort: &str) -> bool {
    sort.starts_with("text/")
        || sort.ends_with("+xml")
        || sort.ends_with("+json")
        || ["application/javascript", "application/json", "application/xml"].contains(&sort)
}
