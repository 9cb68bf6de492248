//! by-hand IN OUT REJECTS THREADS: one map for one shape of record. Texts that nothing changes are copied as they stand; it checks little else.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use sonic_rs::{JsonValueTrait, LazyValue};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Deserialize)]
struct Ticket<'a> {
    id: u64,
    #[serde(borrow)]
    url: LazyValue<'a>,
    #[serde(borrow)]
    external_id: Option<LazyValue<'a>>,
    #[serde(borrow)]
    subject: Cow<'a, str>,
    #[serde(borrow)]
    description: LazyValue<'a>,
    #[serde(borrow, rename = "type")]
    of_type: Option<LazyValue<'a>>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    priority: Option<Word<'a>>,
    #[serde(borrow)]
    tags: Vec<Word<'a>>,
    #[serde(borrow)]
    requester: Option<Person<'a>>,
    #[serde(borrow)]
    organization: Option<Named<'a>>,
    assignee_id: u64,
    group_id: u64,
    brand_id: u64,
    #[serde(borrow)]
    via: Via<'a>,
    #[serde(borrow)]
    custom_fields: Vec<Custom<'a>>,
    #[serde(borrow)]
    satisfaction_rating: Rating<'a>,
    comment_count: u64,
    spam: bool,
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    #[serde(borrow)]
    updated_at: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Person<'a> {
    id: u64,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    email: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: LazyValue<'a>,
}

#[derive(Deserialize)]
struct Via<'a> {
    #[serde(borrow)]
    channel: LazyValue<'a>,
}

#[derive(Deserialize)]
struct Rating<'a> {
    #[serde(borrow)]
    score: LazyValue<'a>,
}

#[derive(Deserialize)]
struct Custom<'a> {
    id: u64,
    #[serde(borrow)]
    value: LazyValue<'a>,
}

type Words = FxHashMap<String, &'static str>;

struct Tables {
    states: Words,
    priorities: Words,
    products: Words,
    tags: Words,
}

fn tables() -> Tables {
    let of = |pairs: &[(&str, &'static str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), *b)).collect();
    let areas =
        ["billing", "refund", "login", "vip", "shipping", "api", "mobile", "outage", "invoice", "trial"];
    let forms = ["old", "v1", "v2", "legacy", "x"];
    Tables {
        states: of(&[
            ("new", "new"),
            ("open", "open"),
            ("pending", "waiting_on_customer"),
            ("hold", "on_hold"),
            ("solved", "resolved"),
            ("closed", "closed"),
            ("archived", "closed"),
            ("deleted", "trashed"),
        ]),
        priorities: of(&[("low", "1"), ("normal", "2"), ("high", "3"), ("urgent", "4")]),
        products: of(&[
            ("core suite", "core"),
            ("analytics", "analytics"),
            ("mobile app", "mobile"),
            ("gateway", "gateway"),
            ("billing hub", "billing"),
            ("chat", "chat"),
            ("voice", "voice"),
            ("explore", "explore"),
            ("guide", "guide"),
            ("sell", "sell"),
        ]),
        tags: areas.iter().flat_map(|area| forms.map(|form| (format!("{area}_{form}"), *area))).collect(),
    }
}

fn escaped(text: &str, out: &mut Vec<u8>) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => b"?",
            _ => continue,
        };
        out.extend_from_slice(&text.as_bytes()[from..at]);
        out.extend_from_slice(escape);
        from = at + 1;
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escaped(text, out);
    out.push(b'"');
}

fn raw(value: Option<&LazyValue<'_>>, out: &mut Vec<u8>) {
    out.extend_from_slice(value.map_or("null", |value| value.as_raw_str()).as_bytes());
}

