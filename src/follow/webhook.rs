//! What forges send: who it is from, what happened, and whether it came before.
//!
//! | | proof | over |
//! |---|---|---|
//! | GitHub | `X-Hub-Signature-256: sha256=<hex HMAC-SHA256>` | the body |
//! | Gitea, Forgejo | `X-Forgejo-Signature`, `X-Gitea-Signature`: the same in bare hex | the body |
//! | GitLab | `webhook-signature: v1,<base64>` (Standard Webhooks) | id, time and body |
//! | | `X-Gitlab-Token`: the secret itself | nothing |
//! | Gitee | `X-Gitee-Token`: base64 HMAC-SHA256, or the secret itself | the time |
//!
//! All secrets are tried, and each comparison takes as long whether it fails early or late. Nothing of a
//! body is read before its proof holds.

use super::limit::Mark;
use crate::model::route;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// Standard Webhooks: a call is as old as this at most, in seconds.
const TOLERANCE: i64 = 5 * 60;
/// Gitee: the same, in milliseconds.
const GITEE_TOLERANCE: i64 = 60 * 60 * 1000;
const MILLISECOND: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;

/// What only a forge and we know; never shown.
#[derive(Clone)]
pub struct Secrets(Vec<Vec<u8>>);

impl Secrets {
    /// Reads secrets, one a line, so that an old one is good until the new one is everywhere.
    pub fn read(text: &str) -> Option<Secrets> {
        let all: Vec<Vec<u8>> =
            text.lines().map(str::trim).filter(|l| !l.is_empty()).map(|l| l.as_bytes().to_vec()).collect();
        (!all.is_empty()).then_some(Secrets(all))
    }

    /// Returns the length of the shortest.
    pub fn shortest(&self) -> usize {
        self.0.iter().map(Vec::len).min().unwrap_or(0)
    }

    fn any(&self, holds: impl Fn(&[u8]) -> bool) -> bool {
        // Not `any`: it would stop at the first that holds.
        self.0.iter().fold(false, |found, secret| found | holds(secret))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

/// A forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    /// GitHub.
    GitHub,
    /// Gitea and Forgejo.
    Gitea,
    /// GitLab.
    GitLab,
    /// Gitee (码云).
    Gitee,
}

/// What happened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// A ref was moved, made or taken away.
    Push {
        /// Its whole name.
        reference: String,
        /// Whether it was taken away.
        deleted: bool,
    },
    /// The forge tries whether we are there.
    Ping,
    /// Something that does not concern us.
    Other,
}

impl Provider {
    /// Reads the name in an address.
    pub(super) fn from_name(name: &str) -> Option<Provider> {
        match name {
            "github" => Some(Provider::GitHub),
            "gitea" | "forgejo" => Some(Provider::Gitea),
            "gitlab" => Some(Provider::GitLab),
            "gitee" => Some(Provider::Gitee),
            _ => None,
        }
    }

    /// Tells whether a call proves to come from who knows a secret.
    pub(super) fn proves(self, headers: &HeaderMap, body: &[u8], secrets: &Secrets, now: i64) -> bool {
        match self {
            Provider::GitHub => proves_github(headers, body, secrets),
            Provider::Gitea => proves_gitea(headers, body, secrets),
            Provider::GitLab => match text(headers, "webhook-signature") {
                // Where there is a signature, the weaker token proves nothing.
                Some(signatures) => proves_standard(headers, signatures, body, secrets, now),
                None => text(headers, "x-gitlab-token").is_some_and(|token| secrets.any(|s| same(token.as_bytes(), s))),
            },
            Provider::Gitee => proves_gitee(headers, secrets, now),
        }
    }

    /// Returns the marks by which a call is known again.
    pub(super) fn marks(self, headers: &HeaderMap, body: &[u8]) -> Vec<Mark> {
        let names: &[&str] = match self {
            Provider::GitHub => &["x-github-delivery"],
            Provider::Gitea => &["x-forgejo-delivery", "x-gitea-delivery", "x-github-delivery"],
            // One event UUID may stand for a chain of events: only where there is nothing better.
            Provider::GitLab => &["webhook-id", "idempotency-key", "x-gitlab-event-uuid"],
            Provider::Gitee => &[],
        };
        // The number of a delivery is in no signature: a copy under another number is known by its body.
        let mut marks = vec![mark(&["body", &format!("{self:?}")], body)];
        if let Some(id) = names.iter().find_map(|n| text(headers, n)) {
            marks.push(mark(&["id", &format!("{self:?}")], id.as_bytes()));
        }
        // Gitee signs the time only: its signature is the number. A password is the same every time.
        if self == Provider::Gitee
            && let (Some(token), Some(time)) = (text(headers, "x-gitee-token"), text(headers, "x-gitee-timestamp"))
        {
            marks.push(mark(&["gitee", time], token.as_bytes()));
        }
        marks
    }

