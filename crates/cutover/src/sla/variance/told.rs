//! What is not compared, clock by clock, so that nobody takes silence for good news.

use cutover_analysis::Places;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::model::{Content, Plan};
use cutover_plan::text::numbers::number;

use super::super::desk::NotComputed;
use super::Clock;

/// `1 unfinished ticket`, `2,000 unfinished tickets`.
fn tickets(count: u64) -> String {
    if count == 1 {
        "1 unfinished ticket".to_owned()
    } else {
        format!("{} unfinished tickets", number(count))
    }
}

/// `1 unfinished ticket is`, `2,000 unfinished tickets are`.
pub(super) fn tickets_do(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", tickets(count), if count == 1 { one } else { many })
}

/// The tickets of a clock that are not compared, and why.
pub(super) fn not_compared(counted: &Clock<'_>, at: Span) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if counted.unsure > 0 {
        let those = tickets_do(counted.unsure, "is", "are");
        let fields: Vec<&str> = counted.depends.iter().map(String::as_str).collect();
        found.push(remark(
            "sla/not-compared",
            at,
            format!(
                "whether {those} under this promise depends on {}, which the table of tickets does not hold",
                fields.join(" and ")
            ),
            "`cutover sla preview` computes them as if they were; compare a few of them by hand before the rehearsal",
        ));
    }
    if counted.untold > 0 {
        let those = tickets(counted.untold);
        found.push(remark(
            "sla/not-compared#messages",
            at,
            format!("this clock begins with a message, and of {those} the table does not hold when somebody last wrote"),
            "take the inventory anew from an export with messages; by hand it is `last_customer_at` and `last_agent_at` in each line, `null` where nobody wrote",
        ));
    }
    if counted.untaken > 0 {
        let those = tickets_do(counted.untaken, "has", "have");
        found.push(remark(
            "sla/not-compared#due",
            at,
            format!("the old due time is to be taken over, and the table of tickets does not hold which one {those}"),
            "take the inventory anew from an export with due times; by hand it is `due_at` and `first_response_due_at` in each line, `null` where the old desk has none",
        ));
    }
    if counted.undecided > 0 {
        let those = tickets(counted.undecided);
        let fields: Vec<&str> = counted.decides.iter().map(String::as_str).collect();
        found.push(remark(
            "sla/not-compared#over",
            at,
            format!(
                "whether this clock of {those} is over depends on {}, which the table of tickets does not hold",
                fields.join(" and ")
            ),
            "a table holds status, priority, group, level of service and fields with options: ask one of these, or add the field to each line by hand, under `fields`; else look at these tickets in the rehearsal",
        ));
    }
    if counted.unsaid > 0 {
        let those = tickets_do(counted.unsaid, "is or was", "are or were");
        let statuses: Vec<String> = counted.statuses.iter().map(|status| format!("\"{status}\"")).collect();
        found.push(remark(
            "sla/not-compared#status",
            at,
            format!("{those} in a status of which this policy says nothing, such as {}", statuses.join(" and ")),
            "say what the status does to the clock: add it to `runs`, `pauses` or `stops`; where it is spelt another way in the table of tickets, take the inventory anew",
        ));
    }
    found
}

/// Why nothing at all is compared, at the first policy.
pub(super) fn not_computed(plan: &Plan, places: &Places, why: &NotComputed) -> Option<Diagnostic> {
    Some(remark(
        "sla/not-compared#nothing",
        first(plan, places)?,
        why.to_string(),
        "with a table of unfinished tickets, which `cutover inventory scan` makes, every due time of the old desk is compared",
    ))
}

fn remark(site: &'static str, at: Span, what: String, help: &'static str) -> Diagnostic {
    Diagnostic::remark(site, "due times of the old desk are not compared with what is promised")
        .primary(at, format!("not computed: {what}"))
        .help(help)
}

/// The first policy of a spec.
fn first(plan: &Plan, places: &Places) -> Option<Span> {
    let slas = plan.items.iter().filter(|(_, item)| matches!(item.content, Content::Sla(_)));
    slas.filter_map(|(id, _)| places.get(id).copied()).min()
}

/// A desk of which nobody knows how it counts, at the first policy.
pub(super) fn not_known(plan: &Plan, places: &Places, system: &str, product: &str) -> Option<Diagnostic> {
    let at = first(plan, places)?;
    let known = format!("nothing is known of how {product} counts the time of its promises");
    let (finding, help) = match system {
        "source" => (
            Diagnostic::remark(
                "sla/not-compared#source",
                "due times that the old desk does not show are not known",
            )
            .primary(at, format!("{known}: only what it shows is compared with what is promised")),
            "compare a few tickets by hand that show no due time: what they were promised, and when somebody has to answer",
        ),
        _ => (
            Diagnostic::remark(
                "sla/not-compared#target",
                "what becomes of due times in the new desk is not computed",
            )
            .primary(
                at,
                format!(
                    "{known}: what the old desk shows is compared with what is promised, and nothing else"
                ),
            ),
            "compare a few tickets by hand in the rehearsal: what they were promised, and what the new desk shows",
        ),
    };
    Some(finding.help(help))
}
