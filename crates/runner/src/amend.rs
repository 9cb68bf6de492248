//! Amending a plan while it runs: nights bring surprises, and a corrected spec gives a new plan.
//!
//! What the new plan would do to records that are written already is not guessed from what changed in the spec: every record that was looked
//! at so far is mapped again by the new plan, and what comes out is compared with the digest of what was sent.

use std::collections::BTreeMap;
use std::path::Path;

use cutover_diff::{Change, Counts, Diff, Effect, Side};
use cutover_plan::Plan;
use cutover_plan::bundle::{self, Bundle};
use cutover_plan::model::{Content, LoadMode, Stage, StageKind};
use rusqlite::{OptionalExtension as _, params};

use crate::bind;
use crate::context::Context;
use crate::desk::Desk;
use crate::flow::Load;
use crate::journal::{Journal, State};
use crate::load::PLACEHOLDER;
use crate::prepare::{Fate, Mapper, Planned, Target};
use crate::problem::Problem;
use crate::roots::{Roots, root};
use crate::run::{inactive_people, restore_copy};
use crate::session::{Host, Look, Opening, Parts, loads};
use crate::veil::Veil;
use crate::work::Work;

/// Who amends a plan, and why.
#[derive(Clone, Copy, Debug)]
pub struct Amending<'a> {
    /// The new plan.
    pub new: &'a Bundle,
    /// The folder from which it was read; the plan there becomes a child of the running one.
    pub folder: &'a Path,
    /// Who amends.
    pub by: &'a str,
    /// Who else agrees that a safeguard is weaker.
    pub second: Option<&'a str>,
    /// Why.
    pub why: &'a str,
    /// Only say what would happen.
    pub dry: bool,
}

/// What an amendment does.
#[derive(Clone, Debug, Default)]
pub struct Amended {
    /// What changes in meaning.
    pub diff: Diff,
    /// Records that were looked at again.
    pub records: u64,
    /// Records that were rejected and would go over now.
    pub mended: u64,
    /// Stages whose signatures or words are about something else now: they are asked for again.
    pub reopened: Vec<String>,
    /// Digest of the child.
    pub digest: String,
    /// Why it is refused; nothing was changed then.
    pub refused: Vec<String>,
}

/// Records that are read at once.
const PAGE: usize = 1000;
/// Records that are named where a plan is refused.
const NAMED: usize = 5;

/// Takes a new plan into the run: the journal stays, what is over stays, and what comes next follows the new plan.
///
/// # Errors
/// When the run is held by somebody else, or a system, a disk or the journal fails. A plan that is refused is no error: see
/// [`Amended::refused`].
pub fn amend(opening: &Opening<'_>, how: &Amending<'_>) -> Result<Amended, Problem> {
    let old = &opening.bundle.plan;
    let new = &how.new.plan;
    let parts = Parts::open(opening, false)?;
    let host: Host<'_> = parts.host(opening)?;
    let Look { ctx } = Look::new(opening, &parts, &host);
    if new.digest == old.digest {
        return Err(Problem::new("this is the plan that runs already")
            .help("correct the spec, compile it into another folder, and name that one"));
    }
    if !old.people.contains_key(how.by) {
        return Err(Problem::new(format!("`{}` is nobody of the plan's team", how.by)));
    }
    let mut source = bind::source(old, opening.environment, &opening.environment.source)?;
    restore_copy(&ctx, &mut *source)?;
    let diff = cutover_diff::compare(
        Side { plan: old, places: &opening.bundle.places },
        Side { plan: new, places: &how.new.places },
        &Counts::default(),
    );
    let mut amended = Amended { diff, ..Amended::default() };
    systems(old, new, &mut amended.refused);
    safeguards(old, how, &mut amended);
    if amended.refused.is_empty() {
        let opening = Opening {
            bundle: how.new,
            folder: how.folder,
            environment: opening.environment,
            account: None,
            secrets: opening.secrets,
            sign_offs: opening.sign_offs,
            die_at: None,
            tell: opening.tell,
        };
        let after = Parts {
            journal: parts.journal.clone(),
            work: Work::open(
                &opening.environment.path(&opening.environment.work),
                &Veil::of(new, &opening.environment.source),
            )?,
            loads: loads(new, opening.environment)?,
            clock: parts.clock,
            _lease: None,
            _lock: None,
        };
        let host = after.host(&opening)?;
        let Look { ctx: after } = Look::new(&opening, &after, &host);
        after.host.learn_inactive(inactive_people(&ctx)?);
        after.known.skipped.refresh(after.journal)?;
        let mut desk =
            Desk::open(old, opening.environment, &opening.environment.target, "target", &parts.journal)?;
        records(&ctx, &after, &mut desk, &mut amended)?;
    }
    amended.reopened = reopened(&ctx, new)?;
    if how.dry || !amended.refused.is_empty() {
        return Ok(amended);
    }
    amended.digest = child(old, how)?;
    ctx.points.pass("amended", &ctx.clock);
    take(&ctx, how, &amended)?;
    Ok(amended)
}

