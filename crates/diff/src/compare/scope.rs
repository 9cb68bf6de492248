//! What happens to the objects of a kind. The parts of a kind are compared together, since one gets what another leaves.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use cutover_plan::model::{Content, Item, Plan, ScopePart, Selection, Verb};
use cutover_plan::text::{numbers, words};

use super::context::{Context, Trio, listed};
use super::item::Pair;
use crate::change::Affected;
use crate::kind::Kind;
use crate::order;

type Part<'a> = (&'a Id, &'a Item, &'a ScopePart);
type Parts<'a> = BTreeMap<&'a str, Vec<Part<'a>>>;

/// Compares the decisions about what moves.
pub(super) fn compare(cx: &mut Context<'_>, pairs: &[Pair<'_>]) {
    let (old, new) = (cx.old, cx.new);
    let (before, after) = (parts(old), parts(new));
    let paired: BTreeSet<(&Id, &Id)> = pairs.iter().map(|pair| (pair.old_id, pair.id)).collect();
    let kinds: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for kind in kinds {
        let mut gone = before.get(kind).cloned().unwrap_or_default();
        let mut come = after.get(kind).cloned().unwrap_or_default();
        let mut same = Vec::new();
        let mut take = |like: &dyn Fn(&Part<'_>, &Part<'_>) -> bool| {
            gone.retain(|part| {
                let Some(at) = come.iter().position(|other| like(part, other)) else { return true };
                same.push((*part, come.remove(at)));
                false
            });
        };
        take(&|a, b| paired.contains(&(a.0, b.0)));
        // The same objects with another fate, then the complement, which stays the complement.
        take(&|a, b| a.2.which == b.2.which);
        take(&|a, b| rest(&a.2.which) && rest(&b.2.which));
        take(&|a, b| a.2.verb == b.2.verb);
        // What one part loses, the complement gets: it is told once.
        let moved = !gone.is_empty()
            || !come.is_empty()
            || same.iter().any(|(a, b)| a.2.which != b.2.which && !(rest(&a.2.which) && rest(&b.2.which)));
        for (was, is) in same {
            part(cx, was, is, moved);
        }
        for (id, item, part) in gone {
            cx.about(id.clone(), called(kind, item));
            cx.affected = records(old.figures.records.get(id).copied(), kind);
            let kind = if part.verb == Verb::Retire { Kind::ScopeChanged } else { Kind::LessKept };
            cx.say(kind, "", fate(old, id, part), None);
        }
        for (id, item, part) in come {
            cx.about(id.clone(), called(kind, item));
            cx.affected = records(new.figures.records.get(id).copied(), kind);
            let kind = if part.verb == Verb::Import { Kind::MoreKept } else { Kind::ScopeChanged };
            cx.say(kind, "", None, fate(new, id, part));
        }
    }
}

fn parts(plan: &Plan) -> Parts<'_> {
    let mut parts = Parts::new();
    for (id, item) in &plan.items {
        if let Content::Scope(part) = &item.content {
            parts.entry(part.kind.as_str()).or_default().push((id, item, part));
        }
    }
    parts
}

fn rest(which: &Selection) -> bool {
    matches!(which, Selection::Rest(_) | Selection::RestNamed(_))
}

