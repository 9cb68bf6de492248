//! Rows that carry one field into another of the same type and say nothing else. Most rows of a large spec are such, so they are read in one
//! step; whatever is unusual about a row is left to [`super::row`], which gives the same for these.

use cutover_catalog::field_type::Shape;
use cutover_catalog::kind::{Field, Required, Write};
use cutover_ir::map::{Row, Source};
use cutover_ir::{LossSet, Type};
use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::{Item, Line, TermKind, Terms};
use smallvec::smallvec;

use crate::context::Context;
use crate::lower::maps::facts::RowFact;
use crate::lower::maps::{Building, missing};
use crate::world::FieldView;

/// Lowers the row if it is plain. `None` leaves everything as it was.
pub(super) fn lower<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    item: &'a Item,
    line: &Line,
) -> Option<()> {
    let key = clauses(item, line)?;
    // A requirement may be what makes a missing value impossible.
    if !map.require.is_empty() {
        return None;
    }
    let (from_name, to_name) = (name(item, line.lead)?, name(item, line.result?)?);
    let from = map.source.next_field(from_name, &mut map.next.0)?;
    let to = map.target.next_field(to_name, &mut map.next.1)?;
    if to.field.write == Write::Never
        || from.field.visibility != to.field.visibility
        || map.set.contains_key(to.name)
    {
        return None;
    }
    let ty = map.target.type_of(to);
    if !same(from, ty.required()) {
        return None;
    }
    let optional = from.field.ty.optional;
    if optional && !(ty.is_optional() && to.field.required == Required::Never) {
        return None;
    }
    let may_miss = optional && !missing::complete(map.source, from);

    map.decided.entry(from.spelled()).or_insert_with(|| item.span_of(line.lead));
    map.set.insert(to.spelled(), item.span_of(line.result?));
    let span = item.line_span(line);
    let id = map.to.child(to.name);
    cx.draft.place(id.clone(), span);
    map.rows.push(Row {
        id: id.clone(),
        from: vec![Source::Field(from.name.to_owned())],
        to: vec![to.name.to_owned()],
        pipe: Vec::new(),
        when_missing: None,
        key,
        overflow: None,
        types: vec![ty],
        loss: LossSet::EXACT,
        lossy: None,
        meaning: None,
        by_catalog: false,
    });
    let row = RowFact { id, span, optional: smallvec![may_miss], table: None };
    map.fact(row, std::iter::once((map.source, from)));
    Some(())
}

/// Whether the row is `as key`, where nothing else is said about it.
fn clauses(item: &Item, line: &Line) -> Option<bool> {
    match line.clauses.as_slice() {
        [] => Some(false),
        [clause] if clause.keyword == ClauseKw::As => match item.get(clause.terms) {
            [word] if word.kind == TermKind::Word && item.raw(*word) == "key" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

/// The one name that stands there, if it is spelled as names of fields are.
fn name(item: &Item, terms: Terms) -> Option<&str> {
    match item.get(terms) {
        [word] if word.kind == TermKind::Word => Some(item.raw(*word)),
        _ => None,
    }
}

/// Whether each value of the field is one of this type, which neither names nor options are by themselves.
fn same(from: FieldView<'_>, to: &Type) -> bool {
    let Field { ty, .. } = from.field;
    match (&ty.shape, to) {
        (Shape::Text(Some(max)), Type::Text { max: limit })
        | (Shape::Html(Some(max)), Type::Html { max: limit }) => {
            let longest = from.profile.and_then(|profile| profile.longest).unwrap_or(0);
            limit.is_none_or(|limit| *max <= limit && longest <= u64::from(limit))
        }
        (Shape::Text(None), Type::Text { max: None })
        | (Shape::Html(None), Type::Html { max: None })
        | (Shape::Bool, Type::Bool)
        | (Shape::Decimal, Type::Decimal)
        | (Shape::Email, Type::Email)
        | (Shape::Url, Type::Url)
        | (Shape::Phone, Type::Phone)
        | (Shape::Date, Type::Date)
        | (Shape::Instant, Type::Instant)
        | (Shape::Duration, Type::Duration)
        | (Shape::Percent, Type::Percent)
        | (Shape::Count, Type::Count)
        | (Shape::Tags, Type::Tags) => true,
        (Shape::Int { min, max }, Type::Int { min: least, max: most }) => least <= min && max <= most,
        _ => false,
    }
}
