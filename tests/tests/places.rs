//! A run knows its systems again: where it reads, where it writes, and who goes on with it.

use std::fs;

use cutover_tests::night::Night;
use cutover_tests::{Tested, text};
use rusqlite::Connection;

/// Changes the environment, and takes the change back.
fn named<T>(
    night: &Night,
    old: &str,
    new: &str,
    act: impl FnOnce() -> Result<T, String>,
) -> Result<T, String> {
    let there = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    if !there.contains(old) {
        return Err(format!("no {old} in {there}"));
    }
    night.write("env.toml", &there.replace(old, new))?;
    let result = act();
    night.write("env.toml", &there)?;
    result
}

/// A night that dies in the middle of its load.
fn half(target: &str) -> Result<Night, String> {
    let night = Night::new(300, target)?;
    night.people()?;
    let run =
        night.command(&["run", ".", "--env", "env.toml"])?.env("CUTOVER_DIE_AT", "batch-kept:8").output();
    let code = run.map_err(text)?.status.code();
    if code.is_none() { Ok(night) } else { Err(format!("it lived: {code:?}")) }
}

#[test]
fn a_run_goes_on_with_the_desk_in_which_it_began() -> Tested {
    for target in ["", "apart = true\n"] {
        let night = half(target)?;
        let (code, _, err) = named(&night, "run/desk.sqlite", "run/desk2.sqlite", || night.verb(&["run"]))?;
        let refused = err.contains("is not there any more") || err.contains("has written to the desk at");
        assert!(code == 2 && refused, "{code} {err}");
        assert!(!night.path("run/desk2.sqlite").exists(), "nothing is made where nothing may be written");
        // At another place, and the same one: whoever says so once is believed, and the desk says so itself.
        fs::rename(night.path("run/desk.sqlite"), night.path("run/desk2.sqlite")).map_err(text)?;
        let (code, out, err) = night.verb(&["preflight"])?;
        assert!(code == 5 && out.contains("is not there any more"), "{code} {out}{err}");
        let (code, _, err) = night.verb(&["run"])?;
        assert!(code == 2 && err.contains("not there"), "{code} {err}");
        let other = Night::new(4, target)?;
        other.people()?;
        other.verb(&["run"])?;
        fs::copy(other.path("run/desk.sqlite"), night.path("run/desk.sqlite")).map_err(text)?;
        let (code, _, err) = night.verb(&["run"])?;
        assert!(code == 2 && err.contains("is another desk"), "{code} {err}");
        let (code, out, err) = named(&night, "run/desk.sqlite", "run/desk2.sqlite", || {
            let first = night.verb(&["run", "--account", "pots"])?;
            let second = night.verb(&["verify"])?;
            assert_eq!((second.0, second.1.contains("all equal")), (0, true), "{second:?}");
            Ok(first)
        })?;
        assert!(matches!(code, 0 | 1) && out.contains("the run is complete"), "{code} {out}{err}");
    }
    Ok(())
}

#[test]
fn nothing_is_written_to_what_is_read_nor_to_the_database_of_another_program() -> Tested {
    let night = Night::new(4, "")?;
    let db = Connection::open(night.path("other.sqlite")).map_err(text)?;
    db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE ticket (a); CREATE TABLE orders (b)")
        .map_err(text)?;
    drop(db);
    let before = fs::read(night.path("other.sqlite")).map_err(text)?;
    let first = || night.verb(&["run", "--account", "pots"]);
    for apart in ["", "\napart = true"] {
        let to = format!("other.sqlite\"{apart}");
        let (code, _, err) = named(&night, "run/desk.sqlite\"", &to, first)?;
        assert!(code == 2 && err.contains("another program"), "{code} {err}");
        assert_eq!(fs::read(night.path("other.sqlite")).map_err(text)?, before, "not a byte of it changed");
    }
    let (code, _, err) = named(&night, "run/desk.sqlite", "pots.cutover", first)?;
    assert!(code == 2 && err.contains("is no database"), "{code} {err}");
    let (code, _, err) = named(
        &night,
        "connector = \"files\"\nat = \"export\"",
        "connector = \"sqlite\"\nat = \"./run/../run/desk.sqlite\"",
        first,
    )?;
    assert!(code == 2 && err.contains("are one place"), "{code} {err}");
    assert!(!night.path("run/desk.sqlite").exists());
    Ok(())
}

