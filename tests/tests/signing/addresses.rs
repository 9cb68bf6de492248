//! Nobody signs as another person: an address is followed with the person, through renamed files and folders, through files that the spec takes
//! in, past commits without one, through merges; and what is not known is said.

use std::fs;

use super::Repository;
use super::own::{planned, signed};

const TAKEN: &str =
    "`ines` was ines@pots.example in `team` until kofi@pots.example wrote kofi@pots.example there";

/// The spec in which Ines has the address of Kofi, and he another one.
fn swapped(text: &str) -> String {
    let moved = text.replace("git \"kofi@pots.example\"", "git \"kofi.two@pots.example\"");
    let swapped = moved.replace("git \"ines@pots.example\"", "git \"kofi@pots.example\"");
    assert_ne!(swapped, text);
    swapped
}

/// The spec without its team, and the team alone.
fn parted(text: &str) -> (String, String) {
    let (before, rest) = text.split_once("team small {").unwrap_or_default();
    let (people, after) = rest.split_once("\n}\n").unwrap_or_default();
    assert!(people.contains("ines"), "{text}");
    (format!("{before}{after}"), format!("edition 1\n\nteam small {{{people}\n}}\n"))
}

fn write(repository: &Repository, file: &str, text: &str) {
    let path = repository.project().join(file);
    assert!(path.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok()));
    assert!(fs::write(path, text).is_ok());
}

/// Lets somebody swap the addresses where the team cannot be read, and somebody else mend it.
fn hidden(repository: &Repository, who: &str, right: &str, slip: &str) {
    let text = swapped(&repository.spec());
    assert!(text.contains(right));
    repository.write(&text.replacen(right, slip, 1));
    repository.commit(who);
    repository.write(&text);
    next(repository, "tom");
}

/// Plans, and lets somebody commit all of it.
fn next(repository: &Repository, who: &str) {
    let (code, shown) = repository.run(&["plan", "."]);
    assert_eq!(code, 0, "{shown}");
    repository.commit(who);
}

/// What becomes of a signature that Kofi commits in the name of Ines.
fn signed_by_kofi(repository: &Repository) -> String {
    let (code, shown) = repository.run(&["sign", "announce/customers", "--by", "ines"]);
    assert_eq!(code, 0, "{shown}");
    repository.commit("kofi");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    let line = shown.lines().find(|line| line.starts_with("announce/customers: "));
    line.unwrap_or(&shown).to_owned()
}

