//! Measured conditions as they are written: `differing fields in 500 sampled tickets at most 0`,
//! `median first_response_time at most 90% of october within 30 days`.

use crate::predicate::{self, Comparison, Pred, is_word};
use crate::tree::{Item, Range, Term, TermKind};
use crate::value::{self, Value};

/// A measured condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure<'a> {
    /// The words before `of`, `in` and the comparison: aggregate and metric.
    pub words: Vec<(&'a str, Range)>,
    /// What is measured: names after `of`.
    pub of: Vec<(&'a str, Range)>,
    /// The sample: a number, and a name (`in 500 sampled tickets`).
    pub sample: Option<(Value<'a>, Option<(&'a str, Range)>)>,
    /// Which records: `(where ...)`.
    pub only: Option<Pred<'a>>,
    /// The comparison.
    pub op: Option<(Comparison, Range)>,
    /// What it is compared with.
    pub bound: Option<Value<'a>>,
    /// The baseline that a percentage is of.
    pub of_baseline: Option<(&'a str, Range)>,
    /// `within 30 days`: until when it must hold.
    pub within: Option<Value<'a>>,
    /// `over 1000 records`, `over 10 min`: on how much it is measured. The word is the unit of a plain number.
    pub over: Option<(Value<'a>, Option<(&'a str, Range)>)>,
    /// Terms that belong to nothing.
    pub extra: Option<Range>,
    /// The whole condition.
    pub range: Range,
}

/// Reads a measured condition from these terms.
#[must_use]
pub fn read<'a>(item: &'a Item, terms: &[Term]) -> Measure<'a> {
    let whole = match (terms.first(), terms.last()) {
        (Some(first), Some(last)) => first.range.to(last.range),
        _ => Range { start: 0, end: 0 },
    };
    let mut m = Measure {
        words: Vec::new(),
        of: Vec::new(),
        sample: None,
        only: None,
        op: None,
        bound: None,
        of_baseline: None,
        within: None,
        over: None,
        extra: None,
        range: whole,
    };
    let at = left_side(item, terms, &mut m);
    right_side(item, terms, at, &mut m);
    m
}

fn name_at<'a>(item: &'a Item, term: Option<&Term>) -> Option<(&'a str, Range)> {
    term.filter(|t| t.kind == TermKind::Word).map(|t| (item.raw(*t), t.range))
}

fn left_side<'a>(item: &'a Item, terms: &[Term], m: &mut Measure<'a>) -> usize {
    let mut at = 0;
    let mut in_of = false;
    while let Some(term) = terms.get(at) {
        let rest = terms.get(at..).unwrap_or_default();
        if let Some((op, words)) = Comparison::at(item, rest) {
            let last = terms.get(at + words - 1).map_or(term.range, |t| t.range);
            m.op = Some((op, term.range.to(last)));
            return at + words;
        }
        match term.kind {
            TermKind::Word if item.raw(*term) == "of" => {
                in_of = true;
                at += 1;
            }
            TermKind::Word if item.raw(*term) == "in" => {
                let behind = terms.get(at + 1..).unwrap_or_default();
                let Some((count, mut used)) = value::read(item, behind) else { return at };
                if is_word(item, behind.get(used), "sampled") {
                    used += 1;
                }
                let noun = name_at(item, behind.get(used));
                used += usize::from(noun.is_some());
                m.sample = Some((count, noun));
                at += 1 + used;
            }
            TermKind::Word => {
                let name = (item.raw(*term), term.range);
                if in_of {
                    m.of.push(name)
                } else {
                    m.words.push(name)
                }
                at += 1;
            }
            TermKind::Comma if in_of => at += 1,
            TermKind::Open if is_word(item, terms.get(at + 1), "where") => {
                let behind = terms.get(at + 2..).unwrap_or_default();
                let (pred, used) = predicate::read(item, behind);
                m.only = Some(pred);
                at += 2 + used;
                if terms.get(at).is_some_and(|t| t.kind == TermKind::Close) {
                    at += 1;
                }
            }
            _ => return at,
        }
    }
    at
}

fn right_side<'a>(item: &'a Item, terms: &[Term], mut at: usize, m: &mut Measure<'a>) {
    let rest = |at: usize| terms.get(at..).unwrap_or_default();
    if m.op.is_some()
        && let Some((bound, used)) = value::read(item, rest(at))
    {
        m.bound = Some(bound);
        at += used;
    }
    while let Some(term) = terms.get(at) {
        if m.op.is_some() && is_word(item, Some(term), "of") {
            m.of_baseline = name_at(item, terms.get(at + 1));
            at += 2;
        } else if m.op.is_some() && (is_word(item, Some(term), "within") || is_word(item, Some(term), "over"))
        {
            let Some((value, used)) = value::read(item, rest(at + 1)) else {
                m.extra = Some(term.range);
                return;
            };
            let next = at + 1 + used;
            if item.raw(*term) == "within" {
                m.within = Some(value);
                at = next;
            } else {
                let plain = matches!(value.kind, value::ValueKind::Number(_));
                let noun = if plain { name_at(item, terms.get(next)) } else { None };
                at = next + usize::from(noun.is_some());
                m.over = Some((value, noun));
            }
        } else {
            m.extra = Some(terms.last().map_or(term.range, |last| term.range.to(last.range)));
            return;
        }
    }
}
