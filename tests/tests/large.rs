//! The large example from its generated export, there and back: no trigger fires, nobody waives anything, and what does not go over is what the
//! generator planted, record by record. `PERCENT=100` runs all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cutover_tests::generate::freshdesk::Planted;
use cutover_tests::night::Night;
use cutover_tests::{Tested, text};
use rusqlite::Connection;
use serde_json::Value;

/// What the spec imports of tickets: unfinished ones, and what was created since 2023 in Berlin.
const SINCE: &str = "2022-12-31T23:00:00Z";

#[test]
fn the_large_example_runs_from_a_generated_export_there_and_back() -> Tested {
    let percent = std::env::var("PERCENT").ok().unwrap_or_else(|| "2".to_owned());
    let night = Night::acme(&percent)?;
    night.everybody("acme")?;
    let before = night.dump()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 4, "{out}{err}");
    let waits: Vec<&str> = out.lines().filter(|line| line.starts_with("  stage/")).collect();
    assert_eq!(waits, ["  stage/lessons: Write down what was learned"], "{out}{err}");
    let answers = "SELECT count(*) FROM event WHERE what IN ('pause', 'resume', 'waive', 'skip', 'settle')";
    assert_eq!(night.ask("run/journal.sqlite", answers)?, 0, "nobody had to decide anything");
    // Read by all stages of a kind is written, rejected, left out or uncertain; and what is written is in the desk.
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    for (kind, table) in
        [("ticket", "ticket"), ("comment", "comment"), ("transcript", "transcript"), ("user", "user")]
    {
        let done = format!("SELECT count(*) FROM record WHERE kind = '{kind}' AND state = 'done'");
        let there = format!("SELECT count(*) FROM \"{table}\" WHERE mark LIKE '{kind}:%'");
        let there = night.ask("run/desk.sqlite", &there)?;
        assert_eq!(night.ask("run/journal.sqlite", &done)?, there, "{kind}");
        assert!(there > 0, "{kind}");
    }
    let cleaned = "SELECT count(*) FROM stage WHERE id = 'stage/clean/ticket' AND note LIKE '%by clean/reassign/ticket/Backlog%'";
    assert_eq!(night.ask("run/journal.sqlite", cleaned)?, 1);
    let ledger = Planted::read(&night.path("export"))?;
    rejects_are_what_was_planted(&night, &ledger)?;
    what_the_spec_deals_with_went_over(&night, &ledger)?;
    tiers_are_those_of_the_table(&night)?;
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    let (code, out, err) =
        night.verb(&["rollback", "--past-no-return", "--by", "maya", "--because", "a try"])?;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(night.dump()?, before, "the desk is as it was, to the byte");
    Ok(())
}

/// Whether the ticket of a piece of dirt goes over; what belongs to no ticket does.
fn goes(dirt: &Value) -> bool {
    let created = dirt.get("created_at").and_then(Value::as_str);
    dirt.get("finished").and_then(Value::as_bool) != Some(true) || created.is_some_and(|at| at >= SINCE)
}

fn told<'d>(dirt: &'d Value, name: &str) -> &'d str {
    dirt.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn key(dirt: &Value) -> i64 {
    dirt.get("key").and_then(Value::as_i64).unwrap_or_default()
}

/// Kind, key and code of each reject are those that follow from the ledger: a file that is not there or cut off, and the comment that lists it.
fn rejects_are_what_was_planted(night: &Night, ledger: &[Value]) -> Tested {
    let mut expected: BTreeSet<(String, i64, String)> = BTreeSet::new();
    for dirt in ledger.iter().filter(|dirt| goes(dirt) && told(dirt, "what").ends_with("-file")) {
        expected.insert(("attachment".to_owned(), key(dirt), told(dirt, "what").to_owned()));
        let listed = dirt.get("listed_by").unwrap_or(&Value::Null);
        if told(listed, "kind") == "comment" {
            expected.insert(("comment".to_owned(), key(listed), "dangling-reference".to_owned()));
        }
    }
    let db = Connection::open(night.path("run/journal.sqlite")).map_err(text)?;
    let mut get = db.prepare("SELECT kind, key, code FROM reject").map_err(text)?;
    let rows = get.query_map([], |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?.parse().unwrap_or_default(), row.get(2)?))
    });
    let found: BTreeSet<(String, i64, String)> = rows.and_then(Iterator::collect).map_err(text)?;
    assert_eq!(found, expected, "what was rejected is what was planted");
    Ok(())
}

