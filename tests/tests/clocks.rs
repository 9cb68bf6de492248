//! How clocks are computed agrees with what the catalogs say about the products.

use cutover_catalog::builtin;
use cutover_catalog::capability::{Ability, ClockAnchor, ClockTrigger};
use cutover_catalog::catalog::Catalog;
use cutover_preview::{Anchor, Class, DIALECTS, Dialect, Keeps, Metric, Reason};
use cutover_tests::workspace::root;

/// Metrics by what they are in every product.
const METRICS: &[(&str, Metric)] = &[
    ("first_response", Metric::FirstResponse),
    ("next_response", Metric::NextResponse),
    ("update", Metric::Update),
    ("resolution", Metric::Resolution),
];

#[test]
fn dialects_agree_with_catalogs() {
    let mut wrong = Vec::new();
    let mut metrics = 0;
    for dialect in DIALECTS {
        let Some(catalog) = Catalog::builtin(dialect.product) else {
            wrong.push(format!("{} has no catalog", dialect.product));
            continue;
        };
        wrong.extend(
            compared(dialect, &catalog).into_iter().map(|what| format!("{}: {what}", dialect.product)),
        );
        for (canon, metric) in METRICS {
            for written in catalog.sla.metrics.iter().map(|(_, metric)| metric) {
                if written.canon.as_deref() != Some(canon) {
                    continue;
                }
                metrics += 1;
                let (ever, imported) = (written.anchor, written.anchor_of_imported());
                if dialect.anchor(*metric).map(anchor) != ever.map(begun) {
                    wrong.push(format!("{}: {canon} counts from {ever:?}", dialect.product));
                }
                // Where no clock of an imported ticket runs, none begins.
                let there = dialect.anchor_of_imported(*metric).filter(|_| dialect.on_event);
                if dialect.on_event && there.map(anchor) != imported.map(begun) {
                    wrong.push(format!(
                        "{}: {canon} of an imported ticket counts from {imported:?}",
                        dialect.product
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(metrics > 15, "{metrics} metrics were compared");
}

/// What differs between a dialect and its product's capabilities.
fn compared(dialect: &Dialect, catalog: &Catalog) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    let recalculate = catalog.capabilities.sla_recalculate.as_ref().and_then(|fact| fact.on(None));
    if let Some(recalculate) = recalculate {
        let anchors = |anchor| recalculate.anchors.contains(&anchor);
        if dialect.backdates != anchors(ClockAnchor::Created) {
            wrong.push("whether an import may set the creation");
        }
        let by_history = recalculate.anchors == [ClockAnchor::History];
        if dialect.on_event == by_history {
            wrong.push("whether clocks of imported tickets ever run");
        }
        let waits = recalculate.triggers.contains(&ClockTrigger::NextEvent);
        if dialect.on_import == (waits || by_history) {
            wrong.push("whether it computes at the import");
        }
        if dialect.by_level != recalculate.level {
            wrong.push("whether a service level is needed");
        }
        if recalculate.pauses_known {
            wrong.push("pauses before the import are known");
        }
    } else {
        wrong.push("the catalog does not say what a recalculation does");
    }
    let inherit = catalog.capabilities.sla_inherit_due.as_ref().and_then(|fact| fact.on(None));
    let keeps = match inherit {
        Some(inherit) if inherit.how == Ability::Never => Keeps::Nothing,
        Some(inherit) if inherit.how == Ability::Always => Keeps::Always,
        Some(inherit) if inherit.until.is_some() => Keeps::UntilEvent,
        Some(inherit) if inherit.future => Keeps::Future,
        _ => {
            wrong.push("the catalog does not say what becomes of a due time that is written");
            Keeps::Nothing
        }
    };
    if dialect.keeps_running != inherit.is_some_and(|inherit| inherit.running) {
        wrong.push("whether a due time can be written while the clock stands still");
    }
    if dialect.keeps != keeps {
        wrong.push("what becomes of a due time that is written");
    }
    wrong
}

/// The anchor of a dialect by the word of catalogs.
const fn anchor(anchor: Anchor) -> ClockAnchor {
    match anchor {
        Anchor::Created => ClockAnchor::Created,
        Anchor::LastCustomer => ClockAnchor::LastCustomer,
        Anchor::LastAgent => ClockAnchor::LastAgent,
        Anchor::Reopened => ClockAnchor::Reopened,
        Anchor::Import => ClockAnchor::Import,
    }
}

/// What counts by the history of a ticket begins with its creation, where nobody has set it up in another way.
const fn begun(anchor: ClockAnchor) -> ClockAnchor {
    match anchor {
        ClockAnchor::History => ClockAnchor::Created,
        other => other,
    }
}

/// What a product can count anew from, of all its clocks, is what its metrics count from for imported tickets.
#[test]
fn capabilities_agree_with_metrics() {
    let mut wrong = Vec::new();
    for listed in builtin::list() {
        let name = listed.name;
        let Some(catalog) = Catalog::builtin(name) else { continue };
        let fact = catalog.capabilities.sla_recalculate.as_ref().and_then(|fact| fact.on(None));
        let Some(fact) = fact.filter(|fact| !fact.anchors.is_empty()) else { continue };
        for (metric, written) in catalog.sla.metrics.iter() {
            if let Some(anchor) = written.anchor_of_imported().filter(|anchor| !fact.anchors.contains(anchor))
            {
                wrong.push(format!(
                    "{name}: {metric} counts from {anchor:?}, and the product from {:?}",
                    fact.anchors
                ));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The part of docs/clocks.md about products, from the data that is computed with.
#[test]
fn the_page_about_clocks_says_what_is_computed() {
    let path = root().join("docs/clocks.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let (begins, ends) = ("<!-- products: written by the tests -->\n", "<!-- end of products -->");
    let parts = text.split_once(begins).and_then(|(head, rest)| Some((head, rest.split_once(ends)?.1)));
    let Some((head, tail)) = parts else { return assert_eq!(text, "a page with both marks") };
    let products: Vec<String> = DIALECTS.iter().map(product).collect();
    let expected = format!("{head}{begins}\n{}{ends}{tail}", products.concat());
    if std::env::var_os("BLESS").is_some() {
        let written = std::fs::write(&path, &expected);
        assert!(written.is_ok(), "{written:?}");
        return;
    }
    assert_eq!(text, expected, "BLESS=1 writes the page again");
    for name in Class::ALL.map(Class::name).into_iter().chain(Reason::ALL.map(Reason::name)) {
        assert!(text.contains(&format!("| `{name}` |")), "{name} is not explained");
    }
}

fn product(dialect: &Dialect) -> String {
    let title =
        Catalog::builtin(dialect.product).map_or_else(String::new, |catalog| catalog.title.to_string());
    let mut text = format!("### {title}\n\n");
    for line in dialect.sheet() {
        text.push_str(&format!("- {line}\n"));
    }
    text.push_str("\nKnown faults:\n\n");
    for defect in dialect.defects {
        text.push_str(&format!("- {} ({})\n", defect.what, linked(defect.source)));
    }
    if !dialect.unverified.is_empty() {
        text.push_str("\nNot verified:\n\n");
        dialect.unverified.iter().for_each(|line| text.push_str(&format!("- {line}\n")));
    }
    let sources: Vec<String> = dialect.sources.iter().map(|source| linked(source)).collect();
    text.push_str(&format!("\nFrom {}.\n\n", sources.join(", ")));
    text
}

/// An address as a link.
fn linked(source: &str) -> String {
    if source.starts_with("https://") { format!("<{source}>") } else { source.to_owned() }
}
