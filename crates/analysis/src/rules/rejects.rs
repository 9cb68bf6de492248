//! What maps reject though the inventory has it: how many records a migration loses by its own lines.

use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::{Map, Outcome, Row, Source, WhenMissing};
use cutover_ir::predicate::{Literal, Predicate, StatusClass};
use cutover_plan::model::{CleanStep, Content, Selection, Verb};
use cutover_plan::text::numbers::number;

use crate::context::Context;
use crate::count;
use crate::world::KindView;

/// Records that a line of a map rejects.
pub(crate) struct Rejected {
    /// The line, for its place.
    pub(crate) id: Id,
    /// How many the account has; some of them may be left behind by the scope.
    pub(crate) records: u64,
    /// How many of them are imported for sure.
    pub(crate) surely: u64,
    /// What is rejected, behind its number: `have no value here`.
    pub(crate) which: String,
    /// What to do about it.
    pub(crate) help: &'static str,
    /// The status of which all records are rejected, if work is left to do in it. That is told by itself, and its consequences are not.
    pub(crate) unfinished: Option<String>,
}

/// What to do about values that are rejected.
const VALUES: &str = "let the map give them a value instead, leave them behind in `scope`, where it takes a reason, or say how many may be missing";

/// Reports maps that reject all tickets of a status in which somebody waits.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (kind, map) in maps(cx) {
        if kind.kind.part != Part::Ticket {
            continue;
        }
        for line in of(cx, kind, map) {
            let Some(status) = line.unfinished else { continue };
            let Some(at) = place(cx, &line.id, map) else { continue };
            let plural = kind.plural.replace('_', " ");
            found.push(
                Diagnostic::error(
                    "map/rejects-unfinished",
                    "a map rejects tickets on which work is left to do",
                )
                .primary(
                    at,
                    format!(
                        "{} {plural} with status \"{status}\" come and are rejected",
                        number(line.records)
                    ),
                )
                .note("whoever wrote them waits for an answer, and a list of rejects has no queue")
                .help(
                    "give the map a value for them, or clean what is wrong in the old desk before the export",
                ),
            );
        }
    }
    cx.draft.diagnostics.extend(found);
}

/// The maps of the draft, with the kinds that they read.
pub(crate) fn maps<'c, 'a>(cx: &'c Context<'a>) -> Vec<(&'c KindView<'a>, &'c Map)> {
    let Some(source) = cx.world.source() else { return Vec::new() };
    let maps = cx.draft.plan.items.values().filter_map(|item| match &item.content {
        Content::Map(map) => Some(map),
        _ => None,
    });
    maps.filter_map(|map| Some((source.kind(&map.source)?, map))).collect()
}

/// Where a line of a map stands.
pub(crate) fn place(cx: &Context<'_>, id: &Id, map: &Map) -> Option<cutover_diagnostics::Span> {
    cx.draft.places.get(id).or_else(|| cx.draft.places.get(&map.id)).copied()
}

/// What the lines of a map reject, as far as the inventory has it.
pub(crate) fn of(cx: &Context<'_>, kind: &KindView<'_>, map: &Map) -> Vec<Rejected> {
    let imports = imports(cx, kind.name);
    let Some(total) = kind.count().filter(|total| *total > 0 && !imports.is_empty()) else {
        return Vec::new();
    };
    let whole = imports.iter().any(|which| **which == Selection::All);
    let mut all: Vec<Rejected> = Vec::new();
    for row in &map.rows {
        all.extend(missing(cx, kind, row, total, whole));
        all.extend(translated(cx, kind, row, &imports));
    }
    for require in &map.require {
        all.extend(required(kind, &require.id, &require.predicate, &imports, whole));
    }
    all
}

fn imports<'c>(cx: &'c Context<'_>, kind: &str) -> Vec<&'c Selection> {
    let parts = cx.draft.plan.items.values().filter_map(|item| match &item.content {
        Content::Scope(part) if part.verb == Verb::Import && part.kind == kind => Some(&part.which),
        _ => None,
    });
    parts.collect()
}

/// Records without a value where the row rejects them, unless the cleaning gives them one.
fn missing(cx: &Context<'_>, kind: &KindView<'_>, row: &Row, total: u64, whole: bool) -> Option<Rejected> {
    let (Some(WhenMissing::Reject), [Source::Field(path)]) = (&row.when_missing, row.from.as_slice()) else {
        return None;
    };
    let seen = kind.field(path)?.profile?;
    // What refers to nobody has no value for the map, whatever stands in the export.
    let orphans = kind.profile.and_then(|profile| profile.orphans.get(path)).copied().unwrap_or_default();
    let records = total.saturating_sub(seen.present).saturating_add(orphans);
    let asks = |step: &CleanStep| {
        let mut about = false;
        if let Some(scope) = step.scope.as_ref().filter(|_| step.kind == kind.name) {
            scope.visit_atoms(&mut |atom| about |= atom.field == *path);
        }
        about
    };
    let tidied = cx.draft.plan.items.values().any(|item| match &item.content {
        Content::Clean(clean) => clean.steps.iter().any(asks),
        _ => false,
    });
    (records > 0 && !tidied).then(|| Rejected {
        id: row.id.clone(),
        records,
        surely: if whole { records } else { 0 },
        which: "have no value here, and are rejected".to_owned(),
        help: "give them a value: `when missing placeholder \"...\"`, or `adopt` and `reassign` in `clean copy`; or leave them behind in `scope`",
        unfinished: None,
    })
}

