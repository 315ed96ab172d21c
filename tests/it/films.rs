//! Films: checked for what they are, published without what they tell of place and person, shown with poster, subtitles
//! and transcript.

use crate::support::{SiteTest, attributes, other, png, texts};
use beilin::picture::{self, Fault, Kind, Look};

const PAGE: &str = "records/a/index.html";

fn boxed(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length = 8 + parts.iter().map(|p| p.len()).sum::<usize>();
    let mut out = (length as u32).to_be_bytes().to_vec();
    out.extend(name);
    parts.iter().for_each(|p| out.extend_from_slice(p));
    out
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// A track of one sample at a place in the file.
fn track(handler: &[u8; 4], codec: &[u8; 4], size: (u32, u32), sample: (u32, u32)) -> Vec<u8> {
    let mut head = numbers(&[7, 0x5041_4e54, 0x5041_4e54, 1, 0, 5000]);
    head.resize(76, 0);
    head.extend(numbers(&[size.0 << 16, size.1 << 16]));
    let mut entry = [0; 78];
    entry[42..57].copy_from_slice(b"\x0ePLANT-ENCODER!");
    let table = [
        boxed(b"stsd", &[&numbers(&[0, 1]), &boxed(codec, &[&entry, &boxed(b"uuid", &[b"PLANT-IN-ENTRY"])])]),
        boxed(b"stsc", &[&numbers(&[0, 1, 1, 1, 1])]),
        boxed(b"stsz", &[&numbers(&[0, 0, 1, sample.1])]),
        boxed(b"stco", &[&numbers(&[0, 1, sample.0])]),
        boxed(b"uuid", &[b"PLANT-IN-TABLE"]),
    ]
    .concat();
    let media = [
        boxed(b"mdhd", &[&numbers(&[0, 0x5041_4e54, 0x5041_4e54, 1000, 5000, 0])]),
        boxed(b"hdlr", &[&numbers(&[0, 0]), handler, &[0; 12], b"PLANT-HANDLER\0"]),
        boxed(b"minf", &[&boxed(b"stbl", &[&table])]),
    ]
    .concat();
    boxed(b"trak", &[&boxed(b"tkhd", &[&head]), &boxed(b"udta", &[b"PLANT-TRACK-WORDS"]), &boxed(b"mdia", &[&media])])
}

/// A film as telephones and cameras in cars make them: with a place, a device, a track of where it was, and blocks of
/// positions among the data that no track knows of.
pub(crate) fn mp4(codec: &[u8; 4], brand: &[u8; 4], index_first: bool) -> Vec<u8> {
    let (picture, told) = (b"PICTURE-DATA".as_slice(), b"PLANT-POSITIONS".as_slice());
    let make = |data_at: u32| {
        let moov = [
            boxed(b"mvhd", &[&numbers(&[0, 0x5041_4e54, 0x5041_4e54, 1000, 65_000]), &[0; 80]]),
            track(b"vide", codec, (1280, 720), (data_at, picture.len() as u32)),
            track(b"meta", b"mebx", (0, 0), (data_at + picture.len() as u32, told.len() as u32)),
            boxed(b"udta", &[&boxed(b"\xa9xyz", &[b"\0\x12\x15\xc7PLANT+31.2304+121.4737/"])]),
            boxed(b"meta", &[b"PLANT-DEVICE"]),
        ]
        .concat();
        let (moov, mdat) = (boxed(b"moov", &[&moov]), boxed(b"mdat", &[picture, told, b"freeGPS PLANT-BETWEEN"]));
        let ftyp = boxed(b"ftyp", &[brand, &[0; 4], b"isom"]);
        let uuid = boxed(b"uuid", &[b"0123456789abcdefPLANT-XMP"]);
        let order: [&[u8]; 2] = if index_first { [&moov, &mdat] } else { [&mdat, &moov] };
        ([&ftyp, order[0], order[1], &uuid].concat(), ftyp.len() + if index_first { moov.len() } else { 0 } + 8)
    };
    let (_, at) = make(0);
    make(at as u32).0
}

fn element(id: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|p| p.len()).sum::<usize>() as u32;
    let mut out = id.to_vec();
    out.push(0x10 | (length >> 24) as u8);
    out.extend(&length.to_be_bytes()[1..]);
    parts.iter().for_each(|p| out.extend_from_slice(p));
    out
}

