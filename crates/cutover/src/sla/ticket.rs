//! From a line of the table of unfinished tickets to the clocks that run for it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufRead, Read as _};

use cutover_calendar::{FIRST_INSTANT, LAST_INSTANT};
use cutover_catalog::inventory::{Told, UnfinishedTicket};
use cutover_catalog::reader::read_unfinished;
use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::Host as _;
use cutover_ir::predicate::{Predicate, StatusClass};
use cutover_ir::time::Instant;
use cutover_ir::value::{Record, Value};
use cutover_plan::model::ClockEffect;
use cutover_plan::promises::decided;
use cutover_preview::{
    Absent, Action, Compared, Due, Outcome, Promise, Reason, Seen, Shown, Ticket, pauses_of, shared,
};

use super::desk::{Counted, Desk, Policy};

/// The most bytes of one line.
const MAX_LINE: u64 = 1024 * 1024;

/// A clock of a ticket: what was promised, and what becomes of it.
pub(super) struct Row<'r, 'p> {
    pub(super) policy: &'r Policy<'p>,
    pub(super) counted: &'r Counted<'p>,
    pub(super) ticket: Ticket,
    pub(super) promise: Promise,
    pub(super) outcome: Outcome,
    /// Fields that the table does not hold and on which it depends whether the policy is the ticket's.
    pub(super) depends: BTreeSet<String>,
    /// Fields that the table does not hold and on which it depends whether the clock is over.
    pub(super) undecided: BTreeSet<String>,
    /// It waits, and nothing says since when: its last change counts.
    pub(super) since_change: bool,
    /// The policy says nothing of this status, which the ticket has or had, so that nobody knows when the clock is due.
    pub(super) unsaid: Option<String>,
    /// The changes of its status end with another one than it has.
    pub(super) contradicts: bool,
    /// Something is told of it from before it was made, which is not believed.
    pub(super) early: bool,
}

impl Row<'_, '_> {
    /// Fields that the table does not hold and on which it depends what is said of the clock.
    pub(super) fn depends_on(&self) -> BTreeSet<&str> {
        self.depends.union(&self.undecided).map(String::as_str).collect()
    }

    /// Whether the clock stands still in the old desk, and in the new one right after the import. `None` of a clock that is over, or
    /// where nobody knows what the status becomes.
    pub(super) fn stands(&self) -> Option<(bool, bool)> {
        let told = self.ticket.there.is_some() && self.outcome.contract != Due::None(Absent::Done);
        told.then(|| (self.outcome.paused, self.ticket.is_paused_there()))
    }

    /// Whether the due time of the old desk is to be taken over.
    pub(super) fn takes_over(&self) -> bool {
        let action = match &self.promise.action {
            Action::Suspend { then, .. } => then,
            action => action,
        };
        matches!(action, Action::InheritDue | Action::InheritRemaining)
            && self.outcome.contract != Due::None(Absent::Done)
    }

    /// Whether the old desk has no due time of it and the promise gives one. One that waits may have none for that reason alone.
    pub(super) fn without(&self) -> bool {
        self.outcome.source == Due::None(Absent::NoDue) && self.outcome.contract.at().is_some()
    }

    /// Whether the due time of the old desk is to be taken over, and the table does not hold it.
    pub(super) fn untaken(&self) -> bool {
        let unread = Due::None(Absent::Unread);
        self.ticket.shown == Shown::Untold
            && [&self.outcome.after_import, &self.outcome.after_event].iter().any(|after| after.due == unread)
    }

    /// The due time of the old desk, where the new one does not take it.
    pub(super) fn refused(&self) -> Option<i64> {
        let due = |compared: &Compared| {
            compared
                .shifts
                .iter()
                .find(|shift| shift.reason == Reason::Refused)
                .and_then(|shift| shift.to.at())
        };
        due(&self.outcome.after_event).or_else(|| due(&self.outcome.after_import))
    }

    /// Whether the new desk shows nothing right after the import, since the ticket waits.
    pub(super) fn hidden(&self) -> bool {
        self.outcome.after_import.due == Due::None(Absent::Paused)
    }
}

