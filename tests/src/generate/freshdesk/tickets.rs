//! Tickets with their conversations, transcripts, time entries, ratings; and the tags that they carry.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::super::{
    DAY, Draw, Lines, TAKEN, date, evenly, evenly_before, instant, number, text, write_lines,
};
use super::Account;
use super::people::{company_of, former_agent, requester, some_group, working_agent};
use super::planted::Planted;

const FIRST_TICKET: i64 = 1_001;
const TAGS: &[&str] = &[
    "vip",
    "VIP",
    "vip-gold",
    "b2b",
    "refund",
    "Refund ",
    "returns",
    "häufig",
    "shop",
    "cloud",
    "chargeback",
    "gdpr",
];
/// Tags that only old tickets carry.
const OLD_TAGS: &[&str] = &["xmas-2021", "lotus-import", "fax"];
const REGIONS: &[(&str, usize)] = &[
    ("EMEA", 300),
    ("emea", 60),
    ("Emea", 15),
    ("Europe", 130),
    ("europe", 25),
    ("EUROPE", 8),
    ("US", 140),
    ("us", 50),
    ("Us", 6),
    ("NA", 60),
    ("na", 12),
    ("North America", 15),
    ("other", 30),
    ("Other", 20),
    ("APAC", 50),
    ("LATAM", 25),
    ("Europe ", 6),
    ("n/a", 10),
    ("DACH", 20),
    ("?", 3),
];
const PRODUCTS: &[(&str, usize)] = &[
    ("Printer/X200", 25),
    ("Printer/X300", 18),
    ("Scanner/S1", 12),
    ("Cloud/Team", 20),
    ("Cloud/Enterprise", 8),
    ("Toner", 5),
    ("printer / x200", 3),
    ("Cloud/Team/EU", 1),
    ("", 2),
];

