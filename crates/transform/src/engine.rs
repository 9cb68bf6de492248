//! One record: scope, requirements, rows, in the order of the reference evaluator.

use std::cell::RefCell;
use std::fmt;

use cutover_ir::Id;
use cutover_ir::eval::Reason;
use cutover_ir::host::Host;
use cutover_ir::predicate::StatusClass;
use cutover_ir::value::Record;
use rustc_hash::FxHashMap;

use crate::condition::Holds;
use crate::json::{Fault, Kind, Raw, unescape};
use crate::others::{Others, leads_on};
use crate::program::{Field, Program};
use crate::reject::{Cause, Found};
use crate::row::{Waiting, rows};
use crate::shape::Order;
use crate::value::V;

/// Asks the host, and remembers answers that only depend on few values.
pub(crate) struct Asking<'h> {
    pub(crate) host: &'h dyn Host,
    options: RefCell<Answers<bool>>,
    classes: RefCell<Answers<StatusClass>>,
}

/// By domain or kind, then by name.
type Answers<T> = FxHashMap<Box<str>, FxHashMap<Box<str>, Option<T>>>;

/// Most answers that are remembered of a domain.
const REMEMBERED: usize = 4096;

impl<'h> Asking<'h> {
    pub(crate) fn new(host: &'h dyn Host) -> Asking<'h> {
        Asking { host, options: RefCell::default(), classes: RefCell::default() }
    }

    pub(crate) fn has_option(&self, domain: &str, option: &str) -> Option<bool> {
        remembered(&self.options, domain, option, || self.host.has_option(domain, option))
    }

    pub(crate) fn status_class(&self, kind: &str, status: &str) -> Option<StatusClass> {
        remembered(&self.classes, kind, status, || self.host.status_class(kind, status))
    }
}

fn remembered<T: Copy>(
    answers: &RefCell<Answers<T>>,
    of: &str,
    name: &str,
    ask: impl FnOnce() -> Option<T>,
) -> Option<T> {
    if let Some(answer) = answers.borrow().get(of).and_then(|answers| answers.get(name)) {
        return *answer;
    }
    let answer = ask();
    let mut answers = answers.borrow_mut();
    let answers = answers.entry(of.into()).or_default();
    if answers.len() < REMEMBERED {
        answers.insert(name.into(), answer);
    }
    answer
}

impl fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").finish_non_exhaustive()
    }
}

/// Why a record goes no further. In a box, so that the results of what succeeds stay small.
pub(crate) type Stop = Box<Stopped>;

#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) rule: Id,
    pub(crate) field: String,
    pub(crate) cause: Cause,
    pub(crate) found: Found,
}

impl Stopped {
    /// The same, found by this rule.
    pub(crate) fn by(mut self: Box<Self>, rule: &Id) -> Stop {
        self.rule = rule.clone();
        self
    }
}

/// What a record is seen beside.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) asking: &'a Asking<'a>,
    pub(crate) others: &'a dyn Others,
}

/// The record at hand.
pub(crate) struct At<'a, 's> {
    pub(crate) program: &'a Program,
    pub(crate) asking: &'a Asking<'a>,
    pub(crate) others: &'a dyn Others,
    pub(crate) slots: &'s [Raw<'a>],
}

impl<'a> At<'a, '_> {
    #[inline]
    pub(crate) fn raw(&self, field: usize) -> Raw<'a> {
        let Some(field) = self.program.fields.get(field) else { return Raw::default() };
        self.raw_of(field)
    }

    #[inline]
    fn raw_of(&self, field: &Field) -> Raw<'a> {
        let mut found = self.slots.get(field.slot).copied().unwrap_or_default();
        let mut others = field.others.iter();
        while found.kind == Kind::Absent
            && let Some(slot) = others.next()
        {
            found = self.slots.get(*slot).copied().unwrap_or_default();
        }
        found
    }

    pub(crate) fn is_absent(&self, field: usize) -> bool {
        self.raw(field).kind == Kind::Absent
    }

    /// The value of a field; stops where it has another type.
    #[inline]
    pub(crate) fn field(&self, at: usize) -> Result<V<'a>, Stop> {
        let Some(field) = self.program.fields.get(at) else { return Ok(V::Missing) };
        let raw = self.raw_of(field);
        if let Some(behind) = &field.behind
            && leads_on(raw.kind)
        {
            return self.behind(field, behind);
        }
        match field.read.value(raw) {
            Some(value) => Ok(value),
            None => Err(self.other_type(field, raw)),
        }
    }

    #[cold]
    fn other_type(&self, field: &Field, raw: Raw<'_>) -> Stop {
        Box::new(Stopped {
            rule: self.program.id.clone(),
            field: field.name.clone(),
            cause: Cause::OtherType { expected: field.read.words() },
            found: Found::of(raw),
        })
    }

    /// All fields that the record has and that are of their types, for a host that looks at the whole record.
    pub(crate) fn record(&self) -> Record {
        let fields = self.program.fields.iter().enumerate();
        fields
            .filter(|(at, field)| !self.is_absent(*at) || field.behind.is_some())
            .filter_map(|(at, field)| Some((field.name.clone(), self.field(at).ok()?.to_value())))
            .collect()
    }

    /// The record with one field only: what finds the row of a table.
    pub(crate) fn record_of(&self, field: usize) -> Record {
        let Some(known) = self.program.fields.get(field) else { return Record::new() };
        let there = !self.is_absent(field) || known.behind.is_some();
        let value = self.field(field).ok().filter(|_| there);
        value.map(|value| (known.name.clone(), value.to_value())).into_iter().collect()
    }

    /// A rule rejects the record.
    #[cold]
    pub(crate) fn stop(&self, rule: &Id, field: &str, reason: Reason) -> Stop {
        let at = self.program.fields.iter().position(|known| known.name == field);
        Box::new(Stopped {
            rule: rule.clone(),
            field: field.to_owned(),
            cause: Cause::Rule(reason),
            found: at.map_or(Found::Nothing, |at| self.found(at)),
        })
    }

    /// What stands at a field, by its class.
    pub(crate) fn found(&self, field: usize) -> Found {
        Found::of(self.raw(field))
    }

    /// The value by which a table is asked. A record to which nothing is found has no row there either.
    pub(crate) fn asked_by(&self, key: usize) -> Result<V<'a>, Stop> {
        self.field(key).or_else(|stop| match stop.cause {
            Cause::Dangling { .. } => Ok(V::Missing),
            _ => Err(stop),
        })
    }

    /// That a condition's fields can be read at all.
    fn readable(&self, condition: &crate::condition::Condition, rule: &Id) -> Result<(), Stop> {
        condition.fields(&mut |field, key| {
            let readable = || {
                self.field(field)?;
                key.map_or(Ok(V::Missing), |key| self.asked_by(key))
            };
            readable().map(|_| ()).map_err(|stop| stop.by(rule))
        })
    }
}

