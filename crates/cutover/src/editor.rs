//! The compiler for somebody who types.
//!
//! A [`Session`] compiles a project again and again, and reads anew only what changed. A [`Snapshot`] is what is known of a project
//! between two keys: its trees are always those of the texts; of the findings, those that an edited item has by itself are new at
//! once, all others move with their text until the session has found them again.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_analysis::context::Assets;
use cutover_analysis::lower::allow::Allowed;
use cutover_analysis::world::Loaded;
use cutover_analysis::{Places, World};
use cutover_diagnostics::{Diagnostic, FileId, Severity, SourceMap, Span, sort_and_dedup};
use cutover_plan::model::Plan;
use cutover_syntax::again::Parsed;
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::tree::{Item, SourceFile};

use crate::project::{self, Project, Trees};
use crate::root::{Failure, Open, Root};
use crate::systems::{self, Account};
use crate::{Compilation, Early, Found, Purpose, Remains, echo, foreign};

/// The names of all time zones, sorted.
#[must_use]
pub fn zones() -> Vec<String> {
    cutover_calendar::zone_names()
}

/// The codes of all findings that a spec may silence, each with what it is about. Sorted.
#[must_use]
pub fn silenceable() -> Vec<(String, &'static str)> {
    let about = |code: &str| cutover_lint::rule(code).map_or("a warning", |rule| rule.summary);
    cutover_lint::silenceable().into_iter().map(|code| (code.clone(), about(&code))).collect()
}

/// A project that is compiled again and again.
#[derive(Debug)]
pub struct Session {
    folder: PathBuf,
    entry: String,
    trees: Trees,
    kept: systems::Kept,
}

/// What one compilation gives an editor.
#[derive(Debug)]
pub struct Checked {
    sources: SourceMap,
    /// The files that are specs, in the order of reading.
    specs: Vec<FileId>,
    accounts: Vec<Account>,
    named: Assets,
    diagnostics: Vec<Diagnostic>,
    early: BTreeSet<Early>,
    allowed: Vec<Allowed>,
    plan: Plan,
    places: Places,
    holes: u32,
    linted: bool,
}

impl Session {
    /// A project in a folder whose first file is `entry`, a path relative to the folder.
    #[must_use]
    pub fn new(folder: &Path, entry: &str) -> Session {
        Session {
            folder: folder.to_owned(),
            entry: entry.to_owned(),
            trees: Trees::new(),
            kept: systems::Kept::default(),
        }
    }

    /// Compiles the project, with `open` in the place of files on disk. `stop` is asked now and then; when it says so, there is no answer.
    ///
    /// # Errors
    /// When the first file cannot be read.
    pub fn check(&mut self, open: Open, stop: &dyn Fn() -> bool) -> Result<Option<Checked>, Failure> {
        let root = Root::new(&self.folder, open)?;
        let mut project = project::load(root, &self.entry, &mut self.trees)?;
        let accounts = systems::load(&mut project, Purpose::Check, &mut self.kept);
        let found = crate::find(&mut project, &accounts, Purpose::Check, None, stop);
        let specs = project.files.iter().map(|file| file.file).collect();
        let Project { sources, files, remains, named, .. } = project;
        for (tree, remains) in files.into_iter().zip(remains) {
            self.trees.insert(sources.name(tree.file).to_owned(), Parsed { tree, remains });
        }
        Ok(found.map(|found| {
            let Found { diagnostics, plan, places, early, allowed, holes, linted } = found;
            Checked {
                sources,
                specs,
                accounts,
                named,
                diagnostics,
                early,
                allowed,
                plan,
                places,
                holes,
                linted,
            }
        }))
    }
}

impl Checked {
    /// The files that were read, as paths in the project.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let sources = self.sources.files().map(|(_, file)| file.name());
        sources.chain(self.plan.assets.values().map(|asset| asset.file.as_str()))
    }

    /// As a compilation for its findings: what `check` shows.
    #[must_use]
    pub fn compilation(self) -> Compilation {
        let Checked { mut sources, accounts, diagnostics, plan, places, holes, linted, .. } = self;
        crate::mask(&mut sources, &diagnostics);
        let remains = Remains { accounts, ..Remains::default() };
        let purpose = Purpose::Check;
        Compilation {
            sources,
            diagnostics,
            plan,
            places,
            holes,
            linted,
            purpose,
            remains,
            ..Compilation::default()
        }
    }
}

