//! The target of a run.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Instant;

use cutover_connect::{
    Abilities, Answer, Chunk, Connector, Cursor, Draft, Embedded, Fault, Loaded, Ready, Shelf,
};
use cutover_plan::Plan;
use cutover_plan::model::{LoadMode, Operation, SilenceProof};

use crate::bind::live_target;
use crate::environment::{Binding, Environment};
use crate::files::contents;
use crate::flow::written_kinds;
use crate::journal::{Journal, private};
use crate::place;
use crate::problem::Problem;
use crate::trouble::Troubled;

/// The target of a run.
pub(crate) struct Desk {
    connector: Box<dyn Connector>,
    /// The embedded desk, seen as what it is.
    embedded: Option<Rc<std::cell::RefCell<Embedded>>>,
    /// Whether it is a folder.
    folder: bool,
    /// Whether what is written commits with the journal.
    pub(crate) together: bool,
    pub(crate) abilities: Abilities,
    /// Ids by name, of kinds in which names are looked up.
    names: BTreeMap<String, HashMap<String, String>>,
}

/// Tells whether others changed the journal, and whether anybody changed the desk.
pub(crate) type Version = (i64, (i64, u64));

/// The embedded desk behind a connector that can be wrapped.
struct Shared(Rc<std::cell::RefCell<Embedded>>);

impl Desk {
    pub(crate) fn open(
        plan: &Plan,
        environment: &Environment,
        binding: &Binding,
        system: &str,
        journal: &Journal,
    ) -> Result<Desk, Problem> {
        if binding.connector == "rt" {
            let mut connector = live_target(plan, environment, binding)?;
            let abilities = connector.abilities()?;
            able(plan, &abilities)?;
            return Ok(Desk {
                connector,
                embedded: None,
                folder: false,
                together: false,
                abilities,
                names: BTreeMap::new(),
            });
        }
        if binding.connector == "files" {
            let schema = plan.schemas.get("target").cloned().unwrap_or_default();
            let mut shelf = Shelf::open(&environment.path(&binding.at), &schema)?;
            if let Some(contents) = contents(environment)? {
                shelf.contents(contents);
            }
            let mut connector: Box<dyn Connector> = Box::new(shelf);
            if let Some(trouble) = &binding.trouble {
                connector = Box::new(Troubled::new(connector, trouble.clone()));
            }
            let abilities = connector.abilities()?;
            able(plan, &abilities)?;
            return Ok(Desk {
                connector,
                embedded: None,
                folder: true,
                together: false,
                abilities,
                names: BTreeMap::new(),
            });
        }
        if binding.connector != "sqlite" {
            return Err(Problem::new(format!(
                "`{}` is no connector that can be written to",
                binding.connector
            ))
            .help("`sqlite` is an embedded desk, with `at` naming its file; `files` a folder; `rt` a live Request Tracker at an address"));
        }
        let schema = plan.schemas.get("target").cloned().unwrap_or_default();
        let account = plan.systems.get(system).map_or("", |system| system.account.as_str());
        let (kinds, parts) = written_kinds(plan);
        let loaded = Loaded { kinds: kinds.into_iter().collect(), parts: parts.into_iter().collect() };
        let path = environment.path(&binding.at);
        let at = path.display().to_string();
        let (db, name) = if binding.apart {
            place::is_desk(&path)?;
            private(&path)?;
            let db = rusqlite::Connection::open(&path)?;
            db.busy_timeout(std::time::Duration::from_secs(2))?;
            db.set_prepared_statement_cache_capacity(256);
            (Rc::new(db), "main")
        } else {
            (Rc::clone(&journal.db), "desk")
        };
        let ours = system == "target" && !environment.rehearsal;
        if ours {
            place::same_desk(&db, name, journal, &at)?;
        }
        let made = Rc::clone(&db);
        let mut embedded = Embedded::new(db, name, account, &at, &schema, loaded)?;
        if ours {
            place::remember(&made, name, journal)?;
        }
        if let Some(contents) = contents(environment)? {
            embedded.contents(contents);
        }
        if binding.rates
            && let Some(rate) = schema.rates.get("import").or_else(|| schema.rates.get("all"))
        {
            let began = Instant::now();
            let clock = move || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            embedded.keep_rate(*rate, Rc::new(clock));
        }
        let embedded = Rc::new(std::cell::RefCell::new(embedded));
        let mut connector: Box<dyn Connector> = Box::new(Shared(Rc::clone(&embedded)));
        if let Some(trouble) = &binding.trouble {
            if !binding.apart {
                return Err(Problem::new(
                    "an embedded desk in one transaction with the journal cannot lose an answer",
                )
                .help("write `apart = true` beside `trouble`"));
            }
            connector = Box::new(Troubled::new(connector, trouble.clone()));
        }
        let abilities = connector.abilities()?;
        able(plan, &abilities)?;
        Ok(Desk {
            connector,
            embedded: Some(embedded),
            folder: false,
            together: !binding.apart,
            abilities,
            names: BTreeMap::new(),
        })
    }

