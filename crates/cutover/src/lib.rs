//! The compiler as a library: [`compile`] reads a project folder and gives findings and a plan.
//!
//! This is the only crate that turns a path in a spec into a file, and it never leaves the project's folder.

mod compared;
mod dues;
mod echo;
pub mod editor;
mod fix;
mod foreign;
mod hide;
mod known;
mod line_ends;
mod outputs;
mod pairs;
mod pinned;
mod project;
mod root;
mod scaffold;
pub mod several;
pub mod sla;
mod systems;
mod tested;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cutover_analysis::lower::allow::Allowed;
use cutover_analysis::rules::allowed::Terms;
use cutover_analysis::world::Loaded;
use cutover_analysis::{Context, Draft, Places, World};
use cutover_diagnostics::{Diagnostic, SourceMap, Span, sort_and_dedup};
use cutover_graph::Stages;
use cutover_ir::Id;
use cutover_ir::time::Date;
use cutover_plan::model::Plan;
use cutover_plan::parallel::both;
use cutover_plan::schedule::Schedule;
use cutover_prove::Facts;
use cutover_syntax::tree::SourceFile;

pub use compared::{Compared, compare, compare_counting, places};
pub use cutover_analysis::rules::credentials::seen as credentials;
pub use cutover_diff::{Counts, Diff};
pub use dues::{DueOutcome, DueVerdict, due_outcomes};
pub use fix::{Fixed, fix};
pub use foreign::is_spec;
pub use known::Known;
pub use outputs::{OutputError, check, outputs, read_back, write};
pub use root::{Failure, Open, resolve};
pub use scaffold::{Draft as ScaffoldDraft, scaffold};

use project::{Project, Trees};
use root::Root;
use systems::Account;

/// What a compilation is for. What only a written plan needs is left out of one that nobody writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Findings, items and stages: everything but the records' schemas and the inventories' digests.
    Check,
    /// A plan that can be written.
    #[default]
    Plan,
}

/// What a compilation is asked for, beside the spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What it is for.
    pub purpose: Purpose,
    /// The day on which `allow ... until` is judged; that of the source's inventory when none is named.
    pub as_of: Option<Date>,
    /// Texts that take the place of files: what has not been written yet.
    pub open: Open,
}

/// What a compilation gives. It exists even when nothing could be read.
#[derive(Debug, Default)]
pub struct Compilation {
    /// The files that were read, for showing findings.
    pub sources: SourceMap,
    /// Findings, in order.
    pub diagnostics: Vec<Diagnostic>,
    /// The plan. With errors or holes it must not be written.
    pub plan: Plan,
    /// Where each id of the plan stands.
    pub places: Places,
    /// Number of decisions that are still `???`.
    pub holes: u32,
    /// Whether lints ran: they do over a spec without errors.
    pub linted: bool,
    /// The bytes of the project's files that the plan takes along, by digest.
    pub assets: BTreeMap<String, Vec<u8>>,
    /// What it was made for.
    pub purpose: Purpose,
    /// What it was made from. Whoever keeps a compilation need not take this apart, which costs as much time as a part of making it.
    remains: Remains,
    /// Why the entry spec could not be read at all: a failure of the program, not a finding about a spec.
    pub failure: Option<Failure>,
}

/// The trees of a compilation, kept only to be dropped with it, and what was read of its systems.
#[derive(Debug, Default)]
struct Remains {
    _files: Vec<SourceFile>,
    accounts: Vec<systems::Account>,
}

/// Whether a finding is a lint: advice that a project judges by levels of its own.
#[must_use]
pub fn is_lint(code: &str) -> bool {
    cutover_lint::rule(code).is_some()
}

impl Compilation {
    /// Number of errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.is_error()).count()
    }
}

/// Compiles the project in `root` whose first file is `entry`, a path relative to `root`.
#[must_use]
pub fn compile(root: &Path, entry: &str) -> Compilation {
    compile_for(root, entry, Purpose::Plan)
}

