//! Sorts the stages so that each comes after all that it needs, or reports the whole circle.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{DefaultTaken, Need, Operation, Stage};
use cutover_plan::text::words::plural;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use rustc_hash::FxHashMap;

use crate::Sketch;
use crate::sketch::{Edge, spaced};

/// Sorted stages and findings.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) stages: Vec<Stage>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) defaults: BTreeMap<Id, DefaultTaken>,
}

pub(crate) fn finish(mut sketch: Sketch<'_>) -> Finished {
    let needs = std::mem::take(&mut sketch.needs);
    let ranked = Ranked::new(&sketch);
    let edges = ranked.edges(needs);
    let (order, left) = sorted(&ranked, &edges);
    let mut diagnostics = Vec::new();
    if !left.is_empty() {
        circles(&sketch, &ranked, &edges, &left, &mut diagnostics);
    }
    let nodes = ranked.nodes;
    diagnostics.append(&mut sketch.diagnostics);
    let node = |rank: u32| nodes.get(rank as usize).map(|node| *node as usize);
    let mut stages = sketch.stages;
    let mut edges = edges.into_iter().peekable();
    let mut group = Vec::new();
    while let Some(first) = edges.next() {
        let later = first.later;
        group.push(first);
        group.extend(std::iter::from_fn(|| edges.next_if(|edge| edge.later == later)));
        let need = |edge: Edge| {
            let earlier = stages.get(node(edge.earlier)?)?;
            Some(Need { stage: earlier.id.clone(), reason: edge.reason })
        };
        let mut needs = Vec::with_capacity(group.len());
        needs.extend(group.drain(..).filter_map(need));
        if let Some(stage) = node(later).and_then(|node| stages.get_mut(node)) {
            stage.needs = needs;
        }
    }
    let places = order.into_iter().chain(left).filter_map(node).collect();
    arrange(&mut stages, places);
    Finished { stages, diagnostics, defaults: sketch.defaults }
}

/// Puts each thing at its place: at the first one what stands at `from[0]`, and so on. Within the memory that they have, since stages are large.
fn arrange<T>(things: &mut [T], mut from: Vec<usize>) {
    for start in 0..from.len() {
        let mut at = start;
        // Around the circle of places whose things change with each other; a place that was visited keeps what it has.
        while let Some(next) = from.get_mut(at).map(|from| std::mem::replace(from, at)) {
            if next == start || next == at {
                break;
            }
            things.swap(at, next);
            at = next;
        }
    }
}

/// The stages in the order of their ids, which gives each its rank. They stay where they are.
struct Ranked<'s> {
    stages: &'s [Stage],
    /// The number of the stage of each rank.
    nodes: Vec<u32>,
    /// The rank of each stage.
    ranks: Vec<u32>,
}

impl<'s> Ranked<'s> {
    fn new(sketch: &'s Sketch<'_>) -> Self {
        let stages = sketch.stages.as_slice();
        let id = |node: &u32| stages.get(*node as usize).map(|stage| &stage.id);
        let mut nodes: Vec<u32> = (0..).zip(stages).map(|(node, _)| node).collect();
        nodes.sort_unstable_by(|a, b| id(a).cmp(&id(b)));
        let mut ranks = vec![u32::MAX; nodes.len()];
        for (rank, node) in (0..).zip(&nodes) {
            if let Some(slot) = ranks.get_mut(*node as usize) {
                *slot = rank;
            }
        }
        Self { stages, nodes, ranks }
    }

    fn stage(&self, rank: u32) -> Option<&'s Stage> {
        self.stages.get(*self.nodes.get(rank as usize)? as usize)
    }

    /// Edges between numbers as edges between ranks: sorted by both, without those that stand twice.
    fn edges(&self, mut edges: Vec<Edge>) -> Vec<Edge> {
        let rank = |node: u32| self.ranks.get(node as usize).copied().unwrap_or(u32::MAX);
        for edge in &mut edges {
            (edge.later, edge.earlier) = (rank(edge.later), rank(edge.earlier));
        }
        // Counted out by the stage that waits, then each stage's few are sorted: stable both, so that of two edges between the same
        // stages the first one stays.
        let mut places = Groups::new(self.ranks.len(), edges.iter().map(|edge| edge.later));
        let mut from = vec![0; edges.len()];
        for (number, edge) in edges.iter().enumerate() {
            if let Some(slot) = places.next(edge.later).and_then(|at| from.get_mut(at)) {
                *slot = number;
            }
        }
        arrange(&mut edges, from);
        for group in edges.chunk_by_mut(|a, b| a.later == b.later) {
            group.sort_by_key(|edge| edge.earlier);
        }
        edges.dedup_by_key(|edge| (edge.later, edge.earlier));
        edges
    }
}

