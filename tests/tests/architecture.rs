//! Architecture that the machine enforces: edges between crates, purity, and habits of the source text.
//!
//! Each test lists everything that breaks its rule, so that one run shows all of it. The reasons for the rules stand in docs/ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

use cutover_tests::workspace::{Packages, packages, relative, root, texts};

/// The only edges that may exist between our crates, development dependencies included. docs/ARCHITECTURE.md shows the same table.
const EDGES: &[(&str, &[&str])] = &[
    ("analysis", &["calendar", "catalog", "diagnostics", "ir", "plan", "syntax"]),
    ("calendar", &[]),
    ("catalog", &["diagnostics", "ir"]),
    (
        "cli",
        &[
            "analysis",
            "catalog",
            "cutover",
            "diagnostics",
            "diff",
            "fmt",
            "graph",
            "ir",
            "lsp",
            "plan",
            "records",
            "runner",
            "scan",
            "syntax",
            "transform",
        ],
    ),
    ("connect", &["ir", "plan", "records"]),
    (
        "cutover",
        &[
            "analysis",
            "calendar",
            "catalog",
            "diagnostics",
            "diff",
            "graph",
            "ir",
            "lint",
            "plan",
            "preview",
            "prove",
            "syntax",
        ],
    ),
    ("diagnostics", &[]),
    ("diff", &["ir", "plan"]),
    ("fmt", &["diagnostics", "syntax"]),
    ("grammar", &[]),
    ("graph", &["analysis", "catalog", "diagnostics", "ir", "plan"]),
    ("ir", &[]),
    ("lint", &["analysis", "calendar", "catalog", "diagnostics", "ir", "plan", "syntax"]),
    ("lsp", &["analysis", "catalog", "cutover", "diagnostics", "fmt", "ir", "plan", "syntax"]),
    ("plan", &["calendar", "ir", "preview"]),
    ("prove", &["analysis", "catalog", "diagnostics", "graph", "ir", "plan"]),
    ("preview", &["calendar"]),
    ("records", &[]),
    ("runner", &["calendar", "catalog", "connect", "diff", "ir", "plan", "preview", "records", "transform"]),
    ("scan", &["catalog", "diagnostics", "ir", "records"]),
    ("syntax", &["diagnostics", "grammar"]),
    ("transform", &["ir", "plan", "records"]),
];

/// The tests see the program from outside and may use every crate.
const OUTSIDE: &str = "cutover-tests";

/// What a pure crate may not reach, by kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forbidden {
    /// Files and folders.
    Files,
    /// Environment variables, arguments, working directory, other processes, the network.
    Surroundings,
    /// The time of day, and waiting.
    Clock,
}

use Forbidden::{Clock, Files, Surroundings};

/// Crates that are pure, and in what respect. `plan` writes bundles and `scan` reads exports, so they may touch files;
/// the facade reads the project folder; `catalog` has a build script, which cargo talks to through the environment.
const PURE: &[(&str, &[Forbidden])] = &[
    ("analysis", &[Files, Surroundings, Clock]),
    ("calendar", &[Files, Surroundings, Clock]),
    ("catalog", &[Clock]),
    ("cutover", &[Surroundings, Clock]),
    ("diagnostics", &[Files, Surroundings, Clock]),
    ("diff", &[Files, Surroundings, Clock]),
    ("fmt", &[Files, Surroundings, Clock]),
    ("grammar", &[Files, Surroundings, Clock]),
    ("graph", &[Files, Surroundings, Clock]),
    ("ir", &[Files, Surroundings, Clock]),
    ("lint", &[Files, Surroundings, Clock]),
    ("lsp", &[Surroundings, Clock]),
    ("plan", &[Surroundings, Clock]),
    ("prove", &[Files, Surroundings, Clock]),
    ("preview", &[Files, Surroundings, Clock]),
    ("records", &[Surroundings, Clock]),
    ("scan", &[Surroundings, Clock]),
    ("syntax", &[Files, Surroundings, Clock]),
    ("transform", &[Surroundings, Clock]),
];

/// Paths that `clippy.toml` of a crate has to forbid.
fn paths(of: Forbidden) -> &'static [&'static str] {
    match of {
        Files => &[
            "std::fs::File",
            "std::fs::OpenOptions",
            "std::fs::canonicalize",
            "std::fs::copy",
            "std::fs::create_dir",
            "std::fs::create_dir_all",
            "std::fs::metadata",
            "std::fs::read",
            "std::fs::read_dir",
            "std::fs::read_to_string",
            "std::fs::remove_dir_all",
            "std::fs::remove_file",
            "std::fs::rename",
            "std::fs::symlink_metadata",
            "std::fs::write",
            "std::path::Path::canonicalize",
            "std::path::Path::exists",
            "std::path::Path::is_dir",
            "std::path::Path::is_file",
            "std::path::Path::metadata",
            "std::path::Path::read_dir",
        ],
        Surroundings => &[
            "std::env::args",
            "std::env::args_os",
            "std::env::current_dir",
            "std::env::temp_dir",
            "std::env::var",
            "std::env::var_os",
            "std::env::vars",
            "std::env::vars_os",
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::UdpSocket",
            "std::process::Command",
            "std::process::abort",
            "std::process::exit",
        ],
        Clock => &["std::time::Instant", "std::time::SystemTime", "std::thread::sleep"],
    }
}

