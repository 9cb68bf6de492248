//! The source as the catalog lays it out: which files of an export hold which kind, lists inside of records, and where fields stand. What the
//! environment says comes first.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use cutover_catalog::Catalog;
use cutover_catalog::catalog::{CustomColumns, ExportFile, ExportLayout, Nested};
use cutover_catalog::fact::Names;
use cutover_catalog::{Shape as Form, Table};
use cutover_connect::{Abilities, Account, Chunk, Connector, Cursor, Fault, FileSet, Files, Silence, Unread};
use cutover_plan::Plan;
use cutover_plan::model::Operation;
use serde_json::Value;

use crate::environment::Binding;
use crate::problem::Problem;
use crate::sample::value_at;
use crate::shape::{Column, Custom, Shape, plain};

/// Definitions of custom fields that are looked at.
const DEFINITIONS: usize = 5_000;

/// A source whose records are shaped as the plan names their fields.
pub(crate) struct Laid {
    inner: Box<dyn Connector>,
    kinds: BTreeMap<String, Vec<Stand>>,
}

/// One sort of place in which records of a kind stand.
#[derive(Clone, Debug, Default)]
struct Stand {
    /// The kind that the connector below is asked for.
    set: String,
    /// Lists to go into, from the records of that kind.
    steps: Vec<Step>,
    /// Where the key of those records stands.
    key: String,
    shape: Shape,
    /// Whether nothing else tells what cannot be read there.
    tells: bool,
}

/// A list inside of a record.
#[derive(Clone, Debug)]
struct Step {
    list: String,
    only: Vec<(String, Vec<String>)>,
    /// Where the key of its objects stands.
    key: String,
    /// The field of its objects that leads to what holds them, and where the key of that stands.
    parent: String,
    parent_key: Option<String>,
}

/// What an environment, a plan and a catalog know together.
struct Known<'k> {
    plan: &'k Plan,
    binding: &'k Binding,
    catalog: &'k Catalog,
    /// Values by which definitions of custom fields are known, one list each.
    same: Vec<Vec<String>>,
}

/// An export folder, by the layout of the catalog that knows most of its files.
pub(crate) fn folder(plan: &Plan, binding: &Binding, top: &Path) -> Result<Box<dyn Connector>, Problem> {
    let mut set = FileSet::default();
    for (kind, paths) in &binding.kinds {
        for path in paths {
            set.put(kind, path);
        }
    }
    let catalog = catalog(plan);
    let listed = cutover_records::list_folder(top).map_err(|error| Problem::new(error.to_string()))?;
    let names: Vec<&str> = listed.files.iter().map(|entry| entry.name.as_str()).collect();
    let layout =
        catalog.as_ref().and_then(|catalog| Some((catalog, catalog.layout_of(names.iter().copied())?.1)));
    let Some((catalog, layout)) = layout else { return Ok(Box::new(Files::open(top, set)?)) };
    let sets = sets(layout, binding, &names, &mut set);
    let mut inner = Files::open(top, set)?;
    let same = definitions(layout, &sets, &mut inner)?;
    let known = Known { plan, binding, catalog, same };
    let exported = exported(plan);
    let mut kinds: BTreeMap<String, Vec<Stand>> = BTreeMap::new();
    for (file, name) in &sets {
        let Some(name) = name else { continue };
        let shape =
            known.shape(&file.kind, Some(&file.key), &file.columns, &file.fixed, file.custom.as_ref());
        let top = Stand {
            set: name.clone(),
            steps: Vec::new(),
            key: file.key.to_string(),
            shape: Shape { only: only(&file.only), encoding: file.encoding.clone(), ..shape },
            tells: true,
        };
        let tells = !exported.contains(&*file.kind);
        nested(&known, &file.nested, &Stand { tells, ..top.clone() }, &mut kinds);
        kinds.entry(file.kind.to_string()).or_default().push(top);
    }
    Ok(Box::new(Laid { inner: Box::new(inner), kinds }))
}

