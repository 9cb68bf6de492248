//! The register of losses names what is lost, and nothing that is kept.

use cutover_tests::program::Project;

/// The losses of the translation of roles, when it reads so: the value and the reason.
fn losses(lines: &str) -> Vec<(String, String)> {
    let project = Project::of("specs/valid/minimal");
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return Vec::new() };
    let text = project.text().unwrap_or_default();
    let (before, rest) = text.split_once("translate roles {").unwrap_or_default();
    let (_, after) = rest.split_once('}').unwrap_or_default();
    let changed = format!("{before}translate roles {{\n{lines}\n}}{after}");
    assert_eq!(project.write("spec.cutover", changed), Ok(()));
    let compilation = cutover::compile(project.folder(), "spec.cutover");
    let found: Vec<_> = compilation.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(found.is_empty(), "{found:?}");
    let of_roles =
        compilation.plan.losses.iter().filter(|(id, _)| id.as_str().starts_with("translate/roles/"));
    of_roles.map(|(_, loss)| (loss.what.clone(), loss.because.clone())).collect()
}

fn said(what: &str, because: &str) -> (String, String) {
    (what.to_owned(), because.to_owned())
}

const ADMINS: &str = "\"Admin\" -> \"Admin\"\n\"Account Admin\" -> \"Admin\" lossy \"one kind\"";

#[test]
fn a_value_that_keeps_its_name_is_not_lost_among_those_that_become_it() {
    let found = losses(&format!("\"Agent\", \"Supervisor\" -> \"Agent\" lossy \"no supervisors\"\n{ADMINS}"));
    assert_eq!(
        found,
        [
            said("\"Account Admin\" becomes \"Admin\"", "one kind"),
            said("\"Supervisor\" becomes \"Agent\"", "no supervisors")
        ]
    );
}

#[test]
fn it_stands_for_the_others_when_only_its_line_says_why() {
    let lines =
        format!("\"Agent\" -> \"Agent\" lossy \"no supervisors\"\n\"Supervisor\" -> \"Agent\"\n{ADMINS}");
    let found = losses(&lines);
    assert_eq!(found.get(1), Some(&said("\"Agent\" becomes \"Agent\"", "no supervisors")));
}

#[test]
fn values_of_other_names_are_all_lost() {
    let found =
        losses(&format!("\"Agent\", \"Supervisor\" -> \"Light agent\" lossy \"all alike\"\n{ADMINS}"));
    assert_eq!(found.len(), 3, "{found:?}");
}
