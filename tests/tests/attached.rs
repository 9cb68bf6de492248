//! Files of an export: their bytes arrive, what is not there is told and taken through later; and a whole night into a folder, and back.

use std::error::Error;
use std::fs;

use cutover_tests::night::Night;

type Tried = Result<(), Box<dyn Error>>;

#[test]
fn a_file_that_is_not_there_is_told_and_taken_through_when_it_is() -> Tried {
    let night = Night::new(60, "")?;
    let file = night.path("export/files/3");
    let bytes = fs::read(&file)?;
    fs::remove_file(&file)?;
    night.people()?;
    night.verb(&["run"])?;
    let (_, rejects, _) = night.verb(&["rejects"])?;
    let told = rejects.lines().find(|line| line.contains("\"missing-file\"")).unwrap_or_default();
    assert!(told.contains("\"key\":\"7000030\"") && told.contains("\"field\":\"file\""), "{rejects}");
    let kept = "SELECT count(*) FROM \"desk content\"";
    assert_eq!(night.ask("run/desk.sqlite", kept)?, 11, "twelve files, and one is not there");
    let said = "SELECT count(*) FROM comment WHERE mark = 'thread:5000030'";
    assert_eq!(night.ask("run/desk.sqlite", said)?, 0, "the comment that lists it waits for it");
    fs::write(&file, bytes)?;
    let (code, out, err) = night.verb(&["retry", "rejects"])?;
    assert!(matches!(code, 0 | 1), "{code}: {out}{err}");
    let (_, rejects, _) = night.verb(&["rejects"])?;
    assert!(!rejects.contains("missing-file") && !rejects.contains("\"5000030\""), "{rejects}");
    assert_eq!(night.ask("run/desk.sqlite", kept)?, 12);
    assert_eq!(night.ask("run/desk.sqlite", said)?, 1, "what the customer wrote came with its file");
    let broken = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", broken)?, 0);
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    Ok(())
}

#[test]
fn a_file_that_somebody_leaves_behind_keeps_nothing_else_behind() -> Tried {
    let night = Night::new(60, "")?;
    fs::remove_file(night.path("export/files/3"))?;
    night.people()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 1), "{code}: {out}{err}");
    let skip = ["skip", "7000030", "--by", "ines", "--because", "nobody has that file any more"];
    let (code, out, err) = night.verb(&skip)?;
    assert_eq!(code, 0, "{out}{err}");
    let (_, out, err) = night.verb(&["retry", "rejects"])?;
    let said = "SELECT count(*) FROM comment WHERE mark = 'thread:5000030' AND attachments = '[]'";
    assert_eq!(night.ask("run/desk.sqlite", said)?, 1, "{out}{err}");
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!((code, out.contains("all equal")), (0, true), "{out}");
    Ok(())
}

#[test]
fn a_night_into_a_folder_and_back() -> Tried {
    let night = Night::new(60, "")?;
    let environment = fs::read_to_string(night.path("env.toml"))?;
    let environment = environment.replace(
        "connector = \"sqlite\"\nat = \"run/desk.sqlite\"",
        "connector = \"files\"\nat = \"run/desk\"",
    );
    fs::write(night.path("env.toml"), environment)?;
    night.people()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert!(matches!(code, 0 | 1), "{code}: {out}{err}");
    let tickets = fs::read_to_string(night.path("run/desk/tickets.jsonl"))?;
    assert!(
        tickets.lines().count() > 40 && tickets.contains("\"mark\":\"conversation:1000000\""),
        "{tickets}"
    );
    assert_eq!(fs::read_dir(night.path("run/desk/contents"))?.count(), 12);
    let back = ["rollback", "--by", "ines", "--because", "a try", "--past-no-return"];
    let (code, out, err) = night.verb(&back)?;
    assert!(matches!(code, 0 | 1), "{code}: {out}{err}");
    assert_eq!(fs::read_dir(night.path("run/desk"))?.count(), 0, "{out}{err}");
    Ok(())
}
