//! The same inputs give the same bytes: in another folder, zone, language or home, with items in another order, with other line ends, with
//! other forms of the same letters.

use std::path::Path;

use cutover_tests::program::{Files, Project, contents, cutover, words};
use cutover_tests::random::Random;
use unicode_normalization::UnicodeNormalization;

const EXAMPLES: &[&str] = &["specs/valid/minimal", "examples/acme"];

fn project(example: &str) -> Project {
    let project = Project::of(example);
    assert!(project.is_ok(), "{project:?}");
    project.unwrap_or_else(|_| unreachable!())
}

fn planned(project: &Project) -> Files {
    let files = project.plan();
    assert!(files.is_ok(), "{}", files.err().unwrap_or_default());
    files.unwrap_or_default()
}

/// Plans from a folder, with the spec named from there, in changed surroundings.
fn planned_from(folder: &Path, spec: &str, surroundings: &[(&str, &str)]) -> Files {
    let out = tempfile::TempDir::new();
    assert!(out.is_ok());
    let Ok(out) = out else { return Files::new() };
    let to = out.path().join("out");
    let call = cutover(folder)
        .map(|mut call| call.args(["plan", spec, "-o"]).arg(&to).envs(surroundings.iter().copied()).output());
    assert!(
        matches!(&call, Ok(Ok(output)) if output.status.code() == Some(0)),
        "{:?}",
        call.map(|o| o.map(|o| words(&o)))
    );
    contents(&to).unwrap_or_default()
}

/// Compares all files but those that say where things stand in the text.
fn same(left: &Files, right: &Files, moved: bool, what: &str) {
    let counted = |files: &Files| {
        files.iter().filter(|(name, _)| !moved || name != "plan.map.json").cloned().collect::<Files>()
    };
    let (left, right) = (counted(left), counted(right));
    let names = |files: &Files| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right), "{what}");
    for ((name, left), (_, right)) in left.iter().zip(&right) {
        let (left, right) = (String::from_utf8_lossy(left), String::from_utf8_lossy(right));
        let differing = left.lines().zip(right.lines()).enumerate().find(|(_, (left, right))| left != right);
        assert_eq!(differing, None, "{what}: {name}");
        assert!(left == right, "{what}: {name} differs in its last lines or line ends");
    }
    assert!(left.len() > 3, "{what}: only {:?}", names(&left));
}

#[test]
fn surroundings_change_nothing() {
    for example in EXAMPLES {
        let project = project(example);
        let reference = planned(&project);
        let spec = project.folder().join(project.spec());
        let spec = spec.to_string_lossy().into_owned();
        same(&reference, &planned(&project), false, "twice");
        same(&reference, &planned_from(Path::new("/"), &spec, &[]), false, "from the root, by absolute path");
        let inside = project.folder().join("inventory");
        same(
            &reference,
            &planned_from(&inside, &format!("../{}", project.spec()), &[]),
            false,
            "from a folder inside",
        );
        same(
            &reference,
            &planned_from(project.folder(), &format!("./{}", project.spec()), &[]),
            false,
            "with a dot",
        );
        for (name, value) in [
            ("TZ", "Asia/Kathmandu"),
            ("TZ", "Nowhere/Nothing"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "C"),
            ("HOME", "/nonexistent"),
            ("HOME", "/proc"),
            ("COLUMNS", "20"),
            ("NO_COLOR", ""),
            ("CLICOLOR_FORCE", "1"),
            ("SOURCE_DATE_EPOCH", "1"),
            ("RUST_LOG", "trace"),
            ("RUST_BACKTRACE", "full"),
            ("USER", "somebody-else"),
        ] {
            let what = format!("{name}={value}");
            same(&reference, &planned_from(project.folder(), project.spec(), &[(name, value)]), false, &what);
        }
    }
}

#[test]
fn a_false_time_zone_database_is_not_asked() {
    let project = project("specs/valid/minimal");
    let zones = project.folder().join("zones");
    let london = std::fs::read("/usr/share/zoneinfo/Asia/Tokyo").unwrap_or_else(|_| b"TZif2".to_vec());
    for name in ["zones/Europe/London", "zones/Europe/Berlin", "zones/tzdata.zi", "zones/UTC"] {
        assert_eq!(project.write(name, &london), Ok(()));
    }
    let zones = zones.to_string_lossy().into_owned();
    let reference = planned(&project);
    same(&reference, &planned_from(project.folder(), project.spec(), &[("TZDIR", &zones)]), false, "TZDIR");
}

/// A spec's top-level items, each with the comments above it; what stands before the first one is the head.
fn items(spec: &str) -> (String, Vec<String>) {
    let mut head = String::new();
    let mut items: Vec<String> = Vec::new();
    let mut waiting = String::new();
    let mut inside = false;
    for line in spec.lines() {
        waiting += line;
        waiting.push('\n');
        let opens = line.trim_end().ends_with('{')
            || line.split('#').next().is_some_and(|code| code.trim_end().ends_with('{'));
        if inside {
            inside = !line.starts_with('}');
            if !inside {
                items.push(std::mem::take(&mut waiting));
            }
        } else if line.starts_with("edition ") {
            head += &std::mem::take(&mut waiting);
        } else if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            if opens {
                inside = true;
            } else {
                items.push(std::mem::take(&mut waiting));
            }
        } else if line.starts_with(' ') {
            // A continued line belongs to the item above.
            let continued = std::mem::take(&mut waiting);
            if let Some(item) = items.last_mut() {
                *item += &continued;
            }
        }
    }
    (head, items)
}

