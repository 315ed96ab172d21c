//! Documents → a server, over plain HTTP. What the server has no time for now is sent again, a little later.

use crate::cli::Failure;
use crate::diagnostic::{Error, Say};
use crate::disk::Disk;
use crate::say;
use crate::search::export::{Format, Line, Refused};
use std::io::ErrorKind;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// How often a batch is sent before we give up.
const TRIES: u32 = 6;
/// The first wait; each further one is twice as long.
const WAIT: Duration = Duration::from_millis(500);
/// The longest wait, also where the server asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long one request may take; a server that makes a batch searchable at once takes its time.
const TIMEOUT: Duration = Duration::from_secs(300);
/// How much of an answer is read: an answer about a thousand documents is far shorter.
const LONGEST_ANSWER: u64 = 16 << 20;

/// The variable with name and password, or with the whole header.
const AUTH: &str = "BEILIN_SEARCH_AUTH";

/// A search server.
pub(super) struct Server {
    agent: Agent,
    /// What it takes.
    pub(super) format: Format,
    index: String,
    /// Its address, without a slash at the end.
    pub(super) place: String,
    authorization: Option<String>,
}

/// What a server answered.
struct Answer {
    status: u16,
    text: String,
    /// How long it wants to be left alone.
    wait: Option<Duration>,
}

impl Server {
    /// Prepares to speak with a server.
    pub(super) fn new(disk: &dyn Disk, to: &str, format: Format, index: &str) -> Result<Server, Failure> {
        let authority = to.strip_prefix("http://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let refused = match authority {
            None if to.starts_with("https://") => {
                Some(say!("不能直接送到 https 的地址", "https addresses cannot be sent to"))
            }
            None | Some("") => Some(say!("`{to}` 不是服务器的地址", "`{to}` is not the address of a server")),
            Some(authority) if authority.contains('@') => {
                Some(say!("用户名和密码不写在地址里", "name and password do not belong into the address"))
            }
            Some(_) => None,
        };
        if let Some(message) = refused {
            let way = match authority {
                Some(authority) if authority.contains('@') => say!(
                    "放在环境变量 {AUTH} 里，写成 用户名:密码",
                    "set the environment variable {AUTH} to name:password"
                ),
                _ => say!(
                    "写成 http://主机:端口；要用 https，先写成文件，再用 `curl --data-binary` 送",
                    "write http://host:port; for https write a file, and send it with `curl --data-binary`"
                ),
            };
            return Err(Failure::of(message, way));
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .user_agent(concat!("beilin/", env!("CARGO_PKG_VERSION")))
            .build();
        let authorization = disk.env(AUTH).filter(|auth| !auth.is_empty()).map(|auth| authorization(&auth));
        let place = to.trim_end_matches('/').to_owned();
        Ok(Server { agent: agent.into(), format, index: index.to_owned(), place, authorization })
    }

    /// Returns where documents go. An address that is whole stays as it is.
    fn address(&self, is_last: bool) -> String {
        let (place, index) = (&self.place, &self.index);
        let is_whole = |end: &str| place.split('?').next().is_some_and(|path| path.ends_with(end));
        match self.format {
            Format::Ndjson => place.clone(),
            Format::Bulk if is_whole("/_bulk") => place.clone(),
            Format::Bulk => format!("{place}/_bulk"),
            Format::Quickwit if is_whole("/ingest") => place.clone(),
            Format::Quickwit => {
                // What was sent is found when the last batch has been taken.
                let commit = if is_last { "force" } else { "auto" };
                format!("{place}/api/v1/{index}/ingest?commit={commit}&detailed_response=true")
            }
        }
    }

    /// Sends a batch; returns what the server does not want of it.
    pub(super) fn send(&self, mut batch: Vec<Line>, is_last: bool) -> Result<Vec<Refused>, Failure> {
        let address = self.address(is_last);
        let mut refused = Vec::new();
        for tried in 1.. {
            let body: String = batch.iter().map(|line| line.text.as_str()).collect();
            let asked = self.ask("POST", &address, "application/x-ndjson", &body);
            let is_spent = tried == TRIES;
            let wait = match asked {
                Ok(answer) if (200..300).contains(&answer.status) => {
                    let taken = self.format.read(&answer.text, &batch);
                    refused.extend(taken.refused);
                    if taken.again.is_empty() {
                        break;
                    }
                    if is_spent {
                        let late = |n: &usize| Refused { url: batch[*n].url.clone(), reason: "429".to_owned() };
                        refused.extend(taken.again.iter().map(late));
                        break;
                    }
                    batch = taken.again.iter().map(|n| batch[*n].clone()).collect();
                    answer.wait
                }
                Ok(answer) if !is_spent && matches!(answer.status, 429 | 502 | 503 | 504) => answer.wait,
                Ok(answer) => return Err(unwilling(&address, &answer, &batch)),
                Err(error) if !is_spent && self.may_be_sent_again(&error) => None,
                Err(error) => return Err(unreachable(&address, error)),
            };
            // Twice as long each time.
            let own = WAIT * 2u32.pow(tried - 1);
            std::thread::sleep(wait.unwrap_or(own).min(LONGEST_WAIT));
        }
        Ok(refused)
    }

    /// Tells whether a batch that was sent without an answer may be sent again. Documents with ids replace
    /// themselves; Quickwit knows no ids, and would have two of each if it had taken them after all.
    fn may_be_sent_again(&self, error: &ureq::Error) -> bool {
        let is_passing = |e: &std::io::Error| {
            !matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::Unsupported)
        };
        match error {
            ureq::Error::ConnectionFailed => true,
            ureq::Error::Io(e) if e.kind() == ErrorKind::ConnectionRefused => true,
            ureq::Error::Io(e) => self.format == Format::Bulk && is_passing(e),
            ureq::Error::Timeout(_) => self.format == Format::Bulk,
            _ => false,
        }
    }

