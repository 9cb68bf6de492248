//! Predicates, measures, types and decisions in plain words. The result is not escaped yet.

use cutover_ir::map::{Call, Outcome, Row, Source, WhenMissing};
use cutover_ir::measure::{Bound, Condition, Measure, Over, Sample};
use cutover_ir::predicate::{Literal, Predicate, StatusClass, Test};
use cutover_ir::quantity::Duration;

use super::local;
use super::numbers::{number, push_number};
use crate::model::{
    Assignee, ClockAction, DueOffset, Inherited, Inverse, Moment, Placement, Plan, Recipient, Selection,
    SilenceProof, Verb,
};

/// `first_response_time` as `first response time`.
pub(crate) fn human(word: &str) -> String {
    let text = word.replace('_', " ");
    if !ACRONYMS.iter().any(|acronym| text.contains(acronym)) {
        return text;
    }
    let words: Vec<String> = text
        .split(' ')
        .map(|word| if ACRONYMS.contains(&word) { word.to_uppercase() } else { word.to_owned() })
        .collect();
    words.join(" ")
}

/// Words of catalogs that people write in capitals.
const ACRONYMS: [&str; 5] = ["ai", "api", "crm", "sla", "url"];

/// Several words with commas and an `and`.
pub(crate) fn list<S: AsRef<str>>(words: &[S]) -> String {
    joined(words, "and")
}

fn joined<S: AsRef<str>>(words: &[S], last: &str) -> String {
    let mut out = String::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            out.push_str(if index + 1 == words.len() { " " } else { ", " });
            if index + 1 == words.len() {
                out.push_str(last);
                out.push(' ');
            }
        }
        out.push_str(word.as_ref());
    }
    out
}

/// A list of catalog words.
pub(crate) fn humans(words: &[String]) -> String {
    list(&words.iter().map(|word| human(word)).collect::<Vec<_>>())
}

