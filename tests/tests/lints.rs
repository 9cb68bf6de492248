//! The page of lints is that of the program's rules, and each warning of the compiler has a level that a project can choose.

use cutover_lint::{Settings, all, page};
use cutover_tests::corpus::compare;
use cutover_tests::sites::{code, sites};
use cutover_tests::workspace::{root, texts};

const BEGIN: &str = "<!-- rules: written from the program's own; BLESS=1 rewrites them -->\n";
const END: &str = "<!-- end of rules -->\n";

#[test]
fn the_page_has_the_rules() {
    let path = root().join("docs/lints.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let before = text.split_once(BEGIN).map_or(text.as_str(), |(before, _)| before);
    let after = text.split_once(END).map_or("", |(_, after)| after);
    let written = compare(&path, &format!("{before}{BEGIN}\n{}\n{END}{after}", page()));
    assert!(written.is_ok(), "{}", written.err().unwrap_or_default());
}

/// Codes that some site gives with `Diagnostic::warning`, outside of the lints.
fn warnings() -> Vec<String> {
    let mut codes = Vec::new();
    for (path, text) in texts("crates") {
        let library = path.contains("/src/") && path.ends_with(".rs") && !path.ends_with("tests.rs");
        let library = library && !path.starts_with("crates/lint/");
        if !library {
            continue;
        }
        let text = text.split("mod tests {").next().unwrap_or_default();
        let found = text.split("Diagnostic::warning(").skip(1).filter_map(|rest| {
            let literal = rest.trim_start().strip_prefix('"')?;
            Some(code(literal.split('"').next()?).to_owned())
        });
        codes.extend(found.filter(|code| code.contains('/')));
    }
    codes.sort();
    codes.dedup();
    codes
}

#[test]
fn a_project_may_choose_the_level_of_each_warning() {
    let rules = all().iter().map(|rule| rule.code.to_owned());
    let lines: Vec<String> =
        warnings().into_iter().chain(rules).map(|code| format!("\"{code}\" = \"error\"\n")).collect();
    assert!(lines.len() > 60, "only {} codes: this test reads the sources wrongly", lines.len());
    let file = cutover_diagnostics::FileId(0);
    let (_, found) = Settings::read(file, &format!("[lints]\n{}", lines.concat()));
    let unknown: Vec<String> = found.into_iter().map(|one| format!("{one:?}")).collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn each_rule_is_a_site() {
    let families = all().iter().filter_map(|rule| Some(rule.code.split_once('/')?.0.to_owned())).collect();
    let (sites, _) = sites(&families);
    let unseen: Vec<&str> =
        all().iter().map(|rule| rule.code).filter(|code| !sites.contains_key(*code)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
