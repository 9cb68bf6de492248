//! Seeded generators of whole helpdesk accounts, with the dirt that real accounts collect.
//!
//! Every record is drawn from a stream of its own, named by the seed, the kind and the record's position. So a record needs no
//! other record in memory, an account of any size is written in one pass, and the same seed gives the same bytes on every
//! machine. People, companies and addresses are invented; all addresses end in `example.org`.

pub mod freshdesk;
pub mod text;
pub mod zendesk;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::random::Random;

/// 2026-11-20 09:00 UTC: the moment both accounts are taken. Nothing in them is younger. Unix seconds.
pub const TAKEN: i64 = 1_795_165_200;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// The numbers of one record.
#[derive(Clone, Debug)]
pub struct Draw(Random);

impl Draw {
    /// The stream of the record of this kind at this position.
    #[must_use]
    pub fn of(seed: u64, kind: &str, position: usize) -> Self {
        // FNV-1a over the kind, so that two kinds never share a stream.
        let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ seed;
        for byte in kind.bytes().chain(position.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Draw(Random::new(state))
    }

    /// A number below the bound; 0 for the bound 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound)
    }

    /// A number of seconds below the bound; 0 for a bound that is not positive.
    pub fn seconds(&mut self, bound: i64) -> i64 {
        let bound = usize::try_from(bound.max(1)).unwrap_or(1);
        i64::try_from(self.below(bound)).unwrap_or(0)
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them; the type's default when there is none.
    pub fn pick<T: Copy + Default>(&mut self, of: &[T]) -> T {
        self.0.pick(of).copied().unwrap_or_default()
    }

    /// One of them, each as often as its weight says.
    pub fn weighted<T: Copy + Default>(&mut self, of: &[(T, usize)]) -> T {
        let mut roll = self.below(of.iter().map(|(_, weight)| weight).sum());
        for &(item, weight) in of {
            if roll < weight {
                return item;
            }
            roll -= weight;
        }
        T::default()
    }
}

/// Whether this position is one of the `chosen` that lie evenly among `all`: exactly `chosen` positions below `all` are.
#[must_use]
pub fn evenly(position: usize, chosen: usize, all: usize) -> bool {
    all != 0 && (position + 1) * chosen / all != position * chosen / all
}

/// How many of the positions below this one `evenly` chooses.
#[must_use]
pub fn evenly_before(position: usize, chosen: usize, all: usize) -> usize {
    (position * chosen).checked_div(all).unwrap_or(0)
}

/// `2026-11-20T09:00:00Z` for Unix seconds.
#[must_use]
pub fn instant(at: i64) -> String {
    let second = at.rem_euclid(DAY);
    format!("{}T{:02}:{:02}:{:02}Z", date(at), second / 3600, second / 60 % 60, second % 60)
}

/// `2026-11-20` for Unix seconds.
#[must_use]
pub fn date(at: i64) -> String {
    // Days to civil date by eras of 400 years, which start on 1 March.
    let days = at.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let dom = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    format!("{:04}-{:02}-{:02}", year + era * 400, month, dom)
}

/// `position` as a number of JSON's.
#[must_use]
pub fn number(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// A file of one JSON object a line.
pub struct Lines {
    out: BufWriter<File>,
    count: usize,
}

impl Lines {
    /// Creates the file, or empties it.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(folder: &Path, file: &str) -> io::Result<Self> {
        Ok(Lines { out: BufWriter::new(File::create(folder.join(file))?), count: 0 })
    }

    /// Appends one line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, line: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.count += 1;
        self.out.write_all(b"\n")
    }

    /// Flushes the file; the number of its lines.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub fn finish(mut self) -> io::Result<usize> {
        self.out.flush()?;
        Ok(self.count)
    }
}

/// Writes all of a kind as one file of JSON lines.
///
/// # Errors
/// When the file cannot be written.
pub fn write_lines(folder: &Path, file: &str, lines: impl IntoIterator<Item = Value>) -> io::Result<()> {
    let mut out = Lines::create(folder, file)?;
    for line in lines {
        out.push(&line)?;
    }
    out.finish().map(|_| ())
}

/// What a generator's command line says: `FOLDER [SIZE] [SEED]`.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// Where the account is written; made when it does not exist.
    pub folder: PathBuf,
    /// The size, in the generator's own unit.
    pub size: usize,
    /// The seed.
    pub seed: u64,
}

impl Arguments {
    /// Reads the arguments after the program's name; what is not given has the default.
    ///
    /// # Errors
    /// A sentence for the user, when there is no folder, a number is none, or there is too much.
    pub fn read(mut args: impl Iterator<Item = String>, size: usize, seed: u64) -> Result<Self, String> {
        let folder = args.next().map(PathBuf::from).ok_or("which folder? usage: FOLDER [SIZE] [SEED]")?;
        let size = args
            .next()
            .map_or(Ok(size), |text| text.parse().map_err(|_| format!("`{text}` is not a size")))?;
        let seed = args
            .next()
            .map_or(Ok(seed), |text| text.parse().map_err(|_| format!("`{text}` is not a seed")))?;
        args.next().map_or(Ok(Arguments { folder, size, seed }), |text| {
            Err(format!("what is `{text}`? usage: FOLDER [SIZE] [SEED]"))
        })
    }

    /// Makes the folder and runs the generator in it.
    ///
    /// # Errors
    /// A sentence for the user, when something cannot be written.
    pub fn run(&self, generator: fn(&Path, usize, u64) -> io::Result<()>) -> Result<(), String> {
        fs::create_dir_all(&self.folder)
            .and_then(|()| generator(&self.folder, self.size, self.seed))
            .map_err(|error| format!("cannot write below {}: {error}", self.folder.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_civil() {
        assert_eq!(instant(TAKEN), "2026-11-20T09:00:00Z");
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(951_868_800), "2000-03-01");
        assert_eq!(date(-DAY), "1969-12-31");
    }

    #[test]
    fn evenly_chooses_exactly_so_many() {
        for (chosen, all) in [(0, 10), (1, 1), (41, 12_480), (7, 9), (9, 9)] {
            assert_eq!((0..all).filter(|&at| evenly(at, chosen, all)).count(), chosen);
            assert_eq!(evenly_before(all, chosen, all), chosen);
        }
    }

    #[test]
    fn streams_differ_by_seed_kind_and_position() {
        let first = |seed, kind, position| Draw::of(seed, kind, position).below(1 << 40);
        assert_eq!(first(1, "ticket", 2), first(1, "ticket", 2));
        assert_ne!(first(1, "ticket", 2), first(1, "ticket", 3));
        assert_ne!(first(1, "ticket", 2), first(1, "user", 2));
        assert_ne!(first(1, "ticket", 2), first(2, "ticket", 2));
    }
}
