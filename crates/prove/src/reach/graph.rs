//! The stages as a graph that can be asked for chains.

use std::collections::VecDeque;

use cutover_diagnostics::Span;
use cutover_ir::Id;
use cutover_plan::model::{Plan, Stage};
use rustc_hash::FxHashMap;

use crate::Facts;

/// Stages by number, in the order of the plan: each after all that it needs.
pub(super) struct Graph<'a> {
    pub(super) stages: &'a [Stage],
    /// The numbers of what each stage waits for, all stages one behind the other.
    needs: Vec<usize>,
    /// Where those of a stage end.
    ends: Vec<usize>,
}

/// The longest chain that a finding shows; of a longer one the middle is left out.
const SHOWN: usize = 6;

impl<'a> Graph<'a> {
    pub(super) fn new(plan: &'a Plan) -> Graph<'a> {
        let numbers: FxHashMap<&Id, usize> =
            plan.stages.iter().enumerate().map(|(at, stage)| (&stage.id, at)).collect();
        let mut needs = Vec::new();
        let mut ends = Vec::with_capacity(plan.stages.len());
        for stage in &plan.stages {
            needs.extend(stage.needs.iter().filter_map(|need| numbers.get(&need.stage).copied()));
            ends.push(needs.len());
        }
        Graph { stages: &plan.stages, needs, ends }
    }

    /// The numbers of what a stage waits for.
    pub(super) fn needs(&self, at: usize) -> impl Iterator<Item = usize> {
        let end = self.ends.get(at).copied().unwrap_or_default();
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before).copied()).unwrap_or_default();
        self.needs.get(start..end).unwrap_or_default().iter().copied()
    }

    /// The shortest chain from a stage to an earlier one on which it waits: both ends included, the later one first.
    pub(super) fn chain(&self, later: usize, earlier: usize) -> Option<Vec<usize>> {
        let mut from: FxHashMap<usize, usize> = FxHashMap::default();
        let mut queue = VecDeque::from([later]);
        while let Some(at) = queue.pop_front() {
            if at == earlier {
                let mut chain = vec![at];
                let mut at = at;
                while let Some(next) = from.get(&at).copied() {
                    chain.push(next);
                    at = next;
                }
                chain.reverse();
                return Some(chain);
            }
            for next in self.needs(at) {
                if next != later && !from.contains_key(&next) {
                    from.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// A chain in words, one line an edge.
    pub(super) fn words(&self, chain: &[usize]) -> Vec<String> {
        let edge = |pair: &[usize]| {
            let [later, earlier] = pair else { return None };
            let (later, earlier) = (self.stages.get(*later)?, self.stages.get(*earlier)?);
            let need = later.needs.iter().find(|need| need.stage == earlier.id)?;
            Some(format!("“{}” waits for “{}”: {}", later.title, earlier.title, need.reason))
        };
        let lines: Vec<String> = chain.windows(2).filter_map(edge).collect();
        if lines.len() <= SHOWN {
            return lines;
        }
        let left_out = lines.len() - SHOWN;
        let (head, tail) = (SHOWN / 2, lines.len() - SHOWN / 2);
        let middle = format!("… and so on, over {left_out} more steps …");
        let kept = lines.into_iter().enumerate().filter(|(at, _)| *at < head || *at >= tail);
        let mut kept: Vec<String> = kept.map(|(_, line)| line).collect();
        kept.insert(head, middle);
        kept
    }

    /// Where a stage stands in the spec: the wave or the night that asks for it, or else its first item that has a place.
    pub(super) fn place(&self, facts: &Facts<'_>, at: usize) -> Option<Span> {
        let stage = self.stages.get(at)?;
        let asks = stage.items.iter().filter(|item| matches!(item.0.kind(), "wave" | "go_live"));
        asks.chain(&stage.items).find_map(|item| facts.place(&item.0))
    }
}
