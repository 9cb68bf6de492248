//! Which records a rehearsal takes: drawn by a seed, spread over the values of fields, with the oddities that the plan wants among them,
//! and with everything to which they refer.
//!
//! A record's lot is a number made of the seed and its key. The smallest lots win, so the same seed takes the same records whatever the
//! order in which they are read, and nothing but the winners is kept in memory.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use cutover_connect::plural;
use cutover_ir::Type;
use cutover_plan::model::{Content, Rehearsal};
use cutover_transform::referred;
use serde_json::Value;

use crate::context::Context;
use crate::flow::{goes_with, places, root};
use crate::oddity::{Oddities, Told};
use crate::problem::Problem;
use crate::work::{Copied, Work};

/// Records that are read at once.
const PAGE: usize = 2000;
/// Values of a field over which a sample is spread; records with further values are one group.
const VALUES: usize = 10_000;
/// Records that a rehearsal takes at most, with all to which they lead.
const MOST: usize = 200_000;
/// Records of a kind where the plan asks for no number.
const USUAL: u64 = 100;

/// A sort of records that a rehearsal wanted among its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// Its word in the language: `non_latin`; or the field and value over which the sample is spread.
    pub name: String,
    /// How many were wanted.
    pub wanted: u64,
    /// How many the export has; `None` when the export does not say which records are such.
    pub there: Option<u64>,
    /// How many were taken.
    pub taken: u64,
}

/// What was drawn.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// By kind, the positions and keys of the records.
    pub(crate) taken: BTreeMap<String, BTreeMap<i64, String>>,
    pub(crate) strata: Vec<Stratum>,
    /// Values of fields over which the sample is spread, and how many of them are among the records.
    pub(crate) spread: Vec<Stratum>,
    /// Whether records to which others lead were left out, because there were too many.
    pub(crate) cut: bool,
}

/// The best of what was offered: the highest score, then the smallest lot.
struct Best {
    most: usize,
    offered: u64,
    kept: BTreeSet<(Reverse<u64>, u64, i64)>,
}

impl Best {
    fn new(most: u64) -> Best {
        Best { most: usize::try_from(most).unwrap_or(MOST).min(MOST), offered: 0, kept: BTreeSet::new() }
    }

    fn offer(&mut self, score: u64, lot: u64, ord: i64) {
        self.offered += 1;
        self.kept.insert((Reverse(score), lot, ord));
        if self.kept.len() > self.most {
            self.kept.pop_last();
        }
    }

    fn ords(&self) -> impl Iterator<Item = i64> + '_ {
        self.kept.iter().map(|(_, _, ord)| *ord)
    }
}

