//! Keys and columns that the layout does not know.

use std::collections::BTreeMap;

use crate::finding::{Finding, Findings, Severity};
use crate::layout::RecordPlan;
use crate::world::At;

/// Keys of records that the layout does not know, of one file.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    seen: BTreeMap<String, Finding>,
    name: String,
}

impl Unknown {
    /// Notes a key at a path.
    pub(crate) fn see(&mut self, plan: &RecordPlan, at: At<'_>, path: &str, key: &str) {
        if plan.is_ignored(path) {
            return;
        }
        // Most keys were seen before: then nothing is allocated.
        self.name.clear();
        for (part, between) in
            [(plan.kind.as_str(), ": "), (path, if path.is_empty() { "" } else { "." }), (key, "")]
        {
            self.name.push_str(part);
            self.name.push_str(between);
        }
        if let Some(finding) = self.seen.get_mut(&self.name) {
            finding.count += 1;
            return;
        }
        let column = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let finding = Finding {
            severity: Severity::Warning,
            code: Finding::code_of(UNKNOWN),
            site: UNKNOWN,
            file: at.file.to_owned(),
            message: format!("`{}` of {} is not in the export layout", shorten(&column), plan.kind),
            subject: shorten(&self.name),
            help: UNKNOWN_COLUMN,
            count: 1,
            places: vec![at.place],
        };
        // What is beyond counting is counted together by the findings.
        if self.seen.len() < 10_000 {
            self.seen.insert(self.name.clone(), finding);
        }
    }

    /// Moves what was seen to the findings.
    pub(crate) fn finish(&mut self, findings: &mut Findings) {
        for finding in std::mem::take(&mut self.seen).into_values() {
            findings.add(finding);
        }
    }
}

const UNKNOWN: &str = "scan/unknown-column";

/// What to do about a column that is not known.
pub(crate) const UNKNOWN_COLUMN: &str =
    "Add it to the layout of your own catalog that extends this one: as a field, or under `ignored`.";

/// A name as a message can hold it.
pub(crate) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(80).filter(|c| !c.is_control()).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
