//! Loads follow references; what refers in a circle is cut where the reference may be written later.

use std::collections::BTreeMap;

use cutover_catalog::Part;
use cutover_catalog::capability::Ability;
use cutover_ir::{Id, Type};
use cutover_plan::model::{Content, Inverse, LoadMode, Operation, Pass, Phase, Stage, StageKind, Undo};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use rustc_hash::FxHashMap;

use crate::Sketch;
use crate::sketch::{Node, Nodes, spaced, stage};

/// A reference that can be written after both records exist.
#[derive(Clone)]
struct Cut {
    /// Kind in the target that holds the reference.
    kind: String,
    /// The field.
    field: String,
    /// The kind to which it points.
    to: String,
}

/// References from the records of one load to those of another.
#[derive(Default)]
struct Edge {
    /// A reason that cannot wait.
    firm: Option<String>,
    /// References that may be written later.
    soft: Vec<Cut>,
}

pub(super) fn add(sketch: &mut Sketch<'_>) {
    let mut edges = edges(sketch);
    cut(sketch, &mut edges);
    suspended(sketch);
    for ((later, earlier), edge) in edges {
        let reason = edge.firm.or_else(|| edge.soft.first().map(reason));
        if let Some(reason) = reason {
            sketch.need(later, earlier, reason);
        }
    }
    // Known only now: a link that waits for a load of the night is one of the night.
    let early = sketch.which(|s| matches!(s.operation, Operation::Link { .. }) && s.phase == Phase::Load);
    let holds = sketch.which(|s| matches!(s.operation, Operation::Hold { .. }));
    sketch.need_all(&holds, &early, "what is loaded ahead is over before anything is held");
}

fn reason(cut: &Cut) -> String {
    format!("the {} of {} points to {}", spaced(&cut.field), a(&spaced(&cut.kind)), a(&spaced(&cut.to)))
}

/// With its article: `an agent`, `a user`.
fn a(name: &str) -> String {
    let an = name.starts_with(['a', 'e', 'i', 'o']) || name.starts_with("sla") || name.starts_with("SLA");
    format!("{} {name}", if an { "an" } else { "a" })
}

/// The target kind that a load stage writes.
fn written_kind(stage: &Stage) -> Option<&str> {
    match &stage.operation {
        Operation::Load { target, .. } => Some(target),
        _ => None,
    }
}

/// Which records a load stage writes, for telling loads of one kind apart.
struct Group {
    /// The kind at the top of those that travel together.
    root: String,
    /// The wave; none for loads in no wave.
    wave: Option<Id>,
    /// Whether it writes records for the first time.
    creates: bool,
}

fn groups(sketch: &Sketch<'_>) -> FxHashMap<Node, Group> {
    let group = |stage: &Stage| match &stage.operation {
        Operation::Load { source, wave, mode, .. } => Some(Group {
            root: sketch.root(source).to_owned(),
            wave: wave.as_ref().map(|wave| wave.0.clone()),
            creates: *mode == LoadMode::Create,
        }),
        _ => None,
    };
    sketch.nodes().filter_map(|(node, stage)| Some((node, group(stage)?))).collect()
}

impl Group {
    /// Whether records of `self` can refer to records of `other` that are not there yet: what travels together refers within its own
    /// wave; everything else refers to what is written for the first time.
    fn waits_for(&self, other: &Group) -> bool {
        if self.root == other.root {
            self.wave == other.wave && self.creates == other.creates
        } else {
            other.creates
        }
    }
}

/// The load stages of each map.
fn loads_by_map(sketch: &Sketch<'_>) -> FxHashMap<Id, Nodes> {
    let mut found: FxHashMap<Id, Nodes> = FxHashMap::default();
    for (node, stage) in sketch.nodes().filter(|(_, s)| matches!(s.operation, Operation::Load { .. })) {
        for item in &stage.items {
            found.entry(item.0.clone()).or_default().push(node);
        }
    }
    found
}

