//! The order that keeps a migration safe holds in every plan, whatever its spec says: along the needs of the stages, not by their
//! places in a list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cutover::compile;
use cutover_plan::model::{Content, LoadMode, Operation, Phase, Plan, Stage, Verb};
use cutover_tests::program::Project;
use cutover_tests::workspace::root;

/// The plans of all specs that are valid, each with its folder.
fn plans() -> Vec<(String, Plan)> {
    let mut folders: Vec<PathBuf> = ["examples", "specs/valid", "specs/valid/fresh"]
        .iter()
        .filter_map(|folder| root().join(folder).read_dir().ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let mut plans = Vec::new();
    for folder in folders {
        let mut specs: Vec<String> = folder
            .read_dir()
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|file| file.file_name().into_string().ok())
            .filter(|name| name.ends_with(".cutover"))
            .collect();
        specs.sort();
        // A case of several files begins with the one that the corpus names.
        let Some(entry) = specs.iter().find(|name| *name == "spec.cutover").or(specs.first()) else {
            continue;
        };
        let compilation = compile(&folder, entry);
        assert_eq!(compilation.errors(), 0, "{}", folder.display());
        plans.push((folder.display().to_string(), compilation.plan));
    }
    plans
}

/// Stages with all that each of them waits for, however far away.
struct Order<'p> {
    name: &'p str,
    plan: &'p Plan,
    before: BTreeMap<&'p str, BTreeSet<&'p str>>,
}

impl<'p> Order<'p> {
    fn of(name: &'p str, plan: &'p Plan) -> Order<'p> {
        let mut before: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for stage in &plan.stages {
            let mut all = BTreeSet::new();
            for need in &stage.needs {
                let of_need = before.get(need.stage.as_str());
                assert!(
                    of_need.is_some(),
                    "{name}: {} stands before {}, which it needs",
                    stage.id,
                    need.stage
                );
                all.extend(of_need.into_iter().flatten().copied());
                all.insert(need.stage.as_str());
            }
            assert_eq!(before.insert(stage.id.as_str(), all), None, "{name}: {} stands twice", stage.id);
        }
        Order { name, plan, before }
    }

    fn which(&self, test: impl Fn(&Stage) -> bool) -> Vec<&'p Stage> {
        self.plan.stages.iter().filter(|stage| test(stage)).collect()
    }

    fn waits(&self, later: &Stage, earlier: &Stage) -> bool {
        self.before.get(later.id.as_str()).is_some_and(|all| all.contains(earlier.id.as_str()))
    }

    /// Each stage of `later` waits for each of `earlier`; gives the number of pairs.
    fn holds(&self, later: &[&Stage], earlier: &[&Stage]) -> usize {
        for late in later {
            for early in earlier {
                assert!(self.waits(late, early), "{}: {} does not wait for {}", self.name, late.id, early.id);
            }
        }
        later.len() * earlier.len()
    }
}

fn is_load(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Load { .. })
}

