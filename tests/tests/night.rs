//! `docs/night.md`: a night rehearsed on the large example, with trouble on purpose. Every command of the page is run, in order, and every
//! screen on it is what the program showed; `BLESS=1` writes them anew, to be read as the person at the keyboard would.
//!
//! Fences of the page: `console` holds commands and what they show, `night` what happens around them:
//!
//! | line | what happens |
//! |---|---|
//! | `clock TIME` | it is that time now, on all machines |
//! | `everybody` | whoever owns something that comes before the window does it, and signs it |
//! | `spoil N WORD` | somebody gives N open tickets of the old desk a status that nobody knows |
//! | `people write` | a customer opens a ticket in the new desk |
//! | `did STAGES ENV` | the owners say so, on that machine |

use std::fs;

use cutover_tests::corpus::compare;
use cutover_tests::night::Night;
use cutover_tests::workspace::root;
use cutover_tests::{Tested, text};
use serde_json::Value;

const PAGE: &str = "docs/night.md";

#[test]
fn a_night_with_trouble_goes_as_the_page_shows() -> Tested {
    let night = Night::acme("1")?;
    tell_and_ship(&night)?;
    let page = fs::read_to_string(root().join(PAGE)).map_err(text)?;
    let mut written = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        let Some(fence) = line.strip_prefix("```").filter(|fence| !fence.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match fence {
            "night" => {
                for line in &body {
                    happens(&night, line).map_err(|error| format!("{line}: {error}"))?;
                    written.push_str(line);
                    written.push('\n');
                }
            }
            "console" => {
                for command in body.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    written.push_str(&format!("$ {command}\n{}", shown(&night, command)?));
                }
            }
            _ => body.iter().for_each(|line| written.push_str(&format!("{line}\n"))),
        }
        written.push_str("```\n");
    }
    compare(&root().join(PAGE), &written)?;

    // What the screens cannot show. Nothing is lost and nothing is there twice, and nothing of a customer is in what the program keeps.
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("other/journal.sqlite", broken)?, 0);
    for kind in ["ticket", "comment", "user"] {
        let twice = format!(
            "SELECT count(*) FROM (SELECT mark FROM \"{kind}\" WHERE mark IS NOT NULL GROUP BY mark HAVING count(*) > 1)"
        );
        assert_eq!(night.ask("run/desk.sqlite", &twice)?, 0, "{kind}");
    }
    let kept =
        fs::read_to_string(night.path("run/back/kept-2026-12-06T04-00-00Z/tickets.jsonl")).map_err(text)?;
    assert!(kept.contains("Where is my order?"), "{kept}");
    let told = fs::read_to_string(night.path("told.jsonl")).map_err(text)?;
    for what in ["waits", "trigger-fired", "trigger-unanswered"] {
        assert!(told.contains(&format!("\"event\":\"{what}\"")), "{what}: {told}");
    }
    Ok(())
}

/// A second place for the journal, somebody who is told, a clock that stands still, and the environment of a second machine.
fn tell_and_ship(night: &Night) -> Tested {
    let env = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    let env = env.replacen(
        "clock ",
        "clock_moves = false\nship = \"second/journal.sqlite\"\nlease = 1\nclock ",
        1,
    ) + "\"vault:acme-archive\" = \"run/archive\"\n\"vault:acme-back\" = \"run/back\"\n\n[notify]\ncommand = [\"./tell.sh\"]\n";
    night.write("night.toml", &env)?;
    fs::remove_file(night.path("env.toml")).map_err(text)?;
    night.write(
        "second.toml",
        &env.replace("run/journal.sqlite", "other/journal.sqlite").replace("run/copy", "other/copy"),
    )?;
    night.write("tell.sh", "#!/bin/sh\ncat >>told.jsonl\n")?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(night.path("tell.sh"), fs::Permissions::from_mode(0o700)).map_err(text)?;
    }
    Ok(())
}

/// What happens around the commands.
fn happens(night: &Night, line: &str) -> Tested {
    let mut words = line.split(' ');
    match (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next()) {
        ("clock", time, None) => {
            for name in ["night.toml", "second.toml"] {
                let env = fs::read_to_string(night.path(name)).map_err(text)?;
                let lines = env.lines().map(|line| {
                    if line.starts_with("clock ") {
                        format!("clock = \"{time}\"\n")
                    } else {
                        format!("{line}\n")
                    }
                });
                night.write(name, &lines.collect::<String>())?;
            }
            Ok(())
        }
        ("everybody", "", None) => everybody(night),
        ("spoil", number, Some(word)) => spoil(night, number.parse().map_err(text)?, word),
        ("people", "write", None) => {
            let db = rusqlite::Connection::open(night.path("run/desk.sqlite")).map_err(text)?;
            let write = "INSERT INTO ticket (subject, requester, status) SELECT 'Where is my order?', min(id), 'open' FROM user";
            db.execute(write, []).map(|_| ()).map_err(text)
        }
        ("did", stages, Some(env)) => {
            let journal = if env == "second.toml" { "other/journal.sqlite" } else { "run/journal.sqlite" };
            night.said(journal, stages)
        }
        _ => Err("nothing of that sort happens in a night".to_owned()),
    }
}

