//! `when missing`, and values that may be missing where the new system needs one.

use cutover_ir::map::WhenMissing;
use cutover_ir::predicate::{Literal, Predicate};
use cutover_ir::value::{Record, Value};
use cutover_ir::{Id, Type, eval, host::NoHost};
use cutover_plan::model::DefaultTaken;
use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value::{self, ValueKind};

use crate::context::Context;
use crate::lower::maps::fit::{Found, Want};
use crate::lower::maps::{Building, row, table_use, words};
use crate::lower::translate::constant;
use crate::read::predicate::Place;
use crate::read::{common, predicate};
use crate::world::{FieldView, KindView};
use cutover_catalog::kind::Required;
use cutover_diagnostics::{Diagnostic, Span, suggest};

/// Reads `when missing`. Wrong ones are reported and stand for nothing. `arriving` are the types behind the row's functions.
pub(super) fn read<'a>(
    cx: &mut Context<'a>,
    map: &Building<'a>,
    item: &'a Item,
    line: &Line,
    places: &[Place<'a>],
    targets: &[(FieldView<'a>, Span)],
    arriving: &[Type],
) -> Option<WhenMissing> {
    let clause = line.clause(ClauseKw::WhenMissing)?;
    let terms = item.get(clause.terms);
    let (value, used) = value::read(item, terms)?;
    let span = item.span(value.range);
    let (field, _) = targets.first()?;
    let wanted = map.target.type_of(*field);
    // Functions may leave nothing of a value that is there.
    if !arriving.iter().any(Type::is_optional) {
        never(cx, places, item.span(clause.range));
    }
    match &value.kind {
        ValueKind::Name("empty") => Some(WhenMissing::Empty),
        ValueKind::Name("reject") => Some(WhenMissing::Reject),
        ValueKind::Name("placeholder") => {
            let held = match wanted.required() {
                Type::List(item) => item.required(),
                other => other,
            };
            if !matches!(held, Type::Ref(_) | Type::Poison) {
                cx.push(
                    Diagnostic::error(
                        "types/placeholder",
                        "a placeholder stands for a person or another object",
                    )
                    .primary(span, format!("`{}` holds: {}", field.path(), wanted.required()))
                    .help("write a value instead: `when missing \"none\"`, or `when missing empty`"),
                );
                return None;
            }
            if let Some(term) = terms.get(used).filter(|t| t.kind == TermKind::Text) {
                return Some(WhenMissing::Placeholder(common::text(item, *term).into_owned()));
            }
            let by = line.clauses.iter().skip_while(|c| c.keyword != ClauseKw::WhenMissing);
            let by = by.filter(|c| c.keyword == ClauseKw::By).find_map(|c| item.get(c.terms).first());
            if let Some(term) = by.filter(|t| t.kind == TermKind::Word) {
                let name = row::declared_table(cx, item, *term)?;
                let roles = roles(cx, places);
                if let Some(table) = cx.maps.tables.get_mut(&name) {
                    table.used_elsewhere = true;
                    // A field about which nothing is known may point to anybody.
                    if let Some(kinds) = roles {
                        table.roles.extend(kinds.iter().cloned());
                        table.known.extend(kinds);
                        table.uses_by_role += 1;
                    }
                }
                return Some(WhenMissing::PlaceholderBy(name));
            }
            cx.push(
                Diagnostic::error("types/placeholder#name", "a placeholder has no name")
                    .primary(span, "which one?")
                    .help("write `placeholder \"Former agent\"`, or `placeholder by` and a translation of roles"),
            );
            None
        }
        ValueKind::Hole => {
            cx.draft.hole(span, "what stands in for a missing value");
            // Something will stand there: that the value may be missing is not asked as well.
            Some(WhenMissing::Reject)
        }
        ValueKind::Bad => None,
        _ => standin(cx, map, *field, &wanted, &value, span),
    }
}

/// What can stand in a translation of roles: the kinds of the old desk to which the field can point, and `end-user` for those who ask.
fn roles(cx: &Context<'_>, places: &[Place<'_>]) -> Option<Vec<String>> {
    let source = cx.world.source()?;
    let mut kinds = vec!["end-user".to_owned()];
    for place in places {
        let Type::Ref(referred) = place.ty.required() else { return None };
        let (_, referred) = referred.split_once('/')?;
        for kind in referred.split('|') {
            kinds.push(source.kind(kind)?.name.to_owned());
        }
    }
    Some(kinds)
}

fn standin<'a>(
    cx: &mut Context<'a>,
    map: &Building<'a>,
    field: FieldView<'a>,
    wanted: &Type,
    value: &value::Value<'_>,
    span: Span,
) -> Option<WhenMissing> {
    let literal = constant(value).filter(|literal| row::literal_fits(literal, wanted));
    let Some(literal) = literal else {
        cx.push(
            Diagnostic::error("types/when-missing", "this cannot stand in for a missing value")
                .primary(span, "not a value of the field")
                .note(format!("`{}` holds: {}", field.path(), wanted.required()))
                .help("write a value that the field can hold, `empty`, `reject` or `placeholder \"...\"`"),
        );
        return None;
    };
    if let (Type::Choice(_), Literal::Text(name)) = (wanted.required(), &literal) {
        let place = Place { kind: map.target, field, path: field.spelled(), ty: wanted.clone() };
        predicate::option(cx, &place, name, span)?;
    }
    if let (Type::Ref(kinds), Literal::Text(name)) = (wanted.required(), &literal) {
        object(cx, field, kinds, name, span)?;
    }
    Some(WhenMissing::Constant(literal))
}

