//! The night: hold, silence, switch, drain.

use cutover_ir::Id;
use cutover_plan::model::{Content, Inverse, Operation, Pass, Phase, Ref, StageKind, Undo};

use super::load::loads_everything_in_window;
use crate::Sketch;
use crate::sketch::{carries, spaced, stage};

pub(super) fn add(sketch: &mut Sketch<'_>) {
    let night = sketch.items().find_map(|(id, item)| match &item.content {
        Content::GoLive(night) => Some((id, item, night)),
        _ => None,
    });
    let Some((id, item, night)) = night else { return };
    silence(sketch, id, item, night);
    for inbound in &night.hold {
        let name = inbound.0.as_str().rsplit('/').next().unwrap_or_default();
        let address = sketch.items().find(|(other, _)| **other == inbound.0);
        let title = address.and_then(|(_, i)| match &i.content {
            Content::Inbound(inbound) => Some(inbound.address.clone()),
            _ => None,
        });
        let title = title.unwrap_or_else(|| spaced(name));
        let owner = address.and_then(|(_, i)| i.owner.clone()).or_else(|| item.owner.clone());
        let mut hold = stage(
            Id::new(["stage", "hold", name]),
            Phase::Night,
            StageKind::Automatic,
            format!("Hold what arrives at {title}"),
            Operation::Hold { inbound: vec![inbound.clone()] },
        );
        hold.owner = owner.clone();
        hold.items = vec![Ref(id.clone()), inbound.clone()];
        hold.pass = Pass::Evidence("a test message waits and does not bounce".to_owned());
        hold.undo = Undo::Inverse(Inverse::DeliverToSource);
        sketch.add(hold);
        let mut drain = stage(
            Id::new(["stage", "drain", name]),
            Phase::Night,
            StageKind::Automatic,
            format!("Deliver what arrived at {title}"),
            Operation::Drain { inbound: vec![inbound.clone()] },
        );
        drain.owner = owner;
        drain.items = vec![Ref(id.clone()), inbound.clone()];
        drain.pass = Pass::CountsAddUp;
        drain.undo = Undo::Irreversible {
            because: "the new desk answers these messages; sending them again would reach customers twice"
                .to_owned(),
        };
        sketch.add(drain);
    }
    for channel in &night.switch {
        let mut made = stage(
            Id::new(["stage", "switch", channel]),
            Phase::Night,
            StageKind::Automatic,
            format!("Switch {} to the new desk", spaced(channel)),
            Operation::Switch { channel: channel.clone() },
        );
        made = carries(made, id, item);
        if let Some((integration, _)) =
            sketch.items().find(|(other, _)| **other == Id::new(["integration", channel]))
        {
            made.items.push(Ref(integration.clone()));
            made.items.sort();
        }
        made.pass = Pass::Evidence("a test message arrives in the new desk".to_owned());
        // Who signs has signed before: see `approval`.
        made.signed_by.clear();
        // What customers write after the switch can go back only by mailing them again.
        made.undo = Undo::Irreversible {
            because:
                "what customers and agents write after it cannot be replayed without reaching customers again"
                    .to_owned(),
        };
        sketch.add(made);
    }
    approval(sketch, id, item);
    edges(sketch);
}

/// Whoever signs the night signs before the point of no return, with the comparison on the table.
fn approval(sketch: &mut Sketch<'_>, id: &Id, item: &cutover_plan::model::Item) {
    if item.signed_by.is_empty() {
        return;
    }
    let made = stage(
        Id::new(["stage", "approve", "go_live"]),
        Phase::Night,
        StageKind::Gate,
        "Decide to go live",
        Operation::Approve,
    );
    sketch.add(carries(made, id, item));
}

