//! `edition` and `migration`.

use cutover_diagnostics::{Diagnostic, FileId, Span};
use cutover_ir::Id;
use cutover_ir::quantity::Decimal;
use cutover_plan::model::{Offset, Pace, Secret, System, SystemRole, Window as PlanWindow};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value::{self, ValueKind, plain_name};

use crate::context::{Context, Window, name_of, title_of};
use crate::lower::maps::argument::is_variable;
use crate::read::quantity::Meaning;
use crate::read::{common, moment, names, quantity};

/// The edition of the language that this compiler reads.
pub const EDITION: u32 = 1;
/// A year at most, in seconds.
const YEAR: i64 = 366 * 86_400;

/// Lowers `edition` and `migration`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Edition).collect::<Vec<_>>() {
        edition(cx, item);
    }
    let Some(item) = cx.one(ItemKw::Migration) else {
        missing(cx);
        return;
    };
    cx.draft.plan.migration.edition = EDITION;
    if let Some((name, _)) = name_of(item) {
        cx.draft.plan.migration.name = name;
    }
    cx.draft.plan.migration.title = title_of(item).unwrap_or_default();
    cx.draft.place(Id::new(["migration"]), item.head_span());
    // The window first: other statements have local times.
    statements(cx, item, StmtKw::Window, window);
    for (keyword, role) in [
        (StmtKw::Source, SystemRole::Source),
        (StmtKw::Target, SystemRole::Target),
        (StmtKw::Sandbox, SystemRole::Sandbox),
    ] {
        statements(cx, item, keyword, |cx, item, line| system(cx, item, line, role));
    }
    for line in item.body_lines() {
        match line.statement {
            Some(StmtKw::Table) => table(cx, item, line),
            Some(StmtKw::Pace) => pace(cx, item, line),
            _ => {}
        }
    }
    statements(cx, item, StmtKw::Downtime, downtime);
    for line in item.body_lines().iter().filter(|l| l.statement == Some(StmtKw::Secret)) {
        secret(cx, item, line);
    }
    required(cx, item);
}

fn missing(cx: &mut Context<'_>) {
    // An empty file has no item to point at.
    let first = cx.items.first().map(|first| first.head_span().before());
    let span = first.unwrap_or(Span::at(FileId(0), 0));
    cx.push(
        Diagnostic::error("migration/missing", "the spec has no `migration`")
            .primary(span, "nothing says what is moved from where to where")
            .help("begin with `migration name \"Title\" { source ...; target ...; window ... }`"),
    );
}

fn edition(cx: &mut Context<'_>, item: &Item) {
    let Some(head) = item.head() else { return };
    let Some((read, _)) = value::read(item, item.get(head.lead)) else { return };
    if read.kind == ValueKind::Number("1") {
        return;
    }
    cx.push(
        Diagnostic::error("migration/edition", "this edition of the language is not known")
            .primary(item.span(read.range), "this compiler reads edition 1")
            .help("write `edition 1`, or use a newer compiler"),
    );
}

