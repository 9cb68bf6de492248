//! What the day before and the minute before have to find: each thing that the plan wants looked at passes, does not pass, or cannot be
//! looked at from here, with the reason. What nobody looked at never counts as passed.

use std::path::Path;

use cutover_connect::{Connector, Silence};
use cutover_ir::map::Outcome;
use cutover_ir::predicate::Literal;
use cutover_ir::time::Instant;
use cutover_plan::Plan;
use cutover_plan::model::{Content, Operation, SilenceProof};
use cutover_plan::text::numbers::span;
use cutover_transform::referred;
use sha2::{Digest as _, Sha256};

use crate::bind;
use crate::context::Clock;
use crate::desk::Desk;
use crate::environment::Environment;
use crate::export::hex;
use crate::flow::written_kinds;
use crate::journal::Journal;
use crate::problem::Problem;
use crate::session::{Opening, clock, continued};

/// How a look went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Passed {
    /// It is as it should be.
    Yes,
    /// It is not.
    No,
    /// It cannot be looked at from here: somebody has to.
    NotLookedAt,
}

impl Passed {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Passed::Yes => "pass",
            Passed::No => "fail",
            Passed::NotLookedAt => "not checkable",
        }
    }
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its word in the plan: `disk`.
    pub what: String,
    /// How it went.
    pub passed: Passed,
    /// What was seen, or why nothing could be.
    pub words: String,
}

/// Bytes of a record where nobody knows better: text, parts, indexes.
const RECORD: u64 = 4096;
/// Bytes that are left on a disk beside what the run needs.
const SPARE: u64 = 256 << 20;
/// Days after which an inventory says little about an account.
const OLD: i64 = 30;

/// Looks at everything before a run, the day before or the minute before. Nothing is written to source or target.
///
/// # Errors
/// When the journal that is there cannot be read.
pub fn preflight(opening: &Opening<'_>) -> Result<Vec<Seen>, Problem> {
    let plan = &opening.bundle.plan;
    let environment = opening.environment;
    let embedded = environment.target.connector == "sqlite" && !environment.target.apart;
    let file = environment.path(&environment.target.at);
    // A desk that is not there yet is looked at as the one that the run would make.
    let desk_file = embedded.then(|| file.is_file().then_some(file.as_path()));
    let path = environment.path(&environment.journal);
    let there = path.is_file().then(|| Journal::open(&path, None)).transpose()?;
    let passing = Journal::passing(desk_file)?;
    let now = Clock::new(continued(clock(environment)?, there.as_ref())?).now();
    let source = bind::source(plan, environment, &environment.source);
    let mut apart = environment.target.clone();
    if environment.target.connector == "sqlite" && !embedded && !file.is_file() {
        apart.apart = false;
    }
    let local = environment.target.connector == "sqlite" && !file.is_file();
    let desk = if local { crate::place::not_gone(&path, &file) } else { Ok(()) }
        .and_then(|()| Desk::open(plan, environment, &apart, "target", &passing));
    let look = Look { plan, environment, folder: opening.folder, journal: there.as_ref(), now };
    Ok(match (source, desk) {
        (Ok(mut source), Ok(mut desk)) => look.all(Some(&mut *source), Some(&mut desk)),
        (source, desk) => {
            let mut all = Vec::new();
            for (what, problem) in [("source", source.as_ref().err()), ("target", desk.as_ref().err())] {
                if let Some(problem) = problem {
                    all.push(looked(what, Passed::No, problem.why.clone()));
                }
            }
            let mut source = source.ok();
            all.extend(
                look.all(
                    source.as_deref_mut().map(|source| source as &mut dyn Connector),
                    desk.ok().as_mut(),
                ),
            );
            all
        }
    })
}

/// What a look needs.
pub(crate) struct Look<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) environment: &'a Environment,
    /// The bundle's folder.
    pub(crate) folder: &'a Path,
    pub(crate) journal: Option<&'a Journal>,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

