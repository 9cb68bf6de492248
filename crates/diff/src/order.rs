//! Which of two safeguards is the stronger one.

use std::cmp::Ordering;

use cutover_ir::measure::{Bound, Comparison, Measure, Over, Sample};
use cutover_ir::predicate::Predicate;
use cutover_ir::quantity::Duration;

use crate::subset::{Classes, is_within};

/// What a measure is for: the same number is strict in a criterion and lax in a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It must hold.
    Holds,
    /// It stops or alerts when it holds.
    Fires,
}

/// How two safeguards relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// They are the same.
    Same,
    /// The newer one is weaker.
    Weaker,
    /// The newer one is stronger.
    Stronger,
    /// Neither: they guard against different things, or one part is weaker and another stronger.
    Other,
}

impl Strength {
    /// `Greater` means that the newer one is stronger.
    pub(crate) fn of(order: Ordering) -> Strength {
        match order {
            Ordering::Less => Strength::Weaker,
            Ordering::Equal => Strength::Same,
            Ordering::Greater => Strength::Stronger,
        }
    }

    /// Both at once.
    pub(crate) fn and(self, other: Strength) -> Strength {
        match (self, other) {
            (Strength::Same, any) | (any, Strength::Same) => any,
            (a, b) if a == b => a,
            _ => Strength::Other,
        }
    }

    fn reversed(self) -> Strength {
        match self {
            Strength::Weaker => Strength::Stronger,
            Strength::Stronger => Strength::Weaker,
            same => same,
        }
    }
}

/// Numbers that are read and not counted up: over a longer time they need not be larger.
const LEVELS: [&str; 2] = ["backlog", "waiting_changes"];

/// How a newer measure relates to an older one of the same metric.
pub(crate) fn measures(old: &Measure, new: &Measure, purpose: Purpose, classes: &Classes) -> Strength {
    let Measure { metric, statistic, of, scope, sample, comparison, bound, over, within } = old;
    if *metric != new.metric || *statistic != new.statistic {
        return Strength::Other;
    }
    // Over fewer records, kinds or samples less is seen, whatever the measure is for.
    let covered = sets(of, &new.of)
        .and(scopes(scope.as_ref(), new.scope.as_ref(), classes))
        .and(sampled(sample.as_ref(), new.sample.as_ref()));
    let bounds = bounds(*comparison, bound, new.comparison, &new.bound);
    let bounds = if purpose == Purpose::Fires { bounds.reversed() } else { bounds };
    let span = if over == &new.over { Strength::Same } else { spans(old, new, purpose) };
    let deadline = match (within, &new.within) {
        (a, b) if a == b => Strength::Same,
        (Some(a), Some(b)) => shorter(*a, *b),
        _ => Strength::Other,
    };
    covered.and(bounds).and(span).and(deadline)
}

/// Whoever looks at fewer records sees less.
fn scopes(old: Option<&Predicate>, new: Option<&Predicate>, classes: &Classes) -> Strength {
    let all = Predicate::Const(true);
    let (old, new) = (old.unwrap_or(&all), new.unwrap_or(&all));
    if old == new {
        return Strength::Same;
    }
    match (is_within(new, old, classes), is_within(old, new, classes)) {
        (true, true) => Strength::Same,
        (true, false) => Strength::Weaker,
        (false, true) => Strength::Stronger,
        (false, false) => Strength::Other,
    }
}

/// A share or a mean over more records or a longer time moves later. A count grows with them: over less it fires for less, and what must stay
/// below a number is easier to meet.
fn spans(old: &Measure, new: &Measure, purpose: Purpose) -> Strength {
    let less = match (&old.over, &new.over) {
        (Some(Over::Records(old)), Some(Over::Records(new))) => smaller(old, new),
        (Some(Over::Time(old)), Some(Over::Time(new))) => shorter(*old, *new),
        _ => return Strength::Other,
    };
    if !matches!(old.bound, Bound::Number(_)) {
        return if purpose == Purpose::Fires { less } else { Strength::Other };
    }
    let is_count = old.statistic.is_none() && !LEVELS.contains(&old.metric.as_str());
    // Whether it is harder to meet.
    let harder = match side(old.comparison) {
        Some(above) if is_count => {
            if above {
                less
            } else {
                less.reversed()
            }
        }
        _ => return Strength::Other,
    };
    if purpose == Purpose::Fires { harder.reversed() } else { harder }
}

