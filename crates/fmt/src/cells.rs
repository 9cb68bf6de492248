//! How a line is cut into cells, and which rows are aligned with each other.

use cutover_syntax::construct::{NameRule, construct};
use cutover_syntax::keywords::{ItemKw as I, StmtKw as S};
use cutover_syntax::tree::{Clause, Item, Line, Term, TermKind, Terms};

use crate::layout::{Cell, Key};
use crate::order;
use crate::words::written;

/// A part of a line that goes into a cell, alone or behind others.
#[derive(Debug)]
pub(crate) struct Part {
    /// Blanks before it.
    pub(crate) gap: usize,
    /// What it says.
    pub(crate) text: String,
    /// Whether it goes into the cell of the part before it.
    pub(crate) joined: bool,
    /// Whether a line may break before it: arrows and clauses.
    pub(crate) may_break: bool,
    /// Its first byte in the item.
    pub(crate) start: u32,
    /// The first byte behind it.
    pub(crate) end: u32,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The first line of an item.
    Head,
    /// A line of a body.
    Body,
}

/// Blanks before a clause, and before whatever else stands apart from the words before it.
const APART: usize = 2;

/// The parts of a line; with `sorted`, its clauses stand in the order of the language.
pub(crate) fn parts(item: &Item, line: &Line, place: Place, sorted: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    keyword(item, line, place, &mut parts);
    let mut from = line.lead.start;
    let mut gap = 1;
    for (at, next) in cuts(item, line, place) {
        push(item, Terms { start: from, end: at }, gap, &mut parts);
        (from, gap) = (at, next);
    }
    push(item, Terms { start: from, end: line.lead.end }, gap, &mut parts);
    if let Some(result) = line.result {
        push(item, Terms { start: result.start.saturating_sub(1), end: result.end }, 1, &mut parts);
        if let Some(last) = parts.last_mut() {
            // Rows of a map have a column of arrows; heads stand further apart.
            last.joined = place == Place::Head;
            last.may_break = true;
        }
    }
    let written_order = || (0..line.clauses.len()).collect();
    let order: Vec<usize> = if sorted { order::canonical(&line.clauses) } else { written_order() };
    let mut before: Option<&Clause> = None;
    for clause in order.into_iter().filter_map(|at| line.clauses.get(at)) {
        parts.push(clause_part(item, line, before, clause, place));
        before = Some(clause);
    }
    if let Some(first) = parts.first_mut() {
        (first.joined, first.may_break) = (false, false);
    }
    parts
}

/// The keyword, with one blank between its words.
fn keyword(item: &Item, line: &Line, place: Place, parts: &mut Vec<Part>) {
    let text = match place {
        Place::Head => item.keyword.map(I::text),
        Place::Body => line.statement.map(S::text),
    };
    let Some(text) = text else { return };
    let words = u32::try_from(text.split(' ').count()).unwrap_or(1);
    let terms = Terms { start: line.terms.start, end: line.terms.start + words };
    if let Some(range) = item.range(terms) {
        let (start, end) = (range.start, range.end);
        parts.push(Part { gap: 0, text: text.to_owned(), joined: false, may_break: false, start, end });
    }
}

fn push(item: &Item, terms: Terms, gap: usize, parts: &mut Vec<Part>) {
    if let Some(range) = item.range(terms) {
        let (start, end) = (range.start, range.end);
        let text = written(item, terms);
        parts.push(Part { gap, text, joined: false, may_break: false, start, end });
    }
}

fn clause_part(item: &Item, line: &Line, before: Option<&Clause>, clause: &Clause, place: Place) -> Part {
    let mut text = clause.keyword.text().to_owned();
    if !clause.terms.is_empty() {
        text.push(' ');
        text.push_str(&written(item, clause.terms));
    }
    let end = item.range(clause.terms).map_or(clause.range.end, |range| range.end);
    let joined = match before {
        Some(before) => order::rides(before.keyword, clause.keyword),
        None => order::reads_on(line.statement, clause.keyword) && !line.lead.is_empty(),
    };
    // `silent tag "x"`: what would be the lead of another statement.
    let near = before.is_none() && line.lead.is_empty() && place == Place::Body;
    let gap = if joined || near { 1 } else { APART };
    Part { gap, text, joined, may_break: true, start: clause.range.start, end }
}

