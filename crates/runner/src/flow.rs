//! What the plan says about loading, seen from a stage: which maps run, where fields stand, what references lead to.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Type;
use cutover_ir::map::{Map, Outcome, Source as From, Translate, WhenMissing};
use cutover_ir::predicate::{Literal, Predicate};
use cutover_plan::Plan;
use cutover_plan::model::{Content, LoadMode, Operation, Stage, Verb};
use cutover_records::{Cell, Limits, Picked, Picker, Place, Record};
use cutover_transform::{Layout, Path, Program, referred};

use crate::environment::Binding;
use crate::files::{FileField, file_fields};
use crate::problem::Problem;

/// A load stage with everything that its records go through.
#[derive(Debug)]
pub(crate) struct Load {
    /// The map of the stage.
    pub(crate) map: MapUse,
    /// The maps of what goes with each record.
    pub(crate) parts: Vec<MapUse>,
    pub(crate) mode: LoadMode,
    /// The kind with which these records go, when they have a stage of their own all the same: attachments with their ticket.
    pub(crate) with: Option<String>,
}

/// A map in use.
#[derive(Debug)]
pub(crate) struct MapUse {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) program: Program,
    /// Target fields that hold references.
    pub(crate) references: BTreeMap<String, Reference>,
    /// References of the source that a translation reads by their names: where they stand, and to which kinds they lead.
    pub(crate) by_name: Vec<ByName>,
    /// Lists of records that say themselves to which record they belong: a list that the record does not hold is made of those.
    pub(crate) lists: Vec<ListOf>,
    /// What stands in for a reference that leads to nothing, by the target field.
    pub(crate) stand_ins: BTreeMap<String, StandIn>,
    /// Fields of the source that name files.
    pub(crate) files: Vec<FileField>,
    /// For fields of the source, where they stand.
    pub(crate) places: BTreeMap<String, Vec<String>>,
    /// Target fields, by the field of the source that fills them.
    pub(crate) filled: BTreeMap<String, String>,
}

/// A reference that a translation reads by its name.
#[derive(Debug)]
pub(crate) struct ByName {
    /// Where it stands.
    pub(crate) places: Vec<String>,
    /// The kinds to which it leads.
    pub(crate) kinds: Vec<String>,
    /// Whether the row says what stands there when it leads to nothing.
    pub(crate) missing: bool,
}

/// A list of the records that belong to one.
#[derive(Debug)]
pub(crate) struct ListOf {
    /// Where it stands, when the record holds it.
    pub(crate) places: Vec<String>,
    /// The kind of the records in it.
    pub(crate) kind: String,
}

/// What stands in for a reference that leads to nothing: `when missing` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StandIn {
    /// The field stays empty.
    Empty,
    /// The record of this name.
    Name(String),
    /// A placeholder of this name.
    Placeholder(String),
    /// A placeholder by the role of whoever is gone.
    ByRole(Translate),
}

/// What a target field refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// It holds keys of records of these kinds of the source, which became records of these kinds of the target.
    Key { of: Vec<String>, into: Vec<String> },
    /// It holds names of records of these kinds of the target.
    Name { into: Vec<String> },
    /// As `Key`, set by a link stage.
    Later { of: Vec<String>, into: Vec<String> },
    /// No reference at all: a value that is set by a link stage, unless it is false.
    Late,
    /// The record to which this one belongs is written with a list of its parts, or as their owner: the target knows it by then.
    Owner,
}

/// The load stage of a plan; `None` for another kind of stage.
pub(crate) fn load_of(plan: &Plan, stage: &Stage, binding: &Binding) -> Result<Option<Load>, Problem> {
    let Operation::Load { map, source, scope, mode, .. } = &stage.operation else { return Ok(None) };
    let main = map_use(plan, map.0.as_str(), scope.as_deref(), binding, None)?;
    let mut parts = Vec::new();
    for item in &stage.items {
        let part = plan.items.get(&item.0).map(|item| &item.content);
        if let Some(Content::Map(part)) = part
            && part.id != map.0
        {
            parts.push(map_use(plan, part.id.as_str(), None, binding, Some(source))?);
        }
    }
    // Files that go with comments go with the tickets of those.
    let with = goes_with(plan, source).map(|_| root(plan, source));
    Ok(Some(Load { map: main, parts, mode: *mode, with }))
}

/// A load whose map takes only the records of its scope to which a condition applies; without its parts.
pub(crate) fn within(
    plan: &Plan,
    load: &Load,
    condition: Option<&Predicate>,
    binding: &Binding,
) -> Result<Load, Problem> {
    let map = map_use(plan, &load.map.id, condition, binding, None)?;
    Ok(Load { map, parts: Vec::new(), mode: load.mode, with: load.with.clone() })
}