/// Crates of others that reach outside; none may be in the program of a pure crate. `tempfile` (with `getrandom`) is how `plan` replaces
/// a folder as a whole.
const REACHING: &[&str] = &[
    "async-std",
    "clap",
    "console",
    "curl",
    "getrandom",
    "hyper",
    "indicatif",
    "isahc",
    "libloading",
    "mio",
    "native-tls",
    "notify",
    "openssl",
    "rand",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "ureq",
    "walkdir",
];
/// Crates that touch files by design, and with what. Who links them gets that too, and is forbidden to touch files itself by its clippy.toml.
const WRITING: &[&str] = &["cutover-plan", "cutover-scan", "cutover", "cutover-lsp"];
const FOR_WRITING: &[&str] = &["getrandom", "tempfile"];

/// Files that are longer than [`LONG`], with the reason.
const LONG_FILES: &[(&str, &str)] = &[("crates/plan/src/fixture/items.rs", "a plan made by hand, for tests")];

/// Lines of code in a file, comments and tests not counted.
const LONG: usize = 600;

fn ours(name: &str) -> Option<&str> {
    if name == "cutover" { Some(name) } else { name.strip_prefix("cutover-") }
}

fn report(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}\n", broken.join("\n  "));
}

fn crates() -> BTreeSet<String> {
    let folders = root().join("crates").read_dir().into_iter().flatten().flatten();
    folders
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn asked() -> Packages {
    match packages() {
        Ok(packages) => packages,
        Err(reason) => {
            report("cargo describes the workspace", &[reason]);
            Packages { by_id: BTreeMap::new(), members: BTreeSet::new() }
        }
    }
}

#[test]
fn only_the_allowed_edges_exist_between_crates() {
    let packages = asked();
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let mut broken = Vec::new();
    for package in packages.members.iter().filter_map(|id| packages.by_id.get(id)) {
        if package.name == OUTSIDE {
            continue;
        }
        let Some(edges) = ours(&package.name).and_then(|name| allowed.get(name)) else {
            broken.push(format!("{} is in no row of the table", package.name));
            continue;
        };
        let used = package.normal.iter().chain(&package.other).filter(|id| packages.members.contains(*id));
        for used in used.filter_map(|id| packages.by_id.get(id)).filter_map(|used| ours(&used.name)) {
            if !edges.contains(&used) {
                broken.push(format!("{} -> {used}", package.name));
            }
        }
    }
    report("an edge between crates that the table does not have", &broken);
}

#[test]
fn every_crate_on_disk_is_a_package_named_after_its_folder() {
    let packages = asked();
    let name_of =
        |folder: &String| if folder == "cutover" { folder.clone() } else { format!("cutover-{folder}") };
    let unnamed = crates().into_iter().filter(|folder| packages.member(&name_of(folder)).is_none());
    report("crates/<name> holds the package cutover-<name>", &unnamed.collect::<Vec<_>>());
}

#[test]
fn the_table_in_the_documentation_is_this_table() {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|line| {
        let (name, rest) = line.split_once('`')?;
        let uses = rest.split('|').nth(1)?;
        let uses = uses.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
        Some((name.to_owned(), uses))
    });
    let documented: BTreeMap<_, _> = rows.collect();
    let tested =
        EDGES.iter().map(|(name, uses)| ((*name).to_owned(), uses.iter().map(|s| (*s).to_owned()).collect()));
    assert_eq!(documented, tested.collect::<BTreeMap<_, BTreeSet<_>>>());
}

#[test]
fn the_code_map_has_a_paragraph_with_an_invariant_for_every_crate() {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap_or_default();
    let mut mapped = BTreeSet::new();
    let mut broken = Vec::new();
    for part in text.split("\n### `crates/").skip(1) {
        let Some((name, rest)) = part.split_once('`') else { continue };
        let section = rest.split("\n#").next().unwrap_or_default();
        if !section.contains("**Invariant:**") {
            broken.push(format!("crates/{name} states no invariant"));
        }
        mapped.insert(name.to_owned());
    }
    let real = crates();
    broken.extend(real.difference(&mapped).map(|name| format!("crates/{name} has no paragraph")));
    broken.extend(
        mapped.difference(&real).map(|name| format!("crates/{name} has a paragraph and does not exist")),
    );
    report("docs/ARCHITECTURE.md maps the crates", &broken);
}

