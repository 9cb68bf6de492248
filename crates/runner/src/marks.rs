//! Records that an earlier run brought with another journal: they would be taken for this one's, and never compared with what was sent.

use crate::calls::{Called, calling};
use crate::context::Context;
use crate::desk::Desk;
use crate::flow::Load;
use crate::problem::Problem;
use crate::takeover::in_doubt;

/// Records of a stage that are looked for before it begins.
const LOOKED_FOR: usize = 20;

/// Refuses a desk that has records of this migration of which this journal knows nothing.
pub(crate) fn strangers(ctx: &Context<'_>, desk: &mut Desk, stage: &str, load: &Load) -> Result<(), Problem> {
    let kind = load.map.source.as_str();
    // Whoever took a run over looks for each record anyway.
    if desk.abilities.finding == cutover_connect::Finding::Never
        || ctx.journal.stage(stage)?.cursor > 0
        || !ctx.work.has(kind)?
        || in_doubt(ctx, stage)?
    {
        return Ok(());
    }
    let mut page = Vec::new();
    ctx.work.page(kind, 0, LOOKED_FOR, &mut page)?;
    for record in page {
        if ctx.journal.record(kind, &record.key, &load.map.target)?.is_some() {
            continue;
        }
        let mark = format!("{kind}:{}", record.key);
        let found = match calling(ctx, || desk.connector().find(&load.map.target, &mark))? {
            Called::Answered(found) => found,
            Called::Doubt(_) => continue,
        };
        if let Some(id) = found.first() {
            return Err(Problem::new(format!(
                "the new desk has {kind} {} already, as {} {id}, and this journal does not know it: an earlier run brought it",
                record.key, load.map.target
            ))
            .help("name the journal of that run in the environment file; or take back with it what it brought"));
        }
    }
    Ok(())
}
