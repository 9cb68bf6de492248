//! A file that is read again and again while somebody writes it: items that did not change are used again.

use std::ops::Range;
use std::sync::Arc;

use cutover_diagnostics::{Diagnostic, FileId, Span};

use crate::hygiene;
use crate::parse::{gather, items};
use crate::split::{Piece, split};
use crate::tree::{Item, SourceFile};

/// A file that was read, with the findings of each item apart.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree.
    pub tree: SourceFile,
    /// The rest.
    pub remains: Remains,
}

/// What is kept of a file beside its tree.
#[derive(Clone, Debug)]
pub struct Remains {
    /// The text that the tree is of.
    text: Arc<str>,
    /// Findings about characters, wherever they stand.
    odd: Vec<Diagnostic>,
    /// For each item, what was found when it was read.
    found: Vec<Vec<Diagnostic>>,
}

impl Parsed {
    /// Reads a text.
    #[must_use]
    pub fn new(file: FileId, text: &Arc<str>) -> Parsed {
        let (items, found) = items(file, text, &split(text)).into_iter().unzip();
        let mut odd = Vec::new();
        hygiene::check(file, text, &mut odd);
        Parsed { tree: SourceFile { file, items }, remains: Remains { text: Arc::clone(text), odd, found } }
    }

    /// The text that was read.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.remains.text
    }

    /// The findings, as [`crate::parse()`] gives them.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        gather(self.remains.odd.clone(), self.remains.found.iter().cloned())
    }

    /// Reads the text that the file has now. Only the items between the first and the last change are parsed; gives their indexes too.
    /// The result is that of [`Parsed::new`].
    #[must_use]
    pub fn again(self, text: &Arc<str>) -> (Parsed, Range<usize>) {
        let Parsed { tree: SourceFile { file, items: mut kept }, remains } = self;
        let Remains { text: before, mut found, .. } = remains;
        let pieces = split(text);
        let same = |item: &Item, piece: &Piece| {
            let start = item.source.base as usize;
            item.keyword == piece.keyword
                && before.get(start..start + item.source.len as usize) == text.get(piece.start..piece.end)
        };
        let head = kept.iter().zip(&pieces).take_while(|(item, piece)| same(item, piece)).count();
        let most = kept.len().min(pieces.len()) - head;
        let tail = kept.iter().rev().zip(pieces.iter().rev()).take(most);
        let tail = tail.take_while(|(item, piece)| same(item, piece)).count();
        let fresh = head..pieces.len() - tail;
        let read = items(file, text, pieces.get(fresh.clone()).unwrap_or_default());
        let (new_items, new_found): (Vec<Item>, Vec<Vec<Diagnostic>>) = read.into_iter().unzip();
        let replaced = head..kept.len() - tail;
        kept.splice(replaced.clone(), new_items);
        found.splice(replaced, new_found);
        for ((item, found), piece) in kept.iter_mut().zip(&mut found).zip(&pieces) {
            let base = u32::try_from(piece.start).unwrap_or(u32::MAX);
            let old = item.source.base;
            item.source.base = base;
            item.source.text = Arc::clone(text);
            if old != base {
                for finding in found {
                    finding.relocate(|span| Span {
                        start: (span.start - old.min(span.start)).saturating_add(base),
                        end: (span.end - old.min(span.end)).saturating_add(base),
                        ..span
                    });
                }
            }
        }
        let mut odd = Vec::new();
        hygiene::check(file, text, &mut odd);
        let remains = Remains { text: Arc::clone(text), odd, found };
        let parsed = Parsed { tree: SourceFile { file, items: kept }, remains };
        (parsed, fresh)
    }
}
