//! Arguments that name something outside of the spec: a time zone, a secret. What they may look like is known here, so that nobody learns it from
//! records that are rejected in the night.

use cutover_calendar::Zone;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::functions::ParamKind;
use cutover_ir::predicate::Literal;

use crate::context::Context;
use crate::read::moment;

/// Whether the argument can be what it has to be; reported when it cannot.
pub(super) fn sound(cx: &mut Context<'_>, kind: Option<ParamKind>, argument: &Literal, span: Span) -> bool {
    let (Some(kind), Literal::Text(text)) = (kind, argument) else { return true };
    match kind {
        ParamKind::Zone if Zone::named(text).is_none() => {
            cx.push(moment::unknown_zone("time/unknown-zone#argument", text, span));
            false
        }
        ParamKind::Secret if !is_variable(text) => {
            cx.push(
                Diagnostic::error("secrets/literal#argument", "this looks like a secret itself, not like its name")
                    .primary(span, "the name of an environment variable has only A-Z, 0-9 and `_`")
                    .hide()
                    .help("name the variable that holds the key when the plan runs: `\"PSEUDONYM_KEY\"`; if this was the key, take it out of the spec and the history of the repository, and change it"),
            );
            false
        }
        _ => true,
    }
}

/// Whether a text has the form of a name of an environment variable, as secrets are named: `ZENDESK_TOKEN`.
pub(crate) fn is_variable(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
