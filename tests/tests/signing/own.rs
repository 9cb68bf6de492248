//! Nobody signs what they changed themselves, wherever it stands: a trigger, the window, a table, a text that a message is made from.

use std::fs;

use super::Repository;

/// A file of the project, what stands in it, what is put in its place, and what is told of that.
struct Change {
    what: &'static str,
    item: &'static str,
    file: &'static str,
    old: &'static str,
    new: &'static str,
    told: &'static str,
}

const SPEC: &str = "pots.cutover";

const CHANGES: &[Change] = &[
    Change {
        what: "a trigger",
        item: "go_live",
        file: SPEC,
        old: "failed_imports more than 0.5%",
        new: "failed_imports more than 5%",
        told: "a trigger fires later or for less",
    },
    Change {
        what: "the window",
        item: "go_live",
        file: SPEC,
        old: "to 2027-01-16 23:00",
        new: "to 2027-01-16 23:30",
        told: "23:30",
    },
    Change {
        what: "how long an answer may take",
        item: "go_live",
        file: SPEC,
        old: "within 30 min",
        new: "within 90 min",
        told: "1 h 30 min",
    },
    Change {
        what: "where mail waits",
        item: "go_live",
        file: SPEC,
        old: "\"studio@pots.example\"     held at \"mail provider\"",
        new: "\"studio@pots.example\"     held at \"nowhere\"",
        told: "nowhere",
    },
    Change {
        what: "a row of a map",
        item: "go_live",
        file: SPEC,
        old: "cut to 150",
        new: "cut to 140",
        told: "140",
    },
    Change {
        what: "what is gone",
        item: "go_live",
        file: SPEC,
        old: "  overflow to comment.first",
        new: "",
        told: "something more is lost",
    },
    Change {
        what: "a threshold",
        item: "decommission/source",
        file: SPEC,
        old: "hypercare  owner tom   for 7 days",
        new: "hypercare  owner tom   for 3 days",
        told: "7 days → 3 days",
    },
    Change {
        what: "how long the old desk can be read",
        item: "decommission/source",
        file: SPEC,
        old: "until 2027-04-30\ndecommission",
        new: "until 2027-03-30\ndecommission",
        told: "2027-03-30",
    },
    Change {
        what: "where it is rehearsed",
        item: "rehearsal",
        file: SPEC,
        old: "\"pots-trial\"       plan \"Team\"",
        new: "\"pots-toy\"       plan \"Team\"",
        told: "“pots-toy”",
    },
    Change {
        what: "the text of a message",
        item: "announce/customers",
        file: "announce/customers.md",
        old: "",
        new: "We are moving.\n",
        told: "a text or a list says something else",
    },
];

fn signer(item: &str) -> &'static str {
    if item == "rehearsal" { "kofi" } else { "ines" }
}

