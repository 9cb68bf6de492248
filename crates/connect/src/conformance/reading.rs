//! Reading: chunks of every size, and from every place.

use serde_json::Value;

use super::{Make, Trial};
use crate::connector::Connector;
use crate::fault::Fault;
use crate::read::{Chunk, Cursor};

/// Everything of a kind, and the place behind each chunk with how much was read before it.
struct All {
    records: Vec<String>,
    problems: Vec<String>,
    places: Vec<(Cursor, usize, usize)>,
}

/// Most places from which reading is tried again; the rest would only cost time.
const PLACES: usize = 12;

pub(super) fn try_kind(
    make: Make<'_>,
    kind: &str,
    there: (usize, usize),
    trial: &Trial,
    broken: &mut Vec<String>,
) {
    let whole = match make().and_then(|mut connector| all(connector.as_mut(), kind, Cursor::start(), 1000)) {
        Ok(whole) => whole,
        Err(fault) => return broken.push(format!("`{kind}` cannot be read: {fault}")),
    };
    let found = (whole.records.len(), whole.problems.len());
    if found != there {
        broken.push(format!(
            "reading `{kind}` gives {} records and {} problems where {} and {} are",
            found.0, found.1, there.0, there.1
        ));
    }
    if let Some(record) = whole.records.iter().find(|record| !is_object(record)) {
        let shown: String = record.chars().take(60).collect();
        broken.push(format!("a record of `{kind}` is no JSON object: {shown}"));
    }
    for most in [1, 2, 3, 7, found.0.max(1), found.0 + 1] {
        match make().and_then(|mut connector| all(connector.as_mut(), kind, Cursor::start(), most)) {
            Ok(again) if again.records == whole.records && again.problems == whole.problems => {}
            Ok(_) => broken.push(format!("`{kind}` reads otherwise in chunks of {most}")),
            Err(fault) => broken.push(format!("`{kind}` cannot be read in chunks of {most}: {fault}")),
        }
    }
    from_each_place(make, kind, &whole, broken);
    strange_places(make, kind, broken);
    match make().and_then(|mut connector| connector.count(kind)) {
        Ok(Some(count)) if count != found.0 as u64 => {
            broken.push(format!("it counts {count} records of `{kind}`, and {} can be read", found.0));
        }
        Ok(_) => {}
        Err(fault) => broken.push(format!("`{kind}` cannot be counted: {fault}")),
    }
    by_id(make, kind, &whole, trial, broken);
}

fn from_each_place(make: Make<'_>, kind: &str, whole: &All, broken: &mut Vec<String>) {
    let small = match make().and_then(|mut connector| all(connector.as_mut(), kind, Cursor::start(), 1)) {
        Ok(small) => small,
        // Told already.
        Err(_) => return,
    };
    let step = small.places.len().div_ceil(PLACES).max(1);
    for (place, records, problems) in small.places.iter().step_by(step) {
        match make().and_then(|mut connector| all(connector.as_mut(), kind, place.clone(), 3)) {
            Ok(rest) => {
                let right = whole.records.get(*records..) == Some(rest.records.as_slice())
                    && whole.problems.get(*problems..) == Some(rest.problems.as_slice());
                if !right {
                    broken.push(format!("another process that goes on behind record {records} of `{kind}` reads something else"));
                }
            }
            Err(fault) => {
                broken.push(format!(
                    "another process cannot go on behind record {records} of `{kind}`: {fault}"
                ));
            }
        }
    }
}

fn strange_places(make: Make<'_>, kind: &str, broken: &mut Vec<String>) {
    for strange in ["\u{0}", "no place", "99999999999999999999999999"] {
        let place = Cursor(strange.to_owned());
        if make().is_ok_and(|mut connector| connector.read(kind, &place, 1, &mut Chunk::default()).is_ok()) {
            broken.push(format!(
                "it reads `{kind}` from the place `{}`, which it cannot have given",
                strange.escape_debug()
            ));
        }
    }
}

fn by_id(make: Make<'_>, kind: &str, whole: &All, trial: &Trial, broken: &mut Vec<String>) {
    let Ok(mut connector) = make() else { return };
    if !connector.abilities().is_ok_and(|abilities| abilities.fetch) {
        return;
    }
    for record in whole.records.iter().take(5) {
        let Some(id) = id_of(record, trial) else { continue };
        match connector.fetch(kind, &id) {
            Ok(Some(found)) if is_object(&found) => {}
            Ok(Some(_)) => {
                broken.push(format!("`fetch` gives something else than a JSON object for `{kind}` {id}"))
            }
            Ok(None) => broken.push(format!("`{kind}` {id} was read, and `fetch` does not find it")),
            Err(fault) => broken.push(format!("`{kind}` {id} cannot be fetched: {fault}")),
        }
    }
}

/// The id of a record that was read.
fn id_of(record: &str, trial: &Trial) -> Option<String> {
    let record: Value = serde_json::from_str(record).ok()?;
    match record.get(trial.id.as_deref().unwrap_or("id"))? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

fn all(connector: &mut dyn Connector, kind: &str, from: Cursor, most: usize) -> Result<All, Fault> {
    let mut all = All { records: Vec::new(), problems: Vec::new(), places: Vec::new() };
    let (mut chunk, mut cursor) = (Chunk::default(), from);
    loop {
        chunk.clear();
        connector.read(kind, &cursor, most, &mut chunk)?;
        all.records.extend(chunk.records().map(str::to_owned));
        all.problems.extend(chunk.problems().iter().map(ToString::to_string));
        let Some(next) = chunk.next() else { return Ok(all) };
        if chunk.is_empty() && chunk.problems().is_empty() {
            return Err(Fault::never("a chunk is empty, and not the last one"));
        }
        if *next == cursor {
            return Err(Fault::never("the next place is the one where the chunk began"));
        }
        cursor = next.clone();
        all.places.push((cursor.clone(), all.records.len(), all.problems.len()));
    }
}

pub(super) fn is_object(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok()
}
