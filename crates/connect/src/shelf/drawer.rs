//! A file of lines, and where each record stands in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use super::New;
use crate::fault::Fault;
use crate::fields::{Fields, text};

/// A file of lines.
#[derive(Debug)]
pub(super) struct Drawer {
    path: PathBuf,
    /// Open once there is something in it.
    file: Option<File>,
    /// Bytes of whole lines.
    end: u64,
    /// Bytes of the file when it was read: more, where a line was cut off.
    seen: u64,
    /// For each number, beginning with 1, one more than where its line begins; 0 where there is none.
    at: Vec<u64>,
    /// Numbers by what their record was created from, of which half a digest is kept.
    marks: FxHashMap<u128, u32>,
    live: u64,
    /// Lines that count no more.
    dead: bool,
}

/// What a line says.
struct Read {
    id: u32,
    mark: u128,
    gone: bool,
}

impl Drawer {
    /// Reads a file. A last line that was cut off counts for nothing.
    pub(super) fn open(path: PathBuf) -> Result<Drawer, Fault> {
        let mut drawer = Drawer {
            path,
            file: None,
            end: 0,
            seen: 0,
            at: Vec::new(),
            marks: FxHashMap::default(),
            live: 0,
            dead: false,
        };
        let file = match File::open(&drawer.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(drawer),
            Err(error) => return Err(broken("read", &drawer.path, &error)),
        };
        let mut lines = BufReader::with_capacity(1 << 18, file);
        let mut line = Vec::new();
        loop {
            line.clear();
            lines.read_until(b'\n', &mut line).map_err(|error| broken("read", &drawer.path, &error))?;
            let Some(whole) = line.strip_suffix(b"\n") else { break };
            let read = std::str::from_utf8(whole).ok().and_then(read).ok_or_else(|| {
                let path = drawer.path.display();
                Fault::person(format!("{path} holds lines that no load wrote: name another folder"))
            })?;
            drawer.note(&read, drawer.end);
            drawer.end += line.len() as u64;
        }
        drawer.seen = drawer.end + line.len() as u64;
        Ok(drawer)
    }

    /// Makes the file ready to be written to: what was cut off, and what counts no more, goes.
    pub(super) fn begin(&mut self) -> Result<(), Fault> {
        // What was about to take the place of the file when a program died.
        let _ = fs::remove_file(self.draft());
        let io = |error: io::Error| broken("tidy", &self.path, &error);
        let length = match fs::metadata(&self.path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(io(error)),
        };
        if length != self.seen {
            return Err(self.others());
        }
        if self.seen > self.end {
            let file = OpenOptions::new().write(true).open(&self.path).map_err(io)?;
            file.set_len(self.end).and_then(|()| file.sync_all()).map_err(io)?;
            self.seen = self.end;
        }
        self.tidy()
    }

    fn others(&self) -> Fault {
        let path = self.path.display();
        Fault::person(format!("somebody else writes to {path}: a folder takes one load at a time"))
    }

    fn note(&mut self, read: &Read, start: u64) {
        let place = read.id.saturating_sub(1) as usize;
        if self.at.len() <= place {
            self.at.resize(place + 1, 0);
        }
        let Some(at) = self.at.get_mut(place) else { return };
        let was = *at != 0;
        self.dead |= was || read.gone;
        *at = if read.gone { 0 } else { start + 1 };
        match (was, read.gone) {
            (true, true) => self.live -= 1,
            (false, false) => self.live += 1,
            _ => {}
        }
        if read.gone {
            if self.marks.get(&read.mark) == Some(&read.id) {
                self.marks.remove(&read.mark);
            }
        } else {
            self.marks.insert(read.mark, read.id);
        }
    }

    pub(super) fn live(&self) -> u64 {
        self.live
    }

