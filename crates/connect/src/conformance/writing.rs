//! Writing: once, twice, looked up, changed, taken back.

use serde_json::{Map, Value};

use super::{Make, Trial};
use crate::abilities::{Abilities, Finding};
use crate::connector::Connector;
use crate::fault::Fault;
use crate::write::{Answer, Draft, Undone};

/// What was written: kind, draft, id.
struct Written<'t> {
    kind: &'t str,
    draft: &'t Draft,
    id: String,
}

pub(super) fn try_writing(make: Make<'_>, abilities: &Abilities, trial: &Trial, broken: &mut Vec<String>) {
    let result = make().and_then(|mut connector| {
        let silence = connector.silence()?;
        let counts = counts(connector.as_mut(), trial)?;
        let written = write(connector.as_mut(), abilities, trial, broken)?;
        if connector.silence()? != silence {
            broken.push("it sent something to people while records were written".to_owned());
        }
        refuse(connector.as_mut(), trial, broken)?;
        // As another process would, after a crash.
        let mut connector = make()?;
        again(connector.as_mut(), abilities, &written, broken)?;
        show(connector.as_mut(), abilities, &written, broken)?;
        change(connector.as_mut(), abilities, trial, &written, broken)?;
        if abilities.undo {
            let kept = take_back(connector.as_mut(), abilities, &written, broken)?;
            let after = self::counts(connector.as_mut(), trial)?;
            for ((kind, _), (before, after)) in trial.writes.iter().zip(counts.iter().zip(&after)) {
                if before != after && !kept.contains(&kind.as_str()) {
                    broken.push(format!(
                        "there are not as many records of `{kind}` as before when all are taken back"
                    ));
                }
            }
        }
        Ok(())
    });
    if let Err(fault) = result {
        broken.push(format!("writing breaks off: {fault}"));
    }
}

fn counts(connector: &mut dyn Connector, trial: &Trial) -> Result<Vec<Option<u64>>, Fault> {
    trial.writes.iter().map(|(kind, _)| connector.count(kind)).collect()
}

fn write<'t>(
    connector: &mut dyn Connector,
    abilities: &Abilities,
    trial: &'t Trial,
    broken: &mut Vec<String>,
) -> Result<Vec<Written<'t>>, Fault> {
    let mut written: Vec<Written<'t>> = Vec::new();
    for (kind, drafts) in &trial.writes {
        if !connector.write(kind, &[])?.is_empty() {
            broken.push(format!("no drafts of `{kind}` have answers"));
        }
        for batch in drafts.chunks(abilities.batch.max(1)) {
            let answers = connector.write(kind, batch)?;
            if answers.len() != batch.len() {
                broken.push(format!("{} drafts of `{kind}` have {} answers", batch.len(), answers.len()));
            }
            for (draft, answer) in batch.iter().zip(answers) {
                match answer {
                    Answer::Done { id, parts } => {
                        if !parts.is_empty() && parts.len() != draft.parts.len() {
                            broken.push(format!(
                                "{} has {} parts and {} ids of parts",
                                draft.mark,
                                draft.parts.len(),
                                parts.len()
                            ));
                        }
                        if id.is_empty()
                            || written.iter().any(|before| before.kind == kind && before.id == id)
                        {
                            broken.push(format!("{} has no id of its own", draft.mark));
                        }
                        written.push(Written { kind, draft, id });
                    }
                    other => broken.push(format!("{} is not written: {other:?}", draft.mark)),
                }
            }
        }
    }
    Ok(written)
}

/// What is refused is refused alone, and again.
fn refuse(connector: &mut dyn Connector, trial: &Trial, broken: &mut Vec<String>) -> Result<(), Fault> {
    let kinds = trial.writes.iter().map(|(kind, _)| kind.clone());
    let no_json = kinds
        .map(|kind| (kind, Draft { mark: "nobody:2".to_owned(), record: "{".to_owned(), parts: Vec::new() }));
    for (kind, draft) in trial.refused.iter().cloned().chain(no_json) {
        let before = connector.count(&kind)?;
        for _ in 0..2 {
            match connector.write(&kind, std::slice::from_ref(&draft))?.as_slice() {
                [Answer::Refused { code, why, .. }] if !code.is_empty() && !why.is_empty() => {}
                other => broken
                    .push(format!("{} should be refused with a code and a reason: {other:?}", draft.record)),
            }
        }
        if connector.count(&kind)? != before {
            broken.push(format!("something of {} stays, although it is refused", draft.record));
        }
    }
    Ok(())
}

