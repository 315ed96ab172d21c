//! Content digests: the same value gives the same digest on any machine, in any process.
//!
//! blake3 over an explicit encoding: lengths first, order as given. `DefaultHasher` is not used,
//! because it promises nothing between versions.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A 256-bit content digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(*blake3::hash(bytes).as_bytes())
    }

    /// Returns the digest of a value: of its encoding, in which lengths come first, the order is fixed and
    /// numbers look alike on every machine (postcard).
    pub fn of_value<T: serde::Serialize + ?Sized>(value: &T) -> Digest {
        // Most values are this small: their encoding is written without growing.
        let bytes = postcard::to_extend(value, Vec::with_capacity(512)).unwrap_or_default();
        Digest::of(&bytes)
    }

    /// Returns the digest as 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = String::with_capacity(64);
        for byte in self.0 {
            hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
            hex.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        hex
    }

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Digest> {
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        let half = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            *byte = half(pair[0])? << 4 | half(pair[1])?;
        }
        Some(Digest(bytes))
    }

    /// Returns the first 16 hexadecimal digits, for names.
    pub fn short(self) -> String {
        self.to_hex()[..16].to_owned()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// Writes a value as bytes (postcard); one that cannot be encoded gives none, which no reader takes for a value.
///
/// Its size is found first: a buffer that grew to it would take twice the room.
pub fn encode<T: serde::Serialize + ?Sized>(part: &T) -> Vec<u8> {
    let size = postcard::experimental::serialized_size(part).unwrap_or_default();
    postcard::to_extend(part, Vec::with_capacity(size)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_both_ways() {
        let digest = Digest::of("碑林".as_bytes());
        assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
        assert_eq!(Digest::from_hex("zz"), None);
        assert_eq!(Digest::from_hex(&"支".repeat(22)), None);
    }
}
