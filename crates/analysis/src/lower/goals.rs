//! `baseline`, `objective`, `criterion`: what success means, and with what it is compared.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::measure::{Bound, Condition};
use cutover_plan::model::{Baseline, Content, Goal, Ref};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Item, Line};

use crate::context::{Context, name_of};
use crate::lower::checks;
use crate::read::{common, moment, names};

/// Lowers `baseline`, `objective` and `criterion`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Baseline).collect::<Vec<_>>() {
        baseline(cx, item);
    }
    for item in cx.of(ItemKw::Objective).collect::<Vec<_>>() {
        goal(cx, item, "objective", Content::Objective);
    }
    for item in cx.of(ItemKw::Criterion).collect::<Vec<_>>() {
        goal(cx, item, "criterion", Content::Criterion);
    }
}

fn baseline(cx: &mut Context<'_>, item: &Item) {
    let Some(((name, _), head)) = name_of(item).zip(item.head()) else { return };
    let system = head.clause(ClauseKw::Of).and_then(|clause| {
        let term = item.get(clause.terms).first().copied()?;
        names::one_of(cx, item, term, "a desk that was measured", &["source", "target"])
    });
    let mut day = |keyword| head.clause(keyword).and_then(|clause| moment::date(cx, item, clause.terms));
    let (from, to) = (day(ClauseKw::From), day(ClauseKw::To));
    let (Some(system), Some(from), Some(to)) = (system, from, to) else { return };
    if to < from {
        cx.push(
            Diagnostic::error("baselines/order", "a baseline ends before it begins")
                .primary(item.line_span(head), "the second day is before the first")
                .help("write the first day behind `from` and the last one behind `to`"),
        );
        return;
    }
    let made = common::plan_item(cx, item, head, Content::Baseline(Baseline { system, from, to }));
    let id = Id::new(["baseline", &name]);
    cx.draft.clauses(&id, item, head);
    cx.draft.add(id, item.line_span(head), made);
}

fn goal(cx: &mut Context<'_>, item: &Item, kind: &str, content: fn(Goal) -> Content) {
    let Some(((name, _), head)) = name_of(item).zip(item.head()) else { return };
    let id = Id::new([kind, &name]);
    let pass = checks::conditions(cx, item, head, &id);
    let mut baselines: Vec<Ref> = pass.iter().filter_map(compared_with).collect();
    baselines.sort();
    baselines.dedup();
    add(cx, item, head, id, content(Goal { pass, baselines }));
}

fn compared_with(condition: &Condition) -> Option<Ref> {
    match condition {
        Condition::Measure(measure) => match &measure.bound {
            Bound::OfBaseline { baseline, .. } => Some(Ref(Id::new(["baseline", baseline]))),
            _ => None,
        },
        Condition::Evidence(_) => None,
    }
}

fn add(cx: &mut Context<'_>, item: &Item, head: &Line, id: Id, content: Content) {
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}
