//! Takes records in: measures, objects, custom fields, unfinished tickets.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Result;
use std::rc::Rc;

use cutover_catalog::catalog::Encoding;
use cutover_catalog::inventory::{Object, UnfinishedTicket};
use cutover_catalog::{Catalog, Field, FieldType, Part, Shape};
use cutover_ir::predicate::StatusClass;
use cutover_ir::time::Instant;
use cutover_records::{Cell, Found, Picked, Place, Record, Row};

use crate::ScanOptions;
use crate::custom::Definitions;
use crate::external::{Count, External, Line, Spill};
use crate::field::{FieldAcc, table};
use crate::finding::{Finding, Findings, Severity};
use crate::key;
use crate::kind::{KindAcc, STATES};
use crate::layout::{NestedPlan, RecordPlan};
use crate::states::{self, Stage};
use crate::unfinished::{Event, Gathering};
use crate::value;

/// Most objects of a kind that are listed.
const OBJECTS: usize = 20_000;
/// Most custom fields of a kind.
const CUSTOM: usize = 2_000;
/// Memory of a bag of added values.
const ADDED: usize = 2 << 20;
/// Most memberships of people in groups.
const MEMBERSHIPS: usize = 1_000_000;

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

/// Where a record stands.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) file: &'a str,
    pub(crate) place: Place,
    pub(crate) encoding: &'a Encoding,
}

/// The object that holds this one: position of the field that refers to it, and its key.
pub(crate) type Outer<'a> = Option<(usize, &'a str)>;

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
    let passes = |(slot, values): &(usize, Vec<String>)| {
        source.cell(*slot).plain().is_some_and(|text| values.iter().any(|value| value == text))
    };
    if !plan.only.iter().all(passes) {
        return Ok(());
    }
    if let Some((field, slot)) = &plan.adds {
        return add(world, acc, plan, source, (field, *slot), at);
    }
    let mut cells: Vec<Cell<'_>> = vec![Cell::Missing; acc.fields.len()];
    for ((_, slots), position) in plan.fields.iter().zip(&plan.bound) {
        let mut found = Cell::Missing;
        for slot in slots {
            let cell = value::decoded(source.cell(*slot), at.encoding);
            if found == Cell::Missing || (found.is_empty() && !cell.is_empty()) {
                found = cell;
            }
        }
        if let Some(cell) = cells.get_mut(*position) {
            *cell = found;
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

/// Takes in a row that adds a value to an object.
fn add(
    world: &mut World<'_>,
    acc: &mut KindAcc<'_>,
    plan: &RecordPlan,
    source: &Source<'_>,
    (field, slot): (&str, usize),
    at: At<'_>,
) -> Result<()> {
    let value = value::decoded(source.cell(slot), at.encoding);
    let key = plan.key.map_or(Cell::Missing, |slot| source.cell(slot));
    let (Some(key), Some(value)) = (key.plain(), value.plain()) else { return Ok(()) };
    let bag = acc.added.entry(field.to_owned()).or_insert_with(|| External::new(&world.spill, ADDED));
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
        let unknown = &mut world.unknown;
        match picker.pick(record, &mut |path, key| unknown.see(&nested.plan, at, path, key)) {
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

/// Keys of records that the layout does not know, of one file.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    seen: BTreeMap<String, Finding>,
    name: String,
}

impl Unknown {
    /// Notes a key at a path.
    pub(crate) fn see(&mut self, plan: &RecordPlan, at: At<'_>, path: &str, key: &str) {
        if plan.is_ignored(path) {
            return;
        }
        // Most keys were seen before: then nothing is allocated.
        self.name.clear();
        for (part, between) in
            [(plan.kind.as_str(), ": "), (path, if path.is_empty() { "" } else { "." }), (key, "")]
        {
            self.name.push_str(part);
            self.name.push_str(between);
        }
        if let Some(finding) = self.seen.get_mut(&self.name) {
            finding.count += 1;
            return;
        }
        let column = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let finding = Finding {
            severity: Severity::Warning,
            code: "scan/unknown-column",
            file: at.file.to_owned(),
            message: format!("`{}` of {} is not in the export layout", shorten(&column), plan.kind),
            subject: shorten(&self.name),
            help: UNKNOWN_COLUMN,
            count: 1,
            places: vec![at.place],
        };
        // What is beyond counting is counted together by the findings.
        if self.seen.len() < 10_000 {
            self.seen.insert(self.name.clone(), finding);
        }
    }

    /// Moves what was seen to the findings.
    pub(crate) fn finish(&mut self, findings: &mut Findings) {
        for finding in std::mem::take(&mut self.seen).into_values() {
            findings.add(finding);
        }
    }
}

/// What to do about a column that is not known.
pub(crate) const UNKNOWN_COLUMN: &str =
    "Add it to the layout of your own catalog that extends this one: as a field, or under `ignored`.";

/// A name as a message can hold it.
pub(crate) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(80).filter(|c| !c.is_control()).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
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
                &crate::custom::name_of(key.strip_prefix(prefix).unwrap_or(key)),
                acc.part,
                &world.spill,
            )
        }
    };
    field.feed(cell, at.encoding)?;
    acc.custom.insert(key.to_owned(), field);
    Ok(())
}

