//! The door: `POST /hooks/<forge>` rings; `GET /status`, `GET /` and `GET /healthz` tell how things stand.
//!
//! A call passes these in order, and the first that fails answers: is the forge known, are calls heard,
//! is it of no page in a browser, not too often (429), not too long (413), proven (401), readable (400), a push of our branch,
//! new. Only then it rings, and is answered 202 without waiting. What is told of a refusal is its number.
//!
//! While we listen to this machine only, the status is given only to who asks for this machine by name: a
//! page of a foreign site must not read it through somebody's browser.

use super::limit::{Bucket, Seen};
use super::state::Shared;
use super::webhook::{Event, Provider};
use super::{Hooks, Options, page};
use crate::diagnostic::Lang;
use crate::disk::Disk;
use crate::door::Names;
use crate::say;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// So many bodies are read at a time.
const BODIES: usize = 8;
/// A body comes within this time, waiting for its turn included.
const SLOWEST: Duration = Duration::from_secs(20);
/// So many marks of calls are remembered; each has two or three.
const REMEMBERED: usize = 30_000;
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the door knows.
pub(super) struct Front {
    shared: Arc<Shared>,
    disk: Arc<dyn Disk>,
    hooks: Hooks,
    reference: String,
    body_limit: usize,
    bucket: Mutex<Bucket>,
    seen: Mutex<Seen>,
    bodies: Semaphore,
    /// The names the status is given to; `None` where other machines are meant to see it.
    names: Option<Names>,
    lang: Lang,
}

impl Front {
    /// Makes the door of an address.
    pub(super) fn new(options: &Options, at: SocketAddr, disk: Arc<dyn Disk>, shared: Arc<Shared>) -> Front {
        let bucket = Bucket::new(options.rate, disk.now());
        Front {
            shared,
            disk,
            hooks: options.hooks.clone(),
            reference: format!("refs/heads/{}", options.branch),
            body_limit: options.body_limit,
            bucket: Mutex::new(bucket),
            seen: Mutex::new(Seen::new(REMEMBERED)),
            bodies: Semaphore::new(BODIES),
            names: at.ip().is_loopback().then(|| Names { only_here: true, others: Vec::new() }),
            lang: options.lang,
        }
    }
}

/// Why a call does not ring.
enum Refusal {
    /// There is no such door.
    Unknown,
    /// It comes from a page in somebody's browser; forges have no origin.
    Page,
    /// Too often; after so many seconds again.
    Often(u64),
    /// Too long.
    Long,
    /// It did not come in time, or broke off.
    Slow,
    /// Not proven.
    Unproven,
    /// Not readable.
    Unreadable,
}

/// What a call that is proven comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Rung,
    Pong,
    Ignored(&'static str),
}

/// Makes the service.
pub(super) fn router(front: Front) -> Router {
    Router::new()
        .route("/", get(board))
        .route("/status", get(status))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/hooks/{forge}", post(call))
        .with_state(Arc::new(front))
}