fn map_use(
    plan: &Plan,
    id: &str,
    within: Option<&Predicate>,
    binding: &Binding,
    owner: Option<&str>,
) -> Result<MapUse, Problem> {
    let Some(Content::Map(map)) = plan.items.get(id).map(|item| &item.content) else {
        return Err(Problem::new(format!("the plan names `{id}` and does not hold it")));
    };
    let layout = layout(plan, binding, &map.source)?;
    let Some(program) = Program::of_plan_within(plan, id, &layout, within) else {
        return Err(Problem::new(format!("the plan does not hold the map `{id}`")));
    };
    Ok(MapUse {
        id: id.to_owned(),
        source: map.source.clone(),
        target: map.target.clone(),
        program,
        references: references(plan, map, owner),
        by_name: by_name(plan, binding, map),
        lists: lists(plan, binding, map),
        stand_ins: stand_ins(plan, map),
        files: file_fields(plan, binding, map),
        places: map
            .rows
            .iter()
            .flat_map(|row| &row.from)
            .filter_map(|from| match from {
                From::Field(field) => Some((field.clone(), places(plan, binding, &map.source, field))),
                _ => None,
            })
            .collect(),
        filled: map
            .rows
            .iter()
            .filter_map(|row| match (row.from.as_slice(), row.to.as_slice()) {
                ([From::Field(field)], [to]) => Some((field.clone(), to.clone())),
                _ => None,
            })
            .collect(),
    })
}

/// Translations speak of groups and mailboxes by their names, and exports hold their ids.
fn by_name(plan: &Plan, binding: &Binding, map: &Map) -> Vec<ByName> {
    let shape = plan.schemas.get("source").and_then(|schema| schema.kinds.get(&map.source));
    let mut all = Vec::new();
    for row in map.rows.iter().filter(|row| row.pipe.iter().any(|call| call.function == "translate")) {
        for from in &row.from {
            let From::Field(field) = from else { continue };
            let of_type = shape.and_then(|shape| shape.fields.get(field)).map(|field| &field.of_type);
            let Some(kinds) = of_type.and_then(referred) else { continue };
            let missing = row.when_missing.as_ref().is_some_and(|said| *said != WhenMissing::Reject);
            all.push(ByName { places: places(plan, binding, &map.source, field), kinds, missing });
        }
    }
    all
}

/// The lists that rows of a map read, of kinds that go with the records of the map.
fn lists(plan: &Plan, binding: &Binding, map: &Map) -> Vec<ListOf> {
    let Some(schema) = plan.schemas.get("source") else { return Vec::new() };
    let shape = schema.kinds.get(&map.source);
    let mut all = Vec::new();
    for from in map.rows.iter().flat_map(|row| &row.from) {
        let From::Field(field) = from else { continue };
        let of_type = shape.and_then(|shape| shape.fields.get(field)).map(|field| field.of_type.required());
        let Some(Type::List(item)) = of_type else { continue };
        for kind in referred(item).unwrap_or_default() {
            let belongs = |kind: &cutover_plan::model::KindSchema| {
                kind.fields.values().any(|field| {
                    matches!(field.of_type.required(), Type::Ref(_))
                        && referred(&field.of_type).is_some_and(|to| to.contains(&map.source))
                })
            };
            if goes_with(plan, &kind).is_some() && schema.kinds.get(&kind).is_some_and(belongs) {
                all.push(ListOf { places: places(plan, binding, &map.source, field), kind });
            }
        }
    }
    all
}

/// What the rows of a map say about references that lead to nothing.
fn stand_ins(plan: &Plan, map: &Map) -> BTreeMap<String, StandIn> {
    let mut all = BTreeMap::new();
    for row in &map.rows {
        let stand_in = match &row.when_missing {
            Some(WhenMissing::Empty) => StandIn::Empty,
            Some(WhenMissing::Constant(Literal::Text(name))) => StandIn::Name(name.clone()),
            Some(WhenMissing::Placeholder(name)) => StandIn::Placeholder(name.clone()),
            Some(WhenMissing::PlaceholderBy(table)) => {
                match plan.items.get(format!("translate/{table}").as_str()).map(|item| &item.content) {
                    Some(Content::Translate(table)) => StandIn::ByRole(table.clone()),
                    _ => continue,
                }
            }
            Some(WhenMissing::Constant(_) | WhenMissing::Reject) | None => continue,
        };
        for (field, of_type) in row.to.iter().zip(&row.types) {
            if referred(of_type).is_some() {
                all.insert(field.clone(), stand_in.clone());
            }
        }
    }
    all
}