/// Compiles as [`compile`] does, for one purpose. The findings are the same for each.
#[must_use]
pub fn compile_for(root: &Path, entry: &str, purpose: Purpose) -> Compilation {
    compile_as(root, entry, Request { purpose, ..Request::default() })
}

/// Compiles as [`compile`] does, as somebody asks for it.
#[must_use]
pub fn compile_as(root: &Path, entry: &str, request: Request) -> Compilation {
    compile_with(root, entry, request, &mut systems::Kept::default())
}

/// Compiles as [`compile_as`] does, with what is kept of accounts that were read before.
fn compile_with(root: &Path, entry: &str, request: Request, kept: &mut systems::Kept) -> Compilation {
    let Request { purpose, as_of, open } = request;
    let root = Root::new(root, open);
    let mut project = match root.and_then(|root| project::load(root, entry, &mut Trees::new())) {
        Ok(project) => project,
        Err(failure) => return Compilation { failure: Some(failure), ..Compilation::default() },
    };
    let accounts = systems::load(&mut project, purpose, kept);
    // Nobody stops it.
    let found = find(&mut project, &accounts, purpose, as_of, &|| false).unwrap_or_default();
    let plan = hide::in_plan(found.plan, &project.sources, &found.diagnostics);
    mask(&mut project.sources, &found.diagnostics);
    let assets = project.assets.into_values().map(|asset| (asset.digest, asset.bytes)).collect();
    Compilation {
        sources: project.sources,
        diagnostics: found.diagnostics,
        plan,
        places: found.places,
        holes: found.holes,
        linted: found.linted,
        assets,
        purpose,
        remains: Remains { _files: project.files, accounts },
        failure: None,
    }
}

/// Writes stars over secrets that findings point at.
fn mask(sources: &mut SourceMap, diagnostics: &[Diagnostic]) {
    let hidden = diagnostics.iter().filter(|found| found.hidden);
    for secret in hidden.filter_map(|found| found.labels.first()) {
        sources.mask(secret.span);
    }
}

/// What is found out about a project that was read.
#[derive(Default)]
struct Found {
    diagnostics: Vec<Diagnostic>,
    plan: Plan,
    places: Places,
    holes: u32,
    linted: bool,
    /// The findings that an editor has before all others: of reading, and of lowering an item.
    early: BTreeSet<Early>,
    allowed: Vec<Allowed>,
}

