//! The one layout of a spec.
//!
//! [`format()`] writes a text anew from its tree: the same items, lines, clauses and comments, laid out by rules that
//! `docs/formatting.md` states. What has a mistake in it stays as it is, byte for byte but for line ends. The result is read
//! again before it is given out: where it would say something else, the text is refused instead.

mod cells;
mod layout;
mod meaning;
mod order;
mod print;
mod words;

use std::ops::Range;
use std::sync::Arc;

use cutover_diagnostics::{BOM, Diagnostic, FileId};
use cutover_syntax::parse;
use cutover_syntax::parse::MAX_FINDINGS;
use cutover_syntax::tree::{self, SourceFile};

/// Why a text is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// More mistakes than are told apart.
    TooManyMistakes,
    /// The result would be read as something else. This is a defect of the formatter.
    OtherMeaning,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refusal::TooManyMistakes => "it has too many mistakes to be laid out",
            Refusal::OtherMeaning => "laid out anew it would be read as something else",
        })
    }
}

impl std::error::Error for Refusal {}

/// New text for a range of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes that are replaced.
    pub range: Range<usize>,
    /// What stands there from now on.
    pub text: String,
}

/// The text in its canonical layout. Equal to the input when that has it already; `format(format(x)) == format(x)`.
///
/// # Errors
///
/// [`Refusal`] when the text cannot be laid out without a change of what it says.
pub fn format(text: &str) -> Result<String, Refusal> {
    // A byte order mark says nothing in UTF-8.
    let text = text.strip_prefix(BOM).unwrap_or(text);
    let before = Read::of(text);
    let all = 0..before.file.items.len();
    before.checked(text, &all, |new| new.to_owned())
}

/// The canonical layout of the items that touch a range of bytes, and of those that are aligned with them; `None` when they have it.
///
/// # Errors
///
/// [`Refusal`] when the items cannot be laid out without a change of what they say.
pub fn format_range(text: &str, range: Range<usize>) -> Result<Option<Replacement>, Refusal> {
    let whole = text.len();
    let text = text.strip_prefix(BOM).unwrap_or(text);
    // The mark stays; what is given is counted with it.
    let mark = whole - text.len();
    let range = range.start.saturating_sub(mark)..range.end.saturating_sub(mark);
    let before = Read::of(text);
    let items = before.touching(&range);
    let bytes = before.bytes(&items);
    let (Some(head), Some(old), Some(tail)) =
        (text.get(..bytes.start), text.get(bytes.clone()), text.get(bytes.end..))
    else {
        return Ok(None);
    };
    // The empty line before the next item is the next item's.
    let blank = !tail.is_empty() && ends_blank(old);
    let fill = |new: &str| format!("{head}{new}{}{tail}", if blank { "\n" } else { "" });
    let whole = before.checked(text, &items, fill)?;
    let new = whole.get(head.len()..whole.len() - tail.len()).unwrap_or_default();
    Ok((new != old)
        .then(|| Replacement { range: bytes.start + mark..bytes.end + mark, text: new.to_owned() }))
}

fn ends_blank(text: &str) -> bool {
    let end = text.trim_end_matches([' ', '\t', '\r', '\n']);
    text.get(end.len()..).unwrap_or_default().replace("\r\n", "\n").matches(['\n', '\r']).count() > 1
}

/// A text that was read.
struct Read {
    file: SourceFile,
    diagnostics: Vec<Diagnostic>,
}

impl Read {
    fn of(text: &str) -> Read {
        let (file, diagnostics) = parse(FileId(0), &Arc::from(text));
        Read { file, diagnostics }
    }

    /// Lays some items out, and gives the whole text with them in their place if it says the same as `old`. An item that would change is
    /// kept as it is, once; then the text is refused.
    fn checked(
        &self,
        old: &str,
        items: &Range<usize>,
        fill: impl Fn(&str) -> String,
    ) -> Result<String, Refusal> {
        if self.diagnostics.len() >= MAX_FINDINGS {
            return Err(Refusal::TooManyMistakes);
        }
        let mut kept = vec![false; self.file.items.len()];
        for _ in 0..2 {
            let new = fill(&self.laid_out(items, &kept));
            let after = Read::of(&new);
            let changed = self.changed(old, &new, &after);
            match changed {
                Changed::Nothing => return Ok(new),
                Changed::Items(items) => {
                    for at in items {
                        if let Some(kept) = kept.get_mut(at) {
                            *kept = true;
                        }
                    }
                }
                Changed::All => kept.fill(true),
            }
        }
        Err(Refusal::OtherMeaning)
    }

