//! The parts without which a migration is not ready: each is there, and holds what makes it one.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::measure::Condition;
use cutover_plan::model::{Content, TeamProfile};
use cutover_syntax::keywords::{ItemKw, StmtKw};

use crate::context::Context;
use crate::lower::words;
use crate::metrics;

/// A block that every migration has, or every one of a full team.
struct Part {
    keyword: ItemKw,
    full_only: bool,
    why: &'static str,
    example: &'static str,
}

const fn part(keyword: ItemKw, why: &'static str, example: &'static str) -> Part {
    Part { keyword, full_only: false, why, example }
}

const PARTS: &[Part] = &[
    part(ItemKw::Scope, "nobody decides what moves", "scope { import tickets ... }"),
    part(
        ItemKw::Integration,
        "nobody says what is connected to the old desk",
        "integration crm \"Accounts\" both ways owner ...`, or `integration none because \"...\"",
    ),
    part(
        ItemKw::Backup,
        "nothing could be restored",
        "backup full in \"vault:...\" owner ... { everything; restore 50 tickets signed by ... }",
    ),
    Part {
        full_only: true,
        ..part(
            ItemKw::Export,
            "nobody says how the old desk is read",
            "export staged owner ... { tickets; verify counts, checksums }",
        )
    },
    part(ItemKw::Map, "no field has a place in the new desk", "map ticket -> ticket { ... }"),
    part(
        ItemKw::Rehearse,
        "nothing is tried before the night",
        "rehearse sandbox owner ... signed by ... { sample 100 tickets spread over status }",
    ),
    part(
        ItemKw::GoLive,
        "nobody says what happens in the window",
        "go live owner ... { hold inbound; load everything; switch email; drain inbound }",
    ),
    part(
        ItemKw::Train,
        "agents meet the new desk unprepared",
        "train agents owner ... before window { receive; macros }",
    ),
    part(
        ItemKw::Rollback,
        "there is no way back",
        "rollback decided by ..., ... else stay paused within 30 min { ... }",
    ),
    Part {
        full_only: true,
        ..part(
            ItemKw::Watch,
            "nobody looks at the new desk while it is new",
            "watch target alert ... owner ... every 1 hour for 72 hours { report volume, backlog_age; duplicate tickets more than 0 }",
        )
    },
    part(
        ItemKw::Hypercare,
        "nobody looks after the first days",
        "hypercare owner ... for 7 days { daily 09:30 }",
    ),
    part(ItemKw::Ownership, "nobody owns what is left over", "ownership owner ... for 30 days"),
    part(
        ItemKw::ReadOnly,
        "nobody can look things up in the old desk",
        "read only source access within 24 hours owner ... until ...",
    ),
    part(
        ItemKw::Decommission,
        "the old desk never ends",
        "decommission source owner ... signed by ... after checks, hypercare",
    ),
];

/// Checks that all parts are there.
pub fn check(cx: &mut Context<'_>) {
    // Without a migration nothing else makes sense, and that is reported.
    let Some(migration) = cx.one(ItemKw::Migration) else { return };
    let at = migration.head_span();
    // Without a team, which is reported, nobody knows how much is asked of it.
    let full = cx.draft.plan.migration.team == TeamProfile::Full && cx.one(ItemKw::Team).is_some();
    for part in PARTS.iter().filter(|part| full || !part.full_only) {
        if cx.one(part.keyword).is_none() {
            cx.push(
                Diagnostic::error(
                    "required/part-missing",
                    "the spec lacks a part that every migration needs",
                )
                .primary(at, format!("no `{}`: {}", part.keyword, part.why))
                .help(format!("add `{}`", part.example)),
            );
        }
    }
    customers(cx, at);
    sandbox(cx, migration);
    restore(cx);
    rollback(cx);
    ownership(cx, full);
    if full {
        criteria(cx, at);
        areas(cx, at);
    }
}

/// Customers are told.
fn customers(cx: &mut Context<'_>, at: cutover_diagnostics::Span) {
    let told = cx.of(ItemKw::Announce).any(|item| {
        item.head().is_some_and(|head| crate::read::common::words(item, head.lead) == "customers")
    });
    if !told {
        cx.push(
            Diagnostic::error("required/announcement", "nobody tells the customers")
                .primary(at, "no `announce customers`")
                .help("add `announce customers template \"announce/customers.md\" owner ... from window - 3 days`"),
        );
    }
}

/// A rehearsal has a place.
fn sandbox(cx: &mut Context<'_>, migration: &cutover_syntax::tree::Item) {
    let Some(rehearse) = cx.one(ItemKw::Rehearse) else { return };
    let declared = migration.body_lines().iter().any(|line| line.statement == Some(StmtKw::Sandbox));
    if !declared {
        cx.push(
            Diagnostic::error("required/sandbox", "the rehearsal has no account to run in")
                .primary(rehearse.head_span(), "on which sandbox?")
                .secondary(migration.head_span(), "declares none")
                .help("add `sandbox` to the migration: the target's product, and the name of a test account"),
        );
    }
}

