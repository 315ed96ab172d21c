//! Pictures: published without what they tell of place and person, in copies of several widths, made once; and what
//! is not published of them.

use crate::support::{SiteTest, attributes, other, png};
use beilin::disk::Disk;
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, Rgb, RgbImage};
use std::io::Cursor;

const PAGE: &str = "records/a/index.html";
const PLACE: &str = "31.2304N 121.4737E";

/// Left half red, right half blue, an encoding of the camera's choice.
fn halves(width: u32, height: u32) -> DynamicImage {
    let at = |x, _| if x < width / 2 { Rgb([210, 30, 30]) } else { Rgb([30, 40, 200]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, at))
}

fn jpeg(image: &DynamicImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, image::ImageFormat::Jpeg).expect("a picture can be encoded");
    out.into_inner()
}

/// A photograph with a place in its EXIF, and behind its end the clip telephones put there.
fn photograph(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let mut image = halves(width, height);
    let back = [1, 2, 3, 4, 5, 8, 7, 6][usize::from(orientation) - 1];
    image.apply_orientation(Orientation::from_exif(back).expect("1 to 8"));
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(PLACE.bytes());
    let plain = jpeg(&image);
    let mut out = vec![0xff, 0xd8, 0xff, 0xe1];
    out.extend(((exif.len() + 2) as u16).to_be_bytes());
    out.extend(exif);
    out.extend(&plain[2..]);
    out.extend(format!("ftypmp42 {PLACE}").bytes());
    out
}

/// A kind that has pictures and asks for nothing.
const KIND: &str = "[[kind]]\nid = \"shots\"\nlabel = { zh = \"图集\", en = \"Pictures\" }\nmark = \"图\"\nclass = \"activity\"\naudience = \"society\"\nuses = [\"pictures\", \"cover\"]\n";

/// A site of one record with its folder, copies 40 and 80 wide.
fn site(more: &str, body: &str) -> SiteTest {
    let text = other("a", "2025-01-02", more, body).replace("\"other\"", "\"shots\"");
    let site = SiteTest::from_files(&[("content/records/yi/a/index.md", &text), ("kinds.toml", KIND)]);
    site.edit("beilin.toml", "[site]", "[content]\nkinds = [\"kinds.toml\"]\n[pictures]\nwidths = [40, 80]\n[site]");
    site
}

const SHOWN: &str = "pictures = [{ file = \"p.jpg\", alt = \"会场\", caption = \"上午\" }]\n";
const FILE: &str = "content/records/yi/a/p.jpg";

#[test]
fn nothing_tells_where_a_photograph_was_taken() {
    let site = site(SHOWN, "见![会场](p.jpg)图，和[原图](p.jpg)。");
    site.put_bytes(FILE, &photograph(120, 60, 6));
    let built = site.build_clean();
    assert_eq!(built.holding(PLACE), Vec::<&str>::new());
    assert_eq!(built.holding("Exif"), Vec::<&str>::new());
    let whole = image::load_from_memory(built.bytes("records/a/p.jpg")).expect("it is a picture");
    assert_eq!(whole.dimensions(), (120, 60), "it stands upright");
    assert!(whole.get_pixel(10, 30).0[0] > 150 && whole.get_pixel(110, 30).0[2] > 150);
}

#[test]
fn an_upright_photograph_keeps_its_pixels_bit_for_bit() {
    let site = site(SHOWN, "文。");
    site.put_bytes(FILE, &photograph(120, 60, 1));
    let built = site.build_clean();
    let plain = jpeg(&halves(120, 60));
    assert_eq!(built.bytes("records/a/p.jpg"), plain);
}