    pub(crate) fn connector(&mut self) -> &mut dyn Connector {
        &mut *self.connector
    }

    /// What the plan writes to an embedded desk that commits with the journal: what such a desk would say can be found out ahead.
    pub(crate) fn loaded(&self) -> Option<Loaded> {
        self.embedded.as_ref().filter(|_| self.together).map(|embedded| embedded.borrow().loaded().clone())
    }

    /// What stays the same as long as nobody changes the desk or the journal; nothing where that cannot be told.
    pub(crate) fn version(&self, journal: &Journal) -> Result<Option<Version>, Problem> {
        let Some(embedded) = self.embedded.as_ref().filter(|_| self.together) else { return Ok(None) };
        let by_others = journal.db.query_row("PRAGMA main.data_version", [], |row| row.get(0))?;
        Ok(Some((by_others, embedded.borrow().version()?)))
    }

    /// Writes a batch, of which a part may have been checked ahead.
    pub(crate) fn write_ready(
        &mut self,
        kind: &str,
        drafts: &[Draft],
        ready: &[Option<Ready>],
    ) -> Result<Vec<Answer>, Fault> {
        match &self.embedded {
            Some(embedded) if self.together => embedded.borrow_mut().write_ready(kind, drafts, ready),
            _ => self.connector.write(kind, drafts),
        }
    }

    /// Whether it is a desk of this machine, made from the plan alone: an embedded one, or a folder.
    pub(crate) fn is_embedded(&self) -> bool {
        self.embedded.is_some() || self.folder
    }

    /// Makes the target quiet, or lets it speak again, where it can be told; whether it could.
    pub(crate) fn quiet(&self, quiet: bool) -> Result<bool, Problem> {
        match &self.embedded {
            Some(embedded) => {
                embedded.borrow().quiet(quiet)?;
                Ok(true)
            }
            // A folder has no way to send.
            None => Ok(self.folder),
        }
    }

    /// All records as sorted text, where the target can give them.
    pub(crate) fn dump(&self, out: &mut dyn std::io::Write) -> Result<bool, Problem> {
        match &self.embedded {
            Some(embedded) => {
                embedded.borrow().dump(out)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The id of the record of that name.
    pub(crate) fn named(&mut self, kind: &str, name: &str) -> Result<Option<String>, Problem> {
        if !self.names.contains_key(kind) {
            let mut names = HashMap::new();
            let (mut chunk, mut cursor) = (Chunk::default(), Cursor::start());
            loop {
                chunk.clear();
                self.connector.read(kind, &cursor, 1000, &mut chunk)?;
                for record in chunk.records() {
                    let Ok(fields) =
                        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(record)
                    else {
                        continue;
                    };
                    let name =
                        fields.get("name").or_else(|| fields.get("title")).and_then(|name| name.as_str());
                    if let (Some(name), Some(id)) = (name, fields.get("id").and_then(|id| id.as_str())) {
                        names.entry(name.to_owned()).or_insert_with(|| id.to_owned());
                    }
                }
                match chunk.next() {
                    Some(next) => cursor = next.clone(),
                    None => break,
                }
            }
            self.names.insert(kind.to_owned(), names);
        }
        Ok(self.names.get(kind).and_then(|names| names.get(name)).cloned())
    }
}

/// Whether a connector can do what the plan needs of its target.
fn able(plan: &Plan, abilities: &Abilities) -> Result<(), Problem> {
    let mut lacks = Vec::new();
    for (can, what) in [
        (abilities.write, "create records"),
        (abilities.set, "set references afterwards"),
        (abilities.undo, "take back what it wrote"),
        (abilities.fetch, "read back what it wrote"),
    ] {
        if !can {
            lacks.push(what.to_owned());
        }
    }
    let appends = |stage: &cutover_plan::model::Stage| {
        let parts = stage.items.iter().filter(|item| {
            matches!(
                plan.items.get(&item.0).map(|item| &item.content),
                Some(cutover_plan::model::Content::Map(_))
            )
        });
        matches!(stage.operation, Operation::Load { mode: LoadMode::Append, .. }) && parts.count() > 1
    };
    if plan.stages.iter().any(appends) && !abilities.append {
        lacks.push("add to records that are there, as `appending` wants it".to_owned());
    }
    let promised = plan.schemas.get("target").and_then(|schema| schema.capabilities.get("dedupe"));
    let promised = promised.map_or("", String::as_str);
    let finding = &abilities.finding;
    let weaker = match promised {
        p if p.contains("enforced") => *finding < cutover_connect::Finding::Enforced,
        p if p.contains("consistent_lookup") => *finding < cutover_connect::Finding::AtOnce,
        p if p.contains("lagging_lookup") => *finding == cutover_connect::Finding::Never,
        _ => false,
    };
    if weaker {
        lacks.push(format!("find out whether a record was written as the plan relies on ({finding})"));
    }
    for proof in proofs(plan) {
        if !abilities.proofs.iter().any(|able| able.word() == proof) {
            lacks.push(format!("prove silence by `{proof}`"));
        }
    }
    if lacks.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "the connector of the target cannot do what the plan needs: {}",
        lacks.join("; ")
    ))
    .help("bind the target to a connector that can, or change the plan"))
}

