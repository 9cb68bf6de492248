//! Tables from outside, found by a key: small ones in memory, others in a file with a sorted index.

mod index;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use cutover_ir::Type;
use cutover_ir::functions::{lower_case, plain};
use cutover_ir::value::{Record, Value};
use cutover_plan::Plan;
use cutover_plan::model::SystemRole;
use cutover_records::{Item, Limits, Lines, Table};
use rustc_hash::FxHashMap;

use crate::json::{Cursor, escape_into};
use crate::others::{Other, Others};
use crate::read::{Read, member};
use index::{Building, Index};

/// Up to here the rows of a table are kept in memory, in bytes.
pub const IN_MEMORY: u64 = 8 << 20;

/// A table from outside, by its key.
#[derive(Debug)]
pub struct Lookup {
    /// The field of the source whose value finds a row.
    keyed_by: String,
    /// Whether keys are addresses, which mean the same in any case and with blanks around them.
    addresses: bool,
    fields: FxHashMap<String, Read>,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    /// From the key to the row as a JSON object.
    Memory(FxHashMap<Box<str>, Box<str>>),
    File(Index),
}

/// Why a table cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupError {
    /// The plan has no such table or kind.
    Unknown(String),
    /// The file cannot be read, or the temporary one beside it not be written.
    Io(io::Error),
    /// A row cannot be used.
    Row {
        /// Its line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

impl From<io::Error> for LookupError {
    fn from(error: io::Error) -> Self {
        LookupError::Io(error)
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LookupError::Unknown(name) => write!(f, "the plan has no `{name}`"),
            LookupError::Io(_) => f.write_str("cannot read the file"),
            LookupError::Row { line, why } => write!(f, "line {line} of the file: {why}"),
        }
    }
}

impl std::error::Error for LookupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LookupError::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl Lookup {
    /// Opens a plan's table: a CSV file, or JSON Lines with any other ending. Its columns are the fields of the table's inventory.
    /// Files above [`IN_MEMORY`] are copied into a temporary file with an index, so that memory does not grow with them.
    ///
    /// # Errors
    /// When the plan has no such table, the file cannot be read, or a row has no key or one that another row has.
    pub fn open(plan: &Plan, name: &str, path: &Path) -> Result<Lookup, LookupError> {
        Lookup::open_within(plan, name, path, IN_MEMORY)
    }

    fn open_within(plan: &Plan, name: &str, path: &Path, in_memory: u64) -> Result<Lookup, LookupError> {
        let unknown = || LookupError::Unknown(name.to_owned());
        let system = plan.systems.get(name).filter(|system| system.role == SystemRole::Table);
        let keyed_by = system.and_then(|system| system.keyed_by.clone()).ok_or_else(unknown)?;
        let schema = plan.schemas.get(name).ok_or_else(unknown)?;
        let kind = schema.kinds.values().find(|kind| kind.key.is_some()).ok_or_else(unknown)?;
        let key = kind.key.clone().unwrap_or_default();
        let options = |domain: &str| Some(schema.domains.get(domain)?.as_slice());
        let fields = kind.fields.iter();
        let fields: FxHashMap<String, Read> =
            fields.map(|(name, field)| (name.clone(), Read::of(&field.of_type, &options))).collect();
        let of_key = kind.fields.get(&key).map(|field| field.of_type.required());
        let addresses = matches!(of_key, Some(Type::Email));
        let rows = Rows::read(path, in_memory, |row| {
            let value = member(row, &key).and_then(|raw| fields.get(&key)?.value(raw))?;
            plain(&value.to_value()).map(|key| normal(&key, addresses))
        })?;
        Ok(Lookup { keyed_by, addresses, fields, rows })
    }

    /// The field of the source whose value finds a row.
    #[must_use]
    pub fn keyed_by(&self) -> &str {
        &self.keyed_by
    }

    /// A field of the row that a record's key finds; missing where there is none. `None` when it cannot be known.
    pub(crate) fn find(&self, field: &str, record: &Record) -> Option<Value> {
        let read = self.fields.get(field)?;
        let Some(key) = record.get(&self.keyed_by).and_then(plain) else { return Some(Value::Missing) };
        let key = normal(&key, self.addresses);
        let value = |row: &str| match member(row, field) {
            Some(raw) => read.value(raw).map(|value| value.to_value()),
            None => Some(Value::Missing),
        };
        match self.rows.find(&key).ok()? {
            Some(row) => value(&row),
            None => Some(Value::Missing),
        }
    }
}

/// Records of other kinds from files: what references lead to, where a record holds only an id.
#[derive(Debug, Default)]
pub struct Exports {
    kinds: BTreeMap<String, Rows>,
}

