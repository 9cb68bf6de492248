//! What of the sources one finding shows: a sanitised and cropped copy of the lines that its labels touch.
//!
//! Neither codespan nor miette crops a long line or filters control characters, and both would read a whole file for one
//! label. They are handed this copy, whose size depends on the number of labels only; the labels point into it, the line
//! numbers and columns that are shown are those of the file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

use crate::diagnostic::Diagnostic;
use crate::sanitize::{TAB_WIDTH, inert_line, is_inert, push_escape};
use crate::source::{Location, SourceFile, SourceMap};
use crate::span::{FileId, Span};

/// Lines up to this many columns are shown whole.
const LINE_LIMIT: usize = 160;
/// Columns that a longer line keeps on each side of each end of a label.
const CONTEXT: usize = 40;
/// Labels that are drawn of one finding; drawing costs the square of the labels on one line.
const LABEL_LIMIT: usize = 16;
/// Characters that a message or one line of a note keeps.
const TEXT_LIMIT: usize = 1_000;
/// Lines of a label over many lines that are shown after its first and before its last line.
pub(super) const LINES_AFTER_START: u32 = 2;
pub(super) const LINES_BEFORE_END: u32 = 1;

/// One finding's excerpt.
pub(super) struct View {
    /// The files in the order that the labels name them: the primary label's first.
    pub(super) files: Vec<ViewFile>,
    /// The labels, primary first, without those of unknown files.
    pub(super) labels: Vec<ViewLabel>,
    /// How many labels are left out.
    pub(super) hidden: usize,
}

/// The lines of one file that are shown.
pub(super) struct ViewFile {
    id: FileId,
    /// The file's name, sanitised.
    pub(super) name: String,
    /// The shown lines, each with a line break.
    pub(super) text: String,
    /// Where each line is. Between lines that are not neighbours in the file stand two empty ones, which are never drawn:
    /// they make a reader of indexes see the gap.
    pub(super) lines: Vec<ViewLine>,
}

/// One line of an excerpt.
#[derive(Clone)]
pub(super) struct ViewLine {
    /// Its number in the file, from 1.
    pub(super) number: usize,
    /// Its bytes in the excerpt, with the line break.
    pub(super) range: Range<usize>,
}

/// One label, pointing into an excerpt.
pub(super) struct ViewLabel {
    /// Index in [`View::files`].
    pub(super) file: usize,
    /// Its bytes in the excerpt.
    pub(super) range: Range<usize>,
    /// What it says, sanitised.
    pub(super) text: String,
    /// Where it starts in the file.
    pub(super) start: Location,
    /// The number of the last line that it touches, from 1.
    pub(super) last_line: u32,
    /// Whether it is the finding's primary label.
    pub(super) primary: bool,
}

impl ViewFile {
    /// The index of the line that holds a byte of the excerpt.
    pub(super) fn line_index(&self, byte: usize) -> usize {
        self.lines.partition_point(|line| line.range.start <= byte).saturating_sub(1)
    }
}

/// A label's ends, moved to where a line shows them.
struct Ends {
    start: u32,
    end: u32,
    start_line: u32,
    end_line: u32,
}

impl View {
    /// The excerpt that `diagnostic` shows.
    pub(super) fn new(sources: &SourceMap, diagnostic: &Diagnostic) -> Self {
        let known = || {
            diagnostic.labels.iter().enumerate().filter(|(_, label)| sources.get(label.span.file).is_some())
        };
        let mut builders: Vec<(FileId, &SourceFile, Vec<Ends>)> = Vec::new();
        for (_, label) in known().take(LABEL_LIMIT) {
            let Some(file) = sources.get(label.span.file) else { continue };
            let ends = Ends::of(file, label.span);
            match builders.iter_mut().find(|(id, ..)| *id == label.span.file) {
                Some((.., all)) => all.push(ends),
                None => builders.push((label.span.file, file, vec![ends])),
            }
        }
        let built: Vec<(ViewFile, BTreeMap<u32, usize>)> =
            builders.iter().map(|(id, file, ends)| excerpt(*id, file, ends)).collect();
        let labels = known().take(LABEL_LIMIT).filter_map(|(at, label)| {
            let file = built.iter().position(|(file, _)| file.id == label.span.file)?;
            let (_, mapped) = built.get(file)?;
            let source = sources.get(label.span.file)?;
            let ends = Ends::of(source, label.span);
            let (start, end) = (*mapped.get(&ends.start)?, *mapped.get(&ends.end)?);
            Some(ViewLabel {
                file,
                range: start..end,
                text: inert_line(&cut(&label.text)).into_owned(),
                start: source.lines().location(source.text(), ends.start),
                last_line: ends.end_line.saturating_add(1),
                primary: at == 0,
            })
        });
        let labels = labels.collect();
        let hidden = known().count().saturating_sub(LABEL_LIMIT);
        Self { files: built.into_iter().map(|(file, _)| file).collect(), labels, hidden }
    }
}

impl Ends {
    /// Both ends, moved out of line breaks and byte order marks; a label that ends with a line break ends before it.
    fn of(file: &SourceFile, span: Span) -> Self {
        let (text, lines) = (file.text(), file.lines());
        let limit = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let (start, mut end) = (span.start.min(limit), span.end.min(limit));
        let start_line = lines.line_of(start);
        let mut end_line = lines.line_of(end);
        if end > start && end_line > start_line && lines.line_start(end_line) == end {
            end_line -= 1;
            end -= 1;
        }
        let start = clamp(text, lines.line_range(text, start_line), start);
        let end = clamp(text, lines.line_range(text, end_line), end).max(start);
        Self { start, end, start_line, end_line }
    }
}

