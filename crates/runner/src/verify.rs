//! Verification: what the source has, what was sent and what the target has are the same.
//!
//! Nothing is sampled: each record of the journal is mapped again from the working copy, its digest is compared with the one of what was
//! sent, and each field that was sent is compared with what the target gives back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use cutover_connect::{Content, Digested, Fields};
use cutover_ir::Type;
use rusqlite::params;

use crate::context::Context;
use crate::desk::Desk;
use crate::files::is_address;
use crate::flow::Load;
use crate::host::RunHost;
use crate::journal::State;
use crate::load::{Maker, PLACEHOLDER};
use crate::measures::ASSIGNEE;
use crate::prepare::{Aids, Fate, Mapped, Mapper, lead};
use crate::problem::Problem;
use crate::refs::Refs;
use crate::strays::{CHANGED, STRAYS, Stray, assignee, has_assignee, shifted};
use crate::veil::Veil;
use crate::work::Work;

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Records that were compared.
    pub records: u64,
    /// Records that were compared, by kind of the source.
    pub by_kind: BTreeMap<String, u64>,
    /// Fields that were compared.
    pub fields: u64,
    /// Files whose bytes were compared, by their SHA-256.
    pub files: u64,
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
    /// What is not as it should be, record by record, for the metrics.
    pub(crate) strays: Vec<Stray>,
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
        for (kind, count) in other.by_kind {
            *self.by_kind.entry(kind).or_default() += count;
        }
        self.fields += other.fields;
        self.files += other.files;
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
        self.strays.extend(other.strays);
        self.strays.truncate(STRAYS);
    }

    fn stray(&mut self, stray: Stray) {
        if self.strays.len() < STRAYS {
            self.strays.push(stray);
        }
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
        match self.files {
            0 => {}
            1 => text.push_str(", and the bytes of 1 file by their SHA-256"),
            files => text.push_str(&format!(", and the bytes of {files} files by their SHA-256")),
        }
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
        if self.is_equal() && self.records == 0 {
            return "nothing was written, so there was nothing to compare".to_owned();
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
const PAGE: i64 = 600;
/// Pages that are mapped while another one is compared.
const AHEAD: usize = 2;

/// Compares everything that a load stage wrote.
pub(crate) fn compare(ctx: &Context<'_>, desk: &mut Desk, stage: &str) -> Result<Compared, Problem> {
    let mut found = Compared::default();
    let Some(load) = ctx.loads.get(stage) else { return Ok(found) };
    taken_back(ctx, stage, &mut found)?;
    let (ask, asked) = sync_channel::<Vec<String>>(AHEAD);
    let (answer, answered) = sync_channel(AHEAD);
    let (host, place) = (ctx.host, ctx.work.reading_place());
    let refs = Refs::of(ctx, load)?;
    let refs = &refs;
    // One thread maps again what the journal names, this one asks the target what it has.
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if let Err(problem) = map_again(load, (host, refs), &place, &asked, &answer) {
                // Whoever does not listen any more has a problem of its own.
                let _ = answer.send(Err(problem));
            }
        });
        // Both ends of this thread are gone when it is over, and with them what the other one waits for.
        let (ask, answered) = (ask, answered);
        let mut journal = Written { stage, after: 0, waiting: Vec::new(), over: false };
        let mut pages = VecDeque::new();
        loop {
            while pages.len() < AHEAD {
                let Some(page) = journal.page(ctx)? else { break };
                let keys = page.iter().map(|group| group.record.key_of_source()).collect();
                if ask.send(keys).is_err() {
                    break;
                }
                pages.push_back(page);
            }
            let Some(page) = pages.pop_front() else { return Ok(()) };
            let Ok(mapped) = answered.recv() else {
                return Err(Problem::new("the records could not be mapped again"));
            };
            let aids = Aids { journal: ctx.journal, work: ctx.work, known: &ctx.known, refs: Some(refs) };
            let mut fates = Vec::with_capacity(page.len());
            for mapped in mapped? {
                fates.push(match mapped {
                    Some(mapped) => Some(lead(load, mapped, &aids, &mut Maker { ctx, desk, stage })?),
                    None => None,
                });
            }
            // One transaction: nobody has to ask for each record whether the files changed.
            ctx.journal.reading(|| {
                page.iter()
                    .zip(fates)
                    .try_for_each(|(group, fate)| whole(ctx, desk, load, group, fate, &mut found))
            })?;
        }
    })?;
    Ok(found)
}

