//! How long stages take: `ceil(count / batch) × calls ÷ rate + fixed`, with the formula's parts kept.

use std::collections::BTreeMap;

use cutover_analysis::world::{KindView, System};
use cutover_catalog::fact::Rate as Allowed;
use cutover_catalog::kind::Access;
use cutover_ir::Id;
use cutover_plan::model::{Content, Estimate, LoadMode, Operation, Phase, Placement, Rate, Selection, Stage};
use cutover_plan::text::numbers::number;
use cutover_plan::text::words::plural;
use rustc_hash::FxHashMap;

use crate::Sketch;
use crate::sketch::Nodes;

/// Seconds that any stage takes besides its calls: starting, opening, counting.
const FIXED: u64 = 5;
/// Calls in a second that a product without a known limit is taken to answer: few, so that the estimate is rather too long. It only
/// serves to say something better than "no time at all".
const UNLIMITED: Rate = Rate { calls: 10, seconds: 1 };
/// Seconds that a list takes which the product loads by itself after it has said yes. Nobody documents it; the plan names it among the defaults.
const JOB: u64 = 60;
/// What people and other systems need in the night, in seconds: nobody documents it, and nothing takes no time. The plan names these among
/// the defaults that were taken.
const HOLD: u64 = 5 * 60;
const SILENCE: u64 = 5 * 60;
const DECIDE: u64 = 15 * 60;
const SWITCH: u64 = 10 * 60;
const DRAIN: u64 = 10 * 60;

pub(crate) fn add(sketch: &mut Sketch<'_>) {
    assume(sketch);
    let pieces = sketch.index(|s| match &s.operation {
        Operation::Export { kind, chunk: Some(_), .. } => Some(kind),
        _ => None,
    });
    let made: Vec<Option<Estimate>> =
        sketch.stages.iter().map(|stage| estimate(sketch, stage, &pieces)).collect();
    for (stage, estimate) in sketch.stages.iter_mut().zip(made) {
        stage.estimate = estimate.map(Box::new).or(stage.estimate.take());
    }
}

/// Writes down what the estimates take for granted.
fn assume(sketch: &mut Sketch<'_>) {
    if sketch.plan.items.contains_key("go_live") {
        let what = "how long people and mail servers take in the night";
        let minutes = |seconds: u64| format!("{} min", seconds / 60);
        let value = format!(
            "{} until mail waits, {} to decide, {} to switch a channel, {} until the waiting mail is delivered",
            minutes(HOLD),
            minutes(DECIDE),
            minutes(SWITCH),
            minutes(DRAIN)
        );
        sketch.take_default(Id::new(["go_live", "takes"]), what, value);
    }
    let most = sketch.stages.iter().find_map(|stage| {
        let (system, access) = called(sketch, stage).filter(|(system, _)| &*system.name == "target")?;
        jobs(sketch, system, access, loads(stage))
    });
    if let Some(most) = most {
        let product = sketch.world.target().map_or("target", System::product).to_owned();
        sketch.take_default(
            Id::new(["system", "target", "jobs"]),
            &format!(
                "how long a list of records takes that {product} loads by itself, after it has taken it"
            ),
            format!("{JOB} s, with up to {most} lists at once, of which estimates of time are made"),
        );
    }
    shares(sketch);
    for name in ["source", "target"] {
        let unknown = sketch.world.system(name).is_some_and(|system| {
            sketch.stages.iter().any(|stage| {
                called(sketch, stage)
                    .is_some_and(|(of, access)| *of.name == *name && limit(sketch, system, access).is_none())
            })
        });
        if unknown {
            let product = sketch.world.system(name).map_or(name, System::product).to_owned();
            sketch.take_default(
                Id::new(["system", name, "rate"]),
                &format!("how fast {product} answers, of which no limit is documented"),
                format!("{} calls a second, of which estimates of time are made", UNLIMITED.calls),
            );
        }
    }
}

