//! The spec's own files: the entry, what it takes in with `use`, and the files that travel with the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cutover_analysis::context::Assets;
use cutover_analysis::manifest::{self, Mention, SystemMention};
use cutover_diagnostics::{Applicability, Diagnostic, Edit, SourceMap, Span};
use cutover_lint::Settings;
use cutover_plan::digest::sha256_hex;
use cutover_syntax::again::{Parsed, Remains};
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::parse::MAX_FILE;
use cutover_syntax::tree::SourceFile;

use crate::foreign::{self, is_spec};
use crate::line_ends;
use crate::root::{Failure, Refused, Root};

/// The most files that a spec may consist of. A migration has a handful.
const MAX_FILES: usize = 1_000;
/// The most bytes of one template, message or list.
const MAX_ASSET: u64 = 16 * 1024 * 1024;

/// What was read.
pub(crate) struct Project {
    pub(crate) root: Root,
    pub(crate) sources: SourceMap,
    pub(crate) files: Vec<SourceFile>,
    /// What is kept of each file beside its tree.
    pub(crate) remains: Vec<Remains>,
    pub(crate) systems: Vec<(SystemMention, String)>,
    /// Files that travel with the plan, by their path in the project.
    pub(crate) assets: BTreeMap<String, Asset>,
    /// Digests of those files, by who names them and how: one name means different files in different folders.
    pub(crate) named: Assets,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What the project chooses: levels and numbers of rules.
    pub(crate) settings: Settings,
}

/// A file that travels with the plan.
pub(crate) struct Asset {
    pub(crate) digest: String,
    pub(crate) bytes: Vec<u8>,
}

/// Trees of files as they were when they were read the last time, by path.
pub(crate) type Trees = BTreeMap<String, Parsed>;

/// Reads the entry and everything that it takes in. What of `trees` has not changed is used again.
pub(crate) fn load(root: Root, entry: &str, trees: &mut Trees) -> Result<Project, Failure> {
    let mut project = Project {
        root,
        sources: SourceMap::new(),
        files: Vec::new(),
        remains: Vec::new(),
        systems: Vec::new(),
        assets: BTreeMap::new(),
        named: Assets::default(),
        settings: Settings::default(),
        diagnostics: Vec::new(),
    };
    let entry = entry.replace('\\', "/");
    // Of a file that is not there nobody knows of which kind it is.
    if !is_spec(&entry) && project.root.has(&entry) {
        let file = project.sources.add(&*entry, "");
        project.diagnostics.push(foreign::by_name(Span::at(file, 0), &entry));
        return Ok(project);
    }
    let bytes = match project.root.read(&entry, most_bytes()) {
        Ok(bytes) => Some(bytes),
        Err(Refused::TooLarge(size)) => {
            too_large(&mut project, &entry, size);
            None
        }
        Err(refused) => {
            let source = match refused {
                Refused::Io(error) => error,
                Refused::Missing => {
                    std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such file")
                }
                Refused::NotAFile => std::io::Error::other("this is not a file"),
                _ => std::io::Error::other("this leads out of the project's folder"),
            };
            return Err(project.root.failure(&entry, source));
        }
    };
    if let Some(bytes) = bytes {
        let mut visit = Visit { project: &mut project, trees, open: Vec::new(), done: BTreeSet::new() };
        visit.file(&entry, bytes);
    }
    project.settings = settings(&mut project, &entry);
    Ok(project)
}

/// The most bytes of a file of a spec.
fn most_bytes() -> u64 {
    u64::try_from(MAX_FILE).unwrap_or(u64::MAX)
}

/// The most that `cutover.toml` may hold.
const MAX_SETTINGS: u64 = 64 * 1024;

