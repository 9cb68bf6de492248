//! `cutover dev`: checks at each save.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use cutover::editor::Session;
use cutover::{Compilation, Open};
use cutover_diagnostics::render::{self, Format, Options};
use cutover_diagnostics::{Diagnostic, Severity, SourceMap};
use notify::{EventKind, RecursiveMode, Watcher};

use crate::args::{DevArgs, SpecArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Located};

/// Files that are written together are checked together: so long has to be quiet.
const QUIET: Duration = Duration::from_millis(60);
/// Who writes on and on gets an answer all the same.
const AT_MOST: Duration = Duration::from_secs(1);

/// What is waited for.
enum News {
    Saved,
    End,
}

pub(crate) fn run(args: &DevArgs) -> Result<Exit, Failure> {
    let located =
        output::locate(&SpecArgs { spec: args.spec.clone(), root: args.root.clone(), color: args.color })?;
    // A file that goes away is waited for, and so is one that a project needs. A name that never was one is a slip.
    if !args.spec.exists() {
        return Err(Failure::new(format!("{} is not there", args.spec.display()))
            .help("name a spec, or the folder that holds it"));
    }
    let (tell, heard) = mpsc::channel();
    let end = tell.clone();
    ctrlc::set_handler(move || {
        // Nobody listens any more when it has ended already.
        let _ = end.send(News::End);
    })
    .map_err(|error| Failure::new("cannot listen for Ctrl-C").because(error))?;
    let mut watch = Watch::new(tell)?;
    let folder = if located.root.as_os_str().is_empty() { Path::new(".") } else { &located.root };
    watch.add([folder.join(&located.entry)]);
    let mut session = Session::new(&located.root, &located.entry);
    let screen = Screen { terminal: std::io::stdout().is_terminal(), color: output::colored(args.color) };
    loop {
        let began = Instant::now();
        let mut found = session.check(Open::new(), &|| false);
        if let Ok(Some(checked)) = &found
            && watch.add(checked.paths().map(|path| folder.join(path)))
        {
            // What was saved before its folder was watched would be missed.
            found = session.check(Open::new(), &|| false);
        }
        let took = began.elapsed();
        match found {
            Ok(Some(checked)) => screen.show(&located, &checked.compilation(), took)?,
            // Nobody stops it.
            Ok(None) => {}
            Err(failure) => screen.say(&format!("{failure}: {}; waiting for it", failure.source))?,
        }
        if wait(&heard) {
            return Ok(Exit::Clean);
        }
    }
}

/// Waits until something was saved and all is quiet again. Whether it is to end.
fn wait(heard: &Receiver<News>) -> bool {
    let Ok(News::Saved) = heard.recv() else { return true };
    let since = Instant::now();
    while since.elapsed() < AT_MOST {
        match heard.recv_timeout(QUIET) {
            Ok(News::Saved) => {}
            Ok(News::End) | Err(RecvTimeoutError::Disconnected) => return true,
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    false
}

/// Folders that hold what was read. Folders are watched rather than files, since editors put a new file in the place of the old one.
struct Watch {
    watcher: notify::RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    fn new(tell: Sender<News>) -> Result<Watch, Failure> {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // What cannot be told is looked at.
            if event.map_or(true, |event| is_save(&event)) {
                let _ = tell.send(News::Saved);
            }
        });
        let watcher = watcher.map_err(|error| Failure::new("cannot watch files").because(error))?;
        Ok(Watch { watcher, folders: BTreeSet::new() })
    }

    /// Watches the folders of files. Whether one is new. A folder that is not there yet is noticed when it comes into its own folder.
    fn add(&mut self, files: impl IntoIterator<Item = PathBuf>) -> bool {
        let mut new = false;
        for file in files {
            for folder in file.ancestors().skip(1).take_while(|folder| !folder.as_os_str().is_empty()) {
                if self.folders.contains(folder) {
                    break;
                }
                if self.watcher.watch(folder, RecursiveMode::NonRecursive).is_ok() {
                    self.folders.insert(folder.to_owned());
                    new = true;
                    break;
                }
            }
        }
        new
    }
}

