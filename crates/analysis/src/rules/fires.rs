//! Conditions that the spec's own maps and cleaning bring about: a trigger that fires by a default, a check that a clean rule breaks.

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::map::{Map, Row, Source, WhenMissing};
use cutover_ir::measure::{Bound, Comparison, Condition, Measure, named};
use cutover_ir::predicate::{StatusClass, Test};
use cutover_ir::quantity::Decimal;
use cutover_plan::model::{CleanAction, ClockEffect, Content, Verb};

use crate::context::Context;

/// Checks triggers, checks and criteria against what the maps and the cleaning do.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        match &item.content {
            Content::Trigger(trigger) => {
                let Some(at) = cx.draft.places.get(id).copied() else { continue };
                found.extend(owners(cx, &trigger.fires, at));
                found.extend(cleaned(cx, &trigger.fires, at, true));
                found.extend(late(cx, &trigger.fires, at, true));
                found.extend(hidden(cx, &trigger.fires, at, true));
            }
            Content::Criterion(goal) | Content::Objective(goal) => passes(cx, id, &goal.pass, &mut found),
            Content::Check(check) => passes(cx, id, &check.pass, &mut found),
            _ => {}
        }
    }
    cx.draft.diagnostics.extend(found);
}

fn passes(cx: &Context<'_>, id: &Id, pass: &[Condition], found: &mut Vec<Diagnostic>) {
    for (name, measure) in named(pass) {
        let places = &cx.draft.places;
        let at = places.get(&id.child(&name)).or_else(|| places.get(id)).copied();
        found.extend(at.and_then(|at| cleaned(cx, measure, at, false)));
        found.extend(at.and_then(|at| late(cx, measure, at, false)));
        found.extend(at.and_then(|at| hidden(cx, measure, at, false)));
    }
}

/// How much a trigger tolerates: it fires above.
fn tolerated(fires: &Measure) -> Option<Decimal> {
    match (&fires.comparison, &fires.bound) {
        (Comparison::MoreThan | Comparison::AtLeast, Bound::Number(number) | Bound::Percent(number)) => {
            Some(*number)
        }
        _ => None,
    }
}

/// Tickets of agents who do not come along lose their owner by the map's own default.
fn owners(cx: &Context<'_>, fires: &Measure, at: Span) -> Option<Diagnostic> {
    if fires.metric != "lost_assignees" {
        return None;
    }
    let bound = tolerated(fires)?;
    let source = cx.world.source()?;
    let (tickets, map, row) = cx.draft.plan.items.values().find_map(|item| {
        let Content::Map(map) = &item.content else { return None };
        let kind = source.kind(&map.source).filter(|kind| kind.kind.part == Part::Ticket)?;
        let row = map.rows.iter().find(|row| reads_assignee(cx, map, row))?;
        Some((kind, map, row))
    })?;
    if !matches!(row.when_missing, Some(WhenMissing::Empty)) || reassigned(cx, tickets.name) {
        return None;
    }
    // Agents that do not come along: their tickets point at nobody.
    let left = cx.draft.plan.items.iter().find(|(_, item)| match &item.content {
        Content::Scope(part) => {
            let kind = source.kind(&part.kind);
            part.verb != Verb::Import
                && kind.is_some_and(|kind| matches!(kind.kind.part, Part::Agent | Part::User))
        }
        _ => false,
    })?;
    let kind = source.kinds_of(Part::Agent).next().or_else(|| source.kinds_of(Part::User).next())?;
    let gone = source.objects(kind.name).map(|agents| {
        agents
            .iter()
            .filter(|agent| agent.inactive)
            .filter_map(|agent| agent.used)
            .fold(0_u64, u64::saturating_add)
    });
    let gone = gone.filter(|tickets| *tickets > 0);
    // Without a number only a trigger that tolerates nothing surely fires.
    let fires_surely = match gone.and_then(|n| i64::try_from(n).ok()) {
        Some(tickets) => Decimal::from(tickets) > bound,
        None => bound == Decimal::from(0),
    };
    if !fires_surely {
        return None;
    }
    let whose = match gone {
        Some(n) => format!("{} tickets are", cutover_plan::text::numbers::number(n)),
        None => "their tickets are".to_owned(),
    };
    let places = &cx.draft.places;
    let finding =
        Diagnostic::error("rollback/fires-by-default", "a trigger fires by what the spec itself does")
            .primary(at, format!("the map empties the field, and this counts it: {whose} without an owner"));
    let finding = match places.get(&row.id).or_else(|| places.get(&map.id)) {
        Some(place) => finding.secondary(*place, "whoever is missing here becomes nobody"),
        None => finding,
    };
    let finding = match places.get(left.0) {
        Some(place) => finding.secondary(*place, "these people do not come along"),
        None => finding,
    };
    Some(finding.help("give their tickets to somebody: `when missing placeholder \"Former agent\"`, or `reassign tickets where inactive(...)` in `clean copy`"))
}