/// Writes down which numbers are shares of what was counted: of waves whose condition no count answers, and of exports that are read in pieces.
fn shares(sketch: &mut Sketch<'_>) {
    let mut taken = Vec::new();
    let mut uncounted: BTreeMap<&str, u64> = BTreeMap::new();
    let waves = || {
        sketch.items().filter_map(|(id, item)| match &item.content {
            Content::Wave(wave) => Some((id, wave.kind.as_str())),
            _ => None,
        })
    };
    for (_, kind) in waves().filter(|(id, _)| figure(sketch, id).is_none()) {
        *uncounted.entry(kind).or_default() += 1;
    }
    for (kind, count) in uncounted {
        let Some(whole) = imported(sketch, kind) else { continue };
        let counted: u64 =
            waves().filter(|(_, of)| *of == kind).filter_map(|(id, _)| figure(sketch, id)).sum();
        let rest = format!("{} {}", number(whole.saturating_sub(counted)), plural(kind));
        let value = match count {
            1 if counted == 0 => format!("at most {rest}, of which estimates of time are made"),
            1 => format!("the {rest} that the other waves leave, of which estimates of time are made"),
            _ => format!(
                "an equal share of {rest} for each of {count} waves, of which estimates of time are made"
            ),
        };
        let what = format!("how many {} go over in waves whose condition no count answers", plural(kind));
        taken.push((Id::new(["wave", "records", kind]), what, value));
    }
    let mut pieces: BTreeMap<&str, u64> = BTreeMap::new();
    for stage in &sketch.stages {
        if let Operation::Export { kind, chunk: Some(_), .. } = &stage.operation {
            *pieces.entry(kind).or_default() += 1;
        }
    }
    for (kind, count) in pieces.into_iter().filter(|(_, count)| *count > 1) {
        let what = format!("how many {} each piece of the export holds", plural(kind));
        let value = format!("the same number in each of {count} pieces, of which estimates of time are made");
        taken.push((Id::new(["export", "records", kind]), what, value));
    }
    for (id, what, value) in taken {
        sketch.take_default(id, &what, value);
    }
}

/// The system that a stage calls, and how: of stages that move records.
fn called<'a>(sketch: &Sketch<'a>, stage: &Stage) -> Option<(&'a System<'a>, &'a Access)> {
    let target = |kind: &str| {
        let system = sketch.world.target()?;
        Some((system, system.kind(kind)?.kind.load.as_ref()?))
    };
    match &stage.operation {
        Operation::Load { target: kind, .. } | Operation::Link { kind, .. } => target(kind),
        Operation::Export { kind, .. } => {
            let system = sketch.world.source()?;
            Some((system, system.kind(kind)?.kind.read.as_ref()?))
        }
        _ => None,
    }
}

/// The documented limit of an access, where there is one.
fn limit(sketch: &Sketch<'_>, system: &System<'_>, access: &Access) -> Option<Rate> {
    let plan = sketch.plan.systems.get(&*system.name).and_then(|s| s.plan.as_deref());
    match system.catalog?.rates.get(access.rate.as_deref()?)?.on(plan)? {
        Allowed::Unlimited => None,
        Allowed::Calls { calls, seconds } => Some(Rate { calls: *calls, seconds: *seconds }),
    }
}

fn loads(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Load { .. } | Operation::Link { .. })
}

/// How many lists a product works on at once, where it answers a list with a job and not with its result.
fn jobs(sketch: &Sketch<'_>, system: &System<'_>, access: &Access, loads: bool) -> Option<u64> {
    if !loads || access.batch.unwrap_or(1) < 2 {
        return None;
    }
    let plan = sketch.plan.systems.get(&*system.name).and_then(|s| s.plan.as_deref());
    Some(system.catalog?.limits.get("jobs")?.on(plan)?.base())
}

/// The slower of two rates.
fn slower(one: Rate, other: Rate) -> Rate {
    let (a, b) = (
        u128::from(one.calls) * u128::from(other.seconds),
        u128::from(other.calls) * u128::from(one.seconds),
    );
    if a <= b { one } else { other }
}

/// A length of time that rests on no count.
fn fixed(seconds: u64) -> Option<Estimate> {
    Some(Estimate::new(0, 1, 1, Rate { calls: 1, seconds: 1 }, seconds))
}

