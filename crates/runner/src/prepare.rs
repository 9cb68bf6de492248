//! From a record of the source to what is sent: mapped, its references leading to the target, its parts with it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use cutover_connect::{Draft, Part};
use cutover_transform::{Outcome, Worker};
use rusqlite::OptionalExtension as _;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::flow::{Load, MapUse, Reference};
use crate::host::RunHost;
use crate::journal::{Journal, Rejected};
use crate::problem::Problem;
use crate::work::{Copied, Work};

/// What is known of the target while records are prepared.
pub(crate) trait Target {
    /// The id of a placeholder, which is made when it is not there; why not, where the target refuses it.
    fn placeholder(&mut self, kind: &str, name: &str) -> Result<Result<String, String>, Problem>;
    /// The id of the record of that name; `None` when there is none, the name itself where the target has no list of the kind.
    fn named(&mut self, kind: &str, name: &str) -> Result<Option<String>, Problem>;
}

/// A record that is ready to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Planned {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) into: String,
    pub(crate) draft: Draft,
    pub(crate) digest: [u8; 32],
    /// Fields that a link stage sets: field, and to what.
    pub(crate) links: Vec<(String, Link)>,
    pub(crate) parts: Vec<PlannedPart>,
    /// Parts that break a rule.
    pub(crate) rejected: Vec<Rejected>,
}

/// A part that is ready to be sent; its record is in the draft at the same place.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlannedPart {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) into: String,
    pub(crate) digest: [u8; 32],
}

/// A reference that is set later.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Link {
    pub(crate) of: Vec<String>,
    pub(crate) into: Vec<String>,
    pub(crate) keys: Vec<String>,
    pub(crate) list: bool,
}

/// What becomes of a record.
pub(crate) enum Fate {
    Ready(Box<Planned>),
    /// Outside of the scope, by that part of it; empty where no part decides.
    Filtered(String),
    Rejected(Box<Rejected>),
}

/// A map at work.
pub(crate) struct Mapper<'p> {
    pub(crate) load: &'p Load,
    host: &'p RunHost<'p>,
    worker: Worker<'p>,
    parts: Vec<Worker<'p>>,
    out: Vec<u8>,
    rows: Vec<Copied>,
}

