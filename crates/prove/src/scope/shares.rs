//! Parts of one whole: which of them overlap, and what they make together.

use crate::space::Space;
use crate::space::diagram::{NONE, Set, TooComplex};

/// Most overlaps that are told of one whole.
const TOLD: usize = 12;

/// Parts that were joined.
#[derive(Debug)]
pub(crate) struct Joined {
    /// All of them together.
    pub(crate) union: Set,
    /// Pairs of parts that have a record in common: at least one for each part that overlaps an earlier one, as far as they are told.
    pub(crate) overlaps: Vec<(usize, usize)>,
}

/// Joins parts by halves, so that many parts are no more than a few times the work of each.
pub(crate) fn join(space: &mut Space, parts: &[Set]) -> Result<Joined, TooComplex> {
    let mut overlaps = Vec::new();
    let mut level: Vec<(usize, usize, Set)> =
        parts.iter().enumerate().map(|(at, set)| (at, at + 1, *set)).collect();
    while level.len() > 1 {
        let mut joined = Vec::with_capacity(level.len().div_ceil(2));
        for pair in level.chunks(2) {
            let (Some((from, middle, left)), Some((_, to, right))) = (pair.first(), pair.get(1)) else {
                joined.extend(pair.first().copied());
                continue;
            };
            if overlaps.len() < TOLD {
                let both = space.and(*left, *right)?;
                overlaps.extend(pair_of(space, both, parts, (*from, *middle, *to)));
            }
            joined.push((*from, *to, space.or(*left, *right)?));
        }
        level = joined;
    }
    let union = level.first().map_or(NONE, |(_, _, set)| *set);
    overlaps.sort_unstable();
    Ok(Joined { union, overlaps })
}

/// The first parts of both halves that hold a record of both.
fn pair_of(
    space: &Space,
    both: Set,
    parts: &[Set],
    (from, middle, to): (usize, usize, usize),
) -> Option<(usize, usize)> {
    let record = space.path(both)?;
    let holder = |range: std::ops::Range<usize>| {
        range.into_iter().find(|at| parts.get(*at).is_some_and(|part| space.holds(*part, &record)))
    };
    Some((holder(from..middle)?, holder(middle..to)?))
}
