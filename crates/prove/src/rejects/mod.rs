//! Records that the maps themselves reject, against what triggers, checks and criteria tolerate: a condition that the spec's own lines
//! break tells nobody anything.
//!
//! What is rejected is read from `require`, from rows with `when missing reject` and from translations; how much of it there is, from the
//! inventory. Where an inventory counts field by field, only what surely meets is counted (see [`floor`]); a condition that tolerates none
//! is broken by one record that can be both.

mod causes;
mod floor;
mod told;
mod unmet;

use std::collections::BTreeMap;

use cutover_analysis::metrics::{self, Unit};
use cutover_analysis::world::KindView;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::measure::{Bound, Comparison, Condition, Measure, Over, named};
use cutover_ir::predicate::Predicate;
use cutover_ir::quantity::Decimal;
use cutover_plan::model::{Content, Selection, Verb};

use self::causes::Cause;
use crate::scope::space;
use crate::space::diagram::{NONE, TooComplex};
use crate::{Facts, fields};

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    // What stands in the place of a value may still be open.
    if facts.plan.unfinished.holes > 0 {
        return;
    }
    let mut rejected = Rejected::of(facts);
    if rejected.kinds.is_empty() {
        return;
    }
    let told = out.len();
    unmet::check(facts, &mut rejected, out);
    let mut generated = Vec::new();
    // What is said of the map is not said again at a condition that nobody wrote.
    let mut found = out.len() > told;
    for (id, item) in facts.items() {
        let (conditions, fires, given): (&[Condition], _, _) = match &item.content {
            Content::Trigger(trigger) => {
                let finding =
                    facts.place(id).and_then(|at| broken(facts, &rejected, &trigger.fires, at, true));
                found |= finding.is_some();
                out.extend(finding);
                continue;
            }
            Content::Criterion(goal) | Content::Objective(goal) => (&goal.pass, false, false),
            Content::Check(check) => (&check.pass, false, check.generated),
            _ => continue,
        };
        for (name, measure) in named(conditions) {
            let Some(at) = facts.place(&id.child(&name)) else { continue };
            let finding = broken(facts, &rejected, measure, at, fires);
            if given {
                generated.extend(finding);
            } else {
                found |= finding.is_some();
                out.extend(finding);
            }
        }
    }
    // A check that a small team is given is told when nothing that somebody wrote says the same.
    if !found {
        out.extend(generated.into_iter().next());
    }
}

/// What the maps reject, by kind of the source.
struct Rejected<'a> {
    kinds: BTreeMap<&'a str, OfKind<'a>>,
}

struct OfKind<'a> {
    kind: &'a KindView<'a>,
    causes: Vec<Cause>,
    /// Which records come along; `None` when no condition says so.
    imported: Option<Predicate>,
}

