//! Compares each line with its row of the construct table and reports what does not fit.

use cutover_diagnostics::{Applicability, Diagnostic};

use crate::construct::{
    ArgRule, BodyRule, ClauseRule, Construct, MemberRule, NameRule, StatementRule, Takes,
};
use crate::keywords::{ClauseKw, ItemKw, StmtKw};
use crate::messages::{did_you_mean, edit, listed, nearest};
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
        check.head(head, row);
        check.outside(rest, Some(row));
    }
}

struct Check<'a> {
    item: &'a Item,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn push(&mut self, diagnostic: Diagnostic) {
        report(self.diagnostics, diagnostic);
    }

    fn terms(&self, terms: Terms) -> &[Term] {
        self.item.get(terms)
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
            // Terms that the lexer has already reported need no second finding.
            if first.kind == TermKind::Error {
                continue;
            }
            let raw = self.item.raw(first);
            let span = self.item.span(first.range);
            let near = nearest(raw, ItemKw::ALL.iter().map(|k| k.text()));
            let diagnostic = Diagnostic::error("syntax/unknown-item", "this line belongs to no block")
                .primary(span, "no block of the language begins with this");
            let diagnostic = match (near, row) {
                (None, Some(row)) if !matches!(row.body, BodyRule::None) && line.body.is_none() => diagnostic
                    .help(format!("if it belongs to the `{}` above, put it between the braces", row.keyword)),
                (None, _) => {
                    diagnostic.help("a file holds blocks such as `migration`, `team`, `scope` and `map`")
                }
                _ => diagnostic,
            };
            self.push(did_you_mean(diagnostic, span, near));
        }
    }

    fn head(&mut self, head: &Line, row: &'static Construct) {
        let mut lead = self.terms(head.lead).to_vec();
        match row.name {
            NameRule::None => {}
            NameRule::Identifier => self.identifier(&mut lead, row),
            NameRule::OneOf(words) => self.one_of(&mut lead, row, words),
            NameRule::Signature => {
                self.signature(head, &lead, row);
                lead.clear();
            }
        }
        if row.title && lead.first().is_some_and(|t| t.kind == TermKind::Text) {
            lead.remove(0);
        }
        let what = row.keyword.text();
        self.args(head, &lead, row.args, what);
        self.clauses(head, row.clauses, what);
        self.body(head, row.body, what);
    }

    fn identifier(&mut self, lead: &mut Vec<Term>, row: &Construct) {
        let keyword = row.keyword;
        match lead.first().copied() {
            Some(term) if term.kind == TermKind::Word => {
                lead.remove(0);
                let raw = self.item.raw(term);
                if !is_identifier(raw) {
                    let span = self.item.span(term.range);
                    self.push(
                        Diagnostic::error("syntax/bad-name", "this is not an identifier")
                            .primary(span, "holds more than a-z, 0-9 and `_`")
                            .help("an identifier is short and stays for ever; what people read goes into the title in quotes"),
                    );
                }
            }
            Some(term) if term.kind == TermKind::Error => {
                lead.clear();
            }
            Some(term) if term.kind == TermKind::Text => {
                let raw = self.item.raw(term);
                let span = self.item.span(term.range);
                let name = slug(&crate::value::unquote(raw));
                self.push(
                    Diagnostic::error("syntax/missing-name#title", "an identifier is missing before the title")
                        .primary(span, format!("`{keyword}` begins with an identifier"))
                        .help("other blocks, sign-offs and the plan name it by the identifier, so that the title can change")
                        .suggest(
                            format!("name it `{name}`"),
                            [edit(span.before(), format!("{name} "))],
                            Applicability::Unsafe,
                        ),
                );
            }
            _ => {
                let span = self.item.head_span();
                self.push(
                    Diagnostic::error("syntax/missing-name", "an identifier is missing")
                        .primary(span, format!("`{keyword}` begins with an identifier"))
                        .help(format!("write `{keyword} short_name`")),
                );
            }
        }
    }

    fn one_of(&mut self, lead: &mut Vec<Term>, row: &Construct, words: &'static [&'static str]) {
        let first = lead.first().copied();
        if let Some(term) = first.filter(|t| t.kind == TermKind::Word) {
            lead.remove(0);
            let raw = self.item.raw(term);
            if words.contains(&raw) {
                return;
            }
            let span = self.item.span(term.range);
            let near = nearest(raw, words.iter().copied());
            self.push(did_you_mean(
                Diagnostic::error("syntax/bad-name#one-of", "this block has a fixed second word")
                    .primary(span, format!("`{}` is followed by {}", row.keyword, listed_or(words))),
                span,
                near,
            ));
            return;
        }
        let span = self.item.head_span();
        self.push(
            Diagnostic::error("syntax/missing-name#one-of", "this block has a fixed second word")
                .primary(span, format!("`{}` is followed by {}", row.keyword, listed_or(words))),
        );
    }

    fn signature(&mut self, head: &Line, lead: &[Term], row: &Construct) {
        let remaining = predicate::is_word(self.item, lead.first(), "remaining");
        let whole = match head.result {
            Some(result) => self.terms(result).len() == 1 && lead.len() == 1,
            None => remaining && lead.len() == 2,
        };
        let words = lead.iter().all(|t| t.kind == TermKind::Word);
        if !(whole && words) {
            let span = self.item.head_span();
            self.push(
                Diagnostic::error(
                    "syntax/bad-signature",
                    "a map names the kind it reads and the kind it writes",
                )
                .primary(span, format!("`{}` is followed by `source_kind -> target_kind`", row.keyword))
                .help("write `map ticket -> ticket { ... }`, or `map remaining kinds by catalog`"),
            );
        }
    }

    fn args(&mut self, line: &Line, lead: &[Term], rule: ArgRule, what: &str) {
        match (rule, lead.first()) {
            (ArgRule::None, Some(first)) if first.kind != TermKind::Error => self.extra(line, lead, what),
            (ArgRule::Some(expected), None) => {
                // A hole may stand for all arguments; an error term was reported.
                let span = self.item.span_of(Terms { start: line.terms.start, end: line.terms.start + 1 });
                self.push(
                    Diagnostic::error("syntax/missing-argument", "something is missing behind the keyword")
                        .primary(span, format!("`{what}` is followed by {expected}")),
                );
            }
            _ => {}
        }
    }

    /// Words that stand where only clauses may.
    fn extra(&mut self, line: &Line, lead: &[Term], what: &str) {
        let (Some(first), Some(last)) = (lead.first(), lead.last()) else { return };
        let raw = self.item.raw(*first);
        let span = self.item.span(first.range.to(last.range));
        if let Some(keyword) = clause_keyword(self.item, lead) {
            self.misplaced(first.range, keyword, what, &[]);
            return;
        }
        let _ = line;
        let near = nearest(raw, ClauseKw::ALL.iter().map(|k| k.text()));
        let word = self.item.span(first.range);
        self.push(did_you_mean(
            Diagnostic::error("syntax/extra-words", "these words have no place here")
                .primary(span, format!("not part of `{what}`")),
            word,
            near,
        ));
    }

    fn misplaced(&mut self, range: Range, keyword: ClauseKw, what: &str, rules: &[ClauseRule]) {
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

    fn clauses(&mut self, line: &Line, rules: &'static [ClauseRule], what: &str) {
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
            self.clause_value(clause.range, self.terms(clause.terms).to_vec(), rule, what, rules);
        }
        for rule in rules.iter().filter(|r| r.need && !line.has(r.keyword)) {
            self.missing_clause(line, rule, what);
        }
    }

    fn missing_clause(&mut self, line: &Line, rule: &ClauseRule, what: &str) {
        let span = self.item.line_span(line);
        let keyword = rule.keyword;
        let diagnostic = match keyword {
            ClauseKw::Owner => Diagnostic::error("people/no-owner", "nobody owns this")
                .primary(span, format!("this `{what}` names no owner"))
                .help("add `owner` and a person of the team: whoever does it and answers for it"),
            ClauseKw::SignedBy => Diagnostic::error("people/no-signature", "nobody approves this")
                .primary(span, format!("this `{what}` names nobody who signs"))
                .help("add `signed by` and a person of the team other than the owner"),
            ClauseKw::Because => Diagnostic::error("reason/missing", "a reason is missing")
                .primary(span, format!("this `{what}` leaves something behind and does not say why"))
                .help("add `because \"...\"`; reviewers read it in the checklist"),
            _ => Diagnostic::error("syntax/clause-missing", "a clause is missing")
                .primary(span, format!("this `{what}` has no `{keyword}`"))
                .help(format!("add `{keyword}` and {}", rule.takes.describe())),
        };
        self.push(diagnostic);
    }

    fn clause_value(
        &mut self,
        keyword: Range,
        terms: Vec<Term>,
        rule: &ClauseRule,
        what: &str,
        rules: &'static [ClauseRule],
    ) {
        let Some(first) = terms.first() else {
            if rule.takes != Takes::Nothing {
                self.push(Diagnostic::error("syntax/clause-value", "a clause says nothing").primary(
                    self.item.span(keyword),
                    format!("`{}` is followed by {}", rule.keyword, rule.takes.describe()),
                ));
            }
            return;
        };
        let (kind, at) = (first.kind, first.range);
        if matches!(kind, TermKind::Error | TermKind::Hole) {
            return;
        }
        if rule.takes == Takes::Nothing {
            match clause_keyword(self.item, &terms) {
                Some(misplaced) => self.misplaced(at, misplaced, what, rules),
                None => self.extra_behind(&terms, rule, what),
            }
            return;
        }
        let fits = match rule.takes {
            Takes::Text => kind == TermKind::Text,
            Takes::Person | Takes::People => kind == TermKind::Word,
            Takes::Duration | Takes::Quantity => kind == TermKind::Numeric,
            Takes::Moment => matches!(kind, TermKind::Word | TermKind::Numeric),
            Takes::Predicate => {
                self.predicate(&terms);
                true
            }
            Takes::Nothing | Takes::Words | Takes::Functions | Takes::Value => {
                !matches!(kind, TermKind::Arrow | TermKind::Comma | TermKind::Close | TermKind::Sign)
            }
        };
        if !fits {
            self.push(
                Diagnostic::error(
                    "syntax/clause-value#kind",
                    "a clause is followed by the wrong kind of thing",
                )
                .primary(
                    self.item.span(at),
                    format!("`{}` is followed by {}", rule.keyword, rule.takes.describe()),
                ),
            );
            return;
        }
        // One value only; a second one is usually a clause that this line does not take.
        let used = match rule.takes {
            Takes::Text | Takes::Person => 1,
            Takes::Moment if predicate::is_word(self.item, terms.get(1), "pass") => 2,
            Takes::Duration | Takes::Quantity | Takes::Moment => {
                crate::value::read(self.item, &terms).map_or(1, |(_, used)| used)
            }
            Takes::Predicate => predicate::read(self.item, &terms).1,
            _ => self.words_end(&terms),
        };
        let rest = terms.get(used..).unwrap_or_default().to_vec();
        if let Some(next) = rest.first()
            && next.kind != TermKind::Error
        {
            match clause_keyword(self.item, &rest) {
                Some(misplaced) => self.misplaced(next.range, misplaced, what, rules),
                None => self.extra_behind(&rest, rule, what),
            }
        }
    }

    /// In clauses that take several words, a clause keyword of another block ends them.
    fn words_end(&self, terms: &[Term]) -> usize {
        (1..terms.len())
            .find(|i| {
                let rest = terms.get(*i..).unwrap_or_default();
                clause_keyword(self.item, rest).is_some_and(|k| {
                    matches!(
                        k,
                        ClauseKw::Owner
                            | ClauseKw::SignedBy
                            | ClauseKw::Because
                            | ClauseKw::Lossy
                            | ClauseKw::WhenMissing
                            | ClauseKw::Meaning
                    )
                })
            })
            .unwrap_or(terms.len())
    }

    fn extra_behind(&mut self, rest: &[Term], rule: &ClauseRule, what: &str) {
        let (Some(first), Some(last)) = (rest.first(), rest.last()) else { return };
        let span = self.item.span(first.range.to(last.range));
        let near = nearest(self.item.raw(*first), ClauseKw::ALL.iter().map(|k| k.text()));
        self.push(did_you_mean(
            Diagnostic::error("syntax/extra-words#clause", "these words have no place here")
                .primary(span, format!("not part of `{}` in this `{what}`", rule.keyword)),
            self.item.span(first.range),
            near,
        ));
    }

    fn predicate(&mut self, terms: &[Term]) {
        let (pred, _) = predicate::read(self.item, terms);
        let mut bad = Vec::new();
        pred.visit_bad(&mut |range, expected| bad.push((range, expected)));
        for (range, expected) in bad {
            self.push(
                Diagnostic::error("syntax/bad-condition", "a condition is not complete")
                    .primary(self.item.span(range), format!("{expected} is expected here"))
                    .help("a condition reads `field is \"value\"`, `created_at since 2023-01-01`, `a and not (b or c)`"),
            );
        }
    }

    fn body(&mut self, line: &Line, rule: BodyRule, what: &str) {
        match (rule, &line.body) {
            (BodyRule::None, Some(body)) => {
                let span = self.item.span(body.open);
                self.push(
                    Diagnostic::error("syntax/unexpected-body", "nothing can stand in braces here")
                        .primary(span, format!("`{what}` has no block")),
                );
            }
            (BodyRule::Lines { optional: false, .. }, None) => {
                let span = self.item.line_span(line);
                self.push(
                    Diagnostic::error("syntax/missing-body", "the block is missing")
                        .primary(span, format!("`{what}` is followed by `{{ ... }}`")),
                );
            }
            (BodyRule::Lines { statements, members, .. }, Some(body)) => {
                self.lines(body, statements, members, what);
            }
            (BodyRule::None | BodyRule::Lines { optional: true, .. }, None) => {}
        }
    }

    fn lines(&mut self, body: &Body, statements: &'static [StatementRule], members: MemberRule, what: &str) {
        for line in &body.lines {
            match line.statement.and_then(|kw| statements.iter().find(|s| s.keyword == kw)) {
                Some(rule) => {
                    let lead = self.terms(line.lead).to_vec();
                    if matches!(rule.keyword, StmtKw::Require) {
                        self.predicate(&lead);
                    }
                    let what = rule.keyword.text();
                    self.args(line, &lead, rule.args, what);
                    self.clauses(line, rule.clauses, what);
                    self.body(line, rule.body, what);
                }
                None => self.member(line, statements, members, what),
            }
        }
    }

    fn member(&mut self, line: &Line, statements: &'static [StatementRule], members: MemberRule, what: &str) {
        let lead = self.terms(line.lead).to_vec();
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
                    self.arrow_sides(line, &lead, what);
                    self.clauses(line, rules, "row");
                }
            }
            MemberRule::People(rules) => {
                self.clauses(line, rules, "person");
                if lead.first().is_none_or(|t| t.kind != TermKind::Word) {
                    self.unknown_statement(line, first, statements, what);
                }
            }
            MemberRule::Nouns(rules) => {
                if first.kind == TermKind::Word {
                    self.clauses(line, rules, what);
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
        let words = statements.iter().map(|s| s.keyword.text());
        let near = nearest(raw, words.clone());
        let _ = line;
        self.push(did_you_mean(
            Diagnostic::error("syntax/unknown-statement", "this line belongs to no statement of the block")
                .primary(span, format!("not a statement of `{what}`"))
                .help(format!("a line of `{what}` begins with {}", listed_or_iter(words))),
            span,
            near,
        ));
    }

    fn missing_arrow(
        &mut self,
        line: &Line,
        first: Term,
        statements: &'static [StatementRule],
        members: MemberRule,
        what: &str,
    ) {
        let raw = self.item.raw(first);
        let near = nearest(raw, statements.iter().map(|s| s.keyword.text()));
        if near.is_some() && self.terms(line.terms).len() > 2 {
            self.unknown_statement(line, first, statements, what);
            return;
        }
        let span = self.item.line_span(line);
        let diagnostic = Diagnostic::error("syntax/missing-arrow", "an arrow is missing")
            .primary(span, format!("a line of `{what}` is {}", members.describe()));
        // Two names beside each other: the arrow goes between them.
        let diagnostic = match self.terms(line.lead) {
            [a, b] if b.kind == TermKind::Word || b.kind == TermKind::Text => {
                let gap = self.item.span(Range { start: a.range.end, end: b.range.start });
                diagnostic.suggest("write the arrow", [edit(gap, " -> ")], Applicability::Unsafe)
            }
            _ => diagnostic,
        };
        self.push(diagnostic);
    }

    fn arrow_sides(&mut self, line: &Line, lead: &[Term], what: &str) {
        let result = line.result.map(|r| self.terms(r).to_vec()).unwrap_or_default();
        for (terms, side) in [(lead, "left"), (result.as_slice(), "right")] {
            if terms.is_empty() {
                let span = self.item.line_span(line);
                self.push(Diagnostic::error("syntax/empty-side", "one side of the arrow is empty").primary(
                    span,
                    format!("nothing stands on the {side} of the arrow in this line of `{what}`"),
                ));
            } else if let Some(extra) = self.not_a_list(terms) {
                let span = self.item.span(extra.range);
                let rest: Vec<Term> = terms.iter().copied().skip_while(|t| t.range != extra.range).collect();
                if let Some(keyword) = clause_keyword(self.item, &rest) {
                    self.misplaced(extra.range, keyword, "row", &[]);
                    continue;
                }
                let near = nearest(self.item.raw(extra), ClauseKw::ALL.iter().map(|k| k.text()));
                self.push(did_you_mean(
                    Diagnostic::error("syntax/extra-words#row", "these words have no place here").primary(
                        span,
                        format!("the {side} of the arrow is one name, or several with commas"),
                    ),
                    span,
                    near,
                ));
            }
        }
    }

    /// The first term that does not fit a list with commas. Words that belong together (`the rest`, `any case "x"`,
    /// `placeholder "x"`) count as one.
    fn not_a_list(&self, terms: &[Term]) -> Option<Term> {
        let mut expect_value = true;
        let mut at = 0;
        while let Some(term) = terms.get(at) {
            if term.kind == TermKind::Comma {
                expect_value = true;
                at += 1;
                continue;
            }
            if !expect_value {
                return Some(*term);
            }
            let pair = |a: &str, b: &str| {
                predicate::is_word(self.item, Some(term), a)
                    && predicate::is_word(self.item, terms.get(at + 1), b)
            };
            let prefix = match () {
                () if pair("any", "case") => 2,
                () if pair("the", "rest") || pair("same", "name") => 1,
                () if predicate::is_word(self.item, Some(term), "placeholder") => {
                    usize::from(terms.get(at + 1).is_some_and(|t| t.kind == TermKind::Text))
                }
                () => 0,
            };
            at += prefix;
            let used =
                crate::value::read(self.item, terms.get(at..).unwrap_or_default()).map_or(1, |(_, n)| n);
            at += used;
            expect_value = false;
        }
        None
    }
}

fn listed_or(words: &[&str]) -> String {
    listed_or_iter(words.iter().copied())
}

fn listed_or_iter<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    listed(words).replace(" and ", " or ")
}

/// The clause keyword of any block that these terms begin with.
fn clause_keyword(item: &Item, terms: &[Term]) -> Option<ClauseKw> {
    let mut best: Option<(ClauseKw, usize)> = None;
    for keyword in ClauseKw::ALL {
        let mut count = 0;
        let all = keyword.text().split(' ').all(|word| {
            count += 1;
            predicate::is_word(item, terms.get(count - 1), word)
        });
        if all && best.is_none_or(|(_, length)| count > length) {
            best = Some((*keyword, count));
        }
    }
    best.map(|(keyword, _)| keyword)
}

fn is_identifier(raw: &str) -> bool {
    let raw = raw.strip_prefix('`').and_then(|r| r.strip_suffix('`')).unwrap_or(raw);
    raw.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A title as an identifier.
fn slug(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if name.len() >= 24 {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        "short_name".to_owned()
    }
}