/// Whether a file that may belong to a project is another one now. Reading is no change, and editors' own files are none of ours.
fn is_save(event: &notify::Event) -> bool {
    let changed = match event.kind {
        EventKind::Access(_) | EventKind::Modify(notify::event::ModifyKind::Metadata(_)) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    };
    let own = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        !(name.starts_with('.') || name.ends_with('~') || name == "4913")
    };
    changed && (event.paths.is_empty() || event.paths.iter().any(own))
}

/// Where the state is shown: a terminal that is drawn anew, or lines below each other.
struct Screen {
    terminal: bool,
    color: bool,
}

impl Screen {
    fn show(&self, located: &Located, compilation: &Compilation, took: Duration) -> Result<(), Failure> {
        let is_hole = |found: &Diagnostic| found.code.starts_with("holes/");
        let mut found: Vec<&Diagnostic> =
            compilation.diagnostics.iter().filter(|found| !(self.terminal && is_hole(found))).collect();
        found.sort_by_key(|found| found.severity != Severity::Error);
        let format = if self.terminal { Format::Full } else { Format::Short };
        let options = Options { color: self.color, ..Options::default() };
        let (rows, _) = console::Term::stdout().size();
        // The last lines are for the counts.
        let room = if self.terminal { usize::from(rows).saturating_sub(4) } else { usize::MAX };
        let sources = compilation.sources.under(&output::folder_of(located));
        let mut text = String::new();
        let (mut lines, mut shown) = (0, 0);
        for one in &found {
            let drawn = render::render(format, &sources, std::slice::from_ref(one), &options);
            lines += drawn.lines().count();
            if lines > room && shown > 0 {
                break;
            }
            text.push_str(&drawn);
            shown += 1;
        }
        if shown < found.len() {
            let _ = writeln!(text, "... and {} more: `cutover check` shows all", found.len() - shown);
        }
        text.push_str(&state(located, compilation, &sources, took));
        self.say(&text)
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        if self.terminal {
            console::Term::stdout().clear_screen()?;
        }
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}")?;
        if self.terminal {
            writeln!(out, "checked at each save; Ctrl-C ends")?;
        }
        Ok(out.flush()?)
    }
}

/// One line: what there is to do, and how long it took to find out.
fn state(located: &Located, compilation: &Compilation, sources: &SourceMap, took: Duration) -> String {
    let diagnostics = &compilation.diagnostics;
    let hole = |found: &&Diagnostic| found.code.starts_with("holes/");
    let number = |severity: Severity| {
        diagnostics.iter().filter(|found| found.severity == severity && !hole(found)).count()
    };
    let mut parts = Vec::new();
    for (severity, one, more) in
        [(Severity::Error, "error", "errors"), (Severity::Warning, "warning", "warnings")]
    {
        match number(severity) {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            n => parts.push(format!("{n} {more}")),
        }
    }
    match compilation.holes {
        0 => {}
        1 => parts.push("1 open decision".to_owned()),
        n => parts.push(format!("{n} open decisions")),
    }
    let mut text = format!("{}: ", located.entry);
    if parts.is_empty() {
        let plan = &compilation.plan;
        let _ = write!(text, "no mistakes ({} items, {} stages)", plan.items.len(), plan.stages.len());
    } else {
        text.push_str(&parts.join(", "));
    }
    if let Some(next) = diagnostics.iter().find(hole)
        && let Some(label) = next.labels.first()
    {
        let at = sources.location(label.span);
        let file = sources.name(label.span.file);
        let _ = write!(text, "; the next one: {file}:{}:{}: {}", at.line, at.column, label.text);
    }
    let _ = write!(text, " ({} ms)", took.as_millis());
    cutover_diagnostics::sanitize::inert_line(&text).into_owned()
}
