//! Running a tap, and going on where one broke off.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cutover_records::{Item, Limits, Lines};

use super::Tap;
use super::message::Message;
use crate::fault::{Effect, Fault, Hint};

/// Most bytes of a tap's complaint that are shown.
const COMPLAINT: u64 = 400;

/// Runs a tap; its output is there under its name only when it is whole. What one left behind that broke off is kept up to its last state, and
/// the tap is told to go on from there.
pub(super) fn run(tap: &Tap) -> Result<(), Fault> {
    let Some((program, arguments)) = tap.command.split_first() else {
        return Err(Fault::person("no program is named that would write Singer messages"));
    };
    let beside = |ending: &str| {
        let mut name = tap.save.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    let (part, state_file) = (beside(".part"), beside(".state.json"));
    let keep = |error: std::io::Error| {
        Fault::person(format!("the output of `{program}` cannot be kept in {}: {error}", tap.save.display()))
    };
    let mut arguments = arguments.to_vec();
    match broken_off(&part).map_err(keep)? {
        Some((end, state)) => {
            fs::OpenOptions::new()
                .write(true)
                .open(&part)
                .and_then(|file| file.set_len(end))
                .map_err(keep)?;
            let _ = fs::remove_file(&state_file);
            private(&state_file).and_then(|mut file| file.write_all(state.as_bytes())).map_err(keep)?;
            // A state that the command names itself is older.
            while let Some(at) =
                arguments.iter().position(|argument| argument == "--state" || argument == "-s")
            {
                arguments.drain(at..arguments.len().min(at + 2));
            }
            arguments.extend(["--state".to_owned(), state_file.display().to_string()]);
        }
        None => {
            let _ = fs::remove_file(&part);
        }
    }
    let output = private(&part).map_err(keep)?;
    let mut child = Command::new(program)
        .args(&arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::from(output.try_clone().map_err(keep)?))
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Fault::person(format!("`{program}` cannot be run: {error}")))?;
    let complaint = child.stderr.take().map(last_line).unwrap_or_default();
    let ended = child.wait().map_err(keep)?;
    if !ended.success() {
        let complaint =
            if complaint.is_empty() { "it says nothing".to_owned() } else { format!("it says: {complaint}") };
        let again = match broken_off(&part) {
            Ok(Some(_)) => format!(
                "; called again, it goes on from the last state that it told (remove {} to let it begin anew)",
                part.display()
            ),
            _ => String::new(),
        };
        return Err(Fault {
            effect: Effect::None,
            hint: Hint::Person,
            why: format!("`{program}` did not end well ({ended}); {complaint}{again}"),
        });
    }
    output.sync_all().map_err(keep)?;
    let _ = fs::remove_file(&state_file);
    fs::rename(&part, &tap.save).map_err(keep)
}

/// Where the last state of an output that broke off ends, and that state; `None` where there is no such output, or no state in it.
fn broken_off(part: &Path) -> std::io::Result<Option<(u64, String)>> {
    let file = match File::open(part) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut lines = Lines::new(file, Limits::default());
    let mut found = None;
    while let Some(item) = lines.next()? {
        if let Item::Record(record) = item
            && let Ok(Message::State(state)) = Message::read(record.text)
        {
            let end = record.place.offset + record.text.len() as u64;
            // Its line has to be whole: what follows begins on a line of its own.
            if end < length {
                found = Some((end + 1, state.to_owned()));
            }
        }
    }
    Ok(found)
}

/// A file that only its owner can read, to be written to at its end.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The last line that a program complained with; the rest is read and forgotten, so that it never waits for a reader.
fn last_line(complaints: impl Read) -> String {
    let mut reader = BufReader::new(complaints);
    let mut last = Vec::new();
    loop {
        let mut line = Vec::new();
        match (&mut reader).take(COMPLAINT).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
            Ok(_) => last = line,
        }
    }
    String::from_utf8_lossy(&last).trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
