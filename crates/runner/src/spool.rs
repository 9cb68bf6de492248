//! Messages that wait: a maildir, a folder of `.eml` or `.jsonl` files, a file of JSON Lines, or an mbox. They are read one at a time, and
//! the spool stays as it is: what was taken out of it stands in the journal.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use cutover_ir::time::Instant;
use sha2::{Digest as _, Sha256};

use crate::export::hex;
use crate::problem::Problem;

/// Longest message that is read.
const MOST: u64 = 64 << 20;
/// Longest id of a message that is kept.
const LONGEST_ID: usize = 400;

/// A message that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// The digest of its text; with `#2` behind it where the spool has the same text a second time.
    pub(crate) digest: String,
    /// The id that it bears, or its digest.
    pub(crate) id: String,
    /// When it came, in seconds since 1970, where that can be told.
    pub(crate) arrived: Option<i64>,
    /// Its text.
    pub(crate) text: Vec<u8>,
    /// Why it cannot be delivered: a short name, and words.
    pub(crate) bad: Option<(&'static str, String)>,
}

/// Calls `each` with every message of a spool, in the order of their names or places.
pub(crate) fn each(spool: &Path, act: &mut dyn FnMut(Held) -> Result<(), Problem>) -> Result<u64, Problem> {
    let mut reader = Reader { seen: HashMap::new(), count: 0, act };
    if !spool.is_dir() {
        reader.file(spool, false)?;
        return Ok(reader.count);
    }
    let maildir = spool.join("new").is_dir();
    let folders = if maildir { vec![spool.join("new"), spool.join("cur")] } else { vec![spool.to_owned()] };
    let mut files = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(|error| unreadable(folder, &error))?;
            let mail = maildir || name.ends_with(".eml") || name.ends_with(".jsonl");
            // What a link leads to stands somewhere else, and may be anything.
            if kind.is_file() && mail && !name.starts_with('.') {
                files.push((name, entry.path()));
            }
        }
    }
    files.sort();
    for (_, path) in files {
        let whole = maildir || path.extension().is_some_and(|end| end == "eml");
        // A mail program may move it meanwhile: it is found again under its other name.
        if path.is_file() {
            reader.file(&path, whole)?;
        }
    }
    Ok(reader.count)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(format!("messages that wait cannot be read at {}: {error}", path.display()))
}

struct Reader<'a> {
    /// How often each text was found.
    seen: HashMap<String, u32>,
    count: u64,
    act: &'a mut dyn FnMut(Held) -> Result<(), Problem>,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, whole: bool) -> Result<(), Problem> {
        let failed = |error: std::io::Error| unreadable(path, &error);
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.and_then(|since| i64::try_from(since.as_secs()).ok());
        if whole {
            let mut text = Vec::new();
            let size = file.take(MOST + 1).read_to_end(&mut text).map_err(failed)? as u64;
            return self.mail(text, modified, size > MOST);
        }
        let mut lines = BufReader::new(file);
        if path.extension().is_some_and(|end| end == "jsonl" || end == "ndjson") {
            self.json(&mut lines, path)
        } else {
            self.mbox(&mut lines, path)
        }
    }

    fn mail(&mut self, text: Vec<u8>, arrived: Option<i64>, long: bool) -> Result<(), Problem> {
        let bad = if long {
            Some(("message-too-long", format!("it is longer than {} MiB", MOST >> 20)))
        } else if text.iter().all(u8::is_ascii_whitespace) {
            Some(("empty-message", "nothing is in it".to_owned()))
        } else {
            None
        };
        self.one(Held { id: header_id(&text).unwrap_or_default(), arrived, text, bad, ..Held::default() })
    }

    fn json(&mut self, lines: &mut dyn BufRead, path: &Path) -> Result<(), Problem> {
        while let Some((line, long)) = line(lines, path)? {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let object: Option<serde_json::Map<String, serde_json::Value>> =
                serde_json::from_slice(&line).ok().filter(|_| !long);
            let mut held = Held { text: line, ..Held::default() };
            match object {
                None if long => {
                    held.bad = Some(("message-too-long", format!("it is longer than {} MiB", MOST >> 20)));
                }
                None => held.bad = Some(("not-json", "the line is not one JSON object".to_owned())),
                Some(object) => {
                    held.id = match object.get("id").or_else(|| object.get("message_id")) {
                        Some(serde_json::Value::String(id)) => id.clone(),
                        Some(serde_json::Value::Number(id)) => id.to_string(),
                        _ => String::new(),
                    };
                    let at = object.get("at").or_else(|| object.get("received_at"));
                    held.arrived =
                        at.and_then(serde_json::Value::as_str).and_then(Instant::parse).map(Instant::seconds);
                }
            }
            self.one(held)?;
        }
        Ok(())
    }

    /// A message begins with a line `From SENDER DATE` behind an empty one; such a line inside of a message has a `>` before it.
    fn mbox(&mut self, lines: &mut dyn BufRead, path: &Path) -> Result<(), Problem> {
        let (mut text, mut arrived, mut began, mut empty) = (Vec::new(), None, false, true);
        let mut long = false;
        while let Some((read, cut)) = line(lines, path)? {
            if empty && read.starts_with(b"From ") {
                if began {
                    self.mail(std::mem::take(&mut text), arrived, long)?;
                }
                (began, long, arrived) = (true, false, envelope_date(&String::from_utf8_lossy(&read)));
                empty = false;
                continue;
            }
            if !began {
                if read.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Err(Problem::new(format!(
                    "{} is neither a maildir nor an mbox nor a file of JSON Lines",
                    path.display()
                )));
            }
            empty = read.iter().all(u8::is_ascii_whitespace);
            let quoted = read.iter().position(|byte| *byte != b'>').unwrap_or(0);
            let quoted = quoted > 0 && read.get(quoted..).is_some_and(|rest| rest.starts_with(b"From "));
            long |= cut || text.len() as u64 > MOST;
            if !long {
                text.extend_from_slice(read.get(usize::from(quoted)..).unwrap_or_default());
            }
        }
        if began { self.mail(text, arrived, long) } else { Ok(()) }
    }

    fn one(&mut self, mut held: Held) -> Result<(), Problem> {
        self.count += 1;
        held.digest = hex(&Sha256::digest(&held.text));
        if held.id.is_empty() {
            held.id = format!("sha256:{}", held.digest.get(..16).unwrap_or_default());
        }
        let times = self.seen.entry(held.digest.clone()).or_default();
        *times += 1;
        if *times > 1 {
            held.digest = format!("{}#{times}", held.digest);
            held.bad = Some(("duplicate-message", "the spool has the same message twice".to_owned()));
        }
        (self.act)(held)
    }
}

