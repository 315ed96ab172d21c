//! Colour profiles without words: descriptions, device names, dates and copyright lines name people and machines.
//!
//! What colours need is kept bit for bit, everything else is left out. A profile that cannot be read is no profile.

use super::header::big;

/// The tags by which colours are computed.
const KEPT: [&[u8; 4]; 24] = [
    b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"bkpt", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"chad", b"cicp", b"lumi",
    b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt", b"chrm", b"D2B0", b"D2B1", b"B2D0", b"B2D1",
];
/// The largest profile that is looked at.
const LARGEST: usize = 8 << 20;

/// Returns the profile with nothing in it but what colours need.
pub(super) fn bare(profile: &[u8]) -> Option<Vec<u8>> {
    if profile.len() > LARGEST || profile.get(36..40)? != b"acsp" {
        return None;
    }
    let count = big(profile, 128, 4)? as usize;
    let mut tags = Vec::new();
    for i in 0..count.min(100) {
        let at = 132 + 12 * i;
        let (name, offset, size) = (profile.get(at..at + 4)?, big(profile, at + 4, 4)?, big(profile, at + 8, 4)?);
        if KEPT.iter().any(|k| k.as_slice() == name) {
            let offset = offset as usize;
            tags.push((name, profile.get(offset..offset.checked_add(size as usize)?)?));
        }
    }
    if tags.is_empty() {
        return None;
    }
    let mut out = profile[..128].to_vec();
    // The maker's program, the date, the platform, the device, its maker, the profile's creator and checksum.
    for range in [4..8, 24..36, 40..44, 48..56, 80..128] {
        out[range].fill(0);
    }
    out.extend((tags.len() as u32).to_be_bytes());
    let mut data: Vec<u8> = Vec::new();
    let mut placed: Vec<(&[u8], usize)> = Vec::new();
    let start = 132 + 12 * tags.len();
    for (name, bytes) in &tags {
        // Tags often share their data: three equal curves are one.
        let at = match placed.iter().find(|(b, _)| b == bytes) {
            Some((_, at)) => *at,
            None => {
                let at = start + data.len();
                data.extend_from_slice(bytes);
                data.resize(data.len().next_multiple_of(4), 0);
                placed.push((bytes, at));
                at
            }
        };
        out.extend_from_slice(name);
        out.extend((at as u32).to_be_bytes());
        out.extend((bytes.len() as u32).to_be_bytes());
    }
    out.extend(data);
    let length = out.len() as u32;
    out[..4].copy_from_slice(&length.to_be_bytes());
    Some(out)
}
