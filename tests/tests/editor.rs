//! Scenarios of an editor under `specs/lsp/`: the built program is driven over standard input and output, step by step.
//!
//! `specs/lsp/README.md` says how a scenario is written. `BLESS=1` writes the answers anew.

use std::fmt::Write as _;
use std::process::ExitCode;

use cutover_tests::corpus::compare;
use cutover_tests::editor::Editor;
use cutover_tests::program::Project;
use cutover_tests::workspace::root;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

#[path = "editor/names.rs"]
mod names;

fn main() -> ExitCode {
    let mut names: Vec<String> = root()
        .join("specs/lsp")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".txt").map(str::to_owned))
        .collect();
    names.sort();
    let mut trials: Vec<Trial> = names
        .iter()
        .cloned()
        .map(|name| Trial::test(name.clone(), move || scenario(&name).map_err(Failed::from)))
        .collect();
    trials.push(Trial::test("each name can be another one", || {
        names::each_can_be_another_one().map_err(Failed::from)
    }));
    trials.push(Trial::test("each word says what it means", || {
        names::each_word_says_what_it_means().map_err(Failed::from)
    }));
    trials.push(Trial::test("there are scenarios", move || {
        if names.len() < 10 { Err(Failed::from(format!("only {names:?}"))) } else { Ok(()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A file that is open in the scenario.
struct Open {
    path: String,
    text: String,
}

struct Run {
    project: Project,
    editor: Editor,
    open: Vec<Open>,
}

fn scenario(name: &str) -> Result<(), String> {
    let path = root().join(format!("specs/lsp/{name}.txt"));
    let written = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let mut actual = String::new();
    let mut run: Option<Run> = None;
    for (number, line) in (1..).zip(written.lines()) {
        if line.starts_with("  ") || line.trim().is_empty() && actual.ends_with("\n\n") {
            // An answer, which is written anew.
            continue;
        }
        actual.push_str(line);
        actual.push('\n');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let answer = match (line.split_once(' '), &mut run) {
            (Some(("project", folder)), none) => {
                let project = Project::of(folder)?;
                let editor = Editor::of_program(project.folder())?;
                *none = Some(Run { project, editor, open: Vec::new() });
                String::new()
            }
            (_, Some(run)) => run.step(line).map_err(|error| format!("line {number}: {error}"))?,
            _ => return Err(format!("line {number}: a scenario begins with `project`")),
        };
        for line in answer.lines() {
            let _ = writeln!(actual, "{}", format!("  {line}").trim_end());
        }
    }
    if let Some(run) = run {
        run.editor.leave()?;
    }
    compare(&path, &actual)
}

impl Run {
    fn step(&mut self, line: &str) -> Result<String, String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "open" => {
                let text =
                    std::fs::read_to_string(self.project.folder().join(rest)).map_err(|e| e.to_string())?;
                self.editor.open(rest, &text)?;
                self.open.retain(|open| open.path != rest);
                self.open.push(Open { path: rest.to_owned(), text });
                self.editor.settle()?;
                Ok(String::new())
            }
            "opening" => {
                let text =
                    std::fs::read_to_string(self.project.folder().join(rest)).map_err(|e| e.to_string())?;
                self.editor.open(rest, &text)?;
                self.open.push(Open { path: rest.to_owned(), text });
                Ok(String::new())
            }
            "unsaved" => {
                let (path, text) = rest.split_once(": ").ok_or("ADDRESS: TEXT")?;
                let text = text.replace("\\n", "\n");
                self.editor.open(path, &text)?;
                self.open.push(Open { path: path.to_owned(), text });
                self.editor.settle()?;
                Ok(String::new())
            }
            "write" => {
                let (path, text) = rest.split_once(": ").ok_or("FILE: TEXT")?;
                self.project.write(path, text.replace("\\n", "\n"))?;
                Ok(String::new())
            }
            "close" => {
                let uri = self.editor.uri(rest);
                self.editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }))?;
                self.editor.settle()?;
                Ok(String::new())
            }
            "type" => {
                self.edit(rest)?;
                Ok(String::new())
            }
            "findings" => {
                self.editor.settle()?;
                self.findings(rest)
            }
            "early" => {
                self.edit(rest)?;
                // The first version is published before the whole project is compiled.
                self.editor.next_findings()?;
                self.findings("")
            }
            "hover" => {
                let answer = self.ask("textDocument/hover", rest, json!({}))?;
                Ok(text(&answer, "/contents/value").unwrap_or_else(|| "nothing".to_owned()))
            }
            "complete" => {
                let answer = self.ask("textDocument/completion", rest, json!({}))?;
                let items: Vec<String> = list(&answer).iter().map(candidate).collect();
                Ok(if items.is_empty() { "nothing".to_owned() } else { items.join("\n") })
            }
            "definition" => {
                let answer = self.ask("textDocument/definition", rest, json!({}))?;
                self.location(&answer)
            }
            "references" => {
                let context = json!({ "context": { "includeDeclaration": true } });
                let answer = self.ask("textDocument/references", rest, context)?;
                let places: Result<Vec<String>, String> =
                    list(&answer).iter().map(|place| self.location(place)).collect();
                Ok(places?.join("\n"))
            }
            "rename" => {
                let (place, name) = rest.split_once(" to ").ok_or("rename PLACE to NAME")?;
                match self.ask("textDocument/rename", place, json!({ "newName": name })) {
                    Ok(answer) => self.edits(&answer),
                    Err(refused) => Ok(format!("refused: {refused}")),
                }
            }
            "actions" => {
                let (path, at) = self.place(rest)?;
                let uri = self.editor.uri(&path);
                let params = json!({
                    "textDocument": { "uri": uri }, "range": { "start": at, "end": at }, "context": { "diagnostics": [] },
                });
                let answer = self.editor.ask("textDocument/codeAction", params)?;
                let mut out = String::new();
                for action in list(&answer) {
                    let preferred = action.get("isPreferred").and_then(Value::as_bool).unwrap_or(false);
                    let kind = text(action, "/kind").unwrap_or_default();
                    let title = text(action, "/title").unwrap_or_default();
                    let _ = writeln!(out, "{kind}{}: {title}", if preferred { " (preferred)" } else { "" });
                    let edits = self.edits(action.get("edit").unwrap_or(&Value::Null))?;
                    for line in edits.lines() {
                        let _ = writeln!(out, "  {line}");
                    }
                }
                Ok(if out.is_empty() { "nothing".to_owned() } else { out })
            }
            "outline" => {
                let answer = self.about("textDocument/documentSymbol", rest)?;
                let mut out = String::new();
                symbols(&answer, 0, &mut out);
                Ok(out)
            }
            "folds" => {
                let answer = self.about("textDocument/foldingRange", rest)?;
                let folds = list(&answer).iter().map(|fold| {
                    let line = |key: &str| fold.get(key).and_then(Value::as_u64).unwrap_or(0) + 1;
                    let kind = text(fold, "/kind").unwrap_or_else(|| "region".to_owned());
                    format!("{}-{} {kind}", line("startLine"), line("endLine"))
                });
                Ok(folds.collect::<Vec<String>>().join("\n"))
            }
            "hints" => {
                let range = json!({ "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 99999, "character": 0 } } });
                let answer = self.with("textDocument/inlayHint", rest, range)?;
                let open = self.open_file(rest)?;
                let hints = list(&answer).iter().map(|hint| {
                    let line = hint.pointer("/position/line").and_then(Value::as_u64).unwrap_or(0);
                    let column = hint.pointer("/position/character").and_then(Value::as_u64).unwrap_or(0);
                    let column = usize::try_from(column).unwrap_or(0);
                    let shown = open.text.lines().nth(usize::try_from(line).unwrap_or(0)).unwrap_or_default();
                    let before: String = shown.chars().take(column).collect();
                    let before = before.split_whitespace().collect::<Vec<&str>>().join(" ");
                    let short: String = before.chars().take(60).collect();
                    format!("{}: {short} <- {}", line + 1, text(hint, "/label").unwrap_or_default())
                });
                Ok(hints.collect::<Vec<String>>().join("\n"))
            }
            "lenses" => {
                let answer = self.about("textDocument/codeLens", rest)?;
                let lenses = list(&answer).iter().map(|lens| {
                    let line = lens.pointer("/range/start/line").and_then(Value::as_u64).unwrap_or(0);
                    format!("{}: {}", line + 1, text(lens, "/command/title").unwrap_or_default())
                });
                Ok(lenses.collect::<Vec<String>>().join("\n"))
            }
            "format" => {
                let options = json!({ "options": { "tabSize": 2, "insertSpaces": true } });
                match self.with("textDocument/formatting", rest, options) {
                    Ok(answer) => {
                        let uri = self.editor.uri(rest);
                        let edits: Vec<String> =
                            list(&answer).iter().map(|edit| one_edit(&uri, edit, self)).collect();
                        Ok(if edits.is_empty() { "nothing to change".to_owned() } else { edits.join("\n") })
                    }
                    Err(refused) => Ok(format!("refused: {refused}")),
                }
            }
            _ => Err(format!("no step is called `{verb}`")),
        }
    }

    fn open_file(&self, path: &str) -> Result<&Open, String> {
        self.open.iter().find(|open| open.path == path).ok_or_else(|| format!("{path} is not open"))
    }

    /// `FILE: before^after`: the place of the mark, where the text without the mark stands for the first time.
    fn place(&self, what: &str) -> Result<(String, Value), String> {
        let (path, marked) = what.split_once(": ").ok_or("FILE: TEXT with ^ at the cursor")?;
        let open = self.open_file(path)?;
        let marked = marked.replace("\\n", "\n");
        let cursor = marked.find('^').ok_or("the text needs a ^ at the cursor")?;
        let plain = marked.replacen('^', "", 1);
        let start = open.text.find(&plain).ok_or_else(|| format!("{path} does not hold {plain:?}"))?;
        Ok((path.to_owned(), position(&open.text, start + cursor)))
    }

    fn ask(&mut self, method: &str, place: &str, more: Value) -> Result<Value, String> {
        let (path, at) = self.place(place)?;
        let mut params = json!({ "textDocument": { "uri": self.editor.uri(&path) }, "position": at });
        merge(&mut params, more);
        self.editor.ask(method, params)
    }

    fn about(&mut self, method: &str, path: &str) -> Result<Value, String> {
        self.with(method, path, json!({}))
    }

    fn with(&mut self, method: &str, path: &str, more: Value) -> Result<Value, String> {
        let mut params = json!({ "textDocument": { "uri": self.editor.uri(path) } });
        merge(&mut params, more);
        self.editor.ask(method, params)
    }

    /// `FILE: OLD => NEW`: replaces the first place of a text; `\n` is a line break.
    fn edit(&mut self, what: &str) -> Result<(), String> {
        let (path, change) = what.split_once(": ").ok_or("FILE: OLD => NEW")?;
        let (old, new) = change.split_once(" => ").ok_or("FILE: OLD => NEW")?;
        let (old, new) = (old.replace("\\n", "\n"), new.replace("\\n", "\n"));
        let open = self
            .open
            .iter_mut()
            .find(|open| open.path == path)
            .ok_or_else(|| format!("{path} is not open"))?;
        let start = open.text.find(&old).ok_or_else(|| format!("{path} does not hold {old:?}"))?;
        let end = start + old.len();
        let range = json!({ "start": position(&open.text, start), "end": position(&open.text, end) });
        open.text.replace_range(start..end, &new);
        self.editor.change(path, Some(range), &new)?;
        Ok(())
    }

    /// All findings that are shown, by file, with the text at which they stand.
    fn findings(&self, only: &str) -> Result<String, String> {
        let mut out = String::new();
        for (uri, published) in &self.editor.published {
            let path = uri.strip_prefix(&self.editor.uri("")).unwrap_or(uri);
            if !only.is_empty() && only != path {
                continue;
            }
            for found in &published.diagnostics {
                let severity = match found.get("severity").and_then(Value::as_u64) {
                    Some(1) => "error",
                    Some(2) => "warning",
                    _ => "information",
                };
                let code = text(found, "/code").unwrap_or_default();
                let place = range(found.get("range").unwrap_or(&Value::Null));
                let _ = writeln!(out, "{path}:{place} {severity}[{code}]");
                for line in text(found, "/message").unwrap_or_default().lines() {
                    let _ = writeln!(out, "  {line}");
                }
                for related in found.get("relatedInformation").map(list).unwrap_or_default() {
                    let at = self.location(related.get("location").unwrap_or(&Value::Null))?;
                    let _ = writeln!(out, "  -> {at}: {}", text(related, "/message").unwrap_or_default());
                }
            }
        }
        Ok(if out.is_empty() { "none".to_owned() } else { out })
    }

    fn path(&self, uri: &str) -> String {
        match uri.strip_prefix(&self.editor.uri("")) {
            Some(path) => path.to_owned(),
            None if uri.starts_with("untitled:") => uri.to_owned(),
            None => format!("page {}", uri.rsplit('/').next().unwrap_or(uri)),
        }
    }

    /// A place, with the line that stands there.
    fn location(&self, place: &Value) -> Result<String, String> {
        let Some(uri) = text(place, "/uri") else { return Ok("nothing".to_owned()) };
        let at = place.get("range").unwrap_or(&Value::Null);
        let line = at.pointer("/start/line").and_then(Value::as_u64).unwrap_or(0);
        let line = usize::try_from(line).unwrap_or(0);
        let path = self.path(&uri);
        let whole = match self.open_file(&path) {
            Ok(open) => open.text.clone(),
            Err(_) => {
                let file = uri.strip_prefix("file://").unwrap_or_default();
                std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?
            }
        };
        let shown =
            whole.lines().nth(line).unwrap_or_default().split_whitespace().collect::<Vec<&str>>().join(" ");
        let shown: String = shown.chars().take(70).collect();
        Ok(format!("{path}:{} | {shown}", range(at)))
    }

    fn edits(&self, edit: &Value) -> Result<String, String> {
        let changes = edit.get("changes").and_then(Value::as_object).ok_or("no edit")?;
        let mut out: Vec<String> = Vec::new();
        for (uri, edits) in changes {
            out.extend(list(edits).iter().map(|edit| one_edit(uri, edit, self)));
        }
        out.sort();
        Ok(out.join("\n"))
    }
}

fn one_edit(uri: &str, edit: &Value, run: &Run) -> String {
    let place = range(edit.get("range").unwrap_or(&Value::Null));
    format!("{}:{place} {:?}", run.path(uri), text(edit, "/newText").unwrap_or_default())
}

fn candidate(item: &Value) -> String {
    let label = text(item, "/label").unwrap_or_default();
    let new = text(item, "/textEdit/newText").unwrap_or_default();
    let detail = text(item, "/detail").map(|detail| format!("  -- {detail}")).unwrap_or_default();
    let place = range(item.pointer("/textEdit/range").unwrap_or(&Value::Null));
    if new == label {
        format!("{place} {label}{detail}")
    } else {
        format!("{place} {label} = {new:?}{detail}")
    }
}

fn symbols(list_of: &Value, depth: usize, out: &mut String) {
    for symbol in list(list_of) {
        let detail = text(symbol, "/detail").map(|detail| format!("  -- {detail}")).unwrap_or_default();
        let place = range(symbol.get("range").unwrap_or(&Value::Null));
        let _ = writeln!(
            out,
            "{}{} {place}{detail}",
            "  ".repeat(depth),
            text(symbol, "/name").unwrap_or_default()
        );
        symbols(symbol.get("children").unwrap_or(&Value::Null), depth + 1, out);
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, at: &str) -> Option<String> {
    value.pointer(at).and_then(Value::as_str).map(str::to_owned)
}

fn merge(params: &mut Value, more: Value) {
    if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
        params.extend(more);
    }
}

/// `line:column-line:column` as people count, the column in UTF-16 units.
fn range(range: &Value) -> String {
    let number = |at: &str| range.pointer(at).and_then(Value::as_u64).unwrap_or(0) + 1;
    let (line, end_line) = (number("/start/line"), number("/end/line"));
    let (column, end_column) = (number("/start/character"), number("/end/character"));
    if line == end_line {
        format!("{line}:{column}-{end_column}")
    } else {
        format!("{line}:{column}-{end_line}:{end_column}")
    }
}

/// The place of a byte as the protocol counts.
fn position(text: &str, at: usize) -> Value {
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let character = before.get(start..).unwrap_or_default().encode_utf16().count();
    json!({ "line": line, "character": character })
}
