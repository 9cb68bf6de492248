//! A run, opened: plan, environment, journal, source and target.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use cutover_connect::Connector;
use cutover_ir::time::Instant;
use cutover_plan::Plan;
use cutover_plan::bundle::Bundle;
use cutover_plan::signoffs::SignOff;

use crate::bind;
use crate::context::{Clock, Context, Event, Points, Start, machine};
use crate::desk::Desk;
use crate::environment::Environment;
use crate::flow::{Load, load_of, written_kinds};
use crate::gates::{Noted, carried, carry, note_done};
use crate::host::RunHost;
use crate::journal::{Journal, Rejected};
use crate::lease;
use crate::prepare::Known;
use crate::problem::Problem;
use crate::quiet::after_death;
use crate::report::{Report, report};
use crate::retry::{Retried, retry};
use crate::rollback::{Back, WayBack, may_decide, rollback};
use crate::run::{Ended, run};
use crate::settle::Settled;
use crate::skip::skip;
use crate::status::{Status, status};
use crate::trace::{place, trace};
use crate::veil::Veil;
use crate::verify::{Compared, compare, compare_counts};
use crate::view::{View, view};
use crate::waive::Waiving;
use crate::watch::{Round, watch};
use crate::work::Work;

/// How a run is opened.
pub struct Opening<'a> {
    /// The plan.
    pub bundle: &'a Bundle,
    /// The folder from which the plan was read.
    pub folder: &'a Path,
    /// The environment.
    pub environment: &'a Environment,
    /// The name of the account, when somebody typed it: a new journal asks for it.
    pub account: Option<&'a str>,
    /// Environment variables, by name.
    pub secrets: &'a dyn Fn(&str) -> Option<String>,
    /// Sign-offs, checked by whoever read them.
    pub sign_offs: &'a [SignOff],
    /// Where to die, to see that nothing is lost: see [`crate::POINTS`].
    pub die_at: Option<&'a str>,
    /// Hears of what happens, and when by the clock of the run: seconds since 1970.
    pub tell: &'a dyn Fn(&Event, i64),
}

/// What a run is made of, before it is borrowed.
pub struct Parts {
    pub(crate) journal: Journal,
    pub(crate) work: Work,
    pub(crate) loads: BTreeMap<String, Load>,
    pub(crate) clock: Option<Start>,
    /// Given back when the run is closed, before the lock of the file is.
    pub(crate) _lease: Option<Lease>,
    /// Held as long as the run is open: two runners never write to one journal.
    pub(crate) _lock: Option<File>,
}

/// Gives the lease of a journal back.
pub(crate) struct Lease(Journal);

impl Drop for Lease {
    fn drop(&mut self) {
        // Whoever comes next on this machine needs no lease that was given back, and on another one waits for it to end.
        let _ = self.0.release();
    }
}

/// A run that is looked at, while it may go on elsewhere.
pub struct Look<'p> {
    pub(crate) ctx: Context<'p>,
}

/// A run that is open.
pub struct Run<'p> {
    ctx: Context<'p>,
    source: RefCell<Box<dyn Connector>>,
    desk: RefCell<Desk>,
}

