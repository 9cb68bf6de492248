//! Each page under `docs/diagnostics/` is executed: its wrong examples produce exactly its code, its right ones nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use cutover_diagnostics::{Diagnostic, Severity};
use cutover_scan::Finding;
use cutover_tests::compiler::{Checked, check_with};
use cutover_tests::corpus::SPEC;
use cutover_tests::scanning;
use cutover_tests::sites::beyond_examples;
use cutover_tests::snippet::{Example, Page, page, whole};
use cutover_tests::workspace::{root, texts};
use libtest_mimic::{Arguments, Failed, Trial};

/// The project that the examples are parts of; it is a case of the corpus, so it is valid.
const MINIMAL: &str = "specs/valid/minimal";

fn main() -> ExitCode {
    let pages = texts("docs/diagnostics").into_iter().filter_map(|(path, text)| {
        let code = path.strip_prefix("docs/diagnostics/")?.strip_suffix(".md")?.to_owned();
        code.contains('/').then_some((code, text))
    });
    let trials = pages
        .map(|(code, text)| Trial::test(code.clone(), move || run(&code, &page(&text)).map_err(Failed::from)))
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn run(code: &str, page: &Page) -> Result<(), String> {
    if page.title != code {
        return Err(format!("the page is headed `{}`, not `{code}`", page.title));
    }
    if let Some(fence) = page.unknown.first() {
        return Err(format!("docs/diagnostics/README.md knows no such fence: {fence}"));
    }
    if beyond_examples(code) && page.examples.is_empty() && page.files_of.is_empty() {
        return Ok(());
    }
    if code.starts_with("scan/") {
        return [true, false].into_iter().try_for_each(|wrong| judge_export(code, page, wrong));
    }
    for wrong in [true, false] {
        if !page.examples.iter().any(|example| example.wrong == wrong) {
            let kind = if wrong { "wrong" } else { "right" };
            return Err(format!("the page has no {kind} example"));
        }
    }
    page.examples.iter().try_for_each(|example| {
        judge(code, page, example).map_err(|breach| format!("example of line {}: {breach}", example.line))
    })
}

/// The wrong files of a page about exports give its code and nothing else but remarks, the right ones neither it nor anything serious.
fn judge_export(code: &str, page: &Page, wrong: bool) -> Result<(), String> {
    let found = scanning::of_page(page, wrong)?;
    let counts = |found: &&Finding| found.severity != cutover_scan::Severity::Note || found.code == code;
    let codes: BTreeSet<&str> = found.iter().filter(counts).map(|found| found.code).collect();
    let wanted: BTreeSet<&str> = if wrong { [code].into() } else { BTreeSet::new() };
    if codes == wanted { Ok(()) } else { Err(format!("expected {wanted:?}, found {found:?}")) }
}

fn judge(code: &str, page: &Page, example: &Example) -> Result<(), String> {
    let folder = root().join(MINIMAL);
    let minimal =
        std::fs::read_to_string(folder.join(SPEC)).map_err(|error| format!("{MINIMAL}: {error}"))?;
    let spec = whole(&minimal, example)?;
    let mut changes = page.files.clone();
    let own = page.files_of.iter().filter(|(wrong, _, _)| *wrong == example.wrong);
    changes.extend(own.map(|(_, path, text)| (path.clone(), text.clone())));
    changes.push((SPEC.to_owned(), spec.clone()));
    let checked = check_with(Path::new(&folder), SPEC, &changes)?;
    checked.obeys_laws()?;
    let found = codes(code, &checked);
    let wanted: BTreeSet<&str> = if example.wrong { [code].into() } else { BTreeSet::new() };
    if found == wanted {
        return Ok(());
    }
    Err(format!("expected {wanted:?}, found {found:?}\n{}\nin\n{spec}", checked.report()))
}

/// The codes of errors and warnings, and the page's own whatever its severity: remarks of the minimal spec do not count.
fn codes(page: &str, checked: &Checked) -> BTreeSet<&'static str> {
    let is_lint = |code: &str| cutover_lint::rule(code).is_some();
    // An example about a mistake shows what matters for it, and may do many other things otherwise than a lint advises.
    let advice = |found: &Diagnostic| is_lint(found.code) && !is_lint(page);
    let counts =
        |found: &&Diagnostic| (found.severity != Severity::Note && !advice(found)) || found.code == page;
    checked.diagnostics.iter().filter(counts).map(|found| found.code).collect()
}