/// Another source, whose records have the names of the product's interface: what says the opposite of a field is turned round.
pub(crate) fn interface(plan: &Plan, binding: &Binding, inner: Box<dyn Connector>) -> Box<dyn Connector> {
    let Some(catalog) = catalog(plan) else { return inner };
    let mut kinds: BTreeMap<String, Vec<Stand>> = BTreeMap::new();
    for (name, kind) in catalog.kinds.iter() {
        let said = |field: &str| binding.fields.get(name).is_some_and(|fields| fields.contains_key(field));
        let turned = kind.fields.iter().filter(|(field, known)| known.negated && !said(field));
        let columns: Vec<Column> = turned
            .filter_map(|(field, known)| {
                let own = Column { negated: false, ..Column::of(&catalog, name, field, field) };
                Some([own, Column::of(&catalog, name, known.api.as_deref()?, field)])
            })
            .flatten()
            .collect();
        if !columns.is_empty() {
            let shape = Shape { columns, ..Shape::default() };
            let stand = Stand { set: name.to_owned(), shape, tells: true, ..Stand::default() };
            kinds.insert(name.to_owned(), vec![stand]);
        }
    }
    if kinds.is_empty() { inner } else { Box::new(Laid { inner, kinds }) }
}

/// The catalog of the source's product.
pub(crate) fn catalog(plan: &Plan) -> Option<Catalog> {
    Catalog::builtin(&plan.systems.get("source")?.platform)
}

fn exported(plan: &Plan) -> BTreeSet<&str> {
    let kinds = plan.stages.iter().filter_map(|stage| match &stage.operation {
        Operation::Export { kind, .. } => Some(kind.as_str()),
        _ => None,
    });
    kinds.collect()
}

/// The files of a layout, each with the name of its set where the folder has such files. What the environment says of a kind replaces them.
fn sets<'l>(
    layout: &'l ExportLayout,
    binding: &Binding,
    names: &[&str],
    set: &mut FileSet,
) -> Vec<(&'l ExportFile, Option<String>)> {
    let mut all: Vec<(&ExportFile, Option<String>)> = Vec::new();
    for file in layout.files.iter().filter(|file| file.adds.is_none()) {
        let kind = &*file.kind;
        let same = all.iter().filter(|(other, name)| other.kind == file.kind && name.is_some()).count();
        let name = if same == 0 { kind.to_owned() } else { format!("{kind}#{same}") };
        let there = if let Some(paths) = binding.kinds.get(kind) {
            // One set: of the sort that its first file is, else of the first sort.
            let sorts =
                || layout.files.iter().filter(|other| other.kind == file.kind && other.adds.is_none());
            let first = paths.first().map_or("", String::as_str);
            let fitting = sorts().find(|other| other.is(first)).or_else(|| sorts().next());
            fitting.is_some_and(|fitting| std::ptr::eq(fitting, file))
        } else {
            let mut fitting = names.iter().filter(|name| file.is(name)).peekable();
            let any = fitting.peek().is_some();
            for path in fitting {
                set.put(&name, path);
            }
            any
        };
        if there {
            let list = file.array_at.as_deref().map(|at| at.split('.').map(str::to_owned).collect());
            if file.array_at.is_some() || !binding.kinds.contains_key(kind) {
                set.list_at(&name, list.unwrap_or_default());
            }
        }
        all.push((file, there.then_some(name)));
    }
    all
}

/// What definitions of custom fields say of themselves: key, id, name, label.
fn definitions(
    layout: &ExportLayout,
    sets: &[(&ExportFile, Option<String>)],
    files: &mut Files,
) -> Result<Vec<Vec<String>>, Problem> {
    let mut all = Vec::new();
    let of = |file: &&ExportFile| &*file.kind == "custom_field";
    if !layout.files.iter().any(|file| of(&file)) {
        return Ok(all);
    }
    for (file, name) in sets.iter().filter(|(file, _)| of(file)) {
        let Some(name) = name else { continue };
        let mut chunk = Chunk::default();
        files.read(name, &Cursor::start(), DEFINITIONS, &mut chunk)?;
        for text in chunk.records() {
            let Ok(record) = serde_json::from_str::<Value>(text) else { continue };
            let places = std::iter::once(&*file.key).chain(file.columns.iter().map(|(place, _)| place));
            all.push(places.filter_map(|place| value_at(&record, place).and_then(plain)).collect());
        }
    }
    Ok(all)
}

