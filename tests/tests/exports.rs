//! The examples that have an export run from it, by the layout that the catalog knows: nobody says where a column stands. What arrives is counted out of
//! the export by other means.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cutover_tests::night::Night;
use cutover_tests::{Tested, text};
use rusqlite::Connection;
use serde_json::Value;

/// Rehearses an example, signs and says everything, and runs it until only what has its time is waited for. No environment of theirs says a place.
fn to_its_end(example: &str, account: &str) -> Result<Night, String> {
    let night = Night::of(example)?;
    let environment = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    assert!(!environment.contains("[source."), "{environment}");
    let (code, out, err) = night.verb(&["rehearse"])?;
    assert!(out.contains("the rehearsal passed") && matches!(code, 0 | 1), "{example}: {code}\n{out}{err}");
    night.everybody(account)?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 4), "{example}: {code}\n{out}{err}");
    let waits: Vec<&str> = out.lines().filter(|line| line.starts_with("  stage/")).collect();
    assert!(waits.iter().all(|line| line.contains("stage/lessons")), "{example}: {out}");
    let answers = "SELECT count(*) FROM event WHERE what IN ('pause', 'resume', 'waive', 'skip', 'settle')";
    assert_eq!(night.ask("run/journal.sqlite", answers)?, 0, "nobody had to decide anything");
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{example}: {out}");
    Ok(night)
}

/// All of a column of the desk, by the key that a record had in the old desk.
fn column(night: &Night, table: &str, column: &str) -> Result<BTreeMap<String, Option<String>>, String> {
    let desk = Connection::open(night.path("run/desk.sqlite")).map_err(text)?;
    let sql = format!("SELECT mark, CAST(\"{column}\" AS TEXT) FROM \"{table}\" WHERE mark LIKE '{table}:%'");
    let mut get = desk.prepare(&sql).map_err(text)?;
    let rows = get.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).map_err(text)?;
    let rows: Vec<(String, Option<String>)> = rows.collect::<Result<_, _>>().map_err(text)?;
    Ok(rows
        .into_iter()
        .filter_map(|(mark, value)| Some((mark.split_once(':')?.1.to_owned(), value)))
        .collect())
}

fn rejects(night: &Night) -> Result<BTreeSet<(String, String, String)>, String> {
    let journal = Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    let mut get = journal.prepare("SELECT kind, key, code FROM reject").map_err(text)?;
    let rows = get.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(text)?;
    rows.collect::<Result<_, _>>().map_err(text)
}

fn told<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

