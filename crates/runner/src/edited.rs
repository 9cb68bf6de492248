//! A record as its map shall see it: cleaned, and with names where translations speak of names.

use std::borrow::Cow;

use crate::flow::{ByName, ListOf, MapUse};
use crate::problem::Problem;
use crate::work::Work;

/// A record as its map shall see it: cleaned, and with names where translations speak of names.
pub(crate) fn edited<'r>(
    map: &MapUse,
    names: bool,
    key: &str,
    text: &'r str,
    work: &Work,
) -> Result<Edited<'r>, Problem> {
    let mut edited = Edited { text: Cow::Borrowed(text), given: Vec::new(), dangling: None };
    let cleaned = work.cleaned(&map.source, key)?;
    if cleaned.is_empty() && !names {
        return Ok(edited);
    }
    let parsed = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).ok();
    // What is no record is told by the map.
    let Some(mut fields) = parsed else { return Ok(edited) };
    for ByName { places, kinds, missing } in &map.by_name {
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
                // What leads to nothing is missing, and the row says what stands there then.
                None if exported && *missing && key.bytes().all(|byte| byte.is_ascii_digit()) => {
                    *value = serde_json::Value::Null;
                }
                // Some exports give the name itself; a number is none.
                None if exported && key.bytes().all(|byte| byte.is_ascii_digit()) => {
                    let why = format!("it leads to a {} that the export does not have", kinds.join(" or "));
                    edited.dangling = Some((places.first().cloned().unwrap_or_default(), why));
                }
                None => {}
            }
        }
    }
    for ListOf { places, kind } in &map.lists {
        if places.iter().any(|place| fields.contains_key(place)) || !work.has(kind)? {
            continue;
        }
        let mut keys: Vec<serde_json::Value> = Vec::new();
        work.each_of_owner(kind, &format!("{}:{key}", map.source), &mut |key, _| {
            keys.push(key.into());
            Ok(())
        })?;
        if let Some(place) = places.first().filter(|_| !keys.is_empty()) {
            fields.insert(place.clone(), keys.into());
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
    edited.text = Cow::Owned(serde_json::Value::Object(fields).to_string());
    Ok(edited)
}

/// A record as its map shall see it.
pub(crate) struct Edited<'r> {
    pub(crate) text: Cow<'r, str>,
    /// What the cleaning gives fields of the target.
    pub(crate) given: Vec<(String, String)>,
    /// A reference that leads nowhere: field, and words.
    pub(crate) dangling: Option<(String, String)>,
}

fn name_of(text: &str) -> Option<String> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    fields.get("name").or_else(|| fields.get("title"))?.as_str().map(str::to_owned)
}
