//! The lines of a map that reject records of which the inventory has some.

use std::collections::BTreeSet;

use cutover_analysis::select;
use cutover_analysis::world::KindView;
use cutover_ir::Id;
use cutover_ir::eval::{Expected, Loaded, eval_partial};
use cutover_ir::functions::TRANSLATE;
use cutover_ir::host::NoHost;
use cutover_ir::map::{Map, Outcome, Program, Row, Source, WhenMissing};
use cutover_ir::predicate::{Atom, Literal, Predicate, Test};
use cutover_ir::value::{Record, Value};
use cutover_ir::{Type, map};
use cutover_plan::model::{CleanAction, Content};

use super::floor::floor;
use crate::scope::whole;
use crate::{Facts, fields};

/// A line that rejects records.
pub(super) struct Cause {
    /// The line.
    pub(super) id: Id,
    pub(super) what: What,
    /// Which records it rejects.
    pub(super) rejected: Predicate,
    /// How many of them the account has at least, whether they come along or not.
    pub(super) least: u64,
}

/// Why a line rejects a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// It does not meet a `require`.
    Require,
    /// A row has no value for it.
    Missing,
    /// A translation rejects its value.
    Value,
}

/// What a map rejects of its kind.
pub(super) fn of(facts: &Facts<'_>, kind: &KindView<'_>, map: &Map) -> Vec<Cause> {
    let mut found = Vec::new();
    for require in map.require.iter().filter(|require| whole(&require.predicate)) {
        let rejected = Predicate::Not(Box::new(fields::explained(kind, &require.predicate)));
        let least = floor(kind, &rejected);
        found.push(Cause { id: require.id.clone(), what: What::Require, rejected, least });
    }
    for row in &map.rows {
        let [Source::Field(path)] = row.from.as_slice() else { continue };
        if row.when_missing == Some(WhenMissing::Reject) {
            let rejected = Predicate::Atom(Atom { field: path.clone(), test: Test::Empty });
            let least = floor(kind, &rejected);
            found.push(Cause { id: row.id.clone(), what: What::Missing, rejected, least });
        }
        found.extend(values(facts, kind, map, row, path));
    }
    found.retain(|cause| !tidied(facts, kind, &cause.rejected));
    found
}

/// Whether the cleaning does something with records for the sake of one of these fields: then nobody knows what is left to reject.
fn tidied(facts: &Facts<'_>, kind: &KindView<'_>, rejected: &Predicate) -> bool {
    let asked = select::fields(rejected);
    let asked: BTreeSet<&str> = asked.split(',').collect();
    facts.items().any(|(_, item)| {
        let Content::Clean(clean) = &item.content else { return false };
        clean.steps.iter().filter(|step| step.kind == kind.name).any(|step| {
            // Who is reassigned keeps their status: only what a step changes may be mended by it.
            let changes = match &step.action {
                CleanAction::Merge { .. } | CleanAction::Rename { .. } | CleanAction::Keep { .. } => false,
                CleanAction::Reassign { .. } => asked.iter().any(|field| whose(kind, field)),
                CleanAction::Adopt { .. } | CleanAction::Link { .. } => {
                    asked.iter().any(|field| is_reference(kind, field))
                }
                CleanAction::Drop => true,
            };
            changes
                && step.scope.as_ref().is_none_or(|scope| {
                    let mut about = false;
                    scope.visit_atoms(&mut |atom| {
                        let word = match &atom.test {
                            Test::Word(word) => word.as_str(),
                            _ => "",
                        };
                        about |= asked.contains(atom.field.as_str())
                            || asked.iter().any(|field| word.contains(&format!("({field})")));
                    });
                    about
                })
        })
    })
}

/// Whether a field says whose work a record is.
fn whose(kind: &KindView<'_>, field: &str) -> bool {
    let canon = kind.field(field).and_then(|view| view.field.canon.as_deref());
    matches!(canon, Some("assignee" | "group"))
}

