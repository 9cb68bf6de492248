//! A folder to which records are written: one file of JSON lines a kind, which the connector of export folders reads again.

mod drawer;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use cutover_plan::model::Schema;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use crate::abilities::{Abilities, Account, Finding, Proof, Silence};
use crate::connector::Connector;
use crate::contents::{Content, Contents, NoContent};
use crate::embedded::belongs;
use crate::fault::{Effect, Fault};
use crate::fields::Fields;
use crate::files::plural;
use crate::read::{Chunk, Cursor};
use crate::write::{Answer, Draft, Part, Undone};
use drawer::{Drawer, broken};

/// Members of each line that are the folder's own.
const OWN: [&str; 3] = ["id", "mark", "part_of"];
/// Most drafts of one call.
const BATCH: usize = 500;
/// The folder of the bytes of files.
const BYTES: &str = "contents";

/// A folder to which records are written.
///
/// Each kind of the schema is a file of lines in the order in which they came; `id` is the number of a record, `mark` what it was created
/// from, `part_of` the record with which it was written. A batch reaches the disk as a whole line for each record: parts first, what they belong to
/// last, so that a record which was cut off by a kill has parts that belong to nothing, and all of it is swept away by whoever writes to the
/// folder next. What is taken back or changed leaves a line that says so, until the folder is let go or written to anew.
///
/// It takes whatever is a JSON object: what the real desk would refuse is the embedded desk's to find out. Nobody else may write there.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    schema: Schema,
    contents: Option<Contents>,
    drawers: BTreeMap<String, Drawer>,
    /// For each kind, its records that have parts, and these.
    parts: BTreeMap<String, FxHashMap<u32, Vec<(String, u32)>>>,
    /// Of how many records the bytes with a digest are.
    uses: BTreeMap<String, u64>,
    /// Whether what is in memory is what is on the disk.
    known: bool,
    /// Whether the files are ready to be written to.
    begun: bool,
}

