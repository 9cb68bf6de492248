//! What tells people apart belongs to one of them. What several share makes strangers one person, who reads the mail of the others.

use cutover_catalog::{Part, Shape};
use cutover_diagnostics::Diagnostic;
use cutover_plan::model::{CleanAction, Content, Verb};

use crate::context::Context;
use crate::lower::maps::words::grouped;
use crate::world::KindView;

/// Functions that write a value otherwise and leave it that of one person.
const SAME: &[&str] =
    &["collapse_spaces", "digits", "email", "first", "lower", "not_blank", "phone", "text", "trim", "upper"];

/// Checks what records are recognised by.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    identified(cx, &mut found);
    merged(cx, &mut found);
    cx.draft.diagnostics.extend(found);
}

/// People are recognised in the new desk by something that one of them alone has.
fn identified(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for line in cx.decided.iter().filter(|line| line.verb == Verb::Import && is_person(line.kind)) {
        let Some(Content::Scope(part)) = cx.draft.plan.items.get(&line.id).map(|item| &item.content) else {
            continue;
        };
        let shared: Option<Vec<_>> = part.identified_by.iter().map(|path| shared(line.kind, path)).collect();
        let Some(why) = shared.and_then(|all| all.into_iter().next()) else { continue };
        let at = cx.draft.spots.get(&line.id.child("identified by")).copied().unwrap_or(line.span);
        found.push(
            Diagnostic::error("scope/not-identity", "people are recognised by something that others have too")
                .primary(at, why)
                .note("who has it in common with somebody of the new desk becomes that person, and reads the answers to the other")
                .help("recognise them by an address or a number of their own: `identified by email`"),
        );
    }
}

/// People who become one have something in common that belongs to one person, or somebody has looked at the pairs.
fn merged(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let source = cx.world.source();
    for item in cx.draft.plan.items.values() {
        let Content::Clean(clean) = &item.content else { continue };
        for step in &clean.steps {
            let CleanAction::Merge { same, listed_in: None, .. } = &step.action else { continue };
            let Some(kind) = source.and_then(|source| source.kind(&step.kind)).filter(|kind| is_person(kind))
            else {
                continue;
            };
            let (Some(why), Some(at)) = (shared_by(kind, same), cx.draft.places.get(&step.id)) else {
                continue;
            };
            found.push(
                Diagnostic::error("clean/not-identity", "strangers become one person")
                    .primary(*at, why)
                    .note("from then on one of them reads the tickets and the answers of the other")
                    .help(format!(
                        "merge by an address: `merge {} with same lower(email)`; or let somebody look at each pair: `listed in \"clean/duplicates.csv\"`",
                        kind.plural
                    )),
            );
        }
    }
}

fn is_person(kind: &KindView<'_>) -> bool {
    matches!(kind.kind.part, Part::User | Part::Agent)
}

/// Why an expression such as `lower(name)` does not stand for one person.
fn shared_by(kind: &KindView<'_>, same: &str) -> Option<String> {
    let mut inner = same;
    while let Some((function, rest)) = inner.split_once('(') {
        if !SAME.contains(&function) {
            return Some(format!("`{function}` leaves what many have in common"));
        }
        inner = rest.strip_suffix(')').unwrap_or(rest);
    }
    shared(kind, inner)
}

/// Why a field does not stand for one person; `None` when it does, or nobody can know.
fn shared(kind: &KindView<'_>, path: &str) -> Option<String> {
    let view = kind.field(path)?;
    if view.field.unique {
        return None;
    }
    let mut shape = &view.field.ty.shape;
    while let Shape::List(inner) = shape {
        shape = inner;
    }
    let many = match shape {
        Shape::Bool
        | Shape::Choice
        | Shape::Choices
        | Shape::Tags
        | Shape::Date
        | Shape::Instant
        | Shape::Ref(_) => true,
        _ => view.field.canon.as_deref().is_some_and(|canon| NAMES.contains(&canon)),
    };
    let name = path.replace('_', " ");
    if !many {
        return None;
    }
    let counted = view.profile.and_then(|profile| {
        let distinct = profile.distinct?;
        (distinct < profile.present).then(|| {
            format!(
                "{} {} have only {} of them",
                grouped(profile.present),
                kind.plural.replace('_', " "),
                grouped(distinct)
            )
        })
    });
    Some(match counted {
        Some(counted) => format!("many people have the same {name}: {counted}"),
        None => format!("many people have the same {name}"),
    })
}

/// What people are called, and what says where they belong.
const NAMES: &[&str] = &[
    "company",
    "department",
    "first_name",
    "job_title",
    "language",
    "last_name",
    "name",
    "notes",
    "organization",
    "role",
    "time_zone",
    "title",
];