impl StandIn {
    /// The name of the placeholder for somebody of a kind of the source; `None` where the table says nothing about them.
    pub(crate) fn by_role<'t>(table: &'t Translate, kind: Option<&str>) -> Option<&'t str> {
        let role = kind.map(|kind| match kind {
            "user" | "customer" | "contact" | "requester" | "end_user" => "end-user",
            other => other,
        });
        let line = |role: &str| {
            table.rows.iter().find(|row| {
                let text = &row.pattern.text;
                *text == role || row.pattern.any_case && text.eq_ignore_ascii_case(role)
            })
        };
        let found = kind.and_then(line).or_else(|| role.and_then(line)).map(|row| &row.outcome);
        match found.or(table.rest.as_ref()) {
            Some(Outcome::Value(Literal::Text(name))) => Some(name),
            _ => None,
        }
    }
}

/// Kinds of the target that the plan writes, with those of them that only come with another record, and its kind.
pub(crate) fn written_kinds(plan: &Plan) -> (BTreeSet<String>, BTreeSet<(String, String)>) {
    let (mut whole, mut parts) = (BTreeSet::new(), BTreeSet::new());
    for stage in &plan.stages {
        let Operation::Load { map, target, .. } = &stage.operation else { continue };
        whole.insert(target.clone());
        for item in &stage.items {
            if let Some(Content::Map(part)) = plan.items.get(&item.0).map(|item| &item.content)
                && part.id != map.0
            {
                parts.insert((part.target.clone(), target.clone()));
            }
        }
    }
    parts.retain(|(kind, _)| !whole.contains(kind));
    whole.extend(parts.iter().map(|(kind, _)| kind.clone()));
    (whole, parts)
}

/// The references of a map.
fn references(plan: &Plan, map: &Map, owner: Option<&str>) -> BTreeMap<String, Reference> {
    let (written, parts) = written_kinds(plan);
    let source = plan.schemas.get("source").and_then(|schema| schema.kinds.get(&map.source));
    let linked: BTreeSet<&str> = plan
        .stages
        .iter()
        .filter_map(|stage| match &stage.operation {
            Operation::Link { kind, field, .. } if *kind == map.target => Some(field.as_str()),
            _ => None,
        })
        .collect();
    let mut all = BTreeMap::new();
    for row in &map.rows {
        for (field, of_type) in row.to.iter().zip(&row.types) {
            let Some(into) = referred(of_type) else {
                if linked.contains(field.as_str()) {
                    all.insert(field.clone(), Reference::Late);
                }
                continue;
            };
            let translated = row.pipe.iter().any(|call| call.function == "translate");
            let of = match row.from.as_slice() {
                [From::Field(path)] if !translated => {
                    source.and_then(|kind| kind.fields.get(path)).and_then(|field| referred(&field.of_type))
                }
                _ => None,
            };
            let reference = match of {
                Some(of) if owner.is_some_and(|owner| of.iter().any(|kind| kind == owner)) => {
                    Reference::Owner
                }
                // An attachment is written before the comment that lists it, and belongs to it from then on.
                Some(_)
                    if owner.is_none()
                        && into.iter().all(|kind| parts.iter().any(|(part, _)| part == kind)) =>
                {
                    Reference::Owner
                }
                Some(of) if linked.contains(field.as_str()) => Reference::Later { of, into },
                Some(of) if into.iter().any(|kind| written.contains(kind)) => Reference::Key { of, into },
                _ => Reference::Name { into },
            };
            all.insert(field.clone(), reference);
        }
    }
    all
}

/// The kind with which records of a kind go.
pub(crate) fn goes_with(plan: &Plan, kind: &str) -> Option<String> {
    plan.items.values().find_map(|item| match &item.content {
        Content::Scope(part) if part.verb == Verb::Import && part.kind == kind => part.with_kind.clone(),
        _ => None,
    })
}

/// The kind with which records of a kind go in the end: files of comments go with the ticket.
pub(crate) fn root(plan: &Plan, kind: &str) -> String {
    let mut root = kind.to_owned();
    // A chain of kinds is as long as there are kinds at most.
    for _ in 0..16 {
        match goes_with(plan, &root) {
            Some(next) if next != root => root = next,
            _ => break,
        }
    }
    root
}

/// Where fields stand in the records of a kind, in the order in which places are tried.
pub(crate) fn places(plan: &Plan, binding: &Binding, kind: &str, field: &str) -> Vec<String> {
    if let Some(said) = binding.fields.get(kind).and_then(|fields| fields.get(field)) {
        return vec![said.clone()];
    }
    let mut all = vec![field.to_owned()];
    let schema = plan.schemas.get("source").and_then(|schema| schema.kinds.get(kind)?.fields.get(field));
    if let Some(schema) = schema {
        if let Some(id) = &schema.account_id
            && !field.starts_with("custom.")
            && *id != field
        {
            all.push(id.clone());
        }
        if matches!(schema.of_type.required(), Type::Ref(_)) {
            let id = format!("{field}_id");
            if !all.contains(&id) {
                all.push(id);
            }
        }
    }
    all
}

