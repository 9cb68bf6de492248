//! A reason never promises what no clause does: whoever signs it relies on it.
//!
//! Which promises there can be follows from the language. A reason promises that something is *done* where it uses a verb of the language for
//! it (`archive`, `merge`, `link`, `recreate`, `redirects verified`, `then delete`), and that something *goes somewhere* where it names one of the places
//! into which a migration can put things: an archive, a backup, a tag, a placeholder, a comment, a field of the catalogs or of the accounts,
//! a group of the new desk. [`claims`] reads them out of a sentence; what the spec does with the very thing whose reason it is decides whether
//! they are kept.

mod claims;
mod kept;

use std::collections::{BTreeMap, BTreeSet};

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::map::{Map, Row, Source, TranslateRow};
use cutover_plan::model::{Accept, CleanStep, Content, ScopePart};

use crate::Facts;
use claims::{Act, Claim, What};

/// Whose reason it is.
#[derive(Clone, Copy)]
enum Subject<'a> {
    /// A field that is dropped.
    Dropped(&'a Map, &'a str),
    /// A row that loses something.
    Row(&'a Map, &'a Row),
    /// A line of a translation of this name.
    Line(&'a str, &'a TranslateRow),
    /// A line of the scope.
    Part(&'a ScopePart),
    /// A step of the cleaning.
    Step(&'a CleanStep),
    /// An accepted loss.
    Accept(&'a Accept),
    /// Anything else.
    Other,
}

impl<'a> Subject<'a> {
    /// The kind of the old desk that it is about.
    fn kind(self) -> Option<&'a str> {
        match self {
            Subject::Dropped(map, _) | Subject::Row(map, _) => Some(&map.source),
            Subject::Part(part) => Some(&part.kind),
            Subject::Step(step) => Some(&step.kind),
            Subject::Line(..) | Subject::Accept(_) | Subject::Other => None,
        }
    }

    /// The map whose field it is about.
    fn map(self) -> Option<&'a Map> {
        match self {
            Subject::Dropped(map, _) | Subject::Row(map, _) => Some(map),
            _ => None,
        }
    }

    /// Whether it is about this field of its kind.
    fn is_about(self, path: &str) -> bool {
        match self {
            Subject::Dropped(_, field) => field == path,
            Subject::Row(_, row) => {
                row.from.iter().any(|from| matches!(from, Source::Field(field) if field == path))
            }
            _ => false,
        }
    }
}

/// Whether a reason says that something is deleted in the end.
pub(crate) fn promises_deletion(because: &str) -> bool {
    claims::of(because).iter().any(|claim| claim.what == What::Done(Act::Deleted))
}

/// Reads the reasons of a plan, each text once: many lines may share one.
struct Reader<'a> {
    read: BTreeMap<&'a str, Vec<Claim<'a>>>,
    told: BTreeSet<(Span, &'static str)>,
    /// Maps, and the reasons of fields that they drop: several fields of one line have one reason.
    dropped: BTreeSet<(&'a Id, &'a str, &'static str)>,
}

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let mut reader = Reader { read: BTreeMap::new(), told: BTreeSet::new(), dropped: BTreeSet::new() };
    for (id, item) in facts.items() {
        let subject = match &item.content {
            Content::Scope(part) => Subject::Part(part),
            Content::Accept(accept) => Subject::Accept(accept),
            _ => Subject::Other,
        };
        if let Some(because) = &item.because {
            reader.judge(facts, subject, id, "because", because, out);
        }
        match &item.content {
            Content::Map(map) => {
                for dropped in &map.dropped {
                    let subject = Subject::Dropped(map, &dropped.field);
                    reader.judge(facts, subject, &dropped.id, "because", &dropped.because, out);
                }
                for row in &map.rows {
                    if let Some(lossy) = &row.lossy {
                        reader.judge(facts, Subject::Row(map, row), &row.id, "lossy", lossy, out);
                    }
                }
            }
            Content::Translate(table) => {
                let name = id.as_str().rsplit('/').next().unwrap_or_default();
                for row in &table.rows {
                    if let Some(lossy) = &row.lossy {
                        reader.judge(facts, Subject::Line(name, row), &row.id, "lossy", lossy, out);
                    }
                }
            }
            Content::Clean(clean) => {
                for step in &clean.steps {
                    if let Some(because) = &step.because {
                        reader.judge(facts, Subject::Step(step), &step.id, "because", because, out);
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'a> Reader<'a> {
    fn judge(
        &mut self,
        facts: &Facts<'a>,
        subject: Subject<'a>,
        id: &Id,
        clause: &str,
        text: &'a str,
        out: &mut Vec<Diagnostic>,
    ) {
        let claims = self.read.entry(text).or_insert_with(|| claims::of(text));
        for claim in claims {
            let Some(broken) = kept::broken(facts, subject, claim.what) else { continue };
            let Some(place) = facts.clause(id, clause) else { continue };
            let again = match subject {
                Subject::Dropped(map, _) => !self.dropped.insert((&map.id, text, broken.help)),
                _ => false,
            };
            // Several kinds of one line of the scope have one reason.
            if again || !self.told.insert((place, broken.help)) {
                continue;
            }
            out.push(
                Diagnostic::warning("reason/unfulfilled", "a reason promises what nothing in the spec does")
                    .primary(place, format!("it says \"{}\": {}", claim.said, broken.what))
                    .help(broken.help),
            );
        }
    }
}
