//! Each point at which a run can be made to die is one at which a test lets it die: cleaning, backup, amendment, retry and placeholders among
//! them.

use std::fs;

use cutover_tests::night::Night;
use cutover_tests::workspace::root;
use cutover_tests::{Tested, text};

/// The points, as the program lists them.
fn points() -> Result<Vec<String>, String> {
    let source = fs::read_to_string(root().join("crates/runner/src/context.rs")).map_err(text)?;
    let list = source.split_once("pub const POINTS").and_then(|(_, rest)| rest.split_once("= ["));
    let list = list.and_then(|(_, rest)| rest.split_once("];")).map_or("", |(list, _)| list);
    Ok(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

#[test]
fn each_point_is_one_at_which_a_test_lets_a_run_die() -> Tested {
    let all = points()?;
    assert!(all.len() > 12, "{all:?}");
    let mut tests = String::new();
    for entry in fs::read_dir(root().join("tests/tests")).map_err(text)? {
        let path = entry.map_err(text)?.path();
        let source = fs::read_to_string(&path).unwrap_or_default();
        if source.contains("CUTOVER_DIE_AT") {
            tests.push_str(&source);
        }
    }
    let forgotten: Vec<&String> = all
        .iter()
        .filter(|point| !tests.contains(&format!("\"{point}")) && !tests.contains(&format!("{point}:")))
        .collect();
    assert!(forgotten.is_empty(), "nothing dies at {forgotten:?}");
    Ok(())
}

/// Calls a verb that dies at a point; whether it did.
fn dies(night: &Night, verb: &[&str], at: &str) -> Result<bool, String> {
    let mut args = verb.to_vec();
    args.extend(["--env", "env.toml"]);
    let output = night.command(&args)?.env("CUTOVER_DIE_AT", at).output().map_err(text)?;
    Ok(output.status.code().is_none())
}

#[test]
fn backup_and_cleaning_that_die_are_done_again() -> Tested {
    let whole = Night::acme("1")?;
    whole.everybody("acme")?;
    let (_, out, err) = whole.verb(&["run"])?;
    assert!(out.contains("  stage/lessons: "), "{out}{err}");
    let expected = whole.dump()?;
    let night = Night::acme("1")?;
    // The first run of `everybody` ends where people are waited for; the backup is behind that.
    night.everybody("acme")?;
    let mut died = [0, 0];
    for round in 0..6 {
        for (died, point) in died.iter_mut().zip(["backed-up", "cleaned"]) {
            *died += u32::from(dies(&night, &["run", "."], &format!("{point}:{}", round % 2 + 1))?);
        }
    }
    assert!(died.iter().all(|died| *died > 0), "{died:?}");
    let (_, out, err) = night.verb(&["run"])?;
    assert!(out.contains("  stage/lessons: "), "{out}{err}");
    assert_eq!(night.dump()?, expected);
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    // Each placeholder was made once, though the runs that made them died.
    let twice = "SELECT count(*) FROM (SELECT name FROM user WHERE mark LIKE 'placeholder:%' GROUP BY name HAVING count(*) > 1)";
    assert_eq!(night.ask("run/desk.sqlite", twice)?, 0);
    Ok(())
}

#[test]
fn an_amendment_and_a_retry_that_die_are_done_again() -> Tested {
    let night = Night::new(40, "")?;
    night.people()?;
    assert_eq!(night.verb(&["run"])?.0, 0);
    let spec = fs::read_to_string(night.path("pots.cutover")).map_err(text)?;
    let mended = spec.replace("\"Shop\" -> \"Shop\"; ", "\"Shop\" -> \"Shop\"; \"Nowhere\" -> \"Shop\"; ");
    night.write("pots.cutover", &mended)?;
    assert_eq!(night.call(&["plan", "pots.cutover", "-o", "corrected"])?.0, 0);
    let amend = ["amend", ".", "corrected", "--by", "tom", "--because", "a mailbox nobody knew"];
    assert!(dies(&night, &amend, "amended")?);
    // The run is still the first plan's; the same command amends it.
    assert_eq!(night.verb(&["status"])?.0, 0);
    let mut args = amend.to_vec();
    args.extend(["--env", "env.toml"]);
    let (code, out, err) = night.call(&args)?;
    assert_eq!(code, 0, "{out}{err}");
    let retry = ["retry", "rejects", "corrected"];
    let rejected =
        "SELECT sum(rejected) FROM counts WHERE stage = 'stage/load/conversation' AND kind = 'conversation'";
    assert_eq!(night.ask("run/journal.sqlite", rejected)?, 1);
    for point in ["taken-out", "batch-begun", "written", "answers-noted"] {
        assert!(dies(&night, &retry, point)?, "{point}");
    }
    let (code, out, err) = night.call(&["retry", "rejects", "corrected", "--env", "env.toml"])?;
    assert_eq!((code, out.as_str()), (0, "1 went over, 0 are rejected again\n"), "{err}");
    assert_eq!(night.ask("run/journal.sqlite", rejected)?, 0);
    assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket WHERE mark = 'conversation:9'")?, 1);
    let all =
        "SELECT sum(read) FROM counts WHERE stage = 'stage/load/conversation' AND kind = 'conversation'";
    assert_eq!(night.ask("run/journal.sqlite", all)?, 41, "nothing fell out of the counts");
    Ok(())
}
