//! A project that was taken away and brought back is of those who wrote it, not of whoever brought it.

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
