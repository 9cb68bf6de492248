//! Input that nobody sends by accident. Whatever it is, the program ends soon, within little memory, with an exit code of its table and
//! something said; it reads nothing outside the project folder and leaves nothing half-written.

use std::process::Output;
use std::time::Instant;

use cutover_tests::program::{PATIENCE, Project, cutover_within, words};
use cutover_tests::random::Random;

/// Far above what an ordinary spec needs, far below what a machine has: an unoptimised program maps a good deal of code.
const MEMORY_MIB: u64 = 768;

/// Seconds for one call. Unoptimised and on a busy machine it only tells "slow" from "for ever"; in release the limit is one second.
const SECONDS: u64 = if cfg!(debug_assertions) { 240 } else { 1 };

fn project() -> Project {
    let project = Project::of("specs/valid/minimal");
    assert!(project.is_ok(), "{project:?}");
    project.unwrap_or_else(|_| unreachable!())
}

/// Runs the program on the project and holds it to what is promised for any input at all.
fn survives(project: &Project, args: &[&str]) -> Output {
    let started = Instant::now();
    let call = cutover_within(project.folder(), MEMORY_MIB).map(|mut call| call.args(args).output());
    let Ok(Ok(output)) = call else {
        assert_eq!(format!("{call:?}"), "", "cutover {} within {PATIENCE:?}", args.join(" "));
        unreachable!()
    };
    let took = started.elapsed().as_secs();
    let words = words(&output);
    assert!(took <= SECONDS, "cutover {} took {took} s", args.join(" "));
    assert!(matches!(output.status.code(), Some(0..=2)), "cutover {}: {words}", args.join(" "));
    assert!(!words.contains("panicked at"), "cutover {}: {words}", args.join(" "));
    assert!(words.len() < 4 << 20, "cutover {} prints {} bytes", args.join(" "), words.len());
    output
}

/// As [`survives`], and the program refuses: something is wrong and it says what.
fn refuses(project: &Project, args: &[&str]) -> String {
    let output = survives(project, args);
    let words = words(&output);
    assert!(matches!(output.status.code(), Some(1 | 2)), "cutover {} accepts: {words}", args.join(" "));
    assert!(output.stdout.len() + output.stderr.len() > 20, "cutover {} says nothing", args.join(" "));
    words
}

/// Checks bytes as the spec `attack.cutover`.
fn refuses_spec(bytes: impl AsRef<[u8]>) -> String {
    let project = project();
    assert_eq!(project.write("attack.cutover", bytes), Ok(()));
    refuses(&project, &["check", "attack.cutover"])
}

#[test]
fn an_empty_file() {
    refuses_spec("");
    refuses_spec("\n\n\n");
    refuses_spec("\u{feff}");
    refuses_spec("# nothing but a comment");
}

#[test]
fn one_line_of_four_mebibytes() {
    for piece in ["a", "a ", "\"", "{", "é", "-> ", "a, ", "not ", "- "] {
        let head = "edition 1\n";
        let line = piece.repeat(((4 << 20) - head.len()) / piece.len());
        refuses_spec(format!("{head}{line}"));
    }
}

#[test]
fn a_file_over_the_cap_is_refused_by_its_size() {
    let words = refuses_spec("# comment\n".repeat((4 << 20) / 10 + 1));
    assert!(words.contains("error[files/too-large]"), "{words}");
}

#[test]
fn a_hundred_thousand_brackets() {
    for (open, close) in [("(", ")"), ("{", "}"), ("[", "]"), ("not (", ")"), ("{ a ", "}"), ("f(", ")")] {
        let (opens, closes) = (open.repeat(100_000), close.repeat(100_000));
        for before in [
            "edition 1\n",
            "edition 1\nmap ticket -> ticket {\n require ",
            "edition 1\nscope {\n import tickets where ",
        ] {
            refuses_spec(format!("{before}{opens}"));
            refuses_spec(format!("{before}{opens}{closes}"));
            refuses_spec(format!("{before}{closes}"));
        }
    }
}