#[test]
fn nothing_that_a_pure_crate_links_reaches_outside() {
    let packages = asked();
    let mut broken = Vec::new();
    for (name, _) in PURE {
        let full = if *name == "cutover" { (*name).to_owned() } else { format!("cutover-{name}") };
        let Some((id, _)) = packages.member(&full) else { continue };
        let linked = packages.closure(id);
        let writes = WRITING.iter().filter_map(|writing| packages.member(writing));
        let writes = writes.map(|(id, _)| id).any(|id| linked.contains(id.as_str()));
        for reaching in
            linked.iter().filter_map(|id| packages.by_id.get(*id)).map(|package| package.name.as_str())
        {
            if REACHING.contains(&reaching) && !(writes && FOR_WRITING.contains(&reaching)) {
                broken.push(format!("{full} links {reaching}"));
            }
        }
    }
    report("a pure crate that links something which reaches outside", &broken);
}

/// The program, and the crates that execute a plan: they reach other systems, and have a clock.
const REACHING_OUT: &[&str] = &["cli", "connect", "runner"];

#[test]
fn clippy_forbids_the_outside_in_pure_crates() {
    let mut broken = Vec::new();
    let real = crates();
    for (name, forbidden) in PURE.iter().filter(|(name, _)| real.contains(*name)) {
        let text =
            std::fs::read_to_string(root().join("crates").join(name).join("clippy.toml")).unwrap_or_default();
        for path in forbidden.iter().flat_map(|of| paths(*of)) {
            let line = text.lines().find(|line| line.contains(&format!("path = \"{path}\"")));
            if !line.is_some_and(|line| line.contains("reason = \"")) {
                broken.push(format!("crates/{name}/clippy.toml does not forbid {path} with a reason"));
            }
        }
    }
    let unclassed = real
        .iter()
        .filter(|name| !REACHING_OUT.contains(&name.as_str()) && !PURE.iter().any(|(pure, _)| pure == name));
    broken.extend(unclassed.map(|name| format!("crates/{name} is neither pure nor the program")));
    report("clippy.toml of the pure crates", &broken);
}

#[test]
fn the_calendar_asks_no_machine_for_the_time_or_its_zones() {
    let text = std::fs::read_to_string(root().join("crates/calendar/clippy.toml")).unwrap_or_default();
    let ways = ["Timestamp::now", "Zoned::now", "tz::TimeZone::system", "tz::TimeZone::try_system"];
    let more = ["tz::TimeZoneDatabase::from_env", "tz::TimeZoneDatabase::from_dir", "tz::db"];
    let open = ways.iter().chain(&more).filter(|way| !text.contains(&format!("path = \"jiff::{way}\"")));
    report(
        "crates/calendar/clippy.toml does not forbid",
        &open.map(|way| (*way).to_owned()).collect::<Vec<_>>(),
    );
}

#[test]
fn every_dependency_says_why() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let lines = section.lines().skip(1).take_while(|line| !line.starts_with('['));
    let entries = lines
        .filter(|line| line.contains(" = ") && !line.starts_with('#') && !line.contains("path = \"crates/"));
    let mut seen = 0;
    let silent = entries
        .inspect(|_| seen += 1)
        .filter(|line| line.rsplit_once("# ").is_none_or(|(_, why)| why.len() <= 8));
    let silent: Vec<_> = silent.map(str::to_owned).collect();
    report("a dependency in Cargo.toml without a reason beside it", &silent);
    assert!(seen > 10, "only {seen} dependencies were found: the manifest has another shape");
}

#[test]
fn every_package_takes_lints_and_versions_from_the_workspace() {
    let mut broken = Vec::new();
    for (path, text) in texts("crates").into_iter().chain(texts("tests")) {
        let member = path == "tests/Cargo.toml"
            || (path.ends_with("/Cargo.toml")
                && path.matches('/').count() == 2
                && path.starts_with("crates/"));
        if !member {
            continue;
        }
        if !text.contains("[lints]\nworkspace = true") {
            broken.push(format!("{path} does not take the workspace's lints"));
        }
        if !text.contains("\ndescription = \"") {
            broken.push(format!("{path} has no description"));
        }
        let tables = ["[dependencies]", "[dev-dependencies]", "[build-dependencies]"];
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = tables.contains(&line);
            } else if inside && line.contains('=') && !line.contains("workspace = true") {
                broken.push(format!("{path}: {line}"));
            }
        }
    }
    report("a package that decides for itself", &broken);
}