fn reads_assignee(cx: &Context<'_>, map: &Map, row: &Row) -> bool {
    let Some(kind) = cx.world.source().and_then(|source| source.kind(&map.source)) else { return false };
    row.from.iter().any(|from| match from {
        Source::Field(path) => {
            kind.field(path).is_some_and(|field| field.field.canon.as_deref() == Some("assignee"))
        }
        _ => false,
    })
}

/// Whether the cleaning gives all tickets of people who are gone to somebody.
fn reassigned(cx: &Context<'_>, kind: &str) -> bool {
    let mut classes = (false, false);
    for item in cx.draft.plan.items.values() {
        let Content::Clean(clean) = &item.content else { continue };
        for step in clean.steps.iter().filter(|step| step.kind == kind) {
            if !matches!(step.action, CleanAction::Reassign { .. }) {
                continue;
            }
            let mut class = None;
            let mut other = false;
            if let Some(scope) = &step.scope {
                scope.visit_atoms(&mut |atom| match &atom.test {
                    Test::Class(found) => class = Some(*found),
                    Test::Word(_) => {}
                    _ => other = true,
                });
            }
            match class {
                _ if other => {}
                None => return true,
                Some(StatusClass::Unfinished) => classes.0 = true,
                Some(StatusClass::Finished) => classes.1 = true,
            }
        }
    }
    classes == (true, true)
}

/// A condition that tolerates none: it passes with 0 only, or fires on the first.
fn tolerates_none(measure: &Measure, fires: bool) -> bool {
    let zero = measure.bound == Bound::Number(Decimal::from(0));
    match measure.comparison {
        Comparison::AtMost | Comparison::Is => zero && !fires,
        Comparison::MoreThan => zero && fires,
        _ => false,
    }
}

/// What a row makes internal has another visibility than before, and the spec says so itself.
fn hidden(cx: &Context<'_>, measure: &Measure, at: Span, fires: bool) -> Option<Diagnostic> {
    if measure.metric != "wrong_visibility" || measure.scope.is_some() || measure.sample.is_some() {
        return None;
    }
    let Bound::Number(bound) = measure.bound else { return None };
    let hides = cx.maps.maps.iter().filter_map(|map| map.hides.as_ref()).max_by_key(|hides| hides.records)?;
    let certain = hides.records.unwrap_or(1).max(1);
    let counted = Decimal::from(i64::try_from(certain).unwrap_or(i64::MAX));
    let broken = match measure.comparison {
        Comparison::AtMost | Comparison::Is => !fires && counted > bound,
        Comparison::LessThan => !fires && counted >= bound,
        Comparison::MoreThan => fires && counted > bound,
        Comparison::AtLeast => fires && counted >= bound,
    };
    if !broken {
        return None;
    }
    let label = if fires {
        "this fires by what the map itself does"
    } else {
        "by what the map itself does, this can never be met"
    };
    let whose = match hides.records {
        Some(records) => format!("{} {}", cutover_plan::text::numbers::number(records), hides.plural),
        None => hides.plural.clone(),
    };
    Some(
        Diagnostic::error("checks/hidden-by-map", "a condition counts as wrong what the map makes internal")
            .primary(at, label)
            .secondary(hides.span, format!("{whose} that customers could read become internal here"))
            .help("let each message stay what it is, or leave this condition out and look at the sandbox by eye: `evidence \"...\"`"),
    )
}

