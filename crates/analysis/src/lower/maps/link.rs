//! `with link`: the address at which agents open the old ticket.

use cutover_catalog::catalog::Note;
use cutover_diagnostics::{Diagnostic, Span};

use crate::Context;
use crate::read::predicate::Place;

/// The name of the note by which a catalog states the address: `{account}` is the account, `{1}` the ticket's id.
const NOTE: &str = "ticket_address";

/// The pattern of the address at which a value of the row opens its ticket; a finding where the catalog does not say it, or where it
/// would open nothing.
pub(super) fn pattern(cx: &mut Context<'_>, span: Span, places: &[Place<'_>]) -> Option<String> {
    let system = cx.world.source()?;
    let product = system.product().to_owned();
    let Some(note) = system.catalog.and_then(|catalog| catalog.notes.get(NOTE)) else {
        cx.push(
            Diagnostic::error("map/link", "the address of an old ticket is not known")
                .primary(span, format!("the catalog of {product} does not say where a ticket is opened"))
                .help("write it yourself: `by link(\"https://desk.example/tickets/{1}\")`"),
        );
        return None;
    };
    if !places.iter().any(|place| opens(place, note)) {
        cx.push(
            Diagnostic::error("map/link#value", "the address of an old ticket is not known")
                .primary(span, format!("{product} opens a ticket by its id, and the field on the left is another one"))
                .help("write the row from `id` of the ticket, or the whole address: `by link(\"https://desk.example/{1}\")`"),
        );
        return None;
    }
    let account =
        cx.draft.plan.systems.get("source").map(|system| system.account.clone()).unwrap_or_default();
    // A product with a domain of its own calls an account by one label of it, any other by its host.
    let (fits, wanted) = if note.text.contains("{account}.") {
        (!account.is_empty() && account.chars().all(label), "the part of the address before the first dot")
    } else {
        (
            account.contains('.') && account.chars().all(host),
            "the name of its host, such as `desk.example.org`",
        )
    };
    if !fits {
        cx.push(
            Diagnostic::error("map/link#account", "the address of an old ticket is not known")
                .primary(span, format!("the account of the old desk is not {wanted}, so no address comes of it"))
                .help(format!(
                    "write the account behind `source` as {wanted}, or the whole address here: `by link(\"https://desk.example/tickets/{{1}}\")`"
                )),
        );
        return None;
    }
    Some(note.text.replace("{account}", &account))
}

/// Whether the field holds what stands in the address.
fn opens(place: &Place<'_>, note: &Note) -> bool {
    let field = place.field.field;
    let is_id = match field.canon.as_deref() {
        Some("key") => true,
        // The number that people see is the id in some products only.
        Some("number") => field.api.as_deref() == Some("id"),
        _ => false,
    };
    is_id && note.kind.as_deref().is_none_or(|kind| kind == place.kind.name)
}

fn label(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn host(c: char) -> bool {
    label(c) || matches!(c, '.' | ':')
}