#[test]
fn every_module_begins_with_what_it_is() {
    let modules = texts("crates").into_iter().chain(texts("tests")).filter(|(path, _)| path.ends_with(".rs"));
    let silent = modules.filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path);
    report("a Rust file that does not begin with a `//!` line", &silent.collect::<Vec<_>>());
}

#[test]
fn files_stay_readable() {
    let mut broken = Vec::new();
    for (path, text) in texts("crates") {
        if !path.ends_with(".rs") || !path.contains("/src/") {
            continue;
        }
        let code = text.split("\n#[cfg(test)]\n").next().unwrap_or_default();
        let lines =
            code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count();
        let listed = LONG_FILES.iter().any(|(listed, _)| *listed == path);
        if lines > LONG && !listed {
            broken.push(format!("{path} has {lines} lines of code"));
        } else if lines <= LONG && listed {
            broken.push(format!("{path} is listed as long and is not"));
        }
    }
    report("a file that is too long to read", &broken);
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    // Put together here, so that this file does not find itself.
    let marks =
        [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["to", "do!("], ["unimple", "mented!("], ["db", "g!("]]
            .map(|halves| halves.concat());
    let mut broken = Vec::new();
    for (path, text) in texts("crates").into_iter().chain(texts("tests")).chain(texts("grammar")) {
        if ![".rs", ".pest", ".toml", ".yaml"].iter().any(|end| path.ends_with(end)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            // What people write for an open decision is data of the language; a mark is a mark in a comment.
            let comment =
                line.split_once("//").or_else(|| line.split_once('#')).map_or("", |(_, comment)| comment);
            let marked = |mark: &&String| is_word_in(if mark.ends_with('(') { line } else { comment }, mark);
            for mark in marks.iter().filter(marked) {
                broken.push(format!("{path}:{}: {mark}", number + 1));
            }
        }
    }
    report("unfinished code", &broken);
}

/// Whether a mark stands in a line with no letter or digit touching it.
fn is_word_in(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + mark.len()..).and_then(|text| text.chars().next());
        let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !touches(before) && (mark.ends_with('(') || !touches(after))
    })
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let places = [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"]].map(|halves| halves.concat());
    let mut broken = Vec::new();
    for (path, text) in texts("") {
        for (number, line) in text.lines().enumerate() {
            for place in places.iter().filter(|place| line.contains(place.as_str())) {
                broken.push(format!("{path}:{}: {place}", number + 1));
            }
        }
    }
    report("a path of one machine", &broken);
}

#[test]
fn no_line_ends_in_blanks() {
    let mut broken = Vec::new();
    let ends = [".rs", ".pest", ".toml", ".md", ".yml"];
    // Expected outputs under specs/ are compared byte by byte and may hold what the renderer writes.
    let written = texts("").into_iter().filter(|(path, _)| !path.starts_with("specs/"));
    for (path, text) in written.filter(|(path, _)| ends.iter().any(|end| path.ends_with(end))) {
        let lines = text.lines().enumerate().filter(|(_, line)| line.ends_with([' ', '\t', '\r']));
        broken.extend(lines.map(|(number, _)| format!("{path}:{}", number + 1)));
        if !text.is_empty() && !text.ends_with('\n') {
            broken.push(format!("{path}: no newline at its end"));
        }
    }
    report("blanks at the end of a line", &broken);
}

#[test]
fn data_from_elsewhere_says_where_from_and_under_which_licence() {
    let register = std::fs::read_to_string(root().join("tests/data/README.md")).unwrap_or_default();
    let mut broken = Vec::new();
    for folder in root().join("tests/data").read_dir().into_iter().flatten().flatten() {
        if !folder.path().is_dir() {
            continue;
        }
        let name = folder.file_name().to_string_lossy().into_owned();
        let row = register.lines().find(|line| line.starts_with(&format!("| `{name}/` |")));
        if row
            .is_none_or(|row| row.trim_end_matches('|').split('|').skip(1).any(|cell| cell.trim().is_empty()))
        {
            broken.push(format!("tests/data/README.md has no full row for {name}/"));
        }
        let files = folder.path().read_dir().into_iter().flatten().flatten();
        let names: Vec<_> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        if !names.iter().any(|name| name.starts_with("LICEN")) || !names.iter().any(|name| name == "NOTICE") {
            broken.push(format!("tests/data/{name} has no licence and NOTICE beside the data"));
        }
    }
    for example in root().join("examples").read_dir().into_iter().flatten().flatten() {
        let export = example.path().join("export");
        let readme = std::fs::read_to_string(export.join("README.md")).unwrap_or_default();
        if export.is_dir() && !readme.contains("invented") {
            broken.push(format!("{} does not say that its people are invented", relative(&export)));
        }
    }
    report("data without its origin", &broken);
}
