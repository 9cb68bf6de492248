//! Typed content in plain words. The result is not escaped yet.

mod conditions;

use cutover_ir::map::{Call, Outcome, Row, Source, WhenMissing};
use cutover_ir::measure::Sample;
use cutover_ir::predicate::Literal;
use cutover_ir::quantity::Duration;

use super::local;
use super::numbers::{number, push_number};
use crate::model::{
    Assignee, ClockAction, ClockRule, DueOffset, IMPORT, Inherited, Inverse, LAST_AGENT, LAST_CUSTOMER,
    Moment, Placement, Plan, Recipient, SilenceProof, Verb,
};

pub use conditions::{condition, conditions, literal, measure, predicate, scoped, selected};

/// `first_response_time` as `first response time`.
pub fn human(word: &str) -> String {
    let mut text = String::with_capacity(word.len() + "es".len());
    for (at, part) in word.split(['_', ' ']).enumerate() {
        if at > 0 {
            text.push(' ');
        }
        if ACRONYMS.contains(&part) {
            text.extend(part.chars().map(|letter| letter.to_ascii_uppercase()));
        } else {
            text.push_str(part);
        }
    }
    text
}

/// Words of catalogs that people write in capitals.
const ACRONYMS: [&str; 5] = ["ai", "api", "crm", "sla", "url"];

/// Several words with commas and an `and`.
pub fn list<S: AsRef<str>>(words: &[S]) -> String {
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
pub fn humans(words: &[String]) -> String {
    list(&words.iter().map(|word| human(word)).collect::<Vec<_>>())
}

/// A decimal with thousands separators.
pub fn decimal(n: cutover_ir::quantity::Decimal) -> String {
    match n.to_int().and_then(|n| u64::try_from(n).ok()) {
        Some(n) => number(n),
        None => n.to_string(),
    }
}

/// `72 hours` rather than `72 h`, `14 days`, `5 h 20 min`.
pub fn length(duration: Duration) -> String {
    duration.to_string()
}

/// `ticket` as `tickets`, `sla_policy` as `SLA policies`. Kinds of catalogs are singular English nouns.
pub fn plural(kind: &str) -> String {
    let mut words = human(kind);
    if words.contains("kb ") {
        words = words.replace("kb ", "help centre ");
    }
    if let Some(stem) = words.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        words.truncate(stem.len());
        words.push_str("ies");
    } else if words.ends_with('x') || words.ends_with("ch") {
        words.push_str("es");
    } else if !words.ends_with('s') {
        words.push('s');
    }
    words
}

/// `500 tickets`.
pub fn sample(sample: &Sample) -> String {
    format!("{} {}", number(sample.count), human(&sample.of))
}

/// The local time of a moment, with the words of the spec.
pub fn moment(plan: &Plan, moment: &Moment) -> String {
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
pub fn person<'a>(plan: &'a Plan, who: &'a str) -> &'a str {
    plan.people.get(who).map_or(who, |person| person.name.as_str())
}

/// Several people.
pub fn people(plan: &Plan, all: &[String]) -> String {
    list(&all.iter().map(|who| person(plan, who)).collect::<Vec<_>>())
}

/// The product's name of a system: `Zendesk`.
pub fn product<'a>(plan: &'a Plan, system: &'a str) -> &'a str {
    plan.systems.get(system).map_or(system, |system| system.product.as_str())
}

/// What happens, as the heading of a list.
pub fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Import => "Moves",
        Verb::Recreate => "Is rebuilt by hand",
        Verb::Archive => "Is archived",
        Verb::Retire => "Is left behind",
    }
}

/// Before, in or after the window.
pub fn placement(placement: Placement) -> &'static str {
    match placement {
        Placement::Before => "before the window",
        Placement::In => "in the window",
        Placement::After => "after the window",
    }
}

/// Who takes over records.
pub fn assignee(to: &Assignee) -> String {
    match to {
        Assignee::Group(name) => format!("the group “{name}”"),
        Assignee::Agent(name) => format!("the agent “{name}”"),
        Assignee::Placeholder(name) => format!("the placeholder “{name}”"),
    }
}

