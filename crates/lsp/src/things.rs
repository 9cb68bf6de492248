//! What the words of an item stand for: people, items, fields, options, functions. One walk over the tree; hover, definition,
//! references, rename and hints all ask it.

use cutover_analysis::context::Names;
use cutover_analysis::read::predicate::referred;
use cutover_analysis::world::{FieldView, KindView, World};
use cutover_analysis::{Context, metrics};
use cutover_ir::functions;
use cutover_syntax::construct::{BodyRule, ClauseRule, MemberRule, NameRule, Takes, construct};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Clause, Item, Line, Range, Term, TermKind, Terms};
use cutover_syntax::value::{plain_name, unquote};

/// Something that a spec can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// A keyword that begins an item.
    Block(ItemKw),
    /// A keyword that begins a statement of a block.
    Statement(ItemKw, StmtKw),
    /// A keyword that begins a clause.
    Clause(ClauseKw),
    /// A person of the team.
    Person(String),
    /// An item with an identifier of its own.
    Item(ItemKw, String),
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
    if let Some(table) = scope.world.table(first) {
        let kind = table.kinds.first()?;
        return Some(Place { kind, field: kind.field(rest)? });
    }
    let kind = referred(&scope.cx, kind, kind.field(first)?)?;
    place(scope, kind, rest)
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
    let mut walk = Walk { scope, item, out: Vec::new() };
    walk.item();
    let mut out = walk.out;
    out.sort_by_key(|found| (found.range, !found.declares));
    out.dedup_by(|later, first| later.range == first.range);
    out
}

struct Walk<'a, 'i> {
    scope: &'a Scope<'a>,
    item: &'i Item,
    out: Vec<Use>,
}