fn webm(kind: &[u8], codec: &[u8]) -> Vec<u8> {
    let info = element(
        b"\x15\x49\xa9\x66",
        &[
            &element(b"\x2a\xd7\xb1", &[&numbers(&[1_000_000])]),
            &element(b"\x44\x89", &[&61_000f64.to_be_bytes()]),
            &element(b"\x44\x61", &[b"PLANTDAY"]),
            &element(b"\x7b\xa9", &[b"PLANT-TITLE"]),
            &element(b"\x4d\x80", &[b"PLANT-PROGRAM"]),
        ],
    );
    let video = element(b"\xe0", &[&element(b"\xb0", &[&[5, 0]]), &element(b"\xba", &[&[2, 0xd0]])]);
    let number = |n: u8| element(b"\xd7", &[&[n]]);
    let name = element(b"\x53\x6e", &[b"PLANT-NAME"]);
    let entry = element(b"\xae", &[&number(1), &element(b"\x86", &[codec]), &name, &video]);
    let told = element(b"\xae", &[&number(2), &element(b"\x86", &[b"S_PLANT"]), &name]);
    let cluster = element(
        b"\x1f\x43\xb6\x75",
        &[
            &element(b"\xe7", &[&[0]]),
            &element(b"\xa3", &[b"\x81\0\0\0PICTURE-DATA"]),
            &element(b"\xa3", &[b"\x82\0\0\0PLANT-POSITION"]),
            &element(b"\xa0", &[&element(b"\xa1", &[b"\x40\x02\0\0\0PLANT-POSITION"])]),
        ],
    );
    let segment = element(
        b"\x18\x53\x80\x67",
        &[
            &info,
            &element(b"\x16\x54\xae\x6b", &[&entry, &told]),
            &element(b"\x12\x54\xc3\x67", &[b"PLANT-TAGS-AND-MORE"]),
            &element(b"\x19\x41\xa4\x69", &[b"PLANT-ATTACHMENT"]),
            &cluster,
        ],
    );
    [element(b"\x1a\x45\xdf\xa3", &[&element(b"\x42\x82", &[kind])]), segment, b"PLANT-BEHIND".to_vec()].concat()
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|w| w == word.as_bytes())
}

/// A kind that has a film and asks for nothing.
const KIND: &str = "[[kind]]\nid = \"shots\"\nlabel = { zh = \"影集\", en = \"Films\" }\nmark = \"影\"\nclass = \"activity\"\naudience = \"society\"\nuses = [\"film\"]\n";
const WHOLE: &str = "film = { file = \"f.mp4\", title = \"夜里的窗口\", poster = \"f.png\", subtitles = \"f.vtt\", transcript = \"一盏灯亮着。\\n有人来办事。\" }\n";
const VTT: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\n一盏灯亮着。\n";

fn site(film: &str) -> SiteTest {
    let text = other("a", "2025-01-02", film, "文。").replace("\"other\"", "\"shots\"");
    let site = SiteTest::from_files(&[("content/records/yi/a/index.md", &text), ("kinds.toml", KIND)]);
    site.edit("beilin.toml", "[site]", "[content]\nkinds = [\"kinds.toml\"]\n[pictures]\nmax_film = 1\n[site]");
    site.put_bytes("content/records/yi/a/f.mp4", &mp4(b"avc1", b"isom", true));
    site.put_bytes("content/records/yi/a/f.png", &png(1, 64, 36));
    site.put("content/records/yi/a/f.vtt", VTT);
    site
}

