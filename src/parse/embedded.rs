//! Pictures that sit inside a body as `data:` addresses.

use crate::digest::Digest;
use crate::picture::{self, Fault, Format, Look};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A picture taken out of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The file name, `embedded-` and a digest of the bytes with the type's suffix; same bytes, same name.
    pub name: String,
    /// The media type, read from the bytes and not from what the address claims.
    pub mime: &'static str,
    /// Its width and height in pixels.
    pub size: (u32, u32),
    /// The picture, without what it told of place and person.
    pub bytes: Vec<u8>,
}

/// Why an embedded picture is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbeddedFault {
    /// The bytes are no PNG, JPEG, GIF or WebP; SVG can carry scripts and is refused too.
    Type,
    /// The address is not valid Base64.
    Encoding,
    /// The picture is larger than the options allow, in bytes or in pixels.
    Size,
    /// Its bytes break off, or contradict themselves.
    Broken,
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The most pixels of a picture in a text: nobody writes a larger one by hand.
const MOST_PIXELS: u64 = 50_000_000;

/// Decodes what follows `data:` in an address.
pub(crate) fn decode(address: &str, limit: usize) -> Result<Embedded, EmbeddedFault> {
    let (kind, data) = address.split_once(',').ok_or(EmbeddedFault::Encoding)?;
    let mut parameters = kind.split(';').map(str::trim);
    let claimed = parameters.next().unwrap_or_default();
    if !["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"]
        .iter()
        .any(|mime| claimed.eq_ignore_ascii_case(mime))
    {
        return Err(EmbeddedFault::Type);
    }
    if !parameters.any(|parameter| parameter.eq_ignore_ascii_case("base64")) {
        return Err(EmbeddedFault::Encoding);
    }
    if data.len() / 4 * 3 > limit.saturating_add(3) {
        return Err(EmbeddedFault::Size);
    }
    let bytes = BASE64.decode(packed(data)).map_err(|_| EmbeddedFault::Encoding)?;
    if bytes.len() > limit {
        return Err(EmbeddedFault::Size);
    }
    let found = match picture::look("", &bytes) {
        Some(Look::Picture(found)) => found,
        Some(Look::Fault(Fault::Broken)) => return Err(EmbeddedFault::Broken),
        Some(Look::Fault(_) | Look::Film(_) | Look::Subtitles) | None => return Err(EmbeddedFault::Type),
    };
    if found.pixels() > MOST_PIXELS {
        return Err(EmbeddedFault::Size);
    }
    let clean = if found.orientation == 1 || found.is_animated {
        picture::strip(&bytes, &found)
    } else {
        picture::upright(&bytes, &found)
    };
    let bytes = clean.map_err(|_| EmbeddedFault::Broken)?;
    let (mime, suffix) = match found.format {
        Format::Jpeg => ("image/jpeg", "jpg"),
        Format::Png => ("image/png", "png"),
        Format::Gif => ("image/gif", "gif"),
        Format::WebP => ("image/webp", "webp"),
        Format::Svg => return Err(EmbeddedFault::Type),
    };
    let digest = Digest::of(&bytes).short();
    Ok(Embedded { name: format!("embedded-{digest}.{suffix}"), mime, size: (found.width, found.height), bytes })
}

/// Takes white space out and the three escapes that Base64 can need in an address back.
fn packed(data: &str) -> Vec<u8> {
    let data: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if !data.contains(&b'%') {
        return data;
    }
    let text = String::from_utf8_lossy(&data).to_ascii_uppercase();
    let mut plain = Vec::with_capacity(data.len());
    let mut at = 0;
    while at < data.len() {
        let escaped = match text.as_bytes().get(at..at + 3) {
            Some(b"%2B") => Some(b'+'),
            Some(b"%2F") => Some(b'/'),
            Some(b"%3D") => Some(b'='),
            Some(_) | None => None,
        };
        plain.push(escaped.unwrap_or(data[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXEL: &str = "image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

    #[test]
    fn a_picture_is_named_after_its_bytes() {
        let picture = decode(PIXEL, 1000).expect("a valid picture");
        assert_eq!((picture.mime, picture.bytes.len()), ("image/gif", 42));
        assert!(picture.name.starts_with("embedded-") && picture.name.ends_with(".gif"));
        assert_eq!(picture.name.len(), "embedded-".len() + 16 + 4);
        assert_eq!(
            decode(&PIXEL.replace("gif;", "png; x=y;").replace("R0l", "R0l%0A%2f").replace("%0A%2f", "\n"), 1000),
            Ok(picture)
        );
    }

    #[test]
    fn what_is_no_small_raster_picture_is_refused() {
        assert_eq!(decode("image/svg+xml;base64,PHN2Zy8+", 1000), Err(EmbeddedFault::Type));
        assert_eq!(decode("image/png;base64,PHN2Zy8+", 1000), Err(EmbeddedFault::Type));
        assert_eq!(decode("text/html,<script>", 1000), Err(EmbeddedFault::Type));
        assert_eq!(decode("image/png,rawbytes", 1000), Err(EmbeddedFault::Encoding));
        assert_eq!(decode("image/png;base64,###", 1000), Err(EmbeddedFault::Encoding));
        assert_eq!(decode("", 1000), Err(EmbeddedFault::Encoding));
        assert_eq!(decode(PIXEL, 41), Err(EmbeddedFault::Size));
    }
}