/// The offset moved into the line and to the start of its character.
fn clamp(text: &str, line: Range<u32>, offset: u32) -> u32 {
    let mut offset = offset.clamp(line.start, line.end.max(line.start));
    while offset > line.start && !text.is_char_boundary(offset as usize) {
        offset -= 1;
    }
    offset
}

/// The excerpt of one file, and where in it each end of a label is (by offset in the file).
fn excerpt(id: FileId, file: &SourceFile, labels: &[Ends]) -> (ViewFile, BTreeMap<u32, usize>) {
    let points: BTreeSet<u32> = labels.iter().flat_map(|ends| [ends.start, ends.end]).collect();
    let mut view =
        ViewFile { id, name: inert_line(file.name()).into_owned(), text: String::new(), lines: Vec::new() };
    let mut mapped = BTreeMap::new();
    let mut previous: Option<u32> = None;
    for line in wanted_lines(labels) {
        let number = line as usize + 1;
        if previous.is_some_and(|previous| line > previous + 1) {
            let here = view.text.len();
            view.lines.extend(vec![ViewLine { number, range: here..here }; 2]);
        }
        previous = Some(line);
        let range = file.lines().line_range(file.text(), line);
        let inside: Vec<u32> = points.range(range.start..=range.end.max(range.start)).copied().collect();
        let start = view.text.len();
        push_line(&mut view.text, file.text(), range, &inside, &mut mapped);
        if view.text.len() == start {
            // miette's narrated style leaves out an empty line together with its labels.
            view.text.push(' ');
        }
        view.text.push('\n');
        view.lines.push(ViewLine { number, range: start..view.text.len() });
    }
    (view, mapped)
}

/// The lines (from 0) that labels touch or need around them. Two lines with one between them get that one as well.
fn wanted_lines(labels: &[Ends]) -> BTreeSet<u32> {
    let mut lines = BTreeSet::new();
    for ends in labels {
        lines.extend(ends.start_line..=ends.end_line.min(ends.start_line.saturating_add(LINES_AFTER_START)));
        lines.extend(ends.end_line.saturating_sub(LINES_BEFORE_END).max(ends.start_line)..=ends.end_line);
    }
    let between: Vec<u32> =
        lines.iter().zip(lines.iter().skip(1)).filter(|(a, b)| **b == **a + 2).map(|(a, _)| a + 1).collect();
    lines.extend(between);
    lines
}

/// Appends one line as it is shown and notes where the `points` in it (ascending) come to stand.
fn push_line(
    out: &mut String,
    text: &str,
    line: Range<u32>,
    points: &[u32],
    mapped: &mut BTreeMap<u32, usize>,
) {
    let content = text.get(line.start as usize..line.end as usize).unwrap_or("");
    let local: Vec<usize> = points.iter().map(|point| point.saturating_sub(line.start) as usize).collect();
    let mut open = points.iter().zip(local.iter().copied()).peekable();
    let mut column = 0;
    let mut shown = 0;
    for part in parts(content, &local) {
        if part.start > shown {
            out.push('…');
            column += 1;
        }
        shown = part.end;
        let slice = content.get(part.clone()).unwrap_or("");
        for (at, c) in slice.char_indices() {
            while let Some((point, _)) = open.next_if(|(_, local)| *local <= part.start + at) {
                mapped.insert(*point, out.len());
            }
            column += push_shown(out, c, column);
        }
        while let Some((point, _)) = open.next_if(|(_, local)| *local <= part.end) {
            mapped.insert(*point, out.len());
        }
    }
    if shown < content.len() {
        out.push('…');
    }
    for (point, _) in open {
        mapped.insert(*point, out.len());
    }
}

/// The parts of a line that are shown, ascending and apart.
fn parts(content: &str, points: &[usize]) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let first = forward(content, 0, LINE_LIMIT);
    if first == content.len() || points.is_empty() {
        parts.push(0..first);
        return parts;
    }
    for &point in points {
        let part = backward(content, point, CONTEXT)..forward(content, point, CONTEXT);
        match parts.last_mut() {
            // An ellipsis saves nothing where only a few bytes lie between.
            Some(last) if part.start <= last.end + 8 => last.end = last.end.max(part.end),
            _ => parts.push(part),
        }
    }
    parts
}

/// The end of the at most `columns` columns that start at `from`.
fn forward(content: &str, from: usize, columns: usize) -> usize {
    let mut used = 0;
    for (at, c) in content.get(from..).unwrap_or("").char_indices() {
        used += cost(c);
        if used > columns {
            return from + at;
        }
    }
    content.len()
}

/// The start of the at most `columns` columns that end at `to`.
fn backward(content: &str, to: usize, columns: usize) -> usize {
    let mut used = 0;
    for (at, c) in content.get(..to).unwrap_or("").char_indices().rev() {
        used += cost(c);
        if used > columns {
            return at + c.len_utf8();
        }
    }
    0
}

/// The columns that a character may take; a character without width counts as well, since there may be a million.
fn cost(c: char) -> usize {
    match c {
        '\t' => TAB_WIDTH,
        c if is_inert(c) => c.width().unwrap_or(1).max(1),
        // `\u{1b}` has six columns, `\u{10ffff}` ten.
        _ => 8,
    }
}

/// Appends a character as it is shown and returns the columns that it takes.
fn push_shown(out: &mut String, c: char, column: usize) -> usize {
    if c == '\t' {
        let width = TAB_WIDTH - column % TAB_WIDTH;
        out.extend(std::iter::repeat_n(' ', width));
        return width;
    }
    if is_inert(c) {
        out.push(c);
        return c.width().unwrap_or(0);
    }
    let before = out.len();
    push_escape(out, c);
    out.len() - before
}

/// A text of the program or the user's names in it, cut where it becomes unreadable.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(TEXT_LIMIT) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or(""))),
        None => Cow::Borrowed(text),
    }
}