fn part(
    cx: &mut Context<'_>,
    (old_id, old_item, old): (&Id, &Item, &ScopePart),
    (id, item, new): (&Id, &Item, &ScopePart),
    moved: bool,
) {
    let (was, is) = (cx.old, cx.new);
    cx.about(id.clone(), called(&new.kind, item));
    let ScopePart {
        verb,
        kind,
        which,
        identified_by,
        with_kind,
        as_what,
        store,
        until,
        redirects_verified,
        seats,
    } = new;
    if old.verb != *verb {
        // Building anew keeps what it is for; the other three keep less and less.
        let worth = |verb: Verb| match verb {
            Verb::Import | Verb::Recreate => 2,
            Verb::Archive => 1,
            Verb::Retire => 0,
        };
        let change = match worth(old.verb).cmp(&worth(*verb)) {
            std::cmp::Ordering::Greater => Kind::LessKept,
            std::cmp::Ordering::Less => Kind::MoreKept,
            std::cmp::Ordering::Equal => Kind::FateChanged,
        };
        cx.affected = records(was.figures.records.get(old_id).copied(), kind);
        cx.say(change, "", fate(was, old_id, old), fate(is, id, new));
    }
    if old.which != *which && !(moved && rest(&old.which) && rest(which)) {
        cx.affected = Affected::not_computed();
        cx.say(Kind::ScopeChanged, "", covers(was, old_id, old), covers(is, id, new));
    }
    cx.affected = Affected::None;
    let (before, after) = (listed(&old.identified_by), listed(identified_by));
    cx.texts(Kind::IdentityChanged, "recognised by", before, after);
    if old.verb == *verb {
        let day = |until: &Option<cutover_plan::model::Retention>| until.as_ref().map(|until| until.date);
        // Without an end it is kept for ever.
        let days = match (day(&old.until), day(until)) {
            (None, Some(_)) => order::Strength::Weaker,
            (Some(_), None) => order::Strength::Stronger,
            (a, b) => order::larger(a, b),
        };
        let deleted = |until: &Option<cutover_plan::model::Retention>| {
            until.as_ref().is_some_and(|until| until.then_delete)
        };
        // What is deleted at the end may be personal data: to keep that for longer is no safety.
        let lasting = if deleted(&old.until) { Kind::DeletedLater } else { Kind::KeptLonger };
        let kept = Trio(Kind::KeptShorter, lasting, Kind::KeptShorter);
        let said = |until: &Option<cutover_plan::model::Retention>| {
            until.as_ref().map_or_else(|| "without end".to_owned(), |until| format!("until {}", until.date))
        };
        cx.strength(kept, days, "", said(&old.until), said(until));
        let word = |yes: bool| if yes { "deleted" } else { "left alone" }.to_owned();
        let strength = order::smaller(deleted(&old.until), deleted(until));
        cx.strength(kept, strength, "afterwards", word(deleted(&old.until)), word(deleted(until)));
        cx.texts(Kind::StoreChanged, "kept in", old.store.clone(), store.clone());
    }
    let redirects = order::larger(old.redirects_verified, *redirects_verified);
    let verified = Trio(Kind::VerificationWeaker, Kind::VerificationStronger, Kind::VerificationWeaker);
    let word = |yes: bool| if yes { "verified" } else { "not verified" }.to_owned();
    cx.strength(
        verified,
        redirects,
        "old addresses",
        word(old.redirects_verified),
        word(*redirects_verified),
    );
    let (before, after) = (old.seats.map(numbers::number), seats.map(numbers::number));
    cx.texts(Kind::HandlingChanged, "most licences", before, after);
    if old.verb == *verb {
        cx.texts(Kind::HandlingChanged, "built as", old.as_what.clone(), as_what.clone());
        cx.texts(Kind::HandlingChanged, "travels with", old.with_kind.clone(), with_kind.clone());
    }
    // What was paired by its objects has another id, and the rest of the item is not compared elsewhere.
    if old_id != id {
        cx.texts(Kind::ReasonChanged, "", old_item.because.clone(), item.because.clone());
        super::item::owner(cx, old_item.owner.as_ref(), item.owner.as_ref());
        super::item::signers(cx, &old_item.signed_by, &item.signed_by);
    }
}

/// How many records, when somebody has counted them.
pub(super) fn records(count: Option<u64>, kind: &str) -> Affected {
    count.map_or(Affected::not_computed(), |count| Affected::Records {
        count,
        of: words::plural(kind),
        at_most: false,
    })
}

fn called(kind: &str, item: &Item) -> String {
    item.title.clone().unwrap_or_else(|| words::capital(&words::plural(kind)))
}

/// What happens to which objects.
fn fate(plan: &Plan, id: &Id, part: &ScopePart) -> String {
    let what = covers(plan, id, part);
    match part.verb {
        Verb::Import => format!("{what} move"),
        Verb::Recreate => format!("{what} are rebuilt by hand"),
        Verb::Archive => format!("{what} are archived"),
        Verb::Retire => format!("{what} are left behind"),
    }
}

/// Which objects, with their number where it is known.
fn covers(plan: &Plan, id: &Id, part: &ScopePart) -> String {
    let what = words::scoped(plan, part);
    match plan.figures.records.get(id) {
        Some(count) => format!("{what} ({})", numbers::number(*count)),
        None => what,
    }
}