/// A backup is one when a part of it has been restored.
fn restore(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Backup).collect::<Vec<_>>() {
        if item.body_lines().iter().any(|line| line.statement == Some(StmtKw::Restore)) {
            continue;
        }
        cx.push(
            Diagnostic::error("required/restore-test", "a backup is never restored")
                .primary(item.head_span(), "no `restore`: nobody knows that it works")
                .help("add `restore 50 tickets signed by ... before rehearsal`"),
        );
    }
}

/// The way back has a number that asks for it, and two people who can decide.
fn rollback(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Rollback) else { return };
    if !item.body_lines().iter().any(|line| line.statement == Some(StmtKw::Trigger)) {
        cx.push(
            Diagnostic::error("required/trigger", "nothing asks whether to roll back")
                .primary(item.head_span(), "no `trigger`")
                .help("add one with a number: `trigger failures failed_imports more than 0.5% over 1000 records`"),
        );
    }
    let deciders = match cx.draft.plan.items.get("rollback").map(|item| &item.content) {
        Some(Content::Rollback(rollback)) => rollback.decided_by.len(),
        _ => return,
    };
    if deciders == 1 {
        cx.push(
            Diagnostic::error("required/deputy", "only one person can decide about the way back")
                .primary(item.head_span(), "and if they cannot be reached?")
                .help("name a deputy behind the decider: `decided by maya, li`"),
        );
    }
}

/// Somebody owns what is left over, for a month, by classes.
fn ownership(cx: &mut Context<'_>, full: bool) {
    let Some(item) = cx.one(ItemKw::Ownership) else { return };
    let found = match cx.draft.plan.items.get("ownership").map(|item| &item.content) {
        Some(Content::Ownership(ownership)) => {
            (ownership.rhythm.lasting.nominal_seconds(), ownership.classes.clone())
        }
        _ => return,
    };
    let (seconds, classes) = found;
    if seconds < 30 * 86_400 {
        cx.push(
            Diagnostic::error("required/ownership-short", "what is left over is owned for too short a time")
                .primary(item.head_span(), "shorter than 30 days")
                .help("most late surprises come in the first month: `for 30 days`"),
        );
    }
    let missing: Vec<String> = words::EXCEPTIONS
        .iter()
        .filter(|class| !classes.iter().any(|c| c == *class))
        .map(|c| format!("`{c}`"))
        .collect();
    if full && !missing.is_empty() {
        cx.push(
            Diagnostic::error("required/ownership-classes", "some of what is left over has no owner")
                .primary(item.head_span(), format!("nobody owns {}", missing.join(", ")))
                .help("list all four classes of exceptions"),
        );
    }
}

/// Success is said in two ways: as what the tool counts, and as what customers feel.
fn criteria(cx: &mut Context<'_>, at: cutover_diagnostics::Span) {
    let mut technical = false;
    let mut felt = false;
    for item in cx.draft.plan.items.values() {
        let (Content::Criterion(goal) | Content::Objective(goal)) = &item.content else { continue };
        for condition in &goal.pass {
            let Condition::Measure(measure) = condition else { continue };
            let customer = metrics::find(&measure.metric).is_some_and(|metric| metric.customer);
            felt |= customer;
            technical |= !customer && matches!(item.content, Content::Criterion(_));
        }
    }
    for (there, label, example) in [
        (
            technical,
            "no criterion about the records",
            "criterion lost \"No ticket is lost\" owner ... { missing tickets at most 0 }",
        ),
        (
            felt,
            "no criterion or objective about what customers feel",
            "criterion handling \"Agents keep pace\" owner ... { mean handling_time at most 110% of october within 7 days }",
        ),
    ] {
        if !there {
            cx.push(
                Diagnostic::error("required/criterion", "nobody says when the migration is a success")
                    .primary(at, label)
                    .help(format!("add `{example}`")),
            );
        }
    }
}

/// Each of the nine areas is checked, or somebody says why not.
fn areas(cx: &mut Context<'_>, at: cutover_diagnostics::Span) {
    let covered = |area: &str| {
        cx.names.item(ItemKw::Waive, area).is_some()
            || cx.draft.plan.items.contains_key(&Id::new(["waive", area]))
            || cx.draft.plan.items.values().any(|item| match &item.content {
                Content::Check(check) => check.area == area,
                Content::Waiver(waiver) => waiver.area == area,
                _ => false,
            })
    };
    let missing: Vec<String> =
        words::REVIEW_AREAS.iter().filter(|area| !covered(area)).map(|area| format!("`{area}`")).collect();
    if missing.is_empty() {
        return;
    }
    cx.push(
        Diagnostic::error(
            "required/review-area",
            "some of the nine review areas are neither checked nor waived",
        )
        .primary(at, format!("nothing about {}", missing.join(", ")))
        .help("add a `check` with its `area`, or `waive` it with an owner, a signature and a reason"),
    );
}
