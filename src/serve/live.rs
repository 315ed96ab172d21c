//! What the preview tells open pages: the script in them, the events it hears, and the state it asks for.

use super::answer::Site;
use crate::diagnostic::Lang;
use crate::search::engine::Left;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// Where the script is.
pub(super) const SCRIPT: &str = "/.beilin/live.js";
/// Where the styles of what it shows are.
pub(super) const STYLES: &str = "/.beilin/live.css";
/// Where events are sent from.
pub(super) const EVENTS: &str = "/.beilin/events";
/// Where the state is told.
pub(super) const STATUS: &str = "/.beilin/status";

/// What came of the last build, and what is served.
#[derive(Debug, Clone, Default)]
pub(super) struct Served {
    /// The output folder.
    pub(super) folder: String,
    /// How many builds there were.
    pub(super) builds: u64,
    /// What the last good one left to be searched.
    pub(super) search: Option<Arc<Left>>,
    /// Whether the last was good.
    pub(super) ok: bool,
    /// How long it took.
    pub(super) took: Duration,
    /// What is wrong.
    pub(super) diagnostics: Vec<Value>,
    /// The outputs it changed, if known.
    pub(super) changed: Option<Vec<String>>,
    /// The language of what is shown.
    pub(super) lang: Lang,
    /// Whether the preview is about to end.
    pub(super) closing: bool,
}

impl Served {
    fn event(&self) -> Value {
        json!({ "ok": self.ok, "build": self.builds, "changed": self.changed })
    }

    fn status(&self) -> Value {
        let lang = match self.lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        };
        json!({
            "builds": self.builds,
            "ok": self.ok,
            "last_ms": (self.took.as_secs_f64() * 100_000.0).round() / 100.0,
            "changed": self.changed,
            "diagnostics": self.diagnostics,
            "lang": lang,
        })
    }
}

/// Answers with the state of the preview.
pub(super) async fn status(State(site): State<Site>) -> Response {
    let status = site.served.borrow().status();
    ([(CONTENT_TYPE, "application/json")], status.to_string()).into_response()
}

/// Answers with the script.
pub(super) async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("live.js")).into_response()
}

/// Answers with the styles of what the script shows.
pub(super) async fn styles() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("live.css")).into_response()
}

/// Answers with a stream of events: `hello` at once, `built` after each build.
pub(super) async fn events(State(site): State<Site>) -> Response {
    if !site.reload {
        return StatusCode::NOT_FOUND.into_response();
    }
    let events = stream::unfold((site.served, "hello"), |(mut served, name)| async move {
        if name == "built" {
            served.changed().await.ok()?;
        }
        let now = served.borrow_and_update().clone();
        // The stream ends with the preview, else the preview could not.
        (!now.closing).then(|| {
            let event = Event::default().event(name).data(now.event().to_string());
            (Ok::<_, Infallible>(event), (served, "built"))
        })
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

/// Puts the script into a page that is about to be sent. The page learns its own tag, so that it can ask
/// whether it has changed.
pub(super) fn inject(page: &mut Vec<u8>, tag: &str) {
    // The tag is hexadecimal: nothing in it is markup.
    let script = format!("<script src=\"{SCRIPT}\" data-tag=\"{tag}\" defer></script>");
    let end = page.windows(7).rposition(|w| w.eq_ignore_ascii_case(b"</body>")).unwrap_or(page.len());
    page.splice(end..end, script.into_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stands_last_in_the_body() {
        let page = |text: &str| {
            let mut page = text.as_bytes().to_vec();
            inject(&mut page, "ab");
            String::from_utf8(page).expect("a page is text")
        };
        let script = "<script src=\"/.beilin/live.js\" data-tag=\"ab\" defer></script>";
        assert_eq!(page("<body>支部</BODY></html>"), format!("<body>支部{script}</BODY></html>"));
        assert_eq!(page("<p>x"), format!("<p>x{script}"));
        assert_eq!(page("<pre>&lt;/body></body>"), format!("<pre>&lt;/body>{script}</body>"));
    }
}