impl<'a> Walk<'a, '_> {
    fn add(&mut self, range: Range, thing: Thing) {
        self.out.push(Use { range, thing, declares: false });
    }

    fn declare(&mut self, range: Range, thing: Thing) {
        self.out.push(Use { range, thing, declares: true });
    }

    fn word(&self, term: Term) -> Option<String> {
        (term.kind == TermKind::Word).then(|| plain_name(self.item.raw(term)).into_owned())
    }

    fn first_word(&self, terms: Terms) -> Option<(Range, String)> {
        let term = *self.item.get(terms).first()?;
        Some((term.range, self.word(term)?))
    }

    fn terms(&self, terms: Terms) -> Vec<Term> {
        self.item.get(terms).to_vec()
    }

    fn source_tickets(&self) -> Option<&'a KindView<'a>> {
        self.scope.world.source()?.tickets()
    }

    fn item(&mut self) {
        let (Some(keyword), Some(head)) = (self.item.keyword, self.item.head()) else { return };
        let span = self.item.head_span();
        let base = self.item.source.base;
        self.add(Range { start: span.start - base, end: span.end - base }, Thing::Block(keyword));
        let Some(row) = construct(keyword) else { return };
        if row.name == NameRule::Identifier
            && let Some((range, name)) = self.first_word(head.lead)
        {
            self.declare(range, Thing::Item(keyword, name));
        }
        let mut kind = None;
        match keyword {
            ItemKw::Use => self.files(head.lead),
            ItemKw::Map => self.map_head(head),
            ItemKw::Sla => kind = self.source_tickets(),
            ItemKw::Wave => {
                let mut rest = head.lead;
                rest.start = (rest.start + 1).min(rest.end);
                kind = self.kinds(rest);
            }
            ItemKw::Truth => self.systems(head.lead),
            ItemKw::ReadOnly | ItemKw::Decommission | ItemKw::Watch | ItemKw::Rehearse => {
                self.systems(head.lead)
            }
            _ => {}
        }
        self.clauses(head, row.clauses, kind);
        self.body(head, keyword, row.body);
    }

    fn map_head(&mut self, head: &Line) {
        let world = self.scope.world;
        let sides = [(world.source(), Some(head.lead)), (world.target(), head.result)];
        for (system, terms) in sides {
            let Some((range, name)) = terms.and_then(|terms| self.first_word(terms)) else { continue };
            if let Some(kind) = system.and_then(|system| system.kind(&name)) {
                self.add(range, kind_thing(kind));
            }
        }
    }

    fn body(&mut self, parent: &Line, keyword: ItemKw, rule: BodyRule) {
        let (BodyRule::Lines { statements, members, .. }, Some(body)) = (rule, &parent.body) else { return };
        for line in &body.lines {
            let statement =
                line.statement.and_then(|found| statements.iter().find(|rule| rule.keyword == found));
            match statement {
                Some(rule) => {
                    if let Some(first) = self.item.get(line.terms).first() {
                        self.add(first.range, Thing::Statement(keyword, rule.keyword));
                    }
                    let kind = self.statement(keyword, rule.keyword, line);
                    self.clauses(line, rule.clauses, kind);
                    if let (BodyRule::Lines { members: MemberRule::Fields, .. }, Some(kind)) =
                        (rule.body, kind)
                    {
                        for line in line.body_lines() {
                            self.field_and_value(line, kind);
                        }
                    }
                }
                None => self.member(keyword, members, line),
            }
        }
    }

    /// What stands behind a statement's keyword; gives the kind that its clauses are about.
    fn statement(&mut self, block: ItemKw, keyword: StmtKw, line: &Line) -> Option<&'a KindView<'a>> {
        match (block, keyword) {
            (ItemKw::Migration, StmtKw::Source | StmtKw::Target | StmtKw::Sandbox) => {
                let (range, name) = self.first_word(line.lead)?;
                self.add(range, Thing::Platform(name));
                self.source_tickets()
            }
            (ItemKw::Migration, StmtKw::Table) => {
                let (range, name) = self.first_word(line.lead)?;
                self.declare(range, Thing::System(name));
                self.source_tickets()
            }
            (ItemKw::Migration, StmtKw::Secret | StmtKw::Pace) => {
                self.systems(line.lead);
                None
            }
            (ItemKw::Map, StmtKw::Drop) => {
                let (source, _) = signature(self.scope, self.item)?;
                self.fields(line.lead, source);
                Some(source)
            }
            (ItemKw::Map, StmtKw::Require) => {
                let (source, _) = signature(self.scope, self.item)?;
                self.predicate(line.lead, source);
                Some(source)
            }
            (ItemKw::Test, StmtKw::Given) => {
                let (range, name) = self.first_word(line.lead)?;
                let world = self.scope.world;
                if let Some(table) = world.table(&name) {
                    self.add(range, Thing::System(name));
                    return table.kinds.first();
                }
                let kind = world.source()?.kind(&name)?;
                self.add(range, kind_thing(kind));
                Some(kind)
            }
            (ItemKw::Test, StmtKw::Expect) => {
                let (range, name) = self.first_word(line.lead)?;
                let kind = self.scope.world.target()?.kind(&name)?;
                self.add(range, kind_thing(kind));
                Some(kind)
            }
            (ItemKw::Sla, StmtKw::Runs | StmtKw::Pauses | StmtKw::Stops) => {
                let kind = self.source_tickets()?;
                let states = kind.state_field()?;
                let field = kind.field(&states.field)?;
                self.choices(line.lead, Place { kind, field });
                Some(kind)
            }
            (ItemKw::Escalation, StmtKw::Notify) => {
                self.people(line.lead);
                self.objects_behind_kinds(line.lead);
                None
            }
            (ItemKw::Rollback, StmtKw::Message) => {
                self.files(line.lead);
                None
            }
            (ItemKw::Rollback, StmtKw::Trigger) | (ItemKw::Watch, StmtKw::Report) => {
                self.measures(line.lead);
                None
            }
            (ItemKw::Scope, _) => {
                let kind = self.kinds(line.lead);
                if let Some(kind) = kind {
                    for term in self.terms(line.lead) {
                        self.object(term, kind);
                    }
                }
                kind
            }
            (ItemKw::Clean | ItemKw::Backup | ItemKw::Export | ItemKw::Rehearse | ItemKw::GoLive, _) => {
                self.kinds(line.lead)
            }
            _ => None,
        }
    }

    fn member(&mut self, block: ItemKw, members: MemberRule, line: &Line) {
        match members {
            MemberRule::None | MemberRule::Fields => {}
            MemberRule::People(clauses) => {
                if let Some((range, name)) = self.first_word(line.lead) {
                    self.declare(range, Thing::Person(name));
                }
                self.clauses(line, clauses, None);
            }
            MemberRule::Nouns(clauses) => {
                let kind = self.kinds(line.lead);
                self.clauses(line, clauses, kind);
            }
            MemberRule::Rows(clauses) => {
                let Some((source, target)) = signature(self.scope, self.item) else { return };
                self.fields(line.lead, source);
                if let Some(result) = line.result {
                    self.fields(result, target);
                }
                self.clauses(line, clauses, Some(target));
            }
            MemberRule::Pairs(clauses) => {
                let name = cutover_analysis::context::name_of(self.item).map(|(name, _)| name);
                if let (ItemKw::Translate, Some(name)) = (block, name)
                    && let Some((from, to)) = self.scope.translated(&name).first().copied()
                {
                    self.choices(line.lead, from);
                    if let Some(result) = line.result {
                        self.choices(result, to);
                    }
                }
                self.clauses(line, clauses, None);
            }
            MemberRule::Measures => self.measures(line.lead),
        }
    }

    fn field_and_value(&mut self, line: &Line, kind: &'a KindView<'a>) {
        let Some((range, path)) = self.first_word(line.lead) else { return };
        let Some(place) = place(self.scope, kind, &path) else { return };
        self.add(range, place.thing());
        self.choices(line.lead, place);
    }

    fn clauses(&mut self, line: &Line, rules: &[ClauseRule], kind: Option<&'a KindView<'a>>) {
        for clause in &line.clauses {
            self.add(clause.range, Thing::Clause(clause.keyword));
            let takes = rules.iter().find(|rule| rule.keyword == clause.keyword).map(|rule| rule.takes);
            match takes {
                Some(Takes::Person | Takes::People) => self.people(clause.terms),
                Some(Takes::Functions) => {
                    self.functions(clause.terms);
                    if let Some(kind) = kind {
                        self.fields(clause.terms, kind);
                    }
                }
                Some(Takes::Predicate) => {
                    if let Some(kind) = kind {
                        self.predicate(clause.terms, kind);
                    }
                }
                _ => self.clause(line, clause, kind),
            }
        }
    }

    fn clause(&mut self, line: &Line, clause: &Clause, kind: Option<&'a KindView<'a>>) {
        let terms = clause.terms;
        match clause.keyword {
            ClauseKw::On => self.items(terms, &[ItemKw::Calendar]),
            ClauseKw::GatedBy => self.items(terms, &[ItemKw::Check, ItemKw::Criterion]),
            ClauseKw::EscalationsTo => self.people(terms),
            ClauseKw::Inventory | ClauseKw::Template | ClauseKw::ListedIn => self.files(terms),
            ClauseKw::Of => {
                self.systems(terms);
                self.metrics(terms);
            }
            ClauseKw::From if self.item.keyword == Some(ItemKw::Truth) => self.systems(terms),
            ClauseKw::IdentifiedBy
            | ClauseKw::Preferring
            | ClauseKw::ChunkedBy
            | ClauseKw::SpreadOver
            | ClauseKw::KeyedBy => {
                if let Some(kind) = kind {
                    self.fields(terms, kind);
                }
            }
            ClauseKw::OverflowTo => {
                if let Some(kind) = kind {
                    self.fields(terms, kind);
                }
            }
            ClauseKw::With | ClauseKw::EachOf => {
                self.kinds(terms);
            }
            ClauseKw::To | ClauseKw::As => self.objects_behind_kinds(terms),
            ClauseKw::Reads => self.paths(terms),
            ClauseKw::WhenMissing => {
                self.functions(terms);
                let to = line.result.and_then(|result| self.first_word(result));
                if let (Some(kind), Some((_, path))) = (kind, to)
                    && let Some(place) = place(self.scope, kind, &path)
                {
                    self.choices(terms, place);
                }
            }
            ClauseKw::After | ClauseKw::Before | ClauseKw::Until | ClauseKw::From => {
                self.systems(terms);
                self.items(terms, &[ItemKw::Check, ItemKw::Criterion, ItemKw::Wave, ItemKw::Announce]);
            }
            _ => {}
        }
    }

    fn people(&mut self, terms: Terms) {
        for term in self.terms(terms) {
            if let Some(name) = self.word(term).filter(|name| self.scope.names().person(name).is_some()) {
                self.add(term.range, Thing::Person(name));
            }
        }
    }

    fn items(&mut self, terms: Terms, keywords: &[ItemKw]) {
        for term in self.terms(terms) {
            let Some(name) = self.word(term) else { continue };
            let found = keywords.iter().find(|keyword| self.scope.names().item(**keyword, &name).is_some());
            if let Some(keyword) = found {
                self.add(term.range, Thing::Item(*keyword, name));
            }
        }
    }

    fn systems(&mut self, terms: Terms) {
        for term in self.terms(terms) {
            if let Some(name) = self.word(term).filter(|name| self.scope.world.system(name).is_some()) {
                self.add(term.range, Thing::System(name));
            }
        }
    }

    fn functions(&mut self, terms: Terms) {
        for term in self.terms(terms) {
            let Some(name) = self.word(term) else { continue };
            if self.scope.names().item(ItemKw::Translate, &name).is_some() {
                self.add(term.range, Thing::Item(ItemKw::Translate, name));
            } else if functions::find(&name).is_some() {
                self.add(term.range, Thing::Function(name));
            }
        }
    }

    fn metrics(&mut self, terms: Terms) {
        for term in self.terms(terms) {
            if let Some(name) = self.word(term).filter(|name| metrics::find(name).is_some()) {
                self.add(term.range, Thing::Metric(name));
            }
        }
    }

    /// Conditions over figures: metrics, what they are taken of, and what they are compared with.
    fn measures(&mut self, terms: Terms) {
        self.metrics(terms);
        self.kinds(terms);
        self.items(terms, &[ItemKw::Baseline, ItemKw::Integration]);
    }

    /// Kinds of the source, or where it has none of the name, of the target. Gives the last one.
    fn kinds(&mut self, terms: Terms) -> Option<&'a KindView<'a>> {
        let world = self.scope.world;
        let mut last = None;
        for term in self.terms(terms) {
            let Some(name) = self.word(term) else { continue };
            let systems = [world.source(), world.target()];
            if let Some(kind) = systems.into_iter().flatten().find_map(|system| system.kind(&name)) {
                self.add(term.range, kind_thing(kind));
                last = Some(kind);
            }
        }
        last
    }

    fn object(&mut self, term: Term, kind: &KindView<'_>) {
        if term.kind != TermKind::Text {
            return;
        }
        let name = unquote(self.item.raw(term)).into_owned();
        let system = kind.system.to_string();
        self.add(term.range, Thing::Object { system, kind: kind.name.to_owned(), name });
    }

    /// `group "Tier 2"`: the object of the target that a text names behind its kind.
    fn objects_behind_kinds(&mut self, terms: Terms) {
        let terms = self.terms(terms);
        let world = self.scope.world;
        for pair in terms.windows(2) {
            let [kind, name] = pair else { continue };
            let kind = self.word(*kind).and_then(|word| world.target()?.kind(&word));
            if let Some(kind) = kind {
                self.object(*name, kind);
            }
        }
    }

    fn fields(&mut self, terms: Terms, kind: &'a KindView<'a>) {
        for term in self.terms(terms) {
            if let Some(place) = self.word(term).and_then(|path| place(self.scope, kind, &path)) {
                self.add(term.range, place.thing());
            }
        }
    }

    /// `ticket.custom.region`: a kind of the source and a field of it.
    fn paths(&mut self, terms: Terms) {
        for term in self.terms(terms) {
            let Some(word) = self.word(term) else { continue };
            let found = word
                .split_once('.')
                .and_then(|(kind, path)| place(self.scope, self.scope.world.source()?.kind(kind)?, path));
            if let Some(place) = found {
                self.add(term.range, place.thing());
            }
        }
    }

    /// A condition over records of a kind: its fields, the options they are compared with, the kind's words.
    fn predicate(&mut self, terms: Terms, kind: &'a KindView<'a>) {
        let mut last = None;
        for term in self.terms(terms) {
            match term.kind {
                TermKind::Word => {
                    let Some(word) = self.word(term) else { continue };
                    if let Some(place) = place(self.scope, kind, &word) {
                        self.add(term.range, place.thing());
                        last = Some(place);
                    } else if kind.kind.words.contains(&word) {
                        let system = kind.system.to_string();
                        self.add(term.range, Thing::Word { system, kind: kind.name.to_owned(), word });
                    }
                }
                TermKind::Text => {
                    if let Some(place) = last {
                        self.choice(term, place);
                    }
                }
                _ => {}
            }
        }
    }

    fn choices(&mut self, terms: Terms, place: Place<'_>) {
        for term in self.terms(terms) {
            self.choice(term, place);
        }
    }

    fn choice(&mut self, term: Term, place: Place<'_>) {
        if term.kind == TermKind::Text {
            self.add(term.range, place.choice(&unquote(self.item.raw(term))));
        }
    }

    fn files(&mut self, terms: Terms) {
        for term in self.terms(terms) {
            if term.kind == TermKind::Text {
                self.add(term.range, Thing::File(unquote(self.item.raw(term)).into_owned()));
            }
        }
    }
}

fn kind_thing(kind: &KindView<'_>) -> Thing {
    Thing::Kind { system: kind.system.to_string(), kind: kind.name.to_owned() }
}
