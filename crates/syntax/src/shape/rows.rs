//! Lines with an arrow, and commas where a line should end.

use cutover_diagnostics::{Applicability, Diagnostic};

use super::{Check, clause_keyword};
use crate::construct::{MemberRule, StatementRule};
use crate::keywords::ClauseKw;
use crate::messages::{did_you_mean, edit, nearest};
use crate::predicate::is_word;
use crate::tree::{Line, Range, Term, TermKind};
use crate::value;

impl Check<'_> {
    pub(super) fn missing_arrow(
        &mut self,
        line: &Line,
        first: Term,
        statements: &'static [StatementRule],
        members: MemberRule,
        what: &str,
    ) {
        if self.broken(line) {
            return;
        }
        let raw = self.item.raw(first);
        let near = nearest(raw, statements.iter().map(|s| s.keyword.text()));
        if near.is_some() && self.terms(line.terms).len() > 2 {
            self.unknown_statement(line, first, statements, what);
            return;
        }
        let span = self.item.span(self.line_head(line));
        let diagnostic = Diagnostic::error("syntax/missing-arrow", "an arrow is missing")
            .primary(span, format!("a line of `{what}` is {}", members.describe()));
        let value = |term: &Term| matches!(term.kind, TermKind::Word | TermKind::Text);
        // Two names beside each other: the arrow goes between them.
        let diagnostic = match self.terms(line.lead) {
            [a, b] if value(b) => {
                let gap = self.item.span(Range { start: a.range.end, end: b.range.start });
                diagnostic.suggest("write the arrow", [edit(gap, " -> ")], Applicability::Unsafe)
            }
            [_, to, b]
                if value(b) && ["to", "becomes", "into"].iter().any(|w| is_word(self.item, Some(to), w)) =>
            {
                let at = self.item.span(to.range);
                diagnostic.suggest("write the arrow", [edit(at, "->")], Applicability::Unsafe)
            }
            _ => diagnostic,
        };
        self.push(diagnostic);
    }

    pub(super) fn arrow_sides(&mut self, line: &Line, lead: &[Term], members: MemberRule, what: &str) {
        let result = line.result.map(|r| self.terms(r)).unwrap_or_default();
        if self.commas_between_rows(result) {
            return;
        }
        for (terms, side) in [(lead, "left"), (result, "right")] {
            if terms.is_empty() {
                if self.broken(line) {
                    continue;
                }
                let span = self.item.span(self.line_head(line));
                self.push(Diagnostic::error("syntax/empty-side", "one side of the arrow is empty").primary(
                    span,
                    format!("nothing stands on the {side} of the arrow in this line of `{what}`"),
                ));
            } else if let Some(arrow) = terms.iter().find(|term| term.kind == TermKind::Arrow) {
                let span = self.item.span(arrow.range);
                self.push(
                    Diagnostic::error("syntax/empty-side#second", "one side of the arrow is empty")
                        .primary(span, "a second arrow in the same line")
                        .help("a line that begins with `->` goes on with the line above: write what stands on its left"),
                );
            } else if let Some(extra) = self.not_a_list(terms) {
                self.not_one_name(terms, extra, side, members);
            }
        }
    }

    /// Several words without commas on one side of an arrow.
    fn not_one_name(&mut self, terms: &[Term], extra: Term, side: &str, members: MemberRule) {
        let rest: Vec<Term> = terms.iter().copied().skip_while(|t| t.range != extra.range).collect();
        let clause = clause_keyword(self.item, &rest);
        let words = terms.iter().all(|term| term.kind == TermKind::Word);
        if let Some(keyword) = clause.filter(|_| side == "right") {
            self.misplaced(extra.range, keyword, "row", members.clauses());
            return;
        }
        if words && let (Some(first), Some(last)) = (terms.first(), terms.last()) {
            let near = nearest(self.item.raw(extra), ClauseKw::ALL.iter().map(|k| k.text()));
            if near.is_none() || side == "left" {
                let whole = first.range.to(last.range);
                let (mark, help) = match members {
                    MemberRule::Pairs(_) => {
                        ('"', "a value that somebody typed into a product stands in quotes")
                    }
                    _ => ('`', "a field name that holds blanks stands in backticks"),
                };
                let span = self.item.span(whole);
                let quoted = format!("{mark}{}{mark}", self.item.slice(whole));
                self.push(
                    Diagnostic::error("syntax/unquoted#row", "a name of several words needs quotes")
                        .primary(span, format!("the {side} of the arrow is one name, or several with commas"))
                        .help(help)
                        .suggest("put it in quotes", [edit(span, quoted)], Applicability::Unsafe),
                );
                return;
            }
        }
        let span = self.item.span(extra.range);
        let near = nearest(self.item.raw(extra), ClauseKw::ALL.iter().map(|k| k.text()));
        self.push(did_you_mean(
            Diagnostic::error("syntax/extra-words#row", "these words have no place here")
                .primary(span, format!("the {side} of the arrow is one name, or several with commas")),
            span,
            near,
        ));
    }

    /// The first term that does not fit a list with commas. Words that belong together (`the rest`, `any case "x"`,
    /// `placeholder "x"`) count as one.
    fn not_a_list(&self, terms: &[Term]) -> Option<Term> {
        if let [_] = terms {
            return None;
        }
        let mut expect_value = true;
        let mut at = 0;
        while let Some(term) = terms.get(at) {
            if term.kind == TermKind::Comma {
                expect_value = true;
                at += 1;
                continue;
            }
            // Reported when the line was cut.
            if term.kind == TermKind::Error {
                return None;
            }
            if !expect_value {
                return Some(*term);
            }
            let pair = |a: &str, b: &str| {
                is_word(self.item, Some(term), a) && is_word(self.item, terms.get(at + 1), b)
            };
            let prefix = match () {
                () if pair("any", "case") => 2,
                () if pair("the", "rest") || pair("same", "name") => 1,
                () if is_word(self.item, Some(term), "placeholder") => {
                    usize::from(terms.get(at + 1).is_some_and(|t| t.kind == TermKind::Text))
                }
                () => 0,
            };
            at += prefix;
            let used = value::read(self.item, terms.get(at..).unwrap_or_default()).map_or(1, |(_, n)| n);
            at += used;
            expect_value = false;
        }
        None
    }

    /// `"a" -> "b", "c" -> "d"`: a second arrow behind a comma. Says whether there was one.
    fn commas_between_rows(&mut self, result: &[Term]) -> bool {
        if result.iter().all(|term| term.kind != TermKind::Arrow) {
            return false;
        }
        let arrows = result.iter().enumerate().filter(|(_, term)| term.kind == TermKind::Arrow);
        let commas: Vec<Term> = arrows
            .filter_map(|(at, _)| {
                let before = result.get(..at).unwrap_or_default();
                before.iter().rev().find(|term| term.kind == TermKind::Comma).copied()
            })
            .collect();
        self.between(&commas, Applicability::Unsafe)
    }

    /// `hold inbound, load everything`: a statement behind a comma. Says whether there was one.
    pub(super) fn commas_between_statements(
        &mut self,
        line: &Line,
        statements: &'static [StatementRule],
    ) -> bool {
        let terms = self.terms(line.terms);
        let commas: Vec<Term> = terms
            .windows(3)
            .filter_map(|window| match window {
                [comma, word, next] if comma.kind == TermKind::Comma && next.kind != TermKind::Comma => {
                    let known = |rule: &StatementRule| is_word(self.item, Some(word), rule.keyword.text());
                    statements.iter().any(known).then_some(*comma)
                }
                _ => None,
            })
            .collect();
        self.between(&commas, Applicability::Unsafe)
    }

    fn between(&mut self, commas: &[Term], applicability: Applicability) -> bool {
        let Some(first) = commas.first() else { return false };
        let edits: Vec<_> = commas.iter().map(|comma| edit(self.item.span(comma.range), ";")).collect();
        self.push(
            Diagnostic::error("syntax/comma-between", "a comma does not end a line")
                .primary(self.item.span(first.range), "another line begins behind this comma")
                .help("lines of a block stand below each other or are parted by `;`; a comma parts the names of one list")
                .suggest("write `;`", edits, applicability),
        );
        true
    }

    /// A comma at the end of a line: a list that goes on below, or a habit from elsewhere.
    pub(super) fn trailing_comma(&mut self, line: &Line) {
        let terms = self.terms(line.terms);
        if terms.iter().all(|term| term.kind != TermKind::Comma) {
            return;
        }
        let gap = |a: Range, b: Range| Range { start: a.end, end: b.start };
        let broken = terms.windows(2).find_map(|pair| match pair {
            [comma, next] if comma.kind == TermKind::Comma => {
                let gap = gap(comma.range, next.range);
                self.item.slice(gap).contains(['\n', '\r']).then_some((comma.range, Some(gap)))
            }
            _ => None,
        });
        let last = terms.last().filter(|term| term.kind == TermKind::Comma && terms.len() > 1);
        let Some((comma, gap)) = broken.or_else(|| last.map(|term| (term.range, None))) else { return };
        let span = self.item.span(comma);
        let diagnostic = Diagnostic::error("syntax/trailing-comma", "a line ends with a comma")
            .primary(span, "nothing follows it on this line")
            .help("a list stands on one line, and the next line of a block needs no comma before it");
        let (title, change) = match gap {
            // A comment in between would swallow the rest of the list.
            Some(gap) if self.item.slice(gap).contains('#') => return self.push(diagnostic),
            Some(gap) => ("write the list on one line", edit(self.item.span(gap), " ")),
            None => ("remove the comma", edit(span, "")),
        };
        self.push(diagnostic.suggest(title, [change], Applicability::Safe));
    }
}
