//! The order of the parts: no write without backup and rehearsal, no night without people who are ready.

use cutover_plan::model::{Operation, Phase};

use super::export::{cleaned_kind, exported_kind};
use super::load::loaded_kind;
use crate::Sketch;
use crate::sketch::Node;

pub(super) fn add(sketch: &mut Sketch<'_>) {
    let writes = sketch.which(|s| {
        matches!(s.operation, Operation::Load { .. } | Operation::Link { .. } | Operation::Silence { .. })
    });
    let loads = sketch.which(|s| matches!(s.operation, Operation::Load { .. }));
    let backups = sketch.which(|s| matches!(s.operation, Operation::Backup { .. }));
    let restores = sketch.which(|s| matches!(s.operation, Operation::RestoreTest { .. }));
    let rehearsals = sketch.which(|s| matches!(s.operation, Operation::Rehearse { .. }));
    let preflight = sketch.which(|s| matches!(s.operation, Operation::Preflight { .. }));
    let agreed = sketch.which(|s| s.operation == Operation::Approve && s.phase == Phase::Agree);
    let freeze = sketch.which(|s| s.operation == Operation::Freeze);
    let people = sketch
        .which(|s| matches!(s.operation, Operation::Train | Operation::Inspect | Operation::Announce { .. }));
    let integrations = sketch.which(|s| matches!(s.operation, Operation::Integrate { .. }));
    let retired = sketch.which(|s| matches!(s.operation, Operation::Retire { .. }));
    let holds = sketch.which(|s| matches!(s.operation, Operation::Hold { .. }));
    let switches = sketch.which(|s| matches!(s.operation, Operation::Switch { .. }));
    sketch.need_all(&writes, &backups, "nothing is written before there is a backup");
    sketch.need_all(&writes, &restores, "nothing is written before the backup is known to be restorable");
    sketch.need_all(
        &writes,
        &rehearsals,
        "nothing is written to the real account before the rehearsal has passed",
    );
    sketch.need_all(&writes, &agreed, "nothing is written before the goals are agreed on");
    let measured = sketch.which(|s| matches!(s.operation, Operation::Measure { .. }));
    if agreed.is_empty() {
        // With objectives, those wait for it already.
        sketch.need_all(&writes, &measured, "the past is measured while the old desk is still in full use");
    }
    sketch.need_all(&loads, &freeze, "rules no longer change while records are loaded by them");
    let night_loads: Vec<_> = loads
        .iter()
        .copied()
        .filter(|load| sketch.stage(*load).is_some_and(|s| s.phase == Phase::Night))
        .collect();
    let mut first_of_night = if holds.is_empty() { night_loads } else { holds.clone() };
    if holds.is_empty() {
        first_of_night.extend(
            sketch.which(|s| matches!(s.operation, Operation::Export { .. }) && s.phase == Phase::Night),
        );
    }
    sketch.need_all(
        &first_of_night,
        &preflight,
        "the night begins when everything that it takes for granted is there",
    );
    sketch.need_all(&first_of_night, &people, "the night begins when people are trained and told");
    sketch.need_all(&switches, &integrations, "channels are switched once the other systems are ready");
    sketch.need_all(&switches, &retired, "what is left behind is agreed on before channels are switched");
    kinds(sketch);
    owners(sketch);
}

/// Every stage has somebody who answers for it: what nobody in particular owns belongs to whoever owns the night.
fn owners(sketch: &mut Sketch<'_>) {
    let Some(owner) = super::load::night_owner(sketch) else { return };
    for stage in &mut sketch.stages {
        stage.owner.get_or_insert_with(|| owner.clone());
    }
}

/// Records are loaded from what was exported and tidied.
fn kinds(sketch: &mut Sketch<'_>) {
    let exported = sketch.index(exported_kind);
    let cleaned = sketch.index(cleaned_kind);
    let loads: Vec<(Node, String)> =
        sketch.nodes().filter_map(|(node, stage)| Some((node, loaded_kind(stage)?.to_owned()))).collect();
    for (load, source) in loads {
        let exports = exported.get(&source).map(|nodes| &**nodes).unwrap_or_default();
        let cleans = cleaned.get(&source).map(|nodes| &**nodes).unwrap_or_default();
        sketch.need_all(&[load], exports, "records are loaded from the export");
        sketch.need_all(&[load], cleans, "records are loaded as they were tidied");
    }
}
