//! Catalogs as plain text, for support people: `catalog list` and `catalog show NAME`.

use std::fmt::Write as _;

use crate::builtin;
use crate::catalog::Catalog;
use crate::fact::{Mark, Names};
use crate::kind::{Kind, Scope};

/// The catalogs in the program, one a line: name, title, revision.
#[must_use]
pub fn list() -> String {
    let rows: Vec<[String; 3]> = builtin::list()
        .map(|listed| {
            [listed.name.to_owned(), listed.title.to_owned(), format!("revision {}", listed.revision)]
        })
        .collect();
    let mut text = String::new();
    columns(&mut text, "", &rows);
    text.push_str("\n`cutover catalog show NAME` shows what is known of one.\n");
    text
}

/// All that is known of a product: kinds with fields and states, rules, limits, rates, capabilities, service levels, sources.
///
/// Behind a fact stands its mark where it is not documented, and the keys of its sources, which are listed at the end.
#[must_use]
pub fn show(catalog: &Catalog) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} (`{}`), revision {}", catalog.title, catalog.name, catalog.revision);
    if let Some(version) = &catalog.version {
        let _ = writeln!(text, "Version {version}");
    }
    if catalog.generic {
        text.push_str("\nKinds and fields come from the inventory of each account.\n");
    }
    if !catalog.plans.is_empty() {
        text.push_str("\nPLANS, the smallest first\n");
        let rows: Vec<_> = catalog
            .plans
            .iter()
            .map(|(name, plan)| {
                let aliases = if plan.aliases.is_empty() {
                    String::new()
                } else {
                    format!("also {}", joined(&plan.aliases))
                };
                [name.to_owned(), joined(&plan.features), aliases + &catalog.trust(plan.mark, &plan.from)]
            })
            .collect();
        columns(&mut text, "  ", &rows);
    }
    text.push_str("\nKINDS\n");
    for (name, kind) in catalog.kinds.iter() {
        show_kind(&mut text, catalog, name, kind);
    }
    let facts = catalog.facts();
    let sections = [
        ("constraints", "RULES BETWEEN FIELDS"),
        ("limits", "LIMITS"),
        ("rates", "RATES"),
        ("capabilities", "WHAT IT CAN DO FOR A MIGRATION"),
        ("sla", "SERVICE LEVELS"),
        ("credentials", "CREDENTIALS"),
        ("exports", "EXPORTS THAT CAN BE SCANNED"),
        ("notes", "WHAT ELSE TO KNOW"),
    ];
    for (part, title) in sections {
        let prefix = format!("{}/{part}/", catalog.name);
        let mut lines =
            facts.iter().filter_map(|fact| Some((fact.id.strip_prefix(&prefix)?, fact))).peekable();
        if lines.peek().is_none() {
            continue;
        }
        let _ = writeln!(text, "\n{title}");
        for (id, fact) in lines {
            let _ = write!(text, "  {id}: {}", fact.text);
            text.push_str(&trust(fact.mark, fact.from.iter().map(String::as_str)));
            text.push('\n');
            if let Some(note) = &fact.note {
                let _ = writeln!(text, "    {note}");
            }
        }
    }
    text.push_str("\nSOURCES\n");
    let rows: Vec<_> = catalog
        .sources
        .iter()
        .map(|(key, source)| [key.to_owned(), source.mark.describe().to_owned(), source.text.to_string()])
        .collect();
    columns(&mut text, "  ", &rows);
    text
}

