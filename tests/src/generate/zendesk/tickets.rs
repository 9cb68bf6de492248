//! Tickets, and the events that hold their comments.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::{DAY, Draw, TAKEN, date, instant, number, text};
use super::configuration::{BRAND, form_id};
use super::people::{organization_of, some_agent, some_customer};
use super::{Account, Pages, Paging, url};

/// Custom fields have the ids after this one.
pub(super) const FIELD: i64 = 360_000_100_000;
/// Groups by position; the last one is deleted.
pub(super) const GROUPS: &[&str] =
    &["Support", "Billing", "Second level", "Lager & Versand", "Security", "Old intake"];
/// Ticket statuses: category, what agents see, what customers see. The first five are Zendesk's own.
pub(super) const STATUSES: &[(&str, &str, &str)] = &[
    ("new", "New", "Open"),
    ("open", "Open", "Open"),
    ("pending", "Pending", "Awaiting your reply"),
    ("hold", "On-hold", "Open"),
    ("solved", "Solved", "Solved"),
    ("open", "Waiting for the warehouse", "Open"),
    ("pending", "Waiting for photos", "Awaiting your reply"),
    ("hold", "With the manufacturer", "Open"),
    ("solved", "Refund paid", "Solved"),
    ("hold", "Legal (old)", "Open"),
];
const TAGS: &[&str] = &[
    "vip",
    "VIP",
    "returns",
    "b2b",
    "refund",
    "häufig",
    "product_app",
    "key_account",
    "import-2021",
    "follow_up",
];
const REGIONS: &[(&str, usize)] = &[
    ("EMEA", 25),
    ("emea", 6),
    ("Europe", 12),
    ("US", 12),
    ("us", 6),
    ("NA", 6),
    ("APAC", 8),
    (" apac", 3),
    ("LATAM", 3),
    ("n/a", 2),
    ("Ελλάδα", 1),
];
/// A group that is in no list any more.
const GONE_GROUP: i64 = 360_000_299_999;

/// The id of the group at this position.
pub(super) fn group_id(at: i64) -> i64 {
    360_000_200_001 + at
}

/// The id of the status at this position.
pub(super) fn custom_status_id(at: usize) -> i64 {
    360_000_900_001 + number(at)
}

/// What is special about the ticket at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Plain,
    /// Merged into the ticket of this id.
    MergedInto(i64),
    /// The ticket at this position was merged into this one.
    Received(usize),
    Deleted,
    /// Deleted, and its texts wiped.
    Scrubbed,
    Problem,
    /// An incident of the problem of this id.
    Incident(i64),
}

fn turn(account: Account, position: usize) -> Turn {
    match position % 60 {
        7 if position + 3 < account.tickets => Turn::MergedInto(id_of(position + 3)),
        10 => Turn::Received(position - 3),
        20 if position % 120 == 20 => Turn::Deleted,
        21 if position % 180 == 21 => Turn::Scrubbed,
        30 => Turn::Problem,
        31..=33 => Turn::Incident(id_of(position - position % 60 + 30)),
        // A problem that was deleted for good.
        34 if position % 120 == 34 => Turn::Incident(999_999_999),
        _ => Turn::Plain,
    }
}

/// Ids follow the order of creation only roughly, as updates reorder the export.
fn id_of(position: usize) -> i64 {
    number(1 + position / 16 * 16 + (position % 16 * 5 + 3) % 16)
}

/// The last update, in Unix seconds: later for a later position, and closer together towards the end.
fn updated_at(account: Account, position: usize) -> i64 {
    let left = number((account.tickets - position) * 1_000 / account.tickets.max(1));
    TAKEN - 3_600 - left * left * 1_400 * DAY / 1_000_000 - number((account.tickets - position) % 1_000)
}

fn subject(account: Account, position: usize) -> String {
    let mut draw = Draw::of(account.seed, "subject", position);
    match position % 50 {
        13 => text::long_subject(&mut draw, 151 + position * 7 % 104),
        29 => text::subject(&mut draw) + "\r\nsecond line",
        _ => text::subject(&mut draw),
    }
}

/// One entry of a ticket's history.
struct Event {
    at: i64,
    by: i64,
    children: Vec<Value>,
}