#[test]
fn many_small_things() {
    refuses_spec(format!("edition 1\n{}", "}\n".repeat(100_000)));
    refuses_spec(format!("edition 1\n{}", "use \"x.cutover\"\n".repeat(20_000)));
    refuses_spec(format!("edition 1\n{}", "translate t { \"a\" -> \"b\" }\n".repeat(20_000)));
    refuses_spec(format!("edition 1\nscope {{\n{}}}\n", "  import tickets\n".repeat(50_000)));
    refuses_spec(format!("edition 1\nteam full {{\n{}}}\n", "  a \"A\" role r\n".repeat(50_000)));
    refuses_spec(format!("edition 1\nmap a -> b {{\n  {} -> c\n}}\n", vec!["a"; 200_000].join(", ")));
    refuses_spec(format!(
        "edition 1\nmap a -> b {{\n  require {}\n}}\n",
        vec!["a is 1"; 100_000].join(" and ")
    ));
}

#[test]
fn random_bytes() {
    let seed = 0x1e55_0f0b_ad5e_ed01;
    let mut random = Random::new(seed);
    for length in [1, 2, 3, 17, 400, 5_000, 300_000] {
        let mut bytes = random.bytes(length);
        refuses_spec(&bytes);
        // The same without what makes it "not UTF-8" at once.
        bytes.iter_mut().for_each(|byte| *byte &= 0x7f);
        refuses_spec([b"edition 1\n".as_slice(), &bytes].concat());
    }
}

#[test]
fn not_text() {
    refuses_spec([0xff, 0xfe, b'e', 0, b'd', 0]);
    refuses_spec([b"edition 1\nmigration x \"".as_slice(), &[0xc3, 0x28], b"\" {\n}\n"].concat());
    refuses_spec(b"edition 1\nmigration x \"\0\" {\n}\n");
    let project = project();
    let words = refuses(&project, &["check", "inventory"]);
    assert!(!words.contains("panicked"), "{words}");
    refuses(&project, &["check", "nowhere.cutover"]);
    refuses(&project, &["check", ""]);
}

/// Adds a line after the edition of the project's spec.
fn with_line(project: &Project, line: &str) {
    let text = project.text().unwrap_or_default();
    let changed = text.replacen("edition 1\n", &format!("edition 1\n{line}\n"), 1);
    assert_ne!(text, changed, "the example begins with its edition");
    assert_eq!(project.write("attack.cutover", changed), Ok(()));
}

#[test]
fn imports_in_a_circle() {
    let project = project();
    with_line(&project, "use \"a.cutover\"");
    for (name, other) in [("a", "b"), ("b", "c"), ("c", "a")] {
        assert_eq!(
            project.write(&format!("{name}.cutover"), format!("edition 1\nuse \"{other}.cutover\"\n")),
            Ok(())
        );
    }
    let words = refuses(&project, &["check", "attack.cutover"]);
    assert!(words.contains("error[files/import-cycle]"), "{words}");
    with_line(&project, "use \"attack.cutover\"");
    refuses(&project, &["check", "attack.cutover"]);
}

/// A file of so many bytes that takes no room on the disk.
fn hollow(project: &Project, name: &str, bytes: u64) {
    let made = std::fs::File::create(project.folder().join(name)).and_then(|file| file.set_len(bytes));
    assert!(made.is_ok(), "{made:?}");
}

#[test]
fn imports_without_end() {
    let project = project();
    let uses: String = (0..1_001).map(|n| format!("use \"part-{n}.cutover\"\n")).collect();
    for n in 0..1_001 {
        assert_eq!(project.write(&format!("part-{n}.cutover"), "edition 1\n"), Ok(()));
    }
    with_line(&project, &uses);
    let words = refuses(&project, &["check", "attack.cutover"]);
    assert!(words.contains("error[files/too-many]"), "{words}");
}