/// The layout of a kind, and of those to which its references lead.
pub(crate) fn layout(plan: &Plan, binding: &Binding, kind: &str) -> Result<Layout, Problem> {
    let mut layout = own_layout(plan, binding, kind)?;
    for other in plan.schemas.get("source").iter().flat_map(|schema| schema.kinds.keys()) {
        layout.put_kind(other, own_layout(plan, binding, other)?);
    }
    Ok(layout)
}

/// What the environment says first, then names, then the account's ids.
fn own_layout(plan: &Plan, binding: &Binding, kind: &str) -> Result<Layout, Problem> {
    let mut layout = Layout::default();
    let shape = plan.schemas.get("source").and_then(|schema| schema.kinds.get(kind));
    for (field, schema) in shape.iter().flat_map(|shape| &shape.fields) {
        let said = binding.fields.get(kind).is_some_and(|fields| fields.contains_key(field));
        // The engine knows where custom fields and plain names stand.
        if !said && (schema.account_id.is_none() || field.starts_with("custom.")) {
            continue;
        }
        for place in places(plan, binding, kind, field) {
            match Path::parse(&place) {
                Ok(path) => layout.put(field, path),
                Err(error) if said => {
                    return Err(Problem::new(format!(
                        "the environment says a wrong place for `{kind}.{field}`: {error}"
                    )));
                }
                // An account's id need not be a path of an export.
                Err(_) => {}
            }
        }
        if !said && field.contains('.') {
            layout.put(field, Path::key(field));
        }
    }
    Ok(layout)
}

/// The key of a record, and its owner as `kind:key`.
pub(crate) type Found = (Option<String>, Option<String>);

/// Finds the key of a record, and the record to which it belongs.
#[derive(Debug)]
pub(crate) struct Keys {
    picker: Picker,
    key: usize,
    /// For each kind of owner, the places of its key.
    owners: Vec<(String, usize)>,
}

impl Keys {
    pub(crate) fn of(plan: &Plan, binding: &Binding, kind: &str) -> Result<Keys, Problem> {
        let shape = plan.schemas.get("source").and_then(|schema| schema.kinds.get(kind));
        let key = shape.and_then(|shape| shape.key.as_deref()).unwrap_or("id");
        let mut paths = places(plan, binding, kind, key);
        let key = paths.len();
        let mut owners = Vec::new();
        if let Some(root) = goes_with(plan, kind) {
            let fields = shape.iter().flat_map(|shape| &shape.fields);
            let refers = fields.filter_map(|(field, schema)| match schema.of_type.required() {
                Type::Ref(_) => Some((field, referred(&schema.of_type)?)),
                _ => None,
            });
            let mut refers: Vec<(&String, Vec<String>)> = refers.collect();
            // The nearest owner first: an attachment belongs to its comment before it belongs to the ticket.
            refers.sort_by_key(|(_, kinds)| kinds.contains(&root));
            for (field, kinds) in refers {
                let owner = kinds
                    .into_iter()
                    .find(|kind| *kind == root || goes_with(plan, kind).as_ref() == Some(&root));
                if let Some(owner) = owner {
                    let places = places(plan, binding, kind, field);
                    owners.push((owner, places.len()));
                    paths.extend(places);
                }
            }
        }
        let picker = Picker::new(&paths, Limits::default()).map_err(|error| {
            Problem::new(format!("the place of the key of `{kind}` cannot be read: {}", error.path))
        })?;
        Ok(Keys { picker, key, owners })
    }

    /// The key, and the owner as `kind:key`; what is wrong where the text is no record.
    pub(crate) fn find(&self, text: &str) -> Result<Found, (&'static str, String)> {
        let record = Record { text, place: Place { line: 1, offset: 0 } };
        let picked = self
            .picker
            .pick(record, &mut |_, _| {})
            .map_err(|found| (found.problem.code(), found.problem.to_string()))?;
        let mut slot = self.key;
        let key = first(&picked, 0, self.key);
        for (kind, places) in &self.owners {
            if let Some(owner) = first(&picked, slot, slot + places) {
                return Ok((key, Some(format!("{kind}:{owner}"))));
            }
            slot += places;
        }
        Ok((key, None))
    }
}

fn first(picked: &Picked<'_>, from: usize, to: usize) -> Option<String> {
    (from..to).find_map(|slot| scalar(&picked.cell(slot)))
}

/// A key as text: of a text, a number, or the object that it leads to.
pub(crate) fn scalar(cell: &Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) if !text.is_empty() => Some(text.to_string()),
        Cell::Number(number) => Some((*number).to_owned()),
        Cell::Object(text) => {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
            match object.get("id")? {
                serde_json::Value::String(id) => Some(id.clone()),
                serde_json::Value::Number(id) => Some(id.to_string()),
                _ => None,
            }
        }
        _ => None,
    }
}
