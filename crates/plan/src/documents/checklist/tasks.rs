//! The tasks by phase.

use std::collections::BTreeSet;

use cutover_ir::Id;

use crate::documents::details;
use crate::documents::page::Page;
use crate::model::{Estimate, Operation, Pass, Phase, Placement, Stage, StageKind, Undo};
use crate::schedule::Schedule;
use crate::text::numbers::{len, number, span};
use crate::text::{local, words};

pub(super) fn write(page: &mut Page<'_>, times: &Schedule) {
    page.heading(2, "Tasks");
    page.raw("A box is a step of a person, a dash is a step of the tool.\n");
    let mut shown = BTreeSet::new();
    let mut by_phase: Vec<Vec<&Stage>> = vec![Vec::new(); Phase::ALL.len()];
    for stage in &page.plan.stages {
        // What happens in the window is read as one list, by time.
        let phase = if stage.placement == Placement::In { Phase::Night } else { stage.phase };
        let index = Phase::ALL.iter().position(|known| *known == phase).unwrap_or(0);
        if let Some(list) = by_phase.get_mut(index) {
            list.push(stage);
        }
    }
    for (phase, mut stages) in Phase::ALL.into_iter().zip(by_phase) {
        if phase == Phase::Night {
            // Stable: what begins together stays in the order of the plan.
            stages.sort_by_key(|stage| times.times.get(&stage.id).map(|times| times.start));
        }
        if !stages.is_empty() {
            page.heading(3, phase.title());
            for group in stages.chunk_by(|a, b| piece_of(a).is_some() && piece_of(a) == piece_of(b)) {
                match group {
                    [first, .., _] => pieces(page, first, group, &mut shown),
                    stages => {
                        for stage in stages {
                            task(page, stage, times);
                            details(page, stage, &mut shown);
                        }
                    }
                }
            }
        }
    }
}

/// Of what the stage exports a piece, and whose it is.
fn piece_of(stage: &Stage) -> Option<(&str, Option<&str>)> {
    match &stage.operation {
        Operation::Export { kind, chunk: Some(_), .. } => Some((kind, stage.owner.as_deref())),
        _ => None,
    }
}

/// One line for an export in pieces; the pieces are folded.
fn pieces<'a>(page: &mut Page<'a>, first: &'a Stage, group: &[&'a Stage], shown: &mut BTreeSet<&'a Id>) {
    let kind = piece_of(first).map(|(kind, _)| words::plural(kind)).unwrap_or_default();
    let sum = |part: fn(&Estimate) -> u64| {
        group.iter().filter_map(|stage| stage.estimate.as_deref()).map(part).fold(0_u64, u64::saturating_add)
    };
    let passes = pass(page, first);
    page.raw("- **").text(&format!("Export {kind} in {} pieces", number(len(group.len())))).raw("**");
    if let Some(owner) = &first.owner {
        page.raw(" – ").person(owner);
    }
    let (records, seconds) = (sum(|estimate| estimate.count), sum(|estimate| estimate.seconds));
    if seconds > 0 {
        page.raw(", takes ").raw(&span(seconds)).raw(" (").number(records).raw(" records)");
    }
    page.raw(". Each is done when ").text(&passes).raw(".\n");
    details(page, first, shown);
    page.raw("\n  <details><summary>the pieces</summary>\n\n");
    for stage in group {
        page.raw("  - ").text(&stage.title);
        if let Some(estimate) = &stage.estimate {
            page.raw(", ").number(estimate.count).raw(" records, ").raw(&span(estimate.seconds));
        }
        page.ends_with(&stage.id);
    }
    page.raw("\n  </details>\n\n");
}

fn task(page: &mut Page<'_>, stage: &Stage, times: &Schedule) {
    page.raw(if stage.kind == StageKind::Gate { "- [ ] **" } else { "- **" }).text(&stage.title).raw("**");
    if let Some(owner) = &stage.owner {
        page.raw(" – ").person(owner);
    }
    if !stage.signed_by.is_empty() {
        let names = words::people(page.plan, &stage.signed_by);
        page.raw(", signed by ").text(&names);
    }
    time(page, stage, times);
    let passes = pass(page, stage);
    page.raw(". Done when ").text(&passes).raw(".");
    match &stage.undo {
        Undo::NotNeeded => {}
        Undo::Inverse(inverse) => {
            page.raw(" Way back: ").raw(words::inverse(*inverse)).raw(".");
        }
        Undo::Irreversible { because } => {
            page.raw(" **Cannot be taken back**: ").text(because).raw(".");
        }
    }
    page.ends_with(&stage.id);
}