fn estimate(sketch: &Sketch<'_>, stage: &Stage, pieces: &FxHashMap<String, Nodes>) -> Option<Estimate> {
    match &stage.operation {
        Operation::Load { source, target, mode, wave, .. } => {
            let system = sketch.world.target()?;
            let kind = system.kind(target)?;
            let access = kind.kind.load.as_ref()?;
            let count = match (mode, wave) {
                // What changes in the days between is not known; the unfinished tickets bound what people work on.
                (LoadMode::Replace | LoadMode::Append, _) => since(sketch, source)?,
                (_, Some(wave)) => of_wave(sketch, &wave.0, source)?,
                _ => imported(sketch, source)?,
            };
            let id = format!("kinds/{}/load", kind.name);
            Some(of(sketch, stage, system, access, count, &id))
        }
        Operation::Export { kind, chunk, scope } => {
            let system = sketch.world.source()?;
            let kind = system.kind(kind)?;
            let access = kind.kind.read.as_ref()?;
            if stage.phase == Phase::Night {
                return anew(sketch, stage, system, access, kind.name);
            }
            let which = scope.as_deref().map_or(Selection::All, |scope| Selection::Where(scope.clone()));
            let total = cutover_analysis::count::of(kind, &which).or_else(|| count(sketch, kind.name))?;
            // Pieces are taken to be of equal size; the export says how large they really are.
            let pieces =
                if chunk.is_some() { pieces.get(kind.name).map_or(1, |pieces| pieces.len()) } else { 1 };
            let pieces = u64::try_from(pieces).unwrap_or(1).max(1);
            let id = format!("kinds/{}/read", kind.name);
            let mut made = of(sketch, stage, system, access, total.div_ceil(pieces), &id);
            // An address of a ticket gives the records of that ticket only.
            if access.batch != Some(1)
                && access.endpoint.as_deref().is_some_and(|endpoint| endpoint.contains("/ID"))
                && let Some(tickets) = system.tickets().and_then(KindView::count)
            {
                let Estimate { count, batch, calls, rate, fixed, facts, .. } = made;
                made = Estimate::held(count, tickets.div_ceil(pieces), batch, calls, rate, fixed);
                made.facts = facts;
            }
            Some(made)
        }
        Operation::Verify { wave: Some(wave), .. } => {
            // Every record of the wave is read back.
            let Content::Wave(found) = &sketch.plan.items.get(&wave.0)?.content else { return None };
            let target = sketch.maps_of(&found.kind).first()?.1.target.as_str();
            let system = sketch.world.target()?;
            let kind = system.kind(target)?;
            let access = kind.kind.read.as_ref()?;
            let count = of_wave(sketch, &wave.0, &found.kind)?;
            let id = format!("kinds/{}/read", kind.name);
            Some(of(sketch, stage, system, access, count, &id))
        }
        Operation::Verify { wave: None, .. } if stage.phase == Phase::Night => {
            // Tickets are what there is most of; other kinds are read back beside them.
            let tickets = sketch.world.source()?.tickets()?.name;
            let target = sketch.maps_of(tickets).first()?.1.target.as_str();
            let system = sketch.world.target()?;
            let kind = system.kind(target)?;
            let access = kind.kind.read.as_ref()?;
            // With waves, only what changed since is left for the night.
            let waves = sketch.items().any(|(_, item)| matches!(item.content, Content::Wave(_)));
            let count = if waves { unfinished(sketch, tickets) } else { imported(sketch, tickets) }?;
            let id = format!("kinds/{}/read", kind.name);
            Some(of(sketch, stage, system, access, count, &id))
        }
        Operation::Link { kind, to, .. } => {
            let system = sketch.world.target()?;
            let kind = system.kind(kind)?;
            let access = kind.kind.load.as_ref()?;
            let source = sketch.items().find_map(|(_, item)| match &item.content {
                Content::Map(map) if map.target == kind.name => Some(map.source.as_str()),
                _ => None,
            })?;
            let late = to.is_empty().then(|| suspended(sketch, kind.name)).flatten();
            let count = late.or_else(|| count(sketch, source))?;
            let id = format!("kinds/{}/load", kind.name);
            Some(of(sketch, stage, system, access, count, &id))
        }
        _ if stage.placement != Placement::In => None,
        Operation::Hold { .. } => fixed(HOLD),
        Operation::Silence { .. } => fixed(SILENCE),
        Operation::Approve => fixed(DECIDE),
        Operation::Switch { .. } => fixed(SWITCH),
        Operation::Drain { .. } => fixed(DRAIN),
        _ => None,
    }
}