/// A clock that is counted anew without its pauses makes tickets late that are not, and the spec says so itself.
fn late(cx: &Context<'_>, measure: &Measure, at: Span, fires: bool) -> Option<Diagnostic> {
    if measure.metric != "false_late" || !tolerates_none(measure, fires) {
        return None;
    }
    // Over a table of unfinished tickets it is known how many they are, and compared with that.
    let account = cx.world.source().and_then(|source| source.inventory);
    if account.is_some_and(|account| account.unfinished.is_some()) {
        return None;
    }
    let (id, name) = cx.draft.plan.items.iter().find_map(|(id, item)| {
        let Content::Sla(sla) = &item.content else { return None };
        let pauses = |clock: &str| {
            sla.states.iter().any(|line| {
                line.effect == ClockEffect::Pauses
                    && (line.of.is_empty() || line.of.iter().any(|of| of == clock))
            })
        };
        let clock = sla.clocks.iter().find(|clock| clock.unpaused && pauses(&clock.name))?;
        Some((id.child(&clock.name), clock.name.replace('_', " ")))
    })?;
    let label = if fires {
        "this fires on the first ticket that waited for its customer"
    } else {
        "tickets that waited for their customer break this"
    };
    let finding = Diagnostic::error(
        "checks/late-by-itself",
        "a condition counts as late what the promises themselves make late",
    )
    .primary(at, label);
    let finding = match cx.draft.places.get(&id) {
        Some(place) => finding.secondary(
            *place,
            format!("the {name} is counted anew, and `unpaused` says that its pauses are lost"),
        ),
        None => finding,
    };
    Some(finding.help("write how many are expected, which `cutover sla preview` computes; or ask about what no reason explains: `unexplained due_difference of tickets at most 0 min`"))
}

/// Objects that the cleaning merges or drops are missing afterwards, as they should be.
fn cleaned(cx: &Context<'_>, measure: &Measure, at: Span, fires: bool) -> Option<Diagnostic> {
    if !matches!(measure.metric.as_str(), "missing" | "lost") || measure.scope.is_some() {
        return None;
    }
    let source = cx.world.source().filter(|_| tolerates_none(measure, fires))?;
    let kind = measure.of.iter().find_map(|name| source.kind(name))?;
    let (step, place) = cx.draft.plan.items.iter().find_map(|(id, item)| {
        let Content::Clean(clean) = &item.content else { return None };
        let step = clean.steps.iter().find(|step| {
            step.kind == kind.name && matches!(step.action, CleanAction::Drop | CleanAction::Merge { .. })
        })?;
        let places = &cx.draft.places;
        Some((step, places.get(&step.id).or_else(|| places.get(id)).copied()?))
    })?;
    let plural = kind.plural.replace('_', " ");
    let (does, label) = match step.action {
        CleanAction::Merge { .. } => ("merges", "of those that are equal, one is left"),
        _ => ("drops", "these do not come along"),
    };
    let label_at = if fires {
        format!("the cleaning {does} {plural}, and this fires on the first of them")
    } else {
        format!("the cleaning {does} {plural}, so this can never be met")
    };
    Some(
        Diagnostic::error("checks/cleaned-away", "a condition counts as lost what the cleaning takes away")
            .primary(at, label_at)
            .secondary(place, label)
            .help(format!(
                "ask about what comes along, by a condition: `{} {} (where ...) at most 0`, or leave the line of the cleaning out",
                measure.metric, kind.plural
            )),
    )
}
