//! Order of names for Chinese readers: by pinyin, numbers by value.

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use std::cmp::Ordering;

/// Compares names as a Chinese directory does.
pub struct Collation {
    collator: CollatorBorrowed<'static>,
}

impl Default for Collation {
    fn default() -> Self {
        let mut preferences = CollatorPreferences::from(icu_locale_core::locale!("zh"));
        preferences.numeric_ordering = Some(CollationNumericOrdering::True);
        let mut options = CollatorOptions::default();
        options.strength = Some(Strength::Tertiary);
        let collator = Collator::try_new(preferences, options).expect("Chinese collation is compiled in");
        Collation { collator }
    }
}

impl Collation {
    /// Compares two names; names that collate alike are ordered by their code points.
    pub fn compare(&self, a: &str, b: &str) -> Ordering {
        self.collator.compare(a, b).then_with(|| a.cmp(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_by_pinyin_and_numbers_by_value() {
        let collation = Collation::default();
        let mut names = ["支部10", "支部2", "档案馆", "安全科", "税务局"];
        names.sort_by(|a, b| collation.compare(a, b));
        assert_eq!(names, ["安全科", "档案馆", "税务局", "支部2", "支部10"]);
    }
}
