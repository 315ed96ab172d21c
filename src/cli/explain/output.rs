//! What an output is made from.

use super::Lines;
use crate::build::Loaded;
use crate::model::{Site, route};
use crate::plan::{Job, Plan};
use crate::say;

/// Returns the route of an address or file of the built site.
pub(super) fn route(loaded: &Loaded, plan: &Plan, word: &str) -> Option<String> {
    planned(loaded, plan, word).map(|(_, at)| at)
}

/// The files an address may mean.
fn meant(word: &str) -> [String; 2] {
    [route::file_of(word), route::file_of(&format!("{}/", word.trim_end_matches('/')))]
}

fn planned<'a>(loaded: &Loaded, plan: &'a Plan, word: &str) -> Option<(&'a Job, String)> {
    let files = meant(word);
    let all = plan.jobs.iter().map(|job| (job, job.route(&loaded.site)));
    all.into_iter().find(|(_, at)| files.contains(&route::file_of(at.trim_start_matches('/'))))
}

/// Explains an address or file of the built site; `None` if the site has none such.
pub(super) fn output(loaded: &Loaded, plan: &Plan, word: &str) -> Option<Lines> {
    let site = &loaded.site;
    let candidates = meant(word);
    let is_meant = |address: &str| candidates.contains(&route::file_of(address.trim_start_matches('/')));
    if let Some((job, at)) = planned(loaded, plan, word) {
        let mut lines = Lines::new(&route::file_of(&at));
        lines.add(say!("由来", "Made from"), job.describe(site));
        if let Some(source) = source_of(site, &at) {
            lines.add(say!("来源", "Source"), say!("{source}", "{source}"));
        }
        return Some(lines);
    }
    if let Some(p) = site.published.iter().find(|p| candidates.contains(&p.target)) {
        let mut lines = Lines::new(&p.target);
        let (source, size) = (&p.source, p.size);
        let dir = &loaded.config.content.dir;
        lines.add(
            say!("由来", "Made from"),
            say!(
                "照原样发布的文件 {dir}/{source}，{size} 字节",
                "the file {dir}/{source}, published as it is, {size} bytes"
            ),
        );
        return Some(lines);
    }
    let (old, new) = site.redirects.iter().find(|(old, _)| is_meant(old))?;
    let mut lines = Lines::new(old);
    lines.add(say!("由来", "Made from"), say!("旧地址，转到 {new}", "an old address that leads to {new}"));
    Some(lines)
}

/// Returns the file whose own page is at a route.
fn source_of(site: &Site, at: &str) -> Option<String> {
    let doc = site
        .records
        .iter()
        .find(|r| r.route == at)
        .map(|r| r.doc)
        .or_else(|| site.pages.iter().find(|p| p.route == at).map(|p| p.doc))
        .or_else(|| site.branches.iter().find(|b| route::branch(&b.id) == at).and_then(|b| b.doc))
        .or_else(|| site.programmes.iter().find(|p| route::programme(&p.id) == at).map(|p| p.doc))
        .or_else(|| site.rubrics.iter().find(|r| route::rubric(&r.id) == at).map(|r| r.doc))?;
    Some(site.docs[doc].shown.clone())
}
