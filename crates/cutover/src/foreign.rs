//! Files of another kind in the place of a spec: told once for the file, since each of their lines would be a mistake.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_syntax::again::Parsed;
use cutover_syntax::tree::SourceFile;

use crate::foreign::kind::{Kind, content};

mod kind;

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
    let found = Diagnostic::error("files/no-spec", "a file of another kind stands in the place of a spec");
    match Kind::of_path(path) {
        Some(kind) => found
            .primary(span, format!("by its name this is {}; a spec ends in `{SPEC}`", kind.is()))
            .help(kind.belongs()),
        None => found
            .primary(span, format!("a spec ends in `{SPEC}`"))
            .help(format!("name the spec, or let the name of the file end in `{SPEC}` if it is one")),
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

/// An inventory that is something else: told at the line that names it, since nothing in the file is a mistake.
pub(crate) fn no_inventory(span: Span, path: &str, text: &str) -> Option<Diagnostic> {
    // An inventory may have a hundred thousand lines, of which the first ones say what it is.
    if text.trim_start().starts_with('{') || text.lines().take(HEAD).any(|line| line.starts_with("format:")) {
        return None;
    }
    let kind = Kind::catalog(text).or_else(|| Kind::seen(text)).filter(|kind| match kind {
        Kind::Yaml => false,
        // An inventory may be an object of JSON, and a list of them is none.
        Kind::Json => text.trim_start().starts_with('['),
        _ => true,
    })?;
    let found =
        Diagnostic::error("files/no-inventory", "a file of another kind stands in the place of an inventory")
            .primary(span, format!("`{path}` is {}", kind.is()));
    Some(match kind {
        Kind::Table | Kind::Json => found.help(
            "`cutover inventory scan FOLDER --platform NAME -o FILE` counts an export and writes the inventory: name that file here",
        ),
        _ => found
            .help("name the inventory of this account: YAML that begins with `format: 1` and `platform: NAME`")
            .help("`cutover inventory scan FOLDER --platform NAME -o FILE` makes one from an export"),
    })
}

/// What a file is that cannot go out to people as it is: its content says so, and for what a text may look like, its name as well.
pub(crate) fn no_text(path: &str, bytes: &[u8]) -> Option<&'static str> {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')) else {
        return Some(
            Kind::of_path(path).filter(|kind| matches!(kind, Kind::Document)).map_or(OTHER, Kind::is),
        );
    };
    let kind = Kind::seen(text)?;
    let of_name = Kind::of_path(path);
    let told = match kind {
        // A newsletter has editions, and a letter may number what it says: `[1] What changes`.
        Kind::Spec => of_name == Some(kind) || content(text).any(|line| line.ends_with('{')),
        Kind::Json => of_name == Some(kind) || is_json(text),
        Kind::Yaml => of_name == Some(kind) || Kind::inventory(text),
        Kind::Toml | Kind::Table => of_name == Some(kind),
        Kind::Catalog | Kind::Markup | Kind::Prose | Kind::Document => false,
    };
    told.then(|| kind.is())
}

/// Whether a text is JSON, whole or line by line.
fn is_json(text: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    read(text.trim_start_matches('\u{feff}')) || content(text).all(read)
}

/// Behind so many lines nobody looks for what begins a file.
const HEAD: usize = 64;
/// What holds no letters that anybody could read.
const OTHER: &str = "no text that a mail could hold";

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
        .primary(Span::new(tree.file, at(start), at(start + length)), format!("this reads like {}; {lines}", kind.is()))
        .help("a spec is a text of blocks such as `migration`, `team`, `scope` and `map`; `cutover init` writes a first one")
        .help(kind.belongs())
}

#[cfg(test)]
mod tests {
    use super::no_text;

    #[test]
    fn a_letter_may_begin_like_data() {
        let letters = [
            "[1] What changes\n\nFrom Monday on you write to us at a new place.\n",
            "[2027-01-16] Maintenance of our help desk\n\nWe move.\n",
            "edition 12\n\nOur newsletter, and what is new.\n",
            "{\"name\"} we move to another desk.\n",
        ];
        for letter in letters {
            assert_eq!(no_text("announce/customers.md", letter.as_bytes()), None, "{letter}");
        }
    }

    #[test]
    fn data_is_no_letter_whatever_its_name() {
        let data = [
            "[\n  { \"id\": 1 },\n  { \"id\": 2 }\n]\n",
            "{ \"id\": 1 }\n{ \"id\": 2 }\n",
            "edition 1\n\nteam {\n  ruth \"Ruth\"\n}\n",
            "format: 1\nplatform: zendesk\naccount: pots\nobjects:\n  group: [A, B]\n",
        ];
        for text in data {
            assert!(no_text("announce/customers.md", text.as_bytes()).is_some(), "{text}");
        }
    }
}
