//! `cutover fmt`: what it writes, what it leaves alone, and that a plan does not notice.

use std::path::Path;

use cutover_tests::program::{Project, cutover, words};
use cutover_tests::properties;
use cutover_tests::workspace::{root, texts};

/// Cases whose point is another layout, or words that a layout would change.
const OTHERWISE: &[&str] = &[
    "arrow-on-the-next-line",
    "blank-lines",
    "blanks-at-line-ends",
    "brace-on-the-next-line",
    "byte-order-mark",
    "byte-order-mark-crlf",
    "comment-lines",
    "comments-everywhere",
    "continuation-lines",
    "cr-only",
    "crlf",
    "deeply-indented",
    "mixed-line-breaks",
    "no-final-newline",
    "one-line-break-per-part",
    "semicolons",
    "semicolons-at-line-ends",
    "single-blanks",
    "tabs",
    "unindented",
];

/// Specs that are written as `cutover fmt` writes them: all examples, and all valid ones that show no other layout.
fn laid_out() -> Vec<(String, String)> {
    let otherwise =
        |path: &str| OTHERWISE.iter().any(|case| path.starts_with(&format!("specs/valid/{case}/")));
    let specs = ["examples", "specs/valid"].iter().flat_map(|folder| texts(folder));
    specs.filter(|(path, _)| path.ends_with(".cutover") && !otherwise(path)).collect()
}

#[test]
fn the_examples_and_valid_specs_have_their_layout() {
    let specs = laid_out();
    assert!(specs.len() >= 18, "only {} specs", specs.len());
    let differ: Vec<&String> = specs
        .iter()
        .filter(|(_, text)| cutover_fmt::format(text).as_ref() != Ok(text))
        .map(|(path, _)| path)
        .collect();
    assert!(differ.is_empty(), "`cutover fmt` changes {differ:?}");
}

/// Blocks of Markdown that are fenced as specs: what the fence says, and the text.
fn shown(document: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = document;
    while let Some((_, block)) = rest.split_once("\n```") {
        let Some((fence, block)) = block.split_once('\n') else { break };
        let Some((text, after)) = block.split_once("```\n") else { break };
        if fence.starts_with("cutover") || fence.contains(".cutover") {
            found.push((fence, text));
        }
        rest = after;
    }
    found
}

/// What a reader copies from a page passes `cutover fmt --check`. The guide of the first week shows how it does not.
#[test]
fn what_the_pages_show_has_its_layout() {
    let pages = texts("docs")
        .into_iter()
        .filter(|(path, _)| path.ends_with(".md") && *path != "docs/guides/first-week.md");
    let (mut specs, mut differ) = (0, Vec::new());
    for (path, text) in pages {
        for (fence, spec) in shown(&text).into_iter().filter(|(fence, _)| !fence.contains("wrong")) {
            specs += 1;
            if cutover_fmt::format(spec).as_deref() != Ok(spec) {
                differ.push(format!("{path}: {fence}"));
            }
        }
    }
    assert!(specs > 540, "only {specs} specs");
    assert!(differ.is_empty(), "`cutover fmt` changes {}", differ.join("\n"));
}