/// Where the lead is cut, and how many blanks stand there.
fn cuts(item: &Item, line: &Line, place: Place) -> Vec<(u32, usize)> {
    let terms = item.get(line.lead);
    let index = |at: usize| line.lead.start + u32::try_from(at).unwrap_or(0);
    let named = place == Place::Head
        && item.keyword.and_then(construct).is_some_and(|row| {
            matches!(row.name, NameRule::Identifier | NameRule::OneOf(_)) && terms.len() > 1
        });
    if named {
        return match terms {
            [_, title] if is_text(title) => vec![(index(1), 1)],
            [_, title, ..] if is_text(title) => vec![(index(1), 1), (index(2), APART)],
            _ => vec![(index(1), APART)],
        };
    }
    if place == Place::Body && line.statement.is_none() && item.keyword == Some(I::Team) {
        return first_text(terms).map(|at| (index(at), 1)).into_iter().collect();
    }
    let mut cuts = Vec::new();
    match line.statement {
        Some(S::Clock | S::Trigger) if terms.len() > 1 => cuts.push((index(1), APART)),
        Some(S::Source | S::Target | S::Sandbox | S::Table | S::Secret | S::Holiday | S::Recreate) => {
            cuts.extend(first_text(terms).map(|at| (index(at), 1)));
        }
        Some(S::Import | S::Archive | S::Retire) => {
            let word = |at: usize, text: &str| terms.get(at).is_some_and(|term| item.raw(*term) == text);
            let rest = (1..terms.len()).find(|at| word(*at, "the") && word(*at + 1, "rest"));
            cuts.extend(rest.map(|at| (index(at), APART)));
        }
        _ => {}
    }
    cuts
}

/// The first text that stands behind a name and not in a list.
fn first_text(terms: &[Term]) -> Option<usize> {
    let at = terms.iter().position(is_text)?;
    let before = at.checked_sub(1).and_then(|before| terms.get(before))?;
    matches!(before.kind, TermKind::Word | TermKind::Numeric).then_some(at)
}

fn is_text(term: &Term) -> bool {
    term.kind == TermKind::Text
}

/// The cells of parts that stand in one line.
pub(crate) fn cells(parts: &[Part]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::with_capacity(parts.len());
    for part in parts {
        match cells.last_mut() {
            Some(last) if part.joined => {
                last.text.push(' ');
                last.text.push_str(&part.text);
            }
            _ => cells.push(Cell { gap: part.gap, text: part.text.clone() }),
        }
    }
    cells
}

/// Rows of which kind a line is part of.
pub(crate) fn key(item: &Item, line: &Line, place: Place, indent: usize) -> Option<Key> {
    let kind = match place {
        Place::Head => family(item.keyword?)?,
        Place::Body => match (line.statement, item.keyword?) {
            (None, _) if line.result.is_some() => 40,
            (None, I::Team) => 41,
            (None, _) => return None,
            (Some(S::Runs | S::Pauses | S::Stops), _) => 42,
            (Some(_), I::Migration | I::Calendar | I::Scope | I::Clean | I::GoLive | I::Test) => 43,
            (Some(statement), _) => 44_u8.saturating_add(u8::try_from(statement as usize).unwrap_or(u8::MAX)),
        },
    };
    Some(Key { kind, indent })
}

/// How many cells of a line have a column. A sentence that reads on has one for its keyword only.
pub(crate) fn columns(line: &Line) -> usize {
    // Rows have their clauses in the order of the language, however they were written.
    let first = order::canonical(&line.clauses).first().and_then(|at| line.clauses.get(*at));
    let reads_on = first.is_some_and(|clause| order::reads_on(line.statement, clause.keyword));
    if reads_on { 1 } else { usize::MAX }
}

/// Blanks between the clauses of an item and its braces, in a row of a table.
pub(crate) fn brace_gap(key: Option<Key>) -> usize {
    if key.is_some_and(|key| matches!(key.kind, MEASURED | CHECKED)) { APART } else { 1 }
}

/// The family of goals.
const MEASURED: u8 = 1;

/// The family of the pass / fail matrix.
const CHECKED: u8 = 4;

/// Items that read as a table when they stand below each other.
pub(crate) fn family(keyword: I) -> Option<u8> {
    Some(match keyword {
        I::Baseline | I::Objective | I::Criterion => MEASURED,
        I::Integration | I::Inbound | I::Consumer | I::Truth => 2,
        I::Announce | I::Train | I::Inspect => 3,
        I::Check | I::Waive => CHECKED,
        I::Map => 5,
        I::Translate => 6,
        I::Wave => 7,
        I::Accept => 8,
        I::Escalation => 9,
        I::Hypercare | I::Ownership => 10,
        I::Allow => 11,
        _ => return None,
    })
}
