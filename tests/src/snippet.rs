//! Pages under `docs/diagnostics/`: their example blocks, and how a part of a spec becomes a whole one.
//!
//! `docs/diagnostics/README.md` describes the fences for those who write pages.

use std::collections::BTreeSet;

use cutover_syntax::construct::{NameRule, construct};
use cutover_syntax::keywords::ItemKw;

/// The example blocks of one page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Its first heading.
    pub title: String,
    /// The specs, wrong and right, in order.
    pub examples: Vec<Example>,
    /// Other files of the project: path and content.
    pub files: Vec<(String, String)>,
    /// Files that only the wrong (`true`) or only the right examples have: path and content.
    pub files_of: Vec<(bool, String, String)>,
    /// The lines of commands that the page shows.
    pub commands: Vec<String>,
    /// Fences that say something this module does not know.
    pub unknown: Vec<String>,
}

/// One spec of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Whether it shows the mistake.
    pub wrong: bool,
    /// How it becomes a whole spec.
    pub part: Part,
    /// Its text.
    pub text: String,
    /// The line of its fence in the page.
    pub line: usize,
}

/// What an example is a part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Items: each takes the place of the item with the same key in the minimal spec; items that are named here are left out.
    /// A text with an `edition` and other items is a whole spec.
    Items {
        /// Heads of items of the minimal spec that are left out.
        without: Vec<String>,
    },
    /// Lines of the item whose head starts with this: each takes the place of the line with the same key.
    Lines {
        /// The start of the item's head, such as `map ticket -> ticket`.
        of: String,
    },
}

/// Reads a page's fences.
#[must_use]
pub fn page(text: &str) -> Page {
    let mut page = Page::default();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(title) = line.strip_prefix("# ").filter(|_| page.title.is_empty()) {
            page.title = title.trim().trim_matches('`').to_owned();
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```")).collect();
        let text = body.iter().map(|line| format!("{line}\n")).collect();
        match fence(info) {
            Some(Fence::Example(wrong, part)) => {
                page.examples.push(Example { wrong, part, text, line: at + 1 })
            }
            Some(Fence::File(path)) => page.files.push((path, text)),
            Some(Fence::FileOf(wrong, path)) => page.files_of.push((wrong, path, text)),
            Some(Fence::Commands) => page.commands.extend(text.lines().map(str::to_owned)),
            Some(Fence::Other) => {}
            None => page.unknown.push(format!("line {}: ```{info}", at + 1)),
        }
    }
    page
}

enum Fence {
    Example(bool, Part),
    File(String),
    FileOf(bool, String),
    Commands,
    Other,
}

/// What a fence's info string says; none when it is a spec or a file of some unknown sort.
fn fence(info: &str) -> Option<Fence> {
    let words: Vec<&str> = info.split_whitespace().collect();
    match words.as_slice() {
        ["cutover", sort @ ("wrong" | "right"), rest @ ..] => {
            let part = match rest {
                [] => Part::Items { without: Vec::new() },
                ["without", heads @ ..] if !heads.is_empty() => {
                    let heads = heads.join(" ");
                    Part::Items { without: heads.split(',').map(|head| head.trim().to_owned()).collect() }
                }
                ["in", head @ ..] if !head.is_empty() => Part::Lines { of: head.join(" ") },
                _ => return None,
            };
            Some(Fence::Example(*sort == "wrong", part))
        }
        ["cutover", path] if path.ends_with(".cutover") => Some(Fence::File((*path).to_owned())),
        ["cutover", ..] => None,
        ["yaml" | "jsonl" | "csv" | "md" | "toml", path] => Some(Fence::File((*path).to_owned())),
        ["sh"] => Some(Fence::Commands),
        ["toml" | "json" | "jsonl" | "csv", path, sort @ ("wrong" | "right")] => {
            Some(Fence::FileOf(*sort == "wrong", (*path).to_owned()))
        }
        _ => Some(Fence::Other),
    }
}