/// A run does not change its systems.
fn systems(old: &Plan, new: &Plan, refused: &mut Vec<String>) {
    for name in ["source", "target"] {
        let of = |plan: &Plan| {
            plan.systems.get(name).map(|system| (system.platform.clone(), system.account.clone()))
        };
        if of(old) != of(new) {
            refused.push(format!("the {name} is another system or another account"));
        }
    }
}

/// A weaker safeguard needs somebody who may decide about the way back, and who is not the one who amends.
fn safeguards(old: &Plan, how: &Amending<'_>, amended: &mut Amended) {
    let weaker: Vec<&Change> =
        amended.diff.changes.iter().filter(|change| change.effect() == Effect::WeakerSafeguard).collect();
    if weaker.is_empty() {
        return;
    }
    let deciders = old.items.values().find_map(|item| match &item.content {
        Content::Rollback(rollback) => Some(rollback.decided_by.as_slice()),
        _ => None,
    });
    let deciders = deciders.unwrap_or_default();
    let ids: Vec<String> = weaker.iter().map(|change| change.id.to_string()).collect();
    let who = || deciders.iter().filter(|one| *one != how.by).cloned().collect::<Vec<_>>().join(" or ");
    match how.second {
        Some(second) if second != how.by && deciders.iter().any(|one| one == second) => {}
        Some(second) => amended.refused.push(format!(
            "a safeguard is weaker ({}), and `{second}` cannot agree to that: {} may",
            ids.join(", "),
            who()
        )),
        None => amended.refused.push(format!(
            "a safeguard is weaker ({}): somebody else has to agree, `--second` {}",
            ids.join(", "),
            who()
        )),
    }
}

/// Maps every record that was looked at again, and compares.
fn records(
    before: &Context<'_>,
    after: &Context<'_>,
    desk: &mut Desk,
    amended: &mut Amended,
) -> Result<(), Problem> {
    for (id, load) in before.loads.iter().filter(|(_, load)| load.mode != LoadMode::Create) {
        late(before, after, desk, (id, load), amended)?;
    }
    for (id, load) in before.loads.iter().filter(|(_, load)| load.mode == LoadMode::Create) {
        let row = before.journal.stage(id)?;
        if matches!(row.state, State::Waiting | State::Undone) || row.cursor == 0 {
            continue;
        }
        let stage = after.plan.stages.iter().find(|stage| stage.id.as_str() == id);
        let (Some(stage), Some(now)) = (stage, after.loads.get(id)) else {
            amended.refused.push(format!("{id} has begun, and the new plan no longer has it"));
            continue;
        };
        if now.map.source != load.map.source || now.map.target != load.map.target {
            amended.refused.push(format!("{id} has begun, and would load other kinds"));
            continue;
        }
        let mut found = Found::default();
        let mut mapper = Mapper::new(now, after.host);
        let of_root = root(after, now, stage);
        let mut roots = Roots::new(now, of_root.as_ref(), after.host);
        let mut frozen = Frozen { ctx: after, desk };
        let (mut page, mut position) = (Vec::new(), 0);
        loop {
            after.work.page(&now.map.source, position, PAGE, &mut page)?;
            let Some(last) = page.last().map(|record| record.ord) else { break };
            for record in page.iter().filter(|record| record.ord <= row.cursor) {
                let fate = if roots.stays(after.work, record)? {
                    Fate::Filtered(String::new())
                } else {
                    mapper.prepare(record, after.journal, after.work, &after.known, &mut frozen)?
                };
                amended.records += 1;
                found.weigh(after.journal, id, (&now.map.source, &record.key, &now.map.target), fate)?;
            }
            if last >= row.cursor {
                break;
            }
            position = last;
        }
        amended.mended += found.mended;
        found.tell(id, &mut amended.refused);
    }
    Ok(())
}

