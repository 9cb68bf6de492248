//! A translation of statuses keeps what a status means: whether work is left, and for whom everybody waits.

use cutover_catalog::State;
use cutover_catalog::kind::StateCategory;
use cutover_diagnostics::Diagnostic;
use cutover_ir::map::Outcome;
use cutover_ir::predicate::{Literal, StatusClass};

use crate::context::Context;
use crate::lower::maps::facts::{Table, TableUse};
use crate::world::{FieldView, KindView};

/// Compares each status that can arrive with what it becomes. `acknowledged` is whether the row itself says why it loses something.
pub(super) fn check(
    cx: &mut Context<'_>,
    source: &KindView<'_>,
    target: (&KindView<'_>, FieldView<'_>),
    table: &mut Table,
    used: &TableUse,
    acknowledged: bool,
) {
    let (kind, field) = target;
    let holds =
        |view: &KindView<'_>, path: &str| view.state_field().is_some_and(|states| *states.field == *path);
    if table.broken || table.generated || !holds(kind, &field.path()) {
        return;
    }
    for (value, _) in &used.domain.values {
        let (Some(old), Some(at)) = (source.state(value), table.row(value)) else { continue };
        let Some(row) = table.translate.rows.get(at) else { continue };
        let name = match &row.outcome {
            Outcome::Value(Literal::Text(name)) => name.as_str(),
            Outcome::Same => value.as_str(),
            _ => continue,
        };
        let Some(new) = kind.state(name) else { continue };
        let said = acknowledged || row.lossy.is_some();
        let span = table.spans.get(at).copied().unwrap_or(table.span);
        if old.class != new.class {
            table.justified.insert(at);
            if !said {
                cx.push(
                    Diagnostic::error(
                        "translate/state-class",
                        "a status no longer says whether work is left",
                    )
                    .primary(
                        span,
                        format!("\"{value}\" is {}, \"{name}\" is {}", word(old.class), word(new.class)),
                    )
                    .secondary(used.span, "used here")
                    .help("choose a status of the same sort; where it is meant, say why: `lossy \"...\"`"),
                );
            }
            continue;
        }
        let (before, after) = (waits(source, old), waits(kind, new));
        if row.seen_as.is_some() || said || before.is_none() || after.is_none() || before == after {
            continue;
        }
        let (Some(before), Some(after)) = (before, after) else { continue };
        cx.push(
            Diagnostic::error(
                "translate/seen-as#changed",
                "customers see a status change that nobody mentions",
            )
            .primary(span, format!("now {}; afterwards {}", before.words(), after.words()))
            .secondary(used.span, "used here")
            .help(format!(
                "choose a status that says the same to customers, or say what they see: `seen as \"{}\"`",
                new.seen_as.as_deref().unwrap_or(name)
            )),
        );
    }
}

fn word(class: StatusClass) -> &'static str {
    match class {
        StatusClass::Unfinished => "unfinished",
        StatusClass::Finished => "finished",
    }
}

/// For whom an unfinished ticket waits, as customers see it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Desk,
    Customer,
}

impl Waits {
    fn words(self) -> &'static str {
        match self {
            Waits::Desk => "the customer sees that somebody works on it",
            Waits::Customer => "the customer sees that an answer is awaited",
        }
    }
}

/// `None` for finished ones, and where nobody knows what customers see: what an account added shows what the account says.
fn waits(kind: &KindView<'_>, state: &State) -> Option<Waits> {
    let own =
        kind.kind.states.as_ref().is_some_and(|states| states.values.values().any(|known| known == state));
    let seen = match &state.seen_as {
        Some(seen) => {
            let named = |name: &str| name.eq_ignore_ascii_case(seen);
            kind.states().find(|(name, _)| named(name)).map(|(_, state)| state.category)?
        }
        None if own => state.category,
        None => return None,
    };
    match seen {
        StateCategory::New | StateCategory::Open | StateCategory::Hold => Some(Waits::Desk),
        StateCategory::Pending => Some(Waits::Customer),
        _ => None,
    }
}
