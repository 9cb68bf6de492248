//! The way of a plan through a team, with the built program and git in a scratch repository: planned, signed, approved, changed, compared,
//! stale, signed again by the wrong person.

#[path = "signing/addresses.rs"]
mod addresses;
#[path = "signing/again.rs"]
mod again;
#[path = "signing/another_address.rs"]
mod another_address;
#[path = "signing/evidence.rs"]
mod evidence;
#[path = "signing/gone.rs"]
mod gone;
#[path = "signing/hidden.rs"]
mod hidden;
#[path = "signing/own.rs"]
mod own;

use std::fs;
use std::path::Path;
use std::process::Command;

use cutover_tests::program::{copy, cutover};
use cutover_tests::workspace::root;

/// A repository with a copy of an example whose people have addresses in git.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Repository {
        let folder = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
        let repository = Repository { folder };
        let project = repository.project();
        let copied = copy(&root().join("examples/small-team"), &project);
        assert!(copied.is_ok(), "{copied:?}");
        let _ = fs::remove_dir_all(project.join("plan"));
        let mut text = repository.spec();
        for who in ["ines", "tom", "ruth", "kofi"] {
            let contact =
                if who == "ines" { "+44 20 7946 0101".to_owned() } else { format!("{who}@pots.example") };
            let bare = format!("contact \"{contact}\"");
            assert!(text.contains(&bare));
            text = text.replace(&bare, &format!("{bare}  git \"{who}@pots.example\""));
        }
        repository.write(&text);
        repository.git(&["init", "--quiet", "--initial-branch=main"], "nobody");
        repository
    }

    fn project(&self) -> std::path::PathBuf {
        self.folder.path().join("desk")
    }

    fn spec(&self) -> String {
        fs::read_to_string(self.project().join("pots.cutover")).unwrap_or_default()
    }

    fn write(&self, text: &str) {
        assert!(fs::write(self.project().join("pots.cutover"), text).is_ok());
    }

    fn git(&self, args: &[&str], who: &str) -> String {
        let mail = format!("{who}@pots.example");
        let output = Command::new("git")
            .current_dir(self.folder.path())
            .args(["-c", "commit.gpgsign=false"])
            .args(args)
            .envs([("GIT_AUTHOR_NAME", who), ("GIT_COMMITTER_NAME", who)])
            .envs([("GIT_AUTHOR_EMAIL", mail.as_str()), ("GIT_COMMITTER_EMAIL", mail.as_str())])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output();
        let Ok(output) = output else { return String::new() };
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn commit(&self, who: &str) {
        self.git(&["add", "--all"], who);
        self.git(&["commit", "--quiet", "--message", "next"], who);
    }

    /// Runs the program in the project: exit code and what it shows.
    fn run(&self, args: &[&str]) -> (i32, String) {
        run(&self.project(), args)
    }
}

fn run(folder: &Path, args: &[&str]) -> (i32, String) {
    let Ok(mut command) = cutover(folder) else { return (-1, "cannot be built".to_owned()) };
    let Ok(output) = command.args(args).output() else { return (-1, "cannot be run".to_owned()) };
    let shown = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code().unwrap_or(-1), shown.concat())
}

