//! The functions of a row, in their one order: `by`, `with link`, `split at`, `joined by`, `cut to`, `add`.

use cutover_catalog::kind::Required;
use cutover_diagnostics::{Diagnostic, Span, suggest};
use cutover_ir::functions::{self, Function, ParamKind, Signature, TRANSLATE, TypeProblem};
use cutover_ir::map::{Call, Outcome};
use cutover_ir::predicate::Literal;
use cutover_ir::quantity::Decimal;
use cutover_ir::{LossSet, Type};
use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::{Item, Line};
use cutover_syntax::value::{self, Value, ValueKind, plain_name};

use crate::context::Context;
use crate::lower::maps::facts::{Table, TableUse};
use crate::lower::maps::{Building, argument, catalog, domain, table_use};
use crate::lower::translate::constant;
use crate::read::common;
use crate::read::names;
use crate::read::predicate::Place;
use crate::world::FieldView;

/// Values on their way through a row.
#[derive(Debug)]
pub(super) struct Flow {
    /// The types before the first call; none where nothing is called.
    pub given: Vec<Type>,
    /// Their types.
    pub types: Vec<Type>,
    /// The calls so far.
    pub calls: Vec<Call>,
    /// What is lost so far.
    pub loss: LossSet,
    /// What translations in the middle lose besides, which is asked of their lines.
    pub told: LossSet,
    /// The translation that came last, when nothing follows it.
    pub table: Option<TableUse>,
    /// No text has become longer than it was in the source.
    pub keeps_length: bool,
}

/// A call as it is written.
struct Step {
    call: Call,
    span: Span,
}

