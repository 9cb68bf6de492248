//! What maps see of other records: what stands in for one that is not there, and fields of one by which a table is asked.

use crate::flow::{Keyed, MapUse, Reference, StandIn};
use crate::prepare::{Aids, Target, lead_one};
use crate::problem::Problem;
use crate::sample::{keys_at, value_at};
use crate::spell::Item;
use crate::work::Work;

/// What stands in for a reference: an id, nothing at all, or why it cannot.
pub(crate) type StoodIn = Result<Option<String>, (&'static str, String)>;

/// What stands in for a reference that leads to nothing, by its row: an id, or nothing at all. `None` where the row says nothing.
pub(crate) fn stand_in(
    map: &MapUse,
    field: &str,
    reference: &Reference,
    item: &Item,
    aids: &Aids<'_>,
    target: &mut dyn Target,
) -> Result<Option<StoodIn>, Problem> {
    let (Some(said), Reference::Key { of, into }) = (map.stand_ins.get(field), reference) else {
        return Ok(None);
    };
    // What was rejected, or may be there, can still go over: nothing stands in for it before that is settled.
    if let Item::Text(key) = item {
        for of in of {
            let sql = "SELECT 1 FROM reject WHERE kind = ?1 AND key = ?2 UNION ALL
                       SELECT 1 FROM record WHERE kind = ?1 AND key = ?2 AND state IN ('intent', 'uncertain')";
            let key = aids.work.veil().key(of, key);
            if aids.journal.db.prepare_cached(sql)?.exists([of.as_str(), &key])? {
                return Ok(None);
            }
        }
    }
    let placeholder = match said {
        StandIn::Empty => return Ok(Some(Ok(None))),
        StandIn::Name(name) => {
            for kind in into {
                if let Some(id) = target.named(kind, name)? {
                    return Ok(Some(Ok(Some(id))));
                }
            }
            return Ok(None);
        }
        StandIn::Placeholder(name) => name.as_str(),
        StandIn::ByRole(table) => {
            // Whoever stays behind is still in the copy, and what they were with them.
            let mut kind = None;
            if let Item::Text(key) = item {
                for of in of {
                    if aids.work.has(of)? && aids.work.by_key(of, key)?.is_some() {
                        kind = Some(of.as_str());
                        break;
                    }
                }
            }
            match StandIn::by_role(table, kind) {
                Some(name) => name,
                None => return Ok(None),
            }
        }
    };
    lead_one(reference, &Item::Placeholder(placeholder.to_owned()), false, aids, target)
        .map(|led| Some(led.map(Some)))
}

/// The value by which a table is asked: the record's own, or that of the record to which this one leads; nothing where it is nowhere.
pub(crate) fn asked_by<'k>(
    keyed: &'k Keyed,
    record: &serde_json::Value,
    work: &Work,
) -> Result<(&'k str, serde_json::Value), Problem> {
    let name = keyed.name.as_str();
    if let Some(own) = value_at(record, name).filter(|value| !value.is_null()) {
        return Ok((name, own.clone()));
    }
    for key in keyed.places.iter().flat_map(|place| keys_at(record, place)) {
        for (kind, places) in &keyed.kinds {
            if !work.has(kind)? {
                continue;
            }
            let key = work.alias(kind, &key)?.unwrap_or_else(|| key.clone());
            let Some((other, _)) = work.by_key(kind, &key)? else { continue };
            let other: serde_json::Value = serde_json::from_str(&other.text).unwrap_or_default();
            let found = places.iter().find_map(|place| value_at(&other, place));
            return Ok((name, found.cloned().unwrap_or_default()));
        }
    }
    Ok((name, serde_json::Value::Null))
}