pub(super) fn write(account: Account, folder: &Path) -> io::Result<()> {
    let mut tickets = Pages::new(folder, "tickets", Paging::Cursor);
    let mut events = Pages::new(folder, "ticket_events", Paging::Time);
    for position in 0..account.tickets {
        let (record, history) = ticket(account, position);
        let id = id_of(position);
        let updated = updated_at(account, position);
        tickets.push(record, id, updated)?;
        for (at, event) in history.into_iter().enumerate() {
            let event_id = id * 1_000 + number(at) * 10;
            let record = json!({
                "id": event_id, "ticket_id": id, "timestamp": event.at, "created_at": instant(event.at), "updater_id": event.by, "via": "Mail",
                "event_type": "Audit", "child_events": numbered(event.children, event_id),
            });
            events.push(record, event_id, event.at)?;
        }
    }
    tickets.finish()?;
    events.finish()
}

/// Gives the children of an event their ids.
fn numbered(children: Vec<Value>, event: i64) -> Vec<Value> {
    let child = |(at, child): (usize, Value)| {
        let mut record = Map::new();
        record.insert("id".to_owned(), json!(event + 1 + number(at)));
        if let Value::Object(columns) = child {
            record.extend(columns);
        }
        Value::Object(record)
    };
    children.into_iter().enumerate().map(child).collect()
}

/// The tags and how many tickets carry each, as Zendesk lists them.
pub(super) fn tag_counts(account: Account) -> Vec<Value> {
    let mut counts = BTreeMap::new();
    for position in 0..account.tickets {
        for tag in tags(account, position) {
            *counts.entry(tag).or_insert(0_usize) += 1;
        }
    }
    counts.into_iter().map(|(name, count)| json!({ "name": name, "count": count })).collect()
}