/// What is known of a project between two keys.
#[derive(Debug)]
pub struct Snapshot {
    sources: SourceMap,
    files: Vec<Parsed>,
    accounts: Vec<Account>,
    named: Assets,
    findings: Vec<Known>,
    allowed: Vec<Allowed>,
    plan: Plan,
    places: Places,
}

/// A finding, and whether an edit of its item finds it again at once.
#[derive(Debug)]
struct Known {
    finding: Diagnostic,
    early: bool,
}

impl Snapshot {
    /// What a compilation found. Trees of the snapshot before it are used again where their texts are the same.
    #[must_use]
    pub fn new(checked: Checked, before: Option<Snapshot>) -> Snapshot {
        let Checked { sources, specs, accounts, named, diagnostics, early, allowed, plan, places, .. } =
            checked;
        let mut known = before.map_or_else(Vec::new, |before| before.files);
        let files = specs.into_iter().filter_map(|file| {
            let text = sources.get(file)?.shared_text();
            let at = known.iter().position(|known| known.tree.file == file);
            Some(match at.map(|at| known.swap_remove(at)) {
                Some(known) => known.again(&text).0,
                None => Parsed::new(file, &text),
            })
        });
        let files = files.collect();
        let findings = diagnostics.into_iter().map(|finding| {
            let early = early.contains(&(finding.span(), finding.site));
            Known { finding, early }
        });
        let findings = findings.collect();
        Snapshot { sources, files, accounts, named, findings, allowed, plan, places }
    }

