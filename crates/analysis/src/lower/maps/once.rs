//! Where the new system takes each value once, no constant goes into more than one record.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::map::{Source, WhenMissing};
use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::{Item, Line};

use crate::context::Context;
use crate::read::predicate::Place;
use crate::world::FieldView;

/// Reports a constant, or a stand-in, that several records would get.
pub(super) fn check(
    cx: &mut Context<'_>,
    item: &Item,
    line: &Line,
    places: &[Place<'_>],
    sources: &[Source],
    targets: &[(FieldView<'_>, Span)],
    when_missing: Option<&WhenMissing>,
) {
    let Some((field, _)) = targets.iter().find(|(field, _)| field.field.unique) else { return };
    let product = cx.world.target().map_or("the target", |system| system.product());
    let note = format!("{product} takes each value of `{}` once", field.path());
    let summary = "one value would stand in many records of a field that takes each value once";
    if let [Source::Constant(_)] = sources {
        cx.push(
            Diagnostic::error("map/one-for-all#constant", summary)
                .primary(item.span_of(line.lead), "each record would get it")
                .note(note)
                .help("take a value that tells records apart, such as the old id"),
        );
        return;
    }
    // With one such record there is nothing to clash with.
    let few = places.iter().all(|place| {
        let missing =
            place.kind.count().zip(place.field.profile).map(|(all, p)| all.saturating_sub(p.present));
        missing.is_some_and(|missing| missing < 2)
    });
    if let (Some(WhenMissing::Constant(_)), Some(clause), false) =
        (when_missing, line.clause(ClauseKw::WhenMissing), few)
    {
        let way = if field.field.ty.optional { "`when missing empty`" } else { "`when missing reject`" };
        cx.push(
            Diagnostic::error("map/one-for-all", summary)
                .primary(item.span(clause.range), "each record without one would get the same")
                .note(note)
                .help(format!("write {way}, or leave such records out in `scope`")),
        );
    }
}
