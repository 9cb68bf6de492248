//! A small server for tests, which answers what it is told to and can fail in every way a real one does.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What the server got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) method: String,
    /// Path and query, as sent.
    pub(crate) target: String,
    pub(crate) authorization: String,
    pub(crate) body: String,
}

/// What it does.
#[derive(Clone, Debug)]
pub(crate) enum Do {
    /// Answers with status, extra headers, body.
    Answer(u16, &'static [(&'static str, &'static str)], String),
    /// Answers after that time.
    Late(Duration, u16, String),
    /// Closes the connection without an answer.
    Close,
    /// Promises more than it sends, and closes.
    BreakOff,
}

/// A running server; it ends with the test's process.
pub(crate) struct Fake {
    pub(crate) address: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Fake {
    /// Starts a server whose answers come from a function of what it got.
    pub(crate) fn start(mut answer: impl FnMut(&Got) -> Do + Send + 'static) -> std::io::Result<Fake> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let got = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                log.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
                reply(stream, answer(&request));
            }
        });
        Ok(Fake { address, got })
    }

    /// What it got so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn read(stream: &TcpStream) -> Option<Got> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => value.trim().clone_into(&mut authorization),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Got { method, target, authorization, body: String::from_utf8(body).ok()? })
}

fn reply(mut stream: TcpStream, what: Do) {
    let (status, headers, body): (u16, &[(&str, &str)], String) = match what {
        Do::Close => {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
        Do::BreakOff => {
            let _ = stream.write_all(
                b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{\"id\":",
            );
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
        Do::Late(wait, status, body) => {
            // The server goes on with others meanwhile.
            std::thread::spawn(move || {
                std::thread::sleep(wait);
                reply(stream, Do::Answer(status, &[], body));
            });
            return;
        }
        Do::Answer(status, headers, body) => (status, headers, body),
    };
    let mut text = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&body);
    let _ = stream.write_all(text.as_bytes());
}