    /// Reads what happened; `None` if it cannot be read.
    pub(super) fn event(self, headers: &HeaderMap, body: &[u8]) -> Option<Event> {
        let value = payload(headers, body)?;
        let name = |names: &[&str]| names.iter().find_map(|n| text(headers, n)).unwrap_or_default();
        let told = match self {
            Provider::GitHub => name(&["x-github-event"]),
            Provider::Gitea => name(&["x-forgejo-event", "x-gitea-event", "x-github-event"]),
            // Hooks of a whole installation have one name for all; the body says more.
            Provider::GitLab => match name(&["x-gitlab-event"]) {
                "System Hook" => value["event_name"].as_str().unwrap_or_default(),
                told => told,
            },
            Provider::Gitee if name(&["x-gitee-ping"]) == "true" => "ping",
            Provider::Gitee => name(&["x-gitee-event"]),
        };
        match told {
            "push" | "Push Hook" => push(&value),
            "ping" => Some(Event::Ping),
            _ => Some(Event::Other),
        }
    }
}

fn push(value: &Value) -> Option<Event> {
    let reference = value["ref"].as_str()?.to_owned();
    let nothing = |after: &str| !after.is_empty() && after.bytes().all(|b| b == b'0');
    let deleted = value["deleted"].as_bool().unwrap_or(false) || value["after"].as_str().is_some_and(nothing);
    Some(Event::Push { reference, deleted })
}

/// Reads a body: JSON, or a form with JSON in it.
fn payload(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let form = text(headers, "content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    let value: Value = if form {
        let (_, json) = form_urlencoded::parse(body).find(|(key, _)| key == "payload" || key == "hook")?;
        serde_json::from_str(&json).ok()?
    } else {
        serde_json::from_slice(body).ok()?
    };
    value.is_object().then_some(value)
}

fn proves_github(headers: &HeaderMap, body: &[u8], secrets: &Secrets) -> bool {
    let signature = text(headers, "x-hub-signature-256").and_then(|s| s.strip_prefix("sha256=")).and_then(hex);
    signature.is_some_and(|signature| secrets.any(|s| signed(s, &[body], &signature)))
}

fn proves_gitea(headers: &HeaderMap, body: &[u8], secrets: &Secrets) -> bool {
    let bare = ["x-forgejo-signature", "x-gitea-signature"].iter().find_map(|n| text(headers, n));
    match bare {
        Some(signature) => hex(signature).is_some_and(|signature| secrets.any(|s| signed(s, &[body], &signature))),
        None => proves_github(headers, body, secrets),
    }
}

fn proves_standard(headers: &HeaderMap, signatures: &str, body: &[u8], secrets: &Secrets, now: i64) -> bool {
    let (Some(id), Some(time)) = (text(headers, "webhook-id"), text(headers, "webhook-timestamp")) else {
        return false;
    };
    let fresh = time.parse::<i64>().is_ok_and(|t| t.abs_diff(now.div_euclid(SECOND)) <= TOLERANCE as u64);
    let given: Vec<Vec<u8>> =
        signatures.split(' ').filter_map(|s| STANDARD.decode(s.strip_prefix("v1,")?).ok()).collect();
    let holds = secrets.any(|secret| {
        let key = secret.strip_prefix(b"whsec_").and_then(|rest| STANDARD.decode(rest).ok());
        let key = key.as_deref().unwrap_or(secret);
        let parts = [id.as_bytes(), b".", time.as_bytes(), b".", body];
        given.iter().fold(false, |found, signature| found | signed(key, &parts, signature))
    });
    fresh & holds
}

fn proves_gitee(headers: &HeaderMap, secrets: &Secrets, now: i64) -> bool {
    let (Some(token), Some(time)) = (text(headers, "x-gitee-token"), text(headers, "x-gitee-timestamp")) else {
        return false;
    };
    let fresh = time.parse::<i64>().is_ok_and(|t| t.abs_diff(now.div_euclid(MILLISECOND)) <= GITEE_TOLERANCE as u64);
    // The manual's signature is encoded for an address; the one that is sent is not.
    let signature = STANDARD.decode(route::decode(token)).unwrap_or_default();
    let holds = secrets.any(|s| signed(s, &[time.as_bytes(), b"\n", s], &signature) | same(token.as_bytes(), s));
    fresh & holds
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|t| !t.is_empty())
}

