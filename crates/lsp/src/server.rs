//! The loop: messages in, answers and findings out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select};
use cutover::editor::Snapshot;
use cutover_diagnostics::FileId;
use cutover_syntax::again::Parsed;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument,
    DidSaveTextDocument, Notification as _, PublishDiagnostics,
};
use lsp_types::request::{Formatting, RangeFormatting, Request as _};
use lsp_types::{
    CancelParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, InitializeParams, NumberOrString, PublishDiagnosticsParams, Uri,
};
use tempfile::TempDir;

use crate::findings::{Files, shown};
use crate::paths::{canonical, is_unsaved, known_by, path_of, uri_of, within};
use crate::project::{self, Project};
use crate::requests;
use crate::text::Text;
use crate::wire;
use crate::worker::{self, Done, Job, Key};

/// A request of our own: it is answered when the findings of whole projects are published. Tests and scripts need to know that.
const SETTLED: &str = "cutover/settled";

/// Why the server ended before the editor asked it to.
#[derive(Debug)]
pub struct Stopped(String);

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stopped {}

/// Serves an editor on standard input and output until it says good-bye.
///
/// # Errors
/// When the editor goes away, or does not speak the protocol.
pub fn stdio() -> Result<(), Stopped> {
    let (connection, threads) = wire::stdio().map_err(|error| Stopped(error.to_string()))?;
    let served = serve(connection);
    // The threads end when the editor closes its ends. After a failure nobody may be there to close them.
    if served.is_ok() {
        threads.join().map_err(|error| Stopped(error.to_string()))?;
    }
    served
}

