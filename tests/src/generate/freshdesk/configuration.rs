//! The account's configuration: fields, roles, rules, hours, texts. A function a file.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::super::{number, write_lines};

const MADE: &str = "2020-03-02T08:00:00Z";
const CHANGED: &str = "2025-08-11T12:00:00Z";

pub(super) fn write(folder: &Path) -> io::Result<()> {
    write_lines(folder, "ticket_fields.jsonl", ticket_fields())?;
    write_lines(folder, "roles.jsonl", roles())?;
    write_lines(folder, "products.jsonl", named(43_000_010_001, &["Acme Shop", "Acme Cloud"]))?;
    write_lines(folder, "email_configs.jsonl", email_configs())?;
    write_lines(folder, "business_hours.jsonl", business_hours())?;
    write_lines(folder, "sla_policies.jsonl", sla_policies())?;
    write_lines(folder, "canned_responses.jsonl", canned_responses())?;
    write_lines(folder, "automations.jsonl", automations())?;
    write_lines(
        folder,
        "views.jsonl",
        named(
            43_000_040_001,
            &[
                "All unresolved",
                "My open tickets",
                "Overdue",
                "New and unassigned",
                "Alle offenen",
                "Finance monthly",
            ],
        ),
    )?;
    write_lines(folder, "kb_links.jsonl", kb_links())
}

/// `products`, `views`: `id`, `name`, `description`?, `created_at`, `updated_at`.
fn named(first: i64, names: &[&str]) -> Vec<Value> {
    let one = |(at, name): (usize, &&str)| json!({ "id": first + number(at), "name": name, "description": Value::Null, "created_at": MADE, "updated_at": CHANGED });
    names.iter().enumerate().map(one).collect()
}

fn ticket_fields() -> Vec<Value> {
    let mut id = 43_000_000_100_i64;
    let mut field = |name: &str, label: &str, kind: &str, required: bool, archived: bool, choices: Value| {
        id += 1;
        json!({ "id": id, "name": name, "label": label, "type": kind, "required_for_agents": required, "required_for_closure": false, "displayed_to_customers": !archived, "default": !name.starts_with("cf_"), "archived": archived, "choices": choices, "created_at": MADE, "updated_at": CHANGED })
    };
    vec![
        field("requester", "Search a requester", "default_requester", true, false, json!([])),
        field("subject", "Subject", "default_subject", true, false, json!([])),
        field(
            "status",
            "Status",
            "default_status",
            true,
            false,
            json!({ "2": ["Open", "Being processed"], "3": ["Pending", "Awaiting your reply"], "4": ["Resolved", "This ticket has been resolved"], "5": ["Closed", "This ticket has been closed"], "7": ["Waiting on third party", "Being processed"] }),
        ),
        field(
            "priority",
            "Priority",
            "default_priority",
            true,
            false,
            json!({ "Low": 1, "Medium": 2, "High": 3, "Urgent": 4 }),
        ),
        field(
            "source",
            "Source",
            "default_source",
            false,
            false,
            json!({ "Email": 1, "Portal": 2, "Phone": 3, "Chat": 7, "Feedback Widget": 9, "Outbound Email": 10 }),
        ),
        field(
            "ticket_type",
            "Type",
            "default_ticket_type",
            false,
            false,
            json!(["Question", "Incident", "Problem", "Feature Request", "Refund"]),
        ),
        field("group", "Group", "default_group", false, false, json!([])),
        field("agent", "Agent", "default_agent", false, false, json!([])),
        field("product", "Product", "default_product", false, false, json!([])),
        field("company", "Company", "default_company", false, false, json!([])),
        field("description", "Description", "default_description", true, false, json!([])),
        field("cf_region", "Region", "single_line", false, false, json!([])),
        field("cf_product", "Product", "single_line", false, false, json!([])),
        field("cf_legacy_id", "Legacy id", "single_line", false, true, json!([])),
        field("cf_order_number", "Order number", "number", false, false, json!([])),
        field("cf_refund", "Refund", "decimal", false, false, json!([])),
        field("cf_contract_end", "Contract end", "date", false, false, json!([])),
    ]
}

