//! The working copy as what maps see beside a record: the requester of a ticket, where the ticket holds only an id.

use std::cell::RefCell;

use cutover_transform::{Other, Others, Worker};

use crate::context::Context;
use crate::flow::MapUse;
use crate::problem::Problem;
use crate::work::Work;

/// Records to which references lead, from the copy.
pub(crate) struct Beside<'w> {
    work: &'w Work,
    failed: RefCell<Option<Problem>>,
}

impl<'w> Beside<'w> {
    /// What comes of asking with the records of the copy at hand, unless the copy could not be read.
    pub(crate) fn with<T>(work: &'w Work, ask: impl FnOnce(&Self) -> T) -> Result<T, Problem> {
        let beside = Beside { work, failed: RefCell::new(None) };
        let found = ask(&beside);
        beside.failed.into_inner().map_or(Ok(found), Err)
    }

    fn find(&self, kind: &str, key: &str) -> Result<Other, Problem> {
        if !self.work.has(kind)? {
            return Ok(Other::Unread);
        }
        // Who became one with somebody else is that one.
        let winner = self.work.alias(kind, key)?;
        let found = self.work.by_key(kind, winner.as_deref().unwrap_or(key))?;
        Ok(found.map_or(Other::Nowhere, |(record, _)| Other::Found(record.text)))
    }
}

impl Others for Beside<'_> {
    fn other(&self, kind: &str, key: &str) -> Other {
        self.find(kind, key).unwrap_or_else(|problem| {
            *self.failed.borrow_mut() = Some(problem);
            Other::Unread
        })
    }
}

/// Kinds that the copy will have.
struct Coming<'k>(&'k dyn Fn(&str) -> bool);

impl Others for Coming<'_> {
    fn other(&self, kind: &str, _key: &str) -> Other {
        if (self.0)(kind) { Other::Nowhere } else { Other::Unread }
    }
}

/// Records in which references are looked for.
const LOOKED: usize = 1_000;

/// Refuses a map that reads what other records say, where the source gives only their ids and not those records. `comes` says which kinds the
/// copy has or will have.
pub(crate) fn only_ids(ctx: &Context<'_>, map: &MapUse, comes: &dyn Fn(&str) -> bool) -> Result<(), Problem> {
    if map.program.others().into_iter().all(comes) {
        return Ok(());
    }
    let mut worker = Worker::new(&map.program, ctx.host);
    let mut page = Vec::new();
    ctx.work.page(&map.source, 0, LOOKED, &mut page)?;
    for record in &page {
        if let Some(unread) = worker.unread(&record.text, &Coming(comes)) {
            let kinds = unread.kinds.join(" or ");
            return Err(Problem::new(format!(
                "`{}` reads `{}`, and the {} of the source hold only an id there: the source gives no {kinds}",
                map.id,
                unread.field,
                cutover_connect::plural(&map.source),
            ))
            .help(format!(
                "export the {kinds} too, and put the file beside the others; where it has a name of its own, say so: `[source.kinds]` and `{} = [\"FILE\"]`",
                unread.kinds.first().map_or("", String::as_str)
            )));
        }
    }
    Ok(())
}
