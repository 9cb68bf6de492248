//! Reads the files of a folder, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Seek as _};
use std::path::Path;

use cutover_catalog::catalog::{Encoding, ExportFormat};
use cutover_catalog::{Catalog, Kind, Part};
use cutover_records::{
    Elements, Entry, Folder, Found, Item, Lines, Picker, Place, Record, Skipped, Table, list_folder,
};

use crate::external::Spill;
use crate::finding::{Finding, Findings, Severity};
use crate::kind::KindAcc;
use crate::layout::{self, Reading, RecordPlan, Unread};
use crate::outcome;
use crate::unfinished::Gathering;
use crate::unknown::{UNKNOWN_COLUMN, Unknown, shorten};
use crate::world::{At, Source, World, pick, positions, take};
use crate::{Progress, ScanError, ScanOptions, ScanOutcome};

/// Records between two words of progress.
const STEP: u64 = 4096;

const UNKNOWN_IN_TABLE: &str = "scan/unknown-column#table";

/// Keys of pages that every product has: where the next page is, and how much there is.
const PAGING: [&str; 24] = [
    "after_cursor",
    "after_url",
    "before_cursor",
    "before_url",
    "count",
    "end_of_stream",
    "end_time",
    "has_more",
    "limit",
    "links",
    "meta",
    "next",
    "next_page",
    "offset",
    "page",
    "pages",
    "paging",
    "per_page",
    "prev_page",
    "previous_page",
    "start_at",
    "total",
    "total_count",
    "total_pages",
];

/// The whole scan, as a list of its parts.
pub(crate) fn scan(
    folder: &Path,
    catalog: &Catalog,
    options: &ScanOptions,
    progress: &mut dyn Progress,
) -> Result<ScanOutcome, ScanError> {
    let Folder { files, skipped } = list_folder(folder).map_err(ScanError::Folder)?;
    let (encoding, generic) = (Encoding::default(), Kind { part: Part::Other, ..Kind::default() });
    let chosen = layout::choose(catalog, options.layout.as_deref(), &files);
    let own_kinds = catalog.generic && options.layout.is_none() && chosen.is_err();
    let (name, (mut readings, unknown)) = if own_kinds {
        ("one kind a file", layout::generic_readings(&files, &encoding, options.limits)?)
    } else {
        let (name, layout) = chosen?;
        (name, layout::readings(layout, &files, options.limits)?)
    };
    if readings.is_empty() {
        return Err(layout::none_fits(catalog, &files, Some(name)));
    }
    let spill = Spill::new(options.temporary.as_deref()).map_err(ScanError::Temporary)?;
    let mut kinds = if own_kinds {
        generic_kinds(&generic, &readings, &spill)?
    } else {
        gather_kinds(catalog, &readings, &spill)?
    };
    bind(&mut readings, &mut kinds);
    for kind in &mut kinds {
        let given = options.states.get(&kind.name).into_iter().flat_map(cutover_catalog::Table::iter);
        kind.added_states.extend(given.map(|(name, state)| (name.to_owned(), state.clone())));
    }
    // Definitions and people come before tickets, tickets before what happened to them.
    readings.sort_by_key(|reading| kinds.get(reading.plan.at).map_or(0, |kind| rank(kind.part)));
    let tickets = kinds.iter().position(|kind| kind.part == Part::Ticket);
    let mut world = World {
        catalog,
        options,
        spill: spill.clone(),
        findings: Findings::default(),
        unknown: Unknown::default(),
        names: Default::default(),
        agents: Default::default(),
        memberships: Vec::new(),
        definitions: Default::default(),
        gathering: Gathering::new(options, &spill),
        own_kinds,
        tickets,
        ticket_kind: tickets.and_then(|at| kinds.get(at)).map(|kind| kind.name.clone()).unwrap_or_default(),
        newest: None,
        offset: 0,
        file: Default::default(),
    };
    note_files(&mut world.findings, &unknown, &skipped);
    let total = readings.iter().map(|reading| reading.entry.bytes).sum();
    let mut done = 0;
    for reading in &readings {
        let mut report = |offset: u64| progress.at(&reading.entry.name, (done + offset).min(total), total);
        report(0);
        if let Some(kind) = kinds.get_mut(reading.plan.at) {
            // A table that only adds to objects holds none.
            kind.exported |= reading.plan.adds.is_none();
        }
        world.file = Default::default();
        read(reading, &readings, &mut world, &mut kinds, &mut report)?;
        if world.file.is_lost() {
            world.findings.raise(&reading.entry.name);
            lose(&reading.plan, &mut kinds);
        }
        world.unknown.finish(&mut world.findings);
        for kind in &mut kinds {
            kind.rest().map_err(ScanError::Temporary)?;
        }
        done += reading.entry.bytes;
        progress.at(&reading.entry.name, done, total);
    }
    outcome::finish(world, kinds, name).map_err(ScanError::Temporary)
}

