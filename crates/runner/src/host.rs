//! What maps ask while a run maps: the plan, secrets, tables, and words about the record at hand.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use cutover_connect::Contents;
use cutover_ir::host::Host;
use cutover_ir::predicate::StatusClass;
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::{Record, Value};
use cutover_plan::Plan;
use cutover_transform::{Lookup, Surroundings};

use crate::environment::Environment;
use crate::files::contents;
use crate::problem::Problem;
use crate::words::Words;

/// The host of a run.
pub(crate) struct RunHost<'p> {
    surroundings: Surroundings<'p>,
    words: Words,
    /// Where the bytes of files stand that records name.
    contents: Option<Contents>,
    /// The record at hand, as its source has it.
    text: Mutex<Arc<str>>,
    /// Keys of people who are not active; `None` until the copy was asked.
    inactive: Mutex<Option<BTreeSet<String>>>,
}

impl<'p> RunHost<'p> {
    /// The host of a plan: secrets by the names that the environment gives them, tables of the files that it names.
    pub(crate) fn new(
        plan: &'p Plan,
        environment: &Environment,
        secrets: &dyn Fn(&str) -> Option<String>,
        wanted: (&[String], &[String], bool),
    ) -> Result<RunHost<'p>, Problem> {
        let mut surroundings = Surroundings::new(plan);
        for name in wanted.0 {
            let variable = environment.variable(name);
            let Some(value) = secrets(variable) else {
                return Err(Problem::new(format!("a map asks for the secret `{name}`"))
                    .help(format!("set the environment variable {variable}")));
            };
            surroundings.secret(name, value);
        }
        for name in wanted.1 {
            let Some(path) = environment.tables.get(name) else {
                return Err(Problem::new(format!("a map looks up the table `{name}`")).help(format!(
                    "name its file in the environment: `[tables]` and `{name} = \"FILE.csv\"`"
                )));
            };
            let path = environment.path(path);
            let table = Lookup::open(plan, name, &path)
                .map_err(|error| Problem::new(format!("the table `{name}` cannot be used: {error}")))?;
            // The trait has a question of the same name.
            Surroundings::table(&mut surroundings, name, table);
        }
        Ok(RunHost {
            surroundings,
            words: Words::of(plan, &environment.source),
            contents: if wanted.2 { contents(environment)? } else { None },
            text: Mutex::new("".into()),
            inactive: Mutex::new(None),
        })
    }

    /// Where the bytes of files stand that records name.
    pub(crate) fn contents(&self) -> Option<&Contents> {
        self.contents.as_ref()
    }

    /// Whether it is known who is not active.
    pub(crate) fn knows_inactive(&self) -> bool {
        self.inactive.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Says who is not active.
    pub(crate) fn learn_inactive(&self, keys: BTreeSet<String>) {
        *self.inactive.lock().unwrap_or_else(PoisonError::into_inner) = Some(keys);
    }

    /// What words say of records.
    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// Says which record is at hand.
    pub(crate) fn at(&self, text: &str) {
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
    }
}

/// A value that is yes or no, as exports write it.
pub(crate) fn flag(value: &serde_json::Value) -> Option<bool> {
    match value {
        serde_json::Value::Bool(flag) => Some(*flag),
        serde_json::Value::String(text) => match text.as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" | "" => Some(false),
            _ => None,
        },
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

impl Host for RunHost<'_> {
    fn date_in(&self, zone: &str, at: Instant) -> Option<Date> {
        self.surroundings.date_in(zone, at)
    }

    fn local_time(&self, zone: &str, date: Date, seconds: u32) -> Option<Instant> {
        self.surroundings.local_time(zone, date, seconds)
    }

    fn keyed_hash(&self, salt: &str, text: &str) -> Option<String> {
        self.surroundings.keyed_hash(salt, text)
    }

    fn status_class(&self, kind: &str, status: &str) -> Option<StatusClass> {
        self.surroundings.status_class(kind, status)
    }

    /// A member of the record that is yes or no: the one that the environment names, or the one of that name.
    fn word(&self, kind: &str, field: &str, word: &str, record: &Record) -> Option<bool> {
        if let Some(known) = self.surroundings.word(kind, field, word, record) {
            return Some(known);
        }
        if !field.is_empty() && field != kind {
            return None;
        }
        if let Some(of) = word.strip_prefix("inactive(").and_then(|rest| rest.strip_suffix(')')) {
            let inactive = self.inactive.lock().unwrap_or_else(PoisonError::into_inner);
            let keys = inactive.as_ref()?;
            return Some(record.get(of).and_then(Value::as_text).is_some_and(|key| keys.contains(key)));
        }
        let text = Arc::clone(&self.text.lock().unwrap_or_else(PoisonError::into_inner));
        self.words.holds(kind, word, &serde_json::from_str(&text).ok()?)
    }

    fn table(&self, table: &str, field: &str, record: &Record) -> Option<Value> {
        self.surroundings.table(table, field, record)
    }

    fn has_option(&self, domain: &str, option: &str) -> Option<bool> {
        self.surroundings.has_option(domain, option)
    }
}
