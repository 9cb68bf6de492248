//! `cutover init`: a draft has every decision, lays out clean, and has open decisions as its only mistakes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cutover::{Purpose, Request, ScaffoldDraft, compile, compile_as, scaffold};
use cutover_catalog::{Catalog, builtin};
use cutover_diagnostics::Severity;
use cutover_tests::program::{copy, cutover};
use cutover_tests::workspace::root;

/// Errors and warnings of a draft that are no open decisions, one a line: what it proposes itself is nothing to be warned of.
fn mistakes(folder: &Path, from: &str, to: &str, inventories: [Option<String>; 2]) -> Vec<String> {
    let [source_inventory, target_inventory] = inventories;
    let draft =
        ScaffoldDraft { from: from.to_owned(), to: to.to_owned(), source_inventory, target_inventory };
    let text = scaffold(folder, "draft.cutover", &draft);
    assert!(text.is_ok(), "{from} to {to}: {:?}", text.as_ref().err());
    let text = text.unwrap_or_default();
    let laid_out = cutover_fmt::format(&text).unwrap_or_default();
    assert_eq!(cutover_fmt::format(&laid_out).ok().as_deref(), Some(laid_out.as_str()), "{from} to {to}");
    let written = fs::write(folder.join("draft.cutover"), &laid_out);
    assert!(written.is_ok(), "{written:?}");
    let compilation = compile(folder, "draft.cutover");
    assert!(compilation.holes > 20, "{from} to {to} leaves only {} decisions open", compilation.holes);
    let open = laid_out.lines().map(|line| line.split("  # ").next().unwrap_or_default());
    let open =
        open.filter(|line| !line.starts_with('#')).map(|line| line.matches("???").count()).sum::<usize>();
    assert_eq!(usize::try_from(compilation.holes), Ok(open), "{from} to {to}");
    let found = compilation.diagnostics.iter();
    let found = found.filter(|found| found.severity != Severity::Note && found.code != "holes/open");
    found.map(|found| format!("{from} to {to}: {}", found.code)).collect()
}

