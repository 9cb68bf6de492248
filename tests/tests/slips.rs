//! A slip of the finger costs nothing: verbs write over no file of somebody else, an environment names no place twice, a backup spares what
//! it is to save, and a list of pairs loses nobody.

use std::fs;

use cutover_tests::Tested;
use cutover_tests::night::Night;

/// What is not to be written over, and what every verb that writes somewhere is told to write there.
#[test]
fn verbs_write_over_nothing_of_others() -> Tested {
    let night = Night::new(20, "")?;
    assert_eq!(night.verb(&["run", "--account", "pots"])?.0, 4);
    let read = |name: &str| fs::read(night.path(name)).map_err(|error| format!("{name}: {error}"));
    let refused = |args: &[&str], name: &str| -> Tested {
        let before = read(name)?;
        let (code, out, err) =
            if args.first() == Some(&"transform") { night.call(args)? } else { night.verb(args)? };
        assert_eq!(code, 2, "{args:?}: {out}{err}");
        assert!(read(name)? == before, "{args:?} changed {name}");
        Ok(())
    };
    for name in
        ["pots.cutover", "env.toml", "plan/plan.json", "export/conversations.jsonl", "announce/customers.md"]
    {
        refused(&["report", "-o", name], name)?;
        refused(&["rejects", "-o", name], name)?;
        refused(&["status", "--page", name], name)?;
        let object =
            ["transform", "plan", "--object", "conversation", "--input", "export/conversations.jsonl"];
        refused(&[&object[..], &["-o", name]].concat(), name)?;
        refused(&[&object[..], &["--rejects", name]].concat(), name)?;
    }
    // The journal stays one.
    for verb in [["report", "-o"], ["rejects", "-o"], ["status", "--page"]] {
        assert_eq!(night.verb(&[&verb[..], &["run/journal.sqlite"]].concat())?.0, 2);
    }
    assert_eq!(night.verb(&["status"])?.0, 0);
    assert_eq!(night.verb(&["report", "-o", "run/report.pdf"])?.0, 2);
    assert!(!night.path("run/report.pdf").exists());
    // What they wrote themselves they write again.
    for _ in 0..2 {
        for args in [
            &["report", "-o", "run/report.md"][..],
            &["report", "-o", "run/report.html"],
            &["rejects", "-o", "run/rejects.jsonl"],
            &["status", "--page", "run/page.html"],
        ] {
            let (code, out, err) = night.verb(args)?;
            assert!(code < 2, "{args:?}: {out}{err}");
        }
    }
    refused(&["status", "--page", "run/report.html"], "run/report.html")?;
    refused(&["report", "-o", "run/page.html"], "run/page.html")
}

/// Records of a desk cannot be told from others: only who says so replaces them, and nobody replaces what is read.
#[test]
fn a_transform_replaces_what_it_is_told_to_and_never_its_input() -> Tested {
    let night = Night::new(20, "")?;
    let input = "export/conversations.jsonl";
    let call = |more: &[&str]| {
        let args = ["transform", "plan", "--object", "conversation", "--input", input];
        night.call(&[&args[..], more].concat())
    };
    let export = fs::read(night.path(input)).map_err(|error| error.to_string())?;
    assert!(call(&["-o", "out.jsonl", "--rejects", "no.jsonl"])?.0 < 2);
    let whole = fs::read(night.path("out.jsonl")).map_err(|error| error.to_string())?;
    assert!(!whole.is_empty());
    assert_eq!(call(&["-o", "out.jsonl"])?.0, 2);
    assert!(call(&["-o", "out.jsonl", "--rejects", "no.jsonl", "--replace"])?.0 < 2);
    for args in [
        &["-o", input, "--replace"][..],
        &["-o", "new.jsonl", "--rejects", input, "--replace"],
        &["-o", "out.jsonl", "--rejects", "./out.jsonl", "--replace"],
        &["-o", "plan/plan.json", "--replace"],
    ] {
        assert_eq!(call(args)?.0, 2, "{args:?}");
    }
    assert!(fs::read(night.path(input)).is_ok_and(|there| there == export));
    assert!(fs::read(night.path("out.jsonl")).is_ok_and(|there| there == whole));
    Ok(())
}

#[test]
fn a_plan_is_written_over_no_page_of_somebody_else() -> Tested {
    let night = Night::new(1, "")?;
    night.write("mine/checklist.md", "my own list\n")?;
    let (code, _, err) = night.call(&["plan", "pots.cutover", "-o", "mine"])?;
    assert_eq!((code, err.contains("checklist.md")), (2, true), "{err}");
    assert!(fs::read_to_string(night.path("mine/checklist.md")).is_ok_and(|text| text == "my own list\n"));
    assert!(!night.path("mine/plan.json").exists());
    // Its own it writes again.
    assert_eq!(night.call(&["plan", "pots.cutover"])?.0, 0);
    Ok(())
}

