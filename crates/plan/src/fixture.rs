//! A plan made by hand for the tests: one team's move from Freshdesk to Zendesk.

mod items;
mod stages;

use std::collections::BTreeMap;

use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use cutover_ir::quantity::{Decimal, Duration};
use cutover_ir::time::{Date, Instant};
use cutover_ir::{Id, Type};

use crate::model::*;

pub(crate) fn id(text: &str) -> Id {
    Id::new(text.split('/'))
}

pub(crate) fn reference(text: &str) -> Ref {
    Ref(id(text))
}

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap_or(Instant::from_seconds(0))
}

pub(crate) fn date(y: i32, m: u8, d: u8) -> Date {
    Date::new(y, m, d).unwrap_or(Date::from_days(0))
}

pub(crate) fn moment(text: &str, said: &str) -> Moment {
    Moment { at: at(text), said: (!said.is_empty()).then(|| said.to_owned()) }
}

pub(crate) fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(crate) fn text(value: &str) -> Literal {
    Literal::Text(value.to_owned())
}

pub(crate) fn number(n: i64) -> Literal {
    Literal::Number(Decimal::from(n))
}

pub(crate) fn minutes(n: u64) -> Duration {
    Duration::elapsed(n * 60)
}

pub(crate) fn atom(field: &str, test: Test) -> Predicate {
    Predicate::Atom(Atom { field: field.to_owned(), test })
}

pub(crate) fn unfinished() -> Predicate {
    atom("status", Test::Class(StatusClass::Unfinished))
}

pub(crate) fn urgent() -> Predicate {
    atom("priority", Test::OneOf(vec![text("Urgent"), text("High")]))
}

fn rules() -> BTreeMap<String, ChosenRule> {
    let level = ChosenLevel { chosen: RuleLevel::Error, usual: RuleLevel::Warning };
    let number = |chosen, usual, counts: &str, stricter| ChosenNumber {
        chosen,
        usual,
        counts: counts.to_owned(),
        stricter,
    };
    let looks = number(120, 60, "minutes between two looks", Stricter::Smaller);
    let days = number(14, 7, "days at least", Stricter::Larger);
    BTreeMap::from([
        (
            "hypercare/length".to_owned(),
            ChosenRule {
                level: Some(level),
                numbers: BTreeMap::from([("shortest".to_owned(), days)]),
                because: Some("our contracts ask for two weeks".to_owned()),
                ..ChosenRule::default()
            },
        ),
        (
            "watch/seldom".to_owned(),
            ChosenRule {
                numbers: BTreeMap::from([("minutes".to_owned(), looks)]),
                forbidden: true,
                ..ChosenRule::default()
            },
        ),
    ])
}

fn system(role: SystemRole, platform: &str, product: &str, account: &str, plan: Option<&str>) -> System {
    System {
        role,
        platform: platform.to_owned(),
        product: product.to_owned(),
        account: account.to_owned(),
        plan: plan.map(str::to_owned),
        secrets: Vec::new(),
        keyed_by: None,
        rows: None,
        keeping: BTreeMap::new(),
    }
}

fn person(name: &str, role: &str, contact: &str, night: bool) -> Person {
    Person {
        name: name.to_owned(),
        roles: vec![role.to_owned()],
        contact: Some(contact.to_owned()),
        git: None,
        hands_over_to: None,
        available: night
            .then(|| Availability { from: at("2026-12-05T11:00:00Z"), to: at("2026-12-06T07:00:00Z") }),
    }
}

/// Digest of the text for customers.
pub(crate) const CUSTOMERS: &str = "2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfe";

pub(crate) fn acme() -> Plan {
    let mut plan = Plan {
        header: header(),
        migration: migration(),
        systems: systems(),
        people: BTreeMap::from([
            ("maya".to_owned(), person("Maya Ito", "project_owner", "+49 30 555 0101", true)),
            ("li".to_owned(), person("Li Chen", "support_operations", "li@acme.example", true)),
            ("dana".to_owned(), person("Dana Ruiz", "integrator", "dana@acme.example", true)),
            ("sam".to_owned(), person("Sam Okafor", "quality_tester", "sam@acme.example", false)),
            ("noor".to_owned(), person("Noor Haddad", "frontline_agent", "noor@acme.example", true)),
            ("finn".to_owned(), person("Finn Berg", "integration_owner", "finn@acme.example", false)),
            ("ada".to_owned(), person("Ada Lund", "stakeholder", "ada@acme.example", false)),
        ]),
        items: items::items(),
        stages: stages::stages(),
        figures: figures(),
        losses: losses(),
        defaults: BTreeMap::from([(
            id("map/ticket/to/requester/when_missing"),
            DefaultTaken {
                what: "a ticket without requester".to_owned(),
                value: "is rejected and listed".to_owned(),
            },
        )]),
        suppressions: BTreeMap::from([(
            id("suppress/clean/unused_field"),
            Suppression {
                code: "clean/unused-field".to_owned(),
                at: Some(id("map/ticket/to/custom.region")),
                until: Date::new(2027, 3, 31),
                because: "used by the warehouse".to_owned(),
            },
        )]),
        rules: rules(),
        schemas: schemas(),
        facts: facts(),
        assets: BTreeMap::from([(
            CUSTOMERS.to_owned(),
            Asset { file: "announce/customers.md".to_owned(), bytes: 812 },
        )]),
        ..Plan::default()
    };
    plan.critical_path = crate::schedule::schedule(&plan).critical_path;
    let sealed = crate::digest::seal(&mut plan);
    assert_eq!(sealed, Ok(()));
    plan
}

