//! One finding about a spec, a catalog or an inventory.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::Serialize;

use crate::span::Span;

/// How bad a finding is. The worst sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No plan is emitted.
    Error,
    /// A plan is emitted, but somebody should look.
    Warning,
    /// Good to know: a default that was taken, a stage that is not needed.
    Note,
}

impl Severity {
    /// The word that is shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place and what is to be said about it in plain words. The text may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// The place, in any file.
    pub span: Span,
    /// What is said there: lower case, no full stop.
    pub text: Cow<'static, str>,
}

/// One change of text: the bytes of `span` become `replacement`. An empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// Who may apply a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// A program: the meaning is certainly what the author wanted.
    Safe,
    /// A person after a look: it compiles, but it decides something.
    Unsafe,
    /// Nobody as it is: it holds a gap to fill, or only shows the shape.
    DisplayOnly,
}

/// A way out, as edits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suggestion {
    /// What the edits do, as an editor would list it: `write "assignee"`.
    pub title: Cow<'static, str>,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// Who may apply them.
    pub applicability: Applicability,
}

/// One finding. The message is a fixed sentence without names of the user's; the labels and the help name things.
///
/// ```
/// use cutover_diagnostics::{Diagnostic, SourceMap, Span};
/// let mut sources = SourceMap::new();
/// let file = sources.add("spec.cutover", "asignee -> assignee\n");
/// let here = Span::new(file, 0, 7);
/// let finding = Diagnostic::error("names/unknown-field", "this kind has no such field")
///     .primary(here, "Freshdesk tickets have no field `asignee`")
///     .replace(here, "assignee");
/// assert_eq!(finding.code, "names/unknown-field");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// `family/name`, both kebab-case. A page of the same path explains it.
    pub code: &'static str,
    /// The place in the program that found it, for tests that ask whether each has a case: `family/name#which` or the code.
    pub site: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The fixed sentence: lower case, no full stop.
    pub message: Cow<'static, str>,
    /// Places; the first is the primary one.
    pub labels: Vec<Label>,
    /// Facts that explain: a witness, a chain, a number.
    pub notes: Vec<Cow<'static, str>>,
    /// What to do.
    pub help: Vec<Cow<'static, str>>,
    /// What to do, as edits.
    pub suggestions: Vec<Suggestion>,
    /// Whether the text at the first place is never to be shown: see [`crate::SourceMap::mask`].
    pub hidden: bool,
}

impl Diagnostic {
    /// A finding of `severity`. The `code` is `family/name`, or `family/name#which` where one code is found at several
    /// places of the program: the part after `#` is never shown, it only names the place (see [`Diagnostic::site`]).
    ///
    /// Write the code as a literal in the call, once in the whole program: a test looks for it there.
    #[must_use]
    pub fn new(severity: Severity, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let site = code;
        let code = site.split_once('#').map_or(site, |(code, _)| code);
        Self {
            code,
            site,
            severity,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            suggestions: Vec::new(),
            hidden: false,
        }
    }

