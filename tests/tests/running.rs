//! A plan is run with the built program: a whole night there and back, deaths at every point and at drawn instants, a target that loses
//! answers, and what is refused.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use cutover_tests::Tested;
use cutover_tests::night::{Night, PLANTED};
use cutover_tests::program;
use cutover_tests::random::Random;

#[test]
fn a_night_there_and_back() -> Tested {
    let night = Night::new(300, "")?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 2, "a new journal asks for the account: {err}");
    assert!(err.contains("--account pots"), "{err}");
    let (code, _, err) = night.verb(&["run", "--account", "pans"])?;
    assert_eq!((code, err.contains("`pots`, and not to `pans`")), (2, true), "{err}");
    night.people()?;
    // What is in the new desk already is none of the migration's business.
    let db = rusqlite::Connection::open(night.path("run/desk.sqlite")).map_err(|error| error.to_string())?;
    db.execute("INSERT INTO user (name) VALUES ('There before')", []).map_err(|error| error.to_string())?;
    drop(db);
    let before = night.dump()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");

    every_record_is_accounted_for(&night)?;
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    let (_, out, _) = night.verb(&["status"])?;
    assert!(out.contains("55 of 55 stages are over"), "{out}");
    assert!(out.contains("stage/switch/email is over: what it did cannot be taken back"), "{out}");
    let (code, out, _) = night.verb(&["trace", "1000000"])?;
    assert_eq!(code, 0);
    assert!(out.contains("subject (pots.cutover:43): 150 characters, and is so in the new desk"), "{out}");
    assert!(!out.contains(PLANTED), "values are shown only when they are asked for");
    let (_, out, _) = night.verb(&["trace", "1000000", "--show-values"])?;
    assert!(out.contains(PLANTED), "{out}");
    let (code, out, _) = night.verb(&["rejects"])?;
    assert_eq!(code, 1);
    assert!(
        out.contains("\"code\":\"not-translated\"") && out.contains("\"spec\":\"pots.cutover:45\""),
        "{out}"
    );
    let (code, ..) = night.verb(&["report", "-o", "run/report.html"])?;
    assert_eq!(code, 0);
    no_text_of_records_outside(&night)?;

    let (code, _, err) = night.verb(&["rollback", "--by", "ines", "--because", "a try"])?;
    assert_eq!((code, err.contains("stage/switch/email")), (2, true), "the point of no return holds: {err}");
    let (code, out, _) = night.verb(&["rollback", "--dry-run"])?;
    assert_eq!((code, out.contains("225 ticket would be deleted")), (0, true), "{out}");
    let (code, out, err) =
        night.verb(&["rollback", "--past-no-return", "--by", "ines", "--because", "a try"])?;
    assert_eq!((code, out.contains("225 ticket deleted")), (0, true), "{out}{err}");
    assert_eq!(night.dump()?, before, "the desk is as it was, to the byte");
    // What was taken back can be done again, once somebody says so.
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!(
        (code, out.contains("everything was taken back; `cutover resume` begins it anew")),
        (4, true),
        "{out}"
    );
    // Meanwhile the old desk went on working: it is read again, and nobody's word from before counts.
    let path = night.path("export/conversations.jsonl");
    let lines = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let one = lines.lines().next().unwrap_or_default();
    fs::write(&path, lines.replacen(one, &format!("{one}\n{}", one.replacen("1000000", "7777777", 1)), 1))
        .map_err(|error| error.to_string())?;
    assert_eq!(night.verb(&["resume", "--by", "ines", "--because", "once more"])?.0, 0);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(
        (code, out.contains("Ines Prado (ines) has to sign `announce/customers` again")),
        (4, true),
        "{out}{err}"
    );
    assert!(out.contains("--env env.toml`)") && out.contains("stage/recreate/mailbox"), "{out}");
    night.people_again()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?, 226);
    let new = "SELECT count(*) FROM ticket WHERE mark = 'conversation:7777777'";
    assert_eq!(night.ask("run/desk.sqlite", new)?, 1, "what came meanwhile is there");
    Ok(())
}

