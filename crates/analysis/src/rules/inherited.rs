//! What the spec says of clocks comes true in the target: a due time that is taken over lasts, and a clock that counts by history has some.

use cutover_catalog::Catalog;
use cutover_catalog::capability::{Ability, ClockAnchor};
use cutover_catalog::fact::Mark;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::model::{ClockAction, Content, DueWritten};

use crate::clocks::{due_written, inherited, level_field, level_row, takes_shown, without_level};
use crate::context::Context;

/// Checks the clocks that go on in the target.
pub fn check(cx: &mut Context<'_>) {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else { return };
    let plan = cx.draft.plan.systems.get("target").and_then(|system| system.plan.clone());
    let found: Vec<Diagnostic> = history(cx, catalog, plan.as_deref())
        .into_iter()
        .chain(overwritten(cx, catalog, plan.as_deref()))
        .chain(without_a_level(cx, catalog))
        .chain(refused(cx, catalog, plan.as_deref()))
        .collect();
    cx.draft.diagnostics.extend(found);
}

/// The clocks of the spec that go on in a way, with their places.
fn clocks(cx: &Context<'_>, way: fn(&ClockAction) -> bool) -> Vec<Span> {
    those(cx, way, |_| true)
}

/// The clocks that take over a due time which comes along, as far as anybody knows. What does not is told where it is lost.
fn kept(cx: &Context<'_>) -> Vec<Span> {
    those(cx, inherits, |clock| due_written(&cx.draft.plan, cx.world, clock) != DueWritten::Nothing)
}

fn those(cx: &Context<'_>, way: fn(&ClockAction) -> bool, also: impl Fn(&str) -> bool) -> Vec<Span> {
    let mut spans = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Content::Sla(sla) = &item.content else { continue };
        let those = sla
            .clocks
            .iter()
            .filter(|clock| clock.continuity.iter().any(|rule| way(&rule.action)) && also(&clock.name));
        spans.extend(those.filter_map(|clock| cx.draft.places.get(&id.child(&clock.name)).copied()));
    }
    spans.sort_unstable();
    spans
}

/// A product that counts by the history of a ticket counts nothing where an import brings none. Told once, at the first clock.
fn history(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>) -> Option<Diagnostic> {
    let fact = catalog.capabilities.sla_recalculate.as_ref()?;
    let by_history = fact.on(plan)?.anchors.contains(&ClockAnchor::History);
    let written = catalog.capabilities.status_history.as_ref().and_then(|fact| fact.on(plan));
    let brought = written.is_some_and(|how| *how != Ability::Never);
    if !by_history || brought || catalog.mark_of(fact.mark, &fact.from) == Mark::Unverified {
        return None;
    }
    let spans = clocks(cx, recalculates);
    let found = Diagnostic::warning("sla/no-history", "clocks stand still until somebody starts them")
        .primary(
            *spans.first()?,
            format!("{} counts by the history of a ticket, and imported tickets have none", catalog.title),
        );
    let found = match spans.len() {
        1 => found,
        more => found.note(format!("{more} clocks of the spec are counted again like this")),
    };
    let found = match fact.note.as_deref() {
        Some(note) => found.note(note.to_owned()),
        None => found,
    };
    Some(found.help("plan who starts the clocks after the import, and try it on one ticket of the sandbox first; then say so with `allow \"sla/no-history\"`"))
}

/// Due times that are taken over and that the target computes again, since the same load sets a service level.
fn overwritten(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>) -> Vec<Diagnostic> {
    let row = || {
        let fact = catalog.capabilities.sla_inherit_due.as_ref()?;
        let confirmed = catalog.mark_of(fact.mark, &fact.from) != Mark::Unverified;
        let until = fact.on(plan).filter(|_| confirmed)?.until.as_deref()?;
        // Only a service level on the ticket makes the target compute again.
        Some((until, level_row(&cx.draft.plan, cx.world)?))
    };
    let Some((until, row)) = row() else { return Vec::new() };
    let row = cx.draft.places.get(&row.id).copied();
    // A ticket has one level for all its clocks, so that another clock may need what takes this one's due time away.
    let fact = catalog.capabilities.sla_recalculate.as_ref().and_then(|fact| fact.on(plan));
    let anew = fact.filter(|fact| fact.level).and_then(|_| clocks(cx, recalculates).first().copied());
    let found = kept(cx).into_iter().map(|span| {
        let found = Diagnostic::warning("sla/overwritten", "a due time that is taken over does not last")
            .primary(span, format!("{}: {until}", catalog.title));
        let found = match row {
            Some(row) => found.secondary(row, "this sets one"),
            None => found,
        };
        match anew {
            Some(anew) => found
                .secondary(anew, "this clock is counted anew, for which the level is needed")
                .help("give a level only to tickets whose clocks are counted anew, and say so with `allow \"sla/overwritten\"`; or treat all clocks in one way: all `recalculate`, or all `inherit due` and no level"),
            None => found.help("leave the service level of imported tickets empty and set it when their clocks are over, or write `recalculate`"),
        }
    });
    found.collect()
}

