//! `watch/seldom`.

use cutover_plan::model::{Content, Stricter};

use super::common::instead;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "watch/seldom",
    level: Level::Warning,
    summary: "the new desk is looked at too seldom",
    what: "The watch looks less than once an hour",
    why: "In the first days a fault grows with every hour; an end-of-day report shows a hundred of them",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[Opt {
        name: "minutes",
        default: 60,
        stricter: Stricter::Smaller,
        says: "minutes between two looks",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let most = run.number("minutes");
    for (id, item) in run.items("watch") {
        let Content::Watch(watch) = &item.content else { continue };
        if watch.every.nominal_seconds() <= most.saturating_mul(60) {
            continue;
        }
        let at = run.facts.spots.get(id.child("every").as_str()).copied();
        let Some(span) = at.or_else(|| run.facts.place(id)) else { continue };
        let finding =
            run.found(span, format!("a fault may grow for {} before somebody sees it", watch.every));
        let words = if most == 60 { "1 hour".to_owned() } else { format!("{most} min") };
        run.push(
            instead(finding, at, &words)
                .help("look every hour in the first three days: `every 1 hour for 72 hours`"),
        );
    }
}
