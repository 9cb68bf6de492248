//! `by catalog`: fields, options and states correspond by what the catalogs say that they mean.

use cutover_catalog::Part;
use cutover_catalog::kind::Write;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::functions::TRANSLATE;
use cutover_ir::map::{Call, Dropped, Outcome, Pattern, Row, Source, Translate, TranslateRow};
use cutover_ir::predicate::{Atom, Literal, Predicate, Test};
use cutover_ir::{Id, Loss, LossSet, Type};
use cutover_plan::model::{Content, DefaultTaken, Item as PlanItem, Selection, Verb};
use rustc_hash::FxHashMap;
use smallvec::smallvec;

use crate::context::Context;
use crate::lower::maps::facts::{RowFact, Table, TableUse};
use crate::lower::maps::fit::{self, Found, Want};
use crate::lower::maps::{Building, domain, missing};
use crate::read::predicate::{self, Place};
use crate::world::{FieldView, KindView};

/// Decides all fields of the source that no line decides. `span` is the place of `by catalog`.
pub(super) fn remaining<'a>(cx: &mut Context<'a>, map: &mut Building<'a>, span: Span) {
    let (source, target) = (map.source, map.target);
    let mut by_canon: FxHashMap<&str, FieldView<'a>> = FxHashMap::default();
    for field in target.fields() {
        if let Some(canon) = field.field.canon.as_deref() {
            by_canon.entry(canon).or_insert(field);
        }
    }
    let product = cx.world.target().map_or_else(|| "the target".to_owned(), |s| s.product().to_owned());
    for field in source.fields() {
        let path = field.path();
        // The key is only carried where the target has no key of its own: a tag is its name.
        let key = field.field.canon.as_deref() == Some("key");
        let written = |canon: &str| by_canon.get(canon).is_some_and(|to| to.field.write != Write::Never);
        if map.decided.contains_key(path.as_str()) || undecidable(source, field) && !(key && written("key")) {
            continue;
        }
        let counterpart = match field.field.canon.as_deref() {
            Some(canon) => by_canon.get(canon).copied(),
            None if field.custom => target.field(&path),
            None => None,
        };
        let lost = counterpart.is_none_or(|to| to.field.write == Write::Never);
        if lost && field.field.canon.as_deref() == Some("merged_into") && alone(cx, map, field, span) {
            map.decide_field(field, span);
            continue;
        }
        let Some(counterpart) = counterpart else {
            // What the account added is the account's to decide; the rule on coverage asks for it.
            if !field.custom {
                left_behind(map, field, &product, "has no such field");
            }
            continue;
        };
        if map.set.contains_key(&*counterpart.spelled()) {
            // A constant in its place loses the value; that is the spec's to say.
            if !field.custom && field.profile.is_none_or(|p| p.present != 0) && constant(map, counterpart) {
                cx.push(
                    Diagnostic::error(
                        "coverage/unmapped#constant",
                        "fields of the old system are not decided",
                    )
                    .primary(span, format!("`{path}` is neither carried nor dropped"))
                    .note(format!(
                        "a constant is written into `{}`, whatever `{path}` says",
                        counterpart.path()
                    ))
                    .help(format!("write `drop {path}  because \"...\"`, or a row that carries it")),
                );
            } else if !field.custom {
                left_behind(map, field, &product, "has one field for it, which another row writes");
            }
            continue;
        }
        if counterpart.field.write == Write::Never {
            left_behind(map, field, &product, "does not let it be written");
            continue;
        }
        if let Err(finding) = row(cx, map, field, counterpart, span, false) {
            // A field that no record uses is no reason to stop.
            if field.profile.is_some_and(|p| p.present == 0) {
                left_behind(map, field, &product, "takes another kind of value, and no record has one");
            } else {
                map.decide_field(field, span);
                map.set.insert(counterpart.spelled(), span);
                cx.push(*finding);
            }
        }
    }
}

/// Whether a constant is all that is written into a field.
fn constant(map: &Building<'_>, to: FieldView<'_>) -> bool {
    let path = to.path();
    let row = map.rows.iter().find(|row| row.to.contains(&path));
    row.is_some_and(|row| row.from.iter().all(|from| matches!(from, Source::Constant(_))))
}

/// Whether nobody decides about the field: the product computes it, or it is the key by which the run finds records again.
pub(crate) fn undecidable(kind: &KindView<'_>, field: FieldView<'_>) -> bool {
    field.field.derived
        || field.field.canon.as_deref() == Some("key")
        || is_parent(kind, field)
        // A file of a comment names its ticket besides; so does all that is part of a part.
        || kind.kind.with.is_some() && field.field.canon.as_deref() == Some("ticket")
}