impl Change {
    /// Makes the change, and the plan of it, in one commit.
    fn made(&self, repository: &Repository, who: &str) {
        let path = repository.project().join(self.file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let changed =
            if self.old.is_empty() { self.new.to_owned() } else { text.replacen(self.old, self.new, 1) };
        assert_ne!(text, changed, "{}", self.what);
        assert!(fs::write(&path, changed).is_ok());
        let (code, shown) = repository.run(&["plan", "."]);
        assert_eq!(code, 0, "{}: {shown}", self.what);
        repository.commit(who);
    }
}

pub(super) fn signed(repository: &Repository, item: &str) {
    let who = signer(item);
    let (code, shown) = repository.run(&["sign", item, "--by", who]);
    assert_eq!(code, 0, "{item}: {shown}");
    repository.commit(who);
}

pub(super) fn planned() -> Repository {
    let repository = Repository::new();
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("author");
    repository
}

/// Pieces of a spec with what takes their place.
type Changes<'a> = &'a [(&'a str, &'a str)];

#[test]
fn what_made_a_signature_stale_is_signed_by_somebody_else() {
    for change in CHANGES {
        let Change { what, item, .. } = change;
        let who = signer(item);
        let repository = planned();
        signed(&repository, item);
        change.made(&repository, who);
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        assert!(shown.contains(&format!("{item}: stale")) && shown.contains(change.told), "{what}: {shown}");
        signed(&repository, item);
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        let own = format!("{item}: `{who}` signed their own work: ");
        let told = shown.lines().find(|line| line.starts_with(&own)).unwrap_or_default();
        assert!(
            told.contains(&format!("{who}@pots.example changed what it rests on"))
                || told.contains("wrote lines of"),
            "{what}: {shown}"
        );
        assert!(told.contains(change.told) || told.contains("wrote lines of"), "{what}: {shown}");
    }
}

#[test]
fn what_somebody_else_changed_is_signed() {
    for change in CHANGES {
        let Change { what, item, .. } = change;
        let repository = planned();
        signed(&repository, item);
        change.made(&repository, "author");
        signed(&repository, item);
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        let good = format!("{item}: signed by `{}`\n", signer(item));
        assert!(shown.contains(&good), "{what}: {shown}");
    }
}

/// A change before the first signature is no less one's own; a first draft, of which there is no plan, is nobody's change.
#[test]
fn a_change_counts_from_the_first_plan_on() {
    let repository = Repository::new();
    repository.commit("ines");
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("author");
    let text = repository.spec();
    repository.write(&text.replace("more than 0.5%", "more than 5%"));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("ines");
    signed(&repository, "go_live");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: `ines` signed their own work"), "{shown}");
}

/// Blanks, comments, another layout and another name are no work; neither is what was taken back, or what a merge brings together.
#[test]
fn what_changes_no_meaning_is_no_work() {
    let repository = planned();
    signed(&repository, "go_live");
    let text = repository.spec();
    let (code, shown) = repository.run(&["fmt", "."]);
    assert_eq!(code, 0, "{shown}");
    let laid = repository.spec().replace("rollback  decided", "# the way back\nrollback  decided");
    repository.write(&laid);
    repository.commit("ines");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: signed by `ines`\n"), "{shown}");

    // Another name for an address, and for the item's own neighbours.
    let named = laid.replace("inbound     studio    ", "inbound     atelier   ").replace(
        "held at \"mail provider\"  owner tom\n\nbackup",
        "held at \"mail provider\"  owner tom  was studio\n\nbackup",
    );
    assert_ne!(named, laid);
    repository.write(&named);
    if repository.run(&["plan", "."]).0 == 0 {
        repository.commit("ines");
        signed(&repository, "go_live");
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        assert!(shown.contains("go_live: signed by `ines`\n"), "{shown}");
    }

    // Changed and taken back: what is signed is what was there.
    let now = repository.spec();
    repository.write(&now.replace("more than 0.5%", "more than 5%"));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("ines");
    repository.write(&now);
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("ines");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: signed by `ines`\n"), "{shown}");

    // Somebody else decides otherwise afterwards.
    repository.write(&now.replace("more than 0.5%", "more than 5%"));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("ines");
    repository.write(&now.replace("more than 0.5%", "more than 1%"));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("kofi");
    signed(&repository, "go_live");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: signed by `ines`\n"), "{shown}");
    assert_ne!(text, now);
}

/// Own work stays own work when the project moves, and moving is none.
#[test]
fn own_work_moves_with_the_project() {
    let moved = |repository: &Repository, from: &str, to: &str, who: &str| {
        repository.git(&["mv", from, to], who);
        repository.commit(who);
    };
    let own = "go_live: `ines` signed their own work";
    for (what, changes) in [("a change", true), ("a layout", false)] {
        let repository = planned();
        let text = repository.spec();
        if changes {
            repository.write(&text.replace("more than 0.5%", "more than 5%"));
            assert_eq!(repository.run(&["plan", "."]).0, 0);
        } else {
            repository.write(&text.replace("go live  owner", "go live   owner"));
        }
        repository.commit("ines");
        moved(&repository, "desk", "old desk", "tom");
        moved(&repository, "old desk/pots.cutover", "old desk/kiln.cutover", "ines");
        // Back under its first name, so that helpers find it; in between lay nothing there.
        moved(&repository, "old desk", "archive", "ines");
        assert!(fs::create_dir_all(repository.project()).is_ok());
        assert!(fs::remove_dir(repository.project()).is_ok());
        let project = repository.folder.path().join("archive");
        let (code, shown) = super::run(&project, &["sign", "go_live", "--by", "ines"]);
        assert_eq!(code, 0, "{what}: {shown}");
        repository.commit("ines");
        let (_, shown) = super::run(&project, &["signoffs", "verify"]);
        assert_eq!(shown.contains(own), changes, "{what}: {shown}");
        assert_eq!(shown.contains("go_live: signed by `ines`\n"), !changes, "{what}: {shown}");
        if changes {
            assert!(shown.contains("pots.cutover:"), "{what}: {shown}");
        }
    }

    // What she changed in a file that the spec takes in, which moved as well.
    let repository = planned();
    let text = repository.spec();
    let at = text.find("\nrollback ").map_or(0, |at| at + 1);
    let end = text.get(at..).and_then(|rest| rest.find("\n}\n")).map_or(at, |len| at + len + 3);
    let part = text.get(at..end).unwrap_or_default().to_owned();
    assert!(part.contains("more than 0.5%"), "{part}");
    let away = part.replace("announce/", "../announce/");
    let spec = text.replace(&part, "").replacen("edition 1\n", "edition 1\nuse \"back/way.cutover\"\n", 1);
    repository.write(&spec);
    let way = repository.project().join("back/way.cutover");
    assert!(way.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok()));
    assert!(fs::write(&way, format!("edition 1\n\n{away}")).is_ok());
    let (code, shown) = repository.run(&["plan", "."]);
    assert_eq!(code, 0, "{shown}");
    repository.commit("author");
    assert!(fs::write(&way, format!("edition 1\n\n{}", away.replace("0.5%", "5%"))).is_ok());
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("ines");
    repository.write(&spec.replace("back/way.cutover", "way back/way.cutover"));
    repository.git(&["mv", "desk/back", "desk/way back"], "tom");
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("tom");
    signed(&repository, "go_live");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains(own), "{shown}");
}

