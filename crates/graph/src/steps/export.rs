//! Freeze of the rules, backup and restore test, export in parts, cleaning of the copy.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::predicate::Predicate;
use cutover_ir::time::{Date, Instant};
use cutover_plan::model::{
    Chunk, ChunkRule, Content, Export, ExportPart, Inverse, Operation, Pass, Phase, Selection, Stage,
    StageKind, Undo, Verb, Words,
};
use rustc_hash::FxHashMap;

use super::caps;
use crate::Sketch;
use crate::sketch::{CHECKSUMS, Node, carries, spaced, stage};

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
                made.not_before = Some(Box::new(freeze.from.clone()));
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
                made.verification = Words::clone(&CHECKSUMS);
                let copied = sketch.add(made);
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
                let restored = sketch.add(test);
                sketch.need(restored, copied, "only what was copied can be restored");
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
    // Two exports may read one kind: then their names tell the stages apart.
    let several =
        sketch.items().filter(|(_, item)| matches!(item.content, Content::Export(_))).nth(1).is_some();
    let name = id.as_str().rsplit('/').next().filter(|_| several);
    let verify = Words::from(export.verify.as_slice());
    for part in &export.parts {
        let pieces = chunks(sketch, part);
        // An export that nobody wrote stands where its records are decided.
        let decided = sketch.imports_of(&part.kind).first().and_then(|line| sketch.places.get(*line));
        let at = sketch.places.get(&part.id).or(decided).or_else(|| sketch.places.get(id)).copied();
        let beyond = caps::beyond(sketch, &part.kind, &part.which, &pieces, at);
        sketch.diagnostics.extend(beyond);
        if part.chunks.is_some() {
            made_so_far += pieces.len();
        }
        if made_so_far > MAX_PIECES {
            let finding = Diagnostic::error("export/too-many-pieces", "the export is cut into too many pieces")
                .help("cut by a longer time, such as `year`, or cut fewer kinds; an inventory with a wrong earliest or latest time does this too");
            let finding = match at {
                Some(span) => {
                    finding.primary(span, format!("with this part there are more than {MAX_PIECES}"))
                }
                None => finding,
            };
            sketch.diagnostics.push(finding);
            return;
        }
        for chunk in pieces {
            let mut parts = vec!["stage", "export"];
            parts.extend(name);
            parts.push(&part.kind);
            // `export/staged/ticket/rest`: what follows the kind tells parts of one kind apart.
            parts.extend(part.id.as_str().split('/').skip(3));
            if let Some(chunk) = &chunk {
                parts.push(&chunk.name);
            }
            let title = match &chunk {
                Some(chunk) => format!("Export {}: {}", plural(&part.kind), chunk.name),
                None => format!("Export {}", described(&part.kind, &part.which)),
            };
            let title = match name {
                Some(name) => format!("{title} ({})", spaced(name)),
                None => title,
            };
            let mut made = stage(
                Id::new(parts),
                Phase::Export,
                StageKind::Automatic,
                title,
                Operation::Export {
                    kind: part.kind.clone(),
                    scope: scope(&part.which),
                    chunk: chunk.map(Box::new),
                },
            );
            made.verification = Words::clone(&verify);
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

fn scope(which: &Selection) -> Option<Box<Predicate>> {
    match which {
        Selection::Where(predicate) | Selection::Rest(predicate) => Some(Box::new(predicate.clone())),
        Selection::All | Selection::Named(_) | Selection::RestNamed(_) => None,
    }
}

/// The pieces of a part: by time, or by the values that the inventory saw. Whatever the inventory did not see is in one of them too:
/// records change, and values are added, until the last one is read.
fn chunks(sketch: &Sketch<'_>, part: &ExportPart) -> Vec<Option<Chunk>> {
    let Some(rule) = &part.chunks else { return vec![None] };
    let kind = sketch.world.source().and_then(|s| s.kind(&part.kind));
    let profile = kind.and_then(|k| k.field(&rule.field)).and_then(|f| f.profile);
    let Some(profile) = profile else { return vec![None] };
    let length = match rule.by.as_str() {
        "year" => Length::Months(12),
        "quarter" => Length::Months(3),
        "month" => Length::Months(1),
        "week" => Length::Week,
        "day" => Length::Day,
        _ => return by_value(rule, profile.values.keys()),
    };
    let ends = profile.min.as_deref().zip(profile.max.as_deref());
    let ends = ends.and_then(|(min, max)| Some((date_of(min)?, date_of(max)?)));
    ends.map_or_else(|| vec![None], |(first, last)| by_time(rule, length, first, last))
}

/// A piece for each value, and one for all records that have none of them.
fn by_value<'v>(rule: &ChunkRule, values: impl Iterator<Item = &'v str>) -> Vec<Option<Chunk>> {
    let piece = |name: &str, value: Option<&str>| {
        Some(Chunk {
            name: name.to_owned(),
            field: rule.field.clone(),
            from: None,
            to: None,
            value: value.map(str::to_owned),
        })
    };
    let mut pieces: Vec<_> = values.map(|value| piece(value, Some(value))).collect();
    if pieces.is_empty() {
        return vec![None];
    }
    pieces.push(piece("the rest", None));
    pieces
}

/// Pieces from the first date to the last one. The first has no beginning and the last no end, so that together they are everything.
fn by_time(rule: &ChunkRule, length: Length, first: Date, last: Date) -> Vec<Option<Chunk>> {
    let mut starts = Vec::new();
    let mut next = length.start(first);
    // One more than is allowed is enough to see that there are too many.
    while let Some(start) = next.filter(|start| *start <= last && starts.len() <= MAX_PIECES) {
        starts.push(start);
        next = length.after(start);
    }
    let midnight = |date: &Date| Instant::from_seconds(i64::from(date.days()) * 86_400);
    let pieces = starts.iter().enumerate().map(|(at, start)| {
        Some(Chunk {
            name: length.name(*start),
            field: rule.field.clone(),
            from: (at > 0).then(|| midnight(start)),
            to: starts.get(at + 1).map(midnight),
            value: None,
        })
    });
    let pieces: Vec<_> = pieces.collect();
    if pieces.is_empty() { vec![None] } else { pieces }
}

/// How long a piece of time is.
#[derive(Clone, Copy)]
enum Length {
    Months(i32),
    Week,
    Day,
}

impl Length {
    /// The first day of the piece in which a day is. Weeks begin on Monday.
    fn start(self, date: Date) -> Option<Date> {
        match self {
            Length::Months(months) => {
                let month = month_of(date);
                first_of(month - month.rem_euclid(months))
            }
            // 1970-01-01 was a Thursday.
            Length::Week => Some(Date::from_days(date.days() - (date.days() + 3).rem_euclid(7))),
            Length::Day => Some(date),
        }
    }

    /// The first day of the piece behind the one that begins on `start`.
    fn after(self, start: Date) -> Option<Date> {
        match self {
            Length::Months(months) => first_of(month_of(start) + months),
            Length::Week => Some(Date::from_days(start.days() + 7)),
            Length::Day => Some(Date::from_days(start.days() + 1)),
        }
    }

    fn name(self, start: Date) -> String {
        let (year, month, day) = start.ymd();
        match self {
            Length::Months(12) => format!("{year}"),
            Length::Months(3) => format!("{year}-q{}", (month - 1) / 3 + 1),
            Length::Months(_) => format!("{year}-{month:02}"),
            Length::Week => format!("week-{year}-{month:02}-{day:02}"),
            Length::Day => format!("{year}-{month:02}-{day:02}"),
        }
    }
}

/// The day of a date or an instant as text.
fn date_of(text: &str) -> Option<Date> {
    Date::parse(text).or_else(|| Instant::parse(text).map(Instant::utc_date))
}

/// Months since year 0.
fn month_of(date: Date) -> i32 {
    let (year, month, _) = date.ymd();
    year * 12 + i32::from(month) - 1
}

fn first_of(month: i32) -> Option<Date> {
    Date::new(month.div_euclid(12), u8::try_from(month.rem_euclid(12) + 1).ok()?, 1)
}

/// Without an export that names it, each kind that is imported or archived is exported whole.
fn implied_exports(sketch: &mut Sketch<'_>) {
    // Several lines of `scope` may be about one kind, of which not each has an owner.
    let mut found: FxHashMap<&str, (Option<&str>, Option<Span>)> = FxHashMap::default();
    for (id, item) in sketch.items() {
        if let Content::Scope(part) = &item.content
            && matches!(part.verb, Verb::Import | Verb::Archive)
        {
            let (owner, line) = found.entry(&part.kind).or_default();
            *line = line.or_else(|| sketch.places.get(id).copied());
            *owner = owner.or(item.owner.as_deref());
        }
    }
    let mut kinds: Vec<_> = found.into_iter().collect();
    kinds.sort_unstable_by_key(|(kind, _)| *kind);
    let exported = sketch.index(exported_kind);
    let fallback = backup_owner(sketch);
    for (kind, (owner, line)) in kinds {
        if exported.contains_key(kind) {
            continue;
        }
        let beyond = caps::beyond(sketch, kind, &Selection::All, &[], line);
        sketch.diagnostics.extend(beyond);
        let mut made = stage(
            Id::new(["stage", "export", kind]),
            Phase::Export,
            StageKind::Automatic,
            format!("Export {}", plural(kind)),
            Operation::Export { kind: kind.to_owned(), scope: None, chunk: None },
        );
        made.owner = owner.map(str::to_owned).or_else(|| fallback.clone());
        made.verification = Words::clone(&CHECKSUMS);
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

/// The kind that a cleaning stage tidies.
pub(super) fn cleaned_kind(stage: &Stage) -> Option<&str> {
    match &stage.operation {
        Operation::Clean { kind, .. } => Some(kind),
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
    sketch.need_all(&exports, &backups, "an export alone is no backup: the backup comes first");
    let of_kind = sketch.index(exported_kind);
    let cleans: Vec<(Node, String)> =
        sketch.nodes().filter_map(|(node, stage)| Some((node, cleaned_kind(stage)?.to_owned()))).collect();
    for (clean, kind) in cleans {
        let exports = of_kind.get(&kind).map(|nodes| &**nodes).unwrap_or_default();
        sketch.need_all(&[clean], exports, "only what was exported can be tidied");
    }
}

#[cfg(test)]
mod tests {
    use cutover_ir::time::Date;
    use cutover_plan::model::{Chunk, ChunkRule};

    use super::{Length, MAX_PIECES, by_time, by_value};

    fn rule() -> ChunkRule {
        ChunkRule { by: "quarter".to_owned(), field: "updated_at".to_owned() }
    }

    fn pieces(length: Length, first: &str, last: &str) -> Vec<Chunk> {
        let (Some(first), Some(last)) = (Date::parse(first), Date::parse(last)) else { return Vec::new() };
        by_time(&rule(), length, first, last).into_iter().flatten().collect()
    }

    fn names(pieces: &[Chunk]) -> Vec<&str> {
        pieces.iter().map(|piece| piece.name.as_str()).collect()
    }

    #[test]
    fn pieces_of_time_leave_nothing_out() {
        let cases = [
            (Length::Months(12), "2024-02-29", "2026-01-01", vec!["2024", "2025", "2026"]),
            (Length::Months(3), "2025-11-30", "2026-04-01", vec!["2025-q4", "2026-q1", "2026-q2"]),
            (Length::Months(1), "2025-12-31", "2026-01-01", vec!["2025-12", "2026-01"]),
            (Length::Week, "2026-11-22", "2026-11-23", vec!["week-2026-11-16", "week-2026-11-23"]),
            (Length::Day, "2026-02-28", "2026-03-01", vec!["2026-02-28", "2026-03-01"]),
        ];
        for (length, first, last, expected) in cases {
            let pieces = pieces(length, first, last);
            assert_eq!(names(&pieces), expected);
            assert_eq!(pieces.first().and_then(|piece| piece.from), None, "older records are in the first");
            assert_eq!(pieces.last().and_then(|piece| piece.to), None, "newer records are in the last");
            for pair in pieces.windows(2) {
                let [one, next] = pair else { continue };
                assert!(one.to.is_some() && one.to == next.from, "{} and {} touch", one.name, next.name);
            }
        }
    }

    #[test]
    fn too_many_pieces_are_not_all_made() {
        assert_eq!(pieces(Length::Day, "0001-01-01", "9999-12-31").len(), MAX_PIECES + 1);
        assert_eq!(by_time(&rule(), Length::Day, Date::from_days(1), Date::from_days(0)), vec![None]);
    }

    #[test]
    fn values_that_look_alike_stay_apart_and_others_have_a_piece() {
        let made: Vec<Chunk> =
            by_value(&rule(), ["In work", "in_work"].into_iter()).into_iter().flatten().collect();
        assert_eq!(names(&made), vec!["In work", "in_work", "the rest"]);
        assert_eq!(made.last().and_then(|piece| piece.value.as_deref()), None);
        assert_eq!(by_value(&rule(), std::iter::empty()), vec![None]);
    }
}
