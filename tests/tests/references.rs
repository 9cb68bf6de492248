//! Rows that read what other records say, and a table that only the scope asks, over an export whose tickets hold ids alone.

use std::fs;

use cutover_tests::night::{Night, environment};
use cutover_tests::{Tested, text};
use rusqlite::Connection;
use serde_json::{Value, json};

const SPEC: &str = "specs/valid/through-references";

const MADE: &str = "2027-02-01T04:00:00Z";

fn ticket(id: u64, status: &str, requester: u64, organization: Option<u64>) -> Value {
    json!({
        "id": id, "subject": format!("s{id}"), "description": "d", "requester_id": requester, "organization_id": organization,
        "assignee_id": null, "group_id": 1, "brand_id": 81, "status": status, "priority": "normal", "tags": [], "via": { "channel": "email" },
        "created_at": MADE, "updated_at": MADE, "custom_fields": [{ "id": 360001, "value": "dog" }, { "id": 360002, "value": null }]
    })
}

fn user(id: u64, name: &str, organization: Option<u64>) -> Value {
    json!({ "id": id, "name": name, "email": format!("{name}@mail.example"), "role": "end-user", "organization_id": organization, "tags": [],
        "suspended": false, "active": true, "created_at": MADE, "updated_at": MADE })
}

/// The clinic's export: open tickets with and without a practice, closed ones of a member who pays in full and of one who does not, and two whose
/// references lead nowhere.
fn clinic() -> Result<Night, String> {
    let stores = ["vault:pfote", "vault:pfote-backup"];
    let environment =
        environment("2027-02-13T18:30:00Z", "", &stores) + "\n[tables]\nmembers = \"members.csv\"\n";
    let night = Night::spec(SPEC, &environment)?;
    let write = |file: &str, kind: &str, rows: Value| {
        night.write(&format!("export/{file}.json"), &json!({ kind: rows }).to_string())
    };
    write(
        "tickets-0001",
        "tickets",
        json!([
            ticket(1, "open", 901, Some(71)),
            ticket(2, "open", 902, None),
            ticket(3, "closed", 901, None),
            ticket(4, "closed", 902, None),
            ticket(5, "open", 909, None),
            ticket(6, "open", 902, Some(79)),
        ]),
    )?;
    write(
        "users-0001",
        "users",
        json!([
            user(901, "Ada", Some(72)),
            user(902, "Bob", None),
            { "id": 1, "name": "Vet", "email": "vet@pfote.example", "role": "agent", "active": true, "created_at": MADE, "updated_at": MADE }
        ]),
    )?;
    let practice =
        |id: u64, name: &str| json!({ "id": id, "name": name, "created_at": MADE, "updated_at": MADE });
    write("organizations-0001", "organizations", json!([practice(71, "North"), practice(72, "South")]))?;
    write("groups", "groups", json!([{ "id": 1, "name": "Reception" }]))?;
    write("tags", "tags", json!([{ "name": "t1", "count": 1 }]))?;
    let file = json!({ "id": 61, "file_name": "a.txt", "content_url": "https://files.example/61", "content_type": "text/plain", "size": 3 });
    let comment = json!({ "id": 51, "event_type": "Comment", "created_at": MADE, "author_id": 901, "public": true, "body": "c",
        "html_body": "<p>c</p>", "attachments": [file] });
    write(
        "ticket_events-0001",
        "ticket_events",
        json!([{ "id": 50, "ticket_id": 1, "created_at": MADE, "event_type": "Audit", "child_events": [comment] }]),
    )?;
    night.write("members.csv", "email,rate\nada@mail.example,full\nbob@mail.example,reduced\n")?;
    Ok(night)
}

/// A ticket of the new desk: the number that it had, and what its three fields hold.
type Moved = (String, [Option<String>; 3]);

/// What the new desk has of tickets, by the number that they had.
fn tickets(night: &Night) -> Result<Vec<Moved>, String> {
    let desk = Connection::open(night.path("run/desk.sqlite")).map_err(text)?;
    let sql = "SELECT mark, \"custom.keeper\", \"custom.practice\", \"custom.home\"
               FROM ticket WHERE mark LIKE 'ticket:%' ORDER BY mark";
    let mut get = desk.prepare(sql).map_err(text)?;
    let rows =
        get.query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?]))).map_err(text)?;
    rows.collect::<Result<_, _>>().map_err(text)
}

