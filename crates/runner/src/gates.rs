//! Who is waited for: signatures, work of people, times.

use cutover_plan::model::{Content, Operation, Phase, Placement, Stage, StageKind};
use cutover_plan::signoffs::{SignOff, State as Signed, signatures};

use crate::context::Context;
use crate::journal::{Journal, State};
use crate::problem::Problem;
use crate::rehearse;
use crate::rollback::TAKEN_BACK;
use crate::run::by_hand;

/// A stage that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The stage.
    pub stage: String,
    /// What it does.
    pub title: String,
    /// What it waits for.
    pub what: For,
}

/// What a stage waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    /// Signatures of these people under an item.
    Signatures {
        /// The item.
        item: String,
        /// Who has not signed; those who signed another version of it are among them.
        by: Vec<String>,
        /// They signed before everything was taken back, and have to decide again: the journal keeps that.
        again: bool,
    },
    /// Somebody who does it and says so.
    Person {
        /// Who.
        by: String,
    },
    /// Somebody who looks at what this program cannot measure, and says so.
    Look {
        /// What: a check, a criterion, an objective.
        item: String,
        /// Who.
        by: String,
    },
    /// A moment.
    Moment {
        /// Seconds since 1970.
        at: i64,
    },
}

/// What a stage waits for beside the stages before it; nothing when it can go on.
pub(crate) fn waits(ctx: &Context<'_>, stage: &Stage, by_hand: bool) -> Result<Option<For>, Problem> {
    let now = ctx.clock.now();
    let opens = ctx.plan.migration.window.as_ref().map(|window| window.start.seconds());
    let moment = match (&stage.not_before, stage.placement, opens) {
        (Some(moment), _, _) => Some(moment.at.seconds()),
        // What people do in the window they do when they are asked; the tool itself does not begin before it.
        (None, Placement::In, Some(opens)) if !by_hand && stage.phase != Phase::Close => Some(opens),
        _ => None,
    };
    if let Some(at) = moment
        && now < at
    {
        return Ok(Some(For::Moment { at }));
    }
    if let Some(item) = still_asked(ctx, stage)? {
        let owner = ctx.plan.items.get(item.as_str()).and_then(|item| item.owner.clone());
        let by = owner.or_else(|| stage.owner.clone()).unwrap_or_else(|| "anybody of the team".to_owned());
        return Ok(Some(For::Look { item, by }));
    }
    if matches!(stage.operation, Operation::Rehearse { .. })
        && rehearse::evidence(ctx)?.is_some_and(|(passed, _)| !passed)
        && !is_waived(ctx, stage)?
    {
        // What was said before it failed says nothing about it.
        let by = stage.owner.clone().unwrap_or_else(|| "anybody of the team".to_owned());
        return Ok(Some(For::Person { by }));
    }
    if did(ctx.journal, stage.id.as_str())? && stage.signed_by.is_empty() {
        return Ok(None);
    }
    if matches!(stage.operation, Operation::Rehearse { .. })
        && !did(ctx.journal, stage.id.as_str())?
        && !rehearse::evidence(ctx)?.is_some_and(|(passed, _)| passed)
    {
        // A signature says that the evidence was looked at; without a rehearsal there is none.
        let by = stage.owner.clone().unwrap_or_else(|| "anybody of the team".to_owned());
        return Ok(Some(For::Person { by }));
    }
    if let Some(unsigned) = unsigned(ctx, stage)? {
        return Ok(Some(unsigned));
    }
    let signed = !stage.signed_by.is_empty();
    if by_hand && !signed && !did(ctx.journal, stage.id.as_str())? {
        let by = stage.owner.clone().unwrap_or_else(|| "anybody of the team".to_owned());
        return Ok(Some(For::Person { by }));
    }
    Ok(None)
}

