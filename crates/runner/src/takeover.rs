//! Taking a run over on another machine, from the copy of its journal at the second place.

use std::path::Path;

use cutover_connect::Draft;
use rusqlite::Connection;

use crate::batch::Batch;
use crate::context::{Context, machine};
use crate::desk::Desk;
use crate::environment::Environment;
use crate::journal::{Journal, private};
use crate::lease::{self, Holder};
use crate::prepare::Planned;
use crate::problem::Problem;
use crate::session::{Opening, lock};

/// What a takeover found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Who held the run before; `None` when it had been given back.
    pub from: Option<String>,
    /// Stages that are over.
    pub over: u64,
    /// Records that the new desk has, as the copy knows.
    pub written: u64,
}

/// Takes a run over from a copy of its journal: watches until whoever holds it is gone, makes the copy this machine's, and notes that what
/// is not in it has to be looked for in the target.
///
/// # Errors
/// When whoever holds the run is alive, the copy is of another plan, or this machine has a journal already.
pub fn takeover(opening: &Opening<'_>, from: Option<&Path>, by: &str, why: &str) -> Result<Taken, Problem> {
    let environment = opening.environment;
    let plan = &opening.bundle.plan;
    let second = environment.ship.as_ref().map(|ship| environment.path(ship));
    let Some(from) = from.map(Path::to_owned).or(second) else {
        return Err(Problem::new("the environment names no second place of the journal")
            .help("write `ship = \"PLACE/journal.sqlite\"`, or name the copy: `--from FILE`"));
    };
    if !from.is_file() {
        return Err(Problem::new(format!("there is no journal at {}", from.display())));
    }
    if !plan.people.contains_key(by) {
        return Err(Problem::new(format!("`{by}` is nobody of the plan's team")));
    }
    let to = environment.path(&environment.journal);
    let _lock = lock(&to)?;
    if to.exists() && std::fs::metadata(&to).is_ok_and(|there| there.len() > 0) {
        return Err(Problem::new(format!("this machine has a journal already at {}", to.display()))
            .help("if it is of this run, `cutover run` goes on with it; else move it away, or name another one in the environment file"));
    }
    let copy = Journal::open(&from, None)?;
    if copy.value("plan")?.is_none() {
        return Err(Problem::new(format!("{} is no journal of a run", from.display())));
    }
    let account = plan.systems.get("target").map_or("", |system| system.account.as_str());
    copy.bind(&plan.digest, account, machine())?;
    let there = lease::row(&copy.db)?;
    if let Some(there) = &there {
        lease::watch(&copy.db, there, &|event| (opening.tell)(event, machine()))?;
    }
    // From now on whoever held it finds that it is not theirs any more, with the next batch that they ship.
    let row = lease::mine(lease::length(environment)?, machine());
    copy.together(|| {
        let now = lease::row(&copy.db)?;
        // Given back meanwhile is as good as given up.
        if now.is_some() && now != there {
            return Err(Problem::later("another machine took this run over just now"));
        }
        lease::set(&copy.db, Some(&row))
    })?;
    private(&to)?;
    copy.db.execute("VACUUM main INTO ?1", [to.to_string_lossy()])?;
    let journal = Journal::open(&to, None)?;
    let holder = there.map(|there| there.holder);
    let text = match &holder {
        Some(holder) => format!("from {holder}, who gave no sign of life: {why}"),
        None => format!("nobody held it: {why}"),
    };
    journal.together(|| {
        // This journal is whole; the next program on this machine takes its lease like any other.
        lease::set(&journal.db, Some(&row))?;
        journal.event(machine(), "takeover", by, "", &text)?;
        journal.set_value("reconcile", "yes")?;
        journal.db.execute("DELETE FROM run WHERE name LIKE 'reconciled %'", [])?;
        Ok(())
    })?;
    let count = |sql: &str| -> Result<u64, Problem> {
        let count: i64 = journal.db.query_row(sql, [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    Ok(Taken {
        from: holder,
        over: count("SELECT count(*) FROM stage WHERE state = 'done'")?,
        written: count("SELECT count(*) FROM record WHERE state = 'done'")?,
    })
}

/// Refuses to begin a run anew on a machine without a journal, while the second place has one: that run is somebody else's.
pub(crate) fn elsewhere(environment: &Environment) -> Result<(), Problem> {
    let Some(ship) =
        environment.ship.as_ref().map(|ship| environment.path(ship)).filter(|ship| ship.is_file())
    else {
        return Ok(());
    };
    let copy = Connection::open_with_flags(&ship, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if !copy.table_exists(None, "run").unwrap_or(false) {
        return Ok(());
    }
    let Some(token) = lease::last(&copy)? else { return Ok(()) };
    let by = lease::name_of(&copy, &token)?;
    let seen = lease::holder(&copy)?.map_or_else(String::new, |holder| {
        let at = cutover_ir::time::Instant::from_seconds(holder.at);
        format!(", with a last sign of life at {at} by its own clock")
    });
    Err(Problem::new(format!(
        "this run began already, with {by}{seen}: its journal is at {}, and this machine has none",
        ship.display()
    ))
    .help("go on over there; if that machine is gone, `cutover takeover` with `--by` and `--because` makes the run this machine's, and then `cutover run` goes on. For another run, name another place in `ship`"))
}

/// Who holds the run of an environment: by its own journal, or by the copy at the second place where this machine has none. And whether a
/// program on this machine works with it right now.
///
/// # Errors
/// When there is neither, or it cannot be read.
pub fn holder(opening: &Opening<'_>) -> Result<(Option<Holder>, bool), Problem> {
    let (db, here) = journal_of(opening)?;
    let busy = here && lock(&opening.environment.path(&opening.environment.journal)).is_err();
    Ok((lease::holder(&db)?, busy))
}

/// Takes the lease away from whoever holds it.
///
/// # Errors
/// When nobody holds it, `by` is nobody of the team, or the journal cannot be written.
pub fn break_lock(opening: &Opening<'_>, by: &str, why: &str) -> Result<String, Problem> {
    if !opening.bundle.plan.people.contains_key(by) {
        return Err(Problem::new(format!("`{by}` is nobody of the plan's team")));
    }
    let (db, _) = journal_of(opening)?;
    let Some(holder) = lease::holder(&db)? else {
        return Err(Problem::new("nobody holds this run"));
    };
    db.execute_batch("BEGIN IMMEDIATE")?;
    lease::break_off(&db)?;
    db.execute(
        "INSERT INTO event (at, what, who, subject, text) VALUES (?1, 'lock broken', ?2, ?3, ?4)",
        rusqlite::params![machine(), by, holder.who, why],
    )?;
    db.execute_batch("COMMIT")?;
    Ok(holder.who)
}

fn journal_of(opening: &Opening<'_>) -> Result<(Connection, bool), Problem> {
    let environment = opening.environment;
    let own = environment.path(&environment.journal);
    let second = environment.ship.as_ref().map(|ship| environment.path(ship));
    let here = own.is_file();
    let Some(path) = Some(own).filter(|_| here).or(second).filter(|path| path.is_file()) else {
        return Err(Problem::new("there is no journal yet").help("the first `cutover run` makes it"));
    };
    let db = Connection::open(path)?;
    db.busy_timeout(std::time::Duration::from_secs(15))?;
    Ok((db, here))
}

/// Whether records of a stage have to be looked for in the target before they are sent: the copy from which the run was taken over may lack
/// the last batch, and a stage is through when a whole batch is not there.
pub(crate) fn in_doubt(ctx: &Context<'_>, stage: &str) -> Result<bool, Problem> {
    if ctx.known.certain.get() {
        return Ok(false);
    }
    if ctx.journal.value("reconcile")?.is_none() {
        ctx.known.certain.set(true);
        return Ok(false);
    }
    Ok(ctx.journal.value(&format!("reconciled {stage}"))?.is_none())
}

/// Records that the target has, with their ids there, and the others.
pub(crate) type Parted = (Vec<(Planned, String)>, Vec<Planned>);

/// Which of these records the target has already, by their marks.
pub(crate) fn there_already(desk: &mut Desk, planned: Vec<Planned>) -> Result<Parted, Problem> {
    let (mut there, mut rest) = (Vec::new(), Vec::new());
    for one in planned {
        let found = desk.connector().find(&one.into, &one.draft.mark)?;
        match found.into_iter().next() {
            Some(id) => there.push((one, id)),
            None => rest.push(one),
        }
    }
    Ok((there, rest))
}

/// A stage of a run that was taken over is no longer in doubt once the target has none of a whole batch. What is written on the way to a
/// record, a placeholder, says nothing about the batch.
pub(crate) fn settled(
    ctx: &Context<'_>,
    stage: &str,
    batch: &Batch,
    tried: usize,
    there: usize,
) -> Result<(), Problem> {
    if batch.cursor.is_some() && tried > 0 && there == 0 {
        ctx.journal.set_value(&format!("reconciled {stage}"), "yes")?;
    }
    Ok(())
}

/// The ids of the parts of a record that the target has.
pub(crate) fn find_parts(desk: &mut Desk, draft: &Draft) -> Result<Vec<String>, Problem> {
    let mut ids = Vec::with_capacity(draft.parts.len());
    for part in &draft.parts {
        let found = desk.connector().find(&part.kind, &part.mark)?;
        ids.push(found.into_iter().next().unwrap_or_default());
    }
    Ok(ids)
}
