//! `cutover check FOLDER`: all specs of a repository in one call, what they share told once.

use std::path::PathBuf;

use cutover::several::{Spec, check_all, specs_below};
use cutover_diagnostics::render::{Format, Options, render};
use cutover_tests::program::{Project, cutover, words};

/// Specs that share their inventories and a part: `a` is watched too briefly, `b` names nobody, `c/d` is right.
fn repository() -> Result<Project, String> {
    let project = Project::of("specs/valid/minimal")?;
    let whole = project.text()?;
    let ownership = whole.lines().find(|line| line.starts_with("ownership")).unwrap_or_default();
    let text = whole.replace(ownership, "use \"parts/common.cutover\"");
    let part = format!("edition 1\n\n{}\n", ownership.replace("30 days", "31 days"));
    project.write("parts/common.cutover", part.replace("owner sam", "owner samuel"))?;
    project.write("a.cutover", text.replace("for 7 days", "for 3 days"))?;
    project.write("b.cutover", text.replace("owner li ", "owner lee "))?;
    project.write("c/d.cutover", &whole)?;
    for file in
        ["inventory/source.yaml", "inventory/target.yaml", "announce/customers.md", "announce/rollback.md"]
    {
        let bytes = std::fs::read(project.folder().join(file)).map_err(|error| error.to_string())?;
        project.write(&format!("c/{file}"), bytes)?;
    }
    std::fs::remove_file(project.folder().join(project.spec())).map_err(|error| error.to_string())?;
    Ok(project)
}

fn check(project: &Project, args: &[&str]) -> Result<(Option<i32>, String), String> {
    let output =
        cutover(project.folder())?.arg("check").args(args).output().map_err(|error| error.to_string())?;
    Ok((output.status.code(), words(&output)))
}

#[test]
fn all_specs_of_a_folder_are_checked() -> Result<(), String> {
    let project = repository()?;
    let (code, told) = check(&project, &[".", "--format", "short"])?;
    assert_eq!(code, Some(1), "{told}");
    let lines: Vec<&str> = told.lines().collect();
    let at = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    // Both specs take the part in, and what is wrong in it is told once.
    assert_eq!(at("parts/common.cutover:3:18: error[names/unknown-person]"), 1, "{told}");
    assert!(at("b.cutover:") > 0, "{told}");
    assert_eq!(at("c/d.cutover"), 0, "{told}");
    let order: Vec<&str> = lines.iter().filter_map(|line| Some(line.split_once(".cutover:")?.0)).collect();
    assert!(order.is_sorted(), "{told}");
    assert_eq!(at(" errors in 2 files"), 1, "{told}");
    // Other programs are told where files are from where one stands.
    let (_, told) = check(&project, &["c/..", "--format", "github"])?;
    assert!(told.contains("::error file=parts/common.cutover,line=3,"), "{told}");
    project.write("parts/common.cutover", "edition 1\n\nownership  owner sam  for 31 days\n")?;
    let text =
        std::fs::read_to_string(project.folder().join("b.cutover")).map_err(|error| error.to_string())?;
    project.write("b.cutover", text.replace("owner lee ", "owner li "))?;
    let (code, told) = check(&project, &[".", "--format", "short"])?;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("a.cutover:") && told.contains("warning[hypercare/length]"), "{told}");
    let (code, told) = check(&project, &[".", "--unsafe-fixes"])?;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(".: no mistakes (3 specs)"), "{told}");
    Ok(())
}

#[test]
fn what_stands_for_itself_is_a_spec() -> Result<(), String> {
    let project = repository()?;
    project.write("lost.cutover", "edition 1\n")?;
    project.write(".hidden/x.cutover", "edition 1\n\nmigration x \"X\" {}\n")?;
    let found = specs_below(project.folder()).map_err(|failure| failure.to_string())?;
    let names: Vec<PathBuf> = ["a.cutover", "b.cutover", "c/d.cutover", "lost.cutover"]
        .map(|name| project.folder().join(name))
        .into();
    assert_eq!(found, names);
    Ok(())
}

#[test]
fn the_number_of_threads_changes_nothing() -> Result<(), String> {
    let project = repository()?;
    let text =
        std::fs::read_to_string(project.folder().join("b.cutover")).map_err(|error| error.to_string())?;
    let mut specs = Vec::new();
    for number in 0..24 {
        let entry = format!("more-{number}.cutover");
        project.write(
            &entry,
            text.replace("for 7 days", if number % 3 == 0 { "for ???" } else { "for 8 days" }),
        )?;
        specs.push(Spec { root: project.folder().to_owned(), entry, shown: "desks".to_owned() });
    }
    let told = |threads: usize| {
        let found = check_all(&specs, None, threads);
        assert_eq!(found.holes, 8);
        render(Format::Full, &found.sources, &found.diagnostics, &Options::default())
    };
    let one = told(1);
    assert!(one.contains("desks/more-9.cutover:"), "{one}");
    for threads in [2, 7, 100] {
        assert_eq!(told(threads), one, "{threads} threads");
    }
    Ok(())
}