/// The next line with its end, and whether it was cut because it is too long; `None` at the end.
fn line(lines: &mut dyn BufRead, path: &Path) -> Result<Option<(Vec<u8>, bool)>, Problem> {
    let mut line = Vec::new();
    let read = lines.take(MOST + 1).read_until(b'\n', &mut line).map_err(|error| unreadable(path, &error))?;
    if read == 0 {
        return Ok(None);
    }
    if read as u64 <= MOST {
        return Ok(Some((line, false)));
    }
    // The rest of it is passed over without being kept.
    loop {
        let (skip, over) = {
            let buffer = lines.fill_buf().map_err(|error| unreadable(path, &error))?;
            match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            }
        };
        lines.consume(skip);
        if over {
            return Ok(Some((line, true)));
        }
    }
}

/// The `Message-ID` of a mail, in one line.
fn header_id(text: &[u8]) -> Option<String> {
    let mut id: Option<String> = None;
    for line in text.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            break;
        }
        match &mut id {
            // A header goes on in lines that begin with a blank.
            Some(id) if line.starts_with([' ', '\t']) => id.push_str(line.trim()),
            Some(_) => break,
            None => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                if name.eq_ignore_ascii_case("message-id") {
                    id = Some(value.trim().to_owned());
                }
            }
        }
    }
    id.filter(|id| !id.is_empty()).map(|id| {
        let plain = id.chars().filter(|c| !c.is_control());
        plain.take(LONGEST_ID).collect()
    })
}

/// The date at the end of a `From ` line of an mbox: `Sat Jan 16 18:30:00 2027`, in UTC.
fn envelope_date(line: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().rposition(|word| MONTHS.contains(word))?;
    let month = MONTHS.iter().position(|month| words.get(at) == Some(month))? + 1;
    let day: u32 = words.get(at + 1)?.parse().ok()?;
    let (time, year) = (words.get(at + 2)?, words.last()?);
    Instant::parse(&format!("{year}-{month:02}-{day:02}T{time}Z")).map(Instant::seconds)
}

/// Puts a message into a maildir in two steps: it is whole before it has its name, and has it by one renaming.
pub(crate) struct Maildir {
    tmp: PathBuf,
    new: PathBuf,
}

impl Maildir {
    /// Makes the folders of a maildir where they are not there.
    pub(crate) fn open(folder: &Path) -> Result<Maildir, Problem> {
        for name in ["tmp", "new", "cur"] {
            let folder = folder.join(name);
            std::fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
        }
        Ok(Maildir { tmp: folder.join("tmp"), new: folder.join("new") })
    }

