//! Verification: what the source has, what was sent and what the target has are the same.
//!
//! Nothing is sampled: each record of the journal is mapped again from the working copy, its digest is compared with the one of what was
//! sent, and each field that was sent is compared with what the target gives back.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::context::Context;
use crate::desk::Desk;
use crate::load::{Maker, PLACEHOLDER};
use crate::prepare::{Fate, Mapper};
use crate::problem::Problem;
use rusqlite::params;

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Records that were compared.
    pub records: u64,
    /// Fields that were compared.
    pub fields: u64,
    /// Records that the journal has and the target has not.
    pub missing: u64,
    /// Records that the target has beyond those that were there before and those that were written.
    pub beyond: u64,
    /// Records whose source would now be sent otherwise than it was.
    pub changed: u64,
    /// Fields that the target gives back otherwise than they were sent, by kind and field.
    pub differing: BTreeMap<(String, String), u64>,
    /// Up to a hundred of what is wrong: kind, key, field.
    pub examples: Vec<(String, String, String)>,
    /// Records whose text was not compared, with the reason.
    pub not_compared: BTreeMap<String, u64>,
}

impl Compared {
    /// Whether everything is as it was sent.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.missing == 0 && self.beyond == 0 && self.changed == 0 && self.differing.is_empty()
    }

    /// Adds what another comparison found.
    pub fn add(&mut self, other: Compared) {
        self.records += other.records;
        self.fields += other.fields;
        self.missing += other.missing;
        self.beyond += other.beyond;
        self.changed += other.changed;
        for (place, count) in other.differing {
            *self.differing.entry(place).or_default() += count;
        }
        for (why, count) in other.not_compared {
            *self.not_compared.entry(why).or_default() += count;
        }
        self.examples.extend(other.examples);
        self.examples.truncate(EXAMPLES);
    }

    fn example(&mut self, kind: &str, key: &str, field: &str) {
        if self.examples.len() < EXAMPLES {
            self.examples.push((kind.to_owned(), key.to_owned(), field.to_owned()));
        }
    }

    /// In one line of plain words.
    #[must_use]
    pub fn words(&self) -> String {
        let differing: u64 = self.differing.values().sum();
        let mut text = format!("{} records, {} fields compared", self.records, self.fields);
        for (count, what) in [
            (self.missing, "missing in the target"),
            (self.beyond, "more in the target than were written"),
            (self.changed, "not as they were sent"),
            (differing, "fields differ"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        if self.is_equal() {
            text.push_str(", all equal");
        }
        for (why, count) in &self.not_compared {
            text.push_str(&format!(", {count} not compared: {why}"));
        }
        text
    }
}

/// Examples that are kept.
const EXAMPLES: usize = 100;
/// Rows of the journal that are read at once.
const PAGE: i64 = 1000;

/// Compares everything that a load stage wrote.
pub(crate) fn compare(ctx: &Context<'_>, desk: &mut Desk, stage: &str) -> Result<Compared, Problem> {
    let mut found = Compared::default();
    let Some(load) = ctx.loads.get(stage) else { return Ok(found) };
    let mut mapper = Mapper::new(load, ctx.host);
    let mut after = 0;
    loop {
        let rows = page(ctx, stage, after)?;
        let Some(last) = rows.last().map(|row| row.seq) else { return Ok(found) };
        for row in rows {
            if row.kind == PLACEHOLDER {
                found.records += 1;
                if desk.connector().fetch(&row.into, &row.target)?.is_none() {
                    found.missing += 1;
                    found.example(&row.kind, &row.key, "");
                }
                continue;
            }
            let Some((record, _)) = ctx.work.by_key(&row.kind, &row.key)? else {
                *found.not_compared.entry("the working copy no longer has it".to_owned()).or_default() += 1;
                continue;
            };
            let mut maker = Maker { ctx, desk, stage };
            let fate = mapper.prepare(&record, ctx.journal, ctx.work, &ctx.known, &mut maker)?;
            let Fate::Ready(planned) = fate else {
                found.records += 1;
                found.changed += 1;
                found.example(&row.kind, &row.key, "");
                continue;
            };
            if planned.digest.as_slice() != row.digest {
                found.changed += 1;
                found.example(&row.kind, &row.key, "");
            }
            one(desk, &mut found, (&row.kind, &row.key), (&row.into, &row.target), &planned.draft.record)?;
            for (part, draft) in planned.parts.iter().zip(&planned.draft.parts) {
                let Some(kept) = ctx.journal.record(&part.kind, &part.key, &part.into)? else {
                    found.records += 1;
                    found.missing += 1;
                    found.example(&part.kind, &part.key, "");
                    continue;
                };
                one(desk, &mut found, (&part.kind, &part.key), (&part.into, &kept.target), &draft.record)?;
            }
        }
        after = last;
    }
}

/// Compares how many records the target has with how many it had and how many were written.
pub(crate) fn compare_counts(ctx: &Context<'_>, desk: &mut Desk) -> Result<Compared, Problem> {
    let mut found = Compared::default();
    for kind in &ctx.written {
        let (Some(now), Some(before)) =
            (desk.connector().count(kind)?, ctx.journal.value(&format!("before {kind}"))?)
        else {
            *found
                .not_compared
                .entry(format!("the target does not count its records of {kind}"))
                .or_default() += 1;
            continue;
        };
        let mut get = ctx
            .journal
            .db
            .prepare_cached("SELECT count(*) FROM record WHERE into_kind = ?1 AND state = 'done'")?;
        let written: i64 = get.query_row([kind], |row| row.get(0))?;
        let expected = before.parse::<u64>().unwrap_or(0) + u64::try_from(written).unwrap_or(0);
        found.beyond += now.saturating_sub(expected);
        found.missing += expected.saturating_sub(now);
        if now != expected {
            found.example(kind, "", "");
        }
    }
    Ok(found)
}

/// Remembers how many records the target had before anything was written.
pub(crate) fn count_before(ctx: &Context<'_>, desk: &mut Desk) -> Result<(), Problem> {
    for kind in &ctx.written {
        let name = format!("before {kind}");
        if ctx.journal.value(&name)?.is_none()
            && let Some(count) = desk.connector().count(kind)?
        {
            ctx.journal.set_value(&name, &count.to_string())?;
        }
    }
    Ok(())
}

struct Row {
    seq: i64,
    kind: String,
    key: String,
    into: String,
    target: String,
    digest: Vec<u8>,
}

fn page(ctx: &Context<'_>, stage: &str, after: i64) -> Result<Vec<Row>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT seq, kind, key, into_kind, target, digest FROM record
         WHERE seq > ?2 AND stage = ?1 AND owner IS NULL AND state = 'done' ORDER BY seq LIMIT ?3",
    )?;
    let rows = get.query_map(params![stage, after, PAGE], |row| {
        Ok(Row {
            seq: row.get(0)?,
            kind: row.get(1)?,
            key: row.get(2)?,
            into: row.get(3)?,
            target: row.get(4)?,
            digest: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Compares a record that was sent with what the target has.
fn one(
    desk: &mut Desk,
    found: &mut Compared,
    (kind, key): (&str, &str),
    (into, target): (&str, &str),
    sent: &str,
) -> Result<(), Problem> {
    found.records += 1;
    let Some(there) = desk.connector().fetch(into, target)? else {
        found.missing += 1;
        found.example(kind, key, "");
        return Ok(());
    };
    let broken =
        |error: serde_json::Error| Problem::new(format!("the target gave what is no record: {error}"));
    let there: BTreeMap<&str, &RawValue> = serde_json::from_str(&there).map_err(broken)?;
    let sent: BTreeMap<&str, &RawValue> = serde_json::from_str(sent).map_err(broken)?;
    for (field, value) in sent {
        found.fields += 1;
        let equal = there.get(field).is_some_and(|there| same(value.get(), there.get()));
        if !equal {
            *found.differing.entry((kind.to_owned(), field.to_owned())).or_default() += 1;
            found.example(kind, key, field);
        }
    }
    Ok(())
}

/// Whether two values are the same: an id may be a number or a text, and yes may be 1.
pub(crate) fn same(sent: &str, there: &str) -> bool {
    if sent == there {
        return true;
    }
    let bare = |text: &str| text.trim_matches('"').to_owned();
    match sent {
        "true" => there == "1",
        "false" => there == "0",
        _ if sent.starts_with('"') != there.starts_with('"') => bare(sent) == bare(there),
        _ => {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            read(sent).is_some_and(|sent| Some(sent) == read(there))
        }
    }
}
