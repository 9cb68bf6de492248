//! The window: what is done in the night fits into it, and what is loaded ahead is over when it begins.

mod ahead;

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_plan::model::{Content, LoadMode, Operation, Placement, Stage, StageKind};
use cutover_plan::schedule::Schedule;
use cutover_plan::text::numbers::{number, span};
use cutover_plan::text::words::plural;

use crate::Facts;

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(window) = &facts.plan.migration.window else { return };
    let Ok(length) = u64::try_from(window.end.seconds().saturating_sub(window.start.seconds())) else {
        return;
    };
    let night = Night { facts, schedule: facts.schedule };
    unknown(&night, out);
    out.extend(too_long(&night, length));
    out.extend(downtime(&night));
    ahead::check(facts, window, out);
}

/// The night as it is estimated.
struct Night<'a> {
    facts: &'a Facts<'a>,
    schedule: &'a Schedule,
}

impl Night<'_> {
    fn stage(&self, id: &Id) -> Option<&Stage> {
        self.facts.stage(id)
    }

    fn seconds(&self, id: &Id) -> u64 {
        self.schedule.times.get(id).map_or(0, |times| times.end.saturating_sub(times.start))
    }

    /// Where a stage is asked for: the wave or the night, rather than the map that it follows.
    fn place(&self, stage: &Stage) -> Option<Span> {
        place(self.facts, stage)
    }

    /// How much of the chain that decides is work on records, in seconds.
    fn records(&self) -> u64 {
        let counted = self.schedule.critical_path.iter().filter_map(|id| self.stage(id)?.estimate.as_deref());
        let variable = counted.filter(|estimate| estimate.count > 0);
        variable.map(|estimate| estimate.seconds.saturating_sub(estimate.fixed)).fold(0, u64::saturating_add)
    }

    /// The longest stage of the chain that decides how long it takes.
    fn dominant(&self) -> Option<&Stage> {
        let longest = self.schedule.critical_path.iter().max_by_key(|id| self.seconds(id))?;
        self.stage(longest)
    }

    /// The chain that decides how long it takes, in words.
    fn path(&self) -> String {
        let steps = self
            .schedule
            .critical_path
            .iter()
            .filter_map(|id| Some(format!("“{}” ({})", self.stage(id)?.title, span(self.seconds(id)))));
        let steps: Vec<String> = steps.collect();
        if steps.len() <= PATH {
            return steps.join(", ");
        }
        let (head, tail) = (PATH / 2, steps.len() - PATH / 2);
        let kept = |range: &[String]| range.join(", ");
        format!(
            "{}, and {} more, {}",
            kept(steps.get(..head).unwrap_or_default()),
            tail - head,
            kept(steps.get(tail..).unwrap_or_default())
        )
    }
}

/// Steps that a finding shows of a chain.
const PATH: usize = 10;

fn place(facts: &Facts<'_>, stage: &Stage) -> Option<Span> {
    let prefers = ["wave", "go_live"];
    let preferred = stage.items.iter().find(|item| prefers.contains(&item.0.kind()));
    preferred.or(stage.items.first()).and_then(|item| facts.place(&item.0))
}

fn window_place(facts: &Facts<'_>) -> Option<Span> {
    facts.place(&Id::new(["migration", "window"])).or_else(|| facts.places.first())
}

fn too_long(night: &Night<'_>, length: u64) -> Option<Diagnostic> {
    let needed = night.schedule.needed;
    if needed <= length {
        return None;
    }
    let finding = Diagnostic::error("window/too-long", "what is done in the window does not fit into it")
        .primary(
            window_place(night.facts)?,
            format!("the night needs {}, the window is {}", span(needed), span(length)),
        );
    let finding = explained(night, finding, needed - length);
    Some(finding.help(format!("or make the window at least {} long", span(needed))))
}

fn downtime(night: &Night<'_>) -> Option<Diagnostic> {
    let allowed = night.facts.plan.migration.downtime?.nominal_seconds();
    let needed = night.schedule.downtime;
    if needed <= allowed {
        return None;
    }
    let at = night.facts.place(&Id::new(["migration", "downtime"])).or_else(|| window_place(night.facts))?;
    let finding = Diagnostic::error("window/downtime", "customers wait longer than they may").primary(
        at,
        format!(
            "they wait for {} from the first message that is held, {} are allowed",
            span(needed),
            span(allowed)
        ),
    );
    let finding = explained(night, finding, needed - allowed);
    Some(finding.help(format!("or let customers wait for at least {}", span(needed))))
}

/// What dominates, the path, and what would fit.
fn explained(night: &Night<'_>, finding: Diagnostic, over: u64) -> Diagnostic {
    let mut finding = finding;
    if let Some(stage) = night.dominant() {
        let seconds = night.seconds(&stage.id);
        if let Some(place) = night.place(stage) {
            finding = finding.secondary(place, format!("most of it is “{}”: {}", stage.title, span(seconds)));
        }
        finding = finding.note(format!("one after the other: {}", night.path()));
        finding = ways(night, stage, over).into_iter().fold(finding, Diagnostic::help);
    }
    finding
}