    /// Writes the text beside its place.
    pub(crate) fn prepare(&self, name: &str, text: &[u8]) -> Result<(), Problem> {
        let path = self.tmp.join(name);
        crate::journal::private(&path)?;
        std::fs::write(&path, text)
            .and_then(|()| File::open(&path)?.sync_all())
            .and_then(|()| sync(&self.tmp))
            .map_err(|error| unwritable(&path, &error))
    }

    /// Whether what was prepared waits for its place still: once it has it, whoever reads the maildir may have moved it on.
    pub(crate) fn is_prepared(&self, name: &str) -> bool {
        self.tmp.join(name).is_file()
    }

    /// Gives what was prepared its place.
    pub(crate) fn deliver(&self, name: &str) -> Result<(), Problem> {
        let path = self.new.join(name);
        std::fs::rename(self.tmp.join(name), &path)
            .and_then(|()| sync(&self.new))
            .map_err(|error| unwritable(&path, &error))
    }
}

/// A name is on the disk when its folder is.
fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(format!("a message cannot be delivered at {}: {error}", path.display()))
        .help("make room or give the right to write; the same command goes on where it stopped")
}

#[cfg(test)]
mod tests {
    use super::{Held, each, envelope_date, header_id};
    use std::path::Path;

    fn all(path: &Path) -> Vec<Held> {
        let mut all = Vec::new();
        let count = each(path, &mut |held| {
            all.push(held);
            Ok(())
        });
        assert_eq!(count, Ok(all.len() as u64));
        all
    }

    #[test]
    fn an_mbox_is_cut_where_messages_begin() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("held");
        let text = "From a@x Sat Jan 16 18:30:00 2027\nMessage-ID: <1@x>\n\nhello\n>From here on\n\n\
                    From b@x Sat Jan 16 18:31:00 2027\nSubject: no id\n\nFrom inside? no\n";
        std::fs::write(&path, text)?;
        let held = all(&path);
        let ids: Vec<&str> = held.iter().map(|held| held.id.as_str()).collect();
        assert_eq!(ids.first(), Some(&"<1@x>"));
        assert_eq!(held.len(), 3, "a line `From ` behind an empty one begins a message");
        assert_eq!(held.first().and_then(|held| held.arrived), Some(1_800_124_200));
        let first = held.first().map(|held| String::from_utf8_lossy(&held.text).into_owned());
        assert_eq!(first.as_deref(), Some("Message-ID: <1@x>\n\nhello\nFrom here on\n\n"));
        Ok(())
    }

    #[test]
    fn a_maildir_holds_what_came_and_what_was_looked_at_and_nothing_half_written() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        for (name, text) in [
            ("new/2", "Message-Id:\n  <2@x>\n\nb"),
            ("cur/1:2,S", "Message-ID: <1@x>\r\n\r\na"),
            ("tmp/3", "half"),
            ("new/4", "  \n"),
            ("new/5", "Message-Id:\n  <2@x>\n\nb"),
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
            std::fs::write(path, text)?;
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("new/6"))?;
        let held = all(folder.path());
        let told: Vec<(&str, Option<&str>)> =
            held.iter().map(|held| (held.id.as_str(), held.bad.as_ref().map(|bad| bad.0))).collect();
        assert_eq!(told.first(), Some(&("<1@x>", None)));
        assert_eq!(told.get(1), Some(&("<2@x>", None)));
        assert_eq!(told.get(2).and_then(|told| told.1), Some("empty-message"));
        assert_eq!(told.get(3), Some(&("<2@x>", Some("duplicate-message"))));
        assert_eq!(told.len(), 4);
        Ok(())
    }

    #[test]
    fn lines_of_json_bear_their_ids_and_times() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("held.jsonl");
        std::fs::write(&path, "{\"id\":7,\"at\":\"2027-01-16T18:30:00Z\"}\n\nnot json\n{\"a\":1}")?;
        let held = all(&path);
        let told: Vec<(bool, Option<i64>, Option<&str>)> = held
            .iter()
            .map(|held| (held.id == "7", held.arrived, held.bad.as_ref().map(|bad| bad.0)))
            .collect();
        assert_eq!(
            told,
            [(true, Some(1_800_124_200), None), (false, None, Some("not-json")), (false, None, None)]
        );
        Ok(())
    }

    #[test]
    fn what_is_no_spool_is_told() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("held");
        std::fs::write(&path, "just text\n")?;
        assert!(each(&path, &mut |_| Ok(())).is_err());
        assert!(each(&folder.path().join("nothing"), &mut |_| Ok(())).is_err());
        assert_eq!(envelope_date("From x"), None);
        assert_eq!(header_id(b"\nMessage-ID: <in-the-body@x>\n"), None);
        Ok(())
    }
}