impl Parts {
    /// Opens the files of a run; to `look` on, pause or note something, another program may run the plan meanwhile.
    ///
    /// # Errors
    /// When another program holds the journal, a file cannot be opened, or the environment cannot carry the plan.
    pub fn open(opening: &Opening<'_>, look: bool) -> Result<Parts, Problem> {
        let environment = opening.environment;
        let plan = &opening.bundle.plan;
        crate::inbound::known(plan, environment)?;
        let path = environment.path(&environment.journal);
        if look && !path.exists() {
            return Err(Problem::new(format!("there is no journal at {}", path.display()))
                .help("the first `cutover run` makes it"));
        }
        let account = plan.systems.get("target").map_or("", |system| system.account.as_str());
        let loads = loads(plan, environment)?;
        if !look {
            crate::names::secrets(opening, &loads)?;
        }
        if !look && !path.exists() {
            // Nothing is made before somebody said which account it is, and where the run is already.
            crate::takeover::elsewhere(environment)?;
            right_account(opening, account)?;
        }
        let lock = if look { None } else { Some(lock(&path)?) };
        let embedded = environment.target.connector == "sqlite" && !environment.target.apart;
        let desk = (embedded && !look).then(|| environment.path(&environment.target.at));
        if let Some(desk) = desk.as_deref() {
            if !desk.exists() {
                crate::place::not_gone(&path, desk)?;
            }
            crate::place::is_desk(desk)?;
        }
        let journal = Journal::open(&path, desk.as_deref())?;
        let clock = continued(clock(environment)?, Some(&journal))?;
        if journal.value("plan")?.is_none() {
            if look {
                return Err(Problem::new(format!("no run has begun with the journal {}", path.display()))
                    .help(format!("the first `cutover run … --account {account}` begins it")));
            }
            right_account(opening, account)?;
        }
        if opening.account.is_some() {
            right_account(opening, account)?;
        }
        journal.bind(&plan.digest, account, Clock::new(clock).now())?;
        if !look {
            crate::place::same_place(opening, &journal, account)?;
        }
        let work = Work::open(&environment.path(&environment.work), &Veil::of(plan, &environment.source))?;
        let mut lease = None;
        if lock.is_some() {
            lease::take(&journal, environment, machine(), &|event| (opening.tell)(event, machine()))?;
            lease = Some(Lease(journal.clone()));
        }
        Ok(Parts { journal, work, loads, clock, _lease: lease, _lock: lock })
    }

    /// The host of the maps, which borrows the plan.
    ///
    /// # Errors
    /// When a secret or a table that a map asks for is not there.
    pub fn host<'p>(&self, opening: &Opening<'p>) -> Result<Host<'p>, Problem> {
        let (mut secrets, mut tables) = (Vec::new(), Vec::new());
        for load in self.loads.values() {
            for map in std::iter::once(&load.map).chain(&load.parts) {
                secrets.extend(map.program.secrets().into_iter().map(str::to_owned));
                tables.extend(map.program.tables().into_iter().map(str::to_owned));
            }
        }
        secrets.sort();
        secrets.dedup();
        tables.sort();
        tables.dedup();
        let maps =
            |load: &Load| !load.map.files.is_empty() || load.parts.iter().any(|part| !part.files.is_empty());
        let wanted = (secrets.as_slice(), tables.as_slice(), self.loads.values().any(maps));
        RunHost::new(&opening.bundle.plan, opening.environment, opening.secrets, wanted).map(Host)
    }
}

/// The host of the maps of a run.
pub struct Host<'p>(RunHost<'p>);

