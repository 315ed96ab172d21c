//! Films (短片): MP4 with H.264, and WebM. They are looked into and never encoded again.
//!
//! [`clean`] takes out what is no picture and no sound, without moving a byte: places, devices, times, names, and the
//! tracks in which cameras write where they were. What is taken out becomes an empty box of the same size, so that
//! every offset in the file stays true.

use super::header::big;
use super::{Fault, Kind, Look};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a film's containers and tracks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Film {
    /// Whether it is WebM; else it is MP4.
    pub is_webm: bool,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// How long it runs, in seconds.
    pub seconds: u32,
    /// Whether it must be loaded to its end before it can begin: its index stands last.
    pub index_last: bool,
}

impl Film {
    /// Returns its media type.
    pub fn mime(&self) -> &'static str {
        if self.is_webm { "video/webm" } else { "video/mp4" }
    }
}

/// A box of an MP4 file.
#[derive(Debug, Clone)]
struct Box4 {
    name: [u8; 4],
    whole: Range<usize>,
    body: Range<usize>,
}

/// Lists the boxes in a range; `None` if they do not fill it.
fn boxes(bytes: &[u8], range: Range<usize>) -> Option<Vec<Box4>> {
    let (mut at, mut found) = (range.start, Vec::new());
    while at < range.end {
        // A few zeros at an end are common and no box.
        if range.end - at < 8 {
            break;
        }
        let name: [u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
        let (head, size) = match big(bytes, at, 4)? {
            0 => (8, range.end - at),
            1 => {
                let high = u64::from(big(bytes, at + 8, 4)?) << 32 | u64::from(big(bytes, at + 12, 4)?);
                (16, usize::try_from(high).ok()?)
            }
            n => (8, n as usize),
        };
        let end = at.checked_add(size).filter(|end| size >= head && *end <= range.end)?;
        found.push(Box4 { name, whole: at..end, body: at + head..end });
        at = end;
    }
    Some(found)
}

fn child<'b>(all: &'b [Box4], name: &[u8; 4]) -> Option<&'b Box4> {
    all.iter().find(|b| b.name == *name)
}

/// Goes down a path of boxes.
fn down(bytes: &[u8], range: Range<usize>, path: &[&[u8; 4]]) -> Option<Range<usize>> {
    path.iter().try_fold(range, |range, name| Some(child(&boxes(bytes, range)?, name)?.body.clone()))
}

/// A track of an MP4 file.
struct Track {
    whole: Range<usize>,
    /// What it holds: `vide`, `soun`, anything else.
    handler: [u8; 4],
    codec: [u8; 4],
    size: (u32, u32),
    body: Range<usize>,
}

fn tracks(bytes: &[u8], moov: &Box4) -> Option<Vec<Track>> {
    let all = boxes(bytes, moov.body.clone())?;
    let mut found = Vec::new();
    for trak in all.into_iter().filter(|b| b.name == *b"trak") {
        let handler = down(bytes, trak.body.clone(), &[b"mdia", b"hdlr"])?;
        let entries = down(bytes, trak.body.clone(), &[b"mdia", b"minf", b"stbl", b"stsd"])?;
        let head = down(bytes, trak.body.clone(), &[b"tkhd"])?;
        let fixed = |at: usize| Some(big(bytes, head.end.checked_sub(at)?, 4)? >> 16);
        found.push(Track {
            handler: bytes.get(handler.start + 8..handler.start + 12)?.try_into().ok()?,
            codec: bytes.get(entries.start + 12..entries.start + 16)?.try_into().ok()?,
            size: (fixed(8)?, fixed(4)?),
            whole: trak.whole,
            body: trak.body,
        });
    }
    Some(found)
}

/// Looks into a file that begins like MP4.
pub(super) fn mp4(bytes: &[u8]) -> Look {
    let fault = |kind| Look::Fault(Fault::Format(kind));
    match bytes.get(8..12) {
        Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" | b"crx ") => {
            return fault(Kind::Heif);
        }
        Some(b"avif" | b"avis") => return fault(Kind::Avif),
        Some(b"qt  ") => return fault(Kind::QuickTime),
        _ => {}
    }
    match look_mp4(bytes) {
        Some(Ok(film)) => Look::Film(film),
        Some(Err(kind)) => fault(kind),
        None => Look::Fault(Fault::Broken),
    }
}