fn number(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Seconds since 1970 of `2026-12-05T20:00:00+01:00`.
fn seconds(text: &str) -> i64 {
    let b = text.as_bytes();
    let two = |at: usize| i64::from(b[at] - b'0') * 10 + i64::from(b[at + 1] - b'0');
    let (year, month, day) = (two(0) * 100 + two(2), two(5), two(8));
    let y = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719_468;
    let local = days * 86_400 + two(11) * 3600 + two(14) * 60 + two(17);
    match b[19] {
        b'+' => local - two(20) * 3600 - two(23) * 60,
        b'-' => local + two(20) * 3600 + two(23) * 60,
        _ => local,
    }
}

fn utc(at: i64, out: &mut Vec<u8>) {
    let z = at.div_euclid(86_400) + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let second = at.rem_euclid(86_400);
    let parts = [
        ("\"", year / 100),
        ("", year % 100),
        ("-", month),
        ("-", day),
        ("T", second / 3600),
        (":", second / 60 % 60),
        (":", second % 60),
    ];
    for (before, part) in parts {
        out.extend_from_slice(before.as_bytes());
        out.push(b'0' + (part / 10) as u8);
        out.push(b'0' + (part % 10) as u8);
    }
    out.extend_from_slice(b"Z\"");
}

fn map(line: &[u8], tables: &Tables, out: &mut Vec<u8>, rejects: &mut Vec<u8>) {
    let ticket: Ticket<'_> = sonic_rs::from_slice(line).expect("a ticket");
    if ticket.spam {
        return;
    }
    let Some(person) = &ticket.requester else {
        rejects.extend_from_slice(b"{\"legacy_id\":");
        number(ticket.id as i64, rejects);
        rejects.extend_from_slice(b",\"reason\":\"requester missing\"}\n");
        return;
    };
    macro_rules! key {
        ($name:literal) => {
            out.extend_from_slice(concat!(",\"", $name, "\":").as_bytes())
        };
    }
    out.extend_from_slice(b"{\"legacy_id\":");
    number(ticket.id as i64, out);
    key!("source_url");
    raw(Some(&ticket.url), out);
    key!("ext_ref");
    raw(ticket.external_id.as_ref(), out);
    key!("title");
    let end = ticket.subject.char_indices().nth(255).map_or(ticket.subject.len(), |(at, _)| at);
    text(&ticket.subject[..end], out);
    key!("body");
    raw(Some(&ticket.description), out);
    key!("ticket_type");
    raw(ticket.of_type.as_ref(), out);
    key!("state");
    text(tables.states.get(&*ticket.status).unwrap_or(&"open"), out);
    key!("prio");
    let priority = ticket.priority.as_ref().and_then(|priority| tables.priorities.get(&*priority.0));
    out.extend_from_slice(priority.unwrap_or(&"2").as_bytes());
    key!("labels");
    out.push(b'[');
    let mut seen: Vec<&str> = Vec::with_capacity(8);
    for tag in &ticket.tags {
        let label = tables.tags.get(&*tag.0).copied().unwrap_or(&tag.0);
        if seen.contains(&label) {
            continue;
        }
        if !seen.is_empty() {
            out.push(b',');
        }
        seen.push(label);
        text(label, out);
    }
    out.push(b']');
    key!("agent_id");
    number(ticket.assignee_id as i64, out);
    key!("team_id");
    number(ticket.group_id as i64, out);
    key!("brand");
    number(ticket.brand_id as i64, out);
    key!("n_comments");
    number(ticket.comment_count as i64, out);
    key!("company");
    raw(ticket.organization.as_ref().map(|organization| &organization.name), out);
    key!("csat");
    raw(Some(&ticket.satisfaction_rating.score), out);
    key!("via");
    raw(Some(&ticket.via.channel), out);
    let custom = |id: u64| ticket.custom_fields.iter().find(|field| field.id == id).map(|field| &field.value);
    key!("product");
    let product = custom(360_001).and_then(|value| value.as_str().map(str::to_lowercase));
    text(product.and_then(|product| tables.products.get(product.as_str()).copied()).unwrap_or("other"), out);
    let category = custom(360_002).and_then(|value| value.as_str());
    let (first, second) = match category.map(|category| category.split_once('/').ok_or(category)) {
        Some(Ok((first, second))) => (Some(first), Some(second)),
        Some(Err(whole)) => (Some(whole), None),
        None => (None, None),
    };
    key!("category");
    match first {
        Some(first) => text(first, out),
        None => out.extend_from_slice(b"null"),
    }
    key!("subcategory");
    match second {
        Some(second) => text(second, out),
        None => out.extend_from_slice(b"null"),
    }
    key!("region");
    raw(custom(360_003), out);
    key!("contract_no");
    raw(custom(360_004), out);
    key!("severity");
    raw(custom(360_005), out);
    key!("created_epoch");
    number(seconds(&ticket.created_at), out);
    key!("updated_utc");
    utc(seconds(&ticket.updated_at), out);
    key!("contact_id");
    number(person.id as i64, out);
    let email = person.email.trim().to_lowercase();
    key!("contact_email");
    text(&email, out);
    key!("contact");
    out.push(b'"');
    escaped(&person.name, out);
    out.extend_from_slice(b" <");
    escaped(&email, out);
    out.extend_from_slice(b">\"}\n");
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let tables = tables();
    peer::run(&args, || {
        |line: &[u8], out: &mut Vec<u8>, rejects: &mut Vec<u8>| map(line, &tables, out, rejects)
    });
}
