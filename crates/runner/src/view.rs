//! Now, next and who: what onlookers see of a run. One value, drawn in a terminal, as a page, or as JSON.

use std::collections::BTreeMap;

use cutover_plan::model::{Operation, Pass, Placement, Stage};
use cutover_plan::text::numbers::{number, span};
use serde::Serialize;

use crate::context::Context;
use crate::gates::{For, is_people};
use crate::journal::{Counts, State};
use crate::problem::Problem;
use crate::run::{by_hand, paused};
use crate::status::{IN_DOUBT, elsewhere, local, status};
use crate::trigger;

/// What onlookers see of a run. Times are those of the window's zone, in words; no text of a record is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct View {
    /// The title of the migration.
    pub title: String,
    /// The account to which it writes.
    pub account: String,
    /// Digest of the plan.
    pub plan: String,
    /// When this was so.
    pub at: String,
    /// The window: from, to.
    pub window: Option<(String, String)>,
    /// Stages that are over, of how many.
    pub over: (usize, usize),
    /// Who took the run over on another machine: all of this is what was so before.
    pub elsewhere: Option<String>,
    /// Who paused it, and why.
    pub paused: Option<(String, String)>,
    /// By when somebody has to decide about the trigger that paused it.
    pub answer_by: Option<String>,
    /// What goes on.
    pub now: Vec<Now>,
    /// Stages that did not pass, and how they went.
    pub failed: Vec<(String, String)>,
    /// Stages that the program goes on with when it is run: id, title.
    pub next: Vec<(String, String)>,
    /// The next step of a person.
    pub human: Option<Human>,
    /// Who is waited for: stage, words.
    pub waiting: Vec<(String, String)>,
    /// The first stage that cannot be taken back.
    pub no_return: Option<NoReturn>,
    /// When the work of the window is over at the earliest, by the plan's estimates and what is over.
    pub ends: Option<Ends>,
    /// How long customers have been without an answer, against what the plan allows; nothing before the first address is held.
    pub downtime: Option<String>,
    /// Records of the loads so far, by kind.
    pub records: Vec<(String, Totals)>,
    /// Records that did not go over, by cause: stage, kind, cause, how many.
    pub rejects: Vec<(String, String, String, u64)>,
    /// Calls that the target and the source allow.
    pub budget: Vec<String>,
    /// What only people can measure, and nobody has: id, what.
    pub asked: Vec<(String, String)>,
}

/// A stage that goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Now {
    /// Its id.
    pub stage: String,
    /// What it does.
    pub title: String,
    /// Records that are dealt with.
    pub done: u64,
    /// All of them, where that is known.
    pub of: Option<u64>,
    /// Records in a second, since it began.
    pub rate: Option<u64>,
    /// Seconds that are left at this rate.
    pub left: Option<u64>,
    /// Seconds since it began.
    pub since: u64,
}

/// A step of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Human {
    /// The stage.
    pub stage: String,
    /// What it does.
    pub title: String,
    /// Who does it.
    pub who: String,
    /// How it is known to be done.
    pub text: String,
    /// When its turn comes at the earliest; nothing when it is now.
    pub from: Option<String>,
}

/// Where the way back ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NoReturn {
    /// The stage.
    pub stage: String,
    /// What it does.
    pub title: String,
    /// Whether it is over.
    pub over: bool,
    /// Minutes until it begins, at the earliest.
    pub minutes: Option<u64>,
}

/// When the work of the window is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ends {
    /// When.
    pub at: String,
    /// Minutes between that and the end of the window; negative when it is too late.
    pub spare: Option<i64>,
}

/// Records of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Looked at.
    pub read: u64,
    /// In the target.
    pub written: u64,
    /// Broke a rule, or were refused.
    pub rejected: u64,
    /// Outside of the scope.
    pub filtered: u64,
    /// Nobody knows whether the target has them.
    pub uncertain: u64,
}

