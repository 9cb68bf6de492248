//! Scope partition: each object is decided by exactly one line, each imported record is in exactly one wave, and no ticket has two promises.
//!
//! Conditions are sets of records (see [`crate::space`]); a finding shows one record of the overlap or of the gap. Conditions that only
//! the running system can answer, and those that are broken, are reported elsewhere: what they meet is left alone here.

mod nobody;
pub(crate) mod shares;
pub(crate) mod words;

use std::collections::BTreeMap;

use cutover_analysis::select;
use cutover_analysis::world::KindView;
use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::predicate::{Predicate, StatusClass, Test};
use cutover_plan::model::{Content, Selection, Verb};

use crate::space::Space;
use crate::space::diagram::{NONE, Set, TooComplex};
use crate::{Facts, fields};

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(source) = facts.world.source() else { return };
    let mut lines: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    let mut waves: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    let mut policies: Vec<Line<'_>> = Vec::new();
    for (id, item) in facts.items() {
        match &item.content {
            Content::Scope(part) => {
                let imported = part.verb == Verb::Import;
                lines.entry(&part.kind).or_default().push(Line { id, which: &part.which, imported });
            }
            Content::Wave(wave) => {
                waves.entry(&wave.kind).or_default().push(Line { id, which: &wave.which, imported: true });
            }
            _ => {}
        }
    }
    let everything = Selection::All;
    let chosen: Vec<(&Id, Selection)> = facts
        .items()
        .filter_map(|(id, item)| match &item.content {
            Content::Sla(sla) => Some((id, sla.applies.clone().map_or(everything.clone(), Selection::Where))),
            _ => None,
        })
        .collect();
    policies.extend(chosen.iter().map(|(id, which)| Line { id, which, imported: true }));
    for (kind, lines) in &lines {
        if let Some(kind) = source.kind(kind) {
            scope(facts, kind, lines, out);
        }
    }
    for (kind, waves) in &waves {
        if let Some(kind) = source.kind(kind) {
            let imported: Vec<&Line<'_>> =
                lines.get(kind.name).into_iter().flatten().filter(|l| l.imported).collect();
            self::waves(facts, kind, &imported, waves, out);
        }
    }
    if let Some(kind) = source.tickets() {
        let imported: Vec<&Line<'_>> =
            lines.get(kind.name).into_iter().flatten().filter(|l| l.imported).collect();
        self::policies(facts, kind, &imported, &policies, out);
    }
    nobody::check(facts, out);
}

/// A line that takes some records of a kind.
pub(crate) struct Line<'a> {
    /// The line's id.
    pub(crate) id: &'a Id,
    /// Which records.
    pub(crate) which: &'a Selection,
    /// Whether they are carried over.
    pub(crate) imported: bool,
}

/// A record of a kind that none of the lines takes, in words. Where lines name objects, or the running system decides, any other one; `None`
/// when the lines take all.
pub(crate) fn left_over(facts: &Facts<'_>, kind: &KindView<'_>, lines: &[Line<'_>]) -> Option<String> {
    let all: Vec<&Line<'_>> = lines.iter().collect();
    let other = || format!("another {}", kind.title());
    let Some(taken) = taken(kind, &all) else { return Some(other()) };
    let answer = space(facts, kind, &[&taken]).and_then(|mut space| {
        let taken = space.set(&taken)?;
        let possible = space.possible();
        let left = space.without(possible, taken)?;
        Ok(space
            .witness(left)
            .map(|witness| words::record(kind.title(), &witness, facts.plan.migration.window.as_ref())))
    });
    answer.unwrap_or_else(|TooComplex| Some(other()))
}

/// What several lines say about the records of one kind.
struct Shares<'a> {
    /// Lines with a condition, or that take all.
    lines: Vec<&'a Line<'a>>,
    conditions: Vec<Predicate>,
    /// Whether a line takes what the others leave.
    rest: bool,
}

/// The conditions of lines; `None` when a line names objects, or a condition cannot be decided, which is said elsewhere.
fn shares<'a>(kind: &KindView<'_>, lines: impl Iterator<Item = &'a Line<'a>>) -> Option<Shares<'a>> {
    let mut shares = Shares { lines: Vec::new(), conditions: Vec::new(), rest: false };
    for line in lines {
        match line.which {
            Selection::All => shares.conditions.push(Predicate::Const(true)),
            Selection::Where(condition) if decidable(kind, condition) => {
                shares.conditions.push(fields::explained(kind, condition));
            }
            Selection::Rest(_) => {
                shares.rest = true;
                continue;
            }
            Selection::Where(_) | Selection::Named(_) | Selection::RestNamed(_) => return None,
        }
        shares.lines.push(line);
    }
    Some(shares)
}

