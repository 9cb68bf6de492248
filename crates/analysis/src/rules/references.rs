//! Nothing that is imported refers to something that stays behind.

use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::Part;
use cutover_catalog::kind::Required;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Type;
use cutover_ir::map::{Map, Source};
use cutover_plan::model::{Content, Verb};
use rustc_hash::FxHashSet;

use crate::context::Context;
use crate::lower::maps::words::a;
use crate::lower::scope::holders;
use crate::world::{FieldView, KindView, System};

/// What `scope` says about a kind, all its lines together.
#[derive(Default)]
struct Fate {
    /// Some are imported, or built anew so that they can be found by name.
    arrives: bool,
    /// A line that leaves them behind.
    left: Option<(Verb, Span)>,
}

/// Checks references of imported kinds, and the kinds with which others travel.
pub fn check(cx: &mut Context<'_>) {
    let world = cx.world;
    let Some(source) = world.source() else { return };
    let mut fates: BTreeMap<&str, Fate> = BTreeMap::new();
    for line in cx.decided.iter() {
        let fate = fates.entry(line.kind.name).or_default();
        match line.verb {
            Verb::Import | Verb::Recreate => fate.arrives = true,
            Verb::Archive | Verb::Retire => fate.left = Some((line.verb, line.span)),
        }
    }
    let mut found = Vec::new();
    let mapped = mapped(cx);
    let maps: FxHashSet<&str> = maps(cx).map(|map| map.source.as_str()).collect();
    let mut done = BTreeSet::new();
    let mut reported = BTreeSet::new();
    for line in cx.decided.iter().filter(|line| line.verb == Verb::Import && done.insert(line.kind.name)) {
        for field in line.kind.fields() {
            if let Some((to, verb, at)) = lost(source, line.kind, field, &fates)
                && needed(&mapped, &maps, line.kind, field)
                && reported.insert(to.name)
            {
                found.push(
                    Diagnostic::error(
                        "references/left-behind",
                        "something imported refers to objects that stay behind",
                    )
                    .primary(at, format!("{} are {}", to.plural, participle(verb)))
                    .secondary(
                        line.span,
                        format!("`{}` of each {} refers to them", field.path(), line.kind.title()),
                    )
                    .help(format!("import the {} too, or drop the field with a reason", to.plural)),
                );
            }
        }
    }
    found.extend(parents(cx, source, &fates));
    for diagnostic in found {
        cx.push(diagnostic);
    }
}

fn participle(verb: Verb) -> &'static str {
    match verb {
        Verb::Archive => "archived only",
        _ => "retired",
    }
}

/// Source fields of each kind that maps carry as references: the first parts of the paths in their rows. A name that becomes an
/// option or a text points at nothing any more.
fn mapped<'c>(cx: &'c Context<'_>) -> FxHashSet<(&'c str, &'c str)> {
    let mut fields = FxHashSet::default();
    for map in maps(cx) {
        let references = map.rows.iter().filter(|row| row.types.is_empty() || row.types.iter().any(refers));
        for from in references.flat_map(|row| &row.from) {
            if let Source::Field(path) = from {
                let first = path.split('.').next().unwrap_or_default();
                fields.insert((map.source.as_str(), first));
            }
        }
    }
    fields
}

fn maps<'c>(cx: &'c Context<'_>) -> impl Iterator<Item = &'c Map> {
    cx.draft.plan.items.values().filter_map(|item| match &item.content {
        Content::Map(map) => Some(map),
        _ => None,
    })
}

fn refers(ty: &Type) -> bool {
    match ty.required() {
        Type::List(inner) => refers(inner),
        Type::Ref(_) | Type::Poison | Type::Hole => true,
        _ => false,
    }
}

/// Whether the reference is carried, or cannot be left out as long as no map says what becomes of it.
fn needed(
    mapped: &FxHashSet<(&str, &str)>,
    maps: &FxHashSet<&str>,
    kind: &KindView<'_>,
    field: FieldView<'_>,
) -> bool {
    let required = field.field.required != Required::Never && !field.field.derived;
    (required && !maps.contains(kind.name)) || mapped.contains(&(kind.name, field.name))
}

/// The kind to which a field refers, when nothing of it arrives.
fn lost<'a>(
    source: &'a System<'a>,
    kind: &KindView<'_>,
    field: FieldView<'_>,
    fates: &BTreeMap<&str, Fate>,
) -> Option<(&'a KindView<'a>, Verb, Span)> {
    let referred = field.field.ty.shape.references();
    let mut left = None;
    for name in referred {
        let to = source.kind(name)?;
        // The objects that hold this one decide about themselves: a comment's ticket is a matter of `with`.
        if to.name == kind.name || holders(source, kind).any(|holder| holder.name == to.name) {
            return None;
        }
        match fates.get(to.name) {
            // One of several kinds arrives, or another construct decides.
            None => return None,
            Some(fate) if fate.arrives => return None,
            Some(fate) => left = fate.left.map(|(verb, at)| (to, verb, at)),
        }
    }
    left
}

/// The comments on which files hang, where they hang on comments in the new desk, too: without these there is nothing to hang them on.
fn files_of<'a>(cx: &Context<'_>, source: &'a System<'_>, kind: &KindView<'_>) -> Option<&'a KindView<'a>> {
    let comments = |system: &'a System<'_>, kind: &KindView<'_>| {
        let holder = system.kind(kind.kind.with.as_deref()?)?;
        (holder.kind.part == Part::Comment).then_some(holder)
    };
    let target = cx.world.target()?;
    let there = target.kinds_of(Part::Attachment).next()?;
    let hangs = there
        .kind
        .with
        .as_deref()
        .and_then(|on| target.kind(on))
        .is_some_and(|on| on.kind.part == Part::Comment);
    (kind.kind.part == Part::Attachment && hangs).then(|| comments(source, kind)).flatten()
}

/// What travels with a kind needs that kind to go.
fn parents(cx: &Context<'_>, source: &System<'_>, fates: &BTreeMap<&str, Fate>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut reported = BTreeSet::new();
    for line in cx.decided.iter().filter(|line| line.verb == Verb::Import) {
        let Some(Content::Scope(part)) = cx.draft.plan.items.get(&line.id).map(|item| &item.content) else {
            continue;
        };
        let with = part.with_kind.as_deref().and_then(|with| source.kind(with));
        let Some(parent) = with.or_else(|| holders(source, line.kind).find(|h| fates.contains_key(h.name)))
        else {
            continue;
        };
        let parent = files_of(cx, source, line.kind)
            .filter(|holder| fates.get(holder.name).is_some_and(|f| !f.arrives))
            .unwrap_or(parent);
        let Some((verb, at)) = fates.get(parent.name).filter(|fate| !fate.arrives).and_then(|fate| fate.left)
        else {
            continue;
        };
        if !reported.insert(parent.name) {
            continue;
        }
        found.push(
            Diagnostic::error(
                "references/holder-left-behind",
                "objects are imported without what they belong to",
            )
            .primary(line.span, format!("each {} belongs to {}", line.kind.title(), a(parent.title())))
            .secondary(at, format!("{} are {}", parent.plural, participle(verb)))
            .help("import both, or leave both behind"),
        );
    }
    found
}
