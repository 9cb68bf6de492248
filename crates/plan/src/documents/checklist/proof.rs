//! The pass / fail matrix, criteria and objectives.

use cutover_ir::Id;

use crate::documents::page::{Page, of_kind};
use crate::model::{Check, Goal, Item};
use crate::text::words;

/// The nine review areas, in the order of the page.
const AREAS: [&str; 9] = [
    "exports",
    "mapping",
    "owners",
    "sla_timers",
    "chat",
    "macros",
    "permissions",
    "integrations",
    "reporting",
];

pub(super) fn write(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "Pass / fail matrix");
    page.raw("The run fills the column New.\n\n");
    page.table(&["Area", "Legacy", "New", "Validation test", "Pass criteria", "Owner", "Item"]);
    let mut checks: Vec<(&Id, &Item, &Check)> = of_kind!(plan, Check).collect();
    let rank = |area: &str| AREAS.iter().position(|known| *known == area).unwrap_or(AREAS.len());
    checks.sort_by_key(|(id, _, check)| (rank(&check.area), *id));
    let waivers: Vec<_> = of_kind!(plan, Waiver).collect();
    for (index, area) in AREAS.iter().enumerate() {
        for (id, item, check) in checks.iter().filter(|(_, _, check)| check.area == *area) {
            row(page, id, item, check);
        }
        for (id, item, _) in waivers.iter().filter(|(_, _, waiver)| waiver.area == *area) {
            page.row(&[
                &|page| _ = page.text(&words::area(area)),
                &|_| {},
                &|_| {},
                &|page| _ = page.raw("**not checked**"),
                &|page| _ = page.text(item.because.as_deref().unwrap_or_default()),
                &|page| owner(page, item),
                &|page| _ = page.id(id),
            ]);
        }
        let missing = !checks.iter().any(|(_, _, check)| rank(&check.area) == index)
            && !waivers.iter().any(|(_, _, waiver)| waiver.area == *area);
        if missing {
            page.row(&[
                &|page| _ = page.text(&words::area(area)),
                &|_| {},
                &|_| {},
                &|page| _ = page.raw("nothing is declared for this area"),
                &|_| {},
                &|_| {},
                &|_| {},
            ]);
        }
    }
    for (id, item, check) in checks.iter().filter(|(_, _, check)| rank(&check.area) == AREAS.len()) {
        row(page, id, item, check);
    }
    goals(page, "What success means", of_kind!(plan, Criterion).collect());
    goals(page, "What the change is for", of_kind!(plan, Objective).collect());
}

fn row(page: &mut Page<'_>, id: &Id, item: &Item, check: &Check) {
    let plan = page.plan;
    page.row(&[
        &|page| _ = page.text(&words::area(&check.area)),
        &|page| {
            if let Some(legacy) = check.legacy {
                page.number(legacy);
            }
        },
        &|_| {},
        &|page| _ = page.text(item.title.as_deref().unwrap_or_default()),
        &|page| {
            page.text(&words::conditions(plan, &check.pass));
            if check.generated {
                page.raw(" (generated)");
            }
        },
        &|page| owner(page, item),
        &|page| _ = page.id(id),
    ]);
}

fn owner(page: &mut Page<'_>, item: &Item) {
    if let Some(owner) = &item.owner {
        page.person(owner);
    }
    if !item.signed_by.is_empty() {
        let names = words::people(page.plan, &item.signed_by);
        page.raw(", signed by ").text(&names);
    }
}

fn goals(page: &mut Page<'_>, title: &str, goals: Vec<(&Id, &Item, &Goal)>) {
    if goals.is_empty() {
        return;
    }
    let plan = page.plan;
    page.heading(3, title);
    for (id, item, goal) in goals {
        page.raw("- ");
        if let Some(title) = &item.title {
            page.raw("**").text(title).raw("**: ");
        }
        page.text(&words::conditions(plan, &goal.pass));
        if let Some(owner) = &item.owner {
            page.raw(" – ").person(owner);
        }
        page.ends_with(id);
    }
}
