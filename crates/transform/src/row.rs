//! Rows: inputs, functions, what stands in for a missing value, the target's types.

use std::ops::Range;

use cutover_ir::Id;
use cutover_ir::eval::{Reason, appended, conform, tagged};
use cutover_ir::value::Value;

use crate::engine::{At, Stop};
use crate::json::{Kind, Raw};
use crate::op::Op;
use crate::reject::Cause;
use crate::table::Table;
use crate::value::{Constant, V};
use crate::want::Want;
use crate::write::write;

/// A compiled row.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: Id,
    /// What a rejection names: the first source field, else the first target.
    pub(crate) field: String,
    pub(crate) inputs: Vec<Input>,
    /// A field that is read when the value is missing: the role of whoever is not there. Nobody may know it.
    pub(crate) role: Option<usize>,
    pub(crate) pipe: Vec<Op>,
    pub(crate) targets: Vec<Target>,
    /// As many values as targets and types, or it cannot be run.
    pub(crate) whole: bool,
    pub(crate) when_missing: Option<StandIn>,
    pub(crate) key: bool,
    /// Hands something to a field of another row.
    pub(crate) hands_over: bool,
    /// The field that it may copy as it stands: one input, no function, one target of its own.
    pub(crate) copied: Option<Copied>,
}

/// A field whose text or number a row may copy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copied {
    pub(crate) field: usize,
    pub(crate) text: bool,
    pub(crate) number: bool,
    pub(crate) missing: bool,
}

/// Copies a value that certainly fits; false where it has to be looked at.
#[inline]
fn copy(raw: Raw<'_>, copied: Copied, target: &Target, out: &mut Vec<u8>) -> bool {
    match raw.kind {
        Kind::Text | Kind::Escaped if copied.text && target.want.copies_text(raw.text.len()) => {
            out.extend_from_slice(&target.key);
            out.push(b'"');
            out.extend_from_slice(raw.text.as_bytes());
            out.push(b'"');
        }
        Kind::Number if copied.number && is_short_whole(raw.text) => {
            out.extend_from_slice(&target.key);
            out.extend_from_slice(raw.text.as_bytes());
        }
        Kind::Null | Kind::Absent if copied.missing => {
            out.extend_from_slice(&target.key);
            out.extend_from_slice(b"null");
        }
        _ => return false,
    }
    true
}

/// Digits that are a whole number as it would be written.
fn is_short_whole(text: &str) -> bool {
    text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Debug)]
pub(crate) enum Input {
    Field(usize),
    /// A field of a table: where the record would have it itself, and the field that finds the table's row.
    Table {
        field: usize,
        key: Option<usize>,
        table: String,
        name: String,
    },
    Constant(Constant),
}

#[derive(Debug)]
pub(crate) struct Target {
    /// `,"title":`
    pub(crate) key: Vec<u8>,
    pub(crate) want: Want,
    pub(crate) goes: Goes,
}

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goes {
    Out,
    /// It waits for what other rows hand over.
    Held(usize),
    /// The row itself writes the field before.
    Nowhere,
}

#[derive(Debug)]
pub(crate) enum StandIn {
    Empty,
    Constant(Constant),
    Reject,
    /// By a table of roles; none when the table is not there.
    By(Option<Table>),
}

/// A field that several rows make.
#[derive(Debug)]
pub(crate) struct Shared {
    /// `,"body":`
    pub(crate) key: Vec<u8>,
    pub(crate) html: bool,
    /// The row and the target that write it.
    pub(crate) writer: Option<(usize, usize)>,
    /// A second row that writes it, too.
    pub(crate) second: Option<usize>,
    /// Rows that hand something over: their position, whether cut-off text, whether old values.
    pub(crate) givers: Vec<(usize, bool, bool)>,
}

/// What waits until all rows are done.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) held: Vec<Value>,
    /// By row: text that was cut off, old values.
    pub(crate) handed: Vec<(String, Vec<String>)>,
    /// Where values stand in what is written, for those who ask.
    pub(crate) places: Option<Vec<Range<usize>>>,
}

impl Waiting {
    /// Notes that a value stands behind its key, which began at `start`, up to `end`.
    #[inline]
    fn placed(&mut self, start: usize, key: &[u8], end: usize) {
        if let Some(places) = &mut self.places {
            places.push(start + key.len()..end);
        }
    }
}