impl Exports {
    /// Adds the records of a kind of the source: a CSV file, or JSON Lines with any other ending, large ones as those of [`Lookup::open`].
    ///
    /// # Errors
    /// When the plan has no such kind, the file cannot be read, or a record has no key or one that another record has.
    pub fn open(&mut self, plan: &Plan, kind: &str, path: &Path) -> Result<(), LookupError> {
        self.open_within(plan, kind, path, IN_MEMORY)
    }

    fn open_within(
        &mut self,
        plan: &Plan,
        kind: &str,
        path: &Path,
        in_memory: u64,
    ) -> Result<(), LookupError> {
        let shape = plan.schemas.get("source").and_then(|schema| schema.kinds.get(kind));
        let shape = shape.ok_or_else(|| LookupError::Unknown(kind.to_owned()))?;
        let key = shape.key.as_deref().unwrap_or("id");
        let rows = Rows::read(path, in_memory, |row| {
            // A key is an id: digits or text, whatever the plan calls it.
            plain(&Read::Ref.value(member(row, key)?)?.to_value())
        })?;
        self.kinds.insert(kind.to_owned(), rows);
        Ok(())
    }

    /// Whether the records of a kind are there.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }
}

impl Others for Exports {
    fn other(&self, kind: &str, key: &str) -> Other {
        match self.kinds.get(kind).map(|rows| rows.find(key)) {
            Some(Ok(Some(row))) => Other::Found(row.into_owned()),
            Some(Ok(None)) => Other::Nowhere,
            // A file that cannot be read any more says nothing.
            Some(Err(_)) | None => Other::Unread,
        }
    }
}

impl Rows {
    /// Reads all rows of a file by their keys. `key` finds the key of a row.
    fn read(path: &Path, in_memory: u64, key: impl Fn(&str) -> Option<String>) -> Result<Rows, LookupError> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut rows = if size <= in_memory {
            Filling::Memory(FxHashMap::default())
        } else {
            Filling::File(Building::new()?)
        };
        let mut add = |line: u64, row: &str| {
            let wrong = |why: &str| LookupError::Row { line, why: why.to_owned() };
            let mut cursor = Cursor::new(row);
            if !row.starts_with('{') || cursor.value().is_err() || cursor.end().is_err() {
                return Err(wrong("it is not one JSON object"));
            }
            rows.add(&key(row).ok_or_else(|| wrong("it has no key"))?, row, line)
        };
        let table = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        if table {
            each_row(file, &mut add)?
        } else {
            each_line(file, &mut add)?
        }
        rows.end()
    }

    /// The row of a key.
    fn find(&self, key: &str) -> io::Result<Option<Cow<'_, str>>> {
        Ok(match self {
            Rows::Memory(rows) => rows.get(key).map(|row| Cow::Borrowed(&**row)),
            Rows::File(index) => index.find(key)?.map(Cow::Owned),
        })
    }
}

fn normal(key: &str, address: bool) -> String {
    if address { lower_case(key.trim()) } else { key.to_owned() }
}

/// A table that is being read.
enum Filling {
    Memory(FxHashMap<Box<str>, Box<str>>),
    File(Building),
}

impl Filling {
    fn add(&mut self, key: &str, row: &str, line: u64) -> Result<(), LookupError> {
        match self {
            Filling::Memory(rows) => match rows.insert(key.into(), row.into()) {
                None => Ok(()),
                Some(_) => Err(twice(line)),
            },
            Filling::File(building) => building.add(key, row, line),
        }
    }

    fn end(self) -> Result<Rows, LookupError> {
        match self {
            Filling::Memory(rows) => Ok(Rows::Memory(rows)),
            Filling::File(building) => building.end().map(Rows::File),
        }
    }
}

fn twice(line: u64) -> LookupError {
    LookupError::Row { line, why: "another row has the same key".to_owned() }
}

fn each_line(
    file: File,
    add: &mut dyn FnMut(u64, &str) -> Result<(), LookupError>,
) -> Result<(), LookupError> {
    let mut lines = Lines::new(file, Limits::default());
    while let Some(item) = lines.next()? {
        match item {
            Item::Record(record) => add(record.place.line, record.text.trim())?,
            Item::Problem(found) => {
                return Err(LookupError::Row { line: found.place.line, why: found.problem.to_string() });
            }
        }
    }
    Ok(())
}

