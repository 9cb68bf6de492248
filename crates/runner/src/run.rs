//! The stages of a plan, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use cutover_connect::{Connector, Silence};
use cutover_ir::Id;
use cutover_plan::model::{Operation, Stage, StageKind, Undo};

use crate::backup::back_up;
use crate::checks;
use crate::clean;
use crate::context::{Context, Event};
use crate::desk::Desk;
use crate::due;
use crate::export::{export, restore};
use crate::gates::{self, For, Wait, is_people, waits};
use crate::inbound;
use crate::journal::{Rejected, State};
use crate::link::link;
use crate::load::load;
use crate::marks::strangers;
use crate::measures::{Facts, expected};
use crate::notify::{About, is_news, known, tell, tell_once};
use crate::place;
use crate::preflight;
use crate::problem::Problem;
use crate::quiet::{after_death, quietly};
use crate::rehearse;
use crate::rollback::Back;
use crate::shown;
use crate::trigger::{self, Unanswered};
use crate::verify::{Compared, compare, compare_counts, count_before};
use crate::waive;
use crate::window::{too_late, watch_downtime};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every stage is over.
    Complete,
    /// What is left waits for people, or for a time.
    Waiting(Vec<Wait>),
    /// Somebody stopped it.
    Paused {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// A stage did not pass.
    Failed {
        /// The stage.
        stage: String,
        /// How it went.
        why: String,
    },
}

/// How a stage went.
#[derive(Debug, Default)]
pub(crate) struct Went {
    pub(crate) passed: bool,
    pub(crate) note: String,
    /// Where nothing speaks against it, what somebody has still to look at: items.
    pub(crate) asks: Vec<String>,
}

impl Went {
    pub(crate) fn well(note: impl Into<String>) -> Went {
        Went { passed: true, note: note.into(), asks: Vec::new() }
    }
}

/// Makes the working copy whole, when it is not what the journal says.
pub(crate) fn restore_copy(ctx: &Context<'_>, source: &mut dyn Connector) -> Result<(), Problem> {
    let mut kinds = Vec::new();
    for stage in &ctx.plan.stages {
        if let Operation::Export { kind, .. } = &stage.operation
            && restore(ctx, source, &ctx.environment.source, stage, kind)?
        {
            kinds.push(kind.as_str());
        }
    }
    for stage in &ctx.plan.stages {
        if let Operation::Clean { kind, steps } = &stage.operation
            && kinds.contains(&kind.as_str())
            && ctx.journal.stage(stage.id.as_str())?.state == State::Done
            && let Some(steps) = clean::steps(ctx, kind, steps)
        {
            learn(ctx)?;
            clean::again(ctx, kind, &steps)?;
        }
    }
    Ok(())
}

/// Runs what can be run, and tells people what they have to know.
pub(crate) fn run(ctx: &Context<'_>, source: &mut dyn Connector, desk: &mut Desk) -> Result<Ended, Problem> {
    place::same_source(ctx, source)?;
    restore_copy(ctx, source)?;
    after_death(ctx, desk)?;
    answered(ctx, desk)?;
    let ended = stages(ctx, source, desk)?;
    match &ended {
        Ended::Waiting(waits) => {
            // Whoever has several things to do gets one notice about all that are new.
            let mut by_people: BTreeMap<Vec<String>, Vec<&Wait>> = BTreeMap::new();
            for wait in waits {
                let by = match &wait.what {
                    For::Signatures { by, .. } => by.clone(),
                    For::Person { by } | For::Look { by, .. } => vec![by.clone()],
                    For::Moment { .. } => continue,
                };
                if is_news(ctx, &wait.stage, &by)? {
                    by_people.entry(by).or_default().push(wait);
                }
            }
            for (by, waits) in by_people {
                let (text, stage) = match waits.as_slice() {
                    [wait] => (format!("{}: {}", wait.title, wait.what.words(ctx.plan)), wait.stage.as_str()),
                    several => {
                        let titles: Vec<&str> = several.iter().map(|wait| wait.title.as_str()).collect();
                        (format!("{} things wait: {}", several.len(), titles.join("; ")), "")
                    }
                };
                tell(ctx, About { what: "waits", stage, text: &text, ..About::default() }, &by)?;
                for wait in waits {
                    known(ctx, &wait.stage, &by)?;
                }
            }
        }
        Ended::Failed { stage, .. } => {
            let of = ctx.plan.stages.iter().find(|of| of.id.as_str() == stage);
            let owner: Vec<String> = of.and_then(|of| of.owner.clone()).into_iter().collect();
            let text = of.map_or_else(String::new, |of| format!("{}: did not pass", of.title));
            tell(ctx, About { what: "failed", stage, text: &text, ..About::default() }, &owner)?;
        }
        Ended::Complete => {
            let about = About { what: "complete", text: "every stage is over", ..About::default() };
            let all: Vec<String> =
                trigger::rollback(ctx).map(|back| back.decided_by.clone()).unwrap_or_default();
            tell_once(ctx, "complete", about, &all)?;
        }
        // Who paused it knows it, and who decides about a trigger has been told when it fired.
        Ended::Paused { .. } => {}
    }
    Ok(ended)
}

