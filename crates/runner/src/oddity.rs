//! Oddities: the sorts of records on which migrations fail, as the export tells them.
//!
//! An export says such things in its own way. What is looked at is what every desk has in some form: parts, references, texts, times and
//! members that are named after the thing. Where no record of the export has any of that, it is said that the export does not tell.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Type;
use cutover_ir::host::Host as _;
use cutover_ir::predicate::StatusClass;
use cutover_ir::time::Instant;
use serde_json::Value;

use crate::clean::inactive;
use crate::context::Context;
use crate::flow::{goes_with, places, root};
use crate::problem::Problem;
use crate::sample::{keys_at, references, value_at};
use crate::work::{Copied, Work};

/// What a record says about an oddity.
pub(crate) enum Told {
    /// It is one, so much.
    Is(u64),
    IsNot,
    /// Nothing in it is about that.
    Unsaid,
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Finds oddities among the records of a kind.
pub(crate) struct Oddities<'c, 'p> {
    ctx: &'c Context<'p>,
    full: &'c Work,
    kind: String,
    /// Kinds that go with this one.
    parts: Vec<String>,
    /// Where references of this kind, and of its parts, lead to people.
    people: BTreeMap<String, Vec<Vec<String>>>,
    inactive: BTreeSet<String>,
    /// Fields of the kind with their places: not those that every record has.
    fields: Vec<(String, Vec<String>)>,
    /// Where times stand at which something is due.
    due: Vec<Vec<String>>,
    status: Vec<String>,
    /// References to the same kind.
    own: Vec<Vec<String>>,
    /// The instant at which the export was made.
    made: i64,
    /// The parts of the record that was looked at last, by its key.
    last: Option<(String, Vec<(String, Value)>)>,
}

impl<'c, 'p> Oddities<'c, 'p> {
    pub(crate) fn new(
        ctx: &'c Context<'p>,
        full: &'c Work,
        kind: &str,
        wanted: &BTreeMap<&str, u64>,
    ) -> Result<Oddities<'c, 'p>, Problem> {
        let binding = &ctx.environment.source;
        let shape = ctx.plan.schemas.get("source").and_then(|schema| schema.kinds.get(kind));
        let all = || shape.iter().flat_map(|shape| &shape.fields);
        let due = all()
            .filter(|(name, field)| name.contains("due") && matches!(field.of_type.required(), Type::Instant))
            .map(|(name, _)| places(ctx.plan, binding, kind, name))
            .collect();
        let fields = all()
            .filter(|(_, field)| matches!(field.of_type, Type::Opt(_)) && !field.read_only)
            .map(|(name, _)| (name.clone(), places(ctx.plan, binding, kind, name)))
            .collect();
        let parts: Vec<String> = full
            .kinds()?
            .into_iter()
            .filter(|part| goes_with(ctx.plan, part).is_some() && root(ctx.plan, part) == kind)
            .collect();
        let mut off = BTreeSet::new();
        let mut people = BTreeMap::new();
        if wanted.contains_key("suspended_author") {
            let of_people: BTreeSet<&str> = ctx
                .loads
                .values()
                .filter(|load| load.map.target == "user")
                .map(|load| load.map.source.as_str())
                .collect();
            for person in &of_people {
                off.extend(inactive(ctx, person)?);
            }
            for of in parts.iter().map(String::as_str).chain([kind]) {
                let to_people = references(ctx, of)
                    .into_iter()
                    .filter(|(_, kinds)| kinds.iter().any(|kind| of_people.contains(kind.as_str())));
                people.insert(of.to_owned(), to_people.map(|(places, _)| places).collect());
            }
        }
        let own = references(ctx, kind).into_iter().filter(|(_, kinds)| kinds.iter().any(|of| of == kind));
        let taken = ctx.plan.header.inventories.get("source").map(|inventory| inventory.taken);
        let made = taken.and_then(|date| Instant::parse(&format!("{date}T23:59:59Z")));
        Ok(Oddities {
            ctx,
            full,
            kind: kind.to_owned(),
            parts,
            people,
            inactive: off,
            fields,
            due,
            status: places(ctx.plan, binding, kind, "status"),
            own: own.map(|(places, _)| places).collect(),
            made: made.map_or_else(|| ctx.clock.now(), |made| made.seconds()),
            last: None,
        })
    }

