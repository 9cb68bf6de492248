//! Lists of what may be written: people, functions, kinds, fields, options, conditions.

use std::collections::BTreeSet;

use cutover_analysis::lower::words;
use cutover_analysis::metrics;
use cutover_analysis::read::names::written;
use cutover_analysis::world::{KindView, System};
use cutover_ir::{Type, functions};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::predicate::Comparison;
use cutover_syntax::tree::{Line, Term, TermKind};
use cutover_syntax::value::{plain_name, unquote};
use lsp_types::CompletionItemKind as Kind;

use super::{Candidate, Found, names, quoted, said};
use crate::spot::{Within, is_open};
use crate::things::{Place, behind, place};
use crate::words as say;

impl<'a> Found<'a> {
    pub(super) fn people(&mut self) {
        let teams = self.scope.cx.items.iter().filter(|item| item.keyword == Some(ItemKw::Team));
        for item in teams {
            for line in item.body_lines() {
                let Some(name) = names(item, line.lead).into_iter().next() else { continue };
                self.out.push(Candidate::new(Kind::VALUE, written(&name), say::person(item, line)));
            }
        }
    }

    pub(super) fn functions(&mut self) {
        self.declared(ItemKw::Translate);
        for function in functions::all() {
            self.add(Kind::FUNCTION, function.name, function.summary);
        }
        if self.item.is_some_and(|item| item.keyword == Some(ItemKw::Map)) {
            self.add(Kind::KEYWORD, "catalog", "fields that mean the same");
        }
    }

    pub(super) fn declared(&mut self, keyword: ItemKw) {
        for name in self.scope.names().all(keyword) {
            let title = self
                .scope
                .names()
                .item(keyword, name)
                .and_then(|(item, _)| cutover_analysis::context::title_of(item));
            self.out.push(Candidate::new(
                Kind::REFERENCE,
                written(name),
                title.unwrap_or_else(|| keyword.text().to_owned()),
            ));
        }
    }

    /// Files of the project whose names end so.
    pub(super) fn files(&mut self, ends: &[&str]) {
        for file in (self.files)() {
            let end = file.rsplit_once('.').map(|(_, end)| end).unwrap_or_default();
            if ends.contains(&end) {
                self.add(Kind::FILE, quoted(&file), "");
            }
        }
    }

    pub(super) fn zones(&mut self) {
        for zone in cutover::editor::zones() {
            self.add(Kind::VALUE, quoted(&zone), "");
        }
    }

    /// The places that the spec names already, as `in` takes them: most things are kept in the same few.
    pub(super) fn stores(&mut self) {
        let mut named = BTreeSet::new();
        for item in &self.scope.cx.items {
            if matches!(item.keyword, Some(ItemKw::Migration | ItemKw::Team)) {
                continue;
            }
            let mut open: Vec<&Line> = item.head().into_iter().collect();
            while let Some(line) = open.pop() {
                open.extend(line.body_lines());
                // Behind a quote that nobody closed, texts are what stands between texts.
                if item.get(line.terms).iter().any(|term| is_open(item.raw(*term))) {
                    continue;
                }
                let said = line.clause(ClauseKw::In).map(|clause| item.get(clause.terms)).unwrap_or_default();
                let texts = said.iter().filter(|term| {
                    let span = item.span(term.range);
                    let written = (span.start..=span.end).contains(&self.at)
                        && self.item.is_some_and(|here| std::ptr::eq(here, *item));
                    term.kind == TermKind::Text && !written
                });
                named.extend(texts.map(|term| unquote(item.raw(*term)).into_owned()));
            }
        }
        for store in named.into_iter().filter(|store| !store.trim().is_empty()) {
            self.add(Kind::VALUE, quoted(&store), "a place that the spec names");
        }
    }

    /// Items by keyword and name, as `on` takes them.
    pub(super) fn items(&mut self) {
        for item in &self.scope.cx.items {
            if let Some((name, title)) = say::item(item).filter(|_| item.keyword != Some(ItemKw::Allow)) {
                self.out.push(Candidate::new(Kind::REFERENCE, name, title));
            }
        }
    }

    pub(super) fn tables(&mut self) {
        for table in self.scope.world.systems.iter().filter(|system| system.table) {
            self.out.push(Candidate::new(Kind::MODULE, &*table.name, "a table"));
        }
    }

    /// The fields of the records to which a name with a dot leads from records of `kind`: `crm.`, `requester.`.
    pub(super) fn behind_dot(&mut self, kind: &'a KindView<'a>) {
        let Some((path, _)) = self.typed.rsplit_once('.') else { return };
        let Some(kind) = behind(self.scope, kind, &plain_name(path)) else { return };
        for field in kind.fields() {
            let name = format!("{path}.{}", written(&field.path()));
            self.out.push(Candidate::new(Kind::FIELD, name, say::type_of(kind, field)));
        }
    }

    pub(super) fn kinds(&mut self, system: Option<&'a System<'a>>, besides: &[&str]) {
        let many = self.item.is_some_and(|item| !matches!(item.keyword, Some(ItemKw::Map | ItemKw::Test)));
        for kind in system.into_iter().flat_map(|system| &system.kinds) {
            let name = if many { kind.plural.as_str() } else { kind.name };
            let detail = kind.count().map_or_else(
                || kind.title().to_owned(),
                |count| format!("{} in the account", say::count(count)),
            );
            self.out.push(Candidate::new(Kind::CLASS, written(name), detail));
        }
        self.list(besides, "");
    }