/// A product that counts only what has a service level, where no row gives tickets one: nothing is counted anew, and what is written stays.
/// Told once, at the first clock.
fn without_a_level(cx: &Context<'_>, catalog: &Catalog) -> Option<Diagnostic> {
    if !without_level(&cx.draft.plan, cx.world) {
        return None;
    }
    let field = level_field(cx.world)?;
    let (anew, kept) = (clocks(cx, recalculates), kept(cx));
    let more = |found: Diagnostic, clocks: &[Span], how: &str| match clocks.len() {
        1 => found,
        more => found.note(format!("{more} clocks of the spec {how} like this")),
    };
    let Some(first) = anew.first() else {
        let found = Diagnostic::remark("sla/kept-as-written", "due times that are taken over are never computed again")
            .primary(
                *kept.first()?,
                format!("{} counts only what has a service level, and no row writes `{field}`: the old due time stays, also where it is not the promised one", catalog.title),
            );
        return Some(more(found, &kept, "keep their due times").help(
            "`cutover sla preview` lists the tickets whose old due time is not the promised one; whoever sets a level later lets their clocks begin",
        ));
    };
    let found = Diagnostic::warning(
        "sla/no-level",
        "a clock is counted anew, and tickets do not get the level by which it is counted",
    )
    .primary(
        *first,
        format!("{} counts only what has a service level, and no row writes `{field}`", catalog.title),
    );
    let found = more(found, &anew, "are counted anew");
    Some(match kept.first() {
        Some(kept) => found
            .secondary(*kept, "this clock keeps its due time as long as there is no level")
            .help(format!("write a row `... -> {field}` that gives a level to the tickets whose clocks are counted anew, and to no others; or treat all clocks in one way")),
        None => found.help(format!("write the level in the map, with a row `... -> {field}`; where each queue gives new tickets a level by itself, try it with one ticket in the sandbox and say so with `allow \"sla/no-level\"`")),
    })
}

/// A product that does not take every due time, and nobody knows how many tickets it would refuse: over a table of unfinished tickets they
/// are counted. Told once, at the first clock.
fn refused(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>) -> Option<Diagnostic> {
    let fact = catalog.capabilities.sla_inherit_due.as_ref()?;
    let counted = cx.world.source()?.inventory.is_some_and(|inventory| inventory.unfinished.is_some());
    let takes = fact.on(plan)?;
    let what = match (takes.future, takes.running) {
        (true, true) => "that has passed, or of a ticket that waits",
        (true, false) => "that has passed",
        (false, true) => "of a ticket that waits",
        (false, false) => return None,
    };
    if counted {
        return None;
    }
    // What nobody has shown is no fact.
    let known = if takes_shown(cx.world) { "" } else { "as far as known " };
    let spans = kept(cx);
    Some(
        Diagnostic::warning("sla/due-refused#uncounted", "the target may not take all of the due times that are to be taken over")
            .primary(
                *spans.first()?,
                format!("{known}{} takes no due time {what}; how many tickets that are is not known", catalog.title),
            )
            .help("take the inventory anew with `cutover inventory scan`: over the table of unfinished tickets that it makes they are counted; or give the desk a list of these tickets on the day of the move, and say so with `allow \"sla/due-refused\"`"),
    )
}

fn inherits(action: &ClockAction) -> bool {
    inherited(action).is_some()
}

fn recalculates(action: &ClockAction) -> bool {
    match action {
        ClockAction::Recalculate { .. } => true,
        ClockAction::Suspend { then, .. } => recalculates(then),
        ClockAction::Inherit { .. } | ClockAction::Done => false,
    }
}
