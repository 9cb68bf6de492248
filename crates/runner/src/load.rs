//! Load stages: records of the working copy are mapped and written, batch by batch.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use cutover_connect::{Ahead, Answer, Draft, Finding, Loaded, Ready};
use cutover_plan::model::{LoadMode, Schema, Stage};
use rusqlite::{ErrorCode, params};

use crate::batch::{Batch, with_owner};
use crate::calls::{Called, TRIES, calling};
use crate::context::{Context, Event};
use crate::delta::delta;
use crate::desk::Desk;
use crate::flow::Load;
use crate::host::RunHost;
use crate::journal::Rejected;
use crate::prepare::{Aids, Fate, Mapped, Mapper, Planned, Target, keep_answer, lead};
use crate::problem::Problem;
use crate::refs::Refs;
use crate::roots::{Roots, root};
use crate::run::paused;
use crate::takeover::{find_parts, in_doubt, settled, there_already};
use crate::trigger::Watched;
use crate::veil::Veil;
use crate::work::{Copied, Work};

/// Records of one batch where journal and target commit together: enough to make the syncs of a commit cheap.
const TOGETHER: usize = 1000;

/// Bytes of the texts of one batch, about.
const BYTES: usize = 4 << 20;
/// Batches that are mapped and wait while another one is written.
const AHEAD: usize = 1;

/// Runs a load stage to its end. It goes on behind what the journal says is done.
pub(crate) fn load(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    load: &Load,
) -> Result<String, Problem> {
    let id = stage.id.as_str();
    if load.mode != LoadMode::Create {
        return delta(ctx, desk, stage, load);
    }
    let cursor = ctx.journal.stage(id)?.cursor;
    let most = if desk.together { TOGETHER } else { desk.abilities.batch.clamp(1, TOGETHER) };
    // Pages of the working copy that the export left in memory: the thread that reads has its own.
    ctx.work.db.execute_batch("PRAGMA shrink_memory")?;
    let refs = Refs::of(ctx, load)?;
    let reader = Reader {
        load,
        refs: &refs,
        desk: ctx.plan.schemas.get("target").zip(desk.loaded()),
        host: ctx.host,
        root: root(ctx, load, stage),
        place: ctx.work.reading_place(),
        cursor,
        most,
    };
    let (send, receive) = sync_channel(AHEAD);
    // One thread reads and maps, this one writes: what is written comes in the order of the export all the same.
    std::thread::scope(|scope| {
        scope.spawn(move || reader.read(&send));
        write(ctx, desk, stage, load, &refs, receive)
    })?;
    orphans(ctx, id, load)?;
    Ok(String::new())
}

/// Writes what the reader has mapped, batch by batch.
fn write(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    load: &Load,
    refs: &Refs,
    receive: Receiver<Result<Page, Problem>>,
) -> Result<(), Problem> {
    let id = stage.id.as_str();
    let mut dealt = 0;
    let mut watched = Watched::default();
    watched.look(ctx, desk, id)?;
    loop {
        if paused(ctx)?.is_some() {
            return Err(Problem::paused());
        }
        ctx.known.skipped.refresh(ctx.journal)?;
        let Ok(page) = receive.recv() else { return Ok(()) };
        let page = page?;
        let mut batch = Batch { cursor: Some(page.last), ..Batch::default() };
        dealt += page.records.len() as u64;
        for (key, mapped) in page.records {
            match mapped {
                Some(mapped) => deal(ctx, desk, stage, (load, Some(refs)), &key, mapped, &mut batch)?,
                None => batch.filter(&load.map.source, &page.stays, 1),
            }
        }
        put(ctx, desk, id, batch)?;
        watched.look(ctx, desk, id)?;
        (ctx.tell)(&Event::Progress { stage: id.to_owned(), records: dealt });
    }
}

/// Records that are mapped.
struct Page {
    /// Key and what the map made of it; `None` for a record that stays behind with the one to which it belongs.
    records: Vec<(String, Option<Mapped>)>,
    /// Why it stays behind.
    stays: String,
    /// Position of the last one.
    last: i64,
}

