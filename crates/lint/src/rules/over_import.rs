//! `scope/over-import`.

use cutover_catalog::Part;
use cutover_ir::predicate::StatusClass;
use cutover_plan::model::{Content, Selection, Stricter, Verb};
use cutover_plan::text::numbers::number;

use super::common::parts;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/over-import",
    level: Level::Warning,
    summary: "everything is imported, whatever its age",
    what: "Tickets are imported without a condition although most of them are finished",
    why: "Old records cost time in the night and bring old mistakes into the new desk; an archive keeps them as well",
    since: "0.1",
    fix: Fix::None,
    options: &[
        Opt {
            name: "records",
            default: 1_000,
            stricter: Stricter::Smaller,
            says: "tickets from which on it matters",
        },
        Opt {
            name: "finished",
            default: 60,
            stricter: Stricter::Smaller,
            says: "percent of them that must be finished",
        },
    ],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, scope, kind) in parts(run, Part::Ticket) {
        if scope.verb != Verb::Import || scope.which != Selection::All {
            continue;
        }
        let Some(profile) = kind.profile.filter(|profile| profile.count >= run.number("records")) else {
            continue;
        };
        let is_finished =
            |name: &str| kind.state(name).is_some_and(|state| state.class == StatusClass::Finished);
        let finished: u64 =
            profile.by_status.iter().filter(|(name, _)| is_finished(name)).map(|(_, count)| *count).sum();
        let percent = finished.saturating_mul(100) / profile.count.max(1);
        let Some(at) = run.facts.place(id).filter(|_| percent >= run.number("finished")) else { continue };
        let finding = run
            .found(at, format!("all {} of them, {percent}% finished", number(profile.count)))
            .help(format!(
                "say which are needed: `import {0} where unfinished or created_at since 2024-01-01`, and `archive {0} the rest`",
                kind.plural
            ));
        let finding = match share(run) {
            Some(share) => finding.note(share),
            None => finding,
        };
        run.push(finding);
    }
}

/// How much of what is counted goes over.
fn share(run: &Run<'_, '_>) -> Option<String> {
    let plan = run.facts.plan;
    let mut moved: u64 = 0;
    for (id, item) in run.items("scope") {
        if matches!(&item.content, Content::Scope(part) if part.verb == Verb::Import) {
            moved = moved.saturating_add(plan.figures.records.get(id).copied().unwrap_or_default());
        }
    }
    let all: u64 = plan.figures.source.values().sum();
    (all > 0).then(|| {
        let percent = moved.min(all).saturating_mul(100) / all;
        format!("of all {} records of the old desk, {percent}% are imported", number(all))
    })
}
