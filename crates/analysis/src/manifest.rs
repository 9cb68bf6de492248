//! What a spec needs from outside: other files, catalogs, inventories, templates. Read before anything is checked.

use std::borrow::Cow;

use cutover_diagnostics::Span;
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, SourceFile, TermKind, Terms};
use cutover_syntax::value;

/// A text of the spec that names something outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What is named: a path, or a platform.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A system that the migration block declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemMention {
    /// `source`, `target`, `sandbox`, or the name of a table.
    pub name: String,
    /// Whether it is a table of outside data.
    pub table: bool,
    /// The platform; `table` for tables.
    pub platform: Mention,
    /// The account, as the spec calls it.
    pub account: Option<Mention>,
    /// The inventory's path.
    pub inventory: Option<Mention>,
}

/// What one file needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Files taken in with `use`.
    pub uses: Vec<Mention>,
    /// Systems.
    pub systems: Vec<SystemMention>,
    /// Files that travel with the plan: templates, messages, review lists.
    pub assets: Vec<Mention>,
}

/// Reads what a file needs.
#[must_use]
pub fn read(file: &SourceFile) -> Manifest {
    let mut manifest = Manifest::default();
    for item in &file.items {
        let Some(head) = item.head() else { continue };
        match item.keyword {
            Some(ItemKw::Use) => manifest.uses.extend(text(item, head.lead)),
            Some(ItemKw::Migration) => {
                manifest.systems.extend(item.body_lines().iter().filter_map(|line| system(item, line)));
            }
            Some(ItemKw::Announce) => {
                manifest.assets.extend(head.clause(ClauseKw::Template).and_then(|c| text(item, c.terms)));
            }
            Some(ItemKw::Rollback | ItemKw::Clean) => {
                for line in item.body_lines() {
                    if line.statement == Some(StmtKw::Message) {
                        manifest.assets.extend(text(item, line.lead));
                    }
                    manifest.assets.extend(line.clause(ClauseKw::ListedIn).and_then(|c| text(item, c.terms)));
                }
            }
            _ => {}
        }
    }
    manifest
}

fn text(item: &Item, terms: Terms) -> Option<Mention> {
    let term = item.get(terms).first().filter(|t| t.kind == TermKind::Text)?;
    let text: Cow<'_, str> = value::unquote(item.raw(*term));
    Some(Mention { text: text.into_owned(), span: item.span(term.range) })
}

fn system(item: &Item, line: &Line) -> Option<SystemMention> {
    let first = item.get(line.lead).first().filter(|t| t.kind == TermKind::Word)?;
    let word =
        Mention { text: value::plain_name(item.raw(*first)).into_owned(), span: item.span(first.range) };
    let account = item.get(line.lead).get(1).filter(|term| term.kind == TermKind::Text);
    let account = account.map(|term| Mention {
        text: value::unquote(item.raw(*term)).into_owned(),
        span: item.span(term.range),
    });
    let inventory = line.clause(ClauseKw::Inventory).and_then(|c| text(item, c.terms));
    let (name, table, platform) = match line.statement? {
        StmtKw::Source => ("source".to_owned(), false, word),
        StmtKw::Target => ("target".to_owned(), false, word),
        StmtKw::Sandbox => ("sandbox".to_owned(), false, word),
        StmtKw::Table => (word.text.clone(), true, Mention { text: "table".to_owned(), span: word.span }),
        _ => return None,
    };
    Some(SystemMention { name, table, platform, account, inventory })
}