/// Reads and maps the records of a load stage, on a thread of its own: it asks nothing but the working copy.
struct Reader<'p> {
    load: &'p Load,
    refs: &'p Refs,
    /// The embedded desk, where journal and target are one transaction: what it would say is found out here.
    desk: Option<(&'p Schema, Loaded)>,
    host: &'p RunHost<'p>,
    root: Option<(String, &'p Load)>,
    place: (PathBuf, Veil),
    cursor: i64,
    most: usize,
}

impl Reader<'_> {
    /// Sends page by page, until nothing is left or nobody listens.
    fn read(self, send: &SyncSender<Result<Page, Problem>>) {
        if let Err(problem) = self.pages(send) {
            // Whoever does not listen any more has a problem of its own.
            let _ = send.send(Err(problem));
        }
    }

    fn pages(&self, send: &SyncSender<Result<Page, Problem>>) -> Result<(), Problem> {
        let work = Work::reader(&self.place)?;
        let desk = self.desk.as_ref().map(|(schema, loaded)| Ahead::new(schema, loaded.clone()));
        let mut mapper = Mapper::new(self.load, self.host).ahead(self.refs, desk);
        let mut roots = Roots::new(self.load, self.root.as_ref(), self.host);
        let stays = self.root.as_ref().map(|(root, _)| format!("with its {root}")).unwrap_or_default();
        let mut page = Vec::new();
        let mut last = self.cursor;
        loop {
            work.page(&self.load.map.source, last, self.most, &mut page)?;
            let mut rest = page.as_slice();
            while !rest.is_empty() {
                let records = work.reading(|| self.page(&work, &mut mapper, &mut roots, rest))?;
                rest = rest.get(records.len()..).unwrap_or_default();
                let next = rest.first().map(|record| record.ord);
                last = next.map_or_else(|| page.last().map_or(last, |record| record.ord), |next| next - 1);
                if send.send(Ok(Page { records, stays: stays.clone(), last })).is_err() {
                    return Ok(());
                }
            }
            if page.is_empty() {
                return Ok(());
            }
        }
    }

    /// Maps records until there is enough for a batch: long texts go in smaller ones, so that they never fill the memory.
    fn page(
        &self,
        work: &Work,
        mapper: &mut Mapper<'_>,
        roots: &mut Roots<'_>,
        page: &[Copied],
    ) -> Result<Vec<(String, Option<Mapped>)>, Problem> {
        let (mut records, mut bytes) = (Vec::with_capacity(page.len()), 0);
        for record in page {
            let mapped = if roots.stays(work, record)? { None } else { Some(mapper.map(record, work)?) };
            bytes += mapped.as_ref().map_or(0, Mapped::bytes);
            records.push((record.key.clone(), mapped));
            if bytes >= BYTES {
                break;
            }
        }
        Ok(records)
    }
}

/// Maps one record, and prepares it for a batch.
pub(crate) fn one(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    load: &Load,
    mapper: &mut Mapper<'_>,
    record: &Copied,
    batch: &mut Batch,
) -> Result<(), Problem> {
    let mapped = mapper.map(record, ctx.work)?;
    deal(ctx, desk, stage, (load, None), &record.key, mapped, batch)
}

/// Prepares a mapped record for a batch.
fn deal(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    (load, refs): (&Load, Option<&Refs>),
    key: &str,
    mapped: Mapped,
    batch: &mut Batch,
) -> Result<(), Problem> {
    let id = stage.id.as_str();
    let aids = Aids { journal: ctx.journal, work: ctx.work, known: &ctx.known, refs };
    let owner = || format!("{}:{key}", load.map.source);
    match lead(load, mapped, &aids, &mut Maker { ctx, desk, stage: id })? {
        Fate::Ready(planned) => batch.add(*planned),
        Fate::Filtered(part) => {
            batch.filter(&load.map.source, &part, 1);
            for part in &load.parts {
                if ctx.work.has(&part.source)? {
                    let count = ctx.work.count_of_owner(&part.source, &owner())?;
                    batch.filter(&part.source, &format!("with its {}", load.map.source), count);
                }
            }
        }
        Fate::Rejected(reject) => {
            reject_parts(ctx, load, &owner(), batch)?;
            batch.reject(*reject);
        }
    }
    Ok(())
}

/// What belongs to a rejected record does not go over either.
fn reject_parts(ctx: &Context<'_>, load: &Load, owner: &str, batch: &mut Batch) -> Result<(), Problem> {
    let mut rows = Vec::new();
    for part in &load.parts {
        if !ctx.work.has(&part.source)? {
            continue;
        }
        ctx.work.of_owner(&part.source, owner, &mut rows)?;
        for row in &rows {
            batch.reject(with_owner(&part.source, &row.key, &load.map.source));
        }
    }
    Ok(())
}

