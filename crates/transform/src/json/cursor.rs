//! A cursor that moves over JSON, checks all of it, and builds nothing.
//!
//! It accepts what RFC 8259 allows, with escapes that name characters only: half of a surrogate pair is refused wherever it stands.

/// What a value is, as told by its first byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The record does not have it.
    #[default]
    Absent,
    /// It would stand in an object, and there is something else.
    Behind,
    /// `null`.
    Null,
    /// `true`.
    True,
    /// `false`.
    False,
    /// A number.
    Number,
    /// A text that stands for itself.
    Text,
    /// A text with escapes.
    Escaped,
    /// A list.
    List,
    /// An object.
    Object,
}

/// A value as it stands in the record: a text without its quotes, everything else whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Raw<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
}

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not JSON: what was found.
    Syntax(&'static str),
    /// Lists and objects are nested too deep.
    TooDeep,
    /// A key that is needed stands twice; the slot of its value.
    Twice(usize),
}

/// Deepest nesting of lists and objects: one bit a level says which of the two it is.
pub(crate) const DEPTH: u32 = 128;

/// A place in a text that is read from left to right.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// Lists and objects that are open around the place.
    depth: u32,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, at: 0, depth: 0 }
    }

    pub(crate) fn place(&self) -> usize {
        self.at
    }

    /// The text from a place up to here.
    pub(crate) fn since(&self, place: usize) -> &'a str {
        self.text.get(place..self.at).unwrap_or_default()
    }

    /// The byte at hand; 0, which no JSON has outside of texts, at the end.
    #[inline]
    pub(crate) fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Moves past one byte.
    #[inline]
    pub(crate) fn step(&mut self) {
        self.at += 1;
    }

    /// Moves past these bytes when they stand here.
    #[inline]
    pub(crate) fn eat(&mut self, expected: &[u8]) -> bool {
        let stands = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(expected));
        if stands {
            self.at += expected.len();
        }
        stands
    }

    #[inline]
    pub(crate) fn blanks(&mut self) {
        while matches!(self.byte(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// That nothing but blanks follows.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        self.blanks();
        if self.at == self.text.len() { Ok(()) } else { Err(Fault::Syntax("something follows the record")) }
    }

    /// Notes that a list or an object opens.
    pub(crate) fn open(&mut self) -> Result<(), Fault> {
        self.step();
        self.depth += 1;
        if self.depth > DEPTH { Err(Fault::TooDeep) } else { Ok(()) }
    }

    /// Notes that it closes.
    pub(crate) fn close(&mut self) {
        self.step();
        self.depth = self.depth.saturating_sub(1);
    }

    /// Reads any value.
    pub(crate) fn value(&mut self) -> Result<Raw<'a>, Fault> {
        let start = self.at;
        let kind = match self.byte() {
            b'"' => {
                let (text, escaped) = self.quoted()?;
                return Ok(Raw { kind: if escaped { Kind::Escaped } else { Kind::Text }, text });
            }
            b'-' | b'0'..=b'9' => {
                self.number()?;
                Kind::Number
            }
            b'n' => self.word(b"null", Kind::Null)?,
            b't' => self.word(b"true", Kind::True)?,
            b'f' => self.word(b"false", Kind::False)?,
            b'[' => {
                self.nested()?;
                Kind::List
            }
            b'{' => {
                self.nested()?;
                Kind::Object
            }
            _ => return Err(Fault::Syntax("a value was expected")),
        };
        Ok(Raw { kind, text: self.since(start) })
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<Kind, Fault> {
        if self.eat(word) { Ok(kind) } else { Err(Fault::Syntax("a value was expected")) }
    }

    /// Reads a text in quotes; whether it has escapes.
    #[inline]
    pub(crate) fn quoted(&mut self) -> Result<(&'a str, bool), Fault> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at = special(bytes, at);
            match bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok((self.text.get(start..at).unwrap_or_default(), escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    at = escape(bytes, at)?;
                }
                Some(_) => return Err(Fault::Syntax("a control character stands in a text")),
                None => return Err(Fault::Syntax("a text does not end")),
            }
        }
    }

    /// Reads a key and the colon behind it.
    pub(crate) fn key(&mut self) -> Result<(&'a str, bool), Fault> {
        if self.byte() != b'"' {
            return Err(Fault::Syntax("a key in quotes was expected"));
        }
        let key = self.quoted()?;
        self.blanks();
        if self.byte() != b':' {
            return Err(Fault::Syntax("a colon was expected"));
        }
        self.step();
        Ok(key)
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.byte() == b'-' {
            self.step();
        }
        match self.byte() {
            b'0' => self.step(),
            b'1'..=b'9' => self.digits(),
            _ => return Err(Fault::Syntax("a number was expected")),
        }
        if self.byte() == b'.' {
            self.step();
            self.some_digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.step();
            if matches!(self.byte(), b'+' | b'-') {
                self.step();
            }
            self.some_digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), Fault> {
        if !self.byte().is_ascii_digit() {
            return Err(Fault::Syntax("a digit was expected"));
        }
        self.digits();
        Ok(())
    }

    /// Moves past a list or an object, however deep, without recursion.
    fn nested(&mut self) -> Result<(), Fault> {
        // One bit for each level that is open, set for lists.
        let mut lists: u128 = 0;
        let outside = self.depth;
        loop {
            match self.byte() {
                open @ (b'{' | b'[') => {
                    let list = open == b'[';
                    self.open()?;
                    lists = (lists << 1) | u128::from(list);
                    self.blanks();
                    if self.byte() != (if list { b']' } else { b'}' }) {
                        if !list {
                            self.key()?;
                            self.blanks();
                        }
                        continue;
                    }
                    self.close();
                    lists >>= 1;
                }
                b'"' => {
                    self.quoted()?;
                }
                _ => {
                    self.value()?;
                }
            }
            // Behind a value: the next one, or the ends of what is open.
            loop {
                if self.depth == outside {
                    return Ok(());
                }
                self.blanks();
                match (self.byte(), lists & 1 == 1) {
                    (b',', list) => {
                        self.step();
                        self.blanks();
                        if !list {
                            self.key()?;
                            self.blanks();
                        }
                        break;
                    }
                    (b']', true) | (b'}', false) => {
                        self.close();
                        lists >>= 1;
                    }
                    _ => return Err(Fault::Syntax("a comma or a closing bracket was expected")),
                }
            }
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The first quote, backslash or control character from here on, or the end. Most texts end within a word of eight bytes or two; a long one goes by
/// blocks, for which compilers use wide registers.
#[inline]
pub(crate) fn special(bytes: &[u8], mut at: usize) -> usize {
    let short = at + 16;
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        // A byte is flagged when it is below the subtrahend; the lowest flag is exact, higher ones may come from borrowing.
        let flags = ((quote.wrapping_sub(ONES) & !quote)
            | (slash.wrapping_sub(ONES) & !slash)
            | (word.wrapping_sub(ONES * 0x20) & !word))
            & HIGH;
        if flags != 0 {
            return at + (flags.trailing_zeros() / 8) as usize;
        }
        at += 8;
        if at == short {
            at = plain(bytes, at);
        }
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| matches!(b, b'"' | b'\\') || *b < 0x20).unwrap_or(rest.len())
}

/// Behind the blocks that hold nothing but plain characters.
fn plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<32>) {
        let any =
            block.iter().fold(false, |any, byte| any | (*byte == b'"') | (*byte == b'\\') | (*byte < 0x20));
        if any {
            break;
        }
        at += 32;
    }
    at
}

/// Moves past an escape that starts here.
fn escape(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    const WRONG: Fault = Fault::Syntax("an escape names no character");
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let first = hex(bytes, at + 2).ok_or(WRONG)?;
            match first {
                0xD800..0xDC00 => {
                    let second = match (bytes.get(at + 6), bytes.get(at + 7)) {
                        (Some(b'\\'), Some(b'u')) => hex(bytes, at + 8),
                        _ => None,
                    };
                    if second.is_some_and(|low| (0xDC00..0xE000).contains(&low)) {
                        Ok(at + 12)
                    } else {
                        Err(WRONG)
                    }
                }
                0xDC00..0xE000 => Err(WRONG),
                _ => Ok(at + 6),
            }
        }
        _ => Err(WRONG),
    }
}

/// Four hexadecimal digits.
pub(crate) fn hex(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..)?.first_chunk::<4>()?;
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}
