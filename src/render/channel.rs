//! What goes out elsewhere, from the same records: articles for a WeChat public account, panels, volumes to be
//! printed, the cards of a wall screen (domain §4.8, §4.9).
//!
//! Panels and the kiosk are files of their own that need no other: their style and script stand in them, named by
//! their digests in the policy. Nothing is sent anywhere.

use super::meta::Head;
use super::page::{Page, head, words};
use super::value::Map;
use super::view::{Ask, escape, human_size};
use super::{Renderer, Result, body, meta, qr, record};
use crate::diagnostic::Diagnostic;
use crate::model::honour::State;
use crate::model::query::Selection;
use crate::model::route;
use crate::output::Output;
use crate::plan::Outlets;
use crate::say;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use css_inline::CSSInliner;
use lol_html::{RewriteStrSettings, element, rewrite_str};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::fmt::Write as _;
use tera::{Context, Value};

/// The most characters and bytes of an article's text that a public account takes (domain §4.8).
pub(super) const MOST_CHARACTERS: usize = 20_000;
const MOST_BYTES: usize = 1_000_000;
/// The fewest dots per inch a picture on a panel may have (domain §4.9).
const LEAST_DPI: u32 = 100;

/// What goes out elsewhere, listed.
pub(super) fn channels(v: &Ask<'_>, outlets: &Outlets) -> Page {
    let entry = |i: usize, to: fn(&str) -> String| {
        Map::new().with("card", v.card(i)).with("url", v.url(&to(v.id_of(i)))).done()
    };
    let volumes: Vec<Value> = outlets
        .volumes
        .iter()
        .map(|(b, year)| {
            let name = v.branch_name(*b, None);
            Map::new()
                .with("name", format!("{}{}", name.org.unwrap_or(""), name.name))
                .with("year", *year)
                .with("url", v.url(&route::volume(name.id, *year)))
                .done()
        })
        .collect();
    let context = Map::new()
        .list("wechat", outlets.wechat.iter().map(|i| entry(*i, route::wechat)).collect())
        .list("panels", outlets.panels.iter().map(|i| entry(*i, route::panel)).collect())
        .list("volumes", volumes)
        .maybe("kiosk", v.config.channels.has_kiosk.then_some("kiosk.html"));
    let head = Head { noindex: true, ..head(v, "channels", v.say("channels.title")) };
    Page::new("channels.html", head, context)
}

/// Returns where else a record's page leads: its article, its panel, the volume of its year.
pub(super) fn elsewhere(v: &Ask<'_>, r: &crate::model::record::Record, class: &str) -> Vec<Value> {
    let options = &v.config.channels;
    let is_public = r.audience == crate::model::kind::Audience::Society && !r.is_stub();
    let link = |key: &str, route: String| Map::new().with("label", v.say(key)).with("url", v.url(&route)).done();
    let has = |classes: &[String]| is_public && classes.iter().any(|c| c == class);
    let mut all = Vec::new();
    if has(&options.wechat) {
        all.push(link("channels.wechat", route::wechat(&r.id)));
    }
    if has(&options.panels) {
        all.push(link("channels.panel", route::panel(&r.id)));
    }
    if let (true, Some(b), Some(year)) = (options.volumes, r.branch, r.year()) {
        all.push(link("channels.volume", route::volume(v.branch_name(b, None).id, year)));
    }
    all
}

// ── 年度卷 ──

