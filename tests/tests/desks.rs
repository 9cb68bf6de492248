//! `cutover sla` where desks differ from each other: opening hours of their own, pauses counted wrongly, one due time for all clocks, an
//! old desk of which nothing is known.

use cutover_tests::program::{Project, words};

fn ran(project: &Project, args: &[&str]) -> (Option<i32>, String) {
    match project.run(args) {
        Ok(output) => (output.status.code(), words(&output)),
        Err(error) => (None, error),
    }
}

/// The promises about the tickets of `tickets.jsonl`, in a format.
fn previewed(project: &Project, format: &str) -> (Option<i32>, String) {
    ran(project, &["sla", "preview", project.spec(), "--tickets", "tickets.jsonl", "--format", format])
}

/// A calendar of nine to five in Berlin, two hours promised on a Monday at ten, waiting from eleven until eight in the evening: the
/// five ways to count that wrongly, and the right one.
#[test]
fn each_wrong_way_to_count_pauses_is_named() {
    let Ok(project) = Project::of("specs/invalid/sla/unexplained/pauses") else {
        return assert_eq!("a project", "");
    };
    let (code, told) = ran(&project, &["check", project.spec()]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("5 of 6 unfinished tickets that can be compared"), "{told}");
    let whole = "the time that a ticket waited, nights and weekends too, is added to";
    for (ticket, shows, wrong) in [
        ("4101", "Tuesday 17 November 2026, 10:00", None),
        (
            "4102",
            "Monday 16 November 2026, 12:00",
            Some("the time that a ticket waited is not counted".to_owned()),
        ),
        ("4103", "Monday 16 November 2026, 21:00", Some(format!("{whole} the due time"))),
        ("4104", "Tuesday 17 November 2026, 13:00", Some(format!("{whole} the time allowed"))),
        ("4105", "Tuesday 17 November 2026, 11:00", Some(format!("{whole} its beginning"))),
        (
            "4106",
            "Monday 16 November 2026, 12:00",
            Some(
                "the time that a ticket waited before its level of service was changed is forgotten"
                    .to_owned(),
            ),
        ),
    ] {
        let (code, explained) = ran(&project, &["sla", "explain", project.spec(), ticket]);
        assert_eq!(code, Some(0), "{explained}");
        let contract = "By the contract: due Tuesday 17 November 2026, 10:00.";
        assert!(explained.contains(contract), "{ticket}: {explained}");
        assert!(explained.contains(&format!("By the old desk: due {shows}.")), "{ticket}: {explained}");
        let named = "It shows what comes out when ";
        match wrong {
            Some(wrong) => {
                assert!(explained.contains(&format!("{named}{wrong}.")), "{ticket}: {explained}");
                assert!(told.contains(&format!("1 of them shows what comes out when {wrong}")), "{told}");
            }
            None => assert!(!explained.contains(named), "{ticket}: {explained}"),
        }
    }
}

#[test]
fn a_schedule_of_the_new_desk_is_counted_by_its_own_hours() {
    let Ok(project) = Project::of("specs/invalid/sla/hours-differ/zone") else {
        return assert_eq!("a project", "");
    };
    let ticket = r#"{"ticket":"1","created_at":"2026-12-03T08:00:00Z","status":"Open","priority":"Urgent"}"#;
    assert_eq!(project.write("tickets.jsonl", ticket), Ok(()));
    let (_, csv) = previewed(&project, "csv");
    // From nine in Berlin eight hours end at five, which is nine on Friday; in Lisbon it is an hour later all the way.
    let row = "1,premium,resolution,Urgent,2026-12-04T08:00:00Z,2026-12-04T08:00:00Z,not-yet,no-clock,,2026-12-04T09:00:00Z,hidden-breach,3600,hours,";
    assert!(csv.contains(row), "{csv}");
    let (_, table) = previewed(&project, "table");
    let said = "Zendesk Support counts “Premium” by its own “Office”, which counts in Lisbon, the promise in Europe/Berlin.";
    assert!(table.contains(said), "{table}");
}