/// Whether all of a condition can be answered from a record, and none of it is broken.
fn decidable(kind: &KindView<'_>, condition: &Predicate) -> bool {
    whole(condition) && select::opaque_word(kind, condition).is_none()
}

/// Whether none of a condition is broken: a part that is becomes a constant.
pub(crate) fn whole(condition: &Predicate) -> bool {
    match condition {
        Predicate::Const(_) => false,
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().all(whole),
        Predicate::Not(inner) => whole(inner),
        Predicate::Atom(_) => true,
    }
}

/// Records that some lines take, as a condition; `None` when that cannot be said.
fn taken(kind: &KindView<'_>, lines: &[&Line<'_>]) -> Option<Predicate> {
    let mut any = Vec::new();
    for line in lines {
        match line.which {
            Selection::All => any.push(Predicate::Const(true)),
            Selection::Where(condition) | Selection::Rest(condition) if decidable(kind, condition) => {
                any.push(fields::explained(kind, condition));
            }
            _ => return None,
        }
    }
    Some(Predicate::Any(any))
}

/// The space of some conditions on records of a kind.
pub(crate) fn space(
    facts: &Facts<'_>,
    kind: &KindView<'_>,
    conditions: &[&Predicate],
) -> Result<Space, TooComplex> {
    let domain = |path: &str| fields::domain(facts.world, kind, path);
    Space::new(conditions, &fields::axioms(facts.world, kind), &domain)
}

/// What was found about lines that part a whole.
struct Found {
    /// Pairs of lines that take the same record, with it.
    overlaps: Vec<(usize, usize, String)>,
    /// A record that no line takes.
    gap: Option<String>,
    /// Lines that take nothing.
    idle: Vec<usize>,
}

/// Parts `whole` by the conditions.
fn part(
    facts: &Facts<'_>,
    kind: &KindView<'_>,
    whole: &Predicate,
    shares: &Shares<'_>,
) -> Result<Found, Vec<String>> {
    let asked: Vec<&Predicate> = shares.conditions.iter().chain([whole]).collect();
    let mut space = space(facts, kind, &asked).map_err(|TooComplex| Vec::new())?;
    let found = parted(facts, kind, &mut space, whole, shares);
    // One condition and its rest share all out, however hard the condition is.
    if found.is_err() && shares.rest && shares.lines.len() == 1 {
        return Ok(Found { overlaps: Vec::new(), gap: None, idle: Vec::new() });
    }
    found.map_err(|TooComplex| space.culprits().into_iter().map(|field| format!("`{field}`")).collect())
}

fn parted(
    facts: &Facts<'_>,
    kind: &KindView<'_>,
    space: &mut Space,
    whole: &Predicate,
    shares: &Shares<'_>,
) -> Result<Found, TooComplex> {
    let window = facts.plan.migration.window.as_ref();
    let told = |space: &Space, set: Set| {
        space.witness(set).map(|witness| words::record(kind.title(), &witness, window))
    };
    let whole = space.set(whole)?;
    let possible = space.possible();
    let whole = space.and(whole, possible)?;
    let mut parts = Vec::with_capacity(shares.conditions.len());
    for condition in &shares.conditions {
        let set = space.set(condition)?;
        parts.push(space.and(set, whole)?);
    }
    let idle = parts.iter().enumerate().filter(|(_, set)| **set == NONE).map(|(at, _)| at).collect();
    let joined = shares::join(space, &parts)?;
    let mut overlaps = Vec::new();
    for (first, second) in joined.overlaps {
        let (Some(one), Some(other)) = (parts.get(first), parts.get(second)) else { continue };
        let both = space.and(*one, *other)?;
        if let Some(record) = told(space, both) {
            overlaps.push((first, second, record));
        }
    }
    let left = if shares.rest { NONE } else { space.without(whole, joined.union)? };
    let gap = told(space, left);
    Ok(Found { overlaps, gap, idle })
}

/// Two lines with the same words are reported where they are read.
fn same_words(first: &Line<'_>, second: &Line<'_>) -> bool {
    match (first.which, second.which) {
        (Selection::Where(one), Selection::Where(other)) => select::text(one) == select::text(other),
        _ => false,
    }
}

