//! `test`: a record and what must become of it.

use std::collections::BTreeMap;

use cutover_catalog::canon;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::Date;
use cutover_ir::value::{Record, Value};
use cutover_ir::{Id, Type};
use cutover_plan::model::{Content, ExpectedDue, MapTest, Ref};
use cutover_syntax::keywords::{ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind};
use cutover_syntax::value::{self, ValueKind, plain_name};

use crate::context::{Context, name_of};
use crate::lower::checks;
use crate::read::predicate::{self, Place};
use crate::read::{common, moment, names, quantity};
use crate::world::KindView;

/// Lowers every `test`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Test).collect::<Vec<_>>() {
        test(cx, item);
    }
}

fn test<'a>(cx: &mut Context<'a>, item: &'a Item) {
    let (Some((name, span)), Some(head)) = (name_of(item), item.head()) else { return };
    let mut made = MapTest {
        given: BTreeMap::new(),
        expect: BTreeMap::new(),
        rejected: false,
        due: Vec::new(),
        maps: Vec::new(),
    };
    let mut rejected = None;
    let mut expected: Vec<(&str, Span)> = Vec::new();
    // A line that cannot be read may be the one that is missed below.
    let mut broken = false;
    for line in item.body_lines() {
        let Some(first) = item.get(line.lead).first().copied() else { continue };
        match line.statement {
            Some(StmtKw::Given) => match given_kind(cx, item, first) {
                Some(kind) => {
                    let key = if cx.world.table(&kind.system).is_some() {
                        kind.system.to_string()
                    } else {
                        kind.name.to_owned()
                    };
                    let record = fields(cx, kind, item, line);
                    made.given.entry(key).or_default().extend(record);
                }
                None => broken = true,
            },
            Some(StmtKw::Expect) => match (item.raw(first), line.body.is_some()) {
                ("due", false) => broken |= !due(cx, item, line, &mut made),
                ("rejected", false) => {
                    rejected = Some(item.span(first.range));
                    made.rejected = true;
                }
                _ => {
                    let kind = cx.world.target().and_then(|target| names::kind(cx, target, item, first));
                    match kind {
                        Some(kind) => {
                            let record = fields(cx, kind, item, line);
                            if record.is_empty()
                                && line.body.as_ref().is_some_and(|body| body.lines.is_empty())
                            {
                                cx.push(nothing_of(kind, item.line_span(line)));
                            }
                            made.expect.entry(kind.name.to_owned()).or_default().extend(record);
                            expected.push((kind.name, item.span(first.range)));
                        }
                        None => broken = true,
                    }
                }
            },
            _ => {}
        }
    }
    if let (Some(at), Some((_, other))) = (rejected, expected.first()) {
        cx.push(
            Diagnostic::error("test/contradiction", "a test expects a record and its rejection")
                .primary(at, "rejected here")
                .secondary(*other, "loaded here")
                .help("write two tests"),
        );
    }
    if !broken {
        maps(cx, &mut made, span, &expected);
    }
    let id = Id::new(["test", &name]);
    let plan_item = common::plan_item(cx, item, head, Content::Test(made));
    cx.draft.add(id, span, plan_item);
}

fn nothing_of(kind: &KindView<'_>, span: Span) -> Diagnostic {
    Diagnostic::error("test/nothing-expected#fields", "a test expects nothing")
        .primary(
            span,
            format!("no field of the {} is named: it passes whatever the map writes", kind.title()),
        )
        .help("name at least one field and what it must hold, or write `expect rejected`")
}

/// A kind of the source, or the kind of a table's rows.
fn given_kind<'a>(cx: &mut Context<'a>, item: &Item, term: Term) -> Option<&'a KindView<'a>> {
    let world = cx.world;
    let name = plain_name(item.raw(term));
    match world.table(&name) {
        Some(table) => table.kinds.first(),
        None => names::kind(cx, world.source()?, item, term),
    }
}

