//! Who may write to a journal: one runner at a time, on one machine or on several.
//!
//! On one machine the lock of a file says so, and is gone with whoever held it. Between machines a lease does: a token in the journal, checked
//! in the same transaction as every batch, and a beat that goes on while its holder lives. Whoever wants it from another machine watches the
//! beat with a clock that nobody can set: a lease whose beat has not moved for its whole length is over. Where the journal is shipped, the
//! beat that counts is the one at the second place.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};

use crate::bind::TIMEOUT;
use crate::context::Event;
use crate::environment::Environment;
use crate::journal::Journal;
use crate::problem::Problem;
use crate::ship::Ship;

/// What a lease is longer than the longest request, so that a lost one leaves one batch in doubt at most.
const SLACK: Duration = Duration::from_secs(30);

/// The lease as the journal has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) token: String,
    /// The person and the machine.
    pub(crate) holder: String,
    /// The machine since it was started last: its lock of a file can be trusted there.
    pub(crate) machine: String,
    /// Goes on while the holder lives.
    pub(crate) beat: u64,
    /// Seconds since 1970, for people to read.
    pub(crate) at: i64,
    /// Seconds.
    pub(crate) length: u64,
}

/// A lease that is held.
pub(crate) struct Held {
    pub(crate) token: String,
    length: Duration,
    renewed: Cell<Instant>,
    pub(crate) ship: Option<Ship>,
}

/// Who holds a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person and the machine.
    pub who: String,
    /// When its beat went on last, by its own clock: seconds since 1970.
    pub at: i64,
    /// How long a beat may stay away: seconds.
    pub length: u64,
    /// Whether it is this machine.
    pub here: bool,
}

/// How long a lease is in an environment.
pub(crate) fn length(environment: &Environment) -> Result<Duration, Problem> {
    let least = TIMEOUT + SLACK;
    let Some(seconds) = environment.lease else { return Ok(least) };
    let length = Duration::from_secs(seconds.max(1));
    if !environment.target.is_local() && length < least {
        return Err(Problem::new(format!(
            "a lease of {seconds} s is shorter than a request may take, {} s with some room",
            least.as_secs()
        ))
        .help("leave `lease` out of the environment file"));
    }
    Ok(length)
}

