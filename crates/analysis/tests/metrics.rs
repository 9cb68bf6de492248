//! The page of metrics is made from the library. `BLESS=1` writes it anew.

#![expect(clippy::disallowed_methods, reason = "the test reads and writes the page; the library does not")]

use std::fmt::Write as _;
use std::path::Path;

use cutover_analysis::metrics::{Known, METRICS, Metric, STATISTICS, Unit};

const HEAD: &str = "# Metrics

What `criterion`, `check`, `objective`, `trigger` and `watch` can measure. The list is closed: a name that is not in it is an
error, and somebody must show it by hand, with `evidence \"...\"`. This page is made from `crates/analysis/src/metrics.rs`
(`BLESS=1 cargo test -p cutover-analysis --test metrics`).

A condition reads: metric, `of` what, `(where ...)`, comparison, number, `within` or `over`.

```cutover
missing tickets (where unfinished) at most 0
differing fields in 500 sampled tickets at most 0
median first_response_time at most 90% of october within 30 days
failed_imports more than 0.5% over 1000 records
```

The words of a metric may stand apart: `failed canary_mails` is `failed_canary_mails`. Where a metric is taken *of* something, a
kind of objects or an integration is named, behind `of` or right behind the metric: `missing tickets`, `update_latency of crm`.
";

#[test]
fn the_page_is_that_of_the_library() {
    let made = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language/metrics.md");
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        assert!(std::fs::write(&path, &made).is_ok(), "{} cannot be written", path.display());
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "{} is not made from the library; BLESS=1 writes it anew", path.display());
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let statistics: Vec<String> = STATISTICS.iter().map(|word| format!("`{word}`")).collect();
    let _ = writeln!(
        page,
        "\nA metric with a value for each ticket says which of them: one of {} stands before it.",
        statistics.join(", ")
    );
    for (known, title, text) in [
        (
            Known::Load,
            "While records are loaded",
            "The tool counts these itself. A trigger of the rollback can wait for them at any time of the night.",
        ),
        (
            Known::Verify,
            "When old and new desk are compared",
            "Known after each load and before the switch: what checks ask for, and triggers, too.",
        ),
        (
            Known::Operation,
            "While the new desk is in use",
            "Known after the switch only: for objectives and criteria, which then need a term (`within 30 days`), and for `watch`. A
trigger can wait for them only when a `watch target` measures them.",
        ),
    ] {
        let _ = write!(page, "\n## {title}\n\n{text}\n\n");
        page.push_str("| metric | gives | counts | taken from |\n|---|---|---|---|\n");
        for metric in METRICS.iter().filter(|metric| metric.known == known) {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                written(metric),
                unit(metric),
                metric.means,
                metric.source()
            );
        }
    }
    page
}

fn written(metric: &Metric) -> String {
    let name = metric.name;
    match (metric.of, metric.statistic) {
        (true, _) => format!("{name} of ..."),
        (_, true) => format!("median {name}"),
        _ => name.to_owned(),
    }
}

fn unit(metric: &Metric) -> &'static str {
    match (metric.unit, metric.customer) {
        (Unit::Count, false) => "a number",
        (Unit::Percent, false) => "a percentage",
        (Unit::Duration, false) => "a length of time",
        (Unit::Count, true) => "a number, felt by customers",
        (Unit::Percent, true) => "a percentage, felt by customers",
        (Unit::Duration, true) => "a length of time, felt by customers",
    }
}
