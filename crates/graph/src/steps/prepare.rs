//! The rehearsal, probes and preflight, training, announcements and texts.

use cutover_ir::Id;
use cutover_plan::model::{
    Content, Inverse, Mark, Operation, Pass, Phase, Ref, StageKind, SystemRole, Undo, Verb,
};

use crate::Sketch;
use crate::sketch::{carries, stage, words};

/// What the tool compares of a rehearsal, whatever people try besides.
const TRIED: &[&str] = &[
    "counts",
    "ids",
    "read_back",
    "timestamps",
    "markup",
    "thread_order",
    "note_visibility",
    "assignments",
    "files",
];

pub(super) fn add(sketch: &mut Sketch<'_>) {
    probes(sketch);
    tests(sketch);
    for (id, item) in sketch.items() {
        let last = id.as_str().rsplit('/').next().unwrap_or_default();
        match &item.content {
            Content::Rehearsal(rehearsal) => {
                let mut made = stage(
                    Id::new(["stage", "rehearse", last]),
                    Phase::Rehearse,
                    StageKind::Gate,
                    "Rehearse the whole way, there and back, on the test account",
                    Operation::Rehearse { system: rehearsal.system.clone(), of: rehearsed(sketch) },
                );
                made.pass =
                    Pass::Evidence("every test passes and the way back leaves nothing behind".to_owned());
                made.undo = Undo::Inverse(Inverse::DeleteCreated);
                made.verification = words(TRIED.iter().copied());
                sketch.add(carries(made, id, item));
            }
            Content::Train(train) => {
                let made = stage(
                    Id::new(["stage", "train", last]),
                    Phase::Prepare,
                    StageKind::Gate,
                    format!("Train {}", train.audience),
                    Operation::Train,
                );
                let mut made = carries(made, id, item);
                made.pass = Pass::Evidence(match &train.at_least {
                    Some(share) => format!("at least {share}% have done each scenario"),
                    None => "everybody has done each scenario".to_owned(),
                });
                sketch.add(made);
            }
            Content::Inspect(inspect) => {
                let mut made = stage(
                    Id::new(["stage", "inspect", last]),
                    Phase::Prepare,
                    StageKind::Gate,
                    format!("Read {} for words of the old desk", inspect.of.join(", ")),
                    Operation::Inspect,
                );
                made.pass = Pass::Evidence("none of the forbidden words is left".to_owned());
                sketch.add(carries(made, id, item));
            }
            Content::Announce(announce) => {
                let mut made = stage(
                    Id::new(["stage", "announce", last]),
                    Phase::Prepare,
                    StageKind::Gate,
                    format!("Tell {}", announce.audience),
                    Operation::Announce {
                        audience: announce.audience.clone(),
                        template: announce.template.clone(),
                    },
                );
                made.not_before = announce.from.clone().map(Box::new);
                made.pass = Pass::Evidence("the message went out".to_owned());
                made.undo = Undo::Inverse(Inverse::Correct);
                sketch.add(carries(made, id, item));
            }
            _ => {}
        }
    }
    preflight(sketch);
    edges(sketch);
}

/// What the rehearsal tries: whoever signs it signs these as they are, so that a change in one of them asks for another rehearsal.
fn rehearsed(sketch: &Sketch<'_>) -> Vec<Ref> {
    let tried = |content: &Content| match content {
        Content::Scope(part) => part.verb == Verb::Import,
        Content::Map(_) | Content::Translate(_) | Content::Clean(_) | Content::Wave(_) => true,
        _ => false,
    };
    sketch.items().filter(|(_, item)| tried(&item.content)).map(|(id, _)| Ref(id.clone())).collect()
}