impl<'p> Mapper<'p> {
    pub(crate) fn new(load: &'p Load, host: &'p RunHost<'p>) -> Mapper<'p> {
        Mapper {
            load,
            host,
            worker: Worker::new(&load.map.program, host),
            parts: load.parts.iter().map(|part| Worker::new(&part.program, host)).collect(),
            out: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// What the map says of a record, before its references.
    pub(crate) fn outcome(&mut self, record: &Copied, work: &Work) -> Result<Outcome, Problem> {
        let Edited { text, .. } = edited(&self.load.map, record, work)?;
        self.host.at(&text);
        self.out.clear();
        Ok(self.worker.record(&text, &mut self.out))
    }

    /// Prepares a record.
    pub(crate) fn prepare(
        &mut self,
        record: &Copied,
        journal: &Journal,
        work: &Work,
        known: &Known,
        target: &mut dyn Target,
    ) -> Result<Fate, Problem> {
        self.out.clear();
        let map = &self.load.map;
        if let Some(winner) = work.alias(&map.source, &record.key)? {
            return Ok(Fate::Filtered(format!("merged into {winner}")));
        }
        let Edited { text, given, dangling } = edited(map, record, work)?;
        self.host.at(&text);
        match self.worker.record(&text, &mut self.out) {
            Outcome::Filtered(part) => {
                return Ok(Fate::Filtered(part.map(|part| part.to_string()).unwrap_or_default()));
            }
            Outcome::Rejected(reject) => {
                return Ok(Fate::Rejected(Box::new(by_rule(map, &record.key, &reject))));
            }
            Outcome::Written => {}
        }
        if let Some((field, why)) = dangling {
            let reject = unresolved(map, &record.key, field, "dangling-reference", why);
            return Ok(Fate::Rejected(Box::new(reject)));
        }
        let mut planned = Planned {
            kind: map.source.clone(),
            key: record.key.clone(),
            into: map.target.clone(),
            ..Planned::default()
        };
        planned.draft.mark = format!("{}:{}", map.source, record.key);
        let aids = Aids { journal, work, known };
        let resolved = resolve(map, &self.out, &given, &aids, target, &mut planned.links)?;
        match resolved {
            Ok(text) => planned.draft.record = text,
            Err((field, code, why)) => {
                return Ok(Fate::Rejected(Box::new(unresolved(map, &record.key, field, code, why))));
            }
        }
        planned.digest = Sha256::digest(planned.draft.record.as_bytes()).into();
        let owner = format!("{}:{}", map.source, record.key);
        for (part, worker) in self.load.parts.iter().zip(&mut self.parts) {
            if !work.has(&part.source)? {
                continue;
            }
            work.of_owner(&part.source, &owner, &mut self.rows)?;
            for row in &self.rows {
                self.out.clear();
                let Edited { text, given, dangling } = edited(part, row, work)?;
                self.host.at(&text);
                match worker.record(&text, &mut self.out) {
                    Outcome::Filtered(by) => {
                        let rule = by.map(|by| by.to_string()).unwrap_or_default();
                        let reject = Rejected {
                            kind: part.source.clone(),
                            key: row.key.clone(),
                            rule,
                            code: FILTERED.to_owned(),
                            ..Rejected::default()
                        };
                        planned.rejected.push(reject);
                    }
                    Outcome::Rejected(reject) => planned.rejected.push(by_rule(part, &row.key, &reject)),
                    Outcome::Written if dangling.is_some() => {
                        let (field, why) = dangling.unwrap_or_default();
                        planned.rejected.push(unresolved(part, &row.key, field, "dangling-reference", why));
                    }
                    Outcome::Written => {
                        let mut links = Vec::new();
                        match resolve(part, &self.out, &given, &aids, target, &mut links)? {
                            Ok(text) => {
                                planned.parts.push(PlannedPart {
                                    kind: part.source.clone(),
                                    key: row.key.clone(),
                                    into: part.target.clone(),
                                    digest: Sha256::digest(text.as_bytes()).into(),
                                });
                                planned.draft.parts.push(Part {
                                    kind: part.target.clone(),
                                    mark: format!("{}:{}", part.source, row.key),
                                    record: text,
                                });
                            }
                            Err((field, code, why)) => {
                                planned.rejected.push(unresolved(part, &row.key, field, code, why));
                            }
                        }
                    }
                }
            }
        }
        Ok(Fate::Ready(Box::new(planned)))
    }
}

/// The code of a part that its own scope leaves out: it is counted, and is no reject.
pub(crate) const FILTERED: &str = "filtered";

fn by_rule(map: &MapUse, key: &str, reject: &cutover_transform::Reject) -> Rejected {
    Rejected {
        stage: String::new(),
        kind: map.source.clone(),
        key: key.to_owned(),
        at: String::new(),
        rule: reject.rule.to_string(),
        field: reject.field.clone(),
        code: reject.cause.code().to_owned(),
        // What stands there is told by its class: the journal holds no text of a record.
        why: format!("{} (found: {})", reject.cause, reject.found),
    }
}

fn unresolved(map: &MapUse, key: &str, field: String, code: &'static str, why: String) -> Rejected {
    Rejected {
        stage: String::new(),
        kind: map.source.clone(),
        key: key.to_owned(),
        at: String::new(),
        rule: format!("{}/to/{field}", map.id),
        field,
        code: code.to_owned(),
        why,
    }
}

/// What a reference of the source begins with when the cleaning made it lead to a placeholder. No id of a desk has a control character.
pub(crate) const STAND_IN: &str = "\u{1}placeholder:";

/// What references are resolved with.
struct Aids<'a> {
    journal: &'a Journal,
    work: &'a Work,
    known: &'a Known,
}

/// A record as its map shall see it: cleaned, and with names where translations speak of names.
fn edited(map: &MapUse, record: &Copied, work: &Work) -> Result<Edited, Problem> {
    let mut edited = Edited::default();
    let cleaned = work.cleaned(&map.source, &record.key)?;
    let parsed = if cleaned.is_empty() && map.by_name.is_empty() {
        None
    } else {
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&record.text).ok()
    };
    // What is no record is told by the map.
    let Some(mut fields) = parsed else {
        edited.text.clone_from(&record.text);
        return Ok(edited);
    };
    for (places, kinds) in &map.by_name {
        for place in places {
            let Some(value) = fields.get_mut(place) else { continue };
            let key = match &*value {
                serde_json::Value::String(key) => key.clone(),
                serde_json::Value::Number(key) => key.to_string(),
                _ => continue,
            };
            let mut exported = false;
            let mut name = None;
            for kind in kinds {
                exported |= work.has(kind)?;
                name = name.or(work.by_key(kind, &key)?.and_then(|(other, _)| name_of(&other.text)));
            }
            match name {
                Some(name) => *value = name.into(),
                // Some exports give the name itself; a number is none.
                None if exported && key.bytes().all(|byte| byte.is_ascii_digit()) => {
                    let why = format!("it leads to a {} that the export does not have", kinds.join(" or "));
                    edited.dangling = Some((places.first().cloned().unwrap_or_default(), why));
                }
                None => {}
            }
        }
    }
    for (field, value) in cleaned {
        match field.strip_prefix('=') {
            Some(field) => edited.given.push((field.to_owned(), value)),
            None => {
                let place = map.places.get(&field).and_then(|places| {
                    places.iter().find(|place| fields.contains_key(*place)).or_else(|| places.first())
                });
                let value = serde_json::from_str(&value).map_err(|error| Problem::new(error.to_string()))?;
                fields.insert(place.cloned().unwrap_or(field), value);
            }
        }
    }
    edited.text = serde_json::Value::Object(fields).to_string();
    Ok(edited)
}

/// A record as its map shall see it.
#[derive(Default)]
struct Edited {
    text: String,
    /// What the cleaning gives fields of the target.
    given: Vec<(String, String)>,
    /// A reference that leads nowhere: field, and words.
    dangling: Option<(String, String)>,
}

fn name_of(text: &str) -> Option<String> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    fields.get("name").or_else(|| fields.get("title"))?.as_str().map(str::to_owned)
}

