//! Loads: each imported kind with a map, by wave, and each wave's verification.

use std::collections::BTreeSet;

use cutover_catalog::Part;
use cutover_catalog::kind::Route;
use cutover_ir::Id;
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{
    Content, Inverse, LoadMode, Operation, Pass, Phase, Placement, Ref, Selection, Stage, StageKind, Undo,
    Verb, Wave, Words,
};

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::export::plural;
use crate::Sketch;
use crate::sketch::{Node, Nodes, READ_BACK, carries, spaced, stage, words};

/// A wave with what its stages need to know.
struct Found<'a> {
    id: &'a Id,
    item: &'a cutover_plan::model::Item,
    wave: &'a Wave,
}

pub(super) fn add(sketch: &mut Sketch<'_>) {
    let mut waves: Vec<Found<'_>> = sketch
        .items()
        .filter_map(|(id, item)| match &item.content {
            Content::Wave(wave) => Some(Found { id, item, wave }),
            _ => None,
        })
        .collect();
    waves.sort_by_key(|found| found.wave.order);
    let in_window = loads_everything_in_window(sketch);
    let night_owner = night_owner(sketch);
    for (id, item) in sketch.items() {
        let Content::Map(map) = &item.content else { continue };
        if !sketch.imports(&map.source) || travels_with_parent(sketch, &map.source, &map.target) {
            continue;
        }
        let of_kind = waves_of(sketch, &waves, &map.source);
        let several = several_maps(sketch, &map.source);
        if of_kind.is_empty() {
            let mut parts = vec!["stage", "load", map.source.as_str()];
            if several {
                parts.push(&map.target);
            }
            let mut made = load(Id::new(parts), &Ref(id.clone()), map, None, in_window);
            made.owner = item.owner.clone().or_else(|| night_owner.clone());
            sketch.add(made);
            continue;
        }
        for found in of_kind {
            let name = found.id.as_str().rsplit('/').next().unwrap_or_default();
            let mut parts = vec!["stage", "load", map.source.as_str()];
            if several {
                parts.push(&map.target);
            }
            parts.push(name);
            let night = found.wave.placement == Placement::In;
            let made = load(Id::new(parts), &Ref(id.clone()), map, Some(found), night);
            sketch.add(made);
        }
    }
    super::changed::add(sketch);
    children(sketch);
    scoped(sketch);
    let loads = sketch.index(wave_of);
    verify(sketch, &waves, &loads);
    verify_rest(sketch);
    wave_order(sketch, &waves, &loads);
}

/// Whether the window's own load takes everything, so that nothing is loaded ahead and no delta is needed.
pub(super) fn loads_everything_in_window(sketch: &Sketch<'_>) -> bool {
    sketch.items().any(|(_, item)| match &item.content {
        Content::GoLive(night) => night.load.mode == LoadMode::Create && night.load.kind.is_none(),
        _ => false,
    })
}

pub(super) fn night_owner(sketch: &Sketch<'_>) -> Option<String> {
    sketch
        .items()
        .find_map(|(_, item)| matches!(item.content, Content::GoLive(_)).then(|| item.owner.clone())?)
}

pub(super) fn several_maps(sketch: &Sketch<'_>, kind: &str) -> bool {
    sketch.maps_of(kind).len() > 1
}

/// Whether objects of a kind are written inside the call for the object that holds them.
pub(super) fn travels_with_parent(sketch: &Sketch<'_>, source: &str, target: &str) -> bool {
    let Some(target) = sketch.world.target().and_then(|t| t.kind(target)) else { return false };
    let inside =
        target.kind.load.as_ref().is_some_and(|load| matches!(load.how, Route::WithParent | Route::Implied));
    inside && sketch.parent(source).is_some()
}