/// Rows of a CSV file as JSON objects; an empty field is no value.
fn each_row(
    file: File,
    add: &mut dyn FnMut(u64, &str) -> Result<(), LookupError>,
) -> Result<(), LookupError> {
    let mut table = Table::open(file, b',', Limits::default())?;
    let header = table.header().to_vec();
    let mut row = Vec::new();
    while let Some(item) = table.next()? {
        let fields = match item {
            Item::Record(fields) => fields,
            Item::Problem(found) => {
                return Err(LookupError::Row { line: found.place.line, why: found.problem.to_string() });
            }
        };
        row.clear();
        for (column, name) in header.iter().enumerate() {
            row.extend_from_slice(if column == 0 { b"{\"" } else { b",\"" });
            escape_into(name, &mut row);
            match fields.field(column) {
                None | Some("") => row.extend_from_slice(b"\":null"),
                Some(text) => {
                    row.extend_from_slice(b"\":\"");
                    escape_into(text, &mut row);
                    row.push(b'"');
                }
            }
        }
        row.push(b'}');
        add(fields.place.line, std::str::from_utf8(&row).unwrap_or_default())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use cutover_ir::Type;
    use cutover_ir::value::{Record, Value};
    use cutover_plan::Plan;
    use cutover_plan::model::{FieldSchema, KindSchema, Schema, System, SystemRole};

    use super::{IN_MEMORY, Lookup, LookupError};

    fn plan() -> Plan {
        let field = |of_type: Type| FieldSchema {
            of_type,
            required: false,
            read_only: false,
            on_create_only: false,
            unique: false,
            account_id: None,
        };
        let fields =
            [("email", Type::Email), ("tier", Type::TEXT.optional()), ("seats", Type::INT.optional())];
        let fields = fields.map(|(name, of_type)| (name.to_owned(), field(of_type))).into();
        let kind = KindSchema { fields, key: Some("email".to_owned()), constraints: Vec::new() };
        let system = System {
            role: SystemRole::Table,
            platform: "table".to_owned(),
            product: "table".to_owned(),
            account: "accounts".to_owned(),
            plan: None,
            secrets: Vec::new(),
            keyed_by: Some("requester.email".to_owned()),
            rows: None,
            keeping: Default::default(),
        };
        Plan {
            systems: [("crm".to_owned(), system)].into(),
            schemas: [(
                "crm".to_owned(),
                Schema { kinds: [("account".to_owned(), kind)].into(), ..Schema::default() },
            )]
            .into(),
            ..Plan::default()
        }
    }

    fn opened(text: &str, ending: &str, in_memory: u64) -> Result<Lookup, LookupError> {
        let mut file = tempfile::Builder::new().suffix(ending).tempfile()?;
        file.write_all(text.as_bytes())?;
        file.flush()?;
        Lookup::open_within(&plan(), "crm", file.path(), in_memory)
    }

    fn found(lookup: &Lookup, email: &str, field: &str) -> Option<Value> {
        let key = Value::Text(email.to_owned());
        lookup.find(field, &Record::from([("requester.email".to_owned(), key)]))
    }

    #[test]
    fn rows_are_found_in_memory_and_in_a_file() {
        let mut lines = String::new();
        let mut table = "email,tier,seats\n".to_owned();
        // More rows than a run of the index holds.
        for n in 0..70_000 {
            lines.push_str(&format!("{{\"email\":\"A{n}@x.org\",\"tier\":\"t{n}\",\"seats\":{n}}}\n"));
            table.push_str(&format!("A{n}@x.org,\"t{n}\",{n}\n"));
        }
        for (text, ending) in [(&lines, ".jsonl"), (&table, ".csv")] {
            for in_memory in [u64::MAX, IN_MEMORY.min(1000)] {
                let lookup = opened(text, ending, in_memory);
                assert!(lookup.is_ok(), "{ending} {in_memory}");
                let Ok(lookup) = lookup else { continue };
                for n in [0, 1, 77, 65_535, 65_536, 69_999] {
                    let email = format!(" a{n}@X.org");
                    assert_eq!(found(&lookup, &email, "tier"), Some(Value::Text(format!("t{n}"))));
                    assert_eq!(found(&lookup, &email, "seats"), Some(Value::Int(n)));
                }
                assert_eq!(found(&lookup, "a150000@x.org", "tier"), Some(Value::Missing));
                assert_eq!(found(&lookup, "a1@x.org", "nothing"), None);
                assert_eq!(lookup.find("tier", &Record::new()), Some(Value::Missing));
            }
        }
    }

    #[test]
    fn a_key_stands_once_and_in_each_row() {
        let why = |text: &str, in_memory: u64| match opened(text, ".jsonl", in_memory) {
            Err(LookupError::Row { line, .. }) => Some(line),
            _ => None,
        };
        for in_memory in [u64::MAX, 0] {
            assert_eq!(why("{\"email\":\"a@x\"}\n\n{\"email\":\"A@x \"}\n", in_memory), Some(3));
            assert_eq!(why("{\"email\":\"a@x\"}\n{\"tier\":\"t\"}\n", in_memory), Some(2));
            assert_eq!(why("{\"email\":\"a@x\"}\n[]\n", in_memory), Some(2));
        }
        assert!(matches!(
            Lookup::open(&plan(), "erp", std::path::Path::new("x")),
            Err(LookupError::Unknown(_))
        ));
    }
}
