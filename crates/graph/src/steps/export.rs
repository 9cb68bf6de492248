//! Freeze of the rules, backup and restore test, export in parts, cleaning of the copy.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{
    Chunk, Content, Export, ExportPart, Inverse, Operation, Pass, Phase, Selection, Stage, StageKind, Undo,
    Verb,
};

use crate::Sketch;
use crate::sketch::{carries, stage};

pub(super) fn add(sketch: &mut Sketch<'_>) {
    for (id, item) in sketch.items() {
        let last = id.as_str().rsplit('/').next().unwrap_or_default();
        match &item.content {
            Content::Freeze(freeze) => {
                let mut made = stage(
                    Id::new(["stage", "freeze"]),
                    Phase::Clean,
                    StageKind::Automatic,
                    "Record the rules of the source; a change after this stops the run",
                    Operation::Freeze,
                );
                made.not_before = Some(freeze.from.clone());
                made.undo = Undo::Inverse(Inverse::Unfreeze);
                sketch.add(carries(made, id, item));
            }
            Content::Backup(backup) => {
                let made = stage(
                    Id::new(["stage", "backup", last]),
                    Phase::Export,
                    StageKind::Automatic,
                    "Copy everything to a place of its own",
                    Operation::Backup { store: backup.store.clone(), parts: backup.parts.clone() },
                );
                let mut made = carries(made, id, item);
                made.signed_by.clear();
                made.verification = vec!["counts".into(), "checksums".into()];
                let backup_id = made.id.clone();
                sketch.add(made);
                if backup.restore.is_empty() {
                    continue;
                }
                let mut test = stage(
                    Id::new(["stage", "restore_test", last]),
                    Phase::Export,
                    StageKind::Gate,
                    "Restore a part of the backup and compare it",
                    Operation::RestoreTest { samples: backup.restore.clone() },
                );
                test.pass = Pass::Evidence("what was restored equals the source".to_owned());
                let test = carries(test, id, item);
                let test_id = test.id.clone();
                sketch.add(test);
                sketch.need(&test_id, &backup_id, "only what was copied can be restored");
            }
            Content::Export(export) => exports(sketch, id, item, export),
            Content::Clean(clean) => {
                let mut kinds: Vec<&str> = clean.steps.iter().map(|step| step.kind.as_str()).collect();
                kinds.sort_unstable();
                kinds.dedup();
                for kind in kinds {
                    let steps = clean.steps.iter().filter(|s| s.kind == kind).map(|s| s.id.clone()).collect();
                    let made = stage(
                        Id::new(["stage", "clean", kind]),
                        Phase::Export,
                        StageKind::Automatic,
                        format!("Tidy the copy: {}", plural(kind)),
                        Operation::Clean { kind: kind.to_owned(), steps },
                    );
                    let mut made = carries(made, id, item);
                    made.pass = Pass::CountsAddUp;
                    sketch.add(made);
                }
            }
            _ => {}
        }
    }
    implied_exports(sketch);
    edges(sketch);
}

/// The plural of a kind, as people read it.
pub(super) fn plural(kind: &str) -> String {
    cutover_plan::text::words::plural(kind)
}

/// The most pieces of one export: a century by months. More is a mistake in the inventory, or a plan that nobody reads.
const MAX_PIECES: usize = 1_200;

fn exports(sketch: &mut Sketch<'_>, id: &Id, item: &cutover_plan::model::Item, export: &Export) {
    let mut made_so_far = 0;
    for part in &export.parts {
        let pieces = chunks(sketch, part);
        if part.chunks.is_some() {
            made_so_far += pieces.len();
        }
        if made_so_far > MAX_PIECES {
            let finding = Diagnostic::error("export/too-many-pieces", "the export is cut into too many pieces")
                .help("cut by a longer time, such as `year`, or cut fewer kinds; an inventory with a wrong earliest or latest time does this too");
            let span = sketch.places.get(&part.id).or_else(|| sketch.places.get(id)).copied();
            let finding = match span {
                Some(span) => {
                    finding.primary(span, format!("with this part there are more than {MAX_PIECES}"))
                }
                None => finding,
            };
            sketch.diagnostics.push(finding);
            return;
        }
        for chunk in pieces {
            let mut parts = vec!["stage", "export", part.kind.as_str()];
            // `export/staged/ticket/rest`: what follows the kind tells parts of one kind apart.
            parts.extend(part.id.as_str().split('/').skip(3));
            if let Some(chunk) = &chunk {
                parts.push(&chunk.name);
            }
            let title = match &chunk {
                Some(chunk) => format!("Export {}: {}", plural(&part.kind), chunk.name),
                None => format!("Export {}", described(&part.kind, &part.which)),
            };
            let mut made = stage(
                Id::new(parts),
                Phase::Export,
                StageKind::Automatic,
                title,
                Operation::Export { kind: part.kind.clone(), scope: scope(&part.which), chunk },
            );
            made.verification = export.verify.clone();
            let mut made = carries(made, id, item);
            made.signed_by.clear();
            sketch.add(made);
        }
    }
}

fn described(kind: &str, which: &Selection) -> String {
    let plural = plural(kind);
    match which {
        Selection::All => plural,
        Selection::Where(_) | Selection::Named(_) => format!("some {plural}"),
        Selection::Rest(_) | Selection::RestNamed(_) => format!("the other {plural}"),
    }
}

