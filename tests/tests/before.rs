//! What is told before anything is written: names that nothing has, variables that are not set, secrets on an open line, a run that began elsewhere, records
//! of an earlier one. And what goes on being told: the page of each verb, a trigger that fired, a person who is there in other letters.

use std::fs;

use cutover_tests::night::Night;
use cutover_tests::{Tested, text};

/// The small example with other lines of its environment.
fn with(night: &Night, change: impl Fn(String) -> String) -> Tested {
    let there = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write("env.toml", &change(there))
}

#[test]
fn secrets_are_looked_at_before_there_is_a_journal() -> Tested {
    for (lines, told) in [
        ("[secrets]\nFOO = \"BAR\"\n", "`[secrets]` of the environment names `FOO`"),
        ("[secrets]\nZENDESK_TOKN = \"BAR\"\n", "did you mean `ZENDESK_TOKEN`?"),
        (
            "[notify]\nwebhook = \"https://chat.example/hook\"\ntoken = \"CUTOVER_TEST_NOWHERE\"\n",
            "`CUTOVER_TEST_NOWHERE` is not set",
        ),
        ("[notify]\nwebhook_from = \"CUTOVER_TEST_NOWHERE\"\n", "`CUTOVER_TEST_NOWHERE` is not set"),
        (
            "[notify]\nwebhook = \"http://chat.example/hook\"\ntoken = \"PATH\"\n",
            "plain HTTP to chat.example",
        ),
    ] {
        let night = Night::new(6, "")?;
        with(&night, |env| format!("{env}\n{lines}"))?;
        let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
        let err = err.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        assert_eq!((code, err.contains(told)), (2, true), "{lines}: {err}");
        assert!(!night.path("run").exists(), "{lines}: nothing was written");
    }
    // The way may be protected otherwise, and this machine is no way at all.
    for lines in [
        "[notify]\nwebhook = \"http://chat.example/hook\"\ntoken = \"PATH\"\nplain_http = true\n",
        "[notify]\nwebhook = \"http://127.0.0.1:9/hook\"\ntoken = \"PATH\"\n",
    ] {
        let night = Night::new(6, "")?;
        with(&night, |env| format!("{env}\n{lines}"))?;
        let (code, _, err) = night.verb(&["status"])?;
        assert_eq!((code, err.contains("there is no journal")), (2, true), "{err}");
        let (code, _, err) = night.verb(&["run", "--account", "pans"])?;
        assert_eq!((code, err.contains("and not to `pans`")), (2, true), "{err}");
    }
    Ok(())
}

#[test]
fn a_live_desk_is_not_sent_its_token_on_an_open_line() -> Tested {
    let night = Night::new(6, "")?;
    with(&night, |env| {
        env.replace(
            "connector = \"files\"\nat = \"export\"",
            "connector = \"rt\"\nat = \"http://rt.example.org\"\ntoken = \"PATH\"",
        )
    })?;
    let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
    assert_eq!((code, err.contains("plain HTTP")), (2, true), "{err}");
    Ok(())
}

#[test]
fn a_run_that_began_elsewhere_is_told_before_another_one_begins() -> Tested {
    let night = Night::new(6, "")?;
    with(&night, |env| format!("ship = \"second/journal.sqlite\"\n{env}"))?;
    night.people()?;
    with(&night, |env| env.replace("run/journal.sqlite", "other/journal.sqlite"))?;
    let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
    let err = err.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
    assert_eq!((code, err.contains("this run began already, with ")), (2, true), "{err}");
    assert!(err.contains("`cutover takeover` with `--by` and `--because`"), "{err}");
    assert!(!night.path("other/journal.sqlite").exists(), "no journal stands in the way of the takeover");
    let (code, out, err) = night.verb(&["takeover", "--by", "tom", "--because", "it is gone"])?;
    assert_eq!(code, 0, "{out}{err}");
    // What people said since the last batch was shipped is said again.
    let (code, _, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 4), "{code}: {err}");
    Ok(())
}

#[test]
fn records_of_an_earlier_run_are_not_taken_for_this_ones() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    assert_eq!(night.verb(&["run"])?.0, 0);
    let there = night.dump()?;
    with(&night, |env| {
        env.replace("run/journal.sqlite", "other/journal.sqlite").replace("run/copy", "other/copy")
    })?;
    let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
    assert_eq!(code, 4, "{err}");
    night.said("other/journal.sqlite", "stage/*")?;
    let (code, _, err) = night.verb(&["run"])?;
    let err = err.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
    assert_eq!((code, err.contains("an earlier run brought it")), (2, true), "{err}");
    assert!(err.contains("name the journal of that run"), "{err}");
    assert_eq!(night.dump()?, there, "nothing was written");
    Ok(())
}

