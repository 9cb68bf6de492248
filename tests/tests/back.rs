//! The way back, and what begins anew behind it: the old desk goes on working, and people write in the new one.

use std::fs;

use cutover_tests::night::Night;
use cutover_tests::{Tested, text};
use rusqlite::Connection;

/// Writes into a database as others do.
fn write(night: &Night, file: &str, sql: &str) -> Tested {
    let db = Connection::open(night.path(file)).map_err(text)?;
    db.execute_batch(sql).map_err(text)
}

/// A customer answers in the new desk, on the first ticket.
fn answered(night: &Night) -> Tested {
    let ticket = night.ask("run/desk.sqlite", "SELECT min(id) FROM ticket")?;
    let answer =
        format!("INSERT INTO comment (ticket, body, author) VALUES ({ticket}, 'a customer answers', 1)");
    write(night, "run/desk.sqlite", &answer)
}

/// A message waits at the inbound `shop`, and it is said where such messages go: the rest of that part of the environment.
fn held(night: &Night, into: &str) -> Tested {
    night.write("held/shop/new/1", "Message-ID: <1@mail.example>\n\nwhere is it?\n")?;
    let environment = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write("env.toml", &format!("{environment}\n[inbound.shop]\nspool = \"held/shop\"\n{into}\n"))
}

/// The way back, past the point of no return.
const BACK: [&str; 6] = ["rollback", "--past-no-return", "--by", "ines", "--because", "a try"];

/// The files of a folder and what is below it, with their sizes.
fn files(night: &Night, folder: &str) -> Result<Vec<(String, u64)>, String> {
    let (mut all, mut open) = (Vec::new(), vec![night.path(folder)]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).map_err(text)? {
            let entry = entry.map_err(text)?;
            let size = entry.metadata().map_err(text)?;
            if size.is_dir() {
                open.push(entry.path());
            } else {
                all.push((entry.path().display().to_string(), size.len()));
            }
        }
    }
    all.sort();
    Ok(all)
}

/// A customer answers on a ticket that was loaded, and another one writes: that stays or is kept beside the backup. The old desk goes on, and
/// the next night takes along what came there; nobody's word of the night that was counts for it.
#[test]
fn what_is_taken_back_begins_anew_with_what_came_since() -> Tested {
    for target in ["", "apart = true\n"] {
        let mut night = Night::new(20, target)?;
        held(&night, "into = \"run/mail\"")?;
        night.people()?;
        let (code, _, err) = night.verb(&["run"])?;
        assert!(matches!(code, 0 | 1), "{code} {err}");
        let backup = files(&night, "run/vault")?;
        answered(&night)?;
        let (code, out, err) = night.verb(&BACK)?;
        assert_eq!((code, out.contains("4 stay")), (1, true), "{out}{err}");
        let kept: Vec<_> =
            files(&night, "run/vault")?.into_iter().filter(|file| !backup.contains(file)).collect();
        assert!(
            matches!(kept.as_slice(), [(name, 1..)] if name.contains("run/vault/kept-") && name.ends_with("comments.jsonl")),
            "{kept:?}"
        );
        let still = files(&night, "run/vault")?;
        assert!(backup.iter().all(|file| still.contains(file)), "the backup of the old desk is as it was");
        // Once more: what was kept stays.
        night.verb(&BACK)?;
        let still = files(&night, "run/vault")?;
        assert!(kept.iter().all(|file| still.contains(file)), "{still:?}");

        // What was held and not delivered goes to the old desk, which goes on working.
        night.write("held/shop/new/2", "Message-ID: <2@mail.example>\n\nand mine?\n")?;
        let (code, out, err) = night.verb(&["did", "undo/hold/shop", "--by", "tom"])?;
        assert_eq!(code, 0, "{out}{err}");
        let conversations = fs::read_to_string(night.path("export/conversations.jsonl")).map_err(text)?;
        let first = conversations.lines().next().unwrap_or_default();
        let came = first.replace("\"id\":1000000,", "\"id\":1000777,");
        night.write("export/conversations.jsonl", &format!("{came}\n{conversations}"))?;
        night.exported.clear();
        night.people_again()?;
        night.write("held/shop/new/3", "Message-ID: <3@mail.example>\n\nhello\n")?;
        let (code, out, err) = night.verb(&["run"])?;
        assert!(matches!(code, 0 | 1) && out.contains("the run is complete"), "{code} {out}{err}");
        let (code, out, _) = night.verb(&["verify"])?;
        assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
        for (file, sql, expected) in [
            ("run/desk.sqlite", "SELECT count(*) FROM ticket WHERE mark = 'conversation:1000777'", 1),
            (
                "run/desk.sqlite",
                "SELECT count(*) FROM (SELECT mark FROM ticket GROUP BY mark HAVING count(*) > 1)",
                0,
            ),
            ("run/desk.sqlite", "SELECT count(*) FROM ticket", 16),
            ("run/journal.sqlite", "SELECT count(*) FROM record WHERE state IN ('kept', 'undone')", 0),
            ("run/journal.sqlite", "SELECT count(*) FROM message WHERE state = 'delivered'", 2),
            ("run/journal.sqlite", "SELECT count(*) FROM message WHERE state = 'returned'", 1),
        ] {
            assert_eq!(night.ask(file, sql)?, expected, "{sql} {target}");
        }
    }
    Ok(())
}

