//! Conditions over one record, lowered to the predicate language of plans, with names and types checked.

use std::borrow::Cow;

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Type;
use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::Date;
use cutover_syntax::predicate::{Comparison, Pred, PredKind};
use cutover_syntax::tree::{Item, Terms};
use cutover_syntax::value::{Value, ValueKind, plain_name};

use crate::context::Context;
use crate::lower::maps::words::a;
use crate::read::{moment, names, quantity};
use crate::world::{FieldView, KindView};

/// A field that a condition names, with the kind that it belongs to and the path in the record.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The kind of the field, which is another one than the record's when references lead there.
    pub kind: &'a KindView<'a>,
    /// The field.
    pub field: FieldView<'a>,
    /// The path from the record: `requester.email`, `crm.tier`.
    pub path: Cow<'a, str>,
    /// The type, optional when a reference on the way may be missing.
    pub ty: Type,
}

impl<'a> Place<'a> {
    /// A field of the record itself.
    #[must_use]
    pub fn own(kind: &'a KindView<'a>, field: FieldView<'a>) -> Place<'a> {
        Place { kind, field, path: field.spelled(), ty: kind.type_of(field) }
    }
}

/// Reads the condition in these terms. Parts that are wrong are reported and become always true.
#[must_use]
pub fn read<'a>(cx: &mut Context<'a>, kind: &'a KindView<'a>, item: &Item, terms: Terms) -> Predicate {
    let terms = item.get(terms).to_vec();
    let (pred, _) = cutover_syntax::predicate::read(item, &terms);
    lower(cx, kind, item, &pred)
}

/// Lowers a condition that is read already.
#[must_use]
pub fn lower<'a>(cx: &mut Context<'a>, kind: &'a KindView<'a>, item: &Item, pred: &Pred<'_>) -> Predicate {
    match &pred.kind {
        PredKind::And(parts) => Predicate::All(parts.iter().map(|p| lower(cx, kind, item, p)).collect()),
        PredKind::Or(parts) => Predicate::Any(parts.iter().map(|p| lower(cx, kind, item, p)).collect()),
        PredKind::Not(inner) => Predicate::Not(Box::new(lower(cx, kind, item, inner))),
        PredKind::Compare { left, op, right, .. } => compare(cx, kind, item, left, *op, right),
        PredKind::Word(value) => word(cx, kind, item, value),
        PredKind::Hole => {
            cx.draft.hole(item.span(pred.range), "the condition");
            Predicate::Const(true)
        }
        PredKind::Bad { .. } => Predicate::Const(true),
    }
}

/// Finds the field that a path names, of the record itself or of a table. Reports what is unknown, and what another record says: a
/// record holds the id of that one and no more, so that nothing that reads records alone can answer.
#[must_use]
pub fn place<'a>(cx: &mut Context<'a>, kind: &'a KindView<'a>, path: &str, span: Span) -> Option<Place<'a>> {
    let found = followed(cx, kind, path, span)?;
    if let Some((first, rest)) = path.split_once('.')
        && kind.field(path).is_none()
        && cx.world.table(first).is_none()
        && kind.field(first).is_some()
    {
        let (title, of) = (kind.title(), a(found.kind.title()));
        cx.push(
            Diagnostic::error("names/other-record", "a record does not hold what another record says")
                .primary(span, format!("{} holds only which {first} it has: `{rest}` is a field of {of}", a(title)))
                .help(format!(
                    "ask a field of the {title} itself; what is known outside comes in by a table: `table people \"export\" keyed by {path}`"
                )),
        );
    }
    Some(found)
}

/// Finds the field that a path names, through references and tables. Reports what is unknown.
#[must_use]
pub fn followed<'a>(
    cx: &mut Context<'a>,
    kind: &'a KindView<'a>,
    path: &str,
    span: Span,
) -> Option<Place<'a>> {
    if let Some(field) = kind.field(path) {
        return Some(Place::own(kind, field));
    }
    if let Some((first, rest)) = path.split_once('.')
        && first != "custom"
    {
        if let Some(table) = cx.world.table(first) {
            return through_table(cx, table, first, rest, span);
        }
        if let Some(field) = kind.field(first)
            && let Some(to) = referred(cx, kind, field)
        {
            let optional = kind.type_of(field).is_optional();
            let found = followed(cx, to, rest, span)?;
            let ty = if optional { found.ty.optional() } else { found.ty };
            return Some(Place { path: Cow::Owned(format!("{first}.{}", found.path)), ty, ..found });
        }
    }
    let field = names::field(cx, kind, path, span)?;
    let ty = kind.type_of(field);
    Some(Place { kind, field, path: Cow::Owned(path.to_owned()), ty })
}