fn only(table: &Table<Names>) -> Vec<(String, Vec<String>)> {
    table.iter().map(|(place, names)| (place.to_owned(), names.iter().map(str::to_owned).collect())).collect()
}

/// The kinds that stand in lists inside of others.
fn nested(known: &Known<'_>, lists: &[Nested], outer: &Stand, kinds: &mut BTreeMap<String, Vec<Stand>>) {
    for list in lists {
        let mut steps = outer.steps.clone();
        steps.push(Step {
            list: list.at.to_string(),
            only: only(&list.only),
            key: list.key.as_deref().unwrap_or("id").to_owned(),
            parent: list.parent.to_string(),
            parent_key: list.parent_key.as_deref().map(str::to_owned),
        });
        let shape = known.shape(&list.kind, list.key.as_deref(), &list.columns, &list.fixed, None);
        let shape = Shape { encoding: outer.shape.encoding.clone(), ..shape };
        let stand = Stand { steps, shape, ..outer.clone() };
        nested(known, &list.nested, &stand, kinds);
        kinds.entry(list.kind.to_string()).or_default().push(stand);
    }
}

impl Known<'_> {
    fn shape(
        &self,
        kind: &str,
        key: Option<&str>,
        columns: &Table<Box<str>>,
        fixed: &Table<Box<str>>,
        custom: Option<&CustomColumns>,
    ) -> Shape {
        let said =
            |field: &str| self.binding.fields.get(kind).is_some_and(|fields| fields.contains_key(field));
        let columns = columns.iter().filter(|(_, field)| !said(field));
        let mut columns: Vec<Column> =
            columns.map(|(place, field)| Column::of(self.catalog, kind, place, field)).collect();
        if let Some(called) = title(self.catalog, kind)
            && let Some(column) = columns.iter().find(|column| column.field == called)
        {
            let place = column.place.clone();
            columns.push(Column::of(self.catalog, kind, &place, "name"));
        }
        let fixed = fixed.iter().filter(|(field, _)| !said(field));
        let fixed = fixed.map(|(field, value)| (field.to_owned(), value.to_string())).collect();
        let custom = custom.map(|custom| {
            let mut found = Custom { form: custom.form, at: custom.at.to_string(), fields: BTreeMap::new() };
            let fields = self.plan.schemas.get("source").and_then(|schema| schema.kinds.get(kind));
            let names = fields.iter().flat_map(|kind| &kind.fields);
            let names = names.filter(|(field, _)| field.starts_with("custom.") && !said(field));
            found.learn(
                &names.map(|(field, schema)| (field.clone(), schema.account_id.clone())).collect(),
                &self.same,
            );
            found
        });
        let key = key.filter(|_| !said("id")).map(str::to_owned);
        Shape { key, columns, fixed, custom, ..Shape::default() }
    }
}

impl Stand {
    /// Adds the records of this stand that a record of the connector below is, or holds.
    fn take(&self, kind: &str, text: &str, into: &mut Chunk) {
        if self.steps.is_empty() && self.shape.is_plain() {
            into.push(text);
            return;
        }
        let Ok(record) = serde_json::from_str::<Value>(text) else {
            // What is no record is told with its own kind.
            if self.steps.is_empty() {
                into.push(text);
            }
            return;
        };
        if let Some(place) = self.shape.other_than(&record).filter(|_| self.steps.is_empty()) {
            into.other(format!("no {kind}, by `{place}`"));
        } else if self.steps.is_empty() {
            into.push(&self.shape.text(text, &record));
        } else {
            self.inside(&self.steps, &record, &self.key, into);
        }
    }

