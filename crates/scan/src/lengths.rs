//! How long values are.

use std::collections::BTreeMap;

/// Up to this length every length has its own count.
const EXACT: usize = 1024;
/// Above it, lengths are counted up to these: powers of two and the limits that products have.
const BOUNDS: [u64; 26] = [
    1280, 2000, 2048, 3000, 4000, 4096, 5000, 8000, 8192, 10_000, 16_000, 16_384, 20_000, 32_000, 32_767,
    32_768, 50_000, 64_000, 65_000, 65_535, 65_536, 100_000, 131_072, 262_144, 1_048_576, 16_777_216,
];

/// Counts of values by length in characters.
#[derive(Debug, Default)]
pub(crate) struct Lengths {
    exact: Vec<u64>,
    above: BTreeMap<u64, u64>,
    /// The longest value.
    pub(crate) longest: u64,
}

impl Lengths {
    /// Counts a value.
    pub(crate) fn add(&mut self, text: &str) {
        let length = if text.is_ascii() { text.len() } else { text.chars().count() };
        self.longest = self.longest.max(length as u64);
        if length <= EXACT {
            if self.exact.len() <= length {
                self.exact.resize(length + 1, 0);
            }
            if let Some(count) = self.exact.get_mut(length) {
                *count += 1;
            }
        } else {
            let length = length as u64;
            let bound = BOUNDS.iter().copied().find(|bound| *bound >= length).unwrap_or(length);
            *self.above.entry(bound).or_insert(0) += 1;
        }
    }

    /// Pairs of a length and the number of values up to it and above the pair before. A pair without values stands before each run of
    /// lengths that no value has, so that every count up to 1,024 is exact.
    pub(crate) fn pairs(&self) -> Vec<(u64, u64)> {
        let mut pairs: Vec<(u64, u64)> = Vec::new();
        let mut add = |bound: u64, count: u64| {
            let below = pairs.last().map_or(0, |(bound, _)| *bound);
            if bound > below + 1 {
                pairs.push((bound - 1, 0));
            }
            pairs.push((bound, count));
        };
        for (length, count) in self.exact.iter().enumerate().skip(1) {
            if *count > 0 {
                add(length as u64, *count);
            }
        }
        for (bound, count) in &self.above {
            let floor = BOUNDS.iter().rev().copied().find(|b| b < bound).unwrap_or(EXACT as u64);
            let last = pairs.last().map_or(0, |(bound, _)| *bound);
            if floor > last {
                pairs.push((floor, 0));
            }
            pairs.push(((*bound).min(self.longest), *count));
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use cutover_catalog::inventory::{FieldProfile, Longer};

    use super::Lengths;

    #[test]
    fn counts_above_a_limit_are_exact_where_they_can_be() {
        let mut lengths = Lengths::default();
        let all = [1, 1, 3, 150, 151, 255, 1024, 1025, 1300, 5000, 5001, 70_000, 20_000_000];
        for length in all {
            lengths.add(&"x".repeat(length));
        }
        let profile = FieldProfile {
            longest: Some(lengths.longest),
            lengths: lengths.pairs(),
            ..FieldProfile::default()
        };
        assert!(profile.lengths.is_sorted_by(|a, b| a.0 < b.0));
        for limit in [
            0, 1, 2, 3, 4, 149, 150, 151, 254, 255, 256, 1000, 1024, 5000, 65_535, 65_536, 16_777_216,
            20_000_000,
        ] {
            let longer = all.iter().filter(|length| **length > limit).count() as u64;
            assert_eq!(profile.longer_than(limit as u64), Longer::Exactly(longer), "{limit}");
        }
        assert!(matches!(profile.longer_than(1100), Longer::AtLeast(_)));
    }
}
