//! The walk over an item.

use cutover_analysis::metrics;
use cutover_analysis::world::KindView;
use cutover_ir::functions;
use cutover_syntax::construct::{BodyRule, ClauseRule, MemberRule, NameRule, Takes, construct};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Clause, Item, Line, Range, Term, TermKind, Terms};
use cutover_syntax::value::{plain_name, unquote};

use super::{Place, Scope, Thing, Use, kind_thing, place, signature};
use crate::listed;

/// All that an item names, as it is met.
pub(super) fn walk<'a>(scope: &'a Scope<'a>, item: &Item) -> Vec<Use> {
    let mut walk = Walk { scope, item, out: Vec::new() };
    walk.item();
    walk.rest();
    walk.out
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

    /// Words of the language that nothing else is said of.
    fn rest(&mut self) {
        let mut taken: Vec<Range> = self.out.iter().map(|one| one.range).collect();
        taken.sort_unstable();
        let free = |range: Range| {
            let behind = taken.partition_point(|one| one.end <= range.start);
            taken.get(behind).is_none_or(|one| range.end <= one.start)
        };
        let words = self.item.terms.iter().enumerate().filter(|(_, term)| term.kind == TermKind::Word);
        let free: Vec<usize> = words.filter(|(_, term)| free(term.range)).map(|(at, _)| at).collect();
        for at in free {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            // A word that another one begins: `same name`.
            let all = u32::try_from(self.item.terms.len()).unwrap_or(u32::MAX);
            let two = Terms { start: at, end: at.saturating_add(2).min(all) };
            self.listed(two, "a word of the language");
        }
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
                self.listed(line.lead, "a clock");
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
            (ItemKw::Sla, StmtKw::Clock) => {
                self.listed(line.lead, "a clock");
                self.source_tickets()
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
            (ItemKw::Rollback, StmtKw::Trigger) => {
                // Behind the keyword stands its name, and behind that the condition.
                let name = self.first_word(line.lead);
                let mut condition = line.terms;
                condition.start = (condition.start + 2).min(condition.end);
                self.measures(condition);
                let (range, name) = name?;
                self.declare(range, Thing::Trigger(name));
                None
            }
            (ItemKw::Rollback, StmtKw::Keep) => {
                self.listed(line.lead, "what is kept of the meantime");
                None
            }
            (ItemKw::Watch, StmtKw::Report) => {
                self.measures(line.terms);
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
            (ItemKw::GoLive, StmtKw::Switch | StmtKw::Hold | StmtKw::Drain) => {
                self.items(line.lead, &[ItemKw::Integration, ItemKw::Inbound]);
                self.listed(line.lead, "a channel");
                None
            }
            (ItemKw::Export, StmtKw::Verify) => {
                self.listed(line.lead, "what is compared of an export");
                None
            }
            (ItemKw::Rehearse, StmtKw::Run) => {
                self.listed(line.lead, "what a rehearsal tries");
                None
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
                let of = match block {
                    ItemKw::Freeze => "rules that stay as they are",
                    ItemKw::Train => "what agents are trained in",
                    ItemKw::Ownership => "what can be left over",
                    _ => "",
                };
                let kind = if of.is_empty() { self.kinds(line.lead) } else { None };
                self.listed(line.lead, of);
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
            MemberRule::Measures => self.measures(line.terms),
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
            if let Some(block) = self.item.keyword {
                self.add(clause.range, Thing::Clause(block, line.statement, clause.keyword));
            }
            let takes = rules.iter().find(|rule| rule.keyword == clause.keyword).map(|rule| rule.takes);
            match takes {
                Some(Takes::Person | Takes::People) => self.people(clause.terms),
                Some(Takes::Functions) => {
                    self.functions(clause.terms);
                    if clause.keyword == ClauseKw::ProvenBy {
                        self.listed(clause.terms, "how silence is proven");
                    }
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
        let block = self.item.keyword;
        match clause.keyword {
            ClauseKw::On if block == Some(ItemKw::Allow) => self.allowed_on(terms),
            ClauseKw::On => self.items(terms, &[ItemKw::Calendar]),
            ClauseKw::GatedBy => self.items(terms, &[ItemKw::Check, ItemKw::Criterion]),
            ClauseKw::EscalationsTo | ClauseKw::Alert => self.people(terms),
            ClauseKw::Inventory | ClauseKw::Template | ClauseKw::ListedIn => self.files(terms),
            ClauseKw::Of => {
                self.systems(terms);
                self.metrics(terms);
                self.listed(terms, "a clock");
                if let Some(kind) = kind {
                    self.fields(terms, kind);
                }
                if block == Some(ItemKw::Inspect) {
                    self.listed(terms, "texts and rules that can be read");
                }
            }
            ClauseKw::From if block == Some(ItemKw::Truth) => {
                self.systems(terms);
                self.items(terms, &[ItemKw::Integration]);
            }
            ClauseKw::IdentifiedBy
            | ClauseKw::Preferring
            | ClauseKw::ChunkedBy
            | ClauseKw::SpreadOver
            | ClauseKw::KeyedBy => {
                if let Some(kind) = kind {
                    self.fields(terms, kind);
                }
                match clause.keyword {
                    ClauseKw::Preferring => self.listed(terms, "which of several equal objects stays"),
                    ClauseKw::ChunkedBy => self.listed(terms, "the length of a piece"),
                    _ => {}
                }
            }
            ClauseKw::OverflowTo => {
                if let Some(kind) = kind {
                    self.fields(terms, kind);
                }
            }
            ClauseKw::With => {
                self.kinds(terms);
            }
            ClauseKw::EachOf => self.listed(terms, "records that a sample holds on purpose"),
            ClauseKw::Role => self.listed(terms, "a role"),
            ClauseKw::Area => self.listed(terms, "a review area"),
            ClauseKw::ReopenedAs => self.listed(terms, "what a reply to an old ticket becomes"),
            ClauseKw::Risk => self.listed(terms, "how much hangs on it"),
            ClauseKw::As if block == Some(ItemKw::Scope) => self.listed(terms, "as what it is built anew"),
            ClauseKw::As if block == Some(ItemKw::Clean) => {
                self.listed(terms, "the state in which something is kept");
                self.objects_behind_kinds(terms);
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
            ClauseKw::From if block == Some(ItemKw::Sla) => {
                if let Some(kind) = kind {
                    self.fields(terms, kind);
                }
            }
            ClauseKw::After | ClauseKw::Before | ClauseKw::Until | ClauseKw::From => {
                self.systems(terms);
                self.items(terms, &[ItemKw::Check, ItemKw::Criterion, ItemKw::Wave, ItemKw::Announce]);
                if block == Some(ItemKw::Decommission) {
                    self.listed(terms, "what has to be over first");
                }
            }
            _ => {}
        }
    }

    /// `on criterion lost`: the item whose keyword and name stand behind `on`.
    fn allowed_on(&mut self, terms: Terms) {
        let all = self.terms(terms);
        let Some((name, words)) = all.split_last() else { return };
        let keyword = words.iter().map(|term| self.item.raw(*term)).collect::<Vec<&str>>().join(" ");
        let found = ItemKw::ALL.iter().find(|one| one.text() == keyword);
        if let (Some(keyword), Some(word)) = (found, self.word(*name))
            && self.scope.names().item(*keyword, &word).is_some()
        {
            self.add(name.range, Thing::Item(*keyword, word));
        }
    }

    /// Words of a closed list of the language, where nothing else has that name.
    fn listed(&mut self, terms: Terms, of: &'static str) {
        let terms = self.terms(terms);
        let mut at = 0;
        while let Some(first) = terms.get(at).copied() {
            // Some have several words: the longest one counts.
            let found = (1..=3).rev().find_map(|words| {
                let part = terms.get(at..at + words)?;
                let last = part.last()?;
                let range = first.range.to(last.range);
                let text =
                    part.iter().map(|term| plain_name(self.item.raw(*term))).collect::<Vec<_>>().join(" ");
                listed::find(of, &text).map(|_| (words, range, text))
            });
            match found {
                // Where something else has that name, it was noted before.
                Some((words, range, text)) => {
                    self.add(range, Thing::Listed(of, text));
                    at += words;
                }
                None => at += 1,
            }
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
        let terms = self.terms(terms);
        for (at, term) in terms.iter().enumerate() {
            let Some(first) = self.word(*term) else { continue };
            // Some have two words: `differing fields`.
            let two = terms.get(at + 1).and_then(|next| {
                let whole = format!("{first}_{}", self.word(*next)?);
                metrics::find(&whole).map(|_| (term.range.to(next.range), whole))
            });
            if let Some((range, whole)) = two {
                self.add(range, Thing::Metric(whole));
            } else if metrics::find(&first).is_some() {
                self.add(term.range, Thing::Metric(first));
            }
        }
    }

    /// Conditions over figures: metrics, what they are taken of, and what they are compared with.
    fn measures(&mut self, terms: Terms) {
        self.metrics(terms);
        let kind = self.kinds(terms).or_else(|| self.source_tickets());
        self.listed(terms, "over many values");
        let begins = self.terms(terms).iter().position(|term| self.item.raw(*term) == "where");
        if let (Some(at), Some(kind)) = (begins.and_then(|at| u32::try_from(at).ok()), kind) {
            self.predicate(Terms { start: (terms.start + at + 1).min(terms.end), end: terms.end }, kind);
        }
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
            if let (Some(found), TermKind::Text) = (kind, name.kind) {
                if let [word, _] = pair {
                    self.add(word.range, kind_thing(found));
                }
                self.object(*name, found);
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
