//! Terms that are not part of the language: what was probably meant, so that one slip is one finding.

use crate::habits;
use crate::keywords::{ClauseKw, ItemKw, StmtKw};
use crate::messages;
use crate::parse::{Lowering, report};
use crate::tree::{Range, TermKind};
use crate::value::{self, ValueKind};

impl Lowering<'_> {
    /// A word; `segment` is the index of the first term of its line.
    pub(crate) fn word(&mut self, at: Range, segment: u32) {
        // At the start of a line it is taken for a keyword or a forgotten comment.
        if self.count() > segment && habits::is_open_question(self.item.slice(at)) {
            report(self.diagnostics, messages::not_decided(self.item, at));
            self.term(TermKind::Hole, at);
            return;
        }
        self.term(TermKind::Word, at);
    }

    /// A quoted text; a backslash in it stands before one of four characters.
    pub(crate) fn text(&mut self, at: Range) {
        let raw = self.item.slice(at);
        let mut from = 0;
        let mut unknown = Vec::new();
        while let Some(found) = raw.get(from..).and_then(|rest| rest.find('\\')) {
            let slash = from + found;
            let next = raw.get(slash + 1..).and_then(|rest| rest.chars().next());
            from = slash + 1 + next.map_or(0, char::len_utf8);
            if !matches!(next, Some('n' | 't' | '"' | '\\')) {
                let part = |offset: usize| at.start + u32::try_from(offset).unwrap_or(0);
                unknown.push(Range { start: part(slash), end: part(from) });
            }
        }
        for range in unknown {
            report(self.diagnostics, messages::bad_escape(self.item, range));
        }
        self.term(TermKind::Text, at);
    }

    /// A text that is not closed. Where the line above has one too and nothing but a quote is left here, it is the other end.
    pub(crate) fn unterminated(&mut self, at: Range) {
        let behind_break = |end: u32| {
            let between = self.item.slice(Range { start: end, end: at.start });
            // Both kinds of line ends count as one.
            between.replace("\r\n", "\n").bytes().filter(|b| matches!(b, b'\n' | b'\r')).count() <= 2
        };
        let other_end = self.item.slice(at).trim_end() == "\"" && self.open_text.is_some_and(behind_break);
        if other_end {
            self.open_text = None;
        } else {
            report(self.diagnostics, messages::unterminated_text(self.item, at));
            self.open_text = Some(at.end);
        }
        self.term(TermKind::Text, at);
    }

    /// A number with a comma in it, `0,5%` or `1,500`; in parentheses a comma separates values. Says whether it was one.
    pub(crate) fn comma_in_number(&mut self, at: Range) -> bool {
        let [.., number, comma] = self.item.terms.as_slice() else { return false };
        let (number, comma) = (*number, *comma);
        let whole = number.range.to(at);
        let touching = number.range.end == comma.range.start && comma.range.end == at.start;
        let shape = comma.kind == TermKind::Comma && number.kind == TermKind::Numeric && touching;
        if !shape || self.in_parentheses() {
            return false;
        }
        let (left, right) = (self.item.slice(number.range), self.item.slice(at));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let thousands = left.len() <= 3 && right.len() == 3 && digits(right);
        let fraction = right.strip_suffix('%').is_some_and(digits);
        if !digits(left) || !(thousands || fraction) {
            return false;
        }
        let fixed = if fraction { format!("{left}.{right}") } else { format!("{left}{right}") };
        report(self.diagnostics, messages::comma_in_number(self.item, whole, fixed));
        self.item.terms.truncate(self.item.terms.len() - 2);
        self.term(TermKind::Error, whole);
        true
    }

    fn in_parentheses(&self) -> bool {
        let mut open = 0_usize;
        // No list is longer than this; without the limit a file of numbers would take quadratic time.
        for term in self.item.terms.iter().rev().take(256) {
            match term.kind {
                TermKind::Close => open += 1,
                TermKind::Open if open == 0 => return true,
                TermKind::Open => open -= 1,
                _ => {}
            }
        }
        false
    }

    /// Characters that are part of nothing; `segment` is the index of the first term of their line.
    pub(crate) fn junk(&mut self, at: Range, segment: u32) {
        let raw = self.item.slice(at).to_owned();
        if raw.starts_with("//") || raw.starts_with("/*") {
            let end = self.line_end(at.end);
            report(self.diagnostics, messages::other_comment(self.item, at));
            self.skip_until = end;
            return;
        }
        if matches!(raw.as_str(), "..." | "\u{2026}") || raw.bytes().all(|b| b == b'?') {
            report(self.diagnostics, messages::not_decided(self.item, at));
            self.term(TermKind::Hole, at);
            return;
        }
        if raw == ":" && self.colon(at, segment) {
            return;
        }
        if raw.chars().all(|c| "@:/.'\\~$*^%+?&\u{20ac}\u{a3}".contains(c)) && self.bare_text(at) {
            return;
        }
        if self.arrow_meant(&raw, segment) {
            // `- >` is one slip.
            let range = match self.item.terms.pop_if(|term| term.kind == TermKind::Sign) {
                Some(sign) => sign.range.to(at),
                None => at,
            };
            report(self.diagnostics, messages::sign_for_arrow(self.item, range));
            self.term(TermKind::Arrow, range);
            return;
        }
        let line = self.item.terms.get(segment as usize..).unwrap_or_default();
        let closes = raw.starts_with(']') && line.iter().any(|term| self.item.raw(*term).starts_with('['));
        if !closes {
            report(self.diagnostics, messages::junk(self.item, at));
        }
        self.term(TermKind::Error, at);
    }

    /// A colon behind a word that needs none. It leaves no term, so that the line is read as without it.
    fn colon(&mut self, at: Range, segment: u32) -> bool {
        let Some(last) = self.item.terms.last().copied() else { return false };
        let touches = self.count() > segment && last.range.end == at.start && last.kind == TermKind::Word;
        let word = self.item.slice(last.range);
        let known = ItemKw::ALL.iter().any(|kw| kw.text() == word)
            || StmtKw::ALL.iter().any(|kw| kw.text() == word)
            || ClauseKw::ALL.iter().any(|kw| kw.text() == word);
        let blank_behind = self.item.slice(Range { start: at.end, end: self.run_end(at.end) }).is_empty();
        if touches && (known || blank_behind) {
            report(self.diagnostics, messages::colon(self.item, at));
            return true;
        }
        false
    }

    /// Something without blanks that holds signs, such as an address: it is a text without its quotes, or a date of another form.
    fn bare_text(&mut self, at: Range) -> bool {
        let mut start = at.start;
        let mut taken = 0;
        for term in self.item.terms.iter().rev() {
            if term.range.end != start
                || !matches!(term.kind, TermKind::Word | TermKind::Numeric | TermKind::Sign)
            {
                break;
            }
            start = term.range.start;
            taken += 1;
        }
        let end = self.run_end(at.end);
        if start == at.start && end == at.end {
            return false;
        }
        let whole = Range { start, end };
        self.item.terms.truncate(self.item.terms.len() - taken);
        self.skip_until = end;
        let raw = self.item.slice(whole);
        if raw.bytes().all(|b| b.is_ascii_digit() || b"/.-".contains(&b)) {
            report(self.diagnostics, messages::bad_number(self.item, whole));
            self.term(TermKind::Error, whole);
        } else {
            report(self.diagnostics, messages::bare_text(self.item, whole));
            self.term(TermKind::Text, whole);
        }
        true
    }

    /// Whether a sign stands where a map or a translation wants its arrow.
    fn arrow_meant(&self, raw: &str, segment: u32) -> bool {
        if !matches!(raw, "=" | ">" | ":=" | ":" | ">>" | "==" | "=>>")
            || !matches!(self.item.keyword, Some(ItemKw::Map | ItemKw::Translate))
        {
            return false;
        }
        let line = self.item.terms.get(segment as usize..).unwrap_or_default();
        // Behind these words it is a comparison.
        let condition = line.iter().any(|term| {
            term.kind == TermKind::Word
                && matches!(self.item.slice(term.range), "where" | "require" | "by" | "map")
        });
        !line.is_empty() && !condition && line.iter().all(|term| term.kind != TermKind::Arrow)
    }

    /// Where the characters end that follow without a blank.
    fn run_end(&self, from: u32) -> u32 {
        let rest = self.rest(from);
        let stop = |c: char| c.is_whitespace() || "{}\"`,;()#".contains(c);
        from + u32::try_from(rest.find(stop).unwrap_or(rest.len())).unwrap_or(0)
    }

    fn line_end(&self, from: u32) -> u32 {
        let rest = self.rest(from);
        from + u32::try_from(rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or(0)
    }

    fn rest(&self, from: u32) -> &str {
        self.item.slice(Range { start: from, end: self.item.source.len })
    }
}

/// A date whose parts stand in another order or have one digit, as the language writes it.
pub(crate) fn date(raw: &str) -> Option<String> {
    let separator = raw.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = raw.split(separator).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let digits =
        |text: &&str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if !parts.iter().all(digits) {
        return None;
    }
    let (year, month, day) = match separator {
        _ if first.len() == 4 => (first, second, third),
        // With dots the day comes first; with strokes it depends on the country.
        '.' if third.len() == 4 => (third, second, first),
        _ => return None,
    };
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    matches!(value::numeric(&date), ValueKind::Date(_)).then_some(date)
}

/// A time of the twelve-hour clock or with one digit for the hour, as the language writes it.
pub(crate) fn time(raw: &str) -> Option<String> {
    let lower = raw.to_ascii_lowercase();
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (lower.as_str(), None),
    };
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, "00"));
    let hour: u8 = hour.parse().ok()?;
    let minute: u8 = minute.parse().ok().filter(|minute| *minute < 60)?;
    let hour = match half {
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        None if clock.contains(':') && hour < 24 => hour,
        _ => return None,
    };
    Some(format!("{hour:02}:{minute:02}"))
}