/// Tells whether a signature is the one of these parts, in a time that does not depend on where it differs.
fn signed(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.verify_slice(signature).is_ok()
}

/// Tells whether two texts are the same, in a time that depends on neither; not even on their lengths.
fn same(a: &[u8], b: &[u8]) -> bool {
    Sha256::digest(a).ct_eq(&Sha256::digest(b)).into()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

fn mark(of: &[&str], bytes: &[u8]) -> Mark {
    let mut hash = Sha256::new();
    for part in of {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(bytes);
    hash.finalize().into()
}

/// Takes arbitrary bytes for a call (its head, an empty line, its body) and panics where a promise of this module is
/// broken: no call proves what nobody signed, and none takes the reader down.
///
/// For fuzzing and property tests.
#[doc(hidden)]
pub fn fuzz_webhook(data: &[u8]) {
    let cut = data.windows(2).position(|w| w == b"\n\n").unwrap_or(0);
    let (head, body) = (&data[..cut], &data[(cut + 2).min(data.len())..]);
    let mut headers = HeaderMap::new();
    for line in head.split(|b| *b == b'\n') {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let name = axum::http::HeaderName::from_bytes(&line[..colon]);
        if let (Ok(name), Ok(value)) = (name, axum::http::HeaderValue::from_bytes(line[colon + 1..].trim_ascii())) {
            headers.append(name, value);
        }
    }
    let secrets = Secrets(vec![b"only the forge and we know this".to_vec(), vec![0xff; 40]]);
    for provider in [Provider::GitHub, Provider::Gitea, Provider::GitLab, Provider::Gitee] {
        assert!(!provider.proves(&headers, body, &secrets, 1_790_000_000 * SECOND), "nobody signed this");
        assert!(!provider.marks(&headers, body).is_empty(), "a call is known again");
        if let Some(Event::Push { reference, .. }) = provider.event(&headers, body) {
            assert!(body.len() >= reference.len() / 4, "a name comes from the call");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    /// 2021-02-25T15:02:10Z, the moment of the vector of Standard Webhooks.
    const THEN: i64 = 1_614_265_330 * SECOND;
    /// The moment of the example in Gitee's manual.
    const GITEE_THEN: i64 = 1_576_754_827_988 * MILLISECOND;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(n, v): &(&'static str, &str)| {
            (HeaderName::from_static(n), HeaderValue::from_str(v).expect("a header's value"))
        };
        pairs.iter().map(pair).collect()
    }

    fn secrets(text: &str) -> Secrets {
        Secrets::read(text).expect("there is a secret")
    }

    const GITHUB: (&str, &str, &str) = (
        "It's a Secret to Everybody",
        "Hello, World!",
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    );
    const STANDARD_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const STANDARD_BODY: &str = "{\"test\": 2432232314}";

    fn standard(signature: &str) -> HeaderMap {
        headers(&[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", signature),
        ])
    }

    #[test]
    fn githubs_own_example_holds_and_nothing_near_it() {
        let (secret, body, signature) = GITHUB;
        let check = |value: &str, body: &str, secret: &str, expected: bool| {
            let headers = headers(&[("x-hub-signature-256", value)]);
            let found = Provider::GitHub.proves(&headers, body.as_bytes(), &secrets(secret), THEN);
            assert_eq!(found, expected, "{value} {body} {secret}");
        };
        let whole = format!("sha256={signature}");
        check(&whole, body, secret, true);
        check(&format!("sha256={}", signature.to_uppercase()), body, secret, true);
        check(&whole, "Hello, World?", secret, false);
        check(&whole, body, "It's a secret to everybody", false);
        check(&whole, body, &format!("another\n\n{secret}\n"), true);
        check(signature, body, secret, false);
        check("sha256=", body, secret, false);
        check(&whole[..whole.len() - 2], body, secret, false);
        check(&whole.replace('7', "+"), body, secret, false);
        check(&format!("sha1={signature}"), body, secret, false);
        assert!(!Provider::GitHub.proves(&HeaderMap::new(), body.as_bytes(), &secrets(secret), THEN));
    }

    #[test]
    fn gitea_and_forgejo_sign_in_bare_hex_and_the_better_header_decides() {
        let (secret, body, good) = GITHUB;
        let (bad, good) = ("00".repeat(32), good.to_owned());
        let github = format!("sha256={good}");
        let check = |pairs: &[(&'static str, &str)], expected: bool| {
            let found = Provider::Gitea.proves(&headers(pairs), body.as_bytes(), &secrets(secret), THEN);
            assert_eq!(found, expected, "{pairs:?}");
        };
        check(&[("x-gitea-signature", &good)], true);
        check(&[("x-forgejo-signature", &good)], true);
        check(&[("x-hub-signature-256", &github)], true);
        check(&[("x-gitea-signature", &bad)], false);
        check(&[("x-forgejo-signature", &bad), ("x-gitea-signature", &good)], false);
        check(&[], false);
    }

    #[test]
    fn gitlab_sends_the_token_or_signs_as_standard_webhooks_do() {
        let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let check = |headers: &HeaderMap, body: &str, secret: &str, now: i64, expected: bool| {
            let found = Provider::GitLab.proves(headers, body.as_bytes(), &secrets(secret), now);
            assert_eq!(found, expected, "{headers:?} {body} {now}");
        };
        check(&standard(good), STANDARD_BODY, STANDARD_SECRET, THEN, true);
        check(&standard(&format!("v1,AAAA v2,x {good}")), STANDARD_BODY, STANDARD_SECRET, THEN, true);
        check(&standard(good), "{\"test\": 2432232315}", STANDARD_SECRET, THEN, false);
        check(&standard(good), STANDARD_BODY, "whsec_AAAA", THEN, false);
        check(&standard(good), STANDARD_BODY, STANDARD_SECRET, THEN + 299 * SECOND, true);
        check(&standard(good), STANDARD_BODY, STANDARD_SECRET, THEN + 301 * SECOND, false);
        check(&standard(good), STANDARD_BODY, STANDARD_SECRET, THEN - 301 * SECOND, false);
        check(&headers(&[("x-gitlab-token", "tok")]), "{}", "tok", THEN, true);
        check(&headers(&[("x-gitlab-token", "toK")]), "{}", "tok", THEN, false);
        check(&headers(&[("x-gitlab-token", "to")]), "{}", "tok", THEN, false);
        check(&HeaderMap::new(), "{}", "tok", THEN, false);
        let mut both = standard("v1,AAAA");
        both.insert("x-gitlab-token", HeaderValue::from_static(STANDARD_SECRET));
        check(&both, STANDARD_BODY, STANDARD_SECRET, THEN, false);
    }

    #[test]
    fn gitee_signs_the_time_or_sends_the_password_and_an_old_call_is_refused() {
        // Made with Gitee's own Python example.
        let good = "2D978FIy4DMMTbiN80zQkNH1Eq/kMBt3gL6OnWfGzzY=";
        let hour = 3600 * SECOND;
        let check = |token: &str, time: &str, now: i64, expected: bool| {
            let headers = headers(&[("x-gitee-token", token), ("x-gitee-timestamp", time)]);
            assert_eq!(
                Provider::Gitee.proves(&headers, b"{}", &secrets("this is secret"), now),
                expected,
                "{token} {now}"
            );
        };
        check(good, "1576754827988", GITEE_THEN, true);
        check("2D978FIy4DMMTbiN80zQkNH1Eq%2FkMBt3gL6OnWfGzzY%3D", "1576754827988", GITEE_THEN, true);
        check("this is secret", "1576754827988", GITEE_THEN, true);
        check("this is Secret", "1576754827988", GITEE_THEN, false);
        check(good, "1576754827989", GITEE_THEN, false);
        check(good, "1576754827988", GITEE_THEN + hour, true);
        check(good, "1576754827988", GITEE_THEN + hour + SECOND, false);
        check("this is secret", "1576754827988", GITEE_THEN - hour - SECOND, false);
        check("", "1576754827988", GITEE_THEN, false);
        assert!(!Provider::Gitee.proves(
            &headers(&[("x-gitee-token", good)]),
            b"{}",
            &secrets("this is secret"),
            GITEE_THEN
        ));
    }

    #[test]
    fn a_push_a_ping_and_what_does_not_concern_us_are_told_apart() {
        let check = |provider: Provider, pairs: &[(&'static str, &str)], body: &str, expected: Option<Event>| {
            assert_eq!(provider.event(&headers(pairs), body.as_bytes()), expected, "{pairs:?} {body}");
        };
        let push = |reference: &str, deleted| Some(Event::Push { reference: reference.to_owned(), deleted });
        let main = "{\"ref\":\"refs/heads/main\",\"after\":\"1cdcd819599cbb4099289dbbec762452f006cb40\"}";
        let gone = format!("{{\"ref\":\"refs/heads/main\",\"after\":\"{}\"}}", "0".repeat(40));
        use Provider::{GitHub, GitLab, Gitea, Gitee};
        check(GitHub, &[("x-github-event", "push")], main, push("refs/heads/main", false));
        check(
            GitHub,
            &[("x-github-event", "push")],
            "{\"ref\":\"refs/heads/a\",\"deleted\":true}",
            push("refs/heads/a", true),
        );
        check(GitHub, &[("x-github-event", "ping")], "{\"zen\":\"x\"}", Some(Event::Ping));
        check(GitHub, &[("x-github-event", "issues")], "{}", Some(Event::Other));
        check(GitHub, &[("x-github-event", "push")], "{\"ref\":", None);
        check(GitHub, &[("x-github-event", "push")], "{}", None);
        check(GitHub, &[("x-github-event", "push")], "[1]", None);
        let form = [("x-github-event", "push"), ("content-type", "application/x-www-form-urlencoded")];
        check(GitHub, &form, "payload=%7B%22ref%22%3A%22refs%2Fheads%2F%E4%B8%BB%22%7D", push("refs/heads/主", false));
        check(GitHub, &form, main, None);
        check(Gitea, &[("x-gitea-event", "push"), ("x-github-event", "issues")], &gone, push("refs/heads/main", true));
        check(Gitea, &[("x-forgejo-event", "create")], main, Some(Event::Other));
        check(GitLab, &[("x-gitlab-event", "Push Hook")], &gone, push("refs/heads/main", true));
        check(GitLab, &[("x-gitlab-event", "Tag Push Hook")], main, Some(Event::Other));
        check(
            GitLab,
            &[("x-gitlab-event", "System Hook")],
            "{\"event_name\":\"push\",\"ref\":\"refs/heads/main\"}",
            push("refs/heads/main", false),
        );
        check(GitLab, &[("x-gitlab-event", "System Hook")], "{\"event_name\":\"user_create\"}", Some(Event::Other));
        check(
            Gitee,
            &[("x-gitee-event", "Push Hook"), ("x-gitee-ping", "false")],
            main,
            push("refs/heads/main", false),
        );
        check(Gitee, &[("x-gitee-event", "Push Hook"), ("x-gitee-ping", "true")], main, Some(Event::Ping));
        check(Gitee, &[("x-gitee-event", "Merge Request Hook")], main, Some(Event::Other));
    }

    #[test]
    fn a_copy_is_known_by_its_number_by_its_body_and_at_gitee_by_its_time() {
        let common = |a: &[Mark], b: &[Mark]| a.iter().any(|m| b.contains(m));
        let of = |provider: Provider, pairs: &[(&'static str, &str)], body: &str| {
            provider.marks(&headers(pairs), body.as_bytes())
        };
        let first = of(Provider::GitHub, &[("x-github-delivery", "1")], "a");
        assert!(common(&first, &of(Provider::GitHub, &[("x-github-delivery", "1")], "b")));
        assert!(common(&first, &of(Provider::GitHub, &[("x-github-delivery", "2")], "a")));
        assert!(!common(&first, &of(Provider::GitHub, &[("x-github-delivery", "2")], "b")));
        assert!(
            !common(&first, &of(Provider::Gitea, &[("x-gitea-delivery", "1")], "a")),
            "forges do not share numbers"
        );
        let gitee =
            |time: &str, body: &str| of(Provider::Gitee, &[("x-gitee-token", "t"), ("x-gitee-timestamp", time)], body);
        assert!(common(&gitee("1", "a"), &gitee("1", "b")), "the body is not signed");
        assert!(!common(&gitee("1", "a"), &gitee("2", "b")));
        let lab = |key: &str, body: &str| {
            of(Provider::GitLab, &[("idempotency-key", key), ("x-gitlab-event-uuid", "u")], body)
        };
        assert!(!common(&lab("1", "a"), &lab("2", "b")), "a chain of events has one UUID");
    }

    #[test]
    fn secrets_are_never_shown() {
        assert_eq!(format!("{:?}", secrets("hunter2hunter2\nold")), "2 secrets");
        assert!(Secrets::read(" \n\n").is_none());
        assert_eq!(secrets("abcd\nab\n").shortest(), 2);
    }
}
