//! The source goes on changing between the first load and the switch: what changed is taken over, once, and counted.

use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::Night;

/// A night whose finished conversations go over before the window, and which loads what changed while everything is held. Nobody holds yet.
fn before_the_hold(mode: &str) -> Result<Night, String> {
    before_the_hold_on("", mode)
}

fn before_the_hold_on(target: &str, mode: &str) -> Result<Night, String> {
    let night = Night::new(60, target)?;
    let read = |name: &str| fs::read_to_string(night.path(name)).map_err(|error| error.to_string());
    let spec = read("pots.cutover")?.replace(
        "go live  owner tom  signed by ines { hold inbound; load everything;",
        &format!(
            "wave history  conversations  where status is \"closed\"  owner tom  before window\n\
             wave live     conversations the rest  in window  owner tom  signed by ines\n\
             go live  owner tom  signed by ines {{ hold inbound; load changed conversations {mode};"
        ),
    );
    // What changed is found by the key of the old desk.
    let spec = spec
        .replace("map conversation -> ticket {", "map conversation -> ticket {\n  id -> external_id  as key");
    night.write("pots.cutover", &spec)?;
    let (code, _, err) = night.call(&["plan", "pots.cutover"])?;
    assert_eq!(code, 0, "{err}");
    assert_eq!(night.call(&["sign", "wave/live", "--project", ".", "--by", "ines"])?.0, 0);
    night.people()?;
    let journal =
        rusqlite::Connection::open(night.path("run/journal.sqlite")).map_err(|error| error.to_string())?;
    journal
        .execute("DELETE FROM event WHERE what = 'did' AND subject LIKE 'stage/hold/%'", [])
        .map_err(|error| error.to_string())?;
    drop(journal);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("stage/hold/shop")), (4, true), "{out}{err}");
    Ok(night)
}

/// What happens in the old desk between the export and the hold.
fn the_source_changes(night: &Night) -> Tested {
    let lines = |name: &str| -> Result<Vec<String>, String> {
        let text = fs::read_to_string(night.path(name)).map_err(|error| error.to_string())?;
        Ok(text.lines().map(str::to_owned).collect())
    };
    let mut conversations = lines("export/conversations.jsonl")?;
    // One is opened again; one is deleted; a new one comes in a mailbox that is translated, and one in a mailbox that is not.
    conversations.retain(|line| !line.contains("\"id\":1000010,"));
    for line in &mut conversations {
        if line.contains("\"id\":1000002,") {
            *line = line.replace("\"closed\"", "\"active\"");
        }
    }
    let copy = conversations.first().cloned().unwrap_or_default();
    let new = copy.replace("\"id\":1000000,", "\"id\":1000500,").replace("\"Wholesale\"", "\"Shop\"");
    conversations.push(new.replace("\"id\":1000500,", "\"id\":1000501,").replace("\"Shop\"", "\"Cellar\""));
    conversations.push(new);
    conversations.push("{\"id\":1000502,".to_owned());
    night.write("export/conversations.jsonl", &(conversations.join("\n") + "\n"))?;
    // A conversation gets an answer, one loses a message, and the new one has one.
    let mut threads = lines("export/threads.jsonl")?;
    threads.retain(|line| !line.contains("\"id\":5000006,"));
    let copy = threads.first().cloned().unwrap_or_default().replace("[7000000]", "[]");
    for (id, of) in [(5_900_000, 1_000_004), (5_900_001, 1_000_500)] {
        let line = copy.replace("\"id\":5000000,", &format!("\"id\":{id},"));
        threads.push(line.replace("\"conversation\":1000000,", &format!("\"conversation\":{of},")));
    }
    night.write("export/threads.jsonl", &(threads.join("\n") + "\n"))
}

fn hold(night: &Night) -> Tested {
    let (code, _, err) =
        night.verb(&["did", "stage/hold/*", "--by", "tom", "--evidence", "a test message waits"])?;
    assert_eq!(code, 0, "{err}");
    Ok(())
}

/// The journal accounts for everything, and the desk holds each record once.
fn everything_adds_up(night: &Night) -> Tested {
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    for (kind, table) in [("conversation", "ticket"), ("thread", "comment")] {
        let done = format!("SELECT count(*) FROM record WHERE kind = '{kind}' AND state = 'done'");
        let there = format!("SELECT count(*) FROM {table} WHERE mark LIKE '{kind}:%'");
        assert_eq!(night.ask("run/journal.sqlite", &done)?, night.ask("run/desk.sqlite", &there)?, "{kind}");
    }
    Ok(())
}

