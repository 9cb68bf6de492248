//! What all stages share.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cutover_plan::Plan;
use cutover_plan::bundle::Places;
use cutover_plan::signoffs::SignOff;

use crate::environment::Environment;
use crate::flow::Load;
use crate::host::RunHost;
use crate::journal::{Counts, Journal};
use crate::prepare::Known;
use crate::work::Work;

/// What all stages share and nobody changes.
pub(crate) struct Context<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) places: &'p Places,
    pub(crate) environment: &'p Environment,
    pub(crate) journal: &'p Journal,
    pub(crate) work: &'p Work,
    pub(crate) host: &'p RunHost<'p>,
    /// The load stages, by id.
    pub(crate) loads: &'p BTreeMap<String, Load>,
    /// Kinds of the target that the plan writes.
    pub(crate) written: BTreeSet<String>,
    pub(crate) known: Known,
    pub(crate) clock: Clock,
    pub(crate) points: Points,
    pub(crate) sign_offs: &'p [SignOff],
    /// The bundle's folder.
    pub(crate) folder: &'p Path,
    pub(crate) tell: &'p dyn Fn(&Event),
}

/// Something that happens, for whoever looks on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A stage begins, or goes on.
    Begins {
        /// Its id.
        stage: String,
        /// What it does.
        title: String,
    },
    /// Records of a stage are dealt with.
    Progress {
        /// Its id.
        stage: String,
        /// So many so far.
        records: u64,
    },
    /// A stage is over.
    Ends {
        /// Its id.
        stage: String,
        /// Whether it passed.
        passed: bool,
        /// Its counts, by kind.
        counts: Vec<(String, Counts)>,
        /// How it went.
        note: String,
    },
    /// A trigger fired, and the run is paused.
    Fired {
        /// The trigger.
        trigger: String,
        /// The stage in which it was looked at.
        stage: String,
        /// What was found, and who decides.
        text: String,
    },
    /// People were told something, or could not be.
    Told {
        /// Who.
        to: String,
        /// What: `trigger-fired`, `waits`.
        what: String,
        /// Why it did not arrive.
        problem: Option<String>,
    },
    /// The run waits for a system.
    Waits {
        /// So long.
        seconds: u64,
        /// Why.
        why: String,
    },
}

/// The clock of a run: the machine's, or one that starts at an instant of its own and jumps over every wait.
#[derive(Debug)]
pub(crate) struct Clock {
    ahead: Cell<i64>,
    jumps: bool,
}

impl Clock {
    pub(crate) fn new(start: Option<i64>) -> Clock {
        let ahead = start.map_or(0, |start| start - machine());
        Clock { ahead: Cell::new(ahead), jumps: start.is_some() }
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        machine() + self.ahead.get()
    }

    pub(crate) fn sleep(&self, how_long: Duration) {
        if self.jumps {
            let seconds = i64::try_from(how_long.as_secs()).unwrap_or(i64::MAX);
            self.ahead.set(self.ahead.get().saturating_add(seconds.saturating_add(1)));
        } else {
            std::thread::sleep(how_long);
        }
    }
}

fn machine() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Points at which a run can be made to die, to see that it survives that: `POINT` or `POINT:N`, the N-th time it gets there.
#[derive(Debug, Default)]
pub(crate) struct Points {
    at: Option<(String, Cell<u64>)>,
}

/// All points, in the order in which a batch of records passes them.
pub const POINTS: [&str; 9] = [
    "export-read",
    "export-kept",
    "batch-begun",
    "intents-kept",
    "written",
    "answers-noted",
    "batch-kept",
    "stage-ending",
    "undone",
];

impl Points {
    pub(crate) fn new(at: Option<&str>) -> Points {
        Points {
            at: at.map(|at| {
                let (name, times) = at.split_once(':').unwrap_or((at, "1"));
                (name.to_owned(), Cell::new(times.parse().unwrap_or(1)))
            }),
        }
    }

    /// Dies here, when this is where it was to die.
    pub(crate) fn pass(&self, point: &'static str) {
        debug_assert!(POINTS.contains(&point), "a point that is not in the list");
        if let Some((name, left)) = &self.at
            && name == point
        {
            left.set(left.get().saturating_sub(1));
            if left.get() == 0 {
                std::process::abort();
            }
        }
    }
}