/// Places for things that are put together by a small number.
struct Groups(Vec<usize>);

impl Groups {
    /// `groups` is how many there are, `of` the group of each thing.
    fn new(groups: usize, of: impl Iterator<Item = u32>) -> Self {
        let mut starts = vec![0_usize; groups + 1];
        for group in of {
            if let Some(count) = starts.get_mut(group as usize + 1) {
                *count += 1;
            }
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        Self(starts)
    }

    /// Where the next thing of a group goes.
    fn next(&mut self, group: u32) -> Option<usize> {
        let place = self.0.get_mut(group as usize)?;
        *place += 1;
        Some(*place - 1)
    }

    /// Where the things of a group stand, once all have their places.
    fn range(&self, group: u32) -> std::ops::Range<usize> {
        let end = |group: u32| self.0.get(group as usize).copied().unwrap_or_default();
        group.checked_sub(1).map_or(0, end)..end(group)
    }
}

/// Kahn's algorithm; among stages that are ready the one of the earliest phase, then of the smallest id. The ranks of those that
/// can never be ready stand apart: the stages of circles, and all behind them.
fn sorted(ranked: &Ranked<'_>, edges: &[Edge]) -> (Vec<u32>, Vec<u32>) {
    let stages = (0..).zip(&ranked.nodes).filter_map(|(rank, _)| ranked.stage(rank));
    let phases: Vec<_> = stages.map(|stage| stage.phase).collect();
    let mut open = vec![0_usize; phases.len()];
    let mut followers = vec![0_u32; edges.len()];
    let mut places = Groups::new(phases.len(), edges.iter().map(|edge| edge.earlier));
    for edge in edges {
        if let Some(open) = open.get_mut(edge.later as usize) {
            *open += 1;
        }
        if let Some(follower) = places.next(edge.earlier).and_then(|at| followers.get_mut(at)) {
            *follower = edge.later;
        }
    }
    let at = |rank: u32| phases.get(rank as usize).map(|phase| Reverse((*phase, rank)));
    let free = (0..).zip(&open).filter(|(_, open)| **open == 0);
    let mut ready: BinaryHeap<_> = free.filter_map(|(rank, _)| at(rank)).collect();
    let mut order = Vec::with_capacity(phases.len());
    while let Some(Reverse((_, rank))) = ready.pop() {
        order.push(rank);
        for later in followers.get(places.range(rank)).into_iter().flatten() {
            if let Some(left) = open.get_mut(*later as usize) {
                *left -= 1;
                if *left == 0 {
                    ready.extend(at(*later));
                }
            }
        }
    }
    let left = (0..).zip(&open).filter(|(_, open)| **open > 0).map(|(rank, _)| rank).collect();
    (order, left)
}

/// Reports each circle whole, with the reason of each edge. `left` are the ranks among which the circles are.
fn circles(
    sketch: &Sketch<'_>,
    ranked: &Ranked<'_>,
    edges: &[Edge],
    left: &[u32],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let stage = |rank: u32| ranked.stage(rank);
    let id = |rank: u32| stage(rank).map(|stage| &stage.id);
    let mut graph: DiGraph<u32, ()> = DiGraph::new();
    let nodes: FxHashMap<u32, _> = left.iter().map(|rank| (*rank, graph.add_node(*rank))).collect();
    for edge in edges {
        if let (Some(from), Some(to)) = (nodes.get(&edge.later), nodes.get(&edge.earlier)) {
            graph.add_edge(*from, *to, ());
        }
    }
    for members in tarjan_scc(&graph).into_iter().filter(|members| members.len() > 1) {
        let mut members: Vec<u32> =
            members.into_iter().filter_map(|n| graph.node_weight(n).copied()).collect();
        members.sort_unstable();
        let walk = walk(edges, &members);
        if let Some(finding) = later_wave(sketch, ranked, edges, &walk) {
            diagnostics.push(finding);
            continue;
        }
        let item = walk.iter().find_map(|rank| stage(*rank)?.items.first().map(|r| r.0.clone()));
        let span = item.and_then(|id| sketch.places.get(&id).copied()).or_else(|| sketch.places.first());
        let Some(span) = span else { continue };
        let mut diagnostic = Diagnostic::error("graph/circle", "stages wait for each other")
            .primary(span, "this can never begin")
            .help(
                "the new system wants each of them from the start: leave one reference out and set it by hand afterwards, or correct the catalog where it may be empty at first",
            );
        for pair in walk.windows(2) {
            let [later, earlier] = pair else { continue };
            let reason = needs(edges, *later).iter().find(|edge| edge.earlier == *earlier);
            if let (Some(later), Some(earlier), Some(edge)) = (id(*later), id(*earlier), reason) {
                diagnostic = diagnostic.note(format!("`{later}` needs `{earlier}`: {}", edge.reason));
            }
        }
        diagnostics.push(diagnostic);
    }
}

/// A circle that is one because records of a wave need records that come later, with another wave or in the night: said of the waves, not
/// of the stages.
fn later_wave(sketch: &Sketch<'_>, ranked: &Ranked<'_>, edges: &[Edge], walk: &[u32]) -> Option<Diagnostic> {
    let load = |rank: u32| match &ranked.stage(rank)?.operation {
        Operation::Load { wave, target, .. } => Some((wave.as_ref().map(|wave| &wave.0), plural(target))),
        _ => None,
    };
    walk.windows(2).find_map(|pair| {
        let [later, earlier] = *pair else { return None };
        let ((Some(asks), _), (brings, what)) = (load(later)?, load(earlier)?) else { return None };
        if brings == Some(asks) {
            return None;
        }
        let reason = &needs(edges, later).iter().find(|edge| edge.earlier == earlier)?.reason;
        let finding = Diagnostic::error(
            "references/later-wave",
            "records of a wave point to records that come later",
        )
        .primary(*sketch.places.get(asks)?, format!("needed here: {reason}"));
        let (place, label, help) = match brings {
            Some(wave) => {
                let name = wave.as_str().rsplit('/').next().map(spaced).unwrap_or_default();
                let help = format!("load the {what} before what points to them: let the wave “{name}” come first, or leave it out; what is in no wave is loaded when it is needed");
                (sketch.places.get(wave), format!("{what} come later, with this wave"), help)
            }
            None => {
                let help = format!("let the wave come in the window too, or load the {what} ahead: `load changed tickets replacing` instead of `load everything`");
                (sketch.places.get("go_live"), format!("{what} are in no wave, so they come in the night"), help)
            }
        };
        let finding = finding.help(help);
        Some(match place {
            Some(place) => finding.secondary(*place, label),
            None => finding,
        })
    })
}

/// The edges from one stage to those that it needs.
fn needs(edges: &[Edge], later: u32) -> &[Edge] {
    let start = edges.partition_point(|edge| edge.later < later);
    let end = edges.partition_point(|edge| edge.later <= later);
    edges.get(start..end).unwrap_or_default()
}

/// A closed walk through the members of a circle, from the smallest one back to it, along edges.
fn walk(edges: &[Edge], members: &[u32]) -> Vec<u32> {
    let inside: BTreeSet<u32> = members.iter().copied().collect();
    let Some(first) = members.first().copied() else { return Vec::new() };
    // Breadth first from the first member until an edge leads back to it.
    let mut from: FxHashMap<u32, u32> = FxHashMap::default();
    let mut queue = VecDeque::from([first]);
    while let Some(at) = queue.pop_front() {
        for next in needs(edges, at).iter().map(|edge| edge.earlier).filter(|rank| inside.contains(rank)) {
            if next == first {
                let mut path = vec![first, at];
                let mut back = at;
                while let Some(earlier) = from.get(&back) {
                    path.push(*earlier);
                    back = *earlier;
                }
                if at == first {
                    path.pop();
                }
                path.reverse();
                path.push(first);
                path.dedup();
                return path;
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = from.entry(next) {
                entry.insert(at);
                queue.push_back(next);
            }
        }
    }
    members.to_vec()
}

#[cfg(test)]
mod tests {
    use super::arrange;

    #[test]
    fn things_go_to_their_places() {
        // All orders of five things.
        let mut orders = vec![Vec::new()];
        for _ in 0..5 {
            let longer = |order: &Vec<usize>| {
                (0..5)
                    .filter(|next| !order.contains(next))
                    .map(|next| [order.as_slice(), &[next]].concat())
                    .collect::<Vec<_>>()
            };
            orders = orders.iter().flat_map(longer).collect();
        }
        assert_eq!(orders.len(), 120);
        for order in orders {
            let mut things = ["a", "b", "c", "d", "e"];
            let expected: Vec<&str> = order.iter().filter_map(|from| things.get(*from).copied()).collect();
            arrange(&mut things, order);
            assert_eq!(things.as_slice(), expected.as_slice());
        }
    }
}