/// What goes with a record that does not exist is told once, with the first stage that would have taken it.
fn orphans(ctx: &Context<'_>, stage: &str, load: &Load) -> Result<(), Problem> {
    for part in &load.parts {
        let name = format!("orphans of {}", part.source);
        if !ctx.work.has(&part.source)? || ctx.journal.value(&name)?.is_some() {
            continue;
        }
        ctx.journal.together(|| {
            let mut batch = Batch::default();
            ctx.work.orphans(&part.source, &load.map.source, &mut |key| {
                batch.reject(Rejected {
                    kind: part.source.clone(),
                    key,
                    code: "dangling-reference".to_owned(),
                    why: format!("it belongs to no {} of the export", load.map.source),
                    ..Rejected::default()
                });
                Ok(())
            })?;
            note(ctx, stage, &batch)?;
            ctx.journal.set_value(&name, stage)
        })?;
    }
    Ok(())
}

/// Writes a batch, and what became of it.
pub(crate) fn put(ctx: &Context<'_>, desk: &mut Desk, stage: &str, batch: Batch) -> Result<(), Problem> {
    if desk.together { put_together(ctx, desk, stage, batch) } else { put_apart(ctx, desk, stage, batch) }
}

/// Journal and target are one transaction: either both know a record, or none does.
fn put_together(ctx: &Context<'_>, desk: &mut Desk, stage: &str, mut batch: Batch) -> Result<(), Problem> {
    let mut planned = std::mem::take(&mut batch.planned);
    let mut there = Vec::new();
    if in_doubt(ctx, stage)? {
        let tried = planned.len();
        (there, planned) = there_already(desk, planned)?;
        settled(ctx, stage, &batch, tried, there.len())?;
    }
    let drafts: Vec<Draft> = planned.iter_mut().map(|planned| std::mem::take(&mut planned.draft)).collect();
    let ready: Vec<Option<Ready>> = planned.iter_mut().map(|planned| planned.ready.take()).collect();
    ctx.points.pass("batch-begun", &ctx.clock);
    ctx.journal.together(|| {
        for (one, id) in &there {
            let parts = find_parts(desk, &one.draft)?;
            arrived(ctx, stage, one, id, &parts, &mut batch)?;
        }
        for (kind, group, drafts, ready) in by_kind(&planned, &drafts, &ready) {
            let most = desk.abilities.batch.max(1);
            let chunks = group.chunks(most).zip(drafts.chunks(most)).zip(ready.chunks(most));
            for ((chunk, drafts), ready) in chunks {
                let answers = match calling(ctx, || desk.write_ready(kind, drafts, ready))? {
                    Called::Answered(answers) => answers,
                    Called::Doubt(why) => return Err(Problem::new(why)),
                };
                ctx.points.pass("written", &ctx.clock);
                for ((planned, draft), answer) in chunk.iter().zip(drafts).zip(answers) {
                    match answer {
                        Answer::Done { id, parts } => {
                            arrived(ctx, stage, planned, &id, &parts, &mut batch)?;
                        }
                        Answer::Known { id } => {
                            let parts = find_parts(desk, draft)?;
                            arrived(ctx, stage, planned, &id, &parts, &mut batch)?;
                        }
                        Answer::Refused { field, code, why } => batch.refused(planned, field, code, why),
                        Answer::Unknown { why } => return Err(Problem::new(why)),
                        Answer::Untried => {
                            return Err(Problem::new("the target left a record of a batch untried"));
                        }
                    }
                }
            }
        }
        note(ctx, stage, &batch)?;
        ctx.points.pass("answers-noted", &ctx.clock);
        Ok(())
    })?;
    ctx.points.pass("batch-kept", &ctx.clock);
    Ok(())
}