/// A trigger that nobody answered in time: what the plan says is done.
pub(crate) fn answered(ctx: &Context<'_>, desk: &mut Desk) -> Result<Unanswered, Problem> {
    let unanswered = trigger::unanswered(ctx)?;
    match unanswered {
        Unanswered::GoesOn => {
            ctx.journal.event(
                ctx.clock.now(),
                "resume",
                "plan",
                "",
                "nobody decided in time, and the plan says to go on",
            )?;
        }
        Unanswered::RollsBack if ctx.journal.value("taken back")?.is_none() => {
            // Behind the point of no return only people can decide; it stays paused then.
            let how = Back { by: "plan", why: "nobody decided in time", ..Back::default() };
            if let Err(problem) = crate::rollback::rollback(ctx, desk, how) {
                ctx.journal.event(ctx.clock.now(), "unanswered", "plan", "rollback", &problem.to_string())?;
            }
            ctx.journal.set_value("taken back", "because nobody decided in time")?;
        }
        _ => {}
    }
    Ok(unanswered)
}

fn stages(ctx: &Context<'_>, source: &mut dyn Connector, desk: &mut Desk) -> Result<Ended, Problem> {
    loop {
        let mut moved = false;
        let mut waiting = Vec::new();
        for stage in &ctx.plan.stages {
            if let Some((by, why)) = paused(ctx)? {
                return Ok(Ended::Paused { by, why });
            }
            let row = ctx.journal.stage(stage.id.as_str())?;
            if row.state == State::Done
                || !ready(ctx, &stage.needs.iter().map(|need| &need.stage).collect::<Vec<_>>())?
                || !clean::knows_people(ctx, stage)?
            {
                continue;
            }
            let by_hand = is_people(stage.kind) || by_hand(ctx, stage);
            if let Some(what) = waits(ctx, stage, by_hand)? {
                waiting.push(Wait { stage: stage.id.to_string(), title: stage.title.clone(), what });
                continue;
            }
            watch_downtime(ctx)?;
            if too_late(ctx, stage, by_hand)? {
                let (by, why) = paused(ctx)?.unwrap_or_default();
                return Ok(Ended::Paused { by, why });
            }
            let went = match one(ctx, source, desk, stage, by_hand) {
                Ok(went) => went,
                Err(problem) if problem.paused => {
                    let (by, why) = paused(ctx)?.unwrap_or_default();
                    return Ok(Ended::Paused { by, why });
                }
                Err(problem) => return Err(problem),
            };
            if !went.asks.is_empty() {
                let by_hand = is_people(stage.kind);
                if let Some(what) = waits(ctx, stage, by_hand)? {
                    waiting.push(Wait { stage: stage.id.to_string(), title: stage.title.clone(), what });
                    continue;
                }
            }
            if !went.passed {
                return Ok(Ended::Failed { stage: stage.id.to_string(), why: went.note });
            }
            moved = true;
        }
        if waiting.is_empty() && !moved {
            return Ok(Ended::Complete);
        }
        if !moved {
            return Ok(Ended::Waiting(waiting));
        }
    }
}

