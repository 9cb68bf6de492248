//! Records that are checked before their turn, on another thread: most of what the desk would say can be said without its file.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Type;
use cutover_plan::model::Schema;

use super::Loaded;
use super::check::{Checked, Stored};
use super::make::{self, Table};
use crate::fields::Fields;
use crate::write::Draft;

/// Checks records as a desk does, as far as its schema tells. It knows no file, and can work on another thread than the desk.
pub struct Ahead<'s> {
    schema: &'s Schema,
    kinds: Loaded,
    tables: BTreeMap<String, Table>,
    leads_to: Vec<String>,
}

/// A draft that the desk takes as it stands, if its references lead somewhere and no other record has its unique values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    pub(super) record: Row,
    pub(super) parts: Vec<Row>,
}

/// The columns of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) cells: Vec<Slot>,
    /// To what it refers: the position among the kinds to which anything refers, and the record.
    pub(super) leads: Vec<(usize, i64)>,
    /// The column that says to which record it belongs.
    pub(super) owner: Option<usize>,
}

/// What goes into a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Nothing,
    Integer(i64),
    /// A part of the record's own text.
    Within {
        at: usize,
        end: usize,
    },
    Text(Box<str>),
}

impl<'s> Ahead<'s> {
    /// For the desk that is made from the same schema and the same kinds.
    #[must_use]
    pub fn new(schema: &'s Schema, kinds: Loaded) -> Ahead<'s> {
        Ahead { schema, kinds, tables: make::tables("", schema), leads_to: leads_to(schema) }
    }

    /// The columns of a draft and its parts; nothing where the desk itself has to decide.
    #[must_use]
    pub fn ready(&self, kind: &str, draft: &Draft) -> Option<Ready> {
        let record = self.row(kind, &draft.record, None)?;
        let parts = draft.parts.iter().map(|part| self.row(&part.kind, &part.record, Some(kind)));
        Some(Ready { record, parts: parts.collect::<Option<_>>()? })
    }

    fn row(&self, kind: &str, record: &str, owner: Option<&str>) -> Option<Row> {
        let fields = Fields::of(record)?;
        let (table, shape) = (self.tables.get(kind)?, self.schema.kinds.get(kind)?);
        let (leads, open) = (RefCell::new(Vec::new()), Cell::new(false));
        let check = Checked {
            schema: self.schema,
            kind,
            shape,
            table,
            leads: &|to, number| {
                let known = |one: &str| self.tables.contains_key(one) && self.kinds.writes(one);
                let (mut all, mut none) = (true, true);
                for one in to.split('|') {
                    let known = known(one);
                    (all, none) = (all && known, none && !known);
                }
                let place = self.leads_to.binary_search_by(|other| other.as_str().cmp(to)).ok();
                match (all, none, number.zip(place)) {
                    (true, _, Some((number, place))) => {
                        leads.borrow_mut().push((place, number));
                        Ok(Some(true))
                    }
                    (_, true, _) => Ok(None),
                    _ => {
                        open.set(true);
                        Ok(None)
                    }
                }
            },
        };
        let values = check.new_record(&fields, owner.map(|owner| (owner, 0))).ok()?.ok()?;
        let lists =
            table.binds.iter().any(|binds| fields.get(&binds.field).is_some_and(|list| list.get() != "[]"));
        let closes = owner.is_none()
            && table.closes.iter().any(|(at, to)| {
                let ends = self.tables.get(to).is_some_and(|table| table.status.is_some());
                ends && matches!(values.get(*at), Some(Stored::Integer(_)))
            });
        // The desk takes the bytes of a file with the record.
        let file = |field: &String| fields.get(field).is_some_and(|raw| raw.get().starts_with('{'));
        if open.get() || lists || closes || table.files.iter().any(file) {
            return None;
        }
        let columns = || table.has_column.iter().enumerate().filter(|(_, has)| **has).map(|(at, _)| at);
        let cells = values.into_iter().zip(&table.has_column).filter(|(_, has)| **has);
        let slot = owner.and_then(|owner| table.owner_slot(owner));
        Some(Row {
            cells: cells.map(|(value, _)| Slot::of(value, record)).collect(),
            leads: leads.into_inner(),
            owner: slot.and_then(|slot| columns().position(|at| at == slot)),
        })
    }
}

impl std::fmt::Debug for Ahead<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ahead").finish_non_exhaustive()
    }
}

impl Slot {
    fn of(value: Stored<'_>, record: &str) -> Slot {
        match value {
            Stored::Nothing => Slot::Nothing,
            Stored::Integer(number) => Slot::Integer(number),
            Stored::Text(text) => {
                // A text without escapes was borrowed from the record.
                let at = (text.as_ptr() as usize).wrapping_sub(record.as_ptr() as usize);
                let end = at.wrapping_add(text.len());
                if matches!(text, std::borrow::Cow::Borrowed(_)) && record.get(at..end) == Some(&*text) {
                    Slot::Within { at, end }
                } else {
                    Slot::Text(text.into())
                }
            }
        }
    }

    /// The value, for a record of this text.
    pub(super) fn stored<'r>(&'r self, record: &'r str) -> Stored<'r> {
        match self {
            Slot::Nothing => Stored::Nothing,
            Slot::Integer(number) => Stored::Integer(*number),
            Slot::Within { at, end } => Stored::Text(record.get(*at..*end).unwrap_or_default().into()),
            Slot::Text(text) => Stored::Text((&**text).into()),
        }
    }
}

/// To what anything of a schema refers, each once: a kind, or several with bars between them.
pub(super) fn leads_to(schema: &Schema) -> Vec<String> {
    let fields = schema.kinds.values().flat_map(|shape| shape.fields.values());
    let all: BTreeSet<String> = fields.filter_map(|field| referred(&field.of_type)).collect();
    all.into_iter().collect()
}

fn referred(of_type: &Type) -> Option<String> {
    match of_type.required() {
        Type::Ref(to) => Some(to.split_once('/').map_or(&**to, |(_, kind)| kind).to_owned()),
        Type::List(item) => referred(item),
        _ => None,
    }
}
