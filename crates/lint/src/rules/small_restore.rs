//! `backup/small-sample`.

use cutover_plan::model::{Content, Stricter};

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "backup/small-sample",
    level: Level::Warning,
    summary: "so few restored records prove little",
    what: "The restore test of a backup brings back fewer than ten records",
    why: "A backup that lacks one kind of attachment passes such a test",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "records",
        default: 10,
        stricter: Stricter::Larger,
        says: "records that are restored at least",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("backup") {
        let Content::Backup(backup) = &item.content else { continue };
        let restored: u64 = backup.restore.iter().map(|sample| sample.count).sum();
        let Some(at) = run.clause(id, "restore").filter(|_| restored > 0 && restored < run.number("records"))
        else {
            continue;
        };
        let finding = run
            .found(at, format!("{restored} in all"))
            .help("restore some of each kind: `restore 100 tickets, 50 attachments`");
        run.push(finding);
    }
}
