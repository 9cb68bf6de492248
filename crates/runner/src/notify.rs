//! Telling people: a command or a webhook that the environment names gets one JSON object for each thing that somebody has to know.
//!
//! It holds ids, counts, titles of the plan and who is meant; never a secret, and no text of a record. What people write in their own words
//! stays in the journal. When a notice does not arrive, that is shown and noted, and the run goes on.

use std::time::Duration;

use cutover_connect::{Secret, post_notice};
use serde_json::json;

use crate::called::{Left, program};
use crate::context::{Context, Event};
use crate::environment::Notify;
use crate::problem::Problem;
use crate::status::local;

/// Longest time that a notice may take.
const LONGEST: Duration = Duration::from_secs(10);

/// What somebody has to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct About<'a> {
    /// `trigger-fired`, `trigger-unanswered`, `waits`, `failed`, `alert`, `complete`.
    pub(crate) what: &'a str,
    /// The stage; empty when it is about none.
    pub(crate) stage: &'a str,
    /// The item of the plan; empty when it is about none.
    pub(crate) item: &'a str,
    /// In words.
    pub(crate) text: &'a str,
    /// By when an answer is needed.
    pub(crate) answer_by: Option<String>,
}

/// Tells people, by identifier, when the environment says how.
pub(crate) fn tell(ctx: &Context<'_>, about: About<'_>, to: &[String]) -> Result<(), Problem> {
    let Some(notify) = &ctx.environment.notify else { return Ok(()) };
    let people: Vec<serde_json::Value> = to
        .iter()
        .enumerate()
        .map(|(at, who)| {
            let person = ctx.plan.people.get(who);
            json!({
                "id": who,
                "name": person.map_or("", |person| person.name.as_str()),
                "contact": person.and_then(|person| person.contact.as_deref()),
                "first": at == 0,
            })
        })
        .collect();
    let body = json!({
        "format": "1",
        "event": about.what,
        "at": local(ctx.plan, ctx.clock.now()),
        "migration": ctx.plan.migration.title,
        "account": ctx.journal.value("account")?.unwrap_or_default(),
        "plan": ctx.plan.digest,
        "stage": about.stage,
        "item": about.item,
        "text": about.text,
        "answer_by": about.answer_by,
        "to": people,
    })
    .to_string();
    let result = send(ctx, notify, &body);
    let subject = if about.item.is_empty() { about.stage } else { about.item };
    let names = to.join(", ");
    let now = ctx.clock.now();
    match &result {
        Ok(()) => ctx.journal.event(now, "told", &names, subject, about.what)?,
        Err(why) => ctx.journal.event(now, "not-told", &names, subject, &format!("{}: {why}", about.what))?,
    }
    (ctx.tell)(&Event::Told { to: names, what: about.what.to_owned(), problem: result.err() });
    Ok(())
}

/// As [`tell`], once for each thing: a wait is no news when the run is called again.
pub(crate) fn tell_once(
    ctx: &Context<'_>,
    name: &str,
    about: About<'_>,
    to: &[String],
) -> Result<(), Problem> {
    if !is_news(ctx, name, to)? {
        return Ok(());
    }
    tell(ctx, about, to)?;
    known(ctx, name, to)
}

/// Whether people have not been told of something yet, and can be.
pub(crate) fn is_news(ctx: &Context<'_>, name: &str, to: &[String]) -> Result<bool, Problem> {
    Ok(ctx.environment.notify.is_some()
        && ctx.journal.value(&format!("told {name}"))?.as_deref() != Some(&to.join(",")))
}

/// Notes that people were told of something.
pub(crate) fn known(ctx: &Context<'_>, name: &str, to: &[String]) -> Result<(), Problem> {
    ctx.journal.set_value(&format!("told {name}"), &to.join(","))
}

fn send(ctx: &Context<'_>, notify: &Notify, body: &str) -> Result<(), String> {
    if !notify.command.is_empty() {
        command(ctx, &notify.command, body)?;
    }
    let address = match (&notify.webhook, &notify.webhook_from) {
        (Some(address), _) => Some(address.clone()),
        (None, Some(variable)) => {
            let set = std::env::var(variable).ok().filter(|address| !address.is_empty());
            Some(set.ok_or_else(|| format!("the environment variable {variable} holds no address"))?)
        }
        (None, None) => None,
    };
    let Some(address) = address else { return Ok(()) };
    let token = match &notify.token {
        Some(variable) => Some(Secret::from_env(variable).map_err(|fault| fault.why)?),
        None => None,
    };
    post_notice(&address, token.as_ref(), body, LONGEST).map_err(|fault| fault.why)
}

fn command(ctx: &Context<'_>, command: &[String], body: &str) -> Result<(), String> {
    let name = command.first().map_or("", String::as_str);
    match program(ctx.environment, command, format!("{body}\n").as_bytes(), &[], LONGEST)? {
        Left::Code(0) => Ok(()),
        Left::Code(code) => Err(format!("`{name}` ended with {code}")),
        Left::Signal => Err(format!("`{name}` ended with a signal")),
        Left::Late => Err(format!("`{name}` was not done within {} s", LONGEST.as_secs())),
    }
}