/// Whether the field is the one by which a part names its whole; a link names a second ticket besides.
fn is_parent(kind: &KindView<'_>, field: FieldView<'_>) -> bool {
    let Some(parent) = kind.kind.with.as_deref() else { return false };
    kind.fields().find(|other| refers_to(*other, parent)).is_some_and(|first| first.path() == field.path())
}

fn refers_to(field: FieldView<'_>, kind: &str) -> bool {
    match &field.field.ty.shape {
        cutover_catalog::Shape::Ref(kinds) => kinds.iter().any(|k| **k == *kind),
        _ => false,
    }
}

/// The row by which a part finds the whole that it belongs to: comments their ticket.
pub(super) fn parent<'a>(cx: &mut Context<'a>, map: &mut Building<'a>, span: Span) {
    let with = |kind: &'a KindView<'a>| {
        let parent = kind.kind.with.as_deref()?;
        kind.fields().find(|field| refers_to(*field, parent))
    };
    let (Some(from), Some(to)) = (with(map.source), with(map.target)) else { return };
    if map.set.contains_key(&*to.spelled()) || to.field.write == Write::Never {
        return;
    }
    if row(cx, map, from, to, span, true).is_err() {
        hung(cx, map, from, to, span);
    }
}

/// Wholes of two products that do not correspond. A file hangs on a comment here and on the ticket there: then it goes to the ticket
/// of its comment, or to the first comment of its ticket. Others are left to the rule on required fields.
fn hung<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    from: FieldView<'a>,
    to: FieldView<'a>,
    span: Span,
) {
    let (Some(sources), Some(targets)) = (cx.world.source(), cx.world.target()) else { return };
    let named = |ty: &Type| match ty.required() {
        Type::Ref(name) => name.split_once('/').map(|(_, kinds)| kinds.to_owned()),
        _ => None,
    };
    let (Some(wholes), Some(wanted)) = (named(&map.source.type_of(from)), named(&map.target.type_of(to)))
    else {
        return;
    };
    let source_kinds: Vec<_> = wholes.split('|').filter_map(|name| sources.kind(name)).collect();
    let target_kinds: Vec<_> = wanted.split('|').filter_map(|name| targets.kind(name)).collect();
    let fits = |source: &KindView<'_>, target: &KindView<'_>| fit::correspond(cx, source, target);
    // Of several wholes one corresponds; parts of the others do not come.
    if source_kinds.iter().any(|s| target_kinds.iter().any(|t| fits(s, t))) {
        return hang(cx, map, Place::own(map.source, from), to, span, None);
    }
    let above = |t: &&KindView<'a>| t.kind.with.as_deref().and_then(|name| targets.kind(name));
    if source_kinds.iter().any(|s| target_kinds.iter().filter_map(above).any(|t| fits(s, t))) {
        let value = format!(
            "a file of a whole {} goes to its first {}",
            map_title(&source_kinds),
            map_title(&target_kinds)
        );
        return hang(cx, map, Place::own(map.source, from), to, span, Some(value));
    }
    let higher = source_kinds.iter().find_map(|s| {
        let whole = s.kind.with.as_deref()?;
        let fits = sources.kind(whole).is_some_and(|w| target_kinds.iter().any(|t| fits(w, t)));
        let field = s.fields().find(|field| refers_to(*field, whole)).filter(|_| fits)?;
        Some(format!("{}.{}", from.path(), field.path()))
    });
    if let Some(path) = higher
        && let Some(place) = predicate::followed(cx, map.source, &path, span)
    {
        hang(cx, map, place, to, span, None);
    }
}

fn map_title<'k>(kinds: &[&'k KindView<'_>]) -> &'k str {
    kinds.first().map_or("record", |kind| kind.title())
}

fn hang<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    place: Place<'a>,
    to: FieldView<'a>,
    span: Span,
    assumed: Option<String>,
) {
    let id = map.to.child(&to.spelled());
    if let Some(value) = assumed {
        let what = format!("`{}` into `{}`", place.path, to.path());
        cx.draft.plan.defaults.insert(id.clone(), DefaultTaken { what, value });
    }
    map.set.insert(to.spelled(), span);
    cx.draft.place(id.clone(), span);
    map.rows.push(Row {
        id: id.clone(),
        from: vec![Source::Field(place.path.to_string())],
        to: vec![to.path()],
        pipe: Vec::new(),
        when_missing: None,
        key: false,
        overflow: None,
        types: vec![map.target.type_of(to).optional()],
        loss: LossSet::EXACT,
        lossy: None,
        meaning: None,
        by_catalog: true,
    });
    let optional = place.ty.is_optional();
    let row = RowFact { id, span, optional: smallvec![optional], table: None };
    map.fact(row, std::iter::once((place.kind, place.field)));
}

