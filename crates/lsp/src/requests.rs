//! What an editor asks, and the answers.

use std::collections::BTreeSet;
use std::path::Path;

use cutover::editor::Snapshot;
use cutover_analysis::{Context, World};
use cutover_diagnostics::Span;
use cutover_plan::signoffs;
use cutover_syntax::tree::SourceFile;
use lsp_server::{ErrorCode, Request, Response};
use lsp_types::request::{
    CodeActionRequest, CodeLensRequest, Completion, DocumentSymbolRequest, FoldingRangeRequest, Formatting,
    GotoDefinition, HoverRequest, InlayHintRequest, PrepareRenameRequest, RangeFormatting, References,
    Rename, Request as _,
};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, CodeLens,
    CodeLensOptions, CodeLensParams, Command, CompletionItem, CompletionOptions, CompletionParams,
    CompletionTextEdit, DocumentFormattingParams, DocumentRangeFormattingParams, DocumentSymbolParams,
    FoldingRangeParams, FoldingRangeProviderCapability, GotoDefinitionParams, Hover, HoverContents,
    HoverParams, HoverProviderCapability, InitializeParams, InlayHint, InlayHintLabel, InlayHintParams,
    InlayHintTooltip, Location, MarkupContent, MarkupKind, OneOf, Position, PrepareRenameResponse, Range,
    ReferenceParams, RenameOptions, RenameParams, SaveOptions, ServerCapabilities,
    TextDocumentPositionParams, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, TextEdit, Uri, WorkDoneProgressOptions,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::define::{self, Declared};
use crate::findings::{self, Files};
use crate::paths::{known_by, uri_of, within};
use crate::server::{Document, Server};
use crate::text::{Text, offset};
use crate::things::{Scope, Thing};
use crate::worker::Key;
use crate::{complete, hints, outline, words};

/// What the editor can show.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Client {
    snippets: bool,
}

impl Client {
    pub(crate) fn new(params: &InitializeParams) -> Client {
        let text = params.capabilities.text_document.as_ref();
        let item = text
            .and_then(|text| text.completion.as_ref())
            .and_then(|completion| completion.completion_item.as_ref());
        Client { snippets: item.and_then(|item| item.snippet_support).unwrap_or(false) }
    }
}

/// What the server offers.
pub(crate) fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let kinds = vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL];
    let triggers = ["\"", "."].map(str::to_owned).to_vec();
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(triggers),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(kinds),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_range_formatting_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        inlay_hint_provider: Some(OneOf::Left(true)),
        ..ServerCapabilities::default()
    }
}

/// Why there is no answer: for people, or because the question makes no sense.
enum Failed {
    Refused(String),
    Params(String),
}

type Answer = Result<Value, Failed>;

/// Answers a request.
pub(crate) fn answer(server: &mut Server, request: Request) -> Response {
    let Request { id, method, params } = request;
    let answer = match method.as_str() {
        HoverRequest::METHOD => read(params).and_then(|params| hover(server, params)),
        Completion::METHOD => read(params).and_then(|params| completion(server, params)),
        GotoDefinition::METHOD => read(params).and_then(|params| definition(server, params)),
        References::METHOD => read(params).and_then(|params| references(server, params)),
        PrepareRenameRequest::METHOD => read(params).and_then(|params| prepare_rename(server, params)),
        Rename::METHOD => read(params).and_then(|params| rename(server, params)),
        DocumentSymbolRequest::METHOD => read(params).and_then(|params| symbols(server, params)),
        FoldingRangeRequest::METHOD => read(params).and_then(|params| folding(server, params)),
        Formatting::METHOD => read(params).and_then(|params| formatting(server, params)),
        RangeFormatting::METHOD => read(params).and_then(|params| range_formatting(server, params)),
        CodeActionRequest::METHOD => read(params).and_then(|params| actions(server, params)),
        CodeLensRequest::METHOD => read(params).and_then(|params| lenses(server, params)),
        InlayHintRequest::METHOD => read(params).and_then(|params| inlay_hints(server, params)),
        _ => {
            let code = ErrorCode::MethodNotFound as i32;
            return Response::new_err(id, code, format!("`{method}` is not offered"));
        }
    };
    match answer {
        Ok(value) => Response::new_ok(id, value),
        Err(Failed::Refused(why)) => Response::new_err(id, ErrorCode::RequestFailed as i32, why),
        Err(Failed::Params(why)) => Response::new_err(id, ErrorCode::InvalidParams as i32, why),
    }
}

