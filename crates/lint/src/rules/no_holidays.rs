//! `calendars/no-holidays`.

use cutover_plan::model::Content;

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "calendars/no-holidays",
    level: Level::Warning,
    summary: "a desk that closes at night never has a holiday",
    what: "A calendar with opening hours on some days of the week lists no holiday at all up to its horizon",
    why: "On the first holiday every clock runs, and every promise of that day looks broken",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("calendar") {
        let Content::Calendar(calendar) = &item.content else { continue };
        // Whether somebody has looked at all is another question, and asked already.
        if calendar.known_until.is_none() {
            continue;
        }
        let days: usize = calendar.hours.iter().map(|open| open.days.len()).sum();
        let Some(at) = run.facts.place(id).filter(|_| calendar.holidays.is_empty() && (1..7).contains(&days))
        else {
            continue;
        };
        let finding = run.found(at, "no day is named").help("list them: `holiday 2026-12-25 \"Christmas\"`");
        run.push(finding);
    }
}