/// The first statement of a keyword is read; further ones are reported.
fn statements(
    cx: &mut Context<'_>,
    item: &Item,
    keyword: StmtKw,
    mut read: impl FnMut(&mut Context<'_>, &Item, &Line),
) {
    let mut lines = item.body_lines().iter().filter(|l| l.statement == Some(keyword));
    let Some(first) = lines.next() else { return };
    read(cx, item, first);
    for second in lines {
        cx.push(
            Diagnostic::error("migration/twice", "a migration says this once")
                .primary(item.line_span(second), "a second time")
                .secondary(item.line_span(first), "the first time"),
        );
    }
}

fn required(cx: &mut Context<'_>, item: &Item) {
    for (keyword, example) in [
        (StmtKw::Source, "source freshdesk \"acme-legacy\" inventory \"inventory/source.yaml\""),
        (StmtKw::Target, "target zendesk \"acme\" inventory \"inventory/target.yaml\""),
        (StmtKw::Window, "window 2026-12-05 20:00 to 2026-12-06 06:00 in \"Europe/Berlin\""),
    ] {
        if !item.body_lines().iter().any(|l| l.statement == Some(keyword)) {
            let span = item.head_span();
            cx.push(
                Diagnostic::error(
                    "migration/incomplete",
                    "a migration lacks a part that everything else needs",
                )
                .primary(span, format!("no `{keyword}`"))
                .help(format!("add `{example}`")),
            );
        }
    }
}

fn window(cx: &mut Context<'_>, item: &Item, line: &Line) {
    // `window ???`: not even the zone is settled.
    if let ([lead], false) = (item.get(line.lead), line.has(ClauseKw::In))
        && lead.kind == TermKind::Hole
    {
        cx.draft.hole(item.span(lead.range), "the window");
        return;
    }
    let pair = line.clause(ClauseKw::In).and_then(|clause| moment::zone(cx, item, clause.terms));
    let Some((zone, zone_name)) = pair.clone() else { return };
    let at = |cx: &mut Context<'_>, terms| {
        let (read, _) = value::read(item, item.get(terms))?;
        let span = item.span(read.range);
        match read.kind {
            ValueKind::DateTime { date, time } => moment::instant(cx, span, date, time, pair.as_ref()),
            ValueKind::Hole => {
                cx.draft.hole(span, "the window");
                None
            }
            ValueKind::Bad => None,
            _ => {
                cx.push(
                    Diagnostic::error("migration/window", "a window has two ends with date and time")
                        .primary(span, "a date and a time of day are expected")
                        .help("write `window 2026-12-05 20:00 to 2026-12-06 06:00 in \"Europe/Berlin\"`"),
                );
                None
            }
        }
    };
    let start = at(cx, line.lead);
    let end = line.clause(ClauseKw::To).and_then(|c| at(cx, c.terms));
    let (Some(start), Some(end)) = (start, end) else { return };
    if end <= start {
        cx.push(
            Diagnostic::error("migration/window#order", "the window ends before it begins")
                .primary(item.line_span(line), "the second time is not after the first"),
        );
        return;
    }
    cx.draft.plan.migration.window =
        Some(PlanWindow { start, end, zone: zone_name.clone(), offsets: Vec::new() });
    cx.draft.place(Id::new(["migration", "window"]), item.line_span(line));
    cx.window = Some(Window { start, end, zone, zone_name });
}

/// Writes the offsets of the window's zone into the plan: from a year before the window to three years after it, and for as long as the
/// spec names times, so that whoever has the plan can print and keep them without a database. Called when everything is lowered.
pub fn offsets(cx: &mut Context<'_>) {
    /// Times that are further away than that are slips, and are printed with the nearest offset.
    const FAR: i64 = 60;
    let (Some(window), Some(planned)) = (&cx.window, &mut cx.draft.plan.migration.window) else { return };
    let (start, end) = (window.start.seconds(), window.end.seconds());
    let (first, last) = cx.times.unwrap_or((start, end));
    let first = first.min(start - YEAR).max(start - FAR * YEAR);
    let last = last.max(end + 3 * YEAR).min(end + FAR * YEAR);
    let offset = |(from, seconds)| Offset { from: cutover_ir::time::Instant::from_seconds(from), seconds };
    planned.offsets = window.zone.offsets(first, last).into_iter().map(offset).collect();
}

fn system(cx: &mut Context<'_>, item: &Item, line: &Line, role: SystemRole) {
    let name = line.statement.map_or("", StmtKw::text);
    let terms = item.get(line.lead);
    let Some(first) = terms.first().copied() else { return };
    if first.kind == TermKind::Hole {
        cx.draft.hole(item.span(first.range), "the system");
        return;
    }
    let Some(first) = names::word(cx, item, first, "a product") else { return };
    let platform = plain_name(item.raw(first)).into_owned();
    let account =
        terms.iter().find(|t| t.kind == TermKind::Text).map(|t| common::text(item, *t).into_owned());
    let behind_product = terms.get(1);
    let extra =
        if behind_product.is_some_and(|t| t.kind == TermKind::Text) { terms.get(2) } else { behind_product };
    if let Some(extra) = extra {
        let span = item.span(extra.range);
        cx.push(
            Diagnostic::error("migration/extra-words", "a system is a product and an account")
                .primary(span, "this is neither")
                .help("it reads: `target zendesk \"acme\"`; a product's name is one word"),
        );
    }
    if account.is_none() {
        cx.push(
            Diagnostic::error("migration/account", "a system has no account")
                .primary(item.line_span(line), format!("which account of {platform}?"))
                .help("name it in quotes; the runner refuses another account"),
        );
    }
    let known = cx.world.system(name);
    let product = known.map_or_else(|| platform.clone(), |s| s.product().to_owned());
    let plan = plan_of(cx, item, line, name);
    cx.draft.place(Id::new(["system", name]), item.line_span(line));
    cx.draft.plan.systems.insert(
        name.to_owned(),
        System {
            role,
            platform,
            product,
            account: account.unwrap_or_default(),
            plan,
            secrets: Vec::new(),
            keyed_by: None,
            rows: None,
            keeping: std::collections::BTreeMap::new(),
        },
    );
}

