//! bulk JOURNAL DESK FOLDER STAGE: reads the rows that a run left in its two files, and inserts them into two new files in FOLDER, in the order in
//! which the run wrote them: same tables, same indexes, same settings, same batches, one transaction over both files. Only inserting and
//! committing is timed, not reading. Prints the records of STAGE, and the seconds and seconds of a
//! processor that they took (0 where the system does not tell).
//!
//! It is a measure and no tool: it panics at what it does not expect.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

/// Records without their parts that a run commits together.
const TOGETHER: usize = 1000;

fn main() -> rusqlite::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, journal, desk, folder, wanted] = arguments.as_slice() else {
        eprintln!("usage: bulk JOURNAL DESK FOLDER STAGE");
        std::process::exit(2);
    };
    let read = |path: &str| Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let (old_journal, old_desk) = (read(journal)?, read(desk)?);
    let path = |name: &str| format!("{folder}/{name}");
    for name in ["probe-journal.sqlite", "probe-desk.sqlite"] {
        let _ = std::fs::remove_file(path(name));
    }
    let new = Connection::open(path("probe-journal.sqlite"))?;
    new.set_prepared_statement_cache_capacity(256);
    new.execute("ATTACH ?1 AS desk", [path("probe-desk.sqlite")])?;
    for database in ["main", "desk"] {
        new.pragma_update(Some(database), "journal_mode", "TRUNCATE")?;
        new.pragma_update(Some(database), "synchronous", "FULL")?;
        new.pragma_update(Some(database), "cache_size", -16_384)?;
    }
    copy_tables(&old_journal, &new, "main")?;
    copy_tables(&old_desk, &new, "desk")?;

    let mut stages: HashMap<String, (u64, Duration, u64)> = HashMap::new();
    let mut rows = old_journal.prepare("SELECT * FROM record ORDER BY seq")?;
    let width = rows.column_count();
    let names: Vec<String> = rows.column_names().iter().map(|name| (*name).to_owned()).collect();
    let at = |name: &str| names.iter().position(|column| column == name).unwrap();
    let (kind, target, stage, owner) = (at("into_kind"), at("target"), at("stage"), at("owner"));
    let insert_record = insert("main", "record", width);
    let mut rows = rows.query([])?;
    let mut inserts: HashMap<String, (String, String)> = HashMap::new();
    let mut batch: Vec<(String, Vec<Value>, Vec<Value>)> = Vec::new();
    let (mut owners, mut now) = (0, String::new());
    loop {
        let row = rows.next()?;
        let mut next = None;
        if let Some(row) = row {
            let record: Vec<Value> = (0..width).map(|at| row.get(at)).collect::<Result<_, _>>()?;
            next = Some(record);
        }
        let begins = next.as_ref().is_none_or(|record| record[owner] == Value::Null);
        let other = next.as_ref().is_none_or(|record| text(&record[stage]) != now);
        if begins && (owners == TOGETHER || other) && !batch.is_empty() {
            let (began, used) = (Instant::now(), processor());
            new.execute_batch("BEGIN IMMEDIATE")?;
            for (kind, of_desk, of_journal) in &batch {
                new.prepare_cached(&inserts[kind].1)?.execute(params_from_iter(of_desk))?;
                new.prepare_cached(&insert_record)?.execute(params_from_iter(of_journal))?;
            }
            new.prepare_cached("UPDATE stage SET cursor = cursor + 1 WHERE id = ?1")?.execute([&now])?;
            new.execute_batch("COMMIT")?;
            let took = stages.entry(now.clone()).or_default();
            took.0 += batch.len() as u64;
            took.1 += began.elapsed();
            took.2 += processor() - used;
            batch.clear();
            owners = 0;
        }
        let Some(record) = next else { break };
        now = text(&record[stage]);
        owners += usize::from(record[owner] == Value::Null);
        let into = text(&record[kind]);
        if !inserts.contains_key(&into) {
            let select = format!("SELECT * FROM \"{into}\" WHERE id = ?1");
            let width = old_desk.prepare(&select)?.column_count();
            inserts.insert(into.clone(), (select, insert("desk", &into, width)));
        }
        let id: i64 = text(&record[target]).parse().unwrap();
        let mut one = old_desk.prepare_cached(&inserts[&into].0)?;
        let width = one.column_count();
        let of_desk = one.query_row([id], |row| (0..width).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>())?;
        batch.push((into, of_desk, record));
    }
    let (records, took, used) = stages.get(wanted).copied().unwrap_or_default();
    println!("{records} {:.3} {:.3}", took.as_secs_f64(), used as f64 / 1e9);
    Ok(())
}

/// Nanoseconds for which this thread had a processor.
fn processor() -> u64 {
    let read = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    read.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or(0)
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}

fn insert(database: &str, table: &str, width: usize) -> String {
    let places: Vec<String> = (1..=width).map(|at| format!("?{at}")).collect();
    format!("INSERT INTO {database}.\"{table}\" VALUES ({})", places.join(", "))
}

/// Makes the tables and indexes of a file again, empty but for what is no record. Indexes that a rollback makes are left out.
fn copy_tables(old: &Connection, new: &Connection, database: &str) -> rusqlite::Result<()> {
    let mut schema = old.prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%.of.%'
         ORDER BY type = 'index', rowid",
    )?;
    let all: Vec<String> = schema.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for sql in all {
        let sql = ["CREATE TABLE ", "CREATE UNIQUE INDEX ", "CREATE INDEX "]
            .iter()
            .find_map(|start| sql.strip_prefix(start).map(|rest| format!("{start}{database}.{rest}")))
            .unwrap();
        new.execute_batch(&sql)?;
    }
    Ok(())
}