/// `roles`: `id`, `name`, `description`, `default`, `agent_type`, `created_at`, `updated_at`.
fn roles() -> Vec<Value> {
    let role = |at: i64, name: &str, words: &str| json!({ "id": 43_000_600_000 + at, "name": name, "description": words, "default": true, "agent_type": 1, "created_at": MADE, "updated_at": MADE });
    vec![
        role(1, "Account Administrator", "Everything, billing included"),
        role(2, "Administrator", "Everything but billing"),
        role(3, "Agent", "Answers tickets"),
        role(4, "Supervisor", "Reports and group settings"),
    ]
}

/// `email_configs`: `id`, `name`, `to_email`, `reply_email`, `group_id`?, `product_id`?, `primary_role`, `active`, `created_at`, `updated_at`.
fn email_configs() -> Vec<Value> {
    let config = |at: i64, name: &str, address: &str, active: bool| json!({ "id": 43_000_030_000 + at, "name": name, "to_email": format!("{address}.inbound@acme-legacy.example.org"), "reply_email": format!("{address}@acme.example.org"), "group_id": Value::Null, "product_id": Value::Null, "primary_role": at == 1, "active": active, "created_at": MADE, "updated_at": CHANGED });
    vec![
        config(1, "Help", "help", true),
        config(2, "Billing", "billing", true),
        config(3, "Old press office", "press", false),
    ]
}

/// `business_hours`: `id`, `name`, `description`?, `is_default`, `time_zone` (Rails name), `business_hours` {weekday: {`start_time`, `end_time`}}, `holidays`[] {`name`, `date`}.
fn business_hours() -> Vec<Value> {
    let day = |from: &str, to: &str| json!({ "start_time": from, "end_time": to });
    let week = |from: &str, to: &str| json!({ "monday": day(from, to), "tuesday": day(from, to), "wednesday": day(from, to), "thursday": day(from, to), "friday": day(from, to) });
    let holidays = json!([{ "name": "New Year", "date": "01-01" }, { "name": "Labour Day", "date": "05-01" }, { "name": "Christmas", "date": "12-25" }, { "name": "Second day of Christmas", "date": "12-26" }]);
    vec![
        json!({ "id": 43_000_700_001_i64, "name": "Support hours", "description": Value::Null, "is_default": true, "time_zone": "Berlin", "business_hours": week("9:00 am", "5:00 pm"), "holidays": holidays }),
        json!({ "id": 43_000_700_002_i64, "name": "Night", "description": Value::Null, "is_default": false, "time_zone": "Berlin", "business_hours": week("9:00 pm", "11:59 pm"), "holidays": [] }),
    ]
}

/// `sla_policies`: `id`, `name`, `description`?, `active`, `is_default`, `position`, `applicable_to`, `sla_target` {priority: {`respond_within`, `resolve_within`: seconds, `business_hours`, `escalation_enabled`}}, `escalation`, `created_at`, `updated_at`.
fn sla_policies() -> Vec<Value> {
    let target = |respond: i64, resolve: i64| json!({ "respond_within": respond * 60, "resolve_within": resolve * 60, "business_hours": true, "escalation_enabled": true });
    let policy = |at: i64, name: &str, to: Value, urgent: i64| json!({ "id": 43_000_800_000 + at, "name": name, "description": Value::Null, "active": true, "is_default": at == 2, "position": at, "applicable_to": to, "sla_target": { "priority_4": target(urgent, urgent * 8), "priority_3": target(urgent * 2, urgent * 16), "priority_2": target(urgent * 4, urgent * 32), "priority_1": target(urgent * 8, urgent * 48) }, "escalation": { "response": { "escalation_time": 0, "agent_ids": [-1] } }, "created_at": MADE, "updated_at": CHANGED });
    vec![
        policy(1, "Premium", json!({ "company_ids": [43_900_001, 43_900_004] }), 60),
        policy(2, "Default SLA Policy", json!({}), 120),
    ]
}

