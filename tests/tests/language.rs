//! The pages under `docs/language/`: their examples are valid, and the page of functions is the one that the library writes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use cutover_tests::compiler::check_with;
use cutover_tests::corpus::{SPEC, compare};
use cutover_tests::snippet::{Page, page, whole};
use cutover_tests::workspace::{root, texts};
use libtest_mimic::{Arguments, Failed, Trial};

/// The project that the examples are parts of.
const MINIMAL: &str = "specs/valid/minimal";
const FOLDER: &str = "docs/language/";

/// Pages without an example that is executed, with the reason.
const NOT_EXECUTED: &[(&str, &str)] = &[
    ("README", "the index"),
    ("edition", "an example with this line would be a whole spec; every spec has one"),
    ("functions", "its examples are executed where they are declared"),
    ("metrics", "its lines are parts of conditions"),
    ("use", "it needs a second spec; specs/valid/files-of-a-project has one"),
];

fn main() -> ExitCode {
    let mut trials: Vec<Trial> = texts(FOLDER.trim_end_matches('/'))
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(FOLDER)?.strip_suffix(".md")?.to_owned(), text)))
        .map(|(name, text)| Trial::test(name.clone(), move || run(&name, &page(&text)).map_err(Failed::from)))
        .collect();
    trials.push(Trial::test("functions are those of the library", || {
        let path = root().join(FOLDER).join("functions.md");
        compare(&path, &cutover_ir::functions::reference_markdown()).map_err(Failed::from)
    }));
    trials.push(Trial::test("functions that pages name are in the library", || {
        let unknown: Vec<String> = texts(FOLDER.trim_end_matches('/'))
            .iter()
            .flat_map(|(path, text)| named(text).into_iter().map(move |name| (path, name)))
            .filter(|(_, name)| cutover_ir::functions::find(name).is_none() && !NO_FUNCTIONS.contains(name))
            .map(|(path, name)| format!("{path} names `{name}`"))
            .collect();
        if unknown.is_empty() { Ok(()) } else { Err(unknown.join("\n").into()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// What stands behind `by` in these pages and is no function: the catalogs, and translations of their examples.
const NO_FUNCTIONS: &[&str] = &["catalog", "statuses", "tiers"];

/// The functions that the sentences of a page name, `by html_to_text, cut(150)`, in the rows of maps: what its examples name is executed.
fn named(page: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        inside ^= line.starts_with("```");
        if inside {
            continue;
        }
        // Every second piece stands between backticks.
        for code in line.split('`').skip(1).step_by(2) {
            let row = || Some(code.split_once("-> ")?.1.split_once(" by ")?.1);
            let Some(pipe) = code.strip_prefix("by ").or_else(row) else { continue };
            let mut depth = 0_usize;
            let parts = pipe.split(move |c: char| {
                depth = match c {
                    '(' => depth + 1,
                    ')' => depth.saturating_sub(1),
                    _ => depth,
                };
                c == ',' && depth == 0
            });
            names.extend(parts.filter_map(|part| {
                part.trim_start().split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
            }));
        }
    }
    names
}

fn run(name: &str, page: &Page) -> Result<(), String> {
    let excused = NOT_EXECUTED.iter().any(|(excused, _)| *excused == name);
    if let Some(fence) = page.unknown.first().filter(|_| !excused) {
        return Err(format!("docs/diagnostics/README.md knows no such fence: {fence}"));
    }
    if excused != page.examples.is_empty() {
        return Err(if excused { "it is executed after all" } else { "the page has no example" }.to_owned());
    }
    let folder = root().join(MINIMAL);
    let minimal = std::fs::read_to_string(folder.join(SPEC)).map_err(|error| error.to_string())?;
    for example in &page.examples {
        let spec = whole(&minimal, example)?;
        let mut changes = page.files.clone();
        changes.push((SPEC.to_owned(), spec.clone()));
        let checked = check_with(Path::new(&folder), SPEC, &changes)?;
        let errors: BTreeSet<&str> = checked.errors().map(|found| found.code).collect();
        if example.wrong || !errors.is_empty() {
            let line = example.line;
            return Err(format!("the example of line {line} has errors: {errors:?}\n{}", checked.report()));
        }
    }
    Ok(())
}
