//! The stages while they are being built.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use cutover_analysis::{Places, World};
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::Map;
use cutover_plan::model::{
    Content, DefaultTaken, Item, Operation, Pass, Phase, Placement, Plan, Ref, Selection, Stage, StageKind,
    Undo, Verb, Words,
};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Stages and edges so far. Steps add to it; [`crate::build`] turns it into the plan's stages.
#[derive(Debug)]
pub struct Sketch<'a> {
    /// The plan with its items.
    pub plan: &'a Plan,
    /// The systems.
    pub world: &'a World<'a>,
    /// Where items stand, for findings.
    pub places: &'a Places,
    /// Stages in the order in which they were made. [`Sketch::add`] adds them.
    pub(crate) stages: Vec<Stage>,
    /// What waits for what, in the order in which it was found; of two edges between the same stages the first one counts.
    pub(crate) needs: Vec<Edge>,
    /// Findings.
    pub diagnostics: Vec<Diagnostic>,
    /// What the estimates take for granted, for the plan's list of defaults.
    pub(crate) defaults: BTreeMap<Id, DefaultTaken>,
    numbers: FxHashMap<Id, Node>,
    imports: FxHashMap<&'a str, Vec<&'a Id>>,
    parents: FxHashMap<&'a str, &'a str>,
    /// All maps, those of one source kind together.
    maps: Vec<(&'a Id, &'a Map)>,
    /// Where those of a source kind stand.
    by_source: FxHashMap<&'a str, Range<usize>>,
}

/// A stage by its number in [`Sketch::stages`]: steps name stages by it, since there are many more edges than stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

/// Stages that belong to one name: seldom more than two.
pub(crate) type Nodes = SmallVec<[Node; 2]>;

/// One stage waits for another.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// The stage that waits; its rank, once edges are ranked.
    pub(crate) later: u32,
    /// The stage that it waits for.
    pub(crate) earlier: u32,
    /// Why, in plain words.
    pub(crate) reason: Cow<'static, str>,
}

impl<'a> Sketch<'a> {
    /// A sketch without stages.
    #[must_use]
    pub fn new(plan: &'a Plan, world: &'a World<'a>, places: &'a Places) -> Sketch<'a> {
        let mut imports: FxHashMap<&str, Vec<&Id>> = FxHashMap::default();
        let mut parents = FxHashMap::default();
        let mut maps: Vec<(&Id, &Map)> = Vec::new();
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
                Content::Map(map) => maps.push((id, map)),
                _ => {}
            }
        }
        maps.sort_by(|(_, a), (_, b)| a.source.cmp(&b.source));
        let mut by_source: FxHashMap<&str, Range<usize>> = FxHashMap::default();
        for (at, (_, map)) in maps.iter().enumerate() {
            by_source.entry(&map.source).or_insert(at..at).end = at + 1;
        }
        Sketch {
            plan,
            world,
            places,
            // A map brings about three stages, a line of the scope one. What is not used of it costs nothing; growing moves large values.
            stages: Vec::with_capacity(plan.items.len() * 2),
            // About four edges lead from each stage.
            needs: Vec::with_capacity(plan.items.len() * 8),
            diagnostics: Vec::new(),
            defaults: BTreeMap::new(),
            numbers: FxHashMap::default(),
            imports,
            parents,
            maps,
            by_source,
        }
    }

    /// Adds a stage and gives its number. A second one of the same id is reported, and the number is that of the first: sign-offs and
    /// other stages could not tell the two apart.
    pub fn add(&mut self, stage: Stage) -> Node {
        if let Some(known) = self.node(&stage.id) {
            let first = self.stage(known);
            let finding = first.map(|first| self.duplicate(first, &stage));
            self.diagnostics.extend(finding);
            return known;
        }
        let node = Node(u32::try_from(self.stages.len()).unwrap_or(u32::MAX));
        self.numbers.insert(stage.id.clone(), node);
        self.stages.push(stage);
        node
    }

    /// The number of a stage.
    pub(crate) fn node(&self, id: &Id) -> Option<Node> {
        self.numbers.get(id).copied()
    }

    /// A stage by its number.
    pub(crate) fn stage(&self, node: Node) -> Option<&Stage> {
        self.stages.get(node.0 as usize)
    }

    /// A stage by its number, to be changed. Its id stays.
    pub(crate) fn stage_mut(&mut self, node: Node) -> Option<&mut Stage> {
        self.stages.get_mut(node.0 as usize)
    }

    /// All stages with their numbers.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (Node, &Stage)> {
        (0..).map(Node).zip(&self.stages)
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
        if self.numbers.contains_key(&id) { id.child("all") } else { id }
    }

    /// `later` needs `earlier`, for a reason in plain words. Nothing happens when both are the same.
    pub fn need(&mut self, later: Node, earlier: Node, reason: impl Into<Cow<'static, str>>) {
        if later != earlier {
            self.needs.push(Edge { later: later.0, earlier: earlier.0, reason: reason.into() });
        }
    }

    /// The stages for which `test` holds, in the order in which they were made.
    #[must_use]
    pub fn which(&self, test: impl Fn(&Stage) -> bool) -> Vec<Node> {
        self.nodes().filter(|(_, stage)| test(stage)).map(|(node, _)| node).collect()
    }

    /// Every stage of `later` needs every stage of `earlier`.
    pub fn need_all(&mut self, later: &[Node], earlier: &[Node], reason: impl Into<Cow<'static, str>>) {
        let reason = reason.into();
        for later in later {
            for earlier in earlier {
                self.need(*later, *earlier, reason.clone());
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
        self.maps.clone()
    }

    /// The maps of a source kind.
    #[must_use]
    pub fn maps_of(&self, kind: &str) -> &[(&'a Id, &'a Map)] {
        self.by_source.get(kind).and_then(|at| self.maps.get(at.clone())).unwrap_or_default()
    }

    /// Stages by what `key` says of them, for look-ups; one pass over all stages.
    #[must_use]
    pub(crate) fn index(&self, key: impl Fn(&Stage) -> Option<&str>) -> FxHashMap<String, Nodes> {
        let mut index: FxHashMap<String, Nodes> = FxHashMap::default();
        for (node, stage) in self.nodes() {
            if let Some(key) = key(stage) {
                match index.get_mut(key) {
                    Some(nodes) => nodes.push(node),
                    None => {
                        index.insert(key.to_owned(), Nodes::from_slice(&[node]));
                    }
                }
            }
        }
        index
    }
}

/// What is compared of files: counts and checksums.
pub(crate) static CHECKSUMS: LazyLock<Words> = LazyLock::new(|| words(["counts", "checksums"]));
/// What is compared of single writes: counts, and what the desk shows afterwards.
pub(crate) static READ_BACK: LazyLock<Words> = LazyLock::new(|| words(["counts", "read_back"]));

/// Words for a stage.
pub(crate) fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Words {
    words.into_iter().map(str::to_owned).collect()
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
        verification: Words::default(),
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