/// Reads the settings: from the folder of the entry spec, or else from the project's folder. A project without them has none.
fn settings(project: &mut Project, entry: &str) -> Settings {
    let beside = Root::resolve(entry, cutover_lint::FILE);
    for path in beside.into_iter().chain([cutover_lint::FILE.to_owned()]) {
        let refused = match project.root.read(&path, MAX_SETTINGS) {
            Ok(bytes) => {
                let Some((file, text)) = add_text(project, &path, bytes) else { return Settings::default() };
                let (settings, found) = Settings::read(file, &text);
                project.diagnostics.extend(found);
                return settings;
            }
            Err(Refused::Missing) => continue,
            Err(refused) => refused,
        };
        let file = project.sources.add(&*path, "");
        let mention = Mention { text: path, span: Span::at(file, 0) };
        project.diagnostics.push(refused_file(&mention, refused));
        return Settings::default();
    }
    Settings::default()
}

struct Visit<'p> {
    project: &'p mut Project,
    trees: &'p mut Trees,
    /// Files that are being read, from the entry on.
    open: Vec<String>,
    done: BTreeSet<String>,
}

impl Visit<'_> {
    fn file(&mut self, path: &str, bytes: Vec<u8>) {
        self.done.insert(path.to_owned());
        let Some((file, text)) = add_text(self.project, path, bytes) else { return };
        let parsed = match self.trees.remove(path).filter(|known| known.tree.file == file) {
            Some(known) => known.again(&text).0,
            None => Parsed::new(file, &text),
        };
        let found = foreign::findings(&parsed);
        let foreign = found.iter().any(|one| matches!(one.code, "files/no-spec"));
        self.project.diagnostics.extend(found);
        if foreign {
            return;
        }
        let Parsed { tree, remains } = parsed;
        self.project.remains.push(remains);
        self.project.diagnostics.extend(no_edition(&tree));
        let manifest = manifest::read(&tree);
        self.project.files.push(tree);
        self.open.push(path.to_owned());
        for mention in &manifest.uses {
            self.take_in(path, mention);
        }
        self.open.pop();
        for system in manifest.systems {
            self.project.systems.push((system, path.to_owned()));
        }
        for mention in &manifest.assets {
            asset(self.project, path, mention);
        }
    }

    fn take_in(&mut self, from: &str, mention: &Mention) {
        let Some(path) = Root::resolve(from, &mention.text) else {
            self.project.diagnostics.push(outside(mention));
            return;
        };
        if !is_spec(&path) && self.project.root.has(&path) {
            self.project.diagnostics.push(foreign::by_name(mention.span, &path));
            return;
        }
        if let Some(at) = self.open.iter().position(|open| *open == path) {
            let chain: Vec<&str> = self.open.iter().skip(at).map(String::as_str).collect();
            self.project.diagnostics.push(
                Diagnostic::error("files/import-cycle", "files take each other in")
                    .primary(mention.span, "this closes the circle")
                    .note(format!("{} -> {path}", chain.join(" -> ")))
                    .help("move what both need into a third file"),
            );
            return;
        }
        if self.done.contains(&path) {
            return;
        }
        if self.done.len() >= MAX_FILES {
            self.project.diagnostics.push(
                Diagnostic::error("files/too-many", "a spec takes in too many files")
                    .primary(mention.span, format!("the limit is {MAX_FILES}")),
            );
            return;
        }
        match self.project.root.read(&path, most_bytes()) {
            Ok(bytes) => self.file(&path, bytes),
            Err(refused) => {
                let found = refused_file(mention, refused);
                self.project.diagnostics.push(found);
            }
        }
    }
}

/// A file says by which rules it is to be read, so that later ones change no plan. A first line that could not be read may be the one.
pub(crate) fn no_edition(tree: &SourceFile) -> Option<Diagnostic> {
    let first = tree.items.first().filter(|item| item.keyword.is_some())?;
    if tree.items.iter().any(|item| item.keyword == Some(ItemKw::Edition)) {
        return None;
    }
    let text = &first.source.text;
    let ending = match text.find(['\r', '\n']).and_then(|at| text.get(at..)) {
        Some(rest) if rest.starts_with("\r\n") => "\r\n",
        Some(rest) if rest.starts_with('\r') => "\r",
        _ => "\n",
    };
    // Behind a byte order mark, which stays at the very start.
    let top = if text.starts_with('\u{feff}') { 3 } else { 0 };
    Some(
        Diagnostic::error("migration/no-edition", "a file does not say its edition")
            .primary(first.head_span(), "the first line is not `edition 1`")
            .suggest(
                "add the line at the top",
                [Edit { span: Span::at(tree.file, top), replacement: format!("edition 1{ending}{ending}") }],
                Applicability::Safe,
            ),
    )
}

