//! Predicates as they are written: `where status is "open" and created_at since 2023-01-01`.
//!
//! `or` binds weaker than `and`, `and` weaker than `not`; parentheses group.

use crate::keywords::ClauseKw;
use crate::tree::{Item, Range, Term, TermKind};
use crate::value::{self, Value, ValueKind};

/// A predicate and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Pred<'a> {
    /// What is written.
    pub kind: PredKind<'a>,
    /// Where, relative to the item.
    pub range: Range,
}

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub enum PredKind<'a> {
    /// `a and b`
    And(Vec<Pred<'a>>),
    /// `a or b`
    Or(Vec<Pred<'a>>),
    /// `not a`
    Not(Box<Pred<'a>>),
    /// `status is one of ("open", "new")`
    Compare {
        /// What is compared.
        left: Value<'a>,
        /// How.
        op: Comparison,
        /// With what; empty for `is empty`.
        right: Vec<Value<'a>>,
        /// Where the comparison's words stand.
        op_range: Range,
    },
    /// A word or call that is a predicate by itself: `unfinished`, `inactive(responder)`.
    Word(Value<'a>),
    /// `???`
    Hole,
    /// No predicate; `what` says what was expected here.
    Bad {
        /// What was expected.
        expected: &'static str,
    },
}

/// The closed list of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `is one of`
    IsOneOf,
    /// `is not one of`
    IsNotOneOf,
    /// `is empty`
    IsEmpty,
    /// `is not empty`
    IsNotEmpty,
    /// `has`
    Has,
    /// `at least`
    AtLeast,
    /// `at most`
    AtMost,
    /// `more than`
    MoreThan,
    /// `less than`
    LessThan,
    /// `before`
    Before,
    /// `since`
    Since,
}

impl Comparison {
    /// The words, longest first.
    pub const ALL: &'static [(Comparison, &'static [&'static str])] = &[
        (Comparison::IsNotOneOf, &["is", "not", "one", "of"]),
        (Comparison::IsOneOf, &["is", "one", "of"]),
        (Comparison::IsNotEmpty, &["is", "not", "empty"]),
        (Comparison::IsEmpty, &["is", "empty"]),
        (Comparison::IsNot, &["is", "not"]),
        (Comparison::Is, &["is"]),
        (Comparison::Has, &["has"]),
        (Comparison::AtLeast, &["at", "least"]),
        (Comparison::AtMost, &["at", "most"]),
        (Comparison::MoreThan, &["more", "than"]),
        (Comparison::LessThan, &["less", "than"]),
        (Comparison::Before, &["before"]),
        (Comparison::Since, &["since"]),
    ];

    /// As it is written.
    #[must_use]
    pub fn text(self) -> String {
        Self::ALL.iter().find(|(op, _)| *op == self).map(|(_, words)| words.join(" ")).unwrap_or_default()
    }

    /// The comparison that the terms begin with, and its number of words.
    #[must_use]
    pub fn at(item: &Item, terms: &[Term]) -> Option<(Comparison, usize)> {
        Self::ALL.iter().find_map(|(op, words)| {
            let matches = words.iter().enumerate().all(|(i, word)| is_word(item, terms.get(i), word));
            matches.then_some((*op, words.len()))
        })
    }
}

/// Whether a term is this word.
#[must_use]
pub fn is_word(item: &Item, term: Option<&Term>, word: &str) -> bool {
    term.is_some_and(|t| t.kind == TermKind::Word && item.raw(*t) == word)
}

/// The clause keywords of any block that the terms begin with, and the number of words of each.
pub(crate) fn keywords_at<'a>(
    item: &'a Item,
    terms: &'a [Term],
) -> impl Iterator<Item = (ClauseKw, usize)> + 'a {
    let first = terms.first().filter(|term| term.kind == TermKind::Word).map_or("", |term| item.raw(*term));
    ClauseKw::near(first).iter().filter_map(move |keyword| {
        let text = keyword.text();
        // Words of another length are told apart without comparing them.
        if text.as_bytes().get(first.len()).is_some_and(|byte| *byte != b' ') {
            return None;
        }
        let rest = text.strip_prefix(first)?;
        match rest.strip_prefix(' ') {
            Some(second) => is_word(item, terms.get(1), second).then_some((*keyword, 2)),
            None => rest.is_empty().then_some((*keyword, 1)),
        }
    })
}

/// Parentheses and `not` deeper than this are refused, so that no input exhausts the stack.
const MAX_DEPTH: usize = 64;

/// Reads the predicate that the terms begin with, and says how many terms it takes.
#[must_use]
pub fn read<'a>(item: &'a Item, terms: &[Term]) -> (Pred<'a>, usize) {
    let mut reader = Reader { item, terms, at: 0, depth: 0 };
    let pred = reader.or();
    (pred, reader.at)
}

