//! `sla/rule-conflict`.

use cutover_catalog::Part;
use cutover_plan::model::{ClockEffect, Content, Verb};

use super::common::{chosen, names, parts};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "sla/rule-conflict",
    level: Level::Warning,
    summary: "a rule changes what a clock depends on",
    what: "A rebuilt automation touches the status or the priority by which clocks of a policy run or pause",
    why: "The rule moves tickets in and out of promises, and nobody sees why a due time changed",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(tickets) = run.facts.world.source().and_then(|source| source.tickets()) else { return };
    let mut watched: Vec<(String, &str, _)> = Vec::new();
    for (id, item) in run.items("sla") {
        let Content::Sla(sla) = &item.content else { continue };
        if let Some(states) = tickets
            .state_field()
            .filter(|_| sla.states.iter().any(|state| state.effect == ClockEffect::Pauses))
        {
            watched.push((format!("{}.{}", tickets.name, states.field), "pauses by status", id));
        }
        if let Some(applies) = &sla.applies {
            applies.visit_atoms(&mut |atom| {
                if !atom.field.is_empty() {
                    watched.push((format!("{}.{}", tickets.name, atom.field), "is chosen by it", id));
                }
            });
        }
    }
    for (id, scope, _) in parts(run, Part::Automation) {
        // What comes as off is looked at by somebody before it runs.
        if scope.verb != Verb::Recreate || scope.as_what.as_deref() == Some("off") {
            continue;
        }
        let touching: Vec<_> = chosen(run, scope)
            .into_iter()
            .filter_map(|object| {
                let clash = watched.iter().find(|(field, _, _)| object.uses.contains(field))?;
                Some((&*object.name, clash))
            })
            .collect();
        let Some((at, (_, (field, how, sla)))) = run.facts.place(id).zip(touching.first()) else { continue };
        let finding = run
            .found(at, format!("it touches `{field}`"))
            .note(names(touching.iter().map(|(name, _)| *name)));
        let finding = match run.facts.place(sla) {
            Some(place) => finding.secondary(place, *how),
            None => finding,
        };
        run.push(finding.help("rebuild it `as off` until the clocks are proven, or retire it"));
    }
}