fn places(facts: &Facts<'_>, shares: &Shares<'_>, first: usize, second: usize) -> Option<(Span, Span)> {
    let (first, second) = (shares.lines.get(first)?, shares.lines.get(second)?);
    if same_words(first, second) {
        return None;
    }
    let (first, second) = (facts.place(first.id)?, facts.place(second.id)?);
    // The later one in the text is the second decision.
    Some(if first <= second { (first, second) } else { (second, first) })
}

fn last(facts: &Facts<'_>, shares: &Shares<'_>) -> Option<Span> {
    shares.lines.iter().filter_map(|line| facts.place(line.id)).max()
}

fn scope(facts: &Facts<'_>, kind: &KindView<'_>, lines: &[Line<'_>], out: &mut Vec<Diagnostic>) {
    let Some(shares) = shares(kind, lines.iter()) else { return };
    // One line that takes all has nothing beside it, or is reported where it is read.
    if shares.lines.iter().any(|line| *line.which == Selection::All) || shares.lines.is_empty() {
        return;
    }
    let found = match part(facts, kind, &Predicate::Const(true), &shares) {
        Ok(found) => found,
        Err(culprits) => {
            out.extend(last(facts, &shares).map(|at| {
                difficult(
                    Diagnostic::error(
                        "scope/too-complex",
                        "the conditions tell too many cases apart to check them all",
                    ),
                    at,
                    &format!("whether each of the {} is decided once cannot be told", kind.plural),
                    &culprits,
                )
            }));
            return;
        }
    };
    for (first, second, record) in found.overlaps {
        let Some((first, second)) = places(facts, &shares, first, second) else { continue };
        out.push(
            Diagnostic::error("scope/decided-twice#overlap", "the same objects are decided twice")
                .primary(second, format!("{record} is decided here"))
                .secondary(first, "and here")
                .help("each object is decided by one line: take what both conditions share out of one of them, or write `the rest` in place of one"),
        );
    }
    for line in found.idle.into_iter().filter_map(|at| shares.lines.get(at)) {
        out.extend(facts.place(line.id).map(|at| {
            Diagnostic::error("scope/nobody", "a line decides about objects that there cannot be")
                .primary(at, format!("no {} can fulfil this condition", kind.title()))
                .help("its parts exclude each other; correct the condition, or remove the line")
        }));
    }
    if let Some((record, at)) = found.gap.zip(last(facts, &shares)) {
        out.push(
            Diagnostic::error("scope/gap", "nobody decides about some objects of a kind")
                .primary(at, format!("{record} is decided by no line"))
                .help("add a line with `the rest`, or widen a condition"),
        );
    }
}

fn waves(
    facts: &Facts<'_>,
    kind: &KindView<'_>,
    imported: &[&Line<'_>],
    waves: &[Line<'_>],
    out: &mut Vec<Diagnostic>,
) {
    let Some(shares) = shares(kind, waves.iter()) else { return };
    if shares.lines.iter().any(|line| *line.which == Selection::All)
        || imported.is_empty()
        || shares.lines.is_empty()
    {
        return;
    }
    let Some(whole) = taken(kind, imported) else { return };
    let found = match part(facts, kind, &whole, &shares) {
        Ok(found) => found,
        Err(culprits) => {
            out.extend(last(facts, &shares).map(|at| {
                difficult(
                    Diagnostic::error(
                        "scope/too-complex#waves",
                        "the conditions tell too many cases apart to check them all",
                    ),
                    at,
                    &format!("whether each of the {} is in one wave cannot be told", kind.plural),
                    &culprits,
                )
            }));
            return;
        }
    };
    for (first, second, record) in found.overlaps {
        let Some((first, second)) = places(facts, &shares, first, second) else { continue };
        out.push(
            Diagnostic::error("waves/twice#overlap", "the same records are in two waves")
                .primary(second, format!("{record} is in this wave"))
                .secondary(first, "and in this one")
                .help("each record goes over once: take what both conditions share out of one of them, or give one wave `the rest`"),
        );
    }
    for line in found.idle.into_iter().filter_map(|at| shares.lines.get(at)) {
        out.extend(facts.place(line.id).map(|at| {
            let diagnostic = Diagnostic::error("waves/nobody", "a wave holds nothing that is imported")
                .primary(at, format!("no imported {} can be in this wave", kind.title()))
                .help("correct the condition, import these records, or remove the wave");
            match imported.first().and_then(|line| facts.place(line.id)) {
                Some(place) => diagnostic.secondary(place, "this is imported"),
                None => diagnostic,
            }
        }));
    }
    if let Some((record, at)) = found.gap.zip(last(facts, &shares)) {
        out.push(
            Diagnostic::error("waves/gap", "some imported records are in no wave")
                .primary(at, format!("{record} is imported and in no wave"))
                .help("give one wave `the rest`, or widen a condition"),
        );
    }
}

/// A ticket has one promise at most. One without any is told where the old desk's policies are left behind.
fn policies(
    facts: &Facts<'_>,
    kind: &KindView<'_>,
    imported: &[&Line<'_>],
    policies: &[Line<'_>],
    out: &mut Vec<Diagnostic>,
) {
    let Some(shares) = shares(kind, policies.iter()).filter(|shares| !shares.lines.is_empty()) else {
        return;
    };
    let Some(whole) = taken(kind, imported).filter(|_| !imported.is_empty()) else { return };
    let whole = match kind.state_field() {
        // Clocks of what is finished are over.
        Some(states) => Predicate::All(vec![
            whole,
            Predicate::Atom(cutover_ir::predicate::Atom {
                field: states.field.to_string(),
                test: Test::Class(StatusClass::Unfinished),
            }),
        ]),
        None => whole,
    };
    let found = match part(facts, kind, &whole, &shares) {
        Ok(found) => found,
        // One policy alone is never a second one.
        Err(_) if shares.lines.len() == 1 => return,
        Err(culprits) => {
            out.extend(last(facts, &shares).map(|at| {
                difficult(
                    Diagnostic::error(
                        "scope/too-complex#policies",
                        "the conditions tell too many cases apart to check them all",
                    ),
                    at,
                    "whether a ticket has two promises cannot be told",
                    &culprits,
                )
            }));
            return;
        }
    };
    for (first, second, record) in found.overlaps {
        let (Some(one), Some(other)) = (shares.lines.get(first), shares.lines.get(second)) else { continue };
        let (Some(one), Some(other)) = (facts.place(one.id), facts.place(other.id)) else { continue };
        out.push(
            Diagnostic::error("sla/two-policies", "a ticket has two promises")
                .primary(one.max(other), format!("{record} is promised this"))
                .secondary(one.min(other), "and this")
                .help(
                    "the order of policies means nothing: take what both conditions share out of one of them",
                ),
        );
    }
    for line in found.idle.into_iter().filter_map(|at| shares.lines.get(at)) {
        out.extend(facts.place(line.id).map(|at| {
            Diagnostic::error("sla/nobody", "a policy applies to no ticket")
                .primary(at, "no unfinished imported ticket can fulfil this condition")
                .help("its parts exclude each other, or exclude what is imported; correct the condition, or remove the policy")
        }));
    }
    if let Some((record, at)) = found.gap.zip(last(facts, &shares))
        && let Some((left, promised)) = left_behind(facts, shares.lines.len())
    {
        let diagnostic = Diagnostic::warning("sla/no-promise", "some unfinished tickets lose their promise")
            .primary(at, format!("{record} has no policy in the new desk"))
            .note(format!("the old desk has {promised} policies, the spec has {}", shares.lines.len()))
            .help("add an `sla` for these tickets, or `recreate` the policies of the old desk");
        out.push(match left {
            Some(place) => diagnostic.secondary(place, "the policies of the old desk stay behind"),
            None => diagnostic,
        });
    }
}

/// Where the old desk's policies are left behind, and how many there are, when that is more than the spec has.
fn left_behind(facts: &Facts<'_>, ours: usize) -> Option<(Option<Span>, usize)> {
    let source = facts.world.source()?;
    let kind = source.kinds_of(Part::SlaPolicy).next()?;
    let known = source.objects(kind.name)?.iter().filter(|object| !object.inactive).count();
    let mut left = None;
    for (id, item) in facts.items() {
        let Content::Scope(part) = &item.content else { continue };
        if part.kind != kind.name {
            continue;
        }
        match part.verb {
            Verb::Import | Verb::Recreate => return None,
            Verb::Archive | Verb::Retire => left = Some(facts.place(id)),
        }
    }
    left.filter(|_| known > ours).map(|left| (left, known))
}

fn difficult(diagnostic: Diagnostic, at: Span, label: &str, culprits: &[String]) -> Diagnostic {
    let diagnostic = diagnostic.primary(at, label.to_owned());
    let diagnostic = match culprits {
        [] => diagnostic,
        fields => diagnostic.note(format!("most cases come from {}", words::joined(fields))),
    };
    diagnostic.help("ask fewer fields in each condition, compare a field with fewer constants, or split the conditions so that one field, such as the status, parts them first")
}