/// Whether values above a bound meet it, or those below.
fn side(comparison: Comparison) -> Option<bool> {
    match comparison {
        Comparison::AtMost | Comparison::LessThan => Some(false),
        Comparison::AtLeast | Comparison::MoreThan => Some(true),
        Comparison::Is => None,
    }
}

/// A condition that fewer values meet is the stronger one.
fn bounds(old: Comparison, old_bound: &Bound, new: Comparison, new_bound: &Bound) -> Strength {
    let Some(order) = compare_bounds(old_bound, new_bound) else { return Strength::Other };
    if old == new && order == Ordering::Equal {
        return Strength::Same;
    }
    let (Some(above), Some(same_side)) = (side(old), side(new)) else { return Strength::Other };
    if above != same_side {
        return Strength::Other;
    }
    let by_bound = if above { order } else { order.reverse() };
    let strict = |comparison| matches!(comparison, Comparison::LessThan | Comparison::MoreThan);
    Strength::of(by_bound.then(strict(new).cmp(&strict(old))))
}

fn compare_bounds(old: &Bound, new: &Bound) -> Option<Ordering> {
    match (old, new) {
        (Bound::Number(a), Bound::Number(b)) | (Bound::Percent(a), Bound::Percent(b)) => Some(b.cmp(a)),
        (Bound::Duration(a), Bound::Duration(b)) if a.base == b.base => {
            Some(b.nominal_seconds().cmp(&a.nominal_seconds()))
        }
        (
            Bound::OfBaseline { percent: a, baseline: old },
            Bound::OfBaseline { percent: b, baseline: new },
        ) if old == new => Some(b.cmp(a)),
        _ => None,
    }
}

fn sampled(old: Option<&Sample>, new: Option<&Sample>) -> Strength {
    match (old, new) {
        (None, None) => Strength::Same,
        (None, Some(_)) => Strength::Weaker,
        (Some(_), None) => Strength::Stronger,
        (Some(a), Some(b)) if a.of == b.of => Strength::of(b.count.cmp(&a.count)),
        _ => Strength::Other,
    }
}

/// Several samples: every part of the newer ones is compared with the older one of the same kind.
pub(crate) fn samples(old: &[Sample], new: &[Sample]) -> Strength {
    let sum = |all: &[Sample], of: &str| -> u64 {
        all.iter().filter(|sample| sample.of == of).fold(0, |sum, sample| sum.saturating_add(sample.count))
    };
    old.iter().chain(new).fold(Strength::Same, |strength, sample| {
        strength.and(Strength::of(sum(new, &sample.of).cmp(&sum(old, &sample.of))))
    })
}

/// The set with more members is the stronger one.
pub(crate) fn sets<T: Ord>(old: &[T], new: &[T]) -> Strength {
    let old: std::collections::BTreeSet<&T> = old.iter().collect();
    let new: std::collections::BTreeSet<&T> = new.iter().collect();
    match (old.is_subset(&new), new.is_subset(&old)) {
        (true, true) => Strength::Same,
        (true, false) => Strength::Stronger,
        (false, true) => Strength::Weaker,
        (false, false) => Strength::Other,
    }
}

/// The shorter one is stronger: delays, deadlines, intervals.
pub(crate) fn shorter(old: Duration, new: Duration) -> Strength {
    longer(old, new).reversed()
}

/// The longer one is stronger: how long something is looked after.
pub(crate) fn longer(old: Duration, new: Duration) -> Strength {
    if old == new {
        Strength::Same
    } else if old.base == new.base && old.nominal_seconds() != new.nominal_seconds() {
        Strength::of(new.nominal_seconds().cmp(&old.nominal_seconds()))
    } else {
        Strength::Other
    }
}

/// As a comparison of two values that may be missing: a missing one is the weakest.
pub(crate) fn present<T: Copy + PartialEq>(
    old: Option<T>,
    new: Option<T>,
    both: impl FnOnce(T, T) -> Strength,
) -> Strength {
    match (old, new) {
        (None, None) => Strength::Same,
        (Some(_), None) => Strength::Weaker,
        (None, Some(_)) => Strength::Stronger,
        (Some(a), Some(b)) => both(a, b),
    }
}

/// Larger is stronger.
pub(crate) fn larger<T: Ord>(old: T, new: T) -> Strength {
    Strength::of(new.cmp(&old))
}

/// Smaller is stronger.
pub(crate) fn smaller<T: Ord>(old: T, new: T) -> Strength {
    Strength::of(old.cmp(&new))
}

#[cfg(test)]
mod tests {
    use cutover_ir::measure::{Bound, Comparison, Measure, Over, Sample};
    use cutover_ir::predicate::{Atom, Predicate, StatusClass, Test};
    use cutover_ir::quantity::{Decimal, Duration};

