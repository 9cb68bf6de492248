//! Maps read by two threads. Most maps name no translation, and then no map's reading changes what another one sees.

use std::collections::BTreeSet;

use cutover_plan::parallel::{PAYS, both};
use cutover_syntax::tree::{Item, TermKind};
use cutover_syntax::value::plain_name;

use super::{Signature, read};
use crate::context::Context;

/// Reads the maps at these positions of `signatures`. The result is the same on one thread and on two.
pub(super) fn read_all<'a>(cx: &mut Context<'a>, signatures: &[Signature<'a>], wanted: &[usize]) {
    let away = if wanted.len() < PAYS { BTreeSet::new() } else { independent(cx, signatures, wanted) };
    if away.is_empty() {
        read_these(cx, signatures, wanted.iter().copied());
        return;
    }
    let lines = |at: usize| signatures.get(at).map_or(0, |signature| signature.item.body_lines().len());
    let there: usize = away.iter().map(|at| lines(*at)).sum();
    // Nearly each line has a place, and growing a large table step by step takes twice its memory.
    cx.draft.places.reserve(wanted.iter().map(|at| lines(*at)).sum());
    let seed = cx.beside();
    let here = wanted.iter().copied().filter(|at| !away.contains(at));
    let (made, ()) = both(
        wanted.len(),
        || {
            let mut cx = seed.beside();
            cx.draft.places.reserve(there);
            read_these(&mut cx, signatures, away.iter().copied());
            cx
        },
        || read_these(cx, signatures, here),
    );
    let Context { times, meant, mut maps, draft, .. } = made;
    for at in away {
        if let (Some(into), Some(from)) = (cx.maps.maps.get_mut(at), maps.maps.get_mut(at)) {
            std::mem::swap(into, from);
        }
    }
    if let Some((from, to)) = times {
        cx.names_time(from, to);
    }
    cx.meant.extend(meant);
    cx.draft.join(draft);
}

fn read_these<'a>(cx: &mut Context<'a>, signatures: &[Signature<'a>], these: impl Iterator<Item = usize>) {
    for at in these {
        if let Some(signature) = signatures.get(at) {
            read(cx, at, signature);
        }
    }
}

/// Half of the maps, those that stand last in the spec: each the only one of its kind, so that its ids are its own, and none of them
/// uses or makes a translation.
fn independent(cx: &Context<'_>, signatures: &[Signature<'_>], wanted: &[usize]) -> BTreeSet<usize> {
    let alone = |signature: &Signature<'_>| {
        cx.maps.by_source.get(signature.source.name).is_some_and(|maps| maps.len() == 1)
    };
    let plain = wanted.iter().rev().copied().filter(|at| {
        signatures.get(*at).is_some_and(|signature| alone(signature) && !translates(cx, signature.item))
    });
    plain.take(wanted.len() / 2).collect()
}

/// Whether some word of the map is the name of a translation, or asks the catalogs for one.
fn translates(cx: &Context<'_>, item: &Item) -> bool {
    let mut words = item.terms.iter().filter(|term| term.kind == TermKind::Word);
    words.any(|word| {
        let name = plain_name(item.raw(*word));
        name == "catalog" || cx.maps.tables.contains_key(&*name)
    })
}
