//! Due times: what the new desk shows of them is compared with what was promised, and `trace` explains the promises about a ticket.

use cutover_tests::night::{Night, environment};
use cutover_tests::{Tested, text};
use rusqlite::Connection;
use serde_json::{Value, json};

/// Made on a Monday at 9:30 in Calcutta. 36 business hours are four days of nine.
const MADE: &str = "2027-02-01T04:00:00Z";
/// Thursday, 18:30.
const PROMISED: &str = "2027-02-04T13:00:00Z";
/// Friday, 15:30: six business hours later.
const BY_HAND: &str = "2027-02-05T10:00:00Z";

fn ticket(id: u64, status: u64, due: &str, answered: Option<&str>) -> Value {
    json!({
        "id": id, "subject": "s", "description": "<p>d</p>", "requester_id": 900, "responder_id": 1, "group_id": 1, "status": status,
        "priority": 2, "source": 1, "tags": [], "created_at": MADE, "updated_at": MADE, "due_by": due, "spam": false, "deleted": false,
        "stats": { "first_responded_at": answered, "closed_at": (status == 5).then_some("2027-02-02T04:00:00Z") },
        "custom_fields": { "cf_garden": "g" }
    })
}

/// The tea trade with four tickets: one as promised, one whose due time somebody set by hand, one that the test gives a due time of its own
/// in the new desk, one that is closed.
fn tea() -> Result<Night, String> {
    tea_with("inherit due")
}

/// The same, with another decision about the clock of the solution.
fn tea_with(decision: &str) -> Result<Night, String> {
    let environment = environment("2027-02-05T13:30:00Z", "", &["vault:teehaus", "vault:teehaus-backup"]);
    let night = Night::spec("specs/valid/fresh/tea-freshdesk-to-zoho", &environment)?;
    if decision != "inherit due" {
        let spec = std::fs::read_to_string(night.path("spec.cutover")).map_err(text)?;
        night.write("spec.cutover", &spec.replace("inherit due", decision))?;
        let (code, out, err) = night.call(&["plan", "spec.cutover", "-o", "plan"])?;
        assert_eq!(code, 0, "{out}{err}");
    }
    let write = |name: &str, rows: Value| night.write(&format!("export/{name}.json"), &rows.to_string());
    write(
        "tickets",
        json!([
            ticket(1, 2, PROMISED, None),
            ticket(2, 2, BY_HAND, Some("2027-02-01T05:00:00Z")),
            ticket(3, 2, PROMISED, None),
            ticket(4, 5, BY_HAND, None),
        ]),
    )?;
    write(
        "conversations",
        json!([{ "id": 51, "ticket_id": 1, "user_id": 900, "body": "<p>c</p>", "private": false, "incoming": true,
        "source": 0, "created_at": MADE, "updated_at": MADE, "attachments": [{ "id": 71, "name": "a.txt", "content_type": "text/plain",
        "size": 3, "attachment_url": "https://files.example/71", "created_at": MADE, "updated_at": MADE }] }]),
    )?;
    write(
        "contacts",
        json!([{ "id": 900, "name": "Cu Stomer", "email": "cu@mail.example", "active": true, "deleted": false,
        "created_at": MADE, "updated_at": MADE, "custom_fields": {} }]),
    )?;
    write(
        "agents",
        json!([{ "id": 1, "contact": { "name": "A One", "email": "a1@teehaus.example", "active": true }, "group_ids": [1],
        "ticket_scope": 1, "occasional": false, "created_at": MADE, "updated_at": MADE }]),
    )?;
    write(
        "companies",
        json!([{ "id": 7, "name": "Org", "created_at": MADE, "updated_at": MADE, "custom_fields": {} }]),
    )?;
    write("groups", json!([{ "id": 1, "name": "Trade", "agent_ids": [1] }]))?;
    write("tags", json!([{ "name": "t1" }]))?;
    night.everybody("teehaus")?;
    Ok(night)
}

/// What a report says of a check, and in the lines about due times.
fn told(night: &Night) -> Result<(String, String), String> {
    let (code, out, err) = night.verb(&["report", "-o", "report.md"])?;
    assert_eq!(code, 0, "{out}{err}");
    let report = std::fs::read_to_string(night.path("report.md")).map_err(text)?;
    let check = report.lines().find(|line| line.contains("| check/sla_timers |")).unwrap_or_default();
    let dues = report.lines().find(|line| line.contains("promises of tickets")).unwrap_or_default();
    Ok((check.to_owned(), dues.to_owned()))
}

