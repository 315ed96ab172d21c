//! Films (短片): MP4 with H.264, and WebM. They are looked into and never encoded again.
//!
//! [`clean`] takes out what is no picture and no sound, without moving a byte: places, devices, times, names, and the
//! tracks in which cameras write where they were. Boxes that are not known become empty ones of the same size, and data
//! that no track of picture or sound points to becomes zeros, so that every offset in the file stays true.
//!
//! What is to be taken out is found when a film is looked at: one of which it cannot be said is no film.

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

/// More boxes, elements or runs of samples than these beside each other are no film's; hours have a tenth of it.
const MOST_PARTS: usize = 4_000_000;

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
        if found.len() == MOST_PARTS {
            return None;
        }
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
    /// What it holds: `vide`, `soun`, anything else.
    handler: [u8; 4],
    codec: [u8; 4],
    size: (u32, u32),
    body: Range<usize>,
}

impl Track {
    /// Tells whether it is seen or heard.
    fn is_shown(&self) -> bool {
        matches!(&self.handler, b"vide" | b"soun")
    }
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
    // Where the samples of a track lie is told by each fragment of its own.
    if child(&top, b"moof").is_some() && !all.iter().all(Track::is_shown) {
        return Some(Err(Kind::Fragments));
    }
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
    told_mp4(bytes)?;
    Some(Ok(Film { is_webm: false, width, height, seconds, index_last }))
}

/// What a film tells beside picture and sound.
#[derive(Default)]
struct Told {
    /// Boxes and elements that become empty ones of the same size, by where they begin and where what is in them does.
    parts: Vec<(usize, Range<usize>)>,
    /// Bytes that become zeros.
    bytes: Vec<Range<usize>>,
}

