//! A whole ticket map, built by hand, over ten records with results derived by hand: that the library says what a real map needs.

use std::collections::BTreeMap;

use cutover_ir::eval::{Outcome, Reason, eval};
use cutover_ir::functions::{TRANSLATE, pipe_signature};
use cutover_ir::host::NoHost;
use cutover_ir::map::{
    Call, Map, Outcome as Becomes, Pattern, Program, Requirement, Row, Source, Translate, TranslateRow,
    WhenMissing,
};
use cutover_ir::predicate::{Atom, Literal, Predicate, Test};
use cutover_ir::quantity::Decimal;
use cutover_ir::value::Record;
use cutover_ir::{Id, LossSet, Type, Value};

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

fn number(n: i64) -> Literal {
    Literal::Number(Decimal::from(n))
}

fn call(function: &str, args: &[Literal]) -> Call {
    Call { function: function.to_owned(), args: args.to_vec() }
}

fn translate(table: &str) -> Call {
    call(TRANSLATE, &[text(table)])
}

fn table(name: &str, lines: &[(String, Literal)], rest: Option<Becomes>) -> Translate {
    let id = Id::new(["translate", name]);
    let rows = lines.iter().map(|(from, to)| TranslateRow {
        id: id.child(from),
        pattern: Pattern { text: from.clone(), wildcard: false, any_case: false },
        outcome: Becomes::Value(to.clone()),
        seen_as: None,
        kept_in_tag: false,
        lossy: None,
    });
    Translate { rows: rows.collect(), id, rest }
}

fn lines(pairs: &[(&str, &str)]) -> Vec<(String, Literal)> {
    pairs.iter().map(|(from, to)| ((*from).to_owned(), text(to))).collect()
}

fn program() -> Program {
    let statuses = lines(&[
        ("archived", "closed"),
        ("closed", "closed"),
        ("deleted", "trashed"),
        ("hold", "on_hold"),
        ("new", "new"),
        ("open", "open"),
        ("pending", "waiting_on_customer"),
        ("solved", "resolved"),
    ]);
    let priorities: Vec<(String, Literal)> = [("low", 1), ("normal", 2), ("high", 3), ("urgent", 4)]
        .map(|(from, to)| (from.to_owned(), number(to)))
        .to_vec();
    let products = lines(&[
        ("core suite", "core"),
        ("analytics", "analytics"),
        ("mobile app", "mobile"),
        ("gateway", "gateway"),
        ("billing hub", "billing"),
        ("chat", "chat"),
        ("voice", "voice"),
        ("explore", "explore"),
        ("guide", "guide"),
        ("sell", "sell"),
    ]);
    let mut tags = Vec::new();
    for tag in
        ["billing", "refund", "login", "vip", "shipping", "api", "mobile", "outage", "invoice", "trial"]
    {
        for end in ["old", "v1", "v2", "legacy", "x"] {
            tags.push((format!("{tag}_{end}"), text(tag)));
        }
    }
    assert_eq!((statuses.len(), products.len(), tags.len()), (8, 10, 50));
    let tables = [
        ("statuses", table("statuses", &statuses, Some(Becomes::Value(text("open"))))),
        ("priorities", table("priorities", &priorities, Some(Becomes::Value(number(2))))),
        ("products", table("products", &products, Some(Becomes::Value(text("other"))))),
        ("tag_names", table("tag_names", &tags, Some(Becomes::Same))),
    ];
    let translates = tables.map(|(name, table)| (name.to_owned(), table)).into();
    Program { maps: BTreeMap::from([("ticket".to_owned(), map())]), translates }
}

fn row(from: &[&str], to: &[(&str, Type)], pipe: &[Call]) -> Row {
    let first = to.first().map_or("", |(path, _)| path);
    Row {
        id: Id::new(["map", "ticket", "to", first]),
        from: from.iter().map(|path| Source::Field((*path).to_owned())).collect(),
        to: to.iter().map(|(path, _)| (*path).to_owned()).collect(),
        pipe: pipe.to_vec(),
        when_missing: None,
        key: false,
        overflow: None,
        types: to.iter().map(|(_, t)| t.clone()).collect(),
        loss: LossSet::EXACT,
        lossy: None,
        meaning: None,
        by_catalog: false,
    }
}

fn or(mut row: Row, stand_in: Literal) -> Row {
    row.when_missing = Some(WhenMissing::Constant(stand_in));
    row
}

fn opt(t: &Type) -> Type {
    t.clone().optional()
}

fn limited(max: u32) -> Type {
    Type::Text { max: Some(max) }
}

