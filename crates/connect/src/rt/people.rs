//! People: written by name, and never removed.

use serde_json::{Value, json};

use super::RequestTracker;
use super::ask::{Object, Told, encoded, id_of, items, text};
use super::fields::{Refusal, Wanted, differences, user, wanted_user};
use super::source::is_set;
use super::target::not_kept;
use crate::fault::{Effect, Fault};
use crate::write::{Answer, Draft, Undone};

impl RequestTracker {
    pub(super) fn write_user(&mut self, draft: &Draft) -> Result<Answer, Fault> {
        let Ok(record) = serde_json::from_str::<Object>(&draft.record) else {
            return Ok(Refusal::new("", "not-json", "the record is not one JSON object").answer());
        };
        let Some(name) = text(&record, "name").map(str::to_owned) else {
            return Ok(Refusal::new("name", "missing", "a person needs a name to log in with").answer());
        };
        let wanted = match wanted_user(&record) {
            Ok(wanted) => wanted,
            Err(refusal) => return Ok(refusal.answer()),
        };
        let path = format!("user/{}", encoded(&name));
        if let Some(there) = self.ask.get(&path, &[])? {
            let stays_off = record.get("disabled") == Some(&Value::Bool(true));
            if !is_set(&there, "Disabled") || stays_off {
                return Ok(Answer::Known { id: name });
            }
            // A way back before this one made it so: who is disabled can own and ask for nothing.
            self.ask.put(&path, &json!({ "Disabled": 0 }))?;
            return self.changed_user(&name, &wanted, true);
        }
        if let Told::No(_, why) = self.ask.post("user", &Value::Object(wanted.columns.clone()))? {
            // The address is somebody else's already, who is the same person under another name.
            if let Some(email) = text(&record, "email") {
                let page = self.ask.search(
                    "users",
                    &[("EmailAddress", "=", email)],
                    &[("find_disabled_rows", "1")],
                )?;
                if let Some(id) = items(&page).find_map(id_of) {
                    return Ok(Answer::Known { id });
                }
            }
            return Ok(Refusal::new("", "refused", format!("Request Tracker says: {why}")).answer());
        }
        self.changed_user(&name, &wanted, true)
    }

    pub(super) fn set_user(&mut self, id: &str, fields: &str) -> Result<Answer, Fault> {
        let Ok(record) = serde_json::from_str::<Object>(fields) else {
            return Ok(Refusal::new("", "not-json", "the change is not one JSON object").answer());
        };
        match wanted_user(&record) {
            Err(refusal) => Ok(refusal.answer()),
            Ok(wanted) => self.changed_user(id, &wanted, false),
        }
    }

    /// Sees to it that a person became what they should.
    fn changed_user(&self, id: &str, wanted: &Wanted, new: bool) -> Result<Answer, Fault> {
        let lost = |fault: Fault| if new { Fault { effect: Effect::Unknown, ..fault } } else { fault };
        let path = format!("user/{}", encoded(id));
        let mut said = Vec::new();
        for _ in 0..2 {
            let Some(found) = self.ask.get(&path, &[]).map_err(lost)? else {
                return Ok(Refusal::new("", "gone", "there is no such person").answer());
            };
            let other = differences(wanted, &user(&found));
            let Some(field) = other.first() else {
                return Ok(Answer::Done { id: id.to_owned(), parts: Vec::new() });
            };
            if !said.is_empty() {
                return Ok(not_kept(field, &said).answer());
            }
            said.push(String::new());
            if let Told::Yes(answer) =
                self.ask.put(&path, &Value::Object(wanted.columns.clone())).map_err(lost)?
            {
                said.extend(
                    answer
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(|line| line.as_str().map(str::to_owned)),
                );
            }
        }
        Ok(not_kept("", &said).answer())
    }

    pub(super) fn undo_user(&self, id: &str) -> Result<Undone, Fault> {
        let path = format!("user/{}", encoded(id));
        if self.ask.get(&path, &[])?.is_none() {
            return Ok(Undone::Gone);
        }
        self.ask.put(&path, &json!({ "Disabled": 1 }))?;
        Ok(Undone::Kept { why: "Request Tracker removes nobody: the person is disabled now".to_owned() })
    }
}
