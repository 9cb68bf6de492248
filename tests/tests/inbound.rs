//! What arrives while nobody may answer waits in a spool, is counted, and is delivered once: also when the run dies in between.

use std::collections::BTreeMap;
use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::Night;

/// A program that takes messages as a mail system does: what it refuses, what it does not take now, and what it keeps.
const TAKE: &str = "#!/bin/sh\ntext=$(cat)\ncase \"$text\" in\n*refused*) exit 67;;\nesac\n\
    if [ -e run/busy ]; then exit 75; fi\nprintf '%s %s\\n' \"$CUTOVER_INBOUND\" \"$CUTOVER_MESSAGE\" >> run/taken\n";

/// A night whose mail waits in a maildir, in a file, and where nobody bound anything.
fn night() -> Result<Night, String> {
    let night = Night::new(
        20,
        "\n[inbound.shop]\nspool = \"held/shop\"\ninto = \"run/mail\"\n\
         \n[inbound.wholesale]\nspool = \"held/wholesale.jsonl\"\ncommand = [\"./take.sh\"]\n",
    )?;
    for at in 1..=5 {
        night.write(
            &format!("held/shop/new/{at}"),
            &format!("Message-ID: <{at}@mail.example>\n\nwhere is {at}?\n"),
        )?;
    }
    // Half written, as mail systems do it.
    night.write("held/shop/tmp/6", "Message-ID: <6@")?;
    night
        .write("held/wholesale.jsonl", "{\"id\":\"w1\",\"text\":\"a\"}\n{\"id\":\"w2\",\"text\":\"b\"}\n")?;
    night.write("take.sh", TAKE)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(night.path("take.sh"), fs::Permissions::from_mode(0o755))
            .map_err(|error| error.to_string())?;
    }
    night.people()?;
    Ok(night)
}

/// What arrived in the new desk's mailbox: how often each text.
fn delivered(night: &Night) -> Result<BTreeMap<String, u32>, String> {
    let mut all = BTreeMap::new();
    for folder in ["new", "cur"] {
        for entry in fs::read_dir(night.path("run/mail").join(folder)).map_err(|error| error.to_string())? {
            let path = entry.map_err(|error| error.to_string())?.path();
            let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
            *all.entry(text).or_default() += 1;
        }
    }
    Ok(all)
}

fn taken(night: &Night) -> Vec<String> {
    let text = fs::read_to_string(night.path("run/taken")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn counts(night: &Night, stage: &str) -> Result<[i64; 4], String> {
    let of = |column: &str| {
        night.ask(
            "run/journal.sqlite",
            &format!(
                "SELECT coalesce(sum({column}), 0) FROM counts WHERE stage = '{stage}' AND kind = 'message'"
            ),
        )
    };
    Ok([of("read")?, of("written")?, of("rejected")?, of("uncertain")?])
}

#[test]
fn what_waited_is_delivered_once() -> Tested {
    let night = night()?;
    night.write(
        "held/wholesale.jsonl",
        "{\"id\":\"w1\",\"text\":\"a\"}\nnot a message\n{\"id\":\"w2\",\"text\":\"refused\"}\n{\"id\":\"w1\",\"text\":\"a\"}\n",
    )?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");
    assert!(err.contains("5 messages wait in held/shop"), "{err}");
    assert!(err.contains("shop: 5 held, 5 delivered"), "{err}");
    assert!(err.contains("wholesale: 4 held, 1 delivered, 3 rejected"), "{err}");
    assert_eq!(delivered(&night)?.values().sum::<u32>(), 5);
    assert_eq!(counts(&night, "stage/drain/shop")?, [5, 5, 0, 0]);
    assert_eq!(counts(&night, "stage/drain/wholesale")?, [4, 1, 3, 0]);
    assert_eq!(taken(&night), ["wholesale w1"]);
    let (_, out, _) = night.verb(&["rejects"])?;
    for (code, key) in [("message-refused", "w2"), ("duplicate-message", "w1"), ("not-json", "sha256:")] {
        assert!(
            out.lines().any(|line| line.contains(&format!("\"code\":\"{code}\""))
                && line.contains(&format!("\"key\":\"{key}"))),
            "{code} {out}"
        );
    }
    // A second drain delivers nothing, but what came meanwhile.
    night.write("held/shop/new/7", "Message-ID: <7@mail.example>\n\nlate\n")?;
    let db =
        rusqlite::Connection::open(night.path("run/journal.sqlite")).map_err(|error| error.to_string())?;
    let again = "UPDATE stage SET state = 'undone' WHERE id LIKE 'stage/drain/%'";
    assert_eq!(db.execute(again, []), Ok(3));
    drop(db);
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("shop: 6 held, 6 delivered")), (0, true), "{err}");
    let all = delivered(&night)?;
    assert_eq!((all.len(), all.values().all(|times| *times == 1)), (6, true));
    assert_eq!(taken(&night), ["wholesale w1"]);
    // What was refused is tried again when somebody asks for it.
    night.write("take.sh", &TAKE.replace("exit 67", ":"))?;
    let (_, out, err) = night.verb(&["retry", "rejects"])?;
    assert!(out.starts_with("1 went over"), "{out}{err}");
    assert_eq!(taken(&night), ["wholesale w1", "wholesale w2"]);
    assert_eq!(counts(&night, "stage/drain/wholesale")?, [4, 2, 2, 0]);
    Ok(())
}

