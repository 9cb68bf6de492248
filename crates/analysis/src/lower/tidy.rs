//! `clean` and `freeze`: what is tidied on its way, and rules that nobody changes.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::functions;
use cutover_plan::model::{AcceptedLoss, Assignee, Clean, CleanAction, CleanStep, Content, Freeze, Ref};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind, Terms};
use cutover_syntax::value::{self, Value, ValueKind, plain_name};

use crate::context::Context;
use crate::lower::{checks, words};
use crate::read::{common, list, moment, names, predicate};
use crate::select;
use crate::world::{KindView, System};

/// Lowers `clean` and `freeze`.
pub fn lower(cx: &mut Context<'_>) {
    clean(cx);
    freeze(cx);
}

fn freeze(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Freeze) else { return };
    let Some(head) = item.head() else { return };
    let mut rules: Vec<String> = Vec::new();
    for line in item.body_lines() {
        let read = list::words(cx, item, line.lead, "a rule that can be frozen", words::FROZEN_RULES);
        rules.extend(read.into_iter().filter(|word| !rules.contains(word)).collect::<Vec<_>>());
    }
    rules.sort();
    let Some(clause) = head.clause(ClauseKw::From) else { return };
    let Some(from) = moment::moment(cx, item, clause.terms) else { return };
    if cx.window.as_ref().is_some_and(|window| from.at > window.start) {
        let span = item.span_of(clause.terms);
        cx.push(
            Diagnostic::error("freeze/late", "rules are frozen too late")
                .primary(span, "after the window begins")
                .help("what changes behind a map's back is lost; freeze rules days before: `from window - 14 days`"),
        );
    }
    let made = common::plan_item(cx, item, head, Content::Freeze(Freeze { rules, from }));
    cx.draft.clauses(&Id::new(["freeze"]), item, head);
    cx.draft.add(Id::new(["freeze"]), item.head_span(), made);
}

/// A step as it is written.
struct Written<'a> {
    step: CleanStep,
    /// Where the kind is named.
    span: Span,
    /// Why names may be lost.
    lossy: Option<String>,
    /// What its objects are called.
    plural: &'a str,
}

fn clean(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Clean) else { return };
    let Some(head) = item.head() else { return };
    let world = cx.world;
    let Some(source) = world.source() else { return };
    let mut steps = Vec::new();
    for line in item.body_lines() {
        let nouns = list::nouns(cx, source, item, &list::parts(item, line.lead), false);
        for noun in nouns {
            if noun.rest {
                cx.push(
                    Diagnostic::error(
                        "clean/rest",
                        "a step of the cleaning chooses its records by a condition",
                    )
                    .primary(noun.span, "`the rest` of what?")
                    .help("write `where` and the condition, or nothing for all of them"),
                );
                continue;
            }
            if let Some(step) = step(cx, source, item, line, noun.kind) {
                let lossy = common::text_clause(item, line, ClauseKw::Lossy);
                steps.push(Written { step, span: noun.span, lossy, plural: &noun.kind.plural });
            }
        }
    }
    steps.sort_by(|a, b| a.step.id.cmp(&b.step.id));
    let mut kept: Vec<CleanStep> = Vec::new();
    for Written { step, span, lossy, plural } in steps {
        if kept.last().is_some_and(|last| last.id == step.id) {
            let first = cx.draft.places.get(&step.id).copied();
            let diagnostic =
                Diagnostic::error("clean/twice", "the same records are tidied twice in the same way")
                    .primary(span, "a second time")
                    .help("remove one of the lines");
            cx.push(match first {
                Some(first) => diagnostic.secondary(first, "the first time"),
                None => diagnostic,
            });
            continue;
        }
        if let Some(records) =
            step.scope.as_ref().and_then(|scope| crate::count::matching(source.kind(&step.kind)?, scope))
        {
            cx.draft.plan.figures.records.insert(step.id.clone(), records);
        }
        if let Some(because) = lossy {
            let loss = AcceptedLoss {
                what: format!("the old names of {}", plural.replace('_', " ")),
                because,
                records: None,
                of: None,
                kept_in: None,
            };
            cx.draft.plan.losses.insert(step.id.clone(), loss);
        }
        cx.draft.place(step.id.clone(), span);
        kept.push(step);
    }
    let made = common::plan_item(cx, item, head, Content::Clean(Clean { steps: kept }));
    cx.draft.add(Id::new(["clean"]), item.head_span(), made);
}