    /// The highest number.
    pub(super) fn last(&self) -> u32 {
        u32::try_from(self.at.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn has(&self, id: u32) -> bool {
        id > 0 && self.at.get(id as usize - 1).is_some_and(|at| *at != 0)
    }

    pub(super) fn by_mark(&self, mark: &str) -> Option<u32> {
        self.marks.get(&half_digest(mark)).copied()
    }

    /// The line of a record.
    pub(super) fn line(&self, id: u32) -> Result<Option<String>, Fault> {
        let at = if id == 0 { None } else { self.at.get(id as usize - 1).filter(|at| **at != 0) };
        let Some(at) = at else { return Ok(None) };
        let io = |error: io::Error| broken("read", &self.path, &error);
        let mut file = File::open(&self.path).map_err(io)?;
        file.seek(SeekFrom::Start(at - 1)).map_err(io)?;
        let mut line = String::new();
        BufReader::new(file.take(self.end - (at - 1))).read_line(&mut line).map_err(io)?;
        Ok(Some(line.trim_end().to_owned()))
    }

    /// All records, in the order of their numbers.
    pub(super) fn each(&self, act: &mut dyn FnMut(u32, &str) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.live == 0 {
            return Ok(());
        }
        let io = |error: io::Error| broken("read", &self.path, &error);
        let mut lines = BufReader::with_capacity(1 << 18, File::open(&self.path).map_err(io)?);
        let (mut line, mut start) = (String::new(), 0);
        while start < self.end {
            line.clear();
            let read_bytes = lines.read_line(&mut line).map_err(io)? as u64;
            if read_bytes == 0 {
                break;
            }
            if let Some(found) = read(line.trim_end())
                && self.at.get(found.id.saturating_sub(1) as usize) == Some(&(start + 1))
            {
                act(found.id, line.trim_end())?;
            }
            start += read_bytes;
        }
        Ok(())
    }

    /// Records that were written with another one, and which.
    pub(super) fn owners(&self, act: &mut dyn FnMut(u32, &str)) -> Result<(), Fault> {
        self.each(&mut |id, line| {
            let of = Fields::of(line).and_then(|fields| {
                fields.get("part_of").and_then(|of| text(of.get())).map(std::borrow::Cow::into_owned)
            });
            if let Some(of) = of {
                act(id, &of);
            }
            Ok(())
        })
    }

    /// Adds lines, in one piece, down to the disk.
    pub(super) fn append(&mut self, new: &New) -> Result<(), Fault> {
        let start = self.write(&new.text)?;
        for (at, (id, mark, _)) in new.starts.iter().zip(&new.marks) {
            let read = Read { id: *id, mark: half_digest(mark), gone: false };
            self.note(&read, start + *at as u64);
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<u64, Fault> {
        let io = |error: io::Error| broken("write", &self.path, &error);
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                if let Some(folder) = self.path.parent() {
                    fs::create_dir_all(folder).map_err(io)?;
                }
                none.insert(private(&self.path, true).map_err(io)?)
            }
        };
        if file.metadata().map_err(io)?.len() != self.end {
            return Err(self.others());
        }
        file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).map_err(io)?;
        let start = self.end;
        self.end += text.len() as u64;
        Ok(start)
    }

    /// Writes a record anew.
    pub(super) fn replace(&mut self, line: &str, id: u32) -> Result<(), Fault> {
        let start = self.write(&format!("{line}\n"))?;
        let mark = read(line).map_or(0, |read| read.mark);
        self.note(&Read { id, mark, gone: false }, start);
        Ok(())
    }

    /// Notes that a record is gone.
    pub(super) fn remove(&mut self, id: u32) -> Result<(), Fault> {
        let mark = self.line(id)?.as_deref().and_then(read).map_or(0, |read| read.mark);
        let line = serde_json::json!({ "id": id.to_string(), "gone": true });
        let start = self.write(&format!("{line}\n"))?;
        self.note(&Read { id, mark, gone: true }, start);
        Ok(())
    }

    /// Counts a record no more; the next tidying takes it away.
    pub(super) fn forget(&mut self, id: u32) {
        let line = self.line(id).ok().flatten();
        let mark = line.as_deref().and_then(read).map_or(0, |read| read.mark);
        self.note(&Read { id, mark, gone: true }, 0);
    }

    /// Writes the file anew, without lines that count no more: beside it, and then in its place.
    pub(super) fn tidy(&mut self) -> Result<(), Fault> {
        if !self.dead {
            return Ok(());
        }
        let io = |error: io::Error| broken("tidy", &self.path, &error);
        self.file = None;
        if self.live == 0 {
            match fs::remove_file(&self.path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(io(error)),
            }
            (self.end, self.seen, self.dead) = (0, 0, false);
            self.at.clear();
            return Ok(());
        }
        let draft = self.draft();
        let mut out = BufWriter::with_capacity(1 << 18, private(&draft, false).map_err(io)?);
        let (mut at, mut end) = (vec![0; self.at.len()], 0);
        self.each(&mut |id, line| {
            writeln!(out, "{line}").map_err(io)?;
            if let Some(place) = at.get_mut(id as usize - 1) {
                *place = end + 1;
            }
            end += line.len() as u64 + 1;
            Ok(())
        })?;
        let file = out.into_inner().map_err(|error| io(error.into_error()))?;
        file.sync_all().and_then(|()| fs::rename(&draft, &self.path)).map_err(io)?;
        while at.last() == Some(&0) {
            at.pop();
        }
        (self.at, self.end, self.seen, self.dead) = (at, end, end, false);
        Ok(())
    }

    fn draft(&self) -> PathBuf {
        self.path.with_extension("jsonl.draft")
    }
}

fn read(line: &str) -> Option<Read> {
    let fields = Fields::of(line)?;
    let id = text(fields.get("id")?.get())?.parse().ok().filter(|id| *id > 0)?;
    let gone = fields.get("gone").is_some_and(|gone| gone.get() == "true") && fields.0.len() == 2;
    let mark = fields.get("mark").and_then(|mark| text(mark.get()));
    if mark.is_none() && !gone {
        return None;
    }
    Some(Read { id, mark: mark.map_or(0, |mark| half_digest(&mark)), gone })
}

/// Half of a digest: of a hundred million marks, no two have the same one.
fn half_digest(mark: &str) -> u128 {
    let digest = Sha256::digest(mark.as_bytes());
    digest.iter().take(16).fold(0, |all, byte| all << 8 | u128::from(*byte))
}

/// A file that its owner alone may read.
fn private(path: &Path, append: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(append).write(true).truncate(!append);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(super) fn broken(what: &str, path: &Path, error: &io::Error) -> Fault {
    Fault::person(format!("cannot {what} {}: {error}", path.display()))
}