/// Reads lines until one asks to stop. Each has its number, from 1, and is a ticket or what is wrong with it.
pub(super) fn each<E: From<Unreadable>>(
    input: &mut dyn BufRead,
    mut visit: impl FnMut(u64, Result<UnfinishedTicket, String>) -> Result<bool, E>,
) -> Result<(), E> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = (&mut *input).take(MAX_LINE).read_until(b'\n', &mut line).map_err(Unreadable)?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        let ended = line.last() == Some(&b'\n');
        let ticket = if !ended && u64::try_from(read).unwrap_or(u64::MAX) >= MAX_LINE {
            skip(input).map_err(Unreadable)?;
            Err("the line is longer than a ticket can be".to_owned())
        } else {
            // Some programs begin a file with a mark of its encoding.
            let plain = |text: &'_ str| text.trim_start_matches('\u{feff}').trim().to_owned();
            match std::str::from_utf8(&line).map(plain).as_deref() {
                Ok("") => continue,
                Ok(text) if text.starts_with('[') => {
                    Err("a list stands where one ticket is expected: each has a line of its own".to_owned())
                }
                Ok(text) => read_unfinished(text).map_err(in_words).and_then(sound),
                Err(_) => Err("the line is not UTF-8".to_owned()),
            }
        };
        if !visit(number, ticket)? {
            return Ok(());
        }
    }
}

/// What is wrong with a line, without the place in it, since the line is told.
fn in_words(why: String) -> String {
    let why = why.rsplit_once(" at line 1 column ").map_or(&*why, |(why, _)| why);
    let parts = why.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "));
    parts.map_or_else(
        || why.to_owned(),
        |(found, wanted)| format!("{found} stands where {wanted} is expected"),
    )
}

/// A ticket whose times can be.
fn sound(mut line: UnfinishedTicket) -> Result<UnfinishedTicket, String> {
    let own = [
        Some(line.created_at),
        line.updated_at,
        line.first_response_at,
        line.last_customer_at.at(),
        line.last_agent_at.at(),
        line.due_at.at(),
        line.first_response_due_at.at(),
        line.policy_since,
    ];
    let times = own.into_iter().flatten().chain(line.states.iter().map(|(at, _)| *at));
    let known = FIRST_INSTANT..LAST_INSTANT;
    if times.map(Instant::seconds).any(|at| !known.contains(&at)) {
        return Err("a date is before 1900 or after 2199, where no calendar reaches".to_owned());
    }
    if line.first_response_at.is_some_and(|at| at < line.created_at) {
        return Err("its first answer is older than the ticket".to_owned());
    }
    if line.ticket.trim().is_empty() {
        return Err("its ticket has no name".to_owned());
    }
    if !line.states.is_sorted_by_key(|(at, _)| *at) {
        line.states.sort_by_key(|(at, _)| *at);
    }
    Ok(line)
}

/// The table cannot be read on.
#[derive(Debug)]
pub(super) struct Unreadable(pub(super) io::Error);

/// Passes over the rest of a line.
fn skip(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let (used, ended) = {
            let buffer = input.fill_buf()?;
            match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            }
        };
        input.consume(used);
        if ended {
            return Ok(());
        }
    }
}

/// What the clocks know of a moment of the table.
fn seen(told: Told) -> Seen {
    match told {
        Told::Unknown => Seen::Unknown,
        Told::Never => Seen::Never,
        Told::At(at) => Seen::At(at.seconds()),
    }
}

/// What the table tells of a due time of the old desk.
fn shown(told: Told) -> Shown {
    match told {
        Told::Unknown => Shown::Untold,
        Told::Never => Shown::Nothing,
        Told::At(at) => Shown::At(at.seconds()),
    }
}

/// A ticket without what is told of it from before it was made, and whether there was such a thing: no clock can begin or stand still
/// then.
fn believed(line: &UnfinishedTicket) -> (Cow<'_, UnfinishedTicket>, bool) {
    let made = line.created_at;
    let early = |at: Option<Instant>| at.is_some_and(|at| at < made);
    let told = [line.updated_at, line.last_customer_at.at(), line.last_agent_at.at(), line.policy_since];
    if !told.into_iter().any(early) && !line.states.iter().any(|(at, _)| *at < made) {
        return (Cow::Borrowed(line), false);
    }
    let mut line = line.clone();
    for at in [&mut line.updated_at, &mut line.policy_since] {
        *at = at.filter(|at| *at >= made);
    }
    for told in [&mut line.last_customer_at, &mut line.last_agent_at] {
        if early(told.at()) {
            *told = Told::Unknown;
        }
    }
    line.states.retain(|(at, _)| *at >= made);
    (Cow::Owned(line), true)
}

/// When a ticket was last opened again: the last change from a status that ends its clock to one that does not.
fn reopened(line: &UnfinishedTicket, stops: impl Fn(&str) -> bool) -> Option<i64> {
    let pairs = line.states.iter().zip(line.states.iter().skip(1));
    let again = pairs.filter(|((_, from), (_, to))| stops(from) && !stops(to)).last();
    again.map(|(_, (at, _))| at.seconds())
}