/// The journal says what is about to be sent, before it is; what is in doubt afterwards is looked up, and never sent on a guess.
fn put_apart(ctx: &Context<'_>, desk: &mut Desk, stage: &str, mut batch: Batch) -> Result<(), Problem> {
    let planned = std::mem::take(&mut batch.planned);
    ctx.points.pass("batch-begun", &ctx.clock);
    // What a run before this one was doing when it died.
    let (mut doubts, mut stayed) = (Vec::new(), Vec::new());
    let (mut fresh, mut intents): (Vec<&Planned>, Vec<&Planned>) = (Vec::new(), Vec::new());
    let unsure = in_doubt(ctx, stage)?;
    for one in &planned {
        match ctx.journal.record(&one.kind, &one.key, &one.into)? {
            Some(row) if row.state == "done" => batch.written(one),
            Some(row) if row.state == "uncertain" => batch.uncertain(one),
            // What a way back had to leave there is not sent again as long as it is there.
            Some(row) if row.state == "kept" && desk.connector().fetch(&one.into, &row.target)?.is_some() => {
                stayed.push((one, row.target));
            }
            // How long ago it was sent is not known for sure; that this run did not send it is.
            Some(row) if row.state == "intent" => doubts.push(one),
            // Whoever had this run before may have sent it.
            _ if unsure => {
                doubts.push(one);
                intents.push(one);
            }
            _ => {
                fresh.push(one);
                intents.push(one);
            }
        }
    }
    ctx.journal.together(|| intents.iter().try_for_each(|one| keep(ctx, stage, one, "intent", "", &[])))?;
    ctx.points.pass("intents-kept", &ctx.clock);
    let mut results: Vec<(&Planned, Answer)> = Vec::new();
    let tried = doubts.len();
    for one in doubts {
        match settle(ctx, desk, one, Duration::ZERO)? {
            Some(answer) => results.push((one, answer)),
            None => fresh.push(one),
        }
    }
    if unsure {
        settled(ctx, stage, &batch, tried, results.len())?;
    }
    let mut groups: BTreeMap<&str, Vec<&Planned>> = BTreeMap::new();
    for one in fresh {
        groups.entry(&one.into).or_default().push(one);
    }
    for (kind, group) in groups {
        for chunk in group.chunks(desk.abilities.batch.max(1)) {
            send(ctx, desk, kind, chunk.to_vec(), &mut results)?;
        }
    }
    ctx.points.pass("written", &ctx.clock);
    ctx.journal.together(|| {
        for (one, id) in stayed {
            let parts = find_parts(desk, &one.draft)?;
            arrived(ctx, stage, one, &id, &parts, &mut batch)?;
        }
        for (one, answer) in results {
            match answer {
                Answer::Done { id, parts } => arrived(ctx, stage, one, &id, &parts, &mut batch)?,
                Answer::Known { id } => {
                    let parts = find_parts(desk, &one.draft)?;
                    arrived(ctx, stage, one, &id, &parts, &mut batch)?;
                    if !desk.connector().known_by_mark(&one.into) {
                        was_there(ctx, one)?;
                    }
                }
                Answer::Refused { field, code, why } => {
                    let sql = "DELETE FROM record WHERE kind = ?1 AND key = ?2 AND into_kind = ?3 AND state = 'intent'";
                    let mut forget = ctx.journal.db.prepare_cached(sql)?;
                    forget.execute([&one.kind, &one.key, &one.into])?;
                    for part in &one.parts {
                        forget.execute([&part.kind, &part.key, &part.into])?;
                    }
                    batch.refused(one, field, code, why);
                }
                Answer::Unknown { .. } | Answer::Untried => {
                    keep(ctx, stage, one, "uncertain", "", &[])?;
                    batch.uncertain(one);
                }
            }
        }
        note(ctx, stage, &batch)?;
        ctx.points.pass("answers-noted", &ctx.clock);
        Ok(())
    })?;
    ctx.points.pass("batch-kept", &ctx.clock);
    Ok(())
}

/// Sends records until each has an answer.
fn send<'a>(
    ctx: &Context<'_>,
    desk: &mut Desk,
    kind: &str,
    mut waiting: Vec<&'a Planned>,
    results: &mut Vec<(&'a Planned, Answer)>,
) -> Result<(), Problem> {
    for _ in 0..TRIES {
        if waiting.is_empty() {
            return Ok(());
        }
        let drafts: Vec<Draft> = waiting.iter().map(|planned| planned.draft.clone()).collect();
        let sent = ctx.clock.steady();
        let answers = match calling(ctx, || desk.connector().write(kind, &drafts))? {
            Called::Answered(answers) => answers,
            Called::Doubt(why) => waiting.iter().map(|_| Answer::Unknown { why: why.clone() }).collect(),
        };
        let mut again = Vec::new();
        let mut answers = answers.into_iter();
        for one in waiting {
            match answers.next() {
                None | Some(Answer::Untried) => again.push(one),
                Some(Answer::Unknown { .. }) => match settle(ctx, desk, one, sent)? {
                    Some(answer) => results.push((one, answer)),
                    None => again.push(one),
                },
                Some(answer) => results.push((one, answer)),
            }
        }
        waiting = again;
    }
    Err(Problem::later("the target loses the answers of too many calls"))
}

