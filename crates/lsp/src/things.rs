//! What the words of an item stand for: people, items, fields, options, functions. One walk over the tree; hover, definition,
//! references, rename and hints all ask it.

mod walk;

use cutover_analysis::Context;
use cutover_analysis::context::Names;
use cutover_analysis::read::predicate::referred;
use cutover_analysis::world::{FieldView, KindView, World};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Range, TermKind, Terms};
use cutover_syntax::value::plain_name;

/// Something that a spec can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// A keyword that begins an item.
    Block(ItemKw),
    /// A keyword that begins a statement of a block.
    Statement(ItemKw, StmtKw),
    /// A keyword that begins a clause: of a block's line, or of a statement there.
    Clause(ItemKw, Option<StmtKw>, ClauseKw),
    /// A person of the team.
    Person(String),
    /// An item with an identifier of its own.
    Item(ItemKw, String),
    /// A trigger of the way back.
    Trigger(String),
    /// A word of one of the language's closed lists, and what the list is of.
    Listed(&'static str, String),
    /// `source`, `target`, `sandbox`, or a table.
    System(String),
    /// A product.
    Platform(String),
    /// A kind of a system.
    Kind { system: String, kind: String },
    /// A field of a kind.
    Field { system: String, kind: String, path: String },
    /// An option of a field.
    Choice { system: String, kind: String, path: String, option: String },
    /// An object of an account: a group, an automation.
    Object { system: String, kind: String, name: String },
    /// A word that conditions may use about a kind.
    Word { system: String, kind: String, word: String },
    /// A function of the library.
    Function(String),
    /// A metric.
    Metric(String),
    /// A file of the project, as it is written.
    File(String),
}

/// A place where something is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) range: Range,
    pub(crate) thing: Thing,
    /// Whether it is declared here.
    pub(crate) declares: bool,
}

/// What words can stand for in a project.
pub(crate) struct Scope<'a> {
    pub(crate) world: &'a World<'a>,
    pub(crate) cx: Context<'a>,
}

impl<'a> Scope<'a> {
    pub(crate) fn names(&self) -> &Names<'a> {
        &self.cx.names
    }

    /// What the table of a translation is between: fields whose options stand on the left and on the right of its lines.
    pub(crate) fn translated(&'a self, name: &str) -> Vec<(Place<'a>, Place<'a>)> {
        let mut found = Vec::new();
        for item in self.cx.items.iter().filter(|item| item.keyword == Some(ItemKw::Map)) {
            let Some((source, target)) = signature(self, item) else { continue };
            for line in item.body_lines() {
                let by = line.clause(ClauseKw::By).map(|clause| item.get(clause.terms)).unwrap_or_default();
                if !by.iter().any(|term| term.kind == TermKind::Word && *plain_name(item.raw(*term)) == *name)
                {
                    continue;
                }
                let first =
                    |terms: Terms, kind| place(self, kind, &plain_name(item.raw(*item.get(terms).first()?)));
                if let (Some(from), Some(to)) =
                    (first(line.lead, source), line.result.and_then(|result| first(result, target)))
                {
                    found.push((from, to));
                }
            }
        }
        found
    }
}

/// A field, and the kind that has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) kind: &'a KindView<'a>,
    pub(crate) field: FieldView<'a>,
}

impl Place<'_> {
    pub(crate) fn thing(&self) -> Thing {
        Thing::Field {
            system: self.kind.system.to_string(),
            kind: self.kind.name.to_owned(),
            path: self.field.path(),
        }
    }

    pub(crate) fn choice(&self, option: &str) -> Thing {
        Thing::Choice {
            system: self.kind.system.to_string(),
            kind: self.kind.name.to_owned(),
            path: self.field.path(),
            option: option.to_owned(),
        }
    }
}

/// The field at a path that is written in the place of a field of `kind`: its own, one of a table, or one behind a reference.
pub(crate) fn place<'a>(scope: &'a Scope<'a>, kind: &'a KindView<'a>, path: &str) -> Option<Place<'a>> {
    if let Some(field) = kind.field(path) {
        return Some(Place { kind, field });
    }
    let (first, rest) = path.split_once('.')?;
    place(scope, step(scope, kind, first)?, rest)
}

/// The kind of the records to which a path leads from those of `kind`: through references, or to a table.
pub(crate) fn behind<'a>(
    scope: &'a Scope<'a>,
    kind: &'a KindView<'a>,
    path: &str,
) -> Option<&'a KindView<'a>> {
    path.split('.').try_fold(kind, |kind, name| step(scope, kind, name))
}

/// The kind of the records to which one name leads.
fn step<'a>(scope: &'a Scope<'a>, kind: &'a KindView<'a>, name: &str) -> Option<&'a KindView<'a>> {
    match scope.world.table(name) {
        Some(table) => table.kinds.first(),
        None => referred(&scope.cx, kind, kind.field(name)?),
    }
}

/// The kinds that a map is between.
pub(crate) fn signature<'a>(
    scope: &'a Scope<'a>,
    item: &Item,
) -> Option<(&'a KindView<'a>, &'a KindView<'a>)> {
    let head = item.head().filter(|_| item.keyword == Some(ItemKw::Map))?;
    let word = |terms: Terms| Some(plain_name(item.raw(*item.get(terms).first()?)).into_owned());
    let source = scope.world.source()?.kind(&word(head.lead)?)?;
    let target = scope.world.target()?.kind(&word(head.result?)?)?;
    Some((source, target))
}

/// All that an item names, in order.
pub(crate) fn uses<'a>(scope: &'a Scope<'a>, item: &Item) -> Vec<Use> {
    let mut out = walk::walk(scope, item);
    out.sort_by_key(|found| (found.range, !found.declares));
    out.dedup_by(|later, first| later.range == first.range);
    out
}

fn kind_thing(kind: &KindView<'_>) -> Thing {
    Thing::Kind { system: kind.system.to_string(), kind: kind.name.to_owned() }
}
