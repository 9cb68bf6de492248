//! What people do to a run while it goes on: leave a record behind, mend the spec, sign, take one wave back.

use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::Night;

#[test]
fn a_record_that_somebody_skips_is_counted_and_told() -> Tested {
    let night = Night::new(40, "")?;
    night.people()?;
    let skip = |id: &str, by: &str| night.verb(&["skip", id, "--by", by, "--because", "a test of our own"]);
    let (code, _, err) = skip("1000002", "nobody")?;
    assert_eq!((code, err.contains("nobody of the plan's team")), (2, true), "{err}");
    let (code, _, err) = skip("777", "ines")?;
    assert_eq!((code, err.contains("no record with the key `777`")), (2, true), "{err}");
    // Before the export, whoever says the kind is believed.
    let early = |by: &str| {
        night.verb(&[
            "skip",
            "1000001",
            "--kind",
            "conversation",
            "--by",
            by,
            "--because",
            "a test of our own",
        ])
    };
    let (code, out, err) = early("ines")?;
    assert_eq!((code, out.as_str()), (0, "conversation 1000001 stays behind\n"), "{err}");
    let (code, _, err) = early("tom")?;
    assert_eq!((code, err.contains("left behind already, skipped by ines")), (2, true), "{err}");
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    let filtered = |kind: &str, part: &str| {
        let sql = format!(
            "SELECT coalesce(sum(records), 0) FROM filtered WHERE kind = '{kind}' AND part = '{part}'"
        );
        night.ask("run/journal.sqlite", &sql)
    };
    assert_eq!(filtered("conversation", "skipped by ines")?, 1);
    assert_eq!(
        night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket WHERE mark = 'conversation:1000001'")?,
        0
    );
    // Users and organizations count from small numbers.
    let (code, _, err) = skip("1", "ines")?;
    assert_eq!((code, err.contains("several kinds have a record")), (2, true), "{err}");
    // What is in the new desk stays there.
    let (code, _, err) = skip("1000002", "ines")?;
    assert_eq!((code, err.contains("is in the new desk already, as ticket")), (2, true), "{err}");
    // A record that was rejected: decided, not an error any more.
    let rejected =
        "SELECT sum(rejected) FROM counts WHERE stage = 'stage/load/conversation' AND kind = 'conversation'";
    assert_eq!(night.ask("run/journal.sqlite", rejected)?, 1);
    let (code, _, err) = skip("9", "ruth")?;
    assert_eq!(code, 0, "{err}");
    assert_eq!(night.ask("run/journal.sqlite", rejected)?, 0);
    assert_eq!(filtered("conversation", "skipped by ruth")?, 1);
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    let (_, out, _) = night.verb(&["trace", "9"])?;
    assert!(out.contains("left out, skipped by ruth"), "{out}");
    let (_, out, _) = night.verb(&["report"])?;
    assert!(out.contains("| skipped by ines | 1 |") && out.contains("a test of our own"), "{out}");
    let (code, out, _) = night.verb(&["retry", "rejects"])?;
    assert_eq!((code, out.as_str()), (0, "0 went over, 0 are rejected again\n"));
    assert_eq!(night.verb(&["pause", "--by", "ines", "--because", "a break"])?.0, 0);
    let (code, _, err) = night.verb(&["retry", "rejects"])?;
    assert_eq!((code, err.contains("the run is paused by ines: a break")), (4, true), "{err}");
    assert_eq!(night.verb(&["resume", "--by", "ines", "--because", "back"])?.0, 0);
    assert_eq!(night.verb(&["verify"])?.0, 0);
    assert!(fs::metadata(night.path("run/desk.sqlite")).is_ok());
    Ok(())
}

/// What a program run in the project says: exit code, standard output, standard error.
type Said = Result<(i32, String, String), String>;

/// Writes another plan beside the first one, from a spec that was changed.
fn replan(night: &Night, from: &str, to: &str) -> Tested {
    let path = night.path("pots.cutover");
    let spec = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    assert!(spec.contains(from), "{from}");
    fs::write(&path, spec.replace(from, to)).map_err(|error| error.to_string())?;
    let (code, out, err) = night.call(&["plan", "pots.cutover", "-o", "corrected"])?;
    assert_eq!(code, 0, "{out}{err}");
    fs::write(&path, spec).map_err(|error| error.to_string())
}

