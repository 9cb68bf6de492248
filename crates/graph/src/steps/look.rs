//! What is looked at beside the loads: the accounts once more before anything rests on their inventories, a sample by people, and
//! rules that stay off until somebody switches them on.

use cutover_ir::Id;
use cutover_plan::model::{
    Content, Inverse, Operation, Pass, Phase, Ref, Stage, StageKind, SystemRole, Undo, Verb,
};

use super::load::night_owner;
use crate::Sketch;
use crate::sketch::{carries, spaced, stage};

/// What an inventory says, and what is therefore compared with the account.
const OF_SOURCE: &[&str] = &[
    "counts_by_status",
    "values",
    "options",
    "orphans",
    "duplicates",
    "inactive_agents",
    "last_use",
    "rules",
    "integrations",
];
const OF_TARGET: &[&str] = &["counts", "fields", "options", "groups", "rules", "subscription"];

pub(super) fn add(sketch: &mut Sketch<'_>) {
    inventories(sketch);
    samples(sketch);
    switched_on(sketch);
}

/// The plan was made from inventories. Before the export the accounts are looked at again: what differs is shown before it costs a night.
fn inventories(sketch: &mut Sketch<'_>) {
    let owner = night_owner(sketch);
    let mut taken = Vec::new();
    for (name, system) in &sketch.plan.systems {
        let looked = match system.role {
            SystemRole::Source => OF_SOURCE,
            SystemRole::Target => OF_TARGET,
            _ => continue,
        };
        if sketch.world.system(name).is_none_or(|system| system.inventory.is_none()) {
            continue;
        }
        let mut made = stage(
            Id::new(["stage", "inventory", name]),
            Phase::Agree,
            StageKind::Automatic,
            format!(
                "Take the inventory of the {name} again and compare it with the one that the plan was made from"
            ),
            Operation::Inventory {
                system: name.clone(),
                compares: looked.iter().map(|w| (*w).to_owned()).collect(),
            },
        );
        made.owner.clone_from(&owner);
        taken.push((system.role, made));
    }
    let mut all = Vec::new();
    let mut source = Vec::new();
    for (role, made) in taken {
        let node = sketch.add(made);
        all.push(node);
        if role == SystemRole::Source {
            source.push(node);
        }
    }
    let exports = sketch.which(|s| matches!(s.operation, Operation::Export { .. }));
    let backups = sketch.which(|s| matches!(s.operation, Operation::Backup { .. }));
    let rehearsals = sketch.which(|s| matches!(s.operation, Operation::Rehearse { .. }));
    sketch.need_all(&exports, &source, "what is exported is counted against the inventory");
    sketch.need_all(&backups, &source, "what is backed up is counted against the inventory");
    sketch.need_all(&rehearsals, &all, "a rehearsal on other accounts than the planned ones proves nothing");
}

/// People compare some records side by side, where the export asks for it: no checksum shows that a conversation makes sense.
fn samples(sketch: &mut Sketch<'_>) {
    for (id, item) in sketch.items() {
        let Content::Export(export) = &item.content else { continue };
        if export.sample.is_empty() {
            continue;
        }
        let name = id.as_str().rsplit('/').next().unwrap_or_default();
        let mut made = stage(
            Id::new(["stage", "compare", name]),
            Phase::Export,
            StageKind::Gate,
            "Compare a sample of the export with the old desk, side by side",
            Operation::Compare { samples: export.sample.clone() },
        );
        made.pass = Pass::Evidence(
            "the list of the records, each with its address in the old desk, and what differed".to_owned(),
        );
        let made = carries(made, id, item);
        let gate = sketch.add(made);
        let exports = sketch.which(|s| {
            matches!(s.operation, Operation::Export { .. }) && s.items.iter().any(|held| held.0 == *id)
        });
        sketch.need_all(&[gate], &exports, "only what was exported can be compared");
        let rehearsals = sketch.which(|s| matches!(s.operation, Operation::Rehearse { .. }));
        sketch.need_all(&rehearsals, &[gate], "an export that nobody looked at is not rehearsed");
    }
}

/// What was built switched off goes on by a decision of its own, once the checks have passed.
fn switched_on(sketch: &mut Sketch<'_>) {
    let proofs = sketch.which(|s| s.phase == Phase::Prove && matches!(s.operation, Operation::Verify { .. }));
    let unsilence = sketch.which(|s| matches!(s.operation, Operation::Unsilence));
    let end = sketch.which(|s| matches!(s.operation, Operation::Decommission { .. }));
    for (id, item) in sketch.items() {
        let Content::Scope(part) = &item.content else { continue };
        if part.verb != Verb::Recreate || part.as_what.as_deref() != Some("off") {
            continue;
        }
        let name = id.as_str().rsplit('/').next().unwrap_or_default();
        let built = sketch.which(|s| {
            matches!(s.operation, Operation::Recreate { .. }) && s.items.contains(&Ref(id.clone()))
        });
        let Some(title) = built.first().and_then(|node| sketch.stage(*node)).map(of) else { continue };
        let mut made = stage(
            Id::new(["stage", "switch_on", part.kind.as_str(), name]),
            Phase::After,
            StageKind::Gate,
            format!("Decide whether {title} is switched on"),
            Operation::Approve,
        );
        made.undo = Undo::Inverse(Inverse::SwitchOff);
        let made = carries(made, id, item);
        let gate = [sketch.add(made)];
        sketch.need_all(&gate, &built, "only what was built can be switched on");
        sketch.need_all(&gate, &proofs, "what answers customers by itself waits until the checks pass");
        sketch.need_all(&gate, &unsilence, "the new desk speaks again before a rule of it answers by itself");
        sketch.need_all(&end, &gate, "nothing ends while somebody has something to decide");
    }
}

/// `the automation “Auto-reply bot”`, from the title of the stage that builds it.
fn of(stage: &Stage) -> String {
    let words =
        stage.title.strip_prefix("Build ").and_then(|title| title.strip_suffix(" anew in the new desk"));
    words.map_or_else(|| spaced(stage.id.as_str()), str::to_owned)
}