    /// The files of the project, inventories and catalogs of the team's among them.
    #[must_use]
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// The specs, in the order of reading.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().map(|parsed| &parsed.tree)
    }

    /// The file at a path in the project.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files().find(|file| self.sources.name(file.file) == path)
    }

    /// Whether a migration stands in the file at a path.
    #[must_use]
    pub fn is_entry(&self, path: &str) -> bool {
        let items = self.file(path).map(|file| file.items.as_slice()).unwrap_or_default();
        items.iter().any(|item| item.keyword == Some(ItemKw::Migration))
    }

    /// The items of all specs.
    #[must_use]
    pub fn items(&self) -> Vec<&Item> {
        self.files().flat_map(|file| &file.items).collect()
    }

    /// Catalogs joined with inventories.
    #[must_use]
    pub fn world(&self) -> World<'_> {
        World::new(self.accounts.iter().map(Account::loaded).collect::<Vec<Loaded<'_>>>())
    }

    /// The project's path of the inventory of a system: `source`, `target`, or a table's name.
    #[must_use]
    pub fn inventory_path(&self, system: &str) -> Option<&str> {
        self.accounts.iter().find(|account| account.is(system)).and_then(Account::inventory_path)
    }

    /// The plan of the last compilation, which a text that was edited since may no longer give.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where the ids of the plan stand.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// All findings, in order.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let read: Vec<Diagnostic> = self.files.iter().flat_map(Parsed::findings).collect();
        let files: Vec<&SourceFile> = self.files().collect();
        let (mut all, mut others): (Vec<Diagnostic>, Vec<Diagnostic>) = self
            .findings
            .iter()
            .map(|known| known.finding.clone())
            .partition(|finding| finding.code.starts_with("syntax/"));
        echo::drop_echoes(&self.sources, &files, &read, &mut others);
        all.append(&mut others);
        sort_and_dedup(&mut all);
        all
    }

    /// Gives a file the text that it has now, and its edited items the findings that they have by themselves. `false` when the
    /// project has no such spec.
    pub fn edit(&mut self, path: &str, text: &Arc<str>) -> bool {
        let sources = &self.sources;
        let Some(at) = self.files.iter().position(|file| sources.name(file.tree.file) == path) else {
            return false;
        };
        let parsed = self.files.swap_remove(at);
        let file = parsed.tree.file;
        let change = Change::between(parsed.text(), text);
        let (parsed, fresh) = parsed.again(text);
        self.files.push(parsed);
        let last = self.files.len() - 1;
        self.files.swap(at, last);
        self.sources.replace(file, Arc::clone(text));
        if let Some(change) = change {
            self.relocate(|span| if span.file == file { change.moved(span) } else { span });
            self.find_early(at, fresh);
        }
        true
    }

    fn relocate(&mut self, to: impl Fn(Span) -> Span) {
        for known in &mut self.findings {
            known.finding.relocate(&to);
        }
        for allowed in &mut self.allowed {
            allowed.span = to(allowed.span);
            allowed.whole = to(allowed.whole);
            allowed.on = allowed.on.map(&to);
        }
        self.places.relocate(&to);
    }

    /// Finds again what the fresh items of a file have by themselves.
    fn find_early(&mut self, at: usize, fresh: Range<usize>) {
        let Some(parsed) = self.files.get(at) else { return };
        let file = parsed.tree.file;
        let items = parsed.tree.items.get(fresh).unwrap_or_default();
        let (start, end) = match (items.first(), items.last()) {
            (Some(first), Some(last)) => (first.source.base, last.source.base + last.source.len),
            // Items were taken away, and nothing came in their place.
            _ => return,
        };
        let inside = |span: Option<Span>| {
            span.is_some_and(|span| {
                span.file == file && start <= span.start && span.start <= end && span.end <= end
            })
        };
        let mut found = foreign::findings(parsed);
        found.extend(project::no_edition(&parsed.tree));
        let all = self.items();
        let lowered = Lowered::of(items);
        let world = self.world();
        found.extend(cutover_analysis::findings_of(&world, all, &self.named, |item| {
            let base = item.source.base;
            (item.source.file == file && start <= base && base < end) || lowered.needs(item)
        }));
        found.retain(|finding| inside(finding.span()) && !self.silenced(finding));
        self.findings.retain(|known| !(known.early && inside(known.finding.span())));
        self.findings.extend(found.into_iter().map(|finding| Known { finding, early: true }));
    }

    /// Whether all names still have a meaning after edits, each a place and its new text, by file.
    ///
    /// # Errors
    /// The first finding about a name that is not there now, in words.
    pub fn keeps_names(&self, edits: &BTreeMap<FileId, Vec<(Span, String)>>) -> Result<(), String> {
        let edited = self.files.iter().map(|parsed| {
            let file = parsed.tree.file;
            let before = parsed.text();
            let mut text = String::with_capacity(before.len());
            let mut at = 0;
            for (span, new) in edits.get(&file).into_iter().flatten() {
                text.push_str(before.get(at..span.range().start).unwrap_or_default());
                text.push_str(new);
                at = span.range().end;
            }
            text.push_str(before.get(at..).unwrap_or_default());
            Parsed::new(file, &text.into())
        });
        let edited: Vec<Parsed> = edited.collect();
        // A name may be the key of a table that the accounts were loaded under: those findings are of the old name.
        let world = self.world();
        let found = |files: &[Parsed]| {
            let items: Vec<&Item> = files.iter().flat_map(|parsed| &parsed.tree.items).collect();
            let mut found: Vec<Diagnostic> = files.iter().flat_map(Parsed::findings).collect();
            found.extend(cutover_analysis::findings_of(&world, items, &self.named, |_| true));
            // A name may mean something by itself: that of an integration begins with its kind.
            found.retain(|one| {
                one.is_error() || one.code.starts_with("names/") || one.code.starts_with("syntax/")
            });
            found
        };
        let (before, after) = (found(&self.files), found(&edited));
        let told =
            |found: &Diagnostic| (found.code, found.labels.first().map(|label| label.text.to_string()));
        let known: BTreeSet<_> = before.iter().map(told).collect();
        match after.iter().find(|one| !known.contains(&told(one))) {
            Some(new) if after.len() > before.len() => {
                let label = new.labels.first().map(|label| format!(": {}", label.text)).unwrap_or_default();
                Err(format!("afterwards {}{label}", new.message))
            }
            _ => Ok(()),
        }
    }

    fn silenced(&self, finding: &Diagnostic) -> bool {
        let within = |on: Span| {
            finding
                .span()
                .is_some_and(|span| span.file == on.file && on.start <= span.start && span.end <= on.end)
        };
        finding.severity != Severity::Error
            && self
                .allowed
                .iter()
                .any(|allowed| allowed.code == finding.code && allowed.on.is_none_or(within))
    }
}

