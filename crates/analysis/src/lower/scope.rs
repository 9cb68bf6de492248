//! `scope`: what happens to each kind of object of the source.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::predicate::{Predicate, Test};
use cutover_plan::fates::Fates;
use cutover_plan::model::{Content, Item as PlanItem, Retention, ScopePart, Selection, Verb};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value;

use crate::context::Context;
use crate::count;
use crate::lower::maps::words::a;
use crate::lower::{checks, words};
use crate::read::list::{self, Noun};
use crate::read::{common, moment, names, predicate, quantity};
use crate::select::{self, ByKind, Chosen};
use crate::world::{KindView, System};

/// A line of `scope` about one kind, as it is written. Rules compare them; the plan holds them with `the rest` worked out.
#[derive(Clone, Debug)]
pub struct Decided<'a> {
    /// The id in the plan.
    pub id: Id,
    /// What happens.
    pub verb: Verb,
    /// The kind.
    pub kind: &'a KindView<'a>,
    /// Which objects.
    pub chosen: Chosen,
    /// Where the kind is named.
    pub span: Span,
}

/// What a line says about all the kinds in it.
struct Said<'l> {
    line: &'l Line,
    verb: Verb,
    owner: Option<String>,
    signed_by: Vec<String>,
    because: Option<String>,
    because_at: Option<Span>,
    part: ScopePart,
}

/// Lowers `scope`.
pub fn lower(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Scope) else { return };
    cx.draft.place(Id::new(["scope"]), item.head_span());
    let world = cx.world;
    let Some(source) = world.source() else { return };
    // Mostly a kind a line; what is said of each is large, and is copied whenever the list grows.
    let mut parts = Vec::with_capacity(item.body_lines().len());
    for line in item.body_lines() {
        line_parts(cx, source, item, line, &mut parts);
    }
    // What maps know of it. Those that are made from the catalogs ask for its items too.
    if !cx.in_focus(item)
        && !cx.of(ItemKw::Map).any(|map| map.head().is_some_and(|head| head.result.is_none()))
    {
        let decided = parts.into_iter().map(|(noun, said, chosen)| {
            let id = Id::new(["scope", noun.kind.name]);
            Decided { id, verb: said.verb, kind: noun.kind, chosen, span: noun.span }
        });
        cx.decided.extend(decided);
        return;
    }
    let ids = select::ids(
        &Id::new(["scope"]),
        cx.zone(),
        parts.iter().map(|(noun, said, chosen)| (vec![noun.kind.name, verb_word(said.verb)], chosen)),
    );
    cx.decided.reserve(parts.len());
    let lines = ByKind::of(parts.iter().map(|(noun, _, chosen)| (noun.kind.name, chosen)));
    for ((noun, said, chosen), id) in parts.into_iter().zip(ids) {
        let which = lines.selection(noun.kind.name, &chosen);
        figures(cx, source, noun.kind, &id, &which);
        // What stands twice is reported by the rule of dispositions, with better words than "the same name".
        if !cx.draft.plan.items.contains_key(&id) {
            let part = ScopePart { kind: noun.kind.name.to_owned(), which, ..said.part };
            let mut made = PlanItem::new(Content::Scope(part));
            made.owner = said.owner;
            made.signed_by = said.signed_by;
            made.because = said.because;
            cx.draft.clauses(&id, item, said.line);
            cx.draft.add(id.clone(), noun.span, made);
            if let Some(at) = said.because_at {
                cx.draft.spots.insert(id.child("because"), at);
            }
        }
        cx.decided.push(Decided { id, verb: said.verb, kind: noun.kind, chosen, span: noun.span });
    }
    travelling(cx);
}