impl Shelf {
    /// The folder, which is made with the first record. Until then nothing is changed there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(folder: &Path, schema: &Schema) -> Result<Shelf, Fault> {
        let mut shelf = Shelf {
            folder: folder.to_owned(),
            schema: schema.clone(),
            contents: None,
            drawers: BTreeMap::new(),
            parts: BTreeMap::new(),
            uses: BTreeMap::new(),
            known: false,
            begun: false,
        };
        shelf.know()?;
        Ok(shelf)
    }

    /// Says where the bytes of files stand that records name.
    pub fn contents(&mut self, contents: Contents) {
        self.contents = Some(contents);
    }

    /// Makes the files ready to be written to: what a kill left behind goes.
    fn begin(&mut self) -> Result<(), Fault> {
        self.know()?;
        if !self.begun {
            for drawer in self.drawers.values_mut() {
                drawer.begin()?;
            }
            self.unused()?;
            self.begun = true;
        }
        Ok(())
    }

    /// Reads what is there.
    fn know(&mut self) -> Result<(), Fault> {
        if self.known {
            return Ok(());
        }
        self.begun = false;
        (self.drawers, self.parts, self.uses) = Default::default();
        for kind in self.schema.kinds.keys() {
            let path = self.folder.join(format!("{}.jsonl", plural(kind)));
            self.drawers.insert(kind.clone(), Drawer::open(path)?);
        }
        self.sweep()?;
        for (kind, drawer) in &mut self.drawers {
            drawer.each(&mut |id, line| {
                for value in Fields::of(line).into_iter().flat_map(|fields| fields.0) {
                    if let Some(content) = Content::of(value.1.get()) {
                        *self.uses.entry(content.sha256).or_default() += 1;
                    }
                }
                if let Some((owner, number)) = part_of(line) {
                    self.parts.entry(owner).or_default().entry(number).or_default().push((kind.clone(), id));
                }
                Ok(())
            })?;
        }
        self.known = true;
        Ok(())
    }

    /// Counts parts no more whose whole was never written.
    fn sweep(&mut self) -> Result<(), Fault> {
        let mut torn = Vec::new();
        for (kind, drawer) in &self.drawers {
            drawer.owners(&mut |id, owner| torn.push((kind.clone(), id, owner.to_owned())))?;
        }
        for (kind, id, owner) in torn {
            let whole = owner
                .split_once('/')
                .and_then(|(of, number)| Some((self.drawers.get(of)?, number.parse::<u32>().ok()?)));
            if !whole.is_some_and(|(drawer, number)| drawer.has(number))
                && let Some(drawer) = self.drawers.get_mut(&kind)
            {
                drawer.forget(id);
            }
        }
        Ok(())
    }

    /// Removes bytes that belong to no record.
    fn unused(&self) -> Result<(), Fault> {
        let top = self.folder.join(BYTES);
        let Ok(listed) = fs::read_dir(&top) else { return Ok(()) };
        for entry in listed.flatten() {
            let name = entry.file_name();
            if !name.to_str().is_some_and(|name| self.uses.contains_key(name)) {
                fs::remove_file(entry.path()).map_err(|error| broken("tidy", &entry.path(), &error))?;
            }
        }
        if self.uses.is_empty() {
            // It is empty, or somebody else's files are in it: then it stays.
            let _ = fs::remove_dir(&top);
        }
        Ok(())
    }

    fn drawer(&mut self, kind: &str) -> Result<&mut Drawer, Fault> {
        self.know()?;
        self.drawers.get_mut(kind).ok_or_else(|| no_kind(kind))
    }

    /// Prepares the lines of a draft.
    fn prepare(&mut self, kind: &str, draft: &Draft, lines: &mut Lines) -> Result<Answer, Fault> {
        let Some(drawer) = self.drawers.get(kind) else { return Err(no_kind(kind)) };
        if let Some(id) = drawer.by_mark(&draft.mark).or_else(|| lines.by_mark(kind, &draft.mark)) {
            return Ok(Answer::Known { id: id.to_string() });
        }
        let mut took = Vec::new();
        let made = self.lines_of(kind, draft, lines, &mut took);
        if !matches!(made, Ok(Ok(_))) {
            for sha256 in took {
                self.release(&sha256);
            }
        }
        Ok(match made? {
            Ok(answer) => answer,
            Err((field, code, why)) => Answer::Refused { field, code: code.to_owned(), why },
        })
    }

    fn lines_of(
        &mut self,
        kind: &str,
        draft: &Draft,
        lines: &mut Lines,
        took: &mut Vec<String>,
    ) -> Result<Result<Answer, Refusal>, Fault> {
        let whole = lines.next(&self.drawers, kind)?;
        let record = match self.object(&draft.record, "", took)? {
            Ok(record) => record,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut parts = Vec::with_capacity(draft.parts.len());
        for (at, part) in draft.parts.iter().enumerate() {
            let Some(shape) = self.schema.kinds.get(&part.kind) else {
                return Ok(Err((
                    part.kind.clone(),
                    "unknown-kind",
                    "the folder has no such kind".to_owned(),
                )));
            };
            let owner = belongs(shape, kind).cloned();
            let mut made = match self.object(&part.record, &format!("{}.", part.kind), took)? {
                Ok(made) => made,
                Err((field, code, why)) => return Ok(Err((field, code, format!("{}: {why}", part.mark)))),
            };
            if let Some(owner) = owner
                && !made.contains_key(&owner)
            {
                made.insert(owner, whole.to_string().into());
            }
            let same = draft.parts.iter().take(at).filter(|before| before.kind == part.kind).count();
            let id = lines.next(&self.drawers, &part.kind)? + u32::try_from(same).unwrap_or(0);
            parts.push((part, id, made));
        }
        let mut ids = Vec::with_capacity(parts.len());
        for (Part { kind: of, mark, .. }, id, record) in parts {
            lines.push(of, id, mark, Some((kind, whole)), &record);
            ids.push(id.to_string());
        }
        lines.push(kind, whole, &draft.mark, None, &record);
        Ok(Ok(Answer::Done { id: whole.to_string(), parts: ids }))
    }

    /// A record as an object, its files taken.
    fn object(
        &mut self,
        text: &str,
        within: &str,
        took: &mut Vec<String>,
    ) -> Result<Result<Map<String, Value>, Refusal>, Fault> {
        let Ok(record) = serde_json::from_str::<Map<String, Value>>(text) else {
            return Ok(Err((within.to_owned(), "not-json", "the record is not one JSON object".to_owned())));
        };
        if let Some(own) = OWN.iter().find(|own| **own != "id" && record.contains_key(**own)) {
            let why = "the folder keeps something of its own under this name".to_owned();
            return Ok(Err((format!("{within}{own}"), "read-only", why)));
        }
        for (field, value) in &record {
            if value.is_object()
                && let Some(content) = Content::of(&value.to_string())
            {
                if let Err(no) = self.take(&content)? {
                    return Ok(Err((format!("{within}{field}"), no.code(), no.to_string())));
                }
                took.push(content.sha256);
            }
        }
        Ok(Ok(record))
    }

    /// Takes the bytes of a file, once.
    fn take(&mut self, content: &Content) -> Result<Result<(), NoContent>, Fault> {
        if let Some(uses) = self.uses.get_mut(&content.sha256) {
            *uses += 1;
            return Ok(Ok(()));
        }
        let Some(contents) = &self.contents else { return Ok(Err(NoContent::Missing)) };
        let top = self.folder.join(BYTES);
        fs::create_dir_all(&top).map_err(|error| broken("make", &top, &error))?;
        let (draft, path) = (top.join(format!("{}.draft", content.sha256)), top.join(&content.sha256));
        let io = |error: std::io::Error| broken("write", &path, &error);
        let mut file = fs::File::create(&draft).map_err(io)?;
        match contents.copy(content, &mut file) {
            Ok(()) => {}
            Err(NoContent::Unreadable(error)) => return Err(broken("copy a file into", &top, &error)),
            Err(no) => {
                let _ = fs::remove_file(&draft);
                return Ok(Err(no));
            }
        }
        file.sync_all().and_then(|()| fs::rename(&draft, &path)).map_err(io)?;
        self.uses.insert(content.sha256.clone(), 1);
        Ok(Ok(()))
    }

    fn release(&mut self, sha256: &str) {
        let Some(uses) = self.uses.get_mut(sha256) else { return };
        *uses -= 1;
        if *uses == 0 {
            self.uses.remove(sha256);
            // What stays is removed by whoever opens the folder next.
            let _ = fs::remove_file(self.folder.join(BYTES).join(sha256));
        }
    }

    /// Writes lines to the disk: parts first.
    fn put(&mut self, kind: &str, lines: Lines) -> Result<(), Fault> {
        let (whole, parts): (Vec<_>, Vec<_>) = lines.of.into_iter().partition(|(of, _)| of == kind);
        for (of, new) in parts.into_iter().chain(whole) {
            let Some(drawer) = self.drawers.get_mut(&of) else { continue };
            drawer.append(&new)?;
            for (id, _, owner) in new.marks {
                if let Some((owner, number)) = owner {
                    self.parts.entry(owner).or_default().entry(number).or_default().push((of.clone(), id));
                }
            }
        }
        Ok(())
    }

    fn gone(&mut self, kind: &str, id: u32) -> Result<(), Fault> {
        let mut all = vec![(kind.to_owned(), id)];
        all.extend(self.parts.get_mut(kind).and_then(|parts| parts.remove(&id)).unwrap_or_default());
        for (kind, id) in all {
            let Some(drawer) = self.drawers.get_mut(&kind) else { continue };
            let Some(line) = drawer.line(id)? else { continue };
            drawer.remove(id)?;
            for (_, value) in Fields::of(&line).unwrap_or_default().0 {
                if let Some(content) = Content::of(value.get()) {
                    self.release(&content.sha256);
                }
            }
        }
        Ok(())
    }

    /// What went wrong may have left half of something: the disk is looked at again before anything else is done.
    fn after<T>(&mut self, done: Result<T, Fault>) -> Result<T, Fault> {
        self.known &= done.is_ok();
        done
    }
}