fn through_table<'a>(
    cx: &mut Context<'a>,
    table: &'a crate::world::System<'a>,
    name: &str,
    rest: &str,
    span: Span,
) -> Option<Place<'a>> {
    let kind = table.kinds.first();
    let Some(kind) = kind else {
        if !table.inventory_named {
            cx.push(
                Diagnostic::error(
                    "names/unknown-field#table",
                    "the fields of a table are known from its inventory only",
                )
                .primary(span, format!("the table `{name}` names no inventory"))
                .help("name one: `inventory \"inventory/crm.yaml\"`"),
            );
        }
        return None;
    };
    let field = names::field(cx, kind, rest, span)?;
    // A record whose key is not in the table has no row.
    let ty = kind.type_of(field).optional();
    Some(Place { kind, field, path: Cow::Owned(format!("{name}.{}", field.path())), ty })
}

/// The kind that a reference field points to, when it is one kind.
#[must_use]
pub fn referred<'a>(cx: &Context<'a>, kind: &KindView<'a>, field: FieldView<'a>) -> Option<&'a KindView<'a>> {
    match kind.type_of(field).required() {
        Type::Ref(name) => {
            let (_, name) = name.split_once('/')?;
            let first = name.split('|').next()?;
            cx.world.system(&kind.system)?.kind(first)
        }
        _ => None,
    }
}

fn compare<'a>(
    cx: &mut Context<'a>,
    kind: &'a KindView<'a>,
    item: &Item,
    left: &Value<'_>,
    op: Comparison,
    right: &[Value<'_>],
) -> Predicate {
    let span = item.span(left.range);
    let ValueKind::Name(raw) = left.kind else {
        if !matches!(left.kind, ValueKind::Hole) {
            cx.push(
                Diagnostic::error("types/not-a-field", "a condition compares a field")
                    .primary(span, "this is not a field")
                    .help("the field stands on the left, the value on the right: `status is \"open\"`"),
            );
        }
        return Predicate::Const(true);
    };
    let path = plain_name(raw).into_owned();
    let Some(place) = place(cx, kind, &path, span) else { return Predicate::Const(true) };
    let atom = |test| Predicate::Atom(Atom { field: place.path.to_string(), test });
    let negate = |p: Predicate| Predicate::Not(Box::new(p));
    match op {
        Comparison::IsEmpty => return atom(Test::Empty),
        Comparison::IsNotEmpty => return negate(atom(Test::Empty)),
        _ => {}
    }
    let mut literals = Vec::new();
    for value in right {
        match literal(cx, item, &place, op, value) {
            Some(literal) => literals.push(literal),
            None => return Predicate::Const(true),
        }
    }
    let Some(first) = literals.first().cloned() else { return Predicate::Const(true) };
    match op {
        Comparison::Is | Comparison::IsOneOf => atom(Test::OneOf(literals)),
        Comparison::IsNot | Comparison::IsNotOneOf => negate(atom(Test::OneOf(literals))),
        Comparison::Has => {
            // `has` with several values asks for any of them.
            let mut tests: Vec<Predicate> = literals.into_iter().map(|l| atom(Test::Has(l))).collect();
            if tests.len() == 1 { tests.swap_remove(0) } else { Predicate::Any(tests) }
        }
        Comparison::AtLeast => atom(Test::AtLeast(first)),
        Comparison::AtMost => atom(Test::AtMost(first)),
        Comparison::MoreThan => atom(Test::MoreThan(first)),
        Comparison::LessThan => atom(Test::LessThan(first)),
        Comparison::Before => atom(Test::Before(first)),
        Comparison::Since => atom(Test::Since(first)),
        Comparison::IsEmpty | Comparison::IsNotEmpty => Predicate::Const(true),
    }
}

