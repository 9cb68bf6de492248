//! What may be written at a place: keywords, fields, options, people, what fills a hole.

mod lists;
mod snippet;
mod whom;

pub use snippet::{Snippet, snippets};

use std::collections::BTreeSet;

use cutover_analysis::lower::{team, words};
use cutover_analysis::read::names::written;
use cutover_analysis::world::{KindView, System};
use cutover_catalog::builtin;
use cutover_syntax::construct::{CONSTRUCTS, Construct, MemberRule, StatementRule, Takes};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Range, SourceFile, Term, TermKind, Terms};
use cutover_syntax::value::{plain_name, unquote};
use lsp_types::{CompletionItemKind as Kind, InsertTextFormat};

use crate::spot::{Part, Site, Spot, Within, spot};
use crate::things::{Scope, place, signature};
use crate::words as say;

/// Something that may be written.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// What is shown and filtered by.
    pub(crate) label: String,
    /// What is written.
    pub(crate) text: String,
    /// What it is, in a few words.
    pub(crate) detail: String,
    pub(crate) kind: Kind,
    pub(crate) format: InsertTextFormat,
}

impl Candidate {
    fn new(kind: Kind, text: impl Into<String>, detail: impl Into<String>) -> Candidate {
        let text = text.into();
        Candidate {
            label: text.clone(),
            text,
            detail: detail.into(),
            kind,
            format: InsertTextFormat::PLAIN_TEXT,
        }
    }

    fn is_text(&self) -> bool {
        self.text.starts_with('"')
    }
}

/// What may be written at a byte of a file, best first, and the bytes that it replaces. `files` gives the files of the project as this
/// one would name them.
pub(crate) fn complete<'a>(
    scope: &'a Scope<'a>,
    file: &'a SourceFile,
    at: u32,
    snippets: bool,
    files: &'a dyn Fn() -> Vec<String>,
) -> (Vec<Candidate>, (u32, u32)) {
    let Spot { item, replaces, quoted, site } = spot(file, at);
    let typed = item.map_or("", |item| {
        let base = item.source.base;
        item.slice(Range { start: replaces.0.saturating_sub(base), end: at.saturating_sub(base) })
    });
    let mut found = Found { scope, item, at, typed, snippets, files, out: Vec::new() };
    match &site {
        Site::Top => found.top(),
        Site::Start { row, statements, members, parent } => found.start(row, statements, *members, parent),
        Site::Within(within) => found.within(within),
        Site::Nothing => {}
    }
    let mut out = found.out;
    if quoted {
        out.retain(Candidate::is_text);
    }
    let mut seen = BTreeSet::new();
    out.retain(|candidate| seen.insert(candidate.label.clone()));
    (out, replaces)
}

/// How the names of files end that hold a text for people.
const TEXTS: &[&str] = &["md", "txt", "html"];

struct Found<'a> {
    scope: &'a Scope<'a>,
    item: Option<&'a Item>,
    /// The cursor's byte in the file.
    at: u32,
    /// The part of the word before the cursor.
    typed: &'a str,
    snippets: bool,
    files: &'a dyn Fn() -> Vec<String>,
    out: Vec<Candidate>,
}

impl<'a> Found<'a> {
    fn add(&mut self, kind: Kind, text: impl Into<String>, detail: impl Into<String>) {
        self.out.push(Candidate::new(kind, text, detail));
    }

    fn list(&mut self, list: &[&str], detail: &str) {
        for word in list {
            self.add(Kind::ENUM_MEMBER, *word, detail);
        }
    }

    fn source(&self) -> Option<&'a System<'a>> {
        self.scope.world.source()
    }

    fn target(&self) -> Option<&'a System<'a>> {
        self.scope.world.target()
    }

