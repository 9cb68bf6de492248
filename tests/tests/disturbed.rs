//! What disturbs a run that nobody kills: disks that are full, files that cannot be written, clocks that are set, a second program, a target that
//! says yes and does something else.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use cutover_tests::Tested;
use cutover_tests::night::Night;
use cutover_tests::program;

/// The desk after a run that nobody disturbed.
fn undisturbed(conversations: u64) -> Result<String, String> {
    let night = Night::new(conversations, "")?;
    night.people()?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{err}");
    night.dump()
}

/// The same command once more ends, with the desk that any run ends with, and all counts add up.
fn ends_as_always(night: &Night, expected: &str, what: &str) -> Tested {
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 0, "{what}: {err}");
    assert_eq!(night.dump()?, expected, "{what}");
    let wrong = "SELECT count(*) FROM counts WHERE read <> written + rejected + filtered + uncertain";
    assert_eq!(night.ask("run/journal.sqlite", wrong)?, 0, "{what}");
    Ok(())
}

#[test]
fn a_clock_that_is_set_changes_nothing_that_is_done() -> Tested {
    let expected = undisturbed(40)?;
    for step in ["written:2=-7200", "batch-kept:1=5400", "export-kept:3=-86400", "stage-ending:4=3600"] {
        let night = Night::new(40, "")?;
        night.people()?;
        let mut command = night.command(&["run", ".", "--env", "env.toml"])?;
        let output = command.env("CUTOVER_DIE_AT", step).output().map_err(|error| error.to_string())?;
        assert_eq!(output.status.code(), Some(0), "{step}: {}", String::from_utf8_lossy(&output.stderr));
        ends_as_always(&night, &expected, step)?;
        let back = "SELECT count(*) FROM stage WHERE ended < began";
        assert_eq!(night.ask("run/journal.sqlite", back)?, 0, "{step}: a stage ended before it began");
        let back = "SELECT count(*) FROM event AS one JOIN event AS next ON next.seq = one.seq + 1 WHERE next.at < one.at";
        assert_eq!(night.ask("run/journal.sqlite", back)?, 0, "{step}: what came later is told as earlier");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_laptop_that_slept_goes_on_and_a_second_program_waits() -> Tested {
    let expected = undisturbed(300)?;
    let night = Night::new(300, "")?;
    night.people()?;
    let mut child = Command::new(program::path()?)
        .args(["run", ".", "--env", "env.toml"])
        .current_dir(night.folder())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let signal = |name: &str| {
        Command::new("kill").args([name, &child.id().to_string()]).status().map_err(|error| error.to_string())
    };
    std::thread::sleep(Duration::from_millis(150));
    assert!(signal("-STOP")?.success(), "it is over already");
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!((code, err.contains("another program runs this plan")), (75, true), "{err}");
    std::thread::sleep(Duration::from_millis(1500));
    signal("-CONT")?;
    let status = child.wait().map_err(|error| error.to_string())?;
    assert_eq!(status.code(), Some(0));
    ends_as_always(&night, &expected, "after its sleep")
}

#[cfg(unix)]
#[test]
fn a_disk_that_is_full_stops_the_run_and_loses_nothing() -> Tested {
    let expected = undisturbed(200)?;
    let program = program::path()?;
    let night = Night::new(200, "")?;
    night.people()?;
    let mut stopped = 0;
    for blocks in [100, 140, 180, 240, 320, 400] {
        // No file may grow beyond that: a write fails as on a full disk, wherever it happens.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" run . --env env.toml");
        let output = Command::new("sh")
            .args(["-c", &script, &program.display().to_string()])
            .current_dir(night.folder())
            .output()
            .map_err(|error| error.to_string())?;
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => break,
            Some(2) => stopped += 1,
            other => assert_eq!(other, Some(2), "{blocks} blocks: {err}"),
        }
        let told = ["full", "disk", "File too large", "cannot write"].iter().any(|word| err.contains(word));
        assert!(told, "{blocks} blocks: {err}");
    }
    assert!(stopped > 1, "the limit was never met");
    ends_as_always(&night, &expected, "with room again")
}

#[cfg(unix)]
#[test]
fn files_that_cannot_be_written_stop_the_run_before_anything_happens() -> Tested {
    use std::os::unix::fs::PermissionsExt as _;
    let expected = undisturbed(20)?;
    for name in ["journal.sqlite", "desk.sqlite"] {
        let night = Night::new(20, "")?;
        night.people()?;
        let path = night.path(&format!("run/{name}"));
        let set = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(|error| error.to_string())
        };
        set(0o400)?;
        // Root writes everything, and a file system that is read-only only mounts for it.
        if fs::OpenOptions::new().append(true).open(&path).is_err() {
            let before = night.dump()?;
            let (code, _, err) = night.verb(&["run"])?;
            assert_eq!(code, 2, "{name}: {err}");
            assert!(err.contains(name), "{name}: {err}");
            assert_eq!(night.dump()?, before, "{name}");
        }
        set(0o600)?;
        ends_as_always(&night, &expected, name)?;
    }
    Ok(())
}

/// A file system of its own below a night, as only root can make it; `None` where that cannot be.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn at(night: &Night, options: &str) -> Option<Mounted> {
        let path = night.path("run");
        fs::create_dir_all(&path).ok()?;
        let at = path.display().to_string();
        let made = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs", &at]).output().ok()?;
        made.status.success().then_some(Mounted(path))
    }

    fn again(&self, options: &str) -> Tested {
        let at = self.0.display().to_string();
        let made = Command::new("mount").args(["-o", &format!("remount,{options}"), &at]).output();
        let made = made.map_err(|error| error.to_string())?;
        if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let at = self.0.display().to_string();
        // What is left of it goes with the machine's next start; nothing of the test depends on it.
        let _ = Command::new("umount").arg(at).output();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_small_file_system_that_fills_up_or_becomes_read_only_stops_the_run() -> Tested {
    let expected = undisturbed(200)?;
    let night = Night::new(200, "")?;
    let Some(mounted) = Mounted::at(&night, "size=700k,mode=700") else { return Ok(()) };
    night.people()?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("full"), "{err}");
    mounted.again("size=1g,ro")?;
    let (code, _, err) = night.verb(&["run"])?;
    assert_eq!(code, 2, "{err}");
    mounted.again("size=1g,rw")?;
    ends_as_always(&night, &expected, "with room again")
}

#[test]
fn a_target_that_drops_a_field_without_a_word_is_found_out() -> Tested {
    let night = Night::new(30, "apart = true\n[target.trouble]\ndrop = \"channel\"\n")?;
    night.people()?;
    let (code, out, err) = night.verb(&["run"])?;
    assert_eq!(code, 5, "{out}{err}");
    let (code, out, _) = night.verb(&["verify"])?;
    assert_eq!(code, 5, "{out}");
    assert!(out.contains("channel"), "{out}");
    Ok(())
}