/// A stand-in that is an object has to be there when it is written. Where nobody lists such objects, nothing is known.
fn object(cx: &mut Context<'_>, field: FieldView<'_>, kinds: &str, name: &str, span: Span) -> Option<()> {
    let Some(known) = table_use::names_of(cx, kinds) else { return Some(()) };
    let names: Vec<&str> = known.values.iter().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() || names.contains(&name) {
        return Some(());
    }
    let diagnostic =
        Diagnostic::error("names/unknown-object#standin", "the account has no object of this name")
            .primary(span, format!("nothing that `{}` can point to is called \"{name}\"", field.path()));
    cx.push(match suggest::nearest(name, names.iter().copied(), 1).first() {
        Some(near) => diagnostic.did_you_mean(span, format!("\"{near}\"")),
        None => diagnostic.help(format!(
            "name one that is there, or let the migration make one: `when missing placeholder \"{name}\"`"
        )),
    });
    None
}

/// A stand-in for a value that is always there is a misunderstanding. References may point at nothing, so they are not asked.
fn never(cx: &mut Context<'_>, places: &[Place<'_>], span: Span) {
    let always = |place: &Place<'_>| {
        !place.ty.is_optional() && !matches!(place.ty, Type::Ref(_)) && !matches!(place.ty, Type::Poison)
    };
    let Some(first) = places.first().filter(|_| places.iter().all(always)) else { return };
    cx.push(
        Diagnostic::warning("map/never-missing", "a value that is always there needs no stand-in")
            .primary(span, format!("`{}` is never missing", first.path))
            .help("remove `when missing`"),
    );
}