impl<'p> Look<'p> {
    /// Looks at a run: nothing is written to source or target.
    #[must_use]
    pub fn new(opening: &Opening<'p>, parts: &'p Parts, host: &'p Host<'p>) -> Look<'p> {
        let (written, _) = written_kinds(&opening.bundle.plan);
        let clock = Rc::new(Clock::new(parts.clock));
        let (heard, at) = (opening.tell, Rc::clone(&clock));
        let ctx = Context {
            plan: &opening.bundle.plan,
            places: &opening.bundle.places,
            environment: opening.environment,
            journal: &parts.journal,
            work: &parts.work,
            host: &host.0,
            loads: &parts.loads,
            written,
            known: Known::default(),
            compared: std::cell::RefCell::default(),
            clock,
            points: Points::new(opening.die_at),
            sign_offs: opening.sign_offs,
            folder: opening.folder,
            tell: Box::new(move |event| heard(event, at.now())),
        };
        Look { ctx }
    }

    /// The report of the run.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn report(&self) -> Result<Report, Problem> {
        report(&self.ctx)
    }

    /// Where the run is.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn status(&self) -> Result<Status, Problem> {
        status(&self.ctx)
    }

    /// Now, next and who.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn view(&self) -> Result<View, Problem> {
        view(&self.ctx)
    }

    /// Notes that somebody did a stage, or each stage whose id begins so (`stage/hold/*`) and whose turn has come.
    ///
    /// # Errors
    /// When the plan has no such stage or person, it is another person's or this program's, or its turn has not come.
    pub fn did(&self, stage: &str, by: &str, evidence: &str) -> Result<Noted, Problem> {
        self.person(by)?;
        note_done(&self.ctx, stage, by, evidence)
    }

    /// Stops the run before its next stage.
    ///
    /// # Errors
    /// When the journal cannot be written, or `by` is nobody of the team.
    pub fn pause(&self, by: &str, why: &str) -> Result<(), Problem> {
        self.person(by)?;
        self.ctx.journal.event(self.ctx.clock.now(), "pause", by, "", why)
    }

    /// Lets a run go on that somebody paused.
    ///
    /// # Errors
    /// When the journal cannot be written, or `by` is nobody of the team.
    pub fn resume(&self, by: &str, why: &str) -> Result<(), Problem> {
        self.person(by)?;
        if self.ctx.journal.value(crate::rollback::BEGUN)?.is_some() {
            return Err(Problem::new("the way back was cut off, and has to be gone to its end first")
                .help("`cutover rollback` goes on with it"));
        }
        // What a trigger stopped is let go on by those who decide about the way back.
        if let Some((paused, _)) = crate::run::paused(&self.ctx)?
            && (self.ctx.plan.items.contains_key(paused.as_str()) || paused == crate::window::WINDOW)
        {
            may_decide(&self.ctx, by).map_err(|problem| {
                let help = problem.help.unwrap_or_default();
                Problem::new(format!("{paused} paused the run, and `{by}` does not decide about that"))
                    .help(help)
            })?;
        }
        self.ctx.journal.together(|| {
            // What was to be undone is built again, and whoever does not answer in the next load is no news.
            let sql = "DELETE FROM run WHERE name LIKE 'undo/%' OR name = 'taken back'";
            self.ctx.journal.db.prepare_cached(sql)?.execute([])?;
            self.ctx.journal.event(self.ctx.clock.now(), "resume", by, "", why)
        })
    }

    /// Lets a check pass that did not, or that nobody can measure; how much of it, in words.
    ///
    /// # Errors
    /// When the plan has no such check, nobody said how much is let pass, or `by` may not decide that: its owner and the people who sign
    /// it may, and who decides about the way back.
    pub fn waive(&self, waiving: &Waiving<'_>) -> Result<String, Problem> {
        self.person(waiving.by)?;
        crate::waive::waive(&self.ctx, waiving)
    }

    /// Notes what somebody measured: a number, a share (`0.4%`) or a time (`45 min`), under the id of what measures it.
    ///
    /// # Errors
    /// When the plan measures nothing under that id, the value cannot be read, or `by` is nobody of the team.
    pub fn measured(&self, id: &str, by: &str, value: &str, evidence: &str) -> Result<(), Problem> {
        self.person(by)?;
        crate::measures::note(&self.ctx, id, by, value, evidence)
    }

    /// Leaves a record behind: it is counted as left out, by whoever skipped it. Its kind.
    ///
    /// # Errors
    /// When there is no such record, it is in the target or may be, or `by` is nobody of the team.
    pub fn skip(&self, kind: Option<&str>, key: &str, by: &str, why: &str) -> Result<String, Problem> {
        self.person(by)?;
        skip(&self.ctx, kind, key, by, why)
    }

    /// Lets the journal carry a sign-off, for a night that cannot wait for git; `false` when it has it already. Whoever calls has checked
    /// that the person may sign.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn sign(&self, sign_off: &SignOff) -> Result<bool, Problem> {
        crate::ship::still_ours(self.ctx.journal, self.ctx.environment)?;
        carry(&self.ctx, sign_off)
    }

    /// The sign-offs that the journal carries.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn signed(&self) -> Result<Vec<SignOff>, Problem> {
        carried(self.ctx.journal, 0)
    }

    /// Writes a remark into the journal.
    ///
    /// # Errors
    /// When the journal cannot be written, or `by` is nobody of the team.
    pub fn note(&self, by: &str, text: &str) -> Result<(), Problem> {
        self.person(by)?;
        self.ctx.journal.event(self.ctx.clock.now(), "note", by, "", text)
    }

    fn person(&self, by: &str) -> Result<(), Problem> {
        if self.ctx.plan.people.contains_key(by) {
            // What is said to a journal that is out of date, nobody hears.
            return crate::ship::still_ours(self.ctx.journal, self.ctx.environment);
        }
        let team: Vec<&str> = self.ctx.plan.people.keys().map(String::as_str).collect();
        Err(Problem::new(format!("`{by}` is nobody of the plan's team"))
            .help(format!("the team is {}", team.join(", "))))
    }

    /// All rejects as lines of JSON, with the line of the spec of each rule, and behind them what is in doubt; how many of each.
    ///
    /// # Errors
    /// When the journal cannot be read, or the lines not be written.
    pub fn rejects(&self, out: &mut dyn Write) -> Result<(u64, u64), Problem> {
        Ok((rejects_to(&self.ctx, out)?, doubts_to(&self.ctx, out)?))
    }
}

