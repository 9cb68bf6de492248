//! The registers: losses, defaults, silenced findings, facts, archives.

use cutover_ir::Id;

use crate::documents::page::{Page, of_kind};
use crate::model::{AcceptedLoss, ChosenNumber, ChosenRule, Mark, Verb};
use crate::text::numbers::{self, count, len};
use crate::text::words;

pub(super) fn write(page: &mut Page<'_>) {
    scope(page);
    losses(page);
    defaults(page);
    suppressions(page);
    rules(page);
    facts(page);
}

/// Every decision about what moves.
fn scope(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "What happens to what");
    page.table(&["What", "Decision", "Records", "Owner", "Why", "Item"]);
    for (id, item, part) in of_kind!(plan, Scope) {
        page.row(&[
            &|page| _ = page.text(&words::scoped(plan, part)),
            &|page| {
                page.raw(match part.verb {
                    Verb::Import => "moves",
                    Verb::Recreate => "is rebuilt by hand",
                    Verb::Archive => "is archived",
                    Verb::Retire => "is left behind",
                });
                if let Some(what) = &part.as_what {
                    page.raw(", as ").text(&words::human(what));
                }
                if let Some(kind) = &part.with_kind {
                    page.raw(", with its ").text(&words::human(kind));
                }
                if let Some(store) = &part.store {
                    page.raw(" in ").code(store);
                }
                if let Some(until) = &part.until {
                    page.raw(" until ").raw(&until.date.to_string());
                    page.raw(if until.then_delete { ", then deleted" } else { "" });
                }
                if let Some(seats) = part.seats {
                    page.raw(", at most ").number(seats).raw(" seats");
                }
                if part.redirects_verified {
                    page.raw(", old addresses lead to the new ones");
                }
            },
            &|page| {
                if let Some(records) = plan.figures.records.get(id) {
                    page.number(*records);
                }
            },
            &|page| {
                if let Some(owner) = &item.owner {
                    page.person(owner);
                }
            },
            &|page| _ = page.text(item.because.as_deref().unwrap_or_default()),
            &|page| _ = page.id(id),
        ]);
    }
}

fn losses(page: &mut Page<'_>) {
    page.heading(2, "What is lost");
    if page.plan.losses.is_empty() {
        page.raw("Nothing that anybody knows of.\n");
        return;
    }
    // Fields that are left behind stand in the matrix too, and there can be hundreds of them.
    let (fields, others): (Vec<_>, Vec<_>) =
        page.plan.losses.iter().partition(|(id, _)| is_dropped_field(id));
    loss_table(page, &others);
    if !fields.is_empty() {
        page.raw("\n<details><summary>").raw(&count(len(fields.len()), "field that is", "fields that are"));
        page.raw(" left behind</summary>\n\n");
        loss_table(page, &fields);
        page.raw("\n</details>\n");
    }
}

/// Whether a loss is a field without a place in the new desk.
pub(super) fn is_dropped_field(id: &Id) -> bool {
    id.kind() == "map" && id.as_str().contains("/drop/")
}

fn loss_table(page: &mut Page<'_>, losses: &[(&Id, &AcceptedLoss)]) {
    if losses.is_empty() {
        return;
    }
    page.table(&["What", "Why that is accepted", "Kept in", "Item"]);
    for (id, loss) in losses {
        page.row(&[
            &|page| {
                page.prose(&loss.what);
                records(page, loss);
            },
            &|page| _ = page.text(&loss.because),
            &|page| _ = page.code(loss.kept_in.as_deref().unwrap_or_default()),
            &|page| _ = page.id(id),
        ]);
    }
}

/// How many records a loss concerns.
pub(super) fn records(page: &mut Page<'_>, loss: &AcceptedLoss) {
    if let Some(records) = loss.records {
        page.raw(", ").number(records);
        if let Some(of) = loss.of {
            page.raw(" of ").number(of);
        }
        page.raw(" records");
    }
}

fn defaults(page: &mut Page<'_>) {
    page.heading(2, "Defaults taken");
    if page.plan.defaults.is_empty() {
        page.raw("None: the spec decides everything itself.\n");
        return;
    }
    for (id, default) in &page.plan.defaults {
        page.raw("- ").prose(&words::capital(&default.what)).raw(" → ").prose(&default.value).ends_with(id);
    }
}

fn suppressions(page: &mut Page<'_>) {
    page.heading(2, "Silenced findings");
    if page.plan.suppressions.is_empty() {
        page.raw("None.\n");
        return;
    }
    for (id, suppression) in &page.plan.suppressions {
        page.raw("- ").code(&suppression.code).raw(" at ");
        match &suppression.at {
            Some(at) => page.id(at),
            None => page.raw("any place"),
        };
        if let Some(until) = suppression.until {
            page.raw(", until ").raw(&until.to_string());
        }
        page.raw(": ").text(&suppression.because).ends_with(id);
    }
}

/// What the project chose for the rules; nothing where it chose nothing.
fn rules(page: &mut Page<'_>) {
    if page.plan.rules.is_empty() {
        return;
    }
    page.heading(2, "Rules of this project");
    for (code, rule) in &page.plan.rules {
        let ChosenRule { level, numbers, forbidden, because } = rule;
        page.raw("- ").code(code);
        let mut lead = ": ";
        if let Some(level) = level {
            page.raw(lead).raw(level.chosen.word()).raw(" instead of ").raw(level.usual.word());
            lead = "; ";
        }
        for number in numbers.values() {
            let ChosenNumber { chosen, usual, counts, stricter: _ } = number;
            page.raw(lead).raw(&numbers::number(*chosen)).raw(" instead of ").raw(&numbers::number(*usual));
            page.raw(" ").text(counts);
            lead = "; ";
        }
        if *forbidden {
            page.raw(lead).raw("no spec may silence it");
        }
        if let Some(because) = because {
            page.raw(": ").text(because);
        }
        page.raw("\n");
    }
}

fn facts(page: &mut Page<'_>) {
    page.heading(2, "Facts that nobody verified");
    let mut any = false;
    for (id, fact) in page.plan.facts.iter().filter(|(_, fact)| fact.mark == Mark::Unverified) {
        any = true;
        let product = words::product(page.plan, &fact.system);
        page.raw("- ")
            .text(product)
            .raw(": ")
            .prose(&fact.says)
            .raw(". Source: ")
            .code(&fact.source)
            .raw(" · ")
            .code(id);
        page.raw("\n");
    }
    if !any {
        page.raw("None.\n");
    }
}