fn looked(what: &str, passed: Passed, words: impl Into<String>) -> Seen {
    Seen { what: what.to_owned(), passed, words: words.into() }
}

impl Look<'_> {
    /// Everything: the accounts first, then what the plan lists, then what silence rests on.
    pub(crate) fn all(&self, source: Option<&mut dyn Connector>, mut desk: Option<&mut Desk>) -> Vec<Seen> {
        let mut all = Vec::new();
        if let Some(desk) = desk.as_deref_mut() {
            all.push(self.account(desk));
        }
        if let Some(source) = source {
            all.push(self.source(source));
        }
        if let Some(desk) = desk.as_deref_mut() {
            all.extend(self.marks(desk));
        }
        all.push(self.journal());
        let listed = self.plan.stages.iter().find_map(|stage| match &stage.operation {
            Operation::Preflight { checks } => Some(checks.as_slice()),
            _ => None,
        });
        for what in listed.unwrap_or_default() {
            let found = match (what.as_str(), desk.as_deref_mut()) {
                ("disk", _) => self.disk(),
                ("clock", _) => self.clock(),
                ("rules", _) => self.rules(),
                ("credentials", _) => self.credentials(),
                (_, None) => looked(what, Passed::NotLookedAt, "the target does not answer"),
                ("permissions", Some(desk)) => self.permissions(desk),
                ("subscription", Some(desk)) => self.subscription(desk),
                ("rates", Some(desk)) => self.rates(desk),
                ("triggers_off", Some(desk)) => self.triggers(desk),
                ("options", Some(desk)) => self.options(desk),
                (_, Some(_)) => {
                    looked(what, Passed::NotLookedAt, "this program does not know how to look at it")
                }
            };
            all.push(found);
        }
        all.extend(self.inbound());
        all.extend(self.canaries());
        all
    }

    /// Whether the spools of addresses that are held can be read.
    fn inbound(&self) -> Vec<Seen> {
        let spools = self.environment.inbound.iter().map(|(name, spool)| {
            let path = self.environment.path(&spool.spool);
            match crate::spool::each(&path, &mut |_| Ok(())) {
                Ok(count) => {
                    let words = format!("{name}: {count} messages are in {}", spool.spool.display());
                    looked("inbound", Passed::Yes, words)
                }
                Err(problem) => looked("inbound", Passed::No, format!("{name}: {}", problem.why)),
            }
        });
        spools.collect()
    }

    fn account(&self, desk: &mut Desk) -> Seen {
        let wanted = self.plan.systems.get("target").map_or("", |system| system.account.as_str());
        match desk.connector().account() {
            Err(fault) => looked("account", Passed::No, fault.why),
            Ok(account) => match account.name {
                Some(name) if name != wanted => looked(
                    "account",
                    Passed::No,
                    format!("the account that answers is `{name}`, and not `{wanted}`"),
                ),
                Some(name) => looked("account", Passed::Yes, format!("`{name}` answers at {}", account.at)),
                None => looked(
                    "account",
                    Passed::Yes,
                    format!("{} answers; it does not tell its name, the address does", account.at),
                ),
            },
        }
    }

    fn source(&self, source: &mut dyn Connector) -> Seen {
        match source.account() {
            Err(fault) => looked("source", Passed::No, fault.why),
            Ok(account) => {
                let kinds = self.plan.stages.iter().filter_map(|stage| match &stage.operation {
                    Operation::Export { kind, .. } => Some(kind.as_str()),
                    _ => None,
                });
                let mut kinds: Vec<&str> = kinds.collect();
                // The night may read a kind again.
                kinds.sort_unstable();
                kinds.dedup();
                let mut unread = Vec::new();
                for kind in &kinds {
                    let mut chunk = cutover_connect::Chunk::default();
                    let nested = self.environment.source.nested.contains_key(*kind);
                    if !nested
                        && let Err(fault) =
                            source.read(kind, &cutover_connect::Cursor::start(), 1, &mut chunk)
                    {
                        unread.push(format!("{kind}: {}", fault.why));
                    }
                }
                if unread.is_empty() {
                    looked(
                        "source",
                        Passed::Yes,
                        format!("{} kinds can be read at {}", kinds.len(), account.at),
                    )
                } else {
                    looked("source", Passed::No, unread.join("; "))
                }
            }
        }
    }

    /// The journal is sound, and can be written.
    fn journal(&self) -> Seen {
        let Some(journal) = self.journal else {
            return looked("journal", Passed::Yes, "there is none yet: the first run makes it");
        };
        let sound = journal.db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match (sound, journal.db.execute_batch("BEGIN IMMEDIATE; ROLLBACK;")) {
            (Ok(answer), Ok(())) if answer == "ok" => {
                looked("journal", Passed::Yes, "it is sound, and can be written")
            }
            (Ok(answer), Ok(())) => looked("journal", Passed::No, format!("it is damaged: {answer}")),
            (Err(error), _) | (_, Err(error)) => looked("journal", Passed::No, Problem::from(error).why),
        }
    }

    fn permissions(&self, desk: &mut Desk) -> Seen {
        if desk.is_embedded() {
            return looked("permissions", Passed::Yes, "an embedded desk lets everybody do everything");
        }
        let (kinds, _) = written_kinds(self.plan);
        for kind in &kinds {
            if let Err(fault) = desk.connector().count(kind) {
                return looked("permissions", Passed::No, format!("{kind}: {}", fault.why));
            }
        }
        looked(
            "permissions",
            Passed::NotLookedAt,
            format!(
                "{} kinds can be read; whether they can be written shows a rehearsal with a person of the same rights",
                kinds.len()
            ),
        )
    }

    fn subscription(&self, desk: &Desk) -> Seen {
        let plan =
            self.plan.systems.get("target").and_then(|system| system.plan.as_deref()).unwrap_or("no plan");
        if desk.is_embedded() {
            return looked("subscription", Passed::Yes, format!("the embedded desk is made for {plan}"));
        }
        looked(
            "subscription",
            Passed::NotLookedAt,
            format!("the desk does not tell which plan it has: somebody has to see that it is {plan}"),
        )
    }

    fn rates(&self, desk: &Desk) -> Seen {
        let Some(rate) = bind::rate(self.plan, "target") else {
            return looked("rates", Passed::Yes, "the plan knows no rate; what the desk asks for is kept");
        };
        let told = format!("{} calls in {} s", rate.calls, rate.seconds);
        match self.environment.target.calls_a_minute {
            Some(calls) if calls.saturating_mul(rate.seconds) > rate.calls.saturating_mul(60) => looked(
                "rates",
                Passed::No,
                format!("the environment allows {calls} calls a minute, and the plan {told}"),
            ),
            Some(calls) => looked("rates", Passed::Yes, format!("{calls} calls a minute, within {told}")),
            None if desk.is_embedded() && self.environment.target.rates => {
                looked("rates", Passed::Yes, format!("the embedded desk keeps {told}"))
            }
            None if desk.is_embedded() => looked(
                "rates",
                Passed::Yes,
                "the embedded desk has no rate: write `rates = true` for the plan's",
            ),
            None => looked(
                "rates",
                Passed::Yes,
                format!(
                    "the plan knows {told}, and the run keeps to it and to what the desk's answers ask for"
                ),
            ),
        }
    }

    /// Whether there is room for the copy of the source, the journal, and an embedded desk.
    fn disk(&self) -> Seen {
        let records: u64 = self.plan.figures.source.values().sum();
        let source = self.environment.path(&self.environment.source.at);
        let read = match self.environment.source.connector.as_str() {
            "files" | "singer" | "sqlite" => size(&source, 0),
            _ => None,
        };
        let once = read.unwrap_or_else(|| records.saturating_mul(RECORD));
        let embedded = u64::from(self.environment.target.is_local());
        let copies = 2 + embedded + self.environment.stores.len() as u64;
        let need =
            once.saturating_mul(copies).saturating_add(records.saturating_mul(256)).saturating_add(SPARE);
        let at = existing(&self.environment.path(&self.environment.journal));
        match free(&at) {
            None => looked(
                "disk",
                Passed::NotLookedAt,
                format!("{} MiB are needed; this system does not tell what is free", mib(need)),
            ),
            Some(free) if free < need => looked(
                "disk",
                Passed::No,
                format!("{} MiB are needed, and {} are free", mib(need), mib(free)),
            ),
            Some(free) => {
                looked("disk", Passed::Yes, format!("{} MiB are needed, {} are free", mib(need), mib(free)))
            }
        }
    }

    /// Whether the clock can be right: it is not behind what is known to have happened.
    fn clock(&self) -> Seen {
        let dates = self.plan.header.inventories.values().map(|inventory| inventory.taken);
        let taken = dates.max().and_then(|date| Instant::parse(&format!("{date}T00:00:00Z")));
        let known = taken.map_or(0, Instant::seconds);
        let latest = self.journal.and_then(|journal| crate::session::latest(journal).ok()).unwrap_or(0);
        let said = Instant::from_seconds(self.now).to_string();
        if self.now < known {
            return looked(
                "clock",
                Passed::No,
                format!("it says {said}, which is before the inventories were taken"),
            );
        }
        if self.now + 1 < latest {
            return looked(
                "clock",
                Passed::No,
                format!("it says {said}, which is before the last entry of the journal"),
            );
        }
        let window = self.plan.migration.window.as_ref();
        let window = window.map(|window| (window.start.seconds(), window.end.seconds()));
        let long = |seconds: i64| span(seconds.unsigned_abs());
        let words = match window {
            Some((_, ends)) if self.now >= ends && !self.is_late() => {
                return looked(
                    "clock",
                    Passed::No,
                    format!("it says {said}; the window ended {} ago", long(self.now - ends)),
                );
            }
            Some((_, ends)) if self.now >= ends => {
                format!(
                    "it says {said}; the window ended {} ago, and people decided to go on",
                    long(self.now - ends)
                )
            }
            Some((opens, _)) if self.now < opens => {
                format!("it says {said}; the window opens in {}", long(opens - self.now))
            }
            Some((opens, _)) => format!("it says {said}; the window opened {} ago", long(self.now - opens)),
            None => format!("it says {said}"),
        };
        if self.environment.target.is_local() {
            return looked("clock", Passed::Yes, words);
        }
        looked(
            "clock",
            Passed::NotLookedAt,
            format!("{words}; the desk does not tell its own time, so look at a watch"),
        )
    }

    /// Whether people have decided that the run goes on behind its window.
    fn is_late(&self) -> bool {
        let Some(journal) = self.journal else { return false };
        let late = journal.value(crate::window::DECIDED).ok().flatten();
        let resumed = journal.db.query_row(
            "SELECT what FROM event WHERE what IN ('pause', 'resume') ORDER BY seq DESC LIMIT 1",
            [],
            |row| row.get::<_, String>(0),
        );
        late.as_deref() == Some("over") && resumed.is_ok_and(|what| what == "resume")
    }

    fn triggers(&self, desk: &mut Desk) -> Seen {
        match desk.connector().silence() {
            Err(fault) => looked("triggers_off", Passed::No, fault.why),
            Ok(Silence::RulesOff) => {
                looked("triggers_off", Passed::Yes, "the desk lists no rule that can send")
            }
            Ok(Silence::RulesOn(on)) => {
                looked("triggers_off", Passed::No, format!("{on} rules of the desk can send"))
            }
            Ok(Silence::Sent(sent)) => looked(
                "triggers_off",
                Passed::Yes,
                format!("the desk counts what it sends, {sent} so far: the load is watched by that"),
            ),
            Ok(Silence::Unknown) => looked(
                "triggers_off",
                Passed::NotLookedAt,
                "the desk tells nothing about what it sends: somebody has to look at its rules",
            ),
        }
    }

    /// Whether what translations name is there: groups, queues, roles that people built.
    fn options(&self, desk: &mut Desk) -> Seen {
        if desk.is_embedded() {
            return looked(
                "options",
                Passed::Yes,
                "the embedded desk is made from the plan's own list of them",
            );
        }
        let (written, _) = written_kinds(self.plan);
        let (mut seen, mut gone) = (0_u64, Vec::new());
        for (kinds, name) in named(self.plan) {
            if kinds.iter().any(|kind| written.contains(kind)) {
                continue;
            }
            let mut found = false;
            for kind in &kinds {
                match desk.named(kind, &name) {
                    Ok(id) => found |= id.is_some(),
                    Err(problem) => return looked("options", Passed::NotLookedAt, problem.why),
                }
            }
            seen += 1;
            if !found {
                gone.push(format!("{} `{name}`", kinds.join(" or ")));
            }
        }
        if gone.is_empty() {
            looked(
                "options",
                Passed::Yes,
                format!(
                    "all {seen} groups, queues and the like that the plan names are there; options of fields are not listed by this connector"
                ),
            )
        } else {
            looked("options", Passed::No, format!("the desk has no {}", gone.join(", no ")))
        }
    }

    /// Whether what is written can be recognised again, wherever it goes: found out in the night, that would stop the load in its midst.
    fn marks(&self, desk: &mut Desk) -> Option<Seen> {
        if desk.is_embedded() {
            return None;
        }
        let places = named(self.plan);
        let places: Vec<&str> = places
            .iter()
            .filter(|(kinds, _)| kinds.iter().any(|kind| *kind == "queue"))
            .map(|(_, name)| name.as_str())
            .collect();
        Some(match desk.connector().unready(&places) {
            Err(fault) => looked("marks", Passed::NotLookedAt, fault.why),
            Ok(lacks) if lacks.is_empty() => {
                let words = format!("what goes to {} queues can be recognised there again", places.len());
                looked("marks", Passed::Yes, words)
            }
            Ok(lacks) => looked("marks", Passed::No, lacks.join("; ")),
        })
    }

    /// Whether the old desk is still what the plan was made from, as far as files tell.
    fn rules(&self) -> Seen {
        let Some(inventory) = self.plan.header.inventories.get("source") else {
            return looked(
                "rules",
                Passed::NotLookedAt,
                "the plan was made without an inventory of the source",
            );
        };
        let project = self.folder.parent().unwrap_or(Path::new("."));
        let path = project.join(&inventory.file);
        if let Ok(bytes) = std::fs::read(&path)
            && hex(&Sha256::digest(&bytes)) != inventory.digest
        {
            return looked(
                "rules",
                Passed::No,
                format!("{} is not the inventory that the plan was made from: plan again", inventory.file),
            );
        }
        let taken = Instant::parse(&format!("{}T00:00:00Z", inventory.taken)).map_or(0, Instant::seconds);
        let days = (self.now - taken) / 86_400;
        let words = format!(
            "the plan knows the rules of {}, {days} days ago; a connector reads records and no rules, so look at the old desk",
            inventory.taken
        );
        let late = if days > OLD { "; that is long: take another inventory and plan again" } else { "" };
        looked("rules", Passed::NotLookedAt, format!("{words}{late}"))
    }

    /// Whether credentials live long enough. That they live now shows in that the systems answered.
    fn credentials(&self) -> Seen {
        let end =
            self.plan.migration.window.as_ref().map_or(self.now, |window| window.end.seconds()).max(self.now);
        let (mut count, mut short) = (0, Vec::new());
        for (name, system) in &self.plan.systems {
            for secret in &system.secrets {
                count += 1;
                let until =
                    Instant::parse(&format!("{}T00:00:00Z", secret.until)).map_or(0, Instant::seconds);
                if until <= end {
                    short.push(format!("{} of the {name} ends on {}", secret.name, secret.until));
                }
            }
        }
        if short.is_empty() {
            looked(
                "credentials",
                Passed::Yes,
                format!("{count} are valid beyond the window, by what the plan says of them"),
            )
        } else {
            looked("credentials", Passed::No, short.join("; "))
        }
    }

    /// Mailboxes that must stay empty: nobody but a person can look into them.
    fn canaries(&self) -> Vec<Seen> {
        let proofs = self.plan.stages.iter().filter_map(|stage| match &stage.operation {
            Operation::Silence { proven_by, .. } => Some(proven_by),
            _ => None,
        });
        proofs
            .flatten()
            .filter_map(|proof| match proof {
                SilenceProof::Canary(address) => Some(looked(
                    "canary",
                    Passed::NotLookedAt,
                    format!("send a message to {address} and see that it arrives; then the mailbox can prove silence"),
                )),
                _ => None,
            })
            .collect()
    }
}

