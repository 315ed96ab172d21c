//! The sitemap for machines, split when large, and robots.txt.

use super::Renderer;
use super::view::escape;
use crate::model::route;

/// Writes the sitemap: the only one, the index of parts, or a part.
pub(super) fn sitemap(r: &Renderer<'_>, part: Option<usize>) -> String {
    let base = &r.config.site.base_url;
    match part {
        None if r.plan.sitemap_parts > 0 => {
            let items: String = (1..=r.plan.sitemap_parts)
                .map(|n| format!("<sitemap><loc>{}</loc></sitemap>\n", escape(&format!("{base}sitemap-{n}.xml"))))
                .collect();
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{items}</sitemapindex>\n"
            )
        }
        None => urlset(base, r.plan.sitemap_urls(None)),
        Some(n) => urlset(base, r.plan.sitemap_urls(Some(n))),
    }
}

fn urlset(base: &str, urls: &[String]) -> String {
    let items: String = urls
        .iter()
        .map(|u| format!("<url><loc>{}</loc></url>\n", escape(&format!("{base}{}", route::encode(u)))))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{items}</urlset>\n"
    )
}

/// Writes robots.txt. An intranet's pages, and a site for fewer readers than all, ask not to be listed.
pub(super) fn robots(r: &Renderer<'_>) -> String {
    let site = &r.config.site;
    if site.profile == crate::config::Profile::Intranet || site.audience > crate::model::kind::Audience::Society {
        return "User-agent: *\nDisallow: /\n".to_owned();
    }
    let sitemap =
        if site.base_url.is_empty() { String::new() } else { format!("Sitemap: {}sitemap.xml\n", site.base_url) };
    format!("User-agent: *\nAllow: /\n{sitemap}")
}
