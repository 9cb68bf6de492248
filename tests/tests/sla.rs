//! `cutover sla`: the clocks of unfinished tickets, computed by hand and by the program.

use std::collections::BTreeSet;

use cutover_tests::program::Project;
use cutover_tests::workspace::root;
use serde_json::Value;

/// One ticket that nobody has answered, one that waited from ten to four on its first day, one without a promise, one with a hostile
/// name. The desk is open from 09:00 to 18:00 in Berlin, and moves in the night to Sunday 6 December.
const TICKETS: &str = r#"{"ticket":"late","created_at":"2026-12-04T15:50:00Z","status":"Open","priority":"Urgent"}
{"ticket":"waited","created_at":"2026-12-03T08:00:00Z","status":"Open","priority":"High","first_response_at":"2026-12-03T08:30:00Z","states":[["2026-12-03T09:00:00Z","Pending"],["2026-12-03T15:00:00Z","Open"]]}
{"ticket":"nothing","created_at":"2026-12-03T08:00:00Z","status":"Open","priority":"Low"}
{"ticket":"<script>alert(1)</script>","created_at":"2026-12-03T08:00:00Z","status":"Open","priority":"High","first_response_at":"2026-12-03T08:30:00Z"}
this is no ticket
"#;

/// Exit code and standard output of a call in a copy of an example that has the tickets above beside it.
fn ran(example: &str, args: &[&str]) -> Result<(Option<i32>, String, String), String> {
    let project = Project::of(example)?;
    project.write("tickets.jsonl", TICKETS)?;
    let spec = project.spec().to_owned();
    let args: Vec<&str> = args.iter().map(|arg| if *arg == "SPEC" { &*spec } else { arg }).collect();
    let output =
        cutover_tests::program::cutover(project.folder())?.args(args).output().map_err(|e| e.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.code(), text(&output.stdout), text(&output.stderr)))
}

fn preview(format: &str) -> Result<(Option<i32>, String, String), String> {
    ran("examples/acme", &["sla", "preview", "SPEC", "--tickets", "tickets.jsonl", "--format", format])
}

#[test]
fn due_times_are_those_that_a_person_computes() {
    let Ok((Some(0), out, err)) = preview("csv") else { unreachable!("{:?}", preview("csv")) };
    // What has no place in a table for spreadsheets is told beside it.
    assert!(err.starts_with("1 line is no ticket and left out; the first is line 5"), "{err}");
    let lines: Vec<&str> = out.lines().collect();
    // Friday 16:50 and an hour; eight hours with the weekend between. The old desk closes at five, an hour before what is promised.
    assert_eq!(
        lines.get(1).copied(),
        Some(
            "late,premium,first_response,Urgent,2026-12-07T08:50:00Z,2026-12-04T16:50:00Z,suspended,no-clock,,2026-12-04T16:50:00Z,equal,0,,no,no,crm.tier,no,yes,,"
        )
    );
    assert_eq!(
        lines.get(2).copied(),
        Some(
            "late,premium,resolution,Urgent,2026-12-07T15:50:00Z,2026-12-07T14:50:00Z,suspended,no-clock,,2026-12-07T14:50:00Z,equal,0,,no,no,crm.tier,no,no,,"
        )
    );
    // An hour, the pause, two hours, five on Friday. The new desk knows nothing of the pause: six hours of business time too early.
    assert_eq!(
        lines.get(4).copied(),
        Some(
            "waited,premium,resolution,High,2026-12-04T14:00:00Z,2026-12-04T13:00:00Z,suspended,no-clock,,2026-12-03T16:00:00Z,false-late,-21600,unpaused,no,no,crm.tier,no,yes,,"
        )
    );
    assert_eq!(lines.len(), 7, "a heading and two clocks of three tickets: {out}");
}

#[test]
fn the_table_tells_what_matters() {
    let Ok((Some(0), out, _)) = preview("table") else { unreachable!("{:?}", preview("table")) };
    for wanted in [
        "4 unfinished tickets move from Freshdesk to Zendesk Support; 1 is under no policy.",
        "waited  premium resolution  High  false-late  6 h earlier",
        "late  ",
        "due 2026-12-04 17:50",
        "1 line is no ticket and left out; the first is line 5",
        "6 clocks run only if crm.tier has the right value",
    ] {
        assert!(out.contains(wanted), "{wanted}\n{out}");
    }
}