/// The constant that a field is compared with, checked against the field's type.
fn literal(
    cx: &mut Context<'_>,
    item: &Item,
    place: &Place<'_>,
    op: Comparison,
    value: &Value<'_>,
) -> Option<Literal> {
    let span = item.span(value.range);
    let wrong = |cx: &mut Context<'_>, expected: &str| {
        cx.push(
            Diagnostic::error("types/condition", "a field is compared with the wrong kind of value")
                .primary(span, format!("{expected} is expected here"))
                .note(format!("`{}` holds: {}", place.path, place.ty.required())),
        );
        None
    };
    if let ValueKind::Hole = value.kind {
        cx.draft.hole(span, "the value");
        return None;
    }
    let ordered =
        matches!(op, Comparison::AtLeast | Comparison::AtMost | Comparison::MoreThan | Comparison::LessThan);
    let timed = matches!(op, Comparison::Before | Comparison::Since);
    let member = op == Comparison::Has;
    let ty = place.ty.required();
    let comparable = match ty {
        Type::Int { .. } | Type::Decimal | Type::Count | Type::Percent | Type::Duration => !timed && !member,
        Type::Date | Type::Instant => !ordered && !member,
        Type::Tags | Type::Choices(_) | Type::List(_) => member,
        Type::Poison | Type::Hole => true,
        _ => !ordered && !timed && !member,
    };
    if !comparable {
        let help = match ty {
            Type::Tags | Type::Choices(_) | Type::List(_) => "ask with `has`, `is empty` or `is not empty`",
            Type::Date | Type::Instant => "compare times with `before` and `since`",
            Type::Int { .. } | Type::Decimal | Type::Count | Type::Percent | Type::Duration => {
                "compare numbers with `is`, `at least`, `at most`, `more than` and `less than`"
            }
            _ => "ask with `is`, `is one of`, `is empty`",
        };
        cx.push(
            Diagnostic::error("types/comparison", "this comparison does not fit the field")
                .primary(span, format!("`{}` cannot be asked of `{}`", op.text(), place.path))
                .note(format!("`{}` holds: {}", place.path, ty))
                .help(help),
        );
        return None;
    }
    match ty {
        Type::Choice(_) | Type::Choices(_) => {
            let ValueKind::Text(text) = &value.kind else {
                return wrong(cx, "the name of an option, in quotes,");
            };
            option(cx, place, text, span)?;
            Some(Literal::Text(text.to_string()))
        }
        Type::Text { .. }
        | Type::Html { .. }
        | Type::Email
        | Type::Url
        | Type::Phone
        | Type::Tags
        | Type::Ref(_)
        | Type::List(_) => match &value.kind {
            ValueKind::Text(text) => Some(Literal::Text(text.to_string())),
            _ => wrong(cx, "a text in quotes"),
        },
        Type::Bool => match value.kind {
            ValueKind::Name("yes") => Some(Literal::Bool(true)),
            ValueKind::Name("no") => Some(Literal::Bool(false)),
            _ => wrong(cx, "`yes` or `no`"),
        },
        Type::Int { .. } | Type::Decimal | Type::Count => match value.kind {
            ValueKind::Number(text) => Decimal::parse(text).map(Literal::Number),
            _ => wrong(cx, "a number"),
        },
        Type::Percent => match value.kind {
            ValueKind::Percent(text) => Decimal::parse(text).map(Literal::Number),
            _ => wrong(cx, "a percentage"),
        },
        Type::Duration => match value.kind {
            ValueKind::Quantity(q) => quantity::of_quantity(q).map(Literal::Duration),
            _ => wrong(cx, "a length of time"),
        },
        Type::Date => match value.kind {
            ValueKind::Date(text) => {
                Date::parse(text).map(Literal::Date).or_else(|| wrong(cx, "a date that exists"))
            }
            // The day, in the window's zone, on which the moment falls.
            ValueKind::Moment { .. } | ValueKind::Name("window") => {
                let at = moment::moment_of(cx, item, value)?.at;
                let civil = cx.window.as_ref()?.zone.civil_at(at.seconds())?;
                let (month, day) = (u8::try_from(civil.month).ok()?, u8::try_from(civil.day).ok()?);
                Date::new(civil.year.into(), month, day).map(Literal::Date)
            }
            _ => wrong(cx, "a date"),
        },
        Type::Instant => match value.kind {
            ValueKind::Date(_)
            | ValueKind::DateTime { .. }
            | ValueKind::Moment { .. }
            | ValueKind::Name("window") => moment::moment_of(cx, item, value).map(|m| Literal::Instant(m.at)),
            _ => wrong(cx, "a date, a time or a moment"),
        },
        Type::Never | Type::Poison | Type::Hole | Type::Attachment | Type::Opt(_) => match &value.kind {
            ValueKind::Text(text) => Some(Literal::Text(text.to_string())),
            _ => None,
        },
    }
}

/// Checks that a choice field has an option of this name.
pub fn option(cx: &mut Context<'_>, place: &Place<'_>, name: &str, span: Span) -> Option<()> {
    let options = place.kind.options(place.field);
    if options.contains(&name) {
        return Some(());
    }
    let observed = place.field.profile.is_some_and(|p| p.values.contains(name));
    // Where accounts add options, only an inventory that lists the values says that there is no such option.
    if observed
        || (place.kind.options_open(place.field) && place.field.profile.is_none_or(|p| p.values.is_empty()))
    {
        return Some(());
    }
    let diagnostic = Diagnostic::error("names/unknown-option", "this field has no such option")
        .primary(span, format!("`{}` has no option \"{name}\"", place.path));
    let near = cutover_diagnostics::suggest::nearest(name, options.iter().copied(), 1);
    let diagnostic = match near.first() {
        Some(near) => diagnostic.did_you_mean(span, format!("\"{near}\"")),
        None if options.len() <= 12 && !options.is_empty() => {
            let list: Vec<String> = options.iter().map(|o| format!("\"{o}\"")).collect();
            diagnostic.help(format!("it has {}", list.join(", ")))
        }
        None => diagnostic,
    };
    cx.push(diagnostic);
    None
}

