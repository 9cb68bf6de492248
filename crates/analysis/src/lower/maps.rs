//! `map`: how the fields of one kind become the fields of another.

pub(super) mod argument;
mod beside;
mod catalog;
mod domain;
pub mod facts;
mod fit;
mod link;
mod missing;
mod once;
mod pipe;
mod plain;
mod roles;
mod row;
mod states;
mod table_use;
pub(crate) mod visibility;
pub mod words;

use std::borrow::Cow;

use cutover_catalog::Part;
use cutover_catalog::kind::Scope;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::id::Children;
use cutover_ir::map::{Dropped, Map, Requirement, Row};
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{AcceptedLoss, Content, Item as PlanItem, Verb};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind};
use cutover_syntax::value::plain_name;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::context::Context;
use crate::lower::checks;
use crate::read::{common, names, predicate};
use crate::rules::disposition;
use crate::world::{FieldView, KindView, System};

pub(crate) use catalog::undecidable;
use facts::{MapFact, RowFact, Spots};

/// A map while its lines are read.
struct Building<'a> {
    id: Id,
    source: &'a KindView<'a>,
    target: &'a KindView<'a>,
    require: Vec<Predicate>,
    rows: Vec<Row>,
    facts: Vec<RowFact>,
    unreadable: Vec<(&'a KindView<'a>, FieldView<'a>, Span)>,
    dropped: Vec<Dropped>,
    /// Makes its rows' ids.
    to: Children,
    /// Where the next source field and the next target field are looked for first.
    next: (usize, usize),
    set: Spots<'a>,
    decided: Spots<'a>,
    /// References through which rows read what other records say.
    through: Spots<'a>,
    broken: bool,
}

impl<'a> Building<'a> {
    /// Notes that a row reads a path: the field, or the reference that it goes through. Who reads the name of a ticket's requester has not said
    /// yet what becomes of the requester: `by catalog` carries the reference all the same, and `drop` may leave it behind.
    fn decide(&mut self, path: &str, span: Span) {
        match self.source.field(path) {
            Some(field) => self.decide_field(field, span),
            None => {
                let first = path.split('.').next().unwrap_or(path);
                self.through.entry(Cow::Owned(first.to_owned())).or_insert(span);
            }
        }
    }

    /// Keeps what rules ask of a finished row, and notes which of its fields have values that cannot be read.
    fn fact(&mut self, row: RowFact, reads: impl Iterator<Item = (&'a KindView<'a>, FieldView<'a>)>) {
        let unreadable =
            reads.filter(|(_, field)| field.profile.is_some_and(|profile| profile.unreadable > 0));
        self.unreadable.extend(unreadable.map(|(kind, field)| (kind, field, row.span)));
        self.facts.push(row);
    }

    /// [`Building::decide`] for a field of the map's own kind.
    fn decide_field(&mut self, field: FieldView<'a>, span: Span) {
        self.decided.entry(field.spelled()).or_insert(span);
    }
}

/// What stands behind `map`.
struct Signature<'a> {
    item: &'a Item,
    source: &'a KindView<'a>,
    target: &'a KindView<'a>,
    span: Span,
}

/// Lowers every `map`.
pub fn lower(cx: &mut Context<'_>) {
    cx.maps.coming = coming(cx).into();
    let mut signatures = Vec::new();
    let mut remaining = None;
    for item in cx.of(ItemKw::Map).collect::<Vec<_>>() {
        let Some(head) = item.head() else { continue };
        if head.result.is_none() {
            if is_remaining(item, head) {
                by_catalog(cx, item, head);
                match remaining {
                    Some(first) => twice(cx, item, first),
                    None => remaining = Some(item),
                }
            }
            continue;
        }
        signatures.extend(signature(cx, item, head));
    }
    let mut per_source: FxHashMap<&str, u32> = FxHashMap::default();
    for signature in &signatures {
        *per_source.entry(signature.source.name).or_default() += 1;
    }
    // All signatures first: references lead from map to map in any order.
    for signature in &signatures {
        let several = per_source.get(signature.source.name).is_some_and(|count| *count > 1);
        declare(cx, signature.source, signature.target, signature.span, several);
    }
    let generated = match remaining {
        Some(item) => remaining_kinds(cx, item),
        None => 0,
    };
    let wanted: Vec<usize> =
        (0..).zip(&signatures).filter(|(_, s)| cx.in_focus(s.item)).map(|(at, _)| at).collect();
    beside::read_all(cx, &signatures, &wanted);
    if let Some(span) = cx.maps.remaining
        && remaining.is_some_and(|item| cx.in_focus(item))
    {
        for at in signatures.len()..signatures.len() + generated {
            generate(cx, at, span);
        }
    }
    cleaned_by(cx);
    table_use::finish(cx);
}

