//! Cleaning: what the plan tidies up on the way. The old desk and the copy stay as they are; what is tidied is noted beside the copy.

use std::collections::BTreeMap;

use cutover_ir::predicate::{Atom, Predicate, Test};
use cutover_plan::model::{Assignee, CleanAction, CleanStep, Content, LoadMode, Operation, Stage};
use cutover_transform::{Cause, Outcome, Program, Worker};

use crate::beside::Beside;
use crate::context::Context;
use crate::export::is_again;
use crate::flow::{Keys, Load, Reference, layout};
use crate::journal::{Counts, State};
use crate::problem::Problem;
use crate::spell::STAND_IN;

/// Records that are read at once.
const PAGE: usize = 2000;

/// The steps of a stage, when this program can carry out all of them.
pub(crate) fn steps<'p>(ctx: &Context<'p>, kind: &str, ids: &[cutover_ir::Id]) -> Option<Vec<&'p CleanStep>> {
    let all = ctx.plan.items.values().filter_map(|item| match &item.content {
        Content::Clean(clean) => Some(&clean.steps),
        _ => None,
    });
    let steps: Vec<&CleanStep> = all.flatten().filter(|step| ids.contains(&step.id)).collect();
    let load = load_of_kind(ctx, kind)?;
    let can = |step: &&CleanStep| match &step.action {
        CleanAction::Merge { listed_in: Some(_), .. } => true,
        CleanAction::Adopt { .. } => step.scope.as_ref().is_some_and(|scope| field_of(scope).is_some()),
        CleanAction::Reassign { to: Assignee::Placeholder(_) | Assignee::Group(_) } => {
            step.scope.as_ref().and_then(field_of).is_some_and(|field| load.map.filled.contains_key(&field))
        }
        _ => false,
    };
    steps.iter().all(can).then_some(steps)
}

fn load_of_kind<'c>(ctx: &Context<'c>, kind: &str) -> Option<&'c Load> {
    ctx.loads.values().find(|load| load.map.source == kind && load.mode == LoadMode::Create)
}

/// Carries out steps over the working copy of a kind.
pub(crate) fn clean(
    ctx: &Context<'_>,
    stage: &str,
    kind: &str,
    steps: &[&CleanStep],
) -> Result<String, Problem> {
    let Some(load) = load_of_kind(ctx, kind) else {
        return Err(Problem::new(format!("the plan cleans records of `{kind}` and loads none")));
    };
    let name = format!("cleaned {kind}");
    if let Some(words) = ctx.journal.value(&name)? {
        return Ok(words);
    }
    let words = tidy(ctx, load, kind, steps)?;
    let read = ctx.work.count(kind)?;
    ctx.journal.together(|| {
        ctx.journal.count(stage, kind, &Counts { read, written: read, ..Counts::default() })?;
        ctx.journal.set_value(&name, &words)
    })?;
    Ok(words)
}

/// Tidies a copy that was made again, as it was tidied before.
pub(crate) fn again(ctx: &Context<'_>, kind: &str, steps: &[&CleanStep]) -> Result<(), Problem> {
    match load_of_kind(ctx, kind) {
        Some(load) => tidy(ctx, load, kind, steps).map(|_| ()),
        None => Ok(()),
    }
}

