//! From the tree of an item to pieces of output.

use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::{Body, Item, Line, Range, TermKind};

use crate::cells::{self, Part, Place};
use crate::layout::{Cell, Piece, Row, WIDTH, flat, width};

/// Blanks of each step inwards.
const STEP: usize = 2;

/// Blanks before what goes on with the line above.
const CONTINUED: usize = 4;

/// Adds the pieces of an item. `bad` are the places in it where something was found; `keep` says that it stays as it is.
pub(crate) fn item(item: &Item, bad: &[Range], keep: bool, out: &mut Vec<Piece>) {
    let whole = item.slice(Range { start: 0, end: item.source.len });
    let broken = if keep { None } else { broken_lines(item, whole, bad) };
    let mut printer = Printer { item, text: whole, broken: Vec::new(), comments: &item.comments, at: 0, out };
    match (broken, item.lines.as_slice()) {
        (Some(broken), [head]) => {
            printer.broken = broken;
            printer.line(head, 0, Place::Head, false);
            printer.comments_before(item.source.len, 0);
        }
        (Some(_), []) if item.terms.is_empty() => printer.comments_before(item.source.len, 0),
        _ => printer.verbatim(whole),
    }
    printer.blank_before(item.source.len);
}

struct Printer<'a> {
    item: &'a Item,
    text: &'a str,
    /// The first bytes of lines that stay as they are, in order.
    broken: Vec<u32>,
    /// Comments that are not written yet.
    comments: &'a [Range],
    /// What lies before this is written.
    at: u32,
    out: &'a mut Vec<Piece>,
}