/// Who has not signed what the stage needs.
fn unsigned(ctx: &Context<'_>, stage: &Stage) -> Result<Option<For>, Problem> {
    let Some(item) = stage.items.first().filter(|_| !stage.signed_by.is_empty()) else { return Ok(None) };
    let since = taken_back(ctx, stage)?;
    let given = if since > 0 { carried(ctx.journal, since)? } else { sign_offs(ctx)? };
    let all = signatures(ctx.plan, &given);
    let missing: Vec<String> = stage
        .signed_by
        .iter()
        .filter(|by| {
            !all.iter()
                .any(|one| one.item == item.0 && one.by == **by && matches!(one.state, Signed::Signed { .. }))
                && !directly(ctx, &given, item.0.as_str(), by)
        })
        .cloned()
        .collect();
    Ok((!missing.is_empty()).then(|| For::Signatures {
        item: item.0.to_string(),
        by: missing,
        again: since > 0,
    }))
}

/// Where the journal says that everything was taken back and a stage begins anew; 0 where it does not. Signatures from before say nothing
/// about it any more.
fn taken_back(ctx: &Context<'_>, stage: &Stage) -> Result<i64, Problem> {
    let sql = "SELECT coalesce(max(seq), 0) FROM event WHERE what = 'unsigned' AND subject = ?1 AND who = ?2";
    let mut get = ctx.journal.db.prepare_cached(sql)?;
    Ok(get.query_row([stage.id.as_str(), TAKEN_BACK], |row| row.get(0))?)
}

/// The sign-offs of the project, and those that the journal carries because the night could not wait for git.
fn sign_offs(ctx: &Context<'_>) -> Result<Vec<SignOff>, Problem> {
    let mut all = ctx.sign_offs.to_vec();
    all.extend(carried(ctx.journal, 0)?);
    Ok(all)
}

/// The sign-offs that the journal carries behind one of its events, in their order.
pub(crate) fn carried(journal: &Journal, since: i64) -> Result<Vec<SignOff>, Problem> {
    let sql = "SELECT text FROM event WHERE what = 'signed' AND seq > ?1 ORDER BY seq";
    let mut get = journal.db.prepare_cached(sql)?;
    let lines = get.query_map([since], |row| row.get::<_, String>(0))?;
    let mut all = Vec::new();
    for line in lines {
        all.extend(
            cutover_plan::signoffs::parse(line?.as_bytes()).into_iter().filter_map(|line| line.content.ok()),
        );
    }
    Ok(all)
}

/// Lets the journal carry a sign-off; `false` when it has it already.
pub(crate) fn carry(ctx: &Context<'_>, sign_off: &SignOff) -> Result<bool, Problem> {
    // Who signed before everything was taken back signs once more.
    let sql = "SELECT coalesce(max(seq), 0) FROM event WHERE what = 'unsigned' AND who = ?1";
    let since = ctx.journal.db.prepare_cached(sql)?.query_row([TAKEN_BACK], |row| row.get(0))?;
    if carried(ctx.journal, since)?.contains(sign_off) {
        return Ok(false);
    }
    let line = cutover_plan::signoffs::line(sign_off);
    let item = sign_off.item.as_str();
    ctx.journal.event(ctx.clock.now(), "signed", &sign_off.by, item, line.trim_end())?;
    Ok(true)
}

/// A stage may ask for a signature that its item does not ask for by itself.
fn directly(ctx: &Context<'_>, given: &[SignOff], item: &str, by: &str) -> bool {
    let digest = ctx.plan.items.get(item).map(|item| item.digest.as_str());
    given
        .iter()
        .any(|one: &SignOff| one.item.as_str() == item && one.by == by && Some(one.digest.as_str()) == digest)
}

/// Whether somebody said that a stage was done.
fn did(journal: &Journal, stage: &str) -> Result<bool, Problem> {
    Ok(journal
        .db
        .prepare_cached(
            "SELECT 1 FROM event WHERE what = 'did' AND subject = ?1
             AND seq > (SELECT coalesce(max(seq), 0) FROM event WHERE what = 'unsigned' AND subject = ?1)",
        )?
        .exists([stage])?)
}

