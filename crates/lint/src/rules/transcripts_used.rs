//! `scope/transcripts-used`.

use cutover_catalog::Part;
use cutover_plan::model::{Content, Verb};

use super::common::parts;
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/transcripts-used",
    level: Level::Warning,
    summary: "transcripts are left behind that somebody uses",
    what: "Transcripts of chats are retired although a declared consumer reads them, or quality reviewers score conversations",
    why: "Transcripts are evidence in complaints, and material for training and for the product team",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let reads = |field: &String| field.split('.').next().is_some_and(|kind| is_transcript(run, kind));
    let user = run.items("consumer").chain(run.items("inspect")).find(|(_, item)| match &item.content {
        Content::Consumer(consumer) => consumer.reads.iter().any(reads),
        Content::Inspect(inspect) => inspect.of.iter().any(|of| of == "scorecards"),
        _ => false,
    });
    let Some((user, _)) = user else { return };
    for (id, scope, _) in parts(run, Part::Transcript) {
        let Some(at) = run.facts.place(id).filter(|_| scope.verb == Verb::Retire) else { continue };
        let finding = run.found(at, "gone with the old desk");
        let finding = match run.facts.place(user) {
            Some(place) => finding.secondary(place, "needs them"),
            None => finding,
        };
        run.push(
            finding.help(
                "import them with their tickets, or archive them where whoever needs them can read them",
            ),
        );
    }
}

fn is_transcript(run: &Run<'_, '_>, kind: &str) -> bool {
    super::common::source(run.facts, kind).is_some_and(|kind| kind.kind.part == Part::Transcript)
}
