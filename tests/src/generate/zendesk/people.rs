//! Users, organizations, memberships.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::super::text::{AGENTS, PEOPLE};
use super::super::{DAY, Draw, TAKEN, instant, number};
use super::{Account, Pages, Paging, list, url};

/// The first agent's id; the agents' ids follow each other.
const FIRST_AGENT: i64 = 380_000_001;
/// The first customer's id; the customers' ids follow each other.
const FIRST_CUSTOMER: i64 = 390_000_001;
const FIRST_ORGANIZATION: i64 = 360_100_001;
/// A user whom Zendesk no longer shows: deleted for good.
const GONE_USER: i64 = 370_999_999;
const GONE_ORGANIZATION: i64 = 360_199_999;

/// What became of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Active,
    Suspended,
    /// In the export still, but not active.
    Deleted,
    /// The address of the customer before, in other letters.
    Twin,
}

fn fate(position: usize) -> Fate {
    match position % 37 {
        5 | 17 => Fate::Suspended,
        9 => Fate::Deleted,
        23 => Fate::Twin,
        _ => Fate::Active,
    }
}

/// Whether the agent still works here; the last three of the list have left.
fn agent_active(position: usize) -> bool {
    position + 3 < AGENTS.len()
}

/// An agent for a ticket, one time of nine somebody who has left.
pub(super) fn some_agent(draw: &mut Draw) -> i64 {
    let all = AGENTS.len();
    FIRST_AGENT + number(if draw.chance(11) { draw.below(all) } else { draw.below(all - 3) })
}

/// A customer, sometimes one who no longer exists.
pub(super) fn some_customer(account: Account, draw: &mut Draw) -> i64 {
    if draw.below(150) == 0 { GONE_USER } else { FIRST_CUSTOMER + number(draw.below(account.customers())) }
}

/// The organization of a user by id, where there is one.
pub(super) fn organization_of(account: Account, user: i64) -> Option<i64> {
    let position = usize::try_from(user - FIRST_CUSTOMER).ok()?;
    match position % 11 {
        _ if position >= account.customers() => None,
        3 | 8 => None,
        10 if position % 7 == 0 => Some(GONE_ORGANIZATION),
        _ => Some(FIRST_ORGANIZATION + number(position * 7 % account.organizations())),
    }
}

pub(super) fn write(account: Account, folder: &Path) -> io::Result<()> {
    let mut pages = Pages::new(folder, "organizations", Paging::Time);
    for position in 0..account.organizations() {
        let (record, id, at) = organization(account, position);
        pages.push(record, id, at)?;
    }
    pages.finish()?;

    let mut pages = Pages::new(folder, "users", Paging::Cursor);
    for position in 0..AGENTS.len() {
        let (record, id, at) = agent(account, position);
        pages.push(record, id, at)?;
    }
    let mut memberships = Vec::new();
    for position in 0..account.customers() {
        let (record, id, at) = customer(account, position);
        pages.push(record, id, at)?;
        if let Some(organization) = organization_of(account, id) {
            memberships.push(json!({
                "id": 4_000_000 + number(position), "user_id": id, "organization_id": organization, "default": true,
                "created_at": instant(at), "updated_at": instant(at),
            }));
        }
    }
    pages.finish()?;
    list(folder, "organization_memberships", memberships)?;

    let groups = AGENTS.iter().enumerate().flat_map(|(position, _)| {
        let first = number(position % 5);
        let second = (position % 3 == 0).then_some((first + 2) % 5);
        [Some(first), second].into_iter().flatten().map(move |group| (position, group))
    });
    let memberships = groups.map(|(position, group)| {
        json!({
            "id": 5_000_000 + number(position) * 10 + group, "user_id": FIRST_AGENT + number(position), "group_id": super::tickets::group_id(group),
            "default": group == number(position % 5), "created_at": "2019-02-01T08:00:00Z", "updated_at": "2019-02-01T08:00:00Z",
        })
    });
    list(folder, "group_memberships", memberships.collect())
}

fn organization(account: Account, position: usize) -> (Value, i64, i64) {
    const NAMES: &[&str] =
        &["Birch", "Cedar", "Ahorn & Söhne", "橡树", "Рябина", "Olive", "Elm Street", "زيتون"];
    let mut draw = Draw::of(account.seed, "organization", position);
    let id = FIRST_ORGANIZATION + number(position);
    let at = TAKEN - (1_500 - number(position) % 1_400) * DAY;
    // The name is unique in Zendesk; two differ here only in blanks.
    let name = if position == 4 {
        "Birch  1".to_owned()
    } else {
        format!("{} {}", NAMES.get(position % NAMES.len()).copied().unwrap_or("Oak"), position + 1)
    };
    let record = json!({
        "id": id, "url": url("organizations", id), "external_id": if draw.chance(60) { json!(format!("crm-{position:05}")) } else { Value::Null },
        "name": name, "created_at": instant(at), "updated_at": instant(at + draw.seconds(300 * DAY)),
        "domain_names": if draw.chance(70) { json!([format!("o{position}.example.org")]) } else { json!([]) },
        "details": "", "notes": if draw.chance(10) { "pays late" } else { "" }, "group_id": Value::Null, "shared_tickets": draw.chance(20), "shared_comments": false,
        "tags": if draw.chance(30) { json!(["b2b"]) } else { json!([]) }, "organization_fields": { "tier": draw.weighted(&[("premium", 2), ("basic", 6), ("Premium ", 1)]) }, "deleted_at": Value::Null,
    });
    (record, id, at)
}

