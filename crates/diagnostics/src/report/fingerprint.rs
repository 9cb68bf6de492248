//! What a host knows a finding by from one commit to the next.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Context, path};
use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

/// Bytes of a hash that are kept: 128 bits.
const BYTES: usize = 16;

/// Words of a heading that name its block: `map ticket -> ticket`.
const HEADING_WORDS: usize = 4;

/// A fingerprint for each finding, in the same order, each only once.
///
/// It depends on the code, the file, the block in which the finding lies, and on what is written at its place, blanks aside;
/// among findings that are equal in all this, on which of them it is. It depends on no line number, and on no word of the message, so that
/// an edit elsewhere leaves it alone.
#[must_use]
pub fn fingerprints(sources: &SourceMap, diagnostics: &[Diagnostic], context: &Context) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    diagnostics
        .iter()
        .map(|diagnostic| {
            let mut key = diagnostic.code.to_owned();
            if let Some(span) = diagnostic.span() {
                let text = sources.text(span.file);
                let words: Vec<&str> = sources.slice(span).split_whitespace().collect();
                let place = [
                    path(sources.name(span.file), context),
                    heading(text, span.start as usize),
                    words.join(" "),
                ];
                for part in place {
                    key.push('\0');
                    key.push_str(&part);
                }
            }
            let number = seen.entry(key.clone()).or_default();
            *number += 1;
            let digest = Sha256::digest(format!("{key}\0{number}").as_bytes());
            digest.iter().take(BYTES).fold(String::with_capacity(2 * BYTES), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        })
        .collect()
}

/// How the block begins that a place lies in: the words before title, clauses and braces of the last line above that is not indented.
fn heading(text: &str, at: usize) -> String {
    let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |len| at + len);
    let above = text.get(..end).unwrap_or(text);
    let begins = |line: &&str| line.starts_with(|c: char| c.is_alphabetic());
    let line = above.rsplit('\n').find(begins).unwrap_or_default();
    let head = line.split(['"', '{', '#']).next().unwrap_or_default();
    let words: Vec<&str> = head.split_whitespace().take(HEADING_WORDS).collect();
    match words.as_slice() {
        [_, _, "->", _] => words.join(" "),
        _ => words.iter().take(2).copied().collect::<Vec<_>>().join(" "),
    }
}
