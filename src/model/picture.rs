//! Pictures as pages show them (图片): their size, and the copies made of them.
//!
//! Which copies there will be follows from the header of a picture and the settings: a page can name them before
//! they are made, and is no page the worse if they lie in the cache.

use super::{Published, Site, route};
use crate::digest::Digest;
use crate::picture::{Film, Format, Picture, Spec, height_for};
use serde::Serialize;

/// What encodes: sources and libraries. Copies by another hand are other copies.
const ENCODER: &str = env!("BEILIN_PICTURES");
/// The folder of copies in the output.
const FOLDER: &str = "pictures";
/// The width of a copy in JPEG is the largest of the widths up to this.
const PLAIN: u32 = 960;
/// The longest side WebP can have.
const LONGEST: u32 = 16_383;

/// The copies of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    /// What is made.
    pub spec: Spec,
    /// Of which picture, how and by whom: the name of the copies in the cache and in addresses.
    pub key: Digest,
}

impl Copies {
    /// Returns where each copy is published: those in WebP, then the one in JPEG.
    pub fn targets(&self) -> impl Iterator<Item = String> {
        let webp = self.spec.widths.iter().map(|w| (*w, "webp"));
        webp.chain(self.spec.plain.map(|w| (w, "jpg"))).map(|(w, ending)| target(self.key, w, ending))
    }
}

fn target(key: Digest, width: u32, ending: &str) -> String {
    format!("{FOLDER}/{}-{width}.{ending}", key.short())
}

/// A picture as pages show it.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The address of the picture itself.
    pub url: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Copies in WebP: width and address, the smallest first.
    pub copies: Vec<(u32, String)>,
    /// A copy in JPEG; without one the picture itself is shown where WebP is not known.
    pub plain: Option<String>,
}

/// Returns the copies of a published file; `None` if it is no picture, is nowhere shown, or has none.
pub fn copies(site: &Site, at: usize) -> Option<Copies> {
    let published = &site.published[at];
    let picture = published.look.as_ref()?.picture().filter(|p| published.is_shown && p.has_copies())?;
    let options = &site.options.pictures;
    let largest = *options.widths.last()?;
    let mut widths: Vec<u32> = options.widths.iter().copied().filter(|w| *w < picture.width).collect();
    if picture.width <= largest {
        widths.push(picture.width);
    }
    // What is higher than WebP can be (a screenshot of a long page) is shown as it is.
    widths.retain(|w| *w <= LONGEST && height_for(picture, *w) <= LONGEST);
    let plain = plain(picture, &widths);
    if widths.is_empty() {
        return None;
    }
    let spec = Spec { widths, plain, quality: options.quality };
    let key = Digest::of_value(&(ENCODER, published.digest, &spec));
    Some(Copies { spec, key })
}

/// Returns the width of the copy in JPEG: of what is transparent there is none, and a small picture that everybody
/// knows needs none.
fn plain(picture: &Picture, widths: &[u32]) -> Option<u32> {
    let width = widths.iter().copied().rfind(|w| *w <= PLAIN).or(widths.first().copied())?;
    let is_known = picture.format != Format::WebP;
    (!picture.has_alpha && (width < picture.width || !is_known)).then_some(width)
}

/// Returns a published file as pages show it, if it is a picture.
pub fn shown(site: &Site, at: usize) -> Option<Shown> {
    let Published { target, look, .. } = &site.published[at];
    let picture = look.as_ref()?.picture()?;
    let (mut webp, mut jpeg) = (Vec::new(), None);
    if let Some(copies) = copies(site, at) {
        webp = copies.spec.widths.iter().map(|w| (*w, self::target(copies.key, *w, "webp"))).collect();
        jpeg = copies.spec.plain.map(|w| self::target(copies.key, w, "jpg"));
    }
    let url = route::encode(target);
    Some(Shown { url, width: picture.width, height: picture.height, copies: webp, plain: jpeg })
}

/// Tells whether a film's transcript is the name of a file, and not its words.
pub fn is_file_name(transcript: &str) -> bool {
    super::resolve::is_file_name(transcript)
}

/// Returns a published film.
pub fn film(site: &Site, at: usize) -> Option<&Film> {
    site.published[at].look.as_ref()?.film()
}
