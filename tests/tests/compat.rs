//! Bundles that were written once stay readable: one of each format lies in `specs/plan-compat/FORMAT/` and never changes.
//!
//! With `BLESS=1` a format that has no folder yet gets one, from the smallest spec. A folder that is there is not rewritten: the first release
//! fixes it for good.

use std::fs;
use std::path::PathBuf;

use cutover::{compile, outputs};
use cutover_plan::bundle::{BundleError, parse, read};
use cutover_plan::model::FORMAT;
use cutover_tests::corpus::SPEC;
use cutover_tests::workspace::root;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn folders() -> Vec<PathBuf> {
    let entries = root().join("specs/plan-compat").read_dir().into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    all.sort();
    all
}

#[test]
fn the_format_of_today_has_its_bundle() -> Outcome {
    let folder = root().join("specs/plan-compat").join(FORMAT);
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") && !folder.exists() {
        let mut compilation = compile(&root().join("specs/valid/minimal"), SPEC);
        let files = outputs(&mut compilation).map_err(|error| error.to_string())?;
        fs::create_dir_all(folder.parent().ok_or("no folder")?)?;
        cutover::write(&folder, &files)?;
    }
    assert!(folder.is_dir(), "{} is missing; BLESS=1 writes it", folder.display());
    Ok(())
}

#[test]
fn each_bundle_is_read_and_its_digests_hold() -> Outcome {
    for folder in folders() {
        let bundle = read(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        assert_eq!(folder.file_name().and_then(|name| name.to_str()), Some(bundle.plan.format.as_str()));
        assert!(!bundle.plan.items.is_empty() && !bundle.plan.stages.is_empty());
        assert!(bundle.places.iter().next().is_some(), "no id has a place");
    }
    Ok(())
}

#[test]
fn what_cannot_be_understood_is_refused() -> Outcome {
    for folder in folders() {
        let text = fs::read_to_string(folder.join("plan.json"))?;
        let format = format!("\"format\":\"{FORMAT}\"");
        let spaced = format!("\"format\": \"{FORMAT}\"");
        let said = if text.contains(&format) { format } else { spaced };
        assert!(text.contains(&said), "{} says no format", folder.display());
        let newer = text.replacen(&said, &said.replace(FORMAT, "2.0"), 1);
        assert!(matches!(parse(newer.as_bytes()), Err(BundleError::Format { .. })));
        let demanding = text.replacen(&said, &format!("{said},\"requires\":[\"time_travel\"]"), 1);
        assert!(matches!(parse(demanding.as_bytes()), Err(BundleError::Requires { .. })));
        let digit = text
            .rfind("\"digest\"")
            .and_then(|at| Some(at + text.get(at..)?.find(|c| matches!(c, '1'..='8'))?));
        let digit = digit.ok_or("no digest")?;
        let mut changed = text.clone();
        changed.replace_range(digit..=digit, "9");
        assert!(
            matches!(parse(changed.as_bytes()), Err(BundleError::Digest { .. })),
            "a changed digest passes"
        );
    }
    Ok(())
}