impl Printer<'_> {
    /// The whole item as it is, with line ends of one kind.
    fn verbatim(&mut self, whole: &str) {
        let lines = whole.replace("\r\n", "\n").replace('\r', "\n");
        let text = lines.trim_start_matches('\u{feff}');
        let first = text.len() - text.trim_start_matches([' ', '\t', '\n']).len();
        let from = text.get(..first).and_then(|blank| blank.rfind('\n')).map_or(0, |at| at + 1);
        // Blanks at the end of a line may be part of a text that is not closed.
        let text = text.get(from..).unwrap_or_default();
        let said = text.trim_end_matches([' ', '\t', '\n']).len();
        let rest = text.get(said..).unwrap_or_default();
        let end = said + rest.find('\n').unwrap_or(rest.len());
        if said > 0 {
            self.out.push(Piece::Verbatim(text.get(..end).unwrap_or_default().to_owned()));
        }
        // Blank lines at the end part this item from the next.
        self.at = offset(whole.trim_end_matches([' ', '\t', '\n', '\r']).len());
    }

    fn line(&mut self, line: &Line, indent: usize, place: Place, semicolon: bool) {
        let Some(start) = start_of(self.item, line) else { return };
        self.comments_before(start, indent);
        self.blank_before(start);
        if self.broken.binary_search(&start).is_ok() {
            return self.broken_line(line, indent);
        }
        let end = self.item.range(line.terms).map_or(start, |range| range.end);
        // A comment inside of a line holds its parts where they are.
        let inner = self.comments.iter().take_while(|comment| comment.start < end).count();
        let parts = cells::parts(self.item, line, place, inner == 0);
        let broken = broken_parts(self.text, &parts, self.comments, inner);
        let inline = line.body.as_ref().and_then(|body| self.inline(body, end));
        let mut all = cells::cells(&parts);
        let close = if semicolon { ";" } else { "" };
        // The braces of items that stand below each other are a column as well.
        let key = cells::key(self.item, line, place, indent);
        let as_cell = place == Place::Head && key.is_some();
        let inline = inline.filter(|text| flat(indent, &all, "") + width(text) + close.len() < WIDTH);
        let long =
            inline.is_none() && flat(indent, &all, if line.body.is_some() { " {" } else { close }) > WIDTH;
        let columns = cells::columns(line);
        if inner > 0 || (long && broken.contains(&true)) {
            return self.continued(line, &parts, &broken, indent, close);
        }
        match (&line.body, inline) {
            (Some(body), None) => {
                self.push_row(Row {
                    indent,
                    key: None,
                    columns: 0,
                    cells: all,
                    tail: " {".to_owned(),
                    comment: None,
                });
                self.body(body, end, indent, close);
            }
            (Some(body), Some(text)) => {
                let mut tail = String::new();
                if as_cell {
                    all.push(Cell { gap: cells::brace_gap(key), text });
                } else {
                    tail = format!(" {text}");
                }
                tail.push_str(close);
                self.at = body.close.map_or(end, |close| close.end);
                let comment = self.trailing();
                self.push_row(Row { indent, key, columns, cells: all, tail, comment });
            }
            (None, _) => {
                self.at = end;
                let comment = self.trailing();
                self.push_row(Row { indent, key, columns, cells: all, tail: close.to_owned(), comment });
            }
        }
    }

    fn push_row(&mut self, row: Row) {
        self.out.push(Piece::Row(row));
    }

    /// The lines of a body that is written over several lines; the last piece ends with its opening brace. `end` is where the head ends.
    fn body(&mut self, body: &Body, end: u32, indent: usize, close: &str) {
        self.at = end;
        // A comment between the head and the brace goes behind the brace.
        let comment = self.trailing().or_else(|| {
            self.at = self.at.max(body.open.end);
            self.trailing()
        });
        self.at = self.at.max(body.open.end);
        if let (Some(Piece::Row(row)), Some(comment)) = (self.out.last_mut(), comment) {
            row.comment = Some(comment);
        }
        self.out.push(Piece::Open);
        for (number, line) in body.lines.iter().enumerate() {
            let next = body.lines.get(number + 1);
            let semicolon = next.is_some_and(|next| self.needs_semicolon(line, next));
            self.line(line, indent + STEP, Place::Body, semicolon);
        }
        if let Some(brace) = body.close {
            self.comments_before(brace.start, indent + STEP);
            self.at = brace.end;
        }
        self.out.push(Piece::Close);
        let comment = self.trailing();
        let cells = vec![Cell { gap: 0, text: format!("}}{close}") }];
        self.push_row(Row { indent, key: None, columns: 0, cells, tail: String::new(), comment });
    }

    /// Whether a line would go on with the one before it if no `;` parted them.
    fn needs_semicolon(&self, line: &Line, next: &Line) -> bool {
        let Some(first) = self.item.get(next.terms).first() else { return false };
        let word = self.item.raw(*first);
        let may_go_on = first.kind == TermKind::Arrow
            || ClauseKw::ALL.iter().any(|keyword| keyword.text().split(' ').next() == Some(word));
        may_go_on && {
            let from = end_of(self.item, line);
            let between = slice(self.text, from, first.range.start);
            between.lines().any(|line| line.split('#').next().is_some_and(|code| code.contains(';')))
        }
    }

    /// A body in one line, if it is written so.
    fn inline(&self, body: &Body, head_end: u32) -> Option<String> {
        let close = body.close?;
        let comment_between = self.comments.iter().find(|comment| comment.start >= head_end);
        if comment_between.is_some_and(|comment| comment.start < body.open.start)
            || slice(self.text, body.open.start, close.end).contains(['\n', '\r'])
        {
            return None;
        }
        if body.lines.is_empty() {
            return Some("{}".to_owned());
        }
        let mut out = String::from("{ ");
        for (number, line) in body.lines.iter().enumerate() {
            if number > 0 {
                out.push_str("; ");
            }
            for (at, cell) in
                cells::cells(&cells::parts(self.item, line, Place::Body, true)).iter().enumerate()
            {
                if at > 0 {
                    out.extend(std::iter::repeat_n(' ', cell.gap));
                }
                out.push_str(&cell.text);
            }
            if let Some(body) = &line.body {
                out.push(' ');
                out.push_str(&self.inline(body, end_of_terms(self.item, line))?);
            }
        }
        out.push_str(" }");
        Some(out)
    }

    /// A line that is written over several ones: parts before which it breaks begin a line of their own.
    fn continued(&mut self, line: &Line, parts: &[Part], broken: &[bool], indent: usize, close: &str) {
        let mut from = 0;
        while from < parts.len() {
            let next =
                (from + 1..parts.len()).find(|at| broken.get(*at) == Some(&true)).unwrap_or(parts.len());
            let some = parts.get(from..next).unwrap_or_default();
            let deeper = if from == 0 { indent } else { indent + CONTINUED };
            if let Some(first) = some.first() {
                self.comments_before(first.start, deeper);
            }
            let last = next == parts.len();
            let tail = match (&line.body, last) {
                (Some(_), true) => " {",
                (None, true) => close,
                _ => "",
            };
            // In the order of writing the last part of a line is also the one that ends last.
            let ends = some.iter().map(|part| part.end).max().unwrap_or(self.at);
            self.at = self.at.max(ends);
            let comment = if last && line.body.is_some() { None } else { self.trailing() };
            let mut cells = cells::cells(some);
            if let Some(first) = cells.first_mut() {
                first.gap = 0;
            }
            self.push_row(Row {
                indent: deeper,
                key: None,
                columns: 0,
                cells,
                tail: tail.to_owned(),
                comment,
            });
            from = next;
        }
        let end = end_of_terms(self.item, line);
        self.at = self.at.max(end);
        if let Some(body) = &line.body {
            self.body(body, end, indent, close);
        }
    }

    /// A line with a mistake, as it is.
    fn broken_line(&mut self, line: &Line, indent: usize) {
        let (from, to) = physical(self.text, start_of(self.item, line).unwrap_or(0), end_of(self.item, line));
        let text = slice(self.text, from, to).replace("\r\n", "\n").replace('\r', "\n");
        self.out.push(Piece::Text { indent, text: text.trim_start_matches([' ', '\t']).to_owned() });
        self.comments =
            self.comments.get(self.comments.partition_point(|c| c.start < to)..).unwrap_or_default();
        self.at = to;
    }

    /// Writes the comments before `end`, each on a line of its own.
    fn comments_before(&mut self, end: u32, indent: usize) {
        while let Some((comment, rest)) =
            self.comments.split_first().filter(|(comment, _)| comment.start < end)
        {
            self.blank_before(comment.start);
            let text = self.item.slice(*comment).trim_end().to_owned();
            self.out.push(Piece::Text { indent, text });
            self.at = comment.end;
            self.comments = rest;
        }
    }

    /// The comment that stands behind what was written last, on the same line.
    fn trailing(&mut self) -> Option<String> {
        let (comment, rest) = self.comments.split_first()?;
        let between = self.text.get(self.at as usize..comment.start as usize)?;
        if !between.chars().all(|c| matches!(c, ' ' | '\t' | ';' | '\u{feff}')) {
            return None;
        }
        self.at = comment.end;
        self.comments = rest;
        Some(self.item.slice(*comment).trim_end().to_owned())
    }

    /// An empty line, if one stands before `start`.
    fn blank_before(&mut self, start: u32) {
        if line_breaks(slice(self.text, self.at, start)) > 1 {
            self.out.push(Piece::Blank);
        }
    }
}

