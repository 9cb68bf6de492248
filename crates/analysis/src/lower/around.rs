//! What surrounds the desk: integrations, inbound addresses, consumers, who is right, and the losses that are accepted.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::quantity::Duration;
use cutover_plan::model::{Accept, AcceptedLoss, Consumer, Content, Inbound, Integration, Truth};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind};
use cutover_syntax::value::plain_name;

use crate::context::{Context, name_of, title_of};
use crate::lower::words;
use crate::read::{common, list, moment, names, predicate};

/// Lowers `integration`, `inbound`, `consumer`, `truth` and `accept`.
pub fn lower(cx: &mut Context<'_>) {
    each(cx, ItemKw::Integration, integration);
    each(cx, ItemKw::Inbound, inbound);
    each(cx, ItemKw::Consumer, consumer);
    each(cx, ItemKw::Truth, truth);
    each(cx, ItemKw::Accept, accept);
}

/// Calls `lower` with each item of a keyword that has a name: its first line, its name's term and the name.
pub(crate) fn each<'a>(
    cx: &mut Context<'a>,
    keyword: ItemKw,
    mut lower: impl FnMut(&mut Context<'a>, &'a Item, &'a Line, &str),
) {
    for item in cx.of(keyword).collect::<Vec<_>>() {
        let (Some(head), Some((name, _))) = (item.head(), name_of(item)) else { continue };
        lower(cx, item, head, &name);
    }
}

/// The term that names an item.
fn name_term(item: &Item, head: &Line) -> Option<Term> {
    item.get(head.lead).first().copied()
}

const HOW: &[(ClauseKw, &str)] = &[
    (ClauseKw::BothWays, "both ways"),
    (ClauseKw::ReadsOnly, "reads only"),
    (ClauseKw::WritesOnly, "writes only"),
    (ClauseKw::Switched, "switched"),
    (ClauseKw::Rebuilt, "rebuilt"),
];

fn integration<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, name: &str) {
    let id = Id::new(["integration", name]);
    let span = item.line_span(head);
    cx.draft.clauses(&id, item, head);
    let how: Vec<&str> = HOW.iter().filter(|(clause, _)| head.has(*clause)).map(|(_, word)| *word).collect();
    if name == "none" {
        if !how.is_empty() || !head.has(ClauseKw::Because) {
            cx.push(
                Diagnostic::error(
                    "integrations/none",
                    "`integration none` says that there are none, and why",
                )
                .primary(span, "write `integration none because \"...\"`, and nothing else"),
            );
        }
        let content = Integration {
            kind: "none".to_owned(),
            how: "none".to_owned(),
            high_risk: false,
            changed_before: None,
        };
        let made = common::plan_item(cx, item, head, Content::Integration(content));
        cx.draft.add(id, span, made);
        return;
    }
    let Some(kind) = integration_kind(cx, item, head, name) else { return };
    let how = match how.as_slice() {
        [one] => (*one).to_owned(),
        several => {
            cx.push(
                Diagnostic::error("integrations/how", "an integration says in one way what happens to it")
                    .primary(span, if several.is_empty() { "nothing is said" } else { "more than one way" })
                    .help("write one of `both ways`, `reads only`, `writes only`, `switched`, `rebuilt`"),
            );
            return;
        }
    };
    if !head.has(ClauseKw::Owner) {
        cx.push(
            Diagnostic::error("integrations/no-owner", "nobody owns an integration")
                .primary(span, "who changes it, and answers for it?")
                .help("add `owner` and a person of the team"),
        );
    }
    let high_risk = head.clause(ClauseKw::Risk).is_some_and(|clause| {
        let terms = item.get(clause.terms).to_vec();
        list::phrase(cx, item, &terms, "a level of risk", &["high", "low"]).as_deref() == Some("high")
    });
    let changed_before = head.clause(ClauseKw::ChangedBefore).and_then(|c| moment::moment(cx, item, c.terms));
    let content = Content::Integration(Integration { kind, how, high_risk, changed_before });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, span, made);
}

/// The kind of an integration, with which its name begins: `crm`, `crm_europe`.
fn integration_kind(cx: &mut Context<'_>, item: &Item, head: &Line, name: &str) -> Option<String> {
    let first = name.split('_').next().unwrap_or_default();
    if words::INTEGRATIONS.contains(&first) {
        return Some(first.to_owned());
    }
    let span = item.span(name_term(item, head)?.range);
    let list: Vec<String> = words::INTEGRATIONS.iter().map(|w| format!("`{w}`")).collect();
    let diagnostic =
        Diagnostic::error("integrations/unknown-kind", "the name of an integration begins with its kind")
            .primary(span, format!("`{first}` is no kind of integrations"))
            .help(format!("kinds are {}; a name such as `crm_europe` begins with one", list.join(", ")));
    cx.push(names::did_you_mean(diagnostic, span, name, words::INTEGRATIONS.iter().copied()));
    None
}