/// What was deleted of a load that counts as over is missing, whatever else the journal says.
#[test]
fn a_comparison_finds_what_a_way_back_that_was_cut_off_has_deleted() -> Tested {
    let night = Night::new(40, "")?;
    night.people()?;
    assert!(matches!(night.verb(&["run"])?.0, 0 | 1));
    let of = "WHERE seq = (SELECT min(seq) FROM record WHERE kind = 'conversation')";
    write(&night, "run/journal.sqlite", &format!("UPDATE record SET state = 'undone' {of}"))?;
    let (code, out, _) = night.verb(&["verify"])?;
    assert!(code == 5 && out.contains("missing in the target"), "{code} {out}");
    write(&night, "run/journal.sqlite", &format!("UPDATE record SET state = 'done' {of}"))?;
    let back =
        ["rollback", "--past-no-return", ".", "--env", "env.toml", "--by", "ines", "--because", "a try"];
    let output = night.command(&back)?.env("CUTOVER_DIE_AT", "undone:1").output().map_err(text)?;
    assert_eq!(output.status.code(), None, "it died");
    let (code, _, err) = night.verb(&["verify"])?;
    assert!(code == 2 && err.contains("being taken back"), "{code} {err}");
    let (_, out, _) = night.verb(&["status"])?;
    assert!(out.contains("everything is being taken back"), "{out}");
    let wave = ["rollback", "--wave", "wave/x", "--past-no-return", "--by", "ines", "--because", "x"];
    assert_eq!(night.verb(&wave)?.0, 2);
    let (code, out, err) = night.verb(&BACK)?;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?, 0);
    Ok(())
}

/// What could not be taken back is tried once more by the next way back; what people did by then stays done. What waited is delivered by the
/// next night as long as nobody says that the old desk has it.
#[test]
fn a_second_way_back_tries_again_what_had_to_stay() -> Tested {
    let night = Night::new(20, "")?;
    held(&night, "command = [\"./busy.sh\"]")?;
    night.write("busy.sh", "#!/bin/sh\nexit 75\n")?;
    std::process::Command::new("chmod").arg("+x").arg(night.path("busy.sh")).status().map_err(text)?;
    night.people()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("takes no messages now")), (75, true), "{out}{err}");
    answered(&night)?;
    let (code, out, err) = night.verb(&BACK)?;
    assert_eq!((code, out.contains(" stay\n")), (1, true), "{out}{err}");
    let waits = "SELECT count(*) FROM message WHERE state = 'held'";
    assert_eq!(night.ask("run/journal.sqlite", waits)?, 1, "nobody gave it to the old desk");
    let (_, status, _) = night.verb(&["status"])?;
    let step = status
        .lines()
        .find_map(|line| line.trim().strip_prefix("undo/").filter(|step| !step.starts_with("hold/")));
    let step = format!("undo/{}", step.and_then(|step| step.split(": ").next()).unwrap_or_default());
    let by = ["tom", "ines", "ruth", "kofi"];
    assert!(
        by.iter().any(|by| night.verb(&["did", &step, "--by", by]).is_ok_and(|done| done.0 == 0)),
        "{step}: {status}"
    );
    // The answer was taken elsewhere: now the ticket can go.
    write(&night, "run/desk.sqlite", "DELETE FROM comment WHERE mark IS NULL")?;
    let (code, out, err) = night.verb(&BACK)?;
    assert_eq!((code, out.contains("1 ticket deleted")), (0, true), "{out}{err}");
    assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?, 0);
    assert_eq!(night.ask("run/journal.sqlite", "SELECT count(*) FROM record WHERE state = 'kept'")?, 0);
    let (_, status, _) = night.verb(&["status"])?;
    assert!(!status.contains(&format!("  {step}: ")) && status.contains("undo/"), "{step} is done: {status}");
    // Nobody gave the message back: the next night delivers it.
    night.write("busy.sh", "#!/bin/sh\ncat >> taken\n")?;
    night.people_again()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 1) && out.contains("the run is complete"), "{code} {out}{err}");
    assert!(fs::read_to_string(night.path("taken")).map_err(text)?.contains("where is it?"));
    Ok(())
}