    /// Fields that need not have a value and have one.
    pub(crate) fn filled(&self, record: &Value) -> Vec<String> {
        self.fields.iter().filter(|(_, places)| has(record, places)).map(|(name, _)| name.clone()).collect()
    }

    /// Whether a record is one.
    pub(crate) fn tell(&mut self, name: &str, record: &Copied, value: &Value) -> Result<Told, Problem> {
        let is = |is: bool| if is { Told::Is(0) } else { Told::IsNot };
        Ok(match name {
            "attachments" => {
                let listed = value.get("attachments").is_some_and(|list| !empty(list));
                is(listed
                    || self.parts(record)?.iter().any(|(kind, part)| {
                        kind == "attachment" || part.get("attachments").is_some_and(|list| !empty(list))
                    }))
            }
            "large_attachments" => {
                let size = |part: &Value| part.get("size").and_then(Value::as_u64);
                let parts = self.parts(record)?;
                let sizes =
                    parts.iter().filter(|(kind, _)| kind == "attachment").filter_map(|(_, part)| size(part));
                sizes.max().map_or(Told::Unsaid, Told::Is)
            }
            "transcripts" => is(self.parts(record)?.iter().any(|(kind, _)| kind == "transcript")),
            "many_comments" => Told::Is(self.parts(record)?.len() as u64),
            "longest" => {
                let parts: usize = self.parts(record)?.iter().map(|(_, part)| length(part)).sum();
                Told::Is((length(value) + parts) as u64)
            }
            "simple" => {
                let parts = self.parts(record)?.len();
                if parts > 1 { Told::IsNot } else { Told::Is(u64::MAX - length(value) as u64) }
            }
            "private_notes" => {
                let parts = self.parts(record)?;
                is(parts.iter().any(|(_, part)| is_private(part)))
            }
            "non_latin" => {
                let foreign = text_of(value, &|text| !text.chars().all(latin));
                is(foreign
                    || self
                        .parts(record)?
                        .iter()
                        .any(|(_, part)| text_of(part, &|text| !text.chars().all(latin))))
            }
            "empty_fields" => {
                Told::Is(self.fields.iter().filter(|(_, places)| !has(value, places)).count() as u64)
            }
            "linked" => {
                let refers = self.own.iter().flatten().any(|place| !keys_at(value, place).is_empty());
                if refers { Told::Is(0) } else { member(value, &["linked", "associat", "related"]) }
            }
            "merged" => {
                if self.full.alias(&self.kind, &record.key)?.is_some() {
                    Told::Is(0)
                } else {
                    member(value, &["merged"])
                }
            }
            "escalated" => member(value, &["escalated"]),
            "reopened" => member(value, &["reopen"]),
            "overdue" | "near_due" => self.due(name == "overdue", value),
            "suspended_author" => is(self.inactive_person(record, value)?),
            _ => Told::Unsaid,
        })
    }

    /// What belongs to a record, and to that in turn.
    fn parts(&mut self, record: &Copied) -> Result<&[(String, Value)], Problem> {
        if self.last.as_ref().is_none_or(|(key, _)| *key != record.key) {
            let mut all = Vec::new();
            let mut open = vec![format!("{}:{}", self.kind, record.key)];
            let mut rows = Vec::new();
            while let Some(owner) = open.pop() {
                for kind in &self.parts {
                    self.full.of_owner(kind, &owner, &mut rows)?;
                    for row in rows.drain(..) {
                        open.push(format!("{kind}:{}", row.key));
                        all.push((kind.clone(), serde_json::from_str(&row.text).unwrap_or_default()));
                    }
                }
            }
            self.last = Some((record.key.clone(), all));
        }
        Ok(self.last.as_ref().map_or(&[], |(_, parts)| parts.as_slice()))
    }

