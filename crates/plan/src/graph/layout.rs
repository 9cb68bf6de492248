//! Where boxes stand in a drawing of our own: columns by what waits for what, rows so that arrows are short. Whole numbers only, so that every
//! machine draws the same.

use std::collections::BTreeMap;

use super::view::View;
use crate::model::Phase;

/// Width of a box.
pub(super) const WIDTH: i64 = 250;
/// Height of a box. Some fonts have deep underscores.
pub(super) const HEIGHT: i64 = 58;
/// Room between two columns.
const BETWEEN: i64 = 70;
/// Room between two boxes of a column.
const GAP: i64 = 18;
/// Room that an arrow takes that only passes a column.
const PASSING: i64 = 12;
/// How often rows are put in a better order.
const SWEEPS: usize = 12;
/// Above this number of columns that arrows pass, they are drawn straight.
const MOST_PASSING: usize = 50_000;

/// A drawing's measures.
pub(super) struct Layout {
    /// Left upper corner of each box, in the order of the view.
    pub(super) boxes: Vec<(i64, i64)>,
    /// The points at which each arrow passes columns, in the order of the view: left end and right end of the column at a height.
    pub(super) ways: Vec<Vec<(i64, i64)>>,
    /// Phase, left edge and right edge of its columns.
    pub(super) bands: Vec<(Phase, i64, i64)>,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A box, or an arrow that passes a column.
#[derive(Clone, Copy)]
struct Slot {
    height: i64,
    column: usize,
}

/// Lays a view out, from left to right.
pub(super) fn layout(view: &View) -> Layout {
    let (columns, bands, count) = columns(view);
    let mut slots: Vec<Slot> =
        columns.iter().map(|column| Slot { height: HEIGHT, column: *column }).collect();
    // The slots that each arrow leads through, its ends included.
    let mut chains: Vec<Vec<usize>> = Vec::with_capacity(view.edges.len());
    let column_of = |at: usize| columns.get(at).copied().unwrap_or(0);
    let passing: usize =
        view.edges.iter().map(|edge| column_of(edge.to).saturating_sub(column_of(edge.from) + 1)).sum();
    for edge in &view.edges {
        let mut chain = vec![edge.from];
        if passing <= MOST_PASSING {
            for column in column_of(edge.from) + 1..column_of(edge.to) {
                chain.push(slots.len());
                slots.push(Slot { height: PASSING, column });
            }
        }
        chain.push(edge.to);
        chains.push(chain);
    }
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); slots.len()];
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); slots.len()];
    for pair in chains.iter().flat_map(|chain| chain.windows(2)) {
        let [from, to] = pair else { continue };
        if let (Some(list), Some(back)) = (after.get_mut(*from), before.get_mut(*to)) {
            list.push(*to);
            back.push(*from);
        }
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, slot) in slots.iter().enumerate() {
        if let Some(row) = rows.get_mut(slot.column) {
            row.push(at);
        }
    }
    let mut middles = vec![0_i64; slots.len()];
    for row in &rows {
        stack(row, &slots, &mut middles);
    }
    for sweep in 0..SWEEPS {
        let near = if sweep % 2 == 0 { &before } else { &after };
        let order: Vec<usize> =
            if sweep % 2 == 0 { (0..count).collect() } else { (0..count).rev().collect() };
        for column in order {
            let Some(row) = rows.get_mut(column) else { continue };
            // In the first half the order changes, in the second only the distances.
            if sweep < SWEEPS / 2 {
                row.sort_by_key(|at| (wish(*at, near, &middles), *at));
                stack(row, &slots, &mut middles);
            } else {
                settle(row, &slots, near, &mut middles);
            }
        }
    }
    placed(view, &slots, &chains, &middles, bands)
}

/// The column of each box, the columns of each phase, and their number. A phase begins behind the columns of the one before it.
fn columns(view: &View) -> (Vec<usize>, Vec<(Phase, usize, usize)>, usize) {
    let phase_of = |at: usize| view.nodes.get(at).map(|node| node.phase);
    let order = sorted(view);
    let mut within = vec![0_usize; view.nodes.len()];
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); view.nodes.len()];
    for edge in &view.edges {
        if let Some(list) = into.get_mut(edge.to) {
            list.push(edge.from);
        }
    }
    let needs = |at: usize| into.get(at).map(Vec::as_slice).unwrap_or_default();
    for at in &order {
        let same = needs(*at).iter().filter(|from| phase_of(**from) == phase_of(*at));
        let depth = same.filter_map(|from| within.get(*from)).max().map_or(0, |depth| depth + 1);
        if let Some(slot) = within.get_mut(*at) {
            *slot = depth;
        }
    }
    let mut bases: BTreeMap<Phase, usize> = BTreeMap::new();
    let mut bands = Vec::new();
    let mut next = 0;
    for phase in Phase::ALL {
        let of_it = (0..view.nodes.len()).filter(|at| phase_of(*at) == Some(phase));
        let Some(deepest) = of_it.filter_map(|at| within.get(at)).max() else { continue };
        bases.insert(phase, next);
        bands.push((phase, next, next + deepest));
        next += deepest + 1;
    }
    let mut columns = vec![0_usize; view.nodes.len()];
    for at in &order {
        let base = phase_of(*at).and_then(|phase| bases.get(&phase)).copied().unwrap_or(0);
        let own = base + within.get(*at).copied().unwrap_or(0);
        let behind =
            needs(*at).iter().filter_map(|from| columns.get(*from)).max().map_or(0, |column| column + 1);
        if let Some(slot) = columns.get_mut(*at) {
            *slot = own.max(behind);
        }
    }
    let count = columns.iter().max().map_or(0, |most| most + 1);
    (columns, bands, count)
}

