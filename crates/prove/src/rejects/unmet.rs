//! Lines of a map that leave out everything, or work that somebody waits for.

use cutover_analysis::world::KindView;
use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};

use super::causes::{Cause, What};
use super::{OfKind, Rejected};
use crate::Facts;
use crate::scope::space;
use crate::space::diagram::{NONE, TooComplex};

/// Reports maps that no record passes, and statuses of unfinished work of which no ticket passes.
/// What follows from a line that is reported is not told: it is taken out of what is rejected.
pub(super) fn check(facts: &Facts<'_>, rejected: &mut Rejected<'_>, out: &mut Vec<Diagnostic>) {
    for of in rejected.kinds.values_mut() {
        // Conditions that are too complex are told where they share out a whole.
        if let Ok(Some(finding)) = everything(facts, of) {
            out.push(finding);
            of.causes.clear();
        } else if of.kind.kind.part == Part::Ticket {
            let told: Vec<Option<Diagnostic>> =
                of.causes.iter().map(|cause| waited_for(facts, of, cause).ok().flatten()).collect();
            let mut reported = told.iter().map(Option::is_some).collect::<Vec<_>>().into_iter();
            of.causes.retain(|_| !reported.next().unwrap_or(false));
            out.extend(told.into_iter().flatten());
        }
    }
}

fn imported(of: &OfKind<'_>) -> Predicate {
    of.imported.clone().unwrap_or(Predicate::Const(true))
}

/// Whether each record that comes along is rejected, by one line or by several together.
fn everything(facts: &Facts<'_>, of: &OfKind<'_>) -> Result<Option<Diagnostic>, TooComplex> {
    let requires: Vec<&Cause> = of.causes.iter().filter(|cause| cause.what == What::Require).collect();
    let whole = imported(of);
    let asked: Vec<&Predicate> =
        requires.iter().map(|cause| &cause.rejected).chain(std::iter::once(&whole)).collect();
    let mut space = space(facts, of.kind, &asked)?;
    let whole = space.set(&whole)?;
    let possible = space.possible();
    let mut left = space.and(whole, possible)?;
    if left == NONE {
        return Ok(None);
    }
    for (at, cause) in requires.iter().enumerate() {
        let set = space.set(&cause.rejected)?;
        left = space.without(left, set)?;
        if left != NONE {
            continue;
        }
        let title = of.kind.title();
        let finding = facts.place(&cause.id).map(|span| {
            let label = if at == 0 {
                format!("no {title} that is imported can fulfil this, so each is rejected")
            } else {
                format!("no {title} that is imported can fulfil this and what is required before")
            };
            Diagnostic::error("map/rejects-all", "a map rejects every record that it is given")
                .primary(span, label)
                .help("its parts exclude each other, or exclude what is imported; correct the condition, or remove the line")
        });
        return Ok(finding);
    }
    Ok(None)
}

/// Whether a line rejects all imported tickets of a status in which work is left to do.
fn waited_for(facts: &Facts<'_>, of: &OfKind<'_>, cause: &Cause) -> Result<Option<Diagnostic>, TooComplex> {
    let kind = of.kind;
    let Some(states) = kind.state_field() else { return Ok(None) };
    let whole = imported(of);
    let is = |name: &str| {
        let test = Test::OneOf(vec![Literal::Text(name.to_owned())]);
        Predicate::Atom(Atom { field: states.field.to_string(), test })
    };
    let open: Vec<(&str, Predicate)> = kind
        .states()
        .filter(|(name, state)| state.class == StatusClass::Unfinished && records(kind, name) != Some(0))
        .map(|(name, _)| (name, is(name)))
        .collect();
    let asked: Vec<&Predicate> = open.iter().map(|(_, is)| is).chain([&cause.rejected, &whole]).collect();
    let mut space = space(facts, kind, &asked)?;
    let (rejected, whole, possible) = (space.set(&cause.rejected)?, space.set(&whole)?, space.possible());
    let whole = space.and(whole, possible)?;
    let mut all = Vec::new();
    for (name, is) in &open {
        let is = space.set(is)?;
        let tickets = space.and(whole, is)?;
        if tickets != NONE && space.without(tickets, rejected)? == NONE {
            all.push(format!("\"{name}\""));
        }
    }
    let Some(at) = facts.place(&cause.id).filter(|_| !all.is_empty()) else { return Ok(None) };
    let plural = kind.plural.replace('_', " ");
    let names = crate::scope::words::joined(&all);
    Ok(Some(
        Diagnostic::error("map/rejects-unfinished", "a map rejects tickets on which work is left to do")
            .primary(at, format!("all {plural} with status {names} are rejected here"))
            .note("whoever wrote them waits for an answer that nobody will give: what is rejected is not in the new desk")
            .help(format!("let them through; or decide about them in `scope`: archive {plural} with an owner and a reason")),
    ))
}

fn records(kind: &KindView<'_>, status: &str) -> Option<u64> {
    kind.profile
        .filter(|profile| !profile.by_status.is_empty())
        .map(|profile| profile.by_status.get(status).copied().unwrap_or(0))
}