/// The place that is told is one that the commit changed, though the item stands elsewhere.
#[test]
fn the_place_is_where_the_commit_changed_something() {
    let repository = planned();
    signed(&repository, "go_live");
    let path = repository.project().join("inventory/source.yaml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let line = text.lines().position(|line| line.trim() == "count: 3000").map_or(0, |at| at + 1);
    assert!(fs::write(&path, text.replacen("count: 3000", "count: 3001", 1)).is_ok());
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("ines");
    signed(&repository, "go_live");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: `ines` signed their own work: in "), "{shown}");
    assert!(shown.contains(&format!(", inventory/source.yaml:{line}, ines@pots.example changed")), "{shown}");
    assert!(!shown.contains("pots.cutover:"), "{shown}");
}

/// Somebody sets the share of failed imports that stops the night.
pub(super) fn set_share(repository: &Repository, share: &str, who: &str) {
    let text = repository.spec();
    let (before, rest) = text.split_once("failed_imports more than ").unwrap_or_default();
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    repository.write(&format!("{before}failed_imports more than {share}{after}"));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit(who);
}

/// A change that was taken back is of whoever makes it again, and it is made again only where it was gone.
#[test]
fn what_was_taken_back_is_of_whoever_makes_it_again() {
    let own = "go_live: `ines` signed their own work";
    let cases: [(&str, Changes<'_>, bool); 6] = [
        ("made again by somebody else", &[("5", "ines"), ("0.5", "tom"), ("5", "tom")], true),
        ("taken back by oneself", &[("5", "ines"), ("0.5", "ines"), ("5", "tom")], true),
        ("over another value", &[("5", "ines"), ("1", "tom"), ("5", "kofi")], true),
        ("made again by oneself", &[("5", "ines"), ("0.5", "tom"), ("5", "ines")], false),
        ("and once more", &[("5", "tom"), ("0.5", "kofi"), ("5", "ines")], false),
        (
            "made again by somebody else and by oneself",
            &[("5", "ines"), ("0.5", "tom"), ("5", "tom"), ("0.5", "kofi"), ("5", "ines")],
            false,
        ),
    ];
    for (what, steps, accepted) in cases {
        let repository = planned();
        for (share, who) in steps {
            set_share(&repository, share, who);
        }
        signed(&repository, "go_live");
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        assert_eq!(shown.contains("go_live: signed by `ines`\n"), accepted, "{what}: {shown}");
        assert_eq!(shown.contains(own), !accepted, "{what}: {shown}");
    }

    // Somebody took it back on a branch, and whoever merged that branch did not take it.
    let repository = planned();
    set_share(&repository, "5", "ines");
    repository.git(&["checkout", "--quiet", "-b", "calmer"], "tom");
    set_share(&repository, "0.5", "tom");
    repository.git(&["checkout", "--quiet", "main"], "ines");
    repository
        .git(&["merge", "--quiet", "--no-ff", "--strategy", "ours", "--message", "m", "calmer"], "ines");
    signed(&repository, "go_live");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains(own), "{shown}");

    // Of two changes one was taken over.
    let repository = planned();
    let text = repository.spec();
    repository.write(&text.replace("within 30 min", "within 90 min"));
    set_share(&repository, "5", "ines");
    set_share(&repository, "0.5", "tom");
    set_share(&repository, "5", "tom");
    signed(&repository, "go_live");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains(own) && shown.contains("1 h 30 min"), "{shown}");
}