/// Weighs what a stage wrote that takes over what changed: its records came by no position of the copy, but the journal has them.
fn late(
    before: &Context<'_>,
    after: &Context<'_>,
    desk: &mut Desk,
    (id, load): (&str, &Load),
    amended: &mut Amended,
) -> Result<(), Problem> {
    let sql = "SELECT key FROM record WHERE stage = ?1 AND kind = ?2 AND state = 'done' AND owner IS NULL ORDER BY seq";
    let mut get = before.journal.db.prepare(sql)?;
    let mut rows = get.query([id, load.map.source.as_str()])?;
    let mut found = Found::default();
    let mut mapper = None;
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        let Some(now) = after.loads.get(id) else {
            amended.refused.push(format!("{id} has begun, and the new plan no longer has it"));
            return Ok(());
        };
        let mapper = mapper.get_or_insert_with(|| Mapper::new(now, after.host));
        let Some((record, _)) = after.work.by_key(&now.map.source, &key)? else { continue };
        let mut frozen = Frozen { ctx: after, desk: &mut *desk };
        let fate = mapper.prepare(&record, after.journal, after.work, &after.known, &mut frozen)?;
        amended.records += 1;
        found.weigh(after.journal, id, (&now.map.source, &key, &now.map.target), fate)?;
    }
    amended.mended += found.mended;
    found.tell(id, &mut amended.refused);
    Ok(())
}

/// What the new plan makes of the records of a stage.
#[derive(Default)]
struct Found {
    changed: u64,
    further: u64,
    mended: u64,
    named: Vec<String>,
}

