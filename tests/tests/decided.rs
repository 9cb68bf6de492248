//! What people decide, and when a run waits for that: too late for the window, a rehearsal that failed, a check that is waived for a time, a stage whose
//! turn has not come, a trigger that nobody answers.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use cutover_tests::night::Night;
use cutover_tests::{Tested, text};

/// Writes into the journal as nobody should.
fn write(night: &Night, sql: &str) -> Tested {
    let db = rusqlite::Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    db.execute_batch(sql).map_err(text)
}

fn clock(night: &Night, at: &str) -> Tested {
    let env = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    let lines: Vec<String> = env
        .lines()
        .map(|line| if line.starts_with("clock ") { format!("clock = \"{at}\"") } else { line.to_owned() })
        .collect();
    night.write("env.toml", &(lines.join("\n") + "\n"))
}

#[test]
fn what_belongs_into_the_window_does_not_begin_behind_it() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    clock(&night, "2027-01-17T09:00:00Z")?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!(code, 4, "{out}");
    assert!(out.starts_with("window paused the run: the window ended 10 h"), "{out}");
    assert!(out.contains("ines, ruth decide: resume, roll back, or amend"), "{out}");
    assert_eq!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")?, 0);
    let (_, out, _) = night.verb(&["preflight"])?;
    // The set clock goes on from where the run stopped.
    let said =
        out.lines().find_map(|line| line.strip_prefix("fail           clock: it says 2027-01-17T09:00:0"));
    assert!(said.is_some_and(|said| said.contains("; the window ended 10 h")), "{out}");
    // Who decides that is who decides about the way back.
    let (code, _, err) = night.verb(&["resume", "--by", "kofi", "--because", "x"])?;
    assert_eq!((code, err.contains("`kofi` does not decide about that")), (2, true), "{err}");
    assert_eq!(night.verb(&["resume", "--by", "ruth", "--because", "Sunday will do"])?.0, 0);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");
    Ok(())
}

#[test]
fn what_no_longer_fits_into_the_window_is_asked_about_while_there_is_time() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    clock(&night, "2027-01-16T22:55:00Z")?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!(
        (code, out.contains("by the plan's estimates the work of the window is over")),
        (4, true),
        "{out}"
    );
    assert_eq!(night.verb(&["resume", "--by", "ines", "--because", "it is a small shop"])?.0, 0);
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    let (_, out, _) = night.verb(&["report"])?;
    assert!(out.contains("Customers were without an answer for"), "{out}");
    Ok(())
}

#[test]
fn how_long_it_takes_is_told_before_it_begins() -> Tested {
    let night = Night::acme("1")?;
    let (code, out, err) = night.verb(&["run", "--dry-run"])?;
    assert_eq!(code, 0, "{out}{err}");
    for said in [
        "stage/load/ticket/live: ",
        "written to the embedded desk: at least 2,000 a second",
        "in all, one stage after the other",
        "in the window: ",
        "by people and mail servers as the plan takes it; the window has 10 h: ",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    assert!(!night.path("run").exists(), "nothing is written");
    // With the rates of the plan, calls count: a hundred tickets in each, seven hundred a minute.
    let env = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write(
        "env.toml",
        &env.replace("at = \"run/desk.sqlite\"", "at = \"run/desk.sqlite\"\nrates = true"),
    )?;
    let (_, out, _) = night.verb(&["run", "--dry-run"])?;
    assert!(out.contains("100 a call, 700 calls in 1 min are allowed"), "{out}");
    let (code, out, err) = night.verb(&["rehearse", "--dry-run"])?;
    assert_eq!((code, out.contains("in all")), (0, true), "{out}{err}");
    assert!(!night.path("run").exists());
    Ok(())
}

#[test]
fn nobody_says_that_something_is_done_before_its_turn() -> Tested {
    let night = Night::new(20, "")?;
    assert_eq!(night.verb(&["run", "--account", "pots"])?.0, 4);
    let did = |stage: &str, by: &str| night.verb(&["did", stage, "--by", by]);
    let (code, _, err) = did("stage/drain/shop", "tom")?;
    assert_eq!(
        (code, err.contains("the turn of stage/drain/shop has not come: it waits for stage/")),
        (2, true),
        "{err}"
    );
    let (code, _, err) = did("stage/load/tag", "tom")?;
    assert_eq!((code, err.contains("is done by this program")), (2, true), "{err}");
    let (code, _, err) = did("stage/approve/go_live", "ines")?;
    assert_eq!(
        (code, err.contains("is opened by a signature") && err.contains("cutover sign go_live")),
        (2, true),
        "{err}"
    );
    // With a star, those whose turn has come; the others are named.
    let (code, out, _) = did("stage/*", "tom")?;
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("left: stage/hold/shop: the turn of stage/hold/shop has not come"), "{out}");
    assert!(!out.contains("  stage/hold/shop\n"), "{out}");
    let (code, out, _) = night.verb(&["status"])?;
    assert_eq!(code, 0, "{out}");
    Ok(())
}