impl<'p> Run<'p> {
    /// Puts the parts of a run together.
    ///
    /// # Errors
    /// When source or target cannot be opened, or cannot do what the plan needs.
    pub fn new(opening: &Opening<'p>, parts: &'p Parts, host: &'p Host<'p>) -> Result<Run<'p>, Problem> {
        let plan = &opening.bundle.plan;
        let environment = opening.environment;
        let desk = Desk::open(plan, environment, &environment.target, "target", &parts.journal)?;
        let source = bind::source(plan, environment, &environment.source)?;
        let Look { ctx } = Look::new(opening, parts, host);
        ctx.known.skipped.refresh(ctx.journal)?;
        Ok(Run { ctx, source: RefCell::new(source), desk: RefCell::new(desk) })
    }

    /// Runs what can be run, until everything is over or what is left waits.
    ///
    /// # Errors
    /// When a system, a disk or the journal fails. The same call goes on where it stopped.
    pub fn run(&self) -> Result<Ended, Problem> {
        run(&self.ctx, &mut **self.source.borrow_mut(), &mut self.desk.borrow_mut())
    }

    /// What the clock of the run says, as RFC 3339 in UTC.
    #[must_use]
    pub fn now(&self) -> String {
        Instant::from_seconds(self.ctx.clock.now()).to_string()
    }

    /// Compares everything that was written with source and target, again and at any time.
    ///
    /// # Errors
    /// When a system or the journal fails.
    pub fn verify(&self) -> Result<Compared, Problem> {
        if self.ctx.journal.value(crate::rollback::BEGUN)?.is_some() {
            return Err(Problem::new(
                "everything that was loaded is being taken back, so there is nothing to compare",
            )
            .help("`cutover rollback` goes on with it"));
        }
        let mut found = Compared::default();
        let desk = &mut self.desk.borrow_mut();
        for stage in
            self.ctx.plan.stages.iter().filter(|stage| self.ctx.loads.contains_key(stage.id.as_str()))
        {
            found.add(compare(&self.ctx, desk, stage.id.as_str())?);
        }
        found.add(compare_counts(&self.ctx, desk)?);
        Ok(found)
    }

    /// Looks once at triggers and watches; alerts, pauses, and does what the plan says when nobody has answered in time.
    ///
    /// # Errors
    /// When a system or the journal fails.
    pub fn watch(&self) -> Result<Round, Problem> {
        watch(&self.ctx, &mut self.desk.borrow_mut())
    }

    /// The story of one record, in lines.
    ///
    /// # Errors
    /// When there is no such record, or a system fails.
    pub fn trace(&self, kind: Option<&str>, key: &str, open: bool) -> Result<Vec<String>, Problem> {
        trace(&self.ctx, &mut self.desk.borrow_mut(), kind, key, open)
    }

    /// Takes back everything, or one wave; see [`Back`].
    ///
    /// # Errors
    /// When a stage that is over cannot be taken back, whoever says so may not decide that, or a system fails.
    pub fn rollback(&self, how: Back<'_>) -> Result<WayBack, Problem> {
        if !how.dry {
            may_decide(&self.ctx, how.by)?;
        }
        rollback(&self.ctx, &mut self.desk.borrow_mut(), how)
    }

    /// Tries the rejected records of load stages and drained addresses again: after a mended export, or a mended target.
    ///
    /// # Errors
    /// When a system or the journal fails.
    pub fn retry_rejects(&self) -> Result<Retried, Problem> {
        let ctx = &self.ctx;
        let desk = &mut *self.desk.borrow_mut();
        if let Some((by, why)) = crate::run::paused(ctx)? {
            return Err(Problem::paused_by(&by, &why));
        }
        after_death(ctx, desk)?;
        let mut found = Retried::default();
        for stage in &ctx.plan.stages {
            let (delivered, refused) = crate::inbound::retry(ctx, stage)?;
            found.over += delivered;
            found.again += refused;
            if let Some(load) = ctx.loads.get(stage.id.as_str()) {
                retry(ctx, desk, stage, load, &mut found)?;
            }
        }
        Ok(found)
    }

    /// Settles a record about which nobody knows whether the target has it; its kind. See [`Settled`].
    ///
    /// # Errors
    /// When there is no such record, the target knows better, or `by` is nobody of the team.
    pub fn settle(
        &self,
        kind: Option<&str>,
        key: &str,
        found: &Settled<'_>,
        by: &str,
        why: &str,
    ) -> Result<String, Problem> {
        crate::settle::settle(&self.ctx, &mut self.desk.borrow_mut(), (kind, key), found, (by, why))
    }

    /// All records of the target as sorted text, one a line; `false` when this target cannot give them.
    ///
    /// # Errors
    /// When the target cannot be read, or the text not be written.
    pub fn dump(&self, out: &mut dyn Write) -> Result<bool, Problem> {
        self.desk.borrow().dump(out)
    }
}

