//! Sorting more than memory holds: items are buffered, sorted, spilled to runs on disk and merged.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Result, Write};
use std::path::PathBuf;
use std::rc::Rc;

use tempfile::TempDir;

/// Runs of one level that are merged into one of the next level. It bounds open files, and keeps the work at n log n.
const FAN: usize = 32;
/// Bytes of the buffer of each file.
const BUFFER: usize = 32 << 10;

/// Where runs go. The folder vanishes with it.
#[derive(Debug)]
pub(crate) struct Spill {
    dir: TempDir,
    parent: Option<PathBuf>,
    next: Cell<u64>,
}

impl Spill {
    /// A fresh folder inside `parent`, or inside the system's folder for temporary files.
    pub(crate) fn new(parent: Option<&std::path::Path>) -> Result<Rc<Spill>> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("cutover-scan-");
        let dir = match parent {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        Ok(Rc::new(Spill { dir, parent: parent.map(std::path::Path::to_owned), next: Cell::new(0) }))
    }

    /// A file without a name, which outlives the folder and vanishes when it is closed.
    pub(crate) fn file(&self) -> Result<File> {
        match &self.parent {
            Some(parent) => tempfile::tempfile_in(parent),
            None => tempfile::tempfile(),
        }
    }

    /// A path in the folder that nothing else has.
    pub(crate) fn path(&self) -> PathBuf {
        let number = self.next.get();
        self.next.set(number + 1);
        self.dir.path().join(format!("{number}.run"))
    }
}

/// What can be sorted outside of memory.
pub(crate) trait Item: Ord + Clone {
    /// Bytes of memory that it takes, roughly.
    fn weight(&self) -> usize;
    /// Takes in an item that stands for the same thing; false when the two are to stay apart.
    fn absorb(&mut self, other: &Self) -> bool;
    /// Writes it to a run.
    fn write(&self, to: &mut dyn Write) -> Result<()>;
    /// Reads it back; `None` at the end of the run.
    fn read(from: &mut dyn Read) -> Result<Option<Self>>;
}

/// A bag of items that gives them back in order.
#[derive(Debug)]
pub(crate) struct External<T> {
    buffer: Vec<T>,
    weight: usize,
    limit: usize,
    levels: Vec<Vec<PathBuf>>,
    spill: Rc<Spill>,
}

impl<T: Item> External<T> {
    /// A bag that holds about `limit` bytes in memory.
    pub(crate) fn new(spill: &Rc<Spill>, limit: usize) -> Self {
        External { buffer: Vec::new(), weight: 0, limit, levels: Vec::new(), spill: Rc::clone(spill) }
    }

    pub(crate) fn push(&mut self, item: T) -> Result<()> {
        self.weight += item.weight();
        self.buffer.push(item);
        if self.weight > self.limit {
            self.compact();
            // Few different items stay in memory however often they come; else the compaction would not pay.
            if self.weight > self.limit / 2 {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Gives memory back between files.
    pub(crate) fn rest(&mut self) -> Result<()> {
        self.compact();
        if self.weight > self.limit / 32 {
            self.flush()?;
        }
        self.buffer.shrink_to_fit();
        Ok(())
    }

    fn compact(&mut self) {
        self.buffer.sort_unstable();
        self.buffer.dedup_by(|later, kept| kept.absorb(later));
        self.weight = self.buffer.iter().map(Item::weight).sum();
    }

    /// Writes the sorted buffer as a run, and merges full levels.
    fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let path = self.spill.path();
        let mut file = BufWriter::with_capacity(BUFFER, File::create(&path)?);
        for item in self.buffer.drain(..) {
            item.write(&mut file)?;
        }
        file.flush()?;
        self.weight = 0;
        self.add_run(path, 0)?;
        let mut level = 0;
        while self.levels.get(level).is_some_and(|runs| runs.len() >= FAN) {
            let runs = self.levels.get_mut(level).map(std::mem::take).unwrap_or_default();
            let path = self.merge_runs(&runs)?;
            level += 1;
            self.add_run(path, level)?;
        }
        Ok(())
    }

    fn add_run(&mut self, path: PathBuf, level: usize) -> Result<()> {
        while self.levels.len() <= level {
            self.levels.push(Vec::new());
        }
        if let Some(runs) = self.levels.get_mut(level) {
            runs.push(path);
        }
        Ok(())
    }

    fn merge_runs(&self, runs: &[PathBuf]) -> Result<PathBuf> {
        let path = self.spill.path();
        let mut file = BufWriter::with_capacity(BUFFER, File::create(&path)?);
        let mut merged = Merged::<T>::open(runs, &[])?;
        while let Some(item) = merged.next()? {
            item.write(&mut file)?;
        }
        file.flush()?;
        for run in runs {
            std::fs::remove_file(run)?;
        }
        Ok(path)
    }

    /// All items in order, the same ones taken together. It can be asked for again.
    pub(crate) fn stream(&mut self) -> Result<Merged<'_, T>> {
        self.compact();
        let mut runs: Vec<PathBuf> = self.levels.iter().flatten().cloned().collect();
        // Levels are few, but each has up to FAN runs.
        while runs.len() > FAN {
            let rest = runs.split_off(FAN);
            let path = self.merge_runs(&runs)?;
            runs = rest;
            runs.push(path);
        }
        self.levels = vec![Vec::new(), runs.clone()];
        Merged::open(&runs, &self.buffer)
    }
}

enum Run<'a, T> {
    File(BufReader<File>),
    Memory(std::slice::Iter<'a, T>),
}

impl<T: Item> Run<'_, T> {
    fn next(&mut self) -> Result<Option<T>> {
        match self {
            Run::File(file) => T::read(file),
            Run::Memory(items) => Ok(items.next().cloned()),
        }
    }
}

