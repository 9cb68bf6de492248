//! `waves/frozen-late`.

use cutover_catalog::kind::Change;
use cutover_ir::Id;
use cutover_ir::map::Outcome;
use cutover_ir::predicate::Literal;
use cutover_plan::model::Content;

use super::common::{maps, only_field, source, translation};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "waves/frozen-late",
    level: Level::Warning,
    summary: "what can never be changed is not tried first",
    what: "Records get a status in which the new desk freezes them, and the rehearsal does not look at each status",
    why: "A mistake in a closed ticket is found when it can no longer be mended",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(target) = run.facts.world.target() else { return };
    let rehearsal = run.items("rehearsal").find_map(|(_, item)| match &item.content {
        Content::Rehearsal(rehearsal) => Some(rehearsal),
        _ => None,
    });
    let Some(rehearsal) = rehearsal else { return };
    for map in maps(run) {
        let (Some(from), Some(to)) = (source(run.facts, &map.source), target.kind(&map.target)) else {
            continue;
        };
        let Some(states) = from.state_field() else { continue };
        if rehearsal.spread_over.iter().any(|field| **field == *states.field) {
            continue;
        }
        let row = map.rows.iter().find(|row| only_field(row) == Some(&states.field));
        let Some(table) = row.and_then(translation) else { continue };
        let Some(Content::Translate(table)) =
            run.facts.plan.items.get(&Id::new(["translate", table])).map(|item| &item.content)
        else {
            continue;
        };
        let frozen = table.rows.iter().find(|row| match &row.outcome {
            Outcome::Value(Literal::Text(state)) => {
                to.state(state).is_some_and(|state| state.change != Change::Free)
            }
            _ => false,
        });
        let Some(frozen) = frozen else { continue };
        let Some(at) = run.facts.place(&Id::new(["rehearsal"])) else { continue };
        let finding = run.found(at, "the sample may hold none of them");
        let finding = match run.facts.place(&frozen.id) {
            Some(place) => finding.secondary(place, "cannot be changed afterwards"),
            None => finding,
        };
        run.push(
            finding.help(format!(
                "spread the sample: `sample 100 {}  spread over {}`",
                from.plural, states.field
            )),
        );
        return;
    }
}