    fn top(&mut self) {
        let there = |keyword| self.scope.cx.items.iter().any(|item| item.keyword == Some(keyword));
        let rows =
            CONSTRUCTS.iter().filter(|row| row.many || row.keyword == ItemKw::Edition || !there(row.keyword));
        let made: Vec<Candidate> = rows
            .map(|row| {
                let mut made = Candidate::new(Kind::KEYWORD, row.keyword.text(), row.summary);
                if self.snippets {
                    made.text = snippet::snippet(row);
                    made.format = InsertTextFormat::SNIPPET;
                }
                made
            })
            .collect();
        self.out.extend(made);
    }

    fn start(
        &mut self,
        row: &'static Construct,
        statements: &'static [StatementRule],
        members: MemberRule,
        parent: &'a Line,
    ) {
        match members {
            MemberRule::Rows(_) => {
                if let Some((source, _)) = self.item.and_then(|item| signature(self.scope, item)) {
                    self.undecided(source, parent);
                    self.tables();
                    self.behind_dot(source);
                }
            }
            MemberRule::Pairs(_) => self.untranslated(parent),
            MemberRule::Nouns(_) => self.nouns(row.keyword),
            MemberRule::Fields => {
                if let Some(kind) = self.record(parent) {
                    self.fields(kind, &BTreeSet::new());
                }
            }
            MemberRule::Measures => self.measures(),
            MemberRule::People(_) | MemberRule::None => {}
        }
        for statement in statements {
            let detail = statement.args.what().unwrap_or_default();
            self.add(Kind::KEYWORD, statement.keyword.text(), detail);
        }
    }

    fn within(&mut self, at: &Within<'a>) {
        match at.part {
            Part::Lead => self.lead(at),
            Part::Result => self.result(at),
            Part::Clause(rule) => self.value(at, rule.keyword, rule.takes),
        }
        if at.complete {
            if at.part == Part::Lead
                && (at.members.has_arrow() && at.statement.is_none()
                    || at.row.keyword == ItemKw::Map && at.parent.is_none())
            {
                self.add(Kind::OPERATOR, "->", "becomes");
            }
            for rule in at.clauses.iter().filter(|rule| !at.line.has(rule.keyword)) {
                let detail = if rule.takes == Takes::Nothing { "" } else { rule.takes.describe() };
                self.add(Kind::KEYWORD, rule.keyword.text(), detail);
            }
        }
    }