/// Why a reference leads nowhere: field, code, words.
type Unresolved = (String, &'static str, String);

/// A mapped record with its references leading to the target, without what has no value.
fn resolve(
    map: &MapUse,
    mapped: &[u8],
    given: &[(String, String)],
    aids: &Aids<'_>,
    target: &mut dyn Target,
    links: &mut Vec<(String, Link)>,
) -> Result<Result<String, Unresolved>, Problem> {
    let broken = |_| Problem::new(format!("`{}` gave what is not one JSON object", map.id));
    let mut fields: BTreeMap<String, &RawValue> = serde_json::from_slice(mapped).map_err(broken)?;
    for (field, value) in given {
        fields.insert(field.clone(), serde_json::from_str(value).map_err(broken)?);
    }
    let mut out = String::with_capacity(mapped.len());
    out.push('{');
    for (field, raw) in &fields {
        if raw.get() == "null" {
            continue;
        }
        let value = match map.references.get(field) {
            None => raw.get().to_owned(),
            Some(Reference::Owner) => continue,
            Some(reference) => {
                let list = raw.get().starts_with('[');
                let items: Vec<&RawValue> =
                    if list { serde_json::from_str(raw.get()).map_err(broken)? } else { vec![raw] };
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(Item::of(item.get()).ok_or_else(|| {
                        Problem::new(format!("`{}` gave no reference in `{field}`", map.id))
                    })?);
                }
                if let Reference::Later { of, into } = reference {
                    let keys = values.iter().filter_map(Item::key).collect();
                    links.push((field.clone(), Link { of: of.clone(), into: into.clone(), keys, list }));
                    continue;
                }
                let mut ids = Vec::with_capacity(values.len());
                for value in &values {
                    let cleaned = given.iter().any(|(of, _)| of == field);
                    match lead(reference, value, cleaned, aids, target)? {
                        Ok(id) => ids.push(serde_json::Value::from(id).to_string()),
                        Err((code, why)) => return Ok(Err((field.clone(), code, why))),
                    }
                }
                if list { format!("[{}]", ids.join(",")) } else { ids.pop().unwrap_or_default() }
            }
        };
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&serde_json::Value::from(field.as_str()).to_string());
        out.push(':');
        out.push_str(&value);
    }
    out.push('}');
    Ok(Ok(out))
}

