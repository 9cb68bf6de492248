//! `cutover diff` over a folder that holds several specs: each is compared with what it was.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover_diagnostics::sanitize::inert_line;
use cutover_diff::{Diff, render};
use cutover_plan::text::escape;

use super::{Side, bundle_of};
use crate::args::{Color, DiffFormat, SpecArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// What became of a spec.
enum State {
    /// It is on both sides.
    Both(Diff),
    /// Only the newer side has it.
    New,
    /// Only the older side has it.
    Gone,
}

/// The specs of both sides, seen from the folders that are compared; none where a spec or a plan is named on either side.
pub(super) fn specs(old: &Side, new: &Side) -> Result<Option<BTreeSet<PathBuf>>, Failure> {
    let sides = [old, new];
    if sides.iter().any(|side| !side.path.is_dir() || bundle_of(&side.path).is_some()) {
        return Ok(None);
    }
    let mut all = BTreeSet::new();
    let mut several = false;
    for side in sides {
        let spec = SpecArgs { spec: side.path.clone(), root: side.root.clone(), color: Color::Never };
        several |= output::has_several(&spec)?;
        let found = cutover::several::specs_below(&side.path)
            .map_err(|failure| Failure::new(failure.to_string()).because(failure.source))?;
        all.extend(found.iter().filter_map(|spec| Some(spec.strip_prefix(&side.path).ok()?.to_owned())));
    }
    Ok((several && !all.is_empty()).then_some(all))
}

/// Compares them one after the other.
pub(super) fn run(
    old: &Side,
    new: &Side,
    specs: &BTreeSet<PathBuf>,
    format: DiffFormat,
) -> Result<Exit, Failure> {
    let mut found = Vec::with_capacity(specs.len());
    for spec in specs {
        let there = |side: &Side| side.path.join(spec).is_file();
        let state = match (there(old), there(new)) {
            (true, false) => State::Gone,
            (false, _) => State::New,
            (true, true) => {
                State::Both(cutover::compare_counting(&old.compiled(Some(spec))?, &new.compiled(Some(spec))?))
            }
        };
        found.push((shown(new, spec), state));
    }
    let text = match format {
        DiffFormat::Text => terminal(&found),
        DiffFormat::Markdown => markdown(&found),
        DiffFormat::Json => json(&found),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    let same = found.iter().all(|(_, state)| matches!(state, State::Both(diff) if diff.is_empty()));
    Ok(if same { Exit::Clean } else { Exit::Stale })
}

fn shown(side: &Side, spec: &Path) -> String {
    let folder = side.shown.strip_prefix(".").unwrap_or(&side.shown);
    folder.join(spec).to_string_lossy().replace('\\', "/")
}

fn terminal(found: &[(String, State)]) -> String {
    let mut out = String::new();
    for (spec, state) in found {
        let told = match state {
            State::Both(diff) => render::terminal(diff),
            State::New => "this spec is new\n".to_owned(),
            State::Gone => "this spec is gone\n".to_owned(),
        };
        let gap = if out.is_empty() { "" } else { "\n" };
        out.push_str(&format!("{gap}{}:\n{told}", inert_line(spec)));
    }
    out
}

/// One comment for all: what has no room is said to be missing, spec by spec.
fn markdown(found: &[(String, State)]) -> String {
    let mut out = format!("{}\n", render::MARKER);
    let changed = found.iter().filter(|(_, state)| !matches!(state, State::Both(diff) if diff.is_empty()));
    let changed: Vec<&(String, State)> = changed.collect();
    if changed.is_empty() {
        out.push_str(&format!(
            "## What this changes about the migrations\n\nThere is {}.\n",
            render::NOTHING
        ));
        return out;
    }
    for (at, (spec, state)) in changed.iter().enumerate() {
        let mut head = "## ".to_owned();
        escape::markdown(&mut head, spec);
        head.push_str("\n\n");
        let told = match state {
            State::Both(diff) => {
                let whole = render::markdown(diff);
                let below = whole.split_once('\n').map(|(_, rest)| rest.to_owned());
                below.unwrap_or_default()
            }
            State::New => "This spec is new.\n".to_owned(),
            State::Gone => "This spec is gone.\n".to_owned(),
        };
        // Each of those that follow has room to say that it has none.
        let kept = (changed.len() - at) * (head.len() + NO_ROOM.len() + 2);
        let told = if out.len() + head.len() + told.len() + kept > render::LIMIT { NO_ROOM } else { &told };
        if out.len() + head.len() + told.len() + MORE.len() > render::LIMIT {
            out.push_str(MORE);
            break;
        }
        out.push_str(&head);
        out.push_str(told);
        out.push('\n');
    }
    out
}

const NO_ROOM: &str = "What changes here has no room in this comment. Run `cutover diff` for this spec and read it before you approve.\n";

const MORE: &str = "More specs change than there is room to name here: run `cutover diff`.\n";

fn json(found: &[(String, State)]) -> String {
    let specs = found.iter().map(|(spec, state)| {
        let became = match state {
            State::Both(diff) => render::Became::Both(diff),
            State::New => render::Became::New,
            State::Gone => render::Became::Gone,
        };
        (spec.as_str(), became)
    });
    render::json_of(&specs.collect::<Vec<_>>())
}