    /// A finding that forbids a plan.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that somebody should look at.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A finding that is good to know ([`Severity::Note`]).
    #[must_use]
    pub fn remark(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// Sets the primary label, before all others.
    #[must_use]
    pub fn primary(mut self, span: Span, text: impl Into<Cow<'static, str>>) -> Self {
        self.labels.insert(0, Label { span, text: text.into() });
        self
    }

    /// What stands at the first place is a secret: findings are drawn with stars in its place.
    #[must_use]
    pub fn hide(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Adds a label for a place that the finding also speaks of, in any file.
    #[must_use]
    pub fn secondary(mut self, span: Span, text: impl Into<Cow<'static, str>>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a fact that explains.
    #[must_use]
    pub fn note(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a way out as edits.
    #[must_use]
    pub fn suggest(
        mut self,
        title: impl Into<Cow<'static, str>>,
        edits: impl IntoIterator<Item = Edit>,
        applicability: Applicability,
    ) -> Self {
        let edits = edits.into_iter().collect();
        self.suggestions.push(Suggestion { title: title.into(), edits, applicability });
        self
    }

    /// Suggests another text for `span` that a person should look at first (a near name).
    #[must_use]
    pub fn replace(self, span: Span, replacement: impl Into<String>) -> Self {
        let replacement = replacement.into();
        let title = format!("write `{replacement}`");
        self.suggest(title, [Edit { span, replacement }], Applicability::Unsafe)
    }

    /// Asks whether a near name was meant, and suggests it. `replacement` is as it stands in a spec: a word, or a text in quotes.
    #[must_use]
    pub fn did_you_mean(self, span: Span, replacement: impl Into<String>) -> Self {
        let replacement = replacement.into();
        let quoted = replacement.starts_with(['"', '`']);
        let title = if quoted {
            format!("did you mean {replacement}?")
        } else {
            format!("did you mean `{replacement}`?")
        };
        self.suggest(title, [Edit { span, replacement }], Applicability::Unsafe)
    }

    /// Moves everything that it points at: after an edit the same text stands elsewhere.
    pub fn relocate(&mut self, mut to: impl FnMut(Span) -> Span) {
        let edits = self.suggestions.iter_mut().flat_map(|suggestion| &mut suggestion.edits);
        let spans =
            self.labels.iter_mut().map(|label| &mut label.span).chain(edits.map(|edit| &mut edit.span));
        for span in spans {
            *span = to(*span);
        }
    }

    /// The span of the primary label.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// Whether it forbids a plan.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// All that a reader sees of the finding, in the order that output is sorted by.
    #[expect(clippy::type_complexity, reason = "a tuple is the shortest way to a total order")]
    fn shown(
        &self,
    ) -> (
        Option<Span>,
        &str,
        Severity,
        &str,
        &[Label],
        &[Cow<'static, str>],
        &[Cow<'static, str>],
        &[Suggestion],
    ) {
        (
            self.span(),
            self.code,
            self.severity,
            &self.message,
            &self.labels,
            &self.notes,
            &self.help,
            &self.suggestions,
        )
    }
}

/// By place (findings without one first), then code, severity and all the rest, so that output never depends on the
/// order of finding.
impl Ord for Diagnostic {
    fn cmp(&self, other: &Self) -> Ordering {
        self.shown().cmp(&other.shown()).then_with(|| self.site.cmp(other.site))
    }
}

impl PartialOrd for Diagnostic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Puts findings in their order and keeps one of those that would read the same.
pub fn sort_and_dedup(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort();
    diagnostics.dedup_by(|later, kept| later.shown() == kept.shown());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn at(offset: u32) -> Span {
        Span::at(FileId(0), offset)
    }

    #[test]
    fn a_site_is_more_than_its_code() {
        let found = Diagnostic::error("translate/option-missing#observed", "an option is not translated");
        assert_eq!(
            (found.code, found.site),
            ("translate/option-missing", "translate/option-missing#observed")
        );
        let found = Diagnostic::warning("scope/gap", "a record is not decided");
        assert_eq!((found.code, found.site), ("scope/gap", "scope/gap"));
    }

    #[test]
    fn the_primary_label_comes_first_whenever_it_is_set() {
        let found = Diagnostic::error("a/b", "m").secondary(at(1), "one").primary(at(2), "two");
        assert_eq!(found.span(), Some(at(2)));
    }

    #[test]
    fn order_is_by_place_and_repeats_are_dropped() {
        let one = Diagnostic::error("b/b", "m").primary(at(5), "x");
        let two = Diagnostic::warning("a/a", "m").primary(at(5), "x");
        let three = Diagnostic::error("z/z", "m").primary(at(1), "x");
        let four = Diagnostic::error("c/c", "m");
        let same_from_elsewhere = Diagnostic::error("b/b#again", "m").primary(at(5), "x");
        let mut found =
            vec![same_from_elsewhere, one.clone(), two.clone(), three.clone(), one.clone(), four.clone()];
        sort_and_dedup(&mut found);
        assert_eq!(found, [four, three, two, one]);
    }

    #[test]
    fn a_near_name_is_for_a_person_to_decide() {
        let found = Diagnostic::error("a/b", "m").primary(at(1), "").replace(at(1), "assignee");
        let shown: Vec<_> = found.suggestions.iter().map(|one| (&*one.title, one.applicability)).collect();
        assert_eq!(shown, [("write `assignee`", Applicability::Unsafe)]);
    }
}