fn step<'a>(
    cx: &mut Context<'a>,
    source: &'a System<'a>,
    item: &'a Item,
    line: &Line,
    kind: &'a KindView<'a>,
) -> Option<CleanStep> {
    let statement = line.statement?;
    let scope = line.clause(ClauseKw::Where).map(|clause| predicate::read(cx, kind, item, clause.terms));
    let (action, sub) = match statement {
        StmtKw::Merge => merge(cx, item, line, kind)?,
        StmtKw::Reassign => {
            let to = assignee(cx, source, item, line.clause(ClauseKw::To)?.terms)?;
            let (Assignee::Group(name) | Assignee::Agent(name) | Assignee::Placeholder(name)) = &to;
            let sub = name.clone();
            (CleanAction::Reassign { to }, sub)
        }
        StmtKw::Adopt => {
            let by = placeholder(cx, item, line.clause(ClauseKw::As)?.terms)?;
            let sub = by.clone();
            (CleanAction::Adopt { by }, sub)
        }
        StmtKw::Keep => {
            let state = state(cx, item, line)?;
            (CleanAction::Keep { state: state.clone() }, state)
        }
        StmtKw::Rename => {
            let (by, tables) = renaming(cx, item, line.clause(ClauseKw::By)?.terms);
            (CleanAction::Rename { by, tables }, String::new())
        }
        StmtKw::Drop => (CleanAction::Drop, String::new()),
        StmtKw::Link => {
            let state = state(cx, item, line)?;
            (CleanAction::Link { state: state.clone() }, state)
        }
        _ => return None,
    };
    let base = Id::new(["clean", statement.text(), kind.name]);
    let id = if sub.is_empty() { base } else { base.child(&sub) };
    // The condition belongs to the id, so that no line changes the id of another one.
    let id = scope.as_ref().map_or_else(|| id.clone(), |scope| id.child(&select::text_in(cx.zone(), scope)));
    let because = common::text_clause(item, line, ClauseKw::Because);
    Some(CleanStep { id, kind: kind.name.to_owned(), scope, action, because })
}

fn merge<'a>(
    cx: &mut Context<'a>,
    item: &'a Item,
    line: &Line,
    kind: &'a KindView<'a>,
) -> Option<(CleanAction, String)> {
    let clause = line.clause(ClauseKw::WithSame)?;
    let (same, _) = value::read(item, item.get(clause.terms))?;
    let same = expression(cx, item, kind, &same)?;
    let preferring = line.clause(ClauseKw::Preferring).and_then(|clause| {
        let terms = item.get(clause.terms).to_vec();
        let (first, rest) = terms.split_first()?;
        let which = names::one_of(cx, item, *first, "a way to choose", words::PREFERENCES)?;
        let Some(field) = rest.first() else { return Some(which) };
        checks::nothing_more(cx, item, rest.get(1..).unwrap_or_default());
        let path = plain_name(item.raw(*field)).into_owned();
        let field = names::field(cx, kind, &path, item.span(field.range))?;
        Some(format!("{which} {}", field.path()))
    });
    // A file that is missing is reported where files are read.
    let listed_in = common::text_clause(item, line, ClauseKw::ListedIn).and_then(|path| cx.asset(item, path));
    Some((CleanAction::Merge { same: same.clone(), preferring, listed_in }, same))
}

/// What merged objects have in common: a field, or a function of the library of one field.
fn expression<'a>(
    cx: &mut Context<'a>,
    item: &Item,
    kind: &'a KindView<'a>,
    value: &Value<'_>,
) -> Option<String> {
    let span = item.span(value.range);
    match &value.kind {
        ValueKind::Name(raw) => {
            let path = plain_name(raw).into_owned();
            names::field(cx, kind, &path, span).map(|field| field.path())
        }
        ValueKind::Call { name, name_range, args } => {
            let function = plain_name(name).into_owned();
            known_function(cx, &function, item.span(*name_range))?;
            let inner = args.first().and_then(|arg| expression(cx, item, kind, arg))?;
            Some(format!("{function}({inner})"))
        }
        ValueKind::Hole => {
            cx.draft.hole(span, "what they have in common");
            None
        }
        _ => {
            cx.push(
                Diagnostic::error("clean/same-what", "objects are merged by what they have in common")
                    .primary(span, "a field, or a function of a field, is expected")
                    .help("write `with same email`, or `with same lower(email)`"),
            );
            None
        }
    }
}

fn known_function(cx: &mut Context<'_>, name: &str, span: Span) -> Option<()> {
    if functions::find(name).is_some() {
        return Some(());
    }
    let diagnostic = Diagnostic::error("names/unknown-function#clean", "the library has no such function")
        .primary(span, format!("nothing is called `{name}`"));
    cx.push(names::did_you_mean(diagnostic, span, name, functions::all().map(|f| f.name)));
    None
}

