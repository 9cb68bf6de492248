//! Whether what arrives is what the field takes. Conversions that keep the meaning are made; all others are named functions.

use cutover_catalog::Part;
use cutover_catalog::inventory::Longer;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::functions::{self, Takes};
use cutover_ir::map::Call;
use cutover_ir::{LossSet, Type};

use crate::context::Context;
use crate::lower::maps::words;
use crate::read::predicate::Place;
use crate::world::{FieldView, KindView};

/// What arrives.
pub(super) struct Found<'f, 'a> {
    /// Its type.
    pub ty: &'f Type,
    /// Where it stands.
    pub span: Span,
    /// The one field that it comes from.
    pub place: Option<&'f Place<'a>>,
    /// All fields that it comes from.
    pub places: &'f [Place<'a>],
    /// When all of them have a value, so has this.
    pub follows: bool,
    /// No function has made texts longer.
    pub keeps_length: bool,
    /// A translation gave it: texts are names in the target.
    pub named: bool,
    /// The kind that the map reads.
    pub kind: &'a KindView<'a>,
}

/// The field that takes it.
pub(super) struct Want<'f, 'a> {
    /// Its kind.
    pub kind: &'a KindView<'a>,
    /// The field.
    pub field: FieldView<'a>,
    /// Its type.
    pub ty: &'f Type,
    /// Where it stands.
    pub span: Span,
}

/// How it fits.
#[derive(Debug, Default)]
pub(super) struct Fit {
    /// A conversion that keeps the meaning.
    pub call: Option<Call>,
    /// What is lost on the way.
    pub loss: LossSet,
    /// What was taken from the inventory, not from the types.
    pub assumed: Option<String>,
}

/// Whether it fits; missing values are looked at elsewhere.
pub(super) fn fit(
    cx: &Context<'_>,
    found: &Found<'_, '_>,
    want: &Want<'_, '_>,
) -> Result<Fit, Box<Diagnostic>> {
    let (from, to) = (found.ty.required(), want.ty.required());
    if from.is_subtype_of(to) {
        return Ok(Fit::default());
    }
    if found.named && named(from, to) {
        return Ok(Fit::default());
    }
    let through = |function: &str, gives: Type| -> Result<Fit, Box<Diagnostic>> {
        let call = Some(Call { function: function.to_owned(), args: Vec::new() });
        if gives.is_subtype_of(to) {
            return Ok(Fit { call, ..Fit::default() });
        }
        lengths(found, want, &gives, to).map(|fit| Fit { call, ..fit })
    };
    match (from, to) {
        (Type::Int { .. } | Type::Count | Type::Decimal, Type::Text { .. }) => {
            let gives =
                functions::find("text").and_then(|f| f.signature(std::slice::from_ref(from), &[]).ok());
            let gives = gives.and_then(|s| s.outputs.into_iter().next()).unwrap_or(Type::TEXT);
            through("text", gives)
        }
        (Type::Choice(_), Type::Text { .. }) => through("option_name", Type::TEXT),
        (Type::Choices(_), Type::Tags) => through("option_name", Type::Tags),
        (Type::Choices(_), Type::List(inner)) if Type::TEXT.is_subtype_of(inner) => {
            through("option_name", to.clone())
        }
        (Type::Tags, Type::List(inner)) if Type::TEXT.is_subtype_of(inner) => Ok(Fit::default()),
        (Type::List(inner), Type::Tags) if matches!(inner.required(), Type::Text { .. }) => {
            Ok(Fit::default())
        }
        (Type::Text { .. }, Type::Text { .. })
        | (Type::Html { .. }, Type::Html { .. })
        | (Type::Email | Type::Url | Type::Phone, Type::Text { .. }) => lengths(found, want, from, to),
        (Type::Int { .. } | Type::Count, Type::Int { .. } | Type::Count) => range(found, want, to),
        (Type::Choice(_), Type::Choice(_)) | (Type::Choices(_), Type::Choices(_)) => {
            Err(Box::new(needs_translation(cx, found, want)))
        }
        (Type::Ref(a), Type::Ref(b)) => reference(cx, found, want, a, b),
        (Type::List(a), Type::List(b)) => match (a.required(), b.required()) {
            (Type::Ref(a), Type::Ref(b)) => reference(cx, found, want, a, b),
            _ => Err(Box::new(mismatch(found, want))),
        },
        // One product knows one requester, another a list of them.
        (_, Type::List(item)) if !matches!(from, Type::Tags | Type::Choices(_)) => {
            let one = Want { kind: want.kind, field: want.field, ty: item, span: want.span };
            if from.is_subtype_of(item.required()) { Ok(Fit::default()) } else { fit(cx, found, &one) }
        }
        (Type::Email, Type::Ref(name)) if people(cx, name) => {
            Ok(Fit { assumed: Some("the person who has this address".to_owned()), ..Fit::default() })
        }
        _ => Err(Box::new(mismatch(found, want))),
    }
}