#[test]
fn pages_name_copies_of_several_widths_and_the_size() {
    let site = site(SHOWN, "![会场](p.jpg)");
    site.put_bytes(FILE, &photograph(120, 60, 1));
    let built = site.build_clean();
    let page = built.page(PAGE);
    let sets = attributes(&page, "source", "srcset");
    assert_eq!(sets.len(), 2, "in the text and in the gallery");
    for set in sets {
        let copies: Vec<_> = set.split(", ").map(|c| c.split_once(' ').expect("address and width")).collect();
        assert_eq!(copies.iter().map(|c| c.1).collect::<Vec<_>>(), ["40w", "80w"]);
        for (url, width) in copies {
            let copy = built.bytes(url.strip_prefix("../../").expect("in the site"));
            let (w, h) = image::load_from_memory(copy).expect("it is a picture").dimensions();
            assert_eq!((format!("{w}w").as_str(), h), (width, w / 2));
        }
    }
    for img in ["width=\"120\"", "height=\"60\"", "loading=\"lazy\"", "decoding=\"async\""] {
        assert_eq!(built.text(PAGE).matches(img).count(), 2, "{img}");
    }
    for src in attributes(&page, "img", "src") {
        assert!(built.bytes(src.strip_prefix("../../").expect("in the site")).starts_with(b"\xff\xd8"), "{src}");
    }
    assert_eq!(attributes(&page, ".txt figure a.whole", "href"), ["../../records/a/p.jpg"; 2]);
    // Within a link a picture is no link of its own.
    let built = self::site(SHOWN, "[![会场](p.jpg)](https://www.gov.cn/)");
    built.put_bytes(FILE, &photograph(120, 60, 1));
    assert_eq!(attributes(&built.build_clean().page(PAGE), ".txt > figure > a.whole", "href"), Vec::<String>::new());
}

#[test]
fn equal_pictures_have_their_copies_once_and_drawings_and_small_ones_few() {
    let site = site("", "![甲](p.jpg)![乙](q.jpg)![丙](r.png)![丁](s.svg)");
    site.put_bytes(FILE, &photograph(120, 60, 1));
    site.put_bytes("content/records/yi/a/q.jpg", &photograph(120, 60, 1));
    site.put_bytes("content/records/yi/a/r.png", &png(3, 30, 20));
    site.put("content/records/yi/a/s.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 48\"/>");
    let built = site.build_clean();
    let copies: Vec<&String> = built.out.keys().filter(|p| p.starts_with("pictures/")).collect();
    assert_eq!(copies.len(), 3 + 1, "{copies:?}");
    assert!(built.text(PAGE).contains("alt=\"丁\" width=\"64\" height=\"48\""));
}

#[test]
fn a_text_edit_makes_no_picture_and_a_picture_edit_what_shows_it() {
    let site = site(SHOWN, "正文一。");
    site.put_bytes(FILE, &photograph(120, 60, 1));
    site.build_clean();
    site.edit("content/records/yi/a/index.md", "正文一。", "正文二。");
    assert!(!site.build_clean().report.rendered.iter().any(|r| r.starts_with("pictures/")));
    site.edit("content/records/yi/a/index.md", "2025-01-02", "2025-02-02");
    assert!(!site.build_clean().report.rendered.iter().any(|r| r.starts_with("pictures/") || r.ends_with(".jpg")));
    site.put_bytes(FILE, &photograph(160, 60, 1));
    let rendered = site.build_clean().report.rendered;
    assert!(rendered.contains(&"records/a/".to_owned()) && rendered.contains(&"records/a/p.jpg".to_owned()));
    assert_eq!(rendered.iter().filter(|r| r.starts_with("pictures/")).count(), 1, "{rendered:?}");
    assert!(!rendered.contains(&"calendar/2025/".to_owned()) && !rendered.contains(&"branches/er/".to_owned()));
}

#[test]
fn copies_are_made_once_for_every_output_folder_and_never_believed_unseen() {
    let site = site(SHOWN, "文。");
    site.put_bytes(FILE, &photograph(120, 60, 1));
    let first = site.build_clean();
    let kept = site.disk.walk("s/.beilin/pictures").expect("there is a cache");
    assert_eq!(kept.len(), 1);
    let place = format!("s/.beilin/pictures/{}", kept[0].path);
    let whole = site.disk.read(&place).expect("it can be read");
    // A clean checkout with the cache: the copies are those of the cache.
    let gone = |site: &SiteTest| {
        site.disk.remove_tree("s/public").expect("it can be removed");
        site.disk.remove_tree("s/.beilin/cache").expect("it can be removed");
    };
    let fake: Vec<&[u8]> = vec![b"one", b"two", b"three"];
    let payload = postcard_of(&fake);
    let digest = beilin::digest::Digest::of(&payload).to_hex();
    site.disk.put(&place, &[digest.as_bytes(), &payload].concat());
    gone(&site);
    assert_eq!(site.build_clean().holding("three").len(), 1, "nothing was encoded again");
    // A damaged one is noticed, and so is one that is gone.
    for damage in [Some(&whole[..whole.len() / 2]), Some(b"x".as_slice()), None] {
        match damage {
            Some(bytes) => site.disk.put(&place, bytes),
            None => site.disk.remove_tree("s/.beilin").expect("it can be removed"),
        }
        site.disk.remove_tree("s/public").expect("it can be removed");
        assert_eq!(site.build_clean().out, first.out);
    }
}

