//! What all stages share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cutover_plan::Plan;
use cutover_plan::bundle::Places;
use cutover_plan::signoffs::SignOff;

use crate::desk::Version;
use crate::environment::Environment;
use crate::flow::Load;
use crate::host::RunHost;
use crate::journal::{Counts, Journal};
use crate::prepare::Known;
use crate::verify::Compared;
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
    /// What the last comparison found, as long as nothing changes.
    pub(crate) compared: RefCell<BTreeMap<String, (Version, Compared)>>,
    pub(crate) clock: Rc<Clock>,
    pub(crate) points: Points,
    pub(crate) sign_offs: &'p [SignOff],
    /// The bundle's folder.
    pub(crate) folder: &'p Path,
    pub(crate) tell: Box<dyn Fn(&Event) + 'p>,
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

/// The clock of a run: the machine's, or one that starts at an instant of its own and jumps over every wait. It never goes back while a run
/// lasts, whatever happens to the machine's.
#[derive(Debug)]
pub(crate) struct Clock {
    ahead: Cell<i64>,
    jumps: bool,
    /// Where it stands, when it moves by waits and steps alone.
    stands: Option<i64>,
    latest: Cell<i64>,
    began: Instant,
    jumped: Cell<Duration>,
}

impl Clock {
    pub(crate) fn new(start: Option<Start>) -> Clock {
        let stands = start.filter(|start| !start.moves).map(|start| start.at);
        let ahead = match (start, stands) {
            (Some(_), Some(_)) | (None, _) => 0,
            (Some(start), None) => start.at - machine(),
        };
        Clock {
            ahead: Cell::new(ahead),
            jumps: start.is_some(),
            stands,
            latest: Cell::new(i64::MIN),
            began: Instant::now(),
            jumped: Cell::default(),
        }
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let of = self.stands.unwrap_or_else(machine);
        let now = self.latest.get().max(of.saturating_add(self.ahead.get()));
        self.latest.set(now);
        now
    }

    /// Time since the run began, which no setting of a clock changes. A machine that sleeps may leave its sleep out.
    pub(crate) fn steady(&self) -> Duration {
        self.began.elapsed() + self.jumped.get()
    }

    /// Sets the clock to another time, as people and time servers do.
    fn step(&self, seconds: i64) {
        self.ahead.set(self.ahead.get().saturating_add(seconds));
    }

    pub(crate) fn sleep(&self, how_long: Duration) {
        if self.jumps {
            let seconds = i64::try_from(how_long.as_secs()).unwrap_or(i64::MAX);
            self.ahead.set(self.ahead.get().saturating_add(seconds.saturating_add(1)));
            self.jumped.set(self.jumped.get().saturating_add(how_long));
        } else {
            std::thread::sleep(how_long);
        }
    }
}

/// Where a clock of its own starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// Seconds since 1970.
    pub(crate) at: i64,
    /// Whether it goes on by itself.
    pub(crate) moves: bool,
}

pub(crate) fn machine() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Points at which something can be made to happen to a run, to see that it survives that: `POINT` or `POINT:N` lets it die the N-th time it
/// gets there, `POINT:N=SECONDS` sets its clock to another time (`written:2=-3600`: an hour back).
#[derive(Debug, Default)]
pub(crate) struct Points {
    at: Option<(String, Cell<u64>, Option<i64>)>,
}

/// All points, in the order in which a batch of records passes them.
pub const POINTS: [&str; 17] = [
    "export-read",
    "export-kept",
    "batch-begun",
    "intents-kept",
    "written",
    "answers-noted",
    "batch-kept",
    "stage-ending",
    "undone",
    "silenced",
    "cleaned",
    "backed-up",
    "amended",
    "taken-out",
    "held",
    "message-intended",
    "message-delivered",
];

impl Points {
    pub(crate) fn new(at: Option<&str>) -> Points {
        Points {
            at: at.map(|at| {
                let (at, step) = at.split_once('=').map_or((at, None), |(at, step)| (at, step.parse().ok()));
                let (name, times) = at.split_once(':').unwrap_or((at, "1"));
                (name.to_owned(), Cell::new(times.parse().unwrap_or(1)), step)
            }),
        }
    }

    /// Lets happen what was to happen here.
    pub(crate) fn pass(&self, point: &'static str, clock: &Clock) {
        debug_assert!(POINTS.contains(&point), "a point that is not in the list");
        if let Some((name, left, step)) = &self.at
            && name == point
        {
            left.set(left.get().wrapping_sub(1));
            match (left.get(), step) {
                (0, Some(step)) => clock.step(*step),
                (0, None) => std::process::abort(),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Points, Start};
    use std::time::Duration;

    #[test]
    fn a_clock_that_is_set_back_stands_still_and_time_that_passed_does_not_change() {
        let clock = Clock::new(Some(Start { at: 1_000_000, moves: true }));
        let (before, steady) = (clock.now(), clock.steady());
        let points = Points::new(Some("written:2=-3600"));
        points.pass("written", &clock);
        points.pass("written", &clock);
        assert!(clock.now() >= before && clock.now() < before + 3600);
        Points::new(Some("written=7200")).pass("written", &clock);
        assert!(clock.now() >= before + 3600 && clock.steady() < steady + Duration::from_secs(60));
        clock.sleep(Duration::from_secs(90));
        assert!(clock.steady() >= steady + Duration::from_secs(90));
    }

    #[test]
    fn a_clock_that_stands_still_moves_by_waits_and_steps_alone() {
        let clock = Clock::new(Some(Start { at: 1_000_000, moves: false }));
        assert_eq!(clock.now(), 1_000_000);
        std::thread::sleep(Duration::from_millis(1100));
        assert_eq!(clock.now(), 1_000_000);
        clock.sleep(Duration::from_secs(59));
        assert_eq!(clock.now(), 1_000_060);
        Points::new(Some("written=60")).pass("written", &clock);
        assert_eq!(clock.now(), 1_000_120);
    }
}
