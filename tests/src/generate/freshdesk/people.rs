//! Contacts, companies, agents, groups.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::super::text::{AGENTS, PEOPLE};
use super::super::{DAY, Draw, TAKEN, date, evenly, evenly_before, instant, number, write_lines};
use super::Account;
use super::planted::Planted;

/// All agents; the last `LEFT` of them have left.
const AGENT_COUNT: usize = 48;
const LEFT: usize = 12;
const FIRST_AGENT: i64 = 43_000_001;
const FIRST_CONTACT: i64 = 43_100_001;
const FIRST_COMPANY: i64 = 43_900_001;
pub(super) const GONE_CONTACT: i64 = 43_899_999;
pub(super) const GONE_COMPANY: i64 = 43_999_999;
const FIRST_GROUP: i64 = 43_000_500_001;
pub(super) const GONE_GROUP: i64 = FIRST_GROUP + 99;
/// The queues: name, how many tickets of a thousand.
const GROUPS: &[(&str, usize)] = &[
    ("Support", 210),
    ("Tier 1", 190),
    ("Tier 2", 110),
    ("Backlog", 60),
    ("Billing", 100),
    ("Returns", 80),
    ("Sales", 45),
    ("Onboarding", 40),
    ("Enterprise", 35),
    ("Premium care", 30),
    ("Partners", 20),
    ("Night shift", 40),
    ("Spam review", 10),
    ("Qualität & Recht", 30),
];

/// An agent who still works here.
pub(super) fn working_agent(draw: &mut Draw) -> i64 {
    FIRST_AGENT + number(draw.below(AGENT_COUNT - LEFT))
}

/// An agent who has left.
pub(super) fn former_agent(draw: &mut Draw) -> i64 {
    FIRST_AGENT + number(AGENT_COUNT - LEFT + draw.below(LEFT))
}

/// A group of a ticket, now and then one that is gone or none.
pub(super) fn some_group(draw: &mut Draw) -> Value {
    if draw.below(400) == 0 {
        return json!(GONE_GROUP);
    }
    if draw.chance(3) {
        return Value::Null;
    }
    let weights: Vec<(usize, usize)> =
        GROUPS.iter().enumerate().map(|(at, (_, weight))| (at, *weight)).collect();
    json!(FIRST_GROUP + number(draw.weighted(&weights)))
}

/// The requester of the ticket at a position: a contact, nobody, or somebody who no longer exists.
pub(super) fn requester(account: Account, position: usize, draw: &mut Draw) -> Option<i64> {
    let contact = FIRST_CONTACT + number(draw.below(account.contacts));
    let all = account.tickets();
    match () {
        () if evenly(position, account.without_requester, all) => None,
        // A neighbour, so that no ticket is both.
        () if position > 0 && evenly(position - 1, account.lost_requester, all) => Some(GONE_CONTACT),
        () => Some(contact),
    }
}

/// The company of a contact by id.
pub(super) fn company_of(account: Account, contact: i64) -> Option<i64> {
    let position = usize::try_from(contact - FIRST_CONTACT).ok()?;
    match position % 13 {
        _ if position >= account.contacts => None,
        2 | 7 | 11 => None,
        5 if position % 17 == 0 => Some(GONE_COMPANY),
        _ => Some(FIRST_COMPANY + number(position * 11 % account.companies)),
    }
}

pub(super) fn write(account: Account, folder: &Path, planted: &mut Planted) -> io::Result<()> {
    planted.apart();
    let contacts = (0..account.contacts).map(|position| {
        let line = contact(account, position);
        planted.look("user", &line);
        // The address of the contact before, in other letters; that one may have come by telephone only.
        if position % 41 == 40 {
            planted.add("same-address", "user", FIRST_CONTACT + number(position), None);
        }
        line
    });
    write_lines(folder, "contacts.jsonl", contacts)?;
    write_lines(
        folder,
        "companies.jsonl",
        (0..account.companies).map(|position| company(account, position)),
    )?;
    customers(account, folder)?;
    write_lines(folder, "agents.jsonl", (0..AGENT_COUNT).map(|position| agent(account, position)))?;
    write_lines(folder, "groups.jsonl", (0..GROUPS.len()).map(group))
}

/// What the CRM knows of each address, once: every fourth one is premium. It writes them small, as systems do that send mail.
fn customers(account: Account, folder: &Path) -> io::Result<()> {
    let mut text = "email,tier,since\n".to_owned();
    for position in (0..account.contacts).filter(|position| position % 41 != 40) {
        if let Some(email) = contact(account, position).get("email").and_then(Value::as_str) {
            let tier = if position % 4 == 0 { "premium" } else { "standard" };
            text.push_str(&format!("{},{tier},2024-{:02}-01\n", email.to_lowercase(), position % 12 + 1));
        }
    }
    std::fs::write(folder.join("crm.csv"), text)
}