    fn laid_out(&self, items: &Range<usize>, kept: &[bool]) -> String {
        let mut pieces = Vec::new();
        let mut bad = self.bad();
        for at in items.clone() {
            let (Some(item), Some(bad)) = (self.file.items.get(at), bad.get_mut(at)) else { continue };
            print::item(item, bad, kept.get(at) == Some(&true), &mut pieces);
        }
        layout::print(&pieces)
    }

    /// Where in each item something was found.
    fn bad(&self) -> Vec<Vec<tree::Range>> {
        let mut bad = vec![Vec::new(); self.file.items.len()];
        for finding in &self.diagnostics {
            for label in &finding.labels {
                let at = self.file.items.partition_point(|item| item.source.base <= label.span.start);
                let Some(at) = at.checked_sub(1) else { continue };
                if let (Some(item), Some(bad)) = (self.file.items.get(at), bad.get_mut(at)) {
                    let relative = |offset: u32| offset.saturating_sub(item.source.base);
                    bad.push(tree::Range {
                        start: relative(label.span.start),
                        end: relative(label.span.end),
                    });
                }
            }
        }
        bad
    }

    fn changed(&self, old: &str, new: &str, after: &Read) -> Changed {
        let (old_items, new_items) = (self.saying(), after.saying());
        if old_items.len() != new_items.len() {
            return Changed::All;
        }
        let pairs = old_items.into_iter().zip(new_items);
        let items: Vec<usize> = pairs
            .filter(|((_, a), (_, b))| meaning::of_item(a) != meaning::of_item(b))
            .map(|((at, _), _)| at)
            .collect();
        if !items.is_empty() {
            return Changed::Items(items);
        }
        let same = meaning::comments(&self.file).eq(meaning::comments(&after.file))
            && meaning::findings(old, &self.diagnostics) == meaning::findings(new, &after.diagnostics);
        if same { Changed::Nothing } else { Changed::All }
    }

    /// The items that are more than blanks, with their numbers.
    fn saying(&self) -> Vec<(usize, &tree::Item)> {
        let says = |item: &tree::Item| item.keyword.is_some() || !item.terms.is_empty();
        self.file.items.iter().enumerate().filter(|(_, item)| says(item)).collect()
    }

    /// The items that touch a range, with those that may stand in one table with them.
    fn touching(&self, range: &Range<usize>) -> Range<usize> {
        let items = &self.file.items;
        let start_of = |item: &tree::Item| item.source.base as usize;
        let first = items.partition_point(|item| start_of(item) <= range.start).saturating_sub(1);
        let mut first = first.min(items.len());
        let mut end =
            items.partition_point(|item| start_of(item) < range.end.max(range.start + 1)).max(first);
        let same = |a: usize, b: usize| {
            let family = |at: usize| items.get(at).and_then(|item| item.keyword).and_then(cells::family);
            family(a).is_some() && family(a) == family(b)
        };
        while first > 0 && same(first - 1, first) {
            first -= 1;
        }
        while end > first && end < items.len() && same(end - 1, end) {
            end += 1;
        }
        first..end
    }

    /// The bytes of consecutive items.
    fn bytes(&self, items: &Range<usize>) -> Range<usize> {
        let some = self.file.items.get(items.clone()).unwrap_or_default();
        let start = some.first().map_or(0, |item| item.source.base as usize);
        let end = some.last().map_or(start, |item| (item.source.base + item.source.len) as usize);
        start..end
    }
}

/// What another layout would change.
enum Changed {
    Nothing,
    /// What these items say.
    Items(Vec<usize>),
    /// Their number, the comments or the findings.
    All,
}
