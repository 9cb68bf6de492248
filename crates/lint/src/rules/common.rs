//! What several rules need.

use cutover_analysis::world::KindView;
use cutover_catalog::Part;
use cutover_catalog::inventory::Object;
use cutover_diagnostics::{Applicability, Diagnostic, Edit, Span};
use cutover_ir::Id;
use cutover_ir::map::{Map, Row, Source};
use cutover_ir::predicate::Literal;
use cutover_ir::time::Date;
use cutover_plan::model::{Content, ScopePart, Selection};

use crate::{Facts, Run};

/// Seconds of an hour and of a day.
pub(crate) const HOUR: u64 = 3_600;
pub(crate) const DAY: u64 = 86_400;

/// The kind of the source that a word of the plan names.
pub(crate) fn source<'a>(facts: &Facts<'a>, kind: &str) -> Option<&'a KindView<'a>> {
    facts.world.source()?.kind(kind)
}

/// The parts of the scope that concern a part of a helpdesk, with the kind of each.
pub(crate) fn parts<'a>(run: &Run<'a, '_>, part: Part) -> Vec<(&'a Id, &'a ScopePart, &'a KindView<'a>)> {
    let items = run.items("scope").filter_map(|(id, item)| match &item.content {
        Content::Scope(scope) => {
            let kind = source(run.facts, &scope.kind)?;
            (kind.kind.part == part).then_some((id, scope, kind))
        }
        _ => None,
    });
    items.collect()
}

/// All maps.
pub(crate) fn maps<'a>(run: &Run<'a, '_>) -> impl Iterator<Item = &'a Map> + use<'a> {
    run.items("map").filter_map(|(_, item)| match &item.content {
        Content::Map(map) => Some(map),
        _ => None,
    })
}

/// The one field that a row reads.
pub(crate) fn only_field(row: &Row) -> Option<&str> {
    match row.from.as_slice() {
        [Source::Field(field)] => Some(field),
        _ => None,
    }
}

/// The translation that a row uses.
pub(crate) fn translation(row: &Row) -> Option<&str> {
    let call = row.pipe.iter().find(|call| call.function == "translate")?;
    match call.args.first() {
        Some(Literal::Text(name)) => Some(name),
        _ => None,
    }
}

/// The objects that a part of the scope names; none when it chooses by a condition.
pub(crate) fn chosen<'a>(run: &Run<'a, '_>, part: &ScopePart) -> Vec<&'a Object> {
    let objects = run.facts.world.source().and_then(|source| source.objects(&part.kind)).unwrap_or_default();
    let named = |names: &[String], object: &Object| names.iter().any(|name| *name == *object.name);
    match &part.which {
        Selection::All => objects.iter().collect(),
        Selection::Named(names) => objects.iter().filter(|object| named(names, object)).collect(),
        Selection::RestNamed(names) => objects.iter().filter(|object| !named(names, object)).collect(),
        Selection::Where(_) | Selection::Rest(_) => Vec::new(),
    }
}

/// The day on which the window begins.
pub(crate) fn night(run: &Run<'_, '_>) -> Option<Date> {
    run.facts.plan.migration.window.as_ref().map(|window| window.start.utc_date())
}

/// Days from one to another; none when the second is before the first.
pub(crate) fn days(from: Date, to: Date) -> Option<u64> {
    u64::try_from(i64::from(to.days()) - i64::from(from.days())).ok()
}

/// Names for a note: the first five, and how many more.
pub(crate) fn names<'n>(all: impl IntoIterator<Item = &'n str>) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let shown: Vec<String> = all.iter().take(5).map(|name| format!("“{name}”")).collect();
    match all.len().saturating_sub(5) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Reports objects that go over although nobody used them for so many days before the window, or ever.
pub(crate) fn unused(run: &mut Run<'_, '_>, part: Part) {
    use cutover_plan::model::Verb;
    let Some(night) = night(run) else { return };
    let limit = run.number("days");
    for (id, scope, kind) in parts(run, part) {
        if !matches!(scope.verb, Verb::Import | Verb::Recreate) {
            continue;
        }
        let all = chosen(run, scope);
        let old = |object: &&&Object| {
            let long = object.last_used.and_then(|last| days(last, night)).is_some_and(|days| days > limit);
            object.used == Some(0) || long
        };
        let unused: Vec<&str> = all.iter().filter(old).map(|object| &*object.name).collect();
        let Some(at) = run.facts.place(id).filter(|_| !unused.is_empty()) else { continue };
        let plural = kind.plural.replace('_', " ");
        let of = if all.len() == 1 {
            "it".to_owned()
        } else {
            format!("{} of {} {plural}", unused.len(), all.len())
        };
        let finding = run
            .found(at, format!("{of} was not used in the {limit} days before the window"))
            .note(names(unused.iter().copied()));
        let first = unused.first().copied().unwrap_or_default();
        run.push(finding.help(format!(
            "leave it behind: `retire {} \"{first}\" because \"nobody uses it\"`",
            kind.plural
        )));
    }
}

/// Offers other words for a place, which a person should look at first.
pub(crate) fn instead(finding: Diagnostic, at: Option<Span>, words: &str) -> Diagnostic {
    let Some(at) = at else { return finding };
    let edit = Edit { span: at, replacement: words.to_owned() };
    finding.suggest(format!("write `{words}`"), [edit], Applicability::Unsafe)
}
