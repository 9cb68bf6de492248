//! Roles of people: which ones the new desk has, and who may do more there than before.

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span, suggest};
use cutover_ir::map::{Outcome, TranslateRow};
use cutover_ir::predicate::Literal;

use crate::context::Context;
use crate::lower::maps::words;
use crate::world::{FieldView, KindView};

/// Whether a field holds what somebody may do.
pub(super) fn is_role(field: FieldView<'_>) -> bool {
    field.field.canon.as_deref() == Some("role")
}

/// The roles that the account of a field has made, beside those of the product; none where its inventory does not list them, so that it
/// may have any.
pub(super) fn made<'a>(cx: &Context<'a>, kind: &KindView<'a>, field: FieldView<'a>) -> Option<Vec<&'a str>> {
    let system = cx.world.system(&kind.system).filter(|_| is_role(field))?;
    let roles = system.kinds_of(Part::Role).find_map(|role| system.objects(role.name))?;
    Some(roles.iter().map(|role| role.name.as_ref()).collect())
}

/// Whether all roles of an account are known: its inventory lists those that it made, or its product lets nobody make any on this plan.
pub(super) fn all_known(
    cx: &Context<'_>,
    kind: &KindView<'_>,
    field: FieldView<'_>,
    made: Option<&[&str]>,
) -> bool {
    if !is_role(field) || made.is_some() {
        return made.is_some();
    }
    let Some(system) = cx.world.system(&kind.system) else { return false };
    let plan = cx.draft.plan.systems.get(kind.system.as_ref()).and_then(|system| system.plan.as_deref());
    let mut roles = system.kinds_of(Part::Role).peekable();
    roles.peek().is_some()
        && roles.all(|role| {
            let plans = &role.kind.plans;
            plan.is_some_and(|plan| !plans.is_empty() && !plans.iter().any(|one| one == plan))
        })
}

/// A role that the product does not come with, in an account whose own roles nobody has listed.
pub(super) fn unlisted(
    cx: &mut Context<'_>,
    kind: &KindView<'_>,
    field: FieldView<'_>,
    name: &str,
    span: Span,
    used: Span,
    names: &[&str],
) {
    let product = cx.world.target().map_or("the new desk", |target| target.product());
    let role = cx.world.system(&kind.system).and_then(|system| system.kinds_of(Part::Role).next());
    let listed = match role {
        Some(role) => format!("`objects: {{ {}: [...] }}`", role.name),
        None => format!("`options: {{ {}: {{ {}: [...] }} }}`", kind.name, field.path()),
    };
    let diagnostic = Diagnostic::warning(
        "translate/unlisted-role",
        "a role is neither one that the product comes with nor one that the inventory lists",
    )
    .primary(span, format!("nobody has seen a role \"{name}\" in this account"))
    .secondary(used, format!("written into `{}` here", field.path()))
    .note(format!("{product} comes with {}", words::quoted_list(names.iter().copied(), 12)));
    let list = format!(
        "list the roles that the account made in its inventory, {listed}, or scan an export that holds them"
    );
    cx.push(match suggest::nearest(name, names.iter().copied(), 1).first() {
        Some(near) => diagnostic.help(format!("did you mean \"{near}\"? Otherwise {list}")),
        None => diagnostic.help(list),
    });
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
