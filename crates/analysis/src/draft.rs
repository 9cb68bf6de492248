//! What the analysis makes: a plan without stages, the places of its items, findings.

use std::borrow::Borrow;
use std::hash::Hash;

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{DefaultTaken, Item, Plan};
use cutover_syntax::tree::{Item as Written, Line};
use rustc_hash::FxHashMap;

use crate::lower::allow::Allowed;
use crate::shared::Shared;

/// A plan in the making. It exists even when there are errors or holes; only writing it is then forbidden.
#[derive(Debug, Default)]
pub struct Draft {
    /// The plan, without stages.
    pub plan: Shared<Plan>,
    /// Where each id stands in the spec: items, rows, clauses that other findings point to.
    pub places: Shared<Places>,
    /// Where clauses stand, by the id of their item or line and the keyword: `scope/ticket/archive/until`. The plan does not keep them.
    pub spots: Places,
    /// Conditions of tickets at which a clock is done, of which the plan keeps the words: where each stands.
    pub awaited: Vec<(Span, Predicate)>,
    /// Findings so far.
    pub diagnostics: Vec<Diagnostic>,
    /// How many of them lowering found; those of the rules come behind.
    pub lowered: usize,
    /// Decisions of the language that rules notice. They join the plan's when the rules have run.
    pub defaults: Vec<(Id, DefaultTaken)>,
    /// Number of decisions that are still `???`.
    pub holes: u32,
    /// What may stand at a decision that is open, by its place: known only when all that reads it is lowered.
    pub offers: Vec<(Span, Vec<String>)>,
    /// Findings that the spec silences. [`crate::rules::allowed::apply`] does it, once all findings are known.
    pub allowed: Vec<Allowed>,
}

/// Where ids stand. Asked far more often than walked through, so it has no order of its own.
#[derive(Clone, Debug, Default)]
pub struct Places {
    own: FxHashMap<Id, Span>,
    /// Those that another thread noted. They are kept as they came: to hash each of them a second time would cost more than all that is asked of them.
    beside: Option<Box<Places>>,
}

impl Places {
    /// Where an id stands.
    #[must_use]
    pub fn get<Q: Hash + Eq + ?Sized>(&self, id: &Q) -> Option<&Span>
    where
        Id: Borrow<Q>,
    {
        self.layers().find_map(|layer| layer.get(id))
    }

    /// Whether it is known where an id stands.
    #[must_use]
    pub fn contains<Q: Hash + Eq + ?Sized>(&self, id: &Q) -> bool
    where
        Id: Borrow<Q>,
    {
        self.get(id).is_some()
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.own.reserve(more);
    }

    /// Takes places of other ids. Where both know an id, what stands here already stays.
    fn join(&mut self, other: Places) {
        let mut last = &mut self.beside;
        while let Some(layer) = last {
            last = &mut layer.beside;
        }
        *last = Some(Box::new(other));
    }

    /// Remembers where an id stands; a place that is known already stays.
    pub fn insert(&mut self, id: Id, span: Span) {
        if self.beside.as_ref().is_none_or(|beside| !beside.contains(&id)) {
            self.own.entry(id).or_insert(span);
        }
    }

    /// The place of the smallest id: for findings about what stands nowhere.
    #[must_use]
    pub fn first(&self) -> Option<Span> {
        self.layers().flatten().min_by_key(|(id, _)| *id).map(|(_, span)| *span)
    }

    /// Moves them: after an edit the same text stands elsewhere.
    pub fn relocate(&mut self, mut to: impl FnMut(Span) -> Span) {
        let mut layer = Some(self);
        while let Some(Places { own, beside }) = layer {
            #[expect(clippy::iter_over_hash_type, reason = "each place is moved by itself")]
            for span in own.values_mut() {
                *span = to(*span);
            }
            layer = beside.as_deref_mut();
        }
    }

    /// All of them, in the order of ids.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&Id, Span)> {
        let mut all: Vec<(&Id, Span)> = self.layers().flatten().map(|(id, span)| (id, *span)).collect();
        // Stable: of an id in two layers the first one counts.
        all.sort_by_key(|(id, _)| *id);
        all.dedup_by_key(|(id, _)| *id);
        all
    }

    /// Each table of them, the one that counts first.
    fn layers(&self) -> impl Iterator<Item = &FxHashMap<Id, Span>> {
        std::iter::successors(Some(self), |places| places.beside.as_deref()).map(|places| &places.own)
    }
}

impl FromIterator<(Id, Span)> for Places {
    fn from_iter<I: IntoIterator<Item = (Id, Span)>>(places: I) -> Self {
        Self { own: places.into_iter().collect(), beside: None }
    }
}