    pub(super) fn fields(&mut self, kind: &'a KindView<'a>, without: &BTreeSet<String>) {
        for field in kind.fields() {
            let path = field.path();
            if !without.contains(&path) {
                self.out.push(Candidate::new(Kind::FIELD, written(&path), say::type_of(kind, field)));
            }
        }
    }

    /// Fields of the source that a map does not mention yet.
    pub(super) fn undecided(&mut self, kind: &'a KindView<'a>, map: &Line) {
        let Some(item) = self.item else { return };
        let decided = map.body_lines().iter().flat_map(|line| names(item, line.lead)).collect();
        self.fields(kind, &decided);
    }

    pub(super) fn between(&self) -> Vec<(Place<'a>, Place<'a>)> {
        let name = self.item.and_then(cutover_analysis::context::name_of);
        name.map(|(name, _)| self.scope.translated(&name)).unwrap_or_default()
    }

    /// Options of the source that a translation does not mention yet.
    pub(super) fn untranslated(&mut self, table: &Line) {
        let said = said(self.item, Some(table));
        for (from, _) in self.between() {
            self.options(from, &said);
        }
        self.add(Kind::KEYWORD, "the rest", "all that no other line matches");
        self.add(Kind::KEYWORD, "any case", "whatever the letters' case");
    }

    pub(super) fn options(&mut self, place: Place<'a>, without: &BTreeSet<String>) {
        for (option, count) in say::options(place) {
            if !without.contains(&option) {
                let detail = count
                    .map_or_else(String::new, |count| format!("{} {}", say::count(count), place.kind.plural));
                self.out.push(Candidate::new(Kind::ENUM_MEMBER, quoted(&option), detail));
            }
        }
        let ty = place.kind.type_of(place.field);
        if ty.required() == &Type::Bool {
            self.list(&["yes", "no"], "");
        }
        self.referred(ty.required(), without);
    }

    /// The objects that a reference can point to, where the inventory lists them.
    fn referred(&mut self, ty: &Type, without: &BTreeSet<String>) {
        let (system, kinds) = match ty {
            Type::Ref(to) => to.split_once('/').unwrap_or_default(),
            Type::List(of) => return self.referred(of.required(), without),
            _ => return,
        };
        let Some(system) = self.scope.world.system(system) else { return };
        for kind in kinds.split('|').filter_map(|kind| system.kind(kind)) {
            for object in system.objects(kind.name).unwrap_or_default() {
                if !without.contains(&*object.name) {
                    self.add(Kind::ENUM_MEMBER, quoted(&object.name), kind.title());
                }
            }
        }
    }

    pub(super) fn objects(&mut self, at: &Within<'a>) {
        let Some(kind) =
            at.before.first().and_then(|term| self.name(*term)).and_then(|name| self.source()?.kind(&name))
        else {
            return;
        };
        for object in self.source().and_then(|system| system.objects(kind.name)).unwrap_or_default() {
            let used =
                object.used.map_or_else(String::new, |used| format!("used {} times", say::count(used)));
            self.add(Kind::VALUE, quoted(&object.name), used);
        }
    }

    pub(super) fn nouns(&mut self, keyword: ItemKw) {
        match keyword {
            ItemKw::Freeze => self.list(words::FROZEN_RULES, "rules that stay as they are"),
            ItemKw::Train => self.list(words::SCENARIOS, "what agents try"),
            _ => self.kinds(self.source(), &[]),
        }
    }

    pub(super) fn measures(&mut self) {
        for metric in metrics::METRICS {
            self.add(Kind::FUNCTION, metric.name, metric.means);
        }
        self.list(metrics::STATISTICS, "over many values");
    }

    pub(super) fn condition(&mut self, before: &[Term], kind: &'a KindView<'a>) {
        let Some(item) = self.item else { return };
        let joins = |term: &Term| {
            matches!(item.raw(*term), "and" | "or" | "not" | "(") || term.kind == TermKind::Open
        };
        let Some(last) = before.last() else {
            return self.operands(kind);
        };
        let field = before.iter().rev().find_map(|term| {
            (term.kind == TermKind::Word)
                .then(|| place(self.scope, kind, &plain_name(item.raw(*term))))
                .flatten()
        });
        // The value's place in a list: `one of ("a", `.
        let compared = before.iter().rposition(|term| matches!(item.raw(*term), "is" | "has" | "of"));
        let since = compared.map_or(before, |at| before.get(at..).unwrap_or_default());
        match field {
            _ if joins(last) && compared.is_none_or(|at| at + 1 < before.len() && item.raw(*last) != "(") => {
                self.operands(kind)
            }
            Some(place)
                if compared.is_some()
                    && !since.iter().any(|term| matches!(item.raw(*term), "and" | "or")) =>
            {
                self.options(place, &BTreeSet::new());
                self.list(&["not", "empty", "one of", "and", "or"], "");
            }
            Some(_) => {
                for (comparison, _) in Comparison::ALL {
                    self.add(Kind::OPERATOR, comparison.text(), "");
                }
            }
            None => self.list(&["and", "or"], ""),
        }
    }

    pub(super) fn operands(&mut self, kind: &'a KindView<'a>) {
        self.fields(kind, &BTreeSet::new());
        for (word, meaning) in kind.kind.words.iter() {
            self.add(Kind::FUNCTION, word, &*meaning.means);
        }
        self.list(&["unfinished", "finished", "not"], "");
    }
}
