//! People: written by name, and never removed.

use serde_json::{Value, json};

use super::ask::{Object, Told, encoded, id_of, items, text};
use super::fields::{Refusal, Wanted, differences, user, wanted_user};
use super::source::is_set;
use super::target::not_kept;
use super::{PEOPLE, RequestTracker};
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
            let id = self.id_of_person(&there).unwrap_or_else(|| name.clone());
            if !is_set(&there, "Disabled") || stays_off {
                return Ok(Answer::Known { id });
            }
            // A way back before this one made it so: who is disabled can own and ask for nothing.
            self.ask.put(&path, &json!({ "Disabled": 0 }))?;
            return self.changed_user(&id, &wanted, true);
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
                    let there = self.ask.get(&format!("user/{}", encoded(&id)), &[])?;
                    let id = there.and_then(|there| self.id_of_person(&there)).unwrap_or(id);
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
                let id = self.id_of_person(&found).unwrap_or_else(|| id.to_owned());
                return Ok(Answer::Done { id, parts: Vec::new() });
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

    /// By what a person is told apart.
    pub(super) fn id_of_person(&self, user: &Object) -> Option<String> {
        if self.desk.numbered { id_of(user) } else { text(user, "Name").map(str::to_owned) }
    }

    /// A person by the names of the catalog.
    pub(super) fn user_fields(&self, found: &Object) -> Object {
        let mut fields = user(found);
        fields.insert("id".to_owned(), self.id_of_person(found).into());
        fields
    }

    /// The name of a person whom a draft names, by name or number; `None` where there is none.
    pub(super) fn person_named(&mut self, said: &str) -> Result<Option<String>, Fault> {
        let number = self.desk.numbered && said.bytes().all(|byte| byte.is_ascii_digit());
        let known = if number {
            self.numbers.get(said)
        } else {
            self.people.get_key_value(said).map(|(name, _)| name)
        };
        if let Some(name) = known {
            return Ok(Some(name.clone()));
        }
        let Some(found) = self.ask.get(&format!("user/{}", encoded(said)), &[])? else { return Ok(None) };
        // The server finds people by their addresses, too; what it shows are names.
        let name = if number { text(&found, "Name").unwrap_or(said) } else { said }.to_owned();
        self.remember(&name, id_of(&found).unwrap_or_default());
        Ok(Some(name))
    }

    fn remember(&mut self, name: &str, number: String) {
        if self.people.len() >= PEOPLE {
            self.people.clear();
            self.numbers.clear();
        }
        self.numbers.insert(number.clone(), name.to_owned());
        self.people.insert(name.to_owned(), number);
    }

    /// A ticket with the numbers of its people, where they are told apart by these.
    pub(super) fn numbered_people(&mut self, mut ticket: Object) -> Result<Object, Fault> {
        if !self.desk.numbered {
            return Ok(ticket);
        }
        for field in ["owner", "creator", "requestor", "cc", "admin_cc"] {
            match ticket.get_mut(field) {
                Some(Value::String(name)) => *name = self.number_of(name)?,
                Some(Value::Array(names)) => {
                    for name in names {
                        if let Value::String(name) = name {
                            *name = self.number_of(name)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(ticket)
    }

    fn number_of(&mut self, name: &str) -> Result<String, Fault> {
        if self.person_named(name)?.is_none() {
            return Ok(name.to_owned());
        }
        Ok(self.people.get(name).cloned().unwrap_or_else(|| name.to_owned()))
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