/// What became of a record.
#[derive(Debug)]
pub(crate) enum Fate<'p> {
    Written,
    /// Outside of the scope, by this part of it.
    Filtered(Option<&'p Id>),
    Rejected(Stop),
}

/// What a thread needs beside the program; all of it is emptied before it is used.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) order: Order,
    pub(crate) waiting: Waiting,
}

/// Runs the program over one record, which is written to `out` with its line end, or not at all.
pub(crate) fn record<'a>(
    program: &'a Program,
    around: Around<'a>,
    scratch: &mut Scratch,
    slots: &mut [Raw<'a>],
    values: &mut Vec<V<'a>>,
    text: &'a str,
    out: &mut Vec<u8>,
) -> Fate<'a> {
    slots.fill(Raw::default());
    if let Err(fault) = program.shape.read(&mut scratch.order, text, slots) {
        return Fate::Rejected(unreadable(program, fault));
    }
    let Around { asking, others } = around;
    let at = At { program, asking, others, slots };
    match decided(&at) {
        Ok(None) => {}
        Ok(Some(part)) => return Fate::Filtered(part),
        Err(stop) => return Fate::Rejected(stop),
    }
    let start = out.len();
    if let Some(places) = &mut scratch.waiting.places {
        places.clear();
    }
    match required(&at).and_then(|()| rows(&at, values, &mut scratch.waiting, out)) {
        Ok(()) => Fate::Written,
        Err(stop) => {
            out.truncate(start);
            Fate::Rejected(stop)
        }
    }
}

/// `None` when the record is in scope, else the part of the scope that decides it.
fn decided<'a>(at: &At<'a, '_>) -> Result<Option<Option<&'a Id>>, Stop> {
    let program = at.program;
    if program.scope.is_empty() {
        return Ok(None);
    }
    for part in &program.scope {
        at.readable(&part.condition, &part.id)?;
    }
    let mut unknown: Option<&str> = None;
    for part in program.scope.iter().filter(|part| part.import) {
        match part.condition.holds(at) {
            Holds::Yes => return Ok(None),
            Holds::No => {}
            Holds::Unknown(field) => unknown = Some(unknown.map_or(field, |known| known.min(field))),
        }
    }
    if let Some(field) = unknown {
        return Err(at.stop(&program.id, field, Reason::Undecided));
    }
    let part = program.scope.iter().filter(|part| !part.import);
    Ok(Some(part.into_iter().find(|part| part.condition.holds(at) == Holds::Yes).map(|part| &part.id)))
}

fn required(at: &At<'_, '_>) -> Result<(), Stop> {
    for requirement in &at.program.require {
        at.readable(&requirement.condition, &requirement.id)?;
        match requirement.condition.holds(at) {
            Holds::Yes => {}
            Holds::No => {
                let field = requirement.condition.culprit(at);
                return Err(at.stop(&requirement.id, field, Reason::Requirement));
            }
            Holds::Unknown(field) => return Err(at.stop(&requirement.id, field, Reason::Undecided)),
        }
    }
    Ok(())
}

fn unreadable(program: &Program, fault: Fault) -> Stop {
    let mut field = String::new();
    let cause = match fault {
        Fault::Syntax(what) => Cause::NotJson(what),
        Fault::TooDeep => Cause::TooDeep,
        Fault::Twice(slot) => {
            let of_slot = program.fields.iter().find(|field| field.slots().any(|known| known == slot));
            field = of_slot.map(|field| field.name.clone()).unwrap_or_default();
            Cause::Twice
        }
    };
    Box::new(Stopped { rule: program.id.clone(), field, cause, found: Found::Nothing })
}

/// The key of the record at hand, as text, for messages.
pub(crate) fn key(program: &Program, slots: &[Raw<'_>]) -> Option<String> {
    let field = program.fields.get(program.key?)?;
    let raw = field.slots().filter_map(|slot| slots.get(slot)).find(|raw| raw.kind != Kind::Absent)?;
    match raw.kind {
        Kind::Text | Kind::Number => Some(raw.text.chars().take(200).collect()),
        Kind::Escaped => Some(unescape(raw.text).chars().take(200).collect()),
        _ => None,
    }
}
