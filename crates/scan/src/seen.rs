//! What the scan itself understands of a record: times, states, tickets, comments, memberships, definitions.

use std::io::Result;

use cutover_catalog::inventory::{Told, UnfinishedTicket};
use cutover_catalog::{Shape, Table};
use cutover_ir::predicate::StatusClass;
use cutover_ir::time::Instant;
use cutover_records::Cell;

use crate::field::table;
use crate::finding::Severity;
use crate::key;
use crate::kind::{KindAcc, STATES};
use crate::states::{self, Stage};
use crate::unfinished::Event;
use crate::value;
use crate::world::{At, MEMBERSHIPS, World};

/// A record with its values by field.
pub(crate) struct Seen<'a> {
    pub(crate) cells: &'a [Cell<'a>],
    pub(crate) key: Option<&'a str>,
    pub(crate) at: At<'a>,
}

impl Seen<'_> {
    pub(crate) fn role(&self, acc: &KindAcc<'_>, canon: &str) -> Option<&Cell<'_>> {
        acc.roles.get(canon).and_then(|at| self.cells.get(at)).filter(|cell| !cell.is_empty())
    }

    pub(crate) fn text(&self, acc: &KindAcc<'_>, canon: &str) -> Option<&str> {
        self.role(acc, canon).and_then(Cell::plain)
    }

    pub(crate) fn instant(&self, acc: &KindAcc<'_>, canon: &str) -> Option<Instant> {
        self.role(acc, canon).and_then(|cell| value::instant(cell, self.at.encoding))
    }

    /// A moment, or that there is none: where the record has the field, and nothing in it.
    pub(crate) fn told(&self, acc: &KindAcc<'_>, canon: &str) -> Told {
        match acc.roles.get(canon).and_then(|at| self.cells.get(at)) {
            None | Some(Cell::Missing) => Told::Unknown,
            Some(cell) if cell.is_empty() => Told::Never,
            Some(cell) => value::instant(cell, self.at.encoding).map_or(Told::Unknown, Told::At),
        }
    }

    /// When the record was made, changed and used. Times that lie ahead, such as due dates, are not among them.
    pub(crate) fn times(&self, world: &mut World<'_>, acc: &mut KindAcc<'_>) {
        for canon in ["created_at", "updated_at", "solved_at", "closed_at", "last_used_at", "last_login_at"] {
            if let Some(instant) = self.instant(acc, canon) {
                acc.touched(instant);
                world.newest = Some(world.newest.map_or(instant, |newest| newest.max(instant)));
            }
        }
    }

    pub(crate) fn status(&self, acc: &mut KindAcc<'_>) -> Option<String> {
        let at = acc.roles.status?;
        let text = self.cells.get(at)?.plain()?;
        let name = acc.fields.get(at)?.option_of(text).to_owned();
        acc.count_state(&name);
        Some(name)
    }

    pub(crate) fn ticket(
        &self,
        world: &mut World<'_>,
        acc: &KindAcc<'_>,
        status: Option<&str>,
    ) -> Result<()> {
        let (Some(status), Some(key)) = (status, self.key) else { return Ok(()) };
        // Of a state that nobody has classed yet, it is not known that the work is done.
        let unfinished = match acc.state(status) {
            Some(state) => state.class == StatusClass::Unfinished,
            None => !value::is_private(status),
        };
        if !unfinished {
            return Ok(());
        }
        let Some(created_at) = self.instant(acc, "created_at") else {
            world.findings.plain(
                Severity::Warning,
                "scan/no-creation",
                (self.at.file, &acc.name),
                format!("unfinished objects of {} have no time of creation and are not in the table of unfinished ones", acc.name),
                "Export the column that says when they were made.",
                1,
            );
            return Ok(());
        };
        let ticket = UnfinishedTicket {
            ticket: world.gathering.pseudonym(&acc.name, key).into(),
            created_at,
            updated_at: self.instant(acc, "updated_at"),
            status: status.into(),
            priority: self.option(acc, "priority"),
            group: self.named(world, acc, "group").or_else(|| self.named(world, acc, "queue")),
            first_response_at: self.instant(acc, "first_response_at"),
            last_customer_at: Told::Unknown,
            last_agent_at: Told::Unknown,
            due_at: self.told(acc, "due_at").or(self.told(acc, "sla_due_at")),
            first_response_due_at: self.told(acc, "first_response_due_at"),
            sla: self.named(world, acc, "sla").or_else(|| self.option(acc, "sla")),
            policy_since: None,
            fields: self.choices(acc),
            states: Vec::new(),
        };
        world.gathering.ticket(key, &ticket)?;
        // Where the first message stands in the ticket itself, the customer wrote it, unless somebody else made the ticket.
        let requester = self.text(acc, "requester");
        let own = self.text(acc, "submitter").is_none_or(|submitter| Some(submitter) == requester);
        // Where it is a column of the first comment, the comments tell.
        let field = acc.roles.get("description").and_then(|at| acc.fields.get(at));
        let wrote = own
            && field.is_some_and(|field| !field.name.contains('.'))
            && self.text(acc, "description").is_some();
        if wrote && !requester.is_some_and(|person| world.agents.contains(&key::number(person))) {
            return world.gathering.event(&acc.name, key, created_at, Event::Customer);
        }
        Ok(())
    }

    /// A declared option, or a number.
    pub(crate) fn option(&self, acc: &KindAcc<'_>, canon: &str) -> Option<Box<str>> {
        let at = acc.roles.get(canon)?;
        let (field, text) = (acc.fields.get(at)?, self.cells.get(at)?.plain()?);
        let name = field.option_of(text);
        let number = matches!(field.shape, Shape::Int { .. }) && text.parse::<i64>().is_ok();
        (field.declares(name) || number).then(|| name.into())
    }

    /// The name of what a reference points to.
    pub(crate) fn named(&self, world: &World<'_>, acc: &KindAcc<'_>, canon: &str) -> Option<Box<str>> {
        let at = acc.roles.get(canon)?;
        let (field, text) = (acc.fields.get(at)?, self.cells.get(at)?.plain()?);
        let number = key::number(text);
        field
            .target_positions
            .iter()
            .chain(&field.named_positions)
            .find_map(|kind| world.names.get(&(*kind, number)))
            .map(|name| name.as_str().into())
    }

    /// Declared options and answers to yes-or-no questions, by field.
    pub(crate) fn choices(&self, acc: &KindAcc<'_>) -> Table<Box<str>> {
        let taken = [acc.roles.status, acc.roles.get("priority")];
        let mut rows = Vec::new();
        for (at, (field, cell)) in acc.fields.iter().zip(self.cells).enumerate() {
            if taken.contains(&Some(at)) {
                continue;
            }
            match field.shape {
                Shape::Choice => {
                    if let Some(name) =
                        cell.plain().map(|text| field.option_of(text)).filter(|name| field.declares(name))
                    {
                        rows.push((field.name.clone(), name.into()));
                    }
                }
                Shape::Bool => {
                    if let Some(answer) = field.boolean(cell, self.at.encoding) {
                        rows.push((field.name.clone(), if answer { "true".into() } else { "false".into() }));
                    }
                }
                _ => {}
            }
        }
        table(rows)
    }

    pub(crate) fn comment(&self, world: &mut World<'_>, acc: &KindAcc<'_>) -> Result<()> {
        let (Some(ticket), Some(created)) = (self.text(acc, "ticket"), self.instant(acc, "created_at"))
        else {
            return Ok(());
        };
        let Some(author) = self.text(acc, "author") else { return Ok(()) };
        if world.agents.is_empty() {
            return Ok(());
        }
        world.gathering.messages = true;
        if self.is_internal(acc) {
            return Ok(());
        }
        let agent = world.agents.contains(&key::number(author));
        let event = if agent { Event::Agent } else { Event::Customer };
        let kind = world.ticket_kind.clone();
        world.gathering.event(&kind, ticket, created, event)
    }

    pub(crate) fn is_internal(&self, acc: &KindAcc<'_>) -> bool {
        let Some(internal) = &acc.roles.internal else { return false };
        let Some(cell) = self.cells.get(internal.field) else { return false };
        let Some(field) = acc.fields.get(internal.field) else { return false };
        let answer = field.boolean(cell, self.at.encoding);
        match (&internal.when, answer) {
            (Some(when), Some(answer)) => when == if answer { "true" } else { "false" },
            (Some(when), None) => cell.plain().is_some_and(|text| field.option_of(text) == when),
            (None, answer) => answer == Some(true),
        }
    }

    pub(crate) fn history(&self, world: &mut World<'_>, kinds: &[KindAcc<'_>], at: usize) -> Result<()> {
        let (Some(acc), Some(tickets)) = (kinds.get(at), world.tickets.and_then(|at| kinds.get(at))) else {
            return Ok(());
        };
        let (Some(states), Some(field)) = (&tickets.kind.states, self.text(acc, "field")) else {
            return Ok(());
        };
        if self.is_level(acc, tickets, field) {
            let (ticket, when) = (self.text(acc, "ticket"), self.instant(acc, "created_at"));
            return match ticket.zip(when) {
                Some((ticket, when)) => world.gathering.event(&tickets.name, ticket, when, Event::Level),
                None => Ok(()),
            };
        }
        let api = tickets.kind.fields.get(&states.field).and_then(|field| field.api.as_deref());
        if field != &*states.field && Some(field) != api && !field.eq_ignore_ascii_case("status") {
            return Ok(());
        }
        let (Some(ticket), Some(new)) = (self.text(acc, "ticket"), self.text(acc, "new")) else {
            return Ok(());
        };
        let Some(when) = self.instant(acc, "created_at") else { return Ok(()) };
        let status = tickets.roles.status.and_then(|at| tickets.fields.get(at));
        let name = status.map_or(new, |status| status.option_of(new));
        if tickets.state(name).is_none() {
            return Ok(());
        }
        world.gathering.event(&tickets.name, ticket, when, Event::State(name))
    }

    /// Whether a change is one of the ticket's level of service, from one that it had to another.
    fn is_level(&self, acc: &KindAcc<'_>, tickets: &KindAcc<'_>, field: &str) -> bool {
        let Some(level) = tickets.roles.get("sla").and_then(|at| tickets.fields.get(at)) else {
            return false;
        };
        let api = tickets.kind.fields.get(&level.name).and_then(|field| field.api.as_deref());
        (field == level.name || Some(field) == api)
            && self.text(acc, "old").is_some_and(|old| !old.is_empty() && Some(old) != self.text(acc, "new"))
    }

    /// States that the account's configuration names by stage.
    pub(crate) fn states(&self, kinds: &mut [KindAcc<'_>], at: usize, tickets: Option<usize>) {
        let Some(acc) = kinds.get(at) else { return };
        let mut found = Vec::new();
        for (canon, stage) in [
            ("initial", Stage::Initial),
            ("active_states", Stage::Active),
            ("inactive_states", Stage::Inactive),
        ] {
            for name in
                self.role(acc, canon).map(|cell| value::items(cell, self.at.encoding)).unwrap_or_default()
            {
                found.extend(name.plain().map(|name| (name.to_owned(), stage)));
            }
        }
        let Some(tickets) = tickets.and_then(|at| kinds.get_mut(at)) else { return };
        for (name, stage) in found {
            if tickets.added_states.len() < STATES && tickets.state(&name).is_none() {
                tickets.added_states.insert(name.clone(), states::of_stage(&name, stage));
            }
        }
    }

    pub(crate) fn membership(&self, world: &mut World<'_>, acc: &KindAcc<'_>) {
        if let (Some(user), Some(group)) = (self.text(acc, "user"), self.text(acc, "group"))
            && world.memberships.len() < MEMBERSHIPS
        {
            world.memberships.push((key::number(user), key::number(group)));
        }
    }

    pub(crate) fn definition(&self, world: &mut World<'_>, kinds: &[KindAcc<'_>], at: usize) {
        let (Some(acc), Some(key)) = (kinds.get(at), self.key) else { return };
        let options = self.role(acc, "options");
        let found = crate::custom::Found {
            key,
            names: [self.text(acc, "key"), self.text(acc, "name")],
            ty: self.text(acc, "type"),
            kind: acc
                .roles
                .get("kind")
                .and_then(|at| acc.fields.get(at))
                .zip(self.text(acc, "kind"))
                .map(|(f, t)| f.option_of(t)),
            options: options.map(|cell| value::items(cell, self.at.encoding)).unwrap_or_default(),
        };
        world.definitions.add(
            world.catalog,
            world.tickets.and_then(|at| kinds.get(at)).map(|acc| acc.name.as_str()),
            &found,
        );
    }
}