/// What travels with objects of which only a part shares its fate is not counted: the inventory does not say whose it is.
fn travelling(cx: &mut Context<'_>) {
    let plan = &mut cx.draft.plan;
    let with = |item: &PlanItem| match &item.content {
        Content::Scope(part) => part.with_kind.clone(),
        _ => None,
    };
    let along: Vec<_> = plan.items.iter().filter_map(|(id, item)| Some((id.clone(), with(item)?))).collect();
    if along.is_empty() {
        return;
    }
    let fates = Fates::of(plan);
    let uncounted: Vec<_> = along.iter().filter(|(_, with)| fates.split(with)).map(|(id, _)| id).collect();
    for id in uncounted {
        plan.figures.records.remove(id);
    }
}

fn verb_word(verb: Verb) -> &'static str {
    match verb {
        Verb::Import => "import",
        Verb::Recreate => "recreate",
        Verb::Archive => "archive",
        Verb::Retire => "retire",
    }
}

fn line_parts<'a>(
    cx: &mut Context<'a>,
    source: &'a System<'a>,
    item: &'a Item,
    line: &'a Line,
    parts: &mut Vec<(Noun<'a>, Said<'a>, Chosen)>,
) {
    let verb = match line.statement {
        Some(StmtKw::Import) => Verb::Import,
        Some(StmtKw::Archive) => Verb::Archive,
        Some(StmtKw::Retire) => Verb::Retire,
        Some(StmtKw::Recreate) => Verb::Recreate,
        _ => return,
    };
    let nouns = list::nouns(cx, source, item, &list::parts(item, line.lead), true);
    let owner = common::owner(cx, item, line);
    let signed_by = common::signers(cx, item, line);
    let because = common::text_clause(item, line, ClauseKw::Because);
    let because_at = line.clause(ClauseKw::Because).map(|clause| item.span_of(clause.terms));
    let template = ScopePart {
        verb,
        kind: String::new(),
        which: Selection::All,
        identified_by: Vec::new(),
        with_kind: None,
        as_what: as_what(cx, item, line),
        store: common::place(item, line),
        until: retention(cx, item, line),
        redirects_verified: line.has(ClauseKw::RedirectsVerified),
        seats: seats(cx, item, line),
    };
    where_of_others(cx, item, line, &nouns);
    for noun in nouns {
        for name in &noun.named {
            known_object(cx, source, noun.kind, name);
        }
        let part = ScopePart {
            identified_by: identified_by(cx, item, line, noun.kind),
            with_kind: with_kind(cx, source, item, line, noun.kind),
            ..template.clone()
        };
        let said = |part| Said {
            line,
            verb,
            owner: owner.clone(),
            signed_by: signed_by.clone(),
            because: because.clone(),
            because_at,
            part,
        };
        if !noun.named.is_empty() {
            // Each object is a decision of its own: naming one more changes no other.
            for (name, span) in &noun.named {
                let one = Noun { kind: noun.kind, span: *span, named: Vec::new(), rest: false };
                parts.push((one, said(part.clone()), Chosen::Named(name.clone())));
            }
            continue;
        }
        let chosen = match line.clause(ClauseKw::Where) {
            _ if noun.rest => Chosen::Rest,
            Some(clause) => {
                let asked = predicate::read(cx, noun.kind, item, clause.terms);
                decidable(cx, noun.kind, &asked, item.span_of(clause.terms));
                Chosen::Where(asked)
            }
            None => Chosen::All,
        };
        parts.push((noun, said(part), chosen));
    }
}

/// The places of a condition, at `condition`, that stands beside `the rest` of a kind, and the way out.
pub(super) fn beside_rest(found: Diagnostic, condition: Span, noun: &Noun<'_>) -> Diagnostic {
    found
        .primary(condition, "this condition chooses nothing")
        .secondary(noun.span, "`the rest` of these")
        .help("remove the condition, or remove `the rest` and let the condition choose")
}