#[test]
fn a_draft_between_any_two_products_has_open_decisions_only() {
    let folder = tempfile::tempdir();
    assert!(folder.is_ok(), "no folder to work in");
    let Ok(folder) = folder else { return };
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for listed in builtin::list() {
        for to in builtin::list().filter(|_| !generic(listed.name)) {
            // Two accounts of one product are a migration as well.
            if !generic(to.name) {
                wrong.extend(mistakes(folder.path(), listed.name, to.name, [None, None]));
                pairs += 1;
            }
        }
    }
    assert!(pairs >= 225, "only {pairs} pairs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What an account asks for, people that are there twice, more records than one query gives, is in the draft from the beginning. Both ways,
/// since a new account is an old one some day.
#[test]
fn a_draft_from_the_accounts_of_the_examples_has_open_decisions_only() {
    let mut wrong = Vec::new();
    for (example, from, to) in [
        ("acme", "freshdesk", "zendesk"),
        ("rt-to-zendesk", "rt", "zendesk"),
        ("small-team", "helpscout", "zendesk"),
        ("zendesk-to-zammad", "zendesk", "zammad"),
    ] {
        let Ok(folder) = tempfile::tempdir() else { unreachable!("no folder to work in") };
        let copied =
            copy(&root().join("examples").join(example).join("inventory"), &folder.path().join("inventory"));
        assert!(copied.is_ok(), "{copied:?}");
        let [old, new] = ["source", "target"].map(|side| Some(format!("inventory/{side}.yaml")));
        wrong.extend(mistakes(folder.path(), from, to, [old.clone(), new.clone()]));
        wrong.extend(mistakes(folder.path(), to, from, [new, old.clone()]));
        for other in builtin::list().filter(|other| !generic(other.name) && other.name != to) {
            wrong.extend(mistakes(folder.path(), from, other.name, [old.clone(), None]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One address that an account spells in two ways is declared once.
#[test]
fn an_address_in_two_spellings_is_one() {
    let Ok(folder) = tempfile::tempdir() else { unreachable!("no folder to work in") };
    let copied = copy(&root().join("examples/acme/inventory"), &folder.path().join("inventory"));
    assert!(copied.is_ok(), "{copied:?}");
    let path = folder.path().join("inventory/source.yaml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let other = text.replace("address: \"billing@acme.example.org\"", "address: \" Help@Acme.Example.org\"");
    assert!(other != text && fs::write(&path, other).is_ok());
    let [old, new] = ["source", "target"].map(|side| Some(format!("inventory/{side}.yaml")));
    assert_eq!(mistakes(folder.path(), "freshdesk", "zendesk", [old, new]), Vec::<String>::new());
    let draft = fs::read_to_string(folder.path().join("draft.cutover")).unwrap_or_default();
    assert_eq!(draft.to_lowercase().matches("help@acme.example.org\"").count(), 1, "{draft}");
}

/// Whether a catalog says nothing about an account: files and tables that somebody describes themselves.
fn generic(name: &str) -> bool {
    Catalog::builtin(name).is_none_or(|one| one.generic)
}

#[test]
fn a_draft_to_or_from_what_is_no_helpdesk_is_refused() {
    let Ok(folder) = tempfile::tempdir() else { unreachable!("no folder to work in") };
    for (from, to, why) in [
        ("table", "zendesk", "says nothing about an account"),
        ("zendesk", "files", "nobody can move to `files`"),
    ] {
        let output = cutover(folder.path()).and_then(|mut call| {
            call.args(["init", "--from", from, "--to", to]).output().map_err(|e| e.to_string())
        });
        let shown =
            output.map(|output| (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()));
        assert!(shown.as_ref().is_ok_and(|(code, err)| *code == Some(2) && err.contains(why)), "{shown:?}");
        assert_eq!(fs::read_dir(folder.path()).map(Iterator::count).ok(), Some(0));
    }
}

/// Nobody signs what they wrote themselves: whoever sets a migration up, and so fills the draft, is asked for no signature in it.
#[test]
fn whoever_fills_the_draft_signs_nothing() {
    let Ok(folder) = tempfile::tempdir() else { unreachable!("no folder to work in") };
    let draft = ScaffoldDraft {
        from: "zendesk".to_owned(),
        to: "zammad".to_owned(),
        source_inventory: None,
        target_inventory: None,
    };
    let text = scaffold(folder.path(), "draft.cutover", &draft).unwrap_or_default();
    assert!(text.contains("signed by"), "{text}");
    assert!(!text.contains("signed by builder"), "{text}");
}

#[test]
fn a_draft_proposes_what_is_alike_and_says_so() {
    let folder = tempfile::tempdir();
    assert!(folder.is_ok(), "no folder to work in");
    let Ok(folder) = folder else { return };
    let copied = copy(&root().join("specs/valid/minimal"), folder.path());
    assert!(copied.is_ok(), "{copied:?}");
    let call = |args: &[&str]| {
        let output =
            cutover(folder.path()).and_then(|mut call| call.args(args).output().map_err(|e| e.to_string()));
        assert!(output.is_ok(), "{output:?}");
        output.map(|output| output.status.code()).unwrap_or_default()
    };
    let args = ["init", "--from", "freshdesk", "--to", "zendesk", "--inventory", "inventory/source.yaml"];
    let args = [&args[..], &["--target-inventory", "inventory/target.yaml"]].concat();
    assert_eq!(call(&args), Some(0));
    assert_eq!(call(&args), Some(2), "what is there is not written over");
    assert_eq!(call(&["fmt", "--check", "freshdesk-to-zendesk.cutover"]), Some(0));
    let text = fs::read_to_string(folder.path().join("freshdesk-to-zendesk.cutover")).unwrap_or_default();
    for line in ["\"Open\"", "-> \"open\"", "by ticket_region", "# proposed:", "# candidates:", "held at ???"]
    {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
    let inventories = ["inventory/source.yaml", "inventory/target.yaml"].map(|path| Some(path.to_owned()));
    assert_eq!(mistakes(folder.path(), "freshdesk", "zendesk", inventories), Vec::<String>::new());
    // Nothing that is proposed is proposed silently.
    let rows = text.lines().filter(|line| line.contains(" -> ") && !line.starts_with("map "));
    for row in rows {
        assert!(row.contains("???") || row.contains("# proposed"), "{row}");
    }
}

/// Whatever word of a spec nobody decided yet: no plan is written of it.
#[test]
fn an_open_decision_is_told_wherever_it_stands() {
    let folder = root().join("examples/small-team");
    let text = fs::read_to_string(folder.join("pots.cutover")).unwrap_or_default();
    let parsed = cutover_syntax::again::Parsed::new(cutover_diagnostics::FileId(0), &text.as_str().into());
    let mut silent = Vec::new();
    let mut tried = 0;
    for item in &parsed.tree.items {
        for term in &item.terms {
            let range = item.span(term.range).range();
            let (before, after) = (text.get(..range.start), text.get(range.end..));
            let changed = [before.unwrap_or_default(), "???", after.unwrap_or_default()].concat();
            let open = BTreeMap::from([("pots.cutover".to_owned(), changed.as_str().into())]);
            let request = Request { purpose: Purpose::Check, open, ..Request::default() };
            let compilation = compile_as(&folder, "pots.cutover", request);
            tried += 1;
            if compilation.errors() == 0 {
                silent.push(changed.lines().find(|line| line.contains("???")).unwrap_or_default().to_owned());
            }
        }
    }
    assert!(tried > 400, "{tried} words");
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