/// The whole spec that an example stands for, made from the minimal one.
///
/// # Errors
/// When the example names an item that the minimal spec does not have.
pub fn whole(minimal: &str, example: &Example) -> Result<String, String> {
    let heads: Vec<&str> = example
        .text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let is_whole = heads.len() > 1 && heads.iter().any(|line| line.starts_with("edition"));
    match &example.part {
        _ if is_whole => Ok(example.text.clone()),
        Part::Items { without } => with_items(minimal, &example.text, without),
        Part::Lines { of } => with_lines(minimal, &example.text, of),
    }
}

fn with_items(minimal: &str, text: &str, without: &[String]) -> Result<String, String> {
    let mut base = items(minimal);
    for head in without {
        let before = base.len();
        base.retain(|item| !starts_with_words(item, head));
        if base.len() == before {
            return Err(format!("the minimal spec has no item `{head}` to leave out"));
        }
    }
    let parts = items(text);
    let keys: BTreeSet<String> = parts.iter().map(|item| item_key(item)).collect();
    let mut placed = false;
    let mut out = String::new();
    for item in &base {
        if !keys.contains(&item_key(item)) {
            out.push_str(item);
        } else if !placed {
            // All at the place of the first that they replace, so that the example reads as it is written.
            placed = true;
            out.push_str(text);
        }
    }
    if !placed {
        out.push_str(text);
    }
    Ok(out)
}

fn with_lines(minimal: &str, text: &str, head: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut found = false;
    for item in items(minimal) {
        if found || !starts_with_words(&item, head) {
            out.push_str(&item);
            continue;
        }
        found = true;
        let keys: BTreeSet<String> = text.lines().filter_map(line_key).collect();
        let kept: Vec<&str> = item
            .split_inclusive('\n')
            .filter(|line| !line.starts_with(' ') || line_key(line).is_none_or(|key| !keys.contains(&key)))
            .collect();
        let end = kept.iter().rposition(|line| line.starts_with('}'));
        let end =
            end.ok_or_else(|| format!("`{head}` of the minimal spec has no closing brace on its own line"))?;
        out.extend(kept.iter().take(end).copied());
        text.lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        out.extend(kept.iter().skip(end).copied());
    }
    if found { Ok(out) } else { Err(format!("the minimal spec has no item `{head}`")) }
}

/// The items of a spec: each starts with a word at the start of a line. Blank lines and comments belong to the item above.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        let starts = line.starts_with(char::is_alphabetic);
        match items.last_mut() {
            Some(item) if !starts => item.push_str(line),
            _ => items.push(line.to_owned()),
        }
    }
    items
}

/// What makes two items the same one: the keyword of what a spec has once, else the keyword with the name or signature.
fn item_key(item: &str) -> String {
    let head: &str = item.split(['{', '"', '\n']).next().unwrap_or("");
    let mut words = head.split_whitespace();
    let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let Some(row) = ItemKw::at_line_start(first, second).and_then(construct) else {
        return format!("{first} {second}");
    };
    let keyword = row.keyword.text();
    let mut rest = head.trim_start().strip_prefix(keyword).unwrap_or("").split_whitespace();
    let name: Vec<&str> = match (row.many, row.name) {
        (false, _) => Vec::new(),
        (true, NameRule::Signature) => rest.by_ref().take(3).collect(),
        (true, _) => rest.by_ref().take(1).collect(),
    };
    // A signature of two words is `remaining kinds`, and what follows it is a clause.
    let signature = if name.contains(&"->") { name.as_slice() } else { name.get(..2).unwrap_or(&name) };
    format!("{keyword} {}", signature.join(" "))
}

/// What makes two lines of a body the same one: the left side of an arrow, or else the first two words. Blank lines and
/// comments have no key.
fn line_key(line: &str) -> Option<String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let Some((left, _)) = line.split_once("->") else {
        return Some(line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    };
    Some(left.trim().to_owned())
}