/// Which items have to be looked into beside the edited ones. Maps and the scope are most of a large spec.
struct Lowered {
    maps: bool,
    scope: bool,
    /// The names of translations and the first lines of maps that are edited: what holds them is needed.
    words: Vec<String>,
}

impl Lowered {
    fn of(edited: &[Item]) -> Lowered {
        let mut needed = Lowered { maps: false, scope: false, words: Vec::new() };
        for item in edited {
            match item.keyword {
                Some(ItemKw::Map) => {
                    let signature = item.head().and_then(|head| item.range(head.terms));
                    let signature = signature.map(|range| item.slice(range)).unwrap_or_default();
                    needed.maps |= !signature.contains("->");
                    needed.words.push(signature.to_owned());
                }
                Some(ItemKw::Translate) => {
                    needed.words.extend(cutover_analysis::context::name_of(item).map(|(name, _)| name));
                }
                Some(
                    ItemKw::Edition
                    | ItemKw::Use
                    | ItemKw::Migration
                    | ItemKw::Team
                    | ItemKw::Calendar
                    | ItemKw::Baseline
                    | ItemKw::Objective
                    | ItemKw::Criterion
                    | ItemKw::Scope
                    | ItemKw::Inbound
                    | ItemKw::Backup
                    | ItemKw::Announce
                    | ItemKw::Train
                    | ItemKw::Hypercare
                    | ItemKw::Ownership
                    | ItemKw::ReadOnly
                    | ItemKw::Decommission
                    | ItemKw::Lessons,
                )
                | None => {}
                Some(_) => (needed.maps, needed.scope) = (true, true),
            }
        }
        needed
    }

    fn needs(&self, item: &Item) -> bool {
        match item.keyword {
            Some(ItemKw::Map) if !self.maps => {
                let start = item.source.base as usize;
                let text = item.source.text.get(start..start + item.source.len as usize).unwrap_or_default();
                self.words.iter().any(|word| text.contains(word.as_str()))
            }
            Some(ItemKw::Scope) => self.scope,
            _ => true,
        }
    }
}

/// The one stretch in which two texts differ, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    start: u32,
    old_end: u32,
    new_end: u32,
}

impl Change {
    fn between(old: &str, new: &str) -> Option<Change> {
        if old == new {
            return None;
        }
        let (a, b) = (old.as_bytes(), new.as_bytes());
        let same = |size: usize| {
            let chunks = a.chunks(size).zip(b.chunks(size));
            chunks.take_while(|(a, b)| a.len() == size && a == b).count() * size
        };
        // In large steps, then byte by byte.
        let far = same(4096);
        let rest = |text: &'_ [u8]| text.get(far..).unwrap_or_default().to_vec();
        let near = rest(a).iter().zip(&rest(b)).take_while(|(a, b)| a == b).count();
        let start = (far + near).min(a.len()).min(b.len());
        let most = a.len().min(b.len()) - start;
        let tail = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Some(Change {
            start: offset(start),
            old_end: offset(a.len() - tail),
            new_end: offset(b.len() - tail),
        })
    }

    /// Where something stands that stood at `span`. What began inside of the change begins where it begins.
    fn moved(self, span: Span) -> Span {
        let behind = |at: u32| self.new_end.saturating_add(at - self.old_end);
        let start = match span.start {
            at if at >= self.old_end => behind(at),
            at => at.min(self.start),
        };
        let end = match span.end {
            // What ends where something is inserted does not grow.
            at if at <= self.start => at,
            at if at >= self.old_end => behind(at),
            _ => self.new_end,
        };
        Span::new(span.file, start, end.max(start))
    }
}
