//! From trees, catalogs and inventories to typed facts.
//!
//! [`manifest::read`] says which files a spec needs; whoever may read files loads them; [`analyze`] lowers every item to the plan's
//! own item types, in a draft that exists even when there are errors, and runs the rules that need no graph.
//!
//! Items are lowered straight to `cutover_plan::model`: a second set of the same types for "facts" would only have to be translated.

pub mod candidates;
pub mod clocks;
pub mod context;
pub mod count;
pub mod draft;
pub mod lower;
pub mod manifest;
pub mod metrics;
pub mod read;
pub mod rules;
pub mod schema;
pub mod select;
pub mod shared;
pub mod world;

use context::Assets;
pub use context::Context;
pub use draft::{Draft, Places};
pub use shared::Shared;
pub use world::{SystemName, World};

use cutover_diagnostics::Diagnostic;
use cutover_syntax::tree::{Item, SourceFile};

/// Lowers all files to a draft and checks it; [`schema::fill`] adds what only a written plan needs. `assets` are
/// files of the project that the spec names and that exist.
#[must_use]
pub fn analyze<'a>(world: &'a World<'a>, files: &'a [SourceFile], assets: &'a Assets) -> Draft {
    let mut cx = lowered(world, files, assets);
    rules::all(&mut cx);
    let mut draft = cx.draft;
    draft.plan.defaults.extend(std::mem::take(&mut draft.defaults));
    draft
}

/// The first half of [`analyze`]: all files lowered, and the facts on which the plan rests. [`rules::all`] is the other one; it changes nothing of the plan, so that whoever
/// needs the plan alone need not wait for it.
#[must_use]
pub fn lowered<'a>(world: &'a World<'a>, files: &'a [SourceFile], assets: &'a Assets) -> Context<'a> {
    let mut cx = Context::new(world, files, assets);
    lower::all(&mut cx);
    cx.draft.lowered = cx.draft.diagnostics.len();
    rules::facts(&mut cx);
    cx.draft.tell_offers();
    cx
}

/// What lowering finds when only the items for which `focus` says so are looked into, among all the names of `items`: the findings of
/// an editor that has no time for the whole. About other items it may find too much and too little.
#[must_use]
pub fn findings_of<'a>(
    world: &'a World<'a>,
    items: Vec<&'a Item>,
    assets: &'a Assets,
    focus: impl Fn(&Item) -> bool,
) -> Vec<Diagnostic> {
    let mut cx = Context::of_items(world, items, assets);
    let focused = cx.items.iter().filter(|item| focus(item));
    cx.focus = Some(focused.map(|item| (item.source.file, item.source.base)).collect());
    lower::all(&mut cx);
    cx.draft.tell_offers();
    cx.draft.diagnostics
}
