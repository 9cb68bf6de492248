//! Programs that the environment names: they get what they need on their input, and no variable that could hold a secret.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::environment::Environment;

/// Variables that a program gets; all others could hold secrets.
const GIVEN: [&str; 7] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT"];

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// With this code; 0 where all went well.
    Code(i32),
    /// By a signal.
    Signal,
    /// It was not done in time, and was ended.
    Late,
}

/// Calls a program and waits for its end. One with a slash is a file beside the environment. What it says is nobody's to read: it could be
/// text of a customer.
///
/// # Errors
/// When it cannot be started: nothing has happened then.
pub(crate) fn program(
    environment: &Environment,
    command: &[String],
    input: &[u8],
    more: &[(&str, &str)],
    longest: Duration,
) -> Result<Left, String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(Left::Code(0)) };
    let path = if program.contains('/') {
        let path = environment.path(program.as_ref());
        std::path::absolute(&path).unwrap_or(path)
    } else {
        program.into()
    };
    let mut call = Command::new(&path);
    call.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in GIVEN {
        if let Some(value) = std::env::var_os(name) {
            call.env(name, value);
        }
    }
    call.envs(more.iter().copied());
    let mut child = call.spawn().map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let pipe = child.stdin.take();
    std::thread::scope(|scope| {
        // A program that reads slowly, or not at all, does not hold up whoever looks at the time.
        scope.spawn(move || {
            if let Some(mut pipe) = pipe {
                // One that does not read is no failure; one that ends badly is.
                let _ = pipe.write_all(input);
            }
        });
        let began = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status.code().map_or(Left::Signal, Left::Code)),
                Ok(None) if began.elapsed() < longest => std::thread::sleep(Duration::from_millis(5)),
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Ok(Left::Late);
                }
                Err(_) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Ok(Left::Signal);
                }
            }
        }
    })
}
