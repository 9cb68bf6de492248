//! Calls to the target that are made again: how long each waits, and when a run gives up for now.

use std::time::Duration;

use cutover_connect::{Backoff, Effect, Fault, Hint};

use crate::context::{Context, Event};
use crate::problem::Problem;

/// How often a call is tried before the run gives up for now.
pub(crate) const TRIES: u32 = 12;
/// The first wait where nobody asks for another one; each one after it is twice as long.
const FIRST: Duration = Duration::from_millis(50);
/// No wait of the run's own is longer.
const LONGEST: Duration = Duration::from_secs(60);

/// How long a run waits between calls: never the same as another program's.
fn backoff() -> Backoff {
    Backoff::new(FIRST, LONGEST, TRIES, u64::from(std::process::id()))
}

/// What a call came to.
pub(crate) enum Called<T> {
    Answered(T),
    /// Whether it had an effect is not known.
    Doubt(String),
}

/// Calls until there is an answer: waits as long as the system asks, or twice as long each time.
pub(crate) fn calling<T>(
    ctx: &Context<'_>,
    mut call: impl FnMut() -> Result<T, Fault>,
) -> Result<Called<T>, Problem> {
    let mut backoff = backoff();
    loop {
        let fault = match call() {
            Ok(answer) => return Ok(Called::Answered(answer)),
            Err(fault) => fault,
        };
        match (fault.effect, fault.hint) {
            (Effect::Unknown, _) => return Ok(Called::Doubt(fault.why)),
            (Effect::None, Hint::Person | Hint::Never) => return Err(fault.into()),
            (Effect::None, Hint::Later(_)) => {}
        }
        let Some(wait) = backoff.after(&fault) else {
            return Err(Problem::later("the target asks to wait again and again"));
        };
        if wait.as_secs() > 0 {
            (ctx.tell)(&Event::Waits { seconds: wait.as_secs(), why: fault.why });
        }
        ctx.clock.sleep(wait);
    }
}

/// Calls until there is an answer, also when an answer was lost: for what may be done twice. The last fault when none came.
pub(crate) fn repeating<T>(
    ctx: &Context<'_>,
    mut call: impl FnMut() -> Result<T, Fault>,
) -> Result<Result<T, Fault>, Problem> {
    let mut backoff = backoff();
    loop {
        let fault = match call() {
            Ok(answer) => return Ok(Ok(answer)),
            Err(fault) => fault,
        };
        if let (Effect::None, Hint::Person | Hint::Never) = (fault.effect, fault.hint) {
            return Err(fault.into());
        }
        let Some(wait) = backoff.after(&fault) else { return Ok(Err(fault)) };
        ctx.clock.sleep(wait);
    }
}
