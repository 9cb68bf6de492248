//! Whether a condition lets through at least what another one does, by what both say.
//!
//! Sound, not complete: "yes" is always right. Which statuses are unfinished is asked of the plans' schemas; what only a catalog knows is not, and
//! of conditions that take too long nothing is said.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use cutover_plan::Plan;

/// How many steps are taken before nothing is said.
const MOST: usize = 20_000;

/// Whether statuses are unfinished, by their names. One that is not the same everywhere says nothing.
#[derive(Debug, Default)]
pub(crate) struct Classes(BTreeMap<String, Option<StatusClass>>);

impl Classes {
    /// What the schemas of some plans say.
    pub(crate) fn of(plans: [&Plan; 2]) -> Classes {
        let mut classes: BTreeMap<String, Option<StatusClass>> = BTreeMap::new();
        let domains =
            plans.into_iter().flat_map(|plan| plan.schemas.values()).flat_map(|one| one.domains.values());
        for option in domains.flatten() {
            let Some(class) = option.class else { continue };
            let known = classes.entry(option.name.clone()).or_insert(Some(class));
            if *known != Some(class) {
                *known = None;
            }
        }
        Classes(classes)
    }

    fn get(&self, value: &Literal) -> Option<StatusClass> {
        let Literal::Text(status) = value else { return None };
        self.0.get(status).copied().flatten()
    }
}

/// Whether each record for which `narrow` holds is one for which `wide` holds.
pub(crate) fn is_within(narrow: &Predicate, wide: &Predicate, classes: &Classes) -> bool {
    // There is a counterexample, or there is none. What must not hold leaves less to try of what must.
    let mut steps = MOST;
    !can_hold(&[(wide, false), (narrow, true)], &mut Vec::new(), &mut steps, classes)
}