fn key(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn request_tracker_is_run_from_its_export() -> Tested {
    let night = to_its_end("rt-to-zendesk", "lantern")?;
    assert_eq!(rejects(&night)?, BTreeSet::new());
    let lines = |name: &str| -> Result<Vec<Value>, String> {
        let read = fs::read_to_string(night.path(&format!("export/{name}.jsonl"))).map_err(text)?;
        read.lines().map(|line| serde_json::from_str(line).map_err(text)).collect()
    };
    // Tickets that are neither deleted nor spam, each with the region that its spelling means.
    let tickets = lines("tickets")?;
    let goes = |ticket: &&Value| !matches!(told(ticket, "/Status").as_str(), Some("deleted" | "spam"));
    let there: BTreeSet<String> =
        tickets.iter().filter(goes).map(|ticket| key(told(ticket, "/id"))).collect();
    let arrived = column(&night, "ticket", "custom.region")?;
    assert_eq!(arrived.keys().cloned().collect::<BTreeSet<_>>(), there);
    for ticket in tickets.iter().filter(goes) {
        let region = told(ticket, "/CustomFields/Region").as_str().unwrap_or_default().to_lowercase();
        let expected = match region.as_str() {
            "emea" | "e.m.e.a." | "europe" => "emea",
            "us" | "na" | "north america" => "amer",
            "apac" | "apac " | "asia/pacific" => "apac",
            _ => "unknown",
        };
        let id = key(told(ticket, "/id"));
        assert_eq!(arrived.get(&id).cloned().flatten().as_deref(), Some(expected), "{id}: {region}");
    }
    // Comments with the tickets, private ones private.
    let internal = column(&night, "comment", "internal")?;
    let comments = lines("comments")?;
    let of = |comment: &&Value| there.contains(&key(told(comment, "/Ticket")));
    assert_eq!(internal.len(), comments.iter().filter(of).count());
    for comment in comments.iter().filter(of) {
        let private = told(comment, "/Internal").as_bool() == Some(true);
        let found = internal.get(&key(told(comment, "/id"))).cloned().flatten();
        assert_eq!(found.as_deref(), Some(if private { "1" } else { "0" }), "{comment}");
    }
    // Each file hangs on its comment, and only files of comments that went over are there.
    let lists = column(&night, "comment", "attachments")?;
    let listed: usize = lists
        .values()
        .flatten()
        .map(|list| serde_json::from_str::<Vec<Value>>(list).map_or(0, |list| list.len()))
        .sum();
    let files = lines("attachments")?;
    let wanted = files.iter().filter(|file| internal.contains_key(&key(told(file, "/Transaction")))).count();
    assert_eq!((listed, column(&night, "attachment", "name")?.len()), (wanted, wanted));
    // Who was disabled is not there, and two who share an address are one.
    let active = lines("users")?
        .iter()
        .filter(|user| {
            told(user, "/Disabled").as_bool() == Some(false) && told(user, "/EmailAddress").is_string()
        })
        .count();
    assert_eq!(column(&night, "user", "email")?.len(), active - 2);
    Ok(())
}

#[test]
fn zendesk_is_run_from_its_incremental_export() -> Tested {
    let night = to_its_end("zendesk-to-zammad", "help.pine.example")?;
    let pages = |start: &str, list: &str| -> Result<Vec<Value>, String> {
        let mut all = Vec::new();
        let mut names: Vec<_> =
            fs::read_dir(night.path("export")).map_err(text)?.collect::<Result<_, _>>().map_err(text)?;
        names.sort_by_key(fs::DirEntry::file_name);
        for name in names.iter().filter(|name| name.file_name().to_string_lossy().starts_with(start)) {
            let page: Value =
                serde_json::from_str(&fs::read_to_string(name.path()).map_err(text)?).map_err(text)?;
            all.extend(page.get(list).and_then(Value::as_array).cloned().unwrap_or_default());
        }
        Ok(all)
    };
    let tickets: BTreeMap<String, Value> =
        pages("tickets-", "tickets")?.into_iter().map(|ticket| (key(told(&ticket, "/id")), ticket)).collect();
    // Seven tickets say "1,500" seats, as the inventory counts them, and nothing else is rejected.
    let seats = |ticket: &Value| {
        told(ticket, "/custom_fields")
            .as_array()
            .into_iter()
            .flatten()
            .any(|field| told(field, "/value") == "1,500")
    };
    let spoilt: BTreeSet<(String, String, String)> = tickets
        .iter()
        .filter(|(_, ticket)| seats(ticket))
        .map(|(key, _)| ("ticket".to_owned(), key.clone(), "other-type".to_owned()))
        .collect();
    assert_eq!((rejects(&night)?, spoilt.len()), (spoilt.clone(), 7));
    // Groups and brands by their names, where the export has their numbers.
    let brands: BTreeMap<String, String> = pages("brands", "brands")?
        .iter()
        .map(|brand| (key(told(brand, "/id")), key(told(brand, "/name"))))
        .collect();
    let arrived = column(&night, "ticket", "custom.brand")?;
    let goes = |key: &str, ticket: &Value| {
        told(ticket, "/status") != "deleted" && !spoilt.iter().any(|(_, spoilt, _)| spoilt == key)
    };
    let wanted = tickets.iter().filter(|(key, ticket)| goes(key, ticket));
    let wanted: BTreeMap<String, Option<String>> = wanted
        .map(|(id, ticket)| (id.clone(), brands.get(&key(told(ticket, "/brand_id"))).cloned()))
        .collect();
    assert_eq!(arrived, wanted);
    // Comments are events among others, and say `public`, the opposite of private.
    let mut public = BTreeMap::new();
    for event in pages("ticket_events-", "ticket_events")? {
        let of = key(told(&event, "/ticket_id"));
        for child in told(&event, "/child_events").as_array().into_iter().flatten() {
            if told(child, "/event_type") == "Comment" && arrived.contains_key(&of) {
                let said = if told(child, "/public") == &Value::Bool(true) { "0" } else { "1" };
                public.insert(key(told(child, "/id")), Some(said.to_owned()));
            }
        }
    }
    assert_eq!(column(&night, "comment", "internal")?, public);
    assert!(public.values().any(|said| said.as_deref() == Some("1")));
    Ok(())
}

/// A run tells the due times of a ticket by the hours of each desk and what its policies can hold, as `sla explain` does before it: the plan
/// holds what is needed for that.
#[test]
fn a_run_counts_by_the_hours_of_each_desk() -> Tested {
    let night = Night::of("zendesk-to-zammad")?;
    let inventory = fs::read_to_string(night.path("inventory/target.yaml")).map_err(text)?;
    let office = "{ name: Office, time_zone: Europe/Berlin }";
    assert!(inventory.contains(office), "{inventory}");
    let later =
        "{ name: Office, time_zone: Europe/Berlin, hours: \"mon, tue, wed, thu, fri 10:00 to 16:30\" }";
    night.write("inventory/target.yaml", &inventory.replace(office, later))?;
    let (code, out, err) = night.call(&["plan", "."])?;
    assert_eq!(code, 0, "{out}{err}");
    night.everybody("help.pine.example")?;
    night.verb(&["run"])?;
    let desks = |told: &str| -> Vec<String> {
        let lines = told.lines().map(str::trim);
        lines
            .filter(|line| line.starts_with("By the") || line.contains(": without that it is"))
            .map(str::to_owned)
            .collect()
    };
    let mut export = Vec::new();
    for number in 1..=3 {
        let page =
            fs::read_to_string(night.path(&format!("export/tickets-{number:04}.json"))).map_err(text)?;
        let page: Value = serde_json::from_str(&page).map_err(text)?;
        export.extend(page.get("tickets").and_then(Value::as_array).cloned().unwrap_or_default());
    }
    let (mut compared, mut apart) = (0, 0);
    for ticket in
        export.iter().filter(|ticket| matches!(told(ticket, "/status").as_str(), Some("open" | "new")))
    {
        let id = key(told(ticket, "/id"));
        let (_, explained, _) = night.call(&["sla", "explain", ".", &id])?;
        // An export of tickets tells their status of now only.
        if explained.contains("nothing counts") || !explained.contains("By the new desk") {
            continue;
        }
        let (code, traced, err) = night.verb(&["trace", &id])?;
        assert_eq!(code, 0, "{err}");
        if !traced.contains("  due, ") {
            continue;
        }
        // Nor does it tell whether somebody has answered: clocks that are over by the messages still run for it.
        assert!(desks(&traced).ends_with(&desks(&explained)), "{id}:\n{traced}\n{explained}");
        compared += 1;
        apart += usize::from(traced.contains("it is open at other hours"));
        if compared == 12 {
            break;
        }
    }
    assert!(compared >= 5 && apart > 0, "{compared} compared, {apart} of them by other hours");
    Ok(())
}

/// What the environment says comes first, also where the catalog knows another place.
#[test]
fn the_environment_comes_before_the_layout() -> Tested {
    let night = Night::of("rt-to-zendesk")?;
    let environment = fs::read_to_string(night.path("env.toml")).map_err(text)?;
    let wrong = environment.clone() + "\n[source.fields.ticket]\nsubject = \"Betreff\"\n";
    night.write("env.toml", &wrong)?;
    let (code, _, err) = night.verb(&["rehearse"])?;
    assert_eq!((code, err.contains("it stands there in none of")), (2, true), "{err}");
    night.write("env.toml", &(environment + "\n[source.fields.ticket]\nsubject = \"Queue\"\n"))?;
    night.everybody("lantern")?;
    night.verb(&["run"])?;
    let subjects: BTreeSet<Option<String>> = column(&night, "ticket", "subject")?.into_values().collect();
    assert!(subjects.len() <= 9, "subjects are queues now: {subjects:?}");
    Ok(())
}
