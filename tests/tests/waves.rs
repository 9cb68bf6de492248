//! One wave is taken back alone, and loaded again; where another one refers to it, that is refused.

use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::Night;
use rusqlite::Connection;

#[test]
fn a_wave_is_taken_back_alone() -> Tested {
    let night = Night::acme("1")?;
    night.everybody("acme")?;
    let to_the_end = || -> Result<(String, String), String> {
        let (_, out, err) = night.verb(&["run"])?;
        Ok((out, err))
    };
    let (out, err) = to_the_end()?;
    let wave = |of: &str| {
        let sql = format!(
            "SELECT count(*) FROM record WHERE stage LIKE 'stage/load/%/{of}' AND kind <> 'placeholder' AND state = 'done'"
        );
        night.ask("run/journal.sqlite", &sql)
    };
    let (history, live) = (wave("history")?, wave("live")?);
    assert!(history > 0 && live > 0, "{history} {live}: {out}{err}");
    let tickets = || night.ask("run/desk.sqlite", "SELECT count(*) FROM ticket");
    let all = tickets()?;
    let before = night.dump()?;
    let back = |wave: &str, dry: bool| {
        let mut args =
            vec!["rollback", "--wave", wave, "--past-no-return", "--by", "maya", "--because", "a try"];
        args.extend(dry.then_some("--dry-run"));
        night.verb(&args)
    };
    let (code, _, err) = back("wave/nothing", false)?;
    assert_eq!((code, err.contains("it has wave/history, wave/live")), (2, true), "{err}");
    let (code, out, err) = back("wave/history", true)?;
    assert_eq!((code, out.contains("ticket would be deleted")), (0, true), "{out}{err}");
    assert_eq!(tickets()?, all, "a dry run deletes nothing");

    // A live ticket that is linked to an old one.
    let db = Connection::open(night.path("run/journal.sqlite")).map_err(|error| error.to_string())?;
    let link = "INSERT INTO link (record, field, reference, state)
        SELECT live.seq, 'problem', '{\"of\":[\"ticket\"],\"into\":[\"ticket\"],\"keys\":[\"' || history.key || '\"],\"list\":false}', 'done'
        FROM (SELECT seq FROM record WHERE stage = 'stage/load/ticket/live' AND kind = 'ticket' AND state = 'done' ORDER BY seq LIMIT 1) AS live,
             (SELECT key FROM record WHERE stage = 'stage/load/ticket/history' AND kind = 'ticket' AND state = 'done' ORDER BY seq LIMIT 1) AS history";
    assert_eq!(db.execute(link, []), Ok(1));
    let (code, _, err) = back("wave/history", false)?;
    assert_eq!(
        (code, err.contains("1 references lead to records of wave/history from what stays")),
        (2, true),
        "{err}"
    );
    assert_eq!(tickets()?, all);
    assert_eq!(db.execute("DELETE FROM link WHERE field = 'problem'", []), Ok(1));
    drop(db);

    let (code, out, err) = back("wave/history", false)?;
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!((wave("history")?, wave("live")?), (0, live), "the other wave stays");
    let there = "SELECT count(*) FROM record WHERE kind = 'ticket' AND state = 'done'";
    assert_eq!(tickets()?, night.ask("run/journal.sqlite", there)?);
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    // It is loaded again, and everything is as it was. The new desk speaks by now: it is made quiet for that, and nobody gets a message.
    let sent = || night.ask("run/desk.sqlite", "SELECT value FROM desk WHERE name = 'outbound'");
    let speaks = "SELECT count(*) FROM stage WHERE id = 'stage/unsilence' AND state = 'done'";
    assert_eq!((sent()?, night.ask("run/journal.sqlite", speaks)?), (0, 1));
    let (out, err) = to_the_end()?;
    assert_eq!(sent()?, 0, "{err}");
    let quiet =
        "SELECT count(*) FROM event WHERE what = 'quiet' AND subject LIKE 'stage/load/ticket/history'";
    assert_eq!(night.ask("run/journal.sqlite", quiet)?, 2, "made quiet, and left to speak");
    assert_eq!(night.ask("run/desk.sqlite", "SELECT value FROM desk WHERE name = 'quiet'")?, 0);
    assert_eq!((wave("history")?, wave("live")?), (history, live), "{out}{err}");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines.len()
    };
    assert_eq!(sorted(&night.dump()?), sorted(&before));
    assert_eq!(night.verb(&["verify"])?.0, 0);
    assert!(fs::metadata(night.path("run/desk.sqlite")).is_ok());
    Ok(())
}