/// Whether some record may satisfy all that is still open and all that is known.
fn can_hold<'p>(
    open: &[(&'p Predicate, bool)],
    known: &mut Vec<(&'p Atom, bool)>,
    steps: &mut usize,
    classes: &Classes,
) -> bool {
    *steps = steps.saturating_sub(1);
    if *steps == 0 {
        return true;
    }
    let Some(((first, sign), rest)) = open.split_first() else {
        return !known.iter().any(|(atom, sign)| *sign && is_used_up(atom, known, classes));
    };
    match first {
        Predicate::Const(value) => value == sign && can_hold(rest, known, steps, classes),
        Predicate::Not(inner) => {
            let mut all = vec![(inner.as_ref(), !sign)];
            all.extend(rest);
            can_hold(&all, known, steps, classes)
        }
        Predicate::Atom(atom) => {
            if known.iter().any(|(other, told)| excludes((atom, *sign), (other, *told), classes)) {
                return false;
            }
            known.push((atom, *sign));
            let holds = can_hold(rest, known, steps, classes);
            known.pop();
            holds
        }
        Predicate::All(parts) | Predicate::Any(parts) => {
            // All of them hold, or none of any.
            if matches!(first, Predicate::All(_)) == *sign {
                let mut all: Vec<_> = parts.iter().map(|part| (part, *sign)).collect();
                all.extend(rest);
                return can_hold(&all, known, steps, classes);
            }
            parts.iter().any(|part| {
                let mut all = vec![(part, *sign)];
                all.extend(rest);
                can_hold(&all, known, steps, classes)
            })
        }
    }
}

/// Whether two comparisons cannot both be as told.
fn excludes((a, is_a): (&Atom, bool), (b, is_b): (&Atom, bool), classes: &Classes) -> bool {
    if a.field != b.field {
        return false;
    }
    match (is_a, is_b) {
        (true, false) => implies(&a.test, &b.test, classes),
        (false, true) => implies(&b.test, &a.test, classes),
        (true, true) => {
            matches!(
                (&a.test, &b.test),
                // What is compared or held is not missing.
                (Test::Empty, Test::Has(_)) | (Test::Has(_), Test::Empty)
            ) || matches!((&a.test, limit(&b.test)), (Test::Empty, Some(_)))
                || matches!((limit(&a.test), &b.test), (Some(_), Test::Empty))
        }
        (false, false) => false,
    }
}

/// Whether a field that passes one test passes another one.
fn implies(narrow: &Test, wide: &Test, classes: &Classes) -> bool {
    if narrow == wide {
        return true;
    }
    if let (Test::OneOf(some), _) = (narrow, wide) {
        return some.iter().all(|value| passes(value, wide, classes) == Some(true));
    }
    let (Some((above, at, strict)), Some((wide_above, limit, wide_strict))) = (limit(narrow), limit(wide))
    else {
        return false;
    };
    let Some(order) = order(at, limit).filter(|_| above == wide_above) else { return false };
    match if above { order } else { order.reverse() } {
        Ordering::Greater => true,
        Ordering::Equal => strict || !wide_strict,
        Ordering::Less => false,
    }
}

/// Whether each value that a test leaves is ruled out by what else is known of the field.
fn is_used_up(atom: &Atom, known: &[(&Atom, bool)], classes: &Classes) -> bool {
    let Test::OneOf(values) = &atom.test else { return false };
    values.iter().all(|value| {
        known.iter().any(|(other, sign)| {
            other.field == atom.field && passes(value, &other.test, classes) == Some(!sign)
        })
    })
}

/// Whether a field that equals a constant passes a test; none where that depends on more.
fn passes(value: &Literal, test: &Test, classes: &Classes) -> Option<bool> {
    match test {
        Test::OneOf(values) if values.contains(value) => Some(true),
        // A number that is quoted equals one that is not.
        Test::OneOf(values) => {
            let text = |value: &Literal| matches!(value, Literal::Text(_));
            (text(value) && values.iter().all(text)).then_some(false)
        }
        Test::Empty => match value {
            Literal::Text(text) if text.is_empty() => None,
            _ => Some(false),
        },
        Test::Class(class) => Some(classes.get(value)? == *class),
        Test::Has(_) | Test::Word(_) => None,
        _ => {
            let (above, limit, strict) = limit(test)?;
            let order = order(value, limit)?;
            Some(match if above { order } else { order.reverse() } {
                Ordering::Greater => true,
                Ordering::Equal => !strict,
                Ordering::Less => false,
            })
        }
    }
}

/// A bound: whether values lie above it, the bound, and whether it is no such value itself.
fn limit(test: &Test) -> Option<(bool, &Literal, bool)> {
    Some(match test {
        Test::AtLeast(limit) | Test::Since(limit) => (true, limit, false),
        Test::MoreThan(limit) => (true, limit, true),
        Test::AtMost(limit) => (false, limit, false),
        Test::LessThan(limit) | Test::Before(limit) => (false, limit, true),
        Test::OneOf(_) | Test::Has(_) | Test::Empty | Test::Class(_) | Test::Word(_) => return None,
    })
}

/// The order of two constants of one sort.
fn order(a: &Literal, b: &Literal) -> Option<Ordering> {
    match (a, b) {
        (Literal::Number(a), Literal::Number(b)) => Some(a.cmp(b)),
        (Literal::Date(a), Literal::Date(b)) => Some(a.cmp(b)),
        (Literal::Instant(a), Literal::Instant(b)) => Some(a.cmp(b)),
        (Literal::Duration(a), Literal::Duration(b)) if a.base == b.base => {
            Some(a.nominal_seconds().cmp(&b.nominal_seconds()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
    use cutover_ir::quantity::Decimal;

    use super::Classes;

    fn is_within(narrow: &Predicate, wide: &Predicate) -> bool {
        super::is_within(narrow, wide, &Classes::default())
    }

    fn atom(field: &str, test: Test) -> Predicate {
        Predicate::Atom(Atom { field: field.to_owned(), test })
    }

    fn is(field: &str, values: &[&str]) -> Predicate {
        atom(field, Test::OneOf(values.iter().map(|value| Literal::Text((*value).to_owned())).collect()))
    }

    fn not(inner: Predicate) -> Predicate {
        Predicate::Not(Box::new(inner))
    }

    fn number(n: i64) -> Literal {
        Literal::Number(Decimal::from(n))
    }

    #[test]
    fn what_lets_through_less_is_within_and_not_the_other_way_round() {
        use Predicate::{All, Any};
        let open = || atom("status", Test::Class(StatusClass::Unfinished));
        let urgent = || is("priority", &["Urgent"]);
        let both = || is("priority", &["Urgent", "High"]);
        let cases = [
            (All(vec![open(), urgent()]), open()),
            (urgent(), both()),
            (urgent(), Any(vec![open(), urgent()])),
            (All(vec![urgent(), open()]), All(vec![open(), both()])),
            (urgent(), not(is("priority", &["Low"]))),
            (not(both()), not(urgent())),
            (All(vec![both(), not(is("priority", &["High"]))]), both()),
            (atom("age", Test::AtLeast(number(9))), atom("age", Test::MoreThan(number(8)))),
            (atom("age", Test::LessThan(number(9))), atom("age", Test::AtMost(number(9)))),
            (atom("age", Test::OneOf(vec![number(3)])), atom("age", Test::AtMost(number(9)))),
            (is("group", &["a"]), not(atom("group", Test::Empty))),
            // Distributed over both sides.
            (
                All(vec![open(), Any(vec![urgent(), is("group", &["a"])])]),
                Any(vec![All(vec![open(), both()]), All(vec![open(), is("group", &["a", "b"])])]),
            ),
            (Predicate::Const(false), open()),
            (open(), Predicate::Const(true)),
        ];
        for (narrow, wide) in cases {
            assert!(is_within(&narrow, &wide), "{narrow:?} {wide:?}");
            assert!(!is_within(&wide, &narrow), "{wide:?} {narrow:?}");
            assert!(is_within(&wide, &wide));
            // The opposites the other way round.
            assert!(is_within(&not(wide.clone()), &not(narrow.clone())), "{narrow:?} {wide:?}");
        }
    }

    #[test]
    fn statuses_are_within_their_class() {
        use StatusClass::{Finished, Unfinished};
        let some = [("Open", Some(Unfinished)), ("Done", Some(Finished)), ("Held", None)];
        let classes = Classes(some.map(|(name, class)| (name.to_owned(), class)).into());
        let class = |class| atom("status", Test::Class(class));
        let within = |narrow: &Predicate, wide: &Predicate| super::is_within(narrow, wide, &classes);
        let open = is("status", &["Open"]);
        assert!(within(&open, &class(Unfinished)) && !within(&class(Unfinished), &open));
        assert!(within(&open, &not(class(Finished))) && within(&class(Finished), &not(open.clone())));
        assert!(!within(&is("status", &["Open", "Done"]), &class(Unfinished)));
        // What differs between desks, or is in no schema.
        assert!(!within(&is("status", &["Held"]), &class(Unfinished)));
        assert!(!within(&is("status", &["Other"]), &not(class(Finished))));
        assert!(!super::is_within(&open, &class(Unfinished), &Classes::default()));
    }

    #[test]
    fn what_means_the_same_is_within_both_ways() {
        use Predicate::{All, Any};
        let (a, b) = (is("a", &["x", "y"]), is("b", &["z"]));
        let cases = [
            (All(vec![a.clone(), b.clone()]), All(vec![b.clone(), a.clone()])),
            (a.clone(), Any(vec![is("a", &["y"]), is("a", &["x"])])),
            (not(All(vec![a.clone(), b.clone()])), Any(vec![not(a.clone()), not(b.clone())])),
        ];
        for (one, other) in cases {
            assert!(is_within(&one, &other) && is_within(&other, &one), "{one:?} {other:?}");
        }
        assert!(!is_within(&a, &b) && !is_within(&b, &a));
        // A number and its text may be one value; a list may hold both.
        let text = is("n", &["1"]);
        let same = atom("n", Test::OneOf(vec![number(1)]));
        assert!(!is_within(&text, &not(same)));
        let has = |tag: &str| atom("tags", Test::Has(Literal::Text(tag.to_owned())));
        assert!(!is_within(&has("a"), &not(has("b"))));
    }

    #[test]
    fn of_what_takes_too_long_nothing_is_said() {
        let some =
            |n: usize| Predicate::Any((0..4).map(|m| is(&format!("{n}"), &[&format!("{m}")])).collect());
        let large = Predicate::All((0..40).map(some).collect());
        assert!(!is_within(&large, &is("other", &["x"])));
        assert!(is_within(&large, &some(0)));
    }
}
