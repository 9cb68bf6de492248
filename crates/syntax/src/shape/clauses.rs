//! The clauses of a line and what follows each of them.

use cutover_diagnostics::{Applicability, Diagnostic};

use super::{Check, clause_keyword, wants};
use crate::construct::{ArgRule, ClauseRule, Takes};
use crate::habits;
use crate::keywords::{ClauseKw, StmtKw};
use crate::messages::{UNITS, did_you_mean, edit, listed, nearest, unit_meant};
use crate::predicate::{self, PredKind, is_word};
use crate::tree::{Line, Range, Term, TermKind};
use crate::value::{self, ValueKind};

/// Clauses that may stand in many lines; behind words of another clause they are never part of its value.
const COMMON: &[ClauseKw] = &[
    ClauseKw::Owner,
    ClauseKw::SignedBy,
    ClauseKw::Because,
    ClauseKw::Lossy,
    ClauseKw::WhenMissing,
    ClauseKw::Meaning,
];

impl Check<'_> {
    /// Checks what stands before the clauses. Gives the clause that misspelled words there were meant to be.
    pub(super) fn args(
        &mut self,
        line: &Line,
        lead: &[Term],
        rule: ArgRule,
        clauses: &'static [ClauseRule],
        what: &str,
    ) -> Option<&'static str> {
        match (rule, lead.first()) {
            (ArgRule::None, Some(_)) if !self.broken(line) => return self.extra(lead, clauses, what),
            (_, None) => {
                let expected = wants(rule)?;
                if self.broken(line) {
                    return None;
                }
                let span = self.item.span(self.line_head(line));
                self.push(
                    Diagnostic::error("syntax/missing-argument", "something is missing behind the keyword")
                        .primary(span, format!("`{what}` is followed by {expected}")),
                );
            }
            (ArgRule::One(_) | ArgRule::List(_), Some(first)) if !self.broken(line) => {
                let used = if matches!(rule, ArgRule::One(_)) { 1 } else { list_end(lead) };
                let rest = lead.get(used..).unwrap_or_default();
                // A hole is reported where it is read, and it may stand for all of it.
                let open =
                    [Some(first), rest.first()].into_iter().flatten().any(|t| t.kind == TermKind::Hole);
                if !open {
                    return self.extra(rest, clauses, what);
                }
            }
            _ => {}
        }
        None
    }

    /// Words that stand where only clauses may. Gives the clause that they were meant to be.
    fn extra(&mut self, lead: &[Term], clauses: &'static [ClauseRule], what: &str) -> Option<&'static str> {
        let (first, last) = (lead.first()?, lead.last()?);
        if let Some(keyword) = clause_keyword(self.item, lead) {
            self.misplaced(first.range, keyword, what, clauses);
            return None;
        }
        let span = self.item.span(first.range.to(last.range));
        let diagnostic = Diagnostic::error("syntax/extra-words", "these words have no place here")
            .primary(span, format!("not part of `{what}`"));
        if let Some((title, unit)) = unit_meant(self.item, *first) {
            let written = vec![edit(self.item.span(first.range), unit)];
            self.push(diagnostic.help(UNITS).suggest(title, written, Applicability::Unsafe));
            return None;
        }
        let (near, at) = self.meant_clause(lead, clauses);
        self.push(did_you_mean(diagnostic, self.item.span(at), near));
        near
    }

    /// The clause that the words at the start of these terms were probably meant to be, and where they stand.
    fn meant_clause(&self, terms: &[Term], rules: &'static [ClauseRule]) -> (Option<&'static str>, Range) {
        let first = terms.first().map_or(Range { start: 0, end: 0 }, |term| term.range);
        let keywords = || rules.iter().map(|rule| rule.keyword.text());
        let two = match terms {
            [a, b, ..] if a.kind == TermKind::Word && b.kind == TermKind::Word => {
                Some((format!("{} {}", self.item.raw(*a), self.item.raw(*b)), a.range.to(b.range)))
            }
            _ => None,
        };
        if let Some((words, range)) = two {
            let composite = || nearest(&words, keywords().filter(|text| text.contains(' ')));
            if let Some(near) = habits::meant(habits::CLAUSES, &words, keywords()).or_else(composite) {
                return (Some(near), range);
            }
        }
        let word = terms.first().map_or("", |term| self.item.raw(*term));
        let near = nearest(word, keywords()).or_else(|| habits::meant(habits::CLAUSES, word, keywords()));
        (near, first)
    }

    pub(super) fn misplaced(
        &mut self,
        range: Range,
        keyword: ClauseKw,
        what: &str,
        rules: &'static [ClauseRule],
    ) {
        let span = self.item.span(range);
        let diagnostic = Diagnostic::error("syntax/clause-misplaced", "this clause does not belong here")
            .primary(span, format!("`{what}` takes no `{keyword}`"));
        let diagnostic = if rules.is_empty() {
            diagnostic
        } else {
            diagnostic.help(format!("it takes {}", listed(rules.iter().map(|r| r.keyword.text()))))
        };
        self.push(diagnostic);
    }

    /// Checks the clauses of a line; `meant` is one that was reported as misspelled.
    pub(super) fn clauses(
        &mut self,
        line: &Line,
        rules: &'static [ClauseRule],
        what: &str,
        meant: Option<&'static str>,
    ) {
        // That a misspelled clause is missing is the same mistake.
        let mut meant: Vec<&str> = meant.into_iter().collect();
        for (i, clause) in line.clauses.iter().enumerate() {
            let Some(rule) = rules.iter().find(|r| r.keyword == clause.keyword) else { continue };
            let before = line.clauses.get(..i).unwrap_or_default();
            let repeatable = rule.keyword == ClauseKw::In;
            if let Some(first) = before.iter().find(|c| c.keyword == clause.keyword && !repeatable) {
                self.push(
                    Diagnostic::error("syntax/clause-twice", "a clause stands twice in one line")
                        .primary(self.item.span(clause.range), "the second time")
                        .secondary(self.item.span(first.range), "the first time")
                        .help("keep one of them"),
                );
            }
            let at = Place { line, rule, what, rules };
            meant.extend(self.clause_value(&at, clause.range, self.terms(clause.terms)));
        }
        // A night that nobody has set yet has no end and no zone either: the whole of it is open.
        let open = matches!(self.terms(line.lead), [lead] if lead.kind == TermKind::Hole);
        if open && line.statement == Some(StmtKw::Window) {
            return;
        }
        let missing = |r: &&ClauseRule| r.need && !line.has(r.keyword) && !meant.contains(&r.keyword.text());
        let mut missing = rules.iter().filter(missing).peekable();
        if missing.peek().is_none() || self.broken(line) {
            return;
        }
        for rule in missing {
            self.missing_clause(line, rule, what);
        }
    }

    fn missing_clause(&mut self, line: &Line, rule: &ClauseRule, what: &str) {
        let span = self.item.span(self.line_head(line));
        let keyword = rule.keyword;
        let diagnostic = match keyword {
            ClauseKw::Owner => Diagnostic::error("people/no-owner", "nobody owns this")
                .primary(span, format!("this `{what}` names no owner"))
                .help("add `owner` and a person of the team: whoever does it and answers for it"),
            ClauseKw::SignedBy => Diagnostic::error("people/no-signature", "nobody approves this")
                .primary(span, format!("this `{what}` names nobody who signs"))
                .help("add `signed by` and a person of the team who is not the owner"),
            ClauseKw::Because => Diagnostic::error("reason/missing", "a reason is missing")
                .primary(span, format!("this `{what}` leaves something out and does not say why"))
                .help("add `because \"...\"`; reviewers read it in the checklist"),
            _ => Diagnostic::error("syntax/clause-missing", "a clause is missing")
                .primary(span, format!("this `{what}` has no `{keyword}`"))
                .help(format!("add `{keyword}` and {}", rule.takes.describe())),
        };
        self.push(diagnostic);
    }

    /// Checks what follows a clause keyword. Gives the clause that misspelled words behind it were meant to be.
    fn clause_value(&mut self, place: &Place<'_>, keyword: Range, terms: &[Term]) -> Option<&'static str> {
        let rule = place.rule;
        let Some(first) = terms.first() else {
            if rule.takes != Takes::Nothing && !self.broken(place.line) {
                self.push(Diagnostic::error("syntax/clause-value", "a clause says nothing").primary(
                    self.item.span(keyword),
                    format!("`{}` is followed by {}", rule.keyword, rule.takes.describe()),
                ));
            }
            return None;
        };
        let (kind, mut at) = (first.kind, first.range);
        if matches!(kind, TermKind::Error | TermKind::Hole) {
            return None;
        }
        if rule.takes == Takes::Nothing {
            return self.behind(place, terms);
        }
        if self.empty_text(rule, terms) {
            return None;
        }
        let fits = match rule.takes {
            Takes::Text => kind == TermKind::Text,
            Takes::Person => kind == TermKind::Word,
            Takes::People => {
                if let Some(other) =
                    elements(terms).find(|t| !matches!(t.kind, TermKind::Word | TermKind::Hole))
                {
                    at = other.range;
                    false
                } else {
                    true
                }
            }
            Takes::Name | Takes::Names if rule.keyword != ClauseKw::Add => {
                let count = if rule.takes == Takes::Name { 1 } else { usize::MAX };
                match elements(terms).take(count).find(|term| !self.names(**term)) {
                    Some(other) => {
                        at = other.range;
                        false
                    }
                    None => true,
                }
            }
            Takes::Duration | Takes::Quantity => kind == TermKind::Numeric,
            Takes::Moment => {
                if self.moment_in_words(terms) {
                    return None;
                }
                matches!(kind, TermKind::Word | TermKind::Numeric)
            }
            Takes::Predicate => {
                self.predicate(terms);
                true
            }
            Takes::Nothing
            | Takes::Name
            | Takes::Names
            | Takes::Object
            | Takes::StandIn
            | Takes::Words
            | Takes::Functions
            | Takes::Value => {
                !matches!(kind, TermKind::Arrow | TermKind::Comma | TermKind::Close | TermKind::Sign)
            }
        };
        if !fits {
            if !self.broken(place.line) && !self.bare_value(rule, terms) {
                self.wrong_kind(rule, at);
            }
            return None;
        }
        // One value only; a second one is usually a clause that this line does not take.
        let used = match rule.takes {
            Takes::Text | Takes::Person | Takes::Name => 1,
            Takes::Names => list_end(terms),
            Takes::Object => 1 + usize::from(terms.get(1).is_some_and(|term| term.kind == TermKind::Text)),
            Takes::StandIn if is_word(self.item, Some(first), "placeholder") => {
                1 + usize::from(terms.get(1).is_some_and(|term| term.kind == TermKind::Text))
            }
            Takes::StandIn | Takes::Value => value::read(self.item, terms).map_or(1, |(_, used)| used),
            Takes::Functions => value::read_separated(self.item, terms).1.max(1),
            Takes::Moment if is_word(self.item, terms.get(1), "pass") => 2,
            Takes::Duration | Takes::Quantity | Takes::Moment => {
                value::read(self.item, terms).map_or(1, |(_, used)| used)
            }
            Takes::Predicate => self.condition_end(terms)?,
            Takes::People => list_end(terms),
            _ => self.words_end(place, terms),
        };
        let rest = terms.get(used..).unwrap_or_default();
        if rest.is_empty() { None } else { self.behind(place, rest) }
    }

    /// Whether a term can name something: a word, a text, a name that begins with a digit. A number, a date and a sign name nothing.
    fn names(&self, term: Term) -> bool {
        match term.kind {
            TermKind::Word | TermKind::Text | TermKind::Hole | TermKind::Error => true,
            TermKind::Numeric => {
                value::read(self.item, &[term]).is_some_and(|(read, _)| read.kind == ValueKind::Bad)
            }
            _ => false,
        }
    }

    fn wrong_kind(&mut self, rule: &ClauseRule, at: Range) {
        self.push(
            Diagnostic::error("syntax/clause-value#kind", "a clause is followed by the wrong kind of thing")
                .primary(
                    self.item.span(at),
                    format!("`{}` is followed by {}", rule.keyword, rule.takes.describe()),
                ),
        );
    }

    /// Words where a text is wanted. Says whether there were some.
    fn bare_value(&mut self, rule: &ClauseRule, terms: &[Term]) -> bool {
        let (Some(first), Some(last)) = (terms.first(), terms.last()) else { return false };
        let plain = |term: &Term| matches!(term.kind, TermKind::Word | TermKind::Numeric | TermKind::Sign);
        if rule.takes != Takes::Text || !terms.iter().all(plain) {
            return false;
        }
        let whole = first.range.to(last.range);
        let span = self.item.span(whole);
        let quoted = format!("\"{}\"", self.item.slice(whole));
        self.push(
            Diagnostic::error("syntax/unquoted#clause", "a text stands in quotes")
                .primary(span, format!("`{}` is followed by a text in quotes", rule.keyword))
                .suggest(format!("write `{quoted}`"), [edit(span, quoted)], Applicability::Unsafe),
        );
        true
    }

    /// `3 days before window` and `window minus 3 days`. Says whether it was one of them.
    fn moment_in_words(&mut self, terms: &[Term]) -> bool {
        let side = |term: Option<&Term>| {
            let word = |text| is_word(self.item, term, text);
            if word("before") || word("minus") {
                Some('-')
            } else if word("after") || word("plus") {
                Some('+')
            } else {
                None
            }
        };
        let Some(first) = terms.first() else { return false };
        let (anchor, sign, quantity, last) = if first.kind == TermKind::Word {
            let (Some(sign), Some((length, used))) =
                (side(terms.get(1)), value::read(self.item, terms.get(2..).unwrap_or_default()))
            else {
                return false;
            };
            (*first, sign, length, terms.get(used + 1))
        } else {
            let Some((length, used)) = value::read(self.item, terms) else { return false };
            let (Some(sign), Some(anchor)) = (side(terms.get(used)), terms.get(used + 1)) else {
                return false;
            };
            (*anchor, sign, length, Some(anchor))
        };
        let length = matches!(quantity.kind, value::ValueKind::Quantity(_));
        let Some(last) = last.filter(|_| length && anchor.kind == TermKind::Word) else { return false };
        let whole = first.range.to(last.range);
        let text = format!("{} {sign} {}", self.item.raw(anchor), self.item.slice(quantity.range));
        let span = self.item.span(whole);
        self.push(
            Diagnostic::error("syntax/clause-value#moment", "a moment is written with `-` or `+`")
                .primary(span, "read from the event: `window - 3 days`")
                .suggest(format!("write `{text}`"), [edit(span, text)], Applicability::Unsafe),
        );
        true
    }

    /// Reports a text that says nothing, or a reason that somebody still has to find.
    fn empty_text(&mut self, rule: &ClauseRule, terms: &[Term]) -> bool {
        let reason = matches!(rule.keyword, ClauseKw::Because | ClauseKw::Lossy);
        let text = |term: &Term| value::unquote(self.item.raw(*term)).trim().to_lowercase();
        let placeholder = is_word(self.item, terms.first(), "placeholder");
        // A separator may be nothing, and what a record holds may be, too.
        let takes = match rule.takes {
            Takes::Text | Takes::Names | Takes::Object | Takes::Words => {
                !matches!(rule.keyword, ClauseKw::JoinedBy | ClauseKw::SplitAt)
            }
            Takes::StandIn => placeholder,
            _ => false,
        };
        let texts = || terms.iter().filter(|term| term.kind == TermKind::Text);
        if let Some(empty) = texts().find(|term| takes && text(term).is_empty()) {
            let span = self.item.span(empty.range);
            self.push(if reason {
                Diagnostic::error("reason/missing#empty", "a reason is missing")
                    .primary(span, "nothing stands between the quotes")
                    .help("write why, in one sentence; reviewers read it in the checklist")
            } else {
                Diagnostic::error("syntax/clause-value#empty", "a clause says nothing")
                    .primary(span, "nothing stands between the quotes")
                    .help(format!(
                        "`{}` is followed by {}; `???` leaves it open",
                        rule.keyword,
                        rule.takes.describe()
                    ))
            });
            return true;
        }
        let later = |term: &&Term| reason && habits::LATER.contains(&text(term).trim_end_matches('.'));
        let Some(later) = texts().find(later) else { return false };
        self.push(
            Diagnostic::error("reason/missing#later", "a reason is missing")
                .primary(self.item.span(later.range), "this says that somebody will write it later")
                .help("write why, in one sentence, or `???` without quotes: then the decision is listed as open"),
        );
        true
    }

    /// The number of terms of a condition; none when what follows it was reported as part of it.
    fn condition_end(&mut self, terms: &[Term]) -> Option<usize> {
        let (pred, used) = predicate::read(self.item, terms);
        let next = terms.get(used)?;
        match next.kind {
            TermKind::Word => {}
            // What is no term was reported when the line was cut, and a comma at the end is a finding of its own.
            TermKind::Error => return None,
            TermKind::Comma if terms.len() == used + 1 => return None,
            TermKind::Comma => {
                self.push(
                    Diagnostic::error("syntax/bad-condition#comma", "a comma joins no conditions")
                        .primary(self.item.span(next.range), "must both hold, or is one enough?")
                        .help("write `and` where both must hold, `or` where one is enough; several values of one field are `is one of (\"a\", \"b\")`"),
                );
                return None;
            }
            _ => return Some(used),
        }
        let last = match &pred.kind {
            PredKind::And(parts) | PredKind::Or(parts) => parts.last().unwrap_or(&pred),
            _ => &pred,
        };
        let all: Vec<String> = predicate::Comparison::ALL.iter().map(|(op, _)| op.text()).collect();
        let words = || all.iter().map(String::as_str);
        let raw = self.item.raw(*next);
        let meant = habits::meant(habits::COMPARISONS, raw, words())
            .or_else(|| nearest(raw, words().filter(|text| !text.contains(' '))));
        let (true, Some(meant), true) =
            (matches!(last.kind, PredKind::Word(_)), meant, terms.len() > used + 1)
        else {
            return Some(used);
        };
        let span = self.item.span(next.range);
        self.push(did_you_mean(
            Diagnostic::error("syntax/bad-condition#comparison", "this is not a comparison")
                .primary(span, format!("`{raw}` compares nothing"))
                .help("compare with `is`, `is not`, `is one of`, `has`, `at least`, `at most`, `more than`, `less than`, `before`, `since`, `is empty`"),
            span,
            Some(meant),
        ));
        None
    }

    /// In clauses that take several words, a clause keyword of another block or a misspelled one ends them.
    fn words_end(&self, place: &Place<'_>, terms: &[Term]) -> usize {
        (1..terms.len())
            .find(|i| {
                let rest = terms.get(*i..).unwrap_or_default();
                let after_comma = terms.get(*i - 1).is_some_and(|term| term.kind == TermKind::Comma);
                !after_comma
                    && (clause_keyword(self.item, rest).is_some_and(|k| COMMON.contains(&k))
                        || self.misspelled(place, rest))
            })
            .unwrap_or(terms.len())
    }

    /// Whether these terms begin with a misspelled clause of this line and what it takes.
    fn misspelled(&self, place: &Place<'_>, terms: &[Term]) -> bool {
        let (near, at) = self.meant_clause(terms, place.rules);
        let Some(rule) = near.and_then(|near| place.rules.iter().find(|rule| rule.keyword.text() == near))
        else {
            return false;
        };
        let next = terms.iter().find(|term| term.range.start >= at.end);
        let takes = match rule.takes {
            Takes::Text => next.is_some_and(|term| term.kind == TermKind::Text),
            Takes::Person | Takes::People => next.is_some_and(|term| term.kind == TermKind::Word),
            _ => false,
        };
        takes && COMMON.contains(&rule.keyword)
    }

    /// Words behind the value of a clause. Gives the clause that they were meant to be.
    fn behind(&mut self, place: &Place<'_>, rest: &[Term]) -> Option<&'static str> {
        let (first, last) = (rest.first()?, rest.last()?);
        // A comma at the end is a finding of its own.
        if first.kind == TermKind::Error || matches!(rest, [only] if only.kind == TermKind::Comma) {
            return None;
        }
        if let Some(misplaced) = clause_keyword(self.item, rest) {
            self.misplaced(first.range, misplaced, place.what, place.rules);
            return None;
        }
        let before = self.item.slice(Range { start: 0, end: first.range.start });
        let inner_quote = before.ends_with('"') && place.rule.takes == Takes::Text;
        let span = self.item.span(first.range.to(last.range));
        let diagnostic = Diagnostic::error("syntax/extra-words#clause", "these words have no place here")
            .primary(span, format!("not part of `{}` in this `{}`", place.rule.keyword, place.what));
        if let Some((title, unit)) = unit_meant(self.item, *first) {
            let written = vec![edit(self.item.span(first.range), unit)];
            self.push(diagnostic.help(UNITS).suggest(title, written, Applicability::Unsafe));
            return None;
        }
        let (near, at) = self.meant_clause(rest, place.rules);
        let diagnostic = if inner_quote {
            diagnostic.help("the text ended before them; a quote inside a text is written `\\\"`")
        } else if matches!(place.rule.takes, Takes::Names | Takes::People) && near.is_none() {
            diagnostic.help("names of a list have commas between them")
        } else {
            diagnostic
        };
        self.push(did_you_mean(diagnostic, self.item.span(at), near));
        near
    }

    pub(super) fn predicate(&mut self, terms: &[Term]) {
        let (pred, _) = predicate::read(self.item, terms);
        let mut bad = Vec::new();
        pred.visit_bad(&mut |range, expected| bad.push((range, expected)));
        for (range, expected) in bad {
            // What is no term was reported when the line was cut.
            if terms.iter().any(|term| term.kind == TermKind::Error && term.range == range) {
                continue;
            }
            self.push(
                Diagnostic::error("syntax/bad-condition", "a condition is not complete")
                    .primary(self.item.span(range), format!("{expected} is expected here"))
                    .help("a condition reads `field is \"value\"`, `created_at since 2023-01-01`, `a and not (b or c)`"),
            );
        }
    }
}

/// A clause and the line that it stands in.
struct Place<'a> {
    line: &'a Line,
    rule: &'static ClauseRule,
    what: &'a str,
    rules: &'static [ClauseRule],
}

/// The number of terms of a list: one term, and another one behind each comma.
/// The things of a list.
fn elements(terms: &[Term]) -> impl Iterator<Item = &Term> {
    terms.get(..list_end(terms)).unwrap_or_default().iter().step_by(2)
}

fn list_end(terms: &[Term]) -> usize {
    let mut at = 1;
    while terms.get(at).is_some_and(|term| term.kind == TermKind::Comma) {
        at += 2;
    }
    at.min(terms.len())
}
