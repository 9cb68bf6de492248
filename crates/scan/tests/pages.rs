//! A scan of a generated account in pages of JSON, against counts that are made from the same objects in memory.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cutover_catalog::inventory::UnfinishedTicket;
use cutover_catalog::{Catalog, Inventory};
use cutover_scan::{Progress, ScanError, ScanOptions, ScanOutcome, scan};
use serde_json::{Value, json};

/// A small generator with a seed (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

struct Account {
    users: Vec<Value>,
    groups: Vec<Value>,
    fields: Vec<Value>,
    tickets: Vec<Value>,
}

fn account(seed: u64, count: u64) -> Account {
    let mut r = Random(seed);
    let users = (0..60)
        .map(|n| {
            let role = if n < 8 { "agent" } else { "end-user" };
            json!({"id": 100 + n, "name": format!("Person Number{n}"), "email": format!("{}@Mail.example", if n % 9 == 0 { "same".to_owned() } else { format!("p{n}") }),
                "role": role, "suspended": n == 3, "active": true, "created_at": "2020-01-01T00:00:00Z", "url": "https://x"})
        })
        .collect();
    let groups = (0..4).map(|n| json!({"id": 10 + n, "name": format!("Tier {n}"), "url": "u"})).collect();
    let fields = vec![
        json!({"id": 1, "type": "subject", "title": "Subject"}),
        json!({"id": 360_001, "type": "text", "title": "Sales Region"}),
        json!({"id": 360_002, "type": "checkbox", "title": "VIP?"}),
        json!({"id": 360_003, "type": "tagger", "title": "Size", "custom_field_options": [{"name": "Large", "value": "size_l"}, {"name": "small", "value": "small"}]}),
    ];
    let mut tickets = Vec::new();
    for n in 0..count {
        let day = 1 + r.below(28);
        let created = format!("2026-03-{day:02}T08:00:00Z");
        let comments: Vec<Value> = (0..r.below(4))
            .map(|c| {
                json!({"id": n * 10 + c, "author_id": 100 + r.below(70), "body": "Dear Person, call +49 30 5550101", "public": r.below(3) > 0,
                    "created_at": format!("2026-04-{:02}T09:00:00Z", 1 + r.below(28))})
            })
            .collect();
        let subject = "ü".repeat(usize::try_from(1 + r.below(200)).unwrap());
        tickets.push(json!({"id": 1000 + n, "subject": subject, "description": "secret words", "status": r.pick(&["new", "open", "pending", "hold", "solved", "closed"]),
            "priority": if r.below(3) == 0 { Value::Null } else { json!(r.pick(&["low", "normal", "high", "urgent"])) },
            "requester_id": 100 + r.below(80), "assignee_id": 100 + r.below(8), "group_id": 10 + r.below(6), "tags": (0..r.below(4)).map(|_| json!(r.pick(&["vip", "b2b", "call 030 5550101", "old"]))).collect::<Vec<_>>(),
            "custom_fields": [{"id": 360_001, "value": r.pick(&["emea", "us", "mail me@x.example"])}, {"id": 360_002, "value": r.below(2) == 0}, {"id": 360_009, "value": r.below(9)}, {"id": 360_003, "value": r.pick(&["size_l", "small"])}],
            "created_at": created, "updated_at": format!("2026-05-{day:02}T08:00:00Z"), "comments": comments}));
    }
    Account { users, groups, fields, tickets }
}

fn write(account: &Account, folder: &Path, pages: usize, pretty: bool) {
    let put = |name: &str, value: &Value| {
        let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        std::fs::write(folder.join(name), text.unwrap()).unwrap();
    };
    put("users.json", &json!({"users": account.users, "next_page": null, "count": 60}));
    put("groups.json", &json!({"groups": account.groups}));
    put("ticket_fields.json", &json!({"ticket_fields": account.fields}));
    for (n, page) in account.tickets.chunks(account.tickets.len().div_ceil(pages)).enumerate() {
        put(&format!("tickets-{n}.json"), &json!({"end_time": 5, "tickets": page, "end_of_stream": true}));
    }
}

fn run(account: &Account, pages: usize, pretty: bool) -> (ScanOutcome, String) {
    let dir = tempfile::tempdir().unwrap();
    write(account, dir.path(), pages, pretty);
    run_in(dir.path())
}

