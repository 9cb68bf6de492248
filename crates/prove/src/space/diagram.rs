//! Ordered decision diagrams over variables with any number of cells, kept in one table so that equal sets are one node.
//!
//! A node asks for the cell of one variable; neighbouring cells that lead to the same node are one run. Nothing here knows fields.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

/// Most nodes of a diagram. What needs more is refused.
pub const NODES: usize = 100_000;
/// Most runs in all nodes, and most steps of joining, so that few but wide nodes end in time too.
const WORK: usize = 320_000;

/// A set of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(u32);

/// No record.
pub const NONE: Set = Set(0);
/// Each record.
pub const ALL: Set = Set(1);

/// More nodes or steps would be needed than a diagram may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooComplex;

/// Cells up to, but without, `end` lead to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First cell behind the run.
    pub end: u32,
    /// Where its cells lead.
    pub to: Set,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    variable: u32,
    start: u32,
    end: u32,
    /// The next node of the same hash; 0 is none, for the first two nodes are the constants.
    next: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    And,
    Or,
}

/// The table of nodes. Its limits are those of one question.
#[derive(Debug)]
pub struct Diagram {
    nodes: Vec<Node>,
    runs: Vec<Run>,
    by_hash: FxHashMap<u64, u32>,
    joined: FxHashMap<(Op, Set, Set), Set>,
    negated: FxHashMap<Set, Set>,
    work: usize,
    limit: usize,
}

impl Default for Diagram {
    fn default() -> Self {
        Diagram::with_limit(NODES)
    }
}

impl Diagram {
    /// A diagram of at most `limit` nodes.
    #[must_use]
    pub fn with_limit(limit: usize) -> Diagram {
        let constant = Node { variable: u32::MAX, start: 0, end: 0, next: 0 };
        Diagram {
            nodes: vec![constant, constant],
            runs: Vec::new(),
            by_hash: FxHashMap::default(),
            joined: FxHashMap::default(),
            negated: FxHashMap::default(),
            work: 0,
            limit,
        }
    }

    /// The records whose cell of `variable` is one of those for which `holds`, given cell by cell.
    ///
    /// # Errors
    ///
    /// When the diagram is full.
    pub fn atom(&mut self, variable: u32, holds: impl IntoIterator<Item = bool>) -> Result<Set, TooComplex> {
        let mut runs: Vec<Run> = Vec::new();
        for (end, holds) in (1..).zip(holds) {
            push(&mut runs, Run { end, to: if holds { ALL } else { NONE } });
        }
        self.node(variable, &runs)
    }

    /// The records whose variable is in one of some spans of cells: from, and up to but without; sorted.
    ///
    /// # Errors
    ///
    /// When the diagram is full.
    pub fn spans(
        &mut self,
        variable: u32,
        cells: usize,
        spans: &[(usize, usize)],
    ) -> Result<Set, TooComplex> {
        let mut runs: Vec<Run> = Vec::new();
        let mut done = 0;
        let mut run = |end: usize, to: Set, done: &mut usize| {
            if end > *done {
                push(&mut runs, Run { end: u32::try_from(end).unwrap_or(u32::MAX), to });
                *done = end;
            }
        };
        for (from, to) in spans {
            run(*from, NONE, &mut done);
            run(*to, ALL, &mut done);
        }
        run(cells, NONE, &mut done);
        self.node(variable, &runs)
    }

    /// Records in both.
    ///
    /// # Errors
    ///
    /// When the diagram is full.
    pub fn and(&mut self, a: Set, b: Set) -> Result<Set, TooComplex> {
        self.join(Op::And, a, b)
    }

    /// Records in one of them at least.
    ///
    /// # Errors
    ///
    /// When the diagram is full.
    pub fn or(&mut self, a: Set, b: Set) -> Result<Set, TooComplex> {
        self.join(Op::Or, a, b)
    }

    /// All others.
    ///
    /// # Errors
    ///
    /// When the diagram is full.
    pub fn not(&mut self, a: Set) -> Result<Set, TooComplex> {
        match a {
            NONE => return Ok(ALL),
            ALL => return Ok(NONE),
            _ => {}
        }
        if let Some(known) = self.negated.get(&a) {
            return Ok(*known);
        }
        let (variable, children) = self.ask(a);
        let children: Vec<Run> = children.to_vec();
        let mut runs = Vec::with_capacity(children.len());
        for run in children {
            runs.push(Run { end: run.end, to: self.not(run.to)? });
        }
        let made = self.node(variable, &runs)?;
        self.negated.insert(a, made);
        self.negated.insert(made, a);
        Ok(made)
    }

    /// The variable that a set asks for, and the runs of its cells. The constants ask for none.
    #[must_use]
    pub fn ask(&self, set: Set) -> (u32, &[Run]) {
        let Some(node) = self.nodes.get(set.0 as usize) else { return (u32::MAX, &[]) };
        (node.variable, self.runs.get(node.start as usize..node.end as usize).unwrap_or_default())
    }