/// The subscription: what the spec says, which must be one that the catalog knows and the one of the inventory.
fn plan_of(cx: &mut Context<'_>, item: &Item, line: &Line, name: &str) -> Option<String> {
    let system = cx.world.system(name);
    let of_inventory = system.and_then(|s| s.inventory).and_then(|i| i.plan.as_deref());
    let Some(clause) = line.clause(ClauseKw::Plan) else { return of_inventory.map(str::to_owned) };
    let term = item.get(clause.terms).iter().find(|t| t.kind == TermKind::Text).copied()?;
    let (said, span) = (common::text(item, term).into_owned(), item.span(term.range));
    if let Some(catalog) = system.and_then(|s| s.catalog)
        && !catalog.plans.is_empty()
    {
        let found = catalog.plans.iter().find(|(plan, entry)| *plan == said || entry.aliases.contains(&said));
        let Some((canonical, _)) = found else {
            let diagnostic = Diagnostic::error("names/unknown-plan", "this product has no such subscription")
                .primary(span, format!("{} is not sold as \"{said}\"", catalog.title));
            let near = cutover_diagnostics::suggest::nearest(&said, catalog.plans.keys(), 1);
            let list: Vec<String> = catalog.plans.keys().map(|p| format!("\"{p}\"")).collect();
            cx.push(match near.first() {
                Some(near) => diagnostic.replace(span, format!("\"{near}\"")),
                None => diagnostic.help(format!("it has {}", list.join(", "))),
            });
            return None;
        };
        if let Some(other) = of_inventory
            && other != said
            && other != canonical
        {
            cx.push(
                Diagnostic::error(
                    "migration/plan-differs",
                    "spec and inventory name different subscriptions",
                )
                .primary(span, format!("the inventory was taken of an account on \"{other}\""))
                .help("rates and features depend on it; correct the spec, or take the inventory again"),
            );
        }
        return Some(canonical.to_owned());
    }
    Some(said)
}

fn table(cx: &mut Context<'_>, item: &Item, line: &Line) {
    let Some((first, account)) = names::titled(cx, item, line, "the table") else { return };
    let name = plain_name(item.raw(first)).into_owned();
    let keyed = line.clause(ClauseKw::KeyedBy).and_then(|c| {
        let term = item.get(c.terms).first().copied()?;
        let term = names::word(cx, item, term, "a field")?;
        Some((plain_name(item.raw(term)).into_owned(), item.span(term.range)))
    });
    let world = cx.world;
    if let Some((path, span)) = &keyed
        && let Some(tickets) = world.source().and_then(|s| s.tickets())
    {
        // The key is a field of the tickets that are looked up.
        let _ = crate::read::predicate::followed(cx, tickets, path, *span);
    }
    cx.draft.place(Id::new(["system", &name]), item.line_span(line));
    cx.draft.plan.systems.insert(
        name,
        System {
            role: SystemRole::Table,
            platform: "table".to_owned(),
            product: "table".to_owned(),
            account: account.unwrap_or_default(),
            plan: None,
            secrets: Vec::new(),
            keyed_by: keyed.map(|(path, _)| path),
            rows: None,
            keeping: std::collections::BTreeMap::new(),
        },
    );
}