fn plan(night: &Night) -> Tested<Value> {
    serde_json::from_str(&fs::read_to_string(night.path("plan/plan.json")).map_err(text)?).map_err(text)
}

/// Everybody does and signs what comes before the window; what is decided in it is left.
fn everybody(night: &Night) -> Tested {
    let plan = plan(night)?;
    let name =
        |of: &Value, member: &str| of.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    for (id, item) in plan.get("items").and_then(Value::as_object).into_iter().flatten() {
        if ["go_live", "wave/live", "decommission/source"].contains(&id.as_str()) {
            continue;
        }
        for by in item.get("signed_by").and_then(Value::as_array).into_iter().flatten() {
            night.call(&["sign", id, "--project", ".", "--by", by.as_str().unwrap_or_default()])?;
        }
    }
    for stage in plan.get("stages").and_then(Value::as_array).into_iter().flatten() {
        let id = name(stage, "id");
        if name(stage, "placement") == "before" && !id.starts_with("stage/rehearse") {
            night.said("run/journal.sqlite", &id)?;
        }
    }
    Ok(())
}

/// People of the old desk go on working while it is exported: so many unfinished tickets get a status that they made that evening.
fn spoil(night: &Night, number: usize, word: &str) -> Tested {
    let path = "export/tickets.jsonl";
    let all = fs::read_to_string(night.path(path)).map_err(text)?;
    let mut left = number;
    let lines: Vec<String> = all
        .lines()
        .map(|line| {
            let Ok(mut ticket) = serde_json::from_str::<Value>(line) else { return line.to_owned() };
            let open = ticket.get("status_name").and_then(Value::as_str) == Some("Open");
            if let Some(status) = ticket.get_mut("status_name").filter(|_| open && left > 0) {
                left -= 1;
                *status = word.into();
                return ticket.to_string();
            }
            line.to_owned()
        })
        .collect();
    night.write(path, &(lines.join("\n") + "\n"))
}

/// What a command shows: standard error above standard output, then its exit code when that is not 0.
fn shown(night: &Night, command: &str) -> Tested<String> {
    let (command, quiet) = match command.strip_suffix(" 2>/dev/null") {
        Some(command) => (command, true),
        None => (command, false),
    };
    let mut words: Vec<String> = split(command);
    let mut die = None;
    if let Some(set) = words.first().and_then(|word| word.strip_prefix("CUTOVER_DIE_AT=")) {
        die = Some(set.to_owned());
        words.remove(0);
    }
    let Some((program, args)) = words.split_first() else { return Err("no command".to_owned()) };
    if program != "cutover" {
        return Err(format!("`{program}` is not run"));
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut call = night.command(&args)?;
    if let Some(die) = die {
        call.env("CUTOVER_DIE_AT", die);
    }
    let output = call.output().map_err(text)?;
    let mut shown = String::new();
    if !quiet {
        shown.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    shown.push_str(&String::from_utf8_lossy(&output.stdout));
    match output.status.code() {
        Some(0) => {}
        Some(code) => shown.push_str(&format!("[{code}]\n")),
        None => shown.push_str("[killed]\n"),
    }
    neutral(night, &shown)
}

/// Words of a command line, with quotes.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().into_iter().for_each(|word| word.push(c)),
        }
    }
    words
}

/// A screen without what is another one on each machine: where the project is, who runs it, how much room a disk has.
fn neutral(night: &Night, shown: &str) -> Tested<String> {
    let shown = shown.replace(&night.folder().display().to_string(), "~/acme");
    let mut out = String::new();
    for line in shown.lines() {
        let mut words: Vec<&str> = line.trim_end().split(' ').collect();
        if let Some(at) = words.iter().position(|word| *word == "process") {
            let word = |at: usize| words.get(at).copied().unwrap_or_default();
            let named = at > 2 && word(at - 2) == "at";
            let number = if word(at + 1).ends_with(',') { "4711," } else { "4711" };
            let rest = words.split_off(at + 2);
            words.truncate(if named { at - 3 } else { at - 1 });
            words.extend(["dana", "at", "laptop,", "process", number]);
            words.extend(rest);
        }
        let mut line = words.join(" ");
        if let Some((before, rest)) = line.split_once("MiB are needed, ")
            && let Some((_, after)) = rest.split_once(" are free")
        {
            line = format!("{before}MiB are needed, 51,000 are free{after}");
        }
        if let Some((_, rest)) = line.split_once(" (").filter(|_| line.starts_with("last sign of life ")) {
            line = format!("last sign of life 2026-12-06 00:30:00 ({rest}");
        }
        out.push_str(&line);
        out.push('\n');
    }
    Ok(out)
}