fn edges(sketch: &mut Sketch<'_>) -> BTreeMap<(Node, Node), Edge> {
    let mut edges: BTreeMap<(Node, Node), Edge> = BTreeMap::new();
    let mut own: Vec<(Nodes, Cut)> = Vec::new();
    let targets = sketch.index(written_kind);
    let groups = groups(sketch);
    let of_map = loads_by_map(sketch);
    for (_, item) in sketch.items() {
        let Content::Map(map) = &item.content else { continue };
        let Some(loads) = of_map.get(&map.id) else { continue };
        for row in &map.rows {
            for (field, ty) in row.to.iter().zip(&row.types) {
                for to in referred(ty) {
                    let earlier = targets.get(to).map(|nodes| &**nodes).unwrap_or_default();
                    let cut = || Cut { kind: map.target.clone(), field: field.clone(), to: to.to_owned() };
                    if to == map.target {
                        own.push((loads.clone(), cut()));
                        continue;
                    }
                    for later in loads {
                        let group = groups.get(later);
                        let waits = |earlier: &&Node| {
                            let both = group.zip(groups.get(earlier));
                            *earlier != later && both.is_some_and(|(later, earlier)| later.waits_for(earlier))
                        };
                        for earlier in earlier.iter().filter(waits) {
                            let edge = edges.entry((*later, *earlier)).or_default();
                            if ty.is_optional() && !held(sketch, &map.target, to) {
                                edge.soft.push(cut());
                            } else {
                                edge.firm.get_or_insert_with(|| reason(&cut()));
                            }
                        }
                    }
                }
            }
        }
    }
    for (loads, cut) in own {
        link(sketch, &cut, &loads);
    }
    edges
}

/// Whether objects of a kind are held by objects of another one: a reply without its ticket is nothing, so it cannot wait.
fn held(sketch: &Sketch<'_>, kind: &str, holder: &str) -> bool {
    let kind = sketch.world.target().and_then(|target| target.kind(kind));
    kind.and_then(|kind| kind.kind.with.as_deref()) == Some(holder)
}

/// The kinds of the target to which a type refers.
pub(super) fn referred(ty: &Type) -> impl Iterator<Item = &str> {
    let mut ty = ty;
    while let Type::Opt(inner) | Type::List(inner) = ty {
        ty = inner;
    }
    let name = match ty {
        Type::Ref(name) => Some(name.split_once('/').map_or(&**name, |(_, kinds)| kinds)),
        _ => None,
    };
    name.into_iter().flat_map(|kinds| kinds.split('|'))
}

/// Takes soft edges out of circles, one at a time, until no circle has one.
fn cut(sketch: &mut Sketch<'_>, edges: &mut BTreeMap<(Node, Node), Edge>) {
    let mut open = vec![edges.keys().copied().collect::<Vec<_>>()];
    while let Some(within) = open.pop() {
        for mut circle in circles(&within) {
            // The order of the edges is that in which their stages were made, so the same circle is always cut at the same place.
            let soft = |key: &(Node, Node)| edges.get(key).is_some_and(|edge| edge.firm.is_none());
            let Some(at) = circle.iter().position(soft) else { continue };
            let (later, earlier) = circle.remove(at);
            for cut in edges.remove(&(later, earlier)).into_iter().flat_map(|edge| edge.soft) {
                link(sketch, &cut, &[later, earlier]);
            }
            // What is left of the circle may hold others.
            open.push(circle);
        }
    }
}

/// The edges of each set of stages that refer to each other in circles, in order.
fn circles(edges: &[(Node, Node)]) -> Vec<Vec<(Node, Node)>> {
    let mut graph: DiGraph<Node, ()> = DiGraph::with_capacity(edges.len(), edges.len());
    let mut nodes = FxHashMap::default();
    for (later, earlier) in edges {
        let from = *nodes.entry(*later).or_insert_with(|| graph.add_node(*later));
        let to = *nodes.entry(*earlier).or_insert_with(|| graph.add_node(*earlier));
        graph.add_edge(from, to, ());
    }
    let mut circle: FxHashMap<Node, usize> = FxHashMap::default();
    let mut found = 0;
    for members in tarjan_scc(&graph).into_iter().filter(|members| members.len() > 1) {
        circle.extend(members.into_iter().filter_map(|node| Some((*graph.node_weight(node)?, found))));
        found += 1;
    }
    let mut inside = vec![Vec::new(); found];
    for (later, earlier) in edges {
        if let Some(number) = circle.get(later).filter(|number| circle.get(earlier) == Some(number))
            && let Some(edges) = inside.get_mut(*number)
        {
            edges.push((*later, *earlier));
        }
    }
    inside
}

