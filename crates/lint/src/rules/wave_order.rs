//! `waves/order`.

use cutover_ir::predicate::{Literal, Predicate, Test};
use cutover_plan::model::{Content, Selection, Wave};

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "waves/order",
    level: Level::Warning,
    summary: "what can do most harm goes first",
    what: "A wave of premium customers or live chat comes before one of internal, old or unimportant tickets",
    why: "The first wave finds the mistakes; they should be found where they hurt least",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

/// Words for records by the harm that a mistake with them does, least first.
const RISK: [&[&str]; 3] = [
    &["internal", "staff", "pilot", "test", "low", "closed", "history", "archive", "finished"],
    &["premium", "vip", "key", "enterprise", "urgent", "high", "priority"],
    &["chat", "chats", "live_chat", "messaging"],
];

fn check(run: &mut Run<'_, '_>) {
    let mut waves: Vec<_> = run
        .items("wave")
        .filter_map(|(id, item)| match &item.content {
            Content::Wave(wave) => Some((wave.order, id, risk(id.as_str(), item.title.as_deref(), wave)?)),
            _ => None,
        })
        .collect();
    waves.sort();
    for pair in waves.windows(2) {
        let [(_, first, before), (_, second, after)] = pair else { continue };
        if before <= after {
            continue;
        }
        let (Some(at), Some(later)) = (run.facts.place(first), run.facts.place(second)) else { continue };
        let finding = run
            .found(at, "mistakes hurt most here")
            .secondary(later, "and this wave comes after it")
            .help("begin with what is internal or finished, then unimportant queues, then important ones, live chat last");
        run.push(finding);
    }
}

fn risk(id: &str, title: Option<&str>, wave: &Wave) -> Option<usize> {
    let mut text = format!("{} {} ", id.strip_prefix("wave/").unwrap_or(id), title.unwrap_or_default());
    if let Selection::Where(condition) = &wave.which {
        values(condition, &mut text);
    }
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    (0..RISK.len())
        .rev()
        .find(|rank| RISK.get(*rank).is_some_and(|risk| risk.iter().any(|word| words.contains(word))))
}

/// The values that a condition asks for; what it excludes says nothing.
fn values(condition: &Predicate, text: &mut String) {
    match condition {
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| values(part, text)),
        Predicate::Atom(atom) => {
            if let Test::OneOf(literals) = &atom.test {
                for literal in literals {
                    if let Literal::Text(value) = literal {
                        text.push_str(value);
                        text.push(' ');
                    }
                }
            }
        }
        Predicate::Const(_) | Predicate::Not(_) => {}
    }
}
