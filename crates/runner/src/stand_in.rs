//! What stands in for a record to which a reference leads, and which is not there.

use crate::flow::{MapUse, Reference, StandIn};
use crate::prepare::{Aids, Target, lead_one};
use crate::problem::Problem;
use crate::spell::Item;

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
