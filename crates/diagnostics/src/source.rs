//! The files of one compilation and their lines.

use std::sync::{Arc, OnceLock};

use crate::line_index::LineIndex;
use crate::span::{FileId, Span};

/// The byte order mark that some editors write at the start of a file. It is never counted as a column.
pub const BOM: char = '\u{feff}';

/// The files that one compilation has read: name, text and lines of each.
///
/// Cloning is cheap: texts and indexes are shared.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<Arc<SourceFile>>,
}

/// One file: what the user calls it, what it says, where its lines are.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    /// Found when somebody asks: nobody asks about a file in which nothing is wrong.
    lines: OnceLock<LineIndex>,
}

/// A place in the words of a person or an editor. Lines and columns count from 1; a byte order mark is no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Line number.
    pub line: u32,
    /// Column in characters (Unicode scalar values). This is the one to show.
    pub column: u32,
    /// Column in UTF-8 bytes.
    pub column_utf8: u32,
    /// Column in UTF-16 code units, as editors count.
    pub column_utf16: u32,
}

impl SourceMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. `name` is the path from the project's root with forward slashes, as findings show it;
    /// `text` is its whole content (a byte order mark included, offsets count it).
    ///
    /// Offsets are 32 bits wide: what stands after 4 GiB of a file cannot be pointed at.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let text = text.into();
        self.files.push(Arc::new(SourceFile { name: name.into(), text, lines: OnceLock::new() }));
        id
    }

    /// The same files, called from another folder: `folder` is where the project lies as seen from there. Ids and offsets stay.
    #[must_use]
    pub fn under(&self, folder: &str) -> SourceMap {
        let folder = folder.trim_end_matches('/');
        if folder.is_empty() || folder == "." {
            return self.clone();
        }
        self.renamed(|name| format!("{folder}/{name}"))
    }

    /// The same files under other names. Ids and offsets stay.
    #[must_use]
    pub fn renamed(&self, name: impl Fn(&str) -> String) -> SourceMap {
        let moved = |file: &Arc<SourceFile>| {
            let name = name(&file.name);
            Arc::new(SourceFile { name, text: Arc::clone(&file.text), lines: file.lines.clone() })
        };
        SourceMap { files: self.files.iter().map(moved).collect() }
    }

    /// Gives a file another text, as an editor does; an id of another map changes nothing.
    pub fn replace(&mut self, file: FileId, text: impl Into<Arc<str>>) {
        let Some(file) = self.files.get_mut(file.0 as usize) else { return };
        let text = text.into();
        *file = Arc::new(SourceFile { name: file.name.clone(), text, lines: OnceLock::new() });
    }

    /// Writes stars over what stands at `span`, in this map only: a secret is pointed at, and never shown. Offsets and line breaks stay.
    /// A span that does not fit the text changes nothing.
    pub fn mask(&mut self, span: Span) {
        let Some(file) = self.files.get_mut(span.file.0 as usize) else { return };
        let (Some(before), Some(secret), Some(after)) = (
            file.text.get(..span.range().start),
            file.text.get(span.range()),
            file.text.get(span.range().end..),
        ) else {
            return;
        };
        let stars = secret.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' });
        let text: String = before.chars().chain(stars).chain(after.chars()).collect();
        *file = Arc::new(SourceFile { name: file.name.clone(), text: text.into(), lines: OnceLock::new() });
    }

    /// The file with this id, if it is of this map.
    #[must_use]
    pub fn get(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize).map(AsRef::as_ref)
    }

    /// All files in the order of adding.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(self.files.iter().map(AsRef::as_ref))
    }

    /// The name of a file; empty for an id of another map.
    #[must_use]
    pub fn name(&self, file: FileId) -> &str {
        self.get(file).map_or("", SourceFile::name)
    }

    /// The text of a file; empty for an id of another map.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.get(file).map_or("", SourceFile::text)
    }

    /// What is written at `span`; empty when the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file).get(span.range()).unwrap_or("")
    }

    /// Where `span` starts. Offsets past the end mean the end; offsets inside a character mean its start.
    #[must_use]
    pub fn location(&self, span: Span) -> Location {
        self.location_at(span.file, span.start)
    }

    /// Where `span` ends (the place after its last byte).
    #[must_use]
    pub fn end_location(&self, span: Span) -> Location {
        self.location_at(span.file, span.end)
    }

    /// The place of one offset.
    #[must_use]
    pub fn location_at(&self, file: FileId, offset: u32) -> Location {
        self.get(file).map_or(Location { line: 1, column: 1, column_utf8: 1, column_utf16: 1 }, |file| {
            file.lines().location(&file.text, offset)
        })
    }
}

impl SourceFile {
    /// The path from the project's root, with forward slashes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole content.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole content, shared.
    #[must_use]
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// Where the lines are.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_another_map_show_nothing_and_break_nothing() {
        let map = SourceMap::new();
        let lost = Span::new(FileId(7), 3, 9);
        assert_eq!((map.name(lost.file), map.slice(lost), map.location(lost).line), ("", "", 1));
    }

    #[test]
    fn slices_that_do_not_fit_are_empty() {
        let mut map = SourceMap::new();
        let file = map.add("a.cutover", "é");
        assert_eq!(map.slice(Span::new(file, 0, 2)), "é");
        assert_eq!(map.slice(Span::new(file, 0, 1)), "");
        assert_eq!(map.slice(Span::new(file, 0, 9)), "");
    }
}