struct Reader<'a, 't> {
    item: &'a Item,
    terms: &'t [Term],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a, '_> {
    fn rest(&self) -> &[Term] {
        self.terms.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = is_word(self.item, self.terms.get(self.at), word);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Pred<'a> {
        let first = self.and();
        self.chain(first, "or", Self::and, PredKind::Or)
    }

    fn and(&mut self) -> Pred<'a> {
        let first = self.not();
        self.chain(first, "and", Self::not, PredKind::And)
    }

    fn chain(
        &mut self,
        first: Pred<'a>,
        word: &str,
        next: fn(&mut Self) -> Pred<'a>,
        kind: fn(Vec<Pred<'a>>) -> PredKind<'a>,
    ) -> Pred<'a> {
        if !is_word(self.item, self.terms.get(self.at), word) {
            return first;
        }
        let mut range = first.range;
        let mut parts = vec![first];
        while self.eat(word) {
            let part = next(self);
            range = range.to(part.range);
            parts.push(part);
        }
        Pred { kind: kind(parts), range }
    }

    fn not(&mut self) -> Pred<'a> {
        let start = self.here();
        if self.depth >= MAX_DEPTH {
            self.at = self.terms.len();
            return Pred { kind: PredKind::Bad { expected: "a simpler condition" }, range: start };
        }
        if self.eat("not") {
            self.depth += 1;
            let inner = self.not();
            self.depth -= 1;
            let range = start.to(inner.range);
            return Pred { kind: PredKind::Not(Box::new(inner)), range };
        }
        self.atom()
    }

    /// The range of the next term, or the end of the last one.
    fn here(&self) -> Range {
        match self.terms.get(self.at) {
            Some(term) => term.range,
            None => {
                let end = self.terms.last().map_or(0, |t| t.range.end);
                Range { start: end, end }
            }
        }
    }

    fn atom(&mut self) -> Pred<'a> {
        let start = self.here();
        match self.terms.get(self.at).map(|t| t.kind) {
            Some(TermKind::Open) => {
                self.at += 1;
                self.depth += 1;
                let mut inner = self.or();
                self.depth -= 1;
                let end = self.here();
                if self.terms.get(self.at).is_some_and(|t| t.kind == TermKind::Close) {
                    self.at += 1;
                    inner.range = start.to(end);
                    return inner;
                }
                Pred { kind: PredKind::Bad { expected: "`)`" }, range: end }
            }
            Some(TermKind::Hole) => {
                self.at += 1;
                Pred { kind: PredKind::Hole, range: start }
            }
            Some(TermKind::Word) => self.comparison(),
            _ => Pred { kind: PredKind::Bad { expected: "a field or a condition" }, range: start },
        }
    }

    fn comparison(&mut self) -> Pred<'a> {
        let Some((left, used)) = value::read(self.item, self.rest()) else {
            return Pred { kind: PredKind::Bad { expected: "a field" }, range: self.here() };
        };
        self.at += used;
        // `window - 30 days` can only stand on the right.
        let Some((op, words)) = Comparison::at(self.item, self.rest()) else {
            let range = left.range;
            return Pred { kind: PredKind::Word(left), range };
        };
        let op_start = self.here();
        self.at += words;
        let op_range = self.terms.get(self.at - 1).map_or(op_start, |t| op_start.to(t.range));
        let mut right = Vec::new();
        if !matches!(op, Comparison::IsEmpty | Comparison::IsNotEmpty) {
            match value::read(self.item, self.rest()) {
                Some((value, used)) if !matches!(value.kind, ValueKind::Bad) => {
                    self.at += used;
                    match value.kind {
                        // Nothing is one of nothing: whoever wrote it meant to fill it in.
                        ValueKind::List(values) if values.is_empty() => {
                            let expected = "a value between the parentheses";
                            return Pred { kind: PredKind::Bad { expected }, range: value.range };
                        }
                        ValueKind::List(values) => right = values,
                        _ => right.push(value),
                    }
                }
                _ => return Pred { kind: PredKind::Bad { expected: "a value" }, range: self.here() },
            }
        }
        let range = left.range.to(right.last().map_or(op_range, |v| v.range));
        Pred { kind: PredKind::Compare { left, op, right, op_range }, range }
    }
}

impl Pred<'_> {
    /// Calls `visit` on each part that is no predicate.
    pub fn visit_bad(&self, visit: &mut impl FnMut(Range, &'static str)) {
        match &self.kind {
            PredKind::And(parts) | PredKind::Or(parts) => parts.iter().for_each(|p| p.visit_bad(visit)),
            PredKind::Not(inner) => inner.visit_bad(visit),
            PredKind::Bad { expected } => visit(self.range, expected),
            PredKind::Compare { .. } | PredKind::Word(_) | PredKind::Hole => {}
        }
    }
}