/// Reads the functions of a row and follows the types through them. `None` after a finding or a hole.
pub(super) fn read<'a>(
    cx: &mut Context<'a>,
    map: &Building<'a>,
    item: &'a Item,
    line: &Line,
    types: Vec<Type>,
    places: &[Place<'a>],
    targets: &[(FieldView<'a>, Span)],
) -> Option<Flow> {
    let steps = steps(cx, map, item, line, places, targets)?;
    let given = if steps.is_empty() { Vec::new() } else { types.clone() };
    let mut flow = Flow {
        given,
        types,
        calls: Vec::new(),
        loss: LossSet::EXACT,
        told: LossSet::EXACT,
        table: None,
        keeps_length: true,
    };
    for step in steps {
        follow(cx, &mut flow, step, places, (map, line.has(ClauseKw::Lossy)))?;
    }
    Some(flow)
}

fn steps<'a>(
    cx: &mut Context<'a>,
    map: &Building<'a>,
    item: &'a Item,
    line: &Line,
    places: &[Place<'a>],
    targets: &[(FieldView<'a>, Span)],
) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut whole = true;
    // `when missing placeholder by roles`: this `by` belongs to the placeholder.
    let by = line
        .clauses
        .iter()
        .take_while(|c| c.keyword != ClauseKw::WhenMissing)
        .find(|c| c.keyword == ClauseKw::By);
    if let Some(clause) = by {
        let (values, _) = value::read_separated(item, item.get(clause.terms));
        for value in &values {
            match step(cx, map, item, value, places, targets) {
                Some(step) => steps.push(step),
                None => whole = false,
            }
        }
    }
    if let Some(clause) = line.clause(ClauseKw::With)
        && let Some(term) = item.get(clause.terms).first()
    {
        let span = item.span(term.range);
        names::one_of(cx, item, *term, "what a value comes with", &["link"])?;
        let pattern = super::link::pattern(cx, span, places)?;
        steps.push(Step {
            call: Call { function: "link".to_owned(), args: vec![Literal::Text(pattern)] },
            span,
        });
    }
    for (keyword, function) in [(ClauseKw::SplitAt, "split"), (ClauseKw::JoinedBy, "join")] {
        if let Some(clause) = line.clause(keyword)
            && let Some(text) = common::first_text(item, clause.terms)
        {
            let call = Call { function: function.to_owned(), args: vec![Literal::Text(text)] };
            steps.push(Step { call, span: item.span(clause.range) });
        }
    }
    if let Some(clause) = line.clause(ClauseKw::CutTo)
        && let Some((value, _)) = value::read(item, item.get(clause.terms))
    {
        let number = match value.kind {
            ValueKind::Number(text) => Decimal::parse(text),
            _ => None,
        };
        match number {
            Some(number) => {
                let call = Call { function: "cut".to_owned(), args: vec![Literal::Number(number)] };
                steps.push(Step { call, span: item.span(clause.range).to(item.span(value.range)) });
            }
            None if value.kind == ValueKind::Hole => {
                let limits = targets.iter().filter_map(|(field, _)| {
                    match field.field.ty.to_string().split_once('(') {
                        Some((_, rest)) => rest.split_once(')').map(|(limit, _)| limit.to_owned()),
                        None => None,
                    }
                });
                let limits = limits.filter(|limit| limit.chars().all(|c| c.is_ascii_digit())).collect();
                cx.draft.hole_of(item.span(value.range), "the length", limits);
                whole = false;
            }
            None => {
                let _ = crate::read::quantity::count(cx, item, &value);
                whole = false;
            }
        }
    }
    if let Some(clause) = line.clause(ClauseKw::Add) {
        let (values, _) = value::read_separated(item, item.get(clause.terms));
        for value in &values {
            let Some(literal) = constant(value) else { continue };
            let call = Call { function: "add".to_owned(), args: vec![literal] };
            steps.push(Step { call, span: item.span(value.range) });
        }
    }
    whole.then_some(steps)
}

/// A function or a translation behind `by`.
fn step<'a>(
    cx: &mut Context<'a>,
    map: &Building<'a>,
    item: &'a Item,
    value: &Value<'_>,
    places: &[Place<'a>],
    targets: &[(FieldView<'a>, Span)],
) -> Option<Step> {
    let span = item.span(value.range);
    let (raw, args, name_span) = match &value.kind {
        ValueKind::Name(raw) => (*raw, &[][..], span),
        ValueKind::Call { name, args, name_range } => (*name, args.as_slice(), item.span(*name_range)),
        ValueKind::Hole => {
            let mut tables: Vec<&str> = cx.maps.tables.keys().map(String::as_str).collect();
            tables.sort_unstable();
            let field = targets.first().map_or("", |(field, _)| field.name);
            let near = suggest::nearest(field, tables.iter().copied(), 1);
            let candidates = near.into_iter().chain(tables).map(str::to_owned).collect();
            cx.draft.hole_of(span, "how the value is changed", candidates);
            return None;
        }
        ValueKind::Bad => return None,
        _ => {
            cx.push(
                Diagnostic::error("types/not-a-function", "behind `by` stand functions and translations")
                    .primary(span, "this is neither")
                    .help("name a `translate` block or a function of the language, separated by commas"),
            );
            return None;
        }
    };
    let name = plain_name(raw);
    if name == "catalog"
        && args.is_empty()
        && let (Some(place), Some((field, _))) = (places.first(), targets.first())
    {
        let table = catalog::translation(cx, map, place, *field, span)?;
        return Some(Step {
            call: Call { function: TRANSLATE.to_owned(), args: vec![Literal::Text(table)] },
            span,
        });
    }
    if args.is_empty() && cx.maps.tables.contains_key(&*name) {
        let args = vec![Literal::Text(name.into_owned())];
        return Some(Step { call: Call { function: TRANSLATE.to_owned(), args }, span });
    }
    let Some(function) = functions::find(&name) else {
        unknown(cx, &name, name_span);
        return None;
    };
    let mut literals = Vec::with_capacity(args.len());
    for (at, arg) in args.iter().enumerate() {
        match constant(arg) {
            Some(literal) => {
                let kind = function.params.get(at).map(|param| param.kind);
                if !argument::sound(cx, kind, &literal, item.span(arg.range)) {
                    return None;
                }
                literals.push(literal);
            }
            None if arg.kind == ValueKind::Hole => {
                cx.draft.hole(item.span(arg.range), "the argument");
                return None;
            }
            None => {
                cx.push(
                    Diagnostic::error("types/argument", "an argument of a function does not fit")
                        .primary(
                            item.span(arg.range),
                            "a constant is expected: a text in quotes, a number, a date",
                        )
                        .help(format!("{}: {}", function.name, function.summary)),
                );
                return None;
            }
        }
    }
    Some(Step { call: Call { function: function.name.to_owned(), args: literals }, span })
}

fn unknown(cx: &mut Context<'_>, name: &str, span: Span) {
    let mut candidates: Vec<&str> = cx.maps.tables.keys().map(String::as_str).collect();
    candidates.sort_unstable();
    candidates.extend(functions::all().map(|f| f.name));
    let diagnostic =
        Diagnostic::error("names/unknown-function", "there is no function or translation of this name")
            .primary(span, format!("neither a `translate {name} {{ ... }}` nor a function of the language"));
    let diagnostic = match suggest::nearest(name, candidates, 1).first() {
        Some(near) => diagnostic.did_you_mean(span, (*near).to_owned()),
        None => diagnostic.help(format!("declare it: `translate {name} {{ \"Old\" -> \"new\" }}`")),
    };
    cx.push(diagnostic);
}

/// Applies a call to the types.
fn follow<'a>(
    cx: &mut Context<'a>,
    flow: &mut Flow,
    step: Step,
    places: &[Place<'a>],
    row: (&Building<'a>, bool),
) -> Option<()> {
    let Step { call, span } = step;
    if call.function == TRANSLATE {
        let name = match call.args.first() {
            Some(Literal::Text(name)) => name.clone(),
            _ => return None,
        };
        let domain = match places {
            [place] if flow.types.len() == 1 => domain::of(cx, place, &flow.calls),
            _ => super::facts::Domain::default(),
        };
        let free = places.iter().any(|place| domain::is_free(place, &flow.calls));
        let table = cx.maps.tables.get(&name)?;
        let mut types = Vec::with_capacity(flow.types.len());
        for ty in &flow.types {
            match translated(table, ty) {
                Some(ty) => types.push(ty),
                None => {
                    cx.push(
                        Diagnostic::error(
                            "types/function#translation",
                            "a function meets a value that it does not take",
                        )
                        .primary(
                            span,
                            format!("a translation takes a value that has a text form, this is {ty}"),
                        ),
                    );
                    return None;
                }
            }
        }
        flow.types = types;
        flow.calls.push(call);
        middle(cx, flow, row);
        flow.table = Some(TableUse { name, span, domain, free });
        flow.keeps_length = false;
        return Some(());
    }
    let function = functions::find(&call.function)?;
    match function.signature(&flow.types, &call.args) {
        Ok(signature) => {
            flow.types = signature.outputs;
            if !flow.table.as_ref().is_some_and(|used| apart(cx, used, function, &call)) {
                flow.loss = flow.loss.union(signature.loss);
            }
            flow.keeps_length &= matches!(function.name, "trim" | "lower" | "upper" | "collapse_spaces");
            middle(cx, flow, row);
            flow.calls.push(call);
            Some(())
        }
        Err(problem) => {
            cx.push(refused(function, &problem, span));
            None
        }
    }
}

/// Whether values that are all there give values that are all there. Only asked where some target needs one.
pub(super) fn follows<'a>(cx: &Context<'a>, flow: &Flow, targets: &[(FieldView<'a>, Span)]) -> bool {
    let needed = targets.iter().zip(&flow.types).any(|((field, _), ty)| {
        ty.is_optional() && !(field.field.ty.optional && field.field.required == Required::Never)
    });
    if !needed || flow.calls.is_empty() {
        return true;
    }
    let present: Vec<Type> = flow.given.iter().map(|ty| ty.required().clone()).collect();
    let table = |name: &str, ty: &Type| {
        let output = translated(cx.maps.tables.get(name)?, ty)?;
        Some(Signature { outputs: vec![output], loss: LossSet::EXACT })
    };
    functions::pipe_signature(&present, &flow.calls, &table)
        .is_ok_and(|signature| !signature.outputs.iter().any(Type::is_optional))
}

/// Whether a function keeps apart all that the translation before it can give.
fn apart(cx: &Context<'_>, used: &TableUse, function: &Function, call: &Call) -> bool {
    let Some(table) = cx.maps.tables.get(&used.name) else { return false };
    let outcomes = table.translate.rows.iter().map(|row| &row.outcome).chain(table.translate.rest.as_ref());
    let mut given = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Value(Literal::Text(text)) if !given.contains(&text) => given.push(text),
            Outcome::Value(Literal::Text(_)) | Outcome::Reject => {}
            _ => return false,
        }
        // A long list is not worth the time; then the function's own word counts.
        if given.len() > 200 {
            return false;
        }
    }
    let mut results: Vec<Vec<cutover_ir::value::Value>> = Vec::with_capacity(given.len());
    for text in given {
        let input = [cutover_ir::value::Value::Text(text.clone())];
        match function.call(&input, &call.args, &cutover_ir::host::NoHost) {
            Ok(result) if !results.contains(&result) => results.push(result),
            _ => return false,
        }
    }
    true
}

/// A translation after which something follows decides every value that can come, and loses what it loses, like the last one. What it
/// gives is no option of the target yet.
fn middle<'a>(cx: &mut Context<'a>, flow: &mut Flow, (map, acknowledged): (&Building<'a>, bool)) {
    if let Some(used) = flow.table.take() {
        let loss = table_use::check(cx, map, &used, None, acknowledged);
        flow.told = flow.told.union(loss);
    }
}

fn refused(function: &Function, problem: &TypeProblem, span: Span) -> Diagnostic {
    match problem {
        TypeProblem::Input { .. } => {
            let diagnostic =
                Diagnostic::error("types/function", "a function meets a value that it does not take")
                    .primary(span, problem.to_string())
                    .note(format!("`{}`: {}", function.name, function.summary));
            if let TypeProblem::Input { found, .. } = problem
                && matches!(found.required(), Type::Choice(_) | Type::Choices(_))
            {
                return diagnostic.help("`by option_name` makes the name of an option a text; a translation makes it an option of the new system");
            }
            diagnostic.help("put a function before it that gives such a value; they stand in one line, separated by commas")
        }
        _ => Diagnostic::error("types/argument#function", "an argument of a function does not fit")
            .primary(span, problem.to_string())
            .note(format!("`{}`: {}", function.name, function.summary))
            .help(format!("it is written {}", written(function))),
    }
}

/// A call as it is written, with an argument that its examples have.
fn written(function: &Function) -> String {
    let args: Vec<&str> = function
        .params
        .iter()
        .map(|param| match param.kind {
            ParamKind::Length | ParamKind::Whole => "10",
            ParamKind::Factor => "2",
            ParamKind::Pattern => "\"{1}\"",
            ParamKind::TimePattern => "\"%Y-%m-%d\"",
            ParamKind::Zone => "\"Europe/Berlin\"",
            _ => "\"...\"",
        })
        .collect();
    if args.is_empty() {
        format!("`by {}`", function.name)
    } else {
        format!("`by {}({})`", function.name, args.join(", "))
    }
}

/// The type of a constant.
pub(super) fn type_of_literal(literal: &Literal) -> Type {
    match literal {
        Literal::Text(text) => {
            Type::Text { max: Some(u32::try_from(text.chars().count()).unwrap_or(u32::MAX)) }
        }
        Literal::Bool(_) => Type::Bool,
        Literal::Number(number) => match number.to_int() {
            Some(n) => Type::Int { min: n, max: n },
            None => Type::Decimal,
        },
        Literal::Date(_) => Type::Date,
        Literal::Instant(_) => Type::Instant,
        Literal::Duration(_) => Type::Duration,
    }
}

/// The type of what a table gives for a value of a type. `None` when a value of the type has no text form.
pub(super) fn translated(table: &Table, input: &Type) -> Option<Type> {
    let inner = match input.required() {
        Type::Poison | Type::Hole => return Some(Type::Poison),
        Type::List(inner) => inner.required().clone(),
        Type::Tags => Type::TEXT,
        Type::Choices(_) => Type::TEXT,
        other => other.clone(),
    };
    let same = match &inner {
        Type::Attachment | Type::List(_) | Type::Html { .. } => return None,
        Type::Text { max } => Type::Text { max: *max },
        Type::Bool | Type::Int { .. } | Type::Decimal | Type::Date => inner.clone(),
        _ => Type::TEXT,
    };
    let mut empty = false;
    let mut out = Type::Never;
    let outcomes = table.translate.rows.iter().map(|row| &row.outcome).chain(table.translate.rest.as_ref());
    for outcome in outcomes {
        let ty = match outcome {
            Outcome::Value(literal) => type_of_literal(literal),
            Outcome::Same => same.clone(),
            Outcome::Empty => {
                empty = true;
                continue;
            }
            Outcome::Reject => continue,
        };
        out = wider(out, ty);
    }
    if table.broken {
        out = Type::Poison;
    }
    let out = match input.required() {
        Type::Tags if matches!(out, Type::Text { .. } | Type::Never) => Type::Tags,
        // Elements without a value are left out.
        Type::Tags | Type::List(_) | Type::Choices(_) => Type::List(Box::new(out)),
        _ if empty => out.optional(),
        _ => out,
    };
    Some(if input.is_optional() { out.optional() } else { out })
}

fn wider(a: Type, b: Type) -> Type {
    match (a, b) {
        (Type::Never, b) => b,
        (Type::Text { max: a }, Type::Text { max: b }) => Type::Text { max: a.zip(b).map(|(a, b)| a.max(b)) },
        (Type::Int { min: a, max: b }, Type::Int { min: c, max: d }) => {
            Type::Int { min: a.min(c), max: b.max(d) }
        }
        (Type::Decimal | Type::Int { .. }, Type::Decimal | Type::Int { .. }) => Type::Decimal,
        (a, b) if a == b => a,
        // Mixed sorts were reported where the table stands; `same name` of a choice is a text like the others.
        _ => Type::Poison,
    }
}
