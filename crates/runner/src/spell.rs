//! What a map gives, as it is sent: without what has no value, in the order of its fields, with holes where references go.

use std::borrow::Cow;
use std::ops::Range;

use cutover_connect::Fields;
use serde_json::value::RawValue;

use crate::flow::{MapUse, Reference};
use crate::prepare::Link;
use crate::problem::Problem;
use crate::refs::Refs;
use crate::work::Work;

/// What a reference of the source begins with when the cleaning made it lead to a placeholder. No id of a desk has a control character.
pub(crate) const STAND_IN: &str = "\u{1}placeholder:";

/// A place in a text where a reference goes.
pub(crate) struct Hole {
    /// Behind so many bytes.
    pub(crate) at: usize,
    /// The field, by its position among the references of the map.
    pub(crate) reference: usize,
    pub(crate) items: Vec<Item>,
    pub(crate) list: bool,
    /// Whether the cleaning gave it: then it is a name or a placeholder, and no key.
    pub(crate) cleaned: bool,
}

/// A reference as a map gives it.
pub(crate) enum Item {
    Text(String),
    Placeholder(String),
}

impl Item {
    pub(crate) fn of(raw: &str) -> Option<Item> {
        if !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Item::Text(raw.to_owned()));
        }
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

/// A mapped record without what has no value, in the order of its fields, and where references are still missing.
pub(crate) fn spell(
    map: &MapUse,
    mapped: &[u8],
    given: &[(String, String)],
    holes: &mut Vec<Hole>,
    links: &mut Vec<(String, Link)>,
) -> Result<String, Problem> {
    let broken = || Problem::new(format!("`{}` gave what is not one JSON object", map.id));
    let mapped = std::str::from_utf8(mapped).map_err(|_| broken())?;
    let Fields(mut fields) = Fields::of(mapped).ok_or_else(broken)?;
    for (field, value) in given {
        let value: &RawValue = serde_json::from_str(value).map_err(|_| broken())?;
        fields.retain(|(other, _)| *other != **field);
        fields.push((Cow::Borrowed(field), value));
    }
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut out = String::with_capacity(mapped.len() + 16);
    out.push('{');
    for (field, raw) in &fields {
        let reference = map.references.iter().position(|(name, _)| name.as_str() == &**field);
        let cleaned = given.iter().any(|(of, _)| *of == **field);
        let name = || serde_json::Value::from(&**field).to_string();
        put(map, (&name, reference, cleaned), raw.get(), &mut out, holes, links)?;
    }
    out.push('}');
    Ok(out)
}

/// Writes a field of a record, unless it has no value or is set later.
fn put(
    map: &MapUse,
    (name, reference, cleaned): (&dyn Fn() -> String, Option<usize>, bool),
    raw: &str,
    out: &mut String,
    holes: &mut Vec<Hole>,
    links: &mut Vec<(String, Link)>,
) -> Result<(), Problem> {
    if raw == "null" {
        return Ok(());
    }
    let mut hole = None;
    let of = reference.and_then(|at| map.references.iter().nth(at).map(|(field, of)| (at, field, of)));
    if let Some((_, field, Reference::Late)) = of
        && raw != "false"
    {
        let broken = |_| Problem::new(format!("`{}` gave no value in `{field}`", map.id));
        let value = Some(serde_json::from_str(raw).map_err(broken)?);
        links.push((field.clone(), Link { value, ..Link::default() }));
        return Ok(());
    }
    if let Some((at, field, reference)) = of.filter(|(_, _, of)| **of != Reference::Late) {
        if *reference == Reference::Owner {
            return Ok(());
        }
        let list = raw.starts_with('[');
        let broken = || Problem::new(format!("`{}` gave no reference in `{field}`", map.id));
        let items: Vec<&RawValue> =
            if list && raw != "[]" { serde_json::from_str(raw).map_err(|_| broken())? } else { Vec::new() };
        let texts = if list { items.iter().map(|item| item.get()).collect() } else { vec![raw] };
        let values: Option<Vec<Item>> = texts.into_iter().map(Item::of).collect();
        let values = values.ok_or_else(broken)?;
        if let Reference::Later { of, into } = reference {
            let keys = values.iter().filter_map(Item::key).collect();
            links.push((field.clone(), Link { of: of.clone(), into: into.clone(), keys, list, value: None }));
            return Ok(());
        }
        hole = Some(Hole { at: 0, reference: at, items: values, list, cleaned });
    }
    if out.len() > 1 {
        out.push(',');
    }
    out.push_str(&name());
    out.push(':');
    match hole {
        Some(hole) => holes.push(Hole { at: out.len(), ..hole }),
        None => out.push_str(raw),
    }
    Ok(())
}

