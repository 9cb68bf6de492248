//! Records that go where another record goes: attachments with their ticket.

use cutover_plan::model::{LoadMode, Stage};

use crate::context::Context;
use crate::flow::Load;
use crate::host::RunHost;
use crate::prepare::Mapper;
use crate::problem::Problem;
use crate::work::{Copied, Work};

/// The load stage of the kind with which these records go.
pub(crate) fn root<'p>(ctx: &Context<'p>, load: &Load, stage: &Stage) -> Option<(String, &'p Load)> {
    let wave = |stage: &Stage| match &stage.operation {
        cutover_plan::model::Operation::Load { wave, .. } => wave.clone(),
        _ => None,
    };
    let root = load.with.as_ref()?;
    let of_root = ctx.plan.stages.iter().find_map(|other| {
        let found = ctx.loads.get(other.id.as_str())?;
        (found.map.source == *root && found.mode == LoadMode::Create && wave(other) == wave(stage))
            .then_some(found)
    })?;
    Some((root.clone(), of_root))
}

/// Decides about records that go with another kind: they go where that record goes.
pub(crate) struct Roots<'p> {
    /// The kind of the records.
    kind: String,
    root: Option<(String, Mapper<'p>)>,
    last: Option<(String, bool)>,
}

impl<'p> Roots<'p> {
    pub(crate) fn new(load: &Load, root: Option<&(String, &'p Load)>, host: &'p RunHost<'p>) -> Roots<'p> {
        let root = root.map(|(kind, of_root)| (kind.clone(), Mapper::new(of_root, host)));
        Roots { kind: load.map.source.clone(), root, last: None }
    }

    /// Whether a record stays behind with the one to which it belongs.
    pub(crate) fn stays(&mut self, work: &Work, record: &Copied) -> Result<bool, Problem> {
        let Some((root, mapper)) = &mut self.root else { return Ok(false) };
        let Some((_, mut owner)) = work.by_key(&self.kind, &record.key)? else { return Ok(true) };
        // From an attachment to its comment to its ticket: never further than a few steps.
        for _ in 0..8 {
            let Some((kind, key)) = owner.as_deref().and_then(|owner| owner.split_once(':')) else {
                return Ok(true);
            };
            let found = work.by_key(kind, key)?;
            let Some((copied, next)) = found else { return Ok(true) };
            if kind == root {
                if let Some((known, goes)) = &self.last
                    && *known == copied.key
                {
                    return Ok(!goes);
                }
                let goes = mapper.outcome(&copied, work)? == cutover_transform::Outcome::Written;
                self.last = Some((copied.key, goes));
                return Ok(!goes);
            }
            owner = next;
        }
        Ok(true)
    }
}
