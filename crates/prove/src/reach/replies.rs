//! What a late reply to a finished ticket becomes: what the spec promises is what the new desk does.

use cutover_catalog::capability::Reopen;
use cutover_catalog::fact::Mark;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Wave};

use super::ends::frozen_state;
use crate::Facts;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(does) = confirmed(facts) else { return };
    for (id, item) in facts.items() {
        if let Content::Wave(wave) = &item.content {
            out.extend(promised(facts, id, wave, does));
        }
    }
}

/// What the target does, where somebody has confirmed it: no error rests on a guess.
fn confirmed(facts: &Facts<'_>) -> Option<Reopen> {
    let target = facts.world.target()?;
    let catalog = target.catalog?;
    let fact = catalog.capabilities.reopen.as_ref()?;
    let plan = facts.plan.systems.get(&*target.name).and_then(|system| system.plan.as_deref());
    (catalog.mark_of(fact.mark, &fact.from) != Mark::Unverified).then(|| fact.on(plan).copied()).flatten()
}

fn promised(facts: &Facts<'_>, id: &Id, wave: &Wave, does: Reopen) -> Option<Diagnostic> {
    let said = wave.reopened_as.as_deref()?;
    let (becomes, why) = match (said, does) {
        ("same ticket", Reopen::FollowUp) => ("new linked ticket", None),
        ("same ticket", Reopen::ByReplyThenFollowUp) => {
            let (status, frozen) = frozen_state(facts, wave)?;
            let why = format!("tickets with \"{status}\" become \"{frozen}\", which no reply opens again");
            ("new linked ticket", Some(why))
        }
        ("new linked ticket" | "new ticket", Reopen::ByReply) => ("same ticket", None),
        _ => return None,
    };
    let product = facts.world.target()?.product();
    let finding =
        Diagnostic::error("capability/reopen", "a late reply becomes something else than the spec says")
            .primary(
                facts.clause(id, "reopened as")?,
                format!("in {product} a reply to one of these becomes: {becomes}"),
            )
            .help(format!(
                "write `reopened as {becomes}`, so that agents and customers are told what will happen"
            ));
    Some(match why {
        Some(why) => finding.note(why),
        None => finding,
    })
}
