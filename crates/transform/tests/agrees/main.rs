//! The engine says of every record what the reference evaluator says: random maps over all functions, random records, as text.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../../../ir/tests/laws/generate.rs"]
#[expect(dead_code, reason = "the laws of the library use more of it")]
mod generate;
mod json;

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::eval::{self, Outcome as Said};
use cutover_ir::host::Host;
use cutover_ir::map::{Map, Program as Tables, Row, Source, WhenMissing};
use cutover_ir::predicate::{Predicate, Test};
use cutover_ir::value::{Record, Value};
use cutover_ir::{Id, Type};
use cutover_plan::model::{DomainOption, FieldSchema, KindSchema, Schema};
use cutover_transform::{Cause, Layout, NoOthers, Options, Outcome, Parts, Program, Worker, run};
use generate::{East, PATHS};
use json::{J, Style};
use proptest::prelude::*;
use proptest::sample::select;

/// What the evaluator says of a record, in the engine's terms.
#[derive(Debug, PartialEq)]
enum Expected {
    Written(Record),
    Filtered(Option<Id>),
    /// Rule, field, cause as words.
    Rejected(Id, String, String),
}

/// A kind's fields and their types; a path without one is read as JSON has it.
type Types = BTreeMap<String, Type>;

const STATUS: &str = "source/k.status";

fn options() -> Vec<DomainOption> {
    let option = |name: &str, value: Option<&str>| DomainOption {
        name: name.to_owned(),
        value: value.map(str::to_owned),
        class: None,
        immutable: false,
        not_on_create: false,
        seen_as: None,
    };
    vec![option("a", Some("2")), option("b c", Some("3")), option("c", Some("a")), option("d", Some("3"))]
}

fn schema(types: &Types) -> Schema {
    let field = |of_type: &Type| FieldSchema {
        of_type: of_type.clone(),
        required: false,
        read_only: false,
        on_create_only: false,
        unique: false,
        account_id: None,
    };
    let fields = types.iter().map(|(path, of_type)| (path.clone(), field(of_type))).collect();
    let kind = KindSchema { fields, ..KindSchema::default() };
    Schema {
        kinds: [("k".to_owned(), kind)].into(),
        domains: [(STATUS.to_owned(), options())].into(),
        ..Schema::default()
    }
}

/// A value as a field's type reads it: the rules of the engine's `read`, said once more over a tree.
fn read(value: &J, of_type: Option<&Type>) -> Option<Value> {
    if *value == J::Null {
        return Some(Value::Missing);
    }
    let spelled = |value: &J| match value {
        J::Text(text, _) => Some(text.clone()),
        J::Int(_) | J::Decimal(_) => Some(value.plain()),
        _ => None,
    };
    match of_type.map_or(&Type::Poison, Type::required) {
        Type::Text { .. } | Type::Html { .. } | Type::Email | Type::Url | Type::Phone => {
            spelled(value).map(Value::Text)
        }
        Type::Choice(domain) => {
            let text = spelled(value)?;
            let options = if **domain == *STATUS { options() } else { Vec::new() };
            let mut of_value = options.iter().filter(|option| option.value.as_deref() == Some(&text));
            let name =
                match (options.iter().any(|option| option.name == text), of_value.next(), of_value.next()) {
                    (false, Some(only), None) => only.name.clone(),
                    _ => text,
                };
            Some(Value::Choice(name))
        }
        Type::Ref(_) => match value {
            J::Object(members) => {
                let id = &members.iter().find(|(name, _)| name == "id")?.1;
                spelled(id).map(Value::Ref)
            }
            _ => spelled(value).map(Value::Ref),
        },
        Type::Int { .. } | Type::Count => match value {
            J::Int(number) => Some(Value::Int(*number)),
            J::Text(text, Style::Plain) => {
                text.parse().ok().filter(|number: &i64| number.to_string() == *text).map(Value::Int)
            }
            _ => None,
        },
        Type::Decimal | Type::Percent => match value {
            J::Int(number) => Some(Value::Decimal((*number).into())),
            J::Decimal(number) => Some(Value::Decimal(*number)),
            J::Text(text, Style::Plain) => cutover_ir::quantity::Decimal::parse(text).map(Value::Decimal),
            _ => None,
        },
        Type::Bool => match value {
            J::Bool(flag) => Some(Value::Bool(*flag)),
            _ => None,
        },
        Type::Date => match value {
            J::Text(text, _) => cutover_ir::time::Date::parse(text).map(Value::Date),
            _ => None,
        },
        Type::Instant => match value {
            J::Text(text, _) => cutover_ir::time::Instant::parse(text).map(Value::Instant),
            _ => None,
        },
        // Written as whole numbers are: `3600`, in some exports `"3600"`.
        Type::Duration => match read(value, Some(&Type::INT))? {
            Value::Int(number) => {
                let seconds = u64::try_from(number).ok()?;
                Some(Value::Duration(cutover_ir::quantity::Duration::elapsed(seconds)))
            }
            _ => None,
        },
        Type::Tags => list(value, Some(&Type::TEXT)),
        Type::Choices(domain) => list(value, Some(&Type::Choice(domain.clone()))),
        Type::List(item) => list(value, Some(item)),
        _ => match value {
            J::Null => Some(Value::Missing),
            J::Bool(flag) => Some(Value::Bool(*flag)),
            J::Int(number) => Some(Value::Int(*number)),
            J::Decimal(number) => Some(Value::Decimal(*number)),
            J::Text(text, _) => Some(Value::Text(text.clone())),
            J::List(items) => {
                Some(Value::List(items.iter().map(|item| read(item, None)).collect::<Option<_>>()?))
            }
            J::Object(members) => object(members, None),
        },
    }
}

