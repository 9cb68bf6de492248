//! A map, compiled: fields to slots, tables to hashes, functions to steps.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use cutover_ir::functions::TRANSLATE;
use cutover_ir::map::{self, Map, Source, WhenMissing};
use cutover_ir::predicate::{Literal, Predicate};
use cutover_ir::value::Value;
use cutover_ir::{Id, Type};
use cutover_plan::Plan;
use cutover_plan::host::translations;
use cutover_plan::model::{Content, KindSchema, Schema, Selection, SystemRole, Verb};

use crate::condition::Condition;
use crate::json::escape_into;
use crate::layout::Layout;
use crate::op::Op;
use crate::others::{Behind, referred};
use crate::read::Read;
use crate::row::{Copied, Goes, Input, Row, Shared, StandIn, Target};
use crate::shape::Shape;
use crate::table::Table;
use crate::value::Constant;
use crate::want::Want;

/// A map of a plan, ready to run. Compiled once, shared by all threads.
#[derive(Debug)]
pub struct Program {
    pub(crate) id: Id,
    pub(crate) kind: String,
    /// Tables from outside that conditions ask.
    pub(crate) asked: BTreeSet<String>,
    pub(crate) shape: Shape,
    pub(crate) fields: Vec<Field>,
    pub(crate) scope: Vec<Part>,
    pub(crate) require: Vec<Requirement>,
    pub(crate) rows: Vec<Row>,
    pub(crate) shared: Vec<Shared>,
    /// The field that identifies a record.
    pub(crate) key: Option<usize>,
}

/// A field of the source.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Where it usually stands, and where else it may stand.
    pub(crate) slot: usize,
    pub(crate) others: Vec<usize>,
    pub(crate) read: Read,
    /// How it is found where the record holds only a reference.
    pub(crate) behind: Option<Behind>,
    /// Whether a rule reads it: a role is only looked at.
    pub(crate) wanted: bool,
}

impl Field {
    /// All places where it may stand.
    pub(crate) fn slots(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.slot).chain(self.others.iter().copied())
    }
}

/// A part of the scope.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) id: Id,
    pub(crate) import: bool,
    pub(crate) condition: Condition,
}

#[derive(Debug)]
pub(crate) struct Requirement {
    pub(crate) id: Id,
    pub(crate) condition: Condition,
}

/// What a program is made of.
#[derive(Debug)]
pub struct Parts<'p> {
    /// The tables that the map names.
    pub translations: &'p map::Program,
    /// The map.
    pub map: &'p Map,
    /// The parts of the scope: id, whether its records are imported, which records. Without any, all records are.
    pub scope: Vec<(Id, bool, Predicate)>,
    /// The shape of the source's records; a field that it does not have is read as JSON has it.
    pub schema: Option<&'p Schema>,
    /// Where fields stand.
    pub layout: &'p Layout,
    /// The tables from outside that the map may look up, each with the field of the source whose value finds a row; a host is asked for
    /// a table without one with the whole record.
    pub tables: BTreeMap<String, Option<String>>,
}

impl Program {
    /// The program of a plan's map: of that id, or the only one of that source kind. `None` when there is none, or several.
    #[must_use]
    pub fn of_plan(plan: &Plan, kind: &str, layout: &Layout) -> Option<Program> {
        Program::of_plan_within(plan, kind, layout, None)
    }

    /// As [`Program::of_plan`], with only those records in scope for which this holds too: those of a wave.
    #[must_use]
    pub fn of_plan_within(
        plan: &Plan,
        kind: &str,
        layout: &Layout,
        within: Option<&Predicate>,
    ) -> Option<Program> {
        let maps = || {
            plan.items.values().filter_map(|item| match &item.content {
                Content::Map(map) => Some(map),
                _ => None,
            })
        };
        let mut of_kind = maps().filter(|map| map.source == kind);
        let map = match (maps().find(|map| map.id.as_str() == kind), of_kind.next(), of_kind.next()) {
            (Some(map), _, _) | (None, Some(map), None) => map,
            _ => return None,
        };
        let tables = plan.systems.iter().filter(|(_, system)| system.role == SystemRole::Table);
        Some(Program::new(&Parts {
            translations: &translations(plan),
            map,
            scope: narrowed(scope(plan, &map.source), map, within),
            schema: plan.schemas.get("source"),
            layout,
            tables: tables.map(|(name, system)| (name.clone(), system.keyed_by.clone())).collect(),
        }))
    }

