//! Compares each line with its row of the construct table and reports what does not fit.

mod clauses;
mod names;
mod rows;
mod thin;

use std::collections::BTreeSet;

use cutover_diagnostics::{Applicability, Diagnostic};

use crate::construct::{ArgRule, BodyRule, CONSTRUCTS, Construct, MemberRule, NameRule, StatementRule};
use crate::habits;
use crate::hygiene::looks_like;
use crate::keywords::{ClauseKw, ItemKw, StmtKw};
use crate::messages::{did_you_mean, edit, keyword_as_name, listed, nearest};
use crate::parse::report;
use crate::predicate;
use crate::tree::{Body, Item, Line, Range, Term, TermKind, Terms};

/// Checks an item.
pub(crate) fn check(item: &Item, row: Option<&'static Construct>, diagnostics: &mut Vec<Diagnostic>) {
    let mut check = Check { item, diagnostics };
    let Some(row) = row else {
        check.outside(&item.lines, None);
        return;
    };
    if let Some((head, rest)) = item.lines.split_first() {
        if check.lost_open_brace(head, rest, row) || check.lost_brace_on_the_line(head, row) {
            return;
        }
        check.head(head, row);
        check.outside(rest, Some(row));
        check.signs();
        if diagnostics.len() > 1 {
            thin::thin(diagnostics);
        }
    }
}

