//! Pictures and films as bytes (图片与短片): what a file says it is, what of it must not be published, smaller copies.
//!
//! Knows formats and nothing of the site. What a file is, is read off its first bytes and never off its name:
//! [`look`] decodes nothing, so that a picture is judged by the size its header tells before anybody spends memory
//! on it.
//!
//! - `header`: format, size, orientation of JPEG, PNG, GIF, WebP; the size of SVG;
//! - `strip`: everything that is not picture taken out, the pixels left as they are; `icc`: colour profiles without
//!   words;
//! - `pixels`: decoded within limits, turned upright, made smaller, encoded;
//! - [`film`]: MP4 and WebM: what is in them, and where and when they were taken out of them.

pub mod film;
mod header;
mod icc;
mod pixels;
mod strip;

pub use film::Film;
pub use pixels::{Derived, Spec, derive, height_for, upright};
pub use strip::strip;

use crate::diagnostic::Say;
use crate::say;
use serde::{Deserialize, Serialize};

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG, animated or not.
    Png,
    /// GIF, animated or not.
    Gif,
    /// WebP, animated or not.
    WebP,
    /// SVG: drawn, not sampled.
    Svg,
}

/// What the header of a picture says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The format.
    pub format: Format,
    /// The width in pixels as people see it: turned upright.
    pub width: u32,
    /// The height in pixels as people see it.
    pub height: u32,
    /// How the camera was held, 1 to 8 as EXIF numbers it; 1 is upright.
    pub orientation: u8,
    /// Whether it moves.
    pub is_animated: bool,
    /// Whether something may shine through it.
    pub has_alpha: bool,
}

impl Picture {
    /// Returns the number of its pixels.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Tells whether smaller copies of it can be made: it is sampled and does not move.
    pub fn has_copies(&self) -> bool {
        self.format != Format::Svg && !self.is_animated
    }

    /// Returns its size as it lies in the file, before it is turned.
    fn as_stored(&self) -> (u32, u32) {
        if self.orientation >= 5 { (self.height, self.width) } else { (self.width, self.height) }
    }
}

/// Why a picture or film is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Browsers do not show this format, and what it tells of place and person could not be taken out.
    Format(Kind),
    /// Its name says that it is a picture or film; its bytes are none that is known.
    Unknown,
    /// Its bytes break off, or contradict themselves.
    Broken,
    /// Its name says that it holds subtitles in WebVTT, and it does not.
    Subtitles,
}

/// Formats that are recognised and not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "formats under their names")]
pub enum Kind {
    Heif,
    Avif,
    Tiff,
    Bmp,
    Jxl,
    Psd,
    Hevc,
    Codec,
    Fragments,
    QuickTime,
    Matroska,
    Avi,
    Flv,
    Asf,
    Mpeg,
}

impl Kind {
    /// Returns what people call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Heif => "HEIC",
            Kind::Avif => "AVIF",
            Kind::Tiff => "TIFF",
            Kind::Bmp => "BMP",
            Kind::Jxl => "JPEG XL",
            Kind::Psd => "PSD",
            Kind::Hevc => "H.265",
            Kind::Codec => "?",
            Kind::Fragments => "MP4",
            Kind::QuickTime => "QuickTime (MOV)",
            Kind::Matroska => "Matroska (MKV)",
            Kind::Avi => "AVI",
            Kind::Flv => "FLV",
            Kind::Asf => "WMV",
            Kind::Mpeg => "MPEG",
        }
    }

    /// Tells whether it is a film.
    pub fn is_film(self) -> bool {
        match self {
            Kind::Heif | Kind::Avif | Kind::Tiff | Kind::Bmp | Kind::Jxl | Kind::Psd => false,
            Kind::Hevc
            | Kind::Codec
            | Kind::Fragments
            | Kind::QuickTime
            | Kind::Matroska
            | Kind::Avi
            | Kind::Flv
            | Kind::Asf
            | Kind::Mpeg => true,
        }
    }
}

