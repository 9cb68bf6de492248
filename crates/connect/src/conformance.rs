//! What every connector has to keep, tried on one: the same cases for all.

mod reading;
#[cfg(test)]
mod tests;
mod writing;

use crate::abilities::Abilities;
use crate::connector::Connector;
use crate::fault::{Effect, Fault, Hint};
use crate::read::{Chunk, Cursor};
use crate::write::Draft;

/// Makes the connector under trial anew, as another process would: what the last one kept in memory is gone.
pub type Make<'a> = &'a mut dyn FnMut() -> Result<Box<dyn Connector>, Fault>;

/// What a connector is tried with.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// Kinds that are read, with the number of records and of problems that are there.
    pub reads: Vec<(String, usize, usize)>,
    /// The member that holds the id of a record that was read; `id` unless said.
    pub id: Option<String>,
    /// Drafts that the system takes, by kind, in the order in which they can be written. Nothing of them is there before.
    pub writes: Vec<(String, Vec<Draft>)>,
    /// Drafts that the system refuses, with their kind.
    pub refused: Vec<(String, Draft)>,
    /// A change of the first draft of a kind: a JSON object.
    pub change: Option<(String, String)>,
}

/// The promises that a connector breaks, one sentence each; none when it keeps all of them.
///
/// A connector that only reads is asked to read everything in chunks of every size, and to go on from each place as another process. One
/// that writes is asked to write the drafts of the trial twice, to look them up, to show them, to change one, to take all of them back
/// and to be as it was before. All of them are asked for kinds that do not exist and for what they say they cannot do.
#[must_use]
pub fn broken_promises(make: Make<'_>, trial: &Trial) -> Vec<String> {
    let mut broken = Vec::new();
    let abilities = match make().and_then(|mut connector| connector.abilities()) {
        Ok(abilities) => abilities,
        Err(fault) => return vec![format!("it cannot be asked for its abilities: {fault}")],
    };
    same_abilities(make, &abilities, &mut broken);
    strangers(make, &abilities, &mut broken);
    if abilities.read {
        for (kind, records, problems) in &trial.reads {
            reading::try_kind(make, kind, (*records, *problems), trial, &mut broken);
        }
    }
    if abilities.write {
        writing::try_writing(make, &abilities, trial, &mut broken);
    }
    broken
}

/// A kind that no product has.
const NO_KIND: &str = "no_such_kind_of_record";

fn same_abilities(make: Make<'_>, abilities: &Abilities, broken: &mut Vec<String>) {
    match make().and_then(|mut connector| connector.abilities()) {
        Ok(again) if again == *abilities => {}
        Ok(_) => broken.push("its abilities change from one connection to the next".to_owned()),
        Err(fault) => broken.push(format!("asked again, it cannot tell its abilities: {fault}")),
    }
    if abilities.write != (abilities.batch > 0) {
        broken.push("it takes batches exactly when it writes: `batch` and `write` do not agree".to_owned());
    }
    if !abilities.write && (abilities.undo || abilities.set) {
        broken.push("it changes or takes back records and cannot write any".to_owned());
    }
    match make().and_then(|mut connector| connector.account()) {
        Ok(account) if account.at.trim().is_empty() => {
            broken.push("its account is nowhere: `at` is empty".to_owned())
        }
        Ok(_) => {}
        Err(fault) => broken.push(format!("it does not say whose account answers: {fault}")),
    }
}

/// What it does with kinds that do not exist, and with calls that it says it has no way to answer.
fn strangers(make: Make<'_>, abilities: &Abilities, broken: &mut Vec<String>) {
    let mut connector = match make() {
        Ok(connector) => connector,
        Err(fault) => return broken.push(format!("it cannot be made: {fault}")),
    };
    let mut chunk = Chunk::default();
    let draft = Draft { mark: "nobody:1".to_owned(), record: "{}".to_owned(), parts: Vec::new() };
    let calls: [(&str, bool, Result<bool, Fault>); 6] = [
        ("read", abilities.read, connector.read(NO_KIND, &Cursor::start(), 10, &mut chunk).map(|()| false)),
        ("fetch", abilities.fetch, connector.fetch(NO_KIND, "1").map(|found| found.is_none())),
        ("write", abilities.write, connector.write(NO_KIND, &[draft]).map(|_| false)),
        (
            "set",
            abilities.set,
            connector.set(NO_KIND, "1", "{}").map(|answer| matches!(answer, crate::Answer::Refused { .. })),
        ),
        (
            "find",
            abilities.finding > crate::Finding::Never,
            connector.find(NO_KIND, "nobody:1").map(|ids| ids.is_empty()),
        ),
        ("undo", abilities.undo, connector.undo(NO_KIND, "1").map(|undone| undone == crate::Undone::Gone)),
    ];
    for (call, able, result) in calls {
        match result {
            Ok(right) if right && able => {}
            Ok(_) => broken.push(format!("`{call}` answers for a kind that does not exist")),
            Err(fault) => {
                let of = if able { "a kind that does not exist" } else { "something that it cannot do" };
                if fault.effect != Effect::None {
                    broken.push(format!("`{call}` leaves {of} in doubt"));
                }
                if matches!(fault.hint, Hint::Later(_)) {
                    broken.push(format!("`{call}` asks to try {of} again"));
                }
                if fault.why.trim().is_empty() {
                    broken.push(format!("`{call}` gives no reason for {of}"));
                }
            }
        }
    }
    if connector.count(NO_KIND).is_ok_and(|count| count.is_some()) {
        broken.push("`count` counts records of a kind that does not exist".to_owned());
    }
}
