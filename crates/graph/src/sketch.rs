//! The stages while they are being built.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cutover_analysis::{Places, World};
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::Map;
use cutover_plan::model::{
    Content, DefaultTaken, Item, Operation, Pass, Phase, Placement, Plan, Ref, Selection, Stage, StageKind,
    Undo, Verb,
};
use rustc_hash::FxHashMap;

/// Stages and edges so far. Steps add to it; [`crate::build`] turns it into the plan's stages.
#[derive(Debug)]
pub struct Sketch<'a> {
    /// The plan with its items.
    pub plan: &'a Plan,
    /// The systems.
    pub world: &'a World<'a>,
    /// Where items stand, for findings.
    pub places: &'a Places,
    /// Stages by id. [`Sketch::add`] adds them.
    pub stages: BTreeMap<Id, Stage>,
    /// What waits for what, in the order in which it was found; of two edges between the same stages the first one counts.
    pub(crate) needs: Vec<Edge>,
    /// References between loads that may be written later, so that a circle can be cut there.
    pub cuts: BTreeMap<(Id, Id), Cut>,
    /// Findings.
    pub diagnostics: Vec<Diagnostic>,
    /// What the estimates take for granted, for the plan's list of defaults.
    pub(crate) defaults: BTreeMap<Id, DefaultTaken>,
    /// Stages by number, for edges: there are many more edges than stages.
    numbers: FxHashMap<Id, u32>,
    imports: BTreeMap<&'a str, Vec<&'a Id>>,
    parents: BTreeMap<&'a str, &'a str>,
    maps: BTreeMap<&'a str, Vec<(&'a Id, &'a Map)>>,
}

/// One stage waits for another.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The number of the stage that waits.
    pub(crate) later: u32,
    /// The number of the stage that it waits for.
    pub(crate) earlier: u32,
    /// Why, in plain words.
    pub(crate) reason: Cow<'static, str>,
}

/// A reference that can be written after both records exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Kind in the target that holds the reference.
    pub kind: String,
    /// The field.
    pub field: String,
    /// The kind to which it points.
    pub to: String,
}