/// A record with its values by field.
struct Seen<'a> {
    cells: &'a [Cell<'a>],
    key: Option<&'a str>,
    at: At<'a>,
}

impl Seen<'_> {
    fn role(&self, acc: &KindAcc<'_>, canon: &str) -> Option<&Cell<'_>> {
        acc.roles.get(canon).and_then(|at| self.cells.get(at)).filter(|cell| !cell.is_empty())
    }

    fn text(&self, acc: &KindAcc<'_>, canon: &str) -> Option<&str> {
        self.role(acc, canon).and_then(Cell::plain)
    }

    fn instant(&self, acc: &KindAcc<'_>, canon: &str) -> Option<Instant> {
        self.role(acc, canon).and_then(|cell| value::instant(cell, self.at.encoding))
    }

    /// When the record was made, changed and used. Times that lie ahead, such as due dates, are not among them.
    fn times(&self, world: &mut World<'_>, acc: &mut KindAcc<'_>) {
        for canon in ["created_at", "updated_at", "solved_at", "closed_at", "last_used_at", "last_login_at"] {
            if let Some(instant) = self.instant(acc, canon) {
                acc.touched(instant);
                world.newest = Some(world.newest.map_or(instant, |newest| newest.max(instant)));
            }
        }
    }

    fn status(&self, acc: &mut KindAcc<'_>) -> Option<String> {
        let at = acc.roles.status?;
        let text = self.cells.get(at)?.plain()?;
        let name = acc.fields.get(at)?.option_of(text).to_owned();
        acc.count_state(&name);
        Some(name)
    }

    fn ticket(&self, world: &mut World<'_>, acc: &KindAcc<'_>, status: Option<&str>) -> Result<()> {
        let (Some(status), Some(key)) = (status, self.key) else { return Ok(()) };
        if acc.state(status).is_none_or(|state| state.class != StatusClass::Unfinished) {
            return Ok(());
        }
        let Some(created_at) = self.instant(acc, "created_at") else {
            world.findings.plain(
                Severity::Warning,
                "scan/no-creation",
                (self.at.file, &acc.name),
                format!("unfinished objects of {} have no time of creation and are not in the table of unfinished ones", acc.name),
                "Export the column that says when they were made.",
                1,
            );
            return Ok(());
        };
        let ticket = UnfinishedTicket {
            ticket: world.gathering.pseudonym(&acc.name, key).into(),
            created_at,
            updated_at: self.instant(acc, "updated_at"),
            status: status.into(),
            priority: self.option(acc, "priority"),
            group: self.named(world, acc, "group").or_else(|| self.named(world, acc, "queue")),
            first_response_at: self.instant(acc, "first_response_at"),
            last_customer_at: None,
            last_agent_at: None,
            due_at: self.instant(acc, "due_at").or_else(|| self.instant(acc, "sla_due_at")),
            first_response_due_at: self.instant(acc, "first_response_due_at"),
            sla: self.named(world, acc, "sla").or_else(|| self.option(acc, "sla")),
            fields: self.choices(acc),
            states: Vec::new(),
        };
        world.gathering.ticket(key, &ticket)
    }

    /// A declared option, or a number.
    fn option(&self, acc: &KindAcc<'_>, canon: &str) -> Option<Box<str>> {
        let at = acc.roles.get(canon)?;
        let (field, text) = (acc.fields.get(at)?, self.cells.get(at)?.plain()?);
        let name = field.option_of(text);
        let number = matches!(field.shape, Shape::Int { .. }) && text.parse::<i64>().is_ok();
        (field.declares(name) || number).then(|| name.into())
    }

    /// The name of what a reference points to.
    fn named(&self, world: &World<'_>, acc: &KindAcc<'_>, canon: &str) -> Option<Box<str>> {
        let at = acc.roles.get(canon)?;
        let (field, text) = (acc.fields.get(at)?, self.cells.get(at)?.plain()?);
        let number = key::number(text);
        field
            .target_positions
            .iter()
            .find_map(|kind| world.names.get(&(*kind, number)))
            .map(|name| name.as_str().into())
    }

    /// Declared options and answers to yes-or-no questions, by field.
    fn choices(&self, acc: &KindAcc<'_>) -> cutover_catalog::Table<Box<str>> {
        let taken = [acc.roles.status, acc.roles.get("priority")];
        let mut rows = Vec::new();
        for (at, (field, cell)) in acc.fields.iter().zip(self.cells).enumerate() {
            if taken.contains(&Some(at)) {
                continue;
            }
            match field.shape {
                Shape::Choice => {
                    if let Some(name) =
                        cell.plain().map(|text| field.option_of(text)).filter(|name| field.declares(name))
                    {
                        rows.push((field.name.clone(), name.into()));
                    }
                }
                Shape::Bool => {
                    if let Some(answer) = field.boolean(cell, self.at.encoding) {
                        rows.push((field.name.clone(), if answer { "true".into() } else { "false".into() }));
                    }
                }
                _ => {}
            }
        }
        table(rows)
    }

    fn comment(&self, world: &mut World<'_>, acc: &KindAcc<'_>) -> Result<()> {
        let (Some(ticket), Some(created)) = (self.text(acc, "ticket"), self.instant(acc, "created_at"))
        else {
            return Ok(());
        };
        let Some(author) = self.text(acc, "author") else { return Ok(()) };
        if world.agents.is_empty() || self.is_internal(acc) {
            return Ok(());
        }
        let agent = world.agents.contains(&key::number(author));
        let event = if agent { Event::Agent } else { Event::Customer };
        let kind = world.ticket_kind.clone();
        world.gathering.event(&kind, ticket, created, event)
    }

    fn is_internal(&self, acc: &KindAcc<'_>) -> bool {
        let Some(internal) = &acc.roles.internal else { return false };
        let Some(cell) = self.cells.get(internal.field) else { return false };
        let Some(field) = acc.fields.get(internal.field) else { return false };
        let answer = field.boolean(cell, self.at.encoding);
        match (&internal.when, answer) {
            (Some(when), Some(answer)) => when == if answer { "true" } else { "false" },
            (Some(when), None) => cell.plain().is_some_and(|text| field.option_of(text) == when),
            (None, answer) => answer == Some(true),
        }
    }

    fn history(&self, world: &mut World<'_>, kinds: &[KindAcc<'_>], at: usize) -> Result<()> {
        let (Some(acc), Some(tickets)) = (kinds.get(at), world.tickets.and_then(|at| kinds.get(at))) else {
            return Ok(());
        };
        let (Some(states), Some(field)) = (&tickets.kind.states, self.text(acc, "field")) else {
            return Ok(());
        };
        let api = tickets.kind.fields.get(&states.field).and_then(|field| field.api.as_deref());
        if field != &*states.field && Some(field) != api && !field.eq_ignore_ascii_case("status") {
            return Ok(());
        }
        let (Some(ticket), Some(new)) = (self.text(acc, "ticket"), self.text(acc, "new")) else {
            return Ok(());
        };
        let Some(when) = self.instant(acc, "created_at") else { return Ok(()) };
        let status = tickets.roles.status.and_then(|at| tickets.fields.get(at));
        let name = status.map_or(new, |status| status.option_of(new));
        if tickets.state(name).is_none() {
            return Ok(());
        }
        world.gathering.event(&tickets.name, ticket, when, Event::State(name))
    }

    /// States that the account's configuration names by stage.
    fn states(&self, kinds: &mut [KindAcc<'_>], at: usize, tickets: Option<usize>) {
        let Some(acc) = kinds.get(at) else { return };
        let mut found = Vec::new();
        for (canon, stage) in [
            ("initial", Stage::Initial),
            ("active_states", Stage::Active),
            ("inactive_states", Stage::Inactive),
        ] {
            for name in
                self.role(acc, canon).map(|cell| value::items(cell, self.at.encoding)).unwrap_or_default()
            {
                found.extend(name.plain().map(|name| (name.to_owned(), stage)));
            }
        }
        let Some(tickets) = tickets.and_then(|at| kinds.get_mut(at)) else { return };
        for (name, stage) in found {
            if tickets.added_states.len() < STATES && tickets.state(&name).is_none() {
                tickets.added_states.insert(name.clone(), states::of_stage(&name, stage));
            }
        }
    }

    fn membership(&self, world: &mut World<'_>, acc: &KindAcc<'_>) {
        if let (Some(user), Some(group)) = (self.text(acc, "user"), self.text(acc, "group"))
            && world.memberships.len() < MEMBERSHIPS
        {
            world.memberships.push((key::number(user), key::number(group)));
        }
    }

    fn definition(&self, world: &mut World<'_>, kinds: &[KindAcc<'_>], at: usize) {
        let (Some(acc), Some(key)) = (kinds.get(at), self.key) else { return };
        let options = self.role(acc, "options");
        let found = crate::custom::Found {
            key,
            names: [self.text(acc, "key"), self.text(acc, "name")],
            ty: self.text(acc, "type"),
            kind: acc
                .roles
                .get("kind")
                .and_then(|at| acc.fields.get(at))
                .zip(self.text(acc, "kind"))
                .map(|(f, t)| f.option_of(t)),
            options: options.map(|cell| value::items(cell, self.at.encoding)).unwrap_or_default(),
        };
        world.definitions.add(
            world.catalog,
            world.tickets.and_then(|at| kinds.get(at)).map(|acc| acc.name.as_str()),
            &found,
        );
    }

    /// Lists configuration, and people who answer.
    fn object(&self, world: &mut World<'_>, kinds: &mut [KindAcc<'_>], at: usize) {
        let Some(acc) = kinds.get_mut(at) else { return };
        let Some(key) = self.key.filter(|_| is_listed(acc.part)) else { return };
        let number = key::number(key);
        let person = matches!(acc.part, Part::User | Part::Agent);
        let role = self.role_of(acc);
        if acc.part == Part::User && !role.as_deref().is_some_and(is_agent_role) {
            return;
        }
        if person {
            world.agents.insert(number);
        }
        let given = self.text(acc, "name").filter(|_| !person || world.options.names);
        let private = person && !world.options.names && value::is_private(key) && key.contains('@');
        let id: Box<str> = if private {
            // Products that tell people by their address: the address stays out of the inventory.
            key::pseudonym(&world.options.account, &world.options.salt, &acc.name, key).into()
        } else {
            key.into()
        };
        let name: Box<str> = given.map_or_else(|| id.clone(), Into::into);
        if matches!(acc.part, Part::Group | Part::Queue | Part::SlaPolicy) && world.names.len() < 4 * OBJECTS
        {
            world.names.insert((at, number), name.to_string());
        }
        for (canon, of_group) in [("groups", false), ("group", false), ("agents", true)] {
            if canon == "group" && !person || (of_group && acc.part != Part::Group) {
                continue;
            }
            for other in
                self.role(acc, canon).map(|cell| value::items(cell, self.at.encoding)).unwrap_or_default()
            {
                if let Some(other) = other.plain().map(key::number)
                    && world.memberships.len() < MEMBERSHIPS
                {
                    world.memberships.push(if of_group { (other, number) } else { (number, other) });
                }
            }
        }
        if acc.objects.len() >= OBJECTS {
            acc.objects_left_out += 1;
            return;
        }
        let yes = |canon: &str| {
            let field = acc.roles.get(canon).and_then(|at| acc.fields.get(at))?;
            self.role(acc, canon).and_then(|cell| field.boolean(cell, self.at.encoding))
        };
        let active = yes("active");
        let used = self.instant(acc, "last_used_at").or_else(|| self.instant(acc, "last_login_at"));
        let short =
            |canon: &str| self.text(acc, canon).map(|text| text.chars().take(200).collect::<String>().into());
        let object = Object {
            name,
            id: Some(id),
            inactive: active == Some(false) || yes("suspended") == Some(true),
            last_used: used.map(Instant::utc_date),
            used: None,
            role: role.filter(|_| person).map(Into::into),
            groups: cutover_catalog::fact::Names::default(),
            ty: self.option(acc, "type"),
            address: if matches!(acc.part, Part::Channel | Part::Queue) { short("email") } else { None },
            time_zone: if acc.part == Part::Schedule { short("time_zone") } else { None },
        };
        acc.objects.push((number, object));
    }

    /// The role of a person, by option; a flag that says "agent" counts as one.
    fn role_of(&self, acc: &KindAcc<'_>) -> Option<String> {
        for canon in ["role", "roles", "agent_type"] {
            let Some(at) = acc.roles.get(canon) else { continue };
            let (Some(field), Some(cell)) = (acc.fields.get(at), self.cells.get(at)) else { continue };
            if field.shape == Shape::Bool {
                if field.boolean(cell, self.at.encoding) == Some(true) {
                    return Some("agent".to_owned());
                }
                continue;
            }
            let names: Vec<String> = value::items(cell, self.at.encoding)
                .iter()
                .filter_map(Cell::plain)
                .map(|text| field.option_of(text).to_owned())
                .collect();
            // Somebody with several roles is an agent when one of them is that of an agent.
            if let Some(name) = names.iter().find(|name| is_agent_role(name)).or(names.first()) {
                return Some(name.clone());
            }
        }
        None
    }
}

