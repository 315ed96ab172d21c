//! Scores as tantivy computes them, in the same precision.

use super::codec;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// How much a term counts in a field.
pub(super) struct Weight {
    weight: f32,
    average: f32,
}

impl Weight {
    /// Weighs a term that `found` of `docs` documents have, in a field of so many terms.
    pub(super) fn new(found: u64, docs: u64, tokens: u64) -> Weight {
        let x = ((docs.saturating_sub(found)) as f32 + 0.5) / (found as f32 + 0.5);
        Weight { weight: (1.0 + x).ln() * (1.0 + K1), average: tokens as f32 / docs as f32 }
    }

    /// Makes it count so many times as much.
    pub(super) fn times(self, boost: f32) -> Weight {
        Weight { weight: self.weight * boost, ..self }
    }

    /// Scores a document that has the term so often.
    pub(super) fn score(&self, norm: u8, frequency: u32) -> f32 {
        let length = codec::length_of(norm) as f32;
        let frequency = frequency as f32;
        self.weight * (frequency / (frequency + K1 * (1.0 - B + B * length / self.average)))
    }
}
