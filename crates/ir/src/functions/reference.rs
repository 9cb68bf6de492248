//! The chapter of the language reference about functions, from their declarations.

use std::fmt::Write as _;

use crate::functions::{Example, Family, Function, Sample, Takes, all};

impl Family {
    /// All chapters in order.
    pub const ALL: [Family; 7] = [
        Family::Text,
        Family::People,
        Family::Html,
        Family::Number,
        Family::Time,
        Family::List,
        Family::Choice,
    ];

    /// The chapter's title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Family::Text => "Text",
            Family::People => "Addresses, phone numbers, links, pseudonyms",
            Family::Html => "HTML",
            Family::Number => "Numbers",
            Family::Time => "Dates, points in time, durations",
            Family::List => "Lists and tags",
            Family::Choice => "Choices, yes or no",
        }
    }
}

/// The whole reference in Markdown.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for family in Family::ALL {
        push(&mut page, &format!("\n## {}\n", family.title()));
        for function in all().filter(|function| function.family == family) {
            describe(&mut page, function);
        }
    }
    page
}

fn push(page: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}

fn describe(page: &mut String, function: &Function) {
    push(page, &format!("\n### `{}`\n", usage(function)));
    push(
        page,
        &format!("{}{}{}", function.summary, if function.doc.is_empty() { "" } else { " " }, function.doc),
    );
    push(page, "");
    let lifts =
        if function.lifts && !function.input.contains("list") { "; each element of a list" } else { "" };
    push(page, &format!("- Takes: {}{lifts}", function.input));
    for param in function.params {
        push(page, &format!("- `{}` is {}", param.name, param.kind));
    }
    let losses: Vec<&str> = function.loss.iter().map(crate::types::Loss::describe).collect();
    let loss = if losses.is_empty() { "nothing".to_owned() } else { losses.join("; ") };
    push(page, &format!("- Can lose: {loss}"));
    if let Some(why) = function.rejects {
        push(page, &format!("- Rejects the record when {why}"));
    }
    if let Some(inverse) = function.inverse {
        push(page, &format!("- Back: `{inverse}`"));
    }
    if !function.examples.is_empty() {
        push(page, "\n| value | written | result |\n|---|---|---|");
        for example in function.examples {
            push(page, &row(function, example));
        }
    }
}

fn usage(function: &Function) -> String {
    let names: Vec<&str> = function.params.iter().map(|param| param.name).collect();
    if names.is_empty() {
        function.name.to_owned()
    } else {
        format!("{}({})", function.name, names.join(", "))
    }
}

fn row(function: &Function, example: &Example) -> String {
    let call = match example.args {
        [] => function.name.to_owned(),
        args => format!("{}({})", function.name, list(args)),
    };
    let result = example.outputs.map_or("rejected".to_owned(), |outputs| cell(&list(outputs)));
    format!("| {} | {} | {result} |", cell(&list(example.inputs)), cell(&call))
}

fn list(samples: &[Sample]) -> String {
    samples.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// As code in a table cell.
fn cell(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

impl Function {
    /// The function as it is written after `by`, with the names of its arguments: `cut(length)`.
    #[must_use]
    pub fn usage(&self) -> String {
        usage(self)
    }

    /// Whether it takes several values together.
    #[must_use]
    pub fn takes_several(&self) -> bool {
        self.takes == Takes::Several
    }
}

const INTRODUCTION: &str = "# Functions

A row of a map passes its value through functions: `email -> email  by trim, lower`. They are applied from left to right. A name after `by` is a
function of this page or a translation table of the spec. Some have a clause of their own: `cut to 150` is `by cut(150)`, `split at \"/\"` is
`by split(\"/\")`, `add \"x\"` is `by add(\"x\")`.

Three rules hold for all functions:

- **Missing passes.** When a value is missing, so is the result, unless the function says otherwise. `when missing` then decides.
- **One at a time.** A function that takes one value and meets several is applied to each of them.
- **Lists by element.** Where it is said, a function that meets a list or tags is applied to each element; elements without a result are left out.

Loss is counted strictly: a function that can give one result for two different values loses the difference between them, and the row must say
`lossy \"why\"`. Only where the type itself ignores the difference (case and blanks in e-mail addresses and tags) is such a function exact.

## Translation tables

`by statuses` applies the table `translate statuses { … }`. A line matches the whole value, or with `*` any characters in its place; `any case`
ignores upper and lower case. Exact lines come before patterns, longer patterns before shorter ones; the order in which lines are written means
nothing. What no line matches takes `the rest`; without it the record is rejected. Tags and lists are translated element by element: an element
that becomes empty is left out, one that rejects rejects the record. A missing value is not translated: `when missing` decides.
";
