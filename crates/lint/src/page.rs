//! The table of rules as a page of the documentation.

use std::fmt::Write as _;

use crate::rule::{Fix, Level};
use crate::{rules, settings};

/// The rules in Markdown: what stands between the marks of `docs/lints.md`.
#[must_use]
pub fn page() -> String {
    let mut out = String::new();
    let on = rules::ALL.iter().filter(|rule| rule.level != Level::Off).count();
    let _ = writeln!(out, "{} rules, {on} of them on when a project says nothing.\n", rules::ALL.len());
    out.push_str("| rule | level | what it finds | why | numbers | changes |\n|---|---|---|---|---|---|\n");
    for rule in rules::ALL {
        let numbers: Vec<String> = rule
            .options
            .iter()
            .map(|option| format!("`{} = {}`: {}", option.name, option.default, option.says))
            .collect();
        let fix = match rule.fix {
            Fix::None => "",
            Fix::Unsafe => "`--unsafe-fixes`",
        };
        let _ = writeln!(
            out,
            "| [`{0}`](diagnostics/{0}.md) | {1} | {2}. | {3}. | {4} | {fix} |",
            rule.code,
            rule.level.word(),
            rule.what,
            rule.why,
            numbers.join("; "),
        );
    }
    out.push_str("\nWarnings of the compiler itself, whose level a project may choose as well: ");
    let own: Vec<String> =
        settings::built_in().map(|code| format!("[`{code}`](diagnostics/{code}.md)")).collect();
    let _ = writeln!(out, "{}.", own.join(", "));
    out
}