/// Which parts begin a line in the text, and which must because a comment stands before them.
fn broken_parts(
    text: &str,
    parts: &[Part],
    comments: &[cutover_syntax::tree::Range],
    inner: usize,
) -> Vec<bool> {
    let mut comments = comments.get(..inner).unwrap_or_default().iter().peekable();
    parts
        .iter()
        .map(|part| {
            let mut commented = false;
            while comments.next_if(|comment| comment.start < part.start).is_some() {
                commented = true;
            }
            let before = text.get(..part.start as usize).unwrap_or_default().trim_end_matches([' ', '\t']);
            part.may_break && (commented || before.ends_with(['\n', '\r']))
        })
        .collect()
}

/// The lines of the body that stay as they are, by their first bytes. `None` when the item as a whole has to.
fn broken_lines(item: &Item, text: &str, bad: &[Range]) -> Option<Vec<u32>> {
    if item.lines.is_empty() && item.terms.is_empty() && bad.is_empty() && item.keyword.is_some() {
        return Some(Vec::new());
    }
    let [head] = item.lines.as_slice() else { return None };
    if item.keyword.is_none() || !closed(head) {
        return None;
    }
    if bad.is_empty() {
        return Some(Vec::new());
    }
    let body = head.body.as_ref()?;
    let close = body.close?;
    let mut own: Vec<(u32, u32, u32)> = Vec::new();
    let mut shared: Vec<(u32, u32)> = Vec::new();
    // The lines of the text that hold what was looked at last: many entries may stand in one.
    let (mut from, _) = physical(text, body.open.start, body.open.end);
    let (mut to, mut before) = (0, body.open.end);
    for line in &body.lines {
        let (start, end) = (start_of(item, line)?, end_of(item, line));
        if slice(text, before, start).contains(['\n', '\r']) {
            from = physical(text, start, start).0;
        }
        if end > to {
            to = physical(text, end, end).1;
        }
        before = end;
        let free = from >= body.open.end && to <= close.start;
        match own.last() {
            Some((_, _, before)) if *before > from => {
                shared.push((from, to));
                let first = own.pop();
                shared.extend(first.map(|(_, from, to)| (from, to)));
            }
            _ if free && shared.last().is_none_or(|(_, before)| *before <= from) => {
                own.push((start, from, to))
            }
            _ => shared.push((from, to)),
        }
    }
    let mut broken = Vec::new();
    for place in bad {
        let at = own.partition_point(|(_, from, _)| *from <= place.start);
        let (start, _, to) = own.get(at.checked_sub(1)?)?;
        if place.start >= *to || place.end > *to {
            return None;
        }
        broken.push(*start);
    }
    broken.sort_unstable();
    broken.dedup();
    Some(broken)
}