/// A branch's year as one volume: cover, contents, and every record as it is printed, the oldest first.
pub(super) fn volume(v: &Ask<'_>, branch: usize, year: i16, here: &str, root: &str) -> Result<Page> {
    let name = v.branch_name(branch, None);
    let full = format!("{}{}", name.org.unwrap_or(""), name.name);
    let mut records = v.select(Selection { branch: Some(branch), year: Some(year), ..Selection::default() });
    records.reverse();
    let (mut items, mut extra): (Vec<Value>, Vec<Output>) = (Vec::new(), Vec::new());
    for (n, at) in records.into_iter().enumerate() {
        let r = v.record(at);
        if r.is_stub() {
            continue;
        }
        // Two records may have the same headings: only the record itself is an address in the volume.
        let body = body::body(v, r.doc, here, root, &r.title)?;
        let (facts, parts) = record::within(v, r, &body.rendered, &without_ids);
        extra.extend(body.pictures.into_iter().filter(|p| extra.iter().all(|e| e.path != p.path)).collect::<Vec<_>>());
        let item = Map::new()
            .with("number", n + 1)
            .with("id", format!("r{}", n + 1))
            .with("title", r.title.as_str())
            .with("kind", v.kind(r.kind))
            .maybe("date", r.date.as_ref().map(|d| words(v, d)))
            .maybe("iso", r.date.as_ref().map(|d| d.start.iso()))
            .with("by", meta::author(v, r.branch, r.unit, r.date.as_ref()))
            .maybe("archive_number", r.archive_number())
            .list("facts", facts)
            .with("parts", parts);
        items.push(item.done());
    }
    let title = v.theme.say("channels.volume_title", &[("year", year.to_string()), ("name", full.clone())]);
    let context = Map::new().with(
        "volume",
        Map::new()
            .with("name", full)
            .with("year", year)
            .with("year_han", v.year(year))
            .maybe("org", name.org)
            .with("branch_url", v.url(&route::branch(name.id)))
            .with("count", items.len())
            .with("items", items)
            .with("as_of", v.as_of().to_string())
            .done(),
    );
    let head = Head { noindex: true, ..head(v, "volume", title) };
    Ok(Page { extra, ..Page::new("volume.html", head, context) })
}

/// Takes the addresses out of a text: in a volume many texts stand on one page.
fn without_ids(html: &str) -> String {
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("*[id]", |e| {
            e.remove_attribute("id");
            Ok(())
        }))
        .append_element_content_handler(element!("a[href^='#']", |e| {
            e.remove_attribute("href");
            Ok(())
        }));
    // What is not understood is text that was cleaned before: it stays.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

fn broken(what: &str) -> Box<Diagnostic> {
    let what = what.to_owned();
    Box::new(Diagnostic::error("channel", "", None, say!("排不成：{what}", "cannot be set: {what}")))
}

// ── 微信公众号 ──

/// A picture that has to be put into an article by hand: a public account takes none by its address.
struct Upload {
    number: usize,
    file: String,
    text: String,
}

