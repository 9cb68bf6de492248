//! Conditions outside of the scope that no record can fulfil: a check of them passes whatever happens, a cleaning does nothing, an
//! export reads nothing. Requirements of maps are looked at in [`crate::rejects`].

use std::collections::BTreeMap;

use cutover_analysis::world::KindView;
use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::measure::{self, Condition, Measure};
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{Content, Selection, Verb};

use super::{Line, space, taken, whole};
use crate::space::diagram::NONE;
use crate::{Facts, fields};

/// Looks at every condition over records that is neither of the scope nor of a wave.
pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(source) = facts.world.source() else { return };
    let mut imported: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    for (id, item) in facts.items() {
        if let Content::Scope(part) = &item.content
            && part.verb == Verb::Import
        {
            imported.entry(&part.kind).or_default().push(Line { id, which: &part.which, imported: true });
        }
    }
    if let Some(tickets) = source.tickets() {
        let never = facts.awaited.iter().filter(|(_, condition)| is_empty(facts, tickets, condition, None));
        out.extend(never.map(|(at, _)| {
            Diagnostic::error("sla/never-done", "a clock is done by what cannot happen")
                .primary(
                    *at,
                    format!("no {} can fulfil this, so that the clock is never done", tickets.title()),
                )
                .help("its parts exclude each other; say by what a promise is kept: `done if answered`")
        }));
    }
    for (id, item) in facts.items() {
        match &item.content {
            Content::Check(one) => pass(facts, id, &one.pass, &imported, out),
            Content::Criterion(one) | Content::Objective(one) => pass(facts, id, &one.pass, &imported, out),
            Content::Trigger(one) => out.extend(measured(facts, id, &one.fires, &imported)),
            Content::Watch(one) => {
                let alerts = measure::each(&one.alerts).into_iter();
                out.extend(
                    alerts.filter_map(|(name, alert)| measured(facts, &id.child(&name), alert, &imported)),
                );
            }
            Content::Clean(clean) => {
                for step in &clean.steps {
                    let Some((kind, scope)) = source.kind(&step.kind).zip(step.scope.as_ref()) else {
                        continue;
                    };
                    if is_empty(facts, kind, scope, None)
                        && let Some(at) = facts.clause(&step.id, "where").or_else(|| facts.place(&step.id))
                    {
                        out.push(no_step(at, kind));
                    }
                }
            }
            Content::Export(export) => {
                for part in &export.parts {
                    let Selection::Where(condition) = &part.which else { continue };
                    if let Some(kind) = source.kind(&part.kind)
                        && is_empty(facts, kind, condition, None)
                        && let Some(at) = facts.place(&part.id)
                    {
                        out.push(no_part(at, kind));
                    }
                }
            }
            _ => {}
        }
    }
}

fn pass(
    facts: &Facts<'_>,
    id: &Id,
    pass: &[Condition],
    imported: &BTreeMap<&str, Vec<Line<'_>>>,
    out: &mut Vec<Diagnostic>,
) {
    for (name, measure) in measure::named(pass) {
        out.extend(measured(facts, &id.child(&name), measure, imported));
    }
}

/// A measured condition over records that there cannot be, or of which none comes along.
fn measured(
    facts: &Facts<'_>,
    id: &Id,
    measure: &Measure,
    imported: &BTreeMap<&str, Vec<Line<'_>>>,
) -> Option<Diagnostic> {
    let scope = measure.scope.as_ref()?;
    let source = facts.world.source()?;
    let kind = match measure.of.first() {
        Some(_) => measure.of.iter().find_map(|name| source.kind(name))?,
        None => source.tickets()?,
    };
    let at = facts.place(id)?;
    let plural = kind.plural.replace('_', " ");
    if is_empty(facts, kind, scope, None) {
        return Some(
            Diagnostic::error("checks/no-such-record", "a condition counts records that there cannot be")
                .primary(
                    at,
                    format!("no {} can fulfil this, so that it counts none, whatever happens", kind.title()),
                )
                .help("its parts exclude each other; correct the condition behind `where`"),
        );
    }
    let come = imported.get(kind.name)?;
    // What stays behind is not missing in the new desk.
    let about_new =
        matches!(measure.metric.as_str(), "missing" | "differing" | "misrouted" | "lost_assignees");
    (about_new && kind.kind.part == Part::Ticket && is_empty(facts, kind, scope, Some(come))).then(|| {
        Diagnostic::error(
            "checks/no-such-record#left-behind",
            "a condition counts records that there cannot be",
        )
        .primary(at, format!("none of these {plural} is imported, so that it counts none, whatever happens"))
        .help("ask about what comes along; `scope` says which that is")
    })
}

fn no_step(at: Span, kind: &KindView<'_>) -> Diagnostic {
    Diagnostic::error("clean/no-such-record", "a line of the cleaning is about records that there cannot be")
        .primary(at, format!("no {} can fulfil this condition, so that nothing is done", kind.title()))
        .help("its parts exclude each other; correct the condition, or remove the line")
}

fn no_part(at: Span, kind: &KindView<'_>) -> Diagnostic {
    Diagnostic::error("export/nobody", "a line of the export reads records that there cannot be")
        .primary(at, format!("no {} can fulfil this condition", kind.title()))
        .help("its parts exclude each other; correct the condition, or remove the line")
}

/// Whether there can be no record of which a condition is true, among those that some lines take. What is too complex to say may exist.
fn is_empty(
    facts: &Facts<'_>,
    kind: &KindView<'_>,
    condition: &Predicate,
    among: Option<&[Line<'_>]>,
) -> bool {
    if !whole(condition) {
        return false;
    }
    let among = match among {
        None => Predicate::Const(true),
        Some(lines) => match taken(kind, &lines.iter().collect::<Vec<_>>()) {
            Some(taken) => taken,
            None => return false,
        },
    };
    let condition = fields::explained(kind, condition);
    let answer = space(facts, kind, &[&condition, &among]).and_then(|mut space| {
        let (condition, among) = (space.set(&condition)?, space.set(&among)?);
        let possible = space.possible();
        let both = space.and(condition, among)?;
        space.and(both, possible)
    });
    answer.is_ok_and(|set| set == NONE)
}
