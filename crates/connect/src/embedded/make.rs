//! The tables of the desk, and the statements over them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::rc::Rc;

use cutover_ir::Type;
use cutover_ir::predicate::Test;
use cutover_plan::model::{FieldSchema, KindSchema, Schema};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _};

use super::broken;
use crate::fault::Fault;
use crate::fields::Fields;

/// Positions of fields, for the members of a record.
type Places = Rc<Vec<Option<usize>>>;

/// A table of the desk.
pub(crate) struct Table {
    pub(crate) database: String,
    /// Name with its database, quoted.
    pub(crate) name: String,
    /// Fields, in the order of the columns behind `id` and `mark`.
    pub(crate) columns: Vec<String>,
    /// Their names in JSON.
    names: Vec<String>,
    json: Vec<bool>,
    pub(crate) insert: String,
    pub(crate) by_mark: String,
    pub(crate) exists: String,
    pub(crate) delete: String,
    pub(crate) one: String,
    pub(crate) page: String,
    pub(crate) dump: String,
    /// Fields with a list of records that belong to the one that lists them, from then on: an attachment is written before its comment.
    pub(crate) binds: Vec<Binds>,
    /// Where other records may refer to one of these.
    pub(crate) referred: Vec<Reference>,
    /// All fields of the kind, in the order of their names.
    pub(crate) fields: Vec<(String, FieldSchema)>,
    /// Positions of those that a new record has to have.
    pub(crate) required: Vec<usize>,
    /// The names of the record before this one, and the positions of their fields: most records of a kind have the same.
    last: RefCell<(Vec<String>, Places)>,
    /// The conditions of the kind that can be judged, by their position: a rule about a field that the bundle's part of the schema leaves
    /// out is not the desk's to judge.
    pub(crate) rules: Vec<usize>,
    /// The fields for which they ask.
    pub(crate) asked: BTreeSet<String>,
    /// For each field of the kind, whether it has a column.
    pub(crate) has_column: Vec<bool>,
    /// Fields that hold a file.
    pub(crate) files: Vec<String>,
    /// References to what takes nothing more once it is final: position of the field, and the kind.
    pub(crate) closes: Vec<(usize, String)>,
    /// Positions of the fields that say to which record of a kind one of these belongs.
    owners: BTreeMap<String, usize>,
    /// Selects the status of a record, when the kind has one that can be final.
    pub(crate) status: Option<String>,
    /// Final statuses.
    pub(crate) finals: Vec<String>,
}

/// A list of records that belong to the one that lists them.
pub(crate) struct Binds {
    /// The field with the list.
    pub(crate) field: String,
    /// Sets the owner `?1` of the record `?2`.
    pub(crate) set: String,
}

/// The field by which records of a kind belong to one of another kind: a reference that has to be there, or the first one.
pub(crate) fn belongs<'s>(shape: &'s KindSchema, owner: &str) -> Option<&'s String> {
    let refers = |field: &&'s String| {
        let Some(Type::Ref(to)) = shape.fields.get(*field).map(|field| field.of_type.required()) else {
            return false;
        };
        to.split_once('/').map_or(&**to, |(_, kind)| kind) == owner
    };
    let required = |field: &&&String| shape.fields.get(**field).is_some_and(|field| field.required);
    let all: Vec<&String> = shape.fields.keys().filter(refers).collect();
    all.iter().find(required).or(all.first()).copied()
}

/// The field of a kind that says to which record of another kind it belongs.
fn owner_field<'s>(schema: &'s Schema, kind: &str, owner: &str) -> Option<&'s String> {
    let fields = schema.kinds.get(kind)?.fields.iter();
    let mut owners = fields.filter(|(_, field)| {
        let to = matches!(field.of_type.required(), Type::Ref(to) if to.split_once('/').map_or(&**to, |(_, to)| to) == owner);
        to && field.required && field.on_create_only
    });
    owners.next().map(|(name, _)| name)
}

/// The kind of the records that a field lists.
fn listed(of_type: &Type) -> Option<&str> {
    let Type::List(item) = of_type.required() else { return None };
    let Type::Ref(to) = item.required() else { return None };
    Some(to.split_once('/').map_or(&**to, |(_, kind)| kind))
}

/// A column of another table that holds ids of this one.
pub(crate) struct Reference {
    pub(crate) kind: String,
    /// Whether it says to which record the other one belongs.
    pub(crate) owner: bool,
    /// Selects id and mark of what refers to an id.
    pub(crate) find: String,
    index: String,
}

