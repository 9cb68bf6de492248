//! The catalogs in the program: each loads, each fact has a source, and the names that specs and other catalogs rely on are there.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use cutover_catalog::catalog::Catalog;
use cutover_catalog::fact::Mark;
use cutover_catalog::kind::Part;
use cutover_catalog::system::System;
use cutover_catalog::{builtin, rules};

fn all() -> Vec<Catalog> {
    builtin::list()
        .map(|listed| match Catalog::builtin(listed.name) {
            Some(catalog) => catalog,
            None => panic!("{} does not load", listed.name),
        })
        .collect()
}

fn get(name: &str) -> Catalog {
    match Catalog::builtin(name) {
        Some(catalog) => catalog,
        None => panic!("{name} does not load"),
    }
}

#[test]
fn each_loads_as_listed() {
    let names: Vec<_> = builtin::list().map(|listed| listed.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for wanted in ["freshdesk", "rt", "zammad", "zendesk"] {
        assert!(names.contains(&wanted), "{wanted} is missing in {names:?}");
    }
    for (catalog, listed) in all().iter().zip(builtin::list()) {
        assert_eq!(
            (&*catalog.name, &*catalog.title, catalog.revision),
            (listed.name, listed.title, listed.revision)
        );
        assert_eq!(rules::broken(catalog), []);
    }
    assert!(Catalog::builtin("nothing_of_this_name").is_none());
}

#[test]
fn each_fact_has_one_id_and_a_source() {
    for catalog in all() {
        let facts = catalog.facts();
        let mut ids: Vec<_> = facts.iter().map(|fact| &fact.id).collect();
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{}: an id stands twice", catalog.name);
        for fact in &facts {
            assert!(!fact.from.is_empty() || fact.mark == Mark::Unverified, "{} has no source", fact.id);
            assert!(
                fact.from.iter().all(|key| catalog.sources.contains(key)),
                "{} names an unknown source",
                fact.id
            );
            assert!(!fact.text.is_empty(), "{} says nothing", fact.id);
        }
    }
}

#[test]
fn each_source_is_used() {
    for catalog in all() {
        let mut used: Vec<String> = catalog.facts().into_iter().flat_map(|fact| fact.from).collect();
        used.extend(catalog.kinds.values().flat_map(|kind| kind.from.iter().map(str::to_owned)));
        used.extend(catalog.sla.from.iter().map(str::to_owned));
        for (key, _) in catalog.sources.iter() {
            assert!(used.iter().any(|name| name == key), "{}: nothing comes from `{key}`", catalog.name);
        }
    }
}

#[test]
fn products_have_the_parts_that_a_migration_needs() {
    for catalog in all().iter().filter(|catalog| !catalog.generic) {
        for part in [Part::Ticket, Part::Comment, Part::Attachment, Part::User] {
            assert!(catalog.kinds.values().any(|kind| kind.part == part), "{} has no {part}", catalog.name);
        }
        let Some(ticket) = catalog.kinds.values().find(|kind| kind.part == Part::Ticket) else {
            panic!("no ticket")
        };
        assert!(ticket.states.is_some(), "{}: tickets have no states", catalog.name);
        for canon in ["key", "subject", "status", "requester", "created_at"] {
            assert!(ticket.by_canon(canon).is_some(), "{}: tickets have no `{canon}`", catalog.name);
        }
        let Some(comment) = catalog.kinds.values().find(|kind| kind.part == Part::Comment) else {
            panic!("no comment")
        };
        assert!(comment.by_canon("body").is_some(), "{}: comments have no body", catalog.name);
        assert!(
            catalog.capabilities.backdate.is_some(),
            "{}: nothing is said of original times",
            catalog.name
        );
        assert!(
            catalog.capabilities.silence_on_import.is_some(),
            "{}: nothing is said of silence",
            catalog.name
        );
        assert!(
            catalog.capabilities.comment_visibility.is_some(),
            "{}: nothing is said of internal comments",
            catalog.name
        );
    }
}

#[test]
fn the_names_of_the_language_page_exist() {
    let freshdesk = get("freshdesk");
    let source = System { catalog: &freshdesk, inventory: None };
    let ticket = "id description subject requester company responder group status priority tags created_at resolved_at due_by number updated_at";
    for (kind, fields) in [
        ("ticket", ticket),
        ("comment", "author body_html created_at private message_id"),
        ("user", "email phone updated_at"),
        ("tag", "last_used"),
    ] {
        for field in fields.split(' ') {
            assert!(source.field(kind, field).is_some(), "freshdesk: {kind}.{field}");
        }
    }
    let scope = "organizations groups tags custom_fields users agents tickets comments attachments transcripts macros views automations sla_policies kb_links queues contacts";
    for kind in scope.split(' ') {
        assert!(source.spelled(kind).is_some_and(|kind| kind.plural), "freshdesk: {kind}");
    }
    let zendesk = get("zendesk");
    let target = System { catalog: &zendesk, inventory: None };
    let ticket = "external_id comment.first subject requester organization assignee group status priority tags created_at solved_at";
    for (kind, fields) in
        [("ticket", ticket), ("comment", "author html_body created_at internal message_id"), ("user", "role")]
    {
        for field in fields.split(' ') {
            assert!(target.field(kind, field).is_some(), "zendesk: {kind}.{field}");
        }
    }
    assert_eq!(
        target.field("ticket", "requester.email").map(|found| (found.kind_name, found.name)),
        Some(("user", "email"))
    );
    assert_eq!(source.field("ticket", "company.name").map(|found| found.through_optional), Some(true));
    assert_eq!(target.field("ticket", "custom.region"), None);
    assert_eq!(source.field("ticket", &"requester.".repeat(100)), None);
    assert!(
        zendesk.sla.metrics.contains("first_reply_time") && zendesk.sla.metrics.contains("agent_work_time")
    );
    assert_eq!(zendesk.has_feature(Some("Suite Team"), "sla"), Some(false));
    assert_eq!(zendesk.has_feature(Some("Enterprise"), "sla"), Some(true));
    assert_eq!(zendesk.has_feature(None, "sla"), None);
    assert_eq!(zendesk.has_feature(None, "tickets"), Some(true));
}

#[test]
fn marks_come_from_the_strongest_source() {
    let zendesk = get("zendesk");
    let facts = zendesk.facts();
    let mark = |id: &str| match facts.iter().find(|fact| fact.id == id) {
        Some(fact) => fact.mark,
        None => panic!("no fact {id}"),
    };
    assert_eq!(mark("zendesk/limits/attachment_size"), Mark::ThirdParty);
    assert_eq!(mark("zendesk/capabilities/backdate"), Mark::Documented);
    assert_eq!(mark("zendesk/capabilities/dedupe"), Mark::Unverified);
    assert_eq!(mark("zendesk/kinds/ticket/fields/created_at"), Mark::Documented);
    assert_eq!(mark("zendesk/kinds/ticket/fields/priority"), Mark::Documented);
}

/// Each row of `docs/catalogs/coverage.md` names entries of the catalogs; each of them exists.
#[test]
fn the_coverage_table_names_entries_that_exist() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/catalogs/coverage.md");
    let Ok(text) = std::fs::read_to_string(path) else { panic!("{path} cannot be read") };
    let known: Vec<(String, Vec<String>)> = all()
        .iter()
        .map(|catalog| {
            let mut ids: Vec<String> = catalog.facts().into_iter().map(|fact| fact.id).collect();
            ids.sort();
            (catalog.name.to_string(), ids)
        })
        .collect();
    let mut named = 0;
    for (number, line) in text.lines().enumerate() {
        for id in line.split('`').skip(1).step_by(2) {
            let Some((_, ids)) =
                known.iter().find(|(name, _)| id.starts_with(name.as_str()) && id.contains('/'))
            else {
                continue;
            };
            named += 1;
            assert!(
                ids.iter().any(|known| known == id),
                "coverage.md line {}: there is no `{id}`",
                number + 1
            );
        }
    }
    assert!(named > 250, "only {named} entries are named");
}