/// A policy for a library that moves from a desk that promises nothing to one that shows one due time.
const LIBRARY: &str = r#"
calendar library "Library" {
  zone    "Europe/Helsinki"
  open    mon, tue, wed, thu, fri 09:00 to 17:00
  horizon 2028-12-31
}
sla readers "Readers"  on library  owner eero {
  clock next_response  4 business hours   as response  recalculate from import  lossy "old answers are called one by one"
  clock resolution     16 business hours  as resolve   recalculate from created
  runs  "Open", "Reopened"
  stops "Resolved", "Closed", "Duplicate"
  tolerance 0 min
}
"#;

#[test]
fn an_unknown_old_desk_and_a_new_one_with_one_due_time() {
    let Ok(project) = Project::of("specs/valid/fresh/library-djangohelpdesk-to-rt") else {
        return assert_eq!("a project", "");
    };
    let spec = project.text().unwrap_or_default();
    let spec = spec.replace("notifications, reports", "notifications, due_times, reports");
    // Without a service level Request Tracker counts nothing.
    let spec = spec.replace("  due_date        -> due\n", "  due_date -> due\n  \"Standard\" -> sla\n");
    assert_eq!(project.write(project.spec(), format!("{spec}{LIBRARY}")), Ok(()));
    // Both made on the Thursday before the import, at ten. One is answered.
    let tickets = r#"{"ticket":"young","created_at":"2027-06-03T07:00:00Z","status":"Open","last_customer_at":"2027-06-03T07:00:00Z","last_agent_at":null,"due_at":"2027-06-07T10:00:00Z"}
{"ticket":"answered","created_at":"2027-06-03T07:00:00Z","status":"Open","last_customer_at":"2027-06-03T07:00:00Z","last_agent_at":"2027-06-03T08:00:00Z"}
"#;
    assert_eq!(project.write("tickets.jsonl", tickets), Ok(()));
    let (code, csv) = previewed(&project, "csv");
    assert_eq!(code, Some(0), "{csv}");
    for row in [
        // Answered within four hours of opening: Thursday 14:00. The new desk counts answers from the import, four hours from Monday
        // at nine; it shows the solution's time, an hour after nine, which is earlier. Twelve hours of opening later than promised.
        "young,readers,next_response,,unknown,2027-06-03T11:00:00Z,2027-06-07T07:00:00Z,hidden-breach,43200,2027-06-07T07:00:00Z,hidden-breach,43200,anchor earliest,",
        // What the old desk shows is known, how it counts is not.
        "young,readers,resolution,,2027-06-07T10:00:00Z,2027-06-07T07:00:00Z,2027-06-07T07:00:00Z,equal,0,2027-06-07T07:00:00Z,equal,0,,",
        "answered,readers,next_response,,unknown,done,",
        "answered,readers,resolution,,unknown,2027-06-07T07:00:00Z,2027-06-07T07:00:00Z,equal,0,",
    ] {
        assert!(csv.contains(row), "{row}\n{csv}");
    }
    let (_, table) = previewed(&project, "table");
    assert!(table.contains("Nothing is known of how django-helpdesk counts"), "{table}");
    assert!(
        table.contains("Request Tracker will show one due time for all clocks of a ticket, the earliest."),
        "{table}"
    );
    let (_, explained) =
        ran(&project, &["sla", "explain", project.spec(), "answered", "--tickets", "tickets.jsonl"]);
    assert!(
        explained.contains("By the old desk: not known, since nobody knows how it counts."),
        "{explained}"
    );
}

#[test]
fn without_a_service_level_nothing_is_counted_and_a_due_time_stays() {
    let Ok(project) = Project::of("specs/invalid/sla/no-level/beside") else {
        return assert_eq!("a project", "");
    };
    // Eight hours and forty hours from Thursday at ten; the old desk shows the first one three days too late.
    let tickets = r#"{"ticket":"late","created_at":"2027-06-03T07:00:00Z","status":"Open","priority":"1. Critical","due_at":"2027-06-09T07:00:00Z"}
{"ticket":"anew","created_at":"2027-06-03T07:00:00Z","status":"Open","priority":"3. Normal","due_at":"2027-06-10T07:00:00Z"}
"#;
    assert_eq!(project.write("tickets.jsonl", tickets), Ok(()));
    let (code, csv) = previewed(&project, "csv");
    assert_eq!(code, Some(0), "{csv}");
    for row in [
        "late,urgent,resolution,1. Critical,2027-06-09T07:00:00Z,2027-06-04T07:00:00Z,2027-06-09T07:00:00Z,hidden-breach,86400,2027-06-09T07:00:00Z,hidden-breach,86400,shown,",
        "anew,others,resolution,3. Normal,2027-06-10T07:00:00Z,2027-06-10T07:00:00Z,no-clock,no-clock,,no-clock,no-clock,,,",
    ] {
        assert!(csv.contains(row), "{row}\n{csv}");
    }
    let (_, table) = previewed(&project, "table");
    let said = "Request Tracker counts by the service level of a ticket, and no row gives tickets one";
    assert!(table.contains(said), "{table}");
}

