//! From times on a wall to instants, many of them, for one zone.

use crate::day::Day;
use crate::hours::Gap;
use crate::zone::Zone;

/// The offsets of a zone in a stretch of time, ready to be searched.
pub(crate) struct Wall {
    /// From when on which offset holds, in seconds east of UTC. Sorted; never empty.
    offsets: Vec<(i64, i32)>,
    /// What the wall shows, at the latest, before each next offset. Never falls.
    shown: Vec<i64>,
}

impl Wall {
    /// The zone from one instant to another. Before it the first offset holds, after it the last.
    pub(crate) fn new(zone: &Zone, from: i64, to: i64) -> Wall {
        let mut offsets = zone.offsets(from, to);
        // Some changes are of the name only.
        offsets.dedup_by_key(|(_, offset)| *offset);
        let mut latest = i64::MIN;
        let mut shown = Vec::with_capacity(offsets.len());
        for (at, (_, offset)) in offsets.iter().enumerate() {
            let ends =
                offsets.get(at + 1).map_or(i64::MAX, |(next, _)| next.saturating_add((*offset).into()));
            latest = latest.max(ends);
            shown.push(latest);
        }
        Wall { offsets, shown }
    }

    /// The first instant at which the wall shows this time or a later one; a time that is skipped is read as the gap says.
    pub(crate) fn instant(&self, mut wall: i64, gap: Gap) -> i64 {
        // The longest skip there ever was is a day.
        for _ in 0..25 {
            let at = self.shown.partition_point(|shown| *shown <= wall);
            let Some((since, offset)) = self.offsets.get(at).or(self.offsets.last()) else { break };
            let instant = wall.saturating_sub((*offset).into());
            // Before the first offset there is no change that we know of.
            if instant >= *since || at == 0 {
                return instant;
            }
            match gap {
                Gap::Closed => return *since,
                Gap::Later => wall = wall.saturating_add(3_600),
                Gap::Unchanged => {
                    let before = self.offsets.get(at.saturating_sub(1)).map_or(0, |(_, offset)| *offset);
                    return wall.saturating_sub(before.into());
                }
            }
        }
        wall
    }

    /// What the wall shows at an instant.
    pub(crate) fn shows(&self, instant: i64) -> i64 {
        let at = self.offsets.partition_point(|(since, _)| *since <= instant).saturating_sub(1);
        instant.saturating_add(self.offsets.get(at).map_or(0, |(_, offset)| i64::from(*offset)))
    }

    /// The date at an instant.
    pub(crate) fn date(&self, instant: i64) -> Day {
        Day::of_wall(self.shows(instant))
    }

    /// The first instant of a date.
    pub(crate) fn midnight(&self, day: Day) -> i64 {
        self.instant(day.wall(), Gap::Closed)
    }

    /// The dates around each change of the clock: the one before and the one after.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (Day, Day)> + '_ {
        let pairs = self.offsets.iter().zip(self.offsets.iter().skip(1));
        pairs.map(|((_, before), (at, after))| {
            let (one, other) = (at + i64::from(*before), at + i64::from(*after));
            (Day::of_wall(one.min(other)), Day::of_wall(one.max(other)))
        })
    }
}