/// What is odd and has its line in the spec: placeholders, cut texts, references that become empty, people who become one.
fn what_the_spec_deals_with_went_over(night: &Night, ledger: &[Value]) -> Tested {
    let planted = |kind: &str, whats: &[&str]| -> BTreeSet<i64> {
        let of = ledger.iter().filter(|dirt| goes(dirt) && told(dirt, "kind") == kind);
        of.filter(|dirt| whats.contains(&told(dirt, "what"))).map(key).collect()
    };
    let desk = Connection::open(night.path("run/desk.sqlite")).map_err(text)?;
    let marks = |sql: &str| -> Result<BTreeSet<i64>, String> {
        let mut get = desk.prepare(sql).map_err(text)?;
        let rows = get.query_map([], |row| row.get::<_, String>(0)).map_err(text)?;
        let marks: Vec<String> = rows.collect::<Result<_, _>>().map_err(text)?;
        Ok(marks.iter().filter_map(|mark| mark.split_once(':')?.1.parse().ok()).collect())
    };
    let unknown = "(SELECT id FROM user WHERE name = 'Unknown requester')";
    assert_eq!(
        marks(&format!("SELECT mark FROM ticket WHERE requester IN {unknown}"))?,
        planted("ticket", &["no-requester", "person-gone"]),
        "tickets of nobody"
    );
    // A comment whose file is not there stays behind.
    let mut nobody = planted("comment", &["no-author", "person-gone"]);
    for dirt in ledger.iter().filter(|dirt| told(dirt, "what").ends_with("-file")) {
        nobody.remove(&key(dirt.get("listed_by").unwrap_or(&Value::Null)));
    }
    assert_eq!(
        marks(&format!("SELECT mark FROM comment WHERE author IN {unknown}"))?,
        nobody,
        "comments of nobody"
    );
    let long = marks("SELECT mark FROM ticket WHERE length(subject) = 150")?;
    // Unfinished ones whose agent has left go to the backlog, whatever their group was.
    let backlog = "\"group\" = (SELECT id FROM \"group\" WHERE name = 'Backlog')";
    for (what, kind, found) in [
        ("long-subject", "ticket", long),
        ("company-gone", "ticket", marks("SELECT mark FROM ticket WHERE organization IS NULL")?),
        (
            "group-gone",
            "ticket",
            marks(&format!("SELECT mark FROM ticket WHERE \"group\" IS NULL OR {backlog}"))?,
        ),
        (
            "company-gone",
            "user",
            marks("SELECT mark FROM user WHERE organization IS NULL AND mark LIKE 'user:%'")?,
        ),
    ] {
        let planted = planted(kind, &[what]);
        // Those that became one with somebody else are not there themselves.
        let twins = self::twins(ledger);
        let missing: Vec<&i64> =
            planted.iter().filter(|key| !found.contains(*key) && !twins.contains(*key)).collect();
        assert!(missing.is_empty(), "{what} of {kind}: {missing:?} are otherwise");
    }
    let merged =
        "SELECT coalesce(sum(records), 0) FROM filtered WHERE kind = 'user' AND part LIKE 'merged into %'";
    let twins = i64::try_from(ledger.iter().filter(|dirt| told(dirt, "what") == "same-address").count());
    assert_eq!(Ok(night.ask("run/journal.sqlite", merged)?), twins, "who has the address of another one");
    Ok(())
}

/// Contacts with the address of the one before, and those.
fn twins(ledger: &[Value]) -> BTreeSet<i64> {
    let of = ledger.iter().filter(|dirt| told(dirt, "what") == "same-address");
    of.flat_map(|dirt| [key(dirt), key(dirt) - 1]).collect()
}

/// Counts once more, by other means, how many tickets of each tier there are.
fn tiers_are_those_of_the_table(night: &Night) -> Tested {
    let read = |name: &str| fs::read_to_string(night.path(&format!("export/{name}"))).map_err(text);
    let table = read("crm.csv")?;
    let tiers: BTreeMap<&str, &str> = table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.split(',');
            Some((columns.next()?, columns.next()?))
        })
        .collect();
    let records = |text: &str| -> Result<Vec<Value>, String> {
        text.lines().map(|line| serde_json::from_str(line).map_err(self::text)).collect()
    };
    let mut addresses = BTreeMap::new();
    for contact in records(&read("contacts.jsonl")?)? {
        if let (Some(id), Some(email)) =
            (contact.get("id").and_then(Value::as_i64), contact.get("email").and_then(Value::as_str))
        {
            addresses.insert(id, email.to_lowercase());
        }
    }
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for ticket in records(&read("tickets.jsonl")?)? {
        let finished = matches!(ticket.get("status").and_then(Value::as_i64), Some(4 | 5));
        if finished && told(&ticket, "created_at") < SINCE {
            continue;
        }
        let requester = ticket.get("requester_id").and_then(Value::as_i64);
        let tier =
            requester.and_then(|id| tiers.get(addresses.get(&id)?.as_str())).copied().unwrap_or("none");
        *expected.entry(tier.to_owned()).or_default() += 1;
    }
    assert!(expected.len() == 3, "the account has all of them: {expected:?}");
    let desk = Connection::open(night.path("run/desk.sqlite")).map_err(text)?;
    let mut get = desk.prepare("SELECT \"custom.tier\", count(*) FROM ticket GROUP BY 1").map_err(text)?;
    let rows = get.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let found: BTreeMap<String, i64> = rows.and_then(Iterator::collect).map_err(text)?;
    assert_eq!(found, expected);
    Ok(())
}
