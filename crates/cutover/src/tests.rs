//! What holds of the phases of a compilation, over the corpus of specs.

use std::fs;
use std::path::{Path, PathBuf};

use cutover_analysis::{Places, World};
use cutover_plan::model::Plan;
use cutover_plan::schedule::{Schedule, schedule};
use cutover_prove::Facts;

use crate::compile;
use crate::systems::Account;

/// The folders below this one that hold a spec.
fn specs(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.join("spec.cutover").is_file() {
            into.push(path);
        } else if path.is_dir() {
            specs(&path, into);
        }
    }
}

#[test]
fn proofs_of_items_ask_for_no_stages() {
    let mut folders = Vec::new();
    let invalid = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/invalid");
    for family in ["references", "scope", "waves"] {
        specs(&invalid.join(family), &mut folders);
    }
    let mut told = 0;
    for folder in folders {
        let compilation = compile(&folder, "spec.cutover");
        let world = World::new(compilation.remains.accounts.iter().map(Account::loaded).collect());
        let found = |plan: &Plan, schedule: &Schedule| {
            let (places, spots) = (&compilation.places, &Places::default());
            cutover_prove::of_items(&Facts { plan, world: &world, places, spots, awaited: &[], schedule })
        };
        let plan = &compilation.plan;
        let bare = Plan { stages: Vec::new(), critical_path: Vec::new(), ..plan.clone() };
        let early = found(&bare, &Schedule::default());
        assert_eq!(early, found(plan, &schedule(plan)), "{}", folder.display());
        told += early.len();
    }
    assert!(told >= 10, "{told} findings");
}