/// A condition chooses among all objects of a kind: not among the rest, and not among those that are named.
fn where_of_others(cx: &mut Context<'_>, item: &Item, line: &Line, nouns: &[Noun<'_>]) {
    let Some(clause) = line.clause(ClauseKw::Where) else { return };
    let span = item.span(clause.range).to(item.span_of(clause.terms));
    if let Some(noun) = nouns.iter().find(|noun| noun.rest) {
        let found =
            Diagnostic::error("scope/rest-where", "what the other lines leave is chosen by a condition too");
        cx.push(beside_rest(found, span, noun));
    } else if let Some((_, named)) = nouns.iter().find_map(|noun| noun.named.first()) {
        cx.push(
            Diagnostic::error(
                "scope/rest-where#named",
                "objects that are named are chosen by a condition too",
            )
            .primary(span, "this condition chooses nothing")
            .secondary(*named, "the name chooses")
            .help("remove the condition, or remove the names and let the condition choose"),
        );
    }
}

/// A condition that decides what moves can be answered from the record alone.
fn decidable(cx: &mut Context<'_>, kind: &KindView<'_>, asked: &Predicate, span: Span) {
    let Some(word) = select::opaque_word(kind, asked) else { return };
    let means = kind.kind.words.get(word.split('(').next().unwrap_or_default()).map(|w| w.means.to_string());
    let diagnostic =
        Diagnostic::error("scope/opaque", "only the running system knows which objects these are")
            .primary(span, format!("`{word}` cannot be answered from a record"))
            .help("decide by fields; for records that need care, use `clean`");
    cx.push(match means {
        Some(means) => diagnostic.note(format!("`{word}` means: {means}")),
        None => diagnostic,
    });
}

/// An object that a line names exists in the account.
fn known_object(
    cx: &mut Context<'_>,
    source: &System<'_>,
    kind: &KindView<'_>,
    (name, span): &(String, Span),
) {
    let Some(objects) = source.objects(kind.name) else { return };
    if objects.iter().any(|object| *object.name == **name) {
        return;
    }
    let diagnostic = Diagnostic::error("names/unknown-object", "the account has no object of this name")
        .primary(*span, format!("the inventory lists no {} called \"{name}\"", kind.title()));
    let near = cutover_diagnostics::suggest::nearest(name, objects.iter().map(|o| &*o.name), 1);
    cx.push(match near.first() {
        Some(near) => diagnostic.did_you_mean(*span, format!("\"{near}\"")),
        None => diagnostic.help("names of objects are written exactly as the product shows them"),
    });
}

