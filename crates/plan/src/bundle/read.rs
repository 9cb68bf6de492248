//! Reading a bundle back, trusting nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cutover_ir::Id;
use serde::Deserialize;

use super::check::first_line;
use super::{ASSETS, BundleError, PLACES, PLAN, Places, encode};
use crate::digest::sha256_hex;
use crate::model::{FORMAT, Plan};

/// A bundle that has been read and verified.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The plan.
    pub plan: Plan,
    /// Where its ids stand in the spec. Empty when the bundle has no such file: it serves messages only.
    pub places: Places,
}

/// Features that a plan may require and this program has.
const FEATURES: [&str; 0] = [];

/// Reads and verifies the bundle of a folder: shape, format, digests, references, assets.
///
/// # Errors
/// Whatever is wrong with it first.
pub fn read(folder: &Path) -> Result<Bundle, BundleError> {
    let load = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|source| BundleError::Io { action: "read", path, source })
    };
    let plan = parse(&load(PLAN)?)?;
    for (digest, asset) in &plan.assets {
        let bytes = load(&format!("{ASSETS}/{digest}"))?;
        if sha256_hex(&bytes) != *digest || u64::try_from(bytes.len()) != Ok(asset.bytes) {
            return Err(BundleError::Digest { parts: vec![asset.file.clone()] });
        }
    }
    let places = match load(PLACES) {
        Err(BundleError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Places::default()
        }
        Err(other) => return Err(other),
        Ok(bytes) => {
            let shape = |message| BundleError::Shape { file: PLACES, message };
            let text = str::from_utf8(&bytes).map_err(|error| shape(error.to_string()))?;
            let (places, digest) = Places::decode(text).map_err(shape)?;
            if digest != plan.digest {
                return Err(BundleError::Digest { parts: vec![PLACES.to_owned()] });
            }
            places
        }
    };
    Ok(Bundle { plan, places })
}

/// Reads and verifies the text of a `plan.json`.
///
/// # Errors
/// When it is of an unknown format, not of the right shape, changed after it was made, or not written by the compiler.
pub fn parse(bytes: &[u8]) -> Result<Plan, BundleError> {
    let shape = |error: serde_json::Error| BundleError::Shape { file: PLAN, message: error.to_string() };
    // The format decides how the rest is read, so it is looked at alone.
    #[derive(Deserialize)]
    struct Head {
        format: String,
        #[serde(default)]
        requires: Vec<String>,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(shape)?;
    if head.format != FORMAT {
        return Err(BundleError::Format { found: head.format });
    }
    let unknown: Vec<String> =
        head.requires.into_iter().filter(|name| !FEATURES.contains(&name.as_str())).collect();
    if !unknown.is_empty() {
        return Err(BundleError::Requires { names: unknown });
    }
    let plan: Plan = serde_json::from_slice(bytes).map_err(shape)?;
    let mut sealed = plan.clone();
    let text = encode(&mut sealed)?;
    let wrong = wrong_digests(&plan, &sealed);
    if !wrong.is_empty() {
        return Err(BundleError::Digest { parts: wrong });
    }
    // Whatever the types did not see makes a difference here.
    if text.as_bytes() != bytes {
        return Err(BundleError::NotCanonical { line: first_line(bytes, text.as_bytes()) });
    }
    references(&plan)?;
    Ok(plan)
}

fn wrong_digests(plan: &Plan, sealed: &Plan) -> Vec<String> {
    let items = plan.items.iter().zip(sealed.items.values());
    let items =
        items.filter(|((_, found), made)| found.digest != made.digest).map(|((id, _), _)| id.to_string());
    let stages = plan.stages.iter().zip(&sealed.stages);
    let stages =
        stages.filter(|(found, made)| found.digest != made.digest).map(|(stage, _)| stage.id.to_string());
    let mut wrong: Vec<String> = items.chain(stages).collect();
    if wrong.is_empty() && plan.digest != sealed.digest {
        wrong.push("plan".to_owned());
    }
    wrong
}

/// Every id leads to something: items to items, stages to items and to earlier stages.
fn references(plan: &Plan) -> Result<(), BundleError> {
    let dangling = |from: &Id, to: &Id| BundleError::Dangling { from: from.to_string(), to: to.to_string() };
    for (id, item) in &plan.items {
        if let Some(name) = item.names.iter().find(|name| !plan.items.contains_key(*name)) {
            return Err(dangling(id, name));
        }
    }
    let mut seen = BTreeSet::new();
    for stage in &plan.stages {
        if let Some(need) = stage.needs.iter().find(|need| !seen.contains(&need.stage)) {
            return Err(dangling(&stage.id, &need.stage));
        }
        if let Some(item) = stage.items.iter().find(|item| !plan.items.contains_key(&item.0)) {
            return Err(dangling(&stage.id, &item.0));
        }
        if !seen.insert(&stage.id) {
            return Err(dangling(&stage.id, &stage.id));
        }
    }
    if let Some(id) = plan.critical_path.iter().find(|id| !seen.contains(id)) {
        return Err(dangling(&Id::new(["critical_path"]), id));
    }
    let person = |who: &String, from: &Id| {
        if plan.people.contains_key(who) { Ok(()) } else { Err(dangling(from, &Id::new(["team", who]))) }
    };
    for (id, item) in &plan.items {
        item.owner.iter().chain(&item.signed_by).try_for_each(|who| person(who, id))?;
    }
    plan.stages.iter().try_for_each(|stage| {
        stage.owner.iter().chain(&stage.signed_by).try_for_each(|who| person(who, &stage.id))
    })
}
