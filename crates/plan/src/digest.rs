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
//! - *digest* of the plan: over the lines `item ID DIGEST`, then `part NAME DIGEST` for every other member of the plan except
//!   `header` and `digest`, then `stage ID DIGEST`, each sorted by id or name and ended by a line feed.
//!
//! People are named by items without being part of their digests: a new telephone number makes no signature stale. Who a
//! person is, is a part of the plan.

mod group;

use std::collections::BTreeMap;
use std::ops::Range;

use cutover_ir::Id;
use cutover_ir::map::{Call, Map, WhenMissing};
use cutover_ir::predicate::Literal;
use sha2::{Digest as _, Sha256};

use crate::canonical::{CanonicalError, Writer, compact};
use crate::model::{Content, Item, Plan, Stage};
use crate::parallel::both;

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of what comes piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Hashing(Sha256);

impl Hashing {
    /// Takes the next bytes in.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes in lower-case hex.
    #[must_use]
    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }
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
    /// Of each item's content, in the order of the items.
    contents: Vec<Texts>,
    /// Of each stage without its digest, in the order of the stages.
    stages: Texts,
    /// Of every other digested member, by name.
    pub(crate) parts: BTreeMap<&'static str, String>,
}

/// Many texts in one buffer, since there are thousands of them.
#[derive(Default)]
struct Texts {
    all: String,
    ranges: Vec<Range<usize>>,
}

impl Texts {
    fn iter(&self) -> impl Iterator<Item = &str> {
        self.ranges.iter().map(|range| self.all.get(range.clone()).unwrap_or_default())
    }
}

impl Sealed {
    /// Canonical text of each item's content, in the order of the items.
    pub(crate) fn contents(&self) -> impl Iterator<Item = &str> {
        self.contents.iter().flat_map(Texts::iter)
    }

    /// Canonical text of each stage without its digest, in the order of the stages.
    pub(crate) fn stages(&self) -> impl Iterator<Item = &str> {
        self.stages.iter()
    }

    /// Length of all texts together.
    pub(crate) fn len(&self) -> usize {
        let texts = self.contents.iter().map(|texts| texts.all.len()).sum::<usize>() + self.stages.all.len();
        texts + self.parts.values().map(String::len).sum::<usize>()
    }
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
    for stage in &mut plan.stages {
        stage.digest.clear();
    }
    let shared = &*plan;
    let (stages, parts) = both(shared.stages.len(), || written_stages(shared), || parts(shared));
    let ((stages, digests), parts) = (stages?, parts?);
    for (stage, digest) in plan.stages.iter_mut().zip(digests) {
        stage.digest = digest;
    }
    plan.digest = plan_digest(plan, &parts);
    Ok(Sealed { contents, stages, parts })
}

