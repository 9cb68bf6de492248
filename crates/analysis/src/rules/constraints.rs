//! Rules of the new system between fields: a solved ticket needs an assignee.

use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::fact::Mark;
use cutover_catalog::kind::FieldTest;
use cutover_diagnostics::{Diagnostic, Severity, Span};
use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::Host;
use cutover_ir::map::{Map, Outcome, Source};
use cutover_ir::predicate::{Literal, Predicate, StatusClass};
use cutover_ir::value::{Record, Value};
use cutover_plan::model::{CleanAction, Content};

use crate::context::Context;
use crate::lower::maps::facts::{MapFact, RowFact};
use crate::lower::maps::words;
use crate::world::KindView;

/// A rule: where a field has one of these values (or any), another must have one.
struct Rule {
    field: String,
    /// Values of the field; any when empty.
    values: Vec<String>,
    needs: String,
    /// The product's words for it, one for each of its rules that say this.
    texts: Vec<String>,
    mark: Mark,
}

/// Asks each map to keep the rules of its target kind.
pub fn check(cx: &mut Context<'_>) {
    let maps = std::mem::take(&mut cx.maps.maps);
    for fact in maps.iter().filter(|fact| !fact.broken) {
        for rule in rules(cx, fact) {
            one(cx, fact, &rule);
        }
    }
    cx.maps.maps = maps;
}

fn rules(cx: &Context<'_>, fact: &MapFact<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let Some(catalog) = cx.world.target().and_then(|s| s.catalog) else { return rules };
    let mut add = |rule: Rule| {
        if rule.field != rule.needs {
            rules.push(rule);
        }
    };
    for (_, constraint) in catalog.constraints.iter().filter(|(_, c)| *c.kind == *fact.target.name) {
        // Rules with more than one condition, or about times, need a record: the run checks them.
        let mut conditions = constraint.when.iter();
        let (Some((field, test)), None) = (conditions.next(), conditions.next()) else { continue };
        let Some(values) = values_of(test) else { continue };
        for (needs, _) in constraint.must.iter().filter(|(_, must)| is_present(must)) {
            add(Rule {
                field: field.to_owned(),
                values: values.clone(),
                needs: needs.to_owned(),
                texts: vec![constraint.text.to_string()],
                mark: catalog.mark_of(constraint.mark, &constraint.from),
            });
        }
    }
    if let Some(states) = fact.target.state_field() {
        for (name, state) in fact.target.states() {
            for needs in state.requires.iter() {
                add(Rule {
                    field: states.field.to_string(),
                    values: vec![name.to_owned()],
                    needs: needs.to_owned(),
                    texts: vec![format!(
                        "Where `{}` is \"{name}\", {} needs `{needs}`.",
                        states.field,
                        words::a(fact.target.title())
                    )],
                    mark: catalog.mark_within(fact.target.kind, state.mark, &state.from),
                });
            }
        }
    }
    merged(rules)
}

/// One rule for each pair of fields: a catalog may say the same of a field and of each of its states. What somebody confirmed
/// stands before what nobody did.
fn merged(mut rules: Vec<Rule>) -> Vec<Rule> {
    rules.sort_by_key(|rule| rule.mark == Mark::Unverified);
    let mut all: BTreeMap<(String, String), Vec<Rule>> = BTreeMap::new();
    for rule in rules {
        let same = all.entry((rule.field.clone(), rule.needs.clone())).or_default();
        let doubtful = rule.mark == Mark::Unverified;
        // A rule about any value says all.
        if same.iter().any(|known| known.values.is_empty()) {
            continue;
        }
        let told: BTreeSet<&str> = same.iter().flat_map(|known| &known.values).map(String::as_str).collect();
        let new: Vec<String> =
            rule.values.iter().filter(|value| !told.contains(value.as_str())).cloned().collect();
        if new.is_empty() && !rule.values.is_empty() {
            continue;
        }
        match same.iter_mut().find(|known| (known.mark == Mark::Unverified) == doubtful) {
            Some(known) if rule.values.is_empty() => *known = rule,
            Some(known) => {
                known.values.extend(new);
                known.texts.extend(rule.texts);
            }
            None => same.push(Rule { values: new, ..rule }),
        }
    }
    all.into_values().flatten().collect()
}