/// `trim, lower, tag_names`: functions and translations.
fn renaming(cx: &mut Context<'_>, item: &Item, terms: Terms) -> (Vec<String>, Vec<Ref>) {
    let mut by = Vec::new();
    let mut tables = Vec::new();
    for part in list::parts(item, terms) {
        let [term] = part else { continue };
        let span = item.span(term.range);
        if term.kind == TermKind::Hole {
            cx.draft.hole(span, "how names change");
            continue;
        }
        let name = plain_name(item.raw(*term)).into_owned();
        if cx.names.item(ItemKw::Translate, &name).is_some() {
            tables.push(Ref(Id::new(["translate", &name])));
            by.push(name);
        } else if functions::find(&name).is_some() {
            by.push(name);
        } else {
            let mut known: Vec<&str> = functions::all().map(|f| f.name).collect();
            known.extend(cx.names.all(ItemKw::Translate));
            let diagnostic =
                Diagnostic::error("names/unknown-function#rename", "the library has no such function")
                    .primary(span, format!("neither a function nor a translation is called `{name}`"));
            let diagnostic = names::did_you_mean(diagnostic, span, &name, known);
            cx.push(diagnostic);
        }
    }
    tables.sort();
    (by, tables)
}

/// `group "Backlog"`, `agent "9001"`, `placeholder "Former agent"`.
fn assignee(cx: &mut Context<'_>, source: &System<'_>, item: &Item, terms: Terms) -> Option<Assignee> {
    let terms = item.get(terms).to_vec();
    let first = terms.first().copied()?;
    if first.kind == TermKind::Hole {
        cx.draft.hole(item.span(first.range), "who gets them");
        return None;
    }
    let what =
        names::one_of(cx, item, first, "somebody who can get records", &["group", "agent", "placeholder"])?;
    let Some(text) = terms.get(1).filter(|t| t.kind == TermKind::Text).copied() else {
        cx.push(
            Diagnostic::error("clean/nobody", "nobody is named")
                .primary(item.span(first.range), format!("which {what}?"))
                .help("name it in quotes, as the product shows it"),
        );
        return None;
    };
    let name = common::text(item, text).into_owned();
    match what.as_str() {
        "placeholder" => Some(Assignee::Placeholder(name)),
        "group" => {
            account_object(cx, source, item, text, "group", &name);
            Some(Assignee::Group(name))
        }
        _ => {
            account_object(cx, source, item, text, "agent", &name);
            Some(Assignee::Agent(name))
        }
    }
}

/// A group or an agent exists in the old account, or already in the new one.
fn account_object(
    cx: &mut Context<'_>,
    source: &System<'_>,
    item: &Item,
    term: Term,
    kind: &str,
    name: &str,
) {
    let target = cx.world.target();
    let lists = [Some(source), target].into_iter().flatten().map(|system| {
        let kind = system.kind(kind)?;
        system.objects(kind.name)
    });
    let lists: Option<Vec<_>> = lists.collect();
    // Where an inventory does not list such objects, nothing is known.
    let Some(lists) = lists else { return };
    let known: Vec<&str> = lists.into_iter().flatten().map(|object| &*object.name).collect();
    if known.contains(&name) {
        return;
    }
    let span = item.span(term.range);
    let diagnostic =
        Diagnostic::error("names/unknown-object#assignee", "the account has no object of this name")
            .primary(span, format!("neither account has the {kind} \"{name}\""));
    let near = cutover_diagnostics::suggest::nearest(name, known, 1);
    let diagnostic = match near.first() {
        Some(near) => diagnostic.did_you_mean(span, format!("\"{near}\"")),
        None => diagnostic,
    };
    cx.push(diagnostic);
}

/// `placeholder "Unknown requester"`.
fn placeholder(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Option<String> {
    let terms = item.get(terms).to_vec();
    match terms.as_slice() {
        [word, name] if item.raw(*word) == "placeholder" && name.kind == TermKind::Text => {
            Some(common::text(item, *name).into_owned())
        }
        [hole] if hole.kind == TermKind::Hole => {
            cx.draft.hole(item.span(hole.range), "the placeholder");
            None
        }
        _ => {
            let span = list::span_of(item, &terms)?;
            cx.push(
                Diagnostic::error("clean/placeholder", "a placeholder is expected")
                    .primary(span, "who stands for the missing one?")
                    .help("write `placeholder \"Unknown requester\"`"),
            );
            None
        }
    }
}

fn state(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<String> {
    let clause = line.clause(ClauseKw::As)?;
    let terms = item.get(clause.terms).to_vec();
    list::phrase(cx, item, &terms, "a state", words::STATES)
}
