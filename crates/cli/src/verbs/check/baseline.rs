//! `--baseline`: findings that are known are not shown.

use std::io::Write as _;
use std::path::Path;

use cutover::{Compilation, Known};

use crate::args::FindArgs;
use crate::failure::Failure;
use crate::output;

/// Leaves out what the file knows, and writes the file when that is asked for. Whether there is something new that must not go in.
pub(super) fn apply(file: &Path, args: &FindArgs, compilation: &mut Compilation) -> Result<bool, Failure> {
    let today = Known::of(&compilation.sources, &compilation.diagnostics);
    let known = read(file, args.update_baseline)?;
    let mut err = std::io::stderr().lock();
    let Some(known) = known else {
        write(file, &today)?;
        writeln!(err, "{} knows {} now", file.display(), findings(today.len()))?;
        today.leave_out(&compilation.sources, &mut compilation.diagnostics);
        return Ok(false);
    };
    let (new, mended) = (today.beyond(&known), known.beyond(&today));
    if !args.update_baseline {
        if mended > 0 {
            writeln!(
                err,
                "{} of {} mended: `--update-baseline` takes them out",
                findings(mended),
                file.display()
            )?;
        }
        known.leave_out(&compilation.sources, &mut compilation.diagnostics);
        return Ok(false);
    }
    judged(file, args, compilation)?;
    let kept = if args.grow { today } else { known.shared(&today) };
    if kept != known {
        write(file, &kept)?;
    }
    kept.leave_out(&compilation.sources, &mut compilation.diagnostics);
    let grown = new > 0 && !args.grow;
    writeln!(err, "{} knows {} now, {mended} fewer", file.display(), findings(kept.len()))?;
    if grown {
        writeln!(
            err,
            "{} not in it and {} not added: mend them, or decide to live with them by `--grow`",
            findings(new),
            if new == 1 { "was" } else { "were" }
        )?;
    }
    Ok(grown)
}

/// What nobody looked for is not mended: a baseline shrinks by calls only that look for everything.
fn judged(file: &Path, args: &FindArgs, compilation: &Compilation) -> Result<(), Failure> {
    let not_written = || {
        Failure::new(format!(
            "{} stays as it is: this call does not look for all that it knows",
            file.display()
        ))
    };
    if !args.only.is_empty() || args.since.is_some() {
        return Err(not_written().help("leave out `--only` and `--since` beside `--update-baseline`"));
    }
    if compilation.errors() > 0 {
        return Err(not_written().help("mend the errors first: lints are not told of a spec with mistakes"));
    }
    Ok(())
}

/// The file; none when there is none and one is to be written.
fn read(file: &Path, may_be_missing: bool) -> Result<Option<Known>, Failure> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if may_be_missing && error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Failure::new(format!("cannot read {}", file.display()))
                .because(error)
                .help("`--update-baseline` makes it"));
        }
    };
    Known::read(&text).map(Some).map_err(|line| {
        Failure::new(format!("line {line} of {} is not that of a baseline", file.display()))
            .help("take both sides of a conflict and run `--update-baseline`, or restore the file from git")
    })
}

fn write(file: &Path, known: &Known) -> Result<(), Failure> {
    output::replace(file, &known.write())
        .map_err(|error| Failure::new(format!("cannot write {}", file.display())).because(error))
}

fn findings(number: usize) -> String {
    if number == 1 { "1 finding".to_owned() } else { format!("{number} findings") }
}
