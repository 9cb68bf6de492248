//! The thread that compiles whole projects while the other one answers.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use cutover::Open;
use cutover::editor::{Checked, Session};

/// A project: its folder, and its first file relative to that.
pub(crate) type Key = (PathBuf, String);

/// So long nobody types before a whole project is compiled.
const QUIET: Duration = Duration::from_millis(20);
/// Of how many projects the trees and inventories are kept.
const SESSIONS: usize = 4;

/// What is to be compiled.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) key: Key,
    /// The texts that an editor holds open, by their paths in the project.
    pub(crate) open: Open,
    pub(crate) generation: u64,
    /// The generation that is wanted by now: work for an older one is given up.
    pub(crate) wanted: Arc<AtomicU64>,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) key: Key,
    pub(crate) generation: u64,
    /// `None` when the first file could not be read, or the compiler has a defect.
    pub(crate) checked: Option<Box<Checked>>,
}

/// Starts the thread. It ends when the sender is dropped.
pub(crate) fn start() -> std::io::Result<(Sender<Job>, Receiver<Done>)> {
    let (jobs, inbox) = unbounded();
    let (outbox, results) = unbounded();
    std::thread::Builder::new().name("compiler".to_owned()).spawn(move || run(&inbox, &outbox))?;
    Ok((jobs, results))
}

fn run(inbox: &Receiver<Job>, outbox: &Sender<Done>) {
    let mut sessions: Vec<(Key, Session)> = Vec::new();
    let mut waiting: BTreeMap<Key, Job> = BTreeMap::new();
    loop {
        if waiting.is_empty() {
            let Ok(job) = inbox.recv() else { return };
            waiting.insert(job.key.clone(), job);
        }
        loop {
            match inbox.recv_timeout(QUIET) {
                Ok(job) => {
                    waiting.insert(job.key.clone(), job);
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        while let Some((key, job)) = waiting.pop_first() {
            let at = sessions.iter().position(|(known, _)| *known == key);
            let mut session = at.map_or_else(|| Session::new(&key.0, &key.1), |at| sessions.remove(at).1);
            let Job { open, generation, wanted, .. } = job;
            let stale = || wanted.load(Ordering::Relaxed) != generation;
            // A defect of the compiler must not take the editor along: the session, whose state may be broken, is dropped.
            let checked = match catch_unwind(AssertUnwindSafe(|| session.check(open, &stale))) {
                Ok(result) => {
                    sessions.insert(0, (key.clone(), session));
                    sessions.truncate(SESSIONS);
                    match result {
                        Ok(None) => continue,
                        Ok(Some(checked)) => Some(Box::new(checked)),
                        Err(_) => None,
                    }
                }
                Err(_) => None,
            };
            if outbox.send(Done { key, generation, checked }).is_err() {
                return;
            }
            if !inbox.is_empty() {
                break;
            }
        }
    }
}
