//! Pixels: decoded within limits, turned upright, made smaller, encoded.
//!
//! Copies are in sRGB and carry no profile. A picture is turned after it was made smaller, which is less work; it is
//! never made larger.

use super::{Fault, Format, Picture};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, Limits};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The quality of a picture that had to be encoded again only because it lay on its side.
const TURNED: u8 = 92;

/// Which copies of a picture are made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Spec {
    /// The widths of copies in WebP, the smallest first.
    pub widths: Vec<u32>,
    /// The width of a copy in JPEG, for readers and programs that do not know WebP.
    pub plain: Option<u32>,
    /// The quality, 1 to 100.
    pub quality: u8,
}

/// The copies of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The copies in WebP, one for each width.
    pub webp: Vec<Vec<u8>>,
    /// The copy in JPEG.
    pub jpeg: Option<Vec<u8>>,
}

/// Returns the height of a copy that is so wide.
pub fn height_for(picture: &Picture, width: u32) -> u32 {
    let height = u64::from(picture.height) * u64::from(width) + u64::from(picture.width) / 2;
    u32::try_from(height / u64::from(picture.width.max(1))).unwrap_or(u32::MAX).max(1)
}

/// Makes the copies of a picture that was looked at.
pub fn derive(bytes: &[u8], picture: &Picture, spec: &Spec) -> Result<Derived, Fault> {
    guarded(|| {
        let (mut image, profile) = decode(bytes, picture)?;
        let mut largest_first: Vec<u32> = spec.widths.iter().copied().chain(spec.plain).collect();
        largest_first.sort_unstable_by(|a, b| b.cmp(a));
        largest_first.dedup();
        let mut made = Derived { webp: vec![Vec::new(); spec.widths.len()], jpeg: None };
        for (n, width) in largest_first.into_iter().enumerate() {
            let (w, h) = (width, height_for(picture, width));
            let (w, h) = if picture.orientation >= 5 { (h, w) } else { (w, h) };
            image = smaller(image, w, h)?;
            // Of the first copy all others are made: it is turned and brought to sRGB once.
            if n == 0 {
                to_srgb(&mut image, profile.as_deref());
            }
            let mut upright = image.clone();
            turn(&mut upright, picture);
            if let Some(at) = spec.widths.iter().position(|w| *w == width) {
                made.webp[at] = encode_webp(&upright, spec.quality, picture.format)?;
            }
            if spec.plain == Some(width) {
                made.jpeg = Some(encode_jpeg(&upright, spec.quality)?);
            }
        }
        Ok(made)
    })
}

/// Returns a picture that lay on its side turned upright, in the same format and without anything that is not
/// picture.
pub fn upright(bytes: &[u8], picture: &Picture) -> Result<Vec<u8>, Fault> {
    guarded(|| {
        let (mut image, profile) = decode(bytes, picture)?;
        to_srgb(&mut image, profile.as_deref());
        turn(&mut image, picture);
        match picture.format {
            Format::Jpeg => encode_jpeg(&image, TURNED),
            Format::WebP => encode_webp(&image, TURNED, Format::WebP),
            Format::Png | Format::Gif | Format::Svg => {
                let mut out = Vec::new();
                let encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Default, PngFilter::Adaptive);
                let (w, h, color) = (image.width(), image.height(), image.color());
                encoder.write_image(image.as_bytes(), w, h, color.into()).map_err(|_| Fault::Broken)?;
                Ok(out)
            }
        }
    })
}

/// Does work of decoders on bytes that may be made to mislead them: a decoder that gives up in a panic has met a
/// damaged picture, and takes nobody with it.
fn guarded<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Fault::Broken))
}