/// A word that is a condition by itself.
fn word<'a>(cx: &mut Context<'a>, kind: &'a KindView<'a>, item: &Item, value: &Value<'_>) -> Predicate {
    let span = item.span(value.range);
    let (raw, args) = match &value.kind {
        ValueKind::Name(raw) => (*raw, &[][..]),
        ValueKind::Call { name, args, .. } => (*name, args.as_slice()),
        ValueKind::Hole => {
            cx.draft.hole(span, "the condition");
            return Predicate::Const(true);
        }
        _ => {
            cx.push(
                Diagnostic::error("types/not-a-condition", "a condition is expected")
                    .primary(span, "this is a value, not a condition")
                    .help("compare a field with it: `status is \"open\"`"),
            );
            return Predicate::Const(true);
        }
    };
    let name = plain_name(raw).into_owned();
    let class = match name.as_str() {
        "unfinished" => Some(StatusClass::Unfinished),
        "finished" => Some(StatusClass::Finished),
        _ => None,
    };
    if let Some(class) = class {
        return match kind.state_field() {
            Some(states) => {
                Predicate::Atom(Atom { field: states.field.to_string(), test: Test::Class(class) })
            }
            None => {
                cx.push(
                    Diagnostic::error("types/no-states", "objects of this kind have no status")
                        .primary(span, format!("{} is neither finished nor unfinished", a(kind.title())))
                        .help("leave the word out, or ask for a field that they have"),
                );
                Predicate::Const(true)
            }
        };
    }
    if let Some(entry) = kind.kind.words.get(&name) {
        let mut text = name.clone();
        if entry.of.is_empty() != args.is_empty() {
            cx.push(
                Diagnostic::error("types/word-argument", "this word takes another number of arguments")
                    .primary(
                        span,
                        if entry.of.is_empty() { "takes none" } else { "takes the field it is asked of" },
                    )
                    .help(format!("`{name}` means: {}", entry.means)),
            );
            return Predicate::Const(true);
        }
        if let Some(arg) = args.first() {
            let ValueKind::Name(path) = &arg.kind else {
                if arg.kind == ValueKind::Hole {
                    cx.draft.hole(item.span(arg.range), "the field");
                    return Predicate::Const(true);
                }
                cx.push(
                    Diagnostic::error("types/word-argument#field", "this word is asked of a field")
                        .primary(item.span(arg.range), "this names no field")
                        .help(format!("`{name}` means: {}", entry.means)),
                );
                return Predicate::Const(true);
            };
            let path = plain_name(path).into_owned();
            let Some(field) = names::field(cx, kind, &path, span) else { return Predicate::Const(true) };
            let ty = kind.type_of(field);
            let about = match ty.required() {
                Type::Ref(to) => {
                    let kinds = to.split_once('/').map_or(&**to, |(_, kinds)| kinds);
                    kinds.split('|').any(|kind| entry.of.iter().any(|of| of == kind))
                }
                Type::Poison | Type::Hole => true,
                _ => false,
            };
            if !about {
                cx.push(
                    Diagnostic::error(
                        "types/word-argument#kind",
                        "this word is asked of another kind of field",
                    )
                    .primary(item.span(arg.range), format!("`{path}` holds: {}", ty.required()))
                    .help(format!("`{name}` means: {}", entry.means)),
                );
                return Predicate::Const(true);
            }
            text = format!("{name}({path})");
        }
        return Predicate::Atom(Atom { field: String::new(), test: Test::Word(text) });
    }
    // A yes-or-no field is a condition by itself.
    if let Some(field) = kind.field(&name)
        && *kind.type_of(field).required() == Type::Bool
    {
        return Predicate::Atom(Atom { field: field.path(), test: Test::OneOf(vec![Literal::Bool(true)]) });
    }
    let known: Vec<String> = kind.kind.words.keys().map(str::to_owned).collect();
    let mut candidates: Vec<&str> = known.iter().map(String::as_str).collect();
    if kind.state_field().is_some() {
        candidates.extend(["unfinished", "finished"]);
    }
    let diagnostic = Diagnostic::error("names/unknown-condition", "this word is no condition")
        .primary(span, format!("nothing says when {} is `{name}`", a(kind.title())));
    let diagnostic = if kind.field(&name).is_some() {
        diagnostic.help(format!("`{name}` is a field: compare it, `{name} is \"...\"`"))
    } else {
        names::did_you_mean(diagnostic, span, &name, candidates)
    };
    cx.push(diagnostic);
    Predicate::Const(true)
}