pub(crate) fn tables(database: &str, schema: &Schema) -> BTreeMap<String, Table> {
    schema.kinds.keys().map(|kind| (kind.clone(), table(database, kind, schema))).collect()
}

fn table(database: &str, kind: &str, schema: &Schema) -> Table {
    let name = format!("{}.{}", quoted(database), quoted(kind));
    let fields = schema.kinds.get(kind).map(|shape| &shape.fields);
    let fields = || fields.into_iter().flatten().filter(|(field, _)| is_column(field));
    let columns: Vec<String> = fields().map(|(field, _)| field.clone()).collect();
    let json = fields().map(|(_, field)| is_json(field.of_type.required())).collect();
    let list: String = columns.iter().fold(String::new(), |mut list, column| {
        let _ = write!(list, ", {}", quoted(column));
        list
    });
    let places: String = (0..columns.len()).fold(String::new(), |mut places, at| {
        let _ = write!(places, ", ?{}", at + 2);
        places
    });
    let domain = fields().find_map(|(field, schema)| match schema.of_type.required() {
        Type::Choice(domain) if field == "status" => Some(domain.to_string()),
        _ => None,
    });
    let mut referred = Vec::new();
    for (other, shape) in &schema.kinds {
        for (field, schema) in shape.fields.iter().filter(|(field, _)| is_column(field)) {
            let Type::Ref(to) = schema.of_type.required() else { continue };
            let to = to.split_once('/').map_or(&**to, |(_, kind)| kind);
            if to.split('|').any(|to| to == kind) {
                let (of, column) = (format!("{}.{}", quoted(database), quoted(other)), quoted(field));
                let index = format!("{}.{}", quoted(database), quoted(&format!("{other}.of.{field}")));
                referred.push(Reference {
                    kind: other.clone(),
                    owner: belongs(shape, kind).is_some_and(|owner| owner == field),
                    find: format!("SELECT id, mark FROM {of} WHERE {column} = ?1"),
                    index: format!("CREATE INDEX IF NOT EXISTS {index} ON {} ({column})", quoted(other)),
                });
            }
        }
    }
    let mut binds = Vec::new();
    for (field, schema_of) in fields() {
        if let Some(part) = listed(&schema_of.of_type)
            && let Some(owner) = owner_field(schema, part, kind)
        {
            let (part, owner) = (quoted(part), quoted(owner));
            let set = format!(
                "UPDATE {}.{part} SET {owner} = ?1 WHERE id = ?2 AND {owner} IS NULL",
                quoted(database)
            );
            binds.push(Binds { field: field.clone(), set });
        }
    }
    let mut bound_later = Vec::new();
    for (other, shape) in &schema.kinds {
        if shape.fields.values().any(|field| listed(&field.of_type) == Some(kind)) {
            bound_later.extend(owner_field(schema, kind, other).cloned());
        }
    }
    let (rules, asked) = rules(schema, kind);
    let shape = schema.kinds.get(kind);
    let all = || shape.into_iter().flat_map(|shape| &shape.fields).enumerate();
    let closes = all().filter_map(|(at, (_, field))| {
        let Type::Ref(to) = field.of_type.required() else { return None };
        // Only what belongs to another record changes it: a required reference that cannot be changed afterwards.
        let to = to.split_once('/').map_or(&**to, |(_, kind)| kind);
        (field.required && field.on_create_only).then(|| (at, to.to_owned()))
    });
    let owners = schema.kinds.keys().filter_map(|owner| {
        let field = belongs(shape?, owner)?;
        let (at, _) = all().find(|(_, (name, _))| *name == field)?;
        Some((owner.clone(), at))
    });
    let finals = domain.iter().filter_map(|domain| schema.domains.get(domain)).flatten();
    let finals: Vec<String> =
        finals.filter(|option| option.immutable).map(|option| option.name.clone()).collect();
    let needed =
        all().filter(|(_, (name, field))| field.required && !field.read_only && !bound_later.contains(name));
    Table {
        fields: all().map(|(_, (name, field))| (name.clone(), field.clone())).collect(),
        required: needed.map(|(at, _)| at).collect(),
        last: RefCell::default(),
        rules,
        asked,
        files: fields()
            .filter(|(_, field)| *field.of_type.required() == Type::Attachment)
            .map(|(name, _)| name.clone())
            .collect(),
        has_column: all().map(|(_, (field, _))| is_column(field)).collect(),
        closes: closes.collect(),
        owners: owners.collect(),
        binds,
        referred,
        insert: format!("INSERT INTO {name} (mark{list}) VALUES (?1{places})"),
        by_mark: format!("SELECT id FROM {name} WHERE mark = ?1"),
        exists: format!("SELECT 1 FROM {name} WHERE id = ?1"),
        delete: format!("DELETE FROM {name} WHERE id = ?1"),
        one: format!("SELECT id{list} FROM {name} WHERE id = ?1"),
        page: format!("SELECT id{list} FROM {name} WHERE id > ?1 ORDER BY id LIMIT ?2"),
        dump: format!("SELECT mark{list} FROM {name} ORDER BY mark, id"),
        status: (!finals.is_empty()).then(|| format!("SELECT \"status\" FROM {name} WHERE id = ?1")),
        finals,
        database: database.to_owned(),
        name,
        names: columns.iter().map(|column| serde_json::Value::from(column.as_str()).to_string()).collect(),
        columns,
        json,
    }
}

