//! A rehearsal: a sample of the records goes the whole way, there and back, in a desk that nobody works in.
//!
//! It has a journal and a copy of its own, so that it never touches those of the run. What the run has exported and tidied is what the
//! sample is drawn from; where the run has not got that far, the rehearsal reads the source itself. What it found is kept beside the journal
//! of the run, where the gate of the rehearsal looks for it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use cutover_connect::{Connector, Silence};
use cutover_plan::Plan;
use cutover_plan::model::{LoadMode, Operation, Stage};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use sha2::{Digest as _, Sha256};

use crate::bind;
use crate::context::{Clock, Context, Event};
use crate::desk::Desk;
use crate::environment::{Binding, Environment};
use crate::export::hex;
use crate::journal::{Counts, Journal, State, private};
use crate::problem::Problem;
use crate::rollback::{Back, WayBack, rollback};
use crate::run::{by_hand, inactive_people, one, paused};
use crate::sample::{Stratum, copy, draw, rehearsal};
use crate::session::{Host, Look, Opening, Parts, clock, loads, lock, rejects_to};
use crate::trace::place;
use crate::veil::Veil;
use crate::verify::{Compared, compare, compare_counts};
use crate::work::Work;

/// What a rehearsal found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsed {
    /// What the sample was drawn by: the same seed draws the same records.
    pub seed: u64,
    /// The account, and where it is.
    pub account: String,
    /// Records that were taken, by kind of the source.
    pub taken: BTreeMap<String, u64>,
    /// What the plan wants among them.
    pub strata: Vec<Stratum>,
    /// The values over which the sample was spread: how many the export has, and how many of them are among the records.
    pub spread: (usize, usize),
    /// Whether records to which others lead were left out, because there were too many.
    pub cut: bool,
    /// What became of the records, by kind of the source.
    pub counts: BTreeMap<String, Counts>,
    /// Rejects by stage, kind, cause, rule and field, the most first.
    pub rejects: Vec<Cause>,
    /// Triggers that would have stopped the load.
    pub fired: Vec<String>,
    /// What the comparison found.
    pub compared: Compared,
    /// Whether the desk sent nothing while records were written; `None` when it cannot tell.
    pub silent: Option<bool>,
    /// What the way back did.
    pub back: WayBack,
    /// Whether the desk holds afterwards what it held before; `None` when it cannot tell.
    pub same: Option<bool>,
    /// What the plan wants tried and only people can try.
    pub by_people: Vec<String>,
    /// The file that holds all this.
    pub file: PathBuf,
}

/// Records that did not go over for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The stage.
    pub stage: String,
    /// The kind of the source.
    pub kind: String,
    /// A short name of the cause.
    pub code: String,
    /// The field; empty when it is about none.
    pub field: String,
    /// File and line of the spec; empty when no line of it is to blame.
    pub spec: String,
    /// In words, of the first one.
    pub why: String,
    /// How many.
    pub records: u64,
    /// Keys of some of them.
    pub keys: Vec<String>,
}

impl Rehearsed {
    /// Kinds of which hardly anything went over: what is right in such a rehearsal proves nothing about them.
    #[must_use]
    pub fn hardly(&self) -> Vec<String> {
        let of = self.counts.iter().filter(|(_, counts)| {
            let failed = counts.rejected + counts.uncertain;
            failed > counts.written && counts.read > 0
        });
        of.map(|(kind, counts)| {
            let wanted = counts.read.saturating_sub(counts.filtered);
            format!("{} of {wanted} {kind} went over", counts.written)
        })
        .collect()
    }

