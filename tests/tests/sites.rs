//! Each place in the program that can emit a finding has a case in the corpus, each code has a page, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use cutover_tests::compiler::check;
use cutover_tests::corpus::{Kind, SPEC, cases};
use cutover_tests::scanning;
use cutover_tests::sites::{ELSEWHERE, Sites, code, sites};
use cutover_tests::workspace::{files, relative, texts};

/// The codes that have a page, and with them the families.
fn pages() -> (BTreeSet<String>, BTreeSet<String>) {
    let paths = files("docs/diagnostics").iter().map(|path| relative(path)).collect::<Vec<_>>();
    let codes: BTreeSet<String> = paths
        .iter()
        .filter_map(|path| path.strip_prefix("docs/diagnostics/")?.strip_suffix(".md"))
        .filter(|code| code.contains('/'))
        .map(str::to_owned)
        .collect();
    let families = codes.iter().filter_map(|code| Some(code.split_once('/')?.0.to_owned())).collect();
    (codes, families)
}

fn declared() -> (Sites, Vec<String>) {
    sites(&pages().1)
}

/// The sites that the corpus reaches, with the messages of each and one case.
fn reached() -> BTreeMap<&'static str, (BTreeSet<String>, String)> {
    let mut reached: BTreeMap<&'static str, (BTreeSet<String>, String)> = BTreeMap::new();
    for case in cases().0 {
        for found in check(&case.folder, SPEC).diagnostics {
            let (messages, _) =
                reached.entry(found.site).or_insert_with(|| (BTreeSet::new(), case.name.clone()));
            messages.insert(found.message.into_owned());
        }
    }
    // What a scan says names columns and kinds, and is no fixed sentence.
    for case in scanning::cases() {
        let arguments = std::fs::read_to_string(case.join(scanning::ARGUMENTS)).unwrap_or_default();
        for found in scanning::findings(&case.join("export"), &arguments).unwrap_or_default() {
            reached.entry(found.site).or_insert_with(|| (BTreeSet::new(), scanning::name(&case)));
        }
    }
    reached
}

fn none(what: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{what}:\n  {}\n", breaches.join("\n  "));
}

#[test]
fn each_site_is_written_once_and_as_a_literal() {
    let (sites, unclear) = declared();
    assert!(!sites.is_empty(), "the sources have no site: this test reads them wrongly");
    none("codes that a reader of the sources cannot see", &unclear);
    let twice = sites.iter().filter(|(_, places)| places.len() > 1);
    let twice: Vec<_> = twice.map(|(site, places)| format!("{site}: {}", places.join(", "))).collect();
    none("one code at several places wants `family/name#which` at all but one", &twice);
}

#[test]
fn each_site_has_a_case() {
    let (sites, _) = declared();
    let reached = reached();
    let elsewhere: BTreeSet<&str> = ELSEWHERE.iter().map(|(site, _)| *site).collect();
    let unreached = sites
        .iter()
        .filter(|(site, _)| !reached.contains_key(site.as_str()) && !elsewhere.contains(site.as_str()));
    let unreached: Vec<_> =
        unreached.map(|(site, places)| format!("{site}, {}", places.join(", "))).collect();
    none("no case of the corpus reaches", &unreached);
    let unknown = reached.iter().filter(|(site, _)| !sites.contains_key(**site));
    let unknown: Vec<_> = unknown.map(|(site, (_, case))| format!("{site}, in {case}")).collect();
    none("cases reach what the sources do not declare", &unknown);
}

#[test]
fn what_is_reached_elsewhere_is_reached_there() {
    let (sites, _) = declared();
    let reached = reached();
    let sources: BTreeMap<String, String> = texts("tests/tests").into_iter().chain(texts("crates")).collect();
    let wrong = ELSEWHERE.iter().filter(|(site, test)| {
        let named = sources.get(*test).is_some_and(|text| text.contains(code(site)));
        !named || !sites.contains_key(*site) || reached.contains_key(site)
    });
    let wrong: Vec<_> = wrong.map(|(site, test)| format!("{site}, {test}")).collect();
    none("no such site, a case reaches it after all, or the test does not name its code", &wrong);
}

#[test]
fn a_message_is_one_fixed_sentence() {
    let many = reached().into_iter().filter(|(_, (messages, _))| messages.len() > 1);
    let many: Vec<_> = many.map(|(site, (messages, _))| format!("{site}: {messages:?}")).collect();
    none("names belong into the label; these messages differ from case to case", &many);
}

#[test]
fn each_code_has_a_page_and_each_page_a_code() {
    let (sites, _) = declared();
    let codes: BTreeSet<String> = sites.keys().map(|site| code(site).to_owned()).collect();
    let (pages, _) = pages();
    let missing = codes.difference(&pages).map(|code| format!("docs/diagnostics/{code}.md is missing"));
    let idle = pages.difference(&codes).map(|code| format!("docs/diagnostics/{code}.md: nothing emits this"));
    none("pages", &missing.chain(idle).collect::<Vec<_>>());
}

#[test]
fn each_code_of_the_corpus_is_one_of_the_program() {
    let codes: BTreeSet<String> = declared().0.keys().map(|site| code(site).to_owned()).collect();
    let wrong: Vec<String> = cases()
        .0
        .into_iter()
        .filter(|case| matches!(&case.kind, Kind::Invalid { code } if !codes.contains(code)))
        .map(|case| case.name)
        .collect();
    none("folders of codes that nothing emits", &wrong);
}