fn is_present(test: &FieldTest) -> bool {
    test.present == Some(true) && test.is.is_empty() && test.not_before.is_none() && test.future.is_none()
}

/// The values that make a rule apply; none is "any". `None` for conditions of another sort.
fn values_of(test: &FieldTest) -> Option<Vec<String>> {
    if test.not_before.is_some()
        || test.future.is_some()
        || test.writable.is_some()
        || test.present == Some(false)
    {
        return None;
    }
    Some(test.is.iter().map(str::to_owned).collect())
}

/// A row that writes some field: what is known of it, where that field stands among those that it writes, and the first path that it
/// reads.
struct Writer<'f> {
    row: &'f RowFact,
    at: usize,
    reads: Option<String>,
}

fn writer<'f>(cx: &Context<'_>, fact: &'f MapFact<'_>, path: &str) -> Option<Writer<'f>> {
    let Some(Content::Map(map)) = cx.draft.plan.items.get(&fact.id).map(|item| &item.content) else {
        return None;
    };
    fact.rows.iter().find_map(|row| {
        let planned = map.rows.binary_search_by(|planned| planned.id.cmp(&row.id)).ok()?;
        let planned = map.rows.get(planned)?;
        let at = planned.to.iter().position(|to| to == path)?;
        let reads = planned.from.iter().find_map(|from| match from {
            Source::Field(path) => Some(path.clone()),
            Source::Table(table, field) => Some(format!("{table}.{field}")),
            Source::Constant(_) => None,
        });
        Some(Writer { row, at, reads })
    })
}

fn one(cx: &mut Context<'_>, fact: &MapFact<'_>, rule: &Rule) {
    let Some(from) = writer(cx, fact, &rule.field) else { return };
    // The rule on required fields and types asks for these anyway.
    let needed = writer(cx, fact, &rule.needs);
    if needed.as_ref().is_some_and(|needed| needed.row.optional.get(needed.at) == Some(&false)) {
        return;
    }
    let Some((olds, values, span)) = reaching(cx, from.row, from.at, rule) else { return };
    let source = from.reads.unwrap_or_default();
    let empty = needed.as_ref().and_then(|needed| needed.reads.clone());
    let open: Vec<&String> =
        olds.iter().filter(|old| !guarded(cx, fact, &source, old, empty.as_deref())).collect();
    if open.is_empty() {
        return;
    }
    let label = match (&needed, &empty) {
        (Some(_), Some(path)) => format!("`{path}` may be empty, and then so is `{}`", rule.needs),
        _ => format!("no row writes `{}`", rule.needs),
    };
    let written = needed.is_some();
    let primary = needed.map_or(fact.span, |needed| needed.row.span);
    // A fact that nobody confirmed forbids nothing by itself.
    let severity = if rule.mark == Mark::Unverified { Severity::Warning } else { Severity::Error };
    let diagnostic =
        Diagnostic::new(severity, "coverage/constraint", "some records would break a rule of the new system");
    let values =
        if values.is_empty() { "a value".to_owned() } else { format!("\"{}\"", values.join("\" or \"")) };
    let mut diagnostic =
        diagnostic.primary(primary, label).secondary(span, format!("`{}` becomes {values} here", rule.field));
    for text in &rule.texts {
        diagnostic = diagnostic.note(text.clone());
    }
    if let Some(old) = open.first().filter(|old| !old.is_empty())
        && let Some(path) = &empty
    {
        diagnostic = diagnostic.note(format!("for example: {source} is \"{old}\", {path} is empty"));
    }
    cx.push(diagnostic.help(if written {
        "say what then: `when missing placeholder \"...\"`, a `require` line, or `reassign` in `clean`".to_owned()
    } else {
        format!(
            "add a row that writes it: `... -> {}`, from a field of the old desk or a constant; or let these records become something else",
            rule.needs
        )
    }));
}

