//! A pace that is kept until a moment which is over already.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;

use crate::Facts;

/// Looks at each `pace ... until`.
pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(inventory) = facts.plan.header.inventories.get("source") else { return };
    for pace in &facts.plan.migration.pace {
        let over = pace.until.as_ref().is_some_and(|until| until.at.utc_date() < inventory.taken);
        let at = facts.spots.get(&Id::new(["migration", "pace", &pace.system, "until"]));
        if let (true, Some(at)) = (over, at) {
            out.push(
                Diagnostic::error("time/ends-early#pace", "something ends before the migration does")
                    .primary(
                        *at,
                        format!("it is over already: the inventory was taken on {}", inventory.taken),
                    )
                    .help("say until when people work in the old desk: `until window`; or leave `until` out"),
            );
        }
    }
}
