//! Looking on while a run goes on: a view that is drawn again and again in a terminal, and a page for onlookers.
//!
//! It reads the journal like any other onlooker, in a thread of its own, so the run neither waits for it nor knows of it.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use cutover_diagnostics::sanitize::inert_line;
use cutover_ir::time::Instant;
use cutover_runner::{Event, Run, View};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Given, tell};
use crate::args::RunFormat;
use crate::failure::Failure;
use crate::written::{self, Rules};

/// How often the view is drawn again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often onlookers try to find the journal of a run that has just begun.
const SOON: Duration = Duration::from_millis(200);

/// Who hears of what happens.
pub(super) enum Ears {
    /// Plain lines on standard error.
    Lines,
    /// Lines of JSON on standard output.
    Json,
    /// A view at the bottom of a terminal, with plain lines above.
    Screen(Screen),
}

/// A view that is drawn again and again. It can be shared: all handles draw in one place.
#[derive(Clone)]
pub(super) struct Screen {
    bars: MultiProgress,
}

impl Ears {
    /// The ears for a format: the view only where there is a terminal for it.
    pub(super) fn of(format: RunFormat) -> Ears {
        match format {
            RunFormat::Json => Ears::Json,
            RunFormat::Auto if std::io::stderr().is_terminal() && std::env::var_os("CI").is_none() => {
                Ears::Screen(Screen { bars: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()) })
            }
            RunFormat::Auto | RunFormat::Lines => Ears::Lines,
        }
    }

    /// Tells what happened, and when by the clock of the run.
    pub(super) fn hear(&self, event: &Event, at: i64) {
        match self {
            Ears::Lines => tell(event, &mut std::io::stderr().lock()),
            // Whoever reads the lines may have gone; the run goes on.
            Ears::Json => {
                let _ = writeln!(
                    std::io::stdout().lock(),
                    "{}",
                    event.json(&Instant::from_seconds(at).to_string())
                );
            }
            Ears::Screen(screen) => {
                let mut text = Vec::new();
                tell(event, &mut text);
                for line in String::from_utf8_lossy(&text).lines() {
                    let _ = screen.bars.println(line);
                }
            }
        }
    }
}

/// Runs something while onlookers look on.
pub(super) fn seen<T>(
    given: &Given,
    account: Option<&str>,
    ears: &Ears,
    act: impl FnOnce(&Run<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let page = given.environment.page.as_ref().map(|page| given.environment.path(page));
    let screen = match ears {
        Ears::Screen(screen) => Some(screen.clone()),
        _ => None,
    };
    let hear = |event: &Event, at: i64| ears.hear(event, at);
    if page.is_none() && screen.is_none() {
        return given.open_with(account, &hear, act);
    }
    // A page that cannot be written is told before the night begins, and not at its end.
    if let Some(page) = page.as_deref().filter(|page| page.exists()) {
        written::Written::new(page, &Rules::own(&View::is_page))?;
    }
    let (stop, stopped) = channel::<()>();
    std::thread::scope(|scope| {
        let page = page.as_deref();
        let watcher = scope.spawn(move || {
            while stopped.recv_timeout(SOON) == Err(RecvTimeoutError::Timeout) {
                // There is nothing to see before the journal is there.
                if on(given, page, screen.as_ref(), &stopped).is_ok() {
                    return;
                }
            }
            let _ = on(given, page, screen.as_ref(), &stopped);
        });
        let result = given.open_with(account, &hear, act);
        drop(stop);
        // What onlookers could not see is no failure of the run.
        let _ = watcher.join();
        result
    })
}

/// Looks on until the run ends, and once more then.
fn on(
    given: &Given,
    page: Option<&Path>,
    screen: Option<&Screen>,
    stopped: &Receiver<()>,
) -> Result<(), Failure> {
    given.look(|look| {
        let mut bars: Vec<ProgressBar> = Vec::new();
        loop {
            let view = look.view()?;
            if let Some(page) = page {
                write_page(page, &view)?;
            }
            if let Some(screen) = screen {
                draw(screen, &mut bars, &view);
            }
            if stopped.recv_timeout(AGAIN) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        let view = look.view()?;
        for bar in &bars {
            bar.finish_and_clear();
        }
        match page {
            Some(page) => write_page(page, &view),
            None => Ok(()),
        }
    })
}

fn draw(screen: &Screen, bars: &mut Vec<ProgressBar>, view: &View) {
    let lines = view.lines();
    let style = ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    while bars.len() < lines.len() {
        let bar = screen.bars.add(ProgressBar::new(1));
        bar.set_style(style.clone());
        bars.push(bar);
    }
    for (at, bar) in bars.iter().enumerate() {
        let line = lines.get(at).map_or_else(String::new, |line| inert_line(line).into_owned());
        if bar.message() != line {
            bar.set_message(line);
        }
    }
}

/// Writes the page beside its place and puts it there: onlookers see the old one or the new one. Only its owner can read it, and nothing
/// else than a page is replaced.
pub(super) fn write_page(path: &Path, view: &View) -> Result<(), Failure> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| written::unwritable(path, error))?;
    }
    written::whole(path, &Rules::own(&View::is_page), view.page().as_bytes())
}
