//! Examples: what is given, and what has to come out.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::value::{Record, Value};
use cutover_plan::Plan;
use cutover_plan::model::{MapTest, Moment};
use cutover_plan::text::words;

use super::context::Context;
use crate::kind::Kind;

/// An example. Of what is expected each part is told by itself.
pub(super) fn test(cx: &mut Context<'_>, old: &MapTest, new: &MapTest) {
    let MapTest { given, rejected, expect: _, due: _, maps: _ } = new;
    if old.given != *given {
        let (was, is) = (fields(cx.old, &old.given), fields(cx.new, given));
        let (gone, come) = (without(&was, &is), without(&is, &was));
        cx.say(Kind::TestChanged, "what is given", gone, come);
    }
    if old.rejected != *rejected {
        let said = |rejected: bool| if rejected { "it is rejected" } else { "it is loaded" }.to_owned();
        cx.say(Kind::TestChanged, "", said(old.rejected), said(*rejected));
    }
    let (was, is) = (expected(cx.old, old), expected(cx.new, new));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for name in names {
        let (was, is) = (was.get(name).cloned(), is.get(name).cloned());
        let kind = match (&was, &is) {
            (Some(_), None) => Kind::TestWeaker,
            (None, Some(_)) => Kind::TestStronger,
            (was, is) if was == is => continue,
            _ => Kind::TestChanged,
        };
        cx.say(kind, name.clone(), was, is);
    }
}

/// Everything that has to come out, by what it is.
fn expected(plan: &Plan, test: &MapTest) -> BTreeMap<String, String> {
    let mut all = fields(plan, &test.expect);
    // A clock may be named twice: both count.
    for due in &test.due {
        let at = words::moment(plan, &Moment { at: due.at, said: None });
        let said = all.entry(format!("due {}", words::human(&due.clock))).or_default();
        said.push_str(if said.is_empty() { "" } else { ", " });
        said.push_str(&at);
    }
    all
}

fn fields(plan: &Plan, records: &BTreeMap<String, Record>) -> BTreeMap<String, String> {
    let each = |(kind, record): (&String, &Record)| {
        let of = |(field, value): (&String, &Value)| (format!("{kind} {field}"), shown(plan, value));
        record.iter().map(of).collect::<Vec<_>>()
    };
    records.iter().flat_map(each).collect()
}

/// What one side has and the other has not, or has otherwise.
fn without(of: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Option<String> {
    let left = of.iter().filter(|(name, value)| other.get(*name) != Some(value));
    let said: Vec<String> = left.map(|(name, value)| format!("{name} {value}")).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn shown(plan: &Plan, value: &Value) -> String {
    match value {
        Value::Missing => "nothing".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => words::decimal(*number),
        Value::Text(text) | Value::Choice(text) | Value::Ref(text) | Value::Placeholder(text) => {
            format!("“{text}”")
        }
        Value::Date(date) => date.to_string(),
        Value::Instant(at) => words::moment(plan, &Moment { at: *at, said: None }),
        Value::Duration(length) => words::length(*length),
        Value::List(items) => items.iter().map(|item| shown(plan, item)).collect::<Vec<_>>().join(", "),
        Value::Record(record) => {
            let each = record.iter().map(|(field, value)| format!("{field} {}", shown(plan, value)));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}
