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
    RULES.iter().filter_map(|rule| Some((rule, broken(graph, rule)?))).map(|(r, (l, e))| (r, l, e)).collect()
}

/// The first pair of stages that breaks a rule. One pass over the edges with a bit for each earlier stage.
fn broken(graph: &Graph<'_>, rule: &Rule) -> Option<(usize, usize)> {
    let stages = || graph.stages.iter().enumerate();
    let earlier: Vec<usize> = stages().filter(|(_, stage)| (rule.earlier)(stage)).map(|(at, _)| at).collect();
    // Nothing behind the last stage that waits can break the rule.
    let last = graph.stages.iter().rposition(rule.later)?;
    if earlier.is_empty() {
        return None;
    }
    let mut bits = vec![None; graph.stages.len()];
    for (bit, at) in earlier.iter().enumerate() {
        if let Some(slot) = bits.get_mut(*at) {
            *slot = Some(bit);
        }
    }
    let words = earlier.len().div_ceil(64);
    // The bits of all stages so far, `words` for each.
    let mut after = vec![0_u64; words * (last + 1)];
    for (at, stage) in stages().take(last + 1) {
        let (before, rest) = after.split_at_mut(words * at);
        let Some(mine) = rest.get_mut(..words) else { break };
        for need in graph.needs(at) {
            let theirs = before.get(need * words..(need + 1) * words).unwrap_or_default();
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine |= theirs;
            }
            if let Some(bit) = bits.get(need).copied().flatten()
                && let Some(word) = mine.get_mut(bit / 64)
            {
                *word |= 1 << (bit % 64);
            }
        }
        if (rule.later)(stage) {
            let has = |bit: usize| mine.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1);
            let missing = earlier.iter().enumerate().find(|(bit, other)| **other != at && !has(*bit));
            if let Some((_, other)) = missing {
                return Some((at, *other));
            }
        }
    }
    None
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
