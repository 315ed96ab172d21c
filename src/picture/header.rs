//! What the first bytes of a picture say of it; nothing is decoded.

use super::{Format, Picture};
use quick_xml::Reader;
use quick_xml::events::Event;

/// Reads a number of so many bytes, the first the highest.
pub(super) fn big(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(count)?).map(|b| b.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
}

/// Reads a number of so many bytes, the first the lowest.
pub(super) fn little(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(count)?).map(|b| b.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b)))
}

/// Makes a picture of its stored size; one without pixels is none.
fn picture(format: Format, width: u32, height: u32, orientation: u8) -> Option<Picture> {
    let (width, height) = if orientation >= 5 { (height, width) } else { (width, height) };
    let found = Picture { format, width, height, orientation, is_animated: false, has_alpha: false };
    (width > 0 && height > 0).then_some(found)
}

/// A segment of a JPEG file.
pub(super) struct Segment<'a> {
    /// Its marker's second byte.
    pub(super) marker: u8,
    /// What stands in it, its length left out; for a scan the entropy-coded data too.
    pub(super) payload: &'a [u8],
    /// The whole of it.
    pub(super) whole: &'a [u8],
}

/// Takes a JPEG file apart, up to the end of the picture: what stands behind it (the clip of a motion photo, further
/// pictures) is never seen.
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Segments<'a> {
        Segments { bytes, at: 2 }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        loop {
            // What is no marker between two segments is passed over, as decoders do.
            let start = self.at + memchr::memchr(0xff, self.bytes.get(self.at..)?)?;
            let marker = *self.bytes.get(start + 1)?;
            match marker {
                0xff => self.at = start + 1,
                0x00 | 0x01 | 0xd0..=0xd8 => self.at = start + 2,
                0xd9 => {
                    self.at = self.bytes.len();
                    return Some(Segment { marker, payload: &[], whole: &self.bytes[start..start + 2] });
                }
                _ => {
                    let length = big(self.bytes, start + 2, 2)? as usize;
                    let head = start + 2 + length;
                    let payload = self.bytes.get(start + 4..head)?;
                    let end = if marker == 0xda { end_of_scan(self.bytes, head) } else { head };
                    self.at = end;
                    return Some(Segment { marker, payload, whole: &self.bytes[start..end] });
                }
            }
        }
    }
}

/// Returns where the entropy-coded data of a scan ends: before the next marker that is none of its own.
fn end_of_scan(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(0xff, rest)) {
        at += found;
        match bytes.get(at + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            Some(_) => return at,
            None => break,
        }
    }
    bytes.len()
}

/// Tells whether a marker opens a frame.
pub(super) fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

pub(super) fn jpeg(bytes: &[u8]) -> Option<Picture> {
    let mut orientation = 1;
    for segment in Segments::of(bytes) {
        match segment.marker {
            0xe1 => {
                if let Some(exif) = segment.payload.strip_prefix(b"Exif\0") {
                    orientation = exif.get(1..).and_then(turned).unwrap_or(orientation);
                }
            }
            marker if is_frame(marker) => {
                let (height, width) = (big(segment.payload, 1, 2)?, big(segment.payload, 3, 2)?);
                return picture(Format::Jpeg, width, height, orientation);
            }
            0xda => return None,
            _ => {}
        }
    }
    None
}

/// Returns the orientation EXIF tells, if it is one.
pub(super) fn turned(tiff: &[u8]) -> Option<u8> {
    let read = match tiff.get(..2)? {
        b"II" => little,
        b"MM" => big,
        _ => return None,
    };
    let first = read(tiff, 4, 4)? as usize;
    let count = read(tiff, first, 2)? as usize;
    let entry = |i| first + 2 + 12 * i;
    let at = (0..count).map(entry).take_while(|at| *at < tiff.len()).find(|at| read(tiff, *at, 2) == Some(0x0112))?;
    let value = read(tiff, at + 8, 2)?;
    u8::try_from(value).ok().filter(|v| (1..=8).contains(v))
}

/// The chunks of a PNG file: type, data, the whole.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> {
    let mut at = 8;
    std::iter::from_fn(move || {
        let length = big(bytes, at, 4)? as usize;
        let whole = bytes.get(at..at.checked_add(length)?.checked_add(12)?)?;
        at += length + 12;
        Some((&whole[4..8], &whole[8..8 + length], whole))
    })
}

pub(super) fn png(bytes: &[u8]) -> Option<Picture> {
    let mut found: Option<Picture> = None;
    for (name, data, _) in chunks(bytes) {
        match (name, &mut found) {
            (b"IHDR", None) => {
                let mut made = picture(Format::Png, big(data, 0, 4)?, big(data, 4, 4)?, 1)?;
                made.has_alpha = matches!(data.get(9)?, 4 | 6);
                found = Some(made);
            }
            (_, None) => return None,
            (b"tRNS", Some(p)) => p.has_alpha = true,
            (b"acTL", Some(p)) => p.is_animated = true,
            (b"eXIf", Some(p)) if p.orientation == 1 => {
                p.orientation = turned(data).unwrap_or(1);
                if p.orientation >= 5 {
                    (p.width, p.height) = (p.height, p.width);
                }
            }
            (b"IEND", _) => break,
            _ => {}
        }
    }
    found
}

/// The blocks of a GIF file behind its first colour table.
pub(super) enum Block<'a> {
    /// A picture: its whole.
    Frame(&'a [u8]),
    /// An extension: its label, its first data, its whole.
    Extension(u8, &'a [u8], &'a [u8]),
    /// The end.
    Trailer,
}

/// Returns where the blocks of a GIF file begin.
pub(super) fn blocks_at(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(10)?;
    Some(13 + if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 })
}