/// A rule: what it says, and the stages that wait for which others.
type Rule = (&'static str, fn(&Stage) -> bool, fn(&Stage) -> bool);

const RULES: &[Rule] = &[
    ("nothing is written while the new desk could send mail", is_load, |s| {
        matches!(s.operation, Operation::Silence { .. })
    }),
    ("nothing is written without a backup", is_load, |s| matches!(s.operation, Operation::Backup { .. })),
    ("nothing is written before a restore has worked", is_load, |s| {
        matches!(s.operation, Operation::RestoreTest { .. })
    }),
    ("nothing is written before a rehearsal", is_load, |s| matches!(s.operation, Operation::Rehearse { .. })),
    (
        "channels are switched once everything of the night is in",
        |s| matches!(s.operation, Operation::Switch { .. }),
        |s| is_load(s) && s.phase == Phase::Night,
    ),
    (
        "channels are switched once everything of the night is compared",
        |s| matches!(s.operation, Operation::Switch { .. }),
        |s| matches!(s.operation, Operation::Verify { .. }) && s.phase == Phase::Night,
    ),
    (
        "channels are switched once somebody has signed for it",
        |s| matches!(s.operation, Operation::Switch { .. }),
        |s| s.operation == Operation::Approve && s.phase == Phase::Night,
    ),
    (
        "somebody signs with the comparison on the table",
        |s| s.operation == Operation::Approve && s.phase == Phase::Night,
        |s| {
            matches!(s.operation, Operation::Verify { .. } | Operation::Link { .. })
                && s.phase == Phase::Night
        },
    ),
    ("the new desk speaks once everything is in", |s| s.operation == Operation::Unsilence, is_load),
    (
        "what waited goes to the new desk",
        |s| matches!(s.operation, Operation::Drain { .. }),
        |s| matches!(s.operation, Operation::Switch { .. } | Operation::Hold { .. }),
    ),
    (
        "the old desk ends after the switch",
        |s| matches!(s.operation, Operation::Decommission { .. }),
        |s| matches!(s.operation, Operation::Switch { .. }),
    ),
    ("the old desk ends after the loads", |s| matches!(s.operation, Operation::Decommission { .. }), is_load),
];

#[test]
fn stages_wait_for_what_keeps_them_safe() {
    let plans = plans();
    assert!(plans.len() > 20, "only {} plans", plans.len());
    let orders: Vec<Order<'_>> = plans.iter().map(|(name, plan)| Order::of(name, plan)).collect();
    for (rule, later, earlier) in RULES {
        let pairs: usize =
            orders.iter().map(|order| order.holds(&order.which(later), &order.which(earlier))).sum();
        assert!(pairs > 0, "no plan has anything of which `{rule}` could be true");
    }
}

#[test]
fn what_a_plan_writes_is_backed_up_rehearsed_and_compared() {
    let mut switched = 0;
    for (name, plan) in plans() {
        let order = Order::of(&name, &plan);
        if order.which(is_load).is_empty() {
            continue;
        }
        for (what, found) in [
            ("backup", order.which(|s| matches!(s.operation, Operation::Backup { .. }))),
            ("restore test", order.which(|s| matches!(s.operation, Operation::RestoreTest { .. }))),
            ("rehearsal", order.which(|s| matches!(s.operation, Operation::Rehearse { .. }))),
        ] {
            assert!(!found.is_empty(), "{name}: no {what}");
        }
        let compares = order.which(|s| matches!(s.operation, Operation::Verify { .. }));
        for load in order.which(is_load) {
            assert!(
                compares.iter().any(|verify| order.waits(verify, load)),
                "{name}: nobody compares {}",
                load.id
            );
        }
        for switch in order.which(|s| matches!(s.operation, Operation::Switch { .. })) {
            switched += 1;
            assert!(
                compares.iter().any(|verify| order.waits(switch, verify)),
                "{name}: {} waits for no comparison",
                switch.id
            );
        }
    }
    assert!(switched > 0, "no plan switches a channel");
}

#[test]
fn every_stage_has_an_owner_and_every_need_a_reason() {
    let mut needs = 0;
    for (name, plan) in plans() {
        for stage in &plan.stages {
            assert!(
                stage.owner.as_ref().is_some_and(|owner| plan.people.contains_key(owner)),
                "{name}: {} belongs to {:?}",
                stage.id,
                stage.owner
            );
            for need in &stage.needs {
                needs += 1;
                assert!(!need.reason.trim().is_empty(), "{name}: {} needs {}", stage.id, need.stage);
            }
        }
    }
    assert!(needs > 1_000, "only {needs} needs");
}

#[test]
fn a_load_carries_what_is_imported_and_a_rehearsal_what_it_tries() {
    let mut rehearsals = 0;
    for (name, plan) in plans() {
        let imports: BTreeSet<&str> = plan
            .items
            .keys()
            .map(cutover_ir::Id::as_str)
            .filter(|id| id.starts_with("scope/") && id.split('/').nth(2) == Some("import"))
            .collect();
        let carried: BTreeSet<&str> = plan
            .stages
            .iter()
            .filter(|stage| is_load(stage))
            .flat_map(|stage| stage.items.iter().map(|item| item.0.as_str()))
            .collect();
        for stage in &plan.stages {
            match &stage.operation {
                Operation::Load { source, .. } => {
                    let own = format!("scope/{source}/import");
                    let lines: Vec<&&str> = imports
                        .iter()
                        .filter(|id| **id == own || id.starts_with(&format!("{own}/")))
                        .collect();
                    assert!(!lines.is_empty(), "{name}: {} loads what nobody imports", stage.id);
                    for line in lines {
                        assert!(
                            stage.items.iter().any(|item| item.0.as_str() == *line),
                            "{name}: {} is not signed with {line}",
                            stage.id
                        );
                    }
                }
                Operation::Rehearse { of, .. } => {
                    rehearsals += 1;
                    for id in plan.items.keys() {
                        let tried = ["map/", "wave/", "translate/", "clean"];
                        if tried.iter().any(|start| id.as_str().starts_with(start))
                            || imports.contains(id.as_str())
                        {
                            assert!(of.iter().any(|item| item.0 == *id), "{name}: {id} is not rehearsed");
                        }
                    }
                }
                _ => {}
            }
        }
        // What has no map and travels with nothing that has one is made by people; it needs no load.
        let mapped: BTreeSet<&str> = plan
            .items
            .keys()
            .filter_map(|id| id.as_str().strip_prefix("map/")?.split(['/', ' ']).next())
            .collect();
        for line in imports {
            let kind = line.split('/').nth(1).unwrap_or_default();
            assert!(carried.contains(line) || !mapped.contains(kind), "{name}: no load carries {line}");
        }
    }
    assert!(rehearsals > 20, "only {rehearsals} rehearsals");
}

#[test]
fn exports_that_read_one_kind_are_told_apart() {
    let project = Project::of("specs/valid/minimal");
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    let exports = "
export first  owner dana { tickets where unfinished; tickets the rest; verify counts }
export later  owner dana { tickets where unfinished; tickets the rest; verify counts }
";
    let text = project.text().unwrap_or_default() + exports;
    assert_eq!(project.write(project.spec(), text), Ok(()));
    let compilation = compile(project.folder(), project.spec());
    assert_eq!(compilation.errors(), 0, "{:?}", compilation.diagnostics);
    let is_ticket =
        |stage: &&Stage| matches!(&stage.operation, Operation::Export { kind, .. } if kind == "ticket");
    let ids: Vec<&str> =
        compilation.plan.stages.iter().filter(is_ticket).map(|stage| stage.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "stage/export/first/ticket/rest",
            "stage/export/first/ticket/unfinished",
            "stage/export/later/ticket/rest",
            "stage/export/later/ticket/unfinished",
            // What is loaded in the night is read again then.
            "stage/export/ticket/night"
        ]
    );
}

/// The loads of the waves of one kind, taken together, load no record twice.
#[test]
fn waves_share_what_is_imported() {
    let mut shared = 0;
    for (name, plan) in plans() {
        let mut by_kind: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for stage in &plan.stages {
            let Operation::Load { source, mode: LoadMode::Create, wave: Some(_), .. } = &stage.operation
            else {
                continue;
            };
            let estimate = stage.estimate.as_ref();
            by_kind.entry(source).or_default().extend(estimate.map(|estimate| estimate.count));
        }
        for (kind, counts) in by_kind.into_iter().filter(|(_, counts)| counts.len() > 1) {
            let parts = plan.items.iter().filter(|(_, item)| match &item.content {
                Content::Scope(part) => part.kind == kind && part.verb == Verb::Import,
                _ => false,
            });
            let known: Option<u64> = parts.map(|(id, _)| plan.figures.records.get(id).copied()).sum();
            let Some(known) = known else { continue };
            let waves = u64::try_from(counts.len()).unwrap_or_default();
            let loaded: u64 = counts.iter().sum();
            assert!(loaded <= known + waves, "{name}: waves load {counts:?} of {known} {kind}");
            shared += 1;
        }
    }
    assert!(shared > 0, "no plan has two waves of one kind with a count");
}
