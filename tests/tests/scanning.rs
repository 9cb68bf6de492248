//! What `cutover inventory scan` says of exports, case by case as it is committed, and of exports that no repository can hold.
//!
//! `BLESS=1 cargo test -p cutover-tests --test scanning` writes the expected outputs anew.

use std::fs;
use std::path::Path;

use cutover_catalog::Catalog;
use cutover_ir::time::Date;
use cutover_records::Limits;
use cutover_scan::{Finding, ScanOptions, ScanOutcome, Severity, scan};
use cutover_tests::program::cutover;
use cutover_tests::scanning::{ARGUMENTS, EXPECTED, cases, findings, name};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn arguments(case: &Path) -> Result<String, Box<dyn std::error::Error>> {
    Ok(fs::read_to_string(case.join(ARGUMENTS))?)
}

#[test]
fn each_case_says_what_is_committed() -> Outcome {
    let mut wrong = Vec::new();
    for case in cases() {
        let to = tempfile::tempdir()?;
        let mut call = cutover(&case)?;
        call.args(["inventory", "scan", "export"]).args(arguments(&case)?.split_whitespace());
        let output = call.arg("-o").arg(to.path().join("source.yaml")).output()?;
        let said =
            String::from_utf8_lossy(&output.stdout).replace(&*to.path().to_string_lossy(), "inventory");
        assert!(output.stderr.is_empty(), "{}: {}", name(&case), String::from_utf8_lossy(&output.stderr));
        // Only a remark leaves the exit code clean.
        let clean = !said.lines().any(|line| line.contains(": warning[") || line.contains(": error["));
        assert_eq!(output.status.code(), Some(i32::from(!clean)), "{}", name(&case));
        let expected = case.join(EXPECTED);
        if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
            fs::write(&expected, &said)?;
        }
        if fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("{}:\n{said}", name(&case)));
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 writes these anew:\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn each_case_shows_the_code_of_its_folder() -> Outcome {
    for case in cases() {
        let code = name(&case).rsplit_once('/').map(|(code, _)| code.to_owned()).unwrap_or_default();
        let found = findings(&case.join("export"), &arguments(&case)?)?;
        let serious: Vec<&str> =
            found.iter().filter(|f| f.severity != Severity::Note).map(|f| f.code).collect();
        assert!(found.iter().any(|f| f.code == code), "{code}: {found:?}");
        assert!(serious.iter().all(|found| *found == code), "{code}: {serious:?}");
    }
    Ok(())
}

fn options() -> ScanOptions {
    ScanOptions { account: "a".to_owned(), taken: Date::new(2026, 11, 20), ..ScanOptions::default() }
}

fn scanned(
    product: &str,
    files: &[(&str, &str)],
    options: &ScanOptions,
) -> Result<ScanOutcome, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    for (name, text) in files {
        fs::write(folder.path().join(name), text)?;
    }
    let catalog = Catalog::builtin(product).ok_or("no such catalog")?;
    Ok(scan(folder.path(), &catalog, options, &mut ())?)
}

fn codes(found: &[Finding]) -> Vec<(Severity, &'static str)> {
    found.iter().map(|f| (f.severity, f.code)).collect()
}

#[test]
fn what_is_too_large_is_told() -> Outcome {
    let limits = Limits { record_bytes: 200, columns: 3, ..Limits::default() };
    let small = ScanOptions { limits, ..options() };
    let long = format!("{{\"id\":1,\"name\":\"{}\"}}\n", "x".repeat(300));
    let outcome = scanned("table", &[("a.jsonl", &format!("{long}{{\"id\":2,\"name\":\"y\"}}\n"))], &small)?;
    assert_eq!(codes(&outcome.findings), [(Severity::Warning, "scan/record-too-long")]);
    // Of a file without a readable record it is not known how much it holds.
    let outcome = scanned("table", &[("a.jsonl", &long)], &small)?;
    assert_eq!(codes(&outcome.findings), [(Severity::Error, "scan/record-too-long")]);
    assert!(outcome.inventory.profile.is_empty());
    let outcome = scanned("table", &[("a.csv", "a,b,c,d\n1,2,3,4\n")], &small)?;
    assert_eq!(codes(&outcome.findings), [(Severity::Error, "scan/too-many-columns")]);
    assert!(outcome.inventory.profile.is_empty());
    Ok(())
}

