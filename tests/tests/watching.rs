//! A run is watched with the built program: what fires, who is told, what happens when nobody answers, and what only people can measure.

use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::{Night, PLANTED};
use cutover_tests::schema::differences;
use cutover_tests::workspace::root;

/// The small example with more triggers and a watch; the hook writes what it gets into a file, and ends as `hook` says.
fn watched(hook: &str) -> Result<Night, String> {
    let night = Night::new(60, "")?;
    let read = |name: &str| fs::read_to_string(night.path(name)).map_err(|error| error.to_string());
    let spec = read("pots.cutover")?
        .replace(
            "over 200 records\n",
            "over 200 records\n  trigger mails    outbound_mails more than 0 over 10 min\n\
             \x20 trigger leaks    wrong_visibility more than 0 over 10 min\n\
             \x20 trigger waiting  waiting_time more than 6 hours\n\
             \x20 trigger routing  misrouted tickets (where mailbox is \"Shop\") more than 0 over 10 min\n\
             \x20 trigger texts    unknown_placeholders more than 0 over 10 min\n",
        )
        .replace(
            "hypercare  owner tom",
            "watch target  alert ines  owner tom  every 1 hour for 72 hours {\n  report volume, backlog, backlog_age\n  \
             duplicate tickets more than 0\n  median first_response_time more than 120% of november\n}\nhypercare  owner tom",
        );
    night.write("pots.cutover", &spec)?;
    let (code, _, err) = night.call(&["plan", "pots.cutover"])?;
    assert_eq!(code, 0, "{err}");
    night.write(
        "tell.sh",
        &format!("#!/bin/sh\ncat >> \"$HOME/told\"\nenv >> \"$HOME/env\"\nexit {hook}\n"),
    )?;
    let environment = read("env.toml")?;
    night.write("env.toml", &format!("{environment}\n[notify]\ncommand = [\"sh\", \"./tell.sh\"]\n"))?;
    Ok(night)
}

/// Calls a verb as somebody whose home is the project, with a secret in the environment.
fn call(night: &Night, verb: &[&str]) -> Result<(i32, String, String), String> {
    let mut args = verb.to_vec();
    args.extend([".", "--env", "env.toml"]);
    let mut command = night.command(&args)?;
    let output = command.env("HOME", night.folder()).env("ZENDESK_TOKEN", "planted-secret").output();
    let output = output.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr)))
}

/// What the hook got, one object each.
fn told(night: &Night) -> Result<Vec<serde_json::Value>, String> {
    let text = fs::read_to_string(night.path("told")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))).collect()
}

fn of<'v>(value: &'v serde_json::Value, path: &str) -> &'v str {
    value.pointer(path).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// Lets the run's clock go on: an embedded desk may be told the time.
fn at(night: &Night, clock: &str) -> Tested {
    let text = fs::read_to_string(night.path("env.toml")).map_err(|error| error.to_string())?;
    let lines = text.lines().map(|line| match line.starts_with("clock = ") {
        true => format!("clock = \"{clock}\"\n"),
        false => format!("{line}\n"),
    });
    night.write("env.toml", &lines.collect::<String>())
}

