//! Files of a spec that lie in several folders: a name means the file beside whoever names it.

use cutover::{Compilation, compile, outputs};
use cutover_plan::model::{Content, Operation};
use cutover_tests::program::Project;

/// The example with its two announcements in folders of their own, each with a message of the same name.
fn project() -> Result<Project, String> {
    let project = Project::of("examples/acme")?;
    let text = project.text()?;
    let mut rest = text
        .replace("inventory \"inventory/", "inventory \"./inventory/../inventory/")
        .replace("message \"announce/", "message \"./announce/../announce/");
    for (folder, audience) in [("north", "customers"), ("south", "agents")] {
        let line = text.lines().find(|line| line.starts_with(&format!("announce {audience}")));
        let line = line.ok_or_else(|| format!("the example announces nothing to {audience}"))?;
        rest = rest.replace(line, "");
        let line = line.replace(&format!("announce/{audience}.md"), "hello.md");
        project.write(&format!("{folder}/part.cutover"), format!("edition 1\n\n{line}\n"))?;
        project.write(&format!("{folder}/hello.md"), format!("Hello from the {folder}.\n"))?;
    }
    let uses = "edition 1\nuse \"north/part.cutover\"\nuse \"south/part.cutover\"\n";
    project.write(project.spec(), rest.replacen("edition 1\n", uses, 1))?;
    Ok(project)
}

fn compiled(project: &Project) -> Compilation {
    let mut compilation = compile(project.folder(), project.spec());
    let written = outputs(&mut compilation);
    assert!(written.is_ok(), "{:?} {:?}", written.err(), compilation.diagnostics);
    compilation
}

#[test]
fn a_name_means_the_file_beside_whoever_names_it() {
    let project = project();
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    let plan = compiled(&project).plan;
    let mut sent = 0;
    for item in plan.items.values() {
        let Content::Announce(announce) = &item.content else { continue };
        let folder = match announce.audience.as_str() {
            "customers" => "north",
            "agents" => "south",
            _ => continue,
        };
        sent += 1;
        let asset = announce.template.as_ref().and_then(|digest| plan.assets.get(digest));
        assert_eq!(asset.map(|asset| asset.file.clone()), Some(format!("{folder}/hello.md")));
    }
    assert_eq!(sent, 2);
}

#[test]
fn a_plan_names_files_by_their_path_in_the_project() {
    let project = project();
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    let plan = compiled(&project).plan;
    let named = plan
        .assets
        .values()
        .map(|asset| asset.file.as_str())
        .chain(plan.header.inventories.values().map(|inventory| inventory.file.as_str()));
    let named: Vec<&str> = named.collect();
    assert!(named.contains(&"announce/rollback.md") && named.contains(&"inventory/source.yaml"), "{named:?}");
    for file in named {
        assert!(!file.contains("./") && project.folder().join(file).is_file(), "{file}");
    }
}

/// The digests of a stage of each operation that people sign off after having tried something.
fn signed(compilation: &Compilation) -> (String, Vec<String>) {
    let of = |test: fn(&Operation) -> bool| {
        let stages = compilation.plan.stages.iter().filter(move |stage| test(&stage.operation));
        stages.map(|stage| stage.digest.clone()).collect::<Vec<_>>()
    };
    let rehearsal = of(|operation| matches!(operation, Operation::Rehearse { .. })).concat();
    (rehearsal, of(|operation| matches!(operation, Operation::Load { source, .. } if source == "ticket")))
}

#[test]
fn a_change_of_what_is_imported_or_mapped_makes_sign_offs_stale() {
    let project = project();
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    let before = signed(&compiled(&project));
    assert_eq!(before.0.len(), 64, "one rehearsal");
    assert!(!before.1.is_empty());
    let text = project.text().unwrap_or_default();
    let line =
        text.lines().find(|line| line.trim_start().starts_with("import") && line.contains(" tickets "));
    assert!(line.is_some(), "the example imports tickets");
    let changed = line.unwrap_or_default().replace("2023-01-01", "2023-01-02");
    let text = text.replace(line.unwrap_or_default(), &changed);
    assert_eq!(project.write(project.spec(), text), Ok(()));
    let after = signed(&compiled(&project));
    assert_ne!(before.0, after.0);
    for digest in after.1 {
        assert!(!before.1.contains(&digest), "a load does not notice what it imports");
    }
}
