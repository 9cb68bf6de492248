//! Rows in a file, found through hashes that are sorted in another one. Memory: one hash for every 128 rows.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::hash::Hasher as _;
use std::io::{BufReader, BufWriter, Read, Result, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHasher;

use super::{LookupError, twice};

/// Hash of the key, place of the row, line of the table.
type Entry = (u64, u64, u64);
/// Bytes of an entry.
const ENTRY: usize = 24;
/// Entries of a run that is sorted in memory.
const RUN: usize = 64 << 10;
/// One of so many hashes is kept in memory.
const SPARSE: usize = 128;

/// An index that is being made.
pub(super) struct Building {
    rows: BufWriter<File>,
    place: u64,
    run: Vec<Entry>,
    runs: Vec<File>,
}

impl Building {
    pub(super) fn new() -> Result<Building> {
        Ok(Building {
            rows: BufWriter::new(tempfile::tempfile()?),
            place: 0,
            run: Vec::with_capacity(RUN),
            runs: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, key: &str, row: &str, line: u64) -> std::result::Result<(), LookupError> {
        if self.run.len() == RUN {
            self.flush()?;
        }
        self.run.push((hash(key), self.place, line));
        for part in [key, row] {
            self.rows.write_all(&(part.len() as u64).to_le_bytes())?;
            self.rows.write_all(part.as_bytes())?;
            self.place += 8 + part.len() as u64;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.run.sort_unstable();
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for entry in self.run.drain(..) {
            write_entry(&mut file, entry)?;
        }
        let mut file = file.into_inner()?;
        file.seek(SeekFrom::Start(0))?;
        self.runs.push(file);
        Ok(())
    }

    pub(super) fn end(mut self) -> std::result::Result<Index, LookupError> {
        self.flush()?;
        let mut rows = self.rows.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let mut runs: Vec<BufReader<File>> = self.runs.into_iter().map(BufReader::new).collect();
        let mut heap = BinaryHeap::new();
        for (at, run) in runs.iter_mut().enumerate() {
            heap.extend(read_entry(run)?.map(|entry| Reverse((entry, at))));
        }
        let mut sorted = BufWriter::new(tempfile::tempfile()?);
        let mut sparse = Vec::new();
        let mut count = 0_usize;
        // Entries of one hash stand together: whether two have one key too is seen in the rows.
        let mut alike: Vec<Entry> = Vec::new();
        while let Some(Reverse((entry, at))) = heap.pop() {
            if let Some(run) = runs.get_mut(at) {
                heap.extend(read_entry(run)?.map(|entry| Reverse((entry, at))));
            }
            if alike.first().is_some_and(|first| first.0 != entry.0) {
                alike.clear();
            }
            for other in &alike {
                if read_part(&mut rows, other.1)? == read_part(&mut rows, entry.1)? {
                    return Err(twice(entry.2));
                }
            }
            alike.push(entry);
            if count.is_multiple_of(SPARSE) {
                sparse.push(entry.0);
            }
            count += 1;
            write_entry(&mut sorted, entry)?;
        }
        let sorted = sorted.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(Index { files: Mutex::new(Files { rows, sorted }), sparse })
    }
}

/// A sorted index and the rows.
#[derive(Debug)]
pub(super) struct Index {
    files: Mutex<Files>,
    /// The hash of each 128th entry.
    sparse: Vec<u64>,
}

#[derive(Debug)]
struct Files {
    rows: File,
    sorted: File,
}

impl Index {
    /// The row of a key.
    pub(super) fn find(&self, key: &str) -> Result<Option<String>> {
        let hash = hash(key);
        // The first part that may hold it: the one before the first that begins with it or with more.
        let part = self.sparse.partition_point(|first| *first < hash).saturating_sub(1);
        let files = &mut *self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.sorted.seek(SeekFrom::Start((part * SPARSE * ENTRY) as u64))?;
        let mut entries = BufReader::with_capacity(SPARSE * ENTRY, &files.sorted);
        while let Some((found, place, _)) = read_entry(&mut entries)? {
            if found > hash {
                break;
            }
            if found == hash && read_part(&mut files.rows, place)? == key.as_bytes() {
                let row = read_part(&mut files.rows, place + 8 + key.len() as u64)?;
                return Ok(String::from_utf8(row).ok());
            }
        }
        Ok(None)
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(key.as_bytes());
    hasher.finish()
}

fn write_entry(out: &mut impl Write, (hash, place, line): Entry) -> Result<()> {
    [hash, place, line].iter().try_for_each(|number| out.write_all(&number.to_le_bytes()))
}

/// The next entry, none at the end.
fn read_entry(from: &mut impl Read) -> Result<Option<Entry>> {
    let mut bytes = [0_u8; ENTRY];
    match from.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let number = |at: usize| {
        let bytes = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>);
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    Ok(Some((number(0), number(8), number(16))))
}

/// A key or a row: its length, then its bytes.
fn read_part(file: &mut File, place: u64) -> Result<Vec<u8>> {
    file.seek(SeekFrom::Start(place))?;
    let mut length = [0_u8; 8];
    file.read_exact(&mut length)?;
    let mut bytes = Vec::new();
    file.take(u64::from_le_bytes(length)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
