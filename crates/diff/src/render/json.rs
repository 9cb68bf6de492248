//! A diff for programs. `docs/schema/diff.schema.json` describes it.

use serde::Serialize;

use super::several::Became;
use crate::Diff;
use crate::change::Affected;
use crate::kind::{Class, Effect, Kind};

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    summary: Summary,
    changes: Vec<Shown<'a>>,
}

#[derive(Serialize)]
struct Summary {
    changed: bool,
    breaking: usize,
    risky: usize,
    safe: usize,
    cosmetic: usize,
    weaker_safeguards: usize,
    stronger_safeguards: usize,
    more_risk: usize,
    less_risk: usize,
}

#[derive(Serialize)]
struct Shown<'a> {
    kind: Kind,
    class: Class,
    effect: Effect,
    says: &'static str,
    id: &'a str,
    subject: &'a str,
    part: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    affected: Counted<'a>,
    place: Option<Place<'a>>,
}

#[derive(Serialize)]
struct Counted<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'a str>,
    /// It may be fewer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    at_most: bool,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

/// What became of one of several specs.
#[derive(Serialize)]
struct OfSpec<'a> {
    spec: &'a str,
    /// What it was called before.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a str>,
    state: &'static str,
    diff: Option<Document<'a>>,
}

#[derive(Serialize)]
struct Several<'a> {
    format: &'static str,
    specs: Vec<OfSpec<'a>>,
}

/// The diff as one JSON document.
#[must_use]
pub fn json(diff: &Diff) -> String {
    text_of(&document(diff))
}

/// What became of several specs, by their paths, as one JSON document.
#[must_use]
pub fn json_of(specs: &[(&str, Became<'_>)]) -> String {
    let shown = specs.iter().map(|(spec, became)| match became {
        Became::Both(diff) => {
            let state = if diff.is_empty() { "unchanged" } else { "changed" };
            OfSpec { spec, was: None, state, diff: Some(document(diff)) }
        }
        Became::Renamed(was, diff) => {
            OfSpec { spec, was: Some(was), state: "renamed", diff: Some(document(diff)) }
        }
        Became::New => OfSpec { spec, was: None, state: "new", diff: None },
        Became::Gone => OfSpec { spec, was: None, state: "gone", diff: None },
    });
    text_of(&Several { format: "1.0", specs: shown.collect() })
}

fn document(diff: &Diff) -> Document<'_> {
    let changes = diff.changes.iter().map(|change| Shown {
        kind: change.kind,
        class: change.class(),
        effect: change.effect(),
        says: change.kind.says(),
        id: change.id.as_str(),
        subject: &change.subject,
        part: &change.part,
        before: change.before.as_deref(),
        after: change.after.as_deref(),
        affected: counted(&change.affected),
        place: change.place.as_ref().map(|place| Place {
            file: &place.file,
            line: place.line,
            column: place.column,
        }),
    });
    Document {
        format: "1.0",
        summary: Summary {
            changed: !diff.is_empty(),
            breaking: diff.of_class(Class::Breaking),
            risky: diff.of_class(Class::Risky),
            safe: diff.of_class(Class::Safe),
            cosmetic: diff.of_class(Class::Cosmetic),
            weaker_safeguards: diff.of_effect(Effect::WeakerSafeguard),
            stronger_safeguards: diff.of_effect(Effect::StrongerSafeguard),
            more_risk: diff.of_effect(Effect::MoreRisk),
            less_risk: diff.of_effect(Effect::LessRisk),
        },
        changes: changes.collect(),
    }
}

fn text_of(document: &impl Serialize) -> String {
    // Plain data with text keys has a text.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    // Control characters of C1 and hidden ones are legal in JSON, and a terminal would obey them.
    escaped(&text)
}

fn counted(affected: &Affected) -> Counted<'_> {
    let none = Counted { state: "not about records", count: None, of: None, at_most: false };
    match affected {
        Affected::None => none,
        Affected::NotComputed { of } => Counted { state: "not computed", of: Some(of), ..none },
        Affected::Records { count, of, at_most } => {
            Counted { state: "counted", count: Some(*count), of: Some(of), at_most: *at_most }
        }
        Affected::DueDates { count, at_most } => Counted {
            state: "counted",
            count: Some(*count),
            of: Some("unfinished tickets get another due date"),
            at_most: *at_most,
        },
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let inert = c == '\n'
            || cutover_plan::text::escape::plain(c.encode_utf8(&mut [0; 4])).starts_with(c)
            || c == ' ';
        if inert {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}
