//! Whole items with places to fill.

use cutover_syntax::construct::{ArgRule, BodyRule, CONSTRUCTS, Construct, NameRule, Takes};
use cutover_syntax::keywords::ItemKw;

/// A whole item with places to fill, in the notation that editors share: `${1:name}`.
#[derive(Clone, Debug)]
pub struct Snippet {
    /// The keyword that it begins with.
    pub keyword: &'static str,
    /// What the item is for.
    pub summary: &'static str,
    /// The text.
    pub body: String,
}

/// One for each kind of item, in the order of the construct table.
#[must_use]
pub fn snippets() -> Vec<Snippet> {
    let of = |row: &'static Construct| Snippet {
        keyword: row.keyword.text(),
        summary: row.summary,
        body: snippet(row),
    };
    CONSTRUCTS.iter().map(of).collect()
}

/// A whole item with places to fill.
pub(super) fn snippet(row: &Construct) -> String {
    let mut text = row.keyword.text().to_owned();
    let mut stop = 0;
    let mut place = |text: &mut String, shown: &str| {
        stop += 1;
        text.push_str(&format!("${{{stop}:{shown}}}"));
    };
    match row.name {
        NameRule::Identifier => {
            text.push(' ');
            place(&mut text, "name");
        }
        NameRule::OneOf(names) => {
            text.push(' ');
            place(&mut text, names.first().copied().unwrap_or("name"));
        }
        NameRule::Signature => {
            text.push(' ');
            place(&mut text, "ticket");
            text.push_str(" -> ");
            place(&mut text, "ticket");
        }
        NameRule::None => {}
    }
    if row.title {
        text.push_str(" \"");
        place(&mut text, "Title");
        text.push('"');
    }
    match (row.keyword, row.args) {
        (ItemKw::Edition, _) => text.push_str(" 1"),
        (ItemKw::ReadOnly | ItemKw::Decommission, _) => text.push_str(" source"),
        (ItemKw::Use | ItemKw::Allow, _) => {
            text.push_str(" \"");
            place(&mut text, "");
            text.push('"');
        }
        (_, ArgRule::Some(_) | ArgRule::One(_) | ArgRule::List(_)) => {
            text.push(' ');
            place(&mut text, "tickets");
        }
        _ => {}
    }
    for rule in row.clauses.iter().filter(|rule| rule.need) {
        text.push_str("  ");
        text.push_str(rule.keyword.text());
        match rule.takes {
            Takes::Nothing => {}
            Takes::Text => {
                text.push_str(" \"");
                place(&mut text, "");
                text.push('"');
            }
            _ => {
                text.push(' ');
                place(&mut text, "???");
            }
        }
    }
    if let BodyRule::Lines { optional: false, .. } = row.body {
        text.push_str(" {\n  $0\n}");
    }
    text
}