/// The maps that the test runs.
fn maps(cx: &mut Context<'_>, made: &mut MapTest, span: Span, expected: &[(&str, Span)]) {
    let mut ids: Vec<Id> = Vec::new();
    let mut unmapped: Vec<(String, Span)> = Vec::new();
    for (kind, at) in expected {
        let before = ids.len();
        for source in made.given.keys() {
            let declared = cx.maps.by_source.get(source.as_str()).into_iter().flatten();
            let found =
                declared.filter_map(|at| cx.maps.maps.get(*at)).filter(|map| map.target.name == *kind);
            ids.extend(found.map(|map| map.id.clone()));
        }
        if ids.len() == before {
            unmapped.push(((*kind).to_owned(), *at));
        }
    }
    if made.rejected {
        for source in made.given.keys() {
            let declared = cx.maps.by_source.get(source.as_str()).into_iter().flatten();
            ids.extend(declared.filter_map(|at| cx.maps.maps.get(*at)).map(|map| map.id.clone()));
        }
    }
    for (kind, at) in unmapped {
        cx.push(
            Diagnostic::error("test/no-map", "a test expects what no map makes of the given records")
                .primary(at, format!("no map leads from a given record to a {kind}"))
                .help(format!("give a record of the old system from which a map makes a {kind}")),
        );
    }
    if expected.is_empty() && !made.rejected && made.due.is_empty() {
        cx.push(
            Diagnostic::error("test/nothing-expected", "a test expects nothing")
                .primary(span, "it would pass whatever the maps do")
                .help("add `expect` with a kind and its fields, `expect due ...` or `expect rejected`"),
        );
    }
    ids.sort();
    ids.dedup();
    made.maps = ids.into_iter().map(Ref).collect();
}

/// `expect due first_response 2026-12-07 09:50`. Whether it can be read; what is wrong is reported.
fn due(cx: &mut Context<'_>, item: &Item, line: &Line, made: &mut MapTest) -> bool {
    let terms = item.get(line.lead);
    let clock = terms.get(1).filter(|term| matches!(term.kind, TermKind::Word | TermKind::Hole)).copied();
    let value = value::read(item, terms.get(2..).unwrap_or_default()).map(|(value, used)| {
        checks::nothing_more(cx, item, terms.get(2 + used..).unwrap_or_default());
        value
    });
    let (Some(clock), Some(value)) = (clock, value) else {
        cx.push(
            Diagnostic::error("test/due", "a due date is a clock and a time")
                .primary(item.line_span(line), "which clock, and when?")
                .help("write `expect due first_response 2026-12-07 09:50`"),
        );
        return false;
    };
    let known = names::one_of(cx, item, clock, "a metric that clocks measure", canon::METRICS);
    let moment = moment::moment_of(cx, item, &value);
    if let Some((clock, moment)) = known.zip(moment) {
        made.due.push(ExpectedDue { clock, at: moment.at });
        return true;
    }
    false
}

/// The fields of a `given` or an `expect`. What is wrong is reported and left out.
fn fields<'a>(cx: &mut Context<'a>, kind: &'a KindView<'a>, item: &'a Item, line: &Line) -> Record {
    let mut record = Record::new();
    let mut places: BTreeMap<String, Span> = BTreeMap::new();
    for field in line.body_lines() {
        let terms = item.get(field.terms);
        let Some(first) = terms.first().filter(|t| t.kind == TermKind::Word) else { continue };
        let span = item.span(first.range);
        let path = plain_name(item.raw(*first));
        let Some(place) = predicate::followed(cx, kind, &path, span) else { continue };
        if let Some(other) = places.insert(place.path.to_string(), span) {
            cx.push(
                Diagnostic::error("test/field-twice", "a test gives a field twice")
                    .primary(span, format!("`{}` a second time", place.path))
                    .secondary(other, "the first time")
                    .help("keep one of them; another case is another test"),
            );
            continue;
        }
        if let Some(value) = value_of(cx, item, &place, terms.get(1..).unwrap_or_default(), span) {
            record.insert(place.path.into_owned(), value);
        }
    }
    record
}

