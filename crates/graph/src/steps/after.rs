//! The pass / fail matrix, watching and looking after, the end of the old desk.

use cutover_ir::Id;
use cutover_ir::measure::Condition;
use cutover_plan::model::{
    ClockAction, Content, Inverse, Item, Operation, Pass, Phase, Ref, StageKind, Undo,
};

use super::checks::known_later;
use crate::Sketch;
use crate::sketch::{carries, spaced, stage};

pub(super) fn add(sketch: &mut Sketch<'_>) {
    prove(sketch);
    for (id, item) in sketch.items() {
        let last = id.as_str().rsplit('/').next().unwrap_or_default();
        match &item.content {
            Content::Sla(sla) if sla.clocks.iter().any(suspends) => {
                let mut made = stage(
                    Id::new(["stage", "resume_clocks", last]),
                    Phase::Prove,
                    StageKind::Automatic,
                    format!("Let the clocks go on: {}", item.title.clone().unwrap_or_else(|| spaced(last))),
                    Operation::ResumeClocks { sla: Ref(id.clone()) },
                );
                made.pass =
                    Pass::Evidence("each unfinished ticket has the due date that the policy says".to_owned());
                made.undo = Undo::Inverse(Inverse::SuspendClocks);
                sketch.add(carries(made, id, item));
            }
            Content::Watch(watch) => {
                let made = stage(
                    Id::new(["stage", "watch", &watch.system]),
                    Phase::After,
                    StageKind::Watch,
                    format!("Watch the {}, every {} for {}", watch.system, watch.every, watch.lasting),
                    Operation::Watch,
                );
                sketch.add(carries(made, id, item));
            }
            Content::Hypercare(care) => {
                let made = stage(
                    Id::new(["stage", "hypercare"]),
                    Phase::After,
                    StageKind::Watch,
                    format!("Stay close for {}", care.rhythm.lasting),
                    Operation::Hypercare,
                );
                sketch.add(carries(made, id, item));
            }
            Content::Ownership(own) => {
                let made = stage(
                    Id::new(["stage", "own"]),
                    Phase::After,
                    StageKind::Watch,
                    format!("Own what is left over for {}", own.rhythm.lasting),
                    Operation::Own,
                );
                sketch.add(carries(made, id, item));
            }
            Content::ReadOnly(read_only) => {
                let mut made = stage(
                    Id::new(["stage", "read_only", &read_only.system]),
                    Phase::Close,
                    StageKind::Gate,
                    "Let nobody write to the old desk any more",
                    Operation::ReadOnly { system: read_only.system.clone() },
                );
                made.pass = Pass::Evidence("an attempt to write fails, and reading works".to_owned());
                made.undo = Undo::Inverse(Inverse::AllowWrites);
                sketch.add(carries(made, id, item));
            }
            Content::Decommission(end) => {
                let mut made = stage(
                    Id::new(["stage", "decommission", &end.system]),
                    Phase::Close,
                    StageKind::Gate,
                    "End the old desk",
                    Operation::Decommission { system: end.system.clone() },
                );
                made.undo =
                    Undo::Irreversible { because: "the old desk and what only it holds are gone".to_owned() };
                sketch.add(carries(made, id, item));
            }
            Content::Lessons(lessons) => {
                let mut made = stage(
                    Id::new(["stage", "lessons"]),
                    Phase::Close,
                    StageKind::Gate,
                    "Write down what was learned",
                    Operation::Lessons { file: lessons.file.clone() },
                );
                made.not_before = lessons.from.clone().map(Box::new);
                made.pass = Pass::Evidence(format!(
                    "{} says what broke, what was slow and what needed exceptions",
                    lessons.file
                ));
                sketch.add(carries(made, id, item));
            }
            _ => {}
        }
    }
    super::old_rules::add(sketch);
    edges(sketch);
}

fn suspends(clock: &cutover_plan::model::Clock) -> bool {
    clock.continuity.iter().any(|rule| matches!(rule.action, ClockAction::Suspend { .. }))
}

/// Checks that the tool measures are one stage; each one that a person looks at is a gate of its own.
fn prove(sketch: &mut Sketch<'_>) {
    let mut measured: Vec<Ref> = Vec::new();
    let mut later: Vec<Ref> = Vec::new();
    let mut owner = None;
    let mut later_owner = None;
    for (id, item) in sketch.items() {
        let pass = match &item.content {
            Content::Check(check) => &check.pass,
            Content::Criterion(goal) => &goal.pass,
            // An objective is what the whole change is for, so the figures of the new desk show whether it is reached.
            Content::Objective(goal) if !goal.pass.is_empty() => {
                later_owner = later_owner.or_else(|| item.owner.clone());
                later.push(Ref(id.clone()));
                continue;
            }
            _ => continue,
        };
        let evidence = pass.iter().any(|c| matches!(c, Condition::Evidence(_)));
        if evidence {
            gate(sketch, id, item, pass);
        } else if pass.iter().any(known_later) {
            later_owner = later_owner.or_else(|| item.owner.clone());
            later.push(Ref(id.clone()));
        } else {
            owner = owner.or_else(|| item.owner.clone());
            measured.push(Ref(id.clone()));
        }
    }
    in_use(sketch, later, later_owner);
    if measured.is_empty() {
        return;
    }
    let mut made = stage(
        sketch.free(&["stage", "verify", "checks"]),
        Phase::Prove,
        StageKind::Automatic,
        "Measure every check and criterion",
        Operation::Verify { checks: measured.clone(), wave: None },
    );
    made.owner = owner;
    made.items = measured.clone();
    made.pass = Pass::Checks(measured);
    sketch.add(made);
}