fn twice(cx: &mut Context<'_>, second: &Item, first: &Item) {
    cx.push(
        Diagnostic::error("names/stands-once#remaining", "this block stands twice")
            .primary(second.head_span(), "the remaining kinds a second time")
            .secondary(first.head_span(), "the first time")
            .help("keep one of them"),
    );
}

/// Kinds of which objects are imported or built anew, with those that come with them.
fn coming(cx: &Context<'_>) -> FxHashSet<String> {
    let come = cx.decided.iter().filter(|line| matches!(line.verb, Verb::Import | Verb::Recreate));
    come.map(|line| line.kind.name.to_owned()).collect()
}

fn is_remaining(item: &Item, head: &Line) -> bool {
    let words: Vec<&str> = item.get(head.lead).iter().map(|t| item.raw(*t)).collect();
    matches!(words.as_slice(), ["remaining", "kinds"])
}

/// `by catalog` is the only way in which whole kinds and the rest of the fields are mapped.
fn by_catalog(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Span> {
    let clause = line.clause(ClauseKw::By)?;
    let term = item.get(clause.terms).first()?;
    names::one_of(cx, item, *term, "who knows the correspondence", &["catalog"])?;
    Some(item.span(clause.range).to(item.span(term.range)))
}

fn signature<'a>(cx: &mut Context<'a>, item: &'a Item, head: &Line) -> Option<Signature<'a>> {
    let from = item.get(head.lead).first().copied()?;
    let to = item.get(head.result?).first().copied()?;
    let world = cx.world;
    let named = |cx: &mut Context<'a>, side, system: &'a System<'a>| match side {
        Term { kind: TermKind::Hole, .. } => names::kind(cx, system, item, side),
        _ => names::word(cx, item, side, "a kind of objects")
            .and_then(|side| names::kind(cx, system, item, side)),
    };
    let source = named(cx, from, world.source()?);
    let target = named(cx, to, world.target()?);
    let span = item.span(from.range).to(item.span(to.range));
    let source = source?;
    let Some(target) = target else {
        // The kind has its map, although it is not yet known where it leads.
        cx.maps.undecided.insert(source.name);
        return None;
    };
    Some(Signature { item, source, target, span })
}

/// Makes a map known, still without rows.
fn declare<'a>(
    cx: &mut Context<'a>,
    source: &'a KindView<'a>,
    target: &'a KindView<'a>,
    span: Span,
    several: bool,
) {
    let id = if several { Id::new(["map", source.name, target.name]) } else { Id::new(["map", source.name]) };
    let at = cx.maps.maps.len();
    cx.maps.by_source.entry(source.name).or_default().push(at);
    cx.maps.maps.push(MapFact {
        id,
        span,
        source,
        target,
        rows: Vec::new(),
        unreadable: Vec::new(),
        set: FxHashMap::default(),
        decided: FxHashMap::default(),
        by_catalog: None,
        hides: None,
        broken: false,
    });
}

