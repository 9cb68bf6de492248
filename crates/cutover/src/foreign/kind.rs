//! What a file seems to be, by its name and by its text.

use cutover_syntax::tree::SourceFile;

/// What a file seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Spec,
    Yaml,
    /// YAML that describes a product.
    Catalog,
    Json,
    Toml,
    Table,
    Markup,
    Prose,
    /// What an office program writes.
    Document,
}

/// As many mistakes in a text without any block are no slips.
const SLIPS: usize = 20;
/// As many words in a row, and nothing but words, are said to people.
const SENTENCE: usize = 4;

impl Kind {
    /// What the ending of a name says.
    pub(super) fn of_path(path: &str) -> Option<Kind> {
        let (_, ending) = path.rsplit_once('.')?;
        Some(match ending.to_lowercase().as_str() {
            "cutover" => Kind::Spec,
            "yaml" | "yml" => Kind::Yaml,
            "json" | "jsonl" | "ndjson" => Kind::Json,
            "toml" => Kind::Toml,
            "csv" | "tsv" => Kind::Table,
            "html" | "htm" | "xml" => Kind::Markup,
            "md" | "markdown" | "txt" => Kind::Prose,
            "docx" | "doc" | "odt" | "rtf" | "pdf" | "xlsx" | "xls" | "ods" => Kind::Document,
            _ => return None,
        })
    }

    /// What a text with `mistakes` seems to be, if it is nothing that somebody meant as a spec.
    pub(super) fn of_text(text: &str, tree: &SourceFile, mistakes: usize) -> Option<Kind> {
        if mistakes == 0 {
            return None;
        }
        // Keys of YAML may be spelled like blocks, and sentences may begin with their names; a block opens a brace.
        let begun = tree.items.iter().filter(|item| item.keyword.is_some()).count();
        let blocks = begun > 0;
        let found = Kind::seen(text).filter(|kind| match kind {
            Kind::Yaml => !content(text).any(|line| line.ends_with('{')),
            Kind::Prose => begun * 2 < content(text).count(),
            Kind::Spec => false,
            _ => !blocks,
        });
        found.or((!blocks && mistakes >= SLIPS).then_some(Kind::Prose))
    }

    /// What a text seems to be by itself; nothing where it could be many things.
    pub(super) fn seen(text: &str) -> Option<Kind> {
        let all = content(text).count();
        let mut lines = content(text);
        let first = lines.next()?;
        if first.strip_prefix("edition ").is_some_and(|rest| rest.trim().parse::<u32>().is_ok()) {
            return Some(Kind::Spec);
        }
        if content(text).filter(|line| is_pair(line)).count() * 2 > all {
            return Some(Kind::Toml);
        }
        let keys = content(text).filter(|line| is_key(line)).count();
        if keys > 1 && keys * 2 > all {
            return Some(Kind::Yaml);
        }
        let opens = |sign: char| first.strip_prefix(sign).map(|rest| rest.trim_start().chars().next());
        // `{{` and `{%` are placeholders of templates, and `[` begins a link.
        if matches!(opens('{'), Some(None | Some('"' | '}')))
            || matches!(opens('['), Some(None | Some('"' | '{' | '[' | ']' | '0'..='9')))
        {
            return Some(Kind::Json);
        }
        if first.starts_with('<') {
            return Some(Kind::Markup);
        }
        if [',', ';', '\t'].into_iter().any(|sign| is_table(text, sign)) {
            return Some(Kind::Table);
        }
        let said = content(text).filter(|line| is_sentence(line)).count();
        let marked = text.contains(['{', '}', '"']) || text.contains("->");
        (!marked && said > 0 && said * 2 >= all).then_some(Kind::Prose)
    }

    /// A catalog, where a text in YAML describes kinds.
    pub(super) fn catalog(text: &str) -> Option<Kind> {
        (has_key(text, "kinds") && !has_key(text, "format")).then_some(Kind::Catalog)
    }

    /// Whether a text in YAML is an inventory of an account.
    pub(super) fn inventory(text: &str) -> bool {
        has_key(text, "format") && has_key(text, "platform")
    }

    /// What it is, in the words of who reads a finding.
    pub(super) fn is(self) -> &'static str {
        match self {
            Kind::Spec => "a spec",
            Kind::Yaml => "YAML, in which inventories and catalogs are written",
            Kind::Catalog => "a catalog, which says what a product can do",
            Kind::Json => "JSON, in which exports and plans are written",
            Kind::Toml => "TOML, in which settings are written",
            Kind::Table => "a table of values, such as an export",
            Kind::Markup => "a page or XML",
            Kind::Prose => "a text for people",
            Kind::Document => "a document of an office program",
        }
    }

    /// Where a file of this kind has its place.
    pub(super) fn belongs(self) -> &'static str {
        match self {
            Kind::Spec => "another spec is taken in by `use \"...\"`",
            Kind::Yaml => {
                "an inventory is named behind its account, `source zendesk \"acme\" inventory \"...\"`, and read with the spec"
            }
            Kind::Catalog => {
                "a catalog of your own is found by its name: `catalogs/NAME.yaml` beside the spec"
            }
            Kind::Json | Kind::Table => {
                "an export is counted by `cutover inventory scan FOLDER`; what that writes is named behind its account, \
                 `source zendesk \"acme\" inventory \"...\"`, and read with the spec"
            }
            Kind::Toml => {
                "what a project chooses of the rules stands in `cutover.toml`, which is read with the spec beside it"
            }
            Kind::Markup | Kind::Prose | Kind::Document => {
                "a text for people is named where it is sent, `template \"...\"`"
            }
        }
    }
}

/// Whether a line of a text in YAML begins with a key.
fn has_key(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

/// The lines that say something.
pub(super) fn content(text: &str) -> impl Iterator<Item = &str> {
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

/// Whether a line is a heading of TOML, or gives a key its value there.
fn is_pair(line: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "_-./\" ".contains(c);
    let line = line.trim();
    let heading = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let heading =
        heading.map(|name| name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name));
    heading.is_some_and(|name| name.starts_with(char::is_alphabetic) && name.chars().all(plain))
        || line.split_once('=').is_some_and(|(key, value)| {
            let key = key.trim();
            !key.is_empty()
                && (key.starts_with('"') || !key.contains(' '))
                && key.chars().all(plain)
                && value.trim_start().starts_with(|c: char| c.is_ascii_digit() || "\"'[{tf-+".contains(c))
        })
}

/// Whether each line has the same columns: two or more lines of them, without blanks behind the signs as sentences have them.
fn is_table(text: &str, sign: char) -> bool {
    let mut lines = content(text);
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    let columns = |line: &str| line.matches(sign).count();
    let wanted = columns(first);
    if wanted > 1 && columns(second) >= wanted {
        return true;
    }
    let spaced = [' ', '{', '}'];
    let header = |line: &str| line.split(sign).all(|name| !name.is_empty() && !name.contains(spaced));
    wanted > 0
        && header(first)
        && content(text).all(|line| columns(line) >= wanted && !line.contains(['{', '}']))
}

/// Whether a line is said to people: words and the signs between them.
fn is_sentence(line: &str) -> bool {
    let line = line.trim_start_matches(['-', '*', '>', ' ']);
    let plain = |c: char| {
        c.is_alphanumeric() || c.is_whitespace() || ".,;:!?'()-/&%\u{2019}\u{2013}\u{2014}".contains(c)
    };
    line.chars().all(plain) && line.split_whitespace().count() >= SENTENCE
}