/// Serves an editor on a connection until it says good-bye.
///
/// # Errors
/// When the editor goes away, or does not speak the protocol.
pub fn serve(connection: Connection) -> Result<(), Stopped> {
    let stopped = |error: &dyn std::fmt::Display| Stopped(error.to_string());
    let (id, params) = connection.initialize_start().map_err(|error| stopped(&error))?;
    let params: InitializeParams = serde_json::from_value(params).map_err(|error| stopped(&error))?;
    let answer = serde_json::json!({
        "capabilities": requests::capabilities(),
        "serverInfo": { "name": "cutover", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer).map_err(|error| stopped(&error))?;
    let (jobs, results) = worker::start().map_err(|error| stopped(&error))?;
    let mut server = Server {
        sender: connection.sender.clone(),
        jobs,
        tops: tops(&params),
        client: requests::Client::new(&params),
        documents: BTreeMap::new(),
        projects: BTreeMap::new(),
        shown: BTreeMap::new(),
        pages: None,
        settling: Vec::new(),
        early: Vec::new(),
    };
    let ended = server.run(&connection.receiver, &results);
    // The writing thread ends with the last sender.
    drop(server);
    drop(connection);
    ended
}

#[expect(deprecated, reason = "editors that know no folders still say their root")]
fn tops(params: &InitializeParams) -> Vec<PathBuf> {
    let folders = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let tops: Vec<PathBuf> =
        folders.chain(&params.root_uri).filter_map(path_of).map(|path| canonical(&path)).collect();
    tops
}

/// A text that the editor holds open.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) text: Text,
    /// The project that it belongs to; none for a part of a spec that nobody takes in.
    pub(crate) project: Option<Key>,
    /// The tree of a text without a project.
    pub(crate) alone: Option<Parsed>,
}

/// What was published for a file.
struct Shown {
    /// The project that found it.
    by: Option<Key>,
    /// Of which version of the text; none when it is not open.
    version: Option<i32>,
    diagnostics: Vec<lsp_types::Diagnostic>,
}

/// All that the server knows.
pub(crate) struct Server {
    sender: Sender<Message>,
    jobs: Sender<Job>,
    /// Folders above which nothing is looked for.
    tops: Vec<PathBuf>,
    pub(crate) client: requests::Client,
    /// Open texts by the canonical paths of their files.
    pub(crate) documents: BTreeMap<PathBuf, Document>,
    pub(crate) projects: BTreeMap<Key, Project>,
    /// What was published last for each file, so that nothing is published twice.
    shown: BTreeMap<PathBuf, Shown>,
    /// The pages of products that were shown, in a folder that goes away with the server.
    pages: Option<TempDir>,
    /// Who waits for the findings of all projects.
    settling: Vec<RequestId>,
    /// Questions about projects that are not known yet: they are answered as soon as a project was compiled once.
    early: Vec<(Key, Request)>,
}

impl Server {
    fn run(&mut self, inbox: &Receiver<Message>, results: &Receiver<Done>) -> Result<(), Stopped> {
        let mut waiting: VecDeque<Message> = VecDeque::new();
        loop {
            if waiting.is_empty() {
                select! {
                    recv(inbox) -> message => match message {
                        Ok(message) => waiting.push_back(message),
                        Err(_) => return Err(Stopped("the editor went away without a good-bye".to_owned())),
                    },
                    recv(results) -> done => {
                        if let Ok(done) = done {
                            self.guarded(|server| server.compiled(done));
                        }
                    }
                }
            }
            waiting.extend(inbox.try_iter());
            let Some(message) = waiting.pop_front() else { continue };
            match message {
                Message::Request(request) if request.method == "shutdown" => {
                    for (_, asked) in std::mem::take(&mut self.early) {
                        self.canceled(asked.id);
                    }
                    self.send(Response::new_ok(request.id, ()).into());
                    return self.farewell(inbox, waiting);
                }
                Message::Request(request) => self.request(request, &waiting),
                Message::Notification(note) if note.method == "exit" => {
                    return Err(Stopped("the editor left without a good-bye".to_owned()));
                }
                Message::Notification(note) => self.guarded(|server| server.notification(note, &waiting)),
                Message::Response(_) => {}
            }
        }
    }

    /// Waits for `exit`; all else comes too late.
    fn farewell(&self, inbox: &Receiver<Message>, waiting: VecDeque<Message>) -> Result<(), Stopped> {
        for message in waiting.into_iter().chain(inbox.iter()) {
            match message {
                Message::Notification(note) if note.method == "exit" => return Ok(()),
                Message::Request(request) => {
                    let code = ErrorCode::InvalidRequest as i32;
                    self.send(
                        Response::new_err(request.id, code, "the server is shut down".to_owned()).into(),
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) fn send(&self, message: Message) {
        // An editor that went away is noticed where messages are read.
        let _ = self.sender.send(message);
    }

    /// Runs a handler. A defect in one must not end the session.
    fn guarded(&mut self, handler: impl FnOnce(&mut Server)) {
        let _ = catch_unwind(AssertUnwindSafe(|| handler(self)));
    }

    fn request(&mut self, request: Request, waiting: &VecDeque<Message>) {
        let id = request.id.clone();
        if request.method == SETTLED {
            self.settling.push(id);
            return self.settle();
        }
        if waiting.iter().any(|message| cancels(message, &id)) {
            return self.canceled(id);
        }
        if let Some(key) = self.unknown_yet(&request) {
            return self.early.push((key, request));
        }
        self.answer(request);
    }

    fn canceled(&self, id: RequestId) {
        let code = ErrorCode::RequestCanceled as i32;
        self.send(Response::new_err(id, code, "the editor asked to cancel".to_owned()).into());
    }

    /// The project that a question is about, when it is being compiled for the first time. The layout of a text can be told without it.
    fn unknown_yet(&self, request: &Request) -> Option<Key> {
        if [Formatting::METHOD, RangeFormatting::METHOD].contains(&request.method.as_str()) {
            return None;
        }
        let uri = request.params.pointer("/textDocument/uri")?.as_str()?.parse::<Uri>().ok()?;
        let key = self.documents.get(&known_by(&uri)?)?.project.as_ref()?;
        let project = self.projects.get(key)?;
        (project.snapshot.is_none() && project.done < project.generation).then(|| key.clone())
    }

    /// Answers what was asked before a project was known.
    fn answer_early(&mut self, key: &Key) {
        let (now, later) = std::mem::take(&mut self.early).into_iter().partition(|(of, _)| of == key);
        self.early = later;
        let now: Vec<(Key, Request)> = now;
        for (_, request) in now {
            self.answer(request);
        }
    }

    fn answer(&mut self, request: Request) {
        let id = request.id.clone();
        let answered = catch_unwind(AssertUnwindSafe(|| requests::answer(self, request)));
        let response = answered.unwrap_or_else(|_| {
            Response::new_err(
                id,
                ErrorCode::InternalError as i32,
                "a defect of the language server".to_owned(),
            )
        });
        self.send(response.into());
    }

    fn notification(&mut self, note: Notification, waiting: &VecDeque<Message>) {
        match note.method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Ok(DidOpenTextDocumentParams { text_document }) = serde_json::from_value(note.params)
                else {
                    return;
                };
                let Some(path) = known_by(&text_document.uri) else { return };
                let text = Text::new(text_document.text);
                let document = Document {
                    uri: text_document.uri,
                    version: text_document.version,
                    text,
                    project: None,
                    alone: None,
                };
                self.documents.insert(path.clone(), document);
                self.attach(&path);
                self.changed(&path);
            }
            DidChangeTextDocument::METHOD => {
                let Ok(params) = serde_json::from_value::<DidChangeTextDocumentParams>(note.params) else {
                    return;
                };
                let Some(path) = known_by(&params.text_document.uri) else {
                    return;
                };
                let Some(document) = self.documents.get_mut(&path) else { return };
                document.text = document.text.changed(params.content_changes);
                document.version = params.text_document.version;
                // Of several changes that wait, only the last one is worth looking at.
                if !waiting.iter().any(|message| changes(message, &document.uri)) {
                    self.changed(&path);
                }
            }
            DidCloseTextDocument::METHOD => {
                let Ok(params) = serde_json::from_value::<DidCloseTextDocumentParams>(note.params) else {
                    return;
                };
                let Some(path) = known_by(&params.text_document.uri) else {
                    return;
                };
                self.closed(&path);
            }
            DidSaveTextDocument::METHOD => {
                let Ok(params) = serde_json::from_value::<DidSaveTextDocumentParams>(note.params) else {
                    return;
                };
                if let Some(path) = known_by(&params.text_document.uri) {
                    self.attach(&path);
                }
                self.recompile();
            }
            DidChangeWatchedFiles::METHOD => self.recompile(),
            "$/cancelRequest" => {
                let message = Message::Notification(note);
                let (gone, kept) = std::mem::take(&mut self.early)
                    .into_iter()
                    .partition(|(_, asked)| cancels(&message, &asked.id));
                self.early = kept;
                let gone: Vec<(Key, Request)> = gone;
                for (_, asked) in gone {
                    self.canceled(asked.id);
                }
            }
            _ => {}
        }
    }

    /// Finds the project of an open text.
    fn attach(&mut self, path: &Path) {
        let Some(document) = self.documents.get(path) else { return };
        let open = |path: &Path| self.documents.get(path).map(|document| Arc::clone(document.text.text()));
        let key = match is_unsaved(path) {
            true => None,
            false => project::find(path, document.text.text(), &self.tops, &open),
        };
        let Some(document) = self.documents.get_mut(path) else { return };
        if document.project != key {
            document.project = key.clone();
            document.alone = None;
        }
        if let Some(key) = key {
            self.projects.entry(key).or_default();
        }
        self.forget();
    }

    /// Drops projects of which no text is open any more.
    fn forget(&mut self) {
        let used: BTreeSet<&Key> =
            self.documents.values().filter_map(|document| document.project.as_ref()).collect();
        let unused: Vec<Key> = self.projects.keys().filter(|key| !used.contains(key)).cloned().collect();
        for key in unused {
            if let Some(mut project) = self.projects.remove(&key) {
                project.touch();
            }
            self.answer_early(&key);
            let of_it = self.shown.iter().filter(|(_, shown)| shown.by.as_ref() == Some(&key));
            let files: Vec<PathBuf> = of_it.map(|(path, _)| path.clone()).collect();
            for path in files {
                self.publish(&path, None, Vec::new());
            }
        }
    }

    fn closed(&mut self, path: &Path) {
        let Some(document) = self.documents.remove(path) else { return };
        if document.project.is_none() {
            self.publish(path, None, Vec::new());
        }
        self.forget();
        // What is on disk counts again.
        if let Some(key) = document.project {
            self.compile(&key);
        }
    }

    /// Publishes what an edited text says by itself, and asks for the rest.
    fn changed(&mut self, path: &Path) {
        let Some(document) = self.documents.get(path) else { return };
        if document.project.is_none() && !is_unsaved(path) && project::is_entry(document.text.text()) {
            self.attach(path);
        }
        let Some(document) = self.documents.get_mut(path) else { return };
        let text = Arc::clone(document.text.text());
        let Some(key) = document.project.clone() else {
            let parsed = match document.alone.take() {
                Some(parsed) => parsed.again(&text).0,
                None => Parsed::new(FileId(0), &text),
            };
            let findings = parsed.findings();
            let files =
                Files::new(BTreeMap::from([(FileId(0), (document.uri.clone(), document.text.clone()))]));
            document.alone = Some(parsed);
            let found = findings
                .iter()
                .filter_map(|finding| shown(finding, &files))
                .map(|(_, found)| found)
                .collect();
            return self.publish(path, None, found);
        };
        let Some(project) = self.projects.get_mut(&key) else { return };
        if let (Some(snapshot), Some(name)) = (&mut project.snapshot, within(&key.0, path)) {
            snapshot.edit(&name, &text);
            // The migration was taken out of the file that began the project.
            if name == key.1 && !snapshot.is_entry(&name) && !project::is_entry(&text) {
                self.attach(path);
                if self.documents.get(path).is_some_and(|document| document.project.as_ref() != Some(&key)) {
                    return self.changed(path);
                }
                return self.compile(&key);
            }
            self.publish_project(&key);
        }
        self.compile(&key);
    }

    /// Asks for the findings of a whole project.
    fn compile(&mut self, key: &Key) {
        let Some(project) = self.projects.get_mut(key) else { return };
        project.touch();
        let open = self
            .documents
            .iter()
            .filter_map(|(path, document)| Some((within(&key.0, path)?, Arc::clone(document.text.text()))));
        let job = Job {
            key: key.clone(),
            open: open.collect(),
            generation: project.generation,
            wanted: Arc::clone(&project.wanted),
        };
        // Without its thread the server still answers by what it knows.
        let _ = self.jobs.send(job);
    }

    fn recompile(&mut self) {
        let keys: Vec<Key> = self.projects.keys().cloned().collect();
        for key in keys {
            self.compile(&key);
        }
    }

    /// Answers those who wait for all findings, once there are no others to come.
    fn settle(&mut self) {
        if self.projects.values().all(|project| project.done == project.generation) {
            for id in std::mem::take(&mut self.settling) {
                self.send(Response::new_ok(id, ()).into());
            }
        }
    }

    /// Takes over what the other thread found, unless somebody has typed meanwhile.
    fn compiled(&mut self, done: Done) {
        let Done { key, generation, checked } = done;
        let Some(project) = self.projects.get_mut(&key).filter(|project| project.generation == generation)
        else {
            return;
        };
        project.done = generation;
        if let Some(checked) = checked {
            let before = project.snapshot.take();
            project.snapshot = Some(Snapshot::new(*checked, before));
            self.publish_project(&key);
        }
        self.answer_early(&key);
        self.settle();
    }

    /// The files of a project as the editor knows them: its own texts where they are open.
    pub(crate) fn files(&self, key: &Key, snapshot: &Snapshot) -> Files {
        let files = snapshot.sources().files().filter_map(|(id, file)| {
            let path = key.0.join(file.name());
            let known =
                self.documents.get(&path).map(|document| (document.uri.clone(), document.text.clone()));
            Some((id, known.or_else(|| Some((uri_of(&path)?, Text::new(file.shared_text()))))?))
        });
        Files::new(files.collect())
    }

    fn publish_project(&mut self, key: &Key) {
        let Some(snapshot) = self.projects.get(key).and_then(|project| project.snapshot.as_ref()) else {
            return;
        };
        let findings = snapshot.findings();
        // Texts are only looked into for files in which something stands.
        let wanted: BTreeSet<FileId> =
            findings.iter().flat_map(|finding| &finding.labels).map(|label| label.span.file).collect();
        let mut by_file: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> = BTreeMap::new();
        let mut files = BTreeMap::new();
        for (id, file) in snapshot.sources().files() {
            let path = key.0.join(file.name());
            if wanted.contains(&id) {
                let known =
                    self.documents.get(&path).map(|document| (document.uri.clone(), document.text.clone()));
                let known = known.or_else(|| Some((uri_of(&path)?, Text::new(file.shared_text()))));
                files.extend(known.map(|known| (id, known)));
            }
            by_file.entry(path).or_default();
        }
        let files = Files::new(files);
        for (id, found) in findings.iter().filter_map(|finding| shown(finding, &files)) {
            by_file.entry(key.0.join(snapshot.sources().name(id))).or_default().push(found);
        }
        let others: Vec<PathBuf> = self
            .shown
            .iter()
            .filter(|(path, shown)| shown.by.as_ref() == Some(key) && !by_file.contains_key(*path))
            .map(|(path, _)| path.clone())
            .collect();
        for path in others {
            self.publish(&path, Some(key), Vec::new());
        }
        for (path, found) in by_file {
            self.publish(&path, Some(key), found);
        }
    }

    /// Publishes the findings of a file, unless the editor shows just these.
    fn publish(&mut self, path: &Path, by: Option<&Key>, diagnostics: Vec<lsp_types::Diagnostic>) {
        let document = self.documents.get(path);
        let version = document.map(|document| document.version);
        let same = self
            .shown
            .get(path)
            .is_some_and(|shown| shown.version == version && shown.diagnostics == diagnostics);
        let nothing = diagnostics.is_empty() && !self.shown.contains_key(path) && document.is_none();
        if same || nothing {
            return;
        }
        let Some(uri) = document.map(|document| document.uri.clone()).or_else(|| uri_of(path)) else {
            return;
        };
        if diagnostics.is_empty() && document.is_none() {
            self.shown.remove(path);
        } else {
            let shown = Shown { by: by.cloned(), version, diagnostics: diagnostics.clone() };
            self.shown.insert(path.to_owned(), shown);
        }
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        self.send(Notification::new(PublishDiagnostics::METHOD.to_owned(), params).into());
    }

    /// The file with the page of a product, written when it is asked for the first time.
    pub(crate) fn page(&mut self, platform: &str) -> Option<PathBuf> {
        if self.pages.is_none() {
            self.pages = tempfile::Builder::new().prefix("cutover-catalogs-").tempdir().ok();
        }
        let path = self.pages.as_ref()?.path().join(format!("{platform}.txt"));
        if !path.exists() {
            std::fs::write(&path, crate::words::page(platform)?).ok()?;
            // It is for reading: what somebody writes into it would change nothing.
            let mut permissions = std::fs::metadata(&path).ok()?.permissions();
            permissions.set_readonly(true);
            std::fs::set_permissions(&path, permissions).ok()?;
        }
        Some(path)
    }
}

fn cancels(message: &Message, id: &RequestId) -> bool {
    let Message::Notification(note) = message else { return false };
    if note.method != "$/cancelRequest" {
        return false;
    }
    match serde_json::from_value::<CancelParams>(note.params.clone()) {
        Ok(CancelParams { id: NumberOrString::Number(number) }) => RequestId::from(number) == *id,
        Ok(CancelParams { id: NumberOrString::String(text) }) => RequestId::from(text) == *id,
        Err(_) => false,
    }
}

fn changes(message: &Message, uri: &Uri) -> bool {
    let Message::Notification(note) = message else { return false };
    note.method == DidChangeTextDocument::METHOD
        && note.params.pointer("/textDocument/uri").and_then(|uri| uri.as_str()) == Some(uri.as_str())
}
