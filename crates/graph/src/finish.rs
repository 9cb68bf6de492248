//! Sorts the stages so that each comes after all that it needs, or reports the whole circle.

use std::collections::{BTreeMap, BTreeSet};

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Need, Phase, Stage};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::Sketch;

/// Sorted stages and findings.
pub(crate) struct Finished {
    pub(crate) stages: Vec<Stage>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

pub(crate) fn finish(sketch: Sketch<'_>) -> Finished {
    let mut diagnostics = Vec::new();
    circles(&sketch, &mut diagnostics);
    let Sketch { mut stages, needs, diagnostics: found, .. } = sketch;
    diagnostics.extend(found);
    for (id, stage) in &mut stages {
        let needed = needs.get(id).into_iter().flatten();
        stage.needs = needed.map(|(stage, reason)| Need { stage: stage.clone(), reason: reason.clone() }).collect();
    }
    Finished { stages: sorted(stages, &needs), diagnostics }
}

/// Kahn's algorithm; among stages that are ready the one of the earliest phase, then of the smallest id. Stages of a circle,
/// which is reported, come last.
fn sorted(mut stages: BTreeMap<Id, Stage>, needs: &BTreeMap<Id, BTreeMap<Id, String>>) -> Vec<Stage> {
    let mut open: BTreeMap<&Id, usize> = BTreeMap::new();
    let mut followers: BTreeMap<&Id, Vec<&Id>> = BTreeMap::new();
    for (later, earlier) in needs {
        open.insert(later, earlier.len());
        for id in earlier.keys() {
            followers.entry(id).or_default().push(later);
        }
    }
    let phases: BTreeMap<Id, Phase> = stages.iter().map(|(id, stage)| (id.clone(), stage.phase)).collect();
    let rank = |id: &Id| phases.get(id).copied().unwrap_or(Phase::Close);
    let mut ready: BTreeSet<(Phase, Id)> =
        phases.iter().filter(|(id, _)| !open.contains_key(id)).map(|(id, phase)| (*phase, id.clone())).collect();
    let mut order = Vec::with_capacity(stages.len());
    while let Some((_, id)) = ready.pop_first() {
        for later in followers.get(&id).into_iter().flatten() {
            if let Some(left) = open.get_mut(later) {
                *left -= 1;
                if *left == 0 {
                    ready.insert((rank(later), (*later).clone()));
                }
            }
        }
        order.extend(stages.remove(&id));
    }
    order.extend(stages.into_values());
    order
}

/// Reports each circle whole, with the reason of each edge.
fn circles(sketch: &Sketch<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut graph: DiGraph<&Id, ()> = DiGraph::new();
    let nodes: BTreeMap<&Id, _> = sketch.stages.keys().map(|id| (id, graph.add_node(id))).collect();
    for (later, earlier) in &sketch.needs {
        for id in earlier.keys() {
            if let (Some(from), Some(to)) = (nodes.get(later), nodes.get(id)) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    for members in tarjan_scc(&graph).into_iter().filter(|members| members.len() > 1) {
        let mut members: Vec<&Id> = members.into_iter().filter_map(|n| graph.node_weight(n).copied()).collect();
        members.sort();
        let walk = walk(sketch, &members);
        let item = walk.iter().find_map(|id| sketch.stages.get(*id)?.items.first().map(|r| r.0.clone()));
        let span = item.and_then(|id| sketch.places.get(&id).copied()).or_else(|| sketch.places.values().next().copied());
        let Some(span) = span else { continue };
        let mut diagnostic = Diagnostic::error("graph/circle", "stages wait for each other")
            .primary(span, "this can never begin")
            .help("let one of the references be written later: make it optional, or load the kinds in one wave");
        for pair in walk.windows(2) {
            let [later, earlier] = pair else { continue };
            let reason = sketch.needs.get(*later).and_then(|needs| needs.get(*earlier)).cloned().unwrap_or_default();
            diagnostic = diagnostic.note(format!("`{later}` needs `{earlier}`: {reason}"));
        }
        diagnostics.push(diagnostic);
    }
}

/// A closed walk through the members of a circle, from the smallest one back to it, along edges.
fn walk<'a>(sketch: &'a Sketch<'_>, members: &[&'a Id]) -> Vec<&'a Id> {
    let inside: BTreeSet<&Id> = members.iter().copied().collect();
    let Some(first) = members.first().copied() else { return Vec::new() };
    // Breadth first from the first member until an edge leads back to it.
    let mut from: BTreeMap<&Id, &Id> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([first]);
    while let Some(at) = queue.pop_front() {
        let needs = sketch.needs.get(at).into_iter().flat_map(BTreeMap::keys);
        for next in needs.filter(|id| inside.contains(id)) {
            if next == first {
                let mut path = vec![first, at];
                let mut back = at;
                while let Some(earlier) = from.get(back) {
                    path.push(earlier);
                    back = earlier;
                }
                if at == first {
                    path.pop();
                }
                path.reverse();
                path.push(first);
                path.dedup();
                return path;
            }
            if !from.contains_key(next) {
                from.insert(next, at);
                queue.push_back(next);
            }
        }
    }
    members.to_vec()
}
