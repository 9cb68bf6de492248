//! Takes records in: measures, objects, custom fields, unfinished tickets.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Result;
use std::rc::Rc;

use cutover_catalog::catalog::Encoding;
use cutover_catalog::{Catalog, Field, FieldType, Part, Shape};
use cutover_ir::time::Instant;
use cutover_records::{Cell, Found, Picked, Picker, Place, Record, Row};

use crate::ScanOptions;
use crate::custom::Definitions;
use crate::external::{Count, External, Line, Spill};
use crate::field::FieldAcc;
use crate::finding::{Findings, Severity};
use crate::key;
use crate::kind::KindAcc;
use crate::layout::{Adds, NestedPlan, RecordPlan};
use crate::seen::Seen;
use crate::unfinished::Gathering;
use crate::unknown::Unknown;
use crate::value;

/// Most custom fields of a kind.
const CUSTOM: usize = 2_000;
/// Memory of a bag of added values.
const ADDED: usize = 2 << 20;
/// Most memberships of people in groups.
pub(crate) const MEMBERSHIPS: usize = 1_000_000;

/// Everything that is gathered beside the kinds.
pub(crate) struct World<'c> {
    pub(crate) catalog: &'c Catalog,
    pub(crate) options: &'c ScanOptions,
    pub(crate) spill: Rc<Spill>,
    pub(crate) findings: Findings,
    pub(crate) unknown: Unknown,
    /// Names of groups, queues and policies by kind and key.
    pub(crate) names: HashMap<(usize, u128), String>,
    /// Keys of people who answer.
    pub(crate) agents: HashSet<u128>,
    pub(crate) memberships: Vec<(u128, u128)>,
    pub(crate) definitions: Definitions,
    pub(crate) gathering: Gathering,
    /// Whether kinds and fields are those of the account itself.
    pub(crate) own_kinds: bool,
    /// The kind of tickets, and where its states stand.
    pub(crate) tickets: Option<usize>,
    pub(crate) ticket_kind: String,
    /// The latest time of any record.
    /// How the file at hand fares.
    pub(crate) file: Fare,
    pub(crate) newest: Option<Instant>,
    /// Bytes of the file at hand before the record at hand.
    pub(crate) offset: u64,
}

/// A record's values.
pub(crate) enum Source<'a> {
    Json(&'a Picked<'a>),
    Row { row: Row<'a>, columns: &'a [Option<usize>], custom: &'a [(String, usize)] },
}

impl<'a> Source<'a> {
    fn cell(&self, slot: usize) -> Cell<'a> {
        match self {
            Source::Json(picked) => picked.cell(slot),
            Source::Row { row, columns, .. } => {
                Cell::of_field(columns.get(slot).copied().flatten().and_then(|column| row.field(column)))
            }
        }
    }
}

/// How the reading of one file goes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fare {
    /// Records that were read.
    pub(crate) records: u64,
    /// Records that were passed over unread.
    pub(crate) skipped: u64,
    /// Nothing is known of what stands behind some place.
    pub(crate) cut: bool,
}

impl Fare {
    /// Whether what was read says nothing about how much there is. A bad record among good ones is told and left out.
    pub(crate) const fn is_lost(self) -> bool {
        self.cut || (self.records == 0 && self.skipped > 0)
    }
}

/// Where a record stands.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) file: &'a str,
    pub(crate) place: Place,
    pub(crate) encoding: &'a Encoding,
}

/// The object that holds this one: position of the field that refers to it, and its key.
pub(crate) type Outer<'a> = Option<(usize, &'a str)>;

/// Whether the plan is about the record at all: a file may hold objects of several kinds.
pub(crate) fn passes(plan: &RecordPlan, source: &Source<'_>) -> bool {
    let one = |(slot, values): &(usize, Vec<String>)| {
        source.cell(*slot).plain().is_some_and(|text| values.iter().any(|value| value == text))
    };
    plan.only.iter().all(one)
}

/// Picks the values of a record; keys that no layout knows are noted, unless the plan is not about the record.
pub(crate) fn pick<'r>(
    world: &mut World<'_>,
    plan: &RecordPlan,
    picker: &Picker,
    record: Record<'r>,
    at: At<'_>,
) -> std::result::Result<Picked<'r>, Found> {
    if !plan.only.is_empty() {
        let picked = picker.pick(record, &mut |_, _| {})?;
        if !passes(plan, &Source::Json(&picked)) {
            return Ok(picked);
        }
    }
    let unknown = &mut world.unknown;
    picker.pick(record, &mut |path, key| unknown.see(plan, at, path, key))
}