#[test]
fn what_lasts_is_not_over_before_its_time() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    let db = rusqlite::Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    let not_yet = "DELETE FROM event WHERE what = 'did' AND subject = 'stage/hypercare'";
    db.execute(not_yet, []).map_err(text)?;
    drop(db);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("stage/hypercare")), (4, true), "{out}{err}");
    let (code, _, err) = night.verb(&["did", "stage/hypercare", "--by", "tom"])?;
    assert_eq!((code, err.contains("stage/hypercare lasts until 2027-01-23")), (2, true), "{err}");
    clock(&night, "2027-01-24T09:00:00Z")?;
    let (code, out, err) = night.verb(&["did", "stage/hypercare", "--by", "tom"])?;
    assert_eq!((code, out.as_str()), (0, "noted: 1\n  stage/hypercare\n"), "{err}");
    Ok(())
}

#[test]
fn a_check_is_waived_for_a_time_and_its_value_is_told() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    let (code, _, err) = night.verb(&["measured", "trigger/failures", "--value", "0", "--by", "ruth"])?;
    assert_eq!((code, err.contains("this program measures `trigger/failures` itself")), (2, true), "{err}");
    let waive = |until: &str| {
        night.verb(&[
            "waive",
            "check/exports",
            "--by",
            "ruth",
            "--because",
            "one line is cut off",
            "--up-to",
            "10",
            "--until",
            until,
        ])
    };
    let (code, _, err) = waive("tomorrow")?;
    assert_eq!((code, err.contains("`tomorrow` is no instant")), (2, true), "{err}");
    assert_eq!(waive("2026-01-01T00:00:00Z")?.0, 2, "that has passed");
    assert_eq!(waive("2027-01-16T18:31:00Z")?.0, 0);
    clock(&night, "2027-01-16T18:40:00Z")?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("check/exports does not pass")), (5, true), "{out}");
    assert_eq!(waive("2027-01-20T00:00:00Z")?.0, 0);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("check/exports is waived by ruth up to 10 until 2027-01-20"), "{err}");
    let (_, out, _) = night.verb(&["report"])?;
    let result = out.find("## Result").unwrap_or(usize::MAX);
    assert!(result < out.find("## Stages").unwrap_or(0), "the verdict comes first: {out}");
    assert!(out.contains("The run is complete: every stage is over."), "{out}");
    assert!(out.contains("## Waived") && out.contains("one line is cut off"), "{out}");
    Ok(())
}

/// What somebody lets pass is what was found, or what they said: anything worse is asked for again.
#[test]
fn what_is_waived_is_bound_to_a_value() -> Tested {
    let night = Night::new(20, "")?;
    night.people()?;
    write(&night, "DELETE FROM event WHERE what = 'waive'")?;
    let waive = |check: &str, more: &[&str]| {
        let args = [&["waive", check, "--by", "ruth", "--because", "a line is cut off"], more].concat();
        night.verb(&args)
    };
    let (code, _, err) = waive("check/exports", &[])?;
    let said = err.contains("has not been measured yet") && err.contains("--up-to 3");
    assert_eq!((code, said), (2, true), "{err}");
    for (up_to, words) in [
        ("2%", "cannot be compared with what `check/exports` asks for"),
        ("few", "`few` is no value"),
        ("missed=1", "it has missing"),
    ] {
        let (code, _, err) = waive("check/exports", &["--up-to", up_to])?;
        assert_eq!((code, err.contains(words)), (2, true), "{up_to}: {err}");
    }
    let (code, _, err) = waive("go_live", &[])?;
    assert_eq!((code, err.contains("`go_live` is nothing that can be waived")), (2, true), "{err}");
    // Two are missing: one more than somebody lets pass.
    let (code, out, _) = waive("check/exports", &["--up-to", "1"])?;
    assert_eq!((code, out.as_str()), (0, "check/exports is waived by ruth up to 1\n"));
    let (code, out, err) = night.verb(&["run"])?;
    let said = out.contains("check/exports does not pass: missing is 2 of")
        && out.contains("and ruth waived it up to 1");
    assert_eq!((code, said), (5, true), "{out}{err}");
    // Now it is known what it comes to.
    let (code, out, _) = waive("check/exports", &[])?;
    assert_eq!((code, out.starts_with("check/exports is waived by ruth up to 2 of")), (0, true), "{out}");
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("check/exports is waived by ruth up to 2 of")), (0, true), "{out}{err}");
    let (_, out, _) = night.verb(&["report"])?;
    assert!(out.contains("| Up to |") && out.contains("| waived | check/exports |"), "{out}");
    Ok(())
}