/// Values that a translation rejects.
fn translated(cx: &Context<'_>, kind: &KindView<'_>, row: &Row, imports: &[&Selection]) -> Option<Rejected> {
    let ([Source::Field(path)], Some(call)) = (row.from.as_slice(), row.pipe.first()) else { return None };
    let [Literal::Text(name)] = call.args.as_slice() else { return None };
    let Content::Translate(table) = &cx
        .draft
        .plan
        .items
        .get(&Id::new(["translate", name]))
        .filter(|_| call.function == "translate")?
        .content
    else {
        return None;
    };
    let rejected: Vec<&str> = count::listed(kind, path)
        .into_iter()
        .map(|(value, _)| value)
        .filter(|value| matches!(table.outcome(value), Some(Outcome::Reject)))
        .collect();
    let id = match rejected.as_slice() {
        [one] => table.row(one).map_or_else(|| table.id.clone(), |row| row.id.clone()),
        _ => table.id.clone(),
    };
    by_values(kind, &id, path, imports, &|value| Some(rejected.contains(&value)))
}

/// Values that a `require` does not let through.
fn required(
    kind: &KindView<'_>,
    id: &Id,
    predicate: &Predicate,
    imports: &[&Selection],
    whole: bool,
) -> Option<Rejected> {
    let mut fields: Vec<&str> = Vec::new();
    predicate.visit_atoms(&mut |atom| fields.push(&atom.field));
    fields.sort_unstable();
    fields.dedup();
    // A word such as `finished` asks the status without its name.
    let state = kind.state_field().map(|states| states.field.to_string());
    let field = match fields.as_slice() {
        [one] if !one.is_empty() => (*one).to_owned(),
        _ => state?,
    };
    let by_value = by_values(kind, id, &field, imports, &|value| {
        count::said_of(kind, predicate, &field, value).map(|said| !said)
    });
    // What the scope asks itself is not counted by the inventory.
    let asked = |which: &&Selection| match which {
        Selection::Where(condition) | Selection::Rest(condition) => {
            let mut asked = false;
            condition.visit_atoms(&mut |atom| asked |= atom.field == field);
            asked
        }
        _ => false,
    };
    if by_value.is_some() || imports.iter().any(asked) {
        return by_value;
    }
    let records = count::matching(kind, &Predicate::Not(Box::new(predicate.clone()))).filter(|n| *n > 0)?;
    Some(Rejected {
        id: id.clone(),
        records,
        surely: if whole { records } else { 0 },
        which: "do not have what is required here, and are rejected".to_owned(),
        help: VALUES,
        unfinished: None,
    })
}

/// The records whose value of a field is rejected, among those that can be imported.
fn by_values(
    kind: &KindView<'_>,
    id: &Id,
    field: &str,
    imports: &[&Selection],
    rejects: &dyn Fn(&str) -> Option<bool>,
) -> Option<Rejected> {
    let states = kind.state_field().is_some_and(|states| *states.field == *field);
    let mut line = Rejected {
        id: id.clone(),
        records: 0,
        surely: 0,
        which: String::new(),
        help: VALUES,
        unfinished: None,
    };
    let mut values = Vec::new();
    for (value, records) in count::listed(kind, field) {
        let left = imports.iter().all(|which| count::excludes_ordinary(kind, which, field, value));
        if records == 0 || left || rejects(value) != Some(true) {
            continue;
        }
        let surely = imports.iter().any(|which| match which {
            Selection::All => true,
            Selection::Where(condition) | Selection::Rest(condition) => {
                count::said_of(kind, condition, field, value) == Some(true)
            }
            Selection::Named(_) | Selection::RestNamed(_) => false,
        });
        line.records += records;
        line.surely += if surely { records } else { 0 };
        values.push(value);
        if states && kind.state(value).is_some_and(|state| state.class == StatusClass::Unfinished) {
            line.unfinished.get_or_insert_with(|| value.to_owned());
        }
    }
    let (first, more) = values.split_first()?;
    let others = if more.is_empty() { "" } else { " and others" };
    line.which = format!("have \"{first}\"{others} as `{field}`, and are rejected");
    Some(line)
}