fn start<'a>(fact: &MapFact<'a>) -> Building<'a> {
    Building {
        id: fact.id.clone(),
        to: Children::of(&fact.id.child("to")),
        next: (0, 0),
        source: fact.source,
        target: fact.target,
        require: Vec::new(),
        rows: Vec::new(),
        facts: Vec::new(),
        unreadable: Vec::new(),
        dropped: Vec::new(),
        set: FxHashMap::default(),
        decided: FxHashMap::default(),
        through: FxHashMap::default(),
        broken: false,
    }
}

fn read<'a>(cx: &mut Context<'a>, at: usize, signature: &Signature<'a>) {
    let Some(mut map) = cx.maps.maps.get(at).map(start) else { return };
    let item = signature.item;
    let lines = item.body_lines().len();
    map.rows.reserve(lines);
    map.facts.reserve(lines);
    map.set.reserve(lines);
    map.decided.reserve(lines);
    let mut requirements = Vec::new();
    // Requirements first: a row may rely on them.
    for line in item.body_lines().iter().filter(|l| l.statement == Some(StmtKw::Require)) {
        requirements.extend(require(cx, &mut map, item, line));
    }
    for line in item.body_lines().iter().filter(|l| l.statement.is_none() && l.result.is_some()) {
        if plain::lower(cx, &mut map, item, line).is_none() {
            row::lower(cx, &mut map, item, line);
        }
    }
    for line in item.body_lines().iter().filter(|l| l.statement == Some(StmtKw::Drop)) {
        drop_fields(cx, &mut map, item, line);
    }
    let whole = item.head().and_then(|head| by_catalog(cx, item, head));
    let mut rest = whole;
    for line in item.body_lines().iter().filter(|l| l.statement == Some(StmtKw::Remaining)) {
        if let Some(term) = item.get(line.lead).first() {
            let _ = names::one_of(cx, item, *term, "what remains in a map", &["fields"]);
        }
        rest = rest.or_else(|| by_catalog(cx, item, line));
    }
    if let Some(span) = rest {
        catalog::remaining(cx, &mut map, span);
    }
    catalog::parent(cx, &mut map, signature.span);
    let Some(head) = item.head() else { return };
    let made = common::plan_item(
        cx,
        item,
        head,
        Content::Map(finished(&mut map, signature.source, signature.target, requirements)),
    );
    close(cx, at, map, rest, made);
}

/// A map that the catalogs make alone.
fn generate(cx: &mut Context<'_>, at: usize, span: Span) {
    let Some(mut map) = cx.maps.maps.get(at).map(start) else { return };
    catalog::remaining(cx, &mut map, span);
    catalog::parent(cx, &mut map, span);
    let (source, target) = (map.source, map.target);
    let made = PlanItem::new(Content::Map(finished(&mut map, source, target, Vec::new())));
    close(cx, at, map, Some(span), made);
}

fn finished(
    map: &mut Building<'_>,
    source: &KindView<'_>,
    target: &KindView<'_>,
    require: Vec<Requirement>,
) -> Map {
    let mut rows = std::mem::take(&mut map.rows);
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let mut dropped = std::mem::take(&mut map.dropped);
    dropped.sort_by(|a, b| a.field.cmp(&b.field));
    Map {
        id: map.id.clone(),
        source: source.name.to_owned(),
        target: target.name.to_owned(),
        rows,
        dropped,
        require,
    }
}

/// Puts a finished map into the plan and leaves its facts to the rules.
fn close<'a>(cx: &mut Context<'a>, at: usize, map: Building<'a>, by_catalog: Option<Span>, made: PlanItem) {
    let Some(fact) = cx.maps.maps.get_mut(at) else { return };
    fact.rows = map.facts;
    fact.unreadable = map.unreadable;
    fact.set = map.set;
    // Who names a reference decides about it, whoever else reads through it.
    fact.decided = map.through;
    if fact.decided.is_empty() {
        fact.decided = map.decided;
    } else {
        fact.decided.extend(map.decided);
    }
    fact.by_catalog = by_catalog;
    fact.broken = map.broken;
    let span = fact.span;
    // The fact is taken out while findings are made about it.
    let mut facts = std::mem::take(&mut cx.maps.maps);
    let mut hides = None;
    if let (Some(fact), Content::Map(plan)) = (facts.get(at), &made.content) {
        if visibility::flag(fact.source).is_some() {
            hides = visibility::notes(cx, fact, plan);
        }
        for dropped in &plan.dropped {
            cx.draft
                .place(dropped.id.clone(), fact.decided.get(dropped.field.as_str()).copied().unwrap_or(span));
            lost(cx, fact.source, dropped);
        }
    }
    if let Some(fact) = facts.get_mut(at) {
        fact.hides = hides;
    }
    cx.maps.maps = facts;
    cx.draft.add(map.id, span, made);
}

