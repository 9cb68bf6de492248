//! What is to be drawn: nodes, arrows, clusters.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use petgraph::algo::toposort;
use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::graph::{DiGraph, NodeIndex};

use super::{GraphError, Options};
use crate::model::{Operation, Phase, Plan, Stage, StageKind};
use crate::schedule::irreversible;
use crate::text::numbers::{count, len, span};
use crate::text::words;

/// A drawing, not yet in any language.
pub(super) struct View {
    pub(super) nodes: Vec<Node>,
    /// Arrows between positions in `nodes`, sorted: from what must be over, to what waits.
    pub(super) edges: Vec<Edge>,
}

/// A box.
pub(super) struct Node {
    pub(super) phase: Phase,
    pub(super) kind: StageKind,
    pub(super) title: String,
    /// The id, or the number of stages that a box stands for.
    pub(super) note: String,
    /// A name made of letters, digits and `_` that no other box has.
    pub(super) name: String,
    pub(super) critical: bool,
    pub(super) irreversible: bool,
    pub(super) focus: bool,
}

/// An arrow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) critical: bool,
    pub(super) reason: String,
}

/// How far boxes stand for several stages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// A box is a stage.
    Stages,
    /// Pieces of one kind of object are one box.
    Kinds,
    /// The same work on all kinds is one box.
    Operations,
    /// A box is a phase.
    Phases,
}

/// Above this number of boxes no arrows are left out: finding them takes the square of it.
const MOST_REDUCED: usize = 3_000;

pub(super) fn view(plan: &Plan, options: &Options, detail: Detail) -> Result<View, GraphError> {
    let position: BTreeMap<&Id, usize> =
        plan.stages.iter().enumerate().map(|(at, stage)| (&stage.id, at)).collect();
    let shown = shown(plan, options, &position)?;
    let critical: BTreeSet<&Id> = plan.critical_path.iter().collect();
    let mut nodes: Vec<Node> = Vec::new();
    let mut members: Vec<Vec<&Stage>> = Vec::new();
    let mut boxes: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut box_of: Vec<Option<usize>> = vec![None; plan.stages.len()];
    for ((at, stage), slot) in plan.stages.iter().enumerate().zip(&mut box_of) {
        if !shown.contains(&at) {
            continue;
        }
        let index = *boxes.entry(key(stage, detail)).or_insert_with(|| {
            nodes.push(node(stage));
            members.push(Vec::new());
            nodes.len() - 1
        });
        *slot = Some(index);
        if let (Some(node), Some(list)) = (nodes.get_mut(index), members.get_mut(index)) {
            node.critical |= critical.contains(&stage.id);
            node.irreversible |= irreversible(stage);
            node.focus |= options.focus.as_ref() == Some(&stage.id);
            list.push(stage);
        }
    }
    for (node, stages) in nodes.iter_mut().zip(&members) {
        if stages.len() > 1 {
            collapse(node, stages, detail);
        }
    }
    name(&mut nodes);
    let mut found: BTreeMap<(usize, usize), String> = BTreeMap::new();
    for (stage, to) in plan.stages.iter().zip(&box_of) {
        for need in &stage.needs {
            let from = position.get(&need.stage).and_then(|at| box_of.get(*at).copied().flatten());
            if let (Some(from), Some(to)) = (from, *to)
                && from != to
            {
                found.entry((from, to)).or_insert_with(|| need.reason.to_string());
            }
        }
    }
    let pairs: BTreeSet<(usize, usize)> = found.keys().copied().collect();
    let kept = reduce(nodes.len(), &pairs);
    let steps: BTreeSet<(usize, usize)> = plan
        .critical_path
        .windows(2)
        .filter_map(|pair| {
            let at = |id: &Id| position.get(id).and_then(|at| box_of.get(*at).copied().flatten());
            Some((at(pair.first()?)?, at(pair.get(1)?)?))
        })
        .collect();
    let edges = found
        .into_iter()
        .filter(|(pair, _)| kept.contains(pair))
        .map(|((from, to), reason)| Edge { from, to, critical: steps.contains(&(from, to)), reason })
        .collect();
    Ok(View { nodes, edges })
}

/// The positions of the stages that are drawn.
fn shown(
    plan: &Plan,
    options: &Options,
    position: &BTreeMap<&Id, usize>,
) -> Result<BTreeSet<usize>, GraphError> {
    let Some(focus) = &options.focus else { return Ok((0..plan.stages.len()).collect()) };
    let Some(start) = position.get(focus) else {
        let text = focus.as_str();
        let near = plan
            .stages
            .iter()
            .map(|stage| &stage.id)
            .filter(|id| id.as_str().contains(text))
            .take(5)
            .cloned();
        return Err(GraphError::NoStage { asked: focus.clone(), near: near.collect() });
    };
    let mut before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    // Only arrows that are drawn lead to neighbours: what is waited for through another stage is as far away as that makes it.
    let needs = plan.stages.iter().enumerate().flat_map(|(at, stage)| {
        stage.needs.iter().filter_map(move |need| Some((*position.get(&need.stage)?, at)))
    });
    for (need, at) in reduce(plan.stages.len(), &needs.collect()) {
        before.entry(at).or_default().push(need);
        after.entry(need).or_default().push(at);
    }
    // One way at a time: what a neighbour needs besides is not near the focus.
    let mut shown = BTreeSet::from([*start]);
    for way in [&before, &after] {
        let mut seen = BTreeSet::from([*start]);
        let mut ring = vec![*start];
        for _ in 0..options.depth.min(plan.stages.len()) {
            ring = ring
                .iter()
                .filter_map(|at| way.get(at))
                .flatten()
                .copied()
                .filter(|at| seen.insert(*at))
                .collect();
            if ring.is_empty() {
                break;
            }
        }
        shown.extend(seen);
    }
    Ok(shown)
}