#[test]
fn what_people_measure_fires_and_nobody_answers() -> Tested {
    let night = watched("0")?;
    night.people()?;
    let (code, out, err) = call(&night, &["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, err) = call(&night, &["watch"])?;
    assert_eq!(code, 0, "{out}{err}");
    for line in [
        "  trigger/leaks is 0 of 187, ",
        "  trigger/waiting is 0 s (waiting time: more than 6 h)",
        "  watch/target/backlog is 30 of 45 (backlog)",
        "  watch/target/duplicate is 0 of 45 (duplicate tickets: more than 0)",
        // What nobody measured is asked for, and is no 0.
        "nobody has measured (`cutover measured ID … --value VALUE --by PERSON`)\n  trigger/texts: unknown placeholders: more than 0",
        "  watch/target/first_response_time: median first response time: more than 120% of what november showed",
        "watch/target lasts until 2027-01-19 18:3",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let (code, _, err) = call(&night, &["measured", "trigger/texts", "--value", "two", "--by", "ruth"])?;
    assert_eq!((code, err.contains("`two` is no value")), (2, true), "{err}");
    let (code, _, err) = call(&night, &["measured", "trigger/text", "--value", "2", "--by", "ruth"])?;
    assert_eq!((code, err.contains("it measures check/exports, ")), (2, true), "{err}");
    // The value of a person fires as one of the program does; the hook tells the decider and the deputy, and knows no secret.
    let two = ["measured", "trigger/texts", "--value", "2", "--by", "ruth", "--evidence", PLANTED];
    assert_eq!(call(&night, &two)?.0, 0);
    let (code, out, err) = call(&night, &["watch"])?;
    assert_eq!(code, 4, "{out}{err}");
    assert!(out.contains("trigger/texts paused the run: 2 (unknown placeholders: more than 0, over 10 min), says ruth; ines, ruth decide"));
    assert!(out.contains("an answer is needed by 2027-01-16 19:0"), "{out}");
    assert!(err.contains("told ines, ruth: trigger-fired"), "{err}");
    let fired: Vec<serde_json::Value> =
        told(&night)?.into_iter().filter(|notice| of(notice, "/event") == "trigger-fired").collect();
    let [notice] = fired.as_slice() else { return Err(format!("{fired:?}")) };
    assert_eq!((of(notice, "/to/0/id"), of(notice, "/to/1/id")), ("ines", "ruth"));
    assert_eq!(of(notice, "/to/1/contact"), "ruth@pots.example");
    for name in ["told", "env"] {
        let text = fs::read_to_string(night.path(name)).map_err(|error| error.to_string())?;
        assert!(!text.contains("planted-secret") && !text.contains(PLANTED), "{name}: {text}");
    }
    // Nobody answers by the deadline: it stays paused, and that is told once.
    at(&night, "2027-01-16T21:00:00Z")?;
    for _ in 0..2 {
        let (code, out, err) = call(&night, &["watch"])?;
        assert_eq!((code, out.contains("nobody decided: it stays paused")), (4, true), "{out}{err}");
    }
    assert_eq!(call(&night, &["run"])?.0, 4, "it stays paused");
    let unanswered = |notice: &&serde_json::Value| of(notice, "/event") == "trigger-unanswered";
    assert_eq!(told(&night)?.iter().filter(unanswered).count(), 1);
    // Somebody decides; the same value fires no second time, a worse one does. What was measured long ago is asked again.
    assert_eq!(call(&night, &["resume", "--by", "ines", "--because", "mended tomorrow"])?.0, 0);
    let (code, out, _) = call(&night, &["watch"])?;
    assert_eq!((code, out.contains("\n  trigger/texts: unknown placeholders")), (0, true), "{out}");
    for (value, expected) in [("2", 0), ("3", 4)] {
        assert_eq!(call(&night, &["measured", "trigger/texts", "--value", value, "--by", "ruth"])?.0, 0);
        let (code, out, err) = call(&night, &["watch"])?;
        assert_eq!(code, expected, "{value}: {out}{err}");
    }
    Ok(())
}

#[test]
fn a_comparison_fires_and_alerts_reach_who_watches() -> Tested {
    // A hook that fails is shown, and stops nothing.
    let night = watched("3")?;
    night.people()?;
    // Each call ends one stage and dies at the end of the next: the last load is about to be over, and somebody changes the new desk meanwhile.
    let loading = "SELECT count(*) FROM stage WHERE id = 'stage/load/conversation' AND state = 'running'";
    while night.ask("run/journal.sqlite", loading)? == 0 {
        let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
        let output = command.env("CUTOVER_DIE_AT", "stage-ending:2").output();
        let output = output.map_err(|error| error.to_string())?;
        assert_eq!(output.status.code(), None, "{}", String::from_utf8_lossy(&output.stderr));
    }
    let desk =
        rusqlite::Connection::open(night.path("run/desk.sqlite")).map_err(|error| error.to_string())?;
    let change = |sql: &str| desk.execute(sql, []).map_err(|error| format!("{sql}: {error}"));
    let leaked = "SELECT min(id) FROM comment WHERE internal = 1";
    let leaked: i64 = desk.query_row(leaked, [], |row| row.get(0)).map_err(|error| error.to_string())?;
    assert_eq!(change(&format!("UPDATE comment SET internal = 0 WHERE id = {leaked}"))?, 1);
    let (code, out, err) = call(&night, &["run"])?;
    assert_eq!(code, 4, "{out}{err}");
    let said = "trigger/leaks paused the run: 1 of 187 (wrong visibility: more than 0, over 10 min)";
    assert!(out.contains(said), "{out}");
    assert!(err.contains("could not tell ines, ruth (trigger-fired): `sh` ended with 3"), "{err}");
    assert_eq!(change(&format!("UPDATE comment SET internal = 1 WHERE id = {leaked}"))?, 1);
    let resume = ["resume", "--by", "ines", "--because", "mended"];
    assert_eq!(call(&night, &resume)?.0, 0);
    // A desk that sends something while it has to be quiet.
    assert_eq!(change("UPDATE desk SET value = 2 WHERE name = 'outbound'")?, 1);
    let (code, out, err) = call(&night, &["run"])?;
    assert_eq!(
        (code, out.contains("trigger/mails paused the run: 2 (outbound mails")),
        (4, true),
        "{out}{err}"
    );
    assert_eq!(change("UPDATE desk SET value = 0 WHERE name = 'outbound'")?, 1);
    assert_eq!(call(&night, &resume)?.0, 0);
    let (code, out, err) = call(&night, &["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    // Against a baseline: both numbers come from people, and without one of them nothing is said.
    let tell = |id: &str, value: &str| call(&night, &["measured", id, "--value", value, "--by", "kofi"]);
    assert_eq!(tell("watch/target/first_response_time", "80 min")?.0, 0);
    let (code, out, err) = call(&night, &["watch"])?;
    assert_eq!((code, out.contains("\n  baseline/november/first_response_time: ")), (0, true), "{out}{err}");
    assert_eq!(tell("baseline/november/first_response_time", "1 hour")?.0, 0);
    let (code, out, err) = call(&night, &["watch"])?;
    assert_eq!(
        (code, out.contains("alert: 1 h 20 min (median first response time")),
        (1, true),
        "{out}{err}"
    );
    let alerts: Vec<serde_json::Value> =
        told(&night)?.into_iter().filter(|notice| of(notice, "/event") == "alert").collect();
    assert_eq!(alerts.iter().map(|notice| of(notice, "/to/0/id")).collect::<Vec<_>>(), ["ines"]);
    let (_, out, _) = night.verb(&["report"])?;
    assert!(out.contains("not-told") && out.contains("80 min"), "{out}");
    Ok(())
}

/// Holds lines of JSON to the published schema; the names of the events.
fn events(text: &str) -> Result<Vec<String>, String> {
    let schema = fs::read_to_string(root().join("docs/schema/events.schema.json"));
    let schema = serde_json::from_str(&schema.map_err(|error| error.to_string())?);
    let schema: serde_json::Value = schema.map_err(|error| error.to_string())?;
    let mut names = Vec::new();
    for line in text.lines() {
        let event: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
        assert_eq!(differences(&schema, &event), Vec::<String>::new(), "{line}");
        names.push(of(&event, "/event").to_owned());
    }
    Ok(names)
}

#[test]
fn programs_and_onlookers_see_what_goes_on() -> Tested {
    let night = watched("0")?;
    let text = fs::read_to_string(night.path("env.toml")).map_err(|error| error.to_string())?;
    night.write("env.toml", &format!("page = \"run/status.html\"\n{text}"))?;
    let (code, out, err) = call(&night, &["run", "--account", "pots", "--format", "json"])?;
    assert_eq!((code, err.as_str()), (4, ""), "{out}");
    let names = events(&out)?;
    assert_eq!(names.last().map(String::as_str), Some("ended"), "{out}");
    assert!(out.contains("\"how\":\"waiting\"") && out.contains("\"who\":[\"tom\"]"), "{out}");
    night.people()?;
    // Words of people are shown as words, wherever they stand.
    let hostile = "<img src=https://evil.example/x onerror=alert(1)> \u{1b}[2J";
    assert_eq!(call(&night, &["pause", "--by", "ines", "--because", hostile])?.0, 0);
    let (code, out, _) = call(&night, &["status", "--json"])?;
    assert_eq!((code, events(&out)?), (0, vec!["view".to_owned()]), "{out}");
    let (code, out, _) = call(&night, &["status", "--page", "run/seen.html"])?;
    assert_eq!((code, out.contains('\u{1b}')), (0, false), "{out}");
    assert!(out.contains("the work of the window is over 2027-01-16 "), "{out}");
    assert!(out.contains("way back: until “Switch email to the new desk”, in "), "{out}");
    let page = fs::read_to_string(night.path("run/seen.html")).map_err(|error| error.to_string())?;
    assert!(page.contains("&lt;img src=https://evil.example/x") && !page.contains("<img"), "{page}");
    for wanted in ["default-src 'none'", "http-equiv=\"refresh\"", "Next step of a person", "<h2>Paused</h2>"]
    {
        assert!(page.contains(wanted), "{wanted}\n{page}");
    }
    for never in ["<script", "src=\"", "href=", "url("] {
        assert!(!page.contains(never), "{never}\n{page}");
    }
    assert_eq!(call(&night, &["resume", "--by", "ines", "--because", "on"])?.0, 0);
    let (code, out, err) = call(&night, &["run", "--format", "json"])?;
    assert_eq!(code, 0, "{out}{err}");
    let names = events(&out)?;
    for name in ["begins", "progress", "ends", "told", "ended"] {
        assert!(names.iter().any(|of| of == name), "{name}: {names:?}");
    }
    // The page of the environment was written meanwhile, and last when everything was over.
    let page = fs::read_to_string(night.path("run/status.html")).map_err(|error| error.to_string())?;
    assert!(
        page.contains("56 of 56 stages are over") && page.contains("no way back: Switch email"),
        "{page}"
    );
    #[cfg(unix)]
    for name in ["run/status.html", "run/seen.html"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(night.path(name)).map_err(|error| error.to_string())?.permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is its owner's alone");
    }
    for name in ["run/report.md", "run/report.html"] {
        assert_eq!(call(&night, &["report", "-o", name])?.0, 0);
    }
    assert_eq!(call(&night, &["rejects", "-o", "run/rejects.jsonl"])?.0, 1);
    assert!(!out.contains(PLANTED) && !out.contains("planted-secret") && !out.contains("@mail.example"));
    // Names, subjects, texts and addresses of customers, and the secret of the environment, stand in nothing that a run leaves for people.
    for name in [
        "run/journal.sqlite",
        "run/report.md",
        "run/report.html",
        "run/rejects.jsonl",
        "run/status.html",
        "run/seen.html",
        "told",
        "env",
    ] {
        let bytes = fs::read(night.path(name)).map_err(|error| format!("{name}: {error}"))?;
        let text = String::from_utf8_lossy(&bytes);
        for planted in [PLANTED, "@mail.example", "planted-secret"] {
            assert!(!text.contains(planted), "{name} holds {planted}");
        }
    }
    // They are there to be found: the copy and the desk hold them.
    let copy = fs::read(night.path("run/desk.sqlite")).map_err(|error| error.to_string())?;
    assert!(String::from_utf8_lossy(&copy).contains("@mail.example"));
    let report = fs::read_to_string(night.path("run/report.md")).map_err(|error| error.to_string())?;
    for wanted in [
        "| pass | check/mapping |",
        "| waived | check/exports |",
        "| trigger/texts | unknown placeholders: more than 0, over 10 min | nobody measured it |",
        "## What was not read or not compared",
        "1 conversation could not be read",
    ] {
        assert!(report.contains(wanted), "{wanted}\n{report}");
    }
    Ok(())
}