/// Place and site of a finding.
type Early = (Option<Span>, &'static str);

/// The stages of a draft, and what is found out about it that needs none of them: the draft after the rules, and what is proven of its items. None of the three changes
/// what the others read.
fn staged(mut cx: Context<'_>) -> (Stages, Draft, Vec<Diagnostic>) {
    let (plan, places, world) = (cx.draft.plan.clone(), cx.draft.places.clone(), cx.world);
    let (stages, (draft, proved)) = both(
        plan.items.len(),
        || cutover_graph::stages(&plan, world, &places),
        || {
            cutover_analysis::rules::all(&mut cx);
            debug_assert!(cx.draft.plan.is(&plan) && cx.draft.places.is(&places), "a rule changes the plan");
            // With it go the facts about maps, of which there are many.
            let draft = cx.draft;
            let facts = Facts {
                plan: &plan,
                world,
                places: &places,
                spots: &draft.spots,
                awaited: &draft.awaited,
                schedule: &Schedule::default(),
            };
            let proved = cutover_prove::of_items(&facts);
            (draft, proved)
        },
    );
    (stages, draft, proved)
}

/// All that is found out about a project. `stop` is asked between the phases; when it says so, there is no answer.
fn find(
    project: &mut Project,
    accounts: &[Account],
    purpose: Purpose,
    as_of: Option<Date>,
    stop: &dyn Fn() -> bool,
) -> Option<Found> {
    let loaded = accounts.iter().map(Account::loaded).collect::<Vec<Loaded<'_>>>();
    let world = World::new(loaded);
    if stop() {
        return None;
    }
    let mut cx = cutover_analysis::lowered(&world, &project.files, &project.named);
    if stop() {
        return None;
    }
    let tested = tested::any(&cx.draft.plan);
    let counted = sla::variance::any(&cx.draft.plan, accounts);
    if purpose == Purpose::Plan || tested || counted {
        cutover_analysis::schema::fill(&mut cx.draft.plan, &world);
    }
    systems::header(&mut cx.draft.plan, accounts, project);
    let (
        stages,
        Draft { plan, places, spots, awaited, diagnostics, lowered, defaults, holes, allowed, offers: _ },
        proved,
    ) = staged(cx);
    let mut all = std::mem::take(&mut project.diagnostics);
    let mut found = diagnostics;
    let early = all.iter().chain(found.iter().take(lowered)).map(|one| (one.span(), one.site)).collect();
    let (mut plan, places) = (plan.into_inner(), places.into_inner());
    plan.defaults.extend(defaults);
    let built = stages.settle(&mut plan);
    found.extend(built.diagnostics);
    found.extend(proved);
    if stop() {
        return None;
    }
    plan.unfinished.holes = holes;
    let facts = Facts {
        plan: &plan,
        world: &world,
        places: &places,
        spots: &spots,
        awaited: &awaited,
        schedule: &built.schedule,
    };
    let read_well = !all.iter().chain(&found).any(Diagnostic::is_error);
    let (proved, advice) = cutover_prove::of_stages_beside(&facts, || {
        let facts = cutover_lint::Facts {
            plan: &plan,
            world: &world,
            places: &places,
            spots: &spots,
            files: &project.files,
            schedule: &built.schedule,
        };
        if read_well { cutover_lint::check(&facts, &project.settings) } else { Vec::new() }
    });
    found.extend(proved);
    // Maps with errors would fail for reasons that are told already.
    if tested && !all.iter().chain(&found).any(Diagnostic::is_error) {
        found.extend(tested::check(&plan, &places));
        found.extend(tested::check_dues(&dues::of_plan(accounts, &plan), &places));
    }
    // What is promised under mistakes is not yet what is meant.
    let mut promises = None;
    if counted && !all.iter().chain(&found).any(Diagnostic::is_error) {
        let checked = sla::variance::check(&project.root, accounts, &plan, &places, stop)?;
        found.extend(checked.found);
        promises = checked.promises;
    }
    found.extend(sla::hours::check(&plan, accounts, &places));
    let clause = |id: &Id, clause: &str| facts.clause(id, clause);
    found.extend(texts::check(project, &plan, &clause));
    found.extend(pairs::check(project, &plan, &clause));
    let files: Vec<&SourceFile> = project.files.iter().collect();
    echo::drop_echoes(&project.sources, &files, &all, &mut found);
    echo::drop_files(&project.sources, &mut all);
    // Of an entry that could not be read nobody knows what it lacks.
    if project.files.is_empty() && all.iter().any(Diagnostic::is_error) {
        found.retain(|one| !matches!(one.code, "migration/missing"));
    }
    all.append(&mut found);
    if stop() {
        return None;
    }
    // Advice about half a spec would be wrong half of the time.
    let linted = !all.iter().any(Diagnostic::is_error);
    let settings = &project.settings;
    if linted {
        all.extend(advice);
    }
    // The language knows no other day than that of the source's inventory.
    let taken = plan.header.inventories.get("source").map(|inventory| inventory.taken);
    // With errors, much is not looked at: what is not found may be there.
    let unknown = |_: &str| !linted;
    let terms = Terms {
        today: as_of.or(taken),
        named: as_of.is_some(),
        forbidden: settings.forbidden(),
        unknown: &unknown,
        silenceable: &cutover_lint::silenceable,
    };
    cutover_analysis::rules::allowed::apply(&allowed, &terms, &mut all);
    settings.judge(&mut all);
    settings.record(&mut plan);
    if sla::keeping::any(&plan) {
        sla::keeping::fill(&mut plan, accounts);
    }
    plan.figures.promises = promises;
    sort_and_dedup(&mut all);
    let errors = all.iter().filter(|d| d.is_error()).count();
    plan.unfinished.errors = u32::try_from(errors).unwrap_or(u32::MAX);
    Some(Found { diagnostics: all, plan, places, holes, linted, early, allowed })
}
