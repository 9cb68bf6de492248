//! What many items have: owner, signatures, reason, title.

use std::borrow::Cow;

use cutover_ir::Id;
use cutover_plan::model::{Content, Item as PlanItem};
use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::{Item, Line, Term, TermKind, Terms};
use cutover_syntax::value::{self, plain_name};

use crate::context::{Context, title_of};
use crate::read::names;

/// An item of the plan from an item of the spec: title of the item; owner, signatures and reason of `line`.
#[must_use]
pub fn plan_item(cx: &mut Context<'_>, item: &Item, line: &Line, content: Content) -> PlanItem {
    let mut made = PlanItem::new(content);
    made.title = title_of(item);
    made.owner = owner(cx, item, line);
    made.signed_by = signers(cx, item, line);
    made.because = text_clause(item, line, ClauseKw::Because);
    // The name alone: the draft makes an id of it, beside that of the item.
    let was = line.clause(ClauseKw::Was).and_then(|clause| item.get(clause.terms).first());
    made.was =
        was.filter(|term| term.kind == TermKind::Word).map(|term| Id::new([&*plain_name(item.raw(*term))]));
    made
}

/// The owner of a line.
#[must_use]
pub fn owner(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<String> {
    let clause = line.clause(ClauseKw::Owner)?;
    names::person(cx, item, *item.get(clause.terms).first()?)
}

/// The people who sign a line.
#[must_use]
pub fn signers(cx: &mut Context<'_>, item: &Item, line: &Line) -> Vec<String> {
    let Some(clause) = line.clause(ClauseKw::SignedBy) else { return Vec::new() };
    names::people(cx, item, clause.terms)
}

/// The text of a clause that takes a text.
#[must_use]
pub fn text_clause(item: &Item, line: &Line, keyword: ClauseKw) -> Option<String> {
    let clause = line.clause(keyword)?;
    // What is still open will be given, a reason or how to reach somebody: what else it is asked for is not asked twice.
    let open = || {
        let given = matches!(keyword, ClauseKw::Because | ClauseKw::Contact | ClauseKw::Lossy);
        let first = item.get(clause.terms).first().filter(|_| given)?;
        (first.kind == TermKind::Hole).then(|| item.raw(*first).to_owned())
    };
    first_text(item, clause.terms).or_else(open)
}

/// The first quoted text among some terms.
#[must_use]
pub fn first_text(item: &Item, terms: Terms) -> Option<String> {
    item.get(terms).iter().find(|t| t.kind == TermKind::Text).map(|t| text(item, *t).into_owned())
}

/// The text of a term.
#[must_use]
pub fn text(item: &Item, term: Term) -> Cow<'_, str> {
    value::unquote(item.raw(term))
}

/// The words of some terms, as they are written, with blanks between.
#[must_use]
pub fn words(item: &Item, terms: Terms) -> String {
    let words: Vec<&str> =
        item.get(terms).iter().filter(|t| t.kind == TermKind::Word).map(|t| item.raw(*t)).collect();
    words.join(" ")
}

/// The place behind `in`: `"vault:acme-archive"`.
#[must_use]
pub fn place(item: &Item, line: &Line) -> Option<String> {
    line.clauses.iter().filter(|c| c.keyword == ClauseKw::In).find_map(|c| first_text(item, c.terms))
}