fn look_mp4(bytes: &[u8]) -> Option<Result<Film, Kind>> {
    let top = boxes(bytes, 0..bytes.len())?;
    let moov = child(&top, b"moov")?;
    let data = child(&top, b"mdat")?;
    let all = tracks(bytes, moov)?;
    let mut size = None;
    for track in &all {
        match (&track.handler, &track.codec) {
            (b"vide", b"avc1" | b"avc3") => size = size.or(Some(track.size)),
            (b"vide", b"hvc1" | b"hev1") => return Some(Err(Kind::Hevc)),
            (b"soun", b"mp4a" | b".mp3" | b"Opus") => {}
            (b"vide" | b"soun", _) => return Some(Err(Kind::Codec)),
            _ => {}
        }
    }
    let (width, height) = size.filter(|(w, h)| *w > 0 && *h > 0)?;
    let head = down(bytes, moov.body.clone(), &[b"mvhd"])?.start;
    let (scale, duration) = match *bytes.get(head)? {
        0 => (big(bytes, head + 12, 4)?, u64::from(big(bytes, head + 16, 4)?)),
        _ => (
            big(bytes, head + 20, 4)?,
            u64::from(big(bytes, head + 24, 4)?) << 32 | u64::from(big(bytes, head + 28, 4)?),
        ),
    };
    let seconds = u32::try_from(duration / u64::from(scale.max(1))).unwrap_or(0);
    let index_last = data.whole.start < moov.whole.start;
    Some(Ok(Film { is_webm: false, width, height, seconds, index_last }))
}

/// Empties a box: the same size, and nothing in it.
fn empty(bytes: &mut [u8], whole: &Range<usize>, body: &Range<usize>) {
    bytes[whole.start + 4..whole.start + 8].copy_from_slice(b"free");
    bytes[body.clone()].fill(0);
}

/// The boxes that are picture, sound or the way to them; all others are emptied.
const OF_A_FILM: [&[u8; 4]; 10] =
    [b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"styp", b"sidx", b"mvhd", b"trak", b"mvex"];
const OF_A_TRACK: [&[u8; 4]; 5] = [b"tkhd", b"edts", b"tref", b"mdia", b"trgr"];
const OF_MEDIA: [&[u8; 4]; 4] = [b"mdhd", b"hdlr", b"minf", b"elng"];

fn clean_mp4(bytes: &mut [u8]) -> Option<()> {
    let top = boxes(bytes, 0..bytes.len())?;
    let moov = child(&top, b"moov")?.clone();
    let others: Vec<Track> =
        tracks(bytes, &moov)?.into_iter().filter(|t| !matches!(&t.handler, b"vide" | b"soun")).collect();
    for track in &others {
        for place in samples(bytes, track).unwrap_or_default() {
            if let Some(sample) = bytes.get_mut(place) {
                sample.fill(0);
            }
        }
    }
    for b in top.iter().chain(&boxes(bytes, moov.body.clone())?) {
        if !OF_A_FILM.contains(&&b.name) || others.iter().any(|t| t.whole == b.whole) {
            empty(bytes, &b.whole, &b.body);
        }
    }
    if let Some(head) = down(bytes, moov.body.clone(), &[b"mvhd"]) {
        no_times(bytes, head);
    }
    for track in tracks(bytes, &moov).unwrap_or_default() {
        for b in boxes(bytes, track.body.clone())?.iter().filter(|b| !OF_A_TRACK.contains(&&b.name)) {
            empty(bytes, &b.whole, &b.body);
        }
        let media = down(bytes, track.body.clone(), &[b"mdia"])?;
        for b in boxes(bytes, media.clone())?.iter().filter(|b| !OF_MEDIA.contains(&&b.name)) {
            empty(bytes, &b.whole, &b.body);
        }
        for (path, at) in [([b"tkhd"], track.body.clone()), ([b"mdhd"], media.clone())] {
            if let Some(head) = down(bytes, at, &path) {
                no_times(bytes, head);
            }
        }
        // Behind the handler's kind stands a name somebody gave it.
        if let Some(handler) = down(bytes, media, &[b"hdlr"])
            && let Some(name) = bytes.get_mut(handler.start + 24..handler.end)
        {
            name.fill(0);
        }
    }
    Some(())
}

/// Takes the times out of a head: when it was made, when changed.
fn no_times(bytes: &mut [u8], head: Range<usize>) {
    let length = if bytes.get(head.start) == Some(&1) { 16 } else { 8 };
    if let Some(times) = bytes.get_mut(head.start + 4..(head.start + 4 + length).min(head.end)) {
        times.fill(0);
    }
}

