//! Conditions that no record can fulfil, wherever they stand: what is asked of nobody passes, or never fires, and tells nothing.
//!
//! Lines of the scope, waves and policies part a whole and are looked at in [`crate::scope`]; requirements of maps in [`crate::rejects`].

use cutover_analysis::metrics::{self, Known};
use cutover_analysis::world::KindView;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Type;
use cutover_ir::measure::{Condition, Measure};
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{Content, Selection};

use crate::rejects::causes::whole;
use crate::rejects::imported;
use crate::space::Space;
use crate::space::diagram::{NONE, TooComplex};
use crate::{Facts, fields};

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for (id, item) in facts.items() {
        match &item.content {
            Content::Trigger(trigger) => {
                let at = facts.place(id);
                out.extend(at.and_then(|at| measured(facts, &trigger.fires, at, true)));
            }
            Content::Criterion(goal) | Content::Objective(goal) => passes(facts, id, &goal.pass, out),
            Content::Check(check) => passes(facts, id, &check.pass, out),
            Content::Watch(watch) => {
                for measure in &watch.alerts {
                    let at = facts.place(&id.child(&measure.metric));
                    out.extend(at.and_then(|at| measured(facts, measure, at, true)));
                }
            }
            Content::Clean(clean) => {
                for step in &clean.steps {
                    let Some(condition) = &step.scope else { continue };
                    let answer = source_kind(facts, &step.kind)
                        .and_then(|kind| Some((kind, nobody(facts, kind, condition, true)?)));
                    let Some(((kind, who), at)) = answer.zip(facts.place(&step.id)) else { continue };
                    out.push(
                        Diagnostic::error(
                            "clean/concerns-none",
                            "a step of the cleaning concerns records that there cannot be",
                        )
                        .primary(at, format!("no {} can fulfil this condition", who.of(kind)))
                        .help(who.help("the line")),
                    );
                }
            }
            Content::Export(export) => {
                for part in &export.parts {
                    let Selection::Where(condition) = &part.which else { continue };
                    let kind = source_kind(facts, &part.kind);
                    let Some(kind) = kind.filter(|kind| nobody(facts, kind, condition, false).is_some())
                    else {
                        continue;
                    };
                    let Some(at) = facts.place(&part.id) else { continue };
                    out.push(
                        Diagnostic::error(
                            "export/nobody",
                            "a line of the export reads records that there cannot be",
                        )
                        .primary(at, format!("no {} can fulfil this condition", kind.title()))
                        .help("its parts exclude each other; correct the condition, or remove the line"),
                    );
                }
            }
            _ => {}
        }
    }
}

fn passes(facts: &Facts<'_>, id: &cutover_ir::Id, pass: &[Condition], out: &mut Vec<Diagnostic>) {
    for condition in pass {
        let Condition::Measure(measure) = condition else { continue };
        let at = facts.place(&id.child(&measure.metric));
        out.extend(at.and_then(|at| measured(facts, measure, at, false)));
    }
}

fn source_kind<'a>(facts: &Facts<'a>, name: &str) -> Option<&'a KindView<'a>> {
    facts.world.source()?.kind(name)
}

/// Who can fulfil no condition.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// No record at all.
    Any,
    /// None of those that come along.
    Imported,
}

impl Who {
    fn of(self, kind: &KindView<'_>) -> String {
        match self {
            Who::Any => kind.title().to_owned(),
            Who::Imported => format!("imported {}", kind.title()),
        }
    }

    fn help(self, what: &str) -> String {
        match self {
            Who::Any => format!("its parts exclude each other; correct the condition, or remove {what}"),
            Who::Imported => {
                format!("what meets it stays behind by `scope`; correct the condition, or remove {what}")
            }
        }
    }
}

/// Which records a condition surely leaves out: all, or all that come along.
fn nobody(facts: &Facts<'_>, kind: &KindView<'_>, condition: &Predicate, arrives: bool) -> Option<Who> {
    if !whole(condition) {
        return None;
    }
    let condition = fields::explained(kind, condition);
    let comes = if arrives { imported(facts, kind).flatten().filter(whole) } else { None };
    let answer = || -> Result<Option<Who>, TooComplex> {
        let asked: Vec<&Predicate> = comes.iter().chain([&condition]).collect();
        let domain = |path: &str| {
            let mut domain = fields::domain(facts.world, kind, path);
            // A reference may point at something that is gone, whatever the product says.
            domain.optional |= fields::place(facts.world, kind, path)
                .is_some_and(|place| matches!(place.kind.type_of(place.field).required(), Type::Ref(_)));
            domain
        };
        let mut space = Space::new(&asked, &fields::axioms(facts.world, kind), &domain)?;
        let set = space.set(&condition)?;
        let possible = space.possible();
        let set = space.and(set, possible)?;
        if set == NONE {
            return Ok(Some(Who::Any));
        }
        let Some(comes) = &comes else { return Ok(None) };
        let comes = space.set(comes)?;
        let both = space.and(set, comes)?;
        Ok((both == NONE).then_some(Who::Imported))
    };
    answer().ok().flatten()
}

/// A measure that counts nothing.
fn measured(facts: &Facts<'_>, measure: &Measure, at: Span, fires: bool) -> Option<Diagnostic> {
    let condition = measure.scope.as_ref()?;
    let source = facts.world.source();
    let target = facts.world.target();
    let of_source = match measure.of.as_slice() {
        [] => source.and_then(|source| source.tickets()),
        names => names.iter().find_map(|name| source.and_then(|source| source.kind(name))),
    };
    let kind = of_source
        .or_else(|| measure.of.iter().find_map(|name| target.and_then(|target| target.kind(name))))?;
    // What the new desk shows in daily use is also about records that came later.
    let compared = metrics::find(&measure.metric).is_some_and(|metric| metric.known != Known::Operation);
    let who = nobody(facts, kind, condition, compared && of_source.is_some())?;
    let (finding, label) = if fires {
        let finding = Diagnostic::error("checks/fixed#nobody-fires", "a condition says nothing");
        (finding, "so this never tells anything")
    } else {
        (Diagnostic::error("checks/fixed#nobody", "a condition says nothing"), "so nothing is measured")
    };
    Some(
        finding
            .primary(at, format!("no {} can fulfil what stands behind `where`, {label}", who.of(kind)))
            .help(who.help("it")),
    )
}
