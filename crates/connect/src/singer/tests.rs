//! What taps write is read as it is meant: schemas, records that come again, and lines that are none.

use std::fs;
use std::path::Path;

use super::{Singer, Tap};
use crate::{Chunk, Connector as _, Cursor, Fault};

/// A saved output with everything that taps do: floats, repeated records, states between streams, two streams in turns, an unknown
/// message, a record without its key, broken lines.
const SAVED: &str = concat!(
    r#"{"type":"SCHEMA","stream":"tickets","schema":{"properties":{"id":{"type":"integer"}}},"key_properties":["id"]}"#,
    "\n",
    r#"{"type":"RECORD","stream":"tickets","record":{"id":1,"status":3.0,"subject":"3.0 is out"},"time_extracted":"2026-01-01T00:00:00Z"}"#,
    "\n",
    r#"{"type":"RECORD","stream":"tickets","record":{"id":2,"status":2.0}}"#,
    "\n",
    r#"{"type":"STATE","value":{"bookmarks":{"tickets":"2026-01-01"}}}"#,
    "\n",
    r#"{"type":"SCHEMA","stream":"contacts","schema":{},"key_properties":[]}"#,
    "\n",
    r#"{"type":"RECORD","stream":"contacts","record":{"name":"Ada"}}"#,
    "\n",
    "{\"type\":\"RECORD\",\"stream\":\"cont\n",
    r#"{"type":"RECORD","stream":"contacts","record":{"name":"Ada"}}"#,
    "\r\n",
    r#"{"type":"RECORD","stream":"tickets","record":{"id":1.0,"status":4.0}}"#,
    "\n",
    r#"{"type":"RECORD","stream":"tickets","record":{"id":null,"status":4}}"#,
    "\n",
    r#"{"type":"BATCH","stream":"tickets","manifest":["file:///tmp/x"]}"#,
    "\n",
    r#"{"type":"ACTIVATE_VERSION","stream":"tickets","version":1}"#,
    "\n",
    "\n",
    r#"["nothing"]"#,
    "\n",
    r#"{"type":"STATE","value":{"bookmarks":{"tickets":"2026-01-02"}}}"#,
);

fn all(path: &Path, kind: &str, most: usize, afresh: bool) -> Result<Vec<String>, Fault> {
    let mut singer = Singer::saved(path)?;
    let (mut chunk, mut cursor, mut out) = (Chunk::default(), Cursor::start(), Vec::new());
    for _ in 0..1000 {
        chunk.clear();
        singer.read(kind, &cursor, most, &mut chunk)?;
        out.extend(chunk.records().map(str::to_owned));
        out.extend(chunk.problems().iter().map(|problem| format!("{} {}", problem.at, problem.code)));
        match chunk.next() {
            Some(next) => cursor = next.clone(),
            None => return Ok(out),
        }
        if afresh {
            singer = Singer::saved(path)?;
        }
    }
    Err(Fault::never("reading does not end"))
}