impl Fault {
    /// Says it in words, and a way out.
    pub fn describe(self) -> (Say, Say) {
        match self {
            Fault::Format(kind) => {
                let name = kind.name();
                let what = match kind {
                    Kind::Hevc => {
                        say!("影像是 H.265 编码，多数浏览器放不了", "the film is H.265, which few browsers play")
                    }
                    Kind::Codec => say!(
                        "影像的编码不是浏览器通用的",
                        "the film is in an encoding that browsers do not commonly play"
                    ),
                    Kind::Fragments => say!(
                        "影像是分段录制的，里面画面和声音以外的轨道去不掉",
                        "the film is in fragments, and its tracks beside picture and sound cannot be taken out"
                    ),
                    _ => say!(
                        "{name} 格式不能在网页上显示，里面的位置、姓名等信息也去不掉",
                        "{name} is not shown by browsers, and what it tells of place and person cannot be taken out"
                    ),
                };
                let hint = match kind.is_film() {
                    _ if kind == Kind::Fragments => say!(
                        "重新封装一次，不转码：ffmpeg -i 原片.mp4 -map 0:v -map 0:a? -c copy -movflags +faststart 新片.mp4",
                        "ffmpeg -i OLD.mp4 -map 0:v -map 0:a? -c copy -movflags +faststart NEW.mp4 leaves them out, without encoding again"
                    ),
                    true => say!(
                        "转成 MP4（H.264）：ffmpeg -i 原片 -c:v libx264 -c:a aac -movflags +faststart 新片.mp4",
                        "convert it to MP4 (H.264): ffmpeg -i OLD -c:v libx264 -c:a aac -movflags +faststart NEW.mp4"
                    ),
                    false => say!(
                        "用看图软件另存为 JPEG（照片）或 PNG（截图、图纸）",
                        "save it as JPEG (photographs) or PNG (screenshots, drawings)"
                    ),
                };
                (what, hint)
            }
            Fault::Unknown => (
                say!("文件名像图片或影像，内容却不是", "named as a picture or film, but its bytes are none"),
                say!(
                    "找到原来的文件重新放进来；JPEG、PNG、GIF、WebP 和 MP4、WebM 都可以",
                    "put the file itself here: JPEG, PNG, GIF, WebP, MP4 or WebM"
                ),
            ),
            Fault::Subtitles => (
                say!("不是能用的字幕文件", "no subtitles that can be used"),
                say!(
                    "存成 UTF-8 编码的 WebVTT：第一行写 WEBVTT，下面一条条写时间和文字",
                    "save it as WebVTT in UTF-8: WEBVTT in the first line, below it times and words"
                ),
            ),
            Fault::Broken => (
                say!("图片或影像的数据不完整或有误", "the picture or film is damaged"),
                say!("重新拷贝一次，或用看图软件打开后另存", "copy it again, or open it and save it anew"),
            ),
        }
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// A picture.
    Picture(Picture),
    /// A film.
    Film(Film),
    /// Subtitles in WebVTT.
    Subtitles,
    /// A picture or film that is not published.
    Fault(Fault),
}

impl Look {
    /// Returns the picture it is.
    pub fn picture(&self) -> Option<&Picture> {
        match self {
            Look::Picture(picture) => Some(picture),
            Look::Film(_) | Look::Subtitles | Look::Fault(_) => None,
        }
    }

    /// Returns the film it is.
    pub fn film(&self) -> Option<&Film> {
        match self {
            Look::Film(film) => Some(film),
            Look::Picture(_) | Look::Subtitles | Look::Fault(_) => None,
        }
    }
}

/// Endings by which a file says that it is a picture or film.
const ENDINGS: [&str; 29] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "heic", "heif", "avif", "tif", "tiff", "bmp", "jxl",
    "psd", "mp4", "m4v", "mov", "webm", "mkv", "avi", "flv", "wmv", "asf", "mpg", "mpeg", "3gp", "rmvb",
];

/// Returns what a file is, if it is a picture or film or says so.
pub fn look(name: &str, bytes: &[u8]) -> Option<Look> {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    let of = |found: Option<Picture>| found.map_or(Look::Fault(Fault::Broken), Look::Picture);
    let refused = |kind| Some(Look::Fault(Fault::Format(kind)));
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(of(header::jpeg(bytes))),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(of(header::png(bytes))),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(of(header::gif(bytes))),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(of(header::webp(bytes))),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' ', ..] => refused(Kind::Avi),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => refused(Kind::Tiff),
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => refused(Kind::Bmp),
        [b'8', b'B', b'P', b'S', 0, 1 | 2, ..] => refused(Kind::Psd),
        [0xff, 0x0a, ..] if ending == "jxl" => refused(Kind::Jxl),
        [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => refused(Kind::Jxl),
        [b'F', b'L', b'V', 1, ..] => refused(Kind::Flv),
        [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, ..] => refused(Kind::Asf),
        [0, 0, 1, 0xba | 0xb3, ..] => refused(Kind::Mpeg),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(film::mp4(bytes)),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(film::webm(bytes)),
        // The oldest QuickTime files begin without a word of what they are.
        [_, _, _, _, b'm', b'o', b'o', b'v', ..] | [_, _, _, _, b'm', b'd', b'a', b't', ..] => refused(Kind::QuickTime),
        _ if ending == "svg" => header::svg(bytes).map(Look::Picture),
        _ if ending == "vtt" && film::is_subtitles(bytes) => Some(Look::Subtitles),
        _ if ending == "vtt" => Some(Look::Fault(Fault::Subtitles)),
        _ if ENDINGS.contains(&ending.as_str()) => Some(Look::Fault(Fault::Unknown)),
        _ => None,
    }
}

/// Takes arbitrary bytes for a picture or film and panics where a promise of this module is broken: what is published of
/// it is the same sort of file, of the same size, and has nothing more to be taken out.
///
/// For fuzzing and property tests.
#[doc(hidden)]
pub fn fuzz_picture(data: &[u8]) {
    const SMALL: u64 = 20_000;
    for name in ["x.jpg", "x.png", "x.svg", "x.mp4", "x"] {
        match look(name, data) {
            Some(Look::Picture(picture)) if picture.format != Format::Svg => {
                if let Ok(clean) = strip::strip(data, &picture) {
                    let Some(Look::Picture(again)) = look(name, &clean) else { panic!("what is clean is a picture") };
                    assert_eq!(
                        (again.format, again.width, again.height),
                        (picture.format, picture.width, picture.height)
                    );
                    assert!(strip::strip(&clean, &again).as_ref() == Ok(&clean), "nothing is left to be taken out");
                }
                if picture.pixels() <= SMALL {
                    // Refused or turned: both are well.
                    let _ = pixels::upright(data, &picture);
                }
            }
            Some(Look::Film(film)) => {
                if let Ok(clean) = film::clean(data.to_vec(), &film) {
                    assert!(matches!(look(name, &clean), Some(Look::Film(_))), "what is clean is a film");
                }
            }
            Some(Look::Picture(_) | Look::Subtitles | Look::Fault(_)) | None => {}
        }
    }
}

#[cfg(test)]
mod tests;