/// Where the target takes no ticket of somebody who is suspended, people are suspended after the tickets are there.
fn suspended(sketch: &mut Sketch<'_>) {
    let Some(target) = sketch.world.target() else { return };
    let plan = sketch.plan.systems.get(&*target.name).and_then(|system| system.plan.as_deref());
    let refuses = target.catalog.and_then(|catalog| catalog.capabilities.suspended_author.as_ref()?.on(plan));
    if refuses != Some(&Ability::Never) {
        return;
    }
    let of_map = loads_by_map(sketch);
    let is_ticket = |stage: &Stage| {
        let kind = written_kind(stage).and_then(|kind| target.kind(kind));
        kind.is_some_and(|kind| kind.kind.part == Part::Ticket)
    };
    let tickets = sketch.which(is_ticket);
    let mut late = Vec::new();
    for (_, item) in sketch.items() {
        let Content::Map(map) = &item.content else { continue };
        let Some((people, kind)) = of_map.get(&map.id).zip(target.kind(&map.target)) else { continue };
        let Some((field, _)) = kind.kind.by_canon("suspended") else { continue };
        let writes = map.rows.iter().any(|row| row.to.iter().any(|to| to == field));
        if writes && matches!(kind.kind.part, Part::User | Part::Agent) && !tickets.is_empty() {
            let cut = Cut { kind: map.target.clone(), field: field.to_owned(), to: String::new() };
            late.push((cut, people.iter().chain(&tickets).copied().collect::<Vec<_>>()));
        }
    }
    for (cut, loads) in late {
        link(sketch, &cut, &loads);
    }
}

/// A stage that writes a reference once both sides exist, or a value once it keeps nothing else out.
fn link(sketch: &mut Sketch<'_>, cut: &Cut, loads: &[Node]) {
    let night = loads.iter().filter_map(|load| sketch.stage(*load)).any(|s| s.phase == Phase::Night);
    let id = Id::new(["stage", "link", &cut.kind, &cut.field]);
    let mut made: Stage = stage(
        id.clone(),
        if night { Phase::Night } else { Phase::Load },
        StageKind::Automatic,
        if cut.to.is_empty() {
            format!("Suspend each {} who was suspended", spaced(&cut.kind))
        } else {
            format!("Write the {} of each {}", spaced(&cut.field), spaced(&cut.kind))
        },
        Operation::Link {
            kind: cut.kind.clone(),
            field: cut.field.clone(),
            to: Some(cut.to.clone()).filter(|to| !to.is_empty()).into_iter().collect(),
        },
    );
    made.items = loads.iter().filter_map(|load| sketch.stage(*load)).flat_map(|s| s.items.clone()).collect();
    made.items.sort();
    made.items.dedup();
    made.owner = loads.iter().filter_map(|load| sketch.stage(*load)).find_map(|s| s.owner.clone());
    made.pass = Pass::CountsAddUp;
    made.undo = Undo::Inverse(Inverse::RestoreFields);
    // One reference may be cut at several places: the stage then waits for all of them.
    let known = sketch.node(&id);
    let node = match known.and_then(|node| Some((node, sketch.stage_mut(node)?))) {
        Some((node, known)) => {
            known.items.append(&mut made.items);
            known.items.sort();
            known.items.dedup();
            if let Operation::Link { to, .. } = &mut known.operation
                && !cut.to.is_empty()
                && !to.contains(&cut.to)
            {
                to.push(cut.to.clone());
                to.sort();
            }
            if made.phase == Phase::Night {
                (known.phase, known.placement) = (made.phase, made.placement);
            }
            node
        }
        None => sketch.add(made),
    };
    let reason = if cut.to.is_empty() {
        let product = sketch.world.target().map_or("the target", |target| target.product());
        format!("{product} takes no ticket of somebody who is suspended")
    } else {
        format!("both sides exist before the {} is written", spaced(&cut.field))
    };
    sketch.need_all(&[node], loads, reason);
    // The decision is taken, channels are switched and checks made with the links. A wave is compared before: its links may wait for a later wave.
    let checks = |stage: &Stage| {
        matches!(&stage.operation, Operation::Verify { checks, wave: None } if !checks.is_empty())
            && stage.phase == Phase::Night
    };
    let later = sketch.which(|s| {
        checks(s)
            || matches!(
                s.operation,
                Operation::Switch { .. } | Operation::Unsilence | Operation::ResumeClocks { .. }
            )
            || (s.phase == Phase::Prove && matches!(s.operation, Operation::Verify { .. }))
            || (s.phase == Phase::Night && s.operation == Operation::Approve)
    });
    let seen = if cut.to.is_empty() {
        "nobody comes back in who was kept out"
    } else {
        "references are part of what customers and agents see"
    };
    sketch.need_all(&later, &[node], seen);
}