/// What was noted when somebody said that something is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Stages, checks and steps.
    pub noted: Vec<String>,
    /// Those that fit as well and were left, with the reason.
    pub left: Vec<(String, String)>,
}

/// Notes that somebody did a stage. Its owner, or who signs it, may say so, once its turn has come.
pub(crate) fn note_done(
    ctx: &Context<'_>,
    pattern: &str,
    by: &str,
    evidence: &str,
) -> Result<Noted, Problem> {
    if !ctx.plan.people.contains_key(by) {
        return Err(Problem::new(format!("`{by}` is nobody of the plan's team")));
    }
    let mut all = Noted::default();
    let fits = |id: &str| pattern.strip_suffix('*').map_or(id == pattern, |start| id.starts_with(start));
    let exact = !pattern.ends_with('*');
    let mut named = 0;
    for stage in &ctx.plan.stages {
        let id = stage.id.as_str();
        if !fits(id) {
            continue;
        }
        named += 1;
        let may = stage.owner.as_deref().is_none_or(|owner| owner == by)
            || stage.signed_by.iter().any(|one| one == by);
        if !may {
            if exact {
                return Err(Problem::new(format!("`{by}` cannot say that {id} is done"))
                    .help(format!("its owner is {}", stage.owner.as_deref().unwrap_or("nobody"))));
            }
            continue;
        }
        let over = ctx.journal.stage(id)?.state == State::Done;
        match if over { None } else { not_for_people(ctx, stage)? } {
            Some(problem) if exact => return Err(problem),
            Some(problem) => all.left.push((id.to_owned(), problem.why)),
            None if over || did(ctx.journal, id)? => {
                if exact {
                    all.left.push((id.to_owned(), "it is done already".to_owned()));
                }
            }
            None => {
                ctx.journal.event(ctx.clock.now(), "did", by, id, evidence)?;
                all.noted.push(id.to_owned());
            }
        }
    }
    for (id, item) in &ctx.plan.items {
        let looked_at =
            matches!(item.content, Content::Check(_) | Content::Criterion(_) | Content::Objective(_));
        if !looked_at || id.as_str() != pattern {
            continue;
        }
        named += 1;
        if item.owner.as_deref() != Some(by) && !item.signed_by.iter().any(|one| one == by) {
            return Err(Problem::new(format!("`{by}` cannot say that {id} passes"))
                .help(format!("its owner is {}", item.owner.as_deref().unwrap_or("nobody"))));
        }
        ctx.journal.event(ctx.clock.now(), "did", by, id.as_str(), evidence)?;
        all.noted.push(id.to_string());
    }
    for (step, who, _) in crate::status::undo_steps(ctx)? {
        if !fits(&step) {
            continue;
        }
        named += 1;
        if who == by || who.is_empty() {
            ctx.journal.together(|| {
                ctx.journal.event(ctx.clock.now(), "did", by, &step, evidence)?;
                crate::inbound::given_back(ctx, &step)
            })?;
            all.noted.push(step);
        } else if exact {
            return Err(Problem::new(format!("`{by}` cannot say that {step} is done"))
                .help(format!("its owner is {who}")));
        }
    }
    if named == 0 {
        return Err(Problem::new(format!("the plan has no stage and no check `{pattern}`"))
            .help("`cutover status` lists the stages that wait"));
    }
    Ok(all)
}

