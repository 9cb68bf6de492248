//! Every field that the new system requires is written.

use cutover_catalog::kind::{Required, Write};
use cutover_diagnostics::Diagnostic;

use crate::context::Context;
use crate::lower::maps::facts::MapFact;
use crate::lower::maps::words;

/// Asks for required target fields that no row of a map writes.
pub fn check(cx: &mut Context<'_>) {
    let maps = std::mem::take(&mut cx.maps.maps);
    for fact in maps.iter().filter(|fact| !fact.broken) {
        one(cx, fact);
    }
    cx.maps.maps = maps;
}

fn one(cx: &mut Context<'_>, fact: &MapFact<'_>) {
    let missing: Vec<String> = fact
        .target
        .fields()
        .filter(|field| field.field.required != Required::Never)
        .filter(|field| {
            field.field.default.is_none() && field.field.write != Write::Never && !field.field.derived
        })
        .map(|field| field.path())
        .filter(|path| !fact.set.contains_key(path.as_str()))
        .collect();
    let Some(first) = missing.first() else { return };
    let list: Vec<String> = missing.iter().map(|path| format!("`{path}`")).collect();
    let product = cx.world.target().map_or("the target", |s| s.product());
    let diagnostic =
        Diagnostic::error("coverage/required-unset", "a field that the new system requires is not written")
            .primary(
                fact.span,
                format!("{product} refuses {} without {}", words::a(fact.target.title()), list.join(", ")),
            )
            .help(format!(
                "add a row: `... -> {first}`; a constant may stand before the arrow: `\"unknown\" -> {first}`"
            ));
    cx.push(diagnostic);
}
