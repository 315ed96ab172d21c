//! Pictures are made here, by the encoders and by hand; what must not be published is planted in them.

use super::*;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage};
use std::io::{Cursor, Write};

/// Four quarters in four colours: which is where tells how a picture was turned.
const QUARTERS: [[u8; 3]; 4] = [[220, 30, 30], [30, 200, 40], [30, 50, 210], [230, 220, 40]];

fn quarters(width: u32, height: u32) -> DynamicImage {
    let at = |x, y| Rgb(QUARTERS[usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2)]);
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, at))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    match format {
        ImageFormat::Jpeg => image.write_with_encoder(JpegEncoder::new_with_quality(&mut out, 95)),
        format => image.write_to(&mut out, format),
    }
    .expect("a test picture can be encoded");
    out.into_inner()
}

fn decoded(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).expect("it can be decoded")
}

fn picture(bytes: &[u8]) -> Picture {
    match look("x.bin", bytes) {
        Some(Look::Picture(picture)) => picture,
        other => panic!("no picture but {other:?}"),
    }
}

fn assert_upright(image: &DynamicImage, what: &str) {
    let (w, h) = image.dimensions();
    for (n, colour) in QUARTERS.iter().enumerate() {
        let (x, y) = (w / 4 + w / 2 * (n as u32 % 2), h / 4 + h / 2 * (n as u32 / 2));
        let found = image.get_pixel(x, y).0;
        let far = (0..3).map(|c| found[c].abs_diff(colour[c])).max().unwrap_or(0);
        assert!(far < 40, "{what}: quarter {n} is {found:?} and not {colour:?}");
    }
}

/// EXIF with an orientation, a place and a name.
fn exif(orientation: u8, plant: &str) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    // ImageDescription, behind the directory.
    tiff.extend([0x0e, 1, 2, 0]);
    tiff.extend((plant.len() as u32).to_le_bytes());
    tiff.extend(38u32.to_le_bytes());
    tiff.extend(0u32.to_le_bytes());
    tiff.extend(plant.bytes());
    tiff
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    [&[0xff, marker], ((payload.len() + 2) as u16).to_be_bytes().as_slice(), payload].concat()
}

/// A colour profile for sRGB with words in it.
fn profile() -> Vec<u8> {
    let mut srgb = moxcms::ColorProfile::new_srgb();
    let words = |text: &str| {
        Some(moxcms::ProfileText::Localizable(vec![moxcms::LocalizableString::new(
            "en".into(),
            "US".into(),
            text.into(),
        )]))
    };
    srgb.description = words("PLANT-PROFILE");
    srgb.device_model = words("PLANT-DEVICE");
    srgb.encode().expect("the profile can be written")
}

fn holds(bytes: &[u8], word: &str) -> bool {
    let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_be_bytes).collect();
    [word.as_bytes(), &utf16].iter().any(|w| memchr::memmem::find(bytes, w).is_some())
}

/// A photograph as telephones make them: with everything.
fn photograph(image: &DynamicImage, orientation: u8) -> Vec<u8> {
    let plain = encoded(image, ImageFormat::Jpeg);
    let mut out = vec![0xff, 0xd8];
    out.extend(segment(0xe0, b"JFXX\0\x10PLANT-THUMBNAIL"));
    out.extend(segment(0xe1, &[b"Exif\0\0".as_slice(), &exif(orientation, "PLANT-GPS 31.2304N 121.4737E")].concat()));
    out.extend(segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>PLANT-XMP</x:xmpmeta>"));
    out.extend(segment(0xe2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), &profile()].concat()));
    out.extend(segment(0xe2, b"MPF\0PLANT-MPF"));
    out.extend(segment(0xed, b"Photoshop 3.0\x008BIM\x04\x04PLANT-IPTC"));
    out.extend(segment(0xeb, b"JP\0\0PLANT-JUMBF"));
    out.extend(segment(0xfe, b"PLANT-COMMENT"));
    out.extend(&plain[2..]);
    out.extend(b"\xff\xd8\xff\xe1PLANT-SECOND-PICTURE\0\0\0\x18ftypmp42PLANT-CLIP");
    out
}

#[test]
fn nothing_but_the_picture_is_left_of_a_photograph() {
    let bytes = photograph(&quarters(64, 48), 1);
    assert!(holds(&bytes, "PLANT-PROFILE") && holds(&bytes, "PLANT-CLIP"), "the plants are in the picture");
    let clean = strip(&bytes, &picture(&bytes)).expect("it is whole");
    assert!(!holds(&clean, "PLANT"), "{}", String::from_utf8_lossy(&clean));
    assert_eq!(decoded(&clean), decoded(&bytes), "the pixels are the same");
    assert!(holds(&clean, "ICC_PROFILE"), "colours stay what they were");
    assert_eq!(strip(&clean, &picture(&clean)), Ok(clean.clone()), "there is nothing more to take out");
}