fn run_in(folder: &Path) -> (ScanOutcome, String) {
    let catalog = Catalog::builtin("zendesk").expect("a catalog");
    let options = ScanOptions {
        account: "acme".to_owned(),
        sidecar: Some("source.unfinished.jsonl".to_owned()),
        ..ScanOptions::default()
    };
    let mut heard = Heard::default();
    let mut outcome = scan(folder, &catalog, &options, &mut heard).expect("a scan");
    assert!(heard.0 > 0 && heard.1.is_sorted() && heard.1.last() == Some(&heard.0));
    let broken = cutover_catalog::inventory_rules::broken(&outcome.inventory, &catalog);
    let states = |rule: &cutover_catalog::rules::Broken| rule.path.iter().any(|part| part == "by_status");
    assert!(broken.iter().all(states), "{broken:?}");
    let mut lines = Vec::new();
    outcome.unfinished.write_to(&mut lines).unwrap();
    (outcome, String::from_utf8(lines).unwrap())
}

#[derive(Default)]
struct Heard(u64, Vec<u64>);

impl Progress for Heard {
    fn at(&mut self, _: &str, done: u64, total: u64) {
        self.0 = total;
        self.1.push(done);
    }
}

/// Counts of a field's values that are present, as text.
fn values(tickets: &[Value], get: impl Fn(&Value) -> Vec<Value>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for value in tickets.iter().flat_map(get) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        *counts.entry(text).or_insert(0) += 1;
    }
    counts
}

fn shown(inventory: &Inventory, field: &str) -> BTreeMap<String, u64> {
    let field = inventory.profile.get("ticket").unwrap().fields.get(field).unwrap();
    field.values.iter().map(|(name, count)| (name.to_owned(), *count)).collect()
}

#[test]
fn measures_are_those_of_the_objects() {
    for seed in 1..4 {
        let account = account(seed, 400);
        let (outcome, _) = run(&account, 3, seed == 2);
        let inventory = &outcome.inventory;
        let tickets = &account.tickets;
        let profile = inventory.profile.get("ticket").unwrap();
        assert_eq!(profile.count, 400);
        let by_status: BTreeMap<String, u64> =
            profile.by_status.iter().map(|(n, c)| (n.to_owned(), *c)).collect();
        assert_eq!(by_status, values(tickets, |t| vec![t["status"].clone()]));
        let priority =
            values(tickets, |t| if t["priority"].is_null() { vec![] } else { vec![t["priority"].clone()] });
        assert_eq!(shown(inventory, "priority"), priority);
        assert_eq!(profile.fields.get("priority").unwrap().present, priority.values().sum::<u64>());

        // Lengths in characters, for any limit up to the exact bound.
        let subject = profile.fields.get("subject").unwrap();
        for limit in [0, 1, 10, 99, 150, 199, 200, 1000] {
            let longer =
                tickets.iter().filter(|t| t["subject"].as_str().unwrap().chars().count() > limit).count();
            let exactly = cutover_catalog::inventory::Longer::Exactly(longer as u64);
            assert_eq!(subject.longer_than(limit as u64), exactly, "{limit}");
        }

        // Tags: what could be a telephone number stays out, but is counted.
        let mut tags = values(tickets, |t| t["tags"].as_array().unwrap().clone());
        let call = tags.remove("call 030 5550101").unwrap();
        assert_eq!(shown(inventory, "tags"), tags);
        assert_eq!(profile.fields.get("tags").unwrap().other_values, call);
        assert_eq!(profile.fields.get("tags").unwrap().distinct, Some(4));

        // Custom fields by the names of their definitions, or by their ids.
        let custom = |n: usize| values(tickets, move |t| vec![t["custom_fields"][n]["value"].clone()]);
        let mut region = custom(0);
        assert!(region.remove("mail me@x.example").is_some());
        assert_eq!(shown(inventory, "custom.sales_region"), region);
        assert_eq!(shown(inventory, "custom.vip"), custom(1));
        let defined: Vec<&str> = inventory.custom_fields.get("ticket").unwrap().keys().collect();
        assert_eq!(defined, ["field_360009", "sales_region", "size", "vip"]);
        let size = inventory.custom_fields.get("ticket").unwrap().get("size").unwrap();
        assert_eq!(size.options.0.get("Large").unwrap().api.as_deref(), Some("size_l"));
        assert_eq!(shown(inventory, "custom.size").get("Large"), custom(3).get("size_l"));
        assert!(!outcome.findings.iter().any(|f| f.code == "scan/unreadable-value"));
        assert_eq!(profile.fields.get("custom.field_360009").unwrap().max.as_deref(), Some("8"));

        // Users from 160 and groups from 14 on do not exist.
        let orphans = |field: &str, from: u64| {
            tickets.iter().filter(|t| t[field].as_u64().unwrap() >= from).count() as u64
        };
        assert_eq!(profile.orphans.get("requester"), Some(&orphans("requester_id", 160)));
        assert_eq!(profile.orphans.get("group"), Some(&orphans("group_id", 14)));
        assert_eq!(profile.orphans.get("assignee"), None);
        let most = tickets.iter().map(|t| t["comments"].as_array().unwrap().len()).max().unwrap();
        assert_eq!(profile.most.get("comment"), Some(&(most as u64)));

        let users = inventory.profile.get("user").unwrap();
        assert_eq!(users.duplicates.get("email"), Some(&7));
        let agents = inventory.objects.get("user").unwrap();
        assert_eq!(agents.len(), 8);
        assert!(agents.iter().all(|agent| agent.role.as_deref() == Some("Agent") && Some(&agent.name) == agent.id.as_ref()));
        assert_eq!(agents.iter().filter(|agent| agent.inactive).count(), 1);
        let used: u64 = inventory.objects.get("group").unwrap().iter().filter_map(|group| group.used).sum();
        assert_eq!(used, 400 - orphans("group_id", 14));
    }
}