    /// Makes the index anew, empty.
    pub(super) fn replace(&self, config: &str) -> Result<(), Failure> {
        let (place, index) = (&self.place, &self.index);
        let (old, method, new, content_type) = match self.format {
            Format::Bulk => {
                let index = format!("{place}/{index}");
                (index.clone(), "PUT", index, "application/json")
            }
            Format::Quickwit => {
                let all = format!("{place}/api/v1/indexes");
                (format!("{all}/{index}"), "POST", all, "application/yaml")
            }
            Format::Ndjson => {
                return Err(Failure::of(
                    say!("ndjson 不知道怎样重建索引", "how an index is made anew is not known for ndjson"),
                    say!("加 `--format bulk` 或 `--format quickwit`", "add `--format bulk` or `--format quickwit`"),
                ));
            }
        };
        let gone = self.ask("DELETE", &old, "", "").map_err(|e| unreachable(&old, e))?;
        if !(200..300).contains(&gone.status) && gone.status != 404 {
            return Err(unwilling(&old, &gone, &[]));
        }
        let made = self.ask(method, &new, content_type, config).map_err(|e| unreachable(&new, e))?;
        match made.status {
            200..300 => Ok(()),
            _ => Err(unwilling(&new, &made, &[])),
        }
    }

    fn ask(&self, method: &str, address: &str, content_type: &str, body: &str) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(address);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let response = match body {
            "" => self.agent.run(request.body(())?)?,
            body => self.agent.run(request.header("content-type", content_type).body(body)?)?,
        };
        read(response)
    }
}

fn read(mut response: Response<Body>) -> Result<Answer, ureq::Error> {
    let wait = response.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(LONGEST_ANSWER).lossy_utf8(true).read_to_string()?;
    Ok(Answer { status, text, wait: wait.map(Duration::from_secs) })
}

/// Returns the header for a name and a password; a header that is whole stays as it is.
fn authorization(auth: &str) -> String {
    use base64::Engine as _;
    if ["Basic ", "Bearer ", "ApiKey "].iter().any(|sort| auth.starts_with(sort)) {
        return auth.to_owned();
    }
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(auth))
}

/// Says that a server does not do what it was asked, in its own words.
fn unwilling(address: &str, answer: &Answer, batch: &[Line]) -> Failure {
    let Answer { status, text, .. } = answer;
    let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    let words = words.trim();
    let message = match batch {
        [] => say!("{address} 答复 {status}：{words}", "{address} answered {status}: {words}"),
        // A document that is alone in its batch is the one that is too long.
        [only] => {
            let url = &only.url;
            say!("{address} 对 {url} 答复 {status}：{words}", "{address} answered {status} to {url}: {words}")
        }
        [first, .., last] => {
            let (first, last) = (&first.url, &last.url);
            say!(
                "{address} 对 {first} 到 {last} 这一批答复 {status}：{words}",
                "{address} answered {status} to the batch from {first} to {last}: {words}"
            )
        }
    };
    Failure::Command(message, hint(*status))
}

fn hint(status: u16) -> Option<Say> {
    Some(match status {
        401 | 403 => say!(
            "要用户名和密码的，放在环境变量 {AUTH} 里，写成 用户名:密码",
            "where a password is asked for, set the environment variable {AUTH} to name:password"
        ),
        404 => say!(
            "索引还没有建的，加 `--replace`；地址只写到端口",
            "add `--replace` where there is no index yet; the address ends with the port"
        ),
        429 | 502 | 503 | 504 => {
            say!("服务器太忙，试了 {TRIES} 次，过一会儿再导出", "the server is busy, {TRIES} times in a row: try later")
        }
        _ => return None,
    })
}

fn unreachable(address: &str, error: ureq::Error) -> Failure {
    Failure::Machine(Error::new(say!("{address} 没有答复", "no answer from {address}"), error.into_io()))
}