/// Adds a text file to the sources. Bytes that are not UTF-8 are reported at their place.
pub(crate) fn add_text(
    project: &mut Project,
    path: &str,
    bytes: Vec<u8>,
) -> Option<(cutover_diagnostics::FileId, Arc<str>)> {
    match String::from_utf8(bytes) {
        Ok(text) => {
            let text: Arc<str> = text.into();
            let file = project.sources.add(path, Arc::clone(&text));
            Some((file, text))
        }
        Err(error) => {
            let at = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
            let byte = error.as_bytes().get(at as usize).copied().unwrap_or_default();
            let wide = matches!(error.as_bytes(), [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let file = project.sources.add(path, text);
            // The replacement character takes three bytes.
            let span = Span::new(file, at, at.saturating_add(3));
            project.diagnostics.push(
                Diagnostic::error("files/not-utf8", "a file is not UTF-8")
                    .primary(span, format!("the byte 0x{byte:02X} stands here"))
                    .help(if wide {
                        "this looks like UTF-16, which editors on Windows call \"Unicode\"; save the file as UTF-8"
                    } else {
                        "save the file as UTF-8; spreadsheets and old editors write other encodings"
                    }),
            );
            None
        }
    }
}

fn too_large(project: &mut Project, path: &str, size: u64) {
    let file = project.sources.add(path, "");
    project.diagnostics.push(
        Diagnostic::error("files/too-large#spec", "a file is too large")
            .primary(Span::at(file, 0), format!("{size} bytes; a spec has at most {MAX_FILE}"))
            .help("a spec of this size is no longer reviewed by people; split it into files with `use`"),
    );
}

/// A path that leaves the project.
pub(crate) fn outside(mention: &Mention) -> Diagnostic {
    Diagnostic::error("files/outside", "a path leaves the project's folder")
        .primary(mention.span, "leads outside")
        .help("a spec reads nothing outside its folder; copy the file into it and name it relatively")
}

/// Why a file that the spec names cannot be read.
pub(crate) fn refused_file(mention: &Mention, refused: Refused) -> Diagnostic {
    match refused {
        Refused::Outside => Diagnostic::error("files/outside#link", "a path leaves the project's folder")
            .primary(mention.span, "a link leads outside")
            .help("a spec reads nothing outside its folder; copy the file into it"),
        Refused::Missing => Diagnostic::error("files/missing", "a file does not exist")
            .primary(mention.span, "there is no such file")
            .help("paths are relative to the file that names them"),
        Refused::NotAFile => Diagnostic::error("files/not-a-file", "a path is no file")
            .primary(mention.span, "this is a folder or a device"),
        Refused::TooLarge(size) => Diagnostic::error("files/too-large", "a file is too large")
            .primary(mention.span, format!("this file has {size} bytes")),
        Refused::Io(error) => Diagnostic::error("files/unreadable", "a file cannot be read")
            .primary(mention.span, "the system refuses to read this file")
            .note(error.kind().to_string()),
    }
}

fn asset(project: &mut Project, from: &str, mention: &Mention) {
    let Some(path) = Root::resolve(from, &mention.text) else {
        project.diagnostics.push(outside(mention));
        return;
    };
    let digest = match project.assets.get(&path) {
        Some(known) => known.digest.clone(),
        None => match project.root.read(&path, MAX_ASSET) {
            Ok(bytes) => {
                let bytes = line_ends::plain(&bytes).into_owned();
                let digest = sha256_hex(&bytes);
                project.assets.insert(path, Asset { digest: digest.clone(), bytes });
                digest
            }
            Err(refused) => {
                project.diagnostics.push(refused_file(mention, refused));
                return;
            }
        },
    };
    project.named.insert((mention.span.file, mention.text.clone()), digest);
}
