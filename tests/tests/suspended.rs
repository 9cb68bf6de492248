//! Whom the old desk had suspended is suspended in the new one after their tickets have arrived, and not before.

use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::Night;

#[test]
fn tickets_of_suspended_people_arrive_and_the_people_are_suspended_afterwards() -> Tested {
    let night = Night::new(60, "")?;
    let read = |name: &str| fs::read_to_string(night.path(name)).map_err(|error| error.to_string());
    // The old desk has no field for it: whoever is blocked bears it as a title.
    let spec = read("pots.cutover")?.replace(
        "map customer -> user  by catalog {",
        "map customer -> user  by catalog {\n  \
         job_title -> suspended  by equals(\"blocked\")  when missing no  lossy \"other titles are not needed\";",
    );
    night.write("pots.cutover", &spec)?;
    let (mut customers, mut blocked) = (String::new(), Vec::new());
    for (at, line) in read("export/customers.jsonl")?.lines().enumerate() {
        let mut customer: serde_json::Value =
            serde_json::from_str(line).map_err(|error| error.to_string())?;
        let Some(fields) = customer.as_object_mut() else { return Err(line.to_owned()) };
        if at % 4 == 1 {
            fields.insert("job_title".to_owned(), "blocked".into());
            blocked.push(fields.get("email").and_then(|email| email.as_str()).unwrap_or_default().to_owned());
        }
        customers.push_str(&format!("{customer}\n"));
    }
    night.write("export/customers.jsonl", &customers)?;
    let (code, _, err) = night.call(&["plan", "pots.cutover"])?;
    assert_eq!(code, 0, "{err}");
    night.people()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!((code, out.starts_with("the run is complete\n")), (0, true), "{err}");

    // They are suspended, and nobody else is.
    let db = rusqlite::Connection::open(night.path("run/desk.sqlite")).map_err(|error| error.to_string())?;
    let names = |sql: &str| -> Result<Vec<String>, String> {
        let mut rows = db.prepare(sql).map_err(|error| error.to_string())?;
        let found = rows.query_map([], |row| row.get::<_, String>(0)).map_err(|error| error.to_string())?;
        found.collect::<Result<_, _>>().map_err(|error| error.to_string())
    };
    let mut suspended = names("SELECT email FROM user WHERE suspended IN (1, 'true')")?;
    suspended.sort();
    blocked.sort();
    assert_eq!((suspended.len(), suspended), (5, blocked));
    // Each ticket of theirs that the scope takes is there: none was refused for its requester's sake.
    let tickets = |which: &str| -> Result<i64, String> {
        let sql = format!(
            "SELECT count(*) FROM ticket JOIN user ON user.id = ticket.requester WHERE user.suspended {which}"
        );
        db.query_row(&sql, [], |row| row.get(0)).map_err(|error| error.to_string())
    };
    let expected = (0..60_u64).filter(|at| at % 4 != 3 && (at % 21) % 4 == 1).count();
    assert_eq!(tickets("IN (1, 'true')")?.unsigned_abs(), expected as u64);
    // In this order: the last ticket was written before the first of them was suspended.
    let order = |stage: &str, which: &str| {
        night.ask("run/journal.sqlite", &format!("SELECT {which}(seq) FROM event WHERE subject = '{stage}'"))
    };
    let (loaded, late) =
        (order("stage/load/conversation", "max")?, order("stage/link/user/suspended", "min")?);
    assert!(0 < loaded && loaded < late, "{loaded} {late}");
    Ok(())
}
