//! The order that each plan has: it holds in every example and every valid case, and each rule notices when an edge is missing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cutover::compile;
use cutover_analysis::World;
use cutover_plan::Plan;
use cutover_plan::schedule::schedule;
use cutover_prove::{Facts, reach};
use cutover_tests::corpus::{Kind, SPEC, cases};
use cutover_tests::workspace::root;

fn projects() -> Vec<(PathBuf, String)> {
    let examples = [
        ("acme", "acme.cutover"),
        ("rt-to-zendesk", "rt-to-zendesk.cutover"),
        ("small-team", "pots.cutover"),
        ("zendesk-to-zammad", "zendesk-to-zammad.cutover"),
    ];
    let examples = examples.map(|(name, spec)| (root().join("examples").join(name), spec.to_owned()));
    let valid = cases().0.into_iter().filter(|case| matches!(case.kind, Kind::Valid));
    examples.into_iter().chain(valid.map(|case| (case.folder, SPEC.to_owned()))).collect()
}

#[test]
fn every_plan_obeys_the_rules() {
    for (folder, spec) in projects() {
        let plan = compile(&folder, &spec).plan;
        let broken: Vec<&str> = reach::breaches(&plan).iter().map(|(rule, ..)| rule.name).collect();
        assert_eq!(broken, Vec::<&str>::new(), "{}", folder.display());
    }
}

/// Takes away everything for which the stages of a rule wait.
fn without(plan: &Plan, rule: &reach::Rule) -> Plan {
    let mut plan = plan.clone();
    for stage in plan.stages.iter_mut().filter(|stage| (rule.later)(stage)) {
        stage.needs.clear();
    }
    plan
}

#[test]
fn each_rule_notices_a_missing_edge() {
    let mut noticed = BTreeSet::new();
    for (folder, spec) in projects().into_iter().take(4) {
        let compilation = compile(&folder, &spec);
        for rule in reach::RULES {
            let plan = without(&compilation.plan, rule);
            if reach::breaches(&plan).iter().any(|(broken, ..)| broken.name == rule.name) {
                noticed.insert(rule.name);
                let world = World::new(Vec::new());
                let (places, spots) = (&compilation.places, &cutover_analysis::Places::default());
                let schedule = &schedule(&plan);
                let facts = Facts { plan: &plan, world: &world, places, spots, schedule, awaited: &[] };
                let codes: Vec<&str> = cutover_prove::check(&facts).iter().map(|found| found.code).collect();
                assert!(codes.contains(&"reach/order"), "{}: {codes:?}", rule.name);
            }
        }
    }
    let all: BTreeSet<&str> = reach::RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(noticed, all);
}