fn of(
    sketch: &Sketch<'_>,
    stage: &Stage,
    system: &System<'_>,
    access: &Access,
    count: u64,
    fact: &str,
) -> Estimate {
    let plan = sketch.plan.systems.get(&*system.name).and_then(|s| s.plan.as_deref());
    let mut facts = vec![format!("{}/{fact}", system.name)];
    if let Some(name) = access.rate.as_deref()
        && let Some(fact) = system.catalog.and_then(|catalog| catalog.rates.get(name))
        && fact.on(plan).is_some()
    {
        facts.push(format!("{}/rates/{name}", system.name));
    }
    let rate = limit(sketch, system, access).unwrap_or(UNLIMITED);
    let mut rate = paced(sketch, stage, &system.name, rate);
    let mut calls = u64::from(access.calls.unwrap_or(1));
    // A job's result is asked for at least once before it expires, and only so many run at once.
    if let Some(most) = jobs(sketch, system, access, loads(stage)) {
        calls += 1;
        rate = slower(rate, Rate { calls: most.saturating_mul(calls), seconds: JOB });
        let limits = ["jobs", "job_result_life"].into_iter();
        let known =
            limits.filter(|name| system.catalog.is_some_and(|catalog| catalog.limits.get(name).is_some()));
        facts.extend(known.map(|name| format!("{}/limits/{name}", system.name)));
    }
    let mut made = Estimate::new(count, access.batch.unwrap_or(1).into(), calls, rate, FIXED);
    made.facts = facts;
    made
}