    fn lead(&mut self, at: &Within<'a>) {
        let first = at.before.is_empty() || at.before.last().is_some_and(|term| term.kind == TermKind::Comma);
        match (at.row.keyword, at.statement) {
            (ItemKw::Migration, Some(StmtKw::Source | StmtKw::Target | StmtKw::Sandbox)) if first => {
                for listed in builtin::list() {
                    self.add(Kind::MODULE, listed.name, listed.title);
                }
            }
            (ItemKw::Migration, Some(StmtKw::Secret | StmtKw::Pace)) if first => {
                self.list(&["source", "target"], "a system")
            }
            (ItemKw::Map, None) if at.parent.is_none() => self.kinds(self.source(), &[]),
            (ItemKw::Map, None | Some(StmtKw::Drop)) if first => {
                if let (Some((source, _)), Some(parent)) =
                    (self.item.and_then(|item| signature(self.scope, item)), at.parent)
                {
                    self.undecided(source, parent);
                    self.behind_dot(source);
                }
            }
            (ItemKw::Map, Some(StmtKw::Require)) => {
                if let Some((source, _)) = self.item.and_then(|item| signature(self.scope, item)) {
                    self.condition(&at.before, source);
                }
            }
            (ItemKw::Map, Some(StmtKw::Remaining)) => {
                self.list(&["fields"], "all that the map does not name")
            }
            (ItemKw::Translate, None) if first => {
                if let Some(parent) = at.parent {
                    self.untranslated(parent);
                }
            }
            (ItemKw::Scope, Some(_)) => {
                if first {
                    self.kinds(self.source(), &[]);
                }
                self.objects(at);
                if !at.before.is_empty() {
                    self.add(Kind::KEYWORD, "the rest", "all that no other line of the kind names");
                }
            }
            (ItemKw::Wave, None) => {
                if at.before.len() == 1 {
                    self.kinds(self.source(), &[]);
                } else if at.before.len() > 1 {
                    self.add(Kind::KEYWORD, "the rest", "all that no other wave takes");
                }
            }
            (ItemKw::Use, None) => self.files(&["cutover"]),
            (ItemKw::Allow, None) if first => {
                for (code, about) in cutover::editor::silenceable() {
                    self.add(Kind::VALUE, quoted(&code), about);
                }
            }
            (ItemKw::Calendar, Some(StmtKw::Zone)) => self.zones(),
            (ItemKw::Escalation, Some(StmtKw::Notify)) => self.told(&at.before),
            (ItemKw::Rollback, Some(StmtKw::Message)) => self.files(TEXTS),
            (ItemKw::Integration, None) => self.list(words::INTEGRATIONS, "an integration"),
            (ItemKw::Waive, None) => self.list(words::REVIEW_AREAS, "a review area"),
            (ItemKw::Accept, None) => self.list(words::LOSSES, "a loss"),
            (ItemKw::Team, None) if at.parent.is_none() => {
                self.list(&["full", "small"], "the roles that must be filled")
            }
            (ItemKw::Rehearse, Some(StmtKw::Run)) => self.list(words::RUNS, "a test of the rehearsal"),
            (ItemKw::Export, Some(StmtKw::Verify)) => self.list(words::EXPORT_VERIFIED, "what is compared"),
            (ItemKw::GoLive, Some(StmtKw::Switch)) => {
                self.list(words::CHANNELS, "a channel");
                self.declared(ItemKw::Integration);
            }
            (ItemKw::GoLive, Some(StmtKw::Hold | StmtKw::Drain)) => {
                self.list(&["inbound"], "mail that waits");
                self.declared(ItemKw::Inbound);
            }
            (ItemKw::GoLive, Some(StmtKw::Load)) => self.list(&["everything", "changed tickets"], ""),
            (ItemKw::Sla, Some(StmtKw::Runs | StmtKw::Pauses | StmtKw::Stops)) => {
                let tickets = self.source().and_then(System::tickets);
                if let Some(place) =
                    tickets.and_then(|kind| place(self.scope, kind, &kind.state_field()?.field))
                {
                    self.options(place, &said(self.item, at.parent));
                    // One that another line names may be meant for another clock, `of` which this line is.
                    let here = at.before.iter().filter(|term| term.kind == TermKind::Text);
                    let here = here.filter_map(|term| Some(unquote(self.item?.raw(*term)).into_owned()));
                    self.options(place, &here.collect());
                }
            }
            (ItemKw::Test, Some(StmtKw::Given)) if first => {
                self.kinds(self.source(), &[]);
                self.tables();
            }
            (ItemKw::Test, Some(StmtKw::Expect)) if first => self.kinds(self.target(), &["due", "rejected"]),
            (ItemKw::Test, None) => {
                let kind = at.parent.and_then(|parent| self.record(parent));
                let named = at.before.first().and_then(|term| self.name(*term));
                match (kind, named) {
                    (Some(kind), None) => self.fields(kind, &BTreeSet::new()),
                    (Some(kind), Some(path)) => {
                        if let Some(place) = place(self.scope, kind, &path) {
                            self.options(place, &BTreeSet::new());
                        }
                    }
                    _ => {}
                }
            }
            (ItemKw::Clean | ItemKw::Backup | ItemKw::Export | ItemKw::Rehearse, Some(_)) => {
                self.kinds(self.source(), &[])
            }
            (keyword, None) if at.parent.is_some() && matches!(at.members, MemberRule::Nouns(_)) => {
                self.nouns(keyword)
            }
            (_, None) if at.parent.is_some() && matches!(at.members, MemberRule::Measures) => self.measures(),
            (ItemKw::Watch, Some(StmtKw::Report)) | (ItemKw::Rollback, Some(StmtKw::Trigger)) => {
                self.measures()
            }
            _ => {}
        }
    }

