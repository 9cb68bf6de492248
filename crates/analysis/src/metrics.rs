//! The closed library of metrics: what criteria, checks, triggers, objectives and watches may measure.

/// What a metric gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A share in percent.
    Percent,
    /// A length of time.
    Duration,
}

/// When a metric has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// While records are loaded.
    Load,
    /// When source, sent and read-back are compared.
    Verify,
    /// While the new desk is in use.
    Operation,
}

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// Its words joined by `_`.
    pub name: &'static str,
    /// What it gives.
    pub unit: Unit,
    /// Whether it is taken of something: a kind, an integration.
    pub of: bool,
    /// Whether a `median` or `mean` is taken over many values.
    pub statistic: bool,
    /// When it is known.
    pub known: Known,
    /// Whether customers feel it.
    pub customer: bool,
    /// What it counts, in one sentence.
    pub means: &'static str,
}

const fn metric(name: &'static str, unit: Unit, known: Known, means: &'static str) -> Metric {
    Metric { name, unit, of: false, statistic: false, known, customer: false, means }
}

const fn of(metric: Metric) -> Metric {
    Metric { of: true, ..metric }
}

const fn time(name: &'static str, means: &'static str) -> Metric {
    Metric { statistic: true, customer: true, ..metric(name, Unit::Duration, Known::Operation, means) }
}

const fn felt(metric: Metric) -> Metric {
    Metric { customer: true, ..metric }
}

/// The library, sorted by name.
pub const METRICS: &[Metric] = &[
    time("assignment_lag", "Time from creation to the first assignment."),
    metric("backlog", Unit::Count, Known::Operation, "Unfinished tickets."),
    time("backlog_age", "Age of unfinished tickets."),
    of(metric(
        "broken",
        Unit::Count,
        Known::Verify,
        "Records whose lines, order or files differ from the source's.",
    )),
    felt(metric(
        "delayed_confirmations",
        Unit::Count,
        Known::Operation,
        "Confirmations that canary customers got late.",
    )),
    metric(
        "differing_fields",
        Unit::Count,
        Known::Verify,
        "Fields whose value differs from what the map says, among the records that are looked at.",
    ),
    of(metric(
        "duplicate",
        Unit::Count,
        Known::Operation,
        "Records that stand for the same message or request.",
    )),
    felt(metric(
        "duplicate_confirmations",
        Unit::Count,
        Known::Operation,
        "Confirmations that canary customers got twice.",
    )),
    metric(
        "failed_canary_mails",
        Unit::Count,
        Known::Load,
        "Mails to the canary address that did not come back as they must.",
    ),
    metric(
        "failed_imports",
        Unit::Percent,
        Known::Load,
        "Share of the records that the target refused or that a rule rejected.",
    ),
    metric(
        "false_late",
        Unit::Count,
        Known::Verify,
        "Tickets that are late in the target but not in the source.",
    ),
    felt(metric(
        "first_contact_resolution",
        Unit::Percent,
        Known::Operation,
        "Share of tickets solved by the first answer.",
    )),
    time("first_response_time", "Time from creation to the first answer of a person."),
    time("handling_time", "Time that agents work on a ticket."),
    metric(
        "hidden_breaches",
        Unit::Count,
        Known::Verify,
        "Tickets that are late in the source but not in the target.",
    ),
    metric(
        "import_success",
        Unit::Percent,
        Known::Load,
        "Share of the records in scope that are in the target.",
    ),
    of(metric(
        "lost",
        Unit::Count,
        Known::Verify,
        "Records that are neither in the target nor rejected with a reason.",
    )),
    of(metric("lost_assignees", Unit::Count, Known::Verify, "Records without owner whose source had one.")),
    metric(
        "manual_fixes",
        Unit::Count,
        Known::Operation,
        "Records that agents mended by hand because of the move, by their tag.",
    ),
    of(metric("misrouted", Unit::Count, Known::Load, "Records in another group or queue than the map says.")),
    of(metric(
        "missing",
        Unit::Count,
        Known::Verify,
        "Records of the source, by id, that are not in the target.",
    )),
    felt(metric(
        "missing_confirmations",
        Unit::Count,
        Known::Operation,
        "Confirmations that canary customers did not get.",
    )),
    metric("outbound_mails", Unit::Count, Known::Load, "Mails that the target sent."),
    metric("reassignments", Unit::Count, Known::Operation, "Changes of group or assignee by hand."),
    felt(metric(
        "reopen_rate",
        Unit::Percent,
        Known::Operation,
        "Share of solved tickets that are opened again.",
    )),
    time("resolution_time", "Time from creation to solution."),
    of(metric(
        "routing_time",
        Unit::Duration,
        Known::Verify,
        "Longest time until a test ticket stood in the queue or group where it belongs.",
    )),
    of(metric(
        "shifted_statuses",
        Unit::Count,
        Known::Verify,
        "Records whose status class is not the one that they had, and that no line of a translation explains.",
    )),
    metric("sla_breaches", Unit::Count, Known::Operation, "Clocks that ran out, false ones apart."),
    felt(metric("sla_compliance", Unit::Percent, Known::Operation, "Share of clocks that were met.")),
    of(metric(
        "unexplained_due_difference",
        Unit::Duration,
        Known::Verify,
        "Largest difference of a due date that no reason explains, in business time.",
    )),
    metric(
        "unknown_placeholders",
        Unit::Count,
        Known::Verify,
        "Placeholders of texts that name no field of the target.",
    ),
    of(metric(
        "update_latency",
        Unit::Duration,
        Known::Verify,
        "Time until a change made in one system is in the other.",
    )),
    metric("volume", Unit::Count, Known::Operation, "New tickets."),
    metric(
        "waiting_changes",
        Unit::Count,
        Known::Load,
        "Records that changed in the source and are not yet in the target.",
    ),
    metric(
        "waiting_time",
        Unit::Duration,
        Known::Load,
        "Time since the messages of customers began to wait.",
    ),
    metric(
        "widened_roles",
        Unit::Count,
        Known::Verify,
        "Roles that may see or do more in the target than before.",
    ),
    metric(
        "wrong_visibility",
        Unit::Count,
        Known::Verify,
        "Internal notes that customers can see, and the other way round.",
    ),
];

