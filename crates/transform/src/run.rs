//! Streams: blocks of lines go to workers, what they write comes out in the order of the input.

mod blocks;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use cutover_ir::Id;
use cutover_ir::host::Host;
use cutover_records::Limits;

use crate::engine::{Around, Asking, At, Fate, Scratch, Stopped, key, record};
use crate::json::Raw;
use crate::others::{Others, Unread};
use crate::program::Program;
use crate::reject::{Cause, Counts, Found, Reject};
use crate::value::V;
use blocks::{Block, Blocks};

/// How a stream is run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Number of threads that work; the output is the same with any number.
    pub threads: usize,
    /// Longest record; a longer one is rejected unread. Depth and columns are not used here.
    pub limits: Limits,
}

impl Default for Options {
    /// One thread, records of at most 16 MiB.
    fn default() -> Self {
        Options { threads: 1, limits: Limits::default() }
    }
}

/// Why a stream could not be run to its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The input cannot be read.
    Input(io::Error),
    /// The records cannot be written.
    Output(io::Error),
    /// The rejects cannot be written.
    Rejects(io::Error),
    /// The input is UTF-16.
    Utf16,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Failure::Input(_) => "cannot read the records",
            Failure::Output(_) => "cannot write the records",
            Failure::Rejects(_) => "cannot write the rejected records",
            Failure::Utf16 => "the input is UTF-16, and UTF-8 is read",
        })
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Failure::Input(error) | Failure::Output(error) | Failure::Rejects(error) => Some(error),
            Failure::Utf16 => None,
        }
    }
}

/// Runs a program over JSON Lines: LF or CRLF, blank lines ignored, the last line with or without a line end.
///
/// The output is one JSON object a line, in the order of the input, with every target field of the map; a field without a value is
/// `null`. `rejects` hears of each rejected record in the same order. `host` answers as it does for the reference evaluator, `others` gives the
/// records to which references lead.
///
/// # Errors
/// When input, output or rejects fail; what was written before is whole lines.
pub fn run(
    program: &Program,
    host: &(dyn Host + Sync),
    others: &(dyn Others + Sync),
    input: impl Read + Send,
    output: impl Write + Send,
    rejects: &mut (dyn FnMut(&Reject) -> io::Result<()> + Send),
    options: &Options,
) -> Result<Counts, Failure> {
    let mut blocks = Blocks::new(input, options.limits.record_bytes);
    let mut sink = Sink { output, rejects, counts: Counts::default() };
    if options.threads <= 1 {
        let mut worker = Worker::new(program, host);
        let mut block = Block::default();
        let mut done = Done::default();
        while blocks.next(&mut block)? {
            worker.block(&block, others, options.limits.record_bytes, &mut done);
            sink.take(&mut done)?;
        }
        return sink.end();
    }
    let source = Mutex::new(Source { blocks, number: 0 });
    let queue =
        Mutex::new(Queue { sink, next: 0, waiting: BTreeMap::new(), spare: Vec::new(), failure: None });
    let moved = Condvar::new();
    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| {
                let mut worker = Worker::new(program, host);
                let mut block = Block::default();
                let mut done = Done::default();
                while !stopped.load(Ordering::Relaxed) {
                    let number = match lock(&source).next(&mut block) {
                        Ok(Some(number)) => number,
                        Ok(None) => break,
                        Err(failure) => {
                            stopped.store(true, Ordering::Relaxed);
                            lock(&queue).failure.get_or_insert(failure);
                            moved.notify_all();
                            break;
                        }
                    };
                    worker.block(&block, others, options.limits.record_bytes, &mut done);
                    let mut queue = lock(&queue);
                    // Whoever has the next block never waits, so the queue always moves.
                    while queue.waiting.len() >= options.threads * 2
                        && queue.next != number
                        && queue.failure.is_none()
                    {
                        queue = moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
                    }
                    let spare = queue.spare.pop().unwrap_or_default();
                    queue.waiting.insert(number, std::mem::replace(&mut done, spare));
                    if queue.drain() {
                        stopped.store(true, Ordering::Relaxed);
                    }
                    drop(queue);
                    moved.notify_all();
                }
            });
        }
    });
    let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    match queue.failure {
        Some(failure) => Err(failure),
        None => queue.sink.end(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked takes the run with it when the scope ends.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where workers get blocks.
struct Source<R> {
    blocks: Blocks<R>,
    number: u64,
}

impl<R: Read> Source<R> {
    fn next(&mut self, block: &mut Block) -> Result<Option<u64>, Failure> {
        if !self.blocks.next(block)? {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some(self.number - 1))
    }
}

/// What is done and not yet written.
struct Queue<'r, W> {
    sink: Sink<'r, W>,
    next: u64,
    waiting: BTreeMap<u64, Done>,
    spare: Vec<Done>,
    failure: Option<Failure>,
}

impl<W: Write> Queue<'_, W> {
    /// Writes all blocks whose turn it is; whether the run has failed.
    fn drain(&mut self) -> bool {
        while self.failure.is_none()
            && let Some(mut done) = self.waiting.remove(&self.next)
        {
            self.next += 1;
            if let Err(failure) = self.sink.take(&mut done) {
                self.failure = Some(failure);
            }
            self.spare.push(done);
        }
        self.failure.is_some()
    }
}

