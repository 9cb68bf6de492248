//! What every lowering needs: the world, the names that the spec declares, and the draft.

use cutover_calendar::Zone;
use cutover_diagnostics::{Diagnostic, FileId, Span};
use cutover_ir::time::Instant;
use cutover_syntax::construct::{NameRule, construct};
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::tree::{Item, SourceFile, TermKind};
use cutover_syntax::value::plain_name;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::draft::Draft;
use crate::lower::maps::facts::MapFacts;
use crate::lower::scope::Decided;
use crate::shared::Shared;
use crate::world::World;

/// The SHA-256 of files that the spec names, by the file that names one and the path as it is written there.
pub type Assets = FxHashMap<(FileId, String), String>;

/// The state of an analysis.
#[derive(Debug)]
pub struct Context<'a> {
    /// The systems.
    pub world: &'a World<'a>,
    /// The items of all files, in the order of the files.
    pub items: Vec<&'a Item>,
    /// Names that the spec declares.
    pub names: Shared<Names<'a>>,
    /// Files of the project that exist: templates and lists.
    pub assets: &'a Assets,
    /// The window, once the migration is read.
    pub window: Option<Window>,
    /// The earliest and the latest time that the spec names, in seconds since 1970.
    pub times: Option<(i64, i64)>,
    /// Kinds whose names were written wrongly, and where.
    pub meant: Vec<(&'a str, Span)>,
    /// The lines of `scope`, as they are written.
    pub decided: Shared<Vec<Decided<'a>>>,
    /// Maps and translations, as rules see them.
    pub maps: MapFacts<'a>,
    /// The items that are looked into, by file and first byte: of all others only what these need to know. All of them, if there is none.
    pub focus: Option<FxHashSet<(FileId, u32)>>,
    /// What is made.
    pub draft: Draft,
}

/// The migration's window.
#[derive(Clone, Debug)]
pub struct Window {
    /// First instant.
    pub start: Instant,
    /// Last instant.
    pub end: Instant,
    /// The zone.
    pub zone: Zone,
    /// Its name.
    pub zone_name: String,
}

/// Names that items declare, by keyword and name.
#[derive(Clone, Debug, Default)]
pub struct Names<'a> {
    by_name: FxHashMap<(ItemKw, String), (&'a Item, Span)>,
    people: FxHashMap<String, Span>,
}

impl<'a> Context<'a> {
    /// Notes a time that the spec names: from one second on, up to another one.
    pub fn names_time(&mut self, from: i64, to: i64) {
        self.times = Some(self.times.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
    }

    /// The zone in which the spec names times, once the migration is read.
    #[must_use]
    pub fn zone(&self) -> Option<&Zone> {
        self.window.as_ref().map(|window| &window.zone)
    }

    /// Collects the names of all items.
    #[must_use]
    pub fn new(world: &'a World<'a>, files: &'a [SourceFile], assets: &'a Assets) -> Context<'a> {
        Context::of_items(world, files.iter().flat_map(|file| &file.items).collect(), assets)
    }

    /// As [`Context::new`], for items that somebody has collected.
    #[must_use]
    pub fn of_items(world: &'a World<'a>, items: Vec<&'a Item>, assets: &'a Assets) -> Context<'a> {
        let mut names = Names::default();
        for item in &items {
            names.declare(item);
        }
        Context {
            world,
            items,
            names: names.into(),
            assets,
            window: None,
            times: None,
            meant: Vec::new(),
            decided: Shared::default(),
            maps: MapFacts::default(),
            focus: None,
            draft: Draft::default(),
        }
    }

    /// A context beside this one, for another thread that reads maps: it knows what this one knows, and makes a draft of its own.
    #[must_use]
    pub(crate) fn beside(&self) -> Context<'a> {
        let mut draft = Draft::default();
        draft.plan.systems.clone_from(&self.draft.plan.systems);
        Context {
            world: self.world,
            items: self.items.clone(),
            names: self.names.clone(),
            assets: self.assets,
            window: self.window.clone(),
            times: None,
            meant: Vec::new(),
            decided: self.decided.clone(),
            maps: self.maps.beside(),
            focus: self.focus.clone(),
            draft,
        }
    }

    /// The items of a keyword, in order.
    pub fn of(&self, keyword: ItemKw) -> impl Iterator<Item = &'a Item> + use<'a, '_> {
        self.items.iter().copied().filter(move |item| item.keyword == Some(keyword))
    }

    /// Whether an item is looked into.
    #[must_use]
    pub fn in_focus(&self, item: &Item) -> bool {
        self.focus.as_ref().is_none_or(|focus| focus.contains(&(item.source.file, item.source.base)))
    }

    /// The first item of a keyword.
    #[must_use]
    pub fn one(&self, keyword: ItemKw) -> Option<&'a Item> {
        self.of(keyword).next()
    }

    /// The SHA-256 of a file that an item names; none when there is no such file, which is reported where files are read.
    #[must_use]
    pub fn asset(&self, item: &Item, path: String) -> Option<String> {
        self.assets.get(&(item.source.file, path)).cloned()
    }

    /// Reports a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.draft.push(diagnostic);
    }
}

impl<'a> Names<'a> {
    fn declare(&mut self, item: &'a Item) {
        let Some(keyword) = item.keyword else { return };
        if keyword == ItemKw::Team {
            for line in item.body_lines() {
                if let Some(term) = item.get(line.lead).first().filter(|t| t.kind == TermKind::Word) {
                    let name = plain_name(item.raw(*term)).into_owned();
                    self.people.entry(name).or_insert_with(|| item.span(term.range));
                }
            }
        }
        if construct(keyword).is_none_or(|row| row.name != NameRule::Identifier) {
            return;
        }
        if let Some((name, span)) = name_of(item) {
            self.by_name.entry((keyword, name)).or_insert((item, span));
        }
    }

    /// The item of this keyword and name, and where its name stands.
    #[must_use]
    pub fn item(&self, keyword: ItemKw, name: &str) -> Option<(&'a Item, Span)> {
        // The key owns its text; names are short and looked up a few times an item.
        self.by_name.get(&(keyword, name.to_owned())).copied()
    }

    /// All names of a keyword, sorted.
    #[must_use]
    pub fn all(&self, keyword: ItemKw) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.by_name.keys().filter(|(kw, _)| *kw == keyword).map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Where a person of the team stands.
    #[must_use]
    pub fn person(&self, name: &str) -> Option<Span> {
        self.people.get(name).copied()
    }

    /// The identifiers of all people, sorted.
    #[must_use]
    pub fn people(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.people.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// The identifier of an item, and where it stands.
#[must_use]
pub fn name_of(item: &Item) -> Option<(String, Span)> {
    let head = item.head()?;
    let term = item.get(head.lead).first().filter(|t| t.kind == TermKind::Word)?;
    Some((plain_name(item.raw(*term)).into_owned(), item.span(term.range)))
}

/// The quoted title of an item.
#[must_use]
pub fn title_of(item: &Item) -> Option<String> {
    let head = item.head()?;
    let term = item.get(head.lead).iter().find(|t| t.kind == TermKind::Text)?;
    Some(cutover_syntax::value::unquote(item.raw(*term)).into_owned())
}
