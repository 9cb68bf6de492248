//! Predicates, measures and selections in plain words.

use cutover_ir::measure::{Bound, Condition, Measure, Over};
use cutover_ir::predicate::{Literal, Predicate, StatusClass, Test};

use super::{decimal, human, humans, joined, length, list, plural, sample};
use crate::fates::Fates;
use crate::model::{Plan, ScopePart, Selection, Verb};
use crate::text::local;
use crate::text::numbers::number;

/// A constant, as a person would write it.
pub fn literal(plan: &Plan, value: &Literal) -> String {
    match value {
        Literal::Text(text) => format!("“{text}”"),
        Literal::Bool(true) => "yes".to_owned(),
        Literal::Bool(false) => "no".to_owned(),
        Literal::Number(n) => decimal(*n),
        Literal::Date(date) => date.to_string(),
        Literal::Instant(instant) => match &plan.migration.window {
            Some(window) => local::day_or_minute(window, *instant),
            None => instant.to_string(),
        },
        Literal::Duration(duration) => length(*duration),
    }
}

fn literals(plan: &Plan, values: &[Literal]) -> String {
    joined(&values.iter().map(|value| literal(plan, value)).collect::<Vec<_>>(), "or")
}

/// A predicate as the end of `those where …`.
pub fn predicate(plan: &Plan, p: &Predicate) -> String {
    let mut out = String::new();
    push_predicate(plan, &mut out, p, false);
    out
}

fn push_predicate(plan: &Plan, out: &mut String, p: &Predicate, nested: bool) {
    match p {
        Predicate::Const(true) => out.push_str("always"),
        Predicate::Const(false) => out.push_str("never"),
        Predicate::All(parts) => push_parts(plan, out, parts, " and ", "always", nested),
        Predicate::Any(parts) => push_parts(plan, out, parts, " or ", "never", nested),
        Predicate::Not(inner) => match &**inner {
            Predicate::Atom(atom) => match &atom.test {
                Test::OneOf(values) => {
                    out.push_str(&format!("{} is not {}", field(&atom.field), literals(plan, values)));
                }
                Test::Empty => out.push_str(&format!("{} is not empty", field(&atom.field))),
                Test::Class(StatusClass::Unfinished) => out.push_str("finished"),
                Test::Class(StatusClass::Finished) => out.push_str("unfinished"),
                _ => {
                    out.push_str("not (");
                    push_predicate(plan, out, inner, false);
                    out.push(')');
                }
            },
            _ => {
                out.push_str("not (");
                push_predicate(plan, out, inner, false);
                out.push(')');
            }
        },
        Predicate::Atom(atom) => {
            let (verb, value) = match &atom.test {
                Test::OneOf(values) => ("is", literals(plan, values)),
                Test::Has(value) => ("has", literal(plan, value)),
                Test::Empty => ("is empty", String::new()),
                Test::AtLeast(value) => ("is at least", literal(plan, value)),
                Test::AtMost(value) => ("is at most", literal(plan, value)),
                Test::MoreThan(value) => ("is more than", literal(plan, value)),
                Test::LessThan(value) => ("is less than", literal(plan, value)),
                Test::Before(value) => {
                    return out.push_str(&format!(
                        "{} before {}",
                        moment_field(&atom.field),
                        literal(plan, value)
                    ));
                }
                Test::Since(value) => {
                    return out.push_str(&format!(
                        "{} since {}",
                        moment_field(&atom.field),
                        literal(plan, value)
                    ));
                }
                Test::Class(StatusClass::Unfinished) => return out.push_str("unfinished"),
                Test::Class(StatusClass::Finished) => return out.push_str("finished"),
                Test::Word(word) => return out.push_str(&human(word)),
            };
            out.push_str(&field(&atom.field));
            out.push(' ');
            out.push_str(verb);
            if !value.is_empty() {
                out.push(' ');
                out.push_str(&value);
            }
        }
    }
}

fn push_parts(plan: &Plan, out: &mut String, parts: &[Predicate], joint: &str, none: &str, nested: bool) {
    if parts.is_empty() {
        out.push_str(none);
        return;
    }
    let brackets = nested && parts.len() > 1;
    if brackets {
        out.push('(');
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push_str(joint);
        }
        push_predicate(plan, out, part, true);
    }
    if brackets {
        out.push(')');
    }
}

/// `unfinished tickets`, `the rest of tickets`, `macros “A” and “B”`.
pub fn selected(plan: &Plan, kind: &str, which: &Selection) -> String {
    let (singular, kind) = (human(kind), plural(kind));
    match which {
        Selection::All => format!("all {kind}"),
        Selection::Where(p) => match status_class(p) {
            Some(StatusClass::Unfinished) => format!("unfinished {kind}"),
            Some(StatusClass::Finished) => format!("finished {kind}"),
            None if attributive(p) => format!("{kind} that are {}", predicate(plan, p)),
            None => format!("{kind} where {}", predicate(plan, p)),
        },
        Selection::Rest(_) => format!("the other {kind}"),
        Selection::Named(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
            let kind = if names.len() == 1 { singular } else { kind };
            format!("{kind} {}", list(&names))
        }
        Selection::RestNamed(_) => format!("the other {kind}"),
    }
}

/// What a line of the scope is about. What travels with other objects is what those hold that share the line's fate: `comments of tickets that move`.
pub fn scoped(plan: &Plan, part: &ScopePart) -> String {
    match (&part.which, &part.with_kind) {
        (Selection::All, Some(with)) if Fates::of(plan).split(with) => {
            let fate = match part.verb {
                Verb::Import => "that move",
                Verb::Recreate => "that are rebuilt",
                Verb::Archive => "that are archived",
                Verb::Retire => "that are left behind",
            };
            format!("{} of {} {fate}", plural(&part.kind), plural(with))
        }
        _ => selected(plan, &part.kind, &part.which),
    }
}