/// Whether each body has both braces.
fn closed(line: &Line) -> bool {
    line.body.as_ref().is_none_or(|body| body.close.is_some() && body.lines.iter().all(closed))
}

/// The first byte of a line.
fn start_of(item: &Item, line: &Line) -> Option<u32> {
    item.range(line.terms).map(|range| range.start).or_else(|| line.body.as_ref().map(|body| body.open.start))
}

/// The first byte behind the words of a line.
fn end_of_terms(item: &Item, line: &Line) -> u32 {
    item.range(line.terms).map_or(0, |range| range.end)
}

/// The first byte behind a line and its body.
fn end_of(item: &Item, line: &Line) -> u32 {
    let body = line.body.as_ref().map_or(0, |body| body.close.unwrap_or(body.open).end);
    body.max(end_of_terms(item, line))
}

/// The whole lines of the text from `start` to `end`, without the last line break.
fn physical(text: &str, start: u32, end: u32) -> (u32, u32) {
    let before = text.get(..start as usize).unwrap_or_default();
    let from = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let behind = text.get(end as usize..).unwrap_or_default();
    let to = end as usize + behind.find(['\n', '\r']).unwrap_or(behind.len());
    (offset(from), offset(to))
}

fn slice(text: &str, from: u32, to: u32) -> &str {
    text.get(from as usize..to as usize).unwrap_or_default()
}

fn line_breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    bytes.iter().filter(|byte| **byte == b'\n').count()
        + bytes
            .iter()
            .enumerate()
            .filter(|(at, byte)| **byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
            .count()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
