//! The parts of a map that a reader of a spec may wonder about.

use std::collections::BTreeSet;

use super::{Expected, Loaded, Outcome, Partial, Reason, eval_map, eval_partial};
use crate::Id;
use crate::host::{Host, NoHost};
use crate::map::{
    Call, Map, Outcome as Becomes, Pattern, Program, Requirement, Row, Source, Translate, TranslateRow,
    WhenMissing,
};
use crate::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use crate::quantity::Decimal;
use crate::types::{LossSet, Type};
use crate::value::{Record, Value};

fn t(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Record {
    fields.into_iter().map(|(path, value)| (path.to_owned(), value)).collect()
}

fn row(from: &str, to: &str, wanted: Type) -> Row {
    Row {
        id: Id::new(["map", "ticket", "to", to]),
        from: vec![Source::Field(from.to_owned())],
        to: vec![to.to_owned()],
        pipe: Vec::new(),
        when_missing: None,
        key: false,
        overflow: None,
        types: vec![wanted],
        loss: LossSet::EXACT,
        lossy: None,
        meaning: None,
        by_catalog: false,
    }
}

fn by(mut row: Row, function: &str, args: &[Literal]) -> Row {
    row.pipe.push(Call { function: function.to_owned(), args: args.to_vec() });
    row
}

fn when_missing(mut row: Row, rule: WhenMissing) -> Row {
    row.when_missing = Some(rule);
    row
}

fn map(rows: Vec<Row>) -> Map {
    Map {
        id: Id::new(["map", "ticket"]),
        source: "ticket".to_owned(),
        target: "ticket".to_owned(),
        rows,
        dropped: Vec::new(),
        require: Vec::new(),
    }
}

fn atom(field: &str, test: Test) -> Predicate {
    Predicate::Atom(Atom { field: field.to_owned(), test })
}

fn table(lines: &[(&str, &str)], rest: Option<Becomes>) -> Translate {
    let id = Id::new(["translate", "names"]);
    let rows = lines.iter().map(|(from, to)| TranslateRow {
        id: id.child(from),
        pattern: Pattern { text: (*from).to_owned(), wildcard: from.contains('*'), any_case: false },
        outcome: Becomes::Value(text(to)),
        seen_as: None,
        kept_in_tag: *from == "Closed",
        lossy: None,
    });
    Translate { rows: rows.collect(), id, rest }
}

fn with(table: Translate) -> Program {
    Program { translates: [("names".to_owned(), table)].into(), ..Program::default() }
}

fn names() -> Vec<Literal> {
    vec![text("names")]
}

/// The target's fields, or the rule and the reason of the rejection.
fn run(program: &Program, map: &Map, source: &Record) -> Result<Record, (String, Reason)> {
    match eval_map(program, map, source, &NoHost) {
        Outcome::Written(written) => Ok(written.fields),
        Outcome::Filtered => Ok(Record::new()),
        Outcome::Rejected(rejection) => Err((rejection.rule.to_string(), rejection.reason)),
    }
}

fn short_subject() -> Map {
    let mut subject = by(
        row("subject", "subject", Type::Text { max: Some(5) }),
        "cut",
        &[Literal::Number(Decimal::from(5))],
    );
    subject.overflow = Some("comment.first".to_owned());
    map(vec![row("body", "comment.first", Type::TEXT.optional()), subject])
}

#[test]
fn cut_off_text_goes_below_the_other() {
    let map = short_subject();
    let source = record([("body", t("Hello")), ("subject", t("Printer"))]);
    let expected = record([("comment.first", t("Hello\n\ner")), ("subject", t("Print"))]);
    assert_eq!(run(&Program::default(), &map, &source), Ok(expected));
    let alone = record([("comment.first", t("er")), ("subject", t("Print"))]);
    assert_eq!(run(&Program::default(), &map, &record([("subject", t("Printer"))])), Ok(alone));
    let short = record([("subject", t("Print"))]);
    assert_eq!(run(&Program::default(), &map, &record([("subject", t("Print"))])), Ok(short));
}

#[test]
fn cut_off_text_is_escaped_in_html_and_must_fit() {
    let mut map = short_subject();
    let source = record([("body", t("<b>x</b>")), ("subject", t("Print<er>"))]);
    if let Some(first) = map.rows.first_mut() {
        first.types = vec![Type::HTML];
    }
    let found = run(&Program::default(), &map, &source);
    assert_eq!(
        found,
        Ok(record([("comment.first", t("<b>x</b><p>&lt;er&gt;</p>")), ("subject", t("Print"))]))
    );
    if let Some(first) = map.rows.first_mut() {
        first.types = vec![Type::Html { max: Some(10) }];
    }
    let reason = Reason::TooLong { length: 25, max: 10 };
    assert_eq!(run(&Program::default(), &map, &source), Err(("map/ticket/to/subject".to_owned(), reason)));
}

#[test]
fn long_text_without_a_cut_is_rejected() {
    let map = map(vec![row("subject", "subject", Type::Text { max: Some(5) })]);
    let found = run(&Program::default(), &map, &record([("subject", t("Printer"))]));
    assert_eq!(found, Err(("map/ticket/to/subject".to_owned(), Reason::TooLong { length: 7, max: 5 })));
}

#[test]
fn missing_values_follow_the_row() {
    let wanted = Type::TEXT;
    let absent = Record::new();
    let run_one = |row: Row| run(&with(table(&[("agent", "Former agent")], None)), &map(vec![row]), &absent);
    let rejected = Err(("map/ticket/to/a".to_owned(), Reason::Missing));
    assert_eq!(run_one(row("a", "a", wanted.clone())), rejected);
    assert_eq!(run_one(row("a", "a", wanted.clone().optional())), Ok(Record::new()));
    assert_eq!(run_one(when_missing(row("a", "a", wanted.clone()), WhenMissing::Empty)), rejected);
    let constant = WhenMissing::Constant(text("none"));
    assert_eq!(
        run_one(when_missing(by(row("a", "a", wanted.clone()), "upper", &[]), constant)),
        Ok(record([("a", t("none"))])),
        "the stand-in is not passed through the functions"
    );
    assert_eq!(run_one(when_missing(row("a", "a", wanted.optional()), WhenMissing::Reject)), rejected);
    let mut key = row("a", "a", Type::TEXT.optional());
    key.key = true;
    assert_eq!(run_one(key), rejected);
}

#[test]
fn placeholders_stand_for_people() {
    let person = || row("author", "author", Type::Ref("target/user".into()));
    let program = with(table(&[("agent", "Former agent")], None));
    let one = map(vec![when_missing(person(), WhenMissing::Placeholder("Nobody".to_owned()))]);
    let placeholder = |name: &str| Ok(record([("author", Value::Placeholder(name.to_owned()))]));
    assert_eq!(run(&program, &one, &Record::new()), placeholder("Nobody"));
    let by_role = map(vec![when_missing(person(), WhenMissing::PlaceholderBy("names".to_owned()))]);
    let role = |role: &str| record([("author", Value::Missing), ("author.role", t(role))]);
    assert_eq!(run(&program, &by_role, &role("agent")), placeholder("Former agent"));
    let rejected =
        Err(("map/ticket/to/author".to_owned(), Reason::NotTranslated { table: "names".to_owned() }));
    assert_eq!(run(&program, &by_role, &role("end-user")), rejected);
}

#[test]
fn tables_map_lists_by_element() {
    let tags = |tags: &[&str]| Value::List(tags.iter().map(|tag| t(tag)).collect());
    let translated = |rest| {
        let program = with(table(&[("vip*", "vip"), ("b2b", "business"), ("vip-x", "x")], rest));
        let map = map(vec![by(row("tags", "tags", Type::Tags), "translate", &names())]);
        run(&program, &map, &record([("tags", tags(&["vip-7", "b2b", "eu", "vip", "vip-x"]))]))
    };
    let same = translated(Some(Becomes::Same));
    assert_eq!(same, Ok(record([("tags", tags(&["vip", "business", "eu", "x"]))])));
    let empty = translated(Some(Becomes::Empty));
    assert_eq!(empty, Ok(record([("tags", tags(&["vip", "business", "x"]))])));
    assert!(translated(None).is_err());
}

#[test]
fn old_values_are_kept_in_a_tag() {
    let program = with(table(&[("Closed", "closed"), ("Open", "open")], None));
    let status =
        by(row("status", "status", Type::Choice("target/ticket.status".into())), "translate", &names());
    let tags = by(row("tags", "labels", Type::Tags), "add", &[text("migrated")]);
    let map = map(vec![tags, status]);
    let source = |status: &str| record([("status", Value::Choice(status.to_owned()))]);
    let target = |status: &str, tags: &[&str]| {
        let tags = Value::List(tags.iter().map(|tag| t(tag)).collect());
        Ok(record([("status", Value::Choice(status.to_owned())), ("labels", tags)]))
    };
    assert_eq!(run(&program, &map, &source("Closed")), target("closed", &["migrated", "closed"]));
    assert_eq!(run(&program, &map, &source("Open")), target("open", &["migrated"]));
}

struct Desk;

impl Host for Desk {
    fn status_class(&self, _: &str, status: &str) -> Option<StatusClass> {
        match status {
            "Open" => Some(StatusClass::Unfinished),
            "Closed" => Some(StatusClass::Finished),
            _ => None,
        }
    }
    fn word(&self, kind: &str, field: &str, word: &str, record: &Record) -> Option<bool> {
        (kind == "ticket" && word == "merged").then(|| record.contains_key(field))
    }
    fn has_option(&self, _: &str, option: &str) -> Option<bool> {
        Some(option == "open")
    }
    fn table(&self, table: &str, field: &str, _: &Record) -> Option<Value> {
        (table == "crm" && field == "tier").then(|| t("premium"))
    }
}

#[test]
fn the_host_is_asked_and_not_guessed_for() {
    let holds = |predicate: &Predicate, source: Record| {
        let mut map = map(Vec::new());
        map.require = vec![Requirement {
            id: Id::new(["map", "ticket", "require", "it"]),
            predicate: predicate.clone(),
        }];
        match eval_map(&Program::default(), &map, &source, &Desk) {
            Outcome::Rejected(rejection) => Some(rejection.reason),
            _ => None,
        }
    };
    let finished = atom("status", Test::Class(StatusClass::Finished));
    assert_eq!(holds(&finished, record([("status", t("Closed"))])), None);
    assert_eq!(holds(&finished, record([("status", t("Open"))])), Some(Reason::Requirement));
    assert_eq!(holds(&finished, record([("status", t("Odd"))])), Some(Reason::Undecided));
    assert_eq!(holds(&finished, Record::new()), Some(Reason::Requirement));
    assert_eq!(holds(&atom("ticket", Test::Word("merged".to_owned())), record([("ticket", t("1"))])), None);
    let odd = atom("ticket", Test::Word("odd".to_owned()));
    assert_eq!(holds(&odd, Record::new()), Some(Reason::Undecided));
    assert_eq!(holds(&atom("crm.tier", Test::OneOf(vec![text("premium")])), Record::new()), None);
}

#[test]
fn options_and_tables_come_from_the_host() {
    let mut tier = row("x", "tier", Type::TEXT);
    tier.from = vec![Source::Table("crm".to_owned(), "tier".to_owned())];
    let status = row("status", "status", Type::Choice("target/ticket.status".into()));
    let map = map(vec![status, tier]);
    let run = |status: &str| {
        eval_map(&Program::default(), &map, &record([("status", Value::Choice(status.to_owned()))]), &Desk)
    };
    let Outcome::Written(written) = run("open") else { return assert_eq!(run("open"), Outcome::Filtered) };
    assert_eq!(written.fields.get("tier"), Some(&t("premium")));
    let Outcome::Rejected(rejection) = run("new") else { return assert_eq!(run("new"), Outcome::Filtered) };
    assert_eq!(rejection.reason, Reason::NoSuchOption { domain: "target/ticket.status".to_owned() });
}

fn partial(program: &Program, map: &Map, given: &Record, paths: &[&str]) -> Partial {
    let paths: BTreeSet<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    eval_partial(program, map, given, &paths, &NoHost)
}

fn depends(fields: &[&str]) -> Expected {
    Expected::DependsOn(fields.iter().map(|field| (*field).to_owned()).collect())
}

#[test]
fn a_test_holds_for_every_value_or_names_the_field() {
    let map = short_subject();
    let at = |given: Record, path: &str| {
        partial(&Program::default(), &map, &given, &[path]).fields.get(path).cloned()
    };
    let long = || record([("subject", t("Printer"))]);
    assert_eq!(at(long(), "subject"), Some(Expected::Known(t("Print"))));
    assert_eq!(at(long(), "comment.first"), Some(depends(&["body"])));
    assert_eq!(at(record([("body", t("Hello"))]), "comment.first"), Some(depends(&["subject"])));
    assert_eq!(at(Record::new(), "comment.first"), Some(depends(&["body", "subject"])));
    let whole = record([("body", Value::Missing), ("subject", t("Printer"))]);
    assert_eq!(at(whole, "comment.first"), Some(Expected::Known(t("er"))));
    assert_eq!(at(long(), "nothing"), Some(Expected::Known(Value::Missing)));
}

#[test]
fn stand_ins_and_kept_tags_depend_too() {
    let program = with(table(&[("Closed", "closed"), ("Open", "open")], None));
    let status = by(row("status", "status", Type::TEXT), "translate", &names());
    let tags = row("tags", "tags", Type::Tags.optional());
    let tier = when_missing(row("tier", "tier", Type::TEXT), WhenMissing::Constant(text("none")));
    let map = map(vec![status, tags, tier]);
    let given = record([("tags", Value::Missing)]);
    let found = partial(&program, &map, &given, &["tags", "tier"]);
    assert_eq!(found.fields.get("tags"), Some(&depends(&["status"])));
    assert_eq!(found.fields.get("tier"), Some(&depends(&["tier"])));
    let given = record([("tags", Value::Missing), ("status", t("Open")), ("tier", Value::Missing)]);
    let found = partial(&program, &map, &given, &["tags", "tier"]);
    assert_eq!(found.fields.get("tags"), Some(&Expected::Known(Value::Missing)));
    assert_eq!(found.fields.get("tier"), Some(&Expected::Known(t("none"))));
}

#[test]
fn requirements_decide_whether_a_test_record_is_loaded() {
    let mut map = short_subject();
    let present = |field: &str| Predicate::Not(Box::new(atom(field, Test::Empty)));
    map.require = vec![Requirement {
        id: Id::new(["map", "ticket", "require", "requester", "subject"]),
        predicate: Predicate::All(vec![present("requester"), present("subject")]),
    }];
    let loaded = |given: Record| partial(&Program::default(), &map, &given, &[]).loaded;
    assert_eq!(loaded(record([("subject", t("Print"))])), Loaded::DependsOn(vec!["requester".to_owned()]));
    assert_eq!(loaded(record([("subject", t("Print")), ("requester", t("a"))])), Loaded::Yes);
    let Loaded::No(rejection) = loaded(record([("requester", t("a")), ("subject", Value::Missing)])) else {
        return assert_eq!(loaded(Record::new()), Loaded::Yes);
    };
    assert_eq!((rejection.field.as_str(), rejection.reason), ("subject", Reason::Requirement));
}

#[test]
fn a_given_row_that_rejects_is_said_even_when_nobody_asks() {
    let map = map(vec![row("a", "a", Type::INT), row("b", "b", Type::INT)]);
    let found = partial(&Program::default(), &map, &record([("a", t("x")), ("b", Value::Int(1))]), &["b"]);
    assert_eq!(found.fields.get("b"), Some(&Expected::Known(Value::Int(1))));
    assert!(matches!(found.loaded, Loaded::No(rejection) if rejection.field == "a"));
}

#[test]
fn a_map_that_cannot_be_run_is_a_rejection() {
    let twice = map(vec![row("a", "a", Type::INT.optional()), row("b", "a", Type::INT.optional())]);
    assert!(matches!(run(&Program::default(), &twice, &Record::new()), Err((_, Reason::Malformed(_)))));
    for function in ["no_such", "translate"] {
        let map = map(vec![by(row("a", "a", Type::INT), function, &[text("no_such")])]);
        assert!(matches!(run(&Program::default(), &map, &Record::new()), Err((_, Reason::Malformed(_)))));
    }
    let two = map(vec![by(row("a", "a", Type::TEXT), "split", &[text("/")])]);
    assert!(matches!(
        run(&Program::default(), &two, &record([("a", t("x/y"))])),
        Err((_, Reason::Malformed(_)))
    ));
}