/// The declared system that a word names.
fn system_name(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<String> {
    let term = item.get(line.lead).first().copied()?;
    let name = plain_name(item.raw(term)).into_owned();
    if cx.draft.plan.systems.contains_key(&name) {
        return Some(name);
    }
    let span = item.span(term.range);
    let known: Vec<String> = cx.draft.plan.systems.keys().cloned().collect();
    let diagnostic = Diagnostic::error("names/unknown-system", "no system has this name")
        .primary(span, format!("the migration declares no `{name}`"));
    cx.push(names::did_you_mean(diagnostic, span, &name, known.iter().map(String::as_str)));
    None
}

fn secret(cx: &mut Context<'_>, item: &Item, line: &Line) {
    let system = system_name(cx, item, line);
    let Some(term) = item.get(line.lead).iter().find(|t| t.kind == TermKind::Text).copied() else {
        cx.push(
            Diagnostic::error("secrets/no-name", "a secret has no name")
                .primary(item.line_span(line), "the name of an environment variable is expected")
                .help("a spec names a secret and never holds one: `secret target \"ZENDESK_TOKEN\"`"),
        );
        return;
    };
    let name = common::text(item, term).into_owned();
    let span = item.span(term.range);
    if !is_variable(&name) {
        cx.push(
            Diagnostic::error("secrets/literal", "this looks like a secret itself, not like its name")
                .primary(span, "the name of an environment variable has only A-Z, 0-9 and `_`")
                .hide()
                .help("take the secret out of the spec, and out of the history of the repository; then change it"),
        );
        return;
    }
    let until = line.clause(ClauseKw::Until).and_then(|c| moment::date(cx, item, c.terms));
    let Some(until) = until else {
        if line.clause(ClauseKw::Until).is_none() {
            cx.push(
                Diagnostic::error("secrets/no-end", "nobody says how long a secret is valid")
                    .primary(item.line_span(line), "until when?")
                    .help("add `until` and its last day; a credential must outlive the project"),
            );
        }
        return;
    };
    if let Some(end) = cx.window.as_ref().map(|w| w.end.utc_date())
        && until < end
    {
        cx.push(
            Diagnostic::error("secrets/ends-early", "a secret ends before the migration does")
                .primary(item.line_span(line), format!("its last day is {until}, the window ends on {end}"))
                .help("get one that lives longer"),
        );
    }
    if let Some(system) = &system {
        cx.draft.spots.insert(Id::new(["secret", system, &name]), item.line_span(line));
    }
    if let Some(system) = system.and_then(|s| cx.draft.plan.systems.get_mut(&s)) {
        system.secrets.push(Secret { name, until });
        system.secrets.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

fn downtime(cx: &mut Context<'_>, item: &Item, line: &Line) {
    let Some(clause) = line.clause(ClauseKw::AtMost) else { return };
    cx.draft.place(Id::new(["migration", "downtime"]), item.line_span(line));
    cx.draft.plan.migration.downtime = quantity::duration(cx, item, clause.terms, Meaning::Civil);
}

fn pace(cx: &mut Context<'_>, item: &Item, line: &Line) {
    let system = system_name(cx, item, line);
    let percent = line.clause(ClauseKw::AtMost).and_then(|c| {
        let (read, _) = value::read(item, item.get(c.terms))?;
        let share = quantity::percent(cx, item, &read)?;
        let meant = share > Decimal::from(0) && share <= Decimal::from(100);
        if !meant {
            cx.push(
                Diagnostic::error("types/not-meant#pace", quantity::NOT_MEANT)
                    .primary(
                        item.span(read.range),
                        "a share of what the desk allows lies between 0% and 100%",
                    )
                    .help("write the share of its calls that the migration may take: `50%`"),
            );
        }
        meant.then_some(share)
    });
    let until = line.clause(ClauseKw::Until).and_then(|c| moment::moment(cx, item, c.terms));
    if let (Some(system), Some(clause)) = (&system, line.clause(ClauseKw::Until)) {
        let id = Id::new(["migration", "pace", system, "until"]);
        cx.draft.spots.insert(id, item.span_of(clause.terms));
    }
    if let (Some(system), Some(percent)) = (system, percent) {
        cx.draft.plan.migration.pace.push(Pace { system, percent, until });
        cx.draft.plan.migration.pace.sort_by(|a, b| a.system.cmp(&b.system));
    }
}
