//! `cutover inventory scan`.

use std::io::Write as _;
use std::path::Path;

use cutover_catalog::{Catalog, builtin, write};
use cutover_diagnostics::sanitize::inert_line;
use cutover_ir::time::Date;
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
    let Some(catalog) = Catalog::builtin(&args.platform) else {
        let near = cutover_diagnostics::suggest::nearest(&args.platform, builtin::list().map(|l| l.name), 3);
        return Err(Failure::new(format!("there is no catalog `{}`", args.platform)).help(
            match near.as_slice() {
                [] => "`cutover catalog list` shows all".to_owned(),
                near => format!("near: {}", near.join(", ")),
            },
        ));
    };
    let taken = args.taken.as_deref().map(|text| {
        Date::parse(text).ok_or_else(|| {
            Failure::new(format!("`{text}` is not a date")).help("write year, month and day: 2026-11-20")
        })
    });
    let stem = args.output.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let options = ScanOptions {
        account: args.account.clone().unwrap_or_else(|| folder_name(&args.folder)),
        plan: args.plan.clone(),
        taken: taken.transpose()?,
        layout: args.layout.clone(),
        names: args.names,
        sidecar: Some(format!("{stem}.unfinished.jsonl")),
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
    let inventory = &outcome.inventory;
    let text = if json { write::to_json(inventory) } else { write::to_yaml(inventory) };
    let text = text.ok_or_else(|| Failure::new("the inventory has a value that cannot be written"))?;
    let sidecar = args.output.with_file_name(format!("{stem}.unfinished.jsonl"));
    let unwritable = |path: &Path, error: std::io::Error| {
        Failure::new(format!("cannot write {}", path.display())).because(error)
    };
    // Both are on the disk before either gets its name, so that a full disk leaves the old pair as it was. The inventory holds the
    // digest of its table: whoever reads a pair of which only one half was renamed can tell.
    let table = prepare(&sidecar, |file| outcome.unfinished.write_to(file))
        .map_err(|error| unwritable(&sidecar, error))?;
    let whole = prepare(&args.output, |file| file.write_all(text.as_bytes()))
        .map_err(|error| unwritable(&args.output, error))?;
    table.persist(&sidecar).map_err(|error| unwritable(&sidecar, error.error))?;
    whole.persist(&args.output).map_err(|error| unwritable(&args.output, error.error))?;
    let mut out = std::io::stdout().lock();
    for finding in &outcome.findings {
        show(&mut out, finding)?;
    }
    let records: u64 = outcome.inventory.profile.values().map(|p| p.count).sum();
    writeln!(
        out,
        "{}: {records} records of {} kinds, read by the layout `{}`",
        args.output.display(),
        outcome.inventory.profile.len(),
        outcome.layout
    )?;
    let serious = outcome.findings.iter().any(|f| f.severity == Severity::Warning);
    Ok(if serious { Exit::Findings } else { Exit::Clean })
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

fn show(out: &mut dyn std::io::Write, finding: &Finding) -> std::io::Result<()> {
    let word = match finding.severity {
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let times = if finding.count > 1 { format!(" ({} times)", finding.count) } else { String::new() };
    let place = match finding.places.first() {
        Some(place) if place.line > 0 => format!("{}:{}", finding.file, place.line),
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