    /// Whether the way there and the way back both led where they should.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.compared.is_equal()
            && self.silent != Some(false)
            && self.same != Some(false)
            && self.back.stay == 0
            && self.back.uncertain == 0
            && !self.cut
            && self.compared.records > 0
            && self.hardly().is_empty()
            && self.counts.values().all(Counts::add_up)
    }

    /// Whether everything went over that is in the scope, and everything was tried that was wanted.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let whole =
            self.strata.iter().all(|of| of.there.is_some_and(|there| of.taken >= of.wanted.min(there)));
        whole && self.rejects.is_empty() && self.fired.is_empty()
    }

    /// In one line of plain words.
    #[must_use]
    pub fn words(&self) -> String {
        let passed = if self.passed() { "passed" } else { "failed" };
        let sum = |of: fn(&Counts) -> u64| self.counts.values().map(of).sum::<u64>();
        format!(
            "{passed}: seed {}, {} records looked at, {} written, {} rejected, {}, {} taken back",
            self.seed,
            sum(|counts| counts.read),
            sum(|counts| counts.written),
            sum(|counts| counts.rejected),
            self.compared.words(),
            self.back.deleted.values().sum::<u64>()
        )
    }

    /// What was found, as lines of Markdown. No text of a record is in it.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut out = vec![format!("account {}, seed {}", self.account, self.seed)];
        let taken: Vec<String> = self.taken.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        out.push(format!("taken: {}", taken.join(", ")));
        if self.spread.1 > 0 {
            out.push(format!("{} of {} values of the fields are among them", self.spread.0, self.spread.1));
        }
        for of in &self.strata {
            out.push(match of.there {
                None => format!(
                    "{}: the export does not say which records are such; choose {} by hand",
                    of.name, of.wanted
                ),
                Some(0) => format!("{}: the export has none", of.name),
                Some(there) => format!("{}: {} of {there}, {} wanted", of.name, of.taken, of.wanted),
            });
        }
        if self.cut {
            out.push(
                "too many records lead to each other: some were left out, and what leads to them is rejected"
                    .to_owned(),
            );
        }
        for (kind, counts) in &self.counts {
            out.push(format!(
                "{} {kind}: {} written, {} rejected, {} left out, {} uncertain",
                counts.read, counts.written, counts.rejected, counts.filtered, counts.uncertain
            ));
        }
        for line in self.hardly() {
            out.push(format!("that is a failure: only {line}"));
        }
        for Cause { stage, kind, code, field, spec, why, records, keys } in &self.rejects {
            let field = if field.is_empty() { String::new() } else { format!(" in `{field}`") };
            let spec = if spec.is_empty() { String::new() } else { format!(" ({spec})") };
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            out.push(format!(
                "rejected in {stage}: {records} {kind}: {code}{field}{spec}{why}; among them {}",
                keys.join(", ")
            ));
        }
        if !self.rejects.is_empty() {
            out.push("each of them stands in rejects.jsonl, beside this file".to_owned());
        }
        for trigger in &self.fired {
            out.push(format!("would have paused the run: {trigger}"));
        }
        out.push(self.compared.words());
        for ((kind, field), count) in &self.compared.differing {
            let of = |one: &&(String, String, String)| one.0 == *kind && one.2 == *field;
            let keys = self.compared.examples.iter().filter(of).take(3).map(|(_, key, _)| key.as_str());
            out.push(format!(
                "comes back otherwise than it was sent: `{field}` of {count} {kind}; among them {}",
                keys.collect::<Vec<_>>().join(", ")
            ));
        }
        out.push(match self.silent {
            Some(true) => "the desk sent nothing meanwhile".to_owned(),
            Some(false) => "the desk sent messages, or could have".to_owned(),
            None => "whether the desk sent messages is not known: it cannot tell".to_owned(),
        });
        let back: Vec<String> =
            self.back.deleted.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        out.push(format!(
            "taken back: {}",
            if back.is_empty() { "nothing".to_owned() } else { back.join(", ") }
        ));
        if self.back.stay + self.back.uncertain > 0 {
            out.push(format!("{} stay, {} are uncertain", self.back.stay, self.back.uncertain));
            for (kind, id, why) in &self.back.kept {
                out.push(format!("stays: {kind} {id}: {why}"));
            }
        }
        out.push(match self.same {
            Some(true) => "afterwards the desk holds what it held before".to_owned(),
            Some(false) => "afterwards the desk does not hold what it held before".to_owned(),
            None => {
                "whether the desk holds what it held before was not compared: it counts no records".to_owned()
            }
        });
        if !self.by_people.is_empty() {
            out.push(format!("for people to try: {}", self.by_people.join(", ")));
        }
        out
    }
}

/// The folder of the rehearsals of a run, relative to the environment's.
fn folder(environment: &Environment) -> PathBuf {
    environment.journal.with_extension("rehearsal")
}

