//! Whoever reads only the beginning of what the program says is no failure of the program.

use std::io::Read as _;
use std::process::{Command, Stdio};

use cutover_tests::program::{Project, path};

/// How the program ends, and what it says on standard error, when nobody reads its standard output beyond `bytes`.
fn cut_off(project: &Project, args: &[&str], bytes: usize) -> Result<(Option<i32>, String), String> {
    let mut child = Command::new(path()?)
        .args(args)
        .current_dir(project.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let mut beginning = vec![0; bytes];
    let mut out = child.stdout.take().ok_or("no standard output")?;
    out.read_exact(&mut beginning).map_err(|e| e.to_string())?;
    drop(out);
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn a_closed_pipe_is_quiet() {
    let project = Project::of("examples/acme");
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    // More than the system keeps for a reader that comes later, so that the program meets the closed end.
    let crowd = "\n!!!".repeat(2_000);
    let text = project.text().unwrap_or_default();
    assert_eq!(project.write("crowded.cutover", format!("{text}{crowd}")), Ok(()));
    let spec = project.spec();
    for args in [
        vec!["graph", spec, "--format", "dot"],
        vec!["check", "crowded.cutover", "--format", "json"],
        vec!["catalog", "show", "zendesk"],
    ] {
        assert_eq!(cut_off(&project, &args, 1), Ok((Some(0), String::new())), "{args:?}");
    }
}