#[test]
fn the_order_of_items_means_nothing() {
    let mut random = Random::new(20_261_205);
    for example in EXAMPLES {
        let project = project(example);
        let reference = planned(&project);
        let (head, mut items) = items(&project.text().unwrap_or_default());
        assert!(items.len() > 10, "{example}: {items:#?}");
        for round in 0..4 {
            if round == 0 {
                items.reverse()
            } else {
                random.shuffle(&mut items)
            }
            let spec = project.spec().to_owned();
            assert_eq!(project.write(&spec, format!("{head}{}", items.concat())), Ok(()));
            same(&reference, &planned(&project), true, &format!("{example}, order {round}"));
        }
    }
}

#[test]
fn the_order_of_imports_and_the_cut_into_files_mean_nothing() {
    let project = project("specs/valid/minimal");
    let reference = planned(&project);
    let (head, items) = items(&project.text().unwrap_or_default());
    let (moved, kept): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| item.contains("translate ") || item.contains("team "));
    assert!(moved.len() >= 3 && kept.len() > 3);
    let mut uses = Vec::new();
    for (number, item) in moved.iter().enumerate() {
        assert_eq!(project.write(&format!("parts/{number}.cutover"), format!("edition 1\n{item}")), Ok(()));
        uses.push(format!("use \"parts/{number}.cutover\"\n"));
    }
    let spec = project.spec().to_owned();
    for _ in 0..2 {
        uses.reverse();
        assert_eq!(project.write(&spec, format!("{head}{}{}", uses.concat(), kept.concat())), Ok(()));
        same(&reference, &planned(&project), true, "imports");
    }
}

#[test]
fn line_ends_and_forms_of_letters_mean_nothing() {
    for example in EXAMPLES {
        let project = project(example);
        let spec = project.spec().to_owned();
        // Letters that have two forms, in places where people write.
        let text = project.text().unwrap_or_default();
        let text = text.replacen("because \"", "because \"Übergröße für Zoë, 각; ", 1);
        assert!(text.contains('Ü'), "{example} gives a reason somewhere");
        assert_eq!(project.write(&spec, &text), Ok(()));
        let reference = planned(&project);
        assert_eq!(project.write(&spec, text.replace('\n', "\r\n")), Ok(()));
        same(&reference, &planned(&project), true, "CRLF");
        let other: String = text.nfd().collect();
        assert_ne!(other, text);
        assert_eq!(project.write(&spec, other), Ok(()));
        same(&reference, &planned(&project), true, "NFD");
        assert_eq!(project.write(&spec, format!("\u{feff}{text}")), Ok(()));
        same(&reference, &planned(&project), true, "byte-order mark");
        assert_eq!(project.write(&spec, text.replace('\n', "\r\n")), Ok(()));
        assert!(beside(project.folder()) > 2, "{example} has files beside its spec");
        same(&reference, &planned(&project), true, "CRLF in each file");
    }
}

/// Gives each text beside the spec the line ends that git writes on other systems; says how many there are.
fn beside(folder: &Path) -> usize {
    let mut changed = 0;
    for (name, bytes) in contents(folder).unwrap_or_default() {
        let of_plan = name.starts_with("plan/") || name.starts_with("export/");
        let text = [".md", ".csv", ".yaml", ".jsonl"].iter().any(|end| name.ends_with(end));
        let Ok(content) = String::from_utf8(bytes) else { continue };
        if text && !of_plan && content.contains('\n') {
            let written = std::fs::write(folder.join(&name), content.replace('\n', "\r\n"));
            assert!(written.is_ok(), "{name}: {written:?}");
            changed += 1;
        }
    }
    changed
}

/// The rows of maps with their names in backticks: another spelling of the same, which rows that say nothing else do not have.
fn quoted(text: &str) -> String {
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let mut in_map = false;
    let lines = text.lines().map(|line| {
        in_map = if line.starts_with("map ") { line.ends_with('{') } else { in_map && line != "}" };
        let row = line.split_once("->").filter(|_| in_map).and_then(|(left, right)| {
            let (left, right) = (left.trim(), right.trim());
            let (name, rest) = right.split_once(' ').unwrap_or((right, ""));
            (is_name(left) && is_name(name)).then(|| format!("  `{left}` -> `{name}` {rest}"))
        });
        row.unwrap_or_else(|| line.to_owned())
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn plain_rows_mean_what_other_spellings_of_them_mean() {
    for example in
        ["examples/acme", "examples/small-team", "examples/rt-to-zendesk", "examples/zendesk-to-zammad"]
    {
        let project = project(example);
        let before = planned(&project);
        let text = project.text().unwrap_or_default();
        let other = quoted(&text);
        assert!(
            other.matches('`').count() >= text.matches('`').count() + 4,
            "{example} has too few plain rows"
        );
        assert_eq!(project.write(project.spec(), other), Ok(()));
        same(&before, &planned(&project), true, example);
    }
}
