//! The places where two texts differ, so that a case with several errors can be taken apart into cases with one.

/// Each text that is `fixed` with one of the differences to `broken`, in order of place. A difference is a run of lines.
///
/// Lines that are equal in both separate two differences; keep an untouched line between two errors of one case.
#[must_use]
pub fn single_changes(fixed: &str, broken: &str) -> Vec<String> {
    let (fixed, broken): (Vec<&str>, Vec<&str>) =
        (fixed.split_inclusive('\n').collect(), broken.split_inclusive('\n').collect());
    let common = common_lines(&fixed, &broken);
    let ends = common.iter().copied().chain([(fixed.len(), broken.len())]);
    let mut variants = Vec::new();
    let (mut from, mut to) = (0, 0);
    for (next_from, next_to) in ends {
        if from < next_from || to < next_to {
            let before = fixed.iter().take(from);
            let change = broken.iter().take(next_to).skip(to);
            let after = fixed.iter().skip(next_from);
            variants.push(before.chain(change).chain(after).copied().collect());
        }
        (from, to) = (next_from + 1, next_to + 1);
    }
    variants
}

/// A longest common subsequence, as pairs of line numbers. Takes the product of both lengths in time and space: for specs
/// of some hundred lines.
fn common_lines(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut best = vec![0_u32; (a.len() + 1) * width];
    let at = |best: &[u32], i: usize, j: usize| best.get(i * width + j).copied().unwrap_or(0);
    for (i, line) in a.iter().enumerate().rev() {
        for (j, other) in b.iter().enumerate().rev() {
            let value = if line == other {
                at(&best, i + 1, j + 1) + 1
            } else {
                at(&best, i + 1, j).max(at(&best, i, j + 1))
            };
            if let Some(cell) = best.get_mut(i * width + j) {
                *cell = value;
            }
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(line), Some(other)) = (a.get(i), b.get(j)) {
        if line == other {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if at(&best, i + 1, j) >= at(&best, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_has_one_change() {
        let fixed = "a\nb\nc\nd\ne\n";
        assert_eq!(
            single_changes(fixed, "a\nX\nc\ne\nY\n"),
            ["a\nX\nc\nd\ne\n", "a\nb\nc\ne\n", "a\nb\nc\nd\ne\nY\n",]
        );
        assert!(single_changes(fixed, fixed).is_empty());
    }

    #[test]
    fn a_change_may_only_add_or_only_remove() {
        assert_eq!(single_changes("a\nb\n", "b\n"), ["b\n"]);
        assert_eq!(single_changes("a\n", "a\n}"), ["a\n}"]);
        assert_eq!(single_changes("", "x\n"), ["x\n"]);
    }
}