fn is_reference(kind: &KindView<'_>, field: &str) -> bool {
    kind.field(field).is_some_and(|view| matches!(kind.type_of(view).required(), Type::Ref(_)))
}

/// The values of an account that a row's translation rejects.
fn values(facts: &Facts<'_>, kind: &KindView<'_>, map: &Map, row: &Row, path: &str) -> Option<Cause> {
    let program = program(facts, row);
    let rejects = |table: &map::Translate| {
        table.rows.iter().map(|row| &row.outcome).chain(&table.rest).any(|to| *to == Outcome::Reject)
    };
    if !program.translates.values().any(rejects) {
        return None;
    }
    let field = kind.field(path)?;
    let ty = kind.type_of(field);
    let one = Map { rows: vec![row.clone()], require: Vec::new(), dropped: Vec::new(), ..map.clone() };
    let to: BTreeSet<String> = row.to.iter().cloned().collect();
    let mut names = Vec::new();
    let mut least: u64 = 0;
    let mut line = None;
    for (text, records) in seen(facts, kind, path, ty.required()) {
        let value = match ty.required() {
            Type::Choice(_) => Value::Choice(text.to_owned()),
            Type::Text { .. } => Value::Text(text.to_owned()),
            Type::Ref(_) => Value::Ref(text.to_owned()),
            _ => return None,
        };
        let given = Record::from([(path.to_owned(), value)]);
        let partial = eval_partial(&program, &one, &given, &to, &NoHost);
        let rejected = matches!(partial.loaded, Loaded::No(_))
            || partial.fields.values().any(|to| matches!(to, Expected::Rejected(_)));
        if rejected && records > 0 {
            least = least.saturating_add(records);
            let tables = program.translates.values();
            line = line.or_else(|| {
                tables.filter_map(|table| table.row(text)).find(|row| row.outcome == Outcome::Reject)
            });
            names.push(Literal::Text(text.to_owned()));
        }
    }
    let test = Test::OneOf(names);
    let rejected = Predicate::Atom(Atom { field: path.to_owned(), test });
    let id = line.map_or(&row.id, |line| &line.id).clone();
    (least > 0).then_some(Cause { id, what: What::Value, rejected, least })
}

/// The values of a field that the inventory counted.
fn seen<'w>(facts: &Facts<'w>, kind: &KindView<'w>, path: &str, ty: &Type) -> Vec<(&'w str, u64)> {
    let Some(profile) = kind.profile else { return Vec::new() };
    if kind.state_field().is_some_and(|states| *states.field == *path) && !profile.by_status.is_empty() {
        return profile.by_status.iter().map(|(name, records)| (name, *records)).collect();
    }
    let values = profile.fields.get(path).map(|measures| &measures.values);
    if let Some(values) = values.filter(|values| !values.is_empty()) {
        return values.iter().map(|(name, records)| (name, *records)).collect();
    }
    // Groups and people are counted where they are listed.
    let Type::Ref(to) = ty else { return Vec::new() };
    let Some(source) = facts.world.source() else { return Vec::new() };
    let referred = to.split_once('/').map_or(to.as_ref(), |(_, kind)| kind);
    let objects = source.kind(referred).and_then(|kind| source.objects(kind.name)).unwrap_or_default();
    objects.iter().filter_map(|object| Some((object.name.as_ref(), object.used?))).collect()
}

/// The tables that a row names.
fn program(facts: &Facts<'_>, row: &Row) -> Program {
    let mut program = Program::default();
    for call in row.pipe.iter().filter(|call| call.function == TRANSLATE) {
        let Some(Literal::Text(name)) = call.args.first() else { continue };
        if let Some(Content::Translate(table)) = facts.content(&Id::new(["translate", name])) {
            let mut table = table.clone();
            // That nothing is said of a value is told at the table.
            table.rest.get_or_insert(Outcome::Same);
            program.translates.insert(name.clone(), table);
        }
    }
    program
}