fn show_kind(text: &mut String, catalog: &Catalog, name: &str, kind: &Kind) {
    let _ = write!(text, "\n  {name} ({})", kind.plural_of(name));
    if !kind.aliases.is_empty() {
        let _ = write!(text, ", also {}", joined(&kind.aliases));
    }
    let _ = writeln!(text, "{}", catalog.trust(kind.mark, &kind.from));
    let _ = writeln!(text, "    {}", kind.summary);
    if let Some(note) = &kind.note {
        let _ = writeln!(text, "    {note}");
    }
    let scope = match (kind.scope, &kind.with) {
        (Scope::Asked, None) => "the scope decides".to_owned(),
        (Scope::Asked, Some(with)) => format!("the scope decides; may come with {with}"),
        (Scope::WithParent, with) => format!("comes with {}", with.as_deref().unwrap_or_default()),
        (Scope::Elsewhere, _) => "decided outside the scope".to_owned(),
    };
    let _ = writeln!(text, "    part of a helpdesk: {}; {scope}", kind.part);
    if !kind.plans.is_empty() {
        let _ = writeln!(text, "    only on {}", joined(&kind.plans));
    }
    if !kind.answers.is_empty() {
        let _ = writeln!(
            text,
            "    writes to customers by itself where its actions say {}",
            joined(&kind.answers)
        );
    }
    for (way, access) in [("read", &kind.read), ("load", &kind.load)] {
        if let Some(access) = access {
            let _ = writeln!(text, "    {way}: {}", access.describe());
        }
    }
    let rows: Vec<_> = kind
        .fields
        .iter()
        .map(|(field_name, field)| {
            let own = if field.mark.is_none() && field.from.is_empty() {
                String::new()
            } else {
                catalog.trust(field.mark, &field.from)
            };
            let note = field.note.as_ref().map_or(String::new(), |note| format!(". {note}"));
            [field_name.to_owned(), field.describe() + &note, own.trim_start().to_owned()]
        })
        .collect();
    columns(text, "    ", &rows);
    if let Some(states) = &kind.states {
        let _ = writeln!(
            text,
            "    states in `{}`{}",
            states.field,
            if states.open { ", accounts add their own" } else { "" }
        );
        let rows: Vec<_> = states
            .values
            .iter()
            .map(|(state_name, state)| {
                let note = state.note.as_ref().map_or(String::new(), |note| format!(". {note}"));
                [state_name.to_owned(), state.describe() + &note, String::new()]
            })
            .collect();
        columns(text, "      ", &rows);
    }
    if let Some(custom) = &kind.custom_fields {
        let names: Vec<_> =
            custom.types.iter().map(|(type_name, ty)| format!("{type_name} ({})", ty.ty)).collect();
        let fixed = if custom.fixed_type { "; a type cannot be changed later" } else { "" };
        let _ = writeln!(text, "    custom fields: {}{fixed}", names.join(", "));
    }
    if !kind.words.is_empty() {
        text.push_str("    words for `where`\n");
        let rows: Vec<_> = kind
            .words
            .iter()
            .map(|(word, body)| {
                let argument =
                    if body.of.is_empty() { String::new() } else { format!("({})", joined(&body.of)) };
                [format!("{word}{argument}"), body.means.to_string(), String::new()]
            })
            .collect();
        columns(text, "      ", &rows);
    }
}

impl Catalog {
    /// Mark and sources behind a fact, with a blank in front; nothing for a documented fact without sources.
    fn trust(&self, mark: Option<Mark>, from: &Names) -> String {
        trust(self.mark_of(mark, from), from.iter())
    }
}

fn trust<'a>(mark: Mark, from: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<&str> = Vec::new();
    if mark != Mark::Documented {
        words.push(mark.describe());
    }
    words.extend(from);
    if words.is_empty() { String::new() } else { format!(" [{}]", words.join(", ")) }
}

fn joined(names: &Names) -> String {
    names.iter().collect::<Vec<_>>().join(", ")
}

/// Rows of three cells: the first two are padded to a common width while they are short, trailing blanks are cut.
fn columns(text: &mut String, indent: &str, rows: &[[String; 3]]) {
    // A long cell would push the column of all others to the right.
    let width = |cell: usize| {
        rows.iter()
            .filter_map(|row| row.get(cell))
            .map(|cell| cell.chars().count())
            .filter(|width| *width <= 32)
            .max()
    };
    let widths = [width(0).unwrap_or(0), width(1).unwrap_or(0)];
    for [first, second, third] in rows {
        let line = format!("{indent}{first:<0$}  {second:<1$}  {third}", widths[0], widths[1]);
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{list, show};
    use crate::catalog::Catalog;

    #[test]
    fn the_list_names_each_catalog() {
        let text = list();
        assert!(text.contains("zendesk") && text.contains("Request Tracker"), "{text}");
    }

    #[test]
    fn a_shown_catalog_says_what_people_ask() {
        let Some(zendesk) = Catalog::builtin("zendesk") else { return assert_eq!("zendesk", "") };
        let text = show(&zendesk);
        for wanted in [
            "  ticket (tickets)",
            "solved, finished, needs assignee",
            "comments_per_ticket: Comments of one ticket: 5000 [Z15]",
            "all: Team: 200 per min; Growth: 400 per min",
            "Original time of creation of a ticket: through the import endpoint [Z1]",
            "[unverified, H1]",
            "inactive(user)",
            "third party",
        ] {
            assert!(text.contains(wanted), "{wanted:?} is missing in\n{text}");
        }
        assert!(text.lines().all(|line| line == line.trim_end()));
    }
}
