//! Reference closure: nothing imported points at an object that does not arrive, unless somebody says what then stands in its place.
//!
//! Whole kinds that stay behind are a rule of the analysis. Here are kinds of which a part arrives: the chain goes from an imported record
//! over its reference to an object that another line leaves behind. Circles and waves are a matter of the stages: a reference that cannot be
//! written with its record is written by a stage of its own, after all waves.

use std::collections::{BTreeMap, BTreeSet};

use cutover_analysis::count;
use cutover_analysis::lower::maps::words::a;
use cutover_analysis::world::{FieldView, KindView, System};
use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::{Map, Row, Source, WhenMissing};
use cutover_ir::predicate::{Predicate, StatusClass, Test};
use cutover_plan::model::{Assignee, CleanAction, Content, ScopePart, Selection, TeamProfile, Verb};
use cutover_plan::text::numbers::number;

use crate::Facts;
use crate::scope::{Line, left_over};

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(source) = facts.world.source() else { return };
    let mut parts: BTreeMap<&str, Vec<(&Id, &ScopePart)>> = BTreeMap::new();
    for (id, item) in facts.items() {
        if let Content::Scope(part) = &item.content {
            parts.entry(&part.kind).or_default().push((id, part));
        }
    }
    let moved = moved(facts);
    let mut told: BTreeSet<(&Id, &str)> = BTreeSet::new();
    for (_, item) in facts.items() {
        let Content::Map(map) = &item.content else { continue };
        let Some(kind) = source.kind(&map.source).filter(|kind| arrives(&parts, kind.name)) else { continue };
        for row in carried(map) {
            for (field, to) in references(source, kind, row) {
                let Some(lines) = parts.get(to.name).filter(|_| arrives(&parts, to.name)) else { continue };
                if !lines.iter().any(|(_, part)| leaves_some(part)) {
                    continue;
                }
                // A stand-in that is written wrongly, or still open, is reported where it is read.
                let said = facts.spots.contains(&row.id.child("when missing"));
                if said
                    || moved.contains(&(kind.name, field.name))
                    || travels(&parts, kind, to)
                    || !told.insert((&row.id, to.name))
                {
                    continue;
                }
                out.extend(found(facts, kind, row, field, to, lines));
            }
        }
        if kind.kind.part == Part::Ticket && imports_unfinished(facts, kind) {
            out.extend(to_nobody(facts, source, &parts, kind, map));
        }
    }
}

/// Whether unfinished tickets can be among those that are imported.
fn imports_unfinished(facts: &Facts<'_>, kind: &KindView<'_>) -> bool {
    let Some(states) = kind.state_field() else { return true };
    let open: Vec<&str> = kind
        .states()
        .filter(|(_, state)| state.class == StatusClass::Unfinished)
        .map(|(name, _)| name)
        .collect();
    facts.items().any(|(_, item)| match &item.content {
        Content::Scope(part) => {
            part.kind == kind.name
                && part.verb == Verb::Import
                && open.iter().any(|state| !count::excludes(kind, &part.which, &states.field, state))
        }
        _ => false,
    })
}

/// Unfinished tickets of people who left go to somebody who works on them, and not to a stand-in.
fn to_nobody(
    facts: &Facts<'_>,
    source: &System<'_>,
    parts: &BTreeMap<&str, Vec<(&Id, &ScopePart)>>,
    kind: &KindView<'_>,
    map: &Map,
) -> Option<Diagnostic> {
    let target = facts.world.target()?.kind(&map.target)?;
    map.rows.iter().find_map(|row| {
        let Some(WhenMissing::Placeholder(stand_in)) = &row.when_missing else { return None };
        let is_assignee = |to: &String| {
            target.field(to).is_some_and(|field| field.field.canon.as_deref() == Some("assignee"))
        };
        row.to.iter().any(is_assignee).then_some(())?;
        let (field, people) = references(source, kind, row).into_iter().find(|(_, to)| {
            matches!(to.kind.part, Part::Agent | Part::User)
                && parts.get(to.name).is_some_and(|lines| lines.iter().any(|(_, part)| leaves_some(part)))
        })?;
        // Where nobody has left, nobody is missing.
        let gone = source.objects(people.name)?.iter().filter(|person| person.inactive).count();
        let steps = facts.items().filter_map(|(_, item)| match &item.content {
            Content::Clean(clean) => Some(&clean.steps),
            _ => None,
        });
        let asks = |scope: &Predicate| {
            let mut asks = false;
            let of = format!("({})", field.name);
            scope.visit_atoms(&mut |atom| {
                asks |= atom.field == field.name;
                asks |= matches!(&atom.test, Test::Word(word) if word.ends_with(&of));
            });
            asks
        };
        let decides = steps.flatten().filter(|step| step.kind == kind.name && step.scope.as_ref().is_none_or(asks));
        let decides: Vec<&CleanAction> = decides.map(|step| &step.action).collect();
        let given = decides.iter().any(|action| {
            matches!(action, CleanAction::Reassign { to: Assignee::Group(_) | Assignee::Agent(_) })
        });
        // A small team knows whose tickets these are, unless it decides about some of them; a full one that tidies decides about all.
        let tidies = facts.items().any(|(_, item)| matches!(item.content, Content::Clean(_)));
        let full = facts.plan.migration.team == TeamProfile::Full;
        let asked = (full && tidies) || !decides.is_empty();
        if gone == 0 || given || !asked {
            return None;
        }
        let gone = u64::try_from(gone).unwrap_or(u64::MAX);
        let plural = kind.plural.replace('_', " ");
        Some(
            Diagnostic::warning("clean/open-to-nobody", "unfinished tickets go to somebody with whom nobody works")
                .primary(
                    facts.place(&row.id)?,
                    format!(
                        "{} {} left, and their unfinished {plural} go to “{stand_in}”",
                        number(gone),
                        if gone == 1 { a_person(people) } else { people.plural.replace('_', " ") }
                    ),
                )
                .help(format!(
                    "give them to a group: `reassign {} where unfinished and inactive({}) to group \"...\"` in `clean copy`; the stand-in keeps the finished ones",
                    kind.plural, field.name
                )),
        )
    })
}

