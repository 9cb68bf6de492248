//! An editor of tests: it opens texts, types, asks, and remembers what is published. It speaks with the built program, or with the server
//! in this process.

use std::collections::BTreeMap;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde_json::{Value, json};

use crate::program;

/// So long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// What was published for a file.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// The version of the text, when the file is open.
    pub version: Option<i64>,
    /// The findings, as they were sent.
    pub diagnostics: Vec<Value>,
    /// How often something was published.
    pub times: usize,
}

/// An editor.
#[derive(Debug)]
pub struct Editor {
    sender: Option<Sender<Message>>,
    receiver: Receiver<Message>,
    child: Option<Child>,
    next: i32,
    versions: BTreeMap<String, i64>,
    /// What was published, by address.
    pub published: BTreeMap<String, Published>,
    folder: PathBuf,
}

impl Editor {
    /// Starts the built program for a folder.
    ///
    /// # Errors
    /// When it cannot be built or started, or refuses to shake hands.
    pub fn of_program(folder: &Path) -> Result<Editor, String> {
        Editor::of(program::path()?, folder)
    }

    /// Starts some build of the program for a folder.
    ///
    /// # Errors
    /// As [`Editor::of_program`].
    pub fn of(program: &Path, folder: &Path) -> Result<Editor, String> {
        let mut command = Command::new(program);
        command.args(["lsp", "--stdio"]).current_dir(folder);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| error.to_string())?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err("the program has no pipes".to_owned());
        };
        let (to_server, outbox) = unbounded::<Message>();
        let (inbox, from_server) = unbounded();
        std::thread::spawn(move || {
            let mut stdin = BufWriter::new(stdin);
            for message in outbox {
                if message.write(&mut stdin).is_err() {
                    return;
                }
            }
        });
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Ok(Some(message)) = Message::read(&mut stdout) {
                if inbox.send(message).is_err() {
                    return;
                }
            }
        });
        Editor::start(to_server, from_server, Some(child), folder)
    }

    /// Starts the server in this process.
    ///
    /// # Errors
    /// When it refuses to shake hands.
    pub fn of_library(folder: &Path) -> Result<Editor, String> {
        let (server, client) = Connection::memory();
        std::thread::spawn(move || cutover_lsp::serve(server));
        Editor::start(client.sender.clone(), client.receiver.clone(), None, folder)
    }

    fn start(
        sender: Sender<Message>,
        receiver: Receiver<Message>,
        child: Option<Child>,
        folder: &Path,
    ) -> Result<Editor, String> {
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        let mut editor = Editor {
            sender: Some(sender),
            receiver,
            child,
            next: 0,
            versions: BTreeMap::new(),
            published: BTreeMap::new(),
            folder,
        };
        let root = editor.uri("");
        let params = json!({
            "processId": null,
            "workspaceFolders": [{ "uri": root.trim_end_matches('/'), "name": "project" }],
            "capabilities": { "textDocument": { "completion": { "completionItem": { "snippetSupport": false } } } },
        });
        editor.ask("initialize", params)?;
        editor.tell("initialized", json!({}))?;
        Ok(editor)
    }

    /// The version of the text that the last findings of a file are of.
    #[must_use]
    pub fn version(&self, path: &str) -> Option<i64> {
        self.published.get(&self.uri(path))?.version
    }

    /// The memory that the program holds, in KiB, where the system tells it.
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    }

    /// The address of a file of the folder.
    #[must_use]
    pub fn uri(&self, path: &str) -> String {
        if path.starts_with("untitled:") {
            return path.to_owned();
        }
        format!("file://{}/{path}", self.folder.display())
    }

    /// Tells something.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn tell(&mut self, method: &str, params: Value) -> Result<(), String> {
        self.send(Notification { method: method.to_owned(), params }.into())
    }

    fn send(&mut self, message: Message) -> Result<(), String> {
        let sender = self.sender.as_ref().ok_or("the editor has left")?;
        sender.send(message).map_err(|_| "the server is gone".to_owned())
    }

    /// Asks something and waits for the answer.
    ///
    /// # Errors
    /// What the server refuses, in its words; or when it is gone.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.ask_later(method, params)?;
        self.answer(&id)
    }

    /// Asks something without waiting.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn ask_later(&mut self, method: &str, params: Value) -> Result<RequestId, String> {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(Request { id: id.clone(), method: method.to_owned(), params }.into())?;
        Ok(id)
    }

    /// Waits for an answer.
    ///
    /// # Errors
    /// As [`Editor::ask`].
    pub fn answer(&mut self, id: &RequestId) -> Result<Value, String> {
        loop {
            match self.receiver.recv_timeout(PATIENCE).map_err(|error| format!("no answer: {error}"))? {
                Message::Response(response) if response.id == *id => {
                    return response.response_result.map_err(|error| error.message);
                }
                message => self.remember(message),
            }
        }
    }

    /// Waits until findings are published.
    ///
    /// # Errors
    /// When none come.
    pub fn next_findings(&mut self) -> Result<(), String> {
        loop {
            let message =
                self.receiver.recv_timeout(PATIENCE).map_err(|error| format!("nothing: {error}"))?;
            let publishes = matches!(&message, Message::Notification(note) if note.method == "textDocument/publishDiagnostics");
            self.remember(message);
            if publishes {
                return Ok(());
            }
        }
    }

    fn remember(&mut self, message: Message) {
        let Message::Notification(note) = message else { return };
        if note.method != "textDocument/publishDiagnostics" {
            return;
        }
        let uri = note.params.get("uri").and_then(Value::as_str).unwrap_or_default().to_owned();
        let times = self.published.get(&uri).map_or(0, |before| before.times) + 1;
        let diagnostics =
            note.params.get("diagnostics").and_then(Value::as_array).cloned().unwrap_or_default();
        let version = note.params.get("version").and_then(Value::as_i64);
        self.published.insert(uri, Published { version, diagnostics, times });
    }

    /// Opens a file with a text.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn open(&mut self, path: &str, text: &str) -> Result<(), String> {
        let uri = self.uri(path);
        self.versions.insert(uri.clone(), 1);
        let document = json!({ "uri": uri, "languageId": "cutover", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }))
    }

    /// Replaces a range of an open file; the whole text when there is none. Gives the version.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn change(&mut self, path: &str, range: Option<Value>, text: &str) -> Result<i64, String> {
        let uri = self.uri(path);
        let version = self.versions.entry(uri.clone()).or_insert(1);
        *version += 1;
        let version = *version;
        let mut change = json!({ "text": text });
        if let (Some(range), Some(change)) = (range, change.as_object_mut()) {
            change.insert("range".to_owned(), range);
        }
        let params =
            json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [change] });
        self.tell("textDocument/didChange", params)?;
        Ok(version)
    }

    /// Waits until the findings of all projects are there.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn settle(&mut self) -> Result<(), String> {
        self.ask("cutover/settled", Value::Null).map(|_| ())
    }

    /// Says good-bye.
    ///
    /// # Errors
    /// When the server does not end as it should.
    pub fn leave(mut self) -> Result<(), String> {
        self.ask("shutdown", Value::Null)?;
        self.tell("exit", Value::Null)?;
        self.sender = None;
        if let Some(mut child) = self.child.take() {
            let status = child.wait().map_err(|error| error.to_string())?;
            if !status.success() {
                return Err(format!("the server ended with {status}"));
            }
        }
        Ok(())
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
