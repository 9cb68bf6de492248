//! A target that cannot tell whether it has a record, and loses answers: what is in doubt is listed and never sent on a guess, and people settle it.

use std::collections::BTreeSet;
use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::Night;

/// Zendesk as nobody would want it: it notices nothing that comes twice, and nothing can be looked up.
const CATALOG: &str = "name: forgetful\ntitle: A forgetful desk\nrevision: 1\nextends: zendesk@1\n\
    sources:\n  US: { text: \"made up\", mark: verified }\n\
    capabilities:\n  dedupe: { value: { how: none, field: external_id }, from: US }\n";

/// A night over such a desk; `trouble` says which calls and answers it loses.
fn night(trouble: &str) -> Result<Night, String> {
    let night =
        Night::new(60, &format!("apart = true\n[target.trouble]\nno_lookup = true\nseed = 5\n{trouble}\n"))?;
    night.write("catalogs/forgetful.yaml", CATALOG)?;
    let spec = fs::read_to_string(night.path("pots.cutover")).map_err(|error| error.to_string())?;
    let spec = spec.replace("target  zendesk   \"pots\"", "target  forgetful \"pots\"");
    night.write("pots.cutover", &spec)?;
    let (code, out, err) = night.call(&["plan", "pots.cutover"])?;
    assert_eq!(code, 0, "{out}{err}");
    night.people()?;
    Ok(night)
}

fn texts(night: &Night, file: &str, sql: &str) -> Result<Vec<(String, String)>, String> {
    let db = rusqlite::Connection::open(night.path(file)).map_err(|error| error.to_string())?;
    let mut get = db.prepare(sql).map_err(|error| error.to_string())?;
    let rows = get.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(|error| error.to_string())?;
    rows.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// Nothing twice in the desk; what is in doubt is what is listed; counts add up.
fn doubts_are_listed(night: &Night) -> Result<Vec<(String, String)>, String> {
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    for table in ["user", "ticket", "comment", "tag", "organization", "attachment", "custom_field"] {
        let twice = format!(
            "SELECT count(*) FROM (SELECT mark FROM \"{table}\" WHERE mark IS NOT NULL GROUP BY mark HAVING count(*) > 1)"
        );
        assert_eq!(night.ask("run/desk.sqlite", &twice)?, 0, "{table}");
    }
    let doubts = texts(
        night,
        "run/journal.sqlite",
        "SELECT kind, key FROM record WHERE state = 'uncertain' AND owner IS NULL ORDER BY seq",
    )?;
    let (_, out, err) = night.verb(&["rejects"])?;
    let listed = out.lines().filter(|line| line.contains("\"code\":\"in-doubt\"")).count();
    assert_eq!(listed, doubts.len(), "{err}");
    for (kind, key) in &doubts {
        let told = format!("\"kind\":\"{kind}\",\"key\":\"{key}\",\"mark\":\"{kind}:{key}\"");
        assert!(out.contains(&told), "{told}: {out}");
    }
    Ok(doubts)
}

#[test]
fn what_is_in_doubt_is_listed_and_not_repeated_and_settled_by_people() -> Tested {
    let night = night("lose_answer = 30\nlose_call = 30\n")?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 4 | 5), "{code} {out}{err}");
    let doubts = doubts_are_listed(&night)?;
    assert!(!doubts.is_empty(), "{err}");
    let uncertain = night
        .ask("run/journal.sqlite", "SELECT sum(uncertain) FROM counts WHERE stage LIKE 'stage/load/%'")?;
    let rows = night.ask("run/journal.sqlite", "SELECT count(*) FROM record WHERE state = 'uncertain'")?;
    let by_kind = texts(
        &night,
        "run/journal.sqlite",
        "SELECT stage || ' ' || kind, CAST(uncertain AS TEXT) FROM counts WHERE uncertain > 0",
    )?;
    let of_rows = texts(
        &night,
        "run/journal.sqlite",
        "SELECT stage || ' ' || kind, CAST(count(*) AS TEXT) FROM record WHERE state = 'uncertain' GROUP BY 1",
    )?;
    assert_eq!(uncertain, rows, "{by_kind:?} {of_rows:?}");
    let (_, out, _) = night.verb(&["status"])?;
    assert!(out.contains("  in doubt in stage/load/"), "{out}");
    let (_, out, _) = night.verb(&["report"])?;
    assert!(out.contains("## In doubt") && out.contains("None was sent again"), "{out}");
    // A comparison says what it could not compare, and calls nothing missing or too many.
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("nobody knows whether the new desk has them")), (0, true), "{out}");

    // Somebody looks for each: half of the answers were lost behind the call, so some are there and some are not.
    let (mut there, mut gone) = (BTreeSet::new(), BTreeSet::new());
    let mut rounds = 0;
    loop {
        let doubts = doubts_are_listed(&night)?;
        if doubts.is_empty() {
            break;
        }
        for (kind, key) in doubts {
            let into = texts(
                &night,
                "run/journal.sqlite",
                &format!("SELECT into_kind, stage FROM record WHERE kind = '{kind}' AND key = '{key}'"),
            )?;
            let table = into.first().map_or("", |(into, _)| into.as_str());
            let found = texts(
                &night,
                "run/desk.sqlite",
                &format!(
                    "SELECT CAST(id AS TEXT), mark FROM \"{table}\" WHERE mark IN ('{kind}:{key}', '{kind}:{table}:{key}')"
                ),
            )?;
            let mut args =
                vec!["settle", key.as_str(), "--kind", kind.as_str(), "--by", "tom", "--because", "looked"];
            match found.first() {
                Some((id, _)) => {
                    // Who looked badly is told so: another record's id is not this one's.
                    args.extend(["--there", id.as_str()]);
                    there.insert(format!("{kind}:{key}"));
                }
                None => {
                    args.push("--not-there");
                    gone.insert(format!("{kind}:{key}"));
                }
            }
            let (code, _, err) = night.verb(&args)?;
            assert_eq!(code, 0, "{kind} {key}: {err}");
            let (code, _, err) = night.verb(&args)?;
            assert_eq!(code, 2, "it is settled already: {err}");
        }
        // What was not there is sent again, and loses answers again.
        let (code, out, err) = night.verb(&["retry", "rejects"])?;
        assert!(matches!(code, 0 | 1), "{out}{err}");
        // So many doubts fire a trigger: people know about these.
        night.verb(&["resume", "--by", "ines", "--because", "we look for each of them"])?;
        let (code, out, err) = night.verb(&["run"])?;
        assert!(matches!(code, 0 | 4 | 5), "{out}{err}");
        rounds += 1;
        assert!(rounds < 60, "it comes to no end");
    }
    assert!(!there.is_empty() && !gone.is_empty(), "{there:?} {gone:?}");
    Ok(())
}