/// Reports that merged tickets would come as tickets of their own. Whether that matters nobody but people can say, so the catalogs do
/// not decide it. `false` where no merged ticket comes.
fn alone(cx: &mut Context<'_>, map: &Building<'_>, field: FieldView<'_>, span: Span) -> bool {
    let none = field.profile.is_some_and(|profile| profile.present == 0);
    let excluded = cx.draft.plan.items.values().any(|item| match &item.content {
        Content::Scope(part) if part.verb == Verb::Import && part.kind == map.source.name => {
            matches!(&part.which, Selection::Where(which) if leaves_out_merged(which))
        }
        _ => false,
    });
    if none || excluded {
        return false;
    }
    let product = cx.world.target().map_or("the new desk", |system| system.product());
    let (path, plural) = (field.path(), map.source.plural.replace('_', " "));
    cx.push(
        Diagnostic::error("map/merged-alone", "merged tickets would become tickets of their own")
            .primary(span, format!("`{path}` says into which one a ticket was merged, and {product} has no place for it"))
            .help(format!(
                "leave them out: `import {plural} where not merged`, or keep the number: `{path} -> custom...`, or `drop {path} because \"...\"`"
            )),
    );
    true
}

/// Whether a condition of the scope lets no merged ticket in.
fn leaves_out_merged(which: &Predicate) -> bool {
    match which {
        Predicate::All(parts) => parts.iter().any(leaves_out_merged),
        Predicate::Any(parts) => parts.iter().all(leaves_out_merged),
        Predicate::Not(inner) => {
            matches!(&**inner, Predicate::Atom(Atom { test: Test::Word(word), .. }) if word == "merged")
        }
        _ => false,
    }
}

fn left_behind(map: &mut Building<'_>, field: FieldView<'_>, product: &str, why: &str) {
    let path = field.path();
    let id = map.id.child("drop").child(&path);
    map.dropped.push(Dropped { id, field: path, because: format!("{product} {why}") });
}