/// Each folder of `specs/fmt` is a text and its layout.
#[test]
fn the_cases_have_their_layout() {
    let cases: Vec<(String, String)> =
        texts("specs/fmt").into_iter().filter(|(path, _)| path.ends_with("/spec.cutover")).collect();
    assert!(cases.len() >= 13, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for (path, text) in cases {
        properties::layout(text.as_bytes());
        let path = root().join(path.replace("/spec.cutover", "/expected.cutover"));
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        match cutover_fmt::format(&text) {
            Ok(laid_out) if laid_out == expected => {}
            Ok(laid_out) if std::env::var_os("BLESS").is_some() => {
                assert!(std::fs::write(&path, laid_out).is_ok(), "{}", path.display());
            }
            other => wrong.push(format!("{}: {other:?}", path.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Other layouts of the examples, as hands and editors make them.
fn worse(text: &str) -> Vec<String> {
    let blanks = text.lines().map(|line| collapse(line) + "\n").collect();
    let tabs = text.replace("\n  ", "\n\t\t").replace("\n", "\r\n");
    let airy = text.replace('\n', "   \n\n\n");
    vec![blanks, tabs, airy]
}

/// One blank for many, outside of texts and comments.
fn collapse(line: &str) -> String {
    let mut out = String::new();
    let (mut in_text, mut before) = (false, ' ');
    for (at, c) in line.char_indices() {
        if c == '#' && !in_text {
            return out + line.get(at..).unwrap_or_default();
        }
        in_text ^= c == '"' && before != '\\';
        if in_text || c != ' ' || before != ' ' {
            out.push(c);
        }
        before = c;
    }
    out
}

#[test]
fn a_layout_changes_no_plan() {
    for example in ["small-team", "rt-to-zendesk"] {
        let Ok(project) = Project::of(&format!("examples/{example}")) else {
            assert_eq!(example, "an example that can be copied");
            return;
        };
        let spec = project.spec().to_owned();
        let text = project.text().unwrap_or_default();
        let plan = |project: &Project| {
            let files = project.plan().unwrap_or_default();
            files.into_iter().find(|(name, _)| name == "plan.json").map(|(_, bytes)| bytes)
        };
        let expected = plan(&project);
        assert!(expected.is_some(), "{example} has no plan");
        for worse in worse(&text) {
            assert_eq!(project.write(&spec, &worse), Ok(()));
            assert_eq!(plan(&project), expected, "{example}: another layout gives another plan");
            let done = project.run(&["fmt", &spec]);
            assert!(done.as_ref().is_ok_and(|output| output.status.success()), "{done:?}");
            assert_eq!(plan(&project), expected, "{example}: the plan changed");
        }
    }
}

const PLAIN: &str = "edition 1\nteam full {\n  maya \"Maya Ito\" role project_owner\n}\n";
const LAID_OUT: &str = "edition 1\nteam full {\n  maya \"Maya Ito\"  role project_owner\n}\n";

fn folder(files: &[(&str, &str)]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::TempDir::new().map_err(|error| error.to_string())?;
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder.path())).map_err(|error| error.to_string())?;
        std::fs::write(path, text).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

fn run(folder: &Path, args: &[&str], input: &str) -> Result<(Option<i32>, String), String> {
    let output =
        cutover(folder)?.args(args).write_stdin(input).output().map_err(|error| error.to_string())?;
    Ok((output.status.code(), words(&output)))
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_default()
}

#[test]
fn files_and_folders() -> Result<(), String> {
    let folder = folder(&[
        ("a.cutover", PLAIN),
        ("b/c.cutover", PLAIN),
        ("b/d.txt", PLAIN),
        (".git/e.cutover", PLAIN),
    ])?;
    let at = folder.path();
    let (code, told) = run(at, &["fmt", "--check"], "")?;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("a.cutover\nb/c.cutover\n2 of 2 files would be laid out anew"), "{told}");
    let (code, told) = run(at, &["fmt", "--diff", "a.cutover"], "")?;
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("-  maya \"Maya Ito\" role") && told.contains("+  maya \"Maya Ito\"  role"),
        "{told}"
    );
    assert_eq!(read(at, "a.cutover"), PLAIN);
    let (code, told) = run(at, &["fmt"], "")?;
    assert_eq!(
        (code, read(at, "a.cutover"), read(at, "b/c.cutover")),
        (Some(0), LAID_OUT.into(), LAID_OUT.into()),
        "{told}"
    );
    assert_eq!((read(at, "b/d.txt"), read(at, ".git/e.cutover")), (PLAIN.into(), PLAIN.into()));
    let (code, told) = run(at, &["fmt", "--check"], "")?;
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(at.read_dir().map_err(|e| e.to_string())?.count(), 3, "something was left behind");
    Ok(())
}

#[test]
fn standard_input_and_lines() -> Result<(), String> {
    let folder = folder(&[])?;
    let told = |args: &[&str], text: &str| run(folder.path(), args, text);
    assert!(told(&["fmt", "-"], PLAIN)?.1.contains(LAID_OUT));
    assert_eq!(told(&["fmt", "--check", "-"], PLAIN)?.0, Some(1));
    assert_eq!(told(&["fmt", "--check", "-"], LAID_OUT)?.0, Some(0));
    let two = format!("{PLAIN}scope {{\n import tags\n}}\n");
    let (_, part) = told(&["fmt", "--lines", "5-6", "-"], &two)?;
    assert!(part.contains("\"Maya Ito\" role") && part.contains("\n  import tags"), "{part}");
    assert_eq!(told(&["fmt", "--lines", "6-5", "-"], &two)?.0, Some(2));
    assert_eq!(told(&["fmt", "-", "x.cutover"], "")?.0, Some(2));
    Ok(())
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_done() -> Result<(), String> {
    let folder = folder(&[("a.cutover", PLAIN)])?;
    let at = folder.path();
    std::fs::write(at.join("b.cutover"), [0xff, 0xfe]).map_err(|error| error.to_string())?;
    let (code, told) = run(at, &["fmt"], "")?;
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("b.cutover is not UTF-8 text"), "{told}");
    assert_eq!(read(at, "a.cutover"), LAID_OUT);
    assert_eq!(run(at, &["fmt", "nowhere"], "")?.0, Some(2));
    Ok(())
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() -> Result<(), String> {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder(&[("a.cutover", PLAIN)])?;
    let (file, link) = (folder.path().join("a.cutover"), folder.path().join("b.cutover"));
    let say = |error: std::io::Error| error.to_string();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).map_err(say)?;
    symlink("a.cutover", &link).map_err(say)?;
    assert_eq!(run(folder.path(), &["fmt", "b.cutover"], "")?.0, Some(0));
    assert_eq!(std::fs::metadata(&file).map_err(say)?.permissions().mode() & 0o777, 0o640);
    assert!(std::fs::symlink_metadata(&link).map_err(say)?.is_symlink());
    assert_eq!(read(folder.path(), "a.cutover"), LAID_OUT);
    Ok(())
}

#[test]
fn mistakes_stay_as_they_are() {
    let text = "edition 1\nteam full {\n  maya   \"Maya Ito\" role   project_owner\n  li  \"Li\"   role = x\n}\nscope {\n import   tags\n";
    let expected = "edition 1\nteam full {\n  maya \"Maya Ito\"  role project_owner\n  li  \"Li\"   role = x\n}\nscope {\n import   tags\n";
    assert_eq!(cutover_fmt::format(text).as_deref(), Ok(expected));
}