impl Found {
    fn weigh(
        &mut self,
        journal: &Journal,
        stage: &str,
        (kind, key, into): (&str, &str, &str),
        fate: Fate,
    ) -> Result<(), Problem> {
        let mut get = journal.db.prepare_cached(
            "SELECT seq, digest FROM record
             WHERE kind = ?1 AND key = ?2 AND into_kind = ?3 AND stage = ?4 AND state IN ('done', 'intent', 'uncertain')",
        )?;
        let there: Option<(i64, Vec<u8>)> = get
            .query_row(params![kind, key, into, stage], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let changed = match (&fate, there) {
            (Fate::Ready(planned), Some((seq, digest))) => {
                planned.digest.as_slice() != digest || !same_parts(journal, seq, planned)?
            }
            (Fate::Ready(_), None) => {
                let mut rejected = journal
                    .db
                    .prepare_cached("SELECT 1 FROM reject WHERE kind = ?1 AND key = ?2 AND stage = ?3")?;
                let mut elsewhere = journal
                    .db
                    .prepare_cached("SELECT 1 FROM record WHERE kind = ?1 AND key = ?2 AND state = 'done'")?;
                if rejected.exists([kind, key, stage])? {
                    self.mended += 1;
                } else if !elsewhere.exists([kind, key])? {
                    self.further += 1;
                }
                false
            }
            (Fate::Filtered(_) | Fate::Rejected(_), there) => there.is_some(),
        };
        if changed {
            self.changed += 1;
            if self.named.len() < NAMED {
                self.named.push(format!("{kind} {key}"));
            }
        }
        Ok(())
    }

    fn tell(&self, stage: &str, refused: &mut Vec<String>) {
        if self.changed > 0 {
            refused.push(format!(
                "{} records that {stage} has written would be written otherwise, among them {}",
                self.changed,
                self.named.join(", ")
            ));
        }
        if self.further > 0 {
            refused.push(format!(
                "{} records that {stage} has left out would go over, and it has passed them already",
                self.further
            ));
        }
    }
}

/// Whether the parts of a record are those that were sent with it. One that was rejected and would go along now is no change of what is there.
fn same_parts(journal: &Journal, seq: i64, planned: &Planned) -> Result<bool, Problem> {
    let mut get = journal.db.prepare_cached(
        "SELECT kind, key, digest FROM record WHERE owner = ?1 AND state NOT IN ('undone', 'replaced')",
    )?;
    let rows = get.query_map([seq], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    let there: BTreeMap<(String, String), Vec<u8>> = rows.collect::<Result<_, _>>()?;
    let now: BTreeMap<(String, String), &[u8]> = planned
        .parts
        .iter()
        .map(|part| ((part.kind.clone(), part.key.clone()), part.digest.as_slice()))
        .collect();
    Ok(there.iter().all(|(part, digest)| now.get(part).is_some_and(|now| now == digest)))
}

/// A target that nothing is made in: what is not there has an id that was never sent.
pub(crate) struct Frozen<'c, 'p> {
    pub(crate) ctx: &'c Context<'p>,
    pub(crate) desk: &'c mut Desk,
}

/// No target has such an id.
const NONE_YET: &str = "\u{1}";

impl Target for Frozen<'_, '_> {
    fn placeholder(&mut self, kind: &str, name: &str) -> Result<Result<String, String>, Problem> {
        if !self.ctx.written.contains(kind) {
            return Ok(Ok(name.to_owned()));
        }
        let row = self.ctx.journal.record(PLACEHOLDER, name, kind)?;
        Ok(Ok(row.filter(|row| row.state == "done").map_or_else(|| NONE_YET.to_owned(), |row| row.target)))
    }

    fn named(&mut self, kind: &str, name: &str) -> Result<Option<String>, Problem> {
        if !self.ctx.written.contains(kind) {
            return Ok(Some(name.to_owned()));
        }
        if let Some(id) = self.desk.named(kind, name)? {
            return Ok(Some(id));
        }
        Ok(if self.desk.is_embedded() { self.placeholder(kind, name)?.ok() } else { None })
    }
}

/// Stages that somebody signed or did, and whose items say something else in the new plan.
fn reopened(ctx: &Context<'_>, new: &Plan) -> Result<Vec<String>, Problem> {
    let digest = |plan: &Plan, stage: &Stage| -> Vec<Option<String>> {
        stage.items.iter().map(|item| plan.items.get(&item.0).map(|item| item.digest.clone())).collect()
    };
    let mut all = Vec::new();
    for stage in &new.stages {
        if stage.signed_by.is_empty() && stage.kind != StageKind::Gate {
            continue;
        }
        let before = ctx.plan.stages.iter().find(|old| old.id == stage.id);
        let same = before.is_some_and(|before| {
            digest(ctx.plan, before) == digest(new, stage) && before.signed_by == stage.signed_by
        });
        if !same && ctx.journal.stage(stage.id.as_str())?.state == State::Done {
            all.push(stage.id.to_string());
        }
    }
    Ok(all)
}

/// Makes the new plan a child of the old one, in its own folder; its digest.
fn child(old: &Plan, how: &Amending<'_>) -> Result<String, Problem> {
    if how.new.plan.parent.as_ref() == Some(&old.digest) {
        return Ok(how.new.plan.digest.clone());
    }
    let failed = |error: &dyn std::fmt::Display| {
        Problem::new(format!(
            "the plan in {} cannot become a child of this one: {error}",
            how.folder.display()
        ))
    };
    let mut plan = how.new.plan.clone();
    plan.parent = Some(old.digest.clone());
    let mut assets = BTreeMap::new();
    for digest in plan.assets.keys() {
        let path = how.folder.join(bundle::ASSETS).join(digest);
        assets.insert(digest.clone(), std::fs::read(path).map_err(|error| failed(&error))?);
    }
    let files = bundle::outputs(&mut plan, &how.new.places, &assets).map_err(|error| failed(&error))?;
    bundle::write(how.folder, &files).map_err(|error| failed(&error))?;
    Ok(plan.digest)
}

/// The journal is the child's from now on.
fn take(ctx: &Context<'_>, how: &Amending<'_>, amended: &Amended) -> Result<(), Problem> {
    let now = ctx.clock.now();
    ctx.journal.together(|| {
        let agreed = how.second.map_or_else(String::new, |second| format!(", {second} agrees"));
        let text = format!(
            "{} changes in meaning, {} weaker safeguards{agreed}: {}",
            amended.diff.changes.len(),
            amended.diff.of_effect(Effect::WeakerSafeguard),
            how.why
        );
        ctx.journal.event(now, "amend", how.by, &amended.digest, &text)?;
        for stage in &amended.reopened {
            ctx.journal.db.prepare_cached("DELETE FROM stage WHERE id = ?1")?.execute([stage])?;
            ctx.journal.event(now, "unsigned", "", stage, "the new plan says something else here")?;
        }
        ctx.journal.set_value(&format!("parent of {}", amended.digest), &ctx.plan.digest)?;
        ctx.journal.set_value("plan", &amended.digest)
    })
}
