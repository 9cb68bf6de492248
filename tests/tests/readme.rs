//! What README.md shows is what the program prints and what the examples hold; the page about catalogs of one's own describes one that works.

use std::fs;

use cutover::compile;
use cutover_tests::program::Project;
use cutover_tests::snippet::page;
use cutover_tests::workspace::root;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The text blocks of the page, in order.
fn blocks() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let text = fs::read_to_string(root().join("README.md"))?;
    let parts = text.split("```text\n").skip(1);
    Ok(parts.filter_map(|part| Some(part.split_once("\n```")?.0.to_owned())).collect())
}

/// Lines without the blanks at their ends, which the drawing of findings leaves here and there.
fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_spec_that_is_shown_is_a_part_of_the_example() -> Outcome {
    let blocks = blocks()?;
    let shown = blocks.first().ok_or("no block")?;
    let spec = fs::read_to_string(root().join("examples/acme/acme.cutover"))?;
    let head = shown.lines().next().unwrap_or_default();
    let item = spec.split(&format!("\n{head}")).nth(1).ok_or("the example has no such block")?;
    let item = item.split("\n}").next().unwrap_or_default();
    let mut rest = item.lines();
    for line in shown.lines().skip(1).take_while(|line| *line != "}") {
        assert!(rest.any(|there| there == line), "the example does not say, in this order:\n{line}");
    }
    Ok(())
}

#[test]
fn the_finding_that_is_shown_is_what_the_program_prints() -> Outcome {
    let blocks = blocks()?;
    let shown = blocks.get(1).ok_or("no second block")?;
    let project = Project::of("examples/acme")?;
    let text = project.text()?;
    let cut = "  cut to 150  overflow to comment.first  lossy \"Zendesk's limit\"";
    let line =
        text.lines().find(|line| line.ends_with(cut)).ok_or("the example does not cut its subjects")?;
    let without = line.strip_suffix(cut).unwrap_or(line).trim_end();
    project.write(project.spec(), text.replace(line, without))?;
    let output = project.run(&["check", project.spec()])?;
    let printed = trimmed(&String::from_utf8_lossy(&output.stdout));
    assert!(printed.contains(&trimmed(shown)), "README.md shows another finding than\n{printed}");
    Ok(())
}

#[test]
fn the_checklist_that_is_shown_is_the_examples() -> Outcome {
    let text = fs::read_to_string(root().join("README.md"))?;
    let checklist = fs::read_to_string(root().join("examples/acme/plan/checklist.md"))?;
    let mut quoted: Vec<String> = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix('>')) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match (line.strip_prefix("  "), quoted.last_mut()) {
            (Some(more), Some(last)) => *last = format!("{last} {}", more.trim_start()),
            _ if line.is_empty() => {}
            _ => quoted.push(line.to_owned()),
        }
    }
    assert!(quoted.len() > 3, "README.md quotes no checklist");
    for line in quoted {
        assert!(checklist.lines().any(|there| there == line), "the checklist has no line\n{line}");
    }
    Ok(())
}

#[test]
fn the_catalog_of_the_page_works() -> Outcome {
    let page = page(&fs::read_to_string(root().join("docs/catalogs/own.md"))?);
    let [(path, catalog)] = page.files.as_slice() else { return Err("the page shows no catalog".into()) };
    let project = Project::of("specs/valid/minimal")?;
    project.write(path, catalog)?;
    let text = project.text()?;
    let target = text.lines().find(|line| line.trim_start().starts_with("target ")).ok_or("no target")?;
    project.write(project.spec(), text.replace(target, &target.replacen("zendesk", "our_zendesk", 1)))?;
    let compilation = compile(project.folder(), project.spec());
    let found: Vec<String> =
        compilation.diagnostics.iter().map(|found| format!("{}: {}", found.code, found.message)).collect();
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(compilation.plan.header.catalogs.get("our_zendesk").map(String::as_str), Some("1"));

    let listed = project.run(&["catalog", "list"])?;
    assert!(String::from_utf8_lossy(&listed.stdout).contains("our_zendesk  Zendesk of ours"));
    let shown = project.run(&["catalog", "show", "our_zendesk"])?;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("20 MB") && shown.contains("200 per min"), "{shown}");

    // The layout that it adds reads an export.
    project.write("dump/teams_1.csv", "team_id,team_name,loaded_at\n7,Tier 1,2026-11-20\n")?;
    let scan =
        ["inventory", "scan", "dump", "--platform", "our_zendesk", "--taken", "2026-11-20", "-o", "new.yaml"];
    let said = project.run(&scan)?;
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stdout));
    assert!(fs::read_to_string(project.folder().join("new.yaml"))?.contains("Tier 1"));
    Ok(())
}
