//! One line of a map: `path, path -> path, path` with its clauses.

use cutover_catalog::inventory::{FieldProfile, Longer};
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::map::{Call, Row, Source, WhenMissing};
use cutover_ir::predicate::Literal;
use cutover_ir::{Loss, LossSet, Type};
use cutover_plan::model::{AcceptedLoss, DefaultTaken};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Item, Line};
use cutover_syntax::value::{self, ValueKind, plain_name};
use smallvec::SmallVec;

use crate::candidates;
use crate::context::Context;
use crate::draft::CANDIDATES;
use crate::lower::maps::facts::RowFact;
use crate::lower::maps::fit::{self, Found, Want};
use crate::lower::maps::pipe::{self, Flow};
use crate::lower::maps::{Building, missing, once, table_use, visibility, words};
use crate::lower::translate::constant;
use crate::read::predicate::Place;
use crate::read::{common, names, predicate};
use crate::world::FieldView;

/// What stands behind the arrow, nearly always one field.
type Targets<'a> = SmallVec<[(FieldView<'a>, Span); 1]>;

/// What stands before the arrow.
struct Inputs<'a> {
    sources: Vec<Source>,
    types: Vec<Type>,
    /// The fields among them.
    places: Vec<Place<'a>>,
}

/// Lowers a row. What is wrong is reported; the row is then left out and the map counts as incomplete.
pub(super) fn lower<'a>(cx: &mut Context<'a>, map: &mut Building<'a>, item: &'a Item, line: &Line) {
    let inputs = inputs(cx, map, item, line);
    let from = inputs.as_ref().and_then(|inputs| inputs.places.first());
    let targets = targets(cx, map, item, line, from);
    let (Some(mut inputs), Some(targets)) = (inputs, targets) else {
        map.broken = true;
        return;
    };
    let Some(flow) =
        pipe::read(cx, map, item, line, std::mem::take(&mut inputs.types), &inputs.places, &targets)
    else {
        map.broken = true;
        return;
    };
    if finish(cx, map, item, line, inputs, targets, flow).is_none() {
        map.broken = true;
    }
}

fn inputs<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    item: &'a Item,
    line: &Line,
) -> Option<Inputs<'a>> {
    let (values, _) = value::read_separated(item, item.get(line.lead));
    let mut inputs = Inputs {
        sources: Vec::with_capacity(values.len()),
        types: Vec::with_capacity(values.len()),
        places: Vec::with_capacity(values.len()),
    };
    let mut whole = !values.is_empty();
    for value in &values {
        let span = item.span(value.range);
        match &value.kind {
            ValueKind::Name(tick @ ("yes" | "no")) if map.source.field(tick).is_none() => {
                inputs.types.push(Type::Bool);
                inputs.sources.push(Source::Constant(Literal::Bool(*tick == "yes")));
            }
            ValueKind::Name(raw) => {
                let path = plain_name(raw);
                let place = match map.source.field(&path) {
                    Some(field) => {
                        map.decide_field(field, span);
                        Some(Place::own(map.source, field))
                    }
                    None => {
                        map.decide(&path, span);
                        predicate::followed(cx, map.source, &path, span)
                    }
                };
                match place {
                    Some(place) => {
                        let own = std::ptr::eq(place.kind, map.source);
                        let source = if !own && cx.world.table(&place.kind.system).is_some() {
                            Source::Table(place.kind.system.to_string(), place.field.path())
                        } else {
                            Source::Field(place.path.to_string())
                        };
                        inputs.sources.push(source);
                        inputs.types.push(place.ty.clone());
                        inputs.places.push(place);
                    }
                    None => whole = false,
                }
            }
            ValueKind::Hole => {
                cx.draft.hole(span, "the field");
                whole = false;
            }
            ValueKind::Bad => whole = false,
            _ => match constant(value) {
                Some(literal) => {
                    inputs.types.push(pipe::type_of_literal(&literal));
                    inputs.sources.push(Source::Constant(literal));
                }
                None => {
                    cx.push(
                        Diagnostic::error("map/not-a-field", "a map reads fields and constants")
                            .primary(span, "neither a field nor a text, a number, a date, `yes` or `no`")
                            .help("functions stand behind `by`: `requester.email -> email by lower`"),
                    );
                    whole = false;
                }
            },
        }
    }
    whole.then_some(inputs)
}