    fn result(&mut self, at: &Within<'a>) {
        let first = at.before.is_empty() || at.before.last().is_some_and(|term| term.kind == TermKind::Comma);
        if !first {
            return;
        }
        match (at.row.keyword, at.parent) {
            (ItemKw::Map, None) => self.kinds(self.target(), &[]),
            (ItemKw::Map, Some(parent)) => {
                let Some(item) = self.item else { return };
                let Some((_, target)) = signature(self.scope, item) else { return };
                let set = parent.body_lines().iter().filter(|line| !std::ptr::eq(*line, at.line));
                let set = set.filter_map(|line| line.result).flat_map(|terms| names(item, terms)).collect();
                self.fields(target, &set);
            }
            (ItemKw::Translate, _) => {
                for (_, to) in self.between() {
                    self.options(to, &BTreeSet::new());
                }
                self.list(&["same name", "empty"], "what becomes of it");
            }
            _ => {}
        }
    }

    fn value(&mut self, at: &Within<'a>, keyword: ClauseKw, takes: Takes) {
        let open = at.before.is_empty() || at.before.last().is_some_and(|term| term.kind == TermKind::Comma);
        match takes {
            Takes::Predicate => {
                if let Some(kind) = self.subject(at) {
                    self.condition(&at.before, kind);
                }
                return;
            }
            Takes::Object if keyword == ClauseKw::To => return self.assignee(&at.before),
            _ if !open && !matches!(keyword, ClauseKw::WhenMissing | ClauseKw::To | ClauseKw::As) => return,
            Takes::Person | Takes::People => return self.people(),
            Takes::Functions => return self.functions(),
            Takes::Moment => {
                self.add(Kind::KEYWORD, "window", "when the window begins");
                self.declared(ItemKw::Check);
                return;
            }
            _ => {}
        }
        match keyword {
            ClauseKw::Role => {
                let small = self.item.and_then(Item::head).is_some_and(|head| {
                    self.item.is_some_and(|item| names(item, head.lead).contains(&"small".to_owned()))
                });
                self.list(if small { team::SMALL } else { team::FULL }, "a role");
            }
            ClauseKw::On if at.row.keyword == ItemKw::Allow => self.items(),
            ClauseKw::On => self.declared(ItemKw::Calendar),
            ClauseKw::GatedBy => {
                self.declared(ItemKw::Check);
                self.declared(ItemKw::Criterion);
            }
            ClauseKw::EscalationsTo | ClauseKw::Alert => self.people(),
            ClauseKw::Inventory => self.files(&["yaml", "yml"]),
            ClauseKw::Template => self.files(TEXTS),
            ClauseKw::ListedIn => self.files(&["csv", "tsv", "txt"]),
            ClauseKw::In if takes == Takes::Text => match at.row.keyword {
                ItemKw::Migration | ItemKw::Team | ItemKw::Calendar => self.zones(),
                _ => self.stores(),
            },
            ClauseKw::ProvenBy => {
                self.list(&["canary(\"\")", "counter", "sink", "triggers_listed"], "how silence is proven")
            }
            ClauseKw::Area => self.list(words::REVIEW_AREAS, "a review area"),
            ClauseKw::ReopenedAs => self.list(words::REOPENED_AS, "what a reply to an old ticket becomes"),
            ClauseKw::As if at.row.keyword == ItemKw::Scope => {
                self.list(words::RECREATED_AS, "what it becomes")
            }
            ClauseKw::As if at.row.keyword == ItemKw::Map => {
                self.list(&["key"], "what records are found again by")
            }
            ClauseKw::After => self.list(words::BEFORE_THE_END, "what must be over"),
            ClauseKw::Risk => self.list(&["high", "low", "medium"], ""),
            ClauseKw::Of if at.row.keyword == ItemKw::Baseline => self.list(&["source"], "the old desk"),
            ClauseKw::Of if at.row.keyword == ItemKw::Inspect => self.list(words::INSPECTED, "texts"),
            ClauseKw::Forbid => self.list(words::EXCEPTIONS, ""),
            ClauseKw::EachOf => self.list(words::STRATA, "a part that a sample must hold"),
            ClauseKw::From => self.tables(),
            ClauseKw::With => self.kinds(self.source(), &[]),
            ClauseKw::WhenMissing => {
                if at.before.is_empty() {
                    self.list(&["empty", "placeholder"], "what stands in its place");
                }
                let Some(item) = self.item else { return };
                let path = at.line.result.and_then(|result| names(item, result).into_iter().next());
                let target = signature(self.scope, item).map(|(_, target)| target);
                if let (Some(path), Some(target)) = (path, target)
                    && let Some(place) = place(self.scope, target, &path)
                {
                    self.options(place, &BTreeSet::new());
                }
            }
            ClauseKw::OverflowTo => {
                if let Some((_, target)) = self.item.and_then(|item| signature(self.scope, item)) {
                    self.fields(target, &BTreeSet::new());
                }
            }
            ClauseKw::IdentifiedBy | ClauseKw::ChunkedBy | ClauseKw::SpreadOver | ClauseKw::Preferring => {
                match keyword {
                    ClauseKw::ChunkedBy => self.list(words::PIECES, "the size of a part"),
                    ClauseKw::Preferring => self.list(words::PREFERENCES, "which one stays"),
                    _ => {}
                }
                if let Some(kind) = self.subject(at) {
                    self.fields(kind, &BTreeSet::new());
                }
            }
            ClauseKw::KeyedBy => {
                if let Some(kind) = self.source().and_then(System::tickets) {
                    self.fields(kind, &BTreeSet::new());
                }
            }
            ClauseKw::Reads => {
                for kind in self.source().into_iter().flat_map(|system| &system.kinds) {
                    for field in kind.fields() {
                        self.add(
                            Kind::FIELD,
                            format!("{}.{}", kind.name, written(&field.path())),
                            say::type_of(kind, field),
                        );
                    }
                }
            }
            _ => {}
        }
    }