/// A coded column's value and its label.
type Coded = (i64, &'static str);

/// One ticket, as far as its other records need it.
struct Ticket {
    position: usize,
    id: i64,
    finished: bool,
    status: Coded,
    requester: Option<i64>,
    responder: Option<i64>,
    created: i64,
    updated: i64,
    resolved: Option<i64>,
    responded: Option<i64>,
}

pub(super) fn write(account: Account, folder: &Path, planted: &mut Planted) -> io::Result<()> {
    let mut tickets = Lines::create(folder, "tickets.jsonl")?;
    let mut conversations = Lines::create(folder, "conversations.jsonl")?;
    let mut transcripts = Lines::create(folder, "transcripts.jsonl")?;
    let mut entries = Lines::create(folder, "time_entries.jsonl")?;
    let mut ratings = Lines::create(folder, "satisfaction_ratings.jsonl")?;
    let mut files = Files { folder, count: 0 };
    fs::create_dir_all(folder.join("files"))?;
    let mut used: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for position in 0..account.tickets() {
        let mut draw = Draw::of(account.seed, "ticket", position);
        let ticket = ticket(account, position, &mut draw);
        let tags = tags(&ticket, &mut draw);
        for tag in &tags {
            let (count, last) = used.entry(tag).or_insert((0, 0));
            *count += 1;
            *last = (*last).max(ticket.created);
        }
        let line = record(account, &ticket, &tags, &mut draw);
        planted.at(ticket.id, ticket.finished, ticket.created);
        planted.look("ticket", &line);
        files.write(&line, "ticket", planted)?;
        tickets.push(&line)?;
        for line in talk(account, &ticket) {
            planted.look("comment", &line);
            files.write(&line, "comment", planted)?;
            conversations.push(&line)?;
        }
        if evenly(position, account.transcripts, account.tickets()) {
            let line = transcript(account, &ticket);
            planted.look("transcript", &line);
            transcripts.push(&line)?;
        }
        if let Some(agent) = ticket.responder.filter(|_| draw.chance(6)) {
            let spent = 5 + draw.below(170);
            entries.push(&json!({ "id": 43_300_000_000 + ticket.id, "ticket_id": ticket.id, "agent_id": agent, "time_spent": format!("{:02}:{:02}", spent / 60, spent % 60), "billable": draw.chance(50), "note": Value::Null, "start_time": instant(ticket.updated - 3_600), "created_at": instant(ticket.updated) }))?;
        }
        if ticket.finished && draw.chance(9) {
            let rating =
                draw.weighted(&[(103, 50), (102, 15), (101, 10), (100, 12), (-101, 4), (-102, 3), (-103, 6)]);
            ratings.push(&json!({ "id": 43_400_000_000 + ticket.id, "ticket_id": ticket.id, "user_id": ticket.requester, "agent_id": ticket.responder, "ratings": { "default_question": rating }, "feedback": if draw.chance(20) { json!("Danke!") } else { Value::Null }, "created_at": instant(ticket.updated) }))?;
        }
    }
    for lines in [tickets, conversations, transcripts, entries, ratings] {
        lines.finish()?;
    }
    let unused = json!({ "name": "test", "tickets_count": 0, "last_used": Value::Null });
    let tags = used.into_iter().map(
        |(name, (count, last))| json!({ "name": name, "tickets_count": count, "last_used": date(last) }),
    );
    write_lines(folder, "tags.jsonl", tags.chain([unused]))
}

/// Whether the ticket is unfinished, and how many unfinished ones are before it. Most unfinished tickets are young: they lie in
/// three bands of positions, each with its own share.
fn unfinished(account: Account, position: usize) -> Option<usize> {
    let young = (account.unfinished * 6 / 5, account.unfinished * 21 / 25);
    let middle = (account.unfinished * 4 / 5, account.unfinished * 13 / 100);
    let old = (account.tickets() - young.0 - middle.0, account.unfinished - young.1 - middle.1);
    let (mut start, mut before) = (0, 0);
    for (all, chosen) in [old, middle, young] {
        if position < start + all {
            let at = position - start;
            return evenly(at, chosen, all).then(|| before + evenly_before(at, chosen, all));
        }
        start += all;
        before += chosen;
    }
    None
}

/// When the ticket at a position was created: over 2,200 days, more and more of them.
fn created_at(account: Account, position: usize) -> i64 {
    let left = number((account.tickets() - position) * 1_000_000 / account.tickets());
    let share = (left + 3 * (left * left / 1_000_000)) / 4;
    TAKEN - 3_600 - share * (2_200 * DAY / 1_000) / 1_000 - number(position % 600)
}

fn ticket(account: Account, position: usize, draw: &mut Draw) -> Ticket {
    let finished = unfinished(account, position).is_none();
    let created = created_at(account, position);
    let age = TAKEN - created;
    let longest = if draw.chance(85) { 9 * DAY } else { 90 * DAY };
    let life = draw.seconds(longest).min(age - 60);
    let updated = created + life.max(30);
    let status = match finished {
        true => draw.weighted(&[((4, "Resolved"), 20), ((5, "Closed"), 80)]),
        false => {
            draw.weighted(&[((2, "Open"), 46), ((3, "Pending"), 31), ((7, "Waiting on third party"), 23)])
        }
    };
    let responder = match draw.below(100) {
        0..14 => None,
        14..26 => Some(former_agent(draw)),
        _ => Some(working_agent(draw)),
    };
    Ticket {
        position,
        id: FIRST_TICKET + number(position),
        finished,
        status,
        requester: requester(account, position, draw),
        responder,
        created,
        updated,
        resolved: finished.then_some(updated),
        responded: responder.map(|_| created + life / 4 + 15),
    }
}

fn tags(ticket: &Ticket, draw: &mut Draw) -> Vec<&'static str> {
    let mut tags: Vec<&str> =
        (0..draw.weighted(&[(0, 55), (1, 30), (2, 15)])).map(|_| draw.pick(TAGS)).collect();
    if ticket.created < TAKEN - 800 * DAY && draw.chance(10) {
        tags.push(draw.pick(OLD_TAGS));
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

fn subject(account: Account, position: usize) -> String {
    let mut draw = Draw::of(account.seed, "subject", position);
    if let Some(before) = unfinished(account, position)
        && evenly(before, account.long_subjects, account.unfinished)
    {
        // One of them is the longest.
        let rank = evenly_before(before, account.long_subjects, account.unfinished);
        let length = if rank == account.long_subjects / 2 { 312 } else { 151 + draw.below(140) };
        return text::long_subject(&mut draw, length);
    }
    let plain = text::subject(&mut draw);
    if position % 211 == 100 { plain + "\r\nsecond line" } else { plain }
}

fn record(account: Account, ticket: &Ticket, tags: &[&str], draw: &mut Draw) -> Value {
    let position = ticket.position;
    let chat = evenly(position, account.transcripts, account.tickets());
    let source: Coded = if chat {
        (7, "Chat")
    } else {
        draw.weighted(&[
            ((1, "Email"), 60),
            ((2, "Portal"), 22),
            ((3, "Phone"), 14),
            ((9, "Feedback Widget"), 3),
            ((7, "Chat"), 1),
        ])
    };
    let priority: Coded =
        draw.weighted(&[((1, "Low"), 30), ((2, "Medium"), 45), ((3, "High"), 18), ((4, "Urgent"), 7)]);
    let words = text::question(&mut Draw::of(account.seed, "description", position));
    let hours = match priority.0 {
        4 => 16,
        3 => 48,
        2 => 120,
        _ => 240,
    };
    let due = ticket.created + hours * 3_600;
    let instant_or_null = |at: Option<i64>| at.map(instant);
    let merged = ticket.finished && position > 40 && position % 173 == 90;
    json!({
        "id": ticket.id, "display_id": ticket.id, "subject": subject(account, position), "description": text::html(&words), "description_text": words,
        "status": ticket.status.0, "status_name": ticket.status.1, "priority": priority.0, "priority_name": priority.1, "source": source.0, "source_name": source.1,
        "type": draw.weighted(&[(None, 30), (Some("Question"), 35), (Some("Incident"), 20), (Some("Problem"), 6), (Some("Feature Request"), 5), (Some("Refund"), 4)]),
        "requester_id": ticket.requester, "responder_id": ticket.responder, "group_id": some_group(draw), "company_id": ticket.requester.and_then(|contact| company_of(account, contact)),
        "product_id": draw.weighted(&[(None, 60), (Some(43_000_010_001_i64), 25), (Some(43_000_010_002), 15)]), "email_config_id": if source.0 == 1 { json!(43_000_030_001_i64 + number(position % 7 / 5)) } else { Value::Null },
        "to_emails": if source.0 == 1 { json!(["help@acme.example.org"]) } else { Value::Null }, "cc_emails": if draw.chance(6) { json!(["boss@c1.example.org"]) } else { json!([]) },
        "fwd_emails": [], "reply_cc_emails": [], "spam": ticket.finished && draw.below(120) == 0, "deleted": ticket.finished && draw.below(250) == 0,
        "fr_escalated": draw.chance(9), "is_escalated": !ticket.finished && due < TAKEN && draw.chance(80),
        "due_by": if draw.chance(97) { json!(instant(due)) } else { Value::Null }, "fr_due_by": instant(ticket.created + hours * 900),
        "tags": tags, "custom_fields": custom_fields(ticket, draw), "attachments": attachments(draw, ticket.id * 100, 7),
        "stats": { "first_responded_at": instant_or_null(ticket.responded), "resolved_at": instant_or_null(ticket.resolved), "closed_at": instant_or_null(ticket.resolved.filter(|_| ticket.status.0 == 5)), "reopened_at": Value::Null, "pending_since": if ticket.status.0 == 3 { json!(instant(ticket.updated)) } else { Value::Null } },
        "merged_into": if merged { json!(ticket.id - 40) } else { Value::Null }, "association_type": Value::Null,
        "created_at": instant(ticket.created), "updated_at": instant(ticket.updated),
    })
}

fn custom_fields(ticket: &Ticket, draw: &mut Draw) -> Value {
    let some = |value: Value, there: bool| if there { value } else { Value::Null };
    let region = draw.weighted(REGIONS);
    let product = draw.weighted(PRODUCTS);
    let legacy = format!("LN-{:06}", draw.below(999_999));
    json!({
        "cf_region": some(json!(region), draw.chance(82)),
        "cf_product": some(json!(product), draw.chance(64)),
        "cf_legacy_id": some(json!(legacy), ticket.created < TAKEN - 1_500 * DAY),
        "cf_order_number": some(json!(100_000 + draw.below(900_000)), draw.chance(38)),
        "cf_refund": some(json!(format!("{}.{:02}", draw.below(400), draw.below(100))), draw.chance(7)),
        "cf_contract_end": some(json!(date(ticket.created + draw.seconds(900 * DAY))), draw.chance(12)),
    })
}

/// Now and then a file. `place` is unique within the account.
fn attachments(draw: &mut Draw, place: i64, percent: usize) -> Value {
    if !draw.chance(percent) {
        return json!([]);
    }
    let (name, kind, size) = draw.pick(text::FILES);
    let id = 43_500_000_000 + place;
    // Small files come with the export; of large ones it has the address.
    let at = if size <= MOST_BYTES {
        path_of(id)
    } else {
        format!("https://acme-legacy.example.org/attachments/{id}")
    };
    json!([{ "id": id, "name": name, "content_type": kind, "size": size, "attachment_url": at }])
}

/// Largest file that comes with the export.
const MOST_BYTES: usize = 20_000;

fn path_of(id: i64) -> String {
    format!("files/{id}")
}

/// The files that come with the export.
struct Files<'f> {
    folder: &'f Path,
    /// How many there were.
    count: usize,
}

impl Files<'_> {
    /// Writes those that a record names. Of every fifteen hundred, one is not there and one is cut off.
    fn write(&mut self, record: &Value, kind: &'static str, planted: &mut Planted) -> io::Result<()> {
        let holder = record.get("id").and_then(Value::as_i64).unwrap_or_default();
        for file in record.get("attachments").and_then(Value::as_array).into_iter().flatten() {
            let number = |name: &str| file.get(name).and_then(Value::as_u64);
            let (Some(id), Some(size)) = (number("id"), number("size")) else { continue };
            let at = file.get("attachment_url").and_then(Value::as_str).unwrap_or_default();
            if !at.starts_with("files/") {
                continue;
            }
            if size > 0 {
                self.count += 1;
            }
            let (what, size) = match (size, self.count % 1_500) {
                (1.., 2) => (Some("missing-file"), None),
                (1.., 4) => (Some("truncated-file"), Some(size / 2)),
                _ => (None, Some(size)),
            };
            if let Some(what) = what {
                planted.add(what, "attachment", i64::try_from(id).unwrap_or(0), Some((kind, holder)));
            }
            let Some(size) = size else { continue };
            let bytes: Vec<u8> =
                (0..size).map(|byte| b'a' + u8::try_from((byte + id) % 26).unwrap_or(0)).collect();
            fs::write(self.folder.join(at), bytes)?;
        }
        Ok(())
    }
}

