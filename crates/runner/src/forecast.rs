//! How long a run takes, before it begins, and why: the counts of this export, the calls that they need, the rates that hold.

use std::collections::BTreeMap;

use cutover_connect::{Chunk, Connector, Cursor};
use cutover_plan::model::{Content, Estimate, Operation, Placement, Rate, Stage};
use cutover_plan::text::numbers::{number, span};

use crate::bind;
use crate::context::Clock;
use crate::environment::{Binding, Environment};
use crate::export::is_again;
use crate::gates::is_people;
use crate::journal::{Journal, State};
use crate::problem::Problem;
use crate::session::{Opening, clock};

/// Records in a second where no system is called: files are read and an embedded desk is written as fast as the disk goes. Rather few, so
/// that the forecast is rather too long.
const LOCAL: u64 = 2_000;
/// Records that are read at once while they are counted.
const CHUNK: usize = 5_000;

/// How long a run takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Stages that move records, in their order.
    pub pieces: Vec<Piece>,
    /// Seconds that this program needs, one stage after the other.
    pub seconds: u64,
    /// Seconds of these in the window, with what people and mail servers take there by the plan.
    pub night: u64,
    /// Seconds that people and mail servers take in the window.
    pub people: u64,
    /// Length of the window in seconds.
    pub window: Option<u64>,
}

/// A stage that moves records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The stage.
    pub stage: String,
    /// The kind of the source.
    pub kind: String,
    /// Whether it reads the source.
    pub export: bool,
    /// Records, as far as they can be counted now.
    pub records: u64,
    /// Calls that they need; none where no system is called.
    pub calls: u64,
    /// Seconds.
    pub seconds: u64,
    /// Why it takes that long.
    pub why: String,
}

impl Piece {
    fn add(&mut self, other: Piece) {
        self.records += other.records;
        self.calls += other.calls;
        self.seconds += other.seconds;
    }

    /// In one line.
    fn line(&self) -> String {
        let calls = if self.calls == 0 { String::new() } else { format!(" in {} calls", number(self.calls)) };
        let records = number(self.records);
        format!("{}: {}: {records} {}{calls}, {}", self.stage, span(self.seconds), self.kind, self.why)
    }
}

/// Looks ahead: nothing is written, in no system and no journal.
///
/// # Errors
/// When the source cannot be read.
pub fn forecast(opening: &Opening<'_>, rehearsal: bool) -> Result<Forecast, Problem> {
    let plan = &opening.bundle.plan;
    let environment = opening.environment;
    let mut source = bind::source(plan, environment, &environment.source)?;
    let path = environment.path(&environment.journal);
    let journal = path.is_file().then(|| Journal::open(&path, None)).transpose()?;
    let mut counted = Counted { opening, source: &mut *source, known: BTreeMap::new() };
    let mut found = Forecast::default();
    let sample = rehearsal.then(|| sample(opening)).flatten();
    let mut pieces: BTreeMap<&str, u64> = BTreeMap::new();
    for stage in &plan.stages {
        if let Operation::Export { kind, .. } = &stage.operation
            && !is_again(stage)
        {
            *pieces.entry(kind).or_default() += 1;
        }
    }
    for stage in &plan.stages {
        let over = match &journal {
            Some(journal) if !rehearsal => journal.stage(stage.id.as_str())?.state == State::Done,
            _ => false,
        };
        let Some(estimate) = stage.estimate.as_deref().filter(|_| !over) else { continue };
        let Some((kind, system)) = moves(stage) else {
            // What people and mail servers take stands in the plan.
            if stage.placement == Placement::In && !rehearsal {
                found.people += estimate.seconds;
                found.night += estimate.seconds;
            }
            continue;
        };
        let mut records = counted.of(kind, estimate.count)?;
        if let (Operation::Export { kind, .. }, None) = (&stage.operation, plan.figures.source.get(kind)) {
            // Pieces of one kind share what was counted.
            records /= pieces.get(kind.as_str()).copied().unwrap_or(1).max(1);
        }
        if let Some((of, count)) = &sample
            && !matches!(stage.operation, Operation::Export { .. })
        {
            let all = counted.of(of, 0)?.max(1);
            records = u64::try_from(u128::from(records) * u128::from((*count).min(all)) / u128::from(all))
                .unwrap_or(records);
        }
        let binding = match (system, rehearsal) {
            ("source", _) => Some(&environment.source),
            (_, true) => environment.sandbox.as_ref(),
            (_, false) => Some(&environment.target),
        };
        let piece = piece(opening, stage, (system, binding), estimate, (kind, records))?;
        found.seconds += piece.seconds;
        if stage.placement == Placement::In && !is_people(stage.kind) {
            found.night += piece.seconds;
        }
        // Pieces of one kind are read one after the other, and told as one.
        let same = found.pieces.iter_mut().find(|one| {
            one.kind == piece.kind && one.export && matches!(stage.operation, Operation::Export { .. })
        });
        match same {
            Some(one) => one.add(piece),
            None => found.pieces.push(piece),
        }
    }
    let window = plan.migration.window.as_ref();
    found.window = window.and_then(|of| u64::try_from(of.end.seconds() - of.start.seconds()).ok());
    Ok(found)
}

