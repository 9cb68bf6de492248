//! Sign-offs: who approved which item, bound to the digest of what was approved.
//!
//! They stand in git beside the plan, in `signoffs/PERSON.jsonl`, one JSON object a line: a file a person and only new lines, so that
//! branches merge without conflicts. When something was signed, git knows. No line is trusted: see [`parse`].

use std::collections::BTreeMap;

use cutover_ir::Id;
use serde::{Deserialize, Serialize};

use crate::model::{Item, Plan};

/// Name of the folder with the sign-offs.
pub const FOLDER: &str = "signoffs";

/// The most bytes of one person's file.
pub const MAX_FILE: u64 = 4 * 1024 * 1024;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// Who signs, by identifier.
    pub by: String,
    /// Digest of the item when it was signed: SHA-256 in hex, of the item with everything that it names.
    pub digest: String,
    /// Where the evidence is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The item.
    pub item: Id,
}

/// A line of a file, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// The sign-off, or what is wrong with the line.
    pub content: Result<SignOff, String>,
}

/// Reads a file. Every line gives a sign-off or says what is wrong with it; empty ones are passed over.
#[must_use]
pub fn parse(bytes: &[u8]) -> Vec<Line> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace))
        .map(|(at, line)| {
            let content = serde_json::from_slice(line).map_err(|error| error.to_string());
            Line { number: at + 1, content: content.and_then(hex) }
        })
        .collect()
}

fn hex(line: SignOff) -> Result<SignOff, String> {
    let is_digest = line.digest.len() == 64
        && line.digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if is_digest { Ok(line) } else { Err("the digest is not 64 characters of lower-case hex".to_owned()) }
}

/// The line of a sign-off, with its line feed.
#[must_use]
pub fn line(sign_off: &SignOff) -> String {
    let mut text = serde_json::to_string(sign_off).unwrap_or_default();
    text.push('\n');
    text
}

/// What became of a signature that the plan asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody signed.
    Waiting,
    /// Signed as it is now.
    Signed {
        /// Where the evidence is.
        evidence: Option<String>,
    },
    /// Signed as it was.
    Stale {
        /// The digest that was signed last.
        digest: String,
    },
}

/// A signature that the plan asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Of which item.
    pub item: Id,
    /// By whom.
    pub by: String,
    /// What became of it.
    pub state: State,
}

/// All signatures that a plan asks for, by item and in the order in which the item names its signers. An item that was renamed keeps
/// what was signed under its earlier id.
#[must_use]
pub fn signatures(plan: &Plan, sign_offs: &[SignOff]) -> Vec<Signature> {
    let mut by_item: BTreeMap<(&str, &str), Vec<&SignOff>> = BTreeMap::new();
    for sign_off in sign_offs {
        by_item.entry((sign_off.item.as_str(), sign_off.by.as_str())).or_default().push(sign_off);
    }
    let mut all = Vec::new();
    for (id, item) in &plan.items {
        for by in &item.signed_by {
            let given = [Some(id), item.was.as_ref()];
            let given = given.into_iter().flatten();
            let given: Vec<&SignOff> =
                given.filter_map(|id| by_item.get(&(id.as_str(), by.as_str()))).flatten().copied().collect();
            all.push(Signature { item: id.clone(), by: by.clone(), state: state(item, &given) });
        }
    }
    all
}

fn state(item: &Item, given: &[&SignOff]) -> State {
    if let Some(current) = given.iter().rev().find(|line| line.digest == item.digest) {
        return State::Signed { evidence: current.evidence.clone() };
    }
    given.last().map_or(State::Waiting, |last| State::Stale { digest: last.digest.clone() })
}

/// The item that an id stands for: an item, or a stage, whose signature is that of its first item.
#[must_use]
pub fn item_of<'a>(plan: &'a Plan, id: &str) -> Option<(&'a Id, &'a Item)> {
    plan.items.get_key_value(id).or_else(|| {
        let stage = plan.stages.iter().find(|stage| stage.id.as_str() == id)?;
        plan.items.get_key_value(&stage.items.first()?.0)
    })
}

#[cfg(test)]
mod tests {
    use super::{SignOff, State, line, parse, signatures};
    use crate::model::Plan;

    fn sign(plan: &Plan, digest: &str) -> Vec<State> {
        let Some((id, item)) = plan.items.iter().find(|(_, item)| !item.signed_by.is_empty()) else {
            unreachable!("somebody signs in the fixture")
        };
        let by = item.signed_by.first().cloned().unwrap_or_default();
        let digest = if digest.is_empty() { item.digest.clone() } else { digest.to_owned() };
        let given = SignOff { by: by.clone(), digest, evidence: None, item: id.clone() };
        let all = signatures(plan, &[given]);
        all.into_iter().filter(|one| one.item == *id && one.by == by).map(|one| one.state).collect()
    }

    #[test]
    fn a_signature_is_of_what_was_signed() {
        let plan = crate::fixture::acme();
        assert_eq!(sign(&plan, ""), [State::Signed { evidence: None }]);
        let old = "0".repeat(64);
        assert_eq!(sign(&plan, &old), [State::Stale { digest: old.clone() }]);
        assert!(signatures(&plan, &[]).iter().all(|one| one.state == State::Waiting));
    }

    #[test]
    fn hostile_lines_say_what_is_wrong() {
        let good = SignOff {
            by: "maya".to_owned(),
            digest: "a".repeat(64),
            evidence: Some("x\u{1b}\n".to_owned()),
            item: cutover_ir::Id::new(["go_live"]),
        };
        let text = line(&good);
        assert_eq!(text.matches('\n').count(), 1);
        assert_eq!(parse(text.as_bytes()).into_iter().map(|l| l.content).collect::<Vec<_>>(), [Ok(good)]);
        let hostile: &[&[u8]] = &[
            b"{",
            b"null",
            b"\xff\xfe",
            b"[[[[[[[[[[[[[[[[",
            b"{\"by\":\"a\",\"digest\":\"b\",\"item\":\"c\"}",
            b"{\"by\":\"a\",\"by\":\"a\",\"digest\":\"b\",\"item\":\"c\"}",
            b"<<<<<<< HEAD",
        ];
        for bytes in hostile {
            assert!(parse(bytes).iter().all(|line| line.content.is_err() && line.number == 1), "{bytes:?}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).iter().all(|line| line.content.is_err()));
    }
}