/// Runs all rows and writes the record, from its opening brace on.
pub(crate) fn rows<'a>(
    at: &At<'a, '_>,
    values: &mut Vec<V<'a>>,
    waiting: &mut Waiting,
    out: &mut Vec<u8>,
) -> Result<(), Stop> {
    let start = out.len();
    if !at.program.shared.is_empty() {
        waiting.held.clear();
        waiting.held.resize(at.program.shared.len(), Value::Missing);
        waiting.handed.clear();
        waiting.handed.resize(at.program.rows.len(), Default::default());
    }
    for (position, row) in at.program.rows.iter().enumerate() {
        row.run(at, position, values, waiting, out)?;
    }
    for (position, shared) in at.program.shared.iter().enumerate() {
        let value = shared.value(at, position, waiting)?;
        let start = out.len();
        out.extend_from_slice(&shared.key);
        write(&V::from_value(value), out);
        waiting.placed(start, &shared.key, out.len());
    }
    match out.get_mut(start) {
        // Each key has a comma before it; the first one's is the brace.
        Some(first) => *first = b'{',
        None => out.push(b'{'),
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

impl Row {
    fn run<'a>(
        &'a self,
        at: &At<'a, '_>,
        position: usize,
        values: &mut Vec<V<'a>>,
        waiting: &mut Waiting,
        out: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        let start = out.len();
        if let Some(copied) = self.copied
            && let Some(target) = self.targets.first()
            && copy(at.raw(copied.field), copied, target, out)
        {
            waiting.placed(start, &target.key, out.len());
            return Ok(());
        }
        values.clear();
        for input in &self.inputs {
            values.push(match input {
                Input::Field(field) => match at.field(*field) {
                    // What leads to nothing is missing, where the row says what stands there then.
                    Err(stop) if matches!(stop.cause, Cause::Dangling { .. }) && self.stands_in() => {
                        V::Missing
                    }
                    value => value.map_err(|stop| stop.by(&self.id))?,
                },
                Input::Constant(constant) => constant.v(),
                Input::Table { field, key, table, name } => {
                    if at.is_absent(*field) {
                        if let Some(key) = key {
                            // A key of another type finds no row, and that must not look like a row that is not there.
                            at.asked_by(*key).map_err(|stop| stop.by(&self.id))?;
                        }
                        let record = key.map_or_else(|| at.record(), |key| at.record_of(key));
                        match at.asking.host.table(table, name, &record) {
                            Some(value) => V::from_value(value),
                            None => {
                                let reason = Reason::Malformed("a table that it reads is not there");
                                return Err(self.stop(at, reason));
                            }
                        }
                    } else {
                        at.field(*field).map_err(|stop| stop.by(&self.id))?
                    }
                }
            });
        }
        let mut overflow = String::new();
        let mut kept = Vec::new();
        for op in &self.pipe {
            op.apply(values, &mut overflow, &mut kept, at.asking).map_err(|reason| self.stop(at, reason))?;
        }
        if !self.whole || values.len() != self.targets.len() {
            let reason = Reason::Malformed("a row gives more or fewer values than it has targets");
            return Err(self.stop(at, reason));
        }
        for (value, target) in values.iter_mut().zip(&self.targets) {
            self.finish(value, target, at).map_err(|reason| self.stop(at, reason))?;
            match target.goes {
                Goes::Out => {
                    let start = out.len();
                    out.extend_from_slice(&target.key);
                    write(value, out);
                    waiting.placed(start, &target.key, out.len());
                }
                Goes::Held(place) => {
                    if let Some(held) = waiting.held.get_mut(place) {
                        *held = value.to_value();
                    }
                }
                Goes::Nowhere => {}
            }
        }
        if self.hands_over
            && let Some(handed) = waiting.handed.get_mut(position)
        {
            *handed = (overflow, kept);
        }
        Ok(())
    }

    fn finish<'a>(&'a self, value: &mut V<'a>, target: &'a Target, at: &At<'a, '_>) -> Result<(), Reason> {
        if value.is_missing()
            && let Some(rule) = &self.when_missing
        {
            *value = match rule {
                StandIn::Empty => V::Missing,
                StandIn::Constant(constant) => constant.v(),
                StandIn::Reject => return Err(Reason::Missing),
                StandIn::By(table) => {
                    let table = table.as_ref().ok_or(Reason::Malformed("a table that is not there"))?;
                    let role = self.role.and_then(|role| at.field(role).ok());
                    match role {
                        Some(V::Text(_, role)) => table.placeholder(&role.get())?,
                        _ => table.placeholder("")?,
                    }
                }
            };
        }
        target.want.conform(value, at.asking)?;
        if self.key && value.is_missing() { Err(Reason::Missing) } else { Ok(()) }
    }

    /// Whether something stands in for a missing value.
    const fn stands_in(&self) -> bool {
        !matches!(self.when_missing, None | Some(StandIn::Reject))
    }

    fn stop(&self, at: &At<'_, '_>, reason: Reason) -> Stop {
        at.stop(&self.id, &self.field, reason)
    }
}

impl Shared {
    /// What the row that writes it gives, with what other rows hand over.
    fn value(&self, at: &At<'_, '_>, position: usize, waiting: &mut Waiting) -> Result<Value, Stop> {
        let row = |position: usize| at.program.rows.get(position);
        if let Some(second) = self.second.and_then(row) {
            return Err(second.stop(at, Reason::Malformed("two rows write one field")));
        }
        let mut value = waiting
            .held
            .get_mut(position)
            .map_or(Value::Missing, |held| std::mem::replace(held, Value::Missing));
        let want = self.writer.and_then(|(writer, target)| row(writer)?.targets.get(target));
        for (giver, overflows, keeps) in &self.givers {
            let Some(giving) = row(*giver) else { continue };
            let Some((overflow, kept)) = waiting.handed.get(*giver) else { continue };
            if *overflows && !overflow.is_empty() {
                value = appended(value, overflow, self.html).map_err(|reason| giving.stop(at, reason))?;
            }
            if *keeps {
                value = tagged(value, kept);
            }
            if let Some(target) = want {
                // What was handed over must fit, too.
                value = conform(value, &target.want.of_type, at.asking.host)
                    .map_err(|reason| giving.stop(at, reason))?;
            }
        }
        Ok(value)
    }
}