/// Writes a record as an article: the text, its list of pictures, its code, and the page to copy it from.
pub(super) fn wechat(of: &Renderer<'_>, v: &Ask<'_>, at: usize) -> Result<Vec<Output>> {
    let r = v.record(at);
    let (here, base) = (route::wechat(&r.id), of.config.site.base_url.as_str());
    // Addresses in an article are read elsewhere: whole, or not at all.
    let made = record::record(v, at, &here, base)?;
    let address = (!base.is_empty()).then(|| format!("{base}{}", r.route));
    let mut context = Context::new();
    context.insert_value("root", Value::from(base));
    context.insert_value("lang", Value::from(v.lang_tag()));
    let permalink = Map::new()
        .with("site", of.config.site.title.as_str())
        .with("by", meta::author(v, r.branch, r.unit, r.date.as_ref()))
        .maybe("date", r.date.as_ref().map(|d| words(v, d)))
        .maybe("address", address.as_deref());
    context.insert_value("out", permalink.done());
    for (key, value) in made.context.into_entries() {
        context.insert_value(key, value);
    }
    let html = of.theme.render("wechat/article.html", &context)?;
    let css = of.theme.render("wechat/style.css", &Context::new())?;
    let html = CSSInliner::options()
        .load_remote_stylesheets(false)
        .build()
        .inline_fragment(&String::from_utf8_lossy(&html), &String::from_utf8_lossy(&css))
        .map_err(|e| broken(&e.to_string()))?;
    let words = Words { picture: &|n, text| picture_words(v, n, text), notes: &v.say("channels.notes") };
    let Article { html, mut uploads } = article(&html, base, address.as_deref(), &words)?;
    let mut outputs = Vec::new();
    let folder = here.trim_end_matches('/');
    if let Some(png) = address.as_deref().and_then(qr::png) {
        let file = format!("{folder}/qr.png");
        uploads.push(Upload { number: uploads.len() + 1, file: file.clone(), text: v.say("channels.qr") });
        outputs.push(Output { path: file, bytes: png });
    }
    let text = text_of(&html);
    let (characters, with_marks, bytes) =
        (text.chars().filter(|c| !c.is_whitespace()).count(), html.chars().count(), html.len());
    let list: String = uploads.iter().fold(String::new(), |mut list, u| {
        // Writing into memory cannot fail.
        let _ = writeln!(list, "{}\t{}\t{}", u.number, u.file, u.text);
        list
    });
    outputs.push(Output::text(format!("{folder}.html"), html.clone()));
    outputs.push(Output::text(format!("{folder}.images.txt"), list));
    let root = route::root_of(&here);
    let pictures: Vec<Value> = uploads
        .iter()
        .map(|u| Map::new().with("number", u.number).with("url", u.file.as_str()).with("text", u.text.as_str()).done())
        .collect();
    let meter = Map::new()
        .with("characters", characters)
        .with("with_marks", with_marks)
        .with("most", MOST_CHARACTERS)
        .with("bytes", human_size(bytes as u64))
        .with("over", with_marks >= MOST_CHARACTERS || bytes >= MOST_BYTES)
        .with("share", (with_marks * 100 / MOST_CHARACTERS).min(100));
    let context = Map::new()
        .html("article", &html)
        .with("source", Map::new().with("title", r.title.as_str()).with("url", v.url(&r.route)).done())
        .with("meter", meter.done())
        .list("pictures", pictures)
        .with("file", format!("{folder}.html"))
        .with("list_file", format!("{folder}.images.txt"))
        .with("title_over", r.title.chars().count() > 64);
    let title = v.theme.say("channels.wechat_title", &[("title", r.title.clone())]);
    // The article has its looks on its elements, as the place it goes to wants it; they were written by the inliner.
    let head = Head { noindex: true, styled: true, ..head(v, "wechat", title) };
    let page = of.whole(v, &here, &root, Page::new("wechat.html", head, context), false)?;
    outputs.splice(0..0, page);
    Ok(outputs)
}

fn picture_words(v: &Ask<'_>, n: usize, text: &str) -> String {
    let key = if text.is_empty() { "channels.picture" } else { "channels.picture_named" };
    v.theme.say(key, &[("n", n.to_string()), ("text", text.to_owned())])
}

/// The words an article needs.
struct Words<'w> {
    picture: &'w dyn Fn(usize, &str) -> String,
    notes: &'w str,
}

struct Article {
    html: String,
    uploads: Vec<Upload>,
}

/// What an article may not have.
const DROPPED: [&str; 15] = [
    "script", "style", "svg", "button", "input", "form", "iframe", "video", "audio", "source", "noscript", "template",
    "object", "nav", "link",
];
/// What is a stretch of text there.
const SECTIONS: [&str; 20] = [
    "div",
    "article",
    "figure",
    "figcaption",
    "header",
    "footer",
    "aside",
    "main",
    "details",
    "summary",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
];
/// What is some words there.
const SPANS: [&str; 12] = ["time", "abbr", "mark", "cite", "small", "ruby", "rt", "rp", "picture", "code", "kbd", "q"];