    /// Compiles a map. What cannot be run rejects each record that comes to it, as the evaluator does.
    #[must_use]
    pub fn new(parts: &Parts<'_>) -> Program {
        let mut fields = Fields::new(parts);
        let table = |path: &str| {
            let (table, _) = path.split_once('.')?;
            parts.tables.get(table).map(Option::as_deref)
        };
        let scope = parts.scope.iter().map(|(id, import, predicate)| Part {
            id: id.clone(),
            import: *import,
            condition: Condition::new(predicate, &mut |path| fields.get(path), &table),
        });
        let scope = scope.collect();
        let mut asked = BTreeSet::new();
        let conditions = parts.scope.iter().map(|(_, _, predicate)| predicate);
        for condition in conditions.chain(parts.map.require.iter().map(|requirement| &requirement.predicate))
        {
            condition.visit_atoms(&mut |atom| {
                let name = atom.field.split_once('.').map(|(name, _)| name);
                asked.extend(name.filter(|name| parts.tables.contains_key(*name)).map(str::to_owned));
            });
        }
        let require = parts.map.require.iter().map(|requirement| Requirement {
            id: requirement.id.clone(),
            condition: Condition::new(&requirement.predicate, &mut |path| fields.get(path), &table),
        });
        let require = require.collect();
        let shared_paths = shared_paths(parts);
        let rows = parts.map.rows.iter().map(|row| made(row, parts, &shared_paths, &mut fields)).collect();
        let shared = shared_paths.iter().map(|path| shared(parts, path)).collect();
        for (name, key) in &parts.tables {
            // A condition may look up a table, too.
            match key {
                Some(key) if asked.contains(name) => _ = fields.get(key),
                Some(key) => _ = fields.find(key),
                None => {}
            }
        }
        let key = parts
            .schema
            .and_then(|schema| schema.kinds.get(&parts.map.source)?.key.as_deref())
            .or_else(|| {
                let key = parts.map.rows.iter().find(|row| row.key)?;
                key.from.iter().find_map(|source| match source {
                    Source::Field(path) => Some(path.as_str()),
                    _ => None,
                })
            })
            .map(|path| fields.get(path));
        Program {
            id: parts.map.id.clone(),
            kind: parts.map.source.clone(),
            asked,
            scope,
            require,
            rows,
            shared,
            key,
            shape: fields.shape,
            fields: fields.list,
        }
    }

    /// What reads one field of another kind, the first of its fields.
    fn reader(parts: &Parts<'_>, kind: &str, field: &str) -> Program {
        let map = Map {
            id: parts.map.id.clone(),
            source: kind.to_owned(),
            target: String::new(),
            rows: Vec::new(),
            dropped: Vec::new(),
            require: Vec::new(),
        };
        let parts = Parts { map: &map, scope: Vec::new(), tables: BTreeMap::new(), ..*parts };
        let mut fields = Fields { other: true, ..Fields::new(&parts) };
        fields.get(field);
        Program {
            id: map.id.clone(),
            kind: kind.to_owned(),
            asked: BTreeSet::new(),
            scope: Vec::new(),
            require: Vec::new(),
            rows: Vec::new(),
            shared: Vec::new(),
            key: None,
            shape: fields.shape,
            fields: fields.list,
        }
    }

    /// The kinds whose records it reads through references, where a record holds only an id.
    #[must_use]
    pub fn others(&self) -> BTreeSet<&str> {
        let mut kinds = BTreeSet::new();
        let wanted = self.fields.iter().filter(|field| field.wanted);
        wanted.filter_map(|field| field.behind.as_ref()).for_each(|behind| behind.add_kinds(&mut kinds));
        kinds
    }

    /// Names of the secrets that its functions ask for.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<&str> {
        let calls = self.rows.iter().flat_map(|row| &row.pipe).filter_map(|op| match op {
            Op::Call(call) => Some(call),
            _ => None,
        });
        calls.flat_map(crate::op::Applied::secrets).collect()
    }

    /// Names of the tables from outside that its rows look up, or its conditions ask.
    #[must_use]
    pub fn tables(&self) -> BTreeSet<&str> {
        let inputs = self.rows.iter().flat_map(|row| &row.inputs);
        let tables = inputs.filter_map(|input| match input {
            Input::Table { table, .. } => Some(table.as_str()),
            _ => None,
        });
        tables.chain(self.asked.iter().map(String::as_str)).collect()
    }

    /// The map's id.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// The fields of the target in the order in which they are written, each name as JSON has it, with its quotes.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        let written = self.rows.iter().flat_map(|row| &row.targets).filter(|target| target.goes == Goes::Out);
        let keys = written.map(|target| &target.key).chain(self.shared.iter().map(|shared| &shared.key));
        // Between the comma before it and the colon behind it.
        keys.map(|key| key.get(1..key.len().saturating_sub(1)).unwrap_or_default())
            .map(|name| str::from_utf8(name).unwrap_or_default())
    }

    /// The fields of the source that it reads, in the order of their first use.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }
}

