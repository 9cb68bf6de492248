//! What precedes what in every plan, as data. The graph is built so that these hold; that they do is looked at in every plan all the same.

use cutover_diagnostics::Diagnostic;
use cutover_plan::model::{Operation, Phase, Plan, Stage, Undo};

use super::graph::Graph;
use crate::Facts;

/// Every stage of `later` comes after every stage of `earlier`.
#[derive(Debug)]
pub struct Rule {
    /// Its name: the words of a migration lead.
    pub name: &'static str,
    /// Stages that wait.
    pub later: fn(&Stage) -> bool,
    /// Stages for which they wait.
    pub earlier: fn(&Stage) -> bool,
    /// Why.
    pub why: &'static str,
}

/// The rules. Each holds in every plan that can be written.
pub const RULES: &[Rule] = &[
    Rule {
        name: "no write before the backup",
        later: writes_anywhere,
        earlier: |s| matches!(s.operation, Operation::Backup { .. }),
        why: "what is overwritten can be brought back",
    },
    Rule {
        name: "no write before the restore test",
        later: writes_anywhere,
        earlier: |s| matches!(s.operation, Operation::RestoreTest { .. }),
        why: "a backup that was never restored is a hope",
    },
    Rule {
        name: "no rehearsal before the maps are total and pass their tests",
        later: rehearses,
        earlier: |s| matches!(s.operation, Operation::Test { .. } | Operation::Probe { .. }),
        why: "a map that fails its tests needs no rehearsal",
    },
    Rule {
        name: "no production write before the sandbox gate",
        later: writes,
        earlier: rehearses,
        why: "what was not tried is not done to customers",
    },
    Rule {
        name: "no write before the goals are agreed on and the past is measured",
        later: writes,
        earlier: |s| {
            s.phase == Phase::Agree && matches!(s.operation, Operation::Approve | Operation::Measure { .. })
        },
        why: "success is defined before anybody could move the mark",
    },
    Rule {
        name: "no load before the rules stand still and the copy is tidy",
        later: loads,
        earlier: |s| s.operation == Operation::Freeze,
        why: "records are loaded by the rules that were recorded",
    },
    Rule {
        name: "no load before the new desk is quiet",
        later: loads,
        earlier: |s| matches!(s.operation, Operation::Silence { .. }),
        why: "customers hear nothing of the load",
    },
    Rule {
        name: "no night before training, announcements, texts and preflight",
        later: switches,
        earlier: |s| s.phase == Phase::Prepare,
        why: "people know what they need in the morning",
    },
    Rule {
        name: "no go-live before the other systems are ready",
        later: switches,
        earlier: |s| matches!(s.operation, Operation::Integrate { .. } | Operation::Retire { .. }),
        why: "what talks to the desk talks to the new one",
    },
    Rule {
        name: "no go-live before the records are compared",
        later: |s| switches(s) || (s.operation == Operation::Approve && s.phase == Phase::Night),
        earlier: |s| {
            matches!(s.operation, Operation::Verify { .. } | Operation::Link { .. })
                && matches!(s.phase, Phase::Load | Phase::Night)
        },
        why: "records are verified before anybody builds on them and before they can no longer change",
    },
    Rule {
        name: "no point of no return before the decision",
        later: |s| s.phase == Phase::Night && matches!(s.undo, Undo::Irreversible { .. }),
        earlier: |s| s.operation == Operation::Approve && s.phase == Phase::Night,
        why: "what cannot be taken back is decided by somebody",
    },
    Rule {
        name: "no channel is switched while mail arrives",
        later: switches,
        earlier: |s| matches!(s.operation, Operation::Hold { .. }),
        why: "what arrives in between waits",
    },
    Rule {
        name: "no waiting mail is delivered before the switch",
        later: |s| matches!(s.operation, Operation::Drain { .. }),
        earlier: switches,
        why: "what waited goes to the new desk",
    },
    Rule {
        name: "no word to customers before the checks",
        later: |s| matches!(s.operation, Operation::Unsilence | Operation::ResumeClocks { .. }),
        earlier: proves,
        why: "the new desk stays quiet and clocks stand still until it is proven that nothing was lost",
    },
    Rule {
        name: "no end of the old desk before criteria, objectives and hypercare",
        later: ends,
        earlier: |s| proves(s) || s.phase == Phase::After,
        why: "the old desk is the safety net of the first weeks",
    },
    Rule {
        name: "no end of the old desk before what only it holds is kept",
        later: ends,
        earlier: |s| matches!(s.operation, Operation::Archive { .. } | Operation::Load { .. }),
        why: "what is gone cannot be kept afterwards",
    },
    Rule {
        name: "no end of the old desk while it can be written to",
        later: ends,
        earlier: |s| matches!(s.operation, Operation::ReadOnly { .. } | Operation::Switch { .. }),
        why: "nobody writes to a desk that ends",
    },
];