/// Who merges the work of others changed nothing; who changes something in the merge did.
#[test]
fn a_merge_is_nobodys_work_and_may_hide_some() {
    for (within, expected) in
        [(false, "go_live: signed by `ines`\n"), (true, "go_live: `ines` signed their own work")]
    {
        let repository = planned();
        let text = repository.spec();
        repository.git(&["checkout", "--quiet", "-b", "calmer"], "kofi");
        repository.write(&text.replace("more than 0.5%", "more than 1%"));
        assert_eq!(repository.run(&["plan", "."]).0, 0);
        repository.commit("kofi");
        repository.git(&["checkout", "--quiet", "main"], "kofi");
        fs::write(repository.project().join("notes.txt"), "x").unwrap_or_default();
        repository.commit("tom");
        repository.git(&["merge", "--quiet", "--no-ff", "--no-commit", "calmer"], "ines");
        if within {
            let merged = repository.spec();
            repository.write(&merged.replace("within 30 min", "within 90 min"));
            assert_eq!(repository.run(&["plan", "."]).0, 0);
        }
        repository.commit("ines");
        signed(&repository, "go_live");
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        assert!(shown.contains(expected), "{shown}");
    }
}

/// An address in a `.mailmap` proves nothing: whoever may write files may write that one.
#[test]
fn a_mailmap_makes_nobody_somebody_else() {
    let repository = planned();
    let map = "Ines <ines@pots.example> <kofi@pots.example>\n";
    assert!(fs::write(repository.folder.path().join(".mailmap"), map).is_ok());
    repository.commit("kofi");
    assert_eq!(repository.run(&["sign", "go_live", "--by", "ines"]).0, 0);
    repository.commit("kofi");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: `ines` signed, but kofi@pots.example committed"), "{shown}");
}

