//! The elements of a list inside JSON pages: `{"tickets":[{...},{...}],"end_time":1}`, one page a file or many, on one line or many.

use std::io::{Read, Result};

use crate::problem::{Found, Place, Problem};
use crate::window::{Start, Window};
use crate::{Item, Limits, Record};

/// Longest key of a page, in bytes.
const KEY_BYTES: usize = 1024;
/// Most page keys that are kept.
const PAGE_KEYS: usize = 64;

/// Streams the elements of a list at a path of keys; an empty path is a list at the top. A page is never held whole.
pub struct Elements<R> {
    window: Window<R>,
    limits: Limits,
    path: Vec<String>,
    state: State,
    /// Whether the page at hand had its list.
    listed: bool,
    page: Place,
    record: Vec<u8>,
    page_keys: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is read.
    Start,
    /// Between pages.
    Top,
    /// In the object that is reached by so many keys of the path.
    Object { level: usize, first: bool },
    /// In the list.
    List { first: bool },
}

/// Why the structure of a page cannot be followed.
enum Broken {
    Io(std::io::Error),
    Problem(Problem),
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Broken::Io(error)
    }
}

/// What a step of the reading found.
enum Step {
    Go(State),
    Element { place: Place, bytes: u64, deep: bool },
    Problem(Found),
    End,
}

impl<R: Read> Elements<R> {
    /// A reader of the list at `path`, for example `["tickets"]` or `["_embedded", "conversations"]`.
    pub fn new(read: R, path: Vec<String>, limits: Limits) -> Self {
        Elements {
            window: Window::new(read),
            limits,
            path,
            state: State::Start,
            listed: false,
            page: Place { line: 1, offset: 0 },
            record: Vec::new(),
            page_keys: Vec::new(),
        }
    }

    /// Keys seen so far in page objects on the way to the list, other than the path's, in order of appearance; at most 64.
    #[must_use]
    pub fn page_keys(&self) -> &[String] {
        &self.page_keys
    }

