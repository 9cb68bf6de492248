//! Who may see a value: it may become more private, never more public.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::eval::{Expected, Loaded, eval_partial};
use cutover_ir::host::NoHost;
use cutover_ir::map::{Map, Program, Row, Source};
use cutover_ir::predicate::Literal;
use cutover_ir::value::{Record, Value};
use cutover_ir::{Loss, LossSet, Type, Visibility};
use std::collections::BTreeSet;

use crate::context::Context;
use crate::lower::maps::facts::{Hides, MapFact};
use crate::lower::maps::words;
use crate::read::predicate::Place;
use crate::world::{FieldView, KindView};

fn who(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "customers see it",
        Visibility::Internal => "only agents see it",
        Visibility::Private => "only some agents see it",
    }
}

/// Compares source and target fields of a row. `None` after a finding.
pub(super) fn fields<'a>(
    cx: &mut Context<'a>,
    places: &[Place<'a>],
    targets: &[(FieldView<'a>, Span)],
    target: &KindView<'a>,
    span: Span,
) -> Option<LossSet> {
    let Some(from) = places.iter().map(|place| place.field.field.visibility).max() else {
        return Some(LossSet::EXACT);
    };
    let mut loss = LossSet::EXACT;
    for (field, at) in targets {
        let to = field.field.visibility;
        if from > to {
            let path = places.iter().find(|p| p.field.field.visibility == from).map_or("", |p| &*p.path);
            cx.push(
                Diagnostic::error("visibility/leak", "something internal would become public")
                    .primary(*at, format!("`{}.{}`: {}", target.name, field.path(), who(to)))
                    .secondary(span, format!("`{path}`: {}", who(from)))
                    .help(
                        "write a field that only agents see, or drop it with a reason; no clause allows this",
                    ),
            );
            return None;
        }
        if from < to {
            loss = LossSet::of(Loss::Visibility);
        }
    }
    Some(loss)
}

/// The field that makes a whole object internal, and the value that does.
pub(crate) fn flag<'a>(kind: &'a KindView<'a>) -> Option<(FieldView<'a>, Value)> {
    let field = kind.fields().find(|field| field.field.internal_when.is_some())?;
    let text = field.field.internal_when.as_deref()?;
    let value = match kind.type_of(field).required() {
        Type::Bool => Value::Bool(matches!(text, "true" | "yes")),
        Type::Int { .. } | Type::Count => Value::Int(text.parse().ok()?),
        Type::Choice(_) => Value::Choice(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    };
    Some((field, value))
}

/// An internal note stays one: whatever else a record holds, the value that makes it internal leads to the value that does so in the target.
/// What it hides from customers is given back.
pub(super) fn notes(cx: &mut Context<'_>, fact: &MapFact<'_>, map: &Map) -> Option<Hides> {
    let (from, internal) = flag(fact.source).filter(|_| !fact.broken)?;
    let product = cx.world.target().map_or("the target", |s| s.product());
    let Some((to, kept)) = flag(fact.target) else {
        let none = |map: &Map| rejected(cx, map, &from.path(), &internal);
        if none(map) {
            return None;
        }
        cx.push(
            Diagnostic::error("visibility/leak#no-notes", "something internal would become public")
                .primary(
                    fact.span,
                    format!("{product} has no internal {}", fact.target.plural.replace('_', " ")),
                )
                .note(format!(
                    "`{}` makes {} of the old system internal",
                    from.path(),
                    words::a(fact.source.title())
                ))
                .help(format!(
                    "leave them behind: `require not {}`, and keep them in an archive",
                    from.path()
                )),
        );
        return None;
    };
    let path = to.path();
    let Some(row) = map.rows.iter().find(|row| row.to.contains(&path)) else {
        if rejected(cx, map, &from.path(), &internal) || default_is(to, &kept) {
            return None;
        }
        cx.push(
            Diagnostic::error("visibility/leak#unset", "something internal would become public")
                .primary(
                    fact.span,
                    format!("no row writes `{path}`, so each {} becomes public", fact.target.title()),
                )
                .note(format!(
                    "`{}` makes {} of the old system internal",
                    from.path(),
                    words::a(fact.source.title())
                ))
                .help(match &internal {
                    Value::Choice(option) if *map_type(fact.target, to).required() == Type::Bool => {
                        // Whatever else the field says is lost in a yes or no.
                        let more = fact.source.options(from).len() > 2 || fact.source.options_open(from);
                        let lossy = if more { "  lossy \"what becomes of the other values\"" } else { "" };
                        format!("add `{} -> {path} by equals(\"{option}\"){lossy}`", from.path())
                    }
                    _ => format!("add `{} -> {path}`", from.path()),
                }),
        );
        return None;
    };
    let span = cx.draft.places.get(&row.id).copied().unwrap_or(fact.span);
    let program = program(cx, map);
    let stays =
        records(fact.source, row, Record::from([(from.path(), internal.clone())])).iter().all(|record| {
            let partial = eval_partial(&program, map, record, &BTreeSet::from([path.clone()]), &NoHost);
            if matches!(partial.loaded, Loaded::No(_)) {
                return true;
            }
            match partial.fields.get(&path) {
                Some(Expected::Known(value)) => same(value, &kept),
                Some(Expected::Rejected(_)) => true,
                _ => false,
            }
        });
    if stays {
        return hidden(cx, (fact, map, row, span), (from, &internal), (&path, &kept), &program);
    }
    let opposite =
        matches!(map_type(fact.source, from), Type::Bool) && matches!(map_type(fact.target, to), Type::Bool);
    let diagnostic = Diagnostic::error("visibility/leak#note", "something internal would become public")
        .primary(span, format!("an internal {} would not be internal in {product}", fact.source.title()));
    cx.push(if opposite && row.from.len() == 1 {
        diagnostic.help(format!("`{}` must lead to `{path}`; where one says the opposite of the other, add `by opposite`, where not, remove it", from.path()))
    } else {
        diagnostic.help(format!("write `{} -> {path}`; no clause allows this", from.path()))
    });
    None
}

/// What customers could read stays readable, or the row says why it does not.
fn hidden(
    cx: &mut Context<'_>,
    (fact, map, row, span): (&MapFact<'_>, &Map, &Row, Span),
    (from, internal): (FieldView<'_>, &Value),
    (path, kept): (&str, &Value),
    program: &Program,
) -> Option<Hides> {
    let public: Vec<Value> = match internal {
        Value::Bool(said) => vec![Value::Bool(!said)],
        Value::Choice(said) => {
            let options = fact.source.field(&from.path()).map(|field| fact.source.options(field));
            let others = options.into_iter().flatten().filter(|option| option != said);
            others.map(|option| Value::Choice(option.to_owned())).collect()
        }
        _ => Vec::new(),
    };
    let asked = BTreeSet::from([path.to_owned()]);
    let hides = |value: &Value| {
        records(fact.source, row, Record::from([(from.path(), value.clone())])).iter().any(|record| {
            let partial = eval_partial(program, map, record, &asked, &NoHost);
            !matches!(partial.loaded, Loaded::No(_))
                && matches!(partial.fields.get(path), Some(Expected::Known(value)) if same(value, kept))
        })
    };
    let hidden: Vec<&Value> = public.iter().filter(|value| hides(value)).collect();
    if hidden.is_empty() {
        return None;
    }
    let values =
        fact.source.field(&from.path()).and_then(|field| field.profile).map(|profile| &profile.values);
    let count = |value: &&Value| {
        let text = match value {
            Value::Bool(said) => said.to_string(),
            other => other.as_text()?.to_owned(),
        };
        values?.get(&text).copied()
    };
    let records: Option<u64> = hidden.iter().map(count).sum();
    let plural = fact.source.plural.replace('_', " ");
    let Some(because) = row.lossy.clone() else {
        let product = cx.world.target().map_or("the target", |s| s.product());
        let finding =
            Diagnostic::error("visibility/hidden", "something that customers can read would become internal")
                .primary(
                    span,
                    format!(
                        "{} that customers can read would be internal in {product}",
                        words::a(fact.source.title())
                    ),
                );
        let finding = match records.filter(|records| *records > 0) {
            Some(records) => {
                finding.note(format!("{} {plural} of the inventory are public", words::grouped(records)))
            }
            None => finding,
        };
        cx.push(finding.help(format!(
            "write `{} -> {path}`, so that each stays what it is; or say why customers no longer read them: `lossy \"...\"`",
            from.path()
        )));
        return None;
    };
    let loss = cutover_plan::model::AcceptedLoss {
        what: format!("{plural} that customers could read become internal"),
        because,
        records,
        of: fact.source.count(),
        kept_in: None,
    };
    cx.draft.plan.losses.insert(row.id.clone(), loss);
    Some(Hides { span, records, plural })
}

/// The record with each value of the other fields that the row reads, as far as those can be counted up.
fn records(kind: &KindView<'_>, row: &Row, first: Record) -> Vec<Record> {
    const MOST: usize = 512;
    let mut records = vec![first];
    for source in &row.from {
        let Source::Field(path) = source else { continue };
        if records.first().is_some_and(|record| record.contains_key(path)) {
            continue;
        }
        let Some(field) = kind.field(path) else { continue };
        let ty = kind.type_of(field);
        let mut values: Vec<Value> = match ty.required() {
            Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
            Type::Choice(_) if !kind.options_open(field) => {
                kind.options(field).into_iter().map(|option| Value::Choice(option.to_owned())).collect()
            }
            _ => continue,
        };
        if ty.is_optional() {
            values.push(Value::Missing);
        }
        if records.len().saturating_mul(values.len()) > MOST {
            continue;
        }
        let more = |record: &Record| {
            let record = record.clone();
            values.iter().map(move |value| {
                let mut record = record.clone();
                record.insert(path.clone(), value.clone());
                record
            })
        };
        records = records.iter().flat_map(more).collect();
    }
    records
}

fn map_type(kind: &KindView<'_>, field: FieldView<'_>) -> Type {
    kind.type_of(field).required().clone()
}

fn same(value: &Value, kept: &Value) -> bool {
    value == kept || value.as_text().is_some() && value.as_text() == kept.as_text()
}

fn default_is(field: FieldView<'_>, kept: &Value) -> bool {
    let Some(default) = field.field.default.as_deref() else { return false };
    match kept {
        Value::Bool(b) => default == if *b { "true" } else { "false" },
        other => other.as_text() == Some(default),
    }
}

fn rejected(cx: &Context<'_>, map: &Map, path: &str, internal: &Value) -> bool {
    let record = Record::from([(path.to_owned(), internal.clone())]);
    let partial = eval_partial(&program(cx, map), map, &record, &BTreeSet::new(), &NoHost);
    matches!(partial.loaded, Loaded::No(_))
}

/// The tables that a map names.
fn program(cx: &Context<'_>, map: &Map) -> Program {
    let mut program = Program::default();
    let calls = map.rows.iter().flat_map(|row| &row.pipe);
    for call in calls.filter(|call| call.function == cutover_ir::functions::TRANSLATE) {
        if let Some(Literal::Text(name)) = call.args.first()
            && let Some(table) = cx.maps.tables.get(name)
        {
            program.translates.insert(name.clone(), table.translate.clone());
        }
    }
    program
}