#[test]
fn a_plan_is_signed_changed_and_signed_again() {
    let repository = Repository::new();
    let (code, shown) = repository.run(&["plan", "."]);
    assert_eq!(code, 0, "{shown}");
    repository.commit("author");

    // Nothing is signed yet.
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("go_live: missing: `ines` has not signed"), "{shown}");
    assert_eq!(repository.run(&["approve"]).0, 2);

    // Who is not asked cannot sign, nor can anybody sign what is not there.
    assert_eq!(repository.run(&["sign", "go_live", "--by", "tom"]).0, 2);
    assert_eq!(repository.run(&["sign", "go_home", "--by", "ines"]).0, 2);

    // Each signs and commits.
    let waiting: Vec<(String, String)> = shown
        .lines()
        .filter_map(|line| {
            let (item, rest) = line.split_once(": missing: `")?;
            Some((item.to_owned(), rest.split_once('`')?.0.to_owned()))
        })
        .collect();
    assert!(waiting.len() >= 4, "{waiting:?}");
    for (item, who) in &waiting {
        let evidence = "https://pots.example/minutes/12";
        let (code, shown) = repository.run(&["sign", item, "--by", who, "--evidence", evidence]);
        assert_eq!(code, 0, "{shown}");
        assert!(repository.run(&["signoffs", "verify"]).1.contains("is not committed"));
        repository.commit(who);
    }
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("go_live: signed by `ines`\n") && !shown.contains("unauthenticated"), "{shown}");

    // In a clone without its history git would give every line to whoever made the last commit.
    let clone = repository.folder.path().join("clone");
    let from = format!("file://{}", repository.folder.path().display());
    repository.git(&["clone", "--quiet", "--depth=1", &from, "clone"], "nobody");
    let (code, shown) = run(&clone.join("desk"), &["signoffs", "verify"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("unauthenticated: the history of this clone is cut off"), "{shown}");
    assert!(fs::remove_dir_all(&clone).is_ok());

    // A signature is no part of the plan, and the status shows it.
    assert_eq!(repository.run(&["signoffs", "status"]).0, 0);
    assert_eq!(repository.run(&["plan", ".", "--check"]).0, 0);
    let status = fs::read_to_string(repository.project().join("status.md")).unwrap_or_default();
    assert!(status.contains("**signed**") && !status.contains("waiting |"), "{status}");
    let (code, shown) = repository.run(&["signoffs", "codeowners"]);
    assert_eq!(code, 0);
    assert!(shown.contains("/desk/signoffs/ines.jsonl ines@pots.example\n"), "{shown}");
    assert_eq!(repository.run(&["approve"]).0, 0);
    repository.commit("author");

    // A reviewer changes something that was signed.
    let text = repository.spec();
    // Whoever only moves blanks writes nothing.
    repository.write(&text.replace("go live  owner", "go live   owner"));
    repository.commit("ines");
    assert_eq!(repository.run(&["signoffs", "verify"]).0, 0);
    repository.write(&text);
    repository.commit("author");
    let changed = text.replace("sample 100 conversations", "sample 10 conversations");
    assert_ne!(text, changed);
    repository.write(&changed);
    let (code, comment) =
        repository.run(&["diff", "main:desk/pots.cutover", "pots.cutover", "--format", "markdown"]);
    assert_eq!(code, 2, "a path in git is relative to where one stands: {comment}");
    let (code, comment) =
        repository.run(&["diff", "main:pots.cutover", "pots.cutover", "--format", "markdown"]);
    assert_eq!(code, 3, "{comment}");
    assert!(
        comment.starts_with("<!-- cutover:diff -->\n") && comment.contains("### Weaker safeguards"),
        "{comment}"
    );
    let (_, same) = repository.run(&["diff", "--rev", "HEAD", ".", "pots.cutover", "--format", "markdown"]);
    assert_eq!(same, comment);
    assert_eq!(repository.run(&["diff", "approved", "."]).0, 3);
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("kofi");
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 1, "{shown}");
    let why = "100 conversations → 10 conversations";
    assert!(shown.contains("stale: it changed after `kofi` signed it") && shown.contains(why), "{shown}");
    assert_eq!(repository.run(&["approve"]).0, 2);

    // Without the approved plan git still knows what was signed.
    let _ = fs::remove_dir_all(repository.project().join("approved"));
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains(why), "{shown}");

    // Kofi made the change, so Kofi cannot sign it; and nobody can commit the signature of somebody else.
    assert_eq!(repository.run(&["sign", "rehearsal", "--by", "kofi"]).0, 0);
    repository.commit("kofi");
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 1);
    assert!(shown.contains("`kofi` signed their own work"), "{shown}");
    repository.write(&changed.replace("announce/customers.md", "announce/rollback.md"));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    assert_eq!(repository.run(&["sign", "announce/customers", "--by", "ines"]).0, 0);
    repository.commit("tom");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("`ines` signed, but tom@pots.example committed"), "{shown}");
}

/// Whoever signs the switch signs for a night and relies on the way back: when one of these changes, the signature is stale, and the others
/// are not.
#[test]
fn the_switch_is_signed_for_one_night_and_its_way_back() {
    for (what, old, new, why) in [
        (
            "the window",
            "window  2027-01-16 18:00 to 2027-01-16 23:00",
            "window  2027-01-16 18:00 to 2027-01-16 23:30",
            "23:30",
        ),
        (
            "a trigger",
            "failed_imports more than 0.5%",
            "failed_imports more than 5%",
            "a trigger fires later or for less",
        ),
        ("how long an answer may take", "within 30 min", "within 90 min", "30 min → 1 h 30 min"),
        ("a row of a map", "cut to 150", "cut to 140", "140"),
    ] {
        let repository = Repository::new();
        assert_eq!(repository.run(&["plan", "."]).0, 0, "{what}");
        repository.commit("author");
        for (item, who) in [("go_live", "ines"), ("rehearsal", "kofi")] {
            assert_eq!(repository.run(&["sign", item, "--by", who]).0, 0, "{what}");
            repository.commit(who);
        }
        let text = repository.spec();
        let changed = text.replace(old, new);
        assert_ne!(text, changed, "{what}");
        repository.write(&changed);
        let (code, shown) = repository.run(&["plan", "."]);
        assert_eq!(code, 0, "{what}: {shown}");
        let (_, shown) = repository.run(&["signoffs", "verify"]);
        let stale = shown.split_once("go_live: stale: it changed after `ines` signed it\n    ");
        let told = stale.and_then(|(_, told)| told.lines().next()).unwrap_or_default();
        assert!(told.contains(why), "{what}: {shown}");
        assert!(shown.contains("rehearsal: signed by `kofi`"), "{what}: {shown}");
    }
}