/// A ticket that leaves its due time out, one of which the old desk has none, one whose due time has passed and one that is due later. What
/// the table, the explanation and the words below it say of each goes by that.
#[test]
fn what_the_old_desk_shows_is_what_the_table_tells_of_it() {
    // From the import of Sunday, osTicket counts three days of eight hours: to Wednesday at five.
    let dairy = [
        ("left", "2027-02-22T13:00:00Z,2027-02-22T13:00:00Z,unread,unknown,,unread,unknown,,,"),
        (
            "none",
            "no-due,2027-02-22T13:00:00Z,2027-02-24T16:00:00Z,hidden-breach,68400,2027-02-24T16:00:00Z,hidden-breach,68400,anchor,",
        ),
        (
            "past",
            "2027-02-18T09:00:00Z,2027-02-22T13:00:00Z,2027-02-24T16:00:00Z,hidden-breach,68400,2027-02-24T16:00:00Z,hidden-breach,68400,shown refused,",
        ),
        (
            "later",
            "2027-02-23T09:00:00Z,2027-02-22T13:00:00Z,2027-02-23T09:00:00Z,hidden-breach,14400,2027-02-23T09:00:00Z,hidden-breach,14400,shown,",
        ),
    ];
    // Nobody knows how the old desk counts, and the new one counts nothing without a level: what is written stays.
    let library = [
        ("left", "unknown,2027-06-04T07:00:00Z,unread,unknown,,unread,unknown,,,"),
        ("none", "no-due,2027-06-04T07:00:00Z,no-clock,no-clock,,no-clock,no-clock,,,"),
        (
            "past",
            "2027-06-04T07:00:00Z,2027-06-04T07:00:00Z,2027-06-04T07:00:00Z,equal,0,2027-06-04T07:00:00Z,equal,0,,",
        ),
        (
            "later",
            "2027-06-09T07:00:00Z,2027-06-04T07:00:00Z,2027-06-09T07:00:00Z,hidden-breach,86400,2027-06-09T07:00:00Z,hidden-breach,86400,shown,",
        ),
    ];
    for (spec, made, dues, policy, rows) in [
        (
            "specs/invalid/sla/due-refused/passed",
            "2027-02-17T13:00:00Z\",\"status\":\"new",
            ["2027-02-18T09:00:00Z", "2027-02-23T09:00:00Z"],
            "farmers",
            dairy,
        ),
        (
            "specs/valid/due-times-kept-for-good",
            "2027-06-03T07:00:00Z\",\"status\":\"Open",
            ["2027-06-04T07:00:00Z", "2027-06-09T07:00:00Z"],
            "urgent",
            library,
        ),
    ] {
        let Ok(project) = Project::of(spec) else { return assert_eq!("a project", spec) };
        let [past, later] = dues;
        let tickets = [
            ("left", String::new()),
            ("none", ",\"due_at\":null".to_owned()),
            ("past", format!(",\"due_at\":\"{past}\"")),
            ("later", format!(",\"due_at\":\"{later}\"")),
        ]
        .map(|(name, due)| format!("{{\"ticket\":\"{name}\",\"created_at\":\"{made}\"{due}}}\n"));
        assert_eq!(project.write("tickets.jsonl", tickets.concat()), Ok(()));
        let (code, csv) = previewed(&project, "csv");
        assert_eq!(code, Some(0), "{csv}");
        for (ticket, row) in rows {
            let row = format!("{ticket},{policy},resolution,,{row}");
            assert!(csv.contains(&row), "{row}\n{csv}");
            let args = ["sla", "explain", project.spec(), ticket, "--tickets", "tickets.jsonl"];
            let (_, told) = ran(&project, &args);
            let none = told.contains("By the old desk: it has no due time of this ticket.");
            assert_eq!(none, ticket == "none", "{told}");
            let unread = told.contains("not known, since nobody knows what is written there");
            assert_eq!(unread, ticket == "left", "{told}");
        }
        let (_, table) = previewed(&project, "table");
        for said in [
            "1 clock has no due time in ",
            "1 clock takes over a due time that the table of tickets does not hold",
        ] {
            assert!(table.contains(said), "{said}\n{table}");
        }
        let (_, json) = previewed(&project, "json");
        assert!(json.contains("\"source\":{\"none\":\"no-due\"}"), "{json}");
        let (_, html) = previewed(&project, "html");
        assert!(html.contains("1 clock has no due time in "), "{html}");
    }
}