/// All rejects as lines of JSON, with the line of the spec of each rule; how many.
pub(crate) fn rejects_to(ctx: &Context<'_>, out: &mut dyn Write) -> Result<u64, Problem> {
    let mut count = 0;
    let mut get = ctx
        .journal
        .db
        .prepare_cached("SELECT stage, kind, key, place, rule, field, code, why FROM reject ORDER BY seq")?;
    let mut rows = get.query([])?;
    while let Some(row) = rows.next()? {
        let reject = Rejected {
            stage: row.get(0)?,
            kind: row.get(1)?,
            key: row.get(2)?,
            at: row.get(3)?,
            rule: row.get(4)?,
            field: row.get(5)?,
            code: row.get(6)?,
            why: row.get(7)?,
        };
        let mut line = serde_json::Map::new();
        let spec = place(ctx, &reject.rule);
        for (name, value) in [
            ("stage", reject.stage.as_str()),
            ("kind", &reject.kind),
            ("key", &reject.key),
            ("at", &reject.at),
            ("rule", &reject.rule),
            ("spec", spec.trim_matches([' ', '(', ')'])),
            ("field", &reject.field),
            ("code", &reject.code),
            ("why", &reject.why),
        ] {
            if !value.is_empty() {
                line.insert(name.to_owned(), value.into());
            }
        }
        write_line(out, line)?;
        count += 1;
    }
    Ok(count)
}

/// What nobody knows the new desk to have, as lines of JSON like those of rejects.
fn doubts_to(ctx: &Context<'_>, out: &mut dyn Write) -> Result<u64, Problem> {
    let mut count = 0;
    for doubt in crate::settle::in_doubt(ctx)? {
        let mut line = serde_json::Map::new();
        for (name, value) in [
            ("stage", doubt.stage.as_str()),
            ("kind", &doubt.kind),
            ("key", &doubt.key),
            ("mark", &doubt.mark),
            ("code", crate::status::IN_DOUBT),
            ("why", "its answer was lost: look for it in the new desk, and `cutover settle` it"),
        ] {
            line.insert(name.to_owned(), value.into());
        }
        write_line(out, line)?;
        count += 1;
    }
    Ok(count)
}