/// The conversations of a ticket: answers, questions, private notes.
fn talk(account: Account, ticket: &Ticket) -> Vec<Value> {
    let mut draw = Draw::of(account.seed, "talk", ticket.position);
    let count = draw.weighted(&[(0, 8), (1, 16), (2, 24), (3, 20), (4, 14), (6, 10), (9, 6)]);
    let step = (ticket.updated - ticket.created) / (number(count) + 2);
    let mut at = ticket.responded.unwrap_or(ticket.created);
    let mut lines = Vec::new();
    for reply in 0..count {
        at = (at + 1 + draw.seconds(step)).min(ticket.updated);
        let private = draw.chance(19);
        let incoming = !private && reply % 2 == 1;
        let agent = ticket.responder.unwrap_or_else(|| working_agent(&mut draw));
        let words = match (private, incoming) {
            (true, _) => text::note(&mut draw),
            (false, true) => text::question(&mut draw),
            (false, false) => text::answer(&mut draw),
        };
        // Authors who were deleted for good leave nothing behind.
        let author = if draw.below(300) == 0 {
            None
        } else if incoming {
            ticket.requester
        } else {
            Some(agent)
        };
        let id = 43_200_000_000 + ticket.id * 100 + number(reply);
        lines.push(json!({
            "id": id, "ticket_id": ticket.id, "user_id": author, "body": text::html(&words), "body_text": words, "incoming": incoming, "private": private, "source": if private { 2 } else { 0 },
            "from_email": if private { Value::Null } else { json!("help@acme.example.org") }, "to_emails": [], "cc_emails": [],
            "message_id": if private { Value::Null } else { json!(format!("<{id}@acme.example.org>")) }, "attachments": attachments(&mut draw, ticket.id * 100 + 1 + number(reply), 5),
            "created_at": instant(at), "updated_at": instant(at),
        }));
    }
    lines
}