fn read<P: DeserializeOwned>(params: Value) -> Result<P, Failed> {
    serde_json::from_value(params).map_err(|error| Failed::Params(error.to_string()))
}

fn give(value: impl serde::Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| Failed::Refused(error.to_string()))
}

/// An open text with its tree, and its project where it has one.
struct Place<'s> {
    document: &'s Document,
    tree: &'s SourceFile,
    project: Option<(&'s Key, &'s Snapshot)>,
}

fn place<'s>(server: &'s Server, uri: &Uri) -> Option<Place<'s>> {
    let path = known_by(uri)?;
    let document = server.documents.get(&path)?;
    if let Some(key) = &document.project {
        let snapshot = server.projects.get(key)?.snapshot.as_ref()?;
        let tree = snapshot.file(&within(&key.0, &path)?)?;
        return Some(Place { document, tree, project: Some((key, snapshot)) });
    }
    let tree = &document.alone.as_ref()?.tree;
    Some(Place { document, tree, project: None })
}

impl Place<'_> {
    fn at(&self, position: Position) -> u32 {
        offset(self.document.text.offset(position))
    }

    /// Runs something that needs to know what names mean.
    fn scoped<T>(&self, run: impl for<'a> FnOnce(&'a Scope<'a>) -> T) -> T {
        let assets = cutover_analysis::context::Assets::default();
        let world = self.project.map_or_else(|| World::new(Vec::new()), |(_, snapshot)| snapshot.world());
        let items =
            self.project.map_or_else(|| self.tree.items.iter().collect(), |(_, snapshot)| snapshot.items());
        let scope = Scope { world: &world, cx: Context::of_items(&world, items, &assets) };
        run(&scope)
    }

    fn files(&self, server: &Server) -> Files {
        match self.project {
            Some((key, snapshot)) => server.files(key, snapshot),
            None => {
                let known = (self.document.uri.clone(), self.document.text.clone());
                Files::new([(self.tree.file, known)].into())
            }
        }
    }
}

fn hover(server: &Server, params: HoverParams) -> Answer {
    let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
    let Some(place) = place(server, &text_document.uri) else { return give(()) };
    let at = place.at(position);
    let found = place.scoped(|scope| {
        let (found, span) = define::at(scope, place.tree, at)?;
        Some((words::about(scope, &found.thing)?, span))
    });
    give(found.map(|(value, span)| Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value }),
        range: Some(place.document.text.range(span.start, span.end)),
    }))
}

fn completion(server: &Server, params: CompletionParams) -> Answer {
    let TextDocumentPositionParams { text_document, position } = params.text_document_position;
    let Some(place) = place(server, &text_document.uri) else { return give(()) };
    let at = place.at(position);
    let text = &place.document.text;
    let files = || {
        let from = known_by(&text_document.uri);
        let known = place.project.zip(from.as_deref().and_then(Path::parent));
        known.map_or_else(Vec::new, |((key, _), from)| crate::project::files_below(&key.0, from))
    };
    let items = place.scoped(|scope| {
        let (found, (start, end)) = complete::complete(scope, place.tree, at, server.client.snippets, &files);
        // An editor takes a replacement only within one line and around the cursor.
        let range = text.range(start, end.max(start));
        let range =
            if range.start.line == range.end.line { range } else { Range { start: position, end: position } };
        let item = |(rank, one): (usize, complete::Candidate)| CompletionItem {
            // What is replaced is what is filtered by: for a hole, that.
            filter_text: text
                .text()
                .get(start as usize..end as usize)
                .filter(|old| *old == "???")
                .map(str::to_owned),
            label: one.label,
            kind: Some(one.kind),
            detail: (!one.detail.is_empty()).then_some(one.detail),
            sort_text: Some(format!("{rank:05}")),
            insert_text_format: Some(one.format),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: one.text })),
            ..CompletionItem::default()
        };
        found.into_iter().enumerate().map(item).collect::<Vec<CompletionItem>>()
    });
    give(items)
}