/// Whether what arrives may be missing where the target needs a value; if so, whether something settles it.
/// Gives the type that is enforced when the map runs, none where it is the one wanted, and whether the written value may be missing.
pub(super) fn settle(
    cx: &mut Context<'_>,
    map: &Building<'_>,
    found: &Found<'_, '_>,
    want: &Want<'_, '_>,
    when_missing: Option<&WhenMissing>,
    id: &Id,
) -> Result<(Option<Type>, bool), Box<Diagnostic>> {
    let wanted = want.ty;
    if found.ty.is_unknown() || wanted.is_unknown() {
        return Ok((None, true));
    }
    let stands_in = matches!(
        when_missing,
        Some(
            WhenMissing::Constant(_)
                | WhenMissing::Placeholder(_)
                | WhenMissing::PlaceholderBy(_)
                | WhenMissing::Reject
        )
    );
    if !found.ty.is_optional() || stands_in {
        return Ok((None, false));
    }
    let all = |present: &dyn Fn(&Place<'_>) -> bool| {
        found.follows && found.places.iter().all(|place| !place.ty.is_optional() || present(place))
    };
    if all(&|place| asked(map, place)) {
        return Ok((None, false));
    }
    let complete = all(&|place| asked(map, place) || complete(place.kind, place.field));
    if wanted.is_optional() && want.field.field.required == Required::Never {
        return Ok((None, !complete));
    }
    if want.field.field.default.is_some()
        || matches!(wanted.required(), Type::Tags | Type::Choices(_) | Type::List(_))
    {
        return Ok((Some(wanted.clone().optional()), true));
    }
    let path = found.place.map_or_else(|| "the value".to_owned(), |place| format!("`{}`", place.path));
    let there = found.places.iter().all(|place| !place.ty.is_optional());
    if there && !found.places.is_empty() && !found.follows {
        return Err(Box::new(may_be_emptied(found, want)));
    }
    if complete {
        let what = format!("{path} may be missing by its type");
        let value = "each record of the inventory has one; a record without it is rejected".to_owned();
        cx.draft.plan.defaults.insert(id.clone(), DefaultTaken { what, value });
        return Ok((Some(wanted.required().clone()), false));
    }
    Err(Box::new(may_be_missing(found, want, &path)))
}

/// The value is always there; what the row does with it may leave nothing.
fn may_be_emptied(found: &Found<'_, '_>, want: &Want<'_, '_>) -> Diagnostic {
    let standin =
        if matches!(want.ty.required(), Type::Ref(_)) { "placeholder \"Unknown\"" } else { "\"...\"" };
    Diagnostic::error("types/may-be-missing#function", "the new system needs a value that may be missing")
        .primary(want.span, format!("`{}` must have a value", want.field.path()))
        .secondary(found.span, "what this row does with the value may leave nothing here")
        .help(format!("say what then: `when missing {standin}` or `when missing reject`"))
}

fn may_be_missing(found: &Found<'_, '_>, want: &Want<'_, '_>, path: &str) -> Diagnostic {
    let to = want.field.path();
    let mut diagnostic =
        Diagnostic::error("types/may-be-missing", "the new system needs a value that may be missing")
            .primary(found.span, format!("{path} may be missing"))
            .secondary(want.span, format!("`{to}` must have a value"));
    if let Some(place) = found.place
        && let (Some(count), Some(profile)) = (place.kind.count(), place.field.profile)
        && count > profile.present
        && std::ptr::eq(place.kind, found.kind)
    {
        let none = words::grouped(count - profile.present);
        diagnostic = diagnostic.note(format!("{none} {} have none", words::of_all(place.kind)));
    }
    let reference = matches!(want.ty.required(), Type::Ref(_));
    let standin = if reference { "placeholder \"Unknown\"" } else { "\"...\"" };
    diagnostic.help(format!(
        "say what then: `when missing {standin}`, `when missing reject`, or `require {} is not empty`",
        found.places.iter().find(|place| place.ty.is_optional()).map_or("...", |place| &*place.path)
    ))
}

/// Whether the map rejects each record in which the field has no value. What is behind a reference is there when the reference is,
/// unless its own field may be empty.
fn asked(map: &Building<'_>, place: &Place<'_>) -> bool {
    let through = || {
        let (root, _) = place.path.split_once('.')?;
        let sure = map.source.field(&place.path).is_none() && !place.kind.type_of(place.field).is_optional();
        Some(sure && guaranteed(&map.require, map.source, root))
    };
    guaranteed(&map.require, map.source, &place.path) || through().unwrap_or(false)
}

/// Whether each record of the inventory has a value.
pub(super) fn complete(kind: &KindView<'_>, field: FieldView<'_>) -> bool {
    let counted = kind.count().filter(|count| *count > 0);
    counted.is_some_and(|count| field.profile.is_some_and(|p| p.present >= count))
}

/// Whether a requirement of the map rejects each record in which this field is missing.
pub(super) fn guaranteed(require: &[Predicate], kind: &KindView<'_>, path: &str) -> bool {
    if require.is_empty() {
        return false;
    }
    let record = Record::from([(path.to_owned(), Value::Missing)]);
    require.iter().any(|p| eval::truth(p, kind.name, &record, true, &NoHost) == eval::Truth::Known(false))
}