fn transcript(account: Account, ticket: &Ticket) -> Value {
    let mut draw = Draw::of(account.seed, "transcript", ticket.position);
    // Some ended without an agent: the bot gave up.
    let agent = ticket.responder.filter(|_| draw.chance(92));
    let mut at = ticket.created;
    let mut messages = Vec::new();
    let mut body = String::new();
    for turn in 0..3 + draw.below(6) {
        at += 5 + draw.seconds(90);
        let (kind, author, words) = match (turn % 2, agent) {
            (0, _) => ("contact", ticket.requester, text::question(&mut draw)),
            (_, Some(agent)) => ("agent", Some(agent), text::answer(&mut draw)),
            (_, None) => ("bot", None, "I did not understand that.".to_owned()),
        };
        body = format!("{body}{}  {kind}: {words}\n", instant(at));
        messages.push(json!({ "at": instant(at), "author_type": kind, "author_id": author, "text": words }));
    }
    json!({
        "id": 43_600_000_000 + ticket.id, "ticket_id": ticket.id, "channel": draw.weighted(&[("web", 7), ("mobile", 2), ("whatsapp", 1)]), "contact_id": ticket.requester, "agent_id": agent,
        "started_at": instant(ticket.created), "ended_at": instant(at), "body": body, "messages": messages,
    })
}
