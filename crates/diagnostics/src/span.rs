//! Where something stands: a file and a range of bytes in it.

use std::ops::Range;

/// A file of one [`SourceMap`](crate::SourceMap). Ids count up from 0 in the order of adding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file: `start` is the first byte, `end` the one after the last.
///
/// An empty span (`start == end`) is a place between two bytes, such as where a `}` is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that the offsets count in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte; never less than `start`.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`; an `end` before `start` gives the empty span at `start`.
    #[must_use]
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end: if end < start { start } else { end } }
    }

    /// The empty span at `offset`.
    #[must_use]
    pub const fn at(file: FileId, offset: u32) -> Self {
        Self { file, start: offset, end: offset }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The same place counted from `base` bytes later: turns a span that is relative to its item into one of the file.
    #[must_use]
    pub const fn shifted(self, base: u32) -> Self {
        Self { file: self.file, start: self.start.saturating_add(base), end: self.end.saturating_add(base) }
    }

    /// The smallest span that holds both; `self` when they are in different files.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span just before the first byte.
    #[must_use]
    pub const fn before(self) -> Self {
        Self::at(self.file, self.start)
    }

    /// The empty span just after the last byte.
    #[must_use]
    pub const fn after(self) -> Self {
        Self::at(self.file, self.end)
    }

    /// Whether `offset` lies inside, or is the end: where a cursor still touches the span.
    #[must_use]
    pub const fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// The offsets as a range that slices a text.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    #[must_use]
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Another value at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }

    /// The same, borrowed.
    pub const fn as_ref(&self) -> Spanned<&T> {
        Spanned { value: &self.value, span: self.span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: FileId = FileId(0);

    #[test]
    fn spans_join_within_a_file_only() {
        assert_eq!(Span::new(A, 4, 6).to(Span::new(A, 1, 2)), Span::new(A, 1, 6));
        assert_eq!(Span::new(A, 4, 6).to(Span::new(FileId(1), 1, 2)), Span::new(A, 4, 6));
    }

    #[test]
    fn a_reversed_range_is_empty_at_its_start() {
        assert!(Span::new(A, 5, 2).is_empty());
        assert_eq!(Span::new(A, 5, 2), Span::at(A, 5));
    }

    #[test]
    fn a_cursor_touches_both_ends() {
        let span = Span::new(A, 2, 4);
        assert_eq!([1, 2, 3, 4, 5].map(|at| span.touches(at)), [false, true, true, true, false]);
    }
}