#[test]
fn json_is_what_its_schema_says() {
    let text =
        std::fs::read_to_string(root().join("docs/schema/sla-preview.schema.json")).unwrap_or_default();
    let schema: Value = serde_json::from_str(&text).unwrap_or_default();
    let mut wrong = Vec::new();
    for out in [preview("json"), ran("examples/small-team", &["sla", "preview", "SPEC", "--format", "json"])]
    {
        let Ok((_, out, _)) = out else { unreachable!("{out:?}") };
        let Ok(told) = serde_json::from_str::<Value>(&out) else { unreachable!("no JSON: {out}") };
        fits(&schema, schema.pointer("/$defs/Preview").unwrap_or(&Value::Null), &told, "", &mut wrong);
    }
    assert_eq!(wrong, Vec::<String>::new());
    let Ok((_, out, _)) = preview("json") else { return };
    let told: Value = serde_json::from_str(&out).unwrap_or_default();
    assert_eq!(told.pointer("/summary/all/clocks"), Some(&Value::from(6)));
    assert_eq!(told.pointer("/summary/worst/0/seconds"), Some(&Value::from(-21600)));
}

/// The part of JSON Schema that the schema uses.
fn fits(root: &Value, schema: &Value, told: &Value, at: &str, wrong: &mut Vec<String>) {
    let named =
        schema.get("$ref").and_then(Value::as_str).and_then(|to| root.pointer(to.trim_start_matches('#')));
    let schema = named.unwrap_or(schema);
    let kinds: BTreeSet<&str> = match schema.get("type") {
        Some(Value::String(kind)) => BTreeSet::from([kind.as_str()]),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    };
    let kind = match told {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::Null => "null",
    };
    let options = schema.get("enum").and_then(Value::as_array);
    let constant = schema.get("const");
    if !(kinds.is_empty() || kinds.contains(kind))
        || options.is_some_and(|options| !options.contains(told))
        || constant.is_some_and(|constant| constant != told)
        || (kinds.is_empty() && options.is_none() && constant.is_none())
    {
        wrong.push(format!("{at}: {told}"));
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for key in required.filter_map(Value::as_str).filter(|key| told.get(key).is_none()) {
        wrong.push(format!("{at}/{key} is missing"));
    }
    for (key, value) in told.as_object().into_iter().flatten() {
        let more = schema.get("additionalProperties").filter(|more| more.is_object());
        match schema.pointer(&format!("/properties/{key}")).or(more) {
            Some(inner) => fits(root, inner, value, &format!("{at}/{key}"), wrong),
            None => wrong.push(format!("{at}/{key} is not in the schema")),
        }
    }
    for value in told.as_array().into_iter().flatten() {
        fits(root, schema.get("items").unwrap_or(&Value::Null), value, &format!("{at}/-"), wrong);
    }
}

#[test]
fn the_page_is_whole_and_nothing_in_it_works() {
    let Ok((Some(0), out, _)) = preview("html") else { unreachable!("{:?}", preview("html")) };
    assert_eq!(out.matches("<article>").count(), 6);
    assert_eq!(
        out.matches("class=\"lane\"").count(),
        6 * 7 + 1,
        "seven lanes a clock, since the old desk has hours of its own, and the pause of one"
    );
    assert!(out.contains("&lt;script&gt;alert(1)"), "the name is shown");
    for never in ["<script", "http:", "https:", "url(", "<link", "<img", "<iframe", "onload"] {
        assert!(!out.contains(never), "{never}");
    }
    assert!(out.contains("<span class=\"class false-late\">false-late</span>"), "a word, not only a colour");
    for element in ["div", "article", "svg", "table", "ol", "ul", "details", "p", "tr", "td", "li"] {
        let opened =
            out.matches(&format!("<{element}>")).count() + out.matches(&format!("<{element} ")).count();
        assert_eq!(opened, out.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn without_tickets_nothing_is_computed_and_no_zero_is_shown() {
    for format in ["table", "json", "html"] {
        let ran = ran("examples/small-team", &["sla", "preview", "SPEC", "--format", format]);
        let Ok((Some(2), out, err)) = ran else { unreachable!("{ran:?}") };
        assert!(err.contains("not computed"), "{err}");
        assert!(out.to_lowercase().contains("not computed") || out.contains("\"computed\":false"), "{out}");
    }
    let project = Project::of("examples/acme");
    let Ok(project) = project else { unreachable!("{project:?}") };
    assert_eq!(
        std::fs::remove_file(project.folder().join("inventory/source.unfinished.jsonl")).ok(),
        Some(())
    );
    // A table that the inventory names and that is gone is an error of the spec; here no table is named either.
    let inventory = project.folder().join("inventory/source.yaml");
    let named = std::fs::read_to_string(&inventory).unwrap_or_default();
    let kept = named.split_once("\nunfinished:").map(|(kept, _)| format!("{kept}\n"));
    assert_eq!(kept.map(|kept| std::fs::write(&inventory, kept).is_ok()), Some(true));
    let output = cutover_tests::program::cutover(project.folder())
        .map(|mut command| command.args(["sla", "preview", project.spec()]).output());
    let Ok(Ok(output)) = output else { unreachable!("{output:?}") };
    assert_eq!(output.status.code(), Some(2));
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.starts_with("Not computed: "), "{out}");
    assert!(!out.contains('0'), "{out}");
    for lines in ["", "{\"ticket\":1}\nthis is no ticket\n"] {
        for (format, said) in [("table", "Not computed: the table"), ("json", "\"computed\":false")] {
            assert_eq!(project.write("none.jsonl", lines), Ok(()));
            let call = ["sla", "preview", project.spec(), "--tickets", "none.jsonl", "--format", format];
            let output =
                cutover_tests::program::cutover(project.folder()).map(|mut run| run.args(call).output());
            let Ok(Ok(output)) = output else { unreachable!("{output:?}") };
            let out = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.code() == Some(2) && out.contains(said), "{out}");
        }
    }
}

/// Promises of an answer that was given, kept and broken; changes of status out of order; a status that nobody knows.
const ODD: &str = r#"{"ticket":"kept","created_at":"2026-11-16T08:00:00Z","status":"Open","priority":"High","first_response_at":"2026-11-16T08:30:00Z"}
{"ticket":"broken","created_at":"2026-11-16T08:00:00Z","status":"Open","priority":"High","first_response_at":"2026-11-16T11:00:00Z"}
{"ticket":"turned","created_at":"2026-12-03T08:00:00Z","status":"Open","priority":"High","first_response_at":"2026-12-03T08:30:00Z","states":[["2026-12-03T15:00:00Z","Open"],["2026-12-03T09:00:00Z","Pending"]]}
{"ticket":"unknown","created_at":"2026-12-03T08:00:00Z","status":"Elsewhere","priority":"High","first_response_at":"2026-12-03T08:30:00Z"}
{"ticket":"old","created_at":"0001-01-01T00:00:00Z","status":"Open","priority":"High"}
{"ticket":"number","created_at":"2026-12-03T08:00:00Z","status":1}
"#;

#[test]
fn odd_tickets_are_told() {
    let project = Project::of("examples/acme");
    let Ok(project) = project else { unreachable!("{project:?}") };
    assert_eq!(project.write("odd.jsonl", ODD), Ok(()));
    let ran = |args: &[&str]| {
        let output = cutover_tests::program::cutover(project.folder())
            .map(|mut run| run.arg("sla").args(args).args(["--tickets", "odd.jsonl"]).output());
        let Ok(Ok(output)) = output else { unreachable!("{output:?}") };
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let csv = ran(&["preview", project.spec(), "--format", "csv"]);
    for wanted in [
        // An hour was promised; the second answer took three.
        "kept,premium,first_response,High,",
        ",done,,,no,no,crm.tier,no,no,2026-11-16T08:30:00Z,0\n",
        ",done,,,yes,no,crm.tier,no,no,2026-11-16T11:00:00Z,7200\n",
        // The same as with its changes in order: six hours of pause that the new desk does not know.
        "turned,premium,resolution,High,2026-12-04T14:00:00Z,2026-12-04T13:00:00Z,suspended,no-clock,,2026-12-03T16:00:00Z,false-late,-21600,unpaused,",
    ] {
        assert!(csv.contains(wanted), "{wanted}\n{csv}");
    }
    let table = ran(&["preview", project.spec()]);
    for wanted in [
        "1 clock is or was in a status of which the policy says nothing: when they are due is not known",
        "2 lines are no ticket and left out; the first is line 5: a date is before 1900",
        "due 2026-11-16 10:00, answered 2 h later",
    ] {
        assert!(table.contains(wanted), "{wanted}\n{table}");
    }
    let told = ran(&["explain", project.spec(), "broken"]);
    let said =
        "Answered Monday 16 November 2026, 12:00, promised by Monday 16 November 2026, 10:00: 2 h too late.";
    assert!(told.contains(said), "{told}");
}

#[test]
fn a_clock_is_over_where_its_condition_says_so() -> Result<(), String> {
    let project = Project::of("examples/acme")?;
    let two = TICKETS.lines().take(2).collect::<Vec<_>>().join("\n");
    let third = r#"{"ticket":"asia","created_at":"2026-12-03T08:00:00Z","status":"Open","priority":"High","first_response_at":"2026-12-03T08:30:00Z","fields":{"custom.region":"Asia"}}"#;
    project.write("tickets.jsonl", format!("{two}\n{third}\n"))?;
    let (before, after) = (
        "agent_work_time   unpaused          suspend",
        "agent_work_time   done if priority is \"Urgent\" or answered and custom.region is \"Asia\"  unpaused  else suspend",
    );
    let spec = project.text()?;
    assert!(spec.contains(before), "the line of the example is another one");
    project.write(project.spec(), spec.replace(before, after))?;
    let said = |args: &[&str]| -> Result<String, String> {
        let args = [args, &["--tickets", "tickets.jsonl"]].concat();
        let output = project.run(&args)?;
        assert!(output.status.success(), "{}", cutover_tests::program::words(&output));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let csv = said(&["sla", "preview", project.spec(), "--format", "csv"])?;
    let solutions: Vec<&str> = csv.lines().filter(|line| line.contains(",resolution,")).collect();
    // By the priority; not known, since the table has no region of this one; by region and answer.
    assert_eq!(
        solutions,
        [
            "late,premium,resolution,Urgent,2026-12-07T15:50:00Z,done,done,done,,done,done,,,no,no,crm.tier,no,no,,",
            "waited,premium,resolution,High,2026-12-04T14:00:00Z,undecided,undecided,unknown,,undecided,unknown,,,no,no,crm.tier custom.region,no,no,,",
            "asia,premium,resolution,High,2026-12-04T08:00:00Z,done,done,done,,done,done,,,no,no,crm.tier,no,no,,",
        ]
    );
    let table = said(&["sla", "preview", project.spec()])?;
    let whether = "Whether 1 clock is over is not known: that depends on custom.region, which the table of tickets does not hold.";
    assert!(table.contains(whether), "{table}");
    let told = said(&["sla", "explain", project.spec(), "waited"])?;
    let whether =
        "Whether this clock is over depends on custom.region, which the table of tickets does not hold.";
    assert!(told.contains(whether) && told.contains("nobody can say when it is due"), "{told}");
    Ok(())
}

#[test]
fn a_ticket_is_found_by_its_number_in_the_old_desk() {
    let Ok(project) = Project::of("examples/rt-to-zendesk") else { return assert_eq!("a project", "") };
    let output = cutover_tests::program::cutover(project.folder())
        .map(|mut run| run.args(["sla", "explain", project.spec(), "5"]).output());
    let Ok(Ok(output)) = output else { unreachable!("{output:?}") };
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.starts_with("Ticket 44536037b6f41665780d, Standard, first response:"), "{out}");
}

#[test]
fn a_ticket_is_explained_in_words() {
    let explained =
        |ticket| ran("examples/acme", &["sla", "explain", "SPEC", ticket, "--tickets", "tickets.jsonl"]);
    let Ok((Some(0), out, _)) = explained("waited") else { unreachable!("{:?}", explained("waited")) };
    for wanted in [
        "Promised: a solution within 8 h of business time.",
        "Thursday 3 December 2026, 10:00 to 16:00: paused, nothing counts.",
        "By the contract: due Friday 4 December 2026, 14:00.",
        "6 h too early: it will look late while it is not.",
    ] {
        assert!(out.contains(wanted), "{wanted}\n{out}");
    }
    let Ok((Some(0), out, _)) = explained("nothing") else { unreachable!("{:?}", explained("nothing")) };
    assert_eq!(out, "Ticket nothing is under none of the policies: nothing is promised about it.\n");
    let Ok((Some(2), _, err)) = explained("nobody") else { unreachable!("{:?}", explained("nobody")) };
    assert!(err.contains("no unfinished ticket is named nobody"), "{err}");
}

#[test]
fn each_example_with_promises_has_a_preview() {
    for (example, clocks) in [("acme", 6_142), ("rt-to-zendesk", 266), ("zendesk-to-zammad", 174)] {
        let ran = ran(&format!("examples/{example}"), &["sla", "preview", "SPEC", "--format", "json"]);
        let Ok((Some(0), out, _)) = ran else { unreachable!("{ran:?}") };
        let told: Value = serde_json::from_str(&out).unwrap_or_default();
        assert_eq!(told.pointer("/summary/all/clocks"), Some(&Value::from(clocks)), "{example}");
        assert_eq!(told.get("clocks").and_then(Value::as_array).map(Vec::len), Some(clocks), "{example}");
    }
}

#[test]
fn a_due_time_that_a_test_expects_is_computed() {
    let ran = ran("specs/invalid/test/failed/due", &["test", "SPEC"]);
    let Ok((Some(1), out, _)) = ran else { unreachable!("{ran:?}") };
    let said = "due first response: expected 2026-12-04 17:50; by `premium` it is due 2026-12-07 09:50";
    assert!(out.contains("FAILED test/urgent") && out.contains(said), "{out}");
}
