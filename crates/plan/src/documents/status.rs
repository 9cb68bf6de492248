//! The checklist with its signatures.

use crate::model::Plan;
use crate::signoffs::{SignOff, State, signatures};
use crate::text::words;

use super::page::Page;

pub(super) fn write(plan: &Plan, sign_offs: &[SignOff]) -> String {
    let about = "Who has signed what of this migration, and the checklist below. Written from the plan and the sign-offs.";
    let mut page = Page::new(plan, &plan.migration.title, about);
    page.of_plan();
    let all = signatures(plan, sign_offs);
    let signed = all.iter().filter(|one| matches!(one.state, State::Signed { .. })).count();
    page.raw(&format!("\n## Signatures\n\n{signed} of {} are there.\n\n", all.len()));
    page.raw("| what | who | state | evidence |\n|---|---|---|---|\n");
    for one in &all {
        let Some(item) = plan.items.get(&one.item) else { continue };
        let (word, evidence) = match &one.state {
            State::Waiting => ("waiting", None),
            State::Signed { evidence } => ("**signed**", evidence.as_deref()),
            State::Stale { .. } => ("**stale**: it changed after it was signed", None),
        };
        page.raw("| ")
            .text(&super::name(plan, &one.item, item))
            .raw(" (")
            .in_table(one.item.as_str())
            .raw(") | ");
        page.text(words::person(plan, &one.by)).raw(" | ").raw(word).raw(" | ");
        page.text(evidence.unwrap_or_default()).raw(" |\n");
    }
    let checklist = super::checklist(plan);
    let rest = checklist.split_once("\n## ").map_or("", |(_, rest)| rest);
    page.raw("\n## ").raw(rest);
    page.out
}