fn map() -> Map {
    let (int, plain) = (Type::INT, Type::TEXT);
    let field = |id: &str| call("at", &[text(id)]);
    let instant = || call("parse_instant", &[]);
    let rows = vec![
        row(&["id"], &[("legacy_id", int.clone())], &[]),
        row(&["url"], &[("source_url", Type::Url)], &[]),
        row(&["external_id"], &[("ext_ref", opt(&plain))], &[]),
        row(&["description"], &[("body", plain.clone())], &[]),
        row(&["type"], &[("ticket_type", opt(&plain))], &[]),
        row(&["assignee_id"], &[("agent_id", opt(&int))], &[]),
        row(&["group_id"], &[("team_id", opt(&int))], &[]),
        row(&["brand_id"], &[("brand", int.clone())], &[]),
        row(&["comment_count"], &[("n_comments", Type::Count)], &[]),
        row(&["organization.name"], &[("company", opt(&plain))], &[]),
        row(&["requester.id"], &[("contact_id", int.clone())], &[]),
        row(&["satisfaction_rating.score"], &[("csat", opt(&plain))], &[]),
        row(&["subject"], &[("title", limited(255))], &[call("cut", &[number(255)])]),
        or(row(&["status"], &[("state", plain.clone())], &[translate("statuses")]), text("open")),
        or(
            row(&["priority"], &[("prio", Type::Int { min: 1, max: 4 })], &[translate("priorities")]),
            number(2),
        ),
        row(&["tags"], &[("labels", Type::Tags)], &[translate("tag_names"), call("distinct", &[])]),
        or(
            row(
                &["custom_fields"],
                &[("product", plain.clone())],
                &[field("360001"), call("lower", &[]), translate("products")],
            ),
            text("other"),
        ),
        row(
            &["custom_fields"],
            &[("category", opt(&plain)), ("subcategory", opt(&plain))],
            &[field("360002"), call("split", &[text("/")])],
        ),
        row(&["custom_fields"], &[("region", opt(&plain))], &[field("360003")]),
        row(&["custom_fields"], &[("contract_no", opt(&plain))], &[field("360004")]),
        row(&["custom_fields"], &[("severity", opt(&plain))], &[field("360005")]),
        row(&["created_at"], &[("created_epoch", int.clone())], &[instant(), call("epoch_seconds", &[])]),
        row(
            &["updated_at"],
            &[("updated_utc", limited(20))],
            &[instant(), call("utc", &[text("%Y-%m-%dT%H:%M:%SZ")])],
        ),
        row(
            &["requester.email"],
            &[("contact_email", plain.clone())],
            &[call("trim", &[]), call("lower", &[])],
        ),
        row(
            &["requester.name", "requester.email"],
            &[("contact", plain.clone())],
            &[call("format", &[text("{1} <{2 by trim, lower}>")])],
        ),
        row(&["via.channel"], &[("via", plain)], &[]),
    ];
    let empty = Predicate::Atom(Atom { field: "requester".to_owned(), test: Test::Empty });
    Map {
        id: Id::new(["map", "ticket"]),
        source: "ticket".to_owned(),
        target: "case".to_owned(),
        rows,
        dropped: Vec::new(),
        require: vec![Requirement {
            id: Id::new(["map", "ticket", "require", "requester"]),
            predicate: Predicate::Not(Box::new(empty)),
        }],
    }
}

/// What the source's fields are.
fn source_type(path: &str) -> Type {
    match path {
        "id" | "brand_id" | "requester.id" => Type::INT,
        "assignee_id" | "group_id" => opt(&Type::INT),
        "comment_count" => Type::Count,
        "url" => Type::Url,
        "tags" => Type::Tags,
        "custom_fields" => Type::List(Box::new(opt(&Type::TEXT))),
        "status" => Type::Choice("source/ticket.status".into()),
        "priority" => opt(&Type::Choice("source/ticket.priority".into())),
        "external_id" | "organization.name" | "satisfaction_rating.score" | "type" => opt(&Type::TEXT),
        _ => Type::TEXT,
    }
}