/// The kind of the source that a stage moves, and the system that it calls.
fn moves(stage: &Stage) -> Option<(&str, &'static str)> {
    match &stage.operation {
        Operation::Export { kind, .. } => Some((kind, "source")),
        Operation::Load { source, .. } => Some((source, "target")),
        _ => None,
    }
}

/// How many records of which kind the plan's rehearsal takes.
fn sample(opening: &Opening<'_>) -> Option<(String, u64)> {
    opening.bundle.plan.items.values().find_map(|item| match &item.content {
        Content::Rehearsal(rehearsal) => {
            let first = rehearsal.sample.first()?;
            let more: u64 = rehearsal.include.iter().map(|of| of.count).sum();
            let mut kinds = opening.bundle.plan.figures.source.keys();
            let kind = kinds.find(|kind| **kind == first.of || cutover_connect::plural(kind) == first.of)?;
            Some((kind.clone(), first.count + more))
        }
        _ => None,
    })
}

/// Counts of the source, as they are found.
struct Counted<'c, 'o> {
    opening: &'c Opening<'o>,
    source: &'c mut dyn Connector,
    known: BTreeMap<String, Option<u64>>,
}

impl Counted<'_, '_> {
    /// What a stage has to do, which the plan has estimated by its inventory: as many more or less as the source has more or less by now.
    fn of(&mut self, kind: &str, planned: u64) -> Result<u64, Problem> {
        let plan = &self.opening.bundle.plan;
        let listed = plan.figures.source.get(kind).copied();
        if !self.known.contains_key(kind) {
            let there = self.count(kind)?;
            self.known.insert(kind.to_owned(), there);
        }
        let there = self.known.get(kind).copied().flatten();
        Ok(match (there, listed) {
            (Some(there), Some(listed)) if listed > 0 && planned > 0 => {
                u64::try_from(u128::from(planned) * u128::from(there) / u128::from(listed)).unwrap_or(planned)
            }
            (Some(there), _) => there,
            (None, _) => planned,
        })
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, Problem> {
        let binding = &self.opening.environment.source;
        // What stands inside of other records is counted by nobody before these are read.
        if binding.nested.contains_key(kind) {
            return Ok(None);
        }
        if let Some(count) = self.source.count(kind)? {
            return Ok(Some(count));
        }
        let (mut chunk, mut cursor, mut count) = (Chunk::default(), Cursor::start(), 0);
        loop {
            chunk.clear();
            self.source.read(kind, &cursor, CHUNK, &mut chunk)?;
            count += chunk.records().filter(|text| binding.other_than(kind, text).is_none()).count() as u64;
            match chunk.next() {
                Some(next) => cursor = next.clone(),
                None => return Ok(Some(count)),
            }
        }
    }
}

fn piece(
    opening: &Opening<'_>,
    stage: &Stage,
    (system, binding): (&str, Option<&Binding>),
    estimate: &Estimate,
    (kind, records): (&str, u64),
) -> Result<Piece, Problem> {
    let mut calls = records.div_ceil(estimate.batch.max(1)).saturating_mul(estimate.calls);
    let export = system == "source";
    let (seconds, why) = match allowed(opening, system, binding, estimate)? {
        None => {
            calls = 0;
            let how = if export { "read from files" } else { "written to the embedded desk" };
            (records.div_ceil(LOCAL), format!("{how}: at least {} a second", number(LOCAL)))
        }
        Some((rate, share)) => {
            let per = u128::from(rate.calls.max(1)) * u128::from(share);
            let seconds = (u128::from(calls) * u128::from(rate.seconds) * 100).div_ceil(per.max(1));
            let ours = if share == 100 { String::new() } else { format!(", of which {share}% are ours") };
            let batch = if estimate.batch > 1 {
                format!("{} a call, ", number(estimate.batch))
            } else {
                String::new()
            };
            let why =
                format!("{batch}{} calls in {} are allowed{ours}", number(rate.calls), span(rate.seconds));
            (u64::try_from(seconds).unwrap_or(u64::MAX).saturating_add(estimate.fixed), why)
        }
    };
    Ok(Piece { stage: stage.id.to_string(), kind: kind.to_owned(), export, records, calls, seconds, why })
}

/// The calls that may be made, and the share of them that is the run's; nothing where no system is called.
fn allowed(
    opening: &Opening<'_>,
    system: &str,
    binding: Option<&Binding>,
    estimate: &Estimate,
) -> Result<Option<(Rate, u64)>, Problem> {
    let environment: &Environment = opening.environment;
    let local = match binding {
        None => true,
        Some(binding) => match binding.connector.as_str() {
            "sqlite" => system == "source" || !binding.rates,
            "files" | "singer" => true,
            _ => false,
        },
    };
    if local {
        return Ok(None);
    }
    let plan = &opening.bundle.plan;
    let now = Clock::new(clock(environment)?).now();
    let pace = plan.migration.pace.iter().find(|pace| {
        pace.system == system && pace.until.as_ref().is_none_or(|until| until.at.seconds() > now)
    });
    let share = pace.and_then(|pace| u64::try_from(pace.percent.scaled(0)).ok()).unwrap_or(100).max(1);
    let said = binding.and_then(|binding| binding.calls_a_minute).map(|calls| Rate { calls, seconds: 60 });
    Ok(Some(match said.or_else(|| bind::rate(plan, system)) {
        Some(rate) => (rate, share),
        // The plan's own has the pace in it already.
        None => (estimate.rate, 100),
    }))
}

impl Forecast {
    /// In lines of plain words, the longest pieces first.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut pieces: Vec<&Piece> = self.pieces.iter().filter(|piece| piece.records > 0).collect();
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.seconds));
        let mut out: Vec<String> = pieces.iter().map(|piece| piece.line()).collect();
        out.push(format!("{} in all, one stage after the other", span(self.seconds)));
        if let (Some(window), true) = (self.window, self.night > 0) {
            let left = if self.night <= window {
                format!("{} are left", span(window - self.night))
            } else {
                format!("{} too long", span(self.night - window))
            };
            out.push(format!(
                "in the window: {}, {} of it by people and mail servers as the plan takes it; the window has {}: {left}",
                span(self.night),
                span(self.people),
                span(window)
            ));
        }
        out
    }

    /// Whether the work of the window fits into it.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.window.is_none_or(|window| self.night <= window)
    }
}