/// Counted again by other means than the runner's: lines of the export, rows of the desk, rows of the journal.
fn every_record_is_accounted_for(night: &Night) -> Tested {
    for (kind, lines) in &night.exported {
        let of = format!("FROM counts WHERE stage LIKE 'stage/export/%' AND kind = '{kind}'");
        let read = night.ask("run/journal.sqlite", &format!("SELECT sum(read) {of}"))?;
        assert_eq!(read.unsigned_abs(), *lines, "{kind}: every line was read");
        let bad = night.ask("run/journal.sqlite", &format!("SELECT sum(rejected) {of}"))?;
        let loads = format!("FROM counts WHERE stage LIKE 'stage/load/%' AND kind = '{kind}'");
        let sum = "sum(written + rejected + filtered + uncertain)";
        let dealt = night.ask("run/journal.sqlite", &format!("SELECT {sum} {loads}"))?;
        assert_eq!(dealt + bad, read, "{kind}: every record is written, rejected, left out or uncertain");
        let done = format!("SELECT count(*) FROM record WHERE kind = '{kind}' AND state = 'done'");
        let written = night.ask("run/journal.sqlite", &format!("SELECT sum(written) {loads}"))?;
        assert_eq!(
            night.ask("run/journal.sqlite", &done)?,
            written,
            "{kind}: the journal knows each of them"
        );
        let table = match *kind {
            "conversation" => "ticket",
            "thread" => "comment",
            "customer" => "user",
            other => other,
        };
        let there = format!("SELECT count(*) FROM \"{table}\" WHERE mark LIKE '{kind}:%'");
        assert_eq!(night.ask("run/desk.sqlite", &there)?, written, "{kind}: so does the desk");
    }
    Ok(())
}

/// Journal, rejects and report are read by many.
fn no_text_of_records_outside(night: &Night) -> Tested {
    for name in ["run/journal.sqlite", "run/report.html"] {
        let bytes = fs::read(night.path(name)).map_err(|error| error.to_string())?;
        assert!(!String::from_utf8_lossy(&bytes).contains(PLANTED), "{name} holds text of a record");
    }
    let (_, out, _) = night.verb(&["rejects"])?;
    assert!(!out.contains(PLANTED));
    #[cfg(unix)]
    for name in ["run/journal.sqlite", "run/desk.sqlite", "run/copy/copy.sqlite", "run/report.html"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(night.path(name)).map_err(|error| error.to_string())?.permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is its owner's alone");
    }
    Ok(())
}

/// The desk after a run that nobody disturbed.
fn undisturbed(conversations: u64) -> Result<(String, Duration), String> {
    let night = Night::new(conversations, "")?;
    night.people()?;
    let began = Instant::now();
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    Ok((night.dump()?, began.elapsed()))
}