#[test]
fn nothing_but_the_picture_is_left_of_a_png() {
    let plain = encoded(&quarters(16, 12), ImageFormat::Png);
    let packed = |bytes: &[u8]| {
        let mut z = ZlibEncoder::new(Vec::new(), Compression::default());
        z.write_all(bytes).expect("memory takes everything");
        z.finish().expect("memory takes everything")
    };
    let chunk = |name: &[u8], data: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(name);
        sum.update(data);
        [&(data.len() as u32).to_be_bytes(), name, data, &sum.sum().to_be_bytes()].concat()
    };
    let mut bytes = plain[..33].to_vec();
    bytes.extend(chunk(b"iCCP", &[b"PLANT-NAME\0\0".as_slice(), &packed(&profile())].concat()));
    bytes.extend(chunk(b"tEXt", b"Author\0PLANT-TEXT"));
    bytes.extend(chunk(b"zTXt", &[b"Comment\0\0".as_slice(), &packed(b"PLANT-PACKED")].concat()));
    bytes.extend(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0PLANT-XMP"));
    bytes.extend(chunk(b"eXIf", &exif(1, "PLANT-GPS")));
    bytes.extend(chunk(b"tIME", &[7, 234, 11, 20, 8, 0, 0]));
    bytes.extend(chunk(b"prVt", b"PLANT-PRIVATE"));
    bytes.extend(&plain[33..]);
    bytes.extend(b"PLANT-BEHIND-THE-END");
    let clean = strip(&bytes, &picture(&bytes)).expect("it is whole");
    assert!(!holds(&clean, "PLANT"));
    let names: Vec<&[u8]> = header::chunks(&clean).map(|(name, ..)| name).collect();
    assert_eq!(names, [b"IHDR".as_slice(), b"iCCP", b"IDAT", b"IEND"]);
    let (_, data, _) = header::chunks(&clean).nth(1).expect("the profile");
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&data[5..]), &mut unpacked).expect("it unpacks");
    assert!(!holds(&unpacked, "PLANT") && holds(&unpacked, "rXYZ"));
    assert_eq!(decoded(&clean), decoded(&bytes));
}

#[test]
fn nothing_but_the_pictures_is_left_of_a_gif() {
    let plain = encoded(&quarters(16, 12), ImageFormat::Gif);
    let at = header::blocks_at(&plain).expect("it is a GIF");
    let mut bytes = plain[..at].to_vec();
    bytes.extend(b"\x21\xfe\x0dPLANT-COMMENT\0");
    bytes.extend(b"\x21\xff\x0bXMP DataXMP\x09PLANT-XMP\0");
    bytes.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\x0bPLANT-EXTRA\0");
    bytes.extend(b"\x21\x01\x0c\0\0\0\0\x01\0\x01\0\x01\x01\0\0\x0aPLANT-TEXT\0");
    bytes.extend(&plain[at..]);
    bytes.extend(b"PLANT-BEHIND-THE-END");
    let clean = strip(&bytes, &picture(&bytes)).expect("it is whole");
    assert!(!holds(&clean, "PLANT"), "{}", String::from_utf8_lossy(&clean));
    assert!(holds(&clean, "NETSCAPE2.0"), "it moves as it did");
    assert_eq!(decoded(&clean), decoded(&bytes));
}

fn webp_with(image: &DynamicImage, exif: &[u8]) -> Vec<u8> {
    let plain = webp::Encoder::from_rgb(image.as_bytes(), image.width(), image.height()).encode(90.0).to_vec();
    let mut body = b"WEBP".to_vec();
    let mut chunk = |name: &[u8], data: &[u8]| {
        body.extend(name);
        body.extend((data.len() as u32).to_le_bytes());
        body.extend(data);
        body.resize(body.len().next_multiple_of(2), 0);
    };
    let side = |n: u32| (n - 1).to_le_bytes();
    let (w, h) = (side(image.width()), side(image.height()));
    chunk(b"VP8X", &[0x2c, 0, 0, 0, w[0], w[1], w[2], h[0], h[1], h[2]]);
    chunk(b"ICCP", &profile());
    let (name, data) = header::riff(&plain[12..]).next().expect("there is a picture");
    chunk(name, data);
    chunk(b"EXIF", exif);
    chunk(b"XMP ", b"<x:xmpmeta>PLANT-XMP</x:xmpmeta>");
    chunk(b"PRVT", b"PLANT-PRIVATE");
    let mut out = b"RIFF".to_vec();
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
    out.extend(b"PLANT-BEHIND-THE-END");
    out
}

