//! Whoever finds that their signature does not count gives it again: a line is added, and the best one of a person is the one that is taken.

use std::fs;

use super::Repository;
use super::own::planned;

const FILE: &str = "signoffs/ines.jsonl";

fn lines(repository: &Repository) -> usize {
    fs::read_to_string(repository.project().join(FILE)).unwrap_or_default().lines().count()
}

/// What `verify` says of the switch.
fn told(repository: &Repository) -> String {
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    let line = shown.lines().find(|line| line.starts_with("go_live: "));
    line.unwrap_or(&shown).to_owned()
}

/// Signs the switch as Ines once more, by a line that is added, and lets her commit it.
fn again(repository: &Repository, why: &str, address: &str) {
    let before = lines(repository);
    let refused = told(repository);
    assert!(
        refused.contains(why) && refused.contains("`cutover sign go_live --by ines` adds a line"),
        "{refused}"
    );
    let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("go_live is signed by ines; commit "), "{shown}");
    assert!(shown.contains("what stood there does not count: ") && shown.contains(why), "{shown}");
    assert_eq!(lines(repository), before + 1);
    // Until it is committed it is the same line, however often she says so.
    let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines"]);
    assert_eq!((code, lines(repository)), (0, before + 1), "{shown}");
    assert!(shown.contains("go_live is signed already; commit "), "{shown}");
    assert!(told(repository).contains("is not committed"), "{}", told(repository));
    repository.commit(address);
    assert_eq!(told(repository), "go_live: signed by `ines`");
    let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines"]);
    assert_eq!((code, lines(repository)), (0, before + 1), "{shown}");
    assert!(shown.contains("go_live is signed already\n"), "{shown}");
}

#[test]
fn what_somebody_else_committed_is_signed_again() {
    let repository = planned();
    assert_eq!(repository.run(&["sign", "go_live", "--by", "ines"]).0, 0);
    repository.commit("tom");
    again(&repository, "tom@pots.example committed signoffs/ines.jsonl:1", "ines");
}

#[test]
fn what_a_forge_squashed_is_signed_again() {
    let repository = planned();
    repository.git(&["checkout", "--quiet", "-b", "sign"], "ines");
    assert_eq!(repository.run(&["sign", "go_live", "--by", "ines"]).0, 0);
    repository.commit("ines");
    assert_eq!(told(&repository), "go_live: signed by `ines`");
    repository.git(&["checkout", "--quiet", "main"], "forge");
    repository.git(&["merge", "--quiet", "--squash", "sign"], "forge");
    repository.git(&["commit", "--quiet", "--message", "Sign (#1)"], "forge");
    again(&repository, "forge@pots.example committed signoffs/ines.jsonl:1", "ines");
}

#[test]
fn whoever_has_another_address_signs_again() {
    let repository = planned();
    assert_eq!(repository.run(&["sign", "go_live", "--by", "ines"]).0, 0);
    repository.commit("ines");
    repository.write(&repository.spec().replace("git \"ines@pots.example\"", "git \"i.new@pots.example\""));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("tom");
    again(&repository, "ines@pots.example committed signoffs/ines.jsonl:1", "i.new");
}

/// A later line that somebody else commits takes nothing away, neither from what is verified nor from what the checklist shows.
#[test]
fn the_best_line_of_a_person_is_taken() {
    let repository = planned();
    for (evidence, who) in [("minutes/12.md", "ines"), ("minutes/13.md", "tom")] {
        let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines", "--evidence", evidence]);
        assert_eq!(code, 0, "{shown}");
        repository.commit(who);
    }
    assert_eq!(lines(&repository), 2);
    assert_eq!(told(&repository), "go_live: signed by `ines`");
    assert_eq!(repository.run(&["signoffs", "status"]).0, 0);
    let status = fs::read_to_string(repository.project().join("status.md")).unwrap_or_default();
    assert!(status.contains("minutes/12.md") && !status.contains("minutes/13.md"), "{status}");
}