#[test]
fn unfinished_tickets_are_told_without_text_or_person() {
    let account = account(9, 300);
    let (outcome, lines) = run(&account, 2, false);
    let tickets: Vec<UnfinishedTicket> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let open = |t: &&Value| ["new", "open", "pending", "hold"].contains(&t["status"].as_str().unwrap());
    let unfinished: Vec<&Value> = account.tickets.iter().filter(open).collect();
    assert_eq!(tickets.len(), unfinished.len());
    assert!(tickets.is_sorted_by(|a, b| a.ticket < b.ticket));
    let sidecar = outcome.inventory.unfinished.clone().unwrap();
    assert_eq!(sidecar.count, Some(unfinished.len() as u64));
    assert_eq!(sidecar.sha256.as_deref().map(str::len), Some(64));
    for secret in ["ü", "secret", "@", "Person", "5550101"] {
        assert!(!lines.contains(secret), "{secret}");
    }
    // The same facts in another way, as a bag.
    let told: BTreeSet<String> = tickets
        .iter()
        .map(|t| {
            let text = |i: Option<cutover_ir::time::Instant>| i.map(|i| i.to_string()).unwrap_or_default();
            format!(
                "{}|{}|{}|{}|{}|{}|{}|{}",
                t.created_at,
                t.status,
                t.priority.as_deref().unwrap_or(""),
                t.group.as_deref().unwrap_or(""),
                text(t.updated_at),
                text(t.first_response_at),
                text(t.last_agent_at.at()),
                text(t.last_customer_at.at())
            )
        })
        .collect();
    let wanted: BTreeSet<String> = unfinished
        .iter()
        .map(|t| {
            let (mut agent, mut customer) = (Vec::new(), Vec::new());
            for comment in t["comments"].as_array().unwrap().iter().filter(|c| c["public"] == json!(true)) {
                let is_agent = comment["author_id"].as_u64().unwrap() < 108;
                if is_agent { &mut agent } else { &mut customer }
                    .push(comment["created_at"].as_str().unwrap());
            }
            agent.sort_unstable();
            customer.sort_unstable();
            let group = t["group_id"].as_u64().unwrap();
            let group = if group < 14 { format!("Tier {}", group - 10) } else { String::new() };
            let one = |time: Option<&&str>| time.map_or_else(String::new, |time| (*time).to_owned());
            format!(
                "{}|{}|{}|{group}|{}|{}|{}|{}",
                t["created_at"].as_str().unwrap(),
                t["status"].as_str().unwrap(),
                t["priority"].as_str().unwrap_or(""),
                t["updated_at"].as_str().unwrap(),
                one(agent.first()),
                one(agent.last()),
                one(customer.last())
            )
        })
        .collect();
    assert_eq!(told, wanted);
}

