//! The environment file: which system of the plan is which connector, and where things are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::problem::Problem;

/// Largest environment file.
const MOST_BYTES: u64 = 1 << 20;

/// The environment of a run, as its file says. Paths are relative to the file's folder. There is no secret in it: secrets are environment
/// variables, and only their names stand here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The journal: one file, made by the first run.
    pub journal: PathBuf,
    /// The folder for what a run can make again: the working copy of the source.
    pub work: PathBuf,
    /// The old desk.
    pub source: Binding,
    /// The new desk.
    pub target: Binding,
    /// Where a rehearsal writes; an embedded desk of its own when nothing is said.
    #[serde(default)]
    pub sandbox: Option<Binding>,
    /// The rows of the plan's tables: a CSV file each.
    #[serde(default)]
    pub tables: BTreeMap<String, PathBuf>,
    /// Folders for what the plan keeps in a store: `"vault:acme-backup" = "backup"`.
    #[serde(default)]
    pub stores: BTreeMap<String, PathBuf>,
    /// Where the messages of an address wait while it is held, and who takes them when it is drained, by the name that the plan gives it.
    #[serde(default)]
    pub inbound: BTreeMap<String, Spool>,
    /// Names of environment variables, by the name of the secret in the plan, where they differ.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// The second place of the journal: each batch is shipped there, so that another machine can take the run over.
    #[serde(default)]
    pub ship: Option<PathBuf>,
    /// How long a runner that gives no sign of life keeps its run, in seconds: longer than a request may take.
    #[serde(default)]
    pub lease: Option<u64>,
    /// The instant at which the run's clock starts, for rehearsing a night at noon. Only with an embedded target.
    #[serde(default)]
    pub clock: Option<String>,
    /// Whether that clock goes on by itself. One that does not moves by waits alone: what is rehearsed twice then looks the same.
    #[serde(default = "moves")]
    pub clock_moves: bool,
    /// Who is told by what.
    #[serde(default)]
    pub notify: Option<Notify>,
    /// A page for onlookers, written again and again while the run goes on.
    #[serde(default)]
    pub page: Option<PathBuf>,
    /// Whether this is that of a rehearsal, made out of the one of the run.
    #[serde(skip)]
    pub rehearsal: bool,
    /// The folder of the file.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// How people are told: by a command that gets a JSON object on its input, by an address to which it is posted, or by both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// The program and its arguments; one with a slash is a file beside the environment. It gets no variable that could hold a secret.
    pub command: Vec<String>,
    /// The address.
    pub webhook: Option<String>,
    /// The environment variable that holds the address, where the address itself is a secret.
    pub webhook_from: Option<String>,
    /// The environment variable that holds a token for the address.
    pub token: Option<String>,
    /// Whether token and notices may go over a line that everybody on the way can read.
    pub plain_http: bool,
}

/// Where the messages of an address wait while it is held, and who takes them when it is drained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spool {
    /// A maildir, a folder of `.eml` or `.jsonl` files, a file of JSON Lines, or an mbox.
    pub spool: PathBuf,
    /// The maildir that takes them.
    #[serde(default)]
    pub into: Option<PathBuf>,
    /// The program that takes one message on its input, as `sendmail` does, and its arguments; one with a slash is a file beside the
    /// environment. 0 is taken, 75 is not now, anything else is refused.
    #[serde(default)]
    pub command: Vec<String>,
    /// The program that lets what arrives wait in the spool. Without it somebody does that, and says so.
    #[serde(default)]
    pub hold: Vec<String>,
}

/// A system and the connector that reaches it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// `files`, `sqlite`, `singer` or `rt`.
    pub connector: String,
    /// Where it is: a folder, a file, an address.
    pub at: PathBuf,
    /// `files`: the files or folders of each kind, where they are not named after it.
    #[serde(default)]
    pub kinds: BTreeMap<String, Vec<String>>,
    /// Kinds whose records stand in a list inside of other records: `attachment = { of = ["comment"], list = "attachments" }`.
    #[serde(default)]
    pub nested: BTreeMap<String, Nested>,
    /// Of what stands in the files of a kind, only the records with these values: `custom_field = { default = false }`.
    #[serde(default)]
    pub only: BTreeMap<String, BTreeMap<String, Only>>,
    /// Where fields stand in the records of a kind, where that is neither their name nor the account's id of them.
    #[serde(default)]
    pub fields: BTreeMap<String, BTreeMap<String, String>>,
    /// The member of a record that says whether a word of the catalog is true of it: `"user.active" = "enabled"`; where it says the
    /// opposite, `"user.active" = "not disabled"`.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
    /// Where the bytes of files stand that records name by their path: a folder below the export. Left out, the export itself; `false` where
    /// nobody has them. Another source than `files` names a folder beside the environment, or none.
    #[serde(default)]
    pub contents: Option<ContentsAt>,
    /// `sqlite`: whether the desk keeps the rate that the plan says.
    #[serde(default)]
    pub rates: bool,
    /// `sqlite`: whether the journal commits by itself, as it has to with every other target.
    #[serde(default)]
    pub apart: bool,
    /// `sqlite`: trouble on purpose, to see that a run survives it.
    #[serde(default)]
    pub trouble: Option<Trouble>,
    /// `singer`: the program that writes the messages, and its arguments. It runs once; its output is kept in `at`. Without it, `at` is
    /// read as it is.
    #[serde(default)]
    pub command: Vec<String>,
    /// `rt`: the environment variable that holds the token.
    #[serde(default)]
    pub token: Option<String>,
    /// `rt`: whether the token may go over a line that everybody on the way can read: `http://` to another machine.
    #[serde(default)]
    pub plain_http: bool,
    /// `rt`: the custom field, by name or id, that holds what a ticket was created from.
    #[serde(default)]
    pub mark: Option<String>,
    /// `rt`: whether the server records the mail that it sends, so that silence can be counted.
    #[serde(default)]
    pub records_mail: bool,
    /// `rt`: most calls a minute; without it what the plan knows, or only what the server's answers say.
    #[serde(default)]
    pub calls_a_minute: Option<u64>,
    /// `rt`: most calls at once, where the server counts with a bucket instead of a window.
    #[serde(default)]
    pub burst: Option<u64>,
}