/// The same drafts once more.
fn again(
    connector: &mut dyn Connector,
    abilities: &Abilities,
    written: &[Written<'_>],
    broken: &mut Vec<String>,
) -> Result<(), Fault> {
    if abilities.finding < Finding::AtOnce {
        return Ok(());
    }
    for Written { kind, draft, id } in written {
        match connector.write(kind, std::slice::from_ref(draft))?.as_slice() {
            [Answer::Known { id: known }] if known == id => {}
            other => broken.push(format!("{}, written again, is not known as {id}: {other:?}", draft.mark)),
        }
    }
    Ok(())
}

/// What was written is there, as it was written.
fn show(
    connector: &mut dyn Connector,
    abilities: &Abilities,
    written: &[Written<'_>],
    broken: &mut Vec<String>,
) -> Result<(), Fault> {
    for Written { kind, draft, id } in written {
        if abilities.finding >= Finding::AtOnce {
            let found = connector.find(kind, &draft.mark)?;
            // A system that tells records apart by a field of theirs knows no marks.
            if !found.is_empty() && found != [id.clone()] {
                broken.push(format!("{} is looked up as {found:?} and not as {id}", draft.mark));
            }
        }
        if abilities.fetch {
            let Some(found) = connector.fetch(kind, id)? else {
                broken.push(format!("{} was written, and `fetch` does not find it", draft.mark));
                continue;
            };
            for field in lost(&draft.record, &found) {
                broken.push(format!("{} was written, and its `{field}` is not there", draft.mark));
            }
        }
    }
    if abilities.fetch
        && let Some(Written { kind, .. }) = written.first()
        && connector.fetch(kind, "999999999")?.is_some()
    {
        broken.push("`fetch` finds a record that was never written".to_owned());
    }
    Ok(())
}

fn change(
    connector: &mut dyn Connector,
    abilities: &Abilities,
    trial: &Trial,
    written: &[Written<'_>],
    broken: &mut Vec<String>,
) -> Result<(), Fault> {
    let Some((kind, fields)) = trial.change.as_ref().filter(|_| abilities.set) else { return Ok(()) };
    let Some(first) = written.iter().find(|written| written.kind == kind) else { return Ok(()) };
    let answer = connector.set(kind, &first.id, fields)?;
    if !matches!(answer, Answer::Done { .. }) {
        broken.push(format!("a change of `{kind}` is not made: {answer:?}"));
    }
    if abilities.fetch {
        let found = connector.fetch(kind, &first.id)?.unwrap_or_default();
        for field in lost(fields, &found) {
            broken.push(format!("`{field}` of `{kind}` was changed, and the change is not there"));
        }
    }
    Ok(())
}

/// Takes everything back; the kinds of which something stays.
fn take_back<'t>(
    connector: &mut dyn Connector,
    abilities: &Abilities,
    written: &[Written<'t>],
    broken: &mut Vec<String>,
) -> Result<Vec<&'t str>, Fault> {
    let mut kept = Vec::new();
    for Written { kind, draft, id } in written.iter().rev() {
        match connector.undo(kind, id)? {
            Undone::Removed => {
                if connector.undo(kind, id)? != Undone::Gone {
                    broken.push(format!("{} is taken back twice", draft.mark));
                }
                if abilities.fetch && connector.fetch(kind, id)?.is_some() {
                    broken.push(format!("{} is taken back, and `fetch` still finds it", draft.mark));
                }
                if abilities.finding >= Finding::AtOnce && !connector.find(kind, &draft.mark)?.is_empty() {
                    broken.push(format!("{} is taken back, and `find` still finds it", draft.mark));
                }
            }
            Undone::Gone => broken.push(format!("{} was gone before it was taken back", draft.mark)),
            // A system that keeps something has to say why.
            Undone::Kept { why } if why.trim().is_empty() => {
                broken.push(format!("{} stays for no reason", draft.mark))
            }
            Undone::Kept { .. } => kept.push(*kind),
        }
    }
    Ok(kept)
}

/// Fields of a record that are not found as they were written. Numbers and texts of numbers are equal: systems differ in how they show ids.
fn lost(record: &str, found: &str) -> Vec<String> {
    let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    let found = object(found);
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let same = |written: &Value, found: &Value| match (written, found) {
        (Value::Array(written), Value::Array(found)) => {
            let mut both = [written, found].map(|values| values.iter().map(plain).collect::<Vec<_>>());
            both.iter_mut().for_each(|values| values.sort());
            let [written, found] = both;
            written == found
        }
        (Value::Array(written), found) => {
            written.len() == 1 && written.first().map(plain) == Some(plain(found))
        }
        (written, found) => plain(written) == plain(found),
    };
    let record = object(record);
    let lost =
        record.iter().filter(|(field, value)| !found.get(*field).is_some_and(|found| same(value, found)));
    lost.map(|(field, _)| field.clone()).collect()
}
