//! What somebody still waits for is not put away.

use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::predicate::{Predicate, StatusClass};
use cutover_plan::model::{Content, Selection, Verb};

use crate::context::Context;
use crate::count;

/// Reports archives that take in tickets on which work is left to do.
pub fn check(cx: &mut Context<'_>) {
    let Some(source) = cx.world.source() else { return };
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Content::Scope(part) = &item.content else { continue };
        let kind = source.kind(&part.kind).filter(|kind| kind.kind.part == Part::Ticket);
        let (Some(kind), Verb::Archive) = (kind, part.verb) else { continue };
        // Of names nothing is known.
        let known = match &part.which {
            // A desk that is put away as a whole is given up, and somebody wants that.
            Selection::All | Selection::Named(_) | Selection::RestNamed(_) => false,
            Selection::Where(condition) | Selection::Rest(condition) => !long(condition),
        };
        let Some(field) = kind.state_field().filter(|_| known).map(|states| states.field.as_ref()) else {
            continue;
        };
        let records = |status: &str| kind.profile.and_then(|profile| profile.by_status.get(status)).copied();
        let open = kind.states().find(|(status, state)| {
            state.class == StatusClass::Unfinished
                && records(status) != Some(0)
                // Spam is put away whatever its status is, and an ordinary ticket is no spam.
                && !count::excludes_ordinary(kind, &part.which, field, status)
        });
        let (Some((status, _)), Some(at)) = (open, cx.draft.places.get(id).copied()) else { continue };
        let plural = kind.plural.replace('_', " ");
        found.push(
            Diagnostic::error("scope/unfinished-archived", "tickets on which work is left to do are put away")
                .primary(at, format!("{plural} with status \"{status}\" can be among them"))
                .note("whoever wrote them waits for an answer that nobody will give: an archive has no queue")
                .help(format!("import them, `import {plural} where unfinished or ...`, or put away `where finished and ...` only")),
        );
    }
    cx.draft.diagnostics.extend(found);
}

/// Conditions that ask more than this are not looked into: which statuses they let through is not seen from each question alone.
const LONG: usize = 24;

fn long(condition: &Predicate) -> bool {
    let mut atoms = 0;
    condition.visit_atoms(&mut |_| atoms += 1);
    atoms > LONG
}