/// The head of a run. The smallest head is the greatest of the heap.
struct Head<T> {
    item: T,
    run: usize,
}

impl<T: Ord> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T: Ord> Eq for Head<T> {}

impl<T: Ord> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Head<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.item.cmp(&self.item).then_with(|| other.run.cmp(&self.run))
    }
}

/// Items of several sorted runs in order.
pub(crate) struct Merged<'a, T> {
    runs: Vec<Run<'a, T>>,
    heads: BinaryHeap<Head<T>>,
}

impl<'a, T: Item> Merged<'a, T> {
    fn open(paths: &[PathBuf], memory: &'a [T]) -> Result<Self> {
        let mut runs = Vec::with_capacity(paths.len() + 1);
        for path in paths {
            runs.push(Run::File(BufReader::with_capacity(BUFFER, File::open(path)?)));
        }
        runs.push(Run::Memory(memory.iter()));
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (run, source) in runs.iter_mut().enumerate() {
            if let Some(item) = source.next()? {
                heads.push(Head { item, run });
            }
        }
        Ok(Merged { runs, heads })
    }

    /// The next item; the same ones of all runs are taken together.
    pub(crate) fn next(&mut self) -> Result<Option<T>> {
        let Some(mut item) = self.pop()? else { return Ok(None) };
        while let Some(head) = self.heads.peek() {
            if !item.absorb(&head.item) {
                break;
            }
            self.pop()?;
        }
        Ok(Some(item))
    }

    fn pop(&mut self) -> Result<Option<T>> {
        let Some(Head { item, run }) = self.heads.pop() else { return Ok(None) };
        if let Some(source) = self.runs.get_mut(run)
            && let Some(item) = source.next()?
        {
            self.heads.push(Head { item, run });
        }
        Ok(Some(item))
    }
}

/// A key and how often it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Count {
    /// High and low half of the key: a `u128` would take 32 bytes instead of 24.
    key: (u64, u64),
    pub(crate) count: u64,
}

impl Count {
    pub(crate) fn one(key: u128) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of a number")]
        let key = ((key >> 64) as u64, key as u64);
        Count { key, count: 1 }
    }

    pub(crate) const fn key(&self) -> u128 {
        ((self.key.0 as u128) << 64) | self.key.1 as u128
    }
}

impl Item for Count {
    fn weight(&self) -> usize {
        24
    }

    fn absorb(&mut self, other: &Self) -> bool {
        let same = self.key == other.key;
        if same {
            self.count += other.count;
        }
        same
    }

    fn write(&self, to: &mut dyn Write) -> Result<()> {
        let mut bytes = [0; 24];
        for (to, from) in bytes.chunks_exact_mut(8).zip([self.key.0, self.key.1, self.count]) {
            to.copy_from_slice(&from.to_le_bytes());
        }
        to.write_all(&bytes)
    }

    fn read(from: &mut dyn Read) -> Result<Option<Self>> {
        let Some(high) = number(from)? else { return Ok(None) };
        let (Some(low), Some(count)) = (number(from)?, number(from)?) else {
            return Err(ErrorKind::UnexpectedEof.into());
        };
        Ok(Some(Count { key: (high, low), count }))
    }
}

/// A text and how often it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text {
    pub(crate) text: Box<str>,
    pub(crate) count: u64,
}

impl Item for Text {
    fn weight(&self) -> usize {
        self.text.len() + 40
    }

    fn absorb(&mut self, other: &Self) -> bool {
        let same = self.text == other.text;
        if same {
            self.count += other.count;
        }
        same
    }

    fn write(&self, to: &mut dyn Write) -> Result<()> {
        to.write_all(&self.count.to_le_bytes())?;
        write_bytes(to, self.text.as_bytes())
    }

