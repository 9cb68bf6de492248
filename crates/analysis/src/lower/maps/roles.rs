//! Roles of people: which ones the new desk has, and who may do more there than before.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::map::{Outcome, TranslateRow};
use cutover_ir::predicate::Literal;

use crate::context::Context;
use crate::world::{FieldView, KindView};

/// Whether a field holds what somebody may do.
pub(super) fn is_role(field: FieldView<'_>) -> bool {
    field.field.canon.as_deref() == Some("role")
}

/// The roles that the account of a field has made, beside those of the product; none where its inventory does not list them, so that it
/// may have any.
pub(super) fn made<'a>(cx: &Context<'a>, kind: &KindView<'a>, field: FieldView<'a>) -> Option<Vec<&'a str>> {
    let system = cx.world.system(&kind.system).filter(|_| is_role(field))?;
    let roles = system.kinds_of(cutover_catalog::Part::Role).find_map(|role| system.objects(role.name))?;
    Some(roles.iter().map(|role| role.name.as_ref()).collect())
}

/// Reports a line by which people who administered nothing administer the new desk.
pub(super) fn raised(cx: &mut Context<'_>, row: &TranslateRow, span: Span, field: FieldView<'_>) {
    let Outcome::Value(Literal::Text(to)) = &row.outcome else { return };
    if !is_role(field) || row.pattern.wildcard || !administers(to) || administers(&row.pattern.text) {
        return;
    }
    cx.push(
        Diagnostic::warning("visibility/rights-raised", "people may do more in the new desk than in the old one")
            .primary(span, format!("whoever is \"{}\" becomes \"{to}\", who may change and read everything", row.pattern.text))
            .help("give them the role of an agent, and name administrators one by one; or say why: `allow \"visibility/rights-raised\" because \"...\"`"),
    );
}

/// Whether a role's name says that it administers the desk.
fn administers(role: &str) -> bool {
    let role = role.to_lowercase();
    ["admin", "owner", "root", "super user", "superuser"].iter().any(|word| role.contains(word))
}