#[test]
fn nothing_but_the_picture_is_left_of_a_webp() {
    let bytes = webp_with(&quarters(32, 24), &exif(1, "PLANT-GPS"));
    let clean = strip(&bytes, &picture(&bytes)).expect("it is whole");
    assert!(!holds(&clean, "PLANT"));
    assert_eq!(decoded(&clean), decoded(&bytes));
    assert_eq!(clean[20], 0x20, "its head tells of a profile and of nothing else");
}

#[test]
fn pictures_stand_upright_however_the_camera_was_held() {
    let spec = Spec { widths: vec![24], plain: Some(24), quality: 95 };
    // What undoes each turn.
    for (orientation, back) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (7, 7), (8, 6)] {
        let mut stored = quarters(48, 32);
        stored.apply_orientation(image::metadata::Orientation::from_exif(back).expect("1 to 8"));
        let lain = exif(orientation, "PLANT-GPS");
        for (what, bytes) in [("JPEG", photograph(&stored, orientation)), ("WebP", webp_with(&stored, &lain))] {
            let what = format!("{what} held as {orientation}");
            let found = picture(&bytes);
            assert_eq!((found.width, found.height, found.orientation), (48, 32, orientation), "{what}");
            let turned = upright(&bytes, &found).expect("it is whole");
            assert!(!holds(&turned, "PLANT") && !holds(&turned, "Exif"), "{what}");
            assert_eq!(decoded(&turned).dimensions(), (48, 32), "{what}");
            assert_upright(&decoded(&turned), &what);
            let copies = derive(&bytes, &found, &spec).expect("it is whole");
            for copy in copies.webp.iter().chain(&copies.jpeg) {
                assert_eq!(decoded(copy).dimensions(), (24, 16), "{what}");
                assert_upright(&decoded(copy), &what);
                assert!(!holds(copy, "PLANT"), "{what}");
            }
        }
    }
}

#[test]
fn colours_of_other_profiles_are_brought_to_srgb() {
    let image = DynamicImage::ImageRgb8(RgbImage::from_pixel(32, 32, Rgb([234, 51, 35])));
    let plain = encoded(&image, ImageFormat::Jpeg);
    let p3 = moxcms::ColorProfile::new_display_p3().encode().expect("the profile can be written");
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend(segment(0xe2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), &p3].concat()));
    bytes.extend(&plain[2..]);
    let spec = Spec { widths: vec![32], plain: None, quality: 95 };
    let copies = derive(&bytes, &picture(&bytes), &spec).expect("it is whole");
    // The red of Display P3 is outside of sRGB: it becomes sRGB's own.
    let red = decoded(&copies.webp[0]).get_pixel(16, 16).0;
    assert!(red[0] > 245 && red[1] < 40, "{red:?}");
}

#[test]
fn screenshots_keep_their_letters_and_transparency_stays() {
    let mut image = image::RgbaImage::from_pixel(60, 40, image::Rgba([255, 255, 255, 0]));
    for x in (0..60).step_by(2) {
        image.put_pixel(x, 20, image::Rgba([0, 0, 0, 255]));
    }
    let bytes = encoded(&DynamicImage::ImageRgba8(image.clone()), ImageFormat::Png);
    let found = picture(&bytes);
    assert!(found.has_alpha);
    let copies = derive(&bytes, &found, &Spec { widths: vec![60], plain: None, quality: 78 }).expect("it is whole");
    let copy = decoded(&copies.webp[0]).to_rgba8();
    assert!((0..60).all(|x| copy.get_pixel(x, 20).0[3] == image.get_pixel(x, 20).0[3]));
}