    fn read(from: &mut dyn Read) -> Result<Option<Self>> {
        let Some(count) = number(from)? else { return Ok(None) };
        let Some(bytes) = read_bytes(from)? else { return Err(ErrorKind::UnexpectedEof.into()) };
        let text = String::from_utf8(bytes).map_err(|_| ErrorKind::InvalidData)?;
        Ok(Some(Text { text: text.into(), count }))
    }
}

/// A key with bytes that belong to it; all of them are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) key: Box<str>,
    pub(crate) body: Box<[u8]>,
}

impl Item for Line {
    fn weight(&self) -> usize {
        self.key.len() + self.body.len() + 64
    }

    fn absorb(&mut self, _: &Self) -> bool {
        false
    }

    fn write(&self, to: &mut dyn Write) -> Result<()> {
        write_bytes(to, self.key.as_bytes())?;
        write_bytes(to, &self.body)
    }

    fn read(from: &mut dyn Read) -> Result<Option<Self>> {
        let Some(key) = read_bytes(from)? else { return Ok(None) };
        let Some(body) = read_bytes(from)? else { return Err(ErrorKind::UnexpectedEof.into()) };
        let key = String::from_utf8(key).map_err(|_| ErrorKind::InvalidData)?;
        Ok(Some(Line { key: key.into(), body: body.into() }))
    }
}

fn number(from: &mut dyn Read) -> Result<Option<u64>> {
    let mut bytes = [0; 8];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => filled += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(u64::from_le_bytes(bytes)))
}

fn write_bytes(to: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)
}

fn read_bytes(from: &mut dyn Read) -> Result<Option<Vec<u8>>> {
    let Some(length) = number(from)? else { return Ok(None) };
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| ErrorKind::InvalidData)?];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Count, External, Item, Line, Spill, Text};

    fn all<T: Item>(bag: &mut External<T>) -> Vec<T> {
        let mut items = Vec::new();
        let Ok(mut merged) = bag.stream() else { return items };
        while let Ok(Some(item)) = merged.next() {
            items.push(item);
        }
        items
    }

    proptest! {
        #[test]
        fn counts_are_those_of_memory(keys in prop::collection::vec(0u128..300, 0..3000), limit in 24usize..2000) {
            let Ok(spill) = Spill::new(None) else { return Ok(()) };
            let mut bag = External::new(&spill, limit);
            let mut map = BTreeMap::new();
            for (at, key) in keys.iter().enumerate() {
                let key = *key << 60;
                *map.entry(key).or_insert(0) += 1;
                prop_assert!(bag.push(Count::one(key)).is_ok());
                if at % 500 == 499 {
                    prop_assert!(bag.rest().is_ok());
                }
            }
            let wanted: Vec<(u128, u64)> = map.into_iter().collect();
            for _ in 0..2 {
                let got: Vec<(u128, u64)> = all(&mut bag).iter().map(|c| (c.key(), c.count)).collect();
                prop_assert_eq!(&got, &wanted);
            }
        }

        #[test]
        fn texts_and_lines_are_those_of_memory(
            texts in prop::collection::vec("[aé🙂\0\u{7f}]{0,4}", 0..800),
            limit in 40usize..2000,
        ) {
            let Ok(spill) = Spill::new(None) else { return Ok(()) };
            let mut bag = External::new(&spill, limit);
            let mut lines = External::new(&spill, limit);
            let mut map = BTreeMap::new();
            for (at, text) in texts.iter().enumerate() {
                *map.entry(text.as_str()).or_insert(0) += 1;
                let item = Text { text: text.as_str().into(), count: 1 };
                prop_assert!(bag.push(item).is_ok());
                let line = Line { key: text.as_str().into(), body: Box::new(at.to_be_bytes()) };
                prop_assert!(lines.push(line).is_ok());
            }
            let got: Vec<Text> = all(&mut bag);
            prop_assert_eq!(got.iter().map(|t| (&*t.text, t.count)).collect::<Vec<_>>(), map.into_iter().collect::<Vec<_>>());
            let got = all(&mut lines);
            prop_assert_eq!(got.len(), texts.len());
            prop_assert!(got.is_sorted());
            drop((bag, lines));
        }
    }

    #[test]
    fn a_thousand_runs_leave_few_files_and_no_folder() -> std::io::Result<()> {
        let spill = Spill::new(None)?;
        let path = spill.path();
        let Some(dir) = path.parent().map(std::path::Path::to_owned) else { return Ok(()) };
        let mut bag = External::new(&spill, 24);
        for key in (0..2000).rev() {
            bag.push(Count::one(key))?;
        }
        assert!(std::fs::read_dir(&dir)?.count() <= 3 * super::FAN);
        assert_eq!(all(&mut bag).len(), 2000);
        drop((bag, spill));
        assert!(!dir.exists());
        Ok(())
    }
}
