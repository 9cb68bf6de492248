//! Messages on standard input and output. What is no message is answered, and the next one is read.

use std::io::{self, BufRead, Read as _, Write as _};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use lsp_server::{Connection, ErrorCode, Message};
use serde_json::{Value, json};

/// The longest message that is read, in bytes: more than any text that is opened.
const LONGEST: u64 = 256 * 1024 * 1024;
/// The longest line of a head.
const LINE: u64 = 8 * 1024;

/// The threads that read and write.
pub(crate) struct Threads {
    reader: thread::JoinHandle<io::Result<()>>,
    writer: thread::JoinHandle<io::Result<()>>,
}

impl Threads {
    /// Waits until both have ended.
    pub(crate) fn join(self) -> io::Result<()> {
        let lost = |_| io::Error::other("a thread of the language server has a defect");
        self.reader.join().map_err(lost)??;
        self.writer.join().map_err(lost)?
    }
}

/// A connection on standard input and output.
pub(crate) fn stdio() -> io::Result<(Connection, Threads)> {
    let (sender, outgoing): (Sender<Message>, Receiver<Message>) = bounded(0);
    let (incoming, receiver) = bounded(0);
    let writer = thread::Builder::new().name("writer".to_owned()).spawn(move || {
        outgoing.into_iter().try_for_each(|message| message.write(&mut io::stdout().lock()))
    })?;
    let reader = thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(read) = read(&mut input)? {
            match read {
                Ok(message) => {
                    let last = matches!(&message, Message::Notification(note) if note.method == "exit");
                    if incoming.send(message).is_err() || last {
                        break;
                    }
                }
                Err(answer) => refuse(&answer)?,
            }
        }
        Ok(())
    })?;
    Ok((Connection { sender, receiver }, Threads { reader, writer }))
}

/// Answers what is no message.
fn refuse(answer: &Value) -> io::Result<()> {
    let text = answer.to_string();
    let mut out = io::stdout().lock();
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    out.flush()
}

/// The next message, or the answer to what is none; nothing at the end of the input.
fn read(input: &mut impl BufRead) -> io::Result<Option<Result<Message, Value>>> {
    let mut length: Option<u64> = None;
    let mut odd = false;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            if length.is_some() {
                break;
            }
            if odd {
                return Ok(Some(Err(refusal(
                    ErrorCode::ParseError,
                    "a message begins with `Content-Length`",
                ))));
            }
            continue;
        }
        let header = line.split_once(':');
        match header.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            Some((_, value)) => match value.trim().parse::<u64>() {
                Ok(number) if number <= LONGEST => length = Some(number),
                _ => odd = true,
            },
            // Other lines of a head say nothing that matters here.
            None => odd |= length.is_none(),
        }
    }
    let wanted = length.unwrap_or(0);
    let mut bytes = Vec::new();
    input.by_ref().take(wanted).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < wanted {
        return Ok(None);
    }
    Ok(Some(message(&bytes)))
}

fn message(bytes: &[u8]) -> Result<Message, Value> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| refusal(ErrorCode::ParseError, &format!("the message is not JSON: {error}")))?;
    let id = value.get("id").cloned().filter(|id| id.is_string() || id.is_i64());
    serde_json::from_value(value).map_err(|_| {
        let mut answer = refusal(ErrorCode::InvalidRequest, "this is no request and no notification");
        if let (Some(id), Some(members)) = (id, answer.as_object_mut()) {
            members.insert("id".to_owned(), id);
        }
        answer
    })
}

fn refusal(code: ErrorCode, why: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code as i32, "message": why } })
}

#[cfg(test)]
mod tests {
    use lsp_server::Message;
    use serde_json::Value;

    use super::read;

    /// What was read of some bytes: methods of messages, codes of answers.
    fn all(text: &str) -> Vec<String> {
        let mut input = text.as_bytes();
        let mut found = Vec::new();
        while let Ok(Some(one)) = read(&mut input) {
            found.push(match one {
                Ok(Message::Notification(note)) => note.method,
                Ok(Message::Request(request)) => request.method,
                Ok(Message::Response(_)) => "response".to_owned(),
                Err(answer) => {
                    let code = answer.pointer("/error/code").and_then(Value::as_i64).unwrap_or(0);
                    format!("{code} {}", answer.get("id").unwrap_or(&Value::Null))
                }
            });
        }
        found
    }

    fn framed(text: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    }

    #[test]
    fn what_is_no_message_is_answered_and_the_next_one_is_read() {
        let good = framed(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#);
        for (bad, answer) in [
            (framed("{{{{{"), "-32700 null"),
            (framed(r#"{"jsonrpc":"2.0","id":7}"#), "-32600 7"),
            (framed("[1]"), "-32600 null"),
            (framed(r#"{"id":"x","methods":3,"error":2}"#), "-32600 \"x\""),
            ("Content-Length: many\r\n\r\n".to_owned(), "-32700 null"),
            ("hello\r\n\r\n".to_owned(), "-32700 null"),
            (format!("Content-Length: {}\r\n\r\n", u64::MAX), "-32700 null"),
        ] {
            let found = all(&format!("{good}{bad}{good}"));
            assert_eq!(found, ["initialized", answer, "initialized"], "{bad:?}");
        }
        assert_eq!(all("Content-Length: 100\r\n\r\n{}"), Vec::<String>::new());
        assert_eq!(all("content-length: 2\nX: y\n\n{}").len(), 1);
    }
}