/// What stages have in common that share a box.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Stage(&'a Id),
    Kind(Phase, StageKind, &'static str, &'a str),
    Operation(Phase, &'static str),
    Phase(Phase),
}

fn key(stage: &Stage, detail: Detail) -> Key<'_> {
    match detail {
        Detail::Stages => Key::Stage(&stage.id),
        Detail::Kinds => {
            Key::Kind(stage.phase, stage.kind, work(&stage.operation).0, work(&stage.operation).1)
        }
        Detail::Operations => Key::Operation(stage.phase, work(&stage.operation).0),
        Detail::Phases => Key::Phase(stage.phase),
    }
}

/// What is done, and to which kind of thing.
fn work(operation: &Operation) -> (&'static str, &str) {
    use Operation as O;
    match operation {
        O::Approve => ("approve", ""),
        O::Probe { system, .. } => ("find out", system),
        O::Inventory { system, .. } => ("take the inventory", system),
        O::Preflight { .. } => ("look at everything", ""),
        O::Freeze => ("freeze", ""),
        O::Measure { system, .. } => ("measure", system),
        O::Backup { .. } => ("back up", ""),
        O::RestoreTest { .. } => ("test the restore", ""),
        O::Export { kind, .. } => ("export", kind),
        O::Compare { .. } => ("compare a sample", ""),
        O::Clean { kind, .. } => ("clean", kind),
        O::Recreate { kind } => ("rebuild", kind),
        O::Archive { kind, .. } => ("archive", kind),
        O::Retire { kind } => ("retire", kind),
        O::Integrate { kind } => ("integrate", kind),
        O::Test { .. } => ("test", ""),
        O::Rehearse { .. } => ("rehearse", ""),
        O::Train => ("train", ""),
        O::Inspect => ("inspect", ""),
        O::Announce { audience, .. } => ("announce", audience),
        O::Silence { .. } => ("silence", ""),
        O::Unsilence => ("end the silence", ""),
        O::Hold { .. } => ("hold", ""),
        O::Load { source, .. } => ("load", source),
        O::Link { kind, .. } => ("link", kind),
        O::Verify { .. } => ("verify", ""),
        O::Switch { .. } => ("switch", ""),
        O::Drain { .. } => ("drain", ""),
        O::ResumeClocks { .. } => ("resume clocks", ""),
        O::Watch => ("watch", ""),
        O::Hypercare => ("stay close", ""),
        O::Own => ("own what is left", ""),
        O::ReadOnly { system } => ("make read-only", system),
        O::Decommission { system } => ("decommission", system),
        O::Lessons { .. } => ("write down", ""),
    }
}

fn node(stage: &Stage) -> Node {
    Node {
        phase: stage.phase,
        kind: stage.kind,
        title: stage.title.clone(),
        note: match &stage.estimate {
            Some(estimate) => format!("{} · {}", stage.id, span(estimate.seconds)),
            None => stage.id.to_string(),
        },
        name: stage.id.to_string(),
        critical: false,
        irreversible: false,
        focus: false,
    }
}

/// Makes one box of several stages.
fn collapse(node: &mut Node, stages: &[&Stage], detail: Detail) {
    let Some(first) = stages.first() else { return };
    let (verb, kind) = work(&first.operation);
    node.title = match detail {
        Detail::Phases => first.phase.title().to_owned(),
        Detail::Operations => words::capital(verb),
        Detail::Stages | Detail::Kinds if kind.is_empty() => words::capital(verb),
        Detail::Stages | Detail::Kinds => words::capital(&format!("{verb} {}", words::plural(kind))),
    };
    if stages.iter().any(|stage| stage.kind == StageKind::Gate) {
        node.kind = StageKind::Gate;
    }
    let seconds = stages
        .iter()
        .filter_map(|stage| stage.estimate.as_deref())
        .fold(0_u64, |sum, e| sum.saturating_add(e.seconds));
    node.note = count(len(stages.len()), "stage", "stages");
    if seconds > 0 {
        node.note = format!("{} · {}", node.note, span(seconds));
    }
}

/// Gives each box a name that drawing languages take, and that an unrelated edit does not change.
fn name(nodes: &mut [Node]) {
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    for node in nodes {
        let mut name = String::from("s_");
        let id = node.name.strip_prefix("stage/").unwrap_or(&node.name);
        name.extend(id.chars().take(100).map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }));
        let times = taken.entry(name.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            // Two underscores: no other name ends like that with these letters before it, except by being counted itself.
            name.push_str(&format!("__{times}"));
        }
        node.name = name;
    }
}

/// The arrows that do not follow from others. In a drawing of collapsed stages there can be circles; all arrows stay then.
fn reduce(nodes: usize, pairs: &BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    if nodes > MOST_REDUCED {
        return pairs.clone();
    }
    let mut graph: DiGraph<(), (), u32> = DiGraph::with_capacity(nodes, pairs.len());
    for _ in 0..nodes {
        graph.add_node(());
    }
    for (from, to) in pairs {
        graph.add_edge(NodeIndex::new(*from), NodeIndex::new(*to), ());
    }
    let Ok(order) = toposort(&graph, None) else { return pairs.clone() };
    let (sorted, _) = dag_to_toposorted_adjacency_list::<_, u32>(&graph, &order);
    let (reduced, _) = dag_transitive_reduction_closure(&sorted);
    let original = |at: u32| order.get(usize::try_from(at).unwrap_or(usize::MAX)).map(|node| node.index());
    reduced
        .edge_indices()
        .filter_map(|edge| reduced.edge_endpoints(edge))
        .filter_map(|(from, to)| Some((original(from)?, original(to)?)))
        .collect()
}