fn silence(
    sketch: &mut Sketch<'_>,
    id: &Id,
    item: &cutover_plan::model::Item,
    night: &cutover_plan::model::GoLive,
) {
    let Some(silence) = &night.silent else { return };
    let phase = if loads_everything_in_window(sketch) { Phase::Night } else { Phase::Load };
    let mut made = stage(
        Id::new(["stage", "silence"]),
        phase,
        StageKind::Automatic,
        "Make the new desk quiet and prove it",
        Operation::Silence { tag: silence.tag.clone(), proven_by: silence.proven_by.clone() },
    );
    made = carries(made, id, item);
    made.signed_by.clear();
    made.pass = Pass::Evidence("the named proof shows that nothing is sent".to_owned());
    made.undo = Undo::Inverse(Inverse::Unsilence);
    sketch.add(made);
    let mut over = stage(
        Id::new(["stage", "unsilence"]),
        Phase::Prove,
        StageKind::Automatic,
        "Let the new desk speak again",
        Operation::Unsilence,
    );
    over = carries(over, id, item);
    over.signed_by.clear();
    over.pass = Pass::Evidence("the rules that were off are on, and apply to no migrated record".to_owned());
    over.undo = Undo::Inverse(Inverse::Silence);
    sketch.add(over);
}

fn edges(sketch: &mut Sketch<'_>) {
    let holds = sketch.which(|s| matches!(s.operation, Operation::Hold { .. }));
    let drains = sketch.which(|s| matches!(s.operation, Operation::Drain { .. }));
    let switches = sketch.which(|s| matches!(s.operation, Operation::Switch { .. }));
    let silence = sketch.which(|s| matches!(s.operation, Operation::Silence { .. }));
    let loads = sketch.which(|s| matches!(s.operation, Operation::Load { .. }));
    let night_loads =
        sketch.which(|s| matches!(s.operation, Operation::Load { .. }) && s.phase == Phase::Night);
    let early = sketch.which(|s| {
        matches!(s.operation, Operation::Load { .. } | Operation::Verify { .. }) && s.phase == Phase::Load
    });
    let verified =
        sketch.which(|s| matches!(s.operation, Operation::Verify { .. }) && s.phase == Phase::Night);
    sketch.need_all(&loads, &silence, "nothing is written while the new desk could send mail");
    sketch.need_all(&holds, &early, "what is loaded ahead is over before anything is held");
    sketch.need_all(&night_loads, &holds, "nothing arrives in the old desk while its last records are read");
    let reads = sketch.which(|s| matches!(s.operation, Operation::Export { .. }) && s.phase == Phase::Night);
    sketch.need_all(&reads, &holds, "nothing arrives in the old desk while its last records are read");
    let approved = sketch.which(|s| s.operation == Operation::Approve && s.phase == Phase::Night);
    sketch.need_all(&approved, &night_loads, "the decision is taken once every record is in");
    sketch.need_all(&approved, &verified, "the decision is taken once the records are compared");
    sketch.need_all(&approved, &holds, "the decision is taken while messages wait");
    if holds.is_empty() {
        // Nothing is held that the loads ahead would have to be over for.
        sketch.need_all(&approved, &early, "the decision is taken once what was loaded ahead is compared");
        sketch.need_all(&switches, &early, "channels are switched once what was loaded ahead is compared");
    }
    sketch.need_all(&switches, &approved, "channels are switched once somebody has signed for it");
    if switches.is_empty() {
        sketch.need_all(&drains, &approved, "what waited is delivered once somebody has signed for it");
    }
    sketch.need_all(&switches, &night_loads, "channels are switched once every record is in");
    sketch.need_all(&switches, &verified, "channels are switched once the records are compared");
    sketch.need_all(&switches, &holds, "messages wait while channels are switched");
    sketch.need_all(&drains, &switches, "what waited is delivered to the new desk");
    let own = drains.iter().filter_map(|drain| {
        let name = sketch.stage(*drain)?.id.as_str().rsplit('/').next()?;
        Some((*drain, sketch.node(&Id::new(["stage", "hold", name]))?))
    });
    for (drain, hold) in own.collect::<Vec<_>>() {
        sketch.need(drain, hold, "what was held is delivered");
    }
}