    fn inside(&self, steps: &[Step], outer: &Value, key: &str, into: &mut Chunk) {
        let Some((step, rest)) = steps.split_first() else { return };
        let parent = value_at(outer, step.parent_key.as_deref().unwrap_or(key));
        for item in value_at(outer, &step.list).and_then(Value::as_array).into_iter().flatten() {
            let among = |(place, values): &(String, Vec<String>)| {
                value_at(item, place).and_then(plain).is_some_and(|value| values.contains(&value))
            };
            if !item.is_object() || !step.only.iter().all(among) {
                continue;
            }
            if !rest.is_empty() {
                self.inside(rest, item, &step.key, into);
                continue;
            }
            let mut shaped = self.shape.shaped(item);
            if shaped.get(&step.parent).is_none_or(Value::is_null) {
                shaped.insert(step.parent.clone(), parent.cloned().unwrap_or_default());
            }
            into.push(&Value::Object(shaped).to_string());
        }
    }
}

impl Connector for Laid {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        self.inner.abilities()
    }

    fn account(&mut self) -> Result<Account, Fault> {
        self.inner.account()
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        let nested =
            |stands: &Vec<Stand>| stands.len() > 1 || stands.iter().any(|stand| !stand.steps.is_empty());
        if self.kinds.get(kind).is_some_and(nested) { Ok(None) } else { self.inner.count(kind) }
    }

    fn others(&mut self, kinds: &[&str]) -> Result<Vec<String>, Fault> {
        let mut below: Vec<&str> = Vec::new();
        for kind in kinds {
            match self.kinds.get(*kind) {
                Some(stands) => below.extend(stands.iter().map(|stand| stand.set.as_str())),
                None => below.push(kind),
            }
        }
        self.inner.others(&below)
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let Some(stands) = self.kinds.get(kind) else { return self.inner.read(kind, from, most, into) };
        let (at, place) = from.0.split_once('|').unwrap_or(("0", ""));
        let stand = at.parse::<usize>().ok().and_then(|at| Some((at, stands.get(at)?)));
        let Some((at, stand)) = stand else {
            return Err(Fault::never("the place at which reading should go on is not one of this export"));
        };
        let mut below = Chunk::default();
        self.inner.read(&stand.set, &Cursor(place.to_owned()), most, &mut below)?;
        for text in below.records() {
            stand.take(kind, text, into);
        }
        for unread in below.problems().iter().filter(|_| stand.tells) {
            into.unread(Unread::clone(unread));
        }
        let next = match below.next() {
            Some(next) => Some(format!("{at}|{}", next.0)),
            None if at + 1 < stands.len() => Some(format!("{}|", at + 1)),
            None => None,
        };
        into.end(next.map(Cursor));
        Ok(())
    }

    fn fetch(&mut self, kind: &str, id: &str) -> Result<Option<String>, Fault> {
        let Some(text) = self.inner.fetch(kind, id)? else { return Ok(None) };
        let stand =
            self.kinds.get(kind).and_then(|stands| stands.first()).filter(|stand| stand.steps.is_empty());
        Ok(Some(match (stand, serde_json::from_str::<Value>(&text)) {
            (Some(stand), Ok(record)) => stand.shape.text(&text, &record),
            _ => text,
        }))
    }

    fn content(
        &mut self,
        kind: &str,
        id: &str,
        field: &str,
        into: &mut dyn Write,
    ) -> Result<Option<bool>, Fault> {
        self.inner.content(kind, id, field, into)
    }

    fn silence(&mut self) -> Result<Silence, Fault> {
        self.inner.silence()
    }
}

/// The field by which people call a record of a kind, where that is neither its name nor its title.
fn title(catalog: &Catalog, kind: &str) -> Option<String> {
    let kind = catalog.kinds.get(kind)?;
    if kind.fields.get("name").is_some() {
        return None;
    }
    let (field, known) = kind.by_canon("name")?;
    (field != "title" && matches!(known.ty.shape, Form::Text(_))).then(|| field.to_owned())
}