#[test]
fn pages_and_blanks_change_nothing() {
    let account = account(5, 200);
    let (one, lines) = run(&account, 1, false);
    let (many, many_lines) = run(&account, 7, true);
    assert_eq!(one.inventory, many.inventory);
    assert_eq!(lines, many_lines);
    let text = serde_json::to_string(&one.inventory).unwrap();
    for secret in ["ü", "secret words", "@", "Person", "5550101", "Dear"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn broken_parts_are_findings_and_the_rest_is_counted() {
    let account = account(5, 20);
    let dir = tempfile::tempdir().unwrap();
    write(&account, dir.path(), 1, false);
    let odd = "{\"tickets\":[{\"id\":1,\"id\":1,\"status\":\"odd\",\"shoe_size\":4},{\"id\":2,,},{\"id\":1000,\"status\":\"open\"}],\"audits\":[]}";
    std::fs::write(dir.path().join("tickets-odd.json"), odd).unwrap();
    std::fs::write(dir.path().join("photo.png"), "x").unwrap();
    let (outcome, _) = run_in(dir.path());
    let codes: BTreeMap<&str, u64> = outcome.findings.iter().map(|f| (f.code, f.count)).collect();
    for code in [
        "scan/duplicate-key",
        "scan/unknown-state",
        "scan/unknown-column",
        "scan/not-json",
        "scan/unknown-file",
        "scan/unread-list",
    ] {
        assert_eq!(codes.get(code), Some(&1), "{code} {codes:?}");
    }
    assert_eq!(codes.get("scan/duplicate-record"), Some(&2));
    // A ticket in a state that nobody has classed may be unfinished.
    assert_eq!(codes.get("scan/no-creation"), Some(&2));
    let cut = format!("{odd}\n{{\"tickets\":[{{\"id\":3");
    let odd = outcome.findings.iter().find(|f| f.code == "scan/unknown-column").unwrap();
    assert_eq!((odd.file.as_str(), odd.places[0].offset), ("tickets-odd.json", 12));
    assert_eq!(outcome.inventory.profile.get("ticket").unwrap().count, 22);
    assert!(outcome.findings.iter().all(|f| !f.message.contains("odd\"") && !f.message.ends_with('.')));

    // Nobody knows how much stood behind the cut.
    std::fs::write(dir.path().join("tickets-odd.json"), cut).unwrap();
    let (outcome, _) = run_in(dir.path());
    let truncated = outcome.findings.iter().find(|f| f.code == "scan/truncated").unwrap();
    assert_eq!((truncated.severity, truncated.count), (cutover_scan::Severity::Error, 1));
    assert!(outcome.inventory.profile.get("ticket").is_none() && outcome.inventory.unfinished.is_none());
}

#[test]
fn a_folder_that_fits_no_layout_is_an_error() {
    let catalog = Catalog::builtin("zendesk").expect("a catalog");
    let dir = tempfile::tempdir().unwrap();
    let outcome = scan(dir.path(), &catalog, &ScanOptions::default(), &mut ());
    assert!(matches!(outcome, Err(ScanError::NoLayout { .. })));
    let options = ScanOptions { layout: Some("none".to_owned()), ..ScanOptions::default() };
    let outcome = scan(dir.path(), &catalog, &options, &mut ());
    assert!(matches!(outcome, Err(ScanError::UnknownLayout { .. })));
    let outcome = scan(&dir.path().join("absent"), &catalog, &options, &mut ());
    assert!(matches!(outcome, Err(ScanError::Folder(_))));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_refused() {
    let catalog = Catalog::builtin("zendesk").expect("a catalog");
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("users.json"), "{\"users\":[]}").unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path().join("users.json"), dir.path().join("users.json")).unwrap();
    let outcome = scan(dir.path(), &catalog, &ScanOptions::default(), &mut ());
    assert!(matches!(outcome, Err(ScanError::Folder(cutover_records::FolderError::Escapes { .. }))));
}
