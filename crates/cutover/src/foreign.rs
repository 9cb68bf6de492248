//! Files of another kind in the place of a spec: told once for the file, since each of their lines would be a mistake.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_syntax::again::Parsed;
use cutover_syntax::tree::SourceFile;

/// What the names of specs end in.
const SPEC: &str = ".cutover";

/// Whether a path names a spec: one that ends in nothing else. Whoever has no ending at all may have reasons.
#[must_use]
pub fn is_spec(path: &str) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.to_lowercase().ends_with(SPEC) || name.rsplit_once('.').is_none_or(|(stem, _)| stem.is_empty())
}

/// A file that is not read because of its name.
pub(crate) fn by_name(span: Span, path: &str) -> Diagnostic {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let found = Diagnostic::error("files/no-spec", "a file of another kind stands in the place of a spec")
        .primary(span, format!("a spec ends in `{SPEC}`"));
    match ending.as_deref().and_then(Kind::of_ending) {
        Some(kind) => found.help(kind.belongs()),
        None => {
            found.help(format!("name the spec, or let the name of the file end in `{SPEC}` if it is one"))
        }
    }
}

/// What was found when a file was read: of a text that is no spec at all, only this.
pub(crate) fn findings(parsed: &Parsed) -> Vec<Diagnostic> {
    let found = parsed.findings();
    match Kind::of_text(parsed.text(), &parsed.tree, found.len()) {
        Some(kind) => vec![by_text(&parsed.tree, parsed.text(), kind)],
        None => found,
    }
}

fn by_text(tree: &SourceFile, text: &str, kind: Kind) -> Diagnostic {
    let line = content(text).next().unwrap_or_default();
    let before = text.split_inclusive('\n').take_while(|one| content(one).next().is_none());
    let start = before.map(str::len).sum::<usize>();
    // A byte order mark stands before the line.
    let start = text.get(start..).and_then(|rest| rest.find(line)).map_or(start, |at| start + at);
    let length = line.len();
    let at = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    let lines = match content(text).count() {
        1 => "its line begins no block".to_owned(),
        lines => format!("none of its {lines} lines begins a block"),
    };
    Diagnostic::error("files/no-spec#text", "a file of another kind stands in the place of a spec")
        .primary(Span::new(tree.file, at(start), at(start + length)), format!("{}; {lines}", kind.looks()))
        .help("a spec is a text of blocks such as `migration`, `team`, `scope` and `map`; `cutover init` writes a first one")
        .help(kind.belongs())
}

/// What a file seems to be.
#[derive(Clone, Copy)]
enum Kind {
    Yaml,
    Json,
    Table,
    Markup,
    Prose,
}

/// As many mistakes in a text without any block are no slips.
const SLIPS: usize = 20;

impl Kind {
    fn of_ending(ending: &str) -> Option<Kind> {
        Some(match ending {
            "yaml" | "yml" => Kind::Yaml,
            "json" | "jsonl" | "ndjson" => Kind::Json,
            "csv" | "tsv" | "xlsx" | "xls" | "ods" => Kind::Table,
            "html" | "htm" | "xml" => Kind::Markup,
            "md" | "txt" | "docx" | "pdf" => Kind::Prose,
            _ => return None,
        })
    }

    /// What a text with `mistakes` seems to be, if it is nothing that somebody meant as a spec.
    fn of_text(text: &str, tree: &SourceFile, mistakes: usize) -> Option<Kind> {
        let blocks = tree.items.iter().any(|item| item.keyword.is_some());
        if mistakes == 0 {
            return None;
        }
        // Keys of YAML may be spelled like blocks; a block opens a brace at the end of its line.
        let keys = content(text).filter(|line| is_key(line)).count();
        let braces = content(text).any(|line| line.ends_with('{'));
        if !braces && keys > 1 && keys * 2 > content(text).count() {
            return Some(Kind::Yaml);
        }
        if blocks {
            return None;
        }
        let mut lines = content(text);
        let first = lines.next()?;
        if first.starts_with(['{', '[']) {
            return Some(Kind::Json);
        }
        if first.starts_with('<') {
            return Some(Kind::Markup);
        }
        let second = lines.next().unwrap_or_default();
        for sign in [',', ';', '\t'] {
            let columns = |line: &str| line.matches(sign).count();
            if columns(first) > 1 && columns(second) >= columns(first) {
                return Some(Kind::Table);
            }
        }
        (mistakes >= SLIPS).then_some(Kind::Prose)
    }

    fn looks(self) -> &'static str {
        match self {
            Kind::Yaml => "this reads like YAML, in which inventories and catalogs are written",
            Kind::Json => "this reads like JSON, in which exports and plans are written",
            Kind::Table => "this reads like a table of values, such as an export",
            Kind::Markup => "this reads like a page or XML",
            Kind::Prose => "this reads like a text for people",
        }
    }

    /// Where a file of this kind has its place.
    fn belongs(self) -> &'static str {
        match self {
            Kind::Yaml => {
                "an inventory is named behind its account, `source zendesk \"acme\" inventory \"...\"`, and read with the spec"
            }
            Kind::Json | Kind::Table => {
                "an export is counted by `cutover inventory scan FOLDER`; what that writes is named behind its account, \
                 `source zendesk \"acme\" inventory \"...\"`, and read with the spec"
            }
            Kind::Markup | Kind::Prose => "a text for people is named where it is sent, `template \"...\"`",
        }
    }
}

/// The lines that say something.
fn content(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.trim_start_matches('\u{feff}').trim_end()).filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    })
}

/// Whether a line gives a key of YAML its value, or is one of a list.
fn is_key(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").unwrap_or(line);
    line == "---"
        || line.split_once(':').is_some_and(|(key, rest)| {
            let plain = |c: char| c.is_alphanumeric() || "_-./ \"'".contains(c);
            !key.is_empty()
                && !key.contains("  ")
                && key.chars().all(plain)
                && (rest.is_empty() || rest.starts_with(' '))
        })
}
