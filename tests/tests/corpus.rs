//! The conformance corpus: each folder under `specs/` that holds a spec is a test. `specs/README.md` says what is checked.

use std::process::ExitCode;

use cutover_tests::compiler::{Checked, check, check_with};
use cutover_tests::corpus::{Case, EXPECTED, FIXED, Kind, SPEC, cases};
use cutover_tests::lines::single_changes;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let (cases, lost) = cases();
    let mut trials: Vec<Trial> = cases
        .into_iter()
        .map(|case| Trial::test(case.name.clone(), move || run(&case).map_err(Failed::from)))
        .collect();
    trials.push(Trial::test("no file is lost", move || {
        if lost.is_empty() { Ok(()) } else { Err(lost.join("\n").into()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn run(case: &Case) -> Result<(), String> {
    let checked = check(&case.folder, SPEC);
    checked.obeys_laws()?;
    match &case.kind {
        Kind::Valid => valid(&checked)?,
        Kind::Invalid { code } => invalid(&checked, code)?,
        Kind::Recovery => recovery(case, &checked)?,
    }
    checked.safe_edits_help(&case.folder)?;
    checked.compare(&case.folder.join(EXPECTED))
}

fn valid(checked: &Checked) -> Result<(), String> {
    if checked.errors().next().is_some() {
        return Err(format!("a valid spec has errors\n{}", checked.report()));
    }
    Ok(())
}

fn invalid(checked: &Checked, code: &str) -> Result<(), String> {
    match checked.worst() {
        Some(worst) if worst.code == code => Ok(()),
        Some(worst) => {
            Err(format!("the folder says {code}, the compiler {}\n{}", worst.code, checked.report()))
        }
        None => Err(format!("nothing is wrong, the folder says {code}")),
    }
}

/// All errors are found in one run: the codes are those of the variants of `fixed.cutover` that have one of the errors each.
fn recovery(case: &Case, checked: &Checked) -> Result<(), String> {
    let read = |name: &str| {
        let path = case.folder.join(name);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (broken, fixed) = (read(SPEC)?, read(FIXED)?);
    valid(&check(&case.folder, FIXED))?;
    let variants = single_changes(&fixed, &broken);
    if variants.len() < 2 {
        return Err(format!("{FIXED} and {SPEC} differ at {} places, not at two or more", variants.len()));
    }
    let mut single = check(&case.folder, FIXED).codes();
    for (at, variant) in variants.into_iter().enumerate() {
        let codes = check_with(&case.folder, SPEC, &[(SPEC.to_owned(), variant)])?.codes();
        if codes.is_empty() {
            return Err(format!("difference {} alone is no mistake", at + 1));
        }
        single.extend(codes);
    }
    single.sort_unstable();
    if single == checked.codes() {
        return Ok(());
    }
    Err(format!("together {:?}\nalone    {single:?}\n{}", checked.codes(), checked.report()))
}