#[test]
fn a_run_that_dies_at_any_point_goes_on_and_comes_to_the_same_end() -> Tested {
    let (expected, _) = undisturbed(24)?;
    let points = [
        "export-read",
        "export-kept",
        "batch-begun",
        "written",
        "answers-noted",
        "batch-kept",
        "stage-ending",
    ];
    for point in points {
        let night = Night::new(24, "")?;
        night.people()?;
        let mut deaths = 0;
        // It dies at this point the first time it gets there, and the second, until it gets through.
        for time in 1..100 {
            let at = format!("{point}:{}", time % 3 + 1);
            let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
            let output = command.env("CUTOVER_DIE_AT", &at).output().map_err(|error| error.to_string())?;
            if output.status.code().is_some() {
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            deaths += 1;
        }
        assert!(deaths > 0, "nothing passes {point}");
        assert_eq!(night.dump()?, expected, "{point}");
        every_record_is_accounted_for(&night)?;
    }
    Ok(())
}

/// The way back dies at any of its steps, and goes on: journal and desk in one transaction, and apart.
#[test]
fn a_rollback_that_dies_goes_on_and_leaves_what_was_there() -> Tested {
    for target in ["", "apart = true\n"] {
        let night = Night::new(24, target)?;
        night.people()?;
        let before = night.dump()?;
        let (code, _, err) = night.verb(&["run"])?;
        assert_eq!(code, 0, "{err}");
        let mut deaths = 0;
        for time in 1..200 {
            let args = [
                "rollback",
                "--past-no-return",
                ".",
                "--env",
                "env.toml",
                "--by",
                "ines",
                "--because",
                "a try",
            ];
            let output = night
                .command(&args)?
                .env("CUTOVER_DIE_AT", format!("undone:{}", time % 3 + 1))
                .output()
                .map_err(|error| error.to_string())?;
            if output.status.code().is_some() {
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            deaths += 1;
            // Half of it is gone: nothing goes forward, and nobody lets it, before the way back is over.
            let (code, out, err) = night.verb(&["run"])?;
            assert_eq!((code, out.contains("the way back was cut off")), (4, true), "{out}{err}");
            assert_eq!(night.verb(&["resume", "--by", "ines", "--because", "on"])?.0, 2);
        }
        assert!(deaths > 0, "nothing passes the point");
        assert_eq!(night.dump()?, before, "{target}");
        let left = "SELECT count(*) FROM record WHERE state = 'done'";
        assert_eq!(night.ask("run/journal.sqlite", left)?, 0, "{target}");
        // What died on its way back can be done again.
        night.people_again()?;
        let (code, _, err) = night.verb(&["run"])?;
        assert_eq!(code, 0, "{err}");
        every_record_is_accounted_for(&night)?;
    }
    Ok(())
}

#[test]
fn a_run_that_is_killed_at_drawn_instants_loses_nothing() -> Tested {
    let (expected, long) = undisturbed(400)?;
    killed(&small(""), kills(25, 1), long, &|night| {
        assert_eq!(night.dump()?, expected);
        every_record_is_accounted_for(night)
    })
}

#[test]
fn a_run_that_is_killed_over_a_troubled_target_writes_each_record_once() -> Tested {
    let trouble = "apart = true\n[target.trouble]\nseed = 11\nlose_answer = 8\nlose_call = 8\ntoo_many = 8\nfail = 8\nslow = 4\n";
    let (expected, long) = undisturbed(400)?;
    let records = |dump: &str| {
        // Ids of the desk follow the order in which calls came through: what stands there is told by its mark.
        let marks = dump.lines().map(|line| line.split('|').take(2).collect::<Vec<_>>().join("|"));
        marks.collect::<Vec<_>>()
    };
    killed(&small(trouble), kills(10, 1), long, &|night| {
        assert_eq!(records(&night.dump()?), records(&expected));
        every_record_is_accounted_for(night)?;
        assert_eq!(night.verb(&["verify"])?.0, 0);
        Ok(())
    })
}

/// How many kills: so many, or of what `KILLS` says one in so many.
fn kills(usually: u32, one_in: u32) -> u32 {
    let said = std::env::var("KILLS").ok().and_then(|kills| kills.parse::<u32>().ok());
    said.map_or(usually, |said| said.div_ceil(one_in))
}

/// Kills runs at drawn instants (`SEED` draws others), until there were so many; what is over is looked at, and begun again.
fn killed(
    begun: &dyn Fn() -> Result<Night, String>,
    kills: u32,
    long: Duration,
    look: &dyn Fn(&Night) -> Tested,
) -> Tested {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_270_116);
    let mut random = Random::new(seed);
    let program = program::path()?;
    let mut night = begun()?;
    let mut killed = 0;
    while killed < kills {
        let began = Instant::now();
        let mut child = std::process::Command::new(program)
            .args(["run", ".", "--env", "env.toml"])
            .current_dir(night.folder())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let most = usize::try_from(long.as_micros()).unwrap_or(usize::MAX).max(1);
        let wait = Duration::from_micros(random.below(most) as u64);
        std::thread::sleep(wait.saturating_sub(began.elapsed()));
        child.kill().map_err(|error| error.to_string())?;
        let status = child.wait().map_err(|error| error.to_string())?;
        killed += 1;
        // It came to its end before it was killed, or to a decision of people.
        if status.code().is_some() && ended(&night)? {
            look(&night).map_err(|error| format!("after {killed} kills, SEED={seed}: {error}"))?;
            night = begun()?;
        }
    }
    assert!(ended(&night)?, "SEED={seed}");
    look(&night)
}

/// Runs a night to its end; whether it got there.
fn ended(night: &Night) -> Result<bool, String> {
    let (code, out, err) = acme_to_its_end(night)?;
    let over = code == 0 || code == 4 && out.contains("  stage/lessons: ");
    if over { Ok(true) } else { Err(format!("{code}: {out}{err}")) }
}

/// A small night over such a target.
fn small(target: &str) -> impl Fn() -> Result<Night, String> {
    move || {
        let night = Night::new(400, target)?;
        night.people()?;
        Ok(night)
    }
}

/// The large example has what the small one has not: waves, links that are set later, a delta, people that become one, placeholders, records that stand
/// in others, triggers that fire.
#[test]
fn the_large_example_that_is_killed_at_drawn_instants_loses_nothing() -> Tested {
    let night = acme("1")?;
    let began = Instant::now();
    let (_, out, err) = acme_to_its_end(&night)?;
    assert!(out.contains("  stage/lessons: "), "{out}{err}");
    let (expected, long) = (night.dump()?, began.elapsed());
    killed(&|| acme("1"), kills(4, 5), long, &|night| {
        assert_eq!(night.dump()?, expected);
        let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
        assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
        Ok(())
    })
}

#[test]
fn a_target_that_loses_answers_gets_each_record_once() -> Tested {
    for seed in 1..4 {
        let trouble = format!(
            "apart = true\n[target.trouble]\nseed = {seed}\nlose_answer = 15\nlose_call = 15\ntoo_many = 20\n"
        );
        let night = Night::new(60, &trouble)?;
        night.people()?;
        let points = ["intents-kept", "written", "answers-noted", "batch-kept"];
        for (at, point) in points.iter().cycle().take(12).enumerate() {
            let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
            let at = format!("{point}:{}", at / 4 + 1);
            let output = command.env("CUTOVER_DIE_AT", at).output().map_err(|error| error.to_string())?;
            if output.status.code().is_some() {
                break;
            }
        }
        let (code, _, err) = night.verb(&["run"])?;
        assert_eq!(code, 0, "seed {seed}: {err}");
        every_record_is_accounted_for(&night)?;
        let twice = "SELECT count(*) FROM (SELECT mark FROM ticket GROUP BY mark HAVING count(*) > 1)";
        assert_eq!(night.ask("run/desk.sqlite", twice)?, 0);
        assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?, 45, "seed {seed}");
        let (code, out, _) = night.verb(&["verify"])?;
        assert_eq!(code, 0, "{out}");
    }
    Ok(())
}

