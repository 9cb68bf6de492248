//! What rules need to know of maps beyond what stands in the plan: places, fields, who uses which table.

use std::borrow::Cow;

use cutover_diagnostics::Span;
use cutover_ir::Id;
use cutover_ir::map::{Outcome, Pattern, Translate, TranslateRow};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::shared::Shared;
use crate::world::{FieldView, KindView};

/// All maps and translations of a spec.
#[derive(Debug, Default)]
pub struct MapFacts<'a> {
    /// Maps in the order of the spec, generated ones last.
    pub maps: Vec<MapFact<'a>>,
    /// Indexes of maps by the source kind's name.
    pub by_source: Shared<FxHashMap<&'a str, Vec<usize>>>,
    /// Translations by name.
    pub tables: Shared<FxHashMap<String, Table>>,
    /// Kinds of the source whose map names no known kind of the target.
    pub undecided: Shared<FxHashSet<&'a str>>,
    /// The place of `map remaining kinds by catalog`.
    pub remaining: Option<Span>,
    /// Kinds of the source of which objects are imported or built anew.
    pub coming: Shared<FxHashSet<String>>,
}

/// A row that makes internal what customers could read.
#[derive(Clone, Debug)]
pub struct Hides {
    /// Where it stands.
    pub span: Span,
    /// How many records it hides, where the inventory tells.
    pub records: Option<u64>,
    /// What people call them.
    pub plural: String,
}

/// Paths of fields, with the place where a map names each.
pub type Spots<'a> = FxHashMap<Cow<'a, str>, Span>;

/// A map.
#[derive(Debug)]
pub struct MapFact<'a> {
    /// Its id.
    pub id: Id,
    /// Where its signature stands.
    pub span: Span,
    /// The kind that it reads.
    pub source: &'a KindView<'a>,
    /// The kind that it writes.
    pub target: &'a KindView<'a>,
    /// Rows in the order of the spec.
    pub rows: Vec<RowFact>,
    /// Fields that rows read and of which the inventory counted values that cannot be read, each with the place of its row.
    pub unreadable: Vec<(&'a KindView<'a>, FieldView<'a>, Span)>,
    /// Target paths that are set, with the place of the row.
    pub set: Spots<'a>,
    /// Source paths that are read by a row or dropped, with the place.
    pub decided: Spots<'a>,
    /// Where the map leaves the rest to the catalogs.
    pub by_catalog: Option<Span>,
    /// Something in the map is unknown: rules that ask for completeness keep still.
    pub broken: bool,
    /// The row that makes internal what customers could read, and says why.
    pub hides: Option<Hides>,
}

/// What is known of a row of a map besides what stands in the plan, where it has the same id. There are as many as lines in large specs, so
/// nothing stands in both.
#[derive(Debug)]
pub struct RowFact {
    /// Its id.
    pub id: Id,
    /// Its place.
    pub span: Span,
    /// Whether each written value may be missing.
    pub optional: SmallVec<[bool; 8]>,
    /// The table that gives its value, with the known values of the source that go into it.
    pub table: Option<Box<TableUse>>,
}

/// A translation that gives the value of a row.
#[derive(Clone, Debug)]
pub struct TableUse {
    /// Its name.
    pub name: String,
    /// Where the row names it.
    pub span: Span,
    /// What values come in.
    pub domain: Domain,
    /// Whether any text can come in.
    pub free: bool,
}

/// The values that can reach a translation.
#[derive(Clone, Debug, Default)]
pub struct Domain {
    /// Known values with the number of records, where counted.
    pub values: Vec<(String, Option<u64>)>,
    /// Whether there are no others.
    pub closed: bool,
    /// Whether each value that the account holds is counted: then one without a count stands in no record.
    pub counted: bool,
    /// Values of objects that `scope` does not import: they need no line, and one about them is no slip.
    pub left_out: Vec<String>,
}

/// A translation, ready for look-ups.
#[derive(Clone, Debug)]
pub struct Table {
    /// As in the plan.
    pub translate: Translate,
    /// Where its name stands.
    pub span: Span,
    /// The place of each row.
    pub spans: Vec<Span>,
    /// The place of the line `the rest`.
    pub rest_span: Option<Span>,
    /// Why a loss in that line is accepted.
    pub rest_lossy: Option<String>,
    /// The place of each row's value.
    pub value_spans: Vec<Span>,
    /// Something in it is unknown: findings about its gaps would mislead.
    pub broken: bool,
    /// Rows that a known value of some use reaches.
    pub reached: FxHashSet<usize>,
    /// Those among them that a value reaches which really comes: its records are imported.
    pub arrived: FxHashSet<usize>,
    /// How many values of how many records each row decides, over all uses; `None` when some use cannot tell.
    pub records: FxHashMap<usize, Option<u64>>,
    /// The same of the line `the rest`.
    pub rest_records: Option<u64>,
    /// Number of records over all uses, where counted.
    pub of: Option<u64>,
    /// Uses, and whether each knows all its values.
    pub uses: u32,
    /// A use whose values are not all known.
    pub open_use: bool,
    /// A use that asks for no loss to be written down: renaming while cleaning.
    pub used_elsewhere: bool,
    /// What can come in where it says who stands in for a missing person.
    pub roles: Vec<String>,
    /// Uses of that sort of which all is known.
    pub uses_by_role: u32,
    /// Known values of uses that know all of theirs, for suggestions.
    pub known: Vec<String>,
    /// Rows that lose something in some use.
    pub justified: FxHashSet<usize>,
    /// The rest loses something in some use.
    pub rest_justified: bool,
    /// Values that are not decided yet: where they stand, and the first old value of their line.
    pub holes: Vec<(Span, String)>,
    /// Made from the catalogs.
    pub generated: bool,
    exact: FxHashMap<String, usize>,
    folded: FxHashMap<String, usize>,
    wild: Vec<usize>,
}