/// Decodes a picture whose header was read before: one that turns out to be larger than it said is none.
fn decode(bytes: &[u8], picture: &Picture) -> Result<(DynamicImage, Option<Vec<u8>>), Fault> {
    fn take(mut decoder: impl ImageDecoder, picture: &Picture) -> image::ImageResult<(DynamicImage, Option<Vec<u8>>)> {
        let (width, height) = picture.as_stored();
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(width), Some(height));
        // Eight bytes a pixel at most, and what the decoder needs beside.
        limits.max_alloc = Some(picture.pixels() * 16 + (64 << 20));
        decoder.set_limits(limits)?;
        let profile = decoder.icc_profile().unwrap_or_default();
        Ok((DynamicImage::from_decoder(decoder)?, profile))
    }
    let source = Cursor::new(bytes);
    let decoded = match picture.format {
        Format::Jpeg => JpegDecoder::new(source).and_then(|d| take(d, picture)),
        Format::Png => PngDecoder::new(source).and_then(|d| take(d, picture)),
        Format::Gif => GifDecoder::new(source).and_then(|d| take(d, picture)),
        Format::WebP => WebPDecoder::new(source).and_then(|d| take(d, picture)),
        Format::Svg => return Err(Fault::Unknown),
    };
    let (image, profile) = decoded.map_err(|_| Fault::Broken)?;
    if (image.width(), image.height()) != picture.as_stored() {
        return Err(Fault::Broken);
    }
    let image = match image.color().has_alpha() {
        true => DynamicImage::ImageRgba8(image.into_rgba8()),
        false => DynamicImage::ImageRgb8(image.into_rgb8()),
    };
    Ok((image, profile))
}

fn smaller(image: DynamicImage, width: u32, height: u32) -> Result<DynamicImage, Fault> {
    if (image.width(), image.height()) == (width, height) {
        return Ok(image);
    }
    let kind = if image.color().has_alpha() { PixelType::U8x4 } else { PixelType::U8x3 };
    let from = ImageRef::new(image.width(), image.height(), image.as_bytes(), kind).map_err(|_| Fault::Broken)?;
    let mut to = Image::new(width, height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&from, &mut to, &options).map_err(|_| Fault::Broken)?;
    let made = match kind {
        PixelType::U8x4 => image::RgbaImage::from_raw(width, height, to.into_vec()).map(DynamicImage::ImageRgba8),
        _ => image::RgbImage::from_raw(width, height, to.into_vec()).map(DynamicImage::ImageRgb8),
    };
    made.ok_or(Fault::Broken)
}

/// Brings a picture from its own colours to sRGB, which is what is meant where nothing is said. A profile that does
/// not fit is passed over.
fn to_srgb(image: &mut DynamicImage, profile: Option<&[u8]>) {
    let Some(own) = profile.and_then(|p| ColorProfile::new_from_slice(p).ok()) else { return };
    if own.color_space != DataColorSpace::Rgb {
        return;
    }
    let layout = if image.color().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = own.create_transform_8bit(layout, &srgb, layout, TransformOptions::default()) else { return };
    let mut made = vec![0; image.as_bytes().len()];
    if transform.transform(image.as_bytes(), &mut made).is_err() {
        return;
    }
    match image {
        DynamicImage::ImageRgb8(pixels) => pixels.copy_from_slice(&made),
        DynamicImage::ImageRgba8(pixels) => pixels.copy_from_slice(&made),
        _ => {}
    }
}

fn turn(image: &mut DynamicImage, picture: &Picture) {
    if let Some(orientation) = Orientation::from_exif(picture.orientation) {
        image.apply_orientation(orientation);
    }
}

/// Encodes in WebP. What came without loss (screenshots, drawings) stays so unless that is much larger.
fn encode_webp(image: &DynamicImage, quality: u8, format: Format) -> Result<Vec<u8>, Fault> {
    let (w, h) = (image.width(), image.height());
    let encoder = match image.color().has_alpha() {
        true => webp::Encoder::from_rgba(image.as_bytes(), w, h),
        false => webp::Encoder::from_rgb(image.as_bytes(), w, h),
    };
    let encode = |lossless| encoder.encode_simple(lossless, f32::from(quality)).map(|m| m.to_vec());
    let lossy = encode(false).map_err(|_| Fault::Broken)?;
    if matches!(format, Format::Png | Format::Gif) {
        let exact = encode(true).map_err(|_| Fault::Broken)?;
        if exact.len() <= lossy.len() / 2 * 3 {
            return Ok(exact);
        }
    }
    Ok(lossy)
}

fn encode_jpeg(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    let rgb = image.to_rgb8();
    let encoder = JpegEncoder::new_with_quality(&mut out, quality);
    encoder.write_image(&rgb, rgb.width(), rgb.height(), image::ExtendedColorType::Rgb8).map_err(|_| Fault::Broken)?;
    Ok(out)
}
