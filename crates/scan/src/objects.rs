//! Lists of configuration, and of people who answer.

use cutover_catalog::fact::Names;
use cutover_catalog::inventory::Object;
use cutover_catalog::{Part, Shape};
use cutover_ir::time::Instant;
use cutover_records::Cell;

use crate::key;
use crate::kind::KindAcc;
use crate::opening;
use crate::seen::Seen;
use crate::value;
use crate::world::{MEMBERSHIPS, World};

/// Most objects of a kind that are listed.
const OBJECTS: usize = 20_000;

impl Seen<'_> {
    /// Lists configuration, and people who answer.
    pub(crate) fn object(&self, world: &mut World<'_>, kinds: &mut [KindAcc<'_>], at: usize) {
        let Some(acc) = kinds.get_mut(at) else { return };
        let Some(key) = self.key.filter(|_| is_listed(acc.part)) else { return };
        let number = key::number(key);
        let person = matches!(acc.part, Part::User | Part::Agent);
        let role = self.role_of(acc);
        if acc.part == Part::User && !role.as_deref().is_some_and(is_agent_role) {
            return;
        }
        if person {
            world.agents.insert(number);
        }
        let given = self.text(acc, "name").filter(|_| !person || world.options.names);
        let private = person && !world.options.names && value::is_private(key) && key.contains('@');
        let id: Box<str> = if private {
            // Products that tell people by their address: the address stays out of the inventory.
            key::pseudonym(&world.options.account, &world.options.salt, &acc.name, key).into()
        } else {
            key.into()
        };
        let name: Box<str> = given.map_or_else(|| id.clone(), Into::into);
        if matches!(acc.part, Part::Group | Part::Queue | Part::SlaPolicy) && world.names.len() < 4 * OBJECTS
        {
            world.names.insert((at, number), name.to_string());
        }
        for (canon, of_group) in [("groups", false), ("group", false), ("agents", true)] {
            if canon == "group" && !person || (of_group && acc.part != Part::Group) {
                continue;
            }
            for other in
                self.role(acc, canon).map(|cell| value::items(cell, self.at.encoding)).unwrap_or_default()
            {
                if let Some(other) = other.plain().map(key::number)
                    && world.memberships.len() < MEMBERSHIPS
                {
                    world.memberships.push(if of_group { (other, number) } else { (number, other) });
                }
            }
        }
        if acc.objects.len() >= OBJECTS {
            acc.objects_left_out += 1;
            return;
        }
        let yes = |canon: &str| {
            let field = acc.roles.get(canon).and_then(|at| acc.fields.get(at))?;
            self.role(acc, canon).and_then(|cell| field.boolean(cell, self.at.encoding))
        };
        let active = yes("active");
        let used = self.instant(acc, "last_used_at").or_else(|| self.instant(acc, "last_login_at"));
        let short =
            |canon: &str| self.text(acc, canon).map(|text| text.chars().take(200).collect::<String>().into());
        let schedule = acc.part == Part::Schedule;
        let mut given_by = |canon: &str, read: fn(&Cell<'_>) -> Option<Names>| {
            let cell = self.role(acc, canon).filter(|cell| schedule && !cell.is_empty())?;
            let names = read(cell);
            if names.is_none() {
                let at = acc.roles.get(canon).and_then(|at| acc.fields.get(at));
                let field = at.map_or(canon, |field| field.name.as_str());
                opening::unread(&mut world.findings, (self.at.file, &acc.name), field, 1);
            }
            names
        };
        let hours = given_by("hours", opening::hours).unwrap_or_default();
        let holidays = given_by("holidays", opening::holidays);
        let object = Object {
            name,
            id: Some(id),
            inactive: active == Some(false) || yes("suspended") == Some(true),
            last_used: used.map(Instant::utc_date),
            used: None,
            role: role.filter(|_| person).map(Into::into),
            groups: Names::default(),
            ty: self.option(acc, "type"),
            address: if matches!(acc.part, Part::Channel | Part::Queue) { short("email") } else { None },
            time_zone: if schedule { short("time_zone") } else { None },
            hours,
            holidays,
            answers: self.answers(acc),
            uses: Names::default(),
        };
        acc.objects.push((number, object));
    }

    /// Whether the actions of a rule name somebody who asks, in the product's own words. That they name nobody says little: a bot answers
    /// without any.
    fn answers(&self, acc: &KindAcc<'_>) -> Option<bool> {
        let words = &acc.kind.answers;
        if words.is_empty() {
            return None;
        }
        let actions = self.role(acc, "actions")?;
        let text = match actions {
            Cell::List(text) | Cell::Object(text) => text,
            other => other.plain()?,
        };
        let word = |c: char| c.is_alphanumeric() || c == '_';
        text.split(|c| !word(c)).any(|found| words.contains(found)).then_some(true)
    }

    /// The role of a person, by option; a flag that says "agent" counts as one.
    fn role_of(&self, acc: &KindAcc<'_>) -> Option<String> {
        for canon in ["role", "roles", "agent_type"] {
            let Some(at) = acc.roles.get(canon) else { continue };
            let (Some(field), Some(cell)) = (acc.fields.get(at), self.cells.get(at)) else { continue };
            if field.shape == Shape::Bool {
                if field.boolean(cell, self.at.encoding) == Some(true) {
                    return Some("agent".to_owned());
                }
                continue;
            }
            let names: Vec<String> = value::items(cell, self.at.encoding)
                .iter()
                .filter_map(Cell::plain)
                .map(|text| field.option_of(text).to_owned())
                .collect();
            // Somebody with several roles is an agent when one of them is that of an agent.
            if let Some(name) = names.iter().find(|name| is_agent_role(name)).or(names.first()) {
                return Some(name.clone());
            }
        }
        None
    }
}

/// Kinds whose objects are listed one by one: configuration and people.
fn is_listed(part: Part) -> bool {
    matches!(
        part,
        Part::User
            | Part::Agent
            | Part::Group
            | Part::Queue
            | Part::Role
            | Part::CustomField
            | Part::Form
            | Part::Status
            | Part::Priority
            | Part::Brand
            | Part::Macro
            | Part::Automation
            | Part::Template
            | Part::View
            | Part::Report
            | Part::SlaPolicy
            | Part::Schedule
            | Part::Channel
            | Part::Integration
    )
}

/// Whether a role is that of somebody who answers. Products call those who ask by few words.
fn is_agent_role(role: &str) -> bool {
    let plain: String = role.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    !matches!(
        plain.as_str(),
        "" | "enduser"
            | "customer"
            | "customers"
            | "requester"
            | "contact"
            | "client"
            | "user"
            | "visitor"
            | "lead"
            | "unprivileged"
    )
}