#[test]
fn what_other_records_say_is_found_by_their_ids() -> Tested {
    let night = clinic()?;
    night.everybody("pfote")?;
    let (code, out, err) = night.verb(&["run"])?;
    // One ticket is missing, and a check says so.
    assert_eq!((code, out.contains("missing is 1 of 5")), (5, true), "{code}: {out}{err}");
    let row = |id: &str, fields: [Option<&str>; 3]| {
        (format!("ticket:{id}"), fields.map(|field| field.map(str::to_owned)))
    };
    // The closed ticket of the member who pays in full is imported, by a table that no row reads; the other one stays in the archive.
    let expected = [
        row("1", [Some("Ada"), Some("North"), Some("South")]),
        row("2", [Some("Bob"), Some("none"), Some("none")]),
        row("3", [Some("Ada"), Some("none"), Some("South")]),
        row("6", [Some("Bob"), Some("none"), Some("none")]),
    ];
    assert_eq!(tickets(&night)?, expected, "{out}{err}");
    let journal = Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    let mut get = journal.prepare("SELECT key, code, why FROM reject WHERE kind = 'ticket'").map_err(text)?;
    let rejects = get.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(text)?;
    let rejects: Vec<(String, String, String)> = rejects.collect::<Result<_, _>>().map_err(text)?;
    assert_eq!(rejects.len(), 1, "{rejects:?}");
    let (key, code, why) = rejects.first().cloned().unwrap_or_default();
    assert_eq!((key.as_str(), code.as_str()), ("5", "dangling-reference"), "{why}");
    assert!(why.starts_with("it leads to a user that the export does not have"), "{why}");
    Ok(())
}

#[test]
fn an_export_without_those_records_is_refused_before_any_is_mapped() -> Tested {
    let night = clinic()?;
    // Brands stay behind, and the plan has no stage for them: nothing but the row asks for their names.
    let spec = fs::read_to_string(night.path("spec.cutover")).map_err(text)?;
    let rows = spec.lines().map(|line| match line.trim_start().starts_with("requester.organization.name") {
        true => "  brand.name -> custom.home\n".to_owned(),
        false => format!("{line}\n"),
    });
    night.write("spec.cutover", &rows.collect::<String>())?;
    let (code, out, err) = night.call(&["plan", "spec.cutover", "-o", "plan"])?;
    assert_eq!(code, 0, "{out}{err}");
    night.everybody("pfote")?;
    let (code, out, err) = night.verb(&["run"])?;
    let told = format!("{out}{err}");
    assert!(code != 0 && told.contains("the source gives no brand"), "{code}: {told}");
    assert!(told.contains("export the brand"), "{told}");
    assert_eq!(night.ask("run/journal.sqlite", "SELECT count(*) FROM reject")?, 0);
    // With the file beside the others, it goes on.
    night.write("export/brands.json", &json!({ "brands": [{ "id": 81, "name": "Paws" }] }).to_string())?;
    let (_, out, err) = night.verb(&["run"])?;
    assert!(!format!("{out}{err}").contains("the source gives no"), "{out}{err}");
    Ok(())
}

#[test]
fn a_map_over_a_stream_asks_for_the_records_that_it_reads() -> Tested {
    let night = clinic()?;
    let line = |value: Value| format!("{value}\n");
    night.write(
        "t.jsonl",
        &[ticket(1, "open", 901, Some(71)), ticket(5, "open", 909, None)].map(line).concat(),
    )?;
    night.write("users.jsonl", &[user(901, "Ada", Some(72))].map(line).concat())?;
    night.write("organizations.csv", "id,name\n71,North\n72,South\n")?;
    let mut all = vec!["transform", "plan", "--object", "ticket", "--input", "t.jsonl", "-o", "new.jsonl"];
    all.extend(["--table", "members=members.csv"]);
    let (code, out, err) = night.call(&all)?;
    assert_eq!(code, 2, "{out}{err}");
    assert!(err.contains("`requester.email`") || err.contains("`requester.name`"), "{err}");
    assert!(err.contains("--records user=FILE") && !night.path("new.jsonl").exists(), "{err}");
    all.extend(["--records", "user=users.jsonl"]);
    let (code, _, err) = night.call(&all)?;
    let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!((code, said.contains("--records organization=FILE")), (2, true), "{err}");
    all.extend(["--records", "organization=organizations.csv"]);
    let (code, out, err) = night.call(&all)?;
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("2 read: 1 written, 1 rejected") && err.contains("dangling-reference"), "{err}");
    let written = fs::read_to_string(night.path("new.jsonl")).map_err(text)?;
    let written: Value = serde_json::from_str(&written).map_err(text)?;
    let fields = ["custom.keeper", "custom.practice", "custom.home"];
    let fields = fields.map(|field| written.get(field).and_then(Value::as_str).unwrap_or_default());
    assert_eq!(fields, ["Ada", "North", "South"]);
    let (code, _, err) = night.call(&[all.as_slice(), &["--records", "group=g.csv"]].concat())?;
    assert!(code == 2 && err.contains("reads nothing of `group`"), "{err}");
    // An export that holds the other record itself needs no second file.
    let nested = json!({ "id": 8, "subject": "s", "status": "open", "priority": "normal", "tags": [], "channel": "email", "created_at": MADE,
        "updated_at": MADE, "group": "Reception", "custom_fields": [],
        "requester": { "id": 901, "name": "Eve", "email": "eve@mail.example", "organization": { "id": 3, "name": "West" } }, "organization": null });
    night.write("t.jsonl", &line(nested))?;
    let plain =
        ["transform", "plan", "--object", "ticket", "--input", "t.jsonl", "--table", "members=members.csv"];
    let (code, out, err) = night.call(&plain)?;
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("\"custom.keeper\":\"Eve\"") && out.contains("\"custom.home\":\"West\""), "{out}");
    Ok(())
}
