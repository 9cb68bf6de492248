//! `docs/gallery.md`: defects of real migration scripts. Each is a spec below `specs/gallery/`, each is caught, and the page shows the
//! lines as they stand in the spec and the finding as the program writes it. `BLESS=1` writes the findings anew.

use std::collections::BTreeSet;
use std::path::Path;

use cutover_tests::compiler::check;
use cutover_tests::corpus::{SPEC, compare};
use cutover_tests::workspace::{root, texts};

const PAGE: &str = "docs/gallery.md";
const FOLDER: &str = "specs/gallery";

/// The page with the findings as they are now, and the folders that it shows.
fn page(text: &str) -> Result<(String, BTreeSet<String>), String> {
    let mut shown = BTreeSet::new();
    let mut folder: Option<String> = None;
    let mut written = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        if let Some((_, rest)) = line.split_once(&format!("](../{FOLDER}/")) {
            folder = rest.split('/').next().map(str::to_owned);
        }
        let Some(fence) = line.strip_prefix("```").filter(|fence| !fence.is_empty()) else { continue };
        let name = folder.clone().ok_or_else(|| format!("a fence before the first link: {line}"))?;
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let place = root().join(FOLDER).join(&name);
        if fence == "cutover" {
            let spec =
                std::fs::read_to_string(place.join(SPEC)).map_err(|error| format!("{name}: {error}"))?;
            for part in body.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && *line != "...")
            {
                if !spec.lines().any(|line| line.trim() == part) {
                    return Err(format!("{name}: no such line in its spec: {part}"));
                }
            }
            body.iter().for_each(|line| written.push_str(&format!("{line}\n")));
        } else {
            written.push_str(&finding(&place, &name)?);
            shown.insert(name);
        }
        written.push_str("```\n");
    }
    Ok((written, shown))
}

/// What the program says about a spec of the gallery. It says something, or the defect is not caught.
fn finding(place: &Path, name: &str) -> Result<String, String> {
    let checked = check(place, SPEC);
    checked.obeys_laws()?;
    if checked.errors().next().is_none() {
        return Err(format!("{name} is not caught"));
    }
    let report = checked.report();
    let lines: Vec<&str> = report.lines().map(str::trim_end).collect();
    // The summary and the empty line before it are the same for all.
    let end = lines.iter().rposition(|line| line.starts_with(' ')).map_or(0, |at| at + 1);
    Ok(lines.iter().take(end).map(|line| format!("{line}\n")).collect())
}

#[test]
fn each_defect_is_caught_and_shown_as_it_is() -> Result<(), String> {
    let path = root().join(PAGE);
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let (written, shown) = page(&text)?;
    compare(&path, &written)?;
    let there: BTreeSet<String> = texts(FOLDER)
        .into_iter()
        .filter_map(|(path, _)| {
            Some(path.strip_prefix(FOLDER)?.trim_start_matches('/').split('/').next()?.to_owned())
        })
        .collect();
    assert_eq!(there, shown, "folders of {FOLDER}, and those that the page shows");
    Ok(())
}