fn seal_items(plan: &mut Plan) -> Result<Vec<Texts>, CanonicalError> {
    let items: Vec<&Item> = plan.items.values().collect();
    let (first, second) = items.split_at(items.len() / 2);
    let (first, second) = both(items.len(), || written(first), || written(second));
    let (first, second) = (first?, second?);
    let mut own = first.own;
    own.extend(second.own);
    for (item, names) in plan.items.values_mut().zip(first.names.into_iter().chain(second.names)) {
        item.names = names;
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
    Ok(vec![first.texts, second.texts])
}

/// Items written out: texts, own digests, and which items each names.
#[derive(Default)]
struct Written {
    texts: Texts,
    own: Vec<String>,
    names: Vec<Vec<Id>>,
}

fn written(items: &[&Item]) -> Result<Written, CanonicalError> {
    let mut writer = Writer::default();
    let mut result = Written::default();
    for item in items {
        let start = writer.out.len();
        writer.write(&item.content)?;
        result.texts.ranges.push(start..writer.out.len());
        let mut names: Vec<Id> = writer.refs.drain(..).map(|text| id_from_text(&text)).collect();
        names_of_content(&item.content, &mut names);
        names.sort_unstable();
        names.dedup();
        result.names.push(names);
        result.own.push(own_digest(item, writer.out.get(start..).unwrap_or_default())?);
    }
    result.texts.all = writer.out;
    Ok(result)
}

/// An id that was written out before.
fn id_from_text(text: &str) -> Id {
    use serde::de::value::{Error, StrDeserializer};
    use serde::{Deserialize as _, de::IntoDeserializer as _};
    let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
    // Every text is an id.
    Id::deserialize(deserializer).unwrap_or_else(|_| Id::new([text]))
}

/// The digest of `{"because":…,"content":…,"owner":…,"signed_by":…,"title":…}`, absent members left out.
fn own_digest(item: &Item, content: &str) -> Result<String, CanonicalError> {
    let mut hasher = Sha256::new();
    hasher.update(b"{");
    if let Some(because) = &item.because {
        hasher.update(format!("\"because\":{},", compact(because)?));
    }
    hasher.update(b"\"content\":");
    // By far the longest part; it is not copied for this.
    hasher.update(content);
    if let Some(owner) = &item.owner {
        hasher.update(format!(",\"owner\":{}", compact(owner)?));
    }
    if !item.signed_by.is_empty() {
        hasher.update(format!(",\"signed_by\":{}", compact(&item.signed_by)?));
    }
    if let Some(title) = &item.title {
        hasher.update(format!(",\"title\":{}", compact(title)?));
    }
    hasher.update(b"}");
    Ok(hex(&hasher.finalize()))
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

/// The texts of the stages, which have no digests yet, and the digests that they get.
fn written_stages(plan: &Plan) -> Result<(Texts, Vec<String>), CanonicalError> {
    let mut writer = Writer::default();
    let mut ranges = Vec::with_capacity(plan.stages.len());
    let mut sealed = Vec::with_capacity(plan.stages.len());
    for stage in &plan.stages {
        let start = writer.out.len();
        writer.write(stage)?;
        let mut names: Vec<Id> = writer.refs.drain(..).map(|text| id_from_text(&text)).collect();
        names.sort_unstable();
        names.dedup();
        let own = sha256_hex(writer.out.get(start..).unwrap_or_default().as_bytes());
        let digests: Vec<&str> =
            names.iter().filter_map(|id| plan.items.get(id)).map(|item| item.digest.as_str()).collect();
        sealed.push(group::with_named(own, &digests));
        ranges.push(start..writer.out.len());
    }
    Ok((Texts { all: writer.out, ranges }, sealed))
}

fn parts(plan: &Plan) -> Result<BTreeMap<&'static str, String>, CanonicalError> {
    let mut parts = BTreeMap::from([
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
    ]);
    // A plan of a project that chose nothing has the digest that it had before a plan could tell of it.
    if !plan.rules.is_empty() {
        parts.insert("rules", compact(&plan.rules)?);
    }
    Ok(parts)
}

fn plan_digest(plan: &Plan, parts: &BTreeMap<&'static str, String>) -> String {
    let mut hasher = Sha256::new();
    let mut line = |kind: &str, id: &str, digest: &str| {
        for text in [kind, " ", id, " ", digest, "\n"] {
            hasher.update(text);
        }
    };
    for (id, item) in &plan.items {
        line("item", id.as_str(), &item.digest);
    }
    for (name, text) in parts {
        line("part", name, &sha256_hex(text.as_bytes()));
    }
    let mut stages: Vec<&Stage> = plan.stages.iter().collect();
    stages.sort_by(|a, b| a.id.cmp(&b.id));
    for stage in stages {
        line("stage", stage.id.as_str(), &stage.digest);
    }
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::{seal, sha256_hex};
    use crate::canonical::compact;
    use crate::model::Item;

    /// The published rule, followed word by word for an item that names nothing.
    #[test]
    fn a_digest_can_be_checked_by_hand() {
        #[derive(serde::Serialize)]
        struct Own<'a> {
            because: &'a Option<String>,
            content: &'a crate::model::Content,
            owner: &'a Option<String>,
            signed_by: Option<&'a Vec<String>>,
            title: &'a Option<String>,
        }
        let plan = crate::fixture::acme();
        let alone: Vec<&Item> = plan.items.values().filter(|item| item.names.is_empty()).collect();
        assert!(alone.len() > 20);
        for item in alone {
            let Item { because, content, owner, signed_by, title, .. } = item;
            let signed_by = Some(signed_by).filter(|names| !names.is_empty());
            let text = compact(&Own { because, content, owner, signed_by, title });
            assert_eq!(text.map(|text| sha256_hex(text.as_bytes())).as_ref(), Ok(&item.digest));
        }
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn sealing_twice_changes_nothing() {
        let plan = crate::fixture::acme();
        let mut again = plan.clone();
        assert_eq!(seal(&mut again), Ok(()));
        assert_eq!(again, plan);
    }
}
