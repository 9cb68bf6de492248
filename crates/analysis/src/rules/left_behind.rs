//! When something was written, and by whom: what the new desk could keep and the maps leave behind.

use cutover_catalog::Part;
use cutover_catalog::field::Write;
use cutover_diagnostics::Diagnostic;
use cutover_ir::map::Source;
use cutover_plan::model::Content;

use crate::context::Context;
use crate::lower::maps::facts::MapFact;
use crate::rules::clocks;

/// The new desk can keep when a ticket or a comment was written, and by whom, and the maps leave it out or write something else in its
/// place: then each is as old as the import, or older than it is, which no reason in a row tells those who read the register of losses.
pub(super) fn check(cx: &mut Context<'_>, word: &'static str, lost: &'static str) {
    let (part, canon) = match word {
        "created_at" => (Part::Ticket, "created_at"),
        "comment_times" => (Part::Comment, "created_at"),
        "authors" => (Part::Comment, "author"),
        _ => return,
    };
    let product = cx.world.target().map_or("the new desk", |target| target.product());
    let mut found = Vec::new();
    for map in cx.maps.maps.iter().filter(|map| !map.broken && cx.maps.comes(map.source.name)) {
        let (from, to) = (map.source, map.target);
        if from.kind.part != part || to.kind.part != part {
            continue;
        }
        let (Some((had, _)), Some((takes, field))) = (from.kind.by_canon(canon), to.kind.by_canon(canon))
        else {
            continue;
        };
        if matches!(field.write, Write::Never | Write::Database | Write::OnUpdate) {
            continue;
        }
        let help = format!(
            "write `{had} -> {takes}` in the map; or accept the loss: `accept {word}  in \"vault:...\"  owner ...  signed by ...  because \"...\"`"
        );
        let Some(at) = map.set.get(takes).copied() else {
            // A field about which nothing is decided is told as such, and so is an author that the new desk needs. Of tickets, a clock that
            // counts from their creation says the same.
            let Some(at) = map.decided.get(had).copied().filter(|_| canon == "created_at") else { continue };
            if part == Part::Ticket && clocks::count_from_creation(cx) {
                continue;
            }
            found.push(
                Diagnostic::error(
                    "loss/not-acknowledged#dates",
                    "the new desk could keep the old dates, and they are left behind",
                )
                .primary(at, lost)
                .note(format!(
                    "{} takes `{takes}`: ages, reports and the order of what was said rest on it",
                    product
                ))
                .help(help),
            );
            continue;
        };
        let Some(other) = another(cx, map, takes, canon) else { continue };
        found.push(if canon == "author" {
            Diagnostic::error("loss/not-acknowledged#author", "the new desk could keep who wrote something, and another name is written")
                .primary(at, format!("{other} in the place of `{had}`"))
                .note(format!("nobody could tell any more who wrote which {}", from.title().to_lowercase()))
                .help(help)
        } else {
            Diagnostic::error("loss/not-acknowledged#moment", "the new desk could keep the old dates, and another moment is written")
                .primary(at, format!("{other} in the place of `{had}`"))
                .note("ages, reports and the order of what was said rest on it, and nothing shows that it is another moment")
                .help(help)
        });
    }
    for finding in found {
        cx.push(finding);
    }
}

/// What a row writes into a field of the target, when that is surely not what the old desk held there: a constant, or a field of the
/// product's own that means something else. What an account keeps in fields of its own, nobody knows.
fn another(cx: &Context<'_>, map: &MapFact<'_>, takes: &str, canon: &str) -> Option<String> {
    let Content::Map(lowered) = &cx.draft.plan.items.get(&map.id)?.content else { return None };
    let row = lowered.rows.iter().find(|row| row.to.iter().any(|to| to == takes))?;
    let mut others = row.from.iter().map(|from| match from {
        Source::Constant(_) => Some("the same value for all".to_owned()),
        // Who wrote something may stand in more than one field: by whom it was sent, and by whom it was entered.
        Source::Field(_) if canon == "author" => None,
        Source::Field(path) => {
            let field = map.source.field(path).filter(|field| !field.custom)?;
            let means = field.field.canon.as_deref()?;
            (means != canon).then(|| format!("`{path}`"))
        }
        Source::Table(..) => None,
    });
    let first = others.next()??;
    others.all(|other| other.is_some()).then_some(first)
}