/// Where records and rejects go.
struct Sink<'r, W> {
    output: W,
    rejects: &'r mut (dyn FnMut(&Reject) -> io::Result<()> + Send),
    counts: Counts,
}

impl<W: Write> Sink<'_, W> {
    /// Writes a block and empties it.
    fn take(&mut self, done: &mut Done) -> Result<(), Failure> {
        self.output.write_all(&done.out).map_err(Failure::Output)?;
        for reject in &done.rejects {
            (self.rejects)(reject).map_err(Failure::Rejects)?;
        }
        self.counts.add(&done.counts);
        done.clear();
        Ok(())
    }

    fn end(mut self) -> Result<Counts, Failure> {
        self.output.flush().map_err(Failure::Output)?;
        Ok(self.counts)
    }
}

/// What became of a block.
#[derive(Debug, Default)]
struct Done {
    out: Vec<u8>,
    rejects: Vec<Reject>,
    counts: Counts,
}

impl Done {
    fn clear(&mut self) {
        self.out.clear();
        // A record of many megabytes is rare; its memory is given back.
        self.out.shrink_to(blocks::SIZE * 4);
        self.rejects.clear();
        self.counts = Counts::default();
    }

    fn reject(&mut self, line: u64, offset: u64, key: Option<String>, stop: Stopped) {
        let Stopped { rule, field, cause, found } = stop;
        self.counts.rejected += 1;
        *self.counts.rejects.entry((rule.clone(), cause.code())).or_default() += 1;
        self.rejects.push(Reject { line, offset, key, rule, field, cause, found });
    }
}

/// Runs a program over single records, for those who have them one by one. One for each thread.
#[derive(Debug)]
pub struct Worker<'p> {
    program: &'p Program,
    asking: Asking<'p>,
    scratch: Scratch,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is written.
    Written,
    /// It is outside of the scope, by that part of it.
    Filtered(Option<Id>),
    /// It is rejected.
    Rejected(Box<Reject>),
}

