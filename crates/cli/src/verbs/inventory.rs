//! `cutover inventory scan`.

mod earlier;

use std::io::Write as _;
use std::path::Path;

use cutover_catalog::{Catalog, write};
use cutover_diagnostics::sanitize::inert_line;
use cutover_ir::time::Date;
use cutover_plan::text::numbers::{count, number};
use cutover_scan::{Finding, Progress, ScanOptions, Severity};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{InventoryArgs, InventoryVerb, ScanArgs};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &InventoryArgs) -> Result<Exit, Failure> {
    match &args.verb {
        InventoryVerb::Scan(args) => scan(args),
    }
}

/// A bar on standard error; nothing where that is no terminal.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn at(&mut self, file: &str, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
        self.0.set_message(inert_line(file).into_owned());
    }
}

fn scan(args: &ScanArgs) -> Result<Exit, Failure> {
    let catalog = super::catalog::find(args.root.as_deref().unwrap_or(Path::new(".")), &args.platform)?;
    let taken = args.taken.as_deref().map(|text| {
        Date::parse(text).ok_or_else(|| {
            Failure::new(format!("`{text}` is not a date")).help("write year, month and day: 2026-11-20")
        })
    });
    if let Some(plan) = args.plan.as_deref().filter(|plan| catalog.plan(plan).is_none()) {
        return Err(no_plan(&catalog, plan));
    }
    if args.account.as_deref().is_some_and(|account| account.trim().is_empty()) {
        return Err(Failure::new("the account's name is empty")
            .help("leave `--account` out, or name the account as the spec does"));
    }
    let known = earlier::read(&args.output, &args.platform, args.account.as_deref())?;
    let stem = args.output.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let options = ScanOptions {
        account: args.account.clone().unwrap_or_else(|| folder_name(&args.folder)),
        plan: args.plan.clone(),
        taken: taken.transpose()?,
        layout: args.layout.clone(),
        names: args.names,
        sidecar: Some(format!("{stem}.unfinished.jsonl")),
        // Their classes are nobody's but the team's to know.
        states: known.as_ref().map(|known| known.states.clone()).unwrap_or_default(),
        ..ScanOptions::default()
    };
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {percent:>3}%  {bytes}/{total_bytes}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut bar = Bar(bar);
    let scanned = cutover_scan::scan(&args.folder, &catalog, &options, &mut bar);
    bar.0.finish_and_clear();
    let mut outcome = scanned
        .map_err(|error| Failure::new(format!("no inventory of {}", args.folder.display())).because(error))?;
    let json = args.output.extension().is_some_and(|e| e == "json");
    let mut out = std::io::stdout().lock();
    for finding in &outcome.findings {
        show(&mut out, finding, &args.folder)?;
    }
    let inventory = &mut outcome.inventory;
    if inventory.profile.is_empty() {
        writeln!(
            out,
            "{}: not written, since nothing of the export could be counted",
            args.output.display()
        )?;
        return Ok(Exit::Findings);
    }
    let told = known.map(|known| earlier::keep(inventory, known, args.account.is_some()));
    let inventory = &outcome.inventory;
    let text = if json { write::to_json(inventory) } else { write::to_yaml(inventory) };
    let text = text.ok_or_else(|| Failure::new("the inventory has a value that cannot be written"))?;
    let sidecar = args.output.with_file_name(format!("{stem}.unfinished.jsonl"));
    let unwritable = |path: &Path, error: &std::io::Error| {
        Failure::new(format!("cannot write {}", path.display())).because(without_path(error))
    };
    // Both are on the disk before either gets its name, so that a full disk leaves the old pair as it was. The inventory holds the
    // digest of its table: whoever reads a pair of which only one half was renamed can tell.
    let table = match &inventory.unfinished {
        Some(_) => Some(
            prepare(&sidecar, |file| outcome.unfinished.write_to(file))
                .map_err(|error| unwritable(&sidecar, &error))?,
        ),
        None => None,
    };
    let whole = prepare(&args.output, |file| file.write_all(text.as_bytes()))
        .map_err(|error| unwritable(&args.output, &error))?;
    if let Some(table) = table {
        table.persist(&sidecar).map_err(|error| unwritable(&sidecar, &error.error))?;
    }
    whole.persist(&args.output).map_err(|error| unwritable(&args.output, &error.error))?;
    let records: u64 = inventory.profile.values().map(|p| p.count).sum();
    writeln!(
        out,
        "{}: {} of {}, read by the layout `{}`",
        args.output.display(),
        count(records, "record", "records"),
        count(u64::try_from(inventory.profile.len()).unwrap_or(u64::MAX), "kind", "kinds"),
        outcome.layout
    )?;
    for line in told.iter().flat_map(|told| told.lines(&args.output)) {
        writeln!(out, "{}", inert_line(&line))?;
    }
    let serious = outcome.findings.iter().any(|f| f.severity != Severity::Note);
    Ok(if serious { Exit::Findings } else { Exit::Clean })
}

fn no_plan(catalog: &Catalog, plan: &str) -> Failure {
    let names: Vec<&str> = catalog.plans.keys().collect();
    Failure::new(format!("{} has no plan `{plan}`", catalog.title)).help(match names.is_empty() {
        true => "it is sold in one form only: leave `--plan` out".to_owned(),
        false => format!("its plans are {}", names.join(", ")),
    })
}

/// What the system said, without the name of a temporary file that nobody knows.
fn without_path(error: &std::io::Error) -> std::io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source());
    match inner.and_then(|inner| inner.downcast_ref::<std::io::Error>()) {
        Some(inner) => {
            inner.raw_os_error().map_or_else(|| inner.kind().into(), std::io::Error::from_raw_os_error)
        }
        None => error.raw_os_error().map_or_else(|| error.kind().into(), std::io::Error::from_raw_os_error),
    }
}

fn folder_name(folder: &Path) -> String {
    let full = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    full.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Writes a sibling of a file, which takes its name later: nobody ever sees half a file.
fn prepare(
    path: &Path,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = new_file_in(folder)?;
    {
        let mut buffered = std::io::BufWriter::new(file.as_file_mut());
        write(&mut buffered)?;
        buffered.flush()?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// A temporary file that, once renamed, has the rights of any new file: inventories are committed and read by others.
fn new_file_in(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn show(out: &mut dyn std::io::Write, finding: &Finding, folder: &Path) -> std::io::Result<()> {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    // Most findings say themselves how much they are about.
    let said = finding.message.contains(&finding.count.to_string());
    let times = if finding.count > 1 && !said {
        format!(" ({} times)", number(finding.count))
    } else {
        String::new()
    };
    let place = match finding.places.first() {
        Some(place) if place.line > 0 => format!("{}:{}", finding.file, place.line),
        _ if finding.file.is_empty() => folder.display().to_string(),
        _ => finding.file.clone(),
    };
    writeln!(
        out,
        "{}: {word}[{}]: {}{times}",
        inert_line(&place),
        finding.code,
        inert_line(&finding.message)
    )?;
    if !finding.help.is_empty() {
        writeln!(out, "    help: {}", finding.help)?;
    }
    Ok(())
}