/// Rehearses a plan. `account` is the name of the sandbox, typed by somebody; an embedded desk needs none.
///
/// # Errors
/// When the sandbox is the target, a system, a disk or a journal fails. What was written until then is taken back by the next rehearsal.
pub fn rehearse(opening: &Opening<'_>, seed: u64) -> Result<Rehearsed, Problem> {
    let found = there(opening, seed)?;
    if found.passed() {
        // Text of records stays nowhere that nobody looks at any more. One that did not pass is looked into.
        let environment = environment(opening)?;
        let work = environment.path(&environment.work);
        remove(&work.join("all"))?;
        remove(&work.join("sample"))?;
    }
    Ok(found)
}

fn there(opening: &Opening<'_>, seed: u64) -> Result<Rehearsed, Problem> {
    let environment = environment(opening)?;
    let opening = &Opening {
        bundle: opening.bundle,
        folder: opening.folder,
        environment: &environment,
        account: opening.account,
        secrets: opening.secrets,
        sign_offs: opening.sign_offs,
        die_at: opening.die_at,
        tell: opening.tell,
    };
    let plan = &opening.bundle.plan;
    let path = environment.path(&environment.journal);
    let _lock = lock(&path)?;
    let work = environment.path(&environment.work);
    let run = run_of(&environment);
    let account = account(opening)?;
    let clock = clock(&environment)?;
    let parts = |work: &Path, journal: &Journal| -> Result<Parts, Problem> {
        Ok(Parts {
            journal: journal.clone(),
            work: Work::open(work, &Veil::of(plan, &environment.source))?,
            loads: loads(plan, &environment)?,
            clock,
            _lease: None,
            _lock: None,
        })
    };
    let embedded = environment.target.connector == "sqlite" && !environment.target.apart;
    let desk_file = embedded.then(|| environment.path(&environment.target.at));
    let mut journal = Journal::open(&path, desk_file.as_deref())?;
    if journal.value("account")?.is_some() {
        let over = journal.value("rehearsal over")?.is_some();
        if !over && work.join("sample").exists() {
            // One that was cut off left records behind.
            let parts = parts(&work.join("sample"), &journal)?;
            let host = parts.host(opening)?;
            let Look { ctx } = Look::new(opening, &parts, &host);
            let mut desk = Desk::open(plan, &environment, &environment.target, "sandbox", &journal)?;
            let back = rollback(&ctx, &mut desk, Back { anyway: true, ..Back::default() })?;
            if back.stay + back.uncertain > 0 {
                return Err(Problem::new(format!(
                    "an earlier rehearsal left {} records in the sandbox",
                    back.stay + back.uncertain
                ))
                .help("take them out by hand, and remove the folder of the rehearsal"));
            }
        }
        drop(journal);
        fresh(&path)?;
        journal = Journal::open(&path, desk_file.as_deref())?;
    }
    journal.bind(&plan.digest, &account, Clock::new(clock).now())?;

    // Where the records come from.
    let mut source = bind::source(plan, &environment, &environment.source)?;
    let whole = match run {
        Some(run) => run,
        None => {
            remove(&work.join("all"))?;
            work.join("all")
        }
    };
    let full = parts(&whole, &journal)?;
    let full_host = full.host(opening)?;
    let Look { ctx: full_ctx } = Look::new(opening, &full, &full_host);
    if whole == work.join("all") {
        prepare(&full_ctx, &mut *source)?;
    }
    let drawn = draw(&full_ctx, &full.work, seed)?;
    remove(&work.join("sample"))?;
    let sample = parts(&work.join("sample"), &journal)?;
    copy(&full.work, &drawn, &sample.work)?;
    let host: Host<'_> = sample.host(opening)?;
    let Look { ctx } = Look::new(opening, &sample, &host);
    ctx.host.learn_inactive(inactive_people(&full_ctx)?);

    let mut desk = Desk::open(plan, &environment, &environment.target, "sandbox", &journal)?;
    let mut found = Rehearsed {
        seed,
        account: same_account(&mut desk, &account)?,
        // Names of groups that people build anew came along, and are no records of it.
        taken: drawn
            .taken
            .iter()
            .filter(|(kind, _)| crate::export::is_exported(plan, kind))
            .map(|(kind, ords)| (kind.clone(), ords.len() as u64))
            .collect(),
        spread: (drawn.spread.iter().filter(|of| of.taken > 0).count(), drawn.spread.len()),
        strata: drawn.strata,
        cut: drawn.cut,
        ..Rehearsed::default()
    };
    there_and_back(&ctx, &mut *source, &mut desk, &mut found)?;
    if let Some(asked) = rehearsal(&ctx) {
        let by_tool = ["reversal", "attachments"];
        found.by_people =
            asked.run.iter().filter(|word| !by_tool.contains(&word.as_str())).cloned().collect();
    }
    let result = environment.path(&folder_of(&environment)).join("result.md");
    let mut text = format!("# Rehearsal of {}\n\nPlan {}.\n\n", plan.migration.title, plan.digest);
    for line in found.lines() {
        let _ = writeln!(text, "- {}", crate::report::cell(&line));
    }
    private(&result)?;
    std::fs::write(&result, text)
        .map_err(|error| Problem::new(format!("cannot write {}: {error}", result.display())))?;
    found.file = result;
    journal.event(ctx.clock.now(), "rehearsed", "", &digest(plan), &found.words())?;
    journal.set_value("rehearsal over", "yes")?;
    Ok(found)
}

