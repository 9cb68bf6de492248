//! What the plan says of each system's records, so that a runner needs no catalog: kinds, fields, options, limits, rates, capabilities.

use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::fact::Rate as Allowed;
use cutover_catalog::kind::{Change, FieldTest, Required, Write};
use cutover_ir::map::Source;
use cutover_ir::predicate::{Atom, Literal, Predicate, Test};
use cutover_ir::{Id, Type};
use cutover_plan::model::{
    Constraint, Content, DomainOption, FieldSchema, Item, KindSchema, Plan, Rate, Schema,
};

use crate::world::{FieldView, KindView, System, World};

/// Fills the schemas of source, target and tables with what the maps touch.
pub fn fill(plan: &mut Plan, world: &World<'_>) {
    let keys: Vec<&str> = plan.systems.values().filter_map(|system| system.keyed_by.as_deref()).collect();
    let touched = touched(&plan.items, &keys);
    for system in &world.systems {
        let names: BTreeSet<&str> = match &*system.name {
            "source" => {
                let mut names = touched.source.clone();
                touched.behind.iter().for_each(|(kind, path)| add_behind(system, kind, path, &mut names));
                names
            }
            "target" => touched.target.clone(),
            _ if system.table => system.kinds.iter().map(|k| k.name).collect(),
            _ => continue,
        };
        let schema = schema(plan, system, &names);
        if schema != Schema::default() {
            plan.schemas.insert(system.name.to_string(), schema);
        }
    }
}

#[derive(Default)]
struct Touched<'p> {
    source: BTreeSet<&'p str>,
    target: BTreeSet<&'p str>,
    /// What maps read behind references: the kind of the map, and the path.
    behind: BTreeSet<(&'p str, &'p str)>,
}

/// `keys` are the fields by which tables are asked.
fn touched<'p>(items: &'p BTreeMap<Id, Item>, keys: &[&'p str]) -> Touched<'p> {
    let mut touched = Touched::default();
    for item in items.values() {
        if let Content::Map(map) = &item.content {
            touched.source.insert(&map.source);
            touched.target.insert(&map.target);
            let read = map.rows.iter().flat_map(|row| &row.from).filter_map(|from| match from {
                Source::Field(path) => Some(path.as_str()),
                _ => None,
            });
            let paths = read.chain(keys.iter().copied()).filter(|path| path.contains('.'));
            touched.behind.extend(paths.map(|path| (map.source.as_str(), path)));
        }
    }
    touched
}

/// Adds the kinds through which a path leads: a runner has to know where their fields stand.
fn add_behind<'w>(system: &'w System<'_>, kind: &str, path: &str, into: &mut BTreeSet<&'w str>) {
    let Some((kind, (first, rest))) = system.kind(kind).zip(path.split_once('.')) else { return };
    if kind.field(path).is_some() {
        return;
    }
    let Some(field) = kind.field(first) else { return };
    let ty = kind.type_of(field);
    let Type::Ref(to) = ty.required() else { return };
    let kinds = to.split_once('/').map_or(&**to, |(_, kinds)| kinds);
    for next in kinds.split('|').filter_map(|name| system.kind(name)) {
        into.insert(next.name);
        add_behind(system, next.name, rest, into);
    }
}

fn schema(plan: &Plan, system: &System<'_>, names: &BTreeSet<&str>) -> Schema {
    let mut schema = Schema::default();
    for name in names {
        let Some(kind) = system.kind(name) else { continue };
        let made = kind_schema(system, kind, &mut schema.domains);
        schema.kinds.insert(kind.name.to_owned(), made);
    }
    let Some(catalog) = system.catalog else { return schema };
    let subscription = plan.systems.get(&*system.name).and_then(|s| s.plan.as_deref());
    for (name, limit) in catalog.limits.iter() {
        if let Some(amount) = limit.on(subscription) {
            schema.limits.insert(name.to_owned(), amount.base());
        }
    }
    for (name, rate) in catalog.rates.iter() {
        if let Some(Allowed::Calls { calls, seconds }) = rate.on(subscription) {
            schema.rates.insert(name.to_owned(), Rate { calls: *calls, seconds: *seconds });
        }
    }
    catalog.capabilities.visit(&mut |name, _, fact| {
        if let Some(case) = fact.case(subscription) {
            schema.capabilities.insert(name.to_owned(), case);
        }
    });
    schema
}

