//! Numbers beside the text: records, estimated times, open tickets.

use std::collections::BTreeMap;

use cutover::editor::Snapshot;
use cutover_ir::Id;
use cutover_ir::predicate::StatusClass;
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Range, SourceFile, TermKind};
use cutover_syntax::value::unquote;

use crate::things::Scope;
use crate::words::{self, count, length};

/// Something short that stands behind a byte of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hint {
    pub(crate) at: u32,
    pub(crate) text: String,
    pub(crate) why: String,
}

/// The hints of a file, in order.
pub(crate) fn hints<'a>(scope: &'a Scope<'a>, snapshot: &Snapshot, file: &SourceFile) -> Vec<Hint> {
    let mut found = Vec::new();
    records(snapshot, file, &mut found);
    times(snapshot, file, &mut found);
    for item in file.items.iter().filter(|item| item.keyword == Some(ItemKw::Translate)) {
        translated(scope, item, &mut found);
    }
    // One place may have several numbers: they stand behind each other.
    let mut ends: BTreeMap<u32, Vec<Hint>> = BTreeMap::new();
    for hint in found {
        ends.entry(hint.at).or_default().push(hint);
    }
    let joined = ends.into_iter().map(|(at, mut hints)| {
        hints.sort();
        hints.dedup();
        let text = hints.iter().map(|hint| hint.text.as_str()).collect::<Vec<&str>>().join(", ");
        let why = hints.iter().map(|hint| hint.why.as_str()).collect::<Vec<&str>>().join("\n");
        Hint { at, text, why }
    });
    joined.collect()
}

/// How many records a line of `scope`, a wave or a cleaning step concerns.
fn records(snapshot: &Snapshot, file: &SourceFile, found: &mut Vec<Hint>) {
    for (id, records) in &snapshot.plan().figures.records {
        let Some(span) = snapshot.places().get(id).filter(|span| span.file == file.file) else { continue };
        let noun = if *records == 1 { "record" } else { "records" };
        let why = "counted in the inventory of the old desk".to_owned();
        // A line of `scope` may name several kinds.
        let at = if id.as_str().starts_with("scope/") { span.end } else { line_end(file, span.end) };
        found.push(Hint { at, text: format!("{} {noun}", count(*records)), why });
    }
}

/// How long the stages take that carry an item out.
fn times(snapshot: &Snapshot, file: &SourceFile, found: &mut Vec<Hint>) {
    let mut times: BTreeMap<&Id, u64> = BTreeMap::new();
    for stage in &snapshot.plan().stages {
        let (Some(estimate), Some(item)) = (&stage.estimate, stage.items.first()) else { continue };
        *times.entry(&item.0).or_default() += estimate.seconds;
    }
    for (id, seconds) in times.into_iter().filter(|(_, seconds)| *seconds >= 60) {
        let Some(span) = snapshot.places().get(id).filter(|span| span.file == file.file) else { continue };
        let why = "estimated from the number of records and the products' rates".to_owned();
        let at = line_end(file, span.end);
        found.push(Hint { at, text: format!("about {}", length(seconds)), why });
    }
}

/// How many records hold the values of a line of a translation.
fn translated<'a>(scope: &'a Scope<'a>, item: &Item, found: &mut Vec<Hint>) {
    let name = cutover_analysis::context::name_of(item).map(|(name, _)| name);
    let Some((from, _)) = name.and_then(|name| scope.translated(&name).first().copied()) else { return };
    let held: BTreeMap<String, Option<u64>> = words::options(from).into_iter().collect();
    for line in item.body_lines() {
        let texts = item.get(line.lead).iter().filter(|term| term.kind == TermKind::Text);
        let counts: Vec<u64> = texts.filter_map(|term| *held.get(&*unquote(item.raw(*term)))?).collect();
        let Some(at) = item.range(line.terms).filter(|_| !counts.is_empty()) else { continue };
        let sum = counts.iter().sum();
        let why = format!("{} that hold the value, by the inventory", from.kind.plural);
        found.push(Hint {
            at: item.source.base + at.end,
            text: format!("{} {}", count(sum), from.kind.plural),
            why,
        });
    }
}

