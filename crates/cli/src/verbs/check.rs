//! `cutover check` and `cutover lint`.

mod baseline;
mod since;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::num::NonZero;
use std::path::Path;

use cutover::several;
use cutover::{Compilation, Purpose, Request};
use cutover_diagnostics::{Diagnostic, Severity};
use cutover_ir::time::Date;

use crate::args::{FindArgs, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Located};

pub(crate) fn run(args: &FindArgs, lints: bool) -> Result<Exit, Failure> {
    let as_of = args.as_of.as_deref().map(day).transpose()?;
    let request = Request { purpose: Purpose::Check, as_of, ..Request::default() };
    known(&args.only)?;
    let wanted = Wanted { lints, only: &args.only };
    let fix = args.fix || args.unsafe_fixes;
    let (located, specs, mut compilation) = match output::several(&args.spec)? {
        Some((located, specs)) => {
            for spec in specs.iter().filter(|_| fix) {
                let (root, entry) = (spec.root.clone(), spec.entry.clone());
                let one = Located { folder: root.clone(), root, entry };
                fixed(&one, &request, args, &wanted)?;
            }
            let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
            let compilation = output::readable(several::check_all(&specs, as_of, threads))?;
            (located, specs.len(), compilation)
        }
        None => {
            let located = output::locate(&args.spec)?;
            let compilation = if fix {
                fixed(&located, &request, args, &wanted)?
            } else {
                output::readable(cutover::compile_as(&located.root, &located.entry, request))?
            };
            (located, 1, compilation)
        }
    };
    let errors = compilation.errors();
    let all = compilation.diagnostics.len();
    compilation.diagnostics.retain(|finding| wanted.has(finding));
    let grown = match &args.baseline {
        Some(file) => baseline::apply(file, args, &located, &mut compilation)?,
        None => false,
    };
    if let Some(revision) = &args.since {
        since::only_changed(&located, revision, &mut compilation)?;
    }
    output::findings(&located, &compilation, args.show.format, args.spec.color)?;
    tell(&located, args, &compilation, all, specs)?;
    let worst = compilation.diagnostics.iter().any(Diagnostic::is_error);
    let filtered = lints || !args.only.is_empty();
    let unjudged = filtered && !compilation.linted && errors > 0;
    // Whoever is shown an error knows that there is one.
    if unjudged && !worst {
        let one = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
        writeln!(std::io::stderr(), "{one}; lints are judged when there is none: run `cutover check`")?;
    }
    // The process ends now; taking the compilation apart piece by piece would only cost time.
    std::mem::forget(compilation);
    Ok(if worst || grown || unjudged { Exit::Findings } else { Exit::Clean })
}

/// Which findings somebody asks for.
struct Wanted<'a> {
    lints: bool,
    only: &'a [String],
}

impl Wanted<'_> {
    fn has(&self, finding: &Diagnostic) -> bool {
        let is_lint = cutover::is_lint(finding.code);
        let named = |what: &String| {
            (what == "lint" && is_lint)
                || finding.code == what
                || finding.code.strip_prefix(what.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        (is_lint || !self.lints) && (self.only.is_empty() || self.only.iter().any(named))
    }
}

/// Refuses words for which no finding is ever shown: a misspelled one would hide everything.
fn known(only: &[String]) -> Result<(), Failure> {
    let codes = || super::explain::codes();
    let mut families: Vec<&str> = codes().filter_map(|code| Some(code.split_once('/')?.0)).collect();
    families.dedup();
    for what in only {
        if what == "lint" || families.contains(&what.as_str()) || codes().any(|code| code == what) {
            continue;
        }
        let candidates = ["lint"].into_iter().chain(families.iter().copied()).chain(codes());
        let mut near = cutover_diagnostics::suggest::nearest(what, candidates, 3);
        if near.is_empty()
            && let Some((family, _)) = what.split_once('/')
        {
            near.extend(
                codes().filter(|code| code.split_once('/').is_some_and(|(of, _)| of == family)).take(5),
            );
        }
        let failure = Failure::new(format!("`--only {what}` shows nothing: no finding is called so"));
        return Err(failure.help(if near.is_empty() {
            "name `lint`, a family such as `map`, or a code; `cutover explain` lists them all, and `--only` may stand several times".to_owned()
        } else {
            format!("near: {}", near.join(", "))
        }));
    }
    Ok(())
}

fn day(text: &str) -> Result<Date, Failure> {
    Date::parse(text).ok_or_else(|| {
        Failure::new(format!("`{text}` is not a day"))
            .help("write it as `2027-01-31`; in a script, \"$(date +%F)\"")
    })
}

/// Says that nothing is wrong, when nothing is.
fn tell(
    located: &Located,
    args: &FindArgs,
    compilation: &Compilation,
    all: usize,
    specs: usize,
) -> Result<(), Failure> {
    let found = compilation.diagnostics.iter().any(|d| d.severity != Severity::Note);
    if found || args.show.format != Format::Full {
        return Ok(());
    }
    let plan = &compilation.plan;
    let hidden = all.saturating_sub(compilation.diagnostics.len());
    let out = &mut std::io::stdout();
    match hidden {
        0 if specs != 1 => writeln!(out, "{}: no mistakes ({specs} specs)", located.entry)?,
        0 => writeln!(
            out,
            "{}: no mistakes ({} items, {} stages)",
            located.entry,
            plan.items.len(),
            plan.stages.len()
        )?,
        1 => writeln!(out, "{}: nothing to show; 1 finding is left out", located.entry)?,
        more => writeln!(out, "{}: nothing to show; {more} findings are left out", located.entry)?,
    }
    Ok(())
}

/// Makes changes, writes the files that differ, and gives the compilation of what stands there now.
fn fixed(
    located: &Located,
    request: &Request,
    args: &FindArgs,
    wanted: &Wanted<'_>,
) -> Result<Compilation, Failure> {
    let fixed = cutover::fix(&located.root, &located.entry, request, args.unsafe_fixes, &|finding| {
        wanted.has(finding)
    });
    let compilation = output::readable(fixed.compilation)?;
    let mut err = std::io::stderr().lock();
    for (path, text) in &fixed.texts {
        let path = located.root.join(path);
        output::replace(&path, text)
            .map_err(|error| Failure::new(format!("cannot write {}", path.display())).because(error))?;
    }
    match fixed.applied {
        0 => writeln!(err, "nothing was changed")?,
        1 => writeln!(err, "1 change was made")?,
        more => writeln!(err, "{more} changes were made in {}", files(fixed.texts.len()))?,
    }
    for title in &fixed.refused {
        writeln!(
            err,
            "not made, since a new error would come of it: {}",
            cutover_diagnostics::sanitize::inert_line(title)
        )?;
    }
    Ok(compilation)
}

fn files(number: usize) -> String {
    if number == 1 { "1 file".to_owned() } else { format!("{number} files") }
}

/// Lines of a file that differ, first and last, in order.
type Changed = BTreeMap<String, Vec<(u32, u32)>>;

/// A path of the project as git names it: with `/`.
fn joined(folder: &str, path: &str) -> String {
    let path = Path::new(folder).join(path);
    path.to_string_lossy().replace('\\', "/")
}
