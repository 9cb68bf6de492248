//! The stages while they are being built.

use std::collections::{BTreeMap, BTreeSet};

use cutover_analysis::World;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::map::Map;
use cutover_plan::model::{
    Content, Item, Operation, Pass, Phase, Placement, Plan, Ref, Selection, Stage, StageKind, Undo, Verb,
};

/// Stages and edges so far. Steps add to it; [`crate::build`] turns it into the plan's stages.
#[derive(Debug)]
pub struct Sketch<'a> {
    /// The plan with its items.
    pub plan: &'a Plan,
    /// The systems.
    pub world: &'a World<'a>,
    /// Where items stand, for findings.
    pub places: &'a BTreeMap<Id, Span>,
    /// Stages by id.
    pub stages: BTreeMap<Id, Stage>,
    /// For each stage the stages that it needs, with the reason.
    pub needs: BTreeMap<Id, BTreeMap<Id, String>>,
    /// References between loads that may be written later, so that a circle can be cut there.
    pub cuts: BTreeMap<(Id, Id), Cut>,
    /// Findings.
    pub diagnostics: Vec<Diagnostic>,
    imports: BTreeSet<&'a str>,
    parents: BTreeMap<&'a str, &'a str>,
    maps: BTreeMap<&'a str, Vec<(&'a Id, &'a Map)>>,
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
    pub fn new(plan: &'a Plan, world: &'a World<'a>, places: &'a BTreeMap<Id, Span>) -> Sketch<'a> {
        let mut imports = BTreeSet::new();
        let mut parents = BTreeMap::new();
        let mut maps: BTreeMap<&str, Vec<(&Id, &Map)>> = BTreeMap::new();
        for (id, item) in &plan.items {
            match &item.content {
                Content::Scope(part) => {
                    if part.verb == Verb::Import {
                        imports.insert(part.kind.as_str());
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
            needs: BTreeMap::new(),
            cuts: BTreeMap::new(),
            diagnostics: Vec::new(),
            imports,
            parents,
            maps,
        }
    }

    /// Adds a stage. One that exists already stays as it is.
    pub fn add(&mut self, stage: Stage) {
        self.stages.entry(stage.id.clone()).or_insert(stage);
    }

    /// `later` needs `earlier`, for a reason in plain words. Nothing happens when one of them does not exist, or both are the same.
    pub fn need(&mut self, later: &Id, earlier: &Id, reason: impl Into<String>) {
        if later == earlier || !self.stages.contains_key(later) || !self.stages.contains_key(earlier) {
            return;
        }
        self.needs.entry(later.clone()).or_default().entry(earlier.clone()).or_insert_with(|| reason.into());
    }

    /// The ids of the stages for which `test` holds, in order.
    #[must_use]
    pub fn which(&self, test: impl Fn(&Stage) -> bool) -> Vec<Id> {
        self.stages.values().filter(|stage| test(stage)).map(|stage| stage.id.clone()).collect()
    }

    /// Every stage of `later` needs every stage of `earlier`.
    pub fn need_all(&mut self, later: &[Id], earlier: &[Id], reason: &str) {
        for later in later {
            for earlier in earlier {
                self.need(later, earlier, reason);
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
        self.imports.contains(kind)
    }

    /// The kind with which objects of a kind travel.
    #[must_use]
    pub fn parent(&self, kind: &str) -> Option<&'a str> {
        self.parents.get(kind).copied()
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
pub(crate) fn stage(id: Id, phase: Phase, kind: StageKind, title: impl Into<String>, operation: Operation) -> Stage {
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
