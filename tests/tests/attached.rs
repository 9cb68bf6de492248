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
    fs::write(&file, bytes)?;
    let (code, out, err) = night.verb(&["retry", "rejects"])?;
    assert!(matches!(code, 0 | 1), "{code}: {out}{err}");
    let (_, rejects, _) = night.verb(&["rejects"])?;
    assert!(!rejects.contains("missing-file"), "{rejects}");
    assert_eq!(night.ask("run/desk.sqlite", kept)?, 12);
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