/// Takes in a record and the records in its lists.
pub(crate) fn take(
    world: &mut World<'_>,
    kinds: &mut [KindAcc<'_>],
    plan: &RecordPlan,
    source: &Source<'_>,
    outer: Outer<'_>,
    at: At<'_>,
) -> Result<()> {
    let Some(acc) = kinds.get_mut(plan.at) else { return Ok(()) };
    if !passes(plan, source) {
        return Ok(());
    }
    if let Some(adds) = &plan.adds {
        return add(world, acc, plan, source, adds, at);
    }
    let taken = members(plan, source);
    let mut cells: Vec<Cell<'_>> = vec![Cell::Missing; acc.fields.len()];
    for ((_, slots), position) in plan.fields.iter().zip(&plan.bound) {
        let mut found = Cell::Missing;
        for slot in slots {
            let cell = match taken.iter().find(|(of, _)| of == slot) {
                Some((_, list)) => Cell::List(list),
                None => value::decoded(source.cell(*slot), at.encoding),
            };
            if found == Cell::Missing || (found.is_empty() && !cell.is_empty()) {
                found = cell;
            }
        }
        if let Some(cell) = cells.get_mut(*position) {
            *cell = found;
        }
    }
    for ((_, value), position) in plan.fixed.iter().zip(&plan.fixed_at) {
        if let Some(cell) = cells.get_mut(*position) {
            *cell = Cell::Text(value.as_str().into());
        }
    }
    if let Some((position, key)) = outer
        && let Some(cell) = cells.get_mut(position)
    {
        *cell = Cell::Text(key.into());
    }
    let key = plan.key.map(|slot| source.cell(slot)).filter(|cell| !cell.is_empty());
    let key = key.as_ref().and_then(Cell::plain);
    acc.count += 1;
    match key {
        Some(key) => acc.keys.push(Count::one(key::number(key)))?,
        None if plan.key.is_some() => acc.without_key += 1,
        None => {}
    }
    for (field, cell) in acc.fields.iter_mut().zip(&cells) {
        field.feed(cell, at.encoding)?;
    }
    take_custom(world, acc, plan, source, at)?;
    let seen = Seen { cells: &cells, key, at };
    seen.times(world, acc);
    let status = seen.status(acc);
    match acc.part {
        Part::Ticket => seen.ticket(world, acc, status.as_deref())?,
        Part::Comment => seen.comment(world, acc)?,
        Part::History => seen.history(world, kinds, plan.at)?,
        Part::Membership => seen.membership(world, acc),
        Part::CustomField => {
            seen.definition(world, kinds, plan.at);
            seen.object(world, kinds, plan.at);
        }
        Part::Status => {
            seen.states(kinds, plan.at, world.tickets);
            seen.object(world, kinds, plan.at);
        }
        _ => seen.object(world, kinds, plan.at),
    }
    for nested in &plan.nested {
        if let Cell::List(list) = source.cell(nested.slot) {
            let named = nested.parent_key.map(|slot| source.cell(slot));
            let outer = named.as_ref().map_or(key, Cell::plain);
            take_list(world, kinds, nested, list, outer.unwrap_or_default(), at)?;
        }
    }
    Ok(())
}

/// Of each slot that holds a list of objects, the list of what the layout takes from each of them, as JSON.
fn members(plan: &RecordPlan, source: &Source<'_>) -> Vec<(usize, String)> {
    let one = |(slot, path): &(usize, Vec<String>)| {
        let Cell::List(text) = source.cell(*slot) else { return None };
        let items = cutover_records::list_items(text).ok()?;
        let found: Vec<&str> = items.into_iter().filter_map(|item| value::member(item, path)).collect();
        Some((*slot, format!("[{}]", found.join(","))))
    };
    plan.members.iter().filter_map(one).collect()
}

/// Takes in a row that adds a value to an object.
fn add(
    world: &mut World<'_>,
    acc: &mut KindAcc<'_>,
    plan: &RecordPlan,
    source: &Source<'_>,
    adds: &Adds,
    at: At<'_>,
) -> Result<()> {
    let cell = |slot: usize| value::decoded(source.cell(slot), at.encoding);
    let (value, until) = (cell(adds.value), adds.until.map(cell));
    let key = plan.key.map_or(Cell::Missing, |slot| source.cell(slot));
    let (Some(key), Some(value)) = (key.plain(), value.plain()) else { return Ok(()) };
    let range = until.as_ref().and_then(Cell::plain).map(|until| format!("{value} {until}"));
    let value = range.as_deref().unwrap_or(value);
    let bag = acc.added.entry(adds.field.clone()).or_insert_with(|| External::new(&world.spill, ADDED));
    // Fixed width keeps the order of the numbers.
    let key = format!("{:032x}", key::number(key));
    bag.push(Line { key: key.into(), body: value.as_bytes().into() })
}

fn take_list(
    world: &mut World<'_>,
    kinds: &mut [KindAcc<'_>],
    nested: &NestedPlan,
    list: &str,
    outer: &str,
    at: At<'_>,
) -> Result<()> {
    if let Some(acc) = kinds.get_mut(nested.plan.at) {
        acc.exported = true;
    }
    let Some(picker) = &nested.plan.picker else { return Ok(()) };
    for text in cutover_records::list_items(list).unwrap_or_default() {
        let record = Record { text, place: at.place };
        match pick(world, &nested.plan, picker, record, at) {
            Ok(picked) => {
                for found in picked.problems() {
                    world.findings.problem(at.file, found);
                }
                take(
                    world,
                    kinds,
                    &nested.plan,
                    &Source::Json(&picked),
                    Some((nested.parent_at, outer)),
                    at,
                )?;
            }
            Err(found) => world.findings.problem(at.file, &Found { place: at.place, ..found }),
        }
    }
    Ok(())
}

fn take_custom(
    world: &mut World<'_>,
    acc: &mut KindAcc<'_>,
    plan: &RecordPlan,
    source: &Source<'_>,
    at: At<'_>,
) -> Result<()> {
    let Some(custom) = &plan.custom else { return Ok(()) };
    match source {
        Source::Json(picked) => {
            for member in picked.members().iter().filter(|member| member.slot == custom.slot) {
                let key = member.key.as_ref();
                if custom.prefix.as_deref().is_some_and(|prefix| !key.starts_with(prefix)) {
                    world.unknown.see(plan, at, "", key);
                    continue;
                }
                custom_value(world, acc, key, &value::decoded(Cell::of_json(member.value), at.encoding), at)?;
            }
        }
        Source::Row { row, custom, .. } => {
            for (key, column) in *custom {
                let cell = value::decoded(Cell::of_field(row.field(*column)), at.encoding);
                custom_value(world, acc, key, &cell, at)?;
            }
        }
    }
    Ok(())
}

fn custom_value(
    world: &mut World<'_>,
    acc: &mut KindAcc<'_>,
    key: &str,
    cell: &Cell<'_>,
    at: At<'_>,
) -> Result<()> {
    if let Some(field) = acc.custom.get_mut(key) {
        return field.feed(cell, at.encoding);
    }
    if acc.custom.len() >= CUSTOM {
        world.findings.plain(
            Severity::Warning,
            "scan/too-many-custom-fields",
            (at.file, &acc.name),
            format!("more than {CUSTOM} custom fields of {} are not measured", acc.name),
            "Check that the layout takes the right part of the record for custom fields.",
            1,
        );
        return Ok(());
    }
    let mut field = match world.definitions.get(&acc.name, key) {
        Some((name, field)) => FieldAcc::new(name, field, acc.part, &[], &world.spill),
        None => {
            let prefix = acc.kind.custom_fields.as_ref().map_or("", |custom| &*custom.prefix);
            FieldAcc::unknown(
                &cutover_catalog::exports::name_of(key.strip_prefix(prefix).unwrap_or(key)),
                acc.part,
                &world.spill,
            )
        }
    };
    field.feed(cell, at.encoding)?;
    acc.custom.insert(key.to_owned(), field);
    Ok(())
}

/// A field of the account with a type and no more.
pub(crate) fn plain_field(shape: Shape, api: &str) -> Field {
    let mut field = Field::of(FieldType { shape, optional: true });
    field.api = Some(api.into());
    field
}

/// Positions of kinds by name.
pub(crate) fn positions(kinds: &[KindAcc<'_>]) -> BTreeMap<String, usize> {
    kinds.iter().enumerate().map(|(at, kind)| (kind.name.clone(), at)).collect()
}