fn targets<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    item: &'a Item,
    line: &Line,
    from: Option<&Place<'a>>,
) -> Option<Targets<'a>> {
    let (values, _) = value::read_separated(item, item.get(line.result?));
    let mut targets = Targets::new();
    let mut whole = !values.is_empty();
    for value in &values {
        let span = item.span(value.range);
        match &value.kind {
            ValueKind::Name(raw) => match target(cx, map, &plain_name(raw), span) {
                Some(field) => targets.push((field, span)),
                None => whole = false,
            },
            ValueKind::Hole => {
                let near = from.map(|from| candidates::fields(from.field, map.target, None, CANDIDATES));
                if let Some(from) = from {
                    cx.draft.spots.insert(map.id.child("open").child(&from.path), span);
                }
                cx.draft.hole_of(span, "the field", near.unwrap_or_default());
                whole = false;
            }
            ValueKind::Bad => whole = false,
            _ => {
                cx.push(
                    Diagnostic::error("map/not-a-field#target", "a map writes fields")
                        .primary(span, "this is no field of the new system")
                        .help("a value goes before the arrow: `\"imported\" -> channel`"),
                );
                whole = false;
            }
        }
    }
    whole.then_some(targets)
}

/// A field that is written: it exists, it can be written, nobody else writes it.
fn target<'a>(cx: &mut Context<'a>, map: &mut Building<'a>, path: &str, span: Span) -> Option<FieldView<'a>> {
    let field = names::field(cx, map.target, path, span)?;
    if let Some(first) = map.set.get(path) {
        cx.push(
            Diagnostic::error("map/set-twice", "two rows write one field")
                .primary(span, format!("`{path}` is written a second time"))
                .secondary(*first, "the first time")
                .help("keep one, or join the values: `a, b -> x joined by \" \"` or `by first_present`"),
        );
        return None;
    }
    map.set.insert(field.spelled(), span);
    if field.field.write == cutover_catalog::kind::Write::Never {
        let product = cx.world.target().map_or("the target", |s| s.product());
        let diagnostic =
            Diagnostic::error("map/read-only", "the new system does not let this field be written")
                .primary(span, format!("{product} gives `{path}` its value itself"));
        let diagnostic = match &field.field.note {
            Some(note) => diagnostic.note(note.to_string()),
            None => diagnostic,
        };
        cx.push(diagnostic.help("leave this row out; what no other row carries goes to a field of your own, or is dropped with a reason"));
        return None;
    }
    Some(field)
}