    /// Whether a record, given by the cell of each variable, is in a set.
    #[must_use]
    pub fn holds(&self, mut set: Set, cell: impl Fn(u32) -> u32) -> bool {
        while set > ALL {
            let (variable, runs) = self.ask(set);
            let wanted = cell(variable);
            let at = runs.partition_point(|run| run.end <= wanted);
            set = runs.get(at).map_or(NONE, |run| run.to);
        }
        set == ALL
    }

    /// Number of nodes by variable, for naming what makes a question hard.
    #[must_use]
    pub fn weights(&self, variables: usize) -> Vec<usize> {
        let mut weights = vec![0; variables];
        for node in &self.nodes {
            if let Some(weight) = weights.get_mut(node.variable as usize) {
                *weight += 1;
            }
        }
        weights
    }

    /// Number of nodes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    fn join(&mut self, op: Op, a: Set, b: Set) -> Result<Set, TooComplex> {
        let (absorbing, neutral) = match op {
            Op::And => (NONE, ALL),
            Op::Or => (ALL, NONE),
        };
        if a == b || b == neutral || a == absorbing {
            return Ok(a);
        }
        if a == neutral || b == absorbing {
            return Ok(b);
        }
        let key = (op, a.min(b), a.max(b));
        if let Some(known) = self.joined.get(&key) {
            return Ok(*known);
        }
        let ((first, ones), (second, others)) = (self.ask(a), self.ask(b));
        let variable = first.min(second);
        let both = |runs: &[Run], to: Set| {
            if runs.is_empty() { vec![Run { end: u32::MAX, to }] } else { runs.to_vec() }
        };
        let ones = both(if first == variable { ones } else { &[] }, a);
        let others = both(if second == variable { others } else { &[] }, b);
        self.step(ones.len() + others.len())?;
        let mut runs: Vec<Run> = Vec::with_capacity(ones.len() + others.len());
        let (mut ones, mut others) = (ones.into_iter().peekable(), others.into_iter().peekable());
        while let (Some(one), Some(other)) = (ones.peek().copied(), others.peek().copied()) {
            let end = one.end.min(other.end);
            let to = self.join(op, one.to, other.to)?;
            push(&mut runs, Run { end, to });
            if one.end == end {
                ones.next();
            }
            if other.end == end {
                others.next();
            }
        }
        let made = self.node(variable, &runs)?;
        self.joined.insert(key, made);
        Ok(made)
    }

    fn step(&mut self, steps: usize) -> Result<(), TooComplex> {
        self.work += steps;
        if self.work > WORK { Err(TooComplex) } else { Ok(()) }
    }

    /// The node of these runs; one run is no question.
    fn node(&mut self, variable: u32, runs: &[Run]) -> Result<Set, TooComplex> {
        match runs {
            [] => return Ok(NONE),
            [only] => return Ok(only.to),
            _ => {}
        }
        let mut hasher = FxHasher::default();
        hasher.write_u32(variable);
        for run in runs {
            hasher.write_u32(run.end);
            hasher.write_u32(run.to.0);
        }
        let hash = hasher.finish();
        let first = self.by_hash.get(&hash).copied().unwrap_or(0);
        let mut at = first;
        while at != 0 {
            let set = Set(at);
            let (of, known) = self.ask(set);
            if of == variable && known == runs {
                return Ok(set);
            }
            at = self.nodes.get(at as usize).map_or(0, |node| node.next);
        }
        self.step(runs.len())?;
        let number = u32::try_from(self.nodes.len()).map_err(|_| TooComplex)?;
        if self.nodes.len() >= self.limit {
            return Err(TooComplex);
        }
        let start = u32::try_from(self.runs.len()).map_err(|_| TooComplex)?;
        self.runs.extend_from_slice(runs);
        let end = u32::try_from(self.runs.len()).map_err(|_| TooComplex)?;
        self.nodes.push(Node { variable, start, end, next: first });
        self.by_hash.insert(hash, number);
        Ok(Set(number))
    }
}

/// Adds a run, joined with the one before when both lead to the same node.
fn push(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.to == run.to => last.end = run.end,
        _ => runs.push(run),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Diagram, NONE, TooComplex};

    #[test]
    fn equal_sets_are_one_node() {
        let mut diagram = Diagram::default();
        let result = (|| {
            let a = diagram.atom(0, [true, false, false])?;
            let b = diagram.atom(1, [false, true])?;
            let both = diagram.and(a, b)?;
            let neither = diagram.not(both)?;
            let (not_a, not_b) = (diagram.not(a)?, diagram.not(b)?);
            assert_eq!(diagram.or(not_a, not_b)?, neither);
            assert_eq!(diagram.and(both, neither)?, NONE);
            assert_eq!(diagram.or(both, neither)?, ALL);
            assert!(diagram.holds(both, |variable| variable) && !diagram.holds(both, |_| 0));
            Ok::<(), TooComplex>(())
        })();
        assert_eq!(result, Ok(()));
    }

    #[test]
    fn a_full_diagram_says_so() {
        let mut diagram = Diagram::with_limit(4);
        let made: Vec<_> = (0..5).map(|variable| diagram.atom(variable, [true, false])).collect();
        assert_eq!(made.iter().filter(|set| set.is_err()).count(), 3);
    }
}
