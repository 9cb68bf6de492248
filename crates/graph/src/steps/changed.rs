//! What happens in the old desk between the loads ahead of the window and the window: what changed of the tickets, and who came since.

use cutover_ir::Id;
use cutover_ir::map::Map;
use cutover_plan::model::{
    Content, Inverse, Item, LoadMode, Operation, Pass, Phase, Placement, Ref, Stage, StageKind, Undo, Words,
};
use rustc_hash::FxHashMap;

use super::export::{cleaned_kind, exported_kind, plural};
use super::load::{loaded_kind, loads_everything_in_window, several_maps, travels_with_parent};
use super::references::referred;
use crate::Sketch;
use crate::sketch::{CHECKSUMS, Node, READ_BACK, stage};

/// What changed in the source since the loads ahead of the window, or since the export from which the night loads.
pub(super) fn add(sketch: &mut Sketch<'_>) {
    if loads_everything_in_window(sketch) {
        anew(sketch);
    }
    for (id, item) in sketch.items() {
        let Content::GoLive(night) = &item.content else { continue };
        let (Some(kind), LoadMode::Replace | LoadMode::Append) = (&night.load.kind, night.load.mode) else {
            continue;
        };
        let loaded = sketch.index(loaded_kind);
        for (map_id, map) in sketch.maps() {
            let travels = travels_with_parent(sketch, &map.source, &map.target);
            if travels || sketch.root(&map.source) != kind || !sketch.imports(&map.source) {
                continue;
            }
            let earlier = loaded.get(&map.source).cloned().unwrap_or_default();
            let mut made = again(sketch, (id, item), (map_id, map), night.load.mode);
            made.title = format!("Load {} that changed since", plural(&map.source));
            let node = sketch.add(made);
            sketch.need_all(&[node], &earlier, "only what was loaded before can have changed since");
        }
        newcomers(sketch, (id, item), kind);
    }
}

/// The export from which a rehearsal took its sample is old in the night: what is loaded then is read and tidied once more, when no mail
/// arrives any more.
fn anew(sketch: &mut Sketch<'_>) {
    let Some(night) = sketch.items().find(|(_, item)| matches!(item.content, Content::GoLive(_))) else {
        return;
    };
    let exported = sketch.index(exported_kind);
    let cleaned = sketch.index(cleaned_kind);
    let mut kinds: Vec<&String> = exported.keys().filter(|kind| sketch.imports(kind)).collect();
    kinds.sort_unstable();
    let mut reads = Vec::new();
    let mut tidies = Vec::new();
    for kind in kinds {
        let early = exported.get(kind).cloned().unwrap_or_default();
        let mut made = stage(
            sketch.free(&["stage", "export", kind, "night"]),
            Phase::Night,
            StageKind::Automatic,
            format!("Export {} again: what came and changed since", plural(kind)),
            Operation::Export { kind: kind.clone(), scope: None, chunk: None },
        );
        made.owner =
            early.iter().filter_map(|node| sketch.stage(*node)).find_map(|stage| stage.owner.clone());
        made.items = sketch.imports_of(kind).iter().map(|line| Ref((*line).clone())).collect();
        made.items.push(Ref(night.0.clone()));
        made.items.sort();
        made.verification = Words::clone(&CHECKSUMS);
        let read = sketch.add(made);
        sketch.need_all(&[read], &early, "it is read once more when nothing changes any more");
        reads.push(read);
        let Some(before) = cleaned.get(kind).and_then(|nodes| nodes.first()).copied() else { continue };
        let Some(tidied) = sketch.stage(before) else { continue };
        let mut made = tidied.clone();
        made.id = sketch.free(&["stage", "clean", kind, "night"]);
        made.phase = Phase::Night;
        made.placement = Placement::In;
        made.title = format!("Tidy the copy once more: {}", plural(kind));
        tidies.push(sketch.add(made));
    }
    // A step may ask who is active: all that is read is there before anything is tidied.
    sketch.need_all(&tidies, &reads, "only what was exported can be tidied");
}

/// A stage of the night that loads what a map was used for before.
fn again(sketch: &Sketch<'_>, (id, item): (&Id, &Item), (map_id, map): (&Id, &Map), mode: LoadMode) -> Stage {
    let mut parts = vec!["stage", "load", map.source.as_str()];
    if several_maps(sketch, &map.source) {
        parts.push(&map.target);
    }
    parts.push("changed");
    let map_ref = Ref(map_id.clone());
    let mut made = stage(
        sketch.free(&parts),
        Phase::Night,
        StageKind::Automatic,
        "",
        Operation::Load {
            map: map_ref.clone(),
            source: map.source.clone(),
            target: map.target.clone(),
            scope: None,
            wave: None,
            mode,
        },
    );
    made.owner = item.owner.clone();
    made.items = vec![Ref(id.clone()), map_ref];
    made.items.sort();
    made.pass = Pass::CountsAddUp;
    made.verification = Words::clone(&READ_BACK);
    made.undo = Undo::Inverse(match mode {
        LoadMode::Replace => Inverse::RestoreFields,
        LoadMode::Create | LoadMode::Append => Inverse::DeleteCreated,
    });
    made
}

/// Who wrote for the first time since people were loaded is loaded before the tickets that changed, as is everything else to which these
/// point: without that, their tickets would be nobody's. What was loaded of them stays as it is.
fn newcomers(sketch: &mut Sketch<'_>, night: (&Id, &Item), kind: &str) {
    let targets = sketch.index(|stage| match &stage.operation {
        Operation::Load { target, mode: LoadMode::Create, .. } if stage.phase == Phase::Load => Some(target),
        _ => None,
    });
    let maps = sketch.maps();
    let of_tree = |map: &Map| sketch.root(&map.source) == kind && sketch.imports(&map.source);
    let mut open: Vec<(&Id, &Map)> = maps.iter().copied().filter(|(_, map)| of_tree(map)).collect();
    let mut tree: Vec<&Id> = open.iter().map(|(id, _)| *id).collect();
    let mut made: FxHashMap<&Id, Node> = FxHashMap::default();
    let changed = sketch.which(|stage| {
        let in_tree = |map: &Ref| tree.contains(&&map.0);
        let replaces = |mode: &LoadMode| *mode != LoadMode::Create;
        matches!(&stage.operation, Operation::Load { map, mode, .. } if in_tree(map) && replaces(mode))
    });
    while let Some((from, map)) = open.pop() {
        for to in map.rows.iter().flat_map(|row| &row.types).flat_map(referred) {
            let Some(loads) = targets.get(to) else { continue };
            for (id, other) in maps.iter().copied().filter(|(_, other)| other.target == to) {
                let ahead: Vec<Node> =
                    loads.iter().copied().filter(|load| loads_by(sketch, *load, id)).collect();
                if ahead.is_empty() || tree.contains(&id) {
                    continue;
                }
                tree.push(id);
                let mut stage = again(sketch, night, (id, other), LoadMode::Append);
                stage.title = format!("Load {} that came since", plural(&other.source));
                let node = sketch.add(stage);
                sketch.need_all(&[node], &ahead, "what was loaded before is not loaded twice");
                let waits = made.get(from).map_or_else(|| changed.clone(), |node| vec![*node]);
                sketch.need_all(&waits, &[node], "whoever came since is there before what points to them");
                made.insert(id, node);
                open.push((id, other));
            }
        }
    }
}

/// Whether a load stage runs a map.
fn loads_by(sketch: &Sketch<'_>, load: Node, id: &Id) -> bool {
    let operation = sketch.stage(load).map(|stage| &stage.operation);
    matches!(operation, Some(Operation::Load { map, .. }) if map.0 == *id)
}
