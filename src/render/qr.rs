//! Addresses as QR codes (ISO/IEC 18004), drawn as one SVG path when the page is built.

use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

/// Light modules around the code, as the standard asks.
const QUIET: usize = 4;

/// A QR code: how many modules its side has, margin included, and the path of the dark ones, one unit a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Qr {
    pub(super) side: usize,
    pub(super) path: String,
}

/// Makes the code of an address; `None` if it is too long for one that a telephone can read from a printed page.
pub(super) fn qr(address: &str) -> Option<Qr> {
    let code = QRBuilder::new(address).ecl(ECL::M).build().ok()?;
    let mut path = String::with_capacity(code.size * 40);
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let is_dark = |x: usize| x < code.size && code[y][x].value();
            let start = x;
            while is_dark(x) {
                x += 1;
            }
            if x > start {
                // Writing into memory cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", start + QUIET, y + QUIET, x - start, x - start);
            }
            x += 1;
        }
    }
    Some(Qr { side: code.size + 2 * QUIET, path })
}

/// Draws the code of an address as an SVG element with a name for those who do not see it.
pub(super) fn svg(address: &str, name: &str) -> Option<String> {
    let Qr { side, path } = qr(address)?;
    let name = super::view::escape(name);
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{name}\"><path class=\"qr-ground\" d=\"M0 0h{side}v{side}H0z\"/><path class=\"qr-dark\" d=\"{path}\"/></svg>"
    ))
}

/// Draws the code of an address as a PNG picture, eight dots a module, for where no SVG is taken.
pub(super) fn png(address: &str) -> Option<Vec<u8>> {
    const DOTS: u32 = 8;
    let code = QRBuilder::new(address).ecl(ECL::M).build().ok()?;
    let side = (code.size + 2 * QUIET) as u32;
    let is_dark = |x: u32, y: u32| {
        let (x, y) = ((x / DOTS) as usize, (y / DOTS) as usize);
        let within = |n: usize| (QUIET..QUIET + code.size).contains(&n);
        within(x) && within(y) && code[y - QUIET][x - QUIET].value()
    };
    let picture =
        image::GrayImage::from_fn(side * DOTS, side * DOTS, |x, y| image::Luma([if is_dark(x, y) { 0 } else { 255 }]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_finders_and_a_quiet_margin() {
        let Qr { side, path } = qr("https://djyz.example.gov.cn/records/yi-2026-001/").expect("fits");
        assert!(side >= 21 + 8, "{side}");
        let right = side - 4 - 7;
        for start in ["M4 4h7v1h-7z".to_owned(), format!("M{right} 4h7v1h-7z"), format!("M4 {right}h7v1h-7z")] {
            assert!(path.contains(&start), "{start} in {path}");
        }
        assert!(!path.contains("M0 ") && !path.contains("M3 "), "nothing stands in the margin");
    }

    #[test]
    fn what_no_code_can_hold_has_none() {
        assert_eq!(qr(&"长".repeat(3000)), None);
    }
}