/// Why a record is not taken: field, code, words.
type Refusal = (String, &'static str, String);

/// A line to be written: id, mark, and the record with which it is written.
type Marked = (u32, String, Option<(String, u32)>);

/// Lines to be written to a file.
#[derive(Default)]
struct New {
    text: String,
    /// Where each line begins.
    starts: Vec<usize>,
    marks: Vec<Marked>,
}

/// Lines to be written.
#[derive(Default)]
struct Lines {
    of: BTreeMap<String, New>,
}

impl Lines {
    fn by_mark(&self, kind: &str, mark: &str) -> Option<u32> {
        self.of.get(kind)?.marks.iter().find(|(_, other, _)| other == mark).map(|(id, ..)| *id)
    }

    /// The number of the next record of a kind.
    fn next(&self, drawers: &BTreeMap<String, Drawer>, kind: &str) -> Result<u32, Fault> {
        let last = drawers.get(kind).ok_or_else(|| no_kind(kind))?.last();
        let new = self.of.get(kind).map_or(0, |new| new.marks.len());
        u32::try_from(new)
            .ok()
            .and_then(|new| last.checked_add(new)?.checked_add(1))
            .ok_or_else(|| Fault::never(format!("the folder holds as many records of `{kind}` as it can")))
    }

    fn push(
        &mut self,
        kind: &str,
        id: u32,
        mark: &str,
        of: Option<(&str, u32)>,
        record: &Map<String, Value>,
    ) {
        let new = self.of.entry(kind.to_owned()).or_default();
        new.starts.push(new.text.len());
        new.text.push_str(&line(id, mark, of, record));
        new.text.push('\n');
        new.marks.push((id, mark.to_owned(), of.map(|(kind, id)| (kind.to_owned(), id))));
    }
}

fn line(id: u32, mark: &str, of: Option<(&str, u32)>, record: &Map<String, Value>) -> String {
    let mut line = Map::new();
    line.insert("id".to_owned(), id.to_string().into());
    line.insert("mark".to_owned(), mark.into());
    if let Some((kind, id)) = of {
        line.insert("part_of".to_owned(), format!("{kind}/{id}").into());
    }
    line.extend(
        record.iter().filter(|(name, _)| *name != "id").map(|(name, value)| (name.clone(), value.clone())),
    );
    Value::Object(line).to_string()
}

/// The record with which one was written.
fn part_of(line: &str) -> Option<(String, u32)> {
    let of: String = serde_json::from_str(Fields::of(line)?.get("part_of")?.get()).ok()?;
    let (kind, id) = of.split_once('/')?;
    Some((kind.to_owned(), id.parse().ok()?))
}

/// A line without what is the folder's own.
fn shown(line: &str) -> String {
    let Ok(mut record) = serde_json::from_str::<Map<String, Value>>(line) else { return line.to_owned() };
    for own in OWN.iter().skip(1) {
        record.shift_remove(*own);
    }
    Value::Object(record).to_string()
}

impl Connector for Shelf {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        Ok(Abilities {
            read: true,
            fetch: true,
            write: true,
            set: true,
            append: false,
            undo: true,
            finding: Finding::Enforced,
            batch: BATCH,
            // A folder has no rules, and no way to send.
            proofs: vec![Proof::Counter, Proof::Sink, Proof::TriggersListed, Proof::Canary],
        })
    }

    fn account(&mut self) -> Result<Account, Fault> {
        Ok(Account { name: None, at: self.folder.display().to_string() })
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        Ok(Some(self.drawer(kind)?.live()))
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let wrong = |_| Fault::never("the place at which reading should go on is not one of this folder");
        let mut done: u32 = if from.is_start() { 0 } else { from.0.parse().map_err(wrong)? };
        let drawer = self.drawer(kind)?;
        while done < drawer.last() && into.len() < most.max(1) {
            done += 1;
            if let Some(line) = drawer.line(done)? {
                into.push(&shown(&line));
            }
        }
        into.end((done < drawer.last()).then(|| Cursor(done.to_string())));
        Ok(())
    }

    fn fetch(&mut self, kind: &str, id: &str) -> Result<Option<String>, Fault> {
        let drawer = self.drawer(kind)?;
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(drawer.line(id)?.map(|line| shown(&line)))
    }

    fn content(
        &mut self,
        kind: &str,
        id: &str,
        field: &str,
        into: &mut dyn Write,
    ) -> Result<Option<bool>, Fault> {
        let Some(record) = self.fetch(kind, id)? else { return Ok(Some(false)) };
        let Some(content) = Fields::of(&record).and_then(|fields| Content::of_raw(fields.get(field))) else {
            return Ok(Some(false));
        };
        let path = self.folder.join(BYTES).join(&content.sha256);
        let Ok(mut file) = fs::File::open(&path) else { return Ok(Some(false)) };
        std::io::copy(&mut file, into).map_err(|error| broken("read", &path, &error))?;
        Ok(Some(true))
    }

    fn write(&mut self, kind: &str, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        self.drawer(kind)?;
        self.begin()?;
        let mut lines = Lines::default();
        let prepared: Result<Vec<Answer>, Fault> =
            batch.iter().map(|draft| self.prepare(kind, draft, &mut lines)).collect();
        let done = prepared.and_then(|answers| {
            let put = self.put(kind, lines).map_err(|fault| Fault { effect: Effect::Unknown, ..fault });
            put.map(|()| answers)
        });
        self.after(done)
    }

    fn set(&mut self, kind: &str, id: &str, fields: &str) -> Result<Answer, Fault> {
        let refused = |code: &str, why: &str| {
            Ok(Answer::Refused { field: String::new(), code: code.to_owned(), why: why.to_owned() })
        };
        self.drawer(kind)?;
        self.begin()?;
        let drawer = self.drawer(kind)?;
        let Some(line) = id.parse().ok().map(|id| drawer.line(id)).transpose()?.flatten() else {
            return refused("gone", "there is no such record");
        };
        let Ok(fields) = serde_json::from_str::<Map<String, Value>>(fields) else {
            return refused("not-json", "the change is not one JSON object");
        };
        let Ok(mut record) = serde_json::from_str::<Map<String, Value>>(&line) else {
            return refused("gone", "there is no such record");
        };
        record.extend(fields.into_iter().filter(|(name, _)| !OWN.contains(&name.as_str())));
        let done = drawer.replace(&Value::Object(record).to_string(), id.parse().unwrap_or(0));
        self.after(done.map_err(|fault| Fault { effect: Effect::Unknown, ..fault }))?;
        Ok(Answer::Done { id: id.to_owned(), parts: Vec::new() })
    }

    fn find(&mut self, kind: &str, mark: &str) -> Result<Vec<String>, Fault> {
        Ok(self.drawer(kind)?.by_mark(mark).map(|id| id.to_string()).into_iter().collect())
    }

    fn undo(&mut self, kind: &str, id: &str) -> Result<Undone, Fault> {
        self.drawer(kind)?;
        self.begin()?;
        let drawer = self.drawer(kind)?;
        let Some(id) = id.parse().ok().filter(|id| drawer.has(*id)) else { return Ok(Undone::Gone) };
        let done = self.gone(kind, id).map_err(|fault| Fault { effect: Effect::Unknown, ..fault });
        self.after(done)?;
        Ok(Undone::Removed)
    }

    fn silence(&mut self) -> Result<Silence, Fault> {
        Ok(Silence::Sent(0))
    }
}

impl Drop for Shelf {
    /// Leaves plain files behind. What stays undone is done by whoever opens the folder next.
    fn drop(&mut self) {
        if self.known && self.begun {
            for drawer in self.drawers.values_mut() {
                let _ = drawer.tidy();
            }
            let _ = self.unused();
        }
    }
}

fn no_kind(kind: &str) -> Fault {
    Fault::never(format!("the folder has no records of the kind `{kind}`"))
}