/// What was deleted of a stage that counts as over is missing: a way back was cut off there.
fn taken_back(ctx: &Context<'_>, stage: &str, found: &mut Compared) -> Result<(), Problem> {
    if matches!(ctx.journal.stage(stage)?.state, State::Waiting | State::Undone) {
        return Ok(());
    }
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT kind, key FROM record WHERE stage = ?1 AND owner IS NULL AND state = 'undone' ORDER BY seq",
    )?;
    let mut rows = get.query([stage])?;
    while let Some(row) = rows.next()? {
        found.records += 1;
        found.missing += 1;
        found.example(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?, "");
    }
    Ok(())
}

/// Maps records by their keys; `None` for one that the working copy does not have.
fn map_again(
    load: &Load,
    (host, refs): (&RunHost<'_>, &Refs),
    place: &(PathBuf, Veil),
    asked: &Receiver<Vec<String>>,
    answer: &SyncSender<Result<Vec<Option<Mapped>>, Problem>>,
) -> Result<(), Problem> {
    let work = Work::reader(place)?;
    let mut mapper = Mapper::new(load, host).ahead(refs, None);
    for keys in asked {
        let all = work.reading(|| {
            let mut all = Vec::with_capacity(keys.len());
            for key in keys {
                let record = if key.is_empty() { None } else { work.by_key(&load.map.source, &key)? };
                all.push(match record {
                    Some((record, _)) => Some(mapper.map(&record, &work)?),
                    None => None,
                });
            }
            Ok(all)
        })?;
        if answer.send(Ok(all)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Compares a record with its parts.
fn whole(
    ctx: &Context<'_>,
    desk: &mut Desk,
    load: &Load,
    group: &Group,
    fate: Option<Fate>,
    found: &mut Compared,
) -> Result<(), Problem> {
    let row = &group.record;
    if row.kind == PLACEHOLDER {
        found.records += 1;
        if desk.connector().fetch(&row.into, &row.target)?.is_none() {
            found.missing += 1;
            found.example(&row.kind, &row.key, "");
        }
        return Ok(());
    }
    let Some(fate) = fate else {
        *found.not_compared.entry("the working copy no longer has it".to_owned()).or_default() += 1;
        return Ok(());
    };
    let root = (row.kind.as_str(), row.key.as_str());
    let Fate::Ready(planned) = fate else {
        found.records += 1;
        found.changed += 1;
        found.example(&row.kind, &row.key, "");
        found.stray(Stray::of(root, &row.kind, &row.into, CHANGED));
        return Ok(());
    };
    if planned.digest.as_slice() != row.digest {
        found.changed += 1;
        found.example(&row.kind, &row.key, "");
        found.stray(Stray::of(root, &row.kind, &row.into, CHANGED));
    }
    let had = has_assignee(load).then_some(load);
    one(ctx, desk, found, (root, had), root, (&row.into, &row.target), &planned.draft.record)?;
    let mut parts = group.parts.iter();
    for (part, draft) in planned.parts.iter().zip(&planned.draft.parts) {
        // They were written in this order, unless one came later.
        let kept = match parts.clone().next() {
            Some(kept) if kept.key == part.key && kept.into == part.into => {
                parts.next();
                kept.target.clone()
            }
            _ => match ctx.journal.record(&part.kind, &part.key, &part.into)? {
                Some(kept) => kept.target,
                None => {
                    found.records += 1;
                    found.missing += 1;
                    found.example(&part.kind, &part.key, "");
                    found.stray(Stray::of(root, &part.kind, &part.into, ""));
                    continue;
                }
            },
        };
        let place = (part.into.as_str(), kept.as_str());
        one(ctx, desk, found, (root, None), (&part.kind, &part.key), place, &draft.record)?;
    }
    Ok(())
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
        let mut get = ctx.journal.db.prepare_cached(
            "SELECT count(*) FROM record WHERE into_kind = ?1 AND state IN ('done', 'kept')",
        )?;
        let written: i64 = get.query_row([kind], |row| row.get(0))?;
        // What was there before stands among those of before.
        let there: i64 = ctx
            .journal
            .db
            .prepare_cached(
                "SELECT count(*) FROM found JOIN record ON seq = record WHERE into_kind = ?1 AND state IN ('done', 'kept')",
            )?
            .query_row([kind], |row| row.get(0))?;
        let written = written.saturating_sub(there);
        let mut get = ctx.journal.db.prepare_cached(
            "SELECT count(*) FROM record WHERE into_kind = ?1 AND state IN ('uncertain', 'intent')",
        )?;
        let doubtful: i64 = get.query_row([kind], |row| row.get(0))?;
        let doubtful = u64::try_from(doubtful).unwrap_or(0);
        let expected = before.parse::<u64>().unwrap_or(0) + u64::try_from(written).unwrap_or(0);
        // What is in doubt may be there or not.
        let beyond = now.saturating_sub(expected + doubtful);
        let missing = expected.saturating_sub(now);
        found.beyond += beyond;
        found.missing += missing;
        if doubtful > 0 {
            let why = "nobody knows whether the new desk has them: `cutover rejects` lists them";
            *found.not_compared.entry(why.to_owned()).or_default() += doubtful;
        }
        if beyond + missing > 0 {
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
            // What a way back had to leave there is written again, as far as it goes over at all.
            let stayed: i64 = ctx
                .journal
                .db
                .prepare_cached("SELECT count(*) FROM record WHERE into_kind = ?1 AND state IN ('done', 'kept') AND seq NOT IN (SELECT record FROM found)")?
                .query_row([kind], |row| row.get(0))?;
            let count = count.saturating_sub(u64::try_from(stayed).unwrap_or(0));
            ctx.journal.set_value(&name, &count.to_string())?;
        }
    }
    Ok(())
}

/// A record in the journal.
struct Row {
    seq: i64,
    owner: Option<i64>,
    kind: String,
    key: String,
    into: String,
    target: String,
    digest: Vec<u8>,
}

impl Row {
    /// The key by which it is mapped again; empty for what no map made.
    fn key_of_source(&self) -> String {
        if self.kind == PLACEHOLDER { String::new() } else { self.key.clone() }
    }
}

/// A record with the parts that were written with it.
struct Group {
    record: Row,
    parts: Vec<Row>,
}

/// What a stage wrote, in the order of the journal.
struct Written<'s> {
    stage: &'s str,
    after: i64,
    /// The last record that was read: parts of it may follow.
    waiting: Vec<Group>,
    over: bool,
}

impl Written<'_> {
    /// The next records; `None` when there are no more.
    fn page(&mut self, ctx: &Context<'_>) -> Result<Option<Vec<Group>>, Problem> {
        let mut groups = std::mem::take(&mut self.waiting);
        while !self.over && groups.len() < 2 {
            let mut get = ctx.journal.db.prepare_cached(
                "SELECT seq, owner, kind, key, into_kind, target, digest FROM record
                 WHERE seq > ?2 AND stage = ?1 AND state = 'done' ORDER BY seq LIMIT ?3",
            )?;
            let mut rows = get.query(params![self.stage, self.after, PAGE])?;
            let mut count = 0;
            while let Some(row) = rows.next()? {
                let row = Row {
                    seq: row.get(0)?,
                    owner: row.get(1)?,
                    kind: row.get(2)?,
                    key: row.get(3)?,
                    into: row.get(4)?,
                    target: row.get(5)?,
                    digest: row.get(6)?,
                };
                self.after = row.seq;
                count += 1;
                match (row.owner, groups.last_mut()) {
                    (None, _) => groups.push(Group { record: row, parts: Vec::new() }),
                    (Some(owner), Some(group)) if group.record.seq == owner => group.parts.push(row),
                    // It came later than its record, and is looked up with it.
                    (Some(_), _) => {}
                }
            }
            self.over = count < PAGE;
        }
        if !self.over {
            self.waiting.extend(groups.pop());
        }
        Ok((!groups.is_empty()).then_some(groups))
    }
}

/// Compares a record that was sent with what the target has.
fn one(
    ctx: &Context<'_>,
    desk: &mut Desk,
    found: &mut Compared,
    (root, assigned): ((&str, &str), Option<&Load>),
    (kind, key): (&str, &str),
    (into, target): (&str, &str),
    sent: &str,
) -> Result<(), Problem> {
    found.records += 1;
    match found.by_kind.get_mut(kind) {
        Some(count) => *count += 1,
        None => {
            found.by_kind.insert(kind.to_owned(), 1);
        }
    }
    let Some(there) = desk.connector().fetch(into, target)? else {
        found.missing += 1;
        found.example(kind, key, "");
        found.stray(Stray::of(root, kind, into, ""));
        return Ok(());
    };
    let broken = || Problem::new("the target gave what is no record");
    let Fields(there) = Fields::of(&there).ok_or_else(broken)?;
    let Fields(sent) = Fields::of(sent).ok_or_else(broken)?;
    let mut behind = there.iter();
    for (field, value) in sent {
        found.fields += 1;
        // Both are in the order of their names, most of the time.
        let other = match behind.find(|(name, _)| *name == field) {
            Some(other) => Some(other),
            None => {
                behind = there.iter();
                there.iter().rev().find(|(name, _)| *name == field)
            }
        };
        let bytes = Content::of(value.get());
        if bytes.is_none() && is_address(value.get()) && is_file(ctx, into, &field) {
            let why = "the export has an address, and not the bytes, of a file".to_owned();
            *found.not_compared.entry(why).or_default() += 1;
        }
        let whole = match &bytes {
            Some(content) => same_bytes(desk, found, (into, target), &field, content)?,
            None => true,
        };
        let equal = whole
            && (bytes.is_some()
                || other.is_some_and(|(_, there)| {
                    value.get() == there.get()
                        || same(value.get(), there.get())
                        || is_set(ctx, into, &field) && same_set(value.get(), there.get())
                }));
        if !equal {
            *found.differing.entry((kind.to_owned(), field.clone().into_owned())).or_default() += 1;
            found.example(kind, key, &field);
            let mut stray = Stray::of(root, kind, into, &field);
            stray.shifted =
                other.is_none_or(|(_, there)| shifted(ctx, into, &field, value.get(), there.get()));
            stray.shifted &= shifted(ctx, into, &field, value.get(), "");
            found.stray(stray);
        }
    }
    if let Some(load) = assigned {
        let somebody = there
            .iter()
            .any(|(name, value)| ASSIGNEE.contains(&&**name) && !matches!(value.get(), "null" | "\"\""));
        if !somebody && let Some(field) = assignee(ctx, load, kind, key) {
            let mut stray = Stray::of(root, kind, into, &field);
            stray.lost_assignee = true;
            found.stray(stray);
        }
    }
    Ok(())
}

/// Whether a field of the target holds a file.
fn is_file(ctx: &Context<'_>, kind: &str, field: &str) -> bool {
    let schema = ctx.plan.schemas.get("target").and_then(|schema| schema.kinds.get(kind)?.fields.get(field));
    schema.is_some_and(|field| *field.of_type.required() == Type::Attachment)
}

/// Whether the target gives back the bytes that stand in the export. Each is read once more, here and there.
fn same_bytes(
    desk: &mut Desk,
    found: &mut Compared,
    (into, target): (&str, &str),
    field: &str,
    content: &Content,
) -> Result<bool, Problem> {
    let mut bytes = Digested::default();
    match desk.connector().content(into, target, field, &mut bytes)? {
        Some(true) => {
            found.files += 1;
            Ok(bytes.found() == (content.sha256.clone(), content.size))
        }
        Some(false) => Ok(false),
        None => {
            let why = format!("the target does not give the bytes of its {into} records");
            *found.not_compared.entry(why).or_default() += 1;
            Ok(true)
        }
    }
}

/// Whether a field of the target holds things whose order means nothing: people, tags, options.
fn is_set(ctx: &Context<'_>, kind: &str, field: &str) -> bool {
    let schema = ctx.plan.schemas.get("target").and_then(|schema| schema.kinds.get(kind)?.fields.get(field));
    schema.is_some_and(|field| match field.of_type.required() {
        Type::Tags | Type::Choices(_) => true,
        Type::List(item) => matches!(item.required(), Type::Ref(_)),
        _ => false,
    })
}

/// Whether two lists hold the same, in whatever order.
fn same_set(sent: &str, there: &str) -> bool {
    let read = |text: &str| {
        let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
        let words = |item: serde_json::Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
        Some(items.into_iter().map(words).collect::<BTreeSet<String>>())
    };
    read(sent).is_some_and(|sent| Some(sent) == read(there))
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

#[cfg(test)]
mod tests {
    use super::{same, same_set};

    #[test]
    fn what_is_the_same_may_be_written_otherwise() {
        assert!(same("\"7\"", "7") && same("true", "1") && same("{\"a\":1}", "{\"a\": 1}"));
        assert!(!same("[1,2]", "[2,1]") && !same("\"7\"", "8"));
        assert!(same_set("[\"b\",\"a\"]", "[\"a\",\"b\",\"a\"]") && same_set("[1]", "[\"1\"]"));
        assert!(!same_set("[\"a\"]", "[\"a\",\"b\"]") && !same_set("[\"a\"]", "\"a\""));
    }
}
