"""pytest-lsp as the editor: the handshake, both versions of findings, and the questions that people ask most."""

import os
import pathlib

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

SPEC = pathlib.Path(os.environ["ACME"]) / "acme.cutover"
URI = SPEC.resolve().as_uri()


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[os.environ["CUTOVER"], "lsp"]))
async def client(lsp_client: LanguageClient):
    folder = types.WorkspaceFolder(uri=SPEC.parent.resolve().as_uri(), name="acme")
    params = types.InitializeParams(capabilities=client_capabilities("visual-studio-code"), workspace_folders=[folder])
    await lsp_client.initialize_session(params)
    text = SPEC.read_text()
    document = types.TextDocumentItem(uri=URI, language_id="cutover", version=1, text=text)
    lsp_client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))
    await lsp_client.protocol.send_request_async("cutover/settled", None)
    lsp_client.spec = text
    lsp_client.known = [found.code for found in lsp_client.diagnostics.get(URI, [])]
    yield
    await lsp_client.shutdown_session()


def place(text: str, marked: str) -> types.Position:
    before = text[: text.index(marked.replace("^", "")) + marked.index("^")]
    return types.Position(line=before.count("\n"), character=len(before) - before.rfind("\n") - 1)


def at(client, marked):
    return {"text_document": types.TextDocumentIdentifier(uri=URI), "position": place(client.spec, marked)}


async def test_findings_come_and_go(client: LanguageClient):
    start = place(client.spec, "by ^queues")
    end = types.Position(line=start.line, character=start.character + len("queues"))
    for version, word in ((2, "quees"), (3, "queues")):
        change = types.TextDocumentContentChangePartial(range=types.Range(start=start, end=end), text=word)
        document = types.VersionedTextDocumentIdentifier(uri=URI, version=version)
        params = types.DidChangeTextDocumentParams(text_document=document, content_changes=[change])
        client.text_document_did_change(params)
        await client.protocol.send_request_async("cutover/settled", None)
        codes = [found.code for found in client.diagnostics[URI]]
        # A mistake hides what can only be said of a spec without one; once it is mended, everything is as before.
        assert codes == (["names/unknown-function"] if version == 2 else client.known), codes
        if version == 2:
            params = types.CodeActionParams(
                text_document=types.TextDocumentIdentifier(uri=URI),
                range=types.Range(start=start, end=start),
                context=types.CodeActionContext(diagnostics=client.diagnostics[URI]),
            )
            actions = await client.text_document_code_action_async(params)
            assert [action.title for action in actions] == ["did you mean `queues`?"]
        end = types.Position(line=start.line, character=start.character + len(word))


async def test_questions(client: LanguageClient):
    hover = await client.text_document_hover_async(types.HoverParams(**at(client, "owner da^na")))
    assert "Dana Ruiz" in hover.contents.value
    found = await client.text_document_definition_async(types.DefinitionParams(**at(client, "on support_h^ours")))
    assert found.uri.endswith("shared/calendars.cutover")
    context = types.ReferenceContext(include_declaration=True)
    places = await client.text_document_references_async(types.ReferenceParams(context=context, **at(client, "by que^ues")))
    assert len(places) == 2
    edit = await client.text_document_rename_async(types.RenameParams(new_name="teams", **at(client, "by que^ues")))
    assert [change.new_text for change in edit.changes[URI]] == ["teams", "teams"]
    items = await client.text_document_completion_async(types.CompletionParams(**at(client, "owner ^dana")))
    assert "maya" in [item.label for item in items]


async def test_the_whole_file(client: LanguageClient):
    document = types.TextDocumentIdentifier(uri=URI)
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=document))
    assert symbols[2].name == "migration acme"
    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(text_document=document))
    assert len(folds) > 10
    whole = types.Range(start=types.Position(0, 0), end=types.Position(9999, 0))
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(text_document=document, range=whole))
    assert any("records" in hint.label for hint in hints)
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(text_document=document))
    assert lenses[0].command.title == "12,480 open tickets"
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    edits = await client.text_document_formatting_async(types.DocumentFormattingParams(text_document=document, options=options))
    assert not edits