fn header() -> Header {
    let inventory = |file: &str, day| Inventory {
        file: file.to_owned(),
        digest: crate::digest::sha256_hex(file.as_bytes()),
        taken: date(2026, 11, day),
    };
    Header {
        compiler: "0.1.0".to_owned(),
        catalogs: BTreeMap::from([
            ("freshdesk".to_owned(), "3".to_owned()),
            ("zendesk".to_owned(), "7".to_owned()),
        ]),
        time_zones: "2026a".to_owned(),
        inventories: BTreeMap::from([
            ("source".to_owned(), inventory("inventory/source.yaml", 20)),
            ("target".to_owned(), inventory("inventory/target.yaml", 21)),
        ]),
    }
}

fn migration() -> Migration {
    Migration {
        name: "acme".to_owned(),
        title: "Acme Support: Freshdesk to Zendesk".to_owned(),
        edition: 1,
        team: TeamProfile::Full,
        window: Some(Window {
            start: at("2026-12-05T19:00:00Z"),
            end: at("2026-12-06T05:00:00Z"),
            zone: "Europe/Berlin".to_owned(),
            offsets: vec![
                Offset { from: at("2026-03-29T01:00:00Z"), seconds: 7200 },
                Offset { from: at("2026-10-25T01:00:00Z"), seconds: 3600 },
                Offset { from: at("2027-03-28T01:00:00Z"), seconds: 7200 },
            ],
        }),
        downtime: Some(minutes(90)),
        pace: vec![Pace {
            system: "source".to_owned(),
            percent: Decimal::from(50),
            until: Some(moment("2026-12-05T19:00:00Z", "window")),
        }],
    }
}

fn systems() -> BTreeMap<String, System> {
    let mut source = system(SystemRole::Source, "freshdesk", "Freshdesk", "acme-legacy", Some("Pro"));
    source.secrets = vec![Secret { name: "FRESHDESK_KEY".to_owned(), until: date(2027, 12, 31) }];
    let mut target = system(SystemRole::Target, "zendesk", "Zendesk", "acme", Some("Enterprise"));
    target.secrets = vec![Secret { name: "ZENDESK_TOKEN".to_owned(), until: date(2027, 4, 30) }];
    let mut crm = system(SystemRole::Table, "table", "Table", "accounts", None);
    crm.keyed_by = Some("requester.email".to_owned());
    BTreeMap::from([
        ("source".to_owned(), source),
        ("target".to_owned(), target),
        (
            "sandbox".to_owned(),
            system(SystemRole::Sandbox, "zendesk", "Zendesk", "acme-trial", Some("Enterprise")),
        ),
        ("crm".to_owned(), crm),
    ])
}

fn figures() -> Figures {
    Figures {
        records: BTreeMap::from([
            (id("scope/ticket/import"), 42_480),
            (id("scope/ticket/archive/rest"), 61_204),
            (id("scope/user/import"), 9_120),
            (id("scope/organization/import"), 640),
            (id("scope/agent/import"), 38),
            (id("scope/agent/retire/rest"), 17),
            (id("scope/transcript/import"), 8_210),
            (id("scope/macro/recreate"), 61),
            (id("scope/automation/retire/rest"), 23),
            (id("wave/history"), 30_000),
            (id("wave/live"), 12_480),
        ]),
        source: BTreeMap::from([("ticket".to_owned(), 103_684), ("transcript".to_owned(), 8_210)]),
        promises: None,
    }
}

fn losses() -> BTreeMap<Id, AcceptedLoss> {
    let loss = |what: &str, because: &str, records, of, kept: Option<&str>| AcceptedLoss {
        what: what.to_owned(),
        because: because.to_owned(),
        records,
        of,
        kept_in: kept.map(str::to_owned),
    };
    BTreeMap::from([
        (
            id("map/ticket/to/subject"),
            loss(
                "the end of long values of `ticket.subject` (it goes into the first comment)",
                "Zendesk's limit",
                Some(41),
                Some(12_480),
                None,
            ),
        ),
        (
            id("translate/statuses/Closed"),
            loss(
                "closed tickets can no longer be changed",
                "cannot be changed afterwards",
                Some(28_004),
                Some(42_480),
                None,
            ),
        ),
        (
            id("accept/sla_history"),
            loss(
                "the history of SLA timers",
                "Zendesk keeps no SLA history of imported tickets",
                None,
                None,
                Some("vault:acme-archive"),
            ),
        ),
    ])
}