/// Marks the kinds of a file that could not be read: how many there are is not known.
fn lose(plan: &RecordPlan, kinds: &mut [KindAcc<'_>]) {
    if let Some(kind) = kinds.get_mut(plan.at) {
        kind.lost = true;
    }
    for nested in &plan.nested {
        lose(&nested.plan, kinds);
    }
}

/// In which order kinds are read.
fn rank(part: Part) -> u8 {
    match part {
        Part::User | Part::Agent | Part::Organization | Part::Membership => 1,
        Part::Ticket => 2,
        Part::Comment
        | Part::Attachment
        | Part::Transcript
        | Part::History
        | Part::Rating
        | Part::TimeEntry
        | Part::Link
        | Part::Task => 3,
        _ => 0,
    }
}

fn gather_kinds<'c>(
    catalog: &'c Catalog,
    readings: &[Reading<'_>],
    spill: &std::rc::Rc<Spill>,
) -> Result<Vec<KindAcc<'c>>, ScanError> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for reading in readings {
        reading.plan.kinds(&mut wanted);
    }
    if let Some(unknown) = wanted.keys().find(|kind| !catalog.kinds.contains(kind)) {
        return Err(ScanError::Layout(format!(
            "it names the kind `{unknown}`, which the catalog does not have"
        )));
    }
    let mut kinds = Vec::new();
    // In the catalog's order, so that every table of the outcome is.
    for (name, kind) in catalog.kinds.iter() {
        if let Some(fields) = wanted.get(name) {
            kinds.push(KindAcc::new(name, kind, fields, spill).map_err(ScanError::Layout)?);
        }
    }
    let at = positions(&kinds);
    let policies: Vec<usize> = kinds
        .iter()
        .enumerate()
        .filter(|(_, kind)| kind.part == Part::SlaPolicy)
        .map(|(position, _)| position)
        .collect();
    for kind in &mut kinds {
        let level = kind.roles.get("sla");
        for (position, field) in kind.fields.iter_mut().enumerate() {
            if level == Some(position) && field.targets.is_empty() {
                field.named_positions.clone_from(&policies);
            }
            field.target_positions =
                field.targets.iter().filter_map(|target| at.get(target).copied()).collect();
        }
    }
    Ok(kinds)
}

/// Kinds of a generic platform, by name.
fn generic_kinds<'c>(
    kind: &'c Kind,
    readings: &[Reading<'_>],
    spill: &std::rc::Rc<Spill>,
) -> Result<Vec<KindAcc<'c>>, ScanError> {
    let names: BTreeSet<&str> = readings.iter().map(|reading| reading.plan.kind.as_str()).collect();
    let new = |name: &str| KindAcc::new(name, kind, &BTreeSet::new(), spill).map_err(ScanError::Layout);
    names.into_iter().map(new).collect()
}