#[test]
fn what_changed_replaces_what_was_loaded() -> Tested {
    let night = before_the_hold("replacing")?;
    let history = night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?;
    assert_eq!(history, 15, "the finished conversations are over");
    the_source_changes(&night)?;
    hold(&night)?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    let said = "stage/load/conversation/changed over: 5 changed since, 2 of them new; 1 are gone from the source and stay as they were loaded";
    assert!(err.contains(said), "{err}");
    everything_adds_up(&night)?;
    let counts = |column: &str| {
        let of = "FROM counts WHERE stage = 'stage/load/conversation/changed' AND kind = 'conversation'";
        night.ask("run/journal.sqlite", &format!("SELECT {column} {of}"))
    };
    // Of 62 that can be read now 57 are as they were, four are written, one stands in a mailbox that nobody translates; one line is cut off.
    assert_eq!(
        (counts("read")?, counts("written")?, counts("rejected")?, counts("filtered")?),
        (63, 4, 2, 57)
    );
    for (sql, expected) in [
        ("SELECT count(*) FROM ticket WHERE mark = 'conversation:1000002' AND status = 'open'", 1),
        ("SELECT count(*) FROM ticket WHERE mark = 'conversation:1000500'", 1),
        ("SELECT count(*) FROM ticket WHERE mark = 'conversation:1000501'", 0),
        ("SELECT count(*) FROM ticket WHERE mark = 'conversation:1000010'", 1),
        ("SELECT count(*) FROM comment WHERE mark IN ('thread:5900000', 'thread:5900001')", 2),
        ("SELECT count(*) FROM comment WHERE mark = 'thread:5000006'", 0),
        ("SELECT count(*) FROM (SELECT mark FROM comment GROUP BY mark HAVING count(*) > 1)", 0),
    ] {
        assert_eq!(night.ask("run/desk.sqlite", sql)?, expected, "{sql}");
    }
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    let (code, _, err) = night.verb(&[
        "rollback",
        "--wave",
        "wave/history",
        "--past-no-return",
        "--by",
        "ines",
        "--because",
        "a try",
    ])?;
    assert_eq!((code, err.contains("has replaced records of several waves")), (2, true), "{err}");
    let (code, out, err) =
        night.verb(&["rollback", "--past-no-return", "--by", "ines", "--because", "a try"])?;
    assert_eq!(code, 0, "{out}{err}");
    for table in ["ticket", "comment", "user", "attachment"] {
        assert_eq!(night.ask("run/desk.sqlite", &format!("SELECT count(*) FROM \"{table}\""))?, 0, "{table}");
    }
    Ok(())
}