/// Ways in which Kofi gives Ines his address: the commits of each end with one that has it.
type Way = (&'static str, fn(&Repository, &str));

const WAYS: &[Way] = &[
    ("with another name of the spec", |repository, who| {
        let text = swapped(&repository.spec());
        repository.git(&["mv", "desk/pots.cutover", "desk/kiln.cutover"], who);
        write(repository, "kiln.cutover", &text);
        next(repository, who);
    }),
    ("with another name of the migration, too", |repository, who| {
        let text = swapped(&repository.spec()).replace("migration pots ", "migration kiln ");
        repository.git(&["mv", "desk/pots.cutover", "desk/kiln.cutover"], who);
        write(repository, "kiln.cutover", &text);
        next(repository, who);
    }),
    ("with another name of the folder", |repository, who| {
        repository.git(&["mv", "desk", "old desk"], "tom");
        repository.commit("tom");
        repository.git(&["mv", "old desk", "desk"], who);
        repository.write(&swapped(&repository.spec()));
        next(repository, who);
    }),
    ("as the team moves to another file", |repository, who| {
        let (spec, team) = parted(&swapped(&repository.spec()));
        repository.write(&spec.replacen("edition 1\n", "edition 1\nuse \"people/team.cutover\"\n", 1));
        write(repository, "people/team.cutover", &team);
        next(repository, who);
    }),
    ("as the team moves to a file without an ending", |repository, who| {
        let (spec, team) = parted(&swapped(&repository.spec()));
        repository.write(&spec.replacen("edition 1\n", "edition 1\nuse \"team\"\n", 1));
        write(repository, "team", &team);
        next(repository, who);
    }),
    ("after the team moved to another file", |repository, who| {
        let (spec, team) = parted(&repository.spec());
        repository.write(&spec.replacen("edition 1\n", "edition 1\nuse \"people/team.cutover\"\n", 1));
        write(repository, "people/team.cutover", &team);
        next(repository, "author");
        write(repository, "people/team.cutover", &swapped(&team));
        next(repository, who);
    }),
    ("after it was taken out", |repository, who| {
        let text = repository.spec();
        repository.write(&text.replace("  git \"ines@pots.example\"", ""));
        next(repository, who);
        write(repository, "notes.txt", "x");
        repository.commit("tom");
        repository.write(&swapped(&text));
        next(repository, who);
    }),
    ("after the team was gone", |repository, who| {
        let text = repository.spec();
        repository.write(&parted(&text).0);
        repository.commit("tom");
        repository.write(&swapped(&text));
        next(repository, who);
    }),
    ("on a branch that somebody else merges", |repository, who| {
        repository.git(&["checkout", "--quiet", "-b", "people"], who);
        repository.write(&swapped(&repository.spec()));
        next(repository, who);
        repository.git(&["checkout", "--quiet", "main"], who);
        write(repository, "notes.txt", "x");
        repository.commit("tom");
        repository.git(&["merge", "--quiet", "--no-ff", "--message", "m", "people"], "tom");
    }),
    ("beside a slip in the head of the team, which somebody else mends", |repository, who| {
        hidden(repository, who, "team small {", "teem small {");
    }),
    ("beside a brace that is missing, which somebody else writes", |repository, who| {
        hidden(repository, who, "team small {", "team small");
    }),
    ("in a file that is no spec until somebody else names it so", |repository, who| {
        let text = swapped(&repository.spec());
        repository.git(&["mv", "desk/pots.cutover", "desk/pots.txt"], who);
        write(repository, "pots.txt", &text);
        repository.commit(who);
        repository.git(&["mv", "desk/pots.txt", "desk/pots.cutover"], "tom");
        next(repository, "tom");
    }),
    ("in a file that somebody else takes in", |repository, who| {
        let (spec, team) = parted(&swapped(&repository.spec()));
        repository.write(&spec);
        write(repository, "people/team.txt", &team);
        repository.commit(who);
        repository.git(&["mv", "desk/people/team.txt", "desk/people/team.cutover"], "tom");
        repository.write(&spec.replacen("edition 1\n", "edition 1\nuse \"people/team.cutover\"\n", 1));
        next(repository, "tom");
    }),
    ("in a merge", |repository, who| {
        repository.git(&["checkout", "--quiet", "-b", "people"], "tom");
        write(repository, "notes.txt", "x");
        repository.commit("tom");
        repository.git(&["checkout", "--quiet", "main"], who);
        write(repository, "more.txt", "x");
        repository.commit("tom");
        repository.git(&["merge", "--quiet", "--no-ff", "--no-commit", "people"], who);
        repository.write(&swapped(&repository.spec()));
        next(repository, who);
    }),
];

#[test]
fn an_address_is_followed_with_the_person() {
    for (what, way) in WAYS {
        let repository = planned();
        way(&repository, "kofi");
        let told = signed_by_kofi(&repository);
        assert!(told.contains(TAKEN), "{what}: {told}");
    }
}

#[test]
fn what_somebody_else_commits_is_an_address() {
    for (what, way) in WAYS {
        let repository = planned();
        way(&repository, "author");
        let told = signed_by_kofi(&repository);
        assert_eq!(told, "announce/customers: signed by `ines`", "{what}");
    }
}

/// Whoever writes the line itself anew where nobody could read it gives the address.
#[test]
fn a_line_is_of_whoever_wrote_it_last() {
    let repository = planned();
    let text = swapped(&repository.spec());
    let slip = text.replace("git \"kofi@pots.example\"", "gti \"kofi@pots.example\"");
    assert_ne!(slip, text);
    repository.write(&slip);
    repository.commit("kofi");
    repository.write(&text);
    next(&repository, "tom");
    assert_eq!(signed_by_kofi(&repository), "announce/customers: signed by `ines`");
}

/// A branch that is squashed is one commit of whoever commits it and of all who are named as its authors.
#[test]
fn a_squash_is_of_all_its_authors() {
    for (message, author, taken) in [
        ("squash", "tom", false),
        ("squash", "kofi", true),
        ("s\n\nCo-authored-by: K <kofi@pots.example>", "tom", true),
    ] {
        let repository = planned();
        repository.git(&["checkout", "--quiet", "-b", "people"], "kofi");
        repository.write(&swapped(&repository.spec()));
        next(&repository, "kofi");
        repository.git(&["checkout", "--quiet", "main"], "tom");
        repository.git(&["merge", "--quiet", "--squash", "people"], "tom");
        let by = format!("--author=X <{author}@pots.example>");
        repository.git(&["commit", "--quiet", &by, "--message", message], "forge");
        let told = signed_by_kofi(&repository);
        assert_eq!(told.contains(TAKEN), taken, "{message}: {told}");
        assert_eq!(told == "announce/customers: signed by `ines`", !taken, "{message}: {told}");
    }
}

/// Whoever writes their own first address has taken it from nobody; and the people of another migration are other people.
#[test]
fn a_first_address_is_anybodys_to_write() {
    let repository = Repository::new();
    let top = repository.folder.path().to_owned();
    let copied = cutover_tests::program::copy(&repository.project(), &top.join("other"));
    assert!(copied.is_ok(), "{copied:?}");
    let other = top.join("other/pots.cutover");
    let text = fs::read_to_string(&other).unwrap_or_default();
    let renamed =
        text.replace("migration pots ", "migration kiln ").replace("ines@pots", "another.ines@pots");
    assert!(renamed != text && fs::write(&other, renamed).is_ok());
    let text = repository.spec();
    repository.write(&text.replace("  git \"ines@pots.example\"", ""));
    next(&repository, "author");
    repository.write(&text);
    next(&repository, "ines");
    signed(&repository, "announce/customers");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("announce/customers: signed by `ines`\n"), "{shown}");
}

/// An address that stands in no commit proves nothing, and neither does a history that is cut off.
#[test]
fn what_is_not_known_is_said() {
    let repository = planned();
    let text = repository.spec();
    repository.write(&swapped(&text));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    assert_eq!(repository.run(&["sign", "announce/customers", "--by", "ines"]).0, 0);
    repository.git(&["add", "desk/signoffs", "desk/plan"], "kofi");
    repository.git(&["commit", "--quiet", "--message", "sign"], "kofi");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    let told = "signed by `ines`, unauthenticated: no commit says in `team` that `ines` is kofi@pots.example";
    assert!(shown.contains(told), "{shown}");
    assert_eq!(repository.run(&["signoffs", "verify", "--authenticated"]).0, 1);

    let from = format!("file://{}", repository.folder.path().display());
    repository.commit("kofi");
    repository.git(&["clone", "--quiet", "--depth=2", &from, "clone"], "nobody");
    let clone = repository.folder.path().join("clone/desk");
    let (_, shown) = super::run(&clone, &["signoffs", "verify"]);
    assert!(shown.contains("unauthenticated: the history of this clone is cut off"), "{shown}");
    assert_eq!(super::run(&clone, &["signoffs", "verify", "--authenticated"]).0, 1);
}