/// The lot of a key.
fn lot(seed: u64, key: &str) -> u64 {
    let mut z = seed ^ 0x9e37_79b9_7f4a_7c15;
    for byte in key.bytes() {
        z = (z ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The rehearsal that a plan asks for.
pub(crate) fn rehearsal<'p>(ctx: &Context<'p>) -> Option<&'p Rehearsal> {
    ctx.plan.items.values().find_map(|item| match &item.content {
        Content::Rehearsal(rehearsal) => Some(rehearsal),
        _ => None,
    })
}

/// Draws the sample out of the whole copy.
pub(crate) fn draw(ctx: &Context<'_>, full: &Work, seed: u64) -> Result<Drawn, Problem> {
    let mut drawn = Drawn::default();
    let kinds: BTreeSet<String> = ctx.loads.values().map(|load| load.map.source.clone()).collect();
    let none = Rehearsal {
        system: String::new(),
        sample: Vec::new(),
        spread_over: Vec::new(),
        include: Vec::new(),
        run: Vec::new(),
        tests: Vec::new(),
        desks: Vec::new(),
    };
    let asked = rehearsal(ctx).unwrap_or(&none);
    let mut queue = Vec::new();
    let mut first = true;
    for sample in &asked.sample {
        let Some(kind) = kinds.iter().find(|kind| plural(kind) == sample.of || **kind == sample.of) else {
            continue;
        };
        if !full.has(kind)? {
            continue;
        }
        // The oddities are those of what the plan samples first.
        let include = if first { asked.include.as_slice() } else { &[] };
        first = false;
        let wanted: BTreeMap<&str, u64> = include.iter().map(|of| (of.of.as_str(), of.count)).collect();
        queue.extend(of_kind(ctx, full, kind, sample.count, &asked.spread_over, &wanted, seed, &mut drawn)?);
    }
    follow(ctx, full, queue, &mut drawn)?;
    // What nothing led to is tried too.
    for kind in kinds {
        if drawn.taken.contains_key(&kind) || !full.has(&kind)? || goes_with(ctx.plan, &kind).is_some() {
            continue;
        }
        let most = asked.sample.first().map_or(USUAL, |sample| sample.count);
        let queue = of_kind(ctx, full, &kind, most, &[], &BTreeMap::new(), seed, &mut drawn)?;
        follow(ctx, full, queue, &mut drawn)?;
    }
    Ok(drawn)
}

/// Draws from one kind: what is wanted of each oddity, and a sample that is spread over the values of fields.
#[expect(clippy::too_many_arguments, reason = "what a draw depends on, each of its own kind")]
fn of_kind(
    ctx: &Context<'_>,
    full: &Work,
    kind: &str,
    count: u64,
    spread: &[String],
    wanted: &BTreeMap<&str, u64>,
    seed: u64,
    drawn: &mut Drawn,
) -> Result<Vec<(String, Copied)>, Problem> {
    let mut all = Best::new(count);
    let mut by_value: BTreeMap<(String, String), Best> = BTreeMap::new();
    let mut odd: BTreeMap<&str, Best> = wanted.iter().map(|(name, most)| (*name, Best::new(*most))).collect();
    let mut rare: BTreeMap<String, Best> = BTreeMap::new();
    let mut said: BTreeSet<&str> = BTreeSet::new();
    let mut oddities = Oddities::new(ctx, full, kind, wanted)?;
    let spread: Vec<(&String, Vec<String>)> =
        spread.iter().map(|field| (field, places(ctx.plan, &ctx.environment.source, kind, field))).collect();
    let (mut page, mut after) = (Vec::new(), 0);
    loop {
        full.page(kind, after, PAGE, &mut page)?;
        let Some(last) = page.last().map(|record| record.ord) else { break };
        for record in &page {
            let lot = lot(seed, &record.key);
            all.offer(0, lot, record.ord);
            if spread.is_empty() && wanted.is_empty() {
                continue;
            }
            let Ok(value) = serde_json::from_str::<Value>(&record.text) else { continue };
            for (field, places) in &spread {
                let mut text = places.iter().find_map(|place| scalar_at(&value, place)).unwrap_or_default();
                if by_value.len() >= VALUES && !by_value.contains_key(&((*field).clone(), text.clone())) {
                    text = "(further values)".to_owned();
                }
                let best = by_value.entry(((*field).clone(), text)).or_insert_with(|| Best::new(count));
                best.offer(0, lot, record.ord);
            }
            for (name, best) in &mut odd {
                if *name == "rare_fields" {
                    for field in oddities.filled(&value) {
                        let most = best.most as u64;
                        rare.entry(field).or_insert_with(|| Best::new(most)).offer(0, lot, record.ord);
                    }
                    said.insert(name);
                    continue;
                }
                match oddities.tell(name, record, &value)? {
                    Told::Is(score) => {
                        said.insert(name);
                        best.offer(score, lot, record.ord);
                    }
                    Told::IsNot => _ = said.insert(name),
                    Told::Unsaid => {}
                }
            }
        }
        after = last;
    }
    rarest(&mut odd, rare);
    let mut ords: BTreeSet<i64> = BTreeSet::new();
    spread_out(&by_value, count, &mut ords);
    for ord in all.ords() {
        if ords.len() as u64 >= count {
            break;
        }
        ords.insert(ord);
    }
    for best in odd.values() {
        ords.extend(best.ords());
    }
    for ((field, value), best) in &by_value {
        drawn.spread.push(Stratum {
            name: format!("{field} {value}"),
            wanted: 1,
            there: Some(best.offered),
            taken: best.ords().filter(|ord| ords.contains(ord)).count() as u64,
        });
    }
    for (name, best) in &odd {
        drawn.strata.push(Stratum {
            name: (*name).to_owned(),
            wanted: best.most as u64,
            there: said.contains(name).then_some(best.offered),
            taken: best.kept.len() as u64,
        });
    }
    let mut records = Vec::new();
    for ord in ords {
        full.page(kind, ord - 1, 1, &mut page)?;
        records.extend(page.drain(..).map(|record| (kind.to_owned(), record)));
    }
    Ok(records)
}

/// Records of the fields that the fewest records have.
fn rarest(odd: &mut BTreeMap<&str, Best>, rare: BTreeMap<String, Best>) {
    let Some(best) = odd.get_mut("rare_fields") else { return };
    let mut fields: Vec<(u64, Best)> = rare.into_values().map(|best| (best.offered, best)).collect();
    fields.sort_by_key(|(offered, _)| *offered);
    // A field that every record has is not rare: the rarer half of the fields.
    let half = fields.len().div_ceil(2);
    for (rank, (_, field)) in fields.into_iter().take(half).enumerate() {
        best.offered += field.offered;
        for (_, lot, ord) in field.kept {
            if best.kept.len() < best.most && !best.ords().any(|there| there == ord) {
                best.kept.insert((Reverse(u64::MAX - rank as u64), lot, ord));
            }
        }
    }
}

/// Every value gets one record before any gets a second, the rarest first.
fn spread_out(by_value: &BTreeMap<(String, String), Best>, count: u64, ords: &mut BTreeSet<i64>) {
    let mut groups: Vec<&Best> = by_value.values().collect();
    groups.sort_by_key(|best| best.offered);
    let mut groups: Vec<_> = groups.into_iter().map(Best::ords).collect();
    while !groups.is_empty() {
        let mut rest = Vec::new();
        for mut group in groups {
            if ords.len() as u64 >= count {
                return;
            }
            if let Some(ord) = group.find(|ord| !ords.contains(ord)) {
                ords.insert(ord);
                rest.push(group);
            }
        }
        groups = rest;
    }
}

/// Takes records with everything that goes with them and everything to which they refer.
fn follow(
    ctx: &Context<'_>,
    full: &Work,
    mut queue: Vec<(String, Copied)>,
    drawn: &mut Drawn,
) -> Result<(), Problem> {
    let mut count: usize = drawn.taken.values().map(BTreeMap::len).sum();
    let present = full.kinds()?;
    let mut rows = Vec::new();
    while let Some((kind, record)) = queue.pop() {
        if count >= MOST {
            drawn.cut = true;
            return Ok(());
        }
        if drawn.taken.entry(kind.clone()).or_default().insert(record.ord, record.key.clone()).is_some() {
            continue;
        }
        count += 1;
        let own = format!("{kind}:{}", record.key);
        let whole = root(ctx.plan, &kind);
        let goes = |part: &&String| goes_with(ctx.plan, part).is_some() && root(ctx.plan, part) == whole;
        for part in present.iter().filter(goes) {
            full.of_owner(part, &own, &mut rows)?;
            queue.extend(rows.drain(..).map(|row| (part.clone(), row)));
        }
        let Ok(value) = serde_json::from_str::<Value>(&record.text) else { continue };
        for (places, kinds) in references(ctx, &kind) {
            for key in places.iter().flat_map(|place| keys_at(&value, place)) {
                for of in kinds.iter().filter(|of| present.contains(*of)) {
                    let key = full.alias(of, &key)?.unwrap_or_else(|| key.clone());
                    if let Some((copied, owner)) = full.by_key(of, &key)? {
                        // What belongs to another record comes with that one.
                        if owner.is_none() || goes_with(ctx.plan, of).is_none() {
                            queue.push((of.clone(), copied));
                        }
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Where the references of a kind stand, and to which kinds they lead.
pub(crate) fn references(ctx: &Context<'_>, kind: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let shape = ctx.plan.schemas.get("source").and_then(|schema| schema.kinds.get(kind));
    shape
        .iter()
        .flat_map(|shape| &shape.fields)
        .filter_map(|(field, schema)| {
            let kinds = match schema.of_type.required() {
                Type::Ref(_) | Type::List(_) => referred(&schema.of_type)?,
                _ => return None,
            };
            Some((places(ctx.plan, &ctx.environment.source, kind, field), kinds))
        })
        .collect()
}

/// The value at a place: a member of that name, or one inside of another.
pub(crate) fn value_at<'v>(record: &'v Value, place: &str) -> Option<&'v Value> {
    if let Some(value) = record.get(place) {
        return Some(value);
    }
    let mut value = record;
    for part in place.split('.') {
        value = value.get(part)?;
    }
    Some(value)
}

fn scalar_at(record: &Value, place: &str) -> Option<String> {
    match value_at(record, place)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The keys at a place: of one reference, or of a list of them.
pub(crate) fn keys_at(record: &Value, place: &str) -> Vec<String> {
    let key = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => match object.get("id")? {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        },
        _ => None,
    };
    match value_at(record, place) {
        Some(Value::Array(items)) => items.iter().filter_map(key).collect(),
        Some(value) => key(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Copies what was drawn into a copy of its own, in the order of the whole one, with what the cleaning noted about it.
pub(crate) fn copy(full: &Work, drawn: &Drawn, into: &Work) -> Result<(), Problem> {
    for kind in full.kinds()? {
        into.prepare(&kind)?;
        into.together(|| {
            for key in drawn.taken.get(&kind).into_iter().flat_map(BTreeMap::values) {
                let Some((record, owner)) = full.by_key(&kind, key)? else { continue };
                into.add(&kind, &record.key, owner.as_deref(), &record.text)?;
                for (field, value) in full.cleaned(&kind, key)? {
                    into.set_clean(&kind, key, &field, &value)?;
                }
            }
            full.aliases(&kind, &mut |key, winner| into.set_alias(&kind, key, winner))?;
            into.set_progress(&kind, "", true, 0)
        })?;
        into.by_owner(&kind)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Best, keys_at, lot, spread_out};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn the_same_seed_draws_the_same_whatever_the_order() {
        let draw = |keys: &mut dyn Iterator<Item = i64>| {
            let mut best = Best::new(5);
            for key in keys {
                best.offer(0, lot(7, &key.to_string()), key);
            }
            best.ords().collect::<Vec<_>>()
        };
        let forward = draw(&mut (0..1000));
        assert_eq!(forward.len(), 5);
        assert_eq!(draw(&mut (0..1000).rev()), forward);
        let mut other = Best::new(5);
        (0..1000).for_each(|key| other.offer(0, lot(8, &key.to_string()), key));
        assert_ne!(other.ords().collect::<Vec<_>>(), forward);
    }

    #[test]
    fn every_value_is_among_a_sample_that_is_spread() {
        let mut by_value = BTreeMap::new();
        for ord in 0..1000_i64 {
            // One value in a hundred is rare.
            let value = if ord % 100 == 0 { "rare" } else { "common" };
            let best =
                by_value.entry(("status".to_owned(), value.to_owned())).or_insert_with(|| Best::new(10));
            best.offer(0, lot(1, &ord.to_string()), ord);
        }
        let mut ords = BTreeSet::new();
        spread_out(&by_value, 10, &mut ords);
        assert_eq!(ords.len(), 10);
        assert_eq!(ords.iter().filter(|ord| *ord % 100 == 0).count(), 5);
    }

    #[test]
    fn references_are_read_as_exports_write_them() {
        let record =
            serde_json::json!({"a": 7, "b": ["x", 8, null], "c": {"id": "y"}, "d.e": 9, "f": {"g": 1}});
        for (place, keys) in [
            ("a", vec!["7"]),
            ("b", vec!["x", "8"]),
            ("c", vec!["y"]),
            ("d.e", vec!["9"]),
            ("f.g", vec!["1"]),
        ] {
            assert_eq!(keys_at(&record, place), keys, "{place}");
        }
        assert!(keys_at(&record, "h").is_empty());
    }
}
