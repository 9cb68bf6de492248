//! What a product gives to one query: a piece of an export is never larger, or its end is lost without a word.

use cutover_analysis::count;
use cutover_catalog::Catalog;
use cutover_catalog::fact::Mark;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::model::{Chunk, Selection};
use cutover_plan::text::numbers::number;

use crate::Sketch;

/// The finding about a part of an export that does not fit into its pieces. Records without a count are not judged.
pub(super) fn beyond(
    sketch: &Sketch<'_>,
    kind: &str,
    which: &Selection,
    pieces: &[Option<Chunk>],
    span: Option<Span>,
) -> Option<Diagnostic> {
    let source = sketch.world.source()?;
    let view = source.kind(kind)?;
    let plan = sketch.plan.systems.get(&*source.name).and_then(|system| system.plan.as_deref());
    let cap = cap(source.catalog?, view.name, plan)?;
    let records = count::of(view, which)?;
    let plural = view.plural.replace('_', " ");
    let product = source.product();
    let says = format!("{product} gives at most {} to one query", number(cap));
    // Whatever their sizes, one piece has at least its share.
    if records <= cap.saturating_mul(pieces.len().max(1) as u64) {
        return None;
    }
    let label = match pieces.len() {
        0 | 1 => format!("{} {plural}, and {says}", number(records)),
        many => format!("{} {plural} in {many} pieces, and {says}", number(records)),
    };
    let finding = Diagnostic::error(
        "export/beyond-query",
        "a piece of the export is larger than what the old desk gives to one query",
    )
    .note("what is beyond it would be missing, and nothing would say so")
    .help(format!(
        "cut by a time, short enough that no piece has more than {}: `{plural}  chunked by month of ...`",
        number(cap)
    ));
    Some(match span {
        Some(span) => finding.primary(span, label),
        None => finding,
    })
}

/// The most records of a kind that one query gives, where somebody has confirmed it: the limit `query`, or `query_...` for another kind.
/// Pages are limited by other names.
fn cap(catalog: &Catalog, kind: &str, plan: Option<&str>) -> Option<u64> {
    let limits = catalog.limits.iter().filter(|(name, limit)| {
        (*name == "query" || name.starts_with("query_"))
            && limit.kind.as_deref() == Some(kind)
            && !limit.advice
            && catalog.mark_of(limit.mark, &limit.from) != Mark::Unverified
    });
    limits.filter_map(|(_, limit)| limit.on(plan)).map(cutover_catalog::fact::Amount::base).min()
}
