//! Comparing a committed bundle with what would be written now.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cutover_ir::Id;

use super::write::asset_names;
use super::{ASSETS, BundleError, Outputs, PLAN};
use crate::model::Plan;

/// A file that is not what it would be now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The file is not there.
    Missing {
        /// Its name in the bundle.
        file: String,
    },
    /// The file belongs to an earlier plan.
    Extra {
        /// Its name in the bundle.
        file: String,
    },
    /// The file says something else.
    Changed {
        /// Its name in the bundle.
        file: String,
        /// Line of the first difference, from 1.
        line: usize,
        /// For the plan: which items and stages differ.
        parts: Vec<(Id, Change)>,
    },
}

/// How an item or a stage differs from the committed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It names something that says something else; itself it is the same.
    Affected,
    /// It is gone.
    Removed,
}

/// Compares the folder with the outputs: what differs, in the order of the files' names.
///
/// # Errors
/// When a file is there and cannot be read.
pub fn check(folder: &Path, outputs: &Outputs) -> Result<Vec<Difference>, BundleError> {
    let mut found = Vec::new();
    for (name, bytes) in outputs {
        let path = folder.join(name);
        let old = match fs::read(&path) {
            Ok(old) => old,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                found.push(Difference::Missing { file: name.clone() });
                continue;
            }
            Err(source) => return Err(BundleError::Io { action: "read", path, source }),
        };
        if old != *bytes {
            let parts = if name == PLAN { plan_parts(&old, bytes) } else { Vec::new() };
            found.push(Difference::Changed { file: name.clone(), line: first_line(&old, bytes), parts });
        }
    }
    for name in asset_names(&folder.join(ASSETS)) {
        let file = format!("{ASSETS}/{name}");
        if !outputs.contains_key(&file) {
            found.push(Difference::Extra { file });
        }
    }
    Ok(found)
}

/// Which items and stages differ between two plans, by id.
#[must_use]
pub fn differences(old: &Plan, new: &Plan) -> Vec<(Id, Change)> {
    let mut found = BTreeMap::new();
    for (id, item) in &new.items {
        match old.items.get(id) {
            None => found.insert(id.clone(), Change::Added),
            Some(was) if was.digest == item.digest => None,
            Some(was) if was == &with_digest(item, &was.digest) => found.insert(id.clone(), Change::Affected),
            Some(_) => found.insert(id.clone(), Change::Changed),
        };
    }
    for id in old.items.keys().filter(|id| !new.items.contains_key(*id)) {
        found.insert(id.clone(), Change::Removed);
    }
    let old_stages: BTreeMap<&Id, &crate::model::Stage> =
        old.stages.iter().map(|stage| (&stage.id, stage)).collect();
    let mut seen = BTreeMap::new();
    for stage in &new.stages {
        seen.insert(&stage.id, ());
        let change = match old_stages.get(&stage.id) {
            None => Change::Added,
            Some(was) if was.digest == stage.digest => continue,
            Some(was) => {
                let mut same = stage.clone();
                same.digest.clone_from(&was.digest);
                if same == **was { Change::Affected } else { Change::Changed }
            }
        };
        found.insert(stage.id.clone(), change);
    }
    for id in old_stages.keys().filter(|id| !seen.contains_key(**id)) {
        found.insert((*id).clone(), Change::Removed);
    }
    found.into_iter().collect()
}

fn with_digest(item: &crate::model::Item, digest: &str) -> crate::model::Item {
    let mut item = item.clone();
    digest.clone_into(&mut item.digest);
    item
}

fn plan_parts(old: &[u8], new: &[u8]) -> Vec<(Id, Change)> {
    match (serde_json::from_slice(old), serde_json::from_slice(new)) {
        (Ok(old), Ok(new)) => differences(&old, &new),
        _ => Vec::new(),
    }
}

/// The line of the first byte that differs, from 1.
pub(super) fn first_line(old: &[u8], new: &[u8]) -> usize {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    1 + old.iter().take(same).filter(|byte| **byte == b'\n').count()
}