fn contact(account: Account, position: usize) -> Value {
    let mut draw = Draw::of(account.seed, "contact", position);
    let twin = position % 41 == 40;
    let of = if twin { position - 1 } else { position };
    let (name, local) = PEOPLE.get(of % PEOPLE.len()).copied().unwrap_or_default();
    let address = format!("{local}.{of}@c{}.example.org", of * 11 % account.companies);
    let email = match position % 41 {
        40 => json!(if position.is_multiple_of(2) { address.to_uppercase() } else { title_case(&address) }),
        // The one before a twin has an address; some others came by telephone only.
        11 | 22 => Value::Null,
        _ => json!(address),
    };
    let id = FIRST_CONTACT + number(position);
    let created = TAKEN - DAY * (2_400 - number(position * 2_300 / account.contacts)) + draw.seconds(DAY);
    json!({
        "id": id, "name": name, "email": email, "other_emails": if draw.chance(4) { json!([format!("old.{address}")]) } else { json!([]) },
        "phone": if draw.chance(30) || email.is_null() { json!(format!("+49 30 555 {:05}", position % 100_000)) } else { Value::Null }, "mobile": Value::Null,
        "company_id": company_of(account, id), "active": draw.chance(60), "deleted": position % 97 == 31, "blocked": position % 113 == 57,
        "language": draw.weighted(&[("en", 50), ("de", 25), ("fr", 8), ("ja-JP", 5), ("uk", 4), ("ar", 3)]), "time_zone": "Berlin",
        "tags": if draw.chance(6) { json!(["vip"]) } else { json!([]) }, "unique_external_id": if draw.chance(45) { json!(format!("crm-{position}")) } else { Value::Null },
        "custom_fields": { "cf_loyalty": if draw.chance(20) { json!(draw.below(90_000)) } else { Value::Null } },
        "created_at": instant(created), "updated_at": instant(created + draw.seconds(TAKEN - created)),
    })
}

/// `ana.sousa@c1.example.org` as `Ana.Sousa@C1.Example.Org`.
fn title_case(address: &str) -> String {
    let mut start = true;
    let letter = |letter: char| {
        let shown = if start { letter.to_ascii_uppercase() } else { letter };
        start = !letter.is_ascii_alphanumeric();
        shown
    };
    address.chars().map(letter).collect()
}

fn company(account: Account, position: usize) -> Value {
    const NAMES: &[&str] = &[
        "Birch Works",
        "Cedar GmbH",
        "Ahorn & Söhne",
        "橡树科技",
        "Рябина ООО",
        "Olive Oy",
        "Elm Street Ltd",
        "زيتون",
        "Lind AB",
        "Sauce, Salt & Co.",
    ];
    let mut draw = Draw::of(account.seed, "company", position);
    let created = TAKEN - DAY * (2_400 - number(position * 2_000 / account.companies));
    json!({
        "id": FIRST_COMPANY + number(position), "name": format!("{} {}", NAMES.get(position % NAMES.len()).copied().unwrap_or("Oak"), position + 1),
        "domains": if draw.chance(75) { json!([format!("c{position}.example.org")]) } else { json!([]) }, "description": Value::Null, "note": if draw.chance(5) { json!("pays late") } else { Value::Null },
        "health_score": draw.weighted(&[(None, 5), (Some("Happy"), 3), (Some("Doing okay"), 2), (Some("At risk"), 1)]),
        "account_tier": draw.weighted(&[(None, 3), (Some("Basic"), 5), (Some("Premium"), 3), (Some("Enterprise"), 1)]),
        "renewal_date": if draw.chance(50) { json!(date(TAKEN + draw.seconds(700 * DAY))) } else { Value::Null },
        "industry": draw.weighted(&[(None, 4), (Some("Retail"), 3), (Some("Media"), 1), (Some("Manufacturing"), 2)]), "custom_fields": {},
        "created_at": instant(created), "updated_at": instant(created + draw.seconds(300 * DAY)),
    })
}

fn groups_of(position: usize) -> Vec<usize> {
    let mut groups = vec![position % GROUPS.len()];
    if position.is_multiple_of(3) {
        groups.push((position * 5 + 2) % GROUPS.len());
    }
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn agent(account: Account, position: usize) -> Value {
    let mut draw = Draw::of(account.seed, "agent", position);
    let (name, local) = AGENTS.get(position % AGENTS.len()).copied().unwrap_or_default();
    let round = position / AGENTS.len();
    let active = position + LEFT < AGENT_COUNT;
    let admin = evenly(position, 5, AGENT_COUNT);
    let created = TAKEN - DAY * (2_400 - 45 * number(position));
    let quiet = if active {
        draw.seconds(4 * DAY)
    } else {
        DAY * (30 + number(evenly_before(position, 400, AGENT_COUNT)))
    };
    let last_login = instant(TAKEN - quiet);
    let suffix = if round == 0 { String::new() } else { format!("{}", round + 1) };
    json!({
        "id": FIRST_AGENT + number(position), "contact": { "name": if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) }, "email": format!("{local}{suffix}@acme.example.org"), "active": active, "last_login_at": last_login },
        "active": active, "deactivated": !active, "role": if admin { "Admin" } else { "Agent" }, "role_ids": [if admin { 43_000_600_001_i64 } else { 43_000_600_003 }],
        "group_ids": groups_of(position).into_iter().map(|at| FIRST_GROUP + number(at)).collect::<Vec<_>>(), "ticket_scope": if position % 9 == 4 { 2 } else { 1 },
        "occasional": position % 16 == 7, "type": "support_agent", "available": active && draw.chance(70), "signature": if draw.chance(50) { json!(format!("<p>{name}</p>")) } else { Value::Null },
        "created_at": instant(created), "updated_at": instant(created + 200 * DAY),
    })
}

fn group(position: usize) -> Value {
    let members: Vec<i64> = (0..AGENT_COUNT)
        .filter(|agent| groups_of(*agent).contains(&position))
        .map(|agent| FIRST_AGENT + number(agent))
        .collect();
    json!({
        "id": FIRST_GROUP + number(position), "name": GROUPS.get(position).map_or("", |(name, _)| name), "description": Value::Null, "agent_ids": members,
        "business_hour_id": if position == 11 { 43_000_700_002_i64 } else { 43_000_700_001 }, "escalate_to": if position < 3 { json!(FIRST_AGENT) } else { Value::Null },
        "unassigned_for": if position < 3 { json!("30m") } else { Value::Null }, "created_at": "2020-03-02T08:00:00Z", "updated_at": "2025-08-11T12:00:00Z",
    })
}