impl Table {
    /// Indexes a translation. `spans` and `value_spans` are those of its rows, in the same order.
    #[must_use]
    pub fn new(translate: Translate, span: Span, spans: Vec<Span>, value_spans: Vec<Span>) -> Table {
        let mut exact = FxHashMap::default();
        let mut folded = FxHashMap::default();
        let mut wild = Vec::new();
        for (at, row) in translate.rows.iter().enumerate() {
            match &row.pattern {
                Pattern { wildcard: true, .. } => wild.push(at),
                Pattern { any_case: true, text, .. } => {
                    folded.entry(fold(text)).or_insert(at);
                }
                Pattern { text, .. } => {
                    exact.entry(text.clone()).or_insert(at);
                }
            }
        }
        Table {
            translate,
            span,
            spans,
            rest_span: None,
            rest_lossy: None,
            value_spans,
            broken: false,
            reached: FxHashSet::default(),
            arrived: FxHashSet::default(),
            records: FxHashMap::default(),
            rest_records: Some(0),
            of: Some(0),
            uses: 0,
            open_use: false,
            used_elsewhere: false,
            roles: Vec::new(),
            uses_by_role: 0,
            known: Vec::new(),
            justified: FxHashSet::default(),
            rest_justified: false,
            holes: Vec::new(),
            generated: false,
            exact,
            folded,
            wild,
        }
    }

    /// The row that decides a value, `None` where the rest does. The same answer as [`Translate::row`], without looking at each row.
    #[must_use]
    pub fn row(&self, text: &str) -> Option<usize> {
        let exact = self.exact.get(text);
        let folded = || if self.folded.is_empty() { None } else { self.folded.get(&fold(text)) };
        if let Some(at) = exact.or_else(folded) {
            return Some(*at);
        }
        let rows = &self.translate.rows;
        let matching =
            self.wild.iter().copied().filter(|at| rows.get(*at).is_some_and(|r| r.pattern.matches(text)));
        matching.min_by_key(|at| rows.get(*at).map(|row| rank(&row.pattern)))
    }

    /// What a value becomes.
    #[must_use]
    pub fn outcome(&self, text: &str) -> Option<&Outcome> {
        match self.row(text) {
            Some(at) => self.translate.rows.get(at).map(|row: &TranslateRow| &row.outcome),
            None => self.translate.rest.as_ref(),
        }
    }
}

fn rank(pattern: &Pattern) -> (bool, std::cmp::Reverse<usize>, &str) {
    let length = pattern.text.chars().filter(|c| *c != '*').count();
    (pattern.any_case, std::cmp::Reverse(length), &pattern.text)
}

/// Letters whose case differs become the same.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

impl<'a> MapFact<'a> {
    /// The same map, as it was declared: nothing of it is read yet.
    fn declared(&self) -> MapFact<'a> {
        MapFact {
            id: self.id.clone(),
            span: self.span,
            source: self.source,
            target: self.target,
            rows: Vec::new(),
            unreadable: Vec::new(),
            set: FxHashMap::default(),
            decided: FxHashMap::default(),
            by_catalog: None,
            broken: false,
            hides: None,
        }
    }
}

impl<'a> MapFacts<'a> {
    /// The same maps for another thread, before they are read.
    pub(crate) fn beside(&self) -> MapFacts<'a> {
        MapFacts {
            maps: self.maps.iter().map(MapFact::declared).collect(),
            by_source: self.by_source.clone(),
            tables: self.tables.clone(),
            undecided: self.undecided.clone(),
            remaining: self.remaining,
            coming: self.coming.clone(),
        }
    }

    /// Whether objects of this kind of the source are imported or built anew.
    #[must_use]
    pub fn comes(&self, kind: &str) -> bool {
        self.coming.contains(kind)
    }

    /// Whether a map of this kind stands in the spec, whole or not.
    #[must_use]
    pub fn has_map(&self, kind: &str) -> bool {
        self.by_source.contains_key(kind) || self.undecided.contains(kind)
    }

    /// Whether some map could not be read to its end.
    #[must_use]
    pub fn broken(&self) -> bool {
        !self.undecided.is_empty() || self.maps.iter().any(|map| map.broken)
    }

    /// Whether a map is declared from one kind to another.
    #[must_use]
    pub fn declares(&self, source: &str, target: &str) -> bool {
        self.by_source.get(source).is_some_and(|maps| {
            maps.iter().any(|at| self.maps.get(*at).is_some_and(|m| m.target.name == target))
        })
    }
}