/// The fields that a map writes, in the order of their names: what is known of them before any record.
#[derive(Debug)]
pub(crate) struct Spelling {
    fields: Vec<Spelled>,
}

#[derive(Debug)]
struct Spelled {
    /// The position among the values that the engine writes.
    at: usize,
    /// The name, as JSON has it.
    name: String,
    /// The position among the references of the map.
    reference: Option<usize>,
}

impl Spelling {
    pub(crate) fn of(map: &MapUse) -> Spelling {
        let mut fields = Vec::new();
        for (at, name) in map.program.targets().enumerate() {
            let plain: String = serde_json::from_str(name).unwrap_or_default();
            let reference = map.references.keys().position(|reference| *reference == plain);
            fields.push((plain, Spelled { at, name: name.to_owned(), reference }));
        }
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        Spelling { fields: fields.into_iter().map(|(_, field)| field).collect() }
    }

    /// As [`spell`], of values whose places are known, when the cleaning gives nothing.
    pub(crate) fn spell(
        &self,
        map: &MapUse,
        mapped: &[u8],
        places: &[Range<usize>],
        holes: &mut Vec<Hole>,
        links: &mut Vec<(String, Link)>,
    ) -> Result<String, Problem> {
        let broken = || Problem::new(format!("`{}` gave what is not one JSON object", map.id));
        let mapped = str::from_utf8(mapped).map_err(|_| broken())?;
        let mut out = String::with_capacity(mapped.len() + 16);
        out.push('{');
        for field in &self.fields {
            let raw = places.get(field.at).and_then(|place| mapped.get(place.clone())).ok_or_else(broken)?;
            if field.reference.is_some() {
                put(map, (&|| field.name.clone(), field.reference, false), raw, &mut out, holes, links)?;
            } else if raw != "null" {
                if out.len() > 1 {
                    out.push(',');
                }
                out.push_str(&field.name);
                out.push(':');
                out.push_str(raw);
            }
        }
        out.push('}');
        Ok(out)
    }
}

/// Fills the places of a text where references go, when all of them are known; whether they are.
pub(crate) fn fill_known(
    map: &MapUse,
    text: &mut String,
    holes: &mut Vec<Hole>,
    refs: &Refs,
    work: &Work,
) -> Result<bool, Problem> {
    if holes.is_empty() {
        return Ok(true);
    }
    let mut ids = Vec::with_capacity(holes.len());
    for hole in holes.iter() {
        let Some((_, reference)) = map.references.iter().nth(hole.reference) else { return Ok(false) };
        for item in &hole.items {
            let Some(id) = known(reference, item, hole.cleaned, refs, work)? else { return Ok(false) };
            ids.push(id);
        }
    }
    let mut ids = ids.into_iter();
    let mut out = String::with_capacity(text.len() + 24 * holes.len());
    let mut from = 0;
    for hole in holes.drain(..) {
        out.push_str(text.get(from..hole.at).unwrap_or_default());
        from = hole.at;
        write_ids(hole.list, ids.by_ref().take(hole.items.len()), &mut out);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    *text = out;
    Ok(true)
}

/// Writes what a field leads to.
pub(crate) fn write_ids(list: bool, ids: impl Iterator<Item = String>, out: &mut String) {
    if list {
        out.push('[');
    }
    for (at, id) in ids.enumerate() {
        if at > 0 {
            out.push(',');
        }
        if id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            out.push('"');
            out.push_str(&id);
            out.push('"');
        } else {
            out.push_str(&serde_json::Value::from(id).to_string());
        }
    }
    if list {
        out.push(']');
    }
}

/// The id to which an item leads, where it is known without asking anybody.
fn known(
    reference: &Reference,
    item: &Item,
    cleaned: bool,
    refs: &Refs,
    work: &Work,
) -> Result<Option<String>, Problem> {
    let (Reference::Key { into, .. } | Reference::Name { into } | Reference::Later { into, .. }) = reference
    else {
        return Ok(None);
    };
    Ok(match (reference, item) {
        (_, Item::Placeholder(name)) => into.first().and_then(|kind| refs.placeholder(kind, name)),
        (Reference::Key { of, into }, Item::Text(key)) if !cleaned => refs.target(work, of, into, key)?,
        (_, Item::Text(name)) => refs.named(into, name),
    })
}