    /// The kind that a line is about.
    fn subject(&self, at: &Within<'a>) -> Option<&'a KindView<'a>> {
        let item = self.item?;
        match at.row.keyword {
            ItemKw::Sla => self.source()?.tickets(),
            ItemKw::Map => signature(self.scope, item).map(|(source, _)| source),
            _ => names(item, at.line.lead).iter().rev().find_map(|name| self.source()?.kind(name)),
        }
    }

    /// The kind whose fields stand in a body of a test.
    fn record(&self, parent: &Line) -> Option<&'a KindView<'a>> {
        let name = names(self.item?, parent.lead).into_iter().next()?;
        let world = self.scope.world;
        match parent.statement {
            Some(StmtKw::Expect) => world.target()?.kind(&name),
            _ => world
                .table(&name)
                .and_then(|table| table.kinds.first())
                .or_else(|| world.source()?.kind(&name)),
        }
    }

    fn name(&self, term: Term) -> Option<String> {
        Some(plain_name(self.item?.raw(term)).into_owned())
    }
}

/// The words of some terms.
pub(crate) fn names(item: &Item, terms: Terms) -> Vec<String> {
    let words = item.get(terms).iter().filter(|term| term.kind == TermKind::Word);
    words.map(|term| plain_name(item.raw(*term)).into_owned()).collect()
}

/// The texts before the arrows or clauses of a block's lines.
fn said(item: Option<&Item>, parent: Option<&Line>) -> BTreeSet<String> {
    let (Some(item), Some(parent)) = (item, parent) else { return BTreeSet::new() };
    let lines = parent.body_lines().iter().flat_map(|line| item.get(line.lead));
    lines
        .filter(|term| term.kind == TermKind::Text)
        .map(|term| unquote(item.raw(*term)).into_owned())
        .collect()
}

/// A text as it is written in a spec.
pub(crate) fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}
