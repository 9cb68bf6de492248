//! Runs the `test` blocks of a plan on its maps, by the reference evaluator. Nothing but the plan is needed.
//!
//! A field that a test does not give may have any value: what the test expects must hold for all of them, or the test says which
//! field it needs.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use cutover_ir::Type;
use cutover_ir::eval::{Expected, Loaded, Rejection, eval_partial};
use cutover_ir::map::{Map, Program};
use cutover_ir::value::{Record, Value};

use crate::host::{PlanHost, translations};
use crate::model::{Content, ExpectedDue, MapTest, Plan};

/// What came out of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOutcome {
    /// `test/urgent`.
    pub id: Id,
    /// The title, when the spec gives one.
    pub title: Option<String>,
    /// Whether it holds.
    pub verdict: Verdict,
    /// Due dates that the test also expects. Maps say nothing about them: whoever has calendars computes them.
    pub waits: Vec<ExpectedDue>,
}

/// Whether a test holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// For every record that agrees with what is given.
    Passed,
    /// For none or not for all of them.
    Failed(Vec<Difference>),
    /// It depends on these fields of the source, which the test does not give. Sorted.
    Needs(Vec<String>),
}

/// A place where it came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The map that was run; the test's own id when there is none.
    pub map: Id,
    /// The target field; empty when it is about the whole record.
    pub field: String,
    /// What the test expects. `None` is "rejected".
    pub expected: Option<Value>,
    /// What came out.
    pub got: Got,
}

/// What came out instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// This value.
    Value(Value),
    /// The record is rejected.
    Rejected(Rejection),
    /// The record is loaded.
    Loaded,
    /// No map of the plan leads from a given record to this kind.
    NoMap,
}

/// Runs all tests of a plan, in the order of their ids.
#[must_use]
pub fn run_tests(plan: &Plan) -> Vec<TestOutcome> {
    let program = translations(plan);
    let host = PlanHost::new(plan);
    let mut outcomes = Vec::new();
    for (id, item) in &plan.items {
        if let Content::Test(test) = &item.content {
            let verdict = run(plan, &program, &host, id, test);
            outcomes.push(TestOutcome {
                id: id.clone(),
                title: item.title.clone(),
                verdict,
                waits: test.due.clone(),
            });
        }
    }
    outcomes
}

fn run(plan: &Plan, program: &Program, host: &PlanHost<'_>, id: &Id, test: &MapTest) -> Verdict {
    let mut differences = Vec::new();
    let mut needs = BTreeSet::new();
    let maps: Vec<&Map> = test
        .maps
        .iter()
        .filter_map(|map| match &plan.items.get(&map.0)?.content {
            Content::Map(map) => Some(map),
            _ => None,
        })
        .collect();
    let none = BTreeMap::new();
    let kinds: BTreeSet<&str> = maps.iter().map(|map| map.target.as_str()).collect();
    for (kind, fields) in &test.expect {
        if !kinds.contains(kind.as_str()) {
            let field = fields.keys().next().cloned().unwrap_or_default();
            differences.push(Difference { map: id.clone(), field, expected: None, got: Got::NoMap });
        }
    }
    for map in maps {
        let given = given(plan, test, &map.source);
        let expected = test.expect.get(&map.target).unwrap_or(&none);
        let paths: BTreeSet<String> = if test.rejected {
            map.rows.iter().flat_map(|row| row.to.iter().cloned()).collect()
        } else {
            expected.keys().cloned().collect()
        };
        let partial = eval_partial(program, map, &given, &paths, host);
        if test.rejected {
            rejected(map, partial.loaded, &partial.fields, &mut differences, &mut needs);
            continue;
        }
        match partial.loaded {
            Loaded::Yes => {}
            Loaded::No(rejection) => {
                let got = Got::Rejected(rejection);
                differences.push(Difference {
                    map: map.id.clone(),
                    field: String::new(),
                    expected: None,
                    got,
                });
                continue;
            }
            Loaded::DependsOn(fields) => needs.extend(fields),
        }
        for (path, wanted) in expected {
            let got = match partial.fields.get(path) {
                Some(Expected::Known(value)) if same(value, wanted, type_of(map, path)) => continue,
                Some(Expected::Known(value)) => Got::Value(value.clone()),
                Some(Expected::Rejected(rejection)) => Got::Rejected(rejection.clone()),
                Some(Expected::DependsOn(fields)) => {
                    needs.extend(fields.iter().cloned());
                    continue;
                }
                None => Got::Value(Value::Missing),
            };
            let expected = Some(wanted.clone());
            differences.push(Difference { map: map.id.clone(), field: path.clone(), expected, got });
        }
    }
    if !differences.is_empty() {
        return Verdict::Failed(differences);
    }
    if needs.is_empty() { Verdict::Passed } else { Verdict::Needs(needs.into_iter().collect()) }
}

