//! Digests: of each item with everything that it names, of each stage, and of the plan.
//!
//! Published, so that they can be checked with any SHA-256 program:
//!
//! - *own digest* of an item: over the canonical text of its `because`, `content`, `owner`, `signed_by` and `title`. The id is not in it, so a
//!   signature outlives a rename; neither is a line of the spec or a number from an inventory.
//! - *digest* of an item that names no other item: its own digest. Otherwise SHA-256 over lines, each a digest in hex and a line
//!   feed: its own digest, then the digests of the items that it names, sorted by id. Items that name each other in a circle form a group: the
//!   group's digest is over the sorted own digests of its members and the sorted digests of what they name outside; a member's digest is
//!   over its own digest and the group's.
//! - *digest* of a stage: the same, over its canonical text without `digest`.
//! - *digest* of the plan: over sorted lines `item ID DIGEST`, `stage ID DIGEST`, and `part NAME DIGEST` for every other member of
//!   the plan except `header` and `digest`.
//!
//! People are named by items without being part of their digests: a new telephone number makes no signature stale. Who a
//! person is, is a part of the plan.

mod group;

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_ir::map::{Call, Map, WhenMissing};
use cutover_ir::predicate::Literal;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::canonical::{CanonicalError, Raw, Writer, compact};
use crate::model::{Content, Item, Plan};

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(digest.len() * 2);
    for byte in digest {
        for nibble in [byte >> 4, byte & 15] {
            text.push(DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from));
        }
    }
    text
}

/// The canonical texts that sealing has made, for whoever writes the plan next.
pub(crate) struct Sealed {
    /// Canonical text of each item's content, in the order of the items.
    pub(crate) contents: Vec<String>,
    /// Canonical text of each stage without its digest, in the order of the stages.
    pub(crate) stages: Vec<String>,
    /// Canonical text of every other digested member, by name.
    pub(crate) parts: BTreeMap<&'static str, String>,
}

/// Writes all digests into the plan, and into each item which items it names.
///
/// # Errors
/// When a value has no canonical text.
pub fn seal(plan: &mut Plan) -> Result<(), CanonicalError> {
    seal_keeping(plan).map(|_| ())
}

pub(crate) fn seal_keeping(plan: &mut Plan) -> Result<Sealed, CanonicalError> {
    plan.format = crate::model::FORMAT.to_owned();
    let contents = seal_items(plan)?;
    let stages = seal_stages(plan)?;
    let parts = parts(plan)?;
    plan.digest = plan_digest(plan, &parts);
    Ok(Sealed { contents, stages, parts })
}

fn seal_items(plan: &mut Plan) -> Result<Vec<String>, CanonicalError> {
    let mut contents = Vec::with_capacity(plan.items.len());
    let mut own = Vec::with_capacity(plan.items.len());
    for item in plan.items.values_mut() {
        let mut writer = Writer::default();
        writer.write(&item.content)?;
        let mut names: Vec<Id> = writer.refs.iter().map(|text| id_from_text(text)).collect();
        names_of_content(&item.content, &mut names);
        names.sort_unstable();
        names.dedup();
        item.names = names;
        own.push(own_digest(item, &writer.out)?);
        contents.push(writer.out);
    }
    let ids: Vec<&Id> = plan.items.keys().collect();
    let edges: Vec<Vec<usize>> = plan
        .items
        .values()
        .map(|item| item.names.iter().filter_map(|id| ids.binary_search(&id).ok()).collect())
        .collect();
    let digests = group::digests(own, &edges);
    for (item, digest) in plan.items.values_mut().zip(digests) {
        item.digest = digest;
    }
    Ok(contents)
}

/// An id that was written out before.
fn id_from_text(text: &str) -> Id {
    use serde::de::value::{Error, StrDeserializer};
    use serde::{Deserialize as _, de::IntoDeserializer as _};
    let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
    // Every text is an id.
    Id::deserialize(deserializer).unwrap_or_else(|_| Id::new([text]))
}

