//! `rehearse/small-sample`.

use cutover_plan::model::{Content, Stricter};

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "rehearse/small-sample",
    level: Level::Warning,
    summary: "the rehearsal tries too few records",
    what: "The sample of a rehearsal has fewer than twenty records, those chosen on purpose included",
    why: "The odd ones are rare: of what one ticket in twenty has, a sample of ten probably has none",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt { name: "records", default: 20, stricter: Stricter::Larger, says: "records at least" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("rehearsal") {
        let Content::Rehearsal(rehearsal) = &item.content else { continue };
        let tried: u64 = rehearsal.sample.iter().chain(&rehearsal.include).map(|sample| sample.count).sum();
        let Some(at) = run.clause(id, "sample").filter(|_| tried > 0 && tried < run.number("records")) else {
            continue;
        };
        let finding = run
            .found(at, format!("{tried} in all"))
            .help("take a few hundred, `sample 300 tickets  spread over status, priority`");
        run.push(finding);
    }
}