/// Whether a condition reads as words about its records alone: `unfinished or created since 2023-01-01`.
fn attributive(p: &Predicate) -> bool {
    match p {
        Predicate::All(parts) | Predicate::Any(parts) => !parts.is_empty() && parts.iter().all(attributive),
        Predicate::Not(inner) => status_class(inner).is_some(),
        Predicate::Atom(atom) => match atom.test {
            Test::Class(_) => true,
            Test::Before(_) | Test::Since(_) => atom.field.ends_with("_at"),
            _ => false,
        },
        Predicate::Const(_) => false,
    }
}

/// The class, of a predicate that asks for nothing else.
fn status_class(p: &Predicate) -> Option<StatusClass> {
    match p {
        Predicate::Atom(atom) => match atom.test {
            Test::Class(class) => Some(class),
            _ => None,
        },
        Predicate::Not(inner) => Some(match status_class(inner)? {
            StatusClass::Unfinished => StatusClass::Finished,
            StatusClass::Finished => StatusClass::Unfinished,
        }),
        _ => None,
    }
}

/// A field in a sentence: `custom.region` as `region`, `crm.tier` as `crm tier`.
fn field(path: &str) -> String {
    human(path.strip_prefix("custom.").unwrap_or(path)).replace('.', " ")
}

/// A field of time in a sentence: `created_at` as `created`.
fn moment_field(path: &str) -> String {
    field(path.strip_suffix("_at").unwrap_or(path))
}

/// A condition as a sentence without its end.
pub fn condition(plan: &Plan, condition: &Condition) -> String {
    match condition {
        Condition::Measure(m) => measure(plan, m),
        Condition::Evidence(text) => format!("there is evidence: {text}"),
    }
}

/// Several conditions.
pub fn conditions(plan: &Plan, all: &[Condition]) -> String {
    all.iter().map(|each| condition(plan, each)).collect::<Vec<_>>().join("; ")
}

/// `median first response time: at most 90% of the baseline october, within 30 days`.
pub fn measure(plan: &Plan, m: &Measure) -> String {
    let mut out = String::new();
    if let Some(statistic) = &m.statistic {
        out.push_str(&human(statistic));
        out.push(' ');
    }
    out.push_str(&human(&m.metric));
    if !m.of.is_empty() {
        out.push_str(if is_adjective(&m.metric) { " " } else { " of " });
        out.push_str(&humans(&m.of));
    }
    if let Some(scope) = &m.scope {
        out.push_str(" (where ");
        push_predicate(plan, &mut out, scope, false);
        out.push(')');
    }
    match &m.sample {
        Some(of) if m.of.as_slice() == [of.of.as_str()] => {
            out.push_str(&format!(" among {} chosen at random", number(of.count)));
        }
        Some(of) => out.push_str(&format!(" in {} chosen at random", sample(of))),
        None => {}
    }
    out.push_str(": ");
    out.push_str(m.comparison.words());
    out.push(' ');
    match &m.bound {
        Bound::Number(n) => out.push_str(&decimal(*n)),
        Bound::Percent(n) => out.push_str(&format!("{}%", decimal(*n))),
        Bound::Duration(d) if d.nominal_seconds() == 0 => out.push_str("0 min"),
        Bound::Duration(d) => out.push_str(&length(*d)),
        Bound::OfBaseline { percent, baseline } => {
            out.push_str(&format!("{}% of what {} showed", decimal(*percent), human(baseline)));
        }
    }
    match &m.over {
        Some(Over::Records(n)) => out.push_str(&format!(", counted over {} records", number(*n))),
        Some(Over::Time(d)) => out.push_str(&format!(", over {}", length(*d))),
        None => {}
    }
    if let Some(within) = m.within {
        out.push_str(&format!(", within {}", length(within)));
    }
    out
}

/// Metrics that say what is wrong with a thing: `missing tickets`, not `missing of tickets`.
fn is_adjective(metric: &str) -> bool {
    matches!(
        metric,
        "missing"
            | "broken"
            | "duplicate"
            | "misrouted"
            | "failed"
            | "lost"
            | "unexplained"
            | "widened"
            | "unresolved"
    )
}

#[cfg(test)]
mod tests {
    use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
    use cutover_ir::time::Date;

    use super::predicate;
    use crate::Plan;

    fn atom(field: &str, test: Test) -> Predicate {
        Predicate::Atom(Atom { field: field.to_owned(), test })
    }

    #[test]
    fn predicates_read_as_they_were_written() {
        let text = |t: &str| Literal::Text(t.to_owned());
        let since = Date::new(2023, 1, 1).map_or(Test::Empty, |date| Test::Since(Literal::Date(date)));
        let p = Predicate::All(vec![
            Predicate::Any(vec![
                atom("status", Test::Class(StatusClass::Unfinished)),
                atom("created_at", since),
            ]),
            Predicate::Not(Box::new(atom("status", Test::OneOf(vec![text("spam"), text("junk")])))),
        ]);
        assert_eq!(
            predicate(&Plan::default(), &p),
            "(unfinished or created since 2023-01-01) and status is not “spam” or “junk”"
        );
        assert_eq!(
            predicate(&Plan::default(), &Predicate::Not(Box::new(Predicate::All(vec![])))),
            "not (always)"
        );
    }
}