/// The environment of a rehearsal: the sandbox in the place of the target, and files of its own.
fn environment(opening: &Opening<'_>) -> Result<Environment, Problem> {
    let mut environment = opening.environment.clone();
    // Nobody is woken by a rehearsal.
    environment.notify = None;
    environment.page = None;
    environment.rehearsal = true;
    let folder = folder(&environment);
    let target = environment.target.clone();
    environment.target = match environment.sandbox.take() {
        Some(sandbox) => sandbox,
        None => {
            Binding { connector: "sqlite".to_owned(), at: folder.join("desk.sqlite"), ..Binding::default() }
        }
    };
    if environment.target.connector == target.connector && environment.target.at == target.at {
        return Err(Problem::new("the sandbox is the target: a rehearsal would write into the new desk")
            .help("name another desk under `[sandbox]`, or none: then the rehearsal takes an embedded one"));
    }
    environment.journal = folder.join("journal.sqlite");
    // Nobody is called in the night because of a rehearsal.
    environment.notify = None;
    environment.page = None;
    environment.work = environment.work.join("rehearsal");
    crate::apart::check_rehearsal(&environment, &target)?;
    Ok(environment)
}

/// The folder of a rehearsal, out of its own environment.
fn folder_of(environment: &Environment) -> PathBuf {
    environment.journal.parent().map(Path::to_owned).unwrap_or_default()
}

