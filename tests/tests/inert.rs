//! Whatever a person wrote into a title, a name or a reason is text in every output: it formats nothing, links to nothing, mentions nobody.
//!
//! The same spec is planned with a harmless word and with a hostile one in its place. The two outputs must have the same shape: the
//! same sequence of headings, rows and items in Markdown, the same lines of Mermaid and DOT outside of their labels.

use std::collections::BTreeSet;

use cutover_tests::program::{Project, words};
use pulldown_cmark::{Event, Options, Parser};

/// As long as a hostile text may be before an output shortens it; harmless words are as long as the hostile ones.
const HARMLESS: &str = "harmless";

/// Texts that mean something to Markdown, GitHub, HTML, Mermaid or DOT.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table>",
    "<!-- hidden",
    "--> shown",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example/x",
    "www.evil.example",
    "mailto:a@evil.example",
    "a | b | c",
    "| --- | --- |",
    "**bold** _it_ ~~gone~~",
    "`code` and ``more",
    "```mermaid",
    "~~~",
    "# heading",
    "- [x] done",
    "1. first",
    "> quoted",
    "---",
    "***",
    "===",
    "[^1] and [^1]: note",
    "$x$ and $$y$$",
    "@everyone",
    "@acme/team",
    "#123",
    "GH-123",
    "acme/repo#123",
    ":smile:",
    "&lt;b&gt; &#64; &amp;",
    "%%{init: {'theme':'dark'}}%%",
    "]; click A callback",
    "end",
    "subgraph x",
    "A --> B",
    "}; node [shape=box]; {",
    "    indented",
    "{{ handlebars }} ${shell} $(shell)",
    "=HYPERLINK(1)",
    "\u{200b}zero\u{200d}width",
    "\u{1b}[31mred\u{7}\u{9b}2J",
];

/// A spec in which everything that a person worded freely is the text: titles, names of people, reasons.
fn worded(spec: &str, text: &str) -> (String, usize) {
    let mut changed = 0;
    let mut in_team = false;
    let mut lines = Vec::new();
    for line in spec.lines() {
        let mut line = line.to_owned();
        in_team = (in_team || line.starts_with("team ")) && line != "}";
        let titled =
            ["migration ", "objective ", "criterion ", "check "].iter().any(|word| line.starts_with(word));
        // Two people of one name would be one person.
        let named = if in_team { format!("{text}{changed}") } else { text.to_owned() };
        if (titled || in_team) && replace_first(&mut line, " \"", &named) {
            changed += 1;
        }
        for word in ["because \"", "lossy \"", "meaning \""] {
            if replace_first(&mut line, word, text) {
                changed += 1;
            }
        }
        lines.push(line);
    }
    (lines.join("\n") + "\n", changed)
}

/// Replaces the text between the end of `before` and the next quote.
fn replace_first(line: &mut String, before: &str, text: &str) -> bool {
    let Some((head, rest)) = line.split_once(before) else { return false };
    let Some((_, tail)) = rest.split_once('"') else { return false };
    *line = format!("{head}{before}{text}\"{tail}");
    true
}

/// The outputs of the example with that text, or `None` when the language refuses the text.
fn outputs(text: &str) -> Option<Vec<(String, String)>> {
    let project = Project::of("specs/valid/minimal");
    let Ok(project) = project else {
        assert_eq!(project.err(), None);
        return None;
    };
    let (spec, changed) = worded(&project.text().unwrap_or_default(), text);
    assert!(changed >= 6, "only {changed} texts of the example were replaced");
    let name = project.spec().to_owned();
    assert_eq!(project.write(&name, spec), Ok(()));
    let planned = project.plan();
    let Ok(files) = planned else {
        let reason = planned.err().unwrap_or_default();
        assert!(reason.starts_with("exit code 1"), "{text}: {reason}");
        assert_eq!(controls(&reason), "", "{text}: a control character reaches the terminal");
        return None;
    };
    let mut texts = Vec::new();
    for (file, bytes) in files {
        texts.push((file, String::from_utf8_lossy(&bytes).into_owned()));
    }
    for format in ["mermaid", "dot", "svg"] {
        let output = project.run(&["graph", &name, "--format", format]);
        assert!(
            output.as_ref().is_ok_and(|output| output.status.code() == Some(0)),
            "{text}: {:?}",
            output.map(|o| words(&o))
        );
        let output = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        texts.push((format!("graph.{format}"), output.unwrap_or_default()));
    }
    Some(texts)
}

