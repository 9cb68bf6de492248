//! What a scan has to say about an export, beside the inventory.

use std::collections::BTreeMap;

use cutover_records::{Found, Place};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A file could not be read to its end: how many objects of its kind there are is not known, and the inventory does not say.
    Error,
    /// Something of the export is not in the inventory, or is not what it seems.
    Warning,
    /// Good to know.
    Note,
}

/// One finding. The same thing found many times in one file is one finding with a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// A stable name: `scan/unknown-column`.
    pub code: &'static str,
    /// Which place of the program found it: the code, with `#which` where several places find the same.
    pub site: &'static str,
    /// The file, from the export folder; empty when the finding is about the whole export.
    pub file: String,
    /// What it is about: a column, a kind, a field. May be empty.
    pub subject: String,
    /// What was found, as a sentence without final full stop. Holds no values of records.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
    /// How often.
    pub count: u64,
    /// The first places, at most five.
    pub places: Vec<Place>,
}

impl Finding {
    /// The code of a site.
    pub(crate) fn code_of(site: &'static str) -> &'static str {
        site.split_once('#').map_or(site, |(code, _)| code)
    }
}

/// Places kept for each finding.
const PLACES: usize = 5;
/// Findings kept for each code and file; the rest is counted together.
const SUBJECTS: usize = 200;

/// What takes records away from a file.
const UNREAD: [&str; 7] =
    ["record-too-long", "too-deep", "not-utf8", "not-json", "truncated", "no-list", "too-many-columns"];

/// Collects findings, the same ones together.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    all: BTreeMap<(String, &'static str, String), Finding>,
    per_file: BTreeMap<(String, &'static str), usize>,
}

impl Findings {
    /// Adds a finding, or one more count to it.
    pub(crate) fn add(&mut self, mut finding: Finding) {
        let group = (finding.file.clone(), finding.code);
        let mut key = (finding.file.clone(), finding.code, finding.subject.clone());
        if !self.all.contains_key(&key) {
            let subjects = self.per_file.entry(group).or_insert(0);
            *subjects += 1;
            if *subjects > SUBJECTS {
                // An export of a million odd columns must not fill the memory with findings.
                key.2 = "…".to_owned();
                finding.subject.clone_from(&key.2);
                finding.message = "more of the same kind".to_owned();
            }
        }
        match self.all.get_mut(&key) {
            Some(known) => {
                known.count += finding.count;
                let free = PLACES.saturating_sub(known.places.len());
                known.places.extend(finding.places.into_iter().take(free));
            }
            None => {
                self.all.insert(key, finding);
            }
        }
    }

    /// Adds a problem of a file.
    pub(crate) fn problem(&mut self, file: &str, found: &Found) {
        use cutover_records::Problem as P;
        let (code, help) = match &found.problem {
            P::TooLong { .. } => ("scan/record-too-long", "Look at the record; the scan has not counted it."),
            P::TooDeep => ("scan/too-deep", "Look at the record; the scan has not counted it."),
            P::NotUtf8 | P::Utf16 => ("scan/not-utf8", "Export again as UTF-8, or convert the file."),
            P::NotJson { .. } => {
                ("scan/not-json", "Export the file again; the scan has not counted the record.")
            }
            P::Truncated => ("scan/truncated", "Export the file again: its end is missing."),
            P::NoList { .. } => ("scan/no-list", "Check that the file is of the kind that its name says."),
            P::DuplicateKey { .. } => {
                ("scan/duplicate-key", "Ask what wrote the file: one of the two values is lost.")
            }
            P::OtherShape { .. } => {
                ("scan/other-shape", "Check the file against the catalog's export layout.")
            }
            P::DuplicateColumn { .. } => {
                ("scan/duplicate-column", "Rename one column: only the first one is read.")
            }
            P::TooManyColumns => ("scan/too-many-columns", "Check the delimiter of the file."),
            P::MissingFields { .. } => {
                ("scan/missing-fields", "Check the quoting of the file near this row.")
            }
            P::ExtraFields { .. } => ("scan/extra-fields", "Check the quoting of the file near this row."),
            P::UnevenQuotes => ("scan/uneven-quotes", "Check the quoting of the file near this row."),
        };
        let subject = match &found.problem {
            P::NoList { path } | P::DuplicateKey { path } | P::OtherShape { path } => path.clone(),
            P::DuplicateColumn { name } => name.clone(),
            _ => String::new(),
        };
        self.add(Finding {
            severity: Severity::Warning,
            code,
            site: code,
            file: file.to_owned(),
            subject,
            message: found.problem.to_string(),
            help,
            count: 1,
            places: vec![found.place],
        });
    }

    /// Adds a finding without a place.
    pub(crate) fn plain(
        &mut self,
        severity: Severity,
        site: &'static str,
        (file, subject): (&str, &str),
        message: String,
        help: &'static str,
        count: u64,
    ) {
        let (file, subject, code) = (file.to_owned(), subject.to_owned(), Finding::code_of(site));
        self.add(Finding { severity, code, site, file, subject, message, help, count, places: Vec::new() });
    }

    /// Makes errors of what a file lost: it could not be read to its end.
    pub(crate) fn raise(&mut self, file: &str) {
        for ((of, code, _), finding) in &mut self.all {
            let name = code.rsplit('/').next().unwrap_or_default();
            if of == file && UNREAD.contains(&name) {
                finding.severity = Severity::Error;
            }
        }
    }

    /// The findings: by severity, then file, code and subject.
    pub(crate) fn into_sorted(self) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.all.into_values().collect();
        all.sort_by(|a, b| {
            (a.severity, &a.file, a.code, &a.subject).cmp(&(b.severity, &b.file, b.code, &b.subject))
        });
        all
    }
}