    fn due(&self, over: bool, value: &Value) -> Told {
        if self.due.is_empty() {
            return Told::Unsaid;
        }
        let status = self.status.iter().find_map(|place| value_at(value, place)?.as_str());
        let class = status.and_then(|status| self.ctx.host.status_class(&self.kind, status));
        if class == Some(StatusClass::Finished) {
            return Told::IsNot;
        }
        let times = self.due.iter().flatten().filter_map(|place| value_at(value, place)?.as_str());
        let mut times = times.filter_map(Instant::parse).map(Instant::seconds);
        let fits = |at: i64| if over { at < self.made } else { at >= self.made && at - self.made < DAY };
        if times.any(fits) { Told::Is(0) } else { Told::IsNot }
    }

    fn inactive_person(&mut self, record: &Copied, value: &Value) -> Result<bool, Problem> {
        let off = |people: &BTreeMap<String, Vec<Vec<String>>>,
                   inactive: &BTreeSet<String>,
                   kind: &str,
                   of: &Value| {
            let places = people.get(kind).into_iter().flatten().flatten();
            places.flat_map(|place| keys_at(of, place)).any(|key| inactive.contains(&key))
        };
        if off(&self.people, &self.inactive, &self.kind, value) {
            return Ok(true);
        }
        self.parts(record)?;
        let parts = self.last.iter().flat_map(|(_, parts)| parts);
        Ok(parts.into_iter().any(|(kind, part)| off(&self.people, &self.inactive, kind, part)))
    }
}

fn has(record: &Value, places: &[String]) -> bool {
    places.iter().filter_map(|place| value_at(record, place)).any(|value| !empty(value))
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A member that is named after the thing: yes where it holds something, no where it holds nothing.
fn member(record: &Value, named: &[&str]) -> Told {
    let Value::Object(members) = record else { return Told::Unsaid };
    let mut told = Told::Unsaid;
    for (name, value) in members {
        if !named.iter().any(|part| name.contains(part)) {
            continue;
        }
        if !empty(value) && *value != Value::Bool(false) && value.as_u64() != Some(0) {
            return Told::Is(0);
        }
        told = Told::IsNot;
    }
    told
}

fn is_private(part: &Value) -> bool {
    let flag = |name: &str, is: bool| part.get(name).and_then(Value::as_bool) == Some(is);
    let note = part.get("type").and_then(Value::as_str).is_some_and(|kind| kind.contains("note"));
    flag("private", true) || flag("internal", true) || flag("public", false) || note
}

fn length(record: &Value) -> usize {
    match record {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(length).sum(),
        Value::Object(members) => members.values().map(length).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn text_of(record: &Value, fits: &dyn Fn(&str) -> bool) -> bool {
    match record {
        Value::String(text) => fits(text),
        Value::Array(items) => items.iter().any(|item| text_of(item, fits)),
        Value::Object(members) => members.values().any(|value| text_of(value, fits)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A letter of the Latin script, or no letter at all.
fn latin(c: char) -> bool {
    !c.is_alphabetic() || c < '\u{250}' || ('\u{1e00}'..='\u{1eff}').contains(&c) || c == 'ª' || c == 'º'
}

#[cfg(test)]
mod tests {
    use super::{Told, is_private, latin, length, member};
    use serde_json::json;

    #[test]
    fn scripts_are_told_apart() {
        assert!("Grüße, naïve 😀 №5 — ‘ok’ ễ".chars().all(latin));
        for text in ["привет", "日本", "γεια", "שלום", "مرحبا"] {
            assert!(!text.chars().all(latin), "{text}");
        }
    }

    #[test]
    fn members_named_after_the_thing_speak() {
        let yes = |value| matches!(value, Told::Is(_));
        assert!(yes(member(&json!({"is_escalated": true}), &["escalated"])));
        assert!(matches!(member(&json!({"is_escalated": false}), &["escalated"]), Told::IsNot));
        assert!(matches!(member(&json!({"merged_into": null}), &["merged"]), Told::IsNot));
        assert!(yes(member(&json!({"merged_into": 7}), &["merged"])));
        assert!(matches!(member(&json!({"id": 7}), &["merged"]), Told::Unsaid));
        assert!(is_private(&json!({"private": true})) && is_private(&json!({"type": "note"})));
        assert!(!is_private(&json!({"public": true})));
        assert_eq!(length(&json!({"a": "xy", "b": [{"c": "z"}], "d": 4})), 3);
    }
}