/// A constant, as a person would write it.
pub(crate) fn literal(plan: &Plan, value: &Literal) -> String {
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

/// A decimal with thousands separators.
pub(crate) fn decimal(n: cutover_ir::quantity::Decimal) -> String {
    match n.to_int().and_then(|n| u64::try_from(n).ok()) {
        Some(n) => number(n),
        None => n.to_string(),
    }
}

/// `72 hours` rather than `72 h`, `14 days`, `5 h 20 min`.
pub(crate) fn length(duration: Duration) -> String {
    duration.to_string()
}

fn literals(plan: &Plan, values: &[Literal]) -> String {
    joined(&values.iter().map(|value| literal(plan, value)).collect::<Vec<_>>(), "or")
}

/// A predicate as the end of `those where …`.
pub(crate) fn predicate(plan: &Plan, p: &Predicate) -> String {
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
pub(crate) fn selected(plan: &Plan, kind: &str, which: &Selection) -> String {
    let (singular, kind) = (human(kind), plural(kind));
    match which {
        Selection::All => format!("all {kind}"),
        Selection::Where(p) => match status_class(p) {
            Some(StatusClass::Unfinished) => format!("unfinished {kind}"),
            Some(StatusClass::Finished) => format!("finished {kind}"),
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

/// `ticket` as `tickets`, `sla_policy` as `SLA policies`. Kinds of catalogs are singular English nouns.
pub(crate) fn plural(kind: &str) -> String {
    let words = human(kind).replace("kb ", "help centre ");
    if let Some(stem) = words.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        format!("{stem}ies")
    } else if words.ends_with('s') {
        words
    } else if words.ends_with('x') || words.ends_with("ch") {
        format!("{words}es")
    } else {
        format!("{words}s")
    }
}

/// A condition as a sentence without its end.
pub(crate) fn condition(plan: &Plan, condition: &Condition) -> String {
    match condition {
        Condition::Measure(m) => measure(plan, m),
        Condition::Evidence(text) => format!("kept as evidence: {text}"),
    }
}

/// Several conditions.
pub(crate) fn conditions(plan: &Plan, all: &[Condition]) -> String {
    all.iter().map(|each| condition(plan, each)).collect::<Vec<_>>().join("; ")
}

/// `median first response time: at most 90% of the baseline october, within 30 days`.
pub(crate) fn measure(plan: &Plan, m: &Measure) -> String {
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

/// `500 tickets`.
pub(crate) fn sample(sample: &Sample) -> String {
    format!("{} {}", number(sample.count), human(&sample.of))
}

/// The local time of a moment, with the words of the spec.
pub(crate) fn moment(plan: &Plan, moment: &Moment) -> String {
    let time = match &plan.migration.window {
        Some(window) => local::minute(window, moment.at),
        None => moment.at.to_string(),
    };
    match &moment.said {
        Some(said) => format!("{time} ({said})"),
        None => time,
    }
}

/// The full name of a person, or the identifier of one who is not in the team.
pub(crate) fn person<'a>(plan: &'a Plan, who: &'a str) -> &'a str {
    plan.people.get(who).map_or(who, |person| person.name.as_str())
}

/// Several people.
pub(crate) fn people(plan: &Plan, all: &[String]) -> String {
    list(&all.iter().map(|who| person(plan, who)).collect::<Vec<_>>())
}

/// The product's name of a system: `Zendesk`.
pub(crate) fn product<'a>(plan: &'a Plan, system: &'a str) -> &'a str {
    plan.systems.get(system).map_or(system, |system| system.product.as_str())
}

/// What happens, as the heading of a list.
pub(crate) fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Import => "Moves",
        Verb::Recreate => "Is rebuilt by hand",
        Verb::Archive => "Is archived",
        Verb::Retire => "Is left behind",
    }
}

/// Before, in or after the window.
pub(crate) fn placement(placement: Placement) -> &'static str {
    match placement {
        Placement::Before => "before the window",
        Placement::In => "in the window",
        Placement::After => "after the window",
    }
}

/// Who takes over records.
pub(crate) fn assignee(to: &Assignee) -> String {
    match to {
        Assignee::Group(name) => format!("the group “{name}”"),
        Assignee::Agent(name) => format!("the agent “{name}”"),
        Assignee::Placeholder(name) => format!("the placeholder “{name}”"),
    }
}

/// Who is told.
pub(crate) fn recipient(plan: &Plan, to: &Recipient) -> String {
    match to {
        Recipient::Group(name) => format!("the group “{name}”"),
        Recipient::Agent(name) => format!("“{name}”"),
        Recipient::Person(who) => person(plan, who).to_owned(),
    }
}

/// `30 min before it is due`.
pub(crate) fn due_offset(offset: &DueOffset) -> String {
    match offset {
        DueOffset::Before(d) => format!("{} before it is due", length(*d)),
        DueOffset::At => "when it is due".to_owned(),
        DueOffset::After(d) => format!("{} after it was due", length(*d)),
    }
}

/// What becomes of a clock.
pub(crate) fn clock_action(action: &ClockAction) -> String {
    match action {
        ClockAction::Inherit { keeps: Inherited::Due } => "it keeps its due date".to_owned(),
        ClockAction::Inherit { keeps: Inherited::Remaining } => "it keeps the time that is left".to_owned(),
        ClockAction::Recalculate { from } => format!("its due date is computed anew from {}", human(from)),
        ClockAction::Suspend { until, then } => {
            format!("it stands still until {}, then {}", human(until), clock_action(then))
        }
        ClockAction::Done => "it is over".to_owned(),
    }
}

/// What proves silence.
pub(crate) fn silence_proof(proof: &SilenceProof) -> String {
    match proof {
        SilenceProof::Counter => "the product's own count of sent messages".to_owned(),
        SilenceProof::Sink => "a mail box that catches everything".to_owned(),
        SilenceProof::TriggersListed => {
            "a list of every rule that could send, each switched off or kept away".to_owned()
        }
        SilenceProof::Canary(address) => format!("the mail box {address}, which must stay empty"),
    }
}

/// What the tool compares.
pub(crate) fn compared(words: &[String]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| match word.as_str() {
            "counts" => "the counts".to_owned(),
            "checksums" => "the checksums".to_owned(),
            "timestamps" => "the times".to_owned(),
            "thread_order" => "the order of replies".to_owned(),
            "note_visibility" => "who may see a note".to_owned(),
            "read_back" => "what was sent and what is read back".to_owned(),
            other => human(other),
        })
        .collect();
    list(&words)
}

/// How a stage is taken back, by the tool.
pub(crate) fn inverse(inverse: Inverse) -> &'static str {
    match inverse {
        Inverse::DeleteCreated => "delete what was created, record by record from the journal",
        Inverse::RestoreFields => "write the earlier values back from the journal",
        Inverse::SwitchOff => "switch it off",
        Inverse::SwitchBack => "switch back to the old desk",
        Inverse::DeliverToSource => "deliver the waiting messages to the old desk",
        Inverse::AllowWrites => "let the old desk take changes again",
        Inverse::Unsilence => "let the new desk send again",
        Inverse::Silence => "make the new desk quiet again",
        Inverse::SuspendClocks => "stop the clocks again",
        Inverse::Correct => "send a second message",
        Inverse::Unfreeze => "let the rules change again",
    }
}

