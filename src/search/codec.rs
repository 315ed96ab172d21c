//! The small encodings of the search files: varints, sets of documents, frequencies, hashes, DEFLATE.

use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};
use std::cell::RefCell;
use std::io::Read as _;

/// The most a file may grow to when it is inflated, as the client bounds it too.
const LARGEST: u64 = 64 << 20;

thread_local! {
    /// Made once: to make one takes longer than to compress a shard with it.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(6), false));
}

/// Compresses (RFC 1951).
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
        loop {
            let rest = bytes.get(compress.total_in() as usize..).unwrap_or_default();
            match compress.compress_vec(rest, &mut out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return out,
                // There was not room enough.
                Ok(Status::Ok | Status::BufError) => out.reserve(bytes.len() / 2 + 64),
                Err(e) => unreachable!("memory can be compressed: {e}"),
            }
        }
    })
}

/// Undoes [`deflate`]; `None` for what is damaged.
pub(super) fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    DeflateDecoder::new(bytes).take(LARGEST).read_to_end(&mut out).ok()?;
    Some(out)
}

/// Writes a number in unsigned LEB128.
pub(super) fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Returns how many bytes [`put`] writes.
fn width(number: u32) -> usize {
    (38 - (number | 1).leading_zeros() as usize) / 7
}

/// Reads what the functions here write; every reading fails at the end of the bytes.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes }
    }

    pub(super) fn is_done(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        let mut number = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(number).ok();
            }
        }
        None
    }

    /// Reads a set of `count` numbers below `all`.
    pub(super) fn docs(&mut self, count: usize, all: u32) -> Option<Vec<u32>> {
        let sort = self.byte()?;
        if count > all as usize {
            return None;
        }
        match sort {
            GAPS => self.gaps(count, all),
            BITMAP => {
                let bits = self.take((all as usize).div_ceil(8))?;
                let docs: Vec<u32> = (0..all).filter(|d| bits[(d >> 3) as usize] >> (d & 7) & 1 == 1).collect();
                (docs.len() == count).then_some(docs)
            }
            OTHERS => {
                let others = self.gaps(all as usize - count, all)?;
                let mut others = others.into_iter().peekable();
                Some((0..all).filter(|d| others.next_if_eq(d).is_none()).collect())
            }
            _ => None,
        }
    }

    /// Reads `count` ascending numbers below `all`, the first and then the gaps.
    pub(super) fn gaps(&mut self, count: usize, all: u32) -> Option<Vec<u32>> {
        // A count may be a lie: room is made for no more than there are bytes.
        let mut docs = Vec::with_capacity(count.min(self.bytes.len()));
        let mut next = 0u32;
        for n in 0..count {
            let gap = self.number()?;
            if n > 0 && gap == 0 {
                return None;
            }
            next = next.checked_add(gap).filter(|d| *d < all)?;
            docs.push(next);
        }
        Some(docs)
    }

    /// Reads `count` frequencies.
    pub(super) fn frequencies(&mut self, count: usize) -> Option<Vec<u32>> {
        let codes = self.take(count.div_ceil(4))?;
        (0..count)
            .map(|n| match codes[n / 4] >> (n % 4 * 2) & 3 {
                3 => self.number()?.checked_add(4),
                code => Some(u32::from(code) + 1),
            })
            .collect()
    }
}

const GAPS: u8 = 0;
const BITMAP: u8 = 1;
const OTHERS: u8 = 2;

/// Writes a set of documents, ascending, of `all`: gaps, a bitmap or the gaps of the others, whichever
/// is smallest.
pub(super) fn put_docs(out: &mut Vec<u8>, docs: &[u32], all: u32) {
    let gaps = |docs: &mut dyn Iterator<Item = u32>| {
        let mut last = 0;
        docs.map(|d| width(d - std::mem::replace(&mut last, d))).sum::<usize>()
    };
    let bitmap = (all as usize).div_ceil(8);
    let as_gaps = gaps(&mut docs.iter().copied());
    // The gaps of the others can be the smallest only where most documents are in the set.
    let as_others = match docs.len() * 2 > all as usize {
        true => gaps(&mut others(docs, all)),
        false => usize::MAX,
    };
    if as_gaps <= bitmap && as_gaps <= as_others {
        out.push(GAPS);
        put_gaps(out, docs.iter().copied());
    } else if as_others <= bitmap {
        out.push(OTHERS);
        put_gaps(out, others(docs, all));
    } else {
        out.push(BITMAP);
        let at = out.len();
        out.resize(at + bitmap, 0);
        for d in docs {
            out[at + (d >> 3) as usize] |= 1 << (d & 7);
        }
    }
}