    /// The next record or problem.
    ///
    /// # Errors
    /// When the stream cannot be read.
    #[expect(
        clippy::should_implement_trait,
        reason = "the record borrows from the reader, which an Iterator cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Item<Record<'_>>>> {
        loop {
            match self.step() {
                Ok(Step::Go(state)) => self.state = state,
                Ok(Step::End) => return Ok(None),
                Ok(Step::Problem(found)) => return Ok(Some(Item::Problem(found))),
                Ok(Step::Element { place, bytes, deep }) => return Ok(Some(self.give(place, bytes, deep))),
                Err(Broken::Io(error)) => return Err(error),
                Err(Broken::Problem(problem)) => {
                    let place = self.window.place();
                    self.resync()?;
                    return Ok(Some(Item::Problem(Found { problem, place })));
                }
            }
        }
    }

    fn give(&self, mut place: Place, bytes: u64, deep: bool) -> Item<Record<'_>> {
        let problem = if bytes > self.limits.record_bytes as u64 {
            Problem::TooLong { bytes }
        } else if deep {
            Problem::TooDeep
        } else {
            match std::str::from_utf8(&self.record) {
                Ok(text) => return Item::Record(Record { text, place }),
                Err(error) => {
                    let before = self.record.get(..error.valid_up_to()).unwrap_or_default();
                    place.offset += before.len() as u64;
                    place.line += memchr::memchr_iter(b'\n', before).count() as u64;
                    Problem::NotUtf8
                }
            }
        };
        Item::Problem(Found { problem, place })
    }

    fn step(&mut self) -> std::result::Result<Step, Broken> {
        if self.state == State::Start {
            if self.window.begin()? == Start::Utf16 {
                let place = self.window.place();
                self.window.consume(usize::MAX);
                while self.window.fill()? {
                    self.window.consume(usize::MAX);
                }
                self.state = State::Top;
                return Ok(Step::Problem(Found { problem: Problem::Utf16, place }));
            }
            return Ok(Step::Go(State::Top));
        }
        let Some(byte) = self.blank()? else {
            return match self.state {
                State::Start | State::Top => Ok(Step::End),
                State::Object { .. } | State::List { .. } => {
                    self.state = State::Top;
                    Ok(Step::Problem(Found { problem: Problem::Truncated, place: self.window.place() }))
                }
            };
        };
        match self.state {
            State::Start | State::Top => self.top(byte),
            State::Object { level, first } => self.object(byte, level, first),
            State::List { first } => self.list(byte, first),
        }
    }

    fn top(&mut self, byte: u8) -> std::result::Result<Step, Broken> {
        self.page = self.window.place();
        self.listed = false;
        match (byte, self.path.is_empty()) {
            (b'[', true) => {
                self.window.step();
                Ok(Step::Go(State::List { first: true }))
            }
            (b'{', false) => {
                self.window.step();
                Ok(Step::Go(State::Object { level: 0, first: true }))
            }
            (_, true) => Err(not_json("a list was expected")),
            (_, false) => Err(not_json("an object was expected")),
        }
    }

    fn object(&mut self, mut byte: u8, level: usize, first: bool) -> std::result::Result<Step, Broken> {
        if byte == b'}' {
            self.window.step();
            if let Some(up) = level.checked_sub(1) {
                return Ok(Step::Go(State::Object { level: up, first: false }));
            }
            self.state = State::Top;
            if !self.listed {
                let problem = Problem::NoList { path: self.path.join(".") };
                return Ok(Step::Problem(Found { problem, place: self.page }));
            }
            return Ok(Step::Go(State::Top));
        }
        if !first {
            byte = self.after(byte, b',')?;
        }
        if byte != b'"' {
            return Err(not_json("a key in quotes was expected"));
        }
        let place = self.window.place();
        let key = self.key()?;
        let colon = self.expected()?;
        let byte = self.after(colon, b':')?;
        let last = level + 1 == self.path.len();
        if self.path.get(level) != Some(&key) {
            self.note(level, key);
            self.skip_value(false)?;
            return Ok(Step::Go(State::Object { level, first: false }));
        }
        let twice = self.listed && last;
        let next = match (byte, last) {
            (b'[', true) => State::List { first: true },
            (b'{', false) => State::Object { level: level + 1, first: true },
            _ => {
                // A page without records may say null.
                let null = byte == b'n';
                self.listed |= null;
                self.skip_value(false)?;
                if !null {
                    self.listed = true;
                    self.state = State::Object { level, first: false };
                    let path = self.path.join(".");
                    return Ok(Step::Problem(Found { problem: Problem::OtherShape { path }, place }));
                }
                return Ok(Step::Go(State::Object { level, first: false }));
            }
        };
        self.window.step();
        self.listed |= last;
        if twice {
            self.state = next;
            let path = self.path.join(".");
            return Ok(Step::Problem(Found { problem: Problem::DuplicateKey { path }, place }));
        }
        Ok(Step::Go(next))
    }

    fn list(&mut self, mut byte: u8, first: bool) -> std::result::Result<Step, Broken> {
        if byte == b']' {
            self.window.step();
            return Ok(Step::Go(match self.path.len().checked_sub(1) {
                Some(level) => State::Object { level, first: false },
                None => State::Top,
            }));
        }
        if !first {
            byte = self.after(byte, b',')?;
        }
        if matches!(byte, b']' | b'}' | b',' | b':') {
            return Err(not_json("a record was expected"));
        }
        let place = self.window.place();
        self.record.clear();
        let (bytes, deep) = self.skip_value(true)?;
        self.state = State::List { first: false };
        Ok(Step::Element { place, bytes, deep })
    }

    /// Moves past blanks and gives the byte behind them.
    fn blank(&mut self) -> Result<Option<u8>> {
        while let Some(byte) = self.window.peek()? {
            if byte == b'\n' {
                self.window.consume(1);
            } else if matches!(byte, b' ' | b'\t' | b'\r') {
                self.window.step();
            } else {
                return Ok(Some(byte));
            }
        }
        Ok(None)
    }

    fn expected(&mut self) -> std::result::Result<u8, Broken> {
        self.blank()?.ok_or(Broken::Problem(Problem::Truncated))
    }

    /// Moves past a separator and the blanks behind it.
    fn after(&mut self, byte: u8, separator: u8) -> std::result::Result<u8, Broken> {
        if byte != separator {
            return Err(not_json(if separator == b',' {
                "a comma was expected"
            } else {
                "a colon was expected"
            }));
        }
        self.window.step();
        self.expected()
    }

    /// Reads a key, its quotes included.
    fn key(&mut self) -> std::result::Result<String, Broken> {
        let mut text = Vec::new();
        self.skip_text(Some(&mut text), KEY_BYTES)?;
        if text.len() > KEY_BYTES {
            return Err(not_json("a key is too long"));
        }
        serde_json::from_slice(&text).map_err(|_| not_json("a key cannot be read"))
    }

    fn note(&mut self, level: usize, key: String) {
        let mut full = self.path.get(..level).unwrap_or_default().join(".");
        if !full.is_empty() {
            full.push('.');
        }
        full.push_str(&key);
        if self.page_keys.len() < PAGE_KEYS && !self.page_keys.contains(&full) {
            self.page_keys.push(full);
        }
    }

    /// Moves past a value by its structure alone, keeping it in `record` up to the limit. Gives its length and whether it is too deep.
    fn skip_value(&mut self, keep: bool) -> std::result::Result<(u64, bool), Broken> {
        let mut record = std::mem::take(&mut self.record);
        let result = self.skip_into(keep.then_some(&mut record));
        self.record = record;
        result
    }

    fn skip_into(&mut self, mut record: Option<&mut Vec<u8>>) -> std::result::Result<(u64, bool), Broken> {
        let begin = self.window.place().offset;
        let limit = self.limits.record_bytes;
        // One bit a level says whether it is a list, for the levels that are allowed at all.
        let mut lists: Vec<bool> = Vec::new();
        let mut depth = 0_usize;
        let mut deep = false;
        loop {
            let Some(byte) = self.window.peek()? else {
                if depth == 0 && self.window.place().offset > begin {
                    break;
                }
                return Err(Broken::Problem(Problem::Truncated));
            };
            match byte {
                b'"' => {
                    self.skip_text(record.as_deref_mut(), limit)?;
                    if depth == 0 {
                        break;
                    }
                }
                b'{' | b'[' => {
                    if depth < self.limits.depth {
                        lists.push(byte == b'[');
                    } else {
                        deep = true;
                    }
                    depth += 1;
                    self.take(&mut record, 1, limit);
                }
                b'}' | b']' => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                    if depth < lists.len() && lists.pop() != Some(byte == b']') {
                        return Err(not_json("brackets do not match"));
                    }
                    self.take(&mut record, 1, limit);
                    if depth == 0 {
                        break;
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => break,
                _ => {
                    let data = self.window.data();
                    let plain = |b: &u8| {
                        !matches!(
                            b,
                            b'"' | b'{' | b'[' | b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n'
                        )
                    };
                    // The byte at hand is taken in any case, so that the loop moves on.
                    let run = 1 + data.iter().skip(1).take_while(|b| plain(b)).count();
                    self.take(&mut record, run, limit);
                }
            }
        }
        Ok((self.window.place().offset - begin, deep))
    }

    /// Moves past a text in quotes that starts at the window's start.
    fn skip_text(
        &mut self,
        mut record: Option<&mut Vec<u8>>,
        limit: usize,
    ) -> std::result::Result<(), Broken> {
        self.take(&mut record, 1, limit);
        loop {
            let data = self.window.data();
            let Some(at) = memchr::memchr2(b'"', b'\\', data) else {
                let all = data.len();
                self.take(&mut record, all, limit);
                if !self.window.fill()? {
                    return Err(Broken::Problem(Problem::Truncated));
                }
                continue;
            };
            if data.get(at) == Some(&b'"') {
                self.take(&mut record, at + 1, limit);
                return Ok(());
            }
            if data.len() < at + 2 {
                self.take(&mut record, at, limit);
                if !self.window.fill()? {
                    return Err(Broken::Problem(Problem::Truncated));
                }
                continue;
            }
            self.take(&mut record, at + 2, limit);
        }
    }

    /// Consumes bytes, and keeps them while the record is within the limit.
    fn take(&mut self, record: &mut Option<&mut Vec<u8>>, count: usize, limit: usize) {
        if let Some(record) = record {
            // One byte above the limit is enough to know that it is too long.
            let room = (limit + 1).saturating_sub(record.len()).min(count);
            record.extend_from_slice(self.window.data().get(..room).unwrap_or_default());
        }
        self.window.consume(count);
    }

    /// Moves to the next line that starts like a page.
    fn resync(&mut self) -> Result<()> {
        self.state = State::Top;
        let open = if self.path.is_empty() { b'[' } else { b'{' };
        loop {
            let data = self.window.data();
            if let Some(at) = memchr::memchr(b'\n', data) {
                self.window.consume(at + 1);
                if self.window.peek()?.is_none_or(|byte| byte == open) {
                    return Ok(());
                }
                continue;
            }
            self.window.consume(usize::MAX);
            if !self.window.fill()? {
                return Ok(());
            }
        }
    }

    /// Bytes of memory held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.window.held() + self.record.capacity()
    }
}

fn not_json(reason: &str) -> Broken {
    Broken::Problem(Problem::NotJson { reason: reason.to_owned() })
}