/// Kinds whose objects are listed one by one: configuration and people.
fn is_listed(part: Part) -> bool {
    matches!(
        part,
        Part::User
            | Part::Agent
            | Part::Group
            | Part::Queue
            | Part::Role
            | Part::CustomField
            | Part::Form
            | Part::Status
            | Part::Priority
            | Part::Brand
            | Part::Macro
            | Part::Automation
            | Part::Template
            | Part::View
            | Part::Report
            | Part::SlaPolicy
            | Part::Schedule
            | Part::Channel
            | Part::Integration
    )
}

/// Whether a role is that of somebody who answers. Products call those who ask by few words.
fn is_agent_role(role: &str) -> bool {
    let plain: String = role.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    !matches!(
        plain.as_str(),
        "" | "enduser"
            | "customer"
            | "customers"
            | "requester"
            | "contact"
            | "client"
            | "user"
            | "visitor"
            | "lead"
            | "unprivileged"
    )
}

/// A field of the account with a type and no more.
pub(crate) fn plain_field(shape: Shape, api: &str) -> Field {
    Field { api: Some(api.into()), ..Field::of(FieldType { shape, optional: true }) }
}

/// Positions of kinds by name.
pub(crate) fn positions(kinds: &[KindAcc<'_>]) -> BTreeMap<String, usize> {
    kinds.iter().enumerate().map(|(at, kind)| (kind.name.clone(), at)).collect()
}
