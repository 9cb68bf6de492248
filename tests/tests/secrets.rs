//! A credential that slipped into a spec is shown nowhere: not by the findings, and not by what is made of the plan.

use cutover_tests::program::Project;

#[test]
fn a_plan_of_a_spec_with_credentials_does_not_hold_them() -> Result<(), String> {
    let project = Project::of("specs/valid/minimal")?;
    let token = concat!("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a");
    let reason = format!("because \"password: hunter2hunter2, token {token}\"");
    let text = project.text()?.replacen("because \"nothing reports on it\"", &reason, 1);
    assert!(text.contains(token), "the spec has such a reason");
    project.write("spec.cutover", text)?;
    let compilation = cutover::compile(project.folder(), "spec.cutover");
    let plan = serde_json::to_string(&compilation.plan).map_err(|error| error.to_string())?;
    assert!(plan.contains("password: **************, token *****"), "the reason is there, with stars");
    assert!(!plan.contains("hunter2hunter2") && !plan.contains(token), "{plan}");
    assert!(compilation.plan.unfinished.errors > 0, "what keeps it from being written is kept");
    Ok(())
}