/// Looks at a run.
pub(crate) fn view(ctx: &Context<'_>) -> Result<View, Problem> {
    let plan = ctx.plan;
    let status = status(ctx)?;
    let ahead = Ahead::of(ctx)?;
    let now = status.at;
    let say = |at: i64| minute(&local(plan, at));
    let mut records: BTreeMap<String, Counts> = BTreeMap::new();
    for (stage, counts) in &status.counts {
        if ctx.loads.contains_key(stage) {
            for (kind, counts) in counts {
                records.entry(kind.clone()).or_default().add(counts);
            }
        }
    }
    for (kind, counts) in &mut records {
        once(ctx, kind, counts)?;
    }
    let window = plan.migration.window.as_ref();
    let stage_of = |id: &str| plan.stages.iter().find(|stage| stage.id.as_str() == id);
    let mut running = Vec::new();
    for (id, _) in &status.now {
        if let Some(stage) = stage_of(id) {
            running.push(at_work(ctx, stage, now)?);
        }
    }
    let no_return = status.no_return.as_ref().map(|(id, over)| NoReturn {
        stage: id.clone(),
        title: stage_of(id).map_or_else(String::new, |stage| stage.title.clone()),
        over: *over,
        minutes: ahead.begins.get(id.as_str()).map(|begins| minutes(begins.saturating_sub(now))),
    });
    let ends = ahead.window_ends.map(|at| Ends {
        at: say(at),
        spare: window.map(|window| (window.end.seconds() - at).div_euclid(60)),
    });
    let open = trigger::open(ctx)?.and_then(|open| open.by);
    Ok(View {
        title: plan.migration.title.clone(),
        account: status.account.clone(),
        plan: plan.digest.clone(),
        at: local(plan, now),
        window: window.map(|window| (say(window.start.seconds()), say(window.end.seconds()))),
        over: status.over,
        elsewhere: status.elsewhere.clone(),
        paused: paused(ctx)?,
        answer_by: open.map(say),
        now: running,
        failed: status.failed.clone(),
        next: status.next.clone(),
        human: human(ctx, &ahead, now)?,
        waiting: status.waiting.iter().map(|wait| (wait.stage.clone(), wait.what.words(plan))).collect(),
        no_return,
        ends,
        downtime: crate::window::downtime(ctx)?.map(|found| found.words()),
        records: records
            .into_iter()
            .map(|(kind, counts)| {
                let Counts { read, written, rejected, filtered, uncertain } = counts;
                (kind, Totals { read, written, rejected, filtered, uncertain })
            })
            .collect(),
        rejects: status.rejects,
        budget: budget(ctx),
        asked: crate::watch::asked(ctx)?,
    })
}

/// Each wave looks at the whole copy of its kind, and leaves what is another wave's: a record is told once.
pub(crate) fn once(ctx: &Context<'_>, kind: &str, counts: &mut Counts) -> Result<(), Problem> {
    if ctx.work.has(kind)? {
        let there = ctx.work.count(kind)?;
        let taken = counts.written + counts.rejected + counts.uncertain;
        if there >= taken && counts.read > there {
            counts.read = there;
            counts.filtered = there - taken;
        }
    }
    Ok(())
}

/// A time without its seconds and its zone, which stand once at the top.
fn minute(text: &str) -> String {
    text.split_once(" (").map_or(text, |(time, _)| time).get(..16).unwrap_or(text).to_owned()
}

fn minutes(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0) / 60
}

/// How far a stage is that goes on.
fn at_work(ctx: &Context<'_>, stage: &Stage, now: i64) -> Result<Now, Problem> {
    let id = stage.id.as_str();
    let row = ctx.journal.stage(id)?;
    let since = row.began.map_or(0, |began| u64::try_from(now.saturating_sub(began)).unwrap_or(0));
    let (done, of) = match (&stage.operation, ctx.loads.get(id)) {
        (_, Some(load)) => {
            let counts = ctx.journal.counts(id)?;
            let done = counts.iter().find(|(kind, _)| *kind == load.map.source);
            let all =
                if ctx.work.has(&load.map.source)? { Some(ctx.work.count(&load.map.source)?) } else { None };
            (done.map_or(0, |(_, counts)| counts.read), all)
        }
        (Operation::Export { kind, .. }, _) => {
            (ctx.work.progress(kind)?.2, stage.estimate.as_deref().map(|estimate| estimate.count))
        }
        _ => (0, None),
    };
    let rate = (since > 0 && done > 0).then(|| done / since).filter(|rate| *rate > 0);
    let left = match (rate, of) {
        (Some(rate), Some(of)) => Some(of.saturating_sub(done).div_ceil(rate)),
        _ => None,
    };
    Ok(Now { stage: id.to_owned(), title: stage.title.clone(), done, of, rate, left, since })
}

/// When what is not over begins and ends at the earliest: by the plan's estimates, one stage of the program after the other. People's work
/// that has no estimate is taken as done the moment its turn comes.
pub(crate) struct Ahead<'p> {
    begins: BTreeMap<&'p str, i64>,
    pub(crate) window_ends: Option<i64>,
}