fn tags(account: Account, position: usize) -> Vec<&'static str> {
    let mut draw = Draw::of(account.seed, "tags", position);
    let mut tags: Vec<&str> =
        (0..draw.weighted(&[(0, 5), (1, 3), (2, 2), (3, 1)])).map(|_| draw.pick(TAGS)).collect();
    if matches!(turn(account, position), Turn::MergedInto(_)) {
        tags.push("closed_by_merge");
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// The status as its position in `STATUSES`; `None` for closed.
fn status(account: Account, position: usize, draw: &mut Draw) -> Option<usize> {
    if matches!(turn(account, position), Turn::MergedInto(_)) {
        return None;
    }
    if position * 100 >= account.tickets * 65 {
        draw.weighted(&[
            (Some(0), 10),
            (Some(1), 22),
            (Some(5), 8),
            (Some(2), 16),
            (Some(6), 5),
            (Some(3), 6),
            (Some(7), 3),
            (Some(4), 16),
            (Some(8), 8),
            (None, 6),
        ])
    } else {
        // Somebody forgot a few.
        draw.weighted(&[(None, 92), (Some(4), 4), (Some(1), 2), (Some(9), 1), (Some(2), 1)])
    }
}

fn ticket(account: Account, position: usize) -> (Value, Vec<Event>) {
    let mut draw = Draw::of(account.seed, "ticket", position);
    let turn = turn(account, position);
    let id = id_of(position);
    let updated = updated_at(account, position);
    let longest = if draw.chance(80) { 9 * DAY } else { 120 * DAY };
    let created = updated - 600 - draw.seconds(longest);
    let place = status(account, position, &mut draw);
    let category = place.and_then(|at| STATUSES.get(at)).map_or("closed", |(category, _, _)| category);
    let gone = matches!(turn, Turn::Deleted | Turn::Scrubbed);
    let scrubbed = turn == Turn::Scrubbed;
    let requester = some_customer(account, &mut draw);
    let assignee = match category {
        "new" => None,
        // Solved without an assignee: from before Zendesk asked for one.
        "solved" | "closed" if draw.chance(6) => None,
        "open" if draw.chance(20) => None,
        _ => Some(some_agent(&mut draw)),
    };
    let channel = draw.weighted(&[("email", 55), ("web", 25), ("chat", 8), ("voice", 5), ("api", 7)]);
    let title = if scrubbed { "SCRUBBED".to_owned() } else { subject(account, position) };
    let kind = match turn {
        Turn::Problem => Some("problem"),
        Turn::Incident(_) => Some("incident"),
        _ => draw.weighted(&[(None, 50), (Some("question"), 25), (Some("incident"), 15), (Some("task"), 10)]),
    };
    let opening = if scrubbed { "SCRUBBED".to_owned() } else { text::question(&mut draw) };
    let history = history(
        account,
        &mut draw,
        &Story { turn, created, updated, requester, assignee, category, opening: &opening, title: &title },
    );
    let agent_made = draw.chance(8).then(|| some_agent(&mut draw));
    let problem = if let Turn::Incident(problem) = turn { Some(problem) } else { None };
    let record = json!({
        "id": id, "url": url("tickets", id), "external_id": if draw.chance(12) { json!(format!("old-{}", 10_000 + position)) } else { Value::Null },
        "via": { "channel": channel, "source": { "from": {}, "to": {}, "rel": if matches!(turn, Turn::MergedInto(_)) { json!("merge") } else { Value::Null } } },
        "created_at": instant(created), "updated_at": instant(updated), "generated_timestamp": updated,
        "type": kind, "subject": title, "description": opening,
        "priority": draw.weighted(&[(None, 25), (Some("low"), 15), (Some("normal"), 40), (Some("high"), 14), (Some("urgent"), 6)]),
        "status": if gone { "deleted" } else { category },
        "recipient": if channel == "email" { json!(draw.weighted(&[("support@pine.example.org", 8), ("hilfe@fichte.example.org", 2), ("Billing@Pine.example.org", 1)])) } else { Value::Null },
        "requester_id": requester, "submitter_id": agent_made.unwrap_or(requester), "assignee_id": assignee, "organization_id": organization_of(account, requester),
        "group_id": group(&mut draw, assignee, position),
        "collaborator_ids": [], "follower_ids": if draw.chance(5) { json!([some_agent(&mut draw)]) } else { json!([]) },
        "email_cc_ids": if draw.chance(8) { json!([some_customer(account, &mut draw)]) } else { json!([]) }, "forum_topic_id": Value::Null,
        "problem_id": problem, "has_incidents": turn == Turn::Problem, "is_public": !draw.chance(3),
        "due_at": if kind == Some("task") { json!(instant(created + draw.seconds(30 * DAY))) } else { Value::Null },
        "tags": tags(account, position), "custom_fields": custom_fields(&mut draw, created),
        "satisfaction_rating": { "score": draw.weighted(&[("unoffered", 70), ("offered", 15), ("good", 12), ("bad", 3)]) },
        "sharing_agreement_ids": [], "custom_status_id": custom_status_id(place.unwrap_or(4)), "followup_ids": [],
        "ticket_form_id": form_id(draw.weighted(&[(0, 75), (1, 20), (2, 5)])), "brand_id": BRAND + draw.weighted(&[(0, 8), (1, 2)]),
        "allow_channelback": false, "allow_attachments": true, "from_messaging_channel": false,
    });
    (record, history)
}

fn group(draw: &mut Draw, assignee: Option<i64>, position: usize) -> Value {
    if position % 97 == 11 {
        return json!(GONE_GROUP);
    }
    if assignee.is_none() && draw.chance(30) {
        return Value::Null;
    }
    json!(group_id(draw.weighted(&[(0, 45), (1, 20), (2, 15), (3, 12), (4, 5), (5, 3)])))
}

fn custom_fields(draw: &mut Draw, created: i64) -> Value {
    let some = |value: Value, there: bool| if there { value } else { Value::Null };
    let product = draw.weighted(&[
        ("product_app", 30),
        ("product_web", 30),
        ("product_api", 20),
        ("product_printer", 10),
        ("product_fax", 4),
        ("Product_App", 2),
    ]);
    let region = draw.weighted(REGIONS);
    let order = if draw.chance(4) {
        format!("ORD-{}", draw.below(99))
    } else {
        (100_000 + draw.below(900_000)).to_string()
    };
    let mut devices: Vec<&str> = (0..draw.below(3))
        .map(|_| draw.pick(&["device_phone", "device_tablet", "device_computer"]))
        .collect();
    devices.sort_unstable();
    devices.dedup();
    let seats = if draw.chance(3) { "1,500".to_owned() } else { (1 + draw.below(400)).to_string() };
    let values = [
        some(json!(product), draw.chance(70)),
        some(json!(region), draw.chance(75)),
        some(json!(order), draw.chance(40)),
        json!(draw.chance(7)),
        some(json!(date(created + draw.seconds(700 * DAY))), draw.chance(20)),
        some(json!(seats), draw.chance(25)),
        some(json!(format!("{}.{:02}", draw.below(300), draw.below(100))), draw.chance(10)),
        json!(devices),
        some(json!(format!("XXXXXXXXXXXX{:04}", draw.below(10_000))), draw.chance(3)),
        some(json!("moved by hand\r\nin 2021"), draw.chance(4)),
    ];
    values.into_iter().zip(1..).map(|(value, at)| json!({ "id": FIELD + at, "value": value })).collect()
}

/// What a ticket's history is told from.
struct Story<'a> {
    turn: Turn,
    created: i64,
    updated: i64,
    requester: i64,
    assignee: Option<i64>,
    category: &'static str,
    opening: &'a str,
    title: &'a str,
}