/// A test that expects a rejection.
fn rejected(
    map: &Map,
    loaded: Loaded,
    fields: &BTreeMap<String, Expected>,
    differences: &mut Vec<Difference>,
    needs: &mut BTreeSet<String>,
) {
    let by_row = fields.values().any(|value| matches!(value, Expected::Rejected(_)));
    match loaded {
        Loaded::No(_) => {}
        _ if by_row => {}
        Loaded::DependsOn(fields) => needs.extend(fields),
        Loaded::Yes => {
            differences.push(Difference {
                map: map.id.clone(),
                field: String::new(),
                expected: None,
                got: Got::Loaded,
            });
        }
    }
}

/// The given record of a kind, with what is given of tables beside it: `crm.tier`.
#[must_use]
pub fn given(plan: &Plan, test: &MapTest, kind: &str) -> Record {
    let mut record = test.given.get(kind).cloned().unwrap_or_default();
    for (table, fields) in &test.given {
        let is_table = plan.systems.get(table).is_some_and(|s| s.role == crate::model::SystemRole::Table);
        if is_table && table != kind {
            record.extend(fields.iter().map(|(name, value)| (format!("{table}.{name}"), value.clone())));
        }
    }
    record
}

fn type_of<'m>(map: &'m Map, path: &str) -> Option<&'m Type> {
    map.rows.iter().find_map(|row| {
        let at = row.to.iter().position(|to| to == path)?;
        row.types.get(at)
    })
}

/// Tags and choices are sets; all else is compared as it stands.
fn same(got: &Value, wanted: &Value, ty: Option<&Type>) -> bool {
    match (got, wanted, ty.map(Type::required)) {
        (Value::List(a), Value::List(b), Some(Type::Tags | Type::Choices(_))) => {
            let set = |values: &[Value]| -> BTreeSet<String> {
                values.iter().filter_map(|v| v.as_text().map(str::to_owned)).collect()
            };
            set(a) == set(b)
        }
        (Value::Missing, wanted, _) => wanted.is_empty(),
        (got, wanted, _) => got == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, Got, Verdict, run_tests};
    use crate::fixture::{acme, id, text};
    use crate::model::{Content, MapTest, Plan};
    use cutover_ir::map::Requirement;
    use cutover_ir::predicate::{Atom, Predicate, Test};
    use cutover_ir::value::{Record, Value};

    fn plan(change: impl FnOnce(&mut MapTest)) -> Plan {
        let mut plan = acme();
        if let Some(Content::Test(test)) =
            plan.items.get_mut(&id("test/urgent")).map(|item| &mut item.content)
        {
            change(test);
        }
        if let Some(Content::Map(map)) = plan.items.get_mut(&id("map/ticket")).map(|item| &mut item.content) {
            map.require.clear();
        }
        plan
    }

    fn verdict(plan: &Plan) -> Option<Verdict> {
        run_tests(plan)
            .into_iter()
            .find(|outcome| outcome.id == id("test/urgent"))
            .map(|outcome| outcome.verdict)
    }

    fn choice(field: &str, value: &str) -> Record {
        Record::from([(field.to_owned(), Value::Choice(value.to_owned()))])
    }

    #[test]
    fn a_test_passes_for_all_that_it_does_not_give() {
        let plan = plan(|test| {
            test.given.insert("ticket".to_owned(), choice("status", "Open"));
            test.expect.insert("ticket".to_owned(), choice("status", "open"));
        });
        assert_eq!(verdict(&plan), Some(Verdict::Passed));
        let waits: Vec<String> =
            run_tests(&plan).into_iter().flat_map(|o| o.waits).map(|due| due.clock).collect();
        assert_eq!(waits, ["first_response"]);
    }

    #[test]
    fn a_difference_names_field_and_values() {
        let plan = plan(|test| {
            test.given.insert("ticket".to_owned(), choice("status", "Open"));
            test.expect.insert("ticket".to_owned(), choice("status", "solved"));
        });
        let expected = Difference {
            map: id("map/ticket"),
            field: "status".to_owned(),
            expected: Some(Value::Choice("solved".to_owned())),
            got: Got::Value(Value::Choice("open".to_owned())),
        };
        assert_eq!(verdict(&plan), Some(Verdict::Failed(vec![expected])));
    }

    #[test]
    fn what_is_not_given_is_asked_for() {
        let plan = plan(|test| {
            test.given.insert("ticket".to_owned(), Record::new());
            test.expect.insert("ticket".to_owned(), choice("status", "open"));
        });
        assert_eq!(verdict(&plan), Some(Verdict::Needs(vec!["status".to_owned()])));
    }

    #[test]
    fn a_rejection_can_be_expected() {
        let mut plan = plan(|test| {
            test.given.insert("ticket".to_owned(), choice("status", "Open"));
            test.expect.clear();
            test.rejected = true;
        });
        assert!(matches!(verdict(&plan), Some(Verdict::Failed(_))), "nothing rejects it");
        if let Some(Content::Map(map)) = plan.items.get_mut(&id("map/ticket")).map(|item| &mut item.content) {
            let closed = Test::OneOf(vec![text("Closed")]);
            let predicate = Predicate::Atom(Atom { field: "status".to_owned(), test: closed });
            map.require.push(Requirement { id: id("map/ticket/require/status"), predicate });
        }
        assert_eq!(verdict(&plan), Some(Verdict::Passed));
    }
}