#[test]
fn a_delta_that_dies_goes_on_and_comes_to_the_same_end() -> Tested {
    let mut expected = None;
    for point in ["", "batch-begun", "written", "answers-noted", "batch-kept", "stage-ending"] {
        let night = before_the_hold("replacing")?;
        the_source_changes(&night)?;
        hold(&night)?;
        let mut deaths = 0;
        for time in 1..60 {
            let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
            if !point.is_empty() {
                command.env("CUTOVER_DIE_AT", format!("{point}:{}", time % 3 + 1));
            }
            let output = command.output().map_err(|error| error.to_string())?;
            if output.status.code().is_some() {
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            deaths += 1;
        }
        assert_eq!(deaths > 0, !point.is_empty(), "{point}");
        everything_adds_up(&night)?;
        let dump = night.dump()?;
        assert_eq!(expected.get_or_insert_with(|| dump.clone()), &dump, "{point}");
    }
    Ok(())
}

#[test]
fn an_unchanged_source_changes_nothing() -> Tested {
    let night = before_the_hold("replacing")?;
    hold(&night)?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(
        (code, err.contains("conversation/changed over: 0 changed since, 0 of them new")),
        (0, true),
        "{out}{err}"
    );
    everything_adds_up(&night)?;
    assert_eq!(night.verb(&["verify"])?.0, 0);
    Ok(())
}

/// A comment that came later is added to what is there; what changed keeps its first version, and the spec says so.
#[test]
fn what_came_since_is_added_to_what_was_loaded() -> Tested {
    for (target, dies) in [("", false), ("", true), ("apart = true\n", true)] {
        let night = before_the_hold_on(
            target,
            "appending  lossy \"edited messages and changed fields keep their first version\"",
        )?;
        the_source_changes(&night)?;
        // A message that was edited stays as it was.
        let path = night.path("export/threads.jsonl");
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let edited = text.replacen("planted-personal-text 2<", "edited<", 1);
        assert_ne!(text, edited);
        fs::write(&path, edited).map_err(|error| error.to_string())?;
        hold(&night)?;
        let mut deaths = 0;
        for time in 1..60 {
            let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
            if dies {
                let apart = ["batch-begun", "intents-kept", "written", "answers-noted", "batch-kept"];
                let together = ["batch-begun", "written", "answers-noted", "batch-kept"];
                let points = if target.is_empty() { together.as_slice() } else { apart.as_slice() };
                let point = points.get(time % points.len()).copied().unwrap_or_default();
                command.env("CUTOVER_DIE_AT", format!("{point}:{}", time % 4 + 1));
            }
            let output = command.output().map_err(|error| error.to_string())?;
            if output.status.code().is_some() {
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            deaths += 1;
        }
        assert_eq!(deaths > 0, dies);
        everything_adds_up(&night)?;
        let counts = |kind: &str, column: &str| {
            let of =
                format!("FROM counts WHERE stage = 'stage/load/conversation/changed' AND kind = '{kind}'");
            night.ask("run/journal.sqlite", &format!("SELECT {column} {of}"))
        };
        // One conversation is new; the other new one stands in a mailbox that nobody translates, and one line is cut off.
        assert_eq!((counts("conversation", "written")?, counts("conversation", "rejected")?), (1, 2));
        // Its message, and one that came to a conversation that was there.
        assert_eq!(counts("thread", "written")?, 2);
        for (sql, expected) in [
            ("SELECT count(*) FROM ticket WHERE mark = 'conversation:1000002' AND status = 'open'", 0),
            ("SELECT count(*) FROM ticket WHERE mark = 'conversation:1000500'", 1),
            ("SELECT count(*) FROM comment WHERE mark IN ('thread:5900000', 'thread:5900001')", 2),
            (
                "SELECT count(*) FROM comment JOIN ticket ON ticket.id = comment.ticket
              WHERE comment.mark = 'thread:5900000' AND ticket.mark = 'conversation:1000004'",
                1,
            ),
            ("SELECT count(*) FROM comment WHERE mark = 'thread:5000006'", 1),
            ("SELECT count(*) FROM comment WHERE body LIKE '%edited%'", 0),
            ("SELECT count(*) FROM (SELECT mark FROM comment GROUP BY mark HAVING count(*) > 1)", 0),
        ] {
            assert_eq!(night.ask("run/desk.sqlite", sql)?, expected, "{sql}");
        }
        let (code, out, _) = night.verb(&["verify"])?;
        assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
        let (code, out, err) =
            night.verb(&["rollback", "--past-no-return", "--by", "ines", "--because", "a try"])?;
        assert_eq!(code, 0, "{out}{err}");
        for table in ["ticket", "comment", "user", "attachment"] {
            assert_eq!(
                night.ask("run/desk.sqlite", &format!("SELECT count(*) FROM \"{table}\""))?,
                0,
                "{table}"
            );
        }
    }
    Ok(())
}

/// The new version of what was loaded cannot be mapped: the new desk keeps the one that it has. A corrected plan is weighed against what the
/// delta wrote, too.
#[test]
fn what_cannot_be_replaced_stays_as_it_was_loaded() -> Tested {
    let night = before_the_hold("replacing")?;
    let there =
        fs::read_to_string(night.path("export/conversations.jsonl")).map_err(|error| error.to_string())?;
    let changed: Vec<String> = there
        .lines()
        .map(|line| match line {
            line if line.contains("\"id\":1000002,") => line.replace("\"closed\"", "\"strange\""),
            line if line.contains("\"id\":1000006,") => {
                line.replace("\"subject\":\"", &format!("\"subject\":\"{}", "L".repeat(120)))
            }
            line => line.to_owned(),
        })
        .collect();
    assert_ne!(there.trim_end(), changed.join("\n"));
    night.write("export/conversations.jsonl", &(changed.join("\n") + "\n"))?;
    let of = |id: u64| {
        format!(
            "FROM comment JOIN ticket ON ticket.id = comment.ticket WHERE ticket.mark = 'conversation:{id}'"
        )
    };
    let comments = night.ask("run/desk.sqlite", &format!("SELECT count(*) {}", of(1_000_002)))?;
    assert!(comments > 0);
    night.said("run/journal.sqlite", "stage/*")?;
    let (_, out, err) = night.verb(&["run"])?;
    assert!(err.contains("2 changed since, 0 of them new"), "{out}{err}");
    let ticket = "SELECT count(*) FROM ticket WHERE mark = 'conversation:1000002'";
    assert_eq!(night.ask("run/desk.sqlite", ticket)?, 1, "what was loaded stays");
    assert_eq!(night.ask("run/desk.sqlite", &format!("SELECT count(*) {}", of(1_000_002)))?, comments);
    let (_, out, _) = night.verb(&["rejects"])?;
    assert!(out.contains("the version that was loaded before stays"), "{out}");
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);

    let spec = fs::read_to_string(night.path("pots.cutover")).map_err(|error| error.to_string())?;
    assert!(spec.contains("cut to 150"), "{spec}");
    night.write("pots.cutover", &spec.replace("cut to 150", "cut to 100"))?;
    let (code, _, err) = night.call(&["plan", "pots.cutover", "-o", "corrected"])?;
    assert_eq!(code, 0, "{err}");
    let amend =
        ["amend", ".", "corrected", "--env", "env.toml", "--by", "tom", "--because", "shorter", "--dry-run"];
    let (code, out, err) = night.call(&amend)?;
    assert!(
        code == 1
            && out.contains(
                "records that stage/load/conversation/changed has written would be written otherwise"
            ),
        "{code} {out}{err}"
    );
    Ok(())
}

/// The account has a rule that no plan knows, and the new version breaks it: the one that was loaded stays, with its comments, whatever kills the
/// run meanwhile.
#[test]
fn what_the_desk_refuses_does_not_cost_what_was_loaded() -> Tested {
    for (target, point) in
        [("", ""), ("apart = true\n", ""), ("", "batch-kept:1"), ("apart = true\n", "batch-kept:1")]
    {
        let night = before_the_hold_on(target, "replacing")?;
        let desk =
            rusqlite::Connection::open(night.path("run/desk.sqlite")).map_err(|error| error.to_string())?;
        desk.execute_batch(
            "CREATE TRIGGER rule BEFORE INSERT ON ticket WHEN NEW.subject = 'no such subject'
             BEGIN SELECT RAISE(ABORT, 'a rule of the account: ticket.subject'); END",
        )
        .map_err(|error| error.to_string())?;
        drop(desk);
        let of = "SELECT count(*) FROM comment WHERE ticket = (SELECT id FROM ticket WHERE mark = 'conversation:1000002')";
        let (comments, tickets) =
            (night.ask("run/desk.sqlite", of)?, night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?);
        assert!(comments > 0);
        let name = "export/conversations.jsonl";
        let there = fs::read_to_string(night.path(name)).map_err(|error| error.to_string())?;
        let changed = there.lines().map(|line| match line.split_once("\"subject\":\"") {
            Some((start, rest)) if line.contains("\"id\":1000002,") => {
                let rest = rest.split_once('"').map_or("", |(_, rest)| rest);
                format!("{start}\"subject\":\"no such subject\"{rest}\n")
            }
            _ => format!("{line}\n"),
        });
        night.write(name, &changed.collect::<String>())?;
        hold(&night)?;
        if !point.is_empty() {
            let run =
                night.command(&["run", ".", "--env", "env.toml"])?.env("CUTOVER_DIE_AT", point).output();
            assert_eq!(run.map_err(|error| error.to_string())?.status.code(), None, "it died");
        }
        let (code, out, err) = night.verb(&["run"])?;
        assert!(matches!(code, 0 | 1 | 5), "{code} {out}{err}");
        let (_, rejects, _) = night.verb(&["rejects"])?;
        assert!(
            rejects.contains("\"key\":\"1000002\"")
                && rejects.contains("the version that was loaded before was written once more"),
            "{target} {point} {rejects}"
        );
        for (sql, expected) in [
            (
                "SELECT count(*) FROM ticket WHERE mark = 'conversation:1000002' AND subject <> 'no such subject'",
                1,
            ),
            (of, comments),
        ] {
            assert_eq!(night.ask("run/desk.sqlite", sql)?, expected, "{target} {point} {sql}");
        }
        assert!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")? >= tickets);
        everything_adds_up(&night)?;
        let (code, out, _) = night.verb(&["verify"])?;
        assert_eq!((code, out.contains("all equal")), (0, true), "{target} {point} {out}");
    }
    Ok(())
}