/// Returns where the samples of a track lie.
fn samples(bytes: &[u8], track: &Track) -> Option<Vec<Range<usize>>> {
    let table = boxes(bytes, down(bytes, track.body.clone(), &[b"mdia", b"minf", b"stbl"])?)?;
    let body = |name: &[u8; 4]| child(&table, name).map(|b| b.body.start);
    let sizes = body(b"stsz")?;
    let (fixed, count) = (big(bytes, sizes + 4, 4)?, big(bytes, sizes + 8, 4)? as usize);
    let size = |n: usize| if fixed > 0 { Some(fixed) } else { big(bytes, sizes + 12 + 4 * n, 4) };
    let (chunks, width) = match (body(b"stco"), body(b"co64")) {
        (Some(at), _) => (at, 4),
        (None, Some(at)) => (at, 8),
        (None, None) => return None,
    };
    let per = body(b"stsc")?;
    let rows = big(bytes, per + 4, 4)? as usize;
    let row = |n: usize| Some((big(bytes, per + 8 + 12 * n, 4)?, big(bytes, per + 12 + 12 * n, 4)?));
    let (mut found, mut next, mut at_row) = (Vec::new(), 0, 0);
    for chunk in 0..big(bytes, chunks + 4, 4)? as usize {
        while at_row + 1 < rows && row(at_row + 1)?.0 as usize <= chunk + 1 {
            at_row += 1;
        }
        let low = big(bytes, chunks + 8 + width * chunk + width - 4, 4)? as usize;
        let mut at = low;
        for _ in 0..row(at_row)?.1 {
            if next >= count {
                return Some(found);
            }
            let length = size(next)? as usize;
            found.push(at..at + length);
            (at, next) = (at + length, next + 1);
        }
    }
    Some(found)
}

/// An element of a WebM file.
struct Element {
    id: u32,
    whole: Range<usize>,
    body: Range<usize>,
    /// Whether its size is not known: it goes on to the end of what it stands in.
    is_open: bool,
}

/// Reads the element at a place, which ends before `end`.
fn element(bytes: &[u8], at: usize, end: usize) -> Option<Element> {
    let width = bytes.get(at)?.leading_zeros() as usize + 1;
    let id = big(bytes, at, width).filter(|_| width <= 4)?;
    let first = *bytes.get(at + width)?;
    let length = first.leading_zeros() as usize + 1;
    let start = at + width + length;
    let mut size = u64::from(first) & ((1 << (8 - length.min(8))) - 1);
    let mut is_open = size == (1 << (8 - length.min(8))) - 1;
    for b in bytes.get(at + width + 1..start).filter(|_| length <= 8)? {
        is_open &= *b == 0xff;
        size = size << 8 | u64::from(*b);
    }
    let stop = if is_open { end } else { start.checked_add(usize::try_from(size).ok()?)? };
    (stop <= end).then_some(Element { id, whole: at..stop, body: start..stop, is_open })
}

/// Lists the elements in a range; one without a size is entered, as if its own stood beside it.
fn elements(bytes: &[u8], range: Range<usize>) -> Vec<Element> {
    let (mut at, mut found) = (range.start, Vec::new());
    while at < range.end {
        let Some(e) = element(bytes, at, range.end) else { break };
        at = if e.is_open { e.body.start } else { e.body.end };
        found.push(e);
    }
    found
}

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CUES: u32 = 0x1c53_bb6b;
const CLUSTER: u32 = 0x1f43_b675;
const SEEK: u32 = 0x114d_9b74;

fn segment(bytes: &[u8]) -> Option<Range<usize>> {
    elements(bytes, 0..bytes.len()).into_iter().find(|e| e.id == SEGMENT).map(|e| e.body)
}

/// Looks into a file that begins like WebM.
pub(super) fn webm(bytes: &[u8]) -> Look {
    let header = element(bytes, 0, bytes.len());
    let kind = header.and_then(|h| elements(bytes, h.body).into_iter().find(|e| e.id == 0x4282));
    match kind.and_then(|e| bytes.get(e.body)) {
        Some(kind) if kind.starts_with(b"webm") => {}
        Some(_) => return Look::Fault(Fault::Format(Kind::Matroska)),
        None => return Look::Fault(Fault::Broken),
    }
    match look_webm(bytes) {
        Some(Ok(film)) => Look::Film(film),
        Some(Err(kind)) => Look::Fault(Fault::Format(kind)),
        None => Look::Fault(Fault::Broken),
    }
}