#[test]
fn people_stop_waive_and_remark() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    let (code, _, err) = night.verb(&["pause", "--by", "nobody", "--because", "x"])?;
    assert_eq!((code, err.contains("nobody of the plan's team")), (2, true), "{err}");
    assert_eq!(night.verb(&["pause", "--by", "ines", "--because", "the phones are down"])?.0, 0);
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.as_str()), (4, "ines paused the run: the phones are down\n"));
    assert_eq!(night.verb(&["resume", "--by", "ines", "--because", "they work again"])?.0, 0);
    assert_eq!(night.verb(&["note", "a remark | with a bar", "--by", "kofi"])?.0, 0);
    let (code, _, err) = night.verb(&["waive", "check/macros", "--by", "kofi", "--because", "x"])?;
    assert_eq!((code, err.contains("its owner is ruth")), (2, true), "{err}");
    let (code, _, err) = night.verb(&["did", "stage/hold/shop", "--by", "kofi"])?;
    assert_eq!((code, err.contains("its owner is tom")), (2, true), "{err}");
    assert_eq!(night.verb(&["run"])?.0, 0);
    let (_, out, _) = night.verb(&["report"])?;
    assert!(out.contains("the phones are down") && out.contains("a remark \\| with a bar"), "{out}");
    Ok(())
}