#[test]
fn a_film_is_shown_with_poster_subtitles_and_transcript_and_loads_nothing_unasked() {
    let built = site(WHOLE).build_clean();
    let page = built.page(PAGE);
    let video = |name: &str| attributes(&page, ".film video", name);
    assert_eq!(
        (video("preload"), video("width"), video("height")),
        (vec!["none".into()], vec!["1280".into()], vec!["720".into()])
    );
    assert_eq!(video("controls").len(), 1);
    assert_eq!(attributes(&page, ".film source", "type"), ["video/mp4"]);
    assert_eq!(attributes(&page, ".film track", "src"), ["../../records/a/f.vtt"]);
    assert!(video("poster")[0].ends_with(".png") || video("poster")[0].ends_with(".jpg"));
    assert_eq!(texts(&page, ".film h2"), ["夜里的窗口"]);
    assert_eq!(texts(&page, ".film details p"), ["一盏灯亮着。", "有人来办事。"]);
    assert!(texts(&page, ".film figcaption")[0].contains("1:05"));
    assert_eq!(built.text("records/a/f.vtt"), VTT);
}

#[test]
fn nothing_tells_where_and_by_whom_a_film_was_taken() {
    for (name, bytes) in [
        ("f.mp4", mp4(b"avc1", b"isom", true)),
        ("f.mp4", mp4(b"avc3", b"mp42", false)),
        ("f.webm", webm(b"webm", b"V_VP9")),
    ] {
        assert!(holds(&bytes, "PLANT"));
        let site = site(&WHOLE.replace("f.mp4", name));
        site.put_bytes(&format!("content/records/yi/a/{name}"), &bytes);
        let built = site.build_fine();
        assert_eq!(built.holding("PLANT"), Vec::<&str>::new(), "{name}");
        let clean = built.bytes(&format!("records/a/{name}"));
        assert_eq!(clean.len(), bytes.len(), "no byte moves");
        assert!(holds(clean, "PICTURE-DATA"), "what is seen stays");
        assert_eq!(picture::look(name, clean), picture::look(name, &bytes));
    }
}

#[test]
fn what_a_film_lacks_is_told_where_it_is_named() {
    let site = site("film = { file = \"f.mp4\" }\n");
    site.put_bytes("content/records/yi/a/f.mp4", &mp4(b"avc1", b"isom", false));
    let told = site.build_fine().diagnostics;
    for lack in ["no poster", "no subtitles", "no transcript", "plays only when it is loaded whole"] {
        let line = told.lines().find(|l| l.contains(lack)).unwrap_or_else(|| panic!("{lack}: {told}"));
        assert!(line.starts_with("warning[film] content/records/yi/a/index.md:7:17 ‹\"f.mp4\"›"), "{line}");
    }
}

#[test]
fn films_browsers_do_not_play_are_refused() {
    for (bytes, fault) in [
        (mp4(b"hvc1", b"isom", true), Fault::Format(Kind::Hevc)),
        (mp4(b"mp4v", b"isom", true), Fault::Format(Kind::Codec)),
        (mp4(b"avc1", b"qt  ", true), Fault::Format(Kind::QuickTime)),
        (webm(b"matroska", b"V_VP9"), Fault::Format(Kind::Matroska)),
        (webm(b"webm", b"V_MPEGH/ISO/HEVC"), Fault::Format(Kind::Codec)),
        (b"RIFF\0\0\0\0AVI LIST".to_vec(), Fault::Format(Kind::Avi)),
        (mp4(b"avc1", b"isom", true)[..60].to_vec(), Fault::Broken),
        (b"no film".to_vec(), Fault::Unknown),
    ] {
        assert_eq!(picture::look("f.mp4", &bytes), Some(Look::Fault(fault)));
        let site = site(WHOLE);
        site.put_bytes("content/records/yi/a/f.mp4", &bytes);
        let told = site.build().diagnostics;
        assert!(told.starts_with("error[picture] content/records/yi/a/index.md:7:17 ‹\"f.mp4\"›"), "{fault:?}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{told}");
    }
}