/// A dropped field stands in the register of losses, unless no record has a value.
fn lost(cx: &mut Context<'_>, kind: &KindView<'_>, dropped: &Dropped) {
    let profile = kind.field(&dropped.field).and_then(|field| field.profile);
    if profile.is_some_and(|p| p.present == 0) {
        return;
    }
    let loss = AcceptedLoss {
        what: format!("`{}.{}`", kind.name, dropped.field),
        because: dropped.because.clone(),
        records: profile.map(|p| p.present),
        of: kind.count(),
        kept_in: None,
    };
    cx.draft.plan.losses.insert(dropped.id.clone(), loss);
}

fn require<'a>(
    cx: &mut Context<'a>,
    map: &mut Building<'a>,
    item: &'a Item,
    line: &Line,
) -> Option<Requirement> {
    let terms = item.get(line.lead);
    let (written, used) = cutover_syntax::predicate::read(item, terms);
    let mut whole = true;
    written.visit_bad(&mut |_, _| whole = false);
    if whole {
        checks::nothing_more(cx, item, terms.get(used..).unwrap_or_default());
    }
    let condition = predicate::lower(cx, map.source, item, &written);
    if matches!(condition, Predicate::Const(_)) {
        return None;
    }
    let mut fields: Vec<&str> = Vec::new();
    condition.visit_atoms(&mut |atom| fields.push(&atom.field));
    fields.sort_unstable();
    fields.dedup();
    let id = map.id.child("require").child(&fields.join(","));
    cx.draft.place(id.clone(), item.line_span(line));
    map.require.push(condition.clone());
    Some(Requirement { id, predicate: condition })
}

fn drop_fields<'a>(cx: &mut Context<'a>, map: &mut Building<'a>, item: &'a Item, line: &Line) {
    let because = common::text_clause(item, line, ClauseKw::Because).unwrap_or_default();
    for term in item.get(line.lead) {
        let span = item.span(term.range);
        match term.kind {
            TermKind::Word => {}
            TermKind::Hole => {
                cx.draft.hole(span, "which fields are left behind");
                map.broken = true;
                continue;
            }
            TermKind::Comma => continue,
            _ => {
                let _ = names::word(cx, item, *term, "a field");
                map.broken = true;
                continue;
            }
        }
        let path = plain_name(item.raw(*term)).into_owned();
        let Some(field) = names::field(cx, map.source, &path, span) else {
            map.broken = true;
            continue;
        };
        let path = field.path();
        if let Some(first) = map.decided.get(path.as_str()) {
            cx.push(
                Diagnostic::error("coverage/decided-twice", "a field is carried and dropped")
                    .primary(span, format!("`{path}` is left behind here"))
                    .secondary(*first, "and decided here")
                    .help("keep one of the two lines"),
            );
            continue;
        }
        map.decided.insert(field.spelled(), span);
        let id = map.id.child("drop").child(&path);
        map.dropped.push(Dropped { id, field: path, because: because.clone() });
    }
}