/// An export that is short, and not empty: what compares nothing shows nothing.
#[test]
fn what_compared_nothing_is_never_passed() -> Tested {
    let night = Night::new(20, "")?;
    let path = night.path("export/conversations.jsonl");
    let spam = |line: &str| {
        ["active", "pending", "closed"].iter().fold(line.to_owned(), |line, status| {
            line.replace(&format!("\"status\":\"{status}\""), "\"status\":\"spam\"")
        })
    };
    let there = fs::read_to_string(&path).map_err(text)?;
    let lines: Vec<String> = there.lines().take(20).map(spam).collect();
    fs::write(&path, lines.join("\n") + "\n").map_err(text)?;
    night.people()?;
    let (code, out, err) = night.verb(&["run"])?;
    let said = "check/exports is not measured by this program: Ruth";
    assert!(!err.contains("check/exports passes"), "{out}{err}");
    assert!(matches!(code, 4 | 5), "{code} {out}{err}");
    let words = "nothing was compared, and the plan was made from 2904 conversations";
    assert!(out.contains(words) || err.contains(words), "{said} {out}{err}");
    let waive = ["waive", "check/exports", "--by", "ruth", "--because", "this week there was spam alone"];
    assert_eq!(night.verb(&waive)?.0, 0);
    let (code, out, err) = night.verb(&["run"])?;
    assert!(err.contains("check/exports is waived by ruth"), "{code} {out}{err}");
    Ok(())
}

#[test]
fn a_rehearsal_that_failed_holds_its_gate_whatever_somebody_says() -> Tested {
    let night = Night::new(120, "")?;
    // The desk of the rehearsal drops a field of each record.
    let env = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write(
        "env.toml",
        &(env + "\n[sandbox]\nconnector = \"sqlite\"\nat = \"run/sandbox.sqlite\"\napart = true\n[sandbox.trouble]\ndrop = \"subject\"\n"),
    )?;
    let (code, out, err) = night.verb(&["rehearse", "--account", "pots-trial"])?;
    assert_eq!((code, out.contains("the rehearsal failed")), (5, true), "{out}{err}");
    night.people()?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("stage/rehearse/rehearsal")), (4, true), "{out}");
    let (code, _, err) = night.verb(&["did", "stage/rehearse/rehearsal", "--by", "kofi"])?;
    assert_eq!(code, 2, "{err}");
    assert_eq!(
        night.verb(&["waive", "rehearsal", "--by", "ines", "--because", "the sandbox is too old"])?.0,
        0
    );
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{out}{err}");
    Ok(())
}

/// A load with six bad conversations, under a plan that says what happens when nobody answers.
fn unanswered(otherwise: &str) -> Result<Night, String> {
    let night = Night::new(300, "")?;
    let spec = fs::read_to_string(night.path("pots.cutover")).map_err(text)?;
    night.write("pots.cutover", &spec.replace("else stay paused", otherwise))?;
    let (code, _, err) = night.call(&["plan", "pots.cutover"])?;
    assert_eq!(code, 0, "{err}");
    let path = night.path("export/conversations.jsonl");
    let mut lines = fs::read_to_string(&path).map_err(text)?;
    let bad = lines.lines().find(|line| line.contains("Nowhere")).unwrap_or_default().to_owned();
    for at in 0..5 {
        lines.insert_str(0, &format!("{}\n", bad.replace("\"id\":9,", &format!("\"id\":{},", 20 + at))));
    }
    fs::write(&path, lines).map_err(text)?;
    night.people()?;
    Ok(night)
}

#[test]
fn what_the_plan_says_is_done_when_nobody_answers() -> Tested {
    let night = unanswered("else go on")?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.contains("trigger/failures paused the run")), (4, true), "{out}");
    clock(&night, "2027-01-16T19:30:00Z")?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");
    let on = "SELECT count(*) FROM event WHERE what = 'resume' AND who = 'plan'";
    assert_eq!(night.ask("run/journal.sqlite", on)?, 1);

    let night = unanswered("else roll back")?;
    let before = night.dump()?;
    assert_eq!(night.verb(&["run"])?.0, 4);
    assert!(night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket")? > 0);
    clock(&night, "2027-01-16T19:30:00Z")?;
    let (code, out, _) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("plan paused the run: everything was taken back")), (4, true), "{out}");
    assert_eq!(night.dump()?, before, "everything was taken back");
    Ok(())
}

