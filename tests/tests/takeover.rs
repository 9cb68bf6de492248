//! A run on several machines: who holds it, and how another machine goes on with it when its own is gone.

use std::fs;
use std::time::{Duration, Instant};

use cutover_tests::night::Night;
use cutover_tests::{Tested, text};
use rusqlite::Connection;

/// Adds lines in front of an environment's first table.
fn with(night: &Night, lines: &str) -> Tested {
    let there = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write("env.toml", &there.replacen("\n[source]", &format!("{lines}\n[source]"), 1))
}

/// What a lease of another machine looks like.
fn elsewhere(db: &Connection, beat: u64) -> Tested {
    let row = format!(
        "{{\"token\":\"t\",\"holder\":\"tom at laptop, process 7\",\"machine\":\"laptop b00t\",\"beat\":{beat},\"at\":1800124200,\"length\":2}}"
    );
    db.execute("INSERT OR REPLACE INTO run VALUES ('lease', ?1)", [row]).map(|_| ()).map_err(text)
}

#[test]
fn a_runner_on_another_machine_is_waited_for_as_long_as_it_gives_no_sign_of_life() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    let db = Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    db.busy_timeout(Duration::from_secs(10)).map_err(text)?;
    elsewhere(&db, 1)?;
    let (code, out, _) = night.call(&["lock", "status", ".", "--env", "env.toml"])?;
    assert_eq!(code, 0);
    assert!(out.contains("held by tom at laptop, process 7") && out.contains("2 s without one"), "{out}");
    // It is alive: its beat goes on.
    let alive = std::thread::scope(|scope| {
        let handle = scope.spawn(|| night.verb(&["run"]));
        let until = Instant::now() + Duration::from_secs(60);
        let mut beat = 2;
        while !handle.is_finished() && Instant::now() < until {
            let _ = elsewhere(&db, beat);
            beat += 1;
            std::thread::sleep(Duration::from_millis(100));
        }
        handle.join().map_err(|_| "the thread panicked".to_owned())
    })??;
    assert_eq!(
        (alive.0, alive.2.contains("tom at laptop, process 7 runs this plan")),
        (75, true),
        "{}",
        alive.2
    );
    // Somebody who knows better.
    let take_away = |by: &str| {
        night.call(&[
            "lock",
            "break",
            ".",
            "--env",
            "env.toml",
            "--by",
            by,
            "--reason",
            "it fell into the sea",
        ])
    };
    let (code, _, err) = take_away("nobody")?;
    assert_eq!((code, err.contains("nobody of the plan's team")), (2, true), "{err}");
    let (code, out, _) = take_away("ines")?;
    assert_eq!((code, out.as_str()), (0, "tom at laptop, process 7 holds the run no longer\n"));
    let (code, out, _) = night.call(&["lock", "status", ".", "--env", "env.toml"])?;
    assert_eq!((code, out.as_str()), (0, "nobody holds the run\n"));
    // It is dead: its beat stands still, and after its length the run is free.
    elsewhere(&db, 1)?;
    let began = Instant::now();
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("whether it is alive shows in that time")), (0, true), "{err}");
    assert!(began.elapsed() >= Duration::from_secs(2));
    let (_, out, _) = night.verb(&["report"])?;
    assert!(out.contains("it fell into the sea"), "{out}");
    Ok(())
}

/// A machine that dies, and one that goes on from what was shipped; `behind` says whether the copy lacks the last batches.
fn taken_over(target: &str, behind: bool) -> Tested {
    let expected = {
        let night = Night::new(1200, target)?;
        night.people()?;
        assert_eq!(night.verb(&["run"])?.0, 0);
        night.dump()?
    };
    let first = Night::new(1200, target)?;
    with(&first, "ship = \"second/journal.sqlite\"\nlease = 3\n")?;
    first.people()?;
    let die = |at: &str| -> Result<Option<i32>, String> {
        let mut command = first.command(&["run", ".", "--env", "env.toml"])?;
        Ok(command.env("CUTOVER_DIE_AT", at).output().map_err(text)?.status.code())
    };
    let older = first.path("older.sqlite");
    // Batch by batch, until the first one of conversations is there.
    let count = || first.ask("run/desk.sqlite", "SELECT count(*) FROM ticket");
    assert_eq!(die("batch-kept:4")?, None);
    for _ in 0..20 {
        fs::copy(first.path("second/journal.sqlite"), &older).map_err(text)?;
        assert_eq!(die("batch-kept:1")?, None);
        if count()? > 0 {
            break;
        }
    }
    if behind {
        fs::copy(&older, first.path("second/journal.sqlite")).map_err(text)?;
    }
    let tickets = count()?;
    assert!(tickets > 0 && tickets < 900, "it died in the midst of it: {tickets}");

    // Another machine: the project, the export and the desk can be reached from there, the working copy and the journal are gone.
    let there = fs::read_to_string(first.path("env.toml")).map_err(text)?;
    first.write(
        "env.toml",
        &there.replace("run/journal.sqlite", "other/journal.sqlite").replace("run/copy", "other/copy"),
    )?;
    let take = |by: &str| first.verb(&["takeover", "--by", by, "--because", "the laptop is dead"]);
    let (code, _, err) = take("nobody")?;
    assert_eq!((code, err.contains("nobody of the plan's team")), (2, true), "{err}");
    let (code, out, err) = take("tom")?;
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("the run to the account pots is this machine's now, from "), "{out}");
    let (code, _, err) = take("tom")?;
    assert_eq!((code, err.contains("this machine has a journal already")), (2, true), "{err}");
    let (code, out, err) = first.verb(&["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(first.dump()?, expected, "nothing is lost, and nothing is there twice");
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(first.ask("other/journal.sqlite", broken)?, 0);
    let done = "SELECT count(*) FROM record WHERE kind = 'conversation' AND state = 'done'";
    assert_eq!(
        first.ask("other/journal.sqlite", done)?,
        first.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?
    );
    assert_eq!(first.verb(&["verify"])?.0, 0);
    let second = "SELECT count(*) FROM event WHERE what = 'takeover' AND who = 'tom'";
    assert_eq!(first.ask("second/journal.sqlite", second)?, 1, "and it is shipped on");

    // The first machine comes back to life, and finds that the run is not its own any more.
    first.write("env.toml", &there)?;
    let (code, _, err) = first.verb(&["run"])?;
    assert_eq!((code, err.contains("took this run over")), (2, true), "{err}");
    Ok(())
}

#[test]
fn a_dead_machine_is_taken_over_from_the_shipped_journal() -> Tested {
    taken_over("", false)
}

#[test]
fn an_older_copy_is_reconciled_with_what_the_new_desk_has() -> Tested {
    taken_over("", true)?;
    taken_over("apart = true\n", true)
}

#[test]
fn an_export_that_is_not_the_same_any_more_is_no_copy_to_go_on_with() -> Tested {
    let night = Night::new(60, "")?;
    night.people()?;
    let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
    let output = command.env("CUTOVER_DIE_AT", "batch-kept:6").output().map_err(text)?;
    assert_eq!(output.status.code(), None);
    fs::remove_dir_all(night.path("run/copy")).map_err(text)?;
    let path = night.path("export/conversations.jsonl");
    let export = fs::read_to_string(&path).map_err(text)?;
    let (_, rest) = export.split_once('\n').unwrap_or_default();
    fs::write(&path, rest).map_err(text)?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("no longer has the records of conversation")), (2, true), "{err}");
    fs::remove_dir_all(night.path("run/copy")).map_err(text)?;
    fs::write(&path, export).map_err(text)?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "the working copy can be made again: {err}");
    Ok(())
}