/// Types, missing values, losses, visibility; then the row is made.
fn finish<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    item: &'a Item,
    line: &Line,
    inputs: Inputs<'a>,
    targets: Targets<'a>,
    mut flow: Flow,
) -> Option<()> {
    let span = item.line_span(line);
    let id = map.to.child(&targets.first()?.0.spelled());
    if flow.types.len() != targets.len() {
        arity(cx, &flow, &targets, item.span_of(line.lead), inputs.sources.len());
        return None;
    }
    let Inputs { sources, places, .. } = inputs;
    // One value has no other from which it could no longer be told.
    if sources.iter().all(|source| matches!(source, Source::Constant(_))) {
        flow.loss = LossSet::EXACT;
    }
    let lossy = common::text_clause(item, line, ClauseKw::Lossy);
    let when_missing = missing::read(cx, map, item, line, &places, &targets, &flow.types);
    // What should stand in may be what another rule asks for.
    map.broken |= when_missing.is_none() && line.has(ClauseKw::WhenMissing);
    once::check(cx, item, line, &places, &sources, &targets, when_missing.as_ref());
    let mut types = Vec::with_capacity(targets.len());
    let mut optional = SmallVec::new();
    let mut last_call: Option<Call> = None;
    let follows = pipe::follows(cx, &flow, &targets);
    let mut whole = true;
    // A constant that nothing changes is a name in the target, as behind the arrow of a translation.
    let constant = match sources.as_slice() {
        [Source::Constant(Literal::Text(name))] if flow.calls.is_empty() => Some(name.clone()),
        _ => None,
    };
    for (at, (field, to_span)) in targets.iter().enumerate() {
        let wanted = map.target.type_of(*field);
        if let (Some(name), Type::Choice(_)) = (&constant, wanted.required()) {
            let place = Place { kind: map.target, field: *field, path: field.spelled(), ty: wanted.clone() };
            whole &= predicate::option(cx, &place, name, item.span_of(line.lead)).is_some();
        }
        let Some(ty) = flow.types.get(at) else { continue };
        let found = Found {
            ty,
            span: item.span_of(line.lead),
            place: if places.len() == 1 && sources.len() == 1 { places.first() } else { None },
            places: &places,
            follows,
            keeps_length: flow.keeps_length,
            named: flow.table.is_some() || constant.is_some(),
            kind: map.source,
        };
        let want = Want { kind: map.target, field: *field, ty: &wanted, span: *to_span };
        match fit::fit(cx, &found, &want) {
            Ok(fitted) => {
                flow.loss = flow.loss.union(fitted.loss);
                last_call = last_call.or(fitted.call);
                if let Some(value) = fitted.assumed {
                    let what = format!("`{}` into `{}`", found_name(&places), field.path());
                    cx.draft.plan.defaults.insert(id.clone(), DefaultTaken { what, value });
                }
            }
            Err(finding) => {
                cx.push(*finding);
                whole = false;
            }
        }
        let (ty, may_miss) = match missing::settle(cx, map, &found, &want, when_missing.as_ref(), &id) {
            Ok(settled) => settled,
            Err(finding) => {
                cx.push(*finding);
                whole = false;
                (Some(Type::Poison), true)
            }
        };
        types.push(ty.unwrap_or(wanted));
        optional.push(may_miss);
    }
    if !whole {
        return None;
    }
    let mut pipe = flow.calls;
    pipe.extend(last_call);
    let table = flow.table.take();
    let mut loss = flow.loss.union(flow.told);
    if let Some(used) = &table {
        let want = targets.first().map(|(field, span)| (*field, *span));
        let many = table_use::check(cx, map, used, want, lossy.is_some());
        loss = loss.union(many);
    }
    loss = loss.union(visibility::fields(cx, &places, &targets, map.target, span)?);
    let overflow = overflow(cx, map, item, line, &pipe, &targets);
    let by_lines = table.is_some() || !flow.told.is_exact();
    // A record that is rejected is lost, and this says why.
    let rejects = when_missing == Some(WhenMissing::Reject);
    // Whether something that customers read becomes internal is seen from the whole map.
    let hides = targets.iter().any(|(field, _)| field.field.internal_when.is_some());
    if !((rejects || hides) && lossy.is_some() && loss.is_exact()) {
        acknowledged(cx, line, item, loss, flow.loss, lossy.as_deref(), by_lines);
    }
    if let Some(because) = &lossy
        && !loss.is_exact()
    {
        let profile = places.first().and_then(|p| p.field.profile);
        let accepted = AcceptedLoss {
            what: format!("{} of `{}.{}`", words::losses(loss), map.source.name, found_name(&places)),
            because: because.clone(),
            records: profile.map(|p| affected(p, loss, &pipe)),
            of: map.source.count(),
            kept_in: None,
        };
        cx.draft.plan.losses.insert(id.clone(), accepted);
    }
    if line.has(ClauseKw::ThreadsKept) {
        threads(cx, line, item, &targets);
    }
    let made = Row {
        id: id.clone(),
        from: sources,
        to: targets.iter().map(|(field, _)| field.path()).collect(),
        pipe,
        when_missing,
        key: key(cx, item, line),
        overflow,
        types,
        loss,
        lossy,
        meaning: common::text_clause(item, line, ClauseKw::Meaning),
        by_catalog: false,
    };
    cx.draft.place(id.clone(), span);
    if let Some(clause) = line.clause(ClauseKw::WhenMissing) {
        cx.draft.spots.insert(id.child(ClauseKw::WhenMissing.text()), item.span_of(clause.terms));
    }
    map.rows.push(made);
    let row = RowFact { id, span, optional, table: table.map(Box::new) };
    map.fact(row, places.iter().map(|place| (place.kind, place.field)));
    Some(())
}

