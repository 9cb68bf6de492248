//! What a record says through its references: the name of its requester, where it holds only which requester it has.

use std::collections::BTreeSet;

use cutover_ir::Id;
use cutover_ir::Type;
use cutover_ir::functions::plain;

use crate::engine::{At, Stop, Stopped};
use crate::json::{Kind, Raw};
use crate::program::{Field, Program};
use crate::reject::{Cause, Found};
use crate::shape::Order;
use crate::value::V;

/// Records of other kinds, to which references lead.
pub trait Others {
    /// The record of a kind with a key, as the source writes it.
    fn other(&self, kind: &str, key: &str) -> Other;
}

/// What is known of a record to which a reference leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// Its text.
    Found(String),
    /// There is none with that key.
    Nowhere,
    /// Records of the kind are not at hand.
    Unread,
}

/// No records at all: what a record does not hold itself is not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOthers;

impl Others for NoOthers {
    fn other(&self, _kind: &str, _key: &str) -> Other {
        Other::Unread
    }
}

/// A reference of which only the id is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The field that is read behind it: `requester.email`.
    pub field: String,
    /// The kinds to which it leads.
    pub kinds: Vec<String>,
}

/// How a field of another record is found.
#[derive(Debug)]
pub(crate) struct Behind {
    /// The field that leads there.
    pub(crate) reference: usize,
    /// The kinds to which it may lead, each with what reads the field there.
    pub(crate) kinds: Vec<(String, Program)>,
}

/// The kinds to which a type refers, when it is a reference or a list of them.
#[must_use]
pub fn referred(of_type: &Type) -> Option<Vec<String>> {
    match of_type.required() {
        Type::Ref(kind) => {
            let kinds = kind.split_once('/').map_or(&**kind, |(_, kinds)| kinds);
            Some(kinds.split('|').map(str::to_owned).collect())
        }
        Type::List(item) => referred(item),
        _ => None,
    }
}

impl Behind {
    /// Adds the kinds that have to be at hand, and those behind them.
    pub(crate) fn add_kinds<'b>(&'b self, into: &mut BTreeSet<&'b str>) {
        for (kind, program) in &self.kinds {
            into.insert(kind);
            program
                .fields
                .iter()
                .filter_map(|field| field.behind.as_ref())
                .for_each(|next| next.add_kinds(into));
        }
    }
}

impl<'a> At<'a, '_> {
    /// The value of a field of the record to which this one leads. A reference that is empty leads to no value.
    #[cold]
    pub(crate) fn behind(&self, field: &Field, behind: &Behind) -> Result<V<'a>, Stop> {
        let key = self.field(behind.reference)?;
        let Some(key) = plain(&key.to_value()) else { return Ok(V::Missing) };
        let names = || behind.kinds.iter().map(|(kind, _)| kind.clone()).collect();
        let mut cause = Cause::Unread { kinds: names() };
        for (kind, program) in &behind.kinds {
            match self.others.other(kind, &key) {
                Other::Unread => {}
                Other::Nowhere => cause = Cause::Dangling { kinds: names() },
                Other::Found(text) => return self.inside(program, &text, field),
            }
        }
        // Some exports hold the other record itself: what it does not say there is said nowhere.
        match self.found(behind.reference) {
            Found::Object => Ok(V::Missing),
            found => Err(self.stopped(field, cause, found)),
        }
    }

    fn inside(&self, program: &Program, text: &str, field: &Field) -> Result<V<'a>, Stop> {
        let mut slots = vec![Raw::default(); program.shape.slots()];
        if program.shape.read(&mut Order::default(), text, &mut slots).is_err() {
            let kinds = vec![program.kind.clone()];
            return Err(self.stopped(field, Cause::Dangling { kinds }, Found::Nothing));
        }
        let at = At { program, asking: self.asking, others: self.others, slots: &slots };
        match at.field(0) {
            Ok(value) => Ok(V::from_value(value.to_value())),
            Err(stop) => Err(self.stopped(field, stop.cause, stop.found)),
        }
    }

    fn stopped(&self, field: &Field, cause: Cause, found: Found) -> Stop {
        let rule: Id = self.program.id.clone();
        Box::new(Stopped { rule, field: field.name.clone(), cause, found })
    }

    /// The first field that stands in a record that is not at hand.
    pub(crate) fn unread(&self) -> Option<Unread> {
        self.program.fields.iter().enumerate().find_map(|(at, field)| {
            field.behind.as_ref().filter(|_| field.wanted)?;
            match self.field(at).err()?.cause {
                Cause::Unread { kinds } => Some(Unread { field: field.name.clone(), kinds }),
                _ => None,
            }
        })
    }
}

/// Whether a record says nothing at a place itself, so that it is asked where it leads.
pub(crate) const fn leads_on(kind: Kind) -> bool {
    matches!(kind, Kind::Absent | Kind::Behind)
}