/// The conditions of a kind that can be judged, and the fields for which they ask.
fn rules(schema: &Schema, kind: &str) -> (Vec<usize>, BTreeSet<String>) {
    let (mut rules, mut asked) = (Vec::new(), BTreeSet::new());
    let Some(shape) = schema.kinds.get(kind) else { return (rules, asked) };
    for (at, constraint) in shape.constraints.iter().enumerate() {
        let (mut fields, mut known, mut word) = (BTreeSet::new(), true, false);
        constraint.holds.visit_atoms(&mut |atom| {
            known &= shape.fields.contains_key(&atom.field);
            word |= matches!(atom.test, Test::Word(_));
            fields.insert(atom.field.clone());
        });
        if known {
            rules.push(at);
            // A word may be about any field.
            asked.extend(if word { shape.fields.keys().cloned().collect() } else { fields });
        }
    }
    (rules, asked)
}

/// The desk's own names for what every table has.
fn is_column(field: &str) -> bool {
    field != "id" && field != "mark"
}

fn is_json(t: &Type) -> bool {
    matches!(t, Type::List(_) | Type::Choices(_) | Type::Tags | Type::Attachment)
}

impl Table {
    /// The position of the field by which records belong to one of a kind.
    pub(crate) fn owner_slot(&self, owner: &str) -> Option<usize> {
        self.owners.get(owner).copied()
    }

    /// For each member of a record, the position of its field.
    pub(crate) fn places(&self, record: &Fields<'_>) -> Places {
        let mut last = self.last.borrow_mut();
        let same = last.0.len() == record.0.len()
            && last.0.iter().zip(&record.0).all(|(one, (other, _))| one.as_str() == &**other);
        if !same {
            let find = |name: &str| self.fields.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok();
            let places = record.0.iter().map(|(name, _)| find(name)).collect();
            *last = (record.0.iter().map(|(name, _)| name.to_string()).collect(), Rc::new(places));
        }
        Rc::clone(&last.1)
    }

    /// A row of `one` or `page` as a record: `id` first, then what has a value.
    pub(crate) fn record(&self, row: &rusqlite::Row<'_>) -> Result<String, Fault> {
        let id: i64 = row.get(0).map_err(broken)?;
        let mut out = Vec::with_capacity(512);
        // Nothing of this can fail: it is written into memory.
        let _ = write!(out, "{{\"id\":\"{id}\"");
        for ((at, name), json) in self.names.iter().enumerate().zip(&self.json) {
            let value = row.get_ref(at + 1).map_err(broken)?;
            if !matches!(value, ValueRef::Integer(_) | ValueRef::Text(_)) {
                continue;
            }
            out.push(b',');
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            let _ = match value {
                ValueRef::Integer(number) => write!(out, "{number}"),
                ValueRef::Text(text) if *json => out.write_all(String::from_utf8_lossy(text).as_bytes()),
                ValueRef::Text(text) => serde_json::to_writer(&mut out, &String::from_utf8_lossy(text))
                    .map_err(std::io::Error::from),
                _ => Ok(()),
            };
        }
        out.push(b'}');
        String::from_utf8(out).map_err(|_| Fault::never("the desk's file holds what no desk writes"))
    }
}