/// The share of a rate that `pace` leaves to the migration while it holds: in the same time where that is a whole number of calls.
fn paced(sketch: &Sketch<'_>, stage: &Stage, system: &str, rate: Rate) -> Rate {
    let pace = sketch.plan.migration.pace.iter().find(|p| p.system == system);
    let Some(pace) = pace else { return rate };
    let window = sketch.plan.migration.window.as_ref();
    let over = pace.until.as_ref().zip(window).is_some_and(|(until, window)| match stage.placement {
        Placement::Before => false,
        Placement::In => until.at <= window.start,
        Placement::After => until.at <= window.end,
    });
    if over {
        return rate;
    }
    // Percent with one digit behind the point.
    let permille = u64::try_from(pace.percent.scaled(1).max(1)).unwrap_or(1000);
    let calls = rate.calls.saturating_mul(permille);
    if calls % 1000 == 0 {
        return Rate { calls: calls / 1000, ..rate };
    }
    let seconds = rate.seconds.saturating_mul(1000);
    let common = gcd(calls, seconds);
    Rate { calls: calls / common, seconds: seconds / common }
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn count(sketch: &Sketch<'_>, source: &str) -> Option<u64> {
    sketch.world.source().and_then(|s| s.kind(source)).and_then(KindView::count)
}

/// The records of a kind that are imported: the sum of its imported parts where it is known, else all of the kind.
fn imported(sketch: &Sketch<'_>, source: &str) -> Option<u64> {
    let parts = sketch.imports_of(source).iter();
    let sum = parts.map(|id| figure(sketch, id)).sum::<Option<u64>>();
    sum.filter(|n| *n > 0).or_else(|| count(sketch, source))
}

/// The records of a kind that a wave loads. What travels with the wave's own kind is shared out as the records of that kind are.
fn of_wave(sketch: &Sketch<'_>, id: &Id, source: &str) -> Option<u64> {
    let Content::Wave(wave) = &sketch.plan.items.get(id)?.content else { return None };
    let (part, whole) = share_of_wave(sketch, id, &wave.kind)?;
    let records = imported(sketch, source)?;
    let share = (u128::from(records) * part).div_ceil(whole.max(1));
    Some(u64::try_from(share).unwrap_or(records).min(records))
}

/// The share of a kind's records that a wave loads, as a fraction: counted where its condition can be, else its share of what the other
/// waves of the kind leave. A single wave without a count has all of that; several are taken to be of equal size, so that together they
/// load no record twice.
fn share_of_wave(sketch: &Sketch<'_>, id: &Id, kind: &str) -> Option<(u128, u128)> {
    let whole = imported(sketch, kind)?;
    if let Some(counted) = figure(sketch, id) {
        return Some((counted.into(), whole.into()));
    }
    let (mut counted, mut open) = (0_u64, 0_u64);
    for (id, item) in sketch.items() {
        match &item.content {
            Content::Wave(wave) if wave.kind == kind => match figure(sketch, id) {
                Some(count) => counted = counted.saturating_add(count),
                None => open += 1,
            },
            _ => {}
        }
    }
    Some((whole.saturating_sub(counted).into(), u128::from(whole) * u128::from(open.max(1))))
}

fn figure(sketch: &Sketch<'_>, id: &Id) -> Option<u64> {
    sketch.plan.figures.records.get(id).copied()
}

/// People who are suspended in the source and become ones of a kind.
fn suspended(sketch: &Sketch<'_>, target: &str) -> Option<u64> {
    let system = sketch.world.source()?;
    let of = |source: &str| {
        let kind = system.kind(source)?;
        let (field, _) = kind.kind.by_canon("suspended")?;
        kind.field(field)?.profile?.values.get("true").copied()
    };
    let maps = sketch.items().filter_map(|(_, item)| match &item.content {
        Content::Map(map) if map.target == target => of(&map.source),
        _ => None,
    });
    maps.reduce(u64::saturating_add)
}

/// What is read a second time came or changed since the first: of tickets no more than there are to work on, of what hangs on them their
/// share, of everything else no more than one for each of these.
fn anew(
    sketch: &Sketch<'_>,
    stage: &Stage,
    system: &System<'_>,
    access: &Access,
    kind: &str,
) -> Option<Estimate> {
    let tickets = system.tickets()?;
    let (worked, all) = (since(sketch, tickets.name)?, tickets.count()?);
    let total = count(sketch, kind)?;
    let with_ticket = kind != tickets.name && sketch.root(kind) == tickets.name;
    let share = u64::try_from((u128::from(total) * u128::from(worked)).div_ceil(u128::from(all.max(1))));
    let records = if with_ticket { share.unwrap_or(total) } else { total.min(worked) };
    let made = of(sketch, stage, system, access, records, &format!("kinds/{kind}/read"));
    if access.batch == Some(1) || !access.endpoint.as_deref().is_some_and(|endpoint| endpoint.contains("/ID"))
    {
        return Some(made);
    }
    // An address of a ticket gives the records of that ticket only.
    let Estimate { count, batch, calls, rate, fixed, facts, .. } = made;
    let mut made = Estimate::held(count, worked, batch, calls, rate, fixed);
    made.facts = facts;
    Some(made)
}

/// The records of a kind that a load of the night takes again: not more than there are, and no more than there are tickets to work on.
fn since(sketch: &Sketch<'_>, source: &str) -> Option<u64> {
    let own = unfinished(sketch, source)?;
    let tickets =
        sketch.world.source().and_then(System::tickets).and_then(|kind| unfinished(sketch, kind.name));
    let with_ticket = tickets.filter(|_| sketch.parent(source).is_none());
    Some(with_ticket.map_or(own, |tickets| own.min(tickets)))
}

fn unfinished(sketch: &Sketch<'_>, source: &str) -> Option<u64> {
    use cutover_ir::predicate::StatusClass;
    let kind = sketch.world.source().and_then(|s| s.kind(source))?;
    let profile = kind.profile?;
    let known: u64 = profile
        .by_status
        .iter()
        .filter(|(name, _)| kind.state(name).is_some_and(|s| s.class == StatusClass::Unfinished))
        .map(|(_, count)| *count)
        .sum();
    if profile.by_status.is_empty() { Some(profile.count) } else { Some(known) }
}