/// The copy is made again from an export in which one record was replaced by another one: the number is the same, the records are not.
#[test]
fn a_copy_that_is_made_again_has_the_same_records() -> Tested {
    let night = half("")?;
    fs::remove_dir_all(night.path("run/copy")).map_err(text)?;
    let there = fs::read_to_string(night.path("export/conversations.jsonl")).map_err(text)?;
    night.write("export/conversations.jsonl", &there.replace("\"id\":1000201,", "\"id\":2000201,"))?;
    let (code, _, err) = night.verb(&["run"])?;
    assert!(code == 2 && err.contains("no longer has the records of conversation"), "{code} {err}");
    night.write("export/conversations.jsonl", &there)?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 1) && out.contains("the run is complete"), "{code} {out}{err}");
    Ok(())
}

/// Who pauses a run that another machine has taken over is told that this stops nothing.
#[test]
fn a_journal_that_was_taken_over_notes_nothing_more() -> Tested {
    let night = Night::new(200, "apart = true\n")?;
    let there = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write(
        "env.toml",
        &there.replacen("\n[source]", "ship = \"second/run.sqlite\"\nlease = 1\n\n[source]", 1),
    )?;
    night.people()?;
    let run =
        night.command(&["run", ".", "--env", "env.toml"])?.env("CUTOVER_DIE_AT", "batch-kept:8").output();
    assert_eq!(run.map_err(text)?.status.code(), None);
    let here = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write("b.toml", &here.replace("run/journal", "run2/journal").replace("run/copy", "run2/copy"))?;
    let (code, out, err) = night.call(&[
        "takeover",
        ".",
        "--env",
        "b.toml",
        "--by",
        "tom",
        "--because",
        "it fell into the sea",
    ])?;
    assert_eq!(code, 0, "{out}{err}");
    let events = "SELECT count(*) FROM event";
    let before = night.ask("run/journal.sqlite", events)?;
    for verb in [
        vec!["pause", "--by", "ines", "--because", "stop"],
        vec!["skip", "1000199", "--by", "ines", "--because", "stop"],
        vec!["waive", "check/exports", "--by", "ruth", "--because", "stop"],
        vec!["did", "check/macros", "--by", "ruth"],
    ] {
        let (code, _, err) = night.verb(&verb)?;
        assert!(code == 2 && err.contains("took this run over"), "{verb:?} {code} {err}");
    }
    assert_eq!(night.ask("run/journal.sqlite", events)?, before);
    // Whoever only looks is told, too.
    for look in [&["status"][..], &["status", "--view"], &["status", "--json"], &["report"]] {
        let (code, out, err) = night.verb(look)?;
        let said = out.contains("took this run over") || out.contains("\"elsewhere\":\"");
        assert_eq!((code, said), (0, true), "{look:?} {out}{err}");
    }
    let (_, out, _) = night.call(&["status", ".", "--env", "b.toml"])?;
    assert!(!out.contains("out of date"), "{out}");
    let pause = ["pause", ".", "--env", "b.toml", "--by", "ines", "--because", "stop"];
    assert_eq!(night.call(&pause)?.0, 0);
    let (code, out, _) = night.call(&["run", ".", "--env", "b.toml"])?;
    assert_eq!((code, out.contains("ines paused the run")), (4, true), "{out}");
    Ok(())
}

/// Another export under the same name is no later one: a run that goes on with it would bring half of each.
#[test]
fn another_export_in_the_same_place_is_refused() -> Tested {
    let night = half("")?;
    fs::rename(night.path("export"), night.path("ours")).map_err(text)?;
    let other = Night::new(30, "")?;
    for entry in fs::read_dir(other.path("export")).map_err(text)? {
        let path = entry.map_err(text)?.path();
        if path.is_file() {
            let mut lines = fs::read_to_string(&path).map_err(text)?;
            for (from, to) in [("\"id\":", "\"id\":77"), ("\"name\":\"t", "\"name\":\"other")] {
                lines = lines.replace(from, to);
            }
            night.write(
                &format!("export/{}", path.file_name().unwrap_or_default().to_string_lossy()),
                &lines,
            )?;
        }
    }
    let before = night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?;
    let db = rusqlite::Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    // The night reads it again.
    db.execute("UPDATE stage SET state = 'waiting' WHERE id = 'stage/export/thread'", []).map_err(text)?;
    drop(db);
    let (code, out, err) = night.verb(&["run"])?;
    assert!(
        code == 2 && err.contains("export holds another export than the one that this run began to read"),
        "{code} {out}{err}"
    );
    assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?, before);
    fs::remove_dir_all(night.path("export")).map_err(text)?;
    fs::rename(night.path("ours"), night.path("export")).map_err(text)?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 1) && out.contains("the run is complete"), "{code} {out}{err}");
    Ok(())
}
