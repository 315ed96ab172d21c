//! `/api/search`: the search of the site that is served, asked by programs.
//!
//! What the last good build left is opened when it is first asked for, and stays open until a build leaves
//! something else. An answer is JSON, and so is a refusal.

use super::answer::Site;
use crate::diagnostic::{Error, Say};
use crate::disk::{Disk, Real};
use crate::say;
use crate::search::engine::{Engine, Left, Page, Sort};
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the search is asked.
pub(super) const SEARCH: &str = "/api/search";
/// The most hits of one answer, and how many there are where that is not said.
const LIMIT: (usize, usize) = (100, 10);
/// The longest query, in characters.
const LENGTH: usize = 500;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    query: String,
    page: Page,
}

impl Asked {
    /// Reads a query string; says what is wrong with it. Keys nobody knows are passed over.
    fn read(text: &str) -> Result<Asked, Say> {
        let (mut query, mut page) = (None, Page { sort: Sort::Relevance, limit: LIMIT.1, offset: 0 });
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            match key.as_ref() {
                "q" if value.chars().count() > LENGTH => {
                    return Err(say!("`q` 最多 {LENGTH} 个字", "`q` has at most {LENGTH} characters"));
                }
                "q" => query = Some(value.into_owned()),
                "limit" => {
                    let most = LIMIT.0;
                    page.limit = value.parse().ok().filter(|n| *n <= most).ok_or_else(|| {
                        say!("`limit` 应是 0 到 {most} 的数", "`limit` should be a number from 0 to {most}")
                    })?;
                }
                "offset" => {
                    let number = value.parse::<u32>().ok();
                    page.offset =
                        number.ok_or_else(|| say!("`offset` 应是数", "`offset` should be a number"))? as usize;
                }
                "sort" => {
                    page.sort = match value.as_ref() {
                        "relevance" => Sort::Relevance,
                        "newest" => Sort::Newest,
                        "oldest" => Sort::Oldest,
                        _ => {
                            return Err(say!(
                                "`sort` 可写 relevance、newest、oldest",
                                "`sort` is one of relevance, newest, oldest"
                            ));
                        }
                    };
                }
                _ => {}
            }
        }
        let query = query.ok_or_else(|| say!("还要写 `q`，要找什么", "`q` is missing: what is asked for"))?;
        Ok(Asked { query, page })
    }
}

/// The search that is open, and what it was opened from.
#[derive(Default)]
pub(super) struct Opened(Mutex<Option<(Arc<Left>, Arc<Engine<'static>>)>>);

impl Opened {
    /// Returns the search of what a build left, opened if it is not. Others wait for it meanwhile.
    fn engine(&self, left: &Arc<Left>) -> Result<Arc<Engine<'static>>, Error> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, engine)) = &*open
            && Arc::ptr_eq(of, left)
        {
            return Ok(engine.clone());
        }
        let earlier = open.as_ref().map(|(_, engine)| &**engine);
        let engine = Arc::new(Engine::open(&Real, left, earlier)?);
        *open = Some((left.clone(), engine.clone()));
        Ok(engine)
    }

    fn answer(&self, left: &Arc<Left>, asked: &Asked) -> Result<Value, Error> {
        let began = Real.now();
        let answer = self.engine(left)?.search(&asked.query, asked.page)?;
        let mut value = answer.json(&|url| url.to_owned());
        let micros = Real.now().saturating_sub(began).max(0) / 1000;
        value["took_ms"] = (micros as f64 / 1000.0).into();
        Ok(value)
    }
}

/// Answers what is asked of the search.
pub(super) async fn search(State(site): State<Site>, uri: Uri) -> Response {
    let asked = match Asked::read(uri.query().unwrap_or_default()) {
        Ok(asked) => Arc::new(asked),
        Err(what) => return refusal(StatusCode::BAD_REQUEST, &what),
    };
    let left = || {
        let served = site.served.borrow();
        (served.search.clone(), served.ok)
    };
    let mut last: Option<Arc<Left>> = None;
    let mut why = say!("检索停下了", "the search stopped");
    // A build may replace the files that are read: then what it left is asked once more.
    for _ in 0..2 {
        let now = match left() {
            (Some(now), _) => now,
            (None, true) => {
                return refusal(StatusCode::NOT_FOUND, &say!("这个网站没有检索", "this site has no search"));
            }
            (None, false) => {
                let what = say!("网站还没有生成出来", "the site is not built yet");
                return refusal(StatusCode::SERVICE_UNAVAILABLE, &what);
            }
        };
        if last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &now)) {
            break;
        }
        let (opened, asked, of) = (site.search.clone(), asked.clone(), now.clone());
        match tokio::task::spawn_blocking(move || opened.answer(&of, &asked)).await {
            Ok(Ok(value)) => return json_of(StatusCode::OK, &value),
            Ok(Err(error)) => why = error.what,
            Err(_) => return refusal(StatusCode::INTERNAL_SERVER_ERROR, &why),
        }
        last = Some(now);
    }
    let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, &why);
    response.headers_mut().insert(RETRY_AFTER, 1.into());
    response
}

fn json_of(status: StatusCode, value: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Refuses for programs.
pub(super) fn refusal(status: StatusCode, what: &Say) -> Response {
    let error = json!({ "message": what.zh, "message_en": what.en });
    json_of(status, &json!({ "ok": false, "status": status.as_u16(), "error": error }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(query: &str, sort: Sort, limit: usize, offset: usize) -> Asked {
        Asked { query: query.to_owned(), page: Page { sort, limit, offset } }
    }

    #[test]
    fn what_is_asked_is_read_and_what_is_wrong_is_said() {
        let long = format!("q={}", "%E5%85%9A".repeat(LENGTH));
        for (text, expected) in [
            ("q=%E5%85%9A%E8%AF%BE", asked("党课", Sort::Relevance, 10, 0)),
            ("q=%22a+b%22&limit=0&offset=20&sort=oldest&x=y", asked("\"a b\"", Sort::Oldest, 0, 20)),
            ("limit=100&q=", asked("", Sort::Relevance, 100, 0)),
            ("q=%FF%", asked("\u{fffd}%", Sort::Relevance, 10, 0)),
            (&long, asked(&"党".repeat(LENGTH), Sort::Relevance, 10, 0)),
        ] {
            assert_eq!(Asked::read(text).map_err(|e| e.en), Ok(expected), "{text}");
        }
        let longer = format!("{long}x");
        for (text, word) in [
            ("", "`q` is missing"),
            ("Q=x", "`q` is missing"),
            (longer.as_str(), "500 characters"),
            ("q=x&limit=101", "from 0 to 100"),
            ("q=x&limit=-1", "from 0 to 100"),
            ("q=x&limit=", "from 0 to 100"),
            ("q=x&offset=99999999999999999999", "`offset` should"),
            ("q=x&sort=best", "one of relevance"),
        ] {
            let error = Asked::read(text).expect_err("it is wrong");
            assert!(error.en.contains(word), "{text}: {}", error.en);
        }
    }

    proptest! {
        #[test]
        fn any_query_string_is_read_or_refused(text in "(q=|limit=|&|%[0-9a-f]{0,2}|\\PC){0,20}") {
            if let Ok(asked) = Asked::read(&text) {
                prop_assert!(asked.page.limit <= LIMIT.0 && asked.query.chars().count() <= LENGTH);
            }
        }
    }
}
