//! What comes before the night: a rehearsal with a sample, there and back, and a look at everything the minute before.

use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::{Night, PLANTED};

#[test]
fn a_rehearsal_goes_there_and_back_and_is_evidence() -> Tested {
    let night = Night::new(300, "")?;
    let (code, out, err) = night.verb(&["rehearse"])?;
    assert_eq!(code, 1, "a record of the sample is rejected: {out}{err}");
    for said in [
        "account pots-trial at ",
        "of the fields are among them",
        "all equal",
        "the desk sent nothing meanwhile",
        "afterwards the desk holds what it held before",
        "rejected in stage/load/conversation: 1 conversation: not-translated",
        "for people to try: automations",
        "the rehearsal passed; what is listed above",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    // The one conversation in a mailbox that nobody translated is the rarest of all: it is always in the sample.
    assert!(out.contains("100 conversation: "), "{out}");
    assert!(!night.path("run/journal.sqlite").exists(), "a rehearsal is no run");
    assert!(!night.path("run/desk.sqlite").exists(), "the new desk is not touched");
    let again = night.verb(&["rehearse"])?.1;
    assert_eq!(again, out, "the same seed draws the same");
    let other = night.verb(&["rehearse", "--seed", "2"])?.1;
    assert_ne!(other, out);
    let kept = night.path("run/journal.rehearsal/result.md");
    let text = fs::read_to_string(&kept).map_err(|error| error.to_string())?;
    assert!(
        text.contains("- afterwards the desk holds what it held before") && !text.contains(PLANTED),
        "{text}"
    );

    // The gate asks for a rehearsal, and then for the signature.
    assert_eq!(night.verb(&["run", "--account", "pots"])?.0, 4);
    for by in ["ines", "tom", "ruth", "kofi"] {
        for stage in ["stage/recreate/*", "stage/retire/*", "stage/inventory/*", "stage/restore_test/*"] {
            night.verb(&["did", stage, "--by", by])?;
        }
    }
    night.call(&["sign", "backup/full", "--project", ".", "--by", "tom"])?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("kofi) has to sign `rehearsal`")), (4, true), "{out}");
    fs::remove_dir_all(night.path("run/journal.rehearsal")).map_err(|error| error.to_string())?;
    let (_, out, _) = night.verb(&["run"])?;
    assert!(
        out.contains("`cutover rehearse . --env env.toml`, or `cutover did stage/rehearse/rehearsal"),
        "{out}"
    );
    // Now the run has a copy of its own, and the sample is drawn from that.
    let (code, out, err) = night.verb(&["rehearse"])?;
    assert_eq!(
        (code, out.contains("stage/export"), err.contains("stage/export")),
        (1, false, false),
        "{out}{err}"
    );
    night.call(&["sign", "rehearsal", "--project", ".", "--by", "kofi"])?;
    night.verb(&["run"])?;
    let note = "SELECT count(*) FROM stage WHERE id = 'stage/rehearse/rehearsal' AND state = 'done' AND note LIKE '%passed: seed 1,%all equal%'";
    assert_eq!(night.ask("run/journal.sqlite", note)?, 1, "what was found stands with the stage");
    Ok(())
}

#[test]
fn a_rehearsal_that_was_cut_off_is_taken_back_by_the_next() -> Tested {
    let night = Night::new(120, "")?;
    night.write(
        "env.toml",
        &(fs::read_to_string(night.path("env.toml")).map_err(|error| error.to_string())?
            + "\n[sandbox]\nconnector = \"sqlite\"\nat = \"sandbox.sqlite\"\napart = true\n"),
    )?;
    let mut command = night.command(&["rehearse", ".", "--env", "env.toml"])?;
    let output = command.env("CUTOVER_DIE_AT", "batch-kept:4").output().map_err(|error| error.to_string())?;
    assert_eq!(output.status.code(), None, "it died");
    let there = "SELECT (SELECT count(*) FROM user) + (SELECT count(*) FROM organization) + (SELECT count(*) FROM tag)";
    assert!(night.ask("sandbox.sqlite", there)? > 0);
    let (code, out, err) = night.verb(&["rehearse"])?;
    assert_eq!((code, out.contains("holds what it held before")), (1, true), "{out}{err}");
    assert_eq!(night.ask("sandbox.sqlite", there)?, 0);
    // A sandbox that is the new desk itself.
    let text = fs::read_to_string(night.path("env.toml")).map_err(|error| error.to_string())?;
    night.write("env.toml", &text.replace("\"sandbox.sqlite\"", "\"run/desk.sqlite\""))?;
    let (code, _, err) = night.verb(&["rehearse"])?;
    assert_eq!(
        (code, err.contains("`[target]` and `[sandbox]` of the environment are one place")),
        (2, true),
        "{err}"
    );
    Ok(())
}

#[test]
fn a_look_beforehand_tells_what_is_right_what_is_not_and_what_nobody_saw() -> Tested {
    let night = Night::new(20, "rates = true")?;
    let (code, out, err) = night.verb(&["preflight"])?;
    assert_eq!(code, 1, "whether the rules are still these, only people see: {out}{err}");
    for said in [
        "pass           account: `pots` answers at run/desk.sqlite",
        "pass           source: 8 kinds can be read at export",
        "pass           journal: there is none yet",
        "pass           disk: ",
        "pass           triggers_off: the desk counts what it sends, 0 so far",
        "pass           rates: the embedded desk keeps 200 calls in 60 s",
        "pass           credentials: 2 are valid beyond the window",
        "not checkable  rules: ",
        "33 days ago; a connector reads records and no rules, so look at the old desk; that is long",
        "0 fail, 1 are for people to look at",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    assert!(!night.path("run").exists(), "nothing is made by looking");
    // A fortnight earlier the inventory is young.
    let text = fs::read_to_string(night.path("env.toml")).map_err(|error| error.to_string())?;
    night.write("env.toml", &text.replace("2027-01-16T18:30:00Z", "2026-12-28T12:00:00Z"))?;
    let (code, out, _) = night.verb(&["preflight"])?;
    assert_eq!((code, out.contains("that is long")), (1, false), "{out}");
    assert!(out.contains("the window opens in 19 days 6 h"), "{out}");
    // An inventory that is another one, an export that is not there, credentials that end too soon.
    night.write(
        "env.toml",
        &text.replace("\"export\"", "\"elsewhere\"").replace("2027-01-16", "2028-01-16"),
    )?;
    let inventory = night.path("inventory/source.yaml");
    let other = fs::read_to_string(&inventory).map_err(|error| error.to_string())? + "\n# another\n";
    fs::write(&inventory, other).map_err(|error| error.to_string())?;
    let (code, out, _) = night.verb(&["preflight"])?;
    assert_eq!(code, 5);
    for said in [
        "fail           source: ",
        "fail           rules: inventory/source.yaml is not the inventory",
        "fail           credentials: HELPSCOUT_TOKEN of the source ends on 2027-12-31; ZENDESK_TOKEN of the target ends on 2027-04-30",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    // The stage of the plan looks at the same things.
    let night = Night::new(20, "")?;
    night.people()?;
    assert_eq!(night.verb(&["run"])?.0, 0);
    let note = "SELECT count(*) FROM stage WHERE id = 'stage/preflight' AND note LIKE '%disk pass: %rules not checkable: %'";
    assert_eq!(night.ask("run/journal.sqlite", note)?, 1);
    Ok(())
}