/// Whether a reference leads to people, whom an address names.
fn people(cx: &Context<'_>, reference: &str) -> bool {
    let Some((system, kinds)) = reference.split_once('/') else { return false };
    let Some(system) = cx.world.system(system) else { return false };
    kinds.split('|').filter_map(|name| system.kind(name)).any(|kind| {
        matches!(kind.kind.part, Part::User | Part::Agent)
            && kind.fields().any(|field| field.field.canon.as_deref() == Some("email"))
    })
}

/// Whether texts of a translation can be names of what the field holds.
fn named(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Text { .. } | Type::Never, Type::Choice(_) | Type::Ref(_)) => true,
        (Type::Tags, Type::Choices(_)) => true,
        (Type::List(a), Type::Choices(_)) => matches!(a.required(), Type::Text { .. }),
        (Type::List(a), Type::List(b)) => named(a.required(), b.required()),
        _ => false,
    }
}

fn limit(ty: &Type) -> Option<u32> {
    match ty {
        Type::Text { max } | Type::Html { max } => *max,
        _ => None,
    }
}

/// Texts that may be too long.
fn lengths(
    found: &Found<'_, '_>,
    want: &Want<'_, '_>,
    from: &Type,
    to: &Type,
) -> Result<Fit, Box<Diagnostic>> {
    let Some(max) = limit(to) else { return Ok(Fit::default()) };
    let place = found.place.filter(|_| found.keeps_length);
    let profile = place.and_then(|place| place.field.profile);
    let longer = profile.map_or(Longer::Unknown, |p| p.longer_than(u64::from(max)));
    if longer == Longer::Exactly(0) {
        let longest = profile.and_then(|p| p.longest).unwrap_or(0);
        let assumed = format!(
            "no value of the inventory is longer than {max} (longest {longest}); a longer one is rejected"
        );
        return Ok(Fit { assumed: Some(assumed), ..Fit::default() });
    }
    if place.is_some_and(|place| place.kind.unread) {
        return Ok(Fit::default());
    }
    let path = place.map_or_else(|| "the value".to_owned(), |p| format!("`{}`", p.path));
    let mut diagnostic = Diagnostic::error("types/too-long", "values may be too long for their new field")
        .primary(want.span, format!("at most {} characters fit", words::grouped(u64::from(max))))
        .secondary(
            found.span,
            match limit(from) {
                Some(limit) => format!("{path} may have {}", words::grouped(u64::from(limit))),
                None => format!("{path} has no limit"),
            },
        );
    if let (Some(place), Some(profile)) = (place, profile) {
        let number = match longer {
            Longer::Exactly(number) => words::grouped(number),
            Longer::AtLeast(number) => format!("at least {}", words::grouped(number)),
            Longer::Unknown => String::new(),
        };
        let longest =
            profile.longest.map(|l| format!(" (longest {})", words::grouped(l))).unwrap_or_default();
        if !number.is_empty() {
            let all = words::of_all(place.kind);
            let verb = if number == "1" { "is" } else { "are" };
            diagnostic = diagnostic.note(format!("{number} {all} {verb} longer than {max}{longest}"));
        }
    }
    if matches!(to, Type::Html { .. }) {
        // A character of a text can take six as HTML.
        let text = max / 6;
        return Err(Box::new(diagnostic.help(if matches!(found.places, [place] if matches!(place.ty.required(), Type::Html { .. })) {
            format!("HTML is not cut, since tags would stay open: let the inventory say how long the longest is, or write `by html_to_text, cut({text}), text_to_html` and `lossy \"why\"`")
        } else {
            format!("cut the text to {text} characters before it becomes HTML, since a character can take six: `by cut({text}), text_to_html`; or let the inventory say how long the longest is")
        })));
    }
    Err(Box::new(diagnostic.help(format!(
        "write `cut to {max}  lossy \"why\"`, with `overflow to` and a field between them if the rest is to be kept; or choose a larger field"
    ))))
}

/// Numbers that may be out of range.
fn range(found: &Found<'_, '_>, want: &Want<'_, '_>, to: &Type) -> Result<Fit, Box<Diagnostic>> {
    let (min, max) = match to {
        Type::Int { min, max } => (*min, *max),
        _ => (0, i64::MAX),
    };
    let profile = found.place.filter(|_| found.keeps_length).and_then(|place| place.field.profile);
    let ends = profile
        .and_then(|p| Some((p.min.as_deref()?.parse::<i64>().ok()?, p.max.as_deref()?.parse::<i64>().ok()?)));
    if let Some((low, high)) = ends
        && min <= low
        && high <= max
    {
        let assumed = format!("the numbers of the inventory are from {low} to {high}; others are rejected");
        return Ok(Fit { assumed: Some(assumed), ..Fit::default() });
    }
    let mut diagnostic =
        Diagnostic::error("types/out-of-range", "numbers may be outside the bounds of their new field")
            .primary(want.span, format!("holds: {to}"))
            .secondary(found.span, format!("may be: {}", found.ty.required()));
    if let Some((low, high)) = ends {
        diagnostic = diagnostic.note(format!("the numbers of the inventory are from {low} to {high}"));
    }
    Err(Box::new(
        diagnostic
            .help(format!("`by clamp({min}, {max})` brings them within the bounds, with `lossy \"why\"`")),
    ))
}