/// Appends what a row does to a value: `cut to 150 · queues`.
pub(crate) fn push_pipe(plan: &Plan, out: &mut String, row: &Row) {
    for (index, call) in row.pipe.iter().enumerate() {
        if index > 0 {
            out.push_str(", then ");
        }
        push_call(plan, out, call);
    }
    if let Some(overflow) = &row.overflow {
        out.push_str("; the rest goes to ");
        out.push_str(overflow);
    }
    if row.key {
        out.push_str(if out.is_empty() { "identifies the record" } else { "; identifies the record" });
    }
}

fn push_call(plan: &Plan, out: &mut String, call: &Call) {
    match (call.function.as_str(), call.args.as_slice()) {
        ("translate", [Literal::Text(table), ..]) => {
            out.push_str("by the table ");
            out.push_str(table);
        }
        ("cut", [Literal::Number(n), ..]) => {
            out.push_str("cut to ");
            match n.to_int().and_then(|n| u64::try_from(n).ok()) {
                Some(n) => push_number(out, n),
                None => out.push_str(&n.to_string()),
            }
            out.push_str(" characters");
        }
        (function, args) => {
            out.push_str(&human(function));
            if function == "split" {
                out.push_str(" at");
            }
            for (index, arg) in args.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { " " });
                out.push_str(&literal(plan, arg));
            }
        }
    }
}

/// Appends where a value comes from.
pub(crate) fn push_source(plan: &Plan, out: &mut String, source: &Source) {
    match source {
        Source::Field(path) => out.push_str(path),
        Source::Table(table, field) => {
            out.push_str(table);
            out.push('.');
            out.push_str(field);
        }
        Source::Constant(value) => out.push_str(&literal(plan, value)),
    }
}

/// What stands in for a missing value.
pub(crate) fn when_missing(plan: &Plan, missing: &WhenMissing) -> String {
    match missing {
        WhenMissing::Empty => "stays empty".to_owned(),
        WhenMissing::Constant(value) => literal(plan, value),
        WhenMissing::Placeholder(name) => format!("the placeholder “{name}”"),
        WhenMissing::PlaceholderBy(table) => format!("a placeholder by the table {table}"),
        WhenMissing::Reject => "the record is rejected".to_owned(),
    }
}

/// What a value becomes.
pub(crate) fn outcome(plan: &Plan, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Value(value) => match value {
            Literal::Text(text) => text.clone(),
            other => literal(plan, other),
        },
        Outcome::Same => "the same name".to_owned(),
        Outcome::Empty => "nothing".to_owned(),
        Outcome::Reject => "the record is rejected".to_owned(),
    }
}

/// The heading of a review area.
pub(crate) fn area(area: &str) -> String {
    match area {
        "exports" => "Export completeness".to_owned(),
        "mapping" => "Data mapping".to_owned(),
        "owners" => "Ticket owners".to_owned(),
        "sla_timers" => "SLA timers".to_owned(),
        "chat" => "Live chat".to_owned(),
        "macros" => "Macros".to_owned(),
        "permissions" => "Permissions".to_owned(),
        "integrations" => "Integrations".to_owned(),
        "reporting" => "Reporting".to_owned(),
        "routing" => "Routing".to_owned(),
        other => human(other),
    }
}

/// The first letter in upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
    use cutover_ir::time::Date;

    use super::{list, plural, predicate};
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

    #[test]
    fn plurals() {
        assert_eq!(
            ["ticket", "sla_policy", "custom_field", "reply", "tags", "inbox", "day"].map(plural),
            ["tickets", "SLA policies", "custom fields", "replies", "tags", "inboxes", "days"]
        );
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
