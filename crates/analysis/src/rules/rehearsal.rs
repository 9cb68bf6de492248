//! A full team rehearses what usually goes wrong: odd records, and everything that is built anew.

use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Rehearsal, TeamProfile, Verb};
use cutover_syntax::keywords::ItemKw;

use crate::context::Context;
use crate::lower::checks::listed;
use crate::rules::safeguards::open;

/// Checks what the rehearsal tries.
pub fn check(cx: &mut Context<'_>) {
    // Without a team, which is reported, nobody knows how much is asked of it.
    if cx.draft.plan.migration.team != TeamProfile::Full || cx.one(ItemKw::Team).is_none() {
        return;
    }
    let id = Id::new(["rehearsal"]);
    let Some(Content::Rehearsal(rehearsal)) = cx.draft.plan.items.get(&id).map(|item| &item.content) else {
        return;
    };
    let Some(item) = cx.one(ItemKw::Rehearse).filter(|item| !open(item)) else { return };
    let at = item.head_span();
    let mut found = Vec::new();
    let strata = strata(cx, rehearsal);
    if !strata.is_empty() {
        let words: Vec<String> = strata.iter().map(|words| either(words)).collect();
        let line: Vec<&str> = strata.iter().filter_map(|words| words.first().copied()).collect();
        found.push(
            Diagnostic::error(
                "rehearse/left-out",
                "the rehearsal leaves out records on which migrations fail",
            )
            .primary(at, format!("none on purpose of {}", words.join("; ")))
            .help(format!(
                "add `include 10 each of {}`: a random sample holds few of them, and the night has all",
                line.join(", ")
            )),
        );
    }
    let runs = runs(cx, rehearsal);
    if !runs.is_empty() {
        found.push(
            Diagnostic::error("rehearse/left-out#run", "the rehearsal leaves out something that is new")
                .primary(at, format!("nobody tries {}", listed(&runs)))
                .help("add it behind `run`; without a line `run` everything is tried"),
        );
    }
    cx.draft.diagnostics.extend(found);
}

fn imported(cx: &Context<'_>, part: Part) -> bool {
    cx.decided
        .iter()
        .any(|line| line.verb == Verb::Import && line.kind.kind.part == part && line.kind.count() != Some(0))
}

fn rebuilt(cx: &Context<'_>, part: Part) -> bool {
    cx.decided.iter().any(|line| line.verb == Verb::Recreate && line.kind.kind.part == part)
}

/// Groups of records of which the sample must hold some on purpose and holds none; of each list one is enough.
fn strata(cx: &Context<'_>, rehearsal: &Rehearsal) -> Vec<&'static [&'static str]> {
    let clocks = cx.one(ItemKw::Sla).is_some();
    let wanted: [(bool, &[&str]); 7] = [
        (imported(cx, Part::Attachment), &["attachments", "large_attachments"]),
        (imported(cx, Part::Transcript), &["transcripts"]),
        (clocks, &["overdue"]),
        (clocks, &["near_due"]),
        (true, &["longest", "many_comments"]),
        (true, &["rare_fields", "empty_fields"]),
        (true, &["merged", "suspended_author", "linked", "reopened", "non_latin"]),
    ];
    let held = |word: &&str| rehearsal.include.iter().any(|sample| sample.of == **word);
    let missing = wanted.into_iter().filter(|(asked, words)| *asked && !words.iter().any(held));
    missing.map(|(_, words)| words).collect()
}

/// `a`, or `b` or `c`.
fn either(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(" or ")
}

/// What is tried.
fn runs(cx: &Context<'_>, rehearsal: &Rehearsal) -> Vec<&'static str> {
    let groups = imported(cx, Part::Group) || rebuilt(cx, Part::Group) || rebuilt(cx, Part::Queue);
    let wanted = [
        (rebuilt(cx, Part::Automation), "automations"),
        (cx.one(ItemKw::Sla).is_some(), "due_times"),
        (cx.one(ItemKw::Escalation).is_some(), "escalations"),
        (true, "notifications"),
        (true, "reports"),
        (true, "reversal"),
        (groups, "routing"),
    ];
    let missing =
        wanted.iter().filter(|(asked, word)| *asked && !rehearsal.run.iter().any(|run| run == word));
    missing.map(|(_, word)| *word).collect()
}