#[test]
fn a_message_that_was_lost_from_the_spool_is_told() -> Tested {
    let night = night()?;
    // It dies behind the hold; then somebody empties a part of the spool.
    let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
    let output =
        command.env("CUTOVER_DIE_AT", "message-intended").output().map_err(|error| error.to_string())?;
    assert_eq!(output.status.code(), None);
    fs::remove_file(night.path("held/shop/new/4")).map_err(|error| error.to_string())?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("shop: 5 held, 4 delivered, 1 rejected")), (0, true), "{err}");
    let (_, out, _) = night.verb(&["rejects"])?;
    assert!(out.contains("\"code\":\"message-gone\"") && out.contains("<4@mail.example>"), "{out}");
    Ok(())
}

#[test]
fn a_drain_that_dies_delivers_each_message_once() -> Tested {
    for point in ["held", "message-intended", "message-delivered"] {
        let night = Night::new(20, "\n[inbound.shop]\nspool = \"held/shop\"\ninto = \"run/mail\"\n")?;
        for at in 1..=5 {
            night.write(&format!("held/shop/new/{at}"), &format!("Message-ID: <{at}@x>\n\n{at}\n"))?;
        }
        night.people()?;
        let mut deaths = 0;
        for time in 1..40 {
            let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
            let at = format!("{point}:{}", if point == "held" { time } else { time % 2 + 1 });
            let output = command.env("CUTOVER_DIE_AT", at).output().map_err(|error| error.to_string())?;
            if output.status.code().is_some() {
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            deaths += 1;
        }
        assert!(deaths > 0, "nothing passes {point}");
        let all = delivered(&night)?;
        assert_eq!((all.len(), all.values().all(|times| *times == 1)), (5, true), "{point}");
        assert_eq!(counts(&night, "stage/drain/shop")?, [5, 5, 0, 0], "{point}");
        let left = fs::read_dir(night.path("run/mail/tmp")).map_err(|error| error.to_string())?.count();
        assert_eq!(left, 0, "{point}");
    }
    Ok(())
}

#[test]
fn a_program_that_may_have_taken_a_message_is_never_given_it_again() -> Tested {
    for (point, there) in [("message-intended", false), ("message-delivered", true)] {
        let night = night()?;
        // The first five go into the maildir; the sixth is the first for the program.
        let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
        let output = command
            .env("CUTOVER_DIE_AT", format!("{point}:6"))
            .output()
            .map_err(|error| error.to_string())?;
        assert_eq!(output.status.code(), None, "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(taken(&night).len(), usize::from(there));
        let (code, out, err) = night.verb(&["run"])?;
        assert_eq!(code, 5, "{out}{err}");
        assert!(err.contains("wholesale: 2 held, 1 delivered, 1 in doubt"), "{err}");
        let (code, out, _) = night.verb(&["rejects"])?;
        assert!(out.contains("\"code\":\"in-doubt\"") && out.contains("\"key\":\"w1\""), "{code} {out}");
        let settle = |more: &[&str]| {
            let mut args = vec!["settle", "w1", "--kind", "message", "--by", "tom", "--because", "looked"];
            args.extend(more);
            night.verb(&args)
        };
        let (code, _, err) = if there { settle(&["--there", "new/1"])? } else { settle(&["--not-there"])? };
        assert_eq!(code, 0, "{err}");
        let (code, out, err) = night.verb(&["run"])?;
        assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");
        let mut all = taken(&night);
        all.sort();
        assert_eq!(all, ["wholesale w1", "wholesale w2"], "{point}");
        assert_eq!(counts(&night, "stage/drain/wholesale")?, [2, 2, 0, 0]);
    }
    Ok(())
}

#[test]
fn a_program_that_is_busy_is_asked_again_later() -> Tested {
    let night = night()?;
    night.write("run/busy", "")?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("takes no messages now")), (75, true), "{err}");
    fs::remove_file(night.path("run/busy")).map_err(|error| error.to_string())?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    assert_eq!(taken(&night), ["wholesale w1", "wholesale w2"]);
    Ok(())
}