/// Figures of the new desk in use are measured in the weeks after.
fn in_use(sketch: &mut Sketch<'_>, checks: Vec<Ref>, owner: Option<String>) {
    if checks.is_empty() {
        return;
    }
    let mut made = stage(
        sketch.free(&["stage", "measure", "in_use"]),
        Phase::After,
        StageKind::Watch,
        "Measure the new desk in use",
        Operation::Verify { checks: checks.clone(), wave: None },
    );
    made.owner = owner;
    made.items = checks.clone();
    made.pass = Pass::Checks(checks);
    sketch.add(made);
}

fn gate(sketch: &mut Sketch<'_>, id: &Id, item: &Item, pass: &[Condition]) {
    let last = id.as_str().rsplit('/').next().unwrap_or_default();
    let title = item.title.clone().unwrap_or_else(|| spaced(last));
    // A check and a criterion may have the same name.
    let id_of_stage = match item.content {
        Content::Criterion(_) => Id::new(["stage", "prove", "criterion", last]),
        _ => Id::new(["stage", "prove", last]),
    };
    let mut made = stage(
        id_of_stage,
        Phase::Prove,
        StageKind::Gate,
        format!("Look at it: {title}"),
        Operation::Verify { checks: vec![Ref(id.clone())], wave: None },
    );
    made.pass = Pass::All(pass.to_vec());
    sketch.add(carries(made, id, item));
}

fn edges(sketch: &mut Sketch<'_>) {
    let drains = sketch.which(|s| matches!(s.operation, Operation::Drain { .. }));
    let switches = sketch.which(|s| matches!(s.operation, Operation::Switch { .. }));
    let loads = sketch.which(|s| matches!(s.operation, Operation::Load { .. }));
    let proofs = sketch.which(|s| s.phase == Phase::Prove && matches!(s.operation, Operation::Verify { .. }));
    let unsilence = sketch.which(|s| matches!(s.operation, Operation::Unsilence));
    let clocks = sketch.which(|s| matches!(s.operation, Operation::ResumeClocks { .. }));
    let after = sketch.which(|s| s.phase == Phase::After);
    let read_only = sketch.which(|s| matches!(s.operation, Operation::ReadOnly { .. }));
    let end = sketch.which(|s| matches!(s.operation, Operation::Decommission { .. }));
    let lessons = sketch.which(|s| matches!(s.operation, Operation::Lessons { .. }));
    let archives = sketch.which(|s| matches!(s.operation, Operation::Archive { .. }));
    let silence = sketch.which(|s| matches!(s.operation, Operation::Silence { .. }));
    sketch.need_all(&proofs, &loads, "only what was loaded can be proven");
    sketch.need_all(&proofs, &drains, "what waited is part of what is counted");
    sketch.need_all(&unsilence, &proofs, "the new desk stays quiet until the checks pass");
    sketch.need_all(&clocks, &proofs, "clocks stand still until the checks pass");
    // These hold in a plan without any check, too.
    sketch.need_all(&unsilence, &silence, "only what was made quiet can speak again");
    sketch.need_all(&unsilence, &loads, "nothing is written while the new desk could send mail");
    sketch.need_all(&unsilence, &drains, "what waited is written before the new desk speaks again");
    sketch.need_all(&clocks, &loads, "only tickets that are there have clocks");
    sketch.need_all(&end, &loads, "nothing ends before its records have moved");
    sketch.need_all(&end, &switches, "nothing ends before customers reach the new desk");
    sketch.need_all(&after, &switches, "it begins when customers reach the new desk");
    sketch.need_all(&read_only, &switches, "the old desk is written to until channels are switched");
    sketch.need_all(&end, &proofs, "nothing ends before it is proven that nothing was lost");
    sketch.need_all(&end, &after, "nothing ends before the first weeks are over");
    sketch.need_all(&end, &read_only, "the old desk can be read before it ends");
    sketch.need_all(&end, &archives, "what only the old desk holds is kept first");
    sketch.need_all(&lessons, &proofs, "the lessons include what the checks showed");
}
