//! What holds of the readers of what lies beside a spec, for any bytes: plans, sign-offs, settings, environments, known findings, a tap's output.
//! The fuzz targets and the seeded tests call the same functions.
//!
//! # Panics
//! Each function panics when its property does not hold: that is how both callers notice.

use std::path::PathBuf;

use cutover::Known;
use cutover_connect::{Chunk, Connector, Cursor, Singer};
use cutover_diagnostics::SourceMap;
use cutover_lint::Settings;
use cutover_plan::bundle::{self, Places};
use cutover_plan::{Plan, documents, signoffs};
use cutover_runner::Environment;

use crate::properties::findings_can_be_shown;

/// Any bytes as a plan: what is read is what is written again. A plan that has the right shape and is sealed anew is read, or refused with a reason,
/// and its pages can be written, whatever its texts and numbers are.
pub fn plan(bytes: &[u8]) {
    match bundle::parse(bytes) {
        Ok(mut plan) => {
            let again = bundle::encode(&mut plan);
            assert!(
                again.is_ok_and(|again| again.as_bytes() == bytes),
                "a plan is written in another way than it is read"
            );
        }
        Err(refused) => assert!(!refused.to_string().is_empty(), "refused without a reason"),
    }
    let Ok(mut plan) = serde_json::from_slice::<Plan>(bytes) else { return };
    let Ok(sealed) = bundle::encode(&mut plan) else { return };
    match bundle::parse(sealed.as_bytes()) {
        Ok(read) => {
            assert_eq!(read, plan, "a sealed plan is another one when it is read");
            for (name, page) in documents::all(&plan) {
                let commands = |c: char| {
                    c.is_control() && c != '\n' && c != '\t'
                        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                };
                assert_eq!(
                    page.chars().find(|c| commands(*c)),
                    None,
                    "{name} lets a control character through"
                );
            }
        }
        Err(refused) => assert!(
            !matches!(refused, bundle::BundleError::Digest { .. } | bundle::BundleError::NotCanonical { .. }),
            "a plan that was sealed just now: {refused}"
        ),
    }
}

/// Any bytes as sign-offs and as the places of a plan: what can be read is the same after being written.
pub fn sign_offs(bytes: &[u8]) {
    let mut number = 0;
    for line in signoffs::parse(bytes) {
        assert!(line.number > number, "lines are out of order");
        number = line.number;
        match line.content {
            Ok(sign_off) => {
                let again = signoffs::parse(signoffs::line(&sign_off).as_bytes());
                let again: Vec<_> = again.into_iter().map(|line| line.content).collect();
                assert_eq!(again, [Ok(sign_off)], "a sign-off is read in another way than it is written");
            }
            Err(reason) => assert!(!reason.is_empty(), "line {number} is refused without a reason"),
        }
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok((places, digest)) = Places::decode(&text) {
        assert_eq!(Places::decode(&places.encode(&digest)), Ok((places, digest)));
    }
}

/// Any text as a project's settings, and as the list of known findings.
pub fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut sources = SourceMap::new();
    let file = sources.add("cutover.toml", text.as_ref());
    let (_, found) = Settings::read(file, &text);
    findings_can_be_shown(&sources, found);
    match Known::read(&text) {
        Ok(known) => assert_eq!(Known::read(&known.write()).as_ref(), Ok(&known)),
        Err(line) => assert!(line > 0 && line <= text.lines().count(), "line {line} is none of the file"),
    }
}

/// Any bytes as an environment: it is read, or refused in one line that names the file.
pub fn environment(bytes: &[u8]) {
    let path = kept("env.toml", bytes);
    if let Err(refused) = Environment::read(&path) {
        assert!(refused.to_string().contains("env.toml"), "{refused}");
    }
}

/// Any bytes as what a tap wrote: each chunk goes on behind the one before, and reading ends.
pub fn singer(bytes: &[u8]) {
    let path = kept("tap.jsonl", bytes);
    let Ok(mut tap) = Singer::saved(&path) else { return };
    for kind in ["ticket", "comment", "user"] {
        let (mut from, mut chunk, mut calls) = (Cursor::start(), Chunk::default(), 0);
        loop {
            chunk.clear();
            if tap.read(kind, &from, 3, &mut chunk).is_err() {
                break;
            }
            for record in chunk.records() {
                assert!(!record.contains('\n'), "a record over several lines");
            }
            calls += 1;
            assert!(calls <= bytes.len() + 1, "more chunks than bytes");
            match chunk.next() {
                Some(next) => from = next.clone(),
                None => break,
            }
        }
        let counted = tap.count(kind);
        assert!(
            counted.is_err()
                || counted.is_ok_and(|count| count.is_none_or(|count| count <= bytes.len() as u64))
        );
    }
}

/// A file of this thread with these bytes.
fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    thread_local! {
        static FOLDER: Option<tempfile::TempDir> = tempfile::tempdir().ok();
    }
    let path =
        FOLDER.with(|folder| folder.as_ref().map(|folder| folder.path().join(name))).unwrap_or_default();
    let written = std::fs::write(&path, bytes);
    assert!(written.is_ok(), "{written:?}");
    path
}