fn list(value: &J, item: Option<&Type>) -> Option<Value> {
    let J::List(items) = value else { return None };
    let items = items.iter().map(|element| match (element, item.map(Type::required)) {
        (J::Object(members), read) if !matches!(read, Some(Type::Ref(_))) => object(members, item),
        (element, _) => read(element, item),
    });
    Some(Value::List(items.collect::<Option<_>>()?))
}

fn object(members: &[(String, J)], value: Option<&Type>) -> Option<Value> {
    let fields = members.iter().map(|(name, member)| {
        Some((name.clone(), read(member, if name == "value" { value } else { None })?))
    });
    Some(Value::Record(fields.collect::<Option<_>>()?))
}

/// Where a path leads: nowhere, to a value, or into something that has no members.
fn place<'j>(record: &'j [(String, J)], path: &str) -> Result<Option<&'j J>, ()> {
    Ok(inside(record, path)?.or_else(|| member(record, path)))
}

fn member<'j>(members: &'j [(String, J)], name: &str) -> Option<&'j J> {
    members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn inside<'j>(members: &'j [(String, J)], path: &str) -> Result<Option<&'j J>, ()> {
    let Some((first, rest)) = path.split_once('.') else { return Ok(member(members, path)) };
    match member(members, first) {
        None => Ok(None),
        Some(J::Object(members)) => inside(members, rest),
        Some(J::Null) => Ok(Some(&J::Null)),
        Some(_) => Err(()),
    }
}

struct Reference<'t> {
    tables: &'t Tables,
    map: &'t Map,
    scope: &'t [(Id, bool, Predicate)],
    types: &'t Types,
    json: &'t [(String, J)],
}