impl<'a> Sketch<'a> {
    /// A sketch without stages.
    #[must_use]
    pub fn new(plan: &'a Plan, world: &'a World<'a>, places: &'a Places) -> Sketch<'a> {
        let mut imports: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
        let mut parents = BTreeMap::new();
        let mut maps: BTreeMap<&str, Vec<(&Id, &Map)>> = BTreeMap::new();
        for (id, item) in &plan.items {
            match &item.content {
                Content::Scope(part) => {
                    if part.verb == Verb::Import {
                        imports.entry(part.kind.as_str()).or_default().push(id);
                    }
                    if let Some(with) = &part.with_kind {
                        parents.entry(part.kind.as_str()).or_insert(with.as_str());
                    }
                }
                Content::Map(map) => maps.entry(&map.source).or_default().push((id, map)),
                _ => {}
            }
        }
        Sketch {
            plan,
            world,
            places,
            stages: BTreeMap::new(),
            needs: Vec::new(),
            cuts: BTreeMap::new(),
            diagnostics: Vec::new(),
            defaults: BTreeMap::new(),
            numbers: FxHashMap::default(),
            imports,
            parents,
            maps,
        }
    }

    /// Adds a stage. A second one of the same id is reported: sign-offs and other stages could not tell the two apart.
    pub fn add(&mut self, stage: Stage) {
        if let Some(first) = self.stages.get(&stage.id) {
            let finding = self.duplicate(first, &stage);
            self.diagnostics.push(finding);
            return;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(stage.id.clone(), number);
        self.stages.insert(stage.id.clone(), stage);
    }

    fn duplicate(&self, first: &Stage, second: &Stage) -> Diagnostic {
        let finding = Diagnostic::error("graph/duplicate-stage", "two stages of the plan have the same name")
            .help("name one of them differently, or cut the export by another field: sign-offs and other stages know a stage by its name");
        let place = |stage: &Stage| stage.items.iter().find_map(|item| self.places.get(&item.0)).copied();
        let (first_at, second_at) = (place(first), place(second));
        // A stage that no item asks for stands nowhere; the plan still must not be written.
        let Some(at) = second_at.or(first_at).or_else(|| self.places.first()) else {
            return finding;
        };
        let finding = finding.primary(at, format!("`{}` a second time", second.id));
        match first_at.filter(|first| *first != at) {
            Some(first) => finding.secondary(first, "the first time"),
            None => finding,
        }
    }

    /// Writes down what is taken for granted because nobody says it.
    pub(crate) fn take_default(&mut self, id: Id, what: &str, value: String) {
        self.defaults.insert(id, DefaultTaken { what: what.to_owned(), value });
    }

    /// An id for a stage of which there is one, in a place where stages bear names that people choose: `stage/verify/night`, and
    /// `stage/verify/night/all` when a wave is called `night`.
    pub(crate) fn free(&self, parts: &[&str]) -> Id {
        let id = Id::new(parts.iter().copied());
        if self.stages.contains_key(&id) { id.child("all") } else { id }
    }

    /// The number of a stage, by which edges name it.
    pub(crate) fn number(&self, id: &Id) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// `later` needs `earlier`, for a reason in plain words. Nothing happens when one of them does not exist, or both are the same.
    pub fn need(&mut self, later: &Id, earlier: &Id, reason: impl Into<Cow<'static, str>>) {
        if let (Some(later), Some(earlier)) = (self.number(later), self.number(earlier)) {
            self.edge(later, earlier, reason.into());
        }
    }

    fn edge(&mut self, later: u32, earlier: u32, reason: Cow<'static, str>) {
        if later != earlier {
            self.needs.push(Edge { later, earlier, reason });
        }
    }

    /// The ids of the stages for which `test` holds, in order.
    #[must_use]
    pub fn which(&self, test: impl Fn(&Stage) -> bool) -> Vec<Id> {
        self.stages.values().filter(|stage| test(stage)).map(|stage| stage.id.clone()).collect()
    }

    /// Every stage of `later` needs every stage of `earlier`.
    pub fn need_all(&mut self, later: &[Id], earlier: &[Id], reason: impl Into<Cow<'static, str>>) {
        let reason = reason.into();
        let earlier: Vec<u32> = earlier.iter().filter_map(|id| self.number(id)).collect();
        for later in later {
            let Some(later) = self.number(later) else { continue };
            for earlier in &earlier {
                self.edge(later, *earlier, reason.clone());
            }
        }
    }

    /// Items of the plan, by id.
    pub fn items(&self) -> impl Iterator<Item = (&'a Id, &'a Item)> + use<'a> {
        self.plan.items.iter()
    }

    /// Whether records of a source kind are imported.
    #[must_use]
    pub fn imports(&self, kind: &str) -> bool {
        self.imports.contains_key(kind)
    }

    /// The lines of the scope that import records of a source kind.
    #[must_use]
    pub fn imports_of(&self, kind: &str) -> &[&'a Id] {
        self.imports.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The kind with which objects of a kind travel.
    #[must_use]
    pub fn parent(&self, kind: &str) -> Option<&'a str> {
        self.parents.get(kind).copied()
    }

    /// The kind at the top of those with which objects of a kind travel; the kind itself when it travels alone.
    #[must_use]
    pub fn root<'k>(&self, kind: &'k str) -> &'k str
    where
        'a: 'k,
    {
        let mut at = kind;
        // Catalogs nest three deep at most: a file of a reply of a ticket.
        for _ in 0..8 {
            match self.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// All maps, by source kind.
    #[must_use]
    pub fn maps(&self) -> Vec<(&'a Id, &'a Map)> {
        self.maps.values().flatten().copied().collect()
    }

    /// The maps of a source kind.
    #[must_use]
    pub fn maps_of(&self, kind: &str) -> &[(&'a Id, &'a Map)] {
        self.maps.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Stages by what `key` says of them; one pass over all stages.
    #[must_use]
    pub fn index(&self, key: impl Fn(&Stage) -> Option<&str>) -> BTreeMap<String, Vec<Id>> {
        let mut index: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        for stage in self.stages.values() {
            if let Some(key) = key(stage) {
                index.entry(key.to_owned()).or_default().push(stage.id.clone());
            }
        }
        index
    }
}

/// A stage with nothing but what every stage has; people and conditions come from `item`.
#[must_use]
pub(crate) fn stage(
    id: Id,
    phase: Phase,
    kind: StageKind,
    title: impl Into<String>,
    operation: Operation,
) -> Stage {
    let placement = match phase {
        Phase::Night => Placement::In,
        Phase::Prove | Phase::After | Phase::Close => Placement::After,
        _ => Placement::Before,
    };
    Stage {
        id,
        digest: String::new(),
        phase,
        kind,
        title: title.into(),
        owner: None,
        signed_by: Vec::new(),
        needs: Vec::new(),
        items: Vec::new(),
        operation,
        pass: match kind {
            StageKind::Automatic => Pass::Verified,
            StageKind::Gate => Pass::Signed,
            StageKind::Watch => Pass::TimeOver,
        },
        verification: Vec::new(),
        undo: Undo::NotNeeded,
        placement,
        not_before: None,
        due: None,
        estimate: None,
    }
}

/// Gives a stage the owner, signers and item of an item.
#[must_use]
pub(crate) fn carries(mut stage: Stage, id: &Id, item: &Item) -> Stage {
    stage.owner = item.owner.clone();
    stage.signed_by = item.signed_by.clone();
    stage.items = vec![Ref(id.clone())];
    stage
}

/// A short name for a selection, for ids: nothing for all, `rest`, or the last part of the item's id.
#[must_use]
pub(crate) fn selection_name(id: &Id, which: &Selection) -> Option<String> {
    match which {
        Selection::All => None,
        Selection::Rest(_) | Selection::RestNamed(_) => Some("rest".to_owned()),
        Selection::Where(_) | Selection::Named(_) => id.as_str().rsplit('/').next().map(str::to_owned),
    }
}

/// `first_response` as `first response`.
#[must_use]
pub(crate) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}