/// What is signed has to be in git, too; and a team that insists on proof gets an error where there is none.
#[test]
fn what_is_not_committed_is_not_authenticated() {
    let repository = planned();
    let text = repository.spec();
    repository.write(&text.replace("more than 0.5%", "more than 1%"));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    for (item, who) in [
        ("go_live", "ines"),
        ("announce/customers", "ines"),
        ("decommission/source", "ines"),
        ("backup/full", "tom"),
        ("rehearsal", "kofi"),
    ] {
        assert_eq!(repository.run(&["sign", item, "--by", who]).0, 0, "{item}");
        repository.git(&["add", "desk/signoffs"], who);
        repository.git(&["commit", "--quiet", "--message", "sign"], who);
    }
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("go_live: signed by `ines`, unauthenticated: what it covers is not committed"),
        "{shown}"
    );
    let (code, shown) = repository.run(&["signoffs", "verify", "--authenticated"]);
    assert_eq!(code, 1, "{shown}");
    repository.commit("author");
    let (code, shown) = repository.run(&["signoffs", "verify", "--authenticated"]);
    assert_eq!(code, 0, "{shown}");

    // Several projects at once, each under its name; one that cannot be verified does not hide the others.
    let above = repository.folder.path();
    let (code, shown) = super::run(above, &["signoffs", "verify", "desk", "nowhere", "desk"]);
    assert_eq!(code, 2, "{shown}");
    assert_eq!(shown.matches("desk:\n").count(), 2, "{shown}");
    assert_eq!(shown.matches("all 5 signatures are there").count(), 2, "{shown}");
    assert!(shown.contains("nowhere:\n") && shown.contains("cannot read the plan"), "{shown}");

    // A folder with several projects stands for all of them.
    let copied = cutover_tests::program::copy(&repository.project(), &above.join("other desk"));
    assert!(copied.is_ok(), "{copied:?}");
    let (code, shown) = super::run(above, &["signoffs", "verify"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("./desk:\n") && shown.contains("\n./other desk:\n"), "{shown}");
    assert_eq!(shown.matches("all 5 signatures are there").count(), 2, "{shown}");
    let (code, shown) = super::run(above, &["signoffs", "codeowners"]);
    assert_eq!((code, shown.matches("# Who signs gates").count()), (0, 1), "{shown}");
    for file in
        ["/desk/signoffs/ines.jsonl", "/other\\ desk/signoffs/ines.jsonl", "/other\\ desk/pots.cutover"]
    {
        assert!(shown.contains(&format!("\n{file} ")), "{file}: {shown}");
    }
}