/// What the stage's items decide, each under the first stage that carries it out.
fn details<'a>(page: &mut Page<'a>, stage: &'a Stage, shown: &mut BTreeSet<&'a Id>) {
    for item in &stage.items {
        let plan = page.plan;
        if shown.insert(&item.0)
            && let Some(detail) = plan.items.get(&item.0).and_then(|item| details::detail(plan, item))
        {
            page.raw("  - ").sentence(&detail).ends_with(&item.0);
        }
    }
}

fn time(page: &mut Page<'_>, stage: &Stage, times: &Schedule) {
    let plan = page.plan;
    if let (Some(window), Some(planned)) = (&plan.migration.window, times.times.get(&stage.id)) {
        let (_, clock) = local::day_and_clock(window, crate::schedule::instant(window, planned.start));
        page.raw(", about ").raw(&clock);
    } else if let Some(due) = &stage.due {
        page.raw(", by ").text(&words::moment(plan, due));
    } else if let Some(from) = &stage.not_before {
        page.raw(", from ").text(&words::moment(plan, from));
    } else if stage.placement == Placement::In {
        page.raw(", in the window");
    }
    if let Some(estimate) = &stage.estimate {
        page.raw(", takes ").raw(&span(estimate.seconds));
        if estimate.count > 1 {
            let text = format!(
                " ({} records{}, {} a batch, {} call{} each, {} calls in {}{})",
                number(estimate.count),
                match estimate.holders {
                    0 => String::new(),
                    holders => format!(" of {} tickets, each of them asked for by itself", number(holders)),
                },
                number(estimate.batch),
                number(estimate.calls),
                if estimate.calls == 1 { "" } else { "s" },
                number(estimate.rate.calls),
                span(estimate.rate.seconds),
                if estimate.fixed > 0 {
                    format!(", and {} besides", span(estimate.fixed))
                } else {
                    String::new()
                },
            );
            page.raw(&text);
        }
    }
}

/// How a stage is known to be done, in plain words.
fn pass(page: &Page<'_>, stage: &Stage) -> String {
    let compared = if stage.verification.is_empty() {
        String::new()
    } else {
        format!("; {} agree", words::compared(&stage.verification))
    };
    match &stage.pass {
        Pass::CountsAddUp => {
            format!(
                "every record that was read is written, rejected, filtered out or listed as uncertain{compared}"
            )
        }
        Pass::Verified if stage.verification.is_empty() => verified(stage),
        Pass::Verified => format!("{} agree", words::compared(&stage.verification)),
        Pass::All(all) => words::conditions(page.plan, all),
        Pass::Checks(checks) => {
            let names: Vec<String> = checks
                .iter()
                .map(|check| {
                    let title = page.plan.items.get(&check.0).and_then(|item| item.title.clone());
                    title.map_or_else(|| check.0.to_string(), |title| format!("“{title}”"))
                })
                .collect();
            format!("{} pass{compared}", words::list(&names))
        }
        Pass::Evidence(text) => format!("this is kept as evidence: {text}{compared}"),
        Pass::Signed => "it is signed".to_owned(),
        Pass::TimeOver => "the time is over and nothing is open".to_owned(),
    }
}

/// What the tool verifies where nothing particular is named.
fn verified(stage: &Stage) -> String {
    use crate::model::Operation as O;
    match &stage.operation {
        O::Freeze => "the rules are recorded; a change afterwards stops the run".to_owned(),
        O::Backup { parts, .. } => {
            format!("{} are there, with their counts and checksums", words::humans(parts))
        }
        O::Inventory { compares, .. } => {
            format!("{} are as the inventory says, or the differences are looked at", words::humans(compares))
        }
        O::Preflight { checks } => format!("{} are in order", words::humans(checks)),
        O::Silence { proven_by, .. } => {
            let proofs: Vec<String> = proven_by.iter().map(words::silence_proof).collect();
            format!("nothing is sent; proven by {}", proofs.join("; and "))
        }
        O::Hold { .. } => "a test message waits there and arrives nowhere".to_owned(),
        O::Switch { channel } => {
            format!("a test message through {} arrives in the new desk", words::human(channel))
        }
        O::ReadOnly { .. } => "a test change is refused".to_owned(),
        _ => "the tool finds it done when it looks again".to_owned(),
    }
}