async fn status(State(front): State<Arc<Front>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = front.stranger(&headers) {
        return refusal;
    }
    let text = format!("{:#}\n", front.shared.json());
    ([(CACHE_CONTROL, "no-store"), (CONTENT_TYPE, "application/json"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], text)
        .into_response()
}

async fn board(State(front): State<Arc<Front>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = front.stranger(&headers) {
        return refusal;
    }
    let now = front.disk.now();
    match page::page(&front.shared.json(), now, front.lang) {
        Ok(html) => {
            let headers = [
                (CACHE_CONTROL, "no-store"),
                (CONTENT_TYPE, "text/html; charset=utf-8"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (REFERRER_POLICY, "no-referrer"),
                (CONTENT_SECURITY_POLICY, POLICY),
            ];
            (headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(event = "page", "{error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn call(State(front): State<Arc<Front>>, Path(forge): Path<String>, headers: HeaderMap, body: Body) -> Response {
    match front.hear(&forge, &headers, body).await {
        Ok(heard) => {
            let result = match heard {
                Heard::Rung => "rung",
                Heard::Pong => "ping",
                Heard::Ignored(why) => why,
            };
            let text = say!("收到 {forge} 的通知：{result}", "call of {forge}: {result}");
            tracing::info!(event = "hook", forge, result, "{}", text.get(front.lang));
            match heard {
                Heard::Rung => answer(StatusCode::ACCEPTED, &json!({ "ok": true, "queued": true })),
                Heard::Pong => answer(StatusCode::OK, &json!({ "ok": true, "pong": true })),
                Heard::Ignored(why) => answer(StatusCode::ACCEPTED, &json!({ "ok": true, "ignored": why })),
            }
        }
        Err(refusal) => front.refuse(&refusal),
    }
}

impl Front {
    async fn hear(&self, forge: &str, headers: &HeaderMap, body: Body) -> Result<Heard, Refusal> {
        let provider = Provider::from_name(forge).ok_or(Refusal::Unknown)?;
        if matches!(self.hooks, Hooks::Off) {
            return Err(Refusal::Unknown);
        }
        if headers.contains_key(ORIGIN) {
            return Err(Refusal::Page);
        }
        let now = self.disk.now();
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(now).map_err(Refusal::Often)?;
        let body = self.read(headers, body).await?;
        if let Hooks::Signed(secrets) = &self.hooks
            && !provider.proves(headers, &body, secrets, now)
        {
            return Err(Refusal::Unproven);
        }
        Ok(match provider.event(headers, &body).ok_or(Refusal::Unreadable)? {
            Event::Ping => Heard::Pong,
            Event::Other => Heard::Ignored("event"),
            Event::Push { reference, .. } if reference != self.reference => Heard::Ignored("branch"),
            Event::Push { deleted: true, .. } => Heard::Ignored("deleted"),
            Event::Push { .. } => {
                let marks = provider.marks(headers, &body);
                if self.seen.lock().unwrap_or_else(PoisonError::into_inner).is_new(&marks) {
                    self.shared.ring();
                    Heard::Rung
                } else {
                    Heard::Ignored("replay")
                }
            }
        })
    }

    async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
        let announced = headers.get(CONTENT_LENGTH).and_then(|l| l.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.body_limit as u64) {
            return Err(Refusal::Long);
        }
        let reading = async {
            let _turn = self.bodies.acquire().await.map_err(|_| Refusal::Slow)?;
            to_bytes(body, self.body_limit).await.map_err(|error| {
                let long =
                    std::error::Error::source(&error).is_some_and(|e| e.is::<http_body_util::LengthLimitError>());
                if long { Refusal::Long } else { Refusal::Slow }
            })
        };
        Ok(tokio::time::timeout(SLOWEST, reading).await.map_err(|_| Refusal::Slow)??.to_vec())
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let (status, error) = match refusal {
            Refusal::Unknown => (StatusCode::NOT_FOUND, "not found"),
            Refusal::Page => (StatusCode::FORBIDDEN, "from a page"),
            Refusal::Often(_) => (StatusCode::TOO_MANY_REQUESTS, "too many requests"),
            Refusal::Long => (StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Refusal::Slow => (StatusCode::REQUEST_TIMEOUT, "too slow"),
            Refusal::Unproven => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Refusal::Unreadable => (StatusCode::BAD_REQUEST, "unreadable"),
        };
        let number = status.as_u16();
        if !matches!(refusal, Refusal::Unknown | Refusal::Page | Refusal::Often(_)) {
            // The others could fill a disk with their log.
            let text = say!("拒绝了一个通知：{number}", "refused a call: {number}");
            tracing::warn!(event = "hook-refused", status = number, error, "{}", text.get(self.lang));
        }
        let mut response = answer(status, &json!({ "ok": false, "error": error }));
        if let Refusal::Often(seconds) = refusal {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
        response
    }

    /// Refuses who asks for another host than this machine.
    fn stranger(&self, headers: &HeaderMap) -> Option<Response> {
        if self.names.as_ref().is_none_or(|names| names.admit(headers)) {
            return None;
        }
        let text = say!(
            "状态只给本机看；经过反向代理时不要改 Host（见手册）\n",
            "the status is for this machine; a proxy must leave Host as it is (see the manual)\n"
        );
        let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
        Some((StatusCode::FORBIDDEN, headers, text.get(self.lang).to_owned()).into_response())
    }
}

fn answer(status: StatusCode, value: &Value) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (status, headers, format!("{value}\n")).into_response()
}