/// So many candidates are told for an open decision.
pub const CANDIDATES: usize = 5;

impl Draft {
    /// Adds an item; a second one of the same id is reported.
    pub fn add(&mut self, id: Id, span: Span, item: Item) {
        if let Some(first) = self.places.get(&id) {
            self.diagnostics.push(
                Diagnostic::error("names/duplicate", "two items have the same name")
                    .primary(span, format!("`{id}` a second time"))
                    .secondary(*first, "the first time")
                    .help(
                        "the plan, sign-offs and other items name it by this; give one of them another name",
                    ),
            );
            return;
        }
        self.places.insert(id.clone(), span);
        let mut item = item;
        if let Some(name) = item.was.take() {
            let beside = id.as_str().rsplit_once('/').map_or("", |(kind, _)| kind);
            let was = Id::new(beside.split('/').chain([name.as_str()]));
            if was == id {
                self.diagnostics.push(
                    Diagnostic::error("names/was#itself", "an item keeps what was said of its old name")
                        .primary(span, "it is called so now")
                        .help("remove `was`"),
                );
            } else {
                item.was = Some(was);
            }
        }
        self.plan.items.insert(id, item);
    }

    /// Takes what another thread made of other items.
    pub(crate) fn join(&mut self, other: Draft) {
        let Draft { plan, places, spots, awaited, diagnostics, lowered: _, defaults, holes, offers, allowed } =
            other;
        let (plan, places) = (plan.into_inner(), places.into_inner());
        for (id, item) in plan.items {
            // Of two items of one name the first one stays, and the second one is reported.
            match places.get(&id) {
                Some(span) if self.plan.items.contains_key(&id) => self.add(id, *span, item),
                _ => {
                    self.plan.items.insert(id, item);
                }
            }
        }
        self.places.join(places);
        self.plan.losses.extend(plan.losses);
        self.plan.defaults.extend(plan.defaults);
        self.spots.join(spots);
        self.awaited.extend(awaited);
        self.diagnostics.extend(diagnostics);
        self.defaults.extend(defaults);
        self.holes += holes;
        self.offers.extend(offers);
        self.allowed.extend(allowed);
    }

    /// Remembers where an id that is no item stands.
    pub fn place(&mut self, id: Id, span: Span) {
        self.places.insert(id, span);
    }

    /// Remembers where the clauses of an item or a line stand, for findings that see the plan only.
    pub fn clauses(&mut self, id: &Id, item: &Written, line: &Line) {
        for clause in &line.clauses {
            self.spots.insert(id.child(clause.keyword.text()), item.span_of(clause.terms));
        }
    }

    /// Writes down what the language decides because the spec does not.
    pub fn take_default(&mut self, id: &Id, what: &str, value: impl Into<String>) {
        let taken = DefaultTaken { what: what.to_owned(), value: value.into() };
        self.plan.defaults.insert(id.clone(), taken);
    }

    /// Reports a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Counts a hole, reported as a finding that forbids writing the plan.
    pub fn hole(&mut self, span: Span, what: &str) {
        self.holes += 1;
        self.diagnostics.push(
            Diagnostic::error("holes/open", "a decision is still open")
                .primary(span, format!("{what} is not decided yet"))
                .help("replace `???` before a plan can be written; everything around it is checked"),
        );
    }

    /// Counts a hole for which it is known what may stand there, the likeliest first.
    pub fn hole_of(&mut self, span: Span, what: &str, candidates: Vec<String>) {
        self.hole(span, what);
        self.offers.push((span, candidates));
    }

    /// Tells with each open decision what may stand there. Of a translation that several fields use, all of them say something.
    pub fn tell_offers(&mut self) {
        let mut offers = std::mem::take(&mut self.offers);
        offers.sort_by_key(|(span, _)| *span);
        for hole in self.diagnostics.iter_mut().filter(|one| one.code.starts_with("holes/")) {
            let Some(span) = hole.span() else { continue };
            let from = offers.partition_point(|(at, _)| *at < span);
            let here = offers.get(from..).unwrap_or_default().iter().take_while(|(at, _)| *at == span);
            let mut said: Vec<&str> = Vec::new();
            for candidate in here.flat_map(|(_, candidates)| candidates) {
                if said.len() < CANDIDATES && !said.contains(&candidate.as_str()) {
                    said.push(candidate);
                }
            }
            match said.as_slice() {
                [] => {}
                [one] => hole.help.push(format!("a candidate is `{one}`").into()),
                more => hole.help.push(format!("candidates are `{}`", more.join("`, `")).into()),
            }
        }
    }
}