fn scope(which: &Selection) -> Option<Predicate> {
    match which {
        Selection::Where(predicate) | Selection::Rest(predicate) => Some(predicate.clone()),
        Selection::All | Selection::Named(_) | Selection::RestNamed(_) => None,
    }
}

/// The pieces of a part: by time from the earliest to the latest value that the inventory saw, by value from those that it saw.
fn chunks(sketch: &Sketch<'_>, part: &ExportPart) -> Vec<Option<Chunk>> {
    let Some(rule) = &part.chunks else { return vec![None] };
    let kind = sketch.world.source().and_then(|s| s.kind(&part.kind));
    let profile = kind.and_then(|k| k.field(&rule.field)).and_then(|f| f.profile);
    let Some(profile) = profile else { return vec![None] };
    let months = match rule.by.as_str() {
        "year" => 12,
        "quarter" => 3,
        "month" => 1,
        _ => {
            let values: Vec<Option<Chunk>> = profile
                .values
                .keys()
                .map(|value| {
                    let name = value.to_lowercase().replace(' ', "_");
                    Some(Chunk {
                        name,
                        field: rule.field.clone(),
                        from: None,
                        to: None,
                        value: Some(value.to_owned()),
                    })
                })
                .collect();
            return if values.is_empty() { vec![None] } else { values };
        }
    };
    let ends = profile
        .min
        .as_deref()
        .zip(profile.max.as_deref())
        .and_then(|(min, max)| Some((month_of(min)?, month_of(max)?)));
    let Some((first, last)) = ends else { return vec![None] };
    let mut pieces = Vec::new();
    let mut at = first - first.rem_euclid(months);
    // One more than is allowed is enough to see that there are too many.
    while at <= last && pieces.len() <= MAX_PIECES {
        pieces.push(Some(Chunk {
            name: piece_name(at, months),
            field: rule.field.clone(),
            from: instant_of(at),
            to: instant_of(at + months),
            value: None,
        }));
        at += months;
    }
    pieces
}

/// Months since year 0 of a date or instant as text.
fn month_of(text: &str) -> Option<i32> {
    use cutover_ir::time::{Date, Instant};
    let date = Date::parse(text).or_else(|| Instant::parse(text).map(Instant::utc_date))?;
    let (year, month, _) = date.ymd();
    Some(year * 12 + i32::from(month) - 1)
}

fn instant_of(month: i32) -> Option<cutover_ir::time::Instant> {
    use cutover_ir::time::{Date, Instant};
    let date = Date::new(month.div_euclid(12), u8::try_from(month.rem_euclid(12) + 1).ok()?, 1)?;
    Some(Instant::from_seconds(i64::from(date.days()) * 86_400))
}

fn piece_name(month: i32, months: i32) -> String {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
    match months {
        12 => format!("{year}"),
        3 => format!("{year}-q{}", month / 3 + 1),
        _ => format!("{year}-{:02}", month + 1),
    }
}

/// Without an export that names it, each kind that is imported or archived is exported whole.
fn implied_exports(sketch: &mut Sketch<'_>) {
    let mut kinds: Vec<(String, Option<String>)> = Vec::new();
    for (_, item) in sketch.items() {
        if let Content::Scope(part) = &item.content
            && matches!(part.verb, Verb::Import | Verb::Archive)
        {
            kinds.push((part.kind.clone(), item.owner.clone()));
        }
    }
    let exported = sketch.index(exported_kind);
    let fallback = backup_owner(sketch);
    for (kind, owner) in kinds {
        if exported.contains_key(&kind) {
            continue;
        }
        let mut made = stage(
            Id::new(["stage", "export", &kind]),
            Phase::Export,
            StageKind::Automatic,
            format!("Export {}", plural(&kind)),
            Operation::Export { kind: kind.clone(), scope: None, chunk: None },
        );
        made.owner = owner.or_else(|| fallback.clone());
        made.verification = vec!["counts".into(), "checksums".into()];
        sketch.add(made);
    }
}

/// The kind that an export stage reads.
pub(super) fn exported_kind(stage: &Stage) -> Option<&str> {
    match &stage.operation {
        Operation::Export { kind, .. } => Some(kind),
        _ => None,
    }
}

fn backup_owner(sketch: &Sketch<'_>) -> Option<String> {
    sketch
        .items()
        .find_map(|(_, item)| matches!(item.content, Content::Backup(_)).then(|| item.owner.clone())?)
}

fn edges(sketch: &mut Sketch<'_>) {
    let backups = sketch.which(|s| matches!(s.operation, Operation::Backup { .. }));
    let exports = sketch.which(|s| matches!(s.operation, Operation::Export { .. }));
    let cleans = sketch.which(|s| matches!(s.operation, Operation::Clean { .. }));
    sketch.need_all(&exports, &backups, "an export alone is no backup: the backup comes first");
    let of_kind = sketch.index(exported_kind);
    for clean in &cleans {
        let kind = clean.as_str().rsplit('/').next().unwrap_or_default();
        let exports = of_kind.get(kind).cloned().unwrap_or_default();
        sketch.need_all(std::slice::from_ref(clean), &exports, "only what was exported can be tidied");
    }
}
