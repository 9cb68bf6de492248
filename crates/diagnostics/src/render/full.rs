//! Source lines with labels under them, drawn by codespan.

use std::ops::Range;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::{Ansi, NoColor, WriteColor};
use codespan_reporting::term::{self, Config};

use super::view::{LINES_AFTER_START, LINES_BEFORE_END, View, cut};
use super::{Options, capped};
use crate::diagnostic::{Diagnostic, Severity, Suggestion};
use crate::sanitize::inert_terminal;
use crate::source::SourceMap;

/// Lines of a suggested text that are shown.
const PATCH_LINES: usize = 12;

/// Each finding with the source lines that its labels point at, its notes, help and suggestions.
#[must_use]
pub fn full(sources: &SourceMap, diagnostics: &[Diagnostic], options: &Options) -> String {
    let (shown, more) = capped(diagnostics, options);
    let config = Config {
        start_context_lines: LINES_AFTER_START as usize,
        end_context_lines: LINES_BEFORE_END as usize,
        ..Config::default()
    };
    let mut bytes = Vec::new();
    for diagnostic in shown {
        let view = View::new(sources, diagnostic);
        if options.color {
            draw(&mut Ansi::new(&mut bytes), &config, &view, diagnostic);
        } else {
            draw(&mut NoColor::new(&mut bytes), &config, &view, diagnostic);
        }
    }
    let mut out = String::from_utf8_lossy(&bytes).into_owned();
    out.push_str(&more.unwrap_or_default());
    out
}

fn draw(out: &mut impl WriteColor, config: &Config, view: &View, diagnostic: &Diagnostic) {
    // It fails when an index does not fit the files; the view makes both. Then the finding still gets its first line.
    if term::emit_to_write_style(out, config, view, &to_codespan(view, diagnostic)).is_err() {
        let bare = codespan::Diagnostic { labels: Vec::new(), ..to_codespan(view, diagnostic) };
        let _ = term::emit_to_write_style(out, config, view, &bare);
    }
}

fn to_codespan(view: &View, diagnostic: &Diagnostic) -> codespan::Diagnostic<usize> {
    let severity = match diagnostic.severity {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
        Severity::Note => codespan::Severity::Note,
    };
    let labels = view.labels.iter().map(|label| {
        let style =
            if label.primary { codespan::LabelStyle::Primary } else { codespan::LabelStyle::Secondary };
        codespan::Label::new(style, label.file, label.range.clone()).with_message(&label.text)
    });
    codespan::Diagnostic::new(severity)
        .with_code(diagnostic.code)
        .with_message(inert_terminal(&cut(&diagnostic.message)))
        .with_labels(labels.collect())
        .with_notes(remarks(diagnostic, view.hidden))
}

/// Notes, help and suggestions as texts that say what they are, for this and the narrated format.
pub(super) fn remarks(diagnostic: &Diagnostic, hidden_labels: usize) -> Vec<String> {
    let more = (hidden_labels > 0).then(|| format!("note: {hidden_labels} more places are not shown"));
    let notes = diagnostic.notes.iter().map(|note| remark("note", note));
    let help = diagnostic.help.iter().map(|help| remark("help", help));
    notes.chain(more).chain(help).chain(diagnostic.suggestions.iter().map(suggested)).collect()
}

fn remark(kind: &str, text: &str) -> String {
    let lines: Vec<_> = text.lines().map(cut).collect();
    format!("{kind}: {}", inert_terminal(&lines.join("\n")))
}

/// The title, and below it the new text unless the title has it.
fn suggested(suggestion: &Suggestion) -> String {
    let mut out = remark("help", &suggestion.title);
    for edit in &suggestion.edits {
        let text = edit.replacement.trim_matches('\n');
        if text.is_empty() || suggestion.title.contains(text) {
            continue;
        }
        for line in text.lines().take(PATCH_LINES) {
            out.push_str("\n  ");
            out.push_str(&inert_terminal(&cut(line)));
        }
        if text.lines().nth(PATCH_LINES).is_some() {
            out.push_str("\n  …");
        }
    }
    out
}

/// codespan's questions, answered from the excerpt.
impl<'a> Files<'a> for View {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|file| file.name.as_str()).ok_or(Error::FileMissing)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|file| file.text.as_str()).ok_or(Error::FileMissing)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        self.files.get(id).map(|file| file.line_index(byte)).ok_or(Error::FileMissing)
    }

    fn line_number(&'a self, id: usize, line: usize) -> Result<usize, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        let found = file.lines.get(line).map(|line| line.number);
        found.ok_or(Error::LineTooLarge { given: line, max: file.lines.len() })
    }

    /// The column in the file, not in the excerpt. codespan asks where labels start, and nothing else.
    fn column_number(&'a self, id: usize, _line: usize, byte: usize) -> Result<usize, Error> {
        let label = self.labels.iter().find(|label| label.file == id && label.range.start == byte);
        Ok(label.map_or(1, |label| label.start.column as usize))
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        let found = file.lines.get(line).map(|line| line.range.clone());
        found.ok_or(Error::LineTooLarge { given: line, max: file.lines.len() })
    }
}