/// Records that stand in a list inside of others. Each gets a field of the other's kind, which says where it stood.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nested {
    /// The kinds in which they stand.
    pub of: Vec<String>,
    /// The member that holds the list.
    pub list: String,
}

/// Where the bytes of files stand that records name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ContentsAt {
    /// Where the records stand, or nowhere.
    Nowhere(bool),
    /// In this folder.
    Folder(PathBuf),
}

/// What a member of a record has to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Only {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// This text.
    Text(String),
}

impl Only {
    fn is(&self, value: &serde_json::Value) -> bool {
        match self {
            Only::Flag(flag) => {
                value.as_bool() == Some(*flag) || value.as_str() == Some(if *flag { "true" } else { "false" })
            }
            Only::Number(number) => {
                value.as_i64() == Some(*number) || value.as_str() == Some(number.to_string().as_str())
            }
            Only::Text(text) => value.as_str() == Some(text),
        }
    }
}

impl Binding {
    /// Whether it is a desk of this machine: an embedded one, or a folder.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.connector.as_str(), "sqlite" | "files")
    }

    /// Why what stands in the files of a kind is no record of it; `None` when it is one.
    pub(crate) fn other_than(&self, kind: &str, text: &str) -> Option<String> {
        let only = self.only.get(kind)?;
        let record: serde_json::Value = serde_json::from_str(text).ok()?;
        let other =
            only.iter().find(|(member, only)| !record.get(member).is_some_and(|value| only.is(value)));
        other.map(|(member, _)| format!("no {kind}, by `{member}` of the environment"))
    }
}

/// Trouble on purpose: of a hundred calls that write, so many. What happens is decided by the seed and the number of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trouble {
    /// What the trouble is drawn from.
    pub seed: u64,
    /// Are carried out and lose their answer.
    pub lose_answer: u8,
    /// Are not carried out and lose their answer too.
    pub lose_call: u8,
    /// Are answered with "too many calls".
    pub too_many: u8,
    /// Are answered with a failure of the server, half of them after they were carried out.
    pub fail: u8,
    /// Take a twentieth of a second.
    pub slow: u8,
    /// A field that is left out of every record that is written, while the answer says that all is well.
    pub drop: Option<String>,
    /// The system cannot tell whether a record was written.
    pub no_lookup: bool,
}

const fn moves() -> bool {
    true
}

impl Environment {
    /// Reads an environment file.
    ///
    /// # Errors
    /// When it cannot be read, does not say what an environment says, or names one place for two things.
    pub fn read(path: &Path) -> Result<Environment, Problem> {
        let failed = |error: std::io::Error| Problem::new(format!("cannot read {}: {error}", path.display()));
        if std::fs::metadata(path).map_err(failed)?.len() > MOST_BYTES {
            return Err(Problem::new(format!("{} is larger than 1 MiB", path.display())));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let mut environment: Environment = toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text.get(..span.start).map_or(1, |before| before.lines().count().max(1)));
            Problem::new(format!("{}:{line}: {}", path.display(), error.message()))
                .help("docs/running.md lists what an environment file may say")
        })?;
        path.parent().unwrap_or(Path::new("")).clone_into(&mut environment.folder);
        crate::apart::check(&environment, path)?;
        Ok(environment)
    }

    /// A path of the file, from where the program runs.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// The name of the environment variable that holds a secret of the plan.
    #[must_use]
    pub fn variable<'s>(&'s self, secret: &'s str) -> &'s str {
        self.secrets.get(secret).map_or(secret, String::as_str)
    }
}