/// The lease that stands in a journal; `None` when nobody holds it.
pub(crate) fn row(db: &Connection) -> Result<Option<Row>, Problem> {
    let text: Option<String> =
        db.query_row("SELECT value FROM run WHERE name = 'lease'", [], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Writes a lease, or that nobody holds it.
pub(crate) fn set(db: &Connection, row: Option<&Row>) -> Result<(), Problem> {
    let text = match row {
        Some(row) => serde_json::to_string(row).map_err(|error| Problem::new(error.to_string()))?,
        None => String::new(),
    };
    db.prepare_cached("INSERT OR REPLACE INTO run VALUES ('lease', ?1)")?.execute([text])?;
    if let Some(row) = row {
        // A journal knows every token that was ever its own: a copy with another one went on without it.
        db.prepare_cached("INSERT OR IGNORE INTO run VALUES ('lease ' || ?1, ?2)")?
            .execute([&row.token, &row.holder])?;
        db.prepare_cached("INSERT OR REPLACE INTO run VALUES ('last lease', ?1)")?.execute([&row.token])?;
    }
    Ok(())
}

/// The token of whoever had the lease last, also when it was given back; empty when it was broken.
pub(crate) fn last(db: &Connection) -> Result<Option<String>, Problem> {
    let mut get = db.prepare_cached("SELECT value FROM run WHERE name = 'last lease'")?;
    Ok(get.query_row([], |row| row.get(0)).optional()?)
}

/// Takes the lease away from whoever has it.
pub(crate) fn break_off(db: &Connection) -> Result<(), Problem> {
    set(db, None)?;
    db.prepare_cached("INSERT OR REPLACE INTO run VALUES ('last lease', '')")?.execute([])?;
    Ok(())
}

/// Who had a token.
pub(crate) fn name_of(db: &Connection, token: &str) -> Result<String, Problem> {
    let mut get = db.prepare_cached("SELECT value FROM run WHERE name = 'lease ' || ?1")?;
    let name: Option<String> = get.query_row([token], |row| row.get(0)).optional()?;
    Ok(name.unwrap_or_else(|| "another machine".to_owned()))
}

/// Whether a journal ever had a token.
pub(crate) fn knows(db: &Connection, token: &str) -> Result<bool, Problem> {
    Ok(db.prepare_cached("SELECT 1 FROM run WHERE name = 'lease ' || ?1")?.exists([token])?)
}

/// A lease of this machine.
pub(crate) fn mine(length: Duration, now: i64) -> Row {
    let (name, boot) = machine();
    let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_default();
    let at = if user.is_empty() { name.clone() } else { format!("{user} at {name}") };
    // Unique is enough: nobody has to be kept from guessing it.
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    Row {
        token: format!("{:x}-{nanos:x}", std::process::id()),
        holder: format!("{at}, process {}", std::process::id()),
        machine: format!("{name} {boot}"),
        beat: 0,
        at: now,
        length: length.as_secs(),
    }
}

/// The name of this machine, and what is another one each time that it starts.
fn machine() -> (String, String) {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    (name, boot.trim().to_owned())
}

/// Whether a lease was given to this machine since it started.
fn is_here(row: &Row) -> bool {
    let (name, boot) = machine();
    row.machine == format!("{name} {boot}")
}

/// Takes the lease of a journal whose file lock this program holds.
pub(crate) fn take(
    journal: &Journal,
    environment: &Environment,
    now: i64,
    tell: &dyn Fn(&Event),
) -> Result<(), Problem> {
    let length = length(environment)?;
    let there = row(&journal.db)?;
    // On this machine the file lock has proven that the holder is gone.
    if let Some(there) = there.as_ref().filter(|there| !is_here(there)) {
        watch(&journal.db, there, tell)?;
    }
    let row = mine(length, now);
    journal.together(|| {
        let now = self::row(&journal.db)?;
        // Given back meanwhile is as good as given up.
        if now.is_some() && now != there {
            return Err(Problem::later("another program took the lease of this run"));
        }
        set(&journal.db, Some(&row))
    })?;
    let ship = match &environment.ship {
        Some(to) => Some(Ship::begin(journal, &environment.path(to))?),
        None => None,
    };
    let held = Held { token: row.token, length, renewed: Cell::new(Instant::now()), ship };
    *journal.held.borrow_mut() = Some(held);
    Ok(())
}

/// Watches a lease for its whole length; an error when its beat moves.
pub(crate) fn watch(db: &Connection, there: &Row, tell: &dyn Fn(&Event)) -> Result<(), Problem> {
    let began = Instant::now();
    let length = Duration::from_secs(there.length.max(1));
    tell(&Event::Waits {
        seconds: length.as_secs(),
        why: format!("{} holds the run; whether it is alive shows in that time", there.holder),
    });
    while began.elapsed() < length {
        std::thread::sleep(Duration::from_millis(200).min(length));
        let now = row(db)?;
        if now.as_ref() != Some(there) && now.is_some() {
            return Err(Problem::later(format!("{} runs this plan with this journal", there.holder))
                .help("`cutover lock status` tells more; a holder that is gone for good loses it by `cutover lock break`"));
        }
    }
    Ok(())
}

impl Held {
    /// Checks in an open transaction that the lease is still held, and lets its beat go on.
    pub(crate) fn check(&self, db: &Connection, now: i64) -> Result<(), Problem> {
        let there = row(db)?;
        let Some(mut there) = there.filter(|there| there.token == self.token) else {
            return Err(lost());
        };
        if self.renewed.get().elapsed() >= self.length / 5 {
            there.beat += 1;
            there.at = now;
            set(db, Some(&there))?;
            self.renewed.set(Instant::now());
        }
        Ok(())
    }

    /// Ships what changed, when there is a second place.
    pub(crate) fn ship(&self, db: &Connection) -> Result<(), Problem> {
        let Some(ship) = &self.ship else { return Ok(()) };
        // A beat that does not arrive lets others take over: then this runner stops before they begin.
        ship.send(db, &self.token, self.length / 5 * 4)
    }

    /// Gives the lease back.
    pub(crate) fn release(&self, db: &Connection) -> Result<(), Problem> {
        if row(db)?.is_some_and(|there| there.token == self.token) {
            set(db, None)?;
            self.ship(db)?;
        }
        Ok(())
    }
}

/// Somebody else has the lease now.
pub(crate) fn lost() -> Problem {
    Problem::later("somebody took this run over, or broke its lock")
        .help("`cutover lock status` tells who has it")
}

/// Who holds a journal; `None` when nobody does.
pub(crate) fn holder(db: &Connection) -> Result<Option<Holder>, Problem> {
    Ok(row(db)?.map(|row| Holder { here: is_here(&row), who: row.holder, at: row.at, length: row.length }))
}

#[cfg(test)]
mod tests {
    use super::{Held, knows, mine, row, set};
    use crate::journal::Journal;
    use crate::problem::Problem;
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    #[test]
    fn only_the_holder_of_the_token_writes() -> Result<(), Problem> {
        let journal = Journal::passing(None)?;
        let first = mine(Duration::from_secs(10), 7);
        set(&journal.db, Some(&first))?;
        let held = Held {
            token: first.token.clone(),
            length: Duration::from_secs(0),
            renewed: Cell::new(Instant::now()),
            ship: None,
        };
        assert_eq!(held.check(&journal.db, 8), Ok(()));
        assert_eq!(row(&journal.db)?.map(|row| (row.beat, row.at)), Some((1, 8)), "the beat goes on");
        let second = super::Row { token: "another".to_owned(), ..first.clone() };
        set(&journal.db, Some(&second))?;
        assert!(held.check(&journal.db, 9).is_err_and(|problem| problem.later));
        held.release(&journal.db)?;
        assert_eq!(row(&journal.db)?, Some(second), "nobody gives back what another one holds");
        assert!(knows(&journal.db, &first.token)? && !knows(&journal.db, "a third")?);
        Ok(())
    }
}
