//! Nothing is dropped: an export full of dirt is loaded, and a second program in another language counts everything again from the files alone.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::process::Command;

use cutover_tests::Tested;
use cutover_tests::night::Night;
use cutover_tests::workspace::root;

/// Appends lines to a file of the export.
fn dirt(night: &Night, file: &str, lines: &[&[u8]]) -> Tested {
    let path = night.path(&format!("export/{file}.jsonl"));
    let mut out = OpenOptions::new().append(true).open(path).map_err(|error| error.to_string())?;
    for line in lines {
        out.write_all(line).and_then(|()| out.write_all(b"\n")).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The books of a run, balanced by the other program; `None` where there is no Python.
fn balanced(night: &Night) -> Result<Option<String>, String> {
    let script = root().join("tests/systems/count_again.py");
    let paths = ["export", "run/copy/copy.sqlite", "run/journal.sqlite", "run/desk.sqlite"];
    let output = Command::new("python3").arg(script).args(paths.map(|path| night.path(path))).output();
    let Ok(output) = output else { return Ok(None) };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(Some(said));
    }
    Err(format!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn what_cannot_be_read_or_written_is_rejected_with_a_reason_and_counted_once() -> Tested {
    let night = Night::new(60, "")?;
    let conversation = |id: u64, rest: &str| {
        format!(
            "{{\"id\":{id},\"subject\":\"s\",\"status\":\"active\",\"type\":\"email\",\"mailbox\":\"Shop\",\
             \"thread.first\":\"b\",\"created_at\":\"2026-01-02T03:04:05Z\",\"tags\":[],{rest}}}"
        )
    };
    let huge = conversation(30, &format!("\"customer\":10000,\"more\":\"{}\"", "x".repeat(17 << 20)));
    dirt(
        &night,
        "conversations",
        &[
            b"{\"id\":21,\"subject\":\"\xff\xfe\"}",
            b"[1, 2]",
            b"not a record",
            b"",
            b"{\"subject\":\"without a key\"}",
            conversation(22, "\"customer\":99999999").as_bytes(),
            conversation(23, "\"customer\":{\"id\":10000},\"assignee\":\"nobody\"").as_bytes(),
            conversation(24, "\"customer\":10000").replace("\"s\"", "{\"a\":1}").as_bytes(),
            conversation(25, "\"customer\":10000").replace("2026-01-02T03:04:05Z", "yesterday").as_bytes(),
            conversation(1_000_001, "\"customer\":10000").as_bytes(),
            conversation(1_000_001, "\"customer\":10000").as_bytes(),
            huge.as_bytes(),
        ],
    )?;
    dirt(
        &night,
        "threads",
        &[
            b"{\"id\":41,\"conversation\":77,\"author\":1,\"type\":\"note\",\"body\":\"b\",\"created_at\":\"2026-01-02T03:04:05Z\",\"attachments\":[]}",
            b"{\"id\":42,\"conversation\":22,\"author\":1,\"type\":\"note\",\"body\":\"b\",\"created_at\":\"2026-01-02T03:04:05Z\",\"attachments\":[]}",
            b"{\"id\":43,\"conversation\":1000000,\"author\":88888,\"type\":\"note\",\"body\":\"b\",\"created_at\":\"2026-01-02T03:04:05Z\",\"attachments\":[]}",
            b"{\"id\":44,\"conversation\":1000000,\"author\":1,\"type\":7,\"body\":[],\"created_at\":0,\"attachments\":[]}",
            b"{\"id\":5000000,\"conversation\":1000000,\"author\":1,\"type\":\"note\",\"body\":\"b\",\"created_at\":\"2026-01-02T03:04:05Z\",\"attachments\":[]}",
        ],
    )?;
    night.people()?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    balanced(&night)?;
    let codes = "SELECT group_concat(code, ' ') FROM (SELECT DISTINCT code FROM reject WHERE stage LIKE 'stage/export/%' ORDER BY code)";
    let codes: String = rusqlite::Connection::open(night.path("run/journal.sqlite"))
        .and_then(|db| db.query_row(codes, [], |row| row.get(0)))
        .map_err(|error| error.to_string())?;
    for code in ["duplicate-key", "no-key", "not-utf8"] {
        assert!(codes.split(' ').any(|one| one == code), "no record is rejected with {code}: {codes}");
    }
    for (kind, key) in
        [("conversation", "22"), ("conversation", "25"), ("thread", "41"), ("thread", "42"), ("thread", "43")]
    {
        let sql = format!("SELECT count(*) FROM reject WHERE kind = '{kind}' AND key = '{key}'");
        assert_eq!(night.ask("run/journal.sqlite", &sql)?, 1, "{kind} {key} is rejected once");
    }
    assert_eq!(
        night.ask("run/journal.sqlite", "SELECT count(*) FROM reject WHERE why = '' OR code = ''")?,
        0
    );
    // Books that do not balance are found out.
    let journal = night.path("run/journal.sqlite");
    let db = rusqlite::Connection::open(&journal).map_err(|error| error.to_string())?;
    let lost = "DELETE FROM record WHERE seq = (SELECT max(seq) FROM record WHERE kind = 'thread')";
    assert_eq!(db.execute(lost, []), Ok(1));
    drop(db);
    if fs::metadata("/usr/bin/python3").is_ok() {
        assert!(balanced(&night).is_err(), "a record that is lost goes unnoticed");
    }
    Ok(())
}
