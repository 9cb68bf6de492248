//! A person keeps their work when they get another address, and nobody gives an address to themself.

use super::Repository;
use super::own::{planned, set_share};

/// Plans, and lets somebody commit all of it.
fn next(repository: &Repository, who: &str) {
    let (code, shown) = repository.run(&["plan", "."]);
    assert_eq!(code, 0, "{shown}");
    repository.commit(who);
}

/// The spec in which some people have another address.
fn with(text: &str, changes: &[(&str, &str)]) -> String {
    let lines = text.lines().map(|line| {
        let to = changes.iter().find(|(who, _)| line.trim_start().starts_with(&format!("{who} ")));
        match (to, line.split_once("git \"")) {
            (Some((_, to)), Some((before, rest))) => {
                let after = rest.split_once('"').unwrap_or_default().1;
                format!("{before}git \"{to}@pots.example\"{after}\n")
            }
            _ => format!("{line}\n"),
        }
    });
    let changed: String = lines.collect();
    assert_ne!(changed, text);
    changed
}

/// Lets somebody give addresses to people of the team.
fn give(repository: &Repository, changes: &[(&str, &str)], who: &str) {
    repository.write(&with(&repository.spec(), changes));
    next(repository, who);
}

/// Where the new desk is tried, which is what `kofi` signs.
fn set_sandbox(repository: &Repository, who: &str) {
    let text = repository.spec();
    let changed = text.replace("\"pots-trial\"", "\"pots-toy\"");
    assert_ne!(changed, text);
    repository.write(&changed);
    next(repository, who);
}

/// What becomes of a signature that is committed from an address.
fn judged(repository: &Repository, item: &str, by: &str, from: &str) -> String {
    let (code, shown) = repository.run(&["sign", item, "--by", by]);
    assert_eq!(code, 0, "{shown}");
    repository.commit(from);
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    let lines =
        shown.lines().filter(|line| line.starts_with(&format!("{item}: ")) || line.contains("note: "));
    lines.map(|line| format!("{line}\n")).collect()
}