/// Finds out what became of a record whose answer was lost. `None` when it is safe to send it again.
fn settle(
    ctx: &Context<'_>,
    desk: &mut Desk,
    one: &Planned,
    sent: Duration,
) -> Result<Option<Answer>, Problem> {
    match desk.abilities.finding {
        // The target itself keeps a record from being written twice.
        Finding::Enforced => return Ok(None),
        Finding::Never => return Ok(Some(Answer::Unknown { why: "its answer was lost".to_owned() })),
        Finding::AtOnce => {}
        Finding::After(delay) => {
            // No clock tells this: one that somebody sets would let a record be looked up too early, and be sent twice.
            let rest = delay.0.saturating_sub(ctx.clock.steady().saturating_sub(sent));
            if !rest.is_zero() {
                ctx.clock.sleep(rest);
            }
        }
    }
    let found = match calling(ctx, || desk.connector().find(&one.into, &one.draft.mark))? {
        Called::Answered(found) => found,
        Called::Doubt(why) => return Ok(Some(Answer::Unknown { why })),
    };
    Ok(match found.as_slice() {
        [] => None,
        [id] => Some(Answer::Known { id: id.clone() }),
        _ => Some(Answer::Unknown { why: "the target has several records of this mark".to_owned() }),
    })
}

/// Records that follow each other and go to one kind, with their drafts and what was found out about these ahead.
type OfKind<'a> = (&'a str, &'a [Planned], &'a [Draft], &'a [Option<Ready>]);

fn by_kind<'a>(
    planned: &'a [Planned],
    mut drafts: &'a [Draft],
    mut ready: &'a [Option<Ready>],
) -> Vec<OfKind<'a>> {
    planned
        .chunk_by(|a, b| a.into == b.into)
        .filter_map(|group| {
            let (of_drafts, of_ready);
            (of_drafts, drafts) = drafts.split_at_checked(group.len())?;
            (of_ready, ready) = ready.split_at_checked(group.len())?;
            Some((group.first()?.into.as_str(), group, of_drafts, of_ready))
        })
        .collect()
}

/// Writes down that the target has a record with its parts, and counts them.
fn arrived(
    ctx: &Context<'_>,
    stage: &str,
    planned: &Planned,
    target: &str,
    parts: &[String],
    batch: &mut Batch,
) -> Result<(), Problem> {
    keep(ctx, stage, planned, "done", target, parts)?;
    batch.written(planned);
    Ok(())
}

/// Notes that the target had a record already, as far as anybody can tell by what it is called: no way back touches it.
fn was_there(ctx: &Context<'_>, one: &Planned) -> Result<(), Problem> {
    let sql =
        "INSERT OR IGNORE INTO found SELECT seq FROM record WHERE kind = ?1 AND key = ?2 AND into_kind = ?3";
    ctx.journal.db.prepare_cached(sql)?.execute([&one.kind, &one.key, &one.into])?;
    Ok(())
}

/// Writes down what became of a record and its parts.
fn keep(
    ctx: &Context<'_>,
    stage: &str,
    planned: &Planned,
    state: &str,
    target: &str,
    parts: &[String],
) -> Result<(), Problem> {
    let now = ctx.clock.now();
    let db = &ctx.journal.db;
    let mut insert = db.prepare_cached(
        "INSERT INTO record (kind, key, into_kind, target, owner, stage, state, digest, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let mut row = |kind: &str, key: &str, into: &str, target: &str, owner: Option<i64>, digest: &[u8; 32]| {
        let values = params![kind, key, into, target, owner, stage, state, digest.as_slice(), now];
        match insert.execute(values) {
            Ok(_) => Ok(db.last_insert_rowid()),
            // It stands there already, from an attempt before this one.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => db
                .prepare_cached(
                    "UPDATE record SET target = ?4, owner = ?5, stage = ?6, state = ?7, digest = ?8, at = ?9,
                     attempt = attempt + (?7 = 'intent') WHERE kind = ?1 AND key = ?2 AND into_kind = ?3 RETURNING seq",
                )?
                .query_row(values, |row| row.get::<_, i64>(0)),
            Err(error) => Err(error),
        }
    };
    let seq = row(&planned.kind, &planned.key, &planned.into, target, None, &planned.digest)?;
    for (at, part) in planned.parts.iter().enumerate() {
        let id = parts.get(at).map_or("", String::as_str);
        row(&part.kind, &part.key, &part.into, id, Some(seq), &part.digest)?;
    }
    if state == "done" && !planned.links.is_empty() {
        let mut link = ctx.journal.db.prepare_cached(
            "INSERT INTO link (record, field, reference, state) VALUES (?1, ?2, ?3, 'waiting')",
        )?;
        for (field, to) in &planned.links {
            link.execute(params![seq, field, to.kept(ctx.work.veil())?])?;
        }
    }
    Ok(())
}