/// A row by the catalogs, or the finding that says why there is none. What is `part` of a whole may hang directly on the whole's own
/// whole: the loader puts a file without a comment on the first one.
fn row<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    from: FieldView<'a>,
    to: FieldView<'a>,
    span: Span,
    part: bool,
) -> Result<(), Box<Diagnostic>> {
    let (source, target) = (map.source, map.target);
    let place = Place { kind: source, field: from, path: from.spelled(), ty: source.type_of(from) };
    let wanted = target.type_of(to);
    let mut pipe = Vec::new();
    let mut ty = place.ty.clone();
    let mut used = None;
    let mut loss = LossSet::EXACT;
    if matches!(
        (ty.required(), wanted.required()),
        (Type::Choice(_), Type::Choice(_)) | (Type::Choices(_), Type::Choices(_))
    ) {
        let table = choices(cx, source, from, target, to, span)?;
        pipe.push(Call { function: TRANSLATE.to_owned(), args: vec![Literal::Text(table.clone())] });
        ty = if ty.is_optional() { Type::TEXT.optional() } else { Type::TEXT };
        if matches!(wanted.required(), Type::Choices(_)) {
            ty = Type::List(Box::new(Type::TEXT));
        }
        used = Some(TableUse { name: table, span, domain: domain::of(cx, &place, &[]), free: false });
    }
    // One product says by the type of a comment what the other says by a flag: that it is internal.
    if let (Some(note), Some("true"), Type::Choice(_), Type::Bool) = (
        from.field.internal_when.as_deref(),
        to.field.internal_when.as_deref(),
        ty.required(),
        wanted.required(),
    ) {
        pipe.push(Call { function: "equals".to_owned(), args: vec![Literal::Text(note.to_owned())] });
        ty = if ty.is_optional() { Type::Bool.optional() } else { Type::Bool };
        loss = LossSet::of(Loss::ManyToOne);
    }
    let visibility = (from.field.visibility, to.field.visibility);
    if visibility.0 > visibility.1 {
        return Err(Box::new(
            Diagnostic::error(
                "map/by-catalog#visibility",
                "the catalogs' own correspondence would show something internal",
            )
            .primary(span, format!("`{}` is internal, `{}` is public", from.path(), to.path()))
            .help(format!(
                "in `map {} -> {}`, write a row to another field, or `drop {} because \"...\"`",
                source.name,
                target.name,
                from.path()
            )),
        ));
    }
    if visibility.0 < visibility.1 {
        loss = loss.union(LossSet::of(Loss::Visibility));
    }
    let id = map.to.child(&to.spelled());
    let found = Found {
        ty: &ty,
        span,
        place: Some(&place),
        places: std::slice::from_ref(&place),
        follows: true,
        keeps_length: true,
        named: used.is_some(),
        kind: source,
    };
    let want = Want { kind: target, field: to, ty: &wanted, span };
    let fitted = fit::fit(cx, &found, &want).map_err(|finding| {
        let label =
            format!("`{}` corresponds to `{}` by the catalogs and does not fit", from.path(), to.path());
        Box::new(
            Diagnostic::error("map/by-catalog", "the catalogs' own correspondence does not fit the values")
                .primary(span, label)
                .note(format!("it is: {}; the new field holds: {}", place.ty.required(), wanted.required()))
                .note(finding.message.to_string())
                .help(format!(
                    "write the row yourself, in `map {} -> {}`: `{} -> {} ...`",
                    source.name,
                    target.name,
                    from.path(),
                    to.path()
                )),
        )
    })?;
    pipe.extend(fitted.call);
    let (row_type, optional) = if part {
        (Some(wanted.clone().optional()), place.ty.is_optional())
    } else {
        missing::settle(cx, map, &found, &want, None, &id).map_err(|finding| {
            let label = format!("`{}` may be missing, `{}` must have a value", from.path(), to.path());
            let diagnostic = Diagnostic::error(
                "map/by-catalog#missing",
                "the catalogs' own correspondence does not fit the values",
            );
            let diagnostic =
                finding.notes.iter().fold(diagnostic.primary(span, label), |d, note| d.note(note.clone()));
            let row = format!("{} -> {} when missing \"...\"", from.path(), to.path());
            Box::new(diagnostic.help(format!(
                "write the row yourself, in `map {} -> {}`: `{row}`",
                source.name, target.name
            )))
        })?
    };
    map.set.insert(to.spelled(), span);
    map.decide_field(from, span);
    cx.draft.place(id.clone(), span);
    map.rows.push(Row {
        id: id.clone(),
        from: vec![Source::Field(from.path())],
        to: vec![to.path()],
        pipe,
        when_missing: None,
        key: false,
        overflow: None,
        types: vec![row_type.unwrap_or(wanted)],
        loss,
        lossy: (!loss.is_exact()).then(|| "as the catalogs of both products have it".to_owned()),
        meaning: None,
        by_catalog: true,
    });
    let row = RowFact { id, span, optional: smallvec![optional], table: used.map(Box::new) };
    map.fact(row, std::iter::once((place.kind, place.field)));
    Ok(())
}

/// The translation that the catalogs give for `from -> to by catalog`, by name. Reported when there is none.
pub(super) fn translation<'a>(
    cx: &mut Context<'a>,
    map: &Building<'a>,
    place: &Place<'a>,
    to: FieldView<'a>,
    span: Span,
) -> Option<String> {
    match choices(cx, place.kind, place.field, map.target, to, span) {
        Ok(name) => Some(name),
        Err(finding) => {
            cx.push(*finding);
            None
        }
    }
}