#[test]
fn a_webhook_hears_of_what_people_have_to_know() -> Tested {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(text)?;
    let address = listener.local_addr().map_err(text)?;
    let heard = std::thread::spawn(move || -> Vec<(String, String)> {
        let mut all = Vec::new();
        // Until the test closes its door by asking for it.
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                if let Some(number) = line.to_lowercase().strip_prefix("content-length:") {
                    length = number.trim().parse().unwrap_or(0);
                }
                head.push_str(&line);
                line.clear();
            }
            if head.starts_with("GET /over") {
                return all;
            }
            let mut body = vec![0; length];
            let read = reader.read_exact(&mut body).is_ok();
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = reader.get_mut().write_all(answer);
            if read {
                all.push((head, String::from_utf8_lossy(&body).into_owned()));
            }
        }
        all
    });
    let night = unanswered("else stay paused")?;
    let env = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    night.write(
        "env.toml",
        &format!("{env}\n[notify]\nwebhook = \"http://{address}/hook\"\ntoken = \"CHAT_TOKEN\"\n"),
    )?;
    let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
    let output = command.env("CHAT_TOKEN", "t0ken").output().map_err(text)?;
    assert_eq!(output.status.code(), Some(4));
    std::net::TcpStream::connect(address)
        .and_then(|mut stream| stream.write_all(b"GET /over HTTP/1.1\r\n\r\n"))
        .map_err(text)?;
    let all = heard.join().map_err(|_| "the listener broke")?;
    let fired = all.iter().find(|(_, body)| body.contains("\"event\":\"trigger-fired\""));
    let Some((head, body)) = fired else { return Err(format!("{all:?}")) };
    assert!(
        head.starts_with("POST /hook") && head.to_lowercase().contains("authorization: bearer t0ken"),
        "{head}"
    );
    let notice: serde_json::Value = serde_json::from_str(body).map_err(text)?;
    assert_eq!(notice.pointer("/to/0/id").and_then(serde_json::Value::as_str), Some("ines"));
    assert_eq!(notice.get("account").and_then(serde_json::Value::as_str), Some("pots"));
    Ok(())
}

/// A window over the night in which the clocks go forward: times and what is left of it are those of the people there.
#[test]
fn a_window_in_which_the_clocks_change_is_as_long_as_it_is() -> Tested {
    let night = Night::new(20, "")?;
    let spec = fs::read_to_string(night.path("pots.cutover")).map_err(text)?;
    // Five hours by the wall, four in truth.
    let moved = spec
        .replace(
            "window  2027-01-16 18:00 to 2027-01-16 23:00",
            "window  2027-03-27 22:00 to 2027-03-28 03:00",
        )
        .replace(
            "available 2027-01-16 12:00 to 2027-01-17 10:00",
            "available 2027-03-27 12:00 to 2027-03-28 12:00",
        );
    night.write("pots.cutover", &moved)?;
    let (code, out, err) = night.call(&["plan", "pots.cutover"])?;
    assert_eq!(code, 0, "{out}{err}");
    clock(&night, "2027-03-27T22:10:00Z")?;
    night.people()?;
    let (_, out, _) = night.verb(&["run", "--dry-run"])?;
    assert!(out.contains("the window has 4 h"), "{out}");
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");
    // An hour after the step it is two hours later on the wall; the window ends at two by Greenwich.
    clock(&night, "2027-03-28T01:30:00Z")?;
    let (_, out, _) = night.verb(&["status"])?;
    assert!(out.contains("2027-03-28 02:30:00 (Europe/London)"), "{out}");
    let late = Night::new(20, "")?;
    late.write("pots.cutover", &moved)?;
    assert_eq!(late.call(&["plan", "pots.cutover"])?.0, 0);
    clock(&late, "2027-03-27T22:10:00Z")?;
    late.people()?;
    clock(&late, "2027-03-28T02:00:00Z")?;
    let (code, out, _) = late.verb(&["run"])?;
    assert_eq!((code, out.contains(" s ago, at 2027-03-28 03:00:00")), (4, true), "{out}");
    Ok(())
}

/// An export folder may hold links; nothing outside of it is read by them.
#[cfg(unix)]
#[test]
fn a_planted_link_leads_nowhere() -> Tested {
    let night = Night::new(20, "")?;
    let secret = night.path("secret.jsonl");
    fs::write(&secret, "{\"name\":\"planted-by-a-link\"}\n").map_err(text)?;
    fs::remove_file(night.path("export/tags.jsonl")).map_err(text)?;
    std::os::unix::fs::symlink(&secret, night.path("export/tags.jsonl")).map_err(text)?;
    let (code, out, err) = night.verb(&["rehearse"])?;
    assert_ne!(code, 0, "{out}{err}");
    for folder in ["run"] {
        let mut open = vec![night.path(folder)];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let bytes = fs::read(&path).unwrap_or_default();
                    assert!(
                        !String::from_utf8_lossy(&bytes).contains("planted-by-a-link"),
                        "{}",
                        path.display()
                    );
                }
            }
        }
    }
    Ok(())
}
