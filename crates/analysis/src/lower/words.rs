//! The closed lists of words that specs may use, in one place.

/// Rules that `freeze` can hold still.
pub const FROZEN_RULES: &[&str] = &[
    "automations",
    "business_hours",
    "custom_fields",
    "escalations",
    "holidays",
    "macros",
    "priorities",
    "roles",
    "routing",
    "sla_timers",
    "statuses",
];

/// What agents are trained in.
pub const SCENARIOS: &[&str] = &[
    "both_systems",
    "chat_handoff",
    "escalate",
    "find_history",
    "internal_notes",
    "macros",
    "merge_duplicate",
    "missing_customer",
    "outage",
    "receive",
    "reopen",
    "sla_status",
    "unresolved_ticket",
    "views",
];

/// What a rehearsal tries.
pub const RUNS: &[&str] = &[
    "attachments",
    "automations",
    "business_hours",
    "concurrent_updates",
    "due_times",
    "escalations",
    "integrations",
    "notifications",
    "permissions",
    "reports",
    "reversal",
    "routing",
    "tests",
];

/// Records that a sample must hold on purpose.
pub const STRATA: &[&str] = &[
    "attachments",
    "empty_fields",
    "escalated",
    "large_attachments",
    "linked",
    "longest",
    "many_comments",
    "merged",
    "near_due",
    "non_latin",
    "overdue",
    "private_notes",
    "rare_fields",
    "reopened",
    "simple",
    "suspended_author",
    "transcripts",
];

/// What is compared of each part of an export.
pub const EXPORT_VERIFIED: &[&str] =
    &["checksums", "counts", "note_visibility", "thread_order", "timestamps"];

/// The nine areas that are reviewed before going live.
pub const REVIEW_AREAS: &[&str] = &[
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

/// Kinds of integrations. The name of an integration begins with one.
pub const INTEGRATIONS: &[&str] = &[
    "analytics",
    "billing",
    "bot",
    "calendar",
    "chat",
    "commerce",
    "crm",
    "forms",
    "identity",
    "knowledge",
    "marketing",
    "monitoring",
    "product",
    "quality",
    "reporting",
    "shipping",
    "sms",
    "social",
    "survey",
    "telephony",
    "tracker",
    "warehouse",
    "webhook",
    "workflow",
];

/// Ways in which customers write: what `switch` turns to the new desk, beside declared integrations.
pub const CHANNELS: &[&str] = &["api", "chat", "email", "forms", "portal", "sms", "social", "telephony"];

/// Losses of whole things that can be accepted.
pub const LOSSES: &[&str] = &[
    "attachments",
    "authors",
    "comment_times",
    "created_at",
    "message_ids",
    "reporting",
    "sla_history",
    "status_history",
];

/// What can be owned during the first weeks: the four classes of exceptions.
pub const EXCEPTIONS: &[&str] =
    &["field_errors", "reporting_anomalies", "sync_failures", "unresolved_tickets"];

/// What a decommission can wait for.
pub const BEFORE_THE_END: &[&str] =
    &["archives", "checks", "criteria", "hypercare", "objectives", "ownership", "watch"];

/// Texts and rules that can be inspected.
pub const INSPECTED: &[&str] =
    &["automations", "help_centre", "macros", "reports", "scorecards", "templates", "triggers", "views"];

/// As what something is recreated.
pub const RECREATED_AS: &[&str] =
    &["macro", "native automation", "native routing", "native rule", "native trigger", "native view", "off"];

/// What becomes of a customer's reply to a ticket that can no longer change.
pub const REOPENED_AS: &[&str] = &["new linked ticket", "new ticket", "same ticket"];

/// Which one of several equal objects wins.
pub const PREFERENCES: &[&str] = &["newest", "oldest", "longest", "most_used"];

/// States in which objects are kept or linked.
pub const STATES: &[&str] = &["archived", "closed", "inactive", "suspended"];

/// Pieces of time in which an export is cut.
pub const PIECES: &[&str] = &["day", "month", "quarter", "week", "year"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_each_word_once() {
        for list in [
            FROZEN_RULES,
            SCENARIOS,
            RUNS,
            STRATA,
            EXPORT_VERIFIED,
            REVIEW_AREAS,
            INTEGRATIONS,
            CHANNELS,
            LOSSES,
            EXCEPTIONS,
            BEFORE_THE_END,
            INSPECTED,
            RECREATED_AS,
            REOPENED_AS,
            PREFERENCES,
            STATES,
            PIECES,
        ] {
            let mut words = list.to_vec();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), list.len(), "{list:?}");
        }
    }
}