fn write_line(out: &mut dyn Write, line: serde_json::Map<String, serde_json::Value>) -> Result<(), Problem> {
    writeln!(out, "{}", serde_json::Value::Object(line))
        .map_err(|error| Problem::new(format!("the rejects cannot be written: {error}")))
}

/// The load stages of a plan, by id.
pub(crate) fn loads(plan: &Plan, environment: &Environment) -> Result<BTreeMap<String, Load>, Problem> {
    let mut loads = BTreeMap::new();
    for stage in &plan.stages {
        if let Some(load) = load_of(plan, stage, &environment.source)? {
            loads.insert(stage.id.to_string(), load);
        }
    }
    Ok(loads)
}

/// Refuses an account that nobody named, or another one.
fn right_account(opening: &Opening<'_>, account: &str) -> Result<(), Problem> {
    match opening.account {
        Some(typed) if typed == account => Ok(()),
        Some(typed) => {
            Err(Problem::new(format!("the plan writes to the account `{account}`, and not to `{typed}`")))
        }
        None => {
            let target = &opening.environment.target;
            let desk = match target.connector.as_str() {
                "sqlite" => "the embedded desk, ",
                "files" => "the folder ",
                _ => "",
            };
            Err(Problem::new(format!(
                "this run writes to the account `{account}` of {}, at {desk}{}",
                product(opening),
                target.at.display()
            ))
            .help(format!("say that it is the right one, once: `--account {account}`")))
        }
    }
}

fn product(opening: &Opening<'_>) -> String {
    opening
        .bundle
        .plan
        .systems
        .get("target")
        .map_or_else(|| "the target".to_owned(), |system| system.product.clone())
}

/// The instant at which the clock starts; only an embedded desk may be told another time than the real one.
pub(crate) fn clock(environment: &Environment) -> Result<Option<Start>, Problem> {
    let Some(said) = &environment.clock else { return Ok(None) };
    if !environment.target.is_local() {
        return Err(Problem::new("only a rehearsal on an embedded desk may set the clock")
            .help("take `clock` out of the environment file"));
    }
    match Instant::parse(said) {
        Some(instant) => Ok(Some(Start { at: instant.seconds(), moves: environment.clock_moves })),
        None => Err(Problem::new(format!("`clock = \"{said}\"` is no instant"))
            .help("write it like `clock = \"2027-01-16T18:00:00Z\"`")),
    }
}

/// A clock that was set, behind what a journal knows already.
pub(crate) fn continued(clock: Option<Start>, journal: Option<&Journal>) -> Result<Option<Start>, Problem> {
    Ok(match (clock, journal) {
        (Some(start), Some(journal)) => Some(Start { at: start.at.max(latest(journal)?), ..start }),
        (clock, _) => clock,
    })
}

/// The latest instant that a journal knows: a clock that was set does not run backwards from one command to the next.
pub(crate) fn latest(journal: &Journal) -> Result<i64, Problem> {
    let sql =
        "SELECT max(coalesce((SELECT max(ended) FROM stage), 0), coalesce((SELECT max(began) FROM stage), 0),
               coalesce((SELECT max(at) FROM event), 0))";
    Ok(journal.db.query_row(sql, [], |row| row.get(0))?)
}

/// Holds the journal for this program alone.
pub(crate) fn lock(journal: &Path) -> Result<File, Problem> {
    let mut name = journal.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    crate::journal::private(&path)?;
    let failed = |error: std::io::Error| Problem::new(format!("cannot open {}: {error}", path.display()));
    let file = File::options().read(true).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Problem::later("another program runs this plan with this journal")
                .help("`cutover status` cannot look while it runs; wait until it is done, or pause it"))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}
