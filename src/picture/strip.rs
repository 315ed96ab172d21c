//! Everything that is not picture taken out of a file (去除元数据); the pixels stay bit for bit.
//!
//! Only what is known to be picture is copied, so that what nobody has thought of is left out too: places, names,
//! devices, thumbnails of what was cut away, comments, edits, the clip of a motion photo behind the end.

use super::header::{Block, Segments, blocks, blocks_at, chunks, is_frame, riff, webp_body};
use super::{Fault, Format, Picture, icc};
use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use std::io::Read;

/// The most bytes a compressed colour profile may unfold to.
const LARGEST_PROFILE: u64 = 8 << 20;

/// Returns a picture without anything that is not picture. One that lies on its side must be turned
/// ([`upright`](super::upright)): that it does so is part of what is taken out. SVG is not looked into.
pub fn strip(bytes: &[u8], picture: &Picture) -> Result<Vec<u8>, Fault> {
    let stripped = match picture.format {
        Format::Jpeg => jpeg(bytes),
        Format::Png => png(bytes),
        Format::Gif => gif(bytes),
        Format::WebP => webp(bytes),
        Format::Svg => Some(bytes.to_vec()),
    };
    stripped.ok_or(Fault::Broken)
}

fn push_segment(out: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length = 2 + parts.iter().map(|p| p.len()).sum::<usize>();
    out.extend([0xff, marker]);
    out.extend((length as u16).to_be_bytes());
    parts.iter().for_each(|p| out.extend_from_slice(p));
}

fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    const ICC: &[u8] = b"ICC_PROFILE\0";
    let mut profile: Vec<(u8, &[u8])> = Vec::new();
    let (mut jfif, mut adobe) = (None, None);
    for s in Segments::of(bytes).take_while(|s| s.marker != 0xda) {
        match s.marker {
            0xe0 if s.payload.starts_with(b"JFIF\0") => jfif = s.payload.get(5..12).or(jfif),
            0xe2 if s.payload.starts_with(ICC) => {
                profile.push((*s.payload.get(ICC.len())?, s.payload.get(ICC.len() + 2..)?));
            }
            0xee if s.payload.starts_with(b"Adobe") => adobe = s.payload.get(..12).or(adobe),
            _ => {}
        }
    }
    let mut out = Vec::with_capacity(bytes.len());
    out.extend([0xff, 0xd8]);
    if let Some(jfif) = jfif {
        push_segment(&mut out, 0xe0, &[b"JFIF\0", jfif, &[0, 0]]);
    }
    profile.sort_by_key(|(n, _)| *n);
    let profile: Vec<u8> = profile.into_iter().flat_map(|(_, part)| part).copied().collect();
    if let Some(bare) = icc::bare(&profile) {
        let parts: Vec<&[u8]> = bare.chunks(65_000).collect();
        for (i, part) in parts.iter().enumerate().filter(|_| parts.len() < 256) {
            push_segment(&mut out, 0xe2, &[ICC, &[i as u8 + 1, parts.len() as u8], part]);
        }
    }
    // Without it the colours of some files would be read otherwise.
    if let Some(adobe) = adobe {
        push_segment(&mut out, 0xee, &[adobe]);
    }
    let mut has_scan = false;
    for s in Segments::of(bytes) {
        match s.marker {
            0xd9 => break,
            0xda => has_scan = true,
            // Tables, frames, restart intervals, the number of lines.
            0xc4 | 0xcc | 0xdb..=0xdd => {}
            marker if is_frame(marker) => {}
            _ => continue,
        }
        out.extend_from_slice(s.whole);
    }
    out.extend([0xff, 0xd9]);
    has_scan.then_some(out)
}

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..8)?.to_vec();
    let mut has_data = false;
    for (name, data, whole) in chunks(bytes) {
        match name {
            b"IHDR" | b"PLTE" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"cICP" | b"sBIT" | b"bKGD" | b"acTL"
            | b"fcTL" | b"fdAT" => out.extend_from_slice(whole),
            b"IDAT" => {
                has_data = true;
                out.extend_from_slice(whole);
            }
            b"iCCP" => push_profile(&mut out, data),
            b"IEND" => {
                out.extend_from_slice(whole);
                return has_data.then_some(out);
            }
            _ => {}
        }
    }
    None
}

/// Writes the profile of a PNG anew: its name is free text too.
fn push_profile(out: &mut Vec<u8>, data: &[u8]) {
    let packed = memchr::memchr(0, data).and_then(|end| data.get(end + 2..)).unwrap_or_default();
    let mut profile = Vec::new();
    if ZlibDecoder::new(packed).take(LARGEST_PROFILE).read_to_end(&mut profile).is_err() {
        return;
    }
    let Some(bare) = icc::bare(&profile) else { return };
    let mut chunk = b"iCCPicc\0\0".to_vec();
    if ZlibEncoder::new(bare.as_slice(), Compression::default()).read_to_end(&mut chunk).is_err() {
        return;
    }
    let mut sum = flate2::Crc::new();
    sum.update(&chunk);
    out.extend((chunk.len() as u32 - 4).to_be_bytes());
    out.extend(&chunk);
    out.extend(sum.sum().to_be_bytes());
}

fn gif(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..blocks_at(bytes)?)?.to_vec();
    let mut has_frame = false;
    for block in blocks(bytes) {
        match block {
            Block::Frame(whole) => {
                has_frame = true;
                out.extend_from_slice(whole);
            }
            // How long a frame stands and what shines through; how often all is repeated: that one sub-block.
            Block::Extension(0xf9, _, whole) => out.extend_from_slice(whole),
            Block::Extension(0xff, b"NETSCAPE2.0" | b"ANIMEXTS1.0", whole) => {
                out.extend_from_slice(whole.get(..18).unwrap_or_default());
                out.push(0);
            }
            Block::Extension(..) => {}
            Block::Trailer => break,
        }
    }
    out.push(0x3b);
    has_frame.then_some(out)
}

fn push_chunk(out: &mut Vec<u8>, name: &[u8], data: &[u8]) {
    out.extend_from_slice(name);
    out.extend((data.len() as u32).to_le_bytes());
    out.extend_from_slice(data);
    out.resize(out.len().next_multiple_of(2), 0);
}

fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    let (mut flags_at, mut has_profile, mut has_frame) = (None, false, false);
    for (name, data) in riff(webp_body(bytes)?) {
        match name {
            b"VP8X" => {
                flags_at = Some(out.len() + 8);
                push_chunk(&mut out, name, data.get(..10)?);
            }
            b"ICCP" => {
                if let Some(bare) = icc::bare(data) {
                    has_profile = true;
                    push_chunk(&mut out, name, &bare);
                }
            }
            b"ANIM" => push_chunk(&mut out, name, data.get(..6)?),
            b"ANMF" => {
                let mut frame = data.get(..16)?.to_vec();
                for (name, data) in riff(&data[16..]).filter(|(name, _)| matches!(*name, b"ALPH" | b"VP8 " | b"VP8L")) {
                    push_chunk(&mut frame, name, data);
                }
                has_frame = true;
                push_chunk(&mut out, name, &frame);
            }
            b"ALPH" => push_chunk(&mut out, name, data),
            b"VP8 " | b"VP8L" => {
                has_frame = true;
                push_chunk(&mut out, name, data);
            }
            _ => {}
        }
    }
    // The head says what there is: no EXIF, no XMP, nothing reserved.
    if let Some(at) = flags_at {
        out[at] &= if has_profile { 0x32 } else { 0x12 };
        out[at + 1..at + 4].fill(0);
    }
    let length = (out.len() - 8) as u32;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    has_frame.then_some(out)
}
