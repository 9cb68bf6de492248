//! Telling people: a command or a webhook that the environment names gets one JSON object for each thing that somebody has to know.
//!
//! It holds ids, counts, titles of the plan and who is meant; never a secret, and no text of a record. What people write in their own words
//! stays in the journal. When a notice does not arrive, that is shown and noted, and the run goes on.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cutover_connect::{Secret, post_notice};
use serde_json::json;

use crate::context::{Context, Event};
use crate::environment::Notify;
use crate::problem::Problem;
use crate::status::local;

/// Longest time that a notice may take.
const LONGEST: Duration = Duration::from_secs(10);
/// Variables that a command gets; all others could hold secrets.
const GIVEN: [&str; 7] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT"];

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
    let Some((program, arguments)) = command.split_first() else { return Ok(()) };
    // A program with a slash is a file beside the environment.
    let path = if program.contains('/') {
        let path = ctx.environment.path(program.as_ref());
        std::path::absolute(&path).unwrap_or(path)
    } else {
        program.into()
    };
    let mut call = Command::new(&path);
    call.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    for name in GIVEN {
        if let Some(value) = std::env::var_os(name) {
            call.env(name, value);
        }
    }
    let mut child = call.spawn().map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        // A command that does not read is no failure; one that ends badly is.
        let _ = input.write_all(body.as_bytes()).and_then(|()| input.write_all(b"\n"));
    }
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                let code = status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string());
                return Err(format!("`{program}` ended with {code}"));
            }
            Ok(None) if began.elapsed() < LONGEST => std::thread::sleep(Duration::from_millis(10)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("`{program}` was not done within {} s", LONGEST.as_secs()));
            }
            Err(error) => return Err(format!("`{program}`: {error}")),
        }
    }
}