fn tidy(ctx: &Context<'_>, load: &Load, kind: &str, steps: &[&CleanStep]) -> Result<String, Problem> {
    let mut words = Vec::new();
    for step in steps {
        let changed = match &step.action {
            CleanAction::Merge { listed_in: Some(digest), .. } => merge(ctx, (kind, &load.map.id), digest)?,
            CleanAction::Adopt { by } => {
                let field = step.scope.as_ref().and_then(field_of).unwrap_or_default();
                let value = serde_json::Value::from(format!("{STAND_IN}{by}"));
                // Where the old desk has a list of people, the one who is taken on is a list, too.
                let list = matches!(type_of(ctx, kind, &field), Some(cutover_ir::Type::List(_)));
                let value = if list { serde_json::json!([value]).to_string() } else { value.to_string() };
                each(ctx, load, step, &mut |key| ctx.work.set_clean(kind, key, &field, &value))?
            }
            CleanAction::Reassign { to } => {
                let field = step.scope.as_ref().and_then(field_of).unwrap_or_default();
                let person = load.map.filled.get(&field).map(|to| format!("={to}")).unwrap_or_default();
                match to {
                    Assignee::Placeholder(name) => {
                        let value = serde_json::Value::from(format!("{STAND_IN}{name}")).to_string();
                        each(ctx, load, step, &mut |key| ctx.work.set_clean(kind, key, &person, &value))?
                    }
                    Assignee::Group(group) => {
                        let Some(to) = group_field(load) else {
                            return Err(Problem::new(format!(
                                "{}: records of `{kind}` go to no group",
                                step.id
                            )));
                        };
                        let value = serde_json::Value::from(group.as_str()).to_string();
                        each(ctx, load, step, &mut |key| {
                            ctx.work.set_clean(kind, key, &person, "null")?;
                            ctx.work.set_clean(kind, key, &format!("={to}"), &value)
                        })?
                    }
                    Assignee::Agent(_) => 0,
                }
            }
            _ => 0,
        };
        words.push(format!("{changed} by {}", step.id));
        if let CleanAction::Merge { same, listed_in: Some(_), .. } = &step.action {
            words.extend(unreviewed(ctx, kind, same)?);
        }
    }
    Ok(words.join(", "))
}

/// The type of a field of the source.
fn type_of<'p>(ctx: &Context<'p>, kind: &str, field: &str) -> Option<&'p cutover_ir::Type> {
    Some(ctx.plan.schemas.get("source")?.kinds.get(kind)?.fields.get(field)?.of_type.required())
}

/// The field of the target that holds a group.
fn group_field(load: &Load) -> Option<&String> {
    load.map.references.iter().find_map(|(field, reference)| match reference {
        Reference::Key { into, .. } | Reference::Name { into } => {
            into.iter().any(|kind| kind == "group").then_some(field)
        }
        _ => None,
    })
}

/// The field of the source that a step is about: that of `inactive(responder)`, or of `requester is empty`.
fn field_of(scope: &Predicate) -> Option<String> {
    let mut found = None;
    scope.visit_atoms(&mut |Atom { field, test }| {
        let of = match test {
            Test::Word(word) => {
                word.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).map(str::to_owned)
            }
            Test::Empty => Some(field.clone()),
            _ => None,
        };
        found = found.take().or(of);
    });
    found
}

/// Does something for each record of the kind for which the step's condition holds; for how many.
fn each(
    ctx: &Context<'_>,
    load: &Load,
    step: &CleanStep,
    act: &mut dyn FnMut(&str) -> Result<(), Problem>,
) -> Result<u64, Problem> {
    let kind = &load.map.source;
    let layout = layout(ctx.plan, &ctx.environment.source, kind)?;
    let Some(program) = Program::of_plan_within(ctx.plan, &load.map.id, &layout, step.scope.as_ref()) else {
        return Err(Problem::new(format!("the plan does not hold the map `{}`", load.map.id)));
    };
    let mut worker = Worker::new(&program, ctx.host);
    let (mut page, mut after, mut out, mut count) = (Vec::new(), 0, Vec::new(), 0);
    loop {
        ctx.work.page(kind, after, PAGE, &mut page)?;
        let Some(last) = page.last().map(|record| record.ord) else { return Ok(count) };
        ctx.work.together(|| {
            for record in &page {
                out.clear();
                ctx.host.at(&record.text);
                let outcome = Beside::with(ctx.work, |others| worker.record(&record.text, others, &mut out))?;
                let holds = match outcome {
                    Outcome::Written => true,
                    // The condition held, and something behind it did not: that is what cleaning is for.
                    Outcome::Rejected(reject) => {
                        matches!(&reject.cause, Cause::Rule(_)) && reject.cause.code() != "undecided"
                    }
                    Outcome::Filtered(_) => false,
                };
                if holds {
                    act(&record.key)?;
                    count += 1;
                }
            }
            Ok(())
        })?;
        after = last;
    }
}