#[test]
fn what_is_too_much_is_told() -> Outcome {
    let fields: Vec<String> = (0..2_001).map(|n| format!("\"f{n}\":\"x\"")).collect();
    let user = format!(
        "{{\"users\":[{{\"id\":1,\"name\":\"A\",\"role\":\"end-user\",\"user_fields\":{{{}}}}}]}}",
        fields.join(",")
    );
    let outcome = scanned("zendesk", &[("users.json", &user)], &options())?;
    assert_eq!(codes(&outcome.findings), [(Severity::Warning, "scan/too-many-custom-fields")]);

    let groups: Vec<String> = (0..20_001).map(|n| format!("{{\"id\":{n},\"name\":\"G{n}\"}}")).collect();
    let groups = format!("{{\"groups\":[{}]}}", groups.join(","));
    let outcome = scanned("zendesk", &[("groups.json", &groups)], &options())?;
    assert_eq!(codes(&outcome.findings), [(Severity::Warning, "scan/too-many-objects")]);
    assert_eq!(outcome.inventory.profile.get("group").map(|groups| groups.count), Some(20_001));

    let ticket =
        |n: u32| format!("{{\"id\":{n},\"status\":\"open\",\"created_at\":\"2026-11-19T08:00:00Z\"}}");
    let tickets = format!("{{\"tickets\":[{},{}]}}", ticket(1), ticket(2));
    let one = ScanOptions { followed: 1, ..options() };
    let outcome = scanned("zendesk", &[("tickets.json", &tickets)], &one)?;
    assert_eq!(codes(&outcome.findings), [(Severity::Warning, "scan/too-many-unfinished")]);
    assert_eq!(outcome.unfinished.count(), 2);
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_are_not_read_twice() -> Outcome {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("a.csv"), "id\n1\n")?;
    std::os::unix::fs::symlink(folder.path().join("a.csv"), folder.path().join("b.csv"))?;
    let catalog = Catalog::builtin("table").ok_or("no such catalog")?;
    let outcome = scan(folder.path(), &catalog, &options(), &mut ())?;
    assert_eq!(codes(&outcome.findings), [(Severity::Warning, "scan/skipped-file")]);
    Ok(())
}

#[test]
fn a_kind_that_could_not_be_read_is_not_called_empty() -> Outcome {
    let cut =
        "{\"tickets\":[{\"id\":1,\"status\":\"open\",\"created_at\":\"2026-11-19T08:00:00Z\"},{\"id\":2";
    let groups = "{\"groups\":[{\"id\":1,\"name\":\"G\"}]}";
    let with = ScanOptions { sidecar: Some("s.unfinished.jsonl".to_owned()), ..options() };
    let outcome = scanned("zendesk", &[("tickets.json", cut), ("groups.json", groups)], &with)?;
    assert_eq!(codes(&outcome.findings), [(Severity::Error, "scan/truncated")]);
    assert_eq!(outcome.inventory.profile.keys().collect::<Vec<_>>(), ["group"]);
    assert!(outcome.inventory.unfinished.is_none(), "half a table is no table");
    Ok(())
}

#[test]
fn the_date_of_a_task_is_no_due_time_of_a_service_level() -> Outcome {
    let ticket = |n: u32, slas: &str| {
        format!(
            "{{\"id\":{n},\"status\":\"open\",\"type\":\"task\",\"created_at\":\"2026-11-19T08:00:00Z\",\"due_at\":\"2026-11-30T12:00:00Z\"{slas}}}"
        )
    };
    let slas = ",\"slas\":{\"policy_metrics\":[{\"metric\":\"first_reply_time\",\"breach_at\":\"2026-11-19T09:00:00Z\"},\
                {\"metric\":\"agent_work_time\",\"breach_at\":\"2026-11-20T08:00:00Z\"}]}";
    let tickets = format!("{{\"tickets\":[{},{}]}}", ticket(1, ""), ticket(2, slas));
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("export"))?;
    fs::write(folder.path().join("export/tickets.json"), tickets)?;
    let mut call = cutover(folder.path())?;
    call.args(["inventory", "scan", "export", "--platform", "zendesk", "--account", "a", "-o", "s.yaml"]);
    call.output()?;
    let table = fs::read_to_string(folder.path().join("s.unfinished.jsonl"))?;
    let dues: Vec<_> = table
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line)?;
            Ok((line.get("first_response_due_at").cloned(), line.get("due_at").cloned()))
        })
        .collect::<Result<_, serde_json::Error>>()?;
    let told = (Some("2026-11-19T09:00:00Z".into()), Some("2026-11-20T08:00:00Z".into()));
    assert!(dues.len() == 2 && dues.contains(&told) && dues.contains(&(None, None)), "{dues:?}");
    Ok(())
}

