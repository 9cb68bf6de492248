//! The lists of the account's configuration: groups, fields, forms, statuses, business rules, hours.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::super::number;
use super::tickets::{FIELD, GROUPS, STATUSES, custom_status_id, group_id};
use super::{Account, list, save, url};

const MADE: &str = "2019-02-01T08:00:00Z";
const CHANGED: &str = "2025-09-14T10:21:00Z";
const FORM: i64 = 360_000_400_001;
pub(super) const BRAND: i64 = 360_000_500_001;
const SCHEDULE: i64 = 360_000_600_001;

pub(super) fn write(account: Account, folder: &Path) -> io::Result<()> {
    list(folder, "groups", groups())?;
    list(folder, "ticket_fields", ticket_fields())?;
    list(folder, "user_fields", vec![person_field(1, "loyalty_number", "Loyalty number", "text", &[])])?;
    list(
        folder,
        "organization_fields",
        vec![person_field(2, "tier", "Tier", "dropdown", &["premium", "basic"])],
    )?;
    list(folder, "ticket_forms", ticket_forms())?;
    list(folder, "custom_statuses", custom_statuses())?;
    list(folder, "brands", brands())?;
    list(folder, "macros", macros())?;
    list(folder, "triggers", triggers())?;
    list(folder, "automations", automations())?;
    list(folder, "views", views())?;
    list(folder, "sla_policies", sla_policies())?;
    list(folder, "recipient_addresses", recipient_addresses())?;
    list(folder, "tags", super::tickets::tag_counts(account))?;
    save(&folder.join("schedules.json"), &json!({ "schedules": schedules() }))?;
    save(&folder.join("holidays.json"), &json!({ "holidays": holidays() }))
}

fn groups() -> Vec<Value> {
    let group = |at: usize, name: &str| {
        let id = group_id(number(at));
        json!({ "id": id, "url": url("groups", id), "name": name, "description": "", "default": at == 0, "is_public": at != 4, "deleted": at == 5, "created_at": MADE, "updated_at": CHANGED })
    };
    GROUPS.iter().enumerate().map(|(at, name)| group(at, name)).collect()
}