#[test]
fn due_times_that_are_kept_or_have_a_reason_pass_and_are_explained() -> Tested {
    let night = tea()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 4), "{code}: {out}{err}");
    let (check, dues) = told(&night)?;
    assert!(check.starts_with("| pass |") && check.contains("unexplained_due_difference is 0 s"), "{check}");
    assert!(!check.contains("says"), "{check}");
    // Of four tickets, three are open; of one of them the first answer is given.
    assert!(dues.contains("8 promises of tickets in the new desk: 3 over"), "{dues}");
    assert!(dues.contains("3 due times were read back, 1 differ"), "{dues}");
    let differs = "SELECT key || ' ' || why FROM reject WHERE code = 'due-differs'";
    let journal = Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    let mut get = journal.prepare(differs).map_err(text)?;
    let rows = get.query_map([], |row| row.get::<_, String>(0)).map_err(text)?;
    let rows: Vec<String> = rows.collect::<Result<_, _>>().map_err(text)?;
    let expected =
        "2 All tickets, resolution: 360 business minutes later than promised: shown so by the old desk";
    assert_eq!(rows.first().map(String::as_str), Some(expected), "{rows:?}");
    assert!(rows.iter().all(|row| row == expected), "{rows:?}");
    let (code, out, err) = night.verb(&["trace", "2"])?;
    assert_eq!(code, 0, "{out}{err}");
    for line in [
        "  due, All tickets, first response:",
        "    This clock is over: nothing is due any more.",
        "  due, All tickets, resolution:",
        "    All times are those of Asia/Kolkata.",
        "    By the contract: due Friday 5 February 2027, 09:30, which in business time is also Thursday 4 February 2027, 18:30, when it closed.",
        "    By the old desk: due Friday 5 February 2027, 15:30.",
    ] {
        assert!(out.lines().any(|told| told == line), "{line}\n{out}");
    }
    Ok(())
}

#[test]
fn a_due_time_that_nobody_can_explain_fails_its_check() -> Tested {
    let night = tea()?;
    // A desk that computes due times itself, and does not say how: Friday, 11:30, two business hours later.
    let desk = Connection::open(night.path("run/desk.sqlite")).map_err(text)?;
    let own = "CREATE TRIGGER computes AFTER INSERT ON ticket WHEN new.external_id = '3'
               BEGIN UPDATE ticket SET due_date = '2027-02-05T06:00:00Z' WHERE id = new.id; END";
    desk.execute_batch(own).map_err(text)?;
    drop(desk);
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 5, "{out}{err}");
    let (check, dues) = told(&night)?;
    assert!(check.starts_with("| FAIL |") && check.contains("unexplained_due_difference is 2 h"), "{check}");
    assert!(dues.contains("3 due times were read back, 2 differ"), "{dues}");
    let (code, out, _) = night.verb(&["rejects"])?;
    assert_eq!(code, 1, "{out}");
    let line = "All tickets, resolution: 120 business minutes later than promised: no reason was found";
    assert!(out.lines().any(|told| told.contains("\"3\"") && told.contains(line)), "{out}");
    Ok(())
}

#[test]
fn a_clock_is_over_where_its_condition_says_so() -> Tested {
    let night = tea_with("done if not answered and created_at since 2027-01-01  else inherit due")?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 4), "{code}: {out}{err}");
    let (_, dues) = told(&night)?;
    // Beside the three that are over anyway, the solutions of the two tickets that nobody has answered; the answered one goes on.
    assert!(dues.contains("8 promises of tickets in the new desk: 5 over"), "{dues}");
    let (code, out, err) = night.verb(&["trace", "1"])?;
    assert_eq!(code, 0, "{out}{err}");
    let solution = out.split("due, All tickets, resolution:").nth(1).unwrap_or_default();
    assert!(solution.contains("This clock is over: nothing is due any more."), "{out}");
    Ok(())
}

#[test]
fn of_a_status_that_the_policy_leaves_out_a_run_claims_nothing() -> Tested {
    let night = tea()?;
    let rows = json!([ticket(1, 2, PROMISED, None), ticket(5, 99, PROMISED, None)]);
    night.write("export/tickets.json", &rows.to_string())?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 4 | 5), "{code}: {out}{err}");
    let (code, out, err) = night.verb(&["trace", "5"])?;
    assert_eq!(code, 0, "{out}{err}");
    let unknown = "    Whether this clock is over is not known, so nobody can say when it is due.";
    assert!(out.lines().any(|line| line == unknown), "{out}");
    let (_, known, _) = night.verb(&["trace", "1"])?;
    assert!(!known.lines().any(|line| line == unknown), "{known}");
    Ok(())
}
