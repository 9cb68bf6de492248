//! `announce/short-notice`.

use cutover_ir::Id;
use cutover_plan::model::{Content, Stricter};

use super::common::{DAY, instead};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "announce/short-notice",
    level: Level::Warning,
    summary: "customers hear of the switch at the last moment",
    what: "The announcement to customers begins less than two days before the window",
    why: "Whoever reads mail once a day learns of it from the odd behaviour of the desk",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[Opt { name: "days", default: 2, stricter: Stricter::Larger, says: "days before the window" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(window) = &run.facts.plan.migration.window else { return };
    let id = Id::new(["announce", "customers"]);
    let Some(Content::Announce(announce)) = run.facts.plan.items.get(&id).map(|item| &item.content) else {
        return;
    };
    let Some(from) = &announce.from else { return };
    let ahead = u64::try_from(window.start.seconds().saturating_sub(from.at.seconds())).unwrap_or_default();
    if ahead >= run.number("days").saturating_mul(DAY) {
        return;
    }
    let at = run.facts.spots.get(id.child("from").as_str()).copied();
    let Some(span) = at.or_else(|| run.facts.place(&id)) else { return };
    let finding = run.found(span, format!("{} before the window", cutover_plan::text::numbers::span(ahead)));
    run.push(
        instead(finding, at, "window - 3 days").help("tell them some days ahead: `from window - 3 days`"),
    );
}