fn t(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn tags(tags: &[&str]) -> Value {
    Value::List(tags.iter().map(|tag| t(tag)).collect())
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Record {
    fields.into_iter().map(|(path, value)| (path.to_owned(), value)).collect()
}

fn entry(id: i64, value: Value) -> Value {
    Value::Record(record([("id", Value::Int(id)), ("value", value)]))
}

fn custom(product: Value, category: Value, region: Value) -> Value {
    Value::List(vec![
        entry(360_005, t("2")),
        entry(360_001, product),
        entry(360_002, category),
        entry(360_003, region),
        entry(360_004, t("C-77")),
    ])
}

fn requester(name: &str, email: &str) -> Value {
    Value::Record(record([("id", Value::Int(900)), ("name", t(name)), ("email", t(email))]))
}

/// The first record. The others are this one with changes.
fn ticket() -> Record {
    record([
        ("id", Value::Int(1)),
        ("url", t("https://legacy.example/tickets/1")),
        ("external_id", t("X-1")),
        ("description", t("It does not print.")),
        ("type", t("incident")),
        ("assignee_id", Value::Int(71)),
        ("group_id", Value::Int(81)),
        ("brand_id", Value::Int(91)),
        ("comment_count", Value::Int(3)),
        ("organization", Value::Record(record([("name", t("Acme"))]))),
        ("requester", requester("Ann Lee", "ann@example.org")),
        ("satisfaction_rating", Value::Record(record([("score", t("good"))]))),
        ("subject", t("Printer is down")),
        ("status", Value::Choice("pending".to_owned())),
        ("priority", Value::Choice("high".to_owned())),
        ("tags", tags(&["vip_old", "eu"])),
        ("custom_fields", custom(t("Core Suite"), t("hardware/printer"), t("emea"))),
        ("created_at", t("2024-01-02T03:04:05Z")),
        ("updated_at", t("2024-01-02T04:04:05+01:00")),
        ("via", Value::Record(record([("channel", t("email"))]))),
        ("spam", Value::Bool(false)),
    ])
}

fn case() -> Record {
    record([
        ("legacy_id", Value::Int(1)),
        ("source_url", t("https://legacy.example/tickets/1")),
        ("ext_ref", t("X-1")),
        ("body", t("It does not print.")),
        ("ticket_type", t("incident")),
        ("agent_id", Value::Int(71)),
        ("team_id", Value::Int(81)),
        ("brand", Value::Int(91)),
        ("n_comments", Value::Int(3)),
        ("company", t("Acme")),
        ("contact_id", Value::Int(900)),
        ("csat", t("good")),
        ("title", t("Printer is down")),
        ("state", t("waiting_on_customer")),
        ("prio", Value::Int(3)),
        ("labels", tags(&["vip", "eu"])),
        ("product", t("core")),
        ("category", t("hardware")),
        ("subcategory", t("printer")),
        ("region", t("emea")),
        ("contract_no", t("C-77")),
        ("severity", t("2")),
        ("created_epoch", Value::Int(1_704_164_645)),
        ("updated_utc", t("2024-01-02T03:04:05Z")),
        ("contact_email", t("ann@example.org")),
        ("contact", t("Ann Lee <ann@example.org>")),
        ("via", t("email")),
    ])
}

fn run(changes: Record) -> Outcome {
    let mut ticket = ticket();
    ticket.extend(changes);
    let program = program();
    let Some(map) = program.maps.get("ticket") else { return Outcome::Filtered };
    let spam = Atom { field: "spam".to_owned(), test: Test::OneOf(vec![Literal::Bool(true)]) };
    eval(&program, map, &Predicate::Not(Box::new(Predicate::Atom(spam))), &ticket, &NoHost)
}

/// The changed record becomes the first case with changes; a missing value is an absent field.
fn becomes<const N: usize, const M: usize>(changes: [(&str, Value); N], expected: [(&str, Value); M]) {
    let mut case = case();
    case.extend(record(expected));
    case.retain(|_, value| *value != Value::Missing);
    let written = match run(record(changes)) {
        Outcome::Written(written) => Ok(written.fields),
        other => Err(other),
    };
    assert_eq!(written, Ok(case));
}

/// Rule, field and reason of the changed record's rejection.
fn rejected<const N: usize>(changes: [(&str, Value); N]) -> Option<(String, String, Reason)> {
    match run(record(changes)) {
        Outcome::Rejected(rejection) => Some((rejection.rule.to_string(), rejection.field, rejection.reason)),
        _ => None,
    }
}

#[test]
fn first_record() {
    becomes([], []);
}

#[test]
fn second_has_a_long_subject_and_an_offset() {
    let (long, cut) = (format!("{}🖨äb", "x".repeat(253)), format!("{}🖨ä", "x".repeat(253)));
    becomes(
        [("subject", t(&long)), ("created_at", t("2024-01-02T03:04:05+02:00"))],
        [("title", t(&cut)), ("created_epoch", Value::Int(1_704_157_445))],
    );
}

#[test]
fn third_has_little() {
    becomes(
        [
            ("organization", Value::Missing),
            ("external_id", Value::Missing),
            ("assignee_id", Value::Missing),
            ("satisfaction_rating", Value::Record(record([("score", Value::Missing)]))),
            ("status", Value::Choice("escalated".to_owned())),
            ("priority", Value::Missing),
            ("tags", tags(&[])),
        ],
        [
            ("company", Value::Missing),
            ("ext_ref", Value::Missing),
            ("agent_id", Value::Missing),
            ("csat", Value::Missing),
            ("state", t("open")),
            ("prio", Value::Int(2)),
            ("labels", tags(&[])),
        ],
    );
}

#[test]
fn fourth_is_spam() {
    assert_eq!(run(record([("spam", Value::Bool(true))])), Outcome::Filtered);
}

#[test]
fn fifth_has_no_requester() {
    let rule = "map/ticket/require/requester".to_owned();
    let expected = (rule, "requester".to_owned(), Reason::Requirement);
    assert_eq!(rejected([("requester", Value::Missing)]), Some(expected));
}

#[test]
fn sixth_is_spam_without_requester() {
    let changes = record([("spam", Value::Bool(true)), ("requester", Value::Missing)]);
    assert_eq!(run(changes), Outcome::Filtered);
}

#[test]
fn seventh_has_tags_that_become_one() {
    becomes(
        [
            ("tags", tags(&["eu", "billing_v2", "vip", "billing_old", "vip_x", "eu"])),
            ("custom_fields", custom(t("MOBILE APP"), t("howto"), t("amer"))),
        ],
        [
            ("labels", tags(&["eu", "billing", "vip"])),
            ("product", t("mobile")),
            ("category", t("howto")),
            ("subcategory", Value::Missing),
            ("region", t("amer")),
        ],
    );
}

#[test]
fn eighth_has_odd_custom_fields() {
    let fields =
        Value::List(vec![entry(360_002, t("a/b/c")), entry(360_001, t("Time machine")), entry(7, t("x"))]);
    becomes(
        [("custom_fields", fields), ("status", Value::Choice("deleted".to_owned()))],
        [
            ("product", t("other")),
            ("category", t("a")),
            ("subcategory", t("b/c")),
            ("region", Value::Missing),
            ("contract_no", Value::Missing),
            ("severity", Value::Missing),
            ("state", t("trashed")),
        ],
    );
}

#[test]
fn ninth_is_before_the_epoch() {
    becomes(
        [("created_at", t("1969-12-31T23:59:59.5Z")), ("updated_at", t("2024-03-01T02:15:00.999+05:30"))],
        [("created_epoch", Value::Int(-1)), ("updated_utc", t("2024-02-29T20:45:00Z"))],
    );
}

#[test]
fn tenth_has_an_untidy_address() {
    becomes(
        [
            ("requester", requester("Änne O'Hara", "  ÄNNE@Example.ORG\t")),
            ("custom_fields", custom(Value::Missing, Value::Missing, Value::Missing)),
        ],
        [
            ("contact_email", t("änne@example.org")),
            ("contact", t("Änne O'Hara <änne@example.org>")),
            ("product", t("other")),
            ("category", Value::Missing),
            ("subcategory", Value::Missing),
            ("region", Value::Missing),
        ],
    );
}

#[test]
fn a_bad_time_is_rejected_by_its_row() {
    let found =
        rejected([("created_at", t("yesterday"))]).map(|(rule, _, reason)| (rule, reason.to_string()));
    let reason = "the value is not a time with an offset (`parse_instant`)";
    assert_eq!(found, Some(("map/ticket/to/created_epoch".to_owned(), reason.to_owned())));
}

/// The type rules agree with what the rows are declared to give.
#[test]
fn rows_have_types() {
    for row in map().rows {
        let inputs: Vec<Type> = row
            .from
            .iter()
            .map(|source| match source {
                Source::Field(path) => source_type(path),
                _ => Type::Poison,
            })
            .collect();
        let table = |name: &str, input: &Type| {
            let single = match name {
                "priorities" => Type::Int { min: 1, max: 4 },
                "tag_names" => Type::Tags,
                _ => Type::TEXT,
            };
            let output = if input.is_optional() { single.optional() } else { single };
            Some(cutover_ir::functions::Signature { outputs: vec![output], loss: LossSet::EXACT })
        };
        let signature = pipe_signature(&inputs, &row.pipe, &table);
        let found = signature.as_ref().map(|signature| signature.outputs.clone()).unwrap_or_default();
        assert_eq!(found.len(), row.types.len(), "{}: {signature:?}", row.id);
        for (found, wanted) in found.iter().zip(&row.types) {
            let found = if row.when_missing.is_some() { found.required() } else { found };
            assert!(found.is_subtype_of(wanted), "{}: {found} is not {wanted}", row.id);
        }
    }
}