fn field(of_type: Type, required: bool) -> FieldSchema {
    FieldSchema {
        of_type,
        required,
        read_only: false,
        on_create_only: false,
        unique: false,
        account_id: None,
    }
}

fn schemas() -> BTreeMap<String, Schema> {
    let option = |name: &str, class| DomainOption {
        name: name.to_owned(),
        value: None,
        class: Some(class),
        immutable: name == "closed",
        not_on_create: false,
        seen_as: (name == "hold").then(|| "open".to_owned()),
    };
    let ticket = KindSchema {
        fields: BTreeMap::from([
            ("subject".to_owned(), field(Type::Text { max: Some(150) }, true)),
            ("status".to_owned(), field(Type::Choice("target/ticket.status".into()), true)),
            ("requester".to_owned(), field(Type::Ref("target/user".into()), true)),
            ("external_id".to_owned(), field(Type::Text { max: Some(255) }.optional(), false)),
        ]),
        key: Some("external_id".to_owned()),
        constraints: vec![Constraint {
            fact: "zendesk/ticket/solved-needs-assignee".to_owned(),
            holds: Predicate::Any(vec![
                Predicate::Not(Box::new(atom("status", Test::OneOf(vec![text("solved")])))),
                Predicate::Not(Box::new(atom("assignee", Test::Empty))),
            ]),
        }],
    };
    let target = Schema {
        kinds: BTreeMap::from([("ticket".to_owned(), ticket)]),
        domains: BTreeMap::from([(
            "target/ticket.status".to_owned(),
            vec![
                option("open", StatusClass::Unfinished),
                option("hold", StatusClass::Unfinished),
                option("solved", StatusClass::Finished),
                option("closed", StatusClass::Finished),
            ],
        )]),
        limits: BTreeMap::from([("comments_per_ticket".to_owned(), 5_000)]),
        rates: BTreeMap::from([("import".to_owned(), Rate { calls: 700, seconds: 60 })]),
        capabilities: BTreeMap::from([("dedupe".to_owned(), "consistent_lookup".to_owned())]),
    };
    BTreeMap::from([("target".to_owned(), target), ("source".to_owned(), Schema::default())])
}

fn facts() -> BTreeMap<String, Fact> {
    let fact = |says: &str, value, mark| Fact {
        system: "target".to_owned(),
        says: says.to_owned(),
        value,
        source: "https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/".to_owned(),
        mark,
        tier: None,
    };
    BTreeMap::from([
        (
            "zendesk/import/batch".to_owned(),
            fact(
                "one import call takes 100 tickets",
                FactValue::Number(Decimal::from(100)),
                Mark::Documented,
            ),
        ),
        (
            "zendesk/import/silent".to_owned(),
            fact("imported tickets start no triggers", FactValue::Flag(true), Mark::Unverified),
        ),
    ])
}

/// `maps` maps of ten rows each, each with its table and the stage that loads it, to measure with.
pub(crate) fn large(maps: usize) -> Plan {
    use cutover_ir::map::{Map, Row, Source, Translate, TranslateRow};
    let mut plan = acme();
    for m in 0..maps {
        let kind = format!("kind{m:05}");
        let map = id(&format!("map/{kind}"));
        let rows = (0..10)
            .map(|r| {
                let to = format!("field{r}");
                let mut row: Row = items::row(&map, &format!("old{r}"), &to);
                if r == 3 {
                    row.pipe = vec![items::call("translate", vec![text(&format!("table{m}"))])];
                }
                row.from = vec![Source::Field(format!("old{r}"))];
                row
            })
            .collect();
        let content = Map {
            id: map.clone(),
            source: kind.clone(),
            target: kind.clone(),
            rows,
            dropped: Vec::new(),
            require: Vec::new(),
        };
        plan.items.insert(map, Item::new(Content::Map(content)));
        let table = id(&format!("translate/table{m}"));
        let rows: Vec<TranslateRow> =
            ["a", "b", "c"].map(|from| items::translate_row(&table, from, &from.to_uppercase())).into();
        plan.items
            .insert(table.clone(), Item::new(Content::Translate(Translate { id: table, rows, rest: None })));
        if let Some(mut stage) =
            plan.stages.iter().find(|stage| stage.id.as_str() == "stage/load/organization").cloned()
        {
            stage.id = id(&format!("stage/load/{kind}"));
            stage.items = vec![Ref(id(&format!("map/{kind}")))];
            plan.stages.push(stage);
        }
    }
    plan
}