/// The boxes that are picture, sound or the way to them, by the box they stand in.
fn known(within: &[u8]) -> &'static [&'static [u8; 4]] {
    match within {
        b"file" => &[b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"styp", b"sidx"],
        b"moov" => &[b"mvhd", b"trak", b"mvex"],
        b"mvex" => &[b"mehd", b"trex"],
        b"moof" => &[b"mfhd", b"traf"],
        b"traf" => &[b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd", b"subs"],
        b"trak" => &[b"tkhd", b"edts", b"tref", b"mdia", b"trgr"],
        b"mdia" => &[b"mdhd", b"hdlr", b"minf", b"elng"],
        b"minf" => &[b"vmhd", b"smhd", b"dinf", b"stbl"],
        b"stbl" => &[
            b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stco", b"co64", b"stss", b"stsh", b"sdtp", b"stdp", b"padb",
            b"sbgp", b"sgpd", b"subs", b"cslg",
        ],
        _ => &[],
    }
}

/// Finds what is told in a box, and in those within it.
fn told_in(bytes: &[u8], within: &[u8], range: Range<usize>, told: &mut Told) -> Option<()> {
    for b in boxes(bytes, range)? {
        let is_shown = || {
            let handler = down(bytes, b.body.clone(), &[b"mdia", b"hdlr"])?;
            Some(matches!(bytes.get(handler.start + 8..handler.start + 12)?, b"vide" | b"soun"))
        };
        let start = b.body.start;
        match &b.name {
            name if !known(within).contains(&name) => told.parts.push((b.whole.start, b.body)),
            b"trak" if !is_shown()? => told.parts.push((b.whole.start, b.body)),
            b"moov" | b"mvex" | b"moof" | b"traf" | b"trak" | b"mdia" | b"minf" | b"stbl" => {
                told_in(bytes, &b.name, b.body, told)?;
            }
            // When it was made, when changed.
            b"mvhd" | b"tkhd" | b"mdhd" => {
                let length = if *bytes.get(start)? == 1 { 16 } else { 8 };
                let end = Some(start + 4 + length).filter(|end| *end <= b.body.end)?;
                told.bytes.push(start + 4..end);
            }
            // Behind the handler's kind stands a name somebody gave it.
            b"hdlr" if b.body.len() > 24 => told.bytes.push(start + 24..b.body.end),
            b"stsd" => told_by_entries(bytes, b.body, told)?,
            // Whole files beside this one, by their addresses.
            b"dinf" => {
                let list = down(bytes, b.body, &[b"dref"])?;
                let all = boxes(bytes, list.start + 8..list.end)?;
                told.bytes.extend(all.into_iter().filter(|b| b.body.len() > 4).map(|b| b.body.start + 4..b.body.end));
            }
            _ => {}
        }
    }
    Some(())
}

/// Finds what the descriptions of a track of pictures tell: a name of what encoded it, and boxes of nobody's.
fn told_by_entries(bytes: &[u8], list: Range<usize>, told: &mut Told) -> Option<()> {
    const NAME: Range<usize> = 42..74;
    const HEAD: usize = 78;
    const KNOWN: [&[u8; 4]; 9] = [b"avcC", b"pasp", b"colr", b"btrt", b"clap", b"fiel", b"mdcv", b"clli", b"sinf"];
    for entry in boxes(bytes, list.start + 8..list.end)?.iter().filter(|e| matches!(&e.name, b"avc1" | b"avc3")) {
        let inside = entry.body.start.checked_add(HEAD).filter(|at| *at <= entry.body.end)?;
        told.bytes.push(entry.body.start + NAME.start..entry.body.start + NAME.end);
        for b in boxes(bytes, inside..entry.body.end)?.into_iter().filter(|b| !KNOWN.contains(&&b.name)) {
            told.parts.push((b.whole.start, b.body));
        }
    }
    Some(())
}

/// Finds all that a film tells; `None` if its tables contradict themselves.
fn told_mp4(bytes: &[u8]) -> Option<Told> {
    let mut told = Told::default();
    told_in(bytes, b"file", 0..bytes.len(), &mut told)?;
    let top = boxes(bytes, 0..bytes.len())?;
    if child(&top, b"moof").is_some() {
        return Some(told);
    }
    let mut shown = Vec::new();
    for track in tracks(bytes, child(&top, b"moov")?)?.iter().filter(|t| t.is_shown()) {
        shown.extend(samples(bytes, track)?);
    }
    shown.sort_by_key(|place: &Range<usize>| place.start);
    let mut shown = shown.into_iter().peekable();
    let mut at = 0;
    for data in top.iter().filter(|b| b.name == *b"mdat") {
        at = at.max(data.body.start);
        while let Some(place) = shown.next_if(|place| place.start < data.body.end) {
            if place.start > at {
                told.bytes.push(at..place.start);
            }
            at = at.max(place.end);
        }
        if at < data.body.end {
            told.bytes.push(at..data.body.end);
        }
    }
    Some(told)
}

fn clean_mp4(bytes: &mut [u8]) -> Option<()> {
    let told = told_mp4(bytes)?;
    for (start, body) in told.parts {
        bytes[start + 4..start + 8].copy_from_slice(b"free");
        bytes[body].fill(0);
    }
    told.bytes.into_iter().for_each(|range| bytes[range].fill(0));
    Some(())
}

/// Returns where the samples of a track lie, a range for each run of them that touch.
fn samples(bytes: &[u8], track: &Track) -> Option<Vec<Range<usize>>> {
    let table = boxes(bytes, down(bytes, track.body.clone(), &[b"mdia", b"minf", b"stbl"])?)?;
    let body = |name: &[u8; 4]| child(&table, name).map(|b| b.body.start);
    let sizes = body(b"stsz")?;
    let (fixed, count) = (u64::from(big(bytes, sizes + 4, 4)?), u64::from(big(bytes, sizes + 8, 4)?));
    let size = |n: u64| big(bytes, sizes + 12 + 4 * n as usize, 4).map(u64::from);
    let (chunks, is_long) = match (body(b"stco"), body(b"co64")) {
        (Some(at), _) => (at, false),
        (None, Some(at)) => (at, true),
        (None, None) => return None,
    };
    let place = |n: usize| {
        let number = |at| big(bytes, at, 4).map(u64::from);
        match is_long {
            true => Some(number(chunks + 8 + 8 * n)? << 32 | number(chunks + 12 + 8 * n)?),
            false => number(chunks + 8 + 4 * n),
        }
    };
    let per = body(b"stsc")?;
    let rows = big(bytes, per + 4, 4)? as usize;
    let row = |n: usize| Some((big(bytes, per + 8 + 12 * n, 4)?, u64::from(big(bytes, per + 12 + 12 * n, 4)?)));
    let (mut found, mut next, mut at_row) = (Vec::<Range<usize>>::new(), 0, 0);
    for chunk in 0..big(bytes, chunks + 4, 4)? as usize {
        while at_row + 1 < rows && row(at_row + 1)?.0 as usize <= chunk + 1 {
            at_row += 1;
        }
        let until = (next + row(at_row)?.1).min(count);
        let length = match fixed {
            0 => (next..until).try_fold(0u64, |sum, n| Some(sum + size(n)?))?,
            _ => fixed * (until - next),
        };
        next = until;
        let start = usize::try_from(place(chunk)?).ok()?;
        let end = start.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= bytes.len())?;
        if found.len() == MOST_PARTS {
            return None;
        }
        match found.last_mut().filter(|last| last.end == start) {
            Some(last) => last.end = end,
            None => found.push(start..end),
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
    while at < range.end && found.len() < MOST_PARTS {
        let Some(e) = element(bytes, at, range.end) else { break };
        at = if e.is_open { e.body.start } else { e.body.end };
        found.push(e);
    }
    found
}

/// Lists the elements in a range; `None` if they do not fill it.
fn whole(bytes: &[u8], range: Range<usize>) -> Option<Vec<Element>> {
    let all = elements(bytes, range.clone());
    let fill = all.last().map_or(range.start, |e| e.body.end) == range.end;
    (fill && all.iter().all(|e| !e.is_open)).then_some(all)
}

const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CUES: u32 = 0x1c53_bb6b;
const CLUSTER: u32 = 0x1f43_b675;
const SEEK: u32 = 0x114d_9b74;
/// Of a cluster: its time, a block, a group of blocks, where it lies and how long the one before it is.
const TIME: u32 = 0xe7;
const BLOCK: u32 = 0xa3;
const BLOCKS: u32 = 0xa0;
const POSITION: u32 = 0xa7;
const BEFORE: u32 = 0xab;

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
    told_webm(bytes)?;
    top.iter().any(|e| e.id == CLUSTER).then_some(Ok(Film { is_webm: true, width, height, seconds, index_last: false }))
}

/// What is kept of an entry of the list of tracks: numbers, the codec and its data, size, sound; no names.
const OF_A_TRACK: [u32; 25] = [
    0xd7,
    0x73c5,
    0x83,
    0xb9,
    0x88,
    0x55aa,
    0x9c,
    0x6de7,
    0x6df8,
    0x0023_e383,
    0x0023_4e7a,
    0x0023_314f,
    0x55ee,
    0x0022_b59c,
    0x0022_b59d,
    0x86,
    0x63a2,
    0xaa,
    0x56aa,
    0x56bb,
    0x6fab,
    0xe0,
    0xe1,
    0xe2,
    0x6d80,
];

/// Finds all that a film tells; `None` if its elements contradict themselves.
fn told_webm(bytes: &[u8]) -> Option<Told> {
    let mut told = Told::default();
    let all = elements(bytes, 0..bytes.len());
    let mut end = 0;
    let mut has_segment = false;
    for e in all {
        // What stands in a segment without a size was listed beside it.
        if e.whole.start < end {
            continue;
        }
        end = e.body.end;
        match e.id {
            EBML if !e.is_open => {
                let inside = whole(bytes, e.body)?;
                told.parts_of(inside.iter().filter(|e| !matches!(e.id, 0x4282..=0x4287 | 0x42f2 | 0x42f3 | 0x42f7)));
            }
            SEGMENT if !has_segment => {
                has_segment = true;
                told_by_segment(bytes, e.body, &mut told)?;
            }
            _ if e.is_open => return None,
            _ => told.parts_of([&e]),
        }
    }
    // What stands behind the last element.
    told.bytes.push(end..bytes.len());
    Some(told)
}

fn told_by_segment(bytes: &[u8], range: Range<usize>, told: &mut Told) -> Option<()> {
    let top = elements(bytes, range.clone());
    let mut numbers = Vec::new();
    for e in &top {
        match e.id {
            INFO => {
                // Scale and length; programs must be named, by nothing.
                let inside = whole(bytes, e.body.clone())?;
                told.parts_of(inside.iter().filter(|e| !matches!(e.id, 0x002a_d7b1 | 0x4489 | 0x4d80 | 0x5741)));
                told.bytes.extend(inside.iter().filter(|e| matches!(e.id, 0x4d80 | 0x5741)).map(|e| e.body.clone()));
            }
            TRACKS => {
                for track in whole(bytes, e.body.clone())? {
                    let own = if track.id == 0xae { whole(bytes, track.body.clone())? } else { Vec::new() };
                    let value = |id| own.iter().find(|e| e.id == id).and_then(|e| bytes.get(e.body.clone()));
                    if !value(0x86).is_some_and(|codec| codec.starts_with(b"V_") || codec.starts_with(b"A_")) {
                        told.parts_of([&track]);
                        continue;
                    }
                    numbers.push(value(0xd7)?.iter().fold(0, |n: u64, b| n << 8 | u64::from(*b)));
                    told.parts_of(own.iter().filter(|e| !OF_A_TRACK.contains(&e.id)));
                }
            }
            CLUSTER if e.is_open => {}
            CLUSTER => told_by_blocks(bytes, &whole(bytes, e.body.clone())?, &numbers, told)?,
            SEEK | CUES => {}
            // Within a cluster without a size.
            BLOCK | BLOCKS => told_by_blocks(bytes, std::slice::from_ref(e), &numbers, told)?,
            TIME | POSITION | BEFORE => {}
            // Tags, chapters, attachments, and what nobody has thought of.
            _ => told.parts_of([e]),
        }
        if e.is_open && e.id != CLUSTER {
            return None;
        }
    }
    let end = top.last().map_or(range.start, |e| if e.is_open { e.body.start } else { e.body.end });
    told.bytes.push(end..range.end);
    Some(())
}

/// Finds what of a cluster is of no track of picture or sound.
fn told_by_blocks(bytes: &[u8], all: &[Element], numbers: &[u64], told: &mut Told) -> Option<()> {
    for e in all {
        let block = match e.id {
            TIME | POSITION | BEFORE => continue,
            BLOCK => Some(e.body.clone()),
            BLOCKS => {
                let inside = whole(bytes, e.body.clone())?;
                // The block, how long, what it refers to, what is shown through, what is cut off.
                let kept = |e: &&Element| !matches!(e.id, 0xa1 | 0x9b | 0xfa | 0xfb | 0x75a1 | 0x75a2);
                told.parts_of(inside.iter().filter(kept));
                inside.into_iter().find(|e| e.id == 0xa1).map(|e| e.body)
            }
            _ => None,
        };
        let of = block.and_then(|body| {
            let first = *bytes.get(body.start)?;
            let length = first.leading_zeros() as usize + 1;
            let rest = bytes.get(body.start + 1..body.start + length)?;
            let first = u64::from(first) & ((1u64 << (8 - length.min(8))) - 1);
            Some(rest.iter().fold(first, |n, b| n << 8 | u64::from(*b)))
        });
        if !of.is_some_and(|number| numbers.contains(&number)) {
            told.parts_of([e]);
        }
    }
    Some(())
}

impl Told {
    fn parts_of<'e>(&mut self, all: impl IntoIterator<Item = &'e Element>) {
        self.parts.extend(all.into_iter().map(|e| (e.whole.start, e.body.clone())));
    }
}

fn clean_webm(bytes: &mut [u8]) -> Option<()> {
    let told = told_webm(bytes)?;
    told.bytes.into_iter().for_each(|range| bytes[range].fill(0));
    for (start, body) in told.parts {
        let (head, length) = (body.start - start, (body.end - start) as u64);
        let is_short = bytes[start] >= 0x80;
        bytes[body.clone()].fill(0);
        // An element of nothing (Void) of the same size. A name of one byte is written over; behind a longer one the
        // size is written anew, in as many bytes as there are.
        bytes[start] = 0xec;
        if !is_short {
            let width = (head - 1).min(8);
            let size = (length - 1 - width as u64) | 1 << (7 * width);
            bytes[start + 1..start + 1 + width].copy_from_slice(&size.to_be_bytes()[8 - width..]);
            bytes[start + 1 + width..body.start].fill(0);
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