fn found_name(places: &[Place<'_>]) -> String {
    let names: Vec<&str> = places.iter().map(|place| &*place.path).collect();
    names.join(", ")
}

fn arity(cx: &mut Context<'_>, flow: &Flow, targets: &[(FieldView<'_>, Span)], span: Span, inputs: usize) {
    let count = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let to = targets.iter().map(|(_, span)| *span).reduce(|a, b| a.to(b));
    let diagnostic =
        Diagnostic::error("map/arity", "a row gives more or fewer values than it has fields to write")
            .primary(to.unwrap_or(span), count(targets.len(), "field"))
            .secondary(
                span,
                format!(
                    "{} {} here",
                    count(flow.types.len(), "value"),
                    if flow.types.len() == 1 { "arrives" } else { "arrive" }
                ),
            );
    cx.push(if inputs > 1 && targets.len() == 1 {
        diagnostic
            .help("join them: `joined by \" \"`, `by format(\"{1} <{2}>\")`, or take `by first_present`")
    } else if targets.len() > 1 {
        diagnostic.help("`split at \"/\"` makes two values of one; otherwise write a row for each field")
    } else {
        diagnostic.help("write a row for each field")
    });
}

/// A loss is written down where it happens.
fn acknowledged(
    cx: &mut Context<'_>,
    line: &Line,
    item: &Item,
    loss: LossSet,
    own: LossSet,
    lossy: Option<&str>,
    table: bool,
) {
    let span = item.line_span(line);
    if lossy.is_none() {
        // What a translation loses is asked of its lines.
        let asked = if table { own.union(visibility_of(loss)) } else { loss };
        if !asked.is_exact() {
            cx.push(
                Diagnostic::error("loss/not-acknowledged", "a row loses something and does not say why")
                    .primary(span, format!("lost here: {}", words::losses(asked)))
                    .help("add `lossy \"why\"`; it stands in the register of losses that people sign"),
            );
        }
    } else if loss.is_exact()
        && let Some(clause) = line.clause(ClauseKw::Lossy)
    {
        cx.push(
            Diagnostic::warning("loss/nothing-lost", "a row says that it loses something and does not")
                .primary(item.span(clause.range), "nothing is lost here")
                .help("remove `lossy`; what a field means is said with `meaning \"...\"`"),
        );
    }
}

fn visibility_of(loss: LossSet) -> LossSet {
    if loss.iter().any(|l| l == Loss::Visibility) { LossSet::of(Loss::Visibility) } else { LossSet::EXACT }
}

fn key(cx: &mut Context<'_>, item: &Item, line: &Line) -> bool {
    let Some(term) = line.clause(ClauseKw::As).and_then(|c| item.get(c.terms).first()) else { return false };
    names::one_of(cx, item, *term, "what a row can be", &["key"]).is_some()
}