/// The encoding of the cache: a count, then each with its length, as numbers of one byte here.
fn postcard_of(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![parts.len() as u8];
    for part in parts {
        out.push(part.len() as u8);
        out.extend_from_slice(part);
    }
    out
}

#[test]
fn a_picture_of_a_withheld_record_is_published_in_no_form() {
    let text = other("w", "2025-03-04", "audience = \"party\"\ncover = \"w.jpg\"\n", "![会场](w.jpg)");
    let site = site(SHOWN, "文。");
    site.edit("beilin.toml", "[site]", "[site]\naudience = \"society\"");
    site.edit("content/records/yi/a/index.md", "+++\n文", "audience = \"society\"\n+++\n文");
    site.put("content/records/yi/w/index.md", &text.replace("\"other\"", "\"shots\""));
    site.put_bytes(FILE, &photograph(120, 60, 1));
    let hidden = photograph(200, 90, 1);
    site.put_bytes("content/records/yi/w/w.jpg", &hidden);
    let built = site.build_fine();
    assert_eq!(built.out.keys().filter(|p| p.starts_with("pictures/")).count(), 3, "those of the other record");
    assert!(!built.out.keys().any(|p| p.contains("w.jpg")));
    let sizes: Vec<_> =
        built.out.values().filter_map(|b| image::load_from_memory(b).ok()).map(|i| i.dimensions()).collect();
    assert!(sizes.iter().all(|(w, h)| *w == h * 2), "{sizes:?}");
}

#[test]
fn a_picture_that_claims_500_megapixels_is_refused_by_its_header() {
    let huge = (25_000u32, 20_000u32);
    let mut jpg = vec![0xff, 0xd8, 0xff, 0xc0, 0, 17, 8];
    jpg.extend((huge.1 as u16).to_be_bytes().into_iter().chain((huge.0 as u16).to_be_bytes()));
    jpg.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(huge.0.to_be_bytes().into_iter().chain(huge.1.to_be_bytes()));
    png.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    let mut gif = b"GIF89a".to_vec();
    gif.extend((huge.0 as u16).to_le_bytes().into_iter().chain((huge.1 as u16).to_le_bytes()));
    gif.extend(b"\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b");
    for (name, bytes) in [("p.jpg", jpg), ("p.png", png), ("p.gif", gif)] {
        let site = site("", &format!("见 ![会场]({name}) 图。"));
        site.put_bytes(&format!("content/records/yi/a/{name}"), &bytes);
        let told = site.build().diagnostics;
        assert!(told.contains("error[picture] content/records/yi/a/index.md:9:9 ‹"), "{told}");
        assert!(told.contains("25000×20000 pixels (500 million, at most 100)"), "{told}");
        assert!(told.contains("max_megapixels"), "{told}");
    }
}

#[test]
fn limits_are_those_of_the_settings() {
    let site = site(SHOWN, "文。");
    site.put_bytes(FILE, &photograph(1200, 1000, 1));
    site.build_clean();
    site.edit("beilin.toml", "widths", "max_megapixels = 1\nwidths");
    assert!(site.build().diagnostics.contains("1200×1000 pixels (2 million, at most 1)"));
    site.edit("beilin.toml", "max_megapixels = 1\nwidths = [40, 80]", "widths = [4, \"x\", 90000]");
    assert_eq!(site.build().diagnostics.matches("error[bad-value] beilin.toml").count(), 3);
}

#[test]
fn what_browsers_do_not_show_is_told_where_it_is_named() {
    for (name, bytes) in [
        ("p.heic", b"\0\0\0\x18ftypheic\0\0\0\0".as_slice()),
        ("p.jpg", b"\0\0\0\x18ftypheic\0\0\0\0"),
        ("p.tif", b"II*\0\x08\0\0\0\0\0"),
        ("p.jpg", b"<html>"),
        ("p.jpg", b""),
        ("p.png", b"\x89PNG\r\n\x1a\n"),
    ] {
        let site = site("", &format!("见 ![会场]({name}) 图。"));
        site.put_bytes(&format!("content/records/yi/a/{name}"), bytes);
        let told = site.build().diagnostics;
        assert!(told.starts_with("error[picture] content/records/yi/a/index.md:9:"), "{name}: {told}");
        assert_eq!(told.matches("error[").count(), 1, "{name}: {told}");
    }
    // Nobody names it, but it lies where files are published: it is refused all the same.
    let site = site("", "文。");
    site.put_bytes("content/records/yi/a/IMG_0001.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0");
    assert!(site.build().diagnostics.starts_with("error[picture] content/records/yi/a/IMG_0001.HEIC: "));
}