fn others(docs: &[u32], all: u32) -> impl Iterator<Item = u32> + use<'_> {
    let mut docs = docs.iter().copied().peekable();
    (0..all).filter(move |d| docs.next_if_eq(d).is_none())
}

/// Writes ascending numbers as the first and the gaps.
pub(super) fn put_gaps(out: &mut Vec<u8>, numbers: impl Iterator<Item = u32>) {
    let mut last = 0;
    for number in numbers {
        put(out, number - std::mem::replace(&mut last, number));
    }
}

/// Writes frequencies: two bits each, and what does not fit behind them.
pub(super) fn put_frequencies(out: &mut Vec<u8>, frequencies: &[u32]) {
    let at = out.len();
    out.resize(at + frequencies.len().div_ceil(4), 0);
    for (n, frequency) in frequencies.iter().enumerate() {
        let code = frequency.saturating_sub(1).min(3) as u8;
        out[at + n / 4] |= code << (n % 4 * 2);
        if code == 3 {
            put(out, frequency - 4);
        }
    }
}

/// Returns the number of a term's shard, of a power of two.
pub(super) fn shard(term: &[u8], shards: u32) -> u32 {
    let mut h = 0x811c_9dc5u32;
    for byte in term {
        h = (h ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    // The low bits of FNV alone are uneven: the last step of MurmurHash3 mixes them.
    h = (h ^ h >> 16).wrapping_mul(0x85eb_ca6b);
    h = (h ^ h >> 13).wrapping_mul(0xc2b2_ae35);
    (h ^ h >> 16) & (shards - 1)
}

/// Returns the name of the files of a term that has files of its own.
pub(super) fn file_of(term: &[u8]) -> String {
    let hash =
        term.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, byte| (h ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// Returns the one-byte code of a document's length: the greatest that stands for no more.
pub(super) fn norm_of(length: u32) -> u8 {
    let (mut low, mut high) = (0u16, 255u16);
    while low < high {
        let middle = (low + high).div_ceil(2);
        match length_of(middle as u8) <= length {
            true => low = middle,
            false => high = middle - 1,
        }
    }
    low as u8
}

/// Returns the length a code stands for, as tantivy (and Lucene) have it.
pub(super) fn length_of(norm: u8) -> u32 {
    let Some(i) = norm.checked_sub(24).map(u32::from) else { return u32::from(norm) };
    24 + match (i >> 3).checked_sub(1) {
        None => i & 7,
        Some(shift) => ((i & 7) | 8) << shift,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn lengths_are_coded_as_tantivy_codes_them() {
        for norm in 0..=255u8 {
            assert_eq!(length_of(norm), tantivy::fieldnorm::FieldNormReader::id_to_fieldnorm(norm), "{norm}");
            assert_eq!(norm_of(length_of(norm)), norm);
        }
        assert_eq!((norm_of(41), norm_of(43), norm_of(u32::MAX)), (norm_of(40), norm_of(42), 255));
    }

    #[test]
    fn a_set_is_written_in_the_smallest_way() {
        let written = |docs: &[u32], all| {
            let mut out = Vec::new();
            put_docs(&mut out, docs, all);
            out
        };
        assert_eq!(written(&[5, 300], 1000), [GAPS, 5, 0xA7, 2]);
        assert_eq!(written(&(0..1000).collect::<Vec<_>>(), 1000), [OTHERS]);
        assert_eq!(written(&(0..1000).step_by(2).collect::<Vec<_>>(), 1000).len(), 126);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(docs in proptest::collection::btree_set(0u32..5000, 0..5000), most in 0u32..3, deflated in proptest::collection::vec(any::<u8>(), 0..300)) {
            let docs: Vec<u32> = match most {
                0 => docs.into_iter().take(40).collect(),
                1 => docs.into_iter().collect(),
                _ => { let out: BTreeSet<u32> = docs.into_iter().take(30).collect(); (0..5000).filter(|d| !out.contains(d)).collect() }
            };
            let tfs: Vec<u32> = docs.iter().map(|d| d % 7 + 1).collect();
            let mut out = Vec::new();
            put_docs(&mut out, &docs, 5000);
            put_frequencies(&mut out, &tfs);
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.docs(docs.len(), 5000), Some(docs.clone()));
            prop_assert_eq!(reader.frequencies(docs.len()), Some(tfs));
            prop_assert!(reader.is_done());
            prop_assert_eq!(inflate(&deflate(&deflated)), Some(deflated.clone()));
            // Any bytes give an answer.
            let _ = Reader::new(&deflated).docs(7, 50);
            let _ = Reader::new(&deflated).frequencies(9);
            let _ = inflate(&deflated);
        }
    }
}