/// The words of the proofs of silence that a plan names.
fn proofs(plan: &Plan) -> Vec<&'static str> {
    let mut words = Vec::new();
    for stage in &plan.stages {
        if let Operation::Silence { proven_by, .. } = &stage.operation {
            words.extend(proven_by.iter().map(|proof| match proof {
                SilenceProof::Counter => "counter",
                SilenceProof::Sink => "sink",
                SilenceProof::TriggersListed => "triggers_listed",
                SilenceProof::Canary(_) => "canary",
            }));
        }
    }
    words
}

impl Connector for Shared {
    fn abilities(&mut self) -> Result<Abilities, cutover_connect::Fault> {
        self.0.borrow_mut().abilities()
    }

    fn account(&mut self) -> Result<cutover_connect::Account, cutover_connect::Fault> {
        self.0.borrow_mut().account()
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, cutover_connect::Fault> {
        self.0.borrow_mut().count(kind)
    }

    fn read(
        &mut self,
        kind: &str,
        from: &Cursor,
        most: usize,
        into: &mut Chunk,
    ) -> Result<(), cutover_connect::Fault> {
        self.0.borrow_mut().read(kind, from, most, into)
    }

    fn fetch(&mut self, kind: &str, id: &str) -> Result<Option<String>, cutover_connect::Fault> {
        self.0.borrow_mut().fetch(kind, id)
    }

    fn content(
        &mut self,
        kind: &str,
        id: &str,
        field: &str,
        into: &mut dyn std::io::Write,
    ) -> Result<Option<bool>, cutover_connect::Fault> {
        self.0.borrow_mut().content(kind, id, field, into)
    }

    fn write(
        &mut self,
        kind: &str,
        batch: &[cutover_connect::Draft],
    ) -> Result<Vec<cutover_connect::Answer>, cutover_connect::Fault> {
        self.0.borrow_mut().write(kind, batch)
    }

    fn set(
        &mut self,
        kind: &str,
        id: &str,
        fields: &str,
    ) -> Result<cutover_connect::Answer, cutover_connect::Fault> {
        self.0.borrow_mut().set(kind, id, fields)
    }

    fn append(
        &mut self,
        kind: &str,
        id: &str,
        parts: &[cutover_connect::Part],
    ) -> Result<Vec<cutover_connect::Answer>, cutover_connect::Fault> {
        self.0.borrow_mut().append(kind, id, parts)
    }

    fn find(&mut self, kind: &str, mark: &str) -> Result<Vec<String>, cutover_connect::Fault> {
        self.0.borrow_mut().find(kind, mark)
    }

    fn undo(&mut self, kind: &str, id: &str) -> Result<cutover_connect::Undone, cutover_connect::Fault> {
        self.0.borrow_mut().undo(kind, id)
    }

    fn silence(&mut self) -> Result<cutover_connect::Silence, cutover_connect::Fault> {
        self.0.borrow_mut().silence()
    }
}