#[derive(Serialize)]
struct Own<'a> {
    because: Option<&'a str>,
    content: Raw<'a>,
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    signed_by: &'a [String],
    title: Option<&'a str>,
}

fn own_digest(item: &Item, content: &str) -> Result<String, CanonicalError> {
    let text = compact(&Own {
        because: item.because.as_deref(),
        content: Raw(content),
        owner: item.owner.as_deref(),
        signed_by: &item.signed_by,
        title: item.title.as_deref(),
    })?;
    Ok(sha256_hex(text.as_bytes()))
}

/// What maps name in the terms of their own crate.
fn names_of_content(content: &Content, names: &mut Vec<Id>) {
    if let Content::Map(map) = content {
        for table in tables_of(map) {
            names.push(Id::new(["translate", table]));
        }
    }
}

/// The translations that a map uses.
fn tables_of(map: &Map) -> impl Iterator<Item = &str> {
    map.rows.iter().flat_map(|row| {
        let calls = row.pipe.iter().filter_map(table_of_call);
        let placeholder = match &row.when_missing {
            Some(WhenMissing::PlaceholderBy(table)) => Some(table.as_str()),
            _ => None,
        };
        calls.chain(placeholder)
    })
}

fn table_of_call(call: &Call) -> Option<&str> {
    match (call.function.as_str(), call.args.first()) {
        ("translate", Some(Literal::Text(table))) => Some(table),
        _ => None,
    }
}

fn seal_stages(plan: &mut Plan) -> Result<Vec<String>, CanonicalError> {
    let mut texts = Vec::with_capacity(plan.stages.len());
    let mut stages = std::mem::take(&mut plan.stages);
    for stage in &mut stages {
        stage.digest.clear();
        let mut writer = Writer::default();
        writer.write(&*stage)?;
        let mut names: Vec<Id> = writer.refs.iter().map(|text| id_from_text(text)).collect();
        names.sort_unstable();
        names.dedup();
        let own = sha256_hex(writer.out.as_bytes());
        let digests: Vec<&str> =
            names.iter().filter_map(|id| plan.items.get(id)).map(|item| item.digest.as_str()).collect();
        stage.digest = group::with_named(own, &digests);
        texts.push(writer.out);
    }
    plan.stages = stages;
    Ok(texts)
}

fn parts(plan: &Plan) -> Result<BTreeMap<&'static str, String>, CanonicalError> {
    Ok(BTreeMap::from([
        ("assets", compact(&plan.assets)?),
        ("critical_path", compact(&plan.critical_path)?),
        ("defaults", compact(&plan.defaults)?),
        ("facts", compact(&plan.facts)?),
        ("figures", compact(&plan.figures)?),
        ("format", compact(&plan.format)?),
        ("losses", compact(&plan.losses)?),
        ("migration", compact(&plan.migration)?),
        ("parent", compact(&plan.parent)?),
        ("people", compact(&plan.people)?),
        ("requires", compact(&plan.requires)?),
        ("schemas", compact(&plan.schemas)?),
        ("suppressions", compact(&plan.suppressions)?),
        ("systems", compact(&plan.systems)?),
    ]))
}

fn plan_digest(plan: &Plan, parts: &BTreeMap<&'static str, String>) -> String {
    let mut lines: Vec<String> = Vec::with_capacity(plan.items.len() + plan.stages.len() + parts.len());
    lines.extend(plan.items.iter().map(|(id, item)| format!("item {id} {}\n", item.digest)));
    lines.extend(plan.stages.iter().map(|stage| format!("stage {} {}\n", stage.id, stage.digest)));
    lines.extend(parts.iter().map(|(name, text)| format!("part {name} {}\n", sha256_hex(text.as_bytes()))));
    lines.sort_unstable();
    let mut hasher = Sha256::new();
    for line in &lines {
        hasher.update(line.as_bytes());
    }
    hex(&hasher.finalize())
}
