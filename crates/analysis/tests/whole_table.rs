//! The map of a whole table, from the text of the spec to what its tests say.

use std::sync::Arc;

use cutover_analysis::world::{Loaded, World};
use cutover_analysis::{analyze, schema};
use cutover_catalog::{Catalog, Inventory, reader};
use cutover_diagnostics::FileId;
use cutover_plan::map_tests::{Verdict, run_tests};
use rustc_hash::FxHashMap;

const SPEC: &str = include_str!("../../../specs/valid/transform-spec/spec.cutover");
const SOURCE: &str = include_str!("../../../specs/valid/transform-spec/inventory/source.yaml");
const TARGET: &str = include_str!("../../../specs/valid/transform-spec/inventory/target.yaml");

fn inventory(text: &str) -> Option<Inventory> {
    reader::read_inventory(FileId(1), text).0
}

fn verdicts(spec: &str) -> Vec<(String, Verdict)> {
    let table = Catalog::builtin("table");
    let (source, target) = (inventory(SOURCE), inventory(TARGET));
    let loaded = |name: &str, inventory| Loaded {
        name: name.into(),
        table: false,
        catalog: table.as_ref(),
        inventory,
        inventory_named: true,
    };
    let world = World::new(vec![loaded("source", source.as_ref()), loaded("target", target.as_ref())]);
    let (file, found) = cutover_syntax::parse(FileId(0), &Arc::from(spec));
    assert_eq!(found.len(), 0, "{found:?}");
    let files = [file];
    let mut draft = analyze(&world, &files, &FxHashMap::default());
    schema::fill(&mut draft.plan, &world);
    let outcomes = run_tests(&draft.plan).into_iter();
    outcomes.map(|outcome| (outcome.id.to_string(), outcome.verdict)).collect()
}

#[test]
fn the_tests_of_the_spec_pass() {
    let verdicts = verdicts(SPEC);
    assert_eq!(verdicts.len(), 3);
    for (id, verdict) in verdicts {
        assert_eq!(verdict, Verdict::Passed, "{id}");
    }
}

#[test]
fn a_changed_table_fails_the_test_that_names_it() {
    let spec = SPEC.replace("-> \"waiting_on_customer\"", "-> \"waiting\"");
    assert_ne!(spec, SPEC);
    let failed: Vec<String> = verdicts(&spec)
        .into_iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Failed(_)))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(failed, ["test/urgent"]);
}

#[test]
fn a_test_without_what_it_depends_on_says_so() {
    let spec = SPEC.replace("custom.product \"Core Suite\"; ", "");
    let needs: Vec<Verdict> = verdicts(&spec)
        .into_iter()
        .filter(|(id, _)| id == "test/spelled")
        .map(|(_, verdict)| verdict)
        .collect();
    assert_eq!(needs, [Verdict::Needs(vec!["custom.product".to_owned()])]);
}