/// A film in fragments: what stands in it is told by each for itself.
fn fragments(with_track: bool) -> Vec<u8> {
    let other = if with_track { track(b"meta", b"mebx", (0, 0), (0, 0)) } else { Vec::new() };
    let moov = [
        boxed(b"mvhd", &[&numbers(&[0, 0, 0, 1000, 5000]), &[0; 80]]),
        track(b"vide", b"avc1", (640, 360), (0, 0)),
        other,
        boxed(b"mvex", &[&boxed(b"trex", &[&[0; 24]])]),
    ]
    .concat();
    let traf = [boxed(b"tfhd", &[&[0; 8]]), boxed(b"uuid", &[b"PLANT-IN-FRAGMENT"])].concat();
    let moof = [boxed(b"mfhd", &[&[0; 8]]), boxed(b"traf", &[&traf])].concat();
    [
        boxed(b"ftyp", &[b"isom", &[0; 4]]),
        boxed(b"moov", &[&moov]),
        boxed(b"moof", &[&moof]),
        boxed(b"mdat", &[b"PICTURE-DATA"]),
    ]
    .concat()
}

#[test]
fn a_film_in_fragments_is_published_if_it_is_picture_and_sound_alone() {
    assert_eq!(picture::look("f.mp4", &fragments(true)), Some(Look::Fault(Fault::Format(Kind::Fragments))));
    let Some(Look::Film(film)) = picture::look("f.mp4", &fragments(false)) else { panic!("it is a film") };
    let clean = picture::film::clean(fragments(false), &film).expect("it is whole");
    assert!(holds(&clean, "PICTURE-DATA") && !holds(&clean, "PLANT"));
}

#[test]
fn a_table_that_claims_milliards_of_samples_costs_nothing() {
    let large = |per_chunk: u32, count: u32, size: u32| {
        let mut film = mp4(b"avc1", b"isom", true);
        let at = |name: &[u8]| film.windows(4).position(|w| w == name).expect("the table is there");
        let (sizes, chunks) = (at(b"stsz"), at(b"stsc"));
        film[sizes + 8..sizes + 16].copy_from_slice(&numbers(&[size, count]));
        film[chunks + 16..chunks + 20].copy_from_slice(&numbers(&[per_chunk]));
        film
    };
    for film in [large(u32::MAX, u32::MAX, 1), large(1, u32::MAX, u32::MAX), large(u32::MAX, u32::MAX, 0)] {
        assert_eq!(picture::look("f.mp4", &film), Some(Look::Fault(Fault::Broken)));
    }
}

#[test]
fn what_is_no_film_no_poster_and_no_subtitles_is_told() {
    let swapped = "film = { file = \"f.png\", poster = \"f.vtt\", subtitles = \"f.mp4\", transcript = \"f.txt\" }\n";
    let site = site(swapped);
    site.put("content/records/yi/a/f.txt", "文字稿。");
    assert_eq!(site.build().diagnostics.matches("error[film]").count(), 3);
    let site = self::site(WHOLE);
    site.put("content/records/yi/a/f.vtt", "1\n00:00:00,000 --> 00:00:02,000\n字幕\n");
    assert!(site.build().diagnostics.contains("WEBVTT in the first line"));
    let mut large = mp4(b"avc1", b"isom", true);
    large.extend(boxed(b"free", &[&vec![0; 1 << 20]]));
    let site = self::site(WHOLE);
    site.put_bytes("content/records/yi/a/f.mp4", &large);
    assert!(site.build().diagnostics.contains("the film has 2 MB, at most 1"));
}

#[test]
fn damaged_films_are_told_and_never_stop_the_tool() {
    let mut chance: u64 = 0x2545_f491_4f6c_dd1d;
    let mut below = |n: usize| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance % n as u64) as usize
    };
    let mut refused = 0;
    for n in 0..400 {
        let mut bytes = if n % 2 == 0 { mp4(b"avc1", b"isom", n % 4 == 0) } else { webm(b"webm", b"V_VP8") };
        for _ in 0..=below(3) {
            let at = below(bytes.len());
            match below(3) {
                0 => bytes[at] = below(256) as u8,
                1 => bytes.truncate(at.max(16)),
                _ => drop(bytes.splice(at..at, [0xff, 0, 0, 1])),
            }
        }
        match picture::look("f.mp4", &bytes) {
            Some(Look::Film(film)) => {
                let length = bytes.len();
                assert!(picture::film::clean(bytes, &film).is_ok_and(|clean| clean.len() == length));
            }
            _ => refused += 1,
        }
    }
    assert!((100..400).contains(&refused), "{refused}");
}