/// Merges the pairs that somebody has reviewed: `kept,merged` in a table of the project.
fn merge(ctx: &Context<'_>, (kind, map): (&str, &str), digest: &str) -> Result<u64, Problem> {
    let path = ctx.folder.join(cutover_plan::bundle::ASSETS).join(digest);
    let file = std::fs::File::open(&path).map_err(|error| {
        Problem::new(format!("the list of pairs {} cannot be read: {error}", path.display()))
    })?;
    let broken = |error: std::io::Error| Problem::new(format!("the list of pairs cannot be read: {error}"));
    let mut table =
        cutover_records::Table::open(file, b',', cutover_records::Limits::default()).map_err(broken)?;
    let (Some(kept), Some(merged)) = (table.column("kept"), table.column("merged")) else {
        return Err(Problem::new("the list of pairs has no columns `kept` and `merged`"));
    };
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    let known = |key: &str| Ok::<_, Problem>(ctx.work.by_key(kind, key)?.map(|(record, _)| record.key));
    while let Some(item) = table.next().map_err(broken)? {
        let cutover_records::Item::Record(row) = item else { continue };
        let (Some(kept), Some(merged)) = (row.field(kept), row.field(merged)) else { continue };
        // Whoever is not in the export needs nobody to become one with.
        let Some(loser) = known(merged)? else { continue };
        let Some(winner) = known(kept)? else {
            return Err(Problem::new(format!(
                "the list of pairs keeps {kind} {kept} in the place of {merged}, and the export has no {kept}"
            ))
            .help("name somebody who is there, or take the pair out of the list"));
        };
        if winner == loser {
            continue;
        }
        if let Some(other) = pairs.get(&loser).filter(|other| **other != winner) {
            return Err(Problem::new(format!(
                "the list of pairs merges {kind} {merged} into {kept} and into {other}"
            ))
            .help("decide for one of them"));
        }
        pairs.insert(loser, winner);
    }
    let layout = layout(ctx.plan, &ctx.environment.source, kind)?;
    let program = Program::of_plan(ctx.plan, map, &layout);
    let mut worker = program.as_ref().map(|program| Worker::new(program, ctx.host));
    let mut goes_over = |key: &str| -> Result<bool, Problem> {
        let Some((worker, (record, _))) = worker.as_mut().zip(ctx.work.by_key(kind, key)?) else {
            return Ok(true);
        };
        ctx.host.at(&record.text);
        let outcome = Beside::with(ctx.work, |others| worker.record(&record.text, others, &mut Vec::new()))?;
        Ok(!matches!(outcome, Outcome::Filtered(_)))
    };
    for (merged, first) in &pairs {
        // Who was merged into somebody who was merged as well is one with the last of them.
        let mut kept = first;
        let mut steps = 0;
        while let Some(next) = pairs.get(kept) {
            steps += 1;
            if steps > pairs.len() {
                return Err(Problem::new(format!(
                    "the list of pairs merges {kind} {merged} in a circle: nobody of it would be kept"
                ))
                .help("decide who is kept"));
            }
            kept = next;
        }
        if !goes_over(merged)? || goes_over(kept)? {
            ctx.work.set_alias(kind, merged, kept)?;
            continue;
        }
        return Err(Problem::new(format!(
            "the list of pairs keeps {kind} {kept} in the place of {merged}, and the scope leaves {kept} behind: what belongs to the two would belong to nobody"
        ))
        .help(format!("keep {merged} of the two, take the pair out of the list, or let the scope take {kept} over")));
    }
    Ok(pairs.len() as u64)
}

