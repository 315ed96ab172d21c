//! How often a door may be knocked at, and by whom twice. Pure: the time is given.

use std::collections::{BTreeSet, VecDeque};

const SECOND: f64 = 1e9;

/// Lets through so many in a minute, and as many at once after a quiet time.
#[derive(Debug)]
pub(super) struct Bucket {
    most: f64,
    left: f64,
    at: i64,
}

impl Bucket {
    /// Makes a full bucket.
    pub(super) fn new(a_minute: u32, now: i64) -> Bucket {
        let most = f64::from(a_minute.max(1));
        Bucket { most, left: most, at: now }
    }

    /// Takes one; or says after how many seconds there is one again.
    pub(super) fn take(&mut self, now: i64) -> Result<(), u64> {
        // A clock that goes back gives nothing, and goes on from there.
        let passed = now.saturating_sub(self.at).max(0) as f64 / SECOND;
        self.at = now;
        self.left = (self.left + passed * self.most / 60.0).min(self.most);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        Err((((1.0 - self.left) * 60.0 / self.most).ceil() as u64).max(1))
    }
}

/// The mark of something that comes once: a digest.
pub(super) type Mark = [u8; 32];

/// Remembers the latest marks, not more than so many.
#[derive(Debug)]
pub(super) struct Seen {
    most: usize,
    order: VecDeque<Mark>,
    all: BTreeSet<Mark>,
}

impl Seen {
    /// Makes an empty memory.
    pub(super) fn new(most: usize) -> Seen {
        Seen { most, order: VecDeque::new(), all: BTreeSet::new() }
    }

    /// Tells whether none of the marks was seen, and remembers them.
    pub(super) fn is_new(&mut self, marks: &[Mark]) -> bool {
        let new = !marks.iter().any(|m| self.all.contains(m));
        for mark in marks {
            if self.all.insert(*mark) {
                self.order.push_back(*mark);
            }
        }
        while self.order.len() > self.most {
            if let Some(oldest) = self.order.pop_front() {
                self.all.remove(&oldest);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    #[test]
    fn a_bucket_gives_its_fill_at_once_and_then_at_its_pace() {
        let mut bucket = Bucket::new(6, 0);
        assert_eq!((0..6).map(|_| bucket.take(0)).collect::<Vec<_>>(), vec![Ok(()); 6]);
        assert_eq!(bucket.take(0), Err(10), "one every ten seconds");
        assert_eq!(bucket.take(4 * S), Err(6));
        assert_eq!((bucket.take(10 * S), bucket.take(10 * S)), (Ok(()), Err(10)));
        assert_eq!(
            (0..7).map(|_| bucket.take(10_000 * S).is_ok()).filter(|ok| *ok).count(),
            6,
            "never more than its fill"
        );
    }

    #[test]
    fn a_clock_that_goes_back_neither_fills_nor_blocks_a_bucket() {
        let mut bucket = Bucket::new(1, 1000 * S);
        assert_eq!(bucket.take(1000 * S), Ok(()));
        assert!(bucket.take(0).is_err());
        assert_eq!(bucket.take(61 * S), Ok(()));
    }

    #[test]
    fn a_mark_is_new_once_and_old_ones_are_forgotten() {
        let mark = |n: u8| [n; 32];
        let mut seen = Seen::new(4);
        assert!(seen.is_new(&[mark(1), mark(2)]));
        assert!(!seen.is_new(&[mark(2), mark(3)]), "one of two is enough");
        assert!(!seen.is_new(&[mark(3)]), "what came along is remembered too");
        assert!(seen.is_new(&[mark(4)]));
        assert!(seen.is_new(&[mark(5)]), "the fifth");
        assert!(seen.is_new(&[mark(1)]), "pushed out by the fifth");
        assert_eq!((seen.order.len(), seen.all.len()), (4, 4));
    }
}