/// Characters that command a terminal or turn the direction of writing.
fn controls(text: &str) -> String {
    let commands = |c: &char| {
        (c.is_control() && *c != '\n' && *c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(commands).map(|c| c.escape_unicode().to_string()).collect()
}

#[test]
fn hostile_words_change_no_shape() {
    let Some(harmless) = outputs(HARMLESS) else {
        assert_eq!(HARMLESS, "", "the example does not compile with harmless words");
        return;
    };
    let mut planned = 0;
    for hostile in HOSTILE {
        let Some(texts) = outputs(hostile) else { continue };
        planned += 1;
        for (name, text) in &texts {
            assert_eq!(controls(text), "", "{hostile}: {name}");
            let Some((_, other)) = harmless.iter().find(|(other, _)| shape_name(other) == shape_name(name))
            else {
                assert_eq!(name, "", "{hostile}: only this has the file");
                continue;
            };
            same_shape(name, text, other, hostile);
        }
        assert_eq!(texts.len(), harmless.len(), "{hostile}");
    }
    assert!(planned > HOSTILE.len() / 2, "only {planned} texts were accepted by the language");
}

/// The names of the elements of a picture.
fn elements(text: &str) -> BTreeSet<&str> {
    let starts = text.split('<').skip(1);
    starts
        .map(|tag| tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default())
        .collect()
}

/// A file's name without digests, which change with the text.
fn shape_name(name: &str) -> String {
    name.split(['/', '.'])
        .map(|part| if part.len() == 64 { "digest" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn same_shape(name: &str, text: &str, harmless: &str, hostile: &str) {
    if name.ends_with(".md") {
        let (shape, shown) = markdown(text);
        let (expected, _) = markdown(harmless);
        assert_eq!(first_difference(&shape, &expected), None, "{hostile}: {name}\n{}", around(text, hostile));
        let visible = |text: &str| {
            text.chars()
                .filter(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c))
                .collect::<String>()
        };
        let wanted = visible(hostile);
        if harmless.contains(HARMLESS) {
            assert!(
                visible(&shown.whole).contains(&wanted),
                "{hostile}: {name} does not show it\n{}",
                around(text, "evil")
            );
        }
        for magnet in ["@everyone", "@acme", "#123", "GH-123", "https://evil", "www.evil"] {
            // Within an address or a longer word a forge sees nothing.
            let stands = shown.plain.match_indices(magnet).any(|(at, _)| {
                let before = shown.plain.get(..at).and_then(|text| text.chars().next_back());
                before.is_none_or(|c| !c.is_alphanumeric())
            });
            assert!(!stands, "{hostile}: {name} leaves {magnet} for the forge to link");
        }
    } else if name.ends_with("mermaid") || name.ends_with("dot") || name.ends_with(".mmd") {
        assert_eq!(
            first_difference(&labels_removed(text), &labels_removed(harmless)),
            None,
            "{hostile}: {name}"
        );
        assert!(name.ends_with("dot") || !text.contains("%%{"), "{hostile}: {name} has a directive");
    } else if name.ends_with("svg") {
        // A longer title takes a second line, which is an element of a kind that is there already.
        assert_eq!(elements(text), elements(harmless), "{hostile}: {name} has other elements");
    } else if name.ends_with(".json") {
        let parsed = serde_json::from_str::<serde_json::Value>(text);
        assert!(parsed.is_ok(), "{hostile}: {name}: {parsed:?}");
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fffd}')
}

/// What a reader of the rendered page sees.
#[derive(Default)]
struct Shown {
    /// All text, code included.
    whole: String,
    /// Runs of plain text, one a line: where a forge looks for things to link.
    plain: String,
}

/// The sequence of elements of a Markdown document, and its text.
fn markdown(text: &str) -> (Vec<String>, Shown) {
    let mut shape: Vec<String> = Vec::new();
    let mut shown = Shown::default();
    let mut joins = false;
    for event in Parser::new_ext(text, Options::all() - Options::ENABLE_SMART_PUNCTUATION) {
        let joined = std::mem::replace(&mut joins, false);
        match event {
            Event::Text(text) => {
                if !joined {
                    shown.plain.push('\n');
                }
                shown.plain += &text;
                shown.whole += &text;
                joins = true;
            }
            // Code formats its text and nothing else, so it may stand wherever text may.
            Event::Code(text) => shown.whole += &text,
            // An empty comment is the usual way to part a mention from its sign.
            Event::InlineHtml(html) if html.as_ref() == "<!-- -->" => {}
            Event::SoftBreak => {
                shown.whole.push(' ');
            }
            other => {
                shape.push(format!("{other:?}"));
            }
        }
    }
    (shape, shown)
}

/// Each line of a graph with the text between quotes left out; `\"` does not end a quote.
fn labels_removed(text: &str) -> Vec<String> {
    let line_of = |line: &str| {
        let (mut kept, mut quoted, mut escaped) = (String::new(), false, false);
        for c in line.chars() {
            if c == '"' && !escaped {
                quoted = !quoted;
            }
            escaped = c == '\\' && !escaped;
            if !quoted {
                kept.push(c);
            }
        }
        kept
    };
    text.lines().map(line_of).collect()
}

fn first_difference(left: &[String], right: &[String]) -> Option<String> {
    let differing = left.iter().zip(right).find(|(left, right)| left != right);
    let differing = differing.map(|(left, right)| format!("{left} instead of {right}"));
    differing.or_else(|| {
        (left.len() != right.len()).then(|| format!("{} instead of {} elements", left.len(), right.len()))
    })
}

/// The lines of a text that have to do with a word, for a message.
fn around(text: &str, word: &str) -> String {
    let start: String = word.chars().filter(|c| c.is_alphanumeric()).take(4).collect();
    text.lines().filter(|line| line.contains(&start)).take(6).collect::<Vec<_>>().join("\n")
}

#[test]
fn commands_to_a_terminal_are_shown_and_not_sent() {
    let project = Project::of("specs/valid/minimal");
    let Ok(project) = project else {
        assert_eq!(project.err(), None);
        return;
    };
    let text = project.text().unwrap_or_default();
    for command in [
        "\u{1b}[2J",
        "\u{1b}]0;title\u{7}",
        "\u{9b}31m",
        "\u{8}\u{8}\u{8}",
        "\r# fine",
        "\u{202e}txet",
        "\u{2066}",
        "\u{0}",
    ] {
        let (spec, _) = worded(&text, &format!("before{command}after"));
        assert_eq!(project.write("attack.cutover", spec), Ok(()));
        for format in ["full", "short", "json", "narrated"] {
            let output = project.run(&["check", "attack.cutover", "--format", format]);
            let words = output.map(|output| words(&output)).unwrap_or_default();
            assert!(
                words.starts_with("exit code 0") || words.starts_with("exit code 1"),
                "{command:?}: {words}"
            );
            assert_eq!(controls(&words), "", "{command:?} as {format}");
        }
    }
    // The same in places that a program prints without having read them.
    for argument in ["\u{1b}[2J.cutover", "no\u{202e}pe.cutover", "a\nb.cutover"] {
        let output = project.run(&["check", argument]);
        let words = output.map(|output| words(&output)).unwrap_or_default();
        assert_eq!(controls(&words), "", "{argument:?}");
    }
}