/// Writes down counts, rejects and how far the stage is.
pub(crate) fn note(ctx: &Context<'_>, stage: &str, batch: &Batch) -> Result<(), Problem> {
    if batch.counted {
        return Ok(());
    }
    for (kind, counts) in &batch.counts {
        ctx.journal.count(stage, kind, counts)?;
    }
    for ((kind, part), records) in &batch.filtered {
        ctx.journal.filtered(stage, kind, part, *records)?;
    }
    for reject in &batch.rejected {
        ctx.journal.reject(&Rejected { stage: stage.to_owned(), ..reject.clone() })?;
    }
    if let Some(cursor) = batch.cursor {
        ctx.journal.set_cursor(stage, cursor)?;
    }
    Ok(())
}

/// Makes placeholders, and finds names.
pub(crate) struct Maker<'c, 'p> {
    pub(crate) ctx: &'c Context<'p>,
    pub(crate) desk: &'c mut Desk,
    pub(crate) stage: &'c str,
}

/// The kind of the source under which placeholders stand in the journal.
pub(crate) const PLACEHOLDER: &str = "placeholder";

impl Target for Maker<'_, '_> {
    fn placeholder(&mut self, kind: &str, name: &str) -> Result<Result<String, String>, Problem> {
        if !self.ctx.written.contains(kind) {
            return Ok(Ok(name.to_owned()));
        }
        if let Some(id) = self.ctx.known.names.borrow().get(kind).and_then(|names| names.get(name)) {
            return Ok(Ok(String::from(&**id)));
        }
        let there = |ctx: &Context<'_>| -> Result<Option<String>, Problem> {
            let row = ctx.journal.record(PLACEHOLDER, name, kind)?;
            Ok(row.filter(|row| row.state == "done").map(|row| row.target))
        };
        if let Some(id) = there(self.ctx)? {
            keep_answer(&mut self.ctx.known.names.borrow_mut(), kind, name, &id);
            return Ok(Ok(id));
        }
        let question = (kind.to_owned(), name.to_owned());
        if let Some(why) = self.ctx.known.refused.borrow().get(&question) {
            return Ok(Err(why.clone()));
        }
        let record = serde_json::json!({ "name": name }).to_string();
        let planned = Planned {
            kind: PLACEHOLDER.to_owned(),
            key: name.to_owned(),
            into: kind.to_owned(),
            digest: sha2::Digest::finalize(sha2::Digest::chain_update(
                <sha2::Sha256 as sha2::Digest>::new(),
                &record,
            ))
            .into(),
            draft: Draft { mark: format!("{PLACEHOLDER}:{kind}:{name}"), record, parts: Vec::new() },
            ..Planned::default()
        };
        let mut batch = Batch::default();
        batch.add(planned);
        put(self.ctx, self.desk, self.stage, batch)?;
        let made = there(self.ctx)?.ok_or_else(|| "the target refuses it".to_owned());
        if let Err(why) = &made {
            self.ctx.known.refused.borrow_mut().insert(question, why.clone());
        }
        Ok(made)
    }

    fn named(&mut self, kind: &str, name: &str) -> Result<Option<String>, Problem> {
        if !self.ctx.written.contains(kind) {
            return Ok(Some(name.to_owned()));
        }
        if let Some(id) = self.desk.named(kind, name)? {
            return Ok(Some(id));
        }
        if !self.desk.is_embedded() {
            return Ok(None);
        }
        // The account has what its people built before; a desk that was made from a bundle alone has not.
        Ok(self.placeholder(kind, name)?.ok())
    }
}