#[test]
fn without_git_signatures_are_unauthenticated_and_hostile_lines_are_findings() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
    let copied = copy(&root().join("examples/small-team"), folder.path());
    assert!(copied.is_ok());
    assert_eq!(run(folder.path(), &["sign", "go_live", "--by", "ines"]).0, 0);
    let (_, shown) = run(folder.path(), &["signoffs", "verify"]);
    assert!(shown.contains("go_live: signed by `ines`, unauthenticated"), "{shown}");
    let path = folder.path().join("signoffs/tom.jsonl");
    let lines = [
        "{\"by\":\"ines\",\"digest\":\"x\",\"item\":\"go_live\"}".to_owned(),
        "<<<<<<< HEAD".to_owned(),
        format!("{{\"by\":\"ines\",\"digest\":\"{}\",\"item\":\"go_live\"}}", "a".repeat(64)),
        "[".repeat(10_000),
        "\u{1b}[2J\u{202e}".to_owned(),
    ];
    assert!(fs::write(&path, lines.join("\n")).is_ok());
    let (code, shown) = run(folder.path(), &["signoffs", "verify"]);
    assert_eq!(code, 1);
    for line in 1..=5 {
        assert!(shown.contains(&format!("signoffs/tom.jsonl:{line}: ")), "{line}: {shown}");
    }
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
}

/// Who writes a comment or moves an item wrote nothing of it; who writes their own address for a signer signs for themselves.
#[test]
fn comments_are_no_work_and_an_address_is_not_taken_over() {
    let repository = Repository::new();
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("author");
    assert_eq!(repository.run(&["sign", "go_live", "--by", "ines"]).0, 0);
    repository.commit("ines");
    let text = repository.spec();

    // A comment above moves everything down, one at its end is on its line, and the plan is what it was.
    let line = text.lines().find(|line| line.starts_with("go live")).unwrap_or_default().to_owned();
    let noted = text.replace(&line, &format!("# the night\n# of the year\n{line}  # at last"));
    assert_ne!(noted, text);
    repository.write(&noted);
    repository.commit("ines");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: signed by `ines`\n"), "{shown}");
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("author");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("go_live: signed by `ines`\n"), "{shown}");

    // The spec says something else, and nobody wrote a plan of that.
    repository.write(&noted.replace("more than 0.5%", "more than 5%"));
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("plan/ is not that of the spec"), "{shown}");

    // A spec that gives no plan at all says something else, too.
    repository.write(&noted.replace("hold inbound; ", ""));
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("plan/ cannot be held to the spec"), "{shown}");
    assert_eq!(repository.run(&["approve"]).0, 2);
    repository.write(&noted);

    // Kofi becomes Ines, and signs as her.
    repository.write(&noted.replace("git \"ines@pots.example\"", "git \"kofi@pots.example\""));
    assert_eq!(repository.run(&["plan", "."]).0, 1, "two people of one address are one person");
    let moved = noted.replace("git \"kofi@pots.example\"", "git \"kofi.two@pots.example\"");
    repository.write(&moved.replace("git \"ines@pots.example\"", "git \"kofi@pots.example\""));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("kofi");
    assert_eq!(repository.run(&["sign", "announce/customers", "--by", "ines"]).0, 0);
    repository.commit("kofi");
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 1, "{shown}");
    let told = "announce/customers: `ines` was ines@pots.example in `team` until kofi@pots.example wrote kofi@pots.example there";
    assert!(shown.contains(told), "{shown}");

    // Somebody else wrote her new address: that is how one moves.
    repository.write(&noted);
    repository.commit("author");
    repository.write(&noted.replace("git \"ines@pots.example\"", "git \"i.new@pots.example\""));
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    repository.commit("author");
    assert!(fs::remove_file(repository.project().join("signoffs/ines.jsonl")).is_ok());
    repository.commit("author");
    assert_eq!(repository.run(&["sign", "announce/customers", "--by", "ines"]).0, 0);
    repository.commit("i.new");
    let (_, shown) = repository.run(&["signoffs", "verify"]);
    assert!(shown.contains("announce/customers: signed by `ines`\n"), "{shown}");
}
