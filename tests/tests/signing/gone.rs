//! A project that was taken away and brought back is of those who wrote it, not of whoever brought it.

use std::fs;

use super::own::{planned, set_share, signed};
use super::{Repository, run};

const OWN: &str = "go_live: `ines` signed their own work";

fn owner(repository: &Repository, who: &str) {
    let text = repository.spec();
    let changed = text.replacen("\ngo live  owner tom", "\ngo live  owner kofi", 1);
    assert_ne!(changed, text);
    repository.write(&changed);
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit(who);
}

fn taken_away(repository: &Repository, who: &str) {
    repository.git(&["rm", "-r", "--quiet", "desk"], who);
    repository.git(&["commit", "--quiet", "--message", "away"], who);
}

#[test]
fn what_is_brought_back_is_of_whoever_wrote_it() {
    type Way = (&'static str, fn(&Repository), bool);
    let ways: [Way; 7] = [
        (
            "reverted",
            |repository| {
                taken_away(repository, "tom");
                repository.git(&["revert", "--no-edit", "HEAD"], "ines");
            },
            true,
        ),
        (
            "twice, with work of others in between",
            |repository| {
                taken_away(repository, "tom");
                repository.git(&["revert", "--no-edit", "HEAD"], "ines");
                set_share(repository, "1", "kofi");
                taken_away(repository, "ines");
                repository.git(&["revert", "--no-edit", "HEAD"], "ines");
            },
            true,
        ),
        (
            "with a change",
            |repository| {
                taken_away(repository, "tom");
                repository.git(&["checkout", "HEAD~1", "--", "desk"], "ines");
                owner(repository, "ines");
            },
            false,
        ),
        (
            "not as it was when it went",
            |repository| {
                set_share(repository, "5", "kofi");
                set_share(repository, "0.5", "tom");
                taken_away(repository, "ines");
                repository.git(&["checkout", "HEAD~2", "--", "desk"], "ines");
                repository.commit("ines");
            },
            false,
        ),
        (
            "an earlier line of the gate",
            |repository| {
                let text = repository.spec();
                owner(repository, "kofi");
                taken_away(repository, "tom");
                repository.git(&["checkout", "HEAD~1", "--", "desk"], "ines");
                repository.write(&text);
                assert_eq!(repository.run(&["plan", "."]).0, 0);
                repository.commit("ines");
            },
            false,
        ),
        (
            "own lines by somebody else",
            |repository| {
                owner(repository, "ines");
                taken_away(repository, "tom");
                repository.git(&["revert", "--no-edit", "HEAD"], "tom");
            },
            false,
        ),
        (
            "own work by somebody else",
            |repository| {
                set_share(repository, "5", "ines");
                taken_away(repository, "tom");
                repository.git(&["revert", "--no-edit", "HEAD"], "tom");
            },
            false,
        ),
    ];
    for (what, way, accepted) in ways {
        let repository = planned();
        way(&repository);
        signed(&repository, "go_live");
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        assert_eq!(shown.contains("go_live: signed by `ines`\n"), accepted, "{what}: {shown}");
        assert_eq!(shown.contains(OWN), !accepted, "{what}: {shown}");
    }
    // A folder that is there no more has nothing to verify.
    let repository = planned();
    taken_away(&repository, "tom");
    assert_eq!(run(repository.folder.path(), &["signoffs", "verify", "desk"]).0, 2);
}

/// The spec without the line of the gate.
fn without_gate(text: &str) -> String {
    let kept: String =
        text.lines().filter(|line| !line.starts_with("go live")).map(|line| format!("{line}\n")).collect();
    assert_ne!(kept, text);
    kept
}

/// What somebody else does to the spec, what `ines` then writes in which file, and what is told.
type Way = (&'static str, fn(&str) -> Option<String>, &'static str, fn(&str) -> String, &'static str);

const SIGNED: &str = "go_live: signed by `ines`\n";
const SPEC: &str = "pots.cutover";

fn gone(_: &str) -> Option<String> {
    None
}

fn gate(text: &str) -> String {
    let changed = text.replacen("\ngo live  owner tom", "\ngo live  owner kofi", 1);
    assert_ne!(changed, text);
    changed
}

const LINES: [Way; 10] = [
    ("a comment above", gone, SPEC, |text| format!("# brought back\n{text}"), SIGNED),
    (
        "another layout",
        gone,
        SPEC,
        |text| text.replacen("\ngo live  owner", "\n# the night\ngo live    owner", 1),
        SIGNED,
    ),
    (
        "a comment beside",
        gone,
        SPEC,
        |text| text.replacen("drain inbound }", "drain inbound }  # so", 1),
        SIGNED,
    ),
    ("another name", gone, "kiln.cutover", |text| format!("# brought back\n{text}"), SIGNED),
    (
        "another line of the gate",
        gone,
        SPEC,
        |text| format!("# brought back\n{}", gate(text)),
        "wrote lines of pots.cutover:58",
    ),
    (
        "another window",
        gone,
        SPEC,
        |text| format!("# brought back\n{}", text.replacen("2027-01-16 23:00", "2027-01-16 22:30", 1)),
        ", pots.cutover:13, ines@pots.example changed what it rests on",
    ),
    ("the gate alone", |text| Some(without_gate(text)), SPEC, str::to_owned, SIGNED),
    (
        "the gate alone, with a change",
        |text| Some(without_gate(text)),
        SPEC,
        gate,
        "wrote lines of pots.cutover:57",
    ),
    (
        "a slip in the gate",
        |text| Some(text.replacen("  signed by ines {", "  sgned by ines {", 1)),
        SPEC,
        str::to_owned,
        SIGNED,
    ),
    (
        "a slip in the gate, with a change",
        |text| Some(text.replacen("  signed by ines {", "  sgned by ines {", 1)),
        SPEC,
        gate,
        "wrote lines of pots.cutover:57",
    ),
];

/// Lines that are the same as before stay with whoever wrote them, and what is new beside them is of whoever brought it.
#[test]
fn lines_that_came_back_are_of_whoever_wrote_them() {
    for (what, away, file, back, told) in &LINES {
        let repository = planned();
        let text = repository.spec();
        let path = repository.project().join(SPEC);
        let left = away(&text);
        assert_ne!(left.as_ref(), Some(&text), "{what}");
        assert!(left.map_or_else(|| fs::remove_file(&path), |left| fs::write(&path, left)).is_ok());
        repository.commit("ruth");
        assert!(fs::write(repository.project().join(file), back(&text)).is_ok());
        let (code, shown) = repository.run(&["plan", "."]);
        assert_eq!(code, 0, "{what}: {shown}");
        repository.commit("ines");
        signed(&repository, "go_live");
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        assert!(shown.contains(told), "{what}: {shown}");
        assert_eq!(shown.contains(OWN), *told != SIGNED, "{what}: {shown}");
    }
}