#[test]
fn due_times_behind_the_horizon_are_told() {
    let Ok(project) = Project::of("specs/invalid/sla/due-refused/passed") else {
        return assert_eq!("a project", "");
    };
    let spec = project.text().unwrap_or_default();
    let (before, after) = ("  horizon 2028-12-31", "  horizon 2027-12-31");
    assert!(spec.contains(before), "{spec}");
    // Three days of opening hours from the second last working day of the year.
    let ticket = r#"{"ticket":"1","created_at":"2027-12-30T08:00:00Z","status":"open","due_at":null}"#;
    assert_eq!(project.write("tickets.jsonl", ticket), Ok(()));
    assert_eq!(project.write(project.spec(), spec.replace(before, after)), Ok(()));
    let (code, table) = ran(&project, &["sla", "preview", project.spec(), "--tickets", "tickets.jsonl"]);
    assert_eq!(code, Some(0), "{table}");
    assert!(table.contains("1 clock is due after the last day for which holidays are listed"), "{table}");
}

#[test]
fn a_desk_that_shows_nothing_while_a_ticket_waits_is_told() {
    let Ok(project) = Project::of("examples/zendesk-to-zammad") else {
        return assert_eq!("a project", "");
    };
    let waits = r#"{"ticket":"waits","created_at":"2027-01-04T09:00:00Z","updated_at":"2027-01-04T10:00:00Z","status":"pending","priority":"normal"}"#;
    assert_eq!(project.write("tickets.jsonl", waits), Ok(()));
    let spec = project.text().unwrap_or_default().replace("suspend until checks pass then ", "");
    assert_eq!(project.write(project.spec(), spec), Ok(()));
    let (code, told) =
        ran(&project, &["sla", "explain", project.spec(), "waits", "--tickets", "tickets.jsonl"]);
    assert_eq!(code, Some(0), "{told}");
    let said = "Zammad shows no due time while a ticket is in such a status, and computes it anew when it leaves it.";
    assert!(told.contains(said), "{told}");
    assert!(
        told.contains("By the new desk, right after the import: no due time while it is paused"),
        "{told}"
    );
    let runs = "This clock runs in the old desk, but not in Zammad, by what becomes of the status";
    assert!(told.contains(runs), "{told}");
}

#[test]
fn of_a_desk_in_which_no_clock_runs_no_status_is_said_to_stop_one() {
    let Ok(project) = Project::of("specs/valid/fresh/airline-servicenow-to-jira") else {
        return assert_eq!("a project", "");
    };
    let waits = r#"{"ticket":"waits","created_at":"2027-02-10T10:00:00Z","status":"On Hold","priority":"1 - Critical"}"#;
    assert_eq!(project.write("tickets.jsonl", waits), Ok(()));
    // By the promise it runs while it is on hold; Jira's clocks stand still then, as far as anybody knows.
    let spec = project.text().unwrap_or_default();
    let changed = spec.replace("pauses \"On Hold\"      of resolution", "runs \"On Hold\" of resolution");
    assert_ne!(spec, changed);
    assert_eq!(project.write(project.spec(), changed.replace(" unpaused ", " ")), Ok(()));
    let (code, told) =
        ran(&project, &["sla", "explain", project.spec(), "waits", "--tickets", "tickets.jsonl"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("Clocks of Jira Service Management do not run for imported tickets"), "{told}");
    assert!(!told.contains("by what becomes of the status"), "{told}");
}