/// Source values that lead to a value of the rule, which values of the rule these are, and where they do. `None` when none does.
fn reaching(
    cx: &Context<'_>,
    from: &RowFact,
    at: usize,
    rule: &Rule,
) -> Option<(Vec<String>, Vec<String>, Span)> {
    if rule.values.is_empty() {
        // Any value: a row that only ever writes nothing is not written.
        return Some((vec![String::new()], Vec::new(), from.span));
    }
    let used = from.table.as_ref().filter(|_| at == 0)?;
    let table = cx.maps.tables.get(&used.name)?;
    let wanted = |outcome: &Outcome, value: &str| match outcome {
        Outcome::Value(Literal::Text(text)) => rule.values.iter().find(|v| *v == text),
        Outcome::Same => rule.values.iter().find(|v| *v == value),
        _ => None,
    };
    let mut olds: Vec<String> = Vec::new();
    let mut news: Vec<String> = Vec::new();
    let mut span = None;
    for (value, _) in &used.domain.values {
        if let Some(new) = table.outcome(value).and_then(|outcome| wanted(outcome, value)) {
            if !news.contains(new) {
                news.push(new.clone());
            }
            span = span.or(table.row(value).and_then(|at| table.spans.get(at).copied()).or(table.rest_span));
            olds.push(value.clone());
        }
    }
    if olds.is_empty() && !used.domain.closed {
        let mut rows = table.translate.rows.iter().enumerate();
        let (at, row, new) =
            rows.find_map(|(at, row)| Some((at, row, wanted(&row.outcome, &row.pattern.text)?)))?;
        span = table.spans.get(at).copied();
        olds.push(row.pattern.text.clone());
        news.push(new.clone());
    }
    news.sort();
    Some((olds, news, span?)).filter(|(olds, ..)| !olds.is_empty())
}

/// Whether records with this old value and without the needed one are rejected, or get one before.
fn guarded(cx: &Context<'_>, fact: &MapFact<'_>, source: &str, old: &str, empty: Option<&str>) -> bool {
    let mut record = Record::new();
    if !old.is_empty() {
        record.insert(source.to_owned(), Value::Choice(old.to_owned()));
    }
    if let Some(empty) = empty {
        record.insert(empty.to_owned(), Value::Missing);
    }
    let Some(Content::Map(map)) = cx.draft.plan.items.get(&fact.id).map(|item| &item.content) else {
        return false;
    };
    let states = States(fact.source);
    requires(map).any(|p| truth(p, fact.source.name, &record, true, &states) == Truth::Known(false))
        || empty.is_some() && reassigned(cx, fact, &record)
}

fn requires(map: &Map) -> impl Iterator<Item = &Predicate> {
    map.require.iter().map(|requirement| &requirement.predicate)
}

fn reassigned(cx: &Context<'_>, fact: &MapFact<'_>, record: &Record) -> bool {
    let steps = cx.draft.plan.items.values().filter_map(|item| match &item.content {
        Content::Clean(clean) => Some(&clean.steps),
        _ => None,
    });
    steps.flatten().any(|step| {
        step.kind == fact.source.name
            && matches!(step.action, CleanAction::Reassign { .. })
            && step.scope.as_ref().is_none_or(|scope| {
                truth(scope, fact.source.name, record, true, &States(fact.source)) == Truth::Known(true)
            })
    })
}

/// Knows which statuses of the old desk are finished, so that `finished` can be asked of a record.
struct States<'a>(&'a KindView<'a>);

impl Host for States<'_> {
    fn status_class(&self, _kind: &str, status: &str) -> Option<StatusClass> {
        self.0.state(status).map(|state| state.class)
    }
}
