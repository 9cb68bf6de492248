//! Each kind of the source is decided, and each of its objects once. There is no default.

use std::collections::BTreeMap;

use cutover_catalog::Part;
use cutover_catalog::kind::Scope;
use cutover_diagnostics::{Applicability, Diagnostic, Edit, Span};
use cutover_plan::model::Verb;
use cutover_syntax::keywords::ItemKw;
use rustc_hash::FxHashSet;

use crate::context::Context;
use crate::lower::scope::holders;
use crate::select::{Chosen, Problem, problems};
use crate::world::{KindView, System};

/// Checks that `scope` decides each kind exactly once.
pub fn check(cx: &mut Context<'_>) {
    let world = cx.world;
    let Some(source) = world.source() else { return };
    undecided(cx, source);
    let mut by_kind: BTreeMap<&str, Vec<(&Chosen, Span)>> = BTreeMap::new();
    for line in cx.decided.iter() {
        by_kind.entry(line.kind.name).or_default().push((&line.chosen, line.span));
    }
    let found: Vec<(&str, Problem)> = by_kind
        .iter()
        .flat_map(|(kind, lines)| problems(lines).into_iter().map(|problem| (*kind, problem)))
        .collect();
    for (kind, problem) in found {
        if let Some(kind) = source.kind(kind) {
            report(cx, source, kind, problem);
        }
    }
}

/// Kinds of the account about which no line says anything, in one finding.
fn undecided(cx: &mut Context<'_>, source: &System<'_>) {
    let Some(item) = cx.one(ItemKw::Scope) else { return };
    // A kind that was written wrongly is decided, and told where it stands.
    let (file, start) = (item.source.file, item.source.base);
    let here = |at: Span| at.file == file && (start..start + item.source.len).contains(&at.start);
    let meant = cx.meant.iter().filter(|(_, at)| here(*at)).map(|(kind, _)| *kind);
    let decided: FxHashSet<&str> = cx.decided.iter().map(|line| line.kind.name).chain(meant).collect();
    let held = |kind: &KindView<'_>| held(cx, source, kind);
    let missing: Vec<&KindView<'_>> = source
        .kinds
        .iter()
        .filter(|kind| !decided.contains(kind.name))
        .filter(|kind| {
            let asked = kind.kind.scope == Scope::Asked
                && in_account(source, kind)
                && !holders(source, kind).any(|holder| decided.contains(holder.name));
            asked || held(kind)
        })
        .collect();
    let Some(first) = missing.first() else { return };
    let names: Vec<String> = missing.iter().map(|kind| format!("`{}`", kind.plural)).collect();
    let mut diagnostic =
        Diagnostic::error("scope/undecided", "nobody decides what happens to some kinds of objects")
            .primary(item.head_span(), format!("no line about {}", names.join(", ")));
    for kind in &missing {
        let objects = source.objects(kind.name).map(<[_]>::len).and_then(|n| u64::try_from(n).ok());
        if let Some(count) = kind.count().or(objects) {
            diagnostic = diagnostic.note(format!("the account has {count} {}", kind.plural));
        }
    }
    let diagnostic = diagnostic
        .help("`import` carries them over, `recreate` has somebody build them anew, `archive` keeps them elsewhere, `retire` leaves them behind");
    let close = item.head().and_then(|head| head.body.as_ref()).and_then(|body| body.close);
    cx.push(match close {
        Some(close) => {
            let place = item.span(close).before();
            let line = format!("  retire   {}  because ???\n", first.plural);
            diagnostic.suggest(
                format!("decide about `{}`", first.plural),
                [Edit { span: place, replacement: line }],
                Applicability::DisplayOnly,
            )
        }
        None => diagnostic,
    });
}

/// What is held by another kind goes with it or stays behind with it. What goes nowhere while its holder moves is asked about: nothing
/// that somebody wrote, measured or tied together stays behind in silence.
fn held(cx: &Context<'_>, source: &System<'_>, kind: &KindView<'_>) -> bool {
    kind.kind.scope == Scope::WithParent
        && kind.kind.part != Part::Other
        && kind.count().is_some_and(|count| count > 0)
        && holders(source, kind).any(|holder| {
            cx.decided.iter().any(|line| line.verb == Verb::Import && line.kind.name == holder.name)
        })
}

/// Whether a kind that others hold is asked about since no line of `scope` names it: whatever else is missing for it is missing for that
/// reason.
pub(crate) fn is_asked_about(cx: &Context<'_>, source: &System<'_>, kind: &KindView<'_>) -> bool {
    held(cx, source, kind)
        && !cx.decided.iter().any(|line| line.kind.name == kind.name)
        && !cx.meant.iter().any(|(meant, _)| *meant == kind.name)
        && cx.one(ItemKw::Scope).is_some()
}

/// Whether the account has such objects, as far as anybody knows.
fn in_account(source: &System<'_>, kind: &KindView<'_>) -> bool {
    let objects = source.objects(kind.name).is_some_and(|objects| !objects.is_empty());
    objects || kind.count() != Some(0)
}

fn report(cx: &mut Context<'_>, source: &System<'_>, kind: &KindView<'_>, problem: Problem) {
    let diagnostic = match problem {
        Problem::Twice(second, first) => {
            Diagnostic::error("scope/decided-twice", "the same objects are decided twice")
                .primary(second, "a second decision")
                .secondary(first, "the first decision")
                .help("each object is decided by one line; part a kind by `where` and `the rest`")
        }
        Problem::RestTwice(second, first) => {
            Diagnostic::error("scope/rest-twice", "the rest of a kind is decided twice")
                .primary(second, "a second decision about the rest")
                .secondary(first, "the first one")
                .help("give one of the lines a `where`")
        }
        Problem::Mixed(name, condition) => {
            Diagnostic::error("scope/mixed", "some objects are chosen by name and some by a condition")
                .primary(name, "by name")
                .secondary(condition, "by a condition")
                .help("whether a named object fulfils the condition is not known; choose by one of the two")
        }
        // Whether conditions leave a gap is proven, with a record that shows it.
        Problem::Open(_) => return,
        Problem::Unnamed(span, named) => {
            let Some(left) = left_over(source, kind, &named) else { return };
            let diagnostic =
                Diagnostic::error("scope/not-named", "nobody decides about some objects of a kind")
                    .primary(span, format!("and all other {}?", kind.plural))
                    .help("name each of them in a line, or add a line with `the rest`");
            if left.is_empty() {
                diagnostic
            } else {
                diagnostic.note(format!("the account also has {}", left))
            }
        }
    };
    cx.push(diagnostic);
}

/// The objects that no line names, in words; empty when the inventory does not list objects. `None` when all are named.
fn left_over(source: &System<'_>, kind: &KindView<'_>, named: &[String]) -> Option<String> {
    let Some(objects) = source.objects(kind.name) else { return Some(String::new()) };
    // `named` is sorted.
    let left: Vec<String> = objects
        .iter()
        .filter(|object| named.binary_search_by(|name| name.as_str().cmp(&object.name)).is_err())
        .map(|object| format!("\"{}\"", object.name))
        .collect();
    let more = left.len().saturating_sub(6);
    match (left.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(left.join(", ")),
        (false, more) => {
            Some(format!("{} and {more} more", left.into_iter().take(6).collect::<Vec<_>>().join(", ")))
        }
    }
}