/// Declares a map for each imported kind that has none. How many.
fn remaining_kinds<'a>(cx: &mut Context<'a>, item: &'a Item) -> usize {
    let span = item.head_span().to(item.head().map_or_else(|| item.head_span(), |head| item.line_span(head)));
    cx.maps.remaining = Some(span);
    let world = cx.world;
    let (Some(source), Some(target)) = (world.source(), world.target()) else { return 0 };
    if target.kinds.is_empty() {
        // Its catalog is missing or broken, which is reported already.
        return 0;
    }
    let mut declared = 0;
    for kind in &source.kinds {
        if cx.maps.has_map(kind.name)
            || !imported(cx, source, kind)
            || disposition::is_asked_about(cx, source, kind)
        {
            continue;
        }
        match counterpart(source, target, kind) {
            Some(to) => {
                declare(cx, kind, to, span, false);
                declared += 1;
            }
            // Of these the account has none that could be lost.
            None if kind.count() == Some(0) => {}
            None => {
                cx.push(
                    Diagnostic::error("map/no-counterpart", "the new system has no such kind of objects")
                        .primary(
                            span,
                            format!("{} has nothing like {}", target.product(), words::a(kind.title())),
                        )
                        .help(format!(
                            "archive or retire {} in `scope`, or say what they become: `map {} -> ...`",
                            kind.plural.replace('_', " "),
                            kind.name
                        )),
                );
            }
        }
    }
    declared
}

/// Whether objects of the kind are loaded: `scope` imports them, or what they are part of.
pub(crate) fn imported(cx: &Context<'_>, system: &System<'_>, kind: &KindView<'_>) -> bool {
    let verbs = |name: &str| {
        let parts = cx.draft.plan.items.range(Id::new(["scope", name])..);
        let parts = parts.take_while(|(id, _)| id.as_str().starts_with(&format!("scope/{name}")));
        let verbs: Vec<Verb> = parts
            .filter_map(|(_, item)| match &item.content {
                Content::Scope(part) if part.kind == name => Some(part.verb),
                _ => None,
            })
            .collect();
        verbs
    };
    let mut now = kind;
    for _ in 0..4 {
        let own = verbs(now.name);
        if !own.is_empty() {
            return own.contains(&Verb::Import);
        }
        let parent = now.kind.with.as_deref().filter(|_| now.kind.scope == Scope::WithParent);
        match parent.and_then(|parent| system.kind(parent)) {
            Some(parent) => now = parent,
            None => return false,
        }
    }
    false
}

/// The kind of the target that is the same part of a helpdesk.
fn counterpart<'a>(
    source: &System<'_>,
    target: &'a System<'a>,
    kind: &KindView<'_>,
) -> Option<&'a KindView<'a>> {
    let part = kind.kind.part;
    let member_of = |system: &System<'_>, kind: &KindView<'_>| {
        let parent = kind.kind.with.as_deref().and_then(|parent| system.kind(parent));
        parent.map(|parent| if parent.kind.part == Part::Agent { Part::User } else { parent.kind.part })
    };
    let of = |part: Part| {
        let mut same = target
            .kinds_of(part)
            .filter(|_| part != Part::Other)
            // Who follows a ticket is another matter than who belongs to an organization.
            .filter(|to| part != Part::Membership || member_of(target, to) == member_of(source, kind));
        let first = same.next()?;
        Some(std::iter::once(first).chain(same).find(|k| k.name == kind.name).unwrap_or(first))
    };
    let other = match part {
        Part::Agent => Some(Part::User),
        Part::User => Some(Part::Agent),
        Part::Queue => Some(Part::Group),
        Part::Group => Some(Part::Queue),
        _ => None,
    };
    of(part)
        .or_else(|| other.and_then(of))
        .or_else(|| (part == Part::Other).then(|| target.kind(kind.name)).flatten())
}

/// Translations by which `clean` renames are used, and need no word about loss.
fn cleaned_by(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Clean).collect::<Vec<_>>() {
        for clause in
            item.body_lines().iter().flat_map(|line| &line.clauses).filter(|c| c.keyword == ClauseKw::By)
        {
            for term in item.get(clause.terms).iter().filter(|t| t.kind == TermKind::Word) {
                if let Some(table) = cx.maps.tables.get_mut(&*plain_name(item.raw(*term))) {
                    table.used_elsewhere = true;
                }
            }
        }
    }
}