/// Makes an article of a text whose looks are on its elements: no class, no id, no address, no picture.
fn article(html: &str, base: &str, own: Option<&str>, words: &Words<'_>) -> Result<Article> {
    let uploads: RefCell<Vec<Upload>> = RefCell::default();
    let notes: RefCell<Vec<String>> = RefCell::default();
    let whole: RefCell<Option<String>> = RefCell::default();
    let is_picture = |url: &str| {
        let ending = url.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "bmp" | "tif" | "tiff" | "svg")
    };
    let all = element!("*", |e: &mut lol_html::html_content::Element<'_, '_>| {
        let name = e.tag_name();
        if DROPPED.contains(&name.as_str()) {
            e.remove();
            return Ok(());
        }
        let attribute = |key: &str| e.get_attribute(key).filter(|value| !value.is_empty()).map(|value| plain(&value));
        let (href, src, alt) = (attribute("href"), attribute("src"), attribute("alt").unwrap_or_default());
        let kept: Vec<String> = e.attributes().iter().map(lol_html::html_content::Attribute::name).collect();
        for key in kept {
            if !matches!(key.as_str(), "style" | "colspan" | "rowspan") {
                e.remove_attribute(&key);
            }
        }
        match name.as_str() {
            "a" => {
                e.set_tag_name("span")?;
                match href {
                    Some(href) if is_picture(&href) => *whole.borrow_mut() = Some(href),
                    // One without a scheme leads nowhere from there: the site has no address.
                    Some(href) if href.contains(':') && Some(href.as_str()) != own => {
                        let mut notes = notes.borrow_mut();
                        let at = notes.iter().position(|n| *n == href).unwrap_or_else(|| {
                            notes.push(href);
                            notes.len() - 1
                        });
                        e.append(&format!("[{}]", at + 1), lol_html::html_content::ContentType::Text);
                    }
                    _ => {}
                }
            }
            "img" => {
                let file = whole.borrow_mut().take().or(src).unwrap_or_default();
                let mut uploads = uploads.borrow_mut();
                let file = file.strip_prefix(base).unwrap_or(&file).to_owned();
                let number = match uploads.iter().find(|u| u.file == file) {
                    Some(upload) => upload.number,
                    None => {
                        let number = uploads.len() + 1;
                        uploads.push(Upload { number, file, text: alt.clone() });
                        number
                    }
                };
                let said = escape(&(words.picture)(number, &alt));
                let here = format!(
                    "<span style=\"display: block; margin: 16px 0; padding: 24px 12px; border: 1px dashed #999999; color: #666666; font-size: 14px; text-align: center;\">{said}</span>"
                );
                e.replace(&here, lol_html::html_content::ContentType::Html);
            }
            _ if SECTIONS.contains(&name.as_str()) => e.set_tag_name("section")?,
            _ if SPANS.contains(&name.as_str()) => e.set_tag_name("span")?,
            _ => {}
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new().append_element_content_handler(all).append_document_content_handler(
        lol_html::doc_comments!(|c| {
            c.remove();
            Ok(())
        }),
    );
    let mut html = rewrite_str(html, settings).map_err(|e| broken(&e.to_string()))?.trim().to_owned();
    let notes = notes.into_inner();
    if !notes.is_empty() {
        let mut list = format!(
            "<section style=\"margin-top: 24px; color: #666666; font-size: 13px; line-height: 1.7; word-break: break-all;\"><section>{}</section>",
            escape(words.notes)
        );
        for (n, note) in notes.iter().enumerate() {
            // Writing into memory cannot fail.
            let _ = write!(list, "<section>[{}] {}</section>", n + 1, escape(note));
        }
        list.push_str("</section>");
        if let Some(end) = html.rfind("</section>") {
            html.insert_str(end, &list);
        }
    }
    Ok(Article { html, uploads: uploads.into_inner() })
}

/// Returns what an attribute says: it is handed on as it is written.
fn plain(value: &str) -> String {
    let known = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    known.iter().fold(value.to_owned(), |text, (mark, sign)| text.replace(mark, sign))
}

/// Returns what is read of an article.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut is_mark = false;
    for c in html.chars() {
        match c {
            '<' => is_mark = true,
            '>' if is_mark => is_mark = false,
            c if !is_mark => text.push(c),
            _ => {}
        }
    }
    text
}

// ── 展板 ──

/// Where pictures stand on a panel, as parts of its width in hundredths.
const LEAD: u32 = 58;
const SMALL: u32 = 28;

/// Sets a record as a panel at its real size.
pub(super) fn panel(of: &Renderer<'_>, v: &Ask<'_>, at: usize) -> Result<Vec<Output>> {
    let r = v.record(at);
    let (here, root) = (route::panel(&r.id), "../");
    let made = record::record(v, at, &here, root)?;
    let options = &of.config.channels;
    let ((width, height), bleed) = (options.panel_size, options.panel_bleed);
    let shown: Vec<(String, String, u32)> = r
        .cover
        .iter()
        .map(|(url, alt)| (url.clone(), alt.clone(), LEAD))
        .chain(
            record::picture_urls(r)
                .filter(|(url, _)| r.cover.as_ref().is_none_or(|(c, _)| c != url))
                .take(2)
                .map(|(url, alt)| (url, alt, SMALL)),
        )
        .collect();
    let pictures: Vec<Value> = shown
        .iter()
        .map(|(url, alt, part)| {
            let millimetres = width * part / 100;
            let dpi = v.picture_shown(url).map(|s| s.width * 254 / (millimetres * 10).max(1));
            Map::new()
                .with("url", url.as_str())
                .with("alt", alt.as_str())
                .maybe("dpi", dpi)
                .with("coarse", dpi.is_some_and(|d| d < LEAST_DPI))
                .done()
        })
        .collect();
    let address = (!of.config.site.base_url.is_empty()).then(|| format!("{}{}", of.config.site.base_url, r.route));
    let sizes = Map::new().with("width", width).with("height", height).with("bleed", bleed);
    let mut value = Map::new()
        .with("pictures", pictures)
        .with("least_dpi", LEAST_DPI)
        .with("by", meta::author(v, r.branch, r.unit, r.date.as_ref()))
        .with("site", of.config.site.title.as_str());
    if let Some(svg) = address.as_deref().and_then(|a| qr::svg(a, &v.say("channels.qr"))) {
        value = value.html("qr", &svg);
    }
    let mut context = made.context.with("size", sizes.clone().done()).with("panel", value.done());
    let mut style = Context::new();
    style.insert_value("size", sizes.done());
    context = context.with("title", r.title.as_str()).with("source", v.url(&r.route));
    of.alone(v, &here, root, "panel", &style, context)
}

// ── 电子公告栏 ──

/// Writes the cards of a wall screen.
pub(super) fn kiosk(of: &Renderer<'_>, v: &Ask<'_>, records: &[usize]) -> Result<Vec<Output>> {
    let options = &of.config.channels.kiosk;
    let cards: Vec<Value> = records
        .iter()
        .map(|at| {
            let r = v.record(*at);
            let up = r.posting.is_some();
            let until = r.values.date("until").map(|d| words(v, d));
            let who =
                ["host", "lecturer", "organiser"].iter().find_map(|key| r.values.person(key)).filter(|_| options.names);
            let is_today = r.date.as_ref().and_then(|d| d.start.civil()) == Some(v.as_of());
            let label = match (up, is_today) {
                (true, _) => v.say("channels.in_force"),
                (false, true) => v.say("channels.today"),
                (false, false) => v.kind_name(r.kind).label.get(v.lang()).to_owned(),
            };
            Map::new()
                .with("label", label)
                .with("title", r.title.as_str())
                .with("by", meta::author(v, r.branch, r.unit, r.date.as_ref()))
                .maybe("date", r.date.as_ref().map(|d| words(v, d)))
                .maybe("until", until.filter(|_| up))
                .maybe("place", r.values.string("place"))
                .maybe("who", who.map(crate::model::schema::Person::text))
                .done()
        })
        .collect();
    let plaques: Vec<Value> =
        v.honours().iter().filter(|h| v.state(h) == State::Named).take(24).map(|h| v.plaque(h).done()).collect();
    let (from, until) = options.night.unwrap_or_default();
    let settings = serde_json::json!({ "seconds": options.seconds, "night": [from, until] });
    let context = Map::new()
        .list("cards", cards)
        .list("plaques", plaques)
        .with("title", of.config.site.title.as_str())
        .maybe("unit", of.config.site.unit.as_deref())
        .with("settings", settings.to_string());
    of.alone(v, "kiosk.html", "./", "kiosk", &Context::new(), context)
}

impl Renderer<'_> {
    /// Writes a page that needs no other file: its style and its script stand in it, and its policy names them.
    fn alone(
        &self,
        v: &Ask<'_>,
        here: &str,
        root: &str,
        name: &str,
        style: &Context,
        context: Map,
    ) -> Result<Vec<Output>> {
        let part = |ending: &str| -> Result<String> {
            let text = self.theme.render(&format!("{name}.{ending}"), style)?;
            Ok(String::from_utf8_lossy(&text).trim().to_owned())
        };
        let (css, js) = (part("css")?, part("js")?);
        let digest = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
        let policy = format!(
            "default-src 'none'; img-src 'self' data:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            digest(&css),
            digest(&js)
        );
        let mut all = Context::new();
        all.insert_value("root", Value::from(root));
        all.insert_value("lang", Value::from(v.lang_tag()));
        if self.config.security.csp {
            all.insert_value("policy", Value::from(policy));
        }
        // Both are the theme's own, and stand in their elements as they are.
        all.insert_value("css", Value::safe_string(&css));
        all.insert_value("js", Value::safe_string(&js));
        for (key, value) in context.into_entries() {
            all.insert_value(key, value);
        }
        let bytes = self.theme.render(&format!("{name}.html"), &all)?;
        Ok(vec![Output { path: here.to_owned(), bytes }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(html: &str) -> Article {
        let words = Words { picture: &|n, text| format!("图{n}：{text}"), notes: "链接" };
        article(html, "https://t.example/", Some("https://t.example/records/a/"), &words).expect("is set")
    }

    #[test]
    fn an_article_has_no_class_no_address_and_no_picture_of_its_own() {
        let Article { html, uploads } = made(
            "<section class=\"x\" id=\"a\"><h2 style=\"color: red;\" onclick=\"x()\">题</h2><!-- 注 --><p><a href=\"https://e.example/\">外</a>，<a href=\"https://t.example/records/a/\">自己</a>，<a href=\"https://e.example/\">再</a></p><a href=\"https://t.example/records/a/p.jpg\"><img src=\"https://t.example/records/a/p.480.jpg\" alt=\"合影\"></a><script>x()</script><table><tr><td colspan=\"2\">格</td></tr></table></section>",
        );
        assert!(html.starts_with("<section>") && html.ends_with("</section>"), "{html}");
        for gone in ["class", "id=", "onclick", "href", "<img", "src=", "script", "注", "<h2"] {
            assert!(!html.contains(gone), "{gone} in {html}");
        }
        for there in [
            "<section style=\"color: red;\">题</section>",
            "外[1]",
            "再[1]",
            "自己</span>",
            "[1] https://e.example/",
            "图1：合影",
            "colspan=\"2\"",
        ] {
            assert!(html.contains(there), "{there} in {html}");
        }
        assert_eq!(
            uploads.iter().map(|u| (u.number, u.file.as_str(), u.text.as_str())).collect::<Vec<_>>(),
            [(1, "records/a/p.jpg", "合影")]
        );
        assert_eq!(text_of("<p>一<b>二</b></p>"), "一二");
    }
}