#[test]
fn formats_are_told_by_their_bytes_and_not_by_their_names() {
    let jpeg = encoded(&quarters(8, 8), ImageFormat::Jpeg);
    assert!(matches!(look("登记表.png", &jpeg), Some(Look::Picture(Picture { format: Format::Jpeg, .. }))));
    assert!(matches!(look("无后缀", &jpeg), Some(Look::Picture(_))));
    for (bytes, kind) in [
        (b"\0\0\0\x18ftypheic\0\0\0\0".as_slice(), Kind::Heif),
        (b"\0\0\0\x18ftypavif\0\0\0\0", Kind::Avif),
        (b"II*\0\x08\0\0\0", Kind::Tiff),
        (b"MM\0*\0\0\0\x08", Kind::Tiff),
        (b"BM\x36\0\0\0\0\0\0\0\x36\0", Kind::Bmp),
        (b"8BPS\0\x01\0\0", Kind::Psd),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", Kind::QuickTime),
        (b"\0\0\0\x08mdat", Kind::QuickTime),
    ] {
        assert_eq!(look("x.jpg", bytes), Some(Look::Fault(Fault::Format(kind))));
    }
    assert_eq!(look("x.jpg", b"<html>"), Some(Look::Fault(Fault::Unknown)));
    assert_eq!(look("x.csv", b"a,b"), None);
    assert_eq!(look("x.jpg", b"\xff\xd8\xff"), Some(Look::Fault(Fault::Broken)));
}

#[test]
fn drawings_tell_their_size() {
    let size = |svg: &str| match look("x.svg", svg.as_bytes()) {
        Some(Look::Picture(p)) => Some((p.width, p.height)),
        _ => None,
    };
    assert_eq!(size("<?xml version='1.0'?><!-- x --><svg xmlns='…' width='320px' height='200'>"), Some((320, 200)));
    assert_eq!(size("<svg viewBox='0 0 640 360' width='100%'/>"), Some((640, 360)));
    assert_eq!(size("<svg viewBox='0,0, 64.4,36.6'>"), Some((64, 37)));
    for none in
        ["<svg/>", "<html><svg viewBox='0 0 1 1'/>", "<svg viewBox='0 0 x 1'/>", "<svg viewBox='0 0 1e9 1'/>", "", "<"]
    {
        assert_eq!(size(none), None, "{none}");
    }
}

/// Numbers that look like chance and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

fn damaged(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(out.len());
        match chance.below(6) {
            0 => out.truncate(at.max(4)),
            1 => out[at] ^= 1 << chance.below(8),
            2 => out[at] = [0, 0xff, 0x7f, 0x80][chance.below(4)],
            3 => {
                let end = (at + chance.below(16)).min(out.len());
                out.drain(at..end);
            }
            4 => {
                let end = (at + chance.below(64)).min(out.len());
                let again = out[at..end].to_vec();
                out.splice(at..at, again);
            }
            // Where sizes stand.
            _ => {
                let at = 4 + chance.below(36.min(out.len() - 4));
                out[at] = chance.below(256) as u8;
            }
        }
        if out.len() < 8 {
            out.resize(8, 0);
        }
    }
    out
}

#[test]
fn damaged_pictures_are_told_and_cost_no_more_than_their_header_says() {
    let image = quarters(40, 30);
    let seeds = [
        photograph(&image, 6),
        encoded(&image, ImageFormat::Png),
        encoded(&image, ImageFormat::Gif),
        encoded(&image, ImageFormat::WebP),
        webp_with(&image, &exif(3, "PLANT-GPS")),
    ];
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut tried, mut refused) = (0, 0);
    for seed in &seeds {
        for _ in 0..60 {
            let bytes = damaged(seed, &mut chance);
            tried += 1;
            let Some(Look::Picture(found)) = look("x.jpg", &bytes) else {
                refused += 1;
                continue;
            };
            let clean = strip(&bytes, &found);
            assert!(clean.as_ref().map_or(true, |c| c.len() <= bytes.len() + 1024));
            // A site refuses larger ones before this.
            if found.pixels() > 1_000_000 {
                refused += 1;
                continue;
            }
            let spec = Spec { widths: vec![found.width.min(20)], plain: None, quality: 50 };
            let made = derive(&bytes, &found, &spec).is_ok() && upright(&bytes, &found).is_ok() && clean.is_ok();
            refused += usize::from(!made);
        }
    }
    assert!(tried == 300 && refused > 50 && refused < 300, "{refused} of {tried} refused");
}

#[test]
fn a_header_that_lies_is_not_believed() {
    // What the header promises is small; what is decoded is not.
    let mut bytes = encoded(&quarters(64, 64), ImageFormat::Png);
    bytes[16..24].copy_from_slice(&[0, 0, 0, 8, 0, 0, 0, 8]);
    let sum = {
        let mut sum = flate2::Crc::new();
        sum.update(&bytes[12..29]);
        sum.sum()
    };
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    let found = picture(&bytes);
    let spec = Spec { widths: vec![8], plain: None, quality: 50 };
    match derive(&bytes, &found, &spec) {
        Ok(copies) => assert_eq!(decoded(&copies.webp[0]).dimensions(), (8, 8)),
        Err(fault) => assert_eq!(fault, Fault::Broken),
    }
}