fn kind_schema(
    system: &System<'_>,
    kind: &KindView<'_>,
    domains: &mut BTreeMap<String, Vec<DomainOption>>,
) -> KindSchema {
    let mut made = KindSchema::default();
    for field in kind.fields() {
        let ty = kind.type_of(field);
        if let Type::Choice(domain) | Type::Choices(domain) = ty.required() {
            domains.entry(domain.to_string()).or_insert_with(|| options(kind, field));
        }
        let entry = field.field;
        if entry.canon.as_deref() == Some("key") {
            made.key = Some(field.path());
        }
        made.fields.insert(
            field.path(),
            FieldSchema {
                of_type: ty,
                required: entry.required != Required::Never,
                read_only: matches!(entry.write, Write::Never | Write::Database),
                on_create_only: entry.write == Write::OnCreate,
                unique: entry.unique,
                account_id: entry.api.as_deref().map(str::to_owned),
            },
        );
    }
    let Some(catalog) = system.catalog else { return made };
    for (name, rule) in catalog.constraints.iter().filter(|(_, rule)| *rule.kind == *kind.name) {
        let when: Vec<Predicate> = rule.when.iter().flat_map(|(field, test)| tests(field, test)).collect();
        let must: Vec<Predicate> = rule.must.iter().flat_map(|(field, test)| tests(field, test)).collect();
        // A rule that asks for something a record cannot show, such as a time in the future, is checked by the product only.
        if must.is_empty() || when.len() < rule.when.len() {
            continue;
        }
        let holds = if when.is_empty() {
            Predicate::All(must)
        } else {
            Predicate::Any(vec![Predicate::Not(Box::new(Predicate::All(when))), Predicate::All(must)])
        };
        made.constraints.push(Constraint { fact: format!("{}/constraints/{name}", catalog.name), holds });
    }
    made
}

/// What a catalog's test of a field says as conditions; nothing for what no record shows.
fn tests(field: &str, test: &FieldTest) -> Vec<Predicate> {
    let atom = |test| Predicate::Atom(Atom { field: field.to_owned(), test });
    let mut found = Vec::new();
    if !test.is.is_empty() {
        found.push(atom(Test::OneOf(test.is.iter().map(|v| Literal::Text(v.to_owned())).collect())));
    }
    match test.present {
        Some(true) => found.push(Predicate::Not(Box::new(atom(Test::Empty)))),
        Some(false) => found.push(atom(Test::Empty)),
        None => {}
    }
    found
}

fn options<'a>(kind: &KindView<'a>, field: FieldView<'a>) -> Vec<DomainOption> {
    let is_state = kind.state_field().is_some_and(|states| *states.field == *field.path());
    if is_state {
        let states = kind.states().map(|(name, state)| DomainOption {
            name: name.to_owned(),
            value: state.api.as_deref().map(str::to_owned),
            class: Some(state.class),
            immutable: state.change == Change::Frozen,
            not_on_create: state.write != Write::Always
                && state.write != Write::OnCreate
                && state.write != Write::OnImport,
            seen_as: state.seen_as.as_deref().map(str::to_owned),
        });
        return states.collect();
    }
    kind.options(field)
        .into_iter()
        .map(|name| DomainOption {
            name: name.to_owned(),
            value: field.field.options.0.get(name).and_then(|o| o.api.as_deref()).map(str::to_owned),
            class: None,
            immutable: false,
            not_on_create: false,
            seen_as: None,
        })
        .collect()
}
