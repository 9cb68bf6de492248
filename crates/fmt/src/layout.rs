//! From rows to text: columns within runs of neighbouring rows, blank lines, comments.

use unicode_width::UnicodeWidthStr as _;

/// Lines are kept within this many columns where that is a choice.
pub(crate) const WIDTH: usize = 140;

/// How much wider than the middle one a cell may be and still have its column. A wider one would push the others too far apart.
const OUTLIER: usize = 12;

/// The same for what stands before an arrow: arrows below each other are what makes a map readable.
const ARROW_OUTLIER: usize = 32;

/// A part of a row. Where rows stand together, the parts of equal number begin in the same column.
#[derive(Debug)]
pub(crate) struct Cell {
    /// Blanks before it at least.
    pub(crate) gap: usize,
    /// What it says.
    pub(crate) text: String,
}

/// Rows with equal keys that follow each other are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// What kind of rows.
    pub(crate) kind: u8,
    /// How deep they stand.
    pub(crate) indent: usize,
}

/// A line of the output that is made of cells.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) indent: usize,
    /// `None` for a row that stands alone.
    pub(crate) key: Option<Key>,
    pub(crate) cells: Vec<Cell>,
    /// How many of its cells have a column at most.
    pub(crate) columns: usize,
    /// What follows the last cell without being a column: ` {`, `;`.
    pub(crate) tail: String,
    /// A comment at the end.
    pub(crate) comment: Option<String>,
}

/// A piece of the output.
#[derive(Debug)]
pub(crate) enum Piece {
    Row(Row),
    /// A line that is written as it is, behind its indentation.
    Text {
        indent: usize,
        text: String,
    },
    /// Lines that are written as they are.
    Verbatim(String),
    /// An empty line, unless one is there or a body begins or ends here.
    Blank,
    /// A body begins: no empty line follows.
    Open,
    /// A body ends: no empty line before it.
    Close,
}

/// Blanks between the end of a line and its comment.
const COMMENT_GAP: &str = "  ";

/// The columns of a text.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The columns that these cells take when nothing is aligned.
pub(crate) fn flat(indent: usize, cells: &[Cell], tail: &str) -> usize {
    let cells: usize = cells.iter().enumerate().map(|(at, c)| gap(at, c) + width(&c.text)).sum();
    indent + cells + width(tail)
}

fn gap(at: usize, cell: &Cell) -> usize {
    if at == 0 { 0 } else { cell.gap }
}

/// The text of the pieces. Begins with no empty line and ends with a line break, if it is not empty.
pub(crate) fn print(pieces: &[Piece]) -> String {
    let mut out = String::new();
    // Whether an empty line waits for the next piece, and whether it may.
    let (mut blank, mut may) = (false, false);
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        match piece {
            Piece::Blank => {
                blank = may;
                continue;
            }
            Piece::Open => {
                (blank, may) = (false, false);
                continue;
            }
            Piece::Close => {
                blank = false;
                continue;
            }
            _ => {}
        }
        if blank {
            out.push('\n');
        }
        (blank, may) = (false, true);
        match piece {
            Piece::Row(row) => match row.key {
                None => push_row(&mut out, row, &[]),
                Some(key) => {
                    let from = at - 1;
                    while matches!(pieces.get(at), Some(Piece::Row(next)) if next.key == Some(key)) {
                        at += 1;
                    }
                    run(&mut out, pieces.get(from..at).unwrap_or_default());
                }
            },
            Piece::Text { indent, text } => {
                push_blanks(&mut out, *indent);
                out.push_str(text);
                out.push('\n');
            }
            Piece::Verbatim(text) => {
                out.push_str(text);
                out.push('\n');
            }
            Piece::Blank | Piece::Open | Piece::Close => {}
        }
    }
    out
}

/// Writes rows that are aligned with each other.
fn run(out: &mut String, pieces: &[Piece]) {
    let rows: Vec<&Row> =
        pieces.iter().filter_map(|p| if let Piece::Row(row) = p { Some(row) } else { None }).collect();
    let mut apart = vec![false; rows.len()];
    let mut starts = columns(&rows, &apart);
    // A row that only alignment makes too long keeps its first columns, and the others need not wait for it.
    for ((row, starts), apart) in rows.iter().zip(&starts).zip(&mut apart) {
        *apart = end(row, starts) > WIDTH && flat(row.indent, &row.cells, &row.tail) <= WIDTH;
    }
    if apart.contains(&true) {
        starts = columns(&rows, &apart);
    }
    for (row, starts) in rows.iter().zip(&starts) {
        push_row(out, row, starts);
    }
}

/// The columns in which a row that stands apart is aligned all the same: its keyword and what that is about.
const ALWAYS: usize = 2;

/// For each row the columns in which its cells begin; shorter where the rest follows with its gaps.
fn columns(rows: &[&Row], apart: &[bool]) -> Vec<Vec<usize>> {
    let mut starts: Vec<Vec<usize>> = rows.iter().map(|row| vec![row.indent]).collect();
    let mut active: Vec<usize> = (0..rows.len()).collect();
    for column in 0.. {
        let mut ends: Vec<(usize, usize, usize)> = Vec::with_capacity(active.len());
        for &at in &active {
            let (Some(row), Some(starts)) = (rows.get(at), starts.get(at)) else { continue };
            let alone = (apart.get(at) == Some(&true) && column >= ALWAYS) || column >= row.columns;
            if let (Some(start), Some(cell), Some(next), false) =
                (starts.get(column), row.cells.get(column), row.cells.get(column + 1), alone)
            {
                ends.push((start + width(&cell.text), next.gap, at));
            }
        }
        if ends.is_empty() {
            return starts;
        }
        let mut sorted: Vec<usize> = ends.iter().map(|(end, ..)| *end).collect();
        sorted.sort_unstable();
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
        let arrows = active.iter().any(|at| rows.get(*at).is_some_and(|row| leads_to_arrow(row, column)));
        ends.retain(|(end, ..)| *end <= middle + if arrows { ARROW_OUTLIER } else { OUTLIER });
        let target = ends.iter().map(|(end, gap, _)| end + gap).max().unwrap_or(0);
        active = ends.iter().map(|(.., at)| *at).collect();
        for at in &active {
            if let Some(starts) = starts.get_mut(*at) {
                starts.push(target);
            }
        }
    }
    starts
}

fn leads_to_arrow(row: &Row, column: usize) -> bool {
    row.cells.get(column + 1).is_some_and(|cell| cell.text.starts_with("->"))
}

/// The column behind a row.
fn end(row: &Row, starts: &[usize]) -> usize {
    let mut at = row.indent;
    for (number, cell) in row.cells.iter().enumerate() {
        at = starts.get(number).copied().unwrap_or(at + gap(number, cell)) + width(&cell.text);
    }
    at + width(&row.tail)
}

fn push_row(out: &mut String, row: &Row, starts: &[usize]) {
    push_blanks(out, row.indent);
    let mut at = row.indent;
    for (number, cell) in row.cells.iter().enumerate() {
        let start = starts.get(number).copied().unwrap_or(at + gap(number, cell));
        push_blanks(out, start.saturating_sub(at));
        out.push_str(&cell.text);
        at = start + width(&cell.text);
    }
    out.push_str(&row.tail);
    if let Some(comment) = &row.comment {
        out.push_str(COMMENT_GAP);
        out.push_str(comment);
    }
    out.push('\n');
}

fn push_blanks(out: &mut String, number: usize) {
    out.extend(std::iter::repeat_n(' ', number));
}
