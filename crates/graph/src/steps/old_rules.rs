//! What the old desk sends by itself: its reminders and answers go on after the switch, about tickets that live on in the new desk.

use cutover_catalog::Part;
use cutover_ir::Id;
use cutover_plan::model::{Content, Inverse, Operation, Pass, Phase, StageKind, Undo};

use crate::Sketch;
use crate::sketch::{carries, stage};

/// So many rules are named one by one.
const NAMED: usize = 12;

/// Whoever makes the old desk read-only switches off first what writes to customers there: a rule needs nobody's permission to write.
/// Only what the inventory says of a rule counts; a guess from its name is advice, and no stage of a plan.
pub(super) fn add(sketch: &mut Sketch<'_>) {
    let Some(source) = sketch.world.source() else { return };
    let objects = source.kinds_of(Part::Automation).filter_map(|kind| source.objects(kind.name)).flatten();
    let mut names: Vec<&str> = objects
        .filter(|object| !object.inactive && object.answers == Some(true))
        .map(|object| &*object.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    let read_only = sketch.items().find(|(_, item)| matches!(item.content, Content::ReadOnly(_)));
    let Some((id, item)) = read_only.filter(|_| !names.is_empty()) else { return };
    let mut listed = names.iter().take(NAMED).map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        listed.push_str(&format!(" and {} more", names.len() - NAMED));
    }
    let mut made = stage(
        Id::new(["stage", "quiet", "source"]),
        Phase::After,
        StageKind::Gate,
        "Switch off what the old desk writes to customers by itself",
        Operation::Approve,
    );
    made.pass = Pass::Evidence(format!("in the old desk these rules are off: {listed}"));
    made.undo = Undo::Inverse(Inverse::SwitchOn);
    let gate = [sketch.add(carries(made, id, item))];
    let closed = sketch.which(|s| matches!(s.operation, Operation::ReadOnly { .. }));
    sketch.need_all(&closed, &gate, "rules go on writing to customers when people no longer can");
}