#[test]
fn the_class_of_an_own_state_decides_who_is_unfinished() -> Outcome {
    let folder = tempfile::tempdir()?;
    let ticket = |n: u32, status: &str| {
        format!("{{\"id\":{n},\"status\":\"{status}\",\"created_at\":\"2026-11-19T08:00:00Z\"}}")
    };
    let tickets = format!("{{\"tickets\":[{},{}]}}", ticket(1, "open"), ticket(2, "at the customer"));
    fs::create_dir(folder.path().join("export"))?;
    fs::write(folder.path().join("export/tickets.json"), tickets)?;
    let rescan = || -> Result<(Option<i32>, usize), Box<dyn std::error::Error>> {
        let mut call = cutover(folder.path())?;
        call.args(["inventory", "scan", "export", "--platform", "zendesk", "--account", "a", "-o", "s.yaml"]);
        let code = call.output()?.status.code();
        Ok((code, fs::read_to_string(folder.path().join("s.unfinished.jsonl"))?.lines().count()))
    };
    // Nobody has said yet that such tickets are finished.
    assert_eq!(rescan()?, (Some(1), 2));
    let inventory = fs::read_to_string(folder.path().join("s.yaml"))?;
    let declared = |class: &str| {
        inventory.replace(
            "\nprofile:",
            &format!("\nstates:\n  ticket:\n    at the customer: {{ {class} }}\nprofile:"),
        )
    };
    for (class, left) in
        [("category: closed, class: finished", 1), ("category: pending, class: unfinished", 2)]
    {
        fs::write(folder.path().join("s.yaml"), declared(class))?;
        assert_eq!(rescan()?, (Some(0), left), "{class}");
        // What was declared is still there, for the next scan.
        assert!(fs::read_to_string(folder.path().join("s.yaml"))?.contains("at the customer"), "{class}");
    }
    Ok(())
}

/// A scan is repeated each week, onto the same file: what people wrote there stays, and nothing else is written over.
#[test]
fn a_scan_takes_the_place_of_nothing_but_its_own_inventory() -> Outcome {
    let folder = tempfile::tempdir()?;
    let ticket = r#"{"tickets":[{"id":1,"status":"open","created_at":"2026-11-19T08:00:00Z"}]}"#;
    fs::create_dir(folder.path().join("export"))?;
    fs::write(folder.path().join("export/tickets.json"), ticket)?;
    let path = folder.path().join("s.yaml");
    let scan = |more: &[&str]| -> Result<(Option<i32>, String), Box<dyn std::error::Error>> {
        let mut call = cutover(folder.path())?;
        call.args(["inventory", "scan", "export", "--platform", "zendesk", "-o", "s.yaml"]).args(more);
        let output = call.output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code(), String::from_utf8_lossy(&said).into_owned()))
    };
    let others = [
        ("migration m \"M\" {\n}\n", "is no inventory that can be read"),
        ("format: 1\nplatform: rt\naccount: a\n", "is an inventory of `rt`"),
    ];
    for (text, why) in others {
        fs::write(&path, text)?;
        let (code, said) = scan(&[])?;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(why) && said.contains("another file"), "{said}");
        assert_eq!(fs::read_to_string(&path)?, text, "what stood there is lost");
    }
    fs::remove_file(&path)?;
    assert_eq!(scan(&["--account", "lantern"])?.0, Some(0));
    let first = fs::read_to_string(&path)?;
    let by_hand =
        "plan: Suite Professional\ntime_zone: Europe/Berlin\ncredentials:\n- name: nightly export\n";
    let by_hand = first.replacen("account: lantern\n", &format!("account: lantern\n{by_hand}"), 1);
    let by_hand = by_hand.replacen(
        "profile:\n",
        "objects:\n  macro:\n  - Refund\nprofile:\n  macro:\n    count: 1\n",
        1,
    );
    assert_ne!(by_hand, first);
    fs::write(&path, &by_hand)?;
    let (code, said) = scan(&[])?;
    assert_eq!(code, Some(0), "{said}");
    let second = fs::read_to_string(&path)?;
    for kept in ["account: lantern", "Suite Professional", "Europe/Berlin", "nightly export", "Refund"] {
        assert!(second.contains(kept), "{kept} is lost:\n{second}");
    }
    for told in [
        "the account's name",
        "its plan",
        "its time zone",
        "credentials",
        "objects of macro",
        "left out now: macro",
    ] {
        assert!(said.contains(told), "{told} is not told:\n{said}");
    }
    let (code, said) = scan(&["--account", "other"])?;
    assert_eq!((code, said.contains("of the account `lantern`")), (Some(2), true), "{said}");
    assert_eq!(fs::read_to_string(&path)?, second);
    Ok(())
}