/// Returns where the sub-blocks at a place end.
fn after_sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = *bytes.get(at)? as usize;
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// Takes a GIF file apart.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut at = blocks_at(bytes);
    std::iter::from_fn(move || {
        let start = at?;
        match bytes.get(start)? {
            0x2c => {
                let flags = *bytes.get(start + 9)?;
                let table = if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 };
                let end = after_sub_blocks(bytes, start + 10 + table + 1)?;
                at = Some(end);
                Some(Block::Frame(bytes.get(start..end)?))
            }
            0x21 => {
                let label = *bytes.get(start + 1)?;
                let length = *bytes.get(start + 2)? as usize;
                let end = after_sub_blocks(bytes, start + 2)?;
                at = Some(end);
                Some(Block::Extension(label, bytes.get(start + 3..start + 3 + length)?, bytes.get(start..end)?))
            }
            0x3b => {
                at = None;
                Some(Block::Trailer)
            }
            _ => None,
        }
    })
}

pub(super) fn gif(bytes: &[u8]) -> Option<Picture> {
    let mut found = picture(Format::Gif, little(bytes, 6, 2)?, little(bytes, 8, 2)?, 1)?;
    let mut frames = 0;
    for block in blocks(bytes) {
        match block {
            Block::Frame(_) => frames += 1,
            Block::Extension(0xf9, data, _) => found.has_alpha |= data.first().is_some_and(|flags| flags & 1 != 0),
            Block::Extension(..) => {}
            Block::Trailer => break,
        }
        if frames > 1 {
            break;
        }
    }
    found.is_animated = frames > 1;
    (frames > 0).then_some(found)
}

/// The chunks of a RIFF body: name, data.
pub(super) fn riff(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let name = bytes.get(at..at + 4)?;
        let length = little(bytes, at + 4, 4)? as usize;
        let data = bytes.get(at + 8..(at + 8).checked_add(length)?)?;
        at += 8 + length + (length & 1);
        Some((name, data))
    })
}

/// Returns the body of a WebP file: what stands behind it is no part of it.
pub(super) fn webp_body(bytes: &[u8]) -> Option<&[u8]> {
    let length = little(bytes, 4, 4)? as usize;
    bytes.get(12..(8 + length).min(bytes.len()))
}

/// Returns the size a bitstream of WebP tells, and whether it may be transparent.
fn bitstream(name: &[u8], data: &[u8]) -> Option<(u32, u32, bool)> {
    match name {
        b"VP8 " => {
            (data.get(3..6)? == [0x9d, 0x01, 0x2a]).then_some(())?;
            Some((little(data, 6, 2)? & 0x3fff, little(data, 8, 2)? & 0x3fff, false))
        }
        b"VP8L" => {
            (*data.first()? == 0x2f).then_some(())?;
            let bits = little(data, 1, 4)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, bits >> 28 & 1 == 1))
        }
        _ => None,
    }
}

pub(super) fn webp(bytes: &[u8]) -> Option<Picture> {
    let body = webp_body(bytes)?;
    let (mut canvas, mut orientation, mut frames) = (None, 1, 0);
    for (name, data) in riff(body) {
        match name {
            b"VP8X" => {
                let flags = *data.first()?;
                canvas = Some((little(data, 4, 3)? + 1, little(data, 7, 3)? + 1, flags & 0x10 != 0, flags & 2 != 0));
            }
            b"VP8 " | b"VP8L" if frames == 0 => {
                let (width, height, has_alpha) = bitstream(name, data)?;
                frames = 1;
                // One picture fills the canvas, or the file contradicts itself.
                match canvas {
                    Some((w, h, ..)) if (w, h) != (width, height) => return None,
                    Some(_) => {}
                    None => canvas = Some((width, height, has_alpha, false)),
                }
            }
            b"ANMF" => frames += 1,
            b"EXIF" => {
                let tiff = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
                orientation = turned(tiff).unwrap_or(1);
            }
            _ => {}
        }
    }
    let (width, height, has_alpha, is_animated) = canvas?;
    let made = picture(Format::WebP, width, height, orientation)?;
    (frames > 0).then_some(Picture { has_alpha, is_animated, ..made })
}

/// Reads a length of SVG in pixels; a share of something is none.
fn pixels(length: &str) -> Option<f64> {
    let (number, unit) = length
        .trim()
        .split_at(length.trim().find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(length.trim().len()));
    let scale = match unit.trim() {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        _ => return None,
    };
    number.trim().parse::<f64>().ok().map(|n| n * scale).filter(|n| *n >= 1.0 && *n <= 100_000.0)
}

/// Reads the size an SVG says it has, from its width and height or from its view box.
pub(super) fn svg(bytes: &[u8]) -> Option<Picture> {
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().check_end_names = false;
    // The root comes first, behind little more than a declaration.
    for _ in 0..32 {
        let (Event::Start(root) | Event::Empty(root)) = reader.read_event().ok()? else { continue };
        if root.local_name().as_ref() != "svg" {
            return None;
        }
        let value =
            |name: &str| root.try_get_attribute(name).ok().flatten().map(|attribute| attribute.value.into_owned());
        let own = value("width").as_deref().and_then(pixels).zip(value("height").as_deref().and_then(pixels));
        let view = || {
            let text = value("viewBox")?;
            let mut numbers = text.split([' ', ',']).filter(|n| !n.is_empty()).skip(2).map(str::parse::<f64>);
            let (width, height) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
            (width >= 1.0 && height >= 1.0 && width.max(height) <= 100_000.0).then_some((width, height))
        };
        let (width, height) = own.or_else(view)?;
        let made = picture(Format::Svg, width.round() as u32, height.round() as u32, 1)?;
        return Some(Picture { has_alpha: true, ..made });
    }
    None
}
