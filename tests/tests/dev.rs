//! `cutover dev`: what is shown at each save, in a terminal and without one, and how it ends.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use cutover_tests::program::{Project, path};

/// A machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running program with what it has shown.
struct Shown {
    child: Child,
    heard: Receiver<String>,
    text: String,
}

impl Shown {
    fn of(mut command: Command, folder: &Path) -> Result<Shown, String> {
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let mut out = child.stdout.take().ok_or("no output")?;
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = out.read(&mut bytes) {
                let text = String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()).into_owned();
                if tell.send(text).is_err() {
                    return;
                }
            }
        });
        Ok(Shown { child, heard, text: String::new() })
    }

    /// Waits until something new is shown, and forgets all up to it.
    fn wait_for(&mut self, words: &str) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.text.find(words) {
                self.text = self.text.get(at + words.len()..).unwrap_or_default().to_owned();
                return Ok(());
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.heard.recv_timeout(left) {
                Ok(text) => self.text.push_str(&text),
                Err(_) => return Err(format!("`{words}` is not shown, but {:?}", self.text)),
            }
        }
    }

    /// Says Ctrl-C to a process, and waits for the end of the program: its exit code.
    fn end(&mut self, process: u32) -> Result<Option<i32>, String> {
        let said = Command::new("kill").args(["-INT", &process.to_string()]).status();
        assert!(said.is_ok_and(|status| status.success()), "kill");
        self.child.wait().map(|status| status.code()).map_err(|error| error.to_string())
    }
}

/// Replaces the spec as editors do: a new file in the place of the old one.
fn save(project: &Project, text: &str) -> Result<(), String> {
    let (spec, new) = (project.folder().join(project.spec()), project.folder().join(".spec.new"));
    std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &spec)).map_err(|error| error.to_string())
}

#[test]
fn each_save_is_checked_and_told_in_lines() -> Result<(), String> {
    let project = Project::of("examples/small-team")?;
    let text = project.text()?;
    let mut command = Command::new(path()?);
    command.arg("dev");
    let mut shown = Shown::of(command, project.folder())?;
    shown.wait_for("pots.cutover: no mistakes (")?;
    save(&project, &text.replace("for 7 days", "for ???"))?;
    shown.wait_for("pots.cutover: 1 open decision; the next one: pots.cutover:67:28: ")?;
    save(&project, &text.replace("owner kofi", "ownr kofi"))?;
    shown.wait_for(": error[")?;
    shown.wait_for(" errors (")?;
    // What another file says counts as well, and a file that is gone is waited for.
    save(&project, &text)?;
    shown.wait_for("pots.cutover: no mistakes (")?;
    let inventory = project.folder().join("inventory/source.yaml");
    let away = project.folder().join("inventory/away");
    std::fs::rename(&inventory, &away).map_err(|error| error.to_string())?;
    shown.wait_for("error[files/")?;
    std::fs::rename(&away, &inventory).map_err(|error| error.to_string())?;
    shown.wait_for("pots.cutover: no mistakes (")?;
    let spec = project.folder().join(project.spec());
    std::fs::remove_file(&spec).map_err(|error| error.to_string())?;
    shown.wait_for("waiting for it")?;
    save(&project, &text)?;
    shown.wait_for("pots.cutover: no mistakes (")?;
    assert!(!shown.text.contains('\u{1b}'), "{:?}", shown.text);
    let process = shown.child.id();
    assert_eq!(shown.end(process)?, Some(0));
    Ok(())
}

/// `script` gives the program a terminal, and what it reads is typed there.
#[test]
fn a_terminal_is_drawn_anew() -> Result<(), String> {
    if !cfg!(target_os = "linux") || Command::new("script").arg("--version").output().is_err() {
        return Ok(());
    }
    let project = Project::of("examples/small-team")?;
    let text = project.text()?;
    let broken = text.replace("owner kofi", "ownr kofi").replace("within 30 min", "within ???");
    save(&project, &broken)?;
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command"]);
    command.arg(format!("stty rows 24 cols 100; exec '{}' dev", path()?.display())).arg("/dev/null");
    command.env("TERM", "xterm").env_remove("NO_COLOR");
    let mut shown = Shown::of(command, project.folder())?;
    // Mistakes are drawn as far as there is room; open decisions are counted, and the place of the next one is told.
    shown.wait_for("\u{1b}[2J")?;
    shown.wait_for("error[syntax/extra-words]\u{1b}[0m")?;
    shown.wait_for("more: `cutover check` shows all\r\n")?;
    shown.wait_for(
        " 1 open decision; the next one: pots.cutover:61:59: the length of time is not decided yet (",
    )?;
    shown.wait_for("checked at each save; Ctrl-C ends")?;
    save(&project, &text)?;
    shown.wait_for("\u{1b}[2J")?;
    shown.wait_for("pots.cutover: no mistakes (")?;
    shown.wait_for("checked at each save; Ctrl-C ends")?;
    let mut keyboard = shown.child.stdin.take().ok_or("no keyboard")?;
    keyboard.write_all(b"\x03").map_err(|error| error.to_string())?;
    let code = shown.child.wait().map(|status| status.code()).map_err(|error| error.to_string())?;
    assert_eq!(code, Some(0));
    Ok(())
}