/// Facts that nobody has confirmed are found out on the account before anything rests on them.
fn probes(sketch: &mut Sketch<'_>) {
    let mut by_system: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for (id, fact) in &sketch.plan.facts {
        if matches!(fact.mark, Mark::Unverified) {
            by_system.entry(fact.system.clone()).or_default().push(id.clone());
        }
    }
    for (system, facts) in by_system {
        let mut made = stage(
            Id::new(["stage", "probe", &system]),
            Phase::Rehearse,
            StageKind::Automatic,
            format!("Find out what no document confirms about the {system}"),
            Operation::Probe { system: system.clone(), facts },
        );
        made.pass = Pass::Evidence("each fact is as the catalog says".to_owned());
        sketch.add(made);
    }
}

fn tests(sketch: &mut Sketch<'_>) {
    let tests: Vec<Ref> = sketch
        .items()
        .filter(|(_, item)| matches!(item.content, Content::Test(_)))
        .map(|(id, _)| Ref(id.clone()))
        .collect();
    if tests.is_empty() {
        return;
    }
    let mut made = stage(
        Id::new(["stage", "test", "maps"]),
        Phase::Rehearse,
        StageKind::Automatic,
        "Run the tests of the maps",
        Operation::Test { tests: tests.clone() },
    );
    made.items = tests;
    made.pass = Pass::Evidence("every test passes".to_owned());
    sketch.add(made);
}

/// The day before and the minute before: everything that the night takes for granted is looked at.
fn preflight(sketch: &mut Sketch<'_>) {
    let checks = [
        "permissions",
        "subscription",
        "rates",
        "disk",
        "clock",
        "triggers_off",
        "options",
        "rules",
        "credentials",
    ];
    let has_target = sketch.plan.systems.values().any(|s| s.role == SystemRole::Target);
    if !has_target {
        return;
    }
    let mut made = stage(
        Id::new(["stage", "preflight"]),
        Phase::Prepare,
        StageKind::Automatic,
        "Look at everything that the night takes for granted",
        Operation::Preflight { checks: checks.iter().map(|c| (*c).to_owned()).collect() },
    );
    made.owner = sketch
        .items()
        .find_map(|(_, item)| matches!(item.content, Content::GoLive(_)).then(|| item.owner.clone())?);
    sketch.add(made);
}

fn edges(sketch: &mut Sketch<'_>) {
    let rehearse = sketch.which(|s| matches!(s.operation, Operation::Rehearse { .. }));
    let restore = sketch.which(|s| matches!(s.operation, Operation::RestoreTest { .. }));
    let backup = sketch.which(|s| matches!(s.operation, Operation::Backup { .. }));
    let tests = sketch.which(|s| matches!(s.operation, Operation::Test { .. }));
    let probes = sketch.which(|s| matches!(s.operation, Operation::Probe { .. }));
    let recreate = sketch.which(|s| matches!(s.operation, Operation::Recreate { .. }));
    let exports = sketch.which(|s| matches!(s.operation, Operation::Export { .. }));
    let cleans = sketch.which(|s| matches!(s.operation, Operation::Clean { .. }));
    let freeze = sketch.which(|s| s.operation == Operation::Freeze);
    sketch.need_all(&rehearse, &restore, "nothing is written before the backup is known to be restorable");
    sketch.need_all(&rehearse, &backup, "nothing is written before there is a backup");
    sketch.need_all(&rehearse, &tests, "maps that fail their tests need no rehearsal");
    sketch.need_all(&rehearse, &probes, "what nobody confirmed is found out first");
    sketch.need_all(&rehearse, &recreate, "the rehearsal runs through the rules that were built");
    sketch.need_all(&rehearse, &exports, "the rehearsal takes its sample from the export");
    sketch.need_all(&rehearse, &cleans, "the rehearsal takes its sample from the tidied copy");
    let preflight = sketch.which(|s| matches!(s.operation, Operation::Preflight { .. }));
    sketch.need_all(&preflight, &rehearse, "the accounts are looked at once the rehearsal has passed");
    sketch.need_all(&preflight, &freeze, "rules are compared with those that were recorded");
}