struct Check<'a> {
    item: &'a Item,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Check<'a> {
    fn push(&mut self, diagnostic: Diagnostic) {
        report(self.diagnostics, diagnostic);
    }

    fn terms(&self, terms: Terms) -> &'a [Term] {
        self.item.get(terms)
    }

    /// Whether the line holds something that was reported when it was cut into terms. What seems to be missing may then be
    /// there, so that only the first finding of such a line is worth reading.
    fn broken(&self, line: &Line) -> bool {
        let open = |term: &Term| {
            if term.kind != TermKind::Text {
                return false;
            }
            let raw = self.item.raw(*term);
            let inner = raw.strip_prefix('"').unwrap_or("\"");
            let escapes = inner.trim_end_matches('"').bytes().rev().take_while(|b| *b == b'\\').count();
            !inner.ends_with('"') || escapes % 2 == 1
        };
        // A keyword with foreign letters was reported with its letters.
        let foreign = |term: &Term| term.kind == TermKind::Word && looks_like(self.item.raw(*term)).is_some();
        self.terms(line.terms).iter().any(|term| term.kind == TermKind::Error || open(term) || foreign(term))
    }

    /// A `-` or `+` that stands before no number: between a moment and a length of time, or as part of a number, it has one behind it. It names
    /// nothing, so whatever it stands for would be left out in silence.
    fn signs(&mut self) {
        let terms = self.item.terms.iter().enumerate().filter(|(_, term)| term.kind == TermKind::Sign);
        let stray = terms.filter(|(at, sign)| {
            let next = self.item.terms.get(at + 1).filter(|next| {
                !self.item.slice(Range { start: sign.range.end, end: next.range.start }).contains('\n')
            });
            next.is_none_or(|next| !matches!(next.kind, TermKind::Numeric | TermKind::Hole | TermKind::Error))
        });
        let stray: Vec<Range> = stray.map(|(_, sign)| sign.range).collect();
        if stray.is_empty() {
            return;
        }
        let text = self.item.slice(Range { start: 0, end: self.item.source.len });
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line_of = |at: u32| ends.partition_point(|end| *end < at as usize);
        let base = self.item.source.base;
        let spans = self.diagnostics.iter().filter_map(Diagnostic::span);
        let told: BTreeSet<usize> = spans.map(|span| line_of(span.start.saturating_sub(base))).collect();
        for sign in stray {
            if !told.contains(&line_of(sign.start)) {
                let raw = self.item.slice(sign);
                self.push(
                    Diagnostic::error("syntax/stray-sign", "a sign stands before no number")
                        .primary(self.item.span(sign), "nothing is meant by it here")
                        .help(format!(
                            "`{raw}` stands between a moment and a length of time, `window {raw} 3 days`; write what belongs here, or `???` if it is not decided yet"
                        )),
                );
            }
        }
    }

    /// What begins a line: its keyword with its name or arguments, or its first part.
    fn line_head(&self, line: &Line) -> Range {
        let terms = self.terms(line.terms);
        let first = terms.first().map_or(Range { start: 0, end: 0 }, |term| term.range);
        let clause = line.clauses.first().map_or(u32::MAX, |clause| clause.range.start);
        let before = terms.iter().take_while(|term| term.range.start < clause).take(5).last();
        before.map_or(first, |last| first.to(last.range))
    }

    /// A block whose opening brace was forgotten: its lines follow, indented. Reported once, instead of each line.
    fn lost_open_brace(&mut self, head: &Line, rest: &[Line], row: &'static Construct) -> bool {
        let (BodyRule::Lines { .. }, None, Some(next)) = (row.body, &head.body, rest.first()) else {
            return false;
        };
        let Some(first) = self.terms(next.terms).first() else { return false };
        let before = self.item.slice(Range { start: 0, end: first.range.start });
        if !before.ends_with([' ', '\t']) {
            return false;
        }
        // The partner of the brace is no second finding.
        if let Some(at) = self.diagnostics.iter().rposition(|found| found.site.ends_with("/stray-brace")) {
            self.diagnostics.remove(at);
        }
        let end = self.terms(head.terms).last().map_or(0, |term| term.range.end);
        let end = self.item.span(Range { start: end, end });
        let keyword = row.keyword;
        self.push(
            Diagnostic::error("syntax/missing-body#brace", "a block is not opened")
                .primary(end, format!("`{{` is missing behind `{keyword}`"))
                .suggest("open the block", [edit(end, " {")], Applicability::Unsafe),
        );
        true
    }

    /// A block on one line whose opening brace was forgotten: `criterion lost owner sam  missing tickets at most 0 }`. Reported once.
    fn lost_brace_on_the_line(&mut self, head: &Line, row: &'static Construct) -> bool {
        let (BodyRule::Lines { optional: false, .. }, None) = (row.body, &head.body) else { return false };
        let Some(last) = self.terms(head.terms).last() else { return false };
        let stray = |found: &Diagnostic| {
            let at = found.span().filter(|_| found.site.ends_with("/stray-brace"))?;
            let start = at.start.checked_sub(self.item.source.base)?;
            let between = self.item.slice(Range { start: last.range.end, end: start.max(last.range.end) });
            (start >= last.range.end && between.bytes().all(|b| b == b' ' || b == b'\t')).then_some(at)
        };
        let Some((at, closing)) =
            self.diagnostics.iter().enumerate().rev().find_map(|(at, found)| Some((at, stray(found)?)))
        else {
            return false;
        };
        self.diagnostics.remove(at);
        // The text that is not closed may hold the brace.
        if self.broken(head) {
            return true;
        }
        let keyword = row.keyword;
        let start = self.terms(head.terms).first().map_or(last.range, |first| first.range);
        self.push(
            Diagnostic::error("syntax/missing-body#line", "a block is not opened")
                .primary(closing, "this closes a block that nothing opens")
                .secondary(self.item.span(start), format!("`{keyword}` is followed by `{{ ... }}`"))
                .help("write `{` behind the last clause, before what stands in the block"),
        );
        true
    }

    /// Lines that stand in no block.
    fn outside(&mut self, lines: &[Line], row: Option<&'static Construct>) {
        for line in lines {
            let Some(first) = self.terms(line.terms).first().copied() else {
                if let Some(body) = &line.body {
                    let span = self.item.span(body.open);
                    self.push(
                        Diagnostic::error("syntax/unknown-item#body", "this block has no name")
                            .primary(span, "a block begins with its keyword: `scope {`"),
                    );
                }
                continue;
            };
            if !self.broken(line) {
                self.unknown_item(line, first, row);
            }
        }
    }

    fn unknown_item(&mut self, line: &Line, first: Term, row: Option<&'static Construct>) {
        let raw = self.item.raw(first);
        // `go-live` is one word to whoever writes it.
        let terms = self.terms(line.terms);
        let joined =
            terms.windows(2).take_while(|pair| matches!(pair, [a, b] if a.range.end == b.range.start));
        let last = terms.get(joined.count()).map_or(first.range, |term| term.range);
        let span = self.item.span(first.range.to(last));
        let diagnostic = Diagnostic::error("syntax/unknown-item", "no block begins with this word")
            .primary(span, "unknown as a block");
        if first.kind == TermKind::Sign || habits::is_open_question(raw) {
            let at = self.item.span(Range { start: first.range.start, end: first.range.start });
            self.push(diagnostic.suggest(
                "begin a comment with `#`",
                [edit(at, "# ")],
                Applicability::Unsafe,
            ));
            return;
        }
        // A line of some block is no misspelled block.
        let home = CONSTRUCTS.iter().find(|row| match row.body {
            BodyRule::Lines { statements, .. } => statements.iter().any(|s| s.keyword.text() == raw),
            BodyRule::None => false,
        });
        if let Some(home) = home.filter(|_| line.body.is_none()) {
            self.push(diagnostic.help(format!(
                "a line with `{raw}` stands between the braces of `{}`, for example",
                home.keyword
            )));
            return;
        }
        let words = || ItemKw::ALL.iter().map(|k| k.text());
        // `hyper care` is one word to the language.
        let one_word = terms.get(1).and_then(|second| {
            let whole = format!("{raw}{}", self.item.raw(*second));
            let keyword = words().find(|word| *word == whole)?;
            Some((keyword, self.item.span(first.range.to(second.range))))
        });
        if let Some((keyword, span)) = one_word {
            let diagnostic =
                Diagnostic::error("syntax/unknown-item#one-word", "no block begins with this word")
                    .primary(span, "one word in the language");
            self.push(did_you_mean(diagnostic, span, Some(keyword)));
            return;
        }
        let near = nearest(raw, words()).or_else(|| habits::meant(habits::ITEMS, raw, words()));
        let diagnostic = match (near, row) {
            (None, Some(row)) if matches!(row.body, BodyRule::Lines { .. }) && line.body.is_none() => {
                diagnostic
                    .help(format!("if it belongs to the `{}` above, put it between the braces", row.keyword))
            }
            (None, _) => {
                diagnostic.help("a file holds blocks such as `migration`, `team`, `scope` and `map`")
            }
            _ => diagnostic,
        };
        self.push(did_you_mean(diagnostic, span, near));
    }

    fn head(&mut self, head: &Line, row: &'static Construct) {
        let mut lead = self.terms(head.lead);
        match row.name {
            NameRule::None => {}
            NameRule::Identifier => self.identifier(&mut lead, row),
            NameRule::OneOf(words) => self.one_of(&mut lead, row, words),
            NameRule::Signature => {
                self.signature(head, lead, row);
                lead = &[];
            }
        }
        if let [title, rest @ ..] = lead
            && row.title
            && title.kind == TermKind::Text
        {
            lead = rest;
        }
        let what = row.keyword.text();
        self.trailing_comma(head);
        if row.title && self.bare_title(lead, row) {
            lead = &[];
        }
        let meant = self.args(head, lead, row.args, row.clauses, what);
        self.clauses(head, row.clauses, what, meant);
        self.body(head, row.body, what);
    }

    fn body(&mut self, line: &Line, rule: BodyRule, what: &str) {
        match (rule, &line.body) {
            (BodyRule::None, Some(body)) => {
                let span = self.item.span(body.open);
                self.push(
                    Diagnostic::error("syntax/unexpected-body", "nothing stands in braces here")
                        .primary(span, format!("`{what}` has no block"))
                        .help("write it on one line, without braces"),
                );
            }
            (BodyRule::Lines { optional: false, statements, members }, None) if !self.broken(line) => {
                let span = self.item.span(self.line_head(line));
                let first = statements.first().map_or_else(
                    || members.describe().to_owned(),
                    |statement| format!("a line that begins with `{}`", statement.keyword),
                );
                self.push(
                    Diagnostic::error("syntax/missing-body", "a block is missing")
                        .primary(span, format!("`{what}` is followed by `{{ ... }}`"))
                        .help(format!("between the braces stands {first}, for example")),
                );
            }
            (BodyRule::Lines { statements, members, .. }, Some(body)) => {
                self.lines(body, statements, members, what);
            }
            (BodyRule::None | BodyRule::Lines { .. }, None) => {}
        }
    }

    fn lines(&mut self, body: &Body, statements: &'static [StatementRule], members: MemberRule, what: &str) {
        let needs = members.clauses().iter().any(|rule| rule.need);
        for line in &body.lines {
            // `subject -> subject`, as most lines of most specs: only the name on the left can be wrong.
            if let ([left, arrow, right], true, false) = (self.terms(line.terms), members.has_arrow(), needs)
                && (left.kind, arrow.kind) == (TermKind::Word, TermKind::Arrow)
                && matches!(right.kind, TermKind::Word | TermKind::Text)
                && line.statement.is_none()
                && line.clauses.is_empty()
            {
                self.keyword_left(self.terms(line.lead), statements);
                continue;
            }
            self.trailing_comma(line);
            match line.statement.and_then(|kw| statements.iter().find(|s| s.keyword == kw)) {
                Some(rule) => {
                    let lead = self.terms(line.lead);
                    if matches!(rule.keyword, StmtKw::Require) {
                        self.predicate(lead);
                    }
                    if self.commas_between_statements(line, statements) {
                        continue;
                    }
                    let what = rule.keyword.text();
                    let meant = self.args(line, lead, rule.args, rule.clauses, what);
                    self.clauses(line, rule.clauses, what, meant);
                    self.body(line, rule.body, what);
                }
                None => self.member(line, statements, members, needs, what),
            }
        }
    }

    /// `needs` says whether a member is incomplete without some clause.
    fn member(
        &mut self,
        line: &Line,
        statements: &'static [StatementRule],
        members: MemberRule,
        needs: bool,
        what: &str,
    ) {
        let lead = self.terms(line.lead);
        let Some(first) = self.terms(line.terms).first().copied() else {
            return;
        };
        if first.kind == TermKind::Error {
            return;
        }
        match members {
            MemberRule::None => self.unknown_statement(line, first, statements, what),
            MemberRule::Rows(rules) | MemberRule::Pairs(rules) => {
                if line.result.is_none() {
                    self.missing_arrow(line, first, statements, members, what);
                } else {
                    self.keyword_left(lead, statements);
                    self.arrow_sides(line, lead, members, what);
                    if needs || !line.clauses.is_empty() {
                        self.clauses(line, rules, "row", None);
                    }
                }
            }
            MemberRule::People(rules) => {
                if first.kind == TermKind::Word {
                    self.bare_person(lead);
                    self.clauses(line, rules, "person", None);
                } else {
                    self.unknown_member(first, members, what);
                }
            }
            MemberRule::Nouns(rules) => {
                if self.misspelled_statement(lead, statements) {
                    self.unknown_statement(line, first, statements, what);
                } else if first.kind == TermKind::Word {
                    self.clauses(line, rules, what, None);
                } else {
                    self.unknown_member(first, members, what);
                }
            }
            MemberRule::Fields | MemberRule::Measures => {
                if first.kind != TermKind::Word && first.kind != TermKind::Hole {
                    self.unknown_member(first, members, what);
                }
            }
        }
    }

    /// `vreify counts, checksums` where names may stand: two words beside each other, of which the first is nearly a statement's.
    fn misspelled_statement(&self, lead: &[Term], statements: &'static [StatementRule]) -> bool {
        let [first, next, ..] = lead else { return false };
        first.kind == TermKind::Word
            && matches!(next.kind, TermKind::Word | TermKind::Numeric)
            && !matches!(self.item.raw(*next), "the" | "with")
            && nearest(self.item.raw(*first), statements.iter().map(|rule| rule.keyword.text())).is_some()
    }

    /// A field whose name is spelled like a keyword, on the left of an arrow.
    fn keyword_left(&mut self, lead: &[Term], statements: &'static [StatementRule]) {
        let [only] = lead else { return };
        let raw = self.item.raw(*only);
        let item_keyword = ItemKw::named(raw).is_some();
        let statement =
            StmtKw::may_begin_with(raw) && statements.iter().any(|rule| rule.keyword.text() == raw);
        // `owner -> assignee` could as well go on with the line above.
        let owner = raw == ClauseKw::Owner.text();
        if only.kind == TermKind::Word && (item_keyword || statement || owner) {
            self.push(keyword_as_name(self.item, only.range));
        }
    }

    fn unknown_member(&mut self, first: Term, members: MemberRule, what: &str) {
        let span = self.item.span(first.range);
        self.push(
            Diagnostic::error("syntax/bad-line", "a line of this block has another form")
                .primary(span, format!("a line of `{what}` is {}", members.describe())),
        );
    }

    fn unknown_statement(
        &mut self,
        line: &Line,
        first: Term,
        statements: &'static [StatementRule],
        what: &str,
    ) {
        let span = self.item.span(first.range);
        let raw = self.item.raw(first);
        let words = || statements.iter().map(|s| s.keyword.text());
        let near = nearest(raw, words()).or_else(|| habits::meant(habits::STATEMENTS, raw, words()));
        if self.broken(line) && near.is_none() {
            return;
        }
        self.push(did_you_mean(
            Diagnostic::error("syntax/unknown-statement", "no line of this block begins with this word")
                .primary(span, format!("unknown in `{what}`"))
                .help(format!("a line of `{what}` begins with {}", either(words()))),
            span,
            near,
        ));
    }
}

/// `a`, `b` or `c`, in code marks.
fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    listed(words).replace(" and ", " or ")
}

/// The clause keyword of any block that these terms begin with.
fn clause_keyword(item: &Item, terms: &[Term]) -> Option<ClauseKw> {
    let mut best: Option<(ClauseKw, usize)> = None;
    for (keyword, words) in predicate::keywords_at(item, terms) {
        if best.is_none_or(|(_, length)| words > length) {
            best = Some((keyword, words));
        }
    }
    best.map(|(keyword, _)| keyword)
}

/// Whether something stands where an argument is wanted.
fn wants(rule: ArgRule) -> Option<&'static str> {
    match rule {
        ArgRule::Some(expected) | ArgRule::One(expected) | ArgRule::List(expected) => Some(expected),
        ArgRule::None | ArgRule::Maybe(_) => None,
    }
}