/// Who is told.
pub fn recipient(plan: &Plan, to: &Recipient) -> String {
    match to {
        Recipient::Group(name) => format!("the group “{name}”"),
        Recipient::Agent(name) => format!("“{name}”"),
        Recipient::Person(who) => person(plan, who).to_owned(),
    }
}

/// `30 min before it is due`.
pub fn due_offset(offset: &DueOffset) -> String {
    match offset {
        DueOffset::Before(d) => format!("{} before it is due", length(*d)),
        DueOffset::At => "when it is due".to_owned(),
        DueOffset::After(d) => format!("{} after it was due", length(*d)),
    }
}

/// What becomes of a clock.
pub fn clock_action(action: &ClockAction) -> String {
    match action {
        ClockAction::Inherit { keeps: Inherited::Due } => "it keeps its due date".to_owned(),
        ClockAction::Inherit { keeps: Inherited::Remaining } => "it keeps the time that is left".to_owned(),
        ClockAction::Recalculate { from } if from == IMPORT => "it begins anew at the import".to_owned(),
        ClockAction::Recalculate { from } => {
            let from = match from.as_str() {
                LAST_CUSTOMER => "the customer's last message".to_owned(),
                LAST_AGENT => "the agent's last message".to_owned(),
                field => human(field),
            };
            format!("its due date is computed anew from {from}")
        }
        ClockAction::Suspend { until, then } => {
            format!("it stands still until {}, then {}", human(until), clock_action(then))
        }
        ClockAction::Done => "it is over".to_owned(),
    }
}

/// For which tickets a rule of a clock is; `None` when for all others.
pub fn clock_condition(plan: &Plan, rule: &ClockRule) -> Option<String> {
    let condition = rule.condition.as_ref().map(|condition| predicate(plan, condition));
    condition.or_else(|| rule.word.as_deref().map(human))
}

/// What proves silence.
pub fn silence_proof(proof: &SilenceProof) -> String {
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
pub fn compared(words: &[String]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| match word.as_str() {
            "counts" => "the counts".to_owned(),
            "checksums" => "the checksums".to_owned(),
            "timestamps" => "the times".to_owned(),
            "thread_order" => "the order of replies".to_owned(),
            "note_visibility" => "who may see a note".to_owned(),
            "read_back" => "what was sent and what is read back".to_owned(),
            "ids" => "each record by its id".to_owned(),
            "assignments" => "groups and owners".to_owned(),
            "clocks" => "due times".to_owned(),
            "files" => "files as agents and customers open them".to_owned(),
            "old_addresses" => "the addresses of the old records".to_owned(),
            "redirects" => "where old addresses lead".to_owned(),
            "markup" => "markup and letters of other scripts".to_owned(),
            other => human(other),
        })
        .collect();
    list(&words)
}

/// How a stage is taken back, by the tool.
pub fn inverse(inverse: Inverse) -> &'static str {
    match inverse {
        Inverse::DeleteCreated => "delete what was created, record by record from the journal",
        Inverse::RestoreFields => "write the earlier values back from the journal",
        Inverse::SwitchOff => "switch it off",
        Inverse::SwitchOn => "switch it on again",
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
pub fn push_pipe(plan: &Plan, out: &mut String, row: &Row) {
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
pub fn push_source(plan: &Plan, out: &mut String, source: &Source) {
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
pub fn when_missing(plan: &Plan, missing: &WhenMissing) -> String {
    match missing {
        WhenMissing::Empty => "stays empty".to_owned(),
        WhenMissing::Constant(value) => literal(plan, value),
        WhenMissing::Placeholder(name) => format!("the placeholder “{name}”"),
        WhenMissing::PlaceholderBy(table) => format!("a placeholder by the table {table}"),
        WhenMissing::Reject => "the record is rejected".to_owned(),
    }
}

/// What a value becomes.
pub fn outcome(plan: &Plan, outcome: &Outcome) -> String {
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
pub fn area(area: &str) -> String {
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
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::{human, list, plural};

    #[test]
    fn plurals() {
        let words = ["ticket", "sla_policy", "custom_field", "reply", "tags", "inbox", "day"].map(plural);
        assert_eq!(words, ["tickets", "SLA policies", "custom fields", "replies", "tags", "inboxes", "days"]);
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(human("crm_email"), "CRM email");
    }
}