fn writes(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Load { .. } | Operation::Link { .. } | Operation::Silence { .. })
}

fn writes_anywhere(stage: &Stage) -> bool {
    writes(stage) || rehearses(stage)
}

fn loads(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Load { .. })
}

fn rehearses(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Rehearse { .. })
}

fn switches(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Switch { .. })
}

fn proves(stage: &Stage) -> bool {
    stage.phase == Phase::Prove && matches!(stage.operation, Operation::Verify { .. })
}

fn ends(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Decommission { .. })
}

/// The pairs of stages that break a rule, as numbers in the plan: of each rule the first pair.
#[must_use]
pub fn breaches(plan: &Plan) -> Vec<(&'static Rule, usize, usize)> {
    breaches_of(&Graph::new(plan))
}

fn breaches_of(graph: &Graph<'_>) -> Vec<(&'static Rule, usize, usize)> {
    let numbers = |of: fn(&Stage) -> bool| -> Vec<usize> {
        (0..).zip(graph.stages).filter(|(_, stage)| of(stage)).map(|(at, _)| at).collect()
    };
    let sides: Vec<Sides> = RULES
        .iter()
        .map(|rule| Sides { rule, later: numbers(rule.later), earlier: numbers(rule.earlier) })
        .filter(|sides| !sides.later.is_empty() && !sides.earlier.is_empty())
        .collect();
    // Each rule follows the stages of its smaller side: what waits for them, or what they wait for.
    let down = Reached::new(graph, true, sides.iter().filter(|sides| !sides.few_wait()).map(|s| &s.earlier));
    let up = Reached::new(graph, false, sides.iter().filter(|sides| sides.few_wait()).map(|s| &s.later));
    let (mut down_at, mut up_at) = (0, 0);
    let mut breaches = Vec::new();
    for sides in &sides {
        let (reached, at) = if sides.few_wait() { (&up, &mut up_at) } else { (&down, &mut down_at) };
        breaches
            .extend(sides.first_breach(reached, *at).map(|(later, earlier)| (sides.rule, later, earlier)));
        *at += 1;
    }
    breaches
}

/// The stages of a rule.
struct Sides {
    rule: &'static Rule,
    later: Vec<usize>,
    earlier: Vec<usize>,
}

impl Sides {
    /// Whether fewer stages wait than are waited for.
    fn few_wait(&self) -> bool {
        self.later.len() < self.earlier.len()
    }

    /// The first pair that breaks the rule, which is the `at`th of those that were followed.
    fn first_breach(&self, reached: &Reached, at: usize) -> Option<(usize, usize)> {
        let (few, many) =
            if self.few_wait() { (&self.later, &self.earlier) } else { (&self.earlier, &self.later) };
        if many.iter().all(|stage| reached.all(at, few.len(), *stage)) {
            return None;
        }
        let bit = |stage: usize| few.binary_search(&stage).ok();
        let waits = |later: usize, earlier: usize| {
            let (from, to) = if self.few_wait() { (later, earlier) } else { (earlier, later) };
            bit(from).is_some_and(|bit| reached.has(at, bit, to))
        };
        self.later.iter().find_map(|later| {
            let missing = self.earlier.iter().find(|earlier| *earlier != later && !waits(*later, **earlier));
            missing.map(|earlier| (*later, *earlier))
        })
    }
}