/// The copy of the run itself, when it is whole: everything is exported, and what this program tidies is tidied.
fn run_of(environment: &Environment) -> Option<PathBuf> {
    let folder = folder_of(environment);
    let journal = environment.path(&folder.with_extension("sqlite"));
    let work = environment.path(environment.work.parent()?);
    let db = Connection::open_with_flags(journal, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    let open: i64 = db
        .query_row(
            "SELECT count(*) FROM stage WHERE (id LIKE 'stage/export/%' OR id LIKE 'stage/clean/%') AND state <> 'done'",
            [],
            |row| row.get(0),
        )
        .ok()?;
    let done: i64 = db
        .query_row(
            "SELECT count(*) FROM stage WHERE id LIKE 'stage/export/%' AND state = 'done'",
            [],
            |row| row.get(0),
        )
        .ok()?;
    (open == 0 && done > 0 && work.join("copy.sqlite").is_file()).then_some(work)
}

/// The sandbox's account; a live one is typed once more, so that nobody rehearses in the wrong desk.
fn account(opening: &Opening<'_>) -> Result<String, Problem> {
    let plan = &opening.bundle.plan;
    let name = |of: &str| plan.systems.get(of).map(|system| system.account.clone());
    let account = name("sandbox").unwrap_or_else(|| "sandbox".to_owned());
    let embedded = opening.environment.target.is_local();
    match opening.account {
        _ if embedded => Ok(account),
        Some(typed) if typed == account => Ok(account),
        Some(typed) => {
            Err(Problem::new(format!("the plan rehearses in the account `{account}`, and not in `{typed}`")))
        }
        None => Err(Problem::new(format!("the rehearsal writes to the account `{account}`"))
            .help(format!("say that it is the right one: `--account {account}`"))),
    }
}

/// Which account answers, in words. One that says another name is refused.
fn same_account(desk: &mut Desk, account: &str) -> Result<String, Problem> {
    let answers = desk.connector().account()?;
    if let Some(name) = answers.name.filter(|name| name != account) {
        return Err(Problem::new(format!(
            "the sandbox of the plan is the account `{account}`, and `{name}` answers"
        )));
    }
    Ok(format!("{account} at {}", answers.at))
}

/// Reads the source and tidies the copy, as the run would.
fn prepare(ctx: &Context<'_>, source: &mut dyn Connector) -> Result<(), Problem> {
    // Who is inactive is known once everybody is there: all exports come first.
    let (exports, rest): (Vec<&Stage>, Vec<&Stage>) =
        ctx.plan.stages.iter().partition(|stage| matches!(stage.operation, Operation::Export { .. }));
    for stage in exports.into_iter().chain(rest) {
        let own = match stage.operation {
            Operation::Export { .. } => true,
            Operation::Clean { .. } => !by_hand(ctx, stage),
            _ => false,
        };
        if own {
            let went = crate::run::read_or_tidy(ctx, source, stage)?;
            (ctx.tell)(&Event::Ends {
                stage: stage.id.to_string(),
                passed: true,
                counts: ctx.journal.counts(stage.id.as_str())?,
                note: went,
            });
        }
    }
    Ok(())
}

/// The way there, the comparison, and the way back.
fn there_and_back(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    desk: &mut Desk,
    found: &mut Rehearsed,
) -> Result<(), Problem> {
    let before = state(ctx, desk)?;
    let sent = desk.connector().silence()?;
    let stages: Vec<&Stage> = ctx
        .plan
        .stages
        .iter()
        .filter(|stage| {
            // What changes between two exports does not change in a sample of one.
            ctx.loads.get(stage.id.as_str()).is_none_or(|load| load.mode == LoadMode::Create)
        })
        .filter(|stage| {
            matches!(
                stage.operation,
                Operation::Silence { .. } | Operation::Load { .. } | Operation::Link { .. }
            )
        })
        .collect();
    // Whatever the plan says about quiet, a sandbox is not where customers are written to.
    desk.quiet(true)?;
    loop {
        let mut moved = false;
        for stage in &stages {
            let of_ours = |id: &str| stages.iter().any(|stage| stage.id.as_str() == id);
            let mut ready = ctx.journal.stage(stage.id.as_str())?.state != State::Done;
            for need in stage.needs.iter().filter(|need| of_ours(need.stage.as_str())) {
                ready &= ctx.journal.stage(need.stage.as_str())?.state == State::Done;
            }
            if !ready {
                continue;
            }
            moved = true;
            match one(ctx, source, desk, stage, false) {
                Ok(_) => {}
                Err(problem) if problem.paused => {
                    // A rehearsal says what would have stopped the night, and goes on.
                    let (by, why) = paused(ctx)?.unwrap_or_default();
                    found.fired.push(format!("{by}: {why}"));
                    ctx.journal.event(ctx.clock.now(), "resume", "rehearsal", "", "only a rehearsal")?;
                }
                Err(problem) => return Err(problem),
            }
        }
        if !moved {
            break;
        }
    }
    for stage in &stages {
        if ctx.loads.contains_key(stage.id.as_str()) {
            found.compared.add(compare(ctx, desk, stage.id.as_str())?);
            for (kind, counts) in ctx.journal.counts(stage.id.as_str())? {
                found.counts.entry(kind).or_default().add(&counts);
            }
        }
    }
    for (kind, counts) in &mut found.counts {
        crate::view::once(ctx, kind, counts)?;
    }
    found.compared.add(compare_counts(ctx, desk)?);
    found.rejects = causes(ctx)?;
    // The way back takes them out of the journal.
    let mut lines = Vec::new();
    rejects_to(ctx, &mut lines)?;
    let path = ctx.environment.path(&folder_of(ctx.environment)).join("rejects.jsonl");
    private(&path)?;
    std::fs::write(&path, lines)
        .map_err(|error| Problem::new(format!("cannot write {}: {error}", path.display())))?;
    found.silent = match (sent, desk.connector().silence()?) {
        (Silence::Sent(before), Silence::Sent(after)) => Some(before == after),
        (_, Silence::RulesOff) => Some(true),
        (_, Silence::RulesOn(on)) => Some(on == 0),
        _ => None,
    };
    found.back = rollback(ctx, desk, Back { anyway: true, ..Back::default() })?;
    desk.quiet(false)?;
    let after = state(ctx, desk)?;
    found.same = before.zip(after).map(|(before, after)| before == after);
    Ok(())
}

/// Why records did not go over, the most frequent reason first.
fn causes(ctx: &Context<'_>) -> Result<Vec<Cause>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT stage, kind, code, rule, field, count(*), min(why) FROM reject
         GROUP BY stage, kind, code, rule, field ORDER BY count(*) DESC, stage, kind, code, rule, field LIMIT 100",
    )?;
    let mut some = ctx.journal.db.prepare_cached(
        "SELECT key FROM reject WHERE stage = ?1 AND kind = ?2 AND code = ?3 AND rule = ?4 AND field = ?5 ORDER BY seq LIMIT 3",
    )?;
    let mut rows = get.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let rule: String = row.get(3)?;
        let mut cause = Cause {
            stage: row.get(0)?,
            kind: row.get(1)?,
            code: row.get(2)?,
            field: row.get(4)?,
            spec: place(ctx, &rule).trim_matches([' ', '(', ')']).to_owned(),
            why: row.get(6)?,
            records: u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
            keys: Vec::new(),
        };
        let of = [&cause.stage, &cause.kind, &cause.code, &rule, &cause.field];
        cause.keys = some.query_map(of, |row| row.get(0))?.collect::<Result<_, _>>()?;
        all.push(cause);
    }
    Ok(all)
}