impl<'p> Worker<'p> {
    /// A worker.
    #[must_use]
    pub fn new(program: &'p Program, host: &'p (dyn Host + Sync)) -> Worker<'p> {
        Worker { program, asking: Asking::new(host), scratch: Scratch::default() }
    }

    /// Runs the program over one record. Its target record is appended to `out` as one line, when it is written. The place in a reject
    /// is line 1, offset 0. `others` gives the records to which its references lead.
    pub fn record(&mut self, text: &str, others: &dyn Others, out: &mut Vec<u8>) -> Outcome {
        let mut slots = vec![Raw::default(); self.program.shape.slots()];
        let mut values = Vec::new();
        let around = Around { asking: &self.asking, others };
        let fate = record(self.program, around, &mut self.scratch, &mut slots, &mut values, text, out);
        match fate {
            Fate::Written => Outcome::Written,
            Fate::Filtered(part) => Outcome::Filtered(part.cloned()),
            Fate::Rejected(stop) => {
                let Stopped { rule, field, cause, found } = *stop;
                let key = key(self.program, &slots);
                Outcome::Rejected(Box::new(Reject { line: 1, offset: 0, key, rule, field, cause, found }))
            }
        }
    }

    /// As [`Worker::record`]. `places` becomes where the values stand in `out`: one for each of [`Program::targets`], when the record is written.
    pub fn record_with_places(
        &mut self,
        text: &str,
        others: &dyn Others,
        out: &mut Vec<u8>,
        places: &mut Vec<Range<usize>>,
    ) -> Outcome {
        self.scratch.waiting.places = Some(std::mem::take(places));
        let outcome = self.record(text, others, out);
        *places = self.scratch.waiting.places.take().unwrap_or_default();
        outcome
    }

    /// The first field of a record that stands in another one, which is not at hand. `None` too where the record cannot be read.
    pub fn unread(&mut self, text: &str, others: &dyn Others) -> Option<Unread> {
        let mut slots = vec![Raw::default(); self.program.shape.slots()];
        self.program.shape.read(&mut self.scratch.order, text, &mut slots).ok()?;
        At { program: self.program, asking: &self.asking, others, slots: &slots }.unread()
    }

    fn block(&mut self, block: &Block, others: &dyn Others, limit: usize, done: &mut Done) {
        if let Some(bytes) = block.skipped {
            done.counts.read += 1;
            let stop = whole_line(self.program, Cause::TooLong { bytes });
            done.reject(block.line, block.offset, None, stop);
            return;
        }
        let bytes = block.bytes.as_slice();
        // One check for the whole block; where it fails, each line is asked by itself.
        let text = simdutf8::basic::from_utf8(bytes).ok();
        let mut slots = vec![Raw::default(); self.program.shape.slots()];
        let mut values: Vec<V<'_>> = Vec::new();
        let mut filtered: BTreeMap<Option<&Id>, u64> = BTreeMap::new();
        let mut start = 0;
        let mut number = block.line;
        while start < bytes.len() {
            let rest = bytes.get(start..).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let (line, place) = (number, block.offset + start as u64);
            let whole = rest.get(..length).unwrap_or_default();
            let from = start;
            start += length + 1;
            number += 1;
            if whole.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            done.counts.read += 1;
            let text = match text {
                Some(text) => text.get(from..from + length),
                None => str::from_utf8(whole).ok(),
            };
            let stop = match text {
                None => whole_line(self.program, Cause::NotUtf8),
                Some(_) if length > limit => {
                    whole_line(self.program, Cause::TooLong { bytes: length as u64 })
                }
                Some(text) => {
                    let fate = record(
                        self.program,
                        Around { asking: &self.asking, others },
                        &mut self.scratch,
                        &mut slots,
                        &mut values,
                        text,
                        &mut done.out,
                    );
                    match fate {
                        Fate::Written => {
                            done.counts.written += 1;
                            continue;
                        }
                        Fate::Filtered(part) => {
                            *filtered.entry(part).or_default() += 1;
                            continue;
                        }
                        Fate::Rejected(stop) => {
                            let key = key(self.program, &slots);
                            done.reject(line, place, key, *stop);
                            continue;
                        }
                    }
                }
            };
            done.reject(line, place, None, stop);
        }
        for (part, count) in filtered {
            *done.counts.filtered.entry(part.cloned()).or_default() += count;
        }
    }
}

fn whole_line(program: &Program, cause: Cause) -> Stopped {
    Stopped { rule: program.id().clone(), field: String::new(), cause, found: Found::Nothing }
}