fn as_what(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<String> {
    let clause = line.clause(ClauseKw::As)?;
    let terms = item.get(clause.terms).to_vec();
    list::phrase(cx, item, &terms, "a way to recreate something", words::RECREATED_AS)
}

fn retention(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Retention> {
    let until = line.clause(ClauseKw::Until)?;
    let date = moment::date(cx, item, until.terms)?;
    if let Some(end) = cx.window.as_ref().map(|w| w.end.utc_date())
        && date <= end
    {
        let span = item.span_of(until.terms);
        cx.push(
            Diagnostic::error("time/ends-early", "something ends before the migration does")
                .primary(span, format!("the window ends on {end}"))
                .help("say the last day on which it must still be there"),
        );
    }
    let then_delete = match line.clause(ClauseKw::Then) {
        Some(clause) => {
            let terms = item.get(clause.terms).to_vec();
            list::phrase(cx, item, &terms, "what happens at the end", &["delete"]).is_some()
        }
        None => false,
    };
    Some(Retention { date, then_delete })
}

fn seats(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<u64> {
    let clause = line.clause(ClauseKw::Seats)?;
    let terms = item.get(clause.terms).to_vec();
    let read = match terms.as_slice() {
        [at, most, number @ ..] if item.raw(*at) == "at" && item.raw(*most) == "most" => {
            value::read(item, number)
        }
        [only] if only.kind == TermKind::Hole => value::read(item, &terms),
        _ => None,
    };
    let Some((number, used)) = read else {
        let span = item.span_of(clause.terms);
        cx.push(
            Diagnostic::error("scope/seats", "the number of licences is missing")
                .primary(span, "how many at most?")
                .help("write `seats at most 40`"),
        );
        return None;
    };
    checks::nothing_more(cx, item, terms.get(used + 2..).unwrap_or_default());
    quantity::count(cx, item, &number)
}

fn identified_by<'a>(cx: &mut Context<'a>, item: &Item, line: &Line, kind: &'a KindView<'a>) -> Vec<String> {
    let Some(clause) = line.clause(ClauseKw::IdentifiedBy) else { return Vec::new() };
    let mut fields = Vec::new();
    for part in list::parts(item, clause.terms) {
        let Some(span) = list::span_of(item, part) else { continue };
        let path = list::joined(item, part);
        if let Some(field) = names::field(cx, kind, &path, span) {
            fields.push(field.path());
        }
    }
    fields
}

/// The kind with which objects travel: one that holds them, directly or through others.
fn with_kind<'a>(
    cx: &mut Context<'a>,
    source: &'a System<'a>,
    item: &Item,
    line: &Line,
    kind: &KindView<'_>,
) -> Option<String> {
    let Some(clause) = line.clause(ClauseKw::With) else {
        // A message without its ticket is nothing: it travels with it, whether that is said or not.
        let holder = holders(source, kind).next().filter(|_| line.statement == Some(StmtKw::Import))?;
        return Some(holder.name.to_owned());
    };
    let term = item.get(clause.terms).first().copied()?;
    let with = names::kind(cx, source, item, term)?;
    if holders(source, kind).any(|holder| holder.name == with.name) {
        return Some(with.name.to_owned());
    }
    let list: Vec<String> = holders(source, kind).map(|holder| format!("`with {}`", holder.name)).collect();
    let diagnostic = Diagnostic::error("scope/with-unrelated", "these objects do not belong to that kind")
        .primary(
            item.span(term.range),
            format!("{} does not belong to {}", a(kind.title()), a(with.title())),
        );
    cx.push(match list.as_slice() {
        [] => diagnostic.help("decide about them on their own, without `with`"),
        _ => diagnostic.help(format!("they travel {}", list.join(" or "))),
    });
    None
}

/// The kinds that hold objects of a kind: the comment of an attachment, then its ticket.
pub fn holders<'a>(
    system: &'a System<'a>,
    kind: &KindView<'_>,
) -> impl Iterator<Item = &'a KindView<'a>> + use<'a> {
    let first = kind.kind.with.as_deref().and_then(|with| system.kind(with));
    // A catalog may hold a kind in itself; no chain of holders is longer than this.
    std::iter::successors(first, |kind| kind.kind.with.as_deref().and_then(|with| system.kind(with))).take(8)
}

/// How many records a part concerns, where the inventory tells.
fn figures(cx: &mut Context<'_>, source: &System<'_>, kind: &KindView<'_>, id: &Id, which: &Selection) {
    let records = count::of(kind, which).or_else(|| people(source, kind, which));
    if let Some(records) = records {
        cx.draft.plan.figures.records.insert(id.clone(), records);
    }
}

/// How many people a part concerns that asks who still works here: the inventory lists them with a mark.
fn people(source: &System<'_>, kind: &KindView<'_>, which: &Selection) -> Option<u64> {
    let (asked, inactive) = match which {
        Selection::Where(asked) => (asked, false),
        Selection::Rest(Predicate::Not(asked)) => (&**asked, true),
        _ => return None,
    };
    let objects = source.objects(kind.name).filter(|_| asks_active(asked))?;
    // Where agents and customers are of one kind, only the agents are listed.
    let listed = u64::try_from(objects.len()).ok()?;
    if kind.count().is_some_and(|all| all != listed) {
        return None;
    }
    u64::try_from(objects.iter().filter(|object| object.inactive == inactive).count()).ok()
}

/// Whether a condition only asks whether a person still works here.
#[must_use]
pub fn asks_active(asked: &Predicate) -> bool {
    matches!(asked, Predicate::Atom(atom) if atom.field == "active" || atom.test == Test::Word("active".to_owned()))
}