/// What translations make of values that become references: kinds of the target, and the name.
fn named(plan: &Plan) -> Vec<(Vec<String>, String)> {
    let mut all = Vec::new();
    for item in plan.items.values() {
        let Content::Map(map) = &item.content else { continue };
        for row in &map.rows {
            let Some(kinds) = row.types.first().and_then(referred) else { continue };
            for call in row.pipe.iter().filter(|call| call.function == "translate") {
                let Some(Literal::Text(table)) = call.args.first() else { continue };
                let table = plan.items.values().find_map(|item| match &item.content {
                    Content::Translate(of) if of.id.as_str() == format!("translate/{table}") => Some(of),
                    _ => None,
                });
                for outcome in table
                    .iter()
                    .flat_map(|table| table.rows.iter().map(|row| &row.outcome).chain(&table.rest))
                {
                    if let Outcome::Value(Literal::Text(name)) = outcome {
                        all.push((kinds.clone(), name.clone()));
                    }
                }
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Bytes below a path.
fn size(path: &Path, depth: u32) -> Option<u64> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    if !metadata.is_dir() {
        return Some(metadata.len());
    }
    if depth > 32 {
        return None;
    }
    let mut all = 0_u64;
    for entry in std::fs::read_dir(path).ok()?.flatten() {
        all = all.saturating_add(size(&entry.path(), depth + 1)?);
    }
    Some(all)
}

/// The nearest folder that is there.
fn existing(path: &Path) -> std::path::PathBuf {
    let folders = path
        .ancestors()
        .skip(1)
        .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    folders.into_iter().find(|folder| folder.is_dir()).unwrap_or(Path::new(".")).to_owned()
}

/// Bytes that are free where a folder is.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}

fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::{existing, free, named, size};
    use std::path::Path;

    #[test]
    fn folders_are_measured() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("a"))?;
        std::fs::write(folder.path().join("a/b"), [0; 100])?;
        std::fs::write(folder.path().join("c"), [0; 11])?;
        assert_eq!(size(folder.path(), 0), Some(111));
        assert_eq!(size(&folder.path().join("nothing"), 0), None);
        assert_eq!(existing(&folder.path().join("x/y/z")), folder.path());
        assert_eq!(existing(Path::new("nothing/at/all")), Path::new("."));
        #[cfg(unix)]
        assert!(free(folder.path()).is_some_and(|free| free > 0));
        Ok(())
    }

    #[test]
    fn names_of_translations_are_found_once() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/plan");
        let Ok(bundle) = cutover_plan::bundle::read(&folder) else { unreachable!("the example has a plan") };
        let all = named(&bundle.plan);
        assert!(all.iter().any(|(kinds, _)| kinds.iter().any(|kind| kind == "group")), "{all:?}");
        assert!(all.windows(2).all(|pair| matches!(pair, [a, b] if a < b)), "{all:?}");
    }
}