#[test]
fn a_record_that_comes_again_replaces_the_earlier_one() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tap.jsonl");
    fs::write(&path, SAVED)?;
    let tickets = [
        r#"{"id":2,"status":2}"#,
        r#"{"id":1,"status":4}"#,
        "tap.jsonl:10 no-key",
        "tap.jsonl:11 batch",
        "tap.jsonl:14 no-message",
    ];
    // The two records of a stream without keys are two, although they are equal.
    let contacts = [r#"{"name":"Ada"}"#, "tap.jsonl:7 not-json", r#"{"name":"Ada"}"#];
    for most in [1, 2, 3] {
        for afresh in [false, true] {
            let mut sorted = all(&path, "ticket", most, afresh)?;
            sorted.sort_by_key(|line| line.starts_with("tap"));
            assert_eq!(sorted, tickets, "{most} {afresh}");
            let mut found = all(&path, "contact", most, afresh)?;
            found.sort_by_key(|line| line.starts_with("tap"));
            let mut expected = contacts.to_vec();
            expected.sort_by_key(|line| line.starts_with("tap"));
            assert_eq!(found, expected, "{most} {afresh}");
        }
    }
    let mut singer = Singer::saved(&path)?;
    assert_eq!(singer.count("ticket")?, Some(2));
    assert_eq!(singer.count("contact")?, Some(2));
    assert_eq!(singer.state(), Some(r#"{"bookmarks":{"tickets":"2026-01-02"}}"#));
    Ok(())
}

#[test]
fn lines_that_are_no_text_are_told_once() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tap.jsonl");
    let record = br#"{"type":"RECORD","stream":"tickets","record":{"id":1}}"#;
    let mut bytes = b"\xff\n\xfe\n".to_vec();
    bytes.extend_from_slice(record);
    bytes.extend_from_slice(b"\n\xff\xff\n\xfe\n");
    fs::write(&path, bytes)?;
    let expected = [
        "tap.jsonl:1 not-utf8",
        "tap.jsonl:2 not-utf8",
        r#"{"id":1}"#,
        "tap.jsonl:4 not-utf8",
        "tap.jsonl:5 not-utf8",
    ];
    for afresh in [false, true] {
        assert_eq!(all(&path, "tickets", 1, afresh)?, expected);
    }
    Ok(())
}

#[test]
fn a_kind_without_a_stream_says_which_there_are() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tap.jsonl");
    fs::write(&path, SAVED)?;
    let mut singer = Singer::saved(&path)?;
    let mut chunk = Chunk::default();
    let why = singer.read("user", &Cursor::start(), 1, &mut chunk).err().map(|fault| fault.why);
    let expected =
        "the tap's output has no stream `user` or `users` for the kind `user`; it has tickets, contacts";
    assert_eq!(why.as_deref(), Some(expected));
    singer.stream("user", "contacts");
    singer.read("user", &Cursor::start(), 9, &mut chunk)?;
    assert_eq!(chunk.len(), 2);
    assert!(singer.read("user", &Cursor("x".to_owned()), 1, &mut chunk).is_err());
    assert!(Singer::saved(&folder.path().join("none")).is_err());
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_live_tap_is_saved_first_and_runs_once() -> Result<(), Box<dyn std::error::Error>> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir()?;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let source = folder.path().join("source.jsonl");
    fs::write(&source, SAVED)?;
    let save = folder.path().join("run.jsonl");
    let mut tap = Tap { command: words(&["cat", &source.to_string_lossy()]), save: save.clone() };
    assert_eq!(Singer::live(&tap)?.count("ticket")?, Some(2));
    assert_eq!(fs::metadata(&save)?.permissions().mode() & 0o777, 0o600);
    tap.command = words(&["false"]);
    assert_eq!(Singer::live(&tap)?.count("ticket")?, Some(2), "it ran already");
    fs::remove_file(&save)?;
    tap.command = words(&[
        "sh",
        "-c",
        "echo '{}'; echo 'INFO starting' >&2; echo 'CRITICAL: 401 Unauthorized' >&2; exit 3",
    ]);
    let why = Singer::live(&tap).err().map(|fault| fault.why).unwrap_or_default();
    assert!(why.contains("did not end well (exit status: 3); it says: CRITICAL: 401 Unauthorized"), "{why}");
    assert!(!save.exists(), "half an output is none");
    tap.command = words(&["/nothing/here"]);
    assert!(Singer::live(&tap).is_err());
    tap.command.clear();
    assert!(Singer::live(&tap).is_err());
    Ok(())
}

/// A tap that breaks off after its state is told to go on from there: nothing is read twice, and nothing is left out.
#[cfg(unix)]
#[test]
fn a_tap_that_broke_off_goes_on_from_its_last_state() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("tap.sh");
    // It pages by twos and fails twice; each time it wrote a record behind its last state.
    fs::write(
        &script,
        r#"from=0
while [ $# -gt 0 ]; do
  case "$1" in --state) from=$(sed 's/[^0-9]//g' "$2"); shift ;; esac
  shift
done
echo '{"type":"SCHEMA","stream":"tickets","schema":{},"key_properties":[]}'
at=$((from + 1))
while [ $at -le 5 ]; do
  echo "{\"type\":\"RECORD\",\"stream\":\"tickets\",\"record\":{\"id\":$at}}"
  if [ $at -eq $((from + 3)) ]; then echo 'connection lost' >&2; exit 1; fi
  echo "{\"type\":\"STATE\",\"value\":{\"done\":$at}}"
  at=$((at + 1))
done
"#,
    )?;
    let save = folder.path().join("run.jsonl");
    let command =
        vec!["sh".to_owned(), script.display().to_string(), "--state".to_owned(), "none".to_owned()];
    let first = Tap { command: command.get(..2).unwrap_or_default().to_vec(), save: save.clone() };
    let why = Singer::live(&first).err().map(|fault| fault.why).unwrap_or_default();
    assert!(why.contains("connection lost; called again, it goes on from the last state"), "{why}");
    // A state in the command itself gives way.
    let again = Tap { command, save: save.clone() };
    assert!(Singer::live(&again).is_err());
    Singer::live(&again)?;
    let expected: Vec<String> = (1..=5).map(|id| format!("{{\"id\":{id}}}")).collect();
    assert_eq!(all(&save, "tickets", 2, false)?, expected);
    assert!(!folder.path().join("run.jsonl.state.json").exists());
    Ok(())
}

#[test]
fn streams_that_nobody_reads_are_told() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tap.jsonl");
    fs::write(&path, SAVED)?;
    let mut singer = Singer::saved(&path)?;
    assert_eq!(singer.others(&["ticket", "user"])?, ["the stream contacts, 2 records"]);
    assert_eq!(singer.others(&["ticket", "contact"])?, Vec::<String>::new());
    Ok(())
}
