//! Seeded randomness, and mutations of real inputs.
//!
//! A failure names its seed and round, and the same seed gives the same inputs on every machine.

use serde_json::Value;

/// SplitMix64: small, fast, and its whole state is the seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator whose numbers depend on the seed alone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below the bound; 0 for the bound 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.bits() % bound).unwrap_or(0)
    }

    /// One element; `None` of nothing.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// Bytes without any structure.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.bits().to_le_bytes()[0]).collect()
    }

    /// The elements in another order.
    pub fn shuffle<T>(&mut self, of: &mut [T]) {
        for last in (1..of.len()).rev() {
            let other = self.below(last + 1);
            of.swap(last, other);
        }
    }
}

/// Pieces that a reader of specs, YAML or JSON might stumble over.
const PIECES: &[&str] = &[
    "{",
    "}",
    "{{",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "'",
    "`",
    "->",
    "=>",
    ",",
    ";",
    ":",
    "#",
    "???",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "\0",
    "\u{1b}[31m",
    "\u{feff}",
    "\u{202e}",
    "\u{2028}",
    "\u{301}",
    "ü",
    "“",
    "”",
    "💥",
    "\\",
    "\\u{110000}",
    "%",
    "-",
    "+",
    "0",
    "9223372036854775808",
    "99999999999999999999999999",
    "1e999",
    "2026-02-30",
    "24:60",
    "0000-00-00",
    "1 business hour",
    "edition 1",
    "edition 2",
    "migration",
    "use \"x.cutover\"",
    "map ticket -> ticket {",
    "translate",
    "scope {",
    "the rest",
    "where",
    "when missing",
    "signed by",
    "because",
    "lossy",
    "owner",
    "until",
    "go live",
    "is one of (",
    "not",
    "and",
    "or",
    "&a",
    "*a",
    "<<: *a",
    "- ",
    "? ",
    "|",
    ">",
    "---",
    "...",
    "!!binary",
    "~",
    "null",
    "true",
    ".inf",
    "{a: {a: {a: ",
];

/// A changed copy of one of the seeds: bytes flipped, ranges removed, repeated, moved, pieces put in, two seeds joined.
/// Stays below `cap` bytes.
#[must_use]
pub fn mutate(random: &mut Random, seeds: &[Vec<u8>], cap: usize) -> Vec<u8> {
    let mut bytes = random.pick(seeds).cloned().unwrap_or_default();
    bytes.truncate(cap);
    for _ in 0..=random.below(6) {
        let from = random.below(bytes.len() + 1);
        let length = random.below(bytes.len() - from + 1).min(1 << random.below(12));
        match random.below(8) {
            0 => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << random.below(8);
                }
            }
            1 => drop(bytes.drain(from..from + length)),
            2 => {
                let copy = bytes.get(from..from + length).unwrap_or_default().to_vec();
                insert(&mut bytes, from, &copy.repeat(1 + random.below(4)));
            }
            3 => {
                let moved: Vec<u8> = bytes.drain(from..from + length).collect();
                let to = random.below(bytes.len() + 1);
                insert(&mut bytes, to, &moved);
            }
            4 => {
                let other = random.pick(seeds).map_or(&[][..], Vec::as_slice);
                let start = random.below(other.len() + 1);
                let rest = other.get(start..).unwrap_or_default();
                let part = rest.get(..random.below(rest.len() + 1).min(2_000)).unwrap_or_default().to_vec();
                insert(&mut bytes, from, &part);
            }
            5 => bytes.truncate(from),
            _ => {
                let piece = random.pick(PIECES).map_or("", |piece| *piece);
                let times = if random.below(16) == 0 { 300 } else { 1 };
                insert(&mut bytes, from, &piece.repeat(times).into_bytes());
            }
        }
        bytes.truncate(cap);
    }
    bytes
}

/// A changed copy of a JSON value, of the same form in most places: members and elements taken out, doubled or put in another's place, texts and
/// numbers that somebody may have forgotten.
#[must_use]
pub fn mutate_json(random: &mut Random, value: &Value) -> Value {
    let mut changed = value.clone();
    for _ in 0..=random.below(3) {
        let mut at = random.below(nodes(&changed));
        change(random, &mut changed, &mut at);
    }
    changed
}

/// Number of values inside of a value, with itself.
fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(of) => of.iter().map(nodes).sum(),
        Value::Object(of) => of.values().map(nodes).sum::<usize>(),
        _ => 0,
    }
}

/// Changes the value that is the `at`th, counted down to 0 on the way. Whether it was met.
fn change(random: &mut Random, value: &mut Value, at: &mut usize) -> bool {
    if *at > 0 {
        *at -= 1;
        return match value {
            Value::Array(of) => of.iter_mut().any(|inner| change(random, inner, at)),
            Value::Object(of) => of.values_mut().any(|inner| change(random, inner, at)),
            _ => false,
        };
    }
    match value {
        Value::String(text) => {
            let piece = random.pick(PIECES).map_or("", |piece| *piece);
            match random.below(4) {
                0 => piece.clone_into(text),
                1 => text.push_str(piece),
                2 => text.clear(),
                _ => *text = text.chars().rev().collect(),
            }
        }
        Value::Number(number) => {
            let extremes = [0_i64, 1, -1, i64::MAX, i64::MIN, 1 << 53, 253_402_300_800, 86_400];
            if let Some(extreme) = random.pick(&extremes) {
                *number = (*extreme).into();
            }
        }
        Value::Bool(known) => *known = !*known,
        Value::Null => *value = Value::from("x"),
        Value::Array(of) => {
            let (from, to) = (random.below(of.len()), random.below(of.len()));
            match random.below(4) {
                0 => of.clear(),
                1 if !of.is_empty() => drop(of.remove(from)),
                2 if !of.is_empty() => of.swap(from, to),
                _ => of.extend(of.get(from).cloned()),
            }
        }
        Value::Object(of) => {
            let keys: Vec<String> = of.keys().cloned().collect();
            let (one, other) = (random.pick(&keys).cloned(), random.pick(&keys).cloned());
            if let (Some(one), Some(other)) = (one, other) {
                let taken = of.remove(&one);
                if let (1.., Some(taken)) = (random.below(3), taken) {
                    of.insert(other, taken);
                }
            }
        }
    }
    true
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}