/// What a desk holds: the digest of everything, or how many records of each kind; `None` when it tells neither.
fn state(ctx: &Context<'_>, desk: &mut Desk) -> Result<Option<String>, Problem> {
    let mut digest = Digest(Sha256::new());
    if desk.dump(&mut digest)? {
        return Ok(Some(hex(&digest.0.finalize())));
    }
    let mut words = String::new();
    for kind in &ctx.written {
        let Some(count) = desk.connector().count(kind)? else { return Ok(None) };
        let _ = write!(words, "{kind} {count} ");
    }
    Ok(Some(words))
}

/// A digest to which one can write.
struct Digest(Sha256);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is rehearsed, as a digest: the maps, the scope, the translations, the cleaning and the waves.
fn digest(plan: &Plan) -> String {
    let mut digest = Sha256::new();
    for stage in &plan.stages {
        if let Operation::Rehearse { of, .. } = &stage.operation {
            for item in of {
                let of = plan.items.get(&item.0).map_or("", |item| item.digest.as_str());
                digest.update(format!("{} {of}\n", item.0));
            }
        }
    }
    hex(&digest.finalize())
}

/// What the last rehearsal of just these maps found, and whether it passed.
pub(crate) fn evidence(ctx: &Context<'_>) -> Result<Option<(bool, String)>, Problem> {
    let path = ctx.environment.path(&folder(ctx.environment)).join("journal.sqlite");
    if !path.is_file() {
        return Ok(None);
    }
    let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(std::time::Duration::from_secs(15))?;
    let text: Option<String> = db
        .query_row(
            "SELECT text FROM event WHERE what = 'rehearsed' AND subject = ?1 ORDER BY seq DESC LIMIT 1",
            [digest(ctx.plan)],
            |row| row.get(0),
        )
        .optional()?;
    Ok(text.map(|text| (text.starts_with("passed"), text)))
}

/// Removes the files of a journal, whose rehearsal is over.
fn fresh(journal: &Path) -> Result<(), Problem> {
    match std::fs::remove_file(journal) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Problem::new(format!("cannot remove {}: {error}", journal.display()))),
    }
}

/// Removes a working copy, which can be made again.
fn remove(folder: &Path) -> Result<(), Problem> {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Problem::new(format!("cannot remove {}: {error}", folder.display()))),
    }
}