/// Fields as they are met.
struct Fields<'p> {
    parts: &'p Parts<'p>,
    /// Whether the kind is one to which references lead.
    other: bool,
    shape: Shape,
    list: Vec<Field>,
    known: BTreeMap<String, usize>,
}

impl<'p> Fields<'p> {
    fn new(parts: &'p Parts<'p>) -> Fields<'p> {
        Fields { parts, other: false, shape: Shape::new(), list: Vec::new(), known: BTreeMap::new() }
    }

    /// A field that a rule reads.
    fn get(&mut self, path: &str) -> usize {
        let at = self.find(path);
        if let Some(field) = self.list.get_mut(at) {
            field.wanted = true;
        }
        at
    }

    fn find(&mut self, path: &str) -> usize {
        if let Some(at) = self.known.get(path) {
            return *at;
        }
        let (of_type, account_id) = self.declared(path);
        let reference = matches!(of_type.map(Type::required), Some(Type::Ref(_)));
        let other = Some(self.parts.map.source.as_str()).filter(|_| self.other);
        let places = self.parts.layout.places(other, path, account_id, reference);
        let mut slots = places.iter().map(|place| self.shape.add(place));
        let slot = slots.next().unwrap_or(usize::MAX);
        let others = slots.collect();
        let options = |domain: &str| Some(self.parts.schema?.domains.get(domain)?.as_slice());
        let read = of_type.map_or(Read::Natural, |of_type| Read::of(of_type, &options));
        let at = self.list.len();
        let name = path.to_owned();
        self.list.push(Field { name: name.clone(), slot, others, read, behind: None, wanted: false });
        self.known.insert(name, at);
        let behind = self.behind(path);
        if let Some(field) = self.list.get_mut(at) {
            field.behind = behind;
        }
        at
    }

    /// The type of a field, and the account's own id of it; behind a reference, of the kind to which it leads.
    fn declared(&self, path: &str) -> (Option<&'p Type>, Option<&'p str>) {
        let none = (None, None);
        let Some(schema) = self.parts.schema else { return none };
        let Some(kind) = schema.kinds.get(&self.parts.map.source) else { return none };
        if let Some(field) = kind.fields.get(path) {
            return (Some(&field.of_type), field.account_id.as_deref());
        }
        (behind(schema, kind, path), None)
    }

    /// How a field of another record is found; `None` for a field of the record itself.
    fn behind(&mut self, path: &str) -> Option<Behind> {
        let schema = self.parts.schema?;
        let own = schema.kinds.get(&self.parts.map.source)?;
        let (first, rest) = path.split_once('.').filter(|_| !own.fields.contains_key(path))?;
        let kinds = leads_to(own, first)?.into_iter().filter_map(|kind| {
            let shape = schema.kinds.get(&kind)?;
            let there = shape.fields.contains_key(rest) || behind(schema, shape, rest).is_some();
            there.then(|| Program::reader(self.parts, &kind, rest)).map(|program| (kind, program))
        });
        let kinds: Vec<(String, Program)> = kinds.collect();
        if kinds.is_empty() {
            return None;
        }
        Some(Behind { reference: self.find(first), kinds })
    }
}

/// The kinds to which a single reference leads.
fn leads_to(kind: &KindSchema, field: &str) -> Option<Vec<String>> {
    let of_type = kind.fields.get(field)?.of_type.required();
    if matches!(of_type, Type::Ref(_)) { referred(of_type) } else { None }
}

/// The type of a field behind a reference: of the first kind that has it.
fn behind<'s>(schema: &'s Schema, kind: &KindSchema, path: &str) -> Option<&'s Type> {
    let (first, rest) = path.split_once('.')?;
    leads_to(kind, first)?.iter().find_map(|name| {
        let kind = schema.kinds.get(name)?;
        kind.fields.get(rest).map(|field| &field.of_type).or_else(|| behind(schema, kind, rest))
    })
}

