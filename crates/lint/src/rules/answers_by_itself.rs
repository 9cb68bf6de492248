//! `scope/answers-by-itself`.

use cutover_catalog::Part;
use cutover_catalog::inventory::Object;
use cutover_plan::model::Verb;

use super::common::{chosen, names, parts};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/answers-by-itself",
    level: Level::Warning,
    summary: "a rule that writes to customers by itself goes live without a decision of its own",
    what: "A bot, an auto-reply or a reminder is rebuilt switched on, and nobody signs for it",
    why: "Its first answers go to customers while everybody looks at something else, and nobody can call them back",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

/// Words in the name or type of a rule that answers by itself, where the inventory does not say what it does.
const WORDS: &[&str] = &["ai", "autoresponder", "bot", "chatbot"];
/// The same of two words, which are written in one, with a blank or with a hyphen.
const PAIRS: &[(&str, &[&str])] = &[
    ("auto", &["reply", "replies", "responder", "response", "answer"]),
    ("automatic", &["reply", "replies", "response", "answer"]),
];

fn check(run: &mut Run<'_, '_>) {
    for (id, scope, _) in parts(run, Part::Automation) {
        let signed = run.facts.plan.items.get(id).is_some_and(|item| !item.signed_by.is_empty());
        let builds = matches!(scope.verb, Verb::Recreate | Verb::Import);
        if !builds || signed || scope.as_what.as_deref() == Some("off") {
            continue;
        }
        let all = chosen(run, scope);
        let found: Vec<&Object> =
            all.iter().copied().filter(|object| !object.inactive && answers(object)).collect();
        let Some((at, first)) = run.facts.place(id).zip(found.first()) else { continue };
        let told = found.iter().filter(|object| object.answers.is_some()).count();
        let label = match (found.len(), told) {
            (1, 1) => "by the inventory, one of these writes to customers".to_owned(),
            (many, told) if many == told => format!("by the inventory, {many} of these write to customers"),
            (1, _) => "by its name, one of these answers customers".to_owned(),
            (many, _) => format!("by the inventory or their names, {many} of these write to customers"),
        };
        let finding = run.found(at, label).note(names(found.iter().map(|object| &*object.name)));
        run.push(
            finding
                .help(format!(
                    "build it switched off, so that a stage of its own asks whether it is switched on: `recreate {} \"{}\"  as off  owner … signed by …`; or let somebody sign for it where it is: `signed by …`",
                    run.facts.world.source().and_then(|source| source.kind(&scope.kind)).map_or("automations", |kind| &*kind.plural),
                    first.name
                ))
                .help("if it writes to nobody, say so in the inventory: `answers: false`"),
        );
    }
}

/// Whether a rule writes to customers: as the inventory says, or else by its name and type.
fn answers(object: &Object) -> bool {
    object.answers.unwrap_or_else(|| {
        let texts = [Some(&*object.name), object.ty.as_deref()];
        texts.into_iter().flatten().any(says_so)
    })
}

fn says_so(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let single = |word: &str| {
        let joined = |(first, seconds): &(&str, &[&str])| {
            word.strip_prefix(first).is_some_and(|rest| seconds.contains(&rest))
        };
        WORDS.contains(&word) || PAIRS.iter().any(joined)
    };
    let double = |pair: &[&str]| match pair {
        [first, second] => PAIRS.iter().any(|(one, seconds)| one == first && seconds.contains(second)),
        _ => false,
    };
    let away = words.windows(3).any(|words| words == ["out", "of", "office"]);
    away || words.iter().any(|word| single(word)) || words.windows(2).any(double)
}

#[cfg(test)]
mod tests {
    use super::says_so;

    #[test]
    fn names_are_read_word_by_word() {
        for name in [
            "Auto-reply bot",
            "AutoReply To Requestors",
            "On Create Autoreply",
            "AI answers",
            "Out of office",
            "Answer Bot",
        ] {
            assert!(says_so(name), "{name}");
        }
        for name in [
            "Robot returns",
            "Mail to the warehouse",
            "Automatic routing",
            "Auto-assign",
            "Bottle deposit",
            "Sold out",
        ] {
            assert!(!says_so(name), "{name}");
        }
    }
}
