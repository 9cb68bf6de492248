//! Link stages: references that could not be written with their records, and values that have to come after other records.

use cutover_connect::Answer;
use cutover_plan::model::Stage;
use rusqlite::params;

use crate::calls::repeating;
use crate::context::Context;
use crate::desk::Desk;
use crate::journal::{Counts, Rejected};
use crate::prepare::Link;
use crate::problem::Problem;

/// Links of one transaction.
const BATCH: i64 = 500;

/// A reference that waits.
struct Waiting {
    seq: i64,
    kind: String,
    key: String,
    target: String,
    link: Link,
}

/// Sets the references of one field of one kind. It goes on behind what the journal says is done.
pub(crate) fn link(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    kind: &str,
    field: &str,
) -> Result<String, Problem> {
    loop {
        let waiting = waiting(ctx, kind, field)?;
        if waiting.is_empty() {
            return Ok(String::new());
        }
        ctx.points.pass("batch-begun", &ctx.clock);
        if desk.together {
            ctx.journal.together(|| set(ctx, desk, stage.id.as_str(), kind, field, &waiting))?;
        } else {
            // Setting a reference twice changes nothing, so it needs no intent.
            set(ctx, desk, stage.id.as_str(), kind, field, &waiting)?;
        }
        ctx.points.pass("batch-kept", &ctx.clock);
    }
}

fn waiting(ctx: &Context<'_>, kind: &str, field: &str) -> Result<Vec<Waiting>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT link.seq, record.kind, record.key, record.target, link.reference FROM link JOIN record ON record.seq = link.record
         WHERE link.state = 'waiting' AND link.field = ?1 AND record.into_kind = ?2 AND record.state = 'done'
         ORDER BY link.seq LIMIT ?3",
    )?;
    let mut rows = get.query(params![field, kind, BATCH])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let link: String = row.get(4)?;
        let link = serde_json::from_str(&link)
            .map_err(|error| Problem::new(format!("the journal is damaged: {error}")))?;
        all.push(Waiting {
            seq: row.get(0)?,
            kind: row.get(1)?,
            key: row.get(2)?,
            target: row.get(3)?,
            link,
        });
    }
    Ok(all)
}

fn set(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &str,
    kind: &str,
    field: &str,
    waiting: &[Waiting],
) -> Result<(), Problem> {
    for one in waiting {
        let mut ids = Vec::new();
        let mut missing = 0;
        for key in &one.link.keys {
            match ctx.known.target(ctx.journal, ctx.work, &one.link.of, &one.link.into, key)? {
                Some(id) => ids.push(serde_json::Value::from(id).to_string()),
                None => missing += 1,
            }
        }
        let mut counts = Counts { read: 1, ..Counts::default() };
        let mut state = "done";
        let reject = |code: &str, why: String| Rejected {
            stage: stage.to_owned(),
            kind: one.kind.clone(),
            key: one.key.clone(),
            field: field.to_owned(),
            code: code.to_owned(),
            why,
            ..Rejected::default()
        };
        if one.link.value.is_none() && (missing > 0 || ids.is_empty()) {
            counts.rejected = 1;
            state = "rejected";
            let why = format!("it leads to a {} that did not go over", one.link.of.join(" or "));
            ctx.journal.reject(&reject("dangling-reference", why))?;
        } else {
            let value = match &one.link.value {
                Some(value) => value.to_string(),
                None if one.link.list => format!("[{}]", ids.join(",")),
                None => ids.concat(),
            };
            let fields = format!("{{{}:{value}}}", serde_json::Value::from(field));
            match call(ctx, desk, kind, &one.target, &fields)? {
                Answer::Done { .. } | Answer::Known { .. } => counts.written = 1,
                Answer::Refused { code, why, .. } => {
                    counts.rejected = 1;
                    state = "rejected";
                    ctx.journal.reject(&reject(&format!("target-{code}"), why))?;
                }
                Answer::Unknown { why } => return Err(Problem::later(why)),
                Answer::Untried => return Err(Problem::new("the target left a change untried")),
            }
        }
        ctx.journal
            .db
            .prepare_cached("UPDATE link SET state = ?2 WHERE seq = ?1")?
            .execute(params![one.seq, state])?;
        ctx.journal.count(stage, &one.kind, &counts)?;
    }
    Ok(())
}

/// Sets a field until there is an answer: to set it again changes nothing.
fn call(ctx: &Context<'_>, desk: &mut Desk, kind: &str, id: &str, fields: &str) -> Result<Answer, Problem> {
    repeating(ctx, || desk.connector().set(kind, id, fields))?
        .map_err(|_| Problem::later("the target does not answer"))
}