fn a_person(people: &KindView<'_>) -> String {
    people.title().to_lowercase()
}

/// Rows that a person wrote and that say nothing about references to what is not there.
fn carried(map: &Map) -> impl Iterator<Item = &Row> {
    map.rows.iter().filter(|row| row.when_missing.is_none() && !row.by_catalog)
}

/// Whether some objects of a kind are carried over or built anew.
fn arrives(parts: &BTreeMap<&str, Vec<(&Id, &ScopePart)>>, kind: &str) -> bool {
    let lines = parts.get(kind).into_iter().flatten();
    lines.into_iter().any(|(_, part)| matches!(part.verb, Verb::Import | Verb::Recreate))
}

/// Whether a line leaves some objects of its kind behind.
fn leaves_some(part: &ScopePart) -> bool {
    matches!(part.verb, Verb::Archive | Verb::Retire) && !matches!(part.which, Selection::All)
}

/// Whether a kind comes along with what it refers to: a comment goes only where its ticket goes.
fn travels(parts: &BTreeMap<&str, Vec<(&Id, &ScopePart)>>, kind: &KindView<'_>, to: &KindView<'_>) -> bool {
    let by_spec = parts
        .get(kind.name)
        .into_iter()
        .flatten()
        .any(|(_, part)| part.with_kind.as_deref() == Some(to.name));
    by_spec || kind.kind.with.as_deref() == Some(to.name)
}

/// The references that a row carries as such: the kinds to which its fields point, where the row writes a reference.
fn references<'w>(
    source: &'w System<'w>,
    kind: &'w KindView<'w>,
    row: &Row,
) -> Vec<(FieldView<'w>, &'w KindView<'w>)> {
    let mut found = Vec::new();
    if !row.types.iter().any(|ty| matches!(ty.required(), cutover_ir::Type::Ref(_))) {
        return found;
    }
    for from in &row.from {
        let Source::Field(path) = from else { continue };
        let Some(field) = kind.field(path) else { continue };
        for to in field.field.ty.shape.references() {
            found.extend(source.kind(to).map(|to| (field, to)));
        }
    }
    found
}

/// Fields for which the cleaning puts somebody else in the place of what is not there, by kind.
fn moved<'a>(facts: &Facts<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let mut moved = BTreeSet::new();
    for (_, item) in facts.items() {
        let Content::Clean(clean) = &item.content else { continue };
        for step in &clean.steps {
            let fields: &[&str] = match &step.action {
                CleanAction::Reassign { .. } => &["responder", "assignee", "owner", "agent", "user", "group"],
                CleanAction::Adopt { .. } => &["requester", "customer", "user", "contact"],
                _ => continue,
            };
            moved.extend(fields.iter().map(|field| (step.kind.as_str(), *field)));
        }
    }
    moved
}

fn found(
    facts: &Facts<'_>,
    kind: &KindView<'_>,
    row: &Row,
    field: FieldView<'_>,
    to: &KindView<'_>,
    lines: &[(&Id, &ScopePart)],
) -> Option<Diagnostic> {
    // The line that leaves some behind, and one of those.
    let (left, part) = lines.iter().find(|(_, part)| leaves_some(part))?;
    let arriving: Vec<Line<'_>> = lines
        .iter()
        .filter(|(_, part)| matches!(part.verb, Verb::Import | Verb::Recreate))
        .map(|(id, part)| Line { id, which: &part.which, imported: true })
        .collect();
    let object = left_over(facts, to, &arriving)?;
    let what = if part.verb == Verb::Archive { "archived" } else { "retired" };
    let diagnostic = Diagnostic::error(
        "references/left-behind#some",
        "some of what imported records refer to stays behind",
    )
    .primary(
        facts.place(&row.id)?,
        format!("{}, over its `{}`, may point at {object}", a(kind.title()), field.path()),
    )
    .help(format!(
        "say what stands in its place: `when missing placeholder \"...\"`{}; or import these {} too",
        if row.types.iter().all(cutover_ir::Type::is_optional) { " or `when missing empty`" } else { "" },
        to.plural.replace('_', " ")
    ));
    Some(match facts.place(left) {
        Some(place) => diagnostic.secondary(place, format!("which is {what} here")),
        None => diagnostic,
    })
}