/// What would make it fit, from what costs least.
fn ways(night: &Night<'_>, dominant: &Stage, over: u64) -> Vec<String> {
    let mut ways = Vec::new();
    let paced = night.facts.plan.migration.pace.iter().find(|pace| pace.system == "target");
    if let Some(pace) = paced.filter(|pace| pace.until.is_none()) {
        ways.push(format!(
            "nobody works in the new desk yet: leave out `pace target at most {}%` for this night, or end it with `until window`",
            pace.percent
        ));
    }
    let kind = match &dominant.operation {
        Operation::Load { source, .. } => Some(source.as_str()),
        Operation::Verify { wave, .. } => wave.as_ref().and_then(|wave| match night.facts.content(&wave.0) {
            Some(Content::Wave(wave)) => Some(wave.kind.as_str()),
            _ => None,
        }),
        _ => None,
    };
    let estimate = dominant.estimate.as_deref().filter(|estimate| estimate.count > 0);
    let variable = estimate.map_or(0, |estimate| estimate.seconds.saturating_sub(estimate.fixed));
    if let (Some(estimate), true) = (estimate, variable > over) {
        let fits = u128::from(estimate.count) * u128::from(variable - over) / u128::from(variable.max(1));
        let fits = u64::try_from(fits).unwrap_or(u64::MAX);
        let what = kind.map_or_else(|| "records".to_owned(), plural);
        ways.push(format!(
            "it would fit with at most {} of the {} {what} in the window: load the others ahead, in a wave with `before window`",
            number(fits),
            number(estimate.count)
        ));
    } else if night.records() > over {
        ways.push("load a part ahead, in a wave with `before window`".to_owned());
    } else {
        let people = span(night.schedule.needed.saturating_sub(night.records()));
        ways.push(format!("fewer records do not help: {people} of it are what people and mail servers take"));
        return ways;
    }
    if loads_everything(night.facts) {
        ways.push(
            "what changes meanwhile is then loaded in the window: `load changed tickets replacing`"
                .to_owned(),
        );
    }
    if let Some(estimate) = estimate {
        let from = estimate.facts.iter().find(|fact| fact.contains("/rates/"));
        let jobs = estimate.facts.iter().any(|fact| fact.ends_with("/limits/jobs"));
        ways.push(match from.filter(|_| !jobs) {
            None if jobs => format!(
                "or measure in the rehearsal how long {} takes for a list of {}: how many it works on at once is its limit",
                night.facts.world.target().map_or("the new desk", |target| target.product()),
                number(estimate.batch)
            ),
            Some(fact) => format!(
                "or ask for more calls than {} in {}, which is what `{fact}` allows",
                number(estimate.rate.calls),
                span(estimate.rate.seconds)
            ),
            None => format!(
                "no limit of calls is documented, and {} in {} are taken: measure it in the rehearsal and state it in a catalog of your own",
                number(estimate.rate.calls),
                span(estimate.rate.seconds)
            ),
        });
    }
    ways
}

fn loads_everything(facts: &Facts<'_>) -> bool {
    facts.items().any(|(_, item)| match &item.content {
        Content::GoLive(night) => night.load.kind.is_none() && night.load.mode == LoadMode::Create,
        _ => false,
    })
}

/// Parts of a desk of which there are so many that they decide how long a load takes.
const MANY: [Part; 5] = [Part::Ticket, Part::Comment, Part::Attachment, Part::Transcript, Part::User];

/// Records that move in the night and that nobody has counted: then no number about the night means anything.
fn unknown(night: &Night<'_>, out: &mut Vec<Diagnostic>) {
    let facts = night.facts;
    let Some(source) = facts.world.source() else { return };
    // Without an inventory nothing is known, and everything is a guess that nobody takes for a promise.
    if source.inventory.is_none() || source.tickets().is_some_and(|tickets| tickets.count().is_none()) {
        return;
    }
    let uncounted = facts.plan.stages.iter().filter(|stage| {
        stage.placement == Placement::In && stage.kind == StageKind::Automatic && stage.estimate.is_none()
    });
    let mut kinds: Vec<&str> = uncounted
        .filter_map(|stage| match &stage.operation {
            Operation::Load { source: kind, .. } => source
                .kind(kind)
                .filter(|k| k.count().is_none() && MANY.contains(&k.kind.part))
                .map(|k| k.name),
            _ => None,
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        return;
    }
    let Some(at) = window_place(facts) else { return };
    let names: Vec<String> = kinds.iter().map(|kind| plural(kind)).collect();
    out.push(
        Diagnostic::remark("window/unknown", "nobody knows how long the night takes")
            .primary(at, format!("the inventory does not count {}", names.join(", ")))
            .help("take the inventory again from an export that holds them: `cutover inventory scan`"),
    );
}