/// Records that have in common what the step merges by, and that nobody has reviewed: they stay apart, and a target that wants the value once
/// refuses the second of them.
fn unreviewed(ctx: &Context<'_>, kind: &str, same: &str) -> Result<Option<String>, Problem> {
    let (field, lower) = match same.strip_prefix("lower(").and_then(|rest| rest.strip_suffix(')')) {
        Some(field) => (field, true),
        None => (same, false),
    };
    let places = crate::flow::places(ctx.plan, &ctx.environment.source, kind, field);
    let Some(place) =
        places.first().filter(|place| place.chars().all(|c| c.is_alphanumeric() || "_.".contains(c)))
    else {
        return Ok(None);
    };
    let value = format!("json_extract(text, '$.{place}')");
    let value = if lower { format!("lower({value})") } else { value };
    let sql = format!(
        "SELECT count(*), min(one), min(other) FROM (
           SELECT min(key) AS one, max(key) AS other FROM {}
           WHERE json_valid(text) AND key NOT IN (SELECT key FROM alias WHERE kind = ?1)
           GROUP BY {value} HAVING count(*) > 1 AND {value} IS NOT NULL AND {value} <> '')",
        crate::work::table(kind)
    );
    let mut get = ctx.work.db.prepare(&sql)?;
    let (count, one, other): (i64, Option<String>, Option<String>) =
        get.query_row([kind], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok((count > 0).then(|| {
        format!(
            "{count} more have the same {same} and nobody has reviewed them, among them {} and {}",
            one.unwrap_or_default(),
            other.unwrap_or_default()
        )
    }))
}

/// Whether everybody about whom a stage asks is in the copy: who is inactive is known once people were exported.
pub(crate) fn knows_people(ctx: &Context<'_>, stage: &Stage) -> Result<bool, Problem> {
    if !matches!(stage.operation, Operation::Clean { .. }) || !asks_who_is_inactive(ctx) {
        return Ok(true);
    }
    for load in ctx.loads.values().filter(|load| load.map.target == "user") {
        for export in &ctx.plan.stages {
            // What is tidied ahead waits for no export of the night.
            let of_people = matches!(&export.operation, Operation::Export { kind, .. } if *kind == load.map.source)
                && (is_again(stage) || !is_again(export));
            if of_people && ctx.journal.stage(export.id.as_str())?.state != State::Done {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether a step of the cleaning is about who is inactive.
fn asks_who_is_inactive(ctx: &Context<'_>) -> bool {
    let mut asks = false;
    for item in ctx.plan.items.values() {
        let Content::Clean(clean) = &item.content else { continue };
        for scope in clean.steps.iter().filter_map(|step| step.scope.as_ref()) {
            scope.visit_atoms(&mut |atom| {
                asks |= matches!(&atom.test, Test::Word(word) if word.starts_with("inactive("));
            });
        }
    }
    asks
}

/// Keys of the records of a kind that are not active, by the member of the record that says so.
pub(crate) fn inactive(ctx: &Context<'_>, kind: &str) -> Result<std::collections::BTreeSet<String>, Problem> {
    let words = ctx.host.words();
    let mut told = 0_u64;
    let mut all = std::collections::BTreeSet::new();
    if !ctx.work.has(kind)? {
        return Ok(all);
    }
    let keys = Keys::of(ctx.plan, &ctx.environment.source, kind)?;
    let (mut page, mut after) = (Vec::new(), 0);
    loop {
        ctx.work.page(kind, after, PAGE, &mut page)?;
        let Some(last) = page.last().map(|record| record.ord) else {
            // Nobody is inactive only where somebody can tell.
            if told == 0 && after > 0 && asks_who_is_inactive(ctx) {
                return Err(Problem::new(format!("no {kind} of the export says by {} whether it is active", words.shown(kind, "active")))
                    .help(format!(
                        "name the member that does, in the environment: `[source.words]` and `\"{kind}.active\" = \"MEMBER\"`, or `\"not MEMBER\"` where it says the opposite"
                    )));
            }
            return Ok(all);
        };
        for record in &page {
            let fields: serde_json::Value = serde_json::from_str(&record.text).unwrap_or_default();
            let active = words.holds(kind, "active", &fields);
            told += u64::from(active.is_some());
            if active == Some(false) {
                // References lead to them by the key that they have there.
                if let Ok((Some(own), _)) = keys.find(&record.text) {
                    all.insert(own);
                }
                all.insert(record.key.clone());
            }
        }
        after = last;
    }
}