/// When something last happened to a ticket.
fn changed(line: &UnfinishedTicket) -> Option<i64> {
    let own = [line.updated_at, line.first_response_at, line.last_customer_at.at(), line.last_agent_at.at()];
    own.into_iter().flatten().chain(line.states.last().map(|(at, _)| *at)).max().map(Instant::seconds)
}

impl<'p> Desk<'p> {
    /// The clocks that run for a ticket, by policy and clock; none when it is under no policy.
    pub(super) fn rows<'r>(&'r self, line: &UnfinishedTicket) -> Vec<Row<'r, 'p>> {
        let (line, early) = believed(line);
        let line = &*line;
        let record = self.record(line);
        let mut rows = Vec::new();
        for policy in &self.policies {
            let applies = policy.sla.applies.as_ref();
            let depends = match applies.map(|applies| truth(applies, &self.kind, &record, true, &self.host)) {
                Some(Truth::Known(false)) => continue,
                None | Some(Truth::Known(true)) => BTreeSet::new(),
                Some(Truth::Unknown(fields)) => fields,
            };
            let first = rows.len();
            rows.extend(
                policy
                    .clocks
                    .iter()
                    .map(|counted| self.row(policy, counted, (line, &record), early, depends.clone())),
            );
            let own = rows.get_mut(first..).unwrap_or_default();
            if self.source.is_some_and(|source| source.one_due) {
                self.show_one(line, own);
            }
            if self.target.is_some_and(|target| target.one_due) {
                self.show_one_there(own);
            }
        }
        rows
    }

    fn row<'r>(
        &'r self,
        policy: &'r Policy<'p>,
        counted: &'r Counted<'p>,
        (line, record): (&UnfinishedTicket, &Record),
        early: bool,
        depends: BTreeSet<String>,
    ) -> Row<'r, 'p> {
        let seconds = |at: &Option<Instant>| at.map(Instant::seconds);
        let pauses = |status: &str| counted.does(status, ClockEffect::Pauses);
        let stops = |status: &str| counted.does(status, ClockEffect::Stops);
        let changes = line.states.iter().map(|(at, status)| (at.seconds(), &**status));
        let mut paused = pauses_of(changes, pauses);
        // Where the changes do not lead to the status that it has, it got that one at its last change.
        let waits = pauses(&line.status);
        let last = line.states.last().map_or(line.created_at, |(at, _)| *at);
        let last = line.updated_at.map_or(last, |at| at.max(last)).seconds();
        let contradicts = line.states.last().is_some_and(|(_, status)| *status != line.status);
        let since_change = match paused.last_mut() {
            Some((_, end @ None)) if !waits => {
                *end = Some(last);
                false
            }
            Some((_, None)) => false,
            _ if waits => {
                paused.push((last, None));
                true
            }
            _ => false,
        };
        // A status that ends the clock and is left again holds it still.
        let changes = line.states.iter().map(|(at, status)| (at.seconds(), &**status));
        let mut stopped = pauses_of(changes, stops);
        if let Some((_, end @ None)) = stopped.last_mut() {
            *end = Some(last);
        }
        let (first, other) = (shown(line.first_response_due_at), shown(line.due_at));
        let class = self.host.status_class(&self.kind, &line.status);
        let ticket = Ticket {
            id: line.ticket.to_string(),
            policy: counted.label.clone(),
            priority: line.priority.as_deref().unwrap_or_default().to_owned(),
            created: line.created_at.seconds(),
            last_customer: seen(line.last_customer_at),
            last_agent: seen(line.last_agent_at),
            first_response: seconds(&line.first_response_at),
            reopened: reopened(line, stops),
            there: counted.there.get(&*line.status).copied(),
            policy_since: seconds(&line.policy_since),
            changed: changed(line),
            solved: class == Some(StatusClass::Finished),
            paused,
            stopped,
            shown: Shown::of(self.source, counted.metric, first, other),
        };
        let holds = |condition: &Predicate| truth(condition, &self.kind, record, true, &self.host);
        let earlier = line.states.iter().map(|(_, status)| &**status);
        let of = (counted.clock, counted.metric, &counted.statuses);
        let decided = decided(of, &ticket, (&*line.status, earlier), self.night.imported, holds);
        let promise = counted.promise(decided.action);
        let outcome = policy.preview.outcome(&ticket, &promise);
        // A clock that is over for another reason does not ask.
        let asks = outcome.contract == Due::None(Absent::Undecided);
        let undecided = if asks { decided.fields } else { BTreeSet::new() };
        let unsaid = decided.unsaid.filter(|_| asks);
        Row {
            policy,
            counted,
            ticket,
            promise,
            outcome,
            depends,
            undecided,
            since_change,
            unsaid,
            contradicts,
            early,
        }
    }

    /// A desk that shows one due time for all clocks shows that of the earliest.
    fn show_one(&self, line: &UnfinishedTicket, rows: &mut [Row<'_, 'p>]) {
        let Some(due) = line.due_at.at().map(Instant::seconds) else { return };
        let outcomes: Vec<&Outcome> = rows.iter().map(|row| &row.outcome).collect();
        let shown = shared(due, &outcomes);
        for (row, shown) in rows.iter_mut().zip(shown).filter(|(row, shown)| row.ticket.shown != *shown) {
            row.ticket.shown = shown;
            row.outcome = row.policy.preview.outcome(&row.ticket, &row.promise);
        }
    }

    /// In a new desk that shows one due time for all clocks, the promise that ends first is beside what is shown. The others are beside
    /// what their own clock would show; where the desk shows nothing since it gave up on one of them, all are beside nothing.
    fn show_one_there(&self, rows: &mut [Row<'_, 'p>]) {
        let Some(target) = self.target else { return };
        let none = Due::None(Absent::NoClock);
        let live = |row: &&mut Row<'_, 'p>| {
            let over = [Due::None(Absent::Done), Due::None(Absent::Undecided)];
            !over.contains(&row.outcome.contract) && row.outcome.after_event.due != none
        };
        let mut live: Vec<&mut Row<'_, 'p>> = rows.iter_mut().filter(live).collect();
        let shown = |dues: Vec<Due>| target.shown(&dues).first().copied().unwrap_or(none);
        let import = shown(live.iter().map(|row| row.outcome.after_import.due).collect());
        let event = shown(live.iter().map(|row| row.outcome.after_event.due).collect());
        let first = live.iter().filter_map(|row| row.outcome.contract.at()).min();
        let mut beside = false;
        for row in &mut live {
            let earliest = !beside && row.outcome.contract.at() == first;
            beside |= earliest;
            let (preview, promise, contract) = (&row.policy.preview, &row.promise, row.outcome.contract);
            let outcome = &mut row.outcome;
            for (shown, own) in [(import, &mut outcome.after_import), (event, &mut outcome.after_event)] {
                if earliest || shown == Due::None(Absent::GivenUp) {
                    *own = preview.beside(promise, contract, shown, own);
                }
            }
        }
    }

    /// What the table holds of a ticket, by the fields of the source.
    fn record(&self, line: &UnfinishedTicket) -> Record {
        let mut record = Record::new();
        for (name, text) in line.fields.iter() {
            let value = match &**text {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                text => self.option(name, text),
            };
            record.insert(name.to_owned(), value);
        }
        let texts = [
            ("status", Some(&line.status)),
            ("priority", line.priority.as_ref()),
            ("group", line.group.as_ref()),
            ("queue", line.group.as_ref()),
            ("sla", line.sla.as_ref()),
        ];
        for (meaning, text) in texts {
            let Some(field) = self.fields.get(meaning) else { continue };
            match text {
                Some(text) => drop(record.insert(field.clone(), self.option(field, text))),
                // A ticket may have none. Of groups the table leaves out those that nobody declared, too.
                None if meaning == "priority" || (meaning == "sla" && self.levels_known) => {
                    drop(record.insert(field.clone(), Value::Missing))
                }
                None => {}
            }
        }
        let instants = [
            ("created_at", Some(line.created_at)),
            ("updated_at", line.updated_at),
            ("due_at", line.due_at.at()),
            ("sla_due_at", line.due_at.at().filter(|_| !self.fields.contains_key("due_at"))),
            ("first_response_at", line.first_response_at),
            ("first_response_due_at", line.first_response_due_at.at()),
        ];
        for (meaning, at) in instants {
            if let Some((field, at)) = self.fields.get(meaning).zip(at) {
                record.insert(field.clone(), Value::Instant(at));
            }
        }
        // The old desk has none of these.
        let none = [("due_at", line.due_at), ("first_response_due_at", line.first_response_due_at)];
        for (meaning, _) in none.into_iter().filter(|(_, told)| *told == Told::Never) {
            if let Some(field) = self.fields.get(meaning) {
                record.insert(field.clone(), Value::Missing);
            }
        }
        record
    }

    fn option(&self, field: &str, text: &str) -> Value {
        match text.parse() {
            Ok(number) if self.numbers.contains(field) => Value::Int(number),
            _ => Value::Choice(text.to_owned()),
        }
    }
}
