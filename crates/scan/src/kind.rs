//! What is gathered about one kind of objects.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Result;
use std::rc::Rc;

use cutover_catalog::inventory::Object;
use cutover_catalog::kind::State;
use cutover_catalog::{Field, Kind, Part};
use cutover_ir::time::Instant;

use crate::external::{Count, External, Line, Spill};
use crate::field::FieldAcc;

/// Memory of the bag of keys.
const KEYS: usize = 4 << 20;
/// Most states that are told apart.
pub(crate) const STATES: usize = 1000;

/// What is gathered about one kind.
#[derive(Debug)]
pub(crate) struct KindAcc<'c> {
    pub(crate) name: String,
    pub(crate) kind: &'c Kind,
    pub(crate) part: Part,
    pub(crate) count: u64,
    /// Whether a file of the kind could not be read to its end.
    pub(crate) lost: bool,
    /// Whether a file of the kind was read.
    pub(crate) exported: bool,
    pub(crate) by_status: BTreeMap<String, u64>,
    pub(crate) fields: Vec<FieldAcc>,
    pub(crate) roles: Roles,
    /// Measures of custom fields, by the key under which they stand in records.
    pub(crate) custom: BTreeMap<String, FieldAcc>,
    pub(crate) keys: External<Count>,
    /// The field that is the key, when it is one.
    pub(crate) key_field: Option<String>,
    pub(crate) without_key: u64,
    /// Values that other tables add to fields of these objects: by field, the object's number in hexadecimal digits and the value.
    pub(crate) added: BTreeMap<String, External<Line>>,
    /// The latest change of any object.
    pub(crate) last: Option<Instant>,
    /// States that the account added: those that were given, and those that its own configuration names.
    pub(crate) added_states: BTreeMap<String, State>,
    pub(crate) objects: Vec<(u128, Object)>,
    pub(crate) objects_left_out: u64,
    /// Most objects of other kinds that one of these holds.
    pub(crate) most: BTreeMap<String, u64>,
    pub(crate) orphans: BTreeMap<String, u64>,
    pub(crate) duplicates: BTreeMap<String, u64>,
}

/// Positions of the fields that the scan itself understands.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub(crate) status: Option<usize>,
    pub(crate) internal: Option<Internal>,
    by_canon: BTreeMap<String, usize>,
}

/// How an object says that customers do not see it.
#[derive(Debug)]
pub(crate) struct Internal {
    pub(crate) field: usize,
    pub(crate) when: Option<String>,
}

impl Roles {
    /// Position of the field with that canonical name.
    pub(crate) fn get(&self, canon: &str) -> Option<usize> {
        self.by_canon.get(canon).copied()
    }
}

impl<'c> KindAcc<'c> {
    /// An empty gathering for the fields that the layout has.
    pub(crate) fn new(
        name: &str,
        kind: &'c Kind,
        fields: &BTreeSet<&str>,
        spill: &Rc<Spill>,
    ) -> std::result::Result<Self, String> {
        let mut acc = KindAcc {
            name: name.to_owned(),
            kind,
            part: kind.part,
            count: 0,
            lost: false,
            exported: false,
            by_status: BTreeMap::new(),
            fields: Vec::new(),
            roles: Roles::default(),
            custom: BTreeMap::new(),
            keys: External::new(spill, KEYS),
            key_field: None,
            without_key: 0,
            added: BTreeMap::new(),
            last: None,
            added_states: BTreeMap::new(),
            objects: Vec::new(),
            objects_left_out: 0,
            most: BTreeMap::new(),
            orphans: BTreeMap::new(),
            duplicates: BTreeMap::new(),
        };
        // A column may hold what another kind has, the first comment of a ticket: it is measured with that kind.
        let foreign = |field: &str| field.contains('.');
        if let Some(unknown) = fields.iter().find(|field| !kind.fields.contains(field) && !foreign(field)) {
            return Err(format!(
                "the layout names the field `{unknown}`, which the kind `{name}` does not have"
            ));
        }
        let state_field = kind.states.as_ref().map(|states| &*states.field);
        // In the catalog's order, whatever the order of columns.
        for (field_name, field) in kind.fields.iter().filter(|(name, _)| fields.contains(name)) {
            let at = acc.fields.len();
            let states: Vec<(String, Option<String>)> = match &kind.states {
                Some(states) if state_field == Some(field_name) => {
                    let api = |state: &State| state.api.as_deref().map(str::to_owned);
                    states.values.iter().map(|(name, state)| (name.to_owned(), api(state))).collect()
                }
                _ => Vec::new(),
            };
            if state_field == Some(field_name) {
                acc.roles.status = Some(at);
            }
            acc.note_role(at, field);
            acc.fields.push(FieldAcc::new(field_name, field, kind.part, &states, spill));
        }
        Ok(acc)
    }

    fn note_role(&mut self, at: usize, field: &Field) {
        if let Some(canon) = &field.canon {
            self.roles.by_canon.entry(canon.to_string()).or_insert(at);
        }
        if field.canon.as_deref() == Some("internal") || field.internal_when.is_some() {
            self.roles.internal =
                Some(Internal { field: at, when: field.internal_when.as_deref().map(str::to_owned) });
        }
    }

    /// Position of a field; beyond all positions when the kind does not have it.
    pub(crate) fn position(&self, field: &str) -> usize {
        self.fields.iter().position(|acc| acc.name == field).unwrap_or(usize::MAX)
    }

    /// The state of that name: the catalog's, or one that the account added.
    pub(crate) fn state(&self, name: &str) -> Option<&State> {
        let own = self.kind.states.as_ref().and_then(|states| states.values.get(name));
        own.or_else(|| self.added_states.get(name))
    }

    /// Counts a state.
    pub(crate) fn count_state(&mut self, name: &str) {
        if let Some(count) = self.by_status.get_mut(name) {
            *count += 1;
        } else if self.by_status.len() < STATES {
            self.by_status.insert(name.to_owned(), 1);
        }
    }

    /// Notes that an object was changed or used.
    pub(crate) fn touched(&mut self, instant: Instant) {
        self.last = Some(self.last.map_or(instant, |last| last.max(instant)));
    }

    /// Gives memory back between files.
    pub(crate) fn rest(&mut self) -> Result<()> {
        self.keys.rest()?;
        for added in self.added.values_mut() {
            added.rest()?;
        }
        for field in self.fields.iter_mut().chain(self.custom.values_mut()) {
            field.rest()?;
        }
        Ok(())
    }
}