/// The waves in which objects of a kind are loaded: its own, or those of the kind with which they travel.
fn waves_of<'w, 'a>(sketch: &Sketch<'_>, waves: &'w [Found<'a>], kind: &str) -> Vec<&'w Found<'a>> {
    if waves.is_empty() {
        return Vec::new();
    }
    let root = sketch.root(kind);
    waves.iter().filter(|found| found.wave.kind == kind || found.wave.kind == root).collect()
}

fn load(id: Id, map_ref: &Ref, map: &cutover_ir::map::Map, wave: Option<&Found<'_>>, night: bool) -> Stage {
    let plural = plural(&map.source);
    let phase = if night { Phase::Night } else { Phase::Load };
    let title = match wave {
        Some(found) => {
            let name = found.id.as_str().rsplit('/').next().unwrap_or_default();
            format!("Load {plural}: {}", found.item.title.clone().unwrap_or_else(|| spaced(name)))
        }
        None => format!("Load {plural}"),
    };
    // What travels with a ticket goes over when the ticket does, whatever it looks like itself.
    let scope = wave.filter(|found| found.wave.kind == map.source).and_then(|found| scope(&found.wave.which));
    let operation = Operation::Load {
        map: map_ref.clone(),
        source: map.source.clone(),
        target: map.target.clone(),
        scope,
        wave: wave.map(|found| Ref(found.id.clone())),
        mode: LoadMode::Create,
    };
    let mut made = stage(id, phase, StageKind::Automatic, title, operation);
    if let Some(found) = wave {
        made = carries(made, found.id, found.item);
        made.signed_by.clear();
        made.due = found.wave.by.clone().map(Box::new);
    }
    made.items.push(map_ref.clone());
    made.items.sort();
    made.pass = Pass::CountsAddUp;
    made.verification = Words::clone(&READ_BACK);
    made.undo = Undo::Inverse(Inverse::DeleteCreated);
    made
}

fn scope(which: &Selection) -> Option<Box<Predicate>> {
    match which {
        Selection::Where(predicate) | Selection::Rest(predicate) => Some(Box::new(predicate.clone())),
        _ => None,
    }
}

/// Maps of kinds that travel inside another call belong to the stages of whatever holds them in the target; where that has none, to
/// those of the kind with which the scope lets them travel.
fn children(sketch: &mut Sketch<'_>) {
    let by_target = sketch.index(|stage| match &stage.operation {
        Operation::Load { target, .. } => Some(target),
        _ => None,
    });
    let by_source = sketch.index(loaded_kind);
    let mut belongs: Vec<(Nodes, Ref)> = Vec::new();
    for (id, map) in sketch.maps() {
        if !sketch.imports(&map.source) || !travels_with_parent(sketch, &map.source, &map.target) {
            continue;
        }
        let target = sketch.world.target().and_then(|target| target.kind(&map.target));
        let holder = target.and_then(|kind| kind.kind.with.as_deref()).and_then(|kind| by_target.get(kind));
        let parent = sketch.parent(&map.source).and_then(|kind| by_source.get(kind));
        belongs.push((holder.or(parent).cloned().unwrap_or_default(), Ref(id.clone())));
    }
    for (stages, map) in belongs {
        for node in stages {
            if let Some(stage) = sketch.stage_mut(node) {
                stage.items.push(map.clone());
                stage.items.sort();
            }
        }
    }
}

/// Loads carry the lines of the scope that say what they import: when one changes, what was signed about the load is out of date.
/// What travels with their records, and has no map of its own, is part of it.
fn scoped(sketch: &mut Sketch<'_>) {
    let mut along: FxHashMap<&str, Vec<Ref>> = FxHashMap::default();
    let mut sources: FxHashMap<&Id, &str> = FxHashMap::default();
    for (id, item) in sketch.items() {
        match &item.content {
            Content::Scope(part) if part.verb == Verb::Import => {
                along.entry(holder(sketch, &part.kind)).or_default().push(Ref(id.clone()));
            }
            Content::Map(map) => {
                sources.insert(id, &map.source);
            }
            _ => {}
        }
    }
    for stage in &mut sketch.stages {
        let Operation::Load { source, .. } = &stage.operation else { continue };
        let maps = stage.items.iter().filter_map(|item| sources.get(&item.0).copied());
        let mut kinds: SmallVec<[&str; 4]> = maps.chain([source.as_str()]).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let mut lines: Vec<Ref> =
            kinds.into_iter().filter_map(|kind| along.get(kind)).flatten().cloned().collect();
        stage.items.append(&mut lines);
        stage.items.sort();
        stage.items.dedup();
    }
}

/// The nearest kind with a map among a kind and those with which its objects travel; the kind itself when none has one.
fn holder<'k>(sketch: &Sketch<'k>, kind: &'k str) -> &'k str {
    let mut at = kind;
    // As deep as catalogs nest.
    for _ in 0..8 {
        if !sketch.maps_of(at).is_empty() {
            return at;
        }
        match sketch.parent(at) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    kind
}

/// The source kind that a load stage writes.
pub(super) fn loaded_kind(stage: &Stage) -> Option<&str> {
    match &stage.operation {
        Operation::Load { source, .. } => Some(source),
        _ => None,
    }
}

/// The wave that a load stage is a part of.
fn wave_of(stage: &Stage) -> Option<&str> {
    match &stage.operation {
        Operation::Load { wave: Some(wave), .. } => Some(wave.0.as_str()),
        _ => None,
    }
}

/// After each wave source, sent and read-back are compared: what becomes immutable is compared before anybody builds on it.
fn verify(sketch: &mut Sketch<'_>, waves: &[Found<'_>], loads: &FxHashMap<String, Nodes>) {
    for found in waves {
        let name = found.id.as_str().rsplit('/').next().unwrap_or_default();
        let Some(loads) = loads.get(found.id.as_str()) else { continue };
        let night = found.wave.placement == Placement::In;
        let mut made = stage(
            Id::new(["stage", "verify", name]),
            if night { Phase::Night } else { Phase::Load },
            StageKind::Automatic,
            format!("Compare what was loaded: {}", found.item.title.clone().unwrap_or_else(|| spaced(name))),
            Operation::Verify { checks: found.wave.gated_by.clone(), wave: Some(Ref(found.id.clone())) },
        );
        made = carries(made, found.id, found.item);
        made.due = found.wave.by.clone().map(Box::new);
        if !found.wave.gated_by.is_empty() {
            made.pass = Pass::Checks(found.wave.gated_by.clone());
        }
        made.verification = compared(sketch, loads);
        let id = sketch.add(made);
        sketch.need_all(&[id], loads, "only what was loaded can be compared");
    }
}

/// What is loaded in no wave is compared together, before anybody builds on it.
fn verify_rest(sketch: &mut Sketch<'_>) {
    for (name, phase) in [("ahead", Phase::Load), ("night", Phase::Night)] {
        let loads =
            sketch.which(|s| s.phase == phase && matches!(&s.operation, Operation::Load { wave: None, .. }));
        if loads.is_empty() {
            continue;
        }
        let mut made = stage(
            sketch.free(&["stage", "verify", name]),
            phase,
            StageKind::Automatic,
            "Compare what was loaded",
            Operation::Verify { checks: Vec::new(), wave: None },
        );
        made.owner = loads.iter().filter_map(|load| sketch.stage(*load)).find_map(|s| s.owner.clone());
        made.items =
            loads.iter().filter_map(|load| sketch.stage(*load)).flat_map(|s| s.items.clone()).collect();
        made.items.sort();
        made.items.dedup();
        made.verification = compared(sketch, &loads);
        let id = sketch.add(made);
        sketch.need_all(&[id], &loads, "only what was loaded can be compared");
    }
}

/// What is compared of the records that some stages loaded: all of what customers would notice.
fn compared(sketch: &Sketch<'_>, loads: &[Node]) -> Words {
    let stages = || loads.iter().filter_map(|load| sketch.stage(*load));
    let maps: FxHashSet<&Id> = stages().flat_map(|stage| &stage.items).map(|item| &item.0).collect();
    let source = sketch.world.source();
    let part = |kind: &str| source.and_then(|source| source.kind(kind)).map(|view| view.kind.part);
    let loaded: BTreeSet<Part> = sketch
        .maps()
        .into_iter()
        .filter(|(id, _)| maps.contains(id))
        .filter_map(|(_, map)| part(&map.source))
        .collect();
    let tickets = loaded.contains(&Part::Ticket);
    let promises = sketch.items().any(|(_, item)| matches!(item.content, Content::Sla(_)));
    let addresses = sketch.maps().into_iter().any(|(id, map)| {
        maps.contains(id) && map.rows.iter().any(|row| row.pipe.iter().any(|call| call.function == "link"))
    });
    let words = [
        ("counts", true),
        ("ids", true),
        ("read_back", true),
        ("timestamps", true),
        ("note_visibility", true),
        ("thread_order", tickets),
        ("assignments", tickets),
        ("clocks", tickets && promises),
        ("files", loaded.contains(&Part::Attachment)),
        ("old_addresses", addresses),
    ];
    self::words(words.into_iter().filter(|(_, asked)| *asked).map(|(word, _)| word))
}

/// A wave begins when the one before it is verified.
fn wave_order(sketch: &mut Sketch<'_>, waves: &[Found<'_>], loads: &FxHashMap<String, Nodes>) {
    for pair in waves.windows(2) {
        let [first, second] = pair else { continue };
        let name = first.id.as_str().rsplit('/').next().unwrap_or_default();
        let Some(verified) = sketch.node(&Id::new(["stage", "verify", name])) else { continue };
        let loads = loads.get(second.id.as_str()).map(|nodes| &**nodes).unwrap_or_default();
        sketch.need_all(loads, &[verified], "a wave begins when the one before it is verified");
    }
}