fn value_of(
    cx: &mut Context<'_>,
    item: &Item,
    place: &Place<'_>,
    terms: &[Term],
    span: Span,
) -> Option<Value> {
    if let [a, b] = terms
        && item.raw(*a) == "placeholder"
        && b.kind == TermKind::Text
        && matches!(place.ty.required(), Type::Ref(_) | Type::Poison)
    {
        return Some(Value::Placeholder(common::text(item, *b).into_owned()));
    }
    let (values, used) = value::read_separated(item, terms);
    let whole = match (terms.first(), terms.last()) {
        (Some(a), Some(b)) => item.span(a.range).to(item.span(b.range)),
        _ => span,
    };
    let ty = place.ty.required();
    if let [value] = values.as_slice() {
        match value.kind {
            ValueKind::Hole => {
                cx.draft.hole(whole, "the value");
                return None;
            }
            // Other slips are reported where the file is read; a lone sign is none of them.
            ValueKind::Bad if terms.first().is_none_or(|term| term.kind != TermKind::Sign) => return None,
            ValueKind::Name("empty") => return Some(Value::Missing),
            _ => {}
        }
    }
    let element = match ty {
        Type::List(inner) => Some(inner.required().clone()),
        Type::Tags => Some(Type::TEXT),
        Type::Choices(domain) => Some(Type::Choice(domain.clone())),
        _ => None,
    };
    let made = match (&element, values.as_slice()) {
        (Some(element), values) if !values.is_empty() => {
            let all: Option<Vec<Value>> =
                values.iter().map(|v| single(cx, item, place, element, v)).collect();
            all.map(Value::List)
        }
        (None, [value]) => single(cx, item, place, ty, value),
        _ => None,
    };
    if made.is_none() {
        wrong(cx, place, whole);
    } else {
        checks::nothing_more(cx, item, terms.get(used..).unwrap_or_default());
    }
    made
}

fn wrong(cx: &mut Context<'_>, place: &Place<'_>, span: Span) {
    cx.push(
        Diagnostic::error("test/value", "a test gives a field the wrong kind of value")
            .primary(span, format!("`{}` holds: {}", place.path, place.ty.required()))
            .help(match place.ty.required() {
                Type::Tags | Type::List(_) | Type::Choices(_) => {
                    format!(
                        "write all that it holds, each in quotes: `{} \"...\", \"...\"`; `empty` is none",
                        place.path
                    )
                }
                _ => "texts, options and references are written in quotes; `empty` is no value".to_owned(),
            }),
    );
}

/// A value of a type. `None` when it is of another sort; unknown options are reported and then taken.
fn single(
    cx: &mut Context<'_>,
    item: &Item,
    place: &Place<'_>,
    ty: &Type,
    value: &value::Value<'_>,
) -> Option<Value> {
    let span = item.span(value.range);
    Some(match (ty.required(), &value.kind) {
        (
            Type::Text { .. } | Type::Html { .. } | Type::Email | Type::Url | Type::Phone,
            ValueKind::Text(text),
        ) => Value::Text(text.to_string()),
        (Type::Choice(_), ValueKind::Text(text)) => {
            let _ = predicate::option(cx, place, text, span);
            Value::Choice(text.to_string())
        }
        (Type::Ref(_), ValueKind::Text(text)) => Value::Ref(text.to_string()),
        (Type::Bool, ValueKind::Name("yes")) => Value::Bool(true),
        (Type::Bool, ValueKind::Name("no")) => Value::Bool(false),
        (Type::Int { .. } | Type::Count, ValueKind::Number(text)) => Value::Int(text.parse().ok()?),
        (Type::Decimal, ValueKind::Number(text)) | (Type::Percent, ValueKind::Percent(text)) => {
            Value::Decimal(Decimal::parse(text)?)
        }
        (Type::Date, ValueKind::Date(text)) => Value::Date(Date::parse(text)?),
        (Type::Instant, ValueKind::Date(_) | ValueKind::DateTime { .. }) => {
            // A wrong time is reported by its reader.
            moment::moment_of(cx, item, value).map_or(Value::Missing, |moment| Value::Instant(moment.at))
        }
        (Type::Duration, ValueKind::Quantity(q)) => Value::Duration(quantity::of_quantity(*q)?),
        (Type::Poison | Type::Hole, ValueKind::Text(text)) => Value::Text(text.to_string()),
        _ => return None,
    })
}
