//! What the program says where no spec is drawn.

use cutover_tests::program::Project;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_family_lists_its_codes() {
    let project = Project::of("examples/small-team");
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    let said = project.run(&["explain", "scope"]).map(|output| (output.status.code(), text(&output.stdout)));
    let Ok((Some(0), text)) = &said else { unreachable!("{said:?}") };
    assert!(text.lines().all(|line| line.starts_with("scope/")) && text.lines().count() > 5, "{text}");
    let said = project.run(&["explain", "scop"]).map(|output| output.status.code());
    assert_eq!(said, Ok(Some(2)));
}

#[test]
fn a_plan_with_errors_is_not_compared() {
    let project = Project::of("examples/small-team");
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    let spec = project.text().unwrap_or_default();
    assert_eq!(project.write("open.cutover", format!("{spec}\nwindow\n")), Ok(()));
    let said = project
        .run(&["plan", "--check", "open.cutover"])
        .map(|output| (output.status.code(), text(&output.stderr)));
    let Ok((Some(1), text)) = &said else { unreachable!("{said:?}") };
    assert!(text.contains("cannot be compared") && !text.contains("is written"), "{text}");
}
