//! What a page may load and run, as a Content Security Policy in its head.
//!
//! A page of the default theme has no script and no style of its own in its text, so the policy allows none: whatever
//! got past the escaping would not run. A static site has no headers of its own, so the policy stands in a `<meta>`; what
//! only a header can say (`frame-ancestors`) is for the web server.

use crate::config::Config;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The policy of pages that have nothing but text and a way on.
pub(super) const BARE: &str = "default-src 'none'; base-uri 'none'; form-action 'none'";

/// Writes the policy of a site's pages; `None` where the site wants none. `styled`: elements of the page carry looks of
/// their own, which this program wrote.
pub(super) fn policy(config: &Config, styled: bool) -> Option<String> {
    if !config.security.csp {
        return None;
    }
    let hosts: BTreeSet<&str> = config.security.hosts.iter().map(String::as_str).collect();
    let asked = config.search.endpoint.as_deref().and_then(origin);
    let mut policy = String::from("default-src 'self'");
    let mut allow = |directive: &str, hosts: BTreeSet<&str>| {
        if !hosts.is_empty() {
            let _ = write!(policy, "; {directive} 'self'");
            for host in hosts {
                // Writing into memory cannot fail.
                let _ = write!(policy, " {host}");
            }
        }
    };
    if styled {
        allow("style-src-attr", BTreeSet::from(["'unsafe-inline'"]));
    }
    allow("script-src", hosts.clone());
    allow("img-src", hosts.clone());
    allow("connect-src", hosts.iter().copied().chain(asked).collect());
    policy += "; object-src 'none'; frame-src 'none'; base-uri 'none'; form-action 'self'";
    if hosts.is_empty() {
        // Scripts of others may know nothing of Trusted Types.
        policy += "; require-trusted-types-for 'script'; trusted-types beilin";
    }
    Some(policy)
}

/// Returns scheme and host of a whole address.
fn origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    Some(&url[..url[host..].find('/').map_or(url.len(), |end| host + end)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SearchOptions, SecurityOptions};

    fn of(security: SecurityOptions, endpoint: Option<&str>) -> Option<String> {
        let search = SearchOptions { endpoint: endpoint.map(str::to_owned), ..SearchOptions::default() };
        policy(&Config { security, search, ..Config::default() }, false)
    }

    #[test]
    fn pages_load_what_is_theirs_and_run_nothing_of_their_text() {
        let policy = of(SecurityOptions::default(), Some("/api/search")).expect("there is one unless denied");
        assert!(policy.starts_with("default-src 'self'; object-src 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("require-trusted-types-for 'script'"), "{policy}");
    }

    #[test]
    fn other_hosts_are_named_one_by_one() {
        let hosts = vec!["https://tongji.example.gov.cn".to_owned()];
        let security = SecurityOptions { hosts, ..SecurityOptions::default() };
        let policy = of(security, Some("https://es.example:9200/w/_search")).expect("there is one");
        assert!(policy.contains("; script-src 'self' https://tongji.example.gov.cn;"), "{policy}");
        assert!(
            policy.contains("connect-src 'self' https://es.example:9200 https://tongji.example.gov.cn;"),
            "{policy}"
        );
        assert!(!policy.contains("trusted-types"), "{policy}");
        assert_eq!(of(SecurityOptions { csp: false, ..SecurityOptions::default() }, None), None);
    }
}