#[test]
fn each_verb_that_changes_the_run_writes_the_page() -> Tested {
    let night = Night::new(20, "")?;
    with(&night, |env| format!("page = \"run/status.html\"\n{env}"))?;
    night.people()?;
    let page = || fs::read_to_string(night.path("run/status.html")).map_err(text);
    assert_eq!(night.verb(&["pause", "--by", "ines", "--because", "the phones are down"])?.0, 0);
    assert!(page()?.contains("Paused"), "{}", page()?);
    assert_eq!(night.verb(&["resume", "--by", "ines", "--because", "they work again"])?.0, 0);
    assert!(!page()?.contains("Paused"));
    assert_eq!(night.verb(&["run"])?.0, 0);
    assert!(page()?.contains("Complete"));
    for (verb, told) in [
        (vec!["watch"], ""),
        (vec!["rollback", "--past-no-return", "--by", "ines", "--because", "a try"], "Paused"),
    ] {
        fs::remove_file(night.path("run/status.html")).map_err(text)?;
        let (code, out, err) = night.verb(&verb)?;
        assert!(matches!(code, 0 | 1), "{verb:?}: {code} {out}{err}");
        assert!(page()?.contains(told), "{verb:?}: {}", page()?);
    }
    assert!(!page()?.contains("Complete"), "a run that was taken back is not complete");
    Ok(())
}

/// A trigger that somebody decided about stays quiet until its value is worse.
#[test]
fn a_trigger_stays_quiet_until_it_is_worse() -> Tested {
    let night = Night::new(300, "")?;
    let path = night.path("export/conversations.jsonl");
    let lines = fs::read_to_string(&path).map_err(text)?;
    let bad = lines.lines().find(|line| line.contains("Nowhere")).unwrap_or_default().to_owned();
    let mut all: Vec<String> = Vec::new();
    for at in 0..5 {
        all.push(bad.replace("\"id\":9,", &format!("\"id\":{},", 20 + at)));
    }
    all.extend(lines.lines().map(str::to_owned));
    night.write("export/conversations.jsonl", &(all.join("\n") + "\n"))?;
    night.people()?;
    let fired = "SELECT count(*) FROM event WHERE what = 'pause' AND who = 'trigger/failures'";
    assert_eq!(night.verb(&["run"])?.0, 4);
    assert_eq!(night.ask("run/journal.sqlite", fired)?, 1);
    assert_eq!(night.verb(&["resume", "--by", "ines", "--because", "known dirt"])?.0, 0);
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!(code, 0, "as many failures are no news: {out}");
    assert_eq!(night.ask("run/journal.sqlite", fired)?, 1);
    Ok(())
}

/// Two people of the export whose addresses differ by their letters alone are one for the new desk, which refuses the second.
#[test]
fn a_person_in_other_letters_is_refused_by_the_desk() -> Tested {
    let night = Night::new(20, "")?;
    let path = night.path("export/customers.jsonl");
    let mut lines = fs::read_to_string(&path).map_err(text)?;
    lines.push_str(
        "{\"id\":19999,\"email\":\"C1@Mail.Example\",\"name\":\"Other letters\",\"organization\":1}\n",
    );
    fs::write(&path, lines).map_err(text)?;
    night.people()?;
    night.verb(&["run"])?;
    let desk = "SELECT count(*) FROM user WHERE lower(email) = 'c1@mail.example'";
    assert_eq!(night.ask("run/desk.sqlite", desk)?, 1);
    let rejected = "SELECT count(*) FROM reject WHERE kind = 'customer' AND key = '19999'";
    let merged = "SELECT count(*) FROM filtered WHERE kind = 'customer' AND part LIKE 'merged into %'";
    let (rejected, merged) =
        (night.ask("run/journal.sqlite", rejected)?, night.ask("run/journal.sqlite", merged)?);
    assert_eq!(rejected + merged, 1, "{rejected} rejected, {merged} merged: it is accounted for");
    Ok(())
}

/// A rehearsal that failed is waived for a time only.
#[test]
fn what_was_waived_for_a_time_is_asked_for_again() -> Tested {
    let night = Night::new(120, "")?;
    // The desk of the rehearsal drops a field of each record.
    let sandbox = "[sandbox]\nconnector = \"sqlite\"\nat = \"run/sandbox.sqlite\"\napart = true\n[sandbox.trouble]\ndrop = \"subject\"\n";
    with(&night, |env| format!("{env}\n{sandbox}"))?;
    assert_eq!(night.verb(&["rehearse", "--account", "pots-trial"])?.0, 5);
    night.people()?;
    let waive = |until: &str| {
        night.verb(&["waive", "rehearsal", "--by", "ines", "--because", "an old sandbox", "--until", until])
    };
    assert_eq!(waive("2027-01-16T18:40:00Z")?.0, 0);
    with(&night, |env| env.replace("2027-01-16T18:30:00Z", "2027-01-16T18:45:00Z"))?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("stage/rehearse/rehearsal")), (4, true), "that time is over: {out}");
    assert_eq!(waive("2027-01-16T22:00:00Z")?.0, 0);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    Ok(())
}
