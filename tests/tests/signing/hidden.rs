//! What somebody changed in a version that nobody could read is theirs, and who mends the slip of another wrote nothing else.

use std::fs;

use super::Repository;
use super::own::{planned, signed};

const SPEC: &str = "desk/pots.cutover";
const OWN: &str = "go_live: `ines` signed their own work";

/// How a version is hidden, and what takes that back besides the text, which is written again.
type Way = (&'static str, fn(&Repository, &str), fn(&Repository, &str));

fn nothing(_: &Repository, _: &str) {}

fn moved(repository: &Repository, from: &str, to: &str, who: &str) {
    repository.git(&["mv", from, to], who);
}

fn hide(repository: &Repository, text: &str, (correct, slip): (&str, &str)) {
    assert!(text.contains(correct), "{correct}");
    repository.write(&text.replacen(correct, slip, 1));
}

const WAYS: [Way; 7] = [
    (
        "a slip in the head",
        |repository, text| hide(repository, text, ("\nrollback  decided", "\nrolback  decided")),
        nothing,
    ),
    (
        "a slip in the same line",
        |repository, text| hide(repository, text, ("failed_imports more", "failed_imports mor")),
        nothing,
    ),
    (
        "a brace that is missing",
        |repository, text| hide(repository, text, ("within 30 min {\n", "within 30 min\n")),
        nothing,
    ),
    (
        "a quote that is open",
        |repository, text| hide(repository, text, ("\nrollback ", "\nnote \"\nrollback ")),
        nothing,
    ),
    (
        "bytes that are no text",
        |repository, text| {
            let path = repository.folder.path().join(SPEC);
            assert!(fs::write(path, [text.as_bytes(), b"\xff\xfe"].concat()).is_ok());
        },
        nothing,
    ),
    (
        "another ending of the file",
        |repository, text| {
            moved(repository, SPEC, "desk/pots.txt", "ines");
            assert!(fs::write(repository.project().join("pots.txt"), text).is_ok());
        },
        |repository, who| moved(repository, "desk/pots.txt", SPEC, who),
    ),
    (
        "a place outside",
        |repository, text| {
            moved(repository, SPEC, "pots.txt", "ines");
            assert!(fs::write(repository.folder.path().join("pots.txt"), text).is_ok());
        },
        |repository, who| moved(repository, "pots.txt", SPEC, who),
    ),
];

fn judged(repository: &Repository) -> String {
    signed(repository, "go_live");
    repository.run(&["signoffs", "verify"]).1
}

fn share(text: &str, share: &str) -> String {
    let changed = text.replace("more than 0.5%", share);
    assert_ne!(changed, text);
    changed
}

#[test]
fn a_slip_hides_no_work() {
    for (what, hide, mend) in &WAYS {
        // Whether the change was hidden, by whom, who mended it, and whether `ines` may sign.
        for (hidden, who, mender, accepted) in
            [(true, "ines", "tom", false), (false, "ines", "tom", true), (true, "tom", "ines", true)]
        {
            let repository = planned();
            let text = repository.spec();
            let changed = share(&text, "more than 1%");
            hide(&repository, if hidden { &changed } else { &text });
            repository.commit(who);
            mend(&repository, mender);
            // Where nothing was hidden, whoever mends it changes something as well.
            repository.write(&changed);
            assert_eq!(repository.run(&["plan", "."]).0, 0, "{what}");
            repository.commit(mender);
            let shown = judged(&repository);
            let told = format!("{what}, {hidden}, {who}: {shown}");
            assert_eq!(shown.contains("go_live: signed by `ines`\n"), accepted, "{told}");
            assert_eq!(shown.contains(OWN), !accepted, "{told}");
        }
    }
}

/// Several versions that cannot be read, another layout, and both at work: each answers for what they wrote.
#[test]
fn each_answers_for_their_own_words() {
    let slip = ("\nrollback  decided", "\nrolback  decided");
    // What `ines` and then `tom` change in versions that cannot be read, and what is told.
    let kept = "more than 0.5%";
    for (ines, tom, expected) in [
        ("more than 1%", "within 60 min", "→ failed imports: more than 1%"),
        (kept, "within 60 min", "go_live: signed by `ines`\n"),
        ("more than 1%", "within 30 min", "→ failed imports: more than 1%"),
    ] {
        let repository = planned();
        let text = repository.spec();
        let first = text.replace(kept, ines);
        hide(&repository, &first, slip);
        repository.commit("ines");
        let second = first.replace("within 30 min", tom);
        hide(&repository, &second, slip);
        let notes = repository.project().join("notes.txt");
        assert!(fs::write(notes, "more than nothing").is_ok());
        repository.commit("tom");
        // Somebody else writes the word as it should be, and lays everything out.
        repository.write(&second.replace("  owner", " owner"));
        assert_eq!(repository.run(&["fmt", "."]).0, 0);
        assert_eq!(repository.run(&["plan", "."]).0, 0);
        repository.commit("kofi");
        let shown = judged(&repository);
        assert!(shown.contains(expected), "{ines}, {tom}: {shown}");
        assert_eq!(shown.contains(OWN), expected.contains('%'), "{ines}, {tom}: {shown}");
    }

    // What was hidden and taken over is of whoever took it over; what was hidden and taken back stands no more.
    for steps in [&["more than 0.5%", "more than 1%"][..], &["more than 0.5%"]] {
        let repository = planned();
        let text = repository.spec();
        hide(&repository, &share(&text, "more than 1%"), slip);
        repository.commit("ines");
        repository.write(&share(&text, "more than 1%"));
        assert_eq!(repository.run(&["plan", "."]).0, 0);
        repository.commit("kofi");
        for step in steps {
            repository.write(&text.replace(kept, step));
            assert_eq!(repository.run(&["plan", "."]).0, 0);
            repository.commit("tom");
        }
        let shown = judged(&repository);
        assert!(shown.contains("go_live: signed by `ines`\n"), "{steps:?}: {shown}");
    }
}
