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
        if link.embedded.is_some() {
            return Resolved::Keep;
        }
        let target = view.target(doc, link.destination);
        match (link.kind, target) {
            (_, Some(Target::Nowhere)) | (LinkKind::Image, Some(Target::Outside)) => Resolved::Unlink,
            (_, Some(Target::Outside)) | (_, None) => Resolved::Keep,
            (_, Some(Target::Page(to, Some(anchor)))) if to == route => Resolved::To(format!("#{anchor}")),
            (LinkKind::Image, Some(Target::File(url))) => {
                Resolved::ToPicture(Picture { src: format!("{root}{url}"), ..Picture::default() })
            }
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