/// A scope whose imported parts are cut down to what a condition holds of.
fn narrowed(
    mut scope: Vec<(Id, bool, Predicate)>,
    map: &Map,
    within: Option<&Predicate>,
) -> Vec<(Id, bool, Predicate)> {
    let Some(within) = within else { return scope };
    if scope.is_empty() {
        return vec![(map.id.clone(), true, within.clone())];
    }
    for (_, _, condition) in scope.iter_mut().filter(|(_, import, _)| *import) {
        *condition = Predicate::All(vec![condition.clone(), within.clone()]);
    }
    scope
}

/// What the plan does with records of a kind.
fn scope(plan: &Plan, kind: &str) -> Vec<(Id, bool, Predicate)> {
    let mut parts = Vec::new();
    for (id, item) in &plan.items {
        let Content::Scope(part) = &item.content else { continue };
        if part.kind != kind {
            continue;
        }
        let which = match &part.which {
            Selection::All => Predicate::Const(true),
            Selection::Where(predicate) | Selection::Rest(predicate) => predicate.clone(),
            Selection::Named(names) => named(names),
            Selection::RestNamed(names) => Predicate::Not(Box::new(named(names))),
        };
        parts.push((id.clone(), part.verb == Verb::Import, which));
    }
    parts
}

fn named(names: &[String]) -> Predicate {
    let literals: Vec<Literal> = names.iter().map(|name| Literal::Text(name.clone())).collect();
    let test = |field: &str| {
        Predicate::Atom(cutover_ir::predicate::Atom {
            field: field.to_owned(),
            test: cutover_ir::predicate::Test::OneOf(literals.clone()),
        })
    };
    Predicate::Any(vec![test("name"), test("title")])
}

/// Target fields that more than one row has a part in, sorted.
fn shared_paths(parts: &Parts<'_>) -> Vec<String> {
    let mut writers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut paths = BTreeSet::new();
    for row in &parts.map.rows {
        for path in row.to.iter().collect::<BTreeSet<_>>() {
            *writers.entry(path).or_default() += 1;
        }
        paths.extend(row.overflow.clone());
        if keeps_in_tag(parts, row) {
            paths.insert(tags_path(parts));
        }
    }
    paths.extend(writers.iter().filter(|(_, count)| **count > 1).map(|(path, _)| (*path).to_owned()));
    paths.into_iter().collect()
}

fn shared(parts: &Parts<'_>, path: &str) -> Shared {
    let mut writers = parts.map.rows.iter().enumerate().filter_map(|(at, row)| {
        let target = row.to.iter().position(|to| to == path)?;
        Some((at, target, row.types.get(target)))
    });
    let writer = writers.next();
    let tags = tags_path(parts) == path;
    let givers = parts
        .map
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| (at, row.overflow.as_deref() == Some(path), tags && keeps_in_tag(parts, row)));
    Shared {
        key: key_of(path),
        html: matches!(writer.and_then(|(_, _, t)| t).map(Type::required), Some(Type::Html { .. })),
        writer: writer.map(|(row, target, _)| (row, target)),
        second: writers.next().map(|(row, _, _)| row),
        givers: givers.filter(|(_, overflows, keeps)| *overflows || *keeps).collect(),
    }
}

/// The target field that keeps old values: the first that a row fills with tags, else `tags`.
fn tags_path(parts: &Parts<'_>) -> String {
    let mut pairs = parts.map.rows.iter().flat_map(|row| row.to.iter().zip(&row.types));
    let found = pairs.find(|(_, t)| *t.required() == Type::Tags);
    found.map_or_else(|| "tags".to_owned(), |(path, _)| path.clone())
}

fn keeps_in_tag(parts: &Parts<'_>, row: &map::Row) -> bool {
    row.pipe.iter().any(|call| match call.args.as_slice() {
        [Literal::Text(name)] if call.function == TRANSLATE => {
            let table = parts.translations.translates.get(name);
            table.is_some_and(|table| table.rows.iter().any(|line| line.kept_in_tag))
        }
        _ => false,
    })
}

/// `,"title":`
fn key_of(path: &str) -> Vec<u8> {
    let mut key = b",\"".to_vec();
    escape_into(path, &mut key);
    key.extend_from_slice(b"\":");
    key
}