fn definition(server: &mut Server, params: GotoDefinitionParams) -> Answer {
    let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
    let found = {
        let Some(place) = place(server, &text_document.uri) else { return give(()) };
        let Some((key, snapshot)) = place.project else { return give(()) };
        let at = place.at(position);
        let found = place.scoped(|scope| {
            let (found, _) = define::at(scope, place.tree, at)?;
            define::declared(scope, snapshot, place.tree.file, &found.thing)
        });
        found.map(|found| (key.clone(), found))
    };
    let Some((key, declared)) = found else { return give(()) };
    let location = match declared {
        Declared::Spec(span) => location(server, &key, span),
        Declared::File { path, start, end } => {
            let path = key.0.join(path);
            let known = std::fs::read_to_string(&path).ok().map(Text::new);
            let range = known.map(|text| text.range(offset(start), offset(end))).unwrap_or_default();
            uri_of(&path).filter(|_| path.exists()).map(|uri| Location { uri, range })
        }
        Declared::Page { platform, line } => {
            let uri = server.page(&platform).and_then(|path| uri_of(&path));
            let start = Position { line, character: 0 };
            uri.map(|uri| Location { uri, range: Range { start, end: start } })
        }
    };
    give(location)
}

fn location(server: &Server, key: &Key, span: Span) -> Option<Location> {
    let snapshot = server.projects.get(key)?.snapshot.as_ref()?;
    let files = server.files(key, snapshot);
    let (uri, text) = files.get(span.file)?;
    Some(Location { uri: uri.clone(), range: text.range(span.start, span.end) })
}

fn references(server: &Server, params: ReferenceParams) -> Answer {
    let TextDocumentPositionParams { text_document, position } = params.text_document_position;
    let Some(place) = place(server, &text_document.uri) else { return give(()) };
    let at = place.at(position);
    let spans = place.scoped(|scope| {
        let (found, _) = define::at(scope, place.tree, at)?;
        Some(define::places(scope, &found.thing))
    });
    let files = place.files(server);
    let wanted = spans
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, declares)| params.context.include_declaration || !declares);
    let locations = wanted.filter_map(|(span, _)| {
        let (uri, text) = files.get(span.file)?;
        Some(Location { uri: uri.clone(), range: text.range(span.start, span.end) })
    });
    give(locations.collect::<Vec<Location>>())
}

fn prepare_rename(server: &Server, params: TextDocumentPositionParams) -> Answer {
    let Some(place) = place(server, &params.text_document.uri) else { return give(()) };
    let at = place.at(params.position);
    let found = place.scoped(|scope| {
        define::at(scope, place.tree, at).filter(|(found, _)| define::renamable(&found.thing))
    });
    let Some((_, span)) = found else {
        return Err(Failed::Refused(
            "only people, tables, triggers and items that the spec names can be renamed".to_owned(),
        ));
    };
    give(PrepareRenameResponse::Range(place.document.text.range(span.start, span.end)))
}

fn rename(server: &Server, params: RenameParams) -> Answer {
    let TextDocumentPositionParams { text_document, position } = params.text_document_position;
    let Some(place) = place(server, &text_document.uri) else { return give(()) };
    let at = place.at(position);
    let signatures = place.project.map(|(key, _)| signatures(&key.0)).unwrap_or_default();
    let signed = |id: &str| signatures.contains(id);
    let edits = place.scoped(|scope| {
        let found = define::at(scope, place.tree, at).filter(|(found, _)| define::renamable(&found.thing));
        let Some((found, _)) = found else {
            return Err(
                "only people, tables, triggers and items that the spec names can be renamed".to_owned()
            );
        };
        define::rename(scope, &found.thing, &params.new_name, &signed).map(|edits| (edits, found.thing))
    });
    let (edits, thing) = edits.map_err(Failed::Refused)?;
    // A table is known by its name until the project is read again.
    if let Some((_, snapshot)) = place.project.filter(|_| !matches!(thing, Thing::System(_))) {
        snapshot.keeps_names(&edits).map_err(Failed::Refused)?;
    }
    give(place.files(server).edit(edits.into_values().flatten()))
}

/// The items of a project that somebody has signed, by their ids.
fn signatures(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder.join(signoffs::FOLDER)).into_iter().flatten().flatten();
    let files =
        files.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let small =
        files.filter(|path| std::fs::metadata(path).is_ok_and(|about| about.len() <= signoffs::MAX_FILE));
    let lines = small.filter_map(|path| std::fs::read(path).ok()).flat_map(|bytes| signoffs::parse(&bytes));
    lines.filter_map(|line| line.content.ok()).map(|line| line.item.to_string()).collect()
}

fn symbols(server: &Server, params: DocumentSymbolParams) -> Answer {
    let Some(place) = place(server, &params.text_document.uri) else { return give(()) };
    give(outline::outline(place.tree, &place.document.text))
}