fn starts_with_words(item: &str, head: &str) -> bool {
    let mut words = item.split_whitespace();
    head.split_whitespace().all(|word| words.next() == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = "\
edition 1

migration demo \"Demo\" {
  source freshdesk \"a\"
}
# people
team small {
  ana \"Ana\"  role decision_maker
}
map ticket -> ticket {
  subject -> subject
  status  -> status  by statuses
}
translate statuses { \"Open\" -> \"open\" }
";

    fn example(info: &str, text: &str) -> Example {
        let page = page(&format!("# `a/b`\n```cutover wrong{info}\n{text}```\n"));
        let mut examples = page.examples.into_iter();
        examples.next().unwrap_or(Example {
            wrong: false,
            part: Part::Lines { of: String::new() },
            text: String::new(),
            line: 0,
        })
    }

    fn spliced(info: &str, text: &str) -> String {
        whole(MINIMAL, &example(info, text)).unwrap_or_else(|error| error)
    }

    #[test]
    fn fences_are_read() {
        let page = page(
            "# `names/unknown-field`\n\ntext\n```cutover wrong\nmap\n```\n```cutover right in team\n  x\n```\n```yaml inventory/source.yaml\na: 1\n```\n```sh\nls\n```\n```cutover oops\n```\n",
        );
        assert_eq!(page.title, "names/unknown-field");
        assert_eq!(
            page.examples,
            [
                Example { wrong: true, part: Part::Items { without: vec![] }, text: "map\n".into(), line: 4 },
                Example {
                    wrong: false,
                    part: Part::Lines { of: "team".into() },
                    text: "  x\n".into(),
                    line: 7
                },
            ]
        );
        assert_eq!(page.files, [("inventory/source.yaml".to_owned(), "a: 1\n".to_owned())]);
        assert_eq!(page.unknown, ["line 16: ```cutover oops"]);
    }

    #[test]
    fn an_item_takes_the_place_of_its_like() {
        let spec = spliced("", "translate statuses { \"Open\" -> \"new\" }\n");
        assert_eq!(spec, MINIMAL.replace("\"open\"", "\"new\""));
        let spec = spliced("", "migration other \"Other\" {\n}\n");
        assert!(
            spec.contains("migration other")
                && !spec.contains("migration demo")
                && spec.contains("team small")
        );
        let spec = spliced("", "map ticket -> user {\n}\n");
        assert_eq!(spec, format!("{MINIMAL}map ticket -> user {{\n}}\n"));
    }

    #[test]
    fn items_are_known_by_the_construct_table() {
        let keys = [
            ("map ticket -> ticket lossy \"x\" {", "map ticket -> ticket"),
            ("map remaining kinds  by catalog", "map remaining kinds"),
            ("go live  owner ana {", "go live "),
            ("team small {", "team "),
            ("criterion lost \"Lost\" owner ana { }", "criterion lost"),
            ("unheard of {", "unheard of"),
        ];
        for (item, key) in keys {
            assert_eq!(item_key(item), key);
        }
    }

    #[test]
    fn items_can_be_left_out() {
        let spec = spliced(" without team, translate statuses", "");
        assert!(!spec.contains("team") && !spec.contains("translate") && spec.contains("map ticket"));
        assert_eq!(spliced(" without backup", ""), "the minimal spec has no item `backup` to leave out");
    }

    #[test]
    fn lines_take_the_place_of_their_like() {
        let spec =
            spliced(" in map ticket -> ticket", "subject -> subject cut to 150\npriority -> priority\n");
        let expected = MINIMAL.replace("  subject -> subject\n", "").replace(
            "by statuses\n",
            "by statuses\n  subject -> subject cut to 150\n  priority -> priority\n",
        );
        assert_eq!(spec, expected);
        assert_eq!(spliced(" in go live", "x\n"), "the minimal spec has no item `go live`");
    }

    #[test]
    fn a_whole_spec_stays_alone() {
        assert_eq!(spliced("", "edition 1\nteam small {}\n"), "edition 1\nteam small {}\n");
    }
}