impl<'p> Ahead<'p> {
    pub(crate) fn of(ctx: &Context<'p>) -> Result<Ahead<'p>, Problem> {
        let now = ctx.clock.now();
        let opens = ctx.plan.migration.window.as_ref().map(|window| window.start.seconds());
        let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
        let mut ahead = Ahead { begins: BTreeMap::new(), window_ends: None };
        let mut free = now;
        // Stages stand behind those that they need; a second pass would change nothing.
        for stage in &ctx.plan.stages {
            let id = stage.id.as_str();
            let row = ctx.journal.stage(id)?;
            if row.state == State::Done {
                ends.insert(id, now);
                continue;
            }
            let people = is_people(stage.kind) || by_hand(ctx, stage);
            let needs = stage.needs.iter().filter_map(|need| ends.get(need.stage.as_str()));
            let mut begins = needs.copied().max().unwrap_or(now).max(now);
            if let Some(moment) = &stage.not_before {
                begins = begins.max(moment.at.seconds());
            } else if let (Placement::In, Some(opens)) = (stage.placement, opens) {
                begins = begins.max(opens);
            }
            let mut long = stage.estimate.as_deref().map_or(0, |estimate| estimate.seconds);
            if row.state == State::Running {
                let work = at_work(ctx, stage, now)?;
                long = work.left.unwrap_or_else(|| long.saturating_sub(work.since));
            }
            if !people {
                begins = begins.max(free);
            }
            let end = begins.saturating_add(i64::try_from(long).unwrap_or(i64::MAX));
            if !people {
                free = end;
            }
            ahead.begins.insert(id, begins);
            ends.insert(id, end);
            if stage.placement == Placement::In {
                ahead.window_ends = ahead.window_ends.max(Some(end));
            }
        }
        Ok(ahead)
    }
}

/// The next step of a person: one that waits now, or else the one whose turn comes first.
fn human(ctx: &Context<'_>, ahead: &Ahead<'_>, now: i64) -> Result<Option<Human>, Problem> {
    let mut first: Option<(i64, usize)> = None;
    for (at, stage) in ctx.plan.stages.iter().enumerate() {
        let people = is_people(stage.kind) || by_hand(ctx, stage) || !stage.signed_by.is_empty();
        let Some(begins) = ahead.begins.get(stage.id.as_str()) else { continue };
        if !people || first.is_some_and(|(best, _)| *begins >= best) {
            continue;
        }
        // What somebody has signed or done already waits for nobody.
        let done = matches!(
            crate::gates::waits(ctx, stage, is_people(stage.kind) || by_hand(ctx, stage))?,
            Some(For::Signatures { .. } | For::Person { .. } | For::Look { .. } | For::Moment { .. })
        );
        if done {
            first = Some((*begins, at));
        }
    }
    let Some((begins, stage)) = first.and_then(|(begins, at)| Some((begins, ctx.plan.stages.get(at)?)))
    else {
        return Ok(None);
    };
    let who: &[String] =
        if stage.signed_by.is_empty() { stage.owner.as_slice() } else { stage.signed_by.as_slice() };
    let who: Vec<String> = who
        .iter()
        .map(|who| ctx.plan.people.get(who).map_or_else(|| who.clone(), |person| person.name.clone()))
        .collect();
    let text = match &stage.pass {
        Pass::Evidence(text) => text.clone(),
        Pass::Signed => "it is signed".to_owned(),
        Pass::All(all) => cutover_plan::text::words::conditions(ctx.plan, all),
        Pass::TimeOver => "the time is over".to_owned(),
        Pass::Checks(checks) => {
            let checks: Vec<&str> = checks.iter().map(|check| check.0.as_str()).collect();
            format!("these pass: {}", checks.join(", "))
        }
        Pass::CountsAddUp => "the counts add up".to_owned(),
        Pass::Verified => "both sides are equal".to_owned(),
    };
    Ok(Some(Human {
        stage: stage.id.to_string(),
        title: stage.title.clone(),
        who: if who.is_empty() { "anybody of the team".to_owned() } else { who.join(" and ") },
        text,
        from: (begins > now).then(|| minute(&local(ctx.plan, begins))),
    }))
}

fn budget(ctx: &Context<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for (system, names) in [("target", ["import", "all"]), ("source", ["list", "all"])] {
        let Some(schema) = ctx.plan.schemas.get(system) else { continue };
        if let Some((name, rate)) = names.iter().find_map(|name| schema.rates.get_key_value(*name)) {
            let pace = ctx.plan.migration.pace.iter().find(|pace| pace.system == system);
            let pace = pace.map_or_else(String::new, |pace| format!(", of which {}% are ours", pace.percent));
            all.push(format!(
                "the {system} allows {} calls in {} ({name}){pace}",
                number(rate.calls),
                span(rate.seconds)
            ));
        }
    }
    all
}

impl View {
    /// The view as lines for a terminal.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut out = Vec::new();
        out.push(format!("{} · account {} · {}", self.title, self.account, self.at));
        let share = match &self.window {
            Some((from, to)) => format!(" · window {from} to {to}"),
            None => String::new(),
        };
        out.push(format!("{} of {} stages are over{share}", self.over.0, self.over.1));
        if let Some(by) = &self.elsewhere {
            out.push(format!("OUT OF DATE {}", elsewhere(by)));
        }
        if let Some((by, why)) = &self.paused {
            out.push(format!("PAUSED by {by}: {why}"));
        }
        if let Some(by) = &self.answer_by {
            out.push(format!("ANSWER needed by {by}"));
        }
        for (stage, why) in &self.failed {
            out.push(format!("FAILED {stage}"));
            let failed = |part: &&str| part.contains(" does not pass") || part.contains(" is not measured");
            let parts: Vec<&str> = why.split("; ").filter(failed).collect();
            let parts = if parts.is_empty() { vec![why.as_str()] } else { parts };
            out.extend(parts.into_iter().map(|part| format!("      {part}")));
        }
        for now in &self.now {
            out.push(format!("now   {}: {}", now.title, now.words()));
        }
        if self.now.is_empty()
            && let Some((_, title)) = self.next.first()
        {
            out.push(format!("now   nothing runs; `cutover run` goes on with: {title}"));
        }
        if let Some(human) = &self.human {
            let from = human.from.as_ref().map_or_else(|| "now".to_owned(), |from| format!("from {from}"));
            out.push(format!("next  {} does, {from}: {} ({})", human.who, human.title, human.text));
        }
        for (stage, words) in self.waiting.iter().take(5) {
            out.push(format!("who   {words}: {stage}"));
        }
        if self.waiting.len() > 5 {
            out.push(format!("who   and {} more", self.waiting.len() - 5));
        }
        if let Some(no_return) = &self.no_return {
            out.push(format!("back  {}", no_return.words()));
        }
        if let Some(ends) = &self.ends {
            out.push(format!("end   {}", ends.words()));
        }
        if let Some(downtime) = &self.downtime {
            out.push(format!("wait  customers have been without an answer for {downtime}"));
        }
        for (kind, totals) in &self.records {
            out.push(format!("      {kind}: {}", totals.words()));
        }
        for (stage, kind, cause, count) in self.rejects.iter().take(5) {
            let what = if cause == IN_DOUBT {
                format!("in doubt: {} {kind} in {stage}", number(*count))
            } else {
                format!("rejected: {} {kind} in {stage}: {cause}", number(*count))
            };
            out.push(format!("      {what}"));
        }
        for words in &self.budget {
            out.push(format!("      {words}"));
        }
        out
    }
}

