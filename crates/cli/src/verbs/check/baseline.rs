//! `--baseline`: findings that are known are not shown.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use cutover::{Compilation, Known};
use cutover_diagnostics::SourceMap;

use crate::args::FindArgs;
use crate::failure::Failure;
use crate::output::{self, Located};

/// Leaves out what the file knows, and writes the file when that is asked for. Whether there is something new that must not go in.
pub(super) fn apply(
    file: &Path,
    args: &FindArgs,
    located: &Located,
    compilation: &mut Compilation,
) -> Result<bool, Failure> {
    let basis = Basis::of(file, located)?;
    let sources = basis.sources(&compilation.sources);
    let today = Known::of(&sources, &compilation.diagnostics);
    let known = read(file, args.update_baseline)?;
    let mut err = std::io::stderr().lock();
    let Some(known) = known else {
        write(file, &today)?;
        writeln!(err, "{} knows {} now", file.display(), findings(today.len()))?;
        today.leave_out(&sources, &mut compilation.diagnostics);
        return Ok(false);
    };
    let written = known.clone();
    // What stands in a file that was renamed is known already.
    let known = known.moved(&sources, &compilation.diagnostics, &|file| {
        std::fs::symlink_metadata(basis.folder.join(file)).is_err()
    });
    let looked_at = basis.looked_at(args, compilation)?;
    let left = known.without_mended(&today, &|file| looked_at.has(&basis, file));
    let (new, mended) = (today.beyond(&known), known.len() - left.len());
    if !args.update_baseline {
        // What nobody looked for is not mended either.
        if mended > 0 && args.only.is_empty() && args.since.is_none() && compilation.errors() == 0 {
            writeln!(
                err,
                "{} of {} mended: `--update-baseline` takes them out",
                findings(mended),
                file.display()
            )?;
        }
        known.leave_out(&sources, &mut compilation.diagnostics);
        return Ok(false);
    }
    judged(file, args, compilation)?;
    let kept = if args.grow { left.and(today) } else { left };
    if kept != written {
        write(file, &kept)?;
    }
    kept.leave_out(&sources, &mut compilation.diagnostics);
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

/// The folder of a baseline: from there files are named, wherever somebody calls the program and whatever part of a repository they name.
struct Basis {
    folder: PathBuf,
    root: PathBuf,
}

impl Basis {
    fn of(file: &Path, located: &Located) -> Result<Basis, Failure> {
        let full = |path: &Path| {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            path.canonicalize()
                .map_err(|error| Failure::new(format!("cannot read {}", path.display())).because(error))
        };
        Ok(Basis { folder: full(file.parent().unwrap_or(Path::new("")))?, root: full(&located.root)? })
    }

    /// The sources under the names that the baseline gives them.
    fn sources(&self, sources: &SourceMap) -> SourceMap {
        sources.renamed(|name| seen_from(&self.folder, &self.root.join(name)))
    }

    /// What a call looks at.
    fn looked_at(&self, args: &FindArgs, compilation: &Compilation) -> Result<LookedAt, Failure> {
        let mut own: BTreeSet<PathBuf> = compilation
            .sources
            .files()
            .map(|(_, source)| self.root.join(source.name()))
            .filter_map(|path| path.canonicalize().ok())
            .collect();
        let below = match output::several(&args.spec)? {
            Some(_) => args.spec.spec.canonicalize().ok(),
            None => None,
        };
        let unreadable =
            |failure: cutover::Failure| Failure::new(failure.to_string()).because(failure.source);
        if let Some(below) = &below {
            own.extend(cutover::several::specs_of(below).map_err(unreadable)?);
        }
        let others = cutover::several::named_below(&self.folder, &own).map_err(unreadable)?;
        let all = cutover::several::specs_of(&self.folder).map_err(unreadable)?.is_subset(&own);
        Ok(LookedAt { own, below, others, all })
    }
}

/// The files that a call looks at.
struct LookedAt {
    own: BTreeSet<PathBuf>,
    /// The folder of which it takes every spec.
    below: Option<PathBuf>,
    /// Files that other specs name: what these say of them nobody knows.
    others: BTreeSet<PathBuf>,
    /// Whether there are no other specs below the baseline's folder.
    all: bool,
}

impl LookedAt {
    /// Whether a call judges all findings in a file, as the baseline names it.
    fn has(&self, basis: &Basis, file: &str) -> bool {
        // Not at a place: a finding about the whole.
        if file.is_empty() {
            return self.all;
        }
        // What is not there any more has no findings.
        let Ok(file) = basis.folder.join(file).canonicalize() else { return true };
        let taken =
            self.own.contains(&file) || self.below.as_deref().is_some_and(|below| file.starts_with(below));
        taken && !self.others.contains(&file)
    }
}

/// A path as it is seen from a folder, with `/` between its parts. Both are whole.
fn seen_from(folder: &Path, path: &Path) -> String {
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (folder.components().collect(), path.components().collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - same);
    let down = to.iter().skip(same).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::seen_from;

    #[test]
    fn paths_are_seen_from_a_folder() {
        let seen = |folder: &str, path: &str| seen_from(Path::new(folder), Path::new(path));
        assert_eq!(seen("/r", "/r/a/b c.cutover"), "a/b c.cutover");
        assert_eq!(seen("/r/a", "/r/a/b.cutover"), "b.cutover");
        assert_eq!(seen("/r/a/x", "/r/b/c.cutover"), "../../b/c.cutover");
    }
}