#[test]
fn a_trigger_stops_the_load_and_people_decide() -> Tested {
    let night = Night::new(300, "")?;
    let path = night.path("export/conversations.jsonl");
    let mut lines = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let bad = lines.lines().find(|line| line.contains("Nowhere")).unwrap_or_default().to_owned();
    for at in 0..5 {
        lines.insert_str(0, &format!("{}\n", bad.replace("\"id\":9,", &format!("\"id\":{},", 20 + at))));
    }
    fs::write(&path, lines).map_err(|error| error.to_string())?;
    night.people()?;
    let before = night.dump()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 4, "{out}{err}");
    let said = "trigger/failures paused the run: 6 of the last 231 records of conversation failed in stage/load/conversation; \
                ines, ruth decide: resume, or roll back\n";
    assert_eq!(out, said);
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.as_str()), (4, said), "it stays paused until somebody decides");
    let (code, out, err) = night.verb(&["rollback", "--by", "ines", "--because", "a try"])?;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(night.dump()?, before, "the desk is as it was, to the byte");
    night.people_again()?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.as_str()), (4, said), "the second load is watched like the first");
    assert_eq!(night.verb(&["resume", "--by", "ruth", "--because", "known dirt"])?.0, 0);
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    Ok(())
}

#[test]
fn what_was_rejected_is_tried_again() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    // Whoever mended the copy of the record: a mailbox that the plan translates.
    let db =
        rusqlite::Connection::open(night.path("run/copy/copy.sqlite")).map_err(|error| error.to_string())?;
    let mend =
        "UPDATE \"records of conversation\" SET text = replace(text, 'Nowhere', 'Shop') WHERE key = '9'";
    assert_eq!(db.execute(mend, []), Ok(1));
    drop(db);
    // The new desk speaks by now; nobody gets a message about a ticket of long ago. A retry that dies in its silence leaves that to the next.
    let sent = || night.ask("run/desk.sqlite", "SELECT value FROM desk WHERE name = 'outbound'");
    let quiet = || night.ask("run/desk.sqlite", "SELECT value FROM desk WHERE name = 'quiet'");
    assert_eq!((sent()?, quiet()?), (0, 0));
    let mut command = night.command(&["retry", "rejects", ".", "--env", "env.toml"])?;
    let output = command.env("CUTOVER_DIE_AT", "silenced").output().map_err(|error| error.to_string())?;
    assert_eq!((output.status.code(), quiet()?), (None, 1));
    let (code, out, _) = night.verb(&["retry", "rejects"])?;
    assert_eq!((code, out.as_str()), (0, "1 went over, 0 are rejected again\n"));
    assert_eq!((sent()?, quiet()?), (0, 0));
    every_record_is_accounted_for(&night)?;
    assert_eq!(night.verb(&["verify"])?.0, 0);
    Ok(())
}

#[test]
fn what_does_not_belong_together_is_refused() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    // Another program that runs holds the journal.
    let lock = fs::File::options().write(true).open(night.path("run/journal.sqlite.lock"));
    let lock = lock.map_err(|error| error.to_string())?;
    lock.try_lock().map_err(|error| error.to_string())?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("another program runs this plan")), (75, true), "{err}");
    assert_eq!(night.verb(&["status"])?.0, 0, "to look on is allowed");
    drop(lock);
    // The journal of another plan.
    let db =
        rusqlite::Connection::open(night.path("run/journal.sqlite")).map_err(|error| error.to_string())?;
    assert_eq!(db.execute("UPDATE run SET value = 'f00' WHERE name = 'plan'", []), Ok(1));
    drop(db);
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("the journal is of another plan")), (2, true), "{err}");
    // A connector that can do less than the plan relies on.
    let weak = "apart = true\n[target.trouble]\nno_lookup = true\n";
    let night = Night::new(20, weak)?;
    let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
    assert_eq!((code, err.contains("cannot do what the plan needs")), (2, true), "{err}");
    Ok(())
}

/// The large example with so many percent of its export, and everybody's signatures.
fn acme(percent: &str) -> Result<Night, String> {
    let night = Night::acme(percent)?;
    night.everybody("acme")?;
    Ok(night)
}

/// Runs it until nobody but people is waited for. What its inventory declares is dealt with by its spec: no trigger fires.
fn acme_to_its_end(night: &Night) -> Result<(i32, String, String), String> {
    night.verb(&["run"])
}