/// What may be taken over many values.
pub const STATISTICS: &[&str] = &["mean", "median", "p90", "p95"];

impl Metric {
    /// Whether it has its value before customers come to the new desk: what is loaded, how it was built, what is promised. The others need
    /// messages that arrive there, or changes that people make in it.
    #[must_use]
    pub fn before_switch(&self) -> bool {
        let opened = ["failed_canary_mails", "routing_time", "update_latency", "waiting_time"];
        self.known != Known::Operation && !opened.contains(&self.name)
    }

    /// Where the number is taken from, in words.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self.name {
            "delayed_confirmations"
            | "duplicate_confirmations"
            | "failed_canary_mails"
            | "missing_confirmations" => "the canary addresses of `go live`",
            "outbound_mails" => "the new desk's counter, or the mail sink",
            "update_latency" => "a change that is made on each side",
            "widened_roles" => "the roles of both desks",
            "unknown_placeholders" => "the texts and fields of the new desk",
            "false_late" | "hidden_breaches" | "unexplained_due_difference" => {
                "due dates of both desks, and the policies of the spec"
            }
            _ => match self.known {
                Known::Load => "the journal of the run",
                Known::Verify => "what is read back, compared with the export",
                Known::Operation => "the tickets of the desk that is named or watched",
            },
        }
    }
}

/// The metric of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.binary_search_by(|metric| metric.name.cmp(name)).ok().and_then(|at| METRICS.get(at))
}

#[cfg(test)]
mod tests {
    use super::METRICS;

    #[test]
    fn the_library_is_sorted() {
        assert!(METRICS.is_sorted_by(|a, b| a.name < b.name));
    }
}