fn ticket_fields() -> Vec<Value> {
    let mut position = 0;
    let mut field = |id: i64,
                     kind: &str,
                     title: &str,
                     required: bool,
                     active: bool,
                     more: &[(&str, Value)]| {
        position += 1;
        let mut record = json!({
            "id": id, "url": url("ticket_fields", id), "type": kind, "title": title, "raw_title": title, "description": "", "position": position, "active": active, "required": required,
            "collapsed_for_agents": false, "regexp_for_validation": Value::Null, "title_in_portal": title, "visible_in_portal": true, "editable_in_portal": true, "required_in_portal": false,
            "tag": Value::Null, "created_at": MADE, "updated_at": CHANGED, "removable": id >= FIELD,
        });
        if let Value::Object(columns) = &mut record {
            columns.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        record
    };
    let options = |values: &[(&str, &str)]| {
        let option = |(at, (name, value)): (usize, &(&str, &str))| json!({ "id": 360_000_700_001 + number(at), "name": name, "raw_name": name, "value": value, "default": false });
        Value::Array(values.iter().enumerate().map(option).collect())
    };
    let system = 360_000_000_001;
    vec![
        field(system, "subject", "Subject", true, true, &[]),
        field(system + 1, "description", "Description", true, true, &[]),
        field(system + 2, "status", "Status", false, true, &[]),
        field(system + 3, "tickettype", "Type", false, true, &[]),
        field(system + 4, "priority", "Priority", false, true, &[]),
        field(system + 5, "group", "Group", false, true, &[]),
        field(system + 6, "assignee", "Assignee", true, true, &[]),
        field(system + 7, "custom_status", "Ticket status", true, true, &[]),
        field(
            FIELD + 1,
            "tagger",
            "Product",
            false,
            true,
            &[(
                "custom_field_options",
                options(&[
                    ("Mobile app", "product_app"),
                    ("Web shop", "product_web"),
                    ("Interface::REST", "product_api"),
                    ("Drucker", "product_printer"),
                ]),
            )],
        ),
        field(FIELD + 2, "text", "Region", false, true, &[]),
        field(
            FIELD + 3,
            "regexp",
            "Order number",
            false,
            true,
            &[("regexp_for_validation", json!("\\d{6}"))],
        ),
        field(FIELD + 4, "checkbox", "Key account", false, true, &[("tag", json!("key_account"))]),
        field(FIELD + 5, "date", "Contract end", false, true, &[]),
        field(FIELD + 6, "integer", "Seats", false, true, &[]),
        field(FIELD + 7, "decimal", "Refund", false, true, &[]),
        field(
            FIELD + 8,
            "multiselect",
            "Devices",
            false,
            true,
            &[(
                "custom_field_options",
                options(&[
                    ("Telephone", "device_phone"),
                    ("Tablet", "device_tablet"),
                    ("Computer", "device_computer"),
                ]),
            )],
        ),
        field(FIELD + 9, "partialcreditcard", "Card", false, true, &[]),
        field(FIELD + 10, "textarea", "Old tracker's remarks", false, false, &[]),
    ]
}

fn person_field(at: i64, key: &str, title: &str, kind: &str, options: &[&str]) -> Value {
    let options: Vec<Value> = options
        .iter()
        .enumerate()
        .map(|(at, value)| json!({ "id": 360_000_800_001 + number(at), "name": value, "value": value }))
        .collect();
    json!({ "id": 360_000_300_000 + at, "key": key, "type": kind, "title": title, "description": "", "position": 1, "active": true, "system": false, "custom_field_options": options, "created_at": MADE, "updated_at": CHANGED })
}

fn ticket_forms() -> Vec<Value> {
    let form = |at: i64, name: &str, active: bool, fields: std::ops::RangeInclusive<i64>| {
        let fields: Vec<i64> =
            (360_000_000_001..=360_000_000_008).chain(fields.map(|at| FIELD + at)).collect();
        json!({ "id": FORM + at, "url": url("ticket_forms", FORM + at), "name": name, "display_name": name, "position": at, "active": active, "default": at == 0, "end_user_visible": at != 1, "in_all_brands": true, "restricted_brand_ids": [], "ticket_field_ids": fields, "created_at": MADE, "updated_at": CHANGED })
    };
    vec![
        form(0, "Default form", true, 1..=9),
        form(1, "Refund", true, 3..=9),
        form(2, "Bug report (old)", false, 1..=2),
    ]
}

/// The form of a ticket: `at` 0 to 2.
pub(super) fn form_id(at: i64) -> i64 {
    FORM + at
}

fn custom_statuses() -> Vec<Value> {
    let status = |(at, (category, label, end_user)): (usize, &(&str, &str, &str))| {
        let id = custom_status_id(at);
        json!({ "id": id, "url": url("custom_statuses", id), "status_category": category, "agent_label": label, "raw_agent_label": label, "end_user_label": end_user, "raw_end_user_label": end_user, "description": "", "end_user_description": "", "active": at != 9, "default": at < 5, "created_at": MADE, "updated_at": CHANGED })
    };
    STATUSES.iter().enumerate().map(status).collect()
}

fn brands() -> Vec<Value> {
    let brand = |at: i64, name: &str, sub: &str| json!({ "id": BRAND + at, "url": url("brands", BRAND + at), "name": name, "subdomain": sub, "brand_url": format!("https://{sub}.example.org"), "has_help_center": at == 0, "help_center_state": if at == 0 { "enabled" } else { "disabled" }, "active": true, "default": at == 0, "host_mapping": Value::Null, "signature_template": "{{agent.signature}}", "ticket_form_ids": [FORM, FORM + 1], "is_deleted": false, "created_at": MADE, "updated_at": CHANGED });
    vec![brand(0, "Pine", "pine"), brand(1, "Fichte", "fichte")]
}

/// What macros and rules share.
fn rule(kind: &str, id: i64, title: &str, active: bool) -> Value {
    json!({ "id": id, "url": url(kind, id), "title": title, "raw_title": title, "active": active, "default": false, "description": Value::Null, "position": id % 1_000, "created_at": MADE, "updated_at": CHANGED })
}

fn with(mut record: Value, column: &str, value: Value) -> Value {
    if let Value::Object(columns) = &mut record {
        columns.insert(column.to_owned(), value);
    }
    record
}

fn macros() -> Vec<Value> {
    let macro_of = |at: i64, title: &str, active: bool, actions: Value| {
        let record = with(rule("macros", 360_001_000_000 + at, title, active), "actions", actions);
        with(
            record,
            "restriction",
            if at == 4 {
                json!({ "type": "Group", "id": group_id(1), "ids": [group_id(1)] })
            } else {
                Value::Null
            },
        )
    };
    vec![
        macro_of(
            1,
            "Ask for the order number",
            true,
            json!([{ "field": "comment_value", "value": ["channel:all", "Could you send us the order number? {{ticket.requester.first_name}}"] }, { "field": "status", "value": "pending" }]),
        ),
        macro_of(
            2,
            "Refund::Paid",
            true,
            json!([{ "field": "status", "value": "solved" }, { "field": "current_tags", "value": "refund_paid" }]),
        ),
        macro_of(
            3,
            "Close as spam",
            true,
            json!([{ "field": "status", "value": "solved" }, { "field": "current_tags", "value": "spam" }]),
        ),
        macro_of(
            4,
            "Rechnung erneut senden",
            true,
            json!([{ "field": "group_id", "value": group_id(1).to_string() }]),
        ),
        macro_of(
            5,
            "Old: move to 2nd level",
            false,
            json!([{ "field": "group_id", "value": "360000099999" }]),
        ),
    ]
}

fn triggers() -> Vec<Value> {
    let trigger = |at: i64, title: &str, active: bool, all: Value, actions: Value| {
        let record = with(
            rule("triggers", 360_002_000_000 + at, title, active),
            "conditions",
            json!({ "all": all, "any": [] }),
        );
        with(with(record, "actions", actions), "category_id", json!("1001"))
    };
    vec![
        trigger(
            1,
            "Notify requester of received request",
            true,
            json!([{ "field": "update_type", "operator": "is", "value": "Create" }]),
            json!([{ "field": "notification_user", "value": ["requester_id", "Received", "We have received your request."] }]),
        ),
        trigger(
            2,
            "Notify assignee of assignment",
            true,
            json!([{ "field": "assignee_id", "operator": "changed", "value": Value::Null }]),
            json!([{ "field": "notification_user", "value": ["assignee_id", "Assigned", "You have a ticket."] }]),
        ),
        trigger(
            3,
            "Route refunds",
            true,
            json!([{ "field": "ticket_form_id", "operator": "is", "value": (FORM + 1).to_string() }]),
            json!([{ "field": "group_id", "value": group_id(1).to_string() }]),
        ),
        trigger(
            4,
            "Tell the warehouse (webhook)",
            true,
            json!([{ "field": "current_tags", "operator": "includes", "value": "returns" }]),
            json!([{ "field": "notification_webhook", "value": ["01HXAMPLE", "{}"] }]),
        ),
        trigger(5, "Old holiday message", false, json!([]), json!([])),
    ]
}

fn automations() -> Vec<Value> {
    let automation = |at: i64, title: &str, active: bool, all: Value, actions: Value| {
        let record = with(
            rule("automations", 360_003_000_000 + at, title, active),
            "conditions",
            json!({ "all": all, "any": [] }),
        );
        with(record, "actions", actions)
    };
    vec![
        automation(
            1,
            "Close ticket 4 days after status is set to solved",
            true,
            json!([{ "field": "SOLVED", "operator": "greater_than", "value": "96" }]),
            json!([{ "field": "status", "value": "closed" }]),
        ),
        automation(
            2,
            "Remind after 3 days pending",
            true,
            json!([{ "field": "PENDING", "operator": "is", "value": "72" }]),
            json!([{ "field": "notification_user", "value": ["requester_id", "Reminder", "Are you still there?"] }]),
        ),
        automation(
            3,
            "Escalate urgent after 2 hours",
            true,
            json!([{ "field": "NEW", "operator": "greater_than", "value": "2" }]),
            json!([{ "field": "notification_group", "value": [group_id(2).to_string(), "Urgent", "Look at it"] }]),
        ),
    ]
}

fn views() -> Vec<Value> {
    let view = |at: i64, title: &str, active: bool, status: &str| {
        let record = with(
            rule("views", 360_004_000_000 + at, title, active),
            "conditions",
            json!({ "all": [{ "field": "status", "operator": "less_than", "value": status }], "any": [] }),
        );
        let record = with(
            record,
            "execution",
            json!({ "group_by": "status", "group_order": "asc", "sort_by": "updated", "sort_order": "desc", "columns": ["status", "subject", "requester", "updated"] }),
        );
        with(record, "restriction", Value::Null)
    };
    vec![
        view(1, "Your unsolved tickets", true, "solved"),
        view(2, "Refunds to check", true, "solved"),
        view(3, "Alle offenen", true, "pending"),
        view(4, "Recently solved", false, "closed"),
    ]
}

fn sla_policies() -> Vec<Value> {
    let metrics = |urgent: i64, rest: i64, metric: &str, business: bool| {
        let of = |priority: &str, target: i64| json!({ "priority": priority, "metric": metric, "target": target, "target_in_seconds": target * 60, "business_hours": business });
        vec![of("urgent", urgent), of("high", urgent * 2), of("normal", rest), of("low", rest * 2)]
    };
    let policy = |at: i64, title: &str, filter: Value, metrics: Vec<Vec<Value>>| {
        let id = 360_005_000_000 + at;
        json!({ "id": id, "url": url("slas/policies", id), "title": title, "description": "", "position": at, "filter": { "all": filter, "any": [] }, "policy_metrics": metrics.concat(), "created_at": MADE, "updated_at": CHANGED })
    };
    vec![
        policy(
            1,
            "Key accounts",
            json!([{ "field": "current_tags", "operator": "includes", "value": "key_account" }]),
            vec![metrics(30, 120, "first_reply_time", false), metrics(240, 960, "agent_work_time", true)],
        ),
        policy(
            2,
            "Everybody",
            json!([]),
            vec![
                metrics(60, 480, "first_reply_time", true),
                metrics(480, 2_880, "requester_wait_time", true),
            ],
        ),
    ]
}

fn recipient_addresses() -> Vec<Value> {
    let address = |at: i64, name: &str, email: &str| json!({ "id": 360_006_000_000 + at, "name": name, "email": email, "default": at == 1, "brand_id": BRAND + (at - 1) % 2, "forwarding_status": if at == 3 { "failed" } else { "verified" }, "spf_status": "verified", "cname_status": "verified", "created_at": MADE, "updated_at": CHANGED });
    vec![
        address(1, "Pine", "support@pine.example.org"),
        address(2, "Fichte", "hilfe@fichte.example.org"),
        address(3, "Billing", "billing@pine.example.org"),
    ]
}

fn schedules() -> Vec<Value> {
    // Minutes since Sunday 00:00, as Zendesk counts; the zone's name is that of Rails, not of IANA.
    let hours = |days: std::ops::RangeInclusive<i64>, from: i64, to: i64| -> Vec<Value> {
        days.map(|day| json!({ "start_time": day * 1_440 + from, "end_time": day * 1_440 + to })).collect()
    };
    let schedule = |at: i64, name: &str, zone: &str, intervals: Vec<Value>| json!({ "id": SCHEDULE + at, "name": name, "time_zone": zone, "intervals": intervals, "created_at": MADE, "updated_at": CHANGED });
    vec![
        schedule(0, "Office", "Berlin", hours(1..=5, 540, 1_020)),
        schedule(
            1,
            "Weekend duty",
            "Pacific Time (US & Canada)",
            [hours(0..=0, 600, 840), hours(6..=6, 600, 840)].concat(),
        ),
    ]
}

fn holidays() -> Vec<Value> {
    let holiday = |at: i64, name: &str, from: &str, to: &str| json!({ "id": 360_007_000_000 + at, "schedule_id": SCHEDULE, "name": name, "start_date": from, "end_date": to });
    vec![
        holiday(1, "Christmas", "2026-12-24", "2026-12-26"),
        holiday(2, "New Year", "2027-01-01", "2027-01-01"),
        holiday(3, "Betriebsausflug", "2026-09-11", "2026-09-11"),
    ]
}
