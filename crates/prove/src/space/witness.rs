//! One record of a set: the shortest description, by values that the account has where it can be.

use rustc_hash::FxHashMap;

use super::diagram::{ALL, NONE, Run, Set};
use super::{Asked, Cell, Space};

/// What a witness says about one field. What it does not say does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What is asked.
    pub asked: Asked,
    /// The values, each as good as the other.
    pub cell: Cell,
}

/// Most steps of leaving out what does not matter; a witness that says too much is still one.
const STEPS: usize = 50_000;

impl Space {
    /// A record of a set; `None` when it is empty.
    #[must_use]
    pub fn witness(&self, set: Set) -> Option<Vec<Given>> {
        let path = self.path(set)?;
        let mut kept: Vec<Option<u32>> = vec![None; self.variables.len()];
        for (variable, cell) in &path {
            if let Some(slot) = kept.get_mut(*variable as usize) {
                *slot = Some(*cell);
            }
        }
        let mut steps = 0;
        for (variable, cell) in path.iter().rev() {
            let at = *variable as usize;
            let Some(slot) = kept.get_mut(at) else { continue };
            *slot = None;
            let matters = !self.implied(self.possible, set, &kept, &mut FxHashMap::default(), &mut steps);
            if let Some(slot) = kept.get_mut(at).filter(|_| matters) {
                *slot = Some(*cell);
            }
        }
        let mut given: Vec<Given> = Vec::new();
        for (variable, cell) in self.variables.iter().zip(kept) {
            if let Some(cell) = cell.and_then(|cell| variable.cells.get(cell as usize)) {
                given.push(Given { asked: variable.asked.clone(), cell: cell.clone() });
            }
        }
        Some(given)
    }

    /// Whether a set holds a record that a witness of another set describes.
    #[must_use]
    pub fn holds(&self, set: Set, record: &[(u32, u32)]) -> bool {
        let cell = |wanted: u32| {
            record.iter().find(|(variable, _)| *variable == wanted).map_or(0, |(_, cell)| *cell)
        };
        self.diagram.holds(set, cell)
    }

    /// Variables and cells that lead into a set, as cheap as can be.
    #[must_use]
    pub fn path(&self, set: Set) -> Option<Vec<(u32, u32)>> {
        if set == NONE {
            return None;
        }
        let mut costs: FxHashMap<Set, (u32, u32, Set)> = FxHashMap::default();
        self.cheapest(set, &mut costs);
        let mut path = Vec::new();
        let mut at = set;
        while at != ALL {
            let (_, cell, next) = *costs.get(&at)?;
            path.push((self.diagram.ask(at).0, cell));
            at = next;
        }
        Some(path)
    }

    /// The cost of the cheapest way from a node to a record; the constants are known.
    fn cheapest(&self, set: Set, known: &mut FxHashMap<Set, (u32, u32, Set)>) -> Option<u32> {
        match set {
            NONE => return None,
            ALL => return Some(0),
            _ => {}
        }
        if let Some((cost, ..)) = known.get(&set) {
            return Some(*cost);
        }
        let (variable, runs) = self.diagram.ask(set);
        let costs = self.variables.get(variable as usize).map(|variable| variable.costs.as_slice());
        let mut best: Option<(u32, u32, Set)> = None;
        let mut from = 0;
        for run in runs {
            if let Some(rest) = self.cheapest(run.to, known) {
                for cell in from..run.end {
                    let own = costs.and_then(|costs| costs.get(cell as usize)).copied().unwrap_or(1);
                    let cost = rest.saturating_add(own);
                    if best.is_none_or(|(least, ..)| cost < least) {
                        best = Some((cost, cell, run.to));
                    }
                }
            }
            from = run.end;
        }
        let best = best?;
        known.insert(set, best);
        Some(best.0)
    }

    /// Whether each possible record with the kept cells is in the set.
    fn implied(
        &self,
        possible: Set,
        set: Set,
        kept: &[Option<u32>],
        known: &mut FxHashMap<(Set, Set), bool>,
        steps: &mut usize,
    ) -> bool {
        if possible == NONE || set == ALL {
            return true;
        }
        if let Some(said) = known.get(&(possible, set)) {
            return *said;
        }
        *steps += 1;
        if *steps > STEPS {
            return false;
        }
        let ((first, ones), (second, others)) = (self.diagram.ask(possible), self.diagram.ask(set));
        let variable = first.min(second);
        if variable == u32::MAX {
            // Both are constants, and one is not in the other.
            return false;
        }
        let to = |runs: &[Run], of: u32, stay: Set, cell: u32| {
            if of != variable {
                return stay;
            }
            runs.get(runs.partition_point(|run| run.end <= cell)).map_or(NONE, |run| run.to)
        };
        let cells: Vec<u32> = match kept.get(variable as usize).copied().flatten() {
            Some(cell) => vec![cell],
            None => {
                // One cell of each run says all.
                let starts = |runs: &[Run], of: u32| {
                    let ends = if of == variable { runs } else { &[] };
                    ends.iter().map(|run| run.end).collect::<Vec<u32>>()
                };
                let mut cells = vec![0];
                cells.extend(starts(ones, first));
                cells.extend(starts(others, second));
                cells.sort_unstable();
                cells.dedup();
                let last = self.variables.get(variable as usize).map_or(0, |variable| variable.cells.len());
                cells.retain(|cell| (*cell as usize) < last);
                cells
            }
        };
        let all = cells.into_iter().all(|cell| {
            let (one, other) = (to(ones, first, possible, cell), to(others, second, set, cell));
            self.implied(one, other, kept, known, steps)
        });
        known.insert((possible, set), all);
        all
    }
}