impl Now {
    /// How far it is, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let mut text = match self.of {
            Some(of) => format!("{} of {}", number(self.done), number(of)),
            None if self.done > 0 => number(self.done),
            None => format!("for {}", span(self.since)),
        };
        if let Some(rate) = self.rate {
            text.push_str(&format!(", {} a second", number(rate)));
        }
        if let Some(left) = self.left {
            text.push_str(&format!(", {} left", span(left)));
        }
        text
    }
}

impl NoReturn {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.over, self.minutes) {
            (true, _) => format!("no way back: {} is over", self.title),
            (false, Some(minutes)) => {
                format!("until “{}”, in {} at the earliest", self.title, span(minutes * 60))
            }
            (false, None) => format!("until “{}”", self.title),
        }
    }
}

impl Ends {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let spare = match self.spare {
            Some(spare) if spare >= 0 => {
                format!(", {} before the window ends", span(spare.unsigned_abs() * 60))
            }
            Some(late) => format!(", {} AFTER the window ends", span(late.unsigned_abs() * 60)),
            None => String::new(),
        };
        format!("{} at the earliest{spare}", self.at)
    }
}

impl Totals {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let mut text = format!("{} of {} written", number(self.written), number(self.read));
        for (count, what) in [
            (self.rejected, "rejected"),
            (self.filtered, "left out by the scope"),
            (self.uncertain, "uncertain"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {} {what}", number(count)));
            }
        }
        text
    }
}