/// Makes what is not there, and refuses the file of another desk.
pub(crate) fn create(
    db: &Connection,
    database: &str,
    account: &str,
    schema: &Schema,
    tables: &BTreeMap<String, Table>,
) -> Result<(), Fault> {
    let db_name = quoted(database);
    let sql = format!(
        "SELECT count(*), coalesce(sum(name = 'desk'), 0) FROM {db_name}.sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    );
    let tables_of = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    if let (1.., 0) = db.query_row(&sql, [], tables_of).map_err(broken)? {
        return Err(Fault::person(
            "the file is the database of another program, and no embedded desk: nothing was written to it",
        ));
    }
    // What is taken back is gone from the file, too.
    db.execute_batch(&format!(
        "PRAGMA {db_name}.secure_delete = ON;
         CREATE TABLE IF NOT EXISTS {db_name}.desk (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
         INSERT OR IGNORE INTO {db_name}.desk VALUES ('outbound', 0), ('quiet', 0);"
    ))
    .map_err(broken)?;
    let sql = format!("INSERT OR IGNORE INTO {db_name}.desk VALUES ('account', ?1)");
    db.execute(&sql, [account]).map_err(broken)?;
    let sql = format!("SELECT value FROM {db_name}.desk WHERE name = 'account'");
    let there: String = db.query_row(&sql, [], |row| row.get(0)).map_err(broken)?;
    if there != account {
        return Err(Fault::person(format!("the desk's file is the account `{there}`, not `{account}`")));
    }
    if tables.values().any(|table| !table.files.is_empty()) {
        super::stored::create(db, database)?;
    }
    for (kind, table) in tables {
        let mut columns = String::new();
        let mut indexes = String::new();
        let shape = schema.kinds.get(kind);
        for column in &table.columns {
            let Some(field) = shape.and_then(|shape| shape.fields.get(column)) else { continue };
            let affinity = match field.of_type.required() {
                Type::Bool | Type::Int { .. } | Type::Count | Type::Duration => "INTEGER",
                // Ids of the desk are numbers; names of what people built are texts.
                Type::Ref(_) => "",
                _ => "TEXT",
            };
            let _ = write!(columns, ", {} {affinity}", quoted(column));
            if field.unique {
                let index = quoted(&format!("{kind}.{column}"));
                // No desk takes two people whose addresses differ in capitals alone.
                let case = if *field.of_type.required() == Type::Email { " COLLATE NOCASE" } else { "" };
                let _ = write!(
                    indexes,
                    "CREATE UNIQUE INDEX IF NOT EXISTS {db_name}.{index} ON {} ({}{case});",
                    quoted(kind),
                    quoted(column)
                );
            }
        }
        db.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {} (id INTEGER PRIMARY KEY, mark TEXT UNIQUE{columns});{indexes}",
            table.name
        ))
        .map_err(broken)?;
        // A file that was made from another schema lacks a column: it is found out now and not at the first record.
        db.prepare(&table.one).map_err(|_| {
            Fault::person(format!(
                "the desk's file was made from another schema: its records of `{kind}` differ"
            ))
        })?;
    }
    Ok(())
}

/// Makes what refers to a record quick to find. Only needed when records are taken back: while they are loaded, it would cost a third of the time.
pub(crate) fn index(db: &Connection, tables: &BTreeMap<String, Table>) -> Result<(), Fault> {
    let mut references = tables.values().flat_map(|table| &table.referred);
    references.try_for_each(|reference| db.execute_batch(&reference.index).map_err(broken))
}

/// A value of the desk itself.
pub(crate) fn get(db: &Connection, database: &str, name: &str) -> Result<Option<i64>, Fault> {
    let sql = format!("SELECT value FROM {}.desk WHERE name = ?1", quoted(database));
    let mut statement = db.prepare_cached(&sql).map_err(broken)?;
    statement.query_row([name], |row| row.get(0)).optional().map_err(broken)
}

pub(crate) fn set(db: &Connection, database: &str, name: &str, value: i64) -> Result<(), Fault> {
    let sql = format!("INSERT OR REPLACE INTO {}.desk VALUES (?1, ?2)", quoted(database));
    db.execute(&sql, rusqlite::params![name, value]).map(|_| ()).map_err(broken)
}

pub(crate) fn add(db: &Connection, database: &str, name: &str, value: i64) -> Result<(), Fault> {
    let sql = format!("UPDATE {}.desk SET value = value + ?2 WHERE name = ?1", quoted(database));
    let mut statement = db.prepare_cached(&sql).map_err(broken)?;
    statement.execute(rusqlite::params![name, value]).map(|_| ()).map_err(broken)
}

/// A name as SQL wants it: of a table, a column, an index or a database.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
