//! `waves/too-much`.

use std::collections::BTreeSet;

use cutover_ir::Id;
use cutover_plan::model::{Content, Stricter};

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "waves/too-much",
    level: Level::Warning,
    summary: "too many things change in one night",
    what: "The switch turns over many channels and connected systems at once",
    why: "When something breaks, each of them may be the cause",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "most",
        default: 6,
        stricter: Stricter::Smaller,
        says: "channels and systems that may be switched in one night",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let id = Id::new(["go_live"]);
    let live = run.items("go_live").find_map(|(_, item)| match &item.content {
        Content::GoLive(live) => Some(live),
        _ => None,
    });
    let Some(live) = live else { return };
    let mut switched: BTreeSet<&str> = live.switch.iter().map(String::as_str).collect();
    for (integration, item) in run.items("integration") {
        if let Content::Integration(content) = &item.content
            && content.how == "switched"
        {
            switched.insert(integration.as_str().strip_prefix("integration/").unwrap_or(&content.kind));
        }
    }
    let count = u64::try_from(switched.len()).unwrap_or(u64::MAX);
    let Some(at) = run.clause(&id, "switch").filter(|_| count > run.number("most")) else { return };
    let all: Vec<&str> = switched.into_iter().collect();
    let finding = run
        .found(at, format!("{count} in one night: {}", all.join(", ")))
        .help("switch some before or after the window, each with a day to look at it");
    run.push(finding);
}