/// What is connected with some stages, found in one pass over the edges for all rules together: a bit for each of them, the bits of a rule
/// in words of their own.
struct Reached {
    /// Where the words of each rule begin.
    starts: Vec<usize>,
    words: usize,
    /// `words` for each stage: of the stages behind it (or before it), itself included.
    all: Vec<u64>,
}

impl Reached {
    fn new<'s>(graph: &Graph<'_>, down: bool, rules: impl Iterator<Item = &'s Vec<usize>>) -> Self {
        let rules: Vec<&Vec<usize>> = rules.collect();
        let mut words = 0;
        let starts = rules.iter().map(|few| {
            words += few.len().div_ceil(64);
            words - few.len().div_ceil(64)
        });
        let starts: Vec<usize> = starts.collect();
        let mut all = vec![0_u64; words * graph.stages.len()];
        for (few, start) in rules.iter().zip(&starts) {
            for (bit, stage) in few.iter().enumerate() {
                if let Some(word) = all.get_mut(stage * words + start + bit / 64) {
                    *word |= 1 << (bit % 64);
                }
            }
        }
        let stages = 0..graph.stages.len();
        // What is needed stands before what needs it.
        let mut join = |needed: usize, at: usize| {
            let middle = (at * words).min(all.len());
            let (head, tail) = all.split_at_mut(middle);
            let (Some(needed), Some(at)) =
                (head.get_mut(needed * words..(needed + 1) * words), tail.get_mut(..words))
            else {
                return;
            };
            let (from, to) = if down { (needed, at) } else { (at, needed) };
            for (to, from) in to.iter_mut().zip(from) {
                *to |= *from;
            }
        };
        match (words, down) {
            (0, _) => {}
            (_, true) => stages.for_each(|at| graph.needs(at).for_each(|needed| join(needed, at))),
            (_, false) => stages.rev().for_each(|at| graph.needs(at).for_each(|needed| join(needed, at))),
        }
        Self { starts, words, all }
    }

    fn word(&self, rule: usize, word: usize, stage: usize) -> u64 {
        let start = self.starts.get(rule).copied().unwrap_or_default();
        self.all.get(stage * self.words + start + word).copied().unwrap_or_default()
    }

    /// Whether a stage is connected with that one of the rule's.
    fn has(&self, rule: usize, bit: usize, stage: usize) -> bool {
        self.word(rule, bit / 64, stage) >> (bit % 64) & 1 == 1
    }

    /// Whether a stage is connected with all `few` of the rule's, or is one of them itself.
    fn all(&self, rule: usize, few: usize, stage: usize) -> bool {
        let connected: u32 =
            (0..few.div_ceil(64)).map(|word| self.word(rule, word, stage).count_ones()).sum();
        connected as usize == few
    }
}

/// Reports rules that the graph breaks: then the program itself is wrong, and the plan must not be written.
pub(super) fn check(facts: &Facts<'_>, graph: &Graph<'_>, out: &mut Vec<Diagnostic>) {
    // Stages that wait for each other have no order; they are reported as a circle.
    if (0..graph.stages.len()).any(|at| graph.needs(at).any(|need| need >= at)) {
        return;
    }
    for (rule, later, earlier) in breaches_of(graph) {
        let title = |at: usize| graph.stages.get(at).map_or("", |stage| stage.title.as_str());
        let at = graph.place(facts, later).or_else(|| facts.places.first());
        let Some(at) = at else { continue };
        let finding = Diagnostic::error(
            "reach/order",
            "the plan does things in an order in which they must not happen",
        )
        .primary(at, format!("“{}” does not wait for “{}”", title(later), title(earlier)))
        .note(format!("{}: {}", rule.name, rule.why))
        .help("this is a mistake of the program, not of the spec: please report it with the spec");
        out.push(match graph.place(facts, earlier).filter(|other| *other != at) {
            Some(other) => finding.secondary(other, "this comes first"),
            None => finding,
        });
    }
}