/// What both sorts of user have; the caller adds the rest.
fn user(id: i64, name: &str, email: Option<String>, role: &str, at: i64) -> Value {
    json!({
        "id": id, "url": url("users", id), "name": name, "email": email, "created_at": instant(at), "updated_at": instant(at + 40 * DAY), "time_zone": "Berlin",
        "iana_time_zone": "Europe/Berlin", "phone": Value::Null, "locale": "en-US", "organization_id": Value::Null, "role": role, "verified": true, "external_id": Value::Null,
        "tags": [], "alias": Value::Null, "active": true, "shared": false, "last_login_at": Value::Null, "details": Value::Null, "notes": Value::Null, "role_type": Value::Null,
        "custom_role_id": Value::Null, "moderator": false, "ticket_restriction": Value::Null, "only_private_comments": false, "restricted_agent": false, "suspended": false,
        "default_group_id": Value::Null, "user_fields": {},
    })
}

fn set<const N: usize>(record: &mut Value, columns: [(&str, Value); N]) {
    if let Value::Object(record) = record {
        for (column, value) in columns {
            record.insert(column.to_owned(), value);
        }
    }
}

fn agent(account: Account, position: usize) -> (Value, i64, i64) {
    let mut draw = Draw::of(account.seed, "agent", position);
    let (name, local) = AGENTS.get(position).copied().unwrap_or_default();
    let id = FIRST_AGENT + number(position);
    let at = TAKEN - (2_600 - 200 * number(position % 10)) * DAY;
    let active = agent_active(position);
    let mut record = user(
        id,
        name,
        active.then(|| format!("{local}@pine.example.org")),
        if position == 0 { "admin" } else { "agent" },
        at,
    );
    set(
        &mut record,
        [
            ("active", json!(active)),
            (
                "last_login_at",
                json!(instant(if active { TAKEN - draw.seconds(5 * DAY) } else { TAKEN - 400 * DAY })),
            ),
            ("moderator", json!(position < 2)),
            ("role_type", json!(if position == 6 { 1 } else { 0 })),
            ("only_private_comments", json!(position == 6)),
            ("ticket_restriction", if position == 5 { json!("groups") } else { Value::Null }),
            ("default_group_id", json!(super::tickets::group_id(number(position % 5)))),
        ],
    );
    (record, id, at)
}

fn customer(account: Account, position: usize) -> (Value, i64, i64) {
    let mut draw = Draw::of(account.seed, "customer", position);
    let id = FIRST_CUSTOMER + number(position);
    let at = TAKEN - (1_800 - number(position) % 1_700) * DAY + draw.seconds(DAY);
    let fate = fate(position);
    // A twin has the name and the address of the customer before.
    let of = if fate == Fate::Twin { position.saturating_sub(1) } else { position };
    let (name, local) = PEOPLE.get(of % PEOPLE.len()).copied().unwrap_or_default();
    let address = format!("{local}.{of}@o{}.example.org", of % account.organizations());
    let email = match fate {
        Fate::Deleted => None,
        Fate::Twin => Some(address.to_uppercase()),
        // Some came by telephone only.
        Fate::Active if position % 29 == 11 => None,
        Fate::Active | Fate::Suspended => Some(address),
    };
    let mut record = user(id, name, email, "end-user", at);
    set(
        &mut record,
        [
            ("active", json!(fate != Fate::Deleted)),
            ("suspended", json!(fate == Fate::Suspended)),
            ("verified", json!(draw.chance(70))),
            (
                "phone",
                if draw.chance(25) {
                    json!(format!("+49 30 555 {:04}", position % 10_000))
                } else {
                    Value::Null
                },
            ),
            ("organization_id", json!(organization_of(account, id))),
            ("external_id", if draw.chance(40) { json!(format!("shop-{position}")) } else { Value::Null }),
            ("locale", json!(draw.weighted(&[("en-US", 5), ("de", 3), ("ja", 1), ("uk", 1), ("ar", 1)]))),
            ("tags", if draw.chance(15) { json!(["vip"]) } else { json!([]) }),
            ("notes", if draw.chance(4) { json!("Line one\r\nline two") } else { Value::Null }),
            (
                "user_fields",
                json!({ "loyalty_number": if draw.chance(30) { json!(draw.below(90_000).to_string()) } else { Value::Null } }),
            ),
        ],
    );
    (record, id, at)
}