#[test]
fn an_environment_names_no_place_twice() -> Tested {
    let night = Night::new(20, "")?;
    let sound = fs::read_to_string(night.path("env.toml")).map_err(|error| error.to_string())?;
    let export = fs::read(night.path("export/conversations.jsonl")).map_err(|error| error.to_string())?;
    for (from, to, said) in [
        ("work = ", "page = \"run/journal.sqlite\"\nwork = ", "`journal` and `page`"),
        ("work = ", "ship = \"./run/journal.sqlite\"\nwork = ", "`journal` and `ship`"),
        ("run/desk.sqlite", "run/journal.sqlite", "`journal` and `[target]`"),
        ("\"run/copy\"", "\"export\"", "`work` and `[source]`"),
        ("\"run/vault\"", "\"export\"", "`[source]` and the store `vault:pots`"),
        ("\"run/vault\"", "\"export/vault\"", "the store `vault:pots` of the environment lies in `[source]`"),
    ] {
        night.write("env.toml", &sound.replacen(from, to, 1))?;
        let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
        let err: String = err.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert_eq!((code, err.contains(said)), (2, true), "{to}: {err}");
        assert!(!night.path("run").exists(), "{to}: nothing was made");
    }
    // A page that is none, and a second place that is no journal, are told before anything else happens.
    for (line, said) in [("page = \"pots.cutover\"", "pots.cutover"), ("ship = \"pots.cutover\"", "journal")]
    {
        // Nothing of what one case made is there for the next one.
        let _ = fs::remove_dir_all(night.path("run"));
        let before = fs::read(night.path("pots.cutover")).map_err(|error| error.to_string())?;
        night.write("env.toml", &sound.replacen("work = ", &format!("{line}\nwork = "), 1))?;
        let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
        assert!(matches!(code, 2 | 75) && err.contains(said), "{line}: {code} {err}");
        assert!(fs::read(night.path("pots.cutover")).is_ok_and(|there| there == before), "{line}");
    }
    // A journal that is none keeps its text and its rights.
    night.write("env.toml", &sound.replacen("run/journal.sqlite", "pots.cutover", 1))?;
    let rights = || fs::metadata(night.path("pots.cutover")).map(|data| data.permissions()).ok();
    let before = rights();
    let (code, _, err) = night.verb(&["run", "--account", "pots"])?;
    assert_eq!((code, err.contains("is no journal")), (2, true), "{err}");
    assert_eq!(before, rights());
    assert!(fs::read(night.path("export/conversations.jsonl")).is_ok_and(|there| there == export));
    Ok(())
}

#[test]
fn words_that_say_nothing_are_not_taken() -> Tested {
    let night = Night::new(20, "")?;
    assert_eq!(night.verb(&["run", "--account", "pots"])?.0, 4);
    for args in [
        &["pause", "--by", "ines", "--because", ""][..],
        &["resume", "--by", "ines", "--because", "  "],
        &["waive", "check/exports", "--by", "ruth", "--because", "\t"],
        &["note", " ", "--by", "ines"],
        &["skip", "9", "--by", "ines", "--because", ""],
        &["rollback", "--by", "ines", "--because", ""],
    ] {
        let (code, _, err) = night.verb(args)?;
        assert_eq!((code, err.contains("it says nothing")), (2, true), "{args:?}: {err}");
    }
    let events = "SELECT count(*) FROM event WHERE what IN ('pause', 'resume', 'waive', 'note', 'skip')";
    assert_eq!(night.ask("run/journal.sqlite", events)?, 0);
    Ok(())
}

/// A chain is followed to its end; whom the list keeps has to be there.
#[test]
fn pairs_are_followed_to_their_end() -> Tested {
    let night = Night::acme("1")?;
    let list =
        |pairs: &str| night.write("clean/duplicates.csv", &format!("kept,merged,reviewed_by\n{pairs}"));
    list("43100040,43100041,sam\n43100041,43100040,sam\n")?;
    let (code, out, err) = night.call(&["plan", "acme.cutover"])?;
    assert_eq!((code, format!("{out}{err}").contains("clean/pairs")), (1, true), "{out}{err}");
    list("43100081,43100082,sam\n43100082,43100063,sam\n")?;
    assert_eq!(night.call(&["plan", "acme.cutover"])?.0, 0);
    night.everybody("acme")?;
    night.verb(&["run"])?;
    let ends = "SELECT count(*) FROM alias WHERE winner = '43100081'";
    assert_eq!(night.ask("run/copy/copy.sqlite", ends)?, 2);
    Ok(())
}

/// Whoever is kept in the place of two has to go over: else what is theirs would be nobody's.
#[test]
fn a_pair_is_not_kept_as_somebody_who_stays_behind() -> Tested {
    let night = Night::acme("1")?;
    let spec = fs::read_to_string(night.path("acme.cutover")).map_err(|error| error.to_string())?;
    let scope = "  import   users where not email is empty  identified by email\n  retire   users the rest  because \"no mail reaches them\"";
    let (before, line) = ("  import   users          identified by email", scope);
    assert!(spec.contains(before));
    night.write("acme.cutover", &spec.replace(before, line))?;
    night.write("clean/duplicates.csv", "kept,merged,reviewed_by\n43100012,43100040,sam\n")?;
    let (code, out, err) = night.call(&["plan", "acme.cutover"])?;
    assert_eq!(code, 0, "{out}{err}");
    let everybody = night.everybody("acme");
    let (code, out, err) = match everybody {
        Ok(()) => night.verb(&["run"])?,
        Err(why) => (2, String::new(), why),
    };
    let said = err.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(
        code == 2
            && said.contains(
                "keeps user 43100012 in the place of 43100040, and the scope leaves 43100012 behind"
            ),
        "{code} {out}{err}"
    );
    Ok(())
}