/// `canned_responses`: `id`, `title`, `content_html`, `folder`, `visibility`, `last_used`? (date), `created_at`, `updated_at`.
fn canned_responses() -> Vec<Value> {
    let rows = [
        ("Greeting", "General", "Hello {{ticket.requester.first_name}}"),
        ("Ask for the order number", "General", "Could you send us the order number?"),
        ("Ask for a screenshot", "General", "A picture of the screen would help."),
        ("Close as duplicate", "General", "We answer in your other request."),
        ("Refund approved", "Billing", "The refund is on its way."),
        ("Rechnung erneut senden", "Billing", "Anbei die Rechnung."),
        ("Request VAT number", "Billing", "Which VAT number shall the invoice show?"),
        ("Warranty: accepted", "Returns", "The warranty covers it."),
        ("Warranty: refused", "Returns", "The warranty has ended."),
        ("Escalated to Tier 2", "Internal", "A colleague takes over."),
        ("Onboarding hello", "Onboarding", "Welcome to Acme!"),
        (
            "See acme-legacy status page",
            "Internal",
            "https://status.acme-legacy.example.org has the current state.",
        ),
        ("Old holiday message", "General", "We are back on 2 January 2022."),
    ];
    let one = |(at, (title, folder, words)): (usize, &(&str, &str, &str))| json!({ "id": 43_000_020_001 + number(at), "title": title, "content_html": format!("<p>{words}</p>"), "folder": folder, "visibility": if *folder == "Internal" { "Select groups" } else { "All agents" }, "last_used": if at == 12 { "2022-01-02" } else { "2026-11-18" }, "created_at": MADE, "updated_at": CHANGED });
    rows.iter().enumerate().map(one).collect()
}

/// `automations`: `id`, `name`, `event` (`Ticket creation`, `Ticket updates`, `Time triggers`), `active`, `position`, `conditions`[], `actions`[], `last_used`? (date), `created_at`, `updated_at`.
fn automations() -> Vec<Value> {
    const CREATION: &str = "Ticket creation";
    const UPDATES: &str = "Ticket updates";
    const TIME: &str = "Time triggers";
    let rows = [
        ("Escalate VIP", UPDATES, true, true, "company tier is Premium", "set priority Urgent"),
        ("Assign billing", CREATION, true, true, "subject has invoice", "assign group Billing"),
        ("Auto-reply bot", CREATION, true, true, "any ticket", "let the assistant answer"),
        ("Tag by product", CREATION, true, true, "product is set", "add tag of product"),
        ("Close resolved after 4 days", TIME, true, true, "resolved for 96 hours", "set status Closed"),
        ("Remind pending after 3 days", TIME, true, true, "pending for 72 hours", "mail requester"),
        ("Route returns", CREATION, true, true, "type is Refund", "assign group Returns"),
        ("Black Friday 2022 priority", CREATION, false, false, "created in November", "set priority High"),
        ("Warehouse webhook", UPDATES, true, false, "tag is returns", "call webhook"),
    ];
    let one = |(at, (name, event, active, runs, condition, action)): (
        usize,
        &(&str, &str, bool, bool, &str, &str),
    )| json!({ "id": 43_000_060_001 + number(at), "name": name, "event": event, "active": active, "position": at + 1, "conditions": [condition], "actions": [action], "last_used": if *runs { json!("2026-11-20") } else { Value::Null }, "created_at": MADE, "updated_at": CHANGED });
    rows.iter().enumerate().map(one).collect()
}

/// `kb_links`: `id`, `title`, `url`, `folder`, `status` (`Published`, `Draft`), `views`, `created_at`, `updated_at`.
fn kb_links() -> Vec<Value> {
    let one = |at: usize| json!({ "id": 43_000_070_001 + number(at), "title": format!("How to, part {}", at + 1), "url": format!("https://acme-legacy.example.org/support/solutions/articles/{}", 43_000_070_001 + number(at)), "folder": if at.is_multiple_of(3) { "Returns" } else { "Getting started" }, "status": if at % 8 == 7 { "Draft" } else { "Published" }, "views": at * 37 % 1_000, "created_at": MADE, "updated_at": CHANGED });
    (0..120).map(one).collect()
}