impl Reference<'_> {
    /// `Err` when the value is of another type.
    fn field(&self, path: &str) -> Result<Option<Value>, ()> {
        match place(self.json, path)? {
            None => Ok(None),
            Some(value) => read(value, self.types.get(path)).map(Some).ok_or(()),
        }
    }

    fn record(&self) -> Record {
        let mut paths: BTreeSet<String> = PATHS.iter().map(|path| (*path).to_owned()).collect();
        paths.extend(self.map.rows.iter().filter_map(role));
        paths.into_iter().filter_map(|path| Some((path.clone(), self.field(&path).ok()??))).collect()
    }

    fn unreadable(&self, rule: &Id, paths: &[String]) -> Option<Expected> {
        let wrong = paths.iter().find(|path| self.field(path).is_err())?;
        Some(Expected::Rejected(rule.clone(), wrong.clone(), "other-type".to_owned()))
    }

    fn says(&self) -> Expected {
        for (id, _, predicate) in self.scope {
            if let Some(wrong) = self.unreadable(id, &fields(predicate)) {
                return wrong;
            }
        }
        let record = self.record();
        let holds = |predicate: &Predicate| {
            eval::truth(predicate, "k", &record, false, &East) == eval::Truth::Known(true)
        };
        let import = Predicate::Any(
            self.scope
                .iter()
                .filter(|(_, import, _)| *import)
                .map(|(_, _, predicate)| predicate.clone())
                .collect(),
        );
        let import = if self.scope.is_empty() { Predicate::Const(true) } else { import };
        let empty = Map { rows: Vec::new(), require: Vec::new(), ..self.map.clone() };
        let eval = |map: &Map| eval::eval(self.tables, map, &import, &record, &East);
        if eval(&empty) == Said::Filtered {
            let part = self.scope.iter().find(|(_, import, predicate)| !import && holds(predicate));
            return Expected::Filtered(part.map(|(id, _, _)| id.clone()));
        }
        // Requirements and rows are read one after the other, so what is wrong first is said first.
        let mut so_far = empty;
        for requirement in &self.map.require {
            if let Some(wrong) = self.unreadable(&requirement.id, &fields(&requirement.predicate)) {
                return wrong;
            }
            so_far.require.push(requirement.clone());
            if let Said::Rejected(rejection) = eval(&so_far) {
                return rejected(rejection);
            }
        }
        // Without what rows hand to other fields, which comes last.
        for row in &self.map.rows {
            // Inputs are read from left to right, up to a table that is not there.
            let paths =
                inputs(row).into_iter().take_while(|(path, table)| !table || self.field(path) != Ok(None));
            let paths: Vec<String> = paths.map(|(path, _)| path).collect();
            if let Some(wrong) = self.unreadable(&row.id, &paths) {
                return wrong;
            }
            let alone = Row { overflow: None, ..row.clone() };
            so_far.rows = vec![alone];
            let mut tables = self.tables.clone();
            for table in tables.translates.values_mut() {
                table.rows.iter_mut().for_each(|line| line.kept_in_tag = false);
            }
            if let Said::Rejected(rejection) = eval::eval(&tables, &so_far, &import, &record, &East) {
                return rejected(rejection);
            }
        }
        match eval(self.map) {
            Said::Written(written) => Expected::Written(written.fields),
            Said::Rejected(rejection) => rejected(rejection),
            Said::Filtered => panic!("it was in scope before"),
        }
    }
}

fn rejected(rejection: eval::Rejection) -> Expected {
    Expected::Rejected(rejection.rule, rejection.field, format!("{:?}", rejection.reason))
}

fn fields(predicate: &Predicate) -> Vec<String> {
    let mut fields = Vec::new();
    predicate.visit_atoms(&mut |atom| {
        if !matches!(atom.test, Test::Word(_)) {
            fields.push(atom.field.clone());
        }
    });
    fields
}

/// The paths that a row reads, and whether each leads into a table.
fn inputs(row: &Row) -> Vec<(String, bool)> {
    let paths = row.from.iter().filter_map(|source| match source {
        Source::Field(path) => Some((path.clone(), false)),
        Source::Table(table, name) => Some((format!("{table}.{name}"), true)),
        Source::Constant(_) => None,
    });
    paths.collect()
}

fn role(row: &Row) -> Option<String> {
    let field = row.from.iter().find_map(|source| match source {
        Source::Field(path) => Some(path.clone()),
        Source::Table(table, name) => Some(format!("{table}.{name}")),
        Source::Constant(_) => None,
    });
    matches!(row.when_missing, Some(WhenMissing::PlaceholderBy(_)))
        .then(|| format!("{}.role", field.unwrap_or_default()))
}

/// A host that also knows a table and options.
struct Wide;