/// A plan that was written with `--root` names its files from there: the gate stands in a file that projects share, or in the project's own.
#[test]
fn owners_are_asked_about_the_files_that_there_are() {
    let repository = Repository::new();
    let top = repository.folder.path().to_owned();
    let text = repository.spec();
    let at = text.find("\ngo live ").map_or(0, |at| at + 1);
    let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(at, |line| at + line + 1);
    let gate = text.get(at..end).unwrap_or_default();
    assert!(gate.contains("signed by ines"), "{text}");
    let shared = top.join("shared");
    assert!(fs::create_dir_all(&shared).is_ok());
    assert!(fs::write(shared.join("night.cutover"), format!("edition 1\n\n{gate}")).is_ok());
    let spec =
        text.replace(gate, "").replacen("edition 1\n", "edition 1\nuse \"../shared/night.cutover\"\n", 1);
    repository.write(&spec);
    let (code, shown) = super::run(&top, &["plan", "desk", "--root", "."]);
    assert_eq!(code, 0, "{shown}");
    for (folder, project) in [(top.clone(), "desk"), (repository.project(), ".")] {
        let (code, shown) = super::run(&folder, &["signoffs", "codeowners", project]);
        assert_eq!(code, 0, "{shown}");
        for line in [
            "/shared/night.cutover ines@pots.example",
            "/desk/signoffs/ines.jsonl ines@pots.example",
            "/desk/pots.cutover ines@pots.example kofi@pots.example tom@pots.example",
        ] {
            assert!(shown.lines().any(|told| told == line), "{line}: {shown}");
        }
        assert!(!shown.contains("/desk/desk/"), "{shown}");
    }

    // What a plan was written with is what it is signed and verified with.
    repository.commit("author");
    let at = |args: &[&str]| super::run(&top, args);
    let sign = ["sign", "go_live", "--by", "ines", "--project", "desk"];
    assert_eq!(at(&sign).0, 2);
    let sign = [&sign[..], &["--root", "."]].concat();
    let (code, shown) = at(&sign);
    assert_eq!(code, 0, "{shown}");
    repository.commit("ines");
    let verify = ["signoffs", "verify", "desk", "--root", "."];
    let (_, shown) = at(&verify);
    assert!(shown.contains("go_live: signed by `ines`\n") && !shown.contains("plan/ "), "{shown}");

    // A shared file is the work of whoever writes it, too.
    let night = fs::read_to_string(shared.join("night.cutover")).unwrap_or_default();
    let other = night.replace("owner tom", "owner ruth");
    assert!(other != night && fs::write(shared.join("night.cutover"), other).is_ok());
    assert_eq!(at(&["plan", "desk", "--root", "."]).0, 0);
    repository.commit("ines");
    assert_eq!(at(&sign).0, 0);
    repository.commit("ines");
    let (_, shown) = at(&verify);
    assert!(shown.contains("go_live: `ines` signed their own work: "), "{shown}");

    // Whoever approves compiles the spec as well.
    for (item, who) in [
        ("announce/customers", "ines"),
        ("decommission/source", "ines"),
        ("backup/full", "tom"),
        ("rehearsal", "kofi"),
    ] {
        let (code, shown) = at(&["sign", item, "--by", who, "--project", "desk", "--root", "."]);
        assert_eq!(code, 0, "{shown}");
    }
    assert_eq!(at(&["approve", "desk"]).0, 2);
    let (code, shown) = at(&["approve", "desk", "--root", "."]);
    assert_eq!(code, 0, "{shown}");
}

/// Specs of a folder are compared one by one, and places are told from where somebody stands.
#[test]
fn a_folder_of_specs_is_compared_spec_by_spec() {
    let repository = Repository::new();
    let top = repository.folder.path().to_owned();
    let copied = cutover_tests::program::copy(&repository.project(), &top.join("other desk"));
    assert!(copied.is_ok(), "{copied:?}");
    repository.commit("author");
    let (code, shown) = super::run(&top, &["diff", "--rev", "HEAD", ".", "."]);
    assert_eq!(code, 0, "{shown}");
    let text = repository.spec();
    repository.write(&text.replace("more than 0.5%", "more than 5%"));
    assert!(fs::rename(top.join("other desk"), top.join("third")).is_ok());
    // Under its old name it would be the same migration in another folder.
    let third = top.join("third/pots.cutover");
    let other = fs::read_to_string(&third).unwrap_or_default().replace("migration pots ", "migration kiln ");
    assert!(other.contains("migration kiln ") && fs::write(&third, other).is_ok());
    let (code, shown) = super::run(&top, &["diff", "--rev", "HEAD", ".", ".", "--format", "markdown"]);
    assert_eq!(code, 3, "{shown}");
    assert_eq!(shown.matches("<!-- cutover:diff -->").count(), 1, "{shown}");
    for told in [
        "`desk/pots.cutover:",
        "## other desk/pots.cutover\n\nThis spec is gone.",
        "## third/pots.cutover\n\nThis spec is new.",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let (code, shown) = super::run(&top, &["diff", "--rev", "HEAD", ".", ".", "--format", "json"]);
    assert_eq!(code, 3, "{shown}");
    let states: Vec<&str> = ["changed", "gone", "new"]
        .into_iter()
        .filter(|state| shown.contains(&format!("\"state\": \"{state}\"")))
        .collect();
    assert_eq!(states, ["changed", "gone", "new"], "{shown}");
    let (code, shown) = super::run(&top, &["diff", "--rev", "HEAD", ".", "desk"]);
    assert_eq!((code, shown.contains("    desk/pots.cutover:")), (3, true), "{shown}");
    assert!(!shown.contains("/tmp"), "{shown}");
}