#[test]
fn an_import_and_a_template_over_the_cap() {
    let project = project();
    hollow(&project, "huge.cutover", 1 << 40);
    with_line(&project, "use \"huge.cutover\"");
    let words = refuses(&project, &["check", "attack.cutover"]);
    assert!(words.contains("error[files/too-large]"), "{words}");
    hollow(&project, "announce/customers.md", 1 << 40);
    let words = refuses(&project, &["check", "spec.cutover"]);
    assert!(words.contains("error[files/too-large]"), "{words}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_good() {
    let project = project();
    let link = |to: &str, name: &str| {
        let made = std::os::unix::fs::symlink(to, project.folder().join(name));
        assert!(made.is_ok(), "{made:?}");
    };
    link("round.cutover", "round.cutover");
    link("/etc/hosts", "out.cutover");
    for (name, code) in [("round", "files/unreadable"), ("out", "files/outside")] {
        with_line(&project, &format!("use \"{name}.cutover\""));
        let words = refuses(&project, &["check", "attack.cutover"]);
        assert!(words.contains(&format!("error[{code}]")), "{words}");
    }
}

/// What a file outside the project holds, and must never be printed, planned or copied.
const SECRET: &str = "the-secret-outside-the-root";

/// Paths that lead out of the project's folder, as a spec would write them.
fn ways_out(project: &Project) -> Vec<String> {
    let outside =
        project.folder().parent().map(|above| above.join(format!("{SECRET}-file"))).unwrap_or_default();
    assert!(std::fs::write(&outside, format!("edition 1\n# {SECRET}\n{SECRET}: [{SECRET}]\n")).is_ok());
    let name = outside.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut ways = vec![
        format!("../{name}"),
        format!("inventory/../../{name}"),
        format!("./.././{name}"),
        outside.to_string_lossy().into_owned(),
        format!("..\\{name}"),
        format!("C:\\{name}"),
        format!("file://{}", outside.display()),
        "/etc/passwd".to_owned(),
        "/dev/zero".to_owned(),
        "/proc/self/environ".to_owned(),
    ];
    #[cfg(unix)]
    {
        let link = |to: &std::path::Path, name: &str| {
            std::os::unix::fs::symlink(to, project.folder().join(name)).is_ok()
        };
        assert!(link(&outside, "link.cutover") && link(&outside, "link.yaml") && link(&outside, "link.md"));
        assert!(project.folder().parent().is_some_and(|above| link(above, "up")));
        assert!(link(std::path::Path::new("loop.yaml"), "loop.yaml"));
        ways.extend(["link.cutover", "link.yaml", "link.md", "loop.yaml"].map(str::to_owned));
        ways.push(format!("up/{name}"));
    }
    ways
}

#[test]
fn no_import_leaves_the_root() {
    let project = project();
    for way in ways_out(&project) {
        with_line(&project, &format!("use \"{}\"", way.replace('\\', "\\\\")));
        let words = refuses(&project, &["check", "attack.cutover"]);
        assert!(!words.replace(&format!("{SECRET}-file"), "").contains(SECRET), "{way}: {words}");
    }
}

#[test]
fn no_inventory_and_no_template_leaves_the_root() {
    let project = project();
    let text = project.text().unwrap_or_default();
    let ways = ways_out(&project);
    for quoted in ["inventory \"", "template \""] {
        let Some((before, rest)) = text.split_once(quoted) else {
            assert_eq!(quoted, "", "the example has one");
            continue;
        };
        let after = rest.split_once('"').map_or("", |(_, after)| after);
        for way in &ways {
            let changed = format!("{before}{quoted}{}\"{after}", way.replace('\\', "\\\\"));
            assert_eq!(project.write("attack.cutover", changed), Ok(()));
            let words = refuses(&project, &["plan", "attack.cutover", "-o", "out"]);
            assert!(!words.replace(&format!("{SECRET}-file"), "").contains(SECRET), "{way}: {words}");
            assert!(!project.folder().join("out").exists(), "{way}: something was written");
        }
    }
}

/// Puts text in the place of the first inventory that the spec names.
fn with_inventory(text: impl AsRef<[u8]>) -> Project {
    let project = project();
    let spec = project.text().unwrap_or_default();
    let named = spec.split_once("inventory \"").and_then(|(_, rest)| rest.split_once('"'));
    let Some((name, _)) = named else {
        assert_eq!(spec, "", "the example names an inventory");
        return project;
    };
    assert_eq!(project.write(name, text), Ok(()));
    project
}

fn refuses_inventory(text: impl AsRef<[u8]>) -> String {
    let project = with_inventory(text);
    let spec = project.spec().to_owned();
    refuses(&project, &["check", &spec])
}

#[test]
fn yaml_that_multiplies_itself() {
    let mut bomb = String::from("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for pair in b"abcdefghijklmnop".windows(2) {
        if let [from, to] = pair {
            let (from, to) = (char::from(*from), char::from(*to));
            bomb += &format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 10].join(", "));
        }
    }
    refuses_inventory(&bomb);
    refuses_inventory(format!("kinds: &k {{x: *k}}\n{bomb}"));
    refuses_inventory("a: &a {<<: *a}\n");
    refuses_inventory(format!("a: {}", "[".repeat(100_000)));
    refuses_inventory("{a: ".repeat(100_000));
    refuses_inventory("- ".repeat(100_000));
    refuses_inventory("? ".repeat(100_000));
    refuses_inventory(format!("a: |\n{}", " x\n".repeat(1_000_000)));
    refuses_inventory(format!("a: {}\n", "9".repeat(1_000_000)));
}