/// The boxes, each behind all that it waits for. What waits for itself in a circle comes last, in the order of the view.
fn sorted(view: &View) -> Vec<usize> {
    let mut open = vec![0_usize; view.nodes.len()];
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); view.nodes.len()];
    for edge in &view.edges {
        if let (Some(open), Some(out)) = (open.get_mut(edge.to), out.get_mut(edge.from)) {
            *open += 1;
            out.push(edge.to);
        }
    }
    let mut ready: Vec<usize> = (0..open.len()).filter(|at| open.get(*at) == Some(&0)).collect();
    let mut order = Vec::with_capacity(open.len());
    let mut at = 0;
    while let Some(next) = ready.get(at).copied() {
        at += 1;
        order.push(next);
        for to in out.get(next).into_iter().flatten() {
            if let Some(open) = open.get_mut(*to) {
                *open -= 1;
                if *open == 0 {
                    ready.push(*to);
                }
            }
        }
    }
    order.extend((0..open.len()).filter(|at| open.get(*at).is_some_and(|open| *open > 0)));
    order
}

/// Where a slot would like to be: in the middle of its neighbours, or where it is.
fn wish(at: usize, near: &[Vec<usize>], middles: &[i64]) -> i64 {
    let neighbours = near.get(at).map(Vec::as_slice).unwrap_or_default();
    let places: Vec<i64> = neighbours.iter().filter_map(|other| middles.get(*other)).copied().collect();
    match i64::try_from(places.len()) {
        Ok(count) if count > 0 => places.iter().sum::<i64>() / count,
        _ => middles.get(at).copied().unwrap_or(0),
    }
}

/// Puts the slots of a column below each other, around the middle.
fn stack(row: &[usize], slots: &[Slot], middles: &mut [i64]) {
    let height = |at: usize| slots.get(at).map_or(0, |slot| slot.height);
    let whole: i64 = row.iter().map(|at| height(*at) + GAP).sum();
    let mut top = -whole / 2;
    for at in row {
        if let Some(middle) = middles.get_mut(*at) {
            *middle = top + height(*at) / 2;
        }
        top += height(*at) + GAP;
    }
}

/// Moves the slots of a column as near to their wishes as their order and distances allow: neighbours that would meet move together.
fn settle(row: &[usize], slots: &[Slot], near: &[Vec<usize>], middles: &mut [i64]) {
    let height = |at: usize| slots.get(at).map_or(0, |slot| slot.height);
    // Groups of slots that touch: the sum of their wishes (less the room before each), and how many they are.
    let mut groups: Vec<(i64, i64)> = Vec::new();
    let mut offsets = Vec::with_capacity(row.len());
    let mut offset = 0;
    let mut last = None;
    for at in row {
        if let Some(last) = last {
            offset += (height(last) + height(*at)) / 2 + GAP;
        }
        last = Some(*at);
        offsets.push(offset);
        groups.push((wish(*at, near, middles) - offset, 1));
        while let [.., (sum, count), (next_sum, next_count)] = groups.as_slice() {
            if sum * next_count <= next_sum * count {
                break;
            }
            let joined = (sum + next_sum, count + next_count);
            groups.truncate(groups.len() - 2);
            groups.push(joined);
        }
    }
    let starts = groups.into_iter().flat_map(|(sum, count)| {
        let number = usize::try_from(count).unwrap_or(0);
        std::iter::repeat_n(sum.div_euclid(count.max(1)), number)
    });
    for ((at, offset), start) in row.iter().zip(offsets).zip(starts) {
        if let Some(middle) = middles.get_mut(*at) {
            *middle = start + offset;
        }
    }
}

fn placed(
    view: &View,
    slots: &[Slot],
    chains: &[Vec<usize>],
    middles: &[i64],
    bands: Vec<(Phase, usize, usize)>,
) -> Layout {
    let top = slots.iter().zip(middles).map(|(slot, middle)| middle - slot.height / 2).min().unwrap_or(0);
    let bottom = slots.iter().zip(middles).map(|(slot, middle)| middle + slot.height / 2).max().unwrap_or(0);
    let left = |column: usize| i64::try_from(column).unwrap_or(0) * (WIDTH + BETWEEN);
    let middle = |at: usize| middles.get(at).copied().unwrap_or(0) - top;
    let boxes = (0..view.nodes.len()).map(|at| {
        let column = slots.get(at).map_or(0, |slot| slot.column);
        (left(column), middle(at) - HEIGHT / 2)
    });
    let ways = chains.iter().map(|chain| {
        let inner = chain.get(1..chain.len().saturating_sub(1)).unwrap_or_default();
        inner.iter().map(|at| (left(slots.get(*at).map_or(0, |slot| slot.column)), middle(*at))).collect()
    });
    let most = slots.iter().map(|slot| slot.column).max().unwrap_or(0);
    Layout {
        boxes: boxes.collect(),
        ways: ways.collect(),
        bands: bands.into_iter().map(|(phase, from, to)| (phase, left(from), left(to) + WIDTH)).collect(),
        width: left(most) + WIDTH,
        height: bottom - top,
    }
}
