//! `read only`, `decommission` and `lessons`: the end of the old desk.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Decommission, Lessons, ReadOnly};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Item, Line};

use crate::context::Context;
use crate::lower::words;
use crate::read::quantity::{self, Meaning};
use crate::read::{common, list, moment};

/// Lowers `read only`, `decommission` and `lessons`.
pub fn lower(cx: &mut Context<'_>) {
    read_only(cx);
    decommission(cx);
    lessons(cx);
}

/// The system that ends: only the source can.
fn ending(cx: &mut Context<'_>, item: &Item, head: &Line) -> Option<String> {
    let terms = item.get(head.lead).to_vec();
    list::phrase(cx, item, &terms, "the system that ends", &["source"])
}

fn read_only(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::ReadOnly) else { return };
    let Some(head) = item.head() else { return };
    let Some(system) = ending(cx, item, head) else { return };
    let id = Id::new(["read_only", &system]);
    let access_within = match head.clause(ClauseKw::Within) {
        Some(clause) => quantity::duration(cx, item, clause.terms, Meaning::Civil),
        None => {
            cx.draft.take_default(
                &id.child("access"),
                "how soon somebody gets access to the old desk",
                "within 24 hours",
            );
            Some(cutover_ir::quantity::Duration::elapsed(24 * 3600))
        }
    };
    let until = head.clause(ClauseKw::Until).and_then(|clause| {
        let until = moment::date(cx, item, clause.terms)?;
        if let Some(end) = cx.window.as_ref().map(|w| w.end.utc_date())
            && until <= end
        {
            let span = item.span_of(clause.terms);
            cx.push(
                Diagnostic::error("time/ends-early#read-only", "something ends before the migration does")
                    .primary(span, format!("the window ends on {end}"))
                    .help("agents and auditors look things up for weeks; say the last day"),
            );
        }
        Some(until)
    });
    cx.draft.clauses(&id, item, head);
    let (Some(access_within), Some(until)) = (access_within, until) else { return };
    let content = Content::ReadOnly(ReadOnly { system, access_within, until });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}

fn decommission(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Decommission) else { return };
    let Some(head) = item.head() else { return };
    let Some(system) = ending(cx, item, head) else { return };
    let Some(clause) = head.clause(ClauseKw::After) else { return };
    let mut after =
        list::words(cx, item, clause.terms, "something a decommission waits for", words::BEFORE_THE_END);
    after.sort();
    let id = Id::new(["decommission", &system]);
    cx.draft.clauses(&id, item, head);
    // What it needs is known when every item is, checks that the language adds included.
    let content = Content::Decommission(Decommission {
        system,
        after,
        needs: Vec::new(),
        kept: Vec::new(),
        desks: Vec::new(),
    });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}

fn lessons(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Lessons) else { return };
    let Some(head) = item.head() else { return };
    let Some(file) = common::place(item, head) else { return };
    let from = head.clause(ClauseKw::From).and_then(|clause| {
        let from = moment::moment(cx, item, clause.terms)?;
        if cx.window.as_ref().is_some_and(|window| from.at < window.end) {
            let span = item.span_of(clause.terms);
            cx.push(
                Diagnostic::error("time/too-early", "a look back comes before the end of what it looks at")
                    .primary(span, "the window is not over by then: nobody has learned anything yet")
                    .help("look back when people have worked in the new desk for a while: `from window + 30 days`"),
            );
        }
        Some(from)
    });
    let made = common::plan_item(cx, item, head, Content::Lessons(Lessons { file, from }));
    cx.draft.add(Id::new(["lessons"]), item.line_span(head), made);
}