    use super::{Purpose, Strength, samples};
    use crate::subset::Classes;

    fn measures(old: &Measure, new: &Measure, purpose: Purpose) -> Strength {
        super::measures(old, new, purpose, &Classes::default())
    }

    fn measure(comparison: Comparison, n: i64) -> Measure {
        Measure {
            metric: "missing".to_owned(),
            statistic: None,
            of: vec!["tickets".to_owned()],
            scope: None,
            sample: None,
            comparison,
            bound: Bound::Number(Decimal::from(n)),
            over: None,
            within: None,
        }
    }

    fn holds(old: &Measure, new: &Measure) -> Strength {
        let there = measures(old, new, Purpose::Holds);
        // Going back undoes the change.
        assert_eq!(measures(new, old, Purpose::Holds), there.reversed());
        // What is harder to meet fires less often.
        there
    }

    #[test]
    fn a_bound_that_fewer_values_meet_is_stronger_and_fires_less() {
        use Comparison::{AtLeast, AtMost, Is, LessThan, MoreThan};
        let cases = [
            (AtMost, 0, AtMost, 5, Strength::Weaker),
            (AtLeast, 90, AtLeast, 80, Strength::Weaker),
            (AtMost, 5, LessThan, 5, Strength::Stronger),
            (MoreThan, 5, AtLeast, 5, Strength::Weaker),
            (AtMost, 5, AtLeast, 5, Strength::Other),
            (Is, 5, Is, 6, Strength::Other),
            (Is, 5, Is, 5, Strength::Same),
        ];
        for (old, n, new, m, expected) in cases {
            let (old, new) = (measure(old, n), measure(new, m));
            assert_eq!(holds(&old, &new), expected, "{old:?} {new:?}");
            assert_eq!(measures(&old, &new, Purpose::Fires), expected.reversed());
        }
    }

    #[test]
    fn to_look_at_less_is_weaker_for_both_purposes() {
        let all = measure(Comparison::AtMost, 0);
        let sampled = Measure { sample: Some(Sample { count: 50, of: "tickets".to_owned() }), ..all.clone() };
        let open =
            Predicate::Atom(Atom { field: "status".to_owned(), test: Test::Class(StatusClass::Unfinished) });
        let some = Measure { scope: Some(open), ..all.clone() };
        for less in [&sampled, &some] {
            assert_eq!(holds(&all, less), Strength::Weaker);
            assert_eq!(measures(&all, less, Purpose::Fires), Strength::Weaker);
        }
        assert_eq!(holds(&sampled, &some), Strength::Other);
        let within = |days| Measure { within: Some(Duration::civil_days(days)), ..all.clone() };
        assert_eq!(holds(&within(7), &within(14)), Strength::Weaker);
        let sample = |count| [Sample { count, of: "tickets".to_owned() }];
        assert_eq!(samples(&sample(3), &sample(2)), Strength::Weaker);
        assert_eq!(samples(&[], &sample(2)), Strength::Stronger);
    }

    #[test]
    fn a_share_over_more_fires_later_and_a_count_over_less_does() {
        let over = |bound: Bound, over: Over| Measure {
            bound,
            over: Some(over),
            ..measure(Comparison::MoreThan, 5)
        };
        let share = |records| over(Bound::Percent(Decimal::from(5)), Over::Records(records));
        assert_eq!(measures(&share(1000), &share(5000), Purpose::Fires), Strength::Weaker);
        assert_eq!(measures(&share(5000), &share(1000), Purpose::Fires), Strength::Stronger);
        assert_eq!(measures(&share(5000), &share(1000), Purpose::Holds), Strength::Other);
        let count = |days| over(Bound::Number(Decimal::from(5)), Over::Time(Duration::civil_days(days)));
        assert_eq!(measures(&count(2), &count(1), Purpose::Fires), Strength::Weaker);
        assert_eq!(measures(&count(1), &count(2), Purpose::Fires), Strength::Stronger);
        let below = |days| Measure { comparison: Comparison::AtMost, ..count(days) };
        assert_eq!(measures(&below(2), &below(1), Purpose::Holds), Strength::Weaker);
        assert_eq!(measures(&below(1), &below(2), Purpose::Holds), Strength::Stronger);
        // What is read and not counted says nothing of its past.
        let level = |days| Measure { metric: "backlog".to_owned(), ..count(days) };
        assert_eq!(measures(&level(2), &level(1), Purpose::Fires), Strength::Other);
    }
}