#[test]
fn in_an_archive_taken_as_it_is_a_bad_picture_is_only_left_out() {
    let site = SiteTest::from_files(&[("content/records/yi/2025-01-02_x.md", "# 会\n\n见 ![会场](p.tif) 图。\n")]);
    let rule = "[[paths]]\npattern = \"records/{branch}/{date}_{*}.md\"\nkind = \"other\"\n";
    site.edit("beilin.toml", "[site]", &format!("{rule}[site]"));
    site.put_bytes("content/records/yi/p.tif", b"II*\0\x08\0\0\0\0\0");
    let built = site.build_fine();
    assert!(built.diagnostics.contains("warning[picture]"), "{}", built.diagnostics);
    assert!(!built.out.keys().any(|p| p.ends_with(".tif")));
}

#[test]
fn damage_behind_the_header_is_told_at_the_place_that_names_the_picture() {
    let site = site(SHOWN, "文。");
    let mut bytes = png(1, 120, 60);
    let at = bytes.len() / 2;
    bytes[at..at + 8].fill(0xff);
    site.put_bytes(FILE, &bytes);
    for told in [site.build().diagnostics, site.check().diagnostics] {
        assert!(told.starts_with("error[picture] content/records/yi/a/index.md:7:22 ‹\"p.jpg\"›"), "{told}");
        assert!(told.contains("other: content/records/yi/a/p.jpg: "), "{told}");
    }
}

#[test]
fn sixty_damaged_pictures_stop_nothing_but_themselves() {
    let seeds = [photograph(120, 60, 6), png(1, 120, 60)];
    let mut chance: u64 = 0x2545_f491_4f6c_dd1d;
    let mut below = |n: usize| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance % n as u64) as usize
    };
    let site = site("", &(0..60).map(|n| format!("![图{n}](d{n}.jpg)\n\n")).collect::<String>());
    for n in 0..60 {
        let mut bytes = seeds[n % 2].clone();
        for _ in 0..3 {
            let at = below(bytes.len());
            match below(3) {
                0 => bytes[at] = below(256) as u8,
                1 => bytes.truncate(at.max(9)),
                _ => drop(bytes.splice(at..at, [0xff, 0xd8, 0, 0, 1])),
            }
        }
        site.put_bytes(&format!("content/records/yi/a/d{n}.jpg"), &bytes);
    }
    let built = site.build();
    let told = built.diagnostics.matches("error[picture] content/records/yi/a/index.md:").count();
    assert!((10..=60).contains(&told), "{told}: {}", built.diagnostics);
    assert_eq!(built.diagnostics.matches("error[").count(), told, "{}", built.diagnostics);
}

#[test]
fn pictures_in_a_text_are_cleaned_too() {
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(photograph(60, 30, 6));
    let built = site("", &format!("![点](data:image/jpeg;base64,{data})")).build_clean();
    assert_eq!(built.holding(PLACE), Vec::<&str>::new());
    let src = attributes(&built.page(PAGE), ".txt img", "src");
    let picture = image::load_from_memory(built.bytes(&format!("records/a/{}", src[0]))).expect("it is a picture");
    assert_eq!(picture.dimensions(), (60, 30));
    assert!(built.text(PAGE).contains("width=\"60\" height=\"30\""));
}

#[test]
fn a_picture_without_words_is_told_at_its_place() {
    let site = site("pictures = [{ file = \"p.jpg\" }]\n", "见 ![](p.jpg) 图。");
    site.put_bytes(FILE, &photograph(60, 30, 1));
    let told = site.build_fine().diagnostics;
    assert!(
        told.contains("warning[markdown] content/records/yi/a/index.md:10:7 ‹p.jpg› the picture has no alternative"),
        "{told}"
    );
    assert!(told.contains("warning[alternative] content/records/yi/a/index.md:7:22 ‹\"p.jpg\"› "), "{told}");
}