/// Whether the stages that must be over are.
fn ready(ctx: &Context<'_>, needs: &[&Id]) -> Result<bool, Problem> {
    for need in needs {
        if ctx.journal.stage(need.as_str())?.state != State::Done {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Who paused the run, and why, when nobody resumed it since.
pub(crate) fn paused(ctx: &Context<'_>) -> Result<Option<(String, String)>, Problem> {
    if let Some(what) = ctx.journal.value(crate::rollback::BEGUN)? {
        let by = ctx.journal.value(crate::rollback::BEGUN_BY)?.unwrap_or_default();
        let what = if what == "everything" { what } else { format!("`{what}`") };
        return Ok(Some((
            by,
            format!(
                "{what} is being taken back, and the way back was cut off: `cutover rollback` goes on with it"
            ),
        )));
    }
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT what, who, text FROM event WHERE what IN ('pause', 'resume') ORDER BY seq DESC LIMIT 1",
    )?;
    let mut rows = get.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let what: String = row.get(0)?;
    Ok(if what == "pause" { Some((row.get(1)?, row.get(2)?)) } else { None })
}

/// Whether this run has no way to do a stage itself.
pub(crate) fn by_hand(ctx: &Context<'_>, stage: &Stage) -> bool {
    match &stage.operation {
        Operation::Export { .. }
        | Operation::Load { .. }
        | Operation::Link { .. }
        | Operation::Silence { .. }
        | Operation::Unsilence
        | Operation::Preflight { .. } => false,
        Operation::Verify { .. } => stage.kind == StageKind::Watch,
        Operation::Clean { kind, steps } => clean::steps(ctx, kind, steps).is_none(),
        Operation::Hold { .. } | Operation::Drain { .. } => inbound::by_hand(ctx, stage),
        // A live desk has a backup of its own sort; only a folder or a database can be copied.
        Operation::Backup { store, .. } => {
            !ctx.environment.stores.contains_key(store) || !ctx.environment.source.is_local()
        }
        _ => true,
    }
}

/// Carries out one stage, and writes down how it went.
pub(crate) fn one(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    desk: &mut Desk,
    stage: &Stage,
    by_hand: bool,
) -> Result<Went, Problem> {
    let id = stage.id.as_str();
    ctx.journal.begin_stage(id, ctx.clock.now())?;
    (ctx.tell)(&Event::Begins { stage: id.to_owned(), title: stage.title.clone() });
    let mut went = if by_hand { Went::well(said(ctx, stage)?) } else { act(ctx, source, desk, stage)? };
    if matches!(stage.operation, Operation::Hold { .. }) {
        went = inbound::hold(ctx, stage, went)?;
    }
    let counts = ctx.journal.counts(id)?;
    if let Some((kind, _)) = counts.iter().find(|(_, counts)| !counts.add_up()) {
        went = Went { note: format!("the counts of {kind} do not add up"), ..Went::default() };
    }
    ctx.points.pass("stage-ending", &ctx.clock);
    let state = match went.passed {
        true => State::Done,
        false if !went.asks.is_empty() => State::Waiting,
        false => State::Failed,
    };
    ctx.journal.end_stage(id, state, &went.note, ctx.clock.now())?;
    if matches!(stage.operation, Operation::Export { .. }) && !ctx.environment.rehearsal {
        // What could not be read is lost like what was refused.
        trigger::behind_export(ctx, id)?;
    }
    (ctx.tell)(&Event::Ends { stage: id.to_owned(), passed: went.passed, counts, note: went.note.clone() });
    Ok(went)
}

/// Who said that a stage is done.
fn said(ctx: &Context<'_>, stage: &Stage) -> Result<String, Problem> {
    if matches!(stage.operation, Operation::Rehearse { .. })
        && let Some((true, words)) = rehearse::evidence(ctx)?
    {
        return Ok(format!("signed; the rehearsal {words}"));
    }
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT who, text FROM event WHERE what = 'did' AND subject = ?1 ORDER BY seq DESC LIMIT 1",
    )?;
    let mut rows = get.query([stage.id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok("signed".to_owned()) };
    let (who, text): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(if text.is_empty() { format!("done by {who}") } else { format!("done by {who}: {text}") })
}

fn act(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    desk: &mut Desk,
    stage: &Stage,
) -> Result<Went, Problem> {
    match &stage.operation {
        Operation::Export { .. } | Operation::Clean { .. } => {
            read_or_tidy(ctx, source, stage).map(Went::well)
        }
        Operation::Backup { store, .. } => {
            let Some(to) = ctx.environment.stores.get(store) else { return Ok(Went::well("")) };
            let note = back_up(ctx, to)?;
            ctx.points.pass("backed-up", &ctx.clock);
            Ok(Went::well(note))
        }
        Operation::Load { .. } => match ctx.loads.get(stage.id.as_str()) {
            Some(of) => {
                strangers(ctx, desk, stage.id.as_str(), of)?;
                count_before(ctx, desk)?;
                // What was there before is known at the second place before anything is written.
                ctx.journal.ship()?;
                quietly(ctx, desk, stage.id.as_str(), |desk| load(ctx, desk, stage, of)).map(Went::well)
            }
            None => Err(Problem::new(format!("{} has no map", stage.id))),
        },
        Operation::Link { kind, field, .. } => {
            quietly(ctx, desk, stage.id.as_str(), |desk| link(ctx, desk, stage, kind, field)).map(Went::well)
        }
        Operation::Silence { .. } => {
            desk.quiet(true)?;
            let silence = desk.connector().silence()?;
            if let Silence::Sent(sent) = silence {
                ctx.journal.set_value("sent before", &sent.to_string())?;
            }
            Ok(Went::well(words(silence)))
        }
        Operation::Unsilence => {
            desk.quiet(false)?;
            Ok(Went::well("the new desk speaks again"))
        }
        Operation::Preflight { .. } => Ok(look(ctx, source, desk)),
        // What waits already is written down behind it, whoever holds.
        Operation::Hold { .. } => Ok(Went::well("")),
        Operation::Drain { .. } => inbound::drain(ctx, stage),
        Operation::Verify { checks, .. } => verify(ctx, desk, stage, checks),
        _ => Err(Problem::new(format!("{} is nothing that this program does", stage.id))),
    }
}

/// Who is not active, of the kinds that become people of the new desk.
fn learn(ctx: &Context<'_>) -> Result<(), Problem> {
    if !ctx.host.knows_inactive() {
        ctx.host.learn_inactive(inactive_people(ctx)?);
    }
    Ok(())
}

/// Keys of people who are not active, out of the working copy.
pub(crate) fn inactive_people(ctx: &Context<'_>) -> Result<BTreeSet<String>, Problem> {
    let mut all = BTreeSet::new();
    for load in ctx.loads.values().filter(|load| load.map.target == "user") {
        all.extend(clean::inactive(ctx, &load.map.source)?);
    }
    Ok(all)
}

/// Carries out a stage that only fills or tidies the working copy.
pub(crate) fn read_or_tidy(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    stage: &Stage,
) -> Result<String, Problem> {
    match &stage.operation {
        Operation::Export { kind, .. } => export(ctx, source, &ctx.environment.source, stage, kind),
        Operation::Clean { kind, steps } => {
            let steps = clean::steps(ctx, kind, steps).unwrap_or_default();
            learn(ctx)?;
            let note = clean::clean(ctx, stage.id.as_str(), kind, &steps)?;
            ctx.points.pass("cleaned", &ctx.clock);
            Ok(note)
        }
        _ => Ok(String::new()),
    }
}

fn words(silence: Silence) -> String {
    match silence {
        Silence::Sent(sent) => format!("the new desk has sent {sent} messages so far, by its own counter"),
        Silence::RulesOff => "the rules that could send are off, as the new desk lists them".to_owned(),
        Silence::RulesOn(on) => format!("{on} rules of the new desk can send"),
        Silence::Unknown => "nothing can be said about messages of the new desk".to_owned(),
    }
}

/// What the minute before the load has to find.
fn look(ctx: &Context<'_>, source: &mut dyn Connector, desk: &mut Desk) -> Went {
    let look = preflight::Look {
        plan: ctx.plan,
        environment: ctx.environment,
        folder: ctx.folder,
        journal: Some(ctx.journal),
        now: ctx.clock.now(),
    };
    let all = look.all(Some(source), Some(desk));
    let passed = all.iter().all(|one| one.passed != preflight::Passed::No);
    let words = all.iter().map(|one| format!("{} {}: {}", one.what, one.passed.word(), one.words));
    Went { passed, note: words.collect::<Vec<_>>().join("; "), ..Went::default() }
}

/// Compares what the stages before this one wrote, and measures the checks.
fn verify(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    checks: &[cutover_plan::model::Ref],
) -> Result<Went, Problem> {
    let mut found = Compared::default();
    let (mut anew, mut again) = (0_u64, 0_u64);
    let loads = loads_before(ctx, stage)?;
    for other in loads.clone() {
        let version = desk.version(ctx.journal)?;
        let known = ctx.compared.borrow().get(&other).filter(|(then, _)| Some(*then) == version).cloned();
        found.add(match known {
            Some((_, known)) => {
                again += known.records;
                known
            }
            None => {
                let compared = compare(ctx, desk, &other)?;
                anew += compared.records;
                if let Some(version) = version {
                    ctx.compared.borrow_mut().insert(other, (version, compared.clone()));
                }
                compared
            }
        });
    }
    found.add(compare_counts(ctx, desk)?);
    let mut notes = vec![found.words()];
    if again > 0 && anew == 0 {
        notes.push("by the comparison before this one: neither journal nor desk changed since".to_owned());
    }
    let mut passed = found.is_equal();
    // What compared nothing shows nothing, where the account from which the plan was made had something.
    let expected = expected(ctx, |id, _| loads.iter().any(|load| load == id)).unwrap_or(0);
    if found.records == 0
        && expected > 0
        && let Some(item) = waive::compared(stage)
        && waive::given(ctx, item)?.is_none()
    {
        passed = false;
        notes.push(format!(
            "the plan was made from {expected}: bring the whole export, or let that pass with `cutover waive {item}`"
        ));
    }
    if let Some(sent) = ctx.journal.value("sent before")?
        && let Silence::Sent(now) = desk.connector().silence()?
        && ctx.journal.stage("stage/unsilence")?.state != State::Done
        && sent != now.to_string()
    {
        passed = false;
        notes.push(format!("the new desk has sent {now} messages, and {sent} before the load"));
    }
    // What an earlier comparison found is found again, or is mended.
    ctx.journal.db.prepare_cached("DELETE FROM reject WHERE stage = ?1")?.execute([stage.id.as_str()])?;
    for (kind, key, field) in &found.examples {
        ctx.journal.reject(&Rejected {
            stage: stage.id.to_string(),
            kind: kind.clone(),
            key: key.clone(),
            field: field.clone(),
            code: "not-equal".to_owned(),
            why: if field.is_empty() {
                "the target has it otherwise than it was sent, or not at all".to_owned()
            } else {
                "the target gives this field back otherwise than it was sent".to_owned()
            },
            ..Rejected::default()
        })?;
    }
    if trigger::behind_comparison(ctx, desk, stage.id.as_str(), &found)? {
        return Err(Problem::paused());
    }
    let due = if checks.is_empty() { None } else { shown::measure(ctx, desk)? };
    if let Some(due) = &due {
        ctx.journal.set_value("due dates", &due.words())?;
        notes.push(due.words());
        for differing in &due.differ {
            ctx.journal.reject(&Rejected {
                stage: stage.id.to_string(),
                kind: due::kind(ctx).to_owned(),
                key: differing.key.clone(),
                code: "due-differs".to_owned(),
                why: differing.words(),
                ..Rejected::default()
            })?;
        }
    }
    let sent = trigger::sent(ctx, desk)?;
    let facts = Facts { found: Some(&found), sent, due: due.as_ref(), ..Facts::default() };
    let results = checks::measure(ctx, checks, facts)?;
    let open = results.iter().any(|result| result.asks.is_some());
    let speaks_against = !passed || results.iter().any(|result| !result.passed && result.asks.is_none());
    let mut asks: Vec<String> = Vec::new();
    for result in results {
        passed &= result.passed;
        notes.push(result.words);
        asks.extend(result.asks.filter(|_| !speaks_against));
    }
    asks.dedup();
    if open || ctx.journal.value(&gates::asks(stage))?.is_some() {
        // What is asked about was looked at, or is asked about now.
        ctx.journal.set_value(&gates::asks(stage), &asks.join("\n"))?;
    }
    Ok(Went { passed, note: notes.join("; "), asks })
}

/// The load stages that a stage needs, directly or by way of others.
fn loads_before(ctx: &Context<'_>, stage: &Stage) -> Result<Vec<String>, Problem> {
    let by_id: BTreeMap<&str, &Stage> =
        ctx.plan.stages.iter().map(|stage| (stage.id.as_str(), stage)).collect();
    let mut seen = std::collections::BTreeSet::new();
    let mut open: Vec<&str> = stage.needs.iter().map(|need| need.stage.as_str()).collect();
    while let Some(id) = open.pop() {
        if seen.insert(id)
            && let Some(stage) = by_id.get(id)
        {
            open.extend(stage.needs.iter().map(|need| need.stage.as_str()));
        }
    }
    let loads = ctx.plan.stages.iter().map(|stage| stage.id.as_str());
    let mut all = Vec::new();
    for id in loads.filter(|id| seen.contains(id) && ctx.loads.contains_key(*id)) {
        if ctx.journal.stage(id)?.state == State::Done {
            all.push(id.to_owned());
        }
    }
    Ok(all)
}

/// Whether a stage that is over cannot be taken back.
pub(crate) fn is_final(stage: &Stage) -> Option<&str> {
    match &stage.undo {
        Undo::Irreversible { because } => Some(because),
        Undo::NotNeeded | Undo::Inverse(_) => None,
    }
}