fn inbound<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, name: &str) {
    let id = Id::new(["inbound", name]);
    let span = item.line_span(head);
    let Some(address) = title_of(item) else {
        cx.push(
            Diagnostic::error("inbound/no-address", "an inbound address is missing")
                .primary(span, "where do customers write?")
                .help(format!("write it in quotes behind the name: `inbound {name} \"help@acme.example\"`")),
        );
        return;
    };
    let content = Inbound { address, held_at: common::text_clause(item, head, ClauseKw::HeldAt) };
    let mut made = common::plan_item(cx, item, head, Content::Inbound(content));
    made.title = None;
    cx.draft.add(id, span, made);
}

fn consumer<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, name: &str) {
    let mut reads = Vec::new();
    if let Some(clause) = head.clause(ClauseKw::Reads) {
        for part in list::parts(item, clause.terms) {
            let [term] = part else { continue };
            if let Some(path) = consumed(cx, item, *term) {
                reads.push(path);
            }
        }
    }
    reads.sort();
    reads.dedup();
    let made = common::plan_item(cx, item, head, Content::Consumer(Consumer { reads }));
    cx.draft.add(Id::new(["consumer", name]), item.line_span(head), made);
}

/// A field of the source with its kind: `ticket.custom.region`.
fn consumed(cx: &mut Context<'_>, item: &Item, term: Term) -> Option<String> {
    let span = item.span(term.range);
    if term.kind == TermKind::Hole {
        cx.draft.hole(span, "what is read");
        return None;
    }
    let world = cx.world;
    let source = world.source()?;
    let path = plain_name(item.raw(term)).into_owned();
    let Some((kind, field)) = path.split_once('.') else {
        cx.push(
            Diagnostic::error("consumers/no-field", "a consumer reads fields of kinds")
                .primary(span, "which field of which kind?")
                .help("write the kind, a point and the field: `ticket.created_at`"),
        );
        return None;
    };
    let Some(found) = source.kind(kind) else {
        // Reported with a suggestion by the reader of kinds.
        let _ = names::kind_named(cx, source, kind, span);
        return None;
    };
    let place = predicate::followed(cx, found, field, span)?;
    Some(format!("{}.{}", found.name, place.path))
}

fn truth<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, name: &str) {
    let Some(clause) = head.clause(ClauseKw::From) else { return };
    let Some(term) = item.get(clause.terms).first().copied() else { return };
    let span = item.span(term.range);
    if term.kind == TermKind::Hole {
        cx.draft.hole(span, "who is right");
        return;
    }
    let from = plain_name(item.raw(term)).into_owned();
    let world = cx.world;
    if world.system(&from).is_none() && cx.names.item(ItemKw::Integration, &from).is_none() {
        let mut known: Vec<&str> = world.systems.iter().map(|s| &*s.name).collect();
        known.extend(cx.names.all(ItemKw::Integration));
        let diagnostic = Diagnostic::error("names/unknown-system#truth", "no system has this name")
            .primary(span, format!("neither a system nor an integration is called `{from}`"));
        let diagnostic = names::did_you_mean(diagnostic, span, &from, known);
        cx.push(diagnostic);
        return;
    }
    let made = common::plan_item(cx, item, head, Content::Truth(Truth { from }));
    cx.draft.add(Id::new(["truth", name]), item.line_span(head), made);
}

fn accept<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, _name: &str) {
    let Some(term) = name_term(item, head) else { return };
    let Some(what) = names::one_of(cx, item, term, "a loss that can be accepted", words::LOSSES) else {
        return;
    };
    let until = head.clause(ClauseKw::Until).and_then(|c| moment::date(cx, item, c.terms));
    let end = cx.window.as_ref().map(|w| w.end.utc_date());
    let lasting = until.zip(end).and_then(|(until, end)| {
        let days = u32::try_from(until.days() - end.days()).ok();
        if days.is_none() {
            let span = head.clause(ClauseKw::Until).map_or(item.head_span(), |c| item.span_of(c.terms));
            cx.push(
                Diagnostic::error("time/ends-early#accept", "something ends before the migration does")
                    .primary(span, format!("the window ends on {end}"))
                    .help("say until when the old state is kept"),
            );
        }
        days.map(Duration::civil_days)
    });
    let id = Id::new(["accept", &what]);
    cx.draft.clauses(&id, item, head);
    let store = common::place(item, head);
    let loss = AcceptedLoss {
        what: what.replace('_', " "),
        because: common::text_clause(item, head, ClauseKw::Because).unwrap_or_default(),
        records: None,
        of: None,
        kept_in: store.clone(),
    };
    cx.draft.plan.losses.insert(id.clone(), loss);
    let content = Content::Accept(Accept { what, store, lasting });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}
