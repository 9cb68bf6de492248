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
            Line { number: at + 1, content: content.and_then(fit) }
        })
        .collect()
}

fn fit(line: SignOff) -> Result<SignOff, String> {
    let is_digest = line.digest.len() == 64
        && line.digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !is_digest {
        return Err("the digest is not 64 characters of lower-case hex".to_owned());
    }
    match line.evidence.as_deref().and_then(unfit) {
        Some(why) => Err(format!("the evidence is not one: {why}")),
        None => Ok(line),
    }
}

/// Beginnings of addresses that lead to something to read.
const SCHEMES: &[&str] = &["https", "http", "vault"];

/// Names of what lets whoever has the address in, in the part of it behind `?` or `#`.
const KEYS: &[&str] =
    &["api_key", "apikey", "auth", "code", "jwt", "key", "passwd", "pwd", "sig", "sessionid", "sid"];

/// Ends of such names.
const ENDS: &[&str] = &["credential", "password", "secret", "signature", "token"];

/// Why a text is no place of evidence: it is empty, holds what is not shown, leads to a program, or lets everybody in who can read it. A path or a
/// name without any such thing is one.
#[must_use]
pub fn unfit(evidence: &str) -> Option<&'static str> {
    if evidence.trim().is_empty() {
        return Some("it is empty");
    }
    if evidence.trim() != evidence || evidence.chars().any(char::is_control) {
        return Some("it holds blanks around it, or characters that are not shown");
    }
    let head = evidence.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((scheme, _)) = head.split_once(':')
        && !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str())
    {
        return Some("it is an address of another sort than `https`");
    }
    let authority =
        evidence.split_once("//").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Some("a user, or a password, stands in the address");
    }
    let keys = evidence.split(['?', '#', '&', ';']).skip(1).filter_map(|pair| pair.split_once('='));
    let named = |name: &str| {
        let name = name.to_ascii_lowercase().replace('-', "_");
        KEYS.contains(&name.as_str()) || ENDS.iter().any(|end| name.ends_with(end))
    };
    if keys.into_iter().any(|(name, value)| !value.is_empty() && named(name)) {
        return Some("what lets everybody in who has the address stands in it");
    }
    None
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
    use super::{SignOff, State, line, parse, signatures, unfit};
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
    fn evidence_is_a_place_that_asks_who_one_is() {
        for fit in [
            "https://acme.example/minutes/12",
            "HTTPS://acme.example/a?page=2&author=ines",
            "minutes/12.md",
            "a mail of 12 March",
            "vault:acme/minutes",
            "https://acme.example/@ines/minutes",
        ] {
            assert_eq!(unfit(fit), None, "{fit}");
        }
        for bad in [
            "",
            "  ",
            " https://acme.example",
            "javascript:alert(1)",
            "JavaScript://acme.example/%0aalert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://ines:pots@acme.example/minutes",
            "https://token@acme.example/minutes",
            "//ines:pots@acme.example/minutes",
            "https://acme.example/minutes?token=abc",
            "https://acme.example/minutes?page=2&X-Amz-Signature=abc",
            "https://acme.example/minutes#access_token=abc",
        ] {
            assert!(unfit(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn hostile_lines_say_what_is_wrong() {
        let good = SignOff {
            by: "maya".to_owned(),
            digest: "a".repeat(64),
            evidence: Some("https://acme.example/minutes/12?page=2#end".to_owned()),
            item: cutover_ir::Id::new(["go_live"]),
        };
        let text = line(&good);
        assert_eq!(text.matches('\n').count(), 1);
        assert_eq!(
            parse(text.as_bytes()).into_iter().map(|l| l.content).collect::<Vec<_>>(),
            [Ok(good.clone())]
        );
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
        let odd = SignOff { evidence: Some("x\u{1b}\n".to_owned()), ..good.clone() };
        assert!(parse(line(&odd).as_bytes()).iter().all(|line| line.content.is_err()));
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).iter().all(|line| line.content.is_err()));
    }
}