/// The end of the words of the line that holds a byte.
fn line_end(file: &SourceFile, at: u32) -> u32 {
    let Some(item) = crate::spot::item_at(file, at.saturating_sub(1)) else { return at };
    let cursor = at - item.source.base.min(at);
    fn find<'t>(item: &Item, lines: &'t [Line], cursor: u32) -> Option<&'t Line> {
        lines.iter().find_map(|line| {
            let range = item.range(line.terms)?;
            if range.start <= cursor && cursor <= range.end {
                return Some(line);
            }
            find(item, line.body_lines(), cursor)
        })
    }
    let Some(line) = find(item, &item.lines, cursor) else { return at };
    let end = item.range(line.terms).map_or(cursor, |range| range.end);
    // Behind a short body on the same line the hint would look like a part of it.
    item.source.base + end
}

/// The lines of a promise that name statuses, and how many unfinished tickets are in one of them: whose clock runs, whose stands still.
pub(crate) fn open_by_clock<'a>(scope: &'a Scope<'a>, item: &Item) -> Vec<(Range, u64)> {
    let tickets = scope.world.source().and_then(|source| source.tickets());
    let by_status = tickets.and_then(|tickets| Some(&tickets.profile?.by_status));
    let (Some(tickets), Some(by_status)) = (tickets, by_status) else { return Vec::new() };
    let mut found = Vec::new();
    for line in item.body_lines().iter().filter(|_| item.keyword == Some(ItemKw::Sla)) {
        if !matches!(line.statement, Some(StmtKw::Runs | StmtKw::Pauses | StmtKw::Stops)) {
            continue;
        }
        let said = item.get(line.lead).iter().filter(|term| term.kind == TermKind::Text);
        let open = said
            .map(|term| unquote(item.raw(*term)))
            .filter(|name| tickets.state(name).is_some_and(|state| state.class == StatusClass::Unfinished));
        let counts: Vec<u64> = open.filter_map(|name| by_status.get(&name).copied()).collect();
        if let Some(range) = item.range(line.terms).filter(|_| !counts.is_empty()) {
            found.push((range, counts.iter().sum()));
        }
    }
    found
}

/// How many unfinished tickets an item is about, for the lens above it.
pub(crate) fn open_tickets<'a>(scope: &'a Scope<'a>, snapshot: &Snapshot, item: &Item) -> Option<u64> {
    let tickets = scope.world.source()?.tickets()?;
    let by_status = &tickets.profile?.by_status;
    let all = || -> Option<u64> {
        let open = by_status.iter().filter(|(name, _)| {
            tickets.state(name).is_some_and(|state| state.class == StatusClass::Unfinished)
        });
        let open: Vec<u64> = open.map(|(_, count)| *count).collect();
        (!open.is_empty()).then(|| open.iter().sum())
    };
    match item.keyword? {
        ItemKw::Migration => all(),
        // Which tickets a condition selects is told by `cutover sla preview`, ticket by ticket.
        ItemKw::Sla => item.head()?.clause(ClauseKw::Where).is_none().then(all)?,
        // A map of tickets is applied to all of them.
        ItemKw::Map => {
            let (source, _) = crate::things::signature(scope, item)?;
            if source.name == tickets.name { all() } else { None }
        }
        ItemKw::Translate => {
            let name = cutover_analysis::context::name_of(item)?.0;
            let (from, _) = *scope.translated(&name).first()?;
            let states = tickets.state_field()?;
            if from.kind.name != tickets.name || *states.field != *from.field.path() {
                return None;
            }
            let said = item.body_lines().iter().flat_map(|line| item.get(line.lead));
            let said = said.filter(|term| term.kind == TermKind::Text).map(|term| unquote(item.raw(*term)));
            let open = said.filter(|name| {
                tickets.state(name).is_some_and(|state| state.class == StatusClass::Unfinished)
            });
            let counts: Vec<u64> = open.filter_map(|name| by_status.get(&name).copied()).collect();
            (!counts.is_empty()).then(|| counts.iter().sum())
        }
        ItemKw::Wave => {
            let name = cutover_analysis::context::name_of(item)?.0;
            let id = Id::new(["wave", name.as_str()]);
            // A wave of finished tickets says what it holds beside its line.
            let range = item.range(item.head()?.terms)?;
            let finished = item.slice(range).split_whitespace().any(|word| word == "finished");
            if finished { None } else { snapshot.plan().figures.records.get(&id).copied() }
        }
        _ => None,
    }
}