/// A reference as a map gives it.
enum Item {
    Text(String),
    Placeholder(String),
}

impl Item {
    fn of(raw: &str) -> Option<Item> {
        match serde_json::from_str(raw).ok()? {
            serde_json::Value::String(text) => Some(match text.strip_prefix(STAND_IN) {
                Some(name) => Item::Placeholder(name.to_owned()),
                None => Item::Text(text),
            }),
            serde_json::Value::Number(number) => Some(Item::Text(number.to_string())),
            serde_json::Value::Object(object) => {
                Some(Item::Placeholder(object.get("placeholder")?.as_str()?.to_owned()))
            }
            _ => None,
        }
    }

    fn key(&self) -> Option<String> {
        match self {
            Item::Text(text) => Some(text.clone()),
            Item::Placeholder(_) => None,
        }
    }
}

fn lead(
    reference: &Reference,
    item: &Item,
    cleaned: bool,
    aids: &Aids<'_>,
    target: &mut dyn Target,
) -> Result<Result<String, (&'static str, String)>, Problem> {
    let (Reference::Key { into, .. } | Reference::Name { into } | Reference::Later { into, .. }) = reference
    else {
        return Ok(Err(("malformed-map", "it leads to its owner".to_owned())));
    };
    let first = into.first().map_or("", String::as_str);
    match (reference, item) {
        (_, Item::Placeholder(name)) => Ok(target
            .placeholder(first, name)?
            .map_err(|why| ("placeholder", format!("the placeholder could not be made: {why}")))),
        (Reference::Key { of, into }, Item::Text(key)) if !cleaned => {
            Ok(aids.known.target(aids.journal, aids.work, of, into, key)?.ok_or_else(|| {
                ("dangling-reference", format!("it leads to a {} that did not go over", of.join(" or ")))
            }))
        }
        (_, Item::Text(name)) => {
            for kind in into {
                if let Some(id) = target.named(kind, name)? {
                    return Ok(Ok(id));
                }
            }
            Ok(Err(("unknown-name", format!("the target has no {} of that name", into.join(" or ")))))
        }
    }
}

/// What the journal knows of references, with the last answers at hand.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Placeholders that the target refuses.
    pub(crate) refused: RefCell<HashMap<(String, String), String>>,
    answers: RefCell<HashMap<(String, String), Option<String>>>,
}

/// Answers that are kept.
const KEPT: usize = 100_000;

impl Known {
    /// The id of what a key of the source became.
    pub(crate) fn target(
        &self,
        journal: &Journal,
        work: &Work,
        of: &[String],
        into: &[String],
        key: &str,
    ) -> Result<Option<String>, Problem> {
        for kind in of {
            let winner = work.alias(kind, key)?;
            let key = winner.as_deref().unwrap_or(key);
            let question = (kind.clone(), key.to_owned());
            let kept = self.answers.borrow().get(&question).cloned();
            let answer = match kept {
                Some(answer) => answer,
                None => {
                    let mut find = journal.db.prepare_cached(
                        "SELECT target, into_kind FROM record WHERE kind = ?1 AND key = ?2 AND state = 'done'",
                    )?;
                    let found: Option<(String, String)> =
                        find.query_row([kind, key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                    let answer = found.filter(|(_, kind)| into.contains(kind)).map(|(target, _)| target);
                    // Only what is there stays as it is.
                    if answer.is_some() {
                        let mut answers = self.answers.borrow_mut();
                        if answers.len() >= KEPT {
                            answers.clear();
                        }
                        answers.insert(question, answer.clone());
                    }
                    answer
                }
            };
            if answer.is_some() {
                return Ok(answer);
            }
        }
        Ok(None)
    }
}
