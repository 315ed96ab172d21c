//! The body of a page: Markdown with its links resolved for the page it stands on.

use super::Result;
use super::view::Ask;
use crate::model::Target;
use crate::output::Output;
use crate::parse::markdown::{self, LinkKind, Options, Picture, Rendered, Resolved, TitleHeading};
use crate::plan::href;

/// A rendered body and the pictures that were inside it.
pub(super) struct Body {
    /// The rendered Markdown.
    pub(super) rendered: Rendered,
    /// Pictures taken out of the text.
    pub(super) pictures: Vec<Output>,
}

/// A picture of the site as a body shows it: in the smallest copy that does, the whole behind a link.
fn picture(view: &Ask<'_>, url: &str, root: &str) -> Picture {
    let Some(shown) = view.picture_shown(url) else {
        return Picture { src: format!("{root}{url}"), ..Picture::default() };
    };
    let plain = shown.plain.as_deref().unwrap_or(url);
    Picture {
        src: format!("{root}{plain}"),
        width: Some(shown.width),
        height: Some(shown.height),
        copies: shown.copies.into_iter().map(|(width, url)| (width, format!("{root}{url}"))).collect(),
        sizes: SIZES,
        whole: Some(format!("{root}{url}")),
        ..Picture::default()
    }
}

/// How wide a picture of a body is shown: on the page of the default theme, at most.
const SIZES: &str = "(max-width: 47rem) 92vw, 46rem";

/// Anchors the page around a body uses itself.
pub(super) const RESERVED: &[&str] = &["main", "filters"];

/// Renders the body of a document for the page at `route`.
pub(super) fn body(view: &Ask<'_>, doc: usize, route: &str, root: &str, title: &str) -> Result<Body> {
    let text = view.text(doc)?;
    let words = [view.say("text.footnotes"), view.say("text.back"), view.say("text.table")];
    let prefix = "";
    let options = Options {
        title: TitleHeading::DropIfSame(title),
        footnotes_title: &words[0],
        footnote_back: &words[1],
        table_label: &words[2],
        embedded_prefix: prefix,
        reserved_ids: RESERVED,
        ..Options::default()
    };
    let index = view.config.output.index_in_links;
    let rendered = markdown::render(&text.body(), &options, &mut |link| {
        if let Some(embedded) = link.embedded {
            let (width, height) = embedded.size;
            let src = format!("{prefix}{}", embedded.name);
            return Resolved::ToPicture(Picture {
                src,
                width: Some(width),
                height: Some(height),
                ..Picture::default()
            });
        }
        let target = view.target(doc, link.destination);
        match (link.kind, target) {
            (_, Some(Target::Nowhere)) | (LinkKind::Image, Some(Target::Outside)) => Resolved::Unlink,
            (_, Some(Target::Outside)) | (_, None) => Resolved::Keep,
            (_, Some(Target::Page(to, Some(anchor)))) if to == route => Resolved::To(format!("#{anchor}")),
            (LinkKind::Image, Some(Target::File(url))) => Resolved::ToPicture(picture(view, url, root)),
            (_, Some(target)) => href(target, root, index).map_or(Resolved::Unlink, Resolved::To),
        }
    });
    let pictures = rendered
        .embedded
        .iter()
        .map(|e| Output { path: format!("{route}{}", e.name), bytes: e.bytes.clone() })
        .collect();
    Ok(Body { rendered, pictures })
}