fn folding(server: &Server, params: FoldingRangeParams) -> Answer {
    let Some(place) = place(server, &params.text_document.uri) else { return give(()) };
    give(outline::folds(place.tree, &place.document.text))
}

fn formatting(server: &Server, params: DocumentFormattingParams) -> Answer {
    let Some(document) = known_by(&params.text_document.uri).and_then(|path| server.documents.get(&path))
    else {
        return give(());
    };
    let text = document.text.text();
    let new_text = cutover_fmt::format(text).map_err(|refusal| Failed::Refused(refusal.to_string()))?;
    if *new_text == **text {
        return give(Vec::<TextEdit>::new());
    }
    give(vec![smallest(&document.text, 0, text.len(), &new_text)])
}

fn range_formatting(server: &Server, params: DocumentRangeFormattingParams) -> Answer {
    let Some(document) = known_by(&params.text_document.uri).and_then(|path| server.documents.get(&path))
    else {
        return give(());
    };
    let text = &document.text;
    let range = text.offset(params.range.start)..text.offset(params.range.end);
    let changed = cutover_fmt::format_range(text.text(), range)
        .map_err(|refusal| Failed::Refused(refusal.to_string()))?;
    let edit = changed.map(|change| smallest(text, change.range.start, change.range.end, &change.text));
    give(edit.into_iter().collect::<Vec<TextEdit>>())
}

/// The edit that replaces only what differs, so that the cursor stays where it is.
fn smallest(text: &Text, start: usize, end: usize, new: &str) -> TextEdit {
    let old = text.text().get(start..end).unwrap_or_default();
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (old_rest, new_rest) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail: usize =
        old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let new_text = new_rest.get(..new_rest.len() - tail).unwrap_or_default().to_owned();
    TextEdit { range: text.range(offset(start + head), offset(end - tail)), new_text }
}

fn actions(server: &Server, params: CodeActionParams) -> Answer {
    let Some(place) = place(server, &params.text_document.uri) else { return give(()) };
    let found = match place.project {
        Some((_, snapshot)) => snapshot.findings(),
        None => {
            place.document.alone.as_ref().map(cutover_syntax::again::Parsed::findings).unwrap_or_default()
        }
    };
    let mut actions = findings::actions(&found, &place.files(server), place.tree.file, params.range);
    if let Some(only) = params.context.only {
        let wanted = |kind: &CodeActionKind| {
            only.iter().any(|only| kind == only || kind.as_str().starts_with(&format!("{}.", only.as_str())))
        };
        actions.retain(|action| action.kind.as_ref().is_some_and(wanted));
    }
    give(actions)
}

fn lenses(server: &Server, params: CodeLensParams) -> Answer {
    let Some(place) = place(server, &params.text_document.uri) else { return give(()) };
    let Some((_, snapshot)) = place.project else { return give(()) };
    let text = &place.document.text;
    let lens = |span: Span, open: u64| {
        let noun = if open == 1 { "open ticket" } else { "open tickets" };
        let title = format!("{} {noun}", words::count(open));
        let command = Some(Command { title, command: String::new(), arguments: None });
        CodeLens { range: text.range(span.start, span.end), command, data: None }
    };
    let lenses = place.scoped(|scope| {
        let mut lenses = Vec::new();
        for item in &place.tree.items {
            let open = hints::open_tickets(scope, snapshot, item);
            lenses.extend(open.map(|open| lens(item.head_span(), open)));
            let clocks = hints::open_by_clock(scope, item);
            lenses.extend(clocks.into_iter().map(|(range, open)| lens(item.span(range), open)));
        }
        lenses
    });
    give(lenses)
}

fn inlay_hints(server: &Server, params: InlayHintParams) -> Answer {
    let Some(place) = place(server, &params.text_document.uri) else { return give(()) };
    let Some((_, snapshot)) = place.project else { return give(()) };
    let text = &place.document.text;
    let found = place.scoped(|scope| hints::hints(scope, snapshot, place.tree));
    let hints = found.into_iter().map(|hint| InlayHint {
        position: text.position(hint.at),
        label: InlayHintLabel::String(hint.text),
        kind: None,
        text_edits: None,
        tooltip: Some(InlayHintTooltip::String(hint.why)),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    });
    let Range { start, end } = params.range;
    give(hints.filter(|hint| start <= hint.position && hint.position <= end).collect::<Vec<InlayHint>>())
}