#[test]
fn inventories_that_are_none() {
    refuses_inventory("");
    refuses_inventory("\0\0\0");
    refuses_inventory([0xff, 0xfe, 0x00]);
    refuses_inventory("[]");
    refuses_inventory("just text");
    refuses_inventory("--- {}\n--- {}\n");
    refuses_inventory("!!python/object/apply:os.system ['echo x']\n");
    let mut random = Random::new(7);
    refuses_inventory(random.bytes(10_000));
}

#[test]
fn a_key_that_stands_twice_in_an_inventory() {
    let project = project();
    let spec = project.text().unwrap_or_default();
    let name = spec
        .split_once("inventory \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("", |(name, _)| name);
    let text = std::fs::read_to_string(project.folder().join(name)).unwrap_or_default();
    let key = text
        .lines()
        .find(|line| line.contains(": ") && !line.starts_with([' ', '#', '-']))
        .unwrap_or_default();
    assert_ne!(key, "", "the inventory has a line `key: value`");
    assert_eq!(project.write(name, format!("{text}\n{key}\n")), Ok(()));
    let words = refuses(&project, &["check", project.spec()]);
    assert!(words.contains("twice") || words.contains("duplicate"), "{words}");
}

#[test]
fn an_inventory_that_is_not_there() {
    let project = project();
    let spec = project.text().unwrap_or_default().replacen("inventory \"", "inventory \"not/there/", 1);
    assert_eq!(project.write("attack.cutover", spec), Ok(()));
    let words = refuses(&project, &["check", "attack.cutover"]);
    assert!(words.contains("not/there/"), "{words}");
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_is_left_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let project = project();
    // A file stands where the folder should be.
    assert_eq!(project.write("taken", "mine"), Ok(()));
    refuses(&project, &["plan", project.spec(), "-o", "taken"]);
    refuses(&project, &["plan", project.spec(), "-o", "taken/below"]);
    assert_eq!(std::fs::read_to_string(project.folder().join("taken")).ok(), Some("mine".to_owned()));
    // A folder without the right to write; for the administrator this is no obstacle, and then it has to work.
    assert_eq!(project.write("locked/keep", "mine"), Ok(()));
    let locked = project.folder().join("locked");
    let right = |mode| std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(mode)).is_ok();
    assert!(right(0o555));
    let output = survives(&project, &["plan", project.spec(), "-o", "locked/out"]);
    assert!(right(0o755));
    let left: Vec<_> = cutover_tests::program::contents(&locked)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    if output.status.code() == Some(0) {
        assert!(left.iter().any(|name| name == "out/plan.json"), "{left:?}");
    } else {
        assert_eq!(left, ["keep"], "{}", words(&output));
    }
    // A place that the kernel refuses to everybody.
    if std::path::Path::new("/proc/self").exists() {
        refuses(&project, &["plan", project.spec(), "-o", "/proc/self/out"]);
    }
}

#[test]
fn a_small_spec_for_a_huge_plan() {
    let project = project();
    let spec = project.text().unwrap_or_default();
    // The widest thing that few words can ask for: stages for each month of all time, again and again.
    let times = 30;
    let parts = (0..times).map(|n| format!(" tickets where number is {n} chunked by month of created_at\n"));
    let parts: String = parts.collect();
    let asked = format!("{spec}\nexport staged owner dana {{\n{parts} tickets the rest\n}}\n");
    assert_eq!(project.write("attack.cutover", asked), Ok(()));
    let inventory =
        std::fs::read_to_string(project.folder().join("inventory/source.yaml")).unwrap_or_default();
    let changed = inventory.replacen(
        "created_at: { present: 3140, min: \"2021-",
        "created_at: { present: 3140, min: \"0021-",
        1,
    );
    assert_ne!(inventory, changed, "the inventory says when the first ticket was made");
    assert_eq!(project.write("inventory/source.yaml", changed), Ok(()));
    let words = refuses(&project, &["plan", "attack.cutover", "-o", "out"]);
    assert!(words.contains("error[export/too-many-pieces]"), "{words}");
    assert!(!project.folder().join("out").exists(), "something was written");
}