#[test]
fn customers_wait_since_their_first_message_came() -> Tested {
    let night = Night::new(
        20,
        "\n[inbound.shop]\nspool = \"held/shop.jsonl\"\ninto = \"run/mail\"\n\
         \n[inbound.wholesale]\nspool = \"held/none.jsonl\"\ninto = \"run/mail\"\n\
         \n[inbound.studio]\nspool = \"held/nobody.jsonl\"\ninto = \"run/mail\"\n",
    )?;
    let read = |name: &str| fs::read_to_string(night.path(name)).map_err(|error| error.to_string());
    let spec = read("pots.cutover")?.replace(
        "  undo everything before switch\n",
        "  trigger waiting   waiting_time more than 3 hours\n  undo everything before switch\n",
    );
    night.write("pots.cutover", &spec)?;
    let (code, _, err) = night.call(&["plan", "pots.cutover"])?;
    assert_eq!(code, 0, "{err}");
    night.write("held/shop.jsonl", "")?;
    night.write("held/none.jsonl", "")?;
    night.write("held/nobody.jsonl", "")?;
    night.people()?;
    // Nobody says that the mail was switched: the run waits while everything is held.
    let db =
        rusqlite::Connection::open(night.path("run/journal.sqlite")).map_err(|error| error.to_string())?;
    let not_yet = "DELETE FROM event WHERE what = 'did' AND subject LIKE 'stage/switch/%'";
    assert!(db.execute(not_yet, []).is_ok());
    drop(db);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("stage/switch/email")), (4, true), "{out}{err}");
    night.write("env.toml", &read("env.toml")?.replace("18:30:00Z", "20:00:00Z"))?;
    let waited = |expected: &str| -> Tested {
        let (_, out, err) = night.verb(&["watch"])?;
        let line = out.lines().find(|line| line.contains("trigger/waiting")).unwrap_or_default();
        assert!(line.contains(expected), "{expected}: {out}{err}");
        Ok(())
    };
    waited("0 s")?;
    night.write("held/shop.jsonl", "{\"id\":\"1\",\"at\":\"2027-01-16T18:45:00Z\"}\n")?;
    waited("1 h 15 min")?;
    Ok(())
}