/// Where cut-off text goes.
fn overflow<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    item: &'a Item,
    line: &Line,
    pipe: &[Call],
    targets: &[(FieldView<'a>, Span)],
) -> Option<String> {
    let clause = line.clause(ClauseKw::OverflowTo)?;
    let term = item.get(clause.terms).first().copied()?;
    let term = names::word(cx, item, term, "a field")?;
    let span = item.span(term.range);
    if !pipe.iter().any(|call| call.function == "cut") {
        cx.push(
            Diagnostic::error("map/overflow", "cut-off text has nowhere to come from")
                .primary(item.span(clause.range), "nothing is cut in this row")
                .help("say where the text is cut: `cut to 150 overflow to comment.first`"),
        );
        return None;
    }
    let path = plain_name(item.raw(term)).into_owned();
    let field = names::field(cx, map.target, &path, span)?;
    if targets.iter().any(|(target, _)| target.name == field.name) {
        cx.push(
            Diagnostic::error(
                "map/overflow#itself",
                "cut-off text goes to the field that is too small for it",
            )
            .primary(span, "this is the field whose text is cut")
            .help("name another text field, for example the first comment"),
        );
        return None;
    }
    let ty = map.target.type_of(field);
    if !matches!(ty.required(), Type::Text { .. } | Type::Html { .. } | Type::Poison) {
        cx.push(
            Diagnostic::error("map/overflow#type", "cut-off text goes to a field that holds no text")
                .primary(span, format!("`{path}` holds: {}", ty.required()))
                .help("name a text field, for example the first comment"),
        );
        return None;
    }
    Some(path)
}

/// Replies find their ticket by the ids of old messages.
fn threads(cx: &mut Context<'_>, line: &Line, item: &Item, targets: &[(FieldView<'_>, Span)]) {
    let kept = |field: &FieldView<'_>| {
        matches!(field.field.canon.as_deref(), Some("message_id" | "in_reply_to" | "references"))
    };
    if let Some(clause) = line.clause(ClauseKw::ThreadsKept)
        && !targets.iter().any(|(field, _)| kept(field))
    {
        let span = targets.first().map_or_else(|| item.span(clause.range), |(_, span)| *span);
        cx.push(
            Diagnostic::error("map/threads", "this field keeps no mail threads together")
                .primary(span, "not the field that holds the id of a mail")
                .secondary(item.span(clause.range), "asked for here")
                .help("replies find their ticket by the message id; write that field, or leave `threads kept` away"),
        );
    }
}

/// The table that a clause names, marked as used.
pub(super) fn declared_table(
    cx: &mut Context<'_>,
    item: &Item,
    term: cutover_syntax::tree::Term,
) -> Option<String> {
    let (name, _) = names::declared(cx, ItemKw::Translate, item, term)?;
    if let Some(table) = cx.maps.tables.get_mut(&name) {
        table.uses += 1;
    }
    Some(name)
}

/// The literal, whether it can stand for a missing value of this type.
pub(super) fn literal_fits(literal: &Literal, wanted: &Type) -> bool {
    match (wanted.required(), literal) {
        (Type::Poison | Type::Hole, _)
        | (
            Type::Html { .. } | Type::Email | Type::Url | Type::Phone | Type::Choice(_) | Type::Ref(_),
            Literal::Text(_),
        )
        | (Type::Bool, Literal::Bool(_))
        | (Type::Date, Literal::Date(_))
        | (Type::Decimal | Type::Percent, Literal::Number(_)) => true,
        (Type::Text { max }, Literal::Text(text)) => {
            max.is_none_or(|max| text.chars().count() <= max as usize)
        }
        (Type::Int { min, max }, Literal::Number(n)) => {
            n.to_int().is_some_and(|n| (*min..=*max).contains(&n))
        }
        (Type::Count, Literal::Number(n)) => n.to_int().is_some_and(|n| n >= 0),
        _ => false,
    }
}

/// How many records a loss concerns: of a cut those that are longer, of any other loss all that have a value.
fn affected(profile: &FieldProfile, loss: LossSet, pipe: &[Call]) -> u64 {
    let cut = pipe.iter().find(|call| call.function == "cut").and_then(|call| call.args.first());
    if loss == Loss::Truncating.into()
        && let Some(Literal::Number(length)) = cut
        && let Some(length) = length.to_int().and_then(|n| u64::try_from(n).ok())
        && let Longer::Exactly(longer) | Longer::AtLeast(longer) = profile.longer_than(length)
    {
        return longer;
    }
    profile.present
}