impl<'a> Rejected<'a> {
    fn of(facts: &Facts<'a>) -> Rejected<'a> {
        let mut kinds: BTreeMap<&'a str, OfKind<'a>> = BTreeMap::new();
        let Some(source) = facts.world.source() else { return Rejected { kinds } };
        for (_, item) in facts.items() {
            let Content::Map(map) = &item.content else { continue };
            let Some(kind) = source.kind(&map.source) else { continue };
            let found = causes::of(facts, kind, map);
            if found.is_empty() {
                continue;
            }
            let Some(imported) = imported(facts, kind) else { continue };
            let entry =
                kinds.entry(kind.name).or_insert_with(|| OfKind { kind, causes: Vec::new(), imported });
            entry.causes.extend(found);
        }
        Rejected { kinds }
    }
}

/// Which records of a kind come along, `None` when none do. The inner `None` says that no condition tells.
#[expect(clippy::option_option, reason = "none at all and none that is known are two answers")]
fn imported(facts: &Facts<'_>, kind: &KindView<'_>) -> Option<Option<Predicate>> {
    let mut any = Vec::new();
    let mut known = true;
    for (_, item) in facts.items() {
        let Content::Scope(part) = &item.content else { continue };
        if part.verb != Verb::Import || part.kind != kind.name {
            continue;
        }
        match &part.which {
            // Of what travels with a kind, only the part comes along whose holder does.
            Selection::All if part.with_kind.is_none() => any.push(Predicate::Const(true)),
            Selection::Where(condition) | Selection::Rest(condition) => {
                any.push(fields::explained(kind, condition))
            }
            Selection::All | Selection::Named(_) | Selection::RestNamed(_) => {
                known = false;
                any.push(Predicate::Const(true));
            }
        }
    }
    if any.is_empty() {
        return None;
    }
    let one = if any.len() == 1 { any.pop() } else { Some(Predicate::Any(any)) };
    Some(one.filter(|_| known))
}

/// What is certain about the records of a cause that a measure counts.
struct Certain {
    /// So many at least.
    least: u64,
    /// Whether all that the cause rejects count.
    all: bool,
}

/// What a measure surely counts of a cause; `None` when it counts none of it.
fn certain(facts: &Facts<'_>, of: &OfKind<'_>, cause: &Cause, scope: Option<&Predicate>) -> Option<Certain> {
    let kind = of.kind;
    let scope = scope.map(|scope| fields::explained(kind, scope));
    let others: Vec<&Predicate> = of.imported.iter().chain(scope.as_ref()).collect();
    let unknown = of.imported.is_none();
    let answer = || -> Result<Option<Certain>, TooComplex> {
        let asked: Vec<&Predicate> = others.iter().copied().chain([&cause.rejected]).collect();
        let mut space = space(facts, kind, &asked)?;
        let set = space.set(&cause.rejected)?;
        let possible = space.possible();
        let set = space.and(set, possible)?;
        let sets = others.iter().map(|other| space.set(other)).collect::<Result<Vec<_>, _>>()?;
        let (mut both, mut counted) = (set, set);
        let mut floors = vec![cause.least];
        for (at, (other, other_set)) in others.iter().zip(&sets).enumerate() {
            // What the conditions behind it say anyway takes nothing away.
            let mut rest = counted;
            for later in sets.iter().skip(at + 1) {
                rest = space.and(rest, *later)?;
            }
            both = space.and(both, *other_set)?;
            if space.without(rest, *other_set)? != NONE {
                floors.push(floor::floor(kind, other));
                counted = space.and(counted, *other_set)?;
            }
        }
        if both == NONE {
            return Ok(None);
        }
        let all = floors.len() == 1 && !unknown;
        let least = match kind.count() {
            _ if all => cause.least,
            _ if unknown => 0,
            Some(total) => floor::together(total, floors.into_iter()),
            None => 0,
        };
        Ok(Some(Certain { least, all }))
    };
    answer().unwrap_or(Some(Certain { least: 0, all: false }))
}

/// What a measure says about the records that are rejected.
fn broken(
    facts: &Facts<'_>,
    rejected: &Rejected<'_>,
    measure: &Measure,
    at: Span,
    fires: bool,
) -> Option<Diagnostic> {
    let share = match measure.metric.as_str() {
        "missing" => matches!(measure.bound, Bound::Percent(_)),
        "failed_imports" | "import_success" => true,
        _ => return None,
    };
    // Of a sample, nobody knows which records are in it.
    if measure.sample.is_some()
        || metrics::find(&measure.metric).is_none_or(|metric| metric.unit == Unit::Duration)
    {
        return None;
    }
    let mut worst: Option<told::Told<'_>> = None;
    for of in rejected.kinds.values().filter(|of| concerns(facts, measure, of.kind)) {
        let Some(total) = of.kind.count().filter(|total| *total > 0) else { continue };
        for cause in of.causes.iter().filter(|cause| cause.least > 0) {
            let Some(certain) = certain(facts, of, cause, measure.scope.as_ref()) else { continue };
            let counted = counted(certain.least, share.then_some(total));
            let surely = certain.least > 0 && exceeds(measure, counted, fires);
            if !surely && !tolerates_none(measure, fires) {
                continue;
            }
            let rank = (certain.least, cause.least);
            if worst.as_ref().is_none_or(|worst| rank > worst.rank()) {
                worst = Some(told::Told { kind: of.kind, cause, certain, total, share });
            }
        }
    }
    worst.map(|worst| worst.diagnostic(facts, measure, at, fires))
}

/// Whether a measure counts records of a kind. A share without a kind is taken of all that is loaded: of tickets, and of kinds that alone
/// are as many as it asks for.
fn concerns(facts: &Facts<'_>, measure: &Measure, kind: &KindView<'_>) -> bool {
    if !measure.of.is_empty() {
        let source = facts.world.source();
        return measure.of.iter().any(|name| {
            source.and_then(|source| source.kind(name)).is_some_and(|named| named.name == kind.name)
        });
    }
    kind.kind.part == cutover_catalog::Part::Ticket
        || match measure.over {
            Some(Over::Records(least)) => kind.count().is_some_and(|count| count >= least),
            _ => false,
        }
}

/// One, in the steps in which numbers are compared.
const ONE: i128 = 10_i128.pow(Decimal::MAX_SCALE as u32);

/// A number of records, or their share in percent, in steps of 10^-18.
fn counted(records: u64, of: Option<u64>) -> i128 {
    match of {
        None => i128::from(records) * ONE,
        Some(total) => i128::from(records) * 100 * ONE / i128::from(total.max(1)),
    }
}

/// Whether so many rejected ones make a trigger fire, or a condition fail.
fn exceeds(measure: &Measure, counted: i128, fires: bool) -> bool {
    let (Bound::Number(bound) | Bound::Percent(bound)) = &measure.bound else { return false };
    let bound = bound.scaled(Decimal::MAX_SCALE);
    // What succeeds falls as what is rejected grows.
    if measure.metric == "import_success" {
        let failed = 100 * ONE - bound;
        return match measure.comparison {
            Comparison::AtLeast | Comparison::Is => !fires && counted > failed,
            Comparison::MoreThan => !fires && counted >= failed,
            Comparison::LessThan => fires && counted > failed,
            Comparison::AtMost => fires && counted >= failed,
        };
    }
    match measure.comparison {
        Comparison::AtMost | Comparison::Is => !fires && counted > bound,
        Comparison::LessThan => !fires && counted >= bound,
        Comparison::MoreThan => fires && counted > bound,
        Comparison::AtLeast => fires && counted >= bound,
    }
}

/// A condition that tolerates none: one record is enough, or the smallest share that there is.
fn tolerates_none(measure: &Measure, fires: bool) -> bool {
    match measure.bound {
        Bound::Number(_) => exceeds(measure, ONE, fires),
        Bound::Percent(_) => exceeds(measure, 1, fires),
        _ => false,
    }
}

/// The line of a cause, or what is around it.
fn place(facts: &Facts<'_>, id: &Id) -> Option<Span> {
    facts.place(id)
}