fn made(row: &map::Row, parts: &Parts<'_>, shared: &[String], fields: &mut Fields<'_>) -> Row {
    let source_field = row.from.iter().find_map(|source| match source {
        Source::Field(path) => Some(path.clone()),
        Source::Table(table, name) => Some(format!("{table}.{name}")),
        Source::Constant(_) => None,
    });
    let inputs = row.from.iter().map(|source| match source {
        Source::Field(path) => Input::Field(fields.get(path)),
        Source::Table(table, name) => {
            let key = parts.tables.get(table).and_then(Option::as_deref).map(|path| fields.get(path));
            Input::Table {
                field: fields.get(&format!("{table}.{name}")),
                key,
                table: table.clone(),
                name: name.clone(),
            }
        }
        Source::Constant(literal) => Input::Constant(Constant::new(literal)),
    });
    let inputs = inputs.collect();
    let table = |name: &String| Some(Table::new(name, parts.translations.translates.get(name)?));
    let when_missing = row.when_missing.as_ref().map(|rule| match rule {
        WhenMissing::Empty => StandIn::Empty,
        WhenMissing::Constant(literal) => StandIn::Constant(Constant::new(literal)),
        WhenMissing::Placeholder(name) => StandIn::Constant(Constant::of(Value::Placeholder(name.clone()))),
        WhenMissing::PlaceholderBy(name) => StandIn::By(table(name)),
        WhenMissing::Reject => StandIn::Reject,
    });
    let role = match &row.when_missing {
        Some(WhenMissing::PlaceholderBy(_)) => {
            Some(fields.find(&format!("{}.role", source_field.as_deref().unwrap_or_default())))
        }
        _ => None,
    };
    let targets = row.to.iter().zip(&row.types).enumerate().map(|(at, (path, of_type))| {
        let before = row.to.iter().take(at).any(|earlier| earlier == path);
        let goes = match (before, shared.iter().position(|shared| shared == path)) {
            (true, _) => Goes::Nowhere,
            (false, Some(place)) => Goes::Held(place),
            (false, None) => Goes::Out,
        };
        Target { key: key_of(path), want: Want::new(of_type), goes }
    });
    let targets: Vec<Target> = targets.collect();
    let inputs: Vec<Input> = inputs;
    let hands_over = row.overflow.is_some() || keeps_in_tag(parts, row);
    let copied = match (inputs.as_slice(), targets.as_slice()) {
        ([Input::Field(field)], [target])
            if row.pipe.is_empty() && row.to.len() == 1 && target.goes == Goes::Out && !hands_over =>
        {
            let known = fields.list.get(*field);
            let read = known.map(|field| &field.read);
            let own = known.is_some_and(|field| field.behind.is_none());
            Some(Copied {
                field: *field,
                text: matches!(read, Some(Read::Text | Read::Natural)),
                number: matches!(read, Some(Read::Int | Read::Natural)) && target.want.copies_numbers(),
                missing: own && target.want.takes_missing() && row.when_missing.is_none() && !row.key,
            })
        }
        _ => None,
    };
    Row {
        id: row.id.clone(),
        field: source_field.clone().or_else(|| row.to.first().cloned()).unwrap_or_default(),
        inputs,
        role,
        pipe: row.pipe.iter().map(|call| Op::new(call, parts.translations, row.overflow.is_some())).collect(),
        targets,
        whole: row.types.len() == row.to.len(),
        when_missing,
        key: row.key,
        hands_over,
        copied,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cutover_ir::Id;
    use cutover_ir::map::{self, Map};
    use cutover_ir::predicate::{Atom, Literal, Predicate, Test};

    use super::{Parts, Program};
    use crate::layout::Layout;

    #[test]
    fn a_table_that_only_a_condition_asks_is_asked_for() {
        let map = Map {
            id: Id::new(["map", "ticket"]),
            source: "ticket".to_owned(),
            target: "ticket".to_owned(),
            rows: Vec::new(),
            dropped: Vec::new(),
            require: Vec::new(),
        };
        let premium = Predicate::Atom(Atom {
            field: "crm.tier".to_owned(),
            test: Test::OneOf(vec![Literal::Text("premium".to_owned())]),
        });
        let program = Program::new(&Parts {
            translations: &map::Program::default(),
            map: &map,
            scope: vec![(Id::new(["scope", "ticket", "import"]), true, premium)],
            schema: None,
            layout: &Layout::default(),
            tables: BTreeMap::from([("crm".to_owned(), Some("requester.email".to_owned()))]),
        });
        assert_eq!(program.tables().into_iter().collect::<Vec<_>>(), ["crm"]);
    }
}
