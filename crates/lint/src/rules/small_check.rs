//! `checks/small-sample`.

use cutover_ir::measure::named;
use cutover_plan::model::{Content, Stricter};

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "checks/small-sample",
    level: Level::Warning,
    summary: "a check looks at too few records",
    what: "A check compares a sample of fewer than fifty records",
    why: "Nothing wrong in twenty only says that less than one in seven is wrong",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt { name: "records", default: 50, stricter: Stricter::Larger, says: "records at least" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("check") {
        let Content::Check(check) = &item.content else { continue };
        for (name, measure) in named(&check.pass) {
            let Some(sample) = measure.sample.as_ref().filter(|sample| sample.count < run.number("records"))
            else {
                continue;
            };
            let Some(at) = run.facts.place(&id.child(&name)) else { continue };
            // The rule of three: what is not seen in n is rarer than 3 / n, nineteen times of twenty.
            let sure = 300_u64.div_ceil(sample.count.max(1));
            let finding = run
                .found(at, format!("nothing wrong in {} leaves up to {sure}% wrong", sample.count))
                .help("look at more: a few hundred say something about one in a hundred");
            run.push(finding);
        }
    }
}