fn bind(readings: &mut [Reading<'_>], kinds: &mut [KindAcc<'_>]) {
    let at = positions(kinds);
    for reading in readings {
        let kind = |name: &str| at.get(name).copied().unwrap_or(usize::MAX);
        let field = |kind: usize, name: &str| kinds.get(kind).map_or(usize::MAX, |kind| kind.position(name));
        reading.plan.bind(&kind, &field);
        name_keys(&reading.plan, kinds);
    }
}

/// Tells each kind which of its fields is the key.
fn name_keys(plan: &RecordPlan, kinds: &mut [KindAcc<'_>]) {
    if plan.adds.is_some() {
        return;
    }
    if let (Some(key), Some(kind)) = (plan.key, kinds.get_mut(plan.at)) {
        let field = plan.fields.iter().find(|(_, slots)| slots.contains(&key));
        kind.key_field = field.map(|(name, _)| name.clone()).or(kind.key_field.take());
    }
    for nested in &plan.nested {
        name_keys(&nested.plan, kinds);
    }
}

/// Whether a file tells people about the folder it lies in, or belongs to the machine that made it: no export, so nothing is lost.
fn is_about_the_folder(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or_default().to_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    matches!(stem, "readme" | "license" | "licence" | "notice")
        && !name.ends_with(".csv")
        && !name.contains(".json")
        || matches!(
            &*name,
            ".ds_store" | "thumbs.db" | "desktop.ini" | ".gitattributes" | ".gitignore" | ".gitkeep"
        )
}

/// So many unread files of one folder and one ending are still told one by one. An export with its attachments holds thousands, of which each says the same.
const FEW: usize = 3;

/// Whether a file may hold records, by its ending: each such file is told by itself, since what is in it may be what is missing.
fn may_hold_records(ending: &str) -> bool {
    [".csv", ".json", ".jsonl", ".ndjson"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// What a folder and the ending of a name have in common: `attachments`, `.png`.
fn alike(file: &str) -> (&str, &str) {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    (folder, name.rfind('.').filter(|at| *at > 0).and_then(|at| name.get(at..)).unwrap_or_default())
}

fn note_files(findings: &mut Findings, unknown: &[Unread<'_>], skipped: &[Skipped]) {
    let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (file, passed) in unknown.iter().filter(|(file, _)| !is_about_the_folder(file)) {
        if let Some(why) = passed {
            findings.plain(
                Severity::Note,
                "scan/passed-file",
                (file, ""),
                format!("the export layout passes this file over: {why}"),
                "Nothing is to be done unless the migration needs what is in it.",
                1,
            );
            continue;
        }
        groups.entry(alike(file)).or_default().push(file);
    }
    for ((folder, ending), files) in groups {
        if files.len() > FEW && !may_hold_records(ending) {
            let place = if folder.is_empty() { format!("*{ending}") } else { format!("{folder}/*{ending}") };
            let of = files.len() as u64;
            findings.plain(
                Severity::Warning,
                "scan/unknown-file#alike",
                (&place, ""),
                format!("the export layout knows none of these {of} files; they were not read"),
                "Add them to the layout of your own catalog that extends this one, or remove them from the folder. Attachments \
                 may stay: a run finds them by the path in their record.",
                of,
            );
            continue;
        }
        for file in files {
            findings.plain(
                Severity::Warning,
                "scan/unknown-file",
                (file, ""),
                "the export layout does not know this file; it was not read".to_owned(),
                "Add it to the layout of your own catalog that extends this one, or remove it from the folder.",
                1,
            );
        }
    }
    for entry in skipped {
        let (name, what) = match entry {
            Skipped::Link(name) => (name, "is a link to something in the folder; it was not read twice"),
            Skipped::Special(name) => (name, "is neither a file nor a folder; it was not read"),
            Skipped::Name(name) => (name, "has a name that is not UTF-8; it was not read"),
        };
        findings.plain(
            Severity::Warning,
            "scan/skipped-file",
            (name, ""),
            what.to_owned(),
            "Replace it by a plain file.",
            1,
        );
    }
}

fn read(
    reading: &Reading<'_>,
    readings: &[Reading<'_>],
    world: &mut World<'_>,
    kinds: &mut [KindAcc<'_>],
    report: &mut dyn FnMut(u64),
) -> Result<(), ScanError> {
    let Entry { name, path, .. } = reading.entry;
    let failed = |error| ScanError::Read { path: path.clone(), error };
    let file = File::open(path).map_err(failed)?;
    if reading.format == ExportFormat::Csv {
        return read_table(reading, file, world, kinds, report);
    }
    let Some(picker) = &reading.plan.picker else { return Ok(()) };
    let mut count = 0_u64;
    if reading.format == ExportFormat::Jsonl && reading.array_at.is_empty() {
        let mut lines = Lines::new(file, world.options.limits);
        while let Some(item) = lines.next().map_err(failed)? {
            take_json(reading, picker, item, world, kinds)?;
            tell(&mut count, world, report);
        }
        return Ok(());
    }
    let mut elements = Elements::new(file, reading.array_at.clone(), world.options.limits);
    while let Some(item) = elements.next().map_err(failed)? {
        take_json(reading, picker, item, world, kinds)?;
        tell(&mut count, world, report);
    }
    for key in elements.page_keys() {
        let read = readings.iter().any(|other| other.entry.name == *name && other.array_at.join(".") == *key);
        if !read
            && !reading.plan.ignores_rest
            && !PAGING.contains(&key.as_str())
            && !reading.plan.ignored.contains(key)
        {
            world.findings.plain(
                Severity::Note,
                "scan/unread-list",
                (name, key),
                format!(
                    "`{}` stands beside the list of {} and was not read",
                    shorten(key),
                    reading.plan.kind
                ),
                "If it holds objects, add it to the layout with `array_at`; else add it under `ignored`.",
                1,
            );
        }
    }
    Ok(())
}

/// Reports progress now and then.
fn tell(count: &mut u64, world: &World<'_>, report: &mut dyn FnMut(u64)) {
    *count += 1;
    if count.is_multiple_of(STEP) {
        report(world.offset);
    }
}

fn take_json(
    reading: &Reading<'_>,
    picker: &Picker,
    item: Item<Record<'_>>,
    world: &mut World<'_>,
    kinds: &mut [KindAcc<'_>],
) -> Result<(), ScanError> {
    let file = reading.entry.name.as_str();
    let record = match item {
        Item::Record(record) => record,
        Item::Problem(found) => {
            problem(world, file, &found);
            return Ok(());
        }
    };
    world.offset = record.place.offset;
    world.file.records += 1;
    let at = At { file, place: record.place, encoding: reading.encoding };
    match pick(world, &reading.plan, picker, record, at) {
        Ok(picked) => {
            for found in picked.problems() {
                world.findings.problem(file, found);
            }
            take(world, kinds, &reading.plan, &Source::Json(&picked), None, at)
                .map_err(ScanError::Temporary)?;
        }
        Err(found) => {
            world.file.records -= 1;
            problem(world, file, &found);
        }
    }
    Ok(())
}

fn problem(world: &mut World<'_>, file: &str, found: &Found) {
    use cutover_records::Problem as P;
    world.offset = found.place.offset;
    match &found.problem {
        P::Utf16 | P::Truncated | P::NoList { .. } | P::TooManyColumns => world.file.cut = true,
        P::TooLong { .. } | P::TooDeep | P::NotUtf8 | P::NotJson { .. } => world.file.skipped += 1,
        _ => {}
    }
    world.findings.problem(file, found);
}

/// Opens a table by the separator with which its columns are known: spreadsheets of half of the world write `;`.
fn separated(reading: &Reading<'_>, mut file: File, world: &mut World<'_>) -> io::Result<Table<File>> {
    let limits = world.options.limits;
    let by_comma = Table::open(file.try_clone()?, b',', limits)?;
    let [only] = by_comma.header() else {
        file.rewind()?;
        return Table::open(file, b',', limits);
    };
    let known = |name: &str| reading.plan.paths.iter().any(|path| path == name.trim().trim_matches('"'));
    let other = [(';', b';'), ('\t', b'\t'), ('|', b'|')]
        .into_iter()
        .find(|(sign, _)| only.contains(*sign) && only.split(*sign).any(known));
    file.rewind()?;
    let Some((sign, byte)) = other else { return Table::open(file, b',', limits) };
    let shown = if sign == '\t' { "tabs".to_owned() } else { format!("`{sign}`") };
    world.findings.plain(
        Severity::Note,
        "scan/separator",
        (&reading.entry.name, ""),
        format!("the columns are parted by {shown} instead of commas, and are read so"),
        "Nothing has to be done for the inventory. What loads this file later has to part it in the same way: export it with commas, if you can.",
        1,
    );
    Table::open(file, byte, limits)
}

fn read_table(
    reading: &Reading<'_>,
    file: File,
    world: &mut World<'_>,
    kinds: &mut [KindAcc<'_>],
    report: &mut dyn FnMut(u64),
) -> Result<(), ScanError> {
    let name = reading.entry.name.as_str();
    let failed = |error: io::Error| ScanError::Read { path: reading.entry.path.clone(), error };
    let mut table = separated(reading, file, world).map_err(failed)?;
    let columns: Vec<Option<usize>> = reading.plan.paths.iter().map(|path| table.column(path)).collect();
    let prefix = reading.plan.custom.as_ref().and_then(|custom| custom.prefix.clone());
    let mut custom = Vec::new();
    for (at, column) in table.header().iter().enumerate() {
        if columns.contains(&Some(at)) || table.column(column) != Some(at) {
            continue;
        }
        if prefix.as_deref().is_some_and(|prefix| !column.is_empty() && column.starts_with(prefix)) {
            custom.push((column.clone(), at));
            continue;
        }
        if reading.plan.ignores_rest {
            continue;
        }
        world.findings.add(Finding {
            severity: Severity::Warning,
            code: Finding::code_of(UNKNOWN_IN_TABLE),
            site: UNKNOWN_IN_TABLE,
            file: name.to_owned(),
            subject: shorten(column),
            message: format!(
                "the column `{}` of {} is not in the export layout",
                shorten(column),
                reading.plan.kind
            ),
            help: UNKNOWN_COLUMN,
            count: 1,
            places: vec![Place { line: 1, offset: 0 }],
        });
    }
    if !table.header().is_empty() {
        absent(reading, &columns, world);
    }
    let mut count = 0;
    while let Some(item) = table.next().map_err(failed)? {
        match item {
            Item::Problem(found) => problem(world, name, &found),
            Item::Record(row) => {
                world.offset = row.place.offset;
                world.file.records += 1;
                let at = At { file: name, place: row.place, encoding: reading.encoding };
                let source = Source::Row { row, columns: &columns, custom: &custom };
                take(world, kinds, &reading.plan, &source, None, at).map_err(ScanError::Temporary)?;
            }
        }
        tell(&mut count, world, report);
    }
    Ok(())
}

/// Columns of the layout that the table lacks.
fn absent(reading: &Reading<'_>, columns: &[Option<usize>], world: &mut World<'_>) {
    let custom = reading.plan.custom.as_ref().map(|custom| custom.slot);
    for (slot, (path, column)) in reading.plan.paths.iter().zip(columns).enumerate() {
        if column.is_some() || custom == Some(slot) || reading.plan.ignored.contains(path) {
            continue;
        }
        let key = reading.plan.key == Some(slot);
        world.findings.plain(
            if key { Severity::Warning } else { Severity::Note },
            "scan/absent-column",
            (&reading.entry.name, path),
            format!("the column `{}` of {} is not in the file", shorten(path), reading.plan.kind),
            "Export the column too, if the account has it.",
            1,
        );
    }
}