/// References: the kinds on both sides must be the same part of a helpdesk, or a map leads from one to the other.
fn reference(
    cx: &Context<'_>,
    found: &Found<'_, '_>,
    want: &Want<'_, '_>,
    from: &str,
    to: &str,
) -> Result<Fit, Box<Diagnostic>> {
    let (Some((from_system, from)), Some((to_system, to))) = (from.split_once('/'), to.split_once('/'))
    else {
        return Ok(Fit::default());
    };
    let (Some(sources), Some(targets)) = (cx.world.system(from_system), cx.world.system(to_system)) else {
        return Ok(Fit::default());
    };
    for name in from.split('|') {
        let Some(source) = sources.kind(name) else { continue };
        let fits =
            to.split('|').filter_map(|name| targets.kind(name)).any(|target| correspond(cx, source, target));
        if !fits {
            let product = |system: &crate::world::System<'_>| system.product().to_owned();
            return Err(Box::new(
                Diagnostic::error("types/reference", "a reference leads to another kind of objects")
                    .primary(
                        found.span,
                        format!("refers to {} of {}", words::a(source.title()), product(sources)),
                    )
                    .secondary(
                        want.span,
                        format!("takes {} of {}", words::a(&to.replace('|', " or ")), product(targets)),
                    )
                    .help(format!(
                        "a map says which new object an old one becomes: `map {} -> {}`",
                        source.name,
                        to.split('|').next().unwrap_or(to)
                    )),
            ));
        }
    }
    Ok(Fit::default())
}

/// Whether objects of one kind become objects of the other.
pub(super) fn correspond(cx: &Context<'_>, source: &KindView<'_>, target: &KindView<'_>) -> bool {
    cx.maps.declares(source.name, target.name) || parts_correspond(source.kind.part, target.kind.part)
}

/// Whether two parts of helpdesks are the same in products that know only one of them.
pub(super) fn parts_correspond(a: Part, b: Part) -> bool {
    a == b
        || matches!(
            (a, b),
            (Part::Agent, Part::User)
                | (Part::User, Part::Agent)
                | (Part::Queue, Part::Group)
                | (Part::Group, Part::Queue)
        )
}

fn needs_translation(cx: &Context<'_>, found: &Found<'_, '_>, want: &Want<'_, '_>) -> Diagnostic {
    let name = found.place.map_or("options", |place| place.field.name);
    let table = if name.ends_with('s') {
        format!("{name}es")
    } else if let Some(stem) = name.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{name}s")
    };
    let diagnostic = Diagnostic::error(
        "types/needs-translation",
        "options of two systems are never the same by themselves",
    )
    .primary(found.span, format!("{}", found.ty.required()))
    .secondary(want.span, format!("{}", want.ty.required()));
    let options = want.kind.options(want.field);
    let diagnostic = if options.is_empty() {
        diagnostic
    } else {
        diagnostic.note(format!("the new field has {}", words::quoted_list(options.iter().copied(), 12)))
    };
    if cx.maps.tables.contains_key(&table) {
        diagnostic.help(format!("add `by {table}`"))
    } else {
        diagnostic.help(format!("say which becomes which: `by {table}` and `translate {table} {{ \"Old\" -> \"new\" }}`, or `by catalog`"))
    }
}

fn mismatch(found: &Found<'_, '_>, want: &Want<'_, '_>) -> Diagnostic {
    let (from, to) = (found.ty.required(), want.ty.required());
    let diagnostic = Diagnostic::error("types/mismatch", "a value does not fit its new field")
        .primary(want.span, format!("holds: {to}"))
        .secondary(found.span, format!("this is: {from}"));
    let ways: Vec<String> = functions::all()
        .filter(|f| f.gives == 1 && f.params.is_empty() && f.takes == Takes::One)
        .filter(|f| {
            f.signature(std::slice::from_ref(from), &[]).is_ok_and(|s| {
                s.outputs.first().is_some_and(|out| *out != Type::Poison && out.is_subtype_of(want.ty))
            })
        })
        .take(3)
        .map(|f| {
            let exact = f.signature(std::slice::from_ref(from), &[]).is_ok_and(|s| s.loss.is_exact());
            if exact { format!("`by {}`", f.name) } else { format!("`by {}` with `lossy \"why\"`", f.name) }
        })
        .collect();
    match (ways.is_empty(), from, to) {
        (false, ..) => {
            diagnostic.help(format!("a function leads from one to the other: {}", ways.join(", ")))
        }
        (_, _, Type::Choice(_) | Type::Choices(_)) => {
            diagnostic.help("a translation leads to options: `by` and the name of a `translate` block")
        }
        _ => diagnostic.help("choose another field, or functions that lead from one to the other"),
    }
}