fn history(account: Account, draw: &mut Draw, story: &Story<'_>) -> Vec<Event> {
    let first = vec![
        comment(draw, story.created, story.requester, true, story.opening),
        json!({ "subject": story.title, "event_type": "Create" }),
        json!({ "status": "new", "event_type": "Create" }),
    ];
    let mut events = vec![Event { at: story.created, by: story.requester, children: first }];
    let replies =
        if story.turn == Turn::Scrubbed { 0 } else { draw.weighted(&[(0, 3), (1, 4), (2, 3), (4, 1)]) };
    // Between creation and the last update, in order.
    let step = (story.updated - story.created) / (replies + 3);
    let mut at = story.created;
    for reply in 0..replies {
        at += 1 + draw.seconds(step);
        let agent = story.assignee.unwrap_or_else(|| some_agent(draw));
        let (by, public, words) = match reply % 2 {
            _ if draw.chance(22) => (agent, false, text::note(draw)),
            0 => (agent, true, text::answer(draw)),
            _ => (story.requester, true, text::question(draw)),
        };
        let mut children = vec![comment(draw, at, by, public, &words)];
        if reply == 0 {
            children.push(json!({ "status": "open", "previous_value": "new", "event_type": "Change" }));
        }
        events.push(Event { at, by, children });
    }
    let by = story.assignee.unwrap_or(story.requester);
    match story.turn {
        Turn::MergedInto(id) => {
            let words = format!("This request was closed and merged into request #{id} \"{}\".", story.title);
            events.push(Event {
                at: story.updated,
                by,
                children: vec![
                    comment(draw, story.updated, by, false, &words),
                    json!({ "status": "closed", "previous_value": "open", "event_type": "Change" }),
                ],
            });
        }
        Turn::Received(loser) => {
            let words = format!(
                "Request #{} \"{}\" was closed and merged into this request.",
                id_of(loser),
                subject(account, loser)
            );
            events.push(Event {
                at: story.updated,
                by,
                children: vec![comment(draw, story.updated, by, false, &words)],
            });
        }
        _ if matches!(story.category, "new" | "open") => {}
        _ => events.push(Event {
            at: story.updated,
            by,
            children: vec![
                json!({ "status": story.category, "previous_value": "open", "event_type": "Change" }),
            ],
        }),
    }
    events
}

fn comment(draw: &mut Draw, at: i64, author: i64, public: bool, words: &str) -> Value {
    let attachments: Vec<Value> = if draw.chance(9) {
        let (name, kind, size) = draw.pick(text::FILES);
        let id = 361_000_000_000 + number(draw.below(999_999_999));
        vec![
            json!({ "id": id, "file_name": name, "content_url": format!("https://pine.example.org/attachments/token/{id}"), "content_type": kind, "size": size, "inline": kind == "image/png", "deleted": draw.chance(3), "malware_scan_result": "malware_not_found" }),
        ]
    } else {
        Vec::new()
    };
    json!({ "via": { "channel": "email" }, "event_type": "Comment", "created_at": instant(at), "author_id": author, "public": public, "body": words, "html_body": text::html(words), "attachments": attachments })
}