/// The translation of options by what they mean; it exists when each option of the source has exactly one counterpart.
fn choices<'a>(
    cx: &mut Context<'a>,
    source: &'a KindView<'a>,
    from: FieldView<'a>,
    target: &'a KindView<'a>,
    to: FieldView<'a>,
    span: Span,
) -> Result<String, Box<Diagnostic>> {
    let id = Id::new(["translate", &format!("{}.{}", source.name, from.path())]);
    // As it stands in the id, since a plan finds its tables by their ids.
    let name = id.as_str().trim_start_matches("translate/").to_owned();
    if cx.maps.tables.contains_key(&name) {
        return Ok(name);
    }
    let place = Place { kind: source, field: from, path: from.spelled(), ty: source.type_of(from) };
    let known = domain::of(cx, &place, &[]);
    let mut taken: FxHashMap<&str, &str> = FxHashMap::default();
    let mut pairs: Vec<(&str, &str)> = Vec::with_capacity(known.values.len());
    let mut problem: Option<String> = None;
    let types = source.kind.part == Part::CustomField && from.field.canon.as_deref() == Some("type");
    for (option, _) in &known.values {
        let found = if types { by_type(cx, option) } else { by_meaning(source, from, option, target, to) };
        match found {
            None => {
                problem = Some(format!("\"{option}\" has no counterpart"));
                break;
            }
            Some(new) => {
                if let Some(other) = taken.insert(new, option)
                    && !types
                {
                    problem = Some(format!("\"{other}\" and \"{option}\" would both become \"{new}\""));
                    break;
                }
                pairs.push((option, new));
            }
        }
    }
    if known.values.is_empty() && problem.is_none() {
        problem = Some("nobody knows its options".to_owned());
    }
    if let Some(problem) = problem {
        let (a, b) = (from.path(), to.path());
        let table = from.name;
        return Err(Box::new(
            Diagnostic::error("map/by-catalog#options", "the catalogs do not say which option becomes which")
                .primary(span, format!("`{a}` to `{b}`: {problem}"))
                .help(format!("write the row and its translation: `{a} -> {b} by {table}_names` and `translate {table}_names {{ ... }}`")),
        ));
    }
    let mut rows: Vec<TranslateRow> = pairs
        .into_iter()
        .map(|(option, new)| TranslateRow {
            id: id.child(option),
            pattern: Pattern { text: option.to_owned(), wildcard: false, any_case: false },
            outcome: Outcome::Value(Literal::Text(new.to_owned())),
            seen_as: None,
            kept_in_tag: false,
            lossy: None,
        })
        .collect();
    rows.sort_by(|a, b| a.pattern.cmp(&b.pattern));
    let translate = Translate { id: id.clone(), rows, rest: None };
    let spans = vec![span; translate.rows.len()];
    cx.draft.add(id, span, PlanItem::new(Content::Translate(translate.clone())));
    let mut table = Table::new(translate, span, spans.clone(), spans);
    table.generated = true;
    table.uses = 1;
    cx.maps.tables.insert(name.clone(), table);
    Ok(name)
}

/// The one option or state of the target that means the same.
fn by_meaning<'a>(
    source: &KindView<'_>,
    from: FieldView<'_>,
    option: &str,
    target: &'a KindView<'a>,
    to: FieldView<'a>,
) -> Option<&'a str> {
    let state_of = |kind: &KindView<'_>, field: FieldView<'_>| {
        kind.state_field().is_some_and(|states| *states.field == *field.path())
    };
    if state_of(source, from) && state_of(target, to) {
        let category = source.state(option)?.category;
        let same =
            target.states().filter(|(_, state)| state.category == category && state.write != Write::Never);
        let same: Vec<&str> = same.map(|(name, _)| name).collect();
        return match same.as_slice() {
            [one] => Some(one),
            several => several.iter().copied().find(|name| name.eq_ignore_ascii_case(option)),
        };
    }
    let options = target.options(to);
    let canon = from.field.options.0.get(option).and_then(|o| o.canon.as_deref());
    if let Some(canon) = canon {
        let same = to.field.options.0.iter().filter(|(_, o)| o.canon.as_deref() == Some(canon));
        let same: Vec<&str> = same.map(|(name, _)| name).collect();
        if let [one] = same.as_slice() {
            return options.iter().copied().find(|name| name == one);
        }
    }
    options.into_iter().find(|name| name.eq_ignore_ascii_case(option))
}

/// A type of custom fields becomes the first type of the target that holds the same values.
fn by_type<'a>(cx: &Context<'a>, option: &str) -> Option<&'a str> {
    let types = |system: Option<&'a crate::world::System<'a>>| {
        system
            .and_then(|s| s.tickets())
            .and_then(|kind| kind.kind.custom_fields.as_ref())
            .map(|custom| &custom.types)
    };
    let from = types(cx.world.source())?.get(option)?;
    let wanted = from.ty.to_type("s", "k", "f");
    let fits = |ty: &cutover_catalog::FieldType| wanted.is_subtype_of(&ty.to_type("s", "k", "f"));
    let options = types(cx.world.target())?;
    let same_name = options.iter().find(|(name, ty)| *name == option && fits(&ty.ty));
    same_name.or_else(|| options.iter().find(|(_, ty)| fits(&ty.ty) && !ty.lossy)).map(|(name, _)| name)
}