fn look_webm(bytes: &[u8]) -> Option<Result<Film, Kind>> {
    let top = elements(bytes, segment(bytes)?);
    let number = |r: &Range<usize>| big(bytes, r.start, r.len().min(4));
    let mut size = None;
    let all = top.iter().find(|e| e.id == TRACKS)?;
    for track in elements(bytes, all.body.clone()).iter().filter(|e| e.id == 0xae) {
        let own = elements(bytes, track.body.clone());
        let codec = own.iter().find(|e| e.id == 0x86).and_then(|e| bytes.get(e.body.clone()))?;
        match codec {
            b"V_VP8" | b"V_VP9" | b"V_AV1" => {
                let video = elements(bytes, own.iter().find(|e| e.id == 0xe0)?.body.clone());
                let side = |id| video.iter().find(|e| e.id == id).and_then(|e| number(&e.body));
                size = size.or(side(0xb0).zip(side(0xba)));
            }
            b"A_VORBIS" | b"A_OPUS" => {}
            _ if codec.starts_with(b"V_") || codec.starts_with(b"A_") => return Some(Err(Kind::Codec)),
            _ => {}
        }
    }
    let (width, height) = size.filter(|(w, h)| *w > 0 && *h > 0)?;
    let info = top.iter().find(|e| e.id == INFO).map(|e| elements(bytes, e.body.clone())).unwrap_or_default();
    let scale = info.iter().find(|e| e.id == 0x002a_d7b1).and_then(|e| number(&e.body)).unwrap_or(1_000_000);
    let duration = info.iter().find(|e| e.id == 0x4489).and_then(|e| match e.body.len() {
        4 => Some(f64::from(f32::from_be_bytes(bytes.get(e.body.clone())?.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(bytes.get(e.body.clone())?.try_into().ok()?)),
        _ => None,
    });
    let seconds = duration.map_or(0, |d| (d * f64::from(scale) / 1e9).clamp(0.0, 1e9) as u32);
    top.iter().any(|e| e.id == CLUSTER).then_some(Ok(Film { is_webm: true, width, height, seconds, index_last: false }))
}

fn clean_webm(bytes: &mut [u8]) -> Option<()> {
    let top = elements(bytes, segment(bytes)?);
    for e in &top {
        match e.id {
            INFO | TRACKS => {
                let tracks = elements(bytes, e.body.clone());
                let inner = tracks.iter().filter(|t| t.id == 0xae).flat_map(|t| elements(bytes, t.body.clone()));
                // Names of title, file and track, programs, the date.
                let named = |e: &Element| {
                    matches!(
                        e.id,
                        0x4461 | 0x7ba9 | 0x7384 | 0x4d80 | 0x5741 | 0x73a4 | 0x536e | 0x003c_b923 | 0x003e_b923
                    )
                };
                let told: Vec<Range<usize>> = tracks
                    .iter()
                    .filter(|e| named(e))
                    .map(|e| e.body.clone())
                    .chain(inner.filter(|e| named(e)).map(|e| e.body))
                    .collect();
                told.into_iter().for_each(|range| bytes[range].fill(0));
            }
            SEEK | CUES | CLUSTER => {}
            // Within a cluster without a size: time, blocks, groups of blocks, places of others.
            0xe7 | 0xa3 | 0xa0 | 0xa7 | 0xab | 0xec => {}
            // Tags, chapters, attachments, and what nobody has thought of: an empty element of the same size.
            _ if e.whole.len() >= 9 && !e.is_open => {
                let length = (e.whole.len() - 9) as u64;
                bytes[e.whole.clone()].fill(0);
                bytes[e.whole.start] = 0xec;
                bytes[e.whole.start + 1..e.whole.start + 9].copy_from_slice(&(length | 1 << 56).to_be_bytes());
            }
            _ => bytes[e.body.clone()].fill(0),
        }
    }
    Some(())
}

/// Returns a film without places, devices, times and names; picture and sound stay as they are, byte for byte.
pub fn clean(mut bytes: Vec<u8>, film: &Film) -> Result<Vec<u8>, Fault> {
    let done = if film.is_webm { clean_webm(&mut bytes) } else { clean_mp4(&mut bytes) };
    done.map(|()| bytes).ok_or(Fault::Broken)
}

/// Tells what is wrong with subtitles; they are WebVTT in UTF-8 with at least one cue.
pub fn is_subtitles(bytes: &[u8]) -> bool {
    let Ok(text) = simdutf8::basic::from_utf8(bytes) else { return false };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head =
        text.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
    head && text.lines().any(|line| line.contains("-->"))
}