impl Host for Wide {
    fn table(&self, table: &str, field: &str, record: &Record) -> Option<Value> {
        (table == "c").then(|| record.get("a").cloned().unwrap_or(Value::Text(field.to_owned())))
    }
}

fn program(tables: &Tables, map: &Map, scope: &[(Id, bool, Predicate)], types: &Types) -> Program {
    Program::new(&Parts {
        translations: tables,
        map,
        scope: scope.to_vec(),
        schema: Some(&schema(types)),
        layout: &Layout::default(),
        tables: BTreeMap::from([("c".to_owned(), None)]),
    })
}

fn agree(tables: &Tables, map: &Map, scope: &[(Id, bool, Predicate)], types: &Types, json: &[(String, J)]) {
    let expected = Reference { tables, map, scope, types, json }.says();
    let program = program(tables, map, scope, types);
    let text = J::Object(json.to_vec()).text();
    let mut out = Vec::new();
    let found = match Worker::new(&program, &East).record(&text, &NoOthers, &mut out) {
        Outcome::Filtered(part) => Expected::Filtered(part),
        Outcome::Rejected(reject) => {
            let cause = match reject.cause {
                Cause::Rule(reason) => format!("{reason:?}"),
                other => other.code().to_owned(),
            };
            Expected::Rejected(reject.rule, reject.field, cause)
        }
        Outcome::Written => {
            let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
            let wanted = match &expected {
                Expected::Written(fields) => json::of_record(fields),
                other => panic!("{text}\n was written as {line}, expected {other:?}"),
            };
            let serde_json::Value::Object(mut line) = line else { panic!("{line} is no object") };
            line.retain(|_, value| !value.is_null());
            assert_eq!(serde_json::Value::Object(line), wanted, "\n{text}");
            return;
        }
    };
    assert_eq!(found, expected, "\n{text}");
    assert!(out.is_empty());
}

fn types() -> BoxedStrategy<Types> {
    let of_type = select(generate::typed().into_iter().map(|(of_type, _)| of_type).collect::<Vec<_>>());
    let of_type = prop_oneof![
        8 => of_type,
        1 => Just(Type::Tags),
        1 => Just(Type::Choice(STATUS.into())),
        1 => Just(Type::Email),
        1 => Just(Type::Poison),
        1 => Just(Type::List(Box::new(Type::Ref("s/user".into())))),
    ];
    let paths = PATHS.to_vec();
    proptest::collection::btree_map(select(paths).prop_map(str::to_owned), of_type, 0..6).boxed()
}

fn scopes() -> BoxedStrategy<Vec<(Id, bool, Predicate)>> {
    let part = (any::<bool>(), generate::predicates());
    proptest::collection::vec(part, 0..3)
        .prop_map(|parts| {
            let parts = parts.into_iter().enumerate();
            parts
                .map(|(at, (import, which))| (Id::new(["scope", "k", &at.to_string()]), import, which))
                .collect()
        })
        .boxed()
}