/// What happens before `ines` signs, and from which address she commits that.
type Way = (&'static str, fn(&Repository), &'static str, &'static str);

const OWN: &str = "go_live: `ines` signed their own work";
const GIVEN: &str = "go_live: signed by `ines`\n\
    note: `ines` was ines@pots.example in `team` until ruth@pots.example wrote ines.new@pots.example there (";

const WAYS: [Way; 9] = [
    (
        "another address, and no work",
        |repository| give(repository, &[("ines", "ines.new")], "ruth"),
        "ines.new",
        GIVEN,
    ),
    (
        "work, and then another address",
        |repository| {
            set_share(repository, "5", "ines");
            give(repository, &[("ines", "ines.new")], "ruth");
        },
        "ines.new",
        OWN,
    ),
    (
        "another address, work, and the first address again",
        |repository| {
            give(repository, &[("ines", "ines.new")], "ruth");
            set_share(repository, "5", "ines.new");
            give(repository, &[("ines", "ines")], "ruth");
        },
        "ines",
        OWN,
    ),
    (
        "a line of the gate, and then another address",
        |repository| {
            let text = repository.spec();
            repository.write(&text.replacen("\ngo live  owner tom", "\ngo live  owner kofi", 1));
            next(repository, "ines");
            give(repository, &[("ines", "ines.new")], "ruth");
        },
        "ines.new",
        "go_live: `ines` signed their own work: ines@pots.example wrote lines of pots.cutover:",
    ),
    (
        "her own hand",
        |repository| give(repository, &[("ines", "ines.new")], "ines"),
        "ines.new",
        "until ines@pots.example wrote ines.new@pots.example there (",
    ),
    (
        "her own hand, and somebody else makes it again",
        |repository| {
            give(repository, &[("ines", "ines.new")], "ines");
            give(repository, &[("ines", "ines")], "tom");
            give(repository, &[("ines", "ines.new")], "ruth");
        },
        "ines.new",
        GIVEN,
    ),
    (
        "work and an address where nobody can read them, and somebody else mends it",
        |repository| {
            let changed = repository.spec().replace("more than 0.5%", "more than 5%");
            let text = with(&changed, &[("ines", "ines.new")]);
            repository.write(&text.replacen("team small {", "teem small {", 1));
            repository.commit("ines");
            repository.write(&text);
            next(repository, "tom");
        },
        "ines.new",
        "until ines@pots.example wrote ines.new@pots.example there (",
    ),
    (
        "work where nobody can read it, and then another address",
        |repository| {
            let text = repository.spec().replace("more than 0.5%", "more than 5%");
            repository.write(&text.replacen("team small {", "teem small {", 1));
            repository.commit("ines");
            repository.write(&with(&text, &[("ines", "ines.new")]));
            next(repository, "tom");
        },
        "ines.new",
        OWN,
    ),
    (
        "somebody who had the address writes it under another one",
        |repository| {
            give(repository, &[("kofi", "kofi.two")], "ruth");
            give(repository, &[("ines", "kofi")], "kofi.two");
        },
        "kofi",
        "until kofi.two@pots.example wrote kofi@pots.example there (",
    ),
];

#[test]
fn work_stays_with_the_person() {
    for (what, way, from, expected) in &WAYS {
        let repository = planned();
        way(&repository);
        let told = judged(&repository, "go_live", "ines", from);
        assert!(told.contains(expected), "{what}: {told}");
        assert_eq!(told.contains("go_live: signed by"), *expected == GIVEN, "{what}: {told}");
    }
}

/// A slip that the program refuses proves nothing about who is who.
#[test]
fn two_people_who_once_had_one_full_name_are_two() {
    let repository = planned();
    let text = repository.spec();
    let slip = text.replacen("ines \"Ines Prado\"", "ines \"Ruth Amadi\"", 1);
    assert_ne!(slip, text);
    repository.write(&slip);
    repository.commit("ruth");
    repository.write(&text);
    repository.commit("ruth");
    set_share(&repository, "5", "ruth");
    let told = judged(&repository, "go_live", "ines", "ines");
    assert!(told.contains("go_live: signed by `ines`"), "{told}");
}

/// The full name says who somebody is whose short name changes.
#[test]
fn another_short_name_is_the_same_person() {
    for (works, gives, expected) in [
        (true, "ruth", "go_live: `inesp` signed their own work: "),
        (false, "ruth", "go_live: signed by `inesp`\nnote: `inesp` was ines@pots.example"),
        (false, "ines", "go_live: `inesp` was ines@pots.example in `team` until ines@pots.example wrote"),
    ] {
        let repository = planned();
        if works {
            set_share(&repository, "5", "ines");
        }
        give(&repository, &[("ines", "ines.new")], gives);
        let text = repository.spec();
        let named = text.replace("  ines \"Ines", "  inesp \"Ines").replace("owner ines", "owner inesp");
        let named = named.replace("by ines", "by inesp");
        repository.write(&named);
        next(&repository, "tom");
        let told = judged(&repository, "go_live", "inesp", "ines.new");
        assert!(told.contains(expected), "{works}, {gives}: {told}");
    }
}

/// An address that passes from one person to another takes no work with it, and leaves none behind, unless they passed it on themselves.
#[test]
fn an_address_of_somebody_else_is_theirs_for_as_long_as_they_have_it() {
    let repository = planned();
    set_sandbox(&repository, "ines");
    give(&repository, &[("ines", "ines.new"), ("kofi", "ines")], "ruth");
    let told = judged(&repository, "rehearsal", "kofi", "ines");
    assert!(told.contains("rehearsal: signed by `kofi`\n"), "{told}");
    set_share(&repository, "5", "ines");
    let told = judged(&repository, "go_live", "ines", "ines.new");
    assert!(told.contains("go_live: signed by `ines`\n"), "{told}");

    // What Kofi did under the address that was Ines's is his.
    let repository = planned();
    give(&repository, &[("ines", "ines.new"), ("kofi", "ines")], "ruth");
    set_sandbox(&repository, "ines");
    let told = judged(&repository, "rehearsal", "kofi", "ines");
    assert!(told.contains("rehearsal: `kofi` signed their own work"), "{told}");

    // Who gives an own address away has not parted from what comes from it.
    let repository = planned();
    give(&repository, &[("ines", "ines.new")], "ruth");
    give(&repository, &[("kofi", "ines")], "ines.new");
    set_share(&repository, "5", "ines");
    let told = judged(&repository, "go_live", "ines", "ines.new");
    assert!(told.contains(OWN), "{told}");
}
