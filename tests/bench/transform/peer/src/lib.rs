//! Reads a file of JSON Lines block by block, on as many threads as asked for, and writes what each line becomes, in the order of the lines.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::sync::{Condvar, Mutex};

const BLOCK: usize = 1 << 20;

struct Source {
    file: File,
    carry: Vec<u8>,
    number: u64,
    ended: bool,
}

struct Sink {
    out: File,
    rejects: File,
    next: u64,
    waiting: BTreeMap<u64, (Vec<u8>, Vec<u8>)>,
}

/// Runs a mapping over the files of the command line: IN OUT REJECTS THREADS. `begin` is called once a thread, and gives what maps a line.
pub fn run<M: FnMut(&[u8], &mut Vec<u8>, &mut Vec<u8>)>(args: &[String], begin: impl Fn() -> M + Sync) {
    let [input, output, rejected, threads] = args else {
        eprintln!("usage: IN OUT REJECTS THREADS");
        std::process::exit(2);
    };
    let threads: usize = threads.parse().expect("a number");
    let file = File::open(input).expect("the tickets");
    let source = Mutex::new(Source { file, carry: Vec::new(), number: 0, ended: false });
    let (out, rejects) =
        (File::create(output).expect("the output"), File::create(rejected).expect("the rejects"));
    let sink = Mutex::new(Sink { out, rejects, next: 0, waiting: BTreeMap::new() });
    let moved = Condvar::new();
    let work = || {
        let mut map = begin();
        loop {
            let (block, number) = {
                let mut source = source.lock().expect("the source");
                if source.ended {
                    break;
                }
                let mut block = std::mem::take(&mut source.carry);
                let mut filled = block.len();
                block.resize(filled + BLOCK, 0);
                while filled < block.len() {
                    match source.file.read(&mut block[filled..]).expect("the tickets") {
                        0 => break,
                        count => filled += count,
                    }
                }
                source.ended = filled < block.len();
                block.truncate(filled);
                if !source.ended {
                    let end = memchr::memrchr(b'\n', &block).expect("a line end") + 1;
                    source.carry = block.split_off(end);
                }
                source.number += 1;
                (block, source.number - 1)
            };
            let (mut out, mut rejects) = (Vec::with_capacity(BLOCK), Vec::new());
            let mut from = 0;
            for end in memchr::memchr_iter(b'\n', &block).chain([block.len()]) {
                if end > from {
                    map(&block[from..end], &mut out, &mut rejects);
                }
                from = end + 1;
            }
            let mut sink = sink.lock().expect("the sink");
            while sink.waiting.len() >= threads * 2 && sink.next != number {
                sink = moved.wait(sink).expect("the sink");
            }
            sink.waiting.insert(number, (out, rejects));
            loop {
                let next = sink.next;
                let Some((out, rejects)) = sink.waiting.remove(&next) else { break };
                sink.out.write_all(&out).expect("the output");
                sink.rejects.write_all(&rejects).expect("the rejects");
                sink.next += 1;
            }
            moved.notify_all();
        }
    };
    if threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    }
}