fn config() -> ProptestConfig {
    // PROPTEST_CASES asks for more; a failing seed is printed.
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases * 5, ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_map_over_any_record(
        (tables, map) in generate::programs(), scope in scopes(), (types, record) in types().prop_flat_map(|types| {
            let records = json::records(&types);
            (Just(types), records)
        }),
    ) {
        agree(&tables, &map, &scope, &types, &record);
    }

    #[test]
    fn maps_that_most_records_pass(
        (tables, map) in generate::plain_programs(), record in json::plain_records(),
    ) {
        agree(&tables, &map, &[], &Types::new(), &record);
    }

    #[test]
    fn one_function_on_a_value_of_its_type(
        (function, args, of_type, a, _) in generate::applied(), style in any::<bool>(),
    ) {
        let Some(value) = json::of_value(&a, if style { Style::Escaped } else { Style::Plain }) else { return Ok(()) };
        let outputs = function.signature(std::slice::from_ref(&of_type), &args);
        let outputs = outputs.map_or_else(|_| vec![Type::Poison], |signature| signature.outputs);
        let to: Vec<String> = (0..outputs.len()).map(|at| format!("x{at}")).collect();
        let mut map = map_of(Row {
            id: Id::new(["map", "k", "to", "x0"]),
            from: vec![Source::Field("a".to_owned())],
            to,
            pipe: vec![cutover_ir::map::Call { function: function.name.to_owned(), args }],
            when_missing: None,
            key: false,
            overflow: None,
            types: outputs.into_iter().map(Type::optional).collect(),
            loss: cutover_ir::LossSet::EXACT,
            lossy: None,
            meaning: None,
            by_catalog: false,
        });
        let types = Types::from([("a".to_owned(), of_type)]);
        let record = [("a".to_owned(), value)];
        agree(&Tables::default(), &map, &[], &types, &record);
        // Two values through one function.
        for row in &mut map.rows {
            row.from.push(Source::Field("a".to_owned()));
        }
        agree(&Tables::default(), &map, &[], &types, &record);
    }

    #[test]
    fn threads_and_blocks_change_nothing(
        (tables, map) in generate::plain_programs(), records in proptest::collection::vec(json::plain_records(), 0..40),
        noise in proptest::collection::vec(select(vec!["", "  ", "{", "[]", "{\"a\":1,\"a\":2}", "\u{fffd}"]), 0..5), times in 1..60_usize,
    ) {
        let program = program(&tables, &map, &[], &Types::new());
        let mut input = String::new();
        for _ in 0..times {
            for record in &records {
                input.push_str(&J::Object(record.clone()).text());
                input.push('\n');
            }
            for line in &noise {
                input.push_str(line);
                input.push_str("\r\n");
            }
        }
        let with = |threads: usize| {
            let mut out = Vec::new();
            let mut rejects = Vec::new();
            let options = Options { threads, ..Options::default() };
            let counts = run(&program, &East, &NoOthers, input.as_bytes(), &mut out, &mut |reject| {
                rejects.push(reject.clone());
                Ok(())
            }, &options).unwrap();
            assert_eq!(counts.read, counts.written + counts.rejected + counts.filtered_in_all());
            assert_eq!(counts.rejected as usize, rejects.len());
            assert_eq!(counts.rejects.values().sum::<u64>(), counts.rejected);
            (out, rejects, counts)
        };
        let one = with(1);
        let lines = input.lines().filter(|line| !line.trim().is_empty()).count();
        assert_eq!(one.2.read as usize, lines);
        for reject in &one.1 {
            let at = usize::try_from(reject.offset).unwrap();
            let before = input.get(..at).unwrap();
            assert_eq!(before.matches('\n').count() as u64 + 1, reject.line);
        }
        assert_eq!(with(3), one);
    }
}

fn map_of(row: Row) -> Map {
    Map {
        id: Id::new(["map", "k"]),
        source: "k".to_owned(),
        target: "l".to_owned(),
        rows: vec![row],
        dropped: Vec::new(),
        require: Vec::new(),
    }
}

#[test]
fn a_table_is_asked_with_the_record() {
    let row = Row {
        id: Id::new(["map", "k", "to", "x"]),
        from: vec![Source::Table("c".to_owned(), "tier".to_owned()), Source::Field("a".to_owned())],
        to: vec!["x".to_owned(), "y".to_owned()],
        pipe: Vec::new(),
        when_missing: None,
        key: false,
        overflow: None,
        types: vec![Type::TEXT, Type::TEXT],
        loss: cutover_ir::LossSet::EXACT,
        lossy: None,
        meaning: None,
        by_catalog: false,
    };
    let program = program(&Tables::default(), &map_of(row), &[], &Types::new());
    let mut out = Vec::new();
    assert_eq!(
        Worker::new(&program, &Wide).record("{\"a\":\"gold\"}", &NoOthers, &mut out),
        Outcome::Written
    );
    assert_eq!(out, b"{\"x\":\"gold\",\"y\":\"gold\"}\n");
    let Outcome::Rejected(reject) =
        Worker::new(&program, &East).record("{\"a\":\"gold\"}", &NoOthers, &mut out)
    else {
        panic!("a table that nobody knows")
    };
    assert_eq!(reject.cause.code(), "malformed-map");
}