/// Why nobody can say now that a stage is done; nothing when somebody can.
fn not_for_people(ctx: &Context<'_>, stage: &Stage) -> Result<Option<Problem>, Problem> {
    let id = stage.id.as_str();
    let rehearsal = matches!(stage.operation, Operation::Rehearse { .. });
    // Where this program cannot make a desk quiet, somebody does: for records that are tried again after it spoke.
    let quiet =
        matches!(stage.operation, Operation::Silence { .. }) && ctx.environment.target.connector != "sqlite";
    if !is_people(stage.kind) && !by_hand(ctx, stage) && !quiet {
        return Ok(Some(
            Problem::new(format!("{id} is done by this program: nobody has to say so"))
                .help("`cutover run` does it when its turn has come"),
        ));
    }
    if !stage.signed_by.is_empty() && !rehearsal {
        let item = stage.items.first().map_or("", |item| item.0.as_str());
        let who = stage.signed_by.join(", ");
        return Ok(Some(
            Problem::new(format!("{id} is opened by a signature"))
                .help(format!("{who} may give it: `cutover sign {item}`")),
        ));
    }
    for need in &stage.needs {
        if ctx.journal.stage(need.stage.as_str())?.state != State::Done {
            return Ok(Some(
                Problem::new(format!("the turn of {id} has not come: it waits for {}", need.stage))
                    .help("`cutover status` lists the stages whose turn it is"),
            ));
        }
    }
    if let Some(until) = lasts_until(ctx, stage)?
        && ctx.clock.now() < until
    {
        return Ok(Some(
            Problem::new(format!("{id} lasts until {}", crate::status::local(ctx.plan, until)))
                .help("say so when that time is over"),
        ));
    }
    if rehearsal
        && let Some((false, words)) = rehearse::evidence(ctx)?
        && !is_waived(ctx, stage)?
    {
        return Ok(Some(Problem::new(format!("the last rehearsal of this plan did not pass: {words}"))
            .help("mend what it found and rehearse again; who may decide that can waive it with a reason: `cutover waive`")));
    }
    Ok(None)
}

/// When a stage that has a length is over: its length behind what it waits for.
fn lasts_until(ctx: &Context<'_>, stage: &Stage) -> Result<Option<i64>, Problem> {
    let length = stage.items.iter().find_map(|item| match &ctx.plan.items.get(&item.0)?.content {
        Content::Watch(watch) => Some(watch.lasting),
        Content::Hypercare(care) => Some(care.rhythm.lasting),
        Content::Ownership(owned) => Some(owned.rhythm.lasting),
        _ => None,
    });
    let Some(length) = length else { return Ok(None) };
    let mut since = None;
    for need in &stage.needs {
        since = since.max(ctx.journal.stage(need.stage.as_str())?.ended);
    }
    let length = i64::try_from(length.nominal_seconds()).unwrap_or(i64::MAX);
    Ok(since.map(|since| since.saturating_add(length)))
}

/// The name under which the journal keeps what a stage asks people to look at.
pub(crate) fn asks(stage: &Stage) -> String {
    format!("asks {}", stage.id)
}

/// The first of what a comparison asked people to look at and about which nobody has said anything.
fn still_asked(ctx: &Context<'_>, stage: &Stage) -> Result<Option<String>, Problem> {
    if !matches!(stage.operation, Operation::Verify { .. }) {
        return Ok(None);
    }
    let mut said = ctx.journal.db.prepare_cached(
        "SELECT 1 FROM event WHERE what IN ('did', 'measured') AND (subject = ?1 OR substr(subject, 1, length(?1) + 1) = ?1 || '/')
         AND seq > (SELECT coalesce(max(seq), 0) FROM event WHERE what = 'rollback' AND subject = 'everything')",
    )?;
    for item in ctx.journal.value(&asks(stage))?.unwrap_or_default().lines() {
        if !said.exists([item])? && crate::waive::given(ctx, item)?.is_none() {
            return Ok(Some(item.to_owned()));
        }
    }
    Ok(None)
}

/// Whether somebody lets a stage pass whose evidence does not, and the time that they gave is not over.
fn is_waived(ctx: &Context<'_>, stage: &Stage) -> Result<bool, Problem> {
    for item in &stage.items {
        if crate::waive::given(ctx, item.0.as_str())?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether only people can do a stage.
pub(crate) fn is_people(kind: StageKind) -> bool {
    kind == StageKind::Gate
}