#[test]
fn a_corrected_spec_takes_rejected_records_through() -> Tested {
    let night = Night::new(40, "")?;
    night.people()?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    let amend = |more: &[&str]| -> Said {
        let mut args = vec![
            "amend",
            ".",
            "corrected",
            "--env",
            "env.toml",
            "--by",
            "tom",
            "--because",
            "a mailbox nobody knew",
        ];
        args.extend(more);
        night.call(&args)
    };
    let shop = "\"Shop\" -> \"Shop\"; ";
    // What is there already would have another name: refused.
    replan(&night, "\"Customer without a name\"", "\"Somebody\"")?;
    let (code, out, err) = amend(&[])?;
    assert_eq!(
        (
            code,
            out.contains(
                "stage/load/customer has written would be written otherwise, among them customer 100"
            )
        ),
        (1, true),
        "{out}{err}"
    );
    // What was left out would go over, behind a stage that has passed it.
    let left = "  import   users                 where active\n  retire   users                 the rest  because \"they left the shop\"\n";
    replan(&night, left, "  import   users\n")?;
    let (code, out, _) = amend(&[])?;
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("1 records that stage/load/user has left out would go over"), "{out}");
    // A safeguard less, which somebody else has to agree to.
    replan(&night, "failed_imports more than 0.5%", "failed_imports more than 5%")?;
    let (code, out, _) = amend(&[])?;
    assert_eq!(
        (code, out.contains("a safeguard is weaker") && out.contains("`--second` ines or ruth")),
        (1, true),
        "{out}"
    );
    let (code, out, _) = amend(&["--second", "kofi"])?;
    assert_eq!((code, out.contains("`kofi` cannot agree to that")), (1, true), "{out}");
    let (code, out, _) = amend(&["--second", "ruth", "--dry-run"])?;
    assert_eq!((code, out.contains("nothing was changed")), (0, true), "{out}");
    // The mailbox that no line named.
    replan(&night, shop, "\"Shop\" -> \"Shop\"; \"Nowhere\" -> \"Shop\"; ")?;
    let (code, out, err) = amend(&[])?;
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("1 that were rejected would go over: `cutover retry rejects`"), "{out}");
    assert!(out.contains("the run goes on with plan ") && out.contains("Nowhere"), "{out}");
    // The run is the child's now.
    let (code, _, err) = night.verb(&["retry", "rejects"])?;
    assert_eq!((code, err.contains("the journal is of another plan")), (2, true), "{err}");
    let child = fs::read_to_string(night.path("corrected/plan.json")).map_err(|error| error.to_string())?;
    let parent = fs::read_to_string(night.path("plan/plan.json")).map_err(|error| error.to_string())?;
    let member = |text: &str, name: &str| -> String {
        let plan: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        plan.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    assert_eq!(member(&child, "parent"), member(&parent, "digest"));
    let (code, out, err) = night.call(&["retry", "rejects", "corrected", "--env", "env.toml"])?;
    assert_eq!((code, out.as_str()), (0, "1 went over, 0 are rejected again\n"), "{err}");
    assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket WHERE mark = 'conversation:9'")?, 1);
    let (code, out, _) = night.call(&["verify", "corrected", "--env", "env.toml"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    let (_, out, _) = night.call(&["report", "corrected", "--env", "env.toml"])?;
    assert!(out.contains("a mailbox nobody knew"), "{out}");
    Ok(())
}

#[test]
fn a_gate_whose_item_changed_is_asked_for_again() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    assert_eq!(night.verb(&["run"])?.0, 0);
    replan(&night, "sample 100 conversations", "sample 120 conversations")?;
    let args =
        ["amend", ".", "corrected", "--env", "env.toml", "--by", "tom", "--because", "a larger sample"];
    let (code, out, err) = night.call(&args)?;
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("stage/rehearse/rehearsal is asked for again"), "{out}");
    // The restore test comes before the rehearsal and names it: what was signed there is another thing now, too.
    assert!(out.contains("stage/restore_test/full is asked for again"), "{out}");
    fs::rename(night.path("plan"), night.path("before")).map_err(|error| error.to_string())?;
    fs::rename(night.path("corrected"), night.path("plan")).map_err(|error| error.to_string())?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("tom) has to sign `backup/full`")), (4, true), "{out}");
    // At night nobody waits for git: the journal carries what is signed.
    let sign =
        |item: &str, by: &str| night.call(&["sign", item, "--project", ".", "--by", by, "--env", "env.toml"]);
    let (code, _, err) = sign("backup/full", "kofi")?;
    assert_eq!((code, err.contains("`kofi` may not sign")), (2, true), "{err}");
    let (code, out, _) = sign("backup/full", "tom")?;
    assert_eq!((code, out.contains("signed by tom, in the journal")), (0, true), "{out}");
    assert!(sign("backup/full", "tom")?.1.contains("is signed already"));
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("stage/rehearse/rehearsal")), (4, true), "{out}");
    assert!(
        out.contains("`cutover rehearse . --env env.toml`"),
        "the words that it was done are about the smaller sample: {out}"
    );
    assert_eq!(night.verb(&["rehearse"])?.0, 1);
    let (_, out, _) = night.verb(&["run"])?;
    assert!(out.contains("kofi) has to sign `rehearsal`"), "{out}");
    assert_eq!(sign("rehearsal", "kofi")?.0, 0);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");
    // Afterwards git gets the same lines as it would have got by then.
    let (code, out, _) = night.call(&["signoffs", "export", ".", "--env", "env.toml"])?;
    assert_eq!((code, out.contains("2 written; commit them")), (0, true), "{out}");
    assert_eq!(
        night.call(&["signoffs", "export", ".", "--env", "env.toml"])?.1,
        "0 written; commit them, so that git knows who signed\n"
    );
    let exported =
        fs::read_to_string(night.path("signoffs/kofi.jsonl")).map_err(|error| error.to_string())?;
    // Both times: what was signed before the item changed, and what was signed after it.
    let both = exported.lines().filter(|line| line.contains("\"item\":\"rehearsal\"")).count();
    assert_eq!(both, 2, "{exported}");
    Ok(())
}
