//! Trouble on purpose: a target that loses calls and answers, so that one can see that a run survives it.

use std::time::Duration;

use cutover_connect::{
    Abilities, Account, Answer, Chunk, Connector, Cursor, Draft, Fault, Finding, Part, Silence, Undone,
};

use crate::environment::Trouble;

/// A connector in trouble.
pub(crate) struct Troubled {
    inner: Box<dyn Connector>,
    trouble: Trouble,
    state: u64,
}

/// What happens to a call.
enum Fate {
    Fine,
    AnswerLost,
    CallLost,
    TooMany,
    Fails,
    FailsAfterwards,
    Slow,
}

impl Troubled {
    pub(crate) fn new(inner: Box<dyn Connector>, trouble: Trouble) -> Troubled {
        let state = trouble.seed.wrapping_mul(2).wrapping_add(1);
        Troubled { inner, trouble, state }
    }

    /// The next fate: splitmix64, so that a seed tells all of them.
    fn fate(&mut self) -> Fate {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let draw = (z ^ (z >> 31)) % 100;
        let mut limit = u64::from(self.trouble.lose_answer);
        if draw < limit {
            return Fate::AnswerLost;
        }
        limit += u64::from(self.trouble.lose_call);
        if draw < limit {
            return Fate::CallLost;
        }
        limit += u64::from(self.trouble.too_many);
        if draw < limit {
            return Fate::TooMany;
        }
        limit += u64::from(self.trouble.fail);
        if draw < limit {
            return if draw.is_multiple_of(2) { Fate::Fails } else { Fate::FailsAfterwards };
        }
        limit += u64::from(self.trouble.slow);
        if draw < limit { Fate::Slow } else { Fate::Fine }
    }

    fn call<T>(&mut self, act: impl FnOnce(&mut dyn Connector) -> Result<T, Fault>) -> Result<T, Fault> {
        match self.fate() {
            Fate::Fine => act(&mut *self.inner),
            Fate::AnswerLost => {
                act(&mut *self.inner)?;
                Err(Fault::lost("the connection was closed before the answer came"))
            }
            Fate::CallLost => Err(Fault::lost("the connection was closed before the answer came")),
            Fate::FailsAfterwards => {
                act(&mut *self.inner)?;
                Err(Fault::lost("the server failed (500)"))
            }
            Fate::Fails => Err(Fault::lost("the server failed (500)")),
            Fate::Slow => {
                std::thread::sleep(Duration::from_millis(50));
                act(&mut *self.inner)
            }
            Fate::TooMany => Err(Fault::later(Some(Duration::from_millis(5)), "too many calls")),
        }
    }
}

impl Connector for Troubled {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        let mut abilities = self.inner.abilities()?;
        if self.trouble.no_lookup {
            abilities.finding = Finding::Never;
        }
        Ok(abilities)
    }

    fn account(&mut self) -> Result<Account, Fault> {
        self.inner.account()
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        self.inner.count(kind)
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        self.inner.read(kind, from, most, into)
    }

    fn fetch(&mut self, kind: &str, id: &str) -> Result<Option<String>, Fault> {
        self.inner.fetch(kind, id)
    }

    fn content(
        &mut self,
        kind: &str,
        id: &str,
        field: &str,
        into: &mut dyn std::io::Write,
    ) -> Result<Option<bool>, Fault> {
        self.inner.content(kind, id, field, into)
    }

    fn write(&mut self, kind: &str, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        let Some(field) = &self.trouble.drop else { return self.call(|inner| inner.write(kind, batch)) };
        let without =
            |record: &str| match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(record) {
                Ok(mut fields) => {
                    fields.shift_remove(field);
                    serde_json::Value::Object(fields).to_string()
                }
                Err(_) => record.to_owned(),
            };
        let mut batch = batch.to_vec();
        for draft in &mut batch {
            draft.record = without(&draft.record);
            for part in &mut draft.parts {
                part.record = without(&part.record);
            }
        }
        self.call(|inner| inner.write(kind, &batch))
    }

    fn set(&mut self, kind: &str, id: &str, fields: &str) -> Result<Answer, Fault> {
        self.call(|inner| inner.set(kind, id, fields))
    }

    fn append(&mut self, kind: &str, id: &str, parts: &[Part]) -> Result<Vec<Answer>, Fault> {
        self.call(|inner| inner.append(kind, id, parts))
    }

    fn find(&mut self, kind: &str, mark: &str) -> Result<Vec<String>, Fault> {
        if self.trouble.no_lookup {
            return Err(Fault::cannot("look up what it wrote"));
        }
        self.inner.find(kind, mark)
    }

    fn undo(&mut self, kind: &str, id: &str) -> Result<Undone, Fault> {
        self.call(|inner| inner.undo(kind, id))
    }

    fn silence(&mut self) -> Result<Silence, Fault> {
        self.inner.silence()
    }
}
